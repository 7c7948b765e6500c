"""Clip tables: what holds for every set, then each set, then your own folders."""

import dataclasses
import hashlib
import io
import subprocess
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import serving
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks
from helpers.datasets import AudioDataset, clips, download, folder, from_folder, listening_test, load_clips, registry
from helpers.datasets.dataset import COLUMNS, command


def wav_bytes(*, sr=8000, seconds=0.1, subtype="PCM_16", channels=1, frequency=440.0):
    """Return a short tone as the bytes of a WAV file."""
    tone = 0.5 * np.sin(2 * np.pi * frequency * np.arange(round(sr * seconds)) / sr)
    packed = io.BytesIO()
    soundfile.write(packed, np.repeat(tone[:, None], channels, axis=1), sr, subtype=subtype, format="WAV")
    return packed.getvalue()


def a_dataset(**changes):
    row = {"clip_id": "a", "path": "/nowhere/a.wav", "label": "dog", "source": "1", "session": "1", "fold": 1}
    table = pd.DataFrame([row, row | {"clip_id": "b", "label": "cat", "source": "2", "fold": 2}])
    facts = {"name": "embedded", "kind": "clips", "clips": table, "classes": ["dog", "cat"], "unknown_classes": ["cat"],
             "unknown_clips": table[table.label == "cat"], "licence": "CC0", "citation": "", "description": "",
             "home": "/nowhere"}
    return AudioDataset(**facts | changes)


def sound_rules(sounds):
    """Assert what holds for every set."""
    table = sounds.clips
    assert tuple(table.columns) == COLUMNS
    assert table.clip_id.is_unique
    assert set(table.label) == set(sounds.classes)
    assert (table.groupby("source").fold.nunique() == 1).all(), "a source stands on both sides of a split"
    assert (table.groupby("session").fold.nunique() == 1).all()
    assert sorted(table.fold.unique()) == list(range(1, table.fold.nunique() + 1))
    assert all(Path(path).is_file() and Path(path).is_absolute() for path in table.path)
    assert set(sounds.unknown_clips.label) == set(sounds.unknown_classes) < set(sounds.classes)
    assert [*sounds.known_classes] == [label for label in sounds.classes if label not in sounds.unknown_classes]


# What every loader returns

def test_no_cell_changes_what_another_one_sees():
    sounds = a_dataset()
    table = sounds.clips
    table["label"] = "changed"
    unknown = sounds.unknown_clips
    del unknown["path"]
    assert sounds.clips.label.tolist() == ["dog", "cat"]
    assert tuple(sounds.unknown_clips.columns) == COLUMNS
    with pytest.raises(dataclasses.FrozenInstanceError):
        sounds.clips = table
    with pytest.raises(dataclasses.FrozenInstanceError):
        sounds.name = "other"


def test_the_table_handed_in_may_change_later():
    table = a_dataset().clips
    sounds = a_dataset(clips=table)
    table.loc[0, "label"] = "changed"
    assert sounds.clips.label[0] == "dog"


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(ValueError, match="missing: source"):
        a_dataset(clips=a_dataset().clips.drop(columns="source"))


def test_it_says_which_data_and_how_to_switch():
    first, second, third = str(a_dataset()).splitlines()
    assert "embedded, 2 clips, 2 classes, 2 folds" in first
    assert f"MACHINE_HEARING_CLIPS=esc10 (fetch it once: {command('esc10')})" in second
    assert "/nowhere" in third.replace("\\", "/")
    assert "MACHINE_HEARING_CLIPS=embedded" in str(a_dataset(name="esc10"))
    assert repr(a_dataset()) == "<AudioDataset 'embedded': 2 clips, 2 classes>"


def test_the_command_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert command("esc10") == "py start.py data esc10"


def test_a_row_loads_however_it_is_given(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav_bytes(sr=8000, seconds=0.5, channels=2))
    table = a_dataset().clips.assign(path=str(tmp_path / "a.wav"))
    sounds = a_dataset(clips=table)
    row = sounds.clips.iloc[0]
    for form in (row, row.to_dict(), next(sounds.clips.itertuples())):
        audio, sr = sounds.load(form)
        assert (sr, audio.shape, audio.dtype) == (16000, (8000,), np.float32)
    assert sounds.load(row, sr=None)[1] == 8000
    assert [len(audio) for audio in sounds.load_all(sr=8000)] == [4000, 4000]
    assert len(sounds.load_all(sounds.clips.head(1))) == len(sounds.load_all([row])) == 1


def test_import_is_cheap():
    code = ("import sys, helpers.datasets, helpers.datasets.download; "
            "print([name for name in ('pandas', 'pooch', 'requests', 'soundfile', 'librosa') if name in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(__file__).parent.parent).stdout.strip() == "[]"


# Names

def test_what_is_not_here_names_the_command(tmp_path):
    with pytest.raises(checks.DatasetError, match=r"no such folder.*start\.py data esc50\. \(docs.*Data sets"):
        load_clips("esc50")
    with pytest.raises(checks.DatasetError, match=r"data esc10 --home"):
        load_clips("esc10", data_home=tmp_path)


def test_unknown_names_list_the_right_ones(monkeypatch):
    names = r"\(embedded, esc10, esc50, urbansound8k, mini-speech-commands\)"
    with pytest.raises(checks.DatasetError, match=rf"{names} or an existing folder; got 'esc-10'\. "):
        load_clips("esc-10")
    monkeypatch.setenv("MACHINE_HEARING_CLIPS", "nowhere")
    with pytest.raises(checks.DatasetError, match=r"'nowhere' \(from MACHINE_HEARING_CLIPS\)"):
        load_clips()


def test_a_set_of_another_kind_is_named(monkeypatch):
    scenes = dataclasses.replace(registry.published()["esc10"], name="street", kind="scenes")
    monkeypatch.setattr(registry, "published", lambda: {"esc10": registry.read()["esc10"], "street": scenes})
    with pytest.raises(checks.DatasetError, match=r"\(embedded, esc10\).*'street', which is a set of kind 'scenes'"):
        load_clips("street")


def test_the_environment_names_a_folder(tmp_path, monkeypatch):
    own_folder(tmp_path, ["dog/1.wav", "cat/2.wav"])
    monkeypatch.setenv("MACHINE_HEARING_CLIPS", str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert load_clips().classes == ("cat", "dog")


# Real ESC-10

@pytest.fixture(scope="session")
def esc10(test_data, tmp_path_factory):
    home = tmp_path_factory.mktemp("esc10")
    serving.install_esc10(test_data, home)
    return load_clips("esc10", data_home=home)


@pytest.mark.real_data
def test_esc10(esc10):
    sound_rules(esc10)
    assert esc10.classes == ("dog", "rain", "sea_waves", "crying_baby", "clock_tick", "sneezing", "helicopter",
                             "chainsaw", "rooster", "crackling_fire")
    assert esc10.clips.groupby(["fold", "label"]).size().eq(8).all()
    assert (len(esc10.clips), esc10.clips.source.nunique()) == (400, 304)
    assert esc10.unknown_classes == ("helicopter", "sneezing")
    assert len(esc10.unknown_clips) == 80
    audio, _ = esc10.load(esc10.clips.iloc[0])
    assert 4.9 < len(audio) / 16000 < 5.1


@pytest.mark.real_data
def test_esc10_has_the_labels_that_esc50_gave_it(esc10, test_data):
    table = pd.read_csv(test_data / "ESC-10/esc10.csv")
    published = {name.rsplit("-", 1)[0]: label for name, label in zip(table.filename, table.category, strict=True)}
    assert dict(zip(esc10.clips.clip_id, esc10.clips.label, strict=True)) == published


@pytest.mark.real_data
def test_people_are_right_in_957_of_1000(esc10):
    heard = listening_test.answers(esc10)
    assert len(heard) == 4687
    assert round(listening_test.accuracy(heard), 3) == 0.957
    truth = dict(zip(esc10.clips.clip_id, esc10.clips.label, strict=True))
    assert (heard.clip_id.map(truth) == heard.label).all()
    assert set(heard.answer) == set(esc10.classes)
    fire = heard[heard.label == "crackling_fire"]
    assert round(listening_test.accuracy(fire), 3) == 0.874
    fire_or_rain = [("crackling_fire", "rain"), ("rain", "crackling_fire")]
    assert sum(((heard.label == label) & (heard.answer == answer)).sum() for label, answer in fire_or_rain) == 83


def test_other_sets_have_no_listening_test():
    with pytest.raises(checks.DatasetError, match=r"none in the data set embedded.*esc10"):
        listening_test.answers(a_dataset())


# The larger sets, generated in the published layout

def zipped(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(members):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def installed(tmp_path, name, packed, **changes):
    """Install a generated archive under the name of a published set, from a folder, and read it."""
    published = registry.published()[name].files[0]
    file = {"name": published.name, "addresses": list(published.addresses),
            "unpack": {"strip": published.strip, "keep": list(published.keep)}}
    if published.digest:
        file |= {"size": len(packed), published.algorithm: hashlib.new(published.algorithm, packed).hexdigest()}
    else:
        file |= {"about": len(packed)}
    for made in ("registry", "stick"):
        (tmp_path / made).mkdir()
    (tmp_path / "stick" / published.name).write_bytes(packed)
    block = serving.registry_of(tmp_path / "registry", name, files=[file], unpacked=1_000_000, **changes)[name]
    download.install(block, data_home=tmp_path, folder=tmp_path / "stick")
    return clips.read(block, data_home=tmp_path)


def test_esc50(tmp_path):
    top = registry.published()["esc50"].files[0].strip
    lines = ["filename,fold,target,category,esc10,src_file,take"]
    members = {}
    rows = [(1, 11, "rain", 100), (2, 11, "rain", 131943), (3, 0, "dog", 131943), (4, 21, "sneezing", 102),
            (5, 40, "helicopter", 103), (5, 40, "helicopter", 103)]
    for i, (fold, target, label, source) in enumerate(rows):
        name = f"{fold}-{source}-{'AB'[i == 5]}-{target}.wav"
        members[f"audio/{name}"] = wav_bytes(frequency=300 + i)
        lines.append(f"{name},{fold},{target},{label},True,{source},A")
    members["meta/esc50.csv"] = "\n".join(lines).encode()
    listed = {name: ("", "md5", hashlib.md5(content, usedforsecurity=False).hexdigest())
              for name, content in members.items()}
    listed = {name: (len(members[name]), *rest[1:]) for name, rest in listed.items()}
    packed = zipped({top + name: content for name, content in members.items()} | {top + "esc50.gif": b"x"})
    sounds = installed(tmp_path, "esc50", packed, listed=listed)
    sound_rules(sounds)
    assert sounds.classes == ("dog", "rain", "sneezing", "helicopter"), "in the order of their targets"
    assert sounds.clips.source.tolist() == ["100", "131943/fold2", "131943/fold3", "102", "103", "103"]
    assert not (sounds.home / "esc50.gif").exists()
    (sounds.home / "audio/1-100-A-11.wav").unlink()
    block = registry.read(tmp_path / "registry/registry.json")["esc50"]
    with pytest.raises(checks.DatasetError, match=r"1 fault \(missing: audio/1-100-A-11.wav\).*data esc50"):
        clips.read(block, data_home=tmp_path)


def test_urbansound8k(tmp_path):
    block = registry.published()["urbansound8k"]
    kinds = ["PCM_16", "PCM_24", "FLOAT", "PCM_U8", "IMA_ADPCM"]
    lines, members = ["slice_file_name,fsID,start,end,salience,fold,classID,class"], {}
    for i in range(20):
        fold, label, freesound = i % 10 + 1, block.classes[i % 10], 77751 if i in (1, 6) else 1000 + i
        name = f"{freesound}-{i % 10}-0-{i}.wav"
        members[f"UrbanSound8K/audio/fold{fold}/{name}"] = wav_bytes(sr=44100, subtype=kinds[i % 5], channels=1 + i % 2)
        lines.append(f"{name},{freesound},0.0,0.1,1,{fold},{i % 10},{label}")
    members["UrbanSound8K/metadata/UrbanSound8K.csv"] = "\n".join(lines).encode()
    members["UrbanSound8K/audio/fold1/.DS_Store"] = members["UrbanSound8K/audio/fold1/._a.wav"] = b"x"
    counts = {"counts": {"audio/fold*/*.wav": 20, "metadata/UrbanSound8K.csv": 1}}
    sounds = installed(tmp_path, "urbansound8k", tarred(members), content=counts)
    sound_rules(sounds)
    assert sounds.clips.fold.nunique() == 10
    assert sorted(sounds.clips.source[sounds.clips.source.str.startswith("77751")]) == ["77751/fold2", "77751/fold7"]
    assert sounds.unknown_classes == ("siren", "gun_shot")
    for audio, kind in zip(sounds.load_all(), kinds * 4, strict=True):
        assert np.abs(audio).max() == pytest.approx(0.5, abs=0.05), f"{kind} is not read as it was written"
    Path(sounds.clips.path[0]).unlink()
    block = registry.read(tmp_path / "registry/registry.json")["urbansound8k"]
    with pytest.raises(checks.DatasetError, match="19 of 20 files"):
        clips.read(block, data_home=tmp_path)


def test_mini_speech_commands(tmp_path):
    words = registry.published()["mini-speech-commands"].classes
    members = {f"mini_speech_commands/{word}/{speaker:08x}_nohash_{n}.wav": wav_bytes(sr=16000)
               for word in words for speaker in range(30) for n in range(1 + (speaker < 3))}
    rest = {"mini_speech_commands/README.md": b"x", "mini_speech_commands/.DS_Store": b"x",
            "__MACOSX/mini_speech_commands/up/._0_nohash_0.wav": b"x"}
    counts = {"counts": {"*/*_nohash_*.wav": len(members)}}
    sounds = installed(tmp_path, "mini-speech-commands", zipped(members | rest), content=counts)
    sound_rules(sounds)
    assert len(sounds.clips) == 8 * 33
    assert sounds.clips.groupby("source").label.nunique().eq(8).all(), "a speaker says every word, all in one fold"
    by_speaker = dict(zip(sounds.clips.source, sounds.clips.fold, strict=True))
    assert [by_speaker[f"{n:08x}"] for n in range(5)] == [3, 5, 3, 3, 1], "the same folds on every computer"


# Your own recordings

def own_folder(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_bytes())
    return root


def test_a_folder_of_your_own(tmp_path):
    own_folder(tmp_path, [f"{label}/{n:02d}.wav" for label in ("dog", "cat", "cow", "hen") for n in range(10)])
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "dog/.hidden.wav").write_bytes(b"x")
    sounds = from_folder(tmp_path)
    sound_rules(sounds)
    assert sounds.classes == ("cat", "cow", "dog", "hen")
    assert sounds.unknown_classes == ("dog", "hen")
    assert sounds.clips.groupby(["fold", "label"]).size().eq(2).all()
    assert sounds.load(sounds.clips.iloc[0])[0].shape == (1600,)
    pd.testing.assert_frame_equal(sounds.clips, load_clips(tmp_path).clips)
    assert from_folder(tmp_path, unknown=["cow"]).unknown_classes == ("cow",)
    with pytest.raises(ValueError, match="an unknown class to be one of"):
        from_folder(tmp_path, unknown=["sheep"])


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff", "AIF", "WAV", "au", "caf", "opus"])
def test_every_ending_that_is_listed_loads(tmp_path, ending):
    kind = {"AIF": "AIFF", "opus": "OGG"}.get(ending, ending.upper())
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        more = {"subtype": "OPUS"} if ending == "opus" else {}
        soundfile.write(tmp_path / label / f"{label}.{ending}", np.zeros(4800), 48000, format=kind, **more)
    with pytest.warns(UserWarning, match="one source"):
        sounds = from_folder(tmp_path)
    assert [round(len(audio) / 160) for audio in sounds.load_all()] == pytest.approx([10, 10], abs=3)


def test_takes_and_inner_folders_are_one_source(tmp_path):
    own_folder(tmp_path, ["door/front-A.wav", "door/front-B.wav", "door/back_take1.wav", "door/back take 2.wav",
                          "door/side (2).wav", "door/side.wav", "door/monday/1.wav", "door/monday/2.wav",
                          "window/front-C.wav", "window/street_01.wav", "window/street_02.wav"])
    sounds = from_folder(tmp_path)
    got = dict(zip(sounds.clips.clip_id, sounds.clips.source, strict=True))
    assert got == {
        "door/front-A.wav": "front", "door/front-B.wav": "front", "door/back_take1.wav": "back",
        "door/back take 2.wav": "back", "door/side (2).wav": "side", "door/side.wav": "side",
        "door/monday/1.wav": "monday", "door/monday/2.wav": "monday", "window/front-C.wav": "front",
        "window/street_01.wav": "street_01", "window/street_02.wav": "street_02",
    }
    assert (sounds.clips.groupby("source").fold.nunique() == 1).all()


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abc")), min_size=1, max_size=60))
def test_dealing_keeps_sources_whole_and_does_not_depend_on_order(pairs):
    sources, labels = [f"s{number}" for number, _ in pairs], [label for _, label in pairs]
    dealt = folder.deal(sources, labels)
    assert set(dealt) == set(sources)
    assert set(dealt.values()) == set(range(1, min(5, len(set(sources))) + 1)), "no fold is skipped"
    assert folder.deal(sources[::-1], labels[::-1]) == dealt


@pytest.mark.parametrize(("names", "says"), [
    ([], "no recordings.*Put WAV"),
    (["dog/readme.txt"], "no recordings"),
    (["1.wav", "2.wav"], "2 recordings that lie in the folder itself.*one sub-folder for each class"),
    (["dog/1.m4a", "cat/2.m4a"], "2 files ending in .m4a.*Convert"),
    (["dog/1.wav", "dog/2.wav"], "only one, 'dog'.*at least two classes"),
    (["dog/take/1.wav", "cat/take/2.wav"], "one source, 'take'"),
])
def test_folders_that_are_no_data_set(tmp_path, names, says):
    own_folder(tmp_path, names)
    with pytest.raises(checks.DatasetError, match=rf"one sub-folder of recordings for each class.*{says}.*Data sets"):
        from_folder(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(checks.DatasetError, match="no such folder"):
        from_folder(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(checks.DatasetError, match="got a file"):
        from_folder(tmp_path / "file")


def test_clips_of_a_kind_that_is_not_read_are_counted(tmp_path):
    own_folder(tmp_path, ["dog/1.wav", "dog/2.wav", "cat/1.wav", "cat/2.wav", "cat/3.M4A", "cat/4.aac", "cat/cat.png"])
    with pytest.warns(UserWarning, match=r"^2 files left out, of a kind that is not read: \.aac, \.m4a\. "):
        assert len(from_folder(tmp_path).clips) == 4


@pytest.mark.fault("a class of recordings that all come from one source", happens="warned of, and loaded")
def test_a_class_of_one_source_is_warned_of(tmp_path):
    own_folder(tmp_path, ["dog/a-A.wav", "dog/a-B.wav", "cat/1.wav", "cat/2.wav"])
    with pytest.warns(UserWarning, match="all recordings of dog come from one source"):
        from_folder(tmp_path)
