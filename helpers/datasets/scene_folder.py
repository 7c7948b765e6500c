"""Your own recordings as scenes: a folder of recordings, and what happens in them in label files."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import checks, labels
from helpers.datasets import folder
from helpers.datasets.scenes import Scene, SceneDataset, deal, scene_row, tables

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".txt", ".csv", ".tsv", ".ann", ".rttm")
NOTES = ("readme", "licence", "license")   # texts that lie beside recordings and are no labels
TOLERANCE = 0.1   # seconds: labels are drawn by hand and may end a little after the sound
FEWEST = 3   # training, validation, test
SHORT = 0.2   # seconds: a collar as long as the event itself would let anything nearby count


def scenes_from_folder(
    audio: str | os.PathLike, labels: str | os.PathLike | None = None, *, collar: float | None = None,
    frame_hop: float | None = None,
) -> SceneDataset:
    """Make a data set of your own recordings and their labels.

    For each recording a label file of the same name, beside it or in a folder
    of their own::

        garden/monday.wav     garden/monday.txt
        garden/tuesday.flac   garden/tuesday.txt

    A label file is what Audacity exports (.txt), or a .csv, .tsv, .ann or .rttm
    file (see ``helpers.labels``). A recording in which nothing happens needs an
    empty one: without, it might only have been forgotten. Or one table holds
    the labels of all: a .csv, .tsv or .rttm file that names its recordings.

    Parts of one recording stay together: "monday-A" and "monday-B", or
    "monday_take1" and "monday_take2". Recordings are dealt into up to five
    folds; the same files always give the same folds.

    Parameters
    ----------
    audio : path
        The folder of the recordings; folders inside it are left out.
    labels : path, optional
        A folder of label files, or one table. Default: the folder of the
        recordings; one table may lie there, too.
    collar : float, seconds, optional
        How far a found onset may lie from the true one: about as far as two
        people who label the same sound differ. Default: 0.05 where the events
        are points or half of them are shorter than 0.2 s, else 0.2.
    frame_hop : float, seconds, optional
        How often a model gives scores; at most half the shortest event.
        Default: 0.01 in the first case, else 0.04.

    Returns
    -------
    SceneDataset
        ``has_offsets`` is False where all labels are points in time.

    Raises
    ------
    DatasetError
        If there is no such folder, fewer than three recordings (training,
        validation, test), a recording without labels, labels without a
        recording, no event at all, or an event beyond the end of its recording.
    InputError
        If a label file is malformed.
    AudioFileError
        If a recording cannot be read.
    """
    for name, given in (("collar", collar), ("frame_hop", frame_hop)):
        if given is not None:
            checks.positive(given, name=name)
    root = Path(audio).expanduser().resolve()
    recordings = _recordings(root)
    where = root if labels is None else Path(labels).expanduser().resolve()
    found = _found(where, recordings)
    _refuse_wrong_events(root, found, recordings)
    scenes: list[Scene] = []
    for stem, path in recordings.items():
        rows = found[found.clip_id == stem]
        source = folder.TAKE.sub("", stem) or stem
        scenes.append((scene_row(path, stem, source=source), [*zip(rows.onset, rows.offset, rows.label, strict=True)]))
    clips, events = tables(scenes)
    if clips.source.nunique() < FEWEST:
        raise _error(root, f"parts of {clips.source.nunique()} only", "Add recordings, or name those apart that are "
                     'not parts of one: "monday-A" and "monday-B" count as one')
    clips["fold"] = clips.source.map(deal(clips, events))
    usual = (0.05, 0.01) if (events.offset - events.onset).median() < SHORT else (0.2, 0.04)
    return SceneDataset(
        name=root.name, kind="scenes", clips=clips, classes=tuple(sorted(set(events.label))), unknown_classes=(),
        unknown_clips=clips.head(0), licence="your own recordings", citation="",
        description=f"{len(clips)} recordings from your folder {root.name}", home=root, events=events,
        negatives=clips.head(0), collar=float(collar or usual[0]), frame_hop=float(frame_hop or usual[1]),
        has_offsets=bool((events.offset > events.onset).any()),
    )


def _recordings(root: Path) -> dict[str, Path]:
    """Find the recordings of a folder by their names without endings."""
    if not root.is_dir():
        raise _error(root, "a file" if root.exists() else "no such folder", "Check the path")
    paths = [path for path in _visible(root) if path.suffix.lower() in folder.SUFFIXES]
    twice = [stem for stem, n in Counter(path.stem for path in paths).items() if n > 1]
    if twice:
        raise _error(root, f"two recordings called {_some(twice)}", "Rename one, and its label file")
    if len(paths) < FEWEST:
        others = [path for path in _visible(root) if path.suffix.lower() in folder.OTHER_SOUNDS]
        way_out = "Add recordings, or cut a long one into parts: some are to train with, some to test with"
        if others:
            way_out = f"Convert files such as {others[0].name} to WAV or FLAC"
        elif any(path.suffix.lower() in folder.SUFFIXES for path in root.glob("*/*")):
            way_out = "Move the recordings out of the folders inside it, or name one of those"
        raise _error(root, f"{len(paths) or 'no'} recording{'s' * (len(paths) != 1)}", way_out)
    folder.warn_of_left_out(_visible(root))
    return {path.stem: path for path in paths}


def _found(where: Path, recordings: dict[str, Path]) -> pd.DataFrame:
    """Read the labels of all recordings: from one table, or from a file for each."""
    if where.is_file():
        return _from_table(where, recordings)
    if not where.is_dir():
        raise _error(where, "no such folder or file", "Check the path of the labels")
    paths = [path for path in _visible(where)
             if path.suffix.lower() in ENDINGS and path.stem.lower() not in NOTES]
    if len(paths) == 1 and paths[0].stem not in recordings:
        return _from_table(paths[0], recordings)
    return _from_files(where, paths, recordings)


def _from_files(where: Path, paths: list[Path], recordings: dict[str, Path]) -> pd.DataFrame:
    import pandas as pd

    twice = [stem for stem, n in Counter(path.stem for path in paths).items() if n > 1]
    if twice:
        raise _error(where, f"two label files for {_some(twice)}", "Keep one of them")
    stems = {path.stem for path in paths}
    if missing := [path.name for stem, path in recordings.items() if stem not in stems]:
        raise _error(where, f"none for {_some(missing)}", "Label them; a recording in which nothing happens needs an "
                     "empty file, such as " + Path(missing[0]).with_suffix(".txt").name)
    if strange := [path.name for path in paths if path.stem not in recordings]:
        raise _error(where, f"labels without a recording: {_some(strange)}",
                     "Give both the same name, or move what is no label file elsewhere")
    read = []
    for path in paths:
        events = labels.read(path)
        others = {*events.clip_id} - {path.stem, recordings[path.stem].name}
        if others:
            raise _error(where, f"labels of {_some(sorted(others))} in {path.name}",
                         "Name a table for all recordings by itself: scenes_from_folder(audio, table)")
        read.append(events.assign(clip_id=path.stem))
    return pd.concat(read, ignore_index=True)


def _from_table(table: Path, recordings: dict[str, Path]) -> pd.DataFrame:
    events = labels.read(table)
    stems = {path.name: stem for stem, path in recordings.items()} | {stem: stem for stem in recordings}
    if strange := sorted({*events.clip_id} - {*stems}):
        raise _error(table, f"labels without a recording: {_some(strange)}",
                     "The table has to name recordings that are in the folder: its column filename or clip_id")
    events["clip_id"] = events.clip_id.map(stems)
    if silent := [path.name for stem, path in recordings.items() if stem not in {*events.clip_id}]:
        warnings.warn(f"{table.name} has no events for {_some(silent)}: taken as recordings in which nothing happens.",
                      stacklevel=4)
    return events


def _refuse_wrong_events(root: Path, events: pd.DataFrame, recordings: dict[str, Path]) -> None:
    """Refuse labels without a name, and those that cannot belong to their recording."""
    import soundfile

    if events.empty:
        raise _error(root, "not one event in all of them", "Label what you hear")
    if nameless := [f"at {row.onset:.2f} s in {row.clip_id}" for row in events.itertuples() if not row.label]:
        raise _error(root, f"labels without a name: {_some(nameless)}", "Write what it is, or remove the label")
    beyond = []
    for stem, rows in events.groupby("clip_id", sort=False):
        try:
            duration = soundfile.info(recordings[stem]).duration
        except RuntimeError:
            from helpers.audio import load_audio

            load_audio(recordings[stem])   # says what is wrong with the file
            raise
        beyond += [f"{row.label!r} at {row.onset:.2f} to {row.offset:.2f} s in {recordings[stem].name}, which lasts "
                   f"{duration:.2f} s" for row in rows.itertuples() if row.offset > duration + TOLERANCE]
    if beyond:
        raise _error(root, f"events beyond the end: {_some(beyond, between='; ')}",
                     "Look whether these labels belong to this recording, and whether their times are in seconds")


def _visible(root: Path) -> list[Path]:
    return sorted(path for path in root.glob("[!.]*") if path.is_file())


def _some(names: list[str], *, at_most: int = 5, between: str = ", ") -> str:
    rest = [f"and {len(names) - at_most} more"] if len(names) > at_most else []
    return between.join([*names[:at_most], *rest])


def _error(where: Path, got: str, way_out: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(
        f"at least {FEWEST} recordings in one folder, with a label file for each or one table for all, in {where}", got,
        way_out, section=checks.DATA_SETS))
