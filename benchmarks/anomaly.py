"""Detectors of faulty machines, measured: which one, which clip score, which threshold, and what spoils it."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import fits, results
from helpers import anomaly, audio, datasets, features, files, metrics
from helpers.datasets import embedded_machines
from helpers.datasets.machines import VALIDATION_FOLD

TITLE = "faulty machines: autoencoders and baselines, clip scores, thresholds, contaminated training"
DATA = ("embedded: fan, pump, valve, slider, three units each, clips of 10 s, learned from folds 1 to 4; real "
        "recordings of a ceiling fan (vibration) and of MIMII (sound) where MACHINE_HEARING_TEST_DATA has them")
MEASURED = ["helpers/anomaly", "helpers/features.py", "helpers/models/networks.py", "helpers/models/training.py",
            "helpers/datasets/embedded_machines.py",
            *(f"helpers/synth/{name}.py" for name in embedded_machines.RENDERED_BY["audio"])]
SOURCES = [*MEASURED, "helpers/metrics/anomalies.py", "helpers/datasets/machine_folder.py", "benchmarks/anomaly.py",
           "benchmarks/fits.py"]
GOALS = {"fan": 0.82, "pump": 0.85, "valve": 0.75, "slider": 0.66}
TOO_EASY = 0.95
SEEDS, SHARES, CONTAMINATED = (0, 1, 2), (0.02, 0.1), ("fan", "pump")
HOW = {"mean": {}, "max": {}, "top-k": {"k": 30}}    # of 309 contexts a clip
N_MELS, HOP_LENGTH, TRAIN_HOP, FALSE_ALARMS = 128, 512, 2, 0.1
SCALING = "each"    # quiet bands count as much as loud ones


@dataclass(frozen=True)
class Job:
    """One training: which machine, which detector, and the share of faulty clips among the training clips."""

    machine: str
    network: str
    seed: int
    share: float = 0.0


def run(report: results.Report) -> None:
    """Train everything, then add the rows of each question."""
    plain = [Job(machine, network, seed) for machine in GOALS for network in ("interpolation", "autoencoder")
             for seed in SEEDS]
    spoilt = [Job(machine, "interpolation", seed, share) for machine in CONTAMINATED for share in SHARES
              for seed in SEEDS]
    fits.train_all(train, [*plain, *spoilt], report)
    scores = {job: kept(job, report) for job in (*plain, *spoilt)}
    networks(report, scores)
    for machine in GOALS:
        baselines(report, machine)
    contamination(report, scores)
    thresholds(report, scores)
    too_low(report, scores)
    home = os.environ.get("MACHINE_HEARING_TEST_DATA")
    for measure, folder in ((vibration, "vibration-ceiling-fan"), (mimii, "anomaly-mimii-fan-mini")):
        if home and (Path(home) / folder).is_dir():
            measure(report, Path(home) / folder)
        else:
            report.add(results.row(folder, None, "AUC", detail="not run: recordings not here"))


def log_mels(sounds: Sequence[np.ndarray]) -> np.ndarray:
    """Log-mels as in the DCASE baseline: 128 bands, frames of 64 ms every 32 ms."""
    return np.stack([features.log_mel(sound, sr=16_000, n_fft=1024, hop_length=HOP_LENGTH, n_mels=N_MELS)
                     for sound in sounds])


@lru_cache(maxsize=1)
def load(machine: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Clip table and log-mels of an embedded machine."""
    sounds = datasets.load_machines("embedded", machine=machine)
    return sounds.clips.reset_index(drop=True), log_mels(sounds.load_all())


def parts(clips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers to learn from; and faulty test clips that may spoil them, which then are never tested on."""
    anomalies = np.flatnonzero(clips["label"] == "anomaly")
    return np.flatnonzero(clips["fold"] < VALIDATION_FOLD), anomalies[1::2]


def train(job: Job) -> None:
    """Run one training and keep the clip scores of all clips."""
    if (path := _path(job)).exists():
        return
    started = time.process_time()
    clips, pictures = load(job.machine)
    rows, _ = anomaly.contaminate(*parts(clips), share=job.share, rng=np.random.default_rng(job.seed))
    detector = anomaly.AUTOENCODERS[job.network](seed=job.seed, scaling=SCALING)
    detector.fit(anomaly.context_clips(pictures[rows], hop=TRAIN_HOP)[0], progress=False)
    each = [detector.score(anomaly.context_frames(picture)) for picture in pictures]
    clip_index = np.repeat(np.arange(len(each)), [len(scores) for scores in each])
    joined = {how: anomaly.clip_scores(np.concatenate(each), clip_index, how=how, **settings)
              for how, settings in HOW.items()}
    with files.replacing(path) as temporary:
        np.savez(temporary, cpu_s=time.process_time() - started, **joined)


def _path(job: Job) -> Path:
    others = tuple(f"machine_{name}.py" for name in GOALS if name != job.machine)
    sources = results.source_hash([path for path in MEASURED if not path.endswith(others)])
    key = files.key(**asdict(job), sources=sources, how=HOW, hop=TRAIN_HOP, scaling=SCALING)
    return files.cache_folder("benchmarks") / f"{key}.npz"


def kept(job: Job, report: results.Report) -> dict[str, np.ndarray]:
    """Read the clip scores of a job, by how they were joined."""
    with np.load(_path(job)) as found:
        report.cpu_elsewhere += float(found["cpu_s"])
        return {how: found[how] for how in HOW}


@lru_cache(maxsize=len(GOALS))
def table(machine: str) -> pd.DataFrame:
    """Clip table of an embedded machine; its sound is not loaded."""
    return datasets.load_machines("embedded", machine=machine).clips.reset_index(drop=True)


def mean_auc(clips: pd.DataFrame, scores: np.ndarray, rows: np.ndarray, *, measure: str = "auc") -> float:
    """AUC of each unit by itself, on some rows, averaged over units."""
    return float(metrics.auc_by_unit(clips[rows], scores[rows], by=("unit",))[measure].mean())


def judged(clips: pd.DataFrame, *, domain: str = "source") -> np.ndarray:
    """Which clips are tested on."""
    return ((clips["split"] == "test") & (clips["domain"] == domain)).to_numpy(copy=True)


def over_seeds(scores: dict, machine: str, network: str, how: str = "mean", *, domain: str = "source",
               measure: str = "auc") -> np.ndarray:
    """Mean AUC over the units of a machine, for each seed."""
    clips = table(machine)
    rows = judged(clips, domain=domain)
    return np.array([mean_auc(clips, scores[Job(machine, network, seed)][how], rows, measure=measure)
                     for seed in SEEDS])


def networks(report: results.Report, scores: dict) -> None:
    """Rows of the two networks: each machine, each way to join windows, each domain."""
    best = 0.0
    for machine, goal in GOALS.items():
        clips, aucs = table(machine), partial(over_seeds, scores, machine)
        found, plain = aucs("interpolation"), aucs("autoencoder")
        best = max(best, found.mean())
        report.add(results.row(f"{machine}: interpolation", found.mean(), "AUC", goal=goal, detail=spread(found)))
        report.add(results.row(f"{machine}: interpolation, up to 10 % false alarms",
                               aucs("interpolation", measure="partial_auc").mean(), "pAUC"))
        report.add(results.row(f"{machine}: autoencoder", plain.mean(), "AUC", detail=spread(plain)))
        report.add(results.row(f"{machine}: interpolation less autoencoder", (found - plain).mean(), "AUC",
                               detail=spread(found - plain)))
        for how in ("max", "top-k"):
            report.add(results.row(f"{machine}: interpolation, clip score by {how}",
                                   aucs("interpolation", how).mean(), "AUC"))
        target = aucs("interpolation", domain="target")
        report.add(results.row(f"{machine}: interpolation, target domain", target.mean(), "AUC", detail=spread(target)))
        faults(report, machine, clips, [scores[Job(machine, "interpolation", seed)]["mean"] for seed in SEEDS])
    report.add(results.row("interpolation: the easiest machine", best, "AUC", goal=TOO_EASY, at_most=True,
                           detail="above that a set teaches nothing"))


def faults(report: results.Report, machine: str, clips: pd.DataFrame, scores: list[np.ndarray]) -> None:
    """Rows of the fault that is heard best and of the one that is heard least."""
    rows, found = judged(clips), {}
    for fault in sorted(set(clips.loc[rows, "fault"]) - {""}):
        own = rows & clips["fault"].isin(["", fault]).to_numpy()
        by_unit = [metrics.auc_by_unit(clips[own], each[own], by=("unit",))["auc"].mean() for each in scores]
        found[fault] = float(np.mean(by_unit))
    for words, fault in (("plainest", max(found, key=found.get)), ("faintest", min(found, key=found.get))):
        report.add(results.row(f"{machine}: interpolation, {words} fault", found[fault], "AUC", detail=fault))


def baselines(report: results.Report, machine: str) -> None:
    """Rows of the detectors without a network, on statistics of each clip."""
    clips, pictures = load(machine)
    numbers, (rows, _) = features.statistics(pictures), parts(clips)
    for name, kind in anomaly.BASELINES.items():
        scores = kind().fit(numbers[rows]).score(numbers)
        report.add(results.row(f"{machine}: {name} on clip statistics", mean_auc(clips, scores, judged(clips)), "AUC",
                               detail=f"target domain {mean_auc(clips, scores, judged(clips, domain='target')):.3f}"))


def contamination(report: results.Report, scores: dict) -> None:
    """Rows of training clips among which are faulty ones that nobody noticed."""
    for machine in CONTAMINATED:
        clips = table(machine)
        rows = judged(clips)
        rows[parts(clips)[1]] = False
        for share in (0.0, *SHARES):
            found = np.array([mean_auc(clips, scores[Job(machine, "interpolation", seed, share)]["mean"], rows)
                              for seed in SEEDS])
            report.add(results.row(f"{machine}: interpolation, {100 * share:.0f} % of the training clips faulty",
                                   found.mean(), "AUC", detail=f"{spread(found)}; half of the faulty test clips"))


def thresholds(report: results.Report, scores: dict) -> None:
    """Rows of one model and six thresholds, and of thresholds that move from unit to unit."""
    clips, found = table("fan"), scores[Job("fan", "interpolation", 0)]["mean"]
    source = (clips["domain"] == "source").to_numpy()
    normal, number = (clips["label"] == "normal").to_numpy(), np.arange(len(clips))
    held = source & (clips["fold"] == VALIDATION_FOLD).to_numpy()
    labelled, rest = judged(clips) & (number % 2 == 0), judged(clips) & (number % 2 == 1)
    both = found[labelled & normal], found[labelled & ~normal]
    rules = {"two deviations": anomaly.deviation_threshold(found[held], n_deviations=2),
             "quantile, 10 %": anomaly.quantile_threshold(found[held], false_alarm_rate=FALSE_ALARMS),
             "gamma, 10 %": anomaly.gamma_threshold(found[held], false_alarm_rate=FALSE_ALARMS),
             "one alarm a day": anomaly.false_alarm_threshold(found[held], per_day=1, scores_per_day=8640, how="gamma"),
             "least cost": anomaly.cost_threshold(*both, miss_cost=10, anomaly_rate=0.05),
             "best F1": anomaly.f1_threshold(*both)}
    outcomes = anomaly.outcomes(rules, normal_scores=found[rest & normal], anomalous_scores=found[rest & ~normal],
                                anomaly_rate=0.05)
    for one in outcomes.itertuples():
        report.add(results.row(f"fan, threshold by {one.name}: false alarms", one.false_alarm_rate, "share",
                               detail=f"95 %: {one.false_alarm_low:.2f} to {one.false_alarm_high:.2f}"))
        report.add(results.row(f"fan, threshold by {one.name}: found", one.recall, "share",
                               detail=f"95 %: {one.recall_low:.2f} to {one.recall_high:.2f}; "
                                      f"cost {one.expected_cost:.3f}"))
    groups = [{unit: found[rows & (clips["unit"] == unit).to_numpy()] for unit in sorted(set(clips["unit"]))}
              for rows in (held, judged(clips) & normal)]
    moved = anomaly.calibration_transfer(*groups, rule=lambda own: anomaly.deviation_threshold(own, n_deviations=2))
    own = moved["calibrated_on"] == moved["used_on"]
    for words, rows in (("its own unit", own), ("another unit", ~own)):
        rates = moved.loc[rows, "false_alarm_rate"]
        report.add(results.row(f"fan, two deviations calibrated on {words}: false alarms", rates.mean(), "share",
                               detail=f"{rates.min():.2f} to {rates.max():.2f}"))


def too_low(report: results.Report, scores: dict) -> None:
    """Rows of a threshold set with the recordings that were learned from, beside one set with held-out ones."""
    for machine in GOALS:
        clips = table(machine)
        source, normal = (clips["domain"] == "source").to_numpy(), (clips["label"] == "normal").to_numpy()
        for words, rows in (("learned from", clips["fold"] < VALIDATION_FOLD),
                            ("held out", clips["fold"] == VALIDATION_FOLD)):
            each = [scores[Job(machine, "interpolation", seed)]["mean"] for seed in SEEDS]
            rates = np.array([(found[judged(clips) & normal] > anomaly.quantile_threshold(
                found[rows.to_numpy() & source], false_alarm_rate=FALSE_ALARMS)).mean() for found in each])
            report.add(results.row(f"{machine}, quantile of 10 % of recordings {words}: false alarms", rates.mean(),
                                   "share", detail=spread(rates)))


def vibration(report: results.Report, folder: Path) -> None:
    """Rows of a ceiling fan with a coin on a blade: every detector, normal records split by time."""
    settings = {"epochs": 200, "batch_size": 32, "scaling": "each"}
    for speed in ("low", "med"):
        own = datasets.machines_from_folder(*(folder / f"fan_0_{speed}_{n}_weight" for n in (0, 1)), sr=200,
                                            machine="ceiling fan")
        records = np.stack(own.load_all())
        numbers = anomaly.series_statistics(records)
        fifths = np.stack([anomaly.series_statistics(part) for part in np.array_split(records, 5, axis=1)], axis=2)
        kinds = {f"{name} on 12 numbers a record": (kind(), numbers) for name, kind in anomaly.BASELINES.items()}
        kinds["Mahalanobis on 3 median deviations"] = anomaly.Mahalanobis(), numbers[:, :3]
        kinds["autoencoder on 12 numbers a record"] = anomaly.DenseAutoencoder(**settings, widths=(32, 4, 32)), numbers
        kinds["interpolation of fifths of a record"] = anomaly.InterpolationAutoencoder(**settings), fifths
        kinds["convolutional on fifths of a record"] = anomaly.ConvolutionalAutoencoder(**settings, n_dims=8), fifths
        learn, test = ((own.clips["split"] == split).to_numpy() for split in ("train", "test"))
        best = 0.0
        for name, (detector, windows) in kinds.items():
            found = detector.fit(windows[learn], progress=False).score(windows[test])
            auc = metrics.auc(own.clips.loc[test, "label"], found)
            best = max(best, auc if type(detector) in anomaly.BASELINES.values() else 0.0)
            report.add(results.row(f"ceiling fan, {speed}: {name}", auc, "AUC"))
        report.add(results.row(f"ceiling fan, {speed}: best baseline", best, "AUC", goal=0.99))


def mimii(report: results.Report, folder: Path) -> None:
    """Rows of one real fan: where its one faulty clip and clips of other machines land among its normal ones."""
    own = datasets.machines_from_folder(folder / "same_unit" / "normal", folder / "same_unit" / "abnormal")
    others = sorted((folder / "other_machines_ch0").glob("*.wav"))
    pictures = log_mels([*own.load_all(), *(audio.load_audio(path)[0] for path in others)])
    learn, test = np.flatnonzero(own.clips["split"] == "train"), (own.clips["split"] == "test").to_numpy()
    faulty = np.flatnonzero(own.clips["label"] == "anomaly")
    normal = np.flatnonzero(test & (own.clips["label"] == "normal").to_numpy())

    def by_network() -> np.ndarray:
        contexts, _ = anomaly.context_clips(pictures[learn], hop=TRAIN_HOP)
        detector = anomaly.InterpolationAutoencoder(scaling=SCALING).fit(contexts, progress=False)
        return np.array([detector.score(anomaly.context_frames(picture)).mean() for picture in pictures])

    def by_statistics() -> np.ndarray:
        numbers = features.statistics(pictures)
        return anomaly.Mahalanobis().fit(numbers[learn]).score(numbers)

    measures: dict[str, Callable] = {"interpolation": by_network, "Mahalanobis on clip statistics": by_statistics}
    for name, measure in measures.items():
        scores = measure()
        below = (scores[normal] < scores[:, np.newaxis]).mean(axis=1)
        report.add(results.row(f"MIMII fan: normal clips below the faulty one, {name}", below[faulty].mean(), "share",
                               detail=f"{len(faulty)} faulty clip, {len(normal)} normal ones not learned from"))
        elsewhere = dict(zip((path.stem for path in others), below[len(own.clips):], strict=True))
        report.add(results.row(f"MIMII fan: normal clips below those of other machines, {name}",
                               np.mean(list(elsewhere.values())), "share",
                               detail=", ".join(f"{stem} {share:.2f}" for stem, share in elsewhere.items())))


def spread(values: np.ndarray) -> str:
    """Lowest and highest of the seeds."""
    return f"{len(values)} seeds: {values.min():.3f} to {values.max():.3f}"
