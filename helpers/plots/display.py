"""Put a figure on the page: once, with a sentence that says what it shows, and closed afterwards."""

import base64
import io
import sys
from collections.abc import Iterable
from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import checks
from helpers.plots.style import look

DPI = 144            # one and a half dots for each of the browser's 96: crisp on a projector
MOST_BYTES = 150_000

_FIGURE = """<figure style="margin:0.5rem 0; max-width:{width}px;">
<img alt="{summary}" width="{width}" style="max-width:100%; height:auto; background:white;" src="{source}">
<figcaption style="margin-top:0.25rem;">{summary}</figcaption>
</figure>"""


def show(drawing: Axes | Figure | Iterable[Axes], summary: str) -> None:
    """Show a figure in the notebook with one sentence that says what is in it.

    The sentence stands below the figure and is its alternative text, so that
    nothing is only visible. The figure is closed: it appears once, and takes
    no memory afterwards. Outside a notebook nothing is shown.

    Parameters
    ----------
    drawing : Axes, Figure, or several Axes of one figure
        What a function of :mod:`helpers.plots` returned.
    summary : str
        What the figure shows, in one line.

    Raises
    ------
    InputError
        If there is no figure, or no summary.
    """
    figure = _figure_of(drawing)
    if not isinstance(summary, str) or not summary.strip():
        raise checks.InputError(checks.explain(
            "a summary of the figure in one line", repr(summary),
            "Say what it shows to somebody who cannot see it", section=checks.NOTEBOOKS))
    summary = " ".join(summary.split())
    close(figure)
    display = _display()
    if display is not None:
        display({"text/html": to_html(figure, summary), "text/plain": summary}, raw=True)


def to_png(figure: Figure, *, dpi: int = DPI, most_bytes: int = MOST_BYTES) -> bytes:
    """Draw a figure as PNG; one that would be too heavy gets 256 colours.

    Parameters
    ----------
    figure : Figure
    dpi : int
        Dots per inch.
    most_bytes : int
        Above this the picture is reduced to a palette, which nobody sees.

    Returns
    -------
    bytes
    """
    memory = io.BytesIO()
    with look():
        figure.savefig(memory, format="png", dpi=dpi, metadata={"Software": None})
    if memory.tell() <= most_bytes:
        return memory.getvalue()
    from PIL import Image

    small = io.BytesIO()
    with Image.open(memory) as picture:
        # maximum coverage keeps rare colours, such as the ends of a colour bar; the default merges them
        palette = picture.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        palette.save(small, format="PNG", optimize=True)
    return small.getvalue()


def to_html(figure: Figure, summary: str) -> str:
    """Write a figure as HTML that needs nothing beside itself."""
    source = "data:image/png;base64," + base64.b64encode(to_png(figure)).decode("ascii")
    return _FIGURE.format(summary=escape(summary), width=round(figure.get_figwidth() * 96), source=source)


def close(figure: Figure) -> None:
    """Take a figure out of pyplot's hands, if it is there: the notebook would show it once more."""
    if "matplotlib.pyplot" in sys.modules:
        from matplotlib import pyplot

        pyplot.close(figure)


def _figure_of(drawing: object) -> Figure:
    if isinstance(drawing, (list, tuple, np.ndarray)) and len(drawing):
        drawing = np.ravel(np.asarray(drawing, dtype=object))[0]
    if isinstance(drawing, Axes):
        drawing = drawing.get_figure(root=True)
    if not isinstance(drawing, Figure):
        raise checks.InputError(checks.explain(
            "a figure or its axes", type(drawing).__name__,
            "Give what the plot returned: plots.show(plots.waveform(audio, sr=sr), '...')", section=checks.NOTEBOOKS))
    return drawing


def _display():
    """IPython's display function where a notebook or IPython runs, else None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import display

    return display if get_ipython() is not None else None
