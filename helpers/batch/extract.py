"""A folder or a prefix of recordings, all of it: only what is missing is computed, and nothing is lost."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from helpers import checks
from helpers.batch import engines, stored
from helpers.batch.places import Found, Place
from helpers.batch.recipes import Recipe
from helpers.batch.work import Done, Item, Job, identify, process
from helpers.embeddings.embedder import Embedder

if TYPE_CHECKING:
    from distributed import Client
    from tqdm import tqdm

AT_ONCE = 200
"""So many recordings are identified in one task: it only reads them."""


@dataclass(frozen=True)
class Outcome:
    """What came of :func:`extract`.

    Attributes
    ----------
    place : Place
        Where the results lie, for :func:`read` and :func:`fill_index`.
    recordings : pd.DataFrame
        One row for each recording that was found: ``path`` (within the source),
        ``content`` (digest), ``stamp``, ``same_as`` (the recording with the same
        content that stands before it), ``seconds``, ``n_windows``, ``problem``
        (why it could not be read), ``new`` (whether it was computed in this run).
    n_bytes : int
        Size of the parts that this run wrote.
    cpu_s : float
        Processor time that the workers took for them.
    wall_s : float
        Seconds on the clock for all of it.
    """

    place: Place
    recordings: pd.DataFrame
    n_bytes: int
    cpu_s: float
    wall_s: float

    @property
    def failures(self) -> pd.DataFrame:
        """The recordings that could not be read, ``path`` and ``problem``."""
        return self.recordings.loc[self.recordings["problem"] != "", ["path", "problem"]].reset_index(drop=True)

    @property
    def duplicates(self) -> pd.DataFrame:
        """The recordings whose content stands under another name too, ``path`` and ``same_as``."""
        return self.recordings.loc[self.recordings["same_as"] != "", ["path", "same_as"]].reset_index(drop=True)

    @property
    def new(self) -> pd.DataFrame:
        """The recordings that were computed in this run."""
        return self.recordings[self.recordings["new"]].reset_index(drop=True)

    def measured(self) -> dict[str, float]:
        """Say what an hour of sound costs, for :func:`cost_sheet`.

        Returns
        -------
        dict
            ``hours`` of sound that it was measured on, ``cpu_s``, ``windows`` and
            ``n_bytes`` (of results) for each hour of sound.

        Raises
        ------
        InputError
            If this run computed nothing.
        """
        hours = float(self.new["seconds"].sum()) / 3600
        if hours == 0:
            raise checks.fail("a run that computed something", "one that found all of it done",
                              "Give another target, or more recordings")
        return {"hours": hours, "cpu_s": self.cpu_s / hours, "windows": float(self.new["n_windows"].sum()) / hours,
                "n_bytes": self.n_bytes / hours}

    def __str__(self) -> str:
        return (f"{len(self.recordings)} recordings: {int(self.recordings['new'].sum())} computed, "
                f"{len(self.duplicates)} the same as another, {len(self.failures)} could not be read")


def extract(
    source: str | os.PathLike, target: str | os.PathLike, *, embedder: str | Callable[..., Embedder] = "statistics",
    settings: Mapping[str, object] | None = None, hop: float | None = None, n_jobs: int = 1,
    scheduler: Client | str | None = None, chunk: int = 32, source_options: Mapping | None = None,
    target_options: Mapping | None = None, progress: bool = True,
) -> Outcome:
    """Embed every window of every recording, and keep the result as Parquet.

    Run it again, and only what is missing is computed: recordings that are new
    or changed, or everything after another embedder, setting or version of the
    code. It does not matter who computed the rest, or whether that was stopped.

    Parameters
    ----------
    source, target : path or address
        Where recordings lie, also below, and where results go. A folder, or an
        address that fsspec knows: ``"s3://bucket/prefix"``, ``"memory://name"``.
    embedder : str or callable
        ``"log-mel"``, a name that ``embeddings.load_embedder`` knows, or a
        function of a module (not of a notebook) that makes an embedder.
    settings : dict, optional
        What is handed to it, such as ``{"n_mels": 32}``.
    hop : float, seconds, optional
        Step from window to window; half a window where not given.
    n_jobs : int
        1 works in this process, more in so many processes of this machine
        (joblib), -1 in one for each core.
    scheduler : distributed.Client or str, optional
        A Dask cluster: that of :func:`local_cluster`, or the address of a
        scheduler elsewhere, ``"tcp://host:8786"``, whose workers reach both places.
    chunk : int
        So many recordings are one job and one part: what is lost at most when a
        worker dies. Large chunks cost less overhead, small ones are spread more evenly.
    source_options, target_options : dict, optional
        What fsspec needs to get there: keys, the address of the server.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    Outcome
        With the recordings that could not be read, each with its reason.

    Raises
    ------
    InputError
        If there is no such embedder or place, or workers run other code.
    DatasetError
        If there are no recordings.
    OSError
        If there is no room for the results. What was written stays and counts.

    Notes
    -----
    A recording is read into memory as a whole: cut those of a day into hours. From a store it is read twice unless
    the store tells content by an ETag, as S3 does. While one process runs, others may read.
    """
    start, chunk = time.perf_counter(), checks.whole(chunk, name="chunk")
    recipe = Recipe(embedder, tuple(sorted((settings or {}).items())), hop)
    source, target = Place(str(source), dict(source_options or {})), Place(str(target), dict(target_options or {}))
    _refuse_memory(source, target, alone=n_jobs == 1 and scheduler is None)
    place = target.inside(f"{recipe.load().name}-{recipe.key()}")
    found = source.recordings()
    with engines.chosen(n_jobs=n_jobs, scheduler=scheduler) as engine:
        recordings = _identified(engine, source, found, known=stored.recordings(place, source))
        made = stored.contents(place)
        missing = recordings[(recordings["same_as"] == "") & (recordings["problem"] == "")
                             & ~recordings["content"].isin(list(made))]
        items = [Item(*pair) for pair in missing[["path", "content"]].itertuples(index=False)]
        with _line(len(recordings), done=len(recordings) - len(items), name=recipe.load().name,
                   shown=progress) as line:
            jobs = (Job(tuple(items[first: first + chunk]), source, place, recipe, recipe.key())
                    for first in range(0, len(items), chunk))
            total = _work(engine, jobs, line=line)
    stored.note(place, recipe)
    recordings = _with_results(recordings, total, made={**made, **total.made})
    stored.save_recordings(place, recordings, source=source)
    return Outcome(place, recordings, total.n_bytes, total.cpu_s, time.perf_counter() - start)


def _refuse_memory(*places: Place, alone: bool) -> None:
    hidden = [place.address for place in places if place.in_one_process]
    if hidden and not alone:
        raise checks.fail("places that every process can see", hidden[0],
                          "Work in this process with n_jobs=1, or give a folder or an object store")


def _identified(engine: engines.Engine, source: Place, found: list[Found], *, known: pd.DataFrame) -> pd.DataFrame:
    """The table of recordings with their digests; those that have not changed since are not read again."""
    table = pd.DataFrame({"path": [each.name for each in found], "stamp": [each.stamp for each in found]})
    known = known.loc[known["content"] != "", ["path", "stamp", "content"]]
    table = table.merge(known, how="left", on=["path", "stamp"]).fillna({"content": ""})
    unknown = [each for each, content in zip(found, table["content"], strict=True) if not content]
    groups = [tuple(unknown[first: first + AT_ONCE]) for first in range(0, len(unknown), AT_ONCE)]
    answers = {}
    for (_, group), answer in engine(_identify, ((source, group) for group in groups)):
        if isinstance(answer, engines.Lost):
            answer = [("", str(answer))] * len(group)
        answers.update(zip((each.name for each in group), answer, strict=True))
    told = [answers.get(path, (content, "")) for path, content in zip(table["path"], table["content"], strict=True)]
    table["content"], table["problem"] = [content for content, _ in told], [problem for _, problem in told]
    first = table[table["content"] != ""].drop_duplicates("content").set_index("content")["path"]
    original = table["content"].map(first).fillna(table["path"])
    return table.assign(same_as=original.where(original != table["path"], ""))


def _identify(task: tuple[Place, tuple[Found, ...]]) -> list[tuple[str, str]]:
    return identify(*task)


def _work(engine: engines.Engine, jobs: Iterator[Job], *, line: tqdm) -> Done:
    """Have all jobs done; recordings of a job whose worker died each time are tried one by one."""
    total, alone = Done(), []
    for job, done in engine(process, jobs):
        if isinstance(done, engines.Lost):
            alone += [Job((item,), job.source, job.target, job.recipe, job.key) for item in job.items]
        else:
            _add(total, done, line=line, n=len(job.items))
    for job, done in engine(process, alone, alone=True):
        lost = isinstance(done, engines.Lost)
        _add(total, Done(problems={job.items[0].content: str(done)}) if lost else done, line=line, n=1)
    return total


def _add(total: Done, done: Done, *, line: tqdm, n: int) -> None:
    total.made.update(done.made)
    total.problems.update(done.problems)
    total.n_bytes += done.n_bytes
    total.cpu_s += done.cpu_s
    line.update(n)
    if total.problems:
        line.set_postfix_str(f"{len(total.problems)} could not be read")


def _line(n: int, *, done: int, name: str, shown: bool) -> tqdm:
    from tqdm import tqdm

    return tqdm(total=n, initial=done, desc=name, unit="recording", file=sys.stdout, disable=not shown)


def _with_results(recordings: pd.DataFrame, total: Done, *, made: Mapping[str, tuple[float, int]]) -> pd.DataFrame:
    """Add what came of each recording to the table."""
    content, problems = recordings["content"], recordings["problem"]
    return recordings.assign(
        problem=[told or total.problems.get(each, "") for told, each in zip(problems, content, strict=True)],
        seconds=[made.get(each, (0.0, 0))[0] for each in content],
        n_windows=[made.get(each, (0.0, 0))[1] for each in content],
        new=content.isin(list(total.made)) & (recordings["same_as"] == ""))[list(stored.COLUMNS)]
