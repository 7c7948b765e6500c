"""From a few examples to classes: prototypes, and an honest way to measure them."""

from collections.abc import Sequence

import numpy as np

from helpers import checks
from helpers.metrics.distance import unit, vectors


def prototypes(embeddings: np.ndarray, labels: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Make one prototype for each label: the direction in which its examples lie on average.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
        A handful for each label, one is enough; of any length, only their
        directions count.
    labels : sequence, length n_items

    Returns
    -------
    vectors : np.ndarray of float64, shape=(n_labels, n_dims)
        Of length 1, or 0 where the examples of a label cancel out.
    labels : np.ndarray, shape=(n_labels,)
        Sorted.

    Raises
    ------
    InputError
        If there is no example, or the lengths differ.

    Notes
    -----
    Snell, Swersky and Zemel, "Prototypical networks for few-shot learning",
    NeurIPS 2017, with the cosine.

    Examples
    --------
    >>> vectors, labels = prototypes(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -5.0]]), ["dog", "dog", "rain"])
    >>> vectors.round(3).tolist(), labels.tolist()
    ([[0.707, 0.707], [0.0, -1.0]], ['dog', 'rain'])
    """
    table, labels = unit(vectors(embeddings, name="embeddings")), np.asarray(labels)
    checks.same_length(embeddings=table, labels=labels)
    if len(labels) == 0:
        raise checks.InputError(checks.explain("at least one example", "none", "Check which rows were chosen",
                                               section=checks.ARRAYS))
    names = np.unique(labels)
    return unit(np.stack([table[labels == name].mean(axis=0) for name in names])), names


def prototype_scores(embeddings: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """Say how alike each sound is to each prototype: the cosine between them.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    prototypes : np.ndarray, shape=(n_labels, n_dims)
        As :func:`prototypes` makes them.

    Returns
    -------
    np.ndarray of float64, shape=(n_items, n_labels), range -1 to 1
        ``argmax(axis=1)`` names the nearest.

    Raises
    ------
    InputError
        If one is no table of finite floats, or their widths differ.

    Examples
    --------
    >>> prototype_scores(np.array([[3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])).round(3).tolist()
    [[0.6, 0.8]]
    """
    a, b = vectors(embeddings, name="embeddings"), vectors(prototypes, name="prototypes")
    if a.shape[1] != b.shape[1]:
        raise checks.InputError(checks.explain(
            "embeddings and prototypes of the same length", f"{a.shape[1]} and {b.shape[1]} numbers",
            "Make both with the same embedder, and the same map", section=checks.ARRAYS))
    return unit(a) @ unit(b).T


def few_shot_accuracy(
    embeddings: np.ndarray, labels: Sequence, *, rng: np.random.Generator, n_shots: int = 5, draws: int = 20,
    groups: Sequence | None = None, queries: np.ndarray | None = None,
) -> np.ndarray:
    """Measure how often the nearest prototype is right when each is made of a few examples.

    Which examples were drawn decides much, so there are many draws.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
    labels : sequence, length n_items
    rng : numpy.random.Generator
        Draws the examples.
    n_shots : int
        Examples of each label.
    draws : int
        How often to draw them.
    groups : sequence, length n_items, optional
        What an item was cut from. Examples come from different groups as far as
        there are any, and no item is asked whose group is among the examples.
    queries : np.ndarray of bool, shape=(n_items,), optional
        Which items are asked; the examples come from the others. Where not
        given, examples come from all and all others are asked.

    Returns
    -------
    np.ndarray, shape=(draws,), range 0 to 1
        Accuracy of each draw: mean and spread are for the reader to see.

    Raises
    ------
    InputError
        If the lengths differ, a label has fewer examples than are drawn, or
        nothing is left to ask.

    Examples
    --------
    >>> x = np.array([[1.0, 0.1], [1.0, 0.0], [0.1, 1.0], [0.0, 1.0]])
    >>> few_shot_accuracy(x, ["dog", "dog", "rain", "rain"], rng=np.random.default_rng(0), n_shots=1, draws=3).tolist()
    [1.0, 1.0, 1.0]
    """
    table, labels = unit(vectors(embeddings, name="embeddings")), np.asarray(labels)
    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    asked = np.ones(len(labels), bool) if queries is None else np.asarray(queries, bool)
    checks.same_length(embeddings=table, labels=labels, groups=groups, queries=asked)
    pool = np.ones(len(labels), bool) if queries is None else ~asked
    n_shots, draws = checks.whole(n_shots, name="n_shots"), checks.whole(draws, name="draws")
    names = np.unique(labels[asked])
    fewest = min((np.count_nonzero(labels[pool] == name) for name in names), default=0)
    if fewest < n_shots:
        raise checks.InputError(checks.explain(
            f"at least {n_shots} examples of each label to draw from", f"{fewest} of one of them",
            "Ask for fewer shots, or leave that label out", section=checks.ARRAYS))
    accuracies = np.empty(draws)
    for draw in range(draws):
        shots = np.concatenate([_draw(np.flatnonzero(pool & (labels == name)), groups, n_shots, rng)
                                for name in names])
        others = np.flatnonzero(asked & ~np.isin(groups, groups[shots]))
        if len(others) == 0:
            raise checks.InputError(checks.explain(
                "something left to ask beside the examples", "nothing: all share a group with them",
                "Ask for fewer shots", section=checks.ARRAYS))
        found, _ = prototypes(table[shots], labels[shots])
        accuracies[draw] = np.mean(names[prototype_scores(table[others], found).argmax(axis=1)] == labels[others])
    return accuracies


def _draw(candidates: np.ndarray, groups: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Draw n places, from as many groups as there are."""
    candidates = rng.permutation(candidates)
    turn = np.empty(len(candidates), int)       # the how-manieth of its group each candidate is
    seen: dict = {}
    for place, group in enumerate(groups[candidates]):
        turn[place] = seen[group] = seen.get(group, -1) + 1
    return candidates[np.argsort(turn, kind="stable")[:n]]
