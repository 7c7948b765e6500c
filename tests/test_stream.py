"""A stream gives, in blocks of any size, what the whole recording gives; it forgets what it no longer needs."""

import io
import itertools
import pickle
import sys
import types

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import audio as audio_module
from helpers import checks, events, features, models, stream, windows

SR = 16_000
BLOCKS = (1, 160, 777, 16_000)
CLASSES = ("dog", "siren")
RNG = np.random.default_rng(10)
WEIGHTS = RNG.normal(0, 0.15, (32, len(CLASSES))).astype(np.float32)


def pieces(audio, sizes):
    """Cut audio into blocks whose sizes go round and round."""
    begin = 0
    for size in itertools.cycle(np.atleast_1d(sizes)):
        if begin >= len(audio):
            return
        yield audio[begin:begin + size]
        begin += size


def heard(listener, audio, sizes):
    return stream.to_table(stream.listen(listener, pieces(audio, sizes)))


def noise(n_samples, *, seed=0):
    """Noise whose level wanders, so that scores rise and fall, with a stretch below the gate."""
    rng = np.random.default_rng(seed)
    level = np.repeat(10 ** rng.uniform(-4, -0.5, n_samples // 800 + 1), 800)[:n_samples]
    return (level * rng.standard_normal(n_samples)).astype(np.float32)


# Windows

@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(("n_samples", "hop"), [(40_000, 0.5), (16_000, 1.0), (16_001, 0.3), (5, 0.5), (47_999, 0.25)])
def test_windows_of_a_stream_are_those_of_the_recording(block, n_samples, hop):
    audio = noise(n_samples)
    cut = stream.Windows(window_samples=SR, hop_samples=round(hop * SR))
    found = [window for piece in pieces(audio, block) for window in cut.feed(piece)] + list(cut.finish())
    expected, _ = windows.split(audio, sr=SR, window=1.0, hop=hop)
    assert np.array_equal(np.stack(found), expected)
    assert (cut.n_samples, cut.n_windows) == (n_samples, len(expected))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 300),
       st.lists(st.integers(0, 90), min_size=1, max_size=5))
def test_any_window_any_hop_any_blocks(window, hop, n_samples, sizes):
    hop, sizes = min(hop, window), [*sizes, 1]
    audio = np.arange(n_samples, dtype=np.float32)
    cut = stream.Windows(window_samples=window, hop_samples=hop)
    found = [each for piece in pieces(audio, sizes) for each in cut.feed(piece)] + list(cut.finish())
    expected, _ = windows.split(audio, sr=1, window=window, hop=hop)
    assert np.array_equal(np.stack(found), expected)


def test_windows_that_were_handed_out_do_not_change():
    cut = stream.Windows(window_samples=4, hop_samples=1)
    first, *_ = kept = list(cut.feed(np.arange(9.0)))
    assert first.tolist() == [0, 1, 2, 3]
    assert len(kept) == 6


def test_a_stream_of_nothing_gives_nothing():
    cut = stream.Windows(window_samples=4, hop_samples=2)
    assert list(cut.feed(np.zeros(0))) == []
    assert list(cut.finish()) == []
    listener = make()
    assert listener.feed(np.zeros(0, np.float32)) == []
    assert listener.finish() == []
    assert listener.finish() == []


@pytest.mark.parametrize(("window", "hop"), [(4, 5), (0, 1), (4, 0), (4, 1.5)])
def test_windows_that_would_skip_samples_are_refused(window, hop):
    with pytest.raises(checks.InputError):
        stream.Windows(window_samples=window, hop_samples=hop)


# Rates

@pytest.mark.parametrize("sr", [8000, 11_025, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("block", BLOCKS[1:])
def test_a_stream_is_resampled_like_a_recording(sr, block):
    audio = noise(sr + 321)
    convert = stream.Resampler(orig_sr=sr, target_sr=SR)
    found = np.concatenate([convert.feed(piece) for piece in pieces(audio, block)] + [convert.finish()])
    expected = audio_module.resample(audio, orig_sr=sr, target_sr=SR)
    assert len(found) == len(expected)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_resampler_says_how_long_it_holds_samples_back():
    convert = stream.Resampler(orig_sr=48_000, target_sr=SR)
    waits, given_out = [], 0
    for n_in in range(1, 9001):
        given_out += len(convert.feed(np.zeros(1, np.float32)))
        waits.append(n_in / 48_000 - given_out / SR)
    assert 0.01 < max(waits) == pytest.approx(convert.delay(), abs=3e-4)
    assert stream.Resampler(orig_sr=SR, target_sr=SR).delay() == 0


# Scores to events

STEPS = st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.4, 0.5, 0.75, 0.9, 1.0])


@settings(max_examples=100)
@given(st.lists(st.tuples(STEPS, STEPS), min_size=1, max_size=60),
       st.lists(st.integers(0, 9), min_size=1, max_size=6), st.sampled_from([1, 3, 5, 13]),
       st.sampled_from([0.25, 0.5, {"dog": 0.3, "siren": 0.75}]),
       st.sampled_from([None, 0.25, {"dog": 0.1, "siren": 0.4}]), st.sampled_from([0.0, 0.04, 0.08, 0.3]),
       st.sampled_from([0.0, 0.04, 0.12]), st.booleans())
def test_events_of_a_stream_of_frames_are_those_of_all_frames(scores, sizes, median, high, low, gap, least, points):
    scores, sizes = np.array(scores, np.float32), [*sizes, 1]
    if low is not None and isinstance(high, dict) != isinstance(low, dict):
        low = 0.25
    options = {"high": high, "low": low, "median": median, "min_duration": least, "max_gap": gap, "points": points}
    chunks = list(pieces(scores, sizes))
    # one window a frame, of one sample: the sample is the number of the frame
    listener = stream.Listener(lambda window: scores[int(window[0])], classes=CLASSES, window=0.04, hop=0.04, sr=25,
                               gate_db=None, clip_id="a", **options)
    numbers = np.arange(len(scores), dtype=np.float32)
    found = stream.to_table(stream.listen(listener, pieces(numbers, [len(chunk) for chunk in chunks] or [1])))
    expected = events.from_scores(scores, classes=CLASSES, hop=0.04, clip_id="a", **options)
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=len(expected) > 0)


def test_an_event_is_handed_on_when_its_gap_is_over_and_announced_before():
    scores = np.array([0, 0.4, 0.9, 0.9, 0, 0, 0, 0, 0.2])
    follow = stream.Tracker(high=0.6, low=0.3, hop=0.1, max_gap=0.2, min_duration=0.2)
    seen = []
    for score in scores:
        done = follow.feed(np.array([score]), np.array([score]))
        seen.append((follow.open, done))
    assert [begin for begin, _ in seen] == [None, None, 1, 1, None, None, None, None, None]
    assert [len(done) for _, done in seen] == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert seen[6][1] == [(1, 4, 2, 0.9)]


def test_what_bounces_is_one_event():
    bounce = np.tile([0.9, 0.1], 20)
    follow = stream.Tracker(high=0.5, low=0.5, hop=0.1, max_gap=0.1)
    assert follow.feed(bounce, bounce) == []
    assert follow.finish() == [(0, 39, 0, 0.9)]


# The whole way

def picture_of(window):
    cut = features.log_mel(np.atleast_2d(window), sr=SR, n_fft=512, hop_length=320, n_mels=32)[:, :, :25]
    return features.normalise(cut)


def score_of(window):
    """One-window call: 25 frames of 20 ms in half a second."""
    return 1 / (1 + np.exp(-(picture_of(window)[0].T @ WEIGHTS)))


SETTINGS = {"high": 0.7, "low": 0.5, "median": 3, "min_duration": 0.04, "max_gap": 0.04}


def make(score=score_of, **changes):
    wanted = {"classes": CLASSES, "window": 0.5, "hop": 0.24, "frame": 0.02, "clip_id": "a", **SETTINGS, **changes}
    return stream.Listener(score, **wanted)


def batch(audio, *, window=0.5, hop=0.24, frame=0.02, gate_db=windows.SILENCE_DB):
    """What notebooks 2 to 4 do with a whole recording."""
    cut, starts = windows.split(audio, sr=SR, window=window, hop=hop)
    scores = np.stack([score_of(window) for window in cut])
    if gate_db is not None:
        scores[~windows.live(cut, threshold_db=gate_db)] = 0
    frames = events.merge_windows(scores, starts, hop=frame, duration=len(audio) / SR)
    return cut, frames, events.from_scores(frames, classes=CLASSES, hop=frame, clip_id="a", **SETTINGS)


class Recorder(stream.Listener):
    """A listener that keeps all its frames, for comparison."""

    def _track(self, smooth, raw):
        self.kept = [*getattr(self, "kept", []), *raw]
        return super()._track(smooth, raw)


@settings(max_examples=12)
@given(st.integers(1, 3 * SR), st.sampled_from([*BLOCKS[1:], (5000, 0, 33)]), st.integers(0, 5), st.booleans())
def test_a_stream_equals_the_recording_bit_for_bit(n_samples, sizes, seed, gated):
    audio, gate_db = noise(n_samples, seed=seed), -40.0 if gated else None
    cut, frames, expected = batch(audio, gate_db=gate_db)
    seen = []
    listener = Recorder(lambda window: seen.append(picture_of(window)[0]) or score_of(window), classes=CLASSES,
                        window=0.5, hop=0.24, frame=0.02, gate_db=gate_db, clip_id="a", **SETTINGS)
    found = heard(listener, audio, sizes)
    assert listener.n_scored + listener.n_silent == len(cut)
    live = windows.live(cut, threshold_db=gate_db) if gated else np.ones(len(cut), bool)
    assert listener.n_scored == live.sum()
    if live.any():
        assert np.array_equal(np.stack(seen), picture_of(cut[live]))
    assert np.array_equal(np.stack(listener.kept), frames)
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=len(expected) > 0)


def test_blocks_of_one_sample_too():
    audio = noise(20_000, seed=4)
    _, _, expected = batch(audio)
    assert len(expected) > 3
    pd.testing.assert_frame_equal(heard(make(), audio, 1), expected, check_exact=True)


def test_the_gate_holds_back_silent_windows_and_their_scores_are_nought():
    audio = np.concatenate([noise(SR, seed=1), np.zeros(2 * SR, np.float32), noise(SR, seed=2)])
    listener = make(high=0.0, low=0.0, median=1)      # all frames are events, those of silence too
    assert len(heard(listener, audio, 777)) == 2
    assert listener.n_silent > 5
    assert make(gate_db=None).gate_db is None


def test_scores_of_whole_windows_stand_for_the_hop_that_the_window_begins_with():
    audio = noise(3 * SR + 100, seed=3)
    cut, _ = windows.split(audio, sr=SR)
    scores = np.stack([score_of(window[:8000]).mean(axis=0) for window in cut])
    expected = events.from_scores(scores, classes=CLASSES, hop=0.5, clip_id="a", high=0.5)
    listener = make(lambda window: score_of(window[:8000]).mean(axis=0), window=1.0, hop=0.5, frame=None, high=0.5,
                    low=None, median=1, min_duration=0, max_gap=0, gate_db=None)
    pd.testing.assert_frame_equal(heard(listener, audio, 160), expected, check_exact=True)
    assert len(expected) > 0


@pytest.mark.parametrize("sr", [8000, 44_100])
def test_another_rate_gives_what_the_resampled_recording_gives(sr):
    audio = noise(2 * sr, seed=6)
    _, _, expected = batch(audio_module.resample(audio, orig_sr=sr, target_sr=SR))
    listener = make(source_sr=sr)
    pd.testing.assert_frame_equal(heard(listener, audio, 777), expected, check_exact=True)
    assert listener.seconds == 2.0
    assert len(expected) > 3


def test_a_scene_is_heard_as_the_models_hear_it():
    weights = RNG.normal(0, 0.1, (64, len(CLASSES))).astype(np.float32)

    def network(pictures):
        """A frame model that takes a stack: pairs of columns, then one layer."""
        pairs = pictures.reshape(*pictures.shape[:2], -1, 2).mean(axis=3)
        return 1 / (1 + np.exp(-np.einsum("wmf,mc->wfc", pairs, weights)))

    audio = noise(4 * SR, seed=7)
    wanted = models.frame_settings(0.04)
    columns = 32 * wanted.pop("pool")
    cut, starts = windows.split(audio, sr=SR, window=1.28, hop=0.64)
    pictures = features.normalise(features.log_mel(cut, sr=SR, **wanted)[:, :, :columns])
    together = events.merge_windows(network(pictures), starts, hop=0.04, duration=4.0)

    listener = stream.scene_listener(lambda picture: network(picture[np.newaxis])[0], classes=CLASSES, frame_hop=0.04,
                                     window_frames=32, gate_db=None)
    kept = []
    track, listener._track = listener._track, lambda smooth, raw: kept.extend(raw) or track(smooth, raw)
    heard(listener, audio, 1600)
    np.testing.assert_allclose(np.stack(kept), together, atol=1e-5)
    assert np.ptp(together) > 0.5, "scores that hardly move would agree by chance"


# A stream without an end

def test_what_a_listener_holds_does_not_grow():
    loud = np.tile([0.9, 0.1, 0.4, 0.9], 7).repeat(2000).astype(np.float32)
    listener = stream.Listener(_loudness, classes=["sound"], window=0.5, hop=0.1, max_gap=10.0, median=5, sr=SR)
    sizes = []
    for _ in range(12):
        for piece in pieces(loud, 777):
            listener.feed(piece)
        sizes.append(len(pickle.dumps(listener)))
    assert listener.seconds > 40
    assert max(sizes) - sizes[0] < 100


def _loudness(window):
    return np.array([np.abs(window).mean()])


@pytest.mark.parametrize(("median", "gap", "least"), [(1, 0.0, 0.0), (5, 0.0, 0.1), (3, 0.06, 0.0), (1, 0.0, 0.06)])
def test_the_latency_that_is_printed_is_the_one_that_is_measured(median, gap, least):
    """Every frame in turn is the onset of an event; blocks of one sample show when it is told."""
    alarms, ends, sr, frame = [], [], 1000, 20
    for onset in range(20, 25):                                # all the frames of a hop
        def score(window, onset=onset):
            marked = ((window - 0.5) // frame >= onset) & ((window - 0.5) // frame < onset + 12)
            return marked[::frame, np.newaxis].astype(float)

        listener = stream.Listener(score, classes=["sound"], window=0.2, hop=0.1, frame=frame / sr, sr=sr, gate_db=None,
                                   median=median, max_gap=gap, min_duration=least)
        for sample in np.arange(1, 1200, dtype=np.float32):     # from 1: frame k holds 20 k + 1 to 20 k + 20
            done = listener.feed(np.array([sample]))
            if listener.open and len(alarms) < onset - 19:
                alarms.append(listener.seconds - onset * frame / sr)
            if done:
                ends.append(listener.seconds - (onset + 12) * frame / sr)
    told = stream.latency(listener)
    assert max(alarms) == pytest.approx(told.alarm_at_most)
    assert min(alarms) == pytest.approx(told.alarm_at_least)
    assert max(ends) == pytest.approx(told.event_at_most)
    assert told.median == (median - 1) / 2 * frame / sr


def test_the_latency_names_its_parts():
    said = str(stream.latency(make(source_sr=48_000, median=5)))
    assert "window 0.500 + median filter 0.040 + resampler 0.03" in said
    assert "each 0.240 s" in said
    assert "resampler" not in str(stream.latency(make()))


# What is refused

def test_a_bad_block_is_refused_and_the_stream_goes_on():
    audio, listener = noise(2 * SR, seed=8), make()
    found = listener.feed(audio[:9000])
    for bad in (np.full(5, np.nan, np.float32), np.zeros(5, np.int16), np.zeros((5, 2), np.float32)):
        with pytest.raises(checks.InputError):
            listener.feed(bad)
    found += listener.feed(audio[9000:]) + listener.finish()
    pd.testing.assert_frame_equal(stream.to_table(found), batch(audio)[2], check_exact=True)
    with pytest.raises(checks.InputError, match="Make a new one"):
        listener.feed(audio)


@pytest.mark.parametrize(("changes", "says"), [
    ({"hop": 0.25}, "whole number of frames"), ({"median": 4}, "odd number"),
    ({"high": 0.2, "low": 0.5}, "low <= high"), ({"hop": 0.6}, "0 < hop <= window"),
    ({"source_sr": 0}, "sampling rate"),
])
def test_settings_that_do_not_fit_are_refused(changes, says):
    with pytest.raises(checks.InputError, match=says):
        make(**changes)


@pytest.mark.parametrize("answer", [np.zeros(2), np.zeros((25, 3)), np.zeros((24, 2)), np.full((25, 2), np.nan)])
def test_scores_of_another_shape_are_refused(answer):
    with pytest.raises(checks.InputError, match="scores"):
        make(lambda window: answer).feed(noise(9000))


def test_a_source_of_another_rate_is_refused():
    source = stream.from_pipe(io.BytesIO(b"\0\0"), sr=8000)
    with pytest.raises(checks.InputError, match=r"source_sr=source\.sr"):
        list(stream.listen(make(), source))


# Sources

@pytest.mark.parametrize(("block", "channels"), [(0.1, 1), (0.013, 2), (5.0, 1)])
def test_a_file_gives_all_its_samples(tmp_path, block, channels):
    sound = np.round(RNG.uniform(-0.5, 0.5, (22_050, channels)) * 32768) / 32768
    soundfile.write(tmp_path / "a.wav", sound, 22_050)
    source = stream.from_file(tmp_path / "a.wav", block=block)
    blocks = list(source)
    expected, _ = audio_module.load_audio(tmp_path / "a.wav", sr=None)
    assert source.sr == 22_050
    assert len(blocks[0]) == min(22_050, round(block * 22_050))
    assert np.array_equal(np.concatenate(blocks), expected)


@pytest.mark.parametrize("speed", [1, 4.0])
def test_a_file_at_the_speed_of_time_waits_until_a_block_would_have_been_recorded(tmp_path, speed):
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    now, waits = [100.0], []

    def wait(seconds):
        waits.append(seconds)
        now[0] += seconds

    arrived = []
    for number, _ in enumerate(stream.from_file(tmp_path / "a.wav", speed=speed, clock=lambda: now[0], wait=wait)):
        arrived.append(now[0] - 100)
        now[0] += 0.25 / speed if number == 3 else 0.02 / speed     # once the listener is late
    expected = np.arange(1, 11) / 10
    expected[4:6] = 0.65, 0.67
    np.testing.assert_allclose(np.array(arrived) * speed, expected, atol=1e-9)
    assert min(waits) > 0
    assert len(waits) == 8


def test_a_file_without_a_speed_never_waits(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    assert len(list(stream.from_file(tmp_path / "a.wav", wait=None))) == 10


def test_files_that_are_none_are_refused_at_once(tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    for name, says in (("text.wav", "no recording"), ("missing.wav", "no file")):
        with pytest.raises(checks.AudioFileError, match=says):
            stream.from_file(tmp_path / name)
    soundfile.write(tmp_path / "a.wav", np.zeros(10), 8000)
    for bad in ({"speed": 0}, {"block": -1}):
        with pytest.raises(checks.InputError):
            stream.from_file(tmp_path / "a.wav", **bad)


class Dribble(io.RawIOBase):
    """A pipe that hands on a few bytes at a time."""

    def __init__(self, content, step):
        self.content, self.step = content, step

    def read(self, size=-1):
        taken, self.content = self.content[:min(size, self.step)], self.content[min(size, self.step):]
        return taken


@pytest.mark.parametrize(("dtype", "full"), [("uint8", 128), ("int16", 2**15), ("int32", 2**31), ("float32", 1)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("step", [1, 5, 10_000])
def test_a_pipe_gives_its_samples_however_it_is_read(dtype, full, channels, step):
    sound = RNG.integers(-100, 100, (500, channels)) / 128
    raw = (sound * full + (128 if dtype == "uint8" else 0)).astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    source = stream.from_pipe(Dribble(raw, step), sr=SR, dtype=dtype, channels=channels, block=0.01)
    np.testing.assert_allclose(np.concatenate(list(source)), sound.mean(axis=1), atol=1e-6)


def test_a_torn_last_sample_is_left_out_with_a_warning():
    source = stream.from_pipe(io.BytesIO(np.array([1000, 2000], "<i2").tobytes() + b"\x07"), sr=SR)
    with pytest.warns(UserWarning, match="last 1 of 2 bytes"):
        blocks = list(source)
    assert np.concatenate(blocks).tolist() == [1000 / 32768, 2000 / 32768]


def test_pipes_that_cannot_be_read_are_refused():
    with pytest.raises(checks.InputError, match="'int16'"):
        stream.from_pipe(io.BytesIO(), sr=SR, dtype="int24")
    silent = types.SimpleNamespace(read=lambda size: None)
    with pytest.raises(checks.InputError, match="does not wait"):
        list(stream.from_pipe(silent, sr=SR))


class FakeSound(types.ModuleType):
    """A package sounddevice with one microphone, which counts; every third block lost samples before it."""

    class PortAudioError(Exception):
        """As the real one."""

    def __init__(self, *, devices=1):
        super().__init__("sounddevice")
        self.devices, self.closed, self.n_read = devices, False, 0

    def query_devices(self, device, kind):
        if not self.devices:
            raise self.PortAudioError("Error querying device -1")
        return {"default_samplerate": 44_100.0}

    def check_input_settings(self, **wanted):
        if wanted["samplerate"] < 8000:
            raise self.PortAudioError("Invalid sample rate")

    def InputStream(self, **wanted):
        self.wanted = wanted
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closed = True

    def read(self, size):
        self.n_read += 1
        return np.full((size, 1), self.n_read / 100, np.float32), self.n_read % 3 == 0


def test_a_microphone_is_read_at_its_own_rate_and_closed(monkeypatch):
    fake = FakeSound()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    source = stream.from_microphone(seconds=0.95)
    with pytest.warns(UserWarning, match="lost") as warned:
        blocks = list(source)
    assert source.sr == 44_100 == fake.wanted["samplerate"]
    assert fake.closed
    assert len(warned) == 1
    assert [len(block) for block in blocks] == [4410] * 9 + [2205]
    assert sum(map(len, blocks)) == round(0.95 * 44_100)
    assert blocks[1][0] == np.float32(0.02)


def test_without_package_library_or_microphone_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(stream.MicrophoneError, match=r"no package sounddevice.*pip install sounddevice.*from_file"):
        stream.from_microphone()
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound(devices=0))
    with pytest.raises(stream.MicrophoneError, match="Error querying device"):
        stream.from_microphone()
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound())
    with pytest.raises(stream.MicrophoneError, match="Invalid sample rate"):
        stream.from_microphone(sr=100)
    with pytest.raises(checks.InputError):
        stream.from_microphone(seconds=0)


def test_a_missing_library_is_named(monkeypatch, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(stream.MicrophoneError, match="no library PortAudio"):
        stream.from_microphone()
