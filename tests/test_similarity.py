"""What is learned brings together what belongs together, and a collapse is seen."""

import functools
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks, features, metrics, similarity
from helpers.similarity import maps


def sounds(n_classes=4, n_sources=24, n_takes=2, *, n_dims=16, seed=2, nuisance=1.0):
    """Vectors in which the class is faint and the room is loud; labels and recordings."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(0, 2, (n_classes, n_dims)) * (np.arange(n_dims) < 4)
    rooms = rng.normal(0, nuisance, (n_classes * n_sources, n_dims))
    sources = np.repeat(np.arange(n_classes * n_sources), n_takes)
    labels = sources % n_classes
    vectors = middles[labels] + rooms[sources] + rng.normal(0, 0.3, (len(sources), n_dims))
    return (7 + vectors).astype(np.float32), np.array(["dog", "rain", "cat", "bell", "sea", "bird"])[labels], sources


def precision(vectors, labels, sources):
    return metrics.retrieval_scores(vectors, labels, groups=sources)["mean_average_precision"]


X, LABELS, SOURCES = sounds()
HALF = SOURCES < 48        # twelve recordings of each class to learn from, twelve to search in
FITS = {
    "linear": functools.partial(similarity.fit_linear, shrinkage=0.1),
    "linear, all": functools.partial(similarity.fit_linear, shrinkage=0.1, keep="all"),
    "linear, chosen": similarity.fit_linear,
    "triplets": functools.partial(similarity.fit_triplets, steps=120, n_dims=8, hidden=32),
    "triplets, linear, all": functools.partial(similarity.fit_triplets, steps=3, n_dims=8, hidden=0, mining="all"),
}


@pytest.fixture(scope="module")
def learned():
    """Every kind of map, learned once on half of the recordings."""
    return {name: fit(X[HALF], LABELS[HALF], groups=SOURCES[HALF]) for name, fit in FITS.items()}


@pytest.mark.parametrize("name", ["linear", "linear, all", "linear, chosen", "triplets"])
def test_what_is_learned_helps_on_recordings_that_it_has_not_heard(learned, name):
    plain = similarity.plain_map(X[HALF])
    rest = X[~HALF], LABELS[~HALF], SOURCES[~HALF]
    before = precision(plain.transform(rest[0]), *rest[1:])
    after = precision(learned[name].transform(rest[0]), *rest[1:])
    assert after > before + 0.08, (before, after)


@pytest.mark.parametrize("name", [*FITS, "plain"])
def test_maps_give_unit_vectors_and_survive_the_disk(learned, name, tmp_path):
    found = similarity.plain_map(X) if name == "plain" else learned[name]
    vectors = found.transform(X)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(X), found.n_dims)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    again = similarity.load_similarity(found.save(tmp_path / "learned"))
    np.testing.assert_allclose(again.transform(X), vectors, atol=1e-4)
    assert again.name == found.name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["learned.npz"]


def test_a_map_does_not_depend_on_the_order_of_the_clips_or_the_unit_of_a_dimension(learned):
    order = np.random.default_rng(1).permutation(np.flatnonzero(HALF))
    again = similarity.fit_linear(X[order], LABELS[order], shrinkage=0.1)
    expected = learned["linear"].transform(X)
    np.testing.assert_allclose(again.transform(X) @ again.transform(X).T, expected @ expected.T, atol=1e-3)
    scaled = X * np.linspace(0.1, 30, X.shape[1], dtype=np.float32)
    other = similarity.fit_linear(scaled[HALF], LABELS[HALF], shrinkage=0.1).transform(scaled)
    np.testing.assert_allclose(other @ other.T, expected @ expected.T, atol=1e-3)


def test_the_linear_map_is_discriminant_analysis():
    """Against the generalised eigenvectors of the covariance between and within classes."""
    from scipy.linalg import eigh
    from sklearn.preprocessing import StandardScaler

    z = StandardScaler().fit_transform(X)
    means = np.stack([z[label == LABELS].mean(axis=0) for label in np.unique(LABELS)])
    within = np.mean([np.cov(z[label == LABELS].T) for label in np.unique(LABELS)], axis=0)
    within = 0.8 * within + 0.2 * np.trace(within) / len(within) * np.eye(len(within))
    _, axes = eigh(np.cov(means.T), within)
    ours = similarity.fit_linear(z, LABELS, shrinkage=0.2)
    assert ours.n_dims == len(means) - 1
    projected = z @ ours.layers[0][0] + ours.layers[0][1]
    for one, other in zip(projected.T, (z @ axes[:, ::-1]).T, strict=False):
        assert abs(np.corrcoef(one, other)[0, 1]) > 0.9999


def test_whitening_makes_what_varies_within_classes_alike_everywhere():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 200)
    x = rng.normal(0, 1, (600, 5)) @ rng.normal(0, 1, (5, 5)) + 3 * np.eye(3, 5)[labels]
    weights, bias = similarity.fit_linear(x, labels, shrinkage=1e-6, keep="all").layers[0]
    mapped = x @ weights + bias
    within = np.cov(np.concatenate([mapped[labels == label] - mapped[labels == label].mean(0) for label in range(3)]).T)
    np.testing.assert_allclose(within, np.eye(5), atol=0.02)


def test_fewer_clips_than_dimensions_and_a_dimension_that_never_changes_do_no_harm():
    x, labels, sources = sounds(n_sources=4, n_dims=60)
    x[:, 5] = 1.0
    for keep in ("classes", "all"):
        vectors = similarity.fit_linear(x, labels, shrinkage=0.3, keep=keep).transform(x)
        assert np.isfinite(vectors).all()
        assert precision(vectors, labels, sources) > 0.9


def test_the_shrinkage_is_chosen_where_it_searches_best():
    x, labels, sources = sounds(n_sources=12, n_takes=1, n_dims=33)
    chosen = similarity.choose_shrinkage(x, labels, groups=sources, candidates=(1e-4, 0.9))
    assert chosen == 0.9, "36 clips tell little about how 33 dimensions vary"
    assert similarity.choose_shrinkage(X[:8], LABELS[:8], groups=SOURCES[:8]) == 0.3, "too little to split"


def test_the_same_seed_learns_the_same():
    first, again, other = (similarity.fit_triplets(X, LABELS, groups=SOURCES, steps=4, seed=seed).layers[0][0]
                           for seed in (1, 1, 2))
    np.testing.assert_allclose(first, again, atol=1e-4)
    assert np.abs(first - other).max() > 1e-2


# Triplets

VECTORS = np.random.default_rng(4).normal(0, 1, (12, 5))
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
CODES = np.column_stack([np.arange(12) % 3, np.arange(12) // 2])


def test_a_triplet_costs_nothing_once_the_negative_is_far_enough():
    a, p, n = np.array([[1.0, 0.0]]), np.array([[0.8, 0.6]]), np.array([[0.0, 1.0]])
    near, far = 0.2**2 + 0.6**2, 2.0
    assert similarity.triplet_loss(a, p, negatives=n, margin=far - near) == pytest.approx(0)
    assert similarity.triplet_loss(a, p, negatives=n, margin=far - near + 0.25) == pytest.approx(0.25)
    assert similarity.triplet_loss(a, n, negatives=p, margin=0.1) == pytest.approx(far - near + 0.1)
    both = [np.concatenate(pair) for pair in ((a, a), (p, n), (n, p))]
    assert similarity.triplet_loss(both[0], both[1], negatives=both[2], margin=0.1) == pytest.approx(
        (far - near + 0.1) / 2)


@pytest.mark.parametrize("mining", ["semi-hard", "all"])
@pytest.mark.parametrize("margin", [0.2, 1.0])
def test_the_loss_of_a_batch_is_that_of_its_triplets(mining, margin):
    losses = []
    for a, p, n in itertools.permutations(range(12), 3):
        (label, group), (alike, other), (third, _) = CODES[a], CODES[p], CODES[n]
        if label != alike or group == other or label == third:
            continue
        loss = similarity.triplet_loss(VECTORS[[a]], VECTORS[[p]], negatives=VECTORS[[n]], margin=margin)
        if 0 < loss < (margin if mining == "semi-hard" else np.inf):
            losses.append(loss)
    assert len(losses) > 5
    found = similarity.batch_triplet_loss(margin, mining=mining)(CODES.astype(np.float32), VECTORS.astype(np.float32))
    assert float(found) == pytest.approx(np.mean(losses), rel=1e-4)


def test_a_batch_without_triplets_costs_nothing():
    alone = np.column_stack([np.zeros(12), np.arange(12)]).astype(np.float32)
    loss = similarity.batch_triplet_loss(mining="all")
    assert float(loss(alone, VECTORS.astype(np.float32))) == 0
    one_recording = np.column_stack([np.arange(12) % 3, np.zeros(12)]).astype(np.float32)
    assert float(loss(one_recording, VECTORS.astype(np.float32))) == 0, "two takes of one recording are no pair"


# Prototypes

def test_a_prototype_is_the_mean_direction_whatever_the_lengths():
    vectors, labels = similarity.prototypes(X, LABELS)
    assert labels.tolist() == sorted(set(LABELS))
    louder = X * np.random.default_rng(0).uniform(0.1, 9, (len(X), 1))
    np.testing.assert_allclose(similarity.prototypes(louder, LABELS)[0], vectors, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    scores = similarity.prototype_scores(louder, vectors)
    np.testing.assert_allclose(scores, X @ vectors.T / np.linalg.norm(X, axis=1, keepdims=True), atol=1e-5)


@given(st.integers(1, 4), st.booleans(), st.integers(0, 50))
def test_who_is_asked_shares_no_recording_with_an_example(n_shots, apart, seed):
    """Labels are the recordings' own here: whoever met its own recording would be right, the others never are."""
    sources = np.repeat(np.arange(12), 2)
    labels, x = sources % 2, np.eye(12)[sources]
    queries = np.arange(24) >= 12 if apart else None
    found = similarity.few_shot_accuracy(x, labels, rng=np.random.default_rng(seed), n_shots=n_shots, draws=3,
                                         groups=sources, queries=queries)
    assert found.shape == (3,)
    assert (found == 0.5).all(), "equally far from both prototypes, so always the first"


def test_more_examples_help_and_the_draws_are_those_of_the_generator():
    one, five = (similarity.few_shot_accuracy(X[:, :8], LABELS, rng=np.random.default_rng(3), n_shots=n, draws=30,
                                              groups=SOURCES) for n in (1, 5))
    assert five.mean() > one.mean() + 0.02
    again = similarity.few_shot_accuracy(X[:, :8], LABELS, rng=np.random.default_rng(3), n_shots=1, draws=30,
                                         groups=SOURCES)
    np.testing.assert_array_equal(one, again)
    assert one.std() > five.std()


def test_examples_come_from_as_many_recordings_as_there_are():
    """One recording of six takes, five of one: five examples can avoid taking two from the first."""
    groups = np.array([0] * 6 + [1, 2, 3, 4] + [5] * 10)
    labels = np.array(["dog"] * 10 + ["rain"] * 10)
    x = np.vstack([np.eye(12)[[0] * 6 + [1, 2, 3, 4]], np.tile(np.eye(12)[11], (10, 1))])
    for seed in range(5):
        with pytest.raises(checks.InputError, match="something left to ask"):
            similarity.few_shot_accuracy(x, labels, rng=np.random.default_rng(seed), n_shots=5, draws=1, groups=groups)


# Learning without labels

def windows_of(n_clips=24, n_windows=4, seed=0):
    """Log-mel windows of made-up clips: a few bands sound in each clip, before a changing background."""
    rng = np.random.default_rng(seed)
    bands = rng.random((n_clips, 16, 1)) < 0.3
    pictures = [np.where(bands, -20.0, -50.0) + rng.normal(0, 4, (n_clips, 16, 12)) for _ in range(n_windows)]
    return (np.stack(pictures, axis=1).reshape(-1, 16, 12).astype(np.float32), np.repeat(np.arange(n_clips), n_windows))


WINDOWS = windows_of()


def test_collapse_is_1_where_vectors_point_everywhere_and_0_where_they_are_one():
    rng = np.random.default_rng(0)
    assert similarity.collapse(rng.normal(0, 1, (2000, 30))) == pytest.approx(1, abs=0.01)
    one = rng.normal(0, 1, 30)
    assert similarity.collapse(np.tile(one, (50, 1)) * rng.uniform(1, 9, (50, 1))) == pytest.approx(0, abs=1e-6)
    assert 0.05 < similarity.collapse(one + rng.normal(0, 0.2, (50, 30))) < 0.6
    with pytest.raises(checks.InputError, match="at least one vector"):
        similarity.collapse(np.empty((0, 4)))


def test_the_loss_is_minus_the_cosine_of_each_prediction_with_the_other_view():
    rng = np.random.default_rng(1)
    p1, p2, z1, z2 = rng.normal(0, 1, (4, 6, 8)).astype(np.float32)
    cosine = [np.sum(a * b, axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
              for a, b in ((p1, z2), (p2, z1))]
    for stop in (True, False):
        assert float(similarity.simsiam_loss((p1, p2), (z1, z2), stop_gradient=stop)) == pytest.approx(
            -np.mean(cosine), abs=1e-5)
    assert float(similarity.simsiam_loss((z2, z1), (z1, z2))) == pytest.approx(-1, abs=1e-5)


def test_the_target_stands_still():
    import tensorflow as tf

    rng = np.random.default_rng(2)
    p, z = (tf.Variable(rng.normal(0, 1, (4, 8)).astype(np.float32)) for _ in range(2))
    for stop in (True, False):
        with tf.GradientTape() as tape:
            loss = similarity.simsiam_loss((p, p), (z, z), stop_gradient=stop)
        moved, target = tape.gradient(loss, [p, z])
        assert np.abs(moved).max() > 1e-3
        assert (target is None) == stop


@pytest.fixture(scope="module")
def unlabelled():
    """What SimSiam has learned from the made-up clips, and the encoder that it trained."""
    from helpers.similarity import simsiam

    kept, build = [], simsiam._networks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simsiam, "_networks", lambda *sizes: kept.append(build(*sizes)) or kept[0])
        return similarity.fit_simsiam(*WINDOWS, steps=100, progress=False), kept[0][0]


def test_without_the_stop_it_collapses_and_with_it_does_not(unlabelled):
    collapsed = similarity.fit_simsiam(*WINDOWS, stop_gradient=False, steps=100, progress=False)
    healthy = unlabelled[0].history
    assert collapsed.history["collapse"][-1] < 0.4 < 0.6 < healthy["collapse"][-1]
    assert collapsed.history["loss"][-1] < -0.9, "a perfect loss says nothing"
    assert len(healthy["loss"]) == len(healthy["collapse"]) == 100


def test_without_labels_the_same_seed_learns_the_same(unlabelled):
    again = similarity.fit_simsiam(*WINDOWS, steps=100, progress=False)
    np.testing.assert_allclose(again.history["loss"][:5], unlabelled[0].history["loss"][:5], atol=1e-4)


def test_windows_of_one_clip_come_together_without_any_label(unlabelled, tmp_path):
    log_mels, clip_index = WINDOWS
    vectors = unlabelled[0].transform(similarity.band_statistics(log_mels))
    assert vectors.shape == (len(log_mels), 128)
    alike = vectors @ vectors.T
    same = clip_index[:, None] == clip_index
    assert alike[same].mean() > alike[~same].mean() + 0.4
    again = similarity.load_similarity(unlabelled[0].save(tmp_path / "x.npz"))
    np.testing.assert_allclose(again.transform(similarity.band_statistics(log_mels)), vectors, atol=1e-3)


def test_the_folded_layers_do_what_the_network_does(unlabelled):
    plain = similarity.band_statistics(WINDOWS[0])
    scale, offset = maps.scaler(plain)
    expected = unlabelled[1].predict_on_batch((plain @ scale + offset).astype(np.float32))
    (weights, bias), (more, other), _ = unlabelled[0].layers
    own = np.maximum(np.maximum(plain @ weights + bias, 0) @ more + other, 0)
    np.testing.assert_allclose(own, expected, atol=1e-3)


def test_a_changed_window_keeps_its_sound_and_gets_another_background():
    rng = np.random.default_rng(0)
    loud, other = np.full((6, 16, 12), -20.0), np.full((6, 16, 12), -90.0)
    other[:, 3:5] = -30
    changed = similarity.vary(loud, other, rng=rng, colour_db=0.0, snr_db=(10, 10), share=0.0)
    assert (changed - loud > -1e-4).all()
    assert changed[:, 3].mean() > changed[:, 9].mean() + 1
    colours = similarity.vary(loud, other, rng=rng, colour_db=6.0, snr_db=(80, 80), share=0.0)
    assert colours.std(axis=1).min() > 1, "bands louder and softer"
    np.testing.assert_allclose(colours.std(axis=2), 0, atol=1e-3, err_msg="the same all the time")
    assert np.ptp(similarity.vary(loud, other, rng=rng, colour_db=0, snr_db=(80, 80), share=0.9)) < 1e-2
    np.testing.assert_array_equal(similarity.unchanged(loud, other, rng=rng), loud)
    silence = similarity.vary(np.full((2, 16, 12), -100.0), np.full((2, 16, 12), -100.0), rng=rng)
    assert np.isfinite(silence).all()


def test_band_statistics_do_not_hear_the_level():
    pictures = WINDOWS[0][:3]
    np.testing.assert_allclose(similarity.band_statistics(pictures), similarity.band_statistics(pictures - 20),
                               atol=1e-4)
    np.testing.assert_array_equal(similarity.band_statistics(pictures),
                                  features.statistics(features.normalise(pictures)))


# What makes no sense

@pytest.mark.parametrize(("call", "says"), [
    (lambda: similarity.fit_linear(X, LABELS[:-1]), "one entry for each item"),
    (lambda: similarity.fit_linear(X, ["dog"] * len(X)), "two labels or more"),
    (lambda: similarity.fit_linear(X, LABELS, shrinkage=1.5), "at most 1"),
    (lambda: similarity.fit_linear(X, LABELS, shrinkage=0), "above 0"),
    (lambda: similarity.fit_linear(X, LABELS, keep="some"), "'classes', 'all'"),
    (lambda: similarity.fit_triplets(X, LABELS, mining="hard"), "'semi-hard', 'all'"),
    (lambda: similarity.fit_triplets(X, LABELS, margin=0), "margin above 0"),
    (lambda: similarity.fit_triplets(X, LABELS, groups=LABELS), "two groups share"),
    (lambda: similarity.plain_map(X[:1]), "at least two"),
    (lambda: similarity.plain_map(X).transform(X[:, :5]), "embeddings of 16 numbers"),
    (lambda: similarity.plain_map(X).transform(X[0]), "shape"),
    (lambda: similarity.plain_map(np.full((3, 2), np.inf)), "finite"),
    (lambda: similarity.triplet_loss(X, X[:3], negatives=X), "of one shape"),
    (lambda: similarity.prototypes(X[:0], []), "at least one example"),
    (lambda: similarity.prototype_scores(X, X[:, :3]), "of the same length"),
    (lambda: similarity.few_shot_accuracy(X, LABELS, rng=np.random.default_rng(0), n_shots=49), "at least 49 examples"),
    (lambda: similarity.fit_simsiam(WINDOWS[0], np.zeros(len(WINDOWS[0]), int)), "at least two clips"),
    (lambda: similarity.fit_simsiam(WINDOWS[0], WINDOWS[1][:-1]), "one entry for each item"),
    (lambda: similarity.vary(WINDOWS[0], WINDOWS[0][:2], rng=np.random.default_rng(0)), "one entry for each item"),
])
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(checks.InputError, match=says):
        call()


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_file_that_holds_no_map_is_refused(tmp_path, content):
    path = tmp_path / "map.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(checks.DatasetError, match="a saved similarity"):
        similarity.load_similarity(path)


def test_layers_that_do_not_fit_together_are_refused(tmp_path):
    broken = similarity.Similarity([(np.ones((4, 3)), np.ones(3)), (np.ones((2, 2)), np.ones(2))])
    with pytest.raises(checks.DatasetError, match="layers of shapes"):
        similarity.load_similarity(broken.save(tmp_path / "map"))


def test_pickled_objects_are_not_opened(tmp_path):
    np.savez(tmp_path / "map.npz", name=np.array("x"), weights_0=np.array([{"a": 1}], dtype=object))
    with pytest.raises(checks.DatasetError):
        similarity.load_similarity(tmp_path / "map.npz")
