"""The embedded scenes: the two networks side by side, and what single choices bring."""

import numpy as np

from benchmarks import results
from benchmarks.events import decoding, trainings
from benchmarks.events.trainings import Job
from helpers import metrics
from helpers.datasets.scenes import SceneDataset

BAR, HOPE = 0.78, 0.82
CRNN = (Job("embedded"), Job("embedded", seed=1))
CNN = Job("embedded", network="cnn")
SHIFTED = Job("embedded", shift=0.3)


def run(report: results.Report) -> None:
    """Train, and add the rows of the embedded scenes."""
    dataset = trainings.load("embedded")
    found = trainings.run([*CRNN, CNN, SHIFTED], report)
    tried = {job: decoding.tried(scores.validation, dataset) for job, scores in found.items()}
    settings = {job: decoding.best(each) for job, each in tried.items()}
    f1 = {job: f1_of(dataset, found[job], settings[job]) for job in found}
    crnn = [f1[job] for job in CRNN]
    report.add(results.row(
        "CRNN, event F1", np.mean(crnn), "share", goal=BAR,
        detail=f"seeds: {', '.join(f'{each:.3f}' for each in crnn)}; hoped for {HOPE}: "
        f"{'reached' if np.mean(crnn) >= HOPE else 'not reached'}; {decoding.in_words(settings[CRNN[0]])}; "
        f"{CRNN[0].epochs} epochs, {found[CRNN[0]].cpu_s:.0f} CPU s each"))
    report.add(results.row("CNN, event F1", f1[CNN], "share", detail=f"{decoding.in_words(settings[CNN])}; "
                           f"{CNN.epochs} epochs, {found[CNN].cpu_s:.0f} CPU s"))
    for name, job in (("CRNN", CRNN[0]), ("CNN", CNN)):
        _more_scores(report, name, dataset, found[job], settings[job])
    _tags(report, dataset, {"CRNN": found[CRNN[0]], "CNN": found[CNN]})
    report.add(results.row("CRNN, pictures moved by up to 0.3 s and targets not, event F1", f1[SHIFTED], "share",
                           detail=f"against {crnn[0]:.3f}; settings chosen for it on fold 4 too"))
    _decodings(report, dataset, found[CRNN[0]], tried[CRNN[0]])


def f1_of(dataset: SceneDataset, scores: trainings.Scores, settings: dict, **how) -> float:
    """Event F1 over all classes of the test fold."""
    detected = decoding.detect(scores.test, dataset, **settings)
    return float(decoding.judge(dataset, detected, list(scores.test), **how).loc["all", "f1"])


def durations(dataset: SceneDataset, scores: dict[str, np.ndarray]) -> dict[str, float]:
    """Seconds of each scene: as many frames as it has scores."""
    return {clip_id: len(frames) * dataset.frame_hop for clip_id, frames in scores.items()}


def _more_scores(report: results.Report, name: str, dataset: SceneDataset, scores: trainings.Scores, settings: dict
                 ) -> None:
    """One network by class, by onset, by second, and by false alarms."""
    detected = decoding.detect(scores.test, dataset, **settings)
    for label, row in decoding.judge(dataset, detected, list(scores.test)).iterrows():
        if label in dataset.classes:
            report.add(results.row(f"{name}, event F1 of {label}", row["f1"], "share",
                                   detail=f"{row['n_true']} events, {row['n_detected']} detected"))
    report.add(results.row(f"{name}, event F1 by onset alone", f1_of(dataset, scores, settings, use_offset=False),
                           "share"))
    there = dataset.events
    segments = metrics.segment_scores(there[there["clip_id"].isin(list(scores.test))], detected,
                                      classes=dataset.classes, durations=durations(dataset, scores.test)).loc["all"]
    report.add(results.row(f"{name}, segment F1 (1 s)", segments["f1"], "share"))
    report.add(results.row(f"{name}, segment error rate (1 s)", segments["error_rate"], "share",
                           detail=", ".join(f"{segments[kind]:.0f} {kind}"
                                            for kind in ("deletions", "insertions", "substitutions"))))
    seconds = sum(durations(dataset, scores.negatives).values())
    alarms = decoding.detect(scores.negatives, dataset, **settings)
    rate = metrics.false_alarms_per_hour(there.head(0), alarms, duration=seconds)
    low, high = metrics.rate_interval(len(alarms), seconds)
    report.add(results.row(f"{name}, false alarms per hour where nothing happens", rate, "1/h",
                           detail=f"{len(alarms)} in {seconds / 60:.0f} min; 95 % of such counts come from rates of "
                           f"{low:.0f} to {high:.0f}"))


def average_precision(dataset: SceneDataset, scores: dict[str, np.ndarray], *, how: str) -> float:
    """Mean over classes of how well the scenes are ranked by what occurs in them, scores joined over time."""
    from sklearn.metrics import average_precision_score

    events = dataset.events
    occurs = {label: set(events.loc[events["label"] == label, "clip_id"]) for label in dataset.classes}
    joined = np.stack([getattr(frames, how)(axis=0) for frames in scores.values()])
    return float(np.mean([average_precision_score([clip_id in occurs[label] for clip_id in scores], column)
                          for label, column in zip(dataset.classes, joined.T, strict=True)]))


def _tags(report: results.Report, dataset: SceneDataset, found: dict[str, trainings.Scores]) -> None:
    """What recurrence buys on a whole scene: which classes occur in it."""
    for how in ("mean", "max"):
        for name, scores in found.items():
            report.add(results.row(f"{name}, tags of a scene by the {how} of its frames, mean average precision",
                                   average_precision(dataset, scores.test, how=how), "share"))


def _decodings(report: results.Report, dataset: SceneDataset, scores: trainings.Scores, tried: list) -> None:
    """The same frame scores, turned into events in other ways."""
    for words, single in (("a single threshold", True), ("two thresholds", False)):
        chosen = decoding.best(tried, single=single)
        report.add(results.row(f"CRNN with {words}, event F1", f1_of(dataset, scores, chosen), "share",
                               detail=f"{decoding.in_words(chosen)}, the best on fold 4"))
    for median in (1, 3, 7, 13):
        report.add(results.row(f"CRNN with a median over {median} frames, event F1",
                               f1_of(dataset, scores, decoding.best(tried) | {"median": median}), "share"))
