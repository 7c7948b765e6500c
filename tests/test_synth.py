"""The embedded sounds: what every clip is, that its bytes are the same everywhere, and that it sounds like its name."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rendering
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks
from helpers.synth import envelopes, filters, keys, rooms, sources, voices

ROOT = Path(__file__).resolve().parent.parent
EVERY = tuple(voices.RECIPES)
FINGERPRINTS = {
    "dog": "294f26663eea0bc739f1cc9dde2f5a7530ad5e4e7aba1da98263f7e1776d40b2",
    "rain": "20bb17438ff00bbad62b53eea15d1ef40377e22d7691bf2935c9a2811d679f62",
    "sea_waves": "1fde5cdff76dcca8f1fe8f461daa74eb5ac353a8e0239ab7761b435b1a7b6860",
    "crying_baby": "369fb308a61063a0feaa59bb97c1f41092bdb90e67afc859e6b95b0a060fceae",
    "clock_tick": "065c0c7341403def0d79c3c6d05cf14e05c05d8686b128034210979dfe79d79d",
    "sneezing": "c59c3e3e2df178909adc74760e22fab627afc12114604f62056e23d2333d97d4",
    "helicopter": "f2e1f7aa7a569e52726d5f4cbb5cccd06a0ea22abae5ac6975b6352d603d0a6d",
    "chainsaw": "1c1ac52f0750b9aec51f24460c35723f60c11f39ddbae1bd8a4f2c1a075ea53f",
    "rooster": "193912b5a12b372b2f2a6858f9e30447463eb79c5f3b4959a3cee6db6975678c",
    "crackling_fire": "3c0fd5531909c2eff150ec1075bbd6c18d962235f8f90893a4fbef02138e2ef9",
    "siren": "f478d3aee6f2a8d6f3f899a489fcf4a95b13b9a4901451055d5a8339c75162cd",
    "frog": "32b507ab5f86ea62aaff3b8298f1fdf3b519f437d27a87075d5d7b7bc972baf6",
    "cicada": "7b02d9fd702b6de385bcd5e30ba6e56b49cc22d6e9ecbc5efe84488f46041cc2",
    "jackhammer": "42fd025cb6c7dd2072af37de10cd34bd3de9462a0c53c5dd3f61fd508df54546",
    "drill": "aedb904cf0efe6a605ae49e4eea50634932348d3de52a3937c6d8bdf8f58ab30",
    "car_horn": "c96e15a7b07a7d7e7b1854d96d14660347e718f9e900cceb2acd0decc442698a",
    "chirping_birds": "699f0ba9d6312bfe3c16660b3110bc9e0df9b246b3672e4f07894b3117e45cb0",
    "glass_breaking": "ab726c72f64bd44c22c9cbddf2fdcdf824dfebe474e01ab318dbd84ad2bf5c28",
    "footsteps": "4e372676dde512dfa94e6289decb592b74595208ff0c1512c017c732684aabb4",
    "engine": "8713011af0c62b8e3d0f617c96daa48e9843f3c33cd06e7480820c132b626b4d",
    "scenes": "7741dac4b0963b3196da4b9db9e2453952b3f22e07ea42bfafa49deaaf8e3608",
}


# What every clip is

def test_the_ten_classes_are_those_of_esc10_in_its_order():
    assert voices.CLASSES == ("dog", "rain", "sea_waves", "crying_baby", "clock_tick", "sneezing", "helicopter",
                              "chainsaw", "rooster", "crackling_fire")
    assert {"siren", "frog", "cicada", "jackhammer", "drill"} < set(voices.UNKNOWN)
    assert len(voices.UNKNOWN) == 10
    assert not set(voices.UNKNOWN) & set(voices.CLASSES)


@pytest.mark.parametrize("label", EVERY)
@pytest.mark.parametrize("how", [{}, {"microphone": "telephone"}, {"clean": True}, {"sr": 8000, "duration": 0.1},
                                 {"sr": 48000, "duration": 0.35}])
def test_every_clip_is_sound_on_the_16_bit_grid(label, how):
    audio, info = voices.render(label, session="3b", source=2, **how)
    assert audio.dtype == np.float32
    assert audio.shape == (round(how.get("duration", 4.0) * how.get("sr", 16000)),)
    assert np.abs(audio).max() <= 1
    assert np.abs(audio).max() > 0.02, "silence"
    assert np.array_equal(audio * 32768, np.round(audio * 32768))
    assert set(info) == (set() if how.get("clean") else {"snr_db", "distance", "background", "padding"})


def test_a_clip_depends_on_its_key_only():
    first = voices.render("dog", session="2a", source=1)[0]
    voices.render("rain")
    np.random.seed(0)   # noqa: NPY002  (global state must not matter)
    assert np.array_equal(first, voices.render("dog", session="2a", source=1)[0])


@pytest.mark.parametrize("other", [{"session": "2b"}, {"source": 2}, {"take": 1}, {"seed": 1},
                                   {"microphone": "telephone"}, {"clean": True}])
def test_each_part_of_the_key_changes_the_clip(other):
    key = {"session": "2a", "source": 1}
    assert not np.array_equal(voices.render("dog", **key)[0], voices.render("dog", **key | other)[0])


@pytest.mark.parametrize(("label", "how", "says"), [
    ("cat", {}, "label to be one of 'dog', 'rain'"),
    ("dog", {"microphone": "studio"}, "'recorder', 'telephone'"),
    ("dog", {"duration": 0.01}, "at least 0.1 s"),
    ("dog", {"duration": 0}, "duration above 0"),
    ("dog", {"sr": 4000}, "8000 Hz or more"),
    ("dog", {"sr": 16000.5}, "sampling rate"),
])
def test_bad_wishes_are_told_what_is_possible(label, how, says):
    with pytest.raises(checks.InputError, match=says):
        voices.render(label, **how)


# The clip table

@given(folds=st.integers(1, 6), per_class=st.integers(1, 9), n_sources=st.integers(1, 5), sessions=st.integers(1, 4))
def test_no_session_and_no_source_stands_in_two_folds(folds, per_class, n_sources, sessions):
    rows = voices.plan(("dog", "frog"), folds=folds, per_class=per_class, sources=n_sources, sessions=sessions)
    assert len({row["clip_id"] for row in rows}) == len(rows) == 2 * folds * per_class
    for what in ("session", "source"):
        assert len({(row[what], row["fold"]) for row in rows}) == len({row[what] for row in rows})
    assert all(row["session"] in row["source"] and row["label"] in row["source"] for row in rows)


def test_some_clips_of_the_plan_end_in_silence_and_say_so():
    padded = 0
    for row in voices.plan(("clock_tick", "rain", "dog", "sea_waves")):
        audio, info = voices.render(row["label"], session=row["session"], source=row["source_index"], take=row["take"],
                                    duration=0.4)
        silent = round(info["padding"] * 16000)
        padded += silent > 0
        assert 4 <= info["snr_db"] + 2 <= 36
        assert 0.8 <= info["distance"] <= 18
        if silent:
            assert 0.05 < info["padding"] < 0.25
            assert np.abs(audio[-silent:]).max() < 10 ** (-60 / 20), "neither digital silence nor dither"
    assert 16 <= padded <= 48, "about one clip in five"


# Sessions

def test_a_day_has_one_room_and_one_microphone():
    assert rooms.session("1a") == rooms.session("1a")
    assert rooms.session("1a") != rooms.session("1b")
    assert rooms.session("1a") != rooms.session("1a", seed=1)


def long_spectrum(audio: np.ndarray, *, bands: int = 24) -> np.ndarray:
    """Mean level in dB in bands of equal width, level and all."""
    power = np.abs(np.fft.rfft(audio[:16000])) ** 2 + 1e-9
    return 10 * np.log10([part.mean() for part in np.array_split(power[50:], bands)])


def test_takes_of_one_source_are_more_alike_than_sources():
    within, between = [], []
    for session in ("1a", "2a", "3a", "4a", "5a"):
        one, again, other = (long_spectrum(voices.render("chainsaw", session=session, source=source, take=take)[0])
                             for source, take in ((0, 0), (0, 1), (2, 0)))
        within.append(np.abs(one - again).mean())
        between.append(np.abs(one - other).mean())
    assert np.mean(within) < np.mean(between)


def test_a_room_begins_with_the_direct_sound_and_dies_away():
    echo = rooms.impulse_response(keys.Draws("room"), sr=16000, reverberation=0.5, direct_db=3.0)
    assert echo[0] == 1
    early, late = echo[1:2400], echo[4000:]
    assert np.mean(late ** 2) < 0.05 * np.mean(early ** 2)
    assert 10 * np.log10(np.sum(echo[1:] ** 2)) == pytest.approx(-3, abs=0.01)


def test_a_telephone_carries_300_to_3300_hz():
    near, far = (voices.render("rain", session="2a", microphone=name)[0] for name in voices.MICROPHONES)
    def above(audio):
        power = np.abs(np.fft.rfft(audio[:16000])) ** 2
        return power[5000:].sum() / power.sum()
    assert above(far) < 0.3 * above(near), "only hiss and what the flattening adds is left up there"
    assert np.abs(far).max() <= 0.5


@pytest.mark.parametrize("kind", rooms.BACKGROUNDS)
def test_every_background_is_there_at_about_the_level_asked_for(kind):
    day, take = keys.Draws("day", kind), keys.Draws("take", kind)
    sound = rooms.background(kind, day, take, 64000, sr=16000, microphone=np.ones_like)
    assert 0.6 < sources.rms(sound) < 2.2
    deaf = rooms.background(kind, keys.Draws("day", kind), keys.Draws("take", kind), 64000, sr=16000,
                            microphone=lambda hz: np.full_like(hz, 0.1))
    assert sources.rms(deaf) == pytest.approx(0.1 * sources.rms(sound))


# The same bytes everywhere

@pytest.mark.parametrize("label", EVERY)
def test_the_bytes_of_every_class_are_what_they_were(label):
    assert rendering.fingerprint(label) == FINGERPRINTS[label], "another sound: every cached clip and result is stale"


def test_the_bytes_and_events_of_scenes_are_what_they_were():
    assert rendering.scene_fingerprint() == FINGERPRINTS["scenes"], "other scenes: every result on them is stale"


def shaken(function, rng):
    """Let a function return results that are off by up to one unit in the last place."""
    def wrapped(*args, **kwargs):
        result = function(*args, **kwargs)
        return result * (1 + 2.3e-16 * rng.integers(-1, 2, np.shape(result)))
    return wrapped


def test_another_maths_library_gives_the_same_bytes(monkeypatch):
    rng = np.random.default_rng(1)
    for module, names in ((np, ("sin", "cos", "exp", "log", "log2", "tanh")), (math, ("sin", "cos", "exp")),
                          (sources.fft, ("rfft", "irfft")), (sources, ("response",)), (rooms, ("response",)),
                          (keys.Draws, ("log_uniform",))):
        for name in names:
            monkeypatch.setattr(module, name, shaken(getattr(module, name), rng))
    assert np.sin(np.full(9, 1.0)).std() > 0, "nothing was disturbed"
    assert rendering.fingerprints() == FINGERPRINTS


@pytest.mark.setup
def test_the_oldest_numpy_and_scipy_give_the_same_bytes(tmp_path):
    # the oldest that pyproject.toml allows and that come ready-built for this Python
    numpy_version, scipy_version = ("2.0.2", "1.13.1") if sys.version_info < (3, 13) else ("2.1.0", "1.14.1")
    uv = [shutil.which("uv")] if shutil.which("uv") else [sys.executable, "-m", "uv"]
    folder = tmp_path / "old"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for command in (["venv", "--quiet", "--python", sys.executable, str(folder)],
                    ["pip", "install", "--quiet", "--python", str(python), f"numpy=={numpy_version}",
                     f"scipy=={scipy_version}", "threadpoolctl"]):
        done = subprocess.run([*uv, *command], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    code = "import numpy, scipy; print(numpy.__version__, scipy.__version__)"
    versions = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    assert versions.stdout.split() == [numpy_version, scipy_version]
    done = subprocess.run([python, ROOT / "tests" / "rendering.py"], check=False, capture_output=True, text=True,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == FINGERPRINTS


# They sound like their names

def spectrum(label: str, **key) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and power of a clean clip."""
    audio = voices.render(label, clean=True, **key)[0].astype(float)
    return np.fft.rfftfreq(len(audio), 1 / 16000), np.abs(np.fft.rfft(audio)) ** 2


def beats(label: str, *, low: float, high: float, **key) -> float:
    """Strongest rate in Hz at which a clean clip grows loud and soft, between two bounds."""
    audio = voices.render(label, clean=True, **key)[0].astype(float)
    loudness = np.sqrt((audio[:64000].reshape(-1, 64) ** 2).mean(axis=1))
    rates, strength = np.fft.rfftfreq(len(loudness), 64 / 16000), np.abs(np.fft.rfft(loudness - loudness.mean()))
    inside = (rates >= low) & (rates <= high)
    return float(rates[inside][strength[inside].argmax()])


@pytest.mark.parametrize("source", range(4))
def test_a_cicada_sings_in_a_high_band(source):
    hz, power = spectrum("cicada", source=source)
    assert 2300 < np.average(hz, weights=power) < 7200
    assert power[hz < 1500].sum() < 0.02 * power.sum()


@pytest.mark.parametrize("source", range(4))
def test_a_jackhammer_strikes_twenty_to_thirty_times_a_second(source):
    assert 18 <= beats("jackhammer", low=12, high=38, source=source) <= 32.5


@pytest.mark.parametrize("source", range(4))
def test_helicopter_blades_come_round_about_ten_times_a_second(source):
    assert 4 <= beats("helicopter", low=3, high=60, source=source) <= 55


@pytest.mark.parametrize(("label", "low", "high"), [("rooster", 400, 1500), ("crying_baby", 220, 900),
                                                    ("siren", 400, 2000)])
def test_voices_have_a_pitch(label, low, high):
    hz, power = spectrum(label)
    tall = power[(hz > low) & (hz < high)]
    assert tall.max() > 30 * np.median(tall), "no harmonics stand out"


def test_waves_swell_slower_than_a_dog_barks():
    def movement(label):
        audio = voices.render(label, clean=True)[0].astype(float)
        loudness = 10 * np.log10((audio.reshape(-1, 1600) ** 2).mean(axis=1) + 1e-6)
        return np.abs(np.diff(loudness)).mean()
    assert movement("dog") > 3 * movement("sea_waves")


# Tools

def test_draws_are_those_of_pcg64_whatever_the_key_is_made_of():
    assert keys.Draws(0, "dog").numbers(2).tolist() == keys.Draws("0/dog").numbers(2).tolist()
    assert keys.Draws("a").numbers(3).tolist() != keys.Draws("b").numbers(3).tolist()
    used = Path(keys.__file__).read_text("utf-8").split("class Draws")[1]
    assert not any(name in used for name in (".normal", ".integers", ".standard", ".shuffle", ".choice(", ".poisson"))


@given(seed=st.integers(0, 99), low=st.floats(0.1, 10), ratio=st.floats(1, 100))
def test_draws_stay_within_their_bounds(seed, low, ratio):
    draws, high = keys.Draws(seed), low * ratio
    for draw in (draws.uniform, draws.log_uniform):
        assert low * (1 - 1e-12) <= draw(low, high) <= high * (1 + 1e-12)
    assert draws.integer(2, 4) in (2, 3, 4)
    assert draws.choice("abc") in "abc"
    assert 0.9 <= draws.near(1.0, 0.1) <= 1.1


@given(seed=st.integers(0, 50), rate=st.floats(0.5, 200), duration=st.floats(0.05, 4))
def test_arrivals_rise_and_stay_inside(seed, rate, duration):
    times = keys.Draws(seed).arrivals(rate, duration)
    assert (np.diff(times) > 0).all()
    assert ((times >= 0) & (times < duration)).all()


def test_arrivals_come_at_the_rate_asked_for():
    counts = [len(keys.Draws("rate", k).arrivals(50, 4.0)) for k in range(50)]
    assert np.mean(counts) == pytest.approx(200, rel=0.03)


def smooth(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


@given(n=st.integers(1, 5000))
def test_fast_length_is_the_next_even_number_without_large_factors(n):
    expected = next(m for m in range(max(n, 2), 2 * n + 3) if m % 2 == 0 and smooth(m))
    assert filters.fast_length(n) == expected


@given(n=st.integers(1, 400), middle=st.floats(0.1, 0.9), is_smooth=st.booleans())
def test_a_glide_starts_and_stays_where_it_should(n, middle, is_smooth):
    track = envelopes.glide(n, [(0, 1.0), (middle, 3.0), (1, 2.0)], smooth=is_smooth)
    assert track.shape == (n,)
    assert track[0] == pytest.approx(1.0)
    assert (track >= 1 - 1e-9).all()
    assert (track <= 3 + 1e-9).all()


@given(n=st.integers(1, 500), step=st.integers(1, 40))
def test_stretch_agrees_with_interpolation(n, step):
    points = keys.Draws(n, step).numbers(-(-n // step) + 1)
    expected = np.interp(np.arange(n), np.arange(len(points)) * step, points)
    assert envelopes.stretch(points, n, step=step) == pytest.approx(expected, abs=1e-12)


@given(start=st.integers(-30, 30), n=st.integers(1, 20))
def test_mixing_leaves_out_what_lies_outside(start, n):
    into = np.zeros(20)
    envelopes.mix(into, np.ones(n), start=start, gain=2.0)
    expected = [2.0 if start <= k < start + n else 0.0 for k in range(20)]
    assert into.tolist() == expected


def test_harmonics_are_a_sum_of_sines():
    time = np.arange(3000) / 16000
    gains = filters.formants([(900, 300, 1)], tilt_db=-3)
    ours = sources.harmonics(np.full(3000, 310.0), sr=16000, curve=gains, count=9)
    phase = 2 * np.pi * 310 * (time + 1 / 16000)
    theirs = sum(gains(np.array([310.0 * k]))[0] * np.sin(k * phase) for k in range(1, 10))
    assert ours == pytest.approx(theirs / np.sqrt(np.mean(theirs ** 2)), abs=1e-9)


def test_harmonics_stop_below_half_the_sampling_rate():
    voice = sources.harmonics(np.linspace(500, 3000, 16000), sr=16000, curve=np.ones_like, count=40)
    late = np.abs(np.fft.rfft(voice[14000:] * np.hanning(2000))) ** 2
    hz = np.fft.rfftfreq(2000, 1 / 16000)
    tones = np.any([np.abs(hz - k * 2844) < 500 for k in (1, 2)], axis=0)
    assert late[~tones].sum() < 1e-3 * late.sum(), "harmonics came back as aliases"


def test_noise_has_the_colour_asked_for():
    sound = sources.noise(keys.Draws("noise"), 64000, sr=16000, curve=filters.band(1000, 2000, order=4))
    power, hz = np.abs(np.fft.rfft(sound)) ** 2, np.fft.rfftfreq(64000, 1 / 16000)
    assert sources.rms(sound) == pytest.approx(1.0)
    assert power[(hz > 700) & (hz < 2900)].sum() > 0.9 * power.sum()


def test_a_ring_sounds_at_its_frequency_and_dies():
    ring = sources.ring(8000, sr=16000, frequencies=[1000.0, 9000.0], decays=[0.05, 0.05], gains=[1.0, 1.0],
                        draws=keys.Draws("ring"))
    power = np.abs(np.fft.rfft(ring)) ** 2
    assert power.argmax() * 2 == pytest.approx(1000, abs=4)
    assert np.abs(ring[4000:]).max() < 0.02 * np.abs(ring).max()


@given(starts=st.lists(st.integers(0, 60), max_size=12), m=st.integers(1, 9))
def test_scattering_is_mixing_one_by_one(starts, m):
    grains = keys.Draws(m, len(starts)).white(len(starts) * m).reshape(len(starts), m)
    expected = np.zeros(50)
    for start, grain in zip(starts, grains, strict=True):
        envelopes.mix(expected, grain, start=start)
    assert sources.scatter(50, np.array(starts, np.int64), grains) == pytest.approx(expected)


def test_a_wave_repeats_its_shape():
    shape = np.array([0.0, 1.0, 0.0, -1.0])
    assert sources.wave(np.array([0.0, 0.125, 0.25, 1.25, 7.875]), shape).tolist() == [0.0, 0.5, 1.0, 1.0, -0.5]
