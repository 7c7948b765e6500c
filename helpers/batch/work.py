"""What one worker does with a few recordings: importable, so that any process can be told to do it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers import checks, files, windows
from helpers.batch.places import VECTOR, Found, Place
from helpers.batch.recipes import Recipe
from helpers.embeddings.embedder import BATCH

if TYPE_CHECKING:
    import pyarrow as pa

    from helpers.embeddings import Embedder


class Item(NamedTuple):
    """A recording to work on: its name in its place, and the digest of its content."""

    name: str
    content: str


@dataclass(frozen=True)
class Job:
    """A few recordings, and what to make of them.

    Attributes
    ----------
    items : tuple of Item
    source, target : Place
        Where the recordings lie; where the part goes.
    recipe : Recipe
    key : str
        Of the recipe, as whoever gave out the job sees it.
    """

    items: tuple[Item, ...]
    source: Place
    target: Place
    recipe: Recipe
    key: str


@dataclass
class Done:
    """What came of a job.

    Attributes
    ----------
    made : dict of str -> (float, int)
        Content -> seconds of sound, and windows.
    problems : dict of str -> str
        Content -> why that recording could not be read.
    n_bytes : int
        Size of the part that was written.
    cpu_s : float
        Processor time of this process.
    """

    made: dict[str, tuple[float, int]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    n_bytes: int = 0
    cpu_s: float = 0.0


def identify(source: Place, found: tuple[Found, ...]) -> list[tuple[str, str]]:
    """Digest the content of each recording; returns (digest, problem), one of them empty.

    Where a store names the content itself (an ETag), that name is taken, and
    nothing is read.
    """
    answers = []
    for each in found:
        try:
            answers.append((f"etag-{each.etag}-{each.n_bytes}" if each.etag else source.digest(each.name), ""))
        except OSError as error:
            answers.append(("", str(error)))
    return answers


def process(job: Job) -> Done:
    """Load, cut and embed the recordings of a job, and write one part.

    What cannot be read is noted, and the rest goes on. A part is named after
    what is in it: done twice, it is the same file.

    Raises
    ------
    InputError
        If this process runs other code than whoever gave out the job.
    OSError
        If there is no room for the part, or none to copy a recording to.
    """
    if job.recipe.key() != job.key:
        raise checks.fail(f"workers with the code of the one who asks, key {job.key}", f"key {job.recipe.key()}",
                          "Install the same version of the helpers, and of the weights, on every machine")
    start, done, tables = time.process_time(), Done(), []
    embedder = job.recipe.load()
    for item in job.items:
        try:
            audio = job.source.load(item.name, sr=embedder.sr)
            table = embed(audio, embedder=embedder, hop=job.recipe.hop)
        except (OSError, ValueError) as error:              # AudioFileError and InputError are among them
            if isinstance(error, OSError) and error.errno in files.FULL:
                raise
            done.problems[item.content] = str(error) or repr(error)
            continue
        tables.append((item.content, len(audio) / embedder.sr, table))
        done.made[item.content] = len(audio) / embedder.sr, len(table["start"])
    if tables:
        done.n_bytes = job.target.write(part_name(done.made), as_part(tables))
    done.cpu_s = time.process_time() - start
    return done


def embed(audio: np.ndarray, *, embedder: Embedder, hop: float | None = None) -> dict[str, np.ndarray]:
    """Embed every whole window of a recording; one that is shorter than a window is padded.

    Returns
    -------
    dict
        ``start``, ``end`` (seconds), ``level_db`` (dBFS), each of shape
        (n_windows,), and ``vector``, float32, shape (n_windows, n_dims).
    """
    cut, starts = windows.split(audio, sr=embedder.sr, window=embedder.window, hop=hop or embedder.hop,
                                pad=len(audio) < round(embedder.window * embedder.sr))
    blocks = [cut[first: first + BATCH] for first in range(0, len(cut), BATCH)]
    return {"start": starts, "end": np.minimum(starts + embedder.window, len(audio) / embedder.sr),
            "level_db": np.concatenate([windows.levels_db(block) for block in blocks]),
            "vector": np.concatenate([embedder.embed_windows(block) for block in blocks])}


def part_name(contents: dict[str, object]) -> str:
    """Name of the part that holds these contents."""
    return f"part-{hashlib.sha256(' '.join(sorted(contents)).encode()).hexdigest()[:16]}.parquet"


def as_part(tables: list[tuple[str, float, dict[str, np.ndarray]]]) -> pa.Table:
    """Windows of several recordings as one table."""
    import pyarrow as pa

    counts = [len(table["start"]) for _, _, table in tables]
    vectors = np.concatenate([table["vector"] for _, _, table in tables]).astype(np.float32, copy=False)
    return pa.table({
        "content": np.repeat([content for content, _, _ in tables], counts),
        "seconds": np.repeat([seconds for _, seconds, _ in tables], counts),
        **{name: np.concatenate([table[name] for _, _, table in tables]) for name in ("start", "end", "level_db")},
        VECTOR: pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])})
