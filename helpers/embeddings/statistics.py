"""The embedder that has learned nothing: statistics of the log-mel spectrogram."""

import numpy as np

from helpers import features
from helpers.embeddings.embedder import Embedder


class Statistics(Embedder):
    """Mean and deviation of each mel band's level and of its change, in dB.

    What every learned embedding has to beat. Nothing to download.

    Parameters
    ----------
    n_mels : int
        Number of mel bands; a vector has four numbers for each.

    Examples
    --------
    >>> embeddings, starts = Statistics().embed(np.zeros(32000), sr=16000)
    >>> embeddings.shape, starts.tolist()
    ((3, 256), [0.0, 0.5, 1.0])
    """

    name = "statistics"
    about = "log-mel statistics, computed here; nothing was learned"

    def __init__(self, n_mels: int = 64) -> None:
        self.n_mels, self.n_dims = n_mels, 4 * n_mels
        self.version = f"{n_mels} bands"

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows, as :meth:`Embedder.embed_windows`."""
        return features.statistics(features.log_mel(self.checked(cut), sr=self.sr, n_mels=self.n_mels))
