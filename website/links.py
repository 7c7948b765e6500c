"""Where a file of the repository stands in the site, links rewritten for it, and whether every link leads somewhere."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
PICTURES = (".png", ".jpg", ".svg", ".gif")
MADE = ("media/", "frames/")
FETCHED = {"img": "src", "audio": "src", "source": "src", "iframe": "src", "script": "src", "link": "href"}


@dataclass
class Map:
    """Which file of the repository became which page.

    Attributes
    ----------
    places : dict, path in the repository to path in the site
    repository : str
        Address under which the other files can be read; empty where there is none.
    pictures : set of str
        Files that pages show and that have to be copied; filled while links are rewritten.
    """

    places: Mapping[str, str]
    repository: str = ""
    pictures: set[str] = field(default_factory=set)

    def goal(self, link: str, *, source: str, target: str) -> str | None:
        """Where a link of a file leads in the site; None where it leads nowhere.

        Examples
        --------
        >>> places = Map({"docs/a.md": "docs/a.html", "README.md": "index.html"})
        >>> places.goal("../README.md#start", source="docs/a.md", target="docs/a.html")
        '../index.html#start'
        >>> places.goal("../helpers/audio.py", source="docs/a.md", target="docs/a.html") is None
        True
        """
        if ELSEWHERE.match(link) or link.startswith("#"):
            return link
        path, _, anchor = link.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if path.startswith(MADE):
            return link
        if path in self.places:
            return relative(self.places[path], target=target) + (f"#{anchor}" if anchor else "")
        if path.endswith(PICTURES):
            self.pictures.add(path)
            return relative(path, target=target)
        return f"{self.repository}/blob/HEAD/{path}" if self.repository and not path.startswith("..") else None

    def rewrite(self, soup: BeautifulSoup, *, source: str, target: str) -> None:
        """Let the links of a page that was ``source`` lead where its goals are in the site; unlink the others."""
        for link in soup.find_all("a", href=True):
            goal = self.goal(link["href"], source=source, target=target)
            if goal is None:
                link.name, link.attrs = "span", {"class": "file", "title": "A file of the repository"}
            else:
                link["href"] = goal
        for picture in soup.find_all("img", src=True):
            picture["src"] = self.goal(picture["src"], source=source, target=target) or ""


def relative(path: str, *, target: str) -> str:
    """Path in the site as seen from a page.

    Examples
    --------
    >>> relative("docs/glossary.html", target="notebooks/01.html")
    '../docs/glossary.html'
    """
    return posixpath.relpath(path, posixpath.dirname(target) or ".")


class _Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.names, self.links, self.fetched = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.names |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if values.get(FETCHED.get(tag)):
            self.fetched.append(values[FETCHED[tag]])


def dead(folder: Path) -> list[str]:
    """List what is wrong with the links of a built site.

    Parameters
    ----------
    folder : Path
        Root of the site.

    Returns
    -------
    list of str
        One line for each link that leads to no file, to no place in its file or out of the folder, and for each file
        that a page would fetch from elsewhere.
    """
    pages = {path: _Page(path.read_text("utf-8")) for path in sorted(folder.resolve().rglob("*.html"))}
    wrong = []
    for path, page in pages.items():
        name = path.relative_to(folder.resolve()).as_posix()
        wrong += [f"{name} fetches {link}" for link in page.fetched
                  if ELSEWHERE.match(link) and not link.startswith("data:")]
        inside = [link for link in page.links + page.fetched if not ELSEWHERE.match(link)]
        wrong += [f"{name}: {link}" for link in dict.fromkeys(inside)
                  if not _leads(link, path, folder.resolve(), pages)]
    return wrong


def _leads(link: str, path: Path, folder: Path, pages: Mapping[Path, _Page]) -> bool:
    parts = urlsplit(link)
    goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not goal.is_relative_to(folder) or not goal.is_file():
        return False
    return not parts.fragment or goal not in pages or unquote(parts.fragment) in pages[goal].names
