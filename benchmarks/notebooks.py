"""What each notebook costs: seconds, processor seconds, peak memory, in a fresh kernel."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import results

TITLE = "every notebook, solved form, embedded data: time and memory"
DATA = "embedded: rendered anew, then kept"
SOURCES = ["notebooks/src", "notebooks/run.py", "helpers", "benchmarks/notebooks.py"]
MOST_CPU_S, MOST_MB = 240, 1500


def run(report: results.Report) -> None:
    """Execute all notebooks with an empty cache, and add three rows for each."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "times.json"
        environment = {**os.environ, "MACHINE_HEARING_HOME": folder}
        for name in ("MACHINE_HEARING_CLIPS", "MACHINE_HEARING_SCENES", "MACHINE_HEARING_MACHINES",
                     "PYTHONDONTWRITEBYTECODE"):
            environment.pop(name, None)
        subprocess.run([sys.executable, str(results.ROOT / "notebooks" / "run.py"), "--json", str(table)],
                       env=environment, cwd=results.ROOT, check=True)
        rows = json.loads(table.read_text(encoding="utf-8"))["notebooks"]
    for row in rows:
        report.add(results.row(f"{row['name']}: wall", row["wall_seconds"], "s"))
        report.add(results.row(f"{row['name']}: processor", row["cpu_seconds"], "CPU s", goal=MOST_CPU_S, at_most=True))
        report.add(results.row(f"{row['name']}: memory", row["peak_mb"], "MB", goal=MOST_MB, at_most=True))
