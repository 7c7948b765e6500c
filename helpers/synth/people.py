"""People: a crying baby, sneezing, footsteps."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, join, mix, seconds, swell, wander
from helpers.synth.filters import band, formants, lowpass, resonate
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import harmonics, noise, phase_of, ring, tone, unit


def baby_traits(draws: Draws) -> SimpleNamespace:
    """Draw a baby: pitch, length of a cry, how hoarse, whether it sobs between the cries."""
    return SimpleNamespace(
        pitch=draws.log_uniform(290, 500), throat=draws.uniform(0.85, 1.2), cry=draws.uniform(0.45, 1.1),
        rough=draws.uniform(0.05, 0.6), tilt=draws.uniform(-5, -1), shake=draws.uniform(4, 9),
        depth=draws.uniform(0.005, 0.03), breath=draws.uniform(0, 0.5), arch=draws.uniform(1.1, 1.45),
        sob=draws.choice([0.0, 0.0, 0.2, 0.35]))


def baby_call(baby: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Cry once: an arch of many harmonics, then a gasp for air; or a few short sobs."""
    curve = formants([(1050, 350, 1), (2900, 700, 0.7), (4700, 900, 0.35)], scale=baby.throat, tilt_db=baby.tilt)
    if take.chance(baby.sob):
        sobs: list = []
        for _ in range(take.integer(2, 4)):
            n = int(take.uniform(0.09, 0.2) * sr)
            pitch = take.near(baby.pitch, 0.08) * glide(n, [(0, 0.95), (0.4, 1.1), (1, 0.75)], smooth=True)
            sobs += [harmonics(pitch, sr=sr, curve=curve, count=18) * swell(n, sr=sr, attack=0.025, release=0.06) * 0.8,
                     take.uniform(0.06, 0.16)]
        return join(sobs, sr=sr)
    n = int(take.near(baby.cry, 0.4) * sr)
    pitch = take.near(baby.pitch, 0.08) * glide(
        n, [(0, 0.78), (0.15, 1.0), (take.uniform(0.35, 0.6), baby.arch), (0.85, 1.0), (1, 0.7)], smooth=True)
    pitch *= 1 + baby.depth * tone(seconds(n, sr), multiple=baby.shake)
    voice = harmonics(pitch, sr=sr, curve=curve, count=18)
    hoarse = baby.rough * wander(take, n, sr=sr, every=0.12, depth_db=9)
    voice = voice * (1 + hoarse * (0.9 * unit(lowpass(take.white(n), sr=sr, corner=120))
                                   + 0.5 * tone(phase_of(pitch, sr=sr), multiple=0.5)))
    cry = (voice + 0.1 * baby.rough * take.white(n)) * swell(n, sr=sr, attack=0.05, release=0.12)
    if baby.breath <= 0.12:
        return cry
    m = int(take.near(0.22, 0.25) * sr)
    gasp = noise(take, m, sr=sr, curve=formants([(2200, 1800, 1)], scale=baby.throat, tilt_db=0))
    return join([cry, 0.06, baby.breath * 0.5 * gasp * swell(m, sr=sr, attack=0.08, release=0.05)], sr=sr)


CRYING_BABY = Recipe(baby_traits, call=baby_call, gap=(0.12, 0.5))


def sneeze_traits(draws: Draws) -> SimpleNamespace:
    """Draw a sneezer: voice, how much of it is heard, gasps before, sharpness of the burst."""
    return SimpleNamespace(
        pitch=draws.log_uniform(120, 380), throat=draws.uniform(0.85, 1.25), voiced=draws.choice([0.0, 0.5, 0.9, 1.2]),
        gasps=draws.choice([0, 0, 1, 2, 3]), ah=draws.uniform(0.14, 0.4), ah_level=draws.uniform(0.1, 0.5),
        burst=draws.uniform(0.1, 0.28), hiss=draws.log_uniform(2600, 5000), tail=draws.uniform(0.2, 0.6),
        tail_level=draws.uniform(0.2, 0.9), drop=draws.uniform(0.4, 0.75), wet=draws.uniform(0.2, 0.9))


def _sneeze_ah(person: SimpleNamespace, take: Draws, sr: int, *, length: float, up: float) -> np.ndarray:
    """Draw breath with an "ah" that rises."""
    n = int(length * sr)
    curve = formants([(780, 180, 1), (1350, 240, 0.7), (2900, 500, 0.4)], scale=person.throat, tilt_db=-3)
    pitch = take.near(person.pitch, 0.06) * 1.25 * glide(n, [(0, 0.9), (1, up)])
    breath = noise(take, n, sr=sr, curve=formants([(1500 * person.throat, 900, 1), (3200, 1500, 0.6)], tilt_db=0))
    ah = 0.5 * breath
    if person.voiced:
        ah = ah + person.voiced * harmonics(pitch, sr=sr, curve=curve, count=22)
    return ah * glide(n, [(0, 0), (0.3, 0.6), (0.85, 1), (1, 0)])


def sneeze_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Sneeze: gasps, a rising "ah", a burst of hiss over the whole band, and a "choo" that falls."""
    gasps: list = []
    for _ in range(take.integer(0, person.gasps)):
        gasps += [0.5 * person.ah_level * _sneeze_ah(person, take, sr, length=take.uniform(0.1, 0.22), up=1.1),
                  take.uniform(0.05, 0.22)]
    gasps += [person.ah_level * _sneeze_ah(person, take, sr, length=take.near(person.ah, 0.25), up=1.35), 0.02]
    before = join(gasps, sr=sr)

    n = int(take.near(person.burst, 0.25) * sr)
    hiss = take.near(person.hiss, 0.15)
    teeth = formants([(hiss, 1600, 1), (min(2.1 * hiss, 0.4 * sr), 2500, 0.8)], tilt_db=1.0)
    sharp = noise(take, n, sr=sr, curve=teeth)
    burst = 2.8 * sharp * glide(n, [(0, 0), (0.06, 1), (0.5, 0.8), (1, 0)])

    m = int(take.near(person.tail, 0.25) * sr)
    pitch = take.near(person.pitch, 0.06) * 1.3 * glide(m, [(0, 1.25), (0.3, 1.0), (1, person.drop)])
    curve = formants([(420, 160, 1), (1050, 260, 0.6), (2500, 500, 0.3)], scale=person.throat, tilt_db=-3)
    voice = person.voiced * harmonics(pitch, sr=sr, curve=curve, count=22) if person.voiced else 0.0
    rush = noise(take, m, sr=sr, curve=formants([(0.55 * hiss, 1200, 1)], tilt_db=-4))
    tail = (voice + person.wet * rush) * glide(m, [(0, 0), (0.12, 1), (0.4, 0.5), (1, 0)])

    sound = np.zeros(len(before) + n + m)
    mix(sound, before, start=0)
    mix(sound, burst, start=len(before))
    mix(sound, tail, start=len(before) + int(0.6 * n), gain=1.6 * person.tail_level)
    return sound


SNEEZING = Recipe(sneeze_traits, call=sneeze_call, gap=(0.3, 1.3))


def steps_traits(draws: Draws) -> SimpleNamespace:
    """Draw a walker: pace, shoe and floor; ``grain`` is gravel, ``click`` a hard heel."""
    return SimpleNamespace(
        pace=draws.uniform(0.36, 0.75), body=[draws.log_uniform(70, 200), draws.log_uniform(200, 700)],
        decay=draws.uniform(0.015, 0.05), grain=draws.uniform(0, 1.2), grain_pitch=draws.log_uniform(1200, 6000),
        toe=draws.uniform(0.05, 0.13), limp=draws.uniform(0.7, 1), click=draws.uniform(0, 0.8))


def steps_texture(walker: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Walk: heel, then toe, left and right a little unlike."""
    sound, start, left = np.zeros(n), take.uniform(0, walker.pace), True
    m = int(0.14 * sr)
    time = seconds(m, sr)
    while start < n / sr:
        strength = (1 if left else walker.limp) * take.uniform(0.7, 1)
        heel = ring(m, sr=sr, frequencies=walker.body, decays=[walker.decay, 0.6 * walker.decay], gains=[1, 0.5],
                    draws=take)
        heel += walker.click * take.white(m) * np.exp(-time / 0.003)
        crunch = resonate(take.white(m), sr=sr, centre=walker.grain_pitch, bandwidth=walker.grain_pitch)
        crunch *= np.exp(-time / 0.035) * (0.4 + 0.6 * (lowpass(take.white(m), sr=sr, corner=250) > 0))
        mix(sound, heel + walker.grain * crunch, start=int(start * sr), gain=strength)
        mix(sound, 0.4 * heel + 0.8 * walker.grain * crunch, start=int((start + walker.toe) * sr), gain=0.7 * strength)
        start += take.near(walker.pace, 0.07)
        left = not left
    return sound + 1e-4 * noise(take, n, sr=sr, curve=band(200, 4000))


FOOTSTEPS = Recipe(steps_traits, texture=steps_texture)
