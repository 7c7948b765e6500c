"""Further weather and water: wind, thunderstorm, water drops, pouring, a stream, bubbling, a flushing toilet."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import amplitude, glide, seconds, swell, wander
from helpers.synth.filters import band, formants, lowpass, resonate, slope
from helpers.synth.further_parts import bubbles, sprinkle, steady, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import noise, phase_of, tone, unit


def wind_traits(draws: Draws) -> SimpleNamespace:
    """Draw a wind: how dark, how gusty, whether it howls at a corner or rumbles in a microphone."""
    return SimpleNamespace(
        power=draws.uniform(0.6, 2.6), high=draws.log_uniform(300, 4000), every=draws.log_uniform(0.2, 1.5),
        gusts=draws.uniform(3, 14), howl=draws.choice([0.0, 0.3, 1.0, 2.0]), pitch=draws.log_uniform(180, 1500),
        width=draws.log_uniform(6, 90), bend=draws.uniform(0.1, 0.6), leaves=draws.choice([0.0, 0.0, 0.5]),
        rumble=draws.choice([0.0, 0.0, 1.0]))


def wind_texture(wind: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Blow: dark noise in gusts; a narrow howl whose pitch follows the gusts."""
    gust = wander(take, n, sr=sr, every=wind.every, depth_db=wind.gusts)
    sound = noise(take, n, sr=sr, curve=slope(wind.power, low=50, high=wind.high)) * gust
    if wind.howl:
        strength = np.log(gust) / np.log(amplitude(wind.gusts))
        for ratio in (1.0, take.uniform(1.3, 1.9)):
            pitch = ratio * wind.pitch * 2 ** (wind.bend * strength)
            narrow = unit(lowpass(lowpass(take.white(n), sr=sr, corner=wind.width), sr=sr, corner=wind.width))
            sound += wind.howl / ratio ** 2 * tone(phase_of(pitch, sr=sr)) * narrow * gust
    if wind.leaves:
        rustle = noise(take, n, sr=sr, curve=band(1800, 7000)) * wander(take, n, sr=sr, every=0.05, depth_db=5)
        sound += wind.leaves * rustle * gust
    if wind.rumble:
        sound += wind.rumble * 2 * noise(take, n, sr=sr, curve=slope(2.5, low=30, high=150)) * wander(
            take, n, sr=sr, every=0.1, depth_db=10)
    return sound


WIND = Recipe(wind_traits, texture=wind_texture)


def thunder_traits(draws: Draws) -> SimpleNamespace:
    """Draw a thunderstorm: near with a crack or far with a rumble, over rain or not."""
    near = draws.uniform(0, 1)
    return SimpleNamespace(
        crack=near * draws.uniform(0.2, 2), high=draws.log_uniform(90, 500) * (1 + 4 * near),
        power=draws.uniform(1.2, 2.6), decay=draws.log_uniform(0.4, 3), rolls=draws.integer(2, 9),
        every=draws.log_uniform(0.06, 0.4), rolling=draws.uniform(4, 12), rain=draws.choice([0.0, 0.0, 0.03, 0.15]),
        rain_low=draws.log_uniform(600, 2500))


def thunder_texture(storm: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Thunder: a crack over the whole band, then low rolls that follow each other and die away."""
    time, begin = seconds(n, sr), take.uniform(-0.5, 0.3) * n / sr
    rumble = np.zeros(n)
    for _ in range(storm.rolls):
        when = begin + take.uniform(0, 1) ** 1.5 * 2
        after = np.maximum(time - when, 0)
        rumble += take.uniform(0.2, 1) * np.minimum(after / 0.06, 1) * np.exp(-after / take.near(storm.decay, 0.5))
    rumble += 0.05 * np.exp(-np.abs(time - begin) / 2)
    low = noise(take, n, sr=sr, curve=slope(storm.power, low=30, high=storm.high))
    sound = low * rumble * wander(take, n, sr=sr, every=storm.every, depth_db=storm.rolling)
    after = np.maximum(time - begin, 0)
    tear = np.exp(-after / 0.18) * (time > begin) * wander(take, n, sr=sr, every=0.02, depth_db=9)
    sound += storm.crack * noise(take, n, sr=sr, curve=slope(0.8, low=80, high=5000)) * tear
    return sound + storm.rain * noise(take, n, sr=sr, curve=slope(0, low=storm.rain_low, high=7000))


THUNDERSTORM = Recipe(thunder_traits, texture=thunder_texture)


def drops_traits(draws: Draws) -> SimpleNamespace:
    """Draw a dripping tap: drops a second, regular or not, pitch of the plop, basin or cave."""
    return SimpleNamespace(
        every=draws.log_uniform(0.09, 1.0), spread=draws.uniform(0.02, 0.8), pitch=draws.log_uniform(350, 2600),
        range=draws.uniform(1.05, 2.2), decay=draws.log_uniform(0.008, 0.06), rise=draws.log_uniform(0.5, 12),
        plops=draws.integer(1, 3), delay=draws.log_uniform(0.01, 0.09), tick=draws.uniform(0, 0.6),
        basin=draws.choice([0.0, 0.6, 1.5]), basin_pitch=draws.log_uniform(200, 1600))


def drops_texture(tap: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Drip: the tick of a drop on the water, then the bubble that sings upwards."""
    times = steady(take, n / sr, every=tap.every, spread=tap.spread)
    kinds = bubbles(take, 6, sr=sr, low=tap.pitch, high=tap.range * tap.pitch, decay=tap.decay, rise=tap.rise)
    sound = sprinkle(take, n, sr=sr, times=times, kinds=kinds, uneven=0.4)
    for k in range(1, tap.plops):
        later = times + tap.delay * k * (0.8 + 0.4 * take.numbers(len(times)))
        sound += 0.7 ** k * sprinkle(take, n, sr=sr, times=later, kinds=kinds, uneven=1)
    tick = struck(take, 0.03, sr=sr, tones=[3200, 5100], decays=[0.003, 0.002], gains=[0.4, 0.4], scrape=0.6,
                  scrape_decay=0.0015)
    sound += tap.tick * sprinkle(take, n, sr=sr, times=times - 0.012, kinds=tick[None], uneven=0.5)
    if tap.basin:
        sound += tap.basin * 3 * resonate(sound, sr=sr, centre=tap.basin_pitch, bandwidth=25)
    return sound


WATER_DROPS = Recipe(drops_traits, texture=drops_texture)


def pouring_traits(draws: Draws) -> SimpleNamespace:
    """Draw a jug and a glass: how the pitch of the vessel rises as it fills, glugs or a smooth jet."""
    return SimpleNamespace(
        pitch=draws.log_uniform(220, 1400), rise=draws.log_uniform(1.1, 3), rate=draws.log_uniform(25, 220),
        low=draws.log_uniform(400, 1500), range=draws.log_uniform(1.6, 5), decay=draws.log_uniform(0.004, 0.02),
        hiss=draws.log_uniform(0.03, 0.6), vessel=draws.log_uniform(0.1, 2), glug=draws.choice([0.0, 0.0, 0.6, 0.95]),
        glugs=draws.log_uniform(2.5, 9), pouring=draws.chance(0.5))


def pouring_texture(jug: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Pour: many bubbles, hiss, and the air in the vessel whose pitch rises as it fills."""
    start = take.uniform(1, 1 + 0.5 * (jug.rise - 1))
    pitch = jug.pitch * glide(n, [(0, start), (1, start * (1 + (jug.rise - 1) * min(1.0, n / sr / 2.5)))])
    kinds = bubbles(take, 24, sr=sr, low=jug.low, high=jug.range * jug.low, decay=jug.decay, rise=3)
    sound = unit(sprinkle(take, n, sr=sr, times=take.arrivals(jug.rate, n / sr), kinds=kinds, uneven=2))
    narrow = unit(lowpass(take.white(n), sr=sr, corner=0.06 * jug.pitch))
    hollow = tone(phase_of(pitch, sr=sr)) + 0.4 * tone(phase_of(pitch, sr=sr), multiple=2.7)
    sound += jug.vessel * hollow * narrow * wander(take, n, sr=sr, every=0.03, depth_db=4)
    sound += jug.hiss * noise(take, n, sr=sr, curve=slope(0.4, low=900, high=7000))
    if jug.glug:
        beat = tone(phase_of(jug.glugs * wander(take, n, sr=sr, every=0.3, depth_db=2), sr=sr))
        sound *= 1 + jug.glug * beat
    if jug.pouring:
        end = take.uniform(0.5, 1)
        sound *= glide(n, [(0, 0.0), (0.06, 1), (end - 0.06, 0.9), (end, 0.02), (1.01, 0)])
    return sound


POURING_WATER = Recipe(pouring_traits, texture=pouring_texture)


def stream_traits(draws: Draws) -> SimpleNamespace:
    """Draw a stream, a brook or a weir: bubbles small and large, how much of it is plain rushing."""
    return SimpleNamespace(
        rate=draws.log_uniform(60, 500), low=draws.log_uniform(250, 1300), range=draws.log_uniform(2, 8),
        decay=draws.log_uniform(0.004, 0.025), rush=draws.log_uniform(0.1, 4), power=draws.uniform(-0.3, 1.3),
        high=draws.log_uniform(2500, 8000), every=draws.log_uniform(0.08, 0.6), lively=draws.uniform(1, 6),
        rise=draws.log_uniform(0.5, 6))


def stream_texture(stream: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Run: bubbles without number, never twice the same, over a rushing that hardly changes."""
    kinds = bubbles(take, 32, sr=sr, low=stream.low, high=stream.range * stream.low, decay=stream.decay,
                    rise=stream.rise)
    sound = unit(sprinkle(take, n, sr=sr, times=take.arrivals(stream.rate, n / sr), kinds=kinds, uneven=2.5))
    sound *= wander(take, n, sr=sr, every=stream.every, depth_db=stream.lively)
    return sound + stream.rush * noise(take, n, sr=sr, curve=slope(stream.power, low=200, high=stream.high))


STREAM = Recipe(stream_traits, texture=stream_texture)


def bubbling_traits(draws: Draws) -> SimpleNamespace:
    """Draw a pot, a pipe under water or an aquarium: bubbles large or small, in a crowd or in bursts."""
    return SimpleNamespace(
        rate=draws.log_uniform(6, 70), low=draws.log_uniform(90, 450), range=draws.log_uniform(1.3, 4),
        decay=draws.log_uniform(0.012, 0.07), rise=draws.log_uniform(0.5, 10), bursts=draws.choice([0.0, 3.0, 7.0]),
        boil=draws.log_uniform(0.02, 0.6), boil_high=draws.log_uniform(400, 3000), uneven=draws.uniform(0.3, 2))


def bubbling_texture(pot: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Bubble: round low plops one after the other, over the dull roar of the boil."""
    times = take.arrivals(pot.rate, n / sr)
    if pot.bursts:
        times = times[np.sin(2 * np.pi * pot.bursts * (times + take.uniform(0, 1))) > -0.3]
    kinds = bubbles(take, 20, sr=sr, low=pot.low, high=pot.range * pot.low, decay=pot.decay, rise=pot.rise)
    sound = sprinkle(take, n, sr=sr, times=times, kinds=kinds, uneven=pot.uneven)
    return unit(sound) + pot.boil * noise(take, n, sr=sr, curve=slope(1.2, low=80, high=pot.boil_high))


BUBBLING = Recipe(bubbling_traits, texture=bubbling_texture)


def toilet_traits(draws: Draws) -> SimpleNamespace:
    """Draw a toilet: how bright the rush, how long, how it gurgles, how the tank fills."""
    return SimpleNamespace(
        high=draws.log_uniform(1500, 7000), power=draws.uniform(0, 1.5), decay=draws.log_uniform(0.5, 2.5),
        bowl=draws.log_uniform(200, 900), gurgle=draws.log_uniform(0.2, 3), fill=draws.log_uniform(0.02, 0.3),
        fill_pitch=draws.log_uniform(1500, 5000), rate=draws.log_uniform(10, 60), low=draws.log_uniform(90, 350))


def toilet_texture(toilet: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Flush: a rush that swells and sinks, gurgles as the bowl runs empty, the hiss of the tank behind."""
    duration, begin = n / sr, take.uniform(-0.8, 0.4)
    time = seconds(n, sr) - begin
    hull = np.clip(time / 0.25, 0, 1) * np.exp(-np.maximum(time - 0.6, 0) / toilet.decay)
    rush = noise(take, n, sr=sr, curve=slope(toilet.power, low=150, high=toilet.high))
    rush += 1.5 * noise(take, n, sr=sr, curve=formants([(toilet.bowl, 0.4 * toilet.bowl, 1)], tilt_db=-6)) * wander(
        take, n, sr=sr, every=0.05, depth_db=5)
    times = take.arrivals(toilet.rate, duration)
    kinds = bubbles(take, 16, sr=sr, low=toilet.low, high=5 * toilet.low, decay=0.03, rise=4)
    gurgle = unit(sprinkle(take, n, sr=sr, times=times[times > begin + 0.5], kinds=kinds))
    hiss = noise(take, n, sr=sr, curve=formants([(toilet.fill_pitch, 900, 1)], tilt_db=2))
    sound = rush * hull + toilet.gurgle * gurgle * np.sqrt(hull) * (time > 0.5) + toilet.fill * hiss * (time > 0)
    return sound * swell(n, sr=sr, attack=0.02, release=0.02)


FLUSHING_TOILET = Recipe(toilet_traits, texture=toilet_texture)
