"""The log-mel spectrogram as a bare picture: the page puts the axes around it, so that they never blur."""

import base64
import io

import matplotlib
import numpy as np

from helpers import features
from helpers.plots import style
from helpers.plots.spectra import limits

HOP_LENGTH = 256
MOST_COLUMNS = 6000
"""Beyond this a picture is wider than anybody zooms; neighbouring frames are joined by their maximum."""

_ROUND_KHZ = (0, 0.5, 1, 2, 4, 8, 16)


def log_mel(audio: np.ndarray, *, sr: int) -> dict:
    """Draw the log-mel spectrogram of a recording, with all that a page needs to put axes around it.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz

    Returns
    -------
    dict
        What :func:`bare` and :func:`axes` return, with ``source`` (the PNG as data address) in place of ``png``.
    """
    drawn = bare(audio, sr=sr)
    return {"source": "data:image/png;base64," + base64.b64encode(drawn.pop("png")).decode("ascii"), **drawn,
            **axes(sr=sr)}


def bare(audio: np.ndarray, *, sr: int, hop_length: int = HOP_LENGTH) -> dict:
    """Draw the log-mel spectrogram of a recording.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    hop_length : int, samples

    Returns
    -------
    dict
        ``png`` (bytes); where it lies on its axes as shares of their size: ``left`` and ``width`` (time), ``bottom``
        and ``height`` (mel); ``low`` and ``high`` of the colours in dB.
    """
    columns, (low, high) = levels(audio, sr=sr, hop_length=hop_length)
    n_mels, joined = len(columns), -(-columns.shape[1] // MOST_COLUMNS)
    columns = np.maximum.reduceat(columns, np.arange(0, columns.shape[1], joined), axis=1)
    # frames are centred on their time: the first begins half a hop before 0 s
    step = joined * hop_length / len(audio)
    # bands are centred between the ends of the axis; the outer ones are drawn twice to reach them
    columns = np.pad(columns, ((1, 1), (0, 0)), mode="edge")
    gap = 1 / (n_mels + 1)
    return {
        "png": png(columns[::-1], low=low, high=high),
        "left": -0.5 * hop_length / len(audio), "width": columns.shape[1] * step,
        "bottom": -0.5 * gap, "height": len(columns) * gap, "low": round(low), "high": round(high),
    }


def levels(audio: np.ndarray, *, sr: int, hop_length: int = HOP_LENGTH) -> tuple[np.ndarray, tuple[float, float]]:
    """Compute what such a picture shows: levels in dB, shape=(n_mels, n_frames), and the ends of their colours."""
    found = features.log_mel(audio, sr=sr, hop_length=hop_length)
    return found, limits(found)


def axes(*, sr: int) -> dict:
    """Say what all such pictures of one rate share.

    Returns
    -------
    dict
        ``ticks`` as pairs of place (share of the height) and kHz; ``colours`` from low to high.

    Examples
    --------
    >>> [khz for place, khz in axes(sr=8000)["ticks"]]
    ['0', '0.5', '1', '2', '4']
    """
    top, palette = float(features.hz_to_mel(sr / 2)), matplotlib.colormaps[style.CMAP]
    return {
        "ticks": [[float(features.hz_to_mel(1000 * khz)) / top, f"{khz:g}"] for khz in _ROUND_KHZ
                  if 1000 * khz <= sr / 2],
        "colours": [matplotlib.colors.to_hex(colour) for colour in palette(np.linspace(0, 1, 9))],
    }


def png(levels: np.ndarray, *, low: float, high: float) -> bytes:
    """Write a picture whose palette is the colour map itself: one byte a pixel and no loss.

    Parameters
    ----------
    levels : np.ndarray, shape=(height, width)
        The first row is the upper one.
    low, high : float
        Values that get the first and the last colour.

    Returns
    -------
    bytes
    """
    from PIL import Image

    shades = np.clip((levels - low) / (high - low) * 255, 0, 255).round().astype(np.uint8)
    picture = Image.fromarray(shades).convert("P")
    palette = (matplotlib.colormaps[style.CMAP](np.arange(256))[:, :3] * 255).round().astype(np.uint8)
    picture.putpalette(palette.tobytes())
    memory = io.BytesIO()
    picture.save(memory, format="PNG", optimize=True)
    return memory.getvalue()
