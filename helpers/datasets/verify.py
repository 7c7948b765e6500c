"""Is a data set whole? What is missing, what has changed, counted and named."""

from __future__ import annotations

from pathlib import Path

from helpers import files
from helpers.datasets.registry import Block, matches


def problems(block: Block, folder: Path, *, thorough: bool = True) -> list[str]:
    """Compare the files of a set with its registry block.

    Parameters
    ----------
    block : Block
    folder : Path
        Where the set lies, or is being unpacked.
    thorough : bool
        Compute the checksum of every listed file. False only looks whether
        the files are there, which takes milliseconds.

    Returns
    -------
    list of str
        One line a fault, such as ``"missing: audio/1.wav"``; empty if the set
        is whole.
    """
    found = []
    for path, (size, algorithm, digest) in block.listed.items():
        file = folder / path
        if not file.is_file():
            found.append(f"missing: {path}")
        elif thorough and ((size is not None and file.stat().st_size != size)
                           or files.digest(file, algorithm=algorithm) != digest):
            found.append(f"changed: {path}")
    if block.counts:
        here = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
        for pattern, wanted in block.counts.items():
            n = sum(matches(path, pattern) for path in here)
            if n != wanted:
                found.append(f"{n} of {wanted} files {pattern}")
    if not block.listed and not block.counts:
        found += [f"missing: {file.name}" for file in block.files if not (folder / file.name).is_file()]
    return found


def summary(faults: list[str], *, at_most: int = 3) -> str:
    """Put faults into one line.

    Examples
    --------
    >>> summary(["missing: a", "missing: b", "changed: c"], at_most=2)
    '3 faults (missing: a; missing: b; ...)'
    """
    shown = "; ".join(faults[:at_most]) + ("; ..." if len(faults) > at_most else "")
    return f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} ({shown})"
