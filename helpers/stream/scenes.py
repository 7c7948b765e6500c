"""Listeners for frame models, with the windows and pictures that they were trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers import checks, features, models
from helpers.audio import SR
from helpers.stream.listener import Listener, Score


def scene_listener(
    score: Score, *, classes: Sequence[str], frame_hop: float, window_frames: int = 128, **settings: Any
) -> Listener:
    """Make a listener for a frame model, with the windows and pictures of :func:`helpers.models.scene_windows`.

    Parameters
    ----------
    score : callable
        From one picture, shape (n_mels, window_frames * pool), to scores of
        shape (window_frames, n_classes): a model that :func:`scene_pictures`
        fits, such as :func:`helpers.models.frame_cnn` in any runtime.
    classes : sequence of str
    frame_hop : float, seconds
        Such as ``dataset.frame_hop``.
    window_frames : int, even
        What it hears at once: shorter windows answer sooner.
    **settings
        As in :class:`Listener`: ``source_sr``, ``gate_db``, ``high``, ``low``, ``median`` ...

    Returns
    -------
    Listener

    Raises
    ------
    InputError
        As :class:`Listener`.
    """
    picture, hop = scene_pictures(frame_hop=frame_hop, window_frames=window_frames), _frame_length(frame_hop)
    return Listener(lambda window: score(picture(window)), classes=classes, window=window_frames * hop,
                    hop=window_frames * hop / 2, frame=hop, sr=SR, **settings)


def scene_pictures(*, frame_hop: float, window_frames: int = 128) -> Callable[[np.ndarray], np.ndarray]:
    """Make the front end of a frame model: from one window of samples to its normalised log-mel picture.

    Parameters
    ----------
    frame_hop : float, seconds
    window_frames : int

    Returns
    -------
    callable
        From shape (window_samples,) at 16 kHz to shape (n_mels, window_frames * pool).

    Examples
    --------
    >>> scene_pictures(frame_hop=0.04, window_frames=32)(np.zeros(20480, np.float32)).shape
    (64, 64)
    """
    settings = models.frame_settings(frame_hop)
    n_columns = checks.whole(window_frames, name="window_frames") * settings.pop("pool")

    def picture(window: np.ndarray) -> np.ndarray:
        # the last column lies on the end of the window: it is the first of the next one
        return features.normalise(features.log_mel(window[np.newaxis], sr=SR, **settings)[:, :, :n_columns])[0]

    return picture


def _frame_length(frame_hop: float) -> float:
    settings = models.frame_settings(frame_hop)
    return settings["hop_length"] * settings["pool"] / SR
