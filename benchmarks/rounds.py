"""Processor time of several things, taken in turn in one process."""

import random
import time
from collections.abc import Callable

import numpy as np

from benchmarks import results

LEAST = 0.04
"""CPU seconds below which something is repeated."""


def timed(works: dict[str, Callable], *, n: int, least: float = LEAST, seed: int = 0) -> dict[str, np.ndarray]:
    """Time several things in turn, in random order, so that a machine whose speed drifts slows all alike.

    Parameters
    ----------
    works : dict of str to callable without arguments
        Each is called once or twice before, which does not count.
    n : int
        Rounds, at least 2.
    least : float, CPU seconds
        What takes less is repeated within a round until it takes about as long.
    seed : int
        Of the order.

    Returns
    -------
    dict of str to np.ndarray, shape=(n,), CPU seconds
        For one call, all threads of this process together.
    """
    repeats, taken, rng = {}, {name: [] for name in works}, random.Random(seed)
    for name, work in works.items():
        first = cpu_seconds(work)
        once = first if first > least else cpu_seconds(work)
        repeats[name] = max(1, round(least / max(once, 1e-6)))
    for _ in range(n):
        for name in rng.sample(list(works), len(works)):
            taken[name].append(cpu_seconds(works[name], repeats=repeats[name]) / repeats[name])
    return {name: np.array(seconds) for name, seconds in taken.items()}


def cpu_seconds(work: Callable, *, repeats: int = 1) -> float:
    """Processor seconds of some calls together."""
    start = time.process_time()
    for _ in range(repeats):
        work()
    return time.process_time() - start


def spread(values: np.ndarray) -> str:
    """Quartiles and rounds, in words."""
    low, _, high = results.quartiles(list(values))
    return f"quartiles {low:.4g} to {high:.4g}, {len(values)} rounds"
