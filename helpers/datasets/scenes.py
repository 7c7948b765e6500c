"""Scenes: recordings with the times of what happens in them; the published sets, from their files."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import checks, labels
from helpers.datasets import folder, registry, verify
from helpers.datasets.dataset import COLUMNS, AudioDataset, PrivateTable, check_columns

if TYPE_CHECKING:
    import pandas as pd

EVENT_COLUMNS = ("clip_id", "onset", "offset", "label")
BIRD0_SR = 32_000   # Hz: the annotations of the birds count in samples
DRUMS = {"KD": "kick", "SD": "snare", "HH": "hi-hat", "CY": "cymbal", "TT": "tom", "OT": "other"}
"""What the codes of MDB Drums stand for."""

NOT_DEALT = 0
"""The fold of a scene in a set that comes without folds, until :func:`deal` has been called."""

Event = tuple[float, float, str]
Scene = tuple[dict, list[Event]]


@dataclass(frozen=True, eq=False, repr=False)
class SceneDataset(AudioDataset):
    """An :class:`AudioDataset` of scenes: longer recordings, and a table of the events in them.

    **Folds.** The last fold is the test set, the one before it the validation
    set (thresholds are chosen there), all others are the training set. It takes
    three folds at least.

    ``clips`` has one row a scene; its ``label`` is made here: the classes of the
    scene's events, sorted and joined by "+", or "" where there are none.
    ``unknown_classes`` and ``unknown_clips`` are empty.

    Attributes
    ----------
    events : pd.DataFrame
        One row an event: ``clip_id``, ``onset``, ``offset`` (seconds from the
        start of the scene), ``label``. A point event has onset equal to offset.
        Private like ``clips``: every access gives a new copy.
    negatives : pd.DataFrame
        Long recordings that hold none of the events, to count false alarms per
        hour, with the columns of ``clips``; empty where a set has none.
    collar : float, seconds
        How far a found onset may lie from the true one and still count as right.
    frame_hop : float, seconds
        How often a model gives scores: short for short events.
    has_offsets : bool
        Whether offsets were labelled; if not, all events are points.
    """

    events: PrivateTable = PrivateTable()      # noqa: RUF009 - a descriptor, as in AudioDataset
    negatives: PrivateTable = PrivateTable()   # noqa: RUF009
    collar: float
    frame_hop: float
    has_offsets: bool

    def __post_init__(self) -> None:
        super().__post_init__()
        events, clips = self.events, self.clips
        check_columns(events, EVENT_COLUMNS, what="an event table")
        check_columns(self.negatives, COLUMNS, what="a table of negatives")
        strange = sorted({*events.clip_id} - {*clips.clip_id}) or sorted({*events.label} - {*self.classes})
        if strange:
            raise ValueError(f"events of scenes or classes that are not in this set: {', '.join(map(str, strange))}.")
        heard: dict[str, set] = {clip_id: set() for clip_id in clips.clip_id}
        for clip_id, label in zip(events.clip_id, events.label, strict=True):
            heard[clip_id].add(label)
        clips["label"] = ["+".join(sorted(heard[clip_id])) for clip_id in clips.clip_id]
        object.__setattr__(self, "clips", clips)

    def _counts(self) -> str:
        clips = self.__dict__["_clips"]
        return (f"{len(clips)} scenes, {len(self.__dict__['_events'])} events, {len(self.classes)} classes, "
                f"{clips.fold.nunique()} folds")


def read(block: registry.Block, *, data_home: str | os.PathLike | None = None) -> SceneDataset:
    """Make the data set of a registry block of kind "scenes" from its files.

    Raises
    ------
    DatasetError
        If files are missing, or annotations are not as they were published; the
        message holds the command that fetches them.
    """
    home = verify.installed(block, data_home=data_home)
    scenes, settings = READERS[block.name]
    with verify.readable(block.name, home):
        clips, events = tables(scenes(block, home))
        events = labels.validate(events)
        if clips.fold.eq(NOT_DEALT).any():
            clips["fold"] = clips.source.map(deal(clips, events))
        return SceneDataset(
            name=block.name, kind="scenes", clips=clips, classes=block.classes, unknown_classes=(),
            unknown_clips=clips.head(0), licence=block.licence, citation=block.citation,
            description=block.description, home=home, events=events, negatives=clips.head(0), **settings,
        )


def scene_row(path: Path, clip_id: str, *, source: str | None = None, fold: int = NOT_DEALT) -> dict:
    """Make the row of a scene for the clip table; its label comes from its events."""
    source = clip_id if source is None else source
    return {"clip_id": clip_id, "path": str(path), "label": "", "source": source, "session": source, "fold": fold}


def tables(scenes: Iterator[Scene]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn (row, events) of every scene into the clip table and the event table, events by time."""
    import pandas as pd

    rows, events = [], []
    for row, found in scenes:
        rows.append(row)
        events += [(row["clip_id"], *event) for event in sorted(found)]
    return (pd.DataFrame(rows, columns=list(COLUMNS)),
            pd.DataFrame(events, columns=list(EVENT_COLUMNS)).astype({"onset": float, "offset": float}))


def deal(clips: pd.DataFrame, events: pd.DataFrame) -> dict[str, int]:
    """Deal the sources of scenes into up to five folds, for sets that come without.

    Every class is spread as evenly as :func:`helpers.datasets.folder.deal` can.
    A class may lie in few recordings only; so the folds are then put into the
    order in which the training set (all but the last two) has most classes,
    then the test set (the last), then the validation set.

    Parameters
    ----------
    clips, events : pd.DataFrame
        Tables of scenes and of their events.

    Returns
    -------
    dict of str -> int
        Source -> fold, from 1.
    """
    heard = clips[["clip_id", "source"]].merge(events[["clip_id", "label"]], on="clip_id", how="left")
    heard["label"] = heard.label.fillna("")   # a scene without events counts as one of a class of its own
    dealt = folder.deal(heard.source, heard.label)
    held = {fold: {*rows.label} - {""} for fold, rows in heard.groupby(heard.source.map(dealt))}

    def classes(order: tuple[int, ...]) -> tuple[int, ...]:
        *training, validation, test = order
        return len(set().union(*(held[fold] for fold in training))), len(held[test]), len(held[validation])

    best = max(itertools.permutations(held), key=classes) if len(held) > 1 else tuple(held)
    return {source: best.index(fold) + 1 for source, fold in dealt.items()}


def _bird0(block: registry.Block, home: Path) -> Iterator[Scene]:
    # The file was compared with its checksum, and this parser fetches nothing that an XML file may refer to.
    from xml.etree import ElementTree

    notes: dict[str, list[Event]] = {}
    for sequence in ElementTree.parse(home / "Annotation.xml").iter("Sequence"):
        for note in sequence.iter("Note"):   # a note's position counts from the start of its sequence
            onset = int(sequence.findtext("Position")) + int(note.findtext("Position"))
            offset = onset + int(note.findtext("Length"))
            notes.setdefault(sequence.findtext("WaveFileName"), []).append(
                (onset / BIRD0_SR, offset / BIRD0_SR, note.findtext("Label")))
    waves = [home / listed for listed in block.listed if listed.endswith(".wav")]
    for path in sorted(waves, key=lambda path: int(path.stem)):
        number = int(path.stem)
        # the bird's song comes round about every five recordings, so plainly "number % 5" is no fair deal
        yield scene_row(path, f"bird0-{number}", fold=(number + number // 5) % 5 + 1), notes.get(path.name, [])


def _mdb_drums(block: registry.Block, home: Path) -> Iterator[Scene]:
    for listed in block.listed:
        if listed.endswith("_Drum.wav"):
            track = Path(listed).stem.removeprefix("MusicDelta_").removesuffix("_Drum")
            hits = labels.read_audacity(home / f"MDB Drums/annotations/class/MusicDelta_{track}_class.txt")
            yield (scene_row(home / listed, track),
                   [*zip(hits.onset, hits.offset, hits.label.map(DRUMS), strict=True)])


def _urban_sed(block: registry.Block, home: Path) -> Iterator[Scene]:
    for fold, part in enumerate(("train", "validate", "test"), start=1):
        for path in sorted((home / "audio" / part).glob("[!.]*.wav")):
            yield scene_row(path, path.stem, fold=fold), _timed(home / "annotations" / part / f"{path.stem}.txt")


def _tut_sed(block: registry.Block, home: Path) -> Iterator[Scene]:
    folds = {}
    for fold in range(1, 5):
        lines = (home / f"evaluation_setup/street_fold{fold}_test.txt").read_text(encoding="utf-8").split("\n")
        folds |= {Path(line.split("\t")[0].strip()).stem: fold for line in lines if line.strip()}
    for path in sorted((home / "audio/street").glob("[!.]*.wav")):
        if path.stem not in folds:
            raise checks.DatasetError(checks.explain(
                f"a fold for every recording in {home / 'evaluation_setup'}", f"none for {path.name}",
                "Fetch the set again", section=checks.DATA_SETS))
        yield scene_row(path, path.stem, fold=folds[path.stem]), _timed(home / f"meta/street/{path.stem}.ann")


def _timed(path: Path) -> list[Event]:
    """Read lines of onset, offset, label; some of TUT's have the file and the place before them."""
    events = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = [field.strip() for field in line.split("\t")]
        if (len(fields) not in (1, 3) and len(fields) < 5) or (len(fields) == 1 and fields[0]):
            raise ValueError(f"{path.name} has {len(fields)} columns in line {number}")
        if len(fields) > 1:
            onset, offset, label = fields[:3] if len(fields) == 3 else fields[2:5]
            events.append((float(onset), float(offset), label))
    return events


READERS: dict[str, tuple[Callable[[registry.Block, Path], Iterator[Scene]], dict]] = {
    "birdsong-bird0": (_bird0, {"collar": 0.05, "frame_hop": 0.01, "has_offsets": True}),
    "mdb-drums": (_mdb_drums, {"collar": 0.05, "frame_hop": 0.01, "has_offsets": False}),
    "urban-sed": (_urban_sed, {"collar": 0.2, "frame_hop": 0.04, "has_offsets": True}),
    "tut-sed-2017": (_tut_sed, {"collar": 0.5, "frame_hop": 0.04, "has_offsets": True}),
}
