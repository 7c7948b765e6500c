"""Patches: the same key gives the same sound, takes are kin, families are known beforehand, nothing is silent."""

import numpy as np
import pytest

from helpers import checks
from helpers.features import log_mel
from helpers.synth import patch_parts, patch_sources, patches

SOME = 60


@pytest.fixture(scope="module")
def pictures():
    """The log-mels of two takes of some patches, shape=(2, SOME, n_mels, n_frames), 80 dB deep."""
    stack = np.array([[log_mel(patches.render(number, take=take), sr=16000) for number in range(SOME)]
                      for take in (0, 1)])
    return np.maximum(stack, stack.max(axis=(2, 3), keepdims=True) - 80)


def summary(pictures):
    """Mean and deviation over time of every band: what stays when events fall elsewhere."""
    return np.concatenate([pictures.mean(axis=-1), pictures.std(axis=-1)], axis=-1)


def distances(first, second):
    """Root mean square difference in dB of every row to every row."""
    return np.array([np.sqrt(((second - row) ** 2).mean(axis=1)) for row in first])


# What every patch is

@pytest.mark.parametrize("how", [{}, {"duration": 0.3}, {"duration": 0.1, "sr": 8000}, {"duration": 0.5, "sr": 44100},
                                 {"duration": 0.3, "spread": 0}, {"duration": 0.3, "spread": 1}])
def test_every_patch_is_sound(how):
    for number in range(80):
        sound = patches.render(number, take=number % 3, **how)
        assert sound.dtype == np.float32
        assert sound.shape == (round(how.get("duration", 2.2) * how.get("sr", 16000)),)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() == pytest.approx(0.9, abs=1e-5)
        assert abs(sound.mean()) < 0.05


def test_the_same_key_gives_the_same_bytes_in_any_order():
    keys = [(number, take) for number in range(12) for take in (0, 1)]
    sounds = {key: patches.render(key[0], take=key[1], duration=0.5).tobytes() for key in keys}
    for number, take in reversed(keys):
        assert patches.render(number, take=take, duration=0.5).tobytes() == sounds[number, take]
    assert len(set(sounds.values())) == len(keys)
    assert patches.render(3, seed=1, duration=0.5).tobytes() != sounds[3, 0]


# Takes

def test_takes_of_a_patch_are_nearer_to_each_other_than_to_other_patches(pictures):
    for views, margin in ((pictures.reshape(2, SOME, -1), 0.75), (summary(pictures), 0.5)):
        between = distances(*views)
        same, others = np.diag(between), between[~np.eye(SOME, dtype=bool)]
        assert np.median(same) < margin * np.median(others)
    # of the summaries: the other take is the nearest of 60, in more than half the cases among the nearest three
    ranks = (between < same[:, None]).sum(axis=1)
    assert (ranks == 0).mean() > 0.35
    assert (ranks < 3).mean() > 0.5


def test_takes_differ_in_more_than_noise(pictures):
    same = np.diag(distances(*summary(pictures)))
    assert np.quantile(same, 0.1) > 1                                 # dB


def test_a_wider_spread_makes_takes_less_alike():
    def apart(spread):
        takes = [[log_mel(patches.render(number, take=take, spread=spread), sr=16000).mean(axis=1)
                  for number in range(30)] for take in (0, 1)]
        return np.abs(np.subtract(*takes)).mean()

    none, usual, wide = (apart(spread) for spread in (0, 0.1, 0.4))
    assert 1.3 * none < usual < 0.8 * wide


def test_knobs_stay_in_range_and_agree_in_choices():
    one, two, still = (patch_parts.Knobs(5, take=take, seed=0, spread=spread)
                       for take, spread in ((0, 0.3), (1, 0.3), (2, 0)))
    turned = np.array([[knobs.log_uniform(20, 2000) for _ in range(500)] for knobs in (one, two, still)])
    assert turned.min() >= 20
    assert turned.max() <= 2000
    places = np.log(turned / 20) / np.log(100)
    assert 0.1 < (places[0] - places[2]).std() < 0.3                  # 0.3 less what is reflected at the ends
    assert np.corrcoef(places)[0, 1] > 0.3
    assert [one.choice(range(100)) for _ in range(20)] == [two.choice(range(100)) for _ in range(20)]


# Families

def test_all_families_occur_as_often_as_they_should():
    labels = [patches.family(number) for number in range(1200)]
    assert set(labels) == set(patches.FAMILIES)
    assert len(set(patches.FAMILIES)) == 11
    for name in patches.FAMILIES:
        assert labels.count(name) == pytest.approx(200 if name == "free" else 100, abs=45)
    assert labels != [patches.family(number, seed=1) for number in range(1200)]


def test_the_family_named_is_that_of_the_first_layer_rendered(monkeypatch):
    seen = []

    def spy(knobs, label, **how):
        seen.append(label)
        return layer(knobs, label, **how)

    layer = patches._layer
    monkeypatch.setattr(patches, "_layer", spy)
    for number in range(60):
        seen.clear()
        patches.render(number, take=number % 2, duration=0.1)
        assert seen[0] == patches.family(number)
        assert 1 <= len(seen) <= 3


def test_families_sound_different():
    """Engines are low, chirps are high, ticks leave gaps and engines do not, in the median over 15 patches."""
    def measures(name):
        rows = []
        for number in [k for k in range(400) if patches.family(k) == name][:15]:
            sound = patches.render(number)
            power = np.abs(np.fft.rfft(sound)) ** 2
            loudness = np.sort((sound[:35000].reshape(-1, 500) ** 2).mean(axis=1))
            rows.append(((power * np.arange(len(power))).sum() / power.sum() / 2.2, loudness[-1] / loudness.mean()))
        return np.median(rows, axis=0)

    centre, burst = zip(*(measures(name) for name in ("engine", "chirp", "tick")), strict=True)
    assert 1.5 * centre[0] < centre[1]
    assert burst[2] > 2 * burst[0]


# Parts

def test_a_silent_take_is_drawn_again(monkeypatch):
    attempts = []

    def silent_at_first(knobs, *, n_samples, sr):
        attempts.append(knobs.take.uniform(0, 1))
        return np.full(n_samples, 0.0 if len(attempts) < 3 else 0.25, dtype=np.float32)

    monkeypatch.setattr(patches, "_layers", silent_at_first)
    assert patches.render(0).max() == pytest.approx(0.9)
    assert len(set(attempts)) == 3


def test_white_noise_is_white():
    sound = patch_sources.white(patch_parts.recipe_draws(0, seed=0), 20001)
    assert sound.shape == (20001,)
    assert np.sqrt((sound ** 2).mean()) == pytest.approx(1, abs=0.02)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(sound)) ** 2)[1:] / 20001
    assert np.abs(correlation).max() < 0.04                           # nor does the second half repeat the first


def test_a_tone_has_the_pitch_asked_for():
    canvas = patch_parts.Canvas(16000, 16000)
    whole, position = canvas.cycles(canvas.count(np.full(len(canvas.time), 437.0), start=0.25))
    assert np.allclose(whole + position, 0.25 + 437 * np.arange(16000) / 16000, atol=1e-4)


@pytest.mark.parametrize("pattern", ["regular", "jittered", "alternating", "poisson", "burst"])
def test_events_come_at_the_rate_asked_for(pattern):
    starts = patch_parts._starts(pattern, patch_parts.recipe_draws(1, seed=0), period=0.1, duration=60.0,
                                 per_burst=3, pause=0.7)
    inside = starts[(starts >= 0) & (starts < 60)]
    gaps = np.diff(inside)
    assert (gaps > 0).all()
    assert len(inside) == pytest.approx(180 if pattern == "burst" else 600, rel=0.12)
    if pattern in ("regular", "jittered"):
        assert gaps.std() == pytest.approx({"regular": 0.0006, "jittered": 0.02}[pattern], rel=0.3)


# Bad input

@pytest.mark.parametrize(("how", "message"), [
    ({"duration": 0}, "duration above 0; got 0"), ({"duration": np.nan}, "duration above 0; got nan"),
    ({"duration": 0.05}, "at least 0.1 s"), ({"duration": "2"}, "duration above 0"),
    ({"sr": 4000}, "8000 Hz or more; got 2.2 s at 4000 Hz"), ({"sr": 16000.5}, "a whole number above 0"),
    ({"sr": -1}, "a whole number above 0"), ({"spread": -0.1}, "a spread from 0 to 1"),
    ({"spread": 2}, "a spread from 0 to 1; got 2"), ({"spread": np.nan}, "a spread from 0 to 1"),
])
def test_bad_input_is_named(how, message):
    with pytest.raises(checks.InputError, match=message):
        patches.render(0, **how)
