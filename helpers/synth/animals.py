"""Animals: dog, rooster, frog, cicada, birds."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, join, seconds, strike, swell, wander
from helpers.synth.filters import band, bump, formants, lowpass
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import TAU, harmonics, noise, phase_of, ring, rms, scatter, tone, unit, wave


def dog_traits(draws: Draws) -> SimpleNamespace:
    """Draw a dog: a large one barks low and long, a small one high and short."""
    small = draws.uniform(0, 1)
    return SimpleNamespace(
        pitch=draws.near(200 * 3 ** small, 0.15), throat=draws.near(0.7 * 1.65 ** small, 0.1),
        bark=draws.uniform(0.12, 0.27) * (1.15 - 0.4 * small), rough=draws.uniform(0.15, 0.9),
        group=draws.choice([1, 2, 2, 3, 3, 4]), pause=draws.uniform(0.07, 0.28), focus=draws.uniform(0.7, 1.4),
        rise=draws.uniform(1.1, 1.5), fall=draws.uniform(0.4, 0.8), peak=draws.uniform(0.2, 0.45),
        tilt=draws.uniform(-7, -2), growl=draws.uniform(0, 0.5))


def dog_call(dog: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Bark once or a few times: pitch up and down in a tenth of a second, hoarse at the onset."""
    pieces: list = []
    for _ in range(max(1, dog.group + take.integer(-1, 1))):
        n = int(take.near(dog.bark, 0.25) * sr)
        pitch = take.near(dog.pitch, 0.09) * glide(
            n, [(0, 0.8), (dog.peak, dog.rise), (0.72, 1.0), (1, dog.fall)], smooth=True)
        shiver = np.interp(np.arange(n), np.arange(0, n + 40, 40), take.white(len(np.arange(0, n + 40, 40))))
        pitch *= 1 + 0.02 * dog.rough * shiver
        throat = dog.throat * take.uniform(0.94, 1.06)
        mouth = glide(n, [(0, 0), (0.3, 1), (1, 0.1)])        # opens, then closes: the vowel moves from dark to bright
        bright = formants([(850, 280 * dog.focus, 1), (1650, 400, 0.7), (3000, 700, 0.4)], scale=throat,
                          tilt_db=dog.tilt)
        voice = harmonics(pitch, sr=sr, curve=bright, count=26)
        voice = voice * mouth + 1.6 * lowpass(voice, sr=sr, corner=550 * throat) * (1 - mouth)
        voice *= 1 + dog.growl * tone(phase_of(pitch, sr=sr), multiple=0.5)
        breath = noise(take, n, sr=sr, curve=bright) * glide(n, [(0, 1.3), (0.25, 1), (0.7, 0.25), (1, 0.1)])
        body = strike(n, sr=sr, attack=take.uniform(0.008, 0.025), decay=n / sr * take.uniform(0.35, 0.8))
        pieces += [(unit(voice) + dog.rough * breath) * body * take.uniform(0.7, 1), take.near(dog.pause, 0.3)]
    return join(pieces[:-1], sr=sr)


DOG = Recipe(dog_traits, call=dog_call, gap=(0.2, 1.0))


def rooster_traits(draws: Draws) -> SimpleNamespace:
    """Draw a rooster: pitch, length of the crow, how hoarse it is."""
    return SimpleNamespace(
        pitch=draws.log_uniform(480, 860), throat=draws.uniform(0.85, 1.2), rough=draws.uniform(0.05, 0.5),
        length=draws.uniform(1.2, 2.4), tilt=draws.uniform(-3, 1), fall=draws.uniform(0.6, 0.88),
        peak=draws.uniform(1.08, 1.4), syllables=draws.choice([2, 3, 3, 3, 4]), gate=draws.uniform(0.02, 0.09))


def rooster_call(rooster: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Crow: cock-a-doodle in short flat syllables, then one long that holds and sinks at the end."""
    length = take.near(rooster.length, 0.15)
    short = rooster.syllables
    plan = [(take.uniform(0.08, 0.16), 0.82 + 0.18 * k / short, 0.9 + 0.2 * k / short, rooster.gate)
            for k in range(short - 1)]
    plan += [(take.uniform(0.16, 0.26), 1.0, rooster.peak, rooster.gate * 0.7),
             (take.uniform(0.45, 0.6), rooster.peak, rooster.fall, 0.0)]
    curve = formants([(1250, 500, 1), (2500, 700, 0.8), (4200, 900, 0.35)], scale=rooster.throat, tilt_db=rooster.tilt)
    pieces: list = []
    for part, begin, end, pause in plan:
        n = int(length * part * sr)
        hold = begin * 0.97 if end < begin else end
        pitch = rooster.pitch * take.uniform(0.97, 1.03) * glide(
            n, [(0, begin * 0.86), (0.12, begin), (0.6, hold), (0.85, (hold + end) / 2), (1, end)], smooth=True)
        pitch *= 1 + 0.01 * tone(seconds(n, sr), multiple=take.uniform(6, 12))
        voice = harmonics(pitch, sr=sr, curve=curve, count=14)
        rasp = noise(take, n, sr=sr, curve=curve) * (1 + 0.8 * tone(phase_of(pitch, sr=sr)))
        rasp *= glide(n, [(0, 0.6), (0.5, 0.8), (1, 1.6)])
        body = swell(n, sr=sr, attack=0.02, release=0.05 if pause else 0.35 * n / sr)
        pieces += [(voice + rooster.rough * rasp) * body * (0.7 if pause else 1.0), take.near(pause, 0.4)]
    return join(pieces, sr=sr)


ROOSTER = Recipe(rooster_traits, call=rooster_call, gap=(0.5, 2.0))


def frog_traits(draws: Draws) -> SimpleNamespace:
    """Draw a frog: pulses a second, two resonances of the throat, croaks in one or two parts."""
    low = draws.log_uniform(350, 1100)
    return SimpleNamespace(
        rate=draws.log_uniform(22, 85), low=low, high=low * draws.uniform(2.0, 3.0), width=draws.uniform(90, 260),
        bright=draws.uniform(0.3, 1.0), length=draws.uniform(0.16, 0.55), parts=draws.choice([1, 1, 2]),
        speeding=draws.uniform(0.8, 1.5), bend=draws.uniform(0.85, 1.3), wet=draws.uniform(0.02, 0.2))


def frog_call(frog: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Croak: a train of clicks that rings in the throat, seen as fine vertical stripes in two bands."""
    pieces: list = []
    for part in range(frog.parts):
        n = int(take.near(frog.length, 0.15) * (0.55 if part == 0 and frog.parts > 1 else 1.0) * sr)
        speed = glide(n, [(0, 1.0), (0.6, frog.speeding), (1, frog.speeding * 0.9)], smooth=True)
        cycles = phase_of(take.near(frog.rate, 0.06) * speed, sr=sr)
        starts = np.flatnonzero(np.diff(np.floor(cycles)) > 0)
        m = int(0.04 * sr)
        click = ring(m, sr=sr, frequencies=[frog.low, frog.high, frog.high * 1.7],
                     decays=[2 / (np.pi * frog.width), 1.3 / (np.pi * frog.width), 0.6 / (np.pi * frog.width)],
                     gains=[1.0, frog.bright, 0.4 * frog.bright], draws=take)
        loudness = 0.75 + 0.5 * take.numbers(len(starts))
        croak = scatter(n, starts, loudness[:, None] * click)
        croak += frog.wet * rms(croak) * noise(take, n, sr=sr, curve=band(frog.low, 2 * frog.high))
        rising = 1.0 if part == frog.parts - 1 else 0.8
        pieces += [croak * glide(n, [(0, 0.2), (0.25, 0.8), (0.7, rising), (0.93, 0.6), (1, 0)]),
                   take.uniform(0.02, 0.06)]
    return join(pieces[:-1], sr=sr)


FROG = Recipe(frog_traits, call=frog_call, gap=(0.2, 1.0))


def cicada_traits(draws: Draws) -> SimpleNamespace:
    """Draw a cicada: a band near 5 kHz, the rate of its drum, and the rhythm of its song."""
    return SimpleNamespace(
        centre=draws.log_uniform(3800, 6800), width=draws.uniform(180, 650), drum=draws.uniform(90, 240),
        second=draws.uniform(0, 0.5), ratio=draws.uniform(0.62, 0.8),
        rhythm=draws.choice(["steady", "pulsing", "swelling"]), every=draws.uniform(0.12, 0.5),
        rest=draws.uniform(0.15, 0.45), floor=draws.uniform(0.05, 0.35), others=draws.uniform(0, 0.4),
        grit=draws.uniform(0.3, 0.9))


def cicada_texture(cicada: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Sing: a hissing high band, shaken by the drum a hundred times a second, in a slow rhythm."""
    time = seconds(n, sr)
    top = min(cicada.centre * take.uniform(0.985, 1.015), 0.43 * sr)
    song = noise(take, n, sr=sr, curve=bump(top, cicada.width))
    song += cicada.second * noise(take, n, sr=sr, curve=bump(top * cicada.ratio, cicada.width * 1.3))
    stroke = np.exp(-np.arange(64) / 64 * 5) + (1 - cicada.grit)
    song *= wave(time * take.near(cicada.drum, 0.03), stroke)
    if cicada.rhythm == "pulsing":
        position = (time / cicada.every + take.uniform(0, 1)) % 1.0
        song *= lowpass(np.where(position > cicada.rest, 1.0, cicada.floor), sr=sr, corner=25)
    elif cicada.rhythm == "swelling":
        song *= cicada.floor + (1 - cicada.floor) * (0.5 + 0.5 * tone(time, multiple=0.35 / cicada.every * 0.5)) ** 2
    chorus = noise(take, n, sr=sr, curve=bump(0.9 * top, 3 * cicada.width))
    return unit(song) * wander(take, n, sr=sr, every=0.8, depth_db=2) + cicada.others * 0.4 * chorus


CICADA = Recipe(cicada_traits, texture=cicada_texture)


def bird_traits(draws: Draws) -> SimpleNamespace:
    """Draw a bird: one to four notes, each a whistle that slides, some with a trill."""
    notes = [SimpleNamespace(begin=draws.log_uniform(2000, 5600), end=draws.log_uniform(2000, 5600),
                             length=draws.uniform(0.03, 0.18), pause=draws.uniform(0.02, 0.12),
                             trill=draws.choice([0, 0, draws.uniform(20, 45)]), arch=draws.uniform(0.85, 1.2))
             for _ in range(draws.integer(1, 4))]
    return SimpleNamespace(notes=notes, repeats=draws.integer(1, 4), overtone=draws.uniform(0, 0.25))


def bird_call(bird: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Sing the bird's notes a few times over."""
    pieces: list = []
    tune = take.uniform(0.95, 1.05)
    for _ in range(max(1, bird.repeats + take.integer(-1, 1))):
        for note in bird.notes:
            n = int(take.near(note.length, 0.1) * sr)
            middle = (note.begin + note.end) / 2 * note.arch
            pitch = tune * glide(n, [(0, note.begin), (0.5, middle), (1, note.end)])
            pitch *= 1 + (0.08 if note.trill else 0) * np.sin(TAU * note.trill * seconds(n, sr))
            cycles = phase_of(np.minimum(pitch, 0.45 * sr), sr=sr)
            whistle = tone(cycles) + bird.overtone * tone(cycles, multiple=2) * (pitch < 0.22 * sr)
            pieces += [whistle * swell(n, sr=sr, attack=0.008, release=0.015), take.near(note.pause, 0.2)]
    return join(pieces, sr=sr)


BIRDS = Recipe(bird_traits, call=bird_call, gap=(0.2, 1.3))
