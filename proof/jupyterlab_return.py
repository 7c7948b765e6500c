"""The reader comes back: saved notebooks in a new browser, and one that comes from another computer."""

import json

from proof.jupyterlab_page import SHOWN, Notebook, menu, until
from proof.jupyterlab_visits import LABELS, PLAYERS, SOLVED, STRANGE, Visit, hear, kept, read, roll, sights, sound_map


def _again(visit: Visit, path: str, *, name: str) -> Notebook:
    """Open a saved notebook; nothing in it is run."""
    notebook = visit.open(path)
    sights(visit, notebook, name=name, counts=kept(read(visit.clone / path))[0])
    return notebook


def solved(visit: Visit) -> None:
    """Look at notebook 02 and hear its first player."""
    name = "notebook 02, opened again"
    notebook = _again(visit, SOLVED, name=name)
    hear(visit, name=f"{name}: its first player")
    visit.picture("02_opened_again")
    notebook.close()


def players(visit: Visit) -> None:
    """Click the event roll and the sound map, which need no kernel."""
    notebook = _again(visit, PLAYERS, name="players, opened again")
    roll(visit, notebook, name="event roll, opened again")
    sound_map(visit, notebook, name="sound map, opened again")
    notebook.close()


def labels(visit: Visit) -> None:
    """Read what stands in the place of the labelling."""
    notebook = visit.open(LABELS)
    said = visit.page.locator(f"{SHOWN} .mh-labelling-static").inner_text()
    visit.picture("labelling_opened_again")
    visit.fact("labelling, opened again: says that it needs a kernel", "it needs a running kernel" in said, detail=said)
    notebook.run_all()
    place = visit.page.locator(".mh-labelling strong").inner_text()
    visit.fact("labelling, opened again: the cell run again knows all answers", place == "All 6 clips are labelled.",
               detail=place)
    notebook.close()


def from_elsewhere(visit: Visit) -> None:
    """Open a notebook that this computer has not run; trust it by the command palette."""
    stranger, name = read(visit.clone / PLAYERS), "notebook from another computer"
    for cell in stranger.cells:
        cell.outputs[0]["data"]["text/plain"] = "changed by somebody else"     # its signature does not fit any more
        cell.metadata.pop("trusted", None)
    (visit.clone / STRANGE).write_text(json.dumps(stranger), encoding="utf-8")
    notebook, page = visit.open(STRANGE), visit.page
    text = page.locator(f"{SHOWN} .jp-OutputArea-output").first.inner_text()
    visit.picture("from_elsewhere")
    visit.fact(f"{name}: JupyterLab takes event roll and map away, and the text in their place says what to do",
               notebook.sights()["frames"] == 0 and "Run this cell to see it" in text, detail=text.strip())
    hear(visit, name=f"{name}: its player")
    menu(page, "View", "Activate Command Palette")
    page.locator(".lm-CommandPalette-input").fill("trust")
    page.locator(".lm-CommandPalette-item.lm-mod-active", has_text="Trust Notebook").wait_for()
    page.keyboard.press("Enter")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    shown = until(lambda: notebook.sights()["frames"], what="the frames to come back")
    visit.fact(f"{name}: the command palette's Trust Notebook brings both back", shown == 2, detail=f"{shown} frames")
    notebook.close()
