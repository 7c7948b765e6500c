"""What sets a patch vibrating: tones, pulses, noise, impulses, clicks, all before any filter.

Used by :mod:`helpers.synth.patches`. Sound is computed in float32, in which a
sine costs a tenth; only phases are counted in float64.
"""

import math

import numpy as np
from scipy.signal import lfilter

from helpers.synth.keys import Draws
from helpers.synth.patch_parts import TAU, Canvas, Events, Knobs, stretch
from helpers.synth.sources import HIGHEST, unit

EXCITATIONS = {
    "vocal": ("tone",), "engine": ("pulses",), "hiss": ("noise",), "crackle": ("impulses",), "tick": ("clicks",),
    "modal": ("clicks",), "chirp": ("tone",), "swell": ("noise",), "scrape": ("noise",), "blip": ("tone",),
    "free": ("tone", "tone", "noise", "impulses", "clicks", "pulses", "fm"),
}
"""Which excitations a family has to choose from."""
PITCHES = {"vocal": (90, 1000), "engine": (9, 220), "chirp": (900, 6000), "blip": (300, 4500)}
"""Range of the pitch in Hz; others 30 to 3000."""


def excite(knobs: Knobs, family: str, *, excitation: str, canvas: Canvas, events: Events) -> np.ndarray:
    """Make the raw sound of a layer.

    Parameters
    ----------
    knobs : Knobs
    family : str
    excitation : {"tone", "fm", "pulses", "noise", "impulses", "clicks"}
    canvas : Canvas
    events : Events

    Returns
    -------
    np.ndarray of float32, shape=(canvas.size,)
        At any level.
    """
    if excitation == "noise":
        return _noise(knobs, canvas=canvas)
    if excitation == "impulses":
        return _impulses(knobs, canvas=canvas, events=events)
    if excitation == "clicks":
        return _clicks(knobs, canvas=canvas, events=events)
    pitch = _pitch(knobs, family, canvas=canvas, events=events)
    count = canvas.count(pitch, start=knobs.take.uniform(0, 1))
    if excitation == "pulses":
        return _pulses(knobs, canvas=canvas, count=count)
    if excitation == "fm":
        index, ratio = knobs.log_uniform(0.2, 8), knobs.choice((0.5, 1, 1.41, 2, 3.7, 7.1))
        return np.sin(_angle(canvas, count) + np.float32(index) * np.sin(_angle(canvas, count * ratio) + 1))
    return _tone(knobs, family, canvas=canvas, count=count, pitch=pitch)


def white(draws: Draws, n_samples: int) -> np.ndarray:
    """Draw white noise as float32, with a root mean square of 1.

    Each draw has 53 random bits and float32 room for 24, so one draw does for two samples.
    """
    half = -(-n_samples // 2)
    numbers = draws.numbers(half)
    sound = np.empty(2 * half, dtype=np.float32)
    sound[:half] = numbers
    numbers *= 2 ** 26
    sound[half:] = numbers - np.floor(numbers)
    sound -= np.float32(0.5)
    sound *= np.float32(math.sqrt(12))
    return sound[:n_samples]


def _angle(canvas: Canvas, count: np.ndarray) -> np.ndarray:
    return canvas.cycles(count)[1] * np.float32(TAU)


def _pitch(knobs: Knobs, family: str, *, canvas: Canvas, events: Events) -> np.ndarray:
    """Draw a pitch in Hz on the coarse grid: a contour over each event, vibrato, roughness, two tones in turn."""
    turns = [knobs.uniform(-1, 1) for _ in range(4)]
    octaves = knobs.choice((0, 0.1, 0.4, 1.0, 1.6) if family in ("vocal", "chirp", "free") else (0, 0.05, 0.3))
    pitch = math.log2(knobs.log_uniform(*PITCHES.get(family, (30, 3000))))
    pitch = pitch + octaves * np.interp(events.progress(canvas), (0, 0.33, 0.66, 1), turns)
    depth, rate = knobs.choice((0, 0.005, 0.02, 0.06)), knobs.uniform(3, 14)
    pitch += depth * np.sin(TAU * rate * canvas.time)
    pitch += knobs.log_uniform(0.001, 0.08) * canvas.drift(knobs.take, knobs.log_uniform(4, 200))
    if events.pattern == "alternating":
        pitch += events.index % 2 * knobs.choice((0, 0.17, 0.33, 0.5))
    return np.minimum(2 ** pitch, HIGHEST * canvas.sr)


def _tone(knobs: Knobs, family: str, *, canvas: Canvas, count: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Make a tone with harmonics that fall off evenly, perhaps rough, perhaps breathy."""
    if family == "chirp":
        brightness = np.full_like(pitch, knobs.uniform(0, 0.3))
    else:                                # the higher the tone, the fewer harmonics, or they would fold back
        brightness = np.minimum(knobs.uniform(0, 0.97), 10 ** (-1.5 * pitch / (HIGHEST * canvas.sr)))
    angle, fall = _angle(canvas, count), canvas.fill(brightness)
    # r sin(x) + r² sin(2 x) + r³ sin(3 x) + ... in closed form, over r
    sound = np.sin(angle) / (1 - 2 * fall * np.cos(angle) + fall * fall)
    rough, octave_below = knobs.uniform(0, 1) ** 2, knobs.chance(0.5)
    if octave_below:
        sound *= 1 + np.float32(rough) * np.sin(_angle(canvas, count / 2) + np.float32(0.3))
    sound *= 1 + canvas.fill(0.7 * rough * (2 * knobs.take.numbers(len(pitch)) - 1))
    breath, strength = knobs.choice((0, 0, 0.1, 0.4, 1.0)), knobs.uniform(0.3, 1)
    if breath:
        sound = unit(sound) + np.float32(breath * strength) * white(knobs.take, canvas.size)
    return sound


def _pulses(knobs: Knobs, *, canvas: Canvas, count: np.ndarray) -> np.ndarray:
    """Make a train of sudden, dying pushes of uneven strength, and noise that comes with each."""
    which, position = canvas.cycles(count)
    uneven, sharp = knobs.uniform(0, 0.9), knobs.log_uniform(2, 25)
    strengths = 1 + uneven * (2 * knobs.take.numbers(int(which[-1]) + 1) - 1)
    sound = np.exp(position * np.float32(-sharp)) * strengths.astype(np.float32)[which]
    sound -= sound.mean()
    hiss, sharp = knobs.log_uniform(0.02, 1.5), knobs.uniform(2, 8)
    gusts = np.float32(0.4) + np.exp(position * np.float32(-sharp))
    return sound + np.float32(hiss) * gusts * white(knobs.take, canvas.size)


def _noise(knobs: Knobs, *, canvas: Canvas) -> np.ndarray:
    """Make white noise, perhaps grainy."""
    sound = white(knobs.take, canvas.size)
    if knobs.chance(0.3):
        step = 4                         # grains may be as short as half a millisecond: a finer grid than STEP
        rate, power = knobs.log_uniform(20, 2000), knobs.uniform(0.5, 3)
        time = np.arange(-(-canvas.size // step) + 1) * (step * rate / canvas.sr)
        n_points = int(time[-1]) + 3
        track = np.interp(time + knobs.take.uniform(0, 1), np.arange(n_points), 2 * knobs.take.numbers(n_points) - 1)
        sound *= stretch(np.abs(track) ** power, canvas.size, step=step)
    return sound


def _impulses(knobs: Knobs, *, canvas: Canvas, events: Events) -> np.ndarray:
    """Make a shower of impulses of very different strength, perhaps short bursts of noise, perhaps over a hiss."""
    take, rate, contrast = knobs.take, knobs.log_uniform(3, 600), knobs.uniform(1, 6)
    places = (take.arrivals(rate, canvas.duration) * canvas.sr).astype(np.int64)
    strengths = take.numbers(len(places)) ** contrast * np.where(take.numbers(len(places)) < 0.5, -1, 1)
    # one more at the start of each event, or a short event might stay empty
    first, loudness = events.samples(canvas)
    sound = np.bincount(np.append(places, first), np.append(strengths, loudness), canvas.size)[:canvas.size]
    sound = sound.astype(np.float32)
    if knobs.chance(0.6):
        width, noisy = knobs.log_uniform(0.0003, 0.01), knobs.chance(0.6)
        sound = _ring_out(sound, width=width, sr=canvas.sr)
        if noisy:
            sound *= white(take, canvas.size)
    if knobs.chance(0.7):
        sound = unit(sound) + np.float32(knobs.log_uniform(0.02, 0.7)) * white(take, canvas.size)
    return sound


def _clicks(knobs: Knobs, *, canvas: Canvas, events: Events) -> np.ndarray:
    """Make a click at each event, perhaps in two or three parts: an impulse and a short burst of noise."""
    width, n_echoes = knobs.log_uniform(0.0002, 0.012), knobs.choice((0, 0, 1, 2))
    places, strengths = events.samples(canvas)
    if events.continuous:
        places, strengths = (knobs.take.numbers(4) * canvas.size).astype(np.int64), np.ones(4)
    sound = np.bincount(places, strengths, canvas.size).astype(np.float32)
    for _ in range(n_echoes):
        later, gain = int(canvas.sr * knobs.log_uniform(0.003, 0.06)), np.float32(knobs.uniform(0.2, 0.9))
        sound[later:] += gain * sound[:-later]
    return _ring_out(sound, width=width, sr=canvas.sr) * white(knobs.take, canvas.size) + 2 * sound


def _ring_out(sound: np.ndarray, *, width: float, sr: int) -> np.ndarray:
    """Let every impulse die away within ``width`` seconds (to 37 per cent)."""
    keep = np.float32(math.exp(-1 / (width * sr)))
    # the trace of a constant keeps what dies away out of the numbers so small that processors slow down
    return lfilter(np.ones(1, np.float32), np.array([1, -keep], np.float32), sound + np.float32(1e-20))
