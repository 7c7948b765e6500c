"""Embedded and downloadable data sets behind one interface.

``load_clips`` gives a table of labelled clips and their sound; ``from_folder``
does the same for your own recordings. Neither downloads: the command
``python start.py data NAME`` does (see ``data/README.md``).
"""

from helpers.datasets.clips import load_clips
from helpers.datasets.dataset import AudioDataset
from helpers.datasets.folder import from_folder

__all__ = ["AudioDataset", "from_folder", "load_clips"]
