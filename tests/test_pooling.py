"""Pooling joins frames into clips, its slopes say which frames learn, and counts are counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import checks, models
from helpers.models import pooling

SCORES = np.random.default_rng(0).random((3, 20, 2))
ATTENTION = np.random.default_rng(1).normal(0, 2, SCORES.shape)


def pooled(scores, how, attention=ATTENTION):
    return np.asarray(models.pool_frames(scores, attention, how=how))


def slopes(scores, how):
    import tensorflow as tf

    x = tf.Variable(scores)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(models.pool_frames(x, tf.constant(ATTENTION), how=how))
    return tape.gradient(total, x).numpy()


@pytest.mark.parametrize("how", pooling.POOLINGS)
def test_a_clip_lies_between_its_frames_and_frames_alike_make_a_clip_alike(how):
    clip = pooled(SCORES, how)
    assert clip.shape == (3, 2)
    assert ((SCORES.min(axis=1) <= clip) & (clip <= SCORES.max(axis=1))).all()
    np.testing.assert_allclose(pooled(np.full((3, 20, 2), 0.3), how), 0.3, atol=1e-6)
    assert np.isfinite(pooled(np.zeros((3, 20, 2)), how)).all()


def test_the_four_by_hand():
    weights = np.exp(ATTENTION) / np.exp(ATTENTION).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(pooled(SCORES, "max"), SCORES.max(axis=1))
    np.testing.assert_allclose(pooled(SCORES, "mean"), SCORES.mean(axis=1))
    linear = (SCORES**2).sum(axis=1) / SCORES.sum(axis=1)
    np.testing.assert_allclose(pooled(SCORES, "linear-softmax"), linear, atol=1e-6)
    np.testing.assert_allclose(pooled(SCORES, "attention"), (weights * SCORES).sum(axis=1), atol=1e-9)


def test_of_max_the_slope_lies_on_one_frame():
    slope = slopes(SCORES, "max")
    assert (np.count_nonzero(slope, axis=1) == 1).all()
    np.testing.assert_array_equal(slope.argmax(axis=1), SCORES.argmax(axis=1))
    np.testing.assert_allclose(slope.sum(axis=1), 1)


def test_of_the_mean_the_slope_lies_evenly():
    np.testing.assert_allclose(slopes(SCORES, "mean"), 1 / 20)


def test_of_the_linear_softmax_the_slope_pushes_frames_up_above_half_of_the_clip_and_down_below():
    slope, total, clip = slopes(SCORES, "linear-softmax"), SCORES.sum(axis=1, keepdims=True), pooled(
        SCORES, "linear-softmax")[:, np.newaxis]
    np.testing.assert_allclose(slope, (2 * SCORES - clip) / total, atol=1e-6)
    np.testing.assert_array_equal(slope > 0, clip / 2 < SCORES)
    np.testing.assert_allclose(slope.sum(axis=1), (2 - clip / SCORES.mean(axis=1, keepdims=True))[:, 0], atol=1e-5)


def test_of_attention_the_slope_is_the_weight():
    slope = slopes(SCORES, "attention")
    np.testing.assert_allclose(slope.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(slope.argmax(axis=1), ATTENTION.argmax(axis=1))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 6), st.integers(1, 5))
def test_sure_frames_of_usual_length_are_counted(n_events, length):
    frames = np.tile([1.0] * length + [0.0] * 3, max(n_events, 1)) * (n_events > 0)
    found = models.expected_counts(frames[np.newaxis, :, np.newaxis], usual_frames=np.array([length]))
    assert float(found[0, 0]) == pytest.approx(n_events)


def test_a_ladder_holds_the_count_and_its_end_all_larger_ones():
    counts = np.array([[0, 1], [2, 7]])
    ladder = models.count_ladder(counts, most=3)
    assert ladder.shape == (2, 3, 2)
    np.testing.assert_array_equal(ladder.sum(axis=1), np.minimum(counts, 3))
    assert (np.diff(ladder, axis=1) <= 0).all()


def test_what_is_laid_over_each_other_is_counted_together():
    counts = np.array([[1, 0], [2, 1], [0, 3]])
    ladder = models.count_ladder(counts, most=4)
    pictures = np.arange(3.0)[:, None, None] * np.full((3, 16, 4), 30.0)
    mixed, both = models.overlay_counts(pictures, ladder, rng=np.random.default_rng(0))
    assert mixed.shape == pictures.shape
    sums = {tuple(counts[a] + (counts[b] if b is not None else 0)) for a in range(3) for b in (None, 0, 1, 2) if a != b}
    assert {tuple(row) for row in both.sum(axis=1).astype(int)} <= {tuple(np.minimum(row, 4)) for row in sums}
    assert (both.sum() > ladder.sum()) == (mixed != pictures).any()


def test_more_is_never_likelier_than_fewer():
    network = models.count_cnn(16, 1, most=4, usual_frames=[3.0], width=4)
    answers = network.predict_on_batch(np.random.default_rng(0).normal(0, 1, (2, 16, 24)).astype(np.float32))
    assert answers.shape == (2, 4, 1)
    assert (np.diff(answers[:, 1:, 0]) <= 0).all()


@pytest.mark.parametrize(("how", "pool"), [("max", 1), ("mean", 2), ("linear-softmax", 2), ("attention", 1),
                                           ("counts", 2)])
def test_networks_learn_from_clips_and_are_read_by_frames(how, pool):
    x = np.random.default_rng(2).normal(0, 1, (6, 16, 24)).astype(np.float32)
    x[:3, 4:8, 10:14] += 4
    present = np.array([[1, 0]] * 3 + [[0, 0]] * 3)
    if how == "counts":
        network = models.count_cnn(16, 2, most=2, usual_frames=[2, 2], pool=pool, width=4)
        y = models.count_ladder(present, most=2)
    else:
        network, y = models.weak_cnn(16, 2, pooling=how, pool=pool, width=4), present
    history = models.fit(network, x, y, epochs=12, batch_size=6, learning_rate=0.01, progress=False)
    assert history["loss"][-1] < history["loss"][0]
    clips, frames = models.predict(network, x), models.predict(models.frame_model(network), x)
    assert clips.shape == y.shape
    assert frames.shape == (6, 24 // pool, 2)
    assert ((frames >= 0) & (frames <= 1)).all()
    if how in ("max", "mean", "linear-softmax"):
        np.testing.assert_allclose(pooled(frames, how), clips, atol=1e-5)


def test_the_same_seed_gives_the_same_frames():
    x = np.random.default_rng(3).normal(0, 1, (4, 16, 16)).astype(np.float32)
    network = models.weak_cnn(16, 1, pooling="attention", width=4)
    read = models.frame_model(network)
    both = []
    for _ in range(2):
        models.fit(network, x, np.array([[1], [0], [1], [0]]), epochs=2, batch_size=4, progress=False)
        both.append(models.predict(read, x))
    np.testing.assert_allclose(*both, atol=1e-6)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(checks.InputError, match="median"):
        models.weak_cnn(16, 2, pooling="median")
    with pytest.raises(checks.InputError, match="weights for each frame"):
        models.pool_frames(SCORES, how="attention")
    with pytest.raises(checks.InputError, match="usual length"):
        models.count_cnn(16, 2, usual_frames=[3.0])
    with pytest.raises(checks.InputError, match="usual length"):
        models.expected_counts(SCORES, usual_frames=[3.0, 0.0])
    with pytest.raises(checks.InputError, match="how"):
        models.pool_frames(SCORES, how="sum")
