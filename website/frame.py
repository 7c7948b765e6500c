"""What stands around the body of every page: head, search field, menu, the way on."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from bs4 import BeautifulSoup

from website import links

SITE = "Machine hearing workshop"
GROUPS = (
    ("Start", (("index.html", "Overview"), ("times.html", "Times and memory"))),
    ("Help", (("docs/troubleshooting.html", "Troubleshooting"), ("docs/glossary.html", "Glossary"),
              ("docs/resources.html", "Resources"), ("data/README.html", "Data sets"))),
    ("Teach", (("docs/instructors.html", "For instructors"), ("docs/handout.html", "Handout"),
               ("slides/index.html", "Talks"), ("slides/proposals.html", "Talk proposals"))),
    ("About", (("training/MODEL_CARD.html", "Our network"), ("CONTRIBUTING.html", "Contributing"),
               ("CHANGELOG.html", "Changes"), ("licences.html", "Licences"))),
)


@dataclass(frozen=True)
class Menu:
    """Titles of all pages by their place, and the notebooks in their order."""

    titles: Mapping[str, str]
    notebooks: list[str]

    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Headings of the menu with the pages below each; a page without a place in it comes last."""
        books = [(f"notebooks/{name}.html", self.titles[f"notebooks/{name}.html"]) for name in self.notebooks]
        listed = [(heading, [one for one in pages if one[0] in self.titles]) for heading, pages in GROUPS]
        known = {target for _, pages in [("", books), *listed] for target, _ in pages} | {"search.html"}
        listed[-1][1].extend((target, title) for target, title in self.titles.items() if target not in known)
        return [listed[0], ("Notebooks", books), *listed[1:]]


@functools.cache
def _template() -> Template:
    return Template((Path(__file__).parent / "look" / "page.html").read_text("utf-8"))


def page(body: BeautifulSoup, *, title: str, target: str, menu: Menu) -> str:
    """Put a body into its frame.

    Parameters
    ----------
    body : BeautifulSoup
        Its headings get a link to themselves.
    title : str
    target : str
        Place of the page in the site.
    menu : Menu

    Returns
    -------
    str
        The whole page.
    """
    inside = [(heading["id"], heading.get_text()) for heading in body.find_all("h2")]
    for heading in body.find_all(("h2", "h3")):
        link = f' <a class="here" href="#{heading["id"]}" aria-label="Link to this section">#</a>'
        heading.append(BeautifulSoup(link, "html.parser"))
    return _template().substitute(
        title=escape(title if title == SITE else f"{title} · {SITE}"), site=SITE,
        root=links.relative(".", target=target), search=links.relative("search.html", target=target),
        menu=_menu(menu, target, inside), body=str(body), on=_way_on(menu, target))


def _menu(menu: Menu, target: str, inside: list[tuple[str, str]]) -> str:
    parts = []
    for heading, pages in menu.groups():
        rows = []
        for place, title in pages:
            here = ' aria-current="page"' if place == target else ""
            sections = "".join(f'<li><a href="#{name}">{escape(text)}</a></li>' for name, text in inside)
            below = f"<ul>{sections}</ul>" if here and inside else ""
            rows.append(f'<li><a href="{links.relative(place, target=target)}"{here}>{escape(title)}</a>{below}</li>')
        parts.append(f'<p class="group">{heading}</p><ul>{"".join(rows)}</ul>' if rows else "")
    return "".join(parts)


def _way_on(menu: Menu, target: str) -> str:
    """Links to the notebooks before and after this one."""
    order = [f"notebooks/{name}.html" for name in menu.notebooks]
    if target not in order:
        return ""
    at = order.index(target)
    found = []
    for word, near in (("Before", at - 1), ("Next", at + 1)):
        if 0 <= near < len(order):
            place = links.relative(order[near], target=target)
            found.append(f'<a href="{place}"><span>{word}</span> {escape(menu.titles[order[near]])}</a>')
    return f'<nav class="on" aria-label="Before and after">{"".join(found)}</nav>'


def facts(name: str, measured: Mapping[str, str]) -> str:
    """Line below the title of a notebook: what it takes, how the exercises are shown, where to get it."""
    parts = [f"{measured['wall']} s, {measured['memory']} MB (<a href=\"../times.html\">measured</a>)"] \
        if {"wall", "memory"} <= measured.keys() else []
    parts += ["answers are folded away", f'<a href="{name}.ipynb" download>download the notebook</a>']
    return f'<p class="facts">{" · ".join(parts)}</p>'
