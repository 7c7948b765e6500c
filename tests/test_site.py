"""The site: nothing from elsewhere, no dead link, answers folded away, a search without a server, readable for all."""

import doctest
import importlib
import json
import re

import browsing
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.plots import framed
from notebooks import pages as exported
from slides import decks
from website import SiteError, __main__, build, frame, glossary, links, media, notebook, pages, prose, search

MODULES = ("build", "frame", "glossary", "links", "media", "notebook", "pages", "prose", "search")
PICTURE = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
           "RU5ErkJggg==")
INNER = ('<!DOCTYPE html><title>Roll</title><link rel="icon" href="data:,"><p id="says">silent</p>'
         '<script>says.textContent = "it \\"ran\\" & \'ran\'"</script>')
DECK = decks.paths()[0].stem


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_the_builder_are_right(name):
    module = importlib.import_module(f"website.{name}")
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def soup(text):
    return BeautifulSoup(text, "html.parser")


def test_markdown_gets_ids_tables_that_scroll_and_no_html_of_its_own():
    body = prose.body("# One\n## Same\n## Same\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>x</script> <!-- gone -->\n")
    assert [heading["id"] for heading in body.find_all(["h1", "h2"])] == ["one", "same", "same-1"]
    assert body.table.parent["class"] == ["scroll"]
    assert body.script is None
    assert "gone" not in body.get_text()
    assert prose.title(body, otherwise="?") == "One"
    assert prose.title(soup("<p>none</p>"), otherwise="?") == "?"


def test_code_is_coloured_and_escaped():
    shown = soup(prose.code("if a < 1:\n    say('<b>')", "python"))
    assert shown.get_text() == "if a < 1:\n    say('<b>')"
    assert shown.find(class_="k").get_text() == "if"
    assert shown.b is None


def test_links_lead_to_pages_to_the_repository_or_nowhere():
    places = {"README.md": "index.html", "docs/a.md": "docs/a.html", "notebooks/01_x.ipynb": "notebooks/01_x.html"}
    text = ('<a href="../README.md#start">1</a><a href="../notebooks/01_x.ipynb">2</a><a href="../start.py">3</a>'
            '<a href="https://example.org">4</a><a href="#here">5</a><a href="../../out.md">6</a><img src="p.png">')
    for repository, third in (("", None), ("https://host/me/it", "https://host/me/it/blob/HEAD/start.py")):
        page, where = soup(text), links.Map(places, repository)
        where.rewrite(page, source="docs/a.md", target="docs/a.html")
        found = {link.get_text(): link["href"] for link in page.find_all("a")}
        assert found == {key: value for key, value in {
            "1": "../index.html#start", "2": "../notebooks/01_x.html", "3": third, "4": "https://example.org",
            "5": "#here"}.items() if value}
        assert page.find("span", class_="file").get_text() in "36"
        assert where.pictures == {"docs/p.png"}


def test_dead_links_and_what_is_fetched_from_elsewhere_are_found(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/b.html").write_text('<h1 id="top">b</h1><a href="../a.html">back</a><a href="/a.html">root</a>')
    (tmp_path / "a.html").write_text(
        '<a href="docs/b.html#top">1</a><a href="docs/b.html#none">2</a><a href="none.html">3</a><a href="../a">4</a>'
        '<a href="https://example.org">5</a><a href="docs">6</a><a href="#gone">7</a><img src="//cdn.example/x.png">'
        '<script src="https://cdn.example/x.js"></script><link rel="icon" href="data:,"><audio src="s.wav"></audio>')
    assert links.dead(tmp_path) == [
        "a.html fetches //cdn.example/x.png", "a.html fetches https://cdn.example/x.js",
        "a.html: docs/b.html#none", "a.html: none.html", "a.html: ../a", "a.html: docs", "a.html: #gone",
        "a.html: s.wav", "docs/b.html: /a.html"]


def test_terms_are_linked_once_and_only_in_running_text():
    known = glossary.terms("# Glossary\n\n## Log-mel\nA *picture*. More.\n\n## AUC (area under the curve)\nA score.\n\n"
                           "## Mel\nA scale, e.g. of `pitch`.\n", page="docs/glossary.html")
    assert [(term.names, term.place, term.says) for term in known] == [
        (("Log-mel",), "docs/glossary.html#log-mel", "A picture."),
        (("AUC", "area under the curve"), "docs/glossary.html#auc-area-under-the-curve", "A score."),
        (("Mel",), "docs/glossary.html#mel", "A scale, e.g. of pitch.")]
    page = soup("<h2>Mel</h2><p>A log-mel has mels &amp; more. <code>mel</code> <a href='x'>mel</a> Mel auc, caramel, "
                "areas under the curve; AUC</p><p>log-mel AUC</p>")
    assert glossary.link(page, known, target="notebooks/01.html") == 3
    assert [(link["href"], link.get_text()) for link in page.find_all("a", class_="term")] == [
        ("../docs/glossary.html#log-mel", "log-mel"), ("../docs/glossary.html#mel", "mels"),
        ("../docs/glossary.html#auc-area-under-the-curve", "AUC")]
    assert page.get_text().startswith("MelA log-mel has mels & more. mel mel Mel auc, caramel, areas")


def test_the_headings_of_the_glossary_are_those_that_terms_point_to():
    path = build.ROOT / build.GLOSSARY
    if not path.exists():
        assert build.GLOSSARY not in build.places_of([], path.parent)
        return
    text = path.read_text("utf-8")
    ids = {heading["id"] for heading in prose.body(text).find_all("h2")}
    known = glossary.terms(text, page="g.html")
    assert {term.place.removeprefix("g.html#") for term in known} <= ids
    assert len(known) == len(re.findall("^## ", text, flags=re.MULTILINE))


def test_what_is_embedded_goes_into_files_once(tmp_path):
    html = f'<img alt="a" src="{PICTURE}"><img alt="b" src="{PICTURE}">'
    html += framed.frame(INNER, title="A roll: 2 s", height=90)
    page = soup(media.beside(html, folder=tmp_path, prefix="../"))
    assert page.find_all("img")[0]["src"] == page.find_all("img")[1]["src"]
    assert len(list((tmp_path / "media").iterdir())) == 1
    inner, = (tmp_path / "frames").iterdir()
    assert inner.read_text("utf-8") == INNER
    assert page.iframe["src"] == f"../frames/{inner.name}" == page.find("p", class_="alone").a["href"]
    assert page.iframe["sandbox"] == ["allow-scripts"]
    assert "srcdoc" not in page.iframe.attrs
    assert "data:" not in str(page)


ANSWER = "def twice(x):\n    return 2 * x"


@pytest.fixture
def small(tmp_path):
    """A notebook of five cells: both forms in a folder, and its executed page."""
    def made(name="00_small", answer=ANSWER):
        cells = [new_markdown_cell("# 0. Small\nA window.", id="a"), new_code_cell("print('<hello>')", id="b"),
                 new_markdown_cell("### Your turn: twice", id="c"),
                 new_code_cell(answer, id="d", metadata={"tags": ["exercise"]}),
                 new_code_cell("exercises.check_twice(twice)", id="e", metadata={"tags": ["check"]})]
        solved = new_notebook(cells=cells)
        blank = new_notebook(cells=[*cells[:3], new_code_cell("def twice(x):\n    ...", id="d"), cells[4]])
        for path, form in ((tmp_path / "solutions", solved), (tmp_path, blank)):
            path.mkdir(exist_ok=True)
            nbformat.write(form, path / f"{name}.ipynb")
        cells[1].outputs = [new_output("stream", name="stdout", text=f"<hello> from {build.Path.home()}/x\n")]
        ticks = {"text/html": f'<img alt="ticks" src="{PICTURE}">', "text/plain": ""}
        cells[4].outputs = [new_output("display_data", ticks)]
        exported.export(solved, tmp_path / f"{name}.html")
        return (tmp_path / f"{name}.html").read_text("utf-8")
    return made


def test_an_exercise_is_open_and_its_answer_folded_away(small, tmp_path):
    page = small()
    body = notebook.body("00_small", folder=tmp_path, page=page, out=tmp_path / "site", prefix="../")
    assert body.find("pre", class_="printed").get_text() == "<hello> from ~/x"
    assert body.find(class_="exercise").get_text() == "def twice(x):\n    ..."
    answer, = body.find_all("details", class_="answer")
    assert not answer.has_attr("open")
    assert answer.pre.get_text() == ANSWER
    assert answer.img["src"].startswith("../media/")
    answer.extract()
    assert "return" not in body.get_text()
    assert "check_twice" in body.get_text()


def test_a_page_of_another_version_is_refused(small, tmp_path):
    old = small(answer=ANSWER.replace("2", "3"))
    small()
    with pytest.raises(SiteError, match=r"not of this version \(1 of 3 cells .* run NB=00"):
        notebook.body("00_small", folder=tmp_path, page=old, out=tmp_path, prefix="")


def test_the_search_finds_the_section_not_only_the_page():
    body = prose.body("# One\nIntro.\n\n- a\n- b\n\n## Mel: bands\nWhat `x` is.\n### Deeper\n")
    index = search.sections(body, title="One", target="n/one.html")
    assert index == [("One", "n/one.html", "One", "Intro. a b"), ("One", "n/one.html#mel-bands", "Mel: bands",
                     "What x is."), ("One", "n/one.html#deeper", "Deeper", "")]
    script = search.script(index)
    assert json.loads(script.removeprefix("const SECTIONS = ").removesuffix(";\n")) == [list(one) for one in index]


def test_the_table_of_times_shows_what_was_measured(monkeypatch):
    rows = [{"what": "01_a: wall", "value": 12.3, "unit": "s"}, {"what": "01_a: memory", "value": None, "unit": "MB"}]
    monkeypatch.setattr(pages.json, "loads", lambda text: {"rows": rows})
    monkeypatch.setattr(pages.results, "load", lambda name: {
        "date": "today", "data": "none", "machine": {"cores": 2, "processor": "P", "system": "S", "python": "3"}})
    shown = pages.times({"01_a": "1. A"})
    assert [cell.get_text() for cell in shown.find_all("td")] == ["1. A", "12", "not run", "not run"]
    assert shown.td.a["href"] == "notebooks/01_a.ipynb"


def test_pages_outside_the_menu_are_listed_last():
    menu = frame.Menu({"index.html": "Start", "notebooks/01_a.html": "1. A", "docs/more.html": "More",
                       "search.html": "Search", "licences.html": "Licences"}, ["01_a"])
    listed = dict(menu.groups())
    assert listed["Notebooks"] == [("notebooks/01_a.html", "1. A")]
    assert listed["About"] == [("licences.html", "Licences"), ("docs/more.html", "More")]


def test_a_folder_that_is_no_site_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("precious")
    assert __main__.main(["--out", str(tmp_path), "--only", "00"]) == 1
    assert "no site" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "precious"
    assert __main__.main(["--out", str(tmp_path / "new"), "--only", "77"]) == 1
    assert "There is no notebook '77'" in capsys.readouterr().err
    assert __main__.main(["--out", str(tmp_path / "new"), "--only", "00", "--pages", str(tmp_path)]) == 1
    assert "no executed page of 00_check_setup" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of notebooks 00 and 01, executed now, with one deck of two slides, in a folder whose name needs care."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "decks").mkdir()
    (folder / f"decks/{DECK}.html").write_text(
        '<!DOCTYPE html><title>d</title><a data-file="../../notebooks/01_see_and_hear_sound.ipynb">first</a> '
        '<a data-file="../../helpers/audio.py">second</a>')
    return build.build(folder / "my site", only=["00", "01"], built=folder / "decks").parent


CONTRAST = """() => {
  const bright = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = one => { for (let at = one; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor; if (!/, 0\\)$|transparent/.test(colour)) return colour; }
    return 'rgb(255, 255, 255)'; };
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), weak = [];
  while (walk.nextNode()) { const one = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || one.closest('script, noscript')) continue;
    const pair = [bright(getComputedStyle(one).color), bright(behind(one))].sort((a, b) => a - b);
    if ((pair[1] + 0.05) / (pair[0] + 0.05) < 4.5) weak.push(one.outerHTML.slice(0, 90)); }
  return weak; }"""


@pytest.mark.browser
@pytest.mark.notebook
def test_the_site_works_in_a_browser(site):
    assert links.dead(site) == []
    root = site.as_uri()
    allowed = (root + "/", "data:")
    deck = site / f"slides/{DECK}.html"
    assert re.findall(r"<a[^>]*>", deck.read_text()) == ['<a href="../notebooks/01_see_and_hear_sound.html">', "<a>"]
    ours = [path for path in sorted(site.rglob("*.html")) if path != deck]
    assert {"index.html", "notebooks/00_check_setup.html", "docs/troubleshooting.html", "licences.html", "times.html",
            "slides/index.html"} <= {path.relative_to(site).as_posix() for path in ours}
    html = media.beside(framed.frame(INNER, title="A roll", height=90), folder=site, prefix="")
    (site / "framed.html").write_text(f'<!DOCTYPE html><link rel="icon" href="data:,"><body>{html}')
    with browsing.chromium() as browser:
        for scheme, width in (("light", 390), ("dark", 1300)):
            with browsing.window(browser, width=width, allowed=allowed, color_scheme=scheme) as page:
                for path in ours:
                    page.goto(path.as_uri())
                    name = path.relative_to(site).as_posix()
                    assert page.evaluate(CONTRAST) == [], f"{name}, {scheme}"
                    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        with browsing.window(browser, allowed=allowed) as page:
            page.goto(f"{root}/framed.html")
            assert page.frame_locator("iframe").locator("#says").inner_text() == "it \"ran\" & 'ran'"
            page.goto(f"{root}/notebooks/01_see_and_hear_sound.html")
            answer = page.locator("details.answer").first
            assert not answer.locator("pre").first.is_visible()
            answer.locator("summary").focus()
            page.keyboard.press("Enter")
            assert answer.locator("pre").first.is_visible()
            browsing.wait(page, "document.querySelector('audio').readyState > 0")
            page.locator("header input").fill("silence normalising")
            page.keyboard.press("Enter")
            page.wait_for_url("**/search.html?q=*")
            assert re.match(r"\d+ sections", page.locator("#count").inner_text())
            assert page.locator("#found mark").count() > 1
            page.locator("#found a[href^='notebooks/01']").first.click()
            page.wait_for_url("**/notebooks/01_see_and_hear_sound.html*")
            page.goto(f"{root}/search.html?q=nothing-is-called-so")
            assert page.locator("#count").inner_text() == "No sections"
