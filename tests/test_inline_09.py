"""What notebook 09 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pytest

from helpers import monitor
from notebooks import build

SOURCE = "09_watch_a_model.py"


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 09 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / SOURCE).read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, **names}
        exec(compile(ast.Module([shown[name]], []), SOURCE, "exec"), space)
        return space[name]

    return get


@pytest.mark.parametrize("seed", range(3))
def test_its_cumulative_sum_is_that_of_the_monitor(inline, seed):
    rng = np.random.default_rng(seed)
    reference, later = rng.gamma(2, 1.5, 300), rng.gamma(2, 1.8, 200)
    watch = monitor.Monitor(reference, windows_per_day=100, statistic="cusum")
    own = inline("cusum")(later, reference.mean(), reference.std(), slack=monitor.DRIFT)
    np.testing.assert_allclose(own, watch.watch(later)[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_its_delay_is_that_of_the_helpers(inline, seed):
    rng = np.random.default_rng(seed)
    for change in (0, 5, 49):
        alarms = rng.random(50) < 0.05
        assert inline("delay")(alarms, change) == monitor.alarm_delay(alarms, change)


def test_its_limit_is_kept_and_the_next_lower_value_breaks_it(inline):
    sums = np.random.default_rng(0).gamma(2, 1, 500)
    limit = inline("lowest_limit")(sums, 7)
    assert len(monitor.alarm_starts(sums > limit)) <= 7
    assert len(monitor.alarm_starts(sums > sums[sums < limit].max())) > 7


def test_its_rehearsal_joins_pieces_of_the_reference(inline):
    joined = inline("rehearse", rng=np.random.default_rng(0))(np.arange(100), 1000, piece=20)
    assert len(joined) == 1000
    assert (np.diff(joined.reshape(50, 20), axis=1) == 1).all(), "neighbours stay together"
    assert len(set(joined[::20])) > 30, "and pieces are drawn"
