"""Pictures of strange sounds: every score, threshold, error and alarm stands where it belongs."""

import house_rules
import numpy as np
import pytest

from helpers import anomaly, checks, metrics, plots

RNG = np.random.default_rng(0)
NORMAL, FAULTY = RNG.normal(2, 0.5, 60), RNG.normal(4, 1, 20)
GROUPS = {"normal": NORMAL, "no_grease": FAULTY}
TRUTH, SCORES = np.repeat([0, 1], [60, 20]), np.concatenate([NORMAL, FAULTY])
TABLE = anomaly.outcomes({"three_deviations": 3.5, "quantile": 2.8}, normal_scores=NORMAL, anomalous_scores=FAULTY)
LOG_MEL, ERRORS = RNG.normal(-40, 9, (32, 50)), RNG.uniform(0, 3, (32, 50))


@pytest.mark.parametrize("draw", [
    lambda **at: plots.anomaly_scores(GROUPS, **at), lambda **at: plots.roc({"all": (TRUTH, SCORES)}, **at),
    lambda **at: plots.boundary_outcomes(TABLE, **at),
    lambda **at: plots.monitor_track(NORMAL, limit=3.0, **at),
])
def test_pictures_follow_the_house_rules(draw):
    house_rules.draws_where_it_is_told(draw)
    house_rules.can_be_read(draw())


def test_each_threshold_has_its_line_and_its_shape():
    ax = plots.anomaly_scores(GROUPS, thresholds={"quantile": 2.8, "cost_rule": 3.5})
    house_rules.can_be_read(ax)
    lines = {line.get_label(): line for line in ax.lines if ":" in line.get_label()}
    assert set(lines) == {"quantile: 2.8", "cost rule: 3.5"}
    assert {tuple(line.get_xdata()) for line in lines.values()} == {(2.8, 2.8), (3.5, 3.5)}
    assert len({line.get_marker() for line in lines.values()}) == 2
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "normal (60)" in words
    assert "no grease (20)" in words


def test_errors_stand_below_the_sound_on_the_same_axes():
    axes = plots.error_map(LOG_MEL, ERRORS, sr=16000, title="Fan 2")
    house_rules.can_be_read(axes[0])
    for ax, data in zip(axes, (LOG_MEL, ERRORS), strict=True):
        np.testing.assert_allclose(ax.collections[0].get_array().reshape(32, 50), data)
    assert axes[0].get_xlim() == axes[1].get_xlim()
    assert axes[1].collections[0].get_clim() == pytest.approx((0, ERRORS.max()))
    assert plots.error_map(LOG_MEL, ERRORS, sr=16000, most=9)[1].collections[0].get_clim() == (0, 9)
    for log_mel, errors in ((LOG_MEL[:, 2:-2], ERRORS), (LOG_MEL, np.where(ERRORS > 2, np.nan, ERRORS))):
        with pytest.raises(checks.InputError):
            plots.error_map(log_mel, errors, sr=16000)


def test_the_roc_curve_names_its_areas_and_marks_the_part_that_counts():
    ax = plots.roc({"good_one": (TRUTH, SCORES), "guess": (TRUTH, -SCORES)}, max_fpr=0.2)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    area, part = metrics.auc(TRUTH, SCORES), metrics.partial_auc(TRUTH, SCORES, max_fpr=0.2)
    assert f"good one: AUC {area:.2f}, pAUC {part:.2f}" in words
    assert "up to 20 % false alarms" in words
    assert ax.patches[0].get_bbox().x1 == pytest.approx(0.2)
    curves = [line for line in ax.lines if "AUC" in line.get_label()]
    np.testing.assert_allclose(curves[0].get_ydata(), metrics.roc_curve(TRUTH, SCORES)["recall"])
    assert curves[0].get_marker() != curves[1].get_marker()


def test_outcomes_stand_in_the_order_of_the_table():
    ax = plots.boundary_outcomes(TABLE)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["three deviations", "quantile"]
    shown = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(shown["false alarms"].get_xdata(), TABLE["false_alarm_rate"])
    np.testing.assert_allclose(shown["anomalies found"].get_xdata(), TABLE["recall"])
    assert shown["false alarms"].get_marker() != shown["anomalies found"].get_marker()
    assert [text.get_text() for text in ax.texts] == [f"cost {cost:.3g}" for cost in TABLE["expected_cost"]]


def test_alarms_are_marked_where_the_statistic_lies_above_the_limit():
    ax = plots.monitor_track(np.array([0.0, 1.0, 4.0, 2.0]), limit=1.5, hop=0.5, unit="s", change=0.75)
    shown = {line.get_label(): line.get_xydata() for line in ax.lines}
    assert shown["alarm"].tolist() == [[1.0, 4.0], [1.5, 2.0]]
    assert set(shown) == {"statistic", "alarm", "limit 1.5", "change"}
    assert ax.get_xlabel() == "Time (s)"


@pytest.mark.parametrize("draw", [
    lambda: plots.anomaly_scores({}), lambda: plots.anomaly_scores({"normal": []}),
    lambda: plots.anomaly_scores({"normal": [np.nan]}), lambda: plots.anomaly_scores(GROUPS, thresholds={"a": np.inf}),
    lambda: plots.roc({}), lambda: plots.roc({"all": (np.zeros(80), SCORES)}),
    lambda: plots.boundary_outcomes(TABLE.drop(columns="recall")), lambda: plots.boundary_outcomes(TABLE.head(0)),
    lambda: plots.monitor_track(np.array([]), limit=1), lambda: plots.monitor_track(np.array([np.nan]), limit=1),
])
def test_what_cannot_be_drawn_is_refused(draw):
    with pytest.raises(checks.InputError):
        draw()
