"""Further animals: cat, cow, sheep, pig, crow, hen, goose, owl, woodpecker."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, join, mix, seconds, strike, swell
from helpers.synth.filters import bump, formants, lowpass
from helpers.synth.further_parts import hoarse, mouth, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import harmonics, noise, phase_of, tone, unit, wave


def cat_traits(draws: Draws) -> SimpleNamespace:
    """Draw a cat: pitch, length and arch of the meow, how wide the mouth opens, how hoarse it is."""
    return SimpleNamespace(
        pitch=draws.log_uniform(280, 950), throat=draws.uniform(0.85, 1.6), length=draws.log_uniform(0.25, 1.3),
        rise=draws.uniform(1.05, 1.7), fall=draws.uniform(0.6, 1.0), peak=draws.uniform(0.15, 0.6),
        open=draws.uniform(0.2, 0.6), wide=draws.uniform(700, 1300), rough=draws.uniform(0, 0.5),
        breath=draws.log_uniform(0.02, 0.25), tilt=draws.uniform(-7, 0), shake=draws.uniform(0, 0.04))


def cat_call(cat: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Meow: closed lips, a bright "ya" as the pitch arches, a dark "ow" as it sinks."""
    n = int(take.near(cat.length, 0.3) * sr)
    pitch = take.near(cat.pitch, 0.1) * glide(
        n, [(0, 0.8), (cat.peak, cat.rise), (0.8, 1.0), (1, cat.fall)], smooth=True)
    pitch *= 1 + cat.shake * tone(seconds(n, sr), multiple=take.uniform(6, 14))
    curve = mouth([(0, (350, 1900, 3400)), (cat.open, (cat.wide, 1.7 * cat.wide, 3300)), (1, (450, 850, 2600))],
                  scale=cat.throat, tilt_db=cat.tilt)
    voice = hoarse(take, pitch, sr=sr, curve=curve, count=22, rough=cat.rough)
    air = cat.breath * noise(take, n, sr=sr, curve=formants([(1500, 900, 1), (3400, 1500, 0.7)], scale=cat.throat))
    return (voice + air) * glide(n, [(0, 0), (0.15, 0.5), (cat.open, 1), (0.8, 0.6), (1, 0)])


CAT = Recipe(cat_traits, call=cat_call, gap=(0.2, 1.6))


def cow_traits(draws: Draws) -> SimpleNamespace:
    """Draw a cow: pitch, length, how nasal it begins, how hard it presses the voice."""
    return SimpleNamespace(
        pitch=draws.log_uniform(65, 290), throat=draws.log_uniform(0.5, 1.05), length=draws.log_uniform(0.6, 2.3),
        rise=draws.uniform(1.0, 1.5), fall=draws.uniform(0.6, 0.95), open=draws.uniform(0.2, 0.7),
        rough=draws.uniform(0, 0.8), flutter=draws.uniform(0, 0.6), tilt=draws.uniform(-11, -3),
        breath=draws.log_uniform(0.02, 0.3))


def cow_call(cow: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Moo: a hum through closed lips that opens, swells, and sinks at the end."""
    n = int(take.near(cow.length, 0.25) * sr)
    pitch = take.near(cow.pitch, 0.08) * glide(
        n, [(0, 0.8), (cow.open, cow.rise), (0.85, cow.rise * 0.95), (1, cow.fall)], smooth=True)
    curve = mouth([(0, (280, 1100, 2300)), (cow.open, (650, 1150, 2500)), (1, (420, 850, 2300))], scale=cow.throat,
                  tilt_db=cow.tilt)
    voice = hoarse(take, pitch, sr=sr, curve=curve, count=32, rough=cow.rough)
    voice *= 1 + cow.flutter * unit(lowpass(take.white(n), sr=sr, corner=40))
    air = cow.breath * noise(take, n, sr=sr, curve=formants([(900, 900, 1)], scale=cow.throat))
    return (voice + air) * glide(n, [(0, 0), (0.1, 0.35), (cow.open, 1), (0.8, 0.8), (1, 0)], smooth=True)


COW = Recipe(cow_traits, call=cow_call, gap=(0.3, 1.8))


def sheep_traits(draws: Draws) -> SimpleNamespace:
    """Draw a sheep, lamb or goat: pitch, how fast and how deep the bleat trembles."""
    return SimpleNamespace(
        pitch=draws.log_uniform(130, 620), throat=draws.uniform(0.7, 1.4), length=draws.log_uniform(0.35, 1.4),
        tremble=draws.log_uniform(5, 16), depth=draws.uniform(0.3, 0.9), bend=draws.uniform(0.01, 0.09),
        rough=draws.uniform(0.05, 0.7), tilt=draws.uniform(-6, 0), fall=draws.uniform(0.75, 1.05),
        vowel=draws.uniform(600, 950), breath=draws.log_uniform(0.03, 0.3))


def sheep_call(sheep: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Bleat: a nasal "meh" whose loudness and pitch tremble together."""
    n = int(take.near(sheep.length, 0.25) * sr)
    speed = take.near(sheep.tremble, 0.1) * glide(n, [(0, 0.8), (0.4, 1.1), (1, 0.85)])
    shake = tone(phase_of(speed, sr=sr, start=take.uniform(0, 1))) * glide(n, [(0, 0), (0.2, 1), (1, 1)])
    pitch = take.near(sheep.pitch, 0.08) * glide(n, [(0, 0.9), (0.15, 1.08), (0.7, 1), (1, sheep.fall)], smooth=True)
    curve = mouth([(0, (350, 1500, 2500)), (0.15, (sheep.vowel, 1800, 2900)), (1, (0.8 * sheep.vowel, 1600, 2700))],
                  scale=sheep.throat, tilt_db=sheep.tilt)
    voice = hoarse(take, pitch * (1 + sheep.bend * shake), sr=sr, curve=curve, count=30, rough=sheep.rough)
    air = sheep.breath * noise(take, n, sr=sr, curve=formants([(1700, 1200, 1)], scale=sheep.throat, tilt_db=-3))
    return (voice + air) * (1 + sheep.depth * shake) * swell(n, sr=sr, attack=0.05, release=0.35 * n / sr)


SHEEP = Recipe(sheep_traits, call=sheep_call, gap=(0.2, 1.5))


def pig_traits(draws: Draws) -> SimpleNamespace:
    """Draw a pig: the rattle of its grunts, how many in a row, how often it squeals."""
    return SimpleNamespace(
        rattle=draws.log_uniform(28, 130), throat=draws.log_uniform(0.6, 1.4), length=draws.log_uniform(0.08, 0.4),
        snout=draws.log_uniform(250, 900), breath=draws.log_uniform(0.2, 1.5), group=draws.integer(1, 5),
        squeal=draws.choice([0.0, 0.15, 0.5, 0.9]), high=draws.log_uniform(500, 1600), rough=draws.uniform(0.3, 1),
        pause=draws.log_uniform(0.05, 0.3))


def pig_call(pig: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Grunt a few times through the snout, or squeal."""
    if take.chance(pig.squeal):
        n = int(take.log_uniform(0.25, 1.0) * sr)
        pitch = take.near(pig.high, 0.2) * glide(
            n, [(0, 0.7), (0.25, take.uniform(1, 1.5)), (0.7, take.uniform(0.9, 1.4)), (1, 0.6)], smooth=True)
        curve = formants([(1300, 600, 1), (2900, 900, 0.8)], scale=pig.throat, tilt_db=-1)
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=12, rough=0.7 * pig.rough)
        return (voice + 0.3 * noise(take, n, sr=sr, curve=curve)) * swell(n, sr=sr, attack=0.04, release=0.1)
    pieces: list = []
    curve = formants([(pig.snout, 250, 1), (2.4 * pig.snout, 500, 0.6), (2600, 900, 0.3)], scale=pig.throat)
    for _ in range(max(1, pig.group + take.integer(-1, 1))):
        n = int(take.near(pig.length, 0.35) * sr)
        pitch = take.near(pig.rattle, 0.15) * glide(n, [(0, 0.8), (0.4, 1.15), (1, 0.8)])
        beat = wave(phase_of(pitch, sr=sr), 0.15 + np.exp(-4 * np.arange(64) / 64))
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=30, rough=pig.rough)
        pieces += [(voice + pig.breath * beat * noise(take, n, sr=sr, curve=curve)) * take.uniform(0.5, 1)
                   * swell(n, sr=sr, attack=0.25 * n / sr, release=0.4 * n / sr), take.near(pig.pause, 0.4)]
    return join(pieces, sr=sr)


PIG = Recipe(pig_traits, call=pig_call, gap=(0.1, 0.9))


def crow_traits(draws: Draws) -> SimpleNamespace:
    """Draw a crow: pitch, how harsh, how many caws in a row."""
    return SimpleNamespace(
        pitch=draws.log_uniform(260, 850), throat=draws.uniform(0.75, 1.4), length=draws.log_uniform(0.12, 0.55),
        harsh=draws.log_uniform(0.2, 1.6), rough=draws.uniform(0.4, 1.2), group=draws.integer(1, 4),
        pause=draws.log_uniform(0.06, 0.4), tilt=draws.uniform(-3, 2), arch=draws.uniform(1.0, 1.35))


def crow_call(crow: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Caw: a harsh voice with resonances between 1 and 2 kHz, flat or arched, a few in a row."""
    pieces: list = []
    curve = formants([(1250, 400, 1), (1850, 450, 0.9), (3300, 900, 0.5)], scale=crow.throat, tilt_db=crow.tilt)
    for _ in range(max(1, crow.group + take.integer(-1, 1))):
        n = int(take.near(crow.length, 0.2) * sr)
        pitch = take.near(crow.pitch, 0.06) * glide(n, [(0, 0.85), (0.3, crow.arch), (0.7, 1), (1, 0.75)], smooth=True)
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=16, rough=crow.rough)
        rasp = noise(take, n, sr=sr, curve=curve) * (1 + 0.7 * tone(phase_of(0.5 * pitch, sr=sr)))
        pieces += [(voice + crow.harsh * rasp) * swell(n, sr=sr, attack=0.02, release=0.08), take.near(crow.pause, 0.3)]
    return join(pieces, sr=sr)


CROW = Recipe(crow_traits, call=crow_call, gap=(0.2, 1.3))


def hen_traits(draws: Draws) -> SimpleNamespace:
    """Draw a hen: pitch and rhythm of the clucks, how often one ends in a long cackle."""
    return SimpleNamespace(
        pitch=draws.log_uniform(280, 900), throat=draws.uniform(0.8, 1.3), cluck=draws.log_uniform(0.03, 0.12),
        pause=draws.log_uniform(0.09, 0.45), group=draws.integer(2, 7), cackle=draws.choice([0.0, 0.3, 0.9]),
        rough=draws.uniform(0.1, 0.9), start=draws.uniform(0.6, 1.6), click=draws.uniform(0, 1.2))


def hen_call(hen: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Cluck a few times, each a tongue-like click with a quick slide of pitch; then perhaps a long rising cackle."""
    pieces: list = []
    curve = formants([(950, 400, 1), (2100, 600, 0.7), (3600, 900, 0.3)], scale=hen.throat, tilt_db=-2)
    lengths = [take.near(hen.cluck, 0.3) for _ in range(max(1, hen.group + take.integer(-1, 1)))]
    if take.chance(hen.cackle):
        lengths.append(take.log_uniform(0.25, 0.7))
    for length in lengths:
        n = int(length * sr)
        end = take.uniform(1.2, 1.7) if length > 0.2 else 0.8
        pitch = take.near(hen.pitch, 0.12) * glide(n, [(0, hen.start), (0.4, 1), (1, end)])
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=12, rough=hen.rough)
        click = hen.click * noise(take, n, sr=sr, curve=curve) * np.exp(-seconds(n, sr) / 0.012)
        pieces += [(voice + click) * strike(n, sr=sr, attack=0.006, decay=0.7 * n / sr) * take.uniform(0.5, 1),
                   take.near(hen.pause, 0.35)]
    return join(pieces, sr=sr)


HEN = Recipe(hen_traits, call=hen_call, gap=(0.05, 0.8))


def goose_traits(draws: Draws) -> SimpleNamespace:
    """Draw a goose or duck: where the voice breaks, how far it jumps, quick quacks or long honks."""
    return SimpleNamespace(
        pitch=draws.log_uniform(150, 650), jump=draws.uniform(1.0, 1.7), length=draws.log_uniform(0.08, 0.5),
        nose=draws.log_uniform(700, 1700), second=draws.uniform(1.6, 2.6), rough=draws.uniform(0.1, 0.9),
        group=draws.integer(1, 6), pause=draws.log_uniform(0.05, 0.4), odd=draws.chance(0.5),
        tilt=draws.uniform(-2, 3))


def goose_call(goose: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Honk or quack: a narrow nasal voice that breaks upwards and falls back."""
    pieces: list = []
    curve = formants([(goose.nose, 200, 1), (goose.second * goose.nose, 300, 0.7)], tilt_db=goose.tilt)
    for k in range(max(1, goose.group + take.integer(-1, 1))):
        n = int(take.near(goose.length, 0.2) * sr)
        shape = glide(n, [(0, 1), (0.2, 1), (0.25, goose.jump), (0.8, goose.jump * 0.95), (1, 0.85)])
        pitch = take.near(goose.pitch, 0.05) * 0.97 ** k * shape
        pitch *= 1 + 0.03 * goose.rough * unit(lowpass(take.white(n), sr=sr, corner=300))
        voice = harmonics(pitch, sr=sr, curve=curve, count=24, odd=goose.odd)
        voice = voice + 0.4 * goose.rough * noise(take, n, sr=sr, curve=curve)
        pieces += [voice * swell(n, sr=sr, attack=0.015, release=0.05) * 0.93 ** k, take.near(goose.pause, 0.3)]
    return join(pieces, sr=sr)


GOOSE = Recipe(goose_traits, call=goose_call, gap=(0.1, 1.2))


def owl_traits(draws: Draws) -> SimpleNamespace:
    """Draw an owl or dove: a nearly pure low tone, and its own rhythm of short and long hoots."""
    hoots = [SimpleNamespace(length=draws.log_uniform(0.1, 0.7), pause=draws.log_uniform(0.05, 0.45),
                             height=draws.uniform(0.88, 1.15)) for _ in range(draws.integer(1, 5))]
    return SimpleNamespace(
        pitch=draws.log_uniform(170, 950), hoots=hoots, overtone=draws.log_uniform(0.01, 0.3),
        quaver=draws.choice([0.0, 0.0, 0.5, 0.9]), rate=draws.uniform(8, 20), arch=draws.uniform(1.0, 1.2),
        breath=draws.log_uniform(0.005, 0.1))


def owl_call(owl: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Hoot in the owl's rhythm: tones that bend a little, some of them quavering."""
    pieces: list = []
    tune = take.near(owl.pitch, 0.03)
    for hoot in owl.hoots:
        n = int(take.near(hoot.length, 0.12) * sr)
        pitch = tune * hoot.height * glide(n, [(0, 0.92), (0.4, owl.arch), (1, 0.94)], smooth=True)
        cycles = phase_of(pitch, sr=sr)
        sound = tone(cycles) + owl.overtone * (tone(cycles, multiple=2) + 0.4 * tone(cycles, multiple=3))
        sound += owl.breath * noise(take, n, sr=sr, curve=bump(2 * tune, tune))
        sound *= 1 + owl.quaver * tone(seconds(n, sr), multiple=owl.rate)
        pieces += [sound * swell(n, sr=sr, attack=0.3 * n / sr, release=0.4 * n / sr), take.near(hoot.pause, 0.2)]
    return join(pieces, sr=sr)


OWL = Recipe(owl_traits, call=owl_call, gap=(0.2, 1.6))


def woodpecker_traits(draws: Draws) -> SimpleNamespace:
    """Draw a woodpecker and its tree: blows a second, how many in a drum roll, the ring of the wood."""
    return SimpleNamespace(
        rate=draws.log_uniform(7, 28), blows=draws.integer(5, 24), speeding=draws.uniform(-0.3, 0.4),
        wood=draws.log_uniform(350, 2600), second=draws.uniform(1.5, 2.9), decay=draws.log_uniform(0.004, 0.03),
        scrape=draws.log_uniform(0.05, 1), fade=draws.uniform(0.3, 1))


def woodpecker_call(bird: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Drum: a roll of woody knocks, a little faster or slower towards its end."""
    blows = max(3, bird.blows + take.integer(-2, 2))
    place = np.arange(blows) / blows
    times = np.cumsum((1 - bird.speeding * place) / take.near(bird.rate, 0.05))
    times -= times[0]
    sound = np.zeros(int((times[-1] + 0.15) * sr))
    knock = struck(take, 0.12, sr=sr, tones=[bird.wood, bird.second * bird.wood, 4.1 * bird.wood],
                   decays=[bird.decay, 0.6 * bird.decay, 0.3 * bird.decay], gains=[1, 0.6, 0.3], scrape=bird.scrape)
    for k, when in enumerate(times):
        mix(sound, knock, start=int(when * sr), gain=(1 - bird.fade * place[k] ** 2) * take.uniform(0.75, 1))
    return sound


WOODPECKER = Recipe(woodpecker_traits, call=woodpecker_call, gap=(0.2, 1.4))
