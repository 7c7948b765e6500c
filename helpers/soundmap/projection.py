"""From many dimensions to two: principal components by a decomposition, UMAP from exact neighbours."""

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from helpers import checks

HOW = ("umap", "pca")
KEPT = 50
"""Principal components that UMAP works on: what lies beyond is mostly noise, and neighbours are found faster."""

FEWEST = 5
"""Below so many sounds that differ, UMAP has nothing to learn from and the principal components are returned."""

_BLOCK_VALUES = 4_000_000   # distances held at a time: 32 MB
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
    principal components, with exact neighbours given (:func:`neighbours`) and started from the first two components.
    The usual call finds approximate neighbours in a step that is compiled in each new kernel.
    ``python -m benchmarks projection`` compares both.

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
    if n_neighbours < 2 or checks.positive(min_dist, name="min_dist") > 1:
        raise checks.InputError(checks.explain(
            "n_neighbours of at least 2 and min_dist of at most 1", f"{n_neighbours} and {min_dist}",
            "15 neighbours, the sound itself included, and 0.1 are usual", section=checks.ARRAYS))
    components = principal_components(embeddings, n=KEPT)
    if len({row.tobytes() for row in embeddings}) < FEWEST or not components.any():
        return components[:, :2]
    indices, distances = neighbours(components, k=min(n_neighbours, len(components) - 1))
    return _umap(components, indices, distances, seed=seed, min_dist=min_dist, epochs=epochs)


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


def neighbours(vectors: np.ndarray, *, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest rows of each row, exactly, block by block.

    Parameters
    ----------
    vectors : np.ndarray, shape=(n, n_dims)
    k : int
        How many, the row itself included; at most ``n``.

    Returns
    -------
    indices : np.ndarray of int, shape=(n, k)
        Nearest first: the row itself in the first column, equals in the order of their rows.
    distances : np.ndarray of float64, shape=(n, k)
        Euclidean.

    Raises
    ------
    InputError
        If the vectors are no table of finite floats, or ``k`` is not a whole number from 1 to n.

    Examples
    --------
    >>> neighbours(np.array([[0.0], [1.0], [3.0]]), k=2)[0].tolist()
    [[0, 1], [1, 0], [2, 1]]
    """
    vectors, k = _table(vectors), checks.whole(k, name="k")
    if k > len(vectors):
        raise checks.InputError(checks.explain(
            f"k of at most {len(vectors)}, the number of rows", repr(k), "Ask for fewer neighbours",
            section=checks.ARRAYS))
    vectors = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)   # less is lost in the subtraction
    squares = np.einsum("ij,ij->i", vectors, vectors)
    indices, distances = np.empty((len(vectors), k), np.intp), np.empty((len(vectors), k))
    step = max(1, _BLOCK_VALUES // len(vectors))
    for first in range(0, len(vectors), step):
        rows = np.arange(first, min(first + step, len(vectors)))
        block = squares[None] - 2 * (vectors[rows] @ vectors.T)
        block[np.arange(len(rows)), rows] = -np.inf       # the row itself, also among its doubles
        nearest = np.argpartition(block, k - 1, axis=1)[:, :k]
        exact = np.linalg.norm(vectors[nearest] - vectors[rows, None], axis=2)
        order = np.lexsort((nearest, exact, nearest != rows[:, None]))
        indices[rows] = np.take_along_axis(nearest, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return indices, distances


def _umap(components: np.ndarray, indices: np.ndarray, distances: np.ndarray, *, seed: int, min_dist: float,
          epochs: int) -> np.ndarray:
    """Let umap-learn move the points; neighbours and start are given."""
    umap = _import_umap()
    rng = np.random.default_rng(seed)
    start = components[:, :2] / np.abs(components[:, 0]).max() * 10    # one scale for both axes
    start += rng.normal(scale=1e-4, size=start.shape)                 # doubles must be able to part
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)                  # that it cannot place further points later
        model = umap.UMAP(
            n_neighbors=indices.shape[1], min_dist=min_dist, n_epochs=epochs, init=start.astype(np.float32),
            precomputed_knn=(indices.astype(np.int32), distances.astype(np.float32), None),
            force_approximation_algorithm=True, random_state=seed, n_jobs=1)
        return model.fit_transform(components.astype(np.float32)).astype(np.float64)


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
