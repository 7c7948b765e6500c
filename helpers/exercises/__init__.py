"""Self-checks and quizzes for the notebooks.

A check gets what the reader wrote, and shows ticks for what is right, one hint for the
first difference, or the task once more where nothing has been written yet. It never raises.
"""

from helpers.exercises.classify import (
    check_count_windows,
    check_gate,
    check_grouped_split,
    check_unknown_threshold,
    check_vote,
)
from helpers.exercises.detect_anomalies import (
    check_contaminate,
    check_error_score,
    check_false_alarms,
    check_hidden_middle,
    check_least_cost,
)
from helpers.exercises.detect_events import (
    check_event_f1,
    check_event_rate,
    check_frame_targets,
    check_hysteresis,
    check_move_together,
)
from helpers.exercises.label_events import check_label_reader, check_pick_next, check_pooling
from helpers.exercises.learn_similarity import check_collapse, check_triplet_loss
from helpers.exercises.listen_live import check_hop_accounting, check_ring_buffer
from helpers.exercises.little_data import check_class_changers, check_mixup, check_three_resolutions
from helpers.exercises.quiz import quiz
from helpers.exercises.reports import Report
from helpers.exercises.scale_out import check_recall_at_k, check_site_costs, check_wall_time
from helpers.exercises.search_and_map import (
    check_choose_k,
    check_distances,
    check_precision,
    check_search,
    check_suspects,
)
from helpers.exercises.see_and_hear import check_bird_fmin, check_frame_count, check_noise_blowup
from helpers.exercises.watch_a_model import check_alarm_delay, check_alarm_limit

__all__ = [
    "Report",
    "check_alarm_delay",
    "check_alarm_limit",
    "check_bird_fmin",
    "check_choose_k",
    "check_class_changers",
    "check_collapse",
    "check_contaminate",
    "check_count_windows",
    "check_distances",
    "check_error_score",
    "check_event_f1",
    "check_event_rate",
    "check_false_alarms",
    "check_frame_count",
    "check_frame_targets",
    "check_gate",
    "check_grouped_split",
    "check_hidden_middle",
    "check_hop_accounting",
    "check_hysteresis",
    "check_label_reader",
    "check_least_cost",
    "check_mixup",
    "check_move_together",
    "check_noise_blowup",
    "check_pick_next",
    "check_pooling",
    "check_precision",
    "check_recall_at_k",
    "check_ring_buffer",
    "check_search",
    "check_site_costs",
    "check_suspects",
    "check_three_resolutions",
    "check_triplet_loss",
    "check_unknown_threshold",
    "check_vote",
    "check_wall_time",
    "quiz",
]
