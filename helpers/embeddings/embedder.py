"""The one interface of everything that turns sound into vectors."""

import numpy as np

from helpers import checks, windows
from helpers.audio import resample

BATCH = 64


class Embedder:
    """Turns each window of a recording into one vector.

    Sounds that are alike to the embedder get vectors that point the same way:
    what a classifier, a search or a map needs. A kind of embedder sets the
    attributes and fills in :meth:`embed_windows`.

    Attributes
    ----------
    name : str
        What it is called in tables and file names.
    about : str
        Where it comes from, and its licence.
    sr : int, Hz
        Rate at which it listens; other rates are resampled.
    window, hop : float, seconds
        Length of a window, and the usual step from one to the next.
    n_dims : int
        Length of a vector.
    version : str
        Changes when the vectors change: part of the key of what is kept.
    """

    name: str
    about: str
    n_dims: int
    sr: int = 16_000
    window: float = 1.0
    hop: float = 0.5
    version: str = "1"

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows.

        Parameters
        ----------
        cut : np.ndarray, shape=(n_windows, window_samples)

        Returns
        -------
        np.ndarray of float32, shape=(n_windows, n_dims)
        """
        raise NotImplementedError

    def cut(self, audio: np.ndarray, *, sr: int, hop: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Cut a recording into the windows that the embedder hears.

        Parameters
        ----------
        audio : np.ndarray, shape=(n_samples,)
        sr : int, Hz
        hop : float, seconds, optional

        Returns
        -------
        cut : np.ndarray of float32, shape=(n_windows, window_samples)
        starts : np.ndarray, shape=(n_windows,), seconds
        """
        heard = resample(audio, orig_sr=sr, target_sr=self.sr)
        return windows.split(heard, sr=self.sr, window=self.window, hop=self.hop if hop is None else hop)

    def cut_live(self, audio: np.ndarray, *, sr: int, hop: float | None = None,
                 gate: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """Cut a recording into its windows that are whole and not silent.

        Of a recording shorter than a window, and of one that is silent, all
        windows are taken: no recording is left without a vector.

        Parameters
        ----------
        audio, sr, hop
            As for :meth:`cut`.
        gate : bool
            Leave out silent windows.

        Returns
        -------
        cut : np.ndarray of float32, shape=(n_windows, window_samples)
        starts : np.ndarray, shape=(n_windows,), seconds
        """
        cut, starts = self.cut(audio, sr=sr, hop=hop)
        whole = starts + self.window <= len(audio) / sr + 0.5 / self.sr
        if whole.any():
            cut, starts = cut[whole], starts[whole]
        if gate and (live := windows.live(cut)).any():
            return cut[live], starts[live]
        return cut, starts

    def embed(self, audio: np.ndarray, *, sr: int, hop: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Embed a recording, window by window.

        Parameters
        ----------
        audio : np.ndarray, shape=(n_samples,)
            One channel. A recording shorter than a window, and the rest after
            the last whole window, are filled up with silence.
        sr : int, Hz
            Rate of the recording; it is resampled where the embedder wants another.
        hop : float, seconds, optional
            Step from window to window; half a window where not given.

        Returns
        -------
        embeddings : np.ndarray of float32, shape=(n_windows, n_dims)
        starts : np.ndarray, shape=(n_windows,), seconds

        Raises
        ------
        InputError
            If the audio is not one channel of finite floats, or the hop skips samples.
        """
        cut, starts = self.cut(audio, sr=sr, hop=hop)
        parts = [self.embed_windows(cut[first: first + BATCH]) for first in range(0, len(cut), BATCH)]
        return np.concatenate(parts), starts

    def checked(self, cut: np.ndarray) -> np.ndarray:
        """Return windows as float32 in one block of memory.

        Raises
        ------
        InputError
            If they are not as long as the embedder hears.
        """
        cut = checks.windows(cut)
        wanted = round(self.window * self.sr)
        if cut.shape[1] != wanted:
            raise checks.InputError(checks.explain(
                f"windows of {wanted} samples ({self.window:g} s at {self.sr} Hz) for {self.name}",
                f"{cut.shape[1]} samples", "Use embed(), which resamples and cuts", section=checks.ARRAYS))
        return np.ascontiguousarray(cut, np.float32)

    def __repr__(self) -> str:
        return f"<{self.name}: {self.n_dims} numbers for each {self.window:g} s at {self.sr} Hz>"
