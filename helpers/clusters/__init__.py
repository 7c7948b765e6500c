"""Groups of sounds without labels, and sounds that fit nowhere.

Only the directions of embeddings count here, as in a search by cosine. Scale
them first as you search them, for example with
:func:`helpers.similarity.plain_map`.
"""

from helpers.clusters.groups import HOW, NOISE, cluster, name_clusters, representatives
from helpers.clusters.oddities import MODELS, OUTLIERS, outlier_scores, suspicious_labels

__all__ = ["HOW", "MODELS", "NOISE", "OUTLIERS", "cluster", "name_clusters", "outlier_scores", "representatives",
           "suspicious_labels"]
