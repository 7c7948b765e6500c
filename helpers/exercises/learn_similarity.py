"""The self-checks of notebook 07: the triplet loss, and a detector of collapse."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers import similarity
from helpers.exercises import reports

HEALTHY, COLLAPSED = 0.9, 0.3


@reports.check("Return one number: the squared distance to the positive, less that to the negative, plus the margin.")
def check_triplet_loss(fn: Callable) -> Iterator[str]:
    """Check ``fn(anchor, positive, negative, margin)``: the loss of one triplet of unit vectors."""
    rng = np.random.default_rng(7)

    def compare(vectors: Sequence[Sequence[float]], margin: float, what: str) -> None:
        given, (anchor, positive, negative) = f"for {what}", (np.asarray(each, float) for each in vectors)
        got = reports.one_number(reports.ask(fn, anchor, positive, negative, margin, given=given), given=given)
        right = similarity.triplet_loss(anchor[None], positive[None], negatives=negative[None], margin=margin)
        if not np.isclose(got, right, atol=1e-6):
            near, far = (((anchor - other) ** 2).sum() for other in (positive, negative))
            raise reports.Wrong(f"{given}: the loss is {got:.4g}, expected {right:.4g}. The squared distances are "
                                f"{near:.4g} and {far:.4g}, the margin is {margin:g}.")

    east, north, between = [1, 0], [0, 1], [0.8, 0.6]
    compare([east, north, between], 0.2, "a positive that is further away than the negative")
    yield "the positive is too far: it costs"
    compare([east, between, between], 0.2, "a positive and a negative in one place")
    yield "equally near is not enough: the margin is missing"
    compare([east, east, north], 0.2, "a positive in the same place as the anchor, and a negative at a right angle")
    compare([east, between, [-1, 0]], 1.0, "a negative that is opposite")
    yield "the negative is far enough: it costs nothing, not less"
    for margin in (0.1, 0.5, 1.5):
        drawn = rng.normal(0, 1, (8, 3, 16))
        for vectors in drawn / np.linalg.norm(drawn, axis=2, keepdims=True):
            compare(vectors, margin, f"three vectors of 16 numbers drawn at random and a margin of {margin:g}")
    yield "vectors of more dimensions, other margins"


@reports.check("Return one number: the standard deviation of the unit vectors' dimensions, averaged, times sqrt(n).")
def check_collapse(fn: Callable) -> Iterator[str]:
    """Check ``fn(vectors)``: how far vectors are from having all become one, from 0 to 1."""
    rng = np.random.default_rng(8)

    def compare(vectors: np.ndarray, what: str) -> float:
        given = f"for {what}"
        got = reports.one_number(reports.ask(fn, vectors, given=given), given=given)
        right = similarity.collapse(vectors)
        if not np.isclose(got, right, atol=1e-4):
            raise reports.Wrong(f"{given}: you said {got:.4g}, expected {right:.4g}{_why(vectors, got)}.")
        return got

    everywhere = rng.normal(0, 1, (500, 32))
    assert compare(everywhere, "500 vectors that point everywhere") > HEALTHY
    yield f"vectors that point everywhere: above {HEALTHY:g}"
    one = np.tile(rng.normal(0, 1, 32), (60, 1))
    assert compare(one + rng.normal(0, 0.1, one.shape), "60 vectors that are nearly one") < COLLAPSED
    yield f"vectors that are nearly one: below {COLLAPSED:g}"
    lengths = rng.uniform(0.1, 50, (60, 1))
    compare(one * lengths, "60 vectors of one direction and of many lengths (their direction counts)")
    yield "one direction and many lengths: collapsed, too"
    half = np.repeat(np.eye(2, 8), 20, axis=0) * lengths[:40]
    compare(half, "vectors of 8 numbers in two directions only")
    compare(rng.normal(0, 1, (40, 128)) + 0.5, "40 vectors of 128 numbers about a common direction")
    yield "between the two, for any number of dimensions"


def _why(vectors: np.ndarray, got: float) -> str:
    """Name the step that is missing, if a usual one is."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    root = np.sqrt(vectors.shape[1])
    for wrong, says in ((vectors.std(axis=0).mean() * root, "give every vector length 1 first"),
                        (unit.std(axis=0).mean(), "multiply by the square root of the number of dimensions"),
                        (unit.std(axis=1).mean() * root, "the deviation over the clips: axis=0"),
                        (unit.std() * root, "the deviation of each dimension by itself: axis=0"),
                        (unit.std(axis=0).mean() * vectors.shape[1], "the square root of the number of dimensions")):
        if np.isclose(got, wrong, atol=1e-4):
            return f" ({says})"
    return ""
