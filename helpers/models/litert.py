"""LiteRT (TensorFlow Lite) files: opened on one thread, run on one item after the other, without TensorFlow."""

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers import checks


def interpreter(model: str | os.PathLike | bytes, *, inside: bool = False):
    """Open a LiteRT model on one thread.

    Parameters
    ----------
    model : path or bytes
        A ``.tflite`` file, or what is in one.
    inside : bool
        Keep the values of every layer, to be read.

    Returns
    -------
    ai_edge_litert.interpreter.Interpreter

    Raises
    ------
    DatasetError
        If the file is missing or no LiteRT model.
    """
    name, source = "what was given", {"model_content": model}
    if not isinstance(model, bytes):
        name, source = str(model), {"model_path": str(model)}
        if not Path(model).is_file():
            raise unusable(name, got="no file", way_out="Check the name and the folder")
    from ai_edge_litert.interpreter import Interpreter

    try:
        with quietly():
            opened = Interpreter(**source, num_threads=1, experimental_preserve_all_tensors=inside)
            opened.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = (str(error).strip().splitlines() or ["an unreadable file"])[0]
        raise unusable(name, got=reason[:120], way_out="Download or convert it again") from error
    return opened


def run_each(model, stack: np.ndarray, *tensors: int) -> list[np.ndarray]:
    """Run a LiteRT model on one item after the other.

    Parameters
    ----------
    model : ai_edge_litert.interpreter.Interpreter
        With a single input.
    stack : np.ndarray, shape=(n_items, ...)
        Each item holds as many numbers as the input of the model.
    *tensors : int
        Which tensors to read.

    Returns
    -------
    list of np.ndarray, each shape=(n_items, *shape of the tensor)
        Empty where the stack is.
    """
    (entry,) = model.get_input_details()
    rows: list[list[np.ndarray]] = [[] for _ in tensors]
    for item in stack:
        model.set_tensor(entry["index"], item.reshape(entry["shape"]))
        model.invoke()
        for row, tensor in zip(rows, tensors, strict=True):
            row.append(model.get_tensor(tensor))
    return [np.stack(row) if row else model.get_tensor(tensor)[np.newaxis][:0]
            for row, tensor in zip(rows, tensors, strict=True)]


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep the runtime, which no setting silences, from writing about itself; faults still raise."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "w") as nowhere, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def unusable(name: str, *, got: str, way_out: str) -> checks.DatasetError:
    """Make the error for a file that is no model, or not the one that is needed."""
    return checks.DatasetError(checks.explain(f"a LiteRT model in {name}", got, way_out, section=checks.DATA_SETS))
