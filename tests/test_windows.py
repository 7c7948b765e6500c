"""Properties first, then the edges that recordings really have."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from helpers import checks, windows

SCORES = npst.arrays(float, st.tuples(st.integers(1, 8), st.integers(1, 5)), elements=st.floats(0, 1, width=16))
HOW = st.sampled_from(windows.HOW)


# Cutting

@given(n=st.integers(1, 5000), window=st.integers(1, 800), overlap=st.integers(1, 8))
def test_every_sample_is_covered_once_or_more(n, window, overlap):
    hop = max(1, window // overlap)
    cut, starts = windows.split(np.arange(1, n + 1, dtype=float), sr=1, window=window, hop=hop)
    assert set(range(1, n + 1)) <= set(cut.ravel().astype(int))
    assert len(cut) == len(starts)
    assert_array_equal(cut[:, 0], starts + 1)


@given(n=st.integers(1, 5000), window=st.integers(1, 800), hop=st.integers(1, 800))
def test_no_window_is_all_padding(n, window, hop):
    assume(hop <= window)
    cut, _ = windows.split(np.ones(n), sr=1, window=window, hop=hop)
    assert (cut.sum(axis=1) > 0).all()
    assert len(cut) == 1 or cut[:-1].all(), "only the last window may be padded"


@given(n=st.integers(1, 3000), window=st.integers(1, 500), hop=st.integers(1, 500), pad=st.booleans())
def test_counting_agrees_with_cutting(n, window, hop, pad):
    assume(hop <= window)
    cut, starts = windows.split(np.ones(n), sr=1, window=window, hop=hop, pad=pad)
    assert cut.shape == (windows.count(n, window_samples=window, hop_samples=hop, pad=pad), window)
    assert starts.shape == (len(cut),)


@given(n=st.integers(1, 3000), window=st.integers(1, 500), hop=st.integers(1, 500))
def test_without_padding_every_window_is_a_piece_of_the_recording(n, window, hop):
    assume(hop <= window)
    sound = np.arange(n, dtype=float)
    cut, starts = windows.split(sound, sr=1, window=window, hop=hop, pad=False)
    padded, padded_starts = windows.split(sound, sr=1, window=window, hop=hop)
    assert_array_equal(cut, padded[:len(cut)])
    assert_array_equal(starts, padded_starts[:len(starts)])
    assert_array_equal(cut, starts[:, None] + np.arange(window))
    assert len(cut) >= len(padded) - 1


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_type_stays_and_nothing_is_copied_without_need(kind):
    sound = np.zeros(32_000, kind)
    cut, _ = windows.split(sound, sr=16_000)
    assert cut.dtype == kind
    assert np.shares_memory(cut, sound)
    assert not cut.flags.writeable, "a write into one window would change its neighbour"


@given(sr=st.sampled_from([8000, 16000, 22050, 44100]), hop=st.sampled_from([0.1, 0.25, 0.5, 1.0]))
def test_starts_are_seconds(sr, hop):
    cut, starts = windows.split(np.arange(3 * sr, dtype=float), sr=sr, window=1.0, hop=hop)
    assert_allclose(starts * sr, cut[:, 0], atol=1e-6)


# What recordings are like: (n_samples, n_windows with and without padding), one-second windows, half overlap, 4 Hz
@pytest.mark.parametrize(("n", "padded", "whole"), [(1, 1, 0), (3, 1, 0), (4, 1, 1), (5, 2, 1), (6, 2, 2), (7, 3, 2)])
def test_recordings_around_one_window(n, padded, whole):
    assert len(windows.split(np.ones(n), sr=4)[0]) == padded
    cut, starts = windows.split(np.ones(n), sr=4, pad=False)
    assert (cut.shape, starts.shape) == ((whole, 4), (whole,))


@pytest.mark.parametrize(("sound", "kwargs", "says"), [
    (np.zeros((2, 8)), {}, "Average the channels"),
    (np.zeros(0), {}, "at least one sample"),
    (np.zeros(8, np.int16), {}, "Divide 16-bit samples by 32768"),
    (np.array([0.0, np.inf]), {}, "1 values that are NaN or infinite"),
    (np.zeros(8), {"hop": 0}, "0 < hop"),
    (np.zeros(8), {"hop": -0.5}, "0 < hop"),
    (np.zeros(8), {"hop": 0.01}, "0 < hop"),
    (np.zeros(8), {"window": 0.5, "hop": 1.0}, "hop <= window"),
    (np.zeros(8), {"window": np.nan}, "window nan s"),
    (np.zeros(8), {"sr": 0}, "a sampling rate in Hz"),
])
def test_bad_input_is_told_what_to_do(sound, kwargs, says):
    with pytest.raises(checks.InputError, match=says):
        windows.split(sound, **{"sr": 4, **kwargs})


# Cutting many

@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6), pad=st.booleans())
def test_many_clips_are_cut_like_each_alone(lengths, pad):
    clips = [number * 100 + np.arange(1, n + 1, dtype=float) for number, n in enumerate(lengths)]
    cut, clip_index, starts = windows.split_all(clips, sr=4, pad=pad)
    assert cut.dtype == np.float32
    assert len(cut) == len(clip_index) == len(starts)
    assert_array_equal(np.unique(clip_index), np.arange(len(clips)), "every clip has a window, the shortest too")
    for number, clip in enumerate(clips):
        alone, alone_starts = windows.split(clip, sr=4, pad=pad or len(clip) < 4)
        assert_array_equal(cut[clip_index == number], alone)
        assert_array_equal(starts[clip_index == number], alone_starts)


def test_a_clip_a_few_samples_too_long_adds_no_window_of_padding():
    assert len(windows.split_all([np.ones(16_003)], sr=16_000)[0]) == 1
    assert len(windows.split_all([np.ones(16_003)], sr=16_000, pad=True)[0]) == 2


def test_no_clip_at_all_is_told():
    with pytest.raises(checks.InputError, match=r"at least one clip; got none\. Check which rows were chosen"):
        windows.split_all([], sr=4)


# Levels and the gate

@given(gain_db=st.floats(-90, 20))
def test_levels_follow_the_gain_of_each_window(gain_db):
    noise = np.random.default_rng(0).normal(0, 0.1, (3, 500))
    louder = noise * np.array([[1.0], [10 ** (gain_db / 20)], [0.0]])
    change = windows.levels_db(louder) - windows.levels_db(noise)
    assert_allclose(change[:2], [0, gain_db], atol=1e-9)
    assert change[2] == -np.inf


def test_the_gate_opens_at_its_threshold():
    flat = np.array([[10 ** (level / 20)] * 8 for level in (-59.99, -60.01, -20.0)] + [[0.0] * 8])
    assert windows.live(flat).tolist() == [True, False, True, False]
    assert windows.live(flat, threshold_db=-20.01).tolist() == [False, False, True, False]
    assert windows.live(np.ones((1, 8)), threshold_db=0.0).tolist() == [True], "at the threshold is live"
    assert windows.live(flat, threshold_db=-np.inf).all()


@given(stack=npst.arrays(np.float32, (5, 16), elements=st.floats(-1, 1, width=32)))
def test_the_gate_looks_at_one_window_only(stack):
    together = windows.live(stack, threshold_db=-10)
    assert together.tolist() == [bool(windows.live(row[None], threshold_db=-10)[0]) for row in stack]


# Pooling

@given(scores=SCORES, how=HOW)
def test_pooled_scores_are_scores(scores, how):
    pooled = windows.pool(scores, how=how)
    assert pooled.shape == scores.shape[1:]
    assert (pooled >= 0).all()
    assert (pooled <= 1 + 1e-12).all()


@given(scores=SCORES, how=HOW, seed=st.integers(0, 99))
def test_the_order_of_windows_does_not_matter(scores, how, seed):
    shuffled = np.random.default_rng(seed).permutation(scores)
    assert_allclose(windows.pool(shuffled, how=how), windows.pool(scores, how=how), atol=1e-12)


@given(scores=SCORES, how=HOW, times=st.integers(2, 4))
def test_repeating_a_clip_changes_nothing(scores, how, times):
    assert_allclose(windows.pool(np.tile(scores, (times, 1)), how=how), windows.pool(scores, how=how), atol=1e-12)


@given(row=npst.arrays(float, 4, elements=st.floats(0.001, 1)))
def test_a_single_window_speaks_for_itself(row):
    for how in ("mean", "log-mean", "max"):
        assert_allclose(windows.pool(row[None], how=how), row)
    assert windows.pool(row[None], how="majority").argmax() == row.argmax()


@pytest.mark.parametrize(("how", "pooled"), [
    ("mean", [0.6, 0.4]), ("max", [0.9, 0.8]), ("majority", [2 / 3, 1 / 3]),
    ("log-mean", [(0.9 * 0.7 * 0.2) ** (1 / 3), (0.1 * 0.3 * 0.8) ** (1 / 3)]),
])
def test_each_way_of_pooling_by_hand(how, pooled):
    assert_allclose(windows.pool(np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8]]), how=how), pooled)


def test_one_sure_no_counts_in_the_log_mean_but_is_no_veto_by_rounding():
    pooled = windows.pool(np.array([[1.0, 0.4], [0.0, 0.6]]), how="log-mean")
    assert pooled.argmax() == 1
    assert pooled[0] > 0


def test_silent_windows_do_not_vote():
    scores = np.array([[0.1, 0.9], [1.0, 0.0], [1.0, 0.0]])
    live = np.array([True, False, False])
    for how in windows.HOW:
        assert windows.pool(scores, how=how, live=live).argmax() == 1
        assert_array_equal(windows.pool(scores, how=how, live=~live & live), windows.pool(scores, how=how),
                           "with no live window at all, every window counts")


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=5), how=HOW, gated=st.booleans(),
       seed=st.integers(0, 999))
def test_clips_are_pooled_like_each_alone(lengths, how, gated, seed):
    rng = np.random.default_rng(seed)
    clip_index = rng.permutation(np.repeat(np.arange(len(lengths)), lengths))     # in any order
    scores = rng.dirichlet(np.ones(3), len(clip_index))
    live = rng.random(len(clip_index)) < 0.5 if gated else None
    pooled = windows.pool_clips(scores, clip_index, how=how, live=live)
    alone = [windows.pool(scores[clip_index == clip], how=how, live=None if live is None else live[clip_index == clip])
             for clip in range(len(lengths))]
    assert_array_equal(pooled, alone)


@pytest.mark.parametrize(("kwargs", "says"), [
    ({"how": "median"}, "how to be one of 'mean', 'log-mean', 'max', 'majority'; got 'median'"),
    ({"live": np.ones(2, bool)}, "3 in scores, .*2 in live"),
    ({"live": np.ones(4, bool)}, "3 in scores, .*4 in live"),
])
def test_bad_settings_of_pooling_are_told(kwargs, says):
    scores = np.full((3, 2), 0.5)
    with pytest.raises(checks.InputError, match=says):
        windows.pool(scores, **kwargs)
    with pytest.raises(checks.InputError, match=says):
        windows.pool_clips(scores, np.array([0, 0, 1]), **kwargs)


@pytest.mark.parametrize(("scores", "clip_index", "says"), [
    (np.full((3, 2), 0.5), [0, 0], "3 in scores, 2 in clip_index"),
    (np.full((3, 2), 0.5), [0, 0, 2], "at least one window"),
    (np.full(3, 0.5), [0, 0, 1], r"shape \(3,\)"),
    (np.array([[0.5, np.nan]]), [0], "scores of finite numbers"),
])
def test_bad_scores_are_told(scores, clip_index, says):
    with pytest.raises(checks.InputError, match=says):
        windows.pool_clips(scores, np.array(clip_index))
