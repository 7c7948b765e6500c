"""Many small trainings: one process a core, each result kept, so that an interrupted run goes on where it was.

Every training goes through the functions that notebook 02 uses: windows, the
silence gate, log-mel, per-window normalisation, ``models.fit``.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from multiprocessing import get_context

import numpy as np

from benchmarks import results
from helpers import checks, datasets, embeddings, features, files, models, windows
from helpers.datasets import embedded

SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/models",
           *(f"helpers/synth/{name}.py" for name in embedded.RENDERED_BY), "benchmarks/fits.py"]
HOP_LENGTH, HOP = 512, 0.5
RECIPE = 1
"""Raised when a change to the helpers changes what a training learns: kept results are then measured anew."""


@dataclass(frozen=True)
class Job:
    """One training, and what it is tested on.

    Parameters
    ----------
    data : str
        Name of a clip data set.
    fold : int
        The fold that is tested.
    split : {"folds", "random"}
        The data set's own folds, or clips dealt at random.
    network : {"log-mel", "waveform"}
    normalisation : {"window", "clip", "all"}
        What mean and deviation are taken over: each window, its whole clip, the training set.
    mixup : float
    epochs : int
    seed : int
    tests : tuple of str
        Renderings of the test clips: ``"as is"``, ``"telephone"``, ``"ogg"``, ``"hop 1.0"``, ``"hop 0.1"``.
    """

    data: str
    fold: int
    split: str = "folds"
    network: str = "log-mel"
    normalisation: str = "window"
    mixup: float = 0.0
    epochs: int = 25
    seed: int = 0
    tests: tuple[str, ...] = ("as is",)


@dataclass(frozen=True)
class Clips:
    """Clips of one data set: audio, class index, fold."""

    audio: list[np.ndarray]
    y: np.ndarray
    fold: np.ndarray


@dataclass(frozen=True)
class Scores:
    """Window scores of the test clips of one training."""

    scores: np.ndarray
    clip_index: np.ndarray
    live: np.ndarray
    y: np.ndarray

    def accuracy(self, *, how: str = "mean", gated: bool = True, clips: np.ndarray | None = None) -> float:
        """Accuracy over clips (all, or those of a mask) when window scores are joined in one way."""
        pooled = windows.pool_clips(self.scores, self.clip_index, how=how, live=self.live if gated else None)
        right = pooled.argmax(axis=1) == self.y
        return float(right.mean() if clips is None else right[clips].mean())

    def one_window(self, *, which: str) -> float:
        """Accuracy of the first, the middle, or each single live window."""
        right = self.scores.argmax(axis=1) == self.y[self.clip_index]
        if which == "each":
            return float(right[self.live].mean())
        members = [np.flatnonzero(self.clip_index == clip) for clip in range(len(self.y))]
        return float(np.mean([right[rows[0 if which == "first" else len(rows) // 2]] for rows in members]))


@lru_cache(maxsize=4)
def load(data: str, rendering: str = "as is") -> Clips:
    """Load every clip of a data set, as it is or through a telephone or a lossy coder."""
    dataset = datasets.load_clips(data)
    if rendering == "telephone":
        dataset = embedded.telephone()
    table = dataset.clips
    sounds = dataset.load_all()
    if rendering == "ogg":
        sounds = [coded(sound) for sound in sounds]
    classes = list(dataset.classes)
    return Clips(sounds, np.array([classes.index(label) for label in table["label"]]), table["fold"].to_numpy())


def coded(audio: np.ndarray, *, sr: int = 16_000) -> np.ndarray:
    """Encode and decode with Ogg Vorbis at its lowest quality."""
    import io

    import soundfile

    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", sr, 1, format="OGG", subtype="VORBIS", compression_level=1.0) as file:
        file.write(np.clip(audio, -1, 1))
    buffer.seek(0)
    return soundfile.read(buffer, dtype="float32")[0][: len(audio)]


def splits(clips: Clips, *, split: str) -> np.ndarray:
    """The fold of each clip: the data set's own, or dealt at random with every class in every fold."""
    if split == "folds":
        return clips.fold
    from sklearn.model_selection import StratifiedKFold

    fold = np.empty(len(clips.y), int)
    kinds = sorted(set(clips.fold))
    dealer = StratifiedKFold(len(kinds), shuffle=True, random_state=0)
    for kind, (_, test) in zip(kinds, dealer.split(clips.y, clips.y), strict=True):
        fold[test] = kind
    return fold


def inputs(cut: np.ndarray, clip_index: np.ndarray, *, job: Job, over: tuple[float, float] | None = None) -> np.ndarray:
    """What the network sees of each window."""
    if job.network == "waveform":
        return cut / np.maximum(cut.std(axis=1, keepdims=True), 1e-4)
    pictures = features.log_mel(cut, sr=16_000, hop_length=HOP_LENGTH)
    if job.normalisation == "window":
        return features.normalise(pictures)
    if job.normalisation == "all":
        return (pictures - over[0]) / over[1]
    whole = np.empty_like(pictures)
    for clip in range(clip_index.max() + 1):
        rows = clip_index == clip
        clamped = np.maximum(pictures[rows], pictures[rows].max() - 80)
        whole[rows] = (clamped - clamped.mean()) / max(clamped.std(), 1e-3)
    return whole


def train(job: Job) -> None:
    """Run one training and keep the window scores of its tests."""
    path = _path(job)
    if path.exists():
        return
    started = time.process_time()
    clips = load(job.data)
    test = splits(clips, split=job.split) == job.fold
    cut, clip_index, _ = windows.split_all([sound for sound, t in zip(clips.audio, test, strict=True) if not t],
                                           sr=16_000, hop=HOP)
    live, y = windows.live(cut), clips.y[~test][clip_index]
    over = None
    if job.normalisation == "all":
        pictures = features.log_mel(cut[live], sr=16_000, hop_length=HOP_LENGTH)
        over = float(pictures.mean()), float(pictures.std())
    x = inputs(cut, clip_index, job=job, over=over)
    n_classes = int(clips.y.max()) + 1
    build = models.waveform_cnn if job.network == "waveform" else models.small_cnn
    model = build(x.shape[1] if job.network == "waveform" else x.shape[1:], n_classes)
    models.fit(model, x[live], y[live], epochs=job.epochs, seed=job.seed, mixup=job.mixup, progress=False)
    kept = {}
    for rendering in job.tests:
        hop = float(rendering.removeprefix("hop ")) if rendering.startswith("hop ") else HOP
        source = load(job.data, "as is" if rendering.startswith("hop ") else rendering)
        cut, clip_index, _ = windows.split_all([sound for sound, t in zip(source.audio, test, strict=True) if t],
                                               sr=16_000, hop=hop)
        scores = models.predict(model, inputs(cut, clip_index, job=job, over=over))
        kept |= {f"{rendering}/scores": scores, f"{rendering}/clip_index": clip_index,
                 f"{rendering}/live": windows.live(cut)}
    with files.replacing(path) as temporary:
        np.savez(temporary, y=clips.y[test], cpu_s=time.process_time() - started, **kept)


def _path(job: Job):
    synthesiser = [f"helpers/synth/{name}.py" for name in embedded.RENDERED_BY]
    sources = ["helpers/models", *(synthesiser if job.data == "embedded" else [])]
    key = files.key(**asdict(job), sources=results.source_hash(sources), recipe=RECIPE)
    return files.cache_folder("benchmarks") / f"{key}.npz"


def embedded_clips(report: results.Report, name: str, clips: Clips) -> np.ndarray | None:
    """Embed clips; where the embedder's weights are not here, add a row that says so and return nothing."""
    try:
        return embeddings.embed_clips(embeddings.load_embedder(name), clips.audio, sr=16_000)
    except checks.DatasetError as error:
        report.add(results.row(f"{name}, linear", None, "share", detail=results.not_run(error)))
        return None


def clip_statistics(statistics: np.ndarray, clip_index: np.ndarray, live: np.ndarray) -> np.ndarray:
    """Pool window statistics into one vector a clip: mean and deviation over its live windows."""
    vectors = []
    for clip in range(clip_index.max() + 1):
        rows = clip_index == clip
        rows = rows & live if (rows & live).any() else rows
        vectors.append(np.concatenate([statistics[rows].mean(axis=0), statistics[rows].std(axis=0)]))
    return np.stack(vectors)


def linear_model(*, strength: float = 0.1):
    """Standardised logistic regression; a smaller ``strength`` (its C) trusts each number less."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=3000))


def linear_accuracies(x: np.ndarray, clips: Clips, *, strength: float = 0.1) -> list[float]:
    """Accuracy of a linear model on each fold."""
    accuracies = []
    for fold in sorted(set(clips.fold)):
        test = clips.fold == fold
        model = linear_model(strength=strength).fit(x[~test], clips.y[~test])
        accuracies.append(float(model.score(x[test], clips.y[test])))
    return accuracies


def quiet_worker() -> None:
    """Keep TensorFlow to one thread, in a process of its own."""
    os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3")


def train_all(train: Callable, jobs: Sequence, report: results.Report, *, workers: int | None = None) -> list:
    """Train every job, one process a core, with a progress line; returns what ``train`` returned, in order."""
    from tqdm import tqdm

    workers = workers or results.machine()["cores"]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=quiet_worker) as pool:
        return list(tqdm(pool.map(train, jobs), total=len(jobs), unit="training", desc=report.name))


def run(jobs: Sequence[Job], report: results.Report, *, workers: int | None = None) -> dict[Job, dict[str, Scores]]:
    """Run all trainings, one process a core, and return the scores of each test.

    Parameters
    ----------
    jobs : sequence of Job
    report : results.Report
        Is told how much processor time the trainings took.
    workers : int, optional
        Number of processes; all cores where not given.

    Returns
    -------
    dict of dict of Scores
        By job, then by rendering of the test clips.
    """
    train_all(train, jobs, report, workers=workers)
    answers = {}
    for job in jobs:
        with np.load(_path(job)) as kept:
            report.cpu_elsewhere += float(kept["cpu_s"])
            parts = ("scores", "clip_index", "live")
            answers[job] = {name: Scores(*(kept[f"{name}/{part}"] for part in parts), kept["y"]) for name in job.tests}
    return answers
