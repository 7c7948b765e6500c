"""Every test works in a folder of its own, and real recordings are found in one way."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from helpers import files

DOWNLOADED = files.home()

# the same examples in every run, and no clock: a busy machine must not fail a test; proof/fuzzing.py asks for more
EXAMPLES = os.environ.get("MACHINE_HEARING_EXAMPLES")
settings.register_profile("steady", deadline=None, derandomize=EXAMPLES is None, database=None,
                          max_examples=int(EXAMPLES or 60), suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def downloaded() -> Path:
    """The folder where this computer's own downloads lie; tests only read it."""
    return DOWNLOADED


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A cache and data folder that is empty at the start and gone at the end."""
    folder = tmp_path_factory.mktemp("home")
    before = {f"MACHINE_HEARING_{name}": os.environ.pop(f"MACHINE_HEARING_{name}", None)
              for name in ("HOME", "CLIPS", "SCENES", "MACHINES")}
    os.environ["MACHINE_HEARING_HOME"] = str(folder)
    yield folder
    del os.environ["MACHINE_HEARING_HOME"]
    os.environ.update({name: value for name, value in before.items() if value is not None})


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real recordings that ``MACHINE_HEARING_TEST_DATA`` names."""
    named = os.environ.get("MACHINE_HEARING_TEST_DATA")
    if not named:
        pytest.skip("MACHINE_HEARING_TEST_DATA is not set: real recordings are not here")
    folder = Path(named)
    assert folder.is_dir(), f"MACHINE_HEARING_TEST_DATA names {folder}, which is no folder"
    return folder


def pytest_make_parametrize_id(val, argname):
    """Name bytes after their parameter: packed archives hold the time, and every process must find the same names."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items):
    """Begin with the notebooks: one of the two processes is busy with them while the other does all the rest."""
    items.sort(key=lambda item: item.path.stem != "test_notebooks")


def no_skips() -> set[str]:
    """Marks of tests that must run here: ``MACHINE_HEARING_NO_SKIPS``, which ``.ci/run`` sets."""
    return set(filter(None, os.environ.get("MACHINE_HEARING_NO_SKIPS", "").split(",")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Count a skipped test as failed where its mark says that it must run."""
    report = yield
    marks = sorted(no_skips() & {mark.name for mark in item.iter_markers()})
    if report.skipped and marks and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"A {' and '.join(marks)} test must not be skipped in this run. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Count a whole module that skips itself as failed too: nobody knows which marks it holds."""
    report = yield
    if report.skipped and no_skips():
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} must not be skipped as a whole: skip its tests, with their marks."
    return report
