"""Cut recordings into analysis windows, and put window scores back together.

Windows are what a classifier sees: short, equally long, overlapping. Everything
here works on plain arrays; times are in seconds, counts end in ``_samples``.
"""

from collections.abc import Sequence

import numpy as np

from helpers import checks

SILENCE_DB = -60.0
"""The silence gate: a window below this level, in dBFS, says nothing about its class."""

HOW = ("mean", "log-mean", "max", "majority")


def count(n_samples: int, *, window_samples: int, hop_samples: int, pad: bool = True) -> int:
    """Count the windows of a recording.

    Parameters
    ----------
    n_samples, window_samples, hop_samples : int
        Length of the recording, of a window, of the step between windows.
    pad : bool
        Whether a last window that the recording does not fill counts too.

    Returns
    -------
    int

    Examples
    --------
    >>> count(64000, window_samples=16000, hop_samples=8000)
    7
    >>> count(100, window_samples=16000, hop_samples=8000, pad=False)
    0
    """
    rest = max(0, n_samples - window_samples)
    if pad:
        return 1 + -(-rest // hop_samples)
    return 1 + rest // hop_samples if n_samples >= window_samples else 0


def split(
    audio: np.ndarray, *, sr: int, window: float = 1.0, hop: float = 0.5, pad: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Cut audio into overlapping windows.

    A recording shorter than one window, and the rest after the last whole
    window, are kept by padding with zeros, so that no event near the end is
    lost; pass ``pad=False`` to drop them instead.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
        One channel of floats.
    sr : int, Hz
        Sampling rate.
    window, hop : float, seconds
        Window length and step. Half overlap is the usual choice: an event
        shorter than the hop lies whole in at least one window.
    pad : bool
        Whether to fill the last window with zeros.

    Returns
    -------
    windows : np.ndarray, shape=(n_windows, window_samples)
        A view of ``audio`` where no padding was needed: do not write into it.
    starts : np.ndarray, shape=(n_windows,), seconds
        Where each window begins.

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or the hop is not
        between 0 and the window (samples would be skipped).

    Examples
    --------
    >>> windows, starts = split(np.arange(10.0), sr=4, window=1.0, hop=0.5)
    >>> windows.shape, starts.tolist()
    ((4, 4), [0.0, 0.5, 1.0, 1.5])
    >>> split(np.arange(3.0), sr=4)[0].tolist()
    [[0.0, 1.0, 2.0, 0.0]]
    """
    audio, sr = checks.audio(audio), checks.sr(sr)
    window_samples, hop_samples = checks.window_and_hop(window, hop, sr=sr)
    n_windows = count(len(audio), window_samples=window_samples, hop_samples=hop_samples, pad=pad)
    if n_windows == 0:
        return np.empty((0, window_samples), audio.dtype), np.empty(0)
    missing = (n_windows - 1) * hop_samples + window_samples - len(audio)
    if missing > 0:
        audio = np.pad(audio, (0, missing))
    windows = np.lib.stride_tricks.sliding_window_view(audio, window_samples)[::hop_samples][:n_windows]
    return windows, np.arange(n_windows) * (hop_samples / sr)


def split_all(
    clips: Sequence[np.ndarray], *, sr: int, window: float = 1.0, hop: float = 0.5, pad: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut many clips into one stack of windows.

    A clip shorter than one window is padded. The rest after the last whole
    window is dropped unless ``pad`` is set: clips that are a few samples too
    long would each add a window that is nearly all padding.

    Parameters
    ----------
    clips : sequence of np.ndarray, each of shape (n_samples,)
        They may differ in length.
    sr : int, Hz
    window, hop : float, seconds
        As in :func:`split`.
    pad : bool
        Whether to keep the rest of each clip too.

    Returns
    -------
    windows : np.ndarray of float32, shape=(n_windows, window_samples)
    clip_index : np.ndarray of int, shape=(n_windows,)
        Which clip each window comes from.
    starts : np.ndarray, shape=(n_windows,), seconds
        Where each window begins in its clip.

    Raises
    ------
    InputError
        If there is no clip, or :func:`split` refuses one.

    Examples
    --------
    >>> windows, clip_index, starts = split_all([np.zeros(8), np.zeros(3)], sr=4)
    >>> clip_index.tolist(), starts.tolist()
    ([0, 0, 0, 1], [0.0, 0.5, 1.0, 0.0])
    """
    if len(clips) == 0:
        raise checks.InputError(checks.explain("at least one clip", "none", "Check which rows were chosen",
                                               section=checks.ARRAYS))
    parts = [split(clip, sr=sr, window=window, hop=hop, pad=pad or len(clip) < round(window * sr)) for clip in clips]
    windows = np.concatenate([cut for cut, _ in parts], dtype=np.float32)
    clip_index = np.repeat(np.arange(len(parts)), [len(cut) for cut, _ in parts])
    return windows, clip_index, np.concatenate([starts for _, starts in parts])


def levels_db(windows: np.ndarray) -> np.ndarray:
    """Measure the level of every window: its root mean square in dB below full scale.

    Parameters
    ----------
    windows : np.ndarray, shape=(n_windows, window_samples)

    Returns
    -------
    np.ndarray, shape=(n_windows,), dBFS
        ``-inf`` for digital silence.

    Raises
    ------
    InputError
        If the windows are not a table of finite floats.

    Examples
    --------
    >>> levels_db(np.array([[1.0, -1.0], [0.0, 0.0]])).tolist()
    [0.0, -inf]
    """
    windows = checks.windows(windows)
    # summed in double precision, but without a second, twice as large copy of all windows
    power = np.einsum("ij,ij->i", windows, windows, dtype=np.float64) / windows.shape[1]
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power)


def live(windows: np.ndarray, *, threshold_db: float = SILENCE_DB) -> np.ndarray:
    """Say which windows hold sound: the silence gate.

    A window of silence, once normalised, is a picture of dither: whatever the
    network calls it is noise. The gate looks at one window only, so it works
    on a live stream as it works on a file.

    Parameters
    ----------
    windows : np.ndarray, shape=(n_windows, window_samples)
    threshold_db : float, dBFS
        Windows at this level or above are live.

    Returns
    -------
    np.ndarray of bool, shape=(n_windows,)

    Raises
    ------
    InputError
        If the windows are not a table of finite floats.

    Examples
    --------
    >>> live(np.array([[0.1, -0.1], [1e-5, -1e-5]])).tolist()
    [True, False]
    """
    return levels_db(windows) >= threshold_db


def pool(scores: np.ndarray, *, how: str = "mean", live: np.ndarray | None = None) -> np.ndarray:
    """Join the scores of a clip's windows into one score per class.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_windows, n_classes)
        Class probabilities, one row a window.
    how : {"mean", "log-mean", "max", "majority"}
        ``mean`` trusts all windows alike and wins on most data; ``log-mean``
        lets one sure "no" count; ``max`` suits one short event in a long clip;
        ``majority`` counts winners.
    live : np.ndarray of bool, shape=(n_windows,), optional
        Windows that hold sound. Silent windows say nothing about the class
        and are left out; if none is live, all are used.

    Returns
    -------
    np.ndarray, shape=(n_classes,), range 0 to 1

    Raises
    ------
    InputError
        If scores is not a table with at least one row, ``live`` has another
        length, or ``how`` is unknown.

    Examples
    --------
    >>> pool(np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])).round(2).tolist()
    [0.57, 0.43]
    >>> pool(np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]), how="majority").round(2).tolist()
    [0.33, 0.67]
    """
    scores = checks.scores(scores)
    checks.one_of(how, HOW, name="how")
    if live is not None:
        checks.same_length(scores=scores, live=live)
        if np.any(live):
            scores = scores[np.asarray(live, bool)]
    if how == "mean":
        return scores.mean(axis=0)
    if how == "log-mean":
        return np.exp(np.log(np.maximum(scores, 1e-7)).mean(axis=0))
    if how == "max":
        return scores.max(axis=0)
    return np.bincount(scores.argmax(axis=1), minlength=scores.shape[1]) / len(scores)


def pool_clips(
    scores: np.ndarray, clip_index: np.ndarray, *, how: str = "mean", live: np.ndarray | None = None
) -> np.ndarray:
    """Join window scores into clip scores, for many clips at once.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_windows, n_classes)
    clip_index : np.ndarray of int, shape=(n_windows,)
        Which clip each window comes from, as :func:`split_all` returns it.
    how : {"mean", "log-mean", "max", "majority"}
        As in :func:`pool`.
    live : np.ndarray of bool, shape=(n_windows,), optional
        As in :func:`pool`, clip by clip.

    Returns
    -------
    np.ndarray, shape=(n_clips, n_classes), range 0 to 1

    Raises
    ------
    InputError
        As in :func:`pool`, or if a clip between 0 and the highest index has no
        window.

    Examples
    --------
    >>> pool_clips(np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]]), np.array([0, 0, 1])).tolist()
    [[0.7, 0.3], [0.2, 0.8]]
    """
    scores, clip_index = checks.scores(scores), np.asarray(clip_index)
    live = None if live is None else np.asarray(live, bool)
    checks.same_length(scores=scores, clip_index=clip_index, **({} if live is None else {"live": live}))
    members = [np.flatnonzero(clip_index == clip) for clip in range(clip_index.max() + 1)]
    return np.stack([pool(scores[rows], how=how, live=None if live is None else live[rows]) for rows in members])
