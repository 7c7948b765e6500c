"""What is clicked is what is heard and seen, wherever its file lies; and no label or name can do more than be read."""

import base64
import html
import http.server
import io
import json
import re
import threading
from functools import partial
from pathlib import Path

import browsing
import numpy as np
import pandas as pd
import pytest
import soundfile
from browsing import Elements, wait
from PIL import Image

from helpers import audio, checks, files, soundmap
from helpers.plots import picture, style
from helpers.soundmap import clips, colourings, page, projector, tables

SR = 16000
N = 12
RNG = np.random.default_rng(8)
PITCHES = 400 + 200 * np.arange(N)                # Hz: what is heard says which sound it is
LENGTHS = 0.6 + 0.05 * np.arange(N)               # seconds: and so does how long it is
SOUNDS = [(0.3 * np.sin(2 * np.pi * pitch * np.arange(round(length * SR)) / SR)).astype(np.float32)
          for pitch, length in zip(PITCHES, LENGTHS, strict=True)]
POINTS = np.column_stack([np.arange(N) % 4, np.arange(N) // 4]).astype(float)   # 4 columns, 3 rows, 0 below
LABELS = np.array(["rain", "dog", "crying_baby", "dog"] * 3)
NAMES = [f"clip-{index:02d}" for index in range(N)]
NASTY = ["</script><script>window.hacked = 1</script>", "<img src=x onerror='window.hacked = 1'>",
         "\"'><b>&amp;@@data@@", "\N{SNOWMAN} \N{LINE SEPARATOR}"]


def make(**changes):
    given = {"points": POINTS, "audio": SOUNDS, "sr": SR, "labels": LABELS, "names": NAMES, **changes}
    return soundmap.sound_map(given.pop("points"), given.pop("audio"), **given)


def told(made_or_text):
    """What the page is told, as its script reads it."""
    text = made_or_text if isinstance(made_or_text, str) else made_or_text.page
    return json.loads(Elements(text).one("script", id="data")[2])


def pitch(samples, sr=SR):
    return np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * sr / len(samples)


@pytest.fixture
def recordings(tmp_path):
    """The sounds as files in a folder with a name that needs care."""
    folder = tmp_path / "my recordings #1"
    paths = [folder / f"sound {index} 50%.wav" for index in range(N)]
    for path, sound in zip(paths, SOUNDS, strict=True):
        audio.save_audio(path, sound, sr=SR)
    return paths


# What is said and what is in the page

def test_one_line_says_what_there_is():
    assert repr(make()) == "12 sounds on a map, coloured by label (3 groups)"
    made = make(points={"UMAP": POINTS, "PCA": POINTS}, colours={"outlier_score": np.linspace(0, 2.5, N)}, title="Yard")
    assert repr(made) == ("Yard: 12 sounds on maps by UMAP and PCA, coloured by label (3 groups), "
                          "outlier score (0 to 2.5)")


def test_the_frame_holds_the_page_and_shuts_it_in():
    made = make()
    tag, attrs, _ = Elements(made._repr_html_()).found[0]
    assert tag == "iframe"
    assert attrs["srcdoc"] == made.page
    assert attrs["sandbox"] == "allow-scripts", "with allow-same-origin it could reach the notebook"
    assert attrs["title"] == made.summary


def test_the_page_fetches_nothing_and_needs_no_encoding_to_be_told():
    made = make(title="Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich")
    assert made.page.isascii()
    assert told(made)["title"] == "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich"
    assert re.findall(r"https?://", made.page) == []
    policy = Elements(made.page).one("meta", **{"http-equiv": "Content-Security-Policy"})[1]["content"]
    assert policy == ("default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
                      "script-src 'unsafe-inline'")


@pytest.mark.parametrize("nasty", NASTY)
def test_labels_names_and_titles_are_text(nasty):
    made = make(labels=[nasty] * N, names=[nasty] * N, colours={nasty: [nasty] * N}, title=nasty,
                points={nasty: POINTS})
    assert [one[0] for one in Elements(made.page).found] == [one[0] for one in Elements(make().page).found]
    found = told(made)
    assert found["title"] == found["names"][0] == found["maps"][0]["name"] == nasty
    assert [by["groups"][0]["name"] for by in found["colourings"]] == [nasty, nasty]
    outside = Elements(f"<body>{made._repr_html_()}</body>")
    assert [one[0] for one in outside.found] == ["body", "iframe"]
    assert html.unescape(outside.found[1][1]["srcdoc"]).count("<script") >= 2


def test_both_axes_have_one_scale():
    where = told(make())["maps"][0]
    assert (min(where["x"]), max(where["x"])) == (0, tables.SCALE)
    assert np.ptp(where["y"]) == pytest.approx(tables.SCALE * 2 / 3, abs=1), "3 wide, 2 high"
    assert where["x"][:5] == [0, 3333, 6667, 10000, 0]
    alike = told(make(points=np.ones((N, 2))))["maps"][0]
    assert set(alike["x"] + alike["y"]) == {tables.SCALE // 2}


# Sounds and pictures

def test_sounds_are_the_right_ones_and_as_loud_as_they_were():
    loud_and_quiet = [sound * level for sound, level in zip(SOUNDS, np.geomspace(0.01, 3.3, N), strict=True)]
    for index, encoded in enumerate(told(make(audio=loud_and_quiet))["sounds"]):
        played, sr = soundfile.read(io.BytesIO(base64.b64decode(encoded)))
        assert sr == SR
        assert pitch(played) == pytest.approx(PITCHES[index], abs=5)
        assert len(played) == pytest.approx(LENGTHS[index] * SR, abs=20), "a delay would make the cursor lie"
        assert audio.level_db(played[800:-800]) == pytest.approx(audio.level_db(loud_and_quiet[index]), abs=0.1)
        assert np.abs(played[800:-800]).max() <= 1.002


def test_a_click_in_the_sound_stays_where_it_is():
    sound = np.zeros(SR, np.float32)
    sound[9000:9040] = 0.8
    played, _ = soundfile.read(io.BytesIO(clips.mp3(sound)))
    assert np.argmax(np.abs(played)) == pytest.approx(9020, abs=40)


def test_it_is_said_what_is_wrong_with_a_sound():
    found = told(make(audio=[2 * np.ones(SR), np.zeros(SR), *SOUNDS[2:]]))["facts"]["text"]
    assert "peak of 2.00 limited to 1" in found[0]
    assert "silence" in found[1]
    assert found[2] == "0.7 s at 16000 Hz, -13.5 dBFS"


def test_pictures_are_log_mel_spectrograms_of_the_house():
    found = told(make())
    for index in (0, 7):
        drawn = Image.open(io.BytesIO(base64.b64decode(found["pictures"][index])))
        expected = Image.open(io.BytesIO(picture.bare(SOUNDS[index], sr=SR)["png"]))
        np.testing.assert_array_equal(np.asarray(drawn), np.asarray(expected))
        palette = np.reshape(drawn.getpalette(), (-1, 3))
        assert palette[0].tolist() == [0, 0, 4], "magma"
    assert [khz for _, khz in found["axes"]["ticks"]] == ["0", "0.5", "1", "2", "4", "8"]


def test_long_recordings_are_cut_at_the_start_given_and_it_is_said():
    long = np.concatenate(SOUNDS)
    begins = np.concatenate([[0], np.cumsum(LENGTHS)[:-1]])
    found = told(make(audio=[long] * N, starts=begins, seconds=0.5))
    for index, encoded in enumerate(found["sounds"]):
        assert pitch(soundfile.read(io.BytesIO(base64.b64decode(encoded)))[0]) == pytest.approx(PITCHES[index], abs=5)
    assert set(found["facts"]["seconds"]) == {0.5}
    assert found["facts"]["text"][2].endswith("; 1.2 to 1.8 s of 10.5 s")
    assert "begins" not in found, "the sound in the page is cut already"


def test_other_rates_are_brought_to_one():
    found = told(make(audio=[audio.resample(sound, orig_sr=SR, target_sr=44100) for sound in SOUNDS], sr=44100))
    assert found["facts"]["seconds"][3] == pytest.approx(LENGTHS[3], abs=0.001)
    assert "at 16000 Hz" in found["facts"]["text"][3]


def test_files_do_as_well_and_one_recording_is_read_once(recordings, monkeypatch):
    assert told(make(audio=recordings))["sounds"] == told(make(audio=[
        audio.load_audio(path)[0] for path in recordings]))["sounds"]
    assert soundmap.sound_map(POINTS, recordings).points["names"][3] == "sound 3 50%.wav"
    read, load = [], audio.load_audio
    monkeypatch.setattr(audio, "load_audio", lambda path, **more: read.append(path) or load(path, **more))
    made = soundmap.sound_map(POINTS, [recordings[0]] * N, starts=np.arange(N) * 0.05, seconds=0.05)
    assert made.points["names"][2] == "sound 0 50%.wav at 0.1 s"
    assert len(told(made)["sounds"]) == N
    assert read == recordings[:1]


def test_what_was_encoded_is_kept_and_damage_is_noticed(monkeypatch):
    sounds = [sound * 0.77 for sound in SOUNDS]
    before = make(audio=sounds).page
    monkeypatch.setattr(clips, "mp3", lambda sound: pytest.fail("encoded once more"))
    assert make(audio=sounds).page == before
    monkeypatch.undo()
    for path in files.cache_folder("soundmap").iterdir():
        path.write_text("[[", encoding="utf-8")
    assert make(audio=sounds).page == before


def noise(n, seconds=5):
    return [(0.1 * RNG.standard_normal(seconds * SR)).astype(np.float32) for _ in range(n)]


def weight_of_400(sounds):
    """MB of a page with 400 such sounds, from the weight of these."""
    points = np.zeros((len(sounds), 2))
    both, one = (len(soundmap.sound_map(points[:n], sounds[:n]).page) for n in (len(sounds), 1))
    return (one + 399 * (both - one) / (len(sounds) - 1)) / 1e6


def test_400_clips_of_five_seconds_stay_below_15_mb():
    assert weight_of_400(noise(7)) < page.MOST_BYTES / 1e6
    estimated = clips.Clips(tuple(noise(1)) * 400, SR, np.zeros(400), 5.0).bytes()
    assert estimated <= page.MOST_BYTES


@pytest.mark.real_data
def test_400_real_clips_stay_below_15_mb(test_data):
    paths = sorted((test_data / "ESC-10" / "audio").iterdir())[::20]
    assert len(paths) > 10
    assert weight_of_400([audio.load_audio(path)[0] for path in paths]) < page.MOST_BYTES / 1e6


def test_too_much_for_a_page_is_refused_before_anything_is_encoded(monkeypatch, tmp_path):
    monkeypatch.setattr(clips, "mp3", lambda sound: pytest.fail("encoded"))
    made = soundmap.sound_map(np.zeros((600, 2)), [np.zeros(5 * SR, np.float32)] * 600)
    for show in (made._repr_html_, lambda: made.save(tmp_path / "map.html")):
        with pytest.raises(checks.InputError, match=r"at most 15 MB.*about 19 MB for 600 sounds.*files='beside'"):
            show()
    assert list(tmp_path.iterdir()) == []


# Colours and neighbours

def kinds(**colours):
    return {by["name"]: by for by in colourings.colourings(None, colours, n=4)}


def test_words_and_few_whole_numbers_are_groups_and_others_a_scale():
    found = kinds(cluster=[2, 10, -1, 2], score=[0.5, 1.0, 0.25, 0.75], flag=[True, False, True, True],
                  word=pd.Series(["b", None, "a_c", "b"], index=[4, 5, 6, 7]), gap=[1.5, np.nan, 0.5, 1.0])
    assert [group["name"] for group in found["cluster"]["groups"]] == ["-1", "2", "10"]
    assert found["cluster"]["of"] == [1, 2, 0, 1]
    assert [group["name"] for group in found["flag"]["groups"]] == ["False", "True"]
    assert [group["name"] for group in found["word"]["groups"]] == ["a c", "b", "none"]
    assert found["word"]["of"] == [1, 2, 0, 1]
    assert (found["score"]["low"], found["score"]["high"]) == (0.25, 1.0)
    assert found["gap"]["values"] == [1.5, None, 0.5, 1.0]
    assert "groups" not in found["gap"]
    assert kinds(nothing=[None] * 4)["nothing"]["of"] == [0] * 4
    many = colourings.colourings(None, {"place": list(range(40))}, n=40)[0]
    assert many["high"] == 39


def test_a_label_called_none_is_not_a_missing_one():
    found = kinds(word=["none", None, "none", None])["word"]
    assert found["of"] == [0, 1, 0, 1]
    assert found["groups"][0]["colour"] != found["groups"][1]["colour"]


def test_thirty_groups_differ_in_colour_or_shape_and_none_has_the_colour_of_errors():
    groups = colourings.colourings([f"{index:02d}" for index in range(30)], None, n=30)[0]["groups"]
    assert len({(group["colour"], group["marker"]) for group in groups}) == 30
    assert style.ERROR not in {group["colour"] for group in groups}
    shapes = (page.HERE / "shapes.js").read_text("utf-8")
    assert all(f'"{marker}": ' in shapes for marker in style.MARKERS)


def test_the_sound_itself_is_no_neighbour():
    found = make(neighbours=np.array([[index, (index + 1) % N, -1] for index in range(N)])).points["neighbours"]
    assert found == [[(index + 1) % N] for index in range(N)]


@pytest.mark.parametrize(("changes", "says"), [
    ({"audio": []}, "at least one sound"),
    ({"points": {}}, "0 maps"),
    ({"points": np.zeros((N, 3))}, "points of shape \\(n, 2\\)"),
    ({"points": np.full((N, 2), np.nan)}, "24 values that are NaN"),
    ({"points": POINTS[:5]}, "12 in audio, 5 in points"),
    ({"names": ["a"]}, "1 in names"),
    ({"labels": ["a"]}, "12 in the points, 1 in label"),
    ({"colours": ["a"] * N}, "colours as a dictionary"),
    ({"colours": {"score": [np.inf] * N}}, "12 values that are NaN or infinite"),
    ({"starts": [-1.0] * N}, "starts of 0 s or later; got -1 s"),
    ({"seconds": 0}, "seconds above 0"),
    ({"sr": 0}, "sampling rate"),
    ({"neighbours": np.zeros((N, 2))}, "neighbours as whole numbers"),
    ({"neighbours": np.zeros((N, 0), int)}, "shape \\(12, 0\\)"),
    ({"neighbours": np.full((N, 2), N)}, "from 0 to 11, .*got .*12 to 12"),
])
def test_bad_input_is_told_what_to_do(changes, says):
    with pytest.raises(checks.InputError, match=says):
        make(**changes)


def test_a_bad_sound_is_named(recordings):
    with pytest.raises(checks.InputError, match=r"audio\[2\] of one channel"):
        make(audio=[*SOUNDS[:2], np.zeros((2, 8)), *SOUNDS[3:]])._repr_html_()
    with pytest.raises(checks.InputError, match=r"start within the 0\.75 s of sound 3; got 9 s"):
        make(starts=[0, 0, 0, 9.0] + [0] * 8)._repr_html_()
    recordings[1].unlink()
    with pytest.raises(checks.AudioFileError, match="sound 1 50%"):
        make(audio=recordings)._repr_html_()


# Saving

def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = make().save(tmp_path / "new" / "map.html")
    assert path.read_text("ascii") == make().page
    made = make(audio=noise(N, seconds=1))
    monkeypatch.setattr(clips, "mp3", lambda sound: (_ for _ in ()).throw(OSError("stopped")))
    with pytest.raises(OSError, match="stopped"):
        made.save(path)
    assert path.read_text("ascii") == make().page
    assert [one.name for one in path.parent.iterdir()] == ["map.html"]


def test_sounds_beside_the_page_are_numbered_and_the_page_stays_small(tmp_path):
    path = make(names=NASTY * 3, audio=SOUNDS).save(tmp_path / "my map.html", files="beside")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["my map.html", "my map_files"]
    folder = tmp_path / "my map_files"
    assert sorted(one.name for one in folder.iterdir()) == sorted(
        f"{index:05d}.{kind}" for index in range(N) for kind in ("mp3", "png"))
    for index in (0, 11):
        assert pitch(soundfile.read(folder / f"{index:05d}.mp3")[0]) == pytest.approx(PITCHES[index], abs=5)
        assert (folder / f"{index:05d}.png").read_bytes() == picture.bare(SOUNDS[index], sr=SR)["png"]
    found = told(path.read_text("ascii"))
    assert found["folder"] == "./my%20map_files/"
    assert "sounds" not in found
    assert path.stat().st_size < 60_000


def test_a_second_save_replaces_the_first_and_nothing_else(tmp_path):
    path = tmp_path / "map.html"
    make().save(path, files="beside")
    soundmap.sound_map(POINTS[:2], SOUNDS[:2]).save(path, files="beside")
    assert sorted(one.name for one in (tmp_path / "map_files").iterdir()) == [
        "00000.mp3", "00000.png", "00001.mp3", "00001.png"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["map.html", "map_files"]
    (tmp_path / "map_files" / "thesis.docx").write_text("years of work", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"one that holds 'thesis\.docx'. Give the page another name"):
        make().save(path, files="beside")
    assert (tmp_path / "map_files" / "thesis.docx").exists()


def test_interrupted_saving_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "map.html"
    make().save(path, files="beside")
    before = {one: one.read_bytes() for one in sorted(tmp_path.rglob("*")) if one.is_file()}
    real, left = clips.Clips.one, iter(range(5))
    monkeypatch.setattr(clips.Clips, "one", lambda self, index, **more: (
        real(self, index, **more) if next(left, None) is not None else (_ for _ in ()).throw(KeyboardInterrupt)))
    with pytest.raises(KeyboardInterrupt):
        make(audio=noise(N, seconds=1)).save(path, files="beside")
    assert {one: one.read_bytes() for one in sorted(tmp_path.rglob("*")) if one.is_file()} == before


def test_recordings_are_linked_where_they_lie(tmp_path, recordings):
    path = make(audio=recordings, starts=[0.1] * N).save(tmp_path / "maps" / "map.html", files="linked")
    found = told(path.read_text("ascii"))
    assert found["links"][1] == "./../my%20recordings%20%231/sound%201%2050%25.wav"
    assert found["begins"] == [0.1] * N
    assert {one.suffix for one in (path.parent / "map_files").iterdir()} == {".png"}
    with pytest.raises(checks.InputError, match="sounds that came as paths; got arrays"):
        make().save(tmp_path / "other.html", files="linked")
    with pytest.raises(checks.InputError, match="'inside', 'beside', 'linked'"):
        make().save(tmp_path / "other.html", files="outside")


# The TensorBoard Projector

def exported_to_projector(tmp_path, metadata, **more):
    path = soundmap.save_projector(tmp_path / "logs", RNG.standard_normal((len(metadata), 5)).astype(np.float32),
                                   metadata=metadata, **more)
    return path, (path.parent / "metadata.tsv").read_text("utf-8").split("\n")


def test_the_projector_gets_vectors_metadata_and_pictures(tmp_path):
    metadata = pd.DataFrame({"label": LABELS, "na\tme": ["two\nlines", "a\ttab\r", "", *NASTY, *NAMES[:5]]})
    path, lines = exported_to_projector(tmp_path, metadata, audio=SOUNDS, sr=SR)
    assert lines[0] == "label\tna me"
    assert [line.count("\t") for line in lines] == [1] * (N + 1) + [0]
    assert lines[1:4] == ["rain\ttwo lines", "dog\ta tab", "crying_baby\t "]
    assert lines[7] == "crying_baby\t\N{SNOWMAN}"
    vectors = np.loadtxt(path.parent / "vectors.tsv", delimiter="\t")
    assert vectors.shape == (N, 5)
    config = path.read_text("utf-8")
    assert config.count("{") == config.count("}") == 2
    assert re.findall(r'(\w+_path): "(.*)"', config) == [
        ("tensor_path", "vectors.tsv"), ("metadata_path", "metadata.tsv"), ("image_path", "sprite.png")]
    assert re.findall(r"single_image_dim: (\d+)", config) == ["64", "64"]
    sprite = Image.open(path.parent / "sprite.png")
    assert sprite.size == (4 * 64, 3 * 64)
    shades = np.asarray(sprite).reshape(3, 64, 4, 64).swapaxes(1, 2).reshape(N, 64, 64)
    heights = 63 - shades[:, :, 16:48].mean(axis=2).argmax(axis=1)
    assert (np.diff(heights) > 0).all(), "each higher pitch lies higher, in the order of the rows"


def test_a_single_column_has_no_header_and_pictures_may_be_left_out(tmp_path):
    path, lines = exported_to_projector(tmp_path, pd.DataFrame({"label": ["rain", "", "dog"]}))
    assert lines == ["rain", " ", "dog", ""]
    assert "sprite" not in path.read_text("utf-8")
    assert not (path.parent / "sprite.png").exists()


def test_the_sprite_never_grows_beyond_what_browsers_draw(monkeypatch):
    monkeypatch.setattr(projector, "MOST_SIDE", 100)
    side, png = projector._sprite(SOUNDS[:9], sr=SR)
    assert side == 33
    assert Image.open(io.BytesIO(png)).size == (99, 99)
    monkeypatch.setattr(projector, "MOST_SIDE", 20)
    with pytest.raises(checks.InputError, match="at most 4 sounds with pictures; got 9"):
        projector._sprite(SOUNDS[:9], sr=SR)


@pytest.mark.parametrize(("changes", "says"), [
    ({"metadata": pd.DataFrame(index=range(3))}, "at least one column"),
    ({"metadata": pd.DataFrame({"a": [1]})}, "3 in embeddings, 1 in metadata"),
    ({"audio": SOUNDS[:1]}, "1 in audio"),
    ({"embeddings": np.zeros(3)}, "shape \\(3,\\)"),
    ({"embeddings": np.full((3, 2), np.nan)}, "6 values"),
])
def test_the_projector_refuses_what_does_not_fit(tmp_path, changes, says):
    given = {"embeddings": np.zeros((3, 2)), "metadata": pd.DataFrame({"a": [1, 2, 3]}), **changes}
    with pytest.raises(checks.InputError, match=says):
        soundmap.save_projector(tmp_path / "logs", given.pop("embeddings"), **given)
    assert not list(tmp_path.rglob("*.pbtxt"))


# Colours that can be read

def contrast(one, other):
    """Contrast after WCAG 2.2, 1 to 21."""
    def light(colour):
        part = np.array([int(colour[place: place + 2], 16) for place in (1, 3, 5)]) / 255
        return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_text_has_contrast():
    css = (page.HERE / "page.css").read_text("utf-8")
    named = dict(re.findall(r"--(\w+): (#\w{6})", css))
    texts = {named["ink"], named["quiet"], *re.findall(r"[ ;{]color: (#\w{6})", css)}
    assert len(texts) >= 4
    assert min(contrast(text, "#f7f7f7") for text in texts) >= 4.5
    assert contrast("#ffffff", named["blue"]) >= 4.5
    assert contrast("#8f3f00", "#fcfcfc") >= 4.5
    assert "#8f3f00" in Path(page.HERE / "field.js").read_text("utf-8")


# In a browser

@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as started:
        yield started


@pytest.fixture
def window(browser):
    with browsing.window(browser) as opened:
        yield opened


@pytest.fixture
def saved(window, tmp_path):
    """Open a sound map as a page of its own, without any network."""
    def saved(made, **how):
        window.context.set_offline(True)
        window.goto(made.save(tmp_path / "map.html", **how).as_uri())
        wait(window.main_frame, "window.soundMap && soundMap.ready")
        return window.main_frame

    return saved


@pytest.fixture
def exported(window, tmp_path):
    """Open the frame of a sound map inside a notebook's page."""
    return lambda made: browsing.in_a_notebook(window, made, page=tmp_path / "page.html",
                                               ready="window.soundMap && soundMap.ready")


def click(frame, index, **how):
    """Click where a point is."""
    frame.locator(".field").scroll_into_view_if_needed()
    x, y = frame.evaluate(f"soundMap.within({index})")
    frame.locator(".field").click(position={"x": x, "y": y}, **how)


LISTEN = """() => {
    const context = new AudioContext(), heard = context.createAnalyser();
    heard.fftSize = 8192;
    context.createMediaElementSource(soundMap.audio).connect(heard).connect(context.destination);
    window.loudest = () => {
        const levels = new Float32Array(heard.frequencyBinCount);
        heard.getFloatFrequencyData(levels);
        return levels.indexOf(Math.max(...levels)) * context.sampleRate / heard.fftSize;
    };
}"""
PIXELS = """() => {
    const image = document.querySelector(".picture img"), canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const bytes = Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data);
    return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
}"""


def assert_plays(frame, index):
    """Wait until a sound plays by the audio element's own account, and compare its length."""
    wait(frame, f"soundMap.playing === {index} && soundMap.audio.currentTime > 0.05 || soundMap.audio.ended")
    assert frame.evaluate("soundMap.chosen") == index
    assert frame.evaluate("soundMap.audio.duration") == pytest.approx(LENGTHS[index], abs=0.02)


@pytest.mark.browser
@pytest.mark.parametrize("where", ["saved", "exported"])
def test_a_click_plays_the_sound_and_shows_its_picture(request, where):
    # those that are played are long enough to be heard on a busy machine
    long = [np.tile(sound, 5) if index in (3, 6) else sound for index, sound in enumerate(SOUNDS)]
    made = make(audio=long)
    frame = request.getfixturevalue(where)(made)
    frame.evaluate(LISTEN)
    for index in (6, 3):
        click(frame, index)
        wait(frame, f"soundMap.playing === {index} && Math.abs(loudest() - {PITCHES[index]}) < 12")
        assert frame.locator(".card h2").inner_text() == style.pretty(LABELS[index])
        assert NAMES[index] in frame.locator(".about").inner_text()
        assert frame.locator(".card .text").inner_text() == told(made)["facts"]["text"][index]
        assert frame.locator("#spoken").inner_text() == f"Playing {style.pretty(LABELS[index])}, {NAMES[index]}"
        wait(frame, "document.querySelector('.picture img').complete")
        drawn = np.frombuffer(base64.b64decode(frame.evaluate(PIXELS)), np.uint8).reshape(66, -1, 4)[..., :3]
        png = Image.open(io.BytesIO(base64.b64decode(told(made)["pictures"][index]))).convert("RGB")
        np.testing.assert_array_equal(drawn, np.asarray(png))
    wait(frame, "soundMap.cursor > 0.3")
    time, cursor = frame.evaluate("[soundMap.audio.currentTime, soundMap.cursor]")
    assert cursor == pytest.approx(time, abs=0.2)


@pytest.mark.browser
@pytest.mark.parametrize("where", ["beside", "linked"])
def test_sounds_beside_the_page_play(saved, recordings, where):
    frame = saved(make(audio=recordings), files=where)
    click(frame, 5)
    assert_plays(frame, 5)
    wait(frame, "document.querySelector('.picture img').naturalWidth > 0")
    assert frame.get_attribute(".picture img", "src") == "./map_files/00005.png"


@pytest.mark.browser
def test_a_piece_of_a_linked_recording_stops_at_its_end(saved, recordings):
    begins = np.full(N, 0.2)
    frame = saved(soundmap.sound_map(POINTS, recordings, starts=begins, seconds=0.25), files="linked")
    click(frame, 11)
    wait(frame, "soundMap.chosen === 11 && soundMap.audio.paused && soundMap.audio.currentTime >= 0.45")
    assert frame.evaluate("soundMap.audio.currentTime") < 1.0, "the recording goes on to 1.15 s"
    assert frame.evaluate("soundMap.audio.played.start(0)") == pytest.approx(0.2, abs=0.02)


@pytest.mark.browser
def test_a_page_from_a_server_plays_too(browser, tmp_path):
    path = make().save(tmp_path / "map.html", files="beside")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with browsing.window(browser, allowed=(address, "data:")) as opened:
            opened.goto(f"{address}/{path.name}")
            wait(opened.main_frame, "window.soundMap && soundMap.ready")
            click(opened.main_frame, 4)
            assert_plays(opened.main_frame, 4)
        server.shutdown()


@pytest.mark.browser
def test_everything_can_be_done_with_the_keyboard(exported):
    frame = exported(make(colours={"score": np.linspace(0, 1, N)}))
    keyboard = frame.page.keyboard
    frame.focus(".field")
    keyboard.press("Enter")
    wait(frame, "soundMap.chosen >= 0 && soundMap.playing === soundMap.chosen || soundMap.audio.ended")
    keyboard.press("Escape")
    assert frame.evaluate("[soundMap.playing, soundMap.audio.currentTime]") == [-1, 0]
    click(frame, 5)
    for key, index in [("ArrowRight", 6), ("ArrowUp", 10), ("ArrowLeft", 9), ("ArrowDown", 5), ("ArrowDown", 1)]:
        keyboard.press(key)
        assert frame.evaluate("soundMap.chosen") == index
        spoken = frame.locator("#spoken").inner_text()
        assert spoken.startswith(f"{style.pretty(LABELS[index])}, {NAMES[index]}, score ")
    keyboard.press("ArrowDown")
    assert frame.evaluate("soundMap.chosen") == 1, "there is nothing further down"
    assert frame.locator("#spoken").inner_text() == "No sound further this way"
    keyboard.press("Enter")
    assert_plays(frame, 1)
    keyboard.press("+")
    wait(frame, "soundMap.zoom > 1.2")
    keyboard.press("0")
    wait(frame, "soundMap.zoom === 1 && soundMap.audio.ended")
    reached = []
    frame.focus("select")
    for _ in range(40):
        reached.append(frame.evaluate("""(() => {
            const on = document.activeElement;
            return on.getAttribute("aria-label") || (on.type === "checkbox" ? on.parentElement : on).textContent;
        })()"""))
        keyboard.press("Tab")
        if not frame.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            break
    assert reached == [
        "Colour", "Search by label or name", "List", "⬚ Lasso", "Zoom out", "Zoom in", "Show all of the map",
        "Map of 12 sounds", "crying baby3", "dog6", "rain3", "Show all", "Play while moving", "Names of groups",
        "Position in the sound", "Play", "■ Stop"]


@pytest.mark.browser
def test_the_page_says_what_it_is_to_those_who_cannot_see_it(saved):
    frame = saved(make())
    field = frame.locator(".field")
    assert field.get_attribute("role") == "application"
    help_text = frame.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
    assert "Arrow keys" in help_text
    assert "12 sounds on a map, coloured by label (3 groups)" in help_text
    assert frame.locator("#spoken").get_attribute("aria-live") == "polite"
    click(frame, 2)
    assert frame.locator(".picture img").get_attribute("alt") == "Log-mel spectrogram of crying baby, clip-02"
    assert frame.locator("canvas:not([aria-hidden])").count() == 0


def drag_around(frame, indices, *, shift=False):
    """Draw a loop around points that make a rectangle."""
    mouse, places = frame.page.mouse, np.array([frame.evaluate(f"soundMap.place({index})") for index in indices])
    (left, top), (right, low) = places.min(axis=0) - 25, places.max(axis=0) + 25
    if shift:
        frame.page.keyboard.down("Shift")
    mouse.move(left, top)
    mouse.down()
    for x, y in [(right, top), (right, low), (left, low)]:
        mouse.move(x, y, steps=3)
    mouse.up()
    frame.page.keyboard.up("Shift")


@pytest.mark.browser
def test_a_lasso_lists_plays_in_turn_and_copies(saved):
    frame = saved(make(names=[NAMES[0], "two\nlines", *NAMES[2:]]))
    frame.click("text=Lasso")
    drag_around(frame, [0, 1, 4, 5])
    assert frame.evaluate("soundMap.selected") == [0, 1, 4, 5]
    assert frame.locator(".selection h3").inner_text() == "4 sounds selected"
    assert frame.locator(".selection .entry").all_text_contents() == [
        "rain, clip-00", "dog, two\nlines", "rain, clip-04", "dog, clip-05"]
    frame.click("text=Copy names")
    assert frame.input_value("textarea") == "clip-00\ntwo lines\nclip-04\nclip-05"
    frame.evaluate("window.turns = []; soundMap.audio.addEventListener('ended', () => turns.push(soundMap.chosen))")
    frame.click("text=Play all in turn")
    wait(frame, "turns.length === 4 || soundMap.queue.length === 0 && soundMap.chosen === 5 && soundMap.audio.ended")
    assert frame.evaluate("[soundMap.chosen, soundMap.queue.length]") == [5, 0]
    drag_around(frame, [10, 11], shift=True)
    assert frame.evaluate("soundMap.selected") == [10, 11]
    frame.click(".selection .entry >> nth=1")
    assert_plays(frame, 11)
    frame.click("text=Clear")
    assert frame.locator(".selection").is_hidden()


@pytest.mark.browser
def test_groups_are_switched_and_hidden_points_cannot_be_hit(exported):
    frame = exported(make())
    dog = frame.locator(".legend .group", has_text="dog")
    dog.click()
    assert dog.get_attribute("aria-pressed") == "false"
    assert frame.evaluate("soundMap.shown") == [0, 2, 4, 6, 8, 10]
    wait(frame, "soundMap.still")
    assert frame.evaluate("soundMap.drawn.copies") == 6
    click(frame, 1)
    assert frame.evaluate("soundMap.chosen") == -1
    frame.page.keyboard.down("Shift")
    frame.locator(".legend .group", has_text="rain").click()
    frame.page.keyboard.up("Shift")
    assert frame.evaluate("soundMap.shown") == [0, 4, 8]
    frame.focus(".legend .all")
    frame.page.keyboard.press("Enter")
    assert len(frame.evaluate("soundMap.shown")) == N


@pytest.mark.browser
def test_colours_are_chosen_from_a_list(saved):
    score = [0.123456, None, *np.linspace(0.2, 9, N - 2)]
    frame = saved(make(colours={"cluster": [0, 1] * 6, "outlier score": score}))
    assert frame.locator("select option").all_text_contents() == ["label", "cluster", "outlier score"]
    frame.select_option("select", label="cluster")
    assert frame.locator(".legend .group").all_text_contents() == ["06", "16"]
    frame.select_option("select", label="outlier score")
    assert frame.locator(".legend .scale").is_visible()
    assert frame.locator(".legend").inner_text().split() == ["outlier", "score", "0.123", "9"]
    assert frame.locator(".legend .group").count() == 0
    click(frame, 0)
    assert frame.locator(".about").inner_text() == "clip-00 · cluster 0 · outlier score 0.123"
    click(frame, 1)
    assert frame.locator(".about").inner_text().endswith("outlier score none")


@pytest.mark.browser
def test_a_search_dims_the_others_and_lists_what_it_finds(saved):
    frame = saved(make())
    frame.fill("input[type=search]", "BABY")
    assert frame.locator(".found").inner_text() == "3 of 12"
    frame.press("input[type=search]", "Enter")
    assert frame.evaluate("soundMap.selected") == [2, 6, 10]
    frame.fill("input[type=search]", "clip-07")
    frame.click("text=List")
    assert frame.evaluate("soundMap.selected") == [7]
    frame.fill("input[type=search]", "")
    assert frame.locator(".found").inner_text() == ""


@pytest.mark.browser
def test_pointing_tells_names_and_plays_if_wanted(saved):
    frame = saved(make())
    frame.page.mouse.move(*frame.evaluate("soundMap.place(9)"))
    assert frame.locator(".tip").inner_text().split("\n") == ["dog", "clip-09"]
    assert frame.evaluate("soundMap.chosen") == -1
    frame.check("text=Play while moving")
    frame.page.mouse.move(*frame.evaluate("soundMap.place(2)"))
    assert_plays(frame, 2)
    frame.page.mouse.move(*frame.evaluate("soundMap.place(3)"), steps=4)
    assert_plays(frame, 3)


@pytest.mark.browser
def test_zoom_pan_and_back(saved):
    frame = saved(make())
    mouse, (x, y) = frame.page.mouse, frame.evaluate("soundMap.place(5)")
    mouse.move(x, y)
    mouse.wheel(0, -400)
    wait(frame, "soundMap.zoom > 2")
    assert frame.evaluate("soundMap.place(5)") == pytest.approx([x, y], abs=3), "what is under the pointer stays there"
    mouse.move(x + 40, y + 40)
    mouse.down()
    mouse.move(x + 90, y + 60, steps=3)
    mouse.up()
    wait(frame, "soundMap.still")
    assert frame.evaluate("soundMap.place(5)") == pytest.approx([x + 50, y + 20], abs=3)
    assert frame.evaluate("soundMap.chosen") == -1, "to drag is not to click"
    mouse.dblclick(x + 90, y + 70)
    wait(frame, "soundMap.zoom === 1")
    assert frame.evaluate("soundMap.place(5)") == pytest.approx([x, y], abs=1)
    frame.click("[aria-label='Zoom in']")
    wait(frame, "soundMap.zoom > 1.5")
    frame.click("[aria-label='Show all of the map']")
    wait(frame, "soundMap.zoom === 1")


@pytest.mark.browser
def test_lines_show_where_the_map_lies(saved):
    points = np.column_stack([np.arange(N), np.zeros(N)])
    nearest = np.array([[(index + 1) % N, (index + 6) % N] for index in range(N)])
    frame = saved(make(points=points, neighbours=nearest))
    click(frame, 3)
    assert frame.evaluate("soundMap.lines") == [[4, True], [9, False]]
    assert "1 of them is also among the 2 nearest points here" in frame.locator(".near .text").inner_text()
    assert frame.locator(".near .entry").all_text_contents() == ["rain, clip-04", "dog, clip-09"]
    frame.click(".near .entry.torn")
    assert_plays(frame, 9)
    frame.uncheck("text=Most similar sounds")
    assert frame.locator(".near").is_hidden()
    assert frame.evaluate("soundMap.lines") == []


@pytest.mark.browser
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_points_wander_to_another_map(browser, tmp_path, motion):
    made = make(points={"PCA": POINTS, "UMAP": POINTS[::-1]})
    with browsing.window(browser, reduced_motion=motion) as opened:
        opened.goto(made.save(tmp_path / "map.html").as_uri())
        frame = opened.main_frame
        wait(frame, "soundMap.ready")
        goal = frame.evaluate("soundMap.place(11)")
        frame.evaluate("window.before = soundMap.drawn.frames")
        frame.select_option("select", label="UMAP")
        if motion == "reduce":
            assert frame.evaluate("soundMap.place(0)") == pytest.approx(goal)
        wait(frame, f"Math.hypot(soundMap.place(0)[0] - {goal[0]}, soundMap.place(0)[1] - {goal[1]}) < 0.5")
        wait(frame, "soundMap.still")
        click(frame, 0)
        assert_plays(frame, 0)
        assert frame.evaluate("document.querySelector('.field').getAttribute('aria-label')") == "Map of 12 sounds"


@pytest.mark.browser
@pytest.mark.parametrize("where", ["saved", "exported"])
def test_no_label_and_no_name_can_run(request, window, where):
    made = make(labels=NASTY * 3, names=NASTY * 3, title=NASTY[1], colours={NASTY[0]: NASTY * 3},
                points={NASTY[1]: POINTS, NASTY[0]: POINTS})
    frame = request.getfixturevalue(where)(made)
    click(frame, 1)
    assert frame.locator(".card h2").inner_text() == NASTY[1]
    frame.page.mouse.move(*frame.evaluate("soundMap.place(2)"))
    frame.fill("input[type=search]", "<")
    frame.press("input[type=search]", "Enter")
    assert frame.locator(".selection .entry").count() == 9
    frame.select_option("select >> nth=1", index=1)
    assert frame.text_content("h1") == NASTY[1]
    assert sorted(text.rstrip("3") for text in frame.locator(".legend .group").all_text_contents()) == sorted(NASTY)
    assert frame.locator("img").count() == 1
    assert frame.evaluate("typeof window.hacked") == window.evaluate("typeof window.hacked") == "undefined"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1000, 520])
def test_nothing_sticks_out(exported, window, width):
    window.set_viewport_size({"width": width, "height": 900})
    frame = exported(make(labels=["a group with a name that is much too long to be shown in full"] * N,
                          colours={f"colouring {index}": LABELS for index in range(3)}))
    click(frame, 0)
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    field = frame.locator(".field").bounding_box()
    assert field["height"] >= 240
    assert field["width"] > 300


@pytest.fixture(scope="module")
def large():
    """Ten thousand points, of which nobody ever hears one: no file is written for them."""
    points = np.random.default_rng(0).standard_normal((10_000, 2))
    made = soundmap.sound_map(points, [SOUNDS[0]] * 10_000, labels=[f"group {index % 20}" for index in range(10_000)],
                              colours={"score": np.arange(10_000) / 7})
    return made._page({name: [value] * 10_000 for name, value in {
        "seconds": 0.6, "text": "0.6 s at 16000 Hz, -13.5 dBFS", "left": 0, "width": 1, "bottom": 0, "height": 1,
        "low": -80, "high": 0}.items()}, {"folder": "./map_files/", "links": None})


@pytest.mark.browser
def test_ten_thousand_points_take_one_copy_each_and_only_when_they_change(window, large, tmp_path):
    assert len(large) < 2_500_000
    (tmp_path / "map.html").write_text(large, encoding="ascii")
    window.add_init_script("""window.calls = {};
        for (const name of ["drawImage", "fill", "stroke", "fillText", "strokeText"]) {
            const real = CanvasRenderingContext2D.prototype[name];
            CanvasRenderingContext2D.prototype[name] = function (...given) {
                if (this.canvas.className === "points") calls[name] = (calls[name] || 0) + 1;
                return real.apply(this, given);
            };
        }""")
    window.goto((tmp_path / "map.html").as_uri())
    frame = window.main_frame
    wait(frame, "window.soundMap && soundMap.ready && soundMap.still")
    frame.evaluate("window.calls = {}; window.before = soundMap.drawn.frames")
    frame.click("[aria-label='Show all of the map']")
    wait(frame, "soundMap.drawn.frames > before && soundMap.still")
    assert frame.evaluate("soundMap.drawn.frames - before") == 1
    assert frame.evaluate("calls.drawImage") == 10_000
    assert frame.evaluate("[calls.fill || 0, calls.stroke || 0]") == [0, 0], "shapes are drawn once and then copied"
    assert frame.evaluate("calls.fillText") <= 20
    frame.evaluate("window.before = soundMap.drawn.frames")
    x, y = frame.evaluate("soundMap.place(17)")
    for step in range(5):
        window.mouse.move(x + 10 * step, y)
        assert 0 < frame.evaluate("soundMap.drawn.looked") < 400, "the grid knows where to look"
    wait(frame, "soundMap.still")
    assert frame.evaluate("soundMap.drawn.frames - before") == 0, "what moves is drawn above, not anew"
    for _ in range(6):
        frame.click("[aria-label='Zoom in']")
    wait(frame, "soundMap.zoom > 10 && soundMap.still")
    assert frame.evaluate("soundMap.drawn.copies") < 2500, "what cannot be seen is not drawn"
