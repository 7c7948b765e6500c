"""Labelled clips: the published sets, from their files."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.datasets import registry, verify
from helpers.datasets.dataset import COLUMNS, AudioDataset

if TYPE_CHECKING:
    import pandas as pd

ESC10_FOLDERS = {
    "001 - Dog bark": "dog", "002 - Rain": "rain", "003 - Sea waves": "sea_waves", "004 - Baby cry": "crying_baby",
    "005 - Clock tick": "clock_tick", "006 - Person sneeze": "sneezing", "007 - Helicopter": "helicopter",
    "008 - Chainsaw": "chainsaw", "009 - Rooster": "rooster", "010 - Fire crackling": "crackling_fire",
}
"""The folders of ESC-10, by the names that ESC-50 gave to the same classes later."""


def read(block: registry.Block, *, data_home: str | os.PathLike | None = None) -> AudioDataset:
    """Make the data set of a registry block of kind "clips" from its files.

    Raises
    ------
    DatasetError
        If files are missing, or a table is not as it was published; the message
        holds the command that fetches them.
    """
    import pandas as pd

    folder = verify.installed(block, data_home=data_home)
    with verify.readable(block.name, folder):
        clips = pd.DataFrame(list(BUILDERS[block.name](block, folder)), columns=list(COLUMNS))
        clips = _one_fold_a_source(clips)
        classes = block.classes or _esc50_classes(folder)
        _refuse_strange(clips, classes=classes)
    return AudioDataset(
        name=block.name, kind="clips", clips=clips, classes=classes, unknown_classes=block.unknown,
        unknown_clips=clips[clips.label.isin(block.unknown)], licence=block.licence, citation=block.citation,
        description=block.description, home=folder,
    )


def _refuse_strange(clips: pd.DataFrame, *, classes: tuple[str, ...]) -> None:
    """Refuse rows that cannot be: a clip twice, a class or a fold that there is not, a file that is elsewhere."""
    for what, strange in (("twice", clips.clip_id.duplicated()), ("of no class", ~clips.label.isin(classes)),
                          ("in no fold", ~clips.fold.between(1, 10)), ("without a source", clips.source.eq("")),
                          ("in another folder", clips.path.map(lambda path: ".." in Path(path).parts))):
        if strange.any():
            raise ValueError(f"clip {clips.clip_id[strange].iloc[0]!r} {what}")


def _one_fold_a_source(clips: pd.DataFrame) -> pd.DataFrame:
    """Where a recording lies in two folds, make it two sources, named after both."""
    folds = clips.groupby("source").fold.transform("nunique")
    named = clips.source + "/fold" + clips.fold.astype(str)
    clips["source"] = clips.source.where(folds == 1, named)
    clips["session"] = clips.source
    return clips


def _row(path: Path, label: str, source: str, fold: int) -> dict:
    return {"clip_id": path.stem, "path": str(path), "label": label, "source": source, "session": source, "fold": fold}


def _esc10(block: registry.Block, folder: Path) -> Iterator[dict]:
    for listed in block.listed:
        if listed.endswith(".ogg"):
            path = folder / listed
            fold, freesound, _take = path.stem.split("-")
            yield _row(path, ESC10_FOLDERS[path.parent.name], freesound, int(fold))


def _esc50(block: registry.Block, folder: Path) -> Iterator[dict]:
    for line in _lines(folder / "meta/esc50.csv"):
        yield _row(folder / "audio" / line["filename"], line["category"], line["src_file"], int(line["fold"]))


def _esc50_classes(folder: Path) -> tuple[str, ...]:
    targets = {int(line["target"]): line["category"] for line in _lines(folder / "meta/esc50.csv")}
    return tuple(targets[target] for target in sorted(targets))


def _urbansound8k(block: registry.Block, folder: Path) -> Iterator[dict]:
    for line in _lines(folder / "metadata/UrbanSound8K.csv"):
        path = folder / f"audio/fold{line['fold']}" / line["slice_file_name"]
        yield _row(path, line["class"], line["fsID"], int(line["fold"]))


def _mini_speech_commands(block: registry.Block, folder: Path) -> Iterator[dict]:
    for word in block.classes:
        for path in sorted((folder / word).glob("[!.]*_nohash_*.wav")):
            speaker = path.stem.split("_nohash_")[0]
            fold = int.from_bytes(blake2b(speaker.encode(), digest_size=8).digest(), "little") % 5 + 1
            yield _row(path, word, speaker, fold) | {"clip_id": f"{word}/{path.stem}"}


def _lines(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if short := [number for number, row in enumerate(rows, start=2) if None in row or None in row.values()]:
        raise ValueError(f"{path.name} has a row with too many or too few columns, line {short[0]} or so")
    return rows


BUILDERS: dict[str, Callable[[registry.Block, Path], Iterator[dict]]] = {
    "esc10": _esc10,
    "esc50": _esc50,
    "urbansound8k": _urbansound8k,
    "mini-speech-commands": _mini_speech_commands,
}
