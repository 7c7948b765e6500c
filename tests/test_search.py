"""Search is exact, what was added stays whatever happens, and nothing is found that must not be."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from helpers import checks, datasets, embeddings, files, metrics, search
from helpers.audio import save_audio
from helpers.search import exact
from helpers.search.store import Store

SR = 16_000
SMALL = st.integers(-3, 3).map(float)                  # many ties, and vectors of zeros
TABLES = st.integers(1, 5).flatmap(lambda d: st.tuples(
    arrays(np.float32, st.tuples(st.integers(1, 4), st.just(d)), elements=SMALL),
    arrays(np.float32, st.tuples(st.integers(1, 40), st.just(d)), elements=SMALL)))


def collection(n: int = 300, *, n_dims: int = 16, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows and vectors of five classes; each source has three clips."""
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 5, n)
    vectors = rng.standard_normal((5, n_dims))[label] + 0.5 * rng.standard_normal((n, n_dims))
    rows = pd.DataFrame({"clip_id": [f"clip-{i}" for i in range(n)], "path": [f"/sounds/{i}.wav" for i in range(n)],
                         "start": 0.0, "end": 5.0, "label": [f"class {i}" for i in label],
                         "source": [f"s{i // 3}" for i in range(n)], "fold": np.arange(n) % 5 + 1})
    return rows, vectors.astype(np.float32)


def brute_force(queries, vectors, *, k, distance, hidden=None):
    """A plain loop in double precision: all distances, a stable sort."""
    far = metrics.distances(queries, vectors, how=distance)
    if hidden is not None:
        far[hidden] = np.inf
    rows = np.argsort(far, axis=1, kind="stable")[:, :k]
    return rows, np.take_along_axis(far, rows, axis=1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An index that tests only read."""
    index = search.SoundIndex(tmp_path_factory.mktemp("filled"))
    rows, vectors = collection()
    assert index.add(rows, vectors) == len(rows)
    return index


# Exact search in memory

@pytest.mark.parametrize("distance", search.DISTANCES)
@given(tables=TABLES, k=st.integers(1, 50))
def test_nearest_is_brute_force_with_ties_in_the_order_of_rows(distance, tables, k):
    queries, vectors = tables
    rows, far = search.nearest(queries, vectors, k=k, distance=distance)
    expected, distances = brute_force(queries, vectors, k=k, distance=distance)
    assert_array_equal(rows, expected)
    assert_array_equal(far, distances)


@pytest.mark.parametrize("distance", search.DISTANCES)
@pytest.mark.parametrize(("factor", "offset"), [
    (1, 0), (1e-18, 0), (1e12, 0), (1e-3, 50), (np.geomspace(1e-20, 1e15, 900)[:, None], 0)])
def test_rounding_of_single_precision_changes_nothing(distance, factor, offset):
    _, vectors = collection(900, n_dims=33)
    vectors = (factor * vectors + offset).astype(np.float32)
    vectors[500] = vectors[20]
    rows, _ = search.nearest(vectors[:40], vectors, k=7, distance=distance)
    assert_array_equal(rows, brute_force(vectors[:40], vectors, k=7, distance=distance)[0])


@pytest.mark.parametrize("distance", search.DISTANCES)
def test_blocks_of_any_size_give_the_same(distance, monkeypatch):
    _, vectors = collection(400)
    vectors[100:160] = vectors[7]                      # more ties than a block holds
    whole = search.nearest(vectors[:50], vectors, k=5, distance=distance)
    monkeypatch.setattr(exact, "BLOCK_NUMBERS", 2800)
    monkeypatch.setattr(exact, "ROWS", 11)
    for ours, theirs in zip(search.nearest(vectors[:50], vectors, k=5, distance=distance), whole, strict=True):
        assert_array_equal(ours, theirs)
    assert whole[0][7].tolist() == [7, 100, 101, 102, 103]


@pytest.fixture
def impatient(monkeypatch):
    """Leading numbers are made for the first single query of the smallest collection."""
    monkeypatch.setattr(exact, "PATIENCE", 0)
    monkeypatch.setattr(exact, "FEWEST", 1)
    monkeypatch.setattr(exact, "MOST", 1)


def one_by_one(vectors, queries, **options):
    ready = search.Collection(vectors, distance=options.pop("distance"))
    found = [ready.nearest(query[np.newaxis], **options) for query in queries]
    assert ready._leading is not None
    return (np.concatenate(part) for part in zip(*found, strict=True))


@pytest.mark.parametrize("distance", search.DISTANCES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tables=TABLES, k=st.integers(1, 50))
def test_leading_numbers_change_nothing(impatient, distance, tables, k):
    queries, vectors = tables
    rows, far = one_by_one(vectors, queries, k=k, distance=distance)
    expected, distances = brute_force(queries, vectors, k=k, distance=distance)
    assert_array_equal(rows, expected)
    assert_array_equal(far, distances)


@pytest.mark.parametrize("distance", search.DISTANCES)
@pytest.mark.parametrize(("factor", "offset"), [
    (1, 0), (1e-18, 0), (1e12, 0), (1e-3, 50), (np.geomspace(1e-20, 1e15, 900)[:, None], 0)])
def test_leading_numbers_bear_any_scale_and_ties(impatient, distance, factor, offset):
    _, vectors = collection(900, n_dims=33)
    vectors = (factor * vectors + offset).astype(np.float32)
    vectors[500] = vectors[20]
    allowed = np.arange(900) % 3 > 0
    rows, _ = one_by_one(vectors, vectors[:40], k=7, distance=distance, allowed=allowed)
    assert_array_equal(rows, brute_force(vectors[:40], vectors, k=7, distance=distance,
                                         hidden=np.tile(~allowed, (40, 1)))[0])


def test_leading_numbers_leave_few_rows_and_are_made_after_some_single_queries_only():
    rng = np.random.default_rng(0)
    vectors = (rng.standard_normal((exact.FEWEST, 6)) @ rng.standard_normal((6, 64))
               + 0.05 * rng.standard_normal((exact.FEWEST, 64))).astype(np.float32)
    ready = search.Collection(vectors)
    ready.nearest(vectors[:200], k=5)
    for query in vectors[:exact.PATIENCE]:
        ready.nearest(query[np.newaxis], k=5)
    assert ready._leading is None
    expected = brute_force(vectors[:60], vectors, k=5, distance="cosine")[0]
    for query, best in zip(vectors[:60], expected, strict=True):
        assert_array_equal(ready.nearest(query[np.newaxis], k=5)[0][0], best)
    unit = vectors[7] / np.linalg.norm(vectors[7])
    assert 5 <= len(ready._leading.may_be_near(unit, k=5, margin=1e-5, may=None)) < 100


def test_where_leading_numbers_leave_many_rows_all_numbers_are_compared(monkeypatch):
    """Noise has no leading directions."""
    vectors = np.random.default_rng(0).standard_normal((exact.FEWEST, 32)).astype(np.float32)
    monkeypatch.setattr(exact, "PATIENCE", 0)
    ready, compared = search.Collection(vectors), []
    monkeypatch.setattr(ready, "_scores", lambda *given, own=ready._scores: compared.append(len(given)) or own(*given))
    assert_array_equal(ready.nearest(vectors[:1], k=5)[0], brute_force(vectors[:1], vectors, k=5, distance="cosine")[0])
    assert compared == [1], "of all rows, not of some"


def test_only_a_few_vectors_are_measured_twice(monkeypatch):
    """What makes it fast: the bound of the rounding error leaves little over."""
    _, vectors = collection(5000, n_dims=64)
    measured = []
    monkeypatch.setattr(exact, "between", lambda a, b, how: measured.append(len(b)) or metrics.distances(a, b))
    search.nearest(vectors[:20], vectors, k=10)
    assert len(measured) == 20
    assert max(measured) < 100


def test_the_own_group_is_never_found_and_what_is_missing_is_said():
    rows, vectors = collection(60)
    source = rows["source"].to_numpy()
    found, far = search.nearest(vectors, vectors, k=58, apart=(source, source))
    expected, _ = brute_force(vectors, vectors, k=57, distance="cosine", hidden=source[:, None] == source)
    assert_array_equal(found[:, :57], expected)
    assert_array_equal(found[:, 57], -1)
    assert np.isinf(far[:, 57]).all()


def test_a_prepared_collection_answers_again_and_again_among_those_allowed():
    _, vectors = collection(400)
    ready, allowed = search.Collection(vectors, distance="euclidean"), np.arange(400) % 7 == 0
    found, _ = ready.nearest(vectors[:9], k=5, allowed=allowed)
    assert_array_equal(found, brute_force(vectors[:9], vectors, k=5, distance="euclidean",
                                          hidden=np.tile(~allowed, (9, 1)))[0])
    again, _ = ready.nearest(vectors[:9], k=5)
    assert_array_equal(again, brute_force(vectors[:9], vectors, k=5, distance="euclidean")[0])
    assert (ready.nearest(vectors[:2], k=3, allowed=np.zeros(400, bool))[0] == -1).all()


def test_the_vectors_of_a_cosine_search_are_not_copied():
    _, vectors = collection(50)
    assert search.Collection(vectors).vectors is vectors


def test_an_empty_collection_has_no_neighbours():
    for distance in search.DISTANCES:
        rows, far = search.nearest(np.ones((2, 3)), np.empty((0, 3)), distance=distance)
        assert rows.shape == far.shape == (2, 0)
    assert search.nearest(np.empty((0, 3)), np.ones((2, 3)))[0].shape == (0, 2)


@pytest.mark.parametrize(("queries", "settings"), [
    (np.ones((1, 4)), {}), (np.ones(3), {}), (np.full((1, 3), np.nan), {}), (np.full((1, 3), 1e300), {}),
    (np.ones((1, 3)), {"k": 0}), (np.ones((1, 3)), {"distance": "near"}),
    (np.ones((1, 3)), {"apart": (np.zeros(2), np.zeros(5))}), (np.ones((1, 3)), {"apart": (np.zeros(1), np.zeros(4))})])
def test_what_cannot_be_searched_is_refused(queries, settings):
    with pytest.raises(checks.InputError):
        search.nearest(queries, np.ones((5, 3)), **settings)


# The index: rows in, rows out

def test_rows_come_back_as_they_went_in(filled):
    rows, vectors = collection()
    pd.testing.assert_frame_equal(filled.table[rows.columns], rows, check_dtype=False)
    assert list(filled.table)[:7] == ["clip_id", "path", "start", "end", "label", "source", "session"]
    assert_array_equal(filled.vectors, vectors)
    assert len(filled) == 300
    assert "300 sounds" in repr(filled)


@pytest.mark.parametrize("distance", search.DISTANCES)
def test_a_vector_finds_what_brute_force_finds(filled, distance):
    rows, vectors = collection()
    query = vectors[3] + 0.1
    hits = filled.query(query, k=8, distance=distance)
    expected, far = brute_force(query[np.newaxis], vectors, k=8, distance=distance)
    assert hits["clip_id"].tolist() == rows["clip_id"].iloc[expected[0]].tolist()
    assert_allclose(hits["distance"], far[0])
    assert hits["rank"].tolist() == list(range(1, 9))


def test_many_vectors_are_asked_at_once(filled):
    _, vectors = collection()
    many = filled.query(vectors[:4], k=3)
    for query in range(4):
        alone = filled.query(vectors[query], k=3)
        pd.testing.assert_frame_equal(many[many["query"] == query].drop(columns="query").reset_index(drop=True), alone)


def test_the_own_recording_is_left_out_and_labels_are_chosen(filled):
    rows, vectors = collection()
    own = rows.iloc[10]
    assert filled.query(vectors[10], k=3)["clip_id"][0] == own.clip_id
    hits = filled.query(vectors[10], k=300, where={"label": ["class 1", "class 2"], "fold": 2},
                        exclude={"source": own.source})
    kept = rows[rows["label"].isin(["class 1", "class 2"]) & (rows["fold"] == 2) & (rows["source"] != own.source)]
    assert sorted(hits["clip_id"]) == sorted(kept["clip_id"])
    assert (np.diff(hits["distance"]) >= 0).all()


@pytest.mark.parametrize(("where", "found"), [
    ("label = 'class 1' AND fold > 3", lambda rows: (rows.label == "class 1") & (rows.fold > 3)),
    ({"label": []}, lambda rows: rows.fold < 0), ({"fold": np.int64(2)}, lambda rows: rows.fold == 2),
    ({"session": None}, lambda rows: rows.fold > 0), ({"end": (5.0, 7)}, lambda rows: rows.fold > 0),
    ({}, lambda rows: rows.fold > 0), (" ", lambda rows: rows.fold > 0)])
def test_conditions_mean_what_they_say(filled, where, found):
    rows, vectors = collection()
    assert set(filled.query(vectors[0], k=300, where=where)["clip_id"]) == set(rows[found(rows)]["clip_id"])


@pytest.mark.parametrize(("where", "match"), [
    ({"colour": "red"}, "'colour'"), ("colour = 3", "colour"), ("label = 'class", "SQL"), ({"fold": len}, "texts"),
    (["class 1"], "conditions"), ("fold", "SQL"), ({"fold": np.inf}, "texts and numbers"), ({"fold": "two"}, "SQL")])
def test_conditions_that_make_no_sense_are_refused(filled, where, match):
    with pytest.raises(checks.InputError, match=match):
        filled.query(np.ones(16), where=where)


def test_names_with_quotes_and_letters_of_any_script_are_found():
    names = ["cat's", "'; DROP TABLE sounds; --", 'say "hi"', "Vogel ä", "鳥", "back\\slash", "100 %", "", "a\nb"]
    index = search.SoundIndex("memory://")
    rows = pd.DataFrame({"clip_id": names, "start": 0.0, "end": 1.0, "label": names, "Größe": 1})
    index.add(rows, np.eye(len(names)))
    for name in names:
        assert index.query(np.ones(len(names)), where={"label": name, "Größe": 1})["clip_id"].tolist() == [name]
        assert name not in index.query(np.ones(len(names)), exclude={"label": [name]})["clip_id"].tolist()
    assert index.remove({"label": "cat's"}) == 1
    assert len(index) == len(names) - 1


def test_an_empty_cell_is_not_left_out_by_accident():
    index = search.SoundIndex("memory://")
    rows = pd.DataFrame({"clip_id": ["a", "b", "c"], "start": 0.0, "end": 1.0, "source": ["x", None, "y"]})
    index.add(rows, np.eye(3))
    assert index.query(np.ones(3), exclude={"source": "x"})["clip_id"].tolist() == ["b", "c"]
    assert index.query(np.ones(3), exclude={"source": ["x", None]})["clip_id"].tolist() == ["c"]
    assert index.query(np.ones(3), where={"source": [None, "y"]})["clip_id"].tolist() == ["b", "c"]


def test_equally_near_rows_come_in_their_order_also_after_removing_and_adding():
    index = search.SoundIndex("memory://")
    rows = pd.DataFrame({"clip_id": list("dbcae"), "start": 0.0, "end": 1.0})
    index.add(rows, np.ones((5, 3)))
    assert index.query(np.ones(3))["clip_id"].tolist() == list("dbcae")
    assert index.remove({"clip_id": ["b", "nobody"]}) == 1
    assert index.add(rows, np.ones((5, 3))) == 1
    assert index.query(np.ones(3), k=4)["clip_id"].tolist() == list("dcae")
    assert index.table["clip_id"].tolist() == list("dcaeb")


def test_adding_twice_changes_nothing():
    index, (rows, vectors) = search.SoundIndex("memory://"), collection(20)
    assert index.add(rows[:12], vectors[:12]) == 12
    assert index.add(pd.concat([rows, rows]), np.concatenate([vectors, vectors])) == 8
    assert index.add(rows.assign(end=6.0), vectors) == 20, "another stretch of the same clip is another row"
    assert_array_equal(index.vectors, np.concatenate([vectors, vectors]))
    assert index.add(rows[:0], vectors[:0]) == 0


def test_an_empty_index_answers_and_makes_no_folder(tmp_path):
    index = search.SoundIndex(tmp_path / "none")
    assert len(index) == 0
    assert index.table.empty
    assert index.facts == {}
    assert index.query(np.ones(4)).empty
    assert list(index.query(np.ones((2, 4)))) [:3] == ["query", "rank", "distance"]
    assert index.remove({"label": "dog"}) == 0
    assert not (tmp_path / "none").exists()


def test_more_than_there_is_gives_all_there_is(filled):
    assert len(filled.query(np.ones(16), k=5000)) == 300


def test_many_small_additions_are_kept_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.search.store.COMPACT_EVERY", 5)
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(14)
    for i in range(14):
        index.add(rows[i: i + 1], vectors[i: i + 1])
    again = search.SoundIndex(tmp_path)
    assert again.table["clip_id"].tolist() == rows["clip_id"].tolist()
    assert_array_equal(again.vectors, vectors)


@pytest.mark.parametrize(("change", "match"), [
    ({"clip_id": None}, "clip_id in every row"), ({"start": 2.0, "end": 1.0}, "before its start"),
    ({"end": np.nan}, "before its start"), ({"distance": 1.0}, "own"), ({"two words": 1}, "names like"),
    ({"fold": ["x"] * 5}, "one type"), ({"humidity": 1}, "humidity")])
def test_rows_that_do_not_fit_are_refused(change, match):
    index, (rows, vectors) = search.SoundIndex("memory://"), collection(5)
    index.add(rows, vectors)
    with pytest.raises(checks.InputError, match=match):
        index.add(rows.assign(clip_id=list("abcde")).assign(**change), vectors)
    assert len(index) == 5


@pytest.mark.parametrize("vectors", [np.ones((5, 15)), np.ones((4, 16)), np.full((5, 16), np.nan), np.ones(16),
                                     np.ones((5, 16), int), np.full((5, 16), 1e300)])
def test_vectors_that_do_not_fit_are_refused(vectors):
    index, (rows, good) = search.SoundIndex("memory://"), collection(5)
    index.add(rows, good)
    with pytest.raises(checks.InputError):
        index.add(rows.assign(clip_id=list("abcde")), vectors)
    assert len(index) == 5


def test_columns_that_are_missing_are_named():
    with pytest.raises(checks.InputError, match="no start, no end"):
        search.SoundIndex("memory://").add(pd.DataFrame({"clip_id": ["a"]}), np.ones((1, 2)))


def test_a_table_that_is_handed_out_is_a_copy(filled):
    table = filled.table
    table["label"] = "spoiled"
    assert "spoiled" not in set(filled.table["label"])
    with pytest.raises(ValueError, match="read-only"):
        filled.vectors[0] = 0


# Who made it

class Levels(embeddings.Embedder):
    """Level and peak of a window, and how often it crosses zero."""

    name, about, n_dims, window, hop, version = "levels", "made by a test", 3, 0.5, 0.25, "1"

    def embed_windows(self, cut):
        return np.stack([cut.std(axis=1), cut.max(axis=1), np.mean(cut[:, 1:] * cut[:, :-1] < 0, axis=1)],
                        axis=1).astype(np.float32)


@pytest.fixture
def sounds(tmp_path, monkeypatch) -> datasets.AudioDataset:
    """Six tones, two of each pitch, with half a second of silence at their ends."""
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path / "home"))
    for i, pitch in enumerate((300, 300, 900, 900, 2700, 2700)):
        time = np.arange(round((1.5 + 0.25 * (i % 2)) * SR)) / SR
        tone = np.concatenate([0.3 * np.sin(2 * np.pi * pitch * time), np.zeros(SR // 2)]).astype(np.float32)
        (tmp_path / "sounds" / f"pitch {pitch}").mkdir(parents=True, exist_ok=True)
        save_audio(tmp_path / "sounds" / f"pitch {pitch}" / f"{i}.wav", tone)
    return datasets.load_clips(str(tmp_path / "sounds"))


def test_a_data_set_is_added_clip_by_clip_and_found_by_sound(sounds, tmp_path):
    index = search.SoundIndex(tmp_path / "index", embedder=Levels())
    assert index.add_dataset(sounds, progress=False) == 6
    assert index.add_dataset(sounds, progress=False) == 0
    assert index.table["end"].tolist() == [2.0, 2.25] * 3
    assert index.facts == {"embedder": "levels", "version": "1", "n_dims": 3, "hop": 0.25}
    vectors = embeddings.embed_clips(Levels(), sounds.load_all(), sr=SR, progress=False)
    assert_array_equal(index.vectors, vectors)
    row = index.table.iloc[3]
    audio, _ = sounds.load(row)
    for hits in (index.query(row.path), index.query(Path(row.path)), index.query(audio, sr=SR), index.query(vectors[3]),
                 index.query(audio, sr=SR, start=0, end=len(audio) / SR)):
        assert hits["clip_id"][0] == row.clip_id
        assert hits["distance"][0] == pytest.approx(0, abs=1e-9)
    others = index.query(audio, sr=SR, exclude={"source": row.source}, distance="euclidean")
    assert others["label"][0] == row.label
    assert row.clip_id not in set(others["clip_id"])


def test_a_data_set_is_added_window_by_window_without_silence(sounds, tmp_path):
    index = search.SoundIndex(tmp_path / "index", embedder=Levels())
    n = index.add_dataset(sounds, by_window=True, progress=False)
    table = index.table
    assert n == len(table)
    assert set(table["end"] - table["start"]) == {0.5}
    first = table[table["clip_id"] == table["clip_id"][0]]
    assert first["start"].tolist() == [0, 0.25, 0.5, 0.75, 1.0, 1.25], "the window of pure silence is left out"
    audio, _ = sounds.load(table.iloc[0])
    assert_array_equal(index.vectors[:6], Levels().embed(audio, sr=SR)[0][:6])
    assert index.add_dataset(sounds, by_window=True, progress=False) == 0
    assert index.query(audio, sr=SR, start=0.25, end=0.75, k=1)["label"][0] == table["label"][0]


@pytest.mark.fault("Ctrl-C while a set is added to an index", happens="what was added is kept, the next call goes on")
def test_an_interruption_keeps_what_was_added(sounds, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.search.filling.BLOCK", 2)
    stopping = Levels()
    asked = []

    def embed_windows(cut):
        asked.append(len(cut))
        if len(asked) > 3:
            raise KeyboardInterrupt
        return Levels.embed_windows(stopping, cut)

    stopping.embed_windows = embed_windows
    index = search.SoundIndex(tmp_path / "index", embedder=stopping)
    with pytest.raises(KeyboardInterrupt):
        index.add_dataset(sounds, by_window=True, progress=False)
    kept = len(index)
    assert kept > 0
    assert index.table["clip_id"].nunique() == 2
    again = search.SoundIndex(tmp_path / "index", embedder=Levels())
    again.add_dataset(sounds, by_window=True, progress=False)
    assert again.table["clip_id"].nunique() == 6
    assert not again.table.duplicated(["clip_id", "start", "end"]).any()


def test_another_embedder_is_refused(sounds, tmp_path):
    index = search.SoundIndex(tmp_path / "index", embedder=Levels())
    index.add_dataset(sounds, rows=sounds.clips[:1], progress=False)
    other = Levels()
    other.version = "2"
    for wrong in (other, embeddings.load_embedder("statistics")):
        with pytest.raises(checks.InputError, match=r"levels 1.*another name or place"):
            search.SoundIndex(tmp_path / "index", embedder=wrong)
    late = search.SoundIndex(tmp_path / "late", embedder=other)
    search.SoundIndex(tmp_path / "late", embedder=Levels()).add_dataset(sounds, rows=sounds.clips[:1], progress=False)
    with pytest.raises(checks.InputError, match="levels 2"):
        late.add(pd.DataFrame({"clip_id": ["a"], "start": [0.0], "end": [1.0]}), np.ones((1, 3)))
    with pytest.raises(checks.InputError, match="3 numbers"):
        index.query(np.ones(4))


def test_an_embedder_of_a_known_name_is_found_again(sounds, tmp_path):
    known = embeddings.load_embedder("statistics")
    search.SoundIndex(tmp_path / "index", embedder=known).add_dataset(sounds, progress=False)
    reopened = search.SoundIndex(tmp_path / "index")
    audio, _ = sounds.load(sounds.clips.iloc[0])
    assert reopened.query(audio, sr=SR, k=1)["clip_id"][0] == sounds.clips["clip_id"][0]


def test_an_unknown_embedder_has_to_be_given(filled, sounds):
    with pytest.raises(checks.InputError, match="embedder="):
        filled.query(np.zeros(SR, np.float32), sr=SR)
    with pytest.raises(checks.InputError, match="embedder="):
        search.SoundIndex("memory://").add_dataset(sounds, progress=False)


@pytest.mark.parametrize("settings", [
    {"start": 1.0, "end": 0.5}, {"start": -1.0}, {"end": 99.0}, {"start": 0.5, "end": 0.5}])
def test_a_stretch_outside_the_recording_is_refused(sounds, settings):
    index = search.SoundIndex("memory://", embedder=Levels())
    with pytest.raises(checks.InputError, match="stretch within 0 to 1 s"):
        index.query(np.ones(SR, np.float32), sr=SR, **settings)


def test_a_stretch_of_a_vector_and_a_missing_file_are_refused(filled, tmp_path):
    with pytest.raises(checks.InputError, match="vector"):
        filled.query(np.ones(16), start=0, end=1)
    with pytest.raises(checks.AudioFileError):
        filled.query(tmp_path / "none.wav")
    with pytest.raises(checks.InputError, match="finite"):
        filled.query(np.full(16, np.nan))


# On disk: other processes, interruptions, damage

WRITER = """
import sys
import numpy as np, pandas as pd
from helpers import search
index = search.SoundIndex(sys.argv[1])
for i in range(int(sys.argv[2])):
    rows = pd.DataFrame({"clip_id": [f"{i}-{j}" for j in range(20)], "start": 0.0, "end": 1.0})
    index.add(rows, np.full((20, 4), i + 1.0))
    print(i, flush=True)
"""
READER = """
import json, sys
import numpy as np
from helpers import search
index = search.SoundIndex(sys.argv[1])
for line in sys.stdin:
    print(json.dumps([len(index), index.query(np.ones(16), k=3)["clip_id"].tolist()]), flush=True)
"""


def started(code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)


@pytest.mark.fault("a process that fills an index is killed", happens="all acknowledged rows are there, none by half")
def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path):
    writer = started(WRITER, tmp_path, 100_000)
    for acknowledged in range(4):
        assert int(writer.stdout.readline()) == acknowledged
    writer.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))     # it goes on adding until this arrives
    rest = writer.communicate()[0].split()
    index, last = search.SoundIndex(tmp_path), int(rest[-1]) if rest else 3
    clips = index.table["clip_id"].tolist()
    assert clips[:20 * (last + 1)] == [f"{i}-{j}" for i in range(last + 1) for j in range(20)]
    assert len(clips) % 20 == 0, "an addition is there as a whole or not at all"
    assert len(clips) <= 20 * (last + 2)
    for i in range(last + 3):
        rows = pd.DataFrame({"clip_id": [f"{i}-{j}" for j in range(20)], "start": 0.0, "end": 1.0})
        index.add(rows, np.full((20, 4), i + 1.0))
    assert index.table["clip_id"].tolist() == [f"{i}-{j}" for i in range(last + 3) for j in range(20)]
    assert_array_equal(index.vectors[:, 0], np.repeat(np.arange(last + 3), 20) + 1)


@pytest.mark.fault("files of the last addition to an index are torn",
                   happens="the version before it is read, and added to")
def test_a_torn_write_leaves_the_version_before_it(tmp_path):
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(40)
    index.add(rows[:20], vectors[:20])
    whole = shutil.copytree(tmp_path / "sounds.lance", tmp_path / "before")
    index.add(rows[20:], vectors[20:])
    written = [path for path in (tmp_path / "sounds.lance").rglob("*")
               if path.is_file() and not (whole / path.relative_to(tmp_path / "sounds.lance")).exists()]
    assert len(written) >= 2
    torn = tmp_path / "torn"
    shutil.copytree(whole, torn / "sounds.lance")
    for path in written:                               # its last file is the one that makes it valid
        if "_versions" not in path.parts:
            place = torn / "sounds.lance" / path.relative_to(tmp_path / "sounds.lance")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes()[:100])
    again = search.SoundIndex(torn)
    assert again.table["clip_id"].tolist() == rows["clip_id"][:20].tolist()
    assert again.add(rows, vectors) == 20
    assert_array_equal(again.vectors, vectors)


@pytest.mark.fault("two processes read an index while one adds", happens="both see whole versions")
def test_two_processes_read_while_one_adds(tmp_path):
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(60)
    other = started(READER, tmp_path)
    reading = search.SoundIndex(tmp_path)
    try:
        for n in (30, 60):
            index.add(rows[:n], vectors[:n])
            expected = brute_force(np.ones((1, 16)), vectors[:n], k=3, distance="cosine")[0][0]
            other.stdin.write("go\n")
            other.stdin.flush()
            assert json.loads(other.stdout.readline()) == [n, [f"clip-{i}" for i in expected]]
            assert reading.query(np.ones(16), k=3)["clip_id"].tolist() == [f"clip-{i}" for i in expected]
    finally:
        other.communicate()


@pytest.mark.fault("two processes fill one index with the same rows", happens="each row once")
def test_two_writers_make_no_duplicates(tmp_path):
    writer, index = started(WRITER, tmp_path, 12), search.SoundIndex(tmp_path)
    assert writer.stdout.readline().strip() == "0"                 # from here on both add
    for i in range(12):
        rows = pd.DataFrame({"clip_id": [f"{i}-{j}" for j in range(20)], "start": 0.0, "end": 1.0})
        index.add(rows, np.full((20, 4), i + 1.0))
    assert writer.communicate()[0].split() == [str(i) for i in range(1, 12)]
    assert writer.returncode == 0
    assert len(index) == 240
    assert not index.table["clip_id"].duplicated().any()


def test_what_is_no_index_is_told(tmp_path):
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(5)
    index.add(rows, vectors)
    for path in (tmp_path / "sounds.lance").rglob("*.manifest"):
        path.write_bytes(b"no table")
    with pytest.raises(checks.DatasetError, match="can be read"):
        search.SoundIndex(tmp_path).table  # noqa: B018
    import lancedb

    lancedb.connect(tmp_path / "other").create_table("sounds", data=[{"x": 1}])
    with pytest.raises(checks.DatasetError, match="another kind"):
        search.SoundIndex(tmp_path / "other").facts  # noqa: B018


@pytest.mark.parametrize(("text", "words"), [("IO: No space left on device (os error 28)", "full disk"),
                                             ("LanceError(IO): Permission denied (os error 13)", "no permission")])
def test_a_full_disk_and_a_read_only_folder_are_told(tmp_path, monkeypatch, text, words):
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(20)
    index.add(rows[:10], vectors[:10])

    class Failing:
        version = index._store.table.version

        def add(self, rows):
            raise RuntimeError(text)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "table", Failing())
        with pytest.raises(OSError, match=words):
            index.add(rows, vectors)
    assert len(index) == 10
    assert index.add(rows, vectors) == 10


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0),
                    reason="this user may write into every folder")
def test_a_read_only_folder_can_be_searched_and_says_that_nothing_can_be_added(tmp_path):
    index, (rows, vectors) = search.SoundIndex(tmp_path), collection(20)
    index.add(rows[:10], vectors[:10])
    folders = [tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o500)
    try:
        assert len(search.SoundIndex(tmp_path).query(vectors[0], k=3)) == 3
        with pytest.raises(OSError, match="no permission"):
            search.SoundIndex(tmp_path).add(rows, vectors)
    finally:
        for path in folders:
            path.chmod(0o700)


def test_several_indexes_share_a_place_and_the_cache_is_the_usual_one(tmp_path, monkeypatch):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    rows, vectors = collection(10)
    for name, n in (("birds", 4), ("rain-2", 6)):
        search.SoundIndex(name=name).add(rows[:n], vectors[:n])
    assert [len(search.SoundIndex(files.cache_folder("search"), name=name)) for name in ("birds", "rain-2")] == [4, 6]
    for name in ("../up", "", "a b", "ä"):
        with pytest.raises(checks.InputError, match="name"):
            search.SoundIndex(name=name)


# The approximate index

@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    index = search.SoundIndex(tmp_path_factory.mktemp("trained"))
    rows, vectors = collection(2000)
    index.add(rows, vectors)
    index.train(n_partitions=8)
    return index


def test_the_approximate_search_finds_nearly_all_and_measures_alike(trained):
    _, vectors = collection(2000)
    assert trained.recall(k=10, n_queries=40, rng=np.random.default_rng(0), nprobes=8, refine=20) > 0.95
    for distance in ("cosine", "unit_euclidean"):
        ours = trained.query(vectors[5], k=3, distance=distance)
        nearly = trained.query(vectors[5], k=3, distance=distance, approximate=True, nprobes=8, refine=50)
        pd.testing.assert_frame_equal(nearly, ours, check_dtype=False)


def test_fewer_cells_find_less(trained):
    few, all_of_them = (trained.recall(n_queries=40, rng=np.random.default_rng(0), nprobes=nprobes, refine=20)
                        for nprobes in (1, 8))
    assert few < all_of_them


def test_the_approximate_search_keeps_to_conditions(trained):
    rows, vectors = collection(2000)
    where = {"label": "class 2", "fold": [1, 2]}
    hits = trained.query(vectors[:2], k=5, where=where, exclude={"source": rows["source"][0]}, approximate=True)
    assert set(hits["label"]) == {"class 2"}
    assert set(hits["fold"]) <= {1, 2}
    assert rows["source"][0] not in set(hits["source"])
    assert hits.groupby("query").size().tolist() == [5, 5]


def test_an_approximate_search_needs_its_index(trained, filled):
    with pytest.raises(checks.InputError, match=r"index\.train"):
        filled.query(np.ones(16), approximate=True)
    with pytest.raises(checks.InputError, match=r"one for cosine.*euclidean"):
        trained.query(np.ones(16), approximate=True, distance="euclidean")
    with pytest.raises(checks.InputError, match="standardised"):
        trained.query(np.ones(16), approximate=True, distance="standardised")


def test_vectors_of_any_length_and_euclid_can_be_trained():
    index = search.SoundIndex("memory://")
    rows, vectors = collection(300, n_dims=13)
    index.add(rows, vectors)
    index.train(distance="euclidean", n_partitions=4)
    nearly = index.query(vectors[5], k=3, distance="euclidean", approximate=True, nprobes=4)
    pd.testing.assert_frame_equal(nearly, index.query(vectors[5], k=3, distance="euclidean"), check_dtype=False)


def test_what_cannot_be_trained_is_refused(filled):
    small = search.SoundIndex("memory://")
    rows, vectors = collection(200)
    small.add(rows, vectors)
    with pytest.raises(checks.InputError, match="256"):
        small.train()
    with pytest.raises(checks.InputError, match="n_partitions"):
        filled.train(n_partitions=200)
    with pytest.raises(checks.InputError, match="distance"):
        filled.train(distance="standardised")
