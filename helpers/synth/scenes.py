"""Scenes with strong labels: ten seconds of a place where things happen, and when each of them begins and ends.

Four classes of events over a background that changes, near and far, alone and
on top of each other, and other sounds that come close to them and are not
labelled. A scene is made from its key alone (fold, index, seed) and rounded to
16 bits, as the clips of :mod:`~helpers.synth.voices` are.
"""

import math

import numpy as np
from scipy import fft

from helpers import checks
from helpers.synth import animals, further_animals, further_people, further_things, people, rooms, things
from helpers.synth.envelopes import amplitude, mix
from helpers.synth.filters import fast_length, response
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import active_rms, rms

EVENTS = {"dog": animals.DOG, "car_horn": things.CAR_HORN, "glass_breaking": things.GLASS_BREAKING,
          "siren": things.SIREN}
"""What is labelled, by the names of the embedded clips."""
NEAR_MISSES = {"coughing": further_people.COUGHING, "goose": further_animals.GOOSE, "coins": further_things.COINS,
               "whistling": further_people.WHISTLING, "door_knock": further_things.DOOR_KNOCK,
               "chirping_birds": animals.BIRDS, "footsteps": people.FOOTSTEPS}
"""What is heard too and not labelled; the first four come close to one event each."""
CLASSES = tuple(EVENTS)
SNR_DB = (-3.0, 19.0)
SOURCES = 40
"""Individuals of each class in each fold."""
ROOMS = 12
"""Places in each fold."""
GAP = 0.25
"""Shortest pause between two events of one class, in seconds: closer ones are one event to any listener."""
TAIL = 0.7
"""How long the echo of an event may last, in seconds."""


def render(
    *, fold: int = 1, index: int = 0, seed: int = 0, duration: float = 10.0, sr: int = 16000, empty: bool = False
) -> tuple[np.ndarray, list[dict]]:
    """Make one scene.

    Parameters
    ----------
    fold : int
        Folds share no place, no microphone and no individual.
    index : int
        Which scene of the fold.
    seed : int
        Another seed is another world.
    duration : float, seconds
        At least 0.1; longer scenes hold more events.
    sr : int, Hz
        At least 8000.
    empty : bool
        Leave out the events, not the sounds that come close to them: a
        recording in which every detection is a false alarm.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,), range -1 to 1
        Every value is a whole multiple of 1/32768.
    events : list of dict, by onset
        ``onset``, ``offset`` (seconds) and ``label``. An event that began
        before the scene has onset 0, one that goes on after it ends with it.

    Raises
    ------
    InputError
        If duration or rate are too small.

    Examples
    --------
    >>> audio, events = render(fold=2, index=3)
    >>> audio.shape, {event["label"] for event in events} <= set(CLASSES)
    ((160000,), True)
    """
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr, name="scene")
    kind = "empty scene" if empty else "scene"
    draws = Draws(seed, kind, fold, index)
    microphone = rooms.microphone_curve(Draws(seed, "scene microphone", fold, draws.integer(0, 5)))
    place = Draws(seed, "scene place", fold, draws.integer(0, ROOMS - 1))
    reverberation = place.choice([0.08, 0.25, 0.4, 0.7])
    sound = _background(draws, n_samples, fold=fold, seed=seed, sr=sr, microphone=microphone)
    behind = sound.copy()
    events: list[dict] = []
    for number, (label, individual) in enumerate(_programme(draws, duration, empty=empty)):
        if label in EVENTS:
            who = Draws(seed, "scene individual", fold, label, individual)
            recipe = EVENTS[label]
        else:
            who = Draws(seed, "scene stranger", fold, label, individual)
            recipe = NEAR_MISSES[label]
        take = Draws(seed, kind, "take", fold, index, number)
        dry = _once(recipe, who, take, sr=sr)
        start = _room_for(len(dry) / sr, [event for event in events if event["label"] == label], draws, duration)
        if start is None:
            continue
        first = round(start * sr)
        onset, offset = max(0.0, first / sr), min(duration, (first + len(dry)) / sr)
        under = rms(behind[max(0, first):first + len(dry)]) + 1e-9
        far = take.log_uniform(1, 12)
        wet = _place(dry, take, sr=sr, distance=far, reverberation=reverberation, microphone=microphone)
        _add(sound, wet, first, gain=amplitude(draws.uniform(*SNR_DB)) * under)
        if offset - onset > 0.05:
            events.append({"onset": onset, "offset": offset, "label": label})
    sound *= amplitude(draws.uniform(-14, -1)) / (np.abs(sound).max() + 1e-9)
    audio = (np.clip(np.round(sound * 32768), -32768, 32767) / 32768).astype(np.float32)
    return audio, sorted((event for event in events if event["label"] in EVENTS),
                         key=lambda event: (event["onset"], event["offset"], event["label"]))


def _programme(draws: Draws, duration: float, *, empty: bool) -> list[tuple[str, int]]:
    """Draw what is to happen: events, several barks of one dog in a row, and strangers."""
    wanted = []
    for _ in range(max(1, round(duration / 10))):
        for _ in range(0 if empty else draws.choice([0, 1, 2, 2, 3, 3, 4, 5])):
            label, individual = draws.choice(CLASSES), draws.integer(0, SOURCES - 1)
            wanted += [(label, individual)] * (draws.choice([1, 1, 2, 3]) if label == "dog" else 1)
        for _ in range(draws.choice([0, 1, 1, 2]) if not empty else draws.choice([1, 2, 2, 3])):
            wanted.append((draws.choice(tuple(NEAR_MISSES)), draws.integer(0, SOURCES - 1)))
    return wanted


def _background(draws: Draws, n_samples: int, *, fold: int, seed: int, sr: int, microphone) -> np.ndarray:
    """Let one background fade into another, at another level."""
    middle, width = draws.uniform(0.2, 0.8) * n_samples, draws.uniform(0.3, 2.0) * sr
    fade = np.clip((np.arange(n_samples) - middle) / width + 0.5, 0, 1)
    sound = np.zeros(n_samples)
    for share, level_db in ((1 - fade, 0.0), (fade, draws.uniform(-4, 4))):
        kind, day = draws.choice(rooms.BACKGROUNDS), draws.integer(0, ROOMS - 1)
        weather = Draws(seed, "scene background", fold, kind, day)
        sound += np.sqrt(share) * amplitude(level_db) * rooms.background(
            kind, weather, draws, n_samples, sr=sr, microphone=microphone)
    return sound


def _once(recipe: Recipe, who: Draws, take: Draws, *, sr: int) -> np.ndarray:
    """Let one individual sound once, cut to what is heard, at a root mean square of 1."""
    one = recipe.traits(who)
    if recipe is animals.DOG:
        one.group = 0               # one bark: a label says when each begins, not when the dog is talkative
    if recipe.call:
        sound = recipe.call(one, take, sr)
    else:
        sound = recipe.texture(one, take, int(take.uniform(0.6, 1.6) * sr), sr)
    step = int(0.01 * sr)
    n_steps = max(1, len(sound) // step)
    level = np.sqrt((sound[:n_steps * step].reshape(n_steps, -1) ** 2).mean(axis=1))
    heard = np.flatnonzero(level > level.max() * amplitude(-30))
    sound = sound[heard[0] * step:(heard[-1] + 1) * step].copy()
    fade = min(len(sound), int(0.004 * sr))
    sound[-fade:] *= np.linspace(1, 0, fade)
    return sound / (active_rms(sound, sr=sr) + 1e-12)


def _room_for(length: float, others: list[dict], draws: Draws, duration: float) -> float | None:
    """Find a start that keeps the shortest pause from events of the same class; None where there is none."""
    for _ in range(8):
        start = draws.uniform(-0.1, max(0.1, duration - 0.5 * length - 0.3))
        if all(start > other["offset"] + GAP or start + length < other["onset"] - GAP for other in others):
            return start
    return None


def _place(dry: np.ndarray, take: Draws, *, sr: int, distance: float, reverberation: float, microphone) -> np.ndarray:
    """Put a sound into the room at a distance, and hear it through the microphone."""
    dull_above = min(0.47 * sr, 20000 / distance ** 0.75)
    room = rooms.impulse_response(take, sr=sr, reverberation=reverberation, direct_db=14 - 9 * math.log10(distance))
    n_samples = len(dry) + int(TAIL * sr)
    size = fast_length(len(dry) + len(room))
    spectrum = fft.rfft(dry, size) * fft.rfft(room, size)
    spectrum *= response(lambda hz: microphone(hz) / np.sqrt(1 + (hz / dull_above) ** 2), size=size, sr=sr)
    sound = fft.irfft(spectrum, size)[:n_samples]
    return sound / (active_rms(sound[:len(dry)], sr=sr) + 1e-12)


def _add(into: np.ndarray, sound: np.ndarray, first: int, *, gain: float) -> None:
    """Mix a sound into a scene; what lies before its beginning is cut off."""
    mix(into, sound[max(0, -first):], start=max(0, first), gain=gain)


def plan(*, folds: int = 5, per_fold: int = 70) -> list[dict]:
    """List the scenes of a data set, one dictionary a scene.

    Returns
    -------
    rows : list of dict
        ``clip_id``, ``source``, ``session``, ``fold`` and ``index``. Every
        scene is a recording of its own; a fold is a world of its own.

    Examples
    --------
    >>> rows = plan()
    >>> len(rows), rows[0]["clip_id"]
    (350, 'scene-1-00')
    """
    return [{"clip_id": f"scene-{fold}-{index:02d}", "source": f"scene-{fold}-{index:02d}", "session": str(fold),
             "fold": fold, "index": index} for fold in range(1, folds + 1) for index in range(per_fold)]
