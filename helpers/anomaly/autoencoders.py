"""Autoencoders: networks that can only give back what they have learned, and fail on what is strange."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers import checks, models
from helpers.anomaly import networks
from helpers.anomaly.detector import Detector
from helpers.metrics.distance import spread

SCALINGS = ("overall", "each")
BLOCK = 4096   # windows at a time


@dataclass(eq=False)
class Autoencoder(Detector):
    """What the three autoencoders share.

    Parameters
    ----------
    epochs : int
        Passes through the windows.
    seed : int
        Of the weights and the order of the windows; the only seed that is set.
    scaling : {"overall", "each"}
        Windows are scaled to the deviation 1: all features alike, so that loud
        bands count more (they have one unit, dB); or each feature by itself,
        for features of different units.
    batch_size : int
    learning_rate : float
        At the start.
    """

    epochs: int = 25
    seed: int = 0
    scaling: str = "overall"
    batch_size: int = 512
    learning_rate: float = 1e-3

    def reconstruct(self, windows: np.ndarray) -> np.ndarray:
        """Say what the network makes of each window, in the units of the features.

        Parameters
        ----------
        windows : np.ndarray of floats
            In the shape that it learned from.

        Returns
        -------
        np.ndarray of float32
            Same shape; of the interpolation autoencoder the middle frame alone,
            shape (n_windows, n_mels).

        Raises
        ------
        InputError
            As :meth:`Detector.score`.
        """
        windows = self._known(windows)
        scale, mean = (self._part(np.broadcast_to(self.learned[name], (1, *self.shape))) for name in ("scale", "mean"))
        return self._predict(self._scaled(windows)) * scale + mean

    def errors(self, windows: np.ndarray) -> np.ndarray:
        """Squared errors of each band and frame, in units of the variance of normal windows; the score is their mean.

        Parameters
        ----------
        windows : np.ndarray of floats
            In the shape that it learned from.

        Returns
        -------
        np.ndarray of float32, 0 or more
            In the shape of :meth:`reconstruct`. :func:`helpers.anomaly.error_map`
            lays them over a spectrogram.

        Raises
        ------
        InputError
            As :meth:`Detector.score`.
        """
        scaled = self._scaled(self._known(windows))
        return (self._part(scaled) - self._predict(scaled)) ** 2

    def _scaled(self, windows: np.ndarray) -> np.ndarray:
        return ((windows - self.learned["mean"]) / self.learned["scale"]).astype(np.float32)

    def _part(self, windows: np.ndarray) -> np.ndarray:
        """What the network has to give back of each window."""
        return windows

    def _score(self, windows: np.ndarray) -> np.ndarray:
        parts = [self.errors(windows[first: first + BLOCK]) for first in range(0, len(windows), BLOCK)]
        means = [part.reshape(len(part), -1).mean(axis=1, dtype=np.float64) for part in parts]
        return np.concatenate([np.empty(0), *means])

    def _check(self, shape: tuple[int, ...]) -> None:
        checks.one_of(self.scaling, SCALINGS, name="scaling")
        for name in ("epochs", "batch_size"):
            checks.whole(getattr(self, name), name=name)

    def _learn(self, windows: np.ndarray, *, progress: bool) -> dict[str, np.ndarray]:
        rows = windows.reshape(len(windows), -1) if self.scaling == "each" else windows.reshape(-1, 1)
        shape = windows.shape[1:] if self.scaling == "each" else ()
        mean, scale = (part.astype(np.float32).reshape(shape)
                       for part in (rows.mean(axis=0, dtype=np.float64), spread(rows)))
        scaled = ((windows - mean) / scale).astype(np.float32)
        models.load_keras().utils.set_random_seed(self.seed)
        network, seen, wanted = self._task(scaled)
        self.history = {"error": networks.train(
            network, x=seen, target=wanted, epochs=self.epochs, rng=np.random.default_rng(self.seed),
            batch_size=self.batch_size, learning_rate=self.learning_rate, progress=progress)}
        return {"mean": mean, "scale": scale, **self._keep(network)}

    def _task(self, scaled: np.ndarray) -> tuple:
        """Build the network; say what it is shown, and what it shall give."""
        raise NotImplementedError

    def _keep(self, network) -> dict[str, np.ndarray]:
        """The dense networks are kept as plain layers: scoring needs no TensorFlow."""
        return {f"{kind}_{number}": array for number, layer in enumerate(networks.plain_layers(network))
                for kind, array in zip(("weights", "bias"), layer, strict=True)}

    def _predict(self, scaled: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _layers(self) -> list[tuple[np.ndarray, np.ndarray]]:
        n_layers = sum(name.startswith("weights_") for name in self.learned)
        return [(self.learned[f"weights_{number}"], self.learned[f"bias_{number}"]) for number in range(n_layers)]


@dataclass(eq=False)
class DenseAutoencoder(Autoencoder):
    """The dense autoencoder: every window through a bottleneck of a few numbers, and back.

    Parameters
    ----------
    epochs, seed, scaling, batch_size, learning_rate
        As in :class:`Autoencoder`.
    widths : tuple of int
        Of the layers; the smallest is the bottleneck.

    Notes
    -----
    The shape of the baseline of DCASE 2020 Task 2 (see
    :func:`helpers.anomaly.context_frames`): 640 numbers, four layers of 128, 8,
    four layers of 128, 640. A window of any other size works too.
    """

    widths: tuple[int, ...] = (128, 128, 128, 128, 8, 128, 128, 128, 128)

    def _task(self, scaled: np.ndarray) -> tuple:
        rows = scaled.reshape(len(scaled), -1)
        return networks.dense_network(rows.shape[1], rows.shape[1], widths=self.widths), rows, rows

    def _predict(self, scaled: np.ndarray) -> np.ndarray:
        return networks.through(scaled.reshape(len(scaled), -1), self._layers()).reshape(scaled.shape)


@dataclass(eq=False)
class InterpolationAutoencoder(Autoencoder):
    """The interpolation autoencoder: the middle frame is hidden, and told from its neighbours.

    It cannot copy its input, and never has to give back the frames at the
    edges, which are hard to tell where a sound keeps changing.

    Parameters
    ----------
    epochs, seed, scaling, batch_size, learning_rate
        As in :class:`Autoencoder`.
    n_frames : int
        Frames in each row of :func:`helpers.anomaly.context_frames`, odd, at
        least 3. Windows of shape (n_windows, n_mels, n_frames) tell it themselves.
    widths : tuple of int
        Of the layers. What is hidden cannot be copied, so the middle need not be
        narrow: with 64 there, embedded machines are told better than with 16.

    Notes
    -----
    Suefusa et al., "Anomalous sound detection based on interpolation deep
    neural network", ICASSP 2020, with other widths.
    """

    n_frames: int = 5
    widths: tuple[int, ...] = (128, 128, 64, 128, 128)

    def _check(self, shape: tuple[int, ...]) -> None:
        super()._check(shape)
        n_frames = shape[1] if len(shape) == 2 else checks.whole(self.n_frames, name="n_frames")
        if n_frames < 3 or n_frames % 2 == 0 or (len(shape) == 1 and shape[0] % n_frames):
            raise checks.InputError(checks.explain(
                "windows of an odd number of frames, at least 3, with a middle to hide",
                f"windows of shape {shape}, n_frames={n_frames}",
                "Make them with context_frames(log_mel, n_frames=5)", section=checks.ARRAYS))

    def _frames(self, windows: np.ndarray) -> np.ndarray:
        """Windows as (n_windows, n_frames, n_mels)."""
        return windows.transpose(0, 2, 1) if windows.ndim == 3 else windows.reshape(len(windows), self.n_frames, -1)

    def _part(self, windows: np.ndarray) -> np.ndarray:
        frames = self._frames(windows)
        return frames[:, frames.shape[1] // 2]

    def _around(self, windows: np.ndarray) -> np.ndarray:
        frames = self._frames(windows)
        return np.delete(frames, frames.shape[1] // 2, axis=1).reshape(len(frames), -1)

    def _task(self, scaled: np.ndarray) -> tuple:
        around, middle = self._around(scaled), np.ascontiguousarray(self._part(scaled))
        return networks.dense_network(around.shape[1], middle.shape[1], widths=self.widths), around, middle

    def _predict(self, scaled: np.ndarray) -> np.ndarray:
        return networks.through(self._around(scaled), self._layers())


@dataclass(eq=False)
class ConvolutionalAutoencoder(Autoencoder):
    """The convolutional autoencoder: whole log-mel windows, squeezed into a few numbers.

    Parameters
    ----------
    epochs, seed, scaling, batch_size, learning_rate
        As in :class:`Autoencoder`.
    n_filters : tuple of int
        Of each step of two.
    n_dims : int
        Numbers in the middle.
    """

    batch_size: int = 64
    n_filters: tuple[int, ...] = (16, 32, 64)
    n_dims: int = 32
    _network: Any = field(init=False, default=None, repr=False)
    dimensions = (3,)

    def _task(self, scaled: np.ndarray) -> tuple:
        network = networks.convolutional_network(scaled.shape[1:], n_filters=self.n_filters, n_dims=self.n_dims)
        return network, scaled, scaled

    def _keep(self, network) -> dict[str, np.ndarray]:
        self._network = network
        return {f"weights_{number:03}": array for number, array in enumerate(network.get_weights())}

    def _predict(self, scaled: np.ndarray) -> np.ndarray:
        if self._network is None:                            # loaded from a file
            self._network = networks.convolutional_network(self.shape, n_filters=self.n_filters, n_dims=self.n_dims)
            names = sorted(name for name in self.learned if name.startswith("weights_"))
            self._network.set_weights([self.learned[name] for name in names])
        return models.predict(self._network, scaled)
