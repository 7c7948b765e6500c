"""A notebook as a page: its prose, its code with what it showed, its exercises open and their answers folded away."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from website import SiteError, media, prose

FOLD = ('<details class="answer"><summary>Show the answer</summary>{inside}</details>')
PRINTED = ("text/plain", "application/vnd.jupyter.stdout", "application/vnd.jupyter.stderr")


@dataclass(frozen=True)
class Executed:
    """What an executed page holds: the code of each cell and what it showed, as HTML, by the cell's id."""

    code: dict[str, str]
    outputs: dict[str, str]


def read(page: str) -> Executed:
    """Take an executed page apart, as ``notebooks/run.py`` writes it."""
    soup = BeautifulSoup(page[max(page.find("<main"), 0):], "html.parser")
    code, outputs = {}, {}
    for cell in soup.select("div.jp-CodeCell"):
        name, source = cell["id"].removeprefix("cell-id="), cell.select_one(".highlight")
        code[name] = source.get_text().strip() if source else ""
        outputs[name] = "".join(_shown(output) for output in cell.select(".jp-OutputArea-output"))
    return Executed(code, outputs)


def _shown(output) -> str:
    """One output: what a cell printed, or a picture, player, table or frame."""
    if output.get("data-mime-type") in PRINTED:
        kind = "stderr" if output["data-mime-type"].endswith("stderr") else "printed"
        inside = (output.find("pre") or output).decode_contents().strip("\n")
        return f'<div class="output"><pre class="{kind}" tabindex="0">{inside}</pre></div>'
    for table in output.find_all("table"):
        table.attrs.pop("border", None)
    return f'<div class="output shown">{output.decode_contents().strip()}</div>'


def body(name: str, *, folder: Path, page: str, out: Path, prefix: str) -> BeautifulSoup:
    """Build the body of a notebook's page.

    Parameters
    ----------
    name : str
        Stem, such as "02_classify_clips".
    folder : Path
        Where the notebooks lie, blank and (in ``solutions``) solved.
    page : str
        The executed page of the solved form.
    out : Path
        Root of the site, where pictures, sounds and frames go.
    prefix : str
        How the page reaches that root.

    Returns
    -------
    BeautifulSoup

    Raises
    ------
    SiteError
        If the page was executed from another version of the notebook.
    """
    solved = nbformat.read(folder / "solutions" / f"{name}.ipynb", as_version=4).cells
    blank = {cell.id: cell.source for cell in nbformat.read(folder / f"{name}.ipynb", as_version=4).cells}
    done = read(media.beside(page.replace(str(Path.home()), "~"), folder=out, prefix=prefix))
    _must_be_of(name, solved, done)
    parts, waiting = [], []
    for cell, after in zip(solved, [*solved[1:], None], strict=True):
        tags = cell.metadata.get("tags", ())
        if cell.cell_type == "markdown":
            parts.append(f'<section class="prose">{prose.body(cell.source)}</section>')
        elif "exercise" in tags:
            parts.append(_code(blank[cell.id], kind="exercise"))
            waiting = [_code(cell.source), done.outputs[cell.id]]
            if after is None or "check" not in after.metadata.get("tags", ()):
                parts.append(FOLD.format(inside="".join(waiting)))
                waiting = []
        elif waiting:
            parts += [_code(cell.source), FOLD.format(inside="".join([*waiting, done.outputs[cell.id]]))]
            waiting = []
        else:
            parts += [_code(cell.source), done.outputs[cell.id]]
    soup = BeautifulSoup("\n".join(parts), "html.parser")
    prose.name_headings(soup)
    return soup


def _code(source: str, *, kind: str = "code") -> str:
    return f'<div class="{kind}">{prose.code(source, "python")}</div>'


def _must_be_of(name: str, cells: list, done: Executed) -> None:
    wanted = {cell.id: cell.source.strip() for cell in cells if cell.cell_type == "code"}
    other = [cell for cell, source in wanted.items() if done.code.get(cell) != source]
    if other:
        raise SiteError(f"The executed page of {name} is not of this version ({len(other)} of {len(wanted)} cells of "
                        f"code differ). Execute it again: python start.py run NB={name[:2]}")
