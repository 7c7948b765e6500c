"""What a reader does in JupyterLab, chapter by chapter, each noted as rows of the table."""

import os
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd

from benchmarks import results
from notebooks import run as executed
from proof.jupyterlab_page import SHOWN, Notebook, drag_around, play, until
from proof.jupyterlab_server import Server

SOLVED, BLANK = "notebooks/solutions/02_classify_clips.ipynb", "notebooks/01_see_and_hear_sound.ipynb"
PLAYERS, LABELS, STRANGE = "notebooks/players.ipynb", "notebooks/labels.ipynb", "notebooks/from_elsewhere.ipynb"
PICTURES = "PROOF_PICTURES"            # a folder for screenshots, to be looked at; without it none are kept
CELLS = {
    PLAYERS: ["""\
from helpers import datasets, eventroll

scenes = datasets.load_scenes("embedded")
busiest = scenes.clips.loc[scenes.clips["label"].str.count(r"\\+").idxmax()]
scene, sr = scenes.load(busiest)
events = scenes.events.query("clip_id == @busiest.clip_id and onset < 10")
eventroll.event_roll(scene[:10 * sr], sr=sr, events=events, classes=scenes.classes, title="A busy scene")""", """\
import numpy as np

from helpers import features, soundmap

sounds = datasets.load_clips("embedded")
clips = sounds.clips.groupby("label").head(2)
audio = sounds.load_all(clips, sr=16000)
vectors = features.statistics(np.stack([features.log_mel(one, sr=16000) for one in audio]))
soundmap.sound_map(soundmap.project(vectors, how="pca"), audio, sr=16000, labels=clips["label"],
                   names=clips["clip_id"], title="Two of each")""", """\
from helpers import listen

listen.play(audio[0], sr=16000, title="One sound")"""],
    LABELS: ["""\
from helpers import datasets, labelling

sounds = datasets.load_clips("embedded")
asked = sounds.clips.groupby("label").head(1).head(6)
widget = labelling.label_clips(asked, sounds.classes[:4], path="labels.csv")
widget"""],
}


@dataclass(frozen=True)
class Visit:
    """One reader's visit: where, and what is noted.

    Attributes
    ----------
    report : results.Report
    clone : Path
    page : playwright.sync_api.Page
    server : Server
    """

    report: results.Report
    clone: Path
    page: object
    server: Server

    def fact(self, what: str, held: object, *, detail: str = "") -> None:
        """Note a thing that should hold."""
        self.report.add(results.row(what, bool(held), "yes", goal=1, detail=detail))

    def none(self, what: str, found: list, *, unit: str, detail: str = "") -> None:
        """Note things of which there should be none; the first of them are named."""
        named = "; ".join(str(one)[:200] for one in found[:3])
        self.report.add(results.row(what, len(found), unit, goal=0, at_most=True, detail=named or detail))

    def seconds(self, what: str, value: float, *, detail: str = "") -> None:
        """Note how long something took."""
        self.report.add(results.row(what, value, "s", detail=detail))

    def open(self, path: str) -> Notebook:
        """Open a notebook of the clone."""
        return Notebook(self.page, server=self.server, path=path)

    def picture(self, name: str) -> None:
        """Keep what the window shows, if anybody wants to look."""
        if folder := os.environ.get(PICTURES):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


def write_cells(clone: Path) -> None:
    """Write two small notebooks that call the players, the map and the labelling as the workshop's notebooks do."""
    for path, sources in CELLS.items():
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), clone / path)


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)


# ---- whole notebooks

def kept(notebook: nbformat.NotebookNode) -> tuple[Counter, list[str], list[str]]:
    """What a saved notebook holds: how much of each kind; its errors; what its self-checks said."""
    counts, errors, said = Counter(), [], []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        counts["cells"] += 1
        counts["run"] += cell.execution_count is not None
        for output in cell.outputs:
            counts["outputs"] += 1
            if output.output_type == "error":
                errors.append(f"{output.ename}: {output.evalue}")
            html = output.get("data", {}).get("text/html", "")
            counts["pictures"] += ("image/png" in output.get("data", {})) + html.count("<img")
            counts["frames"] += html.count("<iframe")
            counts["players"] += html.count("<audio")
            if "machine_hearing" in output.get("metadata", {}):
                said.append(output.metadata["machine_hearing"]["status"])
    return counts, errors, said


def whole(visit: Visit, *, path: str, form: str) -> None:
    """Run a notebook of the workshop from top to bottom, hear its first player, and save it."""
    name = f"notebook {Path(path).name[:2]}, {form}"
    notebook = visit.open(path)
    visit.seconds(f"{name}: from its address to a waiting kernel", notebook.opened_s)
    visit.seconds(f"{name}: Run > Run All Cells", notebook.run_all(),
                  detail="the first day, beside what start.py compiles behind JupyterLab")
    notebook.save(visit.clone)
    counts, errors, said = kept(read(visit.clone / path))
    visit.picture(f"{Path(path).stem}_{form}_end")
    visit.none(f"{name}: code cells that did not run", ["see the next row"] * (counts["cells"] - counts["run"]),
               unit="cells",
               detail=f"{counts['cells']} ran; {counts['outputs']} outputs, {counts['pictures']} pictures, "
                      f"{counts['players']} players, {counts['frames']} frames")
    visit.none(f"{name}: outputs that are errors", errors, unit="cells")
    other = [status for status in said if status != executed.EXPECTED[form]]
    visit.none(f"{name}: self-checks that say something else than \"{executed.EXPECTED[form]}\"", other, unit="checks",
               detail=f"{len(said)} self-checks")
    sights(visit, notebook, name=name, counts=counts)
    hear(visit, name=f"{name}: its first player")
    visit.picture(f"{Path(path).stem}_{form}_player")
    notebook.close()


def sights(visit: Visit, notebook: Notebook, *, name: str, counts: Counter) -> None:
    """Compare what the page shows with what stands in the file."""
    def missing() -> list[str]:
        shown = notebook.sights()
        return [f"{counts[what]} {what} in the file, {shown[what]} on the page"
                for what in ("pictures", "players", "frames") if shown[what] < counts[what]]

    with suppress(TimeoutError):
        until(lambda: not missing(), what="all outputs", seconds=30)
    visit.none(f"{name}: kinds of output that the page does not show", missing(), unit="kinds",
               detail=", ".join(f"{counts[what]} {what}" for what in ("pictures", "players", "frames") if counts[what]))


def hear(visit: Visit, *, name: str) -> None:
    """Click the play button of the first player, and listen."""
    heard = play(visit.page.locator(f"{SHOWN} .jp-OutputArea audio").first)
    visit.fact(f"{name} plays, and is heard", heard["heard"] > 0 and heard["loud"] == 1 and heard["peak_db"] > -60,
               detail=f"{heard['seconds']:.1f} s long, at {heard['heard']:.1f} s after the click, loudest sample "
                      f"{heard['peak_db']:.0f} dBFS, volume {heard['loud']:g}")


# ---- players of our own

def players(visit: Visit) -> None:
    """Run the small notebook; click event roll and sound map."""
    notebook = visit.open(PLAYERS)
    visit.seconds("event roll and sound map: Run All Cells", notebook.run_all())
    visit.none("server and kernel: addresses beyond this computer on which they listen",
               visit.server.open_to_others(), unit="addresses")
    roll(visit, notebook, name="event roll")
    sound_map(visit, notebook, name="sound map")
    notebook.save(visit.clone)
    notebook.close()


def roll(visit: Visit, notebook: Notebook, *, name: str) -> None:
    """Click into the picture, press play, click an event."""
    frame = notebook.frame("true event")
    until(lambda: frame.evaluate("window.eventRoll?.ready"), what="the event roll")
    picture = frame.locator(".canvas .clip").first
    box = picture.bounding_box()
    picture.click(position={"x": 0.6 * box["width"], "y": box["height"] / 2})
    length = frame.evaluate("document.getElementById('audio').duration")
    at, cursor = frame.evaluate("[eventRoll.time, eventRoll.cursor]")
    visit.fact(f"{name}: a click into the picture moves the cursor there",
               abs(at - 0.6 * length) < 0.05 and abs(cursor - at) < 0.05,
               detail=f"clicked at {0.6 * length:.2f} s of {length:.1f} s; cursor at {cursor:.2f} s")
    frame.locator("button.play").click()
    until(lambda: frame.evaluate("eventRoll.time") > at + 0.3, what="the event roll to play")
    frame.locator("button.play").click()
    first, last = frame.evaluate("eventRoll.heard")[0]
    visit.fact(f"{name}: play plays from there", abs(first - at) < 0.1 and last > first,
               detail=f"heard from {first:.2f} to {last:.2f} s")
    frame.locator(".canvas button.event").first.click()
    stretch = until(lambda: frame.evaluate("eventRoll.played")[:1], what="an event to be played")[0]
    visit.picture("event_roll")
    visit.fact(f"{name}: a click on an event plays that event and stops", abs(stretch["to"] - stretch["end"]) < 0.3,
               detail=f"from {stretch['start']:.2f} to {stretch['end']:.2f} s; stopped at {stretch['to']:.2f} s")


def sound_map(visit: Visit, notebook: Notebook, *, name: str) -> None:
    """Click a point, go on with the keyboard, draw a lasso."""
    frame = notebook.frame("on a map")
    until(lambda: frame.evaluate("window.soundMap?.ready"), what="the sound map")

    def plays(index: int) -> bool:
        return until(lambda: frame.evaluate(
            f"soundMap.chosen === {index} && soundMap.playing === {index} && soundMap.audio.currentTime > 0.1"),
            what="a point to play")

    x, y = frame.evaluate("soundMap.within(7)")
    frame.locator(".field").click(position={"x": x, "y": y})
    plays(7)
    visit.picture("sound_map")
    visit.fact(f"{name}: a click on a point plays it and shows its spectrogram",
               frame.evaluate("document.querySelector('.card .picture img').naturalWidth > 0"),
               detail=frame.locator("#spoken").inner_text())
    visit.page.keyboard.press("ArrowLeft")
    other = until(lambda: frame.evaluate("soundMap.chosen !== 7 && String(soundMap.chosen)"), what="the arrow key")
    visit.page.keyboard.press("Enter")
    visit.fact(f"{name}: an arrow key goes to the next point, Enter plays it", plays(int(other)),
               detail=frame.locator("#spoken").inner_text())
    visit.page.keyboard.press("Escape")
    cells = visit.page.locator(f"{SHOWN} .jp-CodeCell").count()
    visit.fact(f"{name}: none of these keys reached JupyterLab", cells == len(CELLS[PLAYERS]), detail=f"{cells} cells")
    drag_around(frame, [0, 1, 2, 3])
    chosen = until(lambda: frame.evaluate("soundMap.selected"), what="the lasso")
    frame.get_by_text("Play all in turn").click()
    plays(chosen[0])
    until(lambda: frame.evaluate(f"soundMap.chosen === {chosen[1]} && soundMap.playing === {chosen[1]}"),
          what="the second of the lasso")
    visit.fact(f"{name}: a lasso lists points and plays them in turn", {0, 1, 2, 3} <= set(chosen),
               detail=f"{len(chosen)} points; the first two were heard out")
    visit.page.keyboard.press("Escape")


# ---- labelling

def labels(visit: Visit) -> None:
    """Label, restart the kernel, run the cell again, go on to the end."""
    notebook, page, path = visit.open(LABELS), visit.page, (visit.clone / LABELS).with_name("labels.csv")
    notebook.run_all()

    def answer(key: str) -> str:
        before = page.locator(".mh-labelling strong").inner_text()
        page.keyboard.press(key)
        until(lambda: page.locator(".mh-labelling strong").inner_text() != before, what="the next clip")
        return page.locator(".mh-labelling [role=status]").inner_text()

    def saved() -> list[str]:
        return pd.read_csv(path)["label"].tolist()

    page.locator(".mh-labelling strong").click()
    said = [answer("1"), answer("2"), answer("1")]
    until(lambda: page.evaluate("document.querySelector('.mh-labelling audio').currentTime > 0"),
          what="the next clip to play by itself")
    visit.picture("labelling")
    visit.fact("labelling: three keys, three answers in the file", len(saved()) == 3, detail=", ".join(said))
    notebook.restart()
    page.locator(".mh-labelling strong").first.click()
    page.keyboard.press("3")
    told = until(lambda: re.search("Not saved.*", page.locator(".mh-labelling [role=status]").inner_text()),
                 what="the widget to miss its kernel")[0]
    visit.picture("labelling_restarted")
    visit.fact("labelling: after a restart of the kernel a key is not taken for saved", len(saved()) == 3, detail=told)
    page.evaluate("document.querySelectorAll('.mh-labelling').forEach((box) => box.classList.add('old'))")
    notebook.run_all()
    page.locator(".mh-labelling:not(.old) strong").wait_for()
    place = page.locator(".mh-labelling strong").inner_text()
    visit.fact("labelling: the cell run again goes on where it stopped", place == "4 of 6" and len(saved()) == 3,
               detail=place)
    page.locator(".mh-labelling strong").click()
    answer("3")
    answer("4")
    page.locator(".mh-labelling .choices button").first.click()
    page.locator(".mh-labelling strong", has_text="All 6 clips are labelled.").wait_for()
    labels = saved()
    visit.fact("labelling: answers of both kernels are in the file", len(labels) == 6, detail=", ".join(labels))
    notebook.save(visit.clone)
    notebook.close()
