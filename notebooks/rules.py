"""What a notebook source has to look like, and how its exercises are blanked.

An exercise is three cells: Markdown headed "Your turn: ...", a code cell whose answer
stands between ``# <solution>`` and ``# </solution>``, and one call of
``exercises.check_...``. What such a cell defines is used nowhere else, so that a reader
who leaves it blank can still run everything that follows.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

OPEN, CLOSE = "# <solution>", "# </solution>"
BLANK = "...  # your code here"
MAX_CELLS, MIN_CELLS, MAX_BYTES = 60, 30, 60_000
MAX_LINES, GOOD_LINES, GOOD_WORDS = 25, 15, 100
HEADING = re.compile(r"#{2,4} Your turn: \S")
INSTALL = re.compile(r"\b(pip3?|conda|mamba|apt|apt-get|brew|uv)\s+(pip\s+)?install\b")


@dataclass(frozen=True)
class Cell:
    """One cell of a source: its number (from 1), "code" or "markdown", its text, its tags."""

    number: int
    kind: str
    source: str
    tags: tuple[str, ...] = ()


def solved(source: str) -> str:
    """Drop the two marker lines of each answer."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in (OPEN, CLOSE))


def blank(source: str) -> str:
    """Put a place to write in for each answer, indented alike.

    Examples
    --------
    >>> print(blank("def f(x):\\n    # <solution>\\n    return x\\n    # </solution>"))
    def f(x):
        ...  # your code here
    """
    kept, inside = [], False
    for line in source.split("\n"):
        if line.strip() == OPEN:
            inside = True
            kept.append(line[: len(line) - len(line.lstrip())] + BLANK)
        elif line.strip() == CLOSE:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def is_exercise(cell: Cell) -> bool:
    """Whether a code cell holds an answer."""
    return cell.kind == "code" and (OPEN in cell.source or CLOSE in cell.source or "exercise" in cell.tags)


def is_check(cell: Cell) -> bool:
    """Whether a code cell calls a self-check."""
    return cell.kind == "code" and "exercises.check_" in cell.source


def examine(stem: str, cells: list[Cell]) -> tuple[list[str], list[str]]:
    """Hold a notebook source against the rules.

    Parameters
    ----------
    stem : str
        Name of the file without ending, such as "02_classify_clips".
    cells : list of Cell

    Returns
    -------
    errors, warnings : list of str
        One line each, naming the cell.
    """
    errors, warnings = [*_outline(stem, cells)], []
    trees = {}
    for cell in cells:
        if cell.kind == "markdown":
            words = len(cell.source.split())
            if words > GOOD_WORDS:
                warnings.append(f"cell {cell.number}: {words} words; aim at {GOOD_WORDS}")
            if re.search(r"\$[^$\n]+\$", re.sub(r"`[^`]*`", "", cell.source)):
                errors.append(f"cell {cell.number}: formulas in $...$ do not show in the exported pages; use code")
            continue
        errors += _markers(cell)
        if '"../' in cell.source:
            errors.append(f"cell {cell.number}: a path that begins with ../ is not found from solutions/; use a helper")
        lines = solved(cell.source).count("\n") + 1
        if lines > MAX_LINES:
            errors.append(f"cell {cell.number}: {lines} lines of code; {MAX_LINES} at most")
        elif lines > GOOD_LINES:
            warnings.append(f"cell {cell.number}: {lines} lines of code; aim at {GOOD_LINES}")
        try:
            trees[cell.number] = ast.parse(solved(cell.source))
        except SyntaxError as error:
            errors.append(f"cell {cell.number}: not plain Python ({error.msg}, line {error.lineno}); no %, ! or ?")
        errors += _forbidden(cell, trees.get(cell.number))
    if not errors:
        errors += [*_exercises(cells, trees), *_imports(cells, trees)]
    return errors, warnings


def _outline(stem: str, cells: list[Cell]) -> Iterator[str]:
    number = int(stem[:2])
    title = re.match(r"# (\d+)\. \S", cells[0].source) if cells and cells[0].kind == "markdown" else None
    if not title:
        yield f"the first cell must be Markdown and begin with the title: # {number}. ..."
    elif int(title[1]) != number:
        yield f"the title says {title[1]}, the file name {number}"
    fewest = MIN_CELLS if number else 1
    if not fewest <= len(cells) <= MAX_CELLS:
        yield f"{len(cells)} cells; {fewest} to {MAX_CELLS} are right"
    yield from (f"cell {cell.number}: empty" for cell in cells if not cell.source.strip())
    yield from (f"cell {cell.number}: only code and Markdown cells" for cell in cells if cell.kind not in
                ("code", "markdown"))


def _markers(cell: Cell) -> Iterator[str]:
    inside, body, indent = False, 0, ""
    for line in cell.source.split("\n"):
        word, space = line.strip(), line[: len(line) - len(line.lstrip())]
        if word in (OPEN, CLOSE):
            if (word == OPEN) == inside:
                yield f"cell {cell.number}: {word} without its partner"
            elif word == CLOSE and not body:
                yield f"cell {cell.number}: nothing stands in the answer"
            elif word == CLOSE and space != indent:
                yield f"cell {cell.number}: {OPEN} and {CLOSE} must be indented alike"
            inside, body, indent = word == OPEN, 0, space if word == OPEN else indent
        elif "solution>" in line:
            yield f"cell {cell.number}: a marker stands alone on its line, exactly {OPEN} or {CLOSE}"
        elif inside:
            body += bool(word)
    if inside:
        yield f"cell {cell.number}: {OPEN} without its partner"


def _forbidden(cell: Cell, tree: ast.Module | None) -> Iterator[str]:
    if INSTALL.search(cell.source):
        yield f"cell {cell.number}: nothing is installed in a notebook"
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names):
            yield f"cell {cell.number}: no star imports"
        if isinstance(node, ast.Import) and any(name.name.split(".")[0] == "helpers" for name in node.names):
            yield f"cell {cell.number}: write it as: from helpers import ..."
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.path", "os.chdir"):
            yield f"cell {cell.number}: no {ast.unparse(node)}; helpers give absolute paths"
        if isinstance(node, ast.Name) and node.id == "get_ipython":
            yield f"cell {cell.number}: no magics (get_ipython)"


def bound(tree: ast.Module) -> set[str]:
    """Names that a cell defines for the cells after it.

    Examples
    --------
    >>> sorted(bound(ast.parse("import numpy as np\\na, b = 1, 2\\ndef f(x):\\n    y = x")))
    ['a', 'b', 'f', 'np']
    """
    names, waiting = set(), [*tree.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(name.asname or name.name).split(".")[0] for name in node.names}
        elif not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            waiting += ast.iter_child_nodes(node)
    return names


def mentioned(tree: ast.Module) -> set[str]:
    """Every name that stands in a cell, defined or used."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | bound(tree)


def _exercises(cells: list[Cell], trees: dict[int, ast.Module]) -> Iterator[str]:
    for index, cell in enumerate(cells):
        before = cells[index - 1] if index else None
        after = cells[index + 1] if index + 1 < len(cells) else None
        if cell.kind == "markdown":
            if re.search(r"^#+ +Your turn", cell.source, re.MULTILINE) and not (after and is_exercise(after)):
                yield f"cell {cell.number}: 'Your turn' without an exercise cell after it"
            continue
        if is_check(cell):
            body = trees[cell.number].body
            call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
            if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("exercises.check_")):
                yield f"cell {cell.number}: a check cell is one call of exercises.check_... and nothing else"
            if not (before and is_exercise(before)):
                yield f"cell {cell.number}: a check without an exercise cell before it"
        if not is_exercise(cell):
            continue
        if OPEN not in cell.source:
            yield f"cell {cell.number}: an exercise without {OPEN}"
        if not (before and before.kind == "markdown" and HEADING.match(before.source)):
            yield f"cell {cell.number}: the cell before an exercise is Markdown and begins with '### Your turn: ...'"
        if not (after and is_check(after)):
            yield f"cell {cell.number}: the cell after an exercise calls exercises.check_..."
            continue
        yield from _blank_is_harmless(cell, after, cells, trees)


def _blank_is_harmless(cell: Cell, check: Cell, cells: list[Cell], trees: dict[int, ast.Module]) -> Iterator[str]:
    names = bound(trees[cell.number])
    try:
        lost = names - bound(ast.parse(blank(cell.source)))
    except SyntaxError as error:
        yield f"cell {cell.number}: the blank form is not Python ({error.msg}, line {error.lineno})"
        return
    if lost:
        yield f"cell {cell.number}: the blank form does not define {', '.join(sorted(lost))}; start with '... = None'"
    if not names & mentioned(trees[check.number]):
        yield f"cell {check.number}: the check does not look at what the exercise defines"
    for other in cells:
        if other.kind == "code" and other.number not in (cell.number, check.number):
            shared = names & mentioned(trees[other.number])
            if shared:
                yield (f"cell {other.number}: {', '.join(sorted(shared))} belongs to the exercise in cell "
                       f"{cell.number}; only its check may use it")


def _imports(cells: list[Cell], trees: dict[int, ast.Module]) -> Iterator[str]:
    code = [cell.number for cell in cells if cell.kind == "code"]
    uses = {number: {node.id for node in ast.walk(trees[number]) if isinstance(node, ast.Name)} for number in code}
    first: dict[str, int] = {}
    for number in code:
        for node in ast.walk(trees[number]):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for name in ((alias.asname or alias.name).split(".")[0] for alias in node.names):
                if name in first:
                    yield f"cell {number}: {name} is imported in cell {first[name]} already"
                first.setdefault(name, number)
                if not any(name in used for used in uses.values()):
                    yield f"cell {number}: {name} is imported and never used"
                elif number != code[0] and name not in uses[number]:
                    yield f"cell {number}: import {name} where it is first used"
