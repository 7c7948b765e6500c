"""Do the embedded sounds teach what real recordings teach? Every lesson of notebook 02, measured."""

import numpy as np

from benchmarks import fits, results
from helpers import audio, features, windows

TITLE = "the embedded sounds: do the lessons of real recordings show?"
DATA = "embedded: 400 clips of 4 s, ten classes, five folds of recording sessions, 16 kHz"
SOURCES = [*fits.SOURCES, "benchmarks/embedded_lessons.py", "helpers/datasets/embedded.py"]
FOLDS = range(1, 6)
RENDERINGS = ("as is", "telephone", "ogg", "hop 1.0", "hop 0.1")


def run(report: results.Report) -> None:
    """Add every row: first those of a linear model, then those of the small network."""
    clips = fits.load("embedded")
    linear(report, clips)
    networks(report, clips)


def vectors(clips: fits.Clips, *, sr: int = 16_000) -> np.ndarray:
    """Statistics of each clip's live windows, at another rate where asked."""
    sounds = [audio.resample(sound, orig_sr=16_000, target_sr=sr) for sound in clips.audio]
    cut, clip_index, _ = windows.split_all(sounds, sr=sr)
    pictures = features.log_mel(cut, sr=sr, hop_length=fits.HOP_LENGTH * sr // 16_000)
    return fits.clip_statistics(features.statistics(pictures), clip_index, windows.live(cut))


def linear(report: results.Report, clips: fits.Clips) -> None:
    """Rows of logistic regression on statistics: splits, rates, lossy coding."""
    x = vectors(clips)
    by_session = np.mean(fits.linear_accuracies(x, clips))
    report.add(results.row("pooled features, linear, folds by session", by_session, "share"))
    dealt = fits.Clips(clips.audio, clips.y, fits.splits(clips, split="random"))
    report.add(results.row("pooled features, linear, folds at random (it lies)",
                           np.mean(fits.linear_accuracies(x, dealt)), "share"))
    for sr in (8_000, 4_000):
        report.add(results.row(f"pooled features, linear, at {sr // 1000} kHz",
                               np.mean(fits.linear_accuracies(vectors(clips, sr=sr), clips)), "share"))
    lossy = fits.load("embedded", "ogg")
    report.add(results.row("pooled features, linear, trained and tested on lossy clips",
                           np.mean(fits.linear_accuracies(vectors(lossy), lossy)), "share"))


def networks(report: results.Report, clips: fits.Clips) -> None:
    """Rows of the small network: votes, gate, overlap, normalisation, other microphones."""
    plain = [fits.Job("embedded", fold, tests=RENDERINGS) for fold in FOLDS]
    dealt = [fits.Job("embedded", fold, split="random") for fold in FOLDS]
    others = {kind: [fits.Job("embedded", fold, normalisation=kind) for fold in FOLDS] for kind in ("clip", "all")}
    scores = fits.run([*plain, *dealt, *others["clip"], *others["all"]], report)

    def mean(jobs: list[fits.Job], rendering: str = "as is", **how) -> float:
        return float(np.mean([scores[job][rendering].accuracy(**how) for job in jobs]))

    each = [scores[job]["as is"].accuracy() for job in plain]
    report.add(results.row("small network, mean over live windows, folds by session", mean(plain), "share", goal=0.92,
                           detail=f"folds {min(each):.3f} to {max(each):.3f}"))
    report.add(results.row("small network, folds at random (it lies)", mean(dealt), "share"))
    for which in ("first", "each"):
        one = [scores[job]["as is"].one_window(which=which) for job in plain]
        report.add(results.row(f"{which} window alone", np.mean(one), "share"))
    for how in ("majority", "max", "log-mean"):
        report.add(results.row(f"{how} over live windows", mean(plain, how=how), "share"))
    report.add(results.row("mean over all windows, silent ones too", mean(plain, gated=False), "share"))
    for hop, name in (("1.0", "no overlap"), ("0.1", "90 % overlap")):
        report.add(results.row(f"mean over live windows, {name} when tested", mean(plain, f"hop {hop}"), "share"))
    padded(report, plain, scores)
    report.add(results.row("through a telephone, trained without", mean(plain, "telephone"), "share"))
    report.add(results.row("through a lossy coder, trained without", mean(plain, "ogg"), "share"))
    for kind, jobs in others.items():
        name = {"clip": "each clip", "all": "the training set"}[kind]
        report.add(results.row(f"normalised over {name} instead of each window", mean(jobs), "share"))


def padded(report: results.Report, plain: list[fits.Job], scores: dict) -> None:
    """Rows of the clips that end in silence, with and without the gate."""
    chosen = []
    for job in plain:
        tested = scores[job]["as is"]
        silent = np.array([(~tested.live[tested.clip_index == clip]).any() for clip in range(len(tested.y))])
        chosen.append((tested, silent))
    n_clips = sum(int(silent.sum()) for _, silent in chosen)
    for gated, name in ((True, "live"), (False, "all")):
        right = sum(tested.accuracy(gated=gated, clips=silent) * silent.sum() for tested, silent in chosen) / n_clips
        report.add(results.row(f"clips with a silent window: mean over {name} windows", right, "share",
                               detail=f"{n_clips} clips"))
