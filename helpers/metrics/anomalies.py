"""How well a score tells faulty from normal, whatever the threshold; and how far to trust a share."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics import tables

NORMAL = "normal"
"""The label of what is as it should be; every other label is an anomaly."""


def score_row(scores: np.ndarray, *, name: str = "scores") -> np.ndarray:
    """Return one score for each item as floats, or say what is wrong with them.

    Returns
    -------
    np.ndarray of float64, shape=(n,)

    Raises
    ------
    InputError
        If they are no row of at least one number, or hold NaN or infinity.
    """
    scores = np.asarray(scores)
    if scores.ndim != 1 or scores.size == 0 or scores.dtype.kind not in "iufb":
        raise tables.fail(f"{name} as a row of at least one number, shape (n,)", way_out="Give one for each item",
                          got=f"shape {scores.shape} of {scores.dtype}")
    return checks.finite(scores.astype(float), name=name)


def auc(is_anomaly: Sequence, scores: np.ndarray) -> float:
    """Measure how often an anomaly has a higher score than something normal.

    1 is perfect, 0.5 is guessing. No threshold is needed, and the share of
    anomalies does not matter.

    Parameters
    ----------
    is_anomaly : sequence, shape=(n,)
        True or 1 for an anomaly, False or 0 for normal; or labels, of which
        "normal" is normal and every other one is not.
    scores : np.ndarray, shape=(n,)
        High for what is strange.

    Returns
    -------
    float, range 0 to 1
        The area under the ROC curve. Equal scores count half.

    Raises
    ------
    InputError
        If lengths differ, only one kind is there, or a score is not finite.

    Notes
    -----
    The Mann-Whitney statistic divided by the number of pairs: Hanley and
    McNeil, "The meaning and use of the area under a ROC curve", Radiology
    143(1), 1982.

    Examples
    --------
    >>> auc([0, 0, 1, 1], np.array([0.1, 0.4, 0.3, 0.9]))
    0.75
    """
    from scipy.stats import rankdata

    truth, scores = _two_kinds(is_anomaly, scores)
    n_anomalies = int(truth.sum())
    above = rankdata(scores)[truth].sum() - n_anomalies * (n_anomalies + 1) / 2
    return float(above / (n_anomalies * (len(truth) - n_anomalies)))


def roc_curve(is_anomaly: Sequence, scores: np.ndarray) -> pd.DataFrame:
    """Go through all thresholds: which share of the normal raises an alarm, which share of the anomalies is found.

    Parameters
    ----------
    is_anomaly, scores
        As in :func:`auc`.

    Returns
    -------
    pd.DataFrame with columns threshold, false_alarm_rate, recall
        From no alarm at all (threshold infinite) to alarm always; scores at or
        above the threshold are alarms here.

    Raises
    ------
    InputError
        As in :func:`auc`.
    """
    truth, scores = _two_kinds(is_anomaly, scores)
    order = np.argsort(-scores, kind="stable")
    scores, truth = scores[order], truth[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)   # of each run of equal scores
    found = np.cumsum(truth)[last]
    recall = np.append(0, found / truth.sum())
    false_alarm_rate = np.append(0, (last + 1 - found) / (~truth).sum())
    return pd.DataFrame({"threshold": np.append(np.inf, scores[last]), "false_alarm_rate": false_alarm_rate,
                         "recall": recall})


def partial_auc(is_anomaly: Sequence, scores: np.ndarray, *, max_fpr: float = 0.1) -> float:
    """Measure the ROC curve where few false alarms are allowed: the part that a factory can use.

    Parameters
    ----------
    is_anomaly, scores
        As in :func:`auc`.
    max_fpr : float, above 0, at most 1
        The highest false-alarm rate that counts. 0.1 as in DCASE Task 2.

    Returns
    -------
    float, range 0 to 1
        The area up to ``max_fpr``, stretched: 1 is perfect, 0.5 is guessing.

    Raises
    ------
    InputError
        As in :func:`auc`, or if ``max_fpr`` is out of its range.

    Notes
    -----
    McClish, "Analyzing a portion of the ROC curve", Medical Decision Making
    9(3), 1989; equal to scikit-learn's, with which DCASE baselines are measured.

    Examples
    --------
    >>> partial_auc([0, 0, 1, 1], np.array([0.1, 0.2, 0.3, 0.9]))
    1.0
    """
    if checks.positive(max_fpr, name="max_fpr") > 1:
        raise tables.fail("max_fpr of at most 1", got=repr(max_fpr), way_out="0.1 is usual")
    curve = roc_curve(is_anomaly, scores)
    rates, recalls = curve["false_alarm_rate"].to_numpy(), curve["recall"].to_numpy()
    inside = int(np.searchsorted(rates, max_fpr, side="right"))
    edge = np.interp(max_fpr, rates[inside - 1: inside + 1], recalls[inside - 1: inside + 1])
    area = np.trapezoid(np.append(recalls[:inside], edge), np.append(rates[:inside], max_fpr))
    guessing = max_fpr**2 / 2
    return float((1 + (area - guessing) / (max_fpr - guessing)) / 2)


def auc_by_unit(
    clips: pd.DataFrame, scores: np.ndarray, *, by: Sequence[str] = ("machine", "unit", "domain"),
    max_fpr: float = 0.1,
) -> pd.DataFrame:
    """Measure each machine by itself: scores of different units can rarely be compared.

    Parameters
    ----------
    clips : pd.DataFrame with the column label and those of ``by``
        One row a test clip, as ``datasets.load_machines(...).clips``.
    scores : np.ndarray, shape=(n_clips,)
    by : sequence of str
        Columns that tell which clips are compared with each other.
    max_fpr : float
        As in :func:`partial_auc`.

    Returns
    -------
    pd.DataFrame
        The columns ``by``, ``n_normal``, ``n_anomalous``, ``auc`` and
        ``partial_auc``: one row a group, in the order in which groups appear;
        NaN where a group has only normal clips or only anomalies.

    Raises
    ------
    InputError
        If a column is missing, lengths differ, or a score is not finite.
    """
    by = [by] if isinstance(by, str) else list(by)
    missing = [column for column in ("label", *by) if column not in getattr(clips, "columns", ())]
    if missing or not by:
        raise tables.fail(f"a table with the columns {', '.join(('label', *by))}", got=f"no {', no '.join(missing)}",
                          way_out="Give the clip table of the test clips, and at least one column to group by")
    scores = score_row(scores)
    checks.same_length(clips=clips, scores=scores)
    truth, rows = is_anomalous(clips["label"]), []
    for group, members in clips.reset_index(drop=True).groupby(by, sort=False):
        places = members.index.to_numpy()
        own, n_anomalous = truth[places], int(truth[places].sum())
        judged = 0 < n_anomalous < len(own)
        rows.append((*group, len(own) - n_anomalous, n_anomalous,
                     auc(own, scores[places]) if judged else np.nan,
                     partial_auc(own, scores[places], max_fpr=max_fpr) if judged else np.nan))
    return pd.DataFrame(rows, columns=[*by, "n_normal", "n_anomalous", "auc", "partial_auc"])


def harmonic_mean(values: Sequence[float]) -> float:
    """Average so that one bad value counts: the way DCASE Task 2 joins machines since 2021.

    Parameters
    ----------
    values : sequence of float, 0 or more

    Returns
    -------
    float, 0 if one value is 0

    Raises
    ------
    InputError
        If there is no value, or one is negative or not finite.

    Examples
    --------
    >>> round(harmonic_mean([0.9, 0.3]), 2)
    0.45
    """
    values = score_row(values, name="values")
    if values.min() < 0:
        raise tables.fail("values of 0 or more", got=f"{values.min():g}", way_out="It is meant for rates and areas")
    return float(len(values) / np.sum(1 / values)) if values.min() > 0 else 0.0


def share_interval(count: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Say between which shares the true one lies, when ``count`` of ``n`` were counted.

    Parameters
    ----------
    count, n : int
        For instance 3 false alarms among 60 normal clips.
    confidence : float, range 0 to 1

    Returns
    -------
    low, high : float, range 0 to 1
        NaN for both where n is 0. It holds for independent clips; overlapping
        windows of one recording are not.

    Raises
    ------
    InputError
        If not 0 <= count <= n, or the confidence is not between 0 and 1.

    Notes
    -----
    Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> [round(edge, 3) for edge in share_interval(3, 60)]
    [0.017, 0.137]
    """
    from scipy.stats import norm

    if not 0 <= count <= n or count != int(count) or n != int(n):
        raise tables.fail("a count between 0 and n, both whole", got=f"{count} of {n}", way_out="Count, do not average")
    if not 0 < confidence < 1:
        raise tables.fail("a confidence between 0 and 1", got=repr(confidence), way_out="0.95 is usual")
    if n == 0:
        return np.nan, np.nan
    z, share = float(norm.ppf((1 + confidence) / 2)), count / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return (0.0 if count == 0 else float(middle - half)), (1.0 if count == n else float(middle + half))


def is_anomalous(labels: Sequence) -> np.ndarray:
    """Turn labels, or 0 and 1, into True for an anomaly: everything that is not called "normal".

    Returns
    -------
    np.ndarray of bool, shape=(n,)

    Raises
    ------
    InputError
        If they are numbers other than 0 and 1.

    Examples
    --------
    >>> is_anomalous(["normal", "anomaly"]).tolist(), is_anomalous([0, 1]).tolist()
    ([False, True], [False, True])
    """
    labels = np.asarray(list(labels))
    if labels.dtype.kind == "b":
        return labels
    if labels.dtype.kind in "iuf":
        if not np.isin(labels, (0, 1)).all():
            raise tables.fail("for each item 1 for an anomaly or 0 for normal", got=f"{np.unique(labels)[:5]}",
                              way_out="Compare first: table.label != 'normal'")
        return labels == 1
    return labels.astype(str) != NORMAL


def _two_kinds(is_anomaly: Sequence, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scores, truth = score_row(scores), is_anomalous(is_anomaly)
    checks.same_length(is_anomaly=truth, scores=scores)
    if truth.all() or not truth.any():
        raise tables.fail("normal items and anomalies, at least one of each",
                          got=f"{int(truth.sum())} anomalies among {len(truth)}",
                          way_out="Nothing can be told apart with one kind alone")
    return truth, scores
