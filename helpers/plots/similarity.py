"""How a training without labels went: its loss, and whether its vectors have become one."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers import checks
from helpers.plots import style

MEASURES = {"loss": "Loss (-1 is perfect)", "collapse": "Spread (0 is collapsed)"}


@style.styled
def collapse_curves(runs: Mapping[str, Mapping[str, Sequence[float]]]) -> np.ndarray:
    """Draw loss and spread over the steps of one or more trainings, one above the other.

    Parameters
    ----------
    runs : dict, name to {"loss": values, "collapse": values}
        As the ``history`` of what :func:`helpers.similarity.fit_simsiam`
        returns; runs may differ in length.

    Returns
    -------
    np.ndarray of Axes, shape=(2,)
        The loss above, the spread of the unit vectors below.

    Raises
    ------
    InputError
        If there is no run, or one has no value.

    Examples
    --------
    >>> axes = collapse_curves({"a run": {"loss": [0.0, -0.9], "collapse": [0.9, 0.1]}})
    >>> [ax.get_ylabel() for ax in axes]
    ['Loss (-1 is perfect)', 'Spread (0 is collapsed)']
    """
    runs = style.titled(runs, name="runs")
    figure = style.new_figure(height=4.6)
    axes = figure.subplots(2, 1, sharex=True)
    for ax, (measure, label) in zip(axes, MEASURES.items(), strict=True):
        for number, (name, history) in enumerate(runs.items()):
            values = checks.finite(np.asarray(history.get(measure, ()), float), name=f"the {measure} of {name!r}")
            if values.size == 0:
                raise checks.InputError(checks.explain(
                    f"at least one {measure} for {name!r}", "none", "Leave out what was not trained",
                    section=checks.ARRAYS))
            ax.plot(np.arange(1, values.size + 1), values, color=style.colour(number), label=style.pretty(name),
                    linestyle=style.LINES[number % len(style.LINES)], marker=style.marker(number),
                    markevery=max(1, values.size // 8))
        style.finish(ax, y=label)
    axes[0].set_ylim(top=min(1.0, axes[0].get_ylim()[1]))
    axes[1].set_ylim(0, 1.1)
    axes[1].axhline(1, color=style.QUIET, linewidth=1, linestyle=":")
    style.legend_above(axes[0], columns=3)
    style.finish(axes[1], x="Step")
    return axes
