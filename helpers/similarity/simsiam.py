"""Learning what is alike without any label: SimSiam, small enough for a laptop."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, models
from helpers.metrics.distance import unit, vectors
from helpers.similarity.maps import Similarity, scaler
from helpers.similarity.views import band_statistics, vary

if TYPE_CHECKING:
    import keras

WIDTHS = (256, 128)
"""Of the encoder's layers; the second is what a sound becomes."""


def collapse(found: np.ndarray) -> float:
    """Say how far vectors are from having all become one: 1 is healthy, 0 is collapsed.

    Parameters
    ----------
    found : np.ndarray of floats, shape=(n_items, n_dims)
        Any length; their directions count.

    Returns
    -------
    float, range 0 to 1
        Standard deviation of each dimension over the unit vectors, averaged,
        times the square root of their number. Vectors that point everywhere
        alike have 1 / sqrt(n_dims) in each dimension.

    Raises
    ------
    InputError
        If it is no table of finite floats, or empty.

    Notes
    -----
    The measure by which Chen and He (see :func:`fit_simsiam`) watch for collapse.

    Examples
    --------
    >>> everywhere = np.random.default_rng(0).normal(0, 1, (1000, 64))
    >>> round(collapse(everywhere), 2), collapse(np.ones((10, 64)))
    (1.0, 0.0)
    """
    table = vectors(found, name="vectors")
    if len(table) == 0:
        raise checks.InputError(checks.explain("at least one vector", "none", "Check which rows were chosen",
                                               section=checks.ARRAYS))
    return float(unit(table).std(axis=0).mean() * np.sqrt(table.shape[1]))


def simsiam_loss(predicted, projected, *, stop_gradient: bool = True):
    """Measure how well each view predicts where the other one lies.

    Parameters
    ----------
    predicted, projected : pairs of tensors, each shape=(n_items, n_dims)
        What the predictor says of each view, and where the projector puts it.
    stop_gradient : bool
        Whether the target stands still: only what predicts is moved towards
        it. Without this, all vectors soon are one and the same.

    Returns
    -------
    tensor, one number, range -1 to 1
        Minus the mean cosine; -1 is a perfect prediction.
    """
    ops = models.load_keras().ops

    def cosine(prediction, target):
        target = ops.stop_gradient(target) if stop_gradient else target
        return ops.mean(ops.sum(ops.normalize(prediction) * ops.normalize(target), axis=1))

    return -(cosine(predicted[0], projected[1]) + cosine(predicted[1], projected[0])) / 2


def fit_simsiam(
    log_mels: np.ndarray, clip_index: np.ndarray, *, change: Callable = vary, stop_gradient: bool = True,
    steps: int = 600, batch_size: int = 64, n_dims: int = 64, seed: int = 0, progress: bool = True,
) -> Similarity:
    """Learn without labels: two views of one clip shall predict each other.

    A view is a window of the clip, changed. An encoder and a projector turn
    both into vectors; a small predictor guesses one from the other. What two
    views share is the sound; what the changes take away (colour, background,
    the moment) the encoder learns to ignore. Everything hangs on ``change``.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames), dB
        Windows of all clips, live ones only; not normalised.
    clip_index : np.ndarray of int, shape=(n_windows,)
        Which clip each comes from, as :func:`helpers.windows.split_all` gives it.
    change : callable
        ``change(log_mels, others, rng=rng)``: the windows of a batch as other
        recordings of the same; :func:`vary`, or a function of your own.
    stop_gradient : bool
        As in :func:`simsiam_loss`. Without it the training collapses.
    steps : int
        Batches to train on.
    batch_size : int
        Clips in each; at most as many as there are.
    n_dims : int
        Length of the vectors that are compared in training.
    seed : int
        Of the weights, the views and their changes.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    Similarity
        From :func:`band_statistics` of windows to unit vectors of 128 numbers:
        what the encoder found, standardised. Its ``history`` has the ``loss``
        and the :func:`collapse` of the compared vectors at each step.

    Raises
    ------
    InputError
        If windows and clips differ in number, or there are fewer than two clips.

    Notes
    -----
    Chen and He, "Exploring simple Siamese representation learning", CVPR 2021.
    In miniature: the encoder sees four statistics of each mel band and has two
    dense layers. The projector ends without batch normalisation: that would
    hide a collapse, for it spreads out whatever comes in.
    """
    import tensorflow as tf

    log_mels, clip_index = checks.log_mels(log_mels), np.asarray(clip_index)
    checks.same_length(log_mels=log_mels, clip_index=clip_index)
    members = [np.flatnonzero(clip_index == clip) for clip in np.unique(clip_index)]
    if len(members) < 2:
        raise checks.InputError(checks.explain("windows of at least two clips", str(len(members)),
                                               "One clip alone cannot teach what differs", section=checks.ARRAYS))
    rng, keras = np.random.default_rng(seed), models.load_keras()
    keras.utils.set_random_seed(seed)
    plain = band_statistics(log_mels)
    scale, offset = scaler(plain)
    encoder, projector, predictor = _networks(plain.shape[1], n_dims)
    weights = [*encoder.trainable_variables, *projector.trainable_variables, *predictor.trainable_variables]
    rate = keras.optimizers.schedules.CosineDecay(2e-3, checks.whole(steps, name="steps"))
    optimiser = keras.optimizers.Adam(rate)
    optimiser.build(weights)

    def update(*views):
        with tf.GradientTape() as tape:
            projected = [projector(encoder(view, training=True), training=True) for view in views]
            predicted = [predictor(each, training=True) for each in projected]
            loss = simsiam_loss(predicted, projected, stop_gradient=stop_gradient)
        optimiser.apply(tape.gradient(loss, weights), weights)
        return loss, tf.concat(projected, axis=0)

    # traced once, here: left to itself TensorFlow would look for the source, and warn where many are trained
    batch = tf.TensorSpec((min(batch_size, len(members)), plain.shape[1]), tf.float32)
    step = tf.function(update, autograph=False).get_concrete_function(batch, batch)

    def view(clips: np.ndarray) -> np.ndarray:
        rows = [rng.choice(members[clip]) for clip in clips]
        changed = change(log_mels[rows], log_mels[rng.integers(len(log_mels), size=len(rows))], rng=rng)
        return (band_statistics(changed) @ scale + offset).astype(np.float32)

    history = {"loss": [], "collapse": []}
    with _progress_line(int(steps), shown=progress) as line:
        for _ in range(int(steps)):
            clips = rng.permutation(len(members))[:batch_size]
            loss, projected = step(*(tf.constant(view(clips)) for _ in range(2)))
            history["loss"].append(float(loss))
            history["collapse"].append(collapse(projected.numpy()))
            line.update()
    return _similarity(encoder, plain, history)


def _networks(n_in: int, n_dims: int) -> tuple["keras.Model", "keras.Model", "keras.Model"]:
    """Encoder, projector, predictor."""
    layers, keras = models.load_keras().layers, models.load_keras()

    def dense(width: int) -> list:
        return [layers.Dense(width, use_bias=False), layers.BatchNormalization(momentum=0.9), layers.ReLU()]

    encoder = keras.Sequential([keras.Input((n_in,)), *(layer for width in WIDTHS for layer in dense(width))])
    projector = keras.Sequential([keras.Input((WIDTHS[-1],)), *dense(128), layers.Dense(n_dims)])
    predictor = keras.Sequential([keras.Input((n_dims,)), *dense(n_dims // 2), layers.Dense(n_dims)])
    return encoder, projector, predictor


def _similarity(encoder: "keras.Model", plain: np.ndarray, history: dict[str, list[float]]) -> Similarity:
    """Write the encoder as plain layers: scaling and batch normalisation are folded into the weights."""
    (scale, offset), found = scaler(plain), []
    for dense, norm in zip(encoder.layers[::3], encoder.layers[1::3], strict=True):
        weights, (gamma, beta, mean, variance) = dense.get_weights()[0], norm.get_weights()
        gain = gamma / np.sqrt(variance + norm.epsilon)
        found.append((weights * gain, beta - mean * gain))
    found[0] = scale @ found[0][0], offset @ found[0][0] + found[0][1]
    x = plain.astype(np.float64)
    for weights, bias in found:
        x = np.maximum(x @ weights + bias, 0)
    return Similarity([*found, scaler(x)], "SimSiam", history)


def _progress_line(steps: int, *, shown: bool):
    """One line that is written anew while it trains."""
    from tqdm import tqdm

    return tqdm(total=steps, unit="step", desc="training without labels", file=sys.stdout, disable=not shown)
