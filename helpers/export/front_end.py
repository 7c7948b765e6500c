"""The way from samples to a normalised log-mel picture as layers: what a device has to do before the network.

Most faults on devices lie here, not in the network: the training used one
spectrogram, and the firmware computes another. So it goes into the file.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, features
from helpers.models import load_keras

if TYPE_CHECKING:
    import keras

TRANSFORMS = ("matrix", "fft")


def front_end(
    window_samples: int, *, sr: int, n_fft: int = 1024, hop_length: int = 256, n_mels: int = 64, fmin: float = 0.0,
    fmax: float | None = None, n_frames: int | None = None, normalise: bool = True, floor_db: float = 80.0,
    centred: bool = True, transform: str = "matrix",
) -> keras.Model:
    """Build ``features.log_mel`` and ``features.normalise`` as a network without anything to train.

    Parameters
    ----------
    window_samples : int
        Length of a window.
    sr : int, Hz
    n_fft, hop_length, n_mels, fmin, fmax
        As in :func:`helpers.features.log_mel`, with the same defaults.
    n_frames : int, optional
        Keep the first columns only, as :func:`helpers.models.scene_windows`
        does; all of them where not given.
    normalise : bool
        Whether each picture gets mean 0 and deviation 1 by itself, as in
        :func:`helpers.features.normalise`.
    floor_db : float, dB
        As there.
    centred : bool
        Whether the window is padded at both ends, as everywhere in this workshop.
        Without it, windows of ``n_fft`` samples give one column each; see the notes.
    transform : {"matrix", "fft"}
        How frequencies are found; see the notes.

    Returns
    -------
    keras.Model
        From windows ``(n_windows, window_samples)`` to pictures
        ``(n_windows, n_mels, n_frames)``, in dB where they are not normalised.

    Raises
    ------
    InputError
        If a setting does not fit, or there are fewer columns than are to be kept.

    Notes
    -----
    ``"fft"`` becomes the operator RFFT2D, for powers of two. LiteRT has it on telephones
    and computers, TensorFlow Lite Micro has not. ``"matrix"`` needs multiplications
    of matrices only (FULLY_CONNECTED), which every runtime has. One matrix
    for 1024 samples would take 4 MB; the Fourier transform falls apart into
    two of length 32 instead (Cooley and Tukey, "An algorithm for the machine
    calculation of complex Fourier series", Mathematics of Computation 19, 1965,
    carried out once, not ten times), which take 25 KB with the factors between them.

    ``keras.layers.MelSpectrogram`` is something else: mel scale of HTK, bands of
    equal height and not of equal area, by default the magnitude and not its square, decibels
    cut 80 below the loudest value. Its pictures have the same shape, so nothing warns; of noise
    they differ from ours by 20 dB in the median, and by 0.85 deviations after normalising, even with its
    settings as near to ours as they go. A network trained on one is deaf to the other.

    All of it is float32. In 8 bits it would not work: before the logarithm the
    powers of a sound span ten decimal places. A whole second at once takes over a megabyte of
    working memory (:func:`helpers.export.memory_sheet`). A small device takes
    ``front_end(n_fft, centred=False, normalise=False, ...)``, some 20 KiB, for each frame
    as it comes in, keeps the last columns, and normalises those.
    """
    keras = load_keras()
    layer = log_mel_layer()(sr=sr, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, fmin=fmin, fmax=fmax,
                            n_frames=n_frames, normalise=normalise, floor_db=floor_db, centred=centred,
                            transform=transform)
    samples = keras.Input((checks.whole(window_samples, name="window_samples"),), name="samples")
    return keras.Model(samples, layer(samples), name="front_end")


def with_front_end(
    model: keras.Model, *, sr: int, window_samples: int | None = None, window: float = 1.0, n_frames: int | None = None,
    **settings,
) -> keras.Model:
    """Put the front end before a network, so that it takes samples: device and notebook then agree.

    Parameters
    ----------
    model : keras.Model
        From normalised log-mel pictures ``(n_windows, n_mels, n_frames)`` to
        scores. Its weights are shared, not copied.
    sr : int, Hz
    window_samples : int, optional
        Length of a window; ``window`` seconds where not given.
    window : float, seconds
    n_frames : int, optional
        Columns that the network gets, where it takes any number; else it knows
        itself.
    **settings
        What :func:`front_end` takes besides: those of the training.

    Returns
    -------
    keras.Model
        From windows ``(n_windows, window_samples)`` to scores, within 1e-4 of
        log_mel, normalise and the network one after the other.

    Raises
    ------
    InputError
        If the pictures do not have the bands and columns that the network takes; one column
        too many is left out, as :func:`helpers.models.scene_windows` does.
    """
    keras = load_keras()
    _, bands, columns = model.input_shape if len(model.input_shape) == 3 else (None, None, None)
    if window_samples is None:
        window_samples = round(checks.positive(window, name="window") * checks.sr(sr))
    settings = {"n_mels": bands, **settings}
    if bands is None or settings["n_mels"] != bands:
        raise checks.fail(f"a network for pictures of {settings['n_mels'] or 'so many'} mel bands",
                          f"one for {model.input_shape}", "Take the settings of its training")
    if columns is not None and n_frames not in (None, columns):
        raise checks.fail(f"n_frames {columns}, which the network takes", repr(n_frames), "Leave n_frames out")
    framing = {name: settings[name] for name in ("n_fft", "hop_length", "centred") if name in settings}
    there = _columns(window_samples, **framing)
    if columns is not None and there - columns > 1:      # one too many is the column at the end of the window
        raise checks.fail(f"settings that give the {columns} columns the network takes", f"{there} columns",
                          "Take window, n_fft and hop_length of its training")
    ears = front_end(window_samples, sr=sr, n_frames=columns if n_frames is None else n_frames, **settings)
    samples = keras.Input((window_samples,), name="samples")
    return keras.Model(samples, model(ears(samples)))


@lru_cache(maxsize=1)
def log_mel_layer() -> type:
    """Make the layer class behind :func:`front_end`; once, and not before Keras is needed.

    Returns
    -------
    type
        A ``keras.layers.Layer``, known to Keras by name, so that saved models find it.
    """
    keras = load_keras()

    @keras.saving.register_keras_serializable(package="machine_hearing")
    class LogMel(keras.layers.Layer):
        """Log-mel pictures of windows, normalised one by one."""

        def __init__(self, *, sr, n_fft, hop_length, n_mels, fmin, fmax, n_frames, normalise, floor_db, centred,
                     transform, **kwargs):
            super().__init__(trainable=False, **kwargs)
            checks.one_of(transform, TRANSFORMS, name="transform")
            self.settings = {
                "sr": checks.sr(sr), "n_fft": checks.whole(n_fft, name="n_fft"), "n_mels": n_mels,
                "hop_length": checks.whole(hop_length, name="hop_length"), "fmin": float(fmin),
                "fmax": None if fmax is None else float(fmax), "normalise": bool(normalise), "transform": transform,
                "centred": bool(centred),
                "n_frames": None if n_frames is None else checks.whole(n_frames, name="n_frames"),
                "floor_db": float(checks.positive(floor_db, name="floor_db"))}
            if transform == "fft" and self.settings["n_fft"] & (self.settings["n_fft"] - 1):
                raise checks.fail("n_fft to be a power of two for transform='fft'", repr(n_fft),
                                  "Take 512 or 1024, or transform='matrix', which takes any length")
            mel = {name: self.settings[name] for name in ("sr", "n_fft", "n_mels", "fmin", "fmax")}
            self.filters = features.mel_filters(**mel)

        def get_config(self):
            return {**super().get_config(), **self.settings} | {"trainable": False}

        @classmethod
        def from_config(cls, config):
            return cls(**{name: value for name, value in config.items() if name != "trainable"})

        def compute_output_shape(self, shape):
            there = _columns(shape[1], **{name: self.settings[name] for name in ("n_fft", "hop_length", "centred")})
            wanted = self.settings["n_frames"] or max(1, there)
            if wanted > there:
                raise checks.fail(f"windows long enough for {wanted} columns",
                                  f"{shape[1]} samples, which give {there}",
                                  "Take window, n_fft and hop_length of the training")
            return (shape[0], self.settings["n_mels"], wanted)

        def call(self, samples):
            return _pictures(samples, self.filters, self.compute_output_shape(samples.shape), **self.settings)

    return LogMel


def _columns(n_samples: int, *, n_fft: int = 1024, hop_length: int = 256, centred: bool = True) -> int:
    """Count the frames, as :func:`helpers.features.spectrogram` says."""
    padding = 2 * (n_fft // 2) if centred else 0
    return max(0, 1 + (n_samples + padding - n_fft) // hop_length)


def _pictures(samples, filters: np.ndarray, shape: tuple, *, n_fft: int, hop_length: int, transform: str,
              normalise: bool, floor_db: float, centred: bool, **_):
    """Samples to pictures; every step is one that small runtimes have."""
    ops, n_frames, n_mels = load_keras().ops, shape[2], shape[1]
    half = n_fft // 2
    padded = ops.pad(samples, ((0, 0), (half, half))) if centred else samples
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)).astype(np.float32)
    frames = _frames(ops, padded, n_fft=n_fft, hop_length=hop_length, n_frames=n_frames) * hann
    rows = ops.reshape(frames, (-1, n_fft))
    power, order = (_power_by_fft if transform == "fft" else _power_by_matrix)(ops, rows, n_fft)
    weights = np.zeros((len(order), n_mels), np.float32)
    used = order <= half
    weights[used] = filters.T[order[used]]
    mel = ops.matmul(power, weights)
    level = ops.log(ops.maximum(mel, np.float32(features.FLOOR))) * np.float32(10 / math.log(10))
    picture = ops.transpose(ops.reshape(level, (-1, n_frames, n_mels)), (0, 2, 1))
    return _normalised(ops, picture, floor_db) if normalise else picture


def _frames(ops, padded, *, n_fft: int, hop_length: int, n_frames: int):
    """Cut overlapping frames out of padded samples: blocks that the hop and the frame share, side by side."""
    block = math.gcd(n_fft, hop_length)
    step, pieces = hop_length // block, n_fft // block
    if pieces > 64:                              # they share too little: look every sample up
        return ops.take(padded, np.arange(n_frames)[:, None] * hop_length + np.arange(n_fft), axis=1)
    needed = (n_frames - 1) * step + pieces
    blocks = ops.reshape(ops.pad(padded, ((0, 0), (0, max(0, needed * block - padded.shape[1]))))[:, :needed * block],
                         (-1, needed, block))
    return ops.concatenate([blocks[:, first: first + (n_frames - 1) * step + 1: step] for first in range(pieces)],
                           axis=2)


def _power_by_fft(ops, rows, n_fft: int):
    """Power by the runtime's own Fourier transform."""
    real, imaginary = ops.rfft(rows)
    return ops.square(real) + ops.square(imaginary), np.arange(1 + n_fft // 2)


def _power_by_matrix(ops, rows, n_fft: int):
    """Power by two short Fourier transforms, each a multiplication with a matrix, and turns in between.

    With n = b n1 + n2 and k = k1 + a k2: transform over n1, turn by n2 k1 / (a b)
    of a circle, transform over n2. The frequencies come out as k1 + a k2.
    """
    a = next(n for n in range(math.isqrt(n_fft), 0, -1) if n_fft % n == 0)
    b = n_fft // a
    wanted = b // 2 + 1                          # k2 beyond it mirrors the lower half
    first = _turns(np.outer(np.arange(a), np.arange(a)) / a)
    between = _turns(np.outer(np.arange(b), np.arange(a)) / n_fft)
    last = _turns(np.outer(np.arange(b), np.arange(wanted)) / b)
    by_n2 = ops.reshape(ops.transpose(ops.reshape(rows, (-1, a, b)), (0, 2, 1)), (-1, a))
    short = ops.reshape(ops.matmul(by_n2, np.hstack([first.real, first.imag])), (-1, b, 2 * a))
    real, imaginary = short[:, :, :a], short[:, :, a:]
    turned = ops.concatenate([real * between.real - imaginary * between.imag,
                              real * between.imag + imaginary * between.real], axis=1)         # (frames, 2 b, a)
    by_k1 = ops.reshape(ops.transpose(turned, (0, 2, 1)), (-1, 2 * b))
    both = np.block([[last.real, last.imag], [-last.imag, last.real]])
    parts = ops.square(ops.matmul(by_k1, np.ascontiguousarray(both)))
    power = ops.reshape(parts[:, :wanted] + parts[:, wanted:], (-1, a * wanted))
    return power, (np.arange(a)[:, None] + a * np.arange(wanted)).ravel()


def _turns(share: np.ndarray) -> np.ndarray:
    """Complex numbers on the unit circle, clockwise by a share of it; in single precision."""
    return np.exp(-2j * np.pi * (share % 1)).astype(np.complex64)


def _normalised(ops, picture, floor_db: float):
    """As :func:`helpers.features.normalise`."""
    clamped = ops.maximum(picture - ops.max(picture, axis=(1, 2), keepdims=True), np.float32(-floor_db))
    centred = clamped - ops.mean(clamped, axis=(1, 2), keepdims=True)
    deviation = ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2), keepdims=True))
    return centred / ops.maximum(deviation, np.float32(1e-3))
