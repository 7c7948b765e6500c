"""Real recordings: bird syllables and drum onsets, the network against plain baselines."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks import results
from benchmarks.events import baselines, decoding, trainings
from benchmarks.events.trainings import Job
from helpers import checks, metrics, models
from helpers.datasets.scenes import SceneDataset

BIRDS, DRUMS = "birdsong-bird0", "mdb-drums"
DRUM_CLASSES = ("kick", "snare", "hi-hat")
TESTED = {BIRDS: (5,), DRUMS: (1, 2, 3, 4, 5)}
"""Folds: the birds' last one holds six recordings and all syllables; two tracks of drums would say little."""
SETTINGS = {BIRDS: {"epochs": 30, "overlay": 0.0}, DRUMS: {"epochs": 25}}


def jobs(data: str) -> list[Job]:
    """One training for each fold that is tested; settings are chosen on the fold before it."""
    return [Job(data, test=fold, validation=(fold - 2) % 5 + 1, **SETTINGS[data]) for fold in TESTED[data]]


def run(report: results.Report) -> None:
    """Add the rows of both sets; where one is not here, say so."""
    here = {}
    for data, name in ((BIRDS, "birds"), (DRUMS, "drums")):
        try:
            here[data] = trainings.load(data)
        except checks.DatasetError as error:
            report.add(results.row(f"{name}: CRNN, event F1 by name", None, "share", detail=results.not_run(error)))
    found = trainings.run([job for data in here for job in jobs(data)], report)
    if BIRDS in here:
        _birds(report, here[BIRDS], {job: found[job] for job in jobs(BIRDS)})
    if DRUMS in here:
        _drums(report, here[DRUMS], {job: found[job] for job in jobs(DRUMS)})


def _birds(report: results.Report, dataset: SceneDataset, found: dict[Job, trainings.Scores]) -> None:
    """Syllables: energy in a band finds them, the centroid names them."""
    own_rate = baselines.energy_detector(dataset, low_hz=1000, high_hz=10_000, sr=None)
    same_rate = baselines.energy_detector(dataset, low_hz=1000, high_hz=8000, sr=16_000)
    for words, detect in (("at 32 kHz, 1 to 10 kHz", own_rate), ("at 16 kHz, 1 to 8 kHz", same_rate)):
        detected = by_folds(dataset, folds_of(found), detect, grid=baselines.ENERGY_GRID)
        report.add(results.row(f"birds: energy threshold {words}, event F1 class-blind",
                               nameless_f1(dataset, detected, tested(found)), "share"))
    _network_and_centroid(report, "birds", dataset, found, segments=detected, classes=dataset.classes)


def _drums(report: results.Report, dataset: SceneDataset, found: dict[Job, trainings.Scores]) -> None:
    """Hits: librosa finds them, the centroid names them."""
    detected = by_folds(dataset, folds_of(found), baselines.onset_detector(dataset), grid=baselines.ONSET_GRID)
    report.add(results.row("drums: librosa's onsets at 16 kHz, F1 class-blind",
                           nameless_f1(dataset, detected, tested(found)), "share"))
    _network_and_centroid(report, "drums", dataset, found, segments=detected, classes=DRUM_CLASSES)


def folds_of(found: dict[Job, trainings.Scores]) -> dict[int, list[str]]:
    """The recordings of each test fold."""
    return {job.test: list(scores.test) for job, scores in found.items()}


def tested(found: dict[Job, trainings.Scores]) -> list[str]:
    """All recordings that were tested."""
    return [clip_id for scores in found.values() for clip_id in scores.test]


def nameless_f1(dataset: SceneDataset, detected: pd.DataFrame, clips: list[str] | None) -> float:
    """F1 of who only says that something happened; hits at once count once."""
    together = 0.0 if dataset.has_offsets else baselines.TOGETHER
    there, heard = (baselines.nameless(table, together=together) for table in (dataset.events, detected))
    return metrics.event_f1(there, heard, classes=[baselines.ANY], collar=dataset.collar,
                            use_offset=dataset.has_offsets, clips=clips)


def by_folds(dataset: SceneDataset, folds: dict[int, list[str]], detect: Callable, *, grid: dict) -> pd.DataFrame:
    """What a baseline detects in each test fold, with the settings that are best on all others."""
    clips = dataset.clips["clip_id"].tolist()
    tables, best = [detect(clips, **settings) for settings in baselines.every_setting(grid)], []
    for held in folds.values():
        others = [clip_id for clip_id in clips if clip_id not in held]
        table = max(tables, key=lambda table, others=others: nameless_f1(dataset, table, others))
        best.append(table[table["clip_id"].isin(held)])
    return pd.concat(best, ignore_index=True)


def _network_and_centroid(report: results.Report, name: str, dataset: SceneDataset,
                          found: dict[Job, trainings.Scores], *, segments: pd.DataFrame, classes) -> None:
    """The network without names and with names, and what the nearest centroid makes of the baseline's segments."""
    clips = tested(found)
    blind, named, told = [], [], []
    for job, scores in found.items():
        settings = decoding.best(decoding.tried(scores.validation, dataset, classes=classes))
        named.append(decoding.detect(scores.test, dataset, **settings))
        blind.append(_loudest_class(dataset, scores))
        others = dataset.clips.loc[dataset.clips["fold"] != job.test, "clip_id"]
        centroid = baselines.NearestCentroid(dataset, others, classes=classes)
        told.append(centroid.label(segments[segments["clip_id"].isin(list(scores.test))]))
    for words, tables in (("names taken off", named), ("highest score of each frame", blind)):
        report.add(results.row(f"{name}: CRNN, {words}, event F1 class-blind",
                               nameless_f1(dataset, pd.concat(tables), clips), "share"))
    network, centroid = (decoding.judge(dataset, pd.concat(tables), clips, classes=classes)["f1"]
                         for tables in (named, told))
    folds = [decoding.judge(dataset, table, list(scores.test), classes=classes).loc["all", "f1"]
             for table, scores in zip(named, found.values(), strict=True)]
    report.add(results.row(f"{name}: the same segments named by the nearest centroid, event F1 by name",
                           centroid["all"], "share", detail=_by_class(centroid, classes)))
    report.add(results.row(
        f"{name}: CRNN, event F1 by name", network["all"], "share", goal=round(float(centroid["all"]), 3),
        detail=f"{_by_class(network, classes)}; folds {', '.join(f'{fold:.3f}' for fold in folds)}; "
        f"{next(iter(found)).epochs} epochs, {np.mean([scores.cpu_s for scores in found.values()]):.0f} CPU s each"))


def _loudest_class(dataset: SceneDataset, scores: trainings.Scores) -> pd.DataFrame:
    """Detect that something happens, whatever it is: by the highest score of each frame."""
    def detect(part: dict[str, np.ndarray], settings: dict) -> pd.DataFrame:
        highest = {clip_id: frames.max(axis=1, keepdims=True) for clip_id, frames in part.items()}
        return models.detect(highest, classes=[baselines.ANY], hop=dataset.frame_hop, points=not dataset.has_offsets,
                             **settings)

    grid = {"high": decoding.HIGHS, "median": (1, 3)}
    best = max(baselines.every_setting(grid), key=lambda settings: nameless_f1(
        dataset, detect(scores.validation, settings), list(scores.validation)))
    return detect(scores.test, best)


def _by_class(f1: pd.Series, classes) -> str:
    return ", ".join(f"{label} {f1[label]:.2f}" for label in classes)
