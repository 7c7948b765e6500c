"""What notebook 02 builds before the reader's eyes does what helpers do."""

import ast

import numpy as np
import pytest

from helpers import models, windows
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 02 shows, each on its own, as code to run."""
    tree = ast.parse((build.HERE / "src" / "02_classify_clips.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, **names}
        exec(compile(ast.Module([shown[name]], []), "02_classify_clips.py", "exec"), space)
        return space[name]

    return get


@pytest.mark.parametrize("n_samples", [1, 99, 100, 101, 149, 150, 151, 200, 640, 1000])
@pytest.mark.parametrize("hop", [0.1, 0.5, 0.75, 1.0])
def test_split_cuts_the_same_windows(inline, n_samples, hop):
    audio = np.random.default_rng(n_samples).standard_normal(n_samples)
    cut, starts = inline("split")(audio, sr=100, window=1.0, hop=hop)
    expected, expected_starts = windows.split(audio, sr=100, window=1.0, hop=hop)
    np.testing.assert_array_equal(cut, expected)
    np.testing.assert_allclose(starts, expected_starts)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_levels_are_the_same_and_so_is_the_gate(inline, kind):
    rng = np.random.default_rng(3)
    cut = (rng.standard_normal((200, 160)) * 10 ** (rng.uniform(-120, 0, (200, 1)) / 20)).astype(kind)
    cut[::20] = 0
    levels_db, expected_db = inline("levels_db")(cut), windows.levels_db(cut)
    np.testing.assert_allclose(levels_db[expected_db > -150], expected_db[expected_db > -150], atol=1e-3)
    assert (levels_db[::20] == -200).all()
    for threshold_db in (-60.0, -30.0):
        expected = windows.live(cut, threshold_db=threshold_db)
        assert 0 < expected.sum() < len(cut)
        np.testing.assert_array_equal(levels_db >= threshold_db, expected)


@pytest.mark.parametrize("how", windows.HOW)
def test_votes_are_the_same(inline, how):
    rng = np.random.default_rng(4)
    for _ in range(20):
        scores = rng.dirichlet(np.full(5, 0.3), rng.integers(1, 9))
        np.testing.assert_allclose(inline("pool")(scores, how=how), windows.pool(scores, how=how))
    one_hot = np.eye(3)[[0, 1, 1]]
    np.testing.assert_allclose(inline("pool")(one_hot, how=how), windows.pool(one_hot, how=how))


def test_the_network_is_the_small_cnn(inline):
    """Layer by layer: kind and settings, so that training gives the same network too."""
    keras = models.load_keras()

    def settings(layer):
        config = {name: value for name, value in layer.get_config().items() if name not in ("name", "dtype")}
        return type(layer).__name__, config

    def without_input(network):
        return [settings(layer) for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]

    network = inline("build_network", keras=keras, layers=keras.layers)((64, 32), 10)
    expected = models.small_cnn((64, 32), 10)
    assert without_input(network) == without_input(expected)
    assert [weight.shape for weight in network.weights] == [weight.shape for weight in expected.weights]
    assert network.input_shape == expected.input_shape


def test_only_these_functions_are_shown_twice(inline):
    """A core that is shown without being compared could drift away."""
    tree = ast.parse((build.HERE / "src" / "02_classify_clips.py").read_text("utf-8"))
    shown = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    exercises = {"grouped_split", "count_windows", "vote"}
    of_the_notebook = {"prepare", "lengths", "judge", "mean_statistics", "ask", "score_clips"}
    assert shown == {"split", "levels_db", "pool", "build_network"} | exercises | of_the_notebook
