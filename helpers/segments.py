"""Cut a long recording where it changes: what came before is alike, what comes after is alike, the two are not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks, metrics
from helpers.metrics.distance import unit, vectors

LEAST_NOVELTY = 0.05
"""Below it a change is rounding, whatever the rest of the recording does."""


def self_similarity(frames: np.ndarray, *, centred: bool = True) -> np.ndarray:
    """Compare each moment of a recording with each other moment.

    Parameters
    ----------
    frames : np.ndarray of floats, shape=(n_frames, n_dims)
        One row a moment: embeddings of windows, or the columns of a log-mel
        spectrogram, ``log_mel.T``.
    centred : bool
        Take the mean of the recording out first: what it has throughout, such
        as its background, would make all moments alike.

    Returns
    -------
    np.ndarray of float64, shape=(n_frames, n_frames), range -1 to 1
        Cosine of each pair; symmetric.

    Raises
    ------
    InputError
        If the frames are no table of finite floats.

    Examples
    --------
    >>> self_similarity(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), centred=False).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    frames = vectors(frames, name="frames").astype(np.float64)
    if centred and len(frames):
        frames = frames - frames.mean(axis=0)
        frames[np.abs(frames).max(axis=1) < 1e-9] = 0      # rounding has no direction
    directions = unit(frames)
    return np.clip(directions @ directions.T, -1, 1)


def novelty(similarity: np.ndarray, *, reach: int = 8) -> np.ndarray:
    """Say, between each two moments, how much the recording changes there.

    A checkerboard slides along the diagonal: how alike is what comes before to
    itself, what comes after to itself, and how alike are the two? The first
    two less the third is the novelty. Near moments count more.

    Parameters
    ----------
    similarity : np.ndarray, shape=(n_frames, n_frames)
        As :func:`self_similarity` gives it.
    reach : int, frames
        How many moments on each side are looked at: as many as the shortest
        segment that you care for.

    Returns
    -------
    np.ndarray of float64, shape=(n_frames + 1,), range -2 to 2
        Value i belongs to the border between moments i - 1 and i. Towards both
        ends, where one side is short, it fades to 0.

    Raises
    ------
    InputError
        If the similarity is no square of finite floats, or ``reach`` is below 1.

    Notes
    -----
    Foote, "Automatic audio segmentation using a measure of audio novelty",
    ICME 2000. A moment's likeness to itself is left out.

    Examples
    --------
    >>> blocks = np.kron(np.eye(2), np.ones((3, 3)))
    >>> novelty(blocks, reach=2).round(2).tolist()
    [0.0, 0.0, -0.23, 1.0, -0.23, 0.0, 0.0]
    """
    similarity = vectors(similarity, name="similarity").astype(np.float64)
    n, reach = len(similarity), checks.whole(reach, name="reach")
    if similarity.shape != (n, n):
        raise checks.InputError(checks.explain(
            "a square of similarities, (n_frames, n_frames)", f"shape {similarity.shape}",
            "Make it with segments.self_similarity(frames)", section=checks.ARRAYS))
    steps = np.arange(-reach, reach) + 0.5
    weight = np.exp(-0.5 * (steps / (0.5 * reach)) ** 2)
    found = np.zeros(n + 1)
    for border in range(1, n):
        places = np.arange(max(0, border - reach), min(n, border + reach))
        near = weight[places - border + reach]
        past = places < border
        table, near = similarity[np.ix_(places, places)], np.outer(near, near)
        same = (past[:, np.newaxis] == past) & ~np.eye(len(places), dtype=bool)
        across = past[:, np.newaxis] != past
        if not same.any():
            continue
        step = np.average(table[same], weights=near[same]) - np.average(table[across], weights=near[across])
        found[border] = step * min(past.sum(), (~past).sum()) / reach
    return found


def boundaries(
    frames: np.ndarray, *, hop: float, window: float | None = None, reach: float = 4.0, shortest: float = 1.0,
    threshold: float | None = None, centred: bool = True,
) -> np.ndarray:
    """Find where a recording changes.

    Parameters
    ----------
    frames : np.ndarray of floats, shape=(n_frames, n_dims)
        Embeddings of windows in their order, or the columns of a spectrogram.
    hop : float, seconds
        From one frame to the next.
    window : float, seconds, optional
        Length of what a frame was computed from; the hop where not given. A
        border between two frames lies half-way between their middles.
    reach : float, seconds
        How far :func:`novelty` looks to each side.
    shortest : float, seconds
        Two borders are at least so far apart; the stronger one stays.
    threshold : float, optional
        Least novelty of a border, 0 to 2. Mean and one deviation of the
        recording's own novelty where not given: there are borders, one asks only
        where. For recordings that may have none, choose it on others.
    centred : bool
        As in :func:`self_similarity`.

    Returns
    -------
    np.ndarray of float64, shape=(n_borders,), seconds
        Rising; beginning and end of the recording are not among them.

    Raises
    ------
    InputError
        If the frames are no table of finite floats, or a length is not above 0.

    Examples
    --------
    >>> frames = np.repeat([[1.0, 0.0], [0.0, 1.0]], 6, axis=0)
    >>> boundaries(frames, hop=0.5, reach=2.0).tolist()
    [3.0]
    """
    from scipy.signal import find_peaks

    for name, length in {"hop": hop, "reach": reach, "shortest": shortest}.items():
        checks.positive(length, name=name)
    window = hop if window is None else checks.positive(window, name="window")
    curve = novelty(self_similarity(frames, centred=centred), reach=max(1, round(reach / hop)))
    least = max(LEAST_NOVELTY, curve.mean() + curve.std()) if threshold is None else threshold
    peaks, _ = find_peaks(curve, height=least, distance=max(1, round(shortest / hop)))
    return peaks * hop + (window - hop) / 2


def boundary_f1(true: Sequence[float], found: Sequence[float], *, tolerance: float = 0.5) -> dict[str, float]:
    """Judge borders: each true one is found by at most one, within a tolerance.

    Parameters
    ----------
    true, found : sequence of float, seconds
        Borders inside the recording; its beginning and end are no discovery.
    tolerance : float, seconds
        0.5 and 3 are usual for music.

    Returns
    -------
    dict
        ``precision``, ``recall``, ``f1``, and ``n_matched``. Nothing to find
        and nothing found is perfect: 1 in all three.

    Raises
    ------
    InputError
        If a time is negative or not finite, or the tolerance negative.

    Examples
    --------
    >>> boundary_f1([4.0, 8.0], [4.2, 4.4, 12.0])["f1"]
    0.4
    """
    tables = [pd.DataFrame({"clip_id": "recording", "onset": np.asarray(times, float),
                            "offset": np.asarray(times, float), "label": "border"}) for times in (true, found)]
    n_matched = len(metrics.match_events(*tables, collar=tolerance, use_offset=False))
    n_true, n_found = map(len, tables)
    if n_true == n_found == 0:
        return {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n_matched": 0}
    return {"precision": n_matched / n_found if n_found else 0.0, "recall": n_matched / n_true if n_true else 0.0,
            "f1": 2 * n_matched / (n_true + n_found), "n_matched": n_matched}


def segment_table(borders: Sequence[float], *, duration: float, clip_id: str = "recording") -> pd.DataFrame:
    """Turn borders into a table of segments, from the beginning of a recording to its end.

    Parameters
    ----------
    borders : sequence of float, seconds
        In any order; what lies outside the recording is left out.
    duration : float, seconds
    clip_id : str

    Returns
    -------
    pd.DataFrame with columns clip_id, onset, offset, label
        An event table: labels are ``"segment 1"``, ``"segment 2"``, ...

    Raises
    ------
    InputError
        If the duration is not above 0, or a border is not finite.

    Examples
    --------
    >>> segment_table([2.5], duration=4.0)[["onset", "offset"]].to_numpy().tolist()
    [[0.0, 2.5], [2.5, 4.0]]
    """
    duration = checks.positive(duration, name="duration")
    inner = np.unique(checks.finite(np.asarray(borders, float), name="borders"))
    edges = np.concatenate([[0.0], inner[(inner > 0) & (inner < duration)], [float(duration)]])
    return pd.DataFrame({"clip_id": clip_id, "onset": edges[:-1], "offset": edges[1:],
                         "label": [f"segment {number}" for number in range(1, len(edges))]})
