"""Every refusal says what was expected, what came, and the way out; what is legal comes back as it was."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import audio, checks, features, metrics, models, windows

ROOT = Path(__file__).resolve().parent.parent
MESSAGE = re.compile(r"Expected (?P<expected>\S.*); got (?P<got>\S.*?)\. (?P<way_out>[A-Z0-9].*)\. "
                     r"\(docs/troubleshooting\.md: (?P<section>[^)]+)\)", re.DOTALL)

NAN = np.array([[0.5, np.nan]])
REFUSED = {
    "two channels": (lambda: checks.audio(np.zeros((2, 8))), "one channel", r"shape \(2, 8\)", "Average the channels"),
    "no sample": (lambda: checks.audio(np.zeros(0)), "at least one sample", "none", "cut to nothing"),
    "16-bit samples": (lambda: checks.audio(np.zeros(8, np.int16)), "floats", "dtype int16", "by 32768"),
    "complex": (lambda: checks.audio(np.zeros(8, complex)), "floats", "dtype complex128", "astype"),
    "NaN": (lambda: checks.audio(NAN[0], name="the clip"), "the clip of finite", "1 values", "np.nan_to_num"),
    "one window": (lambda: checks.windows(np.zeros(8)), "n_windows, window_samples", r"\(8,\)", "windows.split"),
    "windows of nothing": (lambda: checks.windows(np.zeros((3, 0))), "window_samples", r"\(3, 0\)", "Cut the record"),
    "NaN in windows": (lambda: checks.windows(NAN), "windows of finite", "1 values", "np.nan_to_num"),
    "one picture": (lambda: checks.log_mels(np.zeros((4, 5))), "n_mels, n_frames", r"\(4, 5\)", "np.newaxis"),
    "NaN in pictures": (lambda: checks.log_mels(NAN[None]), "log-mels of finite", "1 values", "np.nan_to_num"),
    "rate 0": (lambda: checks.sr(0), "rate in Hz, a whole number", "0", "48000"),
    "half a rate": (lambda: checks.sr(0.5), "rate in Hz", "0.5", "16000"),
    "rate True": (lambda: checks.sr(True), "rate in Hz", "True", "16000"),
    "rate as text": (lambda: checks.sr("16000"), "rate in Hz", "'16000'", "16000"),
    "hop 0": (lambda: checks.window_and_hop(1, 0, sr=4), "0 < hop <= window", "hop 0 s", "Half a window"),
    "long hop": (lambda: checks.window_and_hop(0.5, 1, sr=4), "0 < hop <= window", "window 0.5 s", "Half a window"),
    "hop NaN": (lambda: checks.window_and_hop(1, np.nan, sr=4), "0 < hop", "hop nan s", "Half a window"),
    "window inf": (lambda: checks.window_and_hop(np.inf, 1, sr=4), "0 < hop", "window inf s", "Half a window"),
    "window as text": (lambda: checks.window_and_hop("1", 1, sr=4), "0 < hop", "window 1 s", "Half a window"),
    "one row of scores": (lambda: checks.scores(np.zeros(3)), "n_windows, n_classes", r"\(3,\)", "np.newaxis"),
    "no scores": (lambda: checks.scores(np.zeros((0, 3))), "at least one window", r"\(0, 3\)", "np.newaxis"),
    "NaN in scores": (lambda: checks.scores(NAN), "scores of finite", "1 values", "np.nan_to_num"),
    "scores as text": (lambda: checks.scores([["a"]]), "scores as floats", "dtype <U1", "astype"),
    "lengths": (lambda: checks.same_length(x=[1], y=[1, 2]), "in x and y", "1 in x, 2 in y", "same rows"),
    "choice": (lambda: checks.one_of("median", ("mean", "max"), name="how"), "how to be one of 'mean', 'max'",
               "'median'", "Choose one"),
    "not positive": (lambda: checks.positive(-1, name="n"), "n above 0", "-1", "finite number above 0"),
    "not finite": (lambda: checks.positive(np.inf, name="n"), "n above 0", "inf", "finite number above 0"),
    "not whole": (lambda: checks.whole(2.5, name="n_fft"), "n_fft as a whole number", "2.5", "Round it"),
    "no clips": (lambda: windows.split_all([], sr=4), "at least one clip", "none", "rows were chosen"),
    "channels last": (lambda: features.log_mel(np.zeros((900, 2)), sr=4), "n_windows, window_samples",
                      "looks like channels", "Average the channels"),
    "fmax": (lambda: features.mel_filters(sr=100, fmax=90), "fmax <= sr / 2", "fmax 90 Hz at 100", "highest frequency"),
    "no answers": (lambda: metrics.accuracy([], []), "at least one answer", "none", "rows were chosen"),
    "share": (lambda: metrics.unknown_threshold([[0.5]], max_wrong_accepts=5), "between 0 and 1", "5", "5 % is 0.05"),
    "suffix": (lambda: audio.save_audio("a.m4a", np.zeros(4)), "'wav', 'flac', 'ogg', 'mp3'", "'m4a'", "Choose one"),
}


@pytest.mark.parametrize(("refuse", "expected", "got", "way_out"), REFUSED.values(), ids=REFUSED)
def test_every_message_has_its_four_parts(refuse, expected, got, way_out):
    with pytest.raises(checks.InputError, match=r"^Expected .*; got ") as caught:
        refuse()
    parts = MESSAGE.fullmatch(str(caught.value))
    assert parts, f"not of the common form: {caught.value}"
    assert re.search(expected, parts["expected"])
    assert re.search(got, parts["got"])
    assert re.search(way_out, parts["way_out"])
    assert parts["section"] == checks.ARRAYS
    assert isinstance(caught.value, ValueError), "who catches ValueError catches ours"


def test_every_section_is_a_heading_of_the_troubleshooting_page():
    page = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
    headings = {line.lstrip("#").strip() for line in page.splitlines() if line.startswith("#")}
    assert [section for section in checks.SECTIONS if section not in headings] == []


def test_a_section_that_does_not_exist_cannot_be_named():
    with pytest.raises(ValueError, match="no section 'Elsewhere'"):
        checks.explain("this", "that", "Do it", section="Elsewhere")


@pytest.mark.parametrize("error", [checks.AudioFileError, checks.DatasetError, checks.DownloadError])
def test_what_goes_wrong_with_files_is_an_oserror(error):
    assert issubclass(error, OSError)


def test_models_refuse_in_the_same_words_before_anything_is_built():
    with pytest.raises(checks.InputError, match="got 3 in x, 2 in y") as caught:
        models.fit(None, np.zeros((3, 4, 5)), np.zeros(2, int))
    assert MESSAGE.fullmatch(str(caught.value))


@pytest.mark.parametrize("sound", [
    np.zeros(5), np.full(5, 3.5), np.array([0.5], np.float32), np.zeros(3, np.float16), [0.0, 0.5],
], ids=["silence", "clipped", "one sample", "half precision", "a list"])
def test_legal_audio_comes_back_as_it_was(sound):
    checked = checks.audio(sound)
    assert checked is sound or isinstance(sound, list)
    np.testing.assert_array_equal(checked, sound)


@given(sr=st.integers(1, 200_000), kind=st.sampled_from([int, float, np.int32, np.float64]))
def test_whole_rates_of_any_type_become_int(sr, kind):
    checked = checks.sr(kind(sr))
    assert checked == sr
    assert type(checked) is int


@given(window=st.integers(1, 5000), hop=st.integers(1, 5000), sr=st.sampled_from([8000, 16000, 44100]))
def test_windows_and_hops_come_back_in_samples(window, hop, sr):
    if hop <= window:
        assert checks.window_and_hop(window / sr, hop / sr, sr=sr) == (window, hop)
    else:
        with pytest.raises(checks.InputError, match="0 < hop <= window"):
            checks.window_and_hop(window / sr, hop / sr, sr=sr)


def test_scores_may_be_counts_or_truths():
    assert checks.scores([[1, 0]]).dtype == float
    assert checks.scores(np.array([[True, False]])).tolist() == [[1.0, 0.0]]
    single = np.ones((1, 2), np.float32)
    assert checks.scores(single) is single


def test_an_empty_stack_of_windows_is_legal():
    assert checks.windows(np.zeros((0, 8))).shape == (0, 8)
    assert checks.log_mels(np.zeros((0, 4, 5))).shape == (0, 4, 5)
