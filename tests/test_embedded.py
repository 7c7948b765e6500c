"""The cache of the embedded clips: rendered on demand, whole or not there, the same for every process."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import checks, files
from helpers.datasets import embedded, embedded_scenes, load_clips, rendered
from helpers.datasets.dataset import COLUMNS
from helpers.synth import voices

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def sounds(tmp_path):
    return embedded.load(data_home=tmp_path, labels=("dog", "rain"))


def row_of(rows, clip_id: str):
    return rows[rows.clip_id == clip_id].iloc[0]


def elsewhere(code: str, *, cwd: Path = ROOT) -> subprocess.Popen:
    """Run code in a process of its own, as a second kernel would."""
    return subprocess.Popen([sys.executable, "-c", code], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def assert_right(sounds, rows):
    """Every file of these rows holds what its key says; nothing else lies in the folder."""
    assert len(rows)
    for row in rows.itertuples():
        assert Path(row.path).is_file()
        recipe = sounds.recipes[Path(row.path).name]
        assert np.array_equal(sounds.load(row)[0], voices.render(**recipe)[0])


# The tables

def test_the_whole_set_is_400_clips_and_200_unknown_ones_without_rendering_any(tmp_path):
    sounds = load_clips("embedded", data_home=tmp_path)
    assert (len(sounds.clips), len(sounds.unknown_clips)) == (400, 200)
    assert tuple(sounds.clips.columns) == tuple(sounds.unknown_clips.columns) == COLUMNS
    assert sounds.classes == sounds.known_classes == voices.CLASSES
    assert sounds.unknown_classes == voices.UNKNOWN
    assert sounds.clips.groupby(["fold", "label"]).size().eq(8).all()
    assert sounds.unknown_clips.groupby(["fold", "label"]).size().eq(4).all()
    assert not list(tmp_path.rglob("*.flac")), "nothing is rendered before it is loaded"
    assert sounds.home.parent == tmp_path.resolve()
    assert load_clips("embedded").home.parent == files.cache_folder("embedded")


def test_no_source_and_no_session_stands_on_both_sides_of_a_split():
    sounds = embedded.load()
    for table in (sounds.clips, sounds.unknown_clips):
        assert table.groupby("source").fold.nunique().eq(1).all()
        assert table.groupby("session").fold.nunique().eq(1).all()
        assert table.clip_id.is_unique
    assert set(sounds.unknown_clips.session) == set(sounds.clips.session), "unknown voices were recorded the same days"


def test_unknown_labels_and_microphones_are_refused(tmp_path):
    with pytest.raises(checks.InputError, match="label to be one of 'dog', 'rain'"):
        embedded.load(data_home=tmp_path, labels=("dog", "cat"))
    with pytest.raises(checks.InputError, match="'recorder', 'telephone'"):
        embedded.load(data_home=tmp_path, microphone="studio")


# One clip

def test_a_clip_comes_into_being_when_it_is_loaded(sounds):
    row = row_of(sounds.clips, "dog-2b-1-1")
    audio, sr = sounds.load(row)
    expected, _ = voices.render("dog", session="2b", source=1, take=1)
    assert sr == 16000
    assert audio.dtype == np.float32
    assert np.array_equal(audio, expected), "FLAC of 16 bits loses nothing"
    assert [path.name for path in sounds.home.iterdir()] == ["dog-2b-1-1.flac"]
    assert np.array_equal(sounds.load(dict(row))[0], expected)


def test_a_clip_is_rendered_once(sounds, monkeypatch):
    first = sounds.load(sounds.clips.iloc[0])[0]
    monkeypatch.setattr(voices, "render", None)
    assert np.array_equal(sounds.load(sounds.clips.iloc[0])[0], first)


def test_unknown_clips_load_alike(sounds):
    row = row_of(sounds.unknown_clips, "frog-3a-0-0")
    assert np.array_equal(sounds.load(row)[0], voices.render("frog", session="3a")[0])


def test_another_rate_is_made_from_the_same_file(sounds):
    audio, sr = sounds.load(sounds.clips.iloc[0], sr=8000)
    assert (len(audio), sr) == (32000, 8000)


def test_the_telephone_has_the_same_table_and_another_sound():
    near, far = embedded.load(), embedded.telephone()
    assert near.clips.drop(columns="path").equals(far.clips.drop(columns="path"))
    assert not set(near.clips.path) & set(far.clips.path)
    row = far.clips.iloc[0]
    expected, _ = voices.render("dog", microphone="telephone")
    assert np.array_equal(far.load(row)[0], expected)


@pytest.mark.parametrize("harm", ["cut", "empty", "flipped", "other"])
@pytest.mark.fault("a rendered clip is cut, empty, flipped in one bit, or another thing",
                   happens="rendered anew, the same samples")
def test_a_broken_copy_is_noticed_and_made_again(sounds, harm):
    row = row_of(sounds.clips, "rain-1a-0-0")
    audio = sounds.load(row)[0]
    path, whole = Path(row.path), Path(row.path).read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    harmed = {"cut": whole[:len(whole) // 2], "empty": b"", "flipped": bytes(flipped), "other": b"no sound"}
    path.write_bytes(harmed[harm])
    assert np.array_equal(sounds.load(row)[0], audio)
    assert path.read_bytes() == whole, "the copy on disk is mended as well"


def test_a_file_that_is_none_of_ours_is_not_made_up(sounds, tmp_path):
    stranger = {"path": str(tmp_path / "cat.flac")}
    with pytest.raises(checks.AudioFileError, match="a clip of the embedded set"):
        sounds.load(stranger)


# Many clips

def test_many_clips_show_one_progress_line(sounds, capsys):
    rows = sounds.clips.iloc[:rendered.MANY]
    audio = sounds.load_all(rows)
    shown = capsys.readouterr().out
    assert [len(one) for one in audio] == [64000] * len(rows)
    assert "rendering the embedded sounds" in shown
    assert shown.count("\n") <= 1, "one line that is updated"
    sounds.load_all(rows)
    assert capsys.readouterr().out == "", "nothing to render, nothing to show"


@pytest.mark.fault("two kernels render the same clips at once", happens="both have them all, right and whole")
def test_two_kernels_at_once_end_with_one_complete_set(sounds, tmp_path):
    code = (f"from helpers.datasets import embedded\nsounds = embedded.load(data_home={str(tmp_path)!r}, "
            "labels=('dog', 'rain'))\nsounds.load_all(sounds.clips[sounds.clips.fold == 1])")
    for kernel in [elsewhere(code), elsewhere(code)]:
        _, said = kernel.communicate()
        assert kernel.returncode == 0, said
    rows = sounds.clips[sounds.clips.fold == 1]
    assert_right(sounds, rows)
    assert sorted(path.name for path in sounds.home.iterdir()) == sorted(Path(path).name for path in rows.path)


@pytest.mark.fault("a kernel is killed while it writes a rendered clip", happens="no wrong file; the next call goes on")
def test_a_killed_rendering_leaves_no_wrong_file(sounds, tmp_path):
    code = f"""
import os, soundfile
from helpers.datasets import embedded
write, written = soundfile.write, []
def half(path, data, *args, **kwargs):
    write(path, data, *args, **kwargs)
    written.append(path)
    if len(written) == 3:
        os.truncate(path, os.path.getsize(path) // 2)
        os._exit(9)
soundfile.write = half
sounds = embedded.load(data_home={str(tmp_path)!r}, labels=('dog', 'rain'))
sounds.load_all(sounds.clips)
"""
    kernel = elsewhere(code)
    _, said = kernel.communicate()
    assert kernel.returncode == 9, said
    rows = sounds.clips
    finished = rows[[Path(path).exists() for path in rows.path]]
    assert len(finished) == 2, "the third was cut in the middle and must not have its name"
    assert_right(sounds, finished)
    sounds.load_all(rows.iloc[:5])
    assert_right(sounds, rows.iloc[:5])


def test_a_full_disk_is_said_and_leaves_nothing(sounds, monkeypatch):
    import errno

    import soundfile

    def full(path, *args, **kwargs):
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(OSError, match="full disk"):
        sounds.load(sounds.clips.iloc[0])
    assert list(sounds.home.iterdir()) == []


def test_another_synthesiser_means_another_folder(monkeypatch):
    before = embedded.load().home
    monkeypatch.setattr(files, "digest", lambda path: "changed")
    embedded._version.cache_clear()
    try:
        assert embedded.load().home != before
    finally:
        monkeypatch.undo()
        embedded._version.cache_clear()
    assert embedded.load().home == before


@pytest.mark.parametrize(("top", "module"), [("voices", embedded), ("scenes", embedded_scenes)])
def test_the_folder_is_named_after_everything_that_a_sound_is_made_by(top, module):
    """Whatever else is added to the synthesiser, the sounds that were rendered stay good."""
    folder = Path(voices.__file__).parent
    found, waiting = {"__init__"}, [top]
    while waiting:
        name = waiting.pop()
        found.add(name)
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers.synth"):
                parts = node.module.split(".")[2:] or [alias.name for alias in node.names]
                waiting += [part for part in parts[:1 if node.module != "helpers.synth" else None] if part not in found]
    assert tuple(sorted(found)) == module.RENDERED_BY
