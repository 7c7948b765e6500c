"""Proof that it holds: ``python -m proof`` lists what is tried, ``python -m proof NAME`` tries one, ``all`` all.

What takes too long for every run of the tests: faults and fuzzing, three
Pythons, the real JupyterLab in a real browser, a replay of what Binder does.
Each prints one table and writes ``proof/results/NAME.json``; all tables stand
in docs/proof.md.
"""

PAGE = "docs/proof.md"
ABOUT = """\
# What was tried
Every table below is written by `python -m proof NAME`; `make proof` runs all of them, which takes some hours. They hold
what the tests of every day have no time for, and every fault that these tests try, with what a reader then sees."""
