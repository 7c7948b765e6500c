"""Machines in a factory hall: normal, and with faults from faint to plain.

Four kinds of machine as in DCASE 2020 Task 2, several units of each. A unit has
its speeds, its housing, its corner of the hall and its microphone; a recording
has its load, its moment and its own noise. It is made from its key alone and
rounded to 16 bits, as the clips of :mod:`~helpers.synth.voices` are. A fault
changes nothing but what it breaks: the same take with and without it can be
compared.

How plain the faults are was set with the factories of seeds 10 to 12, so that
the interpolation autoencoder tells them from normal with an AUC of about 0.8 to
0.9; the factory of the embedded set, seed 0, was measured after that. The
faintest faults stay hard to hear.
"""

from functools import lru_cache

import numpy as np
from scipy import fft

from helpers import checks
from helpers.synth import machine_parts, rooms
from helpers.synth.envelopes import amplitude
from helpers.synth.filters import fast_length, response
from helpers.synth.keys import Draws
from helpers.synth.machine_fan import FAN
from helpers.synth.machine_parts import State
from helpers.synth.machine_pump import PUMP
from helpers.synth.machine_slider import SLIDER
from helpers.synth.machine_valve import VALVE

KINDS = {"fan": FAN, "pump": PUMP, "valve": VALVE, "slider": SLIDER}
MACHINES = tuple(KINDS)
FAULTS = {name: kind.faults for name, kind in KINDS.items()}
DOMAINS = ("source", "target")
LEVEL = 0.05
"""Root mean square of a machine in the file, about: one gain for a unit, so that loudness tells something."""
REFERENCE = 4.0
"""Seconds of a unit at its usual load, against which its level is set."""


def render(
    machine: str, *, unit: int = 0, take: int = 0, fault: str = "", severity: float = 0.5, domain: str = "source",
    seed: int = 0, duration: float = 10.0, sr: int = 16000, clean: bool = False,
) -> tuple[np.ndarray, dict]:
    """Make one recording of a machine.

    Parameters
    ----------
    machine : str
        One of ``MACHINES``.
    unit : int
        Which one of its kind.
    take : int
        Another moment: load, noise, phase.
    fault : str
        One of ``FAULTS[machine]``; "" is normal.
    severity : float, range 0 to 1
        How far the fault has gone.
    domain : {"source", "target"}
        In "target" the unit works at another load, in another hall, and is
        heard by another microphone.
    seed : int
        Another seed is another factory.
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.
    clean : bool
        Leave out hall and microphone, for figures.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,), range -1 to 1
        Every value is a whole multiple of 1/32768.
    info : dict
        ``snr_db``, ``load``; for a clean recording ``load`` only.

    Raises
    ------
    InputError
        If a name is unknown, the severity not within 0 to 1, or duration or
        rate too small.

    Examples
    --------
    >>> audio, info = render("fan", fault="bearing", severity=0.8)
    >>> audio.shape, audio.dtype.name
    ((160000,), 'float32')
    """
    kind = KINDS[checks.one_of(machine, MACHINES, name="machine")]
    checks.one_of(fault, ("", *kind.faults), name=f"a fault of the {machine}")
    checks.one_of(domain, DOMAINS, name="domain")
    machine_parts.check_severity(severity)
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr, name="recording")
    key = (seed, machine, unit, domain)
    load = 1.0 if domain == "source" else Draws("load", *key).choice(kind.loads)
    state = State(take=Draws("run", *key, take), trouble=Draws("fault", *key, take, fault), fault=fault,
                  severity=severity, load=load)
    sound = kind.run(kind.traits(Draws("unit", seed, machine, unit)), state, n_samples, sr)
    sound /= _level(seed, machine, unit, sr)
    if clean:
        return _to_grid(LEVEL * sound), {"load": load}
    sound, snr_db = _in_the_hall(sound, key, take, sr=sr)
    return _to_grid(sound), {"snr_db": snr_db, "load": load}


def plan(machine: str, *, seed: int = 0) -> list[dict]:
    """List the recordings of one machine in the embedded set; see :func:`machine_parts.plan`.

    Examples
    --------
    >>> rows = plan("fan")
    >>> len(rows), rows[0]["clip_id"]
    (279, 'section_00_source_train_normal_0000')
    """
    return machine_parts.plan(machine, FAULTS[checks.one_of(machine, MACHINES, name="machine")], seed=seed)


@lru_cache(maxsize=64)
def _level(seed: int, machine: str, unit: int, sr: int) -> float:
    """How loud a unit is at its usual load, near and clean."""
    kind = KINDS[machine]
    usual = State(take=Draws("reference", seed, machine, unit), trouble=Draws("none"), fault="", severity=0.0, load=1.0)
    sound = kind.run(kind.traits(Draws("unit", seed, machine, unit)), usual, round(REFERENCE * sr), sr)
    return machine_parts.standing_out(sound, sr=sr)


def _in_the_hall(sound: np.ndarray, key: tuple, take: int, *, sr: int) -> tuple[np.ndarray, float]:
    """Put a machine into its corner of the hall, and hear both through its microphone."""
    moment = Draws("moment", *key, take)
    size, room, microphone, usual_db = _corner(key, len(sound), sr)
    snr_db = usual_db + moment.uniform(-1.5, 1.5)
    noise = machine_parts.hall(Draws("hall", *key), moment, len(sound), sr=sr)
    spectrum = fft.rfft(sound, size)
    spectrum *= room * response(machine_parts.obstacles(moment), size=size, sr=sr)
    spectrum += amplitude(-snr_db) * fft.rfft(noise, size)
    spectrum *= microphone
    heard = fft.irfft(spectrum, size)[:len(sound)]
    return heard * (LEVEL * amplitude(moment.uniform(-1, 1))), snr_db


@lru_cache(maxsize=6)
def _corner(key: tuple, n_samples: int, sr: int) -> tuple[int, np.ndarray, np.ndarray, float]:
    """Where a unit stands: size of the transform, spectra of its room and its microphone, signal to noise in dB."""
    seed, machine, unit = key[:3]
    corner = Draws("corner", seed, machine, unit)
    room = rooms.impulse_response(corner, sr=sr, reverberation=corner.uniform(0.3, 0.9),
                                  direct_db=corner.uniform(2, 9))
    size = fast_length(n_samples + len(room))
    microphone = response(rooms.microphone_curve(Draws("microphone", *key)), size=size, sr=sr)
    return size, fft.rfft(room, size), microphone, corner.uniform(*KINDS[machine].snr_db)


def _to_grid(sound: np.ndarray) -> np.ndarray:
    """Round to 16 bits: what differs in the last digits between platforms is gone."""
    return (np.clip(np.round(sound * 32768), -32768, 32767) / 32768).astype(np.float32)
