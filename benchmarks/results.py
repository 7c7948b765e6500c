"""Results of benchmarks: rows with goals, written whole, quoted by Markdown."""

import ast
import datetime
import hashlib
import json
import os
import platform
import re
import statistics
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType

from helpers import files

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "benchmarks" / "results"
PACKAGES = ("numpy", "scipy", "librosa", "scikit-learn", "tensorflow", "tensorflow-cpu", "keras")
DIGITS = {"share": 3, "x": 1, "s": 0, "CPU s": 1, "MB": 0, "dB": 4, "clips": 0, "windows": 0, "faults": 0, "tests": 0,
          "yes": 0, "files": 0, "notebooks": 0, "processes": 0, "status": 0, "min": 1, "count": 0,
          "CPU ms": 1, "MB/s": 0, "files/s": 0, "windows/s": 1}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
QUOTE = re.compile(r"<!-- bench (?P<name>[\w-]+):(?P<what>[^>]+?) -->(?P<shown>.*?)<!-- /bench -->", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One figure of a benchmark.

    Parameters
    ----------
    what : str
        What was measured, unique in its table.
    value : float or None
        ``None`` where it could not be measured here ("not run").
    unit : str
        For example ``"share"``, ``"x"``, ``"s"``, ``"MB"``.
    goal : float or None
        What it should reach.
    ok : bool or None
        Whether it does.
    detail : str
        Spread, rounds, or why it was not run.
    """

    what: str
    value: float | None
    unit: str
    goal: float | None = None
    ok: bool | None = None
    detail: str = ""


def row(what: str, value: float | None, unit: str, *, goal: float | None = None, at_most: bool = False,
        detail: str = "") -> Row:
    """Make a row, and say whether it reaches its goal (or stays below it, with ``at_most``)."""
    value = None if value is None else round(float(value), 6)
    reached = None if goal is None or value is None else (value <= goal if at_most else value >= goal)
    return Row(what, value, unit, goal, reached, detail or ("not run" if value is None else ""))


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile of at least two values."""
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def shown(row: dict) -> str:
    """The value as people read it: digits by unit, "not run" where there is none."""
    if row["value"] is None:
        return "not run"
    return f"{row['value']:.{DIGITS.get(row['unit'], 2)}f}"


def machine() -> dict:
    """Facts about this machine and its packages that figures depend on; no names of people or hosts."""
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {"system": f"{platform.system()} {platform.machine()}", "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
            "python": platform.python_version(), "packages": versions}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def not_run(error: Exception) -> str:
    """Say in a row that something is missing here, with the command that fetches it but without folders."""
    command = re.search(r"(?:python|py) start\.py [^;.(]+", str(error))
    return "not run: not here" + (f" ({command[0].strip()})" if command else "")


def source_path(source: str) -> Path:
    """File or folder of a source; a module that has become a package since is found there."""
    path = ROOT / source
    return path if path.exists() else path.with_suffix("")


def source_hash(sources: list[str]) -> str:
    """Digest of the code in files or folders that a benchmark depends on; comments and docstrings do not count."""
    state = hashlib.sha256()
    for source in sources:
        path = source_path(source)
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            state.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
            state.update(_code(file).encode())
    return state.hexdigest()[:16]


def _code(file: Path) -> str:
    """The code of a Python file without comments, docstrings and layout."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0].value.value = ""
    return ast.dump(tree)


class Report:
    """Collects the rows of one benchmark while it runs, prints and writes them.

    Parameters
    ----------
    name : str
    title : str
        What is measured, in one line.
    data : str
        What it is measured on, in one line.
    sources : list of str
        Files and folders, relative to the repository, that the figures depend on.
    folder : Path, optional
        Where the table is written: ``benchmarks/results``, if not given.
    """

    def __init__(self, name: str, *, title: str, data: str, sources: list[str], folder: Path | None = None):
        self.name, self.title, self.data, self.sources = name, title, data, sources
        self.folder = folder or FOLDER
        self.rows: list[Row] = []
        self.started = time.perf_counter(), time.process_time()
        self.cpu_elsewhere = 0.0

    def add(self, row: Row) -> None:
        """Add a row, and print it at once: some benchmarks take an hour."""
        if any(row.what == other.what for other in self.rows):
            raise ValueError(f"two rows are called {row.what!r}")
        self.rows.append(row)
        goal = "" if row.goal is None else f"   goal {row.goal:g}: {'reached' if row.ok else 'NOT reached'}"
        value = shown(asdict(row))
        print(f"  {row.what:<62} {value:>8} {row.unit:<8}{goal}{'   ' + row.detail if row.detail else ''}", flush=True)

    def write(self) -> Path:
        """Write the table, whole or not at all."""
        wall, cpu = time.perf_counter() - self.started[0], time.process_time() - self.started[1]
        record = {
            "name": self.name, "title": self.title, "data": self.data,
            "date": datetime.date.today().isoformat(), "machine": machine(),
            "sources": self.sources, "source_hash": source_hash(self.sources),
            "wall_s": round(wall, 1), "cpu_s": round(cpu + self.cpu_elsewhere, 1),
            "rows": [asdict(row) for row in self.rows]}
        path = self.folder / f"{self.name}.json"
        files.write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        return path


def folder(package: ModuleType) -> Path:
    """Where the results of a package of measurements lie."""
    return Path(package.__path__[0]) / "results"


def load(name: str, *, folder: Path | None = None) -> dict:
    """Read a committed result, of the benchmarks unless another folder is given.

    Raises
    ------
    FileNotFoundError
        If that benchmark was never run.
    """
    return json.loads(((folder or FOLDER) / f"{name}.json").read_text(encoding="utf-8"))


def quoted(name: str, what: str) -> str:
    """The figure that Markdown quotes: of a row called ``what``, or a field such as ``date``.

    "not run" where that benchmark was never run.

    Raises
    ------
    KeyError
        If the result has no such row.
    """
    if not (FOLDER / f"{name}.json").exists():
        return "not run"
    record = load(name)
    for row in record["rows"]:
        if row["what"] == what:
            return shown(row)
    if what in ("date", "data", "title"):
        return record[what]
    raise KeyError(f"{name} has no row {what!r}; it has {[row['what'] for row in record['rows']]}")


def fill(text: str) -> str:
    """Bring every quoted figure in a Markdown text up to date."""
    return QUOTE.sub(
        lambda m: f"<!-- bench {m['name']}:{m['what']} -->{quoted(m['name'], m['what'])}<!-- /bench -->", text)


def markdown_pages() -> list[Path]:
    """Pages that may quote figures: every Markdown file in the root, docs, slides, training and notebooks."""
    folders = [(ROOT / name).rglob("*.md") for name in ("docs", "slides", "training", "notebooks")]
    return sorted(path for pages in [ROOT.glob("*.md"), *folders] for path in pages if "node_modules" not in path.parts)
