"""Every parser against many broken files: the tests of ``tests/test_fuzzing.py`` with more examples, counted."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import results

TITLE = "Broken files: whatever is read is valid, or refused with the way out"
DATA = "small valid files of every kind that the workshop reads, with bytes, rows, numbers and JSON changed at random"
SOURCES = ["helpers", "tests/fault_bytes.py", "tests/fault_parsers.py", "tests/fault_worker.py",
           "tests/test_fuzzing.py", "proof/fuzzing.py"]
EXAMPLES = int(os.environ.get("MACHINE_HEARING_EXAMPLES", "1000"))
"""Files for each parser; the suite of every day takes 60."""


def run(report: results.Report) -> None:
    """Add three rows for each parser, and the sums."""
    seed = secrets.randbelow(1 << 32)
    print(f"  {EXAMPLES} files for each parser, seed {seed}", flush=True)
    found, status = tallied(seed)
    total = {what: sum(one.get(what, 0) for one in found) for what in ("accepted", "refused", "escaped")}
    n_files = sum(total.values())
    report.add(results.row("files tried", n_files, "files", detail=(
        f"{len(found)} parsers, seed {seed}; a test that fails tries more, to find the smallest")))
    report.add(results.row("accepted and valid", total["accepted"], "files"))
    report.add(results.row("refused, with the way out", total["refused"], "files"))
    said = "; ".join(f"{one['parser']}: {', '.join(one['said'])}" for one in found if one["said"])
    report.add(results.row("escaped: another error, a crash, a hang, too much memory", total["escaped"], "files",
                           goal=0, at_most=True, detail=said[:600]))
    report.add(results.row("tests passed", float(status == 0), "yes", goal=1,
                           detail="with what is known and named in OPEN of tests/fault_parsers.py"))
    for one in found:
        n = sum(one.get(what, 0) for what in total)
        detail = (f"of {n}; {one.get('accepted', 0)} accepted, {one.get('refused', 0)} refused with a way out; "
                  f"{one['seconds']:.0f} s")
        report.add(results.row(f"{one['parser']}: escaped", one.get("escaped", 0), "files", goal=0, at_most=True,
                               detail=detail))


def tallied(seed: int) -> tuple[list[dict], int]:
    """Run the tests with more examples: what came of each parser, and the status of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally.jsonl"
        environment = os.environ | {"MACHINE_HEARING_EXAMPLES": str(EXAMPLES), "MACHINE_HEARING_TALLY": str(tally)}
        status = subprocess.run([sys.executable, "-m", "pytest", "tests/test_fuzzing.py", "-q",
                                 f"--hypothesis-seed={seed}"], cwd=results.ROOT, env=environment).returncode
        if not tally.exists():
            raise RuntimeError(f"the tests ended with status {status} and counted nothing")
        return [json.loads(line) for line in tally.read_text("utf-8").splitlines()], status
