"""Sort sounds into groups, name the groups, and find what to listen to first: thin over scikit-learn."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics.distance import unit, vectors

HOW = ("k-means", "agglomerative", "density")
NOISE = -1
"""Number of the items that belong to no cluster."""
KEPT = 20


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
    # by the covariance, several times as fast; in double precision, because it squares what is small
    return PCA(KEPT, svd_solver="covariance_eigh").fit_transform(points.astype(np.float64)).astype(np.float32)


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
