"""What a network needs on a microcontroller: flash, memory, work, operators; and the file as C."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.export.graph import Graph, Operator, graphs
from helpers.export.litert import LiteModel
from helpers.models.litert import called, usable

if TYPE_CHECKING:
    import pandas as pd

OPERATORS = Path(__file__).with_name("micro_operators.json")
RESERVED = frozenset((
    "alignas", "alignof", "and", "asm", "auto", "bool", "break", "case", "catch", "char", "class", "const", "continue",
    "default", "delete", "do", "double", "else", "enum", "export", "extern", "false", "float", "for", "friend", "goto",
    "if", "inline", "int", "long", "namespace", "new", "not", "nullptr", "operator", "or", "private", "protected",
    "public", "register", "restrict", "return", "short", "signed", "sizeof", "static", "static_assert", "struct",
    "switch", "template", "this", "thread_local", "throw", "true", "try", "typedef", "typename", "union", "unsigned",
    "using", "virtual", "void", "volatile", "while", "xor"))
"""Words that C or C++ use themselves."""


@dataclass(frozen=True, eq=False)
class MemorySheet:
    """What a device must have to run a LiteRT file.

    Attributes
    ----------
    steps : pd.DataFrame with columns operator, shape, weight_bytes, live_bytes, multiply_adds, micro
        One row an operator, in the order they run: what it makes, the constants it
        brings (each counted where it is used first), the bytes in use while it
        runs, its multiplications with addition, and whether TensorFlow Lite Micro has it.
    flash_bytes : int
        The whole file, which stays in read-only memory.
    arena_bytes : int
        Working memory: the most that is in use at one time. A lower bound, see
        :func:`memory_sheet`.
    multiply_adds : int
        For one window.
    missing : tuple of str
        Operators that TensorFlow Lite Micro does not have; empty if it can run the file.
    """

    steps: pd.DataFrame
    flash_bytes: int
    arena_bytes: int
    multiply_adds: int
    missing: tuple[str, ...]

    def __str__(self) -> str:
        lacking = f"lacks {', '.join(self.missing)}" if self.missing else "has all operators"
        return (f"flash {self.flash_bytes / 1024:.0f} KiB, memory {self.arena_bytes / 1024:.0f} KiB or more, "
                f"{self.multiply_adds / 1e6:.2f} million multiply-adds a window; TensorFlow Lite Micro {lacking}")


def memory_sheet(content: str | os.PathLike | bytes) -> MemorySheet:
    """Estimate what a LiteRT file needs on a device, from its tensors.

    Parameters
    ----------
    content : path or bytes

    Returns
    -------
    MemorySheet

    Raises
    ------
    DatasetError
        If it is no LiteRT model.

    Notes
    -----
    ``arena_bytes`` adds the tensors that must exist at one time, each rounded up to 16 bytes.
    The real arena holds also what the runtime keeps for each tensor and what
    its kernels scribble on: plan for a fifth more, then read
    ``interpreter.arena_used_bytes()`` on the device. The runtime's own code takes
    flash too, some 50 to 100 KiB. Multiply-adds are those of convolutions and
    matrices; the rest is small beside them. Of networks with memory, one step of
    what they repeat is counted.

    The two ways to a microcontroller:

    - **TensorFlow Lite Micro**, on any processor of 32 bits: make a C array of the int8 file
      (:func:`c_array`), register the operators of ``steps``, give it an arena.
      Which operators it has stands in ``micro_operators.json``, with its source;
      a name there does not promise every type of number: LOG and the front
      end's others run in floats.
    - **STM32 with X-CUBE-AI** (STM32Cube.AI, by ST): the ``.tflite`` or ``.keras``
      file is chosen in STM32CubeMX, which analyses flash and memory, writes C,
      and checks its answers against the file on the device.

    Either way the front end is the part to check first: a file made by
    :func:`helpers.export.with_front_end` holds it, other files leave it to the firmware.
    """
    import pandas as pd

    model = LiteModel(content)
    with usable(called(content), got="one whose steps cannot be read",
                way_out="Convert it again: export.to_litert(...)"):
        inside, known = graphs(model.content), micro_operators()
        rows = [row for graph in inside for row in _rows(graph)]
    steps = pd.DataFrame(rows, columns=["operator", "shape", "weight_bytes", "live_bytes", "multiply_adds"])
    steps["micro"] = steps["operator"].isin(known)
    return MemorySheet(
        steps=steps, flash_bytes=model.n_bytes, arena_bytes=sum(max(graph.live_bytes()) for graph in inside),
        multiply_adds=int(steps["multiply_adds"].sum()),
        missing=tuple(sorted(set(steps.loc[~steps["micro"], "operator"]))))


@lru_cache(maxsize=1)
def micro_operators() -> frozenset[str]:
    """List the operators that TensorFlow Lite Micro has, from the committed file that names its source.

    Returns
    -------
    frozenset of str
    """
    return frozenset(json.loads(OPERATORS.read_text("utf-8"))["builtin"])


def c_array(content: bytes, *, name: str = "model") -> str:
    """Write a file as an array in C, to be compiled into the firmware.

    Parameters
    ----------
    content : bytes
        For example of :func:`to_litert`.
    name : str
        Of the array; the number of bytes is called ``NAME_len``.

    Returns
    -------
    str
        Source for C11 and C++11. The array is constant, so it stays in flash,
        and begins at a multiple of 16 bytes, as the runtime wants it.

    Raises
    ------
    InputError
        If there are no bytes, or the name is none in C.

    Examples
    --------
    >>> print(c_array(b"TFL3", name="dogs"))
    #include <stdalign.h>
    <BLANKLINE>
    extern const unsigned char dogs[];
    extern const unsigned int dogs_len;
    <BLANKLINE>
    alignas(16) const unsigned char dogs[] = {
        0x54, 0x46, 0x4c, 0x33,
    };
    const unsigned int dogs_len = 4;
    <BLANKLINE>
    """
    if not isinstance(content, bytes) or not content:
        raise checks.fail("the bytes of a file", "none" if isinstance(content, bytes) else type(content).__name__,
                          "Read it: Path(...).read_bytes()")
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or name in RESERVED:
        raise checks.fail("a name of letters, digits and underscores that C does not use itself", repr(name),
                          "Take a name such as dog_model")
    lines = (content[start: start + 12] for start in range(0, len(content), 12))
    body = "\n".join("    " + " ".join(f"0x{byte:02x}," for byte in line) for line in lines)
    return (f"#include <stdalign.h>\n\n"
            f"extern const unsigned char {name}[];\nextern const unsigned int {name}_len;\n\n"
            f"alignas(16) const unsigned char {name}[] = {{\n{body}\n}};\n"
            f"const unsigned int {name}_len = {len(content)};\n")


def _rows(graph: Graph) -> Iterator[tuple]:
    """Describe each step of a graph."""
    counted: set[int] = set()
    for operator, live in zip(graph.operators, graph.live_bytes(), strict=False):
        new = {number for number in operator.inputs if graph.tensors[number].constant} - counted
        counted |= new
        made = graph.tensors[operator.outputs[0]].shape if operator.outputs else ()
        yield (operator.name, made, sum(graph.tensors[number].n_bytes for number in new), live,
               _multiply_adds(operator, graph))


def _multiply_adds(operator: Operator, graph: Graph) -> int:
    """Count multiplications with addition, where they are many."""
    shapes = [graph.tensors[number].shape for number in operator.inputs]
    each = {"CONV_2D": lambda: np.prod(shapes[1][1:]), "DEPTHWISE_CONV_2D": lambda: np.prod(shapes[1][1:3]),
            "FULLY_CONNECTED": lambda: shapes[1][-1], "BATCH_MATMUL": lambda: shapes[0][-1]}.get(operator.name)
    if operator.name == "TRANSPOSE_CONV":        # every value that comes in meets the whole kernel
        return int(np.prod(shapes[2]) * np.prod(shapes[1][:3]))
    return int(np.prod(graph.tensors[operator.outputs[0]].shape) * each()) if each else 0
