"""YAMNet: a network trained on two million clips of everyday sound, in four megabytes."""

import csv
import os
from pathlib import Path

import numpy as np

from helpers import checks
from helpers.datasets import registry, verify
from helpers.embeddings.litert import LiteRT

N_DIMS, N_CLASSES = 1024, 521


class Yamnet(LiteRT):
    """YAMNet's embedding: the 1024 numbers before its last layer.

    The weights are those that Google publishes for MediaPipe; any other LiteRT
    conversion of YAMNet works too.

    Parameters
    ----------
    path : path, optional
        The model. The downloaded one where not given
        (``python start.py data yamnet``).
    class_map : path, optional
        The names of its classes, ``yamnet_class_map.csv``; beside the model
        where not given.

    Raises
    ------
    DatasetError
        If the weights are not on this computer; the message holds the command.

    Notes
    -----
    A MobileNet (Howard et al., arXiv:1704.04861, 2017) trained on AudioSet
    (Gemmeke et al., ICASSP 2017) by M. Plakal and D. Ellis. Apache-2.0.
    """

    def __init__(self, path: str | os.PathLike | None = None, *, class_map: str | os.PathLike | None = None) -> None:
        path = Path(path) if path is not None else verify.installed(registry.published()["yamnet"]) / "yamnet.tflite"
        super().__init__(path, tensor=N_DIMS, name="yamnet")
        self.about = "YAMNet by Google, trained on AudioSet; Apache-2.0"
        self._class_map = Path(class_map) if class_map is not None else path.with_name("yamnet_class_map.csv")
        self._scores = next((detail["index"] for detail in self._model.get_output_details()
                             if int(detail["shape"][-1]) == N_CLASSES), None)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the 521 classes of AudioSet that it knows."""
        if not self._class_map.is_file():
            raise checks.DatasetError(checks.explain(
                f"YAMNet's class names in {self._class_map}", "no file",
                "Fetch them with: python start.py data yamnet", section=checks.DATA_SETS))
        with open(self._class_map, newline="", encoding="utf-8") as file:
            return tuple(row["display_name"] for row in csv.DictReader(file))

    def tag(self, audio: np.ndarray, *, sr: int, hop: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Score a recording for each of the 521 classes, without any training.

        Parameters
        ----------
        audio : np.ndarray, shape=(n_samples,)
        sr : int, Hz
        hop : float, seconds, optional

        Returns
        -------
        scores : np.ndarray of float32, shape=(n_windows, 521), range 0 to 1
            Each class by itself: several may be high, and they do not sum to 1.
        starts : np.ndarray, shape=(n_windows,), seconds
        """
        cut, starts = self.cut(audio, sr=sr, hop=hop)
        return self.run(cut, self._scores)[0], starts
