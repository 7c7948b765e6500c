"""Bells and tones: church bells, an alarm, a telephone, plucked strings, a music box, radio static."""

from types import SimpleNamespace

import numpy as np

from helpers.synth.envelopes import glide, mix, seconds, strike, swell, wander
from helpers.synth.filters import band, formants, lowpass, slope
from helpers.synth.further_parts import sprinkle, steady, struck
from helpers.synth.keys import Draws
from helpers.synth.recipe import Recipe
from helpers.synth.sources import harmonics, noise, phase_of, tone

SCALES = ((0, 2, 4, 7, 9, 12), (0, 2, 3, 5, 7, 8, 11, 12), (0, 4, 7, 12, 16), (0, 3, 5, 6, 7, 10, 12))
"""Notes that go together, in semitones."""


def bells_traits(draws: Draws) -> SimpleNamespace:
    """Draw a tower, or a bicycle bell: one bell or several, partial tones, swing and length of the ring."""
    return SimpleNamespace(
        pitch=draws.log_uniform(110, 1500), bells=draws.choice([(1.0,), (1.0,), (1.0, 0.84), (1.0, 0.89, 0.75, 0.67)]),
        partials=[ratio * draws.uniform(0.985, 1.015) for ratio in (0.5, 1, 1.19, 1.5, 2, 2.51, 3.01, 4.1, 5.4)],
        decay=draws.log_uniform(0.25, 2.5), bright=draws.uniform(0.5, 0.95), every=draws.log_uniform(0.25, 1.6),
        spread=draws.uniform(0.01, 0.3), clapper=draws.log_uniform(0.02, 0.6), hum=draws.uniform(0.1, 1))


def bells_texture(tower: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Ring: each blow starts all partial tones at once, the high ones die first."""
    gains = [tower.hum] + [tower.bright ** k for k in range(8)]
    decays = [1.3 * tower.decay] + [tower.decay / (1 + 0.4 * k) for k in range(8)]
    kinds = []
    for tune in tower.bells:
        bell = struck(take, n / sr + 0.5, sr=sr, tones=[tune * tower.pitch * ratio for ratio in tower.partials],
                      decays=decays,
                          gains=gains, scrape=2 * tower.clapper, scrape_decay=0.008)
        kinds.append(bell)
    sound = np.zeros(n)
    mix(sound, kinds[-1], start=-int(take.uniform(0.05, 0.6) * tower.every * sr), gain=0.7)
    for k, when in enumerate(steady(take, n / sr, every=tower.every, spread=tower.spread)):
        mix(sound, kinds[k % len(kinds)], start=int(when * sr), gain=take.uniform(0.7, 1))
    return sound


CHURCH_BELLS = Recipe(bells_traits, texture=bells_texture)


def alarm_traits(draws: Draws) -> SimpleNamespace:
    """Draw an alarm clock, a smoke alarm or a reversing lorry: pitch, groups of beeps, their shape."""
    return SimpleNamespace(
        pitch=draws.log_uniform(450, 4200), second=draws.choice([1.0, 1.0, 1.0, 1.26, 0.8, 1.5]),
        length=draws.log_uniform(0.03, 0.5), part=draws.uniform(0.35, 0.75), group=draws.choice([1, 2, 3, 4, 4, 30]),
        rest=draws.log_uniform(0.15, 1.0), odd=draws.chance(0.6), tilt=draws.uniform(-14, -2),
        edge=draws.log_uniform(0.001, 0.02))


def alarm_texture(alarm: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Beep: the same tone on and off, exactly alike, in groups."""
    count = max(2, int(alarm.length * sr))
    beeps = []
    for tune in (1.0, alarm.second):
        pitch = np.full(count, min(tune * alarm.pitch, 0.4 * sr))
        beep = harmonics(pitch, sr=sr, curve=slope(-alarm.tilt / 3), count=9, odd=alarm.odd)
        beeps.append(beep * swell(count, sr=sr, attack=alarm.edge, release=alarm.edge))
    step, sound = alarm.length / alarm.part, np.zeros(n)
    time = -take.uniform(0, 1) * (step * min(alarm.group, 4))
    while time < n / sr:
        for k in range(alarm.group):
            mix(sound, beeps[k % 2], start=int((time + k * step) * sr))
        time += alarm.group * step + alarm.rest
    return sound


ALARM_BEEPS = Recipe(alarm_traits, texture=alarm_texture)


def phone_traits(draws: Draws) -> SimpleNamespace:
    """Draw a telephone: two gongs and a clapper, or an electronic warble; length of the ring."""
    return SimpleNamespace(
        gongs=draws.chance(0.5), pitch=draws.log_uniform(600, 2800), ratio=draws.uniform(1.05, 1.45),
        rate=draws.log_uniform(9, 32), length=draws.log_uniform(0.35, 2), rest=draws.log_uniform(0.2, 1.5),
        decay=draws.log_uniform(0.05, 0.6), partial=draws.uniform(2.2, 3.1), tilt=draws.uniform(-9, -2),
        click=draws.log_uniform(0.02, 0.5))


def phone_call(phone: SimpleNamespace, take: Draws, sr: int) -> np.ndarray:
    """Ring once: two tones that take turns so quickly that they blend."""
    n = int(take.near(phone.length, 0.05) * sr)
    if phone.gongs:
        n += int(phone.decay * sr)
        decays = [phone.decay, 0.7 * phone.decay, 0.4 * phone.decay]
        sound = np.zeros(n)
        for k, tune in enumerate((1.0, phone.ratio)):
            pitch = tune * phone.pitch
            tones = [pitch, phone.partial * pitch, 1.8 * phone.partial * pitch]
            gong = struck(take, 2 * phone.decay, sr=sr, tones=tones, decays=decays,
                          gains=[1, 0.7, 0.4], scrape=phone.click, scrape_decay=0.003)
            times = np.arange((0.5 * k) / phone.rate, phone.length, 1 / phone.rate)
            sound += sprinkle(take, n, sr=sr, times=times, kinds=gong[None], uneven=0.15)
        return sound * swell(n, sr=sr, attack=0.005, release=0.5 * phone.decay)
    warble = lowpass((phase_of(np.full(n, phone.rate), sr=sr) % 1.0 < 0.5).astype(float), sr=sr, corner=120)
    pitch = phone.pitch * (1 + (phone.ratio - 1) * warble)
    sound = harmonics(pitch, sr=sr, curve=slope(-phone.tilt / 3), count=6)
    return sound * swell(n, sr=sr, attack=0.008, release=0.03)


PHONE_RING = Recipe(phone_traits, call=phone_call, gap=(0.2, 1.2))


def strings_traits(draws: Draws) -> SimpleNamespace:
    """Draw a guitar, harp or piano: register, how bright it is plucked, notes a second, single or in chords."""
    return SimpleNamespace(
        pitch=draws.log_uniform(75, 500), scale=draws.choice(SCALES), every=draws.log_uniform(0.12, 1.0),
        decay=draws.log_uniform(0.12, 1.5), tilt=draws.uniform(-16, -5), place=draws.uniform(0.08, 0.5),
        body=draws.log_uniform(120, 900), chords=draws.choice([1, 1, 2, 4]), strum=draws.log_uniform(0.003, 0.05),
        pluck=draws.log_uniform(0.02, 0.6), stiff=draws.log_uniform(0.00002, 0.001))


def strings_texture(player: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Pluck notes of a scale: harmonics that all begin at once, the high ones dying sooner."""
    sound, notes = np.zeros(n), []
    order = np.arange(1, 13)
    gains = np.abs(np.sin(np.pi * order * player.place)) * order ** (player.tilt / 6.02) + 1e-3
    length = min(3 * player.decay, n / sr)
    for _ in range(5):
        pitch = player.pitch * 2 ** (take.choice(player.scale) / 12) * take.choice([1, 1, 2])
        tones = pitch * order * np.sqrt(1 + player.stiff * order ** 2)
        body = 1 / (1 + ((tones - player.body) / player.body) ** 2) + 0.3
        notes.append(struck(take, length, sr=sr, tones=tones, decays=player.decay / (1 + 0.25 * (order - 1)),
                            gains=gains * body, scrape=0.3 * player.pluck, scrape_decay=0.004))
    for when in steady(take, n / sr, every=player.every, spread=0.1):
        for k in range(player.chords):
            mix(sound, take.choice(notes), start=int((when + k * player.strum) * sr), gain=take.uniform(0.5, 1))
    return sound


PLUCKED_STRINGS = Recipe(strings_traits, texture=strings_texture)


def box_traits(draws: Draws) -> SimpleNamespace:
    """Draw a music box, xylophone or wind chime: register, material, notes a second, in time or at random."""
    return SimpleNamespace(
        pitch=draws.log_uniform(350, 2400), scale=draws.choice(SCALES), every=draws.log_uniform(0.1, 0.7),
        spread=draws.choice([0.02, 0.02, 0.6, 0.9]),
        ratios=draws.choice([(1, 3.9, 9.2), (1, 2.76, 5.4), (1, 4, 10), (1, 2, 3)]),
        decay=draws.log_uniform(0.05, 1.2), bright=draws.uniform(0.1, 0.8), tick=draws.log_uniform(0.01, 0.4))


def box_texture(box: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Play bars or teeth of metal or wood: few, wide-spaced tones a note, ringing into each other."""
    length = min(3 * box.decay, n / sr + 0.1)
    kinds = []
    for step in box.scale:
        pitch = box.pitch * 2 ** (step / 12)
        kinds.append(struck(take, length, sr=sr, tones=[pitch * ratio for ratio in box.ratios],
                            decays=[box.decay, 0.4 * box.decay, 0.2 * box.decay],
                            gains=[1, box.bright, box.bright ** 2], scrape=box.tick, scrape_decay=0.003))
    times = steady(take, n / sr, every=box.every, spread=box.spread)
    return sprinkle(take, n, sr=sr, times=times, kinds=np.array(kinds), uneven=0.5)


MUSIC_BOX = Recipe(box_traits, texture=box_texture)


def static_traits(draws: Draws) -> SimpleNamespace:
    """Draw a radio off its station: colour of the hiss, clicks, a whistling carrier, hum."""
    return SimpleNamespace(
        power=draws.uniform(-0.8, 1.2), low=draws.log_uniform(60, 600), high=draws.log_uniform(2000, 9000),
        clicks=draws.log_uniform(0.5, 60), click=draws.choice([0.0, 1.0, 4.0]), carrier=draws.log_uniform(400, 4000),
        whistle=draws.choice([0.0, 0.0, 0.2, 0.6]), drift=draws.log_uniform(0.02, 1), hum=draws.choice([0.0, 0.0, 0.4]),
        fading=draws.uniform(0, 6), chopped=draws.choice([0.0, 0.0, 0.0, 0.9]))


def static_texture(radio: SimpleNamespace, take: Draws, n: int, sr: int) -> np.ndarray:
    """Hiss: steady noise through a loudspeaker, clicks in it, a whistle that slides while one turns the knob."""
    curve = slope(radio.power, low=radio.low, high=radio.high)
    sound = noise(take, n, sr=sr, curve=curve) * wander(take, n, sr=sr, every=0.5, depth_db=radio.fading)
    if radio.click:
        click = noise(take, int(0.012 * sr), sr=sr, curve=band(radio.low, radio.high))
        click *= strike(len(click), sr=sr, attack=0.0004, decay=0.002)
        sound += radio.click * sprinkle(take, n, sr=sr, times=take.arrivals(radio.clicks, n / sr), kinds=click[None])
    if radio.whistle:
        path = [(k / 4, 2 ** (radio.drift * take.uniform(-1, 1))) for k in range(5)]
        pitch = np.minimum(radio.carrier * glide(n, path, smooth=True), 0.44 * sr)
        sound += radio.whistle * tone(phase_of(pitch, sr=sr))
    if radio.hum:
        sound += radio.hum * harmonics(np.full(n, 100.0), sr=sr, curve=formants([(300, 300, 1)]), count=12)
    if radio.chopped:
        gate = (tone(seconds(n, sr), multiple=take.uniform(2, 9)) > 0).astype(float)
        sound *= 1 - radio.chopped + radio.chopped * lowpass(gate, sr=sr, corner=100)
    return sound


RADIO_STATIC = Recipe(static_traits, texture=static_texture)
