"""Unpack an archive without letting it write anywhere but into its folder."""

from __future__ import annotations

import contextlib
import errno
import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from helpers import checks, files
from helpers.datasets.registry import matches

BROKEN = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error, EOFError,
          ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError,
          RuntimeError)  # zipfile's word for an archive that is locked with a password or packed in an unknown way
NOWHERE = (errno.EINVAL, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EEXIST)
"""What the system says to positions that a file does not have, and to names that cannot be."""


def unpack(archive: Path, target: Path, *, strip: str, keep: Sequence[str], limit: int) -> int:
    """Unpack the wanted files of a zip or tar archive.

    Parameters
    ----------
    archive, target : Path
        The archive; the folder to fill, made where it does not exist.
    strip : str
        The folder at the top of the archive, such as ``"ESC-10-master/"``;
        what lies outside it is left out.
    keep : sequence of str
        Patterns of the wanted files, relative to ``strip``.
    limit : int, bytes
        More than this is not written: an archive can be made to fill a disk.

    Returns
    -------
    int
        How many files were written.

    Raises
    ------
    DatasetError
        If the archive is damaged, or one of its members is not safe: a path
        that is absolute or leads out of the folder, a link, a device, one path
        twice, more bytes than the limit. Nothing is written for that member.
    OSError
        If the disk is full or the folder is read-only.
    """
    written, room = set(), limit
    try:
        with contextlib.closing(_members(archive)) as members:
            for name, is_file, open_member in members:
                path = safe_path(name, archive=archive)
                inside = path.startswith(strip) and path.removeprefix(strip)
                if not is_file or not inside or not any(matches(inside, pattern) for pattern in keep):
                    continue
                if inside in written:
                    raise unsafe(archive, f"two members named {name!r}")
                with open_member() as source:
                    room = _write(source, target / inside, room=room, archive=archive)
                written.add(inside)
    except (OSError, *BROKEN) as error:
        if isinstance(error, OSError) and not isinstance(error, BROKEN) and error.errno not in NOWHERE:
            raise
        raise checks.DatasetError(checks.explain(
            f"a whole archive in {archive}", f"a damaged one ({str(error).partition(chr(10))[0].rstrip(':')})",
            "Download it again", section=checks.DOWNLOADS)) from error
    return len(written)


def safe_path(name: str, *, archive: Path) -> str:
    """Return a member's path if it stays inside the folder, else refuse the archive.

    Raises
    ------
    DatasetError
        If the path is absolute, names a drive, or climbs with "..".

    Examples
    --------
    >>> safe_path("./audio/a.wav", archive=Path("x.tar"))
    'audio/a.wav'
    """
    path = name.removeprefix("./")
    if path.startswith("/") or "\\" in path or "\0" in path or re.match("[A-Za-z]:", path) or ".." in path.split("/"):
        raise unsafe(archive, f"a member whose path leads out of the folder: {name!r}")
    return path


def unsafe(archive: Path, got: str) -> checks.DatasetError:
    """Make the error for an archive that must not be unpacked."""
    return checks.DatasetError(checks.explain(
        f"an archive of plain files in {archive.name}", got,
        "Do not unpack it by hand either: delete it, and take another address or mirror", section=checks.DOWNLOADS))


def _members(archive: Path) -> Iterator[tuple[str, bool, object]]:
    """Yield (name, whether it is a file, a function that opens it) for each member; refuse links and devices."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                mode = info.external_attr >> 16
                if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                    raise unsafe(archive, f"a link or a device: {info.filename!r}")
                yield info.filename, not info.is_dir(), lambda info=info: packed.open(info)
        return
    with tarfile.open(archive) as packed:
        for info in packed:
            if not (info.isfile() or info.isdir()):
                raise unsafe(archive, f"a link or a device: {info.name!r}")
            yield info.name, info.isfile(), lambda info=info: packed.extractfile(info)


def _write(source: IO[bytes], path: Path, *, room: int, archive: Path) -> int:
    """Write one member and return how many bytes may still be written."""
    with files.friendly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            while piece := source.read(1 << 18):
                room -= len(piece)
                if room < 0:
                    raise unsafe(archive, "more bytes than the set can have")
                file.write(piece)
    return room
