"""Whatever is read may be broken: parsers return what is valid, or say the way out, and nothing else ever happens.

``python -m proof fuzzing`` runs these tests with many more examples.
"""

import json
import os
import pickle
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import fault_worker
import numpy as np
import pytest
from fault_parsers import NEVER_REFUSES, OPEN, PARSERS, SLOW
from hypothesis import given, note

TALLY = os.environ.get("MACHINE_HEARING_TALLY")
"""A file that gets one line of JSON for each parser: how many files were accepted, refused, or escaped."""
MANY = bool(os.environ.get("MACHINE_HEARING_EXAMPLES"))


@pytest.fixture(scope="module")
def worker():
    found = fault_worker.Worker()
    yield found
    found.close()


@pytest.mark.parametrize("name", PARSERS)
def test_broken_files_are_read_or_refused_with_the_way_out(name, worker, tmp_path):
    if name in SLOW and not MANY:
        pytest.skip(f"{SLOW[name]}: runs in `python -m proof fuzzing`")
    parser, counts, escaped, started = PARSERS[name], Counter(), set(), time.perf_counter()
    path, valid = tmp_path / parser.file, parser.valid()
    path.write_bytes(valid)
    assert worker.read(name, path) == ("accepted", ""), "the file as it should be"

    @given(content=parser.changes(valid))
    def read(content: bytes) -> None:
        path.write_bytes(content)
        found, said = worker.read(name, path)
        counts[found] += 1
        note(said)
        if found == "escaped":
            escaped.add(re.split("[:,]", said)[0] if " in " in said else said)
            assert re.match(OPEN.get(name, "$^"), said), said

    try:
        read()
    finally:
        if TALLY:
            told = {"parser": name, "seconds": time.perf_counter() - started, "said": sorted(escaped), **counts}
            with open(TALLY, "a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")
    assert counts["refused"] or name in NEVER_REFUSES, "some of the files are broken"


class Bomb:
    """What a pickle can do when it is opened: here it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", [name for name, parser in PARSERS.items() if name not in SLOW and
                                  Path(parser.file).suffix in (".npy", ".npz", ".tflite", ".json", ".parquet")])
@pytest.mark.parametrize("how", ["plain", "npy", "npz"])
def test_no_pickle_is_ever_opened(name, how, worker, tmp_path):
    went_off, folder = tmp_path / "went off", tmp_path / "folder"
    folder.mkdir()
    path, bomb = folder / PARSERS[name].file, Bomb(went_off)
    with open(path, "wb") as file:
        if how == "plain":
            pickle.dump(bomb, file)
        elif how == "npy":
            np.save(file, np.array([bomb], object), allow_pickle=True)
        else:
            np.savez(file, about=np.array([bomb], object), name=np.array([bomb], object))
    found, said = worker.read(name, path)
    assert found == "refused" or re.match(OPEN.get(name, "$^"), said), said
    assert not went_off.exists()
    pickle.loads(path.read_bytes()) if how == "plain" else np.load(path, allow_pickle=True)
    assert how == "npz" or went_off.exists(), "it does go off where somebody opens it"


def flac_of(n_samples: int) -> bytes:
    """A FLAC file whose header claims so many samples: the lower 36 bits of bytes 17 to 25."""
    content = bytearray(PARSERS["FLAC"].valid())
    content[21] = content[21] & 0xF0 | n_samples >> 32
    content[22:26] = (n_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(content)


def wav_with(place: int, value: int, n_bytes: int = 4) -> bytes:
    """A WAV file in whose header another number stands."""
    content = bytearray(PARSERS["WAV"].valid())
    content[place: place + n_bytes] = value.to_bytes(n_bytes, "little")
    return bytes(content)


HEADERS = {
    "FLAC of 2**31 samples": flac_of(2 ** 31), "FLAC of 2**36 - 1 samples": flac_of(2 ** 36 - 1),
    "WAV of 2 GB": wav_with(40, 2 ** 31 - 1), "WAV of 4 GB": wav_with(40, 2 ** 32 - 2),
    "65535 channels": wav_with(22, 65_535, 2), "no channel": wav_with(22, 0, 2), "0 Hz": wav_with(24, 0),
    "4 GHz": wav_with(24, 2 ** 32 - 1), "0 bits": wav_with(34, 0, 2), "64 bits": wav_with(34, 64, 2),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_that_claim_the_absurd_take_no_memory(case, worker, tmp_path):
    kind = "FLAC" if case.startswith("FLAC") else "WAV"
    path = tmp_path / PARSERS[kind].file
    path.write_bytes(HEADERS[case])
    found, said = worker.read(kind, path)
    assert found == "refused" or re.match(OPEN.get(kind, "$^"), said), said


def astray(change: Callable) -> bytes:
    """A LiteRT network in whose parts something was changed."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(PARSERS["LiteRT network"].valid())
    graph = model.subgraphs[0]
    change(model=model, graph=graph, step=graph.operators[0])
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@pytest.mark.parametrize("kind", ["LiteRT network", "LiteRT network that embeds"])
@pytest.mark.parametrize("change", [
    pytest.param(lambda model, graph, step: setattr(model, "subgraphs", None), id="no graph"),
    pytest.param(lambda model, graph, step: setattr(model, "operatorCodes", None), id="no kinds of steps"),
    pytest.param(lambda model, graph, step: setattr(model, "buffers", None), id="no values"),
    pytest.param(lambda model, graph, step: setattr(graph, "tensors", None), id="no arrays"),
    pytest.param(lambda model, graph, step: setattr(graph, "operators", None), id="no steps"),
    pytest.param(lambda model, graph, step: setattr(graph, "inputs", [3]), id="an input that is not there"),
    pytest.param(lambda model, graph, step: setattr(graph, "outputs", [-1]), id="an output that is left out"),
    pytest.param(lambda model, graph, step: setattr(graph, "outputs", None), id="no output"),
    pytest.param(lambda model, graph, step: setattr(step, "inputs", [0, 7, -1]), id="a step from an array beyond"),
    pytest.param(lambda model, graph, step: setattr(step, "outputs", [-2]), id="a step to an array before"),
    pytest.param(lambda model, graph, step: setattr(step, "opcodeIndex", 1), id="a step of no kind"),
    pytest.param(lambda model, graph, step: setattr(graph.tensors[1], "buffer", 9), id="weights that are not there"),
])
def test_networks_whose_parts_point_to_nothing_are_refused(kind, change, worker, tmp_path):
    path = tmp_path / PARSERS[kind].file
    path.write_bytes(astray(change))
    found, said = worker.read(kind, path)
    assert found == "refused", said


def test_the_worker_tells_what_escapes(worker, tmp_path):
    """The judge of the tests above judges: a crash, a foreign error and an error without a way out are told apart."""
    from helpers import checks

    assert fault_worker.is_told(checks.fail("a", "b", "c"))
    assert not fault_worker.is_told(ValueError(str(checks.fail("a", "b", "c"))))
    assert not fault_worker.is_told(checks.InputError("Expected a; got b."))
    assert not fault_worker.is_told(checks.InputError(str(checks.fail("a", "b", "c")).replace("Arrays", "Arrows")))
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    assert worker.read("no such parser", path)[0] == "escaped"
    worker.read("WAV", path)
    worker._process.kill()
    assert worker.read("WAV", path) == ("escaped", "the process ended: SIGKILL")
    assert worker.read("WAV", path)[0] == "refused", "the next one is read by a new process"
