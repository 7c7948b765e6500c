"""A folder of recordings through one process, two processes and a cluster of two workers."""

import functools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import results
from helpers import batch
from helpers.audio import save_audio

TITLE = "a folder of recordings: one process, joblib with two, Dask with two workers"
DATA = "240 generated clips of 5 s, 44.1 kHz, 16-bit WAV: 20 minutes; windows of 1 s every 0.5 s; local disk"
SOURCES = ["helpers/batch", "helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/embeddings",
           "benchmarks/batch.py"]
N_CLIPS, SECONDS, SR, ROUNDS = 240, 5.0, 44_100, 3
ENGINES = ("one process", "joblib, 2 processes", "Dask, 2 workers")
EMBEDDERS = ("log-mel", "embedded")
CHUNKS = (1, 8, 120)


def run(report: results.Report) -> None:
    """Time every engine on fresh targets, in turn; then the size of a chunk, the bytes, and what it adds up to."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make(home / "sounds")
        start = time.perf_counter()
        with batch.local_cluster(2) as client:
            report.add(results.row("starting a cluster of two workers", time.perf_counter() - start, "s"))
            how = {"one process": {}, "joblib, 2 processes": {"n_jobs": 2}, "Dask, 2 workers": {"scheduler": client}}
            runs = Runs(home, how)
            for embedder in EMBEDDERS:
                compare(report, runs, embedder)
            chunks(report, runs)
        again(report, runs)
        for embedder in EMBEDDERS:
            add_up(report, runs.measured[embedder], embedder)


def make(folder: Path) -> None:
    """Write the clips: noise whose level and colour differ from clip to clip."""
    rng = np.random.default_rng(0)
    for number in range(N_CLIPS):
        clip = np.cumsum(rng.standard_normal(round(SECONDS * SR))) if number % 2 else rng.standard_normal(
            round(SECONDS * SR))
        clip = clip - clip.mean()
        save_audio(folder / f"{number:04d}.wav", rng.uniform(0.05, 0.9) * clip / np.abs(clip).max(), sr=SR)


class Runs:
    """Runs over the same recordings, each into a target of its own."""

    def __init__(self, home: Path, how: dict[str, dict]) -> None:
        self.home, self.how, self.n = home, how, 0
        self.measured: dict[str, dict[str, float]] = {}

    def run(self, engine: str, embedder: str, **settings) -> batch.Outcome:
        """Run once."""
        self.n += 1
        return batch.extract(self.home / "sounds", self.home / f"out-{self.n}", embedder=embedder, progress=False,
                             **self.how[engine], **settings)


def compare(report: results.Report, runs: Runs, embedder: str) -> None:
    """Clips a second and processor time of every engine: medians of rounds in turn, after one that is not counted."""
    walls, cpus, bits = {engine: [] for engine in ENGINES}, {engine: [] for engine in ENGINES}, []
    for number in range(ROUNDS + 1):
        for engine in ENGINES:
            outcome = runs.run(engine, embedder)
            if number == 0:
                bits.append(batch.read(outcome.place)[1].tobytes())
                continue
            walls[engine].append(N_CLIPS / outcome.wall_s)
            cpus[engine].append(outcome.measured()["cpu_s"])
            if engine == ENGINES[0]:
                runs.measured[embedder] = outcome.measured()
    runs.measured[embedder]["cpu_s"] = statistics.median(cpus[ENGINES[0]])
    for engine in ENGINES:
        report.add(results.row(f"{embedder}: {engine}", statistics.median(walls[engine]), "clips/s",
                               detail=f"on the clock, all included; {spread(walls[engine])}"))
    for engine in ENGINES:
        report.add(results.row(f"{embedder}: {engine}, work", statistics.median(cpus[engine]), "CPU s an hour",
                               detail=f"for each hour of sound; {spread(cpus[engine])}"))
    report.add(results.row(f"{embedder}: engines with the same bits", float(bits.count(bits[0])), "count",
                           goal=len(ENGINES)))
    measured = runs.measured[embedder]
    report.add(results.row(f"{embedder}: results", measured["n_bytes"] / 1e6, "MB an hour"))
    report.add(results.row(f"{embedder}: a window", measured["n_bytes"] / measured["windows"], "bytes"))


def chunks(report: results.Report, runs: Runs) -> None:
    """The size of a chunk, on the cluster."""
    for chunk in CHUNKS:
        found = [N_CLIPS / runs.run(ENGINES[2], EMBEDDERS[0], chunk=chunk).wall_s for _ in range(ROUNDS)]
        report.add(results.row(f"{EMBEDDERS[0]}: Dask, 2 workers, {chunk} clips a job", statistics.median(found),
                               "clips/s", detail=spread(found)))


def again(report: results.Report, runs: Runs) -> None:
    """A run that finds everything done."""
    work = functools.partial(batch.extract, runs.home / "sounds", runs.home / "again", embedder=EMBEDDERS[0],
                             progress=False)
    work()
    report.add(results.row("a second run that finds all of it done", seconds(work), "s", detail=f"{N_CLIPS} clips"))


def seconds(work: Callable) -> float:
    """Seconds on the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def add_up(report: results.Report, measured: dict[str, float], embedder: str) -> None:
    """The cost sheet without prices."""
    sheet = batch.cost_sheet(measured, core_hour=0, gb_month=0)
    for name, row in sheet.iterrows():
        report.add(results.row(f"{embedder}: {name}, computing", row["core_hours"], "core-hours"))
        report.add(results.row(f"{embedder}: {name}, results", row["results_gb"], "GB"))
    if embedder == EMBEDDERS[0]:
        report.add(results.row("one microphone, one year: the sound itself", sheet["sound_gb"].iloc[0], "GB",
                               detail="16 kHz, 16 bit, one channel"))


def spread(values: list[float]) -> str:
    """Lowest and highest, in words."""
    return f"{min(values):.1f} to {max(values):.1f}, {len(values)} rounds"
