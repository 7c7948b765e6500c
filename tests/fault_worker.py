"""Reads files with the parsers of the workshop, in a process that may die of one: ``python fault_worker.py``.

A line ``PARSER<tab>PATH`` comes in, a line of JSON goes out: "accepted",
"refused" (by one of our errors, with its way out) or "escaped", and what was
said. Memory beyond what the process holds already and a little more is refused
by the system, and so is processor time without end.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = 1 << 30
"""Bytes that a parser may ask for: no file in these tests is larger than a few hundred kB."""
PATIENCE = 10
"""Seconds of processor time for one file; the slowest takes a tenth of one."""


class Worker:
    """A process that reads, started when it is needed, and again after one that died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def read(self, parser: str, path: Path) -> tuple[str, str]:
        """Have a file read: what came of it, and what was said."""
        if self._process is None:
            environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
                                        "ARROW_DEFAULT_MEMORY_POOL": "system"}   # others reserve a lot
            self._process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                             stderr=subprocess.DEVNULL, text=True, env=environment)
        self._process.stdin.write(f"{parser}\t{path}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            number = -self._process.wait()
            self._process = None
            return "escaped", f"the process ended: {signal.Signals(number).name if number > 0 else -number}"
        return tuple(json.loads(answer))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


@functools.cache
def sections() -> frozenset[str]:
    """Headings of the page that errors point to."""
    return frozenset(re.findall("^## (.+)$", (ROOT / "docs/troubleshooting.md").read_text("utf-8"), re.MULTILINE))


def is_told(error: BaseException) -> bool:
    """Whether an error is one of ours, and says what was expected, what came, the way out, and where there is more."""
    from helpers import checks

    found = re.fullmatch(r"Expected .+; got .+\. .+\. \(docs/troubleshooting\.md: (.+)\)", str(error), re.DOTALL)
    ours = (checks.InputError, checks.AudioFileError, checks.DatasetError, checks.DownloadError)
    return isinstance(error, ours) and found is not None and found[1] in sections()


def outcome(parser: str, path: Path) -> tuple[str, str]:
    """Read one file: "accepted", "refused" or "escaped", and what was said."""
    import fault_parsers

    before = {each.name for each in path.parent.iterdir()}
    try:
        if library := fault_parsers.PARSERS[parser].library:
            importlib.import_module(library)
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fault_parsers.PARSERS[parser].read(path)
        found = "accepted", ""
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        found = (("refused", str(error)) if is_told(error) else
                 ("escaped", f"{type(error).__name__} in {where}: {str(error)[:300]}"))
    left = {each.name for each in path.parent.iterdir()} - before - {path.name + ".lock"}
    return ("escaped", f"left behind: {sorted(left)}") if left else found


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Keep memory and processor time within bounds, where the system can do that."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + ROOM, before[1]))
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)                   # SIGPROF ends the process
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, before)


def main() -> None:
    """Answer line by line; what parsers print goes nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    for line in sys.stdin:
        parser, path = line.rstrip("\n").split("\t")
        answers.write(json.dumps(outcome(parser, Path(path))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
