"""AUC and partial AUC: the rank statistic, scikit-learn's values, and every group by itself."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks, metrics

LABELLED = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40).filter(
    lambda items: 0 < sum(truth for truth, _ in items) < len(items))


@given(LABELLED)
def test_auc_is_the_share_of_pairs_in_the_right_order(items):
    truth, scores = (np.array(column) for column in zip(*items, strict=True))
    high, low = scores[truth][:, np.newaxis], scores[~truth]
    assert metrics.auc(truth, scores) == pytest.approx(((high > low) + 0.5 * (high == low)).mean())


@given(LABELLED, st.sampled_from([0.05, 0.1, 0.5, 1.0]))
def test_both_areas_and_the_curve_are_those_of_scikit_learn(items, max_fpr):
    from sklearn.metrics import roc_auc_score, roc_curve

    truth, scores = (np.array(column) for column in zip(*items, strict=True))
    assert metrics.auc(truth, scores) == pytest.approx(roc_auc_score(truth, scores))
    assert metrics.partial_auc(truth, scores, max_fpr=max_fpr) == pytest.approx(
        roc_auc_score(truth, scores, max_fpr=max_fpr))
    rates, recalls, _ = roc_curve(truth, scores, drop_intermediate=False)
    curve = metrics.roc_curve(truth, scores)
    np.testing.assert_allclose(curve["false_alarm_rate"], rates)
    np.testing.assert_allclose(curve["recall"], recalls)


@given(LABELLED)
def test_only_the_order_of_the_scores_counts(items):
    truth, scores = (np.array(column, float) for column in zip(*items, strict=True))
    assert metrics.auc(truth, np.exp(scores)) == metrics.auc(truth, scores)
    assert metrics.auc(truth, -scores) == pytest.approx(1 - metrics.auc(truth, scores))


def test_labels_may_be_words():
    scores = np.array([0.1, 0.4, 0.3, 0.9])
    words = ["normal", "normal", "anomaly", "bearing"]
    assert metrics.auc(words, scores) == metrics.auc([0, 0, 1, 1], scores) == 0.75


@pytest.mark.parametrize(("truth", "scores", "words"), [
    ([0, 0], [0.1, 0.2], "at least one of each"), ([1, 1], [0.1, 0.2], "at least one of each"),
    ([0, 1], [0.1, np.nan], "finite"), ([0, 1], [0.1, 0.2, 0.3], "one entry for each"),
    ([0, 2], [0.1, 0.2], "0 for normal"), ([0, 1], [[0.1], [0.2]], "shape"), ([], [], "at least one number"),
])
def test_what_cannot_be_measured_is_refused(truth, scores, words):
    with pytest.raises(checks.InputError, match=words):
        metrics.auc(truth, np.array(scores))


@pytest.mark.parametrize("max_fpr", [0, -0.1, 1.5, np.nan])
def test_the_part_of_the_curve_lies_on_it(max_fpr):
    with pytest.raises(checks.InputError, match="max_fpr"):
        metrics.partial_auc([0, 1], np.array([0.1, 0.2]), max_fpr=max_fpr)


def test_every_unit_is_measured_by_itself():
    """Two units, each told apart perfectly, at levels that overlap: together they would look bad."""
    clips = pd.DataFrame({"label": ["normal", "anomaly"] * 2 + ["normal"], "unit": ["a", "a", "b", "b", "c"],
                          "machine": "fan", "domain": "source"}, index=[7, 3, 5, 1, 2])
    scores = np.array([1.0, 2.0, 5.0, 6.0, 0.0])
    table = metrics.auc_by_unit(clips, scores)
    assert table["unit"].tolist() == ["a", "b", "c"]
    assert table["auc"].tolist()[:2] == [1.0, 1.0]
    assert np.isnan(table["auc"][2])
    assert table[["n_normal", "n_anomalous"]].to_numpy().tolist() == [[1, 1], [1, 1], [1, 0]]
    assert metrics.auc(clips["label"], scores) < 1
    assert metrics.auc_by_unit(clips, scores, by=("machine",))["n_normal"].tolist() == [3]
    with pytest.raises(checks.InputError, match="no speed"):
        metrics.auc_by_unit(clips, scores, by=("speed",))


def test_the_harmonic_mean_is_pulled_down_by_the_worst():
    assert metrics.harmonic_mean([0.9, 0.9]) == pytest.approx(0.9)
    assert metrics.harmonic_mean([0.9, 0.0]) == 0
    assert metrics.harmonic_mean([0.9, 0.5]) < 0.7
    for values in ([], [np.nan], [-0.1]):
        with pytest.raises(checks.InputError):
            metrics.harmonic_mean(values)


@given(st.integers(1, 300), st.data())
def test_the_interval_of_a_share_is_that_of_scipy(n, data):
    from scipy.stats import binomtest

    count = data.draw(st.integers(0, n))
    reference = binomtest(count, n).proportion_ci(method="wilson")
    assert metrics.share_interval(count, n) == pytest.approx((reference.low, reference.high), abs=1e-9)


def test_counts_that_cannot_be_are_refused():
    assert np.isnan(metrics.share_interval(0, 0)).all()
    for count, n in ((3, 2), (-1, 2), (0.5, 2)):
        with pytest.raises(checks.InputError, match="count"):
            metrics.share_interval(count, n)
    with pytest.raises(checks.InputError, match="confidence"):
        metrics.share_interval(1, 2, confidence=1.0)
