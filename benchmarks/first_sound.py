"""From a fresh clone to the first sound, and to "ready", with a warm package cache."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import results

TITLE = "fresh clone, warm package cache: seconds to the first sound and to a finished check"
DATA = "a clone of this repository in an empty folder, embedded sounds"
SOURCES = ["start.py", "binder", "benchmarks/first_sound.py"]


def run(report: results.Report) -> None:
    """Clone, run ``start.py check`` twice, and read off what it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "workshop"
        subprocess.run(["git", "clone", "--quiet", str(results.ROOT), str(clone)], check=True)
        environment["MACHINE_HEARING_HOME"] = str(Path(folder) / "home")
        for times, goal in (("first", 60), ("second", None)):
            started = time.perf_counter()
            answer = subprocess.run([sys.executable, "start.py", "check"], cwd=clone, env=environment,
                                    capture_output=True, text=True, check=False)
            if answer.returncode:
                raise RuntimeError(f"the check failed:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
            sound = re.search(r"First sound (\d+) s", answer.stdout)
            report.add(results.row(f"{times} call: to the first sound", float(sound[1]), "s", goal=goal, at_most=True))
            report.add(results.row(f"{times} call: to the end of the check", time.perf_counter() - started, "s",
                                   goal=120 if times == "second" else None, at_most=True))
