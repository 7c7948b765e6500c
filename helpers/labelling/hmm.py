"""Two states, quiet and loud: a hidden Markov model on the level of each frame, to find where something happens.

A threshold asks each frame alone. The model also knows that states last: a frame
that is a little too soft between two loud ones is loud, a single loud one in
silence may be chance. It learns both levels, and how long states last, from the
recording itself, without any label. Everything is in logarithms, as products of
a thousand probabilities are 0 to a computer.
"""

from dataclasses import dataclass

import numpy as np

from helpers import checks

FLOOR_DB = -100.0
NARROWEST_DB = 1.0
"""No state is sharper than this: a constant recording would have a deviation of 0."""
HABIT = 5.0
"""Frames that are taken as seen of every change or stay that is usual, so that no probability becomes 0."""


@dataclass(frozen=True, eq=False)
class TwoStates:
    """What :func:`fit_states` has learned about a recording: entry 0 is the quiet state, entry 1 the loud one.

    Attributes
    ----------
    means, deviations : np.ndarray, shape=(2,), dB
        Level of the frames in each state.
    stay : np.ndarray, shape=(2,), range 0 to 1
        How probable it is that the next frame is in the same state.
    """

    means: np.ndarray
    deviations: np.ndarray
    stay: np.ndarray

    @property
    def contrast_db(self) -> float:
        """How much louder the loud state is."""
        return float(self.means[1] - self.means[0])

    @property
    def log_transition(self) -> np.ndarray:
        """Logarithm of the probability of going from one state (row) to another (column)."""
        return log_transition(self.stay)


def log_transition(stay: np.ndarray) -> np.ndarray:
    """Table of transitions, shape=(2, 2), from the probability of staying in each state."""
    return np.log([[stay[0], 1 - stay[0]], [1 - stay[1], stay[1]]])


def log_density(levels: np.ndarray, *, means: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """Say how well each level fits each state: the logarithm of a Gaussian, without its constant."""
    return -0.5 * ((levels[:, np.newaxis] - means) / deviations) ** 2 - np.log(deviations)


def forward_backward(density: np.ndarray, transition: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Say how probable each state is in each frame, and each pair of states in each two frames, given all frames.

    Parameters
    ----------
    density : np.ndarray, shape=(n_frames, 2)
        From :func:`log_density`.
    transition : np.ndarray, shape=(2, 2)
        From :func:`log_transition`.

    Returns
    -------
    state : np.ndarray, shape=(n_frames, 2), range 0 to 1
    pair : np.ndarray, shape=(n_frames - 1, 2, 2), range 0 to 1
        From state (axis 1) to state (axis 2).
    """
    forward, backward = density.copy(), np.zeros_like(density)
    for t in range(1, len(density)):
        forward[t] += np.logaddexp.reduce(forward[t - 1][:, np.newaxis] + transition, axis=0)
    for t in range(len(density) - 2, -1, -1):
        backward[t] = np.logaddexp.reduce(transition + density[t + 1] + backward[t + 1], axis=1)
    total = np.logaddexp.reduce(forward[-1])
    pair = forward[:-1, :, np.newaxis] + transition + (density + backward)[1:, np.newaxis, :]
    return np.exp(forward + backward - total), np.exp(pair - total)


def viterbi(density: np.ndarray, transition: np.ndarray) -> np.ndarray:
    """Find the one most probable way through the states.

    Parameters
    ----------
    density, transition : np.ndarray
        As in :func:`forward_backward`.

    Returns
    -------
    np.ndarray of int, shape=(n_frames,)
        0 or 1. At a tie, the quiet state.
    """
    best, came_from = density.copy(), np.zeros(density.shape, int)
    for t in range(1, len(density)):
        ways = best[t - 1][:, np.newaxis] + transition
        came_from[t] = ways.argmax(axis=0)
        best[t] += ways.max(axis=0)
    path = np.full(len(density), best[-1].argmax())
    for t in range(len(density) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path


def fit_states(levels: np.ndarray, *, n_rounds: int = 10, lasts_frames: float = 10.0) -> TwoStates:
    """Learn the two states of a recording from its levels alone: expectation and maximisation, in turns.

    Parameters
    ----------
    levels : np.ndarray, shape=(n_frames,), dB
        Such as :func:`helpers.windows.levels_db` gives them; below -100 dB,
        digital silence included, counts as -100 dB.
    n_rounds : int
        Each round asks which frame is in which state, and then takes means,
        deviations and transitions anew from the answer.
    lasts_frames : float, frames
        How long a state usually lasts: where to start from.

    Returns
    -------
    TwoStates

    Raises
    ------
    InputError
        If the levels are not one row of at least one number, or hold NaN.

    Notes
    -----
    Baum, Petrie, Soules and Weiss, Annals of Mathematical Statistics 41(1), 1970.
    """
    levels = _checked(levels)
    means = np.quantile(levels, [0.2, 0.95])
    deviations = np.full(2, max(levels.std(), NARROWEST_DB))
    stay = np.full(2, 1 - 1 / checks.positive(lasts_frames + 1, name="lasts_frames"))
    usual = HABIT * np.array([[stay[0], 1 - stay[0]], [1 - stay[1], stay[1]]])
    for _ in range(checks.whole(n_rounds, name="n_rounds")):
        state, pair = forward_backward(log_density(levels, means=means, deviations=deviations), log_transition(stay))
        weight = state.sum(axis=0) + np.finfo(float).tiny
        means = state.T @ levels / weight
        spread = (state * (levels[:, np.newaxis] - means) ** 2).sum(axis=0) / weight
        deviations = np.maximum(np.sqrt(spread), NARROWEST_DB)
        seen = pair.sum(axis=0) + usual
        stay = np.diagonal(seen) / seen.sum(axis=1)
    quiet_first = np.argsort(means, kind="stable")
    return TwoStates(means[quiet_first], deviations[quiet_first], stay[quiet_first])


def loud_frames(levels: np.ndarray, states: TwoStates, *, least_db: float = 6.0) -> np.ndarray:
    """Say which frames are loud, each in the light of all others.

    Parameters
    ----------
    levels : np.ndarray, shape=(n_frames,), dB
    states : TwoStates
        From :func:`fit_states`.
    least_db : float, dB
        Where the two states lie closer, nothing happens: two states are found
        in any recording, in even noise too.

    Returns
    -------
    np.ndarray of bool, shape=(n_frames,)

    Raises
    ------
    InputError
        As in :func:`fit_states`.

    Examples
    --------
    >>> levels = np.array([-60.0, -61, -59, -60, -20, -21, -20, -60, -61, -60])
    >>> loud_frames(levels, fit_states(levels)).nonzero()[0].tolist()
    [4, 5, 6]
    """
    levels = _checked(levels)
    if states.contrast_db < least_db:
        return np.zeros(len(levels), bool)
    return viterbi(log_density(levels, means=states.means, deviations=states.deviations), states.log_transition) == 1


def _checked(levels: np.ndarray) -> np.ndarray:
    """Levels as floats, without the depths."""
    levels = np.maximum(np.asarray(levels, float), FLOOR_DB)
    if levels.ndim != 1 or not len(levels) or not np.isfinite(levels).all():
        came = f"shape {levels.shape}" if levels.ndim != 1 or not len(levels) else "NaN or infinity among them"
        raise checks.InputError(checks.explain("levels in dB, shape (n_frames,), at least one", came,
                                               "windows.levels_db(...) makes them", section=checks.ARRAYS))
    return levels
