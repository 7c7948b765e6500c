"""The self-checks of notebook 10: a ring buffer, and how many windows a block completes."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from helpers import stream, windows
from helpers.exercises import reports

BLOCKS = (1, 160, 777, 16_000)
RING = 8000


@reports.check("Return the ring with the block in it, and the place of the next sample.")
def check_ring_buffer(fn: Callable) -> Iterator[str]:
    """Check ``fn(ring, place, block)``: the ring after the block, and where the next sample belongs."""

    def compare(sizes: Sequence[int], length: int, what: str) -> None:
        ring, place, heard = np.zeros(length, np.float32), 0, np.zeros(length, np.float32)
        for number, size in enumerate(sizes, start=1):
            block = np.arange(1, size + 1, dtype=np.float32) + heard[-1]      # the samples are numbered
            given = f"for {what}, at block {number}"
            ring, place = _ring_and_place(reports.ask(fn, ring, place, block, given=given), length, given=given)
            heard = np.concatenate([heard, block])[-length:]
            found = np.roll(ring, -place)
            differing = np.flatnonzero(found != heard)
            if len(differing):
                k = differing[0]
                raise reports.Wrong(
                    f"{given}: read from place {place} on, sample {k} of the ring is number {found[k]:g}, expected "
                    f"{heard[k]:g}{_why(ring, place, heard)}.")

    compare([3], 8, "a ring of 8 and one block of 3")
    compare([3, 2], 8, "a ring of 8 and blocks of 3 and 2")
    yield "blocks go in one after the other"
    compare([3, 3, 4], 8, "a ring of 8 and blocks of 3, 3 and 4 (the last goes past the end)")
    yield "past the end it goes on at the beginning"
    compare([8, 5], 8, "a ring of 8, filled by one block, then 5 more")
    compare([3, 0, 6], 8, "a ring of 8 and an empty block between two others")
    yield "a block that just fills it, and one without samples"
    compare([2, 20, 3], 8, "a ring of 8 and a block of 20")
    yield "of a block longer than the ring the last samples stay"
    for size in BLOCKS:
        n_blocks = 40 if size == 1 else max(3, 20_000 // size)
        compare([size] * n_blocks, 29 if size == 1 else RING, f"blocks of {size}")
    yield f"blocks of {', '.join(map(str, BLOCKS))} samples"


def _ring_and_place(answer: object, length: int, *, given: str) -> tuple[np.ndarray, int]:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise reports.Wrong(f"{given}: expected two things, the ring and the next place: return ring, place.")
    ring, place = np.asarray(answer[0]), np.asarray(answer[1])
    if ring.shape != (length,):
        raise reports.Wrong(f"{given}: the ring has shape {ring.shape}, expected ({length},): it must not grow.")
    if place.shape != () or place.dtype.kind not in "iu" or not 0 <= place < length:
        raise reports.Wrong(f"{given}: the place is {answer[1]!r}, expected a whole number from 0 to {length - 1}.")
    return ring.astype(np.float32), int(place)


def _why(ring: np.ndarray, place: int, heard: np.ndarray) -> str:
    """Name what went wrong, if it is a usual thing."""
    if np.array_equal(ring, heard) and place:
        return " (the samples lie in order from place 0 on: either turn the ring, or move the place, not both)"
    places = range(len(ring) if len(ring) < 100 else 0)
    right = next((turn for turn in places if np.array_equal(np.roll(ring, -turn), heard)), None)
    return "" if right is None else f" (the samples are right, but the oldest lies at place {right})"


@reports.check("Return how many windows become full when so many new samples come after so many old ones.")
def check_hop_accounting(fn: Callable) -> Iterator[str]:
    """Check ``fn(n_before, n_new, window_samples, hop_samples)``: how many windows the new samples complete."""

    def compare(before: int, new: int, window: int, hop: int) -> int:
        given = f"for {new} samples after {before}, windows of {window} and a hop of {hop},"
        expected = _full(before + new, window, hop) - _full(before, window, hop)
        got = reports.ask(fn, before, new, window, hop, given=given)
        value = got.item() if isinstance(got, np.ndarray) and got.size == 1 else got
        if value != expected or isinstance(value, bool):
            reports.same(got, expected, given=given + _hint(got, before, new, window, hop))
        return expected

    compare(0, 100, 100, 50)
    compare(0, 99, 100, 50)
    compare(99, 1, 100, 50)
    yield "the first window is full at its last sample, not before"
    compare(100, 49, 100, 50)
    compare(100, 50, 100, 50)
    compare(149, 1, 100, 50)
    yield "the next one a hop later"
    compare(0, 1000, 100, 50)
    compare(120, 333, 100, 30)
    compare(7, 0, 100, 50)
    yield "long blocks complete several, empty ones none"
    for size in BLOCKS:
        cut, counted = stream.Windows(window_samples=4000, hop_samples=1500), 0
        n_samples = 6000 if size == 1 else 40_000
        for before in range(0, n_samples, size):
            if size > 1 or before % 1500 in (998, 999, 1000):      # single samples: around the moments that count
                new = min(size, n_samples - before)
                counted += compare(before, new, 4000, 1500)
        sizes = [min(size, n_samples - before) for before in range(0, n_samples, size)]
        assert counted == sum(1 for n in sizes for _ in cut.feed(np.zeros(n, np.float32)))
    yield f"blocks of {', '.join(map(str, BLOCKS))} samples give the same windows"


def _full(n_samples: int, window: int, hop: int) -> int:
    return windows.count(n_samples, window_samples=window, hop_samples=hop, pad=False)


def _hint(got: object, before: int, new: int, window: int, hop: int) -> str:
    """Name a usual slip, if it explains the answer."""
    after = before + new
    slips = ((_full(after, window, hop), "that is all of them, those that were full before included"),
             (after // window - before // window, "after a window only one hop of new samples is needed, not a window"),
             (after // hop - before // hop, "the first one needs a whole window"),
             (_full(new, window, hop), "the samples from before count too"))
    return next((f" ({says})" for value, says in slips if isinstance(got, int | np.integer) and got == value), "")
