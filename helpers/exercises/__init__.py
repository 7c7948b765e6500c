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
from helpers.exercises.little_data import check_class_changers, check_mixup, check_three_resolutions
from helpers.exercises.quiz import quiz
from helpers.exercises.reports import Report
from helpers.exercises.see_and_hear import check_bird_fmin, check_frame_count, check_noise_blowup

__all__ = [
    "Report",
    "check_bird_fmin",
    "check_class_changers",
    "check_count_windows",
    "check_frame_count",
    "check_gate",
    "check_grouped_split",
    "check_mixup",
    "check_noise_blowup",
    "check_three_resolutions",
    "check_unknown_threshold",
    "check_vote",
    "quiz",
]
