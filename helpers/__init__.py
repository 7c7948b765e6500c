"""Helpers of the machine-hearing workshop: from a recording to a decision, one small module a step.

Import what you need: ``from helpers import audio, windows, features``. Nothing
heavy is loaded before it is used; the only thing this module does is to keep
the linear algebra library to one thread (see :mod:`helpers.threads`).
"""

from helpers import threads

threads.limit()
