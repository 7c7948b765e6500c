"""A monitor keeps quiet while all is well, calls soon after a change, and gives the same by ones as in a stretch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks, monitor

A_DAY = 1000


def hum(n, *, seed, shift=0.0):
    """Numbers in which neighbours go together, as scores of overlapping windows do."""
    from scipy.signal import lfilter

    rng = np.random.default_rng(seed)
    return 5 + lfilter([0.8], [1, -0.6], rng.normal(0, 1, n + 50))[50:] + shift


def make(statistic, **settings):
    settings = {"windows_per_day": A_DAY, "window": 20, "block": 60} | settings
    return monitor.Monitor(hum(2000, seed=0), statistic=statistic, **settings)


WATCHES = {statistic: make(statistic) for statistic in monitor.STATISTICS}


@pytest.fixture(params=monitor.STATISTICS)
def watch(request):
    WATCHES[request.param].reset()
    return WATCHES[request.param]


def test_no_alarm_on_a_clean_replay_and_one_soon_after_the_change(watch):
    numbers = np.concatenate([hum(400, seed=1), hum(200, seed=2, shift=3.0)])
    _, alarms = watch.watch(numbers)
    assert not alarms[:400].any()
    assert monitor.alarm_delay(alarms, 400) <= 20


def test_false_alarms_come_about_as_often_as_allowed(watch):
    """Thirty days: a monitor that calls ten times too often, or could call far sooner, fails."""
    _, alarms = watch.watch(hum(30 * A_DAY, seed=3))
    assert monitor.false_alarms_per_day(alarms, windows_per_day=A_DAY, hold=20) < 3
    watch.reset()
    eager = make(watch.statistic, false_alarms_per_day=20)
    assert eager.limit < watch.limit
    _, alarms = eager.watch(hum(30 * A_DAY, seed=3))
    assert 4 < monitor.false_alarms_per_day(alarms, windows_per_day=A_DAY, hold=20) < 50


@given(st.sampled_from(monitor.STATISTICS), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=60), st.data())
def test_one_by_one_in_pieces_and_in_one_stretch_are_the_same(statistic, numbers, data):
    watch = WATCHES[statistic]
    watch.reset()
    statistics, alarms = watch.watch(np.array(numbers))
    watch.reset()
    single = [watch.push(number) for number in numbers]
    assert [reading.statistic for reading in single] == statistics.tolist()
    assert [reading.alarm for reading in single] == alarms.tolist()
    watch.reset()
    cut = data.draw(st.integers(1, len(numbers)))
    parts = [watch.watch(np.array(part))[0] for part in (numbers[:cut], numbers[cut:]) if part]
    assert np.concatenate(parts).tolist() == statistics.tolist()


def test_the_state_does_not_grow(watch):
    def size():
        return sum(np.size(state) for state in watch._state.values())

    watch.watch(hum(30, seed=4))
    before = size()
    watch.watch(hum(3000, seed=4))
    assert size() == before <= 20


def test_the_statistics_are_what_they_are_called():
    numbers = np.array([1.0, 4.0, 2.0, 8.0, 6.0])
    reference = np.array([0.0, 2.0, 4.0])
    settings = {"windows_per_day": 10, "window": 3}
    mean, scale = reference.mean(), reference.std()
    z = (numbers - mean) / scale
    found = {statistic: monitor.Monitor(reference, statistic=statistic, **settings).watch(numbers)[0]
             for statistic in monitor.STATISTICS}
    np.testing.assert_allclose(found["mean"][2:], [z[:3].mean(), z[1:4].mean(), z[2:].mean()])
    np.testing.assert_allclose(found["mean"][0], z[0] / 3)
    np.testing.assert_allclose(found["ewma"][:2], [z[0] / 2, (z[0] / 2 + z[1]) / 2])
    np.testing.assert_allclose(found["cusum"][:2], [0, z[1] - 0.5])
    from scipy.stats import mannwhitneyu

    share = mannwhitneyu(numbers[:3], reference).statistic / 9
    np.testing.assert_allclose(found["ranks"][2], 2 * share - 1)


@pytest.mark.parametrize(("side", "shift", "heard"), [
    ("above", 4, True), ("above", -4, False), ("below", -4, True), ("below", 4, False), ("both", 4, True),
    ("both", -4, True)])
def test_only_the_side_that_counts_calls(watch, side, shift, heard):
    numbers = np.concatenate([hum(100, seed=1), hum(100, seed=5, shift=shift)])
    _, alarms = make(watch.statistic, side=side).watch(numbers)
    assert alarms[100:].any() == heard


def test_a_single_wild_value_moves_the_mean_but_not_the_ranks():
    numbers = hum(200, seed=1)
    numbers[100] = 1e4
    for statistic, moved in (("mean", True), ("ranks", False)):
        assert make(statistic).watch(numbers)[1].any() == moved


@pytest.mark.parametrize("statistic", monitor.STATISTICS)
def test_a_number_that_never_changed_calls_when_it_does(statistic):
    watch = monitor.Monitor(np.full(50, 0.1), windows_per_day=100, statistic=statistic, side="both", window=5)
    assert not watch.watch(np.full(40, 0.1))[1].any()
    assert watch.watch(np.full(10, 3.1))[1].any()


def test_what_is_not_finite_is_refused_and_changes_nothing(watch):
    numbers = hum(30, seed=6)
    expected = watch.watch(numbers)[0]
    watch.reset()
    watch.watch(numbers[:10])
    for bad in (np.nan, np.inf):
        with pytest.raises(checks.InputError, match="finite"):
            watch.push(bad)
    assert watch.watch(numbers[10:])[0].tolist() == expected[10:].tolist()


def test_the_seed_decides_the_limit():
    assert make("mean").limit == WATCHES["mean"].limit
    assert make("mean", seed=1).limit != WATCHES["mean"].limit


@pytest.mark.parametrize("settings", [
    {"statistic": "median"}, {"side": "left"}, {"window": 0}, {"windows_per_day": 0}, {"false_alarms_per_day": 0},
    {"block": 1.5}, {"windows_per_day": 1e9},
])
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(checks.InputError):
        monitor.Monitor(np.arange(50.0), **({"windows_per_day": 100} | settings))


@pytest.mark.parametrize("reference", [[], [1.0], [1.0, np.nan], [[1.0], [2.0]]])
def test_a_reference_is_a_row_of_numbers(reference):
    with pytest.raises(checks.InputError):
        monitor.Monitor(np.array(reference), windows_per_day=100)


def test_delays_and_rates_are_counted():
    alarms = np.array([False, True, True, False, True, False, False, False])
    assert monitor.alarm_delay(alarms, 2) == 0
    assert monitor.alarm_delay(alarms, 3) == 1
    assert monitor.alarm_delay(alarms, 5) == np.inf
    assert monitor.false_alarms_per_day(alarms, windows_per_day=4) == 1.0
    assert monitor.false_alarms_per_day(alarms, windows_per_day=4, hold=2) == 0.5
    assert monitor.alarm_starts(alarms[:1]).tolist() == []
    for bad in (lambda: monitor.alarm_delay(alarms, 8), lambda: monitor.alarm_starts(alarms.astype(int)),
                lambda: monitor.false_alarms_per_day(alarms[:0], windows_per_day=4)):
        with pytest.raises(checks.InputError):
            bad()
