"""Vibration, motor current and other series: windows of several axes, and a few numbers for each."""

import numpy as np

from helpers import checks
from helpers.metrics.distance import vectors
from helpers.windows import count


def split_series(
    series: np.ndarray, *, sr: int, window: float = 1.0, hop: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series of several axes into overlapping windows; what is left over at the end is dropped.

    Parameters
    ----------
    series : np.ndarray of floats, shape=(n_samples, n_axes)
    sr : int, Hz
    window, hop : float, seconds
        As in :func:`helpers.windows.split`.

    Returns
    -------
    windows : np.ndarray, shape=(n_windows, window_samples, n_axes)
        A view: do not write into it. None of a series that is shorter than a window.
    starts : np.ndarray, shape=(n_windows,), seconds

    Raises
    ------
    InputError
        If it is no finite table, or the hop is not between 0 and the window.

    Examples
    --------
    >>> windows, starts = split_series(np.zeros((10, 3)), sr=4)
    >>> windows.shape, starts.tolist()
    ((4, 4, 3), [0.0, 0.5, 1.0, 1.5])
    """
    series, sr = vectors(series, name="series"), checks.sr(sr)
    window_samples, hop_samples = checks.window_and_hop(window, hop, sr=sr)
    n_windows = count(len(series), window_samples=window_samples, hop_samples=hop_samples, pad=False)
    starts = np.arange(n_windows) * (hop_samples / sr)
    if n_windows == 0:
        return np.empty((0, window_samples, series.shape[1]), series.dtype), starts
    cut = np.lib.stride_tricks.sliding_window_view(series, window_samples, axis=0)[::hop_samples][:n_windows]
    return cut.transpose(0, 2, 1), starts


def series_statistics(windows: np.ndarray) -> np.ndarray:
    """Describe each window of a series by four numbers an axis: how much it moves, in four ways.

    The mean is left out: on an accelerometer it is gravity, and tells how the
    sensor lies.

    Parameters
    ----------
    windows : np.ndarray of floats, shape=(n_windows, window_samples, n_axes)

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, 4 * n_axes)
        Of all axes the median absolute deviation (what is usual), then the
        standard deviation, then the largest deviation (a single knock), then
        the standard deviation of the steps from sample to sample (how fast).

    Raises
    ------
    InputError
        If they have another shape, or hold values that are not finite.

    Examples
    --------
    >>> series_statistics(np.array([[[0.0], [2.0], [0.0], [2.0]]])).round(2).tolist()
    [[1.0, 1.0, 1.0, 1.8899999856948853]]
    """
    windows = np.asarray(windows)
    if windows.ndim != 3 or 0 in windows.shape[1:]:
        raise checks.InputError(checks.explain(
            "windows of shape (n_windows, window_samples, n_axes)", f"shape {windows.shape}",
            "Cut the series first: split_series(series, sr=sr)", section=checks.ARRAYS))
    windows = checks.finite(windows, name="windows").astype(np.float64)
    around = windows - np.median(windows, axis=1, keepdims=True)
    steps = np.diff(windows, axis=1) if windows.shape[1] > 1 else np.zeros_like(windows)
    parts = (np.median(np.abs(around), axis=1), windows.std(axis=1), np.abs(around).max(axis=1), steps.std(axis=1))
    return np.concatenate(parts, axis=1).astype(np.float32)
