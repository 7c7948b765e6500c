"""Things: a ticking clock, breaking glass, a car horn, a siren."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, mix, seconds, stretch, swell, wander
from helpers.synth.filters import formants, lowpass
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import harmonics, ring


def clock_traits(draws: Draws) -> SimpleNamespace:
    """Draw a clock: time from tick to tick, the ring of its works, how far tick and tock differ."""
    n_tones = draws.integer(6, 9)
    return SimpleNamespace(
        period=draws.choice([draws.uniform(0.18, 0.26), draws.uniform(0.24, 0.34), draws.uniform(0.3, 0.5),
                             draws.uniform(0.45, 0.55), draws.uniform(0.9, 1.05)]),
        tones=[draws.log_uniform(1500, 7000) for _ in range(n_tones)],
        decays=[draws.log_uniform(0.003, 0.015) for _ in range(n_tones)],
        gains=[draws.uniform(0.3, 1) for _ in range(n_tones)],
        tock=draws.uniform(0.35, 1), tock_pitch=draws.uniform(0.8, 1.25),
        parts=[0.0] + [draws.uniform(0.004, 0.03) for _ in range(draws.integer(0, 2))],
        case=draws.uniform(0, 0.6), case_pitch=draws.log_uniform(180, 700), scrape=draws.uniform(0.1, 0.4),
        scrape_decay=draws.log_uniform(0.002, 0.012))


def clock_texture(clock: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Tick and tock: each a few clicks within hundredths of a second, ringing in works and case."""
    m = int(0.12 * sr)
    clicks = []
    for pitch in (1.0, clock.tock_pitch):
        click = ring(m, sr=sr, frequencies=[f * pitch for f in clock.tones] + [clock.case_pitch],
                     decays=[*clock.decays, 0.02], gains=[*clock.gains, clock.case], draws=take)
        clicks.append(click + clock.scrape * take.white(m) * np.exp(-seconds(m, sr) / clock.scrape_decay))
    sound, start, even = np.zeros(n), take.uniform(0, clock.period), take.chance(0.5)
    while start < n / sr:
        strength = (1.0 if even else clock.tock) * take.uniform(0.85, 1.0)
        for k, delay in enumerate(clock.parts):
            mix(sound, clicks[0 if even else 1], start=int((start + delay) * sr), gain=strength * (0.5 if k else 1.0))
        start += take.near(clock.period, 0.006)
        even = not even
    return sound


CLOCK_TICK = Recipe(clock_traits, texture=clock_texture)


def glass_traits(draws: Draws) -> SimpleNamespace:
    """Draw a pane or bottle: pitch and number of the shards, weight of the blow."""
    return SimpleNamespace(
        pitch=draws.log_uniform(2000, 4500), shards=draws.integer(15, 60), length=draws.uniform(0.35, 1.1),
        decay=draws.log_uniform(0.012, 0.07), thud=draws.uniform(0.1, 0.9), thud_pitch=draws.log_uniform(300, 1200),
        crunch=draws.uniform(0.3, 1.2))


def glass_call(glass: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Break: a blow over the whole band, then shards that ring high and fall thick first, thinly later."""
    length = take.near(glass.length, 0.2)
    n, m = int((length + 0.35) * sr), int(0.18 * sr)
    sound = np.zeros(n)
    blow = glass.crunch * take.white(m) * np.exp(-seconds(m, sr) / 0.025)
    blow += ring(m, sr=sr, frequencies=[glass.thud_pitch, 2.4 * glass.thud_pitch], decays=[0.03, 0.02],
                 gains=[glass.thud, 0.6 * glass.thud], draws=take)
    mix(sound, blow, start=0)
    for _ in range(glass.shards):
        when = length * take.uniform(0, 1) ** 2
        pitch = glass.pitch * take.log_uniform(0.7, 2.2)
        shard = ring(int(6 * glass.decay * sr), sr=sr, frequencies=[pitch, pitch * take.uniform(1.4, 1.9)],
                     decays=[glass.decay * take.log_uniform(0.4, 1.5), 0.5 * glass.decay], gains=[1, 0.6], draws=take)
        mix(sound, shard, start=int(when * sr), gain=take.uniform(0.08, 0.5) * (1 - 0.7 * when / length))
    return sound * swell(n, sr=sr, attack=0.001, release=0.1)


GLASS_BREAKING = Recipe(glass_traits, call=glass_call, gap=(1.0, 2.5))


def horn_traits(draws: Draws) -> SimpleNamespace:
    """Draw a horn: one or two notes, the resonance of the bell, short or long toots."""
    return SimpleNamespace(
        pitch=draws.log_uniform(300, 480), interval=draws.choice([1.0, 1.19, 1.25, 1.26, 1.335]),
        bell=draws.log_uniform(1200, 2900), tilt=draws.uniform(-4, 1), beat=draws.uniform(0.998, 1.004),
        length=draws.choice([draws.uniform(0.15, 0.4), draws.uniform(0.5, 1.4)]))


def horn_call(horn: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Toot: flat harmonics, all at once on and off, the pitch settling in the first hundredths."""
    n = int(take.near(horn.length, 0.35) * sr)
    settle = 1 - 0.03 * np.exp(-seconds(n, sr) / 0.03)
    curve = formants([(horn.bell, 900, 1), (1.9 * horn.bell, 1400, 0.5), (500, 300, 0.6)], tilt_db=horn.tilt)
    toot = harmonics(horn.pitch * settle, sr=sr, curve=curve, count=22)
    if horn.interval > 1:
        toot += 0.9 * harmonics(horn.pitch * horn.interval * horn.beat * settle, sr=sr, curve=curve, count=18)
    return toot * swell(n, sr=sr, attack=0.012, release=0.03)


CAR_HORN = Recipe(horn_traits, call=horn_call, gap=(0.15, 1.6))


def siren_traits(draws: Draws) -> SimpleNamespace:
    """Draw a siren: a slow wail, a fast yelp or two tones in turn; its range and colour."""
    kind = draws.choice(["wail", "wail", "yelp", "two-tone"])
    return SimpleNamespace(
        kind=kind, low=draws.log_uniform(420, 700),
        ratio=draws.uniform(1.7, 2.6) if kind != "two-tone" else draws.choice([1.25, 1.33, 1.5]),
        period=draws.uniform(*{"wail": (2.5, 6), "yelp": (0.22, 0.42), "two-tone": (0.8, 1.3)}[kind]),
        odd=draws.chance(0.4), rise=draws.uniform(0.35, 0.75), bell=draws.log_uniform(800, 1900),
        tilt=draws.uniform(-9, -2))


def siren_texture(siren: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Wail up and down, passing by a little: the pitch drifts over the clip."""
    step = 32
    time = np.arange(-(-n // step) + 1) * (step / sr)
    position = (time / take.near(siren.period, 0.03) + take.uniform(0, 1)) % 1.0
    if siren.kind == "two-tone":
        pitch = np.where(position < 0.5, siren.low, siren.low * siren.ratio)
        pitch = pitch[0] + lowpass(pitch - pitch[0], sr=sr // step, corner=25)
    else:
        height = np.where(position < siren.rise, position / siren.rise, (1 - position) / (1 - siren.rise))
        pitch = siren.low * siren.ratio ** (np.sin(height * np.pi / 2) if siren.kind == "wail" else height)
    pitch = stretch(pitch, n, step=step) * glide(n, [(0, take.uniform(0.97, 1.03)), (1, take.uniform(0.97, 1.03))])
    curve = formants([(siren.bell, 900, 1), (2.1 * siren.bell, 1200, 0.5)], tilt_db=siren.tilt)
    wail = harmonics(pitch, sr=sr, curve=curve, count=12, odd=siren.odd)
    return wail * wander(take, n, sr=sr, every=1.2, depth_db=5)


SIREN = Recipe(siren_traits, texture=siren_texture)
