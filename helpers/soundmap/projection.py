"""From many dimensions to two: principal components by a decomposition, UMAP from exact neighbours."""

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks

if TYPE_CHECKING:
    from scipy import sparse

HOW = ("umap", "pca")
KEPT = 50
"""Principal components that UMAP works on: what lies beyond is mostly noise, and neighbours are found faster."""

FEWEST = 5
"""Below so many sounds that differ, UMAP has nothing to learn from and the principal components are returned."""

_IMPORT = threading.Lock()


def project(
    embeddings: np.ndarray, *, how: str = "umap", seed: int = 0, n_neighbours: int = 15, min_dist: float = 0.1,
    epochs: int = 200,
) -> np.ndarray:
    """Place sounds on a plane, so that those with similar embeddings lie side by side.

    ``"pca"`` keeps the two directions in which the embeddings vary most: a shadow of the whole, in which distances
    are never too large. ``"umap"`` keeps the neighbours of each sound together and gives up all else: how far groups
    lie apart, and how dense they are, means little.

    Parameters
    ----------
    embeddings : np.ndarray, shape=(n, n_dims)
        One row a sound. Scale them first as you search them: unit vectors for the cosine, standardised dimensions
        for the standardised Euclidean distance.
    how : {"umap", "pca"}
    seed : int
        For UMAP; the same seed gives the same map on the same computer. PCA draws nothing.
    n_neighbours : int
        UMAP: neighbours that are to stay together, the sound itself included. Few show details, many the whole.
    min_dist : float
        UMAP: how close points may come to each other.
    epochs : int
        UMAP: how long points are moved about.

    Returns
    -------
    np.ndarray of float64, shape=(n, 2)
        Fewer than five different sounds are placed by PCA whatever ``how`` says. Without a second dimension in
        which sounds differ, PCA's second column is 0.

    Raises
    ------
    InputError
        If the embeddings are no table of finite floats, or a setting is out of range.

    Notes
    -----
    UMAP after McInnes, Healy and Melville (arXiv:1802.03426), as umap-learn computes it, but on the first 50
    principal components, with exact neighbours and started from the first two components. The usual call compiles
    two steps in each new kernel that are done in numpy here. ``python -m benchmarks projection`` compares both.

    Examples
    --------
    >>> line = np.outer([0.0, 1.0, 4.0], [3.0, 4.0])
    >>> project(line, how="pca").round(6).tolist()
    [[-8.333333, 0.0], [-3.333333, 0.0], [11.666667, 0.0]]
    """
    checks.one_of(how, HOW, name="how")
    embeddings = _table(embeddings)
    if how == "pca":
        return principal_components(embeddings, n=2)
    n_neighbours, epochs = checks.whole(n_neighbours, name="n_neighbours"), checks.whole(epochs, name="epochs")
    if n_neighbours < 3 or checks.positive(min_dist, name="min_dist") > 1:
        raise checks.InputError(checks.explain(
            "n_neighbours of at least 3 and min_dist of at most 1", f"{n_neighbours} and {min_dist}",
            "15 neighbours, the sound itself included, and 0.1 are usual", section=checks.ARRAYS))
    components = principal_components(embeddings, n=KEPT)
    if len({row.tobytes() for row in embeddings}) < FEWEST or not components.any():
        return components[:, :2]
    return _umap(components, n_neighbours=n_neighbours, seed=seed, min_dist=min_dist, epochs=epochs)


def principal_components(embeddings: np.ndarray, *, n: int) -> np.ndarray:
    """Turn rows so that their first columns vary most, and keep those.

    Parameters
    ----------
    embeddings : np.ndarray, shape=(n_rows, n_dims)
    n : int
        How many columns to keep, at most as many as there are.

    Returns
    -------
    np.ndarray of float64, shape=(n_rows, max(2, min(n, n_rows, n_dims)))
        Centred; columns of zeros where there are fewer than two. Signs are chosen so that of each column the value
        furthest from zero is positive.

    Raises
    ------
    InputError
        If the embeddings are no table of finite floats, or ``n`` is not a whole number above 0.

    Notes
    -----
    These are the columns ``u * s`` of the singular value decomposition of the centred rows. They are computed from
    the eigenvectors of the smaller of the two products of the rows with themselves: the same, and many times faster
    where there are many rows.

    Examples
    --------
    >>> principal_components(np.array([[0.0, 0, 0], [2, 0, 0]]), n=3).tolist()
    [[1.0, 0.0], [-1.0, 0.0]]
    """
    embeddings, n = _table(embeddings), checks.whole(n, name="n")
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    if len(centred) >= centred.shape[1]:
        found = centred @ np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :n]
    else:
        squares, vectors = np.linalg.eigh(centred @ centred.T)
        found = (vectors * np.sqrt(np.maximum(squares, 0)))[:, ::-1][:, :n]
    size = np.abs(found).max(axis=0)
    found[:, size <= 1e-7 * size.max() + 1e-12 * np.abs(embeddings).max()] = 0   # rounding, no direction
    first = (np.abs(found) >= (1 - 1e-9) * np.abs(found).max(axis=0)).argmax(axis=0)   # the first of equals
    found *= np.where(np.take_along_axis(found, first[None], axis=0) < 0, -1.0, 1.0)
    return found if found.shape[1] >= 2 else np.pad(found, ((0, 0), (0, 2 - found.shape[1])))


def memberships(distances: np.ndarray) -> np.ndarray:
    """Say how strongly each sound holds on to its neighbours: fully to the nearest, less to those further away.

    Parameters
    ----------
    distances : np.ndarray, shape=(n, k), at least 0
        From each sound to its ``k`` nearest others, nearest first.

    Returns
    -------
    np.ndarray, shape=(n, k), range 0 to 1
        ``exp(-(distance - nearest) / width)``, with the width of each row chosen so that they add up to
        ``log2(k + 1)``: in dense and in thin places everybody holds on to equally many.

    Notes
    -----
    Equations of McInnes, Healy and Melville (arXiv:1802.03426), algorithm 3, with the limits of umap-learn, which
    compiles this step for ten seconds in each new kernel; ``python -m benchmarks projection`` compares both.

    Examples
    --------
    >>> memberships(np.array([[1.0, 2.0, 3.0]])).round(3).tolist()
    [[1.0, 0.618, 0.382]]
    """
    nearest = np.min(distances, axis=1, where=distances > 0, initial=np.inf, keepdims=True)
    nearest = np.where(np.isfinite(nearest), nearest, 0)     # all of them doubles
    beyond = np.maximum(distances - nearest, 0)
    goal, low, high = np.log2(distances.shape[1] + 1), np.zeros_like(nearest), np.full_like(nearest, np.inf)
    width = np.ones_like(nearest)
    for _ in range(64):
        too_wide = np.exp(-beyond / width).sum(axis=1, keepdims=True) > goal
        high, low = np.where(too_wide, width, high), np.where(too_wide, low, width)
        width = np.where(np.isinf(high), 2 * width, (low + high) / 2)
    usual = np.where(nearest > 0, distances.mean(axis=1, keepdims=True), distances.mean())
    width = np.maximum(width, 1e-3 * usual * distances.shape[1] / (distances.shape[1] + 1))
    return np.exp(-beyond / np.where(width > 0, width, 1))


def _graph(components: np.ndarray, *, n_neighbours: int) -> "sparse.coo_matrix":
    """Join sounds that are neighbours of each other, or of one of both, with the strength of the bond."""
    from scipy import sparse

    from helpers import search

    n, own = len(components), np.arange(len(components))
    k = min(n_neighbours, n - 1) - 1   # others
    others, distances = search.nearest(components, components, k=k, distance="euclidean", apart=(own, own))
    one = sparse.csr_matrix((memberships(distances).ravel(), (np.repeat(own, k), others.ravel())), shape=(n, n))
    both = one.multiply(one.T)
    return (one + one.T - both).tocoo()


def _umap(components: np.ndarray, *, n_neighbours: int, seed: int, min_dist: float, epochs: int) -> np.ndarray:
    """Let umap-learn move the points; bonds and start are given."""
    umap = _import_umap().umap_
    start = components[:, :2] + np.random.default_rng(seed).normal(    # doubles must be able to part
        scale=1e-5 * np.abs(components).max(), size=(len(components), 2))
    a, b = umap.find_ab_params(1.0, min_dist)
    placed, _ = umap.simplicial_set_embedding(
        components, _graph(components, n_neighbours=n_neighbours), 2, initial_alpha=1.0, a=a, b=b, gamma=1.0,
        negative_sample_rate=5, n_epochs=epochs, init=start.astype(np.float32), metric="euclidean", metric_kwds={},
        random_state=np.random.RandomState(seed), densmap=False, densmap_kwds={}, output_dens=False)
    return placed.astype(np.float64)


def _import_umap():
    """Import umap-learn without TensorFlow, which it would load for a class that is not used here."""
    with _IMPORT, _hidden("tensorflow"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)                # that this class is missing
        import umap
    return umap


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Make a package that is not loaded look as if it were not installed, for as long as this lasts."""
    if package in sys.modules:
        yield
        return
    sys.modules[package] = None
    try:
        yield
    finally:
        if package in sys.modules and sys.modules[package] is None:
            del sys.modules[package]


def _table(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or 0 in values.shape:
        raise checks.InputError(checks.explain(
            "embeddings of shape (n, n_dims)", f"shape {values.shape}",
            "One row a sound; a single one becomes a table by embedding[np.newaxis]", section=checks.ARRAYS))
    return checks.finite(values, name="embeddings")
