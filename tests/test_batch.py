"""A folder, a prefix, a cluster: the same numbers whoever computes them, and nothing lost whatever breaks."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import batch_faults
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from pyarrow import parquet

from helpers import batch, checks, embeddings, files, search
from helpers.audio import save_audio
from helpers.batch import engines, stored, work

SR = 16_000
ROOT = Path(__file__).resolve().parent.parent
KEYS = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing", "aws_region": "us-east-1"}


def noise(seconds: float, *, seed: int, peak: float = 0.3) -> np.ndarray:
    """A second or so of sound, each seed another one."""
    drawn = np.random.default_rng(seed).uniform(-1, 1, round(seconds * SR))
    return (peak * drawn / np.abs(drawn).max()).astype(np.float32)


@pytest.fixture
def sounds(tmp_path):
    """Eight recordings in two folders; one stands there twice, and one is broken."""
    folder = tmp_path / "sounds"
    for number in range(6):
        save_audio(folder / f"{'ab'[number % 2]}/{number}.wav", noise(0.6 + 0.4 * number, seed=number), sr=SR)
    shutil.copy(folder / "a/0.wav", folder / "b/again.wav")
    (folder / "a/broken.wav").write_bytes(b"RIFF nothing that plays")
    (folder / "notes.txt").write_text("not a recording")
    (folder / ".hidden.wav").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def cluster():
    """Two workers for all tests, each a process of its own."""
    with batch.local_cluster(2, memory="1GB") as client:
        yield client


@pytest.fixture(scope="module")
def store():
    """An object store on loopback: its address, and what fsspec needs to get there."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield {"key": KEYS["aws_access_key_id"], "secret": KEYS["aws_secret_access_key"],
           "endpoint_url": f"http://127.0.0.1:{port}"}
    server.stop()


def same(one: batch.Outcome, other: batch.Outcome) -> None:
    """Fail unless two runs have left the same rows and the same bits."""
    (rows, vectors), (rows_too, vectors_too) = batch.read(one.place), batch.read(other.place)
    pd.testing.assert_frame_equal(rows, rows_too)
    assert vectors.dtype == np.float32
    assert vectors.tobytes() == vectors_too.tobytes()


def quietly(source, target, **settings):
    return batch.extract(source, target, progress=False, **settings)


# One process

def test_every_recording_is_embedded_as_the_embedder_does_it(sounds, tmp_path):
    outcome = quietly(sounds, tmp_path / "out", embedder="statistics", chunk=2)
    rows, vectors = batch.read(outcome.place)
    embedder = embeddings.load_embedder("statistics")
    for number in range(6):
        name = f"{'ab'[number % 2]}/{number}.wav"
        audio = batch.Place(str(sounds)).load(name, sr=SR)
        expected, starts = embedder.embed(audio, sr=SR)
        whole = (starts + 1 <= len(audio) / SR) if len(audio) >= SR else np.array([True])
        own = (rows["clip_id"] == name).to_numpy()
        assert_array_equal(vectors[own], expected[whole])
        assert_array_equal(rows.loc[own, "start"], starts[whole])
        assert rows.loc[own, "path"].iloc[0] == (sounds / name).as_posix()
        assert rows.loc[own, "end"].max() <= len(audio) / SR + 1e-9
    assert not rows["clip_id"].isin(["a/broken.wav", "b/again.wav", "notes.txt", ".hidden.wav"]).any()


@pytest.mark.fault("a recording among many is broken", happens="listed with its reason, all others computed")
def test_a_broken_recording_is_listed_and_a_double_one_recognised(sounds, tmp_path, capsys):
    outcome = batch.extract(sounds, tmp_path / "out", chunk=3)
    assert outcome.failures["path"].tolist() == ["a/broken.wav"]
    assert "a file that is broken or no recording" in outcome.failures["problem"][0]
    assert outcome.duplicates.values.tolist() == [["b/again.wav", "a/0.wav"]]
    assert str(outcome) == "8 recordings: 6 computed, 1 the same as another, 1 could not be read"
    assert outcome.recordings["path"].is_monotonic_increasing
    assert "1 could not be read" in capsys.readouterr().out


def test_a_second_run_computes_nothing_and_a_third_only_what_is_new(sounds, tmp_path):
    log = tmp_path / "log"
    settings = {"embedder": batch_faults.Counting, "settings": {"log": str(log)}}
    first = quietly(sounds, tmp_path / "out", **settings)
    assert batch_faults.lines(log) == 6
    again = quietly(sounds, tmp_path / "out", **settings)
    assert batch_faults.lines(log) == 6
    assert (len(again.new), again.n_bytes, len(again.failures)) == (0, 0, 1)
    same(first, again)
    with pytest.raises(checks.InputError, match="found all of it done"):
        again.measured()
    (sounds / "a/0.wav").rename(sounds / "a/renamed.wav")
    save_audio(sounds / "a/2.wav", noise(2, seed=99), sr=SR)
    save_audio(sounds / "a/new.wav", noise(1, seed=100), sr=SR)
    third = quietly(sounds, tmp_path / "out", **settings)
    assert batch_faults.lines(log) == 8
    assert third.new["path"].tolist() == ["a/2.wav", "a/new.wav"]
    rows, _ = batch.read(third.place)
    assert "a/renamed.wav" in set(rows["clip_id"])
    assert (rows["clip_id"] == "a/2.wav").sum() == 3, "the windows of the old a/2.wav are gone"
    assert rows["clip_id"].notna().all()
    (sounds / "a/broken.wav").write_bytes((sounds / "a/4.wav").read_bytes()[:-1000] + bytes(1000))
    assert quietly(sounds, tmp_path / "out", **settings).new["path"].tolist() == ["a/broken.wav"]


def test_what_has_not_changed_is_not_even_read_again(sounds, tmp_path, monkeypatch):
    quietly(sounds, tmp_path / "out")
    read = []
    monkeypatch.setattr(files, "digest", lambda path: read.append(path))
    quietly(sounds, tmp_path / "out")
    assert read == []


@pytest.mark.parametrize("change", [{"settings": {"n_mels": 32}}, {"hop": 0.25}, {"embedder": "log-mel"}],
                         ids=["setting", "hop", "embedder"])
def test_another_recipe_has_results_of_its_own(sounds, tmp_path, change):
    first = quietly(sounds, tmp_path / "out", embedder="statistics")
    before = batch.read(first.place)[1]
    other = quietly(sounds, tmp_path / "out", **{"embedder": "statistics", **change})
    assert other.place != first.place
    assert len(other.new) == 6
    assert_array_equal(batch.read(first.place)[1], before)


def test_other_code_makes_another_key(monkeypatch):
    from helpers.batch import recipes

    recipe = batch.Recipe("log-mel")
    before = recipe.key()
    assert batch.Recipe("log-mel").key() == before
    monkeypatch.setattr(recipes, "OF_EVERY_WINDOW", recipes.OF_EVERY_WINDOW[:-1])
    recipes._code.cache_clear()
    assert recipe.key() != before
    recipes._code.cache_clear()


@pytest.mark.parametrize("step", [1, -1])
def test_two_sources_share_one_target(sounds, tmp_path, monkeypatch, step):
    # the names of their tables are digests of folders: either may come first
    named = stored._named
    monkeypatch.setattr(stored, "_named", lambda *arguments: named(*arguments)[::step])
    quietly(sounds / "a", tmp_path / "out")
    outcome = quietly(sounds / "b", tmp_path / "out")
    assert outcome.new["path"].tolist() == ["1.wav", "3.wav", "5.wav"], "again.wav is known from the other source"
    rows, _ = batch.read(outcome.place)
    assert set(rows["path"]) == {f"{sounds.as_posix()}/{'ab'[n % 2]}/{n}.wav" for n in range(6)}


# Joblib and Dask

@pytest.mark.parametrize("embedder", ["log-mel", "embedded"])
def test_processes_and_a_cluster_give_the_same_bits(sounds, tmp_path, cluster, embedder):
    alone = quietly(sounds, tmp_path / "one", embedder=embedder, chunk=100)
    many = quietly(sounds, tmp_path / "two", embedder=embedder, n_jobs=2, chunk=1)
    spread = quietly(sounds, tmp_path / "three", embedder=embedder, scheduler=cluster, chunk=2)
    for other in (many, spread):
        same_tables(alone, other)
    assert batch_workers(spread) > 1


def same_tables(one: batch.Outcome, other: batch.Outcome) -> None:
    """Fail unless two runs agree in everything: vectors, rows, failures, duplicates."""
    same(one, other)
    pd.testing.assert_frame_equal(one.recordings, other.recordings)


def batch_workers(outcome: batch.Outcome) -> int:
    """How many parts there are: more than one only where work was split."""
    return len(list(Path(outcome.place.address).glob("part-*.parquet")))


def test_the_address_of_a_scheduler_does_as_well(sounds, tmp_path, cluster):
    by_address = quietly(sounds, tmp_path / "one", scheduler=cluster.scheduler.address, chunk=4)
    assert len(by_address.new) == 6


def test_the_local_cluster_listens_on_loopback_only_and_loads_no_tensorflow(cluster):
    import psutil

    me = psutil.Process()
    heard = {one.laddr.ip for process in [me, *me.children(recursive=True)] for one in process.net_connections("tcp")
             if one.status == psutil.CONN_LISTEN}
    assert heard == {"127.0.0.1"}
    loaded = cluster.run(modules_and_threads)
    assert len(loaded) == 2
    assert all("tensorflow" not in modules and threads == "1" for modules, threads in loaded.values())


def modules_and_threads():
    return set(sys.modules), os.environ.get("OPENBLAS_NUM_THREADS")


@pytest.mark.parametrize("how", ["joblib", "dask"])
@pytest.mark.fault("a worker is killed", happens="another does its work, the same results")
def test_the_work_of_a_killed_worker_is_done_by_another(sounds, tmp_path, cluster, how):
    log, once = tmp_path / "log", tmp_path / "once"
    once.touch()
    settings = {"log": str(log), "once": str(once), "after": 2}
    outcome = quietly(sounds, tmp_path / "out", embedder=batch_faults.Breaking, settings=settings, chunk=2,
                      **({"n_jobs": 2} if how == "joblib" else {"scheduler": cluster}))
    assert not once.exists(), "a worker was killed"
    assert outcome.failures["path"].tolist() == ["a/broken.wav"]
    assert len(outcome.new) == 6
    expected = quietly(sounds, tmp_path / "alone", embedder=batch_faults.Counting, settings={"log": str(log)})
    assert_array_equal(batch.read(outcome.place)[1], batch.read(expected.place)[1])


@pytest.mark.parametrize("how", ["joblib", "dask"])
@pytest.mark.fault("a recording kills every worker", happens="listed, all others computed")
def test_a_recording_that_kills_every_worker_is_listed_and_the_rest_is_done(sounds, tmp_path, cluster, how,
                                                                           monkeypatch):
    monkeypatch.setattr(engines, "ATTEMPTS", 1)
    monkeypatch.setattr(cluster.cluster.scheduler, "allowed_failures", 0)
    save_audio(sounds / "a/fatal.wav", noise(1, seed=7, peak=0.99), sr=SR)
    outcome = quietly(sounds, tmp_path / "out", embedder=batch_faults.Fatal, settings={"log": str(tmp_path / "log")},
                      chunk=5, **({"n_jobs": 2} if how == "joblib" else {"scheduler": cluster}))
    assert outcome.failures["path"].tolist() == ["a/broken.wav", "a/fatal.wav"]
    assert outcome.failures["problem"][1] == engines.LOST
    assert len(outcome.new) == 6


@pytest.mark.parametrize("how", ["one process", "dask"])
def test_a_full_disk_ends_the_run_and_what_was_written_counts(sounds, tmp_path, cluster, how, monkeypatch):
    monkeypatch.setattr(parquet, "write_table", parquet.write_table)       # put back what the embedder breaks
    log, full, out = tmp_path / "log", tmp_path / "full", tmp_path / "out"
    full.touch()
    settings = {"embedder": batch_faults.full_disk, "settings": {"log": str(log), "full": str(full)}, "chunk": 2,
                **({} if how == "one process" else {"scheduler": cluster})}
    with pytest.raises(OSError, match=r"Expected room to write part-\w+\.parquet; got a full disk"):
        quietly(sounds, out, **settings)
    assert {path.suffix for path in out.rglob("*") if path.is_file()} <= {".parquet"}
    parts = list(out.rglob("part-*"))
    with pytest.raises(checks.DatasetError, match="Run extract again"):
        batch.read(batch.Place(parts[0].parent.as_posix()))
    full.unlink()
    outcome = quietly(sounds, out, **settings)
    assert len(outcome.new) < 6
    assert not list(out.rglob(".*")), "nothing half is left"
    assert outcome.recordings["n_windows"].gt(0).sum() == 7


@pytest.mark.fault("a run over a folder is killed", happens="the next computes only what is missing")
def test_a_run_that_was_killed_goes_on_where_it_was(sounds, tmp_path):
    log, once, out = tmp_path / "log", tmp_path / "once", tmp_path / "out"
    once.touch()
    settings = {"log": str(log), "once": str(once), "after": 3}
    code = (f"import batch_faults\nfrom helpers import batch\nbatch.extract({str(sounds)!r}, {str(out)!r}, "
            f"embedder=batch_faults.Breaking, settings={settings!r}, chunk=2, progress=False)")
    killed = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=False,
                            env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert killed.returncode == 9
    assert batch_faults.lines(log) == 3
    outcome = quietly(sounds, out, embedder=batch_faults.Breaking, settings=settings, chunk=2)
    assert batch_faults.lines(log) < 3 + 6, "what was written was not computed again"
    assert outcome.recordings["n_windows"].gt(0).sum() == 7
    same(outcome, quietly(sounds, tmp_path / "whole", embedder=batch_faults.Breaking, settings=settings))


def test_workers_with_other_code_are_refused(sounds, tmp_path, cluster):
    settings = {"log": str(tmp_path / "log"), "asker": os.getpid()}
    with pytest.raises(checks.InputError, match="Install the same version"):
        quietly(sounds, tmp_path / "out", embedder=batch_faults.other_on_workers, settings=settings, scheduler=cluster)
    assert not list((tmp_path / "out").rglob("part-*"))


# Object stores

def test_a_store_in_memory_gives_what_a_folder_gives(sounds, tmp_path):
    from fsspec.implementations.memory import MemoryFileSystem

    for path in sounds.rglob("*.wav"):
        MemoryFileSystem().pipe_file(f"/recorder/{path.relative_to(sounds).as_posix()}", path.read_bytes())
    on_disk = quietly(sounds, tmp_path / "out")
    outcome = quietly("memory://recorder", "memory://results")
    (rows, vectors), (expected, expected_vectors) = batch.read(outcome.place), batch.read(on_disk.place)
    pd.testing.assert_frame_equal(rows.drop(columns="path"), expected.drop(columns="path"))
    assert vectors.tobytes() == expected_vectors.tobytes()
    assert rows["path"][0] == "memory://recorder/a/0.wav"
    assert "memory://recorder/a/broken.wav" in outcome.failures["problem"][0]
    assert len(quietly("memory://recorder", "memory://results").new) == 0
    with pytest.raises(checks.InputError, match="every process can see"):
        quietly("memory://recorder", tmp_path / "out", n_jobs=2)


@pytest.mark.parametrize("how", ["one process", "dask"])
def test_an_object_store_gives_what_a_folder_gives(sounds, tmp_path, store, cluster, how):
    import fsspec

    there, bucket = fsspec.filesystem("s3", **store), how.replace(" ", "-")
    there.mkdir(bucket)
    for path in sounds.rglob("*.wav"):
        there.pipe_file(f"{bucket}/recorder/{path.relative_to(sounds).as_posix()}", path.read_bytes())
    places = (f"s3://{bucket}/recorder", f"s3://{bucket}/results")
    settings = {"source_options": store, "target_options": store, "chunk": 2,
                **({} if how == "one process" else {"scheduler": cluster})}
    outcome, on_disk = quietly(*places, **settings), quietly(sounds, tmp_path / "out")
    (rows, vectors), (expected, expected_vectors) = batch.read(outcome.place), batch.read(on_disk.place)
    pd.testing.assert_frame_equal(rows.drop(columns="path"), expected.drop(columns="path"))
    assert vectors.tobytes() == expected_vectors.tobytes()
    assert str(outcome) == str(on_disk)
    assert store["secret"] not in repr(outcome.place)
    there.rm(f"{bucket}/recorder/a/0.wav")
    again = quietly(*places, **settings)
    assert len(again.new) == 0
    assert "b/again.wav" in set(batch.read(again.place)[0]["clip_id"]), "its double is gone, it stays"


def test_a_sound_index_lives_in_an_object_store(sounds, tmp_path, store):
    import fsspec

    fsspec.filesystem("s3", **store).mkdir("index")
    options = {**KEYS, "aws_endpoint": store["endpoint_url"], "allow_http": "true"}
    embedder = embeddings.load_embedder("statistics")
    index = search.SoundIndex("s3://index/sounds", embedder=embedder, storage_options=options)
    outcome = quietly(sounds, tmp_path / "out")
    rows, vectors = batch.read(outcome.place)
    assert batch.fill_index(index, outcome.place) == len(rows)
    again = search.SoundIndex("s3://index/sounds", storage_options=options)
    assert batch.fill_index(again, outcome.place) == 0
    assert again.query(vectors[4], k=1)["clip_id"][0] == rows["clip_id"][4]


@pytest.mark.parametrize(("address", "message"), [
    ("gs://bucket/prefix", "pip install gcsfs"), ("strange://place", "such as s3://bucket/prefix")])
def test_a_place_that_nobody_knows_is_refused(address, message):
    with pytest.raises(checks.InputError, match=message):
        batch.Place(address)


def test_a_number_of_processes_that_makes_no_sense_is_refused(sounds, tmp_path):
    with pytest.raises(checks.InputError, match="-1 for one a core"):
        quietly(sounds, tmp_path / "out", n_jobs=0)


def test_a_folder_without_recordings_is_refused(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere", "memory://nowhere"):
        with pytest.raises(checks.DatasetError, match="Expected recordings in"):
            quietly(place, tmp_path / "out")


# Into the index

def test_the_index_gets_every_window_that_is_not_silent(tmp_path):
    folder = tmp_path / "sounds"
    save_audio(folder / "half.wav", np.concatenate([noise(2, seed=1), np.zeros(2 * SR, np.float32)]), sr=SR)
    save_audio(folder / "silent.wav", np.zeros(SR, np.float32), sr=SR)
    outcome = quietly(folder, tmp_path / "out")
    embedder = embeddings.load_embedder("statistics")
    index = search.SoundIndex(tmp_path / "index", embedder=embedder)
    clips = pd.DataFrame({"clip_id": ["half.wav", "silent.wav"], "label": ["noise", "nothing"]})
    assert batch.fill_index(index, outcome.place, clips=clips) == 5
    assert batch.fill_index(index, outcome.place, clips=clips) == 0
    assert index.table[["clip_id", "start", "label"]].values.tolist() == [
        *(["half.wav", start, "noise"] for start in (0.0, 0.5, 1.0, 1.5)), ["silent.wav", 0.0, "nothing"]]
    other = search.SoundIndex(tmp_path / "other", embedder=embeddings.load_embedder("embedded"))
    with pytest.raises(checks.InputError, match="vectors of two embedders cannot be compared"):
        batch.fill_index(other, outcome.place)


def without_a_column(content: bytes) -> bytes:
    memory = io.BytesIO()
    parquet.write_table(parquet.read_table(io.BytesIO(content)).drop_columns(["level_db"]), memory)
    return memory.getvalue()


@pytest.mark.parametrize("damage", [
    pytest.param(lambda content: content[:100], id="cut"),
    pytest.param(lambda content: content[:60] + bytes([content[60] ^ 1]) + content[61:], id="one bit in the values"),
    pytest.param(without_a_column, id="without a column"),
])
def test_a_part_that_was_damaged_is_named(sounds, tmp_path, damage):
    outcome = quietly(sounds, tmp_path / "out")
    [part] = Path(outcome.place.address).glob("part-*")
    part.write_bytes(damage(part.read_bytes()))
    with pytest.raises(checks.DatasetError, match="Delete it and run again"):
        batch.read(outcome.place)
    part.unlink()
    assert len(quietly(sounds, tmp_path / "out").new) == 6


def test_long_recordings_are_embedded_block_by_block_with_the_same_result():
    embedder = embeddings.load_embedder("statistics")
    audio = noise(40, seed=5)
    found = work.embed(audio, embedder=embedder)
    expected, starts = embedder.embed(audio, sr=SR)
    assert_array_equal(found["vector"], expected)
    assert_array_equal(found["start"], starts)
    assert len(starts) == 79


# Costs

def test_the_cost_sheet_is_arithmetic_on_what_was_measured(sounds, tmp_path):
    measured = quietly(sounds, tmp_path / "out").measured()
    hours = sum(0.6 + 0.4 * number for number in range(6)) / 3600
    assert measured["hours"] == pytest.approx(hours, rel=1e-4)
    [part] = (tmp_path / "out").rglob("part-*")
    assert measured["n_bytes"] * hours == pytest.approx(part.stat().st_size)
    sheet = batch.cost_sheet({"cpu_s": 72, "windows": 7200, "n_bytes": 5e6}, core_hour=0.04, gb_month=0.025, cores=10,
                             months=24, sound_bytes=1e8)
    one, hundred, clips = (sheet.loc[name] for name in batch.sites())
    assert one["core_hours"] == pytest.approx(8766 * 72 / 3600)
    assert one["days"] == pytest.approx(8766 * 72 / 3600 / 240)
    assert one["keeping"] == pytest.approx((876.6 + 43.83) * 0.025 * 24)
    assert (hundred / one).to_numpy() == pytest.approx(100)
    assert clips["windows"] == pytest.approx(1e7 * 5 * 2)
    assert one["computing"] == pytest.approx(one["core_hours"] * 0.04)


@pytest.mark.parametrize(("measured", "settings", "message"), [
    ({"cpu_s": 1.0}, {}, "no windows, no n_bytes"),
    ({"cpu_s": -1.0, "windows": 1.0, "n_bytes": 1.0}, {}, "cpu_s above 0"),
    ({"cpu_s": 1.0, "windows": 1.0, "n_bytes": 1.0}, {"hours": {"mine": -3}}, "the hours of 'mine' above 0"),
    ({"cpu_s": 1.0, "windows": 1.0, "n_bytes": 1.0}, {"cores": 0}, "cores above 0"),
])
def test_a_cost_sheet_of_nonsense_is_refused(measured, settings, message):
    with pytest.raises(checks.InputError, match=message):
        batch.cost_sheet(measured, settings.pop("hours", None), core_hour=0.05, gb_month=0.02, **settings)
