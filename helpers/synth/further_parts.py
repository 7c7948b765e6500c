"""Parts that many of the further sounds share: moving mouths, rough voices, struck bodies, showers of grains."""

from collections.abc import Sequence

import numpy as np

from helpers.synth.envelopes import seconds, stretch
from helpers.synth.filters import Curve
from helpers.synth.keys import Draws
from helpers.synth.sources import TAU, harmonics, noise, ring, scatter


def mouth(path: Sequence[tuple[float, Sequence[float]]], *, scale: float = 1.0, tilt_db: float = -6.0,
          focus: float = 0.2) -> Curve:
    """Make the curve of a mouth that moves from vowel to vowel, for ``harmonics`` only.

    Parameters
    ----------
    path : sequence of (position, resonances)
        Positions rise from 0 (first sample) to 1 (end); each vowel gives the
        same number of resonances, in Hz, the strongest first.
    scale : float
        Multiplies the resonances: above 1 is a smaller throat.
    tilt_db : float, dB an octave
        Fall (negative) or rise of the whole; 0 dB at 500 Hz.
    focus : float
        Bandwidth of a resonance as part of its centre.

    Returns
    -------
    curve : callable
        Of frequencies of shape (n_harmonics, n_points); the last axis is time.
    """
    positions = [position for position, _ in path]
    tracks = list(zip(*(resonances for _, resonances in path), strict=True))

    def curve(hz: np.ndarray) -> np.ndarray:
        place = np.linspace(0, 1, hz.shape[-1])
        gains = np.full_like(hz, 0.02)
        for order, track in enumerate(tracks):
            centre = scale * np.interp(place, positions, track)
            gains += 0.7 ** order / np.sqrt(1 + ((hz - centre) / (focus * centre / 2 + 30)) ** 2)
        return gains * (np.maximum(hz, 20.0) / 500) ** (tilt_db / 6.02)
    return curve


def hoarse(draws: Draws, pitch: np.ndarray, *, sr: int, curve: Curve, count: int, rough: float = 0.0) -> np.ndarray:
    """Make a voice whose pitch shivers: 0 is pure, 1 a caw or a growl.

    Parameters
    ----------
    draws : Draws
    pitch : np.ndarray, shape=(n_samples,), Hz
    sr : int, Hz
    curve : callable
        Gain over frequency, see :mod:`helpers.synth.filters`, or ``mouth``.
    count : int
        Number of harmonics at most.
    rough : float, range 0 to 1

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        With a root mean square of 1.
    """
    step = max(8, int(0.003 * sr))
    shiver = stretch(draws.white(-(-len(pitch) // step) + 2), len(pitch), step=step)
    return harmonics(pitch * np.maximum(1 + 0.06 * rough * shiver, 0.5), sr=sr, curve=curve, count=count)


def puff(draws: Draws, length: float, *, sr: int, curve: Curve, peak: float = 0.3, sharp: float = 1.0) -> np.ndarray:
    """Make a breath of noise that rises and falls.

    Parameters
    ----------
    draws : Draws
    length : float, seconds
    sr : int, Hz
    curve : callable
    peak : float, range 0 to 1
        Where in the breath it is strongest.
    sharp : float
        Above 1 it is pointed, below 1 it holds.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    n = max(8, int(length * sr))
    place = np.arange(n) / n
    rise = np.minimum(place / max(peak, 1e-3), (1 - place) / (1 - peak))
    return noise(draws, n, sr=sr, curve=curve) * np.sin(rise * np.pi / 2) ** sharp


def struck(draws: Draws, length: float, *, sr: int, tones: Sequence[float], decays: Sequence[float],
           gains: Sequence[float], scrape: float = 0.0, scrape_decay: float = 0.004) -> np.ndarray:
    """Make one blow: a body that rings, and the noise of the touch.

    Parameters
    ----------
    draws : Draws
    length : float, seconds
    sr : int, Hz
    tones, decays, gains : sequences of float
        Hz, seconds to 37 per cent, and strength of each tone.
    scrape, scrape_decay : float
        Strength of the noise; seconds in which it falls to 37 per cent.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    n = max(16, int(length * sr))
    blow = ring(n, sr=sr, frequencies=tones, decays=decays, gains=gains, draws=draws)
    if scrape:
        blow += scrape * draws.white(n) * np.exp(-seconds(n, sr) / scrape_decay)
    return blow * np.minimum(1.0, np.arange(n)[::-1] / (0.2 * n))


def bubbles(draws: Draws, kinds: int, *, sr: int, low: float, high: float, decay: float, rise: float) -> np.ndarray:
    """Make bubbles or drops: tones that die away while their pitch rises.

    Parameters
    ----------
    draws : Draws
    kinds : int
        How many different ones.
    sr : int, Hz
    low, high : float, Hz
        Lowest and highest pitch.
    decay : float, seconds
        Time to 37 per cent; small bubbles are shorter.
    rise : float
        How fast the pitch rises, in its own multiples in ten decays.

    Returns
    -------
    np.ndarray, shape=(kinds, n_samples)
    """
    places = draws.numbers(kinds)[:, None]
    pitches = np.minimum(low * (high / low) ** places, 0.4 * sr)
    decays = decay * (low / pitches) ** 0.3 * (0.6 + 0.8 * draws.numbers(kinds)[:, None])
    time = seconds(int(6 * decay * sr) + 8, sr)
    rises = rise * draws.numbers(kinds)[:, None] / (10 * decays)
    hull = np.minimum(1, time / 0.0008) * np.exp(-time / decays)
    return hull * np.sin(TAU * pitches * time * np.minimum(1 + rises * time, 1.8))


def steady(draws: Draws, duration: float, *, every: float, spread: float) -> np.ndarray:
    """Draw the times of events that come again and again, some late and some early.

    Parameters
    ----------
    draws : Draws
    duration, every : float, seconds
    spread : float, range 0 to 1
        How much one pause differs from the next.

    Returns
    -------
    times : np.ndarray, seconds, rising, from 0 to ``duration``
    """
    count = int(duration / every / max(1 - spread, 0.05)) + 2
    steps = every * (1 + spread * (2 * draws.numbers(count) - 1))
    times = np.cumsum(steps) - steps[0] * draws.uniform(0, 1)
    return times[times < duration]


def sprinkle(draws: Draws, n_samples: int, *, sr: int, times: np.ndarray, kinds: np.ndarray,
             uneven: float = 1.0) -> np.ndarray:
    """Let one of several short sounds happen at each time, each with a strength of its own.

    Parameters
    ----------
    draws : Draws
    n_samples : int
    sr : int, Hz
    times : np.ndarray, seconds
        Those outside the sound are left out.
    kinds : np.ndarray, shape=(n_kinds, grain_samples)
    uneven : float
        0 makes all equally strong, 4 only few strong.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    starts = (times[(times >= 0) & (times < n_samples / sr)] * sr).astype(np.int64)
    which = (draws.numbers(len(starts)) * len(kinds)).astype(np.int64)
    return scatter(n_samples, starts, kinds[which] * draws.numbers(len(starts))[:, None] ** uneven)
