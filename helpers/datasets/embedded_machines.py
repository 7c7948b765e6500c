"""The embedded machines: rendered by :mod:`helpers.synth.machines` and ``series`` when first asked for.

Names and folders are those of DCASE 2021 Task 2: ``fan/train``,
``fan/source_test``, ``fan/target_test``. Sound is kept as FLAC, series as
arrays of numpy.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import checks, files
from helpers.datasets.machines import MachineDataset, machine_row, make
from helpers.datasets.rendered import Rendered, version

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SEED = 0
DURATION = {"audio": 10.0, "series": 5.0}
TOOLS = ("envelopes", "filters", "keys", "machine_parts", "sources")
RENDERED_BY = {
    "audio": (*TOOLS, "machine_fan", "machine_pump", "machine_slider", "machine_valve", "machines", "rooms"),
    "series": (*TOOLS, "series"),
}
"""Modules of the synthesiser that a recording depends on."""


@dataclass(frozen=True, eq=False, repr=False)
class EmbeddedMachines(Rendered, MachineDataset):
    """A :class:`MachineDataset` whose files come into being when they are loaded.

    Attributes
    ----------
    recipes : dict
        What ``render`` of ``synth.machines`` or ``synth.series`` needs for each
        file name; there stands, too, how severe each fault is.
    """

    recipes: dict[str, dict] = field(default_factory=dict)

    def make(self, recipe: dict) -> np.ndarray:
        """Render one recording."""
        from helpers.synth import machines, series

        render = machines.render if self.signal == "audio" else series.render
        return render(self.machine, **recipe)[0]

    def load(self, row: Any, *, sr: int | None = None) -> tuple[np.ndarray, int]:
        """Load the recording of one row, as in :class:`MachineDataset`; render it where it is missing."""
        return super().load(row, sr=sr)

    def load_all(self, rows: pd.DataFrame | Iterable | None = None, *, sr: int | None = None) -> list[np.ndarray]:
        """Load the recordings of many rows, in their order; all of ``clips`` when ``rows`` is None."""
        return super().load_all(rows, sr=sr)

    def render(self, path: Path) -> None:
        """Render one recording into its file."""
        if self.signal == "audio" or path.name not in self.recipes:
            return super().render(path)
        import numpy as np

        with files.replacing(path) as temporary:
            np.save(temporary, self.make(self.recipes[path.name]))
        return None


def load(*, machine: str = "fan", data_home: str | os.PathLike | None = None) -> EmbeddedMachines:
    """Load the embedded recordings of one kind of machine.

    Three units of each, in two domains: training is normal, nearly all of it in
    the source domain; the test is half normal, half faulty, in both.

    Parameters
    ----------
    machine : str
        A sound: fan, pump, valve, slider. A series: vibration, motor_current.
    data_home : path, optional
        Folder for the rendered files; the cache folder where not given.

    Returns
    -------
    EmbeddedMachines

    Raises
    ------
    DatasetError
        If there is no such machine.
    """
    from helpers.synth import machines, series

    if machine not in (*machines.MACHINES, *series.MACHINES):
        raise checks.DatasetError(checks.explain(
            f"a machine of embedded ({', '.join((*machines.MACHINES, *series.MACHINES))})", repr(machine),
            "Choose one of them", section=checks.DATA_SETS))
    signal = "audio" if machine in machines.MACHINES else "series"
    home = Path(data_home).expanduser().resolve() if data_home is not None else files.cache_folder("embedded")
    home = home / f"{signal}-{_version(signal)}" / machine
    rows, recipes = [], {}
    for row in (machines if signal == "audio" else series).plan(machine, seed=SEED):
        folder = "train" if row["split"] == "train" else f"{row['domain']}_test"
        path = home / folder / f"{row['clip_id']}.{'flac' if signal == 'audio' else 'npy'}"
        rows.append(machine_row(path, f"{folder}/{path.stem}", machine=machine, unit=f"{row['unit']:02d}",
                                **{key: row[key] for key in ("label", "domain", "split", "fault")}))
        wanted = ("unit", "take", "fault", "severity", "domain", *(["age"] if signal == "series" else []))
        recipes[path.name] = {key: row[key] for key in wanted} | {"seed": SEED, "duration": DURATION[signal]}
    shape = {} if signal == "audio" else {"n_axes": series.SENSORS[machine].n_axes, "sr": series.SENSORS[machine].sr}
    return make(rows, kind=EmbeddedMachines, name="embedded", machine=machine, licence="CC BY 4.0",
                citation="The contributors, Machine hearing workshop", home=home, signal=signal, recipes=recipes,
                description="Machines that do not exist, made by a synthesiser, normal and broken.", **shape)


@lru_cache(maxsize=2)
def _version(signal: str) -> str:
    return version(RENDERED_BY[signal], seed=SEED, duration=DURATION[signal])
