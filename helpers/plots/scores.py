"""How good is it: confusions, distributions of scores, coverage, folds, training."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers import checks, metrics
from helpers.plots import style


@style.styled
def confusion(
    y_true: Sequence, y_pred: Sequence, *, classes: Sequence[str], title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw which class was taken for which: right on the diagonal, errors beside it in their own colour.

    Parameters
    ----------
    y_true, y_pred : sequence of labels, shape=(n_clips,)
    classes : sequence of str
        Order of rows and columns.
    title : str, optional
        How many are right, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        Colours follow the share of the true class, numbers count the clips.

    Raises
    ------
    InputError
        If they differ in length, or hold a label that is not among the classes.
    """
    import seaborn

    counts = np.asarray(metrics.confusion(y_true, y_pred, classes=classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(3.0, (0.48 if len(classes) <= 12 else 0.28) * len(classes) + 1.6)
    ax = style.new_axes(ax, width=side + 1.0, height=side)
    numbers = np.where(counts > 0, counts.astype(str), "")
    names = [style.pretty(label) for label in classes]
    diagonal = np.eye(len(counts), dtype=bool)
    # errors are spread over many cells: half of a class in one of them already has the full colour
    for mask, name, full in ((~diagonal, "sky", 1.0), (diagonal, "vermillion", 0.5)):
        seaborn.heatmap(
            shares, mask=mask, annot=numbers, fmt="", cmap=style.palette(name), vmin=0, vmax=full, square=True,
            cbar=False, linewidths=0.5, linecolor="0.8", xticklabels=names, yticklabels=names, ax=ax,
            annot_kws={"size": style.TEXT, "color": "black"})
    for spine in ax.spines.values():
        spine.set(visible=True, color="0.8")
    ax.tick_params(axis="x", rotation=45)
    for label in ax.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
    ax.tick_params(axis="y", rotation=0)
    title = title or f"{np.trace(counts)} of {counts.sum()} right"
    return style.finish(ax, title=title, x="Taken for", y="True class")


@style.styled
def score_distributions(
    groups: Mapping[str, Sequence[float]], *, threshold: float | None = None, x: str = "Score",
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw how the scores of several groups are spread, and how much of each a threshold lets through.

    Parameters
    ----------
    groups : dict, name to scores
        Such as ``{"known": ..., "unknown": ...}``; a group may be empty.
    threshold : float, optional
        Scores at or above it are accepted.
    x : str
        What the scores are.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no group, or a score is not finite.
    """
    import seaborn

    values = {name: checks.finite(np.asarray(scores, dtype=float).ravel(), name=f"the scores of {name!r}")
              for name, scores in style.titled(groups, name="scores").items()}
    together = np.concatenate(list(values.values()))
    inside = together.size == 0 or (together.min() >= 0 and together.max() <= 1)
    edges = np.linspace(0, 1, 26) if inside else np.histogram_bin_edges(together, bins=25)
    ax = style.new_axes(ax, height=3.2)
    for index, (name, scores) in enumerate(values.items()):
        label = f"{style.pretty(name)} ({len(scores)})"
        if threshold is not None and len(scores):
            label += f": {100 * np.mean(scores >= threshold):.0f} % accepted"
        line = {"color": style.colour(index), "linestyle": style.LINES[index % len(style.LINES)]}
        if len(scores) == 0:
            ax.plot([], [], label=label, **line)
            continue
        seaborn.histplot(x=scores, bins=edges, stat="probability", element="step", alpha=0.2, linewidth=2.2,
                         label=label, ax=ax, **line)
    ax.set_xlim(edges[0], edges[-1])
    style.percent(ax.yaxis)
    _mark_threshold(ax, threshold)
    style.legend_above(ax, columns=2, title=title)
    return style.finish(ax, x=x, y="Share of the group")


@style.styled
def coverage(
    curve: pd.DataFrame, *, threshold: float | None = None, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what a threshold costs and gains: clips answered, and answers that are right.

    Parameters
    ----------
    curve : pd.DataFrame
        Columns threshold, coverage, accuracy, as
        :func:`helpers.metrics.coverage_curve` returns it.
    threshold : float, optional
        The one that was chosen; its two values are written beside it.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the curve is empty or lacks a column.
    """
    _need_columns(curve, ("threshold", "coverage", "accuracy"))
    curve = curve.sort_values("threshold")
    reached = [0.0, 1.0, *curve["threshold"], *([] if threshold is None else [threshold])]
    low, high = float(min(reached)), float(max(reached))
    # each row holds from the threshold before it up to its own; beyond the last one, nothing is answered
    steps = [low, *curve["threshold"], high]
    chosen = 0 if threshold is None else int(np.searchsorted(curve["threshold"], threshold)) + 1
    ax = style.new_axes(ax, height=3.2)
    shown = {"accuracy": ("answers that are right", "blue", "-", np.nan),
             "coverage": ("clips that get an answer", "orange", "--", 0.0)}
    for index, (name, (label, name_of_colour, line, at_the_end)) in enumerate(shown.items()):
        colour = style.COLOURS[name_of_colour]
        values = [curve[name].iloc[0], *curve[name], at_the_end]
        if threshold is not None:
            label += ": none to judge" if np.isnan(values[chosen]) else f": {100 * values[chosen]:.0f} %"
            ax.plot(threshold, values[chosen], style.marker(index), color=colour, markeredgecolor="black", zorder=4)
        ax.plot(steps, values, line, color=colour, label=label, drawstyle="steps-pre")
    ax.set(xlim=(low, high), ylim=(0, 1.04))
    style.percent(ax.yaxis)
    _mark_threshold(ax, threshold)
    style.legend_above(ax, columns=2, title=title)
    return style.finish(ax, x="Threshold: below it the answer is \"unknown\"", y="Share")


@style.styled
def accuracy_bars(
    accuracies: Mapping[str, Sequence[float]], *, chance: float | None = None, x: str = "Accuracy",
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw one row for each method: its folds as points, its mean as a diamond with the number beside it.

    Parameters
    ----------
    accuracies : dict, name to values of range 0 to 1
        One value for each fold or seed; a single number will do.
    chance : float, optional
        What guessing would reach.
    x : str
        What the values are.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no method, a method has no value, or a value is not finite.
    """
    values = {name: checks.finite(np.atleast_1d(np.asarray(folds, dtype=float)), name=f"the values of {name!r}")
              for name, folds in style.titled(accuracies, name="values").items()}
    for name, folds in values.items():
        if folds.size == 0:
            raise checks.InputError(checks.explain(
                f"at least one value for {name!r}", "none", "Leave out what was not measured", section=checks.ARRAYS))
    ax = style.new_axes(ax, height=0.9 + 0.42 * len(values))
    rows = np.arange(len(values))[::-1]
    for row, folds in zip(rows, values.values(), strict=True):
        if len(folds) > 1:
            ax.plot(folds, np.full(len(folds), row), "o", color="none", markeredgecolor=style.QUIET, zorder=3)
        ax.plot(folds.mean(), row, "D", color=style.COLOURS["blue"], markersize=9, zorder=4)
        # beyond the right edge, so that no point lies below the number
        ax.text(1.02, row, f"{100 * folds.mean():.1f} %", transform=ax.get_yaxis_transform(), va="center")
        ax.axhline(row, color="0.88", linewidth=1, zorder=1)
    if chance is not None:
        ax.axvline(chance, color="black", linestyle="--", linewidth=1.2)
        ax.annotate("chance", (chance, 0), xycoords=("data", "axes fraction"), xytext=(4, 4),
                    textcoords="offset points")
    everything = np.concatenate([*values.values(), [] if chance is None else [chance]])
    margin = max(0.02, 0.06 * np.ptp(everything))
    ax.set(xlim=(everything.min() - margin, everything.max() + margin), ylim=(-0.6, len(values) - 0.4))
    ax.set_yticks(rows, [style.pretty(name) for name in values])
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    style.percent(ax.xaxis)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    several = any(len(folds) > 1 for folds in values.values())
    return style.finish(ax, title=title, x=f"{x} (circles: single folds or seeds; diamond: mean)" if several else x)


@style.styled
def training(
    history: Mapping[str, Sequence[float]], *, measure: str = "accuracy", title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how training went, epoch by epoch, on what was learned from and on what was not.

    Parameters
    ----------
    history : dict, name to values
        As :func:`helpers.models.fit` returns it.
    measure : str
        ``"accuracy"`` or ``"loss"``; with ``val_`` before it for the
        validation data.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the history does not hold the measure.
    """
    checks.one_of(measure, [name for name in style.titled(history, name="values") if not name.startswith("val_")],
                  name="measure")
    ax = style.new_axes(ax, height=2.8)
    shown = {measure: ("training clips", "blue", "o-"), f"val_{measure}": ("validation clips", "orange", "s--")}
    for name, (words, colour, line) in shown.items():
        if len(history.get(name, ())):
            values = np.asarray(history[name], dtype=float)
            ax.plot(np.arange(1, len(values) + 1), values, line, color=style.COLOURS[colour], label=words,
                    markersize=5, markevery=max(1, len(values) // 25))
    if measure == "accuracy":
        ax.set_ylim(0, 1.03)
        style.percent(ax.yaxis)
    else:
        ax.set_ylim(bottom=0)
    ax.set_xlim(left=0.5)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    ax.legend(loc="best")
    return style.finish(ax, title=title, x="Epoch", y=style.pretty(measure).capitalize())


def _mark_threshold(ax: Axes, threshold: float | None) -> None:
    """Draw the chosen threshold with its value, on the side that has room."""
    if threshold is None:
        return
    ax.axvline(threshold, color="black", linewidth=1.4)
    low, high = ax.get_xlim()
    left = threshold < (low + high) / 2
    ax.annotate(f"threshold {threshold:.3g}", (threshold, 0.03), xycoords=("data", "axes fraction"),
                xytext=(5 if left else -5, 0), textcoords="offset points", ha="left" if left else "right",
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5})


def _need_columns(table: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in getattr(table, "columns", ())]
    if missing or len(table) == 0:
        raise checks.InputError(checks.explain(
            f"a table with the columns {', '.join(columns)} and at least one row",
            f"none of {', '.join(missing)}" if missing else "no row",
            "Compute it first, from scores of at least one clip", section=checks.ARRAYS))
