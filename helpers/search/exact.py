"""Exact nearest neighbours in memory: one matrix product finds who may be near, double precision says who is."""

from collections.abc import Iterator

import numpy as np

from helpers import checks
from helpers.metrics.distance import DISTANCES, between, prepared, spread, unit, vectors
from helpers.search.leading import Leading

BLOCK_NUMBERS = 1 << 24
"""So many scores are held at once (64 MB): queries go in blocks."""
GROUPS = 64
"""Rows share a maximum by this many: the k-th best of these bounds the k-th best of all, at a 64th of the price."""
ROWS = 16_384
"""So many vectors at once are changed to double precision."""
ROUNDING = 2.0 ** -24
PATIENCE, FEWEST, MOST = 32, 4096, 16
"""After so many single queries of a collection this large, leading numbers are worth making; they help a query that
they leave fewer than a sixteenth of the vectors."""


class Collection:
    """Vectors in memory that can be searched exactly, again and again.

    A matrix product in single precision scores all vectors. Its rounding error
    has a bound, so that only the few vectors that may be among the k nearest
    are measured again, in double precision and one by one, as
    :func:`~helpers.metrics.distances` does. The result is therefore that of a
    plain loop in double precision: no neighbour is missed, and vectors that are
    equally far come in the order of their rows. A large collection that is asked
    for one query after another makes an eighth of its numbers once more, with
    which most of each later product is saved (:mod:`helpers.search.leading`).

    Parameters
    ----------
    vectors : np.ndarray of floats, shape=(n_items, n_dims)
        Held as float32; not copied where they are that already.
    distance : {"cosine", "euclidean", "unit_euclidean", "standardised"}
        The last one takes its scale from these vectors. For the first and the
        third one no second copy of the vectors is needed.

    Attributes
    ----------
    vectors : np.ndarray of float32, shape=(n_items, n_dims)
    distance : str
    scale : np.ndarray of float64, shape=(n_dims,), or None

    Raises
    ------
    InputError
        If the vectors are no table of finite floats, or the distance is unknown.

    Examples
    --------
    >>> collection = Collection(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]))
    >>> rows, distances = collection.nearest(np.array([[1.0, 0.1]]), k=2)
    >>> rows.tolist(), distances.round(2).tolist()
    ([[0, 2]], [[0.0, 0.23]])
    """

    def __init__(self, vectors: np.ndarray, *, distance: str = "cosine") -> None:
        checks.one_of(distance, DISTANCES, name="distance")
        self.vectors = np.ascontiguousarray(single(vectors), np.float32)
        self.distance = distance
        self._leading, self._asked = None, 0
        self.scale = spread(self.vectors) if distance == "standardised" else None
        if distance in ("cosine", "unit_euclidean"):
            self._point_in_directions()
        else:
            self._stand_around_their_mean()

    def __len__(self) -> int:
        return len(self.vectors)

    def _point_in_directions(self) -> None:
        """Near is what has a large product with the query, once divided by its own length."""
        length = np.sqrt(np.einsum("ij,ij->i", self.vectors, self.vectors, dtype=np.float64, casting="same_kind")
                         if len(self) else np.empty(0))
        some = length[length > 0]
        if some.size and not 1e-15 < some.min() <= some.max() < 1e15:       # products would leave single precision
            self._matrix, length = unit(self.vectors).astype(np.float32), np.ones(len(self))
        else:
            self._matrix = self.vectors
        self._factor = (1 / np.where(length > 0, length, 1)).astype(np.float32)
        self._term, self._longest = None, 1.0

    def _stand_around_their_mean(self) -> None:
        """Near is what has a large product with the query, less half its own squared length."""
        self._centre = self.vectors.mean(axis=0, dtype=np.float64) if len(self) else np.zeros(self.vectors.shape[1])
        self._divisor = np.ones_like(self._centre) if self.scale is None else self.scale
        self._matrix, squared = np.empty_like(self.vectors), np.empty(len(self))
        for rows in _blocks(len(self), ROWS):
            centred = (self.vectors[rows] - self._centre) / self._divisor
            squared[rows] = np.einsum("ij,ij->i", centred, centred)
        self._longest = float(np.sqrt(squared.max())) if len(self) and squared.max() > 0 else 1.0
        for rows in _blocks(len(self), ROWS):
            self._matrix[rows] = (self.vectors[rows] - self._centre) / (self._divisor * self._longest)
        self._factor, self._term = None, (squared / self._longest ** 2 / 2).astype(np.float32)

    def nearest(self, queries: np.ndarray, *, k: int = 10, allowed: np.ndarray | None = None,
                apart: tuple[np.ndarray, np.ndarray] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest vectors of each query.

        Parameters
        ----------
        queries : np.ndarray of floats, shape=(n_queries, n_dims)
            Many at once are cheaper than one by one.
        k : int
            How many to find.
        allowed : np.ndarray of bool, shape=(n_items,), optional
            Which vectors may be found.
        apart : pair of np.ndarray, shapes (n_queries,) and (n_items,), optional
            Groups of the queries and of the vectors, such as the recordings
            they come from: nothing of a query's own group is found.

        Returns
        -------
        rows : np.ndarray of int, shape=(n_queries, k), or fewer columns where there are fewer vectors
            Nearest first; -1 where no more are left.
        distances : np.ndarray of float64, same shape
            Infinite where no more are left.

        Raises
        ------
        InputError
            If the queries are no table of finite floats as wide as the
            vectors, k is not a whole number above 0, or lengths differ.
        """
        queries, k = single(queries, name="queries"), min(checks.whole(k, name="k"), len(self))
        if queries.shape[1] != self.vectors.shape[1]:
            raise checks.fail(f"queries of {self.vectors.shape[1]} numbers each", f"{queries.shape[1]} numbers",
                              "Embed the query with the embedder of the collection")
        if allowed is not None:
            checks.same_length(vectors=self.vectors, allowed=allowed)
        if apart is not None:
            checks.same_length(queries=queries, groups_of_queries=apart[0])
            checks.same_length(vectors=self.vectors, groups_of_vectors=apart[1])
        found, distances = np.full((len(queries), k), -1), np.full((len(queries), k), np.inf)
        if k == 0:
            return found, distances
        exact = prepared(queries, how=self.distance, scale=self.scale)
        for block in _blocks(len(queries), max(1, BLOCK_NUMBERS // len(self))):
            right, margins = self._right(queries[block], exact[block])
            rows, scores = [], self._scores(right) if len(right) > 1 else None
            for query, margin in enumerate(margins, start=block.start):
                may = allowed if apart is None else np.asarray(apart[1]) != apart[0][query]
                may = may & allowed if apart is not None and allowed is not None else may
                rows.append(self._near(right, k=k, margin=margin, may=may) if scores is None
                            else _candidates(scores[query - block.start], k=k, margin=margin, may=may))
            for query, (own, far) in enumerate(self._measure(exact[block], rows), start=block.start):
                best = np.argsort(far, kind="stable")[:k]                  # rows rise, so ties keep their order
                found[query, :len(best)], distances[query, :len(best)] = own[best], far[best]
        return found, distances

    def _right(self, queries: np.ndarray, exact: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the vectors are multiplied by, for each query, and what rounding may do to the scores."""
        if self._factor is None:
            right = (queries - self._centre) / (self._divisor * self._longest)
            lengths, right = np.sqrt(np.einsum("ij,ij->i", right, right)), right.astype(np.float32)
        else:
            lengths, right = np.ones(len(exact)), exact.astype(np.float32)
            right[np.isnan(right)] = 0                         # no direction: as far from one as from another
        # the bound of a sum of n products, in whichever order; a few more for the steps around it
        return right, (self.vectors.shape[1] + 16) * ROUNDING * (lengths + 1)

    def _scores(self, right: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Scores of vectors for each query, in single precision."""
        matrix = self._matrix[rows]
        scores = (matrix @ right[0])[np.newaxis] if len(right) == 1 else right @ matrix.T
        if self._factor is None:
            return np.subtract(scores, self._term[rows], out=scores)
        return np.multiply(scores, self._factor[rows], out=scores)

    def _near(self, right: np.ndarray, *, k: int, margin: float, may: np.ndarray | None) -> np.ndarray:
        """Candidates of a single query: by its leading numbers where these leave few, else by all of them."""
        if self._asked == PATIENCE and len(self) >= FEWEST and self._leading is None:
            self._leading = Leading(self._matrix, factor=self._factor, term=self._term, block=ROWS)
        self._asked = min(self._asked + 1, PATIENCE)
        if self._leading is not None:
            rows = self._leading.may_be_near(right[0], k=k, margin=margin, may=may)
            if len(rows) <= k:
                return rows
            if len(rows) <= len(self) // MOST:
                return rows[_candidates(self._scores(right, rows)[0], k=k, margin=margin, may=None)]
        return _candidates(self._scores(right)[0], k=k, margin=margin, may=may)

    def _measure(self, exact: np.ndarray, rows: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each prepared query its rows, and its distances from them in double precision."""
        first = 0
        while first < len(rows):
            last, n = first + 1, len(rows[first])
            while last < len(rows) and n + len(rows[last]) <= ROWS:
                last, n = last + 1, n + len(rows[last])
            # few rows of many queries are changed together; many rows of one query, all ties, piece by piece
            flat = rows[first] if last == first + 1 else np.concatenate(rows[first:last])
            far = np.empty(len(flat))
            for part in _blocks(len(flat), ROWS):
                table, end = prepared(self.vectors[flat[part]], how=self.distance, scale=self.scale), part.start
                for query in range(first, last):
                    begin, end = end, min(part.stop, end + len(rows[query]))
                    far[begin:end] = between(exact[query: query + 1], table[begin - part.start: end - part.start],
                                             how=self.distance)[0]
            for query in range(first, last):
                yield rows[query], far[:len(rows[query])]
                far = far[len(rows[query]):]
            first = last


def nearest(queries: np.ndarray, vectors: np.ndarray, *, k: int = 10, distance: str = "cosine",
            apart: tuple[np.ndarray, np.ndarray] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest vectors of each query, exactly.

    For many calls with the same vectors make a :class:`Collection` once.

    Parameters
    ----------
    queries : np.ndarray of floats, shape=(n_queries, n_dims)
    vectors : np.ndarray of floats, shape=(n_items, n_dims)
    k : int
    distance : {"cosine", "euclidean", "unit_euclidean", "standardised"}
        As in :func:`~helpers.metrics.distances`.
    apart : pair of np.ndarray, shapes (n_queries,) and (n_items,), optional
        Groups of the queries and of the vectors: nothing of a query's own
        group is found.

    Returns
    -------
    rows : np.ndarray of int, shape=(n_queries, k), or fewer columns where there are fewer vectors
        Nearest first, ties in the order of the rows; -1 where no more are left.
    distances : np.ndarray of float64, same shape
        Infinite where no more are left.

    Raises
    ------
    InputError
        If a table is not of finite floats, their widths differ, the distance
        is unknown, or k is not a whole number above 0.

    Examples
    --------
    The nearest other vector of each one:

    >>> vectors, own = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.9]]), np.arange(3)
    >>> rows, distances = nearest(vectors, vectors, k=1, apart=(own, own))
    >>> rows.tolist()
    [[2], [2], [0]]
    """
    return Collection(vectors, distance=distance).nearest(queries, k=k, apart=apart)


def _candidates(scores: np.ndarray, *, k: int, margin: float, may: np.ndarray | None) -> np.ndarray:
    """Rows that may be among the k of highest score, if no score is wrong by more than the margin."""
    if may is not None:
        scores[~may] = -np.inf
    n_columns = len(scores) // GROUPS
    some = scores if n_columns < k else scores[:GROUPS * n_columns].reshape(GROUPS, n_columns).max(axis=0)
    bound = np.partition(some, len(some) - k)[len(some) - k]
    near = ~(scores < bound - 2 * margin)                 # not ">=": what is no number is measured again too
    return np.flatnonzero(near if may is None else near & may)


def single(table: np.ndarray, *, name: str = "vectors") -> np.ndarray:
    """A table of vectors in single precision, still finite."""
    table = vectors(table, name=name)
    if table.dtype == np.float32:
        return table
    with np.errstate(over="ignore"):
        return vectors(table.astype(np.float32), name=name)


def _blocks(n: int, size: int) -> Iterator[slice]:
    return (slice(first, min(first + size, n)) for first in range(0, n, size))
