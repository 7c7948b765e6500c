"""Numbers for clips against their definitions, and the threshold for "unknown" where scores tie."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from helpers import checks, metrics

CLASSES = ("dog", "rain", "siren")
PAIRS = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=30)


def table(rows: list[list[float]]) -> np.ndarray:
    return np.array(rows, float)


SCORES = st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=12).map(
    lambda rows: table(rows) / 4)      # few values, so that many tie


# Right and wrong

@given(pairs=PAIRS)
@settings(max_examples=20)
def test_right_answers_agree_with_scikit_learn(pairs):
    was, taken = zip(*pairs, strict=True)
    assert metrics.accuracy(was, taken) == pytest.approx(sklearn.metrics.accuracy_score(was, taken))
    recall = metrics.recall_by_class(was, taken, classes=CLASSES)
    expected = sklearn.metrics.recall_score(was, taken, labels=CLASSES, average=None, zero_division=np.nan)
    np.testing.assert_allclose(recall, expected)


@given(pairs=PAIRS)
@settings(max_examples=20)
def test_confusion_counts_every_answer_once(pairs):
    was, taken = zip(*pairs, strict=True)
    counts = metrics.confusion(was, taken, classes=CLASSES)
    assert counts.to_numpy().sum() == len(pairs)
    assert all(counts.loc[row, column] == pairs.count((row, column)) for row in CLASSES for column in CLASSES)
    assert np.trace(counts) / len(pairs) == pytest.approx(metrics.accuracy(was, taken))


def test_confusion_keeps_the_order_of_the_classes_and_those_that_never_occur():
    counts = metrics.confusion(["siren"], ["dog"], classes=["siren", "rain", "dog"])
    assert list(counts.index) == list(counts.columns) == ["siren", "rain", "dog"]
    assert (counts.index.name, counts.columns.name) == ("was", "taken for")
    assert counts.loc["siren", "dog"] == 1
    recall = metrics.recall_by_class(["siren"], ["dog"], classes=["siren", "rain", "dog"])
    assert recall["siren"] == 0
    assert recall[["rain", "dog"]].isna().all(), "nothing to find is not nothing found"


def test_labels_may_come_as_any_sequence():
    import pandas as pd

    was, taken = pd.Series(["dog", "rain"], index=[7, 3]), np.array(["dog", "dog"])
    assert metrics.accuracy(was, taken) == 0.5
    assert metrics.confusion(was, taken, classes=CLASSES).loc["rain", "dog"] == 1
    assert metrics.accuracy(np.array([0, 1, 2]), [0, 1, 1]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("was", "taken", "says"), [
    (["dog"], ["dog", "rain"], "1 in y_true, 2 in y_pred"),
    ([], [], "at least one answer; got none"),
])
def test_answers_that_do_not_match_are_told(was, taken, says):
    with pytest.raises(checks.InputError, match=says):
        metrics.accuracy(was, taken)


@pytest.mark.parametrize(("was", "taken"), [(["cat"], ["dog"]), (["dog"], ["cat"])])
@pytest.mark.parametrize("measure", [metrics.confusion, metrics.recall_by_class])
def test_a_label_outside_the_classes_is_told(measure, was, taken):
    with pytest.raises(checks.InputError, match="a label to be one of 'dog', 'rain', 'siren'; got 'cat'"):
        measure(was, taken, classes=CLASSES)
    with pytest.raises(checks.InputError, match="1 in y_true, 2 in y_pred"):
        measure(["dog"], ["dog", "dog"], classes=CLASSES)


# Knowing when to say unknown

@given(scores=SCORES, seed=st.integers(0, 99))
def test_each_row_of_the_curve_is_what_its_threshold_gives(scores, seed):
    y_true = np.random.default_rng(seed).integers(0, 3, len(scores))
    curve = metrics.coverage_curve(scores, y_true)
    assert list(curve.columns) == ["threshold", "coverage", "accuracy"]
    for row in curve.itertuples():
        answered = [number for number, line in enumerate(scores) if max(line) >= row.threshold]
        right = [int(np.argmax(scores[number])) == y_true[number] for number in answered]
        assert row.coverage == pytest.approx(len(answered) / len(scores))
        assert row.accuracy == pytest.approx(np.mean(right))


@given(scores=SCORES)
def test_the_curve_rises_in_threshold_falls_in_coverage_and_begins_with_all(scores):
    curve = metrics.coverage_curve(scores, np.zeros(len(scores), int))
    assert curve.coverage.iloc[0] == 1
    assert (np.diff(curve.threshold) > 0).all()
    assert (np.diff(curve.coverage) < 0).all()
    assert set(curve.threshold) == set(scores.max(axis=1)), "one row for each threshold at which something changes"


@given(scores=SCORES, share=st.sampled_from([0.0, 0.05, 0.1, 0.25, 1 / 3, 0.5, 0.999, 1.0]))
def test_the_threshold_keeps_its_promise_and_is_the_lowest_that_does(scores, share):
    threshold = metrics.unknown_threshold(scores, max_wrong_accepts=share)
    assert metrics.wrong_accepts(scores, threshold) <= share + 1e-9
    if threshold > 0:
        assert metrics.wrong_accepts(scores, np.nextafter(threshold, -np.inf)) > share


def test_a_score_at_the_threshold_is_accepted():
    assert metrics.wrong_accepts(table([[0.5, 0.5], [0.4, 0.6], [0.9, 0.1], [0.2, 0.3]]), 0.6) == 0.5
    assert metrics.wrong_accepts(table([[0.5, 0.5]]), 0.0) == 1
    assert metrics.wrong_accepts(table([[0.5, 0.5]]), np.nextafter(0.5, 1)) == 0


@pytest.mark.parametrize(("n", "share", "allowed"), [(20, 0.05, 1), (10, 0.3, 3), (100, 0.29, 29), (10, 0.05, 0)])
def test_shares_that_floats_cannot_hold_count_in_full(n, share, allowed):
    scores = np.linspace(0.01, 0.99, n)[:, None]
    assert metrics.wrong_accepts(scores, metrics.unknown_threshold(scores, max_wrong_accepts=share)) * n == \
        pytest.approx(allowed)


def test_the_threshold_holds_for_scores_of_single_precision_too():
    scores = np.array([[0.1], [0.7], [0.7], [0.3]], np.float32)
    threshold = metrics.unknown_threshold(scores, max_wrong_accepts=0.0)
    assert metrics.wrong_accepts(scores, threshold) == 0
    assert threshold > float(np.float32(0.7))


@pytest.mark.parametrize("share", [-0.1, 1.1, 5, np.nan])
def test_a_share_that_is_none_is_told(share):
    with pytest.raises(checks.InputError, match=r"a share between 0 and 1; got .*5 % is 0\.05"):
        metrics.unknown_threshold(table([[0.5]]), max_wrong_accepts=share)


@pytest.mark.parametrize("measure", [
    lambda scores: metrics.wrong_accepts(scores, 0.5), lambda scores: metrics.coverage_curve(scores, np.zeros(1, int)),
    lambda scores: metrics.unknown_threshold(scores),
], ids=["wrong_accepts", "coverage_curve", "unknown_threshold"])
def test_scores_that_are_none_are_told(measure):
    with pytest.raises(checks.InputError, match="n_windows, n_classes"):
        measure(np.zeros(3))
    with pytest.raises(checks.InputError, match="scores of finite numbers"):
        measure(table([[0.5, np.nan]]))


def test_scores_and_truths_must_be_of_one_length():
    with pytest.raises(checks.InputError, match="2 in scores, 3 in y_true"):
        metrics.coverage_curve(np.full((2, 2), 0.5), np.zeros(3, int))


def test_scores_are_not_changed():
    scores = np.random.default_rng(0).random((5, 3))
    before = scores.copy()
    metrics.coverage_curve(scores, np.zeros(5, int))
    metrics.unknown_threshold(scores)
    assert_array_equal(scores, before)
