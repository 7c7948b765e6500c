"""Make new training examples from old ones: move, stretch, retune, add noise, hide parts, blend.

What is done to a sound takes one channel of samples and returns as many; what is
done to log-mel windows takes and returns the whole stack. Every draw comes from
the ``rng`` that is passed in. Only training data is augmented, never what a
model is measured on.
"""

from helpers.augment.log_mels import batches, mask, mixup, overlay, shift_frames
from helpers.augment.sounds import apply, colour, gain, noise, pitch, shift, stretch

__all__ = [
    "apply", "batches", "colour", "gain", "mask", "mixup", "noise", "overlay", "pitch", "shift", "shift_frames",
    "stretch",
]
