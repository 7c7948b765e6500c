"""The pages that no file of the repository is: the talks, the licences, times and memory, the search."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup

from benchmarks import results
from slides import decks
from website import prose

TIMES = "notebooks"
MEASURED = (("wall", "seconds"), ("processor", "seconds of processor time"), ("memory", "memory, MB"))


def costs(name: str) -> dict[str, str]:
    """What running a notebook takes, as measured: wall, processor, memory; empty where it was not measured.

    Examples
    --------
    >>> costs("00_none")
    {}
    """
    path = results.FOLDER / f"{TIMES}.json"
    rows = json.loads(path.read_text("utf-8"))["rows"] if path.exists() else []
    found = {row["what"]: row for row in rows if row["value"] is not None}
    return {what: results.shown(found[f"{name}: {what}"]) for what, _ in MEASURED if f"{name}: {what}" in found}


def times(titles: Mapping[str, str]) -> BeautifulSoup:
    """Table of times and memory; ``titles`` names the notebooks by stem, as they are shown."""
    rows = ["| notebook | " + " | ".join(text for _, text in MEASURED) + " |", "|---|" + "---:|" * len(MEASURED)]
    for name, title in titles.items():
        measured = costs(name)
        cells = [measured.get(what, "not run") for what, _ in MEASURED]
        rows.append(f"| [{title}](notebooks/{name}.ipynb) | {' | '.join(cells)} |")
    text = ["# Times and memory", "What running a notebook takes: the solved form, from top to bottom, in a fresh "
            "kernel. Memory is counted at its peak.", "\n".join(rows)]
    if (results.FOLDER / f"{TIMES}.json").exists():
        record = results.load(TIMES)
        machine = record["machine"]
        text.append(f"Measured on {record['date']} by `python -m benchmarks {TIMES}`: {machine['cores']} cores of "
                    f"{machine['processor']}, {machine['system']}, Python {machine['python']}. Data: {record['data']}.")
    text.append("Your computer will differ. The first run of all takes longer, because the sounds are made once and "
                "kept.")
    return prose.body("\n\n".join(text))


def talks(built: Path) -> BeautifulSoup:
    """List the decks, with links to those that ``slides/build`` holds."""
    text = ["# Talks", "Slides with speaker notes. Press `p` in a deck for the presenter's view, with notes and a "
            "clock; arrow keys turn the pages."]
    for path in decks.paths():
        deck = decks.read(path)
        text.append(f"## {deck.slides[0].heading}")
        text += [line for line in deck.slides[1].body.splitlines() if line.startswith("**For**")][:1]
        length = f"{len(deck.timed)} slides" + (f", {deck.settings['minutes']} minutes and questions"
                                                if "minutes" in deck.settings else "")
        links = [f"[{word}](slides/build/{path.stem}.{ending})" for ending, word in
                 (("html", "Open the slides"), ("pdf", "PDF")) if (built / f"{path.stem}.{ending}").exists()]
        text.append(f"{length}. {' · '.join(links) or 'Not part of this copy of the site.'}")
    return prose.body("\n\n".join(text))


def licences(root: Path) -> BeautifulSoup:
    """Show both licences in full, and say what they hold for."""
    text = ("# Licences\nThe code, here and in the notebooks, is under the BSD 3-Clause licence. Prose, figures, "
            "embedded sounds and trained weights are under CC BY 4.0. Recordings of published data sets are not part "
            "of this site; [the list of data sets](data/README.md) names their licences.\n\n")
    soup = prose.body(text)
    for name, heading in (("LICENSE", "Code: BSD 3-Clause"),
                          ("LICENSE-CONTENT", "Prose, figures, sounds, weights: CC BY 4.0")):
        shown = f'<h2>{heading}</h2><pre class="licence" tabindex="0">{escape((root / name).read_text("utf-8"))}</pre>'
        soup.append(BeautifulSoup(shown, "html.parser"))
    prose.name_headings(soup)
    return soup


def search() -> BeautifulSoup:
    """Build the page of the search: a form, and a list that a script fills."""
    return BeautifulSoup(
        '<h1>Search</h1><form class="search large" role="search" action="search.html"><label for="words">Words to look '
        'for</label><input id="words" name="q" type="search" autocomplete="off"><button>Search</button></form>'
        '<p id="count" role="status"></p><ol id="found"></ol><noscript><p>The search needs JavaScript. Everything else '
        'works without it.</p></noscript><script src="search-index.js"></script><script src="search.js"></script>',
        "html.parser")
