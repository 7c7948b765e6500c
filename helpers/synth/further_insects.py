"""Insects: crickets, and bees, flies and mosquitoes."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, seconds, wander
from helpers.synth.filters import band, formants, lowpass, resonate
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import noise, phase_of, tone, unit, wave


def cricket_traits(draws: Draws) -> SimpleNamespace:
    """Draw a night of crickets: one to three, each with its pitch, pulses in a chirp, and chirps a second."""
    singers = [SimpleNamespace(pitch=draws.log_uniform(1900, 7000), pulses=draws.log_uniform(14, 100),
                               every=draws.log_uniform(0.12, 1.1), part=draws.choice([0.25, 0.4, 0.6, 1.0]),
                               level=draws.uniform(0.2, 1)) for _ in range(draws.integer(1, 3))]
    singers[0].level = 1.0
    return SimpleNamespace(singers=singers, hiss=draws.log_uniform(0.003, 0.2), pure=draws.log_uniform(2, 60))


def cricket_texture(night: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Chirp: pure high tones in quick pulses, the pulses in groups."""
    time = seconds(n, sr)
    pulse = np.clip(1.5 * np.sin(np.pi * np.arange(64) / 64) - 0.5, 0, 1)
    sound = night.hiss * noise(take, n, sr=sr, curve=band(2500, 7500))
    for singer in night.singers:
        pitch = min(take.near(singer.pitch, 0.02), 0.44 * sr)
        beat = wave(time * singer.pulses, pulse)
        position = (time / take.near(singer.every, 0.04) + take.uniform(0, 1)) % 1.0
        chirp = lowpass((position < singer.part).astype(float), sr=sr, corner=60)
        unsteady = night.pure * unit(lowpass(take.white(n), sr=sr, corner=30))
        song = tone(phase_of(pitch + unsteady, sr=sr))
        sound += singer.level * song * beat * chirp * wander(take, n, sr=sr, every=0.7, depth_db=2)
    return sound


INSECT_CHIRP = Recipe(cricket_traits, texture=cricket_texture)


def bees_traits(draws: Draws) -> SimpleNamespace:
    """Draw a fly, a mosquito, or a swarm of bees: wing beats a second, how many, how near they pass."""
    return SimpleNamespace(
        pitch=draws.log_uniform(90, 700), number=draws.integer(1, 4), spread=draws.uniform(0.02, 0.25),
        sharp=draws.uniform(2, 12), body=draws.log_uniform(300, 2500), near=draws.uniform(3, 18),
        every=draws.log_uniform(0.15, 1.2), swarm=draws.log_uniform(0.01, 0.7), drift=draws.log_uniform(0.01, 0.12))


def bees_texture(bees: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Buzz: strings of harmonics whose pitch drifts, louder and softer as the insects fly about."""
    shape = np.exp(-bees.sharp * np.arange(256) / 256)
    sound = np.zeros(n)
    for _ in range(bees.number):
        path = [(k / 8, 1 + bees.drift * take.uniform(-1, 1)) for k in range(9)]
        pitch = take.near(bees.pitch, bees.spread) * glide(n, path, smooth=True)
        buzz = wave(phase_of(pitch, sr=sr, start=take.uniform(0, 1)), shape - shape.mean())
        sound += buzz * wander(take, n, sr=sr, every=bees.every, depth_db=bees.near)
    sound = unit(sound + 2 * resonate(sound, sr=sr, centre=bees.body, bandwidth=0.4 * bees.body))
    curve = formants([(k * bees.pitch, 0.3 * bees.pitch, 1 / k) for k in range(1, 6)], tilt_db=-3)
    return sound + bees.swarm * noise(take, n, sr=sr, curve=curve)


BEES_BUZZING = Recipe(bees_traits, texture=bees_texture)
