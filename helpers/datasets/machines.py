"""Machines: normal recordings to learn from, normal and faulty ones to test with; what every set of them shares."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers import checks
from helpers.datasets.dataset import COLUMNS, AudioDataset, check_columns

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MACHINE_COLUMNS = (*COLUMNS, "machine", "unit", "domain", "split", "fault")
CLASSES = ("normal", "anomaly")
DOMAINS = ("source", "target")
BLOCKS = 5
"""Blocks of time into which the training recordings of a unit are cut: folds 1 to 5."""
VALIDATION_FOLD, TEST_FOLD = BLOCKS, BLOCKS + 1
TRAINING = 0.7
"""Share of the normal recordings to learn from, in sets that come without a split."""


@dataclass(frozen=True, eq=False, repr=False)
class MachineDataset(AudioDataset):
    """An :class:`AudioDataset` of one kind of machine: several units, normal and faulty.

    ``clips`` has these columns beside those of every set:

    - ``label``: "normal" or "anomaly";
    - ``machine``, ``unit``: the kind of machine, and which one of that kind;
    - ``domain``: "source", or "target" for another load or another microphone;
    - ``split``: "train" (normal only) or "test";
    - ``fault``: "" if normal; what is broken, or "unknown" where nobody says.

    **Folds.** The training recordings of each unit are cut into five blocks of
    time, folds 1 to 5; all test recordings are fold 6. So, as in scenes, the
    last fold is the test set and the one before it the validation set: normal
    recordings, later than those of folds 1 to 4, to set a threshold with.
    ``session`` is a block of one unit, ``source`` one original recording.

    Attributes
    ----------
    machine : str
        The kind of machine: "fan", "pump", ...
    signal : {"audio", "series"}
        Whether ``load`` gives sound, shape (n_samples,), or a series of
        measurements, shape (n_samples, n_axes).
    n_axes : int
        Axes of the sensor; 1 for sound.
    sr : int, Hz
        Samples a second.
    """

    machine: str
    signal: str = "audio"
    n_axes: int = 1
    sr: int = 16000

    def __post_init__(self) -> None:
        super().__post_init__()
        clips = self.__dict__["_clips"]
        check_columns(clips, MACHINE_COLUMNS, what="a table of machines")
        for column, allowed in (("label", CLASSES), ("domain", DOMAINS), ("split", ("train", "test"))):
            if strange := {*clips[column]} - {*allowed}:
                raise ValueError(f"a {column} is one of {', '.join(allowed)}; got {', '.join(map(str, strange))}.")
        if (clips.split.eq("train") & clips.label.ne("normal")).any():
            raise ValueError("training recordings are normal: nothing else may be learned from.")
        checks.one_of(self.signal, ("audio", "series"), name="signal")

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the table."""
        return tuple(dict.fromkeys(self.__dict__["_clips"].unit))

    def load(self, row: Any, *, sr: int | None = None) -> tuple[np.ndarray, int]:
        """Load the recording of one row.

        Parameters
        ----------
        row : row of ``clips``
        sr : int, Hz, optional
            Another sampling rate, for sound only. Default: the set's own.

        Returns
        -------
        audio : np.ndarray, shape=(n_samples,), float32
            Or, where ``signal`` is "series", shape (n_samples, n_axes).
        sr : int, Hz

        Raises
        ------
        AudioFileError
            If the file is missing or cannot be read.
        InputError
            If a series is asked for at another rate than its own.
        """
        if self.signal == "audio":
            return super().load(row, sr=self.sr if sr is None else sr)
        from helpers.datasets import series_files

        if sr not in (None, self.sr):
            raise checks.InputError(checks.explain(
                f"the rate of the series, {self.sr} Hz", f"{sr} Hz", "Leave sr out: a series is not resampled",
                section=checks.ARRAYS))
        return series_files.read(row.path if hasattr(row, "path") else row["path"], n_axes=self.n_axes), self.sr

    def load_all(self, rows: pd.DataFrame | Iterable | None = None, *, sr: int | None = None) -> list[np.ndarray]:
        """Load the recordings of many rows, in their order; all of ``clips`` when ``rows`` is None."""
        return super().load_all(rows, sr=sr)

    def _first_real_set(self) -> tuple[str, str]:
        return ("dcase2020-task2", "dcase2020-task2-fan") if self.signal == "audio" else ("ceiling-fan", "ceiling-fan")

    def _counts(self) -> str:
        clips = self.__dict__["_clips"]
        n = {label: int((clips.label == label).sum()) for label in CLASSES}
        what = f"{self.n_axes}-axis series at {self.sr} Hz" if self.signal == "series" else "clips"
        return (f"{self.machine}, {len(clips)} {what}, {len(self.units)} unit{'s' * (len(self.units) != 1)}, "
                f"{n['normal']} normal, {n['anomaly']} faulty")


def make(rows: Iterable[dict], *, machine: str, kind: type[MachineDataset] = MachineDataset,
         **facts: object) -> MachineDataset:
    """Make a data set, or one of a sub-class, of rows that :func:`machine_row` made, in the order of time."""
    clips = in_time_blocks(rows)
    return kind(kind="machines", machine=machine, clips=clips, classes=CLASSES, unknown_classes=(),
                unknown_clips=clips.head(0), **facts)


def machine_row(path: str | os.PathLike, clip_id: str, *, label: str, machine: str, unit: str, split: str,
                domain: str = "source", fault: str | None = None, source: str | None = None) -> dict:
    """Make one row of the table; its session and fold come from :func:`in_time_blocks`."""
    fault = ("" if label == "normal" else "unknown") if fault is None else fault
    return {"clip_id": clip_id, "path": str(path), "label": label, "source": source or clip_id, "session": "",
            "fold": TEST_FOLD, "machine": machine, "unit": unit, "domain": domain, "split": split, "fault": fault}


def part(rows: list[dict], *, share: float = TRAINING) -> None:
    """Part normal recordings that come without a split: the first ones to learn from, the rest for the test.

    Parameters
    ----------
    rows : list of dict
        Of one unit, in the order of time; "split" is set in place. Rows of one
        source stay together.
    share : float, range 0 to 1
    """
    sources = list(dict.fromkeys(row["source"] for row in rows))
    learned = set(sources[:max(1, round(share * len(sources)))])
    for row in rows:
        row["split"] = "train" if row["source"] in learned else "test"


def in_time_blocks(rows: Iterable[dict]) -> pd.DataFrame:
    """Make the table: training recordings of each unit and domain in blocks of time, which are folds.

    Parameters
    ----------
    rows : iterable of dict
        In the order of time; rows of one source fall into one block.

    Returns
    -------
    pd.DataFrame
        With the columns ``MACHINE_COLUMNS``.
    """
    import pandas as pd

    table = pd.DataFrame(list(rows), columns=list(MACHINE_COLUMNS))
    for _, own in table[table.split == "train"].groupby(["unit", "domain"], sort=False):
        before = own.groupby("source", sort=False).size().cumsum().shift(fill_value=0)
        table.loc[own.index, "fold"] = own.source.map(before * BLOCKS // len(own) + 1).astype(int)
    table["session"] = table.unit + "/" + table.domain + "/" + table.fold.astype(str)
    return table
