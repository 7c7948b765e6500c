"""The workshop's own embedder: a small network that has only ever heard synthetic sound, shipped with the helpers."""

import os
from pathlib import Path

import numpy as np

from helpers import checks, features, files
from helpers.embeddings.embedder import Embedder
from helpers.models.litert import interpreter, run_each

WEIGHTS = Path(__file__).with_name("embedded.tflite")
SR, HOP_LENGTH, N_MELS, FMIN = 16_000, 256, 64, 50.0
EDGE = 2
"""Frames at each end of a window that reach over it, and are left out."""
N_FRAMES = 1 + SR // HOP_LENGTH - 2 * EDGE
FLOOR_DB, SPREAD_DB = 80.0, 20.0


def prepare(log_mels: np.ndarray) -> np.ndarray:
    """Turn log-mel windows into what the network sees: floored, mean 0, in units of 20 dB.

    Each window by itself, so that a stream can do the same. Unlike
    ``features.normalise`` it keeps the contrast: how far loud and soft lie apart
    tells a click from a hiss.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames), dB

    Returns
    -------
    np.ndarray of float32, same shape
    """
    floored = np.maximum(log_mels, log_mels.max(axis=(1, 2), keepdims=True) - FLOOR_DB)
    return ((floored - floored.mean(axis=(1, 2), keepdims=True)) / SPREAD_DB).astype(np.float32)


class Embedded(Embedder):
    """A small network that was trained on synthetic sound alone, and not on the workshop's ten classes.

    What its last layer found in four bands of frequency, averaged over time.
    Runs on LiteRT, so TensorFlow is not loaded. ``training/MODEL_CARD.md`` says
    what it has heard, what it reaches and where it fails.

    Parameters
    ----------
    path : path, optional
        Weights of another training (``python start.py train``).

    Raises
    ------
    DatasetError
        If the file is missing or of another kind.

    Examples
    --------
    >>> embeddings, starts = Embedded().embed(np.zeros(32000), sr=16000)
    >>> embeddings.shape, starts.tolist()
    ((3, 640), [0.0, 0.5, 1.0])
    """

    name = "embedded"
    about = "the workshop's own network, trained on synthetic sound; CC BY 4.0"
    sr, window, hop = SR, 1.0, 0.5

    def __init__(self, path: str | os.PathLike = WEIGHTS) -> None:
        path = Path(path)
        if not path.is_file():
            raise checks.DatasetError(checks.explain(
                f"the weights of the embedding network in {path}", "no file",
                "Install the helpers again, or train them: python start.py train", section=checks.DATA_SETS))
        self._model = interpreter(path)
        (entry,), (end,) = self._model.get_input_details(), self._model.get_output_details()
        if [int(n) for n in entry["shape"][1:]] != [N_MELS, N_FRAMES]:
            raise checks.DatasetError(checks.explain(
                f"a network for {N_MELS} mel bands by {N_FRAMES} frames in {path}", f"{list(entry['shape'])}",
                "Use load_embedder('litert', path) for other models", section=checks.DATA_SETS))
        self._end, self.n_dims = end["index"], int(end["shape"][-1])
        self.version = files.digest(path, algorithm="sha256")[:16]

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows, as :meth:`Embedder.embed_windows`."""
        log_mels = features.log_mel(self.checked(cut), sr=SR, hop_length=HOP_LENGTH, n_mels=N_MELS, fmin=FMIN)
        return run_each(self._model, prepare(log_mels[:, :, EDGE:-EDGE]), self._end)[0][:, 0]
