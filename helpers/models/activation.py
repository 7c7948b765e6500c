"""Where in a picture a network found what it decided on."""

from typing import TYPE_CHECKING

import numpy as np

from helpers.models.networks import load_keras

if TYPE_CHECKING:
    import keras


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
