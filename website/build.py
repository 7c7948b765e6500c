"""Put the site together: pages, links, search, look; then see whether every link leads somewhere."""

import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup

from benchmarks import results
from helpers import files
from notebooks import build as sources
from notebooks import run
from slides import decks
from website import SiteError, frame, glossary, links, notebook, pages, prose, search

ROOT = Path(__file__).resolve().parents[1]
LOOK = Path(__file__).resolve().parent / "look"
OUT = Path(__file__).resolve().parent / "build"
DECKS = decks.FOLDER / "build"
GLOSSARY = "docs/glossary.md"
OWN = {"times.html": "", "slides/index.html": "slides", "licences.html": "LICENSE", "search.html": ""}
"""Pages that no Markdown file is, and what stands in the repository in their place."""


@dataclass
class Page:
    """One page: the file of the repository it comes from, its place in the site, its title and body."""

    source: str
    target: str
    title: str
    body: BeautifulSoup


def build(out: Path = OUT, *, only: Iterable[str] = (), executed: Path | None = None, built: Path = DECKS,
          repository: str = "") -> Path:
    """Build the site.

    Parameters
    ----------
    out : Path
        Where it goes; an older site there is replaced, anything else is left alone.
    only : iterable of str
        Notebooks by number or name; all if empty.
    executed : Path, optional
        Executed pages (``notebooks/run.py`` writes them); without it every notebook is executed now.
    built : Path
        Where the decks lie that ``python -m slides`` has built.
    repository : str
        Public address of the repository, for links to files that are no page; by default that of ``pyproject.toml``.

    Returns
    -------
    Path
        The first page.

    Raises
    ------
    SiteError
        If there is no such notebook, one does not run, an executed page is missing or of another version, a link leads
        nowhere, or ``out`` holds something else.
    """
    try:
        names = sources.pick(list(only), sorted(path.stem for path in run.HERE.glob("[0-9][0-9]_*.ipynb")))
    except ValueError as error:
        raise SiteError(str(error)) from None
    must_be_ours(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".site-") as temporary:
        site = Path(temporary) / "site"
        site.mkdir()
        write(site, names, executed=executed, built=built, repository=repository or published())
        if wrong := links.dead(site):
            raise SiteError("\n  ".join(["Links that lead nowhere:", *wrong]))
        if out.exists():
            shutil.rmtree(out)
        site.rename(out)
    return out / "index.html"


def write(site: Path, names: list[str], *, executed: Path | None, built: Path, repository: str) -> None:
    """Write every file of the site into an empty folder."""
    places = places_of(names, built)
    where = links.Map(places, repository)
    found = [*markdown_pages(places), *notebook_pages(names, site, executed=executed)]
    titles = {page.source: page.title for page in found}
    found += own_pages({name: titles[f"notebooks/{name}.ipynb"] for name in names}, built)
    known = [glossary.Term((f"notebook {name[:2]}", f"notebook {int(name[:2])}"), f"notebooks/{name}.html",
                           titles[f"notebooks/{name}.ipynb"]) for name in names]
    explained = glossary.read(ROOT / GLOSSARY, page=places[GLOSSARY]) if GLOSSARY in places else []
    index = []
    menu = frame.Menu({page.target: page.title for page in found}, names)
    for page in found:
        where.rewrite(page.body, source=page.source, target=page.target)
        is_notebook = page.source.endswith(".ipynb")
        glossary.link(page.body, known + explained * is_notebook, target=page.target)
        if is_notebook and page.body.h1:
            name = Path(page.source).stem
            page.body.h1.insert_after(BeautifulSoup(frame.facts(name, pages.costs(name)), "html.parser"))
        if page.target != "search.html":
            index += search.sections(page.body, title=page.title, target=page.target)
        whole = frame.page(page.body, title=page.title, target=page.target, menu=menu)
        files.write_text(made(site / page.target), whole)
    index += copy_decks(built, site, where)
    for picture in where.pictures:
        shutil.copyfile(ROOT / picture, made(site / picture))
    for name in names:
        shutil.copyfile(run.HERE / f"{name}.ipynb", site / "notebooks" / f"{name}.ipynb")
    for part in ("style.css", "search.js"):
        shutil.copyfile(LOOK / part, site / part)
    files.write_text(site / "search-index.js", search.script(index))
    files.write_text(site / ".nojekyll", "")


def made(path: Path) -> Path:
    """The path, its folder made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def markdown() -> list[str]:
    """Markdown files that become pages: all but the decks and what these include."""
    included = {part for deck in decks.paths() for part in decks.INCLUDE.findall(deck.read_text("utf-8"))}
    left_out = {*decks.paths(), *(decks.FOLDER / part for part in included)}
    found = [path for path in [*results.markdown_pages(), ROOT / "data/README.md"] if path not in left_out]
    return [path.relative_to(ROOT).as_posix() for path in found if "build" not in path.parts]


def places_of(names: list[str], built: Path) -> dict[str, str]:
    """Which file of the repository stands where in the site."""
    places = {source: re.sub(r"\.md$", ".html", source) for source in markdown()}
    places |= {"README.md": "index.html", "LICENSE-CONTENT": "licences.html"}
    places |= {source: target for target, source in OWN.items() if source}
    places |= {f"notebooks/{name}.ipynb": f"notebooks/{name}.html" for name in names}
    return places | {f"slides/build/{path.name}": f"slides/{path.name}" for path in built_decks(built)}


def built_decks(built: Path) -> list[Path]:
    """Decks that ``python -m slides`` has built, as pages and as PDF."""
    wanted = [built / f"{path.stem}.{ending}" for path in decks.paths() for ending in ("html", "pdf")]
    return [path for path in wanted if path.exists()]


def markdown_pages(places: dict[str, str]) -> list[Page]:
    """Pages from Markdown."""
    found = []
    for source in markdown():
        body = prose.body((ROOT / source).read_text("utf-8"))
        found.append(Page(source, places[source], prose.title(body, otherwise=source), body))
    return found


def notebook_pages(names: list[str], site: Path, *, executed: Path | None) -> list[Page]:
    """Pages from notebooks, executed now or before."""
    found, wrong = [], []
    for name in names:
        try:
            body = notebook.body(name, folder=run.HERE, page=executed_page(name, executed), out=site, prefix="../")
        except SiteError as error:                     # all of them are told at once
            wrong.append(str(error))
            continue
        title = prose.title(body, otherwise=name)
        found.append(Page(f"notebooks/{name}.ipynb", f"notebooks/{name}.html", title, body))
    if wrong:
        raise SiteError("\n".join(wrong))
    return found


def executed_page(name: str, folder: Path | None) -> str:
    """Text of the executed page of a notebook."""
    if folder is not None:
        path = folder / f"{name}.html"
        if not path.exists():
            raise SiteError(f"There is no executed page of {name} in {folder}: python start.py run NB={name[:2]}")
        return path.read_text("utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        print(f"Executing {name}.", flush=True)
        path = Path(temporary) / f"{name}.html"
        result = run.execute(name, page=path)
        if not result.ok:
            raise SiteError("\n  ".join([f"{name} does not run:", *result.problems]))
        return path.read_text("utf-8")


def own_pages(titles: dict[str, str], built: Path) -> list[Page]:
    """Pages that stand in no file: times, talks, licences, search."""
    bodies = [pages.times(titles), pages.talks(built), pages.licences(ROOT), pages.search()]
    # Their links are written as from the root of the repository.
    return [Page("README.md", target, prose.title(body, otherwise=target), body)
            for target, body in zip(OWN, bodies, strict=True)]


def copy_decks(built: Path, site: Path, where: links.Map) -> list[search.Section]:
    """Copy the decks that were built, with links that lead on in the site; what the search finds in them."""
    index = []
    for path in built_decks(built):
        source, target = f"slides/build/{path.name}", f"slides/{path.name}"
        if path.suffix == ".pdf":
            shutil.copyfile(path, made(site / target))
            continue

        def lead(match: re.Match, source: str = source, target: str = target) -> str:
            goal = where.goal(match[1], source=source, target=target)
            return f'<a href="{escape(goal)}"' if goal else "<a"

        files.write_text(made(site / target), re.sub(r'<a data-file="(\.\./[^"]+)"', lead, path.read_text("utf-8")))
        deck = decks.read(decks.FOLDER / f"{path.stem}.md")
        for number, slide in enumerate(deck.slides, start=1):
            text = prose.body(decks.PICTURE.sub(r"\1", slide.body)).get_text()
            index.append((f"Talk: {deck.slides[0].heading}", f"{target}#{number}", slide.heading,
                          re.sub(r"\s+", " ", f"{text} {slide.notes}").strip()))
    return index


def published() -> str:
    """Address of the repository as ``pyproject.toml`` states it; empty where it has none yet."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "").removesuffix("/")


def must_be_ours(out: Path) -> None:
    """Refuse to replace a folder that is no site."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "search-index.js").exists())):
        raise SiteError(f"{out} holds something that is no site: name another folder with --out.")
