"""How far from what this machine can do at most: bytes moved or numbers multiplied in a second, on one thread."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import results, rounds
from benchmarks.search import make as make_vectors
from helpers import embeddings, export, features, search
from helpers.audio import SR, load_audio, save_audio
from helpers.embeddings.embedded import EDGE, FMIN, WEIGHTS, prepare
from helpers.models.litert import run_each
from helpers.search.exact import PATIENCE
from helpers.search.leading import SHARE

TITLE = "the physical limit, bytes or operations, and how close we are, on one thread"
DATA = ("24 noise clips of 5 s (log-mel; others at 44.1 kHz as 16-bit WAV and FLAC), 100 000 generated vectors of 512 "
        "numbers (search), 64 noise windows of 1 s (network); the limits measured in the same rounds")
SOURCES = ["helpers/features.py", "helpers/search/exact.py", "helpers/search/leading.py", "helpers/audio.py",
           "helpers/embeddings/embedded.py", "helpers/models/litert.py", "benchmarks/limits.py",
           "benchmarks/rounds.py", "benchmarks/search.py"]
COPIED, SIDE, ROUNDS = 64 << 20, 2048, 9   # numbers of 4 bytes; rows of a square
N_CLIPS, SECONDS, N_FFT, HOP_LENGTH, N_MELS = 24, 5, 1024, 512, 64
N_VECTORS, N_DIMS, K, BATCH, FEW, N_WINDOWS, FILE_SR = 100_000, 512, 10, 100, 4, 64, 44_100
LIMITS = {
    "copying": ("GB/s", f"np.copyto of {4 * COPIED >> 20} MiB, read and written bytes together: bytes"),
    "reading": ("GB/s", f"a dot product of {4 * COPIED >> 20} MiB with itself, read once: bytes"),
    "products": ("GFLOP/s", f"float32 product of two squares of {SIDE} rows: operations"),
    "transforms": ("thousand frames/s", f"scipy.fft.rfft of {N_FFT} float32 numbers, a clip at a time: operations")}
SHARES = (
    ("log-mel, of the limit: its transforms", "log-mel", "transforms",
     "operations; the rest goes into framing, window, power, mel bands and logarithm"),
    ("log-mel, of the limit: operations", "log-mel", "products",
     "as few as can be counted, against the rate of a product, which a transform cannot have"),
    ("log-mel, of the limit: bytes", "log-mel", "copying", "sound read, picture written"),
    ("the embedded network, of the limit: operations", "network", "products",
     "its multiply-adds, one window after the other"),
    ("the embedded network with its front end, of the limit: operations", "embedder", "products",
     "the same multiply-adds, in the time of both"),
    (f"exact search, batch of {BATCH}, of the limit: operations", "batch", "products", "the product of each pair"),
    ("that product alone, of the limit: operations", "batch, product", "products",
     f"{BATCH} by {N_DIMS} by {N_VECTORS} numbers: what this shape costs, whoever searches"),
    ("exact search, one by one, all numbers, of the limit: bytes", "all numbers", "reading",
     f"what the first {PATIENCE} queries do: each reads all vectors"),
    ("exact search, one by one, leading numbers, of the limit: bytes", "leading", "reading",
     "what later queries do: an eighth of the numbers and one length a vector; the few vectors that are measured again "
     "are not counted"))


@dataclass(frozen=True)
class Work:
    """Something that is timed, and how much of what limits it it does in one call.

    Attributes
    ----------
    do : callable without arguments
    amounts : dict of str to float
        By the name of a limit: bytes, operations or frames.
    """

    do: Callable[[], object]
    amounts: dict[str, float]


def run(report: results.Report) -> None:
    """Time the limits and what they limit in the same rounds; then divide."""
    with tempfile.TemporaryDirectory() as folder:
        works = machine() | log_mel() | network() | searching() | reading(Path(folder))
        taken = rounds.timed({name: work.do for name, work in works.items()}, n=ROUNDS)
    speeds = {name: works[name].amounts[name] / taken[name] for name in LIMITS}
    for name, (unit, said) in LIMITS.items():
        scale = 1e9 if unit.startswith("G") else 1e3
        report.add(results.row(f"limit: {name}", np.median(speeds[name]) / scale, unit, detail=said))
    report.add(results.row("limit: transforms as numpy does them", np.median(
        works["numpy"].amounts["transforms"] / taken["numpy"]) / 1e3, "thousand frames/s",
        detail="np.fft.rfft of the same frames; ours are scipy's"))
    for what, name, limit, said in SHARES:
        share = works[name].amounts[limit] / speeds[limit] / taken[name]
        report.add(results.row(what, np.median(share), "share", detail=f"{said}; {rounds.spread(share)}; "
                                                                       f"{1000 * np.median(taken[name]):.1f} CPU ms"))
    files(report, works, taken)


def machine() -> dict[str, Work]:
    """What the machine does at most: arrays far beyond any cache, a product of two squares, many transforms."""
    import scipy.fft

    rng = np.random.default_rng(0)
    source, target = np.ones(COPIED, np.float32), np.empty(COPIED, np.float32)
    square = rng.standard_normal((SIDE, SIDE), dtype=np.float32)
    frames = rng.standard_normal((1 + SECONDS * SR // HOP_LENGTH, N_FFT), dtype=np.float32)
    buffer = np.empty_like(frames)

    def transforms() -> None:
        np.copyto(buffer, frames)
        scipy.fft.rfft(buffer, axis=-1, overwrite_x=True)

    return {
        "copying": Work(lambda: np.copyto(target, source), {"copying": 2 * source.nbytes}),
        "reading": Work(lambda: np.dot(source, source), {"reading": source.nbytes}),
        "products": Work(lambda: square @ square, {"products": 2 * SIDE ** 3}),
        "transforms": Work(transforms, {"transforms": len(frames)}),
        "numpy": Work(lambda: np.fft.rfft(frames), {"transforms": len(frames)})}


def log_mel() -> dict[str, Work]:
    """The log-mel spectrogram: what it must at least read, write and multiply."""
    clips = np.random.default_rng(0).standard_normal((N_CLIPS, SECONDS * SR)).astype(np.float32)
    n_frames = N_CLIPS * (1 + SECONDS * SR // HOP_LENGTH)
    filters = features.mel_filters(sr=SR, n_fft=N_FFT, n_mels=N_MELS)
    # window, transform (half of 5 n log2 n, as the input is real), power, and each filter where it is not 0
    each = N_FFT + 2.5 * N_FFT * np.log2(N_FFT) + 3 * (N_FFT // 2 + 1) + 2 * np.count_nonzero(filters)
    return {"log-mel": Work(
        lambda: features.log_mel(clips, sr=SR, n_fft=N_FFT, hop_length=HOP_LENGTH, n_mels=N_MELS),
        {"transforms": n_frames, "products": n_frames * each, "copying": clips.nbytes + 4 * n_frames * N_MELS})}


def network() -> dict[str, Work]:
    """The network of the embedded embedder, alone and with its front end."""
    embedder = embeddings.load_embedder("embedded")
    cut = (0.1 * np.random.default_rng(0).standard_normal((N_WINDOWS, SR))).astype(np.float32)
    pictures = prepare(features.log_mel(cut, sr=SR, fmin=FMIN)[:, :, EDGE:-EDGE])
    amounts = {"products": 2 * N_WINDOWS * export.memory_sheet(WEIGHTS).multiply_adds}
    return {"network": Work(lambda: run_each(embedder._model, pictures, embedder._end), amounts),
            "embedder": Work(lambda: embedder.embed_windows(cut), amounts)}


def searching() -> dict[str, Work]:
    """Exact search: in a batch, one by one over all numbers, one by one with the leading numbers."""
    vectors, queries = make_vectors(N_VECTORS, n_queries=BATCH)
    ready, fresh = search.Collection(vectors), search.Collection(vectors)
    for number in range(PATIENCE + 1):
        ready.nearest(queries[number: number + 1], k=K)

    def one_by_one(collection: search.Collection, *, asked: int) -> None:
        collection._asked = asked
        for query in queries[:FEW]:
            collection.nearest(query[np.newaxis], k=K)

    short = N_VECTORS * (N_DIMS // SHARE + 1)
    return {
        "batch": Work(lambda: ready.nearest(queries, k=K), {"products": 2 * BATCH * N_VECTORS * N_DIMS}),
        "batch, product": Work(lambda: queries @ vectors.T, {"products": 2 * BATCH * N_VECTORS * N_DIMS}),
        "all numbers": Work(lambda: one_by_one(fresh, asked=0), {"reading": FEW * vectors.nbytes}),
        "leading": Work(lambda: one_by_one(ready, asked=PATIENCE), {"reading": FEW * 4 * short})}


def reading(folder: Path) -> dict[str, Work]:
    """Recordings from files that the system has in memory: ours, the library that decodes, and the bare bytes."""
    import soundfile

    rng = np.random.default_rng(0)
    clips = [0.2 * (np.cumsum(rng.standard_normal(SECONDS * FILE_SR)) / 100 if number % 2
                    else rng.standard_normal(SECONDS * FILE_SR)) for number in range(N_CLIPS)]
    n_bytes, works = 2 * N_CLIPS * SECONDS * FILE_SR, {}
    for suffix in ("wav", "flac"):
        paths = [folder / f"{number}.{suffix}" for number in range(N_CLIPS)]
        for path, clip in zip(paths, clips, strict=True):
            save_audio(path, np.clip(clip, -1, 1).astype(np.float32), sr=FILE_SR)
        for name, load in {
                "ours": lambda path: load_audio(path, sr=None), "bytes": lambda path: np.fromfile(path, np.uint8),
                "library": lambda path: soundfile.read(path, dtype="float32")}.items():
            works[f"{suffix}, {name}"] = Work(
                lambda paths=paths, load=load: [load(path) for path in paths], {"bytes": n_bytes})
    return works


def files(report: results.Report, works: dict[str, Work], taken: dict[str, np.ndarray]) -> None:
    """How fast recordings are read, against their bare bytes and against the library that decodes them."""
    for suffix in ("wav", "flac"):
        ours, name = taken[f"{suffix}, ours"], suffix.upper()
        report.add(results.row(f"reading {name}", works[f"{suffix}, ours"].amounts["bytes"] / np.median(ours) / 1e6,
                               "MB/s", detail="of 16-bit samples, to floats, checked; the files are in memory already"))
        for against, said in (("bytes", "np.fromfile of the same files, without decoding: bytes"),
                              ("library", "soundfile.read alone, without our checks: what decoding costs, operations")):
            share = taken[f"{suffix}, {against}"] / ours
            report.add(results.row(f"reading {name}, of the limit: {against}", np.median(share), "share",
                                   detail=f"{said}; {rounds.spread(share)}"))
