"""The real JupyterLab, started as README says, with a reader in Chromium who runs, clicks, listens and comes back."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import results
from proof import checkout, jupyterlab_return, jupyterlab_visits
from proof.jupyterlab_page import Seen, menu, window
from proof.jupyterlab_server import Server, Settings, running
from proof.jupyterlab_visits import BLANK, SOLVED, Visit

TITLE = "the real JupyterLab in headless Chromium: started, run, clicked, heard, restarted, opened again"
DATA = ("a fresh clone of the last commit, which start.py lab sets up itself, with settings of its own; embedded "
        "sounds as the cache of this computer holds them; Chromium muted, with its usual rules about playing")
SOURCES = ["start.py", "helpers/listen.py", "helpers/eventroll", "helpers/soundmap", "helpers/labelling",
           "helpers/plots/framed.py", "notebooks/src/02_classify_clips.py", "notebooks/src/01_see_and_hear_sound.py",
           "proof/jupyterlab.py", "proof/jupyterlab_page.py", "proof/jupyterlab_return.py",
           "proof/jupyterlab_server.py", "proof/jupyterlab_visits.py", "proof/checkout.py"]
EXPECTED = "widget model not found"       # what Jupyter's own widgets write where the kernel of a widget is gone


def run(report: results.Report) -> None:
    """Two days of one reader: the first with a fresh clone, the second with what was saved."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        report.add(results.row("JupyterLab in Chromium", None, "yes", detail="not run: Chromium is not installed"))
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sync_playwright() as playwright:
        clone, commit = checkout.clone(Path(folder) / "workshop")
        settings = Settings(Path(folder) / "settings")
        jupyterlab_visits.write_cells(clone)
        for day, chapters in (("first", _first_day), ("second", _second_day)):
            seen, before = Seen(), len(report.rows)
            with running(clone, settings=settings) as server:
                _started(report, server, day=day, commit=commit)
                with window(playwright, program=program, seen=seen) as page:
                    visit = Visit(report, clone, page, server)
                    for name, chapter in chapters(visit):
                        _whole(visit, name, chapter)
                    _quiet(visit, seen, day=day)
                    _whole(visit, f"{day} day, File > Shut Down", partial(_shut_down, visit, day))
            print(f"  {day} day: {len(report.rows) - before} rows", flush=True)
        _left(report, clone, settings)


def _first_day(visit: Visit) -> list[tuple[str, Callable[[], None]]]:
    """What is done with a fresh clone."""
    return [("notebook 01, blank", partial(jupyterlab_visits.whole, visit, path=BLANK, form="blank")),
            ("notebook 02, solved", partial(jupyterlab_visits.whole, visit, path=SOLVED, form="solved")),
            ("event roll and sound map", partial(jupyterlab_visits.players, visit)),
            ("labelling", partial(jupyterlab_visits.labels, visit))]


def _second_day(visit: Visit) -> list[tuple[str, Callable[[], None]]]:
    """What is done with notebooks that were saved."""
    return [("notebook 02, opened again", partial(jupyterlab_return.solved, visit)),
            ("players, opened again", partial(jupyterlab_return.players, visit)),
            ("labelling, opened again", partial(jupyterlab_return.labels, visit)),
            ("from another computer", partial(jupyterlab_return.from_elsewhere, visit))]


def _whole(visit: Visit, name: str, chapter: Callable[[], None]) -> None:
    """Do a chapter; one that gets stuck is a row, and the others still come."""
    from playwright.sync_api import Error

    try:
        chapter()
    except (Error, TimeoutError, subprocess.TimeoutExpired) as error:
        visit.fact(f"{name}: comes to its end", False, detail=str(error).splitlines()[0][:200])
        visit.picture(f"stuck_{name.replace(' ', '_')}")


def _started(report: results.Report, server: Server, *, day: str, commit: str) -> None:
    """Say how long the start took."""
    after = server.seconds - server.set_up_s
    if server.set_up_s:
        report.add(results.row("first start: start.py sets the clone up", server.set_up_s, "s",
                               detail=f"commit {commit}; the time depends on the cache of packages and the network"))
    report.add(results.row(f"{day} start: start.py lab --no-browser until JupyterLab answers", after, "s",
                           goal=30 if day == "second" else None, at_most=True,
                           detail="the set-up not counted" if server.set_up_s else "nothing to set up"))


def _quiet(visit: Visit, seen: Seen, *, day: str) -> None:
    """Say what the browser asked elsewhere and complained of."""
    visit.none(f"{day} day: requests of the pages that leave this computer", seen.elsewhere(visit.server.address),
               unit="hosts", detail=f"of {len(seen.asked)} requests and websockets")
    ours = [text.splitlines()[0] for text in seen.wrong if EXPECTED not in text]
    others = len(seen.wrong) - len(ours)
    visit.none(f"{day} day: errors in the browser's console", ours, unit="errors",
               detail=f"beside {others} of Jupyter's widgets, which miss the kernel of yesterday" if others else "")


def _shut_down(visit: Visit, day: str) -> None:
    """End JupyterLab as a reader does, and see that start.py ends too."""
    menu(visit.page, "File", "Shut Down$")
    visit.page.locator(".jp-Dialog button.jp-mod-accept").first.click()
    status = visit.server.process.wait(120)
    visit.fact(f"{day} day: File > Shut Down ends start.py", status == 0, detail=f"exit status {status}")


def _left(report: results.Report, clone: Path, settings: Settings) -> None:
    """Say whom server and kernels talked to, and which files of the repository they changed."""
    processes, hosts = settings.talked_to()
    report.add(results.row("server and kernels: connections and look-ups beyond this computer", len(hosts), "hosts",
                           goal=0, at_most=True, detail=", ".join(hosts) or f"{processes} processes were watched, each "
                           "proven by one connection that is seen and sends nothing"))
    changed = subprocess.run(["git", "diff", "--name-only"], cwd=clone, capture_output=True, text=True, check=True)
    others = sorted(set(changed.stdout.split()) - {SOLVED, BLANK})
    report.add(results.row("files of the repository that change beside the two saved notebooks", len(others), "files",
                           goal=0, at_most=True, detail=", ".join(others)))
