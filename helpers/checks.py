"""What goes in must be what we expect: the one place where bad input is named.

Every error says what was expected, what came, the way out, and which section
of ``docs/troubleshooting.md`` says more. Silence, clipping, stereo files, other
sampling rates and recordings shorter than a window are not errors.
"""

from collections.abc import Collection

import numpy as np

FILES, ARRAYS, DATA_SETS, DOWNLOADS, DISK, SETUP, NOTEBOOKS, PLAYERS = SECTIONS = (
    "Recordings that cannot be read",
    "Arrays and numbers",
    "Data sets",
    "Downloads",
    "Disk and folders",
    "Setting up",
    "Notebooks",
    "Sound and players",
)


class InputError(ValueError):
    """An array, a number or a name that a function cannot work with."""


class AudioFileError(OSError):
    """A file that is missing, broken, or not a recording."""


class DatasetError(OSError):
    """A data set that is not on this computer, or not complete."""


class DownloadError(OSError):
    """A download that could not be finished."""


def explain(expected: str, got: str, way_out: str, *, section: str) -> str:
    """Put an error message together.

    Parameters
    ----------
    expected, got, way_out : str
        What the function needed, what it was given, what to do now.
    section : str
        One of ``SECTIONS``: a heading of docs/troubleshooting.md.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If there is no such section.

    Examples
    --------
    >>> explain("a rate above 0 Hz", "-1", "Give the rate of the recording", section=ARRAYS)
    'Expected a rate above 0 Hz; got -1. Give the rate of the recording. (docs/troubleshooting.md: Arrays and numbers)'
    """
    if section not in SECTIONS:
        raise ValueError(f"no section {section!r}; there are {SECTIONS}")
    return f"Expected {expected}; got {got}. {way_out.rstrip('.')}. (docs/troubleshooting.md: {section})"


def fail(expected: str, got: str, way_out: str) -> InputError:
    """Make the error for a wrong array or number, as :func:`explain` words it."""
    return InputError(explain(expected, got, way_out, section=ARRAYS))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def audio(audio: np.ndarray, *, name: str = "audio") -> np.ndarray:
    """Return audio as a float array, or say what is wrong with it.

    Parameters
    ----------
    audio : array_like, shape=(n_samples,)
        One channel. Values beyond -1 to 1 are legal, silence too.
    name : str
        What the message calls it.

    Returns
    -------
    np.ndarray of float32 or float64, shape=(n_samples,)

    Raises
    ------
    InputError
        If it is empty, has more than one dimension, holds whole numbers (their
        scale is unknown), or holds values that are not finite.
    """
    audio = np.asarray(audio)
    if audio.ndim != 1:
        raise fail(f"{name} of one channel, shape (n_samples,)", f"shape {audio.shape}",
                   "Average the channels first: audio.mean(axis=0), or axis=1 where the channels come last")
    if audio.size == 0:
        raise fail(f"{name} with at least one sample", "none", "Look at the file: it may have been cut to nothing")
    return finite(audio, name=name)


def finite(array: np.ndarray, *, name: str) -> np.ndarray:
    """Return an array of floats without NaN or infinity, or say what is wrong with it.

    Raises
    ------
    InputError
        If it holds whole numbers, NaN or infinity.
    """
    array = np.asarray(array)
    if array.dtype.kind != "f":
        raise fail(f"{name} as floats", f"dtype {array.dtype}",
                   "Divide 16-bit samples by 32768; other numbers only need .astype('float32')")
    if array.size and not np.isfinite(array).all():
        bad = int(np.count_nonzero(~np.isfinite(array)))
        raise fail(f"{name} of finite numbers", f"{bad} values that are NaN or infinite",
                   "Find where they arise, or replace them: np.nan_to_num(...)")
    return array


def length(duration: float, sr: int, *, name: str = "clip") -> int:
    """Return how many samples a rendered sound has, or say what is too small.

    Parameters
    ----------
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.
    name : str
        What is rendered, for the message.

    Raises
    ------
    InputError
        If the duration or the rate is too small, or no number.
    """
    if not (positive(duration, name="duration") >= 0.1 and sr >= 8000):
        raise fail(f"a {name} of at least 0.1 s at 8000 Hz or more", f"{duration} s at {sr} Hz",
                   f"Ask for a longer {name} or a higher rate, then cut or resample it")
    return round(duration * sr)


def windows(windows: np.ndarray) -> np.ndarray:
    """Return windows as a float table, or say what is wrong with it.

    Raises
    ------
    InputError
        If it does not have the shape (n_windows, window_samples), or holds
        values that are not finite.
    """
    windows = np.asarray(windows)
    if windows.ndim != 2 or windows.shape[1] == 0:
        raise fail("windows of shape (n_windows, window_samples)", f"shape {windows.shape}",
                   "Cut the recording first: windows.split(audio, sr=sr)")
    return finite(windows, name="windows")


def log_mels(log_mels: np.ndarray) -> np.ndarray:
    """Return a stack of log-mel pictures, or say what is wrong with it.

    Raises
    ------
    InputError
        If it does not have the shape (n_windows, n_mels, n_frames), or holds
        values that are not finite.
    """
    log_mels = np.asarray(log_mels)
    if log_mels.ndim != 3 or 0 in log_mels.shape[1:]:
        raise fail("log-mels of shape (n_windows, n_mels, n_frames)", f"shape {log_mels.shape}",
                   "Put a single picture into a stack: log_mel[np.newaxis]")
    return finite(log_mels, name="log-mels")


def sr(sr: float) -> int:
    """Return a sampling rate as a whole number, or say what is wrong with it.

    Raises
    ------
    InputError
        If it is not a whole number above 0.
    """
    if not _is_number(sr) or not 0 < sr < np.inf or sr != int(sr):
        raise fail("a sampling rate in Hz, a whole number above 0", repr(sr),
                   "Phones record at 48000, this workshop works at 16000")
    return int(sr)


def window_and_hop(window: float, hop: float, *, sr: int) -> tuple[int, int]:
    """Turn a window and a hop in seconds into samples.

    Returns
    -------
    window_samples, hop_samples : int

    Raises
    ------
    InputError
        If one is not a number, or the hop rounds to no sample or is longer than
        the window, so that samples would be skipped.

    Examples
    --------
    >>> window_and_hop(1.0, 0.5, sr=16000)
    (16000, 8000)
    """
    usable = _is_number(window) and _is_number(hop) and 0 < hop < np.inf and 0 < window < np.inf
    window_samples, hop_samples = (round(window * sr), round(hop * sr)) if usable else (0, 0)
    if not 0 < hop_samples <= window_samples:
        raise fail("0 < hop <= window, in seconds", f"hop {hop} s, window {window} s at {sr} Hz",
                   "Half a window is the usual hop")
    return window_samples, hop_samples


def scores(scores: np.ndarray) -> np.ndarray:
    """Return scores as a table of floats, or say what is wrong with it.

    Raises
    ------
    InputError
        If it does not have the shape (n_windows, n_classes) with at least one
        window and one class, or holds values that are not finite.
    """
    scores = np.asarray(scores)
    if scores.ndim != 2 or scores.size == 0:
        raise fail("scores of shape (n_windows, n_classes) with at least one window", f"shape {scores.shape}",
                   "Put the scores of a single window into a table: scores[np.newaxis]")
    return finite(scores.astype(float) if scores.dtype.kind in "iub" else scores, name="scores")


def same_length(**arrays: Collection) -> None:
    """Make sure that several arrays have one entry for each item.

    Raises
    ------
    InputError
        If their lengths differ; the message names them all.
    """
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise fail("one entry for each item in " + " and ".join(lengths),
                   ", ".join(f"{n} in {name}" for name, n in lengths.items()),
                   "Check that both come from the same rows in the same order")


def one_of(value: object, allowed: Collection, *, name: str) -> object:
    """Return the value if it is one of those allowed, else list them.

    Raises
    ------
    InputError
        If it is not one of them.

    Examples
    --------
    >>> one_of("mean", ("mean", "max"), name="how")
    'mean'
    """
    if value not in allowed:
        raise fail(f"{name} to be one of {', '.join(map(repr, allowed))}", repr(value), "Choose one of them")
    return value


def positive(value: float, *, name: str) -> float:
    """Return a number above zero, or say what is wrong with it.

    Raises
    ------
    InputError
        If it is not a finite number above 0.
    """
    if not _is_number(value) or not 0 < value < np.inf:
        raise fail(f"{name} above 0", repr(value), "Give a finite number above 0")
    return value


def whole(value: int, *, name: str) -> int:
    """Return a whole number above zero, or say what is wrong with it.

    Raises
    ------
    InputError
        If it is not a whole number above 0; 256.0 is taken for 256.

    Examples
    --------
    >>> whole(256.0, name="hop_length")
    256
    """
    if positive(value, name=name) != int(value):
        raise fail(f"{name} as a whole number", repr(value), "Round it: round(value)")
    return int(value)
