"""The one way to train a network, and to ask it about many windows."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.augment import mixup as blend
from helpers.models.networks import load_keras

if TYPE_CHECKING:
    import keras


def fit(
    model: "keras.Model", x: np.ndarray, y: np.ndarray, *, epochs: int = 25, seed: int = 0,
    mixup: float = 0.0, mix: Callable | None = None, augment: Callable | None = None,
    validation: tuple[np.ndarray, np.ndarray] | None = None, learning_rate: float = 1e-3, batch_size: int = 64,
    positive_weight: float | np.ndarray = 1.0, progress: bool = True,
) -> dict[str, list[float]]:
    """Train a network from fresh weights: a classifier, or one that scores each class by itself.

    The weights are drawn anew from ``seed`` first, so that running a cell twice
    gives the same network twice. Adam, with a learning rate that falls to zero
    along a cosine.

    Parameters
    ----------
    model : keras.Model
        From windows to class probabilities, or to scores of each class.
    x : np.ndarray, shape=(n_windows, ...)
    y : np.ndarray of int, shape=(n_windows,), or of float, shape=(n_windows, ..., n_classes)
        Class index of each window, from 0. Or, in the shape of the network's
        scores, what is present: 1 for yes, 0 for no, several at once if need
        be; such as :func:`helpers.events.targets` for the frames of a scene.
    epochs : int
        Passes through the data.
    seed : int
        The only seed that is set; two runs on one machine agree to rounding.
    mixup : float, at least 0
        Strength of mixup: windows are blended in pairs, with their labels, by a
        share drawn from Beta(mixup, mixup). 0 leaves it out, 0.2 is usual.
    mix : callable, optional
        ``mix(x, y, rng=rng)`` makes other examples with other labels of each
        batch, such as :func:`helpers.augment.overlay`.
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
    positive_weight : float, or np.ndarray of shape (n_classes,)
        Where several classes may be present: how much more a present one
        counts than an absent one. Events are rare, and a network that never
        says yes is right most of the time; above 1 it finds more of them.
    progress : bool
        Whether to show one updating line.

    Returns
    -------
    dict of list
        ``loss`` and ``accuracy`` of each epoch, averaged over its windows as
        they were shown: with dropout, blended where there is mixup, by weights
        that were still changing. ``val_loss`` and ``val_accuracy`` after each
        epoch where there is validation data. No accuracy where each class is
        scored by itself: "never" would reach a high one.

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
    exclusive = y.ndim == 1
    labels = _one_hot(y, model.output_shape[-1]) if exclusive else _present(y, model)
    loss = "categorical_crossentropy" if exclusive else weighted_loss(positive_weight)
    keras.utils.set_random_seed(seed)
    model.compiled = False    # from the last call: a copy would look for its loss by name, and ours has none
    for own, fresh in zip(model.variables, keras.models.clone_model(model).variables, strict=True):
        own.assign(fresh)     # the states of dropout's generators too, which set_weights leaves out
    rng, n_batches = np.random.default_rng(seed), -(-len(x) // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, n_batches * epochs)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"] if exclusive else [],
                  jit_compile=False)
    measures = ("loss", "accuracy") if exclusive else ("loss",)
    history = {name: [] for name in (*measures, *((f"val_{name}" for name in measures) if validation else ()))}
    with _progress_line(epochs, shown=progress) as line:
        for _ in range(epochs):
            measured = np.zeros(len(measures))
            for rows in np.array_split(rng.permutation(len(x)), n_batches):
                seen, wanted = x[rows], labels[rows]
                if mix is not None:
                    seen, wanted = mix(seen, wanted, rng=rng)
                if augment is not None:
                    seen = augment(seen, rng=rng)
                batch = blend(seen, wanted, rng=rng, alpha=mixup)
                measured += np.atleast_1d(np.asarray(model.train_on_batch(*batch), float)) * len(rows) / len(x)
            if validation is not None:
                measured = [*measured, *_measure(model, *validation, loss)]
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


def _present(y: np.ndarray, model: "keras.Model") -> np.ndarray:
    """Hold a table of what is present against the shape of the network's scores."""
    fits = len(model.output_shape) == y.ndim and model.output_shape[-1] == y.shape[-1]
    if not fits or len(y) == 0 or not 0 <= y.min() <= y.max() <= 1:
        came = f"shape {y.shape}" if not fits or len(y) == 0 else f"values from {y.min():g} to {y.max():g}"
        raise checks.InputError(checks.explain(
            f"labels between 0 and 1 in the shape of the network's scores, {model.output_shape}", came,
            "Make them for each window with events.targets(...), and stack them: np.stack(...)", section=checks.ARRAYS))
    return y.astype(np.float32)


def weighted_loss(positive_weight: float | np.ndarray) -> Callable:
    """Make a binary cross-entropy in which what is present counts more than what is absent.

    Parameters
    ----------
    positive_weight : float, or np.ndarray of shape (n_classes,)

    Returns
    -------
    callable
        ``loss(y_true, y_pred)``, one number.
    """
    keras = load_keras()
    weight = np.asarray(positive_weight, np.float32)

    def loss(y_true, y_pred):
        score = keras.ops.clip(y_pred, 1e-7, 1 - 1e-7)
        missed = weight * y_true * keras.ops.log(score)
        return -keras.ops.mean(missed + (1 - y_true) * keras.ops.log(1 - score))
    return loss


def _measure(model: "keras.Model", x: np.ndarray, y: np.ndarray, loss: str | Callable) -> list[float]:
    """Cross-entropy, and accuracy where there is one right class."""
    scores, y = predict(model, x), np.asarray(y)
    if callable(loss):
        return [float(loss(y.astype(np.float32), scores))]
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
    np.ndarray, shape=(n_windows, n_classes) or (n_windows, n_frames, n_classes), range 0 to 1
    """
    x = np.asarray(x, np.float32)
    parts = [model.predict_on_batch(x[start: start + 256]) for start in range(0, len(x), 256)]
    return np.concatenate(parts) if parts else np.empty((0, *model.output_shape[1:]), np.float32)
