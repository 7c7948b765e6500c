"""What is in the data: how many clips of what, and what they look like."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import checks, features
from helpers.plots import spectra, style


@style.styled
def class_balance(clips: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many clips of each class lie in each fold.

    Parameters
    ----------
    clips : pd.DataFrame
        A clip table; its columns label and fold are used.
    title : str, optional
        The number of clips and classes, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the table is empty or lacks a column.
    """
    import seaborn

    missing = [name for name in ("label", "fold") if name not in getattr(clips, "columns", ())]
    if missing or len(clips) == 0:
        raise checks.InputError(checks.explain(
            "a clip table with the columns label and fold and at least one row",
            f"none of {', '.join(missing)}" if missing else "no row",
            "Give the table of a data set: dataset.clips", section=checks.DATA_SETS))
    counts = pd.crosstab(clips["label"], clips["fold"])
    ax = style.new_axes(ax, width=min(style.WIDTH, 2.8 + 0.7 * counts.shape[1]), height=1.0 + 0.34 * len(counts))
    names = [f"{style.pretty(label)} ({total})" for label, total in counts.sum(axis=1).items()]
    seaborn.heatmap(
        counts, annot=True, fmt="d", cmap=style.palette("sky"), vmin=0, vmax=max(1, 1.3 * counts.to_numpy().max()),
        cbar=False, linewidths=0.5, linecolor="white", yticklabels=names, ax=ax,
        annot_kws={"size": style.TEXT, "color": "black"})
    ax.tick_params(axis="both", length=0, rotation=0)
    title = title or f"{len(clips)} clips, {len(counts)} classes"
    return style.finish(ax, title=title, x="Fold", y="Class (clips in all)")


@style.styled
def class_grid(dataset: Any, rows: pd.DataFrame, *, columns: int = 5) -> Figure:
    """Draw the log-mel spectrograms of several clips side by side, on the same axes and colours.

    Parameters
    ----------
    dataset : AudioDataset
        Whatever has ``load(row)`` returning (audio, sr).
    rows : pd.DataFrame
        Rows of the clip table.
    columns : int

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If there is no row.
    """
    if len(rows) == 0:
        raise checks.InputError(checks.explain(
            "at least one row of the clip table", "none", "Look at the condition that chose the rows",
            section=checks.DATA_SETS))
    columns = min(int(checks.positive(columns, name="columns")), len(rows))
    n_rows = -(-len(rows) // columns)
    loaded = [(str(row["label"]), *dataset.load(row)) for _, row in rows.iterrows()]
    pictures = [features.log_mel(audio, sr=sr) for _, audio, sr in loaded]
    limits_db = spectra.limits(*pictures)
    figure = style.new_figure(height=0.6 + 1.6 * n_rows)
    axes = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False)
    for ax, picture, (label, _, sr) in zip(axes.flat, pictures, loaded, strict=False):
        spectra.draw_mel(ax, picture, sr=sr, hop_length=256, limits_db=limits_db)
        ax.set_yticks([hz for hz in (0, 1000, 4000, 16000 if sr >= 32000 else 8000) if hz <= sr / 2])
        style.finish(ax, title=style.pretty(label))
    for ax in axes.flat[len(rows):]:
        ax.set_visible(False)
    for ax in axes.flat[max(0, len(rows) - columns):len(rows)]:
        ax.tick_params(labelbottom=True)
    axes[0, 0].set_xlim(0, max(len(audio) / sr for _, audio, sr in loaded))
    figure.supxlabel("Time (s)", fontsize=style.TEXT)
    figure.supylabel("Frequency (kHz)", fontsize=style.TEXT)
    spectra.colour_bar(axes[0, 0], list(np.ravel(axes)))
    return figure
