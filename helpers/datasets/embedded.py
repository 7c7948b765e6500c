"""The embedded clips: rendered by :mod:`helpers.synth` when they are first asked for, kept as FLAC.

Nothing is downloaded, and nothing is rendered before it is needed: one clip
takes some milliseconds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import checks, files
from helpers.datasets.dataset import COLUMNS, AudioDataset
from helpers.datasets.rendered import Rendered, version

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SEED = 0
DURATION = 4.0
UNKNOWN_PER_CLASS = 4
"""Clips of each further voice in each fold."""

RENDERED_BY = ("__init__", "animals", "envelopes", "filters", "keys", "motors", "people", "recipe", "rooms", "sources",
               "things", "voices", "weather")
"""Modules of the synthesiser that a clip depends on, in the order of their names."""

@dataclass(frozen=True, eq=False, repr=False)
class EmbeddedClips(Rendered, AudioDataset):
    """An :class:`AudioDataset` whose files come into being when they are loaded.

    Attributes
    ----------
    recipes : dict
        What ``synth.voices.render`` needs for each file name.
    """

    recipes: dict[str, dict] = field(default_factory=dict)

    def make(self, recipe: dict) -> np.ndarray:
        """Render the sound of one clip."""
        from helpers.synth import voices

        return voices.render(**recipe)[0]


def load(
    *, data_home: str | os.PathLike | None = None, microphone: str = "recorder", labels: tuple[str, ...] | None = None,
) -> EmbeddedClips:
    """Load the embedded clips: ten everyday classes, five folds of recording sessions.

    Parameters
    ----------
    data_home : path, optional
        Folder for the rendered files; the cache folder where not given.
    microphone : {"recorder", "telephone"}
        What the clips were recorded with.
    labels : tuple of str, optional
        Only some of the ten classes.

    Returns
    -------
    EmbeddedClips
        400 clips of 4 s in ``clips``, 200 of ten further voices in
        ``unknown_clips``.

    Raises
    ------
    InputError
        If a label or the microphone is unknown.
    """
    from helpers.synth import voices

    labels = voices.CLASSES if labels is None else tuple(labels)
    for label in labels:
        checks.one_of(label, voices.CLASSES, name="label")
    checks.one_of(microphone, voices.MICROPHONES, name="microphone")
    home = Path(data_home).expanduser().resolve() if data_home is not None else files.cache_folder("embedded")
    home = home / f"{_version()}-{microphone}"
    recipes: dict[str, dict] = {}
    known = _table(voices.plan(labels), home=home, microphone=microphone, recipes=recipes)
    unknown = _table(voices.plan(voices.UNKNOWN, per_class=UNKNOWN_PER_CLASS), home=home, microphone=microphone,
                     recipes=recipes)
    return EmbeddedClips(
        name="embedded", kind="clips", clips=known, classes=labels, unknown_classes=voices.UNKNOWN,
        unknown_clips=unknown, licence="CC BY 4.0", citation="The contributors, Machine hearing workshop",
        description="Everyday sounds made by a synthesiser, recorded in rooms that do not exist.",
        home=home, recipes=recipes)


def telephone(*, data_home: str | os.PathLike | None = None) -> EmbeddedClips:
    """Load the same clips as heard over a telephone: another microphone than the one trained with.

    Parameters
    ----------
    data_home : path, optional
        As in :func:`load`.

    Returns
    -------
    EmbeddedClips
    """
    return load(data_home=data_home, microphone="telephone")


def _table(plan: list[dict], *, home: Path, microphone: str, recipes: dict[str, dict]) -> pd.DataFrame:
    """Make a clip table, and note how each of its files is rendered."""
    import pandas as pd

    for clip in plan:
        clip["path"] = str(home / f"{clip['clip_id']}.flac")
        recipes[f"{clip['clip_id']}.flac"] = {
            "label": clip["label"], "session": clip["session"], "source": clip["source_index"], "take": clip["take"],
            "seed": SEED, "duration": DURATION, "microphone": microphone}
    return pd.DataFrame(plan)[list(COLUMNS)]


@lru_cache(maxsize=1)
def _version() -> str:
    return version(RENDERED_BY, seed=SEED, duration=DURATION)
