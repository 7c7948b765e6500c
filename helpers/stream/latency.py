"""How long after a sound a listener can say so."""

from dataclasses import dataclass

import numpy as np

from helpers.stream.listener import Listener


@dataclass(frozen=True)
class Latency:
    """How long a listener takes to answer, in seconds of the stream; the time to compute comes on top.

    Attributes
    ----------
    window : float
        A frame is certain when the last window that covers it is full: one
        window after the frame began, at most.
    hop : float
        Answers come once a hop: the frames of a hop that began last wait that
        much less, all but one frame.
    median : float
        The median filter waits for half its frames.
    resampler : float
        What the resampler holds back at most.
    duration : float
        An event has to last this much longer before it counts.
    gap : float
        How long the end of an event is waited upon, in case that it goes on.
    frame : float
        Length of a frame.
    """

    window: float
    hop: float
    median: float
    resampler: float
    duration: float
    gap: float
    frame: float

    @property
    def alarm_at_most(self) -> float:
        """From the beginning of the frame that reaches ``high`` until :attr:`Listener.open` names its class."""
        return self.window + self.median + self.resampler + self.duration

    @property
    def alarm_at_least(self) -> float:
        """The same for the luckiest frame: the last one of its hop."""
        return self.alarm_at_most - self.resampler - self.hop + self.frame

    @property
    def event_at_most(self) -> float:
        """From the end of an event until it is handed on, unless a gap behind it is still undecided."""
        return self.window + self.median + self.resampler + self.gap

    def __str__(self) -> str:
        parts = {"window": self.window, "median filter": self.median, "resampler": self.resampler,
                 "shortest event": self.duration}
        sums = " + ".join(f"{name} {value:.3f}" for name, value in parts.items() if value)
        return (f"alarm after {self.alarm_at_least:.2f} to {self.alarm_at_most:.2f} s ({sums}; an answer each "
                f"{self.hop:.3f} s), event handed on {self.event_at_most:.2f} s after its end at most")


def latency(listener: Listener) -> Latency:
    """Say how long a listener takes to answer, from its settings alone.

    Parameters
    ----------
    listener : Listener

    Returns
    -------
    Latency

    Examples
    --------
    >>> hear = Listener(lambda window: np.zeros((50, 1)), classes=["dog"], window=1.0, hop=0.5, frame=0.02, median=5)
    >>> print(latency(hear))
    alarm after 0.56 to 1.04 s (window 1.000 + median filter 0.040; an answer each 0.500 s), \
event handed on 1.04 s after its end at most
    """
    follow = next(iter(listener.trackers.values()))
    frame, shortest = listener.frame, max(1, int(np.ceil((follow.min_duration - 1e-9) / listener.frame)))
    return Latency(window=listener.window_samples / listener.sr, hop=listener.hop_samples / listener.sr,
                   median=listener.smoother.half * frame, resampler=listener.resampler.delay(),
                   duration=(shortest - 1) * frame, gap=int(follow.gap_frames + 1e-6) * frame, frame=frame)
