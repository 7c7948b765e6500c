"""From events to frames and back: targets to train on, and scores that become events with a beginning and an end.

A frame is one step of a model's output, ``hop`` seconds long: frame k lasts
from ``k * hop`` to ``(k + 1) * hop``. An event table has one row an event:
``clip_id, onset, offset, label``, times in seconds; a point event has its onset
as offset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from helpers import checks

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("clip_id", "onset", "offset", "label", "score")


def targets(
    events: pd.DataFrame, *, classes: Sequence[str], n_frames: int, hop: float, start: float = 0.0, how: str = "centre"
) -> np.ndarray:
    """Say for every frame which classes sound in it.

    Parameters
    ----------
    events : pd.DataFrame with columns onset, offset, label
        Of one recording.
    classes : sequence of str
        Order of the columns.
    n_frames : int
    hop : float, seconds
        Length of a frame.
    start : float, seconds
        Where the first frame begins in the recording, for a window of it.
    how : {"centre", "overlap"}
        ``"centre"``: the events that sound at the middle of the frame. Each
        frame then says what is true at one moment, and an edge is at most half
        a frame off to either side. ``"overlap"``: the events that touch the
        frame at all, which makes every event up to two frames longer.

    Returns
    -------
    np.ndarray of float32, shape=(n_frames, n_classes), 0 or 1
        An event so short that it lies between two middles, and a point, marks
        the frame it begins in: nothing is lost.

    Raises
    ------
    InputError
        If a label is none of the classes, or hop or n_frames is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> bark = pd.DataFrame({"onset": [0.07], "offset": [0.17], "label": ["dog"]})
    >>> targets(bark, classes=["dog"], n_frames=6, hop=0.04).ravel().tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]
    >>> targets(bark, classes=["dog"], n_frames=6, hop=0.04, how="overlap").ravel().tolist()
    [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    """
    checks.one_of(how, ("centre", "overlap"), name="how")
    hop, n_frames = checks.positive(hop, name="hop"), checks.whole(n_frames, name="n_frames")
    found = np.zeros((n_frames, len(classes)), np.float32)
    column_of = {label: column for column, label in enumerate(classes)}
    slip = 1e-6                                   # of a frame: 0.06 / 0.04 is a little less than 1.5 in floats
    for onset, offset, label in zip(events["onset"], events["offset"], events["label"], strict=True):
        checks.one_of(label, list(classes), name="a label")
        first, last = (onset - start) / hop, (offset - start) / hop
        if how == "centre":
            begin, end = np.ceil(first - 0.5 - slip), np.ceil(last - 0.5 - slip)
        else:
            begin, end = np.floor(first + slip), np.ceil(last - slip)
        if end <= begin:
            begin = np.floor(first + slip)
            end = begin + 1
        found[max(0, int(begin)):max(0, int(end)), column_of[label]] = 1
    return found


def merge_windows(
    scores: np.ndarray, starts: np.ndarray, *, hop: float, duration: float, how: str = "mean"
) -> np.ndarray:
    """Lay the frame scores of overlapping windows over each other: one row of scores for each frame of the recording.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_windows, n_frames, n_classes)
    starts : np.ndarray, shape=(n_windows,), seconds
        Where each window begins: whole frames apart.
    hop : float, seconds
        Length of a frame.
    duration : float, seconds
        Of the recording; what a padded window says beyond it is dropped.
    how : {"mean", "median"}
        How the opinions about one frame are joined.

    Returns
    -------
    np.ndarray, shape=(ceil(duration / hop), n_classes)
        0 for a frame that no window covers.

    Raises
    ------
    InputError
        If the scores are no stack of tables, or a window does not begin on a
        frame.

    Examples
    --------
    >>> scores = np.array([[[0.2], [0.4]], [[0.8], [1.0]]])
    >>> merge_windows(scores, np.array([0.0, 0.1]), hop=0.1, duration=0.3).ravel().tolist()
    [0.2, 0.6000000000000001, 1.0]
    """
    checks.one_of(how, ("mean", "median"), name="how")
    scores, starts = checks.finite(np.asarray(scores), name="scores"), np.asarray(starts, float)
    checks.same_length(scores=scores, starts=starts)
    hop, first = checks.positive(hop, name="hop"), np.round(starts / hop).astype(int)
    if scores.ndim != 3 or np.abs(first * hop - starts).max(initial=0) > 0.01 * hop:
        raise _fail("scores of shape (n_windows, n_frames, n_classes) from windows that begin on a frame",
                    f"shape {scores.shape}, a frame of {hop} s, starts {np.round(starts[:3], 4).tolist()} ...",
                    "Choose a window hop that is a whole number of frames")
    n_frames = int(np.ceil(duration / hop - 1e-6))
    depth = max((int(np.sum((first <= k) & (k < first + scores.shape[1]))) for k in np.unique(first)), default=0)
    opinions = np.full((max(depth, 1), n_frames, scores.shape[2]), np.nan)
    for window, begin in zip(scores, first, strict=True):
        rows = np.arange(begin, min(begin + len(window), n_frames))
        free = np.isnan(opinions[:, rows, 0]).argmax(axis=0)
        opinions[free, rows] = window[:len(rows)]
    covered = ~np.isnan(opinions[0, :, 0])
    merged = np.zeros((n_frames, scores.shape[2]), scores.dtype)
    merged[covered] = (np.nanmean if how == "mean" else np.nanmedian)(opinions[:, covered], axis=0)
    return merged


def hysteresis(scores: np.ndarray, *, high: float, low: float) -> np.ndarray:
    """Find the stretches that rise to one threshold, and follow them down to a lower one.

    A single threshold cuts an event in two wherever the score dips; two do
    not, and do not let through what never rises.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_frames,)
    high : float
        What the score must reach for an event to begin to exist.
    low : float
        The event lasts, to both sides, while the score stays at or above it.

    Returns
    -------
    np.ndarray of bool, shape=(n_frames,)

    Raises
    ------
    InputError
        If low is above high.

    Examples
    --------
    >>> hysteresis(np.array([0.1, 0.4, 0.8, 0.4, 0.1, 0.4, 0.1]), high=0.6, low=0.3).tolist()
    [False, True, True, True, False, False, False]
    """
    if not low <= high:
        raise _fail("low <= high", f"low {low}, high {high}", "An event begins at the high one and ends at the low one")
    active = np.asarray(scores) >= low
    for begin, end in runs(active):
        if not (np.asarray(scores)[begin:end] >= high).any():
            active[begin:end] = False
    return active


def runs(active: np.ndarray) -> np.ndarray:
    """List the stretches of True, those that touch either end included.

    Returns
    -------
    np.ndarray of int, shape=(n_runs, 2)
        First frame, and the frame after the last.

    Examples
    --------
    >>> runs(np.array([True, False, True, True])).tolist()
    [[0, 1], [2, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(active, bool).astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def from_scores(
    scores: np.ndarray, *, classes: Sequence[str], hop: float, clip_id: str = "", high: float | Mapping = 0.5,
    low: float | Mapping | None = None, median: int = 1, min_duration: float = 0.0, max_gap: float = 0.0,
    points: bool = False,
) -> pd.DataFrame:
    """Turn frame scores into events: smooth, threshold twice, close short gaps, drop short events.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_frames, n_classes), range 0 to 1
        Of one recording.
    classes : sequence of str
    hop : float, seconds
        Length of a frame.
    clip_id : str
        What the table calls the recording.
    high, low : float, or a dictionary from class to float
        The two thresholds of :func:`hysteresis`; ``low`` is ``high`` where it
        is not given, which is a single threshold.
    median : int, frames
        Length of the median filter, odd; 1 leaves the scores as they are. It
        removes whatever is shorter than half of it.
    min_duration : float, seconds
        Shorter events are dropped, those cut off by either end of the
        recording too.
    max_gap : float, seconds
        Events of one class this close are one event.
    points : bool
        Give each event as a point, where its score is highest: for labels that
        have onsets only.

    Returns
    -------
    pd.DataFrame with columns clip_id, onset, offset, label, score
        By onset; ``score`` is the highest of the event. An event still open at
        the end is closed there.

    Raises
    ------
    InputError
        If scores is not a table with one column a class, or a setting is out of
        its range.

    Examples
    --------
    >>> scores = np.array([[0.1], [0.9], [0.4], [0.1], [0.7]])
    >>> events = from_scores(scores, classes=["dog"], hop=0.1, high=0.6, low=0.3)
    >>> events[["onset", "offset", "score"]].to_numpy().tolist()
    [[0.1, 0.3, 0.9], [0.4, 0.5, 0.7]]
    """
    import pandas as pd

    scores = checks.scores(scores)
    if scores.shape[1] != len(classes):
        raise _fail("one column of scores for each class", f"{scores.shape[1]} columns, {len(classes)} classes",
                    "Give the classes in the order in which the model was trained")
    if checks.whole(median, name="median") % 2 == 0:
        raise _fail("an odd number of frames for the median", repr(median), "Take the next odd number")
    hop, rows = checks.positive(hop, name="hop"), []
    for column, label in enumerate(classes):
        smooth = median_filter(scores[:, column], median, mode="nearest") if median > 1 else scores[:, column]
        upper = high[label] if isinstance(high, Mapping) else high
        lower = upper if low is None else low[label] if isinstance(low, Mapping) else low
        found = _close(runs(hysteresis(smooth, high=upper, low=lower)), max_gap / hop)
        for begin, end in found:
            if (end - begin) * hop >= min_duration - 1e-9:
                best = begin + int(np.argmax(scores[begin:end, column]))
                edges = [(best + 0.5) * hop] * 2 if points else [begin * hop, end * hop]
                rows.append((clip_id, *(round(edge, 6) for edge in edges), label, float(scores[best, column])))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["onset", "offset", "label"], kind="stable", ignore_index=True)


def _close(found: np.ndarray, gap_frames: float) -> np.ndarray:
    """Join stretches that at most so many frames lie between."""
    if len(found) < 2:
        return found
    apart = found[1:, 0] - found[:-1, 1] > gap_frames + 1e-6
    return np.column_stack([found[np.r_[True, apart], 0], found[np.r_[apart, True], 1]])


def _fail(expected: str, got: str, way_out: str) -> checks.InputError:
    return checks.InputError(checks.explain(expected, got, way_out, section=checks.ARRAYS))
