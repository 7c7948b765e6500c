"""Label it: clips one after the other, a key for each answer, and every answer in a file at once.

The session (which clip is next, what stands in the file) knows nothing of
notebooks; the widget shows it. anywidget is imported when a widget is made.
Where something happens in a recording, a model of two states says before
anybody has listened (:mod:`~helpers.labelling.hmm`).
"""

from helpers.labelling.clips import label_clips
from helpers.labelling.hmm import TwoStates, fit_states, loud_frames
from helpers.labelling.session import LabelSession

__all__ = ["LabelSession", "TwoStates", "fit_states", "label_clips", "loud_frames"]
