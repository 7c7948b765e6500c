"""Event-based scores: was each event found, under its name and at its time?

After Mesaros, Heittola and Virtanen, "Metrics for polyphonic sound event
detection", Applied Sciences 6(6), 2016. The numbers are those of their sed_eval
(matching "optimal", empty output "zero_score"), and the tests hold them to it.

All these scores judge one choice of threshold, and a collar. PSDS, the
polyphonic sound detection score (Bilen, Ferroni, Tuveri, Azcarreta and
Krstulović, "A framework for the robust evaluation of sound event detection",
ICASSP 2020), does without both. A detection counts when enough of it overlaps
with events, an event when enough of it is covered, so one event may be found in
pieces. Detections on another class count extra, as cross-triggers. The score is
the area under the curve of events found against false alarms per hour, over all
thresholds. It is not computed here, as no library that computes it fits:
psds_eval fails with today's NumPy and pandas, and sed_scores_eval needs a
compiler and an older pandas. :func:`event_precision_recall` shows the same
trade by collars.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics import matching, tables


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide; NaN for a share of nothing."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def shares(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Turn counts, shape=(3, n) for n_true, n_detected and hits, into precision, recall and F1."""
    n_true, n_detected, hits = counts
    return {"precision": ratio(hits, n_detected), "recall": ratio(hits, n_true),
            "f1": ratio(2 * hits, np.where(n_true > 0, n_true + n_detected, 0))}


def score_table(counts: np.ndarray, *, classes: Sequence[str], n_substitutions: int) -> pd.DataFrame:
    """Turn counts by class, shape=(3, n_classes), into the table that :func:`event_scores` describes."""
    counts = np.column_stack([counts, counts.sum(axis=1)])
    n_true, n_detected, hits = counts
    swapped = np.array([0] * len(classes) + [n_substitutions])
    whole = {"n_true": n_true, "n_detected": n_detected, "hits": hits, "deletions": n_true - hits - swapped,
             "insertions": n_detected - hits - swapped, "substitutions": swapped}
    errors = whole["deletions"] + whole["insertions"] + swapped
    rates = shares(counts) | {"error_rate": ratio(errors, n_true)}
    return pd.DataFrame(
        {name: pd.array([*column.tolist(), None], "Int64") for name, column in whole.items()}
        | {name: [*column, pd.Series(column[:-1]).mean()] for name, column in rates.items()},
        index=pd.Index([*classes, "all", "mean"], dtype=object, name="label"))


def event_scores(
    events: pd.DataFrame, detected: pd.DataFrame, *, classes: Sequence[str], collar: float = 0.2,
    offset_ratio: float = 0.2, use_offset: bool = True, clips: Sequence | None = None
) -> pd.DataFrame:
    """Score detected events class by class, and over all.

    The error rate is the word error rate of speech recognition: how many
    corrections turn what was detected into what was there, a share of the
    number of events. To correct is to add what was missed (deletions), to
    strike out what was not there (insertions), or to rename (substitutions).
    It may exceed 1: a detector that says nothing has exactly 1.

    Parameters
    ----------
    events, detected : pd.DataFrame with columns clip_id, onset, offset, label
        What there was, and what was found. Times in seconds.
    classes : sequence of str
        A class without events keeps its row.
    collar, offset_ratio, use_offset
        What counts as the same event, as in :func:`match_events`.
    clips : sequence, optional
        Only these clips count, such as those of the test fold; all, if left out.

    Returns
    -------
    pd.DataFrame
        Columns n_true, n_detected, hits, deletions (missed), insertions
        (false alarms), substitutions, precision, recall, f1, error_rate. One
        row a class, then "all", over all events alike (micro average), and
        "mean", the mean of the classes that have a number (macro average;
        frequent classes weigh no more than rare ones). Only "all" has
        substitutions: for its own class, a wrong name is a miss.

    Raises
    ------
    InputError
        If a table lacks a column, holds times that are none or a label that is
        not among the classes, or the collar or the ratio is negative.

    Notes
    -----
    Nothing to find: recall, f1 and error rate are NaN, as a share of nothing.
    Nothing detected: precision is NaN; where there was something to find, f1
    is 0, so that a class that is never detected lowers the mean.

    Examples
    --------
    >>> events = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 4.0, "rain")], columns=tables.COLUMNS)
    >>> detected = pd.DataFrame([("a", 1.1, 1.5, "dog"), ("a", 3.0, 4.0, "dog")], columns=tables.COLUMNS)
    >>> scores = event_scores(events, detected, classes=["dog", "rain"])
    >>> scores[["hits", "deletions", "insertions", "substitutions", "f1"]].loc["all"].tolist()
    [1.0, 0.0, 0.0, 1.0, 0.5]
    """
    within = tables.tolerance(collar, offset_ratio, use_offset=use_offset)
    truth = tables.tidy(events, name="events", classes=classes)
    found = tables.tidy(detected, name="detected", classes=classes)
    if clips is not None:
        truth, found = (table[table["clip_id"].isin(list(clips))].reset_index(drop=True) for table in (truth, found))
    there, heard = truth["label"].to_numpy(), found["label"].to_numpy()
    hit = there[matching.pairs(truth, found, within=within)[0]]
    counts = np.array([[np.count_nonzero(labels == label) for label in classes] for labels in (there, heard, hit)])
    return score_table(counts, classes=classes, n_substitutions=matching.substitutions(truth, found, within=within))


def event_f1(
    events: pd.DataFrame, detected: pd.DataFrame, *, classes: Sequence[str], collar: float = 0.2,
    offset_ratio: float = 0.2, use_offset: bool = True, clips: Sequence | None = None
) -> float:
    """Say how well events were detected, in one number: F1 over all events.

    Parameters
    ----------
    events, detected, classes, collar, offset_ratio, use_offset, clips
        As in :func:`event_scores`.

    Returns
    -------
    float, range 0 to 1
        NaN where there was nothing to find: count false alarms instead.

    Raises
    ------
    InputError
        As in :func:`event_scores`.

    Examples
    --------
    >>> events = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 3.5, "dog")], columns=tables.COLUMNS)
    >>> event_f1(events, events.head(1), classes=["dog"])
    0.6666666666666666
    """
    scores = event_scores(events, detected, classes=classes, collar=collar, offset_ratio=offset_ratio,
                          use_offset=use_offset, clips=clips)
    return float(scores.loc["all", "f1"])


def event_precision_recall(
    events: pd.DataFrame, decode: Callable[[float], pd.DataFrame], *, thresholds: Sequence[float],
    classes: Sequence[str], duration: float | None = None, collar: float = 0.2, offset_ratio: float = 0.2,
    use_offset: bool = True
) -> pd.DataFrame:
    """Follow precision and recall over all thresholds, to choose one.

    A detector's scores become events by more than a threshold (smoothing,
    shortest length), so the way from threshold to events is a function here.

    Parameters
    ----------
    events : pd.DataFrame with columns clip_id, onset, offset, label
    decode : function of one number
        Takes a threshold and returns the table of what is detected with it.
    thresholds : sequence of float
    classes : sequence of str
    duration : float, seconds, optional
        Length of all recordings together, for the false alarms per hour.
    collar, offset_ratio, use_offset
        What counts as the same event, as in :func:`match_events`.

    Returns
    -------
    pd.DataFrame with columns threshold, precision, recall, f1[, false_alarms_per_hour]
        One row a threshold, in the order given, over all events alike. NaN as
        in :func:`event_scores`.

    Raises
    ------
    InputError
        If there is no threshold, the duration is not above 0, or
        :func:`event_scores` refuses a table.

    Examples
    --------
    >>> events = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 3.5, "dog")], columns=tables.COLUMNS)
    >>> heard = events.assign(score=[0.9, 0.4])
    >>> event_precision_recall(events, lambda threshold: heard[heard["score"] >= threshold],
    ...                        thresholds=[0.3, 0.7], classes=["dog"])["recall"].tolist()
    [1.0, 0.5]
    """
    within = tables.tolerance(collar, offset_ratio, use_offset=use_offset)
    hours = None if duration is None else checks.positive(duration, name="duration") / 3600
    truth, rows = tables.tidy(events, name="events", classes=classes), []
    if len(thresholds) == 0:
        raise tables.fail("at least one threshold", got="none", way_out="np.linspace(0.1, 0.9, 9) is a start")
    for threshold in thresholds:
        found = tables.tidy(decode(threshold), name=f"decode({threshold:g})", classes=classes)
        rows.append((len(truth), len(found), len(matching.pairs(truth, found, within=within)[0])))
    counts = np.array(rows).T
    table = pd.DataFrame({"threshold": np.asarray(thresholds, float), **shares(counts)})
    return table if hours is None else table.assign(false_alarms_per_hour=(counts[1] - counts[2]) / hours)


def agreement(
    first: pd.DataFrame, second: pd.DataFrame, *, collar: float = 0.2, offset_ratio: float = 0.2,
    use_offset: bool = True
) -> float:
    """Say how far two people agree on what is to be heard: an F1 that takes neither for the truth.

    No detector can be expected to agree with an annotator more than a second
    annotator does.

    Parameters
    ----------
    first, second : pd.DataFrame with columns clip_id, onset, offset, label
        The same recordings, labelled by two people.
    collar, offset_ratio, use_offset
        What counts as the same event, as in :func:`match_events`.

    Returns
    -------
    float, range 0 to 1
        The share of all their events on which they agree; NaN if there is
        none. Each in turn lends the lengths for the offset tolerance, and the
        mean of both is taken, so it does not matter who comes first.

    Raises
    ------
    InputError
        As in :func:`match_events`.

    Examples
    --------
    >>> first = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 3.5, "dog")], columns=tables.COLUMNS)
    >>> agreement(first, first.assign(label=["dog", "fox"]))
    0.5
    """
    within = tables.tolerance(collar, offset_ratio, use_offset=use_offset)
    first, second = tables.tidy(first, name="first"), tables.tidy(second, name="second")
    if len(first) + len(second) == 0:
        return np.nan
    matched = [len(matching.pairs(*both, within=within)[0]) for both in ((first, second), (second, first))]
    return sum(matched) / (len(first) + len(second))
