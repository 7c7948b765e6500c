"""Networks as LiteRT (TensorFlow Lite) files, in floats or in whole numbers of 8 bits, and how to ask them."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.models import load_keras
from helpers.models.litert import called, interpreter, quietly, unusable, usable

if TYPE_CHECKING:
    import keras

KINDS = ("float", "int8")


def to_litert(
    model: keras.Model, *, kind: str = "float", representative: np.ndarray | None = None, n_frames: int | None = None
) -> bytes:
    """Convert a network to LiteRT, for one window at a time.

    Parameters
    ----------
    model : keras.Model
        One input, one output.
    kind : {"float", "int8"}
        ``"int8"`` stores and computes everything in whole numbers of 8 bits: a
        quarter of the size and of the memory, and all that some devices can do.
        Whether it is faster depends on the processor: measure it. How it
        rounds is decided by what flows through the network for ``representative``.
    representative : np.ndarray, shape=(n_windows, ...)
        Needed for ``"int8"``: a hundred or so inputs of the training set, all
        classes and the quiet ones among them, prepared as for the network.
        Values beyond what they reach are clipped on the device.
    n_frames : int, optional
        Columns of a picture, for networks that take any number.

    Returns
    -------
    bytes
        What belongs into a ``.tflite`` file.

    Raises
    ------
    InputError
        If the kind is unknown, ``representative`` is missing, not finite or of
        another shape, the input has no fixed length, or the network holds what has no
        8-bit form: a front end, or memory (GRU, LSTM).

    Notes
    -----
    Full integer quantisation: Jacob et al., "Quantization and training of
    neural networks for efficient integer-arithmetic-only inference", CVPR 2018.
    """
    checks.one_of(kind, KINDS, name="kind")
    shape = _input_shape(model, n_frames)
    if kind == "int8":
        _has_8_bit_form(model)
        representative = _representative(representative, shape)
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder, _quiet():
        model.export(folder, verbose=False, input_signature=[tf.TensorSpec((1, *shape), tf.float32)])
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if kind == "int8":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([item[np.newaxis]] for item in representative)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = converter.inference_output_type = tf.int8
        return converter.convert()


class LiteModel:
    """A LiteRT model, asked on one thread: floats in, floats out, in whatever numbers it computes.

    Parameters
    ----------
    content : path or bytes
        A ``.tflite`` file, or what is in one.

    Attributes
    ----------
    content : bytes
    input_shape, output_shape : tuple of int
        Of one item.
    quantised : bool
        Whether input and output are 8-bit numbers inside.
    n_bytes : int

    Raises
    ------
    DatasetError
        If the file is missing or no LiteRT model, has several inputs or outputs, or takes several windows at once.
    """

    def __init__(self, content: str | os.PathLike | bytes) -> None:
        self._model = interpreter(content)
        self.content = content if isinstance(content, bytes) else Path(content).read_bytes()
        entries, ends = self._model.get_input_details(), self._model.get_output_details()
        shapes = [[detail["shape"].tolist() for detail in each] for each in (entries, ends)]
        name = called(content)
        if [len(each) for each in shapes] != [1, 1] or any(shape[:1] != [1] for (shape,) in shapes):
            raise unusable(name, got=f"{len(entries)} inputs and {len(ends)} outputs of shapes {shapes}",
                           way_out="Convert a network with one of each, for one window at a time")
        with usable(name, got="one that does not run", way_out="Convert it again: export.to_litert(...)"):
            self._model.invoke()
            self._model.get_tensor(ends[0]["index"])
        self._entry, self._end = entries[0], ends[0]
        self.input_shape = tuple(int(n) for n in self._entry["shape"][1:])
        self.output_shape = tuple(int(n) for n in self._end["shape"][1:])
        self.quantised = self._entry["dtype"] == np.int8
        self.n_bytes = len(self.content)

    def one(self, item: np.ndarray) -> np.ndarray:
        """Score one window: the call for a stream.

        Parameters
        ----------
        item : np.ndarray, shape=input_shape
            Not checked for NaN, to lose no time.

        Returns
        -------
        np.ndarray of float32, shape=output_shape

        Raises
        ------
        InputError
            If the shape is another one.
        """
        item = np.asarray(item)
        if item.shape != self.input_shape:
            raise checks.fail(f"one item of shape {self.input_shape}", f"shape {item.shape}",
                              "Use predict(...) for many; else take the settings of the training")
        self._model.set_tensor(self._entry["index"], _into(item[np.newaxis], self._entry))
        self._model.invoke()
        return _out_of(self._model.get_tensor(self._end["index"])[0], self._end)

    def predict(self, stack: np.ndarray) -> np.ndarray:
        """Score many windows, one after the other: the same bits as :meth:`one` gives.

        Parameters
        ----------
        stack : np.ndarray, shape=(n_windows, *input_shape)

        Returns
        -------
        np.ndarray of float32, shape=(n_windows, *output_shape)

        Raises
        ------
        InputError
            If the shape is another one, or a value is not finite.
        """
        stack = np.asarray(stack)
        if stack.shape[1:] != self.input_shape or stack.ndim == 0:
            raise checks.fail(f"a stack of shape (n_windows, {', '.join(map(str, self.input_shape))})",
                              f"shape {stack.shape}", "Put a single item into a stack: item[np.newaxis]")
        checks.finite(stack, name="stack")
        if len(stack) == 0:
            return np.empty((0, *self.output_shape), np.float32)
        return np.stack([self.one(item) for item in stack])

    def __repr__(self) -> str:
        kind = "int8" if self.quantised else "float"
        return f"<LiteRT {kind}: {self.input_shape} -> {self.output_shape}, {self.n_bytes / 1000:.0f} kB>"


def _into(values: np.ndarray, entry: dict) -> np.ndarray:
    """Floats as the numbers that the model takes."""
    if entry["dtype"] != np.int8:
        return values.astype(entry["dtype"], copy=False)
    scale, zero = entry["quantization"]
    return np.clip(np.round(values / scale) + zero, -128, 127).astype(np.int8)


def _out_of(values: np.ndarray, end: dict) -> np.ndarray:
    """Numbers of the model as floats, in memory of their own."""
    if end["dtype"] != np.int8:
        return values.astype(np.float32)
    scale, zero = end["quantization"]
    return (values.astype(np.float32) - np.float32(zero)) * np.float32(scale)


def _input_shape(model: keras.Model, n_frames: int | None) -> tuple[int, ...]:
    """Shape of one item, with the number of columns put in."""
    shape = model.input_shape[1:] if isinstance(model.input_shape, tuple) else None
    if shape is None or not isinstance(model.output_shape, tuple):
        raise checks.fail("a network with one input and one output", f"{model.input_shape} to {model.output_shape}",
                          "Build a model of the part that the device needs")
    if n_frames is not None and shape[-1] in (None, n_frames):
        shape = (*shape[:-1], checks.whole(n_frames, name="n_frames"))
    if None in shape or (n_frames is not None and shape[-1] != n_frames):
        raise checks.fail("an input of fixed size", f"{shape}, n_frames {n_frames}",
                          "Give n_frames=..., the columns of a picture, where the network leaves them open")
    return shape


def _has_8_bit_form(model: keras.Model) -> None:
    """Refuse what the converter cannot turn into whole numbers, or not without ruin."""
    keras, waiting = load_keras(), [model]
    while waiting:
        layer = waiting.pop()
        waiting += [inner for inner in (*getattr(layer, "layers", []), getattr(layer, "layer", None)) if inner]
        if type(layer).__name__ == "LogMel":
            raise checks.fail("a network from pictures to scores for int8", "one with its front end",
                              "Convert two files, export.front_end(...) in float and the network in int8: "
                              "the powers of a sound span ten decimal places, 8 bits hold two")
        if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
            raise checks.fail("a network without memory for int8", f"the layer {layer.name}",
                              "Use models.frame_cnn(...), or kind='float'")


def _representative(stack: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Check the calibration set."""
    if stack is None:
        raise checks.fail("representative=..., inputs that show which values occur, for kind='int8'", "none",
                          "Give a hundred windows of the training set, prepared as for the network")
    stack = np.asarray(stack)
    if stack.shape[1:] != shape or len(stack) == 0:
        raise checks.fail(f"representative inputs of shape (n_windows, {', '.join(map(str, shape))})",
                          f"shape {stack.shape}", "Take windows of the training set, prepared as for the network")
    return checks.finite(stack, name="representative").astype(np.float32, copy=False)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converter too from writing about its progress."""
    log = logging.getLogger("tensorflow")
    level = log.level
    try:
        with quietly(), contextlib.redirect_stdout(io.StringIO()):
            log.setLevel(logging.ERROR)
            yield
    finally:
        log.setLevel(level)
