"""What can be asked for: a vector, a sound, a file, a stretch of it; and by which embedder it was heard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.audio import load_audio
from helpers.search.exact import single

if TYPE_CHECKING:
    from helpers.embeddings import Embedder
    from helpers.search.shelf import Shelf


def as_vectors(sound: np.ndarray | str | os.PathLike, *, index: Shelf, sr: int | None, start: float | None,
               end: float | None) -> tuple[np.ndarray, bool]:
    """Turn an example into vectors, and say whether it was one.

    Returns
    -------
    vectors : np.ndarray of float32, shape=(n_queries, n_dims)
    alone : bool
        Whether it was one example, and no table of them.

    Raises
    ------
    InputError
        If it is neither a recording nor vectors of this length, or the stretch
        does not lie in the recording.
    AudioFileError
        If the file cannot be read.
    """
    if isinstance(sound, str | os.PathLike):
        sound, sr = load_audio(sound)
    elif sr is None:
        if start is not None or end is not None:
            raise checks.fail("start and end with a recording", "with a vector", "Give the sound and its rate sr=...")
        found = np.asarray(sound)
        alone = found.ndim == 1
        found = single(found[np.newaxis] if alone else found, name="a query")
        n_dims = index.facts.get("n_dims")
        if n_dims and found.shape[1] != n_dims:
            raise checks.fail(f"a vector of {n_dims} numbers", f"{found.shape[1]}",
                              "Embed it with the embedder of the index; if it is a sound, give its rate sr=...")
        return found, alone
    from helpers.embeddings import embed_clips

    audio, sr = stretch(checks.audio(sound), sr=checks.sr(sr), start=start, end=end), checks.sr(sr)
    return embed_clips(index.embedder, [audio], sr=sr, progress=False), True


def stretch(audio: np.ndarray, *, sr: int, start: float | None, end: float | None) -> np.ndarray:
    """Cut a stretch out of a recording.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    start, end : float, seconds, or None for the beginning and the end

    Returns
    -------
    np.ndarray, shape=(n_samples,)

    Raises
    ------
    InputError
        If the stretch is empty or does not lie in the recording.

    Examples
    --------
    >>> stretch(np.arange(8.0), sr=4, start=0.5, end=1.0).tolist()
    [2.0, 3.0]
    """
    duration = len(audio) / sr
    first, last = 0.0 if start is None else start, duration if end is None else end
    cut = audio[round(first * sr): round(last * sr)] if 0 <= first < last <= duration + 0.5 / sr else audio[:0]
    if len(cut) == 0:
        raise checks.fail(f"a stretch within 0 to {duration:g} s", f"start {start}, end {end}",
                          "Give seconds, and the start before the end")
    return cut


def facts_of(embedder: Embedder | None, *, n_dims: int) -> dict:
    """What an index notes about the embedder that fills it."""
    if embedder is None:
        return {"embedder": None, "version": None, "n_dims": n_dims, "hop": None}
    return {"embedder": embedder.name, "version": embedder.version, "n_dims": embedder.n_dims, "hop": embedder.hop}


def check_embedder(facts: dict, embedder: Embedder) -> None:
    """Make sure that an embedder is the one that filled an index.

    Raises
    ------
    InputError
        If it is another one, or another version, whose vectors mean something else.
    """
    own = facts_of(embedder, n_dims=embedder.n_dims)
    if own != facts:
        theirs = " ".join(str(facts[name]) for name in ("embedder", "version") if facts[name]) or "plain vectors"
        raise checks.fail(f"the embedder that filled this index: {theirs}, {facts['n_dims']} numbers",
                          f"{own['embedder']} {own['version']}, {own['n_dims']} numbers",
                          "Give the new index another name or place: vectors of two embedders cannot be compared")


def find_embedder(facts: dict) -> Embedder:
    """Load the embedder that filled an index by its name.

    Raises
    ------
    InputError
        If it has none that is known, or is of another version by now.
    """
    from helpers.embeddings import NAMES, load_embedder

    if facts.get("embedder") not in set(NAMES) - {"litert"}:
        raise checks.fail("an embedder to turn sound into vectors",
                          f"an index of {facts.get('embedder') or 'plain vectors'}",
                          "Give it: SoundIndex(..., embedder=embedder)")
    embedder = load_embedder(facts["embedder"])
    check_embedder(facts, embedder)
    return embedder
