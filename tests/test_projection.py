"""Sounds that are alike lie side by side on the map, and drawing it loads no TensorFlow and changes with no run."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import checks, search, soundmap
from helpers.soundmap import projection

TABLES = arrays.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 9)),
                       elements=st.floats(-100, 100, width=32))


def groups(n=120, n_dims=40):
    """Three groups far apart, in order."""
    rng = np.random.default_rng(0)
    centres = 8 * rng.standard_normal((3, n_dims))
    return (np.repeat(centres, n // 3, axis=0) + rng.standard_normal((n, n_dims))).astype(np.float32)


# Principal components

@given(TABLES)
def test_principal_components_are_those_of_the_singular_value_decomposition(table):
    found = projection.principal_components(table, n=2)
    s = np.linalg.svd(table - table.mean(axis=0), compute_uv=False)
    assert found.shape == (len(table), 2)
    scale = max(1.0, np.abs(table).max())
    np.testing.assert_allclose(np.linalg.norm(found, axis=0)[:len(s)], s[:2], atol=1e-5 * scale)
    np.testing.assert_allclose(found.sum(axis=0), 0, atol=1e-6 * scale * len(table))
    assert (found.max(axis=0) >= -found.min(axis=0) - 1e-9 * scale).all()


def test_the_directions_are_right_too_and_both_ways_agree():
    table = np.random.default_rng(1).standard_normal((30, 6)) * [9, 5, 3, 1, 1, 1]
    u, s, _ = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    tall = projection.principal_components(table, n=3)
    np.testing.assert_allclose(np.abs(tall), np.abs(u[:, :3] * s[:3]), atol=1e-9)
    wide = projection.principal_components(np.pad(table, ((0, 0), (0, 60))), n=3)
    np.testing.assert_allclose(wide, tall, atol=1e-9)


def test_pca_is_a_shadow_distances_never_grow():
    table = groups()
    shadow = soundmap.project(table, how="pca")
    far = np.linalg.norm(table[:, None] - table[None], axis=2)
    assert (np.linalg.norm(shadow[:, None] - shadow[None], axis=2) <= far + 1e-3).all()


# Bonds between neighbours

@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(2, 9)), elements=st.floats(0.01, 100)))
def test_everybody_holds_on_to_equally_many(distances):
    distances = np.sort(distances, axis=1)
    held = projection.memberships(distances)
    assert ((held >= 0) & (held <= 1)).all()
    np.testing.assert_array_equal(held[:, 0], 1)
    assert (np.diff(held, axis=1) <= 0).all(), "less to those further away"
    equal = (distances == distances[:, :1]).sum(axis=1)
    goal = np.log2(distances.shape[1] + 1)
    reachable = (equal < goal) & (np.ptp(distances, axis=1) > 0.1 * distances.mean(axis=1))
    np.testing.assert_allclose(held.sum(axis=1)[reachable], goal, rtol=1e-4)


def test_doubles_hold_on_fully_and_units_do_not_matter():
    distances = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    held = projection.memberships(distances)
    assert held[0].tolist() == [1, 1, 1, 1]
    assert held[1, :2].tolist() == [1, 1]
    np.testing.assert_allclose(projection.memberships(1000 * distances), held, rtol=1e-6)


def test_a_bond_holds_from_both_sides():
    joined = projection._graph(groups(), n_neighbours=8).toarray()
    np.testing.assert_allclose(joined, joined.T)
    assert not joined.diagonal().any()
    assert ((joined > 0).sum(axis=1) >= 7).all()
    assert (joined[:40, 40:] < 0.05).all(), "groups that lie apart"


# UMAP

def test_umap_keeps_groups_together_and_two_runs_agree():
    table = groups()
    placed = soundmap.project(table, seed=3)
    assert placed.shape == (120, 2)
    assert np.isfinite(placed).all()
    np.testing.assert_array_equal(placed, soundmap.project(table, seed=3))
    assert (placed != soundmap.project(table, seed=4)).any()
    own = np.arange(120)
    nearest, _ = search.nearest(placed, placed, k=5, distance="euclidean", apart=(own, own))
    assert (nearest // 40 == np.arange(120)[:, None] // 40).all()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_few_sounds_are_placed_by_pca(n):
    table = groups()[:: 40][:n] if n < 4 else groups()[[0, 40, 80, 119]]
    np.testing.assert_array_equal(soundmap.project(table), soundmap.project(table, how="pca"))


@pytest.mark.parametrize("n", [5, 6, 16])
def test_umap_takes_as_many_neighbours_as_there_are(n):
    placed = soundmap.project(groups()[:n])
    assert placed.shape == (n, 2)
    assert len(np.unique(placed.round(4), axis=0)) == n


@pytest.mark.parametrize("how", projection.HOW)
def test_identical_sounds_lie_on_one_point(how):
    np.testing.assert_array_equal(soundmap.project(np.full((20, 3), 0.1, np.float32), how=how), np.zeros((20, 2)))


def test_sounds_that_differ_in_one_way_lie_on_a_line():
    line = np.outer(np.arange(30.0), [3, 4, 0])
    shadow = soundmap.project(line, how="pca")
    np.testing.assert_allclose(np.abs(np.diff(shadow[:, 0])), 5)
    assert not shadow[:, 1].any()
    placed = soundmap.project(line)
    assert np.isfinite(placed).all()
    assert len(np.unique(placed.round(4), axis=0)) == 30


def test_many_doubles_do_not_break_it():
    table = groups(30)
    table[10:] = table[0]
    assert np.isfinite(soundmap.project(table)).all()


@pytest.mark.parametrize(("changes", "says"), [
    ({"embeddings": np.array([[0.0, np.nan]])}, "1 values that are NaN"),
    ({"embeddings": np.zeros(4)}, "shape \\(4,\\).*np.newaxis"),
    ({"embeddings": np.zeros((0, 4))}, "shape \\(0, 4\\)"),
    ({"embeddings": np.zeros((3, 4), int)}, "floats"),
    ({"how": "tsne"}, "'umap', 'pca'; got 'tsne'"),
    ({"n_neighbours": 2}, "n_neighbours of at least 3"),
    ({"n_neighbours": 2.5}, "whole number"),
    ({"min_dist": 2.0}, "min_dist of at most 1"),
    ({"epochs": 0}, "epochs above 0"),
])
def test_bad_input_is_told_what_to_do(changes, says):
    given = {"embeddings": groups(), **changes}
    with pytest.raises(checks.InputError, match=says):
        soundmap.project(given.pop("embeddings"), **given)


# TensorFlow

@pytest.fixture(scope="module")
def fresh():
    """What a fresh interpreter has loaded before and after UMAP is there; fitting it is left out, it compiles."""
    code = """
import json, sys
from helpers.soundmap import projection
before = sorted(name for name in ("umap", "numba", "tensorflow", "matplotlib.pyplot") if name in sys.modules)
projection._import_umap()
loaded = sorted(name for name in ("umap", "numba", "tensorflow", "keras") if name in sys.modules)
import importlib.util
found = importlib.util.find_spec("tensorflow") is not None
print(json.dumps([before, loaded, found, "tensorflow" in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_tensorflow_is_not_loaded_and_can_still_be(fresh):
    before, loaded, found, still_hidden = fresh
    assert before == [], "importing helpers.soundmap loads neither"
    assert loaded == ["numba", "umap"]
    assert found
    assert not still_hidden


def test_a_package_is_hidden_only_while_it_lasts(monkeypatch):
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with projection._hidden("wave"), pytest.raises(ImportError):
        import wave
    import wave

    assert wave.open
    with projection._hidden("wave"):
        assert sys.modules["wave"] is wave, "what is loaded stays"
    monkeypatch.delitem(sys.modules, "wave")
    with pytest.raises(KeyError), projection._hidden("wave"):
        raise KeyError
    assert "wave" not in sys.modules, "also after an error"


def test_two_threads_import_it_one_after_the_other():
    found = []
    threads = [threading.Thread(target=lambda: found.append(projection._import_umap().UMAP)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert sys.modules.get("tensorflow", True) is not None


@settings(max_examples=5)
@given(st.integers(0, 2**31))
def test_any_seed_will_do(seed):
    assert np.isfinite(soundmap.project(groups(12), seed=seed, epochs=2)).all()
