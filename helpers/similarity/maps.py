"""What every learned similarity is: some layers that turn embeddings into unit vectors."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import arrays, checks, files
from helpers.metrics.distance import spread, unit, vectors

Layer = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Similarity:
    """A map from embeddings to unit vectors, in which the dot product says how alike two sounds are.

    Attributes
    ----------
    layers : sequence of (weights, bias)
        Weights of shape (n_in, n_out), bias of shape (n_out,). Between two
        layers, what is negative becomes 0 (ReLU); after the last, every vector
        gets the length 1. A linear map has one layer.
    name : str
        How it was learned.
    history : dict of list
        What was measured at each step of its training; not saved.

    Examples
    --------
    >>> swap = Similarity([(np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros(2))])
    >>> swap.transform(np.array([[3.0, 4.0]])).tolist()
    [[0.800000011920929, 0.6000000238418579]]
    """

    layers: Sequence[Layer]
    name: str = "map"
    history: dict[str, list[float]] = field(default_factory=dict, repr=False)

    @property
    def n_in(self) -> int:
        """Length of the embeddings that it takes."""
        return self.layers[0][0].shape[0]

    @property
    def n_dims(self) -> int:
        """Length of the vectors that it gives."""
        return self.layers[-1][0].shape[1]

    def transform(self, embeddings: np.ndarray) -> np.ndarray:
        """Map embeddings.

        Parameters
        ----------
        embeddings : np.ndarray of floats, shape=(n_items, n_in)

        Returns
        -------
        np.ndarray of float32, shape=(n_items, n_dims)
            Rows of length 1 (or 0, where the map gives zeros).

        Raises
        ------
        InputError
            If they are no table of finite floats, or of another length.
        """
        x = vectors(embeddings, name="embeddings").astype(np.float64)
        if x.shape[1] != self.n_in:
            raise checks.InputError(checks.explain(
                f"embeddings of {self.n_in} numbers, as in its training", f"{x.shape[1]}",
                "Make them with the embedder that this map was learned on", section=checks.ARRAYS))
        for number, (weights, bias) in enumerate(self.layers):
            x = (np.maximum(x, 0) if number else x) @ weights + bias
        return unit(x).astype(np.float32)

    def save(self, path: str | os.PathLike) -> Path:
        """Write the layers into an NPZ file, whole or not at all.

        Returns
        -------
        Path
            With the ending ``.npz``.
        """
        path = Path(path).with_suffix(".npz")
        arrays = {f"{kind}_{number}": array.astype(np.float32) for number, layer in enumerate(self.layers)
                  for kind, array in zip(("weights", "bias"), layer, strict=True)}
        with files.replacing(path) as temporary:
            np.savez_compressed(temporary, name=np.array(self.name), **arrays)
        return path


def load_similarity(path: str | os.PathLike) -> Similarity:
    """Read what :meth:`Similarity.save` wrote; nothing in the file is executed.

    Raises
    ------
    DatasetError
        If there is no such file, or it holds no map.
    """
    try:
        kept = arrays.several(path)
        n_layers = sum(name.startswith("weights_") for name in kept)
        layers = [tuple(checks.finite(kept[f"{kind}_{number}"], name=kind) for kind in ("weights", "bias"))
                  for number in range(n_layers)]
        name = str(kept["name"])
    except (OSError, ValueError, KeyError) as error:
        raise _no_map(path, str(error).splitlines()[0][:120] if str(error) else type(error).__name__) from error
    shapes = [weights.shape for weights, _ in layers]
    fits = all(weights.ndim == 2 and bias.shape == weights.shape[1:] for weights, bias in layers)
    if not layers or not fits or any(a[1] != b[0] for a, b in itertools.pairwise(shapes)):
        raise _no_map(path, f"layers of shapes {shapes}")
    return Similarity(layers, name)


def _no_map(path: str | os.PathLike, got: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(f"a saved similarity in {path}", got, "Learn it again, and save it anew",
                                              section=checks.DATA_SETS))


def scaler(embeddings: np.ndarray) -> Layer:
    """Make the layer that gives each dimension the mean 0 and the deviation 1.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)

    Returns
    -------
    weights, bias : np.ndarray, shapes=(n_dims, n_dims) and (n_dims,)
    """
    scale = 1 / spread(embeddings)
    return np.diag(scale), -embeddings.mean(axis=0, dtype=np.float64) * scale


def plain_map(embeddings: np.ndarray) -> Similarity:
    """Make the map that has learned no labels: standardised dimensions, then unit vectors.

    The bar for everything that is learned: the cosine between its vectors is
    what a search without labels would use.

    Parameters
    ----------
    embeddings : np.ndarray of floats, shape=(n_items, n_dims)
        Whose means and deviations count.

    Returns
    -------
    Similarity

    Examples
    --------
    >>> plain_map(np.array([[1.0, 10.0], [3.0, 30.0]])).transform(np.array([[3.0, 30.0]])).round(3).tolist()
    [[0.7070000171661377, 0.7070000171661377]]
    """
    return Similarity([scaler(some(embeddings))], "plain")


def some(embeddings: np.ndarray) -> np.ndarray:
    """Return embeddings as a float table with at least two rows, or say what is wrong with it."""
    embeddings = vectors(embeddings, name="embeddings")
    if len(embeddings) < 2:
        raise checks.InputError(checks.explain("at least two embeddings to learn from", str(len(embeddings)),
                                               "Check which rows were chosen", section=checks.ARRAYS))
    return embeddings


def labelled(
    embeddings: np.ndarray, labels: Sequence, *, groups: Sequence | None
) -> tuple[np.ndarray, ...]:
    """Return embeddings, labels as numbers, and groups as numbers, or say what is wrong.

    Raises
    ------
    InputError
        If the lengths differ, there is a single label, or no label has two embeddings.
    """
    embeddings, labels = some(embeddings), np.asarray(labels)
    groups = np.arange(len(labels)) if groups is None else np.asarray(groups)
    checks.same_length(embeddings=embeddings, labels=labels, groups=groups)
    numbers, places = (np.unique(each, return_inverse=True)[1] for each in (labels, groups))
    counts = np.bincount(numbers)
    if len(counts) < 2 or counts.max() < 2:
        raise checks.InputError(checks.explain(
            "two labels or more, and two embeddings of at least one of them",
            f"{len(counts)} labels of {len(labels)} embeddings",
            "Similarity is learned from what belongs together and what does not", section=checks.ARRAYS))
    return embeddings, numbers, places
