"""Every fault that the tests try, with what happens then; made from the tests while they run."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks import results
from helpers import checks
from proof import recorder

TITLE = "every fault that the tests try, and what a reader sees then"
DATA = "the tests of this repository, without those that execute whole notebooks"
SOURCES = ["tests", "helpers", "start.py", "proof/faults.py", "proof/recorder.py"]
OURS = ("InputError", "AudioFileError", "DatasetError", "DownloadError", "SetupError")
LONGEST = 240      # characters of a message that the table shows


def run(report: results.Report) -> None:
    """Add one row for each test that tries a fault.

    Where ``MACHINE_HEARING_FAULTS`` names a record that an earlier run of the
    tests wrote with the recorder, that one is taken; else the tests are run.
    """
    given = os.environ.get(recorder.RECORD)
    if given and Path(given).exists():
        tests = json.loads(Path(given).read_text(encoding="utf-8"))
    else:
        tests = recorded()
    rows = table(tests)
    cases = sum(len(test["faults"]) for test in tests)
    ours = [fault for test in tests for fault in test["faults"] if fault.get("error") in OURS]
    report.add(results.row("tests that try a fault", len(tests), "tests"))
    report.add(results.row("faults tried", cases, "faults"))
    report.add(results.row("faults that end as one of our errors", len(ours), "faults"))
    report.add(results.row("of these, messages without a way out", sum(not way_out(fault) for fault in ours), "faults",
                           goal=0, at_most=True))
    report.add(results.row("tests that failed", sum(test["outcome"] == "failed" for test in tests), "tests",
                           goal=0, at_most=True))
    for row in rows:
        report.add(row)


def recorded() -> list[dict]:
    """Run the tests with the recorder; what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "faults.json"
        environment = {**os.environ, recorder.RECORD: str(record), "TF_NUM_INTRAOP_THREADS": "1",
                       "TF_NUM_INTEROP_THREADS": "1"}
        status = subprocess.call([sys.executable, "-m", "pytest", "-n", "2", "-p", "proof.recorder", "-q", "-m",
                                  "not long and not notebook", *os.environ.get("PROOF_TESTS", "tests").split()],
                                 cwd=results.ROOT, env=environment)
        if not record.exists():
            raise RuntimeError(f"the tests ended with status {status} and wrote no record of faults")
        return json.loads(record.read_text(encoding="utf-8"))


def way_out(fault: dict) -> bool:
    """Whether a message says what to do: ours name a section of the troubleshooting page.

    Examples
    --------
    >>> way_out({"error": "InputError", "message": "no"})
    False
    """
    return any(f"docs/troubleshooting.md: {section})" in fault["message"] for section in checks.SECTIONS)


def table(tests: list[dict]) -> list[results.Row]:
    """One row for each test function: faults tried, whether they ended as they must, and an example."""
    functions = defaultdict(list)
    for test in tests:
        functions[test["test"].split("[")[0]].append(test)
    rows = []
    for function, cases in sorted(functions.items()):
        faults = [fault for case in cases for fault in case["faults"]]
        ended = sum(len(case["faults"]) for case in cases if case["outcome"] == "passed")
        marked = [fault for fault in faults if "what" in fault]
        shown = marked or sorted(faults, key=lambda fault: fault["error"] not in OURS)
        detail = (shown[0]["happens"] if marked else f"{shown[0]['error']}: {shown[0]['message']}")
        rows.append(results.row(f"{words(function)}{': ' + marked[0]['what'] if marked else ''}", ended, "faults",
                                goal=len(faults), detail=shortened(detail)))
    return rows


def words(function: str) -> str:
    """Name of a test, as words.

    Examples
    --------
    >>> words("tests/test_audio.py::test_a_cut_file_is_named")
    'audio: a cut file is named'
    """
    path, name = function.split("::", 1)
    return f"{Path(path).stem.removeprefix('test_')}: {name.removeprefix('test_').replace('_', ' ')}"


def shortened(text: str) -> str:
    """Cut a long message at a word."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " ..."
