"""A learned distance in closed form: make small what varies within a class."""

from collections.abc import Sequence

import numpy as np

from helpers import checks, metrics
from helpers.similarity.maps import Layer, Similarity, labelled, scaler

KEEP = ("classes", "all")
SHRINKAGES = (0.1, 0.3, 0.6)
INNER_FOLDS = 3


def fit_linear(
    embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None = None, shrinkage: float | None = None,
    keep: str = "classes",
) -> Similarity:
    """Learn a linear map under which sounds with one label lie close together.

    Directions in which clips of one class differ from each other (the room, the
    microphone, the individual dog) are divided by how much they do. With
    ``keep="classes"`` only those directions stay in which classes differ:
    best for a search among these classes, and blind for others. With ``"all"``
    all directions stay: less gained, and less lost on sounds of new classes.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    labels : sequence, length n_items
    groups : sequence, length n_items, optional
        What an item was cut from, such as the column ``source`` of a clip
        table; used where the shrinkage is chosen.
    shrinkage : float, range above 0 to 1, optional
        How far the measured variances are drawn towards their mean: with few
        clips they are mostly luck. 1 trusts none of them. Chosen by
        :func:`choose_shrinkage` where not given.
    keep : {"classes", "all"}

    Returns
    -------
    Similarity
        One layer; ``n_dims`` is the number of classes less one, or that of the
        embeddings.

    Raises
    ------
    InputError
        If the lengths differ, there is only one class, the shrinkage is out of
        range, or ``keep`` is unknown.

    Notes
    -----
    ``"classes"`` is linear discriminant analysis (Fisher 1936; Rao 1948) with
    shrinkage, ``"all"`` the within-class covariance normalisation of speaker
    recognition (Hatch, Kajarekar and Stolcke, Interspeech 2006). One
    decomposition, no training; the cosine is taken afterwards.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat(["dog", "rain"], 20)
    >>> x = np.column_stack([np.where(labels == "dog", 1.0, -1.0) + rng.normal(0, 0.3, 40), rng.normal(0, 9, 40)])
    >>> learned = fit_linear(x, labels, shrinkage=0.01).transform(x)
    >>> sorted({(str(label), round(float(v[0] * learned[0, 0]))) for label, v in zip(labels, learned)})
    [('dog', 1), ('rain', -1)]
    """
    checks.one_of(keep, KEEP, name="keep")
    embeddings, y, groups = labelled(embeddings, labels, groups=groups)
    if shrinkage is None:
        shrinkage = choose_shrinkage(embeddings, y, groups=groups, keep=keep)
    return Similarity([_Within(embeddings, y).layer(_share(shrinkage), keep=keep)],
                      f"linear, {keep}, shrinkage {shrinkage:g}")


def choose_shrinkage(
    embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None = None, keep: str = "classes",
    candidates: Sequence[float] = SHRINKAGES,
) -> float:
    """Choose the shrinkage by cross-validation: learn on two thirds, search in the third.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
        Those to learn from; never those of a test.
    labels : sequence, length n_items
    groups : sequence, length n_items, optional
        No group is on both sides of a split.
    keep : {"classes", "all"}
        As in :func:`fit_linear`.
    candidates : sequence of float

    Returns
    -------
    float
        The candidate with the highest mean average precision; 0.3 where there
        is too little to split.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    checks.one_of(keep, KEEP, name="keep")
    embeddings, y, groups = labelled(embeddings, labels, groups=groups)
    candidates = [_share(candidate) for candidate in candidates]
    n_folds = min(INNER_FOLDS, min(len(set(groups[y == label])) for label in np.unique(y)) // 2)
    if n_folds < 2:
        return 0.3
    precision = np.zeros(len(candidates))
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0)
    for rest, held in folds.split(embeddings, y, groups):
        within = _Within(embeddings[rest], y[rest])
        for number, candidate in enumerate(candidates):
            found = Similarity([within.layer(candidate, keep=keep)]).transform(embeddings[held])
            scores = metrics.retrieval_scores(found, y[held], groups=groups[held])
            precision[number] += scores["mean_average_precision"]
    return candidates[int(precision.argmax())]


class _Within:
    """How embeddings vary within their classes, decomposed once for all shrinkages."""

    def __init__(self, embeddings: np.ndarray, y: np.ndarray) -> None:
        self.scale, self.offset = scaler(embeddings)
        z = embeddings @ self.scale + self.offset
        means = np.stack([z[y == label].mean(axis=0) for label in np.unique(y)])
        own = z - means[np.searchsorted(np.unique(y), y)]
        # fewer clips than dimensions: decompose the clips, not the covariance of the dimensions
        _, sizes, self.directions = np.linalg.svd(own, full_matrices=False)
        self.variances = sizes**2 / max(1, len(z) - len(means))
        self.between = means - means.mean(axis=0)

    def layer(self, shrinkage: float, *, keep: str) -> Layer:
        """The whole map as one layer."""
        n_dims = self.directions.shape[1]
        floor = shrinkage * max(self.variances.sum() / n_dims, 1e-12)
        rest = 1 / np.sqrt(floor)                       # for directions in which nothing varied within a class
        gains = 1 / np.sqrt((1 - shrinkage) * self.variances + floor) - rest

        def whiten(table: np.ndarray) -> np.ndarray:    # (n, n_dims) -> (n, n_dims)
            return rest * table + (table @ self.directions.T * gains) @ self.directions

        if keep == "all":
            weights = self.scale @ whiten(np.eye(n_dims))
            return weights, whiten(self.offset[np.newaxis])[0]
        _, _, axes = np.linalg.svd(whiten(self.between), full_matrices=False)
        kept = whiten(axes[:max(1, min(len(self.between) - 1, n_dims))]).T
        return self.scale @ kept, self.offset @ kept


def _share(shrinkage: float) -> float:
    if checks.positive(shrinkage, name="shrinkage") > 1:
        raise checks.InputError(checks.explain("shrinkage above 0 and at most 1", repr(shrinkage),
                                               "0.3 is a good first guess", section=checks.ARRAYS))
    return float(shrinkage)
