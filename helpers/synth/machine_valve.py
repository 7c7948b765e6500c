"""A valve: it opens and closes with a click, air puffs, and there is silence between."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import mix, seconds, swell, wander
from helpers.synth.filters import band, resonate, slope
from helpers.synth.keys import Draws
from helpers.synth.machine_parts import Machine, State
from helpers.synth.sources import noise, ring, tone, unit

CLICK = 0.12
"""Seconds after which a click is over."""


def traits(draws: Draws) -> SimpleNamespace:
    """Draw a valve: how often it moves, how it rings when it opens and when it closes, how it puffs."""
    return SimpleNamespace(
        every=draws.uniform(0.55, 1.3), duty=draws.uniform(0.3, 0.6),
        tones=[draws.log_uniform(700, 5500) for _ in range(4)], decays=[draws.log_uniform(0.002, 0.014)
                                                                        for _ in range(4)],
        gains=[draws.uniform(0.4, 1) for _ in range(4)], close=draws.uniform(0.5, 0.95),
        lower=draws.uniform(0.7, 0.95), puff=draws.uniform(0.05, 0.35), puff_hz=draws.log_uniform(1500, 5000),
        puff_decay=draws.uniform(0.03, 0.15), idle=draws.uniform(0.01, 0.04),
        pattern=[draws.choice([1, 1, 1, 2]) for _ in range(4)])


def run(valve: SimpleNamespace, state: State, n: int, sr: int) -> np.ndarray:
    """Open and close, as often as the line asks for."""
    take = state.take
    sound = valve.idle * (noise(take, n, sr=sr, curve=slope(1.0, low=60, high=3000)) + 0.5 * tone(100 * seconds(n, sr)))
    time, move = take.uniform(-0.3, valve.every), take.integer(0, 3)
    asked = take.log_uniform(0.6, 1.7) * state.load
    while time < n / sr:
        every = valve.every / valve.pattern[move % 4] / asked * take.uniform(0.88, 1.12)
        _move(sound, valve, state, time, every=every, sr=sr)
        time, move = time + every, move + 1
    return sound


def _move(sound: np.ndarray, valve: SimpleNamespace, state: State, time: float, *, every: float, sr: int) -> None:
    """Add one opening and closing, in place; a fault comes and goes."""
    take, trouble, fault, severity = state.take, state.trouble, state.fault, state.severity
    hit = bool(fault) and trouble.chance(0.45 + 0.35 * severity)
    open_gain, close_gain = take.uniform(0.5, 1.0), valve.close * take.uniform(0.55, 1.0)
    pitch, late = take.uniform(0.97, 1.03), 0.0
    closes = time + valve.duty * every
    if hit and fault == "voltage":
        open_gain, close_gain = open_gain * (0.85 - 0.3 * severity), 0.85 * close_gain
        pitch, late = pitch - 0.04 - 0.08 * severity, 0.01 + 0.03 * severity
    elif hit and fault == "sticking":       # the plunger drags: it scrapes before a duller stop
        length = int((0.02 + 0.05 * severity) * sr)
        scrape = resonate(trouble.white(length), sr=sr, centre=0.8 * valve.tones[0], bandwidth=900)
        scrape *= np.linspace(0.2, 1, length)
        mix(sound, unit(scrape), start=int(closes * sr) - length, gain=0.1 + 0.25 * severity)
        close_gain *= 0.6
    opening, closing = (
        ring(int(CLICK * sr), sr=sr, frequencies=[pitch * scale * hz for hz in valve.tones], decays=valve.decays,
             gains=gains, draws=take) for scale, gains in ((1.0, valve.gains), (valve.lower, valve.gains[::-1])))
    mix(sound, opening, start=int((time + late) * sr), gain=open_gain)
    mix(sound, closing, start=int((closes + late) * sr), gain=close_gain)
    length = int(max(0.05, valve.duty * every) * sr)
    louder, centre, decay = take.log_uniform(0.4, 2.2), take.log_uniform(0.6, 1.6), take.log_uniform(0.6, 2.5)
    puff = noise(take, length, sr=sr, curve=band(0.5 * centre * valve.puff_hz, 1.5 * centre * valve.puff_hz))
    puff *= np.exp(-seconds(length, sr) / (decay * valve.puff_decay))
    mix(sound, puff, start=int((time + late) * sr), gain=louder * valve.puff)
    if hit:
        _after(sound, closing, state, time, closes=closes, every=every, gain=close_gain, sr=sr)


def _after(sound: np.ndarray, closing: np.ndarray, state: State, time: float, *, closes: float, every: float,
           gain: float, sr: int) -> None:
    """Add what is heard between two moves: a bounce, air that leaks, something loose."""
    trouble, severity = state.trouble, state.severity
    if state.fault == "bounce":
        for again in range(trouble.integer(1, 2)):
            start = closes + (again + 1) * trouble.uniform(0.018, 0.045)
            mix(sound, closing, start=int(start * sr), gain=0.7 ** again * gain * (0.45 + 0.5 * severity))
    elif state.fault == "leak":             # moist air sputters: no frame foretells the next
        length = int(max(0.05, time + every - closes) * sr)
        sputter = np.clip(0.5 * wander(trouble, length, sr=sr, every=0.03, depth_db=14), 0, 1.5)
        hiss = noise(trouble, length, sr=sr, curve=band(2000, 6500)) * swell(length, sr=sr, attack=0.02, release=0.05)
        mix(sound, hiss * sputter, start=int(closes * sr), gain=0.02 + 0.06 * severity)
    elif state.fault == "contamination":
        for _ in range(trouble.integer(1, 3)):
            grit = ring(int(0.03 * sr), sr=sr, frequencies=[trouble.log_uniform(1500, 6000)], decays=[0.003],
                        gains=[1.0], draws=trouble)
            mix(sound, grit, start=int((time + trouble.uniform(0, every)) * sr), gain=0.14 + 0.5 * severity)


VALVE = Machine(traits, run, ("sticking", "leak", "voltage", "bounce", "contamination"), snr_db=(2.0, 10.0))
