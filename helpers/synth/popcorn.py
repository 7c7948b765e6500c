"""A pan of popcorn: pops whose rate rises and falls, for counting."""

import numpy as np

from helpers import checks
from helpers.synth import rooms
from helpers.synth.envelopes import amplitude, mix, wander
from helpers.synth.filters import band
from helpers.synth.further_parts import struck
from helpers.synth.keys import Draws
from helpers.synth.sources import noise, rms

RATES = ((0.0, 20.0), (0.45, 150.0), (0.7, 100.0), (1.0, 12.0))
"""Pops a minute at points of the recording: first few, then many, then few again."""
EVEN = 0.4
"""A gap differs from its mean by up to this share: real popcorn pops less evenly."""


def render(*, index: int = 0, seed: int = 0, duration: float = 60.0, sr: int = 16000) -> tuple[np.ndarray, list[dict]]:
    """Make one pan of popcorn.

    Parameters
    ----------
    index : int
        Which pan.
    seed : int
        Another seed is another world.
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,), range -1 to 1
        Every value is a whole multiple of 1/32768.
    events : list of dict, by onset
        ``onset`` and ``offset``, both the time of the pop (seconds), and
        ``label``, "pop".

    Raises
    ------
    InputError
        If duration or rate are too small.

    Examples
    --------
    >>> audio, pops = render(duration=20.0)
    >>> audio.shape, pops[0]["label"], pops[0]["onset"] == pops[0]["offset"]
    ((320000,), 'pop', True)
    """
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr, name="pan of popcorn")
    pan, take = Draws(seed, "popcorn pan", index), Draws(seed, "popcorn take", index)
    pitch, metal, decay = pan.log_uniform(400, 900), pan.log_uniform(1500, 3500), pan.log_uniform(0.006, 0.015)
    sound = 0.03 * noise(take, n_samples, sr=sr, curve=band(2500, 7000)) * wander(
        take, n_samples, sr=sr, every=0.02, depth_db=4)                                  # oil that sizzles
    room = rooms.background("ventilation", Draws(seed, "popcorn kitchen", index), take, n_samples, sr=sr,
                            microphone=np.ones_like)
    sound += 0.02 * room / rms(room)
    pops, time = [], take.uniform(0.5, 1.5) * 60 / RATES[0][1]
    while time < duration - 0.05:
        first = round(time * sr)
        tone = pitch * take.log_uniform(0.7, 1.5)
        pop = struck(take, 0.12, sr=sr, tones=[tone, 2.2 * tone, take.near(metal, 0.05)],
                     decays=[decay, 0.6 * decay, 0.02], gains=[1, 0.6, 0.3], scrape=0.7, scrape_decay=0.5 * decay)
        mix(sound, pop, start=first, gain=take.log_uniform(0.12, 1.0) / np.abs(pop).max())
        pops.append({"onset": first / sr, "offset": first / sr, "label": "pop"})
        per_minute = np.interp(time / duration, *zip(*RATES, strict=True))
        time += 60 / per_minute * take.uniform(1 - EVEN, 1 + EVEN)
    sound *= amplitude(-3) / np.abs(sound).max()
    return (np.clip(np.round(sound * 32768), -32768, 32767) / 32768).astype(np.float32), pops
