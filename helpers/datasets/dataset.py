"""What every loader returns: a table of clips, the facts about them, and one way to their sound."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

COLUMNS = ("clip_id", "path", "label", "source", "session", "fold")
# What to name in "how to switch": the set that the workshop's real-data command fetches first, for each kind.
FIRST_REAL_SET = {"clips": "esc10", "scenes": "birdsong-bird0"}


class PrivateTable:
    """Keep a table private: hand in a table, read a copy, so that no cell changes what another one made."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = "_" + name

    def __get__(self, instance: object | None, owner: type) -> pd.DataFrame:
        if instance is None:
            raise AttributeError(self.name)  # how a dataclass learns that the field has no default
        return instance.__dict__[self.name].copy()

    def __set__(self, instance: object, table: pd.DataFrame) -> None:
        instance.__dict__[self.name] = table.reset_index(drop=True).copy()


@dataclass(frozen=True, eq=False, repr=False)
class AudioDataset:
    """A data set: its tables, its classes, its licence, and ``load`` for the sound of one row.

    Frozen: attributes cannot be set, and every access to a table gives a new
    copy, so that a cell may add columns without changing what other cells see.

    Attributes
    ----------
    name : str
        The name that ``load_clips`` or ``load_scenes`` takes, or the folder's name.
    kind : str
        ``"clips"``, ``"scenes"`` or ``"machines"``.
    clips : pd.DataFrame
        One row a clip: ``clip_id`` (unique), ``path`` (absolute), ``label``,
        ``source`` (the original recording; never in two folds), ``session``
        (place, day and device where that is known, else the source), ``fold``
        (1, 2, ...).
    classes, unknown_classes : tuple of str
        All labels in the published order; the labels that the section on
        "unknown" leaves out of training. In the embedded set those are
        further voices, outside ``classes``; in real sets two of ``classes``.
    unknown_clips : pd.DataFrame
        Clips of the unknown classes, with the columns of ``clips``.
    licence, citation, description : str
        Terms of use, whom to name, what was recorded.
    home : Path
        The folder that holds the files.
    """

    name: str
    kind: str
    clips: PrivateTable = PrivateTable()
    classes: tuple[str, ...]
    unknown_classes: tuple[str, ...]
    unknown_clips: PrivateTable = PrivateTable()
    licence: str
    citation: str
    description: str
    home: Path

    def __post_init__(self) -> None:
        check_columns(self.clips, COLUMNS, what="a clip table")
        check_columns(self.unknown_clips, COLUMNS, what="a clip table")
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "unknown_classes", tuple(self.unknown_classes))
        object.__setattr__(self, "home", Path(self.home))

    @property
    def known_classes(self) -> tuple[str, ...]:
        """The classes without those that the section on "unknown" leaves out."""
        return tuple(label for label in self.classes if label not in self.unknown_classes)

    def load(self, row: Any, *, sr: int | None = 16000) -> tuple[np.ndarray, int]:
        """Load the sound of one row.

        Parameters
        ----------
        row : row of ``clips`` or ``unknown_clips``
            As ``clips.iloc[0]``, ``clips.itertuples()`` or a dictionary gives it.
        sr : int, Hz, or None
            The wanted sampling rate; None keeps the file's.

        Returns
        -------
        audio : np.ndarray, shape=(n_samples,), float32
            Mono, range about -1 to 1.
        sr : int, Hz

        Raises
        ------
        AudioFileError
            If the file is missing or cannot be read.
        """
        from helpers.audio import load_audio

        path = row.path if hasattr(row, "path") else row["path"]
        return load_audio(path, sr=sr)

    def load_all(self, rows: pd.DataFrame | Iterable | None = None, *, sr: int | None = 16000) -> list[np.ndarray]:
        """Load the sound of many rows, in their order; all of ``clips`` when ``rows`` is None.

        Returns
        -------
        list of np.ndarray, each shape=(n_samples,), float32
            Lengths differ from clip to clip.
        """
        rows = self.clips if rows is None else rows
        if hasattr(rows, "itertuples"):
            rows = rows.itertuples(index=False)
        return [self.load(row, sr=sr)[0] for row in rows]

    def __repr__(self) -> str:
        return f"<AudioDataset {self.name!r}: {len(self.__dict__['_clips'])} {self.kind}, {len(self.classes)} classes>"

    def _counts(self) -> str:
        """What is in it, for the first line that a notebook prints."""
        clips = self.__dict__["_clips"]
        return (f"{len(clips)} clips, {len(self.classes)} classes, {clips.fold.nunique()} folds, "
                f"{clips.source.nunique()} sources")

    def _first_real_set(self) -> tuple[str, str]:
        """What to name in "how to switch": the set, and what to fetch for it."""
        other = FIRST_REAL_SET.get(self.kind, "NAME")
        return other, other

    def __str__(self) -> str:
        if self.name == "embedded":
            other, fetched = self._first_real_set()
            other = f"{other} (fetch it once: {command(fetched)})"
        else:
            other = "embedded"
        return (
            f"Data: {self.name}, {self._counts()} ({self.licence}).\n"
            f"To switch, before starting JupyterLab set MACHINE_HEARING_{self.kind.upper()}={other}.\n"
            f"The files lie in {self.home}"
        )


def check_columns(table: pd.DataFrame, columns: tuple[str, ...], *, what: str) -> None:
    """Refuse a table that lacks one of these columns.

    Raises
    ------
    ValueError
        With the names of those that are missing.
    """
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"{what} needs the columns {', '.join(columns)}; missing: {', '.join(missing)}.")


def command(*names: str) -> str:
    """The command that downloads these sets, as it is typed on this system.

    Examples
    --------
    >>> command("esc10").endswith("start.py data esc10")
    True
    """
    return f"{'py' if sys.platform == 'win32' else 'python'} start.py data {' '.join(names)}"
