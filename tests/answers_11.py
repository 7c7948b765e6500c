"""Right and wrong answers to the exercises of notebook 11, for tests/test_exercises.py."""

import math

import numpy as np

from helpers import exercises


def wall_time(n, chunk, seconds, overhead, n_workers):
    jobs = math.ceil(n / chunk)
    return math.ceil(jobs / n_workers) * (overhead + min(chunk, n) * seconds)


def recall_at_k(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact, strict=True)])


def by_comparing_all(found, exact):
    return (exact[:, :, None] == found[:, None, :]).any(axis=2).mean()


def site_costs(microphones, hours_a_day, cpu_s, n_bytes, core_hour, gb_month):
    hours = microphones * hours_a_day * 365
    core_hours, gigabytes = hours * cpu_s / 3600, hours * n_bytes / 1e9
    return core_hours, gigabytes, core_hours * core_hour + 12 * gigabytes * gb_month


def without(place, by):
    """The three costs with one of them off by a factor."""
    return lambda *given: [each * (by if number == place else 1) for number, each in enumerate(site_costs(*given))]


RIGHT = [
    (exercises.check_wall_time, wall_time),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: np.ceil(
        np.ceil(n / chunk) / n_workers) * (overhead + seconds * np.minimum(n, chunk))),
    (exercises.check_recall_at_k, recall_at_k), (exercises.check_recall_at_k, by_comparing_all),
    (exercises.check_site_costs, site_costs), (exercises.check_site_costs, lambda *given: np.array(site_costs(*given))),
]
WRONG = [
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: n * (overhead + seconds) / n_workers,
     "0.25 s of overhead and 1 worker: you said 75 s, expected 52.5 s. There are 10 jobs, so 10 rounds"),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: math.ceil(n / chunk) * (
        overhead + chunk * seconds), "4 workers: you said 63 s, expected 15.75 s"),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: n / chunk / n_workers * (
        overhead + chunk * seconds), "for 100 recordings, 10 in a job, 0.5 s each, 0.25 s of overhead and 4 workers"),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: math.ceil(
        n // chunk / n_workers) * (overhead + chunk * seconds), "for 101 recordings"),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: math.ceil(
        n / chunk / n_workers) * (overhead + chunk * seconds), "for 7 recordings, 50 in a job"),
    (exercises.check_wall_time, lambda n, chunk, seconds, overhead, n_workers: math.ceil(
        n / chunk / n_workers) * overhead + n * seconds / n_workers, "4 workers: you said 13.25 s, expected 15.75 s"),
    (exercises.check_wall_time, lambda *given: "a minute", "must be one number in s"),
    (exercises.check_recall_at_k, lambda found, exact: (found == exact).mean(), "instead of [4, 7, 1]: you said 0"),
    (exercises.check_recall_at_k, lambda found, exact: np.isin(exact, found).mean(), "three queries"),
    (exercises.check_recall_at_k, lambda found, exact: np.mean(
        [len(set(f) & set(e)) / len(f) for f, e in zip(found, exact, strict=True)]), "two rows where there are four"),
    (exercises.check_recall_at_k, lambda found, exact: np.mean(
        [len(set(f) & set(e)) > 0 for f, e in zip(found, exact, strict=True)]), "you said 1, expected 0.3333"),
    (exercises.check_recall_at_k, lambda found, exact: 1 - recall_at_k(found, exact), "finds all three: you said 0"),
    (exercises.check_recall_at_k, lambda found, exact: 100 * recall_at_k(found, exact), "must lie between 0 and 1"),
    (exercises.check_site_costs, lambda *given: sum(site_costs(*given)), "expected three numbers"),
    (exercises.check_site_costs, lambda *given: "a lot", "expected three numbers"),
    (exercises.check_site_costs, without(0, 60), "you said 219 core-hours, expected 3.65"),
    (exercises.check_site_costs, without(0, 365.25 / 365), "There are 365 hours of sound"),
    (exercises.check_site_costs, without(1, 1e9 / 2**30), "gigabytes, expected 7.3"),
    (exercises.check_site_costs, lambda m, h, cpu_s, n_bytes, core_hour, gb_month: (
        *site_costs(m, h, cpu_s, n_bytes, core_hour, gb_month)[:2],
        site_costs(m, h, cpu_s, n_bytes, core_hour, gb_month / 12)[2]), "the same, and 0.02"),
    (exercises.check_site_costs, lambda m, *rest: site_costs(1, *rest), "three microphones"),
    (exercises.check_site_costs, without(2, 0), "for three microphones, 8 hours a day, and a core-hour of 0.05"),
]
FUNCTIONS = [exercises.check_wall_time, exercises.check_recall_at_k, exercises.check_site_costs]
