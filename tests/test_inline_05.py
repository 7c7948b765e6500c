"""What notebook 05 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pandas as pd
import pytest

from helpers import labelling, labels, models
from helpers.labelling import hmm
from helpers.models import pooling
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 05 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / "05_label_events.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, "pd": pd, **names}
        exec(compile(ast.Module([shown[name]], []), "05_label_events.py", "exec"), space)
        return space[name]

    return get


@pytest.mark.parametrize("how", pooling.POOLINGS)
def test_its_poolings_are_those_of_the_helpers(inline, how):
    rng = np.random.default_rng(0)
    scores, attention = rng.random((3, 20, 2)), rng.normal(0, 2, (3, 20, 2))
    own = inline("pool_frames", ops=models.load_keras().ops)(scores, attention, how)
    np.testing.assert_allclose(own, models.pool_frames(scores, attention, how=how), atol=1e-7)
    if how != "attention":
        by_hand = dict(zip(("max", "mean", "linear-softmax"), inline("pool_by_hand")(scores[0, :, 0]), strict=True))
        assert float(own[0, 0]) == pytest.approx(by_hand[how], abs=1e-6)


def test_its_slopes_are_those_that_training_follows(inline):
    import tensorflow as tf

    scores = np.random.default_rng(1).random((1, 12, 1))
    attention, ops = 4 * scores, models.load_keras().ops
    own = inline("slopes", scores=scores, attention=attention, pool_frames=inline("pool_frames", ops=ops))
    for how in pooling.POOLINGS:
        x = tf.Variable(scores)
        with tf.GradientTape() as tape:
            pooled = models.pool_frames(x, tf.constant(attention), how=how)
        np.testing.assert_allclose(own(how), tape.gradient(pooled, x).numpy()[0, :, 0], atol=2e-3)


@pytest.mark.parametrize("seed", range(4))
def test_its_two_states_are_those_of_the_helpers(inline, seed):
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.choice([-60.0, -35.0], 15), rng.integers(2, 15, 15))
    levels += rng.normal(0, 3, len(levels))
    density, forward_backward = inline("density"), inline("forward_backward")
    means, deviations, transition = inline("fit_states", density=density, forward_backward=forward_backward)(levels)
    found = labelling.fit_states(levels)
    np.testing.assert_allclose(np.sort(means), found.means)
    np.testing.assert_allclose(deviations[np.argsort(means)], found.deviations)
    fit = density(levels, means, deviations)
    np.testing.assert_allclose(forward_backward(fit, transition)[0], hmm.forward_backward(fit, transition)[0])
    loud = inline("viterbi")(fit, transition) == means.argmax()
    np.testing.assert_array_equal(loud, labelling.loud_frames(levels, found, least_db=0.0))


def test_its_reader_reads_what_the_helpers_read(inline, tmp_path):
    events = pd.DataFrame({"onset": [0.5, 1.25], "offset": [0.75, 1.25], "label": ["glass breaking", "dog"],
                           "low_hz": [400.0, np.nan], "high_hz": [2500.0, np.nan]})
    path = labels.write_audacity(events, tmp_path / "track.txt")
    rows = inline("read_track")(path.read_text("utf-8"))
    table = labels.read_audacity(path)
    assert rows == list(table[["onset", "offset", "label"]].itertuples(index=False, name=None))


def test_what_it_picks_is_what_its_rounds_pick(inline):
    scores = np.random.default_rng(2).random((50, 3))
    labelled = np.arange(50) % 4 == 0
    picked = inline("pick_next")(scores, labelled, 7)
    np.testing.assert_array_equal(picked, inline("least_certain")(scores, np.flatnonzero(~labelled), 7))


def test_its_linear_models_are_those_of_the_benchmark(inline):
    from sklearn.linear_model import LogisticRegression

    from benchmarks import labels as benchmark

    rng = np.random.default_rng(3)
    x, y = rng.normal(0, 1, (40, 6)), rng.random((40, 3)) < [0.3, 0.5, 0.0]
    own = inline("learn", LogisticRegression=LogisticRegression)(x, y.astype(float))
    np.testing.assert_allclose(own(x), benchmark.learn(x, y.astype(float))(x), atol=1e-6)
    assert (own(x)[:, 2] == 0).all(), "a class that never came up is never expected"
