"""Walk in it: a map on which every point is a sound that plays.

The map is one HTML page that needs nothing beside itself: no network, no kernel,
no widget manager. It works in JupyterLab, in exported pages and as a file; for
thousands of sounds it can also lie beside a folder that holds them.
"""

from helpers.soundmap.page import SoundMap, sound_map
from helpers.soundmap.projection import project
from helpers.soundmap.projector import save_projector

__all__ = ["SoundMap", "project", "save_projector", "sound_map"]
