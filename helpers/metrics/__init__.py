"""How good is it: numbers for clips, for events, for counting, and for search.

Clips (:mod:`~helpers.metrics.clips`) are right or wrong. Events have a start
and mostly an end, so first comes the question which detection belongs to which
event (:mod:`~helpers.metrics.matching`); scores follow from the answer
(:mod:`~helpers.metrics.events`). Segments (:mod:`~helpers.metrics.segments`)
ask instead what is heard in each second. Rates (:mod:`~helpers.metrics.rates`)
are what an alarm or a counter is judged by. Rankings
(:mod:`~helpers.metrics.retrieval`) are what a search by sound is judged by,
with a distance between embeddings (:mod:`~helpers.metrics.distance`). Areas
under curves (:mod:`~helpers.metrics.anomalies`) say how well a score tells
faulty machines from healthy ones.

An event table has the columns clip_id, onset, offset and label, with times in
seconds; more columns do no harm. A point event has onset equal to offset.
"""

from helpers.metrics.anomalies import (
    auc,
    auc_by_unit,
    harmonic_mean,
    is_anomalous,
    partial_auc,
    roc_curve,
    share_interval,
)
from helpers.metrics.clips import (
    accuracy,
    confusion,
    coverage_curve,
    recall_by_class,
    unknown_threshold,
    wrong_accepts,
)
from helpers.metrics.distance import DISTANCES, distances
from helpers.metrics.events import agreement, event_f1, event_precision_recall, event_scores
from helpers.metrics.matching import match_events
from helpers.metrics.rates import false_alarms_per_hour, rate_by_median_gap, rate_error, rate_interval
from helpers.metrics.retrieval import (
    average_precision,
    first_rank,
    hubness,
    mean_average_precision,
    mean_reciprocal_rank,
    precision_at_k,
    retrieval_scores,
)
from helpers.metrics.segments import frame_kappa, segment_scores

__all__ = [
    "DISTANCES", "accuracy", "agreement", "auc", "auc_by_unit", "average_precision", "confusion", "coverage_curve",
    "distances", "event_f1", "event_precision_recall", "event_scores", "false_alarms_per_hour", "first_rank",
    "frame_kappa", "harmonic_mean", "hubness", "is_anomalous", "match_events", "mean_average_precision",
    "mean_reciprocal_rank", "partial_auc", "precision_at_k", "rate_by_median_gap", "rate_error", "rate_interval",
    "recall_by_class", "retrieval_scores", "roc_curve", "segment_scores", "share_interval", "unknown_threshold",
    "wrong_accepts",
]
