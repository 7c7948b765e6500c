"""Is a data set whole? What is missing, what has changed, counted and named."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from helpers import checks, files
from helpers.datasets.dataset import command
from helpers.datasets.registry import MALFORMED, Block, matches


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
            if n != wanted if wanted is not None else n == 0:
                found.append(f"{n} of {wanted or 'at least 1'} files {pattern}")
    if not block.listed and not block.counts:     # plain files, such as weights
        for file in block.files:
            path = folder / file.name
            if not path.is_file():
                found.append(f"missing: {file.name}")
            elif thorough and file.digest and files.digest(path, algorithm=file.algorithm) != file.digest:
                found.append(f"changed: {file.name}")
    return found


def installed(block: Block, *, data_home: str | os.PathLike | None = None) -> Path:
    """Find the folder of a set whose files are all there.

    Parameters
    ----------
    block : Block
    data_home : path, optional
        The folder of all sets. Default: ``MACHINE_HEARING_HOME``, else the
        user's cache folder.

    Returns
    -------
    Path

    Raises
    ------
    DatasetError
        If files are missing; the message holds the command that fetches them,
        and for weights also what to put where by hand.
    """
    home = Path(data_home).expanduser().resolve() if data_home else files.home()
    folder = home / block.name
    faults = problems(block, folder, thorough=False) if folder.is_dir() else ["no such folder"]
    if not faults:
        return folder
    fetch = command(block.name) + (f' --home "{data_home}"' if data_home else "")
    what, by_hand = "data set", ""
    if block.kind == "weights":
        what = "weights"
        by_hand = "".join(f"; or put {file.name} ({file.about / 1e6:.1f} MB, {file.addresses[0]}) on a stick "
                          "and add --from FOLDER" for file in block.files[:1])
    raise checks.DatasetError(checks.explain(
        f"the {what} {block.name} in {folder}", summary(faults) if folder.is_dir() else "no such folder",
        f"Fetch it once with this command: {fetch}{by_hand}", section=checks.DATA_SETS))


@contextlib.contextmanager
def readable(name: str, folder: Path) -> Iterator[None]:
    """Say which set it was, and the way out, where its tables cannot be read.

    Parameters
    ----------
    name : str
        Of the set.
    folder : Path
        Where it lies.

    Raises
    ------
    DatasetError
        For whatever a file of another form makes its reader raise.
    """
    try:
        yield
    except (*MALFORMED, SyntaxError) as error:   # a broken XML file is an error of syntax
        raise checks.DatasetError(checks.explain(
            f"the tables of {name} as published in {folder}", f"{type(error).__name__}: {str(error)[:200]}",
            f"Delete this folder, and fetch it again: {command(name)}", section=checks.DATA_SETS)) from error


def summary(faults: list[str], *, at_most: int = 3) -> str:
    """Put faults into one line.

    Examples
    --------
    >>> summary(["missing: a", "missing: b", "changed: c"], at_most=2)
    '3 faults (missing: a; missing: b; ...)'
    """
    shown = "; ".join(faults[:at_most]) + ("; ..." if len(faults) > at_most else "")
    return f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} ({shown})"
