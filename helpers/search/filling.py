"""Data sets into an index: clip by clip or window by window, in blocks that survive an interruption."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.embeddings import embed_clips
from helpers.embeddings.kept import BLOCK

if TYPE_CHECKING:
    from helpers.datasets import AudioDataset
    from helpers.embeddings import Embedder
    from helpers.search.shelf import Shelf


def fill(index: Shelf, sounds: AudioDataset, *, by_window: bool, rows: pd.DataFrame | None, hop: float | None,
         progress: bool) -> int:
    """Embed the clips of a data set and add them, a block at a time; returns how many rows were new.

    The blocks are those of ``embeddings.embed_clips``: what that has kept is
    not computed again.
    """
    from tqdm import tqdm

    clips, embedder, added = sounds.clips if rows is None else rows, index.embedder, 0
    make = _by_window if by_window else _by_clip
    with tqdm(total=len(clips), desc=f"{embedder.name} -> {index.name}", unit="clip", file=sys.stdout,
              disable=not progress) as line:
        for first in range(0, len(clips), BLOCK):
            block = clips.iloc[first: first + BLOCK].reset_index(drop=True)
            sound = [sounds.load(row, sr=embedder.sr)[0] for row in block.itertuples(index=False)]
            added += make(index, block, sound, embedder=embedder, hop=hop)
            line.update(len(block))
    return added


def _by_clip(index: Shelf, block: pd.DataFrame, sound: Sequence[np.ndarray], *, embedder: Embedder,
             hop: float | None) -> int:
    """Add one row for each clip: the mean over its windows."""
    found = block.assign(start=0.0, end=[len(audio) / embedder.sr for audio in sound])
    if not index.missing(found).any():
        return 0
    return index.add(found, embed_clips(embedder, sound, sr=embedder.sr, hop=hop, progress=False))


def _by_window(index: Shelf, block: pd.DataFrame, sound: Sequence[np.ndarray], *, embedder: Embedder,
               hop: float | None) -> int:
    """Add one row for each window that is whole and not silent; of a short or silent clip all of them."""
    tables, vectors = [], []
    for row, audio in zip(block.to_dict("records"), sound, strict=True):
        cut, starts = embedder.cut_live(audio, sr=embedder.sr, hop=hop)
        ends = np.minimum(starts + embedder.window, len(audio) / embedder.sr)
        found = pd.DataFrame([row] * len(starts)).assign(start=starts, end=ends)
        new = index.missing(found)
        if new.any():
            tables.append(found[new])
            vectors.append(embedder.embed_windows(cut[new]))
    return index.add(pd.concat(tables), np.concatenate(vectors)) if tables else 0
