"""A fan: air that rushes past blades, their tone, a motor that hums."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import seconds, wander
from helpers.synth.filters import slope
from helpers.synth.keys import Draws
from helpers.synth.machine_parts import Machine, State, housed, knocks, modes, period, unsteady
from helpers.synth.sources import noise, phase_of, tone, unit, wave


def traits(draws: Draws) -> SimpleNamespace:
    """Draw a fan: its speeds, its blades, how much is tone and how much is air."""
    return SimpleNamespace(
        rotation=draws.uniform(16, 30), blades=draws.choice([5, 6, 7, 9]),
        blade=period([draws.uniform(0.2, 1) / order ** 0.8 for order in range(1, 7)]),
        power=draws.uniform(0.4, 1.3), high=draws.log_uniform(1200, 4500), depth=draws.uniform(0.1, 0.4),
        hum=draws.uniform(0.05, 0.4), tonal=draws.uniform(0.2, 0.7),
        modes=modes(draws, 3, low=200, high=3000, widths=(60, 300)),
        speeds=(1.0, draws.uniform(0.86, 0.93), draws.uniform(1.06, 1.12)))


def run(fan: SimpleNamespace, state: State, n: int, sr: int) -> np.ndarray:
    """Blow: at one of three speeds, never quite steady."""
    take, fault, severity = state.take, state.fault, state.severity
    speed = take.choice(fan.speeds) * take.uniform(0.99, 1.01) * state.load
    power, tonal = fan.power, fan.tonal
    if fault == "voltage":
        speed *= state.trouble.choice([0.93 - 0.10 * severity, 1.07 + 0.08 * severity])
    elif fault == "clogging":
        speed *= 0.98 - 0.03 * severity
        power, tonal = power + 0.04 + 0.22 * severity, 0.9 * tonal
    turns = phase_of(fan.rotation * speed * unsteady(take, n, sr=sr, every=1.5, depth=0.006), sr=sr,
                     start=take.uniform(0, 1))
    blades = fan.blades * turns
    dull = 1 - 0.4 * (power - fan.power)
    air = noise(take, n, sr=sr, curve=slope(power, low=40, high=fan.high * speed ** 1.5 * dull))
    air *= (1 + fan.depth * tone(blades)) * wander(take, n, sr=sr, every=0.8, depth_db=0.8)
    sound = unit(housed(air, fan.modes, sr=sr))
    sound += tonal * wave(blades, fan.blade) * wander(take, n, sr=sr, every=1.0, depth_db=1.5)
    sound += 0.5 * fan.hum * tone(100 * seconds(n, sr))
    if fault == "unbalance":
        sound *= 1 + (0.15 + 0.5 * severity) * tone(turns)
        sound += (0.1 + 0.3 * severity) * tone(turns, multiple=2)
    elif fault == "bearing":
        hits = knocks(state.trouble, n, sr=sr, rate=3.58 * fan.rotation * speed, jitter=0.02,
                      hz=2600 + 1800 * fan.depth, decay=0.0025, uneven=0.6)
        sound += (0.03 + 0.13 * severity) * unit(hits)
    elif fault == "rattle":
        hits = knocks(state.trouble, n, sr=sr, rate=fan.rotation * speed, jitter=0.05,
                      hz=1.7 * fan.modes[0][0] + 500, decay=0.008, chance=0.25, uneven=0.8)
        sound += (0.05 + 0.20 * severity) * unit(hits)
    return sound


FAN = Machine(traits, run, ("unbalance", "clogging", "voltage", "bearing", "rattle"), snr_db=(5.0, 11.0))
