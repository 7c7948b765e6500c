"""A short product that says which vectors a long one may still put among the nearest.

Embeddings of hundreds of numbers spread along few directions. Turned so that
these come first, an eighth of the numbers holds nearly all of every vector, and
what the others can still add to a product is at most the product of the two
lengths that are left (the inequality of Cauchy and Schwarz). Reading vectors
from memory is what a single query waits for, so an eighth of the reading is
nearly an eighth of the time, and nothing is missed.
"""

import numpy as np

SHARE = 8
"""An n-th of the numbers is kept."""
SAMPLE = 4096
"""Directions are found from at most so many vectors, spread over all."""


class Leading:
    """The leading numbers of a table's rows, in directions of its own, and the length of what they leave out.

    Parameters
    ----------
    matrix : np.ndarray of float32, shape=(n_items, n_dims)
    factor : np.ndarray of float32, shape=(n_items,), or None
        What a product with each row is multiplied by.
    term : np.ndarray of float32, shape=(n_items,), or None
        What is taken off it.
    block : int
        So many rows at once are changed to double precision.
    """

    def __init__(self, matrix: np.ndarray, *, factor: np.ndarray | None, term: np.ndarray | None, block: int) -> None:
        some = matrix[:: -(-len(matrix) // SAMPLE)].astype(np.float64)
        some *= 1 if factor is None else factor[:: -(-len(matrix) // SAMPLE), np.newaxis]
        n_kept = max(1, matrix.shape[1] // SHARE)
        self.directions = np.ascontiguousarray(np.linalg.eigh(some.T @ some)[1][:, :-n_kept - 1:-1])
        self.term = term
        self._short, self._left = np.empty((len(matrix), n_kept), np.float32), np.empty(len(matrix), np.float32)
        for first in range(0, len(matrix), block):
            rows = slice(first, first + block)
            full = matrix[rows].astype(np.float64) * (1 if factor is None else factor[rows, np.newaxis])
            kept = full @ self.directions
            self._short[rows], self._left[rows] = kept, _left_over(full, kept)

    def may_be_near(self, right: np.ndarray, *, k: int, margin: float, may: np.ndarray | None) -> np.ndarray:
        """Rows that may have one of the k highest scores, where a score is wrong by at most the margin.

        Parameters
        ----------
        right : np.ndarray of float32, shape=(n_dims,)
            What the rows are multiplied by.
        k : int
        margin : float
            What rounding may do to a score.
        may : np.ndarray of bool, shape=(n_items,), optional
            Which rows are allowed.

        Returns
        -------
        np.ndarray of int, shape=(n_rows,)
            Rising.
        """
        right = right.astype(np.float64)
        kept = right @ self.directions
        middle = self._short @ kept.astype(np.float32)
        if self.term is not None:
            middle -= self.term
        slack = self._left * _left_over(right[np.newaxis], kept[np.newaxis]).astype(np.float32)
        slack += np.float32(2 * margin)
        lowest = middle - slack
        if may is not None:
            lowest[~may] = -np.inf
        bound = np.partition(lowest, len(lowest) - k)[len(lowest) - k]
        middle += slack
        near = ~(middle < bound)
        return np.flatnonzero(near if may is None else near & may)


def _left_over(full: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Length of what directions at right angles leave of each row, rounded up."""
    whole = np.einsum("ij,ij->i", full, full)
    return np.sqrt(np.maximum(whole - np.einsum("ij,ij->i", kept, kept), 0) + 1e-12 * whole)
