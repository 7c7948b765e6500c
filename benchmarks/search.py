"""Search in embeddings: ours against what one would write first, and against the store's own search."""

import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks import pairs, results
from helpers import search
from helpers.search.exact import PATIENCE

TITLE = "search by example: the 10 nearest of many vectors by cosine, processor time"
DATA = ("generated vectors of 512 numbers: 500 clusters within 32 dimensions, a little noise in all 512; queries of "
        "the same kind that are not in the collection")
SOURCES = ["helpers/search", "helpers/metrics/distance.py", "benchmarks/search.py", "benchmarks/pairs.py"]
N_DIMS, K, BATCH, FEW, ROUNDS = 512, 10, 100, 4, 9
SIZES = {10_000: "10 000", 100_000: "100 000", 1_000_000: "1 000 000"}


def run(report: results.Report) -> None:
    """Compare at three sizes; the store at the middle one."""
    for n in (10_000, 100_000):
        vectors, queries = make(n, n_queries=BATCH)
        in_memory(report, vectors, queries)
        if n == 100_000:
            on_disk(report, vectors, queries)
    large(report)


def make(n: int, *, n_queries: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors and queries, float32; made in blocks, so that no copy in double precision is needed."""
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((32, N_DIMS)).astype(np.float32) / np.float32(32 ** 0.5)
    centres = rng.standard_normal((500, 32)).astype(np.float32)

    def some(m: int) -> np.ndarray:
        inner = centres[rng.integers(500, size=m)] + 0.7 * rng.standard_normal((m, 32), dtype=np.float32)
        return inner @ directions + 0.1 * rng.standard_normal((m, N_DIMS), dtype=np.float32)

    vectors = np.empty((n, N_DIMS), np.float32)
    for first in range(0, n, 50_000):
        vectors[first: first + 50_000] = some(min(50_000, n - first))
    return vectors, some(n_queries)


def first_try(query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """What one would write first: cosines with all norms computed anew, and a full sort."""
    cosines = vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))
    return np.argsort(-cosines)[:K]


def in_memory(report: results.Report, vectors: np.ndarray, queries: np.ndarray) -> None:
    """Exact search, one query at a time and in a batch, against the first try."""
    name, ready, few = SIZES[len(vectors)], search.Collection(vectors), queries[:FEW]
    truth = [brute_force(query, vectors) for query in queries]
    report.add(results.row(f"{name}: recall of the exact search", share(ready.nearest(queries, k=K)[0], truth), "share",
                           goal=1, detail=f"{len(queries)} queries against a sort in double precision"))

    def usual() -> None:
        for query in few:
            first_try(query, vectors)

    def one_by_one() -> None:
        for query in few:
            ready.nearest(query[np.newaxis], k=K)

    ratios, noise = pairs.ratio(usual, one_by_one, rounds=PATIENCE // FEW - 2)
    times(report, f"{name}: exact, the first {PATIENCE} one by one, times the first try's speed", ratios)
    leading(report, ready, queries, name=name)
    ratios, more = pairs.ratio(usual, one_by_one, rounds=ROUNDS)
    noise = noise + more
    times(report, f"{name}: exact, one by one, times the first try's speed", ratios, goal=4.5)
    ratios, more = pairs.ratio(usual, lambda: ready.nearest(queries, k=K), rounds=ROUNDS)
    times(report, f"{name}: exact, batch of {BATCH}, times the first try's speed",
          [ratio * BATCH / FEW for ratio in ratios], goal=20)
    report.add(results.row(f"{name}: first try against itself", results.quartiles(noise + more)[1], "x",
                           detail=pairs.spread(noise + more)))
    for what, work, n in (("the first try", usual, FEW), ("exact, one by one", one_by_one, FEW),
                          (f"exact, batch of {BATCH}", lambda: ready.nearest(queries, k=K), BATCH)):
        milliseconds(report, f"{name}: {what}", work, n=n)


def on_disk(report: results.Report, vectors: np.ndarray, queries: np.ndarray) -> None:
    """The store's own flat search against exact search in memory and the approximate index."""
    name, few = SIZES[len(vectors)], queries[:FEW]
    rows = pd.DataFrame({"clip_id": np.arange(len(vectors)).astype(str), "start": 0.0, "end": 1.0})
    with tempfile.TemporaryDirectory() as folder:
        index = search.SoundIndex(folder)
        for first in range(0, len(vectors), 20_000):
            index.add(rows[first: first + 20_000], vectors[first: first + 20_000])
        ready, table = search.Collection(vectors), index._store.table
        leading(None, ready, queries, name=name)

        def flat() -> list[list[int]]:
            return [table.search(query).distance_type("cosine").bypass_vector_index().limit(K).select(
                ["row_number", "_distance"]).to_arrow()["row_number"].to_pylist() for query in few]

        report.add(results.row(f"{name}: recall of the store's flat search",
                               share(flat(), ready.nearest(few, k=K)[0]), "share"))
        ratios, noise = pairs.ratio(flat, lambda: [ready.nearest(query[np.newaxis], k=K) for query in few],
                                    rounds=ROUNDS)
        times(report, f"{name}: exact, one by one, times the store's flat speed", ratios, goal=15)
        milliseconds(report, f"{name}: the store's flat search", flat, n=FEW)
        milliseconds(report, f"{name}: SoundIndex.query with its table of hits",
                     lambda: [index.query(query, k=K) for query in few], n=FEW)
        start = time.process_time()
        index.train()
        report.add(results.row(f"{name}: training of the approximate index", time.process_time() - start, "CPU s"))
        ratios, more = pairs.ratio(flat, lambda: [index.query(query, k=K, approximate=True) for query in queries[:20]],
                                   rounds=ROUNDS)
        times(report, f"{name}: approximate, times the store's flat speed", [ratio * 20 / FEW for ratio in ratios],
              goal=5)
        report.add(results.row(f"{name}: the store's flat search against itself", results.quartiles(noise + more)[1],
                               "x", detail=pairs.spread(noise + more)))
        exact, nearly = (index.query(queries, k=K, approximate=which)[["query", "clip_id"]] for which in (False, True))
        report.add(results.row(f"{name}: recall of the approximate search", len(exact.merge(nearly)) / len(exact),
                               "share", goal=0.95, detail="20 cells opened, 10 times as many measured"))


def large(report: results.Report) -> None:
    """A million vectors: exact search alone, its memory and its time."""
    vectors, queries = make(1_000_000, n_queries=16)
    name, before = SIZES[len(vectors)], peak()
    start = time.process_time()
    ready = search.Collection(vectors)
    report.add(results.row(f"{name}: making ready", time.process_time() - start, "CPU s"))
    few = queries[:FEW]
    milliseconds(report, f"{name}: exact, the first {PATIENCE} one by one",
                 lambda: [ready.nearest(query[np.newaxis], k=K) for query in few], n=FEW)
    leading(report, ready, queries, name=name)
    milliseconds(report, f"{name}: exact, one by one", lambda: [ready.nearest(query[np.newaxis], k=K) for query in few],
                 n=FEW)
    milliseconds(report, f"{name}: exact, batch of 16", lambda: ready.nearest(queries, k=K), n=16)
    report.add(results.row(f"{name}: the vectors", vectors.nbytes / 1e6, "MB"))
    report.add(results.row(f"{name}: memory on top of the vectors", (peak() - before) / 1e6, "MB",
                           detail="highest of all searches above"))
    truth = [brute_force(query, vectors) for query in queries[:2]]
    report.add(results.row(f"{name}: recall of the exact search", share(ready.nearest(queries[:2], k=K)[0], truth),
                           "share", goal=1, detail="2 queries"))


def brute_force(query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """The nearest in double precision, block by block."""
    blocks = np.array_split(vectors, max(1, len(vectors) // 50_000))
    far = np.concatenate([search.distances(query[np.newaxis], block)[0] for block in blocks])
    return np.argsort(far, kind="stable")[:K]


def share(found: list, truth: list) -> float:
    """Share of what is truly nearest that was found."""
    return float(np.mean([len(set(map(int, ours)) & set(map(int, theirs))) / K
                          for ours, theirs in zip(found, truth, strict=True)]))


def leading(report: results.Report | None, ready: search.Collection, queries: np.ndarray, *, name: str) -> None:
    """Ask until the collection has made its leading numbers, and add what making them took."""
    seconds = []
    for number in range(PATIENCE + 1):
        start = time.process_time()
        ready.nearest(queries[number % len(queries)][np.newaxis], k=K)
        seconds.append(time.process_time() - start)
    if report is not None:
        report.add(results.row(f"{name}: the query that makes the leading numbers", max(seconds), "CPU s",
                               detail="once; the slowest of all"))


def times(report: results.Report, what: str, ratios: list[float], *, goal: float | None = None) -> None:
    """Add a ratio: its lower quartile against the goal."""
    report.add(results.row(what, results.quartiles(ratios)[0], "x", goal=goal,
                           detail=f"lower quartile; {pairs.spread(ratios)}"))


def milliseconds(report: results.Report, what: str, work: Callable, *, n: int) -> None:
    """Add the processor time of one query: the median of five runs of n."""
    work()
    seconds = []
    for _ in range(5):
        start = time.process_time()
        work()
        seconds.append((time.process_time() - start) / n)
    low, middle, high = results.quartiles(seconds)
    report.add(results.row(what, 1000 * middle, "CPU ms a query",
                           detail=f"quartiles {1000 * low:.2f} to {1000 * high:.2f}, 5 runs"))


def peak() -> int:
    """The most memory that this process has held so far, in bytes."""
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
