"""Labels: what a detector learns from strong labels, counts and weak labels, and which seconds to label next."""

import json
import time
from dataclasses import asdict, dataclass
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from benchmarks import fits, results
from helpers import augment, datasets, embeddings, events, features, files, metrics, models
from helpers.datasets import embedded_scenes
from helpers.models import pooling

TITLE = "Labels: strong, counts and weak, four poolings, and active learning"
DATA = "embedded scenes: trained on folds 1 to 3, threshold chosen on fold 4, scored on fold 5 (collar 0.2 s)"
SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/events.py", "helpers/models",
           "helpers/augment/log_mels.py", "helpers/embeddings/embedded.py", "benchmarks/labels.py",
           *(f"helpers/synth/{name}.py" for name in embedded_scenes.RENDERED_BY)]
STEPS, BATCH = 250, 16
SIZES = (24, 70, 210)
SEEDS = {"strong": 2, "counts": 2, "linear-softmax": 2}
"""Trainings with all scenes; one where nothing is said."""
POOLING = "linear-softmax"
"""The pooling of the rows called weak, over the number of scenes."""
EXAMPLES = 5
"""Events of each class that say how long one is, for counts."""
DRAWS, ANSWERS = 30, 60
RECIPE = 1
"""Raised when a change elsewhere changes what a training learns: kept results are then measured anew."""


@dataclass(frozen=True)
class Job:
    """One training.

    Parameters
    ----------
    kind : str
        ``"strong"``, ``"counts"``, or the name of a pooling.
    size : int
        Scenes to learn from, the first of each fold.
    seed : int
    """

    kind: str
    size: int = SIZES[-1]
    seed: int = 0


@lru_cache(maxsize=1)
def scenes():
    """The embedded scenes."""
    return datasets.load_scenes("embedded")


def rows(part: str, *, size: int = SIZES[-1]) -> pd.DataFrame:
    """The scenes of a part; of the training folds the first of each fold in turn."""
    clips = scenes().clips
    if part != "training":
        return clips[clips["fold"] == {"validation": 4, "test": 5}[part]]
    held = clips[clips["fold"] < 4]
    return held.assign(order=held.groupby("fold").cumcount()).sort_values(["order", "fold"]).head(size)


def pieces(size: int) -> tuple[models.SceneWindows, np.ndarray]:
    """Windows of the training scenes, and which of them lie side by side: what the labels are for."""
    seen = models.scene_windows(scenes(), rows("training", size=size))
    half = seen.targets.shape[1] * seen.hop / 2
    return seen, np.round(seen.starts / half).astype(int) % 2 == 0


def counts_of(targets: np.ndarray) -> np.ndarray:
    """How many events of each class each piece holds, from its targets."""
    before = np.concatenate([np.zeros_like(targets[:, :1]), targets[:, :-1]], axis=1)
    return ((targets == 1) & (before < 1)).sum(axis=1)


def usual_frames(table: pd.DataFrame, *, classes: tuple[str, ...], hop: float) -> np.ndarray:
    """How many frames an event of each class lasts, from a handful of examples."""
    few = table.groupby("label").head(EXAMPLES)
    length = (few["offset"] - few["onset"]).groupby(few["label"]).mean().reindex(list(classes)).fillna(hop)
    return np.maximum(length.to_numpy() / hop, 1.0)


def train(job: Job) -> dict:
    """Train once, and score the events of the test fold; what was measured before is read."""
    path = _path(job)
    if path.exists():
        return json.loads(path.read_text("utf-8"))
    started, dataset = time.process_time(), scenes()
    seen, apart = pieces(job.size)
    x, targets = seen.log_mels[apart], seen.targets[apart]
    settings, n_classes, mix = models.frame_settings(dataset.frame_hop), len(dataset.classes), augment.overlay
    build = {"n_mels": settings["n_mels"], "n_classes": n_classes, "pool": settings["pool"]}
    if job.kind == "strong":
        network = read = models.frame_cnn(**build)
        y = targets
    elif job.kind == "counts":
        table = dataset.events[dataset.events["clip_id"].isin(seen.clip_ids)]
        network = models.count_cnn(**build, usual_frames=usual_frames(table, classes=dataset.classes, hop=seen.hop))
        y, mix = models.count_ladder(counts_of(targets)), models.overlay_counts
        read = models.frame_model(network)
    else:
        network = models.weak_cnn(**build, pooling=job.kind)
        y, read = (targets == 1).any(axis=1).astype(np.float32), models.frame_model(network)
    models.fit(network, x, y, epochs=max(1, -(-STEPS // -(-len(x) // BATCH))), seed=job.seed, batch_size=BATCH,
               learning_rate=3e-3, positive_weight=2.0 if job.kind == "strong" else 1.0, mix=mix, progress=False,
               augment=lambda x, rng: features.normalise(x))
    found = {**score(read), "cpu_s": time.process_time() - started}
    with files.replacing(path) as temporary:
        temporary.write_text(json.dumps({**asdict(job), **found}), "utf-8")
    return found


def score(network) -> dict[str, float]:
    """F1 of events, onsets and seconds on the test fold, at the threshold that is best on validation."""
    dataset = scenes()
    matching = {"classes": dataset.classes, "collar": dataset.collar, "use_offset": dataset.has_offsets}
    frames = {part: models.scene_windows(dataset, rows(part)) for part in ("validation", "test")}
    said = {part: models.scene_scores(network, seen) for part, seen in frames.items()}
    truth = {part: dataset.events[dataset.events["clip_id"].isin(rows(part)["clip_id"])] for part in frames}

    def decode(part: str, high: float) -> pd.DataFrame:
        return models.detect(said[part], high=high, low=0.6 * high, median=3, max_gap=2 * dataset.frame_hop,
                             points=not dataset.has_offsets, classes=dataset.classes, hop=frames[part].hop)

    f1 = partial(metrics.event_f1, truth["validation"], **matching)
    high = max(np.arange(0.1, 1.0, 0.1), key=lambda threshold: f1(decode("validation", threshold)))
    table, seen = decode("test", high), frames["test"]
    durations = dict(zip(seen.clip_ids, seen.durations, strict=True))
    return {"threshold": float(high), "events": metrics.event_f1(truth["test"], table, **matching),
            "onsets": metrics.event_f1(truth["test"], table, **{**matching, "use_offset": False}),
            "segments": float(metrics.segment_scores(truth["test"], table, classes=dataset.classes,
                                                     durations=durations).loc["all", "f1"])}


def _path(job: Job):
    sources = [source for source in SOURCES if source.startswith("helpers") and source != "helpers/models"]
    sources += [f"helpers/models/{name}.py" for name in ("frames", "pooling", "scenes", "training")]
    key = files.key(labels=RECIPE, steps=STEPS, sources=results.source_hash(sources), **asdict(job))
    return files.cache_folder("benchmarks") / f"{key}.json"


def run(report: results.Report) -> None:
    """Add the rows: trainings first, then which seconds to label next."""
    scenes()
    every = ["strong", "counts", *pooling.POOLINGS]
    full = {kind: [Job(kind, seed=seed) for seed in range(SEEDS.get(kind, 1))] for kind in every}
    fewer = {(kind, size): [Job(kind, size)] for size in SIZES[:-1] for kind in ("strong", "counts", POOLING)}
    jobs = [job for group in [*full.values(), *fewer.values()] for job in group]
    found = dict(zip(jobs, fits.train_all(train, jobs, report), strict=True))
    report.cpu_elsewhere += sum(one["cpu_s"] for one in found.values())
    for kind, group in full.items():
        name = f"weak, {kind}" if kind in pooling.POOLINGS else kind
        for measure in ("events", "onsets", "segments"):
            _row(report, f"{name}: {measure}", [found[job][measure] for job in group])
    for (kind, size), group in {**fewer, **{(kind, SIZES[-1]): full[kind] for kind in ("strong", "counts", POOLING)}
                                }.items():
        name = "weak" if kind == POOLING else kind
        _row(report, f"{name}, {size} scenes: events", [found[job]["events"] for job in group])
    _costs(report)
    _next(report)


def _costs(report: results.Report) -> None:
    """How much sound, and how many answers, the labels of so many scenes are."""
    for size in SIZES:
        seen, apart = pieces(size)
        present = int((seen.targets[apart] == 1).any(axis=1).sum())
        n_events = int(scenes().events["clip_id"].isin(seen.clip_ids).sum())
        report.add(results.row(f"{size} scenes: sound", seen.durations.sum() / 60, "minutes"))
        for kind, n_answers in (("weak", present), ("counts", present), ("strong", n_events)):
            report.add(results.row(f"{size} scenes: {kind} answers", n_answers, "answers"))


def _next(report: results.Report) -> None:
    """Random, active and pseudo-labels with the same number of answers."""
    (x, y), (x_test, y_test) = _seconds(rows("training")), _seconds(rows("test"))
    found: dict[str, list[float]] = {"start": [], "random": [], "active": [], "random + pseudo-labels": []}
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(x))
        picks = {"start": order[:ANSWERS], "random": order[:2 * ANSWERS], "active": order[:ANSWERS]}
        for _ in range(4):
            free = np.setdiff1d(order, picks["active"])
            doubt = np.abs(learn(x[picks["active"]], y[picks["active"]])(x[free]) - 0.5).min(axis=1)
            picks["active"] = np.concatenate([picks["active"], free[np.argsort(doubt)[:ANSWERS // 4]]])
        judges = {way: learn(x[places], y[places]) for way, places in picks.items()}
        rest = order[2 * ANSWERS:]
        said = judges["random"](x[rest])
        surest = np.argsort(-np.abs(said - 0.5).min(axis=1))[:5 * ANSWERS]
        judges["random + pseudo-labels"] = learn(np.concatenate([x[picks["random"]], x[rest[surest]]]),
                                                 np.concatenate([y[picks["random"]], said[surest] > 0.5]))
        for way, judge in judges.items():
            found[way].append(_precision(y_test, judge(x_test)))
    for way, values in found.items():
        _row(report, f"next {ANSWERS} answers, {way}", values)
    for way in ("active", "random + pseudo-labels"):
        ahead = np.mean(np.array(found[way]) > np.array(found["random"]))
        report.add(results.row(f"draws in which {way} is ahead of random", ahead, "share"))


def learn(x: np.ndarray, y: np.ndarray):
    """One linear model for each class; returns a function from vectors to scores."""
    from sklearn.linear_model import LogisticRegression

    fitted = [LogisticRegression(C=0.01, max_iter=300).fit(x, column) if 0 < column.sum() < len(column) else None
              for column in y.T]
    return lambda new: np.column_stack([np.full(len(new), float(column[0])) if model is None else
                                        model.predict_proba(new)[:, 1] for model, column in zip(fitted, y.T,
                                                                                                strict=True)])


def _seconds(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Embed every second, and say which classes sound in it; scaled by what is known without labels."""
    embedder, dataset, vectors, present = embeddings.load_embedder(), scenes(), [], []
    for row in table.itertuples():
        found, _ = embedder.embed(dataset.load(row)[0], sr=16_000, hop=embedder.window)
        vectors.append(found)
        present.append(events.targets(dataset.events[dataset.events["clip_id"] == row.clip_id], how="overlap",
                                      classes=dataset.classes, n_frames=len(found), hop=embedder.window))
    x = np.concatenate(vectors)
    return (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-6), np.concatenate(present)


def _precision(y: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(y, scores, average="macro"))


def _row(report: results.Report, what: str, values: list[float]) -> None:
    spread = f"{min(values):.3f} to {max(values):.3f} over {len(values)} runs" if len(values) > 1 else "one run"
    report.add(results.row(what, float(np.mean(values)), "share", detail=spread))
