"""The network: seven convolutions that make the embedding, and a head that is thrown away after training."""

from helpers import models
from training.recipe import CONVOLUTIONS, SHAPE

keras = models.load_keras()
layers = keras.layers


@keras.saving.register_keras_serializable("training")
class Heights(layers.Layer):
    """Adds a channel that says how high each mel band is, which a convolution cannot see by itself."""

    def call(self, x):
        """From (n, n_mels, n_frames) to (n, n_mels, n_frames, 2)."""
        ops = keras.ops
        height = ops.reshape(ops.linspace(-1.0, 1.0, SHAPE[0]), (1, SHAPE[0], 1))
        return ops.stack([x, ops.zeros_like(x) + height], axis=-1)


def build(n_labels: int) -> tuple["keras.Model", "keras.Model"]:
    """Build the network.

    Parameters
    ----------
    n_labels : int

    Returns
    -------
    embedder : keras.Model
        From windows to embeddings: the last layer averaged over time, four
        bands of frequency kept.
    learner : keras.Model
        From windows to class logits and contrastive vectors; shares its layers.
    """
    inputs = keras.Input(SHAPE)
    x = Heights()(inputs)
    for kernel, stride, n_filters in CONVOLUTIONS:
        x = layers.Conv2D(n_filters, kernel, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))
    overall = [layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)]
    by_height = layers.Flatten(name="embedding")(layers.AveragePooling2D((1, x.shape[2]))(x))
    hidden = layers.Dense(256, use_bias=False)(layers.Concatenate()([*overall, by_height]))
    hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.95)(hidden))
    outputs = {"logits": layers.Dense(n_labels)(hidden), "vectors": layers.Dense(128)(hidden)}
    return keras.Model(inputs, by_height), keras.Model(inputs, outputs)
