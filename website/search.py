"""What the search looks through: pages cut at their headings, as a script that also loads without a server."""

import json
import re
from collections.abc import Iterable

from bs4 import BeautifulSoup

from website import prose

Section = tuple[str, str, str, str]
"""Title of the page, address in the site, heading, text."""


def sections(soup: BeautifulSoup, *, title: str, target: str) -> list[Section]:
    """Cut a page at its headings.

    Examples
    --------
    >>> page = prose.body("# One\\nFirst.\\n## Two\\nSecond, `code`.")
    >>> sections(page, title="One", target="one.html")
    [('One', 'one.html', 'One', 'First.'), ('One', 'one.html#two', 'Two', 'Second, code.')]
    """
    found, heading, anchor, words = [], title, "", []

    def close() -> None:
        text = re.sub(r"\s+", " ", "".join(words)).strip()
        if text or anchor:
            found.append((title, f"{target}#{anchor}" if anchor else target, heading, text))

    for part in soup.descendants:
        if part.name in prose.HEADINGS:
            if part.name != "h1":
                close()
                heading, anchor, words = part.get_text().strip(), part["id"], []
        elif part.name is None and not any(parent.name in prose.HEADINGS for parent in part.parents):
            words.append(str(part) if part.find_parent(("p", "li", "td", "pre", "summary")) else f" {part} ")
        elif part.name in ("p", "li", "tr", "td", "th", "pre", "div", "br"):
            words.append(" ")
    close()
    return found


def script(index: Iterable[Section]) -> str:
    """Write the index as a script that sets ``SECTIONS``."""
    return f"const SECTIONS = {json.dumps(list(index), separators=(',', ':'))};\n"
