"""Single events cut from real scenes: recordings that nobody looked at while the embedders were made."""

import numpy as np
import pandas as pd

from benchmarks.events import trainings
from benchmarks.fits import Clips
from helpers.audio import SR
from helpers.datasets.scenes import SceneDataset

SETS = {"birdsong-bird0": "birdsong syllables", "mdb-drums": "drum hits"}
DRUMS = ("kick", "snare", "hi-hat")
AROUND = 0.02      # seconds before and after a syllable
HIT = 0.25         # seconds of a drum from its onset
ALONE = 0.05       # seconds: hits nearer than that sound together
FEWEST = 3         # folds that a class has to occur in


def load(name: str) -> Clips:
    """Cut every event of a set into a clip of its own.

    Syllables from their onset to their offset; of the drums those hits that
    sound alone, until the next one begins. Folds are those of the recordings.

    Raises
    ------
    DatasetError
        If the set is not here.
    """
    dataset = trainings.load(name)
    return cut(dataset, alone(dataset.events) if not dataset.has_offsets else dataset.events)


def alone(events: pd.DataFrame) -> pd.DataFrame:
    """Keep the hits of kick, snare and hi-hat that no other drum joins; each ends where the next begins."""
    kept = []
    for _, hits in events.sort_values("onset", kind="stable").groupby("clip_id", sort=False):
        before, after = hits["onset"].diff().fillna(np.inf), -hits["onset"].diff(-1).fillna(-np.inf)
        lonely = (before > ALONE) & (after > ALONE) & hits["label"].isin(DRUMS)
        kept.append(hits.assign(offset=hits["onset"] + np.minimum(after, HIT))[lonely])
    return pd.concat(kept, ignore_index=True)


def cut(dataset: SceneDataset, events: pd.DataFrame) -> Clips:
    """Make clips of events; a class that occurs in too few folds is left out."""
    fold_of = dataset.clips.set_index("clip_id")["fold"]
    events = events.assign(fold=events["clip_id"].map(fold_of))
    spread = events.groupby("label")["fold"].nunique()
    events = events[events["label"].isin(spread.index[spread >= FEWEST])]
    classes = sorted(events["label"].unique())
    audio, y, folds = [], [], []
    for row in dataset.clips[dataset.clips["clip_id"].isin(events["clip_id"])].itertuples():
        sound, _ = dataset.load(row, sr=SR)
        for event in events[events["clip_id"] == row.clip_id].itertuples():
            first, last = max(0, round((event.onset - AROUND) * SR)), round((event.offset + AROUND) * SR)
            if last - first > 0 and first < len(sound):
                audio.append(sound[first:last])
                y.append(classes.index(event.label))
                folds.append(event.fold)
    return Clips(audio, np.array(y), np.array(folds))
