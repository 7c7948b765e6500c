"""What the machines share: how one is described, bodies that ring, speeds that are never quite steady, the hall."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from helpers import checks
from helpers.synth.envelopes import STEP, seconds, stretch, wander
from helpers.synth.filters import Curve, resonate, slope
from helpers.synth.keys import Draws
from helpers.synth.sources import noise, ring, scatter, tone, unit, wave

Modes = Sequence[tuple[float, float, float]]
"""Resonances of a housing: frequency and bandwidth in Hz, gain."""


@dataclass(frozen=True)
class State:
    """How one machine runs during one recording.

    Attributes
    ----------
    take : Draws
        What differs from one recording to the next while all is well.
    trouble : Draws
        What differs in the fault, so that a fault changes nothing else.
    fault : str
        One of the machine's faults, or "".
    severity : float, range 0 to 1
        From faint to plain.
    load : float
        1 in the source domain; how fast or how hard it works.
    """

    take: Draws
    trouble: Draws
    fault: str
    severity: float
    load: float


@dataclass(frozen=True)
class Machine:
    """A kind of machine.

    Attributes
    ----------
    traits : callable
        ``traits(draws)`` makes one unit.
    run : callable
        ``run(unit, state, n_samples, sr)`` makes its sound, near and clean.
    faults : tuple of str
    snr_db : (float, float), dB
        How far the machine stands out of the noise of the hall.
    loads : (float, ...)
        What its load may be in the target domain.
    """

    traits: Callable[[Draws], SimpleNamespace]
    run: Callable[[SimpleNamespace, State, int, int], np.ndarray]
    faults: tuple[str, ...]
    snr_db: tuple[float, float] = (2.0, 8.0)
    loads: tuple[float, ...] = (0.85, 1.18)


def check_severity(severity: float) -> None:
    """Refuse a severity that is no number from 0 to 1.

    Raises
    ------
    InputError
        If it is not.
    """
    if isinstance(severity, bool) or not isinstance(severity, (int, float)) or not 0 <= severity <= 1:
        raise checks.InputError(checks.explain("a severity from 0 to 1", repr(severity),
                                               "0.1 is faint, 1 is plain", section=checks.ARRAYS))


def modes(draws: Draws, count: int, *, low: float, high: float, widths: tuple[float, float]) -> Modes:
    """Draw the resonances of a housing, from ``low`` to ``high`` Hz."""
    return [(draws.log_uniform(low, high), draws.uniform(*widths), draws.uniform(0.5, 2)) for _ in range(count)]


def housed(sound: np.ndarray, ways: Modes, *, sr: int) -> np.ndarray:
    """Hear a sound through the housing that it shakes."""
    total = 0.4 * sound
    for centre, bandwidth, gain in ways:
        total += gain * resonate(sound, sr=sr, centre=centre, bandwidth=bandwidth)
    return total


def housing(ways: Modes, *, sr: int) -> Curve:
    """Make the curve of :func:`housed`, to colour noise with: cheaper than filtering it."""
    def curve(hz: np.ndarray) -> np.ndarray:
        turn = np.exp(-2j * math.pi * np.minimum(hz, 0.5 * sr) / sr)
        total = np.full(hz.shape, 0.4, complex)
        for centre, bandwidth, gain in ways:
            radius, angle = math.exp(-math.pi * bandwidth / sr), 2 * math.pi * centre / sr
            peak = (1 - radius) * math.sqrt(1 - 2 * radius * math.cos(2 * angle) + radius * radius)
            total += gain * peak / (1 - 2 * radius * math.cos(angle) * turn + (radius * turn) ** 2)
        return np.abs(total)
    return curve


def unsteady(draws: Draws, n_samples: int, *, sr: int, every: float, depth: float) -> np.ndarray:
    """Make a factor around 1 that drifts in straight lines: a speed, a load.

    Parameters
    ----------
    draws : Draws
    n_samples : int
    sr : int, Hz
    every : float, seconds
        From one corner to the next.
    depth : float
        It stays within this much of 1.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    corners = 1 + depth * (2 * draws.numbers(int(n_samples / sr / every) + 4) - 1)
    grid = np.arange(-(-n_samples // STEP) + 1) * (STEP / (sr * every)) + draws.uniform(0, 1)
    return stretch(np.interp(grid, np.arange(len(corners)), corners), n_samples)


def period(gains: Sequence[float], phases: Sequence[float] | None = None) -> np.ndarray:
    """Add up harmonics to one period of a wave, 1024 points, at a root mean square of 1."""
    cycle = np.arange(1024) / 1024
    phases = [0.0] * len(gains) if phases is None else phases
    return unit(sum(gain * tone(cycle * order + phase)
                    for order, (gain, phase) in enumerate(zip(gains, phases, strict=True), start=1)))


def knocks(draws: Draws, n_samples: int, *, sr: int, rate: float, jitter: float, hz: float, decay: float,
           chance: float = 1.0, uneven: float = 0.5, level: np.ndarray | None = None) -> np.ndarray:
    """Knock again and again, each time a short ring.

    Parameters
    ----------
    draws : Draws
    n_samples : int
    sr : int, Hz
    rate : float, knocks a second
    jitter : float, range 0 to 1
        How irregular the pauses are.
    hz : float, Hz
        What rings, within 4 per cent.
    decay : float, seconds
    chance : float, range 0 to 1
        Of each knock to be heard at all.
    uneven : float, range 0 to 1
        How much one differs from the next.
    level : np.ndarray, shape=(n_samples,), optional
        How hard it knocks when.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
    """
    count = int(n_samples / sr * rate / (1 - jitter)) + 2
    times = draws.uniform(0, 1) / rate + np.cumsum((1 + jitter * (2 * draws.numbers(count) - 1)) / rate)
    gains = (1 + uneven * (2 * draws.numbers(count) - 1)) * (draws.numbers(count) < chance)
    pitches = hz * (0.96 + 0.08 * draws.numbers(count))
    starts = (times * sr).astype(np.int64)
    heard = (starts < n_samples) & (gains > 0)
    starts, gains, pitches = starts[heard], gains[heard], pitches[heard]
    if level is not None:
        gains = gains * level[starts]
    time = seconds(int(6 * decay * sr) + 4, sr)
    return scatter(n_samples, starts, gains[:, None] * np.exp(-time / decay) * tone(pitches[:, None] * time))


def hall(place: Draws, take: Draws, n_samples: int, *, sr: int) -> np.ndarray:
    """Make the noise of a factory hall: a rush, a machine next door, now and then a clank.

    Parameters
    ----------
    place, take : Draws
        What stays the same in this hall, and what differs from clip to clip.
    n_samples : int
    sr : int, Hz

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        With a root mean square of 1.
    """
    power, high = place.uniform(0.5, 1.2), place.log_uniform(1500, 5000)
    rush = slope(power + take.uniform(-0.1, 0.1), low=50, high=high * take.log_uniform(0.9, 1.1))
    sound = noise(take, n_samples, sr=sr, curve=rush)
    sound *= wander(take, n_samples, sr=sr, every=1.0, depth_db=place.uniform(0.5, 2.5))
    neighbour = take.near(place.uniform(40, 120), 0.01)
    gains = [place.uniform(0.02, 0.25) * take.uniform(0.5, 1.5) for _ in range(5)]
    strength = math.sqrt(sum(gain * gain for gain in gains) / 2)
    lines = period(gains, [take.uniform(0, 1) for _ in gains])
    sound += strength * wave(neighbour * seconds(n_samples, sr), lines)
    for time in take.arrivals(place.uniform(0.05, 0.3), n_samples / sr):
        clank = ring(int(0.5 * sr), sr=sr, frequencies=[take.log_uniform(300, 3000) for _ in range(4)],
                     decays=[take.uniform(0.02, 0.12)] * 4, gains=[1, 0.8, 0.6, 0.4], draws=take)
        start, strength = int(time * sr), take.uniform(0.3, 1.2)
        sound[start:start + len(clank)] += strength * clank[:n_samples - start]
    return unit(sound)


def obstacles(take: Draws) -> Curve:
    """Draw what stands between machine and microphone this time, a trolley, a person: a few soft bumps and dips."""
    bumps = [(take.log_uniform(100, 7000), take.uniform(0.3, 1.0), take.uniform(-1, 1)) for _ in range(4)]

    def curve(hz: np.ndarray) -> np.ndarray:
        octaves = np.log2(hz)
        return 10 ** (sum(height_db * np.exp(-0.5 * ((octaves - math.log2(centre)) / width) ** 2)
                          for centre, width, height_db in bumps) / 20)
    return curve


def standing_out(sound: np.ndarray, *, sr: int) -> float:
    """Root mean square over the loud parts of a machine: frames of 20 ms within 15 dB of the loudest."""
    frame = sr // 50
    power = (sound[:len(sound) // frame * frame].reshape(-1, frame) ** 2).mean(axis=1)
    return math.sqrt(float(power[power >= power.max() * 10 ** -1.5].mean())) + 1e-12


def plan(machine: str, faults: Sequence[str], *, seed: int = 0, units: int = 3, train: tuple[int, int] = (40, 3),
         test: tuple[int, int] = (15, 10)) -> list[dict]:
    """List the recordings of one kind of machine, one dictionary a recording.

    Parameters
    ----------
    machine : str
    faults : sequence of str
        They take turns.
    seed : int
    units : int
    train : (int, int)
        Normal recordings of each unit to learn from, in the source and in the
        target domain.
    test : (int, int)
        Normal recordings of each unit for the test in both domains, and as many
        with a fault.

    Returns
    -------
    rows : list of dict
        ``clip_id`` (named as in DCASE 2021 Task 2), ``unit``, ``domain``,
        ``split``, ``label``, and what ``render`` needs: ``take``, ``fault``,
        ``severity``, and ``age``, how much of its time the unit has run.
    """
    rows = []
    for number in range(units):
        for domain, n_train, n_test in zip(("source", "target"), train, test, strict=True):
            taken = 0
            for split, label, count in (("train", "normal", n_train), ("test", "normal", n_test),
                                        ("test", "anomaly", n_test)):
                for index in range(count):
                    name = f"section_{number:02d}_{domain}_{split}_{label}_{index:04d}"
                    faint = Draws(seed, "severity", machine, name).uniform(0.1, 1.0)
                    age = 0.7 * index / count if split == "train" else 0.7 + 0.3 * index / count
                    faulty = label == "anomaly"
                    rows.append({"clip_id": name, "unit": number, "domain": domain, "split": split, "label": label,
                                 "take": taken, "fault": faults[index % len(faults)] if faulty else "",
                                 "severity": faint if faulty else 0.0, "age": age})
                    taken += 1
    return rows
