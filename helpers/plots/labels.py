"""What labels teach and what they cost: which frames learn, where it is loud, how far the minutes go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from helpers import checks
from helpers.events import runs
from helpers.plots import style

if TYPE_CHECKING:
    import pandas as pd


@style.styled
def frame_slopes(
    scores: np.ndarray, slopes: Mapping[str, np.ndarray], *, hop: float, title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of frames, and below them how much each frame moves the score of the clip, one lane a pooling.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_frames,), range 0 to 1
        Of one class.
    slopes : dict, name to np.ndarray of shape (n_frames,)
        By how much the clip's score rises with that of each frame. Every lane
        has its own scale; what points down is pushed down in training.
    hop : float, seconds
        Length of a frame.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no pooling, or not one finite slope for each frame.
    """
    scores, slopes = checks.finite(np.asarray(scores, float), name="scores"), style.titled(slopes, name="slopes")
    ax = style.new_axes(ax, height=1.4 + 0.75 * (1 + len(slopes)))
    times, lanes = (np.arange(len(scores)) + 0.5) * checks.positive(hop, name="hop"), []
    for lane, (name, values) in enumerate({"scores": scores, **slopes}.items()):
        values = checks.finite(np.asarray(values, float), name=f"the slopes of {name}")
        checks.same_length(scores=scores, slopes=values)
        high = values / max(np.abs(values).max(), 1e-12) * 0.42
        base = float(len(slopes) - lane)
        colour = style.COLOURS["black"] if lane == 0 else style.colour(lane - 1)
        ax.axhline(base, color="0.8", linewidth=1, zorder=1)
        ax.vlines(times, base, base + high, color=colour, linewidth=2.2)
        lanes.append(style.pretty(name))
    ax.set(ylim=(-0.55, len(slopes) + 0.55), xlim=(0, len(scores) * hop))
    ax.set_yticks(np.arange(len(lanes))[::-1], lanes)
    ax.tick_params(axis="y", length=0)
    return style.finish(ax, title=title, x="Time (s)")


@style.styled
def loud_levels(
    levels: np.ndarray, loud: Mapping[str, np.ndarray], *, hop: float, events: pd.DataFrame | None = None,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw the level of a recording over time, what is there, and which frames each method takes for loud.

    Parameters
    ----------
    levels : np.ndarray, shape=(n_frames,), dB
    loud : dict, name to np.ndarray of bool, shape=(n_frames,)
        A bar below the curve for each method.
    hop : float, seconds
        Length of a frame.
    events : pd.DataFrame with columns onset, offset, optional
        What there was: shaded, a point as a line.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no method, or not one answer for each frame.
    """
    levels, loud = np.maximum(np.asarray(levels, float), -100.0), style.titled(loud, name="frames")
    checks.finite(levels, name="levels")
    ax = style.new_axes(ax, height=2.9 + 0.3 * len(loud))
    times = (np.arange(len(levels)) + 0.5) * checks.positive(hop, name="hop")
    for number, row in enumerate(() if events is None else events.itertuples()):
        label = "labelled event" if number == 0 else None
        ax.axvspan(row.onset, max(row.offset, row.onset + hop / 2), color="0.85", label=label, zorder=0)
    ax.plot(times, levels, color="black", linewidth=1.2, label="level")
    room = 0.12 * max(np.ptp(levels), 10.0)
    for number, (name, frames) in enumerate(loud.items()):
        checks.same_length(levels=levels, frames=frames)
        ax.broken_barh([(begin * hop, (end - begin) * hop) for begin, end in runs(frames)],
                       (levels.min() - room * (number + 1.3), 0.7 * room), color=style.colour(number), label=name)
    ax.set(xlim=(0, len(levels) * hop), ylim=(levels.min() - room * (len(loud) + 0.8), levels.max() + room / 2))
    style.legend_above(ax, columns=2 + len(loud), title=title)
    return style.finish(ax, x="Time (s)", y="Level (dBFS)")


@style.styled
def cost_curves(
    curves: Mapping[str, Sequence[tuple[float, float]]], *, x: str = "Minutes of labelling",
    y: str = "F1 of detected events", title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw how good a detector becomes over what its labels cost, one line for each kind of label.

    Parameters
    ----------
    curves : dict, name to pairs of (cost, score of range 0 to 1)
        One pair for each amount of labels.
    x, y : str
        What it costs, and what is measured.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no curve, one has no point, or a cost is not above 0.
    """
    curves = style.titled(curves, name="curves")
    ax = style.new_axes(ax, height=3.6)
    for number, (name, points) in enumerate(curves.items()):
        pairs = checks.finite(np.asarray(sorted(points), float).reshape(-1, 2), name=f"the points of {name!r}")
        if len(pairs) == 0 or pairs[:, 0].min() <= 0:
            raise checks.InputError(checks.explain(
                f"at least one point for {name!r}, and costs above 0", "none" if len(pairs) == 0 else "a cost of 0",
                "Leave out what was not measured", section=checks.ARRAYS))
        ax.plot(*pairs.T, color=style.colour(number), marker=style.marker(number), markersize=8, linewidth=2,
                linestyle=style.LINES[number % len(style.LINES)], label=style.pretty(name))
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000) if low <= tick <= high]
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    style.legend_above(ax, columns=3, title=title)
    return style.finish(ax, x=x, y=y)
