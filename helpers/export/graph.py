"""What is inside a LiteRT file: its operators in their order, their tensors, and which tensors live at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BYTES = {"FLOAT32": 4, "FLOAT16": 2, "INT32": 4, "UINT8": 1, "INT64": 8, "BOOL": 1, "INT16": 2, "INT8": 1,
         "FLOAT64": 8, "UINT64": 8, "UINT32": 4, "UINT16": 2, "COMPLEX64": 8, "COMPLEX128": 16}
ALIGNMENT = 16
"""Bytes at which tensors begin in the arena of TensorFlow Lite Micro."""


@dataclass(frozen=True)
class Tensor:
    """One array: its shape, its size, and whether its values stand in the file."""

    shape: tuple[int, ...]
    n_bytes: int
    constant: bool


@dataclass(frozen=True)
class Operator:
    """One step of the computation, with the numbers of its tensors."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Steps in their order, the first graph being the model and others what it repeats."""

    operators: tuple[Operator, ...]
    tensors: tuple[Tensor, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def live_bytes(self) -> list[int]:
        """Count the bytes that must lie in memory during each step.

        Returns
        -------
        list of int
            One number a step: all tensors that were made before it or by it, and are needed
            by it or later.
        """
        last = len(self.operators) - 1
        born, dies = dict.fromkeys(self.inputs, 0), dict.fromkeys(self.outputs, last)
        for step, operator in enumerate(self.operators):
            for tensor in operator.outputs:
                born.setdefault(tensor, step)
                dies.setdefault(tensor, step)
            for tensor in operator.inputs:
                dies[tensor] = max(dies.get(tensor, step), step)
        live = np.zeros(max(1, len(self.operators)), int)
        for tensor, first in born.items():
            rounded = -(-self.tensors[tensor].n_bytes // ALIGNMENT) * ALIGNMENT
            live[first: dies.get(tensor, first) + 1] += rounded
        return live.tolist()


def graphs(content: bytes) -> list[Graph]:
    """Read the graphs of a LiteRT file.

    Parameters
    ----------
    content : bytes
        Of a valid file, as :class:`helpers.export.LiteModel` makes sure.

    Returns
    -------
    list of Graph
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content)
    kinds = {number: name for name, number in vars(schema.TensorType).items() if isinstance(number, int)}
    codes = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    names = [code.customCode.decode() if code.customCode
             else codes[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
    return [Graph(
        operators=tuple(Operator(names[step.opcodeIndex], _there(step.inputs), _there(step.outputs))
                        for step in (graph.operators if graph.operators is not None else ())),
        tensors=tuple(_tensor(tensor, model.buffers, kinds) for tensor in graph.tensors),
        inputs=_there(graph.inputs), outputs=_there(graph.outputs)) for graph in model.subgraphs]


def _there(numbers) -> tuple[int, ...]:
    """Numbers of tensors; -1 stands for one that is left out."""
    return tuple(int(number) for number in (numbers if numbers is not None else ()) if number >= 0)


def _tensor(tensor, buffers: list, kinds: dict[int, str]) -> Tensor:
    shape = tuple(int(n) for n in (tensor.shape if tensor.shape is not None else ()))
    data = buffers[tensor.buffer].data
    constant = data is not None and len(data) > 0
    n_bytes = len(data) if constant else int(np.prod(shape)) * BYTES.get(kinds[tensor.type], 4)
    return Tensor(shape, n_bytes, constant)
