"""Right and wrong answers to the exercises of notebook 09, for tests/test_exercises.py."""

import numpy as np

from helpers import exercises


def delay(alarms, change):
    places = np.flatnonzero(alarms[change:])
    return places[0] if len(places) else np.inf


def begins(sums, limit):
    above = sums > limit
    return above[0] + np.sum(above[1:] & ~above[:-1])


def lowest_limit(sums, most):
    lowest = sums.max()
    for limit in np.unique(sums)[::-1]:
        if begins(sums, limit) > most:
            break
        lowest = limit
    return lowest


def one_step_further(sums, most):
    for limit in np.unique(sums)[::-1]:
        if begins(sums, limit) > most:
            return limit
    return sums.min()


def from_below(sums, most):
    return next(limit for limit in np.unique(sums) if begins(sums, limit) <= most)


RIGHT = [
    (exercises.check_alarm_delay, delay),
    (exercises.check_alarm_delay, lambda alarms, change: float(next(
        (place - change for place in range(change, len(alarms)) if alarms[place]), np.inf))),
    (exercises.check_alarm_limit, lowest_limit),
]
WRONG = [
    (exercises.check_alarm_delay, lambda alarms, change: np.flatnonzero(alarms)[0], "you said 9, expected 5"),
    (exercises.check_alarm_delay, lambda alarms, change: abs(np.flatnonzero(alarms)[0] - change),
     "alarms in windows 2 and 9 and a change in window 4: you said 2, expected 5"),
    (exercises.check_alarm_delay, lambda alarms, change: delay(alarms, change + 1) + 1, "the window of the change"),
    (exercises.check_alarm_delay, lambda alarms, change: int(np.argmax(alarms[change:])), "no alarm at all"),
    (exercises.check_alarm_delay, lambda alarms, change: np.flatnonzero(alarms[change:])[0], "IndexError"),
    (exercises.check_alarm_delay, lambda alarms, change: alarms[change:].any(), "expected one number, got"),
    (exercises.check_alarm_limit, lambda sums, most: sums.min(), "which is too often"),
    (exercises.check_alarm_limit, from_below, "Come from the top and stop in time"),
    (exercises.check_alarm_limit, one_step_further, "which is too often"),
    (exercises.check_alarm_limit, lambda sums, most: sums.max(), "which calls earlier"),
    (exercises.check_alarm_limit, lambda sums, most: np.sort(sums)[::-1][most], "which calls earlier"),
    (exercises.check_alarm_limit, lambda sums, most: np.unique(sums)[::-1], "got an array of shape (6,)"),
]
FUNCTIONS = [exercises.check_alarm_delay, exercises.check_alarm_limit]
