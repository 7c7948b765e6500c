"""Series that are no sound: the vibration of a motor on three axes, and the current that a motor draws.

Normal, and with faults from faint to plain, as the machines of
:mod:`~helpers.synth.machines`. With time everything drifts a little: housings
get looser, bearings warmer, brushes shorter. That is not a fault, but whoever
sets a threshold meets it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from helpers import checks
from helpers.synth import machine_parts
from helpers.synth.envelopes import seconds
from helpers.synth.filters import bump, slope
from helpers.synth.keys import Draws
from helpers.synth.machine_parts import State, housed, knocks, modes, period, unsteady
from helpers.synth.sources import noise, phase_of, tone, unit, wave

DOMAINS = ("source", "target")


@dataclass(frozen=True)
class Sensor:
    """A kind of series: how it is made, at which rate, on how many axes, and the smallest step of the sensor."""

    traits: Callable[[Draws], SimpleNamespace]
    run: Callable[[SimpleNamespace, State, float, int, int], np.ndarray]
    faults: tuple[str, ...]
    loads: tuple[float, ...]
    n_axes: int
    sr: int
    step: float


def render(
    machine: str, *, unit: int = 0, take: int = 0, fault: str = "", severity: float = 0.5, age: float = 0.0,
    domain: str = "source", seed: int = 0, duration: float = 5.0,
) -> tuple[np.ndarray, dict]:
    """Make one series of measurements.

    Parameters
    ----------
    machine : {"vibration", "motor_current"}
        Acceleration on three axes in g (1000 Hz; gravity is part of it), or the
        current of one phase in A (50 Hz mains, at 1000 Hz).
    unit, take : int
        Which motor; another moment of it.
    fault : str
        One of ``FAULTS[machine]``; "" is normal.
    severity : float, range 0 to 1
        How far the fault has gone.
    age : float, 0 or more
        How much of its time the motor has run: what is normal drifts slowly. 1
        is as old as the embedded set gets; beyond, the drift goes on.
    domain : {"source", "target"}
        In "target" the motor works at another load.
    seed : int
        Another seed is another factory.
    duration : float, seconds
        At least 0.1.

    Returns
    -------
    series : np.ndarray of float32, shape=(n_samples, n_axes)
        On the steps of a 16-bit sensor.
    info : dict
        ``load``, ``sr`` in Hz, ``unit`` of measurement.

    Raises
    ------
    InputError
        If a name is unknown, or a number out of its range.

    Examples
    --------
    >>> series, info = render("vibration", fault="unbalance", severity=1.0)
    >>> series.shape, info["sr"], info["unit"]
    ((5000, 3), 1000, 'g')
    """
    sensor = SENSORS[checks.one_of(machine, MACHINES, name="machine")]
    checks.one_of(fault, ("", *sensor.faults), name=f"a fault of {machine}")
    checks.one_of(domain, DOMAINS, name="domain")
    machine_parts.check_severity(severity)
    if not np.isfinite(age) or age < 0:
        raise checks.InputError(checks.explain("an age of 0 or more", repr(age), "1 is the end of the embedded set",
                                               section=checks.ARRAYS))
    n_samples = round(checks.positive(duration, name="duration") * sensor.sr)
    if n_samples < 0.1 * sensor.sr:
        raise checks.InputError(checks.explain("a series of at least 0.1 s", f"{duration} s", "Ask for a longer one",
                                               section=checks.ARRAYS))
    key = (seed, machine, unit, domain)
    load = 1.0 if domain == "source" else Draws("load", *key).choice(sensor.loads)
    state = State(take=Draws("run", *key, take), trouble=Draws("fault", *key, take, fault), fault=fault,
                  severity=severity, load=load)
    values = sensor.run(sensor.traits(Draws("unit", seed, machine, unit)), state, float(age), n_samples, sensor.sr)
    steps = np.clip(np.round(values / sensor.step), -32768, 32767)
    return ((steps * sensor.step).astype(np.float32),
            {"load": load, "sr": sensor.sr, "unit": "g" if machine == "vibration" else "A"})


def plan(machine: str, *, seed: int = 0) -> list[dict]:
    """List the series of one machine in the embedded set; see :func:`machine_parts.plan`.

    Examples
    --------
    >>> sorted({row["fault"] for row in plan("vibration")})
    ['', 'bearing', 'looseness', 'unbalance']
    """
    return machine_parts.plan(machine, FAULTS[checks.one_of(machine, MACHINES, name="machine")], seed=seed,
                              train=(60, 3), test=(30, 12))


def _vibration_traits(draws: Draws) -> SimpleNamespace:
    """Draw a motor on its feet: its speed, how its housing answers on each axis, which way it is mounted."""
    tilt = [draws.uniform(-0.2, 0.2), draws.uniform(-0.2, 0.2)]
    return SimpleNamespace(
        rotation=draws.uniform(22, 29), gravity=np.array([*tilt, np.sqrt(1 - tilt[0] ** 2 - tilt[1] ** 2)]),
        orders=[[draws.uniform(0.3, 1) * gain for gain in (0.02, 0.012, 0.006, 0.003)] for _ in range(3)],
        phases=[[draws.uniform(0, 1) for _ in range(4)] for _ in range(3)],
        modes=modes(draws, 3, low=60, high=420, widths=(8, 40)), rush=draws.log_uniform(0.012, 0.03),
        ring=draws.uniform(280, 420), bearing=draws.uniform(3.4, 3.7), across=[draws.uniform(0.5, 1) for _ in range(3)])


def _vibration(motor: SimpleNamespace, state: State, age: float, n: int, sr: int) -> np.ndarray:
    """Shake: once a turn and its multiples, a housing that rings, gravity."""
    take, trouble, fault, severity = state.take, state.trouble, state.fault, state.severity
    speed = motor.rotation * state.load * take.uniform(0.985, 1.015)
    turns = phase_of(speed * unsteady(take, n, sr=sr, every=1.0, depth=0.004), sr=sr, start=take.uniform(0, 1))
    ways = [((1 - 0.03 * age) * centre, (1 + 0.3 * age) * width, gain) for centre, width, gain in motor.modes]
    work, hits = take.uniform(0.8, 1.2) * (1 + 0.15 * age), np.zeros(n)
    if fault == "bearing":
        hits = knocks(trouble, n, sr=sr, rate=motor.bearing * speed, jitter=0.02, hz=motor.ring, decay=0.004,
                      uneven=0.4) * (1 + 0.5 * tone(turns))
    values = np.empty((n, 3))
    for axis in range(3):
        gains = np.array(motor.orders[axis]) * (1 + 0.1 * age)
        if fault == "unbalance" and axis < 2:           # a turning force: across the shaft, not along it
            gains[0] += 0.004 + 0.03 * severity
        push = np.sqrt((gains ** 2).sum() / 2) * wave(turns, period(gains, motor.phases[axis]))
        if fault == "looseness":                        # it lifts off and falls back every other turn
            lift = np.maximum(0, tone(turns, multiple=0.5) + 0.3 * tone(turns)) ** 2
            push = push + (0.006 + 0.04 * severity) * motor.across[axis] * (lift - lift.mean())
        rush = unit(housed(noise(take, n, sr=sr, curve=slope(0.3, low=5)), ways, sr=sr))
        warm = 0.004 * age * (axis == 2)
        values[:, axis] = (motor.gravity[axis] + warm + push + work * motor.rush * rush
                           + (0.006 + 0.05 * severity) * motor.across[axis] * hits)
    return values


def _current_traits(draws: Draws) -> SimpleNamespace:
    """Draw a motor on the mains: its current, its harmonics, how far it slips under load."""
    return SimpleNamespace(
        amplitude=draws.uniform(4, 9), slip=draws.uniform(0.025, 0.045), rotation=draws.uniform(24.0, 24.6),
        harmonics=[1, 0, draws.uniform(0.01, 0.04), 0, draws.uniform(0.01, 0.05), 0, draws.uniform(0.005, 0.03)],
        phases=[draws.uniform(0, 1) for _ in range(7)], hiss=draws.log_uniform(0.004, 0.01),
        ripple=draws.uniform(0.002, 0.006))


def _current(motor: SimpleNamespace, state: State, age: float, n: int, sr: int) -> np.ndarray:
    """Draw current: 50 Hz, more of it when the load steps up."""
    take, trouble, fault, severity = state.take, state.trouble, state.fault, state.severity
    time, duration = seconds(n, sr), n / sr
    steps = [0.0, *take.arrivals(0.35, duration)]
    loads = np.array([take.uniform(0.7, 1.15) for _ in steps]) * state.load * (1 + 0.05 * age)
    load = loads[np.searchsorted(steps, time, side="right") - 1]
    soft = np.exp(-np.arange(int(0.5 * sr)) / (0.08 * sr))                   # the rotor takes a moment to follow
    load = np.convolve(np.concatenate([np.full(len(soft), load[0]), load]), soft / soft.sum())[len(soft):len(soft) + n]
    mains = phase_of(50 * unsteady(take, n, sr=sr, every=2.0, depth=0.0008), sr=sr, start=take.uniform(0, 1))
    envelope = load * (1 + motor.ripple * tone(motor.rotation * state.load * time + take.uniform(0, 1)))
    if fault == "broken_bar":
        beat = phase_of(2 * motor.slip * 50 * load, sr=sr, start=trouble.uniform(0, 1))
        envelope = envelope * (1 + (0.006 + 0.07 * severity) * tone(beat))
    elif fault == "eccentricity":
        envelope = envelope * (1 + (0.006 + 0.05 * severity) * tone(motor.rotation * time + trouble.uniform(0, 1)))
    elif fault == "stall":
        start, lasts = trouble.uniform(0.05, 0.7) * duration, 0.15 + 0.6 * severity
        stuck = np.clip((time - start) / 0.08, 0, 1) * np.clip((start + lasts - time) / 0.15, 0, 1)
        envelope = envelope + stuck * (0.3 + 2.2 * severity)
    current = motor.amplitude * envelope * wave(mains, period(motor.harmonics, motor.phases))
    hiss = noise(take, n, sr=sr, curve=lambda hz: 0.3 + bump(150, 40)(hz))
    return (current + motor.amplitude * motor.hiss * (1 + 0.3 * age) * hiss)[:, None]


SENSORS = {
    "vibration": Sensor(_vibration_traits, _vibration, ("unbalance", "looseness", "bearing"), (0.8, 1.15), 3, 1000,
                        1 / 4096),
    "motor_current": Sensor(_current_traits, _current, ("broken_bar", "stall", "eccentricity"), (0.75, 1.25), 1, 1000,
                            1 / 512),
}
MACHINES = tuple(SENSORS)
FAULTS = {name: sensor.faults for name, sensor in SENSORS.items()}
