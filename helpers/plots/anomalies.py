"""What is strange, where, and from which threshold on: scores, error maps, ROC curves, outcomes, monitors."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers import checks, metrics
from helpers.plots import spectra, style

OUTCOMES = {"false alarms": ("false_alarm_rate", "false_alarm_low", "false_alarm_high", "orange", "s", -0.14),
            "anomalies found": ("recall", "recall_low", "recall_high", "blue", "o", 0.14)}


@style.styled
def anomaly_scores(
    groups: Mapping[str, Sequence[float]], *, thresholds: Mapping[str, float] | None = None,
    x: str = "Anomaly score", title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw how the scores of normal and faulty recordings are spread, with one line for each threshold.

    Parameters
    ----------
    groups : dict, name to scores
        Such as ``{"normal": ..., "anomaly": ...}``, or one group for each fault.
    thresholds : dict, name to number, optional
        What lies to the right of a line is an alarm.
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
        If there is no group, one is empty, or a score is not finite.
    """
    import seaborn

    values = {name: checks.scores(np.asarray(scores, float).reshape(-1, 1))[:, 0]
              for name, scores in style.titled(groups, name="scores").items()}
    thresholds = {name: float(value) for name, value in (thresholds or {}).items()}
    together = np.concatenate([*values.values(), list(thresholds.values())])
    edges = np.histogram_bin_edges(checks.finite(together, name="scores and thresholds"), bins=30)
    ax = style.new_axes(ax, height=3.6)
    for place, (name, scores) in enumerate(values.items()):
        seaborn.histplot(x=scores, bins=edges, stat="probability", element="step", alpha=0.2, linewidth=2.2, ax=ax,
                         label=f"{style.pretty(name)} ({len(scores)})", color=style.colour(place),
                         linestyle=style.LINES[place % len(style.LINES)])
    top = ax.get_ylim()[1]
    for place, (name, value) in enumerate(thresholds.items()):
        ax.plot([value, value], [0, top], color="black", linewidth=1.2, marker=style.marker(place), markevery=[1],
                markersize=8, label=f"{style.pretty(name)}: {value:.3g}", clip_on=False)
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, top))
    style.percent(ax.yaxis)
    style.legend_above(ax, columns=3, title=title)
    return style.finish(ax, x=x, y="Share of the group")


@style.styled
def error_map(
    log_mel: np.ndarray, errors: np.ndarray, *, sr: int, hop_length: int = 512, most: float | None = None,
    title: str | None = None,
) -> np.ndarray:
    """Draw a log-mel spectrogram, and below it where a detector could not tell it.

    Parameters
    ----------
    log_mel : np.ndarray, shape=(n_mels, n_frames), dB
        The frames that were judged: ``log_mel[:, 2:-2]`` where the middle of five was.
    errors : np.ndarray, same shape, 0 or more
        As ``anomaly.error_map`` gives them.
    sr : int, Hz
    hop_length : int, samples
    most : float, optional
        Upper end of the colours, to compare recordings; the largest error if left out.
    title : str, optional

    Returns
    -------
    np.ndarray of Axes, shape=(2,)

    Raises
    ------
    InputError
        If the shapes differ, or a value is not finite.
    """
    log_mel, errors = np.asarray(log_mel), np.asarray(errors)
    if log_mel.shape != errors.shape:
        raise checks.InputError(checks.explain(
            f"errors in the shape of the log-mel, {log_mel.shape}", f"{errors.shape}",
            "Cut the log-mel to the frames that were judged, such as log_mel[:, 2:-2]", section=checks.ARRAYS))
    most = float(np.max(errors, initial=1e-9)) if most is None else checks.positive(most, name="most")
    figure = style.new_figure(height=5.0)
    axes = figure.subplots(2, 1, sharex=True)
    spectra.draw_mel(axes[0], log_mel, sr=sr, hop_length=hop_length)
    spectra.draw_mel(axes[1], errors, sr=sr, hop_length=hop_length, limits_db=(0.0, max(most, 1e-9)))
    spectra.colour_bar(axes[0], [axes[0]])
    spectra.colour_bar(axes[1], [axes[1]], label="Squared error")
    style.finish(axes[0], title=title, y="Frequency (kHz)")
    style.finish(axes[1], title="What normal recordings do not explain (in their variance)", x="Time (s)",
                 y="Frequency (kHz)")
    return axes


@style.styled
def roc(
    scored: Mapping[str, tuple[Sequence, np.ndarray]], *, max_fpr: float = 0.1, title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw ROC curves: anomalies found over false alarms, with the part that a factory can use.

    Parameters
    ----------
    scored : dict, name to (is_anomaly, scores)
        As :func:`helpers.metrics.auc` takes them; AUC and partial AUC stand in the legend.
    max_fpr : float, above 0, at most 1
        Right edge of the part that is shaded.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no curve, or :func:`helpers.metrics.partial_auc` refuses one.
    """
    scored = style.titled(scored, name="(is_anomaly, scores)")
    labels = [f"{style.pretty(name)}: AUC {metrics.auc(*pair):.2f}, pAUC "
              f"{metrics.partial_auc(*pair, max_fpr=max_fpr):.2f}" for name, pair in scored.items()]
    ax = style.new_axes(ax, height=4.4)
    ax.axvspan(0, max_fpr, color="0.9", label=f"up to {100 * max_fpr:g} % false alarms")
    ax.plot([0, 1], [0, 1], color=style.QUIET, linewidth=1, linestyle=":", label="guessing")
    for place, (label, pair) in enumerate(zip(labels, scored.values(), strict=True)):
        curve = metrics.roc_curve(*pair)
        ax.plot(curve["false_alarm_rate"], curve["recall"], color=style.colour(place), marker=style.marker(place),
                linestyle=style.LINES[place % len(style.LINES)], markevery=max(1, len(curve) // 12), markersize=6,
                label=label, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(0, 1.02))
    for axis in (ax.xaxis, ax.yaxis):
        style.percent(axis)
    ax.legend(loc="lower right", frameon=True, framealpha=0.9)
    return style.finish(ax, title=title, x="False alarms (share of normal recordings)",
                        y="Anomalies found (share)")


@style.styled
def boundary_outcomes(table: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what each threshold leads to: false alarms and anomalies found, with their intervals, and the cost.

    Parameters
    ----------
    table : pd.DataFrame
        As ``anomaly.outcomes`` gives it.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a column is missing, or there is no row.
    """
    needed = ["name", "expected_cost", *(column for names in OUTCOMES.values() for column in names[:3])]
    missing = [column for column in needed if column not in getattr(table, "columns", ())]
    if missing or len(table) == 0:
        raise checks.InputError(checks.explain(
            "a table of outcomes with at least one row", f"none of {', '.join(missing)}" if missing else "no row",
            "Make it with anomaly.outcomes(...)", section=checks.ARRAYS))
    ax = style.new_axes(ax, height=1.6 + 0.5 * len(table))
    rows = np.arange(len(table))[::-1]
    for label, (middle, low, high, colour, marker, shift) in OUTCOMES.items():
        ax.hlines(rows + shift, table[low], table[high], color=style.COLOURS[colour], linewidth=2)
        ax.plot(table[middle], rows + shift, marker, color=style.COLOURS[colour], markersize=8, label=label,
                clip_on=False, zorder=3)
    for row, cost in zip(rows, table["expected_cost"], strict=True):
        ax.text(1.03, row, f"cost {cost:.3g}", transform=ax.get_yaxis_transform(), va="center")
    ax.set(xlim=(0, 1), ylim=(-0.6, len(table) - 0.4))
    ax.set_yticks(rows, [style.pretty(name) for name in table["name"]])
    style.percent(ax.xaxis)
    style.legend_above(ax, columns=2, title=title)
    return style.finish(ax, x="Share of the recordings (line: 95 % interval)")


@style.styled
def monitor_track(
    statistics: np.ndarray, *, limit: float, hop: float = 1.0, unit: str = "windows", change: float | None = None,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw the statistic of a monitor over time, its limit, and where it calls.

    Parameters
    ----------
    statistics : np.ndarray, shape=(n,)
        As ``Monitor.watch`` gives them.
    limit : float
        Of the monitor.
    hop : float, in ``unit``
        From number to number.
    unit : str
        Of the time axis.
    change : float, in ``unit``, optional
        When something was changed.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If a statistic is not finite, or there is none.
    """
    statistics = checks.scores(np.asarray(statistics, float).reshape(-1, 1))[:, 0]
    times, alarms = np.arange(len(statistics)) * checks.positive(hop, name="hop"), statistics > limit
    ax = style.new_axes(ax, height=3.2)
    ax.plot(times, statistics, color=style.COLOURS["blue"], label="statistic")
    ax.plot(times[alarms], statistics[alarms], "^", color=style.ERROR, markersize=6, label="alarm")
    ax.axhline(limit, color="black", linestyle="--", linewidth=1.4, label=f"limit {limit:.3g}")
    if change is not None:
        ax.axvline(change, color=style.QUIET, linestyle=":", linewidth=2, label="change")
    ax.set_xlim(0, max(times[-1], hop))
    style.legend_above(ax, columns=4, title=title)
    return style.finish(ax, x=f"Time ({unit})", y="Statistic (no unit)")
