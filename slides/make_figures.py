"""Draw the figures of the decks: ``python -m slides.make_figures`` draws all, with names some.

A figure is drawn when a deck asks for it, by the functions of :mod:`helpers.plots` that the notebooks use. It is kept
in ``slides/build/figures`` until the code or the results that it was made from change.
"""

import functools
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from benchmarks import results
from helpers import files, plots
from slides import decks

MODULES = ("sound", "classify", "events", "machines", "search")
KEPT = decks.FOLDER / "build" / "figures"
DPI = 160


def modules() -> list[ModuleType]:
    """Where figures are defined."""
    return [importlib.import_module(f"slides.figures.{name}") for name in MODULES]


def names() -> dict[str, tuple[Callable, ModuleType]]:
    """Every figure: the function that draws it, and its module."""
    return {draw.__name__: (draw, module) for module in modules() for draw in module.FIGURES}


@functools.cache
def made_from(module: ModuleType) -> str:
    """Key of everything that the figures of a module depend on."""
    own = f"slides/figures/{module.__name__.rsplit('.', 1)[-1]}.py"
    code = results.source_hash([own, "helpers/plots", *module.SOURCES])
    measured = [(results.FOLDER / f"{name}.json").read_text("utf-8") for name in module.RESULTS]
    return files.key(code=code, measured=measured)


def figure(name: str) -> Path:
    """Draw a figure, unless it stands there and nothing has changed; its file.

    Raises
    ------
    KeyError
        If there is no such figure.
    """
    if name not in names():
        raise KeyError(f"no figure is called {name!r}; there are {sorted(names())}")
    draw, module = names()[name]
    path, stamp, key = KEPT / f"{name}.png", KEPT / f"{name}.json", made_from(module)
    if path.exists() and stamp.exists() and json.loads(stamp.read_text("utf-8")) == key:
        return path
    KEPT.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as temporary:
        temporary.write_bytes(plots.to_png(figure_of(draw()), dpi=DPI, most_bytes=250_000))
    files.write_text(stamp, json.dumps(key))
    return path


def figure_of(drawing):
    """Return the figure of what a plot returned: axes, several of them, or the figure itself."""
    first = drawing.flat[0] if hasattr(drawing, "flat") else drawing
    return first.get_figure(root=True) if hasattr(first, "get_figure") else first


if __name__ == "__main__":
    for one in sys.argv[1:] or sorted(names()):
        print(figure(one).relative_to(decks.FOLDER.parent), flush=True)
