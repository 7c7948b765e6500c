"""Watch a number that should stay as it was: drift, strange input, a machine that wears out.

The number is a detector's score of each window, the distance of an embedding
from what a classifier was trained on, or anything that is counted. A monitor
knows a stretch in which all was well, follows a statistic, and calls when it
leaves the limit, which follows from how often it may call for nothing.
"""

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from helpers import checks
from helpers.metrics.anomalies import score_row

STATISTICS = ("mean", "ewma", "cusum", "ranks")
SIDES = {"above": (1,), "below": (-1,), "both": (1, -1)}
MOST_STEPS = 2_000_000    # of the rehearsal in which the limit is found
REHEARSED = 10            # false alarms that are expected in it
DRIFT = 0.5               # deviations: the cumulative sum is made for changes of twice that


class Reading(NamedTuple):
    """What a monitor says to one more number."""

    statistic: float
    alarm: bool


class Monitor:
    """Follow a number and call when it leaves what was usual.

    Parameters
    ----------
    reference : np.ndarray, shape=(n,)
        The number while all was well, in order of time, and on nothing that a
        detector was trained on: there it looks too good.
    windows_per_day : float
        How many numbers come in a day: 172800 at one each half second.
    false_alarms_per_day : float
        How often it may call for nothing.
    statistic : {"mean", "ewma", "cusum", "ranks"}
        Of deviations from the reference, in its standard deviations. ``mean``
        of the last ``window``; ``ewma``, a mean that forgets slowly; ``cusum``
        adds up what lies more than half a deviation off, and finds small
        changes that stay; ``ranks``, the two-sample test of Mann and Whitney
        of the last ``window`` against the reference, which a single wild value
        cannot move.
    window : int
        Numbers it looks back on: more finds smaller changes, later.
    side : {"above", "below", "both"}
        Which way a change counts: scores rise, a count may fall too.
    block : int, optional
        Length of the pieces of the reference that it rehearses on: neighbours
        stay together within a piece. ``2 * window`` if left out.
    seed : int
        Of the rehearsal.

    Attributes
    ----------
    limit : float
        An alarm is a statistic above it.

    Raises
    ------
    InputError
        If the reference has fewer than two numbers or one is not finite, a
        name is unknown, or so few alarms are allowed that it takes too long.

    Notes
    -----
    EWMA: Roberts, "Control chart tests based on geometric moving averages",
    Technometrics 1(3), 1959; CUSUM: Page, "Continuous inspection schemes",
    Biometrika 41, 1954; pieces: Kunsch, "The jackknife and the bootstrap for
    general stationary observations", Annals of Statistics 17(3), 1989. The
    rehearsal joins such pieces at random into a long stream without any change,
    and the limit is where it would have called as often as allowed. What the
    reference never held (night, rain, Sunday) will call.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> watch = Monitor(rng.normal(0, 1, 500), windows_per_day=1000)
    >>> watch.watch(rng.normal(0, 1, 300))[1].any(), watch.watch(rng.normal(3, 1, 30))[1].any()
    (np.False_, np.True_)
    """

    def __init__(
        self, reference: np.ndarray, *, windows_per_day: float, false_alarms_per_day: float = 1.0,
        statistic: str = "mean", window: int = 20, side: str = "above", block: int | None = None, seed: int = 0,
    ) -> None:
        reference = score_row(reference, name="the reference")
        if len(reference) < 2:
            raise checks.fail("a reference of at least two numbers", "one", "Record a longer stretch")
        self.statistic = checks.one_of(statistic, STATISTICS, name="statistic")
        self.window, self.side = checks.whole(window, name="window"), checks.one_of(side, tuple(SIDES), name="side")
        block = min(checks.whole(block or 2 * window, name="block"), len(reference))
        self._sorted = np.sort(reference)
        self._mean, self._scale = float(reference.mean()), float(reference.std())
        if np.ptp(reference) == 0:                            # a number that never changed: any change counts
            self._scale = 1.0
        interval = (checks.positive(windows_per_day, name="windows_per_day")
                    / checks.positive(false_alarms_per_day, name="false_alarms_per_day"))
        self.limit = self._rehearse(reference, interval, block=block, rng=np.random.default_rng(seed))
        self.reset()

    def reset(self) -> None:
        """Forget what came: as if all had been usual so far."""
        self._state = {sign: ([0.0] * (self.window - 1) if self.statistic in ("mean", "ranks") else 0.0)
                       for sign in SIDES[self.side]}

    def push(self, number: float) -> Reading:
        """Take in the next number.

        Raises
        ------
        InputError
            If it is not finite; nothing is changed then.
        """
        statistics, alarms = self.watch(np.array([number]))
        return Reading(float(statistics[0]), bool(alarms[0]))

    def watch(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take in the next stretch of numbers: the same as one by one.

        Parameters
        ----------
        numbers : np.ndarray, shape=(n,)

        Returns
        -------
        statistics : np.ndarray of float64, shape=(n,)
        alarms : np.ndarray of bool, shape=(n,)
            Where the statistic lies above the limit.

        Raises
        ------
        InputError
            If there is none or one is not finite; nothing is changed then.
        """
        statistics, self._state = self._follow(score_row(numbers, name="numbers"), self._state)
        return statistics, statistics > self.limit

    def _follow(self, numbers: np.ndarray, state: dict) -> tuple[np.ndarray, dict]:
        """Statistics of a stretch, and the state after it."""
        deviations, found, after = self._deviations(numbers), [], {}
        for sign in SIDES[self.side]:
            if self.statistic in ("mean", "ranks"):
                values, after[sign] = _sliding(sign * deviations, state[sign], self.window)
            elif self.statistic == "ewma":
                values, after[sign] = _forgetting(sign * deviations, state[sign], self.window)
            else:
                values, after[sign] = _adding(sign * deviations, state[sign])
            found.append(values)
        return np.max(found, axis=0), after

    def _deviations(self, numbers: np.ndarray) -> np.ndarray:
        if self.statistic != "ranks":
            return (numbers - self._mean) / self._scale
        below, upto = (np.searchsorted(self._sorted, numbers, side=side) for side in ("left", "right"))
        return (below + upto) / len(self._sorted) - 1         # -1 below all of the reference, 1 above all

    def _rehearse(self, reference: np.ndarray, interval: float, *, block: int, rng: np.random.Generator) -> float:
        """Find the limit that a long stream without any change passes once in ``interval`` numbers."""
        n_steps = max(int(np.ceil(REHEARSED * interval)), 10 * self.window)
        if n_steps > MOST_STEPS:
            raise checks.fail(f"at most {MOST_STEPS // REHEARSED} numbers between two false alarms", f"{interval:.0f}",
                              "Allow more false alarms a day, or average numbers first so that fewer come")
        starts = rng.integers(len(reference) - block + 1, size=-(-n_steps // block))
        stream = reference[(starts[:, np.newaxis] + np.arange(block)).ravel()][:n_steps]
        self.reset()
        statistics, _ = self._follow(stream, self._state)
        allowed, low, high = int(n_steps / interval), float(np.median(statistics)), float(statistics.max())
        for _ in range(50):                                   # the upper end always keeps what is allowed
            middle = (low + high) / 2
            if len(alarm_starts(statistics > middle, hold=self.window)) <= allowed:
                high = middle
            else:
                low = middle
        return max(high, 1e-9)                                # rounding of a constant is no change


def _sliding(deviations: np.ndarray, before: list[float], window: int) -> tuple[np.ndarray, list[float]]:
    """Mean of the last ``window``; each sum is formed in the same order, however the stretch is cut."""
    stretch, total = np.concatenate([before, deviations]), np.zeros(len(deviations))
    for lag in range(window):
        total += stretch[lag: lag + len(total)]
    return total / window, stretch[len(total):].tolist()


def _forgetting(deviations: np.ndarray, before: float, window: int) -> tuple[np.ndarray, float]:
    """Mean that forgets: its memory is as long as that of a plain mean of ``window``."""
    share = 2 / (window + 1)
    values = list(accumulate(deviations.tolist(), lambda mean, new: mean + share * (new - mean), initial=before))[1:]
    return np.array(values), values[-1]


def _adding(deviations: np.ndarray, before: float) -> tuple[np.ndarray, float]:
    """Sum of what exceeds ``DRIFT``, never below 0."""
    values = list(accumulate(deviations.tolist(), lambda total, new: max(0.0, total + new - DRIFT), initial=before))[1:]
    return np.array(values), values[-1]


def alarm_starts(alarms: np.ndarray, *, hold: int = 1) -> np.ndarray:
    """Find where alarms begin: windows in alarm that follow closely are one alarm.

    Parameters
    ----------
    alarms : np.ndarray of bool, shape=(n,)
    hold : int
        An alarm that comes again within so many windows is still the same.

    Returns
    -------
    np.ndarray of int, shape=(n_alarms,)

    Raises
    ------
    InputError
        If ``alarms`` is no row of True and False.

    Examples
    --------
    >>> alarms = np.array([False, True, True, False, True, False, False, False, True])
    >>> alarm_starts(alarms).tolist(), alarm_starts(alarms, hold=2).tolist()
    ([1, 4, 8], [1, 8])
    """
    alarms = np.asarray(alarms)
    if alarms.ndim != 1 or alarms.dtype != bool:
        raise checks.fail("a row of True and False", f"shape {alarms.shape} of {alarms.dtype}",
                          "Compare first: statistics > limit")
    places = np.flatnonzero(alarms)
    return places[np.diff(places, prepend=-np.inf) > checks.whole(hold, name="hold")]


def false_alarms_per_day(alarms: np.ndarray, *, windows_per_day: float, hold: int = 1) -> float:
    """Count alarms by the day, on a stretch in which all was well.

    Parameters
    ----------
    alarms : np.ndarray of bool, shape=(n,)
    windows_per_day : float
    hold : int
        As in :func:`alarm_starts`; a monitor's limit was made with its ``window``.

    Returns
    -------
    float
        :func:`helpers.metrics.rate_interval` says how far to trust it.

    Raises
    ------
    InputError
        If there is no window, or :func:`alarm_starts` refuses them.

    Examples
    --------
    >>> false_alarms_per_day(np.array([False, True, True, False]), windows_per_day=8)
    2.0
    """
    n_alarms = len(alarm_starts(alarms, hold=hold))
    windows_per_day = checks.positive(windows_per_day, name="windows_per_day")
    return n_alarms * windows_per_day / checks.positive(len(alarms), name="the number of windows")


def alarm_delay(alarms: np.ndarray, change: int) -> float:
    """Count the windows from a change to its first alarm.

    Parameters
    ----------
    alarms : np.ndarray of bool, shape=(n,)
    change : int
        The first window that was different.

    Returns
    -------
    float, windows
        0 for an alarm in the window of the change itself, also where it was
        raised before; infinite where none came.

    Raises
    ------
    InputError
        If the change lies outside, or :func:`alarm_starts` refuses the alarms.

    Examples
    --------
    >>> alarm_delay(np.array([False, False, False, True]), 1), alarm_delay(np.array([True, False]), 1)
    (2.0, inf)
    """
    alarm_starts(alarms)
    if not 0 <= change < len(alarms):
        raise checks.fail(f"a change within the {len(alarms)} windows", repr(change), "Count windows from 0")
    later = np.flatnonzero(np.asarray(alarms)[change:])
    return float(later[0]) if len(later) else np.inf
