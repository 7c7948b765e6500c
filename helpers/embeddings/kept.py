"""Embeddings of many clips, kept on disk: computed once, read ever after."""

import hashlib
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata

import numpy as np

from helpers import arrays, checks, files
from helpers.embeddings.embedder import Embedder

BLOCK = 50
"""So many clips are kept together: what an interruption costs at most."""
LIBRARIES = ("numpy", "librosa", "soxr", "ai-edge-litert")
"""Another version of these may compute other numbers."""


def embed_clips(
    embedder: Embedder, clips: Sequence[np.ndarray], *, sr: int, hop: float | None = None, gate: bool = True,
    progress: bool = True,
) -> np.ndarray:
    """Embed clips, one vector each: the mean over the windows that are not silent.

    What was computed is kept in the cache folder, by content: the samples, the
    embedder, the hop. Interrupted, the next call goes on where it was.

    Parameters
    ----------
    embedder : Embedder
    clips : sequence of np.ndarray, each of shape (n_samples,)
        They may differ in length; the rest after the last whole window of a
        clip is left out, a clip shorter than one window is padded.
    sr : int, Hz
    hop : float, seconds, optional
    gate : bool
        Leave out windows below the silence gate, where a clip has others.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    np.ndarray of float32, shape=(n_clips, n_dims)

    Raises
    ------
    InputError
        If a clip is not one channel of finite floats.
    """
    from tqdm import tqdm

    clips = [checks.audio(clip) for clip in clips]
    folder = files.cache_folder("embeddings")
    vectors = [np.empty((0, embedder.n_dims), np.float32)]
    with tqdm(total=len(clips), desc=embedder.name, unit="clip", file=sys.stdout, disable=not progress) as line:
        for first in range(0, len(clips), BLOCK):
            block = clips[first: first + BLOCK]
            path = folder / f"{_key(embedder, block, sr=sr, hop=hop, gate=gate)}.npz"
            found = _read(path, shape=(len(block), embedder.n_dims))
            if found is None:
                found = np.stack([_embed(embedder, clip, sr=sr, hop=hop, gate=gate, done=line) for clip in block])
                with files.replacing(path) as temporary:
                    np.savez(temporary, found=found)      # with a checksum
            else:
                line.update(len(block))
            vectors.append(found)
    return np.concatenate(vectors)


def _embed(embedder: Embedder, clip: np.ndarray, *, sr: int, hop: float | None, gate: bool, done) -> np.ndarray:
    """Mean vector of one clip."""
    cut, _ = embedder.cut_live(clip, sr=sr, hop=hop, gate=gate)
    vector = embedder.embed_windows(cut).mean(axis=0)
    done.update()
    return vector


def _key(embedder: Embedder, clips: Iterable[np.ndarray], **settings) -> str:
    """Name of what is kept: changes with every sample and every setting."""
    content = hashlib.sha256()
    for clip in clips:
        content.update(len(clip).to_bytes(8, "little") + np.ascontiguousarray(clip, np.float32).tobytes())
    return files.key(name=embedder.name, version=embedder.version, content=content.hexdigest(),
                     libraries=_libraries(), **settings)


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, ...]:
    return tuple(metadata.version(name) for name in LIBRARIES)


def _read(path, *, shape: tuple[int, int]) -> np.ndarray | None:
    """What was kept, if it is there and whole."""
    try:
        found = arrays.several(path)["found"]
    except (OSError, ValueError, KeyError):
        return None
    return found if found.shape == shape and found.dtype == np.float32 and np.isfinite(found).all() else None
