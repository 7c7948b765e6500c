"""What is computed of each recording, named so that every process can make it again."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from helpers import audio, checks, features, files, windows
from helpers.embeddings import NAMES, load_embedder
from helpers.embeddings.embedder import Embedder

LOG_MEL = "log-mel"
OF_EVERY_WINDOW = (audio, features, windows)
"""Modules that any vector depends on."""


class LogMel(Embedder):
    """The log-mel picture of each window as it is, row after row: what a network is trained on.

    Parameters
    ----------
    n_mels : int
        Number of mel bands.
    hop_length : int, samples
        From frame to frame.

    Examples
    --------
    >>> LogMel().n_dims, LogMel().embed(np.zeros(16000), sr=16000)[0].shape
    (2048, (1, 2048))
    """

    name = LOG_MEL
    about = "log-mel pictures, computed here; nothing was learned"

    def __init__(self, n_mels: int = 64, hop_length: int = 512) -> None:
        self.n_mels, self.hop_length = checks.whole(n_mels, name="n_mels"), checks.whole(hop_length, name="hop_length")
        self.n_dims = self.n_mels * (1 + round(self.window * self.sr) // self.hop_length)
        self.version = f"{n_mels} bands, {hop_length} samples"

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows, as :meth:`Embedder.embed_windows`."""
        pictures = features.log_mel(self.checked(cut), sr=self.sr, hop_length=self.hop_length, n_mels=self.n_mels)
        return pictures.reshape(len(cut), self.n_dims)


@dataclass(frozen=True)
class Recipe:
    """Which embedder, with which settings, in which steps.

    Parameters
    ----------
    embedder : str or callable
        ``"log-mel"``, a name that ``embeddings.load_embedder`` knows, or a
        function of a module (not of a notebook) that makes an embedder.
    settings : tuple of (name, value)
        What is handed to it.
    hop : float, seconds, optional
        Step from window to window; half a window where not given.

    Raises
    ------
    InputError
        If no embedder has this name.

    Examples
    --------
    >>> Recipe("statistics").load()
    <statistics: 256 numbers for each 1 s at 16000 Hz>
    """

    embedder: str | Callable[..., Embedder]
    settings: tuple[tuple[str, object], ...] = ()
    hop: float | None = None

    def __post_init__(self) -> None:
        if not callable(self.embedder):
            checks.one_of(self.embedder, (LOG_MEL, *NAMES), name="embedder")

    def load(self) -> Embedder:
        """Load the embedder, once in each process."""
        return _load(self)

    def facts(self) -> dict:
        """What the vectors depend on beside the recording: ``embedder, version, n_dims, sr, window, hop, code``."""
        embedder = self.load()
        return {"embedder": embedder.name, "version": embedder.version, "n_dims": embedder.n_dims, "sr": embedder.sr,
                "window": embedder.window, "hop": self.hop or embedder.hop, "code": _code(type(embedder))}

    def key(self) -> str:
        """Name of what it makes: another embedder, setting or code gives another name."""
        return files.key(**self.facts())


@lru_cache(maxsize=4)
def _load(recipe: Recipe) -> Embedder:
    settings = dict(recipe.settings)
    if callable(recipe.embedder):
        return recipe.embedder(**settings)
    return LogMel(**settings) if recipe.embedder == LOG_MEL else load_embedder(recipe.embedder, **settings)


@lru_cache(maxsize=4)
def _code(kind: type) -> str:
    """Digest of the code that makes the vectors; line ends do not count."""
    modules = [*OF_EVERY_WINDOW, *(sys.modules.get(each.__module__) for each in kind.__mro__)]
    sources = {os.fspath(module.__file__) for module in modules if getattr(module, "__file__", None)}
    return files.key(code=sorted(Path(source).read_text("utf-8") for source in sources))
