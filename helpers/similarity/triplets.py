"""A small network that learns from comparisons: this one is more like that one than like a third."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, models
from helpers.metrics.distance import vectors
from helpers.similarity.maps import Similarity, labelled, scaler

if TYPE_CHECKING:
    import keras

MINING = ("semi-hard", "all")
EACH = 6
"""Examples of each label in a batch."""
MOST_LABELS = 12
"""Labels in a batch: a table of all triplets has (labels * examples) ** 3 places."""


def triplet_loss(
    anchors: np.ndarray, positives: np.ndarray, *, negatives: np.ndarray, margin: float = 0.2
) -> float:
    """Measure how far triplets are from what we want: the positive nearer than the negative, by a margin.

    Parameters
    ----------
    anchors, positives, negatives : np.ndarray of floats, shape=(n_triplets, n_dims)
        Unit vectors. Anchor and positive belong together, anchor and negative
        do not.
    margin : float
        By how much the squared distances should differ.

    Returns
    -------
    float, 0 or more
        Mean of ``max(0, |a - p|**2 - |a - n|**2 + margin)``: 0 where every
        negative is far enough.

    Raises
    ------
    InputError
        If the three have not the same shape, or the margin is not above 0.

    Notes
    -----
    Schroff, Kalenichenko and Philbin, "FaceNet", CVPR 2015.

    Examples
    --------
    >>> a, far = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> triplet_loss(a, a, negatives=far), triplet_loss(a, far, negatives=a, margin=0.5)
    (0.0, 2.5)
    """
    anchors, positives, negatives = (vectors(table, name=name) for table, name in (
        (anchors, "anchors"), (positives, "positives"), (negatives, "negatives")))
    if not anchors.shape == positives.shape == negatives.shape or len(anchors) == 0:
        raise checks.InputError(checks.explain(
            "anchors, positives and negatives of one shape (n_triplets, n_dims)",
            f"{anchors.shape}, {positives.shape} and {negatives.shape}", "Choose one of each for every triplet",
            section=checks.ARRAYS))
    near, far = (((anchors - others) ** 2).sum(axis=1) for others in (positives, negatives))
    return float(np.maximum(near - far + checks.positive(margin, name="margin"), 0).mean())


def batch_triplet_loss(margin: float = 0.2, *, mining: str = "semi-hard") -> Callable:
    """Make a Keras loss over the triplets that a batch holds.

    Parameters
    ----------
    margin : float
    mining : {"semi-hard", "all"}
        Which triplets count: those whose negative is further than the
        positive, though not by the margin; or all that are not as wanted.

    Returns
    -------
    callable
        ``loss(codes, vectors)``, one number. ``codes`` of shape (n_items, 2)
        holds the label and the group of each item as numbers: anchor and
        positive have one label and two groups, the negative has another label.
        The mean is over the triplets that count; 0 where there are none.

    Raises
    ------
    InputError
        If ``mining`` is unknown or the margin is not above 0.
    """
    checks.one_of(mining, MINING, name="mining")
    margin, ops = float(checks.positive(margin, name="margin")), models.load_keras().ops

    def loss(codes, vectors):
        label, group = codes[:, 0], codes[:, 1]
        distance = 2 - 2 * ops.matmul(vectors, ops.transpose(vectors))     # squared, between unit vectors
        alike = label[:, None] == label[None, :]
        pair = ops.logical_and(alike, group[:, None] != group[None, :])
        triplet = ops.logical_and(pair[:, :, None], ops.logical_not(alike)[:, None, :])
        gap = distance[:, :, None] - distance[:, None, :]                  # (anchor, positive, negative)
        counts = ops.logical_and(triplet, gap + margin > 0)
        if mining == "semi-hard":
            counts = ops.logical_and(counts, gap < 0)
        counts = ops.cast(counts, gap.dtype)
        return ops.sum(counts * (gap + margin)) / ops.maximum(ops.sum(counts), 1.0)

    return loss


def fit_triplets(
    embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None = None, n_dims: int = 64, hidden: int = 128,
    margin: float = 0.2, mining: str = "semi-hard", steps: int = 200, seed: int = 0,
) -> Similarity:
    """Learn a small network on top of embeddings from triplets.

    One network looks at anchor, positive and negative in turn (Siamese: twins,
    or here triplets, that share all weights). A batch holds six clips of each
    label, and every triplet among them that is not yet as it should be pushes.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_in)
    labels : sequence, length n_items
    groups : sequence, length n_items, optional
        What an item was cut from. Two clips of one recording are alike without
        any learning, so they make no pair of anchor and positive.
    n_dims : int
        Length of the vectors that come out.
    hidden : int
        Width of the one hidden layer; 0 for none, which leaves a linear map.
    margin : float
        As in :func:`triplet_loss`.
    mining : {"semi-hard", "all"}
        As in :func:`batch_triplet_loss`.
    steps : int
        Batches to train on.
    seed : int
        Of the weights, the dropout and the batches.

    Returns
    -------
    Similarity
        Its ``history`` has the ``loss`` of each step.

    Raises
    ------
    InputError
        If the lengths differ, there is only one label, no label has two groups,
        or ``mining`` is unknown.
    """
    loss = batch_triplet_loss(margin, mining=mining)
    embeddings, y, groups = labelled(embeddings, labels, groups=groups)
    if all(len(set(groups[y == label])) < 2 for label in np.unique(y)):
        raise checks.InputError(checks.explain(
            "a label that two groups share", "none: no pair of anchor and positive", "Check labels and groups: they "
            "may have been swapped", section=checks.ARRAYS))
    keras, rng = models.load_keras(), np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    scale, offset = scaler(embeddings)
    x = (embeddings @ scale + offset).astype(np.float32)
    codes = np.column_stack([y, groups]).astype(np.float32)
    network = _head(x.shape[1], n_dims, hidden=hidden)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, checks.whole(steps, name="steps"))
    network.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
    history = []
    for _ in range(int(steps)):
        labels_in = rng.permutation(np.unique(y))[:MOST_LABELS]
        rows = np.concatenate([rng.choice(np.flatnonzero(y == label), EACH) for label in labels_in])
        history.append(float(network.train_on_batch(x[rows], codes[rows])))
    (weights, bias), *rest = [layer.get_weights() for layer in network.layers if layer.get_weights()]
    first = scale @ weights, offset @ weights + bias
    return Similarity([first, *map(tuple, rest)], f"triplets, {mining}", {"loss": history})


def _head(n_in: int, n_dims: int, *, hidden: int) -> "keras.Model":
    keras = models.load_keras()
    inputs = x = keras.Input((n_in,))
    x = keras.layers.Dropout(0.3)(x)
    if hidden:
        x = keras.layers.Dense(hidden, activation="relu")(x)
        x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.UnitNormalization()(keras.layers.Dense(n_dims)(x)))
