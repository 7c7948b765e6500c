"""See it: every picture of the notebooks and slides, drawn by one function each.

Give the data, get axes; ``show`` puts the figure on the page with a sentence
that says what it shows.
"""

from helpers.plots.anomalies import anomaly_scores, boundary_outcomes, error_map, monitor_track, roc
from helpers.plots.curves import learning_curve
from helpers.plots.data import class_balance, class_grid
from helpers.plots.decisions import activation, strongest_stretch, window_scores
from helpers.plots.display import show, to_png
from helpers.plots.events import event_lanes, frame_scores, precision_recall
from helpers.plots.frequencies import dynamic_range, mel_filters, spectrum
from helpers.plots.labels import cost_curves, frame_slopes, loud_levels
from helpers.plots.lengths import event_gaps, event_lengths, rate_over_time
from helpers.plots.scores import accuracy_bars, confusion, coverage, score_distributions, training
from helpers.plots.search import cluster_curves, point_maps, self_similarity
from helpers.plots.similarity import collapse_curves
from helpers.plots.sound import levels, waveform, waveforms, windows_over_waveform
from helpers.plots.spectra import log_mel, log_mels, spectrogram, spectrograms
from helpers.plots.style import COLOURS, MARKERS

__all__ = [
    "COLOURS", "MARKERS", "accuracy_bars", "activation", "anomaly_scores", "boundary_outcomes", "class_balance",
    "class_grid", "cluster_curves", "collapse_curves", "confusion", "cost_curves", "coverage", "dynamic_range",
    "error_map", "event_gaps", "event_lanes", "event_lengths", "frame_scores", "frame_slopes", "learning_curve",
    "levels", "log_mel", "log_mels", "loud_levels", "mel_filters", "monitor_track", "point_maps", "precision_recall",
    "rate_over_time", "roc", "score_distributions", "self_similarity", "show", "spectrogram", "spectrograms",
    "spectrum", "strongest_stretch", "to_png", "training", "waveform", "waveforms", "window_scores",
    "windows_over_waveform",
]
