"""A network for photographs on spectrograms: three channels, three regimes, and weights that may be missing."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from helpers import checks, features, models
from helpers.embeddings import mobilenet

CUT = np.random.default_rng(0).normal(0, 0.1, (2, 16_000)).astype(np.float32)
SHAPE = (64, 63, 3)


def test_three_ways_to_fill_three_channels():
    repeat, zeros, resolutions = (mobilenet.three_channels(CUT, sr=16_000, how=how) for how in mobilenet.CHANNELS)
    assert repeat.shape == zeros.shape == resolutions.shape == (2, *SHAPE)
    plain = features.normalise(features.log_mel(CUT, sr=16_000))
    assert_allclose(repeat, np.repeat(plain[..., None], 3, axis=-1))
    assert_allclose(zeros[..., 0], plain)
    assert not zeros[..., 1:].any()
    assert_allclose(resolutions[..., 1], plain, atol=1e-5)
    assert_allclose(resolutions.mean(axis=(1, 2)), 0, atol=1e-4)
    assert np.abs(resolutions[..., 0] - resolutions[..., 2]).max() > 0.5


def test_an_unknown_way_or_regime_is_told():
    with pytest.raises(checks.InputError, match="repeat"):
        mobilenet.three_channels(CUT, sr=16_000, how="rgb")
    with pytest.raises(checks.InputError, match="last block"):
        mobilenet.picture_network(SHAPE, 4, regime="all")


def test_regimes_train_less_or_more_and_leave_the_rest_alone():
    keras = models.load_keras()
    x, y = mobilenet.three_channels(CUT, sr=16_000), np.array([0, 1])
    trainable = {}
    for regime in mobilenet.REGIMES:
        network = mobilenet.picture_network(SHAPE, 4, regime=regime)
        trainable[regime] = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
        assert models.predict(network, x).shape == (2, 4)
        if regime == "head":
            network.compile(optimizer=keras.optimizers.Adam(1e-2), loss="sparse_categorical_crossentropy",
                            run_eagerly=True)
            fixed = [weight.numpy() for weight in network.non_trainable_weights if weight.dtype == "float32"]
            network.train_on_batch(x, y)
            after = [weight.numpy() for weight in network.non_trainable_weights if weight.dtype == "float32"]
            assert all((one == other).all() for one, other in zip(fixed, after, strict=True))
    assert trainable["head"] == 576 * 4 + 4
    assert trainable["head"] < trainable["last block"] < trainable["everything"]


def test_features_are_576_numbers_and_the_same_for_the_same_seed():
    pictures = mobilenet.three_channels(CUT, sr=16_000)
    found = mobilenet.picture_features(pictures)
    assert found.shape == (2, 576)
    assert_allclose(mobilenet.picture_features(pictures), found, rtol=1e-3, atol=1e-3 * np.abs(found).max())
    assert np.abs(mobilenet.picture_features(pictures, seed=1) - found).max() > 0.1 * np.abs(found).max()


def test_weights_are_read_from_a_file_of_the_published_kind(tmp_path):
    """Random weights in the published layout stand in for the real file, which is not here."""
    body = mobilenet._body(SHAPE, None)
    path = tmp_path / "own.weights.h5"
    body.save_weights(path)
    pictures = mobilenet.three_channels(CUT, sr=16_000)
    assert_allclose(mobilenet.picture_features(pictures, weights=path, seed=5), models.predict(body, pictures),
                    atol=1e-5)


def test_missing_weights_are_told_with_the_command_file_and_address(monkeypatch, tmp_path):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    with pytest.raises(checks.DatasetError, match=r"data mobilenet.*no_top_v2\.h5.*https://"):
        mobilenet.weights_path()
