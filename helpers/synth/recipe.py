"""A recipe says how one class sounds: what makes an individual, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import mix
from helpers.synth.keys import Draws


@dataclass(frozen=True)
class Recipe:
    """How one class of sound is made. Exactly one of ``call`` and ``texture`` is given.

    Attributes
    ----------
    traits : callable
        ``traits(draws)`` makes one individual: this dog, that clock.
    call : callable, optional
        ``call(individual, take, sr)`` makes one bark, one sneeze, one toot.
    texture : callable, optional
        ``texture(individual, take, n_samples, sr)`` makes a sound that goes on.
    gap : (float, float), seconds
        Shortest and longest pause between two calls.
    """

    traits: Callable[[Draws], SimpleNamespace]
    call: Callable[[SimpleNamespace, Draws, int], np.ndarray] | None = None
    texture: Callable[[SimpleNamespace, Draws, int, int], np.ndarray] | None = None
    gap: tuple[float, float] = (0.4, 1.5)

    def perform(self, individual: Draws, take: Draws, n_samples: int, *, sr: int) -> np.ndarray:
        """Let one individual sound for a while, as near and clean as can be.

        Parameters
        ----------
        individual, take : Draws
            What makes this source differ from others, and this take from others
            of the same source.
        n_samples : int
        sr : int, Hz

        Returns
        -------
        np.ndarray, shape=(n_samples,)
            At any level.
        """
        one = self.traits(individual)
        if self.texture:
            return self.texture(one, take, n_samples, sr)
        duration = n_samples / sr
        sound = np.zeros(n_samples)
        start = take.uniform(-0.15, 0.45) * duration if take.chance(0.8) else 0.0
        while start < max(duration - 0.1, 0.05):
            call = self.call(one, take, sr)
            if start < 0 and start + len(call) / sr < 0.25:   # it would be over before the clip has begun
                start = 0.0
            mix(sound, call, start=int(start * sr))
            start += len(call) / sr + take.uniform(*self.gap)
        return sound
