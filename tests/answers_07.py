"""Right and wrong answers to the exercises of notebook 07, for tests/test_exercises.py."""

import numpy as np

from helpers import exercises


def triplet_loss(anchor, positive, negative, margin):
    near, far = ((anchor - positive) ** 2).sum(), ((anchor - negative) ** 2).sum()
    return max(0.0, near - far + margin)


def by_cosine(anchor, positive, negative, margin):
    return np.maximum(2 * (anchor @ negative - anchor @ positive) + margin, 0)


def collapse(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.std(axis=0).mean() * np.sqrt(unit.shape[1])


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


RIGHT = [
    (exercises.check_triplet_loss, triplet_loss), (exercises.check_triplet_loss, by_cosine),
    (exercises.check_collapse, collapse), (exercises.check_collapse, lambda vectors: np.array([collapse(vectors)])),
]
WRONG = [
    (exercises.check_triplet_loss, lambda a, p, n, margin: triplet_loss(a, n, p, margin),
     "further away than the negative: the loss is 0, expected 1.8"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: ((a - p) ** 2).sum() - ((a - n) ** 2).sum() + margin,
     "and a negative at a right angle: the loss is -1.8, expected 0"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: max(
        0, np.linalg.norm(a - p) - np.linalg.norm(a - n) + margin), "The squared distances are 2 and 0.4"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: max(0, a @ n - a @ p + margin), "the loss is 1, expected"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: triplet_loss(a, p, n, 0.2), "a margin of 0.1: the loss"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: triplet_loss(a, p, n, 0), "the loss is 1.6, expected 1.8"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: np.maximum(0, (a - p) ** 2 - (a - n) ** 2 + margin),
     "got an array of shape (2,)"),
    (exercises.check_triplet_loss, lambda a, p, n, margin: "0", "expected one number, got '0'"),
    (exercises.check_collapse, lambda vectors: vectors.std(axis=0).mean() * np.sqrt(vectors.shape[1]),
     "give every vector length 1 first"),
    (exercises.check_collapse, lambda vectors: unit(vectors).std(axis=0).mean(), "multiply by the square root"),
    (exercises.check_collapse, lambda vectors: unit(vectors).std(axis=1).mean() * np.sqrt(vectors.shape[1]),
     "over the clips: axis=0"),
    (exercises.check_collapse, lambda vectors: unit(vectors).std(axis=0) * np.sqrt(vectors.shape[1]),
     "got an array of shape (32,)"),
    (exercises.check_collapse, lambda vectors: collapse(vectors) < 0.3, "expected one number, got"),
    (exercises.check_collapse, lambda vectors: collapse(unit(vectors) - unit(vectors).mean(axis=0)),
     "point everywhere: you said 0.9996"),
    (exercises.check_collapse, lambda vectors: unit(vectors).std(axis=0).mean() * 32**0.5, "vectors of 8 numbers"),
]
FUNCTIONS = [exercises.check_triplet_loss, exercises.check_collapse]
