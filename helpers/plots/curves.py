"""How much a little more data is worth: accuracy over the number of examples."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from helpers import checks
from helpers.plots import style


@style.styled
def learning_curve(
    curves: Mapping[str, Mapping[int, float | Sequence[float]]], *, chance: float | None = None,
    x: str = "Clips of each class to learn from", y: str = "Accuracy", title: str | None = None, ax: Axes | None = None,
) -> Axes:
    """Draw one line for each method, over the number of examples it had.

    Parameters
    ----------
    curves : dict, name to {number of examples: values of range 0 to 1}
        One value for each seed or draw, or a single number; the line goes
        through the means, a bar shows the lowest and the highest.
    chance : float, optional
        What guessing would reach.
    x, y : str
        What is counted, and what is measured.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If there is no curve, or one has no point.
    """
    curves = style.titled(curves, name="curves")
    ax = style.new_axes(ax, height=3.6)
    every_size: set[int] = set()
    for number, (name, points) in enumerate(curves.items()):
        if not points:
            raise checks.InputError(checks.explain(
                f"at least one point for {name!r}", "none", "Leave out what was not measured", section=checks.ARRAYS))
        sizes = sorted(points)
        values = [checks.finite(np.atleast_1d(np.asarray(points[size], float)), name=f"the values of {name!r}")
                  for size in sizes]
        means = np.array([each.mean() for each in values])
        reach = np.array([[mean - each.min(), each.max() - mean] for mean, each in zip(means, values, strict=True)]).T
        ax.errorbar(sizes, means, yerr=np.maximum(reach, 0), color=style.colour(number), marker=style.marker(number),
                    markersize=8, linewidth=2, capsize=4, label=style.pretty(name))
        every_size |= set(sizes)
    if chance is not None:
        ax.axhline(chance, color="black", linestyle="--", linewidth=1.2)
        ax.annotate("chance", (0, chance), xycoords=("axes fraction", "data"), xytext=(4, 4),
                    textcoords="offset points")
    ax.set_xscale("log", base=2)
    ax.set_xticks(sorted(every_size), [str(size) for size in sorted(every_size)])
    ax.xaxis.set_minor_locator(NullLocator())
    style.percent(ax.yaxis)
    style.legend_above(ax, columns=3, title=title)
    return style.finish(ax, x=x, y=y)
