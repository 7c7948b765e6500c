"""Where sound comes from: noise, strings of harmonics, ringing bodies, showers of grains."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import fft
from scipy.signal import lfilter

from helpers.synth.filters import Curve, fast_length, response
from helpers.synth.keys import Draws

TAU = 2 * math.pi
HIGHEST = 0.46
"""Nothing tonal is made above this part of the sampling rate."""


def rms(sound: np.ndarray) -> float:
    """Root mean square of a sound, never quite 0 so that one may divide by it."""
    return math.sqrt(float(np.mean(sound * sound))) + 1e-12


def unit(sound: np.ndarray) -> np.ndarray:
    """Scale a sound to a root mean square of 1."""
    return sound / rms(sound)


def active_rms(sound: np.ndarray, *, sr: int) -> float:
    """Root mean square over the loud parts: frames of 20 ms within 25 dB of the loudest."""
    frame = min(len(sound), sr // 50)
    n_frames = len(sound) // frame
    power = (sound[:n_frames * frame].reshape(n_frames, frame) ** 2).mean(axis=1)
    return math.sqrt(float(power[power >= power.max() * 10 ** -2.5].mean())) + 1e-12


def noise(draws: Draws, n_samples: int, *, sr: int, curve: Curve) -> np.ndarray:
    """Make noise of a given colour.

    The spectrum is drawn directly and transformed once, which is half the work
    of filtering white noise.

    Parameters
    ----------
    draws : Draws
    n_samples : int
    sr : int, Hz
    curve : callable
        Gain over frequency, see :mod:`helpers.synth.filters`.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        With a root mean square of 1.
    """
    size = fast_length(n_samples)
    spectrum = (draws.numbers(size + 2) - 0.5).view(np.complex128)
    spectrum *= response(curve, size=size, sr=sr)
    spectrum[0] = 0
    return unit(fft.irfft(spectrum, size)[:n_samples])


def phase_of(pitch: np.ndarray, *, sr: int, start: float = 0.0) -> np.ndarray:
    """Count the cycles that a pitch has run through.

    Parameters
    ----------
    pitch : np.ndarray, shape=(n_samples,), Hz
    sr : int, Hz
    start : float, cycles

    Returns
    -------
    cycles : np.ndarray, shape=(n_samples,)
    """
    return np.cumsum(pitch) / sr + start


def harmonics(pitch: np.ndarray, *, sr: int, curve: Curve, count: int, odd: bool = False) -> np.ndarray:
    """Make a voice: a fundamental and its multiples, weighted by a curve.

    Parameters
    ----------
    pitch : np.ndarray, shape=(n_samples,), Hz
        The fundamental at every sample.
    sr : int, Hz
    curve : callable
        Gain over frequency.
    count : int
        Number of harmonics at most; those above the band are left out.
    odd : bool
        Only every other harmonic: a hollow sound.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        With a root mean square of 1.

    Notes
    -----
    sin(k x) = 2 cos(x) sin((k - 1) x) - sin((k - 2) x), so two sines do for all harmonics.
    """
    n_samples, top, step = len(pitch), HIGHEST * sr, 64
    count = max(1, min(count, int(top / pitch.min())))
    pitch = np.append(pitch, np.full(step - n_samples % step, pitch[-1]))
    frequencies = np.arange(1, count + 1)[:, None] * np.append(pitch[::step], pitch[-1])
    gains = curve(frequencies) * np.clip((top - frequencies) / (0.05 * sr), 0, 1)
    loudest = gains.max(axis=1)
    audible = loudest > 0.003 * loudest.max()                   # within 50 dB of the strongest
    count = 1 + int(np.flatnonzero(audible)[-1])

    angle = TAU * phase_of(pitch, sr=sr).reshape(-1, step)      # rows of 64 samples, between which gains are straight
    sine, twice_cosine = np.sin(angle), 2 * np.cos(angle)
    total, before, work = np.zeros_like(sine), np.zeros_like(sine), np.empty_like(sine)
    ramp, rises = np.arange(step) / step, gains[:, 1:] - gains[:, :-1]
    for order in range(1, count + 1):
        if audible[order - 1] and (not odd or order % 2):
            np.multiply(rises[order - 1, :, None], ramp, out=work)
            work += gains[order - 1, :-1, None]
            work *= sine
            total += work
        np.multiply(twice_cosine, sine, out=work)
        work -= before
        before, sine, work = sine, work, before
    return unit(total.ravel()[:n_samples])


def tone(cycles: np.ndarray, *, multiple: float = 1.0) -> np.ndarray:
    """Make a pure tone from a count of cycles, at a multiple of their pitch."""
    return np.sin(TAU * multiple * cycles)


def wave(cycles: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Repeat a wave shape once a cycle.

    Parameters
    ----------
    cycles : np.ndarray, shape=(n_samples,)
        Not below 0.
    shape : np.ndarray, shape=(n_points,)
        One cycle, a power of two of points; between its points it is straight, after the last comes the first.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    position = cycles * len(shape)
    index = position.astype(np.int64)
    position -= index
    index &= len(shape) - 1
    rises = np.append(shape[1:], shape[0]) - shape
    position *= rises[index]
    position += shape[index]
    return position


def firing(cycles: np.ndarray, draws: Draws, *, uneven: float, sharp: float) -> np.ndarray:
    """Make the pressure of an engine: one sudden, dying push a cycle.

    Parameters
    ----------
    cycles : np.ndarray, shape=(n_samples,)
        Rising count of firings.
    draws : Draws
    uneven : float, range 0 to 1
        How much one firing differs from the next.
    sharp : float
        How fast the push dies: 4 is soft, 14 hard.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        Around 0.
    """
    position = np.arange(1024) / 1024
    shape = np.minimum(1.0, position * 24) * np.exp(-position * sharp)
    which = np.floor(cycles).astype(np.int64)
    which -= which[0]
    strength = 1 + uneven * (2 * draws.numbers(int(which[-1]) + 1) - 1)
    push = wave(cycles, shape) * strength[which]
    return push - push.mean()


def ring(n_samples: int, *, sr: int, frequencies: Sequence[float], decays: Sequence[float],
         gains: Sequence[float], draws: Draws) -> np.ndarray:
    """Make the sound of a struck body: dying tones, one for each way it can vibrate.

    Parameters
    ----------
    n_samples : int
    sr : int, Hz
    frequencies, decays, gains : sequences of float
        Hz, seconds to 37 per cent, and strength of each tone.
    draws : Draws
        For the phases.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    impulse = np.zeros(n_samples)
    impulse[0] = 1.0
    total = np.zeros(n_samples)
    for frequency, decay, gain in zip(frequencies, decays, gains, strict=True):
        phase = TAU * draws.uniform(0, 1)
        if frequency < HIGHEST * sr:
            angle, radius = TAU * frequency / sr, math.exp(-1 / (decay * sr))
            start = [gain * math.sin(phase), gain * radius * math.sin(angle - phase)]
            total += lfilter(start, [1, -2 * radius * math.cos(angle), radius * radius], impulse)
    return total * np.minimum(1.0, np.arange(n_samples) / (0.0006 * sr))


def scatter(n_samples: int, starts: np.ndarray, grains: np.ndarray) -> np.ndarray:
    """Drop many short sounds into one.

    Parameters
    ----------
    n_samples : int
    starts : np.ndarray of int, shape=(n_grains,)
        First sample of each grain, 0 or above.
    grains : np.ndarray, shape=(n_grains, grain_samples)

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    if len(starts) == 0:
        return np.zeros(n_samples)
    places = starts[:, None] + np.arange(grains.shape[1])
    return np.bincount(places.ravel(), weights=grains.ravel(), minlength=n_samples)[:n_samples]
