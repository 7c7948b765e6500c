"""Figures about events: one scene followed from labels to detections, and what benchmarks measured.

The scores come from a small network that scikit-learn trains in seconds: each frame with its ten neighbours. It is
weaker than the CRNN of notebook 04, and its mistakes are easier to see.
"""

import functools

import numpy as np
import pandas as pd

from benchmarks import results
from helpers import datasets, events, features, metrics, plots
from helpers.plots import style
from helpers.synth import popcorn

SOURCES = ["helpers/synth", "helpers/events.py", "helpers/features.py", "helpers/metrics"]
RESULTS = ["events", "labels"]
SR, HOP, N_MELS, REACH = 16000, 0.032, 32, 5
SCENE = "scene-5-11"
TRAINED_ON, JUDGED_ON = 90, 40     # scenes


def axes(width: float = 8.4, height: float = 3.4):
    """Axes of a new figure, in inches."""
    return style.new_figure(width=width, height=height).add_subplot()


def measured(name: str, what: str) -> float:
    """A figure of a benchmark."""
    return next(row["value"] for row in results.load(name)["rows"] if row["what"] == what)


def frames(audio: np.ndarray) -> np.ndarray:
    """Each frame of a scene with its neighbours, as one row."""
    picture = features.normalise(features.log_mel(audio, sr=SR, hop_length=512, n_mels=N_MELS)[np.newaxis])[0]
    padded = np.pad(picture, ((0, 0), (REACH, REACH)), mode="edge")
    n_frames = picture.shape[1]
    return np.concatenate([padded[:, shift:shift + n_frames] for shift in range(2 * REACH + 1)]).T


def truth(scenes, clip_id: str) -> pd.DataFrame:
    """The true events of a scene."""
    return scenes.events[scenes.events["clip_id"] == clip_id]


@functools.lru_cache(maxsize=1)
def detector() -> tuple:
    """Scenes, and the scores that a small network gives to the frames of those of the last fold."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    scenes = datasets.load_scenes("embedded")
    learned = scenes.clips[scenes.clips["fold"] < 4].iloc[::2].head(TRAINED_ON)
    judged = scenes.clips[scenes.clips["fold"] == 5].head(JUDGED_ON)
    x = [frames(scenes.load(row)[0]) for row in learned.itertuples()]
    y = [events.targets(truth(scenes, row.clip_id), classes=scenes.classes, n_frames=len(one), hop=HOP)
         for one, row in zip(x, learned.itertuples(), strict=True)]
    scaler = StandardScaler().fit(np.concatenate(x))
    network = MLPClassifier((64,), max_iter=12, alpha=1e-2, random_state=0, tol=0)
    network.fit(scaler.transform(np.concatenate(x)), np.concatenate(y).astype(int))
    scores = {row.clip_id: network.predict_proba(scaler.transform(frames(scenes.load(row)[0])))
              for row in judged.itertuples()}
    return scenes, scores


def decoded(clip_ids, **settings) -> pd.DataFrame:
    """Events of some scenes, from scores."""
    scenes, scores = detector()
    return pd.concat([events.from_scores(scores[clip_id], classes=scenes.classes, hop=HOP, clip_id=clip_id, **settings)
                      for clip_id in clip_ids])


def a_scene():
    """What happens in one scene, and when."""
    scenes = datasets.load_scenes("embedded")
    return plots.event_lanes(truth(scenes, SCENE), classes=scenes.classes, duration=10.0, ax=axes(),
                             title="Ten seconds, four classes")


def lengths():
    """How long the events of each class are."""
    scenes = datasets.load_scenes("embedded")
    return plots.event_lengths(scenes.events, ax=axes(4.9, 3.8))


def gaps():
    """How long the pauses are."""
    scenes = datasets.load_scenes("embedded")
    return plots.event_gaps(scenes.events, ax=axes(8.4, 3.2))


def frame_targets():
    """Labels turned into one number for each frame and class."""
    scenes = datasets.load_scenes("embedded")
    here = truth(scenes, SCENE)
    targets = events.targets(here, classes=scenes.classes, n_frames=100, hop=0.1)
    return plots.frame_scores(targets.astype(float), hop=0.1, classes=scenes.classes, events=here,
                              ax=axes(8.4, 3.6), title="Frames of 0.1 s: 1 where the centre lies in an event")


def scores_over_time():
    """Scores of a detector over one scene."""
    scenes, scores = detector()
    return plots.frame_scores(scores[SCENE], hop=HOP, classes=scenes.classes, events=truth(scenes, SCENE),
                              ax=axes(8.4, 3.8), title="Shaded: what there was")


def two_thresholds():
    """The same scores with a high and a low threshold."""
    scenes, scores = detector()
    return plots.frame_scores(scores[SCENE], hop=HOP, classes=scenes.classes, high=0.6, low=0.2,
                              events=truth(scenes, SCENE), ax=axes(8.4, 3.8), title="Start at 0.6, go on down to 0.2")


def detected():
    """Events of one scene with a single threshold and nothing else."""
    scenes, _ = detector()
    return plots.event_lanes(truth(scenes, SCENE), detected=decoded([SCENE], high=0.5), classes=scenes.classes,
                             duration=10.0, ax=axes(8.4, 3.6))


def smoothed():
    """The same with two thresholds, a median, and a shortest length."""
    scenes, _ = detector()
    found = decoded([SCENE], high=0.6, low=0.2, median=5, min_duration=0.1, max_gap=0.15)
    return plots.event_lanes(truth(scenes, SCENE), detected=found, classes=scenes.classes, duration=10.0,
                             ax=axes(8.4, 3.6))


def choose_threshold():
    """Precision and recall over thresholds."""
    scenes, scores = detector()
    here = scenes.events[scenes.events["clip_id"].isin(list(scores))]
    curve = metrics.event_precision_recall(
        here, lambda high: decoded(scores, high=high, low=high / 2, median=5, min_duration=0.1),
        thresholds=np.arange(0.1, 0.96, 0.05), classes=scenes.classes)
    return plots.precision_recall(curve, chosen=float(curve.loc[curve["f1"].idxmax(), "threshold"]),
                                  ax=axes(4.9, 4.2))


def tolerance():
    """F1 of the same detections over the collar."""
    scenes, scores = detector()
    here = scenes.events[scenes.events["clip_id"].isin(list(scores))]
    found = decoded(scores, high=0.6, low=0.2, median=5, min_duration=0.1, max_gap=0.15)
    collars = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    curves = {name: {collar: metrics.event_f1(here, found, classes=scenes.classes, collar=collar, use_offset=offset)
                     for collar in collars} for name, offset in (("onset and offset", True), ("onset alone", False))}
    return plots.learning_curve(curves, x="Collar (s)", y="Event F1", ax=axes(4.9, 4.0))


def networks():
    """Event F1 of a CNN and a CRNN for each class."""
    classes = ("dog", "car_horn", "glass_breaking", "siren")
    rows = {"CNN, all": "CNN, event F1", "CRNN, all": "CRNN, event F1"}
    for label in classes:
        for kind in ("CNN", "CRNN"):
            rows[f"{kind}, {style.pretty(label)}"] = f"{kind}, event F1 of {label}"
    return plots.accuracy_bars({name: [measured("events", what)] for name, what in rows.items()}, x="Event F1",
                               title="Embedded scenes, test fold", ax=axes(5.2, 4.4))


def label_kinds():
    """F1 of detection over the answers that labelling took."""
    curves = {kind: [(measured("labels", f"{n} scenes: {kind} answers"),
                      measured("labels", f"{kind}, {n} scenes: events")) for n in (24, 70, 210)]
              for kind in ("strong", "counts", "weak")}
    return plots.cost_curves(curves, x="Answers given while labelling", title="Embedded scenes, one small CNN",
                             ax=axes(5.2, 4.2))


def poolings():
    """Weak labels: how frame scores are joined while learning."""
    return plots.accuracy_bars({name: [measured("labels", f"weak, {name}: events")] for name in (
        "max", "mean", "linear-softmax", "attention")}, x="Event F1", ax=axes(5.2, 3.4),
        title="Learned from weak labels")


def pops_a_minute():
    """The rate of popcorn over a minute: true and detected."""
    pan, pops = popcorn.render()
    picture = features.log_mel(pan, sr=SR, n_fft=512, hop_length=160)
    rise = np.diff(picture.mean(axis=0), prepend=picture[0].mean()).clip(min=0)
    rise = rise[:, np.newaxis] / np.quantile(rise, 0.995)
    heard = events.from_scores(rise, classes=["pop"], hop=0.01, clip_id="pan", high=0.35, max_gap=0.03, points=True)
    return plots.rate_over_time(metrics.rate_error(pd.DataFrame(pops).assign(clip_id="pan"), heard, duration=60.0,
                                                   window=10.0, hop=5.0), ax=axes(8.4, 3.4))


FIGURES = (a_scene, lengths, gaps, frame_targets, scores_over_time, two_thresholds, detected, smoothed,
           choose_threshold, tolerance, networks, label_kinds, poolings, pops_a_minute)
