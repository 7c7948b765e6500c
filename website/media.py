"""Pictures, sounds and pages within pages, moved into files beside the page: it opens at once, also on a phone."""

import base64
import hashlib
import re
from html import escape, unescape
from pathlib import Path

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "audio/wav": "wav", "audio/mpeg": "mp3", "audio/ogg": "ogg"}
DATA = re.compile(r'\bsrc="data:(image/png|image/jpeg|audio/wav|audio/mpeg|audio/ogg);base64,([A-Za-z0-9+/=\s]+)"')
FRAME = re.compile(r"""<iframe\b[^>]*?\bsrcdoc=("[^"]*"|'[^']*')[^>]*>[^<]*</iframe>""")
SOURCE = re.compile(r"""\bsrcdoc=("[^"]*"|'[^']*')""", re.DOTALL)


def beside(html: str, *, folder: Path, prefix: str) -> str:
    """Write what is embedded in a page into files, once each, and let the page name them.

    Parameters
    ----------
    html : str
    folder : Path
        Root of the site; files go to ``media`` and ``frames`` in it.
    prefix : str
        How the page reaches the root, such as ``"../"``.

    Returns
    -------
    str
        Frames load when they come into view, and can be opened in a window of their own.
    """
    html = FRAME.sub(lambda match: _frame(match, folder, prefix), html)
    return DATA.sub(lambda match: f'src="{prefix}{_media(match, folder)}"', html)


def _frame(match: re.Match, folder: Path, prefix: str) -> str:
    page = unescape(match[1][1:-1])
    name = _write(folder / "frames", page.encode(), "html")
    titled = re.search(r'\btitle="([^"]*)"', match[0])
    label = escape(unescape(titled[1]).split(":")[0], quote=False) if titled else "this"
    opening = SOURCE.sub(f'loading="lazy" src="{prefix}frames/{name}"', match[0])
    return f'{opening}<p class="alone"><a href="{prefix}frames/{name}">Open in a page of its own: {label}</a></p>'


def _media(match: re.Match, folder: Path) -> str:
    return "media/" + _write(folder / "media", base64.b64decode(match[2]), ENDINGS[match[1]])


def _write(folder: Path, content: bytes, ending: str) -> str:
    """Write a file named after its content; the name."""
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).exists():
        (folder / name).write_bytes(content)
    return name
