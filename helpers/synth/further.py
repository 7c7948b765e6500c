"""Sounds to learn from: many more everyday classes, for a network that learns to listen by telling them apart.

None of them is one of the ten classes of the workshop. They are dry: no room,
no background; whoever trains adds those himself. A clip is made from its key
alone (class, source, take, seed), as those of :mod:`helpers.synth.voices` are.
"""

import numpy as np

from helpers import checks
from helpers.synth import (
    further_animals,
    further_bursts,
    further_insects,
    further_machines,
    further_people,
    further_signals,
    further_things,
    further_weather,
    voices,
)
from helpers.synth.keys import Draws

RECIPES = {
    "cat": further_animals.CAT,
    "cow": further_animals.COW,
    "sheep": further_animals.SHEEP,
    "pig": further_animals.PIG,
    "crow": further_animals.CROW,
    "hen": further_animals.HEN,
    "goose": further_animals.GOOSE,
    "owl": further_animals.OWL,
    "woodpecker": further_animals.WOODPECKER,
    "insect_chirp": further_insects.INSECT_CHIRP,
    "bees_buzzing": further_insects.BEES_BUZZING,
    "coughing": further_people.COUGHING,
    "laughing": further_people.LAUGHING,
    "snoring": further_people.SNORING,
    "breathing": further_people.BREATHING,
    "speech_babble": further_people.SPEECH_BABBLE,
    "clapping": further_people.CLAPPING,
    "whistling": further_people.WHISTLING,
    "finger_snaps": further_people.FINGER_SNAPS,
    "drinking_gulps": further_people.DRINKING_GULPS,
    "wind": further_weather.WIND,
    "thunderstorm": further_weather.THUNDERSTORM,
    "water_drops": further_weather.WATER_DROPS,
    "pouring_water": further_weather.POURING_WATER,
    "stream": further_weather.STREAM,
    "bubbling": further_weather.BUBBLING,
    "flushing_toilet": further_weather.FLUSHING_TOILET,
    "vacuum_cleaner": further_machines.VACUUM_CLEANER,
    "washing_machine": further_machines.WASHING_MACHINE,
    "airplane": further_machines.AIRPLANE,
    "train": further_machines.TRAIN,
    "hand_saw": further_machines.HAND_SAW,
    "lawn_mower": further_machines.LAWN_MOWER,
    "electric_shaver": further_machines.ELECTRIC_SHAVER,
    "printer": further_machines.PRINTER,
    "sanding": further_machines.SANDING,
    "keyboard_typing": further_things.KEYBOARD_TYPING,
    "mouse_click": further_things.MOUSE_CLICK,
    "door_knock": further_things.DOOR_KNOCK,
    "door_creak": further_things.DOOR_CREAK,
    "can_opening": further_things.CAN_OPENING,
    "zipper": further_things.ZIPPER,
    "coins": further_things.COINS,
    "hammering": further_things.HAMMERING,
    "paper_crumpling": further_things.PAPER_CRUMPLING,
    "popcorn": further_bursts.POPCORN,
    "fireworks": further_bursts.FIREWORKS,
    "spray": further_bursts.SPRAY,
    "church_bells": further_signals.CHURCH_BELLS,
    "alarm_beeps": further_signals.ALARM_BEEPS,
    "phone_ring": further_signals.PHONE_RING,
    "plucked_strings": further_signals.PLUCKED_STRINGS,
    "music_box": further_signals.MUSIC_BOX,
    "radio_static": further_signals.RADIO_STATIC,
}
CLASSES = tuple(RECIPES)
"""The further classes; none of them is one of ``voices.RECIPES``."""
TRAINED_ON = voices.UNKNOWN + CLASSES
"""What the shipped network learns from: the further voices of the workshop, and these."""
PEAK = 0.9
ATTEMPTS = 2000


def render(
    label: str, *, source: int = 0, take: int = 0, seed: int = 0, duration: float = 2.5, sr: int = 16000
) -> np.ndarray:
    """Make one clip.

    Parameters
    ----------
    label : str
        One of ``TRAINED_ON``, or of the workshop's ten (``voices.CLASSES``).
    source : int
        Which individual: the cat, the saw.
    take : int
        The same individual once more.
    seed : int
        Another seed is another world.
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,)
        Never silent; the strongest sample is 0.9 or -0.9.

    Raises
    ------
    InputError
        If the label is unknown, or duration or rate too small.

    Examples
    --------
    >>> audio = render("cat", source=1)
    >>> audio.shape, audio.dtype.name
    ((40000,), 'float32')
    >>> bool((audio == render("cat", source=1)).all())
    True
    """
    checks.one_of(label, TRAINED_ON + voices.CLASSES, name="label")
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr)
    recipe = RECIPES.get(label) or voices.RECIPES[label]
    for attempt in range(ATTEMPTS):                   # a short clip may fall into a pause: then the take is drawn anew
        individual = Draws(seed, "further individual", label, source)
        again = Draws(seed, "further take", label, source, take, attempt)
        sound = recipe.perform(individual, again, n_samples, sr=sr)
        loudest = np.abs(sound).max()
        if loudest > 1e-4:
            return (sound * (PEAK / loudest)).astype(np.float32)
    raise RuntimeError(f"{label} {source} stays silent for {duration} s")
