"""Sound as it moves: waveforms, windows over them, and the level of each window."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers import checks
from helpers.plots import style

MOST_POINTS = 100_000   # above it a line is drawn as its envelope, which looks the same
_FLOOR_DB = -100.0      # where digital silence (-inf dB) is drawn


@style.styled
def waveform(audio: np.ndarray, *, sr: int, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the pressure of a sound over time.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
        One channel. Where it goes beyond full scale, the limit is drawn.
    sr : int, Hz
    title : str, optional
        The question, or the answer.
    ax : Axes, optional
        Where to draw; a new figure if left out.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or ``ax`` no axes.
    """
    audio, sr = checks.audio(audio), checks.sr(sr)
    ax = style.new_axes(ax, height=2.2)
    _draw_wave(ax, audio, sr)
    peak = float(np.abs(audio).max())
    limit = 1.1 * peak if peak > 0 else 1.0
    ax.set(xlim=(0, len(audio) / sr), ylim=(-limit, limit))
    return style.finish(ax, title=title, x="Time (s)", y="Amplitude\n(1 = full scale)")


def _draw_wave(ax: Axes, audio: np.ndarray, sr: int) -> None:
    if len(audio) <= MOST_POINTS:
        ax.plot(np.arange(len(audio)) / sr, audio, color=style.COLOURS["blue"], linewidth=0.8)
    else:
        step = -(-len(audio) // (MOST_POINTS // 10))
        padded = np.pad(audio, (0, -len(audio) % step), mode="edge").reshape(-1, step)
        times = np.arange(len(padded)) * step / sr
        ax.fill_between(times, padded.min(axis=1), padded.max(axis=1), color=style.COLOURS["blue"], linewidth=0.8)
    if np.abs(audio).max() > 1:
        for limit in (-1, 1):
            ax.axhline(limit, color=style.ERROR, linestyle="--", linewidth=1.2)


@style.styled
def waveforms(sounds: Mapping[str, np.ndarray], *, sr: int) -> np.ndarray:
    """Draw several waveforms below each other, on the same scales: two channels, before and after.

    Parameters
    ----------
    sounds : dict, title to audio of shape (n_samples,)
    sr : int, Hz

    Returns
    -------
    np.ndarray of Axes, shape=(n_sounds,)

    Raises
    ------
    InputError
        If there is no sound, or one is not one channel of finite floats.

    Examples
    --------
    >>> axes = waveforms({"left": np.zeros(8000), "right": np.ones(8000)}, sr=8000)
    >>> len(axes), axes[0].get_ylim() == axes[1].get_ylim()
    (2, True)
    """
    sounds = style.titled(sounds)
    figure = style.new_figure(height=0.7 + 1.4 * len(sounds))
    axes = figure.subplots(len(sounds), sharex=True, sharey=True, squeeze=False)[:, 0]
    for ax, (title, audio) in zip(axes, sounds.items(), strict=True):
        waveform(audio, sr=sr, title=title, ax=ax)
        ax.set_ylabel("")
        ax.label_outer()
    peak = max(float(np.abs(audio).max()) for audio in sounds.values())
    axes[0].set_xlim(0, max(len(audio) for audio in sounds.values()) / sr)
    axes[0].set_ylim(np.array([-1.1, 1.1]) * (peak if peak > 0 else 1.0))
    figure.supylabel("Amplitude (1 = full scale)", fontsize=style.TEXT)
    return axes


@style.styled
def windows_over_waveform(
    audio: np.ndarray, *, sr: int, starts: Sequence[float], window: float, live: Sequence[bool] | None = None,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw the analysis windows as bars below the waveform that they are cut from, counted from 0.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    starts : sequence of float, seconds
        Where each window begins, as :func:`helpers.windows.split` returns it.
    window : float, seconds
    live : sequence of bool, optional
        Which windows hold sound; the others are hatched.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or ``live`` is not as
        long as ``starts``.
    """
    audio, starts = checks.audio(audio), np.asarray(starts, dtype=float)
    checks.positive(window, name="window")
    live = np.ones(len(starts), bool) if live is None else np.asarray(live, bool)
    checks.same_length(starts=starts, live=live)
    ax = waveform(audio, sr=sr, title=title, ax=style.new_axes(ax, height=3.0))
    limit = ax.get_ylim()[1]
    hop = float(np.diff(starts).min()) if len(starts) > 1 else window
    n_rows = max(1, int(np.ceil(window / hop - 1e-6))) if hop > 0 else 1
    n_rows = min(n_rows, 6)
    height = 0.26 * limit
    for index, (start, is_live) in enumerate(zip(starts, live, strict=True)):
        bottom = -limit - (1.15 + index % n_rows) * height
        ax.add_patch(Rectangle(
            (start, bottom), window, 0.82 * height, linewidth=1.2, edgecolor="black",
            facecolor=style.COLOURS["sky"] if is_live else "white", hatch=None if is_live else "///"))
        if len(starts) <= 16 and is_live:
            ax.text(start + window / 2, bottom + 0.4 * height, str(index), ha="center", va="center")
    ax.set_xlim(0, max([len(audio) / sr, *(starts + window)]))
    ax.set_ylim(-limit - (n_rows + 0.4) * height, limit)
    ax.set_yticks([tick for tick in ax.get_yticks() if abs(tick) <= limit])
    return style.finish(ax, y="Amplitude\n(1 = full scale)")


@style.styled
def levels(
    levels_db: Sequence[float], *, threshold_db: float, starts: Sequence[float] | None = None,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw the level of every window and the gate: what lies below is not listened to.

    Parameters
    ----------
    levels_db : sequence of float, dBFS
        As :func:`helpers.windows.levels_db` returns it; ``-inf`` is drawn at
        -100 dB.
    threshold_db : float, dBFS
        The gate.
    starts : sequence of float, seconds, optional
        Where each window begins; numbers the windows if left out.
    title : str, optional
        How many windows are live, if left out.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no window, a level is NaN, or ``starts`` has another length.
    """
    values = np.asarray(levels_db, dtype=float)
    if values.ndim != 1 or values.size == 0 or np.isnan(values).any():
        raise checks.InputError(checks.explain(
            "the levels of at least one window, in dB", f"shape {values.shape}" if values.size == 0 or values.ndim != 1
            else "NaN", "Measure them: windows.levels_db(cut)", section=checks.ARRAYS))
    live = values >= threshold_db
    x = np.arange(len(values)) if starts is None else np.asarray(starts, dtype=float)
    checks.same_length(levels_db=values, starts=x)
    ax = style.new_axes(ax, height=2.8)
    drawn = np.maximum(values, _FLOOR_DB)
    size = 7 if len(values) <= 60 else 3
    ax.plot(x[live], drawn[live], "o", color=style.COLOURS["blue"], label=f"{live.sum()} live", markersize=size)
    ax.plot(x[~live], drawn[~live], "X", color=style.QUIET, label=f"{(~live).sum()} silent", markersize=size + 1)
    ax.axhline(threshold_db, color="black", linestyle="--", linewidth=1.4, label=f"gate at {threshold_db:g} dBFS")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0)
    low, high = min(drawn.min(), threshold_db), max(drawn.max(), threshold_db)
    ax.set_ylim(max(low - 8, _FLOOR_DB - 5), min(high + 8, 3) if high < 3 else high + 3)
    title = title or f"{live.sum()} of {len(values)} windows are loud enough to be listened to"
    x_label = "Window, counted from 0" if starts is None else "Window start (s)"
    return style.finish(ax, title=title, x=x_label, y="Level (dBFS)")
