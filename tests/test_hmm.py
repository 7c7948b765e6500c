"""The two-state model finds what was hidden, and stays calm where nothing is."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import checks, labelling
from helpers.labelling import hmm


def hidden(n_frames, *, stay=(0.97, 0.9), means=(-60.0, -40.0), deviations=(3.0, 5.0), seed=0):
    rng = np.random.default_rng(seed)
    states = [0]
    for _ in range(n_frames - 1):
        states.append(states[-1] if rng.random() < stay[states[-1]] else 1 - states[-1])
    states = np.array(states)
    return states, rng.normal(np.array(means)[states], np.array(deviations)[states])


@pytest.mark.parametrize("seed", range(3))
def test_it_recovers_hidden_states_and_what_made_them(seed):
    states, levels = hidden(1500, seed=seed)
    found = labelling.fit_states(levels)
    assert (labelling.loud_frames(levels, found) == states).mean() > 0.97
    np.testing.assert_allclose(found.means, [-60, -40], atol=1.5)
    np.testing.assert_allclose(found.deviations, [3, 5], atol=1)
    np.testing.assert_allclose(found.stay, [0.97, 0.9], atol=0.03)


def test_a_dip_within_a_loud_stretch_does_not_cut_it_in_two_where_a_threshold_does():
    levels = np.concatenate([np.full(100, -60.0), np.full(20, -40.0), [-53.0], np.full(20, -40.0), np.full(100, -60.0)])
    levels += np.random.default_rng(0).normal(0, 2, len(levels))
    loud = labelling.loud_frames(levels, labelling.fit_states(levels))
    assert np.flatnonzero(np.diff(loud.astype(int))).tolist() == [99, 140]
    assert not (levels > -50)[120]


def test_the_quiet_state_comes_first_whatever_the_levels_are():
    for levels in (np.r_[np.zeros(90), np.full(10, -50.0)], np.r_[np.full(10, -50.0), np.zeros(90)]):
        found = labelling.fit_states(levels)
        assert found.means[0] <= found.means[1]
        assert found.contrast_db >= 0


@pytest.mark.parametrize("levels", [np.full(50, -np.inf), np.full(50, -40.0), [-30.0], [-np.inf], [-30.0, -30.0]],
                         ids=["silence", "constant", "one frame", "one silent frame", "two alike"])
def test_where_nothing_changes_nothing_is_loud(levels):
    found = labelling.fit_states(levels)
    assert all(np.isfinite(part).all() for part in (found.means, found.deviations, found.stay, found.log_transition))
    assert labelling.loud_frames(levels, found).tolist() == [False] * len(levels)


def test_even_noise_is_no_event_and_the_least_contrast_decides_that():
    levels = np.random.default_rng(1).normal(-50, 1.5, 400)
    found = labelling.fit_states(levels)
    assert not labelling.loud_frames(levels, found).any()
    assert labelling.loud_frames(levels, found, least_db=0.0).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 7), st.integers(0, 10_000))
def test_both_passes_agree_with_trying_out_every_way(n_frames, seed):
    rng = np.random.default_rng(seed)
    density, transition = rng.normal(0, 2, (n_frames, 2)), hmm.log_transition(rng.uniform(0.05, 0.95, 2))
    ways = list(itertools.product((0, 1), repeat=n_frames))
    scores = np.array([sum(density[t, state] for t, state in enumerate(way))
                       + sum(transition[pair] for pair in itertools.pairwise(way)) for way in ways])
    assert hmm.viterbi(density, transition).tolist() == list(ways[scores.argmax()])
    share = np.exp(scores - np.logaddexp.reduce(scores))
    state, pair = hmm.forward_backward(density, transition)
    loud = [share[[way[t] == 1 for way in ways]].sum() for t in range(n_frames)]
    np.testing.assert_allclose(state[:, 1], loud, atol=1e-9)
    np.testing.assert_allclose(state.sum(axis=1), 1)
    assert pair.shape == (n_frames - 1, 2, 2)
    np.testing.assert_allclose(pair.sum(axis=(1, 2)), 1)
    np.testing.assert_allclose(pair.sum(axis=2), state[:-1], atol=1e-9)


def test_every_round_fits_at_least_as_well():
    def fit(levels, n_rounds):
        found = labelling.fit_states(levels, n_rounds=n_rounds)
        density = hmm.log_density(levels, means=found.means, deviations=found.deviations)
        forward = density[0]
        for row in density[1:]:
            forward = row + np.logaddexp.reduce(forward[:, None] + found.log_transition, axis=0)
        return np.logaddexp.reduce(forward)

    _, levels = hidden(300, seed=5)
    fits = [fit(levels, n_rounds) for n_rounds in (1, 2, 4, 8, 16)]
    assert min(np.diff(fits)) > -0.5, "but for the habit, which pulls a little"


@pytest.mark.parametrize(("levels", "says"), [
    ([], r"shape \(0,\)"), (np.zeros((3, 2)), r"shape \(3, 2\)"), ([0.0, np.nan], "NaN"),
    ([np.inf], "NaN or infinity")])
def test_what_is_no_row_of_levels_is_refused(levels, says):
    with pytest.raises(checks.InputError, match=says):
        labelling.fit_states(levels)
