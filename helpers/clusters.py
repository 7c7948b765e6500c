"""Groups of sounds without labels, and sounds that fit nowhere: thin over scikit-learn.

Only the directions of embeddings count here, as in a search by cosine. Scale
them first as you search them, for example with
:func:`helpers.similarity.plain_map`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks, metrics
from helpers.metrics.distance import unit, vectors

HOW = ("k-means", "agglomerative", "density")
OUTLIERS = ("neighbours", "local")
MODELS = ("linear", "neighbours")
NOISE = -1
"""Number of the items that belong to no cluster."""
KEPT = 20
FOLDS = 5


def cluster(
    embeddings: np.ndarray, *, how: str = "k-means", n_clusters: int = 10, smallest: int = 5, seed: int = 0
) -> np.ndarray:
    """Sort sounds into groups, with one of three ideas of what a group is.

    All work on the first 20 principal components of the unit vectors: distances
    in hundreds of dimensions say less, and take longer.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    how : {"k-means", "agglomerative", "density"}
        Round groups about a centre; groups joined step by step, always the two
        that grow least by it (Ward); or wherever it is dense (HDBSCAN), with a
        rest that belongs nowhere.
    n_clusters : int
        For the first two; ``density`` finds their number by itself.
    smallest : int
        For ``density``: fewer items are no cluster.
    seed : int
        For ``k-means``, the only one that draws.

    Returns
    -------
    np.ndarray of int, shape=(n_items,)
        Number of the cluster, largest cluster first; -1 where there is none.

    Raises
    ------
    InputError
        If there are fewer items than clusters, or ``how`` is unknown.

    Examples
    --------
    >>> cluster(np.array([[1.0, 0.0], [1.0, 0.1], [1.0, -0.1], [0.0, 1.0]]), n_clusters=2).tolist()
    [0, 0, 0, 1]
    """
    from sklearn.cluster import HDBSCAN, AgglomerativeClustering, KMeans

    checks.one_of(how, HOW, name="how")
    n_clusters, smallest = checks.whole(n_clusters, name="n_clusters"), checks.whole(smallest, name="smallest")
    points = _components(embeddings)
    needed = max(2, smallest) if how == "density" else n_clusters
    if len(points) < needed:
        raise checks.InputError(checks.explain(f"at least {needed} items to sort", str(len(points)),
                                               "Ask for fewer or smaller clusters", section=checks.ARRAYS))
    if how == "k-means":
        found = KMeans(n_clusters, n_init=10, random_state=seed).fit_predict(points)
    elif how == "agglomerative":
        found = AgglomerativeClustering(n_clusters).fit_predict(points)
    else:
        found = HDBSCAN(min_cluster_size=max(2, smallest), copy=True).fit_predict(points)
    return _by_size(found)


def _components(embeddings: np.ndarray) -> np.ndarray:
    """The first principal components of the unit vectors."""
    from sklearn.decomposition import PCA

    points = unit(vectors(embeddings, name="embeddings"))
    if min(points.shape) <= KEPT:
        return points
    return PCA(KEPT, svd_solver="full").fit_transform(points)


def _by_size(found: np.ndarray) -> np.ndarray:
    """Number clusters anew, the largest first; of two alike, that of the earlier item first."""
    names, first, counts = np.unique(found[found >= 0], return_index=True, return_counts=True)
    number = {int(names[place]): new for new, place in enumerate(np.lexsort((first, -counts)))}
    return np.array([number.get(int(name), NOISE) for name in found], int)


def name_clusters(assignments: np.ndarray, labels: Sequence | pd.DataFrame) -> pd.DataFrame:
    """Name each cluster after the label that is more frequent in it than anywhere else.

    Parameters
    ----------
    assignments : np.ndarray of int, shape=(n_items,)
        As :func:`cluster` gives them; -1 is left out.
    labels : sequence of length n_items, or pd.DataFrame with a column for each tag
        One label an item, where there are any; or scores that a tagger gives,
        one row an item: then the tag whose mean score is raised most.

    Returns
    -------
    pd.DataFrame
        One row a cluster: ``cluster``, ``n_items``, ``name``, ``share`` (of the
        label in it, or its mean score) and ``elsewhere`` (the same over all
        items). A name is only as good as the distance between the two.

    Raises
    ------
    InputError
        If the lengths differ.

    Examples
    --------
    >>> name_clusters(np.array([0, 0, 0, 1, 1]), ["dog", "dog", "rain", "rain", "rain"])[["name", "share"]].round(2)
       name  share
    0   dog   0.67
    1  rain   1.00
    """
    assignments = np.asarray(assignments)
    scores = labels if isinstance(labels, pd.DataFrame) else pd.get_dummies(pd.Series(list(labels)), dtype=float)
    checks.same_length(assignments=assignments, labels=scores)
    overall, rows = scores.mean(), []
    for number in np.unique(assignments[assignments >= 0]):
        inside = scores[assignments == number].mean()
        name = (inside - overall).idxmax()
        rows.append({"cluster": int(number), "n_items": int(np.sum(assignments == number)), "name": name,
                     "share": float(inside[name]), "elsewhere": float(overall[name])})
    return pd.DataFrame(rows, columns=["cluster", "n_items", "name", "share", "elsewhere"])


def representatives(embeddings: np.ndarray, assignments: np.ndarray, *, n: int = 3) -> dict[int, np.ndarray]:
    """Find the items nearest to the middle of each cluster: those to listen to first.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    assignments : np.ndarray of int, shape=(n_items,)
    n : int
        How many for each; fewer where the cluster is smaller.

    Returns
    -------
    dict, cluster number to np.ndarray of int
        Row numbers, the nearest first.

    Raises
    ------
    InputError
        If the lengths differ.

    Examples
    --------
    >>> representatives(np.array([[1.0, 0.0], [0.0, 1.0], [0.2, 1.0]]), np.array([0, 1, 1]), n=1)[0].tolist()
    [0]
    """
    points, assignments = unit(vectors(embeddings, name="embeddings")), np.asarray(assignments)
    checks.same_length(embeddings=points, assignments=assignments)
    n, found = checks.whole(n, name="n"), {}
    for number in np.unique(assignments[assignments >= 0]):
        rows = np.flatnonzero(assignments == number)
        nearness = points[rows] @ points[rows].mean(axis=0)
        found[int(number)] = rows[np.argsort(-nearness, kind="stable")[:n]]
    return found


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
