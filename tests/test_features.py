"""Our spectrograms are librosa's, faster; what a model sees does not change with the gain or the neighbours."""

import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from helpers import checks, features

ROOT = Path(__file__).resolve().parent.parent


def everyday_sound(n_samples: int, *, sr: int) -> np.ndarray:
    """Half-real sound: a hum, a bell that fades, a bark-like chirp, footsteps, a breath of pink-ish noise."""
    rng, t = np.random.default_rng(7), np.arange(n_samples) / sr
    noise = np.cumsum(rng.normal(0, 0.01, n_samples))
    noise -= np.linspace(noise[0], noise[-1], n_samples)
    sound = 0.05 * np.sin(2 * np.pi * 100 * t) + 0.3 * np.exp(-4 * t) * np.sin(2 * np.pi * 2100 * t)
    sound += 0.4 * np.exp(-((t - t[-1] / 2) / 0.03) ** 2) * np.sin(2 * np.pi * (400 * t + 900 * t**2))
    sound[:: max(1, n_samples // 5)] += 0.5
    return (sound + 0.02 * noise / np.abs(noise).max()).astype(np.float32)


def sounds(*, sr: int, n_samples: int = 12_345) -> dict[str, np.ndarray]:
    t, rng = np.arange(n_samples) / sr, np.random.default_rng(0)
    made = {
        "noise": rng.normal(0, 0.1, n_samples), "quiet noise": rng.normal(0, 1e-4, n_samples),
        "low tone": 0.5 * np.sin(2 * np.pi * 60 * t), "high tone": 0.5 * np.sin(2 * np.pi * 0.45 * sr * t),
        "click": np.where(np.arange(n_samples) == n_samples // 2, 0.9, 0.0), "clipped": np.sign(np.sin(700 * t)) * 1.5,
        "silence": np.zeros(n_samples), "half silence": np.where(t < t[-1] / 2, rng.normal(0, 0.1, n_samples), 0.0),
        "everyday": everyday_sound(n_samples, sr=sr),
    }
    return {name: sound.astype(np.float32) for name, sound in made.items()}


def reference(sound: np.ndarray, *, sr: int, **settings) -> np.ndarray:
    power = librosa.feature.melspectrogram(y=sound, sr=sr, **settings)
    return librosa.power_to_db(power, ref=1.0, amin=features.FLOOR, top_db=None)


# Against librosa

@given(frequency_hz=st.floats(0, 100_000), mel=st.floats(0, 150))
def test_the_mel_scale_is_librosas_and_its_own_inverse(frequency_hz, mel):
    assert_allclose(features.hz_to_mel(frequency_hz), librosa.hz_to_mel(frequency_hz), rtol=1e-12)
    assert_allclose(features.mel_to_hz(mel), librosa.mel_to_hz(mel), rtol=1e-12)
    assert_allclose(features.mel_to_hz(features.hz_to_mel(frequency_hz)), frequency_hz, rtol=1e-9, atol=1e-9)


def test_the_mel_scale_takes_arrays_and_has_no_step_at_its_bend():
    frequencies = np.array([[999.999, 1000.0], [1000.001, 4000.0]])
    assert_allclose(features.hz_to_mel(frequencies), librosa.hz_to_mel(frequencies))
    assert np.ptp(features.hz_to_mel(frequencies).ravel()[:3]) < 1e-4


FILTERS = [
    {"sr": 16000}, {"sr": 22050, "n_mels": 128}, {"sr": 16000, "n_fft": 512, "n_mels": 40},
    {"sr": 44100, "n_fft": 2048, "n_mels": 128, "fmin": 20}, {"sr": 16000, "fmin": 125, "fmax": 7500},
    {"sr": 8000, "n_fft": 255}, {"sr": 16000, "n_fft": 551, "n_mels": 32}, {"sr": 16000, "n_mels": 1},
    {"sr": 16000, "n_fft": 1024, "n_mels": 128},
]


@pytest.mark.filterwarnings("ignore:Empty filters detected")
@pytest.mark.parametrize("settings", FILTERS, ids=str)
def test_mel_filters_are_librosas(settings):
    ours, theirs = features.mel_filters(**settings), librosa.filters.mel(**{"n_fft": 1024, "n_mels": 64, **settings})
    assert ours.dtype == np.float32
    assert_allclose(ours, theirs, atol=1e-7, rtol=0)


@pytest.mark.parametrize(("n_fft", "hop_length"), [(1024, 256), (512, 512), (2048, 100), (551, 220), (64, 7), (3, 1)])
def test_power_spectrograms_are_librosas(n_fft, hop_length):
    for name, sound in sounds(sr=16000, n_samples=4000).items():
        ours = features.spectrogram(sound, n_fft=n_fft, hop_length=hop_length)
        theirs = np.abs(librosa.stft(sound, n_fft=n_fft, hop_length=hop_length)) ** 2
        assert (ours.shape, ours.dtype) == (theirs.shape, np.float32)
        assert_allclose(ours, theirs, atol=1e-6 * max(theirs.max(), 1e-9), rtol=1e-4, err_msg=name)


LOG_MELS = [
    {"sr": 16000, "n_fft": 1024, "hop_length": 256, "n_mels": 64},
    {"sr": 16000, "n_fft": 1024, "hop_length": 512, "n_mels": 64},
    {"sr": 22050, "n_fft": 1024, "hop_length": 512, "n_mels": 64},
    {"sr": 22050, "n_fft": 1024, "hop_length": 512, "n_mels": 128},
    {"sr": 16000, "n_fft": 400, "hop_length": 160, "n_mels": 40, "fmin": 125, "fmax": 7500},
    {"sr": 16000, "n_fft": 551, "hop_length": 100, "n_mels": 33},
    {"sr": 16000, "n_fft": 1023, "hop_length": 15, "n_mels": 64},
    {"sr": 44100, "n_fft": 4096, "hop_length": 4096, "n_mels": 128},
    {"sr": 16000, "n_fft": 1024, "hop_length": 3000, "n_mels": 17},
]


@pytest.mark.filterwarnings("ignore:Empty filters detected")
@pytest.mark.parametrize("settings", LOG_MELS, ids=str)
def test_log_mels_are_librosas_within_a_hundredth_of_a_decibel(settings):
    for name, sound in sounds(sr=settings["sr"]).items():
        ours, theirs = features.log_mel(sound, **settings), reference(sound, **settings)
        assert (ours.shape, ours.dtype) == (theirs.shape, np.float32)
        upper = theirs >= theirs.max() - 80
        assert_allclose(ours[upper], theirs[upper], atol=0.01, rtol=0, err_msg=name)
        assert_allclose(ours, theirs, atol=3, rtol=0, err_msg=f"{name}: below that it is rounding, but not wild")
        assert ours.min() >= -100.0001


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large", "ignore:Empty filters detected")
@pytest.mark.parametrize("n_samples", [1, 2, 100, 255, 256, 257, 511, 512, 513, 1023])
@pytest.mark.parametrize("n_fft", [1024, 1023])
def test_sounds_shorter_than_a_frame_are_legal(n_samples, n_fft):
    sound = everyday_sound(5000, sr=16000)[2000:2000 + n_samples]
    ours = features.log_mel(sound, sr=16000, n_fft=n_fft)
    assert_allclose(ours, reference(sound, sr=16000, n_fft=n_fft, hop_length=256, n_mels=64), atol=0.01, rtol=0)


def test_kinds_of_float_make_no_difference():
    sound = everyday_sound(4000, sr=16000)
    expected = features.log_mel(sound, sr=16000)
    assert_array_equal(features.log_mel(sound.astype(float), sr=16000), expected)
    assert_array_equal(features.log_mel(np.repeat(sound, 2)[::2], sr=16000), expected, "a view with gaps")
    assert_array_equal(features.log_mel(sound, sr=16000.0, n_fft=1024.0, hop_length=256.0), expected)


# Batch and stream

@given(rows=st.lists(st.integers(0, 5), min_size=1, max_size=6), n_fft=st.sampled_from([1024, 551]))
def test_a_window_gives_the_same_bytes_alone_and_in_any_company(rows, n_fft):
    stack = np.random.default_rng(1).normal(0, 0.1, (6, 4000)).astype(np.float32)
    together = features.log_mel(stack[rows], sr=16000, n_fft=n_fft)
    for row, picture in zip(rows, together, strict=True):
        assert picture.tobytes() == features.log_mel(stack[row], sr=16000, n_fft=n_fft).tobytes()


def test_calls_do_not_share_what_they_return():
    first = features.log_mel(np.zeros(4000), sr=16000)
    before = first.copy()
    second = features.log_mel(np.random.default_rng(0).normal(0, 0.1, 4000), sr=16000)
    assert_array_equal(first, before)
    assert not np.shares_memory(first, second)


def test_the_input_is_not_changed():
    stack = np.random.default_rng(1).normal(0, 0.1, (2, 4000)).astype(np.float32)
    before = stack.copy()
    pictures = features.log_mel(stack, sr=16000)
    features.spectrogram(stack[0])
    copy = pictures.copy()
    features.normalise(pictures)
    features.statistics(pictures)
    assert_array_equal(stack, before)
    assert_array_equal(pictures, copy)


def test_no_windows_make_no_pictures():
    assert features.log_mel(np.zeros((0, 16000)), sr=16000).shape == (0, 64, 63)
    assert features.normalise(np.zeros((0, 64, 63))).shape == (0, 64, 63)
    assert features.statistics(np.zeros((0, 64, 63))).shape == (0, 256)


def test_the_first_spectrogram_compiles_nothing():
    code = ("import sys, numpy as np\nfrom helpers import features\n"
            "stack = features.log_mel(np.random.default_rng(0).random((2, 16000)), sr=16000)\n"
            "features.statistics(features.normalise(stack)); features.spectrogram(np.zeros(16000))\n"
            "print(sorted({'numba', 'llvmlite', 'librosa', 'tensorflow', 'sklearn'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"


# What is refused

@pytest.mark.parametrize(("sound", "settings", "says"), [
    (np.zeros(0), {}, "at least one sample"),
    (np.zeros(100, np.int16), {}, "Divide 16-bit samples by 32768"),
    (np.array([0.0, np.nan]), {}, "1 values that are NaN or infinite"),
    (np.array([[0.0, np.inf] * 9]), {}, "9 values that are NaN or infinite"),
    (np.zeros((900, 2)), {}, r"looks like channels\. Average the channels first"),
    (np.zeros((2, 3, 4)), {}, "windows of shape"),
    (np.zeros(100), {"sr": 0}, "a sampling rate in Hz"),
    (np.zeros(100), {"n_fft": 0}, "n_fft above 0"),
    (np.zeros(100), {"n_fft": 10.5}, "n_fft as a whole number; got 10.5"),
    (np.zeros(100), {"hop_length": 0}, "hop_length above 0"),
    (np.zeros(100), {"hop_length": -5}, "hop_length above 0"),
    (np.zeros(100), {"n_mels": 0}, "n_mels above 0"),
    (np.zeros(100), {"fmin": 100, "fmax": 100}, "0 <= fmin < fmax"),
    (np.zeros(100), {"fmin": -1}, "0 <= fmin < fmax"),
    (np.zeros(100), {"fmax": 9000}, "fmax 9000.0 Hz at 16000 Hz. Half the sampling rate"),
])
def test_bad_input_is_told_what_to_do(sound, settings, says):
    with pytest.raises(checks.InputError, match=says):
        features.log_mel(sound, **{"sr": 16000, **settings})


@pytest.mark.parametrize(("settings", "says"), [
    ({"n_fft": 0}, "n_fft above 0"), ({"hop_length": 0}, "hop_length above 0"),
    ({"hop_length": 0.5}, "as a whole number"),
])
def test_bad_frames_are_told(settings, says):
    with pytest.raises(checks.InputError, match=says):
        features.spectrogram(np.zeros(100), **settings)


@pytest.mark.parametrize("describe", [features.normalise, features.statistics])
@pytest.mark.parametrize(("pictures", "says"), [
    (np.zeros((64, 63)), r"Put a single picture into a stack: log_mel\[np.newaxis\]"),
    (np.zeros((1, 64, 0)), r"got shape \(1, 64, 0\)"),
    (np.full((1, 2, 2), np.nan), "log-mels of finite numbers; got 4 values"),
    (np.zeros((1, 2, 2), int), "log-mels as floats; got dtype int64"),
])
def test_bad_pictures_are_told(describe, pictures, says):
    with pytest.raises(checks.InputError, match=says):
        describe(pictures)


# Normalisation

def stack_of_sounds() -> np.ndarray:
    made = sounds(sr=16000, n_samples=8000)
    return np.stack([made[name] for name in ("noise", "low tone", "click", "everyday")])


def test_every_picture_has_mean_0_and_deviation_1_by_itself():
    pictures = features.log_mel(stack_of_sounds(), sr=16000)
    normalised = features.normalise(pictures)
    assert normalised.dtype == np.float32
    assert_allclose(normalised.mean(axis=(1, 2)), 0, atol=1e-5)
    assert_allclose(normalised.std(axis=(1, 2)), 1, atol=1e-5)
    for picture, alone in zip(normalised, pictures, strict=True):
        assert_array_equal(features.normalise(alone[None])[0], picture)


@given(gain_db=st.floats(-20, 40))
def test_the_gain_of_a_recording_makes_no_difference(gain_db):
    noise = sounds(sr=16000, n_samples=4000)["noise"].astype(float)
    plain, louder = (features.normalise(features.log_mel(gain * noise[None], sr=16000))
                     for gain in (1.0, 10 ** (gain_db / 20)))
    assert_allclose(louder, plain, atol=1e-3)


def test_what_lies_far_below_the_maximum_is_lifted_to_the_floor():
    picture = np.array([[[0.0, -30.0, -80.0, -81.0, -100.0]]])
    normalised = features.normalise(picture)[0, 0]
    assert normalised[2] == normalised[3] == normalised[4]
    assert_array_equal(features.normalise(picture), features.normalise(np.maximum(picture, -80)))
    other = features.normalise(picture, floor_db=30)[0, 0]
    assert other[1] == other[2] == other[4] < other[0]
    assert len(np.unique(features.normalise(picture, floor_db=200))) == 5


@pytest.mark.parametrize("level", [-100.0, -33.3, -12.7, 0.0, 3.1])
@pytest.mark.parametrize("shape", [(2, 64, 63), (1, 40, 101), (1, 1, 1)])
def test_a_picture_without_contrast_becomes_zeros(level, shape):
    assert_array_equal(features.normalise(np.full(shape, level)), np.zeros(shape))


def test_silence_becomes_zeros_and_leaves_its_neighbours_alone():
    noise = np.random.default_rng(0).normal(0, 0.1, 4000)
    pictures = features.log_mel(np.stack([noise, np.zeros(4000), noise]), sr=16000)
    normalised = features.normalise(pictures)
    assert_array_equal(normalised[1], np.zeros_like(normalised[1]))
    assert_array_equal(normalised[0], normalised[2])
    assert np.isfinite(normalised).all()


# Statistics

def test_statistics_are_mean_and_deviation_of_level_and_change():
    pictures = np.random.default_rng(3).normal(-40, 10, (5, 7, 11))
    found, change = features.statistics(pictures), np.diff(pictures, axis=2)
    assert (found.shape, found.dtype) == ((5, 28), np.float32)
    expected = [pictures.mean(axis=2), pictures.std(axis=2), change.mean(axis=2), change.std(axis=2)]
    for part, right in zip(np.split(found, 4, axis=1), expected, strict=True):
        assert_allclose(part, right, atol=1e-3)


def test_a_rising_band_is_told_from_a_falling_one():
    rising = np.arange(5.0)[None, None]
    assert_allclose(features.statistics(rising), [[2, np.sqrt(2), 1, 0]], atol=1e-6)
    assert_allclose(features.statistics(rising[..., ::-1]), [[2, np.sqrt(2), -1, 0]], atol=1e-6)


def test_a_single_frame_has_no_change():
    assert_array_equal(features.statistics(np.full((1, 2, 1), -30.0)), [[-30, -30, 0, 0, 0, 0, 0, 0]])


def test_the_statistics_of_silence_are_finite():
    assert np.isfinite(features.statistics(features.log_mel(np.zeros((1, 16000)), sr=16000))).all()
