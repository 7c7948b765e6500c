"""How far apart two embeddings are: four answers, and when they agree."""

import numpy as np

from helpers import checks

DISTANCES = ("cosine", "euclidean", "unit_euclidean", "standardised")


def distances(a: np.ndarray, b: np.ndarray, *, how: str = "cosine", scale: np.ndarray | None = None) -> np.ndarray:
    """Measure the distance from each vector of one table to each vector of another.

    Parameters
    ----------
    a : np.ndarray of floats, shape=(n_a, n_dims)
        For example queries.
    b : np.ndarray of floats, shape=(n_b, n_dims)
        For example the collection that is searched.
    how : {"cosine", "euclidean", "unit_euclidean", "standardised"}
        ``cosine`` is 1 - cos(angle): only the direction counts. ``euclidean``
        counts length too. ``unit_euclidean`` is Euclid once all vectors have
        length 1; its square is twice the cosine distance, so both rank alike.
        ``standardised`` is Euclid after each dimension is divided by its
        standard deviation, so that no dimension is loud only because of its unit.
    scale : np.ndarray, shape=(n_dims,), optional
        Standard deviations for ``standardised``; those of ``b`` where not given.

    Returns
    -------
    np.ndarray of float64, shape=(n_a, n_b), 0 or more
        Cosine distances end at 2. Equal vectors are at exactly the same
        distance from a third one, and at 0 from each other.

    Raises
    ------
    InputError
        If a table is not of finite floats, their widths differ, or ``how`` is unknown.

    Notes
    -----
    A vector of zeros has no direction: its cosine distance from everything is
    1, as if at a right angle.

    Examples
    --------
    >>> a, b = np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]])
    >>> distances(a, b).tolist(), distances(a, b, how="euclidean").round(3).tolist()
    ([[0.0, 1.0]], [[1.0, 2.236]])
    """
    a, b = vectors(a, name="a"), vectors(b, name="b")
    if a.shape[1] != b.shape[1]:
        raise checks.fail("vectors of the same length in a and b", f"{a.shape[1]} and {b.shape[1]} numbers",
                          "Make both with the same embedder")
    checks.one_of(how, DISTANCES, name="how")
    if how == "standardised":
        scale = spread(b) if scale is None else np.asarray(scale, float)
    return between(prepared(a, how=how, scale=scale), prepared(b, how=how, scale=scale), how=how)


def vectors(table: np.ndarray, *, name: str = "vectors") -> np.ndarray:
    """Return embeddings as a float table, or say what is wrong with it.

    Raises
    ------
    InputError
        If it does not have the shape (n_items, n_dims), or holds values that are not finite.
    """
    table = np.asarray(table)
    if table.ndim != 2 or table.shape[1] == 0:
        raise checks.fail(f"{name} of shape (n_items, n_dims)", f"shape {table.shape}",
                          "Put a single vector into a table: vector[np.newaxis]")
    return checks.finite(table, name=name)


def spread(table: np.ndarray) -> np.ndarray:
    """Standard deviation of each dimension; 1 for a dimension that never changes.

    Parameters
    ----------
    table : np.ndarray, shape=(n_items, n_dims)

    Returns
    -------
    np.ndarray of float64, shape=(n_dims,)
    """
    if len(table) == 0:
        return np.ones(table.shape[1])
    found = np.std(table, axis=0, dtype=np.float64)
    constant = (table == table[0]).all(axis=0)             # rounding may leave a trace of a deviation
    return np.where(constant | (found == 0), 1.0, found)


def unit(table: np.ndarray) -> np.ndarray:
    """Give each vector the length 1; a vector of zeros stays as it is.

    Parameters
    ----------
    table : np.ndarray, shape=(n_items, n_dims)

    Returns
    -------
    np.ndarray of float64, same shape

    Examples
    --------
    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    return np.nan_to_num(_directions(table), copy=False)


def _directions(table: np.ndarray) -> np.ndarray:
    """Vectors of length 1 in double precision; NaN where there is no direction."""
    table = np.asarray(table)
    if table.dtype == np.float32:                          # its squares fit into double precision, all others may not
        table = table.astype(np.float64)
    else:
        largest = np.abs(table).max(axis=1, keepdims=True)
        table = table / np.where(largest == 0, 1.0, largest)
    with np.errstate(invalid="ignore"):
        return table / np.sqrt(np.einsum("ij,ij->i", table, table))[:, np.newaxis]


def prepared(table: np.ndarray, *, how: str, scale: np.ndarray | None = None) -> np.ndarray:
    """Change vectors so that plain Euclid is all that is left of a distance; :func:`between` then measures it.

    Returns
    -------
    np.ndarray of float64, same shape
        A vector without a direction is NaN where only the direction counts.
    """
    if how in ("cosine", "unit_euclidean"):
        return _directions(table)
    table = np.asarray(table, np.float64)
    return table / scale if how == "standardised" else table


def between(a: np.ndarray, b: np.ndarray, *, how: str) -> np.ndarray:
    """Measure distances between tables that are :func:`prepared`.

    Each pair is measured by itself, not as part of a matrix product, whose
    rounding depends on where in the table a vector stands.

    Returns
    -------
    np.ndarray of float64, shape=(n_a, n_b)
    """
    from scipy.spatial.distance import cdist

    if how in ("euclidean", "standardised"):
        return cdist(a, b, "euclidean")
    squared = cdist(a, b, "sqeuclidean")
    squared[np.isnan(squared)] = 2.0
    return squared / 2 if how == "cosine" else np.sqrt(squared)
