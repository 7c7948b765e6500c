"""ESC-10 by notebook 02's own steps, on its official five folds."""

import numpy as np

from benchmarks import fits, results
from helpers import checks, datasets, features, windows
from helpers.datasets import listening_test

TITLE = "ESC-10, official five folds: from a guess by silence to the small network"
DATA = "ESC-10: 400 real recordings of 5 s, ten classes, 16 kHz; silence gate at -60 dBFS"
SOURCES = [*fits.SOURCES, "benchmarks/esc10.py", "helpers/datasets/clips.py", "helpers/datasets/listening_test.py"]
FOLDS, SEEDS = range(1, 6), range(3)


def run(report: results.Report) -> None:
    """Add every row; where the recordings are not here, say so."""
    try:
        clips = fits.load("esc10")
    except checks.DatasetError as error:
        report.add(results.row("small network, mean over live windows", None, "share", goal=0.85,
                               detail=results.not_run(error)))
        return
    classical(report, clips)
    networks(report)
    human = listening_test.accuracy(listening_test.answers(datasets.load_clips("esc10")))
    report.add(results.row("human listeners, each answer", human, "share", detail="the data set's own listening test"))


def classical(report: results.Report, clips: fits.Clips) -> None:
    """Rows without a network: silence, statistics with a linear model, three ways."""
    cut, clip_index, _ = windows.split_all(clips.audio, sr=16_000)
    live = windows.live(cut)
    seconds = [len(sound) / 16_000 for sound in clips.audio]
    duration = np.array([[length, np.mean(live[clip_index == clip])] for clip, length in enumerate(seconds)])
    add(report, "length and share of silence alone, linear", duration, clips)
    pictures = features.log_mel(cut, sr=16_000, hop_length=fits.HOP_LENGTH)
    absolute = fits.clip_statistics(features.statistics(pictures), clip_index, live)
    add(report, "log-mel statistics, linear", absolute, clips, goal=0.80)
    whole = [features.log_mel(sound, sr=16_000, hop_length=fits.HOP_LENGTH) for sound in clips.audio]
    relative = [features.statistics(np.maximum(picture - picture.max(), -80)[np.newaxis])[0] for picture in whole]
    add(report, "the same relative to the clip's maximum, as comparison", np.stack(relative), clips)
    dealt = fits.Clips(clips.audio, clips.y, fits.splits(clips, split="random"))
    add(report, "log-mel statistics, linear, clips dealt at random (it lies)", absolute, dealt)


def add(report: results.Report, what: str, x: np.ndarray, clips: fits.Clips, *, goal: float | None = None) -> None:
    """Add the row of a linear model on one vector a clip."""
    folds = fits.linear_accuracies(x, clips)
    report.add(results.row(what, np.mean(folds), "share", goal=goal, detail=spread(folds)))


def networks(report: results.Report) -> None:
    """Rows of the small network and of one on the waveform."""
    plain = [fits.Job("esc10", fold, seed=seed) for seed in SEEDS for fold in FOLDS]
    blended = [fits.Job("esc10", fold, seed=seed, mixup=0.2, epochs=40) for seed in SEEDS for fold in FOLDS]
    dealt = [fits.Job("esc10", fold, split="random") for fold in FOLDS]
    waveform = [fits.Job("esc10", fold, network="waveform") for fold in FOLDS]
    scores = fits.run([*plain, *blended, *dealt, *waveform], report)

    def every(jobs: list[fits.Job], **how) -> list[float]:
        return [scores[job]["as is"].accuracy(**how) for job in jobs]

    for name, jobs, goal in (("small network", plain, 0.85), ("small network with mixup", blended, 0.87)):
        each = every(jobs)
        seeds = [np.mean(each[start: start + 5]) for start in range(0, len(each), 5)]
        report.add(results.row(f"{name}, mean over live windows", np.mean(each), "share", goal=goal,
                               detail=spread(each)))
        report.add(results.row(f"{name}, lowest and highest seed apart", max(seeds) - min(seeds), "share",
                               detail=", ".join(f"{seed:.3f}" for seed in seeds)))
    for how in ("majority", "max", "log-mean"):
        report.add(results.row(f"small network, {how} over live windows", np.mean(every(plain, how=how)), "share"))
    report.add(results.row("small network, mean over all windows", np.mean(every(plain, gated=False)), "share"))
    for which in ("first", "each"):
        one = [scores[job]["as is"].one_window(which=which) for job in plain]
        report.add(results.row(f"small network, {which} window alone", np.mean(one), "share"))
    report.add(results.row("small network, clips dealt at random (it lies)", np.mean(every(dealt)), "share",
                           detail=f"against {np.mean(every(plain[:5])):.3f} by recordings, same seed"))
    report.add(results.row("network on the waveform, mean over live windows", np.mean(every(waveform)), "share",
                           detail=spread(every(waveform))))


def spread(values: list[float]) -> str:
    """Lowest and highest value and the standard deviation, in words."""
    return f"{min(values):.3f} to {max(values):.3f}, deviation {np.std(values):.3f}, {len(values)} trainings"
