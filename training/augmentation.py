"""Rooms, microphones, other sounds and noise, put into log-mel windows inside the training graph.

On mel power rather than on samples: a thousand times cheaper, and close enough.
All dB values are relative to the loudest moment of a window.
"""

import numpy as np
import tensorflow as tf

from helpers.embeddings.embedded import FLOOR_DB, HOP_LENGTH, N_FRAMES, N_MELS, SPREAD_DB, SR
from training.recipe import LEAD_IN

BANDS = tf.constant(np.linspace(0, 1, N_MELS)[None, :, None], tf.float32)      # 0 lowest, 1 highest
CORNERS = 6                                                                    # of a smooth random curve over bands
CURVES = tf.constant(np.stack([np.interp(np.linspace(0, CORNERS - 1, N_MELS), np.arange(CORNERS), corner)
                               for corner in np.eye(CORNERS)]), tf.float32)
WIDEST_MASK = 14.0


class Augmentation:
    """Draws a new room, microphone and background for each window.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        self._draws = tf.random.Generator.from_seed(seed)
        self._seed = seed

    def at_step(self, step: int) -> None:
        """Put the draws where a step begins, so that a training that goes on draws what it would have drawn."""
        self._draws.reset_from_seed(1_000_003 * self._seed + step)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Augment windows and bring them to what the network sees.

        Parameters
        ----------
        x : tf.Tensor, shape=(n, n_mels, LEAD_IN + n_frames), dB

        Returns
        -------
        tf.Tensor, shape=(n, n_mels, n_frames)
        """
        power = self._room(10 ** (x / 10))[:, :, LEAD_IN:]
        power = _to_peak(self._other_sound(_to_peak(power)))
        power = self._noise(_to_peak(power * 10 ** (self._microphone(power) / 10)))
        return self._masks(prepare(_db(power), self._uniform(power, FLOOR_DB - 20, FLOOR_DB + 10)))

    def _uniform(self, like: tf.Tensor, low: float, high: float, n: int = 1) -> tf.Tensor:
        return self._draws.uniform([tf.shape(like)[0], n, 1], low, high)

    def _sometimes(self, like: tf.Tensor, probability: float) -> tf.Tensor:
        return tf.cast(self._uniform(like, 0, 1) < probability, tf.float32)

    def _curve(self, like: tf.Tensor, db: float) -> tf.Tensor:
        """A smooth random curve over the bands, within ``db`` up and down."""
        return tf.matmul(CURVES, self._uniform(like, -db, db, CORNERS), transpose_a=True)

    def _room(self, power: tf.Tensor) -> tf.Tensor:
        """Smear sound over the time after it: reverberation of 0.1 to 1.8 s."""
        seconds = 0.12 * 15 ** self._uniform(power, 0, 1)
        kept = 10 ** (-6 * HOP_LENGTH / SR / seconds)                    # 60 dB less after that time
        frame = tf.range(LEAD_IN + N_FRAMES, dtype=tf.float32)
        later = frame[None, :] - frame[:, None]
        echo = tf.where(later > 0, kept ** tf.maximum(later, 1.0), 0.0) * (1 - kept) / kept
        strength = self._sometimes(power, 0.5) * 10 ** self._uniform(power, -2, 0.6)
        return power + strength * tf.matmul(power, echo)

    def _other_sound(self, power: tf.Tensor) -> tf.Tensor:
        """Put another sound of the batch underneath, 4 to 30 dB softer."""
        order = tf.argsort(self._draws.uniform([tf.shape(power)[0]]))
        return power + self._sometimes(power, 0.4) * 10 ** self._uniform(power, -3, -0.4) * tf.gather(power, order)

    def _microphone(self, power: tf.Tensor) -> tf.Tensor:
        """Response of a microphone in dB: a curve, a tilt, and at times a limit below or above."""
        response = self._curve(power, 8.0) + self._uniform(power, -8, 8) * (BANDS - 0.5)
        above = tf.nn.relu(BANDS - self._uniform(power, 0.55, 1.05))
        below = tf.nn.relu(self._uniform(power, -0.05, 0.3) - BANDS)
        return response - 120 * self._sometimes(power, 0.3) * above - 100 * self._sometimes(power, 0.3) * below

    def _noise(self, power: tf.Tensor) -> tf.Tensor:
        """Add coloured noise, 9 to 70 dB below the peak; narrow low bands flutter more than wide high ones."""
        colour = self._uniform(power, -25, 5) * BANDS + self._curve(power, 6.0)
        colour -= tf.reduce_max(colour, 1, keepdims=True)
        flutter = self._draws.normal(tf.shape(power)) * (4.5 - 3 * BANDS)
        level = self._uniform(power, -7, -0.9)
        return power + self._sometimes(power, 0.85) * 10 ** (level + (colour + flutter) / 10)

    def _masks(self, x: tf.Tensor) -> tf.Tensor:
        """Hide a stretch of bands and one of frames, each in half of the windows."""
        bands = self._mask(x, N_MELS)[:, :, None] * self._sometimes(x, 0.5)
        frames = self._mask(x, N_FRAMES)[:, None, :] * self._sometimes(x, 0.5)
        return x * (1 - bands) * (1 - frames)

    def _mask(self, x: tf.Tensor, length: int) -> tf.Tensor:
        width, start = self._uniform(x, 0, WIDEST_MASK)[:, 0], self._uniform(x, 0, length)[:, 0]
        place = tf.range(length, dtype=tf.float32)[None]
        return tf.cast((place >= start) & (place < start + width), tf.float32)


def prepare(x: tf.Tensor, floor_db: tf.Tensor) -> tf.Tensor:
    """What helpers.embeddings.embedded.prepare does, in the graph and with a floor for each window."""
    floored = tf.maximum(x, tf.reduce_max(x, [1, 2], keepdims=True) - floor_db)
    return (floored - tf.reduce_mean(floored, [1, 2], keepdims=True)) / SPREAD_DB


def _db(power: tf.Tensor) -> tf.Tensor:
    return 10 / np.log(10) * tf.math.log(power + 1e-10)


def _to_peak(power: tf.Tensor) -> tf.Tensor:
    return power / (tf.reduce_max(power, [1, 2], keepdims=True) + 1e-12)
