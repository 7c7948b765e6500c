"""Make the notebooks from their sources.

Each ``src/NN_name.py`` (jupytext, py:percent) is the only edited form. From it come
``NN_name.ipynb``, in which the answers of the exercises are left for the reader, and
``solutions/NN_name.ipynb``, in which they stand. Both are written without outputs and
byte for byte the same on every machine.

    python notebooks/build.py             write both forms of every notebook
    python notebooks/build.py 02          write those of notebook 02
    python notebooks/build.py --check     write nothing; fail when one is stale or breaks a rule
"""

import argparse
import hashlib
import os
import re
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

if __package__:
    from . import rules
else:  # run as a script
    import rules

HERE = Path(__file__).resolve().parent
# Jupytext would take comments such as "# more windows" for shell commands.
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class SourceError(ValueError):
    """A notebook source that breaks the rules; the message lists every place."""


def sources(folder: Path = HERE / "src") -> list[Path]:
    """List the notebook sources in reading order."""
    return sorted(path for path in folder.glob("*.py") if re.match(r"\d\d_", path.name))


def pick(wanted: list[str], stems: list[str]) -> list[str]:
    """Choose notebooks by number or name.

    Parameters
    ----------
    wanted : list of str
        Numbers ("2", "02") or names ("02_classify_clips", with or without an ending); empty means all.
    stems : list of str
        What there is.

    Returns
    -------
    list of str
        The chosen stems, in the order of ``stems``.

    Raises
    ------
    ValueError
        If one of them does not exist.

    Examples
    --------
    >>> pick(["2"], ["01_see", "02_classify"])
    ['02_classify']
    """
    chosen = set()
    for word in wanted:
        name = Path(word).name.removesuffix(".ipynb").removesuffix(".py")
        number = name.zfill(2) if name.isdigit() else None
        found = {stem for stem in stems if stem == name or (number and stem.startswith(number + "_"))}
        if not found:
            raise ValueError(f"There is no notebook {word!r}. There are: {', '.join(stems) or 'none yet'}.")
        chosen |= found
    return [stem for stem in stems if not wanted or stem in chosen]


def forms(source: Path) -> tuple[str, str, list[str]]:
    """Build both forms of one notebook in memory.

    Parameters
    ----------
    source : Path
        ``src/NN_name.py``.

    Returns
    -------
    blank, solved : str
        The two notebooks as JSON text.
    warnings : list of str
        What is legal but worth a look (long cells).

    Raises
    ------
    SourceError
        If the source breaks a rule (see rules.py).
    """
    text = source.read_text(encoding="utf-8")
    cells = [
        rules.Cell(number, cell.cell_type, cell.source.strip("\n"), tuple(cell.metadata.get("tags", ())))
        for number, cell in enumerate(jupytext.reads(text, fmt=FORMAT).cells, start=1)
    ]
    errors, warnings = rules.examine(source.stem, cells)
    if errors:
        raise SourceError("\n".join(f"{source.name}: {error}" for error in errors))
    solved, blank = _notebook(cells, rules.solved), _notebook(cells, rules.blank)
    if len(solved.encode()) > rules.MAX_BYTES:
        raise SourceError(f"{source.name}: {len(solved.encode()):,} bytes as a notebook; {rules.MAX_BYTES:,} at most.")
    return blank, solved, [f"{source.name}: {warning}" for warning in warnings]


def _notebook(cells: list, form) -> str:
    seen: dict[str, int] = {}
    built = []
    for cell in cells:
        # From the text, not the position: a new cell leaves the ids of the others alone. Both forms share the blank's.
        name = hashlib.blake2b(rules.blank(cell.source).encode(), digest_size=5).hexdigest()
        seen[name] = seen.get(name, 0) + 1
        name += f"-{seen[name]}" if seen[name] > 1 else ""
        if cell.kind == "markdown":
            built.append(new_markdown_cell(cell.source, id=name))
            continue
        tags = [*cell.tags]
        tags += ["exercise"] if rules.is_exercise(cell) and "exercise" not in tags else []
        tags += ["check"] if rules.is_check(cell) and "check" not in tags else []
        built.append(new_code_cell(form(cell.source), id=name, metadata={"tags": tags} if tags else {}))
    notebook = new_notebook(cells=built, metadata=METADATA)
    notebook.nbformat_minor = 5
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def targets(source: Path) -> tuple[Path, Path]:
    """Say where the blank and the solved form of a source belong."""
    folder = source.parent.parent
    return folder / f"{source.stem}.ipynb", folder / "solutions" / f"{source.stem}.ipynb"


def write(path: Path, text: str) -> bool:
    """Put text into a file, whole or not at all; leave the file alone when it holds the text already."""
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def stale(folder: Path = HERE) -> list[str]:
    """List what is wrong with the built notebooks of a folder: broken rules, missing, stale and left-over files."""
    problems, known = [], set()
    for source in sources(folder / "src"):
        known |= set(targets(source))
        try:
            blank, solved, _ = forms(source)
        except SourceError as error:
            problems += str(error).splitlines()
            continue
        for path, text in zip(targets(source), (blank, solved), strict=True):
            name = path.relative_to(folder).as_posix()
            if not path.exists():
                problems.append(f"{name} is missing")
            elif path.read_bytes() != text.encode():
                problems.append(f"{name} is stale: its source says something else")
    for path in sorted([*folder.glob("*.ipynb"), *folder.glob("solutions/*.ipynb")]):
        if path not in known:
            problems.append(f"{path.relative_to(folder).as_posix()} has no source in src/")
    return problems


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the notebooks from notebooks/src.")
    parser.add_argument("notebooks", nargs="*", metavar="NN", help="numbers or names; all when left out")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a notebook is stale")
    options = parser.parse_args(argv)
    if options.check:
        problems = stale()
        print(*problems, *(["Way out: python notebooks/build.py"] if problems else ["All notebooks are up to date."]),
              sep="\n")
        return bool(problems)
    failed = False
    chosen = pick(options.notebooks, [source.stem for source in sources()])
    for source in sources():
        if source.stem not in chosen:
            continue
        try:
            blank, solved, warnings = forms(source)
        except SourceError as error:
            print(error)
            failed = True
            continue
        changed = [write(path, text) for path, text in zip(targets(source), (blank, solved), strict=True)]
        print(f"{source.stem}: {'written' if any(changed) else 'unchanged'}, {len(solved) / 1000:.0f} kB", *warnings,
              sep="\n  ")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
