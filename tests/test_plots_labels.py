"""Pictures about labels: every frame keeps its slope, every loud stretch its place, every minute its worth."""

import house_rules
import numpy as np
import pandas as pd
import pytest

from helpers import checks, plots

SCORES = np.array([0.1, 0.8, 0.4, 0.2])
SLOPES = {"max": np.array([0.0, 1.0, 0.0, 0.0]), "linear_softmax": np.array([-0.4, 0.5, 0.1, -0.2])}
LEVELS = np.array([-60.0, -61.0, -30.0, -32.0, -60.0, -np.inf])
LOUD = {"threshold": LEVELS > -40, "two states": np.array([False, False, True, True, True, False])}
EVENTS = pd.DataFrame([("a", 0.2, 0.4, "dog"), ("a", 0.5, 0.5, "dog")], columns=["clip_id", "onset", "offset", "label"])
CURVES = {"strong": [(200.0, 0.7), (50.0, 0.5)], "weak": [(20.0, 0.2), (50.0, 0.3)]}

DRAWINGS = {
    "frame_slopes": lambda **at: plots.frame_slopes(SCORES, SLOPES, hop=0.5, **at),
    "loud_levels": lambda **at: plots.loud_levels(LEVELS, LOUD, hop=0.1, events=EVENTS, **at),
    "cost_curves": lambda **at: plots.cost_curves(CURVES, **at),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_draws_where_it_is_told_and_changes_nothing_else(name):
    house_rules.draws_where_it_is_told(DRAWINGS[name])


@pytest.mark.parametrize("name", DRAWINGS)
def test_text_can_be_read_axes_are_named_and_nothing_is_cut_off(name):
    ax = DRAWINGS[name]()
    house_rules.can_be_read(ax)
    assert "(s)" in ax.get_xlabel() or "Minutes" in ax.get_xlabel()
    assert ax.get_ylabel() or "max" in [label.get_text() for label in ax.get_yticklabels()]


def test_slopes_point_up_and_down_in_lanes_of_their_own():
    ax = DRAWINGS["frame_slopes"]()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["scores", "max", "linear softmax"]
    lanes = [np.array(lines.get_segments()) for lines in ax.collections]
    assert [len(lane) for lane in lanes] == [4, 4, 4]
    for lane, values in zip(lanes[1:], SLOPES.values(), strict=True):
        rise = lane[:, 1, 1] - lane[:, 0, 1]
        np.testing.assert_allclose(rise / np.abs(rise).max(), values / np.abs(values).max())
        np.testing.assert_allclose(lane[:, 0, 0], [0.25, 0.75, 1.25, 1.75])
    assert max(lane[:, :, 1].max() for lane in lanes[2:]) < 0.5, "no lane reaches into the next"


def test_no_slope_at_all_is_drawn_flat():
    plots.frame_slopes(SCORES, {"max": np.zeros(4)}, hop=0.5)


def test_loud_stretches_lie_where_they_are_below_the_curve():
    ax = DRAWINGS["loud_levels"]()
    bars = {group.get_label(): [path.get_extents() for path in group.get_paths()] for group in ax.collections
            if group.get_label() in LOUD}
    assert [(round(box.x0, 6), round(box.x1, 6)) for box in bars["threshold"]] == [(0.2, 0.4)]
    assert [(round(box.x0, 6), round(box.x1, 6)) for box in bars["two states"]] == [(0.2, 0.5)]
    assert bars["two states"][0].y1 < bars["threshold"][0].y0
    assert bars["threshold"][0].y1 < -100
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"labelled event", "level", *LOUD}


def test_a_recording_without_events_and_a_method_that_hears_nothing():
    ax = plots.loud_levels(LEVELS, {"two states": np.zeros(6, bool)}, hop=0.1)
    assert "labelled event" not in {text.get_text() for text in ax.get_legend().get_texts()}


def test_costs_are_in_order_on_a_logarithmic_axis():
    ax = DRAWINGS["cost_curves"]()
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines == {"strong": [[50.0, 0.5], [200.0, 0.7]], "weak": [[20.0, 0.2], [50.0, 0.3]]}
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["20", "50", "100", "200"]
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize(("draw", "says"), [
    (lambda: plots.frame_slopes(SCORES, {}, hop=0.5), "slopes"),
    (lambda: plots.frame_slopes(SCORES, {"max": [1.0]}, hop=0.5), "slopes"),
    (lambda: plots.frame_slopes(SCORES, {"max": [np.nan] * 4}, hop=0.5), "finite"),
    (lambda: plots.loud_levels(LEVELS, {"threshold": [True]}, hop=0.1), "frames"),
    (lambda: plots.loud_levels([np.nan], LOUD, hop=0.1), "levels"),
    (lambda: plots.cost_curves({"strong": []}), "at least one point"),
    (lambda: plots.cost_curves({"strong": [(0.0, 0.5)]}), "a cost of 0"),
    (lambda: plots.cost_curves([]), "curves"),
])
def test_what_cannot_be_drawn_is_refused(draw, says):
    with pytest.raises(checks.InputError, match=says):
        draw()
