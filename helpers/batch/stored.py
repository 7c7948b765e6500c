"""What lies at the target: parts named after their content, and for each source the table of its recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import checks, files, windows
from helpers.batch.places import VECTOR, Place
from helpers.batch.recipes import Recipe
from helpers.search import queries
from helpers.search.rows import as_array

if TYPE_CHECKING:
    from helpers.search import SoundIndex

WINDOW = ("content", "start", "end", "level_db", VECTOR)
COLUMNS = ("path", "content", "stamp", "same_as", "seconds", "n_windows", "problem", "new")
PARQUET = frozenset((".parquet",))
FACTS = b"machine_hearing"


def contents(place: Place) -> dict[str, tuple[float, int]]:
    """What is computed already: content -> seconds of sound, and windows."""
    found = {}
    for name in _named(place, "part-"):
        rows = place.read(name, columns=["content", "seconds"]).to_pandas()
        seconds = rows.drop_duplicates("content").set_index("content")["seconds"].to_dict()
        found |= {content: (seconds[content], n) for content, n in rows["content"].value_counts().to_dict().items()}
    return found


def recordings(place: Place, source: Place) -> pd.DataFrame:
    """The recordings of a source as the last finished run left them; empty before."""
    name = _table_name(source)
    if name not in _named(place, "recordings-"):
        return pd.DataFrame({column: pd.Series(dtype=object) for column in COLUMNS})
    return place.read(name, columns=list(COLUMNS)).to_pandas()


def save_recordings(place: Place, table: pd.DataFrame, *, source: Place) -> None:
    """Write the table of a source, whole or not at all, with the address that its paths begin with."""
    import pyarrow as pa

    found = pa.Table.from_pandas(table.assign(source=source.address), preserve_index=False)
    place.write(_table_name(source), found)


def note(place: Place, recipe: Recipe) -> None:
    """Write down what the results were made with."""
    import pyarrow as pa

    empty = pa.table({}).replace_schema_metadata({FACTS: json.dumps(recipe.facts()).encode()})
    if "facts.parquet" not in _named(place, "facts"):
        place.write("facts.parquet", empty)


def facts(place: Place) -> dict:
    """Read what the results were made with: ``embedder, version, n_dims, sr, window, hop, code``.

    Raises
    ------
    DatasetError
        If no run has finished there.
    """
    if "facts.parquet" not in _named(place, "facts"):
        raise checks.DatasetError(checks.explain(
            f"results in {place.address}", "none that a finished run left",
            "Run extract again: it goes on where it was. Then take the place of its outcome: outcome.place",
            section=checks.DATA_SETS))
    return json.loads(place.read("facts.parquet").schema.metadata[FACTS])


def read(place: Place) -> tuple[pd.DataFrame, np.ndarray]:
    """Read all results.

    Parameters
    ----------
    place : Place
        ``place`` of an :class:`~helpers.batch.Outcome`.

    Returns
    -------
    rows : pd.DataFrame
        One row a window: ``clip_id`` (path within the source), ``path`` (whole),
        ``start``, ``end`` (seconds), ``level_db`` (dBFS); sorted by path and start.
        Content that several recordings share stands there once, under the first name.
    vectors : np.ndarray of float32, shape=(n_windows, n_dims)

    Raises
    ------
    DatasetError
        If no run has finished there, or a part is broken.
    """
    n_dims = facts(place)["n_dims"]
    tables = list(parts(place))
    rows = [rows for rows, _ in tables] or [pd.DataFrame(columns=["clip_id", "path", "start", "end", "level_db"])]
    joined = pd.concat(rows, ignore_index=True)
    order = joined.sort_values(["path", "start"], kind="stable").index.to_numpy()
    vectors = np.concatenate([np.empty((0, n_dims), np.float32), *(vectors for _, vectors in tables)])
    return joined.iloc[order].reset_index(drop=True), vectors[order]


def parts(place: Place) -> Iterator[tuple[pd.DataFrame, np.ndarray]]:
    """Read the results part by part, for more than memory holds; rows and vectors as :func:`read` gives them."""
    n_dims, names, seen = facts(place)["n_dims"], _names(place), set()
    for name in _named(place, "part-"):
        found = place.read(name, columns=list(WINDOW))
        rows = found.drop_columns([VECTOR]).to_pandas()
        wanted = (rows["content"].isin(names.index) & ~rows["content"].isin(seen)).to_numpy()
        seen |= set(rows["content"])
        rows = rows[wanted].join(names, on="content")[["clip_id", "path", "start", "end", "level_db"]]
        yield rows.reset_index(drop=True), as_array(found[VECTOR], n_dims=n_dims)[wanted]


def _names(place: Place) -> pd.DataFrame:
    """Content -> clip_id and path, from the tables of all sources; the first of several in the order of their paths."""
    tables = [place.read(name, columns=["source", "path", "content"]).to_pandas()
              for name in _named(place, "recordings-")]
    table = pd.concat(tables, ignore_index=True).sort_values(["source", "path"], kind="stable")
    table = table[table["content"] != ""].drop_duplicates("content").set_index("content")
    return pd.DataFrame({"clip_id": table["path"], "path": table["source"] + "/" + table["path"]})


def fill_index(index: SoundIndex, place: Place, *, clips: pd.DataFrame | None = None,
               gate_db: float = windows.SILENCE_DB) -> int:
    """Put the results into a sound index, a row for each window that is not silent; of a silent recording all.

    Parameters
    ----------
    index : SoundIndex
        Of the embedder that made the results. What is in it already is not added again.
    place : Place
        ``place`` of an :class:`~helpers.batch.Outcome`.
    clips : pd.DataFrame with the column clip_id, optional
        Further columns for each recording, such as ``label`` and ``source``.
    gate_db : float, dBFS
        Windows below this level are silent.

    Returns
    -------
    int
        How many rows were new.

    Raises
    ------
    InputError
        If another embedder made the results than the index holds.
    DatasetError
        If no run has finished there.
    """
    made = facts(place)
    queries.check_embedder({name: made[name] for name in ("embedder", "version", "n_dims")}
                           | {"hop": index.embedder.hop}, index.embedder)
    added = 0
    for rows, vectors in parts(place):
        live = (rows["level_db"] >= gate_db).to_numpy()
        live = live | ~pd.Series(live).groupby(rows["clip_id"]).transform("any").to_numpy(bool)
        rows = rows[live]
        if clips is not None:
            rows = rows.merge(clips.drop(columns=["path", "start", "end"], errors="ignore"), how="left", on="clip_id")
        added += index.add(rows, vectors[live])
    return added


def _named(place: Place, beginning: str) -> list[str]:
    return [each.name for each in place.names(suffixes=PARQUET) if each.name.startswith(beginning)]


def _table_name(source: Place) -> str:
    return f"recordings-{files.key(source=source.address)}.parquet"
