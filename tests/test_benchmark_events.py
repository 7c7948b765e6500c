"""The event benchmark's own parts on tiny inputs: settings are chosen on other folds, baselines do what they say."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from benchmarks.events import baselines, decoding, embedded, real, trainings
from helpers import checks

SR = 16_000
COLUMNS = ["clip_id", "onset", "offset", "label"]
EVENTS = pd.DataFrame([("a", 0.2, 0.4, "low"), ("a", 0.6, 0.9, "high"), ("b", 0.3, 0.5, "high"),
                       ("b", 0.7, 0.8, "low"), ("c", 0.1, 0.3, "low"), ("c", 0.5, 0.8, "high")], columns=COLUMNS)
TONES = {"low": 500, "high": 3000}


class Tones:
    """What a benchmark needs of a set of scenes: tones on silence, three recordings in three folds."""

    name, classes, collar, frame_hop, has_offsets = "tones", ("low", "high"), 0.05, 0.01, True
    negatives = pd.DataFrame({"clip_id": []})

    def __init__(self, events=EVENTS, **changes):
        self.events = events
        self.clips = pd.DataFrame({"clip_id": list("abc"), "fold": [1, 2, 3]})
        self.__dict__.update(changes)

    def load(self, row, *, sr=SR):
        sr = sr or SR
        time = np.arange(sr) / sr
        audio = 1e-4 * np.random.default_rng(0).standard_normal(sr)
        for event in self.events[self.events["clip_id"] == row.clip_id].itertuples():
            stop = max(event.offset, event.onset + 0.03)
            audio += 0.3 * np.sin(2 * np.pi * TONES[event.label] * time) * ((time >= event.onset) & (time < stop))
        return audio.astype(np.float32), sr


def perfect(dataset, clips, *, level=0.9):
    """Scores of a network that is always right, and never surer than that."""
    from helpers import events

    return {clip_id: level * events.targets(dataset.events[dataset.events["clip_id"] == clip_id],
                                            classes=dataset.classes, n_frames=100, hop=0.01) for clip_id in clips}


# Settings

def test_the_best_settings_are_chosen():
    dataset = Tones()
    settings = decoding.best(decoding.tried(perfect(dataset, "a", level=0.25), dataset))
    assert settings["high"] == 0.2
    assert decoding.judge(dataset, decoding.detect(perfect(dataset, "bc"), dataset, **settings), "bc").loc[
        "all", "f1"] == 1
    assert "thresholds 0.2 and" in decoding.in_words(settings)


def test_the_best_with_one_threshold_and_with_two():
    tried = [({"high": 0.5, "low": 0.5}, 0.7), ({"high": 0.5, "low": 0.3}, 0.8), ({"high": 0.6, "low": 0.6}, 0.75)]
    assert decoding.best(tried)["low"] == 0.3
    assert decoding.best(tried, single=True)["low"] == 0.6
    assert decoding.best(tried, single=False)["low"] == 0.3


def test_only_the_wanted_classes_count():
    dataset = Tones()
    wrong = EVENTS[EVENTS["label"] == "high"].assign(onset=0.0, offset=0.05)
    detected = pd.concat([EVENTS[EVENTS["label"] == "low"], wrong])
    assert decoding.judge(dataset, detected, "abc", classes=["low"]).loc["all", "f1"] == 1
    assert decoding.judge(dataset, detected, "abc").loc["all", "f1"] == 0.5


def test_a_set_of_points_is_judged_by_onsets():
    dataset = Tones(EVENTS.assign(offset=EVENTS["onset"]), has_offsets=False)
    found = decoding.detect(perfect(dataset, "abc"), dataset, high=0.5)
    assert (found["onset"] == found["offset"]).all()
    assert decoding.judge(dataset, EVENTS, "abc").loc["all", "f1"] == 1, "its offsets are not looked at"


# Trainings

def test_folds_of_a_job_do_not_meet():
    parts = trainings.rows(Tones(), trainings.Job("tones", test=3, validation=2))
    assert [table["clip_id"].tolist() for table in parts.values()] == [["a"], ["b"], ["c"], []]


def test_no_fold_is_tested_twice_or_chosen_on():
    for data in (real.BIRDS, real.DRUMS):
        jobs = real.jobs(data)
        assert [job.test for job in jobs] == list(real.TESTED[data])
        assert all(job.test != job.validation for job in jobs)
        assert {job.validation for job in jobs} <= {1, 2, 3, 4, 5}


def test_moving_changes_pictures_and_not_their_length():
    rng, x = np.random.default_rng(0), np.random.default_rng(1).normal(size=(4, 8, 100)).astype(np.float32)
    moved = trainings._moving(0.06)(x, rng=rng)
    still = trainings._moving(0.0)(x, rng=rng)
    assert moved.shape == still.shape
    assert not np.allclose(moved, still)
    assert all(min(np.abs(np.roll(picture, step, axis=1) - other).max() for step in range(-6, 7)) < 1e-4
               for picture, other in zip(still, moved, strict=True))


def test_missing_recordings_are_said_to_be_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("MACHINE_HEARING_TEST_DATA", str(tmp_path))
    trainings.load.cache_clear()
    with pytest.raises(checks.DatasetError, match="birdsong-bird0"):
        trainings.load("birdsong-bird0")
    rows = []
    monkeypatch.setattr(trainings, "run", lambda jobs, report: {})
    real.run(SimpleNamespace(add=rows.append))
    assert [row.value for row in rows] == [None, None]
    assert all("not run: not here" in row.detail for row in rows)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "n_events", "collar"), [(real.BIRDS, 1379, 0.05), (real.DRUMS, 1422, 0.05)])
def test_real_recordings_are_read_from_the_test_data(test_data, name, n_events, collar):
    trainings.load.cache_clear()
    dataset = trainings.load(name)
    assert (dataset.name, len(dataset.events), dataset.collar, dataset.frame_hop) == (name, n_events, collar, 0.01)
    assert dataset.clips["fold"].nunique() == 5
    assert dataset.has_offsets == (name == real.BIRDS)
    assert set(real.DRUM_CLASSES) <= {*dataset.classes} or name == real.BIRDS


# Scores of whole scenes

def test_tags_of_scenes_that_are_ranked_rightly_have_precision_one():
    dataset = Tones(EVENTS[~((EVENTS["clip_id"] == "b") & (EVENTS["label"] == "low"))].drop(index=[1]))
    scores = perfect(dataset, "abc")
    assert embedded.average_precision(dataset, scores, how="mean") == 1
    wrong = {clip_id: 1 - frames for clip_id, frames in scores.items()}
    assert embedded.average_precision(dataset, wrong, how="max") < 1
    assert embedded.durations(dataset, scores) == {"a": 1.0, "b": 1.0, "c": 1.0}


# Baselines

def test_events_without_names_are_one_where_they_begin_together():
    table = pd.DataFrame([("a", 1.0, 1.0, "kick"), ("a", 1.02, 1.02, "hi-hat"), ("a", 1.04, 1.04, "snare"),
                          ("b", 1.02, 1.02, "kick")], columns=COLUMNS)
    assert len(baselines.nameless(table)) == 4
    joined = baselines.nameless(table, together=0.03)
    assert joined["onset"].tolist() == [1.0, 1.04, 1.02]
    assert set(joined["label"]) == {baselines.ANY}
    assert len(baselines.nameless(table.head(0), together=0.03)) == 0


def test_energy_finds_tones_in_its_band_at_their_time():
    dataset = Tones()
    detect = baselines.energy_detector(dataset, low_hz=1000, high_hz=8000, sr=SR)
    found = detect(["a", "b"], threshold_db=-30, min_duration=0.02)
    there = EVENTS[(EVENTS["label"] == "high") & EVENTS["clip_id"].isin(["a", "b"])]
    assert found["clip_id"].tolist() == ["a", "b"]
    assert np.abs(found[["onset", "offset"]].to_numpy() - there[["onset", "offset"]].to_numpy()).max() < 0.01


def test_librosa_finds_the_onsets():
    dataset = Tones()
    found = baselines.onset_detector(dataset)(["a", "c"], hop_length=256, delta=0.07)
    assert real.nameless_f1(Tones(has_offsets=False), found, ["a", "c"]) > 0.6
    assert (found["onset"] == found["offset"]).all()


def test_the_nearest_centroid_names_tones():
    dataset = Tones()
    centroid = baselines.NearestCentroid(dataset, ["a", "b"], classes=dataset.classes)
    segments = baselines.nameless(EVENTS[EVENTS["clip_id"] == "c"])
    assert centroid.label(segments)["label"].tolist() == ["low", "high"]
    assert len(centroid.label(segments.head(0))) == 0


def test_what_is_hit_together_has_two_names_and_what_does_not_count_has_none():
    rows = [(clip_id, t, t, label) for clip_id in "ab"
            for t, label in ((0.2, "low"), (0.21, "high"), (0.5, "low"), (0.8, "high"))]
    dataset = Tones(pd.DataFrame(rows, columns=COLUMNS), has_offsets=False)
    segments = baselines.nameless(dataset.events[dataset.events["clip_id"] == "b"], together=0.03)
    named = baselines.NearestCentroid(dataset, ["a"], classes=dataset.classes).label(segments)
    assert named["label"].tolist() == ["high", "low", "low", "high"]
    only = baselines.NearestCentroid(dataset, ["a"], classes=["low"]).label(segments)
    assert only[["onset", "label"]].to_numpy().tolist() == [[0.2, "low"], [0.5, "low"]]


def test_settings_of_a_baseline_are_chosen_on_other_folds():
    dataset, asked = Tones(), []

    def detect(clips, *, shift):
        asked.append(shift)
        return EVENTS.assign(onset=EVENTS["onset"] + shift, offset=EVENTS["offset"] + shift)

    found = real.by_folds(dataset, {1: ["a"], 2: ["b", "c"]}, detect, grid={"shift": (0.2, 0.01, 0.5)})
    assert asked == [0.2, 0.01, 0.5], "each setting once"
    assert real.nameless_f1(dataset, found, None) == 1
    assert sorted(found["clip_id"]) == list("aabbcc")
