"""An event is drawn where it is, and what is played is what was clicked; no label can do more than be read."""

import base64
import html
import io
import itertools
import json
import re

import browsing
import matplotlib
import numpy as np
import pandas as pd
import pytest
import soundfile
from browsing import Elements, wait
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers import audio as audio_module
from helpers import checks, eventroll, features, listen
from helpers.eventroll import roll, tables
from helpers.plots import picture, style

SR = 16000
CLASSES = ["dog", "crying_baby"]
RNG = np.random.default_rng(8)
AUDIO = (0.01 * RNG.standard_normal(4 * SR)).astype(np.float32)
EVENTS = pd.DataFrame({"onset": [0.5, 1.2, 3.0], "offset": [0.8, 1.5, 3.4], "label": ["dog", "dog", "crying_baby"],
                       "status": ["hit", "miss", "hit"]})
DETECTED = pd.DataFrame({"onset": [2.2, 0.52, 3.05], "offset": [2.5, 0.84, 3.3], "label": ["dog", "dog", "crying_baby"],
                         "status": ["false alarm", "hit", "hit"], "score": [0.61, 0.9, 0.8]})
SCORES = RNG.uniform(0, 1, (40, 2))
NASTY = ["</script><script>window.hacked = 1</script>", "<img src=x onerror='window.hacked = 1'>",
         "\"'><b>&amp;@@data@@", "\N{SNOWMAN} \N{LINE SEPARATOR}"]


def make(**changes):
    given = {"sr": SR, "events": EVENTS, "detected": DETECTED, "scores": SCORES, "hop": 0.1, "classes": CLASSES,
             "threshold": 0.5, "title": "A yard", **changes}
    return eventroll.event_roll(given.pop("audio", AUDIO), **given)


def told(made):
    """What the page is told, as its script reads it."""
    return json.loads(Elements(made.page).one("script", id="data")[2])


# What is said and what is in the page

def test_one_line_says_what_there_is():
    assert repr(make()) == ("A yard: 4.0 s at 16000 Hz, -40.0 dBFS; 3 true events: 2 found, 1 missed; "
                            "3 detected events: 2 right, 1 false")
    plain = make(events=EVENTS[:1].drop(columns="status"), detected=None, title="")
    assert repr(plain) == "4.0 s at 16000 Hz, -40.0 dBFS; 1 true event"


def test_the_frame_holds_the_page_and_shuts_it_in():
    made = make()
    tag, attrs, instead = Elements(made._repr_html_()).found[0]
    assert tag == "iframe"
    assert instead.strip().startswith(f"{made.summary}. Run this cell"), "for a notebook that is not trusted"
    assert attrs["srcdoc"] == made.page
    assert attrs["sandbox"] == "allow-scripts", "with allow-same-origin it could reach the notebook"
    assert attrs["title"] == made.summary
    assert f"height:{made.height}px" in attrs["style"]


def test_the_page_plays_the_very_samples():
    source = Elements(make().page).one("audio")[1]["src"]
    kind, data = source.split(",", 1)
    assert kind == "data:audio/wav;base64"
    played, sr = soundfile.read(io.BytesIO(base64.b64decode(data, validate=True)), dtype="int16")
    assert sr == SR
    np.testing.assert_array_equal(played, audio_module.to_pcm16(AUDIO))


def test_the_page_fetches_nothing_and_needs_no_encoding_to_be_told():
    made = make(title="Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich", classes=["dog", "crying_baby"])
    assert made.page.isascii()
    assert told(made)["title"] == "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich"
    assert set(re.findall(r"https?://[^\"' ]+", made.page)) == {"http://www.w3.org/2000/svg"}
    policy = Elements(made.page).one("meta", **{"http-equiv": "Content-Security-Policy"})[1]["content"]
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


@pytest.mark.parametrize("nasty", NASTY)
def test_labels_and_titles_are_text(nasty):
    events = pd.DataFrame({"onset": [1.0], "offset": [2.0], "label": [nasty], "status": ["miss"]})
    made = make(events=events, detected=None, classes=[nasty, "dog"], title=nasty)
    ordinary = make(events=events.assign(label="dog"), detected=None)
    assert [one[0] for one in Elements(made.page).found] == [one[0] for one in Elements(ordinary.page).found]
    assert told(made)["title"] == nasty
    assert told(made)["classes"][0]["name"] == nasty.replace("_", " ")
    outside = Elements(f"<body>{made._repr_html_()}</body>")
    assert [one[0] for one in outside.found] == ["body", "iframe"]
    assert html.unescape(outside.found[1][1]["srcdoc"]).count("<script") >= 2


def test_events_are_told_in_order_with_status_score_and_what_they_play():
    dog, baby = told(make())["classes"]
    assert [(row["onset"], row["status"], row["score"]) for row in dog["detected"]] == [
        (0.52, "hit", 0.9), (2.2, "false alarm", 0.61)]
    assert baby["name"] == "crying baby"
    assert [row["play"] for row in dog["true"]] == [[0.4, 0.9], [1.1, 1.6]]
    assert dog["colour"] != baby["colour"]
    assert dog["glyph"] != baby["glyph"]
    assert style.ERROR not in {dog["colour"], baby["colour"]}
    assert f"--error: {style.ERROR};" in make().page


def test_what_is_played_stays_in_the_recording_and_can_be_heard():
    edges = pd.DataFrame({"onset": [0.0, 3.9, 2.0], "offset": [0.2, 5.0, 2.0], "label": "dog"})
    rows = told(make(events=edges, detected=None))["classes"][0]["true"]
    assert [row["play"] for row in rows] == [[0.0, 0.3], [1.75, 2.25], [3.8, 4.0]]
    assert rows[-1]["offset"] == 4.0, "an event that goes on is cut at the end of the recording"


def test_without_judgement_nothing_is_called_right_or_wrong():
    plain = make(events=EVENTS.drop(columns="status"), detected=DETECTED.assign(status=np.nan))
    assert not told(plain)["judged"]
    assert told(plain)["collar"] is None
    assert {row["status"] for group in told(plain)["classes"] for row in group["true"] + group["detected"]} == {None}
    assert plain.height < make().height
    assert told(make(events=EVENTS.assign(status=["hit", None, pd.NA])))["classes"][0]["true"][1]["status"] is None


def test_status_may_come_beside_the_tables():
    given = make(events=EVENTS.drop(columns="status"), detected=DETECTED.drop(columns="status"),
                 status=(EVENTS["status"], DETECTED["status"].to_list()))
    assert given.page == make().page


def test_empty_tables_are_legal():
    nothing = pd.DataFrame(columns=["onset", "offset", "label"])
    assert repr(make(events=nothing, detected=nothing)).endswith("; 0 true events; 0 detected events")


def test_a_page_is_saved_whole(tmp_path):
    path = make().save(tmp_path / "new" / "roll.html")
    assert path.read_text("utf-8") == make().page
    assert [one.name for one in path.parent.iterdir()] == ["roll.html"]


def test_the_frame_is_never_taller_than_a_page_should_be():
    many = [f"class {n}" for n in range(30)]
    events = pd.DataFrame({"onset": 1.0, "offset": 2.0, "label": many})
    assert make(classes=many, events=events, detected=None, scores=None).height == roll._TALLEST


def test_of_many_classes_those_with_nothing_to_see_are_only_named():
    many = [f"class_{n}" for n in range(8)]
    scores = np.full((40, 8), 0.2)
    scores[5, 6] = 0.7
    events = pd.DataFrame({"onset": [1.0], "offset": [2.0], "label": ["class_3"]})
    page = told(make(classes=many, events=events, detected=events.assign(label="class_5"), scores=scores))
    assert [group["name"] for group in page["classes"]] == ["class 3", "class 5", "class 6"]
    assert page["empty"] == ["class 0", "class 1", "class 2", "class 4", "class 7"]
    assert max(page["classes"][2]["curve"]) == 0.7
    last = told(make(classes=[*many[:4], *CLASSES, *many[4:]], scores=None))["classes"]
    assert [group["colour"] for group in last] == [style.colour(4), style.colour(5)], "a class keeps its colour"
    assert len(told(make(classes=many[:6], events=events, detected=None, scores=None))["classes"]) == 6
    nothing = told(make(classes=many, events=events[:0], detected=None, scores=None))
    assert len(nothing["classes"]) == 6


# The picture

def test_a_beep_stands_where_and_at_the_frequency_at_which_it_sounds():
    sound = np.zeros(3 * SR, np.float32)
    sound[SR: SR + 800] = np.sin(2 * np.pi * 2000 * np.arange(800) / SR)
    drawn = picture.log_mel(sound, sr=SR)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn["source"].split(",")[1]))))
    row, column = np.unravel_index(np.argmax(pixels), pixels.shape)
    time = 3 * (drawn["left"] + drawn["width"] * (column + 0.5) / pixels.shape[1])
    assert time == pytest.approx(1.025, abs=0.03)
    height = drawn["bottom"] + drawn["height"] * (1 - (row + 0.5) / pixels.shape[0])
    place, = [place for place, khz in drawn["ticks"] if khz == "2"]
    assert height == pytest.approx(place, abs=0.5 / 64)
    assert [khz for _, khz in drawn["ticks"]] == ["0", "0.5", "1", "2", "4", "8"]


def test_the_picture_has_the_colours_of_the_house():
    drawn = Image.open(io.BytesIO(base64.b64decode(told(make())["mel"]["source"].split(",")[1])))
    palette = np.reshape(drawn.getpalette(), (-1, 3))
    magma = (matplotlib.colormaps["magma"](np.arange(len(palette)))[:, :3] * 255).round()
    np.testing.assert_array_equal(palette, magma)
    assert told(make())["mel"]["colours"][0] == "#000004"


def test_a_long_recording_loses_no_short_sound(monkeypatch):
    monkeypatch.setattr(picture, "MOST_COLUMNS", 50)
    sound = np.full(10 * SR, 1e-4, np.float32)
    sound[5 * SR: 5 * SR + 200] = 0.5
    drawn = picture.log_mel(sound, sr=SR)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn["source"].split(",")[1]))))
    assert pixels.shape[1] <= 50
    column = np.argmax(pixels.max(axis=0))
    left, right = (10 * (drawn["left"] + drawn["width"] * (column + edge) / pixels.shape[1]) for edge in (0, 1))
    assert left <= 5.02 <= right + 0.02
    assert pixels.max() == 255


# Scores and thresholds

@settings(max_examples=40)
@given(st.integers(1, 30), st.floats(0.02, 2.0))
def test_scores_hold_from_their_start_for_one_hop(n_frames, hop):
    scores = np.linspace(0, 1, n_frames)[:, None]
    spans, values = tables.curves(scores, starts=None, hop=hop, n_classes=1, duration=100.0)
    assert values == [scores[:, 0].round(3).tolist()]
    assert spans[0][0] == 0
    assert all(until == after for (_, until), (after, _) in itertools.pairwise(spans))
    assert spans[-1][1] == pytest.approx(n_frames * hop, abs=1e-4)


def test_scores_leave_gaps_where_nothing_was_looked_at():
    spans, _ = tables.curves(SCORES[:3], starts=[0.0, 0.5, 3.0], hop=0.5, n_classes=2, duration=3.2)
    assert spans == [[0, 0.5], [0.5, 1.0], [3.0, 3.2]]
    spans, _ = tables.curves(SCORES[:2], starts=[0.0, 0.25], hop=None, n_classes=2, duration=4)
    assert spans == [[0, 0.25], [0.25, 0.5]]
    assert tables.curves(SCORES[:1], starts=[0.0], hop=None, n_classes=2, duration=4)[0] == [[0, 4]]


# Bad input

@pytest.mark.parametrize(("changes", "says"), [
    ({"audio": np.zeros((2, 8))}, "Average the channels"),
    ({"audio": np.zeros(listen.MOST_BYTES // 2 + 1000, np.float32)}, "at most 12 MB.*Play a part"),
    ({"sr": 0}, "sampling rate"),
    ({"events": None}, "events as a table with the columns onset, offset, label; got NoneType"),
    ({"events": EVENTS.drop(columns="offset")}, "got one without offset"),
    ({"detected": [1]}, "detected as a table"),
    ({"events": EVENTS.assign(label="cat")}, "label of events to be one of 'dog', 'crying_baby'; got 'cat'"),
    ({"events": EVENTS.assign(onset=2.0)}, "0 <= onset <= offset in events, in seconds; got 2 to 0.8"),
    ({"events": EVENTS.assign(onset=np.nan)}, "got nan to 0.8"),
    ({"events": EVENTS.assign(onset="soon")}, "got nan"),
    ({"events": EVENTS.assign(onset=7.0, offset=8.0)}, "begin within the 4.00 s of the recording; got an onset at 7 s"),
    ({"events": EVENTS.assign(clip_id=["a", "b", "b"])}, "events of one recording; got those of 2"),
    ({"events": EVENTS.assign(status="false alarm")}, "status of events to be one of 'hit', 'miss'"),
    ({"detected": DETECTED.assign(status="miss")}, "status of detected to be one of 'hit', 'false alarm'"),
    ({"status": (["hit"], ["hit"] * 3)}, "3 in events, 1 in status"),
    ({"classes": []}, "at least one class"),
    ({"classes": "dog"}, "at least one class, each named once; got 'dog'"),
    ({"classes": ["dog", "dog"]}, "each named once"),
    ({"scores": SCORES[:, :1]}, "2 columns of scores, one for each class; got 1"),
    ({"scores": SCORES * 3 - 1}, "scores from 0 to 1.*sigmoid"),
    ({"hop": None}, "starts or hop beside scores"),
    ({"starts": [0.0]}, "40 in scores, 1 in starts"),
    ({"starts": np.zeros(40)}, "starts that grow"),
    ({"threshold": 1.5}, "thresholds from 0 to 1"),
    ({"threshold": {"cat": 0.5}}, "class of a threshold to be one of"),
])
def test_bad_input_is_told_what_to_do(changes, says):
    with pytest.raises(checks.InputError, match=says):
        make(**changes)


# In a browser

@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as started:
        yield started


@pytest.fixture
def page(browser):
    with browsing.window(browser) as opened:
        yield opened


@pytest.fixture
def saved(page, tmp_path):
    """Open an event roll as a page of its own."""
    def saved(made):
        page.goto(made.save(tmp_path / "roll.html").as_uri())
        wait(page.main_frame, "eventRoll.ready")
        return page.main_frame

    return saved


@pytest.fixture
def exported(page, tmp_path):
    """Open the frame of an event roll inside a notebook's page."""
    return lambda made: browsing.in_a_notebook(page, made, page=tmp_path / "page.html",
                                               ready="window.eventRoll && eventRoll.ready")


def assert_heard(frame, nth, *, onset, offset):
    """Wait until the nth stretch has stopped by itself, and compare it with what the audio element says it played."""
    wait(frame, f"eventRoll.played.length === {nth}")
    assert frame.evaluate("eventRoll.paused")
    played, heard = frame.evaluate("[eventRoll.played.at(-1), eventRoll.heard]")
    assert [played["start"], played["end"]] == pytest.approx([onset - roll.AROUND, offset + roll.AROUND])
    (begun, ended), = [stretch for stretch in heard if stretch[0] - 0.01 <= played["to"] <= stretch[1] + 0.01]
    assert begun == pytest.approx(played["start"], abs=0.01)
    assert played["end"] <= ended < played["end"] + 0.5, "a busy machine looks less often whether the end is reached"


@pytest.mark.browser
@pytest.mark.parametrize("where", ["saved", "exported"])
def test_an_event_is_played_from_its_onset_to_its_offset(request, where):
    frame = request.getfixturevalue(where)(make())
    frame.click("button[aria-label^='detected dog 2.20']")
    assert_heard(frame, 1, onset=2.2, offset=2.5)
    wait(frame, "Math.abs(eventRoll.cursor - eventRoll.time) < 0.01")
    frame.click("text='missed: dog 1.20–1.50 s'")
    assert_heard(frame, 2, onset=1.2, offset=1.5)
    frame.click("text='false alarm: dog 2.20–2.50 s'")
    assert_heard(frame, 3, onset=2.2, offset=2.5)
    assert frame.evaluate("eventRoll.playing") is None


@pytest.mark.browser
def test_the_cursor_goes_with_the_sound_and_the_stretch_is_marked(saved):
    frame = saved(make())
    frame.click("button[aria-label^='true crying baby']")
    wait(frame, "!eventRoll.paused && eventRoll.cursor > 3.0")
    assert frame.evaluate("eventRoll.playing") == [2.9, 3.5]
    assert frame.locator(".band").is_visible()
    seen = frame.evaluate("[eventRoll.cursor, eventRoll.time]")
    assert seen[0] == pytest.approx(seen[1], abs=0.3)
    wait(frame, "eventRoll.paused")
    assert frame.locator(".band").is_hidden()
    assert frame.locator(".playing").count() == 0


@pytest.mark.browser
def test_a_click_on_the_picture_moves_there(saved):
    frame = saved(make())
    box = frame.locator(".clip").bounding_box()
    frame.page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 20)
    wait(frame, "Math.abs(eventRoll.time - 3) < 0.02 && Math.abs(eventRoll.cursor - 3) < 0.02")
    assert frame.evaluate("eventRoll.paused")
    frame.click("button.play")
    wait(frame, "eventRoll.time > 3.05")
    frame.click("button.play")
    wait(frame, "eventRoll.paused")
    assert frame.evaluate("eventRoll.played") == [], "a stretch is an event"


@pytest.mark.browser
def test_everything_can_be_done_with_the_keyboard(exported):
    frame = exported(make())
    page = frame.page
    reached = []
    frame.focus("button.play")
    while len(reached) < 30:
        reached.append(frame.evaluate("document.activeElement.getAttribute('aria-label')"
                                      " || document.activeElement.textContent"))
        page.keyboard.press("Tab")
        if not frame.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            break
    assert reached == [
        "Play", "Zoom out", "Zoom in", "Position in the recording",
        "true dog 0.50–0.80 s, hit. Play it", "true dog 1.20–1.50 s, missed. Play it",
        "detected dog 0.52–0.84 s, score 0.90, hit. Play it",
        "detected dog 2.20–2.50 s, score 0.61, false alarm. Play it", "true crying baby 3.00–3.40 s, hit. Play it",
        "detected crying baby 3.05–3.30 s, score 0.80, hit. Play it",
        "missed: dog 1.20–1.50 s", "false alarm: dog 2.20–2.50 s"]
    frame.focus(".clip")
    for key, time in [("ArrowRight", 0.5), ("ArrowRight", 1.0), ("ArrowLeft", 0.5), ("End", 4.0), ("Home", 0.0)]:
        page.keyboard.press(key)
        wait(frame, f"Math.abs(eventRoll.time - {time}) < 0.01")
    wait(frame, "document.querySelector('.clip').getAttribute('aria-valuenow') === '0.00'")
    page.keyboard.press(" ")
    wait(frame, "!eventRoll.paused && eventRoll.time > 0.05")
    page.keyboard.press(" ")
    wait(frame, "eventRoll.paused")
    frame.focus("button[aria-label^='true dog 1.20']")
    page.keyboard.press(" ")   # on an event, while nothing plays, it plays that event
    assert_heard(frame, 1, onset=1.2, offset=1.5)
    frame.focus(".errors button.alarm")
    page.keyboard.press("Enter")
    assert_heard(frame, 2, onset=2.2, offset=2.5)


@pytest.mark.browser
@pytest.mark.parametrize("where", ["saved", "exported"])
def test_a_label_cannot_run(request, page, where):
    events = EVENTS.assign(label=[NASTY[0], NASTY[1], NASTY[2]])
    frame = request.getfixturevalue(where)(
        make(events=events, detected=None, scores=None, classes=NASTY, title=NASTY[0]))
    assert frame.evaluate("typeof window.hacked") == "undefined"
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert frame.text_content("h1") == NASTY[0]
    assert [text[1:] for text in frame.locator(".names b").all_text_contents()] == NASTY
    assert frame.locator("img").count() == 1
    frame.click(".errors button")
    assert_heard(frame, 1, onset=1.2, offset=1.5)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 600])
def test_rows_are_level_and_nothing_sticks_out(exported, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    frame = exported(make())
    wait(frame, f"window.innerWidth < {width}")
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert frame.evaluate("document.documentElement.scrollHeight <= window.innerHeight + 40")
    tops = frame.evaluate("""["names", "canvas", "scales"].map((column) =>
        [...document.querySelectorAll(`.${column} > .row`)].map((row) => row.getBoundingClientRect().top))""")
    assert tops[0] == tops[1] == tops[2]
    assert len(tops[0]) == 1 + 2 * 3 + 1
    times = [float(text) for text in frame.locator(".canvas .tick").all_text_contents()]
    assert times[0] == 0
    assert times[-1] == 4
    event, canvas = frame.locator(".canvas .event.miss").bounding_box(), frame.locator(".canvas").bounding_box()
    assert (event["x"] - canvas["x"]) / canvas["width"] * 4 == pytest.approx(1.2, abs=0.02)
    assert event["width"] / canvas["width"] * 4 == pytest.approx(0.3, abs=0.02)
    assert frame.locator(".canvas .miss .word").inner_text() == "○missed"


@pytest.mark.browser
def test_a_name_of_two_lines_stays_in_its_row(exported):
    frame = exported(make(detected=None, scores=None, classes=["dog", "crying_baby", "glass_breaking"]))
    names, rows = (frame.evaluate("""(what) => [...document.querySelectorAll(what)].map((one) => {
        const box = one.getBoundingClientRect();
        return [box.top, box.bottom, one.scrollHeight - one.clientHeight];
    })""", what) for what in (".names b", ".names .first"))
    assert len(names) == len(rows) == 3
    assert names[2][1] - names[2][0] > names[0][1] - names[0][0], "one has two lines"
    for name, row in zip(names, rows, strict=True):
        assert row[0] <= name[0] < name[1] <= row[1]
        assert name[2] <= 1, "nothing of it is cut off"


@pytest.mark.browser
def test_zoom_makes_small_events_wide_and_follows_the_sound(saved):
    frame = saved(make())
    narrow = frame.locator(".canvas .event.miss").bounding_box()["width"]
    for _ in range(3):
        frame.click("button[aria-label='Zoom in']")
    assert frame.locator(".canvas .event.miss").bounding_box()["width"] == pytest.approx(8 * narrow, rel=0.02)
    frame.click("text='missed: dog 1.20–1.50 s'")
    assert_heard(frame, 1, onset=1.2, offset=1.5)
    view, cursor = frame.locator(".view").bounding_box(), frame.locator(".cursor").bounding_box()
    assert view["x"] <= cursor["x"] <= view["x"] + view["width"]
    assert any("." in text for text in frame.locator(".canvas .tick").all_text_contents())


@pytest.mark.browser
def test_the_page_forbids_itself_the_network(browser, tmp_path):
    context = browser.new_context()
    page = context.new_page()
    page.goto(make().save(tmp_path / "roll.html").as_uri())
    forbidden = page.evaluate("""() => new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        document.body.append(Object.assign(new Image(), {src: "http://127.0.0.1:9/x.png"}));
    })""")
    assert forbidden == "img-src"
    context.close()


def test_features_and_picture_agree_on_the_hop():
    drawn = Image.open(io.BytesIO(base64.b64decode(told(make())["mel"]["source"].split(",")[1])))
    assert drawn.width == features.log_mel(AUDIO, sr=SR, hop_length=picture.HOP_LENGTH).shape[1]
