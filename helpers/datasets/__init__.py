"""Embedded and downloadable data sets behind one interface.

``load_clips`` gives a table of labelled clips and their sound, ``load_scenes``
recordings with the times of the events in them, ``load_machines`` normal and
faulty machines; ``from_folder``, ``scenes_from_folder`` and
``machines_from_folder`` do the same for your own recordings. None downloads:
the command ``python start.py data NAME`` does (see ``data/README.md``).
"""

from helpers.datasets.dataset import AudioDataset
from helpers.datasets.folder import from_folder
from helpers.datasets.loading import load_clips, load_machines, load_scenes
from helpers.datasets.machine_folder import machines_from_folder
from helpers.datasets.machines import MachineDataset
from helpers.datasets.scene_folder import scenes_from_folder
from helpers.datasets.scenes import SceneDataset

__all__ = ["AudioDataset", "MachineDataset", "SceneDataset", "from_folder", "load_clips", "load_machines",
           "load_scenes", "machines_from_folder", "scenes_from_folder"]
