"""Records outlive the program: nothing but the line in flight is lost, and what is read is what was written."""

import errno
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import checks, records

ROOT = Path(__file__).resolve().parent.parent
RESULT = records.ClassificationResult(label="dog", score=0.75)


def heard(number: int = 0, **changes) -> records.AudioClassification:
    return records.AudioClassification(**{"audio_clip": f"clip-{number}", "onset": float(number),
                                          "offset": number + 1.0, "result": RESULT, **changes})


# The three kinds

def test_each_kind_comes_back_as_a_row(tmp_path):
    path = tmp_path / "heard.jsonl"
    full = records.ClassificationResult(label="dog", score=0.75, scores={"dog": 0.75, "rain": 0.25}, model="abc")
    moment = datetime(2026, 3, 1, 13, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=1)))
    records.append(path, [
        records.DeviceClassification(device="gate", time=moment, result=RESULT),
        records.AudioClassification(audio_clip="yard.wav", onset=2.0, offset=3.5, result=full),
        records.SpectrogramClassification(spectrogram={"clip_id": "a", "sr": 16000, "n_fft": 1024}, result=RESULT,
                                          time="2026-03-01T12:31:00Z")])
    table = records.read(path)
    assert list(table.columns[:8]) == ["kind", "time", "device", "audio_clip", "onset", "offset", "label", "score"]
    assert table["kind"].tolist() == ["device", "audio", "spectrogram"]
    assert table["time"][0].isoformat() == "2026-03-01T12:30:00.250000+00:00"
    assert table["time"].isna().tolist() == [False, True, False]
    assert table["device"][0] == "gate"
    assert table["audio_clip"][1] == "yard.wav"
    found = table.loc[1, ["onset", "offset", "scores.dog", "scores.rain", "model"]].tolist()
    assert found == [2.0, 3.5, 0.75, 0.25, "abc"]
    assert table.loc[2, ["spectrogram.clip_id", "spectrogram.sr", "spectrogram.n_fft"]].tolist() == ["a", 16000, 1024]
    assert table["label"].tolist() == ["dog"] * 3
    assert table["score"].tolist() == [0.75] * 3


def test_a_line_holds_only_what_there_is_and_pandas_reads_it_too(tmp_path):
    import pandas as pd

    path = tmp_path / "heard.jsonl"
    records.append(path, heard())
    line = json.loads(path.read_text())
    assert line == {"kind": "audio", "audio_clip": "clip-0", "onset": 0.0, "offset": 1.0,
                    "result": {"label": "dog", "score": 0.75}}
    assert pd.read_json(path, lines=True)["audio_clip"].tolist() == ["clip-0"]


def test_records_cannot_be_changed():
    with pytest.raises(AttributeError):
        heard().onset = 5.0


@given(label=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
       score=st.floats(allow_nan=False, allow_infinity=False))
def test_every_text_and_every_number_survives(label, score, tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "heard.jsonl"
    result = records.ClassificationResult(label=label, score=score)
    records.append(path, [heard(result=result), heard(result=result)])
    table = records.read(path)
    assert table["label"].tolist() == [label] * 2
    assert table["score"].tolist() == [score] * 2
    assert path.read_bytes().count(b"\n") == 2


def test_letters_are_kept_as_letters(tmp_path):
    path = tmp_path / "heard.jsonl"
    records.append(path, heard(audio_clip="Vögel am Fluß 鳥 🐦"))
    assert "Vögel am Fluß 鳥 🐦" in path.read_text("utf-8")


def test_numbers_of_numpy_are_numbers(tmp_path):
    path = tmp_path / "heard.jsonl"
    result = records.ClassificationResult(label="dog", score=np.float32(0.5), scores={"dog": np.float64(0.5)})
    records.append(path, records.SpectrogramClassification(
        spectrogram={"n_fft": np.int64(1024), "at": datetime(2026, 3, 1, tzinfo=UTC)}, result=result))
    assert records.read(path).loc[0, ["score", "scores.dog", "spectrogram.n_fft"]].tolist() == [0.5, 0.5, 1024]


# Killed, torn, full

@pytest.mark.fault("a file of records is cut anywhere", happens="only the record that was cut is lost, and it is said")
def test_a_file_cut_anywhere_loses_only_the_last_record(tmp_path):
    path = tmp_path / "heard.jsonl"
    records.append(path, [heard(0), heard(1), heard(2, audio_clip="鳥")])
    whole = path.read_bytes()
    before = whole[:-1].rindex(b"\n") + 1
    for cut in range(before + 1, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.warns(UserWarning, match="skipped 1 torn lines, number 3"):
            assert records.read(path)["audio_clip"].tolist() == ["clip-0", "clip-1"]
    path.write_bytes(whole[:-1])                          # only the end of the line is missing: nothing is lost
    assert len(records.read(path)) == 3
    path.write_bytes(whole[:before])
    assert len(records.read(path)) == 2


@pytest.mark.parametrize("missing", [1, 5])
def test_the_next_record_starts_on_a_fresh_line(tmp_path, missing):
    path = tmp_path / "heard.jsonl"
    records.append(path, [heard(0), heard(1)])
    path.write_bytes(path.read_bytes()[:-missing])
    records.append(path, heard(2))
    if missing == 1:
        assert records.read(path)["audio_clip"].tolist() == ["clip-0", "clip-1", "clip-2"]
    else:
        with pytest.warns(UserWarning, match="number 2"):
            assert records.read(path)["audio_clip"].tolist() == ["clip-0", "clip-2"]


WRITER = """
import itertools, sys
from helpers import records
result = records.ClassificationResult(label="dog", score=0.5, model="x" * 2000)
for number in itertools.count():
    records.append(sys.argv[1], records.AudioClassification(audio_clip=sys.argv[2], onset=number, offset=number,
                                                            result=result))
    print(number, flush=True)
"""


def writer(path: Path, name: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name], cwd=ROOT, stdout=subprocess.PIPE,
                            text=True)


@pytest.mark.fault("a process is killed while it writes records",
                   happens="at most the record in flight is lost; no lock stays")
def test_a_killed_writer_loses_at_most_the_record_in_flight_and_leaves_no_lock(tmp_path, recwarn):
    path = tmp_path / "heard.jsonl"
    for name in ("first", "second"):
        process = writer(path, name)
        said = [int(process.stdout.readline()) for _ in range(40)]
        process.kill()
        process.wait()
        said += [int(line) for line in process.stdout.read().split()]
        process.stdout.close()
        table = records.read(path)
        onsets = table.loc[table["audio_clip"] == name, "onset"].astype(int).tolist()
        assert onsets == list(range(len(onsets)))
        assert len(onsets) - len(said) in (0, 1), "all that was said to be written is there"
    assert len(recwarn) <= 2
    records.append(path, heard())                         # the dead one's lock holds nobody back
    assert records.read(path)["audio_clip"].iloc[-1] == "clip-0"


@pytest.mark.fault("two processes write one file of records", happens="every line whole")
def test_two_processes_at_once_keep_their_lines_apart(tmp_path):
    path = tmp_path / "heard.jsonl"
    both = [writer(path, name) for name in "ab"]
    for process in both:
        for _ in range(60):
            process.stdout.readline()
    for process in both:
        process.terminate()
        process.stdout.read()
        process.wait()
        process.stdout.close()
    lines = path.read_bytes().split(b"\n")
    assert all(json.loads(line) for line in lines[:-2])
    for name in "ab":
        onsets = [json.loads(line)["onset"] for line in lines[:-2] if json.loads(line)["audio_clip"] == name]
        assert len(onsets) >= 59
        assert onsets == list(range(len(onsets)))


def test_a_full_disk_leaves_no_half_line(tmp_path, monkeypatch):
    path = tmp_path / "heard.jsonl"
    records.append(path, heard(0))
    before, real = path.read_bytes(), os.write

    def nearly_full(file, data):
        if b"clip-1" in data:
            return real(file, data[:10])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", nearly_full)
    with pytest.raises(OSError, match="full disk"):
        records.append(path, heard(1))
    monkeypatch.undo()
    assert path.read_bytes() == before


def test_each_line_is_written_in_one_piece_at_the_end(tmp_path, monkeypatch):
    path, real, pieces, synced = tmp_path / "heard.jsonl", os.write, [], []
    monkeypatch.setattr(os, "write", lambda file, data: (pieces.append(data), real(file, data))[1])
    monkeypatch.setattr(os, "fsync", synced.append)
    records.append(path, [heard(0), heard(1)])
    assert [(piece.count(b"\n"), piece[-1:]) for piece in pieces] == [(1, b"\n")] * 2
    assert synced == []
    records.append(path, heard(2), fsync=True)
    assert len(synced) == 1


# What is wrong

def test_an_empty_file_is_an_empty_table_and_a_missing_one_an_error(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    table = records.read(tmp_path / "empty.jsonl")
    assert len(table) == 0
    assert list(table.columns) == ["kind", "time", "device", "audio_clip", "onset", "offset",
                                                       "label", "score"]
    with pytest.raises(FileNotFoundError):
        records.read(tmp_path / "none.jsonl")


def test_lines_of_other_things_are_skipped_by_number(tmp_path):
    path = tmp_path / "heard.jsonl"
    records.append(path, heard(0))
    with open(path, "ab") as file:
        file.write(b'[1, 2]\n7\n{"kind": "audio"}\n{"result": 3}\n\xff\xfe\n\n')
    records.append(path, heard(1))
    with pytest.warns(UserWarning, match="skipped 5 torn lines, number 2, 3, 4, 5, 6"):
        assert records.read(path)["audio_clip"].tolist() == ["clip-0", "clip-1"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, np.float32("nan"), "0.5", None, True, np.array([0.5])])
def test_scores_are_finite_numbers(bad):
    with pytest.raises(checks.InputError, match="finite number"):
        records.ClassificationResult(label="dog", score=bad)
    with pytest.raises(checks.InputError, match="score of rain"):
        records.ClassificationResult(label="dog", score=0.5, scores={"rain": bad})


@pytest.mark.parametrize("wrong", [
    lambda: records.ClassificationResult(label="", score=0.5),
    lambda: records.DeviceClassification(device="", time="2026-03-01T12:00:00Z", result=RESULT),
    lambda: records.DeviceClassification(device="gate", time="2026-03-01T12:00:00", result=RESULT),
    lambda: records.DeviceClassification(device="gate", time=datetime(2026, 3, 1), result=RESULT),
    lambda: records.DeviceClassification(device="gate", time="noon", result=RESULT),
    lambda: records.DeviceClassification(device="gate", time=None, result=RESULT),
    lambda: records.DeviceClassification(device="gate", time="2026-03-01T12:00:00Z", result={"label": "dog"}),
    lambda: heard(onset=2.0, offset=1.0), lambda: heard(onset=-1.0), lambda: heard(offset=np.nan),
    lambda: heard(audio_clip=Path("a.wav")), lambda: heard(time="2026-03-01"),
    lambda: records.SpectrogramClassification(spectrogram={}, result=RESULT),
    lambda: records.SpectrogramClassification(spectrogram=np.zeros(3), result=RESULT),
])
def test_wrong_records_say_what_is_expected(wrong):
    with pytest.raises(checks.InputError, match=r"^Expected .*; got .*\(docs/troubleshooting.md: "):
        wrong()


@pytest.mark.parametrize("settings", [{"gain": np.nan}, {"deep": {"gain": np.float32("inf")}}, {"x": np.zeros(2)},
                                      {"x": object()}, {"name": "\ud800"}])
def test_nothing_is_written_where_one_record_is_wrong(tmp_path, settings):
    path = tmp_path / "heard.jsonl"
    wrong = records.SpectrogramClassification(spectrogram=settings, result=RESULT)
    with pytest.raises(checks.InputError, match="finite numbers"):
        records.append(path, [heard(0), wrong])
    with pytest.raises(checks.InputError, match="a record; got str"):
        records.append(path, [heard(0), "dog"])
    assert not path.exists()
