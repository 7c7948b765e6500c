"""No answer is lost: not by a kernel that dies, a cut power line, a second kernel, or an impatient reader."""

import base64
import errno
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import browsing
import nbformat
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpers import audio, checks, files, labelling
from helpers.labelling import clips, session
from notebooks import run

ROOT = Path(__file__).resolve().parent.parent
LABELS = ("dog", "rain", "siren")
IDS = ("a", "b", "c", "d")
SR = 16000


def begin(path, *, ids=IDS, choices=LABELS):
    return labelling.LabelSession(ids, choices, path=path)


def saved(path):
    """The answers in the file, read by somebody else."""
    return [tuple(row) for row in pd.read_csv(path)[["clip_id", "label"]].to_numpy()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels.csv"


@pytest.fixture
def two(path):
    """A session with two answers."""
    started = begin(path)
    started.answer("dog", seconds=1.234)
    started.answer("rain", seconds=0.5)
    return started


# The session

def test_each_answer_is_in_the_file_before_the_next_clip(path):
    started = begin(path)
    for number, (clip_id, label) in enumerate([("a", "dog"), ("b", "rain"), ("c", "dog")], start=1):
        assert started.current == clip_id
        started.answer(label, seconds=1)
        assert len(saved(path)) == number == started.n_answered
        assert saved(path)[-1] == (clip_id, label)
    assert started.following is None
    started.answer("siren", seconds=1)
    assert started.current is None
    assert started.n_answered == started.total == 4
    with pytest.raises(checks.InputError, match="none: all are labelled"):
        started.answer("dog", seconds=1)


def test_the_file_says_which_what_how_long_and_when(two):
    lines = two.path.read_text("utf-8").splitlines()
    assert lines[0] == "clip_id,label,seconds,answered"
    assert re.fullmatch(r"a,dog,1.23,20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", lines[1])
    table = two.labels
    assert table.columns.to_list() == list(session.COLUMNS)
    assert table["seconds"].to_list() == [1.23, 0.5]
    assert begin(two.path.with_name("new.csv")).labels.empty


def test_it_goes_on_where_it_stopped(two):
    again = begin(two.path)
    assert (again.current, again.n_answered) == ("c", 2)
    pd.testing.assert_frame_equal(again.labels, two.labels)
    assert begin(two.path, ids=["d", "b", "e"]).current == "d", "answers count by id, whatever the order"


def test_answers_about_other_clips_stay(two):
    other = begin(two.path, ids=["x", "y"])
    assert other.n_answered == 0
    other.answer("siren", seconds=1)
    assert saved(two.path) == [("a", "dog"), ("b", "rain"), ("x", "siren")]
    assert other.labels["clip_id"].to_list() == ["a", "b", "x"]


def test_a_skipped_clip_comes_back_at_the_end(two):
    two.skip()
    assert (two.current, two.skipped, two.n_answered) == ("d", ("c",), 2)
    two.answer("dog", seconds=1)
    assert (two.current, two.following) == ("c", None)
    two.skip()
    assert two.current == "c", "the only one left"
    two.answer("dog", seconds=1)
    assert (two.current, two.skipped) == (None, ())


def test_undo_takes_back_one_thing_after_the_other(two):
    two.skip()
    assert two.undo() == "c"
    assert (two.current, two.skipped) == ("c", ())
    assert two.undo() == "b"
    assert (two.current, two.following) == ("b", "c")
    assert saved(two.path) == [("a", "dog")]
    two.answer("siren", seconds=1)
    assert saved(two.path) == [("a", "dog"), ("b", "siren")]
    assert [two.undo(), two.undo(), two.undo()] == ["b", "a", None]
    assert saved(two.path) == []


def test_undo_reaches_back_beyond_the_session_but_not_to_other_clips(two):
    begin(two.path, ids=["x"]).answer("dog", seconds=1)
    again = begin(two.path)
    assert again.undo() == "b"
    assert saved(two.path) == [("a", "dog"), ("x", "dog")]
    assert again.current == "b"


OPERATIONS = st.lists(st.sampled_from(["dog", "rain", "skip", "undo", "resume"]), max_size=14)


@given(OPERATIONS)
def test_any_mixture_leaves_what_a_notepad_would(tmp_path_factory, operations):
    path = tmp_path_factory.mktemp("mix") / "labels.csv"
    started, notepad = begin(path), []
    for what in operations:
        if what == "resume":
            started = begin(path)
        elif what == "skip":
            started.skip()
        elif what == "undo":
            skipped = bool(started._did) and started._did[-1][0] == "skip"
            back = started.undo()
            if back is not None and not skipped:
                assert notepad.pop()[0] == back
            assert back is None or started.current == back
        elif started.current is not None:
            notepad.append((started.current, what))
            started.answer(what, seconds=1)
        assert saved(path) == notepad
        assert started.n_answered == len(notepad)
        assert set(started._waiting) | {clip_id for clip_id, _ in notepad} == set(IDS)


@pytest.mark.parametrize("clip_id", ["a,b", 'say "woof"', "Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich", " x ", "007"])
def test_names_come_back_as_they_were(path, clip_id):
    started = begin(path, ids=[clip_id, "z"], choices=["no, not it", "dog"])
    started.answer("no, not it", seconds=1)
    assert begin(path, ids=[clip_id, "z"]).labels[["clip_id", "label"]].to_numpy().tolist() == [[clip_id, "no, not it"]]


# Files that were cut off, edited, or belong to something else

@pytest.mark.fault("a file of answers is cut anywhere", happens="that answer at most is asked again")
def test_a_line_cut_off_anywhere_costs_that_answer_at_most(two, recwarn):
    whole = two.path.read_bytes()
    last = whole.rindex(b"\nb,rain") + 1
    for end in range(last, len(whole)):
        two.path.write_bytes(whole[:end])
        again = begin(two.path)
        assert again.n_answered in (1, 2)
        if whole[last:end].count(b",") < 3:
            assert again.n_answered == 1, "what was cut is asked again"
        assert again.broken == (() if again.n_answered == 2 or end == last else (3,))
        for label in ("siren", "dog", "rain")[again.n_answered - 1:]:
            again.answer(label, seconds=2)
        assert begin(two.path).n_answered == 4, "a new line does not stick to the broken one"
    assert "labels.csv: skipped what cannot be read in line 3" in str(recwarn.list[0].message)


@pytest.mark.parametrize("garbage", [
    b"b,rain,quick,2026-01-01", b"b", b"\0\0\0\0", b"\xff\xfe,rain,1,2026-01-01", b'"b,rain,1,2026-01-01',
    b",rain,1,2026-01-01", b"b,rain,1,today"])
def test_what_cannot_be_read_is_reported_and_left_alone(two, garbage):
    first, second = two.path.read_bytes().splitlines()[1:]
    two.path.write_bytes(b"\n".join([b"clip_id,label,seconds,answered", first, garbage, second, b""]))
    with pytest.warns(UserWarning, match="cannot be read in line 3"):
        again = begin(two.path)
    assert (again.n_answered, again.broken) == (2, (3,))
    again.answer("siren", seconds=1)
    again.undo()
    assert garbage in two.path.read_bytes()


def test_a_file_that_a_spreadsheet_has_saved_is_read(two):
    text = two.path.read_text("utf-8").replace("\n", "\r\n").rstrip()
    two.path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    again = begin(two.path)
    again.answer("dog", seconds=1)
    assert (begin(two.path).n_answered, again.broken) == (3, ())


@pytest.mark.parametrize("content", ["name,age\nme,7\n", "clip_id;label;seconds;answered\n", "\n\n", "RIFF"])
def test_another_kind_of_file_is_never_written_to(path, content):
    path.write_text(content)
    with pytest.raises(checks.InputError, match=r"begins with clip_id,label,seconds,answered; got .*Give another path"):
        begin(path)
    assert path.read_text() == content


def test_an_answer_that_cannot_be_saved_does_not_count(two, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="Free some space"):
        two.answer("dog", seconds=1)
    with pytest.raises(OSError, match="Free some space"):
        two.undo()
    monkeypatch.undo()
    assert (two.current, two.n_answered) == ("c", 2)
    two.answer("siren", seconds=1)
    assert begin(two.path).labels["label"].to_list() == ["dog", "rain", "siren"]


def test_another_kernel_that_holds_the_file_is_waited_for_only_so_long(two, monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.05)
    with files.locked(two.path), pytest.raises(TimeoutError):
        two.answer("dog", seconds=1)
    assert two.current == "c"


LABELLER = """
import sys, os
from helpers.labelling import LabelSession
name, path = sys.argv[1:]
session = LabelSession([f"{name}-{n}" for n in range(25)], ["dog", "rain"], path=path)
print("ready", flush=True)
sys.stdin.readline()
for n in range(25):
    session.answer("dog", seconds=n)
print("done", flush=True)
sys.stdin.readline()
"""


@pytest.mark.fault("two kernels that label into one file are killed", happens="every acknowledged answer is there")
def test_two_kernels_write_one_file_and_both_may_be_killed(path):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    kernels = [subprocess.Popen([sys.executable, "-c", LABELLER, name, str(path)], env=env, text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for name in "xy"]
    try:
        for answer in ("ready", "done"):
            assert [kernel.stdout.readline().strip() for kernel in kernels] == [answer] * 2
            for kernel in kernels:
                if answer == "ready":
                    kernel.stdin.write("go\n")
                    kernel.stdin.flush()
    finally:
        for kernel in kernels:
            kernel.kill()
            kernel.communicate()
    assert sorted(saved(path)) == sorted((f"{name}-{n}", "dog") for name in "xy" for n in range(25))


def test_where_two_kernels_answer_one_clip_the_later_counts(path):
    one, other = begin(path), begin(path)
    one.answer("dog", seconds=1)
    other.answer("rain", seconds=1)
    assert other.labels["label"].to_list() == one.labels["label"].to_list() == ["rain"]
    assert (one.current, other.current) == ("b", "b")
    one.answer("dog", seconds=1)
    other.skip()
    other.answer("siren", seconds=1)
    assert other.current == "d", "b has an answer by now"


@pytest.mark.parametrize(("ids", "choices", "says"), [
    ([], LABELS, "at least 1 of clip_ids"), (["a", "a"], LABELS, "each once"),
    (["a\nb"], LABELS, "without line breaks"),
    ("abc", LABELS, "Give a list"), (IDS, ["dog"], "at least 2 of labels"), (IDS, ["dog", " "], "labels"),
])
def test_bad_names_are_told_what_to_do(path, ids, choices, says):
    with pytest.raises(checks.InputError, match=says):
        begin(path, ids=ids, choices=choices)
    assert not path.exists()


def test_keys_are_unlike_each_other_and_leave_undo_and_skip_alone():
    found = session.keys(["usus", "siren", "42", *(f"class {n}" for n in range(9))])
    flat = list(itertools.chain(*found))
    assert len(set(flat)) == len(flat)
    assert not {"u", "s", " "} & set(flat)
    assert found[:3] == [("1",), ("2", "i"), ("3",)]
    assert found[9] == ()   # the tenth class without a letter of its own still has its button


# The clips and the widget, without a browser

NOISE = (0.1 * np.random.default_rng(4).standard_normal(SR // 2)).astype(np.float32)


def make(path, *, given=None, sr=SR, labels=LABELS):
    made = labelling.label_clips(dict.fromkeys(IDS, NOISE) if given is None else given, labels, path=path, sr=sr)
    made.sent = []
    made.send = made.sent.append
    return made


def press(made, what, *, clip, label=None, seconds=1.5):
    made._receive(made, {"do": what, "number": len(made.sent), "clip": clip, "label": label, "seconds": seconds}, [])
    assert made.sent[-1]["number"] == len(made.sent) - 1
    return made.sent[-1].get("done") or made.sent[-1]["failed"]


def test_the_page_gets_picture_sound_and_keys(path):
    shown = make(path).shown
    assert (shown["clip"], shown["position"], shown["total"]) == ("a", 1, 4)
    played, sr = soundfile.read(io.BytesIO(base64.b64decode(shown["sound"].split(",")[1])), dtype="int16")
    assert sr == SR
    np.testing.assert_array_equal(played, audio.to_pcm16(NOISE))
    assert Image.open(io.BytesIO(base64.b64decode(shown["picture"].split(",")[1]))).width > 800
    assert shown["text"].startswith("0.5 s at 16000 Hz, -20")
    assert [choice["keys"] for choice in shown["choices"]] == [["1", "d"], ["2", "r"], ["3", "i"]]
    json.dumps(shown)


def test_saved_is_said_after_it_was_saved_and_before_the_next_clip(path, monkeypatch):
    made = make(path)
    order = []
    monkeypatch.setattr(made.session, "answer", lambda *_, **__: order.append("file"))
    made.send = lambda message: order.append(message["done"])
    monkeypatch.setattr(made, "_what_to_show", lambda: order.append("next") or {})
    made._receive(made, {"do": "answer", "clip": "a", "label": "dog", "number": 1}, [])
    assert order == ["file", "Saved: dog", "next"]


def test_keys_do_what_they_say(path):
    made = make(path)
    assert press(made, "answer", clip="a", label="dog") == "Saved: dog"
    assert press(made, "skip", clip="b") == "Put off until later"
    assert (made.shown["clip"], made.shown["position"], made.shown["skipped"]) == ("c", 2, 1)
    assert press(made, "undo", clip="c") == "Taken back: this clip once more"
    assert press(made, "undo", clip="b") == "Taken back: this clip once more"
    assert press(made, "undo", clip="a") == "There is nothing to take back"
    assert made.labels.empty
    for clip_id in IDS:
        press(made, "answer", clip=clip_id, label="rain")
    assert (made.shown["clip"], made.shown["answered"]) == (None, 4)
    assert "picture" not in made.shown
    assert press(made, "undo", clip=None).startswith("Taken back")
    assert made.shown["clip"] == "d"
    assert repr(made) == "3 of 4 clips labelled, in labels.csv"


def test_an_answer_that_comes_twice_counts_once(path):
    made = make(path)
    press(made, "answer", clip="a", label="dog")
    assert press(made, "answer", clip="a", label="rain") == "This clip was dealt with already."
    assert saved(path) == [("a", "dog")]


@pytest.mark.parametrize("message", [{"do": "answer", "clip": "a", "label": "cat"}, {"do": "dance", "clip": "a"}, {}])
def test_messages_that_make_no_sense_change_nothing(path, message):
    made = make(path)
    made._receive(made, message, [])
    assert len(made.sent) == 1
    assert saved(path) == []


def test_what_cannot_be_saved_is_told_with_the_reason(path, monkeypatch):
    made = make(path)

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    assert "Free some space" in press(made, "answer", clip="a", label="dog")
    assert made.shown["clip"] == "a"


def test_a_clip_that_cannot_be_read_can_be_passed_over(tmp_path, path):
    audio.save_audio(tmp_path / "b.wav", NOISE, sr=SR)
    rows = pd.DataFrame({"clip_id": ["a", "b"], "path": [tmp_path / "none.wav", tmp_path / "b.wav"]})
    made = make(path, given=rows)
    assert "got no file" in made.shown["problem"]
    press(made, "skip", clip="a")
    assert made.shown["problem"] == ""
    assert made.shown["text"].startswith("0.5 s at 16000 Hz")


def test_clips_come_as_sounds_tables_or_files(tmp_path, path):
    audio.save_audio(tmp_path / "b.wav", NOISE, sr=8000)
    assert make(path, given=[NOISE, NOISE]).session.clip_ids == ("0", "1")
    mixed = make(tmp_path / "2.csv", given={"x": NOISE, 5: tmp_path / "b.wav"})
    assert mixed.session.clip_ids == ("x", "5")
    assert clips.picture_and_sound(tmp_path / "b.wav", sr=SR)["text"].startswith("1.0 s at 16000 Hz")
    for bad in ("abc", 3, ["a.wav"], pd.DataFrame({"path": ["a"]})):
        with pytest.raises(checks.InputError, match="rows of a clip table, a mapping"):
            make(path, given=bad)
    with pytest.raises(checks.InputError, match="2 clips with 1 ids"):
        make(path, given=pd.DataFrame({"clip_id": ["a", "a"], "path": ["x", "y"]}))


def test_the_module_brings_no_widgets_before_one_is_made():
    code = "import sys; import helpers.labelling; print({'anywidget', 'ipywidgets', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# In a notebook: as an exported page, and in a real JupyterLab

CELL = """\
import os, pathlib
import numpy as np
from helpers.labelling import label_clips
pathlib.Path("kernel.pid").write_text(str(os.getpid()))
rng = np.random.default_rng(0)
clips = {f"clip-{n}": (0.1 * rng.standard_normal(8000)).astype("float32") for n in range(4)}
widget = label_clips(clips, ["dog", "rain", "<i>other</i>"], path="labels.csv", sr=16000)
widget"""
ROLL = """\
import pandas as pd
from helpers.eventroll import event_roll
events = pd.DataFrame({"onset": [0.5], "offset": [0.8], "label": ["dog"], "status": ["miss"]})
event_roll(np.concatenate(list(clips.values())), sr=16000, events=events, classes=["dog"])"""


def notebook(path, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as started:
        yield started


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 1000})
    context.set_default_timeout(180_000)
    opened = context.new_page()
    opened.on("dialog", lambda dialog: dialog.accept())
    yield opened
    context.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of its own: settings, kernels and notebooks in folders that are gone afterwards."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("runtime", "config", "data", "ipython", "notebooks"):
        (home / name).mkdir()
    (home / "config/labconfig").mkdir()
    (home / "config/labconfig/page_config.json").write_text(
        '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')   # it asks the network
    env = {**os.environ, "JUPYTER_RUNTIME_DIR": str(home / "runtime"), "JUPYTER_CONFIG_DIR": str(home / "config"),
           "JUPYTER_DATA_DIR": str(home / "data"), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT),
           "OPENBLAS_NUM_THREADS": "1"}
    log = open(home / "log", "w")   # noqa: SIM115
    server = subprocess.Popen([
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0", f"--ServerApp.root_dir={home / 'notebooks'}", "--IdentityProvider.token=only-here",
        "--LabApp.extension_manager=readonly",   # the other one asks the network
        f"--LabApp.workspaces_dir={home / 'workspaces'}", f"--LabApp.user_settings_dir={home / 'settings'}"],
        env=env, stdout=log, stderr=log, cwd=home)
    try:
        yield home / "notebooks", _address(home, server)
    finally:
        server.terminate()   # it ends its kernels too
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _address(home, server):
    late = time.monotonic() + 180
    while time.monotonic() < late:
        assert server.poll() is None, (home / "log").read_text()
        for told in (home / "runtime").glob("jpserver-*.json"):
            try:
                url = json.loads(told.read_text())["url"]
                with urllib.request.urlopen(f"{url}api/status?token=only-here", timeout=10):
                    return url
            except (OSError, ValueError):
                pass
        time.sleep(0.1)
    raise TimeoutError((home / "log").read_text())


def press_run(page, number):
    """Run a cell, as a reader does who waits until the bar below says "Idle": before, JupyterLab may drop the key."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(number).click()
    page.keyboard.press("Shift+Enter")


def run_cell(page):
    """Run the first cell; the widget that it showed before is gone when this returns."""
    page.evaluate("document.querySelectorAll('.mh-labelling').forEach((box) => box.classList.add('old'))")
    press_run(page, 0)
    page.wait_for_function("document.querySelector('.mh-labelling') && !document.querySelector('.mh-labelling.old')")


def answer(page, key, *, says, then):
    page.keyboard.press(key)
    page.locator(".mh-labelling [role=status]", has_text=says).wait_for()
    page.locator(".mh-labelling:not(.waiting) strong", has_text=then).wait_for()


FAKE = """async ([source, shown]) => {
    const {default: widget} = await import(source);
    const heard = {}, sent = [];
    const model = {get: () => shown, send: (message) => sent.push(message),
                   on: (what, call) => { heard[what] = call; }, off: () => {}};
    window.kernel = {
        sent, reply: (message) => heard["msg:custom"]({number: sent.at(-1).number, ...message}),
        show: (changes) => { shown = {...shown, ...changes}; heard["change:shown"](); },
    };
    widget.render({model, el: document.body});
    document.querySelector(".mh-labelling").focus();
}"""


@pytest.fixture
def widget(page, path):
    """The widget's page with a kernel that answers when the test wants it to."""
    def widget(**changes):
        source = (ROOT / "helpers/labelling/widget.js").read_bytes()
        address = "data:text/javascript;base64," + base64.b64encode(source).decode()
        page.goto("about:blank")
        page.evaluate(FAKE, [address, {**make(path).shown, **changes}])
        return page

    return widget


def status(page):
    return page.locator("[role=status]").inner_text()


def sent(page):
    return [(message["do"], message["clip"], message["label"]) for message in page.evaluate("kernel.sent")]


@pytest.mark.browser
def test_nothing_is_called_saved_before_the_kernel_says_so(widget):
    page = widget(patience=600)
    page.keyboard.press("d")
    assert sent(page) == [("answer", "a", "dog")]
    assert status(page) == "Saving …"
    page.keyboard.press("r")
    assert len(sent(page)) == 1, "one thing after the other"
    page.evaluate("kernel.reply({done: 'Saved: dog'})")
    assert status(page) == "Saved: dog"
    page.keyboard.press("r")
    assert len(sent(page)) == 1, "the next clip is not here yet: that key was not meant for the last one"
    page.evaluate("kernel.show({clip: 'b', position: 2, turn: 2})")
    assert status(page) == "Saved: dog"
    page.keyboard.press("2")
    assert sent(page)[1:] == [("answer", "b", "rain")]
    assert 0 <= page.evaluate("kernel.sent[1].seconds") < 60


@pytest.mark.browser
def test_a_kernel_that_is_late_is_told_and_its_word_still_counts(widget):
    page = widget(patience=0.05)
    page.keyboard.press("1")
    page.locator("[role=status].wrong", has_text="Not saved: is the kernel still running?").wait_for()
    page.evaluate("kernel.reply({done: 'Saved: dog'}); kernel.show({clip: 'b', position: 2, turn: 2})")
    assert status(page) == "Saved: dog"
    page.keyboard.press("s")
    page.locator("[role=status].wrong").wait_for()
    page.keyboard.press("s")
    assert sent(page) == [("answer", "a", "dog"), ("skip", "b", None), ("skip", "b", None)], "it can be tried again"
    page.evaluate("kernel.reply({done: 'Put off until later'})")
    page.locator("[role=status].wrong", has_text="The next clip does not come").wait_for()


@pytest.mark.browser
def test_the_reason_is_shown_where_the_kernel_could_not_save(widget):
    page = widget(patience=600)
    page.keyboard.press("1")
    page.evaluate("kernel.reply({failed: '<b>full disk</b>'})")
    assert status(page) == "Not saved: <b>full disk</b>"
    page.keyboard.press("1")
    assert len(sent(page)) == 2


@pytest.mark.browser
def test_other_keys_do_nothing_and_space_plays_again(widget):
    page = widget(patience=600)
    for key in ("Control+1", "Alt+d", "x", "4", "Enter", "ArrowDown"):
        page.keyboard.press(key)
    page.evaluate("document.querySelector('.mh-labelling').dispatchEvent("
                  "new KeyboardEvent('keydown', {key: '1', repeat: true, bubbles: true}))")
    assert sent(page) == []
    page.keyboard.press(" ")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.1")
    page.locator(".choices button").nth(2).focus()
    page.keyboard.press(" ")
    assert sent(page) == [], "space is never an answer"
    page.keyboard.press("Enter")
    assert sent(page) == [("answer", "a", "siren")]


@pytest.mark.browser
def test_in_jupyterlab_answers_survive_a_reload_and_the_death_of_the_kernel(lab, page):
    folder, url = lab
    notebook(folder / "label.ipynb", CELL, ROLL)
    page.goto(f"{url}lab/tree/label.ipynb?token=only-here")
    run_cell(page)
    assert page.locator(".mh-labelling strong").inner_text() == "1 of 4"
    assert page.locator(".mh-labelling-static").is_hidden()
    assert page.locator(".mh-labelling .choices button").all_inner_texts() == ["1ddog", "2rrain", "3i<i>other</i>"]
    assert page.evaluate("document.querySelector('.mh-labelling audio').paused"), "no sound before the first key"

    page.locator(".mh-labelling strong").click()
    answer(page, "1", says="Saved: dog", then="2 of 4")
    assert saved(folder / "labels.csv") == [("clip-0", "dog")]
    page.wait_for_function("document.querySelector('.mh-labelling audio').currentTime > 0")
    answer(page, "s", says="Put off", then="2 of 4")
    answer(page, "u", says="Taken back", then="2 of 4")
    answer(page, "r", says="Saved: rain", then="3 of 4")
    rows = pd.read_csv(folder / "labels.csv")
    assert rows[["clip_id", "label"]].to_numpy().tolist() == [["clip-0", "dog"], ["clip-1", "rain"]]
    assert rows["seconds"].between(0, 120).all()
    assert page.locator(".jp-CodeCell").count() == 2, "JupyterLab's own keys are silent in the widget"

    page.reload()
    run_cell(page)
    assert page.locator(".mh-labelling strong").inner_text() == "3 of 4"

    first = int((folder / "kernel.pid").read_text())
    os.kill(first, signal.SIGKILL)
    page.locator(".jp-Dialog", has_text="restart").get_by_role("button", name="Ok").click()
    page.locator(".mh-labelling strong").click()
    page.keyboard.press("2")
    page.locator(".mh-labelling [role=status]", has_text="Not saved: is the kernel still running?").wait_for()
    assert saved(folder / "labels.csv") == [("clip-0", "dog"), ("clip-1", "rain")]
    run_cell(page)
    assert int((folder / "kernel.pid").read_text()) != first
    assert page.locator(".mh-labelling strong").inner_text() == "3 of 4"
    page.locator(".mh-labelling strong").click()
    answer(page, "3", says="Saved: <i>other</i>", then="4 of 4")
    page.locator(".mh-labelling .choices button").first.click()
    page.locator(".mh-labelling strong", has_text="All 4 clips are labelled.").wait_for()
    assert [label for _, label in saved(folder / "labels.csv")] == ["dog", "rain", "<i>other</i>", "dog"]

    # the event roll, while a JupyterLab is here
    press_run(page, 1)
    frame = page.wait_for_selector(".jp-OutputArea iframe").content_frame()
    frame.click(".errors button")
    frame.evaluate("() => new Promise((ok) => { const ask = () => eventRoll.played.length ? ok() : setTimeout(ask, 5);"
                   " ask(); })")
    assert frame.evaluate("eventRoll.heard")[0] == pytest.approx([0.4, 0.9], abs=0.15)


@pytest.mark.browser
def test_an_exported_page_says_that_labelling_needs_a_kernel(page, tmp_path):
    notebook(tmp_path / "00_label.ipynb", CELL)
    result = run.execute("00_label", form="blank", folder=tmp_path, page=tmp_path / "page.html")
    assert result.ok, result.problems
    page.goto((tmp_path / "page.html").as_uri())
    message = page.locator(".mh-labelling-static")
    assert message.is_visible()
    assert message.inner_text() == ("0 of 4 clips labelled, in labels.csv. To label, run this cell in JupyterLab: "
                                    "it needs a running kernel.")
    assert str(tmp_path) not in (tmp_path / "page.html").read_text("utf-8")
