"""New log-mel windows from old ones, and blended examples of any kind: stacks in, stacks out."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.augment.sounds import share as unit_share

if TYPE_CHECKING:
    import tensorflow as tf

Step = Callable[..., tuple[np.ndarray, np.ndarray]]


def shift_frames(log_mels: np.ndarray, *, rng: np.random.Generator, max_share: float = 0.5) -> np.ndarray:
    """Move log-mel windows in time, each by its own step; what leaves at one end comes in at the other.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames)
    rng : numpy.random.Generator
    max_share : float, range 0 to 1
        Farthest move as a share of the window.

    Returns
    -------
    np.ndarray, same shape
    """
    log_mels = checks.log_mels(log_mels)
    n_frames = log_mels.shape[-1]
    farthest = int(unit_share(max_share, name="max_share") * n_frames)
    steps = rng.integers(-farthest, farthest, size=len(log_mels), endpoint=True)
    columns = (np.arange(n_frames) - steps[:, None]) % n_frames
    return np.take_along_axis(log_mels, columns[:, None, :], axis=2)


def mask(
    log_mels: np.ndarray, *, rng: np.random.Generator, time_share: float = 0.2, mel_share: float = 0.2
) -> np.ndarray:
    """Hide one stretch of time and one band of frequency of each window behind the window's mean.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames)
    rng : numpy.random.Generator
    time_share, mel_share : float, range 0 to 1
        Widest stretch and band, as shares of the window; 0 hides nothing.

    Returns
    -------
    np.ndarray, same shape

    Notes
    -----
    Park et al., "SpecAugment", Interspeech 2019, without time warping.
    """
    log_mels = checks.log_mels(log_mels)
    n_windows, n_mels, n_frames = log_mels.shape
    hidden = np.zeros(log_mels.shape, bool)
    for widest, length, shape in ((unit_share(time_share, name="time_share"), n_frames, (n_windows, 1, n_frames)),
                                  (unit_share(mel_share, name="mel_share"), n_mels, (n_windows, n_mels, 1))):
        widths = rng.integers(0, int(widest * length), size=(n_windows, 1), endpoint=True)
        starts = (rng.random((n_windows, 1)) * (length - widths + 1)).astype(int)
        place = np.arange(length)
        hidden |= ((place >= starts) & (place < starts + widths)).reshape(shape)
    return np.where(hidden, log_mels.mean(axis=(1, 2), keepdims=True), log_mels)


def mixup(
    x: np.ndarray, y: np.ndarray, *, rng: np.random.Generator, alpha: float = 0.2
) -> tuple[np.ndarray, np.ndarray]:
    """Blend examples in pairs, and their labels in the same proportion.

    Parameters
    ----------
    x : np.ndarray, shape=(n_items, ...)
        Windows, log-mels, embeddings.
    y : np.ndarray, shape=(n_items, n_classes)
        One row of shares for each item, such as one-hot labels.
    rng : numpy.random.Generator
    alpha : float, at least 0
        The share of the first is drawn from Beta(alpha, alpha): 0.2 keeps most
        near 0 or 1, 1 makes all alike, 0 blends nothing.

    Returns
    -------
    x, y : np.ndarray, same shapes
        Each row of ``y`` sums to what it summed to before.

    Notes
    -----
    Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.

    Examples
    --------
    >>> x, y = mixup(np.eye(2), np.eye(2), rng=np.random.default_rng(3))
    >>> y.sum(axis=1).round(6).tolist()
    [1.0, 1.0]
    """
    x, y = np.asarray(x), np.asarray(y)
    checks.same_length(x=x, y=y)
    if alpha == 0:
        return x, y
    own = rng.beta(*[checks.positive(alpha, name="alpha")] * 2, len(x)).astype(np.float32)
    partners = rng.permutation(len(x))
    wide, flat = (own.reshape(-1, *[1] * (array.ndim - 1)) for array in (x, y))
    return wide * x + (1 - wide) * x[partners], flat * y + (1 - flat) * y[partners]


def overlay(
    log_mels: np.ndarray, y: np.ndarray, *, rng: np.random.Generator, share: float = 0.5, level_db: float = 6.0
) -> tuple[np.ndarray, np.ndarray]:
    """Lay recordings over each other: what sounds in either then sounds in both.

    Sound is always a mixture, so this is what a microphone would have heard:
    the powers add. Not the blend of :func:`mixup`, where a label of 0.3 stands
    for a faint picture; here every label stays a whole yes.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames), dB
        Not normalised.
    y : np.ndarray, shape=(n_windows, ..., n_classes), range 0 to 1
        What is present in each window, or in each of its frames.
    rng : numpy.random.Generator
    share : float, range 0 to 1
        How many of the windows get a second one.
    level_db : float, dB
        The second is up to so much louder or softer than it was.

    Returns
    -------
    log_mels, y : np.ndarray, same shapes

    Raises
    ------
    InputError
        If the log-mels are not a stack of finite pictures, or the lengths differ.

    Examples
    --------
    >>> pictures, y = overlay(np.zeros((2, 1, 1)), np.eye(2), rng=np.random.default_rng(0), share=1.0, level_db=0.0)
    >>> pictures.ravel().round(2).tolist(), y.tolist()
    ([3.01, 3.01], [[1.0, 1.0], [1.0, 1.0]])
    """
    log_mels, y = checks.log_mels(log_mels), np.asarray(y)
    checks.same_length(log_mels=log_mels, y=y)
    chosen = np.flatnonzero(rng.random(len(log_mels)) < unit_share(share, name="share"))
    others = (chosen + rng.integers(1, max(2, len(log_mels)), len(chosen))) % len(log_mels)
    louder = rng.uniform(-level_db, level_db, (len(chosen), 1, 1))
    mixed, both = log_mels.copy(), y.copy()
    mixed[chosen] = 10 * np.log10(10 ** (log_mels[chosen] / 10) + 10 ** ((log_mels[others] + louder) / 10))
    both[chosen] = np.maximum(y[chosen], y[others])
    return mixed, both


def batches(
    x: np.ndarray, y: np.ndarray, *, seed: int, steps: Sequence[Step] = (), batch_size: int = 64
) -> "tf.data.Dataset":
    """Shuffle, batch and augment on the fly: each epoch meets other examples.

    Parameters
    ----------
    x : np.ndarray, shape=(n_items, ...)
    y : np.ndarray, shape=(n_items, n_classes)
    seed : int
        Of the order and of every draw.
    steps : sequence of callables
        Each is called as ``step(x, y, rng=rng)`` on one batch and returns the
        new ``x, y``, of the same shapes.
    batch_size : int

    Returns
    -------
    tf.data.Dataset
        Of float32 batches ``(x, y)``, made while the batch before is trained on;
        for ``model.fit``.
    """
    import tensorflow as tf

    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    checks.same_length(x=x, y=y)
    rng = np.random.default_rng(seed)

    def change(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        for step in steps:
            x, y = step(x, y, rng=rng)
        return x.astype(np.float32), y.astype(np.float32)

    def in_graph(x: "tf.Tensor", y: "tf.Tensor") -> tuple["tf.Tensor", "tf.Tensor"]:
        changed = tf.numpy_function(change, (x, y), (tf.float32, tf.float32))
        return tuple(tf.ensure_shape(new, old.shape) for new, old in zip(changed, (x, y), strict=True))

    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    dataset = dataset.shuffle(len(x), seed=seed, reshuffle_each_iteration=True).batch(checks.whole(batch_size,
                                                                                                name="batch_size"))
    return dataset.map(in_graph).prefetch(1)
