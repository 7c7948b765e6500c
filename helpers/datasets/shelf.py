"""What can be handed to a room: published files that lie here and were checked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers import checks, files
from helpers.datasets import archives, verify
from helpers.datasets.dataset import command
from helpers.datasets.registry import Block


@dataclass(frozen=True)
class Served:
    """One file as it was when it was checked.

    Attributes
    ----------
    path : Path
    size : int, bytes
    etag : str
        Its checksum; a download that was cut asks by it whether this is still the same file.
    mark : tuple of int
        Device, number, size and time of the file: if one differs later, it is not served.
    """

    path: Path
    size: int
    etag: str
    mark: tuple[int, ...]


def shelf(block: Block, *, data_home: str | os.PathLike | None = None) -> dict[str, Served]:
    """List the files of one set that ``--mirror`` asks for, each of them checked.

    Archives lie in ``downloads/NAME`` if they were fetched with ``--keep``. One
    that was not kept is not packed anew: most are known by a checksum that
    only the published file has. Sets of plain files, such as weights, are
    served from their own folder.

    Parameters
    ----------
    block : Block
    data_home : path, optional
        The folder of all sets; default ``MACHINE_HEARING_HOME``, else the user's cache.

    Returns
    -------
    dict of str -> Served
        ``"NAME/FILE"`` -> the file.

    Raises
    ------
    DatasetError
        If a file is missing, a link that leads elsewhere, or not what was published.
    """
    home = Path(data_home or files.home()).expanduser().resolve()
    found = {}
    for file in block.files:
        places = [home / "downloads" / block.name / file.name]
        places += [home / block.name / file.name] if file.strip is None else []
        path = next((place for place in places if place.is_file() and place.resolve() == place), None)
        if path is None:
            raise _refused(f"{file.name} in {places[0].parent}", "no such file",
                           f"Fetch it and keep the archive: {command(block.name)} --keep")
        seen = mark(os.stat(path))
        algorithm = file.algorithm or "sha256"
        digest = files.digest(path, algorithm=algorithm)
        if file.digest and digest != file.digest:
            raise _damaged(path, block, f"{algorithm} {digest}, not {file.digest}")
        found[f"{block.name}/{file.name}"] = Served(path, seen[2], f'"{algorithm}-{digest}"', seen)
    if not all(file.digest for file in block.files):
        _check_content(block, [served.path for served in found.values()], home=home)
    return found


def _check_content(block: Block, here: Sequence[Path], *, home: Path) -> None:
    """Unpack the archives of a set beside the others, compare every file in them, and throw it away again."""
    with contextlib.ExitStack() as stack:
        with files.friendly(home / "file"):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=".serve-", dir=home))
        for file, path in zip(block.files, here, strict=True):
            with files.friendly(Path(folder) / file.name):
                archives.unpack(path, Path(folder), strip=file.strip, keep=file.keep,
                                limit=2 * block.unpacked + (1 << 20))
        if faults := verify.problems(block, Path(folder)):
            raise _damaged(here[0], block, verify.summary(faults))


def mark(stat: os.stat_result) -> tuple[int, ...]:
    """Return what tells one file from another that took its place."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _refused(expected: str, got: str, way_out: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(expected, got, way_out, section=checks.DOWNLOADS))


def _damaged(path: Path, block: Block, got: str) -> checks.DatasetError:
    return _refused(f"{path} as published", got, f"Delete it, and fetch it anew: {command(block.name)} --keep")
