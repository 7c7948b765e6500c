"""Pictures of a collection: every point keeps its group, every score its number, every boundary its time."""

import house_rules
import numpy as np
import pytest

from helpers import checks, plots

POINTS = np.array([[0.0, 0.0], [1.0, 0.5], [4.0, 4.0], [5.0, 4.5]])
GROUPS = ["dog", "sea_waves", "dog", "sea_waves"]
CURVES = {"silhouette": {4: 0.3, 2: 0.2}, "adjusted_Rand": {2: 0.1, 4: 0.7}}
ALIKE = np.kron(np.eye(2), np.ones((3, 3)))
NOVELTY = np.array([0.0, 0.0, 0.1, 0.8, 0.1, 0.0, 0.0])


def test_points_stand_on_every_map_in_the_look_of_their_group():
    axes = plots.point_maps({"PCA": POINTS, "UMAP": -POINTS}, GROUPS)
    assert [ax.get_title(loc="left") for ax in axes] == ["PCA", "UMAP"]
    for ax, sign in zip(axes, (1, -1), strict=True):
        shown = {line.get_label(): line for line in ax.lines}
        np.testing.assert_allclose(shown["dog"].get_xydata(), sign * POINTS[[0, 2]])
        np.testing.assert_allclose(shown["sea waves"].get_xydata(), sign * POINTS[[1, 3]])
        assert shown["dog"].get_color() != shown["sea waves"].get_color()
        assert shown["dog"].get_marker() != shown["sea waves"].get_marker()
    [legend] = axes[0].get_figure().legends
    assert [text.get_text() for text in legend.get_texts()] == ["dog", "sea waves"]
    house_rules.can_be_read(axes[0])


def test_thirty_groups_can_be_told_apart_and_fit():
    names = [f"group_{number:02}" for number in range(30)]
    [ax] = plots.point_maps({"UMAP": np.random.default_rng(0).normal(0, 1, (30, 2))}, names)
    assert len({(line.get_color(), line.get_marker()) for line in ax.lines}) == 30
    house_rules.can_be_read(ax)


def test_neighbours_are_joined_on_every_map():
    for ax in plots.point_maps({"PCA": POINTS, "UMAP": 2 * POINTS}, GROUPS, lines=[(0, 3), (0, 1)]):
        joined = [line.get_xydata() for line in ax.lines if line.get_color() == "black"]
        dog = next(line for line in ax.lines if line.get_label() == "dog").get_xydata()
        assert len(joined) == 2
        np.testing.assert_allclose([line[0] for line in joined], [dog[0]] * 2)


def test_cluster_curves_follow_the_rules_and_the_numbers():
    house_rules.draws_where_it_is_told(lambda **at: plots.cluster_curves(CURVES, **at))
    ax = plots.cluster_curves(CURVES, chosen=4)
    house_rules.can_be_read(ax)
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.lines}
    assert lines["silhouette"] == [[2.0, 0.2], [4.0, 0.3]]
    assert lines["adjusted Rand"] == [[2.0, 0.1], [4.0, 0.7]]
    assert "4 clusters" in lines
    assert "Number of clusters" in ax.get_xlabel()


def test_boundaries_lie_at_their_times_below_the_matrix():
    axes = plots.self_similarity(ALIKE, NOVELTY, hop=0.5, start=0.5, found=[1.5], true=[1.75, 2.5])
    house_rules.can_be_read(axes[0])
    curve, *true, found = axes[1].lines
    np.testing.assert_allclose(curve.get_xydata(), np.column_stack([0.25 + 0.5 * np.arange(7), NOVELTY]))
    assert [line.get_xdata()[0] for line in true] == [1.75, 2.5]
    assert found.get_xdata().tolist() == [1.5]
    [image] = axes[0].images
    assert image.get_extent() == [0.25, 3.25, 0.25, 3.25]
    assert len(axes[0].lines) == 2
    assert axes[1].get_xlabel() == "Time (s)"


def test_a_recording_without_a_change_is_drawn_flat():
    axes = plots.self_similarity(np.ones((4, 4)), np.zeros(5), hop=1.0)
    assert axes[1].get_ylim()[1] > 0
    assert [text.get_text() for text in axes[1].get_legend().get_texts()] == ["novelty", "found"]


@pytest.mark.parametrize(("draw", "says"), [
    (lambda: plots.point_maps({}, GROUPS), "points"),
    (lambda: plots.point_maps({"PCA": POINTS[:3]}, GROUPS), "points"),
    (lambda: plots.point_maps({"PCA": POINTS * np.nan}, GROUPS), "finite"),
    (lambda: plots.cluster_curves({"silhouette": {}}), "at least one point"),
    (lambda: plots.cluster_curves({"silhouette": {2: np.nan}}), "finite"),
    (lambda: plots.self_similarity(np.ones((4, 3)), np.zeros(5), hop=1.0), "square"),
    (lambda: plots.self_similarity(np.ones((4, 4)), np.zeros(4), hop=1.0), "novelty"),
    (lambda: plots.self_similarity(np.ones((4, 4)), np.zeros(5), hop=0), "hop"),
])
def test_what_cannot_be_drawn_is_refused(draw, says):
    with pytest.raises(checks.InputError, match=says):
        draw()
