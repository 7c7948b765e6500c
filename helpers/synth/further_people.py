"""Further people: coughing, laughing, snoring, breathing, talking, clapping, whistling, snapping fingers, drinking."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import amplitude, glide, join, mix, seconds, stretch, strike, swell, wander
from helpers.synth.filters import band, formants, lowpass, slope
from helpers.synth.further_parts import hoarse, mouth, puff, sprinkle, steady
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import noise, phase_of, tone, unit, wave

VOWELS = ((750, 1250, 2600), (480, 1800, 2500), (320, 2250, 2900), (520, 900, 2400), (360, 750, 2300),
          (580, 1450, 2450))
"""Resonances of a grown-up's a, e, i, o, u and the neutral vowel, in Hz."""


def cough_traits(draws: Draws) -> SimpleNamespace:
    """Draw a cougher: dry or wet, voice, how many coughs in a fit."""
    return SimpleNamespace(
        pitch=draws.log_uniform(85, 420), throat=draws.uniform(0.8, 1.4), burst=draws.log_uniform(0.03, 0.1),
        tail=draws.log_uniform(0.06, 0.3), voiced=draws.uniform(0, 1.2), low=draws.log_uniform(250, 900),
        high=draws.log_uniform(2000, 6000), group=draws.integer(1, 5), pause=draws.log_uniform(0.05, 0.35),
        wet=draws.uniform(0, 0.9), rough=draws.uniform(0.2, 1))


def cough_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Cough a few times: the throat opens with a burst, the voice follows and breaks off."""
    pieces: list = []
    curve = formants([(620, 250, 1), (1200, 300, 0.8), (2600, 600, 0.5)], scale=person.throat, tilt_db=-4)
    for k in range(max(1, person.group + take.integer(-1, 1))):
        n, burst = int(take.near(person.tail, 0.3) * sr), take.near(person.burst, 0.3)
        n += int(burst * sr)
        time = seconds(n, sr)
        rush = noise(take, n, sr=sr, curve=band(person.low, person.high))
        rush *= 1 + person.wet * (wave(time * take.uniform(30, 60), 1.5 * np.exp(-4 * np.arange(64) / 64)) - 0.4)
        pitch = take.near(person.pitch, 0.1) * glide(n, [(0, 1.25), (0.4, 1), (1, 0.65)])
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=24, rough=person.rough)
        sound = 1.6 * rush * np.exp(-time / burst) + 0.3 * rush
        sound += person.voiced * voice * np.clip((time - 0.4 * burst) / burst, 0, 1)
        pieces += [sound * strike(n, sr=sr, attack=0.004, decay=0.5 * n / sr) * 0.88 ** k * take.uniform(0.7, 1),
                   take.near(person.pause, 0.4)]
    return join(pieces, sr=sr)


COUGHING = Recipe(cough_traits, call=cough_call, gap=(0.2, 1.4))


def laugh_traits(draws: Draws) -> SimpleNamespace:
    """Draw a laugher, child or grown-up: pitch, speed, vowel, how breathy, how the laugh sinks."""
    return SimpleNamespace(
        pitch=draws.log_uniform(95, 560), throat=draws.uniform(0.85, 1.4), rate=draws.log_uniform(3, 7.5),
        vowel=draws.integer(0, 5), voiced=draws.uniform(0.3, 0.75), breath=draws.log_uniform(0.1, 1.5),
        notes=draws.integer(3, 10), sink=draws.uniform(0.93, 1.02), first=draws.uniform(1, 1.5),
        rough=draws.uniform(0, 0.6), tilt=draws.uniform(-8, -2), gasp=draws.uniform(0, 0.9))


def laugh_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Laugh: "ha ha ha", each a breath and a short arch of voice, and perhaps a gasp at the end."""
    pieces: list = []
    vowel = VOWELS[person.vowel]
    curve = mouth([(0, vowel), (1, vowel)], scale=person.throat, tilt_db=person.tilt)
    air = formants([(vowel[0], 500, 0.6), (vowel[1], 700, 1), (3200, 1500, 0.7)], scale=person.throat, tilt_db=-2)
    for k in range(max(2, person.notes + take.integer(-2, 2))):
        length = take.near(1 / person.rate, 0.12)
        n, m = int(person.voiced * length * sr), int((1 - person.voiced) * length * sr)
        start = person.first if k == 0 else 1.0
        pitch = take.near(person.pitch, 0.06) * person.sink ** k * start * glide(n, [(0, 1), (0.3, 1.1), (1, 0.8)])
        voice = hoarse(take, pitch, sr=sr, curve=curve, count=22, rough=person.rough)
        voice *= swell(n, sr=sr, attack=0.015, release=0.5 * n / sr)
        h = person.breath * 0.4 * noise(take, m, sr=sr, curve=air) * swell(m, sr=sr, attack=0.6 * m / sr, release=0.005)
        pieces += [join([h, voice], sr=sr) * 0.95 ** k * take.uniform(0.7, 1)]
    if take.chance(0.5):
        pieces.append(0.3 * person.gasp * puff(take, take.uniform(0.2, 0.5), sr=sr, curve=air, peak=0.7))
    return join(pieces, sr=sr)


LAUGHING = Recipe(laugh_traits, call=laugh_call, gap=(0.15, 1.2))


def snore_traits(draws: Draws) -> SimpleNamespace:
    """Draw a snorer: flutters a second, throat, length of a breath, what is heard of breathing out."""
    return SimpleNamespace(
        flutter=draws.log_uniform(18, 95), throat=draws.log_uniform(0.5, 1.3), length=draws.log_uniform(0.5, 1.6),
        rest=draws.uniform(0.1, 0.7), nose=draws.log_uniform(350, 1800), hiss=draws.log_uniform(0.05, 1),
        out=draws.log_uniform(0.02, 0.6), hard=draws.uniform(2, 9), uneven=draws.uniform(0.1, 0.9),
        whistle=draws.choice([0.0, 0.0, 0.3]), bend=draws.uniform(0.7, 1.4))


def snore_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Snore: the palate flutters while breath is drawn in, then a softer breath out."""
    n = int(take.near(person.length, 0.15) * sr)
    beat = take.near(person.flutter, 0.08) * glide(n, [(0, 0.85), (0.5, 1), (1, person.bend)], smooth=True)
    beat *= 1 + 0.1 * person.uneven * unit(lowpass(take.white(n), sr=sr, corner=25))
    cycles = phase_of(np.maximum(beat, 5), sr=sr)
    curve = formants([(300, 200, 1), (person.nose, 350, 0.8), (2500, 900, 0.25)], scale=person.throat, tilt_db=-4)
    flap = wave(cycles, np.exp(-person.hard * np.arange(128) / 128)) * wander(take, n, sr=sr, every=0.05, depth_db=4)
    rattle = unit(noise(take, n, sr=sr, curve=curve) * flap ** 1.5)
    hiss = person.hiss * 0.5 * noise(take, n, sr=sr, curve=band(700, 4500))
    whistle = person.whistle * tone(phase_of(glide(n, [(0, 500), (1, 900)]), sr=sr))
    breath_in = (rattle + hiss + whistle) * glide(n, [(0, 0), (0.3, 0.7), (0.75, 1), (1, 0)], smooth=True)
    curve = formants([(600, 500, 1), (1800, 1200, 0.5)], scale=person.throat, tilt_db=-3)
    breath_out = puff(take, person.length * take.uniform(0.6, 1.2), sr=sr, curve=curve, peak=0.2)
    return join([breath_in, take.near(person.rest, 0.3), person.out * breath_out], sr=sr)


SNORING = Recipe(snore_traits, call=snore_call, gap=(0.05, 0.6))


def breath_traits(draws: Draws) -> SimpleNamespace:
    """Draw someone breathing, asleep or out of breath: length, mouth or nose, in against out."""
    return SimpleNamespace(
        length=draws.log_uniform(0.12, 1.3), pause=draws.log_uniform(0.02, 0.4), into=draws.log_uniform(900, 4200),
        out=draws.log_uniform(450, 2500), width=draws.log_uniform(0.3, 1.6), level=draws.uniform(0.2, 1),
        peak=draws.uniform(0.15, 0.7), tilt=draws.uniform(-5, 1), sharp=draws.log_uniform(0.5, 2.5))


def breath_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Breathe in, higher, and out, lower: coloured noise that swells and fades, nothing else."""
    pieces: list = []
    for centre, level in ((person.into, person.level), (person.out, 1.0)):
        centre = take.near(centre, 0.08)
        curve = formants([(centre, person.width * centre, 1), (2.4 * centre, 0.6 * person.width * centre, 0.5)],
                         tilt_db=person.tilt)
        pieces += [level * puff(take, take.near(person.length, 0.2), sr=sr, curve=curve, peak=person.peak,
                                sharp=person.sharp), take.near(person.pause, 0.4)]
    return join(pieces, sr=sr)


BREATHING = Recipe(breath_traits, call=breath_call, gap=(0.02, 0.3))


def babble_traits(draws: Draws) -> SimpleNamespace:
    """Draw who talks: one, two or many; pitches, throats, syllables a second, how sharp the consonants."""
    people = [SimpleNamespace(pitch=draws.log_uniform(80, 360), throat=draws.uniform(0.85, 1.35),
                              rate=draws.log_uniform(2.8, 7), lively=draws.uniform(0.03, 0.3),
                              tilt=draws.uniform(-9, -4), hiss=draws.log_uniform(0.05, 0.7),
                              level=draws.log_uniform(0.2, 1)) for _ in range(draws.choice([1, 1, 1, 2]))]
    return SimpleNamespace(people=people, crowd=draws.choice([0.0, 0.0, draws.log_uniform(0.02, 0.5)]))


def _speak(person: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Say syllables without meaning: vowels that melt into each other, consonants of hiss between, pauses."""
    count = int(1.3 * person.rate * n / sr) + 4
    spans = 0.4 + take.numbers(count)
    ends = np.cumsum(spans / person.rate) - take.uniform(0, 1) / person.rate
    places = np.concatenate([[0.0], np.maximum(ends, 0) / (n / sr)])
    vowels = [take.choice(VOWELS) for _ in places]
    curve = mouth(list(zip(places, vowels, strict=True)), scale=person.throat, tilt_db=person.tilt)
    heights = person.pitch * (1 + person.lively * (2 * take.numbers(len(places)) - 1))
    grid = np.arange(-(-n // 64) + 1) * (64 / n)
    pitch = stretch(np.interp(grid, places, heights), n, step=64)
    spoken = np.where(take.numbers(len(places)) < 0.85, 0.4 + 0.6 * take.numbers(len(places)), 0.02)
    middles = (places[:-1] + places[1:]) / 2
    dips = np.concatenate([[0.5], np.stack([spoken[1:], 0.15 * spoken[1:]], axis=1).ravel()])
    when = np.concatenate([[-1.0], np.stack([middles, places[1:]], axis=1).ravel()])
    loud = stretch(np.interp(grid, when, dips), n, step=64)
    voice = hoarse(take, pitch, sr=sr, curve=curve, count=36, rough=0.12) * loud
    hisses = (places[1:] * n / sr)[take.numbers(count) < 0.4]
    s = [puff(take, 0.11, sr=sr, curve=band(take.log_uniform(1800, 4500), 7000)) for _ in range(3)]
    return voice + person.hiss * sprinkle(take, n, sr=sr, times=hisses - 0.05, kinds=np.array(s))


def babble_texture(room: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Talk, one or two near voices; behind them perhaps the murmur of many."""
    sound = sum(person.level * _speak(person, take, n, sr) for person in room.people)
    if room.crowd:
        for low, high in ((180, 700), (700, 1600), (1600, 3200)):
            murmur = noise(take, n, sr=sr, curve=band(low, high)) * wander(take, n, sr=sr, every=0.13, depth_db=7)
            sound = sound + room.crowd * 200 / low * murmur
    return sound


SPEECH_BABBLE = Recipe(babble_traits, texture=babble_texture)


def clap_traits(draws: Draws) -> SimpleNamespace:
    """Draw an audience: from one person clapping in time to hundreds; the hollow of the hands."""
    return SimpleNamespace(
        hands=draws.choice([1, 1, 2, 4, 12, 40, 120]), rate=draws.log_uniform(2, 6), pitch=draws.log_uniform(500, 2600),
        width=draws.log_uniform(0.3, 1.5), decay=draws.log_uniform(0.003, 0.02), unlike=draws.uniform(1.1, 2),
        together=draws.choice([False, False, True]), hiss=draws.uniform(0, 0.5))


def clap_texture(crowd: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Clap: short bursts of noise around the pitch of the hollow hands, each person at his own pace."""
    m, kinds = int((7 * crowd.decay + 0.005) * sr), []
    for _ in range(min(10, 3 * crowd.hands)):
        pitch = crowd.pitch * take.log_uniform(1 / crowd.unlike, crowd.unlike)
        curve = formants([(pitch, crowd.width * pitch, 1), (2.6 * pitch, pitch, 0.5 + crowd.hiss)], tilt_db=-1)
        kinds.append(noise(take, m, sr=sr, curve=curve) * strike(m, sr=sr, attack=0.0008, decay=crowd.decay))
    if crowd.hands > 12:
        times = take.arrivals(crowd.hands * crowd.rate, n / sr)
    else:
        beat = steady(take, n / sr, every=1 / crowd.rate, spread=0.06)
        times = [beat + 0.03 * take.numbers(len(beat)) if crowd.together else
                 steady(take, n / sr, every=take.near(1 / crowd.rate, 0.25), spread=0.08) for _ in range(crowd.hands)]
        times = np.concatenate(times)
    return sprinkle(take, n, sr=sr, times=times, kinds=np.array(kinds), uneven=0.5)


CLAPPING = Recipe(clap_traits, texture=clap_texture)


def whistle_traits(draws: Draws) -> SimpleNamespace:
    """Draw someone whistling: pitch, a scale, quick or slow, slides between the notes or not."""
    return SimpleNamespace(
        pitch=draws.log_uniform(550, 2400), scale=draws.choice([(0, 2, 4, 5, 7), (0, 3, 5, 7, 10), (0, 12), (0, 4, 7)]),
        length=draws.log_uniform(0.1, 0.8), slide=draws.uniform(0.05, 0.6), vibrato=draws.uniform(0, 0.02),
        rate=draws.uniform(4, 8), breath=draws.log_uniform(0.02, 0.5), overtone=draws.log_uniform(0.005, 0.2),
        rests=draws.uniform(0, 0.4))


def whistle_texture(person: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Whistle a tune: one pure line that steps and slides, with breath around it."""
    count = int(n / sr / person.length / 0.6) + 3
    lengths = person.length * (0.7 + 0.6 * take.numbers(count))
    starts = np.cumsum(lengths) - lengths[0] * (1 + take.uniform(0, 0.5))
    notes = np.array([take.choice(person.scale) for _ in range(count)])
    grid = np.arange(-(-n // 16) + 1) * (16 / sr)
    slides = person.slide * np.minimum(lengths, 0.25)
    when = np.stack([starts, starts + slides], axis=1).ravel()
    steps = np.interp(grid, when, np.concatenate([[notes[0]], np.repeat(notes, 2)[:-1]]))
    level = np.where(take.numbers(count) < person.rests, 0.0, 0.5 + 0.5 * take.numbers(count))
    level[take.integer(0, 1)] = 1.0
    loud = lowpass(level[np.clip(np.searchsorted(starts, grid) - 1, 0, count - 1)], sr=sr // 16, corner=14)
    pitch = person.pitch * 2 ** (stretch(steps, n) / 12)
    cycles = phase_of(pitch * (1 + person.vibrato * tone(seconds(n, sr), multiple=person.rate)), sr=sr)
    rough = unit(lowpass(take.white(n), sr=sr, corner=80))
    sound = tone(cycles) * (1 + person.breath * 0.4 * rough) + person.overtone * tone(cycles, multiple=2)
    air = noise(take, n, sr=sr, curve=formants([(person.pitch * 1.3, 0.7 * person.pitch, 1)], tilt_db=-1))
    return (sound + 0.25 * person.breath * air) * stretch(loud, n)


WHISTLING = Recipe(whistle_traits, texture=whistle_texture)


def snap_traits(draws: Draws) -> SimpleNamespace:
    """Draw fingers: pitch of the snap, how dry, snaps a second."""
    return SimpleNamespace(
        pitch=draws.log_uniform(1100, 4800), width=draws.log_uniform(0.15, 0.9), decay=draws.log_uniform(0.002, 0.012),
        every=draws.log_uniform(0.22, 1.1), spread=draws.uniform(0.02, 0.3), slip=draws.uniform(0, 0.4),
        thump=draws.uniform(0, 0.5))


def snap_texture(hand: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Snap: the finger slips with a hiss, then hits the palm with one sharp, high crack."""
    slip, m = int(0.03 * sr), int(0.12 * sr)
    kinds = []
    for _ in range(4):
        pitch = take.near(hand.pitch, 0.06)
        curve = formants([(pitch, hand.width * pitch, 1), (0.45 * pitch, 0.4 * pitch, hand.thump)], tilt_db=0)
        crack = noise(take, m, sr=sr, curve=curve) * strike(m, sr=sr, attack=0.0006, decay=hand.decay)
        snap = np.zeros(slip + m)
        mix(snap, noise(take, slip, sr=sr, curve=band(2500, 7000)) * np.linspace(0, 0.2 * hand.slip, slip), start=0)
        mix(snap, crack, start=slip)
        kinds.append(snap)
    times = steady(take, n / sr, every=hand.every, spread=hand.spread)
    return sprinkle(take, n, sr=sr, times=times, kinds=np.array(kinds), uneven=0.3)


FINGER_SNAPS = Recipe(snap_traits, texture=snap_texture)


def drink_traits(draws: Draws) -> SimpleNamespace:
    """Draw a drinker: gulps low or high, slurping or not."""
    return SimpleNamespace(
        pitch=draws.log_uniform(130, 750), rise=draws.uniform(0.8, 2.6), length=draws.log_uniform(0.05, 0.18),
        pause=draws.log_uniform(0.12, 0.6), gulps=draws.integer(1, 6), slurp=draws.choice([0.0, 0.3, 0.8]),
        bright=draws.log_uniform(1200, 4500), rattle=draws.log_uniform(20, 90), wet=draws.log_uniform(0.1, 1))


def drink_call(person: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Slurp a sip, then swallow a few times: a dull drop whose pitch slides, a wet click at both ends."""
    pieces: list = []
    if take.chance(person.slurp):
        sip = puff(take, take.uniform(0.2, 0.7), sr=sr, curve=slope(0.3, low=person.bright, high=6000), peak=0.7)
        beat = wave(seconds(len(sip), sr) * person.rattle, 0.3 + np.exp(-3 * np.arange(64) / 64))
        pieces += [0.5 * sip * beat * wander(take, len(sip), sr=sr, every=0.03, depth_db=6), take.uniform(0.05, 0.3)]
    curve = band(600, person.bright)
    for _ in range(max(1, person.gulps + take.integer(-1, 1))):
        n = int(take.near(person.length, 0.3) * sr)
        pitch = take.near(person.pitch, 0.12) * glide(n, [(0, 1), (0.3, 0.9), (1, person.rise)])
        gulp = tone(phase_of(pitch, sr=sr)) * swell(n, sr=sr, attack=0.15 * n / sr, release=0.4 * n / sr)
        click = noise(take, n, sr=sr, curve=curve) * (np.exp(-seconds(n, sr) / 0.004)
                                                      + 0.6 * np.exp(-seconds(n, sr)[::-1] / 0.006))
        pieces += [(gulp + person.wet * click) * take.uniform(0.6, 1), take.near(person.pause, 0.3)]
    pieces.append(amplitude(-18) * person.wet * puff(take, 0.3, sr=sr, curve=band(500, 3500), peak=0.2))
    return join(pieces, sr=sr)


DRINKING_GULPS = Recipe(drink_traits, call=drink_call, gap=(0.2, 1.0))
