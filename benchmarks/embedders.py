"""Embedders on real ESC-10, on the embedded clips, and on single events of a bird and of drums."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import fits, results, strangers
from helpers import checks, datasets, embeddings, metrics
from training.recipe import Recipe

TITLE = "Embedders: what a linear model, five clips a class and a search by similarity make of them"
DATA = ("ESC-10 (official five folds, silence gate at -60 dBFS, mean over live windows), then the embedded clips, then "
        "syllables of a Bengalese finch and hits of drums, cut out at their labels (five folds of recordings)")
SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/embeddings",
           "helpers/metrics/distance.py", "helpers/metrics/retrieval.py", "benchmarks/embedders.py",
           "benchmarks/strangers.py"]
FEW, DRAWS = 5, 6
GOALS = {"linear": 0.88, "few": 0.82, "search": 0.65}
MEASURES = {"linear": "linear model, five folds", "few": f"linear model, {FEW} clips a class",
            "search": "mean average precision of a search"}


@dataclass(frozen=True)
class Contender:
    """One embedder, or the same one trained with several seeds.

    Attributes
    ----------
    name : str
    load : sequence of callables
        One for each seed.
    strength : float
        ``C`` of the logistic regression on all clips: smaller where a vector has more numbers.
    goals : bool
        Whether the bars are for this one.
    """

    name: str
    load: tuple[Callable[[], embeddings.Embedder], ...]
    strength: float = 0.01
    goals: bool = False


CONTENDERS = (
    Contender("statistics", (lambda: embeddings.load_embedder("statistics"),), strength=0.1),
    Contender("our network, never trained", (lambda: _trained(steps=0),)),
    Contender("our network (embedded)", (lambda: embeddings.load_embedder("embedded"), lambda: _trained(seed=1)),
              goals=True),
    Contender("our network, trained with the ten classes too", (lambda: _trained(classes="all"),)),
    Contender("YAMNet", (lambda: embeddings.load_embedder("yamnet"),)),
    Contender("OpenL3", (lambda: embeddings.load_embedder("openl3"),)),
)


def _trained(**recipe) -> embeddings.Embedder:
    """A variant that ``python start.py train`` has left in the cache."""
    wanted = Recipe(**recipe)
    if wanted.steps == 0 and not wanted.weights.exists():
        from training.train import train

        train(wanted)
    return embeddings.load_embedder("embedded", _existing(wanted))


def _existing(recipe: Recipe) -> Path:
    if not recipe.weights.exists():
        raise checks.DatasetError(checks.explain(
            "a trained variant", "none in the cache",
            f"Train it: python start.py train --seed {recipe.seed} --classes {recipe.classes}",
            section=checks.DATA_SETS))
    return recipe.weights


def run(report: results.Report) -> None:
    """Add the rows of every embedder, on all data sets."""
    for data in ("esc10", "embedded"):
        for contender in CONTENDERS:
            _judge(report, contender, data=data)
    for data, name in strangers.SETS.items():
        _judge_strangers(report, data=data, name=name)


def _judge_strangers(report: results.Report, *, data: str, name: str) -> None:
    """A linear model on single events; beside it the share of the most frequent class."""
    try:
        clips = strangers.load(data)
    except checks.DatasetError as error:
        report.add(results.row(name, None, "share", detail=results.not_run(error)))
        return
    counts = np.bincount(clips.y)
    report.add(results.row(f"{name}: always the most frequent", counts.max() / counts.sum(), "share",
                           detail=f"{len(clips.y)} clips, {len(counts)} classes"))
    for contender in CONTENDERS:
        what = f"{name}: {contender.name}, {MEASURES['linear']}"
        try:
            found, missing = _load(contender)
        except checks.DatasetError as error:
            report.add(results.row(what, None, "share", detail=results.not_run(error)))
            continue
        vectors = [embeddings.embed_clips(each, clips.audio, sr=16_000, progress=False) for each in found]
        seeds = [fits.linear_accuracies(x, clips, strength=contender.strength) for x in vectors]
        report.add(results.row(what, np.mean(seeds), "share", detail="; ".join(
            f"{np.mean(seed):.3f} +- {np.std(seed):.3f}" for seed in seeds) + missing))


def _judge(report: results.Report, contender: Contender, *, data: str) -> None:
    try:
        table, clips = datasets.load_clips(data).clips, fits.load(data)
        found, missing = _load(contender)
        vectors = [embeddings.embed_clips(each, clips.audio, sr=16_000, progress=False) for each in found]
    except checks.DatasetError as error:
        report.add(results.row(f"{data}: {contender.name}", None, "share", detail=results.not_run(error)))
        return
    measured = {
        "linear": [fits.linear_accuracies(x, clips, strength=contender.strength) for x in vectors],
        "few": [few_accuracies(x, clips) for x in vectors],
        "search": [[average_precision(x, clips.y, table["source"].to_numpy())] for x in vectors],
    }
    for measure, seeds in measured.items():
        goal = GOALS[measure] if contender.goals and data == "esc10" else None
        report.add(results.row(
            f"{data}: {contender.name}, {MEASURES[measure]}", np.mean(seeds), "share", goal=goal,
            detail="; ".join(f"{np.mean(seed):.3f} +- {np.std(seed):.3f}" if len(seed) > 1 else f"{seed[0]:.3f}"
                             for seed in seeds) + missing))


def _load(contender: Contender) -> tuple[list[embeddings.Embedder], str]:
    """Load an embedder for each seed that is here, at least the first; say what is missing."""
    found, missing = [contender.load[0]()], ""
    for load in contender.load[1:]:
        try:
            found.append(load())
        except checks.DatasetError as error:
            missing = f"; one seed {results.not_run(error)}"
    return found, missing


def few_accuracies(x: np.ndarray, clips: fits.Clips) -> list[float]:
    """Accuracy on each fold when a linear model learns from five clips a class, drawn six times."""
    accuracies = []
    for fold in sorted(set(clips.fold)):
        rest, test = np.flatnonzero(clips.fold != fold), np.flatnonzero(clips.fold == fold)
        for draw in range(DRAWS):
            rng = np.random.default_rng((int(fold), draw))
            few = np.concatenate([rng.choice(rest[clips.y[rest] == label], FEW, replace=False)
                                  for label in np.unique(clips.y)])
            model = fits.linear_model(strength=0.03).fit(x[few], clips.y[few])
            accuracies.append(float(model.score(x[test], clips.y[test])))
    return accuracies


def average_precision(x: np.ndarray, y: np.ndarray, source: np.ndarray) -> float:
    """Mean average precision when each clip searches for its class among clips of other recordings."""
    from sklearn.preprocessing import StandardScaler

    scores = metrics.retrieval_scores(StandardScaler().fit_transform(x), y, groups=source)
    return scores["mean_average_precision"]
