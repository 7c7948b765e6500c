"""Every test works in a folder of its own, and real recordings are found in one way."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A cache and data folder that is empty at the start and gone at the end."""
    folder = tmp_path_factory.mktemp("home")
    before = {name: os.environ.pop(name, None) for name in ("MACHINE_HEARING_HOME", "MACHINE_HEARING_CLIPS")}
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
