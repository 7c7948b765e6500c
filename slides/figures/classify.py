"""Figures."""

SOURCES: list[str] = []
RESULTS: list[str] = []
FIGURES = ()
