"""Frames from events and events from frames: edges, thresholds, gaps, and the way there and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks, events

HOP = 0.04


def table(*rows, clip_id="a"):
    return pd.DataFrame([(clip_id, *row) for row in rows], columns=["clip_id", "onset", "offset", "label"])


def times(found):
    return [tuple(row) for row in found[["onset", "offset"]].round(6).to_numpy()]


def test_a_frame_belongs_to_the_event_at_its_centre():
    frames = events.targets(table((0.1, 0.3, "dog")), classes=["cat", "dog"], n_frames=5, hop=0.1)
    assert frames.shape == (5, 2)
    assert frames.dtype == np.float32
    assert frames[:, 1].tolist() == [0, 1, 1, 0, 0]
    assert not frames[:, 0].any()


@pytest.mark.parametrize(("onset", "offset", "centre", "overlap"), [
    (0.15, 0.25, [1], [1, 2]),            # exactly from centre to centre: the second belongs to the next event
    (0.149, 0.251, [1, 2], [1, 2]),
    (0.16, 0.24, [1], [1, 2]),            # between two centres: the frame it begins in
    (0.2, 0.2, [2], [2]),                 # a point
    (-0.3, 0.06, [0], [0]),               # began before the recording
    (0.4, 0.9, [4], [4]),                 # goes on after it
    (0.7, 0.9, [], []),                   # after the last frame
    (-0.5, -0.2, [], []),                 # before the first
])
def test_targets_at_the_edges(onset, offset, centre, overlap):
    event = table((onset, offset, "dog"))
    for how, expected in (("centre", centre), ("overlap", overlap)):
        frames = events.targets(event, classes=["dog"], n_frames=5, hop=0.1, how=how)
        assert np.flatnonzero(frames[:, 0]).tolist() == expected, how


def test_targets_of_a_window_count_from_its_start():
    whole = events.targets(table((1.0, 2.0, "dog")), classes=["dog"], n_frames=100, hop=HOP)
    window = events.targets(table((1.0, 2.0, "dog")), classes=["dog"], n_frames=40, hop=HOP, start=0.8)
    assert np.array_equal(window, whole[20:60])


def test_targets_refuse_a_strange_label():
    with pytest.raises(checks.InputError, match="'cow'"):
        events.targets(table((0, 1, "cow")), classes=["dog"], n_frames=5, hop=0.1)
    with pytest.raises(checks.InputError, match="how"):
        events.targets(table((0, 1, "dog")), classes=["dog"], n_frames=5, hop=0.1, how="edge")


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(2, 15)), max_size=6))
def test_events_on_whole_frames_come_back(drawn):
    rows, end = [], 0
    for gap, length in drawn:
        begin = end + 1 + gap % 7
        end = begin + length
        rows.append((begin * HOP, end * HOP, "dog"))
    frames = events.targets(table(*rows), classes=["dog"], n_frames=200, hop=HOP)
    found = events.from_scores(frames, classes=["dog"], hop=HOP)
    assert times(found) == [(round(a, 6), round(b, 6)) for a, b, _ in rows]


@given(st.floats(0.05, 3.0), st.floats(0.05, 2.0))
def test_any_event_comes_back_within_half_a_frame(onset, length):
    frames = events.targets(table((onset, onset + length, "dog")), classes=["dog"], n_frames=150, hop=HOP)
    (begin, end), = times(events.from_scores(frames, classes=["dog"], hop=HOP))
    assert abs(begin - onset) <= HOP / 2 + 1e-6
    assert abs(end - onset - length) <= HOP / 2 + 1e-6


def test_events_at_both_ends_are_kept_and_closed():
    scores = np.array([0.9, 0.9, 0.1, 0.1, 0.9])[:, None]
    assert times(events.from_scores(scores, classes=["dog"], hop=0.1)) == [(0.0, 0.2), (0.4, 0.5)]
    assert times(events.from_scores(np.ones((5, 1)), classes=["dog"], hop=0.1)) == [(0.0, 0.5)]
    assert len(events.from_scores(np.zeros((5, 1)), classes=["dog"], hop=0.1)) == 0


def test_two_thresholds_bridge_a_dip_and_refuse_what_never_rises():
    scores = np.array([0.1, 0.4, 0.8, 0.4, 0.7, 0.4, 0.1, 0.5, 0.1])[:, None]
    assert times(events.from_scores(scores, classes=["dog"], hop=1, high=0.6)) == [(2, 3), (4, 5)]
    assert times(events.from_scores(scores, classes=["dog"], hop=1, high=0.6, low=0.3)) == [(1, 6)]


def reference_hysteresis(scores, high, low):
    """Frame by frame, forward and back: the definition, slowly."""
    active = np.zeros(len(scores), bool)
    for start in np.flatnonzero(scores >= high):
        for step in (1, -1):
            k = start
            while 0 <= k < len(scores) and scores[k] >= low:
                active[k] = True
                k += step
    return active


@given(st.lists(st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.6, 0.9]), min_size=1, max_size=40))
def test_hysteresis_is_its_definition(drawn):
    scores = np.array(drawn)
    assert np.array_equal(events.hysteresis(scores, high=0.6, low=0.3), reference_hysteresis(scores, 0.6, 0.3))


def test_thresholds_in_the_wrong_order_are_refused():
    with pytest.raises(checks.InputError, match="low <= high"):
        events.hysteresis(np.zeros(3), high=0.3, low=0.5)


def test_short_gaps_close_before_short_events_are_dropped():
    scores = np.array([1, 0, 1, 0, 0, 0, 1, 0])[:, None].astype(float)
    keep = {"classes": ["dog"], "hop": 0.1}
    assert times(events.from_scores(scores, max_gap=0.1, min_duration=0.3, **keep)) == [(0.0, 0.3)]
    assert times(events.from_scores(scores, max_gap=0.1, **keep)) == [(0.0, 0.3), (0.6, 0.7)]
    assert times(events.from_scores(scores, max_gap=0.09, **keep)) == [(0.0, 0.1), (0.2, 0.3), (0.6, 0.7)]


def test_a_median_filter_removes_what_is_shorter_than_half_of_it():
    scores = np.zeros((20, 1))
    scores[3] = scores[10:14] = 1
    assert times(events.from_scores(scores, classes=["dog"], hop=1, median=3)) == [(10, 14)]
    with pytest.raises(checks.InputError, match="odd"):
        events.from_scores(scores, classes=["dog"], hop=1, median=4)


def test_each_class_has_its_own_threshold():
    scores = np.array([[0.4, 0.4], [0.7, 0.7]])
    found = events.from_scores(scores, classes=["dog", "cat"], hop=1, high={"dog": 0.3, "cat": 0.6})
    assert dict(zip(found["label"], times(found), strict=True)) == {"dog": (0, 2), "cat": (1, 2)}
    assert found["score"].tolist() == [0.7, 0.7]


def test_points_lie_where_the_score_is_highest():
    scores = np.array([0.1, 0.6, 0.9, 0.6, 0.1])[:, None]
    assert times(events.from_scores(scores, classes=["kick"], hop=0.01, points=True)) == [(0.025, 0.025)]


def test_the_table_is_ordered_by_time_and_names_its_clip():
    scores = np.array([[0, 1], [1, 0], [0, 0], [0, 1]], float)
    found = events.from_scores(scores, classes=["a", "b"], hop=1, clip_id="scene")
    assert list(found.columns) == ["clip_id", "onset", "offset", "label", "score"]
    assert found["label"].tolist() == ["b", "a", "b"]
    assert set(found["clip_id"]) == {"scene"}


def test_scores_need_one_column_a_class():
    with pytest.raises(checks.InputError, match="3 columns, 2 classes"):
        events.from_scores(np.zeros((4, 3)), classes=["a", "b"], hop=1)


@pytest.mark.parametrize("how", ["mean", "median"])
def test_windows_of_one_truth_merge_to_it(how):
    truth = np.random.default_rng(0).random((23, 2))
    starts = np.arange(0, 16, 4)
    padded = np.concatenate([truth, np.zeros((8, 2))])
    windows = np.stack([padded[start:start + 8] for start in starts])
    merged = events.merge_windows(windows, starts * HOP, hop=HOP, duration=20 * HOP, how=how)
    assert merged == pytest.approx(truth[:20])


def test_opinions_about_one_frame_are_joined():
    windows = np.array([[[0.0], [0.3]], [[0.6], [0.9]], [[0.6], [0.9]]])
    starts = np.array([0.0, 0.1, 0.1])
    kept = {"hop": 0.1, "duration": 0.4}
    assert events.merge_windows(windows, starts, **kept).ravel() == pytest.approx([0, 0.5, 0.9, 0])
    assert events.merge_windows(windows, starts, how="median", **kept).ravel() == pytest.approx([0, 0.6, 0.9, 0])


def test_a_window_has_to_begin_on_a_frame():
    with pytest.raises(checks.InputError, match="begin on a frame"):
        events.merge_windows(np.zeros((1, 4, 1)), np.array([0.05]), hop=0.1, duration=1.0)
