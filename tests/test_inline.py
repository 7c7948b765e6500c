"""Notebook 01 shows its functions without checks; the helpers hold the same functions in full. Both must agree."""

import ast
from pathlib import Path

import numpy as np
import pytest

from helpers import audio, features

SOURCE = Path(__file__).resolve().parent.parent / "notebooks" / "src" / "01_see_and_hear_sound.py"
RNG = np.random.default_rng(101)


@pytest.fixture(scope="module")
def notebook():
    """The functions that the notebook defines, by name, without running anything else of it."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    shown = {"np": np}
    exec(compile(ast.Module(functions, type_ignores=[]), str(SOURCE), "exec"), shown)
    return shown


def noise(n_samples, level=0.1):
    return (level * RNG.standard_normal(n_samples)).astype(np.float32)


@pytest.mark.parametrize("sound", [noise(1000), noise(3, level=1e-4), np.zeros(10, np.float32), np.ones(7)])
def test_level(notebook, sound):
    assert notebook["level_db"](sound) == pytest.approx(audio.level_db(sound), abs=1e-9)


@pytest.mark.parametrize("level_db", [-60, -20, 0])
def test_at_level_sets_the_level_that_the_helper_measures(notebook, level_db):
    assert audio.level_db(notebook["at_level"](noise(5000), level_db)) == pytest.approx(level_db, abs=1e-4)


@pytest.mark.parametrize("bits", [4, 8, 16])
def test_quantise_rounds_to_the_steps_of_its_bits(notebook, bits):
    sound = np.clip(noise(2000, level=0.5), -1, 1)
    steps = notebook["quantise"](sound, bits) * 2 ** (bits - 1)
    assert (steps == np.round(steps)).all()
    assert -(2 ** (bits - 1)) <= steps.min() <= steps.max() < 2 ** (bits - 1)
    if bits == 16:
        assert (steps == audio.to_pcm16(sound)).all()


@pytest.mark.parametrize(("n_samples", "n_fft", "hop_length"), [
    (16000, 1024, 256), (16001, 1024, 256), (255, 512, 128), (1, 256, 64), (5000, 2048, 777)])
def test_frames_and_spectrogram(notebook, n_samples, n_fft, hop_length):
    sound = noise(n_samples)
    power = notebook["spectrogram"](sound, n_fft=n_fft, hop_length=hop_length)
    full = features.spectrogram(sound, n_fft=n_fft, hop_length=hop_length)
    assert notebook["frames"](sound, n_fft=n_fft, hop_length=hop_length).shape == (full.shape[1], n_fft)
    np.testing.assert_allclose(power, full, rtol=1e-4, atol=1e-6 * full.max())


def test_mel_scale(notebook):
    hz = RNG.uniform(0, 16000, 200)
    np.testing.assert_allclose(notebook["hz_to_mel"](hz), features.hz_to_mel(hz))
    np.testing.assert_allclose(notebook["mel_to_hz"](notebook["hz_to_mel"](hz)), hz)


@pytest.mark.parametrize("settings", [
    {"sr": 16000}, {"sr": 22050, "n_fft": 2048, "n_mels": 40}, {"sr": 16000, "fmin": 1000.0, "fmax": 6000.0}])
def test_mel_filters_and_log_mel(notebook, settings):
    np.testing.assert_allclose(notebook["mel_filters"](**settings), features.mel_filters(**settings), atol=1e-7)
    sound = noise(8000)
    shown, full = notebook["log_mel"](sound, **settings), features.log_mel(sound, **settings)
    assert shown.shape == full.shape
    assert np.abs(shown - full).max() < 0.01


@pytest.mark.parametrize("pictures", [
    RNG.uniform(-100, 20, (3, 64, 61)), RNG.uniform(-30, -20, (1, 8, 5)), np.full((2, 4, 4), -100.0)])
def test_normalise(notebook, pictures):
    np.testing.assert_allclose(notebook["normalise"](pictures), features.normalise(pictures), atol=1e-4)


def test_what_is_named_like_a_helper_was_compared(notebook):
    modules = [vars(features), vars(audio)]
    alike = {name for name, value in notebook.items() if callable(value) and any(name in module for module in modules)}
    assert alike == {"level_db", "spectrogram", "hz_to_mel", "mel_to_hz", "mel_filters", "log_mel", "normalise"}
