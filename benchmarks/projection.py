"""Our UMAP against umap-learn as one would call it first: processor time, and whether neighbours stay together."""

import json
import os
import subprocess
import sys

import numpy as np

from benchmarks import pairs, results
from helpers.soundmap import projection

TITLE = "map of sounds: processor time of UMAP against umap-learn's usual call, and how true the maps are"
DATA = "50 Gaussian groups in 32 dimensions, turned into 512: 2000 and 10 000 rows"
SOURCES = ["helpers/soundmap/projection.py", "helpers/search/exact.py", "benchmarks/projection.py",
           "benchmarks/pairs.py"]
ROUNDS = 3
WORSE = 0.005   # trustworthiness that may be lost

FIRST = """
import json, sys, time
from benchmarks import projection
vectors = projection.vectors(10_000)
before = time.process_time()
projection.{call}(vectors)
print(json.dumps([time.process_time() - before, "tensorflow" in sys.modules]))
"""


def vectors(n: int) -> np.ndarray:
    """Embeddings as they often are: many numbers, few directions, groups that touch."""
    rng = np.random.default_rng(0)
    groups = 1.5 * rng.standard_normal((50, 32))[rng.integers(0, 50, n)]
    return ((groups + rng.standard_normal((n, 32))) @ rng.standard_normal((32, 512))).astype(np.float32)


def usual(vectors: np.ndarray) -> np.ndarray:
    """What one would write first; a seed, because a map that changes with every run cannot be talked about."""
    import umap

    return umap.UMAP(random_state=0, n_jobs=1).fit_transform(vectors)


def ours(vectors: np.ndarray) -> np.ndarray:
    """The workshop's map."""
    return projection.project(vectors, seed=0)


def run(report: results.Report) -> None:
    """Measure speed once everything is compiled, then how true the maps are, then the first call in a fresh kernel."""
    from sklearn.manifold import trustworthiness

    small = vectors(2000)
    projection._import_umap()   # both without TensorFlow: what its import costs is no part of the ratio
    maps = {"umap-learn as called first": usual(small), "ours": ours(small),
            "the first two principal components": projection.project(small, how="pca")}
    ratios, noise = pairs.ratio(lambda: usual(small), lambda: ours(small), rounds=ROUNDS)
    report.add(results.row("2000 rows: times the usual speed, lower quartile", results.quartiles(ratios)[0], "x",
                           goal=4, detail=pairs.spread(ratios)))
    report.add(results.row("2000 rows: the usual call against itself", results.quartiles(noise)[1], "x",
                           detail=pairs.spread(noise)))
    true = {name: trustworthiness(small, placed, n_neighbors=15) for name, placed in maps.items()}
    for name, value in true.items():
        report.add(results.row(f"2000 rows: trustworthiness of {name}", value, "share", detail="15 neighbours"))
    lost = true["umap-learn as called first"] - true["ours"]
    report.add(results.row("2000 rows: trustworthiness lost", lost, "share", goal=WORSE, at_most=True))
    report.add(results.row("2000 rows: largest difference of a bond from umap-learn's", _difference(small), "share",
                           goal=1e-4, at_most=True))
    first = {call: _python(FIRST.format(call=call)) for call in ("usual", "ours")}
    report.add(results.row("10 000 rows: times the usual speed, first call in a fresh interpreter",
                           first["usual"][0] / first["ours"][0], "x", goal=6,
                           detail=f"import and compilation included: {first['usual'][0]:.1f} against "
                                  f"{first['ours'][0]:.1f} CPU s, one run each"))
    report.add(results.row("TensorFlow loaded by ours", float(first["ours"][1]), "count", goal=0, at_most=True,
                           detail=f"by the usual import: {'yes' if first['usual'][1] else 'no'}"))


def _difference(vectors: np.ndarray) -> float:
    """Compare the bonds between neighbours, from 0 to 1, with those that umap-learn computes on the same vectors."""
    umap = projection._import_umap().umap_
    components = projection.principal_components(vectors, n=projection.KEPT).astype(np.float32)
    theirs, *_ = umap.fuzzy_simplicial_set(_far(components), 15, np.random.RandomState(0), "precomputed")
    return float(abs(theirs - projection._graph(components, n_neighbours=15).tocsr()).max())


def _far(vectors: np.ndarray) -> np.ndarray:
    """All distances, by scikit-learn as umap-learn asks it for them."""
    from sklearn.metrics import pairwise_distances

    return pairwise_distances(vectors.astype(np.float64))


def _python(code: str) -> list:
    environment = {**os.environ, "PYTHONPATH": str(results.ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    answer = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True,
                            text=True, check=True)
    return json.loads(answer.stdout.splitlines()[-1])
