"""Event tables, scores and thresholds as the page needs them: plain numbers, checked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from helpers import checks

TRUE, DETECTED = ("hit", "miss"), ("hit", "false alarm")
"""What the status of a true event and of a detected one may be."""


def rows(table: Any, *, name: str, classes: Sequence[str], duration: float, statuses: Sequence[str],
         status: Sequence[str] | None = None) -> list[dict]:
    """Check an event table and return its rows in the order of their onsets.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``onset``, ``offset``, ``label``; ``status`` and ``score`` where there are such.
    name : str
        What the message calls it.
    classes : sequence of str
    duration : float, seconds
        Of the recording: an event may end later, but not begin later.
    statuses : sequence of str
        What ``status`` may hold.
    status : sequence of str, optional
        In place of the column.

    Returns
    -------
    list of dict
        ``onset``, ``offset`` (cut at the end of the recording), ``label``, ``status``, ``score``; the last two may
        be None.

    Raises
    ------
    InputError
        If a column is missing, a time is no number or lies outside the recording, or a label or a status is unknown.
    """
    missing = [column for column in ("onset", "offset", "label") if column not in getattr(table, "columns", ())]
    if missing:
        raise checks.fail(f"{name} as a table with the columns onset, offset, label",
                          "one without " + ", ".join(missing) if hasattr(table, "columns") else type(table).__name__,
                          "An empty one is pandas.DataFrame(columns=['onset', 'offset', 'label'])")
    if "clip_id" in table.columns and table["clip_id"].nunique() > 1:
        raise checks.fail(f"{name} of one recording", f"those of {table['clip_id'].nunique()}",
                          f"Choose one: {name}[{name}.clip_id == clip_id]")
    if status is not None:
        checks.same_length(**{name: table, "status": status})
    given = table["status"] if "status" in table.columns else [None] * len(table)
    scored = table["score"] if "score" in table.columns else [None] * len(table)
    found = []
    for onset, offset, label, what, score in zip(
            table["onset"], table["offset"], table["label"], given if status is None else status, scored, strict=True):
        times = _times(onset, offset, name=name, duration=duration)
        checks.one_of(label, classes, name=f"the label of {name}")
        what = None if _is_missing(what) else checks.one_of(str(what), statuses, name=f"the status of {name}")
        score = None if _is_missing(score) else round(float(score), 3)
        found.append({**times, "label": str(label), "status": what, "score": score})
    return sorted(found, key=lambda row: (row["onset"], row["offset"]))


def curves(scores: Any, *, starts: Any, hop: float | None, n_classes: int, duration: float) -> tuple[list, list]:
    """Check scores and say from when to when each of them holds.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_frames, n_classes), range 0 to 1
    starts : sequence of float, seconds, optional
        Where each frame begins; every ``hop`` from 0 on if left out.
    hop : float, seconds, optional
        How long each holds; the usual step of ``starts`` if left out.
    n_classes : int
    duration : float, seconds

    Returns
    -------
    spans : list of [float, float], seconds
    values : list of list of float
        One list for each class.

    Raises
    ------
    InputError
        If the shapes do not fit, a score is outside 0 to 1, or neither starts nor hop is given.
    """
    scores = checks.scores(scores)
    if scores.shape[1] != n_classes:
        raise checks.fail(f"{n_classes} columns of scores, one for each class", f"{scores.shape[1]}",
                          "Give the classes that the model was trained on, in its order")
    if scores.min() < 0 or scores.max() > 1:
        raise checks.fail("scores from 0 to 1", f"{scores.min():.3g} to {scores.max():.3g}",
                          "Logits become scores by a sigmoid or a softmax")
    if starts is None and hop is None:
        raise checks.fail("starts or hop beside scores", "neither", "Frames of 20 ms that follow each other: hop=0.02")
    starts = np.arange(len(scores)) * checks.positive(hop, name="hop") if starts is None else (
        checks.finite(np.asarray(starts, dtype=float), name="starts"))
    checks.same_length(scores=scores, starts=starts)
    steps = np.diff(starts)
    if (steps <= 0).any():
        raise checks.fail("starts that grow", "some that do not", "Sort scores and starts by time first")
    if hop is None:
        hop = float(np.median(steps)) if len(steps) else duration
    ends = np.minimum(starts + checks.positive(hop, name="hop"), np.append(starts[1:], np.inf))
    spans = np.clip(np.column_stack([starts, ends]), 0, duration).round(4)
    return spans.tolist(), scores.T.round(3).tolist()


def thresholds(threshold: Any, *, classes: Sequence[str]) -> list[list[float]]:
    """List the thresholds of each class: none, one, or the two of a hysteresis.

    Examples
    --------
    >>> thresholds({"dog": 0.5, "rain": (0.6, 0.3)}, classes=["dog", "rain", "siren"])
    [[0.5], [0.3, 0.6], []]
    """
    if isinstance(threshold, Mapping):
        for label in threshold:
            checks.one_of(label, classes, name="the class of a threshold")
        each = [threshold.get(label, ()) for label in classes]
    else:
        each = [() if threshold is None else threshold] * len(classes)
    values = [np.atleast_1d(np.asarray(one, dtype=float)) for one in each]
    for one in values:
        if one.ndim != 1 or not ((one >= 0) & (one <= 1)).all():
            raise checks.fail("thresholds from 0 to 1", repr(threshold),
                              "One number, a pair (low, high), or those by class")
    return [sorted(one.round(4).tolist()) for one in values]


def _times(onset: Any, offset: Any, *, name: str, duration: float) -> dict[str, float]:
    """Check when an event begins and ends; one that ends after the recording is cut there."""
    try:
        onset, offset = float(onset), float(offset)
    except (TypeError, ValueError):
        onset = offset = np.nan
    if not 0 <= onset <= offset < np.inf:
        raise checks.fail(f"0 <= onset <= offset in {name}, in seconds", f"{onset:g} to {offset:g}",
                          "Look at that row: are the columns swapped, or is a time missing?")
    if onset > duration:
        raise checks.fail(f"{name} that begin within the {duration:.2f} s of the recording", f"an onset at {onset:g} s",
                          "Times are seconds from the start of this recording; take those of this clip only")
    return {"onset": round(onset, 4), "offset": round(min(offset, duration), 4)}


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or pd.isna(value) or value == ""
