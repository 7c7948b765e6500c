"""The networks behind the autoencoders, and the one way to train them: towards small errors on what is normal."""

import sys
from typing import TYPE_CHECKING

import numpy as np

from helpers import models

if TYPE_CHECKING:
    import keras


def dense_network(n_in: int, n_out: int, *, widths: tuple[int, ...]) -> "keras.Model":
    """Build dense layers, each with batch normalisation and ReLU, and a linear layer at the end.

    Parameters
    ----------
    n_in, n_out : int
        Numbers that go in and come out.
    widths : tuple of int
        Of the layers between.

    Returns
    -------
    keras.Model
        From (n, n_in) to (n, n_out); not trained yet.
    """
    keras = models.load_keras()
    inputs = x = keras.Input((n_in,))
    for width in widths:
        x = keras.layers.Dense(width, use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=0.9)(x)
        x = keras.layers.ReLU()(x)
    return keras.Model(inputs, keras.layers.Dense(n_out)(x))


def plain_layers(network: "keras.Model") -> list[tuple[np.ndarray, np.ndarray]]:
    """Write a trained :func:`dense_network` as weights and biases; batch normalisation is folded into them."""
    layers = models.load_keras().layers
    dense = [layer.get_weights() for layer in network.layers if isinstance(layer, layers.Dense)]
    norms = [layer for layer in network.layers if isinstance(layer, layers.BatchNormalization)]
    found = []
    for (weights, *_), norm in zip(dense[:-1], norms, strict=True):
        gamma, beta, mean, variance = norm.get_weights()
        gain = gamma / np.sqrt(variance + norm.epsilon)
        found.append((weights * gain, beta - mean * gain))
    return [*found, tuple(dense[-1])]


def through(rows: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Send rows through plain layers, with ReLU between them."""
    for number, (weights, bias) in enumerate(layers):
        rows = (np.maximum(rows, 0) if number else rows) @ weights + bias
    return rows


def convolutional_network(
    shape: tuple[int, int], *, n_filters: tuple[int, ...], n_dims: int
) -> "keras.Model":
    """Build a convolutional autoencoder: steps of two down to a few numbers, and up again.

    Parameters
    ----------
    shape : (n_mels, n_frames)
        Any; what is no multiple of the steps is padded, and cut off at the end.
    n_filters : tuple of int
        Of each halving.
    n_dims : int
        Numbers in the middle: what a window is squeezed into.

    Returns
    -------
    keras.Model
        From (n, n_mels, n_frames) to the same shape; not trained yet.
    """
    keras = models.load_keras()
    layers, step = keras.layers, 2 ** len(n_filters)
    missing = tuple(-size % step for size in shape)
    small = [(size + more) // step for size, more in zip(shape, missing, strict=True)]
    inputs = keras.Input(shape)
    x = layers.ZeroPadding2D(tuple((0, more) for more in missing))(layers.Reshape((*shape, 1))(inputs))
    for width in n_filters:
        x = layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dense(n_dims)(layers.Flatten()(x))
    x = layers.Dense(small[0] * small[1] * n_filters[-1], activation="relu")(x)
    x = layers.Reshape((*small, n_filters[-1]))(x)
    for width in n_filters[-2::-1]:
        x = layers.Conv2DTranspose(width, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Conv2DTranspose(1, 3, strides=2, padding="same")(x)
    x = layers.Cropping2D(tuple((0, more) for more in missing))(x)
    return keras.Model(inputs, layers.Reshape(shape)(x))


def train(
    network: "keras.Model", *, x: np.ndarray, target: np.ndarray, epochs: int, rng: np.random.Generator,
    batch_size: int, learning_rate: float, progress: bool,
) -> list[float]:
    """Train a network to give ``target`` for ``x``, by mean squared error.

    Adam, with a learning rate that falls to zero along a cosine.

    Parameters
    ----------
    network : keras.Model
        With fresh weights.
    x, target : np.ndarray of float32
        One entry for each example.
    epochs, batch_size : int
    rng : np.random.Generator
        Deals the batches.
    learning_rate : float
        At the start.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    list of float
        Mean error of each epoch, as its batches were shown.
    """
    import tensorflow as tf
    from tqdm import tqdm

    keras, n_batches = models.load_keras(), -(-len(x) // batch_size)
    optimiser = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, n_batches * epochs))
    optimiser.build(network.trainable_variables)

    @tf.function(reduce_retracing=True)
    def step(seen, wanted):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(seen, training=True) - wanted))
        variables = network.trainable_variables
        optimiser.apply(tape.gradient(loss, variables), variables)
        return loss

    losses = []
    with tqdm(total=epochs, unit="epoch", desc="learning normal", file=sys.stdout, disable=not progress) as line:
        for _ in range(epochs):
            batches = np.array_split(rng.permutation(len(x)), n_batches)
            each = [float(step(x[rows], target[rows])) * len(rows) for rows in batches]
            losses.append(sum(each) / len(x))
            line.set_postfix(error=f"{losses[-1]:.3f}", refresh=False)
            line.update()
    return losses
