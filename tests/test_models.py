"""The one way to train: one seed gives one network, it learns what can be learned, and says where it looked."""

import logging

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from helpers import augment, checks, models

SHAPE = (32, 24)      # n_mels, n_frames: small, so that training takes moments


def pictures_of(y: np.ndarray, *, seed: int) -> np.ndarray:
    """Noise in which each class has a bright patch of its own, always in its bands, at any time."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 0.5, (len(y), *SHAPE)).astype(np.float32)
    for picture, label in zip(x, y, strict=True):
        start = rng.integers(0, SHAPE[1] - 6)
        picture[8 * label + 1: 8 * label + 7, start: start + 6] += 3
    return x


@pytest.fixture(scope="module")
def toy() -> dict[str, np.ndarray]:
    y = np.arange(240) % 3
    return {"x": pictures_of(y, seed=0), "y": y, "x_test": pictures_of(y[:60], seed=1), "y_test": y[:60]}


@pytest.fixture(scope="module")
def trained(toy):
    """A network that has learned the toy, with its history; tests that train have one of their own."""
    network = models.small_cnn(SHAPE, 3)
    history = models.fit(network, toy["x"], toy["y"], epochs=12, validation=(toy["x_test"], toy["y_test"]),
                         learning_rate=3e-3, progress=False)
    return network, history


def tiny():
    """A network with a bit of everything that has a state, and prepared for training in a moment."""
    keras = models.load_keras()
    layers = keras.layers
    inputs = keras.Input(SHAPE)
    x = layers.Dropout(0.5)(layers.BatchNormalization()(layers.Flatten()(inputs)))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def weights_after(model, toy, **settings) -> np.ndarray:
    models.fit(model, toy["x"], toy["y"], **{"epochs": 1, "progress": False, **settings})
    return np.concatenate([part.ravel() for part in model.get_weights()])


# Shapes

@pytest.mark.parametrize(("build", "shape"), [(models.small_cnn, (64, 63)), (models.waveform_cnn, 16_000)])
def test_networks_turn_windows_into_probabilities(build, shape):
    model = build(shape, 10)
    window = shape if isinstance(shape, tuple) else (shape,)
    scores = models.predict(model, np.random.default_rng(0).normal(size=(5, *window)))
    assert scores.shape == (5, 10)
    assert scores.min() >= 0
    assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
    assert model.count_params() < 1_000_000, "small means small: it trains on two cores during a talk"


def test_scores_do_not_depend_on_what_is_scored_with_them(trained, toy):
    network, _ = trained
    many = np.concatenate([toy["x"], toy["x"], toy["x_test"]])
    together = models.predict(network, many)
    assert together.shape == (len(many), 3)
    assert models.predict(network, many[:0]).shape == (0, 3)
    for rows in (slice(0, 1), slice(250, 270), slice(len(many) - 1, len(many))):
        assert_allclose(models.predict(network, many[rows]), together[rows], atol=1e-5)


# Training

def test_networks_built_one_after_the_other_warn_of_nothing_and_other_warnings_stay(caplog):
    models.load_keras()
    log = logging.getLogger("tensorflow")
    log.addHandler(caplog.handler)
    try:
        for _ in range(7):
            network = models.small_cnn((16, 12), 2)
            network.predict(np.zeros((1, 16, 12), np.float32), verbose=0)
        log.warning("%d windows are too few", 3)
    finally:
        log.removeHandler(caplog.handler)
    assert {record.getMessage() for record in caplog.records} == {"3 windows are too few"}


def test_it_learns_what_can_be_learned(trained, toy):
    network, history = trained
    right = models.predict(network, toy["x_test"]).argmax(axis=1) == toy["y_test"]
    assert right.mean() > 0.95
    assert history["val_accuracy"][-1] == pytest.approx(right.mean())
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert {len(values) for values in history.values()} == {12}
    assert all(type(value) is float for values in history.values() for value in values)
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_validation_changes_nothing_in_what_is_learned(toy):
    model = tiny()
    without = weights_after(model, toy, epochs=2)
    assert_allclose(weights_after(model, toy, epochs=2, validation=(toy["x_test"], toy["y_test"])), without, atol=1e-5)


def test_one_seed_gives_one_network_whatever_was_there_before(toy):
    model = tiny()
    first = weights_after(model, toy, seed=3, mixup=0.4)
    assert_allclose(weights_after(model, toy, seed=3, mixup=0.4), first, atol=1e-5, err_msg="the same cell again")
    assert np.abs(weights_after(model, toy, seed=4, mixup=0.4) - first).max() > 1e-2
    models.load_keras().utils.set_random_seed(99)
    assert_allclose(weights_after(tiny(), toy, seed=3, mixup=0.4), first, atol=1e-5, err_msg="built elsewhere")
    assert np.abs(weights_after(model, toy, seed=3) - first).max() > 1e-3, "mixup trains on something else"


def test_an_augmentation_changes_what_is_learned_and_nothing_else(toy):
    shown = []

    def hide(x, *, rng):
        shown.append(len(x))
        return augment.mask(x, rng=rng)

    model, before = tiny(), toy["x"].copy()
    hidden = weights_after(model, toy, augment=hide, batch_size=100)
    assert shown == [80, 80, 80]
    assert_array_equal(toy["x"], before)
    assert_allclose(weights_after(model, toy, augment=hide, batch_size=100), hidden, atol=1e-5)
    assert np.abs(weights_after(model, toy, batch_size=100) - hidden).max() > 1e-3


def test_the_history_is_of_all_windows_of_an_epoch(toy):
    """Weights that cannot learn show it: what is told is the mean over the epoch, whatever the last batch holds."""
    keras = models.load_keras()
    x = np.where(toy["y"][:, None, None] == 0, 1, -1) * np.ones((240, *SHAPE), np.float32)
    inputs = keras.Input(SHAPE)
    pooled = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(pooled))
    history = models.fit(model, x, toy["y"], epochs=2, learning_rate=1e-12, batch_size=80, progress=False)
    scores = models.predict(model, x)
    right = scores.argmax(axis=1) == toy["y"]
    assert 0 < right.mean() < 1
    assert history["accuracy"] == pytest.approx([right.mean()] * 2)
    assert history["loss"] == pytest.approx([-np.log(scores[np.arange(240), toy["y"]]).mean()] * 2, rel=1e-4)


def test_training_leaves_its_data_alone_and_shows_one_line_or_none(toy, capfd):
    x, y = toy["x"][:70].copy(), toy["y"][:70].copy()
    model = tiny()
    capfd.readouterr()
    history = models.fit(model, x, y, epochs=2, mixup=0.4, progress=False)
    assert capfd.readouterr() == ("", "")
    assert set(history) == {"loss", "accuracy"}
    assert_array_equal(x, toy["x"][:70])
    assert_array_equal(y, toy["y"][:70])
    models.fit(model, x, y, epochs=2)
    said = "".join(capfd.readouterr())
    assert "2/2" in said
    assert "loss" in said
    assert said.strip("\n").count("\n") == 0, "the line is written anew, not again"


@pytest.mark.parametrize(("x", "y", "says"), [
    (np.zeros((4, *SHAPE)), [0, 1, 2], "one entry for each item in x and y; got 4 in x, 3 in y"),
    (np.full((2, *SHAPE), np.nan), [0, 1], "x of finite numbers"),
    (np.zeros((2, *SHAPE)), [0, 3], "class index from 0 to 2, as the network has 3 classes; got int64 from 0 to 3"),
    (np.zeros((2, *SHAPE)), [-1, 0], "class index from 0 to 2"),
    (np.zeros((2, *SHAPE)), [0.0, 1.0], "class index from 0 to 2.*float64"),
    (np.zeros((0, *SHAPE)), np.zeros(0, int), "got no window at all"),
])
def test_data_that_do_not_fit_are_told(x, y, says):
    with pytest.raises(checks.InputError, match=says):
        models.fit(tiny(), x, y, progress=False)


# Clips

def test_the_clip_model_is_the_mean_over_its_windows(trained, toy):
    network, _ = trained
    clips = toy["x"].reshape(60, 4, *SHAPE)
    scores = models.predict(models.clip_model(network, 4), clips)
    by_hand = models.predict(network, toy["x"]).reshape(60, 4, 3).mean(axis=1)
    assert scores.shape == (60, 3)
    assert_allclose(scores, by_hand, atol=1e-5)


def test_the_clip_model_shares_its_weights():
    network = models.small_cnn(SHAPE, 3)
    clips = np.random.default_rng(0).normal(size=(2, 4, *SHAPE))
    wrapped = models.clip_model(network, 4)
    before = models.predict(wrapped, clips)
    network.set_weights([part + 0.1 for part in network.get_weights()])
    after = models.predict(wrapped, clips)
    assert np.abs(after - before).max() > 1e-4
    assert_allclose(after, models.predict(network, clips.reshape(8, *SHAPE)).reshape(2, 4, 3).mean(axis=1), atol=1e-5)


# Where it looked

def planted(label: int, *, start: int) -> np.ndarray:
    picture = np.random.default_rng(5).normal(0, 0.5, SHAPE).astype(np.float32)
    picture[8 * label + 1: 8 * label + 7, start: start + 6] += 3
    return picture


def test_the_class_activation_map_has_the_size_of_the_picture(trained, toy):
    network, _ = trained
    maps = models.class_activation(network, toy["x_test"][:5], 1)
    assert maps.shape == (5, *SHAPE)
    assert np.isfinite(maps).all()
    assert maps.min() >= 0
    assert maps.max() <= 1
    assert_allclose(maps[2:3], models.class_activation(network, toy["x_test"][2:3], 1), atol=1e-4)


def test_the_map_is_brightest_where_the_class_was_planted(trained):
    network, _ = trained
    near, contrast = [], []
    for label in range(3):
        starts = range(0, 18, 2)
        pictures = np.stack([planted(label, start=start) for start in starts])
        for start, found in zip(starts, models.class_activation(network, pictures, label), strict=True):
            band, frame = np.unravel_index(found.argmax(), SHAPE)
            # the last convolution takes steps of eight bands and four frames: one and a half of them is near
            near.append(abs(band - (8 * label + 3.5)) <= 12 and abs(frame - (start + 2.5)) <= 6)
            contrast.append(found[8 * label + 1: 8 * label + 7, start: start + 6].mean() / found.mean())
    assert np.mean(near) > 0.75
    assert np.mean(contrast) > 1.5, "the rest of the picture is darker"


def test_another_class_asked_gives_another_map(trained):
    network, _ = trained
    both = np.maximum(planted(0, start=2), planted(2, start=16))
    first, last = (models.class_activation(network, both[None], label)[0] for label in (0, 2))
    assert np.unravel_index(first.argmax(), SHAPE)[1] < 12 < np.unravel_index(last.argmax(), SHAPE)[1]
