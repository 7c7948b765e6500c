"""The published sets of machines, from their files."""

import os
from collections.abc import Callable
from pathlib import Path

from helpers.datasets import dcase, machines, registry, verify


def read(block: registry.Block, *, data_home: str | os.PathLike | None = None) -> machines.MachineDataset:
    """Make the data set of a registry block of kind "machines" from its files.

    Raises
    ------
    DatasetError
        If files are missing; the message holds the command that fetches them.
    """
    home = verify.installed(block, data_home=data_home)
    rows, settings = READERS[block.family or block.name]
    return machines.make(
        rows(home, machine=block.machine), name=block.family or block.name, machine=block.machine,
        licence=block.licence, citation=block.citation, description=block.description, home=home, **settings)


def _ceiling_fan(home: Path, *, machine: str) -> list[dict]:
    found = []
    for speed in ("low", "med", "high"):
        for weight, label in ((0, "normal"), (1, "anomaly")):
            folder = f"fan_0_{speed}_{weight}_weight"
            rows = [machines.machine_row(path, f"{folder}/{path.stem}", label=label, machine=machine, unit=speed,
                                         split="test", fault="unbalance" if weight else "")
                    for path in sorted((home / folder).glob("*.csv"))]
            if label == "normal" and rows:
                machines.part(rows)
            found += rows
    return found


READERS: dict[str, tuple[Callable[..., list[dict]], dict]] = {
    "dcase2020-task2": (dcase.rows, {}),
    "mimii-due": (dcase.rows, {}),
    "ceiling-fan": (_ceiling_fan, {"signal": "series", "n_axes": 3, "sr": 200}),
}
