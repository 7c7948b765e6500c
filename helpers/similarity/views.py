"""Two views of one sound: what self-supervised learning compares."""

import numpy as np

from helpers import augment, checks, features

KNOTS = 6


def vary(
    log_mels: np.ndarray, others: np.ndarray, *, rng: np.random.Generator, colour_db: float = 5.0,
    snr_db: tuple[float, float] = (5.0, 30.0), share: float = 0.0,
) -> np.ndarray:
    """Change windows as another room, microphone and background would: the name stays the same.

    Each window gets another colour (bands louder and softer, smoothly) and
    another sound underneath; where asked, a stretch of time and a band of
    frequencies are hidden.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames), dB
        Not normalised.
    others : np.ndarray, same shape, dB
        What is laid underneath each.
    rng : numpy.random.Generator
    colour_db : float, dB
        Standard deviation of the change at each of six places between the
        lowest and the highest band.
    snr_db : (lowest, highest), dB
        How far the other sound lies below, each power taken over the window.
    share : float, range 0 to 1
        Widest stretch and band to be hidden, as in :func:`helpers.augment.mask`.
        None where not given: networks that see whole pictures gain by it, the
        statistics of a picture are spoilt.

    Returns
    -------
    np.ndarray of float32, same shape, dB

    Raises
    ------
    InputError
        If the two are not stacks of pictures of one shape.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> vary(np.zeros((2, 8, 4)), np.full((2, 8, 4), -30.0), rng=rng).shape
    (2, 8, 4)
    """
    log_mels, others = checks.log_mels(log_mels), checks.log_mels(others)
    checks.same_length(log_mels=log_mels, others=others)
    n_windows, n_mels, _ = log_mels.shape
    place = np.linspace(0, KNOTS - 1, n_mels)
    colour = np.stack([np.interp(place, np.arange(KNOTS), rng.normal(0, colour_db, KNOTS)) for _ in log_mels])
    own, under = 10 ** ((log_mels + colour[:, :, np.newaxis]) / 10), 10 ** (others / 10)
    below = 10 ** (-rng.uniform(*snr_db, (n_windows, 1, 1)) / 10)
    loudness, softness = (power.mean(axis=(1, 2), keepdims=True) for power in (own, under))
    mixed = own + under * below * loudness / np.maximum(softness, features.FLOOR)
    changed = 10 * np.log10(np.maximum(mixed, features.FLOOR))
    return augment.mask(changed, rng=rng, time_share=share, mel_share=share).astype(np.float32)


def unchanged(log_mels: np.ndarray, others: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Leave windows as they are: then two views of a clip are two of its windows, and nothing more.

    Parameters
    ----------
    log_mels, others : np.ndarray, shape=(n_windows, n_mels, n_frames), dB
    rng : numpy.random.Generator
        Not used.

    Returns
    -------
    np.ndarray
        The first.
    """
    return log_mels


def band_statistics(log_mels: np.ndarray) -> np.ndarray:
    """Describe each window by four numbers a band, once its level is taken out.

    Parameters
    ----------
    log_mels : np.ndarray, shape=(n_windows, n_mels, n_frames), dB

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, 4 * n_mels)
        :func:`helpers.features.statistics` of :func:`helpers.features.normalise`.
    """
    return features.statistics(features.normalise(log_mels))
