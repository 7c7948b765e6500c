"""One look for every figure: colours that all eyes can tell apart, with shapes; text that can be projected.

The settings hold while a figure is drawn and are put back afterwards: nothing
here changes matplotlib for the rest of a notebook.
"""

import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers import checks

COLOURS = {
    "black": "#000000", "orange": "#E69F00", "sky": "#56B4E9", "green": "#009E73",
    "yellow": "#F0E442", "blue": "#0072B2", "vermillion": "#D55E00", "purple": "#CC79A7",
}
"""Okabe and Ito's palette ("Color universal design", 2008), by name."""

SERIES = tuple(COLOURS[name] for name in ("blue", "orange", "green", "purple", "sky", "black"))
"""Colours of classes and groups, in order. Vermillion is missing: it means an error, and nothing else."""

ERROR = COLOURS["vermillion"]
QUIET = "#767676"   # for what is drawn but not meant: 4.5:1 on white
MARKERS = tuple("os^DvP*X<>")
LINES = ("-", "--", "-.", ":")
CMAP = "magma"
TEXT = 11
WIDTH = 8.0   # inches: the width of a notebook's page, and 11 pt text stays 11 pt
RANGE_DB = 80.0

RC = {
    "font.size": TEXT, "axes.labelsize": TEXT, "axes.titlesize": TEXT + 1, "axes.titlelocation": "left",
    "xtick.labelsize": TEXT, "ytick.labelsize": TEXT, "legend.fontsize": TEXT, "legend.frameon": False,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "axes.axisbelow": True,
    "axes.facecolor": "white", "figure.facecolor": "white", "savefig.facecolor": "white", "text.color": "black",
    "axes.labelcolor": "black", "xtick.color": "black", "ytick.color": "black", "axes.edgecolor": "black",
    "lines.linewidth": 1.8, "lines.markersize": 7, "grid.color": "0.88", "axes.titlepad": 8.0,
}

Drawing = TypeVar("Drawing", bound=Callable)


def styled(draw: Drawing) -> Drawing:
    """Draw in the house's look and leave matplotlib's settings as they were."""
    @functools.wraps(draw)
    def wrapper(*args, **kwargs):
        with look():
            return draw(*args, **kwargs)

    return wrapper


@contextmanager
def look() -> Iterator[None]:
    """Set what ``RC`` names, and put back that and nothing else.

    ``matplotlib.rc_context`` would also put back that the first figure of a
    notebook switches on its display, and the second one would not appear.
    """
    before = {name: matplotlib.rcParams[name] for name in RC}
    matplotlib.rcParams.update(RC)
    try:
        yield
    finally:
        matplotlib.rcParams.update(before)


def new_figure(*, width: float = WIDTH, height: float = 3.0) -> Figure:
    """Make a figure, in inches.

    In a notebook it is also handed to pyplot, so that a cell that forgets
    :func:`helpers.plots.show` still shows its figure. Elsewhere it is nobody's
    but the caller's, and gone when the caller lets go of it.
    """
    if _in_notebook():
        from matplotlib import pyplot

        return pyplot.figure(figsize=(width, height), layout="constrained")
    return Figure(figsize=(width, height), layout="constrained")


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this and draws figures into the page."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def new_axes(ax: Axes | None, *, width: float = WIDTH, height: float = 3.0) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure.

    Raises
    ------
    InputError
        If ``ax`` is neither ``None`` nor matplotlib's axes.
    """
    if ax is None:
        return new_figure(width=width, height=height).add_subplot()
    if not isinstance(ax, Axes):
        raise checks.InputError(checks.explain(
            "ax to be matplotlib axes or None", type(ax).__name__,
            "Take one of them if you have several: axes[0]", section=checks.ARRAYS))
    return ax


def finish(ax: Axes, *, title: str | None = None, x: str | None = None, y: str | None = None) -> Axes:
    """Write title and axis labels; ticks made later keep their size, too."""
    if title:
        ax.set_title(title)
    if x is not None:
        ax.set_xlabel(x)
    if y is not None:
        ax.set_ylabel(y)
    ax.tick_params(labelsize=TEXT)
    return ax


def pretty(label: object) -> str:
    """Write a class name for people: spaces for underscores.

    Examples
    --------
    >>> pretty("crying_baby")
    'crying baby'
    """
    return str(label).replace("_", " ")


def titled(things: Mapping, *, name: str = "sound") -> Mapping:
    """Return a dictionary {title: thing} that holds something, or say what is wrong with it.

    Raises
    ------
    InputError
        If it is empty or no dictionary.
    """
    if not isinstance(things, Mapping) or not things:
        raise checks.InputError(checks.explain(
            f"a dictionary {{title: {name}}} with at least one entry",
            "an empty one" if isinstance(things, Mapping) else type(things).__name__,
            "Give every one a title: {'before': ..., 'after': ...}", section=checks.ARRAYS))
    return things


def colour(index: int) -> str:
    """Colour of the class or group at this place."""
    return SERIES[index % len(SERIES)]


def marker(index: int) -> str:
    """Shape that goes with the colour: together they tell thirty classes apart."""
    return MARKERS[index % len(MARKERS)]


def percent(axis) -> None:
    """Show shares on an axis as per cent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g} %"))


def legend_above(ax: Axes, *, columns: int, title: str | None = None) -> None:
    """Put the legend between title and axes, where it hides nothing."""
    n_rows = -(-len(ax.get_legend_handles_labels()[0]) // columns)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2, borderpad=0.2)
    if title:
        ax.set_title(title, pad=12 + 18 * n_rows)


def palette(name: str) -> LinearSegmentedColormap:
    """Colour map from white to one colour on which black text can be read."""
    return LinearSegmentedColormap.from_list(name, ["white", COLOURS[name]])
