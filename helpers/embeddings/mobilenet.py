"""A network made for photographs, put to work on log-mel pictures: three channels in, 576 numbers out."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, features, models
from helpers.datasets import registry, verify

if TYPE_CHECKING:
    import keras

CHANNELS = ("repeat", "zeros", "resolutions")
REGIMES = ("head", "last block", "everything")
N_FFTS = (512, 1024, 2048)
"""Frame lengths of the three channels of ``"resolutions"``: clicks, everything, hums."""


def three_channels(cut: np.ndarray, *, sr: int, how: str = "repeat", hop_length: int = 256) -> np.ndarray:
    """Make pictures with three channels from windows, as a network for photographs expects them.

    Parameters
    ----------
    cut : np.ndarray, shape=(n_windows, window_samples)
    sr : int, Hz
    how : {"repeat", "zeros", "resolutions"}
        The same log-mel three times; once, and two empty channels; or three
        log-mels with short, middle and long frames.
    hop_length : int, samples
        The same for all channels, so that their columns are the same moments.

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, n_mels, n_frames, 3)
        Each channel normalised by itself, window by window.

    Raises
    ------
    InputError
        If ``how`` is none of these, or the windows are not a stack of finite floats.
    """
    checks.one_of(how, CHANNELS, name="how")
    cut = checks.windows(cut)
    if how == "resolutions":
        stack = [features.log_mel(cut, sr=sr, n_fft=n_fft, hop_length=hop_length) for n_fft in N_FFTS]
        return np.stack([features.normalise(log_mels) for log_mels in stack], axis=-1)
    pictures = features.normalise(features.log_mel(cut, sr=sr, hop_length=hop_length))
    others = pictures if how == "repeat" else np.zeros_like(pictures)
    return np.stack([pictures, others, others], axis=-1)


def picture_network(
    shape: tuple[int, int, int], n_classes: int, *, weights: str | os.PathLike | None = None,
    regime: str = "head",
) -> "keras.Model":
    """Build MobileNetV3 with a new head.

    Parameters
    ----------
    shape : (n_mels, n_frames, 3)
    n_classes : int
    weights : path, optional
        The file of :func:`weights_path`; drawn at random where not given.
    regime : {"head", "last block", "everything"}
        What training may change: the new layer only, the last block of
        convolutions too, or all of it.

    Returns
    -------
    keras.Model
        From pictures (n_windows, n_mels, n_frames, 3) to class probabilities.

    Raises
    ------
    InputError
        If the regime is none of these.

    Notes
    -----
    Howard et al., "Searching for MobileNetV3", ICCV 2019. ``models.fit`` draws
    all weights anew and is not for this network: compile and fit it as it is.
    """
    checks.one_of(regime, REGIMES, name="regime")
    keras, body = models.load_keras(), _body(shape, weights)
    first = {"head": len(body.layers), "last block": len(body.layers) - 20, "everything": 0}[regime]
    for number, layer in enumerate(body.layers):
        # batch normalisation keeps what it knows: a few small batches would ruin its averages
        layer.trainable = number >= first and not isinstance(layer, keras.layers.BatchNormalization)
    x = keras.layers.Dropout(0.3)(body.output)
    return keras.Model(body.input, keras.layers.Dense(n_classes, activation="softmax")(x))


def picture_features(pictures: np.ndarray, *, weights: str | os.PathLike | None = None, seed: int = 0) -> np.ndarray:
    """Turn pictures into what MobileNet's last convolution found, averaged over the picture.

    Parameters
    ----------
    pictures : np.ndarray, shape=(n_windows, n_mels, n_frames, 3)
    weights : path, optional
        As in :func:`picture_network`.
    seed : int
        Of the random weights, where none are given.

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, 576)
    """
    body = _drawn(tuple(pictures.shape[1:]), None if weights is None else str(weights), seed)
    # in small parts and without tracing: the graph of its many layers would take more memory than all else together
    return np.concatenate([body(pictures[start: start + 32], training=False).numpy()
                           for start in range(0, len(pictures), 32)])


@functools.lru_cache(maxsize=1)
def _drawn(shape: tuple[int, int, int], weights: str | None, seed: int) -> "keras.Model":
    """The body, kept: to build it takes longer than to run it once."""
    models.load_keras().utils.set_random_seed(seed)
    return _body(shape, weights)


def _body(shape: tuple[int, int, int], weights: str | os.PathLike | None) -> "keras.Model":
    """MobileNetV3 small without its last layers."""
    return models.load_keras().applications.MobileNetV3Small(
        input_shape=tuple(shape), include_top=False, pooling="avg", include_preprocessing=False,
        weights=None if weights is None else str(Path(weights)))


def weights_path() -> Path:
    """Find the downloaded weights (``python start.py data mobilenet``, 4 MB).

    Returns
    -------
    Path

    Raises
    ------
    DatasetError
        If they are not on this computer; the message holds the command.
    """
    block = registry.published()["mobilenet"]
    return verify.installed(block) / block.files[0].name
