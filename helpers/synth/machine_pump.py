"""A pump: water that rushes and gurgles, vanes that whine, a motor that hums.

Its faults are fainter than the factories of seeds 10 to 12 asked for (see
:mod:`~helpers.synth.machines`): in that of seed 0 they had come out too plain.
"""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import seconds, wander
from helpers.synth.filters import band
from helpers.synth.keys import Draws
from helpers.synth.machine_parts import Machine, State, housed, housing, knocks, modes, period, unsteady
from helpers.synth.sources import noise, phase_of, scatter, tone, unit, wave


def traits(draws: Draws) -> SimpleNamespace:
    """Draw a pump: its speed, its vanes, its pipes, how much it gurgles."""
    vanes = draws.choice([5, 6, 7])
    turn = [0.6] + [0.0] * (4 * vanes - 1)   # one period of the shaft: itself, and four harmonics of the vanes
    for order, gain in enumerate((1, 0.5, 0.3, 0.15), start=1):
        turn[order * vanes - 1] = gain
    return SimpleNamespace(
        rotation=draws.choice([24.2, 24.6, 48.4, 48.9]) * draws.uniform(0.99, 1.01), turn=period(turn),
        flow=draws.uniform(0.6, 1.2), low=draws.log_uniform(120, 350), high=draws.log_uniform(900, 3000),
        whine=draws.uniform(0.2, 0.8), hum=draws.uniform(0.2, 0.7), gurgles=draws.log_uniform(3, 15),
        gurgle=draws.uniform(0.05, 0.25), modes=modes(draws, 4, low=150, high=2500, widths=(40, 200)))


def run(pump: SimpleNamespace, state: State, n: int, sr: int) -> np.ndarray:
    """Pump: more or less water, now and then a bubble."""
    take, trouble, fault, severity = state.take, state.trouble, state.fault, state.severity
    work = take.uniform(0.75, 1.1) * state.load
    rotation = pump.rotation * (1 - 0.012 * work) * unsteady(take, n, sr=sr, every=1.0, depth=0.002)
    rotation *= state.load
    flow, surge = pump.flow * work, 0.0
    if fault == "clogging":
        flow *= 0.94 - 0.3 * severity
        surge = 0.06 + 0.35 * severity
        rotation *= 0.995 - 0.01 * severity
    pipe, case = band(pump.low, pump.high), housing(pump.modes, sr=sr)
    water = noise(take, n, sr=sr, curve=lambda hz: pipe(hz) * case(hz))
    swell = wander(take, n, sr=sr, every=0.15, depth_db=1.5)
    if surge:
        swell *= 1 + surge * tone(phase_of(
            trouble.uniform(0.6, 1.6) * unsteady(trouble, n, sr=sr, every=0.8, depth=0.3), sr=sr))
    sound = flow * water * swell
    turns = phase_of(rotation, sr=sr, start=take.uniform(0, 1))
    sound += pump.whine * unit(housed(wave(turns, pump.turn), pump.modes, sr=sr))
    sound += pump.hum * tone(100 * seconds(n, sr))
    sound += pump.gurgle * unit(_bubbles(take, n, sr=sr, rate=pump.gurgles))
    if fault == "leak":
        hiss = noise(trouble, n, sr=sr, curve=band(2500, 7000))
        sound += (0.015 + 0.08 * severity) * hiss * wander(trouble, n, sr=sr, every=0.1, depth_db=3)
    elif fault in ("contamination", "cavitation", "bearing"):
        strength = 0.03 + 0.13 * severity if fault == "contamination" else 0.02 + 0.09 * severity
        sound += strength * _damage(pump, trouble, n, sr=sr, fault=fault, severity=severity)
    return sound


def _damage(pump: SimpleNamespace, trouble: Draws, n: int, *, sr: int, fault: str, severity: float) -> np.ndarray:
    """Make the sound that a fault adds: grit against the housing, bursting bubbles, a worn bearing."""
    if fault == "contamination":
        starts = (trouble.arrivals(trouble.log_uniform(1.0, 5), n / sr) * sr).astype(int)
        hits = np.zeros(n)
        hits[starts] = 0.3 + 0.7 * trouble.numbers(len(starts))
        higher = [(1.6 * centre, bandwidth, gain) for centre, bandwidth, gain in pump.modes]
        return unit(housed(hits, higher, sr=sr))
    if fault == "cavitation":
        starts = (trouble.arrivals(120 + 200 * severity, n / sr) * sr).astype(int)
        length = int(0.006 * sr)
        grains = np.exp(-seconds(length, sr) / 0.001) * trouble.white(len(starts) * length).reshape(-1, length)
        crackle = scatter(n, starts, trouble.numbers(len(starts))[:, None] ** 2 * grains)
        return unit(crackle) * wander(trouble, n, sr=sr, every=0.25, depth_db=6)
    return unit(knocks(trouble, n, sr=sr, rate=3.1 * pump.rotation, jitter=0.02, hz=3400, decay=0.002))


def _bubbles(take: Draws, n: int, *, sr: int, rate: float) -> np.ndarray:
    """Let bubbles rise: each a short tone that climbs."""
    starts = (take.arrivals(rate, n / sr) * sr).astype(int)
    time = seconds(int(0.03 * sr), sr)
    pitches = 400 * (1500 / 400) ** take.numbers(len(starts))
    grains = np.exp(-time / 0.006) * tone(pitches[:, None] * time * (1 + 4 * time))
    return scatter(n, starts, take.numbers(len(starts))[:, None] * grains)


PUMP = Machine(traits, run, ("leak", "contamination", "clogging", "cavitation", "bearing"), snr_db=(4.0, 10.0))
