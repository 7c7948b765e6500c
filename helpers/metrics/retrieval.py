"""How good is a search by sound: numbers for rankings, judged by which hits are relevant.

A ranking is an array of True and False, best hit first: whether each hit is
what was looked for, usually whether it has the label of the query. The query's
own recording must not be among the hits, or every search looks perfect:
:func:`retrieval_scores` leaves it out.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics.distance import DISTANCES, between, prepared, spread, vectors

BLOCK = 256
"""So many queries are measured at a time."""


def precision_at_k(relevant: Sequence[bool], *, k: int = 10) -> float:
    """Share of the first k hits that are relevant.

    Parameters
    ----------
    relevant : sequence of bool, length n_hits
        Best hit first.
    k : int
        Where there are fewer hits, their number counts instead.

    Returns
    -------
    float, range 0 to 1

    Raises
    ------
    InputError
        If there is no hit, or k is not a whole number above 0.

    Examples
    --------
    >>> precision_at_k([True, False, True, True], k=2)
    0.5
    """
    return float(_ranking(relevant)[:checks.whole(k, name="k")].mean())


def average_precision(relevant: Sequence[bool], distances: Sequence[float] | None = None) -> float:
    """Average, over the relevant hits, of the precision down to each of them.

    1 when all that is relevant comes first; about the share of what is
    relevant when the order is random. Equal to scikit-learn's
    ``average_precision_score``: hits at the same distance count as one step.

    Parameters
    ----------
    relevant : sequence of bool, length n_hits
        Best hit first, or in any order where distances are given.
    distances : sequence of float, length n_hits, optional
        From the query to each hit.

    Returns
    -------
    float, range 0 to 1
        NaN where nothing is relevant: there was nothing to find.

    Raises
    ------
    InputError
        If there is no hit, the lengths differ, or a distance is not finite.

    Examples
    --------
    >>> round(average_precision([True, False, True]), 3)        # (1/1 + 2/3) / 2
    0.833
    >>> round(average_precision([False, True, True], [0.2, 0.1, 0.3]), 3)
    0.833
    """
    relevant = _ranking(relevant)
    last = np.arange(len(relevant))              # where the step of each hit ends
    if distances is not None:
        checks.same_length(relevant=relevant, distances=distances)
        distances = checks.finite(np.asarray(distances, float), name="distances")
        order = np.argsort(distances, kind="stable")
        relevant, distances = relevant[order], distances[order]
        last = np.searchsorted(distances, distances, side="right") - 1
    precision = np.cumsum(relevant)[last] / (last + 1)
    return float(precision[relevant].mean()) if relevant.any() else float("nan")


def first_rank(relevant: Sequence[bool]) -> float:
    """Rank of the first relevant hit, counted from 1; infinite where there is none.

    Examples
    --------
    >>> first_rank([False, False, True])
    3.0
    """
    relevant = _ranking(relevant)
    return float(relevant.argmax() + 1) if relevant.any() else float("inf")


def mean_average_precision(rankings: Iterable[Sequence[bool]]) -> float:
    """Mean of :func:`average_precision` over queries; those with nothing to find are left out.

    Examples
    --------
    >>> mean_average_precision([[True, False], [False, True]])
    0.75
    """
    found = np.array([average_precision(ranking) for ranking in rankings])
    return float(found[~np.isnan(found)].mean()) if (~np.isnan(found)).any() else float("nan")


def mean_reciprocal_rank(rankings: Iterable[Sequence[bool]]) -> float:
    """Mean of 1 / :func:`first_rank` over queries; 0 for a query that finds nothing.

    Examples
    --------
    >>> mean_reciprocal_rank([[True, False], [False, True], [False, False]])
    0.5
    """
    found = [1 / first_rank(ranking) for ranking in rankings]
    return float(np.mean(found)) if found else float("nan")


def hubness(neighbours: np.ndarray, *, n_items: int) -> np.ndarray:
    """Count how often each item is among the nearest neighbours of the others.

    On average k times. In many dimensions a few items, the hubs, are
    neighbours of nearly everything and turn up in every search, others in
    none. Radovanovic, Nanopoulos and Ivanovic, "Hubs in space", 2010.

    Parameters
    ----------
    neighbours : np.ndarray of int, shape=(n_queries, k)
        Nearest items of each query, as ``search.nearest`` gives them; -1 is no item.
    n_items : int
        How many items there are.

    Returns
    -------
    np.ndarray of int, shape=(n_items,)

    Raises
    ------
    InputError
        If the neighbours are not whole numbers between -1 and n_items - 1.

    Examples
    --------
    >>> hubness(np.array([[1], [2], [1], [1]]), n_items=4).tolist()
    [0, 3, 1, 0]
    """
    neighbours = np.asarray(neighbours)
    if neighbours.dtype.kind not in "iu" or neighbours.ndim != 2 or (
            neighbours.size and not -1 <= neighbours.min() <= neighbours.max() < n_items):
        raise checks.fail(f"neighbours of shape (n_queries, k), numbers of rows from 0 to {n_items - 1}, -1 for none",
                          f"shape {neighbours.shape}, dtype {neighbours.dtype}", "Take what search.nearest returns")
    return np.bincount(neighbours[neighbours >= 0], minlength=n_items)


def retrieval_scores(embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None = None,
                     distance: str = "cosine", k: int = 10) -> dict:
    """Let each item search for its like among all others, and judge the rankings.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    labels : sequence, length n_items
        A hit is relevant when it has the label of the query.
    groups : sequence, length n_items, optional
        What an item was cut from, such as the column ``source`` of a clip
        table: nothing of the query's own group is among its hits. Where not
        given, only the query itself is left out.
    distance : {"cosine", "euclidean", "unit_euclidean", "standardised"}
        As in :func:`~helpers.metrics.distances`.
    k : int
        For the precision among the first hits.

    Returns
    -------
    dict
        ``mean_average_precision``; ``class_balanced``, the same as a mean over
        classes, so that a large class does not decide; ``precision_at_k``;
        ``mean_reciprocal_rank``; ``mean_first_rank``; ``chance``, what a random
        order reaches on average in precision_at_k, and nearly so in average
        precision; ``n_queries``, those with something to find; ``by_class``, a
        table of all this with one row a class.

    Raises
    ------
    InputError
        If the lengths differ, an embedding is not finite, the distance is
        unknown, or no item has another one to find.

    Examples
    --------
    >>> embeddings = np.array([[1.0, 0.0], [0.9, 0.1], [0.1, 0.9], [0.0, 1.0]])
    >>> scores = retrieval_scores(embeddings, ["dog", "dog", "rain", "rain"], k=1)
    >>> scores["mean_average_precision"], scores["precision_at_k"]
    (1.0, 1.0)
    """
    embeddings, labels = vectors(embeddings, name="embeddings"), np.asarray(labels)
    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    checks.same_length(embeddings=embeddings, labels=labels, groups=groups)
    checks.one_of(distance, DISTANCES, name="distance")
    space = prepared(embeddings, how=distance, scale=spread(embeddings) if distance == "standardised" else None)
    judged = []
    for first in range(0, len(space), BLOCK):
        for query, far in enumerate(between(space[first: first + BLOCK], space, how=distance), start=first):
            others = groups != groups[query]
            relevant = labels[others] == labels[query]
            if relevant.any():
                judged.append(_judge(relevant, far[others], label=labels[query], k=k))
    if not judged:
        raise checks.fail("at least one label that two groups share",
                          f"{len(labels)} items in {len(set(groups))} groups, and nothing to find for any of them",
                          "Check labels and groups: they may have been swapped")
    queries = pd.DataFrame(judged)
    by_class = queries.groupby("label").agg("mean").assign(n_queries=queries.groupby("label").size())
    means = queries.drop(columns="label").mean()
    return {"mean_average_precision": float(means["average_precision"]),
            "class_balanced": float(by_class["average_precision"].mean()),
            "precision_at_k": float(means["precision_at_k"]),
            "mean_reciprocal_rank": float(means["reciprocal_rank"]), "mean_first_rank": float(means["first_rank"]),
            "chance": float(means["chance"]), "n_queries": len(queries), "by_class": by_class}


def _judge(relevant: np.ndarray, far: np.ndarray, *, label: object, k: int) -> dict:
    """The numbers of one query, over hits in the order of the collection."""
    ranking = relevant[np.argsort(far, kind="stable")]
    rank = first_rank(ranking)
    return {"label": label, "average_precision": average_precision(relevant, far),
            "precision_at_k": precision_at_k(ranking, k=k), "reciprocal_rank": 1 / rank, "first_rank": rank,
            "chance": float(relevant.mean())}


def _ranking(relevant: Sequence[bool]) -> np.ndarray:
    """A ranking as an array of True and False, at least one."""
    ranking = np.asarray(relevant)
    if ranking.ndim != 1 or len(ranking) == 0 or not (ranking.dtype == bool or np.isin(ranking, (0, 1)).all()):
        raise checks.fail("a ranking of True and False, at least one hit",
                          f"shape {ranking.shape}, dtype {ranking.dtype}", "Compare labels: hits['label'] == 'dog'")
    return ranking.astype(bool)
