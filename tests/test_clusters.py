"""Groups are found, named and heard; what lies apart is called strange; wrong labels come to light."""

import numpy as np
import pandas as pd
import pytest

from helpers import audio, checks, clusters, embeddings, similarity
from helpers.datasets import embedded


def blobs(*sizes, seed=0, spread=0.08, n_dims=30):
    """Points about as many random directions as there are sizes."""
    rng = np.random.default_rng(seed)
    middles = np.eye(n_dims)[: len(sizes)]
    truth = np.repeat(np.arange(len(sizes)), sizes)
    return middles[truth] + rng.normal(0, spread, (len(truth), n_dims)), truth


@pytest.mark.parametrize("how", clusters.HOW)
def test_groups_that_are_there_are_found_and_the_largest_is_number_0(how):
    points, truth = blobs(12, 30, 20)
    found = clusters.cluster(points, how=how, n_clusters=3)
    assert found.dtype.kind == "i"
    kept = found >= 0
    assert kept.mean() > 0.9
    assert pd.crosstab(truth[kept], found[kept]).astype(bool).to_numpy().sum() == 3, "one group, one cluster"
    assert [np.bincount(truth[found == number]).argmax() for number in range(3)] == [1, 2, 0]


@pytest.mark.parametrize("how", clusters.HOW)
def test_groups_depend_on_the_sounds_alone(how):
    points, _ = blobs(15, 25, 9)
    found = clusters.cluster(points, how=how, n_clusters=3, seed=4)
    np.testing.assert_array_equal(found, clusters.cluster(points, how=how, n_clusters=3, seed=4))
    longer = points * np.random.default_rng(1).uniform(0.1, 10, (len(points), 1))
    np.testing.assert_array_equal(found, clusters.cluster(longer, how=how, n_clusters=3, seed=4))
    order = np.random.default_rng(2).permutation(len(points))
    again = clusters.cluster(points[order], how=how, n_clusters=3, seed=4)
    np.testing.assert_array_equal(found[order], again)


def test_what_is_dense_nowhere_is_noise():
    points, _ = blobs(20, 20)
    stray = np.eye(30)[10:14]
    found = clusters.cluster(np.concatenate([points, stray]), how="density")
    assert (found[-4:] == clusters.NOISE).all()
    assert set(found[:40]) >= {0, 1}


def test_fewer_sounds_than_clusters_are_refused():
    points, _ = blobs(3, 3)
    with pytest.raises(checks.InputError, match="at least 7 items"):
        clusters.cluster(points, n_clusters=7)
    with pytest.raises(checks.InputError, match="at least 8 items"):
        clusters.cluster(points, how="density", smallest=8)
    with pytest.raises(checks.InputError, match="'spectral'"):
        clusters.cluster(points, how="spectral")
    with pytest.raises(checks.InputError, match="finite"):
        clusters.cluster(np.full((4, 2), np.nan), n_clusters=2)


def test_a_name_is_what_is_more_frequent_inside_than_elsewhere():
    labels = ["rain"] * 6 + ["dog"] * 4 + ["rain"] * 6 + ["frog"] * 1
    found = clusters.name_clusters(np.repeat([0, 1, -1], [10, 6, 1]), labels)
    assert found["cluster"].tolist() == [0, 1], "what is noise has no name"
    assert found["name"].tolist() == ["dog", "rain"], "rain is the most frequent in both, and no news in the first"
    assert found["n_items"].tolist() == [10, 6]
    np.testing.assert_allclose(found[["share", "elsewhere"]], [[0.4, 4 / 17], [1.0, 12 / 17]])


def test_tags_of_a_tagger_name_clusters_too():
    scores = pd.DataFrame({"Music": [0.9, 0.8, 0.9], "Dog": [0.3, 0.4, 0.0]})
    found = clusters.name_clusters(np.array([0, 0, 1]), scores)
    assert found["name"].tolist() == ["Dog", "Music"]
    with pytest.raises(checks.InputError, match="one entry for each item"):
        clusters.name_clusters(np.array([0, 0]), scores)


def test_representatives_lie_nearest_to_the_middle():
    points, truth = blobs(8, 5)
    points[3] = np.eye(30)[0] * 7                       # exactly the direction, another length
    truth = np.append(truth, -1)
    points = np.vstack([points, np.eye(30)[20]])
    found = clusters.representatives(points, truth, n=6)
    assert sorted(found) == [0, 1]
    assert found[0][0] == 3
    assert len(found[0]) == 6
    assert sorted(found[1]) == [8, 9, 10, 11, 12], "no more than there are"


@pytest.mark.parametrize("how", clusters.OUTLIERS)
def test_what_lies_apart_is_strange(how):
    points, _ = blobs(30, 30)
    scores = clusters.outlier_scores(np.vstack([points, np.eye(30)[25]]), how=how, k=5)
    assert scores.shape == (61,)
    assert scores.argmax() == 60
    assert scores[60] > 1.3 * np.sort(scores)[-2]


@pytest.mark.parametrize("how", clusters.OUTLIERS)
def test_takes_of_one_recording_are_no_company(how):
    points, _ = blobs(30, 30)
    takes = np.tile(np.eye(30)[25], (12, 1)) + np.random.default_rng(3).normal(0, 0.01, (12, 30))
    points, groups = np.vstack([points, takes]), [*range(60), *["one recording"] * 12]
    alone = clusters.outlier_scores(points, groups=groups, how=how, k=5)
    assert set(np.argsort(-alone)[:12]) == set(range(60, 72))
    together = clusters.outlier_scores(points, how=how, k=5)
    assert together[60:].mean() < 0.7 * alone[60:].mean()


def test_the_mean_distance_is_what_it_says():
    rng = np.random.default_rng(5)
    points, groups = rng.normal(0, 1, (20, 6)), rng.integers(0, 7, 20)
    directions = points / np.linalg.norm(points, axis=1, keepdims=True)
    expected = [np.sort([1 - directions[i] @ directions[j] for j in range(20) if groups[i] != groups[j]])[:4].mean()
                for i in range(20)]
    np.testing.assert_allclose(clusters.outlier_scores(points, groups=groups, k=4), expected)
    with pytest.raises(checks.InputError, match="at least two groups"):
        clusters.outlier_scores(points, groups=["one"] * 20)


@pytest.fixture(scope="module")
def clips():
    """Vectors, labels and recordings of eighty embedded clips: four classes, all folds."""
    dataset = embedded.load(labels=("dog", "rain", "clock_tick", "rooster"))
    rows = dataset.clips.groupby(["label", "fold"]).head(4)
    found = embeddings.embed_clips(embeddings.load_embedder(), dataset.load_all(rows), sr=audio.SR, progress=False)
    return similarity.plain_map(found).transform(found), rows["label"].to_numpy(), rows["source"].to_numpy()


def test_the_clusters_of_the_embedded_clips_are_their_classes(clips):
    from sklearn.metrics import adjusted_rand_score

    points, labels, _ = clips
    found = clusters.cluster(points, n_clusters=4)
    assert adjusted_rand_score(labels, found) > 0.7
    assert set(clusters.name_clusters(found, labels)["name"]) == set(labels)


@pytest.mark.parametrize("how", clusters.MODELS)
@pytest.mark.parametrize("seed", range(3))
def test_three_wrong_labels_come_to_light(clips, how, seed):
    points, labels, sources = clips
    rng, wrong = np.random.default_rng(seed), labels.copy()
    planted = rng.choice(len(labels), 3, replace=False)
    for place in planted:
        wrong[place] = rng.choice([name for name in np.unique(labels) if name != labels[place]])
    table = clusters.suspicious_labels(points, wrong, groups=sources, how=how)
    assert set(planted) <= set(table["item"][:5])
    assert (table.set_index("item").loc[planted, "suggestion"] == labels[planted]).all()
    assert sorted(table["item"]) == list(range(len(labels)))
    assert table["probability"].is_monotonic_increasing


def test_no_recording_judges_itself():
    """Labels by recording and nothing else: who has heard the recording is sure, who has not can only guess."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 5)
    points, labels = rng.normal(0, 1, (20, 40))[groups], rng.permutation(np.arange(20) % 2)[groups]
    heard, fair = (clusters.suspicious_labels(points, labels, groups=given, how="neighbours")["probability"].mean()
                   for given in (None, groups))
    assert heard > 0.95
    assert fair < 0.65


def test_labels_that_cannot_be_doubted_are_refused():
    points, _ = blobs(5, 5)
    with pytest.raises(checks.InputError, match="at least two labels"):
        clusters.suspicious_labels(points, ["dog"] * 10)
    with pytest.raises(checks.InputError, match="at least two groups"):
        clusters.suspicious_labels(points, ["dog", "cat"] * 5, groups=["one"] * 10)
    with pytest.raises(checks.InputError, match="9 in labels"):
        clusters.suspicious_labels(points, ["dog"] * 9)
