"""A listener: it takes blocks of sound as long as they come, and says which events it heard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np

from helpers import checks, windows
from helpers.audio import SR
from helpers.stream.blocks import Resampler, Windows, checked
from helpers.stream.tracker import Event, Merger, Smoother, Tracker

Score = Callable[[np.ndarray], np.ndarray]


class Listener:
    """Hear events in a stream: windows, silence gate, scores, smoothing, two thresholds, de-bouncing.

    What comes out for a stream is what :mod:`helpers.windows` and
    :mod:`helpers.events` give for the same sound as one recording, whatever the
    size of the blocks. What it holds does not grow.

    Parameters
    ----------
    score : callable
        From one window, shape (window_samples,), to its scores, 0 to 1: shape
        (n_frames, n_classes) where ``frame`` is given, else (n_classes,).
    classes : sequence of str
    window, hop : float, seconds
    frame : float, seconds, optional
        Length of a frame of scores; window and hop are a whole number of them.
        Without it each window has one row of scores, which stands for the hop
        that the window begins with.
    sr, source_sr : int, Hz
        Rate of the model; rate of the blocks, if it is another.
    gate_db : float, dBFS, or None
        The silence gate: a window below this level is not looked at, and its
        scores are 0. ``None`` looks at all.
    high, low, median, min_duration, max_gap, points
        As in :func:`helpers.events.from_scores`.
    clip_id : str
        What the events call the stream.

    Attributes
    ----------
    n_scored, n_silent : int
        Windows that were scored, and that the gate held back.
    seconds : float
        How much of the stream has come in.

    Raises
    ------
    InputError
        If a setting is out of its range, or the scores have another shape.

    Examples
    --------
    >>> loud = lambda window: np.array([np.abs(window).max()])
    >>> hear = Listener(loud, classes=["sound"], window=1.0, hop=0.5, sr=100)
    >>> burst = np.concatenate([np.zeros(300), np.full(50, 0.9), np.zeros(250)])
    >>> [event[1:] for block in np.split(burst, 60) for event in hear.feed(block)]
    [(2.5, 3.5, 'sound', 0.8999999761581421)]
    """

    def __init__(
        self, score: Score, *, classes: Sequence[str], window: float, hop: float, frame: float | None = None,
        sr: int = SR, source_sr: int | None = None, gate_db: float | None = windows.SILENCE_DB,
        high: float | Mapping = 0.5, low: float | Mapping | None = None, median: int = 1, min_duration: float = 0.0,
        max_gap: float = 0.0, points: bool = False, clip_id: str = "",
    ) -> None:
        self.sr, self.classes, self.score, self.gate_db = checks.sr(sr), tuple(classes), score, gate_db
        self.window_samples, self.hop_samples = checks.window_and_hop(window, hop, sr=self.sr)
        self.source_sr = self.sr if source_sr is None else checks.sr(source_sr)
        self.frame_samples = self.hop_samples if frame is None else max(1, round(frame * self.sr))
        self.framed, self.points, self.clip_id = frame is not None, points, clip_id
        if self.framed and (self.window_samples % self.frame_samples or self.hop_samples % self.frame_samples):
            raise checks.fail("a window and a hop of a whole number of frames",
                              f"window {window} s, hop {hop} s, frame {frame} s",
                              "Choose the hop first: half a window of an even number of frames")
        self.frame = self.frame_samples / self.sr
        self.resampler = Resampler(orig_sr=self.source_sr, target_sr=self.sr)
        self.windows = Windows(window_samples=self.window_samples, hop_samples=self.hop_samples)
        self.window_frames = self.window_samples // self.frame_samples if self.framed else 1
        self.merger = Merger(window_frames=self.window_frames, hop_frames=self.hop_samples // self.frame_samples)
        self.smoother = Smoother(median)
        thresholds = {label: _thresholds(high, low, label=label) for label in self.classes}
        self.trackers = {label: Tracker(high=upper, low=lower, hop=self.frame, max_gap=max_gap,
                                        min_duration=min_duration) for label, (upper, lower) in thresholds.items()}
        self.n_scored = self.n_silent = self.n_frames = self._n_source = 0
        self.finished, self._dtype = False, np.dtype(np.float32)

    def feed(self, block: np.ndarray) -> list[Event]:
        """Take a block of samples and return the events that are complete.

        Parameters
        ----------
        block : np.ndarray of floats, shape=(n_samples,)
            One channel at ``source_sr``, as long or short as it comes.

        Returns
        -------
        list of Event
            In the order in which they ended. An event counts as complete when
            nothing that follows can change it: see :func:`latency`.

        Raises
        ------
        InputError
            If the block is no row of finite floats (the listener goes on with
            the next one), or the stream was finished.
        """
        if self.finished:
            raise checks.fail("a listener whose stream goes on", "one that was finished", "Make a new one")
        block = checked(block)
        self._n_source += len(block)
        return self._hear(self.windows.feed(self.resampler.feed(block)))

    def finish(self) -> list[Event]:
        """End the stream: fill up the last window as on a recording, and return the events that are left."""
        if self.finished:
            return []
        self.finished = True
        found = self._hear(self.windows.feed(self.resampler.finish()))
        # frames that lie in the recording, as helpers.events.merge_windows counts them
        total = int(np.ceil(self.windows.n_samples / self.sr / self.frame - 1e-6)) if self.framed else None
        found += self._hear(self.windows.finish(), total=total)
        found += self._follow(self.merger.finish(), total=total)
        found += self._track(*self.smoother.finish())
        return found + [self._event(label, *each) for label, follow in self.trackers.items()
                        for each in follow.finish()]

    @property
    def seconds(self) -> float:
        """How much of the stream has come in."""
        return self._n_source / self.source_sr

    @property
    def open(self) -> dict[str, float]:
        """Classes of which an event is under way, each with its onset in seconds: the alarm before the end.

        An event that begins and ends between two looks at it is only handed on by :meth:`feed`.
        """
        begun = {label: follow.open for label, follow in self.trackers.items()}
        return {label: round(begin * self.frame, 6) for label, begin in begun.items() if begin is not None}

    def _hear(self, cut: Iterable[np.ndarray], *, total: int | None = None) -> list[Event]:
        """Score windows, and follow what their frames say."""
        return [event for window in cut for event in self._follow(self.merger.feed(self._scores(window)), total=total)]

    def _scores(self, window: np.ndarray) -> np.ndarray:
        """Scores of one window, shape (window_frames, n_classes); zeros where the gate is shut."""
        shape = (self.window_frames, len(self.classes))
        if self.gate_db is not None and not windows.live(window[np.newaxis], threshold_db=self.gate_db)[0]:
            self.n_silent += 1
            return np.zeros(shape, self._dtype)
        self.n_scored += 1
        scores = np.asarray(self.score(window))
        if scores.shape != (shape if self.framed else shape[1:]):
            raise checks.fail(f"scores of shape {shape if self.framed else shape[1:]} for a window",
                              f"shape {scores.shape}", "Compare the window, the frame and the classes with the model's")
        scores = checks.scores(scores.reshape(shape))
        self._dtype = scores.dtype
        return scores

    def _follow(self, frames: np.ndarray, *, total: int | None) -> list[Event]:
        """Smooth frames that no window will change, and track the events in them."""
        frames = frames if total is None else frames[:max(0, total - self.n_frames)]
        self.n_frames += len(frames)
        return self._track(*self.smoother.feed(frames))

    def _track(self, smooth: np.ndarray, raw: np.ndarray) -> list[Event]:
        if len(raw) == 0:
            return []
        return [self._event(label, *each) for column, (label, follow) in enumerate(self.trackers.items())
                for each in follow.feed(smooth[:, column], raw[:, column])]

    def _event(self, label: str, begin: int, end: int, best: int, score: float) -> Event:
        onset, offset = ((best + 0.5,) * 2) if self.points else (begin, end)
        return Event(self.clip_id, round(onset * self.frame, 6), round(offset * self.frame, 6), label, score)


def _thresholds(high: float | Mapping, low: float | Mapping | None, *, label: str) -> tuple[float, float]:
    upper = high[label] if isinstance(high, Mapping) else high
    return upper, upper if low is None else low[label] if isinstance(low, Mapping) else low


def listen(listener: Listener, source: Iterable[np.ndarray]) -> Iterator[Event]:
    """Feed a source to a listener and hand on each event as soon as it is complete.

    Parameters
    ----------
    listener : Listener
    source : iterable of np.ndarray
        Blocks, such as :func:`helpers.stream.from_file` gives; its ``sr``, where it has one, has to be the
        listener's ``source_sr``.

    Yields
    ------
    Event
        Those that the end of the source leaves open, too.

    Raises
    ------
    InputError
        If the rates differ.
    """
    sr = getattr(source, "sr", listener.source_sr)
    if sr != listener.source_sr:
        raise checks.fail(f"blocks at {listener.source_sr} Hz", f"a source at {sr} Hz",
                          "Make the listener with source_sr=source.sr: it resamples")
    for block in source:
        yield from listener.feed(block)
    yield from listener.finish()
