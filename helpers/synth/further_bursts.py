"""Bursts: popcorn, fireworks, a spray can."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, join, mix, seconds, swell, wander
from helpers.synth.filters import band, formants, slope
from helpers.synth.further_parts import puff, sprinkle, steady, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import noise, phase_of, tone


def popcorn_traits(draws: Draws) -> SimpleNamespace:
    """Draw a pot of popcorn: pops a second, their pitch, the lid, oil that sizzles."""
    return SimpleNamespace(
        rate=draws.log_uniform(2.5, 25), pitch=draws.log_uniform(350, 1800), range=draws.uniform(1.2, 2.2),
        decay=draws.log_uniform(0.004, 0.02), lid=draws.log_uniform(0.05, 1.5), metal=draws.log_uniform(900, 4000),
        sizzle=draws.log_uniform(0.002, 0.06), scrape=draws.log_uniform(0.1, 1.5))


def popcorn_texture(pot: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Pop: dull bursts at random, each a knock against the lid, over a sizzle."""
    kinds = []
    for _ in range(10):
        pitch = pot.pitch * take.log_uniform(1 / pot.range, pot.range)
        kinds.append(struck(take, 0.1, sr=sr, tones=[pitch, 2.2 * pitch, take.near(pot.metal, 0.05)],
                            decays=[pot.decay, 0.6 * pot.decay, 0.02], gains=[1, 0.6, 0.4 * pot.lid],
                            scrape=pot.scrape, scrape_decay=0.5 * pot.decay))
    sound = sprinkle(take, n, sr=sr, times=take.arrivals(pot.rate, n / sr), kinds=np.array(kinds), uneven=0.8)
    return sound + pot.sizzle * noise(take, n, sr=sr, curve=band(2500, 8000)) * wander(
        take, n, sr=sr, every=0.01, depth_db=5)


POPCORN = Recipe(popcorn_traits, texture=popcorn_texture)


def fireworks_traits(draws: Draws) -> SimpleNamespace:
    """Draw fireworks, firecrackers or shots: bangs near or far, whistles before them, crackle after."""
    return SimpleNamespace(
        high=draws.log_uniform(400, 6000), power=draws.uniform(0.6, 1.8), decay=draws.log_uniform(0.03, 0.5),
        crack=draws.log_uniform(0.1, 2), rocket=draws.choice([0.0, 0.0, 0.3, 0.6]), start=draws.log_uniform(700, 3000),
        crackle=draws.choice([0.0, 0.0, 0.3, 0.8]), rate=draws.log_uniform(20, 120),
        bangs=draws.choice([1, 1, 2, 5, 12]), echo=draws.uniform(0, 0.5))


def fireworks_call(show: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Whistle up, bang once or many times, and crackle down."""
    before = int(take.uniform(0.3, 0.8) * sr) if show.rocket and take.chance(0.6) else 1
    n = before + int((2.5 * show.decay + 0.5 + 0.08 * show.bangs) * sr)
    sound = np.zeros(n)
    if before > 1:
        pitch = take.near(show.start, 0.2) * glide(before, [(0, 1), (0.3, 1.25), (1, 0.8)])
        mix(sound, tone(phase_of(pitch, sr=sr)) * swell(before, sr=sr, attack=0.1, release=0.1), start=0,
            gain=show.rocket)
    m = int((2.5 * show.decay + 0.4) * sr)
    for k in range(show.bangs):
        time = seconds(m, sr)
        bang = noise(take, m, sr=sr, curve=slope(show.power, low=40, high=show.high)) * np.exp(-time / show.decay)
        bang += show.crack * take.white(m) * np.exp(-time / 0.004)
        bang[int(0.15 * sr):] += show.echo * bang[:m - int(0.15 * sr)]
        mix(sound, 3 * bang * (1 - time / time[-1]), start=before + int(0.08 * k * take.uniform(0.5, 1.5) * sr),
            gain=1.0 if k == 0 else take.uniform(0.3, 1))
    snap = struck(take, 0.02, sr=sr, tones=[2600], decays=[0.002], gains=[0.5], scrape=2, scrape_decay=0.002)
    times = take.arrivals(show.rate, n / sr)
    crackle = sprinkle(take, n, sr=sr, times=times[times > before / sr + 0.1], kinds=snap[None], uneven=2)
    return sound + 2 * show.crackle * crackle * np.linspace(1, 0, n)


FIREWORKS = Recipe(fireworks_traits, call=fireworks_call, gap=(0.05, 0.9))


def spray_traits(draws: Draws) -> SimpleNamespace:
    """Draw a spray can, an air hose or a steam valve: bursts long or short, colour of the hiss, rattle of the ball."""
    return SimpleNamespace(
        length=draws.log_uniform(0.12, 1.6), centre=draws.log_uniform(2200, 7000), width=draws.log_uniform(0.3, 1.5),
        power=draws.uniform(-1.5, 0.3), attack=draws.log_uniform(0.004, 0.06), pause=draws.log_uniform(0.08, 0.6),
        drop=draws.uniform(0.5, 1), tail=draws.log_uniform(0.01, 0.2), rattle=draws.choice([0.0, 0.0, 0.8]))


def spray_call(can: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Spray: a burst of bright hiss with hard edges; the ball in the can before it."""
    n = int(take.near(can.length, 0.3) * sr)
    curve = formants([(can.centre, can.width * can.centre, 1)], tilt_db=1)
    hiss = noise(take, n, sr=sr, curve=curve) + 0.4 * noise(take, n, sr=sr, curve=slope(can.power, low=1200))
    hiss *= glide(n, [(0, 1), (1, can.drop)]) * swell(n, sr=sr, attack=can.attack, release=can.tail)
    end = 0.1 * puff(take, 0.15, sr=sr, curve=curve, peak=0.1)
    if not take.chance(can.rattle):
        return join([hiss, end, take.near(can.pause, 0.4)], sr=sr)
    m = int(0.5 * sr)
    ball = struck(take, 0.05, sr=sr, tones=[1700, 2900, 4600], decays=[0.01, 0.008, 0.005],
                  gains=[1, 0.8, 0.6], scrape=0.3)
    shake = sprinkle(take, m, sr=sr, times=steady(take, 0.45, every=0.07, spread=0.2), kinds=ball[None], uneven=0.5)
    return join([0.8 * shake, 0.1, hiss, end, take.near(can.pause, 0.4)], sr=sr)


SPRAY = Recipe(spray_traits, call=spray_call, gap=(0.05, 0.8))
