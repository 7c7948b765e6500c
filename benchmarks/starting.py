"""What comes before the first sound: importing the helpers, and making sure that a data set is whole."""

import hashlib
import json
import os
import pkgutil
import random
import subprocess
import sys

import numpy as np

import helpers
from benchmarks import results, rounds
from helpers import checks
from helpers.datasets import registry, verify

TITLE = "starting: processor time of importing the helpers, one module at a time, and of verifying a data set"
DATA = "fresh interpreters, compiled files present; the files of ESC-10 as downloaded, in the system's memory"
SOURCES = ["helpers", "benchmarks/starting.py", "benchmarks/rounds.py"]
SET, ROUNDS, SET_ROUNDS = "esc10", 3, 7
HEAVY = ("tensorflow", "keras", "numba", "librosa", "sklearn", "umap", "lancedb", "distributed")
SEEN = ("pandas", "matplotlib", "scipy", "IPython")

IMPORT = """
import importlib, json, sys, time
before = time.process_time()
for name in sys.argv[1].split():
    importlib.import_module(name)
print(json.dumps([time.process_time() - before, [name for name in sys.argv[2].split() if name in sys.modules]]))
"""


def run(report: results.Report) -> None:
    """Import everything in turn, each in an interpreter of its own; then verify the data set."""
    before = sum(os.times()[2:4])
    names = ["helpers", *(f"helpers.{module.name}" for module in pkgutil.iter_modules(helpers.__path__))]
    taken, loaded = imports([*names, "numpy"])
    report.cpu_elsewhere = sum(os.times()[2:4]) - before
    report.add(results.row("import helpers", np.median(taken["helpers"]), "CPU ms", goal=500, at_most=True,
                           detail=f"{spread(taken['helpers'])}; {what_came(loaded['helpers'])}"))
    report.add(results.row("import numpy, on which all others stand", np.median(taken["numpy"]), "CPU ms",
                           detail=spread(taken["numpy"])))
    for name in names[1:]:
        report.add(results.row(f"import {name}", np.median(taken[name]), "CPU ms",
                               detail=f"{spread(taken[name])}; {what_came(loaded[name])}"))
    for package in HEAVY:
        found = [name for name in names if package in loaded[name]]
        report.add(results.row(f"modules whose import loads {package}", len(found), "count", goal=0, at_most=True,
                               detail=", ".join(found) or f"none of {len(names)}"))
    whole(report)


def imports(names: list[str]) -> tuple[dict[str, list[float]], dict[str, set[str]]]:
    """Import each in fresh interpreters, in turn.

    Parameters
    ----------
    names : list of str

    Returns
    -------
    taken : dict of str to list of float, CPU milliseconds
        One a round; the interpreter's own start is not in it.
    loaded : dict of str to set of str
        Which of the packages that are watched came with it.
    """
    rng, taken, loaded = random.Random(0), {name: [] for name in names}, {}
    for number in range(ROUNDS + 1):
        for name in rng.sample(names, len(names)):
            milliseconds, loaded_now = fresh(name)
            if number:   # the first round only compiles and reads from disk
                taken[name].append(milliseconds)
            loaded[name] = loaded_now
    return taken, loaded


def fresh(name: str) -> tuple[float, set[str]]:
    """Import one module in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(results.ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    answer = subprocess.run([sys.executable, "-c", IMPORT, name, " ".join(HEAVY + SEEN)], env=environment,
                            capture_output=True, text=True, check=True)
    seconds, loaded = json.loads(answer.stdout.splitlines()[-1])
    return 1000 * seconds, set(loaded)


def what_came(loaded: set[str]) -> str:
    """Which packages an import brought, in words."""
    others = [package for package in HEAVY[1:] + SEEN if package in loaded]
    return (f"tensorflow imported: {'yes' if 'tensorflow' in loaded else 'no'}; "
            f"besides numpy: {', '.join(others) or 'none of those watched'}")


def whole(report: results.Report) -> None:
    """Verify a data set as its download does, against hashing its bytes and doing nothing else."""
    what = f"verifying {SET}"
    try:
        block = registry.published()[SET]
        folder = verify.installed(block)
    except checks.DatasetError as error:
        report.add(results.row(what, None, "files/s", detail=results.not_run(error)))
        return
    contents = [(folder / path).read_bytes() for path in block.listed]
    algorithms = {algorithm for _, algorithm, _ in block.listed.values()}
    plain = {"sha256": hashlib.sha256, "md5": hashlib.md5}.get(*algorithms, hashlib.sha1)   # git names by SHA-1
    faults = verify.problems(block, folder)
    report.add(results.row(f"{what}: faults found", len(faults), "count", goal=0, at_most=True,
                           detail=f"{len(contents)} files of {sum(map(len, contents)) / 1e6:.0f} MB"))

    def hashing() -> None:
        for content in contents:
            plain(content, usedforsecurity=False).hexdigest()

    def reading_and_hashing() -> None:
        for path in block.listed:
            plain((folder / path).read_bytes(), usedforsecurity=False).hexdigest()

    works = {"verifying": lambda: verify.problems(block, folder), "hashing": hashing,
             "reading and hashing": reading_and_hashing}
    taken = rounds.timed(works, n=SET_ROUNDS)
    seconds = float(np.median(taken["verifying"]))
    report.add(results.row(what, len(contents) / seconds, "files/s", detail="for each CPU second"))
    report.add(results.row(f"{what}: bytes", sum(map(len, contents)) / seconds / 1e6, "MB/s",
                           detail=f"for each CPU second; {', '.join(sorted(algorithms))}"))
    for limit, said in (("hashing", "hashlib alone on the same bytes, in memory already: operations"),
                        ("reading and hashing", "a bare loop that opens, reads and hashes each file")):
        share = taken[limit] / taken["verifying"]
        report.add(results.row(f"{what}, of the limit: {limit}", np.median(share), "share",
                               detail=f"{said}; {rounds.spread(share)}"))


def spread(values: list[float]) -> str:
    """Lowest and highest, in words."""
    return f"{min(values):.1f} to {max(values):.1f}, {len(values)} rounds"
