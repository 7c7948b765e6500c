"""What a collection looks like from afar: maps of points, scores over the number of clusters, where sound changes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers import checks
from helpers.plots import style

LEGEND_COLUMNS = 5


@style.styled
def point_maps(
    maps: Mapping[str, np.ndarray], groups: Sequence, *, lines: Sequence[tuple[int, int]] = ()
) -> np.ndarray:
    """Draw the same sounds as points on one or more maps side by side, each group in its colour and shape.

    Parameters
    ----------
    maps : dict, title to np.ndarray of shape (n, 2)
    groups : sequence, length n
        To which class or cluster each point belongs.
    lines : sequence of (int, int)
        Points to join by a line on every map, such as neighbours.

    Returns
    -------
    np.ndarray of Axes, one for each map
        Equal steps to the right and upwards have equal lengths.

    Raises
    ------
    InputError
        If there is no map, or it has not one finite point for each member of the groups.
    """
    maps, groups = style.titled(maps, name="points"), np.asarray(groups).astype(str)
    names = sorted(set(groups.tolist()))
    rows = -(-len(names) // LEGEND_COLUMNS)
    figure = style.new_figure(height=0.7 + 0.25 * rows + min(4.6, 7.2 / len(maps)))
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    for ax, (title, points) in zip(axes, maps.items(), strict=True):
        points = checks.finite(np.asarray(points, float), name=f"the points of {title!r}")
        checks.same_length(points=points, groups=groups)
        for number, name in enumerate(names):
            ax.plot(*points[groups == name].T, style.marker(number), color=style.colour(number), markersize=6,
                    markeredgecolor="white", markeredgewidth=0.5, label=style.pretty(name))
        for one, other in lines:
            ax.plot(*points[[one, other]].T, color="black", linewidth=1.3, zorder=3)
        ax.set_aspect("equal", adjustable="datalim")
        ax.set(xticks=[], yticks=[])
        style.finish(ax, title=title, x="Place on the map (no unit)")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=LEGEND_COLUMNS,
                  columnspacing=1.2, handletextpad=0.2)
    return axes


@style.styled
def cluster_curves(
    curves: Mapping[str, Mapping[int, float]], *, chosen: int | None = None, title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw scores of a clustering over the number of clusters, one line for each score.

    Parameters
    ----------
    curves : dict, name to {number of clusters: score}
        Scores whose best value is 1, such as silhouette and adjusted Rand index.
    chosen : int, optional
        Marked by a line.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no curve, one has no point, or a score is not finite.
    """
    curves = style.titled(curves, name="curves")
    ax = style.new_axes(ax, height=3.2)
    for number, (name, points) in enumerate(curves.items()):
        pairs = checks.finite(np.array(sorted(points.items()), float).reshape(-1, 2), name=f"the scores of {name!r}")
        if len(pairs) == 0:
            raise checks.InputError(checks.explain(
                f"at least one point for {name!r}", "none", "Leave out what was not measured", section=checks.ARRAYS))
        ax.plot(*pairs.T, color=style.colour(number), marker=style.marker(number), markersize=8, linewidth=2,
                linestyle=style.LINES[number % len(style.LINES)], label=style.pretty(name))
    if chosen is not None:
        ax.axvline(chosen, color="black", linewidth=1.2, zorder=1, label=f"{chosen} clusters")
    ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    style.legend_above(ax, columns=3, title=title)
    return style.finish(ax, x="Number of clusters", y="Score (1 is best)")


@style.styled
def self_similarity(
    similarity: np.ndarray, novelty: np.ndarray, *, hop: float, start: float = 0.0, found: Sequence[float] = (),
    true: Sequence[float] = (),
) -> np.ndarray:
    """Draw how alike any two moments of a recording are, and below it how much it changes from moment to moment.

    Parameters
    ----------
    similarity : np.ndarray, shape=(n, n)
        Cosine of each pair of windows; dark is unlike.
    novelty : np.ndarray, shape=(n + 1,)
        How much changes between windows i - 1 and i, as ``segments.novelty`` gives it.
    hop : float, seconds
        From window to window.
    start : float, seconds
        The time that stands for the first window, such as its middle.
    found, true : sequence of float, seconds
        Boundaries: triangles below, dashed lines throughout.

    Returns
    -------
    np.ndarray of Axes, shape=(2,)

    Raises
    ------
    InputError
        If the matrix is not square, a value is not finite, or the novelty has not one value more.
    """
    similarity = checks.finite(np.asarray(similarity, float), name="similarity")
    novelty = checks.finite(np.asarray(novelty, float), name="novelty")
    if similarity.ndim != 2 or similarity.shape[0] != similarity.shape[1]:
        raise checks.InputError(checks.explain(
            "a square matrix, one row and column for each window", f"shape {similarity.shape}",
            "Multiply the unit vectors with themselves: unit @ unit.T", section=checks.ARRAYS))
    checks.same_length(novelty=novelty[1:], similarity=similarity)
    times = start + (np.arange(len(novelty)) - 0.5) * checks.positive(hop, name="hop")
    ends = (times[0], times[-1])
    figure = style.new_figure(height=5.6)
    axes = figure.subplots(2, 1, sharex=True, height_ratios=(2.4, 1))
    image = axes[0].imshow(similarity, origin="lower", extent=(*ends, *ends), aspect="auto", cmap=style.CMAP,
                           interpolation="nearest")
    figure.colorbar(image, ax=list(axes), label="Cosine", pad=0.01)
    axes[1].plot(times, novelty, color="black", label="novelty")
    top = 1.08 * max(novelty.max(), 1e-9)
    for number, time in enumerate(true):
        axes[0].axvline(time, color="white", linewidth=1, linestyle="--")
        axes[1].axvline(time, color=style.QUIET, linestyle="--", label="joined here" if number == 0 else None)
    axes[1].plot(found, np.full(len(found), 0.03 * top), "^", color=style.COLOURS["blue"], markersize=9,
                 label="found", zorder=4)
    axes[1].set(xlim=ends, ylim=(0, top))
    style.legend_above(axes[1], columns=3)
    style.finish(axes[0], title="How alike are any two moments?", y="Time (s)")
    style.finish(axes[1], x="Time (s)", y="Change")
    return axes
