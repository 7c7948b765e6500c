"""OpenL3's audio network in Keras 3, and how its published weights get into it."""

import gzip
import io
import os
import tempfile
from pathlib import Path

import numpy as np

from helpers import checks
from helpers.models import load_keras

FRONT_ENDS = {"linear": (512, None, 197), "mel128": (2048, 128, 199), "mel256": (2048, 256, 199)}
"""Representation -> n_fft, n_mels (None: all bins), n_frames of one second."""
POOLING = {("linear", 512): (32, 24), ("mel128", 512): (16, 24), ("mel256", 512): (32, 24),
           ("linear", 6144): (8, 8), ("mel128", 6144): (4, 8), ("mel256", 6144): (8, 8)}
N_DIMS = (512, 6144)


def build(*, representation: str = "mel256", n_dims: int = 512):
    """Build the network with random weights.

    Parameters
    ----------
    representation : {"linear", "mel128", "mel256"}
    n_dims : {512, 6144}

    Returns
    -------
    keras.Model
        From ``(n_windows, n_bands, n_frames, 1)`` to ``(n_windows, n_dims)``.

    Notes
    -----
    Cramer, Wu, Salamon and Bello, "Look, listen, and learn more: design choices
    for deep audio embeddings", ICASSP 2019.
    """
    checks.one_of(representation, tuple(FRONT_ENDS), name="representation")
    checks.one_of(n_dims, N_DIMS, name="n_dims")
    keras = load_keras()
    layers = keras.layers
    n_fft, n_mels, n_frames = FRONT_ENDS[representation]
    inputs = keras.Input((n_mels or n_fft // 2 + 1, n_frames, 1))
    x = layers.BatchNormalization()(inputs)
    for block, n_filters in enumerate((64, 128, 256, 512)):
        for second in (False, True):
            x = layers.Conv2D(n_filters, 3, padding="same")(x)
            if not (block == 3 and second):
                x = layers.ReLU()(layers.BatchNormalization()(x))
        if block < 3:
            x = layers.MaxPooling2D(2)(x)
    x = layers.MaxPooling2D(POOLING[representation, n_dims], padding="same")(x)
    return keras.Model(inputs, layers.Flatten()(x))


def load_weights(model, path: str | os.PathLike) -> None:
    """Fill the network with the weights of a published file, layer by layer in their order.

    Parameters
    ----------
    model : keras.Model
        From :func:`build`.
    path : path
        ``.h5`` or ``.h5.gz``. The three representations have the same shapes,
        so the name and the checksum of the file alone tell them apart.

    Raises
    ------
    DatasetError
        If the file is damaged, or does not fit.
    """
    import h5py

    path = Path(path)
    try:
        opened = io.BytesIO(gzip.decompress(path.read_bytes())) if path.suffix == ".gz" else path
        with h5py.File(opened, "r") as file:
            saved = [arrays for layer in file.attrs["layer_names"] if (arrays := _arrays(file[_text(layer)]))]
    except (OSError, EOFError, KeyError) as error:
        raise _unusable(path, f"{type(error).__name__}: {error}") from error
    ours = [layer for layer in model.layers if layer.weights]
    shapes = [[tuple(weight.shape) for weight in layer.weights] for layer in ours]
    if [[array.shape for array in arrays] for arrays in saved] != shapes:
        raise _unusable(path, f"{len(saved)} layers of other shapes")
    for layer, arrays in zip(ours, saved, strict=True):
        layer.set_weights(arrays)


def _arrays(group) -> list[np.ndarray]:
    return [group[_text(name)][()] for name in group.attrs["weight_names"]]


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _unusable(path: Path, got: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(
        f"weights of OpenL3's audio network in {path}", got, "Fetch them again: python start.py data openl3-mel256-env",
        section=checks.DATA_SETS))


def quantise(model) -> bytes:
    """Convert a network to LiteRT with weights of 8 bits: a quarter of the size, and faster.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    bytes
        What belongs into a ``.tflite`` file.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return converter.convert()
