"""Learn when something sounds from labels that only say that it does: pool the scores of frames into one of the clip.

The network scores every frame, as :func:`helpers.models.frame_cnn` does, but it is
told only what its clip holds (weak labels) or how often (counts). Pooling stands
between the two; once trained, :func:`frame_model` reads the frames.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from helpers import checks
from helpers.augment import overlay
from helpers.models.frames import _trunk
from helpers.models.networks import load_keras

if TYPE_CHECKING:
    import keras

POOLINGS = ("max", "mean", "linear-softmax", "attention")
FRAMES = "frames"
STEEPNESS = 3.0
"""How sharply the answer to "at least k?" turns at k - 1/2 events; of their logarithm, for at first there are many."""
TINY = 1e-7


def pool_frames(scores: Any, attention: Any = None, *, how: str) -> Any:
    """Make one score for each class of a clip from the scores of its frames.

    Parameters
    ----------
    scores : array or tensor, shape=(n_clips, n_frames, n_classes), range 0 to 1
    attention : array or tensor, same shape, optional
        For ``"attention"``: how much each frame matters, before the softmax.
    how : {"max", "mean", "linear-softmax", "attention"}
        ``"max"``: the clip is as sure as its surest frame, and only that frame
        learns. ``"mean"``: every frame learns alike, as if an event had to fill
        the clip. ``"linear-softmax"``: a mean in which each frame weighs as
        much as its own score. ``"attention"``: the weights are learned too.

    Returns
    -------
    tensor, shape=(n_clips, n_classes), range 0 to 1

    Raises
    ------
    InputError
        If ``how`` is none of these, or attention is asked for without weights.

    Notes
    -----
    Compared by Wang, Li and Metze, "A comparison of five multiple instance
    learning pooling functions for sound event detection with weak labeling",
    ICASSP 2019. Learned weights: Kong et al., "Audio set classification with
    attention model", ICASSP 2018.

    Examples
    --------
    >>> scores = np.array([[[0.1], [0.9], [0.2]]])
    >>> [round(float(pool_frames(scores, how=how)[0, 0]), 3) for how in ("max", "mean", "linear-softmax")]
    [0.9, 0.4, 0.717]
    """
    checks.one_of(how, POOLINGS, name="how")
    if how == "attention" and attention is None:
        raise checks.InputError(checks.explain(
            "weights for each frame", "none", "Give attention, or choose another way", section=checks.ARRAYS))
    ops = load_keras().ops
    if how == "max":
        return ops.max(scores, axis=1)
    if how == "mean":
        return ops.mean(scores, axis=1)
    if how == "linear-softmax":
        return ops.sum(scores * scores, axis=1) / (ops.sum(scores, axis=1) + TINY)
    return ops.sum(ops.softmax(attention, axis=1) * scores, axis=1)


def weak_cnn(
    n_mels: int, n_classes: int, *, pooling: str = "linear-softmax", pool: int = 2, width: int = 16,
    dropout: float = 0.2,
) -> "keras.Model":
    """Build the network of :func:`helpers.models.frame_cnn` with one score for each class of a whole clip.

    Parameters
    ----------
    n_mels, n_classes, pool, width, dropout
        As in :func:`helpers.models.frame_cnn`.
    pooling : {"max", "mean", "linear-softmax", "attention"}
        As in :func:`pool_frames`.

    Returns
    -------
    keras.Model
        From pictures ``(n_clips, n_mels, n_frames * pool)`` to clip scores
        ``(n_clips, n_classes)``; train it with :func:`helpers.models.fit` on
        what each clip holds, and read its frames with :func:`frame_model`.

    Raises
    ------
    InputError
        If the pooling is unknown.
    """
    checks.one_of(pooling, POOLINGS, name="pooling")
    keras = load_keras()
    inputs, x, scores = _frames(n_mels, n_classes, pool=pool, width=width, dropout=dropout)
    weights = keras.layers.Dense(n_classes, name="attention")(x) if pooling == "attention" else None
    return keras.Model(inputs, pool_frames(scores, weights, how=pooling))


def count_cnn(
    n_mels: int, n_classes: int, *, usual_frames: np.ndarray, most: int = 4, pool: int = 2, width: int = 16,
    dropout: float = 0.2,
) -> "keras.Model":
    """Build the same network, with the answers to "at least one? at least two? ..." for each class of a clip.

    The first answer is the linear softmax of the frames, as for a weak label.
    The others come from :func:`expected_counts`.

    Parameters
    ----------
    n_mels, n_classes, pool, width, dropout
        As in :func:`helpers.models.frame_cnn`.
    usual_frames : np.ndarray, shape=(n_classes,), frames
        How long an event of each class usually is.
    most : int
        The last question is "at least so many?".

    Returns
    -------
    keras.Model
        From pictures to ``(n_clips, most, n_classes)``; train it with
        :func:`helpers.models.fit` on :func:`count_ladder`, and read its frames
        with :func:`frame_model`.

    Raises
    ------
    InputError
        If there is not one length above 0 for each class.
    """
    keras = load_keras()
    ops = keras.ops
    inputs, _, scores = _frames(n_mels, n_classes, pool=pool, width=width, dropout=dropout)
    answers = ops.expand_dims(pool_frames(scores, how="linear-softmax"), 1)
    expected = ops.expand_dims(expected_counts(scores, usual_frames=usual_frames), 1)
    if checks.whole(most, name="most") > 1:
        halves = np.arange(2, most + 1, dtype=np.float32)[:, np.newaxis] - 0.5     # between one count and the next
        more = ops.sigmoid(STEEPNESS * (ops.log(expected + 1e-3) - np.log(halves)))
        answers = ops.concatenate([answers, more], axis=1)
    return keras.Model(inputs, answers)


def expected_counts(scores: Any, *, usual_frames: np.ndarray) -> Any:
    """Guess how many events there are from how much time the scores fill: that time over the usual length of one.

    Parameters
    ----------
    scores : array or tensor, shape=(n_clips, n_frames, n_classes), range 0 to 1
        They are squared, so that many a little sure do not make one event.
    usual_frames : np.ndarray, shape=(n_classes,), frames

    Returns
    -------
    tensor, shape=(n_clips, n_classes)

    Raises
    ------
    InputError
        If there is not one length above 0 for each class.

    Examples
    --------
    >>> scores = np.array([[[0.0], [1.0], [1.0], [0.0], [1.0], [1.0]]])
    >>> float(expected_counts(scores, usual_frames=np.array([2.0]))[0, 0])
    2.0
    """
    usual = np.asarray(usual_frames, np.float32)
    if usual.shape != (scores.shape[-1],) or not (usual > 0).all():
        raise checks.InputError(checks.explain(
            "the usual length of an event of each class, in frames", f"{usual_frames!r}",
            "(events.offset - events.onset).groupby(events.label).mean() / hop, in the order of the classes",
            section=checks.ARRAYS))
    return load_keras().ops.sum(scores * scores, axis=1) / usual


def count_ladder(counts: np.ndarray, *, most: int = 4) -> np.ndarray:
    """Turn counts into answers to "at least one? at least two? ...".

    Parameters
    ----------
    counts : np.ndarray of int, shape=(n_clips, n_classes)
    most : int
        Larger counts look like this one.

    Returns
    -------
    np.ndarray of float32, shape=(n_clips, most, n_classes), 0 or 1

    Examples
    --------
    >>> count_ladder(np.array([[2, 0]]), most=3)[0].T.tolist()
    [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    steps = np.arange(1, checks.whole(most, name="most") + 1)[:, np.newaxis]
    return (np.asarray(counts)[:, np.newaxis, :] >= steps).astype(np.float32)


def overlay_counts(log_mels: np.ndarray, ladder: np.ndarray, *, rng: np.random.Generator) -> tuple:
    """Lay clips over each other, as :func:`helpers.augment.overlay` does, and add up what was counted in them.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_clips, n_mels, n_frames), dB
    ladder : np.ndarray, shape=(n_clips, most, n_classes)
        From :func:`count_ladder`.
    rng : numpy.random.Generator

    Returns
    -------
    log_mels, ladder : np.ndarray, same shapes
    """
    mixed, whose = overlay(log_mels, np.eye(len(log_mels)), rng=rng)
    counts = whose @ np.asarray(ladder).sum(axis=1)
    return mixed, count_ladder(counts, most=np.shape(ladder)[1])


def frame_model(model: "keras.Model") -> "keras.Model":
    """Open a network that was trained on whole clips, and read the scores of its frames.

    Parameters
    ----------
    model : keras.Model
        From :func:`weak_cnn` or :func:`count_cnn`. Its weights are shared, not
        copied.

    Returns
    -------
    keras.Model
        As :func:`helpers.models.frame_cnn` returns it.
    """
    return load_keras().Model(model.inputs, model.get_layer(FRAMES).output)


def _frames(n_mels: int, n_classes: int, *, pool: int, width: int, dropout: float) -> tuple:
    """Input, the features of each frame, and its scores."""
    keras = load_keras()
    inputs, x = _trunk(keras, n_mels, pool=pool, width=width)
    x = keras.layers.Dropout(dropout)(x)
    return inputs, x, keras.layers.Dense(n_classes, activation="sigmoid", name=FRAMES)(x)
