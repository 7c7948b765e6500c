"""A file is whole or not there, whatever happens while it is written."""

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import audio, checks, files

ROOT = Path(__file__).resolve().parent.parent


# Writing

def test_a_file_gets_its_name_only_when_it_is_whole(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with files.replacing(path) as temporary:
        temporary.write_text("half")
        assert not path.exists()
        assert temporary.parent == path.parent, "on another disk it could not be renamed in one step"
        assert temporary.suffix == ".txt", "libsndfile and others choose the format by it"
        assert temporary.name.startswith("."), "listings of a folder pass over it"
    assert path.read_text() == "half"
    assert list(path.parent.iterdir()) == [path]


def test_an_older_file_stands_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("raised", [ValueError("no"), KeyboardInterrupt(), SystemExit(1), OSError(errno.EIO, "broken")])
@pytest.mark.parametrize("before", ["old", None])
def test_an_error_leaves_everything_as_it_was(tmp_path, raised, before):
    path = tmp_path / "a.txt"
    if before:
        path.write_text(before)

    def write() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise raised

    with pytest.raises(type(raised)) as caught:
        write()
    assert caught.value is raised
    assert [file.read_text() for file in tmp_path.iterdir()] == ([before] if before else [])


def test_a_body_that_writes_nothing_leaves_the_older_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), files.replacing(path):
        pass
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.fault("two write one file at once", happens="one of them whole, nothing mixed, nothing left beside")
def test_two_writers_of_one_file_do_not_meet(tmp_path):
    path = tmp_path / "a.txt"
    with files.replacing(path) as first, files.replacing(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first", "the outer block ends last"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_the_same_bytes_on_every_system(tmp_path):
    files.write_text(tmp_path / "a.txt", "Größe\n1\n")
    assert (tmp_path / "a.txt").read_bytes() == "Größe\n1\n".encode()


FAULTS = [
    (errno.ENOSPC, "room to write a.wav; got a full disk at {folder}. Free some space, or set MACHINE_HEARING_HOME"),
    (errno.EACCES, "may be written to for a.wav; got no permission at {folder}. Set MACHINE_HEARING_HOME"),
    (errno.EPERM, "may be written to for a.wav; got no permission at {folder}. Set MACHINE_HEARING_HOME"),
    (errno.EROFS, "may be written to for a.wav; got no permission at {folder}. Set MACHINE_HEARING_HOME"),
]


@pytest.mark.parametrize(("code", "says"), FAULTS, ids=[errno.errorcode[code] for code, _ in FAULTS])
@pytest.mark.parametrize("where", ["writing", "fsync", "replace", "mkdir"])
def test_a_full_or_forbidden_disk_is_told_in_words(tmp_path, monkeypatch, code, says, where):
    path = tmp_path / "a.wav"
    path.write_text("old")

    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    if where != "writing":
        monkeypatch.setattr(Path if where == "mkdir" else os, where, fail)

    def write() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            if where == "writing":
                fail()

    with pytest.raises(OSError, match=r"docs/troubleshooting\.md: Disk and folders") as caught:
        write()
    assert says.format(folder=tmp_path) in str(caught.value)
    assert caught.value.errno == code, "who looks at errno still can"
    assert caught.value.__cause__.strerror == os.strerror(code)
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_on_a_full_disk_leaves_the_older_one(tmp_path, monkeypatch):
    audio.save_audio(tmp_path / "a.wav", [0.5] * 10)
    before = (tmp_path / "a.wav").read_bytes()

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="a full disk"):
        audio.save_audio(tmp_path / "a.wav", [0.25] * 10)
    assert (tmp_path / "a.wav").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_other_errors_of_the_system_pass_as_they_are(tmp_path):
    error = FileExistsError(errno.EEXIST, "there is one")
    with pytest.raises(FileExistsError) as caught, files.friendly(tmp_path / "a"):
        raise error
    assert caught.value is error


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0),
                    reason="an administrator may write anywhere; the injected faults above cover the message")
def test_a_folder_that_is_really_read_only_is_told(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OSError, match="no permission"):
            files.write_text(tmp_path / "a.txt", "text")
    finally:
        tmp_path.chmod(0o700)


# Locks

HOLD = """
import sys
from helpers import files
with files.locked(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


def test_a_lock_holds_between_processes(tmp_path):
    path = tmp_path / "cache" / "entry"
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(TimeoutError), files.locked(path, timeout=0):
            pass
        other.stdin.write("\n")
        other.stdin.flush()
        with files.locked(path):             # waits until the other one lets go
            assert other.stdout.readline() == "released\n"
    finally:
        other.kill()
        other.communicate()


@pytest.mark.fault("a process dies that holds a lock", happens="the lock is free again")
def test_a_lock_is_let_go_after_an_error_and_by_a_process_that_dies(tmp_path):
    path = tmp_path / "entry"
    with pytest.raises(KeyError), files.locked(path):
        raise KeyError
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "held\n"
    other.kill()
    other.communicate()
    with files.locked(path, timeout=0):
        assert not path.exists(), "the lock is a file beside it"


# Checksums and keys

KNOWN = {   # of "hello\n"; the last as `git hash-object` prints it
    "sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
    "md5": "b1946ac92492d2347c6235b4d2611184",
    "git-blob": "ce013625030ba8dba906f756967f9e9ca394464a",
}
EMPTY = {
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "md5": "d41d8cd98f00b204e9800998ecf8427e",
    "git-blob": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
}


@pytest.mark.parametrize("algorithm", files.ALGORITHMS)
def test_checksums_are_the_known_ones(tmp_path, algorithm):
    (tmp_path / "a").write_bytes(b"hello\n")
    (tmp_path / "b").touch()
    assert files.digest(tmp_path / "a", algorithm=algorithm) == KNOWN[algorithm]
    assert files.digest(tmp_path / "b", algorithm=algorithm) == EMPTY[algorithm]


def test_a_file_longer_than_one_piece_is_read_to_its_end(tmp_path):
    content = bytes(range(256)) * 8193
    (tmp_path / "a").write_bytes(content)
    assert len(content) > 2 << 20
    assert files.digest(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_an_unknown_checksum_is_told_the_known_ones(tmp_path):
    with pytest.raises(checks.InputError, match="one of 'sha256', 'md5', 'git-blob'; got 'crc32'"):
        files.digest(tmp_path / "a", algorithm="crc32")


@given(first=st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.text("xy", max_size=2)),
       second=st.dictionaries(st.sampled_from("abc"), st.integers(0, 3) | st.text("xy", max_size=2)))
def test_keys_differ_exactly_where_settings_do(first, second):
    assert (files.key(**first) == files.key(**second)) == (first == second)
    assert files.key(**first) == files.key(**dict(reversed(first.items())))


def test_a_key_stays_the_same_from_version_to_version():
    assert files.key(sr=16000, name="embedded") == "5f8e8c6d01aa", "another key would make every cache anew"


# Folders

def test_home_is_where_the_variable_says_else_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path / "mine"))
    assert files.home() == (tmp_path / "mine").resolve()
    monkeypatch.setenv("MACHINE_HEARING_HOME", "~/sounds")
    assert files.home() == Path("~/sounds").expanduser().resolve()
    for nothing in (lambda: monkeypatch.setenv("MACHINE_HEARING_HOME", ""),
                    lambda: monkeypatch.delenv("MACHINE_HEARING_HOME")):
        nothing()
        assert files.home().name == "machine-hearing-workshop"
        if sys.platform == "linux":
            assert files.home().parent == tmp_path / "cache"
    assert list(tmp_path.iterdir()) == [], "asking makes no folder"


def test_a_relative_home_stays_when_the_folder_is_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHINE_HEARING_HOME", "here")
    assert files.home() == tmp_path.resolve() / "here"


def test_a_cache_folder_is_made_and_made_only_once(tmp_path, monkeypatch):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path / "mine"))
    folder = files.cache_folder("embedded")
    assert folder == tmp_path.resolve() / "mine/cache/embedded"
    (folder / "kept").touch()
    assert files.cache_folder("embedded") == folder
    assert (folder / "kept").exists()


def test_a_cache_folder_that_cannot_be_made_is_told(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(OSError, match="Set MACHINE_HEARING_HOME to a folder of your own") as caught:
        files.cache_folder("embedded")
    assert caught.value.errno == errno.EROFS


def test_bytes_are_counted_below_a_folder(tmp_path):
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "deep/er/b").write_bytes(b"4567")
    assert files.folder_bytes(tmp_path) == 7
    assert files.folder_bytes(tmp_path / "none") == 0
