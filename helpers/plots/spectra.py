"""Sound as a picture: spectrograms with hertz and seconds on their axes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers import checks
from helpers.features import FLOOR, hz_to_mel, mel_to_hz
from helpers.plots import style

_ROUND_KHZ = (0, 0.5, 1, 2, 4, 8, 16, 32)
_NORMALISED = (-3.0, 3.0)   # deviations: what lies further out is rare


@style.styled
def spectrogram(
    power_db: np.ndarray, *, sr: int, hop_length: int, n_fft: int | None = None, title: str | None = None,
    limits_db: tuple[float, float] | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw a spectrogram on a linear frequency axis.

    Parameters
    ----------
    power_db : np.ndarray, shape=(1 + n_fft // 2, n_frames), dB
        Centred frames.
    sr : int, Hz
    hop_length, n_fft : int, samples
        Step, and length of the window; ``n_fft`` is read from the shape if left out.
    title : str, optional
    limits_db : (float, float), dB, optional
        Ends of the colour scale; the upper 80 dB if left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        With seconds and hertz as data coordinates, ticks written in kHz.

    Raises
    ------
    InputError
        If the picture is not two-dimensional and finite, or ``n_fft`` does not fit it.
    """
    power_db, sr = check_picture(power_db, name="power_db"), checks.sr(sr)
    _check_bins(power_db, n_fft)
    ax = style.new_axes(ax, height=3.2)
    _draw_linear(ax, power_db, sr=sr, hop_length=hop_length, limits_db=limits_db or limits(power_db))
    ax.set_ylim(0, sr / 2)
    colour_bar(ax, [ax])
    return style.finish(ax, title=title, x="Time (s)", y="Frequency (kHz)")


@style.styled
def spectrograms(
    pictures: Mapping[str, np.ndarray], *, sr: int | Mapping[str, int], hop_length: int | Mapping[str, int],
    n_fft: int | Mapping[str, int] | None = None, limits_db: tuple[float, float] | None = None,
) -> np.ndarray:
    """Draw several spectrograms side by side, on the same axes and colours.

    Parameters
    ----------
    pictures : dict, title to np.ndarray of shape (1 + n_fft // 2, n_frames), dB
    sr : int or dict by title, Hz
        Above half of its own rate a recording holds nothing: that part is grey.
    hop_length, n_fft : int or dict by title, samples
        As in :func:`spectrogram`.
    limits_db : (float, float), dB, optional
        Ends of the colour scale; 80 dB below the strongest of all if left out.

    Returns
    -------
    np.ndarray of Axes, shape=(n_pictures,)

    Raises
    ------
    InputError
        If there is no picture, or :func:`spectrogram` would refuse one.
    """
    pictures = {title: check_picture(picture, name=title) for title, picture in style.titled(pictures).items()}
    figure = style.new_figure(height=3.2)
    figure.get_layout_engine().set(wspace=0.08)   # room for the last number below one picture and the first of the next
    axes = figure.subplots(1, len(pictures), sharex=True, sharey=True, squeeze=False)[0]
    limits_db = limits_db or limits(*pictures.values())
    highest = duration = 0.0
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        rate, hop = checks.sr(_of(sr, title)), _of(hop_length, title)
        _check_bins(picture, _of(n_fft, title))
        _draw_linear(ax, picture, sr=rate, hop_length=hop, limits_db=limits_db)
        highest, duration = max(highest, rate / 2), max(duration, _edges(picture.shape[1], hop / rate)[-1])
        ax.set_facecolor("0.8")
        style.finish(ax, title=title)
    axes[0].set(xlim=(0, duration), ylim=(0, highest))
    style.finish(axes[0], y="Frequency (kHz)")
    figure.supxlabel("Time (s)", fontsize=style.TEXT)
    colour_bar(axes[0], list(axes))
    return axes


@style.styled
def log_mel(
    log_mel: np.ndarray, *, sr: int, hop_length: int = 256, fmin: float = 0.0, fmax: float | None = None,
    title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw a log-mel spectrogram: frequencies spaced as the mel scale spaces them.

    Parameters
    ----------
    log_mel : np.ndarray, shape=(n_mels, n_frames), dB
        As :func:`helpers.features.log_mel` returns it.
    sr : int, Hz
    hop_length : int, samples
    fmin, fmax : float, Hz
        As when it was computed; ``fmax=None`` means half of ``sr``.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes
        With seconds and hertz as data coordinates, ticks written in kHz.

    Raises
    ------
    InputError
        If the picture is not two-dimensional and finite, or not 0 <= fmin < fmax <= sr / 2.
    """
    ax = style.new_axes(ax, height=3.2)
    draw_mel(ax, log_mel, sr=sr, hop_length=hop_length, fmin=fmin, fmax=fmax)
    colour_bar(ax, [ax])
    return style.finish(ax, title=title, x="Time (s)", y="Frequency (kHz)")


@style.styled
def log_mels(
    pictures: Mapping[str, np.ndarray], *, sr: int, hop_length: int = 256, fmin: float = 0.0,
    fmax: float | None = None, normalised: bool = False,
) -> np.ndarray:
    """Draw several log-mel spectrograms side by side, on the same axes and colours.

    Parameters
    ----------
    pictures : dict, title to np.ndarray of shape (n_mels, n_frames), dB
    sr : int, Hz
    hop_length : int, samples
    fmin, fmax : float, Hz
        As in :func:`log_mel`.
    normalised : bool
        Whether the values are standard deviations around a mean of 0, as
        :func:`helpers.features.normalise` returns them, instead of dB.

    Returns
    -------
    np.ndarray of Axes, shape=(n_pictures,)

    Raises
    ------
    InputError
        If there is no picture, or :func:`log_mel` would refuse one.

    Examples
    --------
    >>> axes = log_mels({"quiet": np.full((8, 5), -60.0), "loud": np.full((8, 5), -20.0)}, sr=16000)
    >>> [ax.get_title(loc="left") for ax in axes]
    ['quiet', 'loud']
    """
    pictures = {title: check_picture(picture, name=title) for title, picture in style.titled(pictures).items()}
    figure = style.new_figure(height=3.0)
    axes = figure.subplots(1, len(pictures), sharey=True, squeeze=False)[0]
    range_of_colours = _NORMALISED if normalised else limits(*pictures.values())
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        draw_mel(ax, picture, sr=sr, hop_length=hop_length, fmin=fmin, fmax=fmax, limits_db=range_of_colours)
        ax.label_outer()
        style.finish(ax, title=title)
    style.finish(axes[0], y="Frequency (kHz)")
    figure.supxlabel("Time (s)", fontsize=style.TEXT)
    colour_bar(axes[0], list(axes), label="Deviations from the mean" if normalised else "Level (dB)")
    return axes


def draw_mel(
    ax: Axes, log_mel: np.ndarray, *, sr: int, hop_length: int, fmin: float = 0.0, fmax: float | None = None,
    limits_db: tuple[float, float] | None = None,
) -> None:
    """Draw the picture of a log-mel spectrogram with its ticks, without labels or colour bar."""
    log_mel, sr = check_picture(log_mel, name="log_mel"), checks.sr(sr)
    fmax = sr / 2 if fmax is None else fmax
    if not 0 <= fmin < fmax <= sr / 2:
        raise checks.InputError(checks.explain(
            "0 <= fmin < fmax <= sr / 2", f"fmin {fmin}, fmax {fmax} Hz at {sr} Hz",
            "Give the settings with which the spectrogram was computed", section=checks.ARRAYS))
    low, high = limits_db or limits(log_mel)
    # a band is drawn from half-way to its lower neighbour to half-way to the upper one; the outer ones reach the ends
    corners = np.linspace(hz_to_mel(fmin), hz_to_mel(fmax), len(log_mel) + 2)
    edges_hz = mel_to_hz((corners[:-1] + corners[1:]) / 2)
    edges_hz[[0, -1]] = fmin, fmax
    times = _edges(log_mel.shape[1], checks.positive(hop_length, name="hop_length") / sr)
    ax.set_yscale("function", functions=(hz_to_mel, mel_to_hz))
    ax.pcolormesh(times, edges_hz, log_mel, cmap=style.CMAP, vmin=low, vmax=high, shading="flat", rasterized=True)
    ax.set(xlim=(0, times[-1]), ylim=(fmin, fmax))
    round_hz = [1000 * khz for khz in _ROUND_KHZ if fmin <= 1000 * khz <= fmax]
    if len(round_hz) >= 3:
        ax.set_yticks(round_hz)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz / 1000:g}"))
    ax.minorticks_off()


def _draw_linear(
    ax: Axes, power_db: np.ndarray, *, sr: int, hop_length: int, limits_db: tuple[float, float]
) -> None:
    step_hz = sr / 2 / max(1, len(power_db) - 1)
    step = checks.positive(hop_length, name="hop_length") / sr
    last = _edges(power_db.shape[1], step)[-1]
    # cells are centred on their frequency and their time; the axes cut off what lies below 0 Hz and before 0 s
    ax.imshow(power_db, origin="lower", aspect="auto", cmap=style.CMAP, vmin=limits_db[0], vmax=limits_db[1],
              extent=(-step / 2, last, -step_hz / 2, sr / 2 + step_hz / 2), interpolation="nearest")
    ax.set(xlim=(0, last), ylim=(0, sr / 2))
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 4, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz / 1000:g}"))


def _edges(n_frames: int, step: float) -> np.ndarray:
    """Where the frames of a centred spectrogram begin and end, in seconds; the first is cut off at 0 s."""
    return np.maximum((np.arange(n_frames + 1) - 0.5) * step, 0.0)


def limits(*pictures: np.ndarray) -> tuple[float, float]:
    """Choose the colour scale: the upper 80 dB, but at least up to -20 dB, so that silence stays dark."""
    highest = max(style.RANGE_DB + 10 * np.log10(FLOOR), *(float(picture.max()) for picture in pictures))
    return highest - style.RANGE_DB, highest


def colour_bar(ax: Axes, axes: list[Axes], *, label: str = "Level (dB)") -> None:
    """Add one colour bar, of the picture in ``ax``, beside all the axes."""
    image = (ax.images or ax.collections)[0]
    low, high = image.get_clim()
    bar = ax.get_figure(root=True).colorbar(
        ScalarMappable(Normalize(low, high), style.CMAP), ax=axes, pad=0.02, aspect=15, ticks=MaxNLocator(5))
    bar.set_label(label)
    bar.ax.tick_params(labelsize=style.TEXT)


def check_picture(picture: np.ndarray, *, name: str) -> np.ndarray:
    """Return a picture that can be drawn, or say what is wrong with it."""
    picture = np.asarray(picture)
    if picture.ndim != 2 or 0 in picture.shape:
        raise checks.InputError(checks.explain(
            f"{name} of shape (n_bands, n_frames)", f"shape {picture.shape}",
            "Take one picture out of a stack: log_mels[0]", section=checks.ARRAYS))
    return checks.finite(picture, name=name)


def _check_bins(power_db: np.ndarray, n_fft: int | None) -> None:
    if n_fft is not None and len(power_db) != 1 + n_fft // 2:
        raise checks.InputError(checks.explain(
            f"{1 + n_fft // 2} rows for n_fft={n_fft}", f"{len(power_db)}",
            "Give the n_fft with which it was computed; draw mel bands with plots.log_mel", section=checks.ARRAYS))


def _of(setting: Any, title: str) -> Any:
    return setting[title] if isinstance(setting, Mapping) else setting
