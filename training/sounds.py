"""The training sounds: rendered once, kept as log-mel spectrograms in blocks: an interruption costs one block."""

import functools
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from helpers import features, files
from helpers.datasets import embedded
from helpers.embeddings.embedded import EDGE, FMIN, HOP_LENGTH, N_MELS, SR
from helpers.synth import further, patches, voices
from training.recipe import LEAD_IN, SHAPE, Recipe

TAKES = 2
SECONDS = {"patches": 2.2, "classes": 2.5}
BLOCK = {"patches": 250, "classes": 50}
SHARED = ("envelopes", "filters", "keys", "sources")
"""Modules of the synthesiser that patches share with everyday sounds."""
LOUD = 25.0
"""A window must reach to within so many dB of the loudest moment of its sound."""


@dataclass(frozen=True)
class Block:
    """Some sounds that are rendered and kept together.

    Attributes
    ----------
    kind : {"patches", "classes"}
    label : str
        Name of the everyday class; empty for patches.
    first, last : int
        Numbers of the sounds, the last not included.
    """

    kind: str
    label: str
    first: int
    last: int

    @property
    def path(self) -> Path:
        """Where it is kept."""
        folder = files.cache_folder("training") / "sounds" / _version(self.kind)
        return folder / f"{self.label or self.kind}-{self.first}.npy"

    def render(self) -> None:
        """Render it, unless it is there: shape (sounds, takes, mel bands, frames), dB as 16-bit floats."""
        if self.path.exists():
            return
        sounds = [[_log_mel(self._sound(number, take)) for take in range(TAKES)]
                  for number in range(self.first, self.last)]
        with files.replacing(self.path) as temporary, temporary.open("wb") as file:
            np.save(file, np.array(sounds, np.float16))

    def _sound(self, number: int, take: int) -> np.ndarray:
        if self.kind == "patches":
            return patches.render(number, take=take, duration=SECONDS["patches"], spread=0.1 + 0.1 * (number % 2))
        return further.render(self.label, source=number, take=take, duration=SECONDS["classes"])


def _log_mel(audio: np.ndarray) -> np.ndarray:
    """Log-mel spectrogram without the frames that reach over an end."""
    return features.log_mel(audio, sr=SR, hop_length=HOP_LENGTH, n_mels=N_MELS, fmin=FMIN)[:, EDGE:-EDGE]


@functools.cache
def _version(kind: str) -> str:
    """Name the folder after what renders a kind of sound: another synthesiser, other sounds."""
    folder = Path(voices.__file__).parent
    own = set(folder.glob("patch*.py" if kind == "patches" else "further*.py"))
    shared = {folder / f"{name}.py" for name in (SHARED if kind == "patches" else embedded.RENDERED_BY)}
    return files.key(sources=[files.digest(path) for path in sorted(own | shared)], seconds=SECONDS[kind])


def labels(recipe: Recipe) -> tuple[str, ...]:
    """What the network learns to tell apart: families of patches, then everyday classes."""
    return (*patches.FAMILIES, *classes(recipe))


def classes(recipe: Recipe) -> tuple[str, ...]:
    """The everyday classes of a recipe."""
    return further.TRAINED_ON if recipe.classes == "further" else (*further.TRAINED_ON, *voices.CLASSES)


def blocks(recipe: Recipe) -> list[Block]:
    """List what a recipe needs."""
    def cut(kind: str, label: str, n: int) -> list[Block]:
        return [Block(kind, label, first, min(n, first + BLOCK[kind])) for first in range(0, n, BLOCK[kind])]

    return [*cut("patches", "", recipe.patches),
            *(block for label in classes(recipe) for block in cut("classes", label, recipe.sources))]


def render(recipe: Recipe) -> None:
    """Render what is missing, one process a core."""
    from tqdm import tqdm

    missing = [block for block in blocks(recipe) if not block.path.exists()]
    if not missing:
        return
    with (ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool,
          tqdm(total=sum(block.last - block.first for block in missing), desc="rendering sounds", unit="sound",
               file=sys.stdout) as line):
        for block, _ in zip(missing, pool.map(Block.render, missing), strict=True):
            line.update(block.last - block.first)


class Corpus:
    """The rendered sounds of a recipe, and batches of them.

    Parameters
    ----------
    recipe : Recipe
        Its sounds must have been rendered.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.labels = recipe, labels(recipe)
        self._sounds: dict[str, list[np.ndarray]] = {"patches": [], "classes": []}
        self._y: dict[str, list[int]] = {"patches": [], "classes": []}
        for block in blocks(recipe):
            self._sounds[block.kind] += list(np.load(block.path))
            names = [block.label or patches.family(number) for number in range(block.first, block.last)]
            self._y[block.kind] += [self.labels.index(name) for name in names]

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw the batch of one step: it depends on seed and step only.

        Returns
        -------
        x : np.ndarray of float32, shape=(2 * batch, n_mels, LEAD_IN + n_frames), dB, loudest value near 0
            First takes, then second takes of the same sounds.
        y : np.ndarray of int, shape=(batch,)
        """
        rng = np.random.default_rng((self.recipe.seed, step))
        n_classes = int(rng.binomial(self.recipe.batch, self.recipe.share))
        takes: tuple[list, list] = ([], [])
        y = []
        for kind, number in self._draw(rng, patches=self.recipe.batch - n_classes, classes=n_classes):
            for taken, take in zip(takes, self._sounds[kind][number], strict=True):
                taken.append(_window(take, rng=rng))
            y.append(self._y[kind][number])
        return np.stack([*takes[0], *takes[1]]), np.array(y)

    def _draw(self, rng: np.random.Generator, **wanted: int) -> Iterator[tuple[str, int]]:
        for kind, n in wanted.items():
            for number in rng.integers(0, len(self._y[kind]), n):
                yield kind, int(number)


def _window(log_mel: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Cut a window with its lead-in, at a place where something can be heard."""
    length, peak = LEAD_IN + SHAPE[1], float(log_mel.max())
    for _ in range(8):
        start = int(rng.integers(-LEAD_IN, log_mel.shape[1] - length + 1))
        cut = log_mel[:, max(start, 0): start + length].astype(np.float32)
        if cut[:, -SHAPE[1]:].max() > peak - LOUD:
            break
    return np.pad(cut - peak, ((0, 0), (max(-start, 0), 0)), constant_values=-100.0)
