"""Learned similarity: search and few-shot naming before and after, and learning without labels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks import fits, results
from helpers import checks, datasets, embeddings, features, metrics, similarity, windows
from helpers.datasets import embedded

TITLE = "Learned similarity: search and few examples, before and after; learning without labels"
DATA = ("ESC-10 (official five folds), then the embedded clips: maps are learned on four folds; clips of the fifth "
        "search among each other, own recording left out. New classes: learned on five classes, searched among the "
        "five others, two ways round. Without labels: four folds, each fold another seed")
SOURCES = ["helpers/audio.py", "helpers/windows.py", "helpers/features.py", "helpers/embeddings", "helpers/similarity",
           "helpers/metrics/distance.py", "helpers/metrics/retrieval.py", "benchmarks/fits.py",
           "benchmarks/similarity.py", *(f"helpers/synth/{name}.py" for name in embedded.RENDERED_BY)]
EMBEDDERS = {"statistics": "statistics", "our network (embedded)": "embedded", "YAMNet": "yamnet", "OpenL3": "openl3"}
GOAL = 0.72
SHOTS, DRAWS = (1, 5, 10), 10
HOP, HOP_LENGTH = 0.25, 512

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], similarity.Similarity]
KINDS: dict[str, Fit] = {
    "plain": lambda x, y, source: similarity.plain_map(x),
    "linear map": lambda x, y, source: similarity.fit_linear(x, y, groups=source),
    "linear map, all directions": lambda x, y, source: similarity.fit_linear(x, y, groups=source, keep="all"),
    "triplets": lambda x, y, source: similarity.fit_triplets(x, y, groups=source),
}


@dataclass(frozen=True)
class Vectors:
    """Embeddings of one data set, with label, fold and recording of each clip."""

    x: np.ndarray
    y: np.ndarray
    fold: np.ndarray
    source: np.ndarray

    def part(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vectors, labels and recordings of some clips."""
        return self.x[rows], self.y[rows], self.source[rows]


def run(report: results.Report) -> None:
    """Add the rows of all embedders on both data sets, then those without labels."""
    for data in ("esc10", "embedded"):
        for name in EMBEDDERS:
            try:
                vectors = load(data, EMBEDDERS[name])
            except checks.DatasetError as error:
                report.add(results.row(f"{data}: {name}", None, "share", detail=results.not_run(error)))
                continue
            known(report, vectors, what=f"{data}: {name}", goal=GOAL if (data, name) == (
                "esc10", "our network (embedded)") else None)
            if data == "esc10":
                others(report, vectors, what=f"{data}: {name}")
    for data in ("esc10", "embedded"):
        try:
            without_labels(report, data=data)
        except checks.DatasetError as error:
            report.add(results.row(f"{data}, without labels", None, "share", detail=results.not_run(error)))


def load(data: str, embedder: str) -> Vectors:
    """Embed every clip of a data set."""
    table, clips = datasets.load_clips(data).clips, fits.load(data)
    x = embeddings.embed_clips(embeddings.load_embedder(embedder), clips.audio, sr=16_000, progress=False)
    return Vectors(x, clips.y, clips.fold, table["source"].to_numpy())


def add(report: results.Report, what: str, values: list[float], *, goal: float | None = None,
        unit: str = "share") -> None:
    """Add the mean, with the spread over folds."""
    report.add(results.row(what, np.mean(values), unit, goal=goal, detail=(
        f"+- {np.std(values):.3f}, {min(values):.3f} to {max(values):.3f} over {len(values)} trainings")))


def precision(found: np.ndarray, y: np.ndarray, source: np.ndarray) -> float:
    """Mean average precision of a search among these clips."""
    return metrics.retrieval_scores(found, y, groups=source)["mean_average_precision"]


def new_classes(vectors: Vectors) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Clips to learn from (five classes, four folds), then of the other five: those four folds, and the fifth."""
    classes = np.unique(vectors.y)
    for fold in np.unique(vectors.fold):
        order = np.random.default_rng(int(fold)).permutation(classes)
        for known in (order[: len(order) // 2], order[len(order) // 2:]):
            held, new = vectors.fold == fold, ~np.isin(vectors.y, known)
            yield ~held & ~new, ~held & new, held & new


def known(report: results.Report, vectors: Vectors, *, what: str, goal: float | None) -> None:
    """Rows of the classes that a map has learned from: searches, and prototypes of few clips of the four folds."""
    for kind, fit in KINDS.items():
        values = {"search": [], "search in all clips": [], **{n: [] for n in SHOTS}}
        for fold in np.unique(vectors.fold):
            held = vectors.fold == fold
            found = fit(*vectors.part(~held)).transform(vectors.x)
            values["search"].append(precision(found[held], vectors.y[held], vectors.source[held]))
            values["search in all clips"].append(against_all(found, vectors, held=held))
            for n in SHOTS:
                values[n].append(shots(found, vectors, n=n, queries=held, of=np.ones(len(held), bool)))
        for measure, of_folds in values.items():
            add(report, f"{what}, {kind}: " + (f"{measure} clips a class" if measure in SHOTS else measure), of_folds,
                goal=goal if (kind, measure) == ("linear map", "search") else None)


def against_all(found: np.ndarray, vectors: Vectors, *, held: np.ndarray) -> float:
    """Mean average precision of held-out queries among all clips of other recordings, those learned from too."""
    values = []
    for query in np.flatnonzero(held):
        others = vectors.source != vectors.source[query]
        far = metrics.distances(found[query][np.newaxis], found[others])[0]
        values.append(metrics.average_precision(vectors.y[others] == vectors.y[query], far))
    return float(np.nanmean(values))


def others(report: results.Report, vectors: Vectors, *, what: str) -> None:
    """Rows of classes that a map has never met: searches, and prototypes of few clips."""
    for kind, fit in KINDS.items():
        values = {"search": [], **{n: [] for n in SHOTS}}
        for rest, pool, test in new_classes(vectors):
            found = fit(*vectors.part(rest)).transform(vectors.x)
            values["search"].append(precision(found[test], vectors.y[test], vectors.source[test]))
            for n in SHOTS:
                values[n].append(shots(found, vectors, n=n, queries=test, of=pool | test))
        add(report, f"{what}, {kind}: search, five new classes", values["search"])
        for n in SHOTS:
            add(report, f"{what}, {kind}: {n} clips a class, five new classes", values[n])


def shots(found: np.ndarray, vectors: Vectors, *, n: int, queries: np.ndarray, of: np.ndarray) -> float:
    """Accuracy of nearest prototypes, mean of ten draws."""
    return float(similarity.few_shot_accuracy(
        found[of], vectors.y[of], rng=np.random.default_rng(n), n_shots=n, draws=DRAWS, groups=vectors.source[of],
        queries=queries[of]).mean())


def without_labels(report: results.Report, *, data: str) -> None:
    """Rows of SimSiam: trained, without changes, without the stop, not at all; and the statistics it starts from."""
    table, clips = datasets.load_clips(data).clips, fits.load(data)
    cut, clip_index, _ = windows.split_all(clips.audio, sr=16_000, hop=HOP)
    live, log_mels = windows.live(cut), features.log_mel(cut, sr=16_000, hop_length=HOP_LENGTH)
    statistics, source = similarity.band_statistics(log_mels), table["source"].to_numpy()
    kinds = {"statistics, plain": None, "not trained": {"steps": 1}, "trained": {},
             "trained, views not changed": {"change": similarity.unchanged},
             "trained, no stop-gradient": {"stop_gradient": False, "steps": 200}}
    for kind, settings in kinds.items():
        found = {"search": [], "nearest neighbours": [], "collapse": []}
        for fold in np.unique(clips.fold):
            train = live & (clips.fold[clip_index] != fold)
            learned = similarity.plain_map(statistics[train]) if settings is None else similarity.fit_simsiam(
                log_mels[train], clip_index[train], seed=int(fold), progress=False, **settings)
            vectors = windows.pool_clips(learned.transform(statistics), clip_index, live=live)
            held = clips.fold == fold
            found["search"].append(precision(vectors[held], clips.y[held], source[held]))
            found["nearest neighbours"].append(neighbours(vectors, clips.y, held=held))
            if settings is not None:
                found["collapse"].append(learned.history["collapse"][-1])
        for measure, values in found.items():
            if values:
                add(report, f"{data}, without labels, {kind}: {measure}", values)


def neighbours(vectors: np.ndarray, y: np.ndarray, *, held: np.ndarray) -> float:
    """Accuracy of the five nearest neighbours: labels of four folds, asked in the fifth."""
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(5, metric="cosine").fit(vectors[~held], y[~held])
    return float(model.score(vectors[held], y[held]))
