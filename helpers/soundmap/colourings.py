"""What the points are coloured by: groups get colours and shapes, numbers a scale and sizes."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np

from helpers import checks
from helpers.plots import style

MOST_GROUPS = 30
"""So many groups get a look of their own; whole numbers with more values than that are shown on a scale."""

SCALE = "viridis"
_NOTHING = object()   # a value that is missing; a label may well be called "none"


def colourings(labels: Any, colours: Mapping[str, Any] | None, *, n: int) -> list[dict]:
    """Prepare all that points can be coloured by.

    Parameters
    ----------
    labels : sequence of n, optional
        Shown first, under the name "label".
    colours : mapping of str to sequence of n, optional
        Further ones by name; one called "label" takes the place of ``labels``.
    n : int
        Number of points.

    Returns
    -------
    list of dict
        Of groups: ``name``, ``groups`` (``name``, ``colour``, ``marker`` each) and ``of`` (the group of each point).
        Of numbers: ``name``, ``values`` (None where there is none), ``low``, ``high`` and ``scale`` (colours).

    Raises
    ------
    InputError
        If a sequence has another length than there are points, or a number is infinite.

    Examples
    --------
    >>> by, = colourings(["rain", "dog", "rain"], None, n=3)
    >>> [group["name"] for group in by["groups"]], by["of"]
    (['dog', 'rain'], [1, 0, 1])
    """
    if colours is not None and not isinstance(colours, Mapping):
        raise checks.InputError(checks.explain(
            "colours as a dictionary {name: one value for each sound}", type(colours).__name__,
            "For example colours={'cluster': clusters, 'outlier score': scores}", section=checks.ARRAYS))
    every = {**({} if labels is None else {"label": labels}), **(colours or {})}
    if not every:
        every = {"label": ["sound"] * n}
    return [_one(str(name), values, n=n) for name, values in every.items()]


def _one(name: str, values: Any, *, n: int) -> dict:
    values = list(values)
    checks.same_length(**{"the points": range(n), name: values})
    kinds = {_kind(value) for value in values} - {"missing"}
    numbers = kinds <= {"whole", "real"}
    if numbers and ("real" in kinds or len({value for value in values if _kind(value) != "missing"}) > MOST_GROUPS):
        return _scale(name, values)
    return _groups(name, [_NOTHING if _kind(value) == "missing" else value for value in values], numbers=numbers)


def _kind(value: Any) -> str:
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)) or str(value) in ("<NA>", "NaT"):
        return "missing"
    if isinstance(value, (bool, np.bool_)):
        return "word"
    if isinstance(value, (int, np.integer)):
        return "whole"
    return "real" if isinstance(value, (float, np.floating)) else "word"


def _groups(name: str, values: Sequence, *, numbers: bool) -> dict:
    """Sort groups by their numbers or names; what has no group comes last, in grey."""
    found = {value for value in values if value is not _NOTHING}
    order = sorted(found) if numbers else sorted(found, key=str)
    groups = [{"name": style.pretty(value), "colour": style.colour(index), "marker": style.marker(index)}
              for index, value in enumerate(order)]
    if len(found) < len(set(values)):
        order.append(_NOTHING)
        groups.append({"name": "none", "colour": "#b8b8b8", "marker": "o"})
    places = {value: index for index, value in enumerate(order)}
    return {"name": style.pretty(name), "groups": groups, "of": [places[value] for value in values]}


def _scale(name: str, values: Sequence) -> dict:
    numbers = np.array([np.nan if _kind(value) == "missing" else float(value) for value in values])
    there = checks.finite(numbers[~np.isnan(numbers)], name=name)
    low, high = float(there.min()), float(there.max())
    return {
        "name": style.pretty(name), "low": _short(low), "high": _short(high),
        "values": [None if np.isnan(value) else _short(value) for value in numbers],
        "scale": [matplotlib.colors.to_hex(colour) for colour in matplotlib.colormaps[SCALE](np.linspace(0, 1, 17))],
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")
