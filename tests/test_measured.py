"""Stored measurements are found from every folder, and a missing one is told."""

import json
import os

import pytest

from benchmarks import results
from helpers import checks, measured


@pytest.mark.parametrize("name", ["esc10", "events", "anomaly"])
def test_a_notebook_in_any_folder_reads_what_was_committed(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert measured.stored(name) == results.load(name)


def test_every_result_has_what_the_notebooks_read():
    names = [path.stem for path in measured.FOLDER.glob("*.json")]
    assert len(names) > 15
    for name in names:
        assert {"title", "data", "date", "machine", "rows"} <= set(measured.stored(name)), name


def test_a_measurement_that_is_not_there_says_where_it_would_come_from(tmp_path, monkeypatch):
    monkeypatch.setattr(measured, "FOLDER", tmp_path)
    (tmp_path / "other.json").write_text(json.dumps({}))
    with pytest.raises(checks.DatasetError, match=r"esc10.*whole repository.*Notebooks\)"):
        measured.stored("esc10")
    assert os.listdir(tmp_path) == ["other.json"]
