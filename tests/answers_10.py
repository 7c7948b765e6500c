"""Right and wrong answers to the exercises of notebook 10, for tests/test_exercises.py."""

import numpy as np

from helpers import exercises


def write(ring, place, block):
    kept = block[-len(ring):]
    ring[(place + len(block) - len(kept) + np.arange(len(kept))) % len(ring)] = kept
    return ring, (place + len(block)) % len(ring)


def sample_by_sample(ring, place, block):
    for sample in block:
        ring[place] = sample
        place = (place + 1) % len(ring)
    return ring, place


def shifted(ring, place, block):
    return np.concatenate([ring, block])[-len(ring):], 0


def spoilt(**changes):
    """The right ring buffer with one slip."""
    def wrong(ring, place, block):
        old = place
        ring, place = write(ring, place, block)
        return changes["then"](ring, place, old, block)
    return wrong


def without_end(ring, place, block):
    room = len(ring) - place
    ring[place:place + len(block)] = block[:room]
    return ring, min(place + len(block), len(ring)) % len(ring)


def to_the_end_and_once_more(ring, place, block):
    room = len(ring) - place
    first, rest = block[:room], block[room:]
    ring[place:place + len(first)] = first
    ring[:len(rest)] = rest
    return ring, (place + len(block)) % len(ring)


def full(n, window, hop):
    return 0 if n < window else 1 + (n - window) // hop


def due(n_before, n_new, window_samples, hop_samples):
    return full(n_before + n_new, window_samples, hop_samples) - full(n_before, window_samples, hop_samples)


def loop(n_before, n_new, window_samples, hop_samples):
    ends = np.arange(window_samples, n_before + n_new + 1, hop_samples)
    return (ends > n_before).sum()


RING, HOP = exercises.check_ring_buffer, exercises.check_hop_accounting
RIGHT = [(RING, write), (RING, sample_by_sample), (RING, shifted), (HOP, due), (HOP, loop)]
WRONG = [
    (RING, lambda ring, place, block: write(ring, place, block)[0], "expected two things"),
    (RING, lambda ring, place, block: (np.concatenate([ring, block]), place), "it must not grow"),
    (RING, spoilt(then=lambda ring, place, old, block: (ring, old)), "but the oldest lies at place 3"),
    (RING, spoilt(then=lambda ring, place, old, block: (ring, old + len(block))), "at block 3: the place is 10"),
    (RING, spoilt(then=lambda ring, place, old, block: (np.roll(ring, -place), place)), "not both"),
    (RING, without_end, "blocks of 3, 3 and 4 (the last goes past the end), at block 3"),
    (RING, to_the_end_and_once_more, "could not broadcast"),
    (RING, lambda ring, place, block: write(ring, place, block[:len(ring)]), "a block of 20, at block 2"),
    (RING, lambda ring, place, block: write(ring, place, block[::-1]), "is number 3, expected 1"),
    (RING, lambda ring, place, block: (ring, place + 0.5), "expected a whole number"),
    (RING, lambda ring, place, block: write(np.zeros_like(ring), place, block), "blocks of 3 and 2, at block 2"),
    (RING, lambda ring, place, block: write(ring, place, block) if len(block) else (ring * 0, place),
     "an empty block between two others, at block 2"),
    (HOP, lambda before, new, window, hop: full(before + new, window, hop), "that is all of them"),
    (HOP, lambda before, new, window, hop: (before + new) // window - before // window, "only one hop of new samples"),
    (HOP, lambda before, new, window, hop: (before + new) // hop - before // hop, "the first one needs a whole window"),
    (HOP, lambda before, new, window, hop: full(new, window, hop), "the samples from before count too"),
    (HOP, lambda before, new, window, hop: due(before - 1, new, window, hop), "you said 0, expected 1"),
    (HOP, lambda before, new, window, hop: int(due(before, new, window, hop) > 0), "for 1000 samples after 0"),
    (HOP, lambda before, new, window, hop: max(1, due(before, new, window, hop)), "you said 1, expected 0"),
    (HOP, lambda before, new, window, hop: due(before, new, window, hop) + (new == 16_000), "for 16000 samples after"),
    (HOP, lambda before, new, window, hop: str(due(before, new, window, hop)), "you said '1', expected 1"),
    (HOP, lambda before, new, window, hop: due(before, new, window, hop) > 0, "you said True"),
]
FUNCTIONS = [RING, HOP]
