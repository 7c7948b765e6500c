"""Sounds that fit nowhere, and labels that do not fit their sounds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks, metrics
from helpers.metrics.distance import vectors

OUTLIERS = ("neighbours", "local")
MODELS = ("linear", "neighbours")
FOLDS = 5


def outlier_scores(
    embeddings: np.ndarray, *, groups: Sequence | None = None, how: str = "neighbours", k: int = 10
) -> np.ndarray:
    """Say how far each sound lies from all others: high is strange.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    groups : sequence, length n_items, optional
        What an item was cut from: its own group does not count as company.
    how : {"neighbours", "local"}
        Mean cosine distance to the k nearest; or the local outlier factor (1 is usual),
        which asks whether the neighbours have nearer neighbours than the item has.
    k : int
        Neighbours; fewer where there are not so many in other groups.

    Returns
    -------
    np.ndarray of float64, shape=(n_items,), 0 or more

    Raises
    ------
    InputError
        If the lengths differ, ``how`` is unknown, or an item has no other group.

    Notes
    -----
    ``local``: Breunig and others, "LOF: identifying density-based local outliers", SIGMOD 2000.

    Examples
    --------
    >>> outlier_scores(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), k=1).tolist()
    [0.0, 0.0, 1.0]
    """
    checks.one_of(how, OUTLIERS, name="how")
    far, fewest = _far(embeddings, groups)
    k = min(checks.whole(k, name="k"), fewest)
    if how == "neighbours":
        return np.sort(far, axis=1)[:, :k].mean(axis=1)
    from sklearn.neighbors import LocalOutlierFactor

    model = LocalOutlierFactor(n_neighbors=k, metric="precomputed").fit(np.where(np.isfinite(far), far, 4.0))
    return -model.negative_outlier_factor_


def _far(embeddings: np.ndarray, groups: Sequence | None) -> tuple[np.ndarray, int]:
    """Cosine distances, infinite within a group; and how many items of other groups each has at least."""
    points = vectors(embeddings, name="embeddings")
    groups = np.arange(len(points)) if groups is None else np.asarray(groups)
    checks.same_length(embeddings=points, groups=groups)
    own = groups[:, np.newaxis] == groups
    fewest = int((~own).sum(axis=1).min(initial=len(points)))
    if len(points) < 2 or fewest == 0:
        raise checks.InputError(checks.explain(
            "items of at least two groups", f"{len(points)} items of {len(set(groups.tolist()))}",
            "Leave groups out, or add other recordings", section=checks.ARRAYS))
    return np.where(own, np.inf, metrics.distances(points, points)), fewest


def suspicious_labels(
    embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None = None, how: str = "linear", seed: int = 0
) -> pd.DataFrame:
    """Rank items by how little a model that never saw them believes their label.

    What stands at the top is worth a listen: a wrong label, two sounds at once, or the one odd dog.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    labels : sequence, length n_items
        As given, some perhaps wrong.
    groups : sequence, length n_items, optional
        What an item was cut from: no model judges a recording that it has learned from.
    how : {"linear", "neighbours"}
        Logistic regression, or the ten nearest neighbours.
    seed : int
        Of the five parts into which groups are dealt.

    Returns
    -------
    pd.DataFrame
        One row an item, the most suspicious first: ``item`` (row number), ``label``, ``probability``
        (of that label), ``suggestion`` (what the model would say) and ``suggested`` (its probability).

    Raises
    ------
    InputError
        If the lengths differ, there is only one label, or fewer than two groups.

    Notes
    -----
    This is where confident learning starts (Northcutt, Jiang and Chuang, JAIR 2021).
    """
    from sklearn.model_selection import StratifiedGroupKFold

    checks.one_of(how, MODELS, name="how")
    points, labels = vectors(embeddings, name="embeddings"), np.asarray(labels)
    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    checks.same_length(embeddings=points, labels=labels, groups=groups)
    names, y = np.unique(labels, return_inverse=True)
    n_folds = min(FOLDS, len(set(groups.tolist())))
    if len(names) < 2 or n_folds < 2:
        raise checks.InputError(checks.explain(
            "at least two labels, in at least two groups", f"{len(names)} labels in {len(set(groups.tolist()))} groups",
            "One label alone cannot be doubted", section=checks.ARRAYS))
    scores = np.zeros((len(y), len(names)))
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    for rest, held in folds.split(points, y, groups):
        model = _model(how, n_items=len(rest)).fit(points[rest], y[rest])
        scores[np.ix_(held, model.classes_)] = model.predict_proba(points[held])
    best = scores.argmax(axis=1)
    table = pd.DataFrame({"item": np.arange(len(y)), "label": labels, "probability": scores[np.arange(len(y)), y],
                          "suggestion": names[best], "suggested": scores.max(axis=1)})
    doubt = table["suggested"] - table["probability"]
    return table.assign(doubt=doubt).sort_values(["probability", "doubt"], ascending=[True, False], kind="stable",
                                                 ignore_index=True).drop(columns="doubt")


def _model(how: str, *, n_items: int):
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if how == "linear":
        return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    return KNeighborsClassifier(min(10, n_items), metric="cosine", weights="distance")
