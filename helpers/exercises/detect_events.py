"""The self-checks of notebook 04: frames from labels, hysteresis, event F1, a rate, and moving picture and labels."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers.exercises import reports


@reports.check("Return one number a frame: 1 where an event sounds at the centre of the frame, else 0.")
def check_frame_targets(fn: Callable) -> Iterator[str]:
    """Check ``fn(onsets, offsets, n_frames, hop)`` for the events of one class."""
    def compare(onsets: list, offsets: list, n_frames: int, hop: float, what: str) -> None:
        centres = (np.arange(n_frames) + 0.5) * hop
        expected = np.zeros(n_frames, int)
        for onset, offset in zip(onsets, offsets, strict=True):
            expected |= (onset <= centres) & (centres < offset)
        answer = reports.ask(fn, np.array(onsets), np.array(offsets), n_frames, hop, given=f"for {what}")
        got = np.asarray(answer, float)
        if got.shape != expected.shape:
            raise reports.Wrong(f"for {what}: the result has shape {got.shape}, expected {expected.shape}: one number "
                                "for each frame.")
        differing = np.flatnonzero(got != expected)
        if len(differing):
            k = differing[0]
            raise reports.Wrong(f"for {what}: frame {k}, whose centre lies at {centres[k]:.3f} s, is {got[k]:g}, "
                                f"expected {expected[k]}.")

    compare([0.25], [0.55], 10, 0.1, "an event from 0.25 to 0.55 s and frames of 0.1 s")
    yield "an event in the middle"
    compare([0.26, 0.7], [0.44, 0.93], 10, 0.1, "two events whose edges lie off the centres")
    yield "edges on both sides of a centre"
    compare([-0.2, 0.81], [0.12, 3.0], 10, 0.1, "an event that began before the recording and one that outlasts it")
    yield "events that are cut by the beginning and the end"
    compare([], [], 6, 0.04, "no event at all")
    compare([0.1, 0.2], [0.6, 0.4], 20, 0.04, "an event within another")
    yield "none at all, and one within another"


@reports.check("Return True for every frame of an event: it rises to the high threshold and lasts down to the low.")
def check_hysteresis(fn: Callable) -> Iterator[str]:
    """Check ``fn(scores, high, low)``: an array of bool, one a frame."""
    from helpers import events

    def compare(scores: list, what: str, *, high: float = 0.6, low: float = 0.3) -> None:
        scores = np.array(scores, float)
        expected = events.hysteresis(scores, high=high, low=low)
        given = f"for {what}"
        got = reports.mask(reports.ask(fn, scores, high, low, given=given), len(scores), given=given)
        differing = np.flatnonzero(got != expected)
        if len(differing):
            k = differing[0]
            raise reports.Wrong(f"{given} {scores.tolist()}: frame {k} is {bool(got[k])}, expected "
                                f"{bool(expected[k])}.")

    compare([0.1, 0.4, 0.8, 0.4, 0.1], "the scores")
    yield "an event grows to both sides while the score stays up"
    compare([0.1, 0.5, 0.4, 0.1, 0.7, 0.1], "a hill that never gets high")
    yield "what never reaches the high threshold is none"
    compare([0.7, 0.4, 0.9, 0.4, 0.1, 0.4, 0.7], "events at both ends, one of them with a dip")
    yield "a dip does not cut it in two, and both ends are reached"
    compare([0.6, 0.3, 0.29], "scores that lie exactly on the thresholds (they count)")
    yield "scores exactly on a threshold count"
    rng = np.random.default_rng(4)
    for _ in range(20):
        compare(np.round(rng.random(12), 2).tolist(), "random scores")
    yield "twenty rows of random scores"


@reports.check("Return the F1 of the detections: each may belong to one event only, and each event to one of them.")
def check_event_f1(fn: Callable) -> Iterator[str]:
    """Check ``fn(true_onsets, found_onsets, collar)`` for one class and onsets alone."""
    def compare(true: list, found: list, what: str, *, collar: float = 0.2) -> None:
        total = len(true) + len(found)
        expected = 2 * _most_pairs(true, found, collar) / total if total else 0.0
        given = f"for {what} (events at {true}, detections at {found}, collar {collar:g})"
        got = reports.number(reports.ask(fn, np.array(true, float), np.array(found, float), collar, given=given),
                             name=f"The F1 {given}")
        reports.same(round(float(got), 6), round(expected, 6), given=given)

    compare([1.0, 2.0, 3.0], [1.1, 2.1, 2.9], "three of three found")
    compare([1.0, 2.0, 3.0], [1.1, 5.0], "one found, two missed, one false alarm")
    yield "hits, misses and false alarms"
    compare([1.0], [0.9, 1.0, 1.1], "three detections of one event")
    yield "an event is found once, however often it is shouted"
    compare([1.0, 1.3], [1.15], "one detection between two events")
    compare([1.0, 1.3], [1.15, 0.9], "two detections that both fit the first event, one of which fits the second")
    compare([1.0, 1.3], [0.81, 1.1], "two events, of which the later needs the detection that is nearest to the first")
    yield "a detection counts for one event"
    compare([1.0], [1.25], "a detection just outside the collar")
    compare([1.0], [1.25], "the same with a wider collar", collar=0.5)
    yield "the collar decides"
    compare([1.0, 2.0], [], "no detection at all")
    compare([], [], "nothing there and nothing detected")
    yield "nothing there, nothing detected"


def _most_pairs(true: list[float], found: list[float], collar: float) -> int:
    """Count the most pairs that are possible; in time order each may take the first that fits."""
    pairs, waiting = 0, sorted(found)
    for onset in sorted(true):
        while waiting and waiting[0] < onset - collar - 1e-9:
            waiting.pop(0)
        if waiting and waiting[0] <= onset + collar + 1e-9:
            waiting.pop(0)
            pairs += 1
    return pairs


@reports.check("Return events per minute, from the gap that is typical between one and the next.")
def check_event_rate(fn: Callable) -> Iterator[str]:
    """Check ``fn(onsets)``: a rate that hardly minds a missed event."""
    def rate(onsets: np.ndarray, given: str) -> float:
        return reports.number(reports.ask(fn, onsets, given=given), name=f"The rate {given}")

    regular = np.arange(0, 30, 0.5)
    if not np.isclose(rate(regular, "for an event every half second"), 120, rtol=1e-3):
        got = rate(regular, "for an event every half second")
        raise reports.Wrong(f"for an event every half second you said {got:g} a minute, expected 120.")
    yield "an event every half second is 120 a minute"
    rng = np.random.default_rng(11)
    jittered = regular + rng.uniform(-0.05, 0.05, len(regular))
    missing = np.delete(jittered, np.arange(4, len(regular), 10))
    got = rate(missing, "with one event in ten missed")
    if abs(got - 120) > 8:
        raise reports.Wrong(f"with one event in ten missed you said {got:.0f} a minute, expected about 120. Which gap "
                            "is typical when some are twice as long? Not the mean.")
    yield "one event in ten missed changes little"
    doubled = np.sort(np.concatenate([jittered, jittered[::12] + 0.02]))
    got = rate(doubled, "with some events counted twice")
    if abs(got - 120) > 12:
        raise reports.Wrong(f"with one event in twelve counted twice you said {got:.0f} a minute, expected about 120.")
    yield "nor do some events that are counted twice"
    got = rate(rng.permutation(regular), "for onsets in no order")
    if not np.isclose(got, 120, rtol=1e-3):
        raise reports.Wrong(f"for the same onsets in no order you said {got:g}, expected 120: sort them first.")
    yield "the order does not matter"


@reports.check("Return picture and targets, both moved by the same time; what leaves at one end comes in at the other.")
def check_move_together(fn: Callable) -> Iterator[str]:
    """Check ``fn(log_mel, targets, n_frames, pool)``: each frame of targets is ``pool`` columns of the picture."""
    rng = np.random.default_rng(5)

    def compare(n_frames: int, pool: int, what: str) -> None:
        log_mel, targets = rng.random((4, 10 * pool)), rng.integers(0, 2, (10, 3)).astype(float)
        given = f"for {what}"
        answer = reports.ask(fn, log_mel.copy(), targets.copy(), n_frames, pool, given=given)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise reports.Wrong(f"{given}: expected two things, picture and targets: return log_mel, targets.")
        for name, got, expected in (("picture", answer[0], np.roll(log_mel, n_frames * pool, axis=1)),
                                    ("targets", answer[1], np.roll(targets, n_frames, axis=0))):
            got = np.asarray(got, float)
            if got.shape != expected.shape:
                raise reports.Wrong(f"{given}: the {name} has shape {got.shape}, expected {expected.shape}.")
            if not np.allclose(got, expected):
                raise reports.Wrong(f"{given}: the {name} moved otherwise than expected. Time is the last axis of the "
                                    f"picture and the first of the targets, and a frame is {pool} columns long.")

    compare(0, 2, "a move by nothing")
    compare(3, 2, "a move by three frames of two columns each")
    yield "later by three frames, six columns"
    compare(-2, 2, "a move by two frames to the left")
    yield "to the left too"
    compare(4, 1, "frames of one column each")
    yield "frames of one column"
