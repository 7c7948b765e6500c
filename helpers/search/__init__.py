"""Find sounds by example: a table of embeddings on disk, searched exactly in memory or nearly so on disk.

>>> import numpy as np
>>> vectors = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
>>> rows, far = nearest(np.array([[1.0, 0.2]]), vectors, k=2)
>>> rows.tolist()
[[0, 2]]
"""

from helpers.metrics.distance import DISTANCES, distances
from helpers.search.exact import Collection, nearest
from helpers.search.index import SoundIndex

__all__ = ["DISTANCES", "Collection", "SoundIndex", "distances", "nearest"]
