"""All tables of a folder of measurements as one Markdown page."""

from pathlib import Path
from types import ModuleType

from benchmarks import results


def page(package: ModuleType, *, folder: Path | None = None) -> str:
    """Write the page: a summary, one line for each table, then the tables themselves.

    Parameters
    ----------
    package : module
        ``benchmarks`` or ``proof``.
    folder : Path, optional
        Where the results lie, if not in the package.

    Returns
    -------
    str
        Markdown, the same text whenever it is made from the same results.
    """
    written = sorted((folder or results.folder(package)).glob("*.json"))
    records = [results.load(path.stem, folder=path.parent) for path in written]
    summary = ["| name | what | rows | goals reached | not run | minutes | date |", "|---|---|---:|---:|---:|---:|---|"]
    for record in records:
        rows = record["rows"]
        goals = [row["ok"] for row in rows if row["ok"] is not None]
        missing = sum(row["value"] is None for row in rows)
        summary.append(f"| [{record['name']}](#{record['name']}) | {_cell(record['title'])} | {len(rows)} | "
                       f"{sum(goals)} of {len(goals)} | {missing or ''} | {record['wall_s'] / 60:.1f} | "
                       f"{record['date']} |")
    return "\n\n".join([package.ABOUT, "\n".join(summary), *map(_section, records)]) + "\n"


def _section(record: dict) -> str:
    machine = record["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    lines = [f"## {record['name']}", f"{record['title'][:1].upper()}{record['title'][1:]}. Measured on: "
             f"{record['data']}.", "", "| what | value | goal | in detail |", "|---|---:|---:|---|"]
    lines += [f"| {_cell(row['what'])} | {_value(row)} | {_goal(row)} | {_cell(row['detail'])} |"
              for row in record["rows"]]
    return "\n".join([*lines, "", f"{machine['cores']} cores of {machine['processor']}, {machine['system']}, Python "
                      f"{machine['python']}; {packages}. {record['wall_s']:.0f} s, of the processor "
                      f"{record['cpu_s']:.0f} s."])


def _value(row: dict) -> str:
    return results.shown(row) if row["value"] is None else f"{results.shown(row)} {row['unit']}"


def _goal(row: dict) -> str:
    if row["goal"] is None:
        return ""
    return f"{row['goal']:g}{'' if row['ok'] is None else ' ✓' if row['ok'] else ' missed'}"


def _cell(text: str) -> str:
    """Text that stays in its cell."""
    return " ".join(text.replace("|", "\\|").split())
