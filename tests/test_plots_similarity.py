"""The picture of a training without labels: loss above, spread below."""

import house_rules
import matplotlib
import numpy as np
import pytest

from helpers import checks, plots

RUNS = {"with_the_stop": {"loss": np.linspace(0, -0.7, 80), "collapse": np.full(80, 0.9)},
        "without": {"loss": np.linspace(0, -1, 30), "collapse": np.linspace(0.9, 0, 30)}}


def test_every_run_has_its_line_in_both():
    before = dict(matplotlib.rcParams)
    axes = plots.collapse_curves(RUNS)
    assert dict(matplotlib.rcParams) == before
    for ax, measure in zip(axes, ("loss", "collapse"), strict=True):
        lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
        assert [line.get_label() for line in lines] == ["with the stop", "without"]
        for line, run in zip(lines, RUNS.values(), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), run[measure])
            np.testing.assert_array_equal(line.get_xdata(), np.arange(1, len(run[measure]) + 1))
        assert len({(line.get_color(), line.get_marker(), line.get_linestyle()) for line in lines}) == 2


def test_text_can_be_read_and_axes_are_named():
    axes = plots.collapse_curves(RUNS)
    house_rules.can_be_read(axes[0])
    assert [ax.get_ylabel() for ax in axes] == ["Loss (-1 is perfect)", "Spread (0 is collapsed)"]
    assert axes[1].get_xlabel() == "Step"


@pytest.mark.parametrize("runs", [{}, {"a run": {}}, {"a run": {"loss": [0.1], "collapse": []}},
                                  {"a run": {"loss": [np.nan], "collapse": [0.1]}}])
def test_what_was_not_trained_is_refused(runs):
    with pytest.raises(checks.InputError):
        plots.collapse_curves(runs)
