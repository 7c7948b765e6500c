"""What notebook 10 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import stream
from notebooks import build

SOURCE = "10_listen_live.py"


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 10 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / SOURCE).read_text("utf-8"))
    shown = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    space = {"np": np}
    exec(compile(ast.Module(shown, []), SOURCE, "exec"), space)
    return space


@settings(max_examples=60)
@given(st.integers(1, 30), st.integers(1, 30), st.lists(st.integers(0, 70), max_size=8))
def test_its_windows_are_those_of_the_helpers(inline, window, hop, sizes):
    hop = min(hop, window)
    blocks = np.split(np.arange(sum(sizes), dtype=np.float32), np.cumsum(sizes)[:-1])
    own = list(inline["windows_of"](blocks, window, hop))
    cut = stream.Windows(window_samples=window, hop_samples=hop)
    expected = [each for block in blocks for each in cut.feed(block)]
    assert [each.tolist() for each in own] == [each.tolist() for each in expected]


@pytest.mark.parametrize("size", [1, 160, 777, 16_000])
def test_its_blocks_hold_every_sample_once(inline, size):
    audio = np.arange(5000.0)
    blocks = list(inline["blocks_of"](audio, size))
    assert np.array_equal(np.concatenate(blocks), audio)
    assert {len(block) for block in blocks[:-1]} <= {size}


@settings(max_examples=80)
@given(st.lists(st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.6, 1.0]), max_size=60), st.integers(0, 4),
       st.sampled_from([0.3, 0.6]))
def test_its_tracker_is_that_of_the_helpers(inline, scores, gap, low):
    follow = stream.Tracker(high=0.6, low=low, hop=0.1, max_gap=gap * 0.1)
    scores = np.array(scores)
    expected = [(begin, end) for begin, end, *_ in follow.feed(scores, scores) + follow.finish()]
    assert list(inline["track"](scores, 0.6, low, gap)) == expected


def test_its_tracker_hands_an_event_on_as_soon_as_the_helpers_do(inline):
    scores, told = np.array([0.9, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0]), []
    heard = []

    def slowly():
        for score in scores:
            heard.append(score)
            yield score

    for event in inline["track"](slowly(), 0.6, 0.3, 2):
        told.append((len(heard), event))
    assert told == [(4, (0, 1)), (8, (4, 5))]
