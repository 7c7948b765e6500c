"""Glossary, instructor's guide, resources, issue templates: they name what exists, and add up."""

import functools
import re
from pathlib import Path

import pytest
import yaml

import start
from benchmarks import results
from helpers.datasets import serve
from notebooks import build
from slides import decks

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY, GUIDE, RESOURCES, HANDOUT = ((ROOT / f"docs/{name}.md").read_text("utf-8")
                                       for name in ("glossary", "instructors", "resources", "handout"))
TEMPLATES = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
NOTEBOOKS = {path.stem[:2]: path for path in build.sources()}
ENTRY = re.compile(r"^## (.+)\n((?:.+\n)+)", re.MULTILINE)
ENTRIES = dict(ENTRY.findall(GLOSSARY))
TAUGHT = re.compile(r"\(\[notebook (\d+)\]\(\.\./notebooks/((\d\d)_\w+)\.ipynb\)\)\n$")


@functools.cache
def prose(number: str) -> str:
    """The Markdown of a notebook's source, in one line of small letters."""
    lines = NOTEBOOKS[number].read_text("utf-8").splitlines()
    return " ".join(line.removeprefix("#").strip() for line in lines if line.startswith("#")).lower()


def headings(number: str) -> set[str]:
    """The headings of a notebook."""
    return set(re.findall(r"^# #+ (.+)$", NOTEBOOKS[number].read_text("utf-8"), flags=re.MULTILINE))


# The glossary

def test_terms_stand_in_order_and_once():
    terms = [term for term, _ in ENTRY.findall(GLOSSARY)]
    assert terms == re.findall(r"^## (.+)$", GLOSSARY, flags=re.MULTILINE), "each has one paragraph"
    assert terms == sorted({term.casefold(): term for term in terms}.values(), key=str.casefold)
    assert len(terms) >= 60


@pytest.mark.parametrize("term", ENTRIES)
def test_a_term_is_explained_briefly_and_taught_where_it_says(term):
    told = TAUGHT.search(ENTRIES[term])
    assert told, "the paragraph ends with ([notebook N](../notebooks/NN_name.ipynb))"
    number, stem, digits = told.groups()
    assert f"{int(number):02d}" == digits
    assert NOTEBOOKS[digits].stem == stem
    assert term.lower() in prose(digits), "that notebook uses the word"
    assert 8 <= len(ENTRIES[term][:told.start()].split()) <= 70


def test_see_also_leads_to_a_term():
    seen = re.findall(r"(?:[Ss]ee|[Cc]ompare) ((?:[\w-]+ ){0,3}?[\w-]+?)(?: and ([\w-]+))?[.;)]", GLOSSARY)
    named = {name.strip().casefold() for pair in seen for name in pair if name}
    assert {"dbfs", "hann window", "confusion matrix", "outlier", "novelty", "weak label"} <= named
    assert named <= {term.casefold() for term in ENTRIES}


# The instructor's guide

def timetables() -> dict[str, list[list[str]]]:
    """Rows of each timetable."""
    part = GUIDE.split("\n## Timetables\n")[1].split("\n## ")[0]
    tables = {}
    for piece in part.split("\n### ")[1:]:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in piece.splitlines()
                if re.match(r"\| \d", line)]
        tables[piece.splitlines()[0]] = rows
    return tables


def minutes(rows: list[list[str]]) -> int:
    return sum(int(row[0]) for row in rows)


def test_the_minutes_add_up():
    tables = {name.split(":")[0]: minutes(rows) for name, rows in timetables().items()}
    assert tables["45 minutes"] == 45
    assert tables["90 minutes"] == 90
    assert 210 <= tables["Half a day"] <= 240
    assert 390 <= tables["A full day"] <= 450


@pytest.mark.parametrize("name", timetables())
def test_people_get_a_break(name):
    since = 0
    for length, what, _ in timetables()[name]:
        since = 0 if what in ("break", "lunch") else since + int(length)
        assert since <= 90, f"{since} minutes without a break before the end of {what}"


def test_the_cuts_of_notebook_08_and_the_ten_slides_exist():
    part = GUIDE.split("\n### 90 minutes: a workshop\n")[1].split("\n### ")[0].replace("\n", " ")
    told = re.search(r"takes 08 in the place of 02.*?keep them for longer days", part)[0]
    sections = set(re.findall(r"\*([^*]+)\*", told))
    assert len(sections) >= 6
    assert sections <= headings("08")
    part = GUIDE.split("\n## Decks\n")[1].split("\n## ")[0].replace("\n", " ")
    name, titles = re.search(r"Of `(\w+)` these: (.*?\*)\. ", part).groups()
    slides = re.findall(r"\*([^*]+)\*", titles)
    assert len(slides) == 10
    assert set(slides) <= {slide.heading for slide in decks.read(decks.FOLDER / f"{name}.md").timed}


def test_the_handout_names_what_exists():
    assert "(handout.md)" in GUIDE
    told = re.findall(r"^- (\d\d), ([^;]+); (\d\d), ([^;]+); (\d\d), ([^;]+); (\d\d), ([^:]+):",
                      HANDOUT, flags=re.MULTILINE)[0]
    for number, title in zip(told[::2], told[1::2], strict=True):
        known = re.search(r"^# # \d+\. (.+)$", NOTEBOOKS[number].read_text("utf-8"), flags=re.MULTILINE)[1]
        assert title.lower() == known.lower()
    commands = set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", HANDOUT, flags=re.DOTALL)))
    assert {"make check PYTHON=python3.12", "py -3.12 start.py check", "make lab PYTHON=python3.12",
            "py -3.12 start.py lab"} <= commands
    assert len(HANDOUT.split()) <= 520, "one page"


def test_the_guide_and_start_py_mean_the_same_folder_of_packages():
    assert "## Without a network\n" in GUIDE
    assert f"a folder `{start.WHEELS.name}` beside `start.py`" in GUIDE
    assert "docs/instructors.md: Without a network" in (ROOT / "start.py").read_text("utf-8")


def test_the_guide_shows_what_the_server_prints():
    printed = re.search(r"prints what the room types:\n\n```\n(.*?)```", GUIDE, flags=re.DOTALL)[1]
    served = serve.Server({"esc10/x": None}, port=0)
    served.server_close()
    assert printed.splitlines() == [line.replace(served.url, "http://192.168.1.5:8000") for line in served.commands()]


def test_what_is_left_out_exists():
    found = 0
    for rows in timetables().values():
        for _, what, how in rows:
            number = re.match(r"notebook (\d\d)", what)
            sections = re.findall(r"\*([^*]+)\*", how)
            if number:
                assert set(sections) <= headings(number[1]), what
                found += len(sections)
    assert found >= 15


def test_every_notebook_has_its_two_sentences():
    part = GUIDE.split("\n## Each notebook in two sentences\n")[1].split("\n## ")[0]
    told = dict(re.findall(r"^- \*\*(\d\d), [^*]+\*\*((?:.*\n(?!- ))*.*)", part, flags=re.MULTILINE))
    assert list(told) == list(NOTEBOOKS)
    assert {number: n for number, text in told.items() if (n := len(re.findall(r"[.?!](?=\s|$)", text))) != 2} == {}
    for number, title in re.findall(r"^- \*\*(\d\d), ([^*]+)\.\*\*", part, flags=re.MULTILINE):
        known = re.search(r"^# # \d+\. (.+)$", NOTEBOOKS[number].read_text("utf-8"), flags=re.MULTILINE)[1]
        assert title.lower() == known.lower()


def test_every_deck_is_named_with_its_minutes():
    told = dict(re.findall(r"^\| \[`(\w+)`\]\(\.\./slides/\1\.md\) \| (\d+) \|", GUIDE, flags=re.MULTILINE))
    assert told == {path.stem: decks.read(path).settings["minutes"] for path in decks.paths()}
    rows = timetables()["45 minutes: a talk"]
    deck, = [(row[0], name[1]) for row in rows if (name := re.match(r"deck `(\w+)`", row[1]))]
    assert told[deck[1]] == deck[0]


def test_run_times_are_quoted_of_the_notebook_in_their_row():
    rows = re.findall(r"^\| (\d\d) \| (<!-- bench .*) \| (<!-- bench .*) \|$", GUIDE, flags=re.MULTILINE)
    for number, *cells in rows:
        assert [results.QUOTE.fullmatch(cell)["what"] for cell in cells] == [
            f"{NOTEBOOKS[number].stem}: wall", f"{NOTEBOOKS[number].stem}: memory"]
    assert [row[0] for row in rows] == sorted(NOTEBOOKS)[:len(rows)]
    assert len(rows) >= 8


def test_options_for_serving_exist():
    source = (ROOT / "helpers/datasets/download.py").read_text("utf-8")
    part = GUIDE.split("\n## Serving the room\n")[1].split("\n## ")[0]
    told = set(re.findall(r"(?<=[ `])--[a-z]+", part))
    assert {"--serve", "--host", "--port", "--mirror", "--from", "--keep"} <= told
    assert [option for option in told if f'"{option}"' not in source] == []


# Resources

def test_each_resource_says_why():
    entries = re.findall(r"^- ((?:.+\n)(?:  .+\n)*)", RESOURCES, flags=re.MULTILINE)
    assert len(entries) >= 40
    bare = [entry for entry in entries if len(re.sub(r"\([^)]*\)|\*[^*]+\*", "", entry).split()) < 6]
    assert bare == []
    assert [address for address in re.findall(r"\]\(([^)]+)\)", RESOURCES)
            if not address.startswith(("https://", "../"))] == []


def test_resources_are_not_told_twice():
    titles = re.findall(r"\*([^*]{20,})\*", re.sub(r"\s*\n\s*", " ", RESOURCES))
    assert len(titles) == len(set(titles)) >= 20


# Issue templates

@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_is_a_form_that_a_host_accepts(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    if path.stem == "config":
        assert form == {"blank_issues_enabled": True}
        return
    assert {"name", "description", "body"} <= form.keys() <= {"name", "description", "title", "labels", "body"}
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in fields} <= {"textarea", "input", "dropdown"}
    ids = [part["id"] for part in fields]
    assert len(ids) == len(set(ids)) >= 2
    assert all(part["attributes"]["label"] for part in fields)
    assert any(part["validations"]["required"] for part in fields)
    assert all(len(set(part["attributes"]["options"])) == len(part["attributes"]["options"]) > 1
               for part in fields if part["type"] == "dropdown")


def test_there_is_a_template_for_bugs_questions_and_slips():
    assert [path.stem for path in TEMPLATES] == ["bug", "config", "question", "typo"]
    for path in TEMPLATES:
        for page in re.findall(r"\b(?:docs|slides)/\w+\.md", path.read_text("utf-8")):
            assert (ROOT / page).is_file()
