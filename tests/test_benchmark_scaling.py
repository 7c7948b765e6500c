"""What the benchmark of scaling computes from times, and how rounds are taken."""

from collections import Counter

import numpy as np
import pytest

from benchmarks import rounds, scaling


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_slope_is_the_power_of_the_size(power):
    sizes = [4, 40, 400]
    assert scaling.slope(sizes, 0.3 * np.array(sizes) ** power) == pytest.approx(power)


def test_every_work_is_called_in_every_round_and_equally_often(monkeypatch):
    monkeypatch.setattr(rounds, "cpu_seconds", lambda work, repeats=1: [work() for _ in range(repeats)] and repeats / 2)
    calls = Counter()
    taken = rounds.timed({name: lambda name=name: calls.update([name]) for name in "ab"}, n=3, least=1.0)
    assert {name: seconds.tolist() for name, seconds in taken.items()} == {"a": [0.5] * 3, "b": [0.5] * 3}
    assert calls == {"a": 2 + 3 * 2, "b": 2 + 3 * 2}


def test_slow_work_is_called_once_before_and_once_a_round(monkeypatch):
    monkeypatch.setattr(rounds, "cpu_seconds", lambda work, repeats=1: [work() for _ in range(repeats)] and 9.0)
    calls = Counter()
    rounds.timed({"a": lambda: calls.update("a")}, n=2, least=1.0)
    assert calls["a"] == 3


def test_steps_have_names_of_their_own():
    names = [step.name for step in scaling.STEPS]
    assert len(set(names)) == len(names)
