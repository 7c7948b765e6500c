"""One moment, one filter bank, one histogram: what a spectrogram is made of, with frequency or level along the axis."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from helpers import checks, features
from helpers.plots import spectra, style


@style.styled
def spectrum(
    powers: Mapping[str, np.ndarray], *, sr: int, range_db: float = 100.0, title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how strong each frequency is in one frame, or in several for comparison.

    Parameters
    ----------
    powers : dict, title to np.ndarray of shape (1 + n_fft // 2,)
        Power, not dB: one column of a power spectrogram. The frames may differ
        in length.
    sr : int, Hz
    range_db : float, dB
        How far below the highest value the axis reaches.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is nothing to draw, or a spectrum is no list of finite powers.

    Examples
    --------
    >>> ax = spectrum({"hum": np.ones(513)}, sr=16000)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Frequency (kHz)', 'Level (dB)')
    """
    sr, shown = checks.sr(sr), {}
    for name, power in style.titled(powers, name="spectrum").items():
        power = checks.finite(np.asarray(power, dtype=float), name=name)
        if power.ndim != 1 or len(power) < 2 or (power < 0).any():
            raise checks.InputError(checks.explain(
                f"{name} to be the powers of one frame, shape (1 + n_fft // 2,), 0 or above",
                f"shape {power.shape}" if power.ndim != 1 or len(power) < 2 else f"{power.min():.1f}",
                "Take one column of a power spectrogram: power[:, 0]", section=checks.ARRAYS))
        shown[name] = 10 * np.log10(np.maximum(power, features.FLOOR))
    ax = style.new_axes(ax, height=2.8)
    for index, (name, level_db) in enumerate(shown.items()):
        ax.plot(np.linspace(0, sr / 2000, len(level_db)), level_db, style.LINES[index % len(style.LINES)],
                color=style.colour(index), linewidth=1.4, label=name)
    highest = max(float(level_db.max()) for level_db in shown.values())
    ax.set(xlim=(0, sr / 2000), ylim=(highest - range_db, highest + 5))
    if len(shown) > 1:
        ax.legend(loc="upper right")
    return style.finish(ax, title=title, x="Frequency (kHz)", y="Level (dB)")


@style.styled
def mel_filters(
    filters: np.ndarray, *, sr: int, title: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw mel filters: triangles that are narrow at low and wide at high frequencies.

    Parameters
    ----------
    filters : np.ndarray, shape=(n_mels, 1 + n_fft // 2)
        As :func:`helpers.features.mel_filters` returns them.
    sr : int, Hz
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the filters are not a table of finite numbers.
    """
    filters, sr = spectra.check_picture(filters, name="filters"), checks.sr(sr)
    ax = style.new_axes(ax, height=2.8)
    khz = np.linspace(0, sr / 2000, filters.shape[1])
    for index, weights in enumerate(filters):
        touched = np.flatnonzero(weights)
        around = slice(max(0, touched[0] - 1), touched[-1] + 2) if len(touched) else slice(0, 0)
        ax.plot(khz[around], weights[around], style.LINES[index % 2], color=style.colour(index % 2), linewidth=1.4)
    ax.set_xlim(0, sr / 2000)
    ax.set_ylim(bottom=0)
    return style.finish(ax, title=title or f"{len(filters)} mel filters", x="Frequency (kHz)", y="Weight (1/Hz)")


@style.styled
def dynamic_range(power: np.ndarray, *, bins: int = 60) -> np.ndarray:
    """Draw how the values of a spectrogram are spread, as power and in dB: why we take the logarithm.

    Parameters
    ----------
    power : np.ndarray, shape=(n_bands, n_frames)
        Power, not dB.
    bins : int
        Bars of each histogram.

    Returns
    -------
    np.ndarray of Axes, shape=(2,)

    Raises
    ------
    InputError
        If the power is not two-dimensional and finite, or negative somewhere.

    Examples
    --------
    >>> [ax.get_xlabel() for ax in dynamic_range(np.ones((4, 4)))]
    ['Power (linear)', 'Level (dB)']
    """
    power = spectra.check_picture(power, name="power")
    if (power < 0).any():
        raise checks.InputError(checks.explain(
            "power, 0 or above", f"{power.min():.1f}", "Give the spectrogram before the logarithm: it is not in dB yet",
            section=checks.ARRAYS))
    axes = style.new_figure(height=2.8).subplots(1, 2)
    shown = {"Power (linear)": power.ravel(), "Level (dB)": 10 * np.log10(np.maximum(power.ravel(), features.FLOOR))}
    for ax, (label, values) in zip(axes, shown.items(), strict=True):
        shares, *_ = ax.hist(values, bins=bins, weights=np.full(values.size, 1 / values.size),
                             color=style.COLOURS["blue"])
        style.percent(ax.yaxis)
        style.finish(ax, title=f"{100 * shares.max():.0f} % of all values in one bar", x=label)
    style.finish(axes[0], y="Share of values")
    return axes
