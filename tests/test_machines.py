"""The embedded machines: what every recording is, that it depends on its key only, and that faults sound."""

import hashlib

import numpy as np
import pytest

from helpers import checks
from helpers.synth import machine_parts, machines
from helpers.synth.envelopes import seconds
from helpers.synth.keys import Draws
from helpers.synth.sources import rms

EVERY = [(machine, fault) for machine in machines.MACHINES for fault in ("", *machines.FAULTS[machine])]
SHORT = 1.5   # seconds: enough for every part of a machine
FINGERPRINTS = {
    "fan": "cac17e0f2d0a6c4dfca7b9cc6f58f498fc8119421721852b0de99a6ed11a6e50",
    "pump": "48ff20edba0361c48c9a4a1118445876b27b56a0ab156d33546351a050a7043d",
    "valve": "f815371d8f26ecfd29a4ac56b155249c3b05717a30cf42f9ca9ec8a818d0da8e",
    "slider": "3c154c4902b3213055b449946c0d985cd907f8a8c44b0849304100234542e1e9",
}


def spectrum(sound, *, sr=16000, size=1024):
    """Mean power in dB over pieces of ``size`` samples."""
    pieces = sound[:len(sound) // size * size].reshape(-1, size) * np.hanning(size)
    return 10 * np.log10((np.abs(np.fft.rfft(pieces, axis=1)) ** 2).mean(axis=0) + 1e-9)


def fingerprint(machine):
    """SHA-256 of the 16-bit samples of some recordings, one after the other."""
    made = [machines.render(machine, unit=unit, take=unit, duration=SHORT, fault=fault, severity=0.7,
                            domain=machines.DOMAINS[unit % 2])[0]
            for unit, fault in enumerate(("", *machines.FAULTS[machine]))]
    return hashlib.sha256(b"".join(np.round(sound * 32768).astype("<i2").tobytes() for sound in made)).hexdigest()


@pytest.mark.parametrize("machine", machines.MACHINES)
def test_the_same_bytes_everywhere(machine):
    assert fingerprint(machine) == FINGERPRINTS[machine], "whoever changes a sound changes every figure about it"


@pytest.mark.parametrize(("machine", "fault"), EVERY)
@pytest.mark.parametrize("how", [{}, {"domain": "target", "unit": 1}, {"clean": True}, {"sr": 8000, "duration": 0.1},
                                 {"sr": 22050, "duration": 0.7, "seed": 3}])
def test_every_recording_is_sound_on_the_16_bit_grid(machine, fault, how):
    how = {"duration": SHORT} | how
    audio, info = machines.render(machine, fault=fault, severity=1.0, **how)
    assert audio.dtype == np.float32
    assert audio.shape == (round(how["duration"] * how.get("sr", 16000)),)
    assert 1e-3 < np.abs(audio).max() <= 1
    assert np.array_equal(audio * 32768, np.round(audio * 32768))
    assert np.mean(np.abs(audio) >= 0.999) < 0.001, "clipped"
    assert set(info) == ({"load"} if how.get("clean") else {"snr_db", "load"})
    assert (info["load"] == 1) == (how.get("domain") != "target")


@pytest.mark.parametrize("machine", machines.MACHINES)
def test_a_recording_depends_on_its_key_only(machine):
    first = machines.render(machine, take=3, duration=SHORT)[0]
    machines.render("fan", unit=2, duration=0.2)
    np.random.seed(0)   # noqa: NPY002  (global state must not matter)
    assert np.array_equal(first, machines.render(machine, take=3, duration=SHORT)[0])


@pytest.mark.parametrize("other", [{"machine": "pump"}, {"unit": 1}, {"take": 1}, {"fault": "bearing"}, {"seed": 1},
                                   {"domain": "target"}, {"clean": True}])
def test_each_part_of_the_key_changes_the_recording(other):
    usual = machines.render("fan", duration=SHORT)[0]
    key = {"machine": "fan", "duration": SHORT} | other
    assert not np.array_equal(usual, machines.render(key.pop("machine"), **key)[0])


@pytest.mark.parametrize(("machine", "fault"), [pair for pair in EVERY if pair[1]])
def test_a_worse_fault_is_further_from_normal(machine, fault):
    """And a faint one differs little: the fault changes nothing but what it breaks."""
    take = {"unit": 1, "take": 2, "duration": 6.0, "clean": True}
    normal = machines.render(machine, **take)[0]
    faint, plain = (machines.render(machine, fault=fault, severity=severity, **take)[0] for severity in (0.1, 1.0))
    distance = [np.abs(spectrum(sound) - spectrum(normal)).mean() for sound in (faint, plain)]
    assert distance[1] > distance[0]
    assert distance[1] > 0.02


def test_a_fault_that_only_adds_leaves_the_rest_as_it_is():
    take = {"unit": 0, "take": 5, "duration": 3.0, "clean": True}
    normal = machines.render("pump", **take)[0]
    leaking = machines.render("pump", fault="leak", severity=1.0, **take)[0]
    added = spectrum(leaking - normal)
    hz = np.fft.rfftfreq(1024, 1 / 16000)
    assert added[(hz > 3000) & (hz < 6000)].mean() > added[hz < 1000].mean() + 20, "it hisses, and that is all"


def test_units_differ_more_than_takes():
    def kept(**key):
        return spectrum(machines.render("pump", duration=4.0, clean=True, **key)[0])

    takes = [kept(take=take) for take in range(3)]
    units = [kept(unit=unit) for unit in range(3)]
    spread = [np.mean([np.abs(one - other).mean() for one in group for other in group]) for group in (takes, units)]
    assert spread[1] > 3 * spread[0]


def test_the_noise_of_the_hall_is_as_loud_as_it_says():
    key = {"duration": 4.0, "take": 2}
    for machine in machines.MACHINES:
        heard, info = machines.render(machine, **key)
        assert -2 < info["snr_db"] < 14
        assert 0.01 < rms(heard) < 0.3


def test_a_fault_of_another_machine_and_nonsense_are_refused():
    with pytest.raises(checks.InputError, match="machine to be one of 'fan', 'pump', 'valve', 'slider'; got 'car'"):
        machines.render("car")
    with pytest.raises(checks.InputError, match=r"a fault of the fan to be one of .*got 'leak'"):
        machines.render("fan", fault="leak")
    for severity in (-0.1, 1.1, float("nan"), "much", True):
        with pytest.raises(checks.InputError, match="severity from 0 to 1"):
            machines.render("fan", fault="bearing", severity=severity)
    with pytest.raises(checks.InputError, match="domain"):
        machines.render("fan", domain="third")
    with pytest.raises(checks.InputError, match="recording of at least"):
        machines.render("fan", duration=0.05)
    with pytest.raises(checks.InputError, match="recording of at least"):
        machines.render("fan", sr=4000)


@pytest.mark.parametrize("machine", machines.MACHINES)
def test_the_plan_holds_every_recording_once(machine):
    rows = machines.plan(machine)
    assert len({row["clip_id"] for row in rows}) == len(rows)
    keys = {(row["unit"], row["domain"], row["take"]) for row in rows}
    assert len(keys) == len(rows), "no two recordings share a take, so none is the twin of another"
    assert all((row["label"] == "anomaly") == bool(row["fault"]) for row in rows)
    assert all(row["split"] == "test" or not row["fault"] for row in rows)
    faulty = [row for row in rows if row["fault"]]
    assert {row["fault"] for row in faulty} == set(machines.FAULTS[machine])
    severities = [row["severity"] for row in faulty]
    assert 0.1 <= min(severities) < 0.2
    assert 0.9 < max(severities) <= 1
    assert rows != machines.plan(machine, seed=1)
    assert [row["clip_id"] for row in rows] == [row["clip_id"] for row in machines.plan(machine, seed=1)]


# The parts

def test_a_housing_colours_noise_as_it_filters_sound():
    ways = [(300.0, 40.0, 1.5), (2200.0, 150.0, 0.8)]
    impulse = np.zeros(16384)
    impulse[0] = 1.0
    filtered = np.abs(np.fft.rfft(machine_parts.housed(impulse, ways, sr=16000)))
    np.testing.assert_allclose(machine_parts.housing(ways, sr=16000)(np.fft.rfftfreq(16384, 1 / 16000)), filtered,
                               rtol=1e-6)


def test_a_speed_stays_near_one_and_is_never_quite_steady():
    speed = machine_parts.unsteady(Draws("a"), 16000, sr=8000, every=0.1, depth=0.05)
    assert speed.shape == (16000,)
    assert 0.95 <= speed.min() < 0.99
    assert 1.01 < speed.max() <= 1.05
    assert np.abs(np.diff(speed)).max() < 2 * 0.05 / (0.1 * 8000) * 1.01


def test_knocks_come_at_their_rate():
    hits = machine_parts.knocks(Draws("k"), 32000, sr=16000, rate=10, jitter=0.1, hz=2000, decay=0.002)
    loud = np.abs(hits).reshape(-1, 160).max(axis=1) > 0.2 * np.abs(hits).max()
    starts = np.flatnonzero(np.diff(loud.astype(int)) == 1)
    assert 18 <= len(starts) <= 21
    assert np.diff(starts).min() > 7
    never = machine_parts.knocks(Draws("k"), 16000, sr=16000, rate=10, jitter=0.1, hz=2000, decay=0.002, chance=0.0)
    assert not never.any()
    late = machine_parts.knocks(Draws("k"), 16000, sr=16000, rate=50, jitter=0.1, hz=2000, decay=0.002,
                                level=(seconds(16000, 16000) > 0.5).astype(float))
    assert not late[:8000].any()
    assert late[8000:].any()


def test_the_hall_is_as_loud_as_one():
    for take in range(3):
        assert rms(machine_parts.hall(Draws("hall"), Draws("take", take), 16000, sr=16000)) == pytest.approx(1)
