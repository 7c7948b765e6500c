"""Every format is written here, and every broken file is really broken: what loads, what is refused, in which words."""

import re

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from helpers import audio, checks

RATE = 16_000
SECTION = r"\(docs/troubleshooting.md: Recordings that cannot be read\)"


def tone(frequency_hz: float, *, sr: int = RATE, duration: float = 1.0, amplitude: float = 0.5) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(round(duration * sr)) / sr)).astype(np.float32)


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """Two seconds of a tone with noise."""
    return tone(440, duration=2.0, amplitude=0.3) + np.random.default_rng(0).normal(0, 0.02, 2 * RATE).astype("float32")


# What loads

@pytest.mark.parametrize(("name", "subtype", "error"), [
    ("a.wav", "PCM_U8", 2**-7), ("a.wav", "PCM_16", 2**-15), ("a.wav", "PCM_24", 2**-23), ("a.wav", "PCM_32", 2**-23),
    ("a.wav", "FLOAT", 0), ("a.wav", "DOUBLE", 0), ("a.flac", "PCM_16", 2**-15), ("a.flac", "PCM_24", 2**-23),
    ("a.aiff", "PCM_16", 2**-15),
])
def test_lossless_formats_come_back_to_their_last_bit(tmp_path, sound, name, subtype, error):
    soundfile.write(tmp_path / name, sound, RATE, subtype=subtype)
    loaded, sr = audio.load_audio(tmp_path / name)
    assert (loaded.dtype, loaded.shape, sr) == (np.float32, sound.shape, RATE)
    assert_allclose(loaded, sound, atol=error, rtol=0)


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_lossy_formats_come_back_in_time_and_level(tmp_path, sound, name):
    soundfile.write(tmp_path / name, sound, RATE)
    loaded, sr = audio.load_audio(tmp_path / name)
    assert (loaded.dtype, loaded.shape, sr) == (np.float32, sound.shape, RATE)
    assert np.corrcoef(loaded, sound)[0, 1] > 0.98, "no sample of delay: a shift by one would cost more"
    assert audio.level_db(loaded) == pytest.approx(audio.level_db(sound), abs=0.3)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_every_rate_arrives_at_the_one_asked_for_with_the_same_duration(tmp_path, name, rate):
    soundfile.write(tmp_path / name, tone(440, sr=rate), rate)
    loaded, sr = audio.load_audio(tmp_path / name)
    assert (sr, len(loaded)) == (RATE, RATE)
    spectrum = np.abs(np.fft.rfft(loaded * np.hanning(RATE)))
    assert spectrum.argmax() == 440


def test_the_rate_of_the_file_is_kept_on_request(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, sr=44100), 44100, subtype="FLOAT")
    loaded, sr = audio.load_audio(tmp_path / "a.wav", sr=None)
    assert sr == 44100
    assert_array_equal(loaded, tone(440, sr=44100))


@pytest.mark.parametrize("n_channels", [2, 3, 6])
def test_channels_are_averaged(tmp_path, n_channels):
    channels = np.random.default_rng(1).uniform(-1, 1, (500, n_channels)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", channels, RATE, subtype="FLOAT")
    loaded, _ = audio.load_audio(tmp_path / "a.wav")
    assert_allclose(loaded, channels.mean(axis=1), atol=1e-6)
    assert loaded.flags.c_contiguous


def test_two_channels_that_cancel_are_silence_and_legal(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.column_stack([tone(440), -tone(440)]), RATE, subtype="FLOAT")
    assert audio.level_db(audio.load_audio(tmp_path / "a.wav")[0]) == -np.inf


def test_peaks_above_one_are_kept(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, amplitude=2.5), RATE, subtype="FLOAT")
    assert np.abs(audio.load_audio(tmp_path / "a.wav")[0]).max() == pytest.approx(2.5, abs=1e-3)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_silence_and_a_single_sample_are_legal(tmp_path, name):
    soundfile.write(tmp_path / name, np.zeros(800), RATE)
    assert_array_equal(audio.load_audio(tmp_path / name)[0], np.zeros(800))
    soundfile.write(tmp_path / name, np.array([0.5]), RATE)
    assert len(audio.load_audio(tmp_path / name)[0]) == 1
    assert len(audio.load_audio(tmp_path / name, sr=4000)[0]) == 1, "shortened to a quarter of a sample, one is left"


@pytest.mark.parametrize("name", ["two words.wav", "Straße übergang.flac", "蛙の声.ogg", "c'est l'été #1 100%.mp3"])
def test_names_may_hold_spaces_and_any_letters(tmp_path, sound, name):
    folder = tmp_path / "Mes données"
    folder.mkdir()
    audio.save_audio(folder / name, sound)
    assert audio.load_audio(folder / name)[0].shape == sound.shape
    assert audio.load_audio(str(folder / name))[0].shape == sound.shape, "a string is a path too"
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_suffix_may_be_wrong_or_missing(tmp_path, sound):
    audio.save_audio(tmp_path / "a.flac", sound)
    (tmp_path / "a.flac").rename(tmp_path / "a.bin")
    assert audio.load_audio(tmp_path / "a.bin")[0].shape == sound.shape


def test_a_wav_whose_writer_did_not_know_the_end_is_legal(tmp_path, sound):
    """A recorder that streams writes all ones for the lengths, and cannot go back."""
    audio.save_audio(tmp_path / "a.wav", sound)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    (tmp_path / "a.wav").write_bytes(content)
    assert audio.load_audio(tmp_path / "a.wav")[0].shape == sound.shape


# What is refused

def refused(path, says: str) -> None:
    with pytest.raises(checks.AudioFileError, match=says) as caught:
        audio.load_audio(path)
    assert str(path) in str(caught.value), "the message names the file"
    assert re.search(SECTION, str(caught.value))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    refused(tmp_path / "none.wav", "got no file. Check the name and the folder")
    refused(tmp_path, "got a folder. Check the name")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3"])
def test_an_empty_file_is_told(tmp_path, name):
    (tmp_path / name).touch()
    refused(tmp_path / name, "got an empty file. Copy or download it again")


@pytest.mark.parametrize("name", ["a.wav", "a.ogg"])
def test_a_recording_of_no_samples_is_told(tmp_path, name):
    soundfile.write(tmp_path / name, np.zeros(0, np.float32), RATE)
    assert (tmp_path / name).stat().st_size > 0
    refused(tmp_path / name, "got a recording of no samples")


def write_cut(path, sound, share: float) -> None:
    audio.save_audio(path, sound)
    content = path.read_bytes()
    path.write_bytes(content[:int(share * len(content))])


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(("name", "says"), [
    ("a.wav", "cut short: [0-9]+ of 64000 bytes|broken or no recording"),
    ("a.flac", "broken or no recording"),
    ("a.ogg", "cut short or damaged after [0-9]+ of [0-9]+ bytes|broken or no recording"),
    ("a.mp3", "cut short: [0-9]+ of 32000 samples|broken or no recording"),
])
def test_a_truncated_file_is_refused_wherever_it_was_cut(tmp_path, sound, name, says, share):
    write_cut(tmp_path / name, sound, share)
    refused(tmp_path / name, says)


@pytest.mark.parametrize(("name", "says"), [
    ("a.wav", "got a file cut short: 31978 of 64000 bytes of sound. Copy or download it again"),
    ("a.ogg", "got a file cut short or damaged after [1-9][0-9]* of [0-9]+ bytes. Copy or download it again"),
    ("a.mp3", "got a file cut short: [1-9][0-9]* of 32000 samples. Copy or download it again"),
])
def test_half_a_file_is_told_from_no_recording_at_all(tmp_path, sound, name, says):
    write_cut(tmp_path / name, sound, 0.5)
    refused(tmp_path / name, says)


def test_a_wav_cut_after_other_chunks_and_with_many_channels_is_refused(tmp_path, sound):
    soundfile.write(tmp_path / "a.wav", np.column_stack([sound] * 6), RATE, subtype="FLOAT")
    content = (tmp_path / "a.wav").read_bytes()
    assert content.index(b"data") > 36, "the plain WAV of the other tests has its data there"
    refused_at = tmp_path / "cut.wav"
    refused_at.write_bytes(content[:-24 * 100])
    refused(refused_at, "cut short")


def test_an_mp3_without_its_length_is_read_as_far_as_it_goes(tmp_path, sound):
    """The one cut that cannot be noticed: nothing in such a file says how long it should be."""
    audio.save_audio(tmp_path / "a.mp3", sound)
    content = (tmp_path / "a.mp3").read_bytes()
    announcement = content.index(b"Xing" if b"Xing" in content else b"Info")
    bare = content[content.index(content[:2], announcement):]     # without the first frame, which holds it
    (tmp_path / "bare.mp3").write_bytes(bare[:len(bare) // 2])
    assert 0 < len(audio.load_audio(tmp_path / "bare.mp3")[0]) < len(sound)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg"])
@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("n_bytes", [1, 40])
def test_damage_in_the_middle_is_noticed_where_there_are_checksums(tmp_path, sound, name, place, n_bytes):
    audio.save_audio(tmp_path / name, sound)
    content = bytearray((tmp_path / name).read_bytes())
    start = int(place * len(content))
    content[start:start + n_bytes] = bytes(byte ^ 0xFF for byte in content[start:start + n_bytes])
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "broken or no recording|cut short")


def test_an_ogg_cut_between_two_pages_is_refused(tmp_path, sound):
    audio.save_audio(tmp_path / "a.ogg", sound)
    content = (tmp_path / "a.ogg").read_bytes()
    (tmp_path / "a.ogg").write_bytes(content[:content.rindex(b"OggS")])       # every page that is left is whole
    refused(tmp_path / "a.ogg", "cut short or damaged")


def test_ogg_files_one_after_the_other_are_legal_and_the_last_must_be_whole(tmp_path, sound):
    audio.save_audio(tmp_path / "a.ogg", sound)
    content = (tmp_path / "a.ogg").read_bytes()
    (tmp_path / "two.ogg").write_bytes(content + content)
    assert len(audio.load_audio(tmp_path / "two.ogg")[0]) >= len(sound)
    (tmp_path / "two.ogg").write_bytes(content + content[:len(content) // 2])
    refused(tmp_path / "two.ogg", "cut short or damaged")
    (tmp_path / "two.ogg").write_bytes(content + content[:40])
    refused(tmp_path / "two.ogg", "cut short or damaged")


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.raw", "a"])
@pytest.mark.parametrize("content", [b"<html>404: not found</html>\n" * 50, np.random.default_rng(3).bytes(20_000),
                                     b"\0" * 5000, b"RIFF", b"RIFF\x10\0\0\0WAVEfmt ", b"OggS", b"fLaC"],
                         ids=["text", "random", "zeros", "RIFF", "WAVE", "OggS", "fLaC"])
def test_what_is_no_recording_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "got a file that is broken or no recording .*convert it to WAV or FLAC")


@given(content=st.binary(min_size=1, max_size=200), start=st.sampled_from([b"", b"RIFF", b"OggS", b"fLaC", b"ID3"]))
def test_no_bytes_raise_anything_else(tmp_path_factory, content, start):
    path = tmp_path_factory.getbasetemp() / "any.wav"
    path.write_bytes(start + content)
    with pytest.raises(checks.AudioFileError, match=SECTION):
        audio.load_audio(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_values_that_are_not_finite_are_told(tmp_path, sound, value, n_channels):
    channels = np.column_stack([sound] * n_channels)
    channels[1000, 0] = value
    soundfile.write(tmp_path / "a.wav", channels, RATE, subtype="FLOAT")
    refused(tmp_path / "a.wav", "got values that are NaN or infinite. Export it again as 16-bit WAV or FLAC")


@pytest.mark.parametrize("sr", [0, -16000, 16000.5, np.nan, "16000", True])
def test_a_rate_that_is_none_is_told(tmp_path, sound, sr):
    audio.save_audio(tmp_path / "a.wav", sound)
    with pytest.raises(checks.InputError, match="Expected a sampling rate in Hz, a whole number above 0"):
        audio.load_audio(tmp_path / "a.wav", sr=sr)


# Resampling

@pytest.mark.parametrize(("orig_sr", "target_sr"), [(44100, 16000), (48000, 16000), (22050, 16000), (8000, 16000),
                                                    (16000, 22050), (16000, 44100)])
def test_resampling_keeps_a_tone_as_it_is(orig_sr, target_sr):
    resampled = audio.resample(tone(1000, sr=orig_sr), orig_sr=orig_sr, target_sr=target_sr)
    inner = slice(target_sr // 10, -target_sr // 10)       # the edges hear the silence outside
    assert resampled.dtype == np.float32
    assert_allclose(resampled[inner], tone(1000, sr=target_sr)[inner], atol=0.5 * 10 ** (-60 / 20))


@pytest.mark.parametrize("frequency_hz", [8500, 10_000, 15_000, 20_000])
def test_what_the_new_rate_cannot_hold_disappears(frequency_hz):
    resampled = audio.resample(tone(frequency_hz, sr=44100), orig_sr=44100, target_sr=RATE)
    assert audio.level_db(resampled[1600:-1600]) < audio.level_db(tone(frequency_hz, sr=44100)) - 80


@given(n=st.integers(1, 3000), orig_sr=st.sampled_from([8000, 11025, 16000, 44100, 48000]),
       target_sr=st.sampled_from([8000, 16000, 22050]))
def test_resampling_keeps_the_duration(n, orig_sr, target_sr):
    resampled = audio.resample(np.full(n, 0.1), orig_sr=orig_sr, target_sr=target_sr)
    assert len(resampled) >= 1
    assert abs(len(resampled) - n * target_sr / orig_sr) <= 1


def test_resampling_to_the_same_rate_changes_nothing(sound):
    assert_array_equal(audio.resample(sound, orig_sr=RATE, target_sr=RATE), sound)


# Levels and writing

@given(gain_db=st.floats(-60, 40))
def test_levels_follow_the_gain(gain_db):
    loud = tone(1000, amplitude=1.0).astype(float)
    assert audio.level_db(10 ** (gain_db / 20) * loud) == pytest.approx(gain_db - 3.01, abs=0.01)


def test_the_level_of_quiet_float32_is_not_rounded_away():
    assert audio.level_db(np.full(16_000, 1e-30, np.float32)) == pytest.approx(-600, abs=0.01)


@given(value=st.floats(-4, 4, width=32))
def test_sixteen_bits_round_and_limit(value):
    pcm = audio.to_pcm16(np.array([value], np.float32))
    assert pcm.dtype == np.int16
    assert abs(pcm[0] / 32768 - np.clip(value, -1, 32767 / 32768)) <= 0.5 / 32768


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "A.WAV"])
def test_what_is_saved_comes_back_and_is_limited(tmp_path, name):
    written = np.array([0.0, 0.25, -0.5, 1.5, -1.5], np.float32)
    audio.save_audio(tmp_path / name, written, sr=22050)
    loaded, sr = audio.load_audio(tmp_path / name, sr=None)
    assert sr == 22050
    assert_array_equal(loaded, np.array([0.0, 0.25, -0.5, 32767 / 32768, -1.0], np.float32))
    assert soundfile.info(tmp_path / name).subtype == "PCM_16"


def test_saving_refuses_before_anything_is_written(tmp_path):
    audio.save_audio(tmp_path / "a.wav", np.full(10, 0.5))
    before = (tmp_path / "a.wav").read_bytes()
    for broken, says in ((np.full(10, np.nan), "finite"), (np.zeros(0), "at least one sample"),
                         (np.zeros((2, 5)), "one channel"), (np.zeros(5, np.int16), "Divide 16-bit samples by 32768")):
        with pytest.raises(checks.InputError, match=says):
            audio.save_audio(tmp_path / "a.wav", broken)
    with pytest.raises(checks.InputError, match="a sampling rate in Hz"):
        audio.save_audio(tmp_path / "a.wav", np.zeros(5), sr=0)
    with pytest.raises(checks.InputError, match="the suffix of the file to be one of 'wav', 'flac', 'ogg', 'mp3'"):
        audio.save_audio(tmp_path / "a.m4a", np.zeros(5))
    assert (tmp_path / "a.wav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize(("broken", "says"), [
    (np.zeros((2, 8)), r"got shape \(2, 8\). Average the channels first"), (np.zeros(0), "with at least one sample"),
    (np.array([0.0, np.nan]), "1 values that are NaN or infinite"), (np.arange(8), "got dtype int64"),
])
@pytest.mark.parametrize("use", [audio.level_db, audio.to_pcm16,
                                 lambda sound: audio.resample(sound, orig_sr=8000, target_sr=RATE)])
def test_bad_arrays_are_told_what_to_do(use, broken, says):
    with pytest.raises(checks.InputError, match=says):
        use(broken)
