"""The layouts in which machines are published: DCASE 2020 Task 2, and DCASE 2021 Task 2 with its two domains."""

from __future__ import annotations

import re
from pathlib import Path

from helpers import checks
from helpers.datasets.folder import SUFFIXES
from helpers.datasets.machines import machine_row

FOLDERS = ("train", "test", "source_test", "target_test")
NAMES = (
    re.compile(r"(?P<label>normal|anomaly)_id_(?P<unit>\d+)_(?P<number>\d+)"),
    re.compile(r"section_(?P<unit>\d+)_(?P<domain>source|target)_(?P<split>train|test)_(?P<label>normal|anomaly)_"
               r"(?P<number>\d+)(_(?P<fault>.+))?"),
)
"""Names of 2020, and of 2021 and later."""


def is_layout(folder: Path) -> bool:
    """Whether a folder looks like one machine in one of these layouts."""
    return (folder / "train").is_dir() and any((folder / name).is_dir() for name in FOLDERS[1:])


def rows(folder: Path, *, machine: str) -> list[dict]:
    """Make the rows of one machine from the names of its files.

    Parameters
    ----------
    folder : Path
        Holds ``train`` and ``test``, or ``train``, ``source_test`` and
        ``target_test``.
    machine : str
        The kind of machine.

    Returns
    -------
    list of dict
        By unit, then domain, then split, in the order of the numbers.

    Raises
    ------
    DatasetError
        If a name does not tell unit and label, or a recording in ``train`` is
        not normal.
    """
    found = []
    for inside in FOLDERS:
        for path in sorted((folder / inside).glob("[!.]*")):
            if path.suffix.lower() in SUFFIXES:
                found.append(_row(path, inside, machine=machine))
    if not found:
        raise _error(folder, "no recordings")
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _row(path: Path, inside: str, *, machine: str) -> tuple[tuple, dict]:
    match = next(filter(None, (name.fullmatch(path.stem) for name in NAMES)), None)
    if match is None:
        raise _error(path.parent, f"a file whose name does not tell: {path.name}")
    told = match.groupdict()
    split = "train" if inside == "train" else "test"
    if split == "train" and told["label"] != "normal":
        raise _error(path.parent, f"an anomaly among the training recordings: {path.name}")
    domain = told.get("domain") or "source"
    fault = told.get("fault") if told["label"] == "anomaly" else ""
    row = machine_row(path, f"{inside}/{path.stem}", label=told["label"], machine=machine, unit=told["unit"],
                      domain=domain, split=split, fault=fault or None)
    return (told["unit"], domain, split != "train", told["label"] != "normal", int(told["number"])), row


def _error(where: Path, got: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(
        "recordings named as in DCASE 2020 Task 2 (normal_id_00_00000000.wav, anomaly_id_...) or 2021 Task 2 "
        f"(section_00_source_train_normal_0000.wav) in {where}", got,
        "Unpack the published archive again; for your own recordings see help(machines_from_folder)",
        section=checks.DATA_SETS))
