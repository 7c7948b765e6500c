"""What happened when: events and detections in lanes, frame scores with their thresholds."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers import checks, metrics
from helpers.plots import style

KINDS = {
    "event": (0.27, {"facecolor": style.COLOURS["blue"], "edgecolor": "black"}, "o"),
    "missed": (0.27, {"facecolor": "white", "edgecolor": style.ERROR, "hatch": "////"}, "P"),
    "detected": (-0.27, {"facecolor": style.COLOURS["sky"], "edgecolor": "black"}, "D"),
    "false alarm": (-0.27, {"facecolor": style.ERROR, "edgecolor": "black", "hatch": "xxx"}, "X"),
}
"""Place in the lane, look, and shape of a point."""
ISO_F1 = (0.2, 0.4, 0.6, 0.8)


@style.styled
def event_lanes(
    events: pd.DataFrame, *, detected: pd.DataFrame | None = None, classes: Sequence[str], duration: float,
    collar: float = 0.2, title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw what happens in a recording, one lane a class: events above, below them what was detected.

    Events that were missed and false alarms have the colour of errors, and a
    shape of their own.

    Parameters
    ----------
    events : pd.DataFrame with columns clip_id, onset, offset, label
        Of one recording. Points are drawn as markers.
    detected : pd.DataFrame, optional
        The same of a detector.
    classes : sequence of str
        The lanes, from above.
    duration : float, seconds
    collar : float, seconds
        What counts as found, as in :func:`helpers.metrics.match_events`; where
        all events are points, only onsets count.
    title : str, optional
        How many were found, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a label is none of the classes, or there is more than one recording.
    """
    duration, tables = checks.positive(duration, name="duration"), {"event": _of_one_clip(events)}
    if detected is not None:
        long = bool((events["offset"] > events["onset"]).any())
        pairs = metrics.match_events(events, detected, collar=collar, use_offset=long)
        found, right = (np.isin(np.arange(len(table)), pairs[name].to_numpy())
                        for name, table in (("event", events), ("detected", _of_one_clip(detected))))
        tables = {"event": events[found], "missed": events[~found],
                  "detected": detected[right], "false alarm": detected[~right]}
        n_wrong = int((~right).sum())
        title = title or f"{found.sum()} of {len(events)} events found, {n_wrong} false alarm{'s' * (n_wrong != 1)}"
    ax = style.new_axes(ax, height=1.3 + 0.6 * len(classes))
    for kind, table in tables.items():
        _draw_kind(ax, table, kind=kind, classes=classes, duration=duration, middle=detected is None)
    _lanes(ax, classes, duration)
    if detected is not None:
        style.legend_above(ax, columns=4, title=title)
    return style.finish(ax, title=title if detected is None else None, x="Time (s)")


def _of_one_clip(table: pd.DataFrame) -> pd.DataFrame:
    clips = table["clip_id"].unique()
    if len(clips) > 1:
        raise checks.InputError(checks.explain(
            "events of one recording", f"clips {', '.join(map(str, clips[:5]))}",
            "Choose one: events[events.clip_id == clip_id]", section=checks.ARRAYS))
    return table


def _draw_kind(
    ax: Axes, table: pd.DataFrame, *, kind: str, classes: Sequence[str], duration: float, middle: bool
) -> None:
    """Draw events of one kind: stretches as bars, wide enough to be seen, and points as markers."""
    place, look, shape = KINDS[kind]
    lane = {label: number for number, label in enumerate(classes)}
    rows = np.array([-lane[checks.one_of(label, list(classes), name="a label")] for label in table["label"]], float)
    rows += 0 if middle else place
    onset, length = table["onset"].to_numpy(float), (table["offset"] - table["onset"]).to_numpy(float)
    long, word = length > 0, kind.replace("event", "event" if middle else "event that was found")
    if long.any() or len(table) == 0:
        ax.barh(rows[long], np.maximum(length[long], 0.003 * duration), left=onset[long], height=0.46, label=word,
                linewidth=1.0, zorder=3, **look)
    if (~long).any():
        ax.plot(onset[~long], rows[~long], shape, color=look["facecolor"], markeredgecolor=look["edgecolor"],
                label="_" if long.any() else word, zorder=4, clip_on=False, linestyle="none")


def _lanes(ax: Axes, classes: Sequence[str], duration: float) -> None:
    """Name the lanes, and draw lines between them."""
    for edge in range(len(classes) - 1):
        ax.axhline(-edge - 0.5, color="0.88", linewidth=1, zorder=1)
    ax.set(xlim=(0, duration), ylim=(-len(classes) + 0.42, 0.58))
    ax.set_yticks([-number for number in range(len(classes))], [style.pretty(label) for label in classes])
    ax.tick_params(axis="y", length=0)


@style.styled
def frame_scores(
    scores: np.ndarray, *, hop: float, classes: Sequence[str], high: float | Mapping | None = None,
    low: float | Mapping | None = None, events: pd.DataFrame | None = None, title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the scores of every class over time, each in a lane from 0 to 1, with the thresholds across.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_frames, n_classes), range 0 to 1
        Of one recording, as from :func:`helpers.models.scene_scores`.
    hop : float, seconds
        Length of a frame; a score is drawn over all of it.
    classes : sequence of str
    high, low : float, or a dictionary from class to float, optional
        The two thresholds of :func:`helpers.events.hysteresis`.
    events : pd.DataFrame with columns onset, offset, label, optional
        What there was: shaded. A point is a line.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If scores is not a table with one column a class.
    """
    scores, hop = checks.scores(scores), checks.positive(hop, name="hop")
    if scores.shape[1] != len(classes):
        raise checks.InputError(checks.explain(
            f"{scores.shape[1]} classes, one for each column of scores", f"{len(classes)}",
            "Give the classes that the model was trained on, in its order", section=checks.ARRAYS))
    ax = style.new_axes(ax, height=1.3 + 0.75 * len(classes))
    edges, lane = hop * np.arange(len(scores) + 1), 1.25
    for number, label in enumerate(classes):
        base, first = -lane * number, number == 0
        _shade(ax, events, label, base=base, shortest=0.003 * edges[-1])
        ax.stairs(base + scores[:, number], edges, baseline=base, color=style.COLOURS["blue"], linewidth=1.6, zorder=4,
                  label="score" if first else "_")
        for name, threshold, line in (("high", high, "--"), ("low", low, ":")):
            if threshold is not None:
                value = threshold[label] if isinstance(threshold, Mapping) else threshold
                words = f"{name} threshold" if isinstance(threshold, Mapping) else f"{name} {value:g}"
                ax.plot([0, edges[-1]], [base + value] * 2, line, color="black", linewidth=1.3, zorder=3,
                        label=words if first else "_")
        ax.axhline(base, color="0.6", linewidth=0.8, zorder=2)
    ax.set(xlim=(0, edges[-1]), ylim=(-lane * (len(classes) - 1) - 0.08, 1.08))
    ax.set_yticks([0.5 - lane * number for number in range(len(classes))], [style.pretty(label) for label in classes])
    ax.tick_params(axis="y", length=0)
    if events is not None:
        ax.add_patch(Rectangle((0, 0), 0, 0, color="0.82", ec="0.4", label="true event"))
    style.legend_above(ax, columns=4, title=title)
    return style.finish(ax, x="Time (s)", y="Score, each lane 0 to 1")


def _shade(ax: Axes, events: pd.DataFrame | None, label: str, *, base: float, shortest: float) -> None:
    """Shade where a class truly sounds, in its lane."""
    if events is not None:
        rows = events[events["label"] == label]
        length = np.maximum(rows["offset"] - rows["onset"], shortest)
        ax.bar(rows["onset"], 1.0, width=length, bottom=base, align="edge", color="0.82", edgecolor="0.4",
               linewidth=0.8, zorder=1)


@style.styled
def precision_recall(
    curve: pd.DataFrame, *, chosen: float | None = None, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what each threshold finds, and how much of it is right, over lines of equal F1.

    Parameters
    ----------
    curve : pd.DataFrame
        Columns threshold, precision, recall, f1, as
        :func:`helpers.metrics.event_precision_recall` returns it. Thresholds at
        which nothing is detected have no precision, and are left out.
    chosen : float, optional
        The threshold that was chosen; the nearest one of the curve is marked.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the curve lacks a column, or has no threshold that detects anything.
    """
    columns = ("threshold", "precision", "recall", "f1")
    whole = curve.dropna(subset=["precision", "recall"]) if {*columns} <= {*curve.columns} else curve.head(0)
    if len(whole) == 0:
        raise checks.InputError(checks.explain(
            f"columns {', '.join(columns)}, and a threshold at which something is detected", f"{list(curve.columns)}, "
            f"{len(whole)} such thresholds", "Compute it with metrics.event_precision_recall", section=checks.ARRAYS))
    whole = whole.sort_values("threshold")
    ax = style.new_axes(ax, width=5.6, height=4.4)
    for f1 in ISO_F1:
        recall = np.linspace(f1 / (2 - f1), 1, 100)
        ax.plot(recall, f1 * recall / (2 * recall - f1), color="0.8", linewidth=1.1, zorder=1)
        ax.annotate(f"F1 {f1:g}", (1, f1 / (2 - f1)), xytext=(6, 0), textcoords="offset points", va="center",
                    color=style.QUIET)
    ax.plot(whole["recall"], whole["precision"], "o-", color=style.COLOURS["blue"], markersize=5, zorder=3)
    named = whole.iloc[np.unique(np.linspace(0, len(whole) - 1, min(6, len(whole))).round().astype(int))]
    best = None if chosen is None else whole.iloc[int((whole["threshold"] - chosen).abs().argmin())]
    for row in named.itertuples():
        if best is None or abs(row.threshold - best["threshold"]) > 1e-9:
            ax.annotate(f"{row.threshold:g}", (row.recall, row.precision), xytext=(-5, -5), ha="right", va="top",
                        textcoords="offset points")
    if best is not None:
        ax.plot(best["recall"], best["precision"], "D", color=style.COLOURS["orange"], markeredgecolor="black",
                markersize=10, zorder=4, label=f"threshold {best['threshold']:g}: F1 {best['f1']:.2f}")
        ax.legend(loc="lower left")
    ax.set(xlim=(0, 1.0), ylim=(0, 1.03))
    for axis in (ax.xaxis, ax.yaxis):
        style.percent(axis)
    return style.finish(ax, title=title, x="Recall: events that were found (numbers: thresholds)",
                        y="Precision: detections that are right")
