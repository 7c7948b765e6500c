"""Water and fire: rain, sea waves, a crackling fire."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import amplitude, seconds, stretch, wander
from helpers.synth.filters import band, resonate, slope
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import TAU, noise, ring, scatter, unit

KINDS = 12
"""So many different drops or crackles are made for a clip, then used again and again."""


def rain_traits(draws: Draws) -> SimpleNamespace:
    """Draw a rain: colour of the hiss, drops a second, what they fall on."""
    return SimpleNamespace(
        power=draws.uniform(-0.6, 0.9), high=draws.log_uniform(3500, 9000), low=draws.log_uniform(120, 900),
        rate=draws.log_uniform(40, 160), drops=draws.log_uniform(0.25, 1.6), pitch=draws.log_uniform(1500, 4500),
        decay=draws.log_uniform(0.002, 0.008), roof=draws.uniform(0.2, 0.9) if draws.chance(0.35) else 0.0,
        roof_pitch=draws.log_uniform(350, 1100), gusts=draws.uniform(0.5, 2))


def rain_texture(rain: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Rain: a hiss of very many far drops, and the near ones one by one, each a short chirp upwards."""
    hiss = noise(take, n, sr=sr, curve=slope(rain.power, low=rain.low, high=rain.high))
    hiss *= wander(take, n, sr=sr, every=0.7, depth_db=rain.gusts)
    starts = (take.arrivals(rain.rate, n / sr) * sr).astype(np.int64)
    time = seconds(int(6 * rain.decay * sr) + 8, sr)
    pitches = rain.pitch * 0.6 * (1.7 / 0.6) ** take.numbers(KINDS)[:, None]
    decays = rain.decay * (0.5 + take.numbers(KINDS)[:, None])
    kinds = np.exp(-time / decays) * np.sin(TAU * pitches * time * (1 + 6 * time))
    which = (take.numbers(len(starts)) * KINDS).astype(np.int64)
    drops = scatter(n, starts, kinds[which] * take.numbers(len(starts))[:, None] ** 3)
    drops = unit(drops) * rain.drops
    if rain.roof:
        drops = drops + rain.roof * (4 * resonate(drops, sr=sr, centre=rain.roof_pitch, bandwidth=90)
                                     + 3.5 * resonate(drops, sr=sr, centre=2.3 * rain.roof_pitch, bandwidth=160))
    return hiss + drops


RAIN = Recipe(rain_traits, texture=rain_texture)


def sea_traits(draws: Draws) -> SimpleNamespace:
    """Draw a shore: seconds from wave to wave, how dark the roar, how bright the breaking, how much foam."""
    return SimpleNamespace(
        period=draws.uniform(3.0, 9.0), power=draws.uniform(0.6, 1.6), high=draws.log_uniform(900, 5000),
        crash=draws.log_uniform(0.3, 1.8), crash_high=draws.log_uniform(2500, 8000), quiet_db=draws.uniform(-16, -6),
        foam=draws.uniform(0.1, 0.7), rise=draws.uniform(0.25, 0.6))


def sea_texture(sea: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Waves: a roar that swells, a brighter breaking behind it, and foam that hisses as it runs out."""
    step = 256
    time = np.arange(-(-n // step) + 1) * (step / sr)
    start, quiet = take.uniform(0, 1), amplitude(sea.quiet_db)

    def swell(delay: float, sharp: float) -> np.ndarray:
        position = (time / sea.period + start - delay) % 1.0
        height = np.where(position < sea.rise, position / sea.rise, (1 - position) / (1 - sea.rise))
        return stretch(quiet + (1 - quiet) * height ** sharp, n, step=step)

    roar = noise(take, n, sr=sr, curve=slope(1.4 * sea.power, low=60, high=sea.high)) * swell(0.0, 1.3)
    crash = noise(take, n, sr=sr, curve=band(350, sea.crash_high)) * swell(0.06, 3.0)
    foam = noise(take, n, sr=sr, curve=slope(-0.4, low=1800, high=8000)) * swell(0.25, 2.0)
    return (roar + sea.crash * crash + 0.5 * sea.foam * foam) * wander(take, n, sr=sr, every=0.4, depth_db=1.5)


SEA_WAVES = Recipe(sea_traits, texture=sea_texture)


def fire_traits(draws: Draws) -> SimpleNamespace:
    """Draw a fire: crackles a second, how sharp and how uneven, the roar of the flames, the hiss of wet wood."""
    return SimpleNamespace(
        rate=draws.log_uniform(12, 60), pitch=draws.log_uniform(900, 4500), decay=draws.log_uniform(0.0006, 0.004),
        uneven=draws.uniform(2.5, 5), roar=draws.log_uniform(0.1, 0.5), power=draws.uniform(0.8, 1.9),
        hiss=draws.uniform(0, 0.35), pops=draws.log_uniform(0.3, 3), pop_pitch=draws.log_uniform(300, 1200),
        clusters=draws.uniform(0, 0.8))


def fire_texture(fire: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Crackle: clicks of all strengths, some in quick clusters, a few pops of wood, flames below."""
    times = take.arrivals(fire.rate, n / sr)
    cluster = take.numbers(len(times)) < 0.15 * fire.clusters      # these set off a few more right behind them
    echoes = [times[cluster] + 0.012 * (k + take.numbers(int(cluster.sum()))) for k in range(1, 7)]
    times = np.concatenate([times, *echoes])
    starts = (times[times < n / sr] * sr).astype(np.int64)

    decays = fire.decay * 0.5 * 4 ** take.numbers(KINDS)[:, None]
    pitches = np.minimum(fire.pitch * 0.5 * 4 ** take.numbers(KINDS)[:, None], 0.44 * sr)
    time = seconds(int(14 * fire.decay * sr) + 6, sr)
    hull = take.white(KINDS * len(time)).reshape(KINDS, len(time))
    kinds = np.exp(-time / decays) * (0.5 * np.sin(TAU * pitches * time) + 0.7 * hull)
    which = (take.numbers(len(starts)) * KINDS).astype(np.int64)
    crackle = scatter(n, starts, kinds[which] * take.numbers(len(starts))[:, None] ** fire.uneven)

    starts = (take.arrivals(fire.pops, n / sr) * sr).astype(np.int64)
    pops = []
    for _ in range(KINDS // 2):
        pitch = fire.pop_pitch * take.log_uniform(0.5, 2)
        tones = [pitch, 2.7 * pitch, fire.pitch * take.log_uniform(0.6, 1.6)]
        pops.append(ring(int(0.05 * sr), sr=sr, frequencies=tones, decays=[0.012, 0.006, 0.003], gains=[0.6, 0.4, 0.8],
                         draws=take))
    which = (take.numbers(len(starts)) * len(pops)).astype(np.int64)
    crackle += scatter(n, starts, (0.3 + 0.7 * take.numbers(len(starts)))[:, None] * np.array(pops)[which])

    flames = noise(take, n, sr=sr, curve=slope(fire.power, low=50, high=2500))
    flames *= wander(take, n, sr=sr, every=0.15, depth_db=4)
    hiss = noise(take, n, sr=sr, curve=band(2000, 7500)) * wander(take, n, sr=sr, every=0.3, depth_db=6)
    return unit(crackle) + fire.roar * flames + fire.hiss * hiss


CRACKLING_FIRE = Recipe(fire_traits, texture=fire_texture)
