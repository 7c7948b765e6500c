"""How long, how far apart, how often: what events look like before any model."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from helpers import checks
from helpers.plots import style


@style.styled
def event_lengths(events: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how long the events of each class are, on a logarithmic axis.

    A frame should be at most half as long as the shortest of them, a median
    filter shorter, and a window longer than the longest.

    Parameters
    ----------
    events : pd.DataFrame with columns onset, offset, label
        At least one that is no point.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes
        Dots for events, a bar from the lower to the upper quartile, a diamond
        at the median with its value beside the axes.

    Raises
    ------
    InputError
        If all events are points: look at :func:`event_gaps`.
    """
    lengths = (events["offset"] - events["onset"]).groupby(events["label"].astype(str))
    return _spread({label: values.to_numpy(float) for label, values in lengths}, x="Length of an event (s)",
                   title=title, ax=ax)


@style.styled
def event_gaps(events: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how long the pauses between two events of one class are, on a logarithmic axis.

    Parameters
    ----------
    events : pd.DataFrame with columns clip_id, onset, offset, label
        Of points, this is the time from one to the next.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes
        As from :func:`event_lengths`.

    Raises
    ------
    InputError
        If no class has two events in one recording with a pause between them.
    """
    ordered = events.sort_values(["clip_id", "label", "onset"])
    gaps = ordered.groupby(["clip_id", "label"])["onset"].shift(-1) - ordered["offset"]
    return _spread({label: values.dropna().to_numpy(float) for label, values in gaps.groupby(ordered["label"])},
                   x="Pause until the next of its class (s)", title=title, ax=ax)


def _spread(values: Mapping[str, np.ndarray], *, x: str, title: str | None, ax: Axes | None) -> Axes:
    """Draw one row a class: dots, quartiles, median; what is not above 0 has no place on the axis."""
    values = {label: lengths[lengths > 0] for label, lengths in values.items() if (lengths > 0).any()}
    if not values:
        raise checks.InputError(checks.explain(
            "at least one time above 0 s", "none", "Points have no length: plots.event_gaps shows their distances",
            section=checks.ARRAYS))
    ax = style.new_axes(ax, height=0.9 + 0.45 * len(values))
    rng = np.random.default_rng(0)   # spreads the dots, always alike
    for row, lengths in enumerate(values.values()):
        ax.plot(lengths, -row + rng.uniform(-0.22, 0.22, len(lengths)), ".", color=style.COLOURS["sky"], markersize=5,
                alpha=0.6, zorder=2, markeredgewidth=0)
        low, middle, high = np.percentile(lengths, [25, 50, 75])
        ax.plot([low, high], [-row] * 2, color=style.COLOURS["blue"], linewidth=5, solid_capstyle="butt", zorder=3)
        ax.plot(middle, -row, "D", color="white", markeredgecolor="black", markersize=8, zorder=4)
        ax.text(1.02, -row, f"{middle:.2g} s ({len(lengths)})", transform=ax.get_yaxis_transform(), va="center")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    low, high = ax.get_xlim()
    if high / low < 1000:    # so few powers of ten that the steps between them need numbers
        ax.set_xticks([step * 10.0**power for power in range(-4, 5) for step in (1, 2, 5)
                       if low <= step * 10.0**power <= high])
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks([-row for row in range(len(values))], [style.pretty(label) for label in values])
    ax.set_ylim(-len(values) + 0.4, 0.6)
    ax.tick_params(axis="y", length=0)
    return style.finish(ax, title=title, x=f"{x}; at the right: median, number")


@style.styled
def rate_over_time(table: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many events there are a minute, and how many were detected, window by window.

    Parameters
    ----------
    table : pd.DataFrame
        Columns start, true_rate, detected_rate, error, as
        :func:`helpers.metrics.rate_error` returns it.
    title : str, optional
        The mean error, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        Lines in the colour of errors join the true and the detected rate of
        each window.
    """
    ax = style.new_axes(ax, height=3.2)
    start, true, found = (table[name].to_numpy(float) for name in ("start", "true_rate", "detected_rate"))
    ax.vlines(start, true, found, color=style.ERROR, linewidth=2.4, zorder=2, label="error")
    ax.plot(start, true, "o-", color=style.COLOURS["blue"], label="true", zorder=3)
    ax.plot(start, found, "s--", color=style.COLOURS["orange"], markeredgecolor="black", label="detected", zorder=3)
    ax.set_ylim(bottom=0)
    style.legend_above(ax, columns=3, title=title or f"Off by {table['error'].abs().mean():.2g} a minute on average")
    return style.finish(ax, x="Start of the window (s)", y="Events per minute")
