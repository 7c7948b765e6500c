"""New sounds from old ones: one channel of samples in, as many out."""

import random
from collections.abc import Callable

import numpy as np

from helpers import checks

FLOOR = 1e-7
"""Root mean square below which a sound has no level to relate noise to."""


def shift(audio: np.ndarray, *, rng: np.random.Generator, max_share: float = 0.5, wrap: bool = True) -> np.ndarray:
    """Move a sound in time.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    rng : numpy.random.Generator
    max_share : float, range 0 to 1
        Farthest move, forwards or backwards, as a share of the length.
    wrap : bool
        Whether what leaves at one end comes in at the other, which keeps the
        energy. Otherwise silence comes in.

    Returns
    -------
    np.ndarray, same shape

    Examples
    --------
    >>> moved = shift(np.arange(4.0), rng=np.random.default_rng(0))
    >>> moved.tolist()
    [2.0, 3.0, 0.0, 1.0]
    """
    audio = checks.audio(audio)
    farthest = int(share(max_share, name="max_share") * len(audio))
    step = int(rng.integers(-farthest, farthest, endpoint=True))
    moved = np.roll(audio, step)
    if not wrap:
        moved[slice(step) if step >= 0 else slice(step, None)] = 0
    return moved


def gain(audio: np.ndarray, *, rng: np.random.Generator, range_db: tuple[float, float] = (-12.0, 6.0)) -> np.ndarray:
    """Make a sound softer or louder, as from farther or nearer.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    rng : numpy.random.Generator
    range_db : (float, float), dB
        Smallest and largest change. Values above 1 are kept.

    Returns
    -------
    np.ndarray, same shape
    """
    audio = checks.audio(audio)
    return audio * audio.dtype.type(10 ** (_between(rng, range_db, name="range_db") / 20))


def noise(
    audio: np.ndarray, *, rng: np.random.Generator, snr_db: tuple[float, float] = (0.0, 20.0),
    recorded: np.ndarray | None = None,
) -> np.ndarray:
    """Add noise at a drawn signal-to-noise ratio.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
        A silent one is returned as it is: no noise has a ratio to silence.
    rng : numpy.random.Generator
    snr_db : (float, float), dB
        Lowest and highest ratio of mean powers, over the whole sound.
    recorded : np.ndarray, shape=(n_noise_samples,), optional
        Noise recorded somewhere; a stretch of it is taken, repeated where it is
        too short. White noise where not given.

    Returns
    -------
    np.ndarray, same shape

    Examples
    --------
    >>> tone = np.sin(np.arange(16000) * 0.1)
    >>> hiss = noise(tone, rng=np.random.default_rng(0), snr_db=(10, 10)) - tone
    >>> round(float(10 * np.log10(np.mean(tone**2) / np.mean(hiss**2))), 3)
    10.0
    """
    audio = checks.audio(audio)
    ratio_db = _between(rng, snr_db, name="snr_db")
    if recorded is None:
        added = rng.standard_normal(len(audio))
    else:
        recorded = checks.audio(recorded, name="recorded")
        added = recorded[(int(rng.integers(len(recorded))) + np.arange(len(audio))) % len(recorded)]
    level, noise_level = (np.sqrt(np.mean(np.square(sound, dtype=np.float64))) for sound in (audio, added))
    if level < FLOOR or noise_level < FLOOR:
        return audio.copy()
    return audio + (level / noise_level * 10 ** (-ratio_db / 20) * added).astype(audio.dtype)


def stretch(
    audio: np.ndarray, *, sr: int, rng: np.random.Generator, rates: tuple[float, float] = (0.85, 1.15)
) -> np.ndarray:
    """Play faster or slower at the same pitch.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    rng : numpy.random.Generator
    rates : (float, float)
        Lowest and highest speed; 2 is twice as fast. The length stays: the end
        is cut off, or filled with silence.

    Returns
    -------
    np.ndarray of float32, same shape

    Notes
    -----
    ``audiomentations.TimeStretch``. Some ten milliseconds of computing for one
    second: do it once, ahead, and keep the result.
    """
    from audiomentations import TimeStretch

    low, high = _range(rates, name="rates")
    checks.positive(low, name="rates")
    return apply(TimeStretch(low, high, p=1.0), audio, sr=sr, rng=rng)


def pitch(
    audio: np.ndarray, *, sr: int, rng: np.random.Generator, semitones: tuple[float, float] = (-2.0, 2.0)
) -> np.ndarray:
    """Play higher or lower at the same speed.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    rng : numpy.random.Generator
    semitones : (float, float)
        Lowest and highest change; 12 semitones are an octave.

    Returns
    -------
    np.ndarray of float32, same shape

    Notes
    -----
    ``audiomentations.PitchShift``; as slow as :func:`stretch`.
    """
    from audiomentations import PitchShift

    return apply(PitchShift(*_range(semitones, name="semitones"), p=1.0), audio, sr=sr, rng=rng)


def colour(
    audio: np.ndarray, *, sr: int, rng: np.random.Generator, gain_db: tuple[float, float] = (-8.0, 8.0)
) -> np.ndarray:
    """Raise and lower seven bands of frequency, as another microphone or room would.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
        At least 16000: the highest band has to lie below half of it.
    rng : numpy.random.Generator
    gain_db : (float, float), dB
        Smallest and largest change of a band.

    Returns
    -------
    np.ndarray of float32, same shape

    Notes
    -----
    ``audiomentations.SevenBandParametricEQ``.
    """
    from audiomentations import SevenBandParametricEQ

    return apply(SevenBandParametricEQ(*_range(gain_db, name="gain_db"), p=1.0), audio, sr=sr, rng=rng)


def apply(transform: Callable, audio: np.ndarray, *, sr: int, rng: np.random.Generator) -> np.ndarray:
    """Apply any transform of audiomentations, with its draws coming from ``rng``.

    The library draws from the global generators of ``random`` and numpy. Both
    are seeded from ``rng`` and put back as they were.

    Parameters
    ----------
    transform : callable
        ``transform(samples, sample_rate=...)``, such as
        ``audiomentations.Compose([...])``.
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    rng : numpy.random.Generator

    Returns
    -------
    np.ndarray of float32, same shape
        Cut, or filled with silence, where the transform changed the length.
    """
    audio, sr = checks.audio(audio).astype(np.float32), checks.sr(sr)
    state, numpy_state = random.getstate(), np.random.get_state()   # noqa: NPY002 - to put it back
    try:
        seed = int(rng.integers(2**32))
        random.seed(seed)
        np.random.seed(seed)   # noqa: NPY002 - the library knows no other way
        changed = np.asarray(transform(audio, sample_rate=sr), np.float32)[:len(audio)]
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)   # noqa: NPY002
    return np.pad(changed, (0, len(audio) - len(changed)))


def share(value: float, *, name: str) -> float:
    """Check a share of something."""
    if not 0 <= value <= 1:
        raise checks.InputError(checks.explain(f"{name} between 0 and 1", repr(value), "Give a share of the length",
                                               section=checks.ARRAYS))
    return float(value)


def _range(pair: tuple[float, float], *, name: str) -> tuple[float, float]:
    """Check a lowest and a highest value."""
    low, high = map(float, pair)
    if not -np.inf < low <= high < np.inf:
        raise checks.InputError(checks.explain(f"{name} as (lowest, highest)", repr(pair), "Put the lower one first",
                                               section=checks.ARRAYS))
    return low, high


def _between(rng: np.random.Generator, pair: tuple[float, float], *, name: str) -> float:
    """Draw between a lowest and a highest value."""
    return float(rng.uniform(*_range(pair, name=name)))
