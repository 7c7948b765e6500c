"""The colour of a sound: response curves over frequency, and a few cheap filters.

A *curve* is a function from frequencies in Hz to gains. Curves shape noise and
harmonics, and they multiply: ``lambda hz: a(hz) * b(hz)``.
"""

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.signal import lfilter

from helpers.synth.envelopes import stretch

Curve = Callable[[np.ndarray], np.ndarray]
GRID_HZ = 16
"""Curves are computed at steps of about this many Hz and are straight between."""


@functools.lru_cache(1024)
def fast_length(n_samples: int) -> int:
    """Smallest even length from ``n_samples`` up whose Fourier transform is fast (no prime factor above 5).

    Our own, because scipy's choice may change between versions, and with it the noise.

    Examples
    --------
    >>> fast_length(64000), fast_length(64001)
    (64000, 64800)
    """
    best = 2 ** max(1, math.ceil(math.log2(max(n_samples, 2))))
    five = 1
    while five < best:
        three = five
        while three < best:
            twos = max(2, 2 ** max(0, (-(-n_samples // three) - 1).bit_length()))
            best = min(best, three * twos)
            three *= 3
        five *= 5
    return best


def response(curve: Curve, *, size: int, sr: int) -> np.ndarray:
    """Compute a curve for every bin of a real Fourier transform.

    Parameters
    ----------
    curve : callable
    size : int
        Length of the transform, even.
    sr : int, Hz

    Returns
    -------
    gains : np.ndarray, shape=(size // 2 + 1,)
    """
    bins = size // 2 + 1
    step = max(1, round(GRID_HZ * size / sr))
    hz = np.arange(-(-bins // step) + 1) * (step * sr / size)
    return stretch(curve(np.maximum(hz, 10.0)), bins, step=step)


def slope(power: float, *, low: float = 30.0, high: float | None = None) -> Curve:
    """Make a spectrum that falls with frequency, as most sounds of weather and machines do.

    Parameters
    ----------
    power : float
        The power falls with the frequency to this power: 0 is white, 1 pink, 2 brown.
    low, high : float, Hz
        Below ``low`` and above ``high`` it falls by 12 dB an octave more.

    Returns
    -------
    curve : callable
    """
    def curve(hz: np.ndarray) -> np.ndarray:
        below = (hz / low) ** 2
        gains = (hz / 1000) ** (-power / 2) * below / (1 + below)
        return gains if high is None else gains / np.sqrt(1 + (hz / high) ** 4)
    return curve


def band(low: float, high: float, *, order: int = 2) -> Curve:
    """Make a band from ``low`` to ``high`` Hz with edges of ``6 * order`` dB an octave."""
    def curve(hz: np.ndarray) -> np.ndarray:
        below = (hz / low) ** order
        return below / (1 + below) / np.sqrt(1 + (hz / high) ** (2 * order))
    return curve


def bump(centre: float, width: float) -> Curve:
    """Make a bell-shaped band around ``centre``, of standard deviation ``width``, both in Hz."""
    return lambda hz: np.exp(-0.5 * ((hz - centre) / width) ** 2)


def formants(
    resonances: Sequence[tuple[float, float, float]], *, scale: float = 1.0, tilt_db: float = -6.0
) -> Curve:
    """Make the curve of a throat or horn: resonances on a falling spectrum.

    Parameters
    ----------
    resonances : sequence of (centre, bandwidth, gain)
        Centre and bandwidth in Hz.
    scale : float
        Multiplies the centres: above 1 is a smaller throat.
    tilt_db : float, dB an octave
        Fall (negative) or rise of the whole; 0 dB at 500 Hz.

    Returns
    -------
    curve : callable
    """
    def curve(hz: np.ndarray) -> np.ndarray:
        gains = np.full_like(hz, 0.02)
        for centre, bandwidth, gain in resonances:
            gains += gain / np.sqrt(1 + ((hz - scale * centre) / (bandwidth / 2)) ** 2)
        return gains * (np.maximum(hz, 20.0) / 500) ** (tilt_db / 6.02)
    return curve


def resonate(sound: np.ndarray, *, sr: int, centre: float, bandwidth: float) -> np.ndarray:
    """Let a sound ring at one frequency (a filter of two poles, gain about 1 at ``centre``).

    Parameters
    ----------
    sound : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    centre, bandwidth : float, Hz

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    radius = math.exp(-math.pi * bandwidth / sr)
    angle = 2 * math.pi * min(centre, 0.45 * sr) / sr
    gain = (1 - radius) * math.sqrt(1 - 2 * radius * math.cos(2 * angle) + radius * radius)
    return lfilter([gain], [1, -2 * radius * math.cos(angle), radius * radius], sound)


def lowpass(sound: np.ndarray, *, sr: int, corner: float) -> np.ndarray:
    """Dull a sound above ``corner`` Hz, by 6 dB an octave."""
    keep = math.exp(-2 * math.pi * min(corner, 0.45 * sr) / sr)
    return lfilter([1 - keep], [1, -keep], sound)
