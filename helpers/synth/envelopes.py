"""How a sound changes over time: attacks, decays, glides, slow random gains.

Gains and pitches change slowly, so they are computed on a coarse grid and
stretched to the sampling rate by straight lines: a tenth of the cost.
"""

from collections.abc import Sequence

import numpy as np

from helpers.synth.keys import Draws

STEP = 16
"""Samples from one point of the coarse grid to the next."""


def amplitude(level_db: float) -> float:
    """Turn a level in dB into a factor."""
    return 10.0 ** (level_db / 20.0)


def seconds(n_samples: int, sr: int) -> np.ndarray:
    """Time of every sample, in seconds."""
    return np.arange(n_samples) / sr


def stretch(points: np.ndarray, n_samples: int, *, step: int = STEP) -> np.ndarray:
    """Connect evenly spaced points by straight lines.

    Parameters
    ----------
    points : np.ndarray, shape=(n_points,)
        Point ``i`` lies at sample ``i * step``; there must be enough of them to
        reach the last sample, ``(n_points - 1) * step >= n_samples``.
    n_samples : int
    step : int, samples

    Returns
    -------
    np.ndarray, shape=(n_samples,)

    Examples
    --------
    >>> stretch(np.array([0.0, 4.0, 4.0]), 8, step=4).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0]
    """
    points = points[:-(-n_samples // step) + 1]
    lines = np.outer(points[1:] - points[:-1], np.arange(step) / step)
    lines += points[:-1, None]
    return lines.ravel()[:n_samples]


def glide(n_samples: int, points: Sequence[tuple[float, float]], *, smooth: bool = False) -> np.ndarray:
    """Move from breakpoint to breakpoint.

    Parameters
    ----------
    n_samples : int
    points : sequence of (position, value)
        Positions rise from 0 (first sample) to 1 (end).
    smooth : bool
        Leave and reach each breakpoint gently, as a voice does; else in
        straight lines.

    Returns
    -------
    np.ndarray, shape=(n_samples,)

    Examples
    --------
    >>> glide(4, [(0, 1.0), (1, 3.0)]).tolist()
    [1.0, 1.5, 2.0, 2.5]
    """
    positions, values = zip(*points, strict=True)
    step = min(STEP, n_samples)
    grid = np.arange(-(-n_samples // step) + 1) * (step / n_samples)
    if smooth:
        place = np.interp(grid, positions, np.arange(len(positions)))      # 1.5: half way from the second to the third
        rest = place - np.floor(place)
        values = np.interp(np.floor(place) + rest * rest * (3 - 2 * rest), np.arange(len(values)), values)
        return stretch(values, n_samples, step=step)
    return stretch(np.interp(grid, positions, values), n_samples, step=step)


def wander(draws: Draws, n_samples: int, *, sr: int, every: float, depth_db: float) -> np.ndarray:
    """Make a gain that drifts at random.

    Parameters
    ----------
    draws : Draws
    n_samples : int
    sr : int, Hz
    every : float, seconds
        Time from one new gain to the next; between them it moves evenly in dB.
    depth_db : float, dB
        The gain stays within this much above and below 1.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    n_points = int(n_samples / sr / every) + 4
    levels_db = depth_db * (2 * draws.numbers(n_points) - 1)
    grid = np.arange(-(-n_samples // STEP) + 1) * (STEP / (sr * every)) + draws.uniform(0, 1)
    return stretch(10.0 ** (np.interp(grid, np.arange(n_points), levels_db) / 20), n_samples)


def strike(n_samples: int, *, sr: int, attack: float, decay: float) -> np.ndarray:
    """Rise fast, then die away: the envelope of something struck.

    Parameters
    ----------
    n_samples : int
    sr : int, Hz
    attack, decay : float, seconds
        Time to full level; time in which the level then falls to 37 per cent.

    Returns
    -------
    np.ndarray, shape=(n_samples,), range 0 to 1
        It reaches 0 at the last sample.
    """
    time = seconds(n_samples, sr)
    end = n_samples / sr
    fade = np.minimum(1.0, (end - time) / min(0.01, end / 4))
    return np.minimum(1.0, time / attack) * np.exp(-np.maximum(0.0, time - attack) / decay) * fade


def swell(n_samples: int, *, sr: int, attack: float, release: float) -> np.ndarray:
    """Fade in over ``attack`` seconds and out over ``release`` seconds, at full level between.

    Returns
    -------
    np.ndarray, shape=(n_samples,), range 0 to 1
    """
    time = seconds(n_samples, sr)
    return np.minimum(1.0, time / attack) * np.minimum(1.0, (n_samples / sr - time) / release)


def join(pieces: Sequence[np.ndarray | float], *, sr: int) -> np.ndarray:
    """Put sounds one after the other; a number among them is a pause in seconds.

    Examples
    --------
    >>> join([np.ones(1), 0.5, np.ones(1)], sr=4).tolist()
    [1.0, 0.0, 0.0, 1.0]
    """
    return np.concatenate([p if isinstance(p, np.ndarray) else np.zeros(round(p * sr)) for p in pieces])


def mix(into: np.ndarray, sound: np.ndarray, *, start: int, gain: float = 1.0) -> None:
    """Add a sound into a longer one, in place; what would lie outside is left out.

    Parameters
    ----------
    into, sound : np.ndarray, shape=(n_samples,)
    start : int, samples
        May be negative: the sound has begun before.
    gain : float
    """
    first, last = max(0, start), min(len(into), start + len(sound))
    if last > first:
        into[first:last] += gain * sound[first - start:last - start]
