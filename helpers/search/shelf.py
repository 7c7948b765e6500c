"""Sounds on a shelf: rows with vectors on disk, put in, counted, taken out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import checks, files
from helpers.search import queries
from helpers.search import rows as tables
from helpers.search.conditions import Where, sql
from helpers.search.exact import single
from helpers.search.store import ROW, VECTOR, Store

if TYPE_CHECKING:
    from helpers.datasets import AudioDataset
    from helpers.embeddings import Embedder


class Shelf:
    """What a :class:`~helpers.search.SoundIndex` holds, without the search."""

    def __init__(self, place: str | os.PathLike | None = None, *, embedder: Embedder | None = None,
                 name: str = "sounds", storage_options: dict | None = None) -> None:
        self._store = Store(files.cache_folder("search") if place is None else place, name=name,
                            options=storage_options)
        self._embedder = embedder
        self._memory = self._keys = None
        if embedder is not None and self.facts:
            queries.check_embedder(self.facts, embedder)

    # What is in it

    @property
    def name(self) -> str:
        """Name of the index in its place."""
        return self._store.name

    @property
    def table(self) -> pd.DataFrame:
        """All rows without their vectors, in the order in which they came; a copy."""
        return self._load().table.copy()

    @property
    def vectors(self) -> np.ndarray:
        """All vectors, shape (n_rows, n_dims), float32, one for each row of ``table``; cannot be written into."""
        return self._load().vectors

    @property
    def facts(self) -> dict:
        """Which embedder filled it: ``embedder, version, n_dims, hop``; empty before anything was added."""
        return self._store.facts or {}

    @property
    def embedder(self) -> Embedder:
        """The embedder that filled it, or will.

        Raises
        ------
        InputError
            If it was neither given nor is one that ``load_embedder`` knows.
        """
        if self._embedder is None:
            self._embedder = queries.find_embedder(self.facts)
        return self._embedder

    def __len__(self) -> int:
        return 0 if self._store.table is None else self._store.table.count_rows()

    def __repr__(self) -> str:
        facts = self.facts
        made = f" by {facts['embedder']}" if facts.get("embedder") else ""
        return f"<SoundIndex {self._store.name!r}: {len(self)} sounds{made}>"

    def _load(self) -> tables.Memory:
        """What is on disk, in memory; read again where somebody changed it."""
        version = self._store.version
        if self._memory is None or self._memory.version != version:
            self._memory = None                               # two large copies need not stand side by side
            self._memory = tables.read(self._store, version=version, n_dims=self.facts.get("n_dims", 0))
        return self._memory

    def missing(self, rows: pd.DataFrame) -> np.ndarray:
        """Say which rows are not in it yet.

        Parameters
        ----------
        rows : pd.DataFrame with columns clip_id, start, end

        Returns
        -------
        np.ndarray of bool, shape=(n_rows,)
            A row that occurs twice is missing once.
        """
        missing = np.zeros(len(rows), bool)
        if self._store.table is None:
            missing[:] = True
        else:
            missing[self._current_keys().new(tables.checked(rows))] = True
        return missing

    def _current_keys(self) -> tables.Keys:
        if self._keys is None or self._keys.version != self._store.version:
            self._keys = tables.read_keys(self._store)
        return self._keys

    # Putting in and taking out

    def add(self, rows: pd.DataFrame, vectors: np.ndarray) -> int:
        """Add rows with their vectors; what is already there is left as it is.

        Parameters
        ----------
        rows : pd.DataFrame with columns clip_id, start, end
            Times in seconds. ``path``, ``label``, ``source``, ``session`` and
            other columns are kept where given. The first rows decide which
            further columns there are.
        vectors : np.ndarray of floats, shape=(n_rows, n_dims)

        Returns
        -------
        int
            How many were new: rows are the same where clip_id, start and end are.

        Raises
        ------
        InputError
            If columns are missing or unknown, a time is not finite, lengths
            differ, or the vectors are not finite or not as long as those there.
        OSError
            If the disk is full or the folder is read-only; nothing of this call is then added.
        """
        found = single(vectors)
        rows = tables.checked(rows)
        checks.same_length(rows=rows, vectors=found)
        if len(rows) == 0:
            return 0
        with self._store.writing():
            if self._store.table is None:
                facts = queries.facts_of(self._embedder, n_dims=found.shape[1])
                self._store.create(tables.schema_of(rows, n_dims=found.shape[1]), facts=facts)
            facts = self.facts
            if self._embedder is not None:
                queries.check_embedder(facts, self._embedder)
            if found.shape[1] != facts["n_dims"]:
                raise checks.fail(f"vectors of {facts['n_dims']} numbers, as this index holds",
                                  f"{found.shape[1]} numbers",
                                  "Make them with the same embedder, or give this index another name or place")
            keys = self._current_keys()
            new = keys.new(rows)
            if new:
                self._store.append(tables.arrow(rows.iloc[new], found[new], first=keys.next_row,
                                                schema=self._store.schema))
                keys.note(rows.iloc[new], version=self._store.version)
        return len(new)

    def add_dataset(self, sounds: AudioDataset, *, by_window: bool = False, rows: pd.DataFrame | None = None,
                    hop: float | None = None, progress: bool = True) -> int:
        """Embed a data set and add it.

        Interrupted or killed, the next call goes on where it was.

        Parameters
        ----------
        sounds : AudioDataset
            As ``datasets.load_clips()`` returns it.
        by_window : bool
            One row for each window that is not silent, so that a search finds
            the place within a recording; otherwise one row for each clip,
            whose vector is the mean over its windows.
        rows : pd.DataFrame, optional
            Rows of ``sounds.clips`` to take; all where not given.
        hop : float, seconds, optional
            Step from window to window; half a window where not given.
        progress : bool
            Whether to show one updating line.

        Returns
        -------
        int
            How many rows were new.

        Raises
        ------
        InputError
            If there is no embedder, or the index was filled by another one.
        AudioFileError
            If a recording cannot be read; those before it are added.
        """
        from helpers.search.filling import fill

        return fill(self, sounds, by_window=by_window, rows=rows, hop=hop, progress=progress)

    def remove(self, where: Where, *, exclude: Mapping | None = None) -> int:
        """Remove the rows that meet conditions, as in ``query``; returns how many."""
        if self._store.table is None:
            return 0
        condition = sql(where, exclude=exclude, columns=self._columns)
        if condition is None:
            raise checks.fail("a condition on what to remove", "none", "Remove all with index.remove('true')")
        with self._store.writing():
            return self._store.delete(condition)

    @property
    def _columns(self) -> list[str]:
        return [name for name in self._store.schema.names if name not in (ROW, VECTOR)]
