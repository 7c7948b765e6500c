"""Long recordings are cut where they change, and borders are judged one to one."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import audio, checks, embeddings, features, metrics, segments
from helpers.datasets import embedded


def stretches(*lengths, seed=0, spread=0.1):
    """Frames that are alike within each stretch."""
    rng = np.random.default_rng(seed)
    frames = np.repeat(rng.normal(0, 1, (len(lengths), 12)), lengths, axis=0)
    return frames + rng.normal(0, spread, frames.shape)


def test_self_similarity_is_the_cosine_after_the_mean_is_taken_out():
    frames = np.random.default_rng(0).normal(3, 1, (9, 5))
    found = segments.self_similarity(frames)
    np.testing.assert_allclose(found, _cosines(frames - frames.mean(axis=0)), atol=1e-12)
    np.testing.assert_allclose(segments.self_similarity(frames, centred=False), _cosines(frames), atol=1e-12)
    np.testing.assert_allclose(found, found.T)
    assert segments.self_similarity(frames, centred=False).min() > 0.5 > found.min(), "the mean makes all alike"


def _cosines(frames):
    directions = frames / np.linalg.norm(frames, axis=1, keepdims=True)
    return directions @ directions.T


@given(st.integers(2, 14), st.integers(1, 5), st.integers(0, 1000))
def test_novelty_is_likeness_within_less_likeness_across(n, reach, seed):
    similarity = segments.self_similarity(np.random.default_rng(seed).normal(0, 1, (n, 4)))
    found = segments.novelty(similarity, reach=reach)
    assert len(found) == n + 1
    assert found[0] == found[-1] == 0
    assert np.abs(found).max() <= 2
    for border in range(1, n):
        sums, weights = {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
        near = range(max(0, border - reach), min(n, border + reach))
        for i, j in itertools.permutations(near, 2):
            weight = np.exp(-2 * (((i - border + 0.5) ** 2) + (j - border + 0.5) ** 2) / reach**2)
            alike = (i < border) == (j < border)
            sums[alike] += weight * similarity[i, j]
            weights[alike] += weight
        if weights[True]:
            expected = sums[True] / weights[True] - sums[False] / weights[False]
            fade = min(border, n - border, reach) / reach
            assert found[border] == pytest.approx(expected * fade, abs=1e-9)
        else:
            assert found[border] == 0


def test_borders_lie_where_the_recording_changes():
    frames = stretches(14, 9, 20, 12)
    found = segments.boundaries(frames, hop=0.5, reach=3.0)
    np.testing.assert_allclose(found, [7.0, 11.5, 21.5])
    np.testing.assert_allclose(segments.boundaries(frames, hop=0.5, window=1.0, reach=3.0), found + 0.25,
                               err_msg="half-way between the middles of the windows on both sides")


def test_a_recording_that_does_not_change_has_no_border():
    assert len(segments.boundaries(np.ones((50, 4)), hop=0.5)) == 0
    assert len(segments.boundaries(stretches(60), hop=0.5, threshold=0.5)) == 0
    assert len(segments.boundaries(np.ones((1, 4)), hop=0.5)) == 0


def test_of_two_borders_too_close_the_stronger_stays():
    rng = np.random.default_rng(1)
    frames = np.concatenate([np.tile(rng.normal(0, 1, 12), (20, 1)), np.tile(rng.normal(0, 1, 12), (3, 1)),
                             np.tile(rng.normal(0, 1, 12), (20, 1))]) + rng.normal(0, 0.05, (43, 12))
    assert len(segments.boundaries(frames, hop=1.0, reach=2.0, shortest=1.0, threshold=0.2)) == 2
    assert len(segments.boundaries(frames, hop=1.0, reach=2.0, shortest=8.0, threshold=0.2)) == 1


@pytest.fixture(scope="module")
def recording():
    """Eight clips of eight classes joined, and where they are joined."""
    dataset = embedded.load()
    rows = dataset.clips[dataset.clips["fold"] == 1].groupby("label").head(1)[:8]
    sounds = dataset.load_all(rows)
    return np.concatenate(sounds), np.cumsum([len(sound) for sound in sounds])[:-1] / audio.SR


def test_joined_clips_are_taken_apart_by_their_embeddings(recording):
    sound, joints = recording
    frames, _ = embeddings.load_embedder().embed(sound, sr=audio.SR, hop=0.25)
    found = segments.boundaries(frames, hop=0.25, window=1.0, reach=3.0, shortest=2.0)
    scores = segments.boundary_f1(joints, found, tolerance=0.5)
    assert scores["f1"] >= 0.75, (joints, found)


def test_a_spectrogram_has_borders_too(recording):
    sound, joints = recording
    hop = 2048 / audio.SR
    frames = np.maximum(features.log_mel(sound, sr=audio.SR, hop_length=2048).T, -80)
    found = segments.boundaries(frames, hop=hop, reach=3.0, shortest=2.0, threshold=0.15)
    scores = segments.boundary_f1(joints, found, tolerance=0.5)
    assert scores["recall"] >= 0.5, (found, scores)


def brute_force(true, found, tolerance):
    """The largest number of pairs, by trying every way to leave some out."""
    best, few, many = 0, *sorted((list(true), list(found)), key=len)
    for chosen in itertools.permutations(range(len(many)), len(few)):
        best = max(best, sum(abs(one - many[place]) <= tolerance for one, place in zip(few, chosen, strict=True)))
    return best


TIMES = st.lists(st.integers(0, 12).map(lambda quarters: quarters * 0.25), max_size=4)


@given(TIMES, TIMES, st.sampled_from([0.25, 0.5, 1.0]))
def test_borders_are_matched_one_to_one(true, found, tolerance):
    scores = segments.boundary_f1(true, found, tolerance=tolerance)
    n = brute_force(true, found, tolerance)
    assert scores["n_matched"] == n
    if true or found:
        assert scores["f1"] == pytest.approx(2 * n / (len(true) + len(found)))
        assert scores["recall"] == pytest.approx(n / len(true) if true else 0)
        assert scores["precision"] == pytest.approx(n / len(found) if found else 0)
    else:
        assert scores["f1"] == 1


def test_segments_are_events_from_beginning_to_end():
    table = segments.segment_table([6.0, 2.0, 2.0, 9.5, -1.0, 0.0], duration=9.0, clip_id="night")
    assert table["onset"].tolist() == [0.0, 2.0, 6.0]
    assert table["offset"].tolist() == [2.0, 6.0, 9.0]
    assert table["label"].tolist() == ["segment 1", "segment 2", "segment 3"]
    assert metrics.event_f1(table, table, classes=table["label"].tolist()) == 1.0
    assert len(segments.segment_table([], duration=1.0)) == 1


@pytest.mark.parametrize(("call", "says"), [
    (lambda: segments.self_similarity(np.zeros(4)), "shape"),
    (lambda: segments.novelty(np.zeros((3, 4))), "a square of similarities"),
    (lambda: segments.novelty(np.eye(3), reach=0), "reach"),
    (lambda: segments.boundaries(np.ones((4, 2)), hop=0), "hop above 0"),
    (lambda: segments.boundaries(np.full((4, 2), np.nan), hop=1.0), "finite"),
    (lambda: segments.boundary_f1([1.0], [np.nan]), "finite|NaN|number"),
    (lambda: segments.boundary_f1([1.0], [1.0], tolerance=-1), "collar"),
    (lambda: segments.segment_table([1.0], duration=0), "duration"),
    (lambda: segments.segment_table([np.inf], duration=3.0), "finite"),
])
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(checks.InputError, match=says):
        call()
