"""The embedded scenes: what they hold, that they are rendered once, and that folds share nothing."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from helpers import checks, datasets
from helpers.datasets import embedded_scenes
from helpers.synth import popcorn, scenes


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("scenes")


@pytest.fixture(scope="module")
def few(folder):
    return embedded_scenes.load(data_home=folder, per_fold=3)


def test_a_set_holds_scenes_events_and_quiet_recordings(few):
    assert len(few.clips) == 15
    assert few.clips["fold"].value_counts().to_dict() == dict.fromkeys(range(1, 6), 3)
    assert few.classes == ("dog", "car_horn", "glass_breaking", "siren")
    assert set(few.events["label"]) <= set(few.classes)
    assert (few.events["onset"] < few.events["offset"]).all()
    assert few.events["offset"].max() <= embedded_scenes.DURATION
    assert len(few.negatives) == embedded_scenes.NEGATIVES
    assert (few.collar, few.frame_hop, few.has_offsets) == (0.2, 0.04, True)
    assert "15 scenes" in str(few)


def test_sounds_are_those_that_the_events_belong_to(few):
    row = few.clips.iloc[4]
    audio, events = scenes.render(fold=int(row["fold"]), index=1)
    assert np.array_equal(few.load(row)[0], audio)
    own = few.events.query("clip_id == @row.clip_id")
    assert own[["onset", "offset", "label"]].to_dict("records") == events


def test_a_second_load_renders_nothing(few, folder, monkeypatch):
    monkeypatch.setattr(scenes, "render", None)
    again = embedded_scenes.load(data_home=folder, per_fold=3)
    assert again.events.equals(few.events)
    assert embedded_scenes.load(data_home=folder, per_fold=2).clips["clip_id"].tolist() == [
        name for name in few.clips["clip_id"] if not name.endswith("02")]


def test_an_interrupted_rendering_goes_on_where_it_was(few, tmp_path, monkeypatch):
    render, rendered = scenes.render, []

    def interrupted(**recipe):
        if len(rendered) == 7:
            raise KeyboardInterrupt
        rendered.append((recipe["fold"], recipe["index"]))
        return render(**recipe)

    monkeypatch.setattr(scenes, "render", interrupted)
    with pytest.raises(KeyboardInterrupt):
        embedded_scenes.load(data_home=tmp_path, per_fold=3)
    monkeypatch.setattr(scenes, "render", lambda **recipe: rendered.append((recipe["fold"], recipe["index"]))
                        or render(**recipe))
    done = embedded_scenes.load(data_home=tmp_path, per_fold=3)
    assert len(rendered) == len(set(rendered)) == 15, "each scene once"
    assert done.events.equals(few.events)
    assert [path.name for path in done.home.glob("*.json")] == ["events.json"]


def test_a_lost_sound_is_rendered_again(few):
    path = Path(few.clips["path"][0])
    before = few.load(few.clips.iloc[0])[0]
    path.unlink()
    assert np.array_equal(few.load(few.clips.iloc[0])[0], before)
    assert path.exists()


def test_the_events_on_disk_are_plain_numbers(few):
    kept = json.loads((few.home / "events.json").read_text(encoding="utf-8"))
    assert sum(map(len, kept.values())) == len(few.events)


def test_load_scenes_takes_the_embedded_ones(monkeypatch):
    asked = []
    monkeypatch.setattr(embedded_scenes, "load", lambda **given: asked.append(given))
    datasets.load_scenes()
    datasets.load_scenes("embedded", data_home="there")
    assert asked == [{"data_home": None}, {"data_home": "there"}]


# The scenes themselves

def test_events_are_heard_where_the_table_says():
    """At the middle of a loud, lonely event there is more power than before it."""
    louder = []
    for index in range(12):
        audio, events = scenes.render(fold=2, index=index)
        for event in events:
            onset, offset = event["onset"], event["offset"]
            alone = all(other is event or other["offset"] < onset - 1 or other["onset"] > offset for other in events)
            if alone and onset > 0.3:
                first, last = round(onset * 16000), round(offset * 16000)
                louder.append(np.mean(audio[first:last] ** 2) / np.mean(audio[first - 3200:first] ** 2))
    assert len(louder) >= 10
    assert np.median(louder) > 2


def test_two_events_of_one_class_keep_apart():
    for index in range(40):
        _, events = scenes.render(fold=4, index=index, duration=10.0)
        for label in scenes.CLASSES:
            own = [event for event in events if event["label"] == label]
            for one, other in pairwise(own):
                assert other["onset"] - one["offset"] >= scenes.GAP - 0.01


def test_some_scenes_are_empty_some_overlap_and_some_are_cut():
    everything = [scenes.render(fold=1, index=index)[1] for index in range(60)]
    assert any(not events for events in everything)
    assert any(other["onset"] < one["offset"] and one["label"] != other["label"]
               for events in everything for one, other in pairwise(events))
    assert any(event["onset"] == 0 for events in everything for event in events)


def test_an_empty_scene_has_sound_and_no_events():
    audio, events = scenes.render(fold=5, index=0, duration=30.0, empty=True)
    assert events == []
    assert len(audio) == 480_000
    assert np.abs(audio).max() > 0.1


def test_scenes_can_be_short_and_at_another_rate_and_refuse_nonsense():
    audio, events = scenes.render(duration=0.5, sr=8000)
    assert len(audio) == 4000
    assert all(event["offset"] <= 0.5 for event in events)
    with pytest.raises(checks.InputError, match="scene of at least"):
        scenes.render(duration=0.01)
    with pytest.raises(checks.InputError):
        popcorn.render(sr=100)


def test_popcorn_pops_faster_and_slower():
    audio, pops = popcorn.render()
    onsets = np.array([pop["onset"] for pop in pops])
    per_ten_seconds = np.histogram(onsets, np.arange(0, 61, 10))[0]
    assert 2 * per_ten_seconds[0] < per_ten_seconds[2:4].max() > 3 * per_ten_seconds[-1]
    assert (np.diff(onsets) > 0.1).all()
    starts = np.round(onsets * 16000).astype(int)
    after = np.array([np.abs(audio[start:start + 400]).max() for start in starts])
    before = np.array([np.abs(audio[max(0, start - 400):start]).max() for start in starts])
    assert np.mean(after > 1.2 * before) > 0.9, "there is a sound at nearly every pop, soft ones drown in the oil"
