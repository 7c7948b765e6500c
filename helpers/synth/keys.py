"""Random draws addressed by a key: the same key gives the same draws on every platform and numpy version."""

import hashlib
import math
from collections.abc import Sequence

import numpy as np


class Draws:
    """A stream of random draws that depends on nothing but its key.

    Only ``Generator.random`` of PCG64 is used: numpy promises the stream of the
    bit generator, but not that ``normal`` or ``integers`` will keep their
    algorithms. Everything else is computed here from uniform draws.

    Parameters
    ----------
    *key : object
        What the stream is for, for example ``0, "take", "dog", "1a", 2``.

    Examples
    --------
    >>> Draws("dog", 1).uniform(0, 1) == Draws("dog", 1).uniform(0, 1)
    True
    """

    def __init__(self, *key: object) -> None:
        name = "/".join(str(part) for part in key)
        digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
        self._generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))

    def numbers(self, n: int) -> np.ndarray:
        """Draw ``n`` numbers from 0 up to, not including, 1."""
        return self._generator.random(n)

    def uniform(self, low: float, high: float) -> float:
        """Draw one number between two bounds, every value alike."""
        return low + (high - low) * self._generator.random()

    def log_uniform(self, low: float, high: float) -> float:
        """Draw one number between two bounds, every octave alike."""
        return low * (high / low) ** self._generator.random()

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number from ``low`` to ``high``, both included."""
        return low + int((high - low + 1) * self._generator.random())

    def choice(self, options: Sequence):
        """Draw one of several things."""
        return options[int(len(options) * self._generator.random())]

    def chance(self, probability: float) -> bool:
        """Say yes with this probability."""
        return self._generator.random() < probability

    def near(self, value: float, spread: float) -> float:
        """Draw a number within a relative ``spread`` around ``value``: 0.1 is ten per cent up or down."""
        return value * self.uniform(1 - spread, 1 + spread)

    def white(self, n: int) -> np.ndarray:
        """Draw white noise of ``n`` samples with a root mean square of 1."""
        return (self._generator.random(n) - 0.5) * math.sqrt(12)

    def arrivals(self, rate: float, duration: float) -> np.ndarray:
        """Draw the times of independent events (a Poisson process).

        Parameters
        ----------
        rate : float, events a second
        duration : float, seconds

        Returns
        -------
        times : np.ndarray, seconds, rising, from 0 to ``duration``
        """
        enough = int(rate * duration + 6 * math.sqrt(rate * duration) + 10)
        times = np.cumsum(-np.log(1 - self.numbers(enough)) / rate)
        return times[times < duration]
