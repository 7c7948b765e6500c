"""Paired measurements: ``python -m benchmarks`` lists them, ``python -m benchmarks NAME`` runs one.

Each prints one table and writes ``benchmarks/results/NAME.json``. Every number
that the README, a notebook or a slide quotes is read from there.
"""
