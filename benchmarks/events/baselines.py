"""What real recordings give away without any network: energy, librosa's onsets, and the nearest centroid for names."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product

import numpy as np
import pandas as pd
from scipy.ndimage import median_filter

from helpers import events, features, models
from helpers.datasets.scenes import SceneDataset

ANY = "any"
"""The one class of who does not ask what it was."""
TOGETHER = 0.03
"""Onsets this close, in seconds, are one to the ear: drums hit together."""
HIT = (0.0, 0.06)
"""What is looked at around an onset, in seconds."""
ENERGY_HOP = 0.0025


def nameless(table: pd.DataFrame, *, together: float = 0.0) -> pd.DataFrame:
    """The same events under one name; with ``together`` only the first of those whose onsets are that close."""
    table = table.sort_values(["clip_id", "onset"], ignore_index=True).assign(label=ANY)
    if together:
        kept, last = [], {}
        for clip_id, onset in zip(table["clip_id"], table["onset"], strict=True):
            kept.append(onset - last.get(clip_id, -np.inf) > together)
            if kept[-1]:
                last[clip_id] = onset
        table = table[np.array(kept, bool)].reset_index(drop=True)
    return table


@lru_cache(maxsize=256)
def energy(dataset: SceneDataset, clip_id: str, *, low_hz: float, high_hz: float, sr: int | None) -> np.ndarray:
    """Level of a band every 2.5 ms in dB below the recording's loudest: short, as some pauses last a millisecond."""
    audio, sr = dataset.load(_row(dataset, clip_id), sr=sr)
    hop_length = round(ENERGY_HOP * sr)
    power = features.spectrogram(audio, n_fft=4 * hop_length, hop_length=hop_length)
    hz = np.linspace(0, sr / 2, len(power))
    band = 10 * np.log10(power[(hz >= low_hz) & (hz <= high_hz)].sum(axis=0) + 1e-10)
    return median_filter(band - band.max(), 3, mode="nearest")


def louder_than(level_db: np.ndarray, *, clip_id: str, threshold_db: float, min_duration: float) -> pd.DataFrame:
    """Stretches in which a level lies above a threshold, as events."""
    scores = np.clip(1 + level_db / 100, 0, 1)[:, np.newaxis]
    found = events.from_scores(scores, classes=[ANY], hop=ENERGY_HOP, clip_id=clip_id, high=1 + threshold_db / 100,
                               min_duration=min_duration)
    half = ENERGY_HOP / 2      # columns of a spectrogram are centred on their time, frames begin at it
    return found.assign(onset=(found["onset"] - half).clip(lower=0), offset=found["offset"] - half)


def energy_detector(dataset: SceneDataset, *, low_hz: float, high_hz: float, sr: int | None) -> Callable:
    """Make ``detect(clips, threshold_db=, min_duration=)`` of an energy threshold."""
    def detect(clips: Sequence[str], **settings: float) -> pd.DataFrame:
        return pd.concat([louder_than(energy(dataset, clip_id, low_hz=low_hz, high_hz=high_hz, sr=sr), clip_id=clip_id,
                                      **settings) for clip_id in clips], ignore_index=True)
    return detect


ENERGY_GRID = {"threshold_db": tuple(range(-50, -14, 3)), "min_duration": (0.02,)}


@lru_cache(maxsize=256)
def onsets(dataset: SceneDataset, clip_id: str, *, hop_length: int, delta: float) -> np.ndarray:
    """Times of librosa's onsets at 16 kHz, in seconds."""
    import librosa

    audio, sr = dataset.load(_row(dataset, clip_id))
    return librosa.onset.onset_detect(y=audio, sr=sr, hop_length=hop_length, delta=delta, units="time")


def onset_detector(dataset: SceneDataset) -> Callable:
    """Make ``detect(clips, hop_length=, delta=)`` of librosa's onset detection."""
    def detect(clips: Sequence[str], **settings: float) -> pd.DataFrame:
        rows = [(clip_id, time, time, ANY) for clip_id in clips for time in onsets(dataset, clip_id, **settings)]
        return pd.DataFrame(rows, columns=["clip_id", "onset", "offset", "label"])
    return detect


ONSET_GRID = {"hop_length": (160, 256, 512), "delta": (0.02, 0.03, 0.05, 0.07, 0.1)}
"""librosa's own delta is 0.07, and its hop of 512 samples is meant for 22 050 Hz."""


def every_setting(grid: dict[str, Sequence]) -> list[dict]:
    """All combinations of a grid."""
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


class NearestCentroid:
    """Names a segment after the class whose mean statistics are nearest.

    A segment with several names (drums hit together) is a class of its own.

    Parameters
    ----------
    dataset : SceneDataset
    clips : sequence of str
        Recordings whose events are learned from.
    classes : sequence of str
        Other labels count as none.
    """

    def __init__(self, dataset: SceneDataset, clips: Sequence[str], *, classes: Sequence[str]):
        self.dataset = dataset
        table = dataset.events
        table = table[table["clip_id"].isin(list(clips))]
        segments = nameless(table, together=0.0 if dataset.has_offsets else TOGETHER)
        names = [_names(table, segment, classes) for segment in segments.itertuples()]
        x = self.describe(segments)
        self.mean, self.deviation = x.mean(axis=0), x.std(axis=0) + 1e-6
        x = (x - self.mean) / self.deviation
        self.names = sorted(set(names))
        self.centroids = np.stack([x[[name == other for other in names]].mean(axis=0) for name in self.names])

    def describe(self, segments: pd.DataFrame) -> np.ndarray:
        """Log-mel statistics of each segment, shape=(n_segments, 256)."""
        hop, vectors = self.dataset.frame_hop, []
        for segment in segments.itertuples():
            picture = pictures(self.dataset, segment.clip_id)
            start, stop = ((segment.onset, segment.offset) if self.dataset.has_offsets
                           else (segment.onset + HIT[0], segment.onset + HIT[1]))
            first = min(max(0, round(start / hop)), picture.shape[1] - 1)
            vectors.append(features.statistics(picture[np.newaxis, :, first: max(first + 1, round(stop / hop))])[0])
        return np.stack(vectors) if vectors else np.empty((0, len(self.mean)))

    def label(self, segments: pd.DataFrame) -> pd.DataFrame:
        """The segments under their names: as many rows as names each, none for what has no name."""
        x = (self.describe(segments) - self.mean) / self.deviation
        nearest = ((x[:, np.newaxis] - self.centroids) ** 2).sum(axis=2).argmin(axis=1)
        rows = [(segment.clip_id, segment.onset, segment.offset, name)
                for segment, names in zip(segments.itertuples(), nearest, strict=True) for name in self.names[names]]
        return pd.DataFrame(rows, columns=["clip_id", "onset", "offset", "label"])


def _names(table: pd.DataFrame, segment, classes: Sequence[str]) -> tuple[str, ...]:
    """Which classes begin where a segment begins."""
    apart = table["onset"] - segment.onset
    near = (table["clip_id"] == segment.clip_id) & (apart > -1e-9) & (apart <= TOGETHER)
    if segment.offset > segment.onset:      # stretches follow each other closely: only those that begin with it
        near &= apart < 1e-9
    return tuple(sorted({*table.loc[near, "label"]} & {*classes}))


@lru_cache(maxsize=256)
def pictures(dataset: SceneDataset, clip_id: str) -> np.ndarray:
    """Log-mel spectrogram of a whole recording, as the network's but for the windows."""
    settings = models.frame_settings(dataset.frame_hop)
    settings.pop("pool")
    audio, sr = dataset.load(_row(dataset, clip_id))
    return features.log_mel(audio, sr=sr, **settings)


def _row(dataset: SceneDataset, clip_id: str) -> pd.Series:
    clips = dataset.clips
    return clips[clips["clip_id"] == clip_id].iloc[0]
