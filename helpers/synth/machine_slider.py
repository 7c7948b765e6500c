"""A slider: a carriage that runs to and fro on a rail, and stops at both ends."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import amplitude, mix, wander
from helpers.synth.filters import slope
from helpers.synth.keys import Draws
from helpers.synth.machine_parts import Machine, State, housed, housing, knocks, modes, period, unsteady
from helpers.synth.sources import noise, phase_of, ring, tone, wave


def traits(draws: Draws) -> SimpleNamespace:
    """Draw a slider: how long a stroke takes, the teeth of its belt, how it rolls and how it stops."""
    return SimpleNamespace(
        stroke=draws.uniform(0.7, 1.5), pause=draws.uniform(0.08, 0.35), ramp=draws.uniform(0.12, 0.3),
        back=draws.uniform(0.85, 1.0), teeth=draws.log_uniform(260, 700),
        tooth=period([draws.uniform(0.2, 1) / order for order in range(1, 6)]), whine=draws.uniform(0.15, 0.5),
        high=draws.log_uniform(800, 3500), modes=modes(draws, 3, low=200, high=3000, widths=(60, 300)),
        stop=draws.uniform(0.3, 1.0), stop_hz=draws.log_uniform(120, 500), idle=draws.uniform(0.02, 0.06),
        spot=draws.uniform(0.25, 0.75))


def run(slider: SimpleNamespace, state: State, n: int, sr: int) -> np.ndarray:
    """Run to and fro: the rollers rush, the belt whines, each stop is a thud."""
    take, trouble, fault, severity = state.take, state.trouble, state.fault, state.severity
    speed, ends, crossings = _strokes(slider, state, n, sr)
    pitch = slider.teeth * speed
    if fault == "loose_belt":
        shake = phase_of(trouble.uniform(7, 13) * unsteady(trouble, n, sr=sr, every=0.3, depth=0.3), sr=sr)
        pitch = pitch * (1 + (0.03 + 0.06 * severity) * tone(shake))
    rollers, case = slope(0.6, low=80, high=slider.high), housing(slider.modes, sr=sr)
    rolling = noise(take, n, sr=sr, curve=lambda hz: rollers(hz) * case(hz))
    sound = rolling * speed ** 1.3 * wander(take, n, sr=sr, every=0.1, depth_db=1.5)
    sound += slider.whine * housed(wave(phase_of(pitch, sr=sr), slider.tooth), slider.modes, sr=sr) * speed
    for end in ends:
        thud = ring(int(0.15 * sr), sr=sr, frequencies=[slider.stop_hz * factor for factor in (1, 2.3, 5.1)],
                    decays=[0.03, 0.015, 0.006], gains=[1, 0.6, 0.4], draws=take)
        mix(sound, thud, start=int(end * sr), gain=slider.stop * take.uniform(1.2, 2.0))
    sound += slider.idle * noise(take, n, sr=sr, curve=slope(1.0, low=60, high=3000))
    if fault == "rail_damage":
        for time in crossings:
            bump = ring(int(0.06 * sr), sr=sr, frequencies=[1400, 3100, 4700], decays=[0.006, 0.004, 0.003],
                        gains=[1, 0.8, 0.5], draws=trouble)
            mix(sound, bump, start=int(time * sr), gain=(0.5 + 1.6 * severity) * trouble.uniform(0.6, 1.2))
    elif fault == "no_grease":
        squeal = trouble.log_uniform(1500, 3800) * (0.9 + 0.1 * speed)
        squeal = tone(phase_of(squeal * unsteady(trouble, n, sr=sr, every=0.05, depth=0.01), sr=sr))
        grip = np.clip(amplitude(-9) * wander(trouble, n, sr=sr, every=0.035, depth_db=16), 0, 1.4)
        sound += (0.06 + 0.28 * severity) * squeal * grip * speed
    elif fault == "bearing":
        sound += 3 * (0.08 + 0.25 * severity) * knocks(trouble, n, sr=sr, rate=38, jitter=0.08, hz=3000, decay=0.003,
                                                       level=speed)
    elif fault == "loose_belt":
        sound += (0.4 + severity) * knocks(trouble, n, sr=sr, rate=10, jitter=0.2, hz=350, decay=0.015, chance=0.6,
                                           level=speed)
    return sound


def _strokes(slider: SimpleNamespace, state: State, n: int, sr: int) -> tuple[np.ndarray, list[float], list[float]]:
    """Move: the speed at every sample, when each stroke ends, and when it passes the spot where a rail may be worn."""
    take, speed = state.take, np.zeros(n)
    faster, wait = take.uniform(0.93, 1.07) * state.load, take.log_uniform(0.5, 4)
    if state.fault == "voltage":
        faster *= state.trouble.choice([0.80 - 0.12 * state.severity, 1.22 + 0.15 * state.severity])
    ends, crossings, time, forward = [], [], take.uniform(-1.0, 0), True
    while time < n / sr:
        lasts = slider.stroke / faster * take.log_uniform(0.85, 1.2) / (1 if forward else slider.back)
        length = int(lasts * sr)
        ramp = np.minimum(np.arange(length), length - np.arange(length)) / (slider.ramp * sr)
        mix(speed, np.minimum(1, ramp) * (slider.stroke / lasts), start=int(time * sr))
        crossings.append(time + lasts * (slider.spot if forward else 1 - slider.spot))
        ends.append(time + lasts)
        time, forward = time + lasts + slider.pause * take.uniform(0.7, 1.3) * wait, not forward
    return speed, ends, crossings


SLIDER = Machine(traits, run, ("rail_damage", "loose_belt", "no_grease", "bearing", "voltage"))
