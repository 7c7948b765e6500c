"""Sound files that come into being when they are first asked for, and are kept.

A file is written whole or not at all, and its samples depend on its recipe only,
so two kernels may fill the same folder at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import checks, files

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MANY = 50
"""From so many files to render on, a progress line is shown."""


class Rendered:
    """What an :class:`~helpers.datasets.dataset.AudioDataset` needs beside, if its sounds are rendered.

    Attributes
    ----------
    recipes : dict
        For each file name what :meth:`make` needs.
    """

    recipes: dict[str, dict]

    def make(self, recipe: dict) -> np.ndarray:
        """Render the sound of one file, at the workshop's rate."""
        raise NotImplementedError

    def load(self, row: Any, *, sr: int | None = 16000) -> tuple[np.ndarray, int]:
        """Load the sound of one row; render it where it is missing or its file is broken.

        Parameters
        ----------
        row : row of one of the clip tables
        sr : int, Hz, or None
            The wanted sampling rate; None keeps the file's, 16000.

        Returns
        -------
        audio : np.ndarray, shape=(n_samples,), float32
        sr : int, Hz
        """
        path = Path(row.path if hasattr(row, "path") else row["path"])
        if not path.exists():
            self.render(path)
        try:
            return super().load(row, sr=sr)
        except checks.AudioFileError:
            if path.name not in self.recipes:
                raise
            self.render(path)   # what the key says is true; a broken file is only a broken copy
            return super().load(row, sr=sr)

    def load_all(self, rows: pd.DataFrame | Iterable | None = None, *, sr: int | None = 16000) -> list[np.ndarray]:
        """Load the sound of many rows, in their order; all of ``clips`` when ``rows`` is None.

        Returns
        -------
        list of np.ndarray, each shape=(n_samples,), float32
        """
        rows = self.clips if rows is None else rows
        if hasattr(rows, "columns"):
            self.render_missing(Path(path) for path in rows["path"])
        return super().load_all(rows, sr=sr)

    def render_missing(self, paths: Iterable[Path]) -> None:
        """Render those files that are not there, with a progress line where they are many."""
        missing = [path for path in paths if not path.exists()]
        if missing:
            from tqdm import tqdm

            for path in tqdm(missing, desc="rendering the embedded sounds, once", unit="clip", file=sys.stdout,
                             disable=len(missing) < MANY):
                self.render(path)

    def render(self, path: Path) -> None:
        """Render one sound into its file."""
        from helpers import audio

        if path.name not in self.recipes:
            raise checks.AudioFileError(checks.explain(
                f"a clip of the embedded set, such as {next(iter(self.recipes), 'none')}", path.name,
                "Take the row from one of the tables of the data set", section=checks.DATA_SETS))
        audio.save_audio(path, self.make(self.recipes[path.name]), sr=audio.SR)


def version(modules: Iterable[str], **settings: object) -> str:
    """Name a folder of rendered sounds after the source of what renders them: another synthesiser, other files.

    Parameters
    ----------
    modules : iterable of str
        Names of the modules of :mod:`helpers.synth`.
    **settings
        What else decides about the sounds.

    Returns
    -------
    str
    """
    from helpers import synth

    sources = [Path(synth.__file__).with_name(f"{name}.py") for name in modules]
    return files.key(**settings, sources=[files.digest(path) for path in sources])
