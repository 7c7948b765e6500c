"""The house rules for pictures that draw into one pair of axes, for the tests of such pictures."""

from collections.abc import Callable

import matplotlib
import pytest
from matplotlib.axes import Axes

from helpers import checks
from helpers.plots import style


def draws_where_it_is_told(draw: Callable) -> None:
    """``draw(**at)`` takes ``ax`` and ``title``, returns axes, and leaves matplotlib's settings alone."""
    before = dict(matplotlib.rcParams)
    ax = style.new_figure().add_subplot()
    assert draw(ax=ax) is ax
    assert isinstance(draw(), Axes)
    assert draw(title="What is it?").get_title(loc="left") == "What is it?"
    assert dict(matplotlib.rcParams) == before
    with pytest.raises(checks.InputError, match="axes or None"):
        draw(ax=[1])


def can_be_read(ax: Axes) -> None:
    """Text is large enough to be projected, and nothing is cut off."""
    figure = ax.get_figure()
    figure.draw_without_rendering()
    assert min(text.get_size() for text in figure.findobj(matplotlib.text.Text) if text.get_text()) >= 11
    box = figure.get_tightbbox()
    assert min(box.x0, box.y0) >= -0.02
    assert box.x1 <= figure.get_figwidth() + 0.02
    assert box.y1 <= figure.get_figheight() + 0.02
