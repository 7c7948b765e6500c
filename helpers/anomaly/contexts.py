"""From recordings to what a detector sees, and from its scores back to recordings."""

from collections.abc import Sequence

import numpy as np

from helpers import checks
from helpers.metrics.anomalies import score_row
from helpers.metrics.distance import vectors

CLIP_SCORES = ("mean", "max", "top-k", "quantile")


def context_frames(log_mel: np.ndarray, *, n_frames: int = 5, hop: int = 1) -> np.ndarray:
    """Stack neighbouring frames into one row each: what happens just before and after belongs to it.

    Parameters
    ----------
    log_mel : np.ndarray of floats, shape=(n_mels, n_log_mel_frames)
        One picture; or a series as (n_axes, n_samples), transposed.
    n_frames : int
        Frames in a row. 5 of 128 bands make the 640 numbers of the DCASE baseline.
    hop : int
        From row to row, in frames. Neighbouring rows are alike: 2 or more
        saves time in training.

    Returns
    -------
    np.ndarray of float32, shape=(n_contexts, n_frames * n_mels)
        Frame by frame: the first ``n_mels`` numbers are the earliest frame.

    Raises
    ------
    InputError
        If it is no finite picture, or has fewer than ``n_frames`` frames.

    Notes
    -----
    Koizumi et al., "Description and discussion on DCASE2020 challenge task 2",
    DCASE Workshop 2020: the baseline's input.

    Examples
    --------
    >>> context_frames(np.array([[0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0]]), n_frames=3).tolist()
    [[0.0, 10.0, 1.0, 11.0, 2.0, 12.0], [1.0, 11.0, 2.0, 12.0, 3.0, 13.0]]
    """
    log_mel = vectors(log_mel, name="log_mel")
    n_frames, hop = checks.whole(n_frames, name="n_frames"), checks.whole(hop, name="hop")
    if log_mel.shape[1] < n_frames:
        raise checks.InputError(checks.explain(
            f"at least {n_frames} frames", f"{log_mel.shape[1]}", "Take a longer recording, or fewer frames at a time",
            section=checks.ARRAYS))
    stacked = np.lib.stride_tricks.sliding_window_view(log_mel, n_frames, axis=1)[:, ::hop]
    return stacked.transpose(1, 2, 0).reshape(stacked.shape[1], -1).astype(np.float32)


def context_clips(
    log_mels: Sequence[np.ndarray], *, n_frames: int = 5, hop: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Stack the frames of many clips; no row crosses from one clip into the next.

    Parameters
    ----------
    log_mels : sequence of np.ndarray, each of shape (n_mels, n_log_mel_frames)
        They may differ in length.
    n_frames, hop : int
        As in :func:`context_frames`.

    Returns
    -------
    contexts : np.ndarray of float32, shape=(n_contexts, n_frames * n_mels)
    clip_index : np.ndarray of int, shape=(n_contexts,)
        Which clip each row comes from.

    Raises
    ------
    InputError
        If there is no clip, clips differ in their bands, or :func:`context_frames` refuses one.

    Examples
    --------
    >>> contexts, clip_index = context_clips([np.zeros((2, 6)), np.zeros((2, 5))])
    >>> contexts.shape, clip_index.tolist()
    ((3, 10), [0, 0, 1])
    """
    parts = [context_frames(log_mel, n_frames=n_frames, hop=hop) for log_mel in log_mels]
    if len({part.shape[1] for part in parts}) != 1:
        raise checks.InputError(checks.explain(
            "at least one clip, all with the same bands", f"{len(parts)} clips", "Compute all with the same settings",
            section=checks.ARRAYS))
    return np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def clip_scores(
    scores: np.ndarray, clip_index: np.ndarray, *, how: str = "mean", k: int = 10, quantile: float = 0.9
) -> np.ndarray:
    """Join window scores into one score a clip.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_windows,)
        High for what is strange.
    clip_index : np.ndarray of int, shape=(n_windows,)
        Which clip each window comes from, from 0.
    how : {"mean", "max", "top-k", "quantile"}
        ``mean`` for a fault that is always heard; ``max`` for a single bang,
        and for every other noise that is rare; between them the mean of the
        ``k`` highest, and the ``quantile``.
    k : int
        Windows of each clip that count in ``top-k``; all of a shorter one.
    quantile : float, range 0 to 1

    Returns
    -------
    np.ndarray of float64, shape=(n_clips,)

    Raises
    ------
    InputError
        If lengths differ, a score is not finite, ``how`` is unknown, or a clip
        between 0 and the highest index has no window.

    Examples
    --------
    >>> scores, clip_index = np.array([1.0, 3.0, 8.0, 2.0]), np.array([0, 0, 0, 1])
    >>> clip_scores(scores, clip_index).tolist(), clip_scores(scores, clip_index, how="top-k", k=2).tolist()
    ([4.0, 2.0], [5.5, 2.0])
    """
    scores, clip_index = score_row(scores), np.asarray(clip_index)
    checks.same_length(scores=scores, clip_index=clip_index)
    checks.one_of(how, CLIP_SCORES, name="how")
    k = checks.whole(k, name="k")
    if not 0 <= quantile <= 1:
        raise checks.InputError(checks.explain("a quantile between 0 and 1", repr(quantile),
                                               "0.9 leaves out the highest tenth", section=checks.ARRAYS))
    present = np.unique(clip_index)
    if clip_index.dtype.kind not in "iu" or not np.array_equal(present, np.arange(len(present))):
        raise checks.InputError(checks.explain(
            "at least one window of each clip, clips counted from 0", f"clips {present[:5].tolist()} ...",
            "Take clip_index as it came with the windows", section=checks.ARRAYS))
    order = np.lexsort((scores, clip_index))                  # each clip's windows together, the highest last
    parts = np.split(scores[order], np.cumsum(np.bincount(clip_index))[:-1])
    join = {"mean": np.mean, "max": np.max, "top-k": lambda part: part[-k:].mean(),
            "quantile": lambda part: np.quantile(part, quantile)}[how]
    return np.array([join(part) for part in parts], float)


def error_map(errors: np.ndarray, *, n_mels: int, hop: int = 1) -> np.ndarray:
    """Lay the errors of a clip's contexts over its spectrogram: where is it strange?

    Parameters
    ----------
    errors : np.ndarray, shape=(n_contexts, k * n_mels)
        Of one clip, in its order, as ``detector.errors`` gives them: k is the
        number of frames in a context, or 1 where only the middle one is judged.
    n_mels : int
    hop : int
        As in :func:`context_frames`.

    Returns
    -------
    np.ndarray, shape=(n_mels, (n_contexts - 1) * hop + k)
        Mean error of each band and frame over all contexts that hold it; NaN
        for frames that none holds. With the middle frame alone, it begins at
        the first frame that is judged: ``log_mel[:, n_frames // 2:]``.

    Raises
    ------
    InputError
        If the errors are no finite table, or its width is no multiple of ``n_mels``.

    Examples
    --------
    >>> error_map(np.array([[1.0, 3.0], [5.0, 7.0]]), n_mels=1).tolist()
    [[1.0, 4.0, 7.0]]
    """
    errors = vectors(errors, name="errors")
    n_mels, hop = checks.whole(n_mels, name="n_mels"), checks.whole(hop, name="hop")
    if errors.shape[1] % n_mels or len(errors) == 0:
        raise checks.InputError(checks.explain(
            f"errors of at least one context, whole frames of {n_mels} bands", f"shape {errors.shape}",
            "Give the n_mels of the log-mel", section=checks.ARRAYS))
    frames = errors.reshape(len(errors), -1, n_mels)
    total = np.zeros(((len(errors) - 1) * hop + frames.shape[1], n_mels))
    count = np.zeros((len(total), 1))
    for place in range(frames.shape[1]):
        rows = slice(place, place + (len(errors) - 1) * hop + 1, hop)
        total[rows] += frames[:, place]
        count[rows] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).T
