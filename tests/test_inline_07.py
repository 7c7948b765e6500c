"""What notebook 07 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pandas as pd
import pytest

from helpers import models, similarity
from notebooks import build

SOURCE = "07_learn_similarity.py"
RNG = np.random.default_rng(0)
LABELS = np.repeat(["dog", "rain", "cat"], 8)
X = (RNG.normal(0, 1, (24, 10)) + 2 * np.eye(3, 10)[np.repeat(range(3), 8)]).astype(np.float32)
X[:, 9] = 1.0         # a number that never changes


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 07 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / SOURCE).read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, "pd": pd, **names}
        exec(compile(ast.Module([shown[name]], []), SOURCE, "exec"), space)
        return space[name]

    return get


@pytest.mark.parametrize("keep", ["classes", "all"])
@pytest.mark.parametrize("shrinkage", [0.05, 0.5])
def test_its_linear_map_is_that_of_the_helpers(inline, keep, shrinkage):
    own = inline("learn_linear")(X, LABELS, shrinkage, keep)(X)
    helpers = similarity.fit_linear(X, LABELS, shrinkage=shrinkage, keep=keep).transform(X)
    if keep == "classes":
        assert own.shape == helpers.shape == (24, 2)
    np.testing.assert_allclose(own @ own.T, helpers @ helpers.T, atol=1e-4, err_msg="alike up to a turn of the axes")


def test_its_triplet_loss_is_that_of_the_helpers(inline):
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    own = np.mean([inline("triplet_loss")(a, p, n, 0.4) for a, p, n in zip(unit[:8], unit[8:16], unit[16:],
                                                                            strict=True)])
    helpers = similarity.triplet_loss(unit[:8], unit[8:16], negatives=unit[16:], margin=0.4)
    assert own == pytest.approx(helpers)


@pytest.mark.parametrize("margin", [0.2, 1.0])
def test_its_loss_of_a_batch_is_that_of_the_helpers(inline, margin):
    unit = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    codes = np.column_stack([np.repeat(range(3), 8), np.arange(24) // 2]).astype(np.float32)
    own = inline("semi_hard_loss", ops=models.load_keras().ops, margin=margin)(codes, unit)
    assert float(own) == pytest.approx(float(similarity.batch_triplet_loss(margin)(codes, unit)), rel=1e-5)
    assert float(own) > 0


def test_its_prototypes_are_those_of_the_helpers(inline):
    own, names = inline("prototypes")(X, LABELS)
    helpers, also = similarity.prototypes(X, LABELS)
    np.testing.assert_allclose(own, helpers, atol=1e-6)
    assert names.tolist() == also.tolist() == ["cat", "dog", "rain"]


@pytest.mark.parametrize("stop", [True, False])
def test_its_loss_without_labels_is_that_of_the_helpers(inline, stop):
    import tensorflow as tf

    p, z = (tf.Variable(RNG.normal(0, 1, (4, 8)).astype(np.float32)) for _ in range(2))
    losses, slopes = [], []
    for loss in (inline("simsiam_loss", ops=models.load_keras().ops), similarity.simsiam_loss):
        with tf.GradientTape() as tape:
            losses.append(loss((p, p + 1), (z, z + 1), stop_gradient=stop))
        slopes.append(tape.gradient(losses[-1], [p, z]))
    assert float(losses[0]) == pytest.approx(float(losses[1]), abs=1e-6)
    np.testing.assert_allclose(slopes[0][0], slopes[1][0], atol=1e-6)
    assert all((slope[1] is None) == stop for slope in slopes)


def test_its_collapse_is_that_of_the_helpers(inline):
    assert inline("collapse")(X) == pytest.approx(similarity.collapse(X), abs=1e-6)


def test_its_search_leaves_out_the_own_recording(inline):
    valid = pd.DataFrame({"source": ["a", "a", "b", "c"]})
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.6, 0.8], [0.8, 0.6]])
    assert inline("nearest", valid=valid)(vectors, 0, k=2).tolist() == [3, 2]
