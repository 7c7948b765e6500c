"""What notebook 04 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pandas as pd
import pytest

from helpers import events, models
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 04 shows, each on its own, as code to run."""
    tree = ast.parse((build.HERE / "src" / "04_detect_events.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, "pd": pd, "events": events, "models": models, **names}
        exec(compile(ast.Module([shown[name]], []), "04_detect_events.py", "exec"), space)
        return space[name]

    return get


@pytest.mark.parametrize("seed", range(5))
def test_its_targets_are_those_of_the_helpers(inline, seed):
    rng = np.random.default_rng(seed)
    onsets = rng.uniform(-0.5, 4.5, 12)
    table = pd.DataFrame({"onset": onsets, "offset": onsets + rng.uniform(0.05, 2.0, 12),
                          "label": rng.choice(["dog", "cat"], 12)})
    classes = ("cat", "dog")
    assert np.array_equal(inline("frame_targets", classes=classes)(table, 100, 0.04),
                          events.targets(table, classes=classes, n_frames=100, hop=0.04))


def test_its_merging_is_that_of_the_helpers(inline):
    rng = np.random.default_rng(1)
    scores, starts = rng.random((6, 20, 3)), np.arange(6) * 0.4
    n_frames = 65
    assert inline("merge")(scores, starts, n_frames, 0.04) == pytest.approx(
        events.merge_windows(scores, starts, hop=0.04, duration=n_frames * 0.04))


@pytest.mark.parametrize(("memory", "built"), [(False, models.frame_cnn), (True, models.frame_crnn)])
@pytest.mark.parametrize("pool", [1, 2])
def test_its_networks_are_those_of_the_helpers(inline, memory, built, pool):
    shown, ready = inline("frame_network")(64, 4, pool=pool, memory=memory), built(64, 4, pool=pool)
    assert [tuple(weight.shape) for weight in shown.weights] == [tuple(weight.shape) for weight in ready.weights]
    shown.set_weights(ready.get_weights())
    pictures = np.random.default_rng(0).normal(size=(2, 64, 40 * pool)).astype(np.float32)
    assert models.predict(shown, pictures) == pytest.approx(models.predict(ready, pictures), abs=1e-6)
    assert models.predict(ready, pictures).shape == (2, 40, 4)


def test_an_event_is_judged_by_what_it_was_paired_with(inline):
    from types import SimpleNamespace

    from helpers import metrics

    truth = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 3.0, 3.5, "dog")],
                         columns=["clip_id", "onset", "offset", "label"], index=[7, 3])
    found = truth.assign(onset=[1.1, 9.0], offset=[1.5, 9.5])
    judged = inline("judged", metrics=metrics, collar=0.2, scenes=SimpleNamespace(has_offsets=True))
    marked = judged(truth, found)
    assert [table["status"].tolist() for table in marked] == [["hit", "miss"], ["hit", "false alarm"]]
