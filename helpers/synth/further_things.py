"""Further things: keys, a mouse, doors, cans, zips, coins, a hammer, paper."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, join, mix, seconds, strike, swell, wander
from helpers.synth.filters import band, formants
from helpers.synth.further_parts import hoarse, sprinkle, steady, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import noise, phase_of, unit, wave


def typing_traits(draws: Draws) -> SimpleNamespace:
    """Draw a keyboard or typewriter and who types: keys a second, their click and clack, the desk below."""
    return SimpleNamespace(
        rate=draws.log_uniform(3, 14), tones=[draws.log_uniform(900, 6000) for _ in range(4)],
        decay=draws.log_uniform(0.002, 0.012), desk=draws.log_uniform(120, 500), thud=draws.log_uniform(0.05, 1),
        scrape=draws.log_uniform(0.3, 3), release=draws.uniform(0.1, 0.8), hold=draws.uniform(0.04, 0.12),
        unlike=draws.uniform(0.02, 0.3), bursts=draws.uniform(0.2, 0.9))


def typing_texture(keys: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Type: two small clicks for every key, down and up, in bursts with pauses."""
    times = steady(take, n / sr, every=1 / keys.rate, spread=keys.bursts)
    kinds = [struck(take, 0.06, sr=sr, tones=[take.near(f, keys.unlike) for f in keys.tones] + [keys.desk],
                    decays=[keys.decay] * 4 + [0.012], gains=[0.5, 0.4, 0.3, 0.3, keys.thud], scrape=keys.scrape,
                    scrape_decay=0.6 * keys.decay) for _ in range(8)]
    pressed = times[take.numbers(len(times)) < 0.9] if len(times) > 3 else times
    sound = sprinkle(take, n, sr=sr, times=pressed, kinds=np.array(kinds), uneven=0.6)
    up = pressed + keys.hold * (0.8 + 0.4 * take.numbers(len(pressed)))
    return sound + keys.release * sprinkle(take, n, sr=sr, times=up, kinds=np.array(kinds[::-1]), uneven=0.6)


KEYBOARD_TYPING = Recipe(typing_traits, texture=typing_texture)


def mouse_traits(draws: Draws) -> SimpleNamespace:
    """Draw a mouse or a switch: pitch of the click, time to its second half, clicks in a row."""
    return SimpleNamespace(
        tones=[draws.log_uniform(1500, 6500) for _ in range(3)], decay=draws.log_uniform(0.001, 0.006),
        hold=draws.log_uniform(0.04, 0.2), back=draws.uniform(0.3, 1), back_pitch=draws.uniform(0.75, 1.3),
        clicks=draws.choice([1, 1, 2, 2, 3]), pause=draws.log_uniform(0.08, 0.4), scrape=draws.log_uniform(0.2, 2),
        body=draws.log_uniform(250, 900), thud=draws.uniform(0, 0.5))


def mouse_call(mouse: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Click: down, and a tenth of a second later up; once or twice."""
    pieces: list = []
    for _ in range(mouse.clicks):
        for pitch, level, pause in ((1.0, 1.0, mouse.hold), (mouse.back_pitch, mouse.back, mouse.pause)):
            click = struck(take, 0.03, sr=sr, tones=[pitch * f for f in mouse.tones] + [mouse.body],
                           decays=[mouse.decay] * 3 + [0.006], gains=[0.6, 0.5, 0.4, mouse.thud], scrape=mouse.scrape,
                           scrape_decay=0.5 * mouse.decay)
            pieces += [level * take.uniform(0.8, 1) * click, take.near(pause, 0.2)]
    return join(pieces, sr=sr)


MOUSE_CLICK = Recipe(mouse_traits, call=mouse_call, gap=(0.15, 1.4))


def knock_traits(draws: Draws) -> SimpleNamespace:
    """Draw a door and a fist: how deep the wood sounds, knocks in a row, their pace."""
    pitch = draws.log_uniform(90, 480)
    return SimpleNamespace(
        tones=[pitch * ratio * draws.uniform(0.9, 1.1) for ratio in (1, 1.7, 2.6, 4.1, 6.3)],
        decay=draws.log_uniform(0.012, 0.07), knocks=draws.integer(2, 7), pause=draws.log_uniform(0.09, 0.4),
        bright=draws.uniform(0.1, 0.9), scrape=draws.log_uniform(0.05, 1), accent=draws.uniform(0.5, 1))


def knock_call(door: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Knock a few times in an even rhythm: knuckles on a board that sounds low and short."""
    pieces: list = []
    for _ in range(max(2, door.knocks + take.integer(-1, 1))):
        knock = struck(take, 0.05 + 4 * door.decay, sr=sr, tones=[take.near(f, 0.02) for f in door.tones],
                       decays=[door.decay * 0.8 ** k for k in range(5)], gains=[door.bright ** k for k in range(5)],
                       scrape=door.scrape, scrape_decay=0.004)
        pieces.append(knock[:int(take.near(door.pause, 0.12) * sr)] * take.uniform(door.accent, 1))
        if len(knock) < door.pause * sr:
            pieces.append(door.pause - len(knock) / sr)
    return join(pieces, sr=sr)


DOOR_KNOCK = Recipe(knock_traits, call=knock_call, gap=(0.5, 1.8))


def creak_traits(draws: Draws) -> SimpleNamespace:
    """Draw a hinge or a floorboard: how fast it sticks and slips, how it speeds, what resounds."""
    return SimpleNamespace(
        rate=draws.log_uniform(25, 700), bend=draws.log_uniform(0.35, 3), length=draws.log_uniform(0.3, 1.8),
        wood=draws.log_uniform(350, 1600), second=draws.uniform(1.6, 3), rough=draws.log_uniform(0.1, 1.5),
        focus=draws.log_uniform(0.08, 0.5), stutter=draws.uniform(1, 12), air=draws.log_uniform(0.01, 0.3))


def creak_call(hinge: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Creak: stick and slip, from a row of clicks up to a groan or squeal, in two resonances."""
    n = int(take.near(hinge.length, 0.3) * sr)
    middle = take.log_uniform(0.6, 1.6)
    pitch = take.near(hinge.rate, 0.15) * glide(n, [(0, 1), (take.uniform(0.3, 0.7), middle), (1, hinge.bend)])
    pitch = np.maximum(pitch, 12)
    curve = formants([(hinge.wood, hinge.focus * hinge.wood, 1), (hinge.second * hinge.wood, 300, 0.8),
                      (2.2 * hinge.second * hinge.wood, 700, 0.5)], tilt_db=0)
    squeak = hoarse(take, pitch, sr=sr, curve=curve, count=48, rough=hinge.rough)
    rub = hinge.air * noise(take, n, sr=sr, curve=curve)
    return (squeak + rub) * wander(take, n, sr=sr, every=0.06, depth_db=hinge.stutter) * swell(
        n, sr=sr, attack=0.06, release=0.08)


DOOR_CREAK = Recipe(creak_traits, call=creak_call, gap=(0.1, 1.0))


def can_traits(draws: Draws) -> SimpleNamespace:
    """Draw a can or bottle: crack of the lid, hiss of the gas, ring of the metal."""
    return SimpleNamespace(
        tones=[draws.log_uniform(700, 5500) for _ in range(4)], decay=draws.log_uniform(0.005, 0.04),
        low=draws.log_uniform(800, 3500), hiss=draws.log_uniform(0.15, 1.5), length=draws.log_uniform(0.06, 0.9),
        wait=draws.log_uniform(0.01, 0.25), second=draws.uniform(0, 1), fizz=draws.choice([0.0, 0.05, 0.2]),
        scrape=draws.log_uniform(0.3, 3))


def can_call(can: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Open: a crack, gas that escapes with a falling hiss, the tab bending, some fizz."""
    n = int((can.length + 0.7) * sr)
    sound, time = np.zeros(n), seconds(n, sr)
    crack = struck(take, 0.15, sr=sr, tones=can.tones, decays=[can.decay] * 4, gains=[0.5] * 4, scrape=can.scrape,
                   scrape_decay=0.006)
    gas = noise(take, n, sr=sr, curve=band(can.low, 8000)) * np.exp(-time / (0.4 * can.length))
    mix(sound, crack, start=0)
    mix(sound, can.hiss * gas, start=int(0.004 * sr))
    mix(sound, crack, start=int((can.wait + 0.03) * sr), gain=can.second)
    fizz = noise(take, n, sr=sr, curve=band(3000, 8000)) * wander(take, n, sr=sr, every=0.004, depth_db=9)
    return (sound + can.fizz * fizz * np.minimum(time / 0.2, 1)) * swell(n, sr=sr, attack=0.0005, release=0.2)


CAN_OPENING = Recipe(can_traits, call=can_call, gap=(0.4, 2))


def zip_traits(draws: Draws) -> SimpleNamespace:
    """Draw a zip: teeth a second, how the hand speeds up, coarse or fine."""
    return SimpleNamespace(
        teeth=draws.log_uniform(45, 450), length=draws.log_uniform(0.15, 1.1), bend=draws.log_uniform(0.5, 2.5),
        centre=draws.log_uniform(1400, 6000), width=draws.log_uniform(0.2, 1.2), hard=draws.uniform(2, 10),
        hiss=draws.log_uniform(0.05, 0.8), twice=draws.chance(0.4), pause=draws.log_uniform(0.05, 0.5))


def zip_call(zipper: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Zip up, and perhaps down again: a rattle of teeth so quick that it has a pitch."""
    pieces: list = []
    for way in (1, -1) if zipper.twice else (take.choice([1, -1]),):
        n = int(take.near(zipper.length, 0.25) * sr)
        speed = glide(n, [(0, 0.6), (take.uniform(0.2, 0.8), 1), (1, 0.8 * zipper.bend)], smooth=True)[::way]
        curve = formants([(zipper.centre, zipper.width * zipper.centre, 1)], tilt_db=0.5)
        teeth = wave(phase_of(take.near(zipper.teeth, 0.1) * speed, sr=sr), np.exp(-zipper.hard * np.arange(64) / 64))
        rasp = noise(take, n, sr=sr, curve=curve) * (teeth + 0.4 * zipper.hiss)
        pieces += [rasp * speed * swell(n, sr=sr, attack=0.02, release=0.02), take.near(zipper.pause, 0.4)]
    return join(pieces, sr=sr)


ZIPPER = Recipe(zip_traits, call=zip_call, gap=(0.1, 1.2))


def coins_traits(draws: Draws) -> SimpleNamespace:
    """Draw coins, keys or cutlery: pitch, how many, dropped or jingled, how long they ring."""
    return SimpleNamespace(
        pitch=draws.log_uniform(1200, 4500), range=draws.uniform(1.1, 1.9), decay=draws.log_uniform(0.008, 0.16),
        number=draws.integer(1, 4), bounce=draws.uniform(0.5, 0.85), first=draws.log_uniform(0.06, 0.35),
        jingle=draws.chance(0.5), rate=draws.log_uniform(5, 35), clatter=draws.log_uniform(0.02, 0.6))


def coins_texture(coins: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Jingle, or drop and bounce quicker and quicker: high tones that belong to no chord."""
    kinds = []
    for _ in range(6):
        pitch = coins.pitch * take.log_uniform(1 / coins.range, coins.range)
        tones, decays = [pitch * k for k in (1, 1.48, 2.31, 2.9)], [coins.decay * k for k in (1, 0.8, 0.5, 0.3)]
        kinds.append(struck(take, min(5 * coins.decay, 0.4), sr=sr, tones=tones, decays=decays,
                            gains=[0.8, 1, 0.7, 0.5], scrape=coins.clatter, scrape_decay=0.003))
    if coins.jingle:
        times = take.arrivals(coins.rate, n / sr)
        times = times[np.sin(2 * np.pi * (times * take.uniform(1, 4) + take.uniform(0, 1))) > -0.6]
    else:
        drops = [start + np.cumsum(np.append(0, coins.first * take.near(coins.bounce, 0.1) ** np.arange(14)))
                 for start in steady(take, n / sr, every=1.2 / coins.number, spread=0.7)]
        times = np.concatenate(drops) if drops else np.zeros(1)
    return sprinkle(take, n, sr=sr, times=times, kinds=np.array(kinds), uneven=1)


COINS = Recipe(coins_traits, texture=coins_texture)


def hammer_traits(draws: Draws) -> SimpleNamespace:
    """Draw a hammer and what it hits: nail, plank, anvil; blows a second."""
    return SimpleNamespace(
        every=draws.log_uniform(0.2, 1.0), spread=draws.uniform(0.01, 0.2), body=draws.log_uniform(100, 500),
        tones=[draws.log_uniform(600, 5500) for _ in range(4)], steel=draws.log_uniform(0.05, 1),
        decay=draws.log_uniform(0.006, 0.2), scrape=draws.log_uniform(0.2, 2), bounce=draws.choice([0.0, 0.0, 0.3]),
        rise=draws.uniform(1, 1.06))


def hammer_texture(hammer: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Hammer: hard blows in an even rhythm, each a thud and a ring of steel, a nail a little higher each time."""
    sound = np.zeros(n)
    for k, when in enumerate(steady(take, n / sr, every=hammer.every, spread=hammer.spread)):
        blow = struck(take, 0.06 + 2.5 * hammer.decay, sr=sr, tones=[hammer.body] + [
            f * min(hammer.rise ** k, 1.5) for f in hammer.tones], decays=[0.025] + [hammer.decay] * 4,
            gains=[1.0] + [hammer.steel] * 4, scrape=hammer.scrape, scrape_decay=0.004)
        mix(sound, blow, start=int(when * sr), gain=take.uniform(0.6, 1))
        mix(sound, blow, start=int((when + 0.09) * sr), gain=hammer.bounce)
    return sound


HAMMERING = Recipe(hammer_traits, texture=hammer_texture)


def paper_traits(draws: Draws) -> SimpleNamespace:
    """Draw paper, foil or a plastic bag: how stiff, how many folds snap, rubbing between."""
    return SimpleNamespace(
        rate=draws.log_uniform(40, 350), low=draws.log_uniform(700, 3000), high=draws.log_uniform(3500, 9000),
        decay=draws.log_uniform(0.0008, 0.006), uneven=draws.uniform(1.5, 5), rub=draws.log_uniform(0.05, 0.9),
        every=draws.log_uniform(0.08, 0.45), depth=draws.uniform(4, 18), ring=draws.log_uniform(800, 4000))


def paper_texture(paper: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Crumple: crowds of tiny snaps that come in squeezes, rustling between them."""
    m, kinds = int((8 * paper.decay + 0.004) * sr), []
    for _ in range(12):
        curve = formants([(take.near(paper.ring, 0.4), paper.ring, 1), (take.uniform(paper.low, paper.high), 2500, 1)],
                         tilt_db=0.5)
        kinds.append(noise(take, m, sr=sr, curve=curve) * strike(
            m, sr=sr, attack=0.0003, decay=paper.decay * take.log_uniform(0.5, 2)))
    squeeze = wander(take, n, sr=sr, every=paper.every, depth_db=paper.depth)
    snaps = sprinkle(take, n, sr=sr, times=take.arrivals(paper.rate, n / sr), kinds=np.array(kinds),
                     uneven=paper.uneven)
    rustle = noise(take, n, sr=sr, curve=band(paper.low, paper.high)) * wander(take, n, sr=sr, every=0.01, depth_db=6)
    return (unit(snaps) + paper.rub * rustle) * squeeze


PAPER_CRUMPLING = Recipe(paper_traits, texture=paper_texture)
