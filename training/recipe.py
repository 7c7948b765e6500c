"""What is trained, on what, and for how long: one place for every number."""

from dataclasses import asdict, dataclass
from pathlib import Path

from helpers import files
from helpers.embeddings.embedded import N_FRAMES, N_MELS

CLASS_SETS = ("further", "all")
"""Everyday classes to learn from: all but the workshop's ten, or all."""
LEAD_IN = 16
"""Frames before the window: what the room still echoes from."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out.

    Attributes
    ----------
    seed : int
        Of weights, batches and augmentation; the sounds are the same for every seed.
    classes : {"further", "all"}
        ``"further"`` leaves out the workshop's ten classes, so that notebooks
        can show real transfer; ``"all"`` has them too.
    patches, sources : int
        Abstract sounds, and individuals of each everyday class; two takes of each.
    steps, batch : int
        Steps of training (0: the network as it is drawn), and pairs of takes in each.
    share : float, range 0 to 1
        Part of a batch that is everyday sounds; the rest is abstract.
    learning_rate, weight_decay : float
        Of AdamW; the rate falls to zero along a cosine.
    contrast, temperature : float
        Weight and temperature of the contrastive part of the loss.
    """

    seed: int = 0
    classes: str = "further"
    patches: int = 32_000
    sources: int = 400
    steps: int = 1200
    batch: int = 128
    share: float = 0.7
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    contrast: float = 0.3
    temperature: float = 0.15

    @property
    def folder(self) -> Path:
        """Where this training keeps its network: another recipe, another folder."""
        return files.cache_folder("training") / f"{self.classes}-seed{self.seed}-{files.key(**asdict(self))}"

    @property
    def weights(self) -> Path:
        """The finished network."""
        return self.folder / "embedded.tflite"


SHAPE = (N_MELS, N_FRAMES)
"""What the network sees: mel bands by frames."""
CONVOLUTIONS = ((5, 2, 24), (3, 2, 48), (3, 1, 64), (3, 2, 96), (3, 1, 128), (3, 2, 192), (3, 1, 160))
"""Kernel, stride and number of filters of each layer."""
