"""Networks that say for every frame what sounds in it: the first step of sound event detection."""

from typing import TYPE_CHECKING

from helpers.models.networks import load_keras

if TYPE_CHECKING:
    import keras

UNITS = 32


def frame_cnn(n_mels: int, n_classes: int, *, pool: int = 2, width: int = 16, dropout: float = 0.2) -> "keras.Model":
    """Build a convolutional network that scores every frame by what is near it.

    Two layers look for shapes in the picture, then the frequencies of a frame
    become its features, and a last layer looks at three frames at once. It sees
    about a fifth of a second to each side, and knows nothing of what came before.

    Parameters
    ----------
    n_mels : int
        Bands of the log-mel pictures, at least 16.
    n_classes : int
    pool : int
        Columns of the picture that become one frame of scores.
    width : int
        Filters of the first layer; the second has twice as many.
    dropout : float, range 0 to 1

    Returns
    -------
    keras.Model
        From pictures ``(n_windows, n_mels, n_frames * pool)`` of any length to
        scores ``(n_windows, n_frames, n_classes)`` between 0 and 1, each class
        by itself: events may overlap. Not trained yet.
    """
    keras = load_keras()
    inputs, x = _trunk(keras, n_mels, pool=pool, width=width)
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="sigmoid")(x))


def frame_crnn(
    n_mels: int, n_classes: int, *, pool: int = 2, width: int = 16, units: int = UNITS, dropout: float = 0.2
) -> "keras.Model":
    """Build a convolutional recurrent network: the same eyes, and a memory that runs both ways through the scene.

    Parameters
    ----------
    n_mels, n_classes, pool, width, dropout
        As in :func:`frame_cnn`.
    units : int
        What the memory holds in each direction.

    Returns
    -------
    keras.Model
        As from :func:`frame_cnn`. It looks ahead, so it needs the whole window.

    Notes
    -----
    After Cakir et al., "Convolutional recurrent neural networks for polyphonic
    sound event detection", IEEE/ACM TASLP 25(6), 2017, a good deal smaller.
    """
    keras = load_keras()
    layers = keras.layers
    inputs, x = _trunk(keras, n_mels, pool=pool, width=width)
    x = layers.Dropout(dropout)(x)
    x = layers.Bidirectional(layers.GRU(units, return_sequences=True))(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="sigmoid")(x))


def _trunk(keras, n_mels: int, *, pool: int, width: int) -> tuple:
    """Input, and what the convolutions found: one row of features for each frame."""
    layers = keras.layers
    inputs = keras.Input((n_mels, None))
    x = layers.Reshape((-1, n_mels, 1))(layers.Permute((2, 1))(inputs))        # time first, as recurrence wants it
    for n_filters, size, strides in ((width, 5, (pool, 2)), (2 * width, 3, (1, 2))):
        x = layers.Conv2D(n_filters, size, strides=strides, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D((1, 2))(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)                       # frequencies become features
    x = layers.Conv1D(64, 3, padding="same", use_bias=False)(x)
    return inputs, layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
