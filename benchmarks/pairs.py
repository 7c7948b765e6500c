"""Ratios of processor time, taken side by side in one process."""

import random
import time
from collections.abc import Callable

from benchmarks import results


def ratio(usual: Callable, ours: Callable, *, rounds: int = 15) -> tuple[list[float], list[float]]:
    """Measure how many times less processor time ours takes.

    Every round runs the usual way, ours, and the usual way again, in random
    order, so that a machine whose speed drifts slows all three alike.

    Parameters
    ----------
    usual, ours : callable without arguments
    rounds : int

    Returns
    -------
    ratios : list of float
        Usual over ours, one a round.
    noise : list of float
        Usual over usual: how far 1 is missed by chance alone.
    """
    rng, ratios, noise = random.Random(0), [], []
    usual()
    ours()
    for _ in range(rounds):
        seconds = {}
        for name in rng.sample(["first", "second", "ours"], 3):
            start = time.process_time()
            (ours if name == "ours" else usual)()
            seconds[name] = time.process_time() - start
        ratios.append((seconds["first"] + seconds["second"]) / 2 / seconds["ours"])
        noise.append(seconds["first"] / seconds["second"])
    return ratios, noise


def spread(values: list[float]) -> str:
    """Median and quartiles, in words."""
    low, middle, high = results.quartiles(values)
    return f"median {middle:.2f}, quartiles {low:.2f} to {high:.2f}, {len(values)} rounds"
