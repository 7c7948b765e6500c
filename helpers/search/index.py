"""The sound index: sounds found again by example, exactly or nearly so."""

import os
from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics.distance import between, prepared
from helpers.search import rows as tables
from helpers.search.conditions import Where, sql
from helpers.search.exact import Collection
from helpers.search.queries import as_vectors
from helpers.search.shelf import Shelf
from helpers.search.store import ROW, VECTOR

FEWEST = 256
"""With fewer vectors an approximate index has nothing to learn from."""
METRICS = {"cosine": "cosine", "unit_euclidean": "cosine", "euclidean": "l2"}


class SoundIndex(Shelf):
    """A collection of sounds that is searched by example.

    Each row is a sound, or a stretch of one: ``clip_id, path, start, end,
    label, source, session`` and whatever else is given, with one vector. Rows
    and vectors lie in a LanceDB table. An exact search reads them into memory
    once; the approximate one leaves them on disk.

    Parameters
    ----------
    place : path or str, optional
        A folder, which need not exist, or an address that LanceDB knows, such
        as ``"memory://"`` or ``"s3://bucket/prefix"``. The cache folder where
        not given.
    embedder : Embedder, optional
        Turns sounds into vectors. The index remembers which one filled it and
        refuses another. It can be left out when an index is opened again and
        the embedder is one that ``load_embedder`` knows, and when only vectors
        go in and out.
    name : str
        Several indexes of different names may share one place.
    storage_options : dict, optional
        For an address: what LanceDB needs to reach it.

    Raises
    ------
    InputError
        If the index was filled by another embedder, or the name has strange characters.
    DatasetError
        If what lies there cannot be read.

    Notes
    -----
    What :meth:`add` has returned from is on disk, also when the process is
    killed afterwards. One process writes at a time, the others wait; any number
    may read and see what was added as soon as it is there.

    Examples
    --------
    >>> index = SoundIndex("memory://")
    >>> rows = pd.DataFrame({"clip_id": ["a", "b", "c"], "start": 0.0, "end": 1.0, "label": ["dog", "dog", "rain"]})
    >>> index.add(rows, np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]], np.float32))
    3
    >>> index.query(np.array([1.0, 0.2]), k=2, where={"label": "dog"})[["rank", "distance", "clip_id"]].round(4)
       rank  distance clip_id
    0     1    0.0038       b
    1     2    0.0194       a
    """

    def query(self, sound: np.ndarray | str | os.PathLike, *, sr: int | None = None, start: float | None = None,
              end: float | None = None, k: int = 10, distance: str = "cosine", where: Where = None,
              exclude: Mapping | None = None, approximate: bool = False, nprobes: int = 20,
              refine: int = 10) -> pd.DataFrame:
        """Find the sounds most like an example.

        Parameters
        ----------
        sound : np.ndarray, path or str
            A vector, shape (n_dims,); many vectors, shape (n_queries, n_dims);
            audio, shape (n_samples,), with ``sr``; or the path of a recording.
        sr : int, Hz, optional
            Rate of the audio: says that an array is sound and no vector.
        start, end : float, seconds, optional
            The stretch of the recording that is meant.
        k : int
            How many to find.
        distance : {"cosine", "euclidean", "unit_euclidean", "standardised"}
            As in :func:`~helpers.metrics.distances`; the last one takes its
            scale from the whole collection. Not for ``approximate``.
        where : dict or str, optional
            Which rows may be found: ``{"label": ["dog", "rain"]}``, or an SQL
            condition such as ``"start >= 2.5 AND label <> 'rain'"``.
        exclude : dict, optional
            Which may not: ``{"source": row.source}`` leaves out the query's own recording.
        approximate : bool
            Ask the approximate index that :meth:`train` made instead of measuring everything.
        nprobes, refine : int
            For ``approximate``: how many of its cells are opened, and how many
            times k candidates are measured exactly. More find more, and take longer.

        Returns
        -------
        pd.DataFrame with columns rank, distance, and those of ``table``
            Nearest first, equally near ones in the order of ``table``; fewer
            than k where fewer may be found. For many vectors ``query`` comes
            first: which one the hit belongs to.

        Raises
        ------
        InputError
            If the example does not fit the embedder of the index, the
            conditions name no column, or there is no approximate index.
        AudioFileError
            If the recording cannot be read.
        """
        facts, k = self.facts, checks.whole(k, name="k")
        found, single = as_vectors(sound, index=self, sr=sr, start=start, end=end)
        if not facts:
            return tables.hits([self.table] if single else [], [np.empty(0)] if single else [], single=single)
        condition = sql(where, exclude=exclude, columns=self._columns)
        if approximate:
            near = [self._near(one, k=k, distance=distance, condition=condition, nprobes=nprobes, refine=refine)
                    for one in found]
            return tables.hits([rows for rows, _ in near], [far for _, far in near], single=single)
        memory = self._load()
        allowed = None if condition is None else np.isin(memory.numbers, self._store.matching(condition))
        rows, far = self._collection(distance).nearest(found, k=k, allowed=allowed)
        return tables.hits([memory.table.iloc[own[own >= 0]] for own in rows], [own[np.isfinite(own)] for own in far],
                           single=single)

    def _collection(self, distance: str) -> Collection:
        memory = self._load()
        if distance not in memory.collections:
            memory.collections[distance] = Collection(memory.vectors, distance=distance)
        return memory.collections[distance]

    def train(self, *, distance: str = "cosine", n_partitions: int | None = None) -> None:
        """Make the approximate index: cells around typical vectors, and codes of one bit a number in place of vectors.

        Worth its while from some hundred thousand rows on. Rows that are added
        later are found too, but measured one by one until it is made again.
        LanceDB draws what it learns from, so two trainings differ a little.

        Parameters
        ----------
        distance : {"cosine", "euclidean"}
            ``cosine`` serves ``unit_euclidean`` too.
        n_partitions : int, optional
            How many cells; the square root of the number of rows where not given.

        Raises
        ------
        InputError
            If there are fewer than 256 rows, or the number of cells does not fit.

        Notes
        -----
        LanceDB's IVF_RQ: Gao and Long, "RaBitQ", 2024. Vectors whose length is
        no multiple of 8 stay whole within their cells (IVF_FLAT).
        """
        checks.one_of(distance, ("cosine", "euclidean"), name="distance")
        if len(self) < FEWEST:
            raise checks.fail(f"at least {FEWEST} rows for an approximate index", f"{len(self)}",
                              "Search exactly: with so few it is the faster way")
        n_partitions = checks.whole(n_partitions or round(len(self) ** 0.5), name="n_partitions")
        if n_partitions > len(self) // 2:
            raise checks.fail(f"n_partitions up to {len(self) // 2}", f"{n_partitions}",
                              "Leave it out: a cell needs vectors")
        with self._store.writing():
            self._store.train(distance=METRICS[distance], n_partitions=n_partitions, n_dims=self.facts["n_dims"])

    def recall(self, *, k: int = 10, n_queries: int = 100, rng: np.random.Generator, **settings: object) -> float:
        """Share of the exact k nearest that the approximate search finds too.

        Parameters
        ----------
        k : int
        n_queries : int
            So many rows are drawn as queries.
        rng : np.random.Generator
        **settings
            For the approximate search, such as ``nprobes`` and ``refine``.

        Returns
        -------
        float, range 0 to 1

        Raises
        ------
        InputError
            If there is no approximate index.
        """
        known = self.vectors
        drawn = known[rng.choice(len(known), min(n_queries, len(known)), replace=False)]
        keys = ["query", "clip_id", "start", "end"]
        exact, nearly = (self.query(drawn, k=k, approximate=which, **(settings if which else {}))[keys]
                         for which in (False, True))
        return len(exact.merge(nearly)) / len(exact)

    def _near(self, query: np.ndarray, *, k: int, distance: str, condition: str | None, nprobes: int,
              refine: int) -> tuple[pd.DataFrame, np.ndarray]:
        """Rows that the approximate index finds for one query, and their distances, measured as everywhere."""
        checks.one_of(distance, tuple(METRICS), name="distance of an approximate search")
        trained = self._store.trained()
        if trained != METRICS[distance]:
            kind = "euclidean" if distance == "euclidean" else "cosine"
            raise checks.fail(f"an approximate index for {distance}",
                              "none" if trained is None else f"one for {trained}",
                              f"Make it once: index.train(distance={kind!r})")
        found = self._store.near(query, k=k, distance=METRICS[distance], condition=condition,
                                 nprobes=checks.whole(nprobes, name="nprobes"),
                                 refine=checks.whole(refine, name="refine"))
        own = prepared(tables.as_array(found[VECTOR], n_dims=len(query)), how=distance)
        far = between(prepared(query[np.newaxis], how=distance), own, how=distance)[0]
        order = np.lexsort((found[ROW].to_numpy(), far))
        return found.select(self._columns).to_pandas().iloc[order], far[order]
