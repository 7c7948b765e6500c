"""Small networks for windows, one function each.

TensorFlow is loaded when the first network is built, not when this module is
imported: that takes several seconds and half a gigabyte.
"""

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def load_keras():
    """Import Keras on TensorFlow, without the messages that frighten readers.

    Returns
    -------
    module
        ``keras``.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    log = logging.getLogger("tensorflow")
    if _not_about_retracing not in log.filters:
        log.addFilter(_not_about_retracing)
    return keras


def _not_about_retracing(record: logging.LogRecord) -> bool:
    """Keep a warning back that is meant for loops: each network here is built anew, and so traced once, on purpose."""
    return "triggered tf.function retracing" not in record.getMessage()


def small_cnn(shape: tuple[int, int], n_classes: int, *, dropout: float = 0.5) -> "keras.Model":
    """Build a small convolutional network for log-mel windows.

    Three blocks of convolutions, then what they found at each frequency: its
    mean and its strongest value over the time of the window. A bark early and
    a bark late look alike then, a low and a high sound do not. The first
    convolution steps by two, which halves the cost of all that follows.

    Parameters
    ----------
    shape : (n_mels, n_frames)
        Of one normalised log-mel picture.
    n_classes : int
    dropout : float, range 0 to 1
        Share of the values hidden before each dense layer while training.

    Returns
    -------
    keras.Model
        From ``(n_windows, n_mels, n_frames)`` to class probabilities
        ``(n_windows, n_classes)``; not trained yet.

    Notes
    -----
    After Salamon and Bello, "Deep convolutional neural networks and data
    augmentation for environmental sound classification", IEEE Signal
    Processing Letters 24(3), 2017: three blocks and a dense layer, with
    smaller kernels and pooling over time.
    """
    keras = load_keras()
    layers = keras.layers
    inputs = x = keras.Input(shape)
    x = layers.Reshape((*shape, 1))(x)
    for n_filters, size, step, pool in ((16, 5, 2, None), (32, 3, 1, (2, 2)), (64, 3, 1, (2, 1))):
        x = layers.Conv2D(n_filters, size, strides=step, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU(name="last_convolution" if n_filters == 64 else None)(x)
        x = layers.MaxPooling2D(pool)(x) if pool else x
    over_time = (1, x.shape[2])
    x = layers.Concatenate()([layers.AveragePooling2D(over_time)(x), layers.MaxPooling2D(over_time)(x)])
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dropout(dropout)(layers.Dense(64, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def waveform_cnn(window_samples: int, n_classes: int, *, dropout: float = 0.5) -> "keras.Model":
    """Build a one-dimensional convolutional network that hears the samples themselves.

    No spectrogram, no mel bands: the first layer has to find its own filters.
    With little data it loses to the log-mel network, which is the lesson.

    Parameters
    ----------
    window_samples : int
        Length of one window.
    n_classes : int
    dropout : float, range 0 to 1

    Returns
    -------
    keras.Model
        From windows ``(n_windows, window_samples)`` to class probabilities
        ``(n_windows, n_classes)``; not trained yet.

    Notes
    -----
    After the M5 network of Dai et al., "Very deep convolutional neural networks
    for raw waveforms", ICASSP 2017, at a quarter of its width.
    """
    keras = load_keras()
    layers = keras.layers
    inputs = x = keras.Input((window_samples,))
    x = layers.Reshape((window_samples, 1))(x)
    for n_filters, kernel, stride in ((32, 80, 8), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
        x = layers.Conv1D(n_filters, kernel, strides=stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling1D(4)(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def clip_model(window_model: "keras.Model", n_windows: int) -> "keras.Model":
    """Wrap a window model into one that takes a whole clip: the same weights for each window, then the mean.

    Parameters
    ----------
    window_model : keras.Model
        Its weights are shared, not copied: training one trains the other.
    n_windows : int
        Windows in a clip.

    Returns
    -------
    keras.Model
        From ``(n_clips, n_windows, n_mels, n_frames)`` to class probabilities
        ``(n_clips, n_classes)``.
    """
    keras = load_keras()
    inputs = keras.Input((n_windows, *window_model.input_shape[1:]))
    scores = keras.layers.TimeDistributed(window_model)(inputs)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling1D()(scores))
