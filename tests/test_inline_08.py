"""What notebook 08 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pytest

from helpers import anomaly, metrics, models
from helpers.anomaly import networks
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 08 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / "08_detect_anomalies.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, **names}
        exec(compile(ast.Module([shown[name]], []), "08_detect_anomalies.py", "exec"), space)
        return space[name]

    return get


@pytest.fixture
def scores():
    """Normal and anomalous scores that overlap, some of them equal."""
    rng = np.random.default_rng(8)
    return rng.gamma(4, 1, 90).round(1), rng.gamma(6, 1, 40).round(1)


@pytest.mark.parametrize(("n_frames", "hop"), [(5, 1), (5, 2), (3, 4), (1, 1)])
def test_its_contexts_are_those_of_the_helpers(inline, n_frames, hop):
    log_mel = np.random.default_rng(1).normal(-60, 9, (7, 40)).astype(np.float32)
    expected = anomaly.context_frames(log_mel, n_frames=n_frames, hop=hop)
    np.testing.assert_array_equal(inline("stack_frames")(log_mel, n_frames, hop), expected)


def test_its_network_is_that_of_the_helpers(inline):
    keras, widths = models.load_keras(), (12, 3, 12)
    own, other = (make(20, 20, widths=widths) for make in (inline("build", keras=keras), networks.dense_network))
    assert [type(layer) for layer in own.layers] == [type(layer) for layer in other.layers]
    assert [weights.shape for weights in own.get_weights()] == [weights.shape for weights in other.get_weights()]
    other.set_weights(own.get_weights())
    rows = np.random.default_rng(2).normal(0, 1, (6, 20)).astype(np.float32)
    np.testing.assert_allclose(own.predict_on_batch(rows), other.predict_on_batch(rows), rtol=1e-5)


def test_its_score_is_that_of_the_helpers(inline):
    rng = np.random.default_rng(3)
    windows = rng.normal(0, 1, (60, 3)) @ rng.normal(0, 1, (3, 12)) + rng.normal(0, 0.3, (60, 12))
    detector = anomaly.PrincipalComponents().fit(windows)
    scaled, rebuilt = ((each - windows.mean(axis=0)) / windows.std(axis=0)
                       for each in (windows, detector.reconstruct(windows)))
    np.testing.assert_allclose(inline("error_score")(scaled, rebuilt), detector.score(windows), rtol=1e-5)


@pytest.mark.parametrize("how", ["mean", "max", "top k"])
def test_its_clip_scores_are_those_of_the_helpers(inline, how):
    rng = np.random.default_rng(4)
    parts = [rng.gamma(2, 1, n) for n in (40, 5, 12)]
    expected = anomaly.clip_scores(np.concatenate(parts), np.repeat(range(3), [len(part) for part in parts]),
                                   how=how.replace(" ", "-"), k=7)
    np.testing.assert_allclose([inline("join")(part, how, k=7) for part in parts], expected)


def test_its_auc_is_the_rank_statistic(inline, scores):
    from scipy.stats import mannwhitneyu

    normal, anomalous = scores
    truth, both = np.repeat([False, True], [len(normal), len(anomalous)]), np.concatenate(scores)
    own = inline("rank_auc")(truth, both)
    assert own == pytest.approx(metrics.auc(truth, both), abs=1e-12)
    assert own == pytest.approx(mannwhitneyu(anomalous, normal).statistic / (len(normal) * len(anomalous)))


@pytest.mark.parametrize("n_frames", [3, 5, 7])
def test_it_hides_what_the_interpolation_hides(inline, n_frames):
    contexts = np.random.default_rng(5).normal(0, 1, (9, n_frames * 4))
    detector = anomaly.InterpolationAutoencoder(n_frames=n_frames)
    around, middle = inline("hide_the_middle")(contexts, n_frames)
    np.testing.assert_array_equal(around, detector._around(contexts))
    np.testing.assert_array_equal(middle, detector._part(contexts))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("n", [39, 400])
def test_its_false_alarm_threshold_lies_beside_that_of_the_helpers(inline, n, rate):
    """The helper counts one rank further, so that the rate holds for few scores, too."""
    normal = np.sort(np.random.default_rng(6).gamma(4, 1, n))
    own, other = inline("threshold_for")(normal, rate), anomaly.quantile_threshold(normal, false_alarm_rate=rate)
    place = int(np.searchsorted(normal, other))
    assert normal[max(0, place - 2)] <= own <= normal[min(n - 1, place + 1)]


@pytest.mark.parametrize(("miss_cost", "anomaly_rate"), [(1, 0.5), (10, 0.05), (10, 0.001), (1000, 0.9)])
def test_its_cheapest_threshold_costs_what_that_of_the_helpers_costs(inline, scores, miss_cost, anomaly_rate):
    settings = {"false_alarm_cost": 2.0, "miss_cost": miss_cost, "anomaly_rate": anomaly_rate}
    found = [inline("cheapest")(*scores, *settings.values()), anomaly.cost_threshold(*scores, **settings)]
    own, other = (anomaly.expected_cost(*((each > threshold).mean() for each in scores), **settings)
                  for threshold in found)
    assert own == pytest.approx(other, abs=1e-12)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1])
def test_it_spoils_training_as_the_helpers_do(inline, share):
    normal, anomalous = np.arange(150), 1000 + np.arange(30)
    own = inline("contaminate")(normal, anomalous, share, np.random.default_rng(7))
    other, _ = anomaly.contaminate(normal, anomalous, share=share, rng=np.random.default_rng(7))
    assert len(own) == len(other) == 150
    assert np.sum(own >= 1000) == np.sum(other >= 1000) == round(share * 150)
    assert len(np.unique(own)) == 150
    np.testing.assert_array_equal(own[own < 1000], normal[own < 1000])
