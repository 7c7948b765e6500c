"""Rankings are judged as scikit-learn judges them; distances agree where they must; own recordings are left out."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import average_precision_score, pairwise_distances

from benchmarks.embedders import average_precision as standardised_cosine
from helpers import checks, metrics

TABLES = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(3)),
                elements=st.floats(-4, 4, width=32, allow_subnormal=False))


def items(n: int = 60, *, n_classes: int = 4, n_dims: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    return (rng.standard_normal((n_classes, n_dims))[labels] + rng.standard_normal((n, n_dims))).astype("f"), labels


# Distances

@given(TABLES)
def test_on_unit_vectors_the_square_of_euclid_is_twice_the_cosine_distance(table):
    cosine, euclid = (metrics.distances(table, table, how=how) for how in ("cosine", "unit_euclidean"))
    assert_allclose(euclid ** 2, 2 * cosine, atol=1e-12)
    table = table.astype(float)                    # the squares of the smallest ones do not fit into single precision
    unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-100)
    both = table.any(axis=1)[:, None] & table.any(axis=1)
    assert_allclose(cosine[both], (1 - unit @ unit.T)[both], atol=1e-5)


@pytest.mark.parametrize(("how", "theirs"), [("cosine", "cosine"), ("euclidean", "euclidean"),
                                             ("standardised", "seuclidean")])
def test_distances_are_those_of_scikit_learn(how, theirs):
    a, b = items(20)[0].astype(float), items(30, seed=1)[0].astype(float)
    settings = {"V": b.var(axis=0)} if how == "standardised" else {}
    assert_allclose(metrics.distances(a, b, how=how), pairwise_distances(a, b, metric=theirs, **settings), rtol=1e-9)


@pytest.mark.parametrize("how", metrics.DISTANCES)
def test_equal_vectors_are_exactly_equally_far(how):
    table = items(40, n_dims=37)[0]
    table[[3, 17, 31, 39]] = table[8]
    far = metrics.distances(table[:5], table, how=how)
    for twin in (3, 17, 31, 39):
        assert_array_equal(far[:, twin], far[:, 8])
    assert far[3, 8] == 0


def test_only_the_direction_counts_for_cosine_and_units_do_not_for_the_standardised():
    table, lengths = items()[0].astype(float), np.linspace(0.1, 9, 60)[:, None]
    assert_allclose(metrics.distances(table, table), metrics.distances(table * lengths, table), atol=1e-12)
    millimetres = table * np.geomspace(1, 1000, 8)
    assert_allclose(metrics.distances(table, table, how="standardised"),
                    metrics.distances(millimetres, millimetres, how="standardised"), rtol=1e-9)
    assert not np.allclose(metrics.distances(table, table), metrics.distances(millimetres, millimetres))


def test_zeros_have_no_direction_and_a_constant_dimension_does_no_harm():
    table = np.array([[0.0, 5.0], [1.0, 5.0], [3.0, 5.0]])
    assert_array_equal(metrics.distances(np.zeros((1, 2)), table), [[1, 1, 1]])
    far = metrics.distances(table[:1], table, how="standardised")[0]
    assert_allclose(far, np.array([0, 1, 3]) / table[:, 0].std())
    tiny = np.array([[1e-200, 0.0], [0.0, 1e-200]])
    assert_allclose(metrics.distances(tiny, 1e300 * tiny), [[0, 1], [1, 0]])


def test_an_empty_table_is_legal():
    assert metrics.distances(np.empty((0, 3)), np.ones((2, 3))).shape == (0, 2)
    assert metrics.distances(np.ones((2, 3)), np.empty((0, 3)), how="standardised").shape == (2, 0)


@pytest.mark.parametrize(("a", "b", "settings"), [
    (np.ones(3), np.ones((2, 3)), {}), (np.ones((1, 2)), np.ones((2, 3)), {}),
    (np.ones((1, 3), int), np.ones((2, 3)), {}), (np.full((1, 3), np.nan), np.ones((2, 3)), {}),
    (np.ones((1, 3)), np.ones((2, 3)), {"how": "manhattan"})])
def test_what_is_no_table_or_no_distance_is_refused(a, b, settings):
    with pytest.raises(checks.InputError):
        metrics.distances(a, b, **settings)


# Rankings

@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30))
def test_average_precision_is_that_of_scikit_learn_with_ties_too(hits):
    relevant, far = np.array(hits).T
    found = metrics.average_precision(relevant.astype(bool), far / 3)
    if relevant.any():
        assert found == pytest.approx(average_precision_score(relevant, -far / 3), abs=1e-12)
    else:
        assert np.isnan(found)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_numbers_of_a_ranking_are_what_their_words_say(relevant):
    ranks = [rank for rank, hit in enumerate(relevant, start=1) if hit]
    for k in (1, 3, 50):
        assert metrics.precision_at_k(relevant, k=k) == sum(relevant[:k]) / min(k, len(relevant))
    assert metrics.first_rank(relevant) == (ranks[0] if ranks else np.inf)
    if ranks:
        assert metrics.average_precision(relevant) == pytest.approx(
            np.mean([sum(relevant[:rank]) / rank for rank in ranks]))


def test_means_leave_out_what_cannot_be_found_and_count_what_was_not():
    rankings = [[True, False], [False, False], [False, True]]
    assert metrics.mean_average_precision(rankings) == 0.75
    assert metrics.mean_reciprocal_rank(rankings) == 0.5
    assert np.isnan(metrics.mean_average_precision([]))
    assert np.isnan(metrics.mean_reciprocal_rank([]))


@pytest.mark.parametrize("ranking", [[], [[True]], [0.5, 1.0], ["dog"]])
def test_what_is_no_ranking_is_refused(ranking):
    with pytest.raises(checks.InputError, match="True and False"):
        metrics.precision_at_k(ranking)


@pytest.mark.parametrize(("far", "k"), [([0.1], 1), ([0.1, np.nan], 1), ([0.1, 0.2], 0), ([0.1, 0.2], 1.5)])
def test_wrong_distances_and_depths_are_refused(far, k):
    with pytest.raises(checks.InputError):
        metrics.average_precision([True, False], far) and metrics.precision_at_k([True, False], k=k)


# A whole collection

def brute_force(table, labels, groups, *, how, k):
    """Query by query with plain loops; scikit-learn judges."""
    far = metrics.distances(table, table, how=how)
    precisions, averages, first = [], [], []
    for query in range(len(table)):
        others = [item for item in range(len(table)) if groups[item] != groups[query]]
        relevant = [bool(labels[item] == labels[query]) for item in others]
        if not any(relevant):
            continue
        order = sorted(range(len(others)), key=lambda at: far[query, others[at]])
        averages.append(average_precision_score(relevant, -far[query, others]))
        precisions.append(np.mean([relevant[at] for at in order[:k]]))
        first.append(1 + next(rank for rank, at in enumerate(order) if relevant[at]))
    return np.mean(averages), np.mean(precisions), np.mean(1 / np.array(first)), np.mean(first), len(averages)


@pytest.mark.parametrize("how", metrics.DISTANCES)
@pytest.mark.parametrize("grouped", [False, True])
def test_a_collection_is_judged_as_by_brute_force(how, grouped):
    table, labels = items()
    table[20:28:2] = table[1]                                     # ties
    groups = np.arange(60) // 3 if grouped else np.arange(60)
    scores = metrics.retrieval_scores(table, labels, groups=groups if grouped else None, distance=how, k=7)
    names = ("mean_average_precision", "precision_at_k", "mean_reciprocal_rank", "mean_first_rank", "n_queries")
    assert_allclose([scores[name] for name in names], brute_force(table, labels, groups, how=how, k=7), rtol=1e-12)


def test_the_own_recording_is_never_a_hit():
    """Three cuts of each recording lie together, and no two recordings of one class do."""
    rng = np.random.default_rng(0)
    recordings = rng.standard_normal((40, 16))
    table = np.repeat(recordings, 3, axis=0) + 0.01 * rng.standard_normal((120, 16))
    labels, groups = np.repeat(np.arange(40) % 4, 3), np.repeat(np.arange(40), 3)
    careless, honest = (metrics.retrieval_scores(table, labels, groups=which, k=2) for which in (None, groups))
    assert careless["precision_at_k"] == 1
    assert abs(honest["precision_at_k"] - honest["chance"]) < 0.15


def test_a_large_class_does_not_decide_the_balanced_mean():
    table = np.vstack([np.tile([1.0, 0.0], (30, 1)), [[1.0, 0.0], [-1.0, 0.0]]])
    scores = metrics.retrieval_scores(table, ["rain"] * 30 + ["dog"] * 2)
    assert scores["mean_average_precision"] > 0.9 > 0.6 > scores["class_balanced"]
    assert scores["by_class"]["n_queries"].to_dict() == {"dog": 2, "rain": 30}
    assert scores["class_balanced"] == pytest.approx(scores["by_class"]["average_precision"].mean())


def test_a_label_that_nothing_shares_is_no_query():
    table, _ = items(9)
    scores = metrics.retrieval_scores(table, ["a"] * 4 + ["b"] * 4 + ["alone"])
    assert scores["n_queries"] == 8
    assert list(scores["by_class"].index) == ["a", "b"]


def test_random_embeddings_reach_chance():
    table = np.random.default_rng(0).standard_normal((300, 20))
    scores = metrics.retrieval_scores(table, np.arange(300) % 5)
    assert scores["chance"] == pytest.approx(59 / 299)
    assert scores["precision_at_k"] == pytest.approx(scores["chance"], abs=0.03)
    assert scores["mean_average_precision"] == pytest.approx(scores["chance"], abs=0.03)


@pytest.mark.parametrize(("labels", "settings"), [
    (["a"] * 5, {}), (["a"] * 6, {"distance": "nearness"}), (["a"] * 6, {"groups": [1] * 6}), (list("abcdef"), {}),
    (["a"] * 6, {"k": 0})])
def test_a_collection_that_cannot_be_judged_is_refused(labels, settings):
    with pytest.raises(checks.InputError):
        metrics.retrieval_scores(items(6)[0], labels, **settings)


def test_the_benchmark_of_embedders_keeps_its_figure():
    """Standardised, then cosine, as its first results were made."""
    table, labels = items(80)
    groups = np.arange(80) // 2
    unit = (table - table.mean(axis=0)) / table.std(axis=0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = np.mean([average_precision_score(labels[groups != groups[item]] == labels[item],
                                                    (unit @ unit[item])[groups != groups[item]]) for item in range(80)])
    assert standardised_cosine(table, labels, groups) == pytest.approx(expected, abs=1e-6)


# Hubs

def test_hubs_are_counted():
    neighbours = np.array([[1, 2], [2, -1], [1, 0]])
    assert metrics.hubness(neighbours, n_items=4).tolist() == [1, 2, 2, 0]


@pytest.mark.parametrize("neighbours", [np.array([[4]]), np.array([[-2]]), np.array([1, 2]), np.array([[0.5]])])
def test_what_are_no_neighbours_is_refused(neighbours):
    with pytest.raises(checks.InputError, match="neighbours"):
        metrics.hubness(neighbours, n_items=4)
