"""Why it said that: scores along a clip, and the stretch of the spectrogram that decided."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from helpers import checks
from helpers.features import hz_to_mel, mel_to_hz
from helpers.plots import spectra, style


@style.styled
def window_scores(
    log_mel: np.ndarray, scores: np.ndarray, *, starts: Sequence[float], window: float, classes: Sequence[str],
    sr: int, hop_length: int = 256, live: Sequence[bool] | None = None, top: int = 3, title: str | None = None,
) -> np.ndarray:
    """Draw a clip above the scores of its windows.

    Parameters
    ----------
    log_mel : np.ndarray, shape=(n_mels, n_frames), dB
        Of the whole clip.
    scores : np.ndarray, shape=(n_windows, n_classes), range 0 to 1
    starts : sequence of float, seconds
        Where each window begins.
    window : float, seconds
    classes : sequence of str
    sr : int, Hz
    hop_length : int, samples
    live : sequence of bool, optional
        Which windows hold sound; the scores of the others are drawn hollow.
    top : int
        How many classes are named: those with the highest mean over live
        windows. The others are thin grey lines.
    title : str, optional
        The decision.

    Returns
    -------
    np.ndarray of Axes, shape=(2,)
        The spectrogram, the scores.

    Raises
    ------
    InputError
        If the shapes do not fit each other, or something is not finite.
    """
    scores = checks.scores(scores)
    live = np.ones(len(scores), bool) if live is None else np.asarray(live, bool)
    checks.same_length(scores=scores, starts=starts, live=live)
    if len(classes) != scores.shape[1]:
        raise checks.InputError(checks.explain(
            f"{scores.shape[1]} classes, one for each column of scores", f"{len(classes)}",
            "Give the classes that the model was trained on, in its order", section=checks.ARRAYS))
    picture, lines = _two_panels(log_mel, sr=sr, hop_length=hop_length, title=title, ratio=(3, 2))
    centres = np.asarray(starts, dtype=float) + window / 2
    mean = scores[live if live.any() else slice(None)].mean(axis=0)
    best = np.argsort(-mean, kind="stable")[:max(1, top)]
    for place, index in enumerate(best):
        lines.plot(centres, scores[:, index], style.LINES[place % len(style.LINES)] + style.marker(place),
                   color=style.colour(place), label=style.pretty(classes[index]), zorder=4, clip_on=False)
        if not live.all():
            lines.plot(centres[~live], scores[~live, index], style.marker(place), color="white",
                       markeredgecolor=style.colour(place), zorder=5, clip_on=False)
    for nth, index in enumerate(sorted(set(range(len(classes))) - set(best.tolist()))):
        lines.plot(centres, scores[:, index], color="0.72", linewidth=0.9, zorder=1,
                   label="_" if nth else "others")
    lines.set_ylim(-0.05, 1.05)
    style.percent(lines.yaxis)
    hollow = "" if live.all() else " (hollow: silent)"
    style.legend_above(lines, columns=len(best) + 1)
    style.finish(lines, x=f"Time (s), windows drawn at their middle{hollow}", y="Score")
    return np.array([picture, lines])


@style.styled
def activation(
    log_mel: np.ndarray, activation: np.ndarray, *, sr: int, hop_length: int = 256, label: str = "this class",
    share: float = 0.5, title: str | None = None,
) -> np.ndarray:
    """Draw where in a spectrogram the network found its class, and mark the stretch that decided.

    Parameters
    ----------
    log_mel : np.ndarray, shape=(n_mels, n_frames), dB
        What the network saw, before normalisation.
    activation : np.ndarray, shape=(n_steps,) or (n_bands, n_steps)
        Class activation map, coarser than the spectrogram or not; negative
        values speak against the class and count as 0.
    sr : int, Hz
    hop_length : int, samples
    label : str
        The class.
    share : float, range 0 to 1
        What part of the maximum belongs to the marked stretch.
    title : str, optional
        Where the stretch lies, if left out.

    Returns
    -------
    np.ndarray of Axes, shape=(2,)
        The spectrogram, with a line around ``share`` of the maximum where the
        map has bands; the evidence over time.

    Raises
    ------
    InputError
        If the map has neither one nor two dimensions, or something is not finite.
    """
    evidence = _evidence(activation)
    picture, below = _two_panels(log_mel, sr=sr, hop_length=hop_length, title=None, ratio=(3, 1.2))
    duration = picture.get_xlim()[1]
    start, stop = strongest_stretch(activation, duration=duration, share=share)
    profile = evidence if evidence.ndim == 1 else evidence.mean(axis=0)
    profile = profile / profile.max() if profile.max() > 0 else profile
    below.stairs(profile, np.linspace(0, duration, len(profile) + 1), fill=True, color=style.COLOURS["sky"])
    below.stairs(profile, np.linspace(0, duration, len(profile) + 1), color=style.COLOURS["blue"], linewidth=1.8)
    below.set_ylim(0, 1.08)
    style.percent(below.yaxis)
    words = f"nothing speaks for {style.pretty(label)}"
    if stop > start:
        words = f"strongest evidence for {style.pretty(label)}: {start:.1f} to {stop:.1f} s"
        for ax in (picture, below):
            for edge in (start, stop):
                ax.axvline(edge, color="white" if ax is picture else "black", linestyle="--", linewidth=1.6)
    if evidence.ndim == 2 and evidence.max() > 0 and min(evidence.shape) > 1:
        _contour(picture, evidence / evidence.max(), duration, share)
    style.finish(picture, title=title or words[0].upper() + words[1:])
    style.finish(below, x="Time (s)", y="Evidence\n(of its peak)")
    return np.array([picture, below])


def strongest_stretch(activation: np.ndarray, *, duration: float, share: float = 0.5) -> tuple[float, float]:
    """Find the stretch around the strongest moment of a class activation map.

    Parameters
    ----------
    activation : np.ndarray, shape=(n_steps,) or (n_bands, n_steps)
    duration : float, seconds
        What the map spans.
    share : float, range 0 to 1
        The stretch goes on as long as the evidence, averaged over bands, is at
        least this share of its maximum.

    Returns
    -------
    start, stop : float, seconds
        Both 0 if nothing speaks for the class.

    Raises
    ------
    InputError
        If the map has neither one nor two dimensions, or is not finite.

    Examples
    --------
    >>> strongest_stretch(np.array([0.0, 0.2, 1.0, 0.7, 0.9, 0.1, 0.8, 0.0]), duration=4.0)
    (1.0, 2.5)
    """
    profile = _evidence(activation)
    profile = profile if profile.ndim == 1 else profile.mean(axis=0)
    if profile.max() <= 0:
        return 0.0, 0.0
    peak = int(profile.argmax())
    weak = np.flatnonzero(profile < share * profile.max())
    first = int(weak[weak < peak].max(initial=-1)) + 1
    last = int(weak[weak > peak].min(initial=len(profile)))
    return first * duration / len(profile), last * duration / len(profile)


def _evidence(activation: np.ndarray) -> np.ndarray:
    activation = np.asarray(activation)
    if activation.ndim not in (1, 2) or activation.size == 0:
        raise checks.InputError(checks.explain(
            "an activation map of shape (n_steps,) or (n_bands, n_steps)", f"shape {activation.shape}",
            "Take the map of one window: maps[0]", section=checks.ARRAYS))
    return np.maximum(checks.finite(activation, name="the activation map"), 0.0)


def _two_panels(
    log_mel: np.ndarray, *, sr: int, hop_length: int, title: str | None, ratio: tuple[float, float]
) -> tuple[Axes, Axes]:
    """Make a log-mel spectrogram above an empty panel with the same time axis."""
    figure = style.new_figure(height=4.2)
    # the colour bar has a column of its own, so that both panels are equally wide
    grid = figure.add_gridspec(2, 2, height_ratios=ratio, width_ratios=(40, 1))
    picture = figure.add_subplot(grid[0, 0])
    below = figure.add_subplot(grid[1, 0], sharex=picture)
    spectra.draw_mel(picture, log_mel, sr=sr, hop_length=hop_length)
    bar = figure.colorbar(picture.collections[0], cax=figure.add_subplot(grid[0, 1]))
    style.finish(bar.ax, y="Level (dB)")
    picture.tick_params(labelbottom=False)
    style.finish(picture, title=title, y="Frequency (kHz)")
    return picture, below


def _contour(ax: Axes, evidence: np.ndarray, duration: float, share: float) -> None:
    """Draw a line around the strongest part of a map that lies over the whole picture."""
    n_bands, n_steps = evidence.shape
    low, high = hz_to_mel(ax.get_ylim())
    bands = mel_to_hz(low + (np.arange(n_bands) + 0.5) * (high - low) / n_bands)
    steps = (np.arange(n_steps) + 0.5) * duration / n_steps
    lines = ax.contour(steps, bands, evidence, levels=[share], colors="white", linewidths=2)
    lines.set_path_effects([withStroke(linewidth=3.5, foreground="black")])
