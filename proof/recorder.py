"""A plugin of pytest that writes down every fault the tests try: ``pytest -p proof.recorder``.

Two kinds of faults are found: exceptions that a test catches with
``pytest.raises``, and tests marked ``fault``, which say in words what holds
although something went wrong. ``MACHINE_HEARING_FAULTS`` names the file that is
written at the end, one JSON object.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FAULT, RECORD = "fault", "MACHINE_HEARING_FAULTS"
FOLDERS = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[/\\]\S*?pytest-[^\s'\"]*?[/\\](?=[^/\\\s'\"]*(?:['\"\s:;,)]|$))")
running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    """Watch ``pytest.raises``; the tests call it by that name."""
    watched = pytest.raises

    @contextmanager
    def recording(expected, *arguments, **settings) -> Iterator[pytest.ExceptionInfo]:
        with watched(expected, *arguments, **settings) as caught:
            yield caught
        if running:
            running[-1].user_properties.append((FAULT, {"error": type(caught.value).__name__,
                                                        "message": without_folders(str(caught.value))}))

    pytest.raises = recording
    config.faults = []


def without_folders(message: str) -> str:
    """Shorten paths of temporary folders to their last part.

    Examples
    --------
    >>> without_folders("got '/tmp/pytest-of-me/pytest-3/test_a0/b/c.wav'. Give")
    "got 'c.wav'. Give"
    """
    return FOLDERS.sub("", message)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Know which test is running, and note what its mark says."""
    running.append(item)
    item.user_properties += [(FAULT, {"what": mark.args[0], "happens": mark.kwargs["happens"]})
                             for mark in item.iter_markers(FAULT)]
    try:
        return (yield)
    finally:
        running.pop()


class Faults:
    """Gathers the notes of all tests, whichever process ran them."""

    def __init__(self):
        self.tests: list[dict] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the notes of one test, with how it ended."""
        notes = [note for kind, note in report.user_properties if kind == FAULT]
        if report.when == "call" and notes:
            self.tests.append({"test": report.nodeid, "outcome": report.outcome, "faults": notes})

    def pytest_sessionfinish(self) -> None:
        """Write everything down."""
        Path(os.environ[RECORD]).write_text(json.dumps(sorted(self.tests, key=lambda test: test["test"])), "utf-8")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Gather in the process that starts the others."""
    if RECORD in os.environ and not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Faults())
