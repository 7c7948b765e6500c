"""What the benchmarks measured: the tables that notebooks show beside what they compute themselves.

>>> esc10 = stored("esc10")
>>> esc10["title"][:6], sorted(esc10["rows"][0])
('ESC-10', ['detail', 'goal', 'ok', 'unit', 'value', 'what'])
"""

import json
from pathlib import Path

from helpers import checks

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks" / "results"


def stored(name: str) -> dict:
    """Read the result of a benchmark, wherever the notebook lies that asks.

    Parameters
    ----------
    name : str
        Of the benchmark, such as ``"esc10"``.

    Returns
    -------
    dict
        ``title``, ``data``, ``date``, ``machine``, and ``rows``: dicts of ``what``,
        ``value`` (None where it was not run), ``unit``, ``goal``, ``ok``, ``detail``.

    Raises
    ------
    DatasetError
        If there is no such result.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise checks.DatasetError(checks.explain(
            f"the measurement {name!r} in the folder benchmarks/results", "no such file",
            "Take the whole repository, not the helpers alone: the tables of measurements come with it",
            section=checks.NOTEBOOKS))
    return json.loads(path.read_text("utf-8"))
