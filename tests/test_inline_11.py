"""What notebook 11 builds before the reader's eyes does what the helpers do."""

import ast

import numpy as np
import pytest

from helpers import batch, embeddings, search, windows
from helpers.audio import load_audio, save_audio
from helpers.batch import work
from helpers.checks import AudioFileError
from notebooks import build

SOURCE = "11_scale_out.py"
NAMES = {"np": np, "windows": windows, "load_audio": load_audio, "AudioFileError": AudioFileError}


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 11 shows, as code to run, with the names they need."""
    tree = ast.parse((build.HERE / "src" / SOURCE).read_text("utf-8"))
    space = dict(NAMES)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            exec(compile(ast.Module([node], []), SOURCE, "exec"), space)
    return space


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.6, 4.0])
def test_its_recording_is_embedded_as_the_helpers_do_it(inline, tmp_path, seconds):
    save_audio(tmp_path / "a.wav", np.random.default_rng(1).uniform(-0.5, 0.5, round(16_000 * seconds)))
    embedder = embeddings.load_embedder("statistics")
    starts, vectors = inline["embed_recording"](tmp_path / "a.wav", embedder)
    expected = work.embed(load_audio(tmp_path / "a.wav")[0], embedder=embedder)
    np.testing.assert_array_equal(starts, expected["start"])
    np.testing.assert_array_equal(vectors, expected["vector"])


def test_its_loop_lists_what_extract_lists(inline, tmp_path):
    folder = tmp_path / "sounds"
    save_audio(folder / "good.wav", np.full(16_000, 0.1))
    (folder / "bad.wav").write_bytes((folder / "good.wav").read_bytes()[:30])
    found, failures = inline["embed_all"](sorted(folder.iterdir()), embeddings.load_embedder("statistics"))
    outcome = batch.extract(folder, tmp_path / "out", progress=False)
    assert [path.name for path in failures] == outcome.failures["path"].tolist() == ["bad.wav"]
    assert list(failures.values()) == outcome.failures["problem"].tolist()
    assert [path.name for path in found] == ["good.wav"]


def test_its_recall_is_that_of_the_index(inline, tmp_path):
    import pandas as pd

    vectors = np.random.default_rng(3).normal(0, 1, (400, 16)).astype(np.float32)
    index = search.SoundIndex(tmp_path)
    index.add(pd.DataFrame({"clip_id": np.arange(400).astype(str), "start": 0.0, "end": 1.0}), vectors)
    index.train(n_partitions=20)
    settings = {"nprobes": 2, "refine": 1}
    drawn = vectors[np.random.default_rng(5).choice(400, 30, replace=False)]
    tables = [index.query(drawn, k=10, approximate=which, **(settings if which else {})) for which in (True, False)]
    found, exact = ([rows["clip_id"].tolist() for _, rows in table.groupby("query")] for table in tables)
    recall = inline["recall_at_k"](found, exact)
    assert recall == pytest.approx(index.recall(k=10, n_queries=30, rng=np.random.default_rng(5), **settings))
    assert 0 < recall < 1


def test_its_costs_are_those_of_the_sheet(inline):
    core_hours, gigabytes, money = inline["site_costs"](3, 8, 20.0, 2e7, 0.04, 0.02)
    sheet = batch.cost_sheet({"cpu_s": 20, "windows": 7200, "n_bytes": 2e7}, {"mine": 3 * 8 * 365}, core_hour=0.04,
                             gb_month=0.02, sound_bytes=0).loc["mine"]
    assert (core_hours, gigabytes) == pytest.approx((sheet["core_hours"], sheet["results_gb"]))
    assert money == pytest.approx(sheet["computing"] + sheet["keeping"])


def test_its_wall_time_is_that_of_a_plain_count(inline):
    for n, chunk, n_workers in ((1, 1, 1), (100, 10, 4), (101, 10, 2), (7, 50, 3)):
        left, seconds = n, 0.0
        while left > 0:
            left -= chunk * n_workers
            seconds += 0.25 + min(chunk, n) * 0.5
        assert inline["wall_time"](n, chunk, 0.5, 0.25, n_workers) == pytest.approx(seconds)
