"""From the scores of windows to events while the sound goes on: merge, smooth, threshold twice, de-bounce.

Each step gives, value for value, what its counterpart in :mod:`helpers.events`
gives on the whole recording, and holds no more than it needs for the next frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers import checks, events

if TYPE_CHECKING:
    import pandas as pd

NOTHING = -1, -np.inf      # a frame and its score, before any
SCORE = itemgetter(1)


class Event(NamedTuple):
    """One event, with the fields of :data:`helpers.events.COLUMNS`; times in seconds from the start of the stream."""

    clip_id: str
    onset: float
    offset: float
    label: str
    score: float


def to_table(found: Iterable[Event]) -> pd.DataFrame:
    """Make the event table that :func:`helpers.events.from_scores` makes.

    Parameters
    ----------
    found : iterable of Event
        In any order.

    Returns
    -------
    pd.DataFrame with columns clip_id, onset, offset, label, score
        By onset.

    Examples
    --------
    >>> to_table([Event("a", 2.0, 2.5, "dog", 0.9), Event("a", 0.5, 3.0, "siren", 0.7)])["label"].tolist()
    ['siren', 'dog']
    """
    import pandas as pd

    table = pd.DataFrame(list(found), columns=list(events.COLUMNS))
    return table.sort_values(["onset", "offset", "label"], kind="stable", ignore_index=True)


class Merger:
    """Lay the frame scores of overlapping windows over each other: their mean, as :func:`helpers.events.merge_windows`.

    Parameters
    ----------
    window_frames, hop_frames : int
        Frames of a window, and from one window to the next.

    Examples
    --------
    >>> merge = Merger(window_frames=2, hop_frames=1)
    >>> merge.feed(np.array([[0.25], [0.5]])).ravel().tolist(), merge.feed(np.array([[1.0], [0.0]])).ravel().tolist()
    ([0.25], [0.75])
    """

    def __init__(self, *, window_frames: int, hop_frames: int) -> None:
        self.window_frames, self.hop_frames = window_frames, hop_frames
        self.total: np.ndarray | None = None
        self.count, self.dtype = np.zeros((window_frames, 1)), np.dtype(float)

    def feed(self, scores: np.ndarray) -> np.ndarray:
        """Take the scores of the next window and return the frames that no later window covers.

        Parameters
        ----------
        scores : np.ndarray, shape=(window_frames, n_classes)

        Returns
        -------
        np.ndarray, shape=(hop_frames, n_classes)
        """
        if self.total is None:
            self.total = np.zeros(scores.shape)
        self.dtype = scores.dtype
        self.total += scores
        self.count += 1
        return self._shift(self.hop_frames)

    def _shift(self, n_frames: int) -> np.ndarray:
        """Take out the oldest frames, and make room for as many."""
        ready = (self.total[:n_frames] / np.maximum(self.count[:n_frames], 1)).astype(self.dtype)
        for values in (self.total, self.count):
            values[:-n_frames] = values[n_frames:].copy()
            values[-n_frames:] = 0
        return ready

    def finish(self) -> np.ndarray:
        """Return the frames of the last window that are left: the stream has ended."""
        left = self.window_frames - self.hop_frames
        return self._shift(left) if self.total is not None and left else np.zeros((0, 0))


class Smoother:
    """A median filter over time, whose ends repeat the first and the last frame, as ``median_filter(mode="nearest")``.

    Parameters
    ----------
    median : int, frames
        Odd; frames come out half as many later. 1 hands them on.

    Examples
    --------
    >>> smooth = Smoother(3)
    >>> first = smooth.feed(np.array([[0.0], [1.0], [0.0], [0.0]]))
    >>> [values.ravel().tolist() for values in (*first, *smooth.finish())]
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0], [0.0]]
    """

    def __init__(self, median: int) -> None:
        self.half = checks.whole(median, name="median") // 2
        if 2 * self.half + 1 != median:
            raise checks.fail("an odd number of frames for the median", repr(median), "Take the next odd number")
        self.kept: np.ndarray | None = None

    def feed(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take frames and return those that are ready, smoothed and as they came.

        Parameters
        ----------
        scores : np.ndarray, shape=(n_frames, n_classes)

        Returns
        -------
        smooth, raw : np.ndarray, each of shape=(n_ready, n_classes)
        """
        if len(scores) == 0:
            return scores, scores
        if self.kept is None:
            self.kept = np.repeat(scores[:1], self.half, axis=0)
        frames = np.concatenate([self.kept, scores])
        n_ready = max(0, len(frames) - 2 * self.half)
        self.kept = frames[n_ready:].copy()
        raw = frames[self.half:self.half + n_ready]
        if self.half == 0 or n_ready == 0:
            return raw, raw
        around = np.lib.stride_tricks.sliding_window_view(frames, 2 * self.half + 1, axis=0)
        return np.sort(around, axis=-1)[..., self.half], raw

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the last frames: the stream has ended."""
        if self.kept is None or self.half == 0:
            return np.zeros((0, 0)), np.zeros((0, 0))
        return self.feed(np.repeat(self.kept[-1:], self.half, axis=0))


class Tracker:
    """Find the events of one class with two thresholds, and hand each on once nothing can change it any more.

    Counterpart of :func:`helpers.events.hysteresis` and of the gaps and short
    events of :func:`helpers.events.from_scores`. A stretch at or above ``low``
    becomes an event when it reaches ``high``; the event is done when no later
    stretch can begin within ``max_gap`` of its end (a stretch that did, and has
    not reached ``high``, keeps it waiting).

    Parameters
    ----------
    high, low : float
    hop : float, seconds
        Length of a frame.
    max_gap, min_duration : float, seconds
        Gaps up to this long are closed, shorter events are dropped.

    Attributes
    ----------
    frame : int
        How many frames came in.

    Examples
    --------
    >>> follow = Tracker(high=0.6, low=0.3, hop=0.1)
    >>> scores = np.array([0.1, 0.4, 0.8, 0.4, 0.1, 0.4])
    >>> follow.feed(scores, scores), follow.open, follow.finish()
    ([(1, 4, 2, 0.8)], None, [])
    """

    def __init__(self, *, high: float, low: float, hop: float, max_gap: float = 0.0, min_duration: float = 0.0) -> None:
        if not low <= high:
            raise checks.fail("low <= high", f"low {low}, high {high}",
                              "An event begins at the high one and ends at the low one")
        self.high, self.low, self.hop, self.min_duration = high, low, hop, min_duration
        self.gap_frames = max_gap / hop
        self.frame, self.stretch, self.risen = 0, None, False   # a stretch: its first frame; has it reached high?
        self.event: tuple[int, int] | None = None               # first frame, and the one after the last, so far
        self.best = self.since = NOTHING                        # highest score in the event, and after it

    def feed(self, smooth: np.ndarray, raw: np.ndarray) -> list[tuple[int, int, int, float]]:
        """Take frames, smoothed and as they came, and return the events that are done.

        Parameters
        ----------
        smooth, raw : np.ndarray, shape=(n_frames,)

        Returns
        -------
        list of (first frame, frame after the last, frame of the highest score, that score)
        """
        done = []
        # compared as arrays, in their own precision, as on the whole recording
        steps = zip((smooth >= self.low).tolist(), (smooth >= self.high).tolist(), raw.tolist(), strict=True)
        for active, high, score in steps:
            if active and self.stretch is None:
                self.stretch, self.since = self.frame, self.since if self.event else NOTHING
            elif not active:
                done += self._pause()
            self.risen = active and (self.risen or high)
            if score > self.since[1]:
                self.since = self.frame, score
            self.frame += 1
        return done

    def _pause(self) -> list[tuple[int, int, int, float]]:
        """Close the stretch that ended before this frame, and the event if the gap behind it is too long by now."""
        if self.stretch is not None and self.risen:
            begin = self.event[0] if self.event else self.stretch
            self.best = max(self.best, self.since, key=SCORE)          # of equal ones the first
            self.event, self.since = (begin, self.frame), NOTHING
        self.stretch, self.risen = None, False
        if self.event and self.frame + 1 - self.event[1] > self.gap_frames + 1e-6:
            return self._hand_on()
        return []

    def _hand_on(self) -> list[tuple[int, int, int, float]]:
        (begin, end), best = self.event, self.best
        self.event, self.best = None, NOTHING
        return [(begin, end, *best)] if self._lasts(begin, end) else []

    def _lasts(self, begin: int, end: int) -> bool:
        return (end - begin) * self.hop >= self.min_duration - 1e-9

    @property
    def open(self) -> int | None:
        """First frame of an event that has reached high, is long enough to count, and still goes on; else None."""
        if not self.risen:
            return None
        begin = self.event[0] if self.event else self.stretch
        return begin if self._lasts(begin, self.frame) else None

    def finish(self) -> list[tuple[int, int, int, float]]:
        """Return the event that is left: the stream has ended, and what is open ends with it."""
        done = self._pause()
        return done + (self._hand_on() if self.event else [])
