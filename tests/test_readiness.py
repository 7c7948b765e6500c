"""Notebook 00's answer: ready, or exactly what to fix, and a block that gives nobody away."""

import errno
import os
import platform
import re
import subprocess
import sys

import pytest

from helpers.exercises import readiness
from helpers.exercises.readiness import FIX, NOTE, OK, Item, Readiness


@pytest.fixture
def installed(monkeypatch):
    """Let packages look as if other versions, or none (None), were installed."""
    versions, real = {}, readiness._installed
    monkeypatch.setattr(readiness, "_installed", lambda name: versions[name] if name in versions else real(name))
    return versions


def test_this_environment_is_ready():
    setup = readiness.inspect()
    assert setup.ready, setup.verdict
    assert setup.verdict.startswith("READY: 6 things")
    assert re.search(r"\(`(make|py start.py) check` also loads TensorFlow\.\)$", setup.verdict)
    assert len(setup.lines()) == 6


def test_a_missing_package_is_named_with_the_way_out(installed):
    installed["librosa"] = None
    item = readiness.packages()
    assert (item.status, item.detail) == (FIX, "missing: librosa")
    assert "start.py lab" in item.way_out


def test_an_old_package_is_named_with_what_is_needed(installed):
    installed.update({"numpy": "1.26.4", "librosa": "1.0.0"})
    item = readiness.packages()
    assert item.status == FIX
    assert item.detail == "unfit: numpy 1.26.4 (>=2 is needed), librosa 1.0.0 (<0.12,>=0.11 is needed)"


def test_another_version_than_the_tested_one_is_a_note(installed):
    installed["seaborn"] = "0.99"
    item = readiness.packages()
    assert item.status == NOTE
    assert item.detail.startswith("other versions than the tested ones: seaborn 0.99 (tested with 0.")


def test_packages_of_other_systems_are_not_asked_for(monkeypatch):
    project = {"dependencies": ["numpy", "nowhere-to-be-found; sys_platform == 'another'"]}
    monkeypatch.setattr(readiness, "_project", lambda: project)
    assert readiness.packages().status == OK


def test_without_the_repository_the_installed_requirements_count(monkeypatch, tmp_path):
    class Installed(dict):
        def get_all(self, name):
            return self[name]

    found = Installed({"Version": "0.1", "Requires-Python": ">=3.11", "Requires-Dist": [
        "numpy>=2", "pytest; extra == 'dev'"]})
    monkeypatch.setattr(readiness, "ROOT", tmp_path)
    monkeypatch.setattr(readiness.metadata, "metadata", lambda name: found)
    assert readiness._project()["dependencies"] == ["numpy>=2"]
    assert readiness.packages() == Item("Packages", OK, "all 1 are here")


@pytest.mark.parametrize(("version", "status"), [("3.10.4", FIX), ("3.11.0", OK), ("3.13.9", OK), ("3.14.0", FIX)])
def test_the_python_must_be_in_the_supported_range(monkeypatch, version, status):
    monkeypatch.setattr(readiness.platform, "python_version", lambda: version)
    assert readiness.python().status == status


@pytest.mark.parametrize(("free", "status", "says"), [
    (None, NOTE, "does not say"), (400, FIX, "at least 0.8 GB"), (1200, NOTE, "need 1.5 GB"), (9000, OK, "9.0 GB free"),
])
def test_memory_is_judged_by_what_is_free(monkeypatch, free, status, says):
    monkeypatch.setattr(readiness, "_free_mb", lambda: free)
    item = readiness.memory()
    assert item.status == status
    assert says in item.detail


def test_a_folder_that_cannot_be_written_to_is_to_be_fixed(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path / "file"))
    item = readiness.data_folder()
    assert item.status == FIX
    assert "MACHINE_HEARING_HOME" in item.way_out
    assert str(tmp_path) in item.way_out
    assert str(tmp_path) not in item.detail, "the detail is sent to others"


def test_a_full_disk_is_named(monkeypatch):
    def full(path):
        raise OSError(errno.ENOSPC, "anything")

    monkeypatch.setattr(readiness.files, "replacing", full)
    assert readiness.data_folder().detail == f"nothing can be written there ({os.strerror(errno.ENOSPC)})"


def test_the_trial_leaves_nothing_behind(monkeypatch, tmp_path):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    assert readiness.data_folder().status in (OK, NOTE)
    assert list(tmp_path.iterdir()) == []


def test_sound_files_that_come_back_changed_are_found(monkeypatch):
    import soundfile

    monkeypatch.setattr(soundfile, "read", lambda file, dtype: ([0], 16000))
    assert readiness.sound_files().status == FIX

    def broken(*args, **kwargs):
        raise soundfile.LibsndfileError(1)

    monkeypatch.setattr(soundfile, "write", broken)
    assert readiness.sound_files().detail == "FLAC cannot be written or read (LibsndfileError)"


def test_a_look_that_fails_is_a_note_and_not_an_error(monkeypatch):
    def curious():
        raise RuntimeError("in /home/ada")

    monkeypatch.setattr(readiness, "memory", curious)
    setup = readiness.inspect()
    assert setup.items[3] == Item("Memory", NOTE, "could not be looked at (RuntimeError)")


def test_the_verdict_lists_exactly_what_to_fix():
    setup = Readiness((Item("A", OK, "fine"), Item("B", NOTE, "odd", "Look at it"), Item("C", FIX, "bad", "Do this"),
                       Item("D", FIX, "worse", "Do that")))
    assert setup.verdict == "NOT READY. (1) C: bad. Do this (2) D: worse. Do that"
    assert str(setup).splitlines() == ["✓ A: fine", "! B: odd. Look at it", "✗ C: bad. Do this", "✗ D: worse. Do that"]
    assert Readiness(setup.items[:2]).ready, "notes stop nothing"


def test_the_page_shows_text_as_text():
    assert "&lt;b&gt;" in Readiness((Item("A", FIX, "<b>"),))._repr_html_()


def test_the_block_for_a_question_names_nobody(monkeypatch, tmp_path):
    home = tmp_path / "ada.lovelace"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "ada.lovelace")
    (home / "file").write_text("in the way")
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(home / "file"))
    setup = readiness.inspect()
    assert not setup.ready, "the folder cannot be written to, so that its error is in the block"
    block = setup.question()
    assert "ada" not in block
    assert not any(part in block for part in (str(tmp_path), sys.prefix, str(readiness.ROOT)))
    assert f" {platform.node()} " not in block
    assert "[fix] Data folder" in block
    assert f"Python {sys.version.split()[0]}" in block
    assert "numpy 2" in block


def test_nothing_heavy_is_loaded():
    code = ("import sys; from helpers.exercises import readiness; readiness.inspect().question(); "
            "print({'librosa', 'numba', 'tensorflow', 'sklearn', 'matplotlib'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
