"""Right and wrong answers to the exercises of notebook 04, for tests/test_exercises.py."""

import numpy as np

from helpers import exercises


def active_frames(onsets, offsets, n_frames, hop):
    centres = (np.arange(n_frames) + 0.5) * hop
    active = np.zeros(n_frames, int)
    for onset, offset in zip(onsets, offsets, strict=True):
        active[(centres >= onset) & (centres < offset)] = 1
    return active


def touched(onsets, offsets, n_frames, hop):
    active = np.zeros(n_frames, int)
    for onset, offset in zip(onsets, offsets, strict=True):
        active[max(0, int(onset / hop)):max(0, int(np.ceil(offset / hop)))] = 1
    return active


def summed(onsets, offsets, n_frames, hop):
    return sum((active_frames([a], [b], n_frames, hop) for a, b in zip(onsets, offsets, strict=True)),
               np.zeros(n_frames, int))


def from_the_end(onsets, offsets, n_frames, hop):
    active = np.zeros(n_frames, int)
    for onset, offset in zip(onsets, offsets, strict=True):
        active[round(onset / hop):round(offset / hop)] = 1      # a negative onset counts from the end
    return active


def track(scores, high, low):
    active, on = np.zeros(len(scores), bool), False
    for order in (range(len(scores)), reversed(range(len(scores)))):
        on = False
        for k in order:
            on = scores[k] >= high or (on and scores[k] >= low)
            active[k] |= on
    return active


def only_forward(scores, high, low):
    active, on = np.zeros(len(scores), bool), False
    for k, score in enumerate(scores):
        on = score >= high or (on and score >= low)
        active[k] = on
    return active


def onset_f1(true, found, collar):
    free, hits = sorted(found), 0
    for onset in sorted(true):
        near = [one for one in free if abs(one - onset) <= collar + 1e-9]
        if near:
            free.remove(near[0])
            hits += 1
    total = len(true) + len(found)
    return 2 * hits / total if total else 0.0


def nearest_first(true, found, collar):
    free, hits = list(found), 0
    for onset in sorted(true):
        near = min(free, key=lambda one: abs(one - onset), default=np.inf)
        if abs(near - onset) <= collar:
            free.remove(near)
            hits += 1
    total = len(true) + len(found)
    return 2 * hits / total if total else 0.0


def found_often(true, found, collar):
    hits = sum(any(abs(one - onset) <= collar for one in found) for onset in true)
    right = sum(any(abs(one - onset) <= collar for onset in true) for one in found)
    return (hits + right) / (len(true) + len(found))


def per_minute(onsets):
    return 60 / np.median(np.diff(np.sort(onsets)))


def move(log_mel, targets, n_frames, pool):
    return np.roll(log_mel, n_frames * pool, axis=1), np.roll(targets, n_frames, axis=0)


RIGHT = [
    (exercises.check_frame_targets, active_frames),
    (exercises.check_frame_targets, lambda *given: active_frames(*given).astype(bool)),
    (exercises.check_hysteresis, track),
    (exercises.check_event_f1, onset_f1),
    (exercises.check_event_rate, per_minute),
    (exercises.check_move_together, move),
]
WRONG = [
    (exercises.check_frame_targets, touched, "frame 5, whose centre lies at 0.550 s, is 1, expected 0"),
    (exercises.check_frame_targets, summed, "an event within another"),
    (exercises.check_frame_targets, from_the_end, "expected"),
    (exercises.check_frame_targets, lambda on, off, n, hop: active_frames(on, off, n, hop)[:, None], "shape (10, 1)"),
    (exercises.check_hysteresis, lambda scores, high, low: scores >= high, "frame 1 is False, expected True"),
    (exercises.check_hysteresis, lambda scores, high, low: scores >= low, "never gets high"),
    (exercises.check_hysteresis, only_forward, "frame 1 is False, expected True"),
    (exercises.check_hysteresis, lambda scores, high, low: track(scores, high + 1e-6, low),
     "exactly on the thresholds"),
    (exercises.check_hysteresis, lambda scores, high, low: track(scores, high, low) * 1.0, "True or False"),
    (exercises.check_event_f1, found_often, "three detections of one event"),
    (exercises.check_event_f1, nearest_first, "of which the later needs the detection that is nearest to the first"),
    (exercises.check_event_f1, lambda true, found, collar: onset_f1(true, found, collar) + 0 / (len(true) + len(found)),
     "nothing there and nothing detected"),
    (exercises.check_event_f1, lambda true, found, collar: onset_f1(true, found, 2 * collar), "outside the collar"),
    (exercises.check_event_f1, lambda true, found, collar: len(found) / len(true), "one found, two missed"),
    (exercises.check_event_f1, lambda true, found, collar: np.array([0.5]) if len(found) else "none", "expected"),
    (exercises.check_event_rate, lambda onsets: 60 / np.mean(np.diff(np.sort(onsets))), "Not the mean"),
    (exercises.check_event_rate, lambda onsets: 1 / np.median(np.diff(onsets)), "expected 120"),
    (exercises.check_event_rate, lambda onsets: 60 / np.median(np.abs(np.diff(onsets))), "sort them first"),
    (exercises.check_move_together, lambda log_mel, targets, n, pool: (np.roll(log_mel, n * pool, axis=1), targets),
     "the targets moved otherwise"),
    (exercises.check_move_together, lambda log_mel, targets, n, pool: move(log_mel, targets, n, 1),
     "the picture moved otherwise"),
    (exercises.check_move_together, lambda log_mel, targets, n, pool: move(log_mel, targets, abs(n), pool),
     "to the left"),
    (exercises.check_move_together, lambda log_mel, targets, n, pool: log_mel, "expected two things"),
]
FUNCTIONS = [exercises.check_frame_targets, exercises.check_hysteresis, exercises.check_event_f1,
             exercises.check_event_rate, exercises.check_move_together]
