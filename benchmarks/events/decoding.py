"""From frame scores to a number: settings chosen on one fold, events detected and judged on another."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from helpers import metrics, models
from helpers.datasets.scenes import SceneDataset

HIGHS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RATIOS = (1.0, 0.6)
"""The low threshold as a share of the high one; 1 is a single threshold."""
MEDIANS = {"embedded": (1, 3, 5, 7), "birdsong-bird0": (1, 3, 5), "mdb-drums": (1, 3)}
LENGTHS = {"embedded": {"min_duration": 0.08, "max_gap": 0.08}, "birdsong-bird0": {"min_duration": 0.02},
           "mdb-drums": {}}
"""Not chosen, but known: shorter than any event of the set."""


def detect(scores: dict[str, np.ndarray], dataset: SceneDataset, **settings) -> pd.DataFrame:
    """Detect events in the scenes of a set, as points where it has no offsets."""
    return models.detect(scores, classes=dataset.classes, hop=dataset.frame_hop, points=not dataset.has_offsets,
                         **settings)


def judge(dataset: SceneDataset, detected: pd.DataFrame, clips: Sequence[str], *, classes: Sequence[str] | None = None,
          use_offset: bool = True) -> pd.DataFrame:
    """Score detections in some scenes with the collar of their set; only some of the classes, if wanted."""
    classes, events = list(classes or dataset.classes), dataset.events
    events, detected = (table[table["label"].isin(classes)] for table in (events, detected))
    return metrics.event_scores(events, detected, classes=classes, collar=dataset.collar, clips=list(clips),
                                use_offset=use_offset and dataset.has_offsets)


def tried(scores: dict[str, np.ndarray], dataset: SceneDataset, *, classes: Sequence[str] | None = None
          ) -> list[tuple[dict, float]]:
    """Try all settings on some scenes: what ``models.detect`` takes, and the F1 over all events."""
    known, found = LENGTHS.get(dataset.name, {}), []
    for high, ratio, median in product(HIGHS, RATIOS, MEDIANS.get(dataset.name, (1, 3, 5))):
        settings = {"high": high, "low": round(ratio * high, 3), "median": median, **known}
        detected = detect(scores, dataset, **settings)
        found.append((settings, judge(dataset, detected, list(scores), classes=classes).loc["all", "f1"]))
    return found


def best(settings: Sequence[tuple[dict, float]], *, single: bool | None = None) -> dict:
    """The settings with the highest F1; of those with a single threshold, or of those with two, if wanted."""
    return max((each for each in settings if single in (None, each[0]["low"] == each[0]["high"])),
               key=lambda each: each[1])[0]


def in_words(settings: dict) -> str:
    """The chosen settings for the detail of a row."""
    return f"thresholds {settings['high']:g} and {settings['low']:g}, median over {settings['median']}"
