"""Scenes: what holds for every set, then each set, then your own recordings."""

import dataclasses
import hashlib
import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import serving
from hypothesis import given, settings
from hypothesis import strategies as st
from test_datasets import tarred, wav_bytes, zipped

from helpers import checks, files
from helpers.datasets import SceneDataset, download, load_clips, load_scenes, registry, scenes, scenes_from_folder
from helpers.datasets.dataset import COLUMNS, command

NAMES = ["birdsong-bird0", "mdb-drums", "urban-sed", "tut-sed-2017"]


def a_clip_table(n=4):
    rows = [scenes.scene_row(Path(f"/nowhere/{name}.wav"), name, fold=fold)
            for fold, name in enumerate("abcdefgh"[:n], start=1)]
    return pd.DataFrame(rows)


def an_event_table(rows):
    return pd.DataFrame(rows, columns=list(scenes.EVENT_COLUMNS))


def a_scene_set(**changes):
    clips = a_clip_table()
    events = an_event_table([("a", 0.5, 1.0, "dog"), ("a", 2.0, 2.0, "cat"), ("a", 3.0, 4.0, "dog"),
                             ("c", 1.0, 2.0, "dog")])
    facts = {"name": "embedded", "kind": "scenes", "clips": clips, "classes": ["dog", "cat"], "unknown_classes": (),
             "unknown_clips": clips.head(0), "licence": "CC0", "citation": "", "description": "", "home": "/nowhere",
             "events": events, "negatives": clips.head(0), "collar": 0.2, "frame_hop": 0.04, "has_offsets": True}
    return SceneDataset(**facts | changes)


def sound_rules(sounds, *, folds):
    """Assert what holds for every set of scenes."""
    clips, events = sounds.clips, sounds.events
    assert sounds.kind == "scenes"
    assert tuple(clips.columns) == tuple(sounds.negatives.columns) == tuple(sounds.unknown_clips.columns) == COLUMNS
    assert tuple(events.columns) == scenes.EVENT_COLUMNS
    assert clips.clip_id.is_unique
    assert all(Path(path).is_file() and Path(path).is_absolute() for path in clips.path)
    assert (clips.groupby("source").fold.nunique() == 1).all(), "a source stands on both sides of a split"
    assert sorted(clips.fold.unique()) == list(range(1, folds + 1))
    assert set(events.clip_id) <= set(clips.clip_id)
    assert set(events.label) == set(sounds.classes)
    assert events[["onset", "offset"]].dtypes.eq(float).all()
    assert events.onset.ge(0).all()
    assert (events.offset > events.onset).all() if sounds.has_offsets else (events.offset == events.onset).all()
    assert events.groupby("clip_id").onset.is_monotonic_increasing.all()
    for row in clips.itertuples():
        assert row.label == "+".join(sorted(set(events.label[events.clip_id == row.clip_id])))
    training = clips.clip_id[clips.fold < folds - 1]
    assert set(events.label[events.clip_id.isin(training)]) == set(sounds.classes), "a class cannot be learned"
    assert len(sounds.unknown_clips) == len(sounds.unknown_classes) == 0
    assert sounds.known_classes == sounds.classes


# What the loader returns

def test_no_cell_changes_what_another_one_sees():
    sounds = a_scene_set()
    events, negatives = sounds.events, sounds.negatives
    events["label"] = "changed"
    negatives["path"] = "changed"
    assert sounds.events.label.tolist() == ["dog", "cat", "dog", "dog"]
    assert a_scene_set(events=sounds.events.iloc[::-1]).events.index.tolist() == [0, 1, 2, 3]
    with pytest.raises(dataclasses.FrozenInstanceError):
        sounds.events = events
    with pytest.raises(dataclasses.FrozenInstanceError):
        sounds.collar = 1.0


def test_the_label_of_a_scene_is_what_happens_in_it():
    assert a_scene_set().clips.label.tolist() == ["cat+dog", "", "dog", ""]
    silent = a_scene_set(events=an_event_table([]), clips=a_clip_table().assign(label="wrong"))
    assert silent.clips.label.tolist() == [""] * 4


@pytest.mark.parametrize(("changes", "says"), [
    ({"events": an_event_table([]).drop(columns="offset")}, "an event table needs .* missing: offset"),
    ({"negatives": a_clip_table().drop(columns="path")}, "a table of negatives needs .* missing: path"),
    ({"clips": a_clip_table().drop(columns="source")}, "a clip table needs .* missing: source"),
    ({"events": an_event_table([("z", 0, 1, "dog")])}, "not in this set: z"),
    ({"events": an_event_table([("a", 0, 1, "cow")])}, "not in this set: cow"),
])
def test_tables_that_do_not_fit_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        a_scene_set(**changes)


def test_it_says_which_data_and_how_to_switch():
    first, second, third = str(a_scene_set()).splitlines()
    assert first == "Data: embedded, 4 scenes, 4 events, 2 classes, 4 folds (CC0)."
    assert f"MACHINE_HEARING_SCENES=birdsong-bird0 (fetch it once: {command('birdsong-bird0')})" in second
    assert "/nowhere" in third.replace("\\", "/")
    assert "MACHINE_HEARING_SCENES=embedded" in str(a_scene_set(name="mdb-drums"))
    assert repr(a_scene_set()) == "<AudioDataset 'embedded': 4 scenes, 2 classes>"


# Names

@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_here_names_the_command(name, tmp_path):
    with pytest.raises(checks.DatasetError, match=rf"data set {name} in .*no such folder.*start\.py data {name}\. \("):
        load_scenes(name)
    with pytest.raises(checks.DatasetError, match=rf"{command(name)} --home"):
        load_scenes(name, data_home=tmp_path)


def test_names_of_another_kind_and_unknown_ones_list_the_right_ones(monkeypatch):
    names = r"a set of scenes \(embedded, " + ", ".join(NAMES) + r"\) or an existing folder"
    with pytest.raises(checks.DatasetError, match=rf"{names}; got 'esc10', which is a set of kind 'clips'\. "):
        load_scenes("esc10")
    with pytest.raises(checks.DatasetError, match=rf"{names}; got 'birdsong'\. "):
        load_scenes("birdsong")
    with pytest.raises(checks.DatasetError, match=r"\(embedded, esc10, .*'mdb-drums', which is a set of kind 'scenes'"):
        load_clips("mdb-drums")
    monkeypatch.setenv("MACHINE_HEARING_SCENES", "nowhere")
    with pytest.raises(checks.DatasetError, match=r"'nowhere' \(from MACHINE_HEARING_SCENES\)"):
        load_scenes()


def test_the_environment_names_a_folder(tmp_path, monkeypatch):
    own_folder(tmp_path)
    monkeypatch.setenv("MACHINE_HEARING_SCENES", str(tmp_path))
    pd.testing.assert_frame_equal(load_scenes().events, scenes_from_folder(tmp_path).events)
    with pytest.raises(checks.DatasetError, match="4 recordings that lie in the folder itself"):
        load_clips(tmp_path)


# Published sets: archives are rebuilt, served on this computer, downloaded, unpacked and read

def rebuilt(folder, name, archives, **changes):
    """Write a registry for archives made here under the published names; return its block and the archives."""
    published = json.loads((registry.HERE / "registry.json").read_text(encoding="utf-8"))[name]
    for file in published["files"]:
        packed = archives[file["name"]]
        file.pop("about", None)
        file["size" if "md5" in file else "about"] = len(packed)
        if "md5" in file:
            file["md5"] = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    return serving.registry_of(folder, name, files=published["files"], unpacked=40_000_000, **changes)[name]


def served(block, archives, home):
    """Install a set from a server on this computer and read it."""
    site = serving.Site({f"/{block.name}/{name}": packed for name, packed in archives.items()})
    with pytest.MonkeyPatch.context() as patch, site.running() as url:
        patch.setenv("NO_PROXY", "127.0.0.1")
        download.install(block, data_home=home, mirror=url)
        patch.setattr(registry, "published", lambda: {block.name: block})
        return load_scenes(block.name, data_home=home)


def real(folder, name, members):
    """The set ``name`` made of real files (published path -> file) and of nothing else."""
    published = registry.published()[name]
    [file] = published.files
    packed = {file.name: zipped({file.strip + path: real.read_bytes() for path, real in members.items()}
                                | {file.strip + "other/left-out.wav": b"x"})}
    listed = {path: (real.stat().st_size, "git-blob", files.digest(real, algorithm="git-blob"))
              for path, real in members.items()}
    return served(rebuilt(folder, name, packed, listed=listed), packed, folder), listed


@pytest.fixture(scope="session")
def birds(test_data, tmp_path_factory):
    folder = test_data / "sed-birdsongrec-bird0"
    members = {f"Wave/{path.name}": path for path in sorted((folder / "Wave").glob("*.wav"))}
    members["Annotation.xml"] = folder / "Annotation.xml"
    return real(tmp_path_factory.mktemp("birds"), "birdsong-bird0", members)


@pytest.fixture(scope="session")
def drums(test_data, tmp_path_factory):
    folder = test_data / "sed-mdb-drums"
    members = {f"MDB Drums/annotations/class/{path.name}": path for path in (folder / "annotations/class").iterdir()}
    members |= {f"MDB Drums/audio/drum_only/{path.name}": path for path in (folder / "audio").iterdir()}
    return real(tmp_path_factory.mktemp("drums"), "mdb-drums", members)


@pytest.mark.real_data
def test_birdsong(birds, test_data):
    sounds, _ = birds
    sound_rules(sounds, folds=5)
    assert sounds.classes == tuple("012345678")
    assert (len(sounds.clips), len(sounds.events), len(sounds.negatives)) == (30, 1379, 0)
    assert (sounds.collar, sounds.frame_hop, sounds.has_offsets) == (0.05, 0.01, True)
    assert sounds.clips.source.is_unique
    assert sounds.clips.clip_id.tolist() == [f"bird0-{n}" for n in range(30)], "in the order of their numbers"
    expected = pd.read_csv(test_data / "sed-birdsongrec-bird0/events.csv", dtype={"event_label": str})
    expected["clip_id"] = "bird0-" + expected.filename.str.removesuffix(".wav")
    ours = sounds.events.sort_values(["clip_id", "onset"], ignore_index=True)
    theirs = expected.sort_values(["clip_id", "onset"], ignore_index=True)
    assert ours.clip_id.tolist() == theirs.clip_id.tolist()
    assert ours.label.tolist() == theirs.event_label.tolist()
    np.testing.assert_allclose(ours[["onset", "offset"]], theirs[["onset", "offset"]], rtol=0, atol=1e-4)


@pytest.mark.real_data
def test_every_fold_of_the_birdsong_has_all_syllables_and_about_as_much(birds):
    sounds, _ = birds
    folds = dict(zip(sounds.clips.clip_id, sounds.clips.fold, strict=True))
    counts = pd.crosstab(sounds.events.clip_id.map(folds), sounds.events.label)
    assert counts.gt(0).all(axis=None)
    assert sounds.clips.fold.value_counts().eq(6).all()
    assert (folds["bird0-0"], folds["bird0-4"], folds["bird0-5"]) == (1, 5, 2), "in any part of the set the same"


@pytest.mark.real_data
def test_events_of_the_birds_lie_where_the_sound_is(birds):
    sounds, _ = birds
    for row in sounds.clips.head(5).itertuples():
        audio, sr = sounds.load(row)
        assert sr == 16000
        events = sounds.events[sounds.events.clip_id == row.clip_id]
        assert events.offset.max() <= len(audio) / sr
        sings = np.zeros(len(audio), bool)
        for event in events.itertuples():
            sings[round(event.onset * sr):round(event.offset * sr)] = True
        assert np.mean(audio[sings] ** 2) > 10 * np.mean(audio[~sings] ** 2)
    assert sounds.load(sounds.clips.iloc[0], sr=None)[1] == 32000


@pytest.mark.real_data
def test_drums(drums):
    sounds, _ = drums
    sound_rules(sounds, folds=5)
    assert sounds.classes == ("kick", "snare", "hi-hat", "cymbal", "tom", "other")
    assert (len(sounds.clips), len(sounds.events)) == (10, 1422)
    assert (sounds.collar, sounds.frame_hop, sounds.has_offsets) == (0.05, 0.01, False)
    assert sounds.events.label.value_counts().to_dict() == {
        "hi-hat": 508, "kick": 425, "snare": 268, "cymbal": 163, "other": 38, "tom": 20}
    rock = sounds.events[sounds.events.clip_id == "Rock"]
    assert rock.head(2)[["onset", "offset", "label"]].to_numpy().tolist() == [
        [0.0, 0.0, "kick"], [0.02, 0.02, "hi-hat"]]
    test = sounds.clips.clip_id[sounds.clips.fold == 5]
    assert set(sounds.events.label[sounds.events.clip_id.isin(test)]) == set(sounds.classes), "toms are in three only"
    audio, sr = sounds.load(sounds.clips.iloc[0])
    assert sr == 16000
    assert sounds.events[sounds.events.clip_id == sounds.clips.clip_id[0]].onset.max() < len(audio) / sr


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["birds", "drums"])
def test_real_files_have_the_published_checksums(name, request):
    sounds, listed = request.getfixturevalue(name)
    published = registry.published()[sounds.name].listed
    for path, (size, _, digest) in listed.items():
        if path != "Annotation.xml":   # cut down to the recordings that are in the test data
            assert published[path][2] == digest
            assert published[path][0] in (None, size)
    assert not (sounds.home / "other").exists()


@pytest.mark.real_data
def test_a_set_that_lost_a_file_names_it(drums, tmp_path):
    sounds, _ = drums
    block = registry.read(sounds.home.parent / "registry.json")["mdb-drums"]
    (tmp_path / "mdb-drums").mkdir()
    with pytest.raises(checks.DatasetError, match=r"20 faults \(missing: MDB Drums/.*start\.py data mdb-drums --home"):
        scenes.read(block, data_home=tmp_path)


def test_the_tables_list_what_is_read():
    listed = {name: registry.published()[name].listed for name in NAMES[:2]}
    assert sum(path.startswith("Wave/") for path in listed["birdsong-bird0"]) == 135
    assert "Annotation.xml" in listed["birdsong-bird0"]
    tracks = [{Path(path).stem.rsplit("_", 1)[0] for path in listed["mdb-drums"] if part in path}
              for part in ("drum_only", "class")]
    assert len(tracks[0]) == 23
    assert tracks[0] == tracks[1]
    assert {size for size, _, _ in listed["mdb-drums"].values()} >= {None, 1590}, "some sizes are not known"
    for name in NAMES[:2]:
        keep = registry.published()[name].files[0].keep
        assert all(any(registry.matches(path, pattern) for pattern in keep) for path in listed[name])


def test_urban_sed(tmp_path):
    classes = registry.published()["urban-sed"].classes
    members, counts = {"FREESOUNDCREDITS.txt": b"x", "annotations/train/soundscape_train_0.jams": b"{}"}, {}
    for part, n in (("train", 6), ("validate", 2), ("test", 3)):
        for i in range(n):
            lines = [f"{0.1 * k}\t{0.1 * k + 0.05}\t{classes[k]}" for k in (range(10) if i == 0 else [i])]
            lines = [] if (part, i) == ("test", 2) else lines
            members[f"annotations/{part}/soundscape_{part}_{i}.txt"] = "\n".join(reversed(lines)).encode()
            members[f"audio/{part}/soundscape_{part}_{i}.wav"] = wav_bytes(sr=44100, seconds=1.0)
            members[f"audio/{part}/._soundscape_{part}_{i}.wav"] = b"x"
        counts |= {f"audio/{part}/*.wav": n, f"annotations/{part}/*.txt": n}
    packed = {"URBAN-SED_v2.0.0.tar.gz": tarred({f"URBAN-SED_v2.0.0/{path}": data for path, data in members.items()})}
    sounds = served(rebuilt(tmp_path, "urban-sed", packed, content={"counts": counts}), packed, tmp_path)
    sound_rules(sounds, folds=3)
    assert sounds.clips.groupby("fold").size().tolist() == [6, 2, 3]
    assert sounds.clips.label[sounds.clips.clip_id == "soundscape_test_2"].tolist() == [""]
    assert sounds.events.head(2).label.tolist() == ["air_conditioner", "car_horn"], "by time"
    assert (sounds.collar, sounds.frame_hop, sounds.has_offsets) == (0.2, 0.04, True)
    assert not list(sounds.home.rglob("*.jams"))
    (sounds.home / "audio/test/soundscape_test_0.wav").unlink()
    block = registry.read(tmp_path / "registry.json")["urban-sed"]
    with pytest.raises(checks.DatasetError, match=r"2 of 3 files audio/test/\*\.wav"):
        scenes.read(block, data_home=tmp_path)


def tut_archives(*, forgotten=None):
    """The four archives of TUT with 24 short recordings, as they are published."""
    classes = registry.published()["tut-sed-2017"].classes
    parts = {part: {} for part in ("audio.1", "audio.2", "meta", "doc")}
    for i in range(24):
        name = f"{'ab'[i % 2]}{i:03d}"
        parts["audio.1" if i < 16 else "audio.2"][f"audio/street/{name}.wav"] = wav_bytes(
            sr=44100, seconds=0.3, subtype="PCM_24", channels=2)
        before = "" if i % 3 else f"audio/street/{name}.wav\tstreet\t"   # two formats were published
        lines = [f"{before}{0.02 * k}\t{0.02 * k + 0.15}\t{label}" for k, label in enumerate(classes)]
        parts["meta"][f"meta/street/{name}.ann"] = "\r\n".join(lines).encode()
        parts["meta"][f"non_verified/meta/street/{name}.ann"] = b"x"
        if i != forgotten:
            path = f"evaluation_setup/street_fold{i % 4 + 1}_test.txt"
            parts["meta"][path] = parts["meta"].get(path, b"") + f"audio/street/{name}.wav\tstreet\r\n".encode()
        parts["meta"][f"evaluation_setup/street_fold{i % 4 + 1}_train.txt"] = b"x"
    parts["doc"] |= {"README.md": b"x", "EULA.pdf": b"x"}
    top = "TUT-sound-events-2017-development"
    return {f"{top}.{part}.zip": zipped({f"{top}/{path}": data for path, data in members.items()})
            for part, members in parts.items()}


def test_tut(tmp_path):
    packed = tut_archives()
    sounds = served(rebuilt(tmp_path, "tut-sed-2017", packed), packed, tmp_path)
    sound_rules(sounds, folds=4)
    assert sounds.clips.groupby("fold").size().tolist() == [6, 6, 6, 6]
    assert dict(zip(sounds.clips.clip_id, sounds.clips.fold, strict=True))["b001"] == 2
    assert (len(sounds.clips), len(sounds.events)) == (24, 24 * 6)
    audio, _ = sounds.load(sounds.clips.iloc[0])
    assert audio.shape == (4800,), "both ears averaged"
    assert (sounds.home / "EULA.pdf").is_file()
    assert not (sounds.home / "non_verified").exists()


def test_a_recording_in_no_fold_is_named(tmp_path):
    packed = tut_archives(forgotten=7)
    with pytest.raises(checks.DatasetError, match=r"a fold for every recording.*none for b007\.wav.*Fetch"):
        served(rebuilt(tmp_path, "tut-sed-2017", packed), packed, tmp_path)


# Dealing

@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from("xyz")), min_size=1, max_size=40), st.integers(0, 3))
def test_dealing_keeps_sources_whole_and_does_not_depend_on_order(pairs, silent):
    names = sorted({number for number, _ in pairs} | {100 + n for n in range(silent)})
    clips = pd.DataFrame([scenes.scene_row(Path(f"{n}.wav"), f"c{n}", source=f"s{n // 2}") for n in names])
    events = an_event_table([(f"c{number}", 0.0, 1.0, label) for number, label in pairs])
    dealt = scenes.deal(clips, events)
    assert set(dealt) == set(clips.source)
    assert set(dealt.values()) == set(range(1, min(5, clips.source.nunique()) + 1)), "no fold is skipped"
    assert scenes.deal(clips.iloc[::-1], events.iloc[::-1]) == dealt


def test_a_class_of_few_recordings_is_there_to_be_learned():
    for lonely in itertools.product("abcdefgh", repeat=1):
        events = an_event_table([(name, float(k), k + 1.0, "common") for name in "abcdefgh" for k in range(9)]
                                + [(name, 20.0, 21.0, "rare") for name in lonely])
        dealt = scenes.deal(a_clip_table(8), events)
        assert dealt[lonely[0]] <= 3, "in training, where it can be in one fold only"


# Your own recordings

LABELS = {"a": "0.1\t0.3\tdog\n0.5\t0.9\tcat\n", "b": "0.2\t0.4\tdog\n", "c": "", "d": "0.0\t1.05\tcat\n"}


def own_folder(root, *, labels=None, sounds="abcd", ending="wav"):
    root.mkdir(exist_ok=True)
    for name in sounds:
        (root / f"{name}.{ending}").write_bytes(wav_bytes(seconds=1.0))
    for name, text in (LABELS if labels is None else labels).items():
        (root / (name if "." in name else f"{name}.txt")).write_text(text, encoding="utf-8")
    return root


def test_a_folder_of_your_own(tmp_path):
    sounds = scenes_from_folder(own_folder(tmp_path))
    assert sounds.clips.clip_id.tolist() == list("abcd")
    assert sounds.clips.label.tolist() == ["cat+dog", "dog", "", "cat"]
    assert sounds.classes == ("cat", "dog")
    assert sorted(sounds.clips.fold) == [1, 2, 3, 4]
    assert sounds.events.to_numpy().tolist() == [["a", 0.1, 0.3, "dog"], ["a", 0.5, 0.9, "cat"], ["b", 0.2, 0.4, "dog"],
                                                 ["d", 0.0, 1.05, "cat"]]
    assert (sounds.collar, sounds.frame_hop, sounds.has_offsets) == (0.2, 0.04, True)
    assert sounds.load(sounds.clips.iloc[0])[0].shape == (16000,)
    finer = scenes_from_folder(tmp_path, collar=0.05, frame_hop=0.01)
    assert (finer.collar, finer.frame_hop) == (0.05, 0.01)
    with pytest.raises(ValueError, match="frame_hop above 0"):
        scenes_from_folder(tmp_path, frame_hop=0)


def test_a_scene_of_a_kind_that_is_not_read_is_counted(tmp_path):
    own_folder(tmp_path)
    (tmp_path / "e.m4a").write_bytes(b"x")
    with pytest.warns(UserWarning, match=r"^1 file left out, of a kind that is not read: \.m4a\. "):
        assert len(scenes_from_folder(tmp_path).clips) == 4


def test_every_kind_of_label_file(tmp_path):
    labels = {"a.csv": "onset,offset,label\n0.1,0.3,dog\n", "b.tsv": "filename\tonset\toffset\tevent_label\n"
              "b.wav\t0.1\t0.3\tdog\n", "c.ann": "0.1\t0.3\tdog\n", "d.txt": "0.1\t0.3\tdog\n",
              "e.rttm": "SPEAKER e 1 0.1 0.2 <NA> <NA> dog <NA> <NA>\n", "README.txt": "no labels", ".hidden.txt": "x"}
    sounds = scenes_from_folder(own_folder(tmp_path, labels=labels, sounds="abcde"))
    assert sounds.events.clip_id.tolist() == list("abcde")
    assert sounds.events.label.tolist() == ["dog"] * 5
    np.testing.assert_allclose(sounds.events[["onset", "offset"]], [[0.1, 0.3]] * 5)


def test_labels_in_a_folder_of_their_own_and_in_one_table(tmp_path):
    beside = scenes_from_folder(own_folder(tmp_path / "beside")).events
    own_folder(tmp_path / "audio", labels={})
    own_folder(tmp_path / "labels", sounds="")
    pd.testing.assert_frame_equal(scenes_from_folder(tmp_path / "audio", tmp_path / "labels").events, beside)
    table = tmp_path / "all.csv"
    beside.assign(filename=beside.clip_id + ".wav").drop(columns="clip_id").to_csv(table, index=False)
    with pytest.warns(UserWarning, match=r"no events for c\.wav.*nothing happens"):
        pd.testing.assert_frame_equal(scenes_from_folder(tmp_path / "audio", table).events, beside)
    table.rename(tmp_path / "audio/all.csv")
    with pytest.warns(UserWarning, match=r"no events for c\.wav"):
        pd.testing.assert_frame_equal(load_scenes(tmp_path / "audio").events, beside)


@pytest.mark.real_data
def test_the_birds_as_a_folder_and_one_table(birds, test_data):
    """Real recordings by the way of your own: their table names files, onsets, offsets and labels."""
    folder = test_data / "sed-birdsongrec-bird0"
    sounds = scenes_from_folder(folder / "Wave", folder / "events.csv")
    assert (sounds.collar, sounds.frame_hop) == (0.05, 0.01), "chosen for short events"
    assert (len(sounds.clips), len(sounds.events), len(sounds.classes)) == (30, 1379, 9)
    assert sorted(sounds.clips.fold.unique()) == [1, 2, 3, 4, 5]
    published = birds[0].events.label.value_counts()
    assert sounds.events.label.value_counts().to_dict() == published.to_dict()


def test_points_have_no_offsets(tmp_path):
    sounds = scenes_from_folder(own_folder(tmp_path, labels=dict.fromkeys("abcd", "0.2\t0.2\thit\n0.4\t0.4\thit\n")))
    assert not sounds.has_offsets
    own_folder(tmp_path, labels={"a": "0.2\t0.2\thit\n0.4\t0.5\thit\n"})
    assert scenes_from_folder(tmp_path).has_offsets


def test_parts_of_one_recording_stay_together(tmp_path):
    names = ["monday-A", "monday-B", "tuesday_take1", "tuesday_take2", "street_01", "street_02"]
    sounds = scenes_from_folder(own_folder(tmp_path, sounds=names, labels=dict.fromkeys(names, LABELS["a"])))
    assert sounds.clips.source.tolist() == ["monday", "monday", "street_01", "street_02", "tuesday", "tuesday"]
    assert (sounds.clips.groupby("source").fold.nunique() == 1).all()
    assert sorted(sounds.clips.fold.unique()) == [1, 2, 3, 4]


@pytest.mark.parametrize(("folder", "says"), [
    ({"labels": {"a": LABELS["a"], "b": "", "x": ""}}, r"none for c\.wav, d\.wav\. .*empty file, such as c\.txt"),
    ({"labels": LABELS | {"x": "", "notes": "0\t1\tx"}}, r"labels without a recording: notes\.txt, x\.txt"),
    ({"labels": LABELS | {"b": "0.2\t1.2\tdog\n"}}, r"'dog' at 0\.20 to 1\.20 s in b\.wav, which lasts 1\.00 s"),
    ({"labels": LABELS | {"b": "0.2\t0.3\t\n"}}, r"labels without a name: at 0\.20 s in b"),
    ({"labels": LABELS | {"a.csv": "onset,label\n0.1,dog\n"}}, "two label files for a"),
    ({"labels": LABELS | {"a": "", "a.csv": ""}}, "two label files for a"),
    ({"labels": dict.fromkeys("abcd", "")}, "not one event"),
    ({"labels": dict.fromkeys("abd", "") | {"c.csv": "filename,onset,offset,label\nd.wav,0.1,0.2,dog\n"}},
     r"labels of d in c\.csv"),
    ({"labels": {"all.csv": "filename,onset,offset,label\nz.wav,0.1,0.2,dog\n"}}, "labels without a recording: z"),
    ({"sounds": "ab"}, r"2 recordings\. .*cut a long one into parts"),
    ({"sounds": ""}, "no recordings"),
    ({"ending": "m4a"}, r"no recordings\. Convert files such as a\.m4a"),
    ({"sounds": ["x-A", "x-B", "x-C"], "labels": dict.fromkeys(["x-A", "x-B", "x-C"], "0\t1\tx")}, "parts of 1 only"),
])
def test_folders_that_are_no_set_of_scenes(tmp_path, folder, says):
    own_folder(tmp_path / "own", **folder)
    with pytest.raises(checks.DatasetError, match=rf"a label file for each or one table.*own.*{says}.*Data sets"):
        scenes_from_folder(tmp_path / "own")


def test_folders_that_are_not_there(tmp_path):
    own_folder(tmp_path / "in")
    with pytest.raises(checks.DatasetError, match=r"no recordings\. Move the recordings out of the folders"):
        scenes_from_folder(tmp_path)
    with pytest.raises(checks.DatasetError, match="no such folder"):
        scenes_from_folder(tmp_path / "nowhere")
    with pytest.raises(checks.DatasetError, match="got a file"):
        scenes_from_folder(tmp_path / "in/a.wav")
    with pytest.raises(checks.DatasetError, match=r"no such folder or file.*path of the labels"):
        scenes_from_folder(tmp_path / "in", tmp_path / "nowhere")
    (tmp_path / "in/a.flac").write_bytes(b"x")
    with pytest.raises(checks.DatasetError, match="two recordings called a"):
        scenes_from_folder(tmp_path / "in")


def test_a_broken_recording_is_named(tmp_path):
    own_folder(tmp_path)
    (tmp_path / "b.wav").write_bytes(b"no sound")
    with pytest.raises(checks.AudioFileError, match=r"b\.wav; got a file that is broken"):
        scenes_from_folder(tmp_path)
