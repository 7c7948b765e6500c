"""Segment-based scores: what is heard in each second?

The recording is cut into equal segments, and a class is active in a segment
when one of its events touches it. That forgives a late start or an event found
in two pieces, and weighs long events more than short ones. After Mesaros,
Heittola and Virtanen, "Metrics for polyphonic sound event detection", Applied
Sciences 6(6), 2016; the numbers are those of their sed_eval.
"""

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics import tables
from helpers.metrics.events import score_table


def rolls(
    first: pd.DataFrame, second: pd.DataFrame, *, classes: Sequence[str], durations: Mapping, resolution: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Go through the clips; two arrays of bool each, shape=(n_segments, n_classes): what is active when."""
    checks.positive(resolution, name="resolution")
    durations = dict(durations)
    for clip, duration in durations.items():
        checks.positive(duration, name=f"the duration of {clip!r}")
    for table in (first, second):
        missing = [clip for clip in dict.fromkeys(table["clip_id"]) if clip not in durations]
        if missing or not durations:
            raise tables.fail("the duration of every clip, in seconds", got=f"none for {missing[:5] or 'any clip'}",
                                way_out="Give them as a dict: durations={'a': 10.0}")
        # what sed_eval does: a point on a boundary covers nothing, neither before nor after it
        lost = int(np.sum((table["onset"] == table["offset"]) & (table["onset"] / resolution % 1 == 0)))
        if lost:
            warnings.warn(f"{lost} point events lie on the boundary of two segments and count in neither. "
                          "Give them a length, or score them with event_scores(..., use_offset=False).", stacklevel=3)
    places = [table.groupby("clip_id").indices for table in (first, second)]
    for clip, duration in durations.items():
        n_segments = math.ceil(duration / resolution)
        yield tuple(active(table.iloc[rows.get(clip, [])], n_segments, classes=classes, resolution=resolution)
                    for table, rows in zip((first, second), places, strict=True))


def active(table: pd.DataFrame, n_segments: int, *, classes: Sequence[str], resolution: float) -> np.ndarray:
    """Mark the segments that the events of one clip touch; what lies outside the clip is cut off."""
    roll, column = np.zeros((n_segments, len(classes)), bool), {label: at for at, label in enumerate(classes)}
    # The bare divisions of sed_eval, rounding included: an event that ends at 1.1 s reaches into the twelfth tenth of
    # a second, because 1.1 / 0.1 is a trifle above 11 as floats.
    starts = np.floor(table["onset"].to_numpy() / resolution).clip(0, n_segments).astype(int)
    stops = np.ceil(table["offset"].to_numpy() / resolution).clip(0, n_segments).astype(int)
    for start, stop, label in zip(starts, stops, table["label"], strict=True):
        roll[start:stop, column[label]] = True
    return roll


def segment_scores(
    events: pd.DataFrame, detected: pd.DataFrame, *, classes: Sequence[str], durations: Mapping,
    resolution: float = 1.0
) -> pd.DataFrame:
    """Score what was detected second by second.

    Parameters
    ----------
    events, detected : pd.DataFrame with columns clip_id, onset, offset, label
        What there was, and what was found. Times in seconds.
    classes : sequence of str
    durations : mapping of clip_id to seconds
        All clips that were listened to, also those without any event.
    resolution : float, seconds
        Length of a segment. 1.0 is usual; 0.1 comes close to judging onsets.

    Returns
    -------
    pd.DataFrame
        Rows and columns as in :func:`event_scores`, but n_true, n_detected,
        hits and errors count segments in which a class is active. A
        substitution is a segment that has one class too few and another too
        many.

    Warns
    -----
    UserWarning
        If a point event lies on the boundary of two segments: it counts in
        neither.

    Raises
    ------
    InputError
        If a table lacks a column, holds times that are none, a label that is
        not among the classes or a clip without duration; if a duration or the
        resolution is not above 0.

    Examples
    --------
    >>> events = pd.DataFrame([("a", 1.0, 3.0, "dog")], columns=tables.COLUMNS)
    >>> detected = pd.DataFrame([("a", 1.4, 2.0, "dog"), ("a", 2.0, 3.0, "rain")], columns=tables.COLUMNS)
    >>> scores = segment_scores(events, detected, classes=["dog", "rain"], durations={"a": 10.0})
    >>> scores[["hits", "deletions", "insertions", "substitutions", "f1"]].loc["all"].tolist()
    [1.0, 0.0, 0.0, 1.0, 0.5]
    """
    truth = tables.tidy(events, name="events", classes=classes)
    found = tables.tidy(detected, name="detected", classes=classes)
    counts, n_substitutions = np.zeros((3, len(classes)), int), 0
    for there, heard in rolls(truth, found, classes=classes, durations=durations, resolution=resolution):
        both = there & heard
        counts += [roll.sum(axis=0) for roll in (there, heard, both)]
        n_substitutions += int((np.minimum(there.sum(axis=1), heard.sum(axis=1)) - both.sum(axis=1)).sum())
    return score_table(counts, classes=classes, n_substitutions=n_substitutions)


def frame_kappa(
    first: pd.DataFrame, second: pd.DataFrame, *, classes: Sequence[str], durations: Mapping, resolution: float = 0.1
) -> pd.Series:
    """Say how far two people agree beyond chance, moment by moment: Cohen's kappa.

    Where a class is rare, two people agree nearly everywhere by saying nothing.
    Kappa takes that off: 0 is chance, 1 is full agreement.

    Parameters
    ----------
    first, second : pd.DataFrame with columns clip_id, onset, offset, label
        The same recordings, labelled by two people.
    classes, durations, resolution
        As in :func:`segment_scores`.

    Returns
    -------
    pd.Series, range -1 to 1, one entry a class
        NaN where both say the same in every frame: no chance to disagree.

    Raises
    ------
    InputError
        As in :func:`segment_scores`.

    Examples
    --------
    >>> first = pd.DataFrame([("a", 1.0, 3.0, "dog")], columns=tables.COLUMNS)
    >>> frame_kappa(first, first.assign(offset=2.0), classes=["dog"], durations={"a": 4.0}).round(2).to_dict()
    {'dog': 0.5}
    """
    from sklearn.metrics import cohen_kappa_score

    first = tables.tidy(first, name="first", classes=classes)
    second = tables.tidy(second, name="second", classes=classes)
    both = list(rolls(first, second, classes=classes, durations=durations, resolution=resolution))
    ours, theirs = (np.concatenate(parts).T for parts in zip(*both, strict=True))
    constant = ((ours == theirs[:, :1]) & (theirs == theirs[:, :1])).all(axis=1)
    return pd.Series([np.nan if same else cohen_kappa_score(one, other)
                      for one, other, same in zip(ours, theirs, constant, strict=True)], index=list(classes))
