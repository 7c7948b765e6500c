"""Follow it: a recording, what is in it and what was detected, on one time axis that plays.

The event roll is one HTML page that needs nothing beside itself: no network, no
kernel, no widget manager. It works in JupyterLab, in exported pages and as a file.
"""

from helpers.eventroll.roll import EventRoll, event_roll

__all__ = ["EventRoll", "event_roll"]
