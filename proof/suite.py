"""All tests on each Python that the workshop names, in an environment made from the lock."""

import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import results
from proof import checkout

TITLE = "all tests on Python 3.11, 3.12 and 3.13, from the lock"
DATA = "a fresh clone of the last commit for each Python; real recordings where MACHINE_HEARING_TEST_DATA names them"
SOURCES = ["start.py", "helpers", "notebooks/src", "tests", "proof/suite.py", "proof/checkout.py"]
PYTHONS = ("3.11", "3.12", "3.13")
SOME, TESTS = "PROOF_PYTHONS", "PROOF_TESTS"     # PROOF_PYTHONS=3.12,3.13; PROOF_TESTS="tests/test_audio.py"
FOLDERS = re.compile(r"(?<![\w.:/])/(?:[^\s/'\"]+/)+")


@dataclass(frozen=True)
class Outcome:
    """What pytest reported.

    Attributes
    ----------
    tests : int
        All that were begun.
    failed : list of str
        Names of tests that failed or could not begin.
    skipped : Counter
        How many were skipped, by reason.
    """

    tests: int
    failed: list[str]
    skipped: Counter

    @property
    def passed(self) -> int:
        """How many passed."""
        return self.tests - len(self.failed) - sum(self.skipped.values())


def run(report: results.Report) -> None:
    """Add the rows of each Python; of those left out by ``PROOF_PYTHONS``, the rows of the last run."""
    signal.signal(signal.SIGINT, signal.default_int_handler)    # a background job may ignore Ctrl+C, which a test sends
    wanted = re.findall(r"3\.\d+", os.environ.get(SOME, "")) or PYTHONS
    for version in PYTHONS:
        if version in wanted:
            _try(report, version=version)
        else:
            for row in kept(report.folder, version=version):
                report.add(row)


def kept(folder: Path, *, version: str) -> list[results.Row]:
    """Rows of one Python in the committed table, each with the day on which it was run.

    Parameters
    ----------
    folder : Path
        Where ``suite.json`` lies.
    version : str
        Such as ``"3.12"``.

    Returns
    -------
    list of results.Row
        One that says "not run", where that Python was never tried.
    """
    try:
        record = results.load("suite", folder=folder)
    except FileNotFoundError:
        record = {"rows": []}
    rows = [results.Row(**row) for row in record["rows"] if row["what"].startswith(f"{version}: ")]
    if not rows:
        return [_not_run(version, why="left out")]
    return [results.Row(**{**vars(row), "detail": row.detail if row.value is None or "run on " in row.detail
                           else f"{row.detail}; run on {record['date']}".removeprefix("; ")}) for row in rows]


def _not_run(version: str, *, why: str) -> results.Row:
    return results.row(f"{version}: tests that failed", None, "tests", detail=f"not run: {why}")


def _try(report: results.Report, *, version: str) -> None:
    """Clone, set up and run all tests with one Python."""
    found = checkout.find_python(version)
    if found is None:
        report.add(_not_run(version, why=f"no Python {version} here"))
        return
    full, python = found
    selected = shlex.split(os.environ.get(TESTS, ""))
    with tempfile.TemporaryDirectory(prefix="suite-", ignore_cleanup_errors=True) as folder:
        place, commit = checkout.clone(Path(folder) / "workshop")
        print(f"Python {full}, commit {commit}: making the environment", flush=True)
        start = time.monotonic()
        subprocess.run([python, "start.py", "test", "--", "--version"], cwd=place, check=True)
        made = time.monotonic()
        log = Path(folder) / "tests.xml"
        status = subprocess.call([python, "start.py", "test", "--", "-n", "2", f"--junitxml={log}", *selected],
                                 cwd=place)
        ended = time.monotonic()
        if not log.exists():
            raise RuntimeError(f"the tests on Python {full} ended with status {status} and wrote no report")
        outcome = read(log.read_text(encoding="utf-8"))
    what = f"Python {full}, commit {commit}" + (f", only {' '.join(selected)}" if selected else "")
    report.add(results.row(f"{version}: tests that passed", outcome.passed, "tests", goal=1, detail=what))
    failed = max(len(outcome.failed), int(status != 0))        # a run that ends badly is no success, whatever it wrote
    report.add(results.row(f"{version}: tests that failed", failed, "tests", goal=0, at_most=True,
                           detail="; ".join(outcome.failed[:20]) or (f"exit status {status}" if status else "")))
    reasons = "; ".join(f"{count}: {reason}" for reason, count in outcome.skipped.most_common())
    report.add(results.row(f"{version}: tests that were skipped", sum(outcome.skipped.values()), "tests",
                           detail=reasons))
    report.add(results.row(f"{version}: the environment from the lock", made - start, "s",
                           detail="clone to first pytest, hashes checked"))
    report.add(results.row(f"{version}: all tests", (ended - made) / 60, "min"))


def read(text: str) -> Outcome:
    """Read a report in JUnit's form.

    Parameters
    ----------
    text : str
        XML as ``pytest --junitxml`` writes it.

    Returns
    -------
    Outcome

    Examples
    --------
    >>> outcome = read('<testsuites><testsuite><testcase classname="tests.test_a" name="b"/>'
    ...                '<testcase name="c"><skipped message="no data in /home/me/clips"/></testcase>'
    ...                '<testcase classname="tests.test_a" name="d"><failure/></testcase></testsuite></testsuites>')
    >>> outcome.passed, outcome.failed, dict(outcome.skipped)
    (1, ['test_a: d'], {'no data in clips': 1})
    """
    tests, failed, skipped = 0, [], Counter()
    for test in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        tests += 1
        name = f"{test.get('classname', '').removeprefix('tests.')}: {test.get('name')}"
        if test.find("failure") is not None or test.find("error") is not None:
            failed.append(name)
        elif (skip := test.find("skipped")) is not None:
            skipped[FOLDERS.sub("", skip.get("message", "no reason"))] += 1
    return Outcome(tests, failed, skipped)
