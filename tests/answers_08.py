"""Right and wrong answers to the exercises of notebook 08, for tests/test_exercises.py."""

import functools

import numpy as np
from scipy import stats

from helpers import anomaly, exercises


def error_score(windows, rebuilt):
    return np.mean((windows - rebuilt) ** 2, axis=1)


def hide_the_middle(contexts, n_frames):
    frames = contexts.reshape(len(contexts), n_frames, -1)
    around = np.delete(frames, n_frames // 2, axis=1)
    return around.reshape(len(contexts), -1), frames[:, n_frames // 2]


def by_columns(contexts, n_frames):
    n_mels = contexts.shape[1] // n_frames
    first = n_frames // 2 * n_mels
    middle = slice(first, first + n_mels)
    return [np.hstack([contexts[:, :first], contexts[:, first + n_mels:]]), contexts[:, middle]]


def band_by_band(contexts, n_frames):
    frames = contexts.reshape(len(contexts), -1, n_frames)
    return np.delete(frames, n_frames // 2, axis=2).reshape(len(contexts), -1), frames[:, :, n_frames // 2]


def silenced(contexts, n_frames):
    frames = contexts.reshape(len(contexts), n_frames, -1).copy()
    middle = frames[:, n_frames // 2].copy()
    frames[:, n_frames // 2] = 0
    return frames.reshape(len(contexts), -1), middle


def backwards(contexts, n_frames):
    frames = contexts.reshape(len(contexts), n_frames, -1)[:, ::-1]
    return np.delete(frames, n_frames // 2, axis=1).reshape(len(contexts), -1), frames[:, n_frames // 2]


def by_rank(normal_scores, rate):
    rank = int(np.ceil((len(normal_scores) + 1) * (1 - rate)))
    return np.sort(normal_scores)[min(rank, len(normal_scores)) - 1]


def cheapest(normal, anomalous, false_alarm_cost, miss_cost, anomaly_rate):
    candidates = np.concatenate([[-np.inf], normal, anomalous])
    costs = [(1 - anomaly_rate) * np.mean(normal > threshold) * false_alarm_cost
             + anomaly_rate * np.mean(anomalous <= threshold) * miss_cost for threshold in candidates]
    return candidates[np.argmin(costs)]


def cheapest_of_the_mix(normal, anomalous, false_alarm_cost, miss_cost, anomaly_rate):
    candidates = np.concatenate([[-np.inf], normal, anomalous])
    costs = [np.sum(normal > threshold) * false_alarm_cost + np.sum(anomalous <= threshold) * miss_cost
             for threshold in candidates]
    return candidates[np.argmin(costs)]


def never_always(normal, anomalous, false_alarm_cost, miss_cost, anomaly_rate):
    candidates = np.concatenate([normal, anomalous])
    costs = [(1 - anomaly_rate) * np.mean(normal > threshold) * false_alarm_cost
             + anomaly_rate * np.mean(anomalous <= threshold) * miss_cost for threshold in candidates]
    return candidates[np.argmin(costs)]


def contaminate(normal, anomalous, share, rng):
    n = round(share * len(normal))
    spoilt = normal.copy()
    spoilt[rng.choice(len(normal), n, replace=False)] = rng.choice(anomalous, n, replace=False)
    return spoilt


def and_shuffle(normal, anomalous, share, rng):
    n = round(share * len(normal))
    kept = rng.permutation(normal)[n:]
    return rng.permutation(np.concatenate([kept, rng.permutation(anomalous)[:n]]))


def appended(normal, anomalous, share, rng):
    return np.concatenate([normal, rng.choice(anomalous, round(share * len(normal)), replace=False)])


def the_first(normal, anomalous, share, rng):
    n = round(share * len(normal))
    return np.concatenate([anomalous[:n], normal[n:]])


def put_back(normal, anomalous, share, rng):
    n = round(share * len(normal))
    return np.concatenate([rng.permutation(normal)[n:], np.repeat(anomalous[:1], n)])


def of_the_anomalies(normal, anomalous, share, rng):
    n = round(share * len(anomalous))
    return np.concatenate([rng.permutation(normal)[n:], rng.permutation(anomalous)[:n]])


def own_generator(normal, anomalous, share, rng):
    return contaminate(normal, anomalous, share, np.random.default_rng())


def in_place(normal, anomalous, share, rng):
    n = round(share * len(normal))
    normal[rng.choice(len(normal), n, replace=False)] = rng.choice(anomalous, n, replace=False)
    return normal


def pieces(normal, anomalous, share, rng):
    return contaminate(normal, anomalous, share, rng) / 2 + 1000 * (contaminate(normal, anomalous, share, rng) > 999)


SCORES = np.random.default_rng(3).gamma(4, 1, 60)
false_alarms = functools.partial(exercises.check_false_alarms, calibration=SCORES[:30], unseen=SCORES[30:])
few = functools.partial(exercises.check_false_alarms, calibration=SCORES[:2], unseen=SCORES[2:6])

RIGHT = [
    (exercises.check_error_score, error_score),
    (exercises.check_error_score, lambda windows, rebuilt: [((a - b) @ (a - b)) / len(a)
                                                            for a, b in zip(windows, rebuilt, strict=True)]),
    (exercises.check_hidden_middle, hide_the_middle), (exercises.check_hidden_middle, by_columns),
    (false_alarms, lambda scores, rate: np.quantile(scores, 1 - rate)), (false_alarms, by_rank),
    (false_alarms, lambda scores, rate: anomaly.quantile_threshold(scores, false_alarm_rate=rate)),
    (exercises.check_least_cost, cheapest),
    (exercises.check_least_cost, lambda normal, anomalous, false_alarm_cost, miss_cost, anomaly_rate:
        anomaly.cost_threshold(normal, anomalous, false_alarm_cost=false_alarm_cost, miss_cost=miss_cost,
                               anomaly_rate=anomaly_rate)),
    (exercises.check_contaminate, contaminate), (exercises.check_contaminate, and_shuffle),
    (exercises.check_contaminate, lambda normal, anomalous, share, rng:
        anomaly.contaminate(normal, anomalous, share=share, rng=rng)[0]),
]
WRONG = [
    (exercises.check_error_score, lambda windows, rebuilt: np.mean((windows - rebuilt) ** 2),
     "expected an array of shape (2,), got one number"),
    (exercises.check_error_score, lambda windows, rebuilt: np.mean((windows - rebuilt) ** 2, axis=0),
     "expected an array of shape (2,), got shape (4,)"),
    (exercises.check_error_score, lambda windows, rebuilt: np.sum((windows - rebuilt) ** 2, axis=1),
     "the score of window 1 is 4, expected 1"),
    (exercises.check_error_score, lambda windows, rebuilt: np.abs(windows - rebuilt).mean(axis=1),
     "the score of window 1 is 0.5, expected 1"),
    (exercises.check_error_score, lambda windows, rebuilt: (windows - rebuilt).mean(axis=1) ** 2,
     "the score of window 1 is 0.25, expected 1"),
    (exercises.check_error_score, lambda windows, rebuilt: np.sqrt(((windows - rebuilt) ** 2).mean(axis=1)),
     "rebuilt as [4, -3]: the score of window 0 is 3.536, expected 12.5"),
    (exercises.check_error_score, lambda windows, rebuilt: -error_score(windows, rebuilt), "is -1, expected 1"),
    (exercises.check_hidden_middle, lambda contexts, n_frames: hide_the_middle(contexts, n_frames)[0],
     "expected two arrays"),
    (exercises.check_hidden_middle, lambda contexts, n_frames: hide_the_middle(contexts, n_frames)[::-1],
     "the frames around: expected an array of shape (2, 4), got shape (2, 2)"),
    (exercises.check_hidden_middle, band_by_band, "The bands of a frame stand together"),
    (exercises.check_hidden_middle, silenced, "the frames around: expected an array of shape (2, 4)"),
    (exercises.check_hidden_middle, backwards, "number 0 of the frames around in context 0 is 4, expected 0"),
    (exercises.check_hidden_middle, lambda contexts, n_frames: (
        contexts[:, :-(contexts.shape[1] // n_frames)], contexts[:, -(contexts.shape[1] // n_frames):]),
     "number 2 of the frames around in context 0 is 2, expected 4"),
    (false_alarms, lambda scores, rate: scores.mean() + 2 * scores.std(), "scores like a bell curve and a rate of"),
    (false_alarms, lambda scores, rate: stats.norm.isf(rate, scores.mean(), scores.std()),
     "scores spread evenly from 0 to 1 and a rate of 0.05"),
    (false_alarms, lambda scores, rate: np.quantile(scores, rate), "95."),
    (false_alarms, lambda scores, rate: np.quantile(scores, 0.95), "a rate of 0.2"),
    (false_alarms, lambda scores, rate: scores.max(), "a rate of 0.05: 0."),
    (false_alarms, lambda scores, rate: scores > np.quantile(scores, 1 - rate), "must be one number"),
    (exercises.check_least_cost, lambda normal, *rest: normal.max(),
     "every second recording faulty: your threshold 10 costs 0.375"),
    (exercises.check_least_cost, cheapest_of_the_mix, "your threshold"),
    (exercises.check_least_cost, never_always, "always to call costs 0.5"),
    (exercises.check_least_cost, lambda normal, anomalous, first, second, rate:
        cheapest(normal, anomalous, second, first, rate), "with a miss at 100"),
    (exercises.check_least_cost, lambda normal, anomalous, first, second, rate:
        cheapest(normal, anomalous, first, second, 0.5), "a miss at 10 and one recording in a hundred faulty"),
    (exercises.check_least_cost, lambda normal, anomalous, *rest: anomaly.f1_threshold(normal, anomalous),
     "your threshold"),
    (exercises.check_least_cost, lambda *given: [cheapest(*given)] * 2, "must be one number"),
    (exercises.check_contaminate, appended, "expected 100 clips, as many as before, got shape (102,)"),
    (exercises.check_contaminate, the_first, "at the same places each time"),
    (exercises.check_contaminate, put_back, "more than once"),
    (exercises.check_contaminate, of_the_anomalies, "how many anomalies: you said 0, expected 2"),
    (exercises.check_contaminate, own_generator, "the same seed"),
    (exercises.check_contaminate, pieces, "neither one of the normal clips nor one of the anomalies"),
    (exercises.check_contaminate, lambda normal, anomalous, share, rng: normal, "you said 0, expected 2"),
    (exercises.check_contaminate, in_place, "writes into the array normal"),
]
FUNCTIONS = [exercises.check_error_score, exercises.check_hidden_middle, false_alarms, exercises.check_least_cost,
             exercises.check_contaminate]
