"""Markdown as the body of a page: headings that can be linked to, tables that scroll, coloured code."""

import functools
import re
from html import escape

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADINGS = ("h1", "h2", "h3", "h4")


def body(markdown: str) -> BeautifulSoup:
    """Turn Markdown, as GitHub reads it, into the body of a page.

    Parameters
    ----------
    markdown : str
        Comments in it are left out; HTML in it is shown as text.

    Returns
    -------
    BeautifulSoup
        Headings have the ids that GitHub gives them.

    Examples
    --------
    >>> print(body("## What is it?\\n<!-- aside -->A `log-mel`."))
    <h2 id="what-is-it">What is it?</h2>
    <p>A <code>log-mel</code>.</p>
    """
    soup = BeautifulSoup(_reader().render(COMMENT.sub("", markdown)).strip(), "html.parser")
    name_headings(soup)
    for table in soup.find_all("table"):
        table.wrap(soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0"}))
    return soup


@functools.cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "highlight": lambda text, language, _: code(text, language)})
    return reader.enable(["table", "strikethrough"])


def code(text: str, language: str = "") -> str:
    """Write code for a page, coloured where the language is known.

    Examples
    --------
    >>> print(code("a < b"))
    <pre tabindex="0"><code>a &lt; b</code></pre>
    """
    shown = escape(text.strip("\n"))
    if language in ("python", "py"):
        from pygments import formatters, highlight, lexers

        shown = highlight(text, lexers.PythonLexer(), formatters.HtmlFormatter(nowrap=True)).strip("\n")
    return f'<pre tabindex="0"><code>{shown}</code></pre>'


def slug(heading: str) -> str:
    """Name under which a heading can be linked to, as GitHub makes it.

    Examples
    --------
    >>> slug("Your turn: k, or not?")
    'your-turn-k-or-not'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def name_headings(soup: BeautifulSoup) -> None:
    """Give every heading its id; a second one of the same words gets a number."""
    seen: dict[str, int] = {}
    for heading in soup.find_all(HEADINGS):
        name = slug(heading.get_text())
        seen[name] = seen.get(name, -1) + 1
        heading["id"] = f"{name}-{seen[name]}" if seen[name] else name


def title(soup: BeautifulSoup, *, otherwise: str) -> str:
    """First heading of a page."""
    heading = soup.find("h1")
    return heading.get_text().strip() if heading else otherwise
