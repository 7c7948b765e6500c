"""The self-checks of notebook 02: windows, votes, splits, and two thresholds."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers import windows as cutting
from helpers.exercises import reports


@reports.check("Return how many whole windows fit into the recording; what is left over at the end is dropped.")
def check_count_windows(fn: Callable) -> Iterator[str]:
    """Check ``fn(n_samples, window_samples, hop_samples)``: whole windows, no padding."""

    def compare(n_samples: int, window: int, hop: int) -> None:
        given = f"for {n_samples} samples, windows of {window} and a hop of {hop}"
        expected = cutting.count(n_samples, window_samples=window, hop_samples=hop, pad=False)
        reports.same(reports.ask(fn, n_samples, window, hop, given=given), expected, given=given)

    compare(64000, 16000, 8000)
    yield "a clip of 4 s"
    for n_samples in (16000, 16001, 23999, 24000):
        compare(n_samples, 16000, 8000)
    yield "exactly one window, one sample more, and the step from one window to two"
    for n_samples in (15999, 8000, 1, 0):
        compare(n_samples, 16000, 8000)
    yield "recordings shorter than one window"
    rng = np.random.default_rng(2)
    for _ in range(20):
        window = int(rng.integers(1, 20_000))
        compare(int(rng.integers(0, 100_000)), window, int(rng.integers(1, window + 1)))
    yield "twenty sizes at random"


@reports.check("Return the index of the class with the highest mean score over the live windows.")
def check_vote(fn: Callable) -> Iterator[str]:
    """Check ``fn(scores, live)``: the class of a clip from its window scores, shape (n_windows, n_classes)."""

    def compare(scores: np.ndarray, live: np.ndarray, what: str) -> None:
        given = f"for {what}"
        expected = int(cutting.pool(scores, how="mean", live=live).argmax())
        reports.same(reports.ask(fn, scores, live, given=given), expected, given=given)

    everywhere = np.ones(3, bool)
    compare(np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.5, 0.3, 0.2]]), everywhere, "three live windows")
    compare(np.array([[0.0, 0.9, 0.1], [0.5, 0.4, 0.1], [0.5, 0.4, 0.1]]), everywhere,
            "one window sure of class 1 and two that lean to class 0 (the mean counts how sure each one is)")
    yield "the mean over the windows"
    compare(np.array([[0.1, 0.9], [1.0, 0.0], [1.0, 0.0]]), np.array([True, False, False]),
            "one live window that says 1 and two silent ones that say 0")
    yield "silent windows have no vote"
    compare(np.array([[0.2, 0.8], [0.4, 0.6]]), np.zeros(2, bool), "a clip in which no window is live (then all count)")
    yield "a clip without a live window still gets an answer"
    compare(np.array([[0.1, 0.2, 0.7]]), np.array([True]), "a clip of one window")
    rng = np.random.default_rng(4)
    for _ in range(30):
        n_windows, n_classes = rng.integers(1, 9), rng.integers(2, 11)
        compare(rng.dirichlet(np.ones(n_classes), n_windows), rng.random(n_windows) < 0.6,
                f"random scores of {n_windows} windows and {n_classes} classes")
    yield "thirty clips at random"


def _clip_table(rng: np.random.Generator, *, n_classes: int, n_sources: int):
    import pandas as pd

    rows = [
        {"label": f"class {label}", "source": f"recording {label}-{source}", "session": "a", "fold": 1}
        for label in range(n_classes) for source in range(n_sources) for _ in range(rng.integers(2, 5))
    ]
    table = pd.DataFrame(rows).sample(frac=1, random_state=int(rng.integers(1 << 31))).reset_index(drop=True)
    table.insert(0, "clip_id", [f"clip {number:03d}" for number in range(len(table))])
    return table


@reports.check("Return a mask over the rows, True for test, that puts whole sources on one side, class by class.")
def check_grouped_split(fn: Callable) -> Iterator[str]:
    """Check ``fn(clips, test_fraction, rng)``: a test mask over the rows of a clip table that splits no source.

    Within each class about ``test_fraction`` of the sources goes to the test side, at least one.
    """
    tables = np.random.default_rng(5)

    def split(table, fraction: float, seed: int) -> np.ndarray:
        given = f"for {len(table)} clips, a test share of {fraction:g} and seed {seed}"
        answer = reports.ask(fn, table, fraction, np.random.default_rng(seed), given=given)
        test = reports.mask(answer, len(table), given=given)
        for source, sides in table.assign(test=test).groupby("source")["test"]:
            if sides.nunique() > 1:
                raise reports.Wrong(f"{given}: {source} has {sides.sum()} clips on the test side and {(~sides).sum()} "
                                    "on the training side. Choose sources, not clips.")
        for label, sides in table.assign(test=test).groupby("label")["test"]:
            if sides.nunique() < 2:
                side = "training" if sides.all() else "test"
                raise reports.Wrong(f"{given}: {label} has no clip on the {side} side. "
                                    "Choose sources within each class, at least one.")
        if abs(test.mean() - fraction) > 0.15:
            raise reports.Wrong(f"{given}: {test.mean():.0%} of the clips are on the test side, expected about "
                                f"{fraction:.0%}.")
        return test

    table = _clip_table(tables, n_classes=5, n_sources=4)
    split(table, 0.25, 0)
    yield "no source on both sides"
    for seed, fraction in enumerate((0.25, 0.5, 0.2, 0.4)):
        split(_clip_table(tables, n_classes=3 + seed, n_sources=5), fraction, seed)
    yield "every class on both sides, about the right share"
    shuffled = table.set_index(np.arange(100, 100 + len(table)))
    split(shuffled, 0.25, 1)
    yield "a table whose index does not begin at 0 (part of a larger one)"
    if not np.array_equal(split(table, 0.25, 7), split(table, 0.25, 7)):
        raise reports.Wrong("the same seed gives two different splits. Draw from rng only.")
    if all(np.array_equal(split(table, 0.25, 0), split(table, 0.25, seed)) for seed in range(1, 6)):
        raise reports.Wrong("six seeds give the same split. Draw the test sources with rng.")
    yield "the same split for the same seed, another for another"


@reports.check("Choose a level in dB: windows below it count as silent.")
def check_gate(
    threshold_db: float, *, levels_db: np.ndarray, silent: np.ndarray, gated: float = 0.95, lost: float = 0.02
) -> Iterator[str]:
    """Check the level of a silence gate.

    Parameters
    ----------
    threshold_db : float, dBFS
        The reader's choice.
    levels_db : np.ndarray, shape=(n_windows,), dBFS
    silent : np.ndarray of bool, shape=(n_windows,)
        Which windows are silent in truth.
    gated, lost : float, range 0 to 1
        The share of silent windows that must fall below, and of the others that may.
    """
    threshold_db = reports.number(threshold_db, name="The level", unit="dB", low=-200.0, high=200.0)
    below, silent = np.asarray(levels_db) < threshold_db, np.asarray(silent, bool)
    share = below[silent].mean() if silent.any() else 1.0
    gone = below[~silent].mean() if (~silent).any() else 0.0
    if gone > lost:
        raise reports.Wrong(f"at {threshold_db:g} dB you also lose {gone:.1%} of the windows that hold sound, "
                            f"and {lost:.0%} are allowed: go lower.")
    yield f"{gone:.1%} of the windows with sound are lost"
    if share < gated:
        raise reports.Wrong(f"at {threshold_db:g} dB only {share:.0%} of the silent windows are gated, and "
                            f"{gated:.0%} should be: go higher.")
    yield f"{share:.0%} of the silent windows are gated"


@reports.check("Choose a threshold between 0 and 1: clips whose best score lies below it are called unknown.")
def check_unknown_threshold(
    threshold: float, *, known_scores: np.ndarray, unknown_scores: np.ndarray, limit: float = 0.05, slack: float = 0.05
) -> Iterator[str]:
    """Check the threshold between "known" and "unknown".

    Parameters
    ----------
    threshold : float, range 0 to 1
        The reader's choice; a clip is accepted when its best score is at least this.
    known_scores, unknown_scores : np.ndarray, shape=(n_clips,) or (n_clips, n_classes)
        Best scores, or all scores, of held-out clips of known and of unknown classes.
    limit : float, range 0 to 1
        The share of unknown clips that may be accepted.
    slack : float, range 0 to 1
        How much coverage (share of known clips accepted) may be missing to what is possible within the limit.
    """
    if np.shape(known_scores)[1:] == (1,):
        yield reports.Note("one class is left to choose from, so every score is 1 and no threshold can help: it takes "
                           "three classes, one of them to leave out")
        return
    threshold = reports.number(threshold, name="The threshold", low=0.0, high=1.0)
    known, unknown = (np.asarray(scores).reshape(len(scores), -1).max(axis=1) for scores in
                      (known_scores, unknown_scores))
    wrong, coverage = (unknown >= threshold).mean(), (known >= threshold).mean()
    if wrong > limit:
        raise reports.Wrong(f"at {threshold:g} the model gives {wrong:.1%} of the unknown clips a known name, and "
                            f"{limit:.0%} are allowed: go higher.")
    yield f"{wrong:.1%} of the unknown clips are accepted"
    candidates = np.append(np.unique(np.concatenate([known, unknown])), 1.0)
    possible = max(((known >= candidate).mean() for candidate in candidates if (unknown >= candidate).mean() <= limit),
                   default=0.0)
    if coverage < possible - slack:
        raise reports.Wrong(f"at {threshold:g} the model answers {coverage:.0%} of the known clips, and {possible:.0%} "
                            f"are possible within {limit:.0%} wrong accepts: go lower.")
    yield f"{coverage:.0%} of the known clips still get an answer"
