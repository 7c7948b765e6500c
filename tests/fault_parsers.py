"""Every parser of the workshop: a small valid file, and a reader that checks again what came out of it.

A reader returns where all is well, and raises what the parser raises; an
``AssertionError`` means that the parser let something impossible through.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import fault_bytes
import numpy as np

from helpers import checks


@dataclasses.dataclass(frozen=True)
class Parser:
    """One kind of file.

    Attributes
    ----------
    file : str
        What it is called.
    valid : callable
        Makes the bytes of a valid one.
    read : callable
        Reads it from its path, and checks the result.
    changes : callable
        Makes a strategy of bytes from the valid ones.
    library : str, optional
        Loaded beforehand, where loading it takes more memory than any file may.
    """

    file: str
    valid: Callable[[], bytes]
    read: Callable[[Path], None]
    changes: Callable = fault_bytes.binary
    library: str | None = None


OPEN: dict[str, str] = {"OpenL3's weights (HDF5)": "the process ended: SIGPROF"}
"""What is known to escape and is not mended yet, as regular expressions of the beginning of what is said."""


# Labels

TRACK = ("0.5\t1.25\tdog bark\n\\\t200.0\t3000.0\n2.0\t2.0\tclick\n3.5\t4.0\tFenster öffnen\n\\\t-1\t800.0\n"
         "10\t12.5\t\n")
CSV = ("filename,onset,offset,event_label,low_hz,score\na.wav,0.5,1.5,dog,100,0.9\nb.wav,2,3,\"rain, heavy\",,0.5\n"
       "c.wav,,,,,\na.wav,0.1,0.2,cat,50.5,1\n")
RTTM = ("SPEAKER tape 1 0.50 1.25 <NA> <NA> anna <NA> <NA>\n;; a comment\n"
        "SPEAKER tape 1 2.0 0.5 <NA> <NA> ben 0.9 <NA>\n"
        "SPKR-INFO tape 1 <NA> <NA> <NA> unknown anna <NA> <NA>\nSPEAKER other 1 0 3 <NA> <NA> anna <NA>\n")


def _labels(path: Path) -> None:
    from helpers import labels

    events = labels.read(path)
    assert list(events.columns[:4]) == ["clip_id", "onset", "offset", "label"]
    assert events["clip_id"].str.len().gt(0).all()
    found = labels.validate(events)
    for _, own in found.groupby("clip_id"):
        assert own["onset"].is_monotonic_increasing


def _answers(path: Path) -> None:
    from helpers.labelling.session import LabelSession

    before = path.read_bytes()
    try:
        found = LabelSession(["a", "b", "c"], ["dog", "rain"], path=path).labels
    except checks.InputError:
        assert path.read_bytes() == before, "another kind of file is left as it is"
        raise
    assert path.read_bytes() == before or not before
    assert np.isfinite(found["seconds"]).all()
    assert (found["seconds"] >= 0).all()
    assert not found["clip_id"].duplicated().any()


ANSWERS = ("clip_id,label,seconds,answered\na,dog,1.5,2026-03-01T12:00:00+00:00\n"
           "\"b,c\",rain,2,2026-03-01T12:00:09+00:00\n")


# Sound

def _tone(n: int = 900) -> np.ndarray:
    return (0.4 * np.sin(np.arange(n) / 5)).astype(np.float32)


def _sound(ending: str, **how: object) -> Callable[[], bytes]:
    def made() -> bytes:
        import soundfile

        memory = io.BytesIO()
        soundfile.write(memory, np.stack([_tone()] * 2, axis=1), 16000, format=ending.upper(), **how)
        return memory.getvalue()

    return made


def _load(path: Path) -> None:
    from helpers.audio import load_audio

    sound, sr = load_audio(path, sr=None)
    checks.audio(sound)
    assert sr == checks.sr(sr)


def _stream(path: Path) -> None:
    from helpers.stream import sources

    source = sources.from_file(path, block=0.01)
    checks.sr(source.sr)
    for block in source:
        checks.audio(block)


# Tables of numbers, and what is kept as arrays

def _series(path: Path) -> None:
    from helpers.datasets import series_files

    series = series_files.read(path)
    assert series.ndim == 2
    assert series.dtype == np.float32
    assert np.isfinite(series).all()


def _npy(array: np.ndarray) -> Callable[[], bytes]:
    def made() -> bytes:
        memory = io.BytesIO()
        np.save(memory, array)
        return memory.getvalue()

    return made


def _kept_file() -> bytes:
    from helpers import embeddings

    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"MACHINE_HEARING_HOME": folder}):
        embeddings.embed_clips(embeddings.Statistics(n_mels=4), [_tone(n) for n in (900, 800, 700)], sr=16_000,
                               progress=False)
        return next(path for path in Path(folder).rglob("*.np[yz]")).read_bytes()


def _kept(path: Path) -> None:
    from helpers import embeddings
    from helpers.embeddings import kept

    shape = 3, embeddings.Statistics(n_mels=4).n_dims
    found = kept._read(path, shape=shape)
    if found is None:
        raise checks.DatasetError(checks.explain("a cache", "damage", "It is made anew", section=checks.DATA_SETS))
    assert found.shape == shape
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def _saved(make: Callable[[Path], object]) -> Callable[[], bytes]:
    def made() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return Path(make(Path(folder) / "saved.npz")).read_bytes()

    return made


def _a_detector(kind: str) -> Callable[[Path], object]:
    def make(path: Path) -> object:
        from helpers import anomaly

        return getattr(anomaly, kind)().fit(np.random.default_rng(0).normal(size=(12, 5))).save(path)

    return make


def _detector(path: Path) -> None:
    from helpers import anomaly

    found = anomaly.load_detector(path)
    if int(np.prod(found.shape)) > 10_000:
        return
    scores = found.score(np.zeros((2, *found.shape)))
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()


def _a_map(path: Path) -> object:
    from helpers import similarity

    rng = np.random.default_rng(0)
    return similarity.fit_linear(rng.normal(size=(12, 5)), ["a", "b", "c"] * 4, shrinkage=0.3).save(path)


def _map(path: Path) -> None:
    from helpers import similarity

    found = similarity.load_similarity(path)
    moved = found.transform(np.ones((2, found.n_in), np.float32))
    assert moved.shape == (2, found.n_dims)
    assert np.isfinite(moved).all()


# Data sets

ESC50 = ("filename,fold,target,category,esc10,src_file,take\n1-100-A-11.wav,1,11,rain,True,100,A\n"
         "2-101-A-0.wav,2,0,dog,True,101,A\n3-102-A-0.wav,3,0,dog,True,102,A\n")
URBAN = ("slice_file_name,fsID,start,end,salience,fold,classID,class\n100-3-0-0.wav,100,0.0,0.3,1,5,3,dog_bark\n"
         "101-2-0-0.wav,101,58.8,62.8,2,2,2,children_playing\n")
STREET = "audio/street/a001.wav\tstreet\t1.5\t4.25\tcar\n0.0\t2.5\tbrakes squeaking\n\n12.5\t30.0\tpeople walking\n"
FOLDS = "audio/street/a001.wav\tstreet\n"
BIRDS = ("<Sequences>\n<NumSequence>1</NumSequence>\n<Sequence>\n<WaveFileName>0.wav</WaveFileName>\n"
         "<Position>32000</Position>\n<Length>9000</Length>\n<NumNote>1</NumNote>\n<Note>\n<Position>100</Position>\n"
         "<Length>2500</Length>\n<Label>0</Label>\n</Note>\n</Sequence>\n</Sequences>\n")
DRUMS = "0.25\tKD\n0.5\tSD\n0.5\tHH\n1.0\tTT\n"
SHEET = "ESC-10-HumanClassification.xlsx"
REGISTRY = {"yard": {
    "kind": "clips", "title": "Yard", "description": "A yard", "licence": "CC BY 4.0", "terms": "", "citation": "us",
    "homepage": "https://example.invalid", "unpacked": 1000, "classes": ["dog", "rain"], "unknown": ["rain"],
    "content": {"listed": "listed.csv", "counts": {"*.wav": 2}},
    "files": [{"name": "yard.zip", "addresses": ["https://example.invalid/yard.zip"], "size": 900, "sha256": "0" * 64,
               "unpack": {"strip": "yard/", "keep": ["*.wav"]}}]}}
LISTED = "path,size,sha256\na.wav,400," + "1" * 64 + "\nb/c.wav,,ab" + "2" * 62 + "\n"


def _block(name: str, listed: tuple[str, ...] = ()):
    """A published block whose content here is one file."""
    from helpers.datasets import registry

    return dataclasses.replace(registry.published()[name], listed=dict.fromkeys(listed, (None, "md5", "")), counts={})


def _in_set(name: str, inside: str, *others: tuple[str, str]) -> Callable[[Path], None]:
    """A reader that puts the file into its place in a published set, beside others, and loads the set's tables."""
    def read(path: Path) -> None:
        from helpers.datasets import clips, scenes

        with tempfile.TemporaryDirectory() as home:
            for place, content in ((inside, path.read_bytes()), *((place, text.encode()) for place, text in others)):
                file = Path(home) / name / place
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            listed = tuple(place for place in (inside, *(place for place, _ in others)))
            found = (scenes if name in scenes.READERS else clips).read(_block(name, listed), data_home=home)
        _whole_set(found)

    return read


def _whole_set(found) -> None:
    from helpers import labels

    clips = found.clips
    assert not clips["clip_id"].duplicated().any()
    assert clips["fold"].ge(1).all()
    assert clips["path"].map(lambda one: Path(one).is_relative_to(found.home)).all()
    assert set(clips["label"]) <= set(found.classes) or hasattr(found, "events")
    if hasattr(found, "events"):
        labels.validate(found.events)
        assert set(found.events["label"]) <= set(found.classes)


def _sheet() -> bytes:
    import openpyxl

    book, memory = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Raw data"
    book.active.append(list("ABCDEFGHI"))
    for answer, label in (("Dog bark", "Rain"), ("Rain", "Rain"), ("Rooster", "Rooster")):
        book.active.append([None] * 6 + [answer, label, "1-17092-A"])
    book.save(memory)
    return memory.getvalue()


def _heard(path: Path) -> None:
    from helpers.datasets import listening_test
    from helpers.datasets.clips import ESC10_FOLDERS

    class Here:
        name, home = "esc10", path.parent

    found = listening_test.answers(Here)
    assert set(found["label"]) | set(found["answer"]) <= set(ESC10_FOLDERS.values())
    assert found["clip_id"].map(lambda one: isinstance(one, str) and bool(one)).all()
    assert 0 <= listening_test.accuracy(found) <= 1 or found.empty


def _registry(path: Path) -> None:
    _blocks(path.read_bytes(), LISTED.encode())


def _listed(path: Path) -> None:
    _blocks(json.dumps(REGISTRY).encode(), path.read_bytes())


def _blocks(written: bytes, listed: bytes) -> None:
    from helpers.datasets import page, registry

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "registry.json").write_bytes(written)
        (Path(folder) / "listed.csv").write_bytes(listed)
        blocks = registry.read(Path(folder) / "registry.json")
        for block in blocks.values():
            assert block.listed or all(file.digest for file in block.files)
            for name in (*block.listed, *(file.name for file in block.files)):
                assert (Path(folder) / name).resolve().is_relative_to(Path(folder).resolve()), "leads out of the folder"
        assert page.listing(blocks, data_home=folder)
        assert page.readme(blocks)


def _archive(kind: str) -> Callable[[], bytes]:
    def made() -> bytes:
        memory = io.BytesIO()
        sounds = {"yard/a.wav": b"RIFF" * 60, "yard/sub/b.wav": bytes(300), "yard/notes.txt": b"no"}
        if kind == "zip":
            with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in sounds.items():
                    archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
            return memory.getvalue()
        with tarfile.open(fileobj=memory, mode="w:gz" if kind == "tar.gz" else "w") as archive:
            for name, content in sounds.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return memory.getvalue()

    return made


def _unpack(path: Path) -> None:
    from helpers.datasets import archives

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "target"
        try:
            archives.unpack(path, target, strip="yard/", keep=("*.wav", "sub/*.wav"), limit=10_000)
        finally:
            assert {each.name for each in Path(folder).iterdir()} <= {"target"}, "written outside"
        found = [each for each in target.rglob("*") if each.is_file()]
        assert sum(each.stat().st_size for each in found) <= 10_000


# Records, caches and results

RECORDS = "".join(json.dumps(one) + "\n" for one in (
    {"kind": "audio", "audio_clip": "yard.wav", "onset": 2.0, "offset": 3.0, "result": {"label": "dog", "score": 0.9}},
    {"kind": "device", "device": "gate", "time": "2026-03-01T12:00:00.000Z",
     "result": {"label": "rain", "score": 0.5, "scores": {"rain": 0.5, "dog": 0.1}, "model": "ab12"}},
    {"kind": "spectrogram", "spectrogram": {"clip_id": "a", "sr": 16000, "n_fft": 512},
     "result": {"label": "rain", "score": -3.5}}))


def _records(path: Path) -> None:
    from helpers import records

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = records.read(path)
    n_lines = sum(bool(line.strip()) for line in path.read_bytes().split(b"\n"))
    assert len(found) == n_lines or told, "lines are skipped without a word"
    assert found["kind"].isin(["audio", "device", "spectrogram"]).all()
    assert found["label"].map(lambda one: isinstance(one, str) and bool(one)).all()
    assert np.isfinite(found["score"].astype(float)).all()
    audio = found[found["kind"] == "audio"]
    assert (audio["onset"].astype(float) >= 0).all()
    assert (audio["onset"].astype(float) <= audio["offset"].astype(float)).all()
    assert found.loc[found["kind"] == "device", "time"].notna().all()


EVENTS = {"scene-1.flac": [[0.5, 1.25, "dog"], [2.0, 2.5, "siren"]], "scene-2.flac": []}


def _scene_events(path: Path) -> None:
    from helpers import labels
    from helpers.datasets import embedded_scenes

    found = embedded_scenes._read(path)
    if not found:
        raise checks.DatasetError(checks.explain("a cache", "damage", "It is made anew", section=checks.DATA_SETS))
    import pandas as pd

    for events in found.values():
        labels.validate(pd.DataFrame(events, columns=["onset", "offset", "label"]))


PAGE = [["//vQxAAA", "iVBORw0KGgo=", {"seconds": 1.5, "text": "1.5 s", "rows": 64}]] * 2


def _page(path: Path) -> None:
    from helpers.soundmap import clips

    found = clips._read(path)
    if found is None:
        raise checks.DatasetError(checks.explain("a cache", "damage", "It is made anew", section=checks.DATA_SETS))
    for clip in found:
        assert isinstance(clip.mp3, bytes)
        assert isinstance(clip.png, bytes)
        assert isinstance(clip.facts, dict)


def _part() -> bytes:
    import pyarrow as pa

    from helpers.batch import places, work

    with tempfile.TemporaryDirectory() as folder:
        table = work.as_part([("c0ffee", 1.5, {
            "start": np.array([0.0, 0.5]), "end": np.array([1.0, 1.5]), "level_db": np.array([-20.0, -30.0]),
            "vector": np.arange(8, dtype=np.float32).reshape(2, 4)})])
        assert isinstance(table, pa.Table)
        places.Place(folder).write("part-1.parquet", table)
        return (Path(folder) / "part-1.parquet").read_bytes()


def _results(path: Path) -> None:
    import pyarrow as pa

    from helpers.batch import places, stored

    with tempfile.TemporaryDirectory() as folder:
        place = places.Place(folder)
        (Path(folder) / "part-1.parquet").write_bytes(path.read_bytes())
        facts = {"embedder": "statistics", "version": "1", "n_dims": 4, "sr": 16000, "window": 1.0, "hop": 0.5}
        place.write("facts.parquet", pa.table({}).replace_schema_metadata({stored.FACTS: json.dumps(facts).encode()}))
        place.write("recordings-1.parquet", pa.table({"path": ["a.wav"], "content": ["c0ffee"], "source": ["/sounds"]}))
        stored.contents(place)
        rows, vectors = stored.read(place)
    assert vectors.shape == (len(rows), 4)
    assert np.isfinite(vectors).all()
    assert (rows["start"] <= rows["end"]).all()


# Networks

def _small() -> bytes:
    """A network of one layer: eight numbers in, four out."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    def made(kind: type, **values: object) -> object:
        found = kind()
        vars(found).update(values)
        return found

    weights = np.arange(32, dtype=np.float32).view(np.uint8)
    tensors = [made(schema.TensorT, shape=shape, type=schema.TensorType.FLOAT32, buffer=buffer, name=name)
               for shape, buffer, name in (([1, 8], 0, b"in"), ([4, 8], 1, b"weights"), ([1, 4], 0, b"out"))]
    layer = made(schema.OperatorT, opcodeIndex=0, inputs=[0, 1, -1], outputs=[2],
                 builtinOptionsType=schema.BuiltinOptions.FullyConnectedOptions,
                 builtinOptions=schema.FullyConnectedOptionsT())
    code = made(schema.OperatorCodeT, builtinCode=schema.BuiltinOperator.FULLY_CONNECTED,
                deprecatedBuiltinCode=schema.BuiltinOperator.FULLY_CONNECTED, version=1)
    graph = made(schema.SubGraphT, tensors=tensors, inputs=[0], outputs=[2], operators=[layer], name=b"main")
    model = made(schema.ModelT, version=3, operatorCodes=[code], subgraphs=[graph], description=b"small",
                 buffers=[schema.BufferT(), made(schema.BufferT, data=weights)])
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _network(path: Path) -> None:
    from helpers.export import LiteModel, memory_sheet

    model = LiteModel(path)
    if np.prod(model.input_shape) < 1e6:
        model.one(np.zeros(model.input_shape, np.float32))
    memory_sheet(path)


def _embedder(path: Path) -> None:
    from helpers.embeddings import load_embedder

    vectors = load_embedder("litert", path, sr=16_000).embed(_tone(), sr=16_000)[0]
    assert vectors.ndim == 2


class _Layer:
    def __init__(self, *shapes: tuple[int, ...]) -> None:
        self.weights = [np.empty(shape) for shape in shapes]

    def set_weights(self, arrays: list[np.ndarray]) -> None:
        self.arrays = arrays


def _h5() -> bytes:
    import h5py

    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.attrs["layer_names"] = [b"one", b"two"]
        for name, shape in (("one", (3, 4)), ("two", (4, 2))):
            group = file.create_group(name)
            group.attrs["weight_names"] = [b"kernel", b"bias"]
            group.create_dataset("kernel", data=np.ones(shape, np.float32))
            group.create_dataset("bias", data=np.ones(shape[1], np.float32))
    return memory.getvalue()


def _load_h5(path: Path) -> None:
    from helpers.embeddings import openl3_network

    class Network:
        layers = (_Layer((3, 4), (4,)), _Layer((4, 2), (2,)))

    openl3_network.load_weights(Network, path)
    assert all(np.isfinite(array).all() for layer in Network.layers for array in layer.arrays)


def _a_network() -> bytes:
    from helpers import export, models

    with tempfile.TemporaryDirectory() as folder:
        return export.save_model(models.frame_cnn(16, 2), Path(folder) / "a.keras").read_bytes()


def _keras(path: Path) -> None:
    from helpers import export

    export.load_model(path)


def _tracks(marks: str = "\t,; ") -> Callable:
    return lambda valid: fault_bytes.text(valid.decode(), marks=marks)


def _json(valid: bytes):
    return fault_bytes.tree(json.loads(valid))


def _lines(valid: bytes):
    """Records: rows of JSON, some changed as trees and some as text."""
    from hypothesis import strategies as st

    rows = valid.decode().splitlines()
    trees = [fault_bytes.tree(json.loads(row)) for row in rows]
    some = st.one_of(*trees, *(st.just(row.encode()) for row in rows))
    return st.one_of(st.lists(some, max_size=4).map(b"\n".join),
                     fault_bytes.text(valid.decode(), marks=',":{'), fault_bytes.binary(valid, head=len(valid)))


def _whole_file(valid: bytes):
    return fault_bytes.binary(valid, head=min(len(valid), 400))


PARSERS = {
    "label track": Parser("a.txt", TRACK.encode, _labels, _tracks("\t ")),
    "label table": Parser("a.csv", CSV.encode, _labels, _tracks(",;\t")),
    "speaker turns (RTTM)": Parser("a.rttm", RTTM.encode, _labels, _tracks(" \t")),
    "answers of a labelling session": Parser("labels.csv", ANSWERS.encode, _answers, _tracks(",;")),
    "WAV": Parser("a.wav", _sound("wav", subtype="PCM_16"), _load),
    "WAV of floats": Parser("a.wav", _sound("wav", subtype="FLOAT"), _load),
    "FLAC": Parser("a.flac", _sound("flac"), _load),
    "OGG": Parser("a.ogg", _sound("ogg"), _load),
    "MP3": Parser("a.mp3", _sound("mp3"), _load),
    "stream of a WAV": Parser("a.wav", _sound("wav", subtype="FLOAT"), _stream),
    "stream of a FLAC": Parser("a.flac", _sound("flac"), _stream),
    "series of numbers": Parser("a.csv", "x, y\n0.5, 1\n0.25, -2\n1e-3, 4\n".encode, _series, _tracks(",;\t ")),
    "series as an array": Parser("a.npy", _npy(np.arange(12.0).reshape(6, 2)), _series),
    "registry of data sets": Parser("registry.json", json.dumps(REGISTRY).encode, _registry, _json),
    "table of a set's files": Parser("listed.csv", LISTED.encode, _listed, _tracks(",;")),
    "ESC-50's table": Parser("esc50.csv", ESC50.encode, _in_set("esc50", "meta/esc50.csv"), _tracks(",;")),
    "UrbanSound8K's table": Parser("u.csv", URBAN.encode, _in_set("urbansound8k", "metadata/UrbanSound8K.csv"),
                                   _tracks(",;")),
    "annotations of a street": Parser("a.ann", STREET.encode, _in_set(
        "tut-sed-2017", "meta/street/a001.ann", ("audio/street/a001.wav", ""),
        *((f"evaluation_setup/street_fold{fold}_test.txt", FOLDS if fold == 1 else "") for fold in range(1, 5))),
        _tracks()),
    "folds of a street": Parser("f.txt", FOLDS.encode, _in_set(
        "tut-sed-2017", "evaluation_setup/street_fold1_test.txt", ("audio/street/a001.wav", ""),
        ("meta/street/a001.ann", STREET),
        *((f"evaluation_setup/street_fold{fold}_test.txt", "") for fold in range(2, 5))), _tracks()),
    "annotations of birds (XML)": Parser("a.xml", BIRDS.encode, _in_set(
        "birdsong-bird0", "Annotation.xml", ("Wave/0.wav", "")), _tracks("<>/\n")),
    "annotations of drums": Parser("d.txt", DRUMS.encode, _in_set(
        "mdb-drums", "MDB Drums/annotations/class/MusicDelta_A_class.txt",
        ("MDB Drums/audio/drum_only/MusicDelta_A_Drum.wav", "")), _tracks()),
    "sheet of a listening test": Parser(SHEET, _sheet, _heard, _whole_file),
    "zip archive": Parser("a.zip", _archive("zip"), _unpack, _whole_file),
    "tar archive": Parser("a.tar", _archive("tar"), _unpack, lambda valid: fault_bytes.binary(valid, head=600)),
    "packed tar archive": Parser("a.tar.gz", _archive("tar.gz"), _unpack),
    "records": Parser("heard.jsonl", RECORDS.encode, _records, _lines),
    "detector": Parser("a.npz", _saved(_a_detector("Mahalanobis")), _detector, _whole_file),
    "detector of neighbours": Parser("a.npz", _saved(_a_detector("NearestNeighbours")), _detector, _whole_file),
    "similarity": Parser("a.npz", _saved(_a_map), _map, _whole_file),
    "kept embeddings": Parser("a.npy", _kept_file, _kept),
    "events of embedded scenes": Parser("events.json", json.dumps(EVENTS).encode, _scene_events, _json),
    "kept sounds of a map": Parser("a.json", json.dumps(PAGE).encode, _page, _json),
    "results of a batch": Parser("part-1.parquet", _part, _results, _whole_file),
    "LiteRT network": Parser("a.tflite", _small, _network, _whole_file),
    "LiteRT network that embeds": Parser("a.tflite", _small, _embedder, _whole_file),
    "OpenL3's weights (HDF5)": Parser("a.h5", _h5, _load_h5, _whole_file),
    "Keras network": Parser("a.keras", _a_network, _keras, _whole_file, library="keras"),
}
SLOW = {"Keras network": "takes TensorFlow", "OpenL3's weights (HDF5)": "some files keep HDF5 busy for ever"}
"""Parsers that are left out where only few examples are asked for, and why."""
NEVER_REFUSES = {"records"}
"""Skips lines that it cannot read, with a warning."""
