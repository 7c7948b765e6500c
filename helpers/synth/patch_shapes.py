"""What shapes a patch: how its filter colours it, how its loudness moves.

Used by :mod:`helpers.synth.patches`.
"""

import functools

import numpy as np

from helpers.synth.filters import GRID_HZ
from helpers.synth.patch_parts import TAU, Canvas, Events, Knobs, stretch

TILTS_DB = {"hiss": (-9, 3), "swell": (-12, 0), "engine": (-9, 0), "vocal": (-9, 0)}
"""Fall (negative) or rise of the spectrum, dB an octave; others -7 to 4."""
N_RESONANCES = {"hiss": (0, 1, 2, 3), "swell": (0, 1, 2, 3), "vocal": (2, 3, 4), "modal": (2, 3, 4), "tick": (2, 3, 4)}
BANDWIDTHS = {"modal": (3, 60), "tick": (40, 600), "crackle": (100, 2500)}
"""Bandwidths of the resonances in Hz; for other families they go with the frequency."""


@functools.lru_cache(8)
def _bin_hz(size: int, sr: int) -> np.ndarray:
    return (np.arange(size // 2 + 1) * (sr / size)).astype(np.float32)


@functools.lru_cache(8)
def _grid_hz(size: int, sr: int, step: int) -> np.ndarray:
    return np.maximum(np.arange(-(-(size // 2 + 1) // step) + 1) * (step * sr / size), 10.0)


def draw_filter(knobs: Knobs, family: str, *, canvas: Canvas) -> np.ndarray:
    """Draw the colour of a layer: a tilt, a few resonances, a low and a high cut.

    Returns
    -------
    gains : np.ndarray of complex64, shape=(canvas.size // 2 + 1,)
        One for every bin of the real Fourier transform; that of 0 Hz is 0.
    """
    tilt = knobs.uniform(*TILTS_DB.get(family, (-7, 4))) / 6.02
    n_resonances = knobs.choice(N_RESONANCES.get(family, (0, 1, 2, 3, 4)))
    hz = _bin_hz(canvas.size, canvas.sr)
    real, imaginary = np.ones_like(hz), np.zeros_like(hz)
    if n_resonances:
        real[:] = knobs.log_uniform(0.005, 0.3)                   # what passes beside the resonances
    for _ in range(n_resonances):
        centre, gain = knobs.log_uniform(120, 7000), knobs.uniform(0.2, 1)
        if family in BANDWIDTHS:
            bandwidth = knobs.log_uniform(*BANDWIDTHS[family])
        else:
            bandwidth = centre * (knobs.uniform(0.08, 0.4) if family == "vocal" else knobs.log_uniform(0.02, 1.2))
        away = hz - np.float32(centre)
        away *= np.float32(2 / bandwidth)
        peak = away * away
        peak += 1
        np.divide(np.float32(gain), peak, out=peak)               # g / (1 + i x) = g / (1 + x²) - i g x / (1 + x²)
        real += peak
        peak *= away
        imaginary -= peak
    low = knobs.log_uniform(20, 1200 if knobs.chance(0.4) else 120)
    high = knobs.log_uniform(900 if knobs.chance(0.4) else 4000, 8000)

    def smooth(hz: np.ndarray) -> np.ndarray:
        below = (hz / low) ** 2
        return (np.maximum(hz, 20) / 1000) ** tilt * below / (1 + below) / np.sqrt(1 + (hz / high) ** 6)

    step = max(1, round(GRID_HZ * canvas.size / canvas.sr))
    level = stretch(smooth(_grid_hz(canvas.size, canvas.sr, step)), len(hz), step=step)
    level[0] = 0
    gains = np.empty(len(hz), dtype=np.complex64)
    gains.real, gains.imag = real * level, imaginary * level
    return gains


def draw_loudness(knobs: Knobs, family: str, *, canvas: Canvas, events: Events, sudden: bool) -> np.ndarray:
    """Draw how loud a layer is over time: envelope of the events, tremolo, slow swell.

    Returns
    -------
    gains : np.ndarray, shape=(n_points,)
        On the coarse grid, 0 or above.
    """
    gains = np.ones(len(canvas.time))
    if not events.continuous and not sudden:
        gains = _envelope(knobs, family, events=events)
    if not sudden and (family == "engine" or knobs.chance(0.3)):
        gains = gains * _tremolo(knobs, canvas=canvas)
    swell_db = knobs.uniform(*{"swell": (6, 24), "hiss": (0, 10)}.get(family, (0, 6)))
    return gains * 10 ** (swell_db / 20 * canvas.drift(knobs.take, knobs.log_uniform(0.3, 4)))


def _envelope(knobs: Knobs, family: str, *, events: Events) -> np.ndarray:
    slowest = 0.15 if family in ("vocal", "scrape", "hiss") else 0.04
    attack = min(knobs.log_uniform(0.002, slowest), 0.5 * events.length)
    if knobs.chance(0.5):                                         # struck: it dies away at once
        decay = events.length * knobs.log_uniform(0.15, 1)
        fall = np.exp(-np.clip((events.since - attack) / decay, 0, 40))
    else:                                                         # held: it stays, then is let go
        release = max(0.005, events.length * knobs.uniform(0.05, 0.6))
        fall = np.clip((events.length - events.since) / release, 0, 1)
    return np.clip(events.since / attack, 0, 1) * fall * events.strengths[events.index]


def _tremolo(knobs: Knobs, *, canvas: Canvas) -> np.ndarray:
    depth, rate, width = knobs.uniform(0, 1), knobs.log_uniform(0.7, 45), knobs.uniform(0.06, 0.3)
    position = (rate * canvas.time + knobs.take.uniform(0, 1)) % 1
    if knobs.chance(0.6):
        beat = np.exp(-0.5 * ((position - 0.5) / width) ** 2)
    else:
        beat = 0.5 + 0.5 * np.sin(TAU * position)
    return 1 - depth + 1.5 * depth * beat
