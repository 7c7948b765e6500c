"""Labels in and out: Audacity label tracks, RTTM and the text files of data sets become one event table.

Its columns are ``clip_id, onset, offset, label`` and, where a file has them,
``score, low_hz, high_hz``. Times are in seconds; a point event has its onset as
offset. What cannot be read without guessing is refused, all rows in one error.
"""

from __future__ import annotations

import csv
import math
import os
import re
from collections.abc import Callable, Iterator
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import checks, files

if TYPE_CHECKING:
    import pandas as pd

NAMES = {
    "clip_id": ("clip_id", "filename", "file", "audio_filename"), "onset": ("onset", "start", "start_time", "begin"),
    "offset": ("offset", "end", "end_time"), "label": ("label", "event_label", "class", "event", "annotation"),
    "score": ("score",), "low_hz": ("low_hz",), "high_hz": ("high_hz",), "duration": ("duration",),
}
"""What a header may call the columns; where it has two of a kind, the name that comes first here counts."""
TYPES = {"onset": float, "offset": float, "label": str, "low_hz": float, "high_hz": float}
NUMBER = re.compile(r"\s*[-+]?((\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?|nan|inf)\s*", re.IGNORECASE | re.ASCII)


def read(path: str | os.PathLike, *, clip_id: str | None = None) -> pd.DataFrame:
    """Read an event table from a label file, in the format that its ending says.

    ``.rttm`` goes to :func:`read_rttm`, and ``.txt``, ``.ann``, ``.csv`` and
    ``.tsv`` to :func:`read_csv`; those without a header, such as label tracks,
    to :func:`read_audacity`. ``clip_id`` is for files that name no clips.
    """
    ending = checks.one_of(Path(path).suffix.lower(), (".txt", ".ann", ".csv", ".tsv", ".rttm"), name="the ending")
    return read_rttm(path) if ending == ".rttm" else read_csv(path, clip_id=clip_id)


def read_audacity(path: str | os.PathLike, *, clip_id: str | None = None) -> pd.DataFrame:
    r"""Read a label track from Audacity, or a data set's text file of the same form.

    A row holds start, end and label between tabs, or start and label of a
    point; between spaces if it has no tab. Two numbers alone are refused: the
    second may be an end or a label. A row ``\``, low, high holds frequencies of
    the label above, -1 or nothing for none. Labels lose white space around them.

    Parameters
    ----------
    path : path
        UTF-8, with or without byte order mark, line ends of any system.
    clip_id : str, optional
        The recording that is labelled. Default: the file's stem.

    Returns
    -------
    pd.DataFrame
        The event table by onset, then offset; with ``low_hz`` and ``high_hz``
        if the file has frequency rows, and without rows if it has no labels.

    Raises
    ------
    DatasetError
        If the file is missing, cannot be opened, or is not UTF-8.
    InputError
        If rows are malformed; the message names each with its line.
    """
    return _gather(path, _columns, "start, end and label, or start and label", clip_id)


def read_rttm(path: str | os.PathLike) -> pd.DataFrame:
    """Read speaker turns from a file in NIST's format RTTM.

    Rows ``SPEAKER file channel onset duration <NA> <NA> label score <NA>`` are
    taken; other types, comments (``;;``) and the channel are passed over. Each
    file is a clip; clips keep their order. Errors: :func:`read_audacity`.
    """
    def parse(line: str) -> dict[str, str]:
        kind, *fields = line.split()
        if kind != "SPEAKER":
            return {}
        if len(fields) not in (8, 9):
            raise ValueError(f"9 or 10 columns expected, found {len(fields) + 1}")
        clip_id, _, onset, duration, _, _, label, score = fields[:8]
        values = {"clip_id": clip_id, "onset": onset, "duration": duration, "label": label.replace("<NA>", "")}
        return values if score == "<NA>" else {**values, "score": score}

    return _gather(path, parse, "SPEAKER file 1 onset duration <NA> <NA> label <NA> <NA>")


def read_csv(path: str | os.PathLike, *, clip_id: str | None = None) -> pd.DataFrame:
    """Read events from a table with a header; a file without one goes to :func:`read_audacity`.

    Between commas, semicolons or tabs, columns are known by ``NAMES``, others
    passed over. A ``duration`` stands in for a missing offset; without both,
    events are points. The name of a sound file becomes its stem, a ``clip_id``
    stays; the argument is for files that name no clips. Clips keep their order,
    one without events may stand alone in a row. Errors: :func:`read_audacity`;
    also a header without onset or label, or two sound files of one stem.
    """
    delimiter, header, found = _header(next(_lines(path), (0, ""))[1])
    if not found:
        return read_audacity(path, clip_id=clip_id)
    _refuse([f"no {' or '.join(NAMES[name])}" for name in ("onset", "label") if name not in found],
            f"a header with onset and label in {path}", "Rename its columns")
    stems: dict[str, str] = {}

    def parse(line: str) -> dict[str, str]:
        cells = _cells(line, delimiter)
        if len(cells) != len(header):
            raise ValueError(f"{len(header)} columns expected, found {len(cells)}")
        values = {name: cells[column] for name, column in found.items()}
        no_event = not any(text for name, text in values.items() if name != "clip_id")
        if no_event or [cell.lower() for cell in cells] == header:
            return {}
        if "clip_id" in found and header[found["clip_id"]] != "clip_id":
            file = values["clip_id"]
            stem = values["clip_id"] = re.sub(r"\.(?!\d+$)\w{2,4}$", "", re.split(r"[/\\]", file)[-1])
            if stems.setdefault(stem, file) != file:
                raise ValueError(f"{file} and {stems[stem]} have one stem, so call their column clip_id")
        return values

    return _gather(path, parse, "what the header names", clip_id)


def write_audacity(events: pd.DataFrame, path: str | os.PathLike) -> Path:
    r"""Write the events of one clip as a label track for Audacity, whole or not at all.

    Rows keep their order. Times have six decimals, up to nine where they need
    them. Known frequencies get a row; without such rows ``pd.read_csv(path,
    sep="\t", header=None, names=["onset", "offset", "label"])`` reads it too.

    Raises
    ------
    InputError
        If :func:`validate` refuses the table, or it holds several clips.
    OSError
        If the disk is full or the folder is read-only.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> events = pd.DataFrame({"onset": [0.5], "offset": [1.25], "label": ["dog bark"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_audacity(events, Path(folder) / "dog.txt").read_text("utf-8")
    '0.500000\t1.250000\tdog bark\n'
    """
    events, lines = validate(events), []
    n_clips = events["clip_id"].nunique(dropna=False) if "clip_id" in events else 1
    _refuse([f"{n_clips} clips"] * (n_clips > 1), "the events of one clip",
            "Write a file for each: events[events.clip_id == ...]", checks.ARRAYS)
    for row in events.reindex(columns=list(TYPES)).fillna({"low_hz": -1.0, "high_hz": -1.0}).itertuples():
        lines.append(f"{_decimal(row.onset)}\t{_decimal(row.offset)}\t{row.label}\n")
        if max(row.low_hz, row.high_hz) >= 0:
            lines.append(f"\\\t{_decimal(row.low_hz)}\t{_decimal(row.high_hz)}\n")
    files.write_text(path, "".join(lines))
    return Path(path)


def validate(events: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of an event table in good order, or say which rows are wrong.

    Needed are ``onset, offset, label``; any index and further columns are kept.
    Times and frequencies become floats; white space around labels is dropped.

    Raises
    ------
    InputError
        If a column is missing, a number is negative or not finite (NaN is legal
        for a frequency), an offset lies before its onset, ``low_hz`` above
        ``high_hz``, or a label is no text in one line without tabs.
    """
    import pandas as pd

    _refuse([f"no {name}" for name in ("onset", "offset", "label") if name not in getattr(events, "columns", ())],
            "an event table with onset, offset and label", "Rename what it has: events.rename(...)", checks.ARRAYS)
    rows, faults = [], []
    for place, row in zip(events.index, events.to_dict("records"), strict=True):
        rows.append({name: value.strip() if isinstance(value, str) else math.nan if pd.isna(value) else value
                     for name, value in row.items() if name in TYPES})
        try:
            _check(rows[-1])
        except ValueError as error:
            faults.append(f"row {place}: {error}")
    _refuse(faults, "finite times from 0 on, no offset before its onset, and text as label in each row",
            "Mend them; numbers become labels with events['label'].astype(str)", checks.ARRAYS)
    types = {name: kind for name, kind in TYPES.items() if name in events}
    return events.assign(**{name: [row[name] for row in rows] for name in types}).astype(types)


def _check(event: dict[str, object]) -> None:
    """Refuse an event that cannot be, or the frequencies of one."""
    for name, value in event.items():
        unknown = name.endswith("_hz") and value != value   # NaN
        if TYPES.get(name) is float and not unknown and not (isinstance(value, Real) and 0 <= value < math.inf):
            raise ValueError(f"{name} {value!r} is no finite number from 0 on")
    for first, last in (("onset", "offset"), ("low_hz", "high_hz")):
        if event.get(last, math.inf) < event.get(first, 0.0):
            raise ValueError(f"{last} {event[last]} is smaller than {first} {event[first]}")
    if not isinstance(label := event.get("label", ""), str) or re.search(r"[\t\r\n]", label):
        raise ValueError(f"label {label!r} is no text in one line without tabs")


def _refuse(faults: list[str], expected: str, way_out: str, section: str = checks.FILES) -> None:
    if faults:
        got = "; ".join(faults[:10]) + (f"; and {len(faults) - 10} more" if len(faults) > 10 else "")
        raise checks.InputError(checks.explain(expected, got, way_out, section=section))


def _lines(path: str | os.PathLike) -> Iterator[tuple[int, str]]:
    try:
        lines = Path(path).read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        known = {FileNotFoundError: "no file", IsADirectoryError: "a folder", UnicodeDecodeError: "another encoding"}
        text = checks.explain(f"labels in UTF-8 in {path}", known.get(type(error), str(error)),
                              "Check the name, or save it as UTF-8 in a text editor", section=checks.FILES)
        raise checks.DatasetError(text) from error
    yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _gather(path: str | os.PathLike, parse: Callable, expected: str, clip_id: str | None = None) -> pd.DataFrame:
    """Make an event table of what ``parse`` finds in the lines; all that is wrong goes into one error."""
    import pandas as pd

    rows, faults = [], []
    for number, line in _lines(path):
        try:
            event = _event(parse(line))
            if "label" in event:
                rows.append(event)
            elif event and (not rows or "low_hz" in rows[-1]):
                raise ValueError("a frequency row without a label before it")
            elif event:
                rows[-1].update(event)
        except (ValueError, csv.Error) as error:
            faults.append(f"line {number}: {error}")
            rows.append({})   # holds the place: frequencies below a malformed label are no further fault
    _refuse(faults, f"{expected} in each row of {path}", "Mend these lines in a text editor, or export them again")
    rows = [{"clip_id": Path(path).stem if clip_id is None else clip_id, **row} for row in rows]
    order = {clip: place for place, clip in enumerate(dict.fromkeys(row["clip_id"] for row in rows))}
    rows.sort(key=lambda row: (order[row["clip_id"]], row["onset"], row["offset"]))
    table = pd.DataFrame(rows, columns=[name for name in NAMES if any(name in row for row in rows)] or list(NAMES)[:4])
    return table.astype({"clip_id": str, "onset": float, "offset": float, "label": str})


def _event(values: dict[str, str]) -> dict[str, object]:
    event = {name: text.strip() if name in ("clip_id", "label") else _number(text.strip(), name)
             for name, text in values.items()}
    if event.get("clip_id") == "":
        raise ValueError("no clip")
    if "onset" in event:
        event.setdefault("offset", event["onset"] + event.pop("duration", 0.0))
    _check(event)
    return event


def _number(text: str, name: str) -> float:
    if name not in ("onset", "offset", "duration") and not text:
        return math.nan
    if not NUMBER.fullmatch(text) or not math.isfinite(float(text.replace(",", "."))):
        raise ValueError(f"{name} {text!r} is not a finite number")
    if "," in text:
        raise ValueError(f"{name} {text} has a decimal comma, write {text.replace(',', '.')}")
    return math.nan if name.endswith("_hz") and float(text) == -1 else float(text)


def _columns(line: str) -> dict[str, str]:
    fields = line.split("\t") if "\t" in line else line.split(maxsplit=2)
    if "\t" not in line and len(fields) == 3 and not NUMBER.fullmatch(fields[1]):
        fields = line.split(maxsplit=1)   # the label of a point has spaces
    if len(fields) not in (2, 3):
        raise ValueError(f"2 or 3 columns expected, found {len(fields)} (if commas part them, a header is needed)")
    if fields[0].strip() == "\\":
        return {"low_hz": fields[1], "high_hz": "".join(fields[2:])}
    if len(fields) == 2 and NUMBER.fullmatch(fields[1]):
        raise ValueError(f"{fields[1].strip()} may be an offset or a label, so write both")
    return {"onset": fields[0], "offset": fields[-2], "label": fields[-1]}


def _header(line: str) -> tuple[str, list[str], dict[str, int]]:
    """Tell what separates the columns of a header, how they are called, and where those in ``NAMES`` stand."""
    best: tuple[str, list[str], dict[str, int]] = "", [], {}
    for delimiter in "" if re.match(r"\W*\d", line) else "\t;,":   # an event may be called "event"
        header = [cell.lower() for cell in _cells(line[:100_000], delimiter)]   # csv takes no longer cells
        found = {name: header.index(word) for name, words in NAMES.items() for word in words[::-1] if word in header}
        best = max(best, (delimiter, header, found), key=lambda one: len(one[2]))
    return best


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]


def _decimal(value: float) -> str:
    return re.sub("0{1,3}$", "", f"{value + 0.0:.9f}")   # + 0.0 turns -0.0 into 0.0
