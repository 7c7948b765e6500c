"""Read a deck: its slides, and of each slide what is shown, what is said, and how long that takes."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import results

FOLDER = Path(__file__).resolve().parent
FRONT = re.compile(r"\A---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
DIRECTIVE = re.compile(r"\s*_?[a-z][A-Za-z]*: [^\n]*\s*")
MINUTES = re.compile(r"\s*(\d+\.\d) min\n(.*)", re.DOTALL)
TIMED = re.compile(r"^<!--\n(\d+\.\d) min$", re.MULTILINE)
INCLUDE = re.compile(r"^<!-- include: (\S+\.md) -->$", re.MULTILINE)
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
SOUND = re.compile(r"(?<!!)\[([^\]]+)\]\(sound:([\w-]+)\)")
APPENDIX = "Appendix"


@dataclass(frozen=True)
class Slide:
    """One page: its heading, its Markdown without comments, its notes, its minutes (``None`` in the appendix)."""

    heading: str
    body: str
    notes: str = ""
    minutes: float | None = None


@dataclass(frozen=True)
class Deck:
    """A talk: its settings and its slides, those of the appendix included."""

    name: str
    settings: dict[str, str]
    slides: list[Slide] = field(default_factory=list)

    @property
    def timed(self) -> list[Slide]:
        """Slides of the talk itself: everything before the appendix."""
        headings = [slide.heading for slide in self.slides]
        return self.slides[:headings.index(APPENDIX)] if APPENDIX in headings else self.slides


def paths() -> list[Path]:
    """Every deck: the Markdown files here that begin as Marp wants it."""
    return sorted(path for path in FOLDER.glob("*.md") if path.read_text("utf-8").startswith("---\nmarp: true\n"))


def whole(path: Path) -> str:
    """Text of a deck with what it includes put in."""
    return INCLUDE.sub(lambda match: (path.parent / match[1]).read_text("utf-8").strip(), path.read_text("utf-8"))


def parse(text: str, *, name: str) -> Deck:
    """Take a deck apart.

    Examples
    --------
    >>> deck = parse("---\\nminutes: 1\\n---\\n# Hello\\n\\n<!--\\n1.0 min\\nSay hello.\\n-->", name="short")
    >>> deck.settings["minutes"], deck.slides[0].heading, deck.slides[0].minutes, deck.slides[0].notes
    ('1', 'Hello', 1.0, 'Say hello.')
    """
    front = FRONT.match(text)
    settings = dict(line.split(": ", 1) for line in front[1].splitlines() if ": " in line)
    return Deck(name, settings, [_slide(page) for page in pages(text[front.end():])])


def pages(text: str) -> list[str]:
    """Cut Markdown at its rulers, not at those inside a block of code."""
    found, fenced = [[]], False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if line == "---" and not fenced:
            found.append([])
        else:
            found[-1].append(line)
    return ["\n".join(lines) for lines in found]


def _slide(page: str) -> Slide:
    page = results.QUOTE.sub(lambda quote: quote["shown"], page)
    notes = [note for note in COMMENT.findall(page) if not DIRECTIVE.fullmatch(note)]
    said = "\n".join(notes)
    timed = MINUTES.match(said)
    body = COMMENT.sub("", page).strip()
    heading = re.search(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", body, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return Slide(heading[1] if heading else "", body, (timed[2] if timed else said).strip(),
                 float(timed[1]) if timed else None)


def read(path: Path) -> Deck:
    """Read a deck from its file."""
    return parse(whole(path), name=path.stem)


def for_marp(path: Path) -> str:
    """What Marp gets: everything included, figures without their marks (Marp takes each comment for a note)."""
    return with_clock(results.QUOTE.sub(lambda quote: quote["shown"], whole(path)))


def with_clock(text: str) -> str:
    """Say in the notes of each slide when it ends, counted from the beginning of the talk.

    Examples
    --------
    >>> print(with_clock("<!--\\n0.5 min\\nHello.\\n-->\\n<!--\\n1.0 min\\nGo on.\\n-->"))
    <!--
    0.5 min, until 0:30
    Hello.
    -->
    <!--
    1.0 min, until 1:30
    Go on.
    -->
    """
    spent = 0.0

    def told(match: re.Match) -> str:
        nonlocal spent
        spent += float(match[1])
        whole_minutes, seconds = divmod(round(60 * spent), 60)
        return f"{match[0]}, until {whole_minutes}:{seconds:02d}"

    return TIMED.sub(told, text)
