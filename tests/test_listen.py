"""What a player plays is what it was given: same samples, same level, same words."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import checks, listen


class Page(HTMLParser):
    """The tags and the text of a page as a browser sees them."""

    def __init__(self, players):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(players._repr_html_())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def heard(players):
    """Decode every sound of a page the way a browser would."""
    for attrs in Page(players).all("audio"):
        kind, data = attrs["src"].split(",", 1)
        assert kind == "data:audio/wav;base64"
        yield soundfile.read(io.BytesIO(base64.b64decode(data, validate=True)), dtype="int16")


def tone(level=0.5, *, sr=16000, seconds=0.1):
    return (level * np.sin(2 * np.pi * 440 * np.arange(round(seconds * sr)) / sr)).astype(np.float32)


class Clips:
    """The two things that a grid needs of a data set."""

    table = pd.DataFrame({"label": ["crying_baby", "dog", "dog"], "sr": [8000, 16000, 16000]})

    def load(self, row):
        return tone(sr=row["sr"]), row["sr"]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=300), st.sampled_from([8000, 16000, 44100]))
def test_samples_on_the_16_bit_grid_come_back_unchanged(samples, sr):
    (played, rate), = heard(listen.play(np.array(samples) / 32768, sr=sr))
    assert rate == sr
    assert played.tolist() == samples


@pytest.mark.parametrize("level", [0.001, 0.25, 1.0])
def test_level_is_never_changed(level):
    audio = tone(level)
    (played, _), = heard(listen.play(audio, sr=16000))
    assert np.abs(played / 32768 - audio).max() <= 1 / 32768
    assert np.abs(played).max() == pytest.approx(np.abs(audio).max() * 32768, abs=1)


def test_peaks_beyond_full_scale_are_limited_and_said():
    players = listen.play(tone(1.8), sr=16000)
    (played, _), = heard(players)
    assert played.max() == 32767
    assert played.min() == -32768
    assert "beyond full scale: peak of 1.80 limited" in Page(players).text


def test_clipping_is_said_but_a_single_peak_is_not_called_clipping():
    assert "clipped" in repr(listen.play(np.clip(tone(3.0), -1, 1), sr=16000))
    touching = np.zeros(100)
    touching[50] = 1.0
    assert "clipped" not in repr(listen.play(touching, sr=16000))


def test_silence_is_legal_and_said():
    players = listen.play(np.zeros(800), sr=16000)
    assert "silence" in Page(players).text
    assert "inf" not in repr(players)
    assert "too quiet for 16 bits" in repr(listen.play(np.full(800, 1e-6), sr=16000))


def test_the_terminal_reads_duration_rate_and_level():
    square = np.tile([0.0676, -0.0676], 8000)
    assert repr(listen.play(square, sr=16000)) == "1.0 s at 16000 Hz, -23.4 dBFS"


def test_every_player_can_be_reached_and_read_without_seeing_it():
    page = Page(listen.compare({"before": tone(), "after": tone(0.1)}, sr=16000))
    players = page.all("audio")
    assert len(players) == 2
    assert all("controls" in attrs and attrs["preload"] == "metadata" for attrs in players)
    labels = [attrs["aria-label"] for attrs in players]
    assert labels == ["before: 0.1 s at 16000 Hz, -9.0 dBFS", "after: 0.1 s at 16000 Hz, -23.0 dBFS"]
    assert not any("tabindex" in attrs for _, attrs in page.tags)


def test_a_page_fetches_nothing_and_runs_nothing():
    html = listen.grid(Clips(), Clips.table)._repr_html_()
    assert "http" not in html
    assert "<script" not in html


@pytest.mark.parametrize("bad", ["<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "'&amp; <b>"])
def test_titles_and_captions_are_text_not_html(bad):
    for players in (
        listen.play(tone(), sr=16000, title=bad),
        listen.compare({bad: tone()}, sr=16000),
        listen.grid(Clips(), Clips.table[:1].assign(label=bad), captions=[bad]),
    ):
        page = Page(players)
        assert {tag for tag, _ in page.tags} <= {"div", "figure", "figcaption", "strong", "br", "audio"}
        assert bad.replace("_", " ") in page.text
        assert bad in page.all("audio")[0]["aria-label"]


def test_sounds_of_different_rates_stand_side_by_side():
    rates = [rate for _, rate in heard(listen.compare({"a": (tone(sr=8000), 8000), "b": tone()}, sr=16000))]
    assert rates == [8000, 16000]


def test_grid_shows_clips_in_the_order_of_the_rows():
    page = Page(listen.grid(Clips(), Clips.table, captions=["one", "two", "three"]))
    words = re.findall("crying baby|dog|one|two|three", page.text)
    assert words == ["crying baby", "one", "dog", "two", "dog", "three"]
    assert [rate for _, rate in heard(listen.grid(Clips(), Clips.table))] == [8000, 16000, 16000]
    one = listen.grid(Clips(), Clips.table[:1], captions=["one"])
    assert repr(one) == "crying baby (one): 0.1 s at 8000 Hz, -9.0 dBFS"


def test_a_single_row_is_a_grid_of_one():
    assert len(listen.grid(Clips(), Clips.table.iloc[1]).sounds) == 1


@pytest.mark.parametrize(("do", "says"), [
    (lambda: listen.play(np.zeros((2, 8)), sr=8), "Average the channels"),
    (lambda: listen.play(np.zeros(8, np.int16), sr=8), "Divide 16-bit samples"),
    (lambda: listen.play(np.array([np.nan]), sr=8), "NaN"),
    (lambda: listen.play(np.zeros(8), sr=0), "sampling rate"),
    (lambda: listen.play(np.zeros(10_000_000, np.float32), sr=16000), "at most 12 MB.*Play a part"),
    (lambda: listen.compare({}), "at least one sound"),
    (lambda: listen.compare([np.zeros(8)]), "dictionary.*got list"),
    (lambda: listen.compare({"a": (np.zeros(8), 8, 8)}), "tuple of 3"),
    (lambda: listen.compare({"a": np.zeros(8)}, columns=0), "columns above 0"),
    (lambda: listen.grid(Clips(), Clips.table[:0]), "at least one row"),
    (lambda: listen.grid(Clips(), Clips.table, captions=["one"]), "3 in rows, 1 in captions"),
])
def test_bad_input_is_told_what_to_do(do, says):
    with pytest.raises(checks.InputError, match=says):
        do()
