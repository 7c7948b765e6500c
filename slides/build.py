"""From Markdown to pages that need nothing beside themselves.

Marp lays out the slides; figures, pictures and sounds are put into the page, so
that it opens from a USB stick; Chromium prints it.
"""

import base64
import functools
import json
import mimetypes
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

from helpers import files
from slides import decks, make_figures, sounds

BUILD = decks.FOLDER / "build"
MARP = "node_modules/@marp-team/marp-cli"
IMAGE = re.compile(r'(<img\b[^>]*?\bsrc=")([^"]+)(")')
LINK = re.compile(r'<a href="sound:([\w-]+)">(.*?)</a>', re.DOTALL)
INSIDE = re.compile(r'<a href="(\.\./[^"]+)"')


class BuildError(Exception):
    """The decks cannot be built; the message says what to do."""


def tools() -> str:
    """Find Node, and fetch what package-lock.json names where it is not there yet; the path of Node.

    Raises
    ------
    BuildError
        If Node or a network is missing.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise BuildError("Slides need Node 18 or later (nodejs.org, or your system's packages nodejs and npm). "
                         "Everything else in this workshop works without it.")
    wanted = json.loads((decks.FOLDER / "package.json").read_text("utf-8"))["dependencies"]["@marp-team/marp-cli"]
    there = decks.FOLDER / MARP / "package.json"
    if not there.exists() or json.loads(there.read_text("utf-8"))["version"] != wanted:
        print("Fetching Marp (once, about 140 MB on disk).", flush=True)
        if subprocess.call([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=decks.FOLDER):
            raise BuildError("npm could not fetch Marp: connect to a network, then start again.")
    return node


def build(names: list[str] | None = None, *, pdf: bool = True) -> list[Path]:
    """Build some decks, or all.

    Parameters
    ----------
    names : list of str, optional
        Decks by file name without ``.md``; all if left out.
    pdf : bool
        Print them too, where Chromium is there.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    BuildError
        If a tool is missing, or there is no such deck.
    """
    chosen = {path.stem: path for path in decks.paths()}
    if unknown := [name for name in names or () if name not in chosen]:
        raise BuildError(f"There is no deck called {', '.join(unknown)}; there are {', '.join(chosen)}.")
    chosen = {name: path for name, path in chosen.items() if not names or name in names}
    node, marked = tools(), BUILD / "markdown"
    marked.mkdir(parents=True, exist_ok=True)
    for old in marked.iterdir():
        old.unlink()
    for name, path in chosen.items():
        files.write_text(marked / f"{name}.markdown", decks.for_marp(path))
    command = [node, f"{MARP}/marp-cli.js", "--config-file", "marp.config.mjs", "--no-stdin", "--quiet",
               "--input-dir", "build/markdown", "--output", "build/pages"]
    if subprocess.call(command, cwd=decks.FOLDER):
        raise BuildError("Marp could not lay out the slides; its message stands above.")
    written = []
    for name in chosen:
        page = BUILD / f"{name}.html"
        files.write_text(page, embed((BUILD / "pages" / f"{name}.html").read_text("utf-8")))
        written += [page, *(printed(page) if pdf else [])]
    return written


def embed(page: str) -> str:
    """Put everything that a page refers to into it: figures and pictures, and a player for each sound.

    Links to files of the repository lead nowhere from a page that stands alone. They become plain names, and keep in
    ``data-file`` what the site makes a link of again.
    """
    page = IMAGE.sub(lambda match: match[1] + picture(match[2]) + match[3], page)
    page = LINK.sub(lambda match: player(match[1], match[2]), page)
    return INSIDE.sub(r'<a data-file="../\1"', page)         # a page lies one folder deeper than its Markdown


@functools.lru_cache(maxsize=200)
def picture(source: str) -> str:
    """Picture as text for a page: one of our figures, or a file beside the decks."""
    kind, _, name = source.partition(":")
    if kind == "figure":
        return as_data(make_figures.figure(name).read_bytes(), "image/png")
    if kind in ("data", "http", "https"):
        return source
    return as_data((decks.FOLDER / source).read_bytes(), mimetypes.guess_type(source)[0])


def player(name: str, caption: str) -> str:
    """Write a player of one of our sounds, with what it plays beside it."""
    plain = escape(re.sub(r"<[^>]+>", "", caption), quote=True)
    return (f'<span class="sound"><audio controls preload="auto" aria-label="{plain}" '
            f'src="{as_data(sounds.mp3(name), "audio/mpeg")}"></audio><span>{caption}</span></span>')


def as_data(content: bytes, kind: str) -> str:
    """Write bytes as an address that holds them."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def printed(page: Path) -> list[Path]:
    """Print a page with Chromium; nothing, and a word about it, where there is none."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print(f"{page.name}: no PDF, because Chromium is not here.", flush=True)
        return []
    goal = page.with_suffix(".pdf")
    with files.replacing(goal) as temporary:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                   f"--print-to-pdf={temporary}", page.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not temporary.exists():
            raise BuildError(f"Chromium could not print {page.name}: {done.stderr[-300:]}")
    return [goal]
