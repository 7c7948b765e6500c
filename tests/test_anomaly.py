"""Detectors learn from normal windows alone and find what is strange; thresholds keep what they promise."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import anomaly, checks, files, metrics
from helpers.anomaly import boundaries

N_MELS, N_FRAMES = 6, 5
SMALL = {"autoencoder": {"widths": (16, 4, 16), "epochs": 20, "batch_size": 64, "learning_rate": 5e-3},
         "interpolation": {"widths": (16, 8, 16), "epochs": 20, "batch_size": 64, "learning_rate": 5e-3},
         "convolutional": {"n_filters": (4, 8), "n_dims": 6, "epochs": 20, "learning_rate": 5e-3}}


def pictures(n, *, seed=0, strange=False):
    """Windows of a hum whose level differs; the strange ones hum elsewhere."""
    rng = np.random.default_rng(seed)
    bands, frames = np.arange(N_MELS)[:, np.newaxis], np.arange(N_FRAMES)
    phase = rng.uniform(0, 2 * np.pi, (n, 1, 1))
    middle = 4.0 if strange else 1.5
    hum = np.exp(-(bands - middle) ** 2) * (2 + np.sin(frames + phase))
    return (10 * rng.uniform(0.8, 1.2, (n, 1, 1)) * hum + rng.normal(0, 0.5, (n, N_MELS, N_FRAMES))).astype(np.float32)


def make(name, **changed):
    return anomaly.DETECTORS[name](**(SMALL.get(name, {}) | changed))


NORMAL, UNSEEN, STRANGE = pictures(300), pictures(100, seed=1), pictures(100, seed=2, strange=True)
TRUTH = np.repeat([False, True], 100)


@pytest.fixture(scope="module")
def learned():
    """Every kind of detector, fitted once."""
    return {name: make(name).fit(NORMAL, progress=False) for name in anomaly.DETECTORS}


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_what_is_strange_has_higher_scores(learned, name):
    normal, strange = learned[name].score(UNSEEN), learned[name].score(STRANGE)
    assert normal.shape == strange.shape == (100,)
    assert metrics.auc(TRUTH, np.concatenate([normal, strange])) > 0.95


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_no_label_can_reach_a_detector(name):
    """``fit`` has a place for windows and none for labels, and its settings are known before any window."""
    kind = anomaly.DETECTORS[name]
    assert list(inspect.signature(kind.fit).parameters) == ["self", "windows", "progress"]
    assert list(inspect.signature(kind.score).parameters) == ["self", "windows"]
    assert not {"y", "label", "labels", "is_anomaly"} & set(inspect.signature(kind).parameters)


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_detectors_survive_the_disk(learned, name, tmp_path):
    again = anomaly.load_detector(learned[name].save(tmp_path / "fan.v1"))
    assert [path.name for path in tmp_path.iterdir()] == ["fan.v1.npz"]
    assert again.settings == learned[name].settings
    np.testing.assert_allclose(again.score(UNSEEN), learned[name].score(UNSEEN), rtol=1e-5)


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_windows_are_scored_one_by_one_as_together(learned, name):
    together = learned[name].score(UNSEEN[:3])
    alone = np.concatenate([learned[name].score(window[np.newaxis]) for window in UNSEEN[:3]])
    np.testing.assert_allclose(alone, together, rtol=1e-4)
    assert learned[name].score(UNSEEN[:0]).shape == (0,)


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_bad_windows_are_refused_and_what_was_learned_stays(learned, name):
    broken = UNSEEN.copy()
    broken[3, 2, 1] = np.nan
    for work in (learned[name].score, learned[name].fit):
        with pytest.raises(checks.InputError, match="finite"):
            work(broken)
    for wrong in (UNSEEN[:, :, :3], UNSEEN[0, 0], UNSEEN.astype(int)):
        with pytest.raises(checks.InputError):
            learned[name].score(wrong)
    with pytest.raises(checks.InputError, match="at least two"):
        learned[name].fit(UNSEEN[:1])
    assert metrics.auc(TRUTH, learned[name].score(np.concatenate([UNSEEN, STRANGE]))) > 0.95


@pytest.mark.parametrize("name", anomaly.DETECTORS)
def test_a_detector_that_has_not_learned_says_so(name, tmp_path):
    for work in (lambda: make(name).score(UNSEEN), lambda: make(name).save(tmp_path / "empty")):
        with pytest.raises(checks.InputError, match="has learned"):
            work()


@pytest.mark.parametrize("name", [*anomaly.BASELINES, "autoencoder"])
def test_constant_features_do_no_harm(name):
    windows = NORMAL[:20].copy()
    windows[:, :4] = -100.0
    few = {"epochs": 1, "scaling": "each"} if name in SMALL else {}
    assert np.isfinite(make(name, **few).fit(windows, progress=False).score(windows)).all()
    if name in anomaly.BASELINES:
        windows[:] = -100.0
        assert np.isfinite(make(name).fit(windows).score(windows)).all()


@pytest.mark.parametrize(("name", "seed"), [("interpolation", 0), ("interpolation", 1), ("isolation forest", 0),
                                            ("isolation forest", 1)])
def test_the_seed_decides(learned, name, seed):
    again = make(name, seed=seed).fit(NORMAL, progress=False).score(UNSEEN)
    far = np.abs(again - learned[name].score(UNSEEN)).max() / again.max()
    assert far < 1e-3 if seed == 0 else far > 0.01


def test_training_lowers_the_error(learned):
    for name in anomaly.AUTOENCODERS:
        error = learned[name].history["error"]
        assert len(error) == SMALL[name]["epochs"]
        assert error[-1] < 0.5 * error[0]


@pytest.mark.parametrize("name", ["autoencoder", "interpolation", "convolutional", "principal components"])
def test_the_score_is_the_mean_error_of_the_reconstruction(learned, name):
    errors, again = learned[name].errors(UNSEEN), learned[name].reconstruct(UNSEEN)
    target = UNSEEN[:, :, N_FRAMES // 2] if name == "interpolation" else UNSEEN
    assert errors.shape == again.shape == target.shape
    np.testing.assert_allclose(learned[name].score(UNSEEN), errors.reshape(100, -1).mean(axis=1), rtol=1e-4)
    if name != "principal components":
        np.testing.assert_allclose(errors, ((target - again) / NORMAL.std()) ** 2, atol=1e-3)


def test_the_hidden_frame_is_hidden(learned):
    """What the interpolation autoencoder says of the middle does not depend on the middle."""
    changed = UNSEEN.copy()
    changed[:, :, N_FRAMES // 2] += 30
    detector = learned["interpolation"]
    np.testing.assert_allclose(detector.reconstruct(changed), detector.reconstruct(UNSEEN))
    assert (detector.score(changed) > detector.score(UNSEEN)).all()
    changed = UNSEEN.copy()
    changed[:, :, 0] += 30
    assert np.abs(detector.reconstruct(changed) - detector.reconstruct(UNSEEN)).max() > 0.1


def test_flat_contexts_and_pictures_are_the_same_to_the_interpolation(learned):
    flat = anomaly.InterpolationAutoencoder(**SMALL["interpolation"], n_frames=N_FRAMES)
    flat.shape, flat.learned = (N_FRAMES * N_MELS,), learned["interpolation"].learned
    rows = np.concatenate([anomaly.context_frames(picture, n_frames=N_FRAMES) for picture in UNSEEN])
    np.testing.assert_allclose(flat.score(rows), learned["interpolation"].score(UNSEEN), rtol=1e-5)


@pytest.mark.parametrize("shape", [(20, N_MELS, 4), (20, N_MELS, 1), (20, 12)])
def test_without_a_middle_there_is_no_interpolation(shape):
    with pytest.raises(checks.InputError, match="odd number of frames"):
        make("interpolation").fit(np.zeros(shape), progress=False)


@pytest.mark.parametrize(("name", "changed"), [
    ("autoencoder", {"scaling": "loud"}), ("autoencoder", {"epochs": 0}), ("Mahalanobis", {"shrinkage": 2}),
    ("nearest neighbours", {"k": 0}), ("nearest neighbours", {"distance": "far"}),
    ("principal components", {"share": 1}), ("isolation forest", {"n_trees": 0}),
])
def test_settings_that_mean_nothing_are_refused(name, changed):
    with pytest.raises(checks.InputError):
        make(name, **changed).fit(NORMAL[:4], progress=False)


def test_files_that_hold_no_detector_are_named(tmp_path):
    files.write_text(tmp_path / "text.npz", "no detector")
    np.savez(tmp_path / "other.npz", something=np.zeros(3))
    for name in ("missing.npz", "text.npz", "other.npz"):
        with pytest.raises(checks.DatasetError, match=name):
            anomaly.load_detector(tmp_path / name)


def test_a_faulty_bearing_is_heard_in_a_series():
    """A series takes the same way as sound: windows, numbers, detector, scores."""
    rng = np.random.default_rng(0)

    def record(knocks):
        series = rng.normal(0, 1, (2000, 3)).astype(np.float32) + [0, 0, 9.81]
        series[::50, 0] += knocks
        return anomaly.series_statistics(anomaly.split_series(series.astype(np.float32), sr=200)[0])

    normal, unseen, faulty = (np.concatenate([record(knocks) for _ in range(8)]) for knocks in (0, 0, 6))
    assert normal.shape == (8 * 19, 12)
    for name in anomaly.BASELINES:
        detector = make(name).fit(normal)
        truth = np.repeat([False, True], len(unseen))
        assert metrics.auc(truth, np.concatenate([detector.score(unseen), detector.score(faulty)])) > 0.95, name


def test_series_windows():
    series = np.arange(30.0).reshape(10, 3)
    windows, starts = anomaly.split_series(series, sr=4, window=1.0, hop=0.75)
    np.testing.assert_array_equal(windows, [series[first: first + 4] for first in (0, 3, 6)])
    assert starts.tolist() == [0.0, 0.75, 1.5]
    assert anomaly.split_series(series[:3], sr=4)[0].shape == (0, 4, 3)
    moved = anomaly.series_statistics(windows + 5.0)
    np.testing.assert_allclose(moved, anomaly.series_statistics(windows), atol=1e-5)
    with pytest.raises(checks.InputError, match="finite"):
        anomaly.series_statistics(np.full((1, 4, 3), np.nan))
    with pytest.raises(checks.InputError, match="shape"):
        anomaly.series_statistics(series)


def test_contexts_hold_whole_frames_and_do_not_cross_clips():
    first, second = np.arange(24.0).reshape(3, 8), 100 + np.arange(18.0).reshape(3, 6)
    contexts, clip_index = anomaly.context_clips([first, second], n_frames=5, hop=2)
    assert clip_index.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(contexts[1], first[:, 2:7].T.ravel())
    np.testing.assert_array_equal(contexts[2], second[:, :5].T.ravel())
    assert anomaly.context_frames(np.zeros((128, 313))).shape == (309, 640)
    for wrong in (np.zeros((3, 4)), np.zeros(9), np.full((3, 9), np.nan)):
        with pytest.raises(checks.InputError):
            anomaly.context_frames(wrong)
    for clips in ([], [first, np.zeros((4, 8))]):
        with pytest.raises(checks.InputError, match="same bands"):
            anomaly.context_clips(clips)


@pytest.mark.parametrize("hop", [1, 2, 3])
def test_errors_are_laid_over_the_frames_they_belong_to(hop):
    """When each value's error is the value itself, the map is the picture."""
    picture = np.random.default_rng(0).uniform(0, 1, (4, 14))
    contexts = anomaly.context_frames(picture, n_frames=5, hop=hop)
    found = anomaly.error_map(contexts, n_mels=4, hop=hop)
    np.testing.assert_allclose(found, picture[:, :found.shape[1]], rtol=1e-6)
    middle = anomaly.error_map(contexts[:, 8:12], n_mels=4, hop=hop)
    np.testing.assert_allclose(middle[:, ::hop], picture[:, 2: 2 + middle.shape[1]: hop], rtol=1e-6)
    assert np.isnan(middle).any() == (hop > 1)
    with pytest.raises(checks.InputError, match="whole frames"):
        anomaly.error_map(contexts, n_mels=3)


def test_clips_are_judged_by_their_windows():
    scores, clips = np.array([5.0, 1.0, 2.0, 9.0, 3.0]), np.array([1, 0, 0, 1, 0])
    joined = {how: anomaly.clip_scores(scores, clips, how=how, k=2, quantile=0.5).tolist()
              for how in ("mean", "max", "top-k", "quantile")}
    assert joined == {"mean": [2, 7], "max": [3, 9], "top-k": [2.5, 7], "quantile": [2, 7]}
    for bad in (np.array([0, 0, 2, 2, 2]), np.array([0, 0, 1, 1]), clips - 1, clips.astype(float)):
        with pytest.raises(checks.InputError):
            anomaly.clip_scores(scores, bad)
    for joining in ({"how": "median"}, {"k": 0}, {"quantile": 2}):
        with pytest.raises(checks.InputError):
            anomaly.clip_scores(scores, clips, **joining)
    with pytest.raises(checks.InputError, match="finite"):
        anomaly.clip_scores(np.array([np.nan]), np.array([0]))


@pytest.mark.parametrize("rule", [anomaly.quantile_threshold, anomaly.gamma_threshold])
def test_a_threshold_keeps_its_false_alarm_rate_on_unseen_normal_scores(rule):
    """Thresholds from 200 scores, each counted on fresh ones: the mean rate lies within what chance allows."""
    from scipy.stats import norm

    rng, rate, counts = np.random.default_rng(0), 0.05, []
    for _ in range(200):
        normal = rng.gamma(4.0, 0.2, 500)
        counts.append((normal[200:] > rule(normal[:200], false_alarm_rate=rate)).mean())
    error = np.std(counts) / np.sqrt(len(counts))
    assert abs(np.mean(counts) - rate) < norm.ppf(0.9999) * error + (0.002 if rule is anomaly.gamma_threshold else 0)


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2])
def test_the_rate_on_one_test_lies_within_the_binomial_interval(rate):
    normal = np.random.default_rng(1).lognormal(0, 0.5, 4000)
    alarms = int((normal[2000:] > anomaly.quantile_threshold(normal[:2000], false_alarm_rate=rate)).sum())
    low, high = metrics.share_interval(alarms, 2000, confidence=0.999)
    assert low < rate < high


@given(st.integers(1, 200), st.floats(0.01, 0.5))
def test_too_few_scores_are_told_how_many_it_takes(n, rate):
    scores = np.arange(n, dtype=float)
    needed = int(np.ceil(1 / rate - 1 - 1e-9))
    if n >= needed:
        assert anomaly.quantile_threshold(scores, false_alarm_rate=rate) in scores
    else:
        with pytest.raises(checks.InputError, match=f"at least {needed} normal"):
            anomaly.quantile_threshold(scores, false_alarm_rate=rate)


@given(st.integers(1, 12), st.floats(0.5, 4))
def test_a_threshold_of_deviations_could_be_reached(n, deviations):
    """One score that differs from all others lies as many deviations above the mean as any score of n can."""
    scores = np.append(np.zeros(n - 1), 1.0)
    if n < deviations**2 + 1 - 1e-9:
        with pytest.raises(checks.InputError, match=rf"at least {np.ceil(deviations**2 - 1e-9) + 1:.0f} normal scores "
                           rf"for a threshold at {deviations:g} deviations; got {n}\. Record more"):
            anomaly.deviation_threshold(scores, n_deviations=deviations)
    else:
        assert anomaly.deviation_threshold(scores, n_deviations=deviations) <= scores.max() + 1e-9


def test_fewer_scores_than_are_fitted_would_raise_twice_the_alarms():
    from scipy.stats import gamma

    rng, rates = np.random.default_rng(0), {}
    for n in (boundaries.FEWEST_FITTED - 2, boundaries.FEWEST_FITTED):
        found = []
        for _ in range(150):
            shape, start, scale = gamma.fit(rng.gamma(25.0, 1.0, n), floc=0)
            found.append(gamma.sf(gamma.isf(0.1, shape, start, scale), 25.0))
        rates[n] = np.mean(found)
    few, enough = rates.values()
    assert enough < 0.2 < few
    with pytest.raises(checks.InputError, match=r"at least 5 normal scores for a fitted gamma distribution; got 4"):
        anomaly.false_alarm_threshold(np.arange(1.0, 5), per_day=1, scores_per_day=8640, how="gamma")


def test_alarms_a_day():
    scores = np.random.default_rng(0).gamma(4.0, 1.0, 1000)
    one, ten = (anomaly.false_alarm_threshold(scores, per_day=n, scores_per_day=1000) for n in (1, 10))
    assert (scores > ten).sum() in (9, 10)
    assert one > ten
    with pytest.raises(checks.InputError, match="gamma_threshold"):
        anomaly.false_alarm_threshold(scores, per_day=1, scores_per_day=8640)
    assert anomaly.false_alarm_threshold(scores, per_day=1, scores_per_day=8640, how="gamma") > one
    with pytest.raises(checks.InputError, match="false_alarm_rate"):
        anomaly.false_alarm_threshold(scores, per_day=10, scores_per_day=5)


FEW = settings(max_examples=25)
SCORES = st.lists(st.integers(0, 9), min_size=1, max_size=12).map(lambda found: np.array(found, float))


@FEW
@given(SCORES, SCORES, st.floats(0.1, 30), st.floats(0.01, 0.9))
def test_no_threshold_costs_less(normal, anomalous, miss_cost, prior):
    costs = {"false_alarm_cost": 1.0, "miss_cost": miss_cost, "anomaly_rate": prior}
    chosen = anomaly.cost_threshold(normal, anomalous, **costs)
    every = {str(t): t for t in np.arange(-0.5, 10)} | {"chosen": chosen}
    table = anomaly.outcomes(every, normal_scores=normal, anomalous_scores=anomalous, **costs).set_index("name")
    assert table.loc["chosen", "expected_cost"] <= table["expected_cost"].min() + 1e-9


@given(SCORES, SCORES)
def test_no_threshold_has_a_better_f1(normal, anomalous):
    def f1(threshold):
        found, wrong = (anomalous > threshold).sum(), (normal > threshold).sum()
        return 2 * found / (found + wrong + len(anomalous))

    assert f1(anomaly.f1_threshold(normal, anomalous)) >= max(f1(t) for t in np.arange(-0.5, 10)) - 1e-9


def test_outcomes_count_and_say_how_sure_they_are():
    table = anomaly.outcomes({"low": 1.5, "high": 3.0}, normal_scores=np.array([1.0, 2.0, 3.0, 1.0]),
                             anomalous_scores=np.array([2.0, 4.0]), miss_cost=10, anomaly_rate=0.1)
    assert table["name"].tolist() == ["low", "high"]
    assert table["false_alarm_rate"].tolist() == [0.5, 0.0]
    assert table["recall"].tolist() == [1.0, 0.5]
    np.testing.assert_allclose(table["expected_cost"], [0.45, 0.5])
    assert table.loc[0, ["false_alarm_low", "false_alarm_high"]].tolist() == list(metrics.share_interval(2, 4))
    assert table.loc[1, ["recall_low", "recall_high"]].tolist() == list(metrics.share_interval(1, 2))
    with pytest.raises(checks.InputError, match="empty"):
        anomaly.outcomes({}, normal_scores=np.ones(2), anomalous_scores=np.ones(2))


def test_a_threshold_of_one_machine_is_wrong_on_a_louder_one():
    rng = np.random.default_rng(0)
    units = {"a": 0.0, "b": 3.0}
    table = anomaly.calibration_transfer({unit: rng.normal(level, 1, 400) for unit, level in units.items()},
                                         {unit: rng.normal(level, 1, 400) for unit, level in units.items()})
    rates = table.set_index(["calibrated_on", "used_on"])["false_alarm_rate"]
    assert rates["a", "a"] < 0.1
    assert rates["a", "b"] > 0.8
    assert rates["b", "a"] < 0.01
    assert (table["low"] <= table["false_alarm_rate"]).all()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1])
def test_contamination_replaces_what_it_says(share):
    normal, anomalous = np.zeros((100, 3)), np.arange(1.0, 31).reshape(10, 3)
    items, used = anomaly.contaminate(normal, anomalous, share=share, rng=np.random.default_rng(0))
    changed = items[items.any(axis=1)]
    assert len(changed) == len(used) == round(100 * share)
    assert {tuple(row) for row in changed} == {tuple(anomalous[place]) for place in used}
    assert not normal.any()
    again, _ = anomaly.contaminate(normal, anomalous, share=share, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(again, items)


def test_contamination_needs_enough_anomalies():
    for share, anomalous in ((0.5, np.ones((10, 3))), (2, np.ones((10, 3))), (0.1, np.ones((10, 2)))):
        with pytest.raises(checks.InputError):
            anomaly.contaminate(np.zeros((100, 3)), anomalous, share=share, rng=np.random.default_rng(0))


@pytest.mark.parametrize("rule", [anomaly.deviation_threshold, anomaly.quantile_threshold, anomaly.gamma_threshold])
def test_scores_that_are_none_are_refused(rule):
    for scores in (np.array([1.0, np.nan]), np.array([]), np.ones((3, 2))):
        with pytest.raises(checks.InputError):
            rule(scores)


def test_a_gamma_distribution_needs_scores_that_differ():
    for scores in (np.ones(30), np.arange(30.0)):
        with pytest.raises(checks.InputError, match="gamma"):
            anomaly.gamma_threshold(scores)


@pytest.mark.real_data
@pytest.mark.parametrize("speed", ["low", "med"])
def test_a_coin_on_a_real_fan_is_found(test_data, speed):
    """Learned from the first records of a normal fan, tested on later ones and on the fan with a coin on a blade."""
    from helpers import datasets

    normal, coin = (test_data / "vibration-ceiling-fan" / f"fan_0_{speed}_{n}_weight" for n in (0, 1))
    fan = datasets.machines_from_folder(normal, coin, sr=200)
    numbers = anomaly.series_statistics(np.stack(fan.load_all()))
    learn, test = ((fan.clips["split"] == split).to_numpy() for split in ("train", "test"))
    scores = anomaly.Mahalanobis().fit(numbers[learn]).score(numbers[test])
    assert metrics.auc(fan.clips.loc[test, "label"], scores) > 0.99
