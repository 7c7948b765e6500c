"""Learn what shall count as alike: small maps on top of embeddings, prototypes, and learning without labels.

An embedding puts alike sounds side by side, by what its own training called
alike. The functions here move that to what you mean: from labels
(:func:`fit_linear`, :func:`fit_triplets`), from a handful of examples
(:func:`prototypes`), or from nothing but the sound (:func:`fit_simsiam`).
Whatever is learned is a :class:`Similarity`: vectors in, unit vectors out.
"""

from helpers.similarity.linear import choose_shrinkage, fit_linear
from helpers.similarity.maps import Similarity, load_similarity, plain_map
from helpers.similarity.shots import few_shot_accuracy, prototype_scores, prototypes
from helpers.similarity.simsiam import collapse, fit_simsiam, simsiam_loss
from helpers.similarity.triplets import batch_triplet_loss, fit_triplets, triplet_loss
from helpers.similarity.views import band_statistics, unchanged, vary

__all__ = [
    "Similarity", "band_statistics", "batch_triplet_loss", "choose_shrinkage", "collapse", "few_shot_accuracy",
    "fit_linear", "fit_simsiam", "fit_triplets", "load_similarity", "plain_map", "prototype_scores", "prototypes",
    "simsiam_loss", "triplet_loss", "unchanged", "vary",
]
