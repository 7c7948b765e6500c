"""The decks: timed, said at a human pace, measured, and readable when they are projected."""

import json
import re
import shutil
from pathlib import Path

import browsing
import pytest

from benchmarks import results
from notebooks import build as build_notebooks
from slides import build, decks, make_figures, sounds

PLANNED = {                                # slides, and minutes without the questions
    "euro2019_audio_classification": (30, 30), "pycode2019_recognizing_sounds": (25, 25),
    "pyconde2020_audio_event_detection": (30, 35), "anomaly_detection_for_sound": (30, 38),
    "pydata2021_unsupervised_audio": (24, 25)}
DECKS = {path.stem: decks.read(path) for path in decks.paths()}
QUESTIONS = ("speech", "street from a restaurant", "noise first", "waveform", "no labels", "microcontroller",
             "compression")
HAVE_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed (slides only)")
NOTEBOOK = re.compile(r"\b(\d\d_[a-z_]+)\b")
EMPHASIS = re.compile(r"(?<![*\w])\*([^*\s][^*]*)\*(?!\*)")
VARIABLE = re.compile(r"^  --(\w+): (#[0-9a-f]{6});", re.MULTILINE)
PAIRS = [("ink", "paper"), ("ink", "wash"), ("quiet", "paper"), ("accent", "paper"), ("accent", "wash"),
         ("accent", "code"), ("ink", "code"), ("quiet", "code"), ("light", "night"), ("error", "paper")]
SCORE = re.compile(r"(?<![\w.])0\.\d{2,}(?!\d* ?(?:s|ms|Hz|kHz)\b)")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, of #rrggbb."""
    parts = [int(colour[start:start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def shown(slide: decks.Slide) -> str:
    """What a slide says, without code."""
    return re.sub(r"```.*?```|`[^`]*`", "", slide.body, flags=re.DOTALL)


def test_all_decks_are_there():
    assert set(DECKS) == set(PLANNED)


@pytest.mark.parametrize("name", DECKS)
def test_slides_and_minutes_are_those_that_were_planned(name):
    deck = DECKS[name]
    n_slides, minutes = PLANNED[name]
    assert len(deck.timed) == n_slides
    assert [slide.heading for slide in deck.timed if slide.minutes is None] == []
    assert sum(slide.minutes for slide in deck.timed) == minutes == float(deck.settings["minutes"])
    assert [slide.heading for slide in deck.slides[n_slides:] if slide.minutes is not None] == []


@pytest.mark.parametrize("name", DECKS)
def test_notes_are_said_at_a_human_pace(name):
    paces = {slide.heading: round(len(slide.notes.split()) / slide.minutes) for slide in DECKS[name].timed}
    assert {heading: pace for heading, pace in paces.items() if not 60 <= pace <= 150} == {}


@pytest.mark.parametrize("name", DECKS)
def test_slide_two_names_audience_and_prior_knowledge(name):
    assert "**For** " in DECKS[name].slides[1].body
    assert "**You know** " in DECKS[name].slides[1].body


@pytest.mark.parametrize("name", DECKS)
def test_every_page_has_a_heading_of_its_own(name):
    headings = [slide.heading for slide in DECKS[name].slides]
    assert all(headings)
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("name", DECKS)
def test_a_demonstration_plays_and_names_its_notebook(name):
    demos = [slide for slide in DECKS[name].timed if "demo" in slide.heading.lower()]
    assert demos
    for slide in demos:
        assert decks.SOUND.search(slide.body)
        assert re.search(r"\b(0\d|1\d)_\w+", slide.body)


@pytest.mark.parametrize("name", DECKS)
def test_the_appendix_answers_what_audiences_ask(name):
    deck = DECKS[name]
    after = " ".join(slide.heading for slide in deck.slides[len(deck.timed):])
    assert [question for question in QUESTIONS if question not in after] == []


@pytest.mark.parametrize("name", DECKS)
def test_figures_and_sounds_exist_and_say_what_they_show(name):
    for slide in DECKS[name].slides:
        for summary, source in decks.PICTURE.findall(slide.body):
            assert len(summary.split()) >= 6, f"{slide.heading}: say what {source} shows"
            kind, _, what = source.partition(":")
            assert what in make_figures.names() if kind == "figure" else (decks.FOLDER / source).exists()
        for caption, what in decks.SOUND.findall(slide.body):
            assert caption.strip()
            assert what in sounds.SOUNDS


@pytest.mark.parametrize("name", DECKS)
def test_no_score_is_typed_by_hand(name):
    path = decks.FOLDER / f"{name}.md"
    without = decks.parse(results.QUOTE.sub("", decks.whole(path)), name=name)
    typed = {slide.heading: SCORE.findall(shown(slide) + slide.notes) for slide in without.slides}
    assert {heading: found for heading, found in typed.items() if found} == {}


def test_every_figure_and_sound_is_used():
    text = " ".join(slide.body for deck in DECKS.values() for slide in deck.slides)
    used = {source.partition(":")[2] for _, source in decks.PICTURE.findall(text)}
    assert set(make_figures.names()) - used == set()
    assert set(sounds.SOUNDS) - {what for _, what in decks.SOUND.findall(text)} == set()


def test_proposals_keep_to_the_lengths_that_forms_allow():
    text = (decks.FOLDER / "proposals.md").read_text("utf-8")
    talks = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert [talk.splitlines()[0] for talk in talks] == [DECKS[name].settings["title"] for name in PLANNED]
    limits = {"Summary": (60, 280), "Abstract": (200, 1500), "Description": (400, 50_000)}
    for talk in talks:
        parts = {part.splitlines()[0]: " ".join(part.split("\n", 1)[1].split())
                 for part in re.split(r"^### ", talk, flags=re.MULTILINE)[1:]}
        assert set(parts) == {*limits, "Audience", "Prior knowledge", "Takeaways"}
        assert {name: len(parts[name]) for name, (low, high) in limits.items()
                if not low <= len(parts[name]) <= high} == {}
        assert all(parts.values())


def test_a_typed_score_would_be_found():
    assert SCORE.findall("it reaches 0.87, in 0.25 s, at 0.5") == ["0.87"]


def test_the_colours_of_the_theme_can_be_read():
    colours = dict(VARIABLE.findall((decks.FOLDER / "theme.css").read_text("utf-8")))
    assert {pair: round(contrast(*(colours[name] for name in pair)), 1) for pair in PAIRS
            if contrast(*(colours[name] for name in pair)) < 4.5} == {}
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0


def test_a_deck_is_taken_apart():
    text = ("---\nmarp: true\nminutes: 2\n---\n<!-- _class: lead -->\n\n# One\n\n<!--\n1.5 min\nSay it.\n-->\n\n---\n\n"
            "## Two\n\n```\n---\n# no heading\n```\n<!-- bench a:b: c -->1.0<!-- /bench -->\n\n---\n\n# Appendix\n")
    deck = decks.parse(text, name="trial")
    assert [(slide.heading, slide.minutes, slide.notes) for slide in deck.slides] == [
        ("One", 1.5, "Say it."), ("Two", None, ""), ("Appendix", None, "")]
    assert deck.slides[1].body.endswith("1.0")
    assert len(deck.timed) == 2


def test_a_deck_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(build, "tools", lambda: "node")
    with pytest.raises(build.BuildError, match="no deck called nothing"):
        build.build(["nothing"])


def test_without_node_the_way_out_is_told(monkeypatch):
    monkeypatch.setattr(build.shutil, "which", lambda name: None)
    with pytest.raises(build.BuildError, match="Slides need Node"):
        build.tools()


def test_notes_say_when_each_slide_ends():
    for name, deck in DECKS.items():
        ends = re.findall(r"^<!--\n\d+\.\d min, until (\d+:\d\d)$", decks.for_marp(decks.FOLDER / f"{name}.md"),
                          flags=re.MULTILINE)
        assert len(ends) == len(deck.timed)
        assert ends[-1] == f"{PLANNED[name][1]}:00"
        assert ends[0] == f"{int(deck.timed[0].minutes)}:{round(60 * (deck.timed[0].minutes % 1)):02d}"


@pytest.mark.parametrize("name", DECKS)
def test_sections_that_a_slide_sends_to_are_in_the_notebook(name):
    for slide in DECKS[name].slides:
        named = NOTEBOOK.findall(slide.body)
        if named and "section" in slide.body:
            source, = {build_notebooks.HERE / "src" / f"{stem}.py" for stem in named}
            headings = set(re.findall(r"^# #+ (.+)$", source.read_text("utf-8"), flags=re.MULTILINE))
            sections = set(EMPHASIS.findall(slide.body))
            assert sections, f"{slide.heading}: name the section in italics"
            assert sections <= headings, slide.heading


def test_a_section_that_is_not_there_would_be_found():
    assert EMPHASIS.findall("**01_x**, section *Listen first*, or **not this**; *nor that one") == ["Listen first"]
    sending = {name: [slide.heading for slide in deck.slides if NOTEBOOK.search(slide.body) and "section" in slide.body]
               for name, deck in DECKS.items()}
    assert {name for name, found in sending.items() if found} >= {
        "euro2019_audio_classification", "pycode2019_recognizing_sounds", "pydata2021_unsupervised_audio"}


def test_what_a_page_refers_to_is_put_into_it(tmp_path, monkeypatch):
    monkeypatch.setattr(build.sounds, "mp3", lambda name: b"abc")
    monkeypatch.setattr(build.make_figures, "figure", lambda name: Path(__file__))
    build.picture.cache_clear()
    page = build.embed('<img alt="x" src="figure:a" /><a href="sound:dog">a <b>dog</b></a><a href="../README.md">r</a>')
    build.picture.cache_clear()
    assert 'src="data:image/png;base64,' in page
    assert 'aria-label="a dog" src="data:audio/mpeg;base64,YWJj"' in page
    assert '<a data-file="../../README.md">r</a>' in page, "a name; only the site makes a link of it"


def test_the_lock_of_marp_holds_no_addresses_of_packages():
    lock = json.loads((decks.FOLDER / "package-lock.json").read_text("utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    wanted = json.loads((decks.FOLDER / "package.json").read_text("utf-8"))["dependencies"]["@marp-team/marp-cli"]
    assert lock["packages"][f"{build.MARP}"]["version"] == wanted
    assert re.fullmatch(r"\d+\.\d+\.\d+", wanted)


def test_the_key_of_a_figure_follows_code_and_results(monkeypatch):
    module = make_figures.modules()[-1]
    key_of = make_figures.made_from.__wrapped__
    before = key_of(module)
    assert key_of(module) == before
    monkeypatch.setattr(results, "source_hash", lambda sources: "other")
    assert key_of(module) != before
    with pytest.raises(KeyError, match="no figure is called 'none'"):
        make_figures.figure("none")


@pytest.fixture(scope="module")
def pages():
    """All decks, built once, and what a browser makes of them."""
    build.build(pdf=False)
    found = {}
    with browsing.chromium() as browser:
        for name in DECKS:
            with browsing.window(browser, width=1280, height=720) as page:
                page.goto((build.BUILD / f"{name}.html").as_uri())
                found[name] = page.evaluate(MEASURE)
    return found


MEASURE = """() => [...document.querySelectorAll('svg[data-marpit-svg] section')].map(section => {
  const at = section.getBoundingClientRect(), scale = at.width / 1280;
  const parts = [...section.children].filter(one => !['HEADER', 'FOOTER'].includes(one.tagName));
  const boxes = parts.map(one => one.getBoundingClientRect());
  const bright = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = one => { for (let at = one; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor; if (!/, 0\\)$|transparent/.test(colour)) return colour; }
    return 'rgb(255, 255, 255)'; };
  let worst = 21, smallest = 99;
  const walk = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { const one = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || one.closest('svg.no, style, script')) continue;
    const style = getComputedStyle(one), pair = [bright(style.color), bright(behind(one))].sort((a, b) => a - b);
    worst = Math.min(worst, (pair[1] + 0.05) / (pair[0] + 0.05));
    smallest = Math.min(smallest, parseFloat(style.fontSize)); }
  return { wide: section.scrollWidth, high: section.scrollHeight, worst, smallest,
    bottom: Math.max(...boxes.map(box => (box.bottom - at.top) / scale)),
    right: Math.max(...boxes.map(box => (box.right - at.left) / scale)),
    cut: [...section.querySelectorAll('pre')].filter(one => one.scrollWidth > one.clientWidth + 1).length,
    pictures: [...section.querySelectorAll('img')].map(one =>
      [one.alt, one.naturalWidth, one.getBoundingClientRect().height / scale]) };
})"""


@HAVE_NODE
@pytest.mark.browser
@pytest.mark.parametrize("name", PLANNED)
def test_nothing_runs_over_the_edge_of_its_page(pages, name):
    assert len(pages[name]) == len(DECKS[name].slides)
    over = {slide.heading: page for slide, page in zip(DECKS[name].slides, pages[name], strict=True)
            if page["wide"] > 1280 or page["high"] > 720 or page["bottom"] > 672 or page["right"] > 1222 or page["cut"]}
    assert over == {}


@HAVE_NODE
@pytest.mark.browser
@pytest.mark.parametrize("name", PLANNED)
def test_every_page_can_be_read_from_the_last_row(pages, name):
    headings = [slide.heading for slide in DECKS[name].slides]
    weak = {heading: (page["worst"], page["smallest"]) for heading, page in zip(headings, pages[name], strict=True)
            if page["worst"] < 4.5 or page["smallest"] < 17}
    assert weak == {}
    pictures = [(heading, *picture) for heading, page in zip(headings, pages[name], strict=True)
                for picture in page["pictures"]]
    assert [one for one in pictures if not one[1] or one[2] < 200 or one[3] < 150] == []


@HAVE_NODE
@pytest.mark.browser
@pytest.mark.parametrize("name", PLANNED)
def test_a_page_needs_nothing_beside_itself_and_holds_its_notes(pages, name):
    page = (build.BUILD / f"{name}.html").read_text("utf-8")
    assert len(re.findall(r"<audio ", page)) == sum(
        len(decks.SOUND.findall(slide.body)) for slide in DECKS[name].slides)
    fetched = re.compile(r"""<(?:img|script|link|audio|iframe|source)\b[^>]*?(?:src|href)=["'](?!data:)[^"']*""")
    assert fetched.findall(page) == []
    assert "@import" not in page
    assert not re.search(r"url\([\"']?https?:", page)
    assert " ".join(DECKS[name].slides[1].notes.split()[-6:]) in " ".join(page.split())
