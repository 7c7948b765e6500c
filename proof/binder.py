"""What Binder does with this repository, step by step, as far as that goes without Docker and conda."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks import results
from helpers import files
from notebooks import build
from proof import checkout, limits, served

TITLE = "a replay of Binder: its steps on a clean clone, its server, every notebook, one core, 2 GB"
DATA = "the last commit and the embedded sounds; a Python of the pinned version stands in for conda"
SOURCES = ["binder", "helpers", "notebooks/src", "data/download.py", "proof/binder.py", "proof/served.py",
           "proof/limits.py", "proof/checkout.py"]
SOME = "PROOF_NOTEBOOKS"                       # PROOF_NOTEBOOKS="00 01" runs these alone, while one works on this file
LIMIT_MB = 2000
WEIGHTS = ("yamnet", "openl3-mel256-env", "mobilenet")          # what binder/postBuild fetches
# What repo2docker must say, by what that means.
DECISIONS = {
    "repo2docker picks conda with Python 3.11": "Building conda environment for python=3.11",
    "repo2docker takes binder/environment.yml": '--file "binder/environment.yml"',
    "repo2docker runs binder/postBuild": "RUN ./binder/postBuild",
}


@dataclass(frozen=True)
class Place:
    """Where the replay happens.

    Attributes
    ----------
    repository : Path
        The clone, which on Binder is the home folder too.
    environment : Path
        Stands in for conda's.
    """

    repository: Path
    environment: Path

    @property
    def python(self) -> str:
        """The program of the environment."""
        return str(self.environment / "bin" / "python")

    @property
    def variables(self) -> dict[str, str]:
        """What Binder's image sets, and nothing of this computer but where its programs lie."""
        return {"HOME": str(self.repository), "PATH": f"{self.environment / 'bin'}:{os.defpath}", "SHELL": "/bin/bash",
                "USER": "jovyan", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


def run(report: results.Report) -> None:
    """Clone, ask repo2docker, install, run postBuild, start the server, run every notebook in it."""
    wanted = yaml.safe_load((results.ROOT / "binder/environment.yml").read_text("utf-8"))["dependencies"]
    version = next(entry for entry in wanted if str(entry).startswith("python=")).removeprefix("python=")
    found = checkout.find_python(version)
    if found is None or not hasattr(os, "sched_setaffinity"):
        why = f"no Python {version} here" if found is None else "this needs Linux"
        report.add(results.row("notebooks that pass", None, "notebooks", detail=f"not run: {why}"))
        return
    with tempfile.TemporaryDirectory(prefix="binder-", ignore_cleanup_errors=True) as folder:
        repository, commit = checkout.clone(Path(folder) / "home")
        place = Place(repository, Path(folder) / "environment")
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, check=True, capture_output=True).stdout
        report.add(results.row("files in the clone", listed.count(b"\0"), "files", detail=f"commit {commit}"))
        decide(report, place)
        install(report, place, python=found)
        post_build(report, place)
        serve(report, place)


def decide(report: results.Report, place: Place) -> None:
    """Ask repo2docker what it would do with the clone."""
    done = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=place.repository,
                          env={**os.environ, "HOME": str(place.repository)}, check=False, capture_output=True,
                          text=True)
    said = done.stdout + done.stderr
    for what, line in DECISIONS.items():
        report.add(results.row(what, line in said, "yes", goal=1, detail=line))


def install(report: results.Report, place: Place, *, python: tuple[str, str]) -> None:
    """Make the environment from what binder/environment.yml lists for pip, read from where that file lies."""
    start = time.monotonic()
    subprocess.run([python[1], "-m", "venv", place.environment], check=True)
    folder = place.repository / "binder"
    listed = yaml.safe_load((folder / "environment.yml").read_text("utf-8"))["dependencies"][-1]["pip"]
    asked = folder / "condaenv.requirements.txt"              # conda writes one beside the file, and asks pip there
    asked.write_text("\n".join(listed) + "\n", "utf-8")
    print("Installing the packages ...", flush=True)
    # with pip, as conda does: uv would overlook a package that forbids this Python
    subprocess.run([place.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
                    "-r", asked.name], cwd=folder, check=True)
    asked.unlink()
    packages = len(list(place.environment.glob("lib/python*/site-packages/*.dist-info")))
    report.add(results.row("the environment is made", time.monotonic() - start, "s", detail=(
        f"{packages} packages from the lock, hashes checked, by pip with this computer's cache; a Python {python[0]} "
        "in place of conda's")))


def post_build(report: results.Report, place: Place) -> None:
    """Run binder/postBuild as it is, in the clone."""
    brought = [name for name in WEIGHTS if (files.home() / name).is_dir()]
    home = place.repository / ".cache" / "machine-hearing-workshop"
    for name in brought:                                                     # as if they had been fetched
        shutil.copytree(files.home() / name, home / name)
    start = time.monotonic()
    done = subprocess.run(["./binder/postBuild"], cwd=place.repository, env=place.variables, check=False, text=True,
                          preexec_fn=limits.join(None, core=core()), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, flush=True)
    here = [name for name in WEIGHTS if (home / name).is_dir()]
    report.add(results.row("postBuild ends with status", done.returncode, "status", goal=0, at_most=True, detail=(
        f"on one core in {time.monotonic() - start:.0f} s; weights there: {', '.join(here) or 'none'}; of these copied "
        f"from this computer's downloads, not fetched: {', '.join(brought) or 'none'}")))
    if done.returncode:
        raise RuntimeError("binder/postBuild failed; nothing after it can be tried")


def core() -> int:
    """The core on which all of it runs."""
    return min(os.sched_getaffinity(0))


def serve(report: results.Report, place: Place) -> None:
    """Start the server on one core and in a memory group, and run the notebooks one after the other."""
    names = sorted(path.stem for path in (place.repository / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    chosen = build.pick(re.findall(r"\S+", os.environ.get(SOME, "")), names)
    scratch = place.environment.parent / "runtime"
    scratch.mkdir(mode=0o700)
    with ExitStack() as stack:
        group = stack.enter_context(limits.memory_group(LIMIT_MB * 1_000_000))
        log = stack.enter_context(open(scratch / "server.log", "wb"))
        server = stack.enter_context(served.running(
            place.python, folder=place.repository, env=place.variables, scratch=scratch, log=log,
            first=limits.join(group, core=core())))
        alone = server.memory_mb()
        report.add(results.row("the server answers", server.seconds, "s", detail="JupyterLab, on one core"))
        report.add(results.row("memory of the server alone", alone, "MB"))
        outcomes = []
        for name in chosen:
            outcomes.append(served.execute(server, name=name, folder=place.repository / "notebooks"))
            add(report, outcomes[-1])
        summary(report, outcomes, names=names, alone=alone)
        add_group(report, group)


def add(report: results.Report, outcome: served.Outcome) -> None:
    """Add the row of one notebook."""
    how = f"fails: {outcome.problem}" if outcome.problem else "passes"
    report.add(results.row(f"{outcome.name}: server and kernel", outcome.peak_mb, "MB", goal=LIMIT_MB, at_most=True,
                           detail=f"{how}; {outcome.seconds:.0f} s, {outcome.checks} self-checks passed"))


def summary(report: results.Report, outcomes: list[served.Outcome], *, names: list[str], alone: float) -> None:
    """Add the rows about all notebooks."""
    failed = [outcome.name for outcome in outcomes if outcome.problem]
    left_out = [name for name in names if name not in {outcome.name for outcome in outcomes}]
    detail = "; ".join(f"{what}: {', '.join(which)}" for what, which in (("fail", failed), ("left out", left_out))
                       if which)
    report.add(results.row("notebooks that pass", len(outcomes) - len(failed), "notebooks", goal=len(names),
                           detail=detail or "each in a kernel of that server, solved form, every self-check passed"))
    most = max(outcomes, key=lambda outcome: outcome.peak_mb)
    report.add(results.row("most memory at once, server included", most.peak_mb, "MB", goal=LIMIT_MB, at_most=True,
                           detail=f"{most.name}; highest sum over all processes (PSS), looked at twice a second"))
    in_order, largest_first = (open_at_once(list(ordered), alone=alone) for ordered in (
        outcomes, sorted(outcomes, key=lambda outcome: -outcome.peak_mb)))
    report.add(results.row("notebooks that may stay open at once", in_order, "notebooks", detail=(
        f"from {outcomes[0].name} on in order, computed from what each kernel still holds after its last cell; of the "
        f"largest ones {largest_first}")))


def open_at_once(outcomes: list[served.Outcome], *, alone: float, limit: float = LIMIT_MB) -> int:
    """How many notebooks fit, where each kernel stays open when the next notebook begins.

    Parameters
    ----------
    outcomes : list of served.Outcome
        In the order in which they are opened.
    alone, limit : float, MB
        What the server needs without kernels, and what there is.

    Returns
    -------
    int

    Examples
    --------
    >>> small = served.Outcome("small", peak_mb=900.0, left_mb=700.0)
    >>> open_at_once([small, small, small], alone=100.0)
    2
    """
    held = alone
    for number, outcome in enumerate(outcomes):
        if held + outcome.peak_mb - alone > limit:
            return number
        held += outcome.left_mb - alone
    return len(outcomes)


def add_group(report: results.Report, group: limits.Group | None) -> None:
    """Say whether the limit was enforced, and how that went."""
    what = "processes killed for want of memory"
    if group is None:
        report.add(results.row(what, None, "processes", detail=(
            "not run: no memory group can be made here; the memory above was measured, not limited")))
        return
    peak = group.peak_mb
    report.add(results.row(what, group.killed, "processes", goal=0, at_most=True, detail=(
        f"server and kernels in a memory group of {LIMIT_MB} MB" + (
            f"; highest charge {peak:.0f} MB, pages of files included, which are dropped when room is needed"
            if peak else ""))))
