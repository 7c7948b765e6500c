"""Motors: helicopter, chainsaw, car engine, drill, jackhammer."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, seconds, wander
from helpers.synth.filters import band, formants, lowpass, resonate, slope
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import TAU, firing, harmonics, noise, phase_of, ring, scatter, tone, unit, wave


def helicopter_traits(draws: Draws) -> SimpleNamespace:
    """Draw a helicopter: blades a second, how hard they slap, its gearbox and turbine, how far the band reaches."""
    return SimpleNamespace(
        blades=draws.log_uniform(8.5, 26), width=draws.uniform(0.08, 0.25), slap=draws.uniform(0.3, 1.5),
        high=draws.log_uniform(500, 3500), tail=draws.log_uniform(55, 130), tail_level=draws.uniform(0, 0.5),
        turbine=draws.log_uniform(700, 3200), turbine_level=draws.choice([0.0, 0.0, 1.0]) * draws.uniform(0.02, 0.25),
        depth=draws.uniform(0.35, 0.95), power=draws.uniform(0.6, 1.6), odd_blade=draws.uniform(0.5, 1),
        crack=draws.uniform(0, 0.8))


def helicopter_texture(helicopter: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Fly: noise chopped by the blades, a slap of low pressure each time one comes round, and the tail rotor."""
    blades = take.near(helicopter.blades, 0.03)
    rate = blades * glide(n, [(0, take.near(1, 0.01)), (0.5, take.near(1, 0.01)), (1, take.near(1, 0.01))])
    cycles = phase_of(rate, sr=sr, start=take.uniform(0, 1))
    position = np.arange(2048) / 1024                                    # two blades, one of them weaker
    blade = np.exp(-0.5 * ((position % 1.0 - 0.5) / (helicopter.width / 2)) ** 2)
    blade[1024:] *= helicopter.odd_blade
    thump = np.zeros(1024)
    for k in range(1, 25):
        thump += np.sin(TAU * k * position[:1024]) / k ** 0.7 / (1 + (k * blades / 180) ** 2)
    air = noise(take, n, sr=sr, curve=slope(helicopter.power, low=40, high=helicopter.high))
    chop = wave(cycles / 2, blade)
    sound = air * (1 - helicopter.depth + 2.2 * helicopter.depth * chop)
    sound += 0.35 * helicopter.slap * wave(cycles, thump)
    if helicopter.crack > 0.3:                                          # the edge of the slap, heard when it is near
        sound += helicopter.crack * noise(take, n, sr=sr, curve=band(300, 2500)) * chop * chop
    hum = sum(np.sin(TAU * k * position[:1024]) / k for k in range(1, 7))
    sound += 1.15 * helicopter.tail_level * wave(cycles * (helicopter.tail / blades), hum)
    if helicopter.turbine_level:
        sound += helicopter.turbine_level * tone(cycles, multiple=helicopter.turbine / blades)
    return sound * wander(take, n, sr=sr, every=1.0, depth_db=4)


HELICOPTER = Recipe(helicopter_traits, texture=helicopter_texture)


def chainsaw_traits(draws: Draws) -> SimpleNamespace:
    """Draw a chainsaw: firings a second idle and at full throttle, its muffler, the noise of chain and wood."""
    return SimpleNamespace(
        idle=draws.uniform(38, 65), full=draws.uniform(95, 200), cut=draws.uniform(0.75, 0.95),
        muffler=draws.log_uniform(220, 700), shell=draws.log_uniform(1100, 3000), uneven=draws.uniform(0.2, 0.7),
        noise=draws.uniform(0.1, 0.7), sharp=draws.uniform(6, 18), chain=draws.uniform(0, 0.5),
        buzz=draws.uniform(0.1, 1.0), high=draws.log_uniform(3000, 9000), spin_down=draws.uniform(0.15, 0.8))


def _throttle(saw: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Firings a second over the clip: blips and holds, up fast, down slowly."""
    duration, time = n / sr, 0.0
    speed = take.choice([saw.idle, saw.full, saw.full])
    points = [(0.0, speed)]
    while time < duration + 0.5:
        hold = take.log_uniform(0.08, 1.5)
        points.append((time + hold, speed * take.near(1, 0.03)))
        following = take.choice([saw.idle, saw.full, saw.full * saw.cut, saw.full * saw.cut]) * take.near(1, 0.05)
        ramp = take.uniform(0.08, 0.3) if following > speed else saw.spin_down * take.uniform(0.7, 1.3)
        points.append((time + hold + ramp / 3, speed + 0.6 * (following - speed)))
        points.append((time + hold + ramp, following))
        time, speed = time + hold + ramp, following
    return glide(n, [(when / duration, value) for when, value in points], smooth=True)


def chainsaw_texture(saw: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Saw: a two-stroke that revs and sags, harmonics close together, the chain's noise on top."""
    speed = _throttle(saw, take, n, sr)
    unsteady = 1 + 0.012 * unit(lowpass(take.white(n), sr=sr, corner=12))
    cycles = phase_of(speed * unsteady, sr=sr, start=take.uniform(0, 1))
    push = firing(cycles, take, uneven=saw.uneven, sharp=saw.sharp)
    edge = np.diff(push, prepend=push[0])                                # the sudden opening of the exhaust port
    engine = unit(3 * resonate(push, sr=sr, centre=saw.muffler, bandwidth=300)
                  + 2.5 * resonate(push, sr=sr, centre=saw.shell, bandwidth=1100) + 0.5 * push + 2.5 * saw.buzz * edge)
    load = (speed - saw.idle) / (saw.full - saw.idle)
    strokes = wave(cycles, 0.6 + 0.4 * np.exp(-3 * np.arange(64) / 64))
    teeth = noise(take, n, sr=sr, curve=band(900, saw.high)) * np.clip(load, 0.05, 1.2) * strokes
    whine = 0.4 * tone(cycles, multiple=7.3) * np.clip(load, 0, 1)
    return engine * (0.35 + 0.65 * np.clip(load, 0, 1.2)) + saw.noise * teeth + saw.chain * whine


CHAINSAW = Recipe(chainsaw_traits, texture=chainsaw_texture)


def engine_traits(draws: Draws) -> SimpleNamespace:
    """Draw a car engine: firings a second, cylinders, exhaust, and the whine of belts."""
    return SimpleNamespace(
        speed=draws.log_uniform(16, 60), cylinders=draws.choice([3, 4, 4, 6]), pipe=draws.log_uniform(70, 220),
        block=draws.log_uniform(280, 800), uneven=draws.uniform(0.15, 0.6), sharp=draws.uniform(4, 12),
        noise=draws.uniform(0.05, 0.5), high=draws.log_uniform(600, 3000), whine=draws.log_uniform(400, 2200),
        whine_level=draws.uniform(0, 0.09), revving=draws.chance(0.4))


def engine_texture(engine: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Run: low firings, each cylinder with its own strength, idling or revved."""
    swing = [(k / 5, 1 + (take.uniform(0, 0.9) if engine.revving else take.uniform(-0.03, 0.03))) for k in range(6)]
    speed = engine.speed * glide(n, swing)
    cycles = phase_of(speed, sr=sr, start=take.uniform(0, 1))
    push = firing(cycles, take, uneven=engine.uneven, sharp=engine.sharp)
    strength = 1 + 0.25 * (2 * take.numbers(engine.cylinders) - 1)
    push = push * strength[np.floor(cycles).astype(np.int64) % engine.cylinders]
    sound = (3 * resonate(push, sr=sr, centre=engine.pipe, bandwidth=80)
             + 2 * resonate(push, sr=sr, centre=engine.block, bandwidth=220)
             + 0.3 * lowpass(push, sr=sr, corner=engine.high))
    strokes = wave(cycles, 0.6 + 0.4 * np.exp(-3 * np.arange(64) / 64))
    air = noise(take, n, sr=sr, curve=slope(1.0, low=60, high=engine.high)) * strokes
    whine = tone(cycles, multiple=engine.whine / engine.speed)
    return unit(sound) + engine.noise * air + engine.whine_level * whine


ENGINE = Recipe(engine_traits, texture=engine_texture)


def drill_traits(draws: Draws) -> SimpleNamespace:
    """Draw a drill: whine of the gears, how it sags under load, the grind of the bit in the wall."""
    return SimpleNamespace(
        whine=draws.log_uniform(380, 950), turns=draws.uniform(18, 45), sag=draws.uniform(0.08, 0.35),
        grind=draws.uniform(0.3, 1.3), grind_low=draws.log_uniform(1200, 3000), brush=draws.uniform(0.1, 0.5),
        body=draws.log_uniform(900, 2600), tilt=draws.uniform(-5, -1), hum=draws.uniform(0.1, 0.6))


def _presses(drill: SimpleNamespace, take: Draws, n: int, sr: int) -> tuple[np.ndarray, np.ndarray]:
    """Speed (1 is running free) and load (0 to 1) over the clip: pull the trigger, press, let go."""
    duration, time = n / sr, take.uniform(-1.0, 0.4)
    speeds, loads = [(-10.0, 0.02)], [(-10.0, 0.0)]
    while time < duration:
        bite, hold = time + take.uniform(0.25, 0.6), take.uniform(0.7, 2.0)
        sag = take.near(drill.sag, 0.3)
        speeds += [(time, 0.02), (time + 0.18, 0.9), (time + 0.3, 1.0), (bite, 1.0), (bite + 0.2, 1 - sag),
                   (bite + hold, 1 - 0.8 * sag), (bite + hold + 0.12, 1.0), (bite + hold + 0.3, 1.0),
                   (bite + hold + 0.7, 0.02)]
        loads += [(bite, 0.0), (bite + 0.15, 1.0), (bite + hold, 0.8), (bite + hold + 0.08, 0.0)]
        time = bite + hold + 0.75 + take.uniform(0.05, 0.5)
    return tuple(glide(n, [(when / duration, value) for when, value in points]) for points in (speeds, loads))


def drill_texture(drill: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Drill: a whine that runs up, sags as the bit bites, and runs out; grinding while it bites."""
    speed, load = _presses(drill, take, n, sr)
    running = np.clip(1.15 * speed - 0.05, 0, 1)
    pitch = take.near(drill.whine, 0.03) * np.maximum(speed, 0.08)
    curve = formants([(drill.body, 700, 1), (2.3 * drill.body, 1500, 0.5)], tilt_db=drill.tilt)
    whine = harmonics(pitch, sr=sr, curve=curve, count=14)
    cycles = phase_of(drill.turns * np.maximum(speed, 0.08), sr=sr)
    turn = wave(cycles, 0.35 + np.exp(-4 * np.arange(64) / 64))
    grind = noise(take, n, sr=sr, curve=band(drill.grind_low, 6500)) * turn
    grind *= wander(take, n, sr=sr, every=0.06, depth_db=3)
    hum = lowpass(firing(cycles * 2, take, uneven=0.3, sharp=6), sr=sr, corner=700)
    brush = noise(take, n, sr=sr, curve=band(2500, 7000))
    sound = (whine * (1 - 0.35 * load) + drill.brush * 0.5 * brush + drill.hum * 0.5 * unit(hum)) * running ** 1.5
    return sound + 1.4 * drill.grind * grind * load + 1e-4 * brush


DRILL = Recipe(drill_traits, texture=drill_texture)


def jackhammer_traits(draws: Draws) -> SimpleNamespace:
    """Draw a jackhammer: blows a second, the ring of the chisel, the ground, the compressor behind."""
    return SimpleNamespace(
        blows=draws.uniform(19, 31), steel=[draws.log_uniform(900, 5200) for _ in range(5)],
        decay=draws.log_uniform(0.004, 0.016), ground=draws.log_uniform(70, 190), thud=draws.uniform(0.4, 1.4),
        rubble=draws.uniform(0.3, 1.2), compressor=draws.uniform(0.05, 0.3), engine=draws.uniform(22, 40),
        exhaust=draws.uniform(0.1, 0.7))


def jackhammer_texture(hammer: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Hammer in bursts: a blow is a click, a ring of steel and a thud of the ground; puffs of air between."""
    starts, loud, time = [], [], take.uniform(-1.5, 0.5)
    while time < n / sr:
        end = time + take.uniform(0.7, 2.6)
        while time < end:
            if 0 <= time < n / sr:
                starts.append(int(time * sr))
                loud.append(take.uniform(0.65, 1.0))
            time += take.near(1 / hammer.blows, 0.04)
        time += take.uniform(0.15, 0.7)
    m = int(0.1 * sr)
    after = seconds(m, sr)
    blows = []
    for _ in range(6):
        steel = ring(m, sr=sr, frequencies=[take.near(f, 0.01) for f in hammer.steel] + [hammer.ground],
                     decays=[hammer.decay] * 5 + [0.018], gains=[0.8, 0.7, 0.6, 0.5, 0.4, hammer.thud], draws=take)
        rubble = hammer.rubble * take.white(m) * np.exp(-after / 0.006)
        puff = hammer.exhaust * 0.5 * resonate(take.white(m), sr=sr, centre=700, bandwidth=900)
        blows.append(steel + rubble + puff * np.exp(-((after - 0.02) / 0.01) ** 2))
    which = (take.numbers(len(starts)) * 6).astype(np.int64)
    grains = np.array(blows)[which] * np.array(loud).reshape(-1, 1)
    hammering = scatter(n, np.array(starts, np.int64), grains)
    cycles = phase_of(np.full(n, take.near(hammer.engine, 0.02)), sr=sr, start=take.uniform(0, 1))
    motor = resonate(firing(cycles, take, uneven=0.4, sharp=6), sr=sr, centre=140, bandwidth=90)
    air = noise(take, n, sr=sr, curve=slope(0.8, low=60, high=3000))
    return unit(hammering) + hammer.compressor * (unit(motor) + 0.5 * air)


JACKHAMMER = Recipe(jackhammer_traits, texture=jackhammer_texture)
