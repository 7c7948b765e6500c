"""Right and wrong answers to the exercises of notebook 05, for tests/test_exercises.py."""

import io

import numpy as np
import pandas as pd

from helpers import exercises


def pooling(scores):
    total = scores.sum()
    return scores.max(), scores.mean(), (scores**2).sum() / total if total > 0 else 0.0


def careless(scores):
    return scores.max(), scores.mean(), (scores**2).sum() / scores.sum()


def softmax(scores):
    weights = np.exp(scores) / np.exp(scores).sum()
    return scores.max(), scores.mean(), (weights * scores).sum()


def read_labels(text):
    rows = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("\\"):
            onset, offset, label = line.split("\t")
            rows.append((float(onset), float(offset), label))
    return rows


def by_pandas(text):
    if not text:
        return []
    table = pd.read_csv(io.StringIO(text), sep="\t", header=None, names=["onset", "offset", "label"], dtype=str)
    table = table[table["onset"] != "\\"]
    return list(zip(table["onset"].astype(float), table["offset"].astype(float), table["label"], strict=True))


def keeps_frequencies(text):
    return [tuple(line.split("\t")) for line in text.splitlines() if line]


def never_numbers(text):
    return [tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("\\")]


def splits_at_spaces(text):
    rows = [line.split() for line in text.splitlines() if line and not line.startswith("\\")]
    return [(float(row[0]), float(row[1]), row[2]) for row in rows]


def splits_at_line_feeds(text):
    rows = [line.split("\t") for line in text.split("\n") if line and not line.startswith("\\")]
    return [(float(row[0]), float(row[1]), row[2]) for row in rows]


def every_other(text):
    return read_labels("\n".join(text.splitlines()[::2]))


def pick_next(scores, labelled, n):
    doubt = np.abs(scores - 0.5).min(axis=1)
    return np.argsort(np.where(labelled, np.inf, doubt), kind="stable")[:min(n, (~labelled).sum())]


def pick_slowly(scores, labelled, n):
    free = [place for place in range(len(scores)) if not labelled[place]]
    return sorted(free, key=lambda place: min(abs(score - 0.5) for score in scores[place]))[:n]


def asks_again(scores, labelled, n):
    return np.argsort(np.abs(scores - 0.5).min(axis=1))[:n]


def surest_first(scores, labelled, n):
    return pick_next(np.where(scores > 0.5, 1.5 - scores, 0.5 - scores), labelled, n)


def on_average(scores, labelled, n):
    doubt = np.abs(scores - 0.5).mean(axis=1)
    return np.argsort(np.where(labelled, np.inf, doubt))[:min(n, (~labelled).sum())]


RIGHT = [
    (exercises.check_pooling, pooling), (exercises.check_pooling, lambda scores: np.array(pooling(scores))),
    (exercises.check_label_reader, read_labels), (exercises.check_label_reader, by_pandas),
    (exercises.check_label_reader, lambda text: [list(row) for row in read_labels(text)]),
    (exercises.check_pick_next, pick_next), (exercises.check_pick_next, pick_slowly),
]
WRONG = [
    (exercises.check_pooling, careless, "three frames of 0 (0 / 0 is no number): the linear softmax is nan"),
    (exercises.check_pooling, softmax, "the scores 0.1, 0.9, 0.2: the linear softmax is"),
    (exercises.check_pooling, lambda scores: pooling(scores)[::-1], "the max is 0.7167, expected 0.9"),
    (exercises.check_pooling, lambda scores: pooling(scores)[:2], "an array of shape (2,)"),
    (exercises.check_pooling, lambda scores: scores.max(), "got 0.9."),
    (exercises.check_pooling, lambda scores: (scores.max(), scores.sum() / 3, pooling(scores)[2]),
     "four frames of 0.4: the mean is"),
    (exercises.check_label_reader, keeps_frequencies, "the onset of label 1 is '0.500000', a str"),
    (exercises.check_label_reader, never_numbers, "float(...) makes a number of it"),
    (exercises.check_label_reader, splits_at_spaces, "the label of label 1 is 'glass', expected 'glass breaking'"),
    (exercises.check_label_reader, splits_at_line_feeds, "the label of label 1 is 'dog\\r', expected 'dog'"),
    (exercises.check_label_reader, every_other, "two labels: you read 1 labels, expected 2"),
    (exercises.check_label_reader, lambda text: [row[:2] for row in read_labels(text)], "should be three things"),
    (exercises.check_label_reader, lambda text: pd.DataFrame(read_labels(text)), "got DataFrame"),
    (exercises.check_label_reader, lambda text: [(float(line.split("\t")[0]), 0.0, "") for line in text.splitlines()],
     "the offset of label 1 is 0.0, expected 1.25"),
    (exercises.check_label_reader, lambda text: read_labels(text) or None, "Is a return missing?"),
    (exercises.check_pick_next, asks_again, "clip 1 has been labelled already"),
    (exercises.check_pick_next, surest_first, "is more uncertain"),
    (exercises.check_pick_next, on_average, "one uncertain class is enough"),
    (exercises.check_pick_next, lambda scores, labelled, n: pick_next(scores, labelled, n)[::-1],
     "expected in the order [1, 3]"),
    (exercises.check_pick_next, lambda scores, labelled, n: pick_next(scores, labelled, 2 * n), "you picked 4"),
    (exercises.check_pick_next, lambda scores, labelled, n: scores[pick_next(scores, labelled, n), 0],
     "expected places (whole numbers)"),
    (exercises.check_pick_next, lambda scores, labelled, n: pick_next(scores, labelled, n) + 100, "there is none"),
]
FUNCTIONS = [exercises.check_pooling, exercises.check_label_reader, exercises.check_pick_next]
