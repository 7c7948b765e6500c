"""The pages: links lead somewhere, figures are those that were measured, names and licences agree."""

import re
import subprocess
import tomllib
import warnings
from pathlib import Path

import pytest
import yaml

import proof
import start
from benchmarks import results
from helpers.datasets import registry
from notebooks import build

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = {page.relative_to(ROOT).as_posix(): page.read_text("utf-8")
         for page in [*results.markdown_pages(), ROOT / "data/README.md"]}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ROW = re.compile(r"^\| (\d\d) \| \[([^\]]+)\]\(([^)]+)\) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def prose(text: str) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """Names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(page: Path, text: str) -> list[str]:
    """Links of a page that lead to no file, out of the repository, or to no heading."""
    dead = []
    for target in LINK.findall(prose(text)):
        if re.match(r"[a-z]+:", target):
            continue                                   # an address; nothing is fetched here
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        inside = goal.is_relative_to(ROOT) and goal.exists()
        if not inside or (anchor and anchor not in anchors(text if goal == page else goal.read_text("utf-8"))):
            dead.append(target)
    return dead


@pytest.mark.parametrize("name", PAGES)
def test_links_inside_the_repository_lead_somewhere(name):
    assert dead_links(ROOT / name, PAGES[name]) == []


def test_a_dead_link_would_be_found():
    text = "# One\n[a](#one) [b](#two) ![c](none.png) [d](LICENSE) [e](../x) [f](https://example.org)\n```\n[g](h)\n```\n"
    assert dead_links(ROOT / "README.md", text) == ["#two", "none.png", "../x"]
    assert dead_links(ROOT / "README.md", "[a](CONTRIBUTING.md#tests) [b](CONTRIBUTING.md#none)") == [
        "CONTRIBUTING.md#none"]


def test_pictures_have_a_text_for_those_who_cannot_see_them():
    assert [name for name, text in PAGES.items() if re.search(r"!\[\s*\]\(", prose(text))] == []


def test_the_table_lists_exactly_the_notebooks():
    expected = []
    for source in build.sources():
        title = re.search(r"^# # \d+\. (.+)$", source.read_text("utf-8"), flags=re.MULTILINE)[1]
        expected.append((source.stem[:2], title, f"notebooks/{source.stem}.ipynb"))
    assert [row[:3] for row in ROW.findall(README)] == expected
    rows = [[quote["what"] for quote in results.QUOTE.finditer(" ".join(row[4:]))] for row in ROW.findall(README)]
    assert rows == [[f"{source.stem}: wall", f"{source.stem}: memory"] for source in build.sources()]


def test_the_first_screen_holds_promise_start_and_notebooks():
    first = README.splitlines()[:40]
    assert first[0].startswith("# ")
    assert any(line.startswith("![") for line in first)
    assert "make lab" in first
    assert all(f"| {source.stem[:2]} | " in "\n".join(first) for source in build.sources())


def stale_figures(text: str) -> list[str]:
    """Quoted figures that differ from the result they name, or that nothing was measured for."""
    stale = []
    for quote in results.QUOTE.finditer(text):
        where = f"{quote['name']}:{quote['what']}"
        if not (results.FOLDER / f"{quote['name']}.json").exists():
            if quote["shown"] != "not run":
                stale.append(f"{where} shows {quote['shown']}, but was not run")
        elif (filled := results.fill(quote[0])) != quote[0]:
            stale.append(f"{where} shows {quote['shown']}, measured is {results.QUOTE.fullmatch(filled)['shown']}")
    return stale


@pytest.mark.parametrize("name", PAGES)
def test_quoted_figures_are_those_that_were_measured(name):
    text = PAGES[name]
    assert stale_figures(text) == [], "run: python -m benchmarks --fill"
    assert len(re.findall(r"<!--\s*/?bench\b", text)) == 2 * len(results.QUOTE.findall(text)), "a marker is misspelt"


def test_a_stale_figure_would_be_found(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    pages = {shown: f"| <!-- bench trial:a: wall -->{shown}<!-- /bench --> |" for shown in ("not run", "1.50", "1.60")}
    assert stale_figures(pages["not run"]) == []
    assert stale_figures(pages["1.50"]) == ["trial:a: wall shows 1.50, but was not run"]
    (tmp_path / "trial.json").write_text('{"rows": [{"what": "a: wall", "value": 1.5, "unit": "trials"}]}')
    assert stale_figures(pages["1.50"]) == []
    assert stale_figures(pages["1.60"]) == ["trial:a: wall shows 1.60, measured is 1.50"]
    assert stale_figures(pages["not run"]) == ["trial:a: wall shows not run, measured is 1.50"]
    with pytest.raises(KeyError, match="trial has no row 'b'"):
        stale_figures(pages["1.50"].replace("a: wall", "b"))


def test_results_name_sources_that_exist_and_warn_when_these_changed():
    for path in sorted(results.FOLDER.glob("*.json")):
        record = results.load(path.stem)
        missing = [source for source in record["sources"] if not results.source_path(source).exists()]
        assert missing == [], f"{path.name} was measured on files that are gone"
        if results.source_hash(record["sources"]) != record["source_hash"]:
            warnings.warn(f"{path.stem} was measured on {record['date']}, before its sources changed: "
                          f"python -m benchmarks {path.stem}", stacklevel=1)


def test_verbs_in_the_pages_exist():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    verbs = {"lab", "check", "test", *start.HANDED_ON}
    told = {name: (set(re.findall(r"(?:`|^)make ([a-z]+)", text, flags=re.MULTILINE)),
                   set(re.findall(r"(?:`|^)(?:python3?|py) start\.py ([a-z]+)", text, flags=re.MULTILINE)))
            for name, text in PAGES.items()}
    assert told["README.md"][0] == targets - {"help"}, "the README lists every verb"
    assert told["README.md"][1] == verbs
    assert {name for name, (make, started) in told.items() if not (make <= targets and started <= verbs)} == set()


def test_data_sets_and_options_in_the_pages_exist():
    names = {name for path, text in PAGES.items() if path != proof.PAGE       # it quotes messages about made-up sets
             for name in re.findall(r"start\.py data ([a-z][\w-]*)", text)}
    assert names
    assert names <= set(registry.published())
    source = (ROOT / "helpers/datasets/download.py").read_text("utf-8")
    page = PAGES["docs/troubleshooting.md"]
    assert [option for option in ("--from", "--mirror", "--home", "--keep", "--list")
            if option not in page or f'"{option}"' not in source] == []


def test_every_folder_of_the_map_is_there_and_none_is_left_out():
    told = re.search(r"^## Folders\n```\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)[1]
    folders = set(re.findall(r"^(\w+)/", told, flags=re.MULTILINE))
    assert [name for name in folders if not (ROOT / name).is_dir()] == []
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    tracked = {line.split("/")[0] for line in listed.splitlines() if "/" in line and not line.startswith(".")}
    assert tracked <= folders


def test_the_disk_space_told_is_what_the_set_up_asks_for():
    assert f"{start.ROOM / 1e9:.0f} GB of free disk space" in README
    assert f"Expected {start.ROOM / 1e9:.0f} GB of free disk space" in PAGES["docs/troubleshooting.md"]


def test_licences_agree():
    code, content = ((ROOT / name).read_text("utf-8") for name in ("LICENSE", "LICENSE-CONTENT"))
    holder = re.compile(r"^Copyright \(c\) (\d{4}, .+)$", re.MULTILINE)
    assert holder.findall(code) == holder.findall(content) == ["2026, The contributors"]
    assert code.startswith("BSD 3-Clause License\n")
    assert PROJECT["license"] == "BSD-3-Clause"
    assert PROJECT["license-files"] == ["LICENSE"]
    assert not [line for line in PROJECT["classifiers"] if line.startswith("License")]
    assert "SPDX-License-Identifier: CC-BY-4.0" in content
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in content
    for name in ("README.md", "CONTRIBUTING.md"):
        assert "](LICENSE)" in PAGES[name]
        assert "](LICENSE-CONTENT)" in PAGES[name]


def test_the_citation_agrees_with_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert str(citation["version"]) == PROJECT["version"]
    assert citation["authors"] == PROJECT["authors"] == [{"name": "The contributors"}]
    assert citation["license"] == ["BSD-3-Clause", "CC-BY-4.0"]
    assert re.search(r"^## \[(.+?)\]", PAGES["CHANGELOG.md"], flags=re.MULTILINE)[1] == PROJECT["version"]


def test_launch_links_wait_for_a_public_address():
    launch = [name for name, text in PAGES.items() if re.search(r"mybinder\.org/v2|colab\.research", text)]
    assert "urls" in PROJECT or launch == [], "the address stands in [project.urls] of pyproject.toml"
