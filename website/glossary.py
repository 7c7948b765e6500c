"""Terms, linked where a page uses them first: those of the glossary, and the names of the notebooks."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString

from website import links, prose

ENTRY = re.compile(r"^## (.+)\n+((?:(?!#).+\n?)+)", re.MULTILINE)
UNTOUCHED = {"a", "code", "pre", "h1", "h2", "h3", "h4", "summary", "button", "figcaption"}


@dataclass(frozen=True)
class Term:
    """A term: all its names, the place in the site that explains it, and what that says in a sentence."""

    names: tuple[str, ...]
    place: str
    says: str


def read(path: Path, *, page: str) -> list[Term]:
    """Read the terms of a glossary file; ``page`` is its place in the site."""
    return terms(path.read_text("utf-8"), page=page)


def terms(markdown: str, *, page: str) -> list[Term]:
    """Read the terms of a glossary: a heading for each, one paragraph below.

    Examples
    --------
    >>> terms("# Glossary\\n## Hop (hop length)\\nHow far a *window* moves. Often half of it.\\n", page="g.html")
    [Term(names=('Hop', 'hop length'), place='g.html#hop-hop-length', says='How far a window moves.')]
    """
    found = []
    for heading, paragraph in ENTRY.findall(markdown):
        plain = re.sub(r"\s+", " ", prose.body(paragraph).get_text()).strip()
        heading = re.sub(r"[`*]", "", heading)
        names = tuple(name.strip() for name in re.split(r"[(),]| / ", heading) if name.strip())
        sentence = re.match(r".+?[.!?](?= [A-Z]|$)", plain)
        found.append(Term(names, f"{page}#{prose.slug(heading)}", sentence[0] if sentence else plain))
    return found


def link(soup: BeautifulSoup, known: list[Term], *, target: str) -> int:
    """Link the first use of each term to the place that explains it.

    Parameters
    ----------
    soup : BeautifulSoup
        Changed in place; headings, code, links and captions are left alone.
    known : list of Term
    target : str
        The page's own place in the site.

    Returns
    -------
    int
        How many terms were linked.

    Examples
    --------
    >>> soup = BeautifulSoup("<h1>Windows</h1><p>Two windows, one window.</p>", "html.parser")
    >>> link(soup, [Term(("Window",), "docs/g.html#window", "A piece.")], target="docs/a.html")
    1
    >>> print(soup)
    <h1>Windows</h1><p>Two <a class="term" href="g.html#window" title="A piece.">windows</a>, one window.</p>
    """
    by_name = {name: term for term in known for name in term.names if term.place != target}
    left = {name: _pattern(name) for name in sorted(by_name, key=len, reverse=True)}
    linked = set()
    for text in [text for text in soup.find_all(string=True) if type(text) is NavigableString]:
        if not text.strip() or any(parent.name in UNTOUCHED for parent in text.parents):
            continue
        parts, rest = [], str(text)
        while hits := [(hit, name) for name, one in left.items() if (hit := one.search(rest))]:
            hit, name = min(hits, key=lambda one: (one[0].start(), -one[0].end()))
            start = hit.start()
            term = by_name[name]
            href = links.relative(term.place, target=target)
            parts += [escape(rest[:start], quote=False), f'<a class="term" href="{href}" title="{escape(term.says)}">'
                      f'{escape(hit[0], quote=False)}</a>']
            rest, linked = rest[hit.end():], linked | {term}
            left = {name: one for name, one in left.items() if by_name[name] != term}
        if parts:
            html = "".join([*parts, escape(rest, quote=False)])
            text.replace_with(*list(BeautifulSoup(html, "html.parser").contents))
    return len(linked)


def _pattern(name: str) -> re.Pattern:
    """A name in running text, in the plural too; in capitals only where it is written in capitals."""
    exact = sum(letter.isupper() for letter in name) > 1
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", 0 if exact else re.IGNORECASE)
