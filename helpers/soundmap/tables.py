"""Points, names and neighbours as the page needs them: plain numbers and texts, checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers import checks
from helpers.soundmap.clips import is_path

SCALE = 10_000
"""Points are told as whole numbers from 0 to this."""


def names(audio: Sequence, starts: np.ndarray) -> list[str]:
    """Call a file by its name, and by its start where pieces of one file are shown; number the others."""
    return [(Path(one).name + (f" at {start:g} s" if starts.any() else "")) if is_path(one) else f"sound {index}"
            for index, (one, start) in enumerate(zip(audio, starts, strict=True))]


def placed(points: Any, *, n: int) -> dict:
    """Turn a map into whole numbers from 0 to ``SCALE``, with one scale for both axes.

    Parameters
    ----------
    points : np.ndarray, shape=(n, 2)
    n : int

    Returns
    -------
    dict
        ``x`` and ``y``, a list of n whole numbers each.

    Raises
    ------
    InputError
        If the shape is another one, or a number is not finite.

    Examples
    --------
    >>> placed([[0, 0], [2, 1]], n=2)
    {'x': [0, 10000], 'y': [2500, 7500]}
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 2:
        raise checks.InputError(checks.explain(
            "points of shape (n, 2)", f"shape {points.shape}", "soundmap.project(embeddings) makes such points",
            section=checks.ARRAYS))
    checks.same_length(audio=range(n), points=points)
    points = checks.finite(points.astype(float), name="points")
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max()) or 1.0
    centred = (points - low / 2 - high / 2) / size + 0.5
    whole = (centred * SCALE).round().astype(int)
    return {"x": whole[:, 0].tolist(), "y": whole[:, 1].tolist()}


def neighbours(neighbours: Any, *, n: int) -> list | None:
    """Check the neighbours of each sound and leave the sound itself out.

    Parameters
    ----------
    neighbours : np.ndarray of int, shape=(n, k), or None
        -1 where there is none.
    n : int

    Returns
    -------
    list of list of int, or None

    Raises
    ------
    InputError
        If it is no table of whole numbers from -1 to n - 1.

    Examples
    --------
    >>> neighbours([[0, 1], [0, -1]], n=2)
    [[1], [0]]
    """
    if neighbours is None:
        return None
    table = np.asarray(neighbours)
    fits = table.ndim == 2 and table.dtype.kind in "iu" and len(table) == n and table.size
    if not fits or table.min() < -1 or table.max() >= n:
        raise checks.InputError(checks.explain(
            f"neighbours as whole numbers from 0 to {n - 1}, shape ({n}, k)",
            f"shape {table.shape} of {table.dtype}" + (f", {table.min()} to {table.max()}" if table.size else ""),
            "They are rows of the same table, nearest first; -1 stands for none", section=checks.ARRAYS))
    return [[int(other) for other in row if other not in (-1, index)] for index, row in enumerate(table)]
