"""Event tables and tolerances that can be worked with: checked, and in order of time."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import checks

COLUMNS = ("clip_id", "onset", "offset", "label")


class Tolerance(NamedTuple):
    """How far a detection may lie from its event; :func:`tolerance` makes one."""

    collar: float
    offset_ratio: float
    use_offset: bool


def fail(expected: str, *, got: str, way_out: str) -> checks.InputError:
    """Put together what is wrong with a table or a number."""
    return checks.InputError(checks.explain(expected, got, way_out, section=checks.ARRAYS))


def tolerance(collar: float, offset_ratio: float, *, use_offset: bool) -> Tolerance:
    """Check a tolerance: neither number may be negative, or none at all."""
    for name, value in (("collar", collar), ("offset_ratio", offset_ratio)):
        if not 0 <= value < np.inf:
            raise fail(f"{name} of 0 or more", got=repr(value), way_out="0.2 is the usual value of both")
    return Tolerance(collar, offset_ratio, use_offset)


def check_classes(classes: Sequence[str]) -> list:
    """Return the classes as a list, or say what is wrong with them."""
    classes = list(classes)
    if not classes or len(set(classes)) < len(classes) or {"all", "mean"} & set(classes):
        raise fail("at least one class, each once, none called 'all' or 'mean'", got=repr(classes),
                   way_out="Give the names of the classes as a list")
    return classes


def tidy(table: pd.DataFrame, *, name: str, classes: Sequence[str] | None = None) -> pd.DataFrame:
    """Check an event table and put it in order of time.

    Parameters
    ----------
    table : pd.DataFrame with columns clip_id, onset, offset, label
    name : str
        What the message calls it.
    classes : sequence of str, optional
        The labels that may occur; any, if left out.

    Returns
    -------
    pd.DataFrame with columns clip_id, onset, offset, label, row
        A copy; ``row`` is the number of the row it comes from, from 0.

    Raises
    ------
    InputError
        If a column is missing or has gaps, a time is no finite number, an
        event ends before it begins, or a label is none of the classes.
    """
    missing = [column for column in COLUMNS if column not in getattr(table, "columns", ())]
    if missing:
        raise fail(f"{name} as a table with the columns {', '.join(COLUMNS)}", got=f"no {', no '.join(missing)}",
                   way_out=f"An empty one is pd.DataFrame(columns={list(COLUMNS)})")
    for column in ("clip_id", "label"):
        if table[column].isna().any():
            raise fail(f"a {column} in every row of {name}", got=f"none in row {table[column].isna().argmax()}",
                       way_out="Fill the gaps, or drop these rows")
    onset, offset = (pd.to_numeric(table[column], errors="coerce").to_numpy(float) for column in ("onset", "offset"))
    bad = np.flatnonzero(~np.isfinite(onset) | ~np.isfinite(offset))
    if len(bad):
        raise fail(f"onset and offset of {name} as finite numbers, in seconds",
                   got=f"{table['onset'].iloc[bad[0]]} and {table['offset'].iloc[bad[0]]} in row {bad[0]}",
                   way_out="An event without an end is a point: give it its onset as offset")
    bad = np.flatnonzero(offset < onset)
    if len(bad):
        raise fail(f"no event in {name} to end before it begins", way_out="Look whether the columns are swapped",
                   got=f"{onset[bad[0]]:g} to {offset[bad[0]]:g} s in row {bad[0]}")
    # plain objects: categories become their names, and a message says 4, not np.int64(4)
    clip_id, label = (table[column].astype(object).to_numpy() for column in ("clip_id", "label"))
    if classes is not None:
        allowed = check_classes(classes)
        for one in dict.fromkeys(label):
            checks.one_of(one, allowed, name=f"a label of {name}")
    row = np.lexsort((offset, onset))
    return pd.DataFrame({"clip_id": clip_id[row], "onset": onset[row], "offset": offset[row], "label": label[row],
                         "row": row})
