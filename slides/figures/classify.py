"""Figures about classification: what benchmarks measured, and a linear model on the workshop's own embedder."""

import functools

import numpy as np

from benchmarks import results
from helpers import datasets, embeddings, metrics, plots
from helpers.plots import style
from helpers.synth import voices

SOURCES = ["helpers/embeddings", "helpers/synth", "helpers/metrics"]
RESULTS = ["esc10", "embedded-lessons", "little-data", "embedders"]
TEST = 5
ACCEPTED = 0.2     # share of unknown sounds that the drawn threshold lets through
WHOSE = "A linear model on our embedding, embedded clips"      # not the small CNN of notebook 02


def measured(name: str, what: str) -> float:
    """A figure of a benchmark."""
    return next(row["value"] for row in results.load(name)["rows"] if row["what"] == what)


def bars(name: str, whats: dict[str, str], *, height: float = 3.6, width: float = 8.4, **settings):
    """Figures of one benchmark, a row each."""
    return plots.accuracy_bars({shown: [measured(name, what)] for shown, what in whats.items()},
                               ax=style.new_figure(width=width, height=height).add_subplot(), **settings)


@functools.lru_cache(maxsize=2)
def linear(name: str, c: float) -> tuple:
    """A linear model on an embedder: rows of the test fold, its scores there, and for clips of unknown classes."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    dataset, embedder = datasets.load_clips("embedded"), embeddings.load_embedder(name)
    vectors = embeddings.embed_clips(embedder, dataset.load_all(dataset.clips), sr=16000)
    test = (dataset.clips["fold"] == TEST).to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=2000))
    model.fit(vectors[~test], dataset.clips["label"][~test])
    strange = [voices.render(label, session=f"{TEST}a", source=source)[0]
               for label in voices.UNKNOWN for source in range(4)]
    return (dataset.clips[test], model.classes_, model.predict_proba(vectors[test]),
            model.predict_proba(embeddings.embed_clips(embedder, strange, sr=16000)))


def how_hard():
    """ESC-10: from a guess by silence to human listeners."""
    return bars("esc10", {"guess by silence": "length and share of silence alone, linear",
                          "linear, statistics": "log-mel statistics, linear",
                          "small CNN": "small network, mean over live windows",
                          "human listeners": "human listeners, each answer"},
                chance=0.1, title="ESC-10, five folds", width=5.2, height=3.8)


def votes():
    """Ways to join the windows of a clip."""
    return bars("embedded-lessons", {
        "first window alone": "first window alone", "each window alone": "each window alone",
        "majority": "majority over live windows", "max": "max over live windows",
        "mean": "small network, mean over live windows, folds by session",
        "log-mean": "log-mean over live windows"}, width=5.2, height=4.2, title="Embedded clips, small CNN")


def leak():
    """The same models, judged by two splits."""
    return bars("embedded-lessons", {
        "linear, by session": "pooled features, linear, folds by session",
        "linear, at random": "pooled features, linear, folds at random (it lies)",
        "CNN, by session": "small network, mean over live windows, folds by session",
        "CNN, at random": "small network, folds at random (it lies)"}, width=5.2, height=3.6,
        title="Embedded clips: two splits")


def confusions():
    """Which class was taken for which, by a linear model on plain statistics."""
    clips, classes, scores, _ = linear("statistics", 0.1)
    return plots.confusion(clips["label"], classes[scores.argmax(axis=1)], classes=list(classes),
                           ax=style.new_figure(width=7.0, height=5.4).add_subplot())


def unknown():
    """What a threshold against unknown sounds costs and gains."""
    clips, classes, scores, strange = linear("embedded", 0.001)
    y = np.searchsorted(classes, clips["label"])
    threshold = metrics.unknown_threshold(strange, max_wrong_accepts=ACCEPTED)
    return plots.coverage(metrics.coverage_curve(scores, y), threshold=threshold, title=WHOSE,
                          ax=style.new_figure(width=8.4, height=3.4).add_subplot())


def known_and_not():
    """Highest scores of known and of unknown sounds."""
    _, _, scores, strange = linear("embedded", 0.001)
    threshold = metrics.unknown_threshold(strange, max_wrong_accepts=ACCEPTED)
    return plots.score_distributions({"known": scores.max(axis=1), "unknown": strange.max(axis=1)},
                                     threshold=threshold, x="Highest score", title=WHOSE,
                                     ax=style.new_figure(width=8.4, height=3.2).add_subplot())


def few_clips():
    """Accuracy on ESC-10 over the clips of each class to learn from."""
    counts = (1, 2, 4, 8, 16, 30)
    curves = {shown: {n: measured("little-data", f"{name}, linear, {n} clips a class") for n in counts}
              for shown, name in (("statistics", "statistics"), ("our network", "embedded"), ("YAMNet", "yamnet"))}
    curves["CNN from scratch"] = {n: measured("little-data", f"network, {n} clips a class") for n in (2, 8, 30)}
    return plots.learning_curve(curves, chance=0.1, title="ESC-10",
                                ax=style.new_figure(width=8.4, height=3.8).add_subplot())


def augmented():
    """A small CNN with eight clips of each class: what each way of changing them brings."""
    names = ("shift", "speed", "pitch", "gain", "microphone", "white noise", "mixup", "masks", "everything")
    return bars("little-data", {"as they are": "network, 8 clips a class",
                                **{name: f"network, 8 clips a class, {name}" for name in names}},
                width=5.2, height=4.6, title="ESC-10, 8 clips of each class")


def embedders():
    """A linear model on three embedders, ESC-10."""
    return bars("embedders", {shown: f"esc10: {name}, linear model, five folds" for shown, name in (
        ("statistics", "statistics"), ("our network", "our network (embedded)"), ("YAMNet", "YAMNet"))},
        width=5.2, height=3.2, title="ESC-10, linear model")


FIGURES = (how_hard, votes, leak, confusions, unknown, known_and_not, few_clips, augmented, embedders)
