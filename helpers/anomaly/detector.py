"""What all detectors share: they learn from windows alone, score windows, and are saved as plain numbers."""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from helpers import arrays, checks, files

KINDS: dict[str, type["Detector"]] = {}
"""Every kind of detector, by the name of its class."""


def feature_windows(windows: np.ndarray) -> np.ndarray:
    """Return windows of features, or say what is wrong with them.

    Parameters
    ----------
    windows : np.ndarray of floats, shape=(n_windows, n_features) or (n_windows, n_mels, n_frames)

    Returns
    -------
    np.ndarray, same shape

    Raises
    ------
    InputError
        If they have another shape, hold whole numbers, NaN or infinity.
    """
    windows = np.asarray(windows)
    if windows.ndim not in (2, 3) or 0 in windows.shape[1:]:
        raise checks.InputError(checks.explain(
            "windows of shape (n_windows, n_features) or (n_windows, n_mels, n_frames)", f"shape {windows.shape}",
            "Put a single window into a stack: window[np.newaxis]", section=checks.ARRAYS))
    return checks.finite(windows, name="windows")


@dataclass(eq=False)
class Detector:
    """A detector of what is strange: learns what is normal, then scores anything.

    There is no place for labels: what is learned from counts as normal, all of
    it. The settings of a kind are its arguments.

    Attributes
    ----------
    learned : dict of np.ndarray
        What it learned; empty before :meth:`fit`.
    shape : tuple of int
        Of one window.
    history : dict of list
        What was measured in training, where there is any; not saved.

    Examples
    --------
    >>> from helpers import anomaly
    >>> normal = np.random.default_rng(0).normal(0, 1, (200, 4))
    >>> detector = anomaly.Mahalanobis().fit(normal)
    >>> near, far = detector.score(np.array([[0.0, 0.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]]))
    >>> bool(far > 10 * near)
    True
    """

    learned: dict[str, np.ndarray] = field(init=False, default_factory=dict, repr=False)
    shape: tuple[int, ...] = field(init=False, default=(), repr=False)
    history: dict[str, list[float]] = field(init=False, default_factory=dict, repr=False)
    dimensions: ClassVar[tuple[int, ...]] = (2, 3)

    def __init_subclass__(cls) -> None:
        KINDS[cls.__name__] = cls

    @property
    def settings(self) -> dict:
        """The arguments it was made with."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def fit(self, windows: np.ndarray, *, progress: bool = True) -> Self:
        """Learn what is normal. What was learned before is forgotten.

        Parameters
        ----------
        windows : np.ndarray of floats, shape=(n_windows, n_features) or (n_windows, n_mels, n_frames)
            Normal ones, at least two.
        progress : bool
            Whether to show one updating line where it takes long.

        Returns
        -------
        Detector
            Itself.

        Raises
        ------
        InputError
            If there are fewer than two windows, of another shape than this
            kind takes, or not finite.
        """
        windows = feature_windows(windows)
        if len(windows) < 2 or windows.ndim not in self.dimensions:
            shapes = {2: "(n_windows, n_features)", 3: "(n_windows, n_mels, n_frames)"}
            raise checks.InputError(checks.explain(
                f"at least two windows of shape {' or '.join(shapes[n] for n in self.dimensions)}",
                f"shape {windows.shape}", "Check which rows were chosen, and which features this detector takes",
                section=checks.ARRAYS))
        self._check(windows.shape[1:])
        self.history = {}
        self.learned, self.shape = self._learn(windows, progress=progress), windows.shape[1:]
        return self

    def score(self, windows: np.ndarray) -> np.ndarray:
        """Say how strange each window is.

        Parameters
        ----------
        windows : np.ndarray of floats
            In the shape that it learned from; any number, one or none too.

        Returns
        -------
        np.ndarray of float64, shape=(n_windows,)
            High is strange. Scores of two detectors cannot be compared.

        Raises
        ------
        InputError
            If it has not learned yet, or the windows have another shape or are not finite.
        """
        return np.asarray(self._score(self._known(windows)), float)

    def _known(self, windows: np.ndarray) -> np.ndarray:
        windows = feature_windows(windows)
        self._ready()
        if windows.shape[1:] != self.shape:
            raise checks.InputError(checks.explain(
                f"windows of the shape that it learned from, {self.shape}", f"{windows.shape[1:]}",
                "Compute features with the same settings", section=checks.ARRAYS))
        return windows

    def _ready(self) -> None:
        if not self.learned:
            raise checks.InputError(checks.explain("a detector that has learned", "one that has not",
                                                   "Call fit(windows) first", section=checks.ARRAYS))

    def _check(self, shape: tuple[int, ...]) -> None:
        """Refuse windows of a shape that this kind cannot work with."""

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def _score(self, windows: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def save(self, path: str | os.PathLike) -> Path:
        """Write settings and what was learned into an NPZ file, whole or not at all.

        Returns
        -------
        Path
            With the ending ``.npz``. Nearest neighbours and the forest keep
            the windows that they learned from.

        Raises
        ------
        InputError
            If it has not learned yet.
        OSError
            If the file cannot be written.
        """
        self._ready()
        path, about = Path(path), {"kind": type(self).__name__, "settings": self.settings, "shape": self.shape}
        path = path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
        with files.replacing(path) as temporary:
            np.savez_compressed(temporary, about=np.array(json.dumps(about)),
                                **{f"learned_{name}": array for name, array in self.learned.items()})
        return path


def load_detector(path: str | os.PathLike) -> Detector:
    """Read what :meth:`Detector.save` wrote; nothing in the file is executed.

    Parameters
    ----------
    path : path

    Returns
    -------
    Detector

    Raises
    ------
    DatasetError
        If there is no such file, or it holds no detector that can score a window.
    """
    try:
        kept = arrays.several(path)
        about = json.loads(str(kept.pop("about")))
        settings = {name: tuple(value) if isinstance(value, list) else value
                    for name, value in about["settings"].items()}
        detector = KINDS[about["kind"]](**settings)
        detector.shape = tuple(checks.whole(n, name="the shape of a window") for n in about["shape"])
        detector.learned = {name.removeprefix("learned_"): array for name, array in kept.items()}
        if not all(np.isfinite(array).all() for array in kept.values()):
            raise ValueError("numbers that are not finite")
        detector.score(np.zeros((1, *detector.shape)))
    except (OSError, *arrays.MALFORMED) as error:
        got = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise checks.DatasetError(checks.explain(f"a saved detector in {path}", got, "Fit it again, and save it anew",
                                                 section=checks.DATA_SETS)) from error
    return detector
