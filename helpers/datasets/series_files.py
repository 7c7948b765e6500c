"""Series of measurements in files: rows of numbers, one column for each axis of the sensor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import arrays, checks

if TYPE_CHECKING:
    import numpy as np

SUFFIXES = frozenset((".csv", ".txt", ".tsv", ".npy"))


def read(path: str | os.PathLike, *, n_axes: int | None = None) -> np.ndarray:
    """Read one series.

    Parameters
    ----------
    path : path
        A text file with one line a sample, its numbers separated by commas,
        semicolons, tabs or spaces, with or without a line of names; or an array
        that ``numpy.save`` wrote.
    n_axes : int, optional
        How many numbers a line must have.

    Returns
    -------
    np.ndarray, shape=(n_samples, n_axes), float32

    Raises
    ------
    AudioFileError
        If the file is missing, empty, or holds something else; the message
        names the first line that does not fit.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "a.csv"
    ...     _ = path.write_text("x, y\\n0.5, 1\\n0.25, 2\\n")
    ...     read(path).tolist()
    [[0.5, 1.0], [0.25, 2.0]]
    """
    import numpy as np

    path = Path(path)
    try:
        if path.suffix.lower() == ".npy":
            series = arrays.one(path)
        else:
            series = _parse(path.read_text(encoding="utf-8-sig"), path)
    except FileNotFoundError:
        raise _error(path, "no such file", "Check the path, or fetch the data set again") from None
    except (OSError, ValueError) as error:
        if isinstance(error, checks.AudioFileError):
            raise
        raise _error(path, f"something else ({error})", "Look at it in a text editor") from error
    if series.ndim != 2 or 0 in series.shape or series.dtype.kind != "f":
        raise _error(path, f"an array of shape {series.shape} and type {series.dtype}",
                     "Save floats of shape (n_samples, n_axes)")
    if n_axes not in (None, series.shape[1]):
        raise _error(path, f"{series.shape[1]} numbers a line, not {n_axes}", "All recordings need the same axes")
    with np.errstate(over="ignore"):
        series = series.astype(np.float32, copy=False)
    if not np.isfinite(series).all():
        raise _error(path, f"NaN or infinity in line {int(np.argmax(~np.isfinite(series).all(axis=1))) + 1}",
                     "Remove the line, or the recording")
    return series


def _parse(text: str, path: Path) -> np.ndarray:
    import numpy as np

    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if lines and _numbers(lines[0][1]) is None:   # a line of names
        lines = lines[1:]
    if not lines:
        raise _error(path, "no numbers", "Record it again, or leave it out")
    rows = [_numbers(line) for _, line in lines]
    for (number, line), row in zip(lines, rows, strict=True):
        if row is None:
            raise _error(path, f"line {number}: {line[:60]!r}", "Numbers need a decimal point, not a comma")
        if len(row) != len(rows[0]):
            raise _error(path, f"{len(row)} numbers in line {number}, {len(rows[0])} in the first",
                         "The recording may have been cut: leave out the line, or the recording")
    return np.array(rows)


def _numbers(line: str) -> list[float] | None:
    mark = next((mark for mark in (";", ",", "\t") if mark in line), None)
    try:
        return [float(field) for field in line.strip().split(mark)]
    except ValueError:
        return None


def _error(path: Path, got: str, way_out: str) -> checks.AudioFileError:
    return checks.AudioFileError(checks.explain(
        f"one line of numbers for each sample in {path}", got, way_out, section=checks.FILES))
