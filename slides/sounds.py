"""The sounds of the decks, by name: rendered by :mod:`helpers.synth`, short, as MP3 for a page."""

import functools
import io
from collections.abc import Callable

import numpy as np

from helpers import audio, augment
from helpers.synth import machines, popcorn, scenes, voices

SR = audio.SR
SECONDS = 6.0


def evening(*, sr: int = SR) -> dict[str, np.ndarray]:
    """Frog, cicadas, and both together: the mixture that several slides look at."""
    frog = 0.5 * voices.render("frog", source=0, sr=sr, clean=True)[0]
    cicada = 0.25 * voices.render("cicada", source=2, sr=sr, clean=True)[0]
    return {"a frog": frog, "cicadas": cicada, "the evening": frog + cicada}


def clip(label: str, **settings) -> np.ndarray:
    """One of the embedded clips."""
    return voices.render(label, **settings)[0]


def in_a_mix() -> np.ndarray:
    """A dog and rain, blended as mixup blends them: four parts of the one, one of the other."""
    return 0.8 * clip("dog") + 0.2 * clip("rain")


def coarse(rate: int) -> np.ndarray:
    """Birds with fewer samples a second, brought back to the usual rate for playing."""
    return audio.resample(
        audio.resample(clip("chirping_birds", clean=True), orig_sr=SR, target_sr=rate), orig_sr=rate, target_sr=SR)


def changed(how: Callable, **settings) -> np.ndarray:
    """A dog, changed."""
    return how(clip("dog", session="2b", source=1), rng=np.random.default_rng(3), **settings)


def pan(begin: float) -> np.ndarray:
    """Six seconds of popcorn."""
    return popcorn.render()[0][round(begin * SR):round((begin + SECONDS) * SR)]


SOUNDS: dict[str, Callable[[], np.ndarray]] = {
    "frog": lambda: evening()["a frog"],
    "cicadas": lambda: evening()["cicadas"],
    "evening": lambda: evening()["the evening"],
    "dog": lambda: clip("dog", session="2b", source=1),
    "dog-far": lambda: clip("dog", session="4a", source=2),
    "rooster": lambda: clip("rooster", session="5a"),
    "rain": lambda: clip("rain", session="5a"),
    "sea_waves": lambda: clip("sea_waves", session="5a"),
    "helicopter": lambda: clip("helicopter", session="5a"),
    "chainsaw": lambda: clip("chainsaw", session="5a"),
    "clock_tick": lambda: clip("clock_tick", session="5a"),
    "siren": lambda: clip("siren", session="5a"),
    "jackhammer": lambda: clip("jackhammer", session="5a"),
    "drill": lambda: clip("drill", session="5a"),
    "birds-16": lambda: clip("chirping_birds", clean=True),
    "birds-8": lambda: coarse(8000),
    "dog-faster": lambda: changed(augment.stretch, sr=SR, rates=(1.15, 1.15)),
    "dog-higher": lambda: changed(augment.pitch, sr=SR, semitones=(2, 2)),
    "dog-bird": lambda: changed(augment.pitch, sr=SR, semitones=(18, 18)),
    "dog-noise": lambda: changed(augment.noise, snr_db=(5, 5)),
    "dog-rain": in_a_mix,
    "scene": lambda: scenes.render(fold=5, index=11)[0],
    "scene-empty": lambda: scenes.render(fold=5, index=1, empty=True)[0],
    "popcorn-slow": lambda: pan(6),
    "popcorn-fast": lambda: pan(28),
    "fan-normal": lambda: 4 * machines.render("fan", take=3, duration=5)[0],
    "fan-bearing": lambda: 4 * machines.render("fan", take=3, fault="bearing", severity=0.9, duration=5)[0],
    "fan-rattle": lambda: 4 * machines.render("fan", take=3, fault="rattle", severity=0.9, duration=5)[0],
    "fan-faint": lambda: 4 * machines.render("fan", take=3, fault="bearing", severity=0.2, duration=5)[0],
    "valve-normal": lambda: 4 * machines.render("valve", take=3, duration=5)[0],
    "fan-other-hall": lambda: 4 * machines.render("fan", take=3, domain="target", duration=5)[0],
}


@functools.lru_cache(maxsize=100)
def mp3(name: str) -> bytes:
    """Encode a sound: some 15 KB for four seconds.

    Raises
    ------
    KeyError
        If there is no such sound.
    """
    import soundfile

    if name not in SOUNDS:
        raise KeyError(f"no sound is called {name!r}; there are {sorted(SOUNDS)}")
    samples = SOUNDS[name]()[:round(SECONDS * SR) if not name.startswith("scene") else None]
    memory = io.BytesIO()
    soundfile.write(memory, np.clip(samples, -1, 1).astype(np.float32), SR, format="MP3", compression_level=0.7)
    return memory.getvalue()
