"""Recording sessions: the room, the microphone, the background and the noise floor of one recording day.

All clips of a session share them, as the clips of one real recording day do. A
classifier that has met the session before has an unfair advantage; folds are
therefore made of whole sessions.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.signal import lfilter

from helpers.synth.envelopes import amplitude, seconds, wander
from helpers.synth.filters import Curve, band, bump, fast_length, response, slope
from helpers.synth.keys import Draws
from helpers.synth.sources import active_rms, noise, rms, tone, wave

BACKGROUNDS = ("wind", "traffic", "hum", "ventilation", "babble", "nature")
SNR_DB = (8.0, 30.0)
DISTANCE_M = (1.0, 15.0)
PADDED = 0.2
"""Part of the clips that end in digital silence or dither, as short recordings in ESC-50 do."""


@dataclass(frozen=True)
class Session:
    """One recording day.

    Attributes
    ----------
    seed : int
    name : str
        Such as ``"1a"``.
    reverberation : float, seconds
        Time in which an echo falls by 60 dB; 0.06 is outdoors.
    backgrounds : (str, str)
        What is heard in three clips of four, and in the fourth.
    snr_offset_db, floor_db : float, dB
        How loud the day was, and the recorder's own noise against the sound.
    """

    seed: int
    name: str
    reverberation: float
    backgrounds: tuple[str, str]
    snr_offset_db: float
    floor_db: float


def session(name: str, *, seed: int = 0) -> Session:
    """Draw the recording session of this name."""
    draws = Draws(seed, "session", name)
    return Session(
        seed=seed, name=name,
        reverberation=draws.choice([0.06, 0.06, draws.uniform(0.2, 0.4), draws.uniform(0.3, 0.6),
                                    draws.uniform(0.6, 1.1)]),
        backgrounds=(draws.choice(BACKGROUNDS), draws.choice(BACKGROUNDS)),
        snr_offset_db=draws.uniform(-2, 2), floor_db=draws.uniform(-42, -28))


def background(kind: str, day: Draws, take: Draws, n_samples: int, *, sr: int, microphone: Curve) -> np.ndarray:
    """Make the sound behind the sound, as the microphone hears it.

    Parameters
    ----------
    kind : str
        One of ``BACKGROUNDS``.
    day, take : Draws
        What stays the same all day, and what differs from clip to clip.
    n_samples : int
    sr : int, Hz
    microphone : callable
        Its response curve.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        With a root mean square of about 1 in the air; what the microphone
        takes away, such as the rumble of wind, is gone.
    """
    power = 0.0

    def layer(curve: Curve, *, level: float = 1.0) -> np.ndarray:
        nonlocal power
        power += level ** 2
        hz = np.arange(1, 500) * (sr / 1000)
        passed = rms(curve(hz) * microphone(hz)) / rms(curve(hz))
        return level * passed * noise(take, n_samples, sr=sr, curve=lambda hz: curve(hz) * microphone(hz))

    def drift(every: float, depth_db: float) -> np.ndarray:
        return wander(take, n_samples, sr=sr, every=every, depth_db=depth_db)

    if kind == "wind":
        sound = layer(slope(day.uniform(1.2, 2.0), high=day.log_uniform(300, 1200)))
        sound *= drift(day.uniform(0.4, 1.0), day.uniform(3, 8))
    elif kind == "traffic":
        sound = layer(slope(day.uniform(0.8, 1.5), low=40, high=day.log_uniform(700, 2500)))
        sound *= drift(day.uniform(1, 2), day.uniform(3, 7))
        sound += layer(band(60, 160), level=day.uniform(0.1, 0.6))
    elif kind == "hum":
        sound = layer(slope(day.uniform(0.5, 1.3), low=40), level=day.uniform(0.2, 0.8))
        mains, cycle, period = day.choice([50.0, 60.0]), np.arange(1024) / 1024, np.zeros(1024)
        for k in (1, 2, 3, 4, 6, 8, 10, 12):
            level = day.uniform(0, 1) / math.sqrt(k)
            power += level ** 2 / 2
            period += level * float(microphone(np.array([mains * k]))[0]) * tone(k * cycle + take.uniform(0, 1))
        sound += wave(mains * seconds(n_samples, sr), period)
    elif kind == "ventilation":
        falling = slope(day.uniform(-0.2, 0.9), low=60, high=day.log_uniform(1500, 8000))
        duct, strength = bump(day.log_uniform(200, 1500), 90), day.uniform(0.5, 3.0)
        sound = layer(lambda hz: falling(hz) * (1 + strength * duct(hz)))
    elif kind == "babble":
        bands = ((120, 700, 1.0), (700, 2000, 0.6), (2000, 5000, 0.3))
        sound = sum(layer(band(low, high, order=4), level=level) * drift(day.uniform(0.1, 0.2), day.uniform(4, 9))
                    for low, high, level in bands)
    else:
        insects, rate = bump(day.log_uniform(3000, 6500), 250), day.uniform(8, 40)
        sound = layer(slope(day.uniform(0.6, 1.3), low=60))
        sound += layer(insects, level=day.uniform(0, 0.7)) * (1 + tone(seconds(n_samples, sr), multiple=rate))
    return sound / math.sqrt(power)


def microphone_curve(draws: Draws) -> Curve:
    """Draw a microphone: where its band ends, a tilt, three soft bumps or dips."""
    low, high, tilt = draws.log_uniform(30, 160), draws.log_uniform(4500, 12000), draws.uniform(-1.5, 1.5)
    bumps = [(draws.log_uniform(150, 6000), draws.uniform(0.3, 1.2), draws.uniform(-4.5, 4.5)) for _ in range(3)]

    def curve(hz: np.ndarray) -> np.ndarray:
        level_db = tilt * np.log2(hz / 1000)
        for centre, octaves, height_db in bumps:
            level_db += height_db * np.exp(-0.5 * (np.log2(hz / centre) / octaves) ** 2)
        below = (hz / low) ** 2
        return 10 ** (level_db / 20) * below / (1 + below) / np.sqrt(1 + (hz / high) ** 6)
    return curve


def impulse_response(position: Draws, *, sr: int, reverberation: float, direct_db: float) -> np.ndarray:
    """Draw what a room does to a click: the direct sound, a few early echoes, a tail that darkens as it dies.

    Parameters
    ----------
    position : Draws
        Where in the room the source stands.
    sr : int, Hz
    reverberation : float, seconds
    direct_db : float, dB
        Level of the direct sound above that of all echoes together.

    Returns
    -------
    np.ndarray, shape=(n_samples,)
        It begins with the direct sound, a 1.
    """
    n_samples = int(sr * min(1.0, 0.8 * reverberation + 0.03))
    time = seconds(n_samples, sr)
    white = position.white(n_samples)
    dark = lfilter([0.35], [1, -0.65], white)
    tail = dark * 10 ** (-3 * time / reverberation) + (white - dark) * 10 ** (-3 * time / (0.45 * reverberation))
    tail *= np.minimum(1, time / 0.008)
    for _ in range(6):
        tail[min(n_samples - 1, int(sr * position.log_uniform(0.002, 0.03)))] += position.uniform(-6, 6)
    tail *= amplitude(-direct_db) / (rms(tail) * math.sqrt(n_samples))
    tail[0] += 1.0
    return tail


def record(dry: np.ndarray, take: Draws, *, day: Session, position: Draws, sr: int) -> tuple[np.ndarray, dict]:
    """Record a sound on one day: put it into the room, add the background, hear it through the microphone.

    Parameters
    ----------
    dry : np.ndarray, shape=(n_samples,)
    take : Draws
        What differs from clip to clip.
    day : Session
    position : Draws
        Where the source stands: the same for all takes of a source.
    sr : int, Hz

    Returns
    -------
    sound : np.ndarray, shape=(n_samples,)
        Its loud parts have a root mean square of about 1.
    info : dict
        ``snr_db``, ``distance`` in metres, ``background``.
    """
    n_samples = len(dry)
    distance = position.log_uniform(*DISTANCE_M) * take.uniform(0.85, 1.18)
    dull_above = min(0.47 * sr, 20000 / distance ** 0.75)          # air and obstacles
    direct_db = 14 - 9 * math.log10(distance) - (4 if day.reverberation > 0.15 else -6)
    room = impulse_response(position, sr=sr, reverberation=day.reverberation, direct_db=direct_db)
    microphone = microphone_curve(Draws(day.seed, "microphone", day.name))

    size = fast_length(n_samples + len(room))
    spectrum = fft.rfft(dry, size) * fft.rfft(room, size)
    spectrum *= response(lambda hz: microphone(hz) / np.sqrt(1 + (hz / dull_above) ** 2), size=size, sr=sr)
    sound = fft.irfft(spectrum, size)[:n_samples]
    sound /= active_rms(sound, sr=sr)

    snr_db = position.uniform(*SNR_DB) + take.uniform(-2, 2) + day.snr_offset_db
    kind = day.backgrounds[0 if take.chance(0.75) else 1]
    weather = Draws(day.seed, "background", day.name, kind)
    sound += amplitude(-snr_db) * background(kind, weather, take, n_samples, sr=sr, microphone=microphone)
    sound += amplitude(day.floor_db) * take.white(n_samples)
    return sound, {"snr_db": snr_db, "distance": distance, "background": kind}


def telephone(sound: np.ndarray, take: Draws, *, sr: int) -> np.ndarray:
    """Hear a recording through a telephone: 300 to 3300 Hz, loud parts flattened, a little hiss.

    Parameters
    ----------
    sound : np.ndarray, shape=(n_samples,)
    take : Draws
        For the hiss.
    sr : int, Hz

    Returns
    -------
    np.ndarray, shape=(n_samples,), range -0.5 to 0.5
    """
    def line(hz: np.ndarray) -> np.ndarray:
        below = (hz / 300) ** 2
        return below / (1 + below) / np.sqrt(1 + (hz / 3300) ** 6) * (hz / 1000) ** (2 / 6.02)

    size = fast_length(len(sound))
    narrow = fft.irfft(fft.rfft(sound, size) * response(line, size=size, sr=sr), size)[:len(sound)]
    hiss = amplitude(take.uniform(-42, -32)) * take.white(len(sound))
    return 0.5 * np.tanh(2.5 * narrow / (np.abs(narrow).max() + 1e-12) + hiss)
