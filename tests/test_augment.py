"""Augmentation changes what it says it changes, and nothing else: energy, length, sums of labels, global draws."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from helpers import augment, checks

SR = 16_000
SEEDS = st.integers(0, 2**32 - 1)
SOUND = {
    "shift": augment.shift,
    "gain": augment.gain,
    "noise": augment.noise,
    "stretch": lambda audio, rng: augment.stretch(audio, sr=SR, rng=rng),
    "pitch": lambda audio, rng: augment.pitch(audio, sr=SR, rng=rng),
    "colour": lambda audio, rng: augment.colour(audio, sr=SR, rng=rng),
}
PICTURE = {"shift_frames": augment.shift_frames, "mask": augment.mask}


def tone(n_samples: int = SR, *, hz: float = 440.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(n_samples) / SR)).astype(np.float32)


def draws(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def main_hz(audio: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(audio * np.hanning(len(audio)))).argmax() * SR / len(audio))


# Every one of them

@pytest.mark.parametrize("name", SOUND)
def test_a_sound_keeps_its_length_and_its_input_is_not_touched(name):
    audio = tone()
    before = audio.copy()
    changed = SOUND[name](audio, rng=draws())
    assert changed.shape == audio.shape
    assert changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert not np.array_equal(changed, audio)
    assert_array_equal(audio, before)


@pytest.mark.parametrize("name", SOUND)
def test_the_same_draws_give_the_same_sound_and_others_another(name):
    first, again, other = (SOUND[name](tone(), rng=draws(seed)) for seed in (1, 1, 2))
    assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", SOUND)
def test_silence_stays_silence(name):
    assert_array_equal(SOUND[name](np.zeros(SR, np.float32), rng=draws()), 0)


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("n_samples", [1, 7, 300])
def test_a_very_short_sound_is_legal(name, n_samples):
    changed = SOUND[name](tone(n_samples) + np.float32(0.1), rng=draws())
    assert changed.shape == (n_samples,)
    assert np.isfinite(changed).all()


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("bad", [np.zeros((2, 100)), np.array([]), np.array([0.0, np.nan])])
def test_what_is_no_sound_is_refused(name, bad):
    with pytest.raises(checks.InputError):
        SOUND[name](bad, rng=draws())


@pytest.mark.parametrize("name", ["stretch", "pitch", "colour"])
def test_the_library_leaves_global_draws_as_they_were(name):
    random.seed(7)
    np.random.seed(7)   # noqa: NPY002
    expected = random.random(), np.random.random()   # noqa: NPY002
    random.seed(7)
    np.random.seed(7)   # noqa: NPY002
    SOUND[name](tone(), rng=draws())
    assert (random.random(), np.random.random()) == expected   # noqa: NPY002


def test_global_draws_are_put_back_when_a_transform_fails():
    def fails(samples, sample_rate):
        random.random()
        raise RuntimeError("broken")

    random.seed(7)
    expected = random.random()
    random.seed(7)
    with pytest.raises(RuntimeError):
        augment.apply(fails, tone(), sr=SR, rng=draws())
    assert random.random() == expected


# Sounds, one by one

@given(seed=SEEDS, n_samples=st.integers(1, 2000), share=st.floats(0, 1))
def test_a_shift_keeps_every_sample(seed, n_samples, share):
    audio = draws(seed).standard_normal(n_samples)
    moved = augment.shift(audio, rng=draws(seed), max_share=share)
    assert_array_equal(np.sort(moved), np.sort(audio))
    assert_allclose(np.sum(moved**2), np.sum(audio**2))


@given(seed=SEEDS, n_samples=st.integers(1, 2000))
def test_a_shift_without_wrapping_lets_silence_in(seed, n_samples):
    audio = np.arange(1.0, n_samples + 1)
    moved = augment.shift(audio, rng=draws(seed), max_share=1.0, wrap=False)
    kept = moved[moved != 0]
    assert_array_equal(np.diff(kept), 1)                         # one piece of the original, in order
    assert len(kept) == 0 or kept[0] == 1 or kept[-1] == n_samples
    if len(kept):
        assert moved[0] == 0 or moved[-1] == 0 or len(kept) == n_samples


def test_shifts_reach_both_sides_and_no_farther():
    audio = np.eye(1, 101, 50)[0]
    places = [int(augment.shift(audio, rng=draws(seed), max_share=0.1).argmax()) for seed in range(300)]
    assert (min(places), max(places)) == (40, 60)


@given(seed=SEEDS, low=st.floats(-40, 40), width=st.floats(0, 20))
def test_a_gain_lies_in_its_range_and_is_one_for_the_whole_sound(seed, low, width):
    changed = augment.gain(tone(200), rng=draws(seed), range_db=(low, low + width))
    ratio = changed[1:] / tone(200)[1:]
    loud = np.abs(tone(200)[1:]) > 0.05
    assert_allclose(ratio[loud], ratio[loud][0], rtol=1e-4)
    assert low - 1e-3 <= 20 * np.log10(ratio[loud][0]) <= low + width + 1e-3


@given(seed=SEEDS, ratio_db=st.floats(-20, 40), real=st.booleans())
def test_noise_has_the_ratio_asked_for(seed, ratio_db, real):
    audio = tone(4000).astype(np.float64)
    recorded = draws(seed).uniform(-0.01, 0.02, 700) if real else None   # shorter than the sound: repeated
    added = augment.noise(audio, rng=draws(seed), snr_db=(ratio_db, ratio_db), recorded=recorded) - audio
    assert 10 * np.log10(np.mean(audio**2) / np.mean(added**2)) == pytest.approx(ratio_db, abs=1e-6)


def test_recorded_noise_is_a_stretch_of_the_recording():
    recorded = np.arange(1.0, 9.0)
    added = augment.noise(tone(5), rng=draws(3), snr_db=(0, 0), recorded=recorded) - tone(5)
    steps = np.diff(added) / added.max() * 8
    assert len({round(float(step), 3) for step in steps}) <= 2           # rising by one step, but for the seam


def test_silent_noise_adds_nothing():
    assert_array_equal(augment.noise(tone(), rng=draws(), recorded=np.zeros(50)), tone())


@pytest.mark.parametrize(("semitones", "expected"), [(12, 880), (-12, 220)])
def test_pitch_moves_by_semitones(semitones, expected):
    changed = augment.pitch(tone(2 * SR), sr=SR, rng=draws(), semitones=(semitones, semitones))
    assert main_hz(changed[SR // 2: 3 * SR // 2]) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("rate", [0.8, 1.25])
def test_stretch_changes_the_tempo_and_not_the_pitch(rate):
    audio = tone(2 * SR)
    audio[SR:] = 0                                               # the tone ends after one second
    changed = augment.stretch(audio, sr=SR, rng=draws(), rates=(rate, rate))
    loud = np.flatnonzero(np.abs(changed) > 0.1)
    assert loud[-1] / SR == pytest.approx(1 / rate, abs=0.06)
    assert main_hz(changed[: SR // 2]) == pytest.approx(440, rel=0.02)


def test_colour_changes_bands_and_keeps_time():
    click = np.zeros(SR, np.float32)
    click[8000] = 1.0
    changed = augment.colour(click, sr=SR, rng=draws(), gain_db=(-8, 8))
    level_db = 20 * np.log10(np.abs(np.fft.rfft(changed)) + 1e-9)
    assert abs(int(np.abs(changed).argmax()) - 8000) < 80
    assert 1 < level_db[20:].max() - level_db[20:].min() < 40


@pytest.mark.parametrize(("how", "settings"), [
    ("shift", {"max_share": 1.5}), ("shift", {"max_share": -0.1}), ("gain", {"range_db": (3, -3)}),
    ("noise", {"snr_db": (np.nan, 1)}), ("noise", {"recorded": np.array([np.inf])}),
    ("stretch", {"sr": SR, "rates": (0, 1)}), ("pitch", {"sr": SR, "semitones": (2, 1)}),
    ("pitch", {"sr": 0}), ("colour", {"sr": SR, "gain_db": (0, np.inf)}),
])
def test_settings_that_make_no_sense_are_refused(how, settings):
    with pytest.raises(checks.InputError):
        getattr(augment, how)(tone(), rng=draws(), **settings)


# Log-mel windows

@pytest.mark.parametrize("name", PICTURE)
def test_windows_keep_their_shape_and_are_changed_one_by_one(name):
    windows = draws().standard_normal((40, 16, 20)).astype(np.float32)
    changed = PICTURE[name](windows, rng=draws(1))
    assert changed.shape == windows.shape
    assert changed.dtype == windows.dtype
    alike = PICTURE[name](np.repeat(windows[:1], 40, axis=0), rng=draws(1))
    assert len(np.unique(alike.reshape(40, -1), axis=0)) > 10
    assert_array_equal(changed, PICTURE[name](windows, rng=draws(1)))


@given(seed=SEEDS, n_windows=st.integers(1, 5), n_frames=st.integers(1, 30), share=st.floats(0, 1))
def test_moved_frames_keep_every_column(seed, n_windows, n_frames, share):
    windows = draws(seed).standard_normal((n_windows, 3, n_frames))
    moved = augment.shift_frames(windows, rng=draws(seed), max_share=share)
    for before, after in zip(windows, moved, strict=True):
        assert any(np.array_equal(np.roll(before, step, axis=1), after) for step in range(n_frames))


@given(seed=SEEDS, time_share=st.floats(0, 1), mel_share=st.floats(0, 1))
def test_a_mask_hides_one_stretch_and_one_band_no_wider_than_asked(seed, time_share, mel_share):
    windows = draws(seed).standard_normal((3, 10, 20))
    masked = augment.mask(windows, rng=draws(seed), time_share=time_share, mel_share=mel_share)
    for before, after in zip(windows, masked, strict=True):
        hidden = before != after
        frames, bands = hidden.all(axis=0), hidden.all(axis=1)
        assert_array_equal(hidden, frames[None, :] | bands[:, None])
        if not hidden.all():
            assert frames.sum() <= time_share * 20
            assert bands.sum() <= mel_share * 10
            assert np.abs(np.diff(np.r_[0, frames, 0])).sum() <= 2
            assert np.abs(np.diff(np.r_[0, bands, 0])).sum() <= 2
        assert_allclose(after[hidden], before.mean())


@pytest.mark.parametrize("name", PICTURE)
def test_one_window_without_its_stack_is_refused(name):
    with pytest.raises(checks.InputError):
        PICTURE[name](np.zeros((16, 20)), rng=draws())


# Blending

@given(seed=SEEDS, n_items=st.integers(1, 20), alpha=st.floats(0.05, 5))
def test_blended_labels_still_sum_to_one_and_tell_the_share(seed, n_items, alpha):
    x = np.eye(n_items)
    mixed, labels = augment.mixup(x, x, rng=draws(seed), alpha=alpha)
    assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert_allclose(mixed, labels, atol=1e-6)                    # the same share, and the same partner
    assert ((labels > 0).sum(axis=1) <= 2).all()


@pytest.mark.parametrize("shape", [(6,), (6, 4), (6, 4, 3), (6, 4, 3, 2)])
def test_items_of_any_shape_are_blended(shape):
    x, y = augment.mixup(draws().standard_normal(shape), np.eye(6), rng=draws())
    assert x.shape == shape
    assert y.shape == (6, 6)


def test_no_strength_blends_nothing_and_bad_strength_is_refused():
    x = np.eye(4)
    assert_array_equal(augment.mixup(x, x, rng=draws(), alpha=0)[0], x)
    with pytest.raises(checks.InputError):
        augment.mixup(x, x, rng=draws(), alpha=-1)
    with pytest.raises(checks.InputError):
        augment.mixup(x, x[:3], rng=draws())


# On the fly

def masked(x, y, *, rng):
    return augment.mask(x, rng=rng), y


def run(**how):
    x, y = draws().standard_normal((10, 8, 6)).astype(np.float32), np.eye(10, dtype=np.float32)
    dataset = augment.batches(x, y, batch_size=4, seed=3, **how)
    return [[(x.numpy(), y.numpy()) for x, y in dataset] for _ in range(2)]


def test_batches_hold_every_item_once_and_each_epoch_differs():
    for epoch in (epochs := run()):
        assert [len(x) for x, _ in epoch] == [4, 4, 2]
        assert_array_equal(sum(y.sum(axis=0) for _, y in epoch), 1)
    assert not np.array_equal(epochs[0][0][1], epochs[1][0][1])


def test_batches_are_augmented_anew_each_epoch_and_alike_for_one_seed():
    steps = [masked, lambda x, y, rng: augment.mixup(x, y, rng=rng, alpha=1.0)]
    first, again = run(steps=steps), run(steps=steps)
    for one, other in zip(first, again, strict=True):
        for (x, y), (same_x, same_y) in zip(one, other, strict=True):
            assert_array_equal(x, same_x)
            assert_array_equal(y, same_y)
            assert_allclose(y.sum(axis=1), 1, atol=1e-6)
    assert not np.array_equal(first[0][0][0], first[1][0][0])


def test_a_network_trains_on_the_batches():
    import keras

    x, y = draws().standard_normal((16, 8, 6)).astype(np.float32), np.eye(2, dtype=np.float32)[np.arange(16) % 2]
    model = keras.Sequential([keras.Input((8, 6)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    history = model.fit(augment.batches(x, y, seed=0, steps=[masked]), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
