"""Pages in a frame of their own: names, styles and keys of page and notebook cannot get in each other's way.

A page is filled in one pass, holds ASCII only and every text from outside as
JSON or escaped, and its frame may run scripts and nothing else.
"""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

ELEMENT = Path(__file__).with_name("element.js")
"""What every such page makes its elements with."""

_FRAME = """<iframe srcdoc="{page}" title="{title}" sandbox="allow-scripts" allow="autoplay" \
style="width:100%; height:{height}px; border:1px solid #d0d0d0; border-radius:6px; background:white;">\
{title}. Run this cell to see it: in a notebook that was not run here, JupyterLab takes such pages away.</iframe>"""
# What stands inside the frame is never shown, except where the frame itself was taken away.


@cache
def part(path: Path) -> str:
    """Read a part of a page: ASCII throughout, for then it is read rightly whatever the page around it says."""
    return path.read_text("utf-8").encode("ascii", "backslashreplace").decode("ascii")


def as_json(data: object) -> str:
    """Write data for a script element, which only "<" could end early.

    Examples
    --------
    >>> as_json({"label": "</script>"})
    '{"label":"\\\\u003c/script>"}'
    """
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def as_text(text: str) -> str:
    """Write a text for HTML, also between quotes.

    Examples
    --------
    >>> as_text("<b> & caf\\xe9")
    '&lt;b&gt; &amp; caf&#233;'
    """
    return escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")


def fill(page: str, parts: Mapping[str, str]) -> str:
    """Fill the places ``@@name@@`` of a page in one pass: no text that is put in can look like a place to fill.

    Examples
    --------
    >>> fill("<p>@@one@@, @@two@@</p>", {"one": "@@two@@", "two": "2"})
    '<p>@@two@@, 2</p>'
    """
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(page.split("@@")))


def frame(page: str, *, title: str, height: int) -> str:
    """Put a page into a frame that needs nothing beside itself.

    Parameters
    ----------
    page : str
        A whole HTML page.
    title : str
        What it shows, for those who cannot see it.
    height : int, pixels

    Returns
    -------
    str
    """
    return _FRAME.format(page=escape(page, quote=True), title=escape(title), height=height)
