"""Parts of a patch: its settings, the time it fills, when its events happen.

Used by :mod:`helpers.synth.patches`. All that changes slowly is computed on a
coarse grid, one point every ``STEP`` samples, and stretched at the end.
"""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.synth.envelopes import STEP
from helpers.synth.keys import Draws

TAU = 2 * math.pi
PATTERNS = {
    "vocal": ("single", "regular", "jittered", "burst"),
    "engine": ("continuous",),
    "hiss": ("continuous", "continuous", "single", "jittered"),
    "crackle": ("continuous",),
    "tick": ("regular", "regular", "alternating", "burst"),
    "modal": ("regular", "jittered", "poisson", "single"),
    "chirp": ("burst", "jittered", "regular", "alternating"),
    "swell": ("continuous",),
    "scrape": ("jittered", "regular", "continuous"),
    "blip": ("regular", "burst", "alternating", "poisson"),
    "free": ("continuous", "single", "regular", "jittered", "poisson", "burst", "alternating"),
}
"""Which event patterns a family has to choose from; named twice is twice as likely."""


class Knobs:
    """The settings of one patch as one take has them.

    Two takes turn every knob to nearly the same place and agree in every choice.

    Parameters
    ----------
    number, take, seed : int
        As in :func:`helpers.synth.patches.render`.
    spread : float
        How far a take is off, as a share of the range of the knob (standard
        deviation); what would leave the range is reflected at its end.
    attempt : int
        The same take with other noise.

    Attributes
    ----------
    take : Draws
        For what no two takes share: noise, phases, the jitter of events.
    """

    def __init__(self, number: int, *, take: int, seed: int, spread: float, attempt: int = 0) -> None:
        self._recipe = recipe_draws(number, seed=seed)
        self._drift = _normal(Draws(seed, "patch drift", number, take, attempt))
        self._spread = spread
        self.take = Draws(seed, "patch take", number, take, attempt)

    def _place(self) -> float:
        place = abs(self._recipe.uniform(0, 1) + self._spread * next(self._drift)) % 2
        return 2 - place if place > 1 else place

    def uniform(self, low: float, high: float) -> float:
        """Set a knob whose scale is even."""
        return low + (high - low) * self._place()

    def log_uniform(self, low: float, high: float) -> float:
        """Set a knob on which every octave is as wide."""
        return low * (high / low) ** self._place()

    def choice(self, options: Sequence):
        """Choose one of several things, the same for every take."""
        return self._recipe.choice(options)

    def chance(self, probability: float) -> bool:
        """Say yes with this probability, the same for every take."""
        return self._recipe.chance(probability)


def _normal(draws: Draws) -> Iterator[float]:
    # from two uniform draws each (Box and Muller): Draws promises only those to stay the same
    while True:
        radius = np.sqrt(-2 * np.log(1 - draws.numbers(64)))
        yield from (radius * np.cos(TAU * draws.numbers(64))).tolist()


def recipe_draws(number: int, *, seed: int) -> Draws:
    """Start the stream of draws that all takes of a patch share."""
    return Draws(seed, "patch", number)


@functools.lru_cache(64)
def _ramp(step: int) -> np.ndarray:
    up = np.arange(step, dtype=np.float32) / np.float32(step)
    return np.stack([1 - up, up])


def stretch(points: np.ndarray, n_samples: int, *, step: int = STEP) -> np.ndarray:
    """Connect evenly spaced points by straight lines, as :func:`helpers.synth.envelopes.stretch`, in float32.

    As a product of matrices it takes a fifth of the time.
    """
    points = points[:-(-n_samples // step) + 1].astype(np.float32)
    return (np.stack([points[:-1], points[1:]], axis=1) @ _ramp(step)).ravel()[:n_samples]


@dataclass(frozen=True)
class Canvas:
    """The stretch of time that a layer fills.

    Attributes
    ----------
    size : int
        Number of samples.
    sr : int, Hz
    """

    size: int
    sr: int

    @functools.cached_property
    def time(self) -> np.ndarray:
        """Time of every point of the coarse grid, in seconds."""
        return np.arange(-(-self.size // STEP) + 1) * (STEP / self.sr)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.size / self.sr

    def fill(self, points: np.ndarray) -> np.ndarray:
        """Stretch values on the coarse grid to one for every sample, as float32."""
        return stretch(points, self.size)

    def count(self, pitch: np.ndarray, *, start: float) -> np.ndarray:
        """Count the cycles that a pitch in Hz has run through, all on the coarse grid."""
        steps = (pitch[1:] + pitch[:-1]) * (0.5 * STEP / self.sr)
        return np.cumsum(np.concatenate(([start], steps)))

    def cycles(self, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Split a count of cycles into whole cycles (int64) and the position in the cycle (float32, 0 to 1)."""
        whole = np.floor(count[:-1])
        # float32 has room for the few cycles within a step, not for those since the beginning
        pairs = np.stack([count[:-1] - whole, count[1:] - whole], axis=1).astype(np.float32)
        position = (pairs @ _ramp(STEP)).ravel()[:self.size]
        more = np.floor(position)
        return np.repeat(whole, STEP)[:self.size].astype(np.int64) + more.astype(np.int64), position - more

    def drift(self, draws: Draws, rate: float) -> np.ndarray:
        """Wander at random between -1 and 1, in ``rate`` straight lines a second, on the coarse grid."""
        n_points = int(self.time[-1] * rate) + 3
        return np.interp(self.time * rate + draws.uniform(0, 1), np.arange(n_points), 2 * draws.numbers(n_points) - 1)


@dataclass(frozen=True)
class Events:
    """When something happens in a layer, and how strongly.

    Attributes
    ----------
    pattern : str
        One of those in ``PATTERNS``.
    starts, strengths : np.ndarray, shape=(n_events,)
        Seconds, rising, perhaps before the beginning; 0 to 1.
    length : float, seconds
        How long one event lasts.
    index : np.ndarray of int, shape=(n_points,)
        On the coarse grid: the latest event.
    since : np.ndarray, shape=(n_points,), seconds
        Time since it began; negative before the first.
    """

    pattern: str
    starts: np.ndarray
    strengths: np.ndarray
    length: float
    index: np.ndarray
    since: np.ndarray

    @property
    def continuous(self) -> bool:
        """Whether nothing ever begins or ends."""
        return self.pattern == "continuous"

    def progress(self, canvas: Canvas) -> np.ndarray:
        """How far the event (or, without events, the whole) has come, from 0 to 1, on the coarse grid."""
        if self.continuous:
            return canvas.time / canvas.time[-1]
        return np.clip(self.since / max(self.length, 0.03), 0, 1)

    def samples(self, canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
        """Give the first samples of the events that begin inside the canvas, and their strengths."""
        places = np.floor(self.starts * canvas.sr).astype(np.int64)
        inside = (places >= 0) & (places < canvas.size)
        return places[inside], self.strengths[inside]


def draw_events(knobs: Knobs, family: str, *, canvas: Canvas, sudden: bool) -> Events:
    """Draw when the events of a layer happen.

    Parameters
    ----------
    knobs : Knobs
    family : str
    canvas : Canvas
    sudden : bool
        Events are heard only as they begin, so that one must begin inside.

    Returns
    -------
    Events
        At least one can be heard.
    """
    take, pattern = knobs.take, knobs.choice(PATTERNS[family])
    period = knobs.log_uniform(*((0.2, 1.6) if family == "vocal" else (0.06, 1.5)))
    duty, weaker = knobs.log_uniform(0.08, 1.2), knobs.uniform(0.2, 1)
    per_burst, pause = knobs.choice((2, 3, 4, 6)), knobs.uniform(0.3, 1.5)
    lone = knobs.log_uniform(0.1, 1.6)
    if pattern == "continuous":
        index = np.zeros(len(canvas.time), dtype=np.int64)
        return Events(pattern, np.zeros(1), np.ones(1), canvas.duration, index, canvas.time)
    if pattern == "single":
        period = lone
    elif pattern == "burst":
        period = min(period, 0.35)
    starts = _starts(pattern, take, period=period, duration=canvas.duration, per_burst=per_burst, pause=pause)
    length = period * min(duty, 1.0)
    earliest = 0.0 if sudden else -0.7 * length
    if not ((starts >= earliest) & (starts < 0.9 * canvas.duration)).any():      # nothing would be heard
        starts = starts - starts[0] + take.uniform(0, 0.3) * canvas.duration
    strengths = 0.6 + 0.4 * take.numbers(len(starts))
    if pattern == "alternating":
        strengths[1::2] *= weaker
    index = np.maximum(np.searchsorted(starts, canvas.time, side="right") - 1, 0)
    return Events(pattern, starts, strengths, length, index, canvas.time - starts[index])


def _starts(pattern: str, take: Draws, *, period: float, duration: float, per_burst: int, pause: float) -> np.ndarray:
    """Draw when events begin, in seconds; there is at least one."""
    if pattern == "single":
        return np.array([take.uniform(-0.1, 0.45) * duration])
    if pattern == "poisson":
        starts = take.arrivals(1 / period, duration + 0.2) - 0.2
        return starts if len(starts) else np.array([take.uniform(0, 0.9) * duration])
    if pattern == "burst":
        starts, time = [], take.uniform(-1, 0.4)
        while time < duration or not starts:
            for _ in range(per_burst):
                starts.append(time)
                time += period * take.uniform(0.9, 1.1)
            time += pause
        return np.array(starts)
    jitter = 0.35 if pattern == "jittered" else 0.01
    steps = period * (1 + jitter * (2 * take.numbers(int(duration / period) + 4) - 1))
    return np.cumsum(steps) - steps[0] - take.uniform(0, 1) * period
