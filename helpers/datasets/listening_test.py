"""What people hear in ESC-10: the listening test that its author published with it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from helpers import checks
from helpers.datasets.clips import ESC10_FOLDERS
from helpers.datasets.dataset import AudioDataset, command

if TYPE_CHECKING:
    import pandas as pd

SHEET = "ESC-10-HumanClassification.xlsx"


def answers(dataset: AudioDataset) -> pd.DataFrame:
    """Read the answers that people gave when they heard the clips of ESC-10.

    Parameters
    ----------
    dataset : AudioDataset
        ESC-10, from ``load_clips("esc10")``.

    Returns
    -------
    pd.DataFrame
        One row an answer, after the author's quality control (4687 of 5080):
        ``clip_id``, ``label`` (the truth), ``answer`` (what was heard).

    Raises
    ------
    DatasetError
        If this data set has no such sheet, or it is damaged.
    """
    import openpyxl
    import pandas as pd

    path = dataset.home / SHEET
    if not path.is_file():
        raise checks.DatasetError(checks.explain(
            f"{SHEET} in {dataset.home}", f"none in the data set {dataset.name}",
            'Only ESC-10 was published with a listening test: load_clips("esc10")', section=checks.DATA_SETS))
    names = {folder.split(" - ")[1]: label for folder, label in ESC10_FOLDERS.items()}
    try:
        with contextlib.closing(openpyxl.load_workbook(path, read_only=True)) as book:  # 3x pandas.read_excel
            rows = list(book["Raw data"].iter_rows(min_row=2, min_col=7, max_col=9, values_only=True))
        found = [(str(clip_id), names[label], names[answer]) for answer, label, clip_id in rows]
    except Exception as error:                   # a sheet is a zip of XML: either part raises what it likes
        raise checks.DatasetError(checks.explain(
            f"the answers as published in {path}", f"{type(error).__name__}: {str(error)[:200]}",
            f"Fetch the set again: {command(dataset.name)}", section=checks.DATA_SETS)) from error
    return pd.DataFrame(found, columns=["clip_id", "label", "answer"])


def accuracy(answers: pd.DataFrame) -> float:
    """Share of right answers, 0 to 1: the bar that a classifier of these clips may be held against."""
    return float((answers.label == answers.answer).mean())
