"""See it: every picture of the notebooks and slides, drawn by one function each.

Give the data, get axes; ``show`` puts the figure on the page with a sentence
that says what it shows.
"""

from helpers.plots.display import show, to_png
from helpers.plots.sound import levels, waveform, waveforms, windows_over_waveform
from helpers.plots.spectra import dynamic_range, log_mel, mel_filters, spectrogram, spectrograms
from helpers.plots.style import COLOURS, MARKERS

__all__ = [
    "COLOURS", "MARKERS", "dynamic_range", "levels", "log_mel", "mel_filters", "show", "spectrogram", "spectrograms",
    "to_png", "waveform", "waveforms", "windows_over_waveform",
]
