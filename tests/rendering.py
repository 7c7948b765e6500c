"""The bytes of the embedded sounds, in one place: tests compare them here and in an environment with older packages.

Run as a program it prints the fingerprints that this environment makes:
``python tests/rendering.py``.
"""

import hashlib
import json

import numpy as np

from helpers.synth import popcorn, scenes, voices

CLIPS = (
    {"session": "1a", "source": 0, "take": 0},
    {"session": "2b", "source": 1, "take": 1},
    {"session": "4a", "source": 2, "take": 0, "microphone": "telephone"},
    {"session": "5b", "source": 3, "take": 1, "seed": 7, "sr": 22050, "duration": 1.5},
    {"clean": True},
)
"""Clips of every class: both microphones, another rate and seed, one without a room."""


def samples(label: str, clip: dict) -> np.ndarray:
    """Render one clip as the whole numbers of a 16-bit file."""
    return np.round(voices.render(label, **clip)[0].astype(np.float64) * 32768).astype("<i2")


def fingerprint(label: str) -> str:
    """SHA-256 of the 16-bit samples of some clips of one class, one after the other."""
    return hashlib.sha256(b"".join(samples(label, clip).tobytes() for clip in CLIPS)).hexdigest()


def scene_fingerprint() -> str:
    """SHA-256 of the samples and events of some scenes, one without events, and a pan of popcorn."""
    made = [scenes.render(fold=1, index=0), scenes.render(fold=5, index=33), scenes.render(fold=3, index=7, seed=2),
            scenes.render(fold=5, index=1, duration=20.0, empty=True), popcorn.render(duration=20.0)]
    digest = hashlib.sha256()
    for sound, events in made:
        digest.update(np.round(sound.astype(np.float64) * 32768).astype("<i2").tobytes())
        digest.update(json.dumps(events).encode())
    return digest.hexdigest()


def fingerprints() -> dict[str, str]:
    """All of them, by what they are of."""
    return {label: fingerprint(label) for label in voices.RECIPES} | {"scenes": scene_fingerprint()}


if __name__ == "__main__":
    print(json.dumps(fingerprints(), indent=1))
