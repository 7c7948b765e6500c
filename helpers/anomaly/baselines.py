"""Detectors without a network: distances, cuts and directions. On good embeddings they are hard to beat."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers import checks
from helpers.anomaly.detector import Detector
from helpers.metrics.distance import DISTANCES, between, prepared, spread

BLOCK = 1024   # windows scored at a time: a table of distances stays small


def flat(windows: np.ndarray) -> np.ndarray:
    """Lay windows out as rows, also where there is none."""
    return windows.reshape(len(windows), math.prod(windows.shape[1:]))


def standardised(windows: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Lay windows out as rows with mean 0 and deviation 1 in each feature; constant features are only shifted."""
    rows = flat(windows).astype(np.float64)
    mean, scale = rows.mean(axis=0), spread(rows)
    return (rows - mean) / scale, {"mean": mean, "scale": scale}


@dataclass(eq=False)
class Mahalanobis(Detector):
    """Distance from the mean, in units of how much normal windows vary in that direction.

    Parameters
    ----------
    shrinkage : float, range 0 to 1, optional
        How far the covariance is drawn towards one number for all directions:
        with few windows and many features most directions were never seen. If
        left out, chosen by the formula of Ledoit and Wolf, "A well-conditioned
        estimator for large-dimensional covariance matrices", Journal of
        Multivariate Analysis 88(2), 2004.
    """

    shrinkage: float | None = None

    def _check(self, shape: tuple[int, ...]) -> None:
        if self.shrinkage is not None and not 0 <= self.shrinkage <= 1:
            raise checks.InputError(checks.explain("a shrinkage between 0 and 1", repr(self.shrinkage),
                                                   "Leave it out, and it is chosen", section=checks.ARRAYS))

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        from sklearn.covariance import ledoit_wolf, shrunk_covariance

        rows, learned = standardised(windows)
        if self.shrinkage is None:
            covariance = ledoit_wolf(rows, assume_centered=True)[0]
        else:
            covariance = shrunk_covariance(rows.T @ rows / len(rows), shrinkage=self.shrinkage)
        values, directions = np.linalg.eigh(covariance)
        floor = max(1e-6 * values.max(), 1e-12)             # a direction without any variation may not divide by 0
        return learned | {"whitener": directions / np.sqrt(np.maximum(values, floor))}

    def _score(self, windows: np.ndarray) -> np.ndarray:
        rows = (flat(windows) - self.learned["mean"]) / self.learned["scale"]
        return np.linalg.norm(rows @ self.learned["whitener"], axis=1)


@dataclass(eq=False)
class NearestNeighbours(Detector):
    """Mean distance to the nearest normal windows: no shape is assumed, every example counts.

    Parameters
    ----------
    k : int
        Neighbours; fewer where there are not so many. With 1, a single fault
        among the normal windows hides all faults like it.
    distance : {"standardised", "cosine", "euclidean", "unit_euclidean"}
        As in :func:`helpers.metrics.distances`; ``cosine`` suits embeddings.

    Notes
    -----
    A window that was learned from is its own neighbour: score others.
    """

    k: int = 5
    distance: str = "standardised"

    def _check(self, shape: tuple[int, ...]) -> None:
        checks.whole(self.k, name="k")
        checks.one_of(self.distance, DISTANCES, name="distance")

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        rows = flat(windows)
        scale = spread(rows)
        return {"rows": prepared(rows, how=self.distance, scale=scale), "scale": scale}

    def _score(self, windows: np.ndarray) -> np.ndarray:
        rows = prepared(flat(windows), how=self.distance, scale=self.learned["scale"])
        k, parts = min(self.k, len(self.learned["rows"])), [np.empty(0)]
        for first in range(0, len(rows), BLOCK):
            far = between(rows[first: first + BLOCK], self.learned["rows"], how=self.distance)
            parts.append(np.partition(far, k - 1, axis=1)[:, :k].mean(axis=1))
        return np.concatenate(parts)


@dataclass(eq=False)
class IsolationForest(Detector):
    """How few random cuts set a window apart from all others.

    Parameters
    ----------
    n_trees : int
    seed : int
        Of the cuts.

    Notes
    -----
    Liu, Ting and Zhou, "Isolation forest", ICDM 2008, by scikit-learn. What is
    saved are the windows and the seed; the trees grow anew when it is loaded.
    """

    n_trees: int = 100
    seed: int = 0
    _forest: Any = field(init=False, default=None, repr=False)

    def _check(self, shape: tuple[int, ...]) -> None:
        checks.whole(self.n_trees, name="n_trees")

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        self._forest = None
        return {"rows": flat(windows).astype(np.float32)}

    def _score(self, windows: np.ndarray) -> np.ndarray:
        from sklearn import ensemble

        if self._forest is None:
            forest = ensemble.IsolationForest(n_estimators=self.n_trees, random_state=self.seed)
            self._forest = forest.fit(self.learned["rows"])
        if len(windows) == 0:
            return np.empty(0)
        return -self._forest.score_samples(flat(windows).astype(np.float32))


@dataclass(eq=False)
class PrincipalComponents(Detector):
    """What is left of a window when only the main directions of normal windows are kept: a linear autoencoder.

    Parameters
    ----------
    share : float, above 0, below 1
        How much of the variance of normal windows the kept directions hold.
    """

    share: float = 0.9

    def _check(self, shape: tuple[int, ...]) -> None:
        if not 0 < checks.positive(self.share, name="share") < 1:
            raise checks.InputError(checks.explain("a share above 0 and below 1", repr(self.share), "0.9 is usual",
                                                   section=checks.ARRAYS))

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        rows, learned = standardised(windows)
        values, directions = np.linalg.eigh(rows.T @ rows / len(rows))
        values, directions = np.maximum(values[::-1], 0), directions[:, ::-1]
        n_kept = 1 + int(np.searchsorted(np.cumsum(values), self.share * values.sum()))
        return learned | {"directions": directions[:, :n_kept]}

    def reconstruct(self, windows: np.ndarray) -> np.ndarray:
        """Put each window together from the kept directions: same shape, same units.

        Raises
        ------
        InputError
            As :meth:`Detector.score`.
        """
        windows = self._known(windows)
        rows = flat(windows)
        kept = self._kept((rows - self.learned["mean"]) / self.learned["scale"])
        return (kept * self.learned["scale"] + self.learned["mean"]).reshape(windows.shape)

    def errors(self, windows: np.ndarray) -> np.ndarray:
        """Squared error of each feature, in units of its variance among normal windows; the score is their mean.

        Raises
        ------
        InputError
            As :meth:`Detector.score`.
        """
        windows = self._known(windows)
        rows = (flat(windows) - self.learned["mean"]) / self.learned["scale"]
        return ((rows - self._kept(rows)) ** 2).reshape(windows.shape)

    def _kept(self, rows: np.ndarray) -> np.ndarray:
        return rows @ self.learned["directions"] @ self.learned["directions"].T

    def _score(self, windows: np.ndarray) -> np.ndarray:
        return flat(self.errors(windows)).mean(axis=1)
