"""What notebook 06 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pytest

from helpers import clusters, metrics, search, segments, soundmap
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 06 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / "06_search_and_map.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, **names}
        exec(compile(ast.Module([shown[name]], []), "06_search_and_map.py", "exec"), space)
        return space[name]

    return get


@pytest.fixture
def collection():
    """Sixty vectors of twenty recordings in four classes."""
    rng = np.random.default_rng(6)
    labels = np.array(["dog", "rain", "cat", "rooster"])[np.arange(60) % 4]
    centres = rng.normal(0, 2, (4, 12))
    return {"vectors": centres[np.arange(60) % 4] + rng.normal(1, 1.5, (60, 12)), "labels": labels,
            "sources": (np.arange(60) // 12 * 4 + np.arange(60) % 4).astype(str)}


@pytest.mark.parametrize("how", metrics.DISTANCES)
def test_its_distances_are_those_of_the_helpers(inline, collection, how):
    vectors = collection["vectors"]
    spread = vectors.std(axis=0)
    expected = metrics.distances(vectors[:7], vectors, how=how, scale=spread)
    np.testing.assert_allclose(inline("distances")(vectors[:7], vectors, how, spread), expected, atol=1e-6)
    place = metrics.DISTANCES.index(how)
    by_hand = [inline("four_distances")(vectors[3], other, spread)[place] for other in vectors]
    np.testing.assert_allclose(by_hand, expected[3], atol=1e-6)


def test_its_two_equal_rankings_are_equal(inline, collection):
    """The square of a distance between unit vectors is twice their cosine distance."""
    vectors, distances = collection["vectors"], inline("distances")
    cosine, unit = (distances(vectors, vectors, how) for how in ("cosine", "unit_euclidean"))
    np.testing.assert_allclose(unit**2, 2 * cosine, atol=1e-9)


def test_its_search_finds_what_the_helpers_find(inline, collection):
    vectors, sources = collection["vectors"], collection["sources"]
    rows, _ = search.nearest(vectors, vectors, k=5, apart=(sources, sources))
    far = metrics.distances(vectors, vectors)
    for query in range(len(vectors)):
        found = inline("k_nearest")(far[query], sources, sources[query], 5)
        np.testing.assert_array_equal(found, rows[query])
        labels = collection["labels"]
        expected = metrics.precision_at_k(labels[found] == labels[query], k=3)
        assert inline("precision")(labels[found], labels[query], 3) == pytest.approx(expected)


@pytest.mark.parametrize("groups", [True, False], ids=["other recordings", "all but the query"])
def test_its_judge_says_what_that_of_the_helpers_says(inline, collection, groups):
    sources = collection["sources"] if groups else np.arange(60)
    far = metrics.distances(collection["vectors"], collection["vectors"])
    own = inline("judge", labels=collection["labels"], k=4)(far, sources[:, np.newaxis] != sources)
    expected = metrics.retrieval_scores(collection["vectors"], collection["labels"], groups=sources, k=4)
    names = {"precision at k": "precision_at_k", "MAP": "mean_average_precision",
             "reciprocal rank": "mean_reciprocal_rank", "rank of the first": "mean_first_rank"}
    assert own == pytest.approx({short: expected[long] for short, long in names.items()})


def test_its_shadow_is_that_of_the_sound_map(inline, collection):
    shadow, kept = inline("pca")(collection["vectors"])
    expected = soundmap.project(collection["vectors"], how="pca")
    np.testing.assert_allclose(np.abs(shadow), np.abs(expected), atol=1e-9)
    spread = collection["vectors"].var(axis=0).sum()
    np.testing.assert_allclose(kept, shadow.var(axis=0) / spread)


def test_its_suspects_are_those_whose_neighbours_disagree(inline, collection):
    unit = collection["vectors"] / np.linalg.norm(collection["vectors"], axis=1, keepdims=True)
    labels = collection["labels"].copy()
    labels[[5, 30]] = "cat", "dog"
    found = inline("find_suspects")(unit, labels, collection["sources"], 4)
    assert {5, 30} <= set(found)
    model = clusters.suspicious_labels(unit, labels, groups=collection["sources"], how="neighbours")
    assert {5, 30} <= set(model["item"].head(4))


@pytest.mark.parametrize("reach", [2, 5, 8])
def test_its_novelty_is_that_of_the_segments(inline, reach):
    rng = np.random.default_rng(reach)
    frames = np.repeat(rng.normal(0, 1, (4, 6)), [9, 4, 12, 7], axis=0) + rng.normal(0, 0.3, (32, 6))
    similarity = segments.self_similarity(frames)
    np.testing.assert_allclose(inline("novelty")(similarity, reach), segments.novelty(similarity, reach=reach))


def test_its_number_of_groups_is_that_of_the_best_silhouette(inline):
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    points = np.repeat(np.eye(5) * 6, 20, axis=0) + np.random.default_rng(1).normal(0, 1, (100, 5))
    assert inline("choose_k", KMeans=KMeans, silhouette_score=silhouette_score)(points, [2, 5, 9]) == 5
