"""Arrays from files that may be damaged or hostile: no code is run, and nothing is believed that a header claims."""

import io
import lzma
import math
import os
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, SyntaxError, RuntimeError,
             MemoryError, struct.error, tokenize.TokenError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What numpy and zipfile raise for files that are none of theirs, or damaged."""
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
PACKED = 1100
"""Zip packs no better than this: who claims more has something else in mind."""


def one(path: str | os.PathLike) -> np.ndarray:
    """Read the array that ``numpy.save`` wrote into a file.

    Parameters
    ----------
    path : path
        A file in the format NPY.

    Returns
    -------
    np.ndarray

    Raises
    ------
    ValueError
        If it holds something else, objects (which could run code), or another
        number of bytes than its header says.
    OSError
        If it cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder) / "a.npy", np.eye(2))
    ...     one(Path(folder) / "a.npy").tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return _parsed(Path(path).read_bytes())


def several(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Read the arrays that ``numpy.savez`` or ``savez_compressed`` wrote into a file.

    Parameters
    ----------
    path : path
        A file in the format NPZ.

    Returns
    -------
    dict of str -> np.ndarray

    Raises
    ------
    ValueError
        As :func:`one`; also if a checksum is wrong.
    OSError
        If it cannot be opened.
    """
    content = Path(path).read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > PACKED * len(content):
                raise ValueError("an archive that claims to hold more than it can")
            return {name.removesuffix(".npy"): _parsed(archive.read(name)) for name in archive.namelist()}
    except (OSError, *MALFORMED) as error:     # the bytes are here: an OSError is a wrong position in them
        raise ValueError(_told(error)) from error


def _parsed(content: bytes) -> np.ndarray:
    file = io.BytesIO(content)
    try:
        shape, by_columns, dtype = HEADERS[np.lib.format.read_magic(file)](file)
        if dtype.hasobject:
            raise ValueError("objects, which could run code")
        if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(content) - file.tell():
            raise ValueError(f"{len(content) - file.tell()} bytes for shape {shape} and type {dtype}")
        return np.ndarray(shape, dtype, content, file.tell(), order="F" if by_columns else "C").copy(order="K")
    except MALFORMED as error:
        raise ValueError(_told(error)) from error


def _told(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
