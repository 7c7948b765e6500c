"""Paired measurements: ``python -m benchmarks`` lists them, ``python -m benchmarks NAME`` runs one.

Each prints one table and writes ``benchmarks/results/NAME.json``. Every number
that the README, a notebook or a slide quotes is read from there; all tables
stand in docs/measurements.md.
"""

PAGE = "docs/measurements.md"
ABOUT = """\
# What was measured
Every table below is written by `python -m benchmarks NAME`; `make bench` runs all of them, which takes some hours.
Medians, unless a row says otherwise, with their spread where a measurement has several rounds. Ratios ("x") were taken
side by side in one process. "not run" stands where data or weights were not on the computer."""
