"""How good is it: numbers for clips, for events, and for counting.

Clips (:mod:`~helpers.metrics.clips`) are right or wrong. Events have a start
and mostly an end, so first comes the question which detection belongs to which
event (:mod:`~helpers.metrics.matching`); scores follow from the answer
(:mod:`~helpers.metrics.events`). Segments (:mod:`~helpers.metrics.segments`)
ask instead what is heard in each second. Rates (:mod:`~helpers.metrics.rates`)
are what an alarm or a counter is judged by.

An event table has the columns clip_id, onset, offset and label, with times in
seconds; more columns do no harm. A point event has onset equal to offset.
"""

from helpers.metrics.clips import (
    accuracy,
    confusion,
    coverage_curve,
    recall_by_class,
    unknown_threshold,
    wrong_accepts,
)
from helpers.metrics.events import agreement, event_f1, event_precision_recall, event_scores
from helpers.metrics.matching import match_events
from helpers.metrics.rates import false_alarms_per_hour, rate_by_median_gap, rate_error, rate_interval
from helpers.metrics.segments import frame_kappa, segment_scores

__all__ = [
    "accuracy", "agreement", "confusion", "coverage_curve", "event_f1", "event_precision_recall", "event_scores",
    "false_alarms_per_hour", "frame_kappa", "match_events", "rate_by_median_gap", "rate_error", "rate_interval",
    "recall_by_class", "segment_scores", "unknown_threshold", "wrong_accepts",
]
