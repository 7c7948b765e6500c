"""The embedded clips: twenty everyday sounds, each in recording sessions of its own.

Ten classes, those of ESC-10 by its names, to learn; ten more that a classifier
of the ten has never met. A clip is made from its key alone (class, session,
source, take, seed), so any subset in any order gives the same sound, and it is
rounded to 16 bits, so the same bytes come out on every platform.
"""

import numpy as np

from helpers import checks
from helpers.synth import animals, motors, people, rooms, things, weather
from helpers.synth.envelopes import amplitude
from helpers.synth.keys import Draws

RECIPES = {
    "dog": animals.DOG,
    "rain": weather.RAIN,
    "sea_waves": weather.SEA_WAVES,
    "crying_baby": people.CRYING_BABY,
    "clock_tick": things.CLOCK_TICK,
    "sneezing": people.SNEEZING,
    "helicopter": motors.HELICOPTER,
    "chainsaw": motors.CHAINSAW,
    "rooster": animals.ROOSTER,
    "crackling_fire": weather.CRACKLING_FIRE,
    "siren": things.SIREN,
    "frog": animals.FROG,
    "cicada": animals.CICADA,
    "jackhammer": motors.JACKHAMMER,
    "drill": motors.DRILL,
    "car_horn": things.CAR_HORN,
    "chirping_birds": animals.BIRDS,
    "glass_breaking": things.GLASS_BREAKING,
    "footsteps": people.FOOTSTEPS,
    "engine": motors.ENGINE,
}
CLASSES = tuple(RECIPES)[:10]
"""The ten classes of ESC-10, in the order of its folders."""
UNKNOWN = tuple(RECIPES)[10:]
"""Ten further voices: what a classifier of the ten should call unknown."""
MICROPHONES = ("recorder", "telephone")


def render(
    label: str, *, session: str = "1a", source: int = 0, take: int = 0, seed: int = 0, duration: float = 4.0,
    sr: int = 16000, microphone: str = "recorder", clean: bool = False,
) -> tuple[np.ndarray, dict]:
    """Make one clip.

    Parameters
    ----------
    label : str
        One of ``CLASSES`` or ``UNKNOWN``.
    session : str
        The recording day: room, microphone, background. ``plan`` names them
        ``"1a"``, ``"1b"``, ``"2a"``, ...
    source : int
        Which individual: the dog, the clock. Each session has its own.
    take : int
        The same individual once more.
    seed : int
        Another seed is another world.
    duration : float, seconds
        At least 0.1.
    sr : int, Hz
        At least 8000.
    microphone : {"recorder", "telephone"}
        ``"telephone"`` is the same recording heard over a telephone line: the
        change of device that a classifier meets after it was trained.
    clean : bool
        Leave out room, background and padding, for figures.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,), range -1 to 1
        Every value is a whole multiple of 1/32768.
    info : dict
        ``snr_db``, ``distance`` (metres), ``background``, ``padding`` (seconds
        of silence at the end); empty for a clean clip.

    Raises
    ------
    InputError
        If the label or microphone is unknown, or duration or rate too small.

    Examples
    --------
    >>> audio, info = render("dog", session="2b", source=1)
    >>> audio.shape, audio.dtype.name
    ((64000,), 'float32')
    >>> bool((audio == render("dog", session="2b", source=1)[0]).all())
    True
    """
    checks.one_of(label, tuple(RECIPES), name="label")
    checks.one_of(microphone, MICROPHONES, name="microphone")
    sr = checks.sr(sr)
    n_samples = checks.length(duration, sr)
    individual, moment = (Draws(seed, what, label, session, source) for what in ("individual", "position"))
    again = Draws(seed, "take", label, session, source, take)
    sound = RECIPES[label].perform(individual, again, n_samples, sr=sr)
    if clean:
        return _to_grid(sound * amplitude(-3) / np.abs(sound).max()), {}

    sound, info = rooms.record(sound, again, day=rooms.session(session, seed=seed), position=moment, sr=sr)
    sound *= amplitude(moment.uniform(-17, -2) + again.uniform(-1.5, 1.5)) / np.abs(sound).max()
    if microphone == "telephone":
        sound = rooms.telephone(sound, Draws(seed, "line", label, session, source, take), sr=sr)
    info["padding"] = _pad(sound, again, sr=sr)
    return _to_grid(sound), info


def _pad(sound: np.ndarray, take: Draws, *, sr: int) -> float:
    """Cut one clip of five short, in place: the rest is digital silence, or the dither of a muted recorder."""
    if not take.chance(rooms.PADDED):
        return 0.0
    n_silent, fade = int(len(sound) * take.uniform(0.15, 0.55)), int(0.01 * sr)
    sound[-n_silent - fade:-n_silent] *= np.linspace(1, 0, fade)
    sound[-n_silent:] = 0.0 if take.chance(0.5) else take.log_uniform(1e-5, 2e-4) * take.white(n_silent)
    return n_silent / sr


def _to_grid(sound: np.ndarray) -> np.ndarray:
    """Round to 16 bits: what differs in the last digits between platforms is gone."""
    return (np.clip(np.round(sound * 32768), -32768, 32767) / 32768).astype(np.float32)


def plan(
    labels: tuple[str, ...] = CLASSES, *, folds: int = 5, per_class: int = 8, sources: int = 4, sessions: int = 2
) -> list[dict]:
    """List the clips of a data set, one dictionary a clip.

    Parameters
    ----------
    labels : sequence of str
    folds : int
        Number of folds; each has recording sessions of its own.
    per_class : int
        Clips of each class in each fold.
    sources : int
        Individuals of each class in each fold; beyond that, takes repeat.
    sessions : int
        Recording sessions in each fold; sources take turns.

    Returns
    -------
    rows : list of dict
        ``clip_id``, ``label``, ``source``, ``session``, ``fold``, and what
        ``render`` needs: ``source_index``, ``take``.

    Examples
    --------
    >>> rows = plan()
    >>> len(rows), rows[0]["clip_id"], rows[0]["session"], rows[0]["fold"]
    (400, 'dog-1a-0-0', '1a', 1)
    """
    rows = []
    for fold in range(1, folds + 1):
        for label in labels:
            for k in range(per_class):
                index, take = k % sources, k // sources
                session = f"{fold}{'abcdefghijklmnopqrstuvwxyz'[index % sessions]}"
                source = f"{label}-{session}-{index}"
                rows.append({"clip_id": f"{source}-{take}", "label": label, "source": source, "session": session,
                             "fold": fold, "source_index": index, "take": take})
    return rows
