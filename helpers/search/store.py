"""The table on disk: rows with vectors in LanceDB, one writer at a time, any number of readers.

A change is a new version of the table, which becomes valid by one small file
that is written last. A process that is killed leaves the version before it.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, files

if TYPE_CHECKING:
    import pyarrow as pa

FACTS = b"machine_hearing"
ROW, VECTOR = "row_number", "vector"
"""Columns that the store adds: the order in which rows came, and the embedding."""
COMPACT_EVERY = 64
"""After so many changes many small files become one."""
FULL, FORBIDDEN = ("no space left", "os error 28"), ("permission denied", "read-only file system", "os error 13")


class Store:
    """One table in a LanceDB database. It need not exist yet.

    Parameters
    ----------
    place : path or str
        A folder, or an address that LanceDB knows: ``"memory://"``,
        ``"s3://bucket/prefix"``. At an address nothing keeps two writers apart.
    name : str
        Of the table: letters, digits, ``-``, ``_`` and ``.``.
    options : dict, optional
        LanceDB's ``storage_options``: region, endpoint, keys.

    Raises
    ------
    InputError
        If the name has other characters.
    """

    def __init__(self, place: str | os.PathLike, *, name: str, options: dict | None = None) -> None:
        if not re.fullmatch(r"\w[\w.-]*", name, flags=re.ASCII):
            raise checks.InputError(checks.explain("a name of letters, digits, '-', '_' and '.'", repr(name),
                                                   "For example name='my-sounds'", section=checks.ARRAYS))
        self.name, self._options = name, options
        self.place = str(place) if "://" in str(place) else str(Path(place).expanduser().resolve())
        self._database = self._table = self._schema = None
        self._trained: tuple[int, str | None] = (0, None)

    @property
    def on_disk(self) -> bool:
        """Whether it is a folder of this computer."""
        return "://" not in self.place

    @property
    def table(self):
        """The LanceDB table, or None where nothing was added yet."""
        if self._table is None:
            if self.on_disk and not (Path(self.place) / f"{self.name}.lance").exists():
                return None                                # looking must not make a folder
            with self._told():
                try:
                    self._table = self._connect().open_table(self.name)
                except ValueError as error:
                    if "not found" not in str(error):
                        raise
        return self._table

    def _connect(self):
        import lancedb

        if self._database is None:
            self._database = lancedb.connect(self.place, storage_options=self._options,
                                             read_consistency_interval=datetime.timedelta(0))
        return self._database

    @property
    def version(self) -> int:
        """Number of the newest version, whoever wrote it; 0 where nothing was added yet."""
        table = self.table
        if table is None:
            return 0
        with self._told():
            return table.version

    @property
    def schema(self) -> pa.Schema | None:
        """Columns, which never change once the table is made; None before."""
        if self._schema is None and self.table is not None:
            with self._told():
                self._schema = self.table.schema
        return self._schema

    @property
    def facts(self) -> dict | None:
        """What was noted when the table was made."""
        if self.schema is None:
            return None
        noted = (self.schema.metadata or {}).get(FACTS)
        if noted is None:
            raise checks.DatasetError(checks.explain(
                f"a table of sounds in {self.place}", f"a table {self.name!r} of another kind",
                "Choose another name or folder", section=checks.DATA_SETS))
        return json.loads(noted)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Keep other writers out."""
        if not self.on_disk:
            yield
            return
        with files.locked(Path(self.place) / self.name):
            yield

    def create(self, schema: pa.Schema, *, facts: dict) -> None:
        """Make the table; only within :meth:`writing`."""
        with self._told():
            self._table = self._connect().create_table(
                self.name, schema=schema.with_metadata({FACTS: json.dumps(facts).encode()}))

    def append(self, rows: pa.Table) -> None:
        """Add rows, all or none; only within :meth:`writing`."""
        with self._told():
            self.table.add(rows)
            if self.version % COMPACT_EVERY == 0:
                self.table.optimize()

    def delete(self, condition: str) -> int:
        """Delete rows; only within :meth:`writing`. Returns how many."""
        with self._told():
            before = self.table.count_rows()
            self.table.delete(condition)
            return before - self.table.count_rows()

    def read(self, columns: list[str]) -> pa.Table:
        """Read some columns of all rows, in the order in which they came."""
        with self._told():
            found = self.table.search().select([*columns, ROW]).to_arrow()
        in_order = (np.diff(found[ROW].to_numpy()) > 0).all()            # nearly always; sorting copies everything
        return found if in_order else found.sort_by(ROW)

    def matching(self, condition: str) -> np.ndarray:
        """Numbers of the rows that meet a condition."""
        with self._told():
            return self.table.search().where(condition).select([ROW]).to_arrow()[ROW].to_numpy()

    def train(self, *, distance: str, n_partitions: int, n_dims: int) -> None:
        """Make the approximate index; only within :meth:`writing`."""
        from lancedb.index import IvfFlat, IvfRq

        kind = IvfRq if n_dims % 8 == 0 else IvfFlat           # a bit for each number, in whole bytes
        with self._told():
            self.table.create_index(VECTOR, config=kind(distance_type=distance, num_partitions=n_partitions,
                                                        sample_rate=64))

    def trained(self) -> str | None:
        """Distance of the approximate index, or None where there is none."""
        if self._trained[0] != (version := self.version):
            with self._told():
                names = [index.name for index in self.table.list_indices() if index.columns == [VECTOR]]
                self._trained = version, self.table.index_stats(names[0]).distance_type if names else None
        return self._trained[1]

    def near(self, query: np.ndarray, *, k: int, distance: str, condition: str | None, nprobes: int,
             refine: int) -> pa.Table:
        """Rows that the approximate index finds for one query."""
        with self._told():
            search = self.table.search(query, vector_column_name=VECTOR).distance_type(distance).limit(k)
            search = search.nprobes(nprobes).refine_factor(refine).select([*self.schema.names, "_distance"])
            return (search if condition is None else search.where(condition, prefilter=True)).to_arrow()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what LanceDB says in its own."""
        try:
            yield
        except (checks.InputError, checks.DatasetError):
            raise
        except (OSError, RuntimeError, ValueError) as error:
            text = str(error).lower()
            for words, number in ((FULL, errno.ENOSPC), (FORBIDDEN, errno.EACCES)):
                if any(word in text for word in words):
                    with files.friendly(Path(self.place) / self.name):
                        raise OSError(number, str(error)) from error
            if isinstance(error, ValueError) and any(word in text for word in ("invalid input", "invalid user input")):
                raise checks.InputError(checks.explain(
                    "a condition on the columns of the index", str(error).splitlines()[0],
                    "Write it as after WHERE in SQL, texts in single quotes", section=checks.ARRAYS)) from error
            raise checks.DatasetError(checks.explain(
                f"an index that can be read in {self.place}", str(error).splitlines()[0] if text else repr(error),
                "If it stays so, delete the folder and add the sounds again", section=checks.DATA_SETS)) from error
