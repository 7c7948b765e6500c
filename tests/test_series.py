"""Vibration and motor current: what every series is, and that each fault shows where it has to."""

import hashlib

import numpy as np
import pytest

from helpers import checks
from helpers.synth import series

STEADY = (8, 1, 1)   # takes of three motors without a step of the load, which hides what lies beside the mains
EVERY = [(machine, fault) for machine in series.MACHINES for fault in ("", *series.FAULTS[machine])]
FINGERPRINTS = {
    "vibration": "5caafbd3df6a9666f3f92435cf9b95809b85529c51c478a79bfb02df4097f7ca",
    "motor_current": "a48a51fedc2269d08b13d087e6d236cecd063d9359ad868f56a1093ff63ca653",
}


def spectrum(values, *, sr=1000):
    """Amplitude over frequency, 0.2 Hz apart for 5 s, for each axis; the mean is taken out."""
    window = np.hanning(len(values))[:, None]
    return (np.fft.rfftfreq(len(values), 1 / sr),
            np.abs(np.fft.rfft((values - values.mean(axis=0)) * window, axis=0)) * 2 / window.sum())


def near(hz, gains, wanted, *, width=0.6):
    """The largest amplitude near a frequency, over all axes."""
    return gains[np.abs(hz - wanted) < width].max()


def both(machine, fault, **key):
    """The same take without and with a fault."""
    return (series.render(machine, **key)[0], series.render(machine, fault=fault, **key)[0])


def fingerprint(machine):
    """SHA-256 of the steps of some series, one after the other."""
    step = series.SENSORS[machine].step
    made = [series.render(machine, unit=unit, take=unit, duration=2.0, fault=fault, severity=0.7, age=0.3 * unit,
                          domain=series.DOMAINS[unit % 2])[0]
            for unit, fault in enumerate(("", *series.FAULTS[machine]))]
    return hashlib.sha256(b"".join(np.round(one / step).astype("<i2").tobytes() for one in made)).hexdigest()


@pytest.mark.parametrize("machine", series.MACHINES)
def test_the_same_bytes_everywhere(machine):
    assert fingerprint(machine) == FINGERPRINTS[machine], "whoever changes a series changes every figure about it"


@pytest.mark.parametrize(("machine", "fault"), EVERY)
@pytest.mark.parametrize("how", [{}, {"domain": "target", "unit": 2}, {"duration": 0.1}, {"age": 2.0, "seed": 4}])
def test_every_series_is_on_the_steps_of_its_sensor(machine, fault, how):
    values, info = series.render(machine, fault=fault, severity=1.0, **how)
    sensor = series.SENSORS[machine]
    assert values.dtype == np.float32
    assert values.shape == (round(how.get("duration", 5.0) * sensor.sr), sensor.n_axes)
    assert np.array_equal(values, np.float32(np.round(values / sensor.step) * sensor.step))
    assert np.abs(values).max() < 32767 * sensor.step, "beyond the range of the sensor"
    assert (info["sr"], info["unit"]) == (1000, "g" if machine == "vibration" else "A")
    assert (info["load"] == 1) == (how.get("domain") != "target")


@pytest.mark.parametrize("machine", series.MACHINES)
def test_a_series_depends_on_its_key_only(machine):
    first = series.render(machine, take=3)[0]
    series.render("vibration", unit=1, duration=0.5)
    np.random.seed(0)   # noqa: NPY002  (global state must not matter)
    assert np.array_equal(first, series.render(machine, take=3)[0])


@pytest.mark.parametrize("other", [{"machine": "motor_current"}, {"unit": 1}, {"take": 1}, {"fault": "bearing"},
                                   {"seed": 1}, {"domain": "target"}, {"age": 0.5}])
def test_each_part_of_the_key_changes_the_series(other):
    key = {"machine": "vibration"} | other
    assert not np.array_equal(series.render("vibration")[0], series.render(key.pop("machine"), **key)[0])


# Where faults show

def test_gravity_is_part_of_the_vibration():
    for unit in range(3):
        assert np.linalg.norm(series.render("vibration", unit=unit)[0].mean(axis=0)) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_unbalance_shows_once_a_turn_across_the_shaft(unit):
    normal, faulty = both("vibration", "unbalance", unit=unit, severity=1.0)
    (hz, quiet), (_, loud) = spectrum(normal), spectrum(faulty)
    turn = (hz > 20) & (hz < 31)
    grown = loud[turn].max(axis=0) / quiet[turn].max(axis=0)
    assert (grown[:2] > 2).all()
    assert grown[2] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_looseness_shows_every_other_turn(unit):
    normal, faulty = both("vibration", "looseness", unit=unit, severity=1.0)
    (hz, quiet), (_, loud) = spectrum(normal), spectrum(faulty)
    half = (hz > 10) & (hz < 15.5)
    assert loud[half].max() > 3 * quiet[half].max()


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_a_bearing_rings_high_up(unit):
    normal, faulty = both("vibration", "bearing", unit=unit, severity=1.0)
    (hz, quiet), (_, loud) = spectrum(normal), spectrum(faulty)
    high, low = (hz > 250) & (hz < 450), hz < 60
    assert (loud[high] ** 2).mean() > 1.5 * (quiet[high] ** 2).mean()
    assert (loud[low] ** 2).mean() < 1.1 * (quiet[low] ** 2).mean()


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_a_broken_bar_makes_sidebands_beside_the_mains(unit):
    normal, faulty = both("motor_current", "broken_bar", unit=unit, take=STEADY[unit], severity=1.0)
    (hz, quiet), (_, loud) = spectrum(normal), spectrum(faulty)
    assert near(hz, loud, 50) == pytest.approx(near(hz, quiet, 50), rel=0.1)
    for side in ((hz > 43) & (hz < 48.5), (hz > 51.5) & (hz < 57)):
        assert loud[side].max() > 3 * quiet[side].max()


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_a_rotor_off_its_centre_makes_sidebands_a_turn_away(unit):
    normal, faulty = both("motor_current", "eccentricity", unit=unit, severity=1.0)
    (hz, quiet), (_, loud) = spectrum(normal), spectrum(faulty)
    for side in ((hz > 24) & (hz < 27), (hz > 73) & (hz < 76)):
        assert loud[side].max() > 2 * quiet[side].max()


def test_a_stall_is_a_surge_of_current_for_a_while():
    normal, faulty = both("motor_current", "stall", severity=1.0)
    peaks = [np.abs(values).reshape(-1, 100).max(axis=1) for values in (normal, faulty)]
    surge = peaks[1] > 1.5 * peaks[0]
    assert 5 <= surge.sum() <= 10, "about 0.75 s, in steps of 0.1 s"
    assert np.diff(np.flatnonzero(surge)).max() == 1
    np.testing.assert_array_equal(normal[:200], faulty[:200])


def test_what_is_normal_drifts_slowly():
    for machine in series.MACHINES:
        spread = [np.mean([series.render(machine, take=take, age=age)[0].std(axis=0).mean() for take in range(6)])
                  for age in (0.0, 1.0, 3.0)]
        assert spread[0] < spread[1] < spread[2]
        assert spread[1] < 1.4 * spread[0], "a drift, not a fault"
    ages = [row["age"] for row in series.plan("vibration") if row["unit"] == 0 and row["split"] == "train"
            and row["domain"] == "source"]
    assert ages == sorted(ages)
    assert 0 == min(ages) < max(ages) < min(row["age"] for row in series.plan("vibration") if row["split"] == "test")


def test_nonsense_is_refused():
    with pytest.raises(checks.InputError, match="machine to be one of 'vibration', 'motor_current'; got 'fan'"):
        series.render("fan")
    with pytest.raises(checks.InputError, match=r"a fault of vibration to be one of .*got 'stall'"):
        series.render("vibration", fault="stall")
    with pytest.raises(checks.InputError, match="severity from 0 to 1"):
        series.render("vibration", fault="bearing", severity=2)
    for age in (-0.1, float("nan"), float("inf")):
        with pytest.raises(checks.InputError, match="age of 0 or more"):
            series.render("vibration", age=age)
    for duration in (0, 0.05, float("nan")):
        with pytest.raises(checks.InputError, match=r"duration above 0|series of at least 0\.1 s"):
            series.render("vibration", duration=duration)
    with pytest.raises(checks.InputError, match="domain"):
        series.render("vibration", domain="third")


@pytest.mark.parametrize("machine", series.MACHINES)
def test_the_plan_holds_every_series_once(machine):
    rows = series.plan(machine)
    assert len({row["clip_id"] for row in rows}) == len({(row["unit"], row["domain"], row["take"]) for row in rows})
    assert {row["fault"] for row in rows} == {"", *series.FAULTS[machine]}
    with pytest.raises(checks.InputError):
        series.plan("fan")
