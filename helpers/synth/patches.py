"""Patches: abstract sounds by number, to train a network that shall tell sounds apart and never hears a recording.

A patch is a random setting of a small synthesizer: one to three layers, each a
pattern of events that sets something vibrating, a filter and a loudness that
moves. No patch is meant to sound like anything, and together they cover much
of what sounds can do. Two *takes* of a patch are as alike as two recordings of
one kind of thing, which is all that contrastive learning asks for; the eleven
*families* serve as class labels. The synthesizer is in
:mod:`~helpers.synth.patch_parts`, :mod:`~helpers.synth.patch_sources` and
:mod:`~helpers.synth.patch_shapes`.

References
----------
M. Cherep and N. Singh, "Contrastive Learning from Synthetic Audio
Doppelgängers", 2024 (arXiv:2406.05923).
"""

import itertools

import numpy as np
from scipy import fft

from helpers import checks
from helpers.synth.envelopes import amplitude
from helpers.synth.filters import fast_length
from helpers.synth.patch_parts import TAU, Canvas, Events, Knobs, draw_events, recipe_draws
from helpers.synth.patch_shapes import draw_filter, draw_loudness
from helpers.synth.patch_sources import EXCITATIONS, excite
from helpers.synth.sources import unit

FAMILIES = ("vocal", "engine", "hiss", "crackle", "tick", "modal", "chirp", "swell", "scrape", "blip", "free")
"""Families of patches, by what they remind of; ``"free"`` draws from all that there is, and is twice as likely."""
PEAK = 0.9
_LOTS = (*FAMILIES, "free")


def family(number: int, *, seed: int = 0) -> str:
    """Name the family of a patch, without rendering it.

    Parameters
    ----------
    number : int
        Which patch.
    seed : int
        Another seed is another set of patches.

    Returns
    -------
    str
        One of ``FAMILIES``: that of the first, loudest layer.

    Examples
    --------
    >>> family(0) in FAMILIES
    True
    """
    return recipe_draws(number, seed=seed).choice(_LOTS)


def render(
    number: int, *, take: int = 0, seed: int = 0, duration: float = 2.2, sr: int = 16000, spread: float = 0.1
) -> np.ndarray:
    """Make one take of a patch.

    Parameters
    ----------
    number : int
        Which patch.
    take : int
        The same patch once more: other noise, other jitter, every setting a
        little off.
    seed : int
        Another seed is another set of patches.
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.
    spread : float, range 0 to 1
        How far the settings of a take are off, as a share of their range
        (standard deviation). At 0 takes differ in noise and jitter alone.

    Returns
    -------
    np.ndarray of float32, shape=(n_samples,), range -0.9 to 0.9
        The strongest sample is at 0.9. The same arguments give the same sound,
        whatever else is rendered before.

    Raises
    ------
    InputError
        If duration, rate or spread lie outside their range.

    Examples
    --------
    >>> sound = render(7)
    >>> sound.shape, sound.dtype.name
    ((35200,), 'float32')
    >>> bool((sound == render(7)).all()), bool((sound == render(7, take=1)).all())
    (True, False)
    """
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr, name="patch")
    if spread != 0 and not 0 < spread <= 1:
        raise checks.InputError(checks.explain(
            "a spread from 0 to 1", repr(spread), "0.1 moves every setting by about a tenth of its range",
            section=checks.ARRAYS))
    for attempt in itertools.count():
        knobs = Knobs(number, take=take, seed=seed, spread=spread, attempt=attempt)
        sound = _layers(knobs, n_samples=n_samples, sr=sr)
        peak = float(np.abs(sound).max())
        if peak != 0:                                             # a silent take is drawn again
            return sound * np.float32(PEAK / peak)


def _layers(knobs: Knobs, *, n_samples: int, sr: int) -> np.ndarray:
    """Make all layers; the first draw is the family, where :func:`family` looks for it."""
    canvas = Canvas(fast_length(n_samples), sr)
    label, n_layers = knobs.choice(_LOTS), knobs.choice((1, 1, 1, 2, 2, 3))
    sound = _layer(knobs, label, canvas=canvas, n_samples=n_samples)
    for _ in range(n_layers - 1):
        gain = np.float32(amplitude(knobs.uniform(-24, -2)))
        sound += gain * _layer(knobs, knobs.choice(_LOTS), canvas=canvas, n_samples=n_samples)
    return sound


def _layer(knobs: Knobs, label: str, *, canvas: Canvas, n_samples: int) -> np.ndarray:
    """Make one layer, of a root mean square of 1: excite, filter, shape."""
    excitation = knobs.choice(EXCITATIONS[label])
    clicks = excitation == "clicks"
    events = draw_events(knobs, label, canvas=canvas, sudden=clicks or excitation == "impulses")
    # the canvas goes round: what rings on at its end is heard at its start, as if it had begun before
    spectrum = fft.rfft(excite(knobs, label, excitation=excitation, canvas=canvas, events=events))
    sound = unit(fft.irfft(spectrum * draw_filter(knobs, label, canvas=canvas), canvas.size))
    if label == "vocal" or knobs.chance(0.35):                    # the timbre moves from one filter to another
        other = unit(fft.irfft(spectrum * draw_filter(knobs, label, canvas=canvas), canvas.size))
        sound += canvas.fill(_moves(knobs, canvas=canvas, events=events)) * (other - sound)
    sound *= canvas.fill(draw_loudness(knobs, label, canvas=canvas, events=events, sudden=clicks))
    return unit(sound[:n_samples])


def _moves(knobs: Knobs, *, canvas: Canvas, events: Events) -> np.ndarray:
    """Draw how a layer moves between its two filters, 0 to 1: to and fro, with each event, or at random."""
    if knobs.chance(0.5):
        return 0.5 + 0.5 * np.sin(TAU * (knobs.log_uniform(0.3, 9) * canvas.time + knobs.take.uniform(0, 1)))
    if events.continuous:
        return 0.5 + 0.5 * canvas.drift(knobs.take, knobs.log_uniform(0.5, 8))
    return events.progress(canvas)
