"""Records as lines of JSON at the end of a file, and back as a table."""

from __future__ import annotations

import dataclasses
import json
import os
import warnings
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from helpers import checks, files
from helpers.records.kinds import ClassificationResult, Record, utc

if TYPE_CHECKING:
    import pandas as pd

KINDS = {kind.kind: kind for kind in get_args(Record)}


def to_line(record: Record) -> str:
    """Write a record as one line of JSON, without the end of the line.

    What is empty is left out. Letters of every script stay as they are.

    Parameters
    ----------
    record : DeviceClassification, AudioClassification or SpectrogramClassification

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is no record, or holds NaN, infinity, or what JSON cannot hold.
    """
    if not isinstance(record, Record):
        raise checks.fail("a record", type(record).__name__,
                          "Make a DeviceClassification, an AudioClassification or a SpectrogramClassification")
    told = {"kind": record.kind, **dataclasses.asdict(record)}
    told = {name: value for name, value in told.items() if value is not None}
    told["result"] = {name: value for name, value in told["result"].items() if name in ("label", "score") or value}
    try:
        line = json.dumps(told, ensure_ascii=False, allow_nan=False, default=_plain)
        line.encode()
    except (ValueError, TypeError) as error:
        raise checks.fail("a record of text and finite numbers", str(error),
                          "Replace what is not finite, and leave arrays out") from error
    return line


def append(path: str | os.PathLike, records: Record | Iterable[Record], *, fsync: bool = False) -> None:
    """Write records at the end of a file, each line in one piece.

    Several processes may write to one file: a lock beside it keeps their lines
    apart. A line that a killed process left unfinished is closed first.

    Parameters
    ----------
    path : path
        Usually ends in ``.jsonl``; made where there is none.
    records : record or iterable of records
    fsync : bool
        Wait after the last one until the disk has them: they then outlive a power cut too,
        not only the end of the program. Costs milliseconds.

    Raises
    ------
    InputError
        If something is no record; nothing is written then.
    OSError
        If the disk is full or the folder read-only; no half line is left behind.
    """
    path = Path(path)
    lines = [to_line(record) for record in ([records] if isinstance(records, Record) else records)]
    with files.locked(path), files.friendly(path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        try:
            size = os.lseek(file, 0, os.SEEK_END)
            if size:
                os.lseek(file, -1, os.SEEK_END)
                if os.read(file, 1) != b"\n":
                    size += _whole(file, b"\n", size)
            for line in lines:
                size += _whole(file, line.encode() + b"\n", size)
            if fsync:
                os.fsync(file)
        finally:
            os.close(file)


def read(path: str | os.PathLike) -> pd.DataFrame:
    """Read records as a table.

    Parameters
    ----------
    path : path

    Returns
    -------
    pd.DataFrame
        One row a record, in the order they were written: ``kind``, ``time``
        (UTC), ``device``, ``audio_clip``, ``onset``, ``offset`` (seconds), ``label``, ``score``,
        then what else there is, such as ``model``, ``scores.dog`` or
        ``spectrogram.sr``. What a kind of record does not have is missing.

    Raises
    ------
    FileNotFoundError
        If there is no such file.

    Warns
    -----
    UserWarning
        For lines that are torn, or no records; they are skipped and numbered.
    """
    import pandas as pd

    told, torn = [], []
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            told.append(_row(line))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            torn.append(number)
    if torn:
        warnings.warn(f"{path}: skipped {len(torn)} torn lines, number {', '.join(map(str, torn[:10]))}", stacklevel=2)
    table = pd.json_normalize(told) if told else pd.DataFrame()
    first = ["kind", "time", "device", "audio_clip", "onset", "offset", "label", "score"]
    table = table.reindex(columns=[*first, *(name for name in table.columns if name not in first)])
    return table.assign(time=pd.to_datetime(table["time"], utc=True, format="ISO8601"))


def _row(line: bytes) -> dict:
    """Read one line; raises what json, a dictionary or a record raises where it is not one of ours."""
    told = json.loads(line, parse_constant=_refused)
    result, kind = told.pop("result"), KINDS[told.pop("kind")]
    record = kind(result=ClassificationResult(**result), **told)        # checks them as if they were new
    told = {"kind": kind.kind, **told, **result, "score": float(result["score"])}
    return told if record.time is None else {**told, "time": record.time}


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number in JSON")


def _whole(file: int, data: bytes, size: int) -> int:
    """Write all of it at the end of a file of this size, or nothing."""
    try:
        written = os.write(file, data)
        while written < len(data):       # only where the disk runs full, or something interrupts
            written += os.write(file, data[written:])
    except OSError:
        os.ftruncate(file, size)
        raise
    return len(data)


def _plain(value: object) -> object:
    """Numbers of numpy as Python's, and the time of a setting as text."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, datetime):
        return utc(value)
    raise TypeError(f"{type(value).__name__} in a record")
