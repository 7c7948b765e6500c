"""What ten times and a hundred times as many clips cost: the slope of each step of the way."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks import results, rounds
from benchmarks.search import make as make_vectors
from helpers import clusters, embeddings, features, metrics, models, search
from helpers.audio import SR
from helpers.search.exact import FEWEST, PATIENCE
from helpers.soundmap import projection

TITLE = "scaling: processor time at 1, 10 and 100 times as many, and the slope (1 is proportional, 2 is quadratic)"
DATA = ("generated: noise clips of 5 s, vectors of 512 numbers in 500 groups, scenes of 10 s (10 events each; frame "
        "scores that rise and fall); each row names how many; slope of a line through the logarithms of the three")
SOURCES = ["helpers/features.py", "helpers/embeddings", "helpers/search", "helpers/clusters/groups.py",
           "helpers/soundmap/projection.py", "helpers/metrics", "helpers/events.py", "helpers/models/scenes.py",
           "benchmarks/scaling.py", "benchmarks/rounds.py", "benchmarks/search.py"]
TIMES, ROUNDS = (1, 10, 100), 3
LINEAR, SQUARE = 1.1, 2.1
CLIP_S, SCENE_S, FRAME_S, CLASSES = 5, 10.0, 0.04, ("dog", "rain", "rooster", "clock")
WINDOW_FRAMES, AT_ONCE, FEW = 125, 50, 4


@dataclass(frozen=True)
class Step:
    """A step of the way whose cost is followed.

    Attributes
    ----------
    name : str
    base : int
        How many there are at 1 time.
    unit : str
        What is counted, in the plural.
    make : function of a number
        Gives what is to be timed for so many.
    most : float
        The slope that it may have.
    why : str
        Where it may be more than proportional: for what reason.
    """

    name: str
    base: int
    unit: str
    make: Callable[[int], Callable]
    most: float = LINEAR
    why: str = ""


def run(report: results.Report) -> None:
    """Follow every step, one after the other, its three sizes in turn."""
    for step in STEPS:
        sizes = [times * step.base for times in TIMES]
        taken = rounds.timed({str(n): step.make(n) for n in sizes}, n=ROUNDS)
        costs = np.array([np.median(taken[str(n)]) for n in sizes])
        said = f"from {step.base} to {sizes[-1]} {step.unit}{'; ' if step.why else ''}{step.why}"
        for times, n, cost in zip(TIMES, sizes, costs, strict=True):
            report.add(results.row(f"{step.name}, {times}x", 1000 * cost, "CPU ms",
                                   detail=f"{n} {step.unit}; {rounds.spread(1000 * taken[str(n)])}"))
        report.add(results.row(f"{step.name}: slope", slope(sizes, costs), "power", goal=step.most, at_most=True,
                               detail=f"{said}; of the last two alone {slope(sizes[-2:], costs[-2:]):.2f}"))


def slope(sizes: list[int], costs: np.ndarray) -> float:
    """Power of the size with which the cost grows: least squares through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def log_mels(n: int) -> Callable:
    """Log-mel spectrograms of clips, all in one call."""
    clips = noise(n)
    return lambda: features.log_mel(clips, sr=SR)


def embedding(name: str) -> Callable[[int], Callable]:
    """Embedding clips one after the other, cut into windows that overlap by half."""
    def make(n: int) -> Callable:
        clips, embedder = noise(n), embeddings.load_embedder(name)
        return lambda: [embedder.embed(clip, sr=SR) for clip in clips]

    return make


def noise(n: int) -> np.ndarray:
    """Clips of noise."""
    return 0.1 * np.random.default_rng(0).standard_normal((n, CLIP_S * SR), dtype=np.float32)


def adding(n: int) -> Callable:
    """Filling a new sound index on disk, 50 rows at a time, as data sets are added."""
    vectors, _ = make_vectors(n, n_queries=1)
    rows = pd.DataFrame({"clip_id": np.arange(n).astype(str), "start": 0.0, "end": 1.0})

    def fill() -> None:
        with tempfile.TemporaryDirectory() as folder:
            index = search.SoundIndex(folder)
            for first in range(0, n, AT_ONCE):
                index.add(rows[first: first + AT_ONCE], vectors[first: first + AT_ONCE])

    return fill


def one_query(*, asked: int) -> Callable[[int], Callable]:
    """A few single queries of a collection that has been asked so often before."""
    def make(n: int) -> Callable:
        vectors, queries = make_vectors(n, n_queries=FEW)
        collection = search.Collection(vectors)
        for _ in range(asked):
            collection.nearest(queries[:1])

        def ask() -> None:
            collection._asked = min(asked, PATIENCE)
            for query in queries:
                collection.nearest(query[np.newaxis])

        return ask

    return make


def clustering(n: int) -> Callable:
    """k-means into ten groups, on principal components."""
    vectors, _ = make_vectors(n, n_queries=1)
    return lambda: clusters.cluster(vectors)


def mapping(n: int) -> Callable:
    """UMAP, from exact neighbours."""
    vectors, _ = make_vectors(n, n_queries=1)
    return lambda: projection.project(vectors)


def scoring(n: int) -> Callable:
    """Event metrics of scenes: ten events each, found a little off."""
    rng = np.random.default_rng(0)
    onset = rng.uniform(0, SCENE_S - 1, 10 * n)
    truth = pd.DataFrame({"clip_id": np.repeat(np.arange(n), 10).astype(str), "onset": onset, "offset": onset + 0.5,
                          "label": rng.choice(CLASSES, 10 * n)})
    late = onset + rng.normal(0, 0.15, 10 * n)
    found = truth.assign(onset=late, offset=late + 0.5)
    return lambda: metrics.event_scores(truth, found, classes=CLASSES)


def decoding(n: int) -> Callable:
    """From window scores to events: windows of 5 s joined, then decoded scene by scene."""
    rng, n_windows = np.random.default_rng(0), round(SCENE_S / FRAME_S / WINDOW_FRAMES * 2) - 1
    steps = rng.normal(0, 0.15, (n * n_windows, WINDOW_FRAMES, len(CLASSES)))
    scores = 1 / (1 + np.exp(2 - np.cumsum(steps, axis=1)))
    scenes = models.SceneWindows(
        log_mels=np.empty((len(scores), 0, 0)), targets=np.empty((len(scores), 0, 0)),
        scene_index=np.repeat(np.arange(n), n_windows), durations=np.full(n, SCENE_S),
        starts=np.tile(np.arange(n_windows) * WINDOW_FRAMES // 2 * FRAME_S, n), hop=FRAME_S,
        clip_ids=tuple(map(str, range(n))), classes=CLASSES)
    return lambda: models.detect(models.merge_scenes(scores, scenes), classes=CLASSES, hop=FRAME_S, median=7,
                                 min_duration=0.1)


def judging(n: int) -> Callable:
    """Retrieval metrics: every item searches for its like among all others."""
    vectors, _ = make_vectors(n, n_queries=1)
    labels = np.random.default_rng(0).integers(0, 10, n)
    return lambda: metrics.retrieval_scores(vectors, labels)


STEPS = (
    Step("log-mel", 4, "clips", log_mels),
    Step("statistics embedding", 2, "clips", embedding("statistics")),
    Step("embedding (embedded)", 2, "clips", embedding("embedded")),
    Step("adding to a sound index", 100, "rows", adding),
    Step("one exact query, all numbers", 1000, "vectors", one_query(asked=0)),
    Step("one exact query, leading numbers", 1000, "vectors", one_query(asked=PATIENCE + 1),
         why=f"fewer than {FEWEST} have none"),
    Step("k-means", 100, "vectors", clustering),
    Step("UMAP", 50, "vectors", mapping, SQUARE, "its neighbours are exact: all against all"),
    Step("event metrics", 20, "scenes", scoring),
    Step("windows joined and decoded to events", 5, "scenes", decoding),
    Step("retrieval metrics", 20, "items", judging, SQUARE, "all against all"))
