"""What a threshold leads to: on test recordings, on another machine, and with faults among the training recordings."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.anomaly.boundaries import expected_cost, quantile_threshold
from helpers.metrics.anomalies import score_row, share_interval

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["name", "threshold", "false_alarm_rate", "false_alarm_low", "false_alarm_high", "recall", "recall_low",
           "recall_high", "expected_cost"]


def outcomes(
    thresholds: Mapping[str, float], *, normal_scores: np.ndarray, anomalous_scores: np.ndarray,
    false_alarm_cost: float = 1.0, miss_cost: float = 10.0, anomaly_rate: float = 0.01, confidence: float = 0.95,
) -> "pd.DataFrame":
    """Say what each threshold leads to on test recordings.

    Parameters
    ----------
    thresholds : dict, name to number
    normal_scores, anomalous_scores : np.ndarray, shape=(n,)
        Of recordings that neither the detector nor a threshold has seen.
    false_alarm_cost, miss_cost, anomaly_rate : float
        As in :func:`cost_threshold`.
    confidence : float, range 0 to 1
        Of the intervals, as :func:`helpers.metrics.share_interval` gives them.

    Returns
    -------
    pd.DataFrame
        One row a threshold: ``name``, ``threshold``, ``false_alarm_rate``,
        ``false_alarm_low``, ``false_alarm_high``, ``recall``, ``recall_low``,
        ``recall_high``, and ``expected_cost`` of one recording in use.

    Raises
    ------
    InputError
        If there is no threshold, or a number is not finite.

    Examples
    --------
    >>> normal, anomalous = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.5, 8.0])
    >>> table = outcomes({"three": 3.0}, normal_scores=normal, anomalous_scores=anomalous)
    >>> table[["false_alarm_rate", "recall"]].to_numpy().tolist()
    [[0.25, 1.0]]
    """
    import pandas as pd

    if not thresholds:
        raise checks.InputError(checks.explain("a dictionary {name: threshold} with at least one entry", "an empty one",
                                               "Compute one first, such as quantile_threshold", section=checks.ARRAYS))
    kinds = score_row(normal_scores, name="normal_scores"), score_row(anomalous_scores, name="anomalous_scores")
    rows = []
    for name, threshold in thresholds.items():
        counts = [(int((scores > threshold).sum()), len(scores)) for scores in kinds]
        shares = [value for count, n in counts
                  for value in (count / n, *share_interval(count, n, confidence=confidence))]
        cost = expected_cost(shares[0], shares[3], false_alarm_cost=false_alarm_cost, miss_cost=miss_cost,
                             anomaly_rate=anomaly_rate)
        rows.append((name, float(threshold), *shares, float(cost)))
    return pd.DataFrame(rows, columns=COLUMNS)


def calibration_transfer(
    calibration: Mapping[str, np.ndarray], test: Mapping[str, np.ndarray], *,
    rule: Callable[[np.ndarray], float] = quantile_threshold,
) -> "pd.DataFrame":
    """Set the threshold on one machine, use it on another: how many false alarms?

    Parameters
    ----------
    calibration, test : dict, unit to np.ndarray of shape (n,)
        Scores of normal recordings of each unit: some to set the threshold
        with, others to count on.
    rule : callable
        Normal scores to threshold; :func:`quantile_threshold` if left out.

    Returns
    -------
    pd.DataFrame with columns calibrated_on, used_on, threshold, false_alarm_rate, low, high
        Every pair of units, with the 95 % interval of the rate.

    Raises
    ------
    InputError
        If a score is not finite, a unit has none, or the rule refuses one.
    """
    import pandas as pd

    thresholds = {unit: float(rule(score_row(scores))) for unit, scores in calibration.items()}
    rows = []
    for unit, threshold in thresholds.items():
        for other, scores in test.items():
            count, n = int((score_row(scores) > threshold).sum()), len(scores)
            rows.append((unit, other, threshold, count / n, *share_interval(count, n)))
    return pd.DataFrame(rows, columns=["calibrated_on", "used_on", "threshold", "false_alarm_rate", "low", "high"])


def contaminate(
    normal: np.ndarray, anomalous: np.ndarray, *, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put anomalies among the training data: what happens when nobody had noticed the fault?

    Parameters
    ----------
    normal : np.ndarray, shape=(n, ...)
        Training items: windows, whole clips, or their row numbers.
    anomalous : np.ndarray, shape=(m, ...)
        Items of the same shape; those that are used may not be tested on.
    share : float, range 0 to 1
        Of the result.
    rng : np.random.Generator
        Chooses which normal items give way to which anomalies.

    Returns
    -------
    items : np.ndarray, shape=(n, ...)
        As many as before, in the order of ``normal``.
    used : np.ndarray of int, shape=(round(share * n),)
        Which rows of ``anomalous`` are among them.

    Raises
    ------
    InputError
        If shapes differ, the share is out of range, or there are too few anomalies.

    Examples
    --------
    >>> items, used = contaminate(np.zeros(10), np.ones(4), share=0.2, rng=np.random.default_rng(0))
    >>> float(items.sum()), len(used)
    (2.0, 2)
    """
    normal, anomalous = np.asarray(normal), np.asarray(anomalous)
    if not 0 <= share <= 1:
        raise checks.InputError(checks.explain("a share between 0 and 1", repr(share), "0.02 is one in fifty",
                                               section=checks.ARRAYS))
    n_used = round(share * len(normal))
    if normal.shape[1:] != anomalous.shape[1:] or n_used > len(anomalous):
        raise checks.InputError(checks.explain(
            f"at least {n_used} anomalies of shape {normal.shape[1:]}", f"shape {anomalous.shape}",
            "Take a smaller share, or compute both with the same settings", section=checks.ARRAYS))
    items = normal.copy()
    places, used = rng.permutation(len(normal))[:n_used], rng.permutation(len(anomalous))[:n_used]
    items[places] = anomalous[used]
    return items, used
