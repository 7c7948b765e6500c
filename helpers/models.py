"""Small networks, one function each, and the one way to train them.

TensorFlow is loaded when the first network is built, not when this module is
imported: that takes several seconds and half a gigabyte.
"""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.augment import mixup as blend

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

    return keras


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


def fit(
    model: "keras.Model", x: np.ndarray, y: np.ndarray, *, epochs: int = 25, seed: int = 0,
    mixup: float = 0.0, augment: Callable | None = None, validation: tuple[np.ndarray, np.ndarray] | None = None,
    learning_rate: float = 1e-3, batch_size: int = 64, progress: bool = True,
) -> dict[str, list[float]]:
    """Train a classifier from fresh weights.

    The weights are drawn anew from ``seed`` first, so that running a cell twice
    gives the same network twice. Adam, with a learning rate that falls to zero
    along a cosine.

    Parameters
    ----------
    model : keras.Model
        From windows to class probabilities.
    x : np.ndarray, shape=(n_windows, ...)
    y : np.ndarray of int, shape=(n_windows,)
        Class index of each window, from 0.
    epochs : int
        Passes through the data.
    seed : int
        The only seed that is set; two runs on one machine agree to rounding.
    mixup : float, at least 0
        Strength of mixup: windows are blended in pairs, with their labels, by a
        share drawn from Beta(mixup, mixup). 0 leaves it out, 0.2 is usual.
    augment : callable, optional
        ``augment(x, rng=rng)`` changes each batch before it is shown, such as
        :func:`helpers.augment.mask`; validation data stays as it is.
    validation : (x, y), optional
        Data that is measured after each epoch, and never trained on.
    learning_rate : float
        At the start.
    batch_size : int
        Windows for each step. Where epochs are few, smaller batches learn more
        from each: more steps for little more work.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    dict of list
        ``loss`` and ``accuracy`` of each epoch, averaged over its windows as
        they were shown: with dropout, blended where there is mixup, by weights
        that were still changing. ``val_loss`` and ``val_accuracy`` after each
        epoch where there is validation data.

    Raises
    ------
    InputError
        If x and y do not have one entry for each window, x is not finite or
        empty, or a label is not a class index of the network.

    Notes
    -----
    Mixup: Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.
    """
    keras = load_keras()
    x, y = checks.finite(np.asarray(x, dtype=np.float32), name="x"), np.asarray(y)
    checks.same_length(x=x, y=y)
    labels = _one_hot(y, model.output_shape[-1])
    keras.utils.set_random_seed(seed)
    for own, fresh in zip(model.variables, keras.models.clone_model(model).variables, strict=True):
        own.assign(fresh)     # the states of dropout's generators too, which set_weights leaves out
    rng, n_batches = np.random.default_rng(seed), -(-len(x) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, n_batches * epochs)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"],
                  jit_compile=False)
    history = {name: [] for name in ("loss", "accuracy", *(("val_loss", "val_accuracy") if validation else ()))}
    with _progress_line(epochs, shown=progress) as line:
        for _ in range(epochs):
            measured = np.zeros(2)
            for rows in np.array_split(rng.permutation(len(x)), n_batches):
                seen = x[rows] if augment is None else augment(x[rows], rng=rng)
                batch = blend(seen, labels[rows], rng=rng, alpha=mixup)
                measured += np.array(model.train_on_batch(*batch), float) * len(rows) / len(x)
            if validation is not None:
                measured = [*measured, *_measure(predict(model, validation[0]), np.asarray(validation[1]))]
            for name, value in zip(history, measured, strict=True):
                history[name].append(float(value))
            line.set_postfix({name: f"{values[-1]:.2f}" for name, values in history.items()}, refresh=False)
            line.update()
    return history


def _one_hot(y: np.ndarray, n_classes: int) -> np.ndarray:
    """Turn class indices into rows with a single 1."""
    if len(y) == 0 or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= n_classes:
        came = "no window at all" if len(y) == 0 else f"{y.dtype} from {y.min()} to {y.max()}"
        raise checks.InputError(checks.explain(
            f"for each window a class index from 0 to {n_classes - 1}, as the network has {n_classes} classes", came,
            "Build the network with n_classes=len(sounds.classes), and count the labels from 0", section=checks.ARRAYS))
    return np.eye(n_classes, dtype=np.float32)[y]


def _measure(scores: np.ndarray, y: np.ndarray) -> list[float]:
    """Cross-entropy and accuracy."""
    own = np.maximum(scores[np.arange(len(y)), y], 1e-7)
    return [float(-np.log(own).mean()), float((scores.argmax(axis=1) == y).mean())]


def _progress_line(epochs: int, *, shown: bool):
    """One line that is written anew after each epoch."""
    from tqdm import tqdm

    return tqdm(total=epochs, unit="epoch", desc="training", file=sys.stdout, disable=not shown)


def predict(model: "keras.Model", x: np.ndarray) -> np.ndarray:
    """Score many windows at once.

    Parameters
    ----------
    model : keras.Model
    x : np.ndarray, shape=(n_windows, ...)

    Returns
    -------
    np.ndarray, shape=(n_windows, n_classes), range 0 to 1
    """
    x = np.asarray(x, np.float32)
    parts = [model.predict_on_batch(x[start: start + 256]) for start in range(0, len(x), 256)]
    return np.concatenate(parts) if parts else np.empty((0, model.output_shape[-1]), np.float32)


def class_activation(model: "keras.Model", x: np.ndarray, class_index: int) -> np.ndarray:
    """Show where in each picture the network found what speaks for a class.

    What the last convolution found at a place, times how much it raises the
    class there: Grad-CAM, place by place instead of averaged over the picture
    first, because this network's dense layer knows places apart. The value
    before the softmax is used: a score of 1.00 has no slope left.

    Parameters
    ----------
    model : keras.Model
        From :func:`small_cnn`.
    x : np.ndarray, shape=(n_windows, n_mels, n_frames)
    class_index : int

    Returns
    -------
    np.ndarray of float32, same shape, range 0 to 1
        1 at the strongest place of each picture, 0 where nothing speaks for
        the class; as coarse as the last convolution.

    Notes
    -----
    Selvaraju et al., "Grad-CAM", ICCV 2017; Draelos and Carin, "Use HiResCAM
    instead of Grad-CAM for faithful explanations", arXiv:2011.08891, 2020.
    """
    keras = load_keras()
    import tensorflow as tf

    x, last = np.asarray(x, np.float32), model.layers[-1]
    halves = keras.Model(model.inputs, [model.get_layer("last_convolution").output, last.input])
    with tf.GradientTape() as tape:
        found, before = halves(tf.constant(x), training=False)
        value = tf.linalg.matvec(before, last.kernel[:, int(class_index)])
    evidence = tf.nn.relu(tf.reduce_sum(found * tape.gradient(value, found), axis=-1, keepdims=True))
    maps = tf.image.resize(evidence, x.shape[1:])[..., 0].numpy()
    return maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), np.finfo(np.float32).tiny)
