"""The frame of the benchmarks: rows and goals, tables on disk, figures quoted in Markdown."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import benchmarks
import proof
from benchmarks import command, fits, pairs, results, strangers, tables


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


def written(folder, *rows):
    report = results.Report("example", title="an example", data="two numbers", sources=["benchmarks/pairs.py"])
    for row in rows:
        report.add(row)
    report.write()
    return json.loads((folder / "example.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("value", "at_most", "ok"), [
    (0.9, False, True), (0.8, False, False), (0.8, True, True), (0.9, True, False)])
def test_a_goal_is_reached_from_the_right_side(value, at_most, ok):
    assert results.row("share", value, "share", goal=0.85, at_most=at_most).ok is ok


def test_what_was_not_run_has_neither_value_nor_verdict():
    row = results.row("share", None, "share", goal=0.85)
    assert (row.value, row.ok, row.detail) == (None, None, "not run")


def test_a_table_holds_rows_machine_and_sources(folder, capsys):
    record = written(folder, results.row("speed", 4.8123, "x", goal=4), results.row("weights", None, "share"))
    assert [row["what"] for row in record["rows"]] == ["speed", "weights"]
    assert record["machine"]["cores"] >= 1
    assert len(record["source_hash"]) == 16
    assert "goal 4: reached" in capsys.readouterr().out


def test_two_rows_of_one_name_are_refused(folder):
    with pytest.raises(ValueError, match="two rows"):
        written(folder, results.row("speed", 1, "x"), results.row("speed", 2, "x"))


def test_markdown_quotes_figures_by_their_unit(folder):
    written(folder, results.row("speed", 4.8123, "x"), results.row("accuracy", 0.875, "share"))
    page = "<!-- bench example:speed -->1<!-- /bench --> and <!-- bench example:accuracy --><!-- /bench -->"
    filled = results.fill(page)
    assert ">4.8<" in filled
    assert ">0.875<" in filled
    assert results.fill(filled) == filled
    with pytest.raises(KeyError, match="no row"):
        results.fill("<!-- bench example:typo -->1<!-- /bench -->")
    assert "not run" in results.fill("<!-- bench missing:speed -->1<!-- /bench -->")


def test_the_source_hash_sees_code_and_not_words(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "ROOT", tmp_path)

    def hashed(text):
        (tmp_path / "module.py").write_text(text, encoding="utf-8")
        return results.source_hash(["module.py"])

    assert hashed('"""One."""\nx = 1\n') == hashed('"""Another."""\n\nx = 1  # why\n')
    assert hashed("x = 1\n") != hashed("x = 2\n")


def test_a_thing_against_itself_has_ratio_one():
    def work():
        np.linalg.norm(np.ones((300, 300)) @ np.ones((300, 300)))

    ratios, noise = pairs.ratio(work, work, rounds=3)
    assert len(ratios) == len(noise) == 3
    assert min(ratios) > 0


def test_every_measurement_says_what_it_measures_and_on_what():
    found = command.names(benchmarks) | command.names(proof)
    assert {"logmel", "esc10", "embedded-lessons", "notebooks", "events", "faults"} <= set(found)
    assert not {"results", "pairs", "recorder"} & set(found)
    for module in found.values():
        loaded = __import__(module, fromlist=["run"])
        assert all((loaded.TITLE, loaded.DATA, callable(loaded.run)))
        assert all((results.ROOT / source).exists() for source in loaded.SOURCES)


def test_the_page_holds_every_row_with_its_verdict(folder, tmp_path):
    written(folder, results.row("speed", 4.8123, "x", goal=4, detail="a | b"),
            results.row("bytes", 9, "MB", goal=5, at_most=True),
            results.row("weights", None, "share", detail="not run: not here"))
    page = tables.page(SimpleNamespace(__path__=[str(tmp_path.parent)], ABOUT="# What"), folder=folder)
    assert "| speed | 4.8 x | 4 ✓ | a \\| b |" in page
    assert "| bytes | 9 MB | 5 missed |  |" in page
    assert "| weights | not run |  | not run: not here |" in page
    assert "| [example](#example) | an example | 3 | 1 of 2 | 1 |" in page


@pytest.mark.parametrize("package", [benchmarks, proof], ids=lambda package: package.__name__)
def test_the_page_of_all_tables_is_up_to_date(package):
    shown = (results.ROOT / package.PAGE).read_text(encoding="utf-8")
    assert shown == tables.page(package), f"python -m {package.__name__} --fill"


def test_one_that_fails_does_not_take_the_others_with_it(monkeypatch, capsys):
    ended = {"logmel": 0, "search": 1, "stream": command.MISSED}
    monkeypatch.setattr(command.subprocess, "call", lambda line, **_: ended[line[-1]])
    assert command.main(benchmarks, [*ended]) == 1
    assert "not finished: search" in capsys.readouterr().out
    assert command.main(benchmarks, ["logmel", "stream"]) == command.MISSED


def test_an_unknown_name_lists_the_right_ones(capsys):
    with pytest.raises(SystemExit):
        command.main(benchmarks, ["nonsense"])
    assert "logmel" in capsys.readouterr().err


def test_scores_of_a_clip_are_joined_over_live_windows():
    scores = fits.Scores(np.array([[0.1, 0.9], [0.9, 0.1], [0.8, 0.2]]), np.array([0, 0, 0]),
                         np.array([True, False, False]), np.array([1]))
    assert (scores.accuracy(), scores.accuracy(gated=False)) == (1, 0)
    assert (scores.one_window(which="first"), scores.one_window(which="middle")) == (1, 0)


def test_dealt_folds_keep_every_clip_once_and_every_class_in_each():
    clips = fits.Clips([], np.repeat(np.arange(4), 10), np.tile(np.arange(1, 6), 8))
    dealt = fits.splits(clips, split="random")
    assert {len(set(clips.y[dealt == fold])) for fold in range(1, 6)} == {4}
    assert (fits.splits(clips, split="folds") == clips.fold).all()
    assert (dealt != clips.fold).any()


def test_pooled_features_use_live_windows_where_there_are_any():
    statistics, clip_index = np.array([[1.0], [3.0], [100.0], [7.0]]), np.array([0, 0, 0, 1])
    vectors = fits.clip_statistics(statistics, clip_index, np.array([True, True, False, False]))
    assert vectors.tolist() == [[2.0, 1.0], [7.0, 0.0]]


def test_only_drums_that_sound_alone_are_cut_out():
    hits = pd.DataFrame([("a", 0.0, "kick"), ("a", 0.02, "hi-hat"), ("a", 0.5, "snare"), ("a", 0.6, "kick"),
                         ("a", 2.0, "cymbal"), ("b", 0.5, "hi-hat")], columns=["clip_id", "onset", "label"])
    kept = strangers.alone(hits.assign(offset=hits["onset"]))
    assert kept[["clip_id", "onset", "label"]].to_numpy().tolist() == [
        ["a", 0.5, "snare"], ["a", 0.6, "kick"], ["b", 0.5, "hi-hat"]]
    assert kept["offset"].round(3).tolist() == [0.6, 0.85, 0.75], "until the next one, a quarter of a second at most"


def test_events_are_cut_from_their_scenes():
    clips = pd.DataFrame({"clip_id": ["a", "b", "c"], "fold": [1, 2, 3]})
    events = pd.DataFrame([("a", 0.5, 0.6, "x"), ("b", 0.0, 0.1, "x"), ("c", 0.5, 0.6, "x"), ("a", 0.2, 0.3, "rare")],
                          columns=["clip_id", "onset", "offset", "label"])
    sounds = SimpleNamespace(clips=clips, load=lambda row, sr: (np.arange(sr, dtype=np.float32), sr))
    found = strangers.cut(sounds, events)
    assert [len(sound) for sound in found.audio] == [2240, 1920, 2240]
    assert found.audio[0][0] == 7680
    assert found.y.tolist() == [0, 0, 0], "a class of one fold cannot be learned and tested"
    assert found.fold.tolist() == [1, 2, 3]


def test_a_module_that_became_a_package_is_found_there():
    assert results.source_path("helpers/models.py") == results.ROOT / "helpers/models"
    assert results.source_path("helpers/audio.py") == results.ROOT / "helpers/audio.py"
    assert not results.source_path("helpers/never.py").exists()
