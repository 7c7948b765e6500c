"""Little data: how many clips are worth how much, and what each augmentation brings, on real ESC-10."""

import json
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context

import numpy as np

from benchmarks import fits, results
from helpers import augment, checks, features, files, metrics, models, windows

TITLE = "Little data: embedders, networks and augmentations with few clips of each class"
DATA = "ESC-10, official folds: the clips to learn from are drawn from four folds, the fifth is named"
SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/models", "helpers/augment",
           "helpers/embeddings", "benchmarks/fits.py", "benchmarks/little_data.py"]
SIZES = (1, 2, 4, 8, 16, 30)
NETWORK_SIZES = (2, 8, 30)
SEEDS = range(3)
STEPS, BATCH, SR, HOP_LENGTH = 300, 32, 16_000, 512
COPIES = 2
"""Changed takes of each clip, where a change is made in the sound."""
NOISE = "white noise"
IN_SOUND: dict[str, Callable] = {
    "speed": augment.stretch,
    "pitch": augment.pitch,
    "microphone": augment.colour,
    NOISE: lambda audio, *, sr, rng: augment.noise(audio, rng=rng, snr_db=(5, 30)),
    "gain": lambda audio, *, sr, rng: augment.gain(audio, rng=rng),
}
IN_PICTURE: dict[str, Callable] = {
    "shift": augment.shift_frames,
    "masks": augment.mask,
}


@dataclass(frozen=True)
class Job:
    """One training of the small network on few clips.

    Parameters
    ----------
    size : int
        Clips of each class.
    seed : int
        Decides the clips, the network, and the fold that is tested (seed modulo 5).
    changes : tuple of str
        Augmentations by name: of ``IN_SOUND``, of ``IN_PICTURE``, or ``"mixup"``.
    front : {"log-mel", "denoised", "pcen"}
        What the network sees.
    """

    size: int
    seed: int
    changes: tuple[str, ...] = ()
    front: str = "log-mel"


def draw(clips: fits.Clips, *, size: int, fold: int, seed: int) -> np.ndarray:
    """Numbers of ``size`` clips of each class outside a fold; the same first ones whatever the size."""
    rest = np.random.default_rng((seed, fold)).permutation(np.flatnonzero(clips.fold != fold))
    return np.concatenate([rest[clips.y[rest] == label][:size] for label in np.unique(clips.y)])


def train(job: Job) -> float:
    """Train once and return the accuracy on the fold's clips; what was measured before is read."""
    path = _path(job)
    if path.exists():
        return float(json.loads(path.read_text("utf-8"))["accuracy"])
    clips, fold = fits.load("esc10"), job.seed % 5 + 1
    rng = np.random.default_rng(job.seed)
    few, test = draw(clips, size=job.size, fold=fold, seed=job.seed), np.flatnonzero(clips.fold == fold)
    sounds, y = [clips.audio[clip] for clip in few], clips.y[few]
    changes = [IN_SOUND[name] for name in job.changes if name in IN_SOUND and name != NOISE]
    if changes or NOISE in job.changes:
        sounds = sounds + [_changed(sound, changes, rng=rng) for _ in range(COPIES) for sound in sounds]
        y = np.tile(y, 1 + COPIES)
    x, clip_index, live = pictures(sounds, front=job.front)
    if NOISE in job.changes:      # after the gate has listened: noise would make silence live
        sounds = [sound if number < len(few) else IN_SOUND[NOISE](sound, sr=SR, rng=rng)
                  for number, sound in enumerate(sounds)]
        x, _, _ = pictures(sounds, front=job.front)
    network = models.small_cnn(x.shape[1:], int(clips.y.max()) + 1, dropout=0.25)
    in_picture = [IN_PICTURE[name] for name in job.changes if name in IN_PICTURE]

    def change(x: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
        for step in in_picture:
            x = step(x, rng=rng)
        return x

    models.fit(network, x[live], y[clip_index][live], epochs=max(1, round(STEPS * BATCH / live.sum())), seed=job.seed,
               batch_size=BATCH, learning_rate=0.0015, augment=change, mixup=0.2 if "mixup" in job.changes else 0.0,
               progress=False)
    x, clip_index, live = pictures([clips.audio[clip] for clip in test], front=job.front)
    scores = windows.pool_clips(models.predict(network, x), clip_index, live=live)
    accuracy = metrics.accuracy(clips.y[test], scores.argmax(axis=1))
    with files.replacing(path) as temporary:
        temporary.write_text(json.dumps({**asdict(job), "accuracy": accuracy}), "utf-8")
    return accuracy


def _path(job: Job):
    return files.cache_folder("benchmarks") / f"{files.key(little_data=3, **asdict(job))}.json"


def _changed(sound: np.ndarray, changes: Iterable[Callable], *, rng: np.random.Generator) -> np.ndarray:
    for change in changes:
        sound = change(sound, sr=SR, rng=rng)
    return sound


def pictures(sounds: list[np.ndarray], *, front: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the network sees of each window, the clip of each, and which are live."""
    cut, clip_index, _ = windows.split_all(sounds, sr=SR)
    live = windows.live(cut)
    log_mels = features.log_mel(cut, sr=SR, hop_length=HOP_LENGTH)
    if front == "pcen":
        import librosa

        log_mels = librosa.pcen(10 ** (log_mels / 10) * 2**31, sr=SR, hop_length=HOP_LENGTH, time_constant=0.2)
    elif front == "denoised":
        log_mels = denoise(log_mels)
    return features.normalise(log_mels), clip_index, live


def denoise(log_mels: np.ndarray, *, above_db: float = 6.0) -> np.ndarray:
    """Spectral gate: what lies less than some dB above the usual floor of its band sinks 20 dB."""
    floor = np.percentile(log_mels, 20, axis=2, keepdims=True)
    return np.where(log_mels < floor + above_db, log_mels - 20, log_mels)


def run(report: results.Report) -> None:
    """Add the rows; where the recordings are not here, say so."""
    try:
        clips = fits.load("esc10")
    except checks.DatasetError as error:
        report.add(results.row("embedding, 8 clips a class", None, "share", detail=results.not_run(error)))
        return
    _linear(report, clips)
    _classical(report, clips)
    _networks(report)


def _linear(report: results.Report, clips: fits.Clips) -> None:
    """A linear model on each embedder, at every size: five folds, two draws each."""
    for name, strength in (("statistics", 0.1), ("embedded", 0.03), ("yamnet", 0.03), ("openl3", 0.03)):
        x = fits.embedded_clips(report, name, clips)
        for size in SIZES if x is not None else ():
            _row(report, f"{name}, linear, {size} clips a class",
                 _folds(x, clips, size=size, make=lambda seed, strength=strength: fits.linear_model(strength=strength)))


def _classical(report: results.Report, clips: fits.Clips) -> None:
    """MFCC with a support vector machine and with a forest."""
    import librosa
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    mfcc = [librosa.feature.mfcc(S=features.log_mel(sound, sr=SR, hop_length=HOP_LENGTH), n_mfcc=20)
            for sound in clips.audio]
    x = np.stack([np.concatenate([each.mean(axis=1), each.std(axis=1)]) for each in mfcc])
    for size in (8, 30):
        _row(report, f"MFCC, support vectors, {size} clips a class",
             _folds(x, clips, size=size, make=lambda seed: make_pipeline(StandardScaler(), SVC(C=10))))
        _row(report, f"MFCC, random forest, {size} clips a class",
             _folds(x, clips, size=size, make=lambda seed: RandomForestClassifier(300, random_state=seed)))


def _folds(x: np.ndarray, clips: fits.Clips, *, size: int, make: Callable[[int], object]) -> list[float]:
    """Accuracy on each fold, twice, of a model that learned from a few clips of the others."""
    accuracies = []
    for seed in range(10):
        fold = seed % 5 + 1
        few, test = draw(clips, size=size, fold=fold, seed=seed), clips.fold == fold
        accuracies.append(float(make(seed).fit(x[few], clips.y[few]).score(x[test], clips.y[test])))
    return accuracies


def _networks(report: results.Report) -> None:
    """The small network: sizes, augmentations one by one and together, denoised, PCEN; three seeds each."""
    everything = ("speed", "pitch", "microphone", NOISE, "shift", "masks", "mixup")
    kinds = {f"network, {size} clips a class": (size, (), "log-mel") for size in NETWORK_SIZES}
    kinds |= {f"network, 8 clips a class, {change}": (8, (change,), "log-mel")
              for change in (*IN_PICTURE, "mixup", *IN_SOUND)}
    kinds |= {f"network, {size} clips a class, everything": (size, everything, "log-mel") for size in (8, 30)}
    kinds |= {f"network, {size} clips a class, denoised": (size, (), "denoised") for size in (8, 30)}
    kinds["network, 8 clips a class, PCEN"] = (8, (), "pcen")
    jobs = [Job(size, seed, changes, front) for size, changes, front in kinds.values() for seed in SEEDS]
    from tqdm import tqdm

    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=fits.quiet_worker) as pool:
        found = list(tqdm(pool.map(train, jobs), total=len(jobs), unit="training", desc=report.name))
    for number, what in enumerate(kinds):
        _row(report, what, found[number * len(SEEDS): (number + 1) * len(SEEDS)])


def _row(report: results.Report, what: str, values: list[float]) -> None:
    report.add(results.row(what, np.mean(values), "share",
                           detail=f"{min(values):.3f} to {max(values):.3f} over {len(values)} runs"))
