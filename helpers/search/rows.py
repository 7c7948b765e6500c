"""Rows of a sound index: checked, typed, told apart, and put into a table of hits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import checks
from helpers.search.store import ROW, VECTOR, Store

if TYPE_CHECKING:
    import pyarrow as pa

    from helpers.search.exact import Collection

TEXTS, TIMES = ("clip_id", "path", "label", "source", "session"), ("start", "end")
COLUMNS = ("clip_id", "path", "start", "end", "label", "source", "session")
"""Columns of every index; a row needs the clip_id and both times."""
KEY = ["clip_id", "start", "end"]
TAKEN = (ROW, VECTOR, "_distance", "rank", "distance", "query")


@dataclass
class Memory:
    """What is on disk, read into memory: rows, their numbers there, vectors, and what was made for searching them."""

    version: int
    table: pd.DataFrame
    numbers: np.ndarray
    vectors: np.ndarray
    collections: dict[str, Collection] = field(default_factory=dict)


@dataclass
class Keys:
    """Which rows a version of the table holds, and the number of the next one."""

    version: int
    seen: set[tuple]
    next_row: int

    def new(self, rows: pd.DataFrame) -> list[int]:
        """Positions of the rows that are not there yet, each once."""
        wanted, seen = [], set()
        for position, key in enumerate(_keys(rows)):
            if key not in self.seen and key not in seen:
                wanted.append(position)
                seen.add(key)
        return wanted

    def note(self, rows: pd.DataFrame, *, version: int) -> None:
        """Remember rows that were added."""
        self.seen.update(_keys(rows))
        self.next_row, self.version = self.next_row + len(rows), version


def _keys(rows: pd.DataFrame) -> list[tuple]:
    """What makes a row the same: its clip and its times, to the microsecond."""
    times = [(rows[column].to_numpy(float) * 1e6).round().astype(np.int64).tolist() for column in TIMES]
    return list(zip(rows["clip_id"].tolist(), *times, strict=True))


def read_keys(store: Store) -> Keys:
    """Read which rows there are."""
    version = store.version
    rows = store.read(KEY).to_pandas()
    return Keys(version, set(_keys(rows)), int(rows[ROW].iloc[-1]) + 1 if len(rows) else 0)


def read(store: Store, *, version: int, n_dims: int) -> Memory:
    """Read everything; nothing is there yet where the version is 0."""
    if version == 0:
        return Memory(0, pd.DataFrame(columns=list(COLUMNS)), np.empty(0, int), np.empty((0, n_dims), np.float32))
    found = store.read([name for name in store.schema.names if name != ROW])
    rows = found.drop_columns([ROW, VECTOR]).to_pandas()
    vectors = as_array(found[VECTOR], n_dims=n_dims)
    vectors.flags.writeable = False
    return Memory(version, rows, found[ROW].to_numpy(), vectors)


def as_array(column: pa.ChunkedArray, *, n_dims: int) -> np.ndarray:
    """A column of vectors as an array, shape (n_rows, n_dims), float32."""
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks if len(chunk)]
    flat = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.float32), *parts])
    return flat.reshape(-1, n_dims)


def checked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with all columns and plain types, or say what is wrong with them.

    Raises
    ------
    InputError
        If a column is missing, has a name that the index needs itself, or a
        time is not finite or out of order.
    """
    missing = [column for column in KEY if column not in getattr(rows, "columns", ())]
    if missing:
        raise checks.fail(f"rows as a table with the columns {', '.join(KEY)}", f"no {', no '.join(missing)}",
                          "A whole clip starts at 0.0 and ends with its duration, in seconds")
    for column in rows.columns:
        if column in TAKEN or not re.fullmatch(r"[^\W\d]\w*", str(column)):
            raise checks.fail("columns with names like those of variables", repr(column),
                              f"Rename it; {', '.join(TAKEN)} are the index's own")
    rows = rows.reset_index(drop=True).copy()
    if rows["clip_id"].isna().any():
        raise checks.fail("a clip_id in every row", f"none in row {rows['clip_id'].isna().argmax()}", "Fill the gaps")
    rows["clip_id"] = rows["clip_id"].astype(object).map(str)
    for column in TIMES:
        rows[column] = pd.to_numeric(rows[column], errors="coerce").astype(float)
    bad = np.flatnonzero(~(np.isfinite(rows["start"]) & np.isfinite(rows["end"]) & (rows["start"] <= rows["end"])))
    if len(bad):
        start, end = rows.loc[bad[0], list(TIMES)]
        raise checks.fail("start and end in seconds, and no end before its start", f"{start} and {end} in row {bad[0]}",
                          "A whole clip starts at 0.0 and ends with its duration")
    further = [column for column in rows.columns if column not in COLUMNS]
    return rows.reindex(columns=[*COLUMNS, *further])


def schema_of(rows: pd.DataFrame, *, n_dims: int) -> pa.Schema:
    """Types of the columns of a new table."""
    import pyarrow as pa

    kinds = {**dict.fromkeys(TEXTS, pa.string()), **dict.fromkeys(TIMES, pa.float64())}
    for column in rows.columns.difference(COLUMNS, sort=False):
        try:
            kind = pa.array(rows[column].astype(object), from_pandas=True).type
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise _mixed(column, error) from error
        kinds[column] = pa.string() if pa.types.is_null(kind) else kind
    return pa.schema([*((column, kinds[column]) for column in rows.columns), (ROW, pa.int64()),
                      (VECTOR, pa.list_(pa.float32(), n_dims))])


def arrow(rows: pd.DataFrame, vectors: np.ndarray, *, first: int, schema: pa.Schema) -> pa.Table:
    """Rows, their numbers and vectors as the table on disk has them.

    Raises
    ------
    InputError
        If there is no such column in the table, or a value is of another type.
    """
    import pyarrow as pa

    for column in rows.columns:
        checks.one_of(column, [name for name in schema.names if name not in (ROW, VECTOR)],
                      name="a column of this index")
    columns = {ROW: pa.array(np.arange(first, first + len(rows))),
               VECTOR: pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(vectors)), vectors.shape[1])}
    for name in set(schema.names) - set(columns):
        values = rows[name].astype(object) if name in rows else [None] * len(rows)
        try:
            columns[name] = pa.array(values, type=schema.field(name).type, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise _mixed(name, error) from error
    return pa.table({name: columns[name] for name in schema.names}, schema=schema)


def hits(found: list[pd.DataFrame], distances: list[np.ndarray], *, single: bool) -> pd.DataFrame:
    """One table of hits from the rows that each query found, nearest first."""
    tables = [rows.reset_index(drop=True) for rows in found]
    for query, (rows, far) in enumerate(zip(tables, distances, strict=True)):
        rows.insert(0, "rank", np.arange(1, len(rows) + 1))
        rows.insert(1, "distance", np.asarray(far, float))
        if not single:
            rows.insert(0, "query", query)
    if not tables:
        return pd.DataFrame(columns=["query", "rank", "distance", *COLUMNS])
    return tables[0] if single else pd.concat(tables, ignore_index=True)


def _mixed(column: str, error: Exception) -> checks.InputError:
    return checks.fail(f"values of one type in the column {column}", str(error).splitlines()[0],
                       "Texts and numbers do not mix; an empty cell is None")
