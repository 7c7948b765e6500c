"""Our pages in a real browser: started once, watched for whatever goes wrong, waited for without sleep."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from notebooks import pages


@contextmanager
def chromium() -> Iterator:
    """Start Chromium, which may play sounds without a click and is not heard; skip the test where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[
            "--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"])
        yield started
        started.close()


@contextmanager
def window(browser, *, width: int = 1000, height: int = 900, allowed: tuple[str, ...] = ("file:", "data:"), **settings):
    """Open a window; what goes wrong in it, and what it asks for beside ``allowed``, fails the test."""
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    context.set_default_timeout(60_000)
    opened, asked, wrong = context.new_page(), [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(allowed)] == []


def in_a_notebook(window, made, *, page: Path, ready: str):
    """Open what a cell shows inside a notebook's exported page; its frame, once it is ready."""
    output = nbformat.v4.new_output("execute_result", {"text/html": made._repr_html_(), "text/plain": repr(made)})
    cells = [nbformat.v4.new_markdown_cell("# A page"), nbformat.v4.new_code_cell("shown", outputs=[output])]
    pages.export(nbformat.v4.new_notebook(cells=cells), page)
    window.goto(page.as_uri())
    frame = window.wait_for_selector("iframe").content_frame()
    wait(frame, ready)
    return frame


def wait(frame, condition: str) -> None:
    """Wait until something holds in the page; playwright's own way needs eval, which our pages forbid themselves."""
    frame.evaluate(f"""() => new Promise((resolve, reject) => {{
        const late = performance.now() + 60_000;
        const ask = () => {{
            if ({condition}) resolve();
            else if (performance.now() > late) reject(new Error({json.dumps("waited for " + condition)}));
            else setTimeout(ask, 5);
        }};
        ask();
    }})""")


class Elements(HTMLParser):
    """The elements of a page, with the text directly in each."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note an element."""
        self.found.append([tag, dict(attrs), ""])

    def handle_data(self, data):
        """Note its text."""
        if self.found:
            self.found[-1][2] += data

    def one(self, tag: str, **attrs) -> list:
        """Return the only element of this kind with these attributes."""
        found, = [one for one in self.found if one[0] == tag and attrs.items() <= one[1].items()]
        return found
