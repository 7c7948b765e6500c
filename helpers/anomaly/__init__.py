"""What is strange? Learn from normal recordings alone, score everything else, decide when to call somebody.

Features come in, of sound or of any other series: from there all is the same.

1. Windows: :func:`context_frames` of log-mels, whole log-mel windows,
   embeddings, :func:`series_statistics`.
2. A detector learns what is normal: ``DenseAutoencoder().fit(windows)``. No
   label can reach it. ``.score(windows)`` is high for what is strange;
   :func:`clip_scores` joins windows into clips.
3. A threshold: one of several rules, each with another idea of what is bad.
   :func:`outcomes` says what it leads to. Alarm means above the threshold.

``DETECTORS`` names all kinds, for a comparison.
"""

from helpers.anomaly.autoencoders import ConvolutionalAutoencoder, DenseAutoencoder, InterpolationAutoencoder
from helpers.anomaly.baselines import IsolationForest, Mahalanobis, NearestNeighbours, PrincipalComponents
from helpers.anomaly.boundaries import (
    cost_threshold,
    deviation_threshold,
    expected_cost,
    f1_threshold,
    false_alarm_threshold,
    gamma_threshold,
    quantile_threshold,
)
from helpers.anomaly.consequences import calibration_transfer, contaminate, outcomes
from helpers.anomaly.contexts import clip_scores, context_clips, context_frames, error_map
from helpers.anomaly.detector import Detector, load_detector
from helpers.anomaly.series import series_statistics, split_series

BASELINES = {"Mahalanobis": Mahalanobis, "nearest neighbours": NearestNeighbours,
             "isolation forest": IsolationForest, "principal components": PrincipalComponents}
AUTOENCODERS = {"autoencoder": DenseAutoencoder, "interpolation": InterpolationAutoencoder,
                "convolutional": ConvolutionalAutoencoder}
DETECTORS = {**BASELINES, **AUTOENCODERS}
"""Every kind of detector, by the name that tables show."""

__all__ = [
    "AUTOENCODERS", "BASELINES", "DETECTORS", "ConvolutionalAutoencoder", "DenseAutoencoder", "Detector",
    "InterpolationAutoencoder", "IsolationForest", "Mahalanobis", "NearestNeighbours", "PrincipalComponents",
    "calibration_transfer", "clip_scores", "contaminate", "context_clips", "context_frames", "cost_threshold",
    "deviation_threshold", "error_map", "expected_cost", "f1_threshold", "false_alarm_threshold", "gamma_threshold",
    "load_detector", "outcomes", "quantile_threshold", "series_statistics", "split_series",
]
