"""Further machines: vacuum cleaner, washing machine, airplane, train, hand saw, mower, shaver, printer, sanding."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, seconds, stretch, swell, wander
from helpers.synth.filters import band, formants, lowpass, resonate, slope
from helpers.synth.further_parts import sprinkle, steady, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import firing, harmonics, noise, phase_of, tone, unit, wave


def vacuum_traits(draws: Draws) -> SimpleNamespace:
    """Draw a vacuum cleaner or hair dryer: pitch of the motor, how much is air, how it is moved about."""
    return SimpleNamespace(
        pitch=draws.log_uniform(140, 1300), tilt=draws.uniform(-9, 0), power=draws.uniform(-0.4, 1.6),
        high=draws.log_uniform(2000, 9000), whine=draws.log_uniform(0.05, 1.2), tube=draws.log_uniform(300, 3000),
        hollow=draws.uniform(0, 1.2), every=draws.uniform(0.3, 1.2), stroke=draws.uniform(0, 5),
        switched=draws.choice([False, False, False, True]), load=draws.log_uniform(0.003, 0.06))


def vacuum_texture(vacuum: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Clean: a steady whine, the rush of air around it; sometimes it is just switched on or off."""
    path = [(k / 6, 1 + vacuum.load * take.uniform(-1, 1)) for k in range(7)]
    running = np.ones(n)
    if vacuum.switched:
        middle = take.uniform(0.1, 0.35)
        points = [(0, 0.05), (middle, 0.05), (middle + 0.25, 0.9), (middle + 0.5, 1), (1.01, 1)]
        running = glide(n, points)[::-1] if take.chance(0.5) else glide(n, points)
    pitch = take.near(vacuum.pitch, 0.02) * glide(n, path, smooth=True) * np.maximum(running, 0.15)
    curve = formants([(vacuum.tube, 0.5 * vacuum.tube, 1), (2.7 * vacuum.tube, vacuum.tube, 0.5)], tilt_db=vacuum.tilt)
    whine = harmonics(pitch, sr=sr, curve=curve, count=16)
    air = noise(take, n, sr=sr, curve=slope(vacuum.power, low=120, high=vacuum.high))
    air += vacuum.hollow * noise(take, n, sr=sr, curve=curve)
    air *= wander(take, n, sr=sr, every=vacuum.every, depth_db=vacuum.stroke)
    return (vacuum.whine * whine + air) * running ** 1.5


VACUUM_CLEANER = Recipe(vacuum_traits, texture=vacuum_texture)


def washing_traits(draws: Draws) -> SimpleNamespace:
    """Draw a washing machine: turning slowly or spinning, the hum of its motor, water and knocks."""
    return SimpleNamespace(
        turns=draws.log_uniform(0.7, 16), hum=draws.log_uniform(45, 220), power=draws.uniform(0.5, 1.9),
        high=draws.log_uniform(600, 5000), depth=draws.uniform(0.3, 0.95), level=draws.log_uniform(0.1, 2),
        slosh=draws.choice([0.0, 0.5, 1.5]), knock=draws.log_uniform(0.05, 2), drum=draws.log_uniform(60, 350),
        sharp=draws.uniform(1, 5), speeding=draws.choice([0.0, 0.0, 0.5]))


def washing_texture(machine: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Wash: a hum and a rumble that come and go with every turn of the drum, water that slaps in it."""
    rate = take.near(machine.turns, 0.03) * glide(n, [(0, 1), (1, 1 + machine.speeding)])
    cycles = phase_of(rate, sr=sr, start=take.uniform(0, 1))
    swing = (0.5 + 0.5 * tone(cycles)) ** machine.sharp
    hum = harmonics(machine.hum * glide(n, [(0, 1), (1, 1 + machine.speeding)]), sr=sr,
                    curve=formants([(3 * machine.hum, 200, 1), (900, 500, 0.3)], tilt_db=-6), count=16)
    rumble = noise(take, n, sr=sr, curve=slope(machine.power, low=50, high=machine.high))
    sound = (rumble + machine.level * hum) * (1 - machine.depth + machine.depth * swing)
    sound += machine.slosh * noise(take, n, sr=sr, curve=band(500, 3500)) * np.roll(swing, n // 7) ** 2 * wander(
        take, n, sr=sr, every=0.08, depth_db=7)
    times = np.flatnonzero(np.diff(np.floor(cycles)) > 0) / sr
    thump = struck(take, 0.15, sr=sr, tones=[machine.drum, 2.3 * machine.drum], decays=[0.04, 0.02], gains=[1, 0.5],
                   scrape=0.1)
    return sound + machine.knock * sprinkle(take, n, sr=sr, times=times, kinds=thump[None] / 0.3, uneven=0.4)


WASHING_MACHINE = Recipe(washing_traits, texture=washing_texture)


def airplane_traits(draws: Draws) -> SimpleNamespace:
    """Draw an airplane, jet or propeller: it comes, passes and goes, its pitch sinking."""
    return SimpleNamespace(
        power=draws.uniform(0.7, 2.2), high=draws.log_uniform(400, 5000), pitch=draws.log_uniform(55, 600),
        whine=draws.log_uniform(0.02, 1.2), fan=draws.log_uniform(1200, 4500), fan_level=draws.choice([0.0, 0.1, 0.3]),
        propeller=draws.choice([0.0, 0.0, 0.5, 0.9]), doppler=draws.uniform(0, 0.3), tilt=draws.uniform(-9, -2),
        swell_db=draws.uniform(0, 12), every=draws.log_uniform(0.3, 1.5))


def airplane_texture(plane: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Fly past: a roar that swells and darkens, the tones in it slowly sinking."""
    nearest, width = take.uniform(-0.3, 1.3), take.uniform(0.3, 1.0)
    place = np.linspace(0, 1, 65)
    shift = 1 - plane.doppler * np.tanh((place - nearest) / width * 2)
    pitch = plane.pitch * glide(n, list(zip(place, shift, strict=True)))
    level = glide(n, [(x, 10 ** (-plane.swell_db / 20 * min(1.0, abs(x - nearest) / width))) for x in place])
    curve = formants([(2 * plane.pitch, 200, 1), (5 * plane.pitch, 500, 0.5)], tilt_db=plane.tilt)
    cycles = phase_of(pitch, sr=sr)
    roar = noise(take, n, sr=sr, curve=slope(plane.power, low=40, high=plane.high))
    roar *= 1 + plane.propeller * tone(cycles)
    sound = roar + plane.whine * harmonics(pitch, sr=sr, curve=curve, count=12)
    if plane.fan_level:
        sound += plane.fan_level * tone(cycles, multiple=plane.fan / plane.pitch)
        sound += plane.fan_level * noise(take, n, sr=sr, curve=formants([(plane.fan, 300, 1)], tilt_db=0))
    return sound * level * wander(take, n, sr=sr, every=plane.every, depth_db=3)


AIRPLANE = Recipe(airplane_traits, texture=airplane_texture)


def train_traits(draws: Draws) -> SimpleNamespace:
    """Draw a train: seconds from joint to joint, weight of the wheels, squeal of the curve, a whistle or steam."""
    return SimpleNamespace(
        every=draws.log_uniform(0.28, 1.3), pair=draws.uniform(0.07, 0.2), axles=draws.choice([1, 2, 2, 2]),
        rail=draws.log_uniform(350, 1800), wheel=draws.log_uniform(60, 200), decay=draws.log_uniform(0.01, 0.07),
        power=draws.uniform(0.8, 2.2), high=draws.log_uniform(400, 3500), rumble=draws.log_uniform(0.1, 1.2),
        squeal=draws.choice([0.0, 0.0, 0.4]), squeal_pitch=draws.log_uniform(1500, 5000),
        whistle=draws.choice([0.0, 0.0, 1.5]), chord=draws.choice([(1, 1.26), (1, 1.19, 1.5), (1, 1.33, 1.68)]),
        horn=draws.log_uniform(250, 900), steam=draws.choice([0.0, 0.0, 1.0]))


def train_texture(train: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Roll: wheels clatter over the joints in pairs, a rumble below; perhaps a squeal, a whistle or puffs of steam."""
    rumble = noise(take, n, sr=sr, curve=slope(train.power, low=40, high=train.high))
    sound = train.rumble * rumble * wander(take, n, sr=sr, every=0.2, depth_db=3)
    times = steady(take, n / sr, every=train.every, spread=0.02)
    clack = struck(take, 0.3, sr=sr, tones=[train.wheel, train.rail, 2.4 * train.rail],
                   decays=[0.05, train.decay, 0.6 * train.decay], gains=[1.2, 0.7, 0.4], scrape=0.8, scrape_decay=0.02)
    for axle in range(train.axles):
        sound += 4 * sprinkle(take, n, sr=sr, times=times + axle * train.pair, kinds=clack[None], uneven=0.3)
    if train.steam:
        beat = wave(seconds(n, sr) * 2 / train.every, np.exp(-4 * np.arange(256) / 256))
        sound += train.steam * noise(take, n, sr=sr, curve=slope(0.5, low=300, high=4000)) * beat
    if train.squeal:
        squeal = noise(take, n, sr=sr, curve=formants([(train.squeal_pitch, 60, 1)], tilt_db=0))
        sound += train.squeal * squeal * wander(take, n, sr=sr, every=0.4, depth_db=14)
    if train.whistle:
        start, end = sorted((take.uniform(0, 0.7), take.uniform(0.3, 1)))
        path = [(0, 0), (start, 0), (start + 0.03, 1), (max(end, start + 0.2), 1), (max(end, start + 0.2) + 0.05, 0)]
        blast = sum(harmonics(np.full(n, train.horn * tune), sr=sr, curve=slope(2), count=6) for tune in train.chord)
        sound += train.whistle * blast * glide(n, path)
    return sound


TRAIN = Recipe(train_traits, texture=train_texture)


def saw_traits(draws: Draws) -> SimpleNamespace:
    """Draw a hand saw and a board: strokes a second, teeth, forth against back, the ring of the blade."""
    return SimpleNamespace(
        stroke=draws.log_uniform(0.14, 0.75), centre=draws.log_uniform(700, 5500), width=draws.log_uniform(0.2, 1.5),
        back=draws.uniform(0.1, 1), sharp=draws.log_uniform(0.4, 2.5), teeth=draws.log_uniform(60, 700),
        bite=draws.uniform(0.1, 0.9), blade=draws.log_uniform(600, 3500), ringing=draws.choice([0.0, 0.3, 1.0]),
        board=draws.log_uniform(150, 600), hollow=draws.uniform(0, 0.8), rest=draws.uniform(0, 0.3))


def saw_texture(saw: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Saw: scraping strokes to and fro, the teeth heard as a rattle whose pitch follows the hand."""
    rate = wander(take, n, sr=sr, every=0.4, depth_db=0.8) / take.near(saw.stroke, 0.05)
    position = phase_of(rate, sr=sr, start=take.uniform(0, 2)) % 2.0
    place = np.clip((position % 1.0) / (1 - saw.rest), 0, 1)
    hand = np.sin(np.pi * place)
    level = hand ** saw.sharp * np.where(position < 1, 1.0, saw.back)
    curve = formants([(saw.centre, saw.width * saw.centre, 1), (saw.board, saw.board, saw.hollow)], tilt_db=0)
    cycles = phase_of(saw.teeth * (0.3 + hand) * np.where(position < 1, 1.0, 0.85), sr=sr)
    scrape = noise(take, n, sr=sr, curve=curve) * (1 - saw.bite + 2 * saw.bite * wave(
        cycles, np.exp(-4 * np.arange(64) / 64)))
    scrape *= level
    if saw.ringing:
        scrape += saw.ringing * 4 * resonate(scrape, sr=sr, centre=saw.blade, bandwidth=40)
    return scrape


HAND_SAW = Recipe(saw_traits, texture=saw_texture)


def mower_traits(draws: Draws) -> SimpleNamespace:
    """Draw a lawn mower, moped or generator: firings a second, muffler, blades in the grass."""
    return SimpleNamespace(
        speed=draws.log_uniform(18, 85), uneven=draws.uniform(0.1, 0.6), sharp=draws.uniform(3, 14),
        pipe=draws.log_uniform(80, 450), shell=draws.log_uniform(500, 2500), blade=draws.log_uniform(0.1, 1.5),
        grass=draws.log_uniform(600, 5000), rattle=draws.uniform(0, 0.7), drift=draws.log_uniform(0.005, 0.12),
        buzz=draws.log_uniform(0.1, 2))


def mower_texture(mower: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Mow: one cylinder at a steady speed, a rush of blades, the deck rattling."""
    path = [(k / 6, 1 + mower.drift * take.uniform(-1, 1)) for k in range(7)]
    cycles = phase_of(take.near(mower.speed, 0.03) * glide(n, path, smooth=True), sr=sr, start=take.uniform(0, 1))
    push = firing(cycles, take, uneven=mower.uneven, sharp=mower.sharp)
    sound = unit(3 * resonate(push, sr=sr, centre=mower.pipe, bandwidth=100)
                 + 2 * resonate(push, sr=sr, centre=mower.shell, bandwidth=500)
                 + mower.buzz * np.diff(push, prepend=push[0]))
    beat = wave(cycles, 0.5 + np.exp(-4 * np.arange(64) / 64))
    blades = noise(take, n, sr=sr, curve=slope(0.7, low=150, high=mower.grass))
    deck = noise(take, n, sr=sr, curve=band(1200, 5000)) * wander(take, n, sr=sr, every=0.02, depth_db=8)
    return sound + mower.blade * blades * beat + 0.4 * mower.rattle * deck * beat


LAWN_MOWER = Recipe(mower_traits, texture=mower_texture)


def shaver_traits(draws: Draws) -> SimpleNamespace:
    """Draw a shaver, clipper or electric toothbrush: hum and its bright harmonics, stubble, how it is pressed."""
    return SimpleNamespace(
        pitch=draws.log_uniform(50, 280), body=draws.log_uniform(700, 4000), second=draws.uniform(1.4, 2.5),
        tilt=draws.uniform(-3, 4), odd=draws.chance(0.4), grit=draws.log_uniform(0.02, 0.6),
        every=draws.log_uniform(0.1, 0.8), press=draws.uniform(0.5, 8), load=draws.log_uniform(0.003, 0.08),
        stubble=draws.choice([0.0, 0.0, 1.0]))


def shaver_texture(shaver: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Shave: a buzz of many close harmonics whose colour changes as it moves over the skin."""
    load = wander(take, n, sr=sr, every=shaver.every, depth_db=shaver.press)
    pitch = take.near(shaver.pitch, 0.02) * (1 - shaver.load * (load - 1).clip(-1, 1))
    curve = formants([(shaver.body, 0.4 * shaver.body, 1), (shaver.second * shaver.body, 900, 0.8), (250, 300, 0.5)],
                     tilt_db=shaver.tilt)
    edge = slope(0, low=20, high=14 * shaver.pitch)              # fades before the last harmonic, else one sees it end
    buzz = harmonics(pitch, sr=sr, curve=lambda hz: curve(hz) * edge(hz) ** 2, count=36, odd=shaver.odd)
    sound = buzz * (0.5 + 0.5 * load) + shaver.grit * noise(take, n, sr=sr, curve=band(1500, 7500)) * load
    if shaver.stubble:
        hairs = struck(take, 0.01, sr=sr, tones=[4200], decays=[0.001], gains=[1], scrape=3, scrape_decay=0.001)
        sound += 2 * sprinkle(take, n, sr=sr, times=take.arrivals(60, n / sr), kinds=hairs[None], uneven=3)
    return sound


ELECTRIC_SHAVER = Recipe(shaver_traits, texture=shaver_texture)


def printer_traits(draws: Draws) -> SimpleNamespace:
    """Draw a printer or scanner: passes of the head a second, pitch of the stepping motor, needles, paper feed."""
    return SimpleNamespace(
        every=draws.log_uniform(0.2, 1.1), pitch=draws.log_uniform(150, 1500), jump=draws.log_uniform(0.6, 1.8),
        motor=draws.log_uniform(0.05, 1.2), low=draws.log_uniform(500, 3500), needles=draws.choice([0.0, 0.5, 0.95]),
        rate=draws.log_uniform(60, 350), feed=draws.uniform(0.05, 0.3), clunk=draws.log_uniform(0.05, 1.5),
        clunk_pitch=draws.log_uniform(200, 1500), fan=draws.log_uniform(0.003, 0.1))


def printer_texture(printer: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Print: the head runs to and fro on one pitch and another, clunks where it turns, feeds the paper."""
    time = seconds(n, sr)
    position = time / take.near(printer.every, 0.02) + take.uniform(0, 1)
    even, place = np.floor(position) % 2 < 1, position % 1.0
    running = np.clip((place - printer.feed) / 0.06, 0, 1) * np.clip((1 - place) / 0.06, 0, 1)
    grid = np.where(even, printer.pitch, printer.pitch * printer.jump)[::32]
    pitch = stretch(np.append(grid, [grid[-1]] * 2), n, step=32) * (0.4 + 0.6 * running)
    motor = harmonics(pitch, sr=sr, curve=formants([(1800, 1200, 1), (4200, 1500, 0.6)], tilt_db=-2), count=10)
    head = noise(take, n, sr=sr, curve=band(printer.low, 7000))
    head *= 1 - printer.needles + 2 * printer.needles * wave(time * printer.rate, np.exp(-5 * np.arange(64) / 64))
    sound = (printer.motor * motor + head) * running * np.where(even, 1.0, 0.8)
    times = np.flatnonzero(np.diff(np.floor(position)) > 0) / sr
    clunk = struck(take, 0.1, sr=sr, tones=[printer.clunk_pitch, 2.7 * printer.clunk_pitch], decays=[0.012, 0.008],
                   gains=[1, 0.7], scrape=1, scrape_decay=0.006)
    sound += 4 * printer.clunk * sprinkle(take, n, sr=sr, times=times, kinds=clunk[None], uneven=0.3)
    return sound + printer.fan * noise(take, n, sr=sr, curve=slope(1, low=100, high=3000))


PRINTER = Recipe(printer_traits, texture=printer_texture)


def sanding_traits(draws: Draws) -> SimpleNamespace:
    """Draw sandpaper, a broom or a toothbrush: strokes a second, coarse or fine, forth against back."""
    return SimpleNamespace(
        stroke=draws.log_uniform(0.07, 0.5), low=draws.log_uniform(600, 4000), high=draws.log_uniform(3500, 9000),
        back=draws.uniform(0.3, 1), brighter=draws.uniform(0.8, 1.25), grain=draws.log_uniform(0.002, 0.03),
        coarse=draws.uniform(0.5, 9), sharp=draws.log_uniform(0.3, 1.5), hollow=draws.log_uniform(250, 1200),
        body=draws.uniform(0, 0.6))


def sanding_texture(paper: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Rub to and fro: soft strokes of hiss, one way a little brighter than the other."""
    rate = wander(take, n, sr=sr, every=0.3, depth_db=1) / take.near(paper.stroke, 0.06)
    position = phase_of(rate, sr=sr, start=take.uniform(0, 2)) % 2.0
    level = np.abs(np.sin(np.pi * position)) ** paper.sharp
    forth = lowpass((position < 1).astype(float), sr=sr, corner=40)
    sound = noise(take, n, sr=sr, curve=band(paper.low, paper.high)) * forth
    other = band(paper.brighter * paper.low, paper.brighter * paper.high)
    sound += paper.back * noise(take, n, sr=sr, curve=other) * (1 - forth)
    sound += paper.body * noise(take, n, sr=sr, curve=formants([(paper.hollow, 0.5 * paper.hollow, 1)]))
    grains = wander(take, n, sr=sr, every=paper.grain, depth_db=paper.coarse)
    return sound * level * grains * swell(n, sr=sr, attack=0.005, release=0.005)


SANDING = Recipe(sanding_traits, texture=sanding_texture)
