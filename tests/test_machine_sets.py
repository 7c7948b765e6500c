"""Data sets of machines: what holds for every set, then the embedded, the published ones, and your own recordings."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import serving
from test_datasets import wav_bytes, zipped
from test_scenes import rebuilt

from helpers import checks, files
from helpers.datasets import (
    MachineDataset,
    download,
    embedded_machines,
    load_clips,
    load_machines,
    machines,
    machines_from_folder,
    page,
    published_machines,
    registry,
    series_files,
)
from helpers.datasets.dataset import command
from helpers.datasets.machines import BLOCKS, MACHINE_COLUMNS, TEST_FOLD, machine_row
from helpers.synth import machines as synth_machines
from helpers.synth import series as synth_series

EVERY = (*synth_machines.MACHINES, *synth_series.MACHINES)
PUBLISHED = [name for name, block in registry.published().items() if block.kind == "machines"]


def some_rows(**changes):
    rows = [machine_row(f"/nowhere/{i}.wav", str(i), label="normal", machine="fan", unit="00", split="train")
            for i in range(10)]
    rows += [machine_row("/nowhere/n.wav", "n", label="normal", machine="fan", unit="00", split="test"),
             machine_row("/nowhere/a.wav", "a", label="anomaly", machine="fan", unit="00", split="test")]
    rows[0] |= changes
    return rows


def a_machine_set(rows=None, **changes):
    facts = {"name": "embedded", "licence": "CC0", "citation": "", "description": "", "home": "/nowhere"}
    return machines.make(some_rows() if rows is None else rows, machine="fan", **facts | changes)


def sound_rules(sounds):
    """Assert what holds for every set of machines."""
    clips = sounds.clips
    assert sounds.kind == "machines"
    assert sounds.classes == ("normal", "anomaly")
    assert tuple(clips.columns) == tuple(sounds.unknown_clips.columns) == MACHINE_COLUMNS
    assert clips.clip_id.is_unique
    assert all(Path(path).is_absolute() for path in clips.path)
    assert set(clips.machine) == {sounds.machine}
    assert (clips.label[clips.split == "train"] == "normal").all(), "only what is normal may be learned from"
    assert (clips.fold[clips.split == "test"] == TEST_FOLD).all()
    assert set(clips.fold[clips.split == "train"]) <= set(range(1, BLOCKS + 1))
    assert ((clips.fault == "") == (clips.label == "normal")).all()
    for column in ("source", "session"):
        assert (clips.groupby(column).fold.nunique() == 1).all(), f"a {column} stands on both sides of a split"
    for _, own in clips[clips.split == "train"].groupby(["unit", "domain"]):
        assert own.fold.is_monotonic_increasing, "blocks of time"
    assert len(sounds.unknown_clips) == len(sounds.unknown_classes) == 0


# What the loader returns

def test_training_is_dealt_in_blocks_of_time_and_the_last_two_folds_are_validation_and_test():
    clips = a_machine_set().clips
    assert clips.fold.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert (machines.VALIDATION_FOLD, machines.TEST_FOLD) == (5, 6)
    sound_rules(a_machine_set())


def test_parts_of_one_recording_fall_into_one_block():
    rows = some_rows()
    for row in rows[:5]:
        row["source"] = "long"
    clips = a_machine_set(rows).clips
    assert clips.fold[:5].tolist() == [1] * 5
    assert clips.fold[5:10].tolist() == [3, 4, 4, 5, 5]


@pytest.mark.parametrize(("changes", "says"), [
    ({"label": "broken"}, "a label is one of normal, anomaly; got broken"),
    ({"domain": "third"}, "a domain is one of source, target; got third"),
    ({"split": "validation"}, "a split is one of"),
    ({"label": "anomaly"}, "training recordings are normal"),
])
def test_tables_that_do_not_fit_are_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        a_machine_set(some_rows(**changes))


def test_a_table_without_its_columns_is_refused():
    good = a_machine_set()
    with pytest.raises(ValueError, match=r"a table of machines needs .*missing: unit"):
        dataclasses.replace(good, clips=good.clips.drop(columns="unit"))


def test_it_says_which_data_and_how_to_switch():
    first, second, third = str(a_machine_set()).splitlines()
    assert first == "Data: embedded, fan, 12 clips, 1 unit, 11 normal, 1 faulty (CC0)."
    assert f"MACHINE_HEARING_MACHINES=dcase2020-task2 (fetch it once: {command('dcase2020-task2-fan')})" in second
    assert "/nowhere" in third.replace("\\", "/")
    series = a_machine_set(signal="series", n_axes=3, sr=200)
    assert "12 3-axis series at 200 Hz" in str(series)
    assert f"MACHINE_HEARING_MACHINES=ceiling-fan (fetch it once: {command('ceiling-fan')})" in str(series)
    assert "MACHINE_HEARING_MACHINES=embedded" in str(a_machine_set(name="mimii-due"))
    assert a_machine_set().units == ("00",)


def test_no_cell_changes_what_another_one_sees():
    sounds = a_machine_set()
    clips = sounds.clips
    clips["label"] = "changed"
    assert set(sounds.clips.label) == {"normal", "anomaly"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        sounds.machine = "pump"


# Names

@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_not_here_names_the_command(name, tmp_path):
    block = registry.published()[name]
    missing = rf"data set {name} in .*no such folder.*start\.py data {name}"
    with pytest.raises(checks.DatasetError, match=missing):
        load_machines(block.family or name, machine=block.machine)
    with pytest.raises(checks.DatasetError, match=missing + " --home"):
        load_machines(name, data_home=tmp_path)


def test_a_set_of_several_machines_begins_with_the_fan():
    for family in ("dcase2020-task2", "mimii-due"):
        with pytest.raises(checks.DatasetError, match=rf"data set {family}-fan "):
            load_machines(family)


def test_names_of_another_kind_and_unknown_ones_list_the_right_ones(monkeypatch):
    names = r"a set of machines \(embedded, dcase2020-task2, mimii-due, ceiling-fan\) or an existing folder"
    with pytest.raises(checks.DatasetError, match=rf"{names}; got 'esc10', which is a set of kind 'clips'\. "):
        load_machines("esc10")
    with pytest.raises(checks.DatasetError, match=rf"{names}; got 'mimii'\. "):
        load_machines("mimii")
    with pytest.raises(checks.DatasetError, match="'ceiling-fan', which is a set of kind 'machines'"):
        load_clips("ceiling-fan")
    monkeypatch.setenv("MACHINE_HEARING_MACHINES", "nowhere")
    with pytest.raises(checks.DatasetError, match=r"'nowhere' \(from MACHINE_HEARING_MACHINES\)"):
        load_machines()


@pytest.mark.parametrize(("name", "machine", "says"), [
    ("embedded", "gearbox", r"of embedded \(fan, pump, valve, slider, vibration, motor_current\); got 'gearbox'"),
    ("dcase2020-task2", "gearbox", r"of dcase2020-task2 \(fan, .*ToyConveyor\); got 'gearbox'"),
    ("ceiling-fan", "fan", r"of ceiling-fan \(vibration\); got 'fan'"),
    ("dcase2020-task2-pump", "fan", r"of dcase2020-task2 \(pump\); got 'fan'"),
])
def test_a_machine_that_a_set_does_not_have(name, machine, says):
    with pytest.raises(checks.DatasetError, match=rf"a machine {says}.*Data sets"):
        load_machines(name, machine=machine)


def test_the_download_asks_which_machine(capsys, tmp_path):
    assert download.main(["dcase2020-task2", "--home", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "dcase2020-task2-fan, dcase2020-task2-pump" in said
    assert "an archive of its own" in said
    assert not list(tmp_path.iterdir())


def test_the_list_shows_every_machine(tmp_path):
    listing = page.listing(registry.published(), data_home=tmp_path)
    assert all(f"\n{name} " in listing for name in PUBLISHED)
    assert len(PUBLISHED) == 6 + 5 + 1
    assert "clips, scenes, machines" in listing


# The embedded machines

@pytest.mark.parametrize("machine", EVERY)
def test_every_embedded_machine(machine, tmp_path):
    sounds = load_machines(machine=machine, data_home=tmp_path)
    sound_rules(sounds)
    clips = sounds.clips
    assert not list(tmp_path.iterdir()), "nothing is rendered before it is asked for"
    assert sounds.units == ("00", "01", "02")
    counts = clips.groupby(["split", "label", "domain"]).size()
    assert counts["train", "normal", "source"] >= 100 > 10 > counts["train", "normal", "target"]
    for domain in ("source", "target"):
        assert counts["test", "normal", domain] == counts["test", "anomaly", domain] >= 30
    faults = (synth_machines.FAULTS | synth_series.FAULTS)[machine]
    assert set(clips.fault) == {"", *faults}
    assert sounds.signal == ("audio" if machine in synth_machines.MACHINES else "series")


def test_what_is_loaded_is_what_is_rendered(tmp_path):
    sounds = load_machines("embedded", machine="valve", data_home=tmp_path)
    rows = sounds.clips[(sounds.clips.domain == "target") & (sounds.clips.fault == "leak")].head(1)
    row = rows.iloc[0]
    audio, sr = sounds.load(row)
    recipe = sounds.recipes[Path(row.path).name]
    assert recipe["fault"] == "leak"
    assert (sr, audio.dtype) == (16000, np.float32)
    assert np.array_equal(audio, synth_machines.render("valve", **recipe)[0])
    assert Path(row.path).parent.name == "target_test"
    Path(row.path).write_bytes(b"broken")
    assert np.array_equal(sounds.load_all(rows)[0], audio), "a broken file is rendered again"
    assert len(sounds.load(row, sr=8000)[0]) == len(audio) // 2


def test_series_are_kept_as_they_are_rendered(tmp_path):
    sounds = load_machines(machine="vibration", data_home=tmp_path)
    row = sounds.clips.iloc[-1]
    series, sr = sounds.load(row)
    assert (series.shape, sr, series.dtype) == ((5000, 3), sounds.sr, np.float32)
    assert np.array_equal(series, synth_series.render("vibration", **sounds.recipes[Path(row.path).name])[0])
    assert Path(row.path).suffix == ".npy"
    Path(row.path).write_bytes(b"broken")
    assert np.array_equal(sounds.load_all(sounds.clips.tail(1))[0], series)
    with pytest.raises(checks.InputError, match="the rate of the series, 1000 Hz"):
        sounds.load(row, sr=16000)
    with pytest.raises(checks.AudioFileError, match="embedded set"):
        sounds.load({"path": str(tmp_path / "other.npy")})


def test_another_synthesiser_writes_into_another_folder(tmp_path, monkeypatch):
    homes = {str(load_machines(machine=machine, data_home=tmp_path).home) for machine in ("fan", "pump", "vibration")}
    assert len(homes) == 3
    monkeypatch.setattr(embedded_machines, "_version", lambda signal: "later")
    assert str(load_machines(machine="fan", data_home=tmp_path).home) not in homes


# Published sets: archives are rebuilt, served on this computer, downloaded, unpacked and read

def served(block, archives, home):
    """Install a set from a server on this computer and read it."""
    site = serving.Site({f"/{block.name}/{name}": packed for name, packed in archives.items()})
    with pytest.MonkeyPatch.context() as patch, site.running() as url:
        patch.setenv("NO_PROXY", "127.0.0.1")
        download.install(block, data_home=home, mirror=url)
        patch.setattr(registry, "published", lambda: {block.name: block})
        return load_machines(block.family or block.name, machine=block.machine, data_home=home)


def generated(folder, name, members, **changes):
    """Install a set in the published layout, made of short tones."""
    top = registry.published()[name].files[0].strip
    members = {path: wav_bytes(sr=16000, seconds=0.2, frequency=300 + i) for i, path in enumerate(members)}
    packed = {registry.published()[name].files[0].name: zipped(
        {top + path: data for path, data in members.items()} | {"other/train/a.wav": b"x", top + "readme.txt": b"x"})}
    return served(rebuilt(folder, name, packed, **changes), packed, folder)


def test_dcase_2020(tmp_path):
    members = [f"train/normal_id_{unit:02d}_{i:08d}.wav" for unit in (0, 2, 4, 6) for i in range(10)]
    members += [f"test/{label}_id_{unit:02d}_{i:08d}.wav" for unit in (0, 2, 4, 6) for label in ("normal", "anomaly")
                for i in range(3)]
    sounds = generated(tmp_path, "dcase2020-task2-pump", members,
                       content={"counts": {"train/*.wav": 40, "test/*.wav": 24}})
    sound_rules(sounds)
    clips = sounds.clips
    assert (sounds.name, sounds.machine, sounds.units) == ("dcase2020-task2", "pump", ("00", "02", "04", "06"))
    assert clips.groupby(["split", "label"]).size().to_dict() == {
        ("train", "normal"): 40, ("test", "normal"): 12, ("test", "anomaly"): 12}
    assert clips[(clips.unit == "02") & (clips.split == "train")].fold.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert set(clips.fault) == {"", "unknown"}
    assert set(clips.domain) == {"source"}
    assert {"train/normal_id_00_00000000", "test/normal_id_00_00000000"} <= set(clips.clip_id)
    audio, sr = sounds.load(clips.iloc[0])
    assert (len(audio), sr) == (3200, 16000)
    assert not (sounds.home / "readme.txt").exists()
    (sounds.home / "train/normal_id_00_00000000.wav").unlink()
    block = registry.read(tmp_path / "registry.json")["dcase2020-task2-pump"]
    with pytest.raises(checks.DatasetError, match=r"39 of 40 files train/\*\.wav.*start\.py data dcase2020-task2-pump"):
        published_machines.read(block, data_home=tmp_path)


def two_domains(sections=(0, 1, 2)):
    names = [f"train/section_{s:02d}_source_train_normal_{i:04d}_strength_{i % 2}_ambient.wav" for s in sections
             for i in range(10)]
    names += [f"train/section_{s:02d}_target_train_normal_{i:04d}.wav" for s in sections for i in range(3)]
    return names + [f"{domain}_test/section_{s:02d}_{domain}_test_{label}_{i:04d}.wav" for s in sections
                    for domain in ("source", "target") for label in ("normal", "anomaly") for i in range(2)]


def test_mimii_due(tmp_path):
    sounds = generated(tmp_path, "mimii-due-fan", two_domains())
    sound_rules(sounds)
    clips = sounds.clips
    assert (sounds.name, sounds.units) == ("mimii-due", ("00", "01", "02"))
    counts = clips.groupby(["domain", "split", "label"]).size()
    assert counts["source", "train", "normal"] == 30
    assert counts["target", "train", "normal"] == 9
    assert counts["source", "test", "anomaly"] == counts["target", "test", "anomaly"] == 6
    own = clips[(clips.unit == "01") & (clips.domain == "target") & (clips.split == "train")]
    assert own.fold.tolist() == [1, 2, 4], "few recordings are spread over the blocks to learn from"
    block = registry.read(tmp_path / "registry.json")["mimii-due-fan"]
    for path in (sounds.home / "target_test").iterdir():
        path.unlink()
    with pytest.raises(checks.DatasetError, match=r"0 of at least 1 files target_test/\*\.wav"):
        published_machines.read(block, data_home=tmp_path)


@pytest.mark.parametrize(("name", "says"), [
    ("train/fan.wav", r"does not tell: fan\.wav"),
    ("train/anomaly_id_00_00000001.wav", "an anomaly among the training recordings: anomaly_id_00"),
])
def test_files_that_do_not_belong_into_the_layout(tmp_path, name, says):
    names = ["train/normal_id_00_00000000.wav", "test/anomaly_id_00_00000000.wav", name]
    write(tmp_path, names)
    with pytest.raises(checks.DatasetError, match=rf"named as in DCASE 2020.*{says}"):
        load_machines(tmp_path)


@pytest.fixture(scope="session")
def ceiling_fan(test_data, tmp_path_factory):
    home = tmp_path_factory.mktemp("ceiling-fan")
    folder = test_data / "vibration-ceiling-fan"
    members = {f"{path.parent.name}/{path.name}": path for path in sorted(folder.glob("*/*.csv"))}
    [file] = registry.published()["ceiling-fan"].files
    packed = {file.name: zipped({file.strip + path: real.read_bytes() for path, real in members.items()}
                                | {file.strip + "fan_0_off_0_weight/0000.csv": b"x"})}
    listed = {path: (real.stat().st_size, "git-blob", files.digest(real, algorithm="git-blob"))
              for path, real in members.items()}
    return served(rebuilt(home, "ceiling-fan", packed, listed=listed), packed, home), listed


@pytest.mark.real_data
def test_ceiling_fan(ceiling_fan):
    sounds, listed = ceiling_fan
    sound_rules(sounds)
    assert (sounds.signal, sounds.n_axes, sounds.sr, sounds.machine) == ("series", 3, 200, "vibration")
    assert sounds.units == ("low", "med")
    counts = sounds.clips.groupby(["unit", "split", "label"]).size()
    for unit in sounds.units:
        assert counts[unit].to_dict() == {("train", "normal"): 140, ("test", "normal"): 60, ("test", "anomaly"): 100}
    normal = sounds.clips[(sounds.clips.label == "normal") & (sounds.clips.unit == "low")]
    assert normal.clip_id.is_monotonic_increasing, "in the order of time"
    assert normal.fold.is_monotonic_increasing, "blocks of time, and the test last"
    assert set(sounds.clips.fault) == {"", "unbalance"}
    for series in sounds.load_all(sounds.clips.iloc[::60]):
        assert (series.shape, series.dtype) == ((200, 3), np.float32)
        assert 0.8 < np.linalg.norm(series.mean(axis=0)) < 1.2, "gravity, in g"
    published = registry.published()["ceiling-fan"].listed
    assert all(published[path] == fact for path, fact in listed.items())
    assert not (sounds.home / "fan_0_off_0_weight").exists()


@pytest.mark.real_data
def test_a_coin_on_a_blade_is_seen_in_the_vibration(ceiling_fan):
    sounds, _ = ceiling_fan
    clips = sounds.clips[sounds.clips.split == "test"]
    series = sounds.load_all(clips)
    spread = np.array([np.median(np.abs(one - np.median(one, axis=0)), axis=0).sum() for one in series])
    for unit in sounds.units:
        own = (clips.unit == unit).to_numpy()
        normal, coin = (spread[own & (clips.label == label).to_numpy()] for label in ("normal", "anomaly"))
        assert abs(np.mean(normal[:, None] < coin) - 0.5) > 0.3


def test_the_table_lists_what_is_read():
    block = registry.published()["ceiling-fan"]
    folders = pd.Series([path.split("/")[0] for path in block.listed]).value_counts()
    assert folders.to_dict() == {
        "fan_0_low_0_weight": 585, "fan_0_med_0_weight": 588, "fan_0_high_0_weight": 589, "fan_0_low_1_weight": 580,
        "fan_0_med_1_weight": 584, "fan_0_high_1_weight": 585}
    assert all(any(registry.matches(path, pattern) for pattern in block.files[0].keep) for path in block.listed)


def test_every_machine_of_the_registry_has_a_reader():
    for name in PUBLISHED:
        block = registry.published()[name]
        assert (block.family or block.name) in published_machines.READERS
        assert block.machine
        assert json.dumps(block.citation)
        assert not block.family or block.name == f"{block.family}-{block.machine.lower()}"


# Series in files

@pytest.mark.parametrize(("text", "rows"), [
    ("0.5, 1, 2\n0.25, 3, 4\n", [[0.5, 1, 2], [0.25, 3, 4]]),
    ("x;y\n1;2\n\n3;4", [[1, 2], [3, 4]]),
    ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
    ("\ufeffcurrent\n1e-3\n-2\n", [[0.001], [-2]]),
    ("1 2\n3  4\n", [[1, 2], [3, 4]]),
])
def test_tables_of_numbers(tmp_path, text, rows):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    series = series_files.read(tmp_path / "a.csv")
    assert series.dtype == np.float32
    np.testing.assert_array_equal(series, np.float32(rows))


@pytest.mark.parametrize(("text", "says"), [
    ("", "no numbers"),
    ("x, y\n", "no numbers"),
    ("1, 2\n3, abc\n", "line 2: '3, abc'"),
    ("1;2\n3,5;4\n", r"line 2: '3,5;4'.*decimal point"),
    ("1, 2\n3\n", "1 numbers in line 2, 2 in the first"),
    ("1, 2\nnan, 2\n", "NaN or infinity in line 2"),
    ("1, 2, 3\n", "3 numbers a line, not 2"),
    ("\x00\x01", "no numbers"),
])
def test_tables_that_are_no_series(tmp_path, text, says):
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(checks.AudioFileError, match=rf"one line of numbers for each sample in .*a\.csv; got {says}"):
        series_files.read(tmp_path / "a.csv", n_axes=2)


def test_arrays_that_are_no_series(tmp_path):
    for name, array in (("flat", np.zeros(3)), ("whole", np.zeros((3, 2), int)), ("none", np.zeros((0, 3)))):
        np.save(tmp_path / f"{name}.npy", array)
        with pytest.raises(checks.AudioFileError, match=r"Save floats of shape"):
            series_files.read(tmp_path / f"{name}.npy")
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object))
    with pytest.raises(checks.AudioFileError, match="something else"):
        series_files.read(tmp_path / "pickled.npy")
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(checks.AudioFileError, match="something else"):
        series_files.read(tmp_path / "cut.npy")
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe1")
    with pytest.raises(checks.AudioFileError, match="something else"):
        series_files.read(tmp_path / "latin.csv")
    with pytest.raises(checks.AudioFileError, match="no such file"):
        series_files.read(tmp_path / "nowhere.csv")


# Your own recordings

def write(folder, names):
    for i, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(wav_bytes(sr=16000, seconds=0.1, frequency=300 + i))


def test_normal_recordings_alone_are_enough(tmp_path):
    write(tmp_path / "press", [f"{i}.wav" for i in range(20)])
    sounds = machines_from_folder(tmp_path / "press")
    sound_rules(sounds)
    assert sounds.clips.clip_id.tolist() == [f"normal/{i}.wav" for i in range(20)], "2 comes before 10"
    assert sounds.clips.fold.tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6]
    assert (sounds.machine, sounds.units, sounds.signal) == ("press", ("1",), "audio")
    assert "20 normal and 0 faulty" in sounds.description
    assert sounds.load(sounds.clips.iloc[0])[0].shape == (1600,)


def test_faulty_recordings_and_what_is_broken(tmp_path, monkeypatch):
    write(tmp_path / "pump/normal", [f"{i}.wav" for i in range(12)])
    write(tmp_path / "pump/anomalous", ["leak/a.wav", "leak/b.wav", "strange.wav"])
    write(tmp_path / "pump/normal", [".hidden.wav", "__MACOSX/x.wav"])
    (tmp_path / "pump/normal/README.txt").write_text("notes")
    monkeypatch.setenv("MACHINE_HEARING_MACHINES", str(tmp_path / "pump"))
    sounds = load_machines()
    sound_rules(sounds)
    assert sounds.machine == "pump"
    assert sounds.clips.fault.value_counts().to_dict() == {"": 12, "leak": 2, "unknown": 1}
    listed = machines_from_folder(sorted((tmp_path / "pump/normal").glob("[0-9]*.wav")),
                                  [tmp_path / "pump/anomalous/leak/a.wav"], machine="press")
    assert len(listed.clips) == 13
    assert listed.machine == "press"


def test_parts_of_one_recording_stay_together(tmp_path):
    write(tmp_path, [f"day{i}-{letter}.wav" for i in range(10) for letter in "AB"])
    clips = machines_from_folder(tmp_path).clips
    assert clips.source.nunique() == 10
    assert (clips.groupby("source").fold.nunique() == 1).all()
    assert clips.split.value_counts().to_dict() == {"train": 14, "test": 6}


@pytest.mark.parametrize(("names", "says"), [
    ([f"Recording ({i}).wav" for i in range(20)], "20 files that all count as parts of one recording, 'Recording'"),
    ([f"hp_take{i}.wav" for i in range(12)], "12 files that all count as parts of one recording, 'hp'"),
    ([f"{day} ({i}).wav" for day in ("mo", "tu") for i in range(6)],
     "12 files that count as parts of 2 recordings, 6 of them of 'mo'"),
    (["a.wav", "c.wav", *(f"b-{letter}.wav" for letter in "abcdefgh")],
     "10 files that count as parts of 3 recordings, 8 of them of 'b'"),
])
def test_names_that_make_parts_of_one_recording_of_all(tmp_path, names, says):
    write(tmp_path, names)
    with pytest.raises(checks.DatasetError, match=r"at least 3 parts in time.*got " + re.escape(says)
                       + r"\..*name yours 001\.wav, 002\.wav.*Data sets"):
        load_machines(tmp_path)


def test_three_recordings_in_parts_can_be_learned_from_and_tested(tmp_path):
    write(tmp_path, [f"day{i} ({part}).wav" for i in range(3) for part in range(4)])
    assert machines_from_folder(tmp_path).clips.groupby("source").fold.unique().explode().tolist() == [1, 3, 6]


def test_files_of_a_kind_that_is_not_read_are_counted(tmp_path):
    write(tmp_path, [f"{i}.wav" for i in range(10)])
    write(tmp_path, [f"{i}.m4a" for i in range(10, 17)])
    with pytest.warns(UserWarning, match=r"^7 files left out, of a kind that is not read: \.m4a\. .*data/README\.md"):
        assert len(load_machines(tmp_path).clips) == 10


def test_series_of_your_own(tmp_path):
    for i in range(10):
        (tmp_path / f"{i}.csv").write_text("0.1, 0.2\n" * 50)
    sounds = machines_from_folder(tmp_path, sr=100)
    assert (sounds.signal, sounds.n_axes, sounds.sr) == ("series", 2, 100)
    assert sounds.load(sounds.clips.iloc[0])[0].shape == (50, 2)
    with pytest.raises(checks.InputError, match=r"the rate of the series; got none\. .*sr=200"):
        machines_from_folder(tmp_path)
    (tmp_path / "3.csv").write_text("0.1\n")
    with pytest.raises(checks.AudioFileError, match="1 numbers a line, not 2"):
        sounds.load_all()
    write(tmp_path, ["a.wav"])
    with pytest.raises(checks.DatasetError, match=r"sound and series of measurements \(\.csv, \.wav\)"):
        machines_from_folder(tmp_path, sr=100)


def test_a_published_layout_unpacked_by_hand(tmp_path):
    write(tmp_path / "dev/fan", two_domains())
    write(tmp_path / "dev/gearbox", two_domains(sections=(0,)))
    sounds = load_machines(tmp_path / "dev")
    sound_rules(sounds)
    assert (sounds.machine, sounds.name, set(sounds.clips.domain)) == ("fan", "dev", {"source", "target"})
    assert load_machines(tmp_path / "dev", machine="gearbox").units == ("00",)
    assert load_machines(tmp_path / "dev/gearbox").machine == "gearbox"
    with pytest.raises(checks.DatasetError, match=r"a machine of .*dev \(fan, gearbox\); got 'pump'"):
        load_machines(tmp_path / "dev", machine="pump")


@pytest.mark.parametrize(("names", "says"), [
    ([f"{i}.wav" for i in range(9)], r"9 recordings\. Record more"),
    (["1.wav"], "1 recording. Record more"),
    (["a.m4a"], r"files ending in \.m4a, which cannot be read\. Convert"),
    (["notes.pdf"], r"no recordings\. Put WAV"),
    (["anomalous/1.wav"], "no folder normal beside anomalous"),
])
def test_folders_that_are_no_set_of_machines(tmp_path, names, says):
    write(tmp_path, names)
    with pytest.raises(checks.DatasetError, match=rf"at least 10 recordings of a machine.*{says}.*Data sets"):
        load_machines(tmp_path)


def test_recordings_that_are_not_there_or_named_twice(tmp_path):
    write(tmp_path, [f"{i}.wav" for i in range(10)])
    paths = sorted(tmp_path.glob("*.wav"))
    with pytest.raises(checks.DatasetError, match="got no such folder"):
        machines_from_folder(tmp_path / "nowhere")
    with pytest.raises(checks.DatasetError, match="got a file"):
        machines_from_folder(paths[0])
    with pytest.raises(checks.DatasetError, match=r"no such file: x\.wav"):
        machines_from_folder([*paths, tmp_path / "x.wav"])
    with pytest.raises(checks.DatasetError, match=r"0\.wav twice"):
        machines_from_folder([*paths, paths[0]])
    with pytest.raises(checks.DatasetError, match=r"0\.wav among the normal and among the anomalous"):
        machines_from_folder(paths, paths[:1])
    with pytest.raises(checks.DatasetError, match="0 recordings"):
        machines_from_folder([])


@pytest.mark.real_data
def test_a_real_fan_with_one_fault(test_data):
    folder = test_data / "anomaly-mimii-fan-mini/same_unit"
    sounds = machines_from_folder(folder / "normal", folder / "abnormal", machine="fan")
    sound_rules(sounds)
    assert isinstance(sounds, MachineDataset)
    assert (sounds.machine, sounds.units) == ("fan", ("00",))
    assert sounds.clips.groupby(["split", "label"]).size().to_dict() == {
        ("train", "normal"): 52, ("test", "normal"): 23, ("test", "anomaly"): 1}
    audio, sr = sounds.load(sounds.clips.iloc[-1])
    assert (len(audio), sr) == (160000, 16000)
    pd.testing.assert_frame_equal(load_machines(folder).clips.drop(columns="machine"),
                                  sounds.clips.drop(columns="machine"))
