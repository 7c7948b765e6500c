"""Trainings on scenes: one process a core, the scores of each kept, so that an interrupted run goes on where it was.

Every training goes the way of notebook 04: windows, pictures and targets from
``models.scene_windows``, one ``models.fit``, and ``models.scene_scores``.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import fits, results
from helpers import augment, checks, datasets, features, files, labels, models
from helpers.datasets import embedded_scenes, scenes

SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/events.py",
           "helpers/models/frames.py", "helpers/models/scenes.py", "helpers/models/training.py",
           "helpers/augment/log_mels.py", "benchmarks/events/trainings.py"]
SYNTHESISER = [f"helpers/synth/{name}.py" for name in embedded_scenes.RENDERED_BY]
RECIPE = 1
"""Raised when a change elsewhere changes what a training learns: kept results are then measured anew."""


@dataclass(frozen=True)
class Job:
    """One training, with the folds it is judged on.

    Parameters
    ----------
    data : str
        Name of a set of scenes.
    network : {"crnn", "cnn"}
    test, validation : int
        Folds; all others are trained on.
    epochs, seed : int
    how : {"centre", "overlap"}
        Which frames an event marks.
    shift : float, seconds
        Pictures are moved by up to so much while their targets stay.
    overlay : float
        Share of windows that get a second one on top.
    positive_weight, learning_rate : float
    batch_size : int
    """

    data: str
    network: str = "crnn"
    test: int = 5
    validation: int = 4
    epochs: int = 30
    seed: int = 0
    how: str = "centre"
    shift: float = 0.0
    overlay: float = 0.5
    positive_weight: float = 2.0
    learning_rate: float = 3e-3
    batch_size: int = 16


@dataclass(frozen=True)
class Scores:
    """Frame scores of one training, by clip_id, and what it took."""

    validation: dict[str, np.ndarray]
    test: dict[str, np.ndarray]
    negatives: dict[str, np.ndarray]
    cpu_s: float


FOLDERS = {"birdsong-bird0": "sed-birdsongrec-bird0", "mdb-drums": "sed-mdb-drums"}
"""Where the test data has them."""


@lru_cache(maxsize=3)
def load(name: str) -> scenes.SceneDataset:
    """Load a set of scenes; real ones also from ``MACHINE_HEARING_TEST_DATA``, as a folder of recordings.

    There they lie in a layout of their own, and are part of the published sets.
    So they are read as a reader's own recordings would be, with the same collar
    and frames: folds are dealt by :func:`helpers.datasets.scenes.deal`.
    """
    try:
        return datasets.load_scenes(name)
    except checks.DatasetError:
        home = Path(os.environ.get("MACHINE_HEARING_TEST_DATA", ""))
        if name not in FOLDERS or not (home / FOLDERS[name]).is_dir():
            raise
    return replace(_from_test_data(name, home / FOLDERS[name], collar=0.05, frame_hop=0.01), name=name)


def _from_test_data(name: str, folder: Path, **times: float) -> scenes.SceneDataset:
    if name == "birdsong-bird0":
        return datasets.scenes_from_folder(folder / "Wave", folder / "events.csv", **times)
    with tempfile.TemporaryDirectory() as written:
        for path in (folder / "annotations" / "class").glob("*_class.txt"):
            hits = labels.read_audacity(path)
            labels.write_audacity(hits.assign(label=hits["label"].map(scenes.DRUMS)),
                                  Path(written) / path.name.replace("_class", "_Drum"))
        return datasets.scenes_from_folder(folder / "audio", written, **times)


def rows(dataset: scenes.SceneDataset, job: Job) -> dict[str, pd.DataFrame]:
    """The scenes to train on, to choose settings on, to test on; and those in which nothing happens."""
    clips = dataset.clips
    held = clips.fold.isin([job.test, job.validation])
    return {"training": clips[~held], "validation": clips[clips.fold == job.validation],
            "test": clips[clips.fold == job.test], "negatives": dataset.negatives}


def train(job: Job) -> None:
    """Run one training and keep the frame scores of its other folds."""
    path = _path(job)
    if path.exists():
        return
    started = time.process_time()
    dataset = load(job.data)
    parts, settings = rows(dataset, job), models.frame_settings(dataset.frame_hop)
    seen = models.scene_windows(dataset, parts.pop("training"), how=job.how)
    build = models.frame_crnn if job.network == "crnn" else models.frame_cnn
    network = build(settings["n_mels"], len(dataset.classes), pool=settings["pool"])
    models.fit(network, seen.log_mels, seen.targets, epochs=job.epochs, seed=job.seed, batch_size=job.batch_size,
               learning_rate=job.learning_rate, positive_weight=job.positive_weight, progress=False,
               mix=_mixing(job.overlay), augment=_moving(job.shift / (seen.hop * seen.targets.shape[1])))
    kept = {}
    for part, table in parts.items():
        if len(table):
            scores = models.scene_scores(network, models.scene_windows(dataset, table))
            kept |= {f"{part}/{clip_id}": frames for clip_id, frames in scores.items()}
    with files.replacing(path) as temporary:
        np.savez(temporary, cpu_s=time.process_time() - started, **kept)


def _mixing(share: float):
    """Lay some windows over others; labels of either count."""
    return None if share == 0 else lambda x, y, *, rng: augment.overlay(x, y, rng=rng, share=share)


def _moving(share: float):
    """Normalise each picture, moved along time first where that is wanted."""
    if share == 0:
        return lambda x, *, rng: features.normalise(x)
    return lambda x, *, rng: features.normalise(augment.shift_frames(x, rng=rng, max_share=share))


def _path(job: Job) -> Path:
    sources = [source for source in SOURCES if source.startswith("helpers")]
    sources += SYNTHESISER if job.data == "embedded" else []
    key = files.key(**asdict(job), sources=results.source_hash(sources), recipe=RECIPE)
    return files.cache_folder("benchmarks") / f"{key}.npz"


def run(jobs: Sequence[Job], report: results.Report, *, workers: int | None = None) -> dict[Job, Scores]:
    """Run all trainings, one process a core, and return the scores of each.

    Parameters
    ----------
    jobs : sequence of Job
    report : results.Report
        Is told how much processor time the trainings took.
    workers : int, optional
        Number of processes; all cores where not given.

    Returns
    -------
    dict of Scores
    """
    fits.train_all(train, jobs, report, workers=workers)
    found = {}
    for job in jobs:
        with np.load(_path(job)) as kept:
            parts = {part: {name.removeprefix(f"{part}/"): kept[name] for name in kept.files
                            if name.startswith(f"{part}/")} for part in ("validation", "test", "negatives")}
            found[job] = Scores(**parts, cpu_s=float(kept["cpu_s"]))
        report.cpu_elsewhere += found[job].cpu_s
    return found
