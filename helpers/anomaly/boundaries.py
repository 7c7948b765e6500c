"""From scores to alarms: six ways to choose the threshold.

Everywhere in this package an alarm is a score above the threshold. The normal scores are
of recordings that nothing was learned from: on its own training data every
detector looks better than it is.
"""

import numpy as np

from helpers import checks
from helpers.metrics.anomalies import score_row

FEWEST_FITTED = 5
"""Scores to fit a gamma distribution to: with fewer, a rate of one in ten becomes more than one in five on average."""


def deviation_threshold(normal_scores: np.ndarray, *, n_deviations: float = 3.0) -> float:
    """Set the threshold so many standard deviations above the mean: quick, and right for scores like a bell curve.

    Parameters
    ----------
    normal_scores : np.ndarray, shape=(n,)
    n_deviations : float
        3 would let 0.1 % through if scores were normally distributed; errors
        of a network have a longer tail.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a score is not finite, or there are fewer than ``n_deviations ** 2 + 1``.

    Notes
    -----
    Of n numbers, none lies more than ``sqrt(n - 1)`` deviations above their mean
    (Samuelson, "How deviant can you be?", 1968). With fewer scores than are asked
    for here, none of them could reach the threshold, whatever they are.

    Examples
    --------
    >>> deviation_threshold(np.array([1.0, 1.0, 1.0, 1.0, 6.0]), n_deviations=2)
    6.0
    """
    scores = _normal(normal_scores)
    _enough(scores, int(np.ceil(max(0.0, n_deviations) ** 2 - 1e-9)) + 1, f"a threshold at {n_deviations:g} deviations")
    return float(scores.mean() + n_deviations * scores.std())


def quantile_threshold(normal_scores: np.ndarray, *, false_alarm_rate: float = 0.05) -> float:
    """Set the threshold by counting: so that at most this share of new normal scores lies above it.

    Parameters
    ----------
    normal_scores : np.ndarray, shape=(n,)
        At least ``1 / false_alarm_rate`` of them, less one.
    false_alarm_rate : float, above 0, below 1

    Returns
    -------
    float
        One of the scores.

    Raises
    ------
    InputError
        If there are too few scores for so small a rate, or one is not finite.

    Notes
    -----
    Split conformal prediction (Vovk, Gammerman and Shafer, "Algorithmic
    learning in a random world", 2005): with the score of rank
    ``ceil((n + 1) * (1 - rate))`` the rate holds on average over calibrations,
    whatever the distribution, as long as old and new scores are drawn alike.

    Examples
    --------
    >>> quantile_threshold(np.arange(19.0), false_alarm_rate=0.1)
    17.0
    """
    scores, rate = np.sort(_normal(normal_scores)), _rate(false_alarm_rate)
    rank = int(np.ceil((len(scores) + 1) * (1 - rate) - 1e-9))
    if rank > len(scores):
        _enough(scores, int(np.ceil(1 / rate - 1 - 1e-9)), f"a false-alarm rate of {rate:g}",
                way_out="Record more, allow more false alarms, or extend the tail with gamma_threshold")
    return float(scores[rank - 1])


def gamma_threshold(normal_scores: np.ndarray, *, false_alarm_rate: float = 0.05) -> float:
    """Set the threshold where a fitted gamma distribution has this share above it.

    A fitted curve goes on where the scores end, so that rates can be asked for
    that were never seen. Whether the tail is right, nobody knows; and few scores
    make a curve that lies too low far out, so that more alarms come than were
    allowed.

    Parameters
    ----------
    normal_scores : np.ndarray, shape=(n,), above 0
        Such as mean squared errors.
    false_alarm_rate : float, above 0, below 1
        0.1 in the DCASE baselines.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a score is not above 0, all are the same, or there are fewer than five.

    Notes
    -----
    The rule of the DCASE Task 2 baselines, here with the distribution's start at 0.
    """
    from scipy.stats import gamma

    scores, rate = _normal(normal_scores), _rate(false_alarm_rate)
    _enough(scores, FEWEST_FITTED, "a fitted gamma distribution")
    if scores.min() <= 0 or np.ptp(scores) <= 1e-12 * scores.max():
        raise checks.InputError(checks.explain(
            "normal scores above 0 that differ, for a gamma distribution",
            f"from {scores.min():g} to {scores.max():g}", "Take quantile_threshold instead", section=checks.ARRAYS))
    shape, start, scale = gamma.fit(scores, floc=0)
    return float(gamma.isf(rate, shape, loc=start, scale=scale))


def false_alarm_threshold(
    normal_scores: np.ndarray, *, per_day: float, scores_per_day: float, how: str = "quantile"
) -> float:
    """Set the threshold by how often somebody may be called for nothing.

    Parameters
    ----------
    normal_scores : np.ndarray, shape=(n,)
    per_day : float
        False alarms allowed in a day.
    scores_per_day : float
        Windows or clips that are scored in a day: 8640 for one each 10 s.
    how : {"quantile", "gamma"}
        Count, or extend a fitted tail; the second is often the only way, for
        one alarm a day is a very small rate.

    Returns
    -------
    float

    Raises
    ------
    InputError
        As :func:`quantile_threshold` and :func:`gamma_threshold`, or if more
        alarms are allowed than there are scores.

    Notes
    -----
    Takes each score for itself. Scores of neighbouring windows go together:
    then there are fewer alarms, each longer; :mod:`helpers.monitor` counts those.

    Examples
    --------
    >>> false_alarm_threshold(np.arange(1000.0), per_day=8.64, scores_per_day=8640)
    999.0
    """
    rules = {"quantile": quantile_threshold, "gamma": gamma_threshold}
    rule = rules[checks.one_of(how, tuple(rules), name="how")]
    rate = checks.positive(per_day, name="per_day") / checks.positive(scores_per_day, name="scores_per_day")
    return rule(normal_scores, false_alarm_rate=rate)


def cost_threshold(
    normal_scores: np.ndarray, anomalous_scores: np.ndarray, *, false_alarm_cost: float = 1.0, miss_cost: float = 10.0,
    anomaly_rate: float = 0.01,
) -> float:
    """Set the threshold where alarms for nothing and missed faults together cost least.

    Parameters
    ----------
    normal_scores, anomalous_scores : np.ndarray, shape=(n,)
        Of labelled validation recordings, never of the test.
    false_alarm_cost, miss_cost : float
        Of one, in the same money.
    anomaly_rate : float, above 0, below 1
        Share of anomalies in use; in a validation set there are far more.

    Returns
    -------
    float
        The highest where several cost the same: "never" and "always" are
        among the choices.

    Raises
    ------
    InputError
        If a score is not finite, a cost not above 0, or the rate out of range.

    Examples
    --------
    >>> cost_threshold(np.array([1.0, 2.0, 5.0]), np.array([4.0, 6.0]), miss_cost=1, anomaly_rate=0.5)
    3.0
    """
    candidates, false_alarms, recalls = _choices(normal_scores, anomalous_scores)
    costs = expected_cost(false_alarms, recalls, false_alarm_cost=false_alarm_cost, miss_cost=miss_cost,
                          anomaly_rate=anomaly_rate)
    return float(candidates[len(costs) - 1 - int(np.argmin(costs[::-1]))])


def f1_threshold(normal_scores: np.ndarray, anomalous_scores: np.ndarray) -> float:
    """Set the threshold where F1 is best on labelled validation recordings.

    F1 depends on how many anomalies there are among them: the threshold is
    right for that mix only.

    Parameters
    ----------
    normal_scores, anomalous_scores : np.ndarray, shape=(n,)

    Returns
    -------
    float
        The highest where several are equally good.

    Raises
    ------
    InputError
        If a score is not finite, or there is none of one kind.

    Examples
    --------
    >>> f1_threshold(np.array([1.0, 2.0, 3.0]), np.array([4.0, 6.0]))
    3.5
    """
    candidates, false_alarms, recalls = _choices(normal_scores, anomalous_scores)
    n_normal, n_anomalous = len(normal_scores), len(anomalous_scores)
    f1 = 2 * recalls * n_anomalous / (recalls * n_anomalous + false_alarms * n_normal + n_anomalous)
    return float(candidates[len(f1) - 1 - int(np.argmax(f1[::-1]))])


def expected_cost(
    false_alarms: np.ndarray, recalls: np.ndarray, *, false_alarm_cost: float, miss_cost: float, anomaly_rate: float
) -> np.ndarray:
    """Cost of one recording in use, on average.

    Parameters
    ----------
    false_alarms, recalls : float or np.ndarray, range 0 to 1
        Share of normal recordings with an alarm, share of anomalies found.
    false_alarm_cost, miss_cost, anomaly_rate : float
        As in :func:`cost_threshold`.

    Returns
    -------
    float or np.ndarray

    Raises
    ------
    InputError
        If a cost is not above 0, or the rate not between 0 and 1.

    Examples
    --------
    >>> expected_cost(0.5, 0.5, false_alarm_cost=1, miss_cost=3, anomaly_rate=0.5)
    1.0
    """
    prior = _rate(anomaly_rate, name="anomaly_rate")
    return ((1 - prior) * false_alarms * checks.positive(false_alarm_cost, name="false_alarm_cost")
            + prior * (1 - recalls) * checks.positive(miss_cost, name="miss_cost"))


def _normal(scores: np.ndarray) -> np.ndarray:
    return score_row(scores, name="normal_scores")


def _enough(scores: np.ndarray, needed: int, what: str, *, way_out: str = "Record more of the normal machine") -> None:
    if len(scores) < needed:
        raise checks.fail(f"at least {needed} normal scores for {what}", str(len(scores)), way_out)


def _rate(rate: float, *, name: str = "false_alarm_rate") -> float:
    if not 0 < checks.positive(rate, name=name) < 1:
        raise checks.InputError(checks.explain(f"{name} above 0 and below 1", repr(rate), "0.05 is one in twenty",
                                               section=checks.ARRAYS))
    return rate


def _choices(normal_scores: np.ndarray, anomalous_scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every threshold that makes a difference, from always to never, with its false-alarm rate and recall."""
    normal, anomalous = np.sort(_normal(normal_scores)), np.sort(score_row(anomalous_scores, name="anomalous_scores"))
    found = np.unique(np.concatenate([normal, anomalous]))
    candidates = np.concatenate([[np.nextafter(found[0], -np.inf)], (found[:-1] + found[1:]) / 2, found[-1:]])
    above = [1 - np.searchsorted(scores, candidates, side="right") / len(scores) for scores in (normal, anomalous)]
    return candidates, *above
