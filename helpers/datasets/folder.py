"""Your own recordings as a data set: one sub-folder for each class."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from helpers import checks
from helpers.datasets.dataset import COLUMNS, AudioDataset

SUFFIXES = frozenset((
    ".wav", ".wave", ".bwf", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf",
    ".w64", ".rf64", ".voc", ".nist", ".sph",
))
"""Endings of the files that the sound library reads."""
OTHER_SOUNDS = frozenset((".m4a", ".aac", ".wma", ".amr", ".mp4", ".mov", ".3gp", ".webm"))
TAKE = re.compile(r"([-_ ]+take[-_ ]*\d*|[-_][A-Z]|[-_ ]*\(\d+\))$", re.IGNORECASE)
FOLDS = 5


def from_folder(path: str | os.PathLike, *, unknown: Iterable[str] | None = None) -> AudioDataset:
    """Make a data set of your own recordings.

    The folder holds one sub-folder for each class::

        my_sounds/door/monday/001.wav     label "door", source "monday"
        my_sounds/door/front-A.flac       label "door", source "front"
        my_sounds/window/front-B.flac     label "window", source "front"

    Clips that were cut from one recording sound alike, so they must stay on one
    side of every split. What belongs together is told by a folder inside the
    class folder, or by the name without its ending "-A", "_take2" or "(3)"; a
    plain number at the end is a recording of its own. The same name in two
    classes means the same recording. Sources are dealt into five folds, so
    that every class is spread over them as evenly as possible; the same files
    always give the same folds.

    Parameters
    ----------
    path : path
        The folder. All kinds of files that libsndfile reads; files and folders
        that begin with a dot are left out.
    unknown : iterable of str, optional
        The classes that the section on "unknown" leaves out. Default: the last
        two by name where there are four or more, the last one of three.

    Returns
    -------
    AudioDataset

    Raises
    ------
    DatasetError
        If there is no such folder, it holds no recordings or those of one class
        only, or all come from one source.
    """
    import pandas as pd

    root = Path(path).expanduser().resolve()
    if not root.is_dir():
        raise _error(root, "a file" if root.exists() else "no such folder", "Check the path")
    found = sorted(file for file in root.glob("*/**/*") if file.is_file() and not _hidden(file, root))
    sounds = [file for file in found if file.suffix.lower() in SUFFIXES]
    _check(root, found, sounds)
    warn_of_left_out(found)

    rows = []
    for file in sounds:
        inside = file.relative_to(root).parts
        source = "/".join(inside[1:-1]) or TAKE.sub("", file.stem) or file.stem
        rows.append({"clip_id": "/".join(inside), "path": str(file), "label": inside[0],
                     "source": source, "session": source})
    clips = pd.DataFrame(rows)
    clips["fold"] = clips.source.map(deal(clips.source, clips.label))
    if clips.source.nunique() == 1:
        raise _error(root, f"only recordings of one source, {clips.source[0]!r}, which cannot be split",
                     "Add other recordings, or name them apart: see help(from_folder)")
    lonely = [label for label, rows in clips.groupby("label") if rows.fold.nunique() == 1]
    if lonely:
        warnings.warn(f"all recordings of {', '.join(lonely)} come from one source, so no model can be trained on some "
                      "and tested on others of them.", stacklevel=2)
    classes = tuple(sorted(clips.label.unique()))
    if unknown is None:
        unknown = classes[2:][-2:]
    unknown = tuple(unknown)
    for label in unknown:
        checks.one_of(label, classes, name="an unknown class")
    return AudioDataset(
        name=root.name, kind="clips", clips=clips[list(COLUMNS)], classes=classes, unknown_classes=unknown,
        unknown_clips=clips.loc[clips.label.isin(unknown), list(COLUMNS)], licence="your own recordings", citation="",
        description=f"{len(clips)} recordings from your folder {root.name}", home=root,
    )


def deal(sources: Iterable[str], labels: Iterable[str], *, folds: int = FOLDS) -> dict[str, int]:
    """Deal sources into folds so that every class is spread as evenly as possible.

    The largest source first, each to the fold that has least of its classes so
    far; ties go to the fold with fewest clips.

    Parameters
    ----------
    sources, labels : iterable of str, one for each clip
    folds : int

    Returns
    -------
    dict of str -> int
        Source -> fold, from 1.

    Examples
    --------
    >>> deal(["a", "a", "b", "c"], ["dog", "dog", "dog", "cat"], folds=2)
    {'a': 1, 'b': 2, 'c': 2}
    """
    held = {}
    for source, label in zip(sources, labels, strict=True):
        held.setdefault(source, Counter())[label] += 1
    dealt: list[Counter] = [Counter() for _ in range(folds)]
    fold_of = {}
    for source, counts in sorted(held.items(), key=lambda item: (-item[1].total(), item[0])):
        def load(fold: int, counts: Counter = counts) -> tuple[int, int]:
            return sum(n * dealt[fold][label] for label, n in counts.items()), dealt[fold].total()

        best = min(range(folds), key=load)
        dealt[best] += counts
        fold_of[source] = best + 1
    return fold_of


def warn_of_left_out(files: Iterable[Path]) -> None:
    """Warn of sounds that are left out because their kind is not read, so that none is missed in silence.

    Parameters
    ----------
    files : iterable of Path
        All files that lie where recordings are looked for.
    """
    endings = Counter(file.suffix.lower() for file in files if file.suffix.lower() in OTHER_SOUNDS)
    if n := endings.total():
        warnings.warn(f"{n} file{'s' * (n != 1)} left out, of a kind that is not read: {', '.join(sorted(endings))}. "
                      "To use them, convert them to WAV: data/README.md says how.", stacklevel=4)


def _hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in file.relative_to(root).parts)


def _check(root: Path, found: list[Path], sounds: list[Path]) -> None:
    if not sounds:
        others = Counter(file.suffix.lower() for file in found if file.suffix.lower() in OTHER_SOUNDS)
        beside = [file for file in root.glob("*") if file.suffix.lower() in SUFFIXES]
        if others:
            ending, n = others.most_common(1)[0]
            raise _error(root, f"{n} files ending in {ending}, which cannot be read", "Convert them to WAV or FLAC")
        if beside:
            raise _error(root, f"{len(beside)} recordings that lie in the folder itself",
                         "Move them into one sub-folder for each class: its name is the label")
        raise _error(root, "no recordings", "Put WAV, FLAC, OGG or MP3 files there")
    labels = {file.relative_to(root).parts[0] for file in sounds}
    if len(labels) == 1:
        raise _error(root, f"only one, {labels.pop()!r}",
                     "A classifier needs at least two classes: add another sub-folder")


def _error(root: Path, got: str, way_out: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(
        f"a folder with one sub-folder of recordings for each class in {root}", got, way_out, section=checks.DATA_SETS))
