"""The self-checks of notebook 06: distances, search, precision, the number of clusters, wrong labels."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers import metrics
from helpers.exercises import reports

DISTANCES = ("cosine distance", "Euclidean distance", "Euclidean distance of the unit vectors",
             "standardised Euclidean distance")
ALSO = {0: " (1 - cos of the angle)", 2: " (divide each vector by its own length first)",
        3: " (divide by the spread, then take the length)"}
NEIGHBOURS = 10


@reports.check("Return four numbers: the cosine, Euclidean, unit Euclidean and standardised distance of two vectors.")
def check_distances(fn: Callable) -> Iterator[str]:
    """Check ``fn(a, b, spread)``: four distances of two vectors."""
    rng = np.random.default_rng(1)

    def compare(a: Sequence[float], b: Sequence[float], spread: Sequence[float], what: str) -> None:
        given, a, b, spread = f"for {what}", *(np.asarray(each, float) for each in (a, b, spread))
        got = np.asarray(reports.ask(fn, a, b, spread, given=given), float)
        if got.shape != (4,):
            raise reports.Wrong(f"{given}: expected four numbers, got "
                                + (f"an array of shape {got.shape}." if got.ndim else f"{got}."))
        ways = zip(("cosine", "euclidean", "unit_euclidean", "standardised"), DISTANCES, got, strict=True)
        for place, (how, name, one) in enumerate(ways):
            right = metrics.distances(a[None], b[None], how=how, scale=spread)[0, 0]
            if not np.isclose(one, right, atol=1e-6):
                raise reports.Wrong(f"{given}: the {name} is {one:.4g}, expected {right:.4g}{ALSO.get(place, '')}.")

    compare([3, 4], [4, 3], [1, 1], "a = [3, 4], b = [4, 3], spread = [1, 1]")
    yield "two vectors of the same length"
    compare([3, 4], [6, 8], [1, 1], "a = [3, 4], b = [6, 8], spread = [1, 1]")
    yield "same direction, twice as long: only Euclid sees a difference"
    compare([1, 100], [2, 300], [1, 100], "a = [1, 100], b = [2, 300], spread = [1, 100]")
    yield "a dimension a hundred times as loud as the other"
    compare([1, 0], [-2, 0], [2, 1], "a = [1, 0], b = [-2, 0], spread = [2, 1]")
    for a, b, spread in zip(rng.normal(0, 3, (5, 64)), rng.normal(1, 1, (5, 64)), rng.uniform(0.1, 9, (5, 64)),
                            strict=True):
        compare(a, b, spread, "vectors of 64 numbers drawn at random")
    yield "the square of the third is twice the first, for any two vectors"


@reports.check("Return the places of the k nearest clips of other recordings, the nearest first.")
def check_search(fn: Callable) -> Iterator[str]:
    """Check ``fn(distances, sources, own, k)``: places of the k nearest clips, own recording left out."""

    def compare(distances: Sequence[float], sources: Sequence[str], own: str, k: int, what: str) -> None:
        given, far, names = f"for {what}", np.asarray(distances, float), np.asarray(sources)
        expected = [int(place) for place in np.argsort(far, kind="stable") if names[place] != own][:k]
        got = _places(reports.ask(fn, far, names, own, k, given=given), len(far), given=given, such_as=expected)
        inside = [place for place in got if names[place] == own]
        if inside:
            raise reports.Wrong(f"{given}: clip {inside[0]} is of the query's own recording, {own!r}.")
        if len(got) != len(expected):
            raise reports.Wrong(f"{given}: you found {len(got)}, expected {len(expected)}.")
        for rank, (one, right) in enumerate(zip(got, expected, strict=True), start=1):
            if one != right:
                why = "as near, but comes first in the collection" if far[one] == far[right] else "nearer"
                raise reports.Wrong(f"{given}: rank {rank} is clip {one} at {far[one]:g}, but clip {right} at "
                                    f"{far[right]:g} is {why}.")

    far, alone = [0.5, 0.2, 0.9, 0.1, 0.4], ["a", "b", "c", "d", "e"]
    compare(far, alone, "a query from outside", 3, "five clips and a query from outside")
    yield "the nearest first"
    compare([0.0, 0.01, 0.4, 0.3, 0.2], ["dog-1", "dog-1", "dog-2", "rain-1", "dog-2"], "dog-1", 2,
            "two recordings of a dog and one of rain; the query is clip 0")
    yield "neither the query nor the rest of its recording is found"
    rng = np.random.default_rng(4)
    sources = np.array([f"recording {number}" for number in rng.integers(0, 40, 200)])
    compare(rng.integers(1, 5, 200) / 4, sources, sources[0], 60, "200 clips, many of them as near as others")
    yield "clips that are equally near keep their order"
    compare(far, ["a", "a", "b", "a", "b"], "a", 4, "k = 4 where only two clips are of other recordings")
    compare(rng.random(300), rng.permutation(np.arange(300)).astype(str), "7", 300, "k as large as the collection")
    yield "fewer clips than you want"


@reports.check("Return the share of the first k hits that have the wanted label.")
def check_precision(fn: Callable) -> Iterator[str]:
    """Check ``fn(found, wanted, k)``: precision among the first k hits."""

    def compare(found: Sequence[str], wanted: str, k: int, what: str) -> None:
        given, found = f"for {what}", np.asarray(found)
        got = reports.number(reports.ask(fn, found, wanted, k, given=given), name=f"{given}, the precision")
        right = metrics.precision_at_k(found == wanted, k=k)
        if not np.isclose(got, right, atol=1e-6):
            raise reports.Wrong(f"{given}: the precision is {got:.4g}, expected {right:.4g}.")

    hits = ["dog", "rain", "dog", "dog", "cat"]
    compare(hits, "dog", 5, "the hits dog, rain, dog, dog, cat, the label dog and k = 5")
    yield "three of five"
    compare(hits, "dog", 2, "the same with k = 2")
    compare(hits, "cat", 4, "the same with the label cat and k = 4")
    yield "what stands beyond k does not count"
    compare(hits, "dog", 10, "the same with k = 10, though there are five hits")
    yield "fewer hits than k: then their number counts"
    compare(np.random.default_rng(8).choice(["dog", "rain", "cat"], 400), "rain", 100, "400 hits and k = 100")
    yield "many hits"


@reports.check("Return the one of the candidates that cuts the vectors best into clusters.")
def check_choose_k(fn: Callable) -> Iterator[str]:
    """Check ``fn(vectors, candidates)``: the number of clusters, on points whose groups can be seen."""
    rng = np.random.default_rng(3)

    def compare(sizes: Sequence[int], n_dims: int, candidates: Sequence[int], what: str) -> None:
        turn = 2 * np.pi * np.arange(len(sizes)) / len(sizes)
        circle = 6 * np.column_stack([np.cos(turn), np.sin(turn)])
        centres = circle if n_dims == 2 else 8 * np.eye(n_dims)[:len(sizes)]
        vectors = np.repeat(centres, sizes, axis=0) + rng.normal(0, 1, (sum(sizes), n_dims))
        given = f"for {what} and the candidates {', '.join(map(str, candidates))}"
        answer = reports.ask(fn, rng.permutation(vectors), list(candidates), given=given)
        got = reports.number(answer, name="the answer")
        if got not in candidates:
            raise reports.Wrong(f"{given} you said {got:g}, which is none of them.")
        reports.same(int(got), len(sizes), given=given)

    compare([30, 30, 30], 2, (2, 3, 4, 6), "three groups of points on a plane")
    yield "three groups that anyone can see"
    compare([25] * 6, 10, (2, 4, 6, 8, 12), "six groups in ten dimensions")
    yield "six groups in more dimensions than anyone can see"
    compare([60, 20, 40, 30], 8, (10, 7, 5, 4, 3, 2), "four groups of different sizes")
    yield "groups of different sizes, and candidates in another order"


@reports.check("Return the places of the n clips whose labels you doubt most, the most doubtful first.")
def check_suspects(
    fn: Callable, *, vectors: np.ndarray, labels: np.ndarray, sources: np.ndarray, planted: np.ndarray
) -> Iterator[str]:
    """Check ``fn(vectors, labels, sources, n)``: clips with wrong labels, on made-up points and on the reader's data.

    Parameters
    ----------
    fn : callable
        The reader's function.
    vectors : np.ndarray, shape=(n_clips, n_dims)
    labels : np.ndarray of str, shape=(n_clips,)
        With wrong ones planted.
    sources : np.ndarray, shape=(n_clips,)
        The recording of each clip.
    planted : np.ndarray of int
        Which labels are wrong.
    """
    rng = np.random.default_rng(9)

    def doubted(given: str, n: int, table: np.ndarray, names: np.ndarray, recordings: np.ndarray) -> list[int]:
        answer = reports.ask(fn, table, names, recordings, n, given=given)
        found = _places(answer, len(table), given=given, such_as=list(range(n)))
        if len(found) != n:
            raise reports.Wrong(f"{given}: you doubt {len(found)} clips, expected {n}.")
        return found

    def compare(n_sources: int, n_takes: int, wrong: Sequence[int], what: str) -> None:
        groups = np.repeat(np.arange(3 * n_sources), n_takes)
        places = np.eye(3, 6)[np.arange(3 * n_sources) % 3] * 6 + rng.normal(0, 0.5, (3 * n_sources, 6))
        points = places[groups] + rng.normal(0, 0.3, (len(groups), 6))
        points /= np.linalg.norm(points, axis=1, keepdims=True)      # as the notebook's vectors
        names = np.array(["dog", "rain", "cat"])[groups % 3]
        named = np.where(np.isin(groups, wrong), np.array(["rain", "cat", "dog"])[groups % 3], names)
        truly = np.flatnonzero(named != names)
        order = rng.permutation(len(groups))
        given = f"for {what}"
        found = doubted(given, len(truly), points[order], named[order], groups[order])
        missed = [place for place in np.flatnonzero(np.isin(order, truly)) if place not in found]
        if missed:
            at = order[missed[0]]
            raise reports.Wrong(f"{given}: clip {missed[0]} is missing. It is called {named[at]}, and lies among "
                                f"{names[at]}, if you leave out its own recording.")

    compare(20, 1, [4, 17, 33], "sixty clips of sixty recordings, three of them with a wrong label")
    yield "three wrong labels among sixty"
    compare(10, 12, [7], "thirty recordings in twelve pieces each, one of them with a wrong label on all its pieces")
    yield "a recording that was mislabelled as a whole"
    given = f"for your {len(labels)} clips and n = 10"
    found = doubted(given, min(10, len(labels)), vectors, labels, sources)
    hits, possible = (np.intersect1d(planted, each) for each in (found, _own_label_last(vectors, labels, sources)))
    if len(hits) < len(possible):
        missed = int(np.setdiff1d(possible, hits)[0])
        raise reports.Wrong(f"{given}: {len(hits)} of the {len(planted)} planted ones are among yours, "
                            f"{len(possible)} can be found. Clip {missed} is missing; it is called {labels[missed]}.")
    yield f"{len(hits)} of the {len(planted)} planted labels are among your ten"


def _own_label_last(vectors: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Ten clips whose neighbours of other recordings share their label least."""
    far = metrics.distances(vectors, vectors)
    far[np.asarray(sources)[:, np.newaxis] == np.asarray(sources)] = np.inf
    nearest = np.argsort(far, axis=1, kind="stable")[:, :NEIGHBOURS]
    alike = (np.asarray(labels)[nearest] == np.asarray(labels)[:, np.newaxis]).mean(axis=1)
    return np.argsort(alike, kind="stable")[:10]


def _places(answer: object, n_items: int, *, given: str, such_as: list[int]) -> list[int]:
    """The reader's places in the collection as a list of whole numbers, no two alike."""
    got = np.atleast_1d(np.asarray(answer))
    if got.ndim != 1 or (got.size and got.dtype.kind not in "iu"):
        raise reports.Wrong(f"{given}: expected places (whole numbers), such as {such_as[:3]}.")
    stray = [int(place) for place in got if not 0 <= place < n_items]
    if stray:
        raise reports.Wrong(f"{given}: there is no clip {stray[0]}; places go from 0 to {n_items - 1}.")
    twice = [int(place) for place in np.unique(got) if np.sum(got == place) > 1]
    if twice:
        raise reports.Wrong(f"{given}: clip {twice[0]} is there more than once.")
    return got.tolist()
