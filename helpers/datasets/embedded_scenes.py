"""The embedded scenes: rendered by :mod:`helpers.synth.scenes` when they are first asked for, kept as FLAC.

When an event ends is known once it has been rendered, so the whole set is
rendered the first time: some twenty seconds. An interrupted rendering goes on
where it was.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import audio, checks, files
from helpers.datasets.dataset import COLUMNS
from helpers.datasets.registry import MALFORMED
from helpers.datasets.rendered import Rendered, version
from helpers.datasets.scenes import EVENT_COLUMNS, SceneDataset

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SEED = 0
DURATION = 10.0
PER_FOLD = 70
NEGATIVES = 10
"""Recordings without any event, a minute each."""
NEGATIVE_DURATION = 60.0
COLLAR, FRAME_HOP = 0.2, 0.04

RENDERED_BY = ("__init__", "animals", "envelopes", "filters", "further_animals", "further_parts", "further_people",
               "further_things", "keys", "people", "recipe", "rooms", "scenes", "sources", "things")
"""Modules of the synthesiser that a scene depends on, in the order of their names."""


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddedScenes(Rendered, SceneDataset):
    """A :class:`SceneDataset` whose files come into being when they are needed.

    Attributes
    ----------
    recipes : dict
        What ``synth.scenes.render`` needs for each file name.
    """

    recipes: dict[str, dict] = field(default_factory=dict)

    def make(self, recipe: dict) -> np.ndarray:
        """Render the sound of one scene."""
        from helpers.synth import scenes

        return scenes.render(**recipe)[0]


def load(*, data_home: str | os.PathLike | None = None, per_fold: int = PER_FOLD) -> EmbeddedScenes:
    """Load the embedded scenes: ten seconds each, four classes of events, five folds.

    Parameters
    ----------
    data_home : path, optional
        Folder for the rendered files; the cache folder where not given.
    per_fold : int
        Scenes in each fold; fewer of them are the first of more.

    Returns
    -------
    EmbeddedScenes
        ``negatives`` holds ten minutes in which none of the events happens.

    Raises
    ------
    InputError
        If per_fold is not a whole number above 0.
    """
    import pandas as pd

    from helpers.synth import scenes

    home = Path(data_home).expanduser().resolve() if data_home is not None else files.cache_folder("embedded")
    home = home / f"scenes-{_version()}"
    plan = scenes.plan(per_fold=checks.whole(per_fold, name="per_fold"))
    recipes = {f"{row['clip_id']}.flac": {"fold": row["fold"], "index": row["index"], "seed": SEED,
                                          "duration": DURATION} for row in plan}
    events = [(row["clip_id"], *event) for row, found in zip(plan, _events(home, recipes), strict=True)
              for event in found]
    clips = _table(plan, home)
    quiet = [{"clip_id": f"negative-{number}", "source": f"negative-{number}", "session": "5", "fold": 5}
             for number in range(NEGATIVES)]
    recipes |= {f"{row['clip_id']}.flac": {"fold": 5, "index": number, "seed": SEED, "duration": NEGATIVE_DURATION,
                                           "empty": True} for number, row in enumerate(quiet)}
    return EmbeddedScenes(
        name="embedded", kind="scenes", clips=clips, classes=scenes.CLASSES, unknown_classes=(),
        unknown_clips=clips.head(0), licence="CC BY 4.0", citation="The contributors, Machine hearing workshop",
        description="Places where things happen, made by a synthesiser, with the times of every event.", home=home,
        events=pd.DataFrame(events, columns=list(EVENT_COLUMNS)), negatives=_table(quiet, home), collar=COLLAR,
        frame_hop=FRAME_HOP, has_offsets=True, recipes=recipes)


def _table(rows: list[dict], home: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([row | {"label": "", "path": str(home / f"{row['clip_id']}.flac")} for row in rows])[
        list(COLUMNS)]


def _events(home: Path, recipes: dict[str, dict]) -> list[list[tuple]]:
    """Read the events of every scene; render those whose sound or events are missing."""
    from tqdm import tqdm

    from helpers.synth import scenes

    index = home / "events.json"
    known = _read(index)
    missing = [name for name in recipes if name not in known]
    for name in tqdm(missing, desc="rendering the embedded scenes, once", unit="scene", file=sys.stdout,
                     disable=len(missing) < 10):
        side = home / f"{Path(name).stem}.json"
        found = _read(side)
        if not found:
            sound, events = scenes.render(**recipes[name])
            audio.save_audio(home / name, sound, sr=audio.SR)
            found = {name: [[event["onset"], event["offset"], event["label"]] for event in events]}
            files.write_text(side, json.dumps(found))
        known |= found
    if missing:
        files.write_text(index, json.dumps(known))
        for name in missing:
            (home / f"{Path(name).stem}.json").unlink(missing_ok=True)
    return [[tuple(event) for event in known[name]] for name in recipes]


def _read(path: Path) -> dict[str, list]:
    """What was noted about scenes; nothing where there is no file, or a damaged one: they are then rendered again."""
    from helpers.synth import scenes

    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(events, list) for events in known.values()) and all(
                0 <= onset <= offset <= NEGATIVE_DURATION and label in scenes.CLASSES
                for events in known.values() for onset, offset, label in events):
            return known
    except (FileNotFoundError, *MALFORMED):
        pass
    return {}


@lru_cache(maxsize=1)
def _version() -> str:
    return version(RENDERED_BY, seed=SEED, duration=DURATION)
