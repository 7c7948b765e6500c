"""The self-checks of notebook 08: error score, hidden frame, two thresholds, faults among the training clips."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers import anomaly, metrics
from helpers.exercises import reports

CLOSE = 1e-5


@reports.check("Return the mean squared error of each window, one number a window.")
def check_error_score(fn: Callable) -> Iterator[str]:
    """Check ``fn(windows, rebuilt)``: mean squared error of each window."""
    rng = np.random.default_rng(1)

    def compare(windows: Sequence, rebuilt: Sequence, what: str) -> None:
        windows, rebuilt, given = np.asarray(windows, float), np.asarray(rebuilt, float), f"for {what}"
        expected = np.mean((windows - rebuilt) ** 2, axis=1)
        got = _array(reports.ask(fn, windows, rebuilt, given=given), expected.shape, given=given)
        for place, (one, right) in enumerate(zip(got, expected, strict=True)):
            if not np.isclose(one, right, atol=CLOSE):
                raise reports.Wrong(f"{given}: the score of window {place} is {one:.4g}, expected {right:.4g}.")

    compare([[1, 2, 3, 4], [0, 0, 0, 0]], [[1, 2, 3, 4], [2, 0, 0, 0]], "two windows of four numbers, the first of "
            "them rebuilt without an error, one number of the second missed by 2")
    yield "no error is 0; one number of four that is off by 2 makes 1"
    compare([[1, 1]], [[4, -3]], "one window [1, 1] that is rebuilt as [4, -3]")
    yield "too much and too little do not cancel out"
    compare(rng.normal(0, 9, (50, 640)), rng.normal(0, 9, (50, 640)), "fifty windows of 640 numbers drawn at random")
    yield "many windows, one score each"


@reports.check("Return two tables: the frames around the middle one, and the middle one.")
def check_hidden_middle(fn: Callable) -> Iterator[str]:
    """Check ``fn(contexts, n_frames)``: all frames but the middle one, and the middle one."""

    def compare(n_contexts: int, n_frames: int, n_mels: int) -> None:
        numbers = np.arange(n_contexts * n_frames * n_mels, dtype=float).reshape(n_contexts, n_frames, n_mels)
        middle = n_frames // 2
        given = f"for {n_contexts} contexts of {n_frames} frames of {n_mels} bands"
        answer = reports.ask(fn, numbers.reshape(n_contexts, -1), n_frames, given=given)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise reports.Wrong(f"{given}: expected two arrays, (around, middle).")
        wanted = {"frames around": np.delete(numbers, middle, axis=1).reshape(n_contexts, -1),
                  "middle": numbers[:, middle]}
        for (name, right), part in zip(wanted.items(), answer, strict=True):
            got = _array(part, right.shape, given=f"{given}, the {name}")
            if not np.array_equal(got, right):
                row, column = np.argwhere(got != right)[0]
                raise reports.Wrong(
                    f"{given} that hold the numbers 0, 1, 2, ...: number {column} of the {name} in context {row} is "
                    f"{got[row, column]:g}, expected {right[row, column]:g}. The bands of a frame stand together.")

    compare(2, 3, 2)
    yield "three frames: the second is hidden"
    compare(4, 5, 3)
    yield "five frames: the third is hidden, two before and two after it stay in their order"
    compare(3, 7, 128)
    yield "seven frames of 128 bands"


@reports.check("Return a threshold above which the given share of unseen normal scores lies.")
def check_false_alarms(fn: Callable, *, calibration: np.ndarray, unseen: np.ndarray) -> Iterator[str]:
    """Check ``fn(normal_scores, rate)``: a threshold, judged on normal scores that it has not seen.

    Parameters
    ----------
    fn : callable
        The reader's function. It gets no label and no anomaly.
    calibration, unseen : np.ndarray, shape=(n,)
        Normal scores of the reader's recordings: to set the threshold with, and others to count on. These
        are reported, not judged: few recordings say little, and real machines change.
    """
    rng = np.random.default_rng(5)
    draws = {"scores like a bell curve": lambda n: rng.normal(10, 2, n),
             "scores spread evenly from 0 to 1": lambda n: rng.uniform(0, 1, n),
             "scores with a long tail": lambda n: rng.lognormal(0, 1.2, n),
             "scores of a machine with two speeds": lambda n: rng.normal(0, 1, n) + 12 * (rng.random(n) < 0.2)}
    for what, draw in draws.items():
        for rate in (0.05, 0.2):
            given = f"for {what} and a rate of {rate:g}"
            threshold = reports.number(reports.ask(fn, draw(4000), rate, given=given), name=f"{given}, the threshold")
            count = int(np.sum(draw(4000) > threshold))
            low, high = metrics.share_interval(count, 4000, confidence=0.9999)
            if not low - 0.01 <= rate <= high + 0.01:       # the calibration is a sample, too
                raise reports.Wrong(f"{given}: {count / 4000:.1%} of 4000 unseen normal scores lie above your "
                                    f"threshold (between {low:.1%} and {high:.1%}, seen so few), expected {rate:.0%}.")
        yield f"{what}: as many false alarms as were asked for"
    if min(len(calibration), len(unseen)) < 19:
        yield reports.Note(f"your recordings: {len(calibration)} normal scores to set a threshold with, {len(unseen)} "
                           "to count on; for one in twenty it takes 19 of each, so they are not asked")
        return
    given = "for the scores of your recordings and a rate of 0.05"
    threshold = reports.number(reports.ask(fn, calibration, 0.05, given=given), name=f"{given}, the threshold")
    count = int(np.sum(unseen > threshold))
    low, high = metrics.share_interval(count, len(unseen))
    yield (f"your recordings: {count} of {len(unseen)} unseen normal ones raise an alarm; the true share lies between "
           f"{low:.0%} and {high:.0%}")


@reports.check("Return the threshold at which false alarms and missed faults cost least.")
def check_least_cost(fn: Callable) -> Iterator[str]:
    """Check ``fn(normal, anomalous, false_alarm_cost, miss_cost, anomaly_rate)``: the cheapest threshold."""
    rng = np.random.default_rng(7)

    def compare(normal: Sequence, anomalous: Sequence, costs: tuple[float, float], rate: float, what: str) -> None:
        kinds, given = (np.asarray(normal, float), np.asarray(anomalous, float)), f"for {what}"
        names = dict(zip(("false_alarm_cost", "miss_cost"), costs, strict=True))

        def cost(threshold: float) -> float:
            above = [float(np.mean(scores > threshold)) for scores in kinds]
            return float(anomaly.expected_cost(*above, **names, anomaly_rate=rate))

        answer = reports.ask(fn, *kinds, *costs, rate, given=given)
        if isinstance(answer, float | np.floating) and np.isinf(answer):     # never, or always: a fair answer
            got = float(answer)
        else:
            got = reports.number(answer, name=f"{given}, the threshold")
        best = anomaly.cost_threshold(*kinds, **names, anomaly_rate=rate)
        if cost(got) > cost(best) + 1e-9:
            both = np.concatenate(kinds)
            way = ("always to call" if best < both.min() else "never to call" if best >= both.max()
                   else f"a threshold of {best:.4g}")
            raise reports.Wrong(f"{given}: your threshold {got:.4g} costs {cost(got):.4g} a recording, {way} costs "
                                f"{cost(best):.4g}.")

    tens, faults = np.arange(1.0, 11), [6.5, 8.5, 9.5, 20.0]
    compare(tens, [11.0, 12.0], (1, 1), 0.5, "normal scores 1 to 10, anomalies 11 and 12")
    yield "where nothing overlaps, no cost is left"
    compare(tens, faults, (1, 1), 0.5, "normal scores 1 to 10, anomalies 6.5, 8.5, 9.5, 20, both mistakes at 1, every "
            "second recording faulty")
    compare(tens, faults, (1, 100), 0.5, "the same with a miss at 100")
    compare(tens, faults, (100, 1), 0.5, "the same with a false alarm at 100, a miss at 1")
    yield "the dearer a miss, the lower the threshold"
    compare(tens, faults, (1, 10), 0.01, "the same with a miss at 10 and one recording in a hundred faulty")
    compare([*tens, 30.0], faults, (1, 1), 0.001, "one in a thousand faulty, and a normal score that is the highest of "
            "all")
    yield "rare faults: then it may be cheapest never to call anybody"
    compare([5.0, 6.0], [1.0, 2.0], (1, 1000), 0.5, "anomalies that lie below the normal scores, a miss at 1000")
    yield "and sometimes to call always"
    for rate in (0.02, 0.3):
        compare(rng.gamma(4, 1, 200), rng.gamma(7, 1, 60), (3, 40), rate,
                f"200 normal scores and 60 anomalies drawn at random, {rate:.0%} faulty in use")
    yield "the mix of the validation set is not that of everyday use"


@reports.check("Return training clips as many as before, a share of them replaced by anomalies.")
def check_contaminate(fn: Callable) -> Iterator[str]:
    """Check ``fn(normal, anomalous, share, rng)``: training items of which some are anomalies."""

    def spoil(n: int, n_anomalous: int, share: float, seed: int) -> np.ndarray:
        normal, anomalous = np.arange(n, dtype=float), 1000.0 + np.arange(n_anomalous)
        given = f"for {n} normal clips, {n_anomalous} anomalies and a share of {share:g}"
        got = np.asarray(reports.ask(fn, normal, anomalous, share, np.random.default_rng(seed), given=given))
        if got.shape != (n,):
            raise reports.Wrong(f"{given}: expected {n} clips, as many as before, got shape {got.shape}.")
        among = got >= 1000
        reports.same(int(among.sum()), round(share * n), given=f"{given}, among the clips of the result, how many "
                     "anomalies:")
        if stray := set(got) - set(normal) - set(anomalous):
            raise reports.Wrong(f"{given}: {min(stray):g} is neither one of the normal clips nor one of the anomalies.")
        if len(np.unique(got)) < n:
            raise reports.Wrong(f"{given}: a clip is there more than once. Draw without putting back.")
        return among

    spoil(100, 20, 0.02, 1)
    spoil(50, 30, 0.1, 2)
    yield "as many clips as before, the right number of anomalies, none of them twice"
    spoil(80, 9, 0.0, 3)
    yield "a share of 0 changes nothing"
    places = [tuple(np.flatnonzero(spoil(200, 40, 0.1, seed))) for seed in range(6)]
    if len(set(places)) == 1:
        raise reports.Wrong("for six random generators, the anomalies stand at the same places each time. Let rng "
                            "choose the clips that give way.")
    yield "chance decides which clips give way"
    if not np.array_equal(spoil(200, 40, 0.1, 7), spoil(200, 40, 0.1, 7)):
        raise reports.Wrong("for the same seed twice, the result differs. Draw with the given rng only.")
    yield "the same seed, the same clips"
    normal = np.arange(40.0)
    fn(normal, 1000.0 + np.arange(9), 0.1, np.random.default_rng(8))
    if not np.array_equal(normal, np.arange(40.0)):
        raise reports.Wrong("your function writes into the array normal that it is given, so the clean clips are gone "
                            "for whoever comes next. Change a copy: normal.copy().")
    yield "the clean clips stay as they were"


def _array(answer: object, shape: tuple[int, ...], *, given: str) -> np.ndarray:
    """The reader's answer as an array of numbers of the expected shape."""
    got = np.asarray(answer)
    if got.shape != shape:
        raise reports.Wrong(f"{given}: expected an array of shape {shape}, got "
                            + (f"shape {got.shape}." if got.ndim else f"one number, {got}."))
    if got.dtype.kind not in "iuf" or not np.isfinite(got).all():
        raise reports.Wrong(f"{given}: expected finite numbers.")
    return got
