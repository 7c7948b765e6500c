"""OpenL3: an embedding that a network learned by matching sound to video, with its published weights.

The published package does not install on today's Python. This is its audio
network and its framing for Keras 3, with the package's own numbers: tests hold
both against each other.
"""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from helpers import audio as sound_in
from helpers import checks, features, files
from helpers.datasets import registry, verify
from helpers.embeddings.embedder import Embedder
from helpers.embeddings.openl3_network import FRONT_ENDS, N_DIMS, build, load_weights, quantise
from helpers.models.litert import interpreter, run_each

SR = 48_000
HOP_LENGTH = 242
AMIN, RANGE_DB = 1e-10, 80.0
CONTENTS = ("env", "music")
BATCH = 4
"""Windows at a time: more gain nothing on a processor, and 32 need 1.8 GB."""


def frame(audio: np.ndarray, *, sr: int, hop: float = 0.1, center: bool = True) -> np.ndarray:
    """Cut a recording into windows of one second as the package does.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    hop : float, seconds
        Its whole samples count: 0.57 s are 27359.
    center : bool
        Put half a second of silence before it, so that a window's time is its
        middle.

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, 48000)
        Filled up with silence at the end.
    """
    audio, sr = checks.audio(audio), checks.sr(sr)
    step = int(checks.positive(hop, name="hop") * SR)
    resampled = sound_in.resample(audio, orig_sr=sr, target_sr=SR)[: max(1, len(audio) * SR // sr)]
    if center:
        resampled = np.pad(resampled, (SR // 2, 0))
    n_windows = 1 + -(-max(0, len(resampled) - SR) // max(step, 1))
    padded = np.pad(resampled, (0, max(0, (n_windows - 1) * step + SR - len(resampled))))
    return np.lib.stride_tricks.sliding_window_view(padded, SR)[::max(step, 1)][:n_windows]


def spectrogram(cut: np.ndarray, *, representation: str = "mel256", centred: bool = False) -> np.ndarray:
    """Make the picture that OpenL3 sees of each window.

    Magnitudes, not powers, summed into mel bands; ten times their logarithm; at
    most 80 below the picture's own maximum. All as in openl3 0.4.

    Parameters
    ----------
    cut : np.ndarray, shape=(n_windows, 48000)
    representation : {"linear", "mel128", "mel256"}
    centred : bool
        Put the first frame's middle, not its start, on the first sample, as
        the package does with ``frontend="librosa"``.

    Returns
    -------
    np.ndarray of float32, shape=(n_windows, n_bands, n_frames), range -80 to 0
    """
    from scipy.fft import rfft

    n_fft, n_mels, n_frames = FRONT_ENDS[checks.one_of(representation, tuple(FRONT_ENDS), name="representation")]
    left = n_fft // 2 if centred and n_mels else 0
    needed = (n_frames - 1) * HOP_LENGTH + n_fft
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    pictures = np.empty((len(cut), n_mels or n_fft // 2 + 1, n_frames), np.float32)
    for picture, window in zip(pictures, checks.windows(cut), strict=True):
        padded = np.pad(window, (left, max(0, needed - SR - left)))
        frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::HOP_LENGTH][:n_frames]
        magnitude = np.abs(rfft(frames * hann, axis=1)).T.astype(np.float32)
        if n_mels:
            magnitude = _mel_filters(n_fft, n_mels) @ magnitude
        level = 10 * np.log10(np.maximum(magnitude, AMIN))
        np.maximum(level - level.max(), -RANGE_DB, out=picture)
    return pictures


@lru_cache(maxsize=2)
def _mel_filters(n_fft: int, n_mels: int) -> np.ndarray:
    return features.mel_filters(sr=SR, n_fft=n_fft, n_mels=n_mels).astype(np.float32)


class OpenL3(Embedder):
    """OpenL3's audio embedding.

    Parameters
    ----------
    path : path, optional
        The weights. Those downloaded where not given
        (``python start.py data openl3-mel256-env`` and its siblings).
    content : {"env", "music"}
        What the network watched and heard: everyday videos or musicians.
    representation : {"mel256", "mel128", "linear"}
    n_dims : {512, 6144}
        How finely the last layer is pooled.
    int8 : bool
        Weights as whole numbers: up to three times as fast, depending on the
        processor, and a hundredth off. The first time it is converted, which
        takes half a minute.

    Raises
    ------
    DatasetError
        If the weights are not on this computer, or damaged; the message holds
        the command.

    Notes
    -----
    Cramer et al., ICASSP 2019. Weights CC BY 4.0, by the authors of openl3.
    """

    sr = SR

    def __init__(self, path: str | os.PathLike | None = None, *, content: str = "env", representation: str = "mel256",
                 n_dims: int = 512, int8: bool = False) -> None:
        checks.one_of(content, CONTENTS, name="content")
        checks.one_of(representation, tuple(FRONT_ENDS), name="representation")
        checks.one_of(n_dims, N_DIMS, name="n_dims")
        if path is None:
            block = registry.published()[f"openl3-{representation}-{content}"]
            folder = verify.installed(block)
            if faults := verify.problems(block, folder):   # HDF5 may work for ever on a damaged file
                raise checks.DatasetError(checks.explain(
                    f"the weights {block.name} as published in {folder}", verify.summary(faults),
                    "Delete this folder, and fetch it again: python start.py data " + block.name,
                    section=checks.DATA_SETS))
            path = folder / block.files[0].name
        self.path, self.representation, self.n_dims, self.int8 = Path(path), representation, n_dims, int8
        self.name = "openl3"
        self.about = f"OpenL3 ({representation}, {content}), Cramer et al. 2019; weights CC BY 4.0"
        digest = files.digest(self.path, algorithm="sha256")[:16]
        self.version = f"{digest} {representation} {n_dims}{' int8' if int8 else ''}"
        self._run = self._quantised() if int8 else self._network()

    def cut(self, audio: np.ndarray, *, sr: int, hop: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Cut a recording as the package does with ``center=False``; as :meth:`Embedder.cut`."""
        hop = self.hop if hop is None else hop
        checks.window_and_hop(self.window, hop, sr=SR)
        cut = frame(audio, sr=sr, hop=hop, center=False)
        return cut, np.arange(len(cut)) * hop

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows, as :meth:`Embedder.embed_windows`."""
        cut = self.checked(cut)
        parts = [self._run(spectrogram(cut[first: first + BATCH], representation=self.representation)[..., None])
                 for first in range(0, len(cut), BATCH)]
        return np.concatenate(parts)

    def _loaded(self):
        model = build(representation=self.representation, n_dims=self.n_dims)
        load_weights(model, self.path)
        return model

    def _network(self):
        """The network as a function of pictures, traced once."""
        model = self._loaded()
        import tensorflow as tf

        signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)]
        traced = tf.function(lambda x: model(x, training=False), input_signature=signature)
        return lambda pictures: traced(pictures).numpy()

    def _quantised(self):
        """The network as a LiteRT model with weights of 8 bits, converted once and kept."""
        kept = files.cache_folder("openl3") / f"{files.key(version=self.version)}.tflite"
        if not kept.exists():
            converted = quantise(self._loaded())
            with files.replacing(kept) as temporary:
                temporary.write_bytes(converted)
        model = interpreter(kept)
        (out,) = model.get_output_details()
        return lambda pictures: run_each(model, pictures, out["index"])[0][:, 0]
