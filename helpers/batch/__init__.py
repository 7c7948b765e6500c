"""More recordings than one laptop wants to hear: the same work in one process, in several, or on a cluster.

>>> import numpy as np, tempfile
>>> from helpers.audio import save_audio
>>> with tempfile.TemporaryDirectory() as folder:
...     save_audio(f"{folder}/sounds/dog.wav", 0.1 * np.ones(32000))
...     outcome = extract(f"{folder}/sounds", f"{folder}/results", progress=False)
...     rows, vectors = read(outcome.place)
>>> print(outcome)
1 recordings: 1 computed, 0 the same as another, 0 could not be read
>>> rows["start"].tolist(), vectors.shape
([0.0, 0.5, 1.0], (3, 256))
"""

from helpers.batch.costs import cost_sheet, sites
from helpers.batch.engines import local_cluster
from helpers.batch.extract import Outcome, extract
from helpers.batch.places import Place
from helpers.batch.recipes import LogMel, Recipe
from helpers.batch.stored import facts, fill_index, parts, read

__all__ = ["LogMel", "Outcome", "Place", "Recipe", "cost_sheet", "extract", "facts", "fill_index", "local_cluster",
           "parts", "read", "sites"]
