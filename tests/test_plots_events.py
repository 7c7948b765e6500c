"""Pictures of events: what happened lies where it happened, errors look like errors, and every lane has a name."""

import house_rules
import matplotlib
import numpy as np
import pandas as pd
import pytest

from helpers import checks, metrics, plots
from helpers.plots import style

COLUMNS = ["clip_id", "onset", "offset", "label"]
CLASSES = ("dog", "car_horn")
EVENTS = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 4.0, "car_horn"), ("a", 6.0, 6.2, "dog")], columns=COLUMNS)
FOUND = pd.DataFrame([("a", 1.1, 1.5, "dog"), ("a", 8.0, 8.3, "car_horn")], columns=COLUMNS)
SCORES = np.linspace(0, 1, 20).reshape(10, 2)
CURVE = pd.DataFrame({"threshold": [0.1, 0.5, 0.9], "precision": [0.5, 0.8, np.nan], "recall": [0.9, 0.7, 0.0],
                      "f1": [0.64, 0.75, 0.0]})
RATES = metrics.rate_error(EVENTS, FOUND, duration=10.0, window=5.0)

DRAWINGS = {
    "event_lanes": lambda **at: plots.event_lanes(EVENTS, detected=FOUND, classes=CLASSES, duration=10.0, **at),
    "truth": lambda **at: plots.event_lanes(EVENTS, classes=CLASSES, duration=10.0, **at),
    "frame_scores": lambda **at: plots.frame_scores(SCORES, hop=0.5, classes=CLASSES, high=0.5, low=0.3, events=EVENTS,
                                                    **at),
    "precision_recall": lambda **at: plots.precision_recall(CURVE, chosen=0.5, **at),
    "event_lengths": lambda **at: plots.event_lengths(EVENTS, **at),
    "event_gaps": lambda **at: plots.event_gaps(EVENTS, **at),
    "rate_over_time": lambda **at: plots.rate_over_time(RATES, **at),
}


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def bars(ax, label):
    """Beginning, end and middle of the bars that the legend calls so."""
    boxes = [box for group in ax.containers if group.get_label() == label for box in group]
    return [(round(box.get_x(), 6), round(box.get_x() + box.get_width(), 6), box.get_y() + box.get_height() / 2)
            for box in boxes]


# The house rules

@pytest.mark.parametrize("name", DRAWINGS)
def test_it_draws_where_it_is_told_and_changes_nothing_else(name):
    house_rules.draws_where_it_is_told(DRAWINGS[name])


@pytest.mark.parametrize("name", DRAWINGS)
def test_text_can_be_read_axes_are_named_and_nothing_is_cut_off(name):
    ax = DRAWINGS[name]()
    house_rules.can_be_read(ax)
    assert ax.get_xlabel()
    assert "(s)" in ax.get_xlabel() or name == "precision_recall"
    assert ax.get_ylabel() or "dog" in [label.get_text() for label in ax.get_yticklabels()]


# Lanes

def test_every_event_lies_at_its_time_in_its_lane_truth_above():
    ax = DRAWINGS["event_lanes"]()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["dog", "car horn"]
    [(onset, offset, above)], [(start, stop, below)] = bars(ax, "event that was found"), bars(ax, "detected")
    assert (onset, offset, start, stop) == (1.0, 1.5, 1.1, 1.5)
    assert 0.5 > above > 0 > below > -0.5, "both in the first lane"
    assert [place[:2] for place in bars(ax, "missed")] == [(3.0, 4.0), (6.0, 6.2)]
    [(start, _, middle)] = bars(ax, "false alarm")
    assert (start, round(middle)) == (8.0, -1)
    assert ax.get_title(loc="left") == "1 of 3 events found, 1 false alarm"


def test_errors_have_the_colour_of_errors_and_a_shape_of_their_own():
    ax = DRAWINGS["event_lanes"]()
    looks = {group.get_label(): group[0] for group in ax.containers}
    error = matplotlib.colors.to_rgba(style.ERROR)
    assert looks["missed"].get_edgecolor() == looks["false alarm"].get_facecolor() == error
    assert error not in (looks["detected"].get_facecolor(), looks["event that was found"].get_facecolor())
    assert looks["missed"].get_hatch()
    assert not looks["detected"].get_hatch()


def test_points_are_markers_and_only_their_onset_counts():
    points = [table.assign(offset=table["onset"]) for table in (EVENTS, FOUND)]
    ax = plots.event_lanes(points[0], detected=points[1], classes=CLASSES, duration=10.0)
    drawn = {line.get_label(): (line.get_marker(), line.get_xdata().tolist()) for line in ax.lines
             if not line.get_label().startswith("_")}
    assert drawn == {"event that was found": ("o", [1.0]), "missed": ("P", [3.0, 6.0]), "detected": ("D", [1.1]),
                     "false alarm": ("X", [8.0])}


def test_a_short_event_in_a_long_recording_can_be_seen():
    ax = plots.event_lanes(EVENTS, classes=CLASSES, duration=3600.0)
    assert all(stop - start >= 3600 / 400 for start, stop, _ in bars(ax, "event"))


def test_nothing_happens_and_nothing_is_detected():
    ax = plots.event_lanes(EVENTS.head(0), detected=FOUND.head(0), classes=CLASSES, duration=10.0)
    assert ax.get_title(loc="left") == "0 of 0 events found, 0 false alarms"
    assert plots.event_lanes(EVENTS, detected=FOUND.head(0), classes=CLASSES, duration=10.0).get_title(
        loc="left") == "0 of 3 events found, 0 false alarms"


def test_strange_labels_and_two_recordings_are_refused():
    with pytest.raises(checks.InputError, match="a label"):
        plots.event_lanes(EVENTS, classes=["dog"], duration=10.0)
    with pytest.raises(checks.InputError, match="one recording"):
        plots.event_lanes(EVENTS.assign(clip_id=["a", "b", "c"]), classes=CLASSES, duration=10.0)


# Scores

def test_scores_and_thresholds_lie_in_the_lane_of_their_class():
    ax = plots.frame_scores(SCORES, hop=0.5, classes=CLASSES, high={"dog": 0.5, "car_horn": 0.7}, events=EVENTS)
    first, second = [patch for patch in ax.patches if hasattr(patch, "get_data")]
    assert np.allclose(first.get_data().values, SCORES[:, 0])
    base = second.get_data().baseline
    assert base < -1, "lanes do not touch"
    assert np.allclose(second.get_data().values - base, SCORES[:, 1])
    assert np.allclose(first.get_data().edges, np.arange(11) * 0.5)
    dashed = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert np.allclose(dashed, [0.5, base + 0.7])
    assert legend_of(ax) == ["score", "high threshold", "true event"]
    shaded = [(box.get_x(), box.get_width(), box.get_y()) for group in ax.containers for box in group]
    assert np.allclose(sorted(shaded), [(1, 0.5, 0), (3, 1, base), (6, 0.2, 0)])


def test_scores_alone_are_enough():
    assert legend_of(plots.frame_scores(SCORES, hop=0.5, classes=CLASSES)) == ["score"]
    with pytest.raises(checks.InputError, match="2 classes"):
        plots.frame_scores(SCORES, hop=0.5, classes=["dog"])


# Precision and recall

def test_the_curve_goes_through_its_thresholds_and_the_chosen_one_is_marked():
    ax = DRAWINGS["precision_recall"]()
    curve = next(line for line in ax.lines if line.get_marker() == "o")
    assert curve.get_xydata().tolist() == [[0.9, 0.5], [0.7, 0.8]], "no precision where nothing is detected"
    diamond = next(line for line in ax.lines if line.get_marker() == "D")
    assert diamond.get_xydata().tolist() == [[0.7, 0.8]]
    assert legend_of(ax) == ["threshold 0.5: F1 0.75"]
    assert "0.1" in [text.get_text() for text in ax.texts]


def test_lines_of_equal_f1_are_lines_of_equal_f1():
    ax = plots.precision_recall(CURVE)
    light = [line.get_xydata() for line in ax.lines if line.get_color() == "0.8"]
    assert len(light) == 4
    for points in light:
        f1 = 2 * points[:, 0] * points[:, 1] / points.sum(axis=1)
        assert np.allclose(f1, f1[0])
    assert {f"F1 {f1:g}" for f1 in (0.2, 0.4, 0.6, 0.8)} <= {text.get_text() for text in ax.texts}


@pytest.mark.parametrize("curve", [CURVE.drop(columns="f1"), CURVE.tail(1), CURVE.head(0)])
def test_a_curve_without_a_point_is_refused(curve):
    with pytest.raises(checks.InputError, match="event_precision_recall"):
        plots.precision_recall(curve)


# Lengths and rates

def test_lengths_have_their_median_beside_them_on_a_logarithmic_axis():
    ax = DRAWINGS["event_lengths"]()
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.texts] == ["1 s (1)", "0.35 s (2)"]
    dots = {tuple(line.get_xdata().round(6)) for line in ax.lines if line.get_marker() == "."}
    assert dots == {(1.0,), (0.5, 0.2)}


def test_gaps_lie_between_events_of_one_class_in_one_recording():
    ax = DRAWINGS["event_gaps"]()
    assert [text.get_text() for text in ax.texts] == ["4.5 s (1)"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["dog"]
    with pytest.raises(checks.InputError):
        plots.event_gaps(EVENTS.assign(clip_id=["a", "b", "c"]))


def test_points_have_gaps_and_no_lengths():
    points = EVENTS.assign(offset=EVENTS["onset"])
    with pytest.raises(checks.InputError, match="event_gaps"):
        plots.event_lengths(points)
    assert [text.get_text() for text in plots.event_gaps(points).texts] == ["5 s (1)"]


def test_rates_stand_at_their_windows_and_the_error_between_them():
    ax = DRAWINGS["rate_over_time"]()
    true, found = ax.lines
    assert true.get_xydata().tolist() == [[0, 24], [5, 12]]
    assert found.get_xydata().tolist() == [[0, 12], [5, 12]]
    assert ax.get_title(loc="left") == "Off by 6 a minute on average"
    [errors] = ax.collections
    assert errors.get_segments()[0].tolist() == [[0, 24], [0, 12]]
