"""LiteRT (TensorFlow Lite) files: opened on one thread, run on one item after the other, without TensorFlow."""

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from helpers import arrays, checks


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
    name, source = called(model), {"model_content": model}
    if not isinstance(model, bytes):
        source = {"model_path": str(model)}
        if not Path(model).is_file():
            raise unusable(name, got="no file", way_out="Check the name and the folder")
    from ai_edge_litert.interpreter import Interpreter

    with usable(name, way_out="Download or convert it again"):
        _consistent(model if isinstance(model, bytes) else Path(model).read_bytes())
        with quietly():
            opened = Interpreter(**source, num_threads=1, experimental_preserve_all_tensors=inside)
            opened.allocate_tensors()
    return opened


def _consistent(content: bytes) -> None:
    """Refuse a file whose parts point to others that are not there: the runtime trusts them, and would crash."""
    from ai_edge_litert import schema_py_generated as schema

    if content[4:8] != b"TFL3":
        raise ValueError("a file without the mark of LiteRT")
    model = schema.Model.GetRootAs(content)
    graphs = [model.Subgraphs(i) for i in range(model.SubgraphsLength())]
    if not graphs:
        raise ValueError("no graph in it")
    for graph in graphs:
        tensors = [graph.Tensors(i) for i in range(graph.TensorsLength())]
        steps = [graph.Operators(i) for i in range(graph.OperatorsLength())]
        ends = [graph.InputsAsNumpy(), graph.OutputsAsNumpy()]
        used = [numbers for step in steps for numbers in (step.InputsAsNumpy(), step.OutputsAsNumpy())]
        for numbers, least in [*((each, 0) for each in ends), *((each, -1) for each in used)]:
            if np.size(numbers) and not least <= np.min(numbers) <= np.max(numbers) < len(tensors):
                raise ValueError("a step between arrays that are not there")
        if any(tensor.Buffer() >= max(1, model.BuffersLength()) for tensor in tensors):
            raise ValueError("an array without its values")
        if any(step.OpcodeIndex() >= model.OperatorCodesLength() for step in steps):
            raise ValueError("a step of no kind")


@contextlib.contextmanager
def usable(name: str, *, way_out: str, got: str = "") -> Iterator[None]:
    """Turn what is raised on a file of another form into one error.

    Parameters
    ----------
    name : str
        Of the file.
    way_out : str
        What to do about it.
    got : str
        What it is, before the reason in brackets; the reason alone where not given.

    Raises
    ------
    DatasetError
        In place of what the runtime and its reader raise.
    """
    try:
        yield
    except arrays.MALFORMED as error:
        reason = (str(error).strip().splitlines() or ["an unreadable file"])[0][:120]
        raise unusable(name, got=f"{got} ({reason})" if got else reason, way_out=way_out) from error


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


def called(model: str | os.PathLike | bytes) -> str:
    """Name of a model in messages: its path, if it has one."""
    return "what was given" if isinstance(model, bytes) else str(model)


def unusable(name: str, *, got: str, way_out: str) -> checks.DatasetError:
    """Make the error for a file that is no model, or not the one that is needed."""
    return checks.DatasetError(checks.explain(f"a LiteRT model in {name}", got, way_out, section=checks.DATA_SETS))
