"""From a set of scenes to what a network trains on, and from what it says back to events: one path for all sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import checks, events, features, windows
from helpers.audio import SR
from helpers.models.training import predict

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from helpers.datasets.scenes import SceneDataset

WINDOW_FRAMES = 128
N_MELS = 64
FMIN = 50.0   # Hz: below it there is wind and hum
NEIGHBOUR = 0.5
"""What the frames beside a point are trained to say: less than its own frame, so that the peak stands there."""


@dataclass(frozen=True, eq=False)
class SceneWindows:
    """Windows of many scenes, ready to train on, and the way back to the scenes.

    Attributes
    ----------
    log_mels : np.ndarray of float32, shape=(n_windows, n_mels, n_frames * pool), dB
        Not normalised, so that :func:`helpers.augment.overlay` can mix them.
    targets : np.ndarray of float32, shape=(n_windows, n_frames, n_classes), range 0 to 1
        What sounds in each frame.
    scene_index : np.ndarray of int, shape=(n_windows,)
        Which scene each window comes from, counted as in ``clip_ids``.
    starts : np.ndarray, shape=(n_windows,), seconds
        Where each window begins in its scene.
    durations : np.ndarray, shape=(n_scenes,), seconds
    clip_ids : tuple of str
    hop : float, seconds
        Length of a frame.
    classes : tuple of str
    """

    log_mels: np.ndarray
    targets: np.ndarray
    scene_index: np.ndarray
    starts: np.ndarray
    durations: np.ndarray
    clip_ids: tuple[str, ...]
    hop: float
    classes: tuple[str, ...]


def frame_settings(frame_hop: float) -> dict[str, Any]:
    """Choose what the pictures are made with, so that a frame of scores lasts as long as wanted.

    Long frames are two columns of the picture each, so that the network sees
    more than it has to answer. Short ones are one column each, from a shorter
    stretch of sound: a long one would smear what happens in between.

    Parameters
    ----------
    frame_hop : float, seconds
        Length of a frame, such as ``dataset.frame_hop``; 0.04 s for events of a
        second, 0.01 s for those of a tenth.

    Returns
    -------
    dict
        ``n_fft``, ``hop_length`` (samples at 16 kHz), ``n_mels`` and ``fmin``
        (Hz) as in :func:`helpers.features.log_mel`; ``pool``, columns a frame,
        as in :func:`frame_cnn`. A frame lasts ``hop_length * pool / 16000``
        seconds: the wish, rounded to whole samples.

    Raises
    ------
    InputError
        If the frame would be shorter than 1 ms.

    Examples
    --------
    >>> frame_settings(0.04)
    {'n_fft': 1024, 'hop_length': 320, 'pool': 2, 'n_mels': 64, 'fmin': 50.0}
    >>> frame_settings(0.01)["hop_length"], frame_settings(0.01)["pool"]
    (160, 1)
    """
    if checks.positive(frame_hop, name="frame_hop") < 0.001:
        raise checks.InputError(checks.explain(
            "frames of 1 ms or more", f"{frame_hop} s", "frame_hop is in seconds: 0.04 is usual",
            section=checks.ARRAYS))
    n_fft, pool = (1024, 2) if frame_hop >= 0.02 else (512, 1)
    return {"n_fft": n_fft, "hop_length": round(frame_hop * SR / pool), "pool": pool, "n_mels": N_MELS, "fmin": FMIN}


def scene_windows(
    dataset: SceneDataset, rows: pd.DataFrame, *, window_frames: int = WINDOW_FRAMES, how: str = "centre"
) -> SceneWindows:
    """Cut scenes into windows that overlap by half, and make the picture and the targets of each.

    Parameters
    ----------
    dataset : SceneDataset
        Its ``frame_hop`` decides how long a frame is, its ``has_offsets``
        whether events are stretches or points.
    rows : pd.DataFrame
        Rows of ``dataset.clips``, or of ``dataset.negatives``, in which nothing
        happens.
    window_frames : int
        Frames in each window, an even number. What is left at the end of a
        scene is padded.
    how : {"centre", "overlap"}
        As in :func:`helpers.events.targets`, but for events of one class that
        touch: the frame between them is left empty. Of a point, its own frame gets 1
        and those beside it 0.5, whatever ``how`` says: a person marks an onset
        to about a frame, and a single frame in thousands is hard to learn.

    Returns
    -------
    SceneWindows

    Raises
    ------
    InputError
        If there is no row, or window_frames is not an even number above 0.
    """
    settings = frame_settings(dataset.frame_hop)
    hop_length, pool = settings["hop_length"], settings.pop("pool")
    if checks.whole(window_frames, name="window_frames") % 2 or len(rows) == 0:
        raise checks.InputError(checks.explain(
            "at least one scene, and windows of an even number of frames",
            f"{len(rows)} scenes, {window_frames} frames",
            "Check which rows were chosen; 128 frames are usual", section=checks.ARRAYS))
    hop, window = hop_length * pool / SR, window_frames * hop_length * pool / SR
    events_of = dict(list(dataset.events.groupby("clip_id")))
    nothing = dataset.events.head(0)
    pictures, wanted, starts, durations = [], [], [], []
    for row in rows.itertuples():
        audio, _ = dataset.load(row, sr=SR)
        cut, begins = windows.split(audio, sr=SR, window=window, hop=window / 2)
        # the last column lies on the end of the window: it is the first of the next one
        pictures.append(features.log_mel(cut, sr=SR, **settings)[:, :, :window_frames * pool])
        wanted += [_targets(events_of.get(row.clip_id, nothing), dataset=dataset, n_frames=window_frames, hop=hop,
                            start=start, how=how) for start in begins]
        starts.append(begins)
        durations.append(len(audio) / SR)
    return SceneWindows(
        log_mels=np.concatenate(pictures), targets=np.stack(wanted),
        scene_index=np.repeat(np.arange(len(starts)), [len(begins) for begins in starts]),
        starts=np.concatenate(starts), durations=np.array(durations), clip_ids=tuple(rows["clip_id"]), hop=hop,
        classes=tuple(dataset.classes))


def _targets(
    table: pd.DataFrame, *, dataset: SceneDataset, n_frames: int, hop: float, start: float, how: str
) -> np.ndarray:
    """Targets of one window: stretches, or points with their neighbours."""
    if dataset.has_offsets:
        marked = events.targets(table, classes=dataset.classes, n_frames=n_frames, hop=hop, start=start, how=how)
        return _keep_apart(marked, table, classes=dataset.classes, hop=hop, start=start)
    # one frame more on each side: the neighbours of a point may lie in the window and itself just outside
    points = events.targets(table, classes=dataset.classes, n_frames=n_frames + 2, hop=hop, start=start - hop)
    return np.maximum(points[1:-1], NEIGHBOUR * np.maximum(points[:-2], points[2:]))


def _keep_apart(
    marked: np.ndarray, table: pd.DataFrame, *, classes: Sequence[str], hop: float, start: float
) -> np.ndarray:
    """Mark the frame between two events of one class as empty where the pause is shorter than a frame.

    They would come back as one: a bird that repeats a syllable pauses for a
    millisecond. Events of fewer than three frames are left as they are.
    """
    for column, label in enumerate(classes):
        rows = table[table["label"] == label].sort_values("onset")
        onset, offset = rows["onset"].to_numpy(), rows["offset"].to_numpy()
        long = offset - onset >= 3 * hop
        pause = onset[1:] - offset[:-1]
        close = (pause >= 0) & (pause < hop) & long[1:] & long[:-1]
        between = np.floor(((onset[1:] + offset[:-1])[close] / 2 - start) / hop).astype(int)
        marked[between[(between >= 0) & (between < len(marked))], column] = 0
    return marked


def scene_scores(model: keras.Model, scenes: SceneWindows) -> dict[str, np.ndarray]:
    """Let a network listen to every window, and join what it says about each scene.

    Parameters
    ----------
    model : keras.Model
        As from :func:`frame_cnn` or :func:`frame_crnn`, trained on pictures
        that were normalised one by one (:func:`helpers.features.normalise`).
    scenes : SceneWindows

    Returns
    -------
    dict of str -> np.ndarray, shape=(n_frames, n_classes), range 0 to 1
        Frame scores of each scene, by clip_id; where windows overlap, their
        mean.
    """
    blocks = [slice(start, start + 256) for start in range(0, len(scenes.log_mels), 256)]   # one normalised at a time
    scores = np.concatenate([predict(model, features.normalise(scenes.log_mels[block])) for block in blocks])
    return merge_scenes(scores, scenes)


def merge_scenes(scores: np.ndarray, scenes: SceneWindows) -> dict[str, np.ndarray]:
    """Join scores of windows into scores of scenes.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_windows, n_frames, n_classes), range 0 to 1
        What a network, or anything else, says about each window of ``scenes``.
    scenes : SceneWindows

    Returns
    -------
    dict of str -> np.ndarray, shape=(n_frames, n_classes)
        By clip_id.

    Raises
    ------
    InputError
        If there is not one entry of scores for each window.
    """
    checks.same_length(scores=scores, windows=scenes.starts)
    merged = {}
    for number, (clip_id, duration) in enumerate(zip(scenes.clip_ids, scenes.durations, strict=True)):
        of_it = scenes.scene_index == number
        merged[clip_id] = events.merge_windows(scores[of_it], scenes.starts[of_it], hop=scenes.hop, duration=duration)
    return merged


def detect(
    scores: Mapping[str, np.ndarray], *, classes: Sequence[str], hop: float, **settings: Any
) -> pd.DataFrame:
    """Turn the frame scores of many scenes into one table of events.

    Parameters
    ----------
    scores : dict of str -> np.ndarray, shape=(n_frames, n_classes)
        By clip_id, as from :func:`scene_scores`.
    classes : sequence of str
    hop : float, seconds
        Length of a frame.
    **settings
        What :func:`helpers.events.from_scores` takes: ``high``, ``low``,
        ``median``, ``min_duration``, ``max_gap``, and ``points`` for sets whose
        labels have onsets only (``points=not dataset.has_offsets``).

    Returns
    -------
    pd.DataFrame with columns clip_id, onset, offset, label, score
        Scene by scene, by onset within each.

    Examples
    --------
    >>> scores = {"a": np.array([[0.1], [0.9]]), "b": np.array([[0.2], [0.3]])}
    >>> detect(scores, classes=["dog"], hop=0.5, high=0.6)[["clip_id", "onset", "offset"]].to_numpy().tolist()
    [['a', 0.5, 1.0]]
    """
    import pandas as pd

    tables = [events.from_scores(frames, classes=classes, hop=hop, clip_id=clip_id, **settings)
              for clip_id, frames in scores.items()]
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(events.COLUMNS)).astype(
        {"onset": float, "offset": float, "score": float})
