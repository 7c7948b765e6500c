"""Your own machine: normal recordings, a handful of faulty ones if there are any, or a published layout by hand."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from helpers import checks
from helpers.datasets import dcase, folder, series_files
from helpers.datasets.machines import MachineDataset, in_time_blocks, machine_row, make, part

FEWEST = 10
"""Normal recordings: five blocks to learn from, and a test."""
FEWEST_FOLDS = 3
"""Folds of normal recordings: to learn from, to set a threshold with, and to test with."""
NORMAL, FAULTY = ("normal",), ("anomalous", "anomaly", "abnormal", "faulty")
"""Names of the folders in which normal and faulty recordings lie."""
DIGITS = re.compile(r"(\d+)")

Recordings = str | os.PathLike | Iterable[str | os.PathLike]


def machines_from_folder(
    normal: Recordings, anomalous: Recordings | None = None, *, sr: int | None = None, machine: str | None = None,
) -> MachineDataset:
    """Make a data set of recordings of your own machine.

    Ten normal recordings of ten seconds are the least; a hundred are better,
    for a threshold is set with a seventh of them. Faulty ones are needed only to
    measure with, and may be none. Normal recordings are taken in the order of
    their names, which should be that of time: "2.wav" comes before "10.wav". The
    first 70 % are to learn from, the rest for the test.

    Parts of one recording stay together, and names tell which they are:
    "monday-A" and "monday-B", "fan_take1" and "fan_take2", "fan (1)" and
    "fan (2)". Recordings of their own are best called 001.wav, 002.wav, ...

    Parameters
    ----------
    normal : path, or list of paths
        A folder with recordings, also in folders inside it, or the recordings
        themselves. Names as in DCASE 2020 ("normal_id_02_...") tell the unit;
        all others are one unit.
    anomalous : path, or list of paths, optional
        Alike. A folder inside it names the fault: "anomalous/leak/1.wav".
    sr : int, Hz, optional
        For series of measurements (.csv, .txt, .tsv, .npy: one line a sample,
        one number an axis), where no file says it. Sound needs none.
    machine : str, optional
        What kind of machine it is. Default: the name of the folder.

    Returns
    -------
    MachineDataset

    Raises
    ------
    DatasetError
        If a folder or recording is not there, there are fewer than ten normal
        recordings or too few that are not parts of one, one recording is both
        normal and faulty, or sound and series are mixed.
    InputError
        If series come without their rate.
    AudioFileError
        If the first recording of a series cannot be read.
    """
    root, good = _recordings(normal, "normal")
    bad_root, bad = (root, []) if anomalous is None else _recordings(anomalous, "anomalous")
    if both := sorted({path.name for path in {*good} & {*bad}}):
        raise _error(root, f"{both[0]} among the normal and among the anomalous ones", "Decide for one of them")
    suffixes = {path.suffix.lower() for path in (*good, *bad)}
    series = suffixes <= series_files.SUFFIXES
    if not series and not suffixes <= folder.SUFFIXES:
        raise _error(root, f"sound and series of measurements ({', '.join(sorted(suffixes))})", "Load them apart")
    if len(good) < FEWEST:
        raise _error(root, f"{len(good)} recording{'s' * (len(good) != 1)}",
                     "Record more of its normal sound, or cut long recordings into pieces of ten seconds")
    name = root.parent.name if root.name.lower() in NORMAL else root.name
    machine = machine or name
    normal_rows = _normal_rows(root, good, machine)
    _refuse_few_sources(root, normal_rows)
    rows = normal_rows + [
        machine_row(path, f"anomalous/{_inside(path, bad_root)}", label="anomaly", machine=machine, unit=_unit(path),
                    split="test", fault="/".join(_inside(path, bad_root).split("/")[:-1]) or "unknown")
        for path in bad]
    signal = _signal(good, sr) if series else {}
    return make(rows, name=name, machine=machine, licence="your own recordings", citation="", home=root,
                description=f"{len(good)} normal and {len(bad)} faulty recordings of your own", **signal)


def load(root: Path, *, machine: str | None = None) -> MachineDataset:
    """Make a data set of a folder, as ``load_machines`` is given one.

    It holds ``normal`` and, where there are some, ``anomalous`` recordings
    (also called anomaly, abnormal or faulty); or only normal recordings; or a
    machine of a published set that was unpacked by hand, with ``train`` and
    ``test`` or ``train``, ``source_test`` and ``target_test``; or several of
    those in folders that are named after the machines.

    Parameters
    ----------
    root : Path
    machine : str, optional
        Which of several.

    Raises
    ------
    DatasetError
        If there is no such machine, or the folder is none of these.
    """
    root = root.expanduser().resolve()
    if dcase.is_layout(root):
        found = {root.name: root}
    else:
        found = {inside.name: inside for inside in sorted(root.iterdir()) if inside.is_dir() and
                 dcase.is_layout(inside)}
    if found:
        return _published(root, found, machine)
    inside = {path.name.lower(): path for path in sorted(root.iterdir()) if path.is_dir()}
    normal = next((inside[name] for name in NORMAL if name in inside), None)
    faulty = [inside[name] for name in FAULTY if name in inside]
    if normal is None and faulty:
        raise _error(root, f"no folder normal beside {faulty[0].name}", "Name the folder of normal recordings normal")
    return machines_from_folder(normal or root, faulty[0] if faulty else None, machine=machine)


def _published(root: Path, found: dict[str, Path], machine: str | None) -> MachineDataset:
    chosen = found.get(machine or ("fan" if "fan" in found else next(iter(found))))
    if chosen is None:
        raise checks.DatasetError(checks.explain(
            f"a machine of {root} ({', '.join(found)})", repr(machine), "Choose one of them", section=checks.DATA_SETS))
    rows = dcase.rows(chosen, machine=chosen.name)
    return make(rows, name=root.name, machine=chosen.name, licence="see where it was published", citation="",
                home=chosen, description=f"{len(rows)} recordings of {chosen.name} in the layout of DCASE Task 2")


def _recordings(given: Recordings, what: str) -> tuple[Path, list[Path]]:
    """Find recordings, in the order of their names, and the folder that holds them all."""
    allowed = folder.SUFFIXES | series_files.SUFFIXES
    if not isinstance(given, (str, os.PathLike)):
        paths = [Path(path).expanduser().resolve() for path in given]
        for path in paths:
            if not path.is_file():
                raise _error(path.parent, f"no such file: {path.name}", "Check the path")
            if path.suffix.lower() not in allowed:
                raise _error(path.parent, f"a file that is no recording: {path.name}", "Convert it to WAV or FLAC")
        if twice := [path.name for path, n in Counter(paths).items() if n > 1]:
            raise _error(paths[0].parent, f"{twice[0]} twice", "Name each recording once")
        if not paths:
            return Path.cwd(), []
        return Path(os.path.commonpath([path.parent for path in paths])), paths   # a list has its own order
    root = Path(given).expanduser().resolve()
    if not root.is_dir():
        raise _error(root, "a file" if root.exists() else "no such folder", f"Name the folder of the {what} recordings")
    files = [path for path in root.rglob("*") if path.is_file()
             and not any(part.startswith(".") or part == "__MACOSX" for part in path.relative_to(root).parts)]
    found = sorted((path for path in files if path.suffix.lower() in allowed and "readme" not in path.name.lower()),
                   key=lambda path: [(int(piece), "") if piece.isdigit() else (-1, piece)
                                     for piece in DIGITS.split(_inside(path, root))])
    if found:
        folder.warn_of_left_out(files)
    else:
        others = sorted({path.suffix.lower() for path in files} & folder.OTHER_SOUNDS)
        if others:
            raise _error(root, f"files ending in {others[0]}, which cannot be read", "Convert them to WAV or FLAC")
        raise _error(root, "no recordings", "Put WAV or FLAC files there, or .csv files of series")
    return root, found


def _normal_rows(root: Path, good: list[Path], machine: str) -> list[dict]:
    units: dict[str, list[dict]] = {}
    for path in good:
        inside = _inside(path, root)
        source = folder.TAKE.sub("", inside.rsplit(".", 1)[0]) or inside
        units.setdefault(_unit(path), []).append(machine_row(
            path, f"normal/{inside}", label="normal", machine=machine, unit=_unit(path), split="train", source=source))
    for rows in units.values():
        part(rows)
    return [row for rows in units.values() for row in rows]


def _refuse_few_sources(root: Path, rows: list[dict]) -> None:
    """Refuse recordings that fall into too few folds, most of them parts of one recording by their names."""
    if in_time_blocks(rows).fold.nunique() >= FEWEST_FOLDS:
        return
    counts = Counter(row["source"] for row in rows)
    [(largest, parts)] = counts.most_common(1)
    if len(counts) == 1:
        got = f"{len(rows)} files that all count as parts of one recording, {largest!r}"
    else:
        got = f"{len(rows)} files that count as parts of {len(counts)} recordings, {parts} of them of {largest!r}"
    raise checks.DatasetError(checks.explain(
        f"normal recordings of a machine that make at least {FEWEST_FOLDS} parts in time (to learn from, to set a "
        f"threshold with, to test with) in {root}", got, 'Names that differ only in an ending such as "-A", "_take2" '
        'or "(3)" mean parts of one recording: name yours 001.wav, 002.wav, ... in the order of time',
        section=checks.DATA_SETS))


def _signal(good: list[Path], sr: int | None) -> dict:
    if sr is None:
        raise checks.InputError(checks.explain(
            "the rate of the series", "none", "Say how many samples a second there are: sr=200",
            section=checks.ARRAYS))
    return {"signal": "series", "sr": checks.sr(sr), "n_axes": series_files.read(good[0]).shape[1]}


def _unit(path: Path) -> str:
    match = dcase.NAMES[0].fullmatch(path.stem)
    return match["unit"] if match else "1"


def _inside(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _error(where: Path, got: str, way_out: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(
        f"at least {FEWEST} recordings of a machine that runs normally, and perhaps some of faults, in {where}", got,
        way_out, section=checks.DATA_SETS))
