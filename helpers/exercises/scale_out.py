"""The self-checks of notebook 11: the time that a cluster takes, recall at k, and what a site costs."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers import batch
from helpers.exercises import reports


def wall_seconds(n: int, *, chunk: int, seconds: float, overhead: float, n_workers: int) -> float:
    """Seconds on the clock for n recordings in jobs of ``chunk``, in rounds of one job for each worker."""
    rounds = -(-n // (chunk * n_workers)) if chunk < n else 1
    return rounds * (overhead + min(chunk, n) * seconds)


@reports.check("Return the seconds that the cluster takes: the number of rounds, times the seconds of a full job.")
def check_wall_time(fn: Callable) -> Iterator[str]:
    """Check ``fn(n, chunk, seconds, overhead, n_workers)``: seconds on the clock for n recordings."""

    def compare(n: int, chunk: int, seconds: float, overhead: float, n_workers: int) -> None:
        given = (f"for {n} recordings, {chunk} in a job, {seconds:g} s each, {overhead:g} s of overhead and "
                 f"{n_workers} worker{'s' * (n_workers > 1)}:")
        got = reports.number(reports.ask(fn, n, chunk, seconds, overhead, n_workers, given=given),
                             name=f"{given} the time", unit="s")
        right = wall_seconds(n, chunk=chunk, seconds=seconds, overhead=overhead, n_workers=n_workers)
        if not np.isclose(got, right):
            jobs = -(-n // chunk)
            raise reports.Wrong(f"{given} you said {got:.4g} s, expected {right:.4g} s. There are {jobs} jobs, so "
                                f"{-(-jobs // n_workers)} rounds.")

    compare(100, 10, 0.5, 0.0, 1)
    yield "one worker and no overhead: as long as all recordings together"
    compare(100, 10, 0.5, 0.25, 1)
    yield "the overhead counts once for each job"
    compare(120, 10, 0.5, 0.25, 4)
    yield "four workers, a quarter of the rounds"
    compare(100, 10, 0.5, 0.25, 4)
    compare(101, 10, 0.5, 0.25, 2)
    yield "a last round in which some have nothing to do takes as long as any"
    compare(7, 50, 0.5, 0.25, 4)
    yield "a chunk larger than everything: one job with all there is"
    rng = np.random.default_rng(11)
    for n, chunk, n_workers in rng.integers(1, (900, 60, 12), (20, 3)).tolist():
        compare(n, chunk, 0.02, 0.03, n_workers)
    yield "any other numbers"


@reports.check("Return the share of the exact nearest that were found, over all queries.")
def check_recall_at_k(fn: Callable) -> Iterator[str]:
    """Check ``fn(found, exact)``: recall of an approximate search, two tables with a row for each query."""

    def compare(found: Sequence, exact: Sequence, what: str) -> None:
        given = f"for {what}:"
        found, exact = np.asarray(found), np.asarray(exact)
        got = reports.number(reports.ask(fn, found, exact, given=given), name=f"{given} the recall", low=0, high=1)
        right = np.mean([np.isin(row, own).mean() for own, row in zip(found, exact, strict=True)])
        if not np.isclose(got, right):
            raise reports.Wrong(f"{given} you said {got:.4g}, expected {right:.4g}.")

    compare([[4, 7, 1]], [[4, 7, 1]], "one query that finds all three")
    compare([[4, 7, 1]], [[4, 9, 2]], "one query that finds [4, 7, 1] instead of [4, 9, 2]")
    yield "what was found, and what was missed"
    compare([[1, 4, 7]], [[4, 7, 1]], "one query that finds [1, 4, 7] instead of [4, 7, 1]")
    yield "their order does not matter"
    compare([[1, 2], [3, 4], [5, 6]], [[3, 4], [1, 2], [6, 5]],
            "three queries, the first two of which find what the other one should")
    yield "each query has to find its own"
    compare([[1, 2], [5, 9]], [[1, 2, 3, 4], [5, 6, 7, 8]], "two queries that find two rows where there are four")
    yield "fewer hits than there should be: what is missing was not found"
    rng = np.random.default_rng(12)
    exact = np.array([rng.permutation(50)[:10] for _ in range(40)])
    compare(np.array([rng.permutation(50)[:10] for _ in range(40)]), exact, "40 queries with ten hits each")
    yield "many queries"


@reports.check("Return three numbers for a year: core-hours, gigabytes, and money.")
def check_site_costs(fn: Callable) -> Iterator[str]:
    """Check ``fn(microphones, hours_a_day, cpu_s, n_bytes, core_hour, gb_month)``: a year of a site."""

    def compare(what: str, *figures: float) -> None:
        microphones, hours_a_day, cpu_s, n_bytes, core_hour, gb_month = figures
        given = f"for {what}:"
        answer = reports.ask(fn, *figures, given=given)
        got = np.asarray(answer, float) if np.iterable(answer) and not isinstance(answer, str) else np.empty(0)
        if got.shape != (3,):
            raise reports.Wrong(f"{given} expected three numbers: core-hours, gigabytes, money.")
        sheet = batch.cost_sheet({"cpu_s": cpu_s, "windows": 7200, "n_bytes": n_bytes},
                                 {"site": microphones * hours_a_day * 365}, core_hour=core_hour, gb_month=gb_month,
                                 sound_bytes=0, months=12).loc["site"]
        names = {"core-hours": sheet["core_hours"], "gigabytes": sheet["results_gb"],
                 "money": sheet["computing"] + sheet["keeping"]}
        for (name, right), one in zip(names.items(), got, strict=True):
            if not np.isclose(one, right):
                raise reports.Wrong(f"{given} you said {one:.6g} {name}, expected {right:.6g}. There are "
                                    f"{microphones * hours_a_day * 365:g} hours of sound.")

    compare("one microphone, an hour a day, 36 CPU seconds and 20 MB an hour, all for nothing", 1, 1, 36, 2e7, 0, 0)
    yield "core-hours and gigabytes of one microphone"
    compare("three microphones, 8 hours a day, and a core-hour of 0.05", 3, 8, 36, 1e7, 0.05, 0)
    yield "more microphones, and money for computing"
    compare("the same, and 0.02 for a gigabyte and month", 3, 8, 36, 1e7, 0.05, 0.02)
    yield "twelve months of keeping"
    rng = np.random.default_rng(13)
    for microphones, hours, cpu_s, megabytes in rng.integers(1, (500, 24, 900, 300), (12, 4)).tolist():
        compare(f"{microphones} microphones, {hours} hours a day, {cpu_s} CPU seconds and {megabytes} MB an hour",
                microphones, hours, cpu_s, 1e6 * megabytes, 0.04, 0.03)
    yield "any other site"
