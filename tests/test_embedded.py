"""The embedded clips come into being when they are asked for, whole, and the same for everybody."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from helpers import checks, datasets, files
from helpers.datasets import embedded
from helpers.synth import voices


@pytest.fixture
def sounds(tmp_path):
    return embedded.load(data_home=tmp_path)


def first_of(table, label):
    return table[table["label"] == label].iloc[0]


def test_the_table_is_that_of_any_clip_set(sounds):
    assert list(sounds.clips.columns) == ["clip_id", "path", "label", "source", "session", "fold"]
    assert (len(sounds.clips), len(sounds.unknown_clips)) == (400, 200)
    assert sounds.classes == voices.CLASSES == sounds.known_classes
    assert sounds.unknown_classes == voices.UNKNOWN
    assert sounds.clips["clip_id"].is_unique
    for table in (sounds.clips, sounds.unknown_clips):
        assert (table.groupby("source")["fold"].nunique() == 1).all()
        assert (table.groupby("session")["fold"].nunique() == 1).all()
    assert (sounds.clips.groupby(["fold", "label"]).size() == 8).all()


def test_nothing_is_rendered_before_it_is_loaded(sounds):
    assert files.folder_bytes(sounds.home) == 0
    audio, sr = sounds.load(first_of(sounds.clips, "dog"))
    assert (audio.shape, audio.dtype, sr) == ((64_000,), np.float32, 16_000)
    assert [path.suffix for path in sounds.home.iterdir()] == [".flac"]


def test_what_is_loaded_is_what_was_rendered_to_the_bit(sounds):
    row = first_of(sounds.clips, "rooster")
    recipe = sounds.recipes[Path(row.path).name]
    for _ in range(2):   # rendered, then read from its file
        np.testing.assert_array_equal(sounds.load(row)[0], voices.render(**recipe)[0])


def test_unknown_voices_load_too_and_other_rates_are_resampled(sounds):
    audio, sr = sounds.load(first_of(sounds.unknown_clips, "frog"), sr=8_000)
    assert (len(audio), sr) == (32_000, 8_000)


def test_the_telephone_changes_the_sound_and_not_the_table(tmp_path, sounds):
    heard = embedded.telephone(data_home=tmp_path)
    assert list(heard.clips["clip_id"]) == list(sounds.clips["clip_id"])
    assert heard.home != sounds.home
    row = first_of(sounds.clips, "siren") if "siren" in sounds.classes else first_of(sounds.clips, "rain")
    through = heard.load(heard.clips[heard.clips["clip_id"] == row.clip_id].iloc[0])[0]
    spectrum = np.abs(np.fft.rfft(through)) ** 2
    frequency_hz = np.fft.rfftfreq(len(through), 1 / 16_000)
    assert spectrum[(frequency_hz > 300) & (frequency_hz < 3400)].sum() > 0.5 * spectrum.sum()
    assert not np.array_equal(through, sounds.load(row)[0])


@pytest.mark.parametrize("damage", [b"", b"not a recording", None])
def test_a_broken_file_is_rendered_again(sounds, damage):
    row = first_of(sounds.clips, "rain")
    good, _ = sounds.load(row)
    path = Path(row.path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if damage is None else damage)
    np.testing.assert_array_equal(sounds.load(row)[0], good)
    assert soundfile.info(path).frames == 64_000


def test_a_render_that_is_cut_short_leaves_nothing_behind(sounds, monkeypatch):
    def full_disk(*arguments, **settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(soundfile, "write", full_disk)
    with pytest.raises(OSError, match="Free some space"):
        sounds.load(first_of(sounds.clips, "dog"))
    assert files.folder_bytes(sounds.home) == 0


def test_a_row_of_another_set_is_refused(sounds, tmp_path):
    with pytest.raises(checks.AudioFileError, match=r"Take the row from sounds\.clips"):
        sounds.load({"path": str(tmp_path / "dog.wav")})


def load_some(folder, barrier):
    sounds = embedded.load(data_home=folder)
    barrier.wait()
    rows = sounds.clips[sounds.clips["label"] == "clock_tick"].head(12)
    sounds.load_all(rows)


def test_two_kernels_at_once_end_with_the_same_files(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    kernels = [context.Process(target=load_some, args=(tmp_path, barrier)) for _ in range(2)]
    for kernel in kernels:
        kernel.start()
    for kernel in kernels:
        kernel.join()
    assert [kernel.exitcode for kernel in kernels] == [0, 0]
    sounds = embedded.load(data_home=tmp_path)
    rows = sounds.clips[sounds.clips["label"] == "clock_tick"].head(12)
    assert sorted(path.name for path in sounds.home.iterdir()) == sorted(Path(path).name for path in rows["path"])
    for row in rows.itertuples():
        np.testing.assert_array_equal(sounds.load(row)[0], voices.render(**sounds.recipes[Path(row.path).name])[0])


def test_load_all_shows_one_line_where_many_clips_are_rendered(sounds, capsys, monkeypatch):
    monkeypatch.setattr(embedded, "MANY", 3)
    assert len(sounds.load_all(sounds.clips.head(3))) == 3
    assert "rendering the embedded sounds" in capsys.readouterr().out
    sounds.load_all(sounds.clips.head(3))
    assert capsys.readouterr().out == ""


def test_another_synthesiser_has_another_cache(sounds, monkeypatch, tmp_path):
    embedded._version.cache_clear()
    monkeypatch.setattr(files, "digest", lambda path, **settings: "changed")
    changed = embedded.load(data_home=tmp_path)
    embedded._version.cache_clear()
    assert changed.home != sounds.home


def test_wrong_names_are_answered_with_the_right_ones(tmp_path):
    with pytest.raises(checks.InputError, match="telephone"):
        embedded.load(data_home=tmp_path, microphone="shellac")
    with pytest.raises(checks.InputError, match="crackling_fire"):
        embedded.load(data_home=tmp_path, labels=("cat",))


def test_it_is_the_default():
    assert datasets.load_clips().name == "embedded"
