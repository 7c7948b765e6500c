"""How many windows each embedder turns into vectors in a second of processor time."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np

from benchmarks import results, rounds
from helpers import checks, embeddings, features
from helpers.audio import SR
from helpers.embeddings import openl3, openl3_network
from helpers.embeddings.embedded import EDGE, FMIN, prepare

TITLE = "embedding: windows a second of processor time, one by one and in batches, and the front end's share"
DATA = "64 windows of noise (4 for OpenL3), as long as each embedder hears; 30 s of noise at 16 kHz (4 s for OpenL3)"
SOURCES = ["helpers/embeddings", "helpers/features.py", "helpers/windows.py", "benchmarks/embedding_speed.py",
           "benchmarks/rounds.py"]
SMALL = ("statistics", "embedded", "yamnet")
N_WINDOWS, N_LARGE, ROUNDS = 64, 4, 5
SECONDS = {N_WINDOWS: 30, N_LARGE: 4}
OPENL3 = "OpenL3's network with random weights"
PACKAGE = ("not run: the package does not install on this Python, and no figure of its authors is known to us; quoted "
           "from an earlier measurement of ours, on another day, with random weights, batches of 8 and of 32: the "
           "package (openl3 0.4.2, TensorFlow 2.15) took 97 and 87 CPU ms a window, our network beside it 103 and 99")


class Untrained(embeddings.OpenL3):
    """OpenL3 as it is, but with random weights: it costs the same and knows nothing.

    The published weights are 17 MB that need not be here. The description of
    the network stands in for their file, whose checksum names what is kept.
    """

    def __init__(self, **settings) -> None:
        super().__init__(Path(openl3_network.__file__), **settings)

    def _loaded(self):
        return openl3_network.build(representation=self.representation, n_dims=self.n_dims)


def run(report: results.Report) -> None:
    """The small embedders, then OpenL3, then how many times faster ours is."""
    found, works = {}, {}
    for name in SMALL:
        try:
            found[name] = embeddings.load_embedder(name)
        except checks.DatasetError as error:
            report.add(results.row(f"{name}: in batches of {N_WINDOWS}", None, "windows/s",
                                   detail=results.not_run(error)))
            continue
        works |= ways(found[name], name=name, n=N_WINDOWS)
    with tempfile.TemporaryDirectory() as folder:
        large = {OPENL3: Untrained(), f"{OPENL3}, int8": converted(folder)}
    try:
        large["OpenL3"] = embeddings.load_embedder("openl3")
    except checks.DatasetError as error:
        report.add(results.row(f"OpenL3: in batches of {N_LARGE}", None, "windows/s", detail=results.not_run(error)))
    for name, embedder in large.items():
        works |= ways(embedder, name=name, n=N_LARGE)
    taken = rounds.timed(works, n=ROUNDS)
    for embedders, n in ((found, N_WINDOWS), (large, N_LARGE)):
        for name in embedders:
            speeds(report, taken, name=name, n=n)
    report.add(results.row("OpenL3's own package", None, "windows/s", detail=PACKAGE))
    times = taken[f"{OPENL3}: recording"] / SECONDS[N_LARGE] / (taken["embedded: recording"] / SECONDS[N_WINDOWS])
    report.add(results.row("embedded: times the speed of OpenL3's network", results.quartiles(list(times))[0], "x",
                           goal=100, detail=f"lower quartile, for each second of sound, both twice a second; "
                                            f"{rounds.spread(times)}; how good the vectors are is another question"))


def speeds(report: results.Report, taken: dict[str, np.ndarray], *, name: str, n: int) -> None:
    """The rows of one embedder."""
    batch, alone, recording = (taken[f"{name}: {way}"] for way in ("batch", "alone", "recording"))
    for what, seconds in ((f"in batches of {n}", batch), ("one by one", alone)):
        report.add(results.row(f"{name}: {what}", n / np.median(seconds), "windows/s",
                               detail=f"for each CPU second; {rounds.spread(n / seconds)}"))
    report.add(results.row(f"{name}: batches, times the speed of one by one", np.median(alone / batch), "x",
                           detail=rounds.spread(alone / batch)))
    real_time = SECONDS[n] / recording
    report.add(results.row(f"{name}: a recording, times real time", np.median(real_time), "x", detail=(
        f"seconds of sound for each CPU second: resampled, cut twice a second, embedded; {rounds.spread(real_time)}")))
    front, inside = taken.get(f"{name}: front end"), "not run: its front end is a part of its own file"
    report.add(results.row(f"{name}: front end, of the time of a batch", None if front is None else
                           np.median(front / batch), "share", detail=inside if front is None else
                           f"{1000 * np.median(front) / n:.2f} CPU ms a window; {rounds.spread(front / batch)}"))


def converted(folder: str) -> embeddings.OpenL3:
    """OpenL3's network with 8-bit weights; what is converted for that is not kept, as the weights are random."""
    with mock.patch.dict(os.environ, MACHINE_HEARING_HOME=folder):
        return Untrained(int8=True)


def ways(embedder: embeddings.Embedder, *, name: str, n: int) -> dict[str, Callable]:
    """What is timed of one embedder: a batch, one by one, a whole recording, and the front end where it is apart."""
    rng = np.random.default_rng(0)
    cut = (0.1 * rng.standard_normal((n, round(embedder.window * embedder.sr)))).astype(np.float32)
    sound = (0.1 * rng.standard_normal(SECONDS[n] * SR)).astype(np.float32)
    front = front_end(embedder)
    works = {f"{name}: batch": lambda: embedder.embed_windows(cut),
             f"{name}: alone": lambda: [embedder.embed_windows(cut[k: k + 1]) for k in range(n)],
             f"{name}: recording": lambda: embedder.embed(sound, sr=SR)}
    return works | ({} if front is None else {f"{name}: front end": lambda: front(cut)})


def front_end(embedder: embeddings.Embedder) -> Callable[[np.ndarray], np.ndarray] | None:
    """What an embedder does before its network, as a function of windows; None where it lies within its file."""
    if isinstance(embedder, embeddings.OpenL3):
        return lambda cut: openl3.spectrogram(cut, representation=embedder.representation)
    if isinstance(embedder, embeddings.Embedded):
        return lambda cut: prepare(features.log_mel(cut, sr=SR, fmin=FMIN)[:, :, EDGE:-EDGE])
    if isinstance(embedder, embeddings.Statistics):
        return lambda cut: features.log_mel(cut, sr=SR, n_mels=embedder.n_mels)
    return None
