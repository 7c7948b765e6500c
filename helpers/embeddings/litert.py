"""Any LiteRT audio model as an embedder: no TensorFlow, a fraction of a millisecond for each window."""

import os
from pathlib import Path

import numpy as np

from helpers import checks, files
from helpers.embeddings.embedder import Embedder
from helpers.models.litert import interpreter, run_each, unusable, usable


class LiteRT(Embedder):
    """A LiteRT (TensorFlow Lite) model that takes one window of samples.

    Parameters
    ----------
    path : path
        The model: one input of float samples, of shape ``(n,)`` or ``(1, n)``.
    sr : int, Hz
        Rate at which the model was trained.
    tensor : str or int, optional
        Which tensor is the embedding: its name, or how many numbers it has.
        The model's first output where not given. A layer inside the network,
        before its last one, is usually the better embedding.
    name : str
        What it is called in tables.

    Raises
    ------
    DatasetError
        If the file is missing, no LiteRT model, or has no such input or tensor.
    """

    def __init__(self, path: str | os.PathLike, *, sr: int = 16_000, tensor: str | int | None = None,
                 name: str = "litert") -> None:
        self.path, self.sr, self.name = Path(path), checks.sr(sr), name
        self.about = f"the model {self.path.name}"
        self._model = interpreter(self.path, inside=tensor is not None)
        self.version = f"{files.digest(self.path, algorithm='sha256')[:16]} {tensor}"
        entries = self._model.get_input_details()
        shapes = [[int(n) for n in entry["shape"]] for entry in entries]
        if len(shapes) != 1 or max(shapes[0], default=0) != np.prod(shapes[0]) or entries[0]["dtype"] != np.float32:
            kinds = ", ".join(np.dtype(entry["dtype"]).name for entry in entries)
            raise unusable(str(self.path), got=f"inputs of shapes {shapes}, {kinds}",
                           way_out="Choose a model that takes one window of samples as floats")
        samples = max(shapes[0])
        self.window = samples / self.sr
        self.hop = self.window / 2
        with usable(str(self.path), got="one that does not run", way_out="Download or convert it again"):
            self._tensor = self._find(tensor)
            self.n_dims = self.run(np.zeros((1, samples), np.float32), self._tensor)[0].shape[1]

    def _find(self, tensor: str | int | None) -> int:
        """Index of the tensor that is the embedding."""
        if tensor is None:
            return self._model.get_output_details()[0]["index"]
        found = [detail["index"] for detail in self._model.get_tensor_details()
                 if detail["name"] == tensor
                 or (detail["dtype"] == np.float32 and [int(n) for n in detail["shape"]] == [1, tensor])]
        if len(found) != 1:
            raise unusable(str(self.path), got=f"{len(found)} tensors {tensor!r}",
                           way_out="Give the name of one tensor; a viewer such as Netron lists them")
        return found[0]

    def run(self, cut: np.ndarray, *tensors: int) -> list[np.ndarray]:
        """Run the model on a stack of windows and read tensors by index.

        Parameters
        ----------
        cut : np.ndarray, shape=(n_windows, window_samples)
        *tensors : int

        Returns
        -------
        list of np.ndarray of float32, each shape=(n_windows, n_values)
        """
        return [values.reshape(len(values), int(np.prod(values.shape[1:]))).astype(np.float32)
                for values in run_each(self._model, self.checked(cut), *tensors)]

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        """Embed a stack of windows, as :meth:`Embedder.embed_windows`."""
        return self.run(cut, self._tensor)[0]
