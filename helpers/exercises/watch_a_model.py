"""The self-checks of notebook 09: how late an alarm comes, and where its limit should be."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers import monitor
from helpers.exercises import reports


@reports.check("Return one number: windows from the change to the first alarm, np.inf where none comes.")
def check_alarm_delay(fn: Callable) -> Iterator[str]:
    """Check ``fn(alarms, change)``: the windows from a change to the first alarm."""
    def compare(alarms: np.ndarray, change: int, what: str) -> None:
        given = f"for {what}"
        got = reports.one_number(reports.ask(fn, alarms, change, given=given), given=given, infinite=True)
        right = monitor.alarm_delay(alarms, change)
        if got != right:
            raise reports.Wrong(f"{given}: you said {got:g}, expected {right:g}. Count from the change, which was in "
                                f"window {change}; alarms before it do not count.")

    late = np.arange(12) == 9
    compare(late, 4, "one alarm in window 9 and a change in window 4")
    yield "one alarm, some windows after the change"
    compare(late, 9, "an alarm in the window of the change")
    yield "at once: a delay of 0"
    compare((np.arange(12) == 2) | late, 4, "alarms in windows 2 and 9 and a change in window 4")
    yield "an alarm before the change is a false one"
    compare(np.zeros(12, bool), 4, "no alarm at all")
    compare(np.arange(12) == 2, 4, "one alarm, before the change")
    yield "no alarm: infinite"


@reports.check("Return the last value, from the highest down, at which the alarm begins `most` times at most.")
def check_alarm_limit(fn: Callable) -> Iterator[str]:
    """Check ``fn(sums, most)``: the lowest limit, from the top, at which the alarm begins at most so often."""
    def compare(sums: np.ndarray, most: int, what: str) -> float:
        given = f"for {what} and most={most}"
        got = reports.one_number(reports.ask(fn, sums, most, given=given), given=given)
        right, begins = _lowest(sums, most), _begins(sums, got)
        if begins > most:
            raise reports.Wrong(f"{given}: at {got:.4g} the alarm begins {begins} times, which is too often.")
        if got < right:
            first = " Above the limit, the first value begins an alarm too." if sums[0] > got else ""
            raise reports.Wrong(f"{given}: {got:.4g} is too low. The alarm begins {begins} times there, but lasts for "
                                f"{(sums > got).sum()} of {len(sums)} values. Come from the top and stop in time."
                                + first)
        if not np.isclose(got, right):
            raise reports.Wrong(f"{given}: {got:.4g} keeps the promise, and so does {right:.4g}, which calls earlier.")
        return got

    peaks = np.array([0.0, 3, 0, 5, 1, 4, 0, 2, 0])
    compare(peaks, 0, "peaks of 3, 5, 4 and 2")
    yield "no alarm allowed: the highest value"
    compare(peaks, 2, "peaks of 3, 5, 4 and 2")
    yield "two of four peaks may call"
    compare(np.array([6.0, 5, 1, 4, 0]), 1, "values that begin with their highest")
    yield "what is above the limit at the start counts too"
    compare(np.array([1.0, 4, 5, 4, 6, 4, 1, 5, 1]), 2, "a peak with a dent")
    compare(np.array([2.0, 2, 2]), 3, "a number that never changes")
    yield "windows of one alarm count once"
    _on_a_stream(compare)
    yield "on the replay it keeps silent, and soon after the change it calls"


def _on_a_stream(compare: Callable) -> None:
    """A rehearsed quiet stretch sets the limit; a replay stays below it, and a change does not."""
    rng = np.random.default_rng(9)

    def sums(numbers: np.ndarray) -> np.ndarray:
        total, found = 0.0, []
        for number in numbers:
            total = max(0.0, total + number - 0.5)
            found.append(total)
        return np.round(found, 6)

    limit = compare(sums(rng.normal(0, 1, 4000)), 1, "4000 numbers without a change")
    stream = sums(np.concatenate([rng.normal(0, 1, 300), rng.normal(1.5, 1, 60)]))
    if (stream[:300] > limit).any() or monitor.alarm_delay(stream > limit, 300) > 40:
        raise reports.Wrong(f"a limit of {limit:.4g} calls on the replay, or later than 40 numbers after the change.")


def _begins(sums: np.ndarray, limit: float) -> int:
    return len(monitor.alarm_starts(sums > limit))


def _lowest(sums: np.ndarray, most: int) -> float:
    lowest = sums.max()
    for limit in np.unique(sums)[::-1]:
        if _begins(sums, limit) > most:
            break
        lowest = limit
    return float(lowest)
