"""The self-checks of notebook 05: pooling by hand, a reader of label tracks, and which clips to label next."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers.exercises import reports

POOLINGS = ("max", "mean", "linear softmax")


@reports.check("Return three numbers: the scores' max, their mean, and their linear softmax.")
def check_pooling(fn: Callable) -> Iterator[str]:
    """Check ``fn(scores)``: max, mean and linear softmax of the frame scores of one class."""

    def compare(scores: list[float], what: str) -> None:
        given = f"for {what}"
        answer = reports.ask(fn, np.array(scores), given=given)
        got = np.asarray(answer, float)
        if got.shape != (3,):
            raise reports.Wrong(f"{given}: expected three numbers (max, mean, linear softmax), got "
                                + (f"an array of shape {got.shape}." if got.ndim else f"{got}."))
        total = sum(scores)
        expected = max(scores), total / len(scores), sum(score**2 for score in scores) / total if total else 0.0
        for name, one, right in zip(POOLINGS, got, expected, strict=True):
            if not np.isclose(one, right, atol=1e-4):
                raise reports.Wrong(f"{given}: the {name} is {one:.4g}, expected {right:.4g}.")

    compare([0.1, 0.9, 0.2], "the scores 0.1, 0.9, 0.2")
    yield "three frames, three numbers"
    compare([0.4, 0.4, 0.4, 0.4], "four frames of 0.4")
    compare([0.7], "a single frame of 0.7")
    yield "where all frames are alike, so are the three"
    compare([*np.random.default_rng(5).random(128)], "128 scores drawn at random")
    compare([0.0] * 127 + [1.0], "one sure frame in 128")
    yield "a long clip, and a short event in it"
    with np.errstate(all="ignore"):
        compare([0.0, 0.0, 0.0], "three frames of 0 (0 / 0 is no number)")
    yield "a clip in which nothing sounds"


PLAIN = "0.500000\t1.250000\tdog\n3.000000\t3.100000\tdog\n"
TRACKS = (
    ("two labels", PLAIN, "two labels"),
    ("a label track with a frequency row", "0.500000\t1.250000\tdog\n\\\t400.000000\t2500.000000\n"
     "3.000000\t3.100000\tdog\n", "rows with frequencies are passed over"),
    ("a label with a space, and one with a comma", "1.0\t2.0\tglass breaking\n2.5\t2.5\tdog, far\n",
     "labels with spaces and commas stay whole"),
    ("two frequency rows that hold -1 (unknown)", "0.1\t0.2\tdog\n\\\t-1.000000\t2000.0\n0.4\t0.6\tsiren\n"
     "\\\t300.0\t-1.000000\n", ""),
    ("line ends as Windows writes them", PLAIN.replace("\n", "\r\n"), ""),
    ("an empty line at the end", PLAIN + "\n", ""),
    ("a label that is only a number", "0.0\t1.0\t7\n", "line ends of other systems, empty lines, numbers as labels"),
    ("an empty track", "", "an empty track gives an empty list"),
)


@reports.check("Return a list with (onset, offset, label) for each label, and nothing for a row of frequencies.")
def check_label_reader(fn: Callable) -> Iterator[str]:
    """Check ``fn(text)``: the text of a label track as a list of (onset, offset, label)."""
    for what, text, step in TRACKS:
        rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("\\")]
        expected = [(float(onset), float(offset), label) for onset, offset, label in rows]
        answer = reports.ask(fn, text, given=f"for {what}")
        _compare_rows(_rows(answer, what), expected, what)
        if step:
            yield step


def _rows(answer: object, what: str) -> list:
    """The reader's answer as a list of rows."""
    if not isinstance(answer, list | tuple):
        raise reports.Wrong(f"for {what}: expected a list of (onset, offset, label), got {type(answer).__name__}.")
    if any(not isinstance(row, list | tuple) or len(row) != 3 for row in answer):
        raise reports.Wrong(f"for {what}: each entry should be three things, (onset, offset, label).")
    return list(answer)


def _compare_rows(got: list, expected: list, what: str) -> None:
    if len(got) != len(expected):
        raise reports.Wrong(f"for {what}: you read {len(got)} labels, expected {len(expected)}.")
    for number, (row, right) in enumerate(zip(got, expected, strict=True), start=1):
        for name, one, wanted in zip(("onset", "offset", "label"), row, right, strict=True):
            if name != "label" and not isinstance(one, float | int):
                raise reports.Wrong(f"for {what}: the {name} of label {number} is {one!r}, a {type(one).__name__}. "
                                    "float(...) makes a number of it.")
            if (one != wanted) if name == "label" else not np.isclose(one, wanted, atol=1e-6):
                raise reports.Wrong(f"for {what}: the {name} of label {number} is {one!r}, expected {wanted!r}.")


@reports.check("Return the places of the n clips that are not labelled yet, the most uncertain first.")
def check_pick_next(fn: Callable) -> Iterator[str]:
    """Check ``fn(scores, labelled, n)``: places of the clips to label next."""

    def compare(scores: np.ndarray, labelled: np.ndarray, n: int, what: str) -> None:
        given = f"for {what}"
        doubt = 0.5 - np.abs(scores - 0.5).min(axis=1)
        expected = [int(place) for place in np.argsort(-doubt, kind="stable") if not labelled[place]][:n]
        got = np.atleast_1d(np.asarray(reports.ask(fn, scores, labelled, n, given=given)))
        if got.ndim != 1 or (got.size and got.dtype.kind not in "iu"):
            raise reports.Wrong(f"{given}: expected places (whole numbers), such as {expected}.")
        again = [int(place) for place in got if 0 <= place < len(scores) and labelled[place]]
        if again:
            raise reports.Wrong(f"{given}: clip {again[0]} has been labelled already.")
        if len(got) != len(expected):
            raise reports.Wrong(f"{given}: you picked {len(got)}, expected {len(expected)}.")
        if sorted(got.tolist()) != sorted(expected):
            stray = next(int(place) for place in got if place not in expected)
            missed = next(place for place in expected if place not in got)
            shown = f"its scores are {np.round(scores[stray], 2)}" if 0 <= stray < len(scores) else "there is none"
            raise reports.Wrong(f"{given}: clip {stray} is among yours ({shown}), but clip {missed} is more uncertain "
                                f"({np.round(scores[missed], 2)}).")
        if got.tolist() != expected:
            raise reports.Wrong(f"{given}: the right clips, but expected in the order {expected}: most uncertain "
                                "first.")

    one = np.array([[0.9], [0.45], [0.05], [0.58], [0.3], [0.99]])
    nobody = np.zeros(len(one), bool)
    compare(one, nobody, 2, "six clips and one class")
    yield "one class: those nearest to one half, the nearest first"
    compare(one, np.array([False, True, False, False, False, False]), 2, "the same, with clip 1 labelled already")
    yield "what is labelled is not asked again"
    two = np.array([[0.02, 0.97], [0.40, 0.99], [0.30, 0.70], [0.01, 0.52], [0.90, 0.10]])
    compare(two, np.zeros(5, bool), 2, "five clips and two classes (one uncertain class is enough)")
    scores = np.random.default_rng(11).random((60, 4))
    compare(scores, np.arange(60) % 3 == 0, 5, "sixty clips and four classes")
    yield "several classes: the least certain one counts"
    compare(one, np.array([True, True, False, True, True, False]), 5, "a pool in which only two clips are left")
    yield "fewer clips left than you want"
