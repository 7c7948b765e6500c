"""A reader in JupyterLab: opens notebooks, clicks, listens, saves; what the browser asked and complained of is kept."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from proof.jupyterlab_server import Server

PATIENCE = 900           # seconds for all cells of a notebook
STILL = 6                # looks in a row, half a second apart, at which nothing runs any more
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
# The loudest sample that leaves an audio element within half a second, in dBFS.
LISTEN = """async (audio) => {
    const context = new AudioContext(), heard = context.createAnalyser();
    heard.fftSize = 32768;
    const source = context.createMediaElementSource(audio);
    source.connect(heard).connect(context.destination);
    await context.resume();
    const samples = new Float32Array(heard.fftSize), late = performance.now() + 1500;
    let most = 0;
    while (performance.now() < late && !audio.ended) {
        heard.getFloatTimeDomainData(samples);
        for (const sample of samples) most = Math.max(most, Math.abs(sample));
        await new Promise((then) => setTimeout(then, 100));
    }
    return 20 * Math.log10(Math.max(most, 1e-6));
}"""


@dataclass
class Seen:
    """What all windows together asked for and complained of.

    Attributes
    ----------
    asked : list of str
        Addresses, websockets too.
    wrong : list of str
        Errors in the console and exceptions that nobody caught.
    """

    asked: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def elsewhere(self, address: str) -> list[str]:
        """Hosts that were asked and are neither the server nor inside the page."""
        own = (address, address.replace("http", "ws", 1), "data:", "blob:", "about:")
        return sorted({re.sub(r"^(\w+://[^/]*).*", r"\1", url) for url in self.asked if not url.startswith(own)})


@contextmanager
def window(playwright, *, program: str, seen: Seen) -> Iterator:
    """Open a new browser with nothing in its memory; muted, but with its rules about playing as they come.

    Parameters
    ----------
    playwright : playwright.sync_api.Playwright
    program : str
        Chromium.
    seen : Seen
        Takes what is asked and what goes wrong.

    Yields
    ------
    playwright.sync_api.Page
    """
    browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--mute-audio"])
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(120_000)
    context.on("request", lambda request: seen.asked.append(request.url))
    page = context.new_page()
    page.on("websocket", lambda socket: seen.asked.append(socket.url))
    page.on("pageerror", lambda error: seen.wrong.append(str(error)))
    page.on("console", lambda message: seen.wrong.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: dialog.accept())                # "leave this page?"
    try:
        yield page
    finally:
        browser.close()


def until(condition: Callable[[], object], *, what: str, seconds: float = 120) -> object:
    """Ask until something holds; its value.

    Raises
    ------
    TimeoutError
        If it does not in time.
    """
    late = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > late:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
    return value


def menu(page, name: str, entry: str) -> None:
    """Choose an entry, which begins as given, of a menu."""
    page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{name}$")).click()
    page.locator(".lm-Menu-item .lm-Menu-itemLabel", has_text=re.compile(f"^{entry}")).first.click()


class Notebook:
    """One notebook, open in JupyterLab; everything by the menu and the mouse, as a reader does it.

    Parameters
    ----------
    page : playwright.sync_api.Page
    server : Server
    path : str
        Within the clone, such as ``"notebooks/02_classify_clips.ipynb"``.
    """

    def __init__(self, page, *, server: Server, path: str) -> None:
        self.page, self.path = page, path
        start = time.monotonic()
        page.goto(server.url(path))
        self.idle()
        self.opened_s = time.monotonic() - start

    def idle(self) -> None:
        """Wait until its kernel waits."""
        self.page.locator(f"{SHOWN} .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()

    def run_all(self) -> float:
        """Run > Run All Cells; the seconds until nothing runs any more.

        JupyterLab drops what is asked of it before it is connected to the kernel; then it is asked once more.
        """
        before, start = self._prompts(), time.monotonic()
        menu(self.page, "Run", "Run All Cells")
        still = 0
        while still < STILL:
            if time.monotonic() - start > PATIENCE:
                raise TimeoutError(f"cells of {self.path} still ran after {PATIENCE} s")
            time.sleep(0.5)
            status = self.page.locator(f"{SHOWN} .jp-Notebook-ExecutionIndicator").get_attribute("data-status")
            still = still + 1 if status == "idle" and "[*]:" not in self._prompts() else 0
        return time.monotonic() - start - STILL / 2 if self._prompts() != before else self.run_all()

    def _prompts(self) -> list[str]:
        """What stands before the code cells: a number, a star while they wait or run."""
        return self.page.locator(f"{SHOWN} .jp-CodeCell .jp-InputPrompt").all_inner_texts()

    def save(self, clone: Path) -> None:
        """File > Save Notebook, until it is written."""
        before = (clone / self.path).stat().st_mtime_ns
        menu(self.page, "File", "Save Notebook")
        until(lambda: (clone / self.path).stat().st_mtime_ns > before, what="the file to be written")
        self.page.locator(".lm-TabBar-tab.lm-mod-current.jp-mod-dirty").wait_for(state="detached")

    def restart(self) -> None:
        """Kernel > Restart Kernel…, and yes."""
        menu(self.page, "Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")
        self.idle()

    def close(self) -> None:
        """File > Close and Shut Down Notebook: its kernel ends too."""
        menu(self.page, "File", "Close and Shut Down Notebook")
        agree = self.page.locator(".jp-Dialog button.jp-mod-accept")
        tab = self.page.locator(".lm-TabBar-tab", has_text=Path(self.path).name)
        until(lambda: agree.count() or not tab.count(), what="the notebook to close")
        if agree.count():
            agree.click()
        tab.wait_for(state="detached")

    def frame(self, title: str):
        """The page inside an output: the frame whose title holds a word."""
        found = self.page.locator(f"{SHOWN} .jp-OutputArea iframe[title*='{title}']")
        found.scroll_into_view_if_needed()
        return found.element_handle().content_frame()

    def sights(self) -> Counter:
        """Count what the page shows: players, frames, pictures (those that really decoded)."""
        return Counter(self.page.evaluate("""(shown) => {
            const all = (what) => [...document.querySelectorAll(`${shown} .jp-OutputArea ${what}`)];
            return {players: all("audio").length, frames: all("iframe").length,
                    pictures: all("img").filter((one) => one.complete && one.naturalWidth).length};
        }""", SHOWN))


def play(player) -> dict[str, float]:
    """Click the play button of a browser's own player; what then comes out of it.

    Parameters
    ----------
    player : playwright.sync_api.Locator
        An ``audio`` element with its controls.

    Returns
    -------
    dict
        ``seconds`` (duration), ``heard`` (where it is after a while), ``peak_db`` (loudest sample, dBFS), ``loud``
        (volume, 0 where it is muted).
    """
    player.scroll_into_view_if_needed()
    box = player.bounding_box()
    player.page.mouse.click(box["x"] + 0.5 * box["height"], box["y"] + box["height"] / 2)
    until(lambda: player.evaluate("(audio) => audio.currentTime > 0"), what="a sound to play")
    peak = player.evaluate(LISTEN)
    facts = player.evaluate("""(audio) => ({seconds: audio.duration, heard: audio.currentTime,
        loud: audio.muted ? 0 : audio.volume})""")
    player.evaluate("(audio) => audio.pause()")
    return {**facts, "peak_db": peak}


def drag_around(frame, indices: list[int]) -> None:
    """Hold shift and draw a rectangle around points of a sound map.

    Parameters
    ----------
    frame : playwright.sync_api.Frame
    indices : list of int
    """
    mouse, keyboard = frame.page.mouse, frame.page.keyboard
    # a frame's own coordinates, and where the frame lies in the window
    outside = frame.frame_element().bounding_box()
    places = [frame.evaluate(f"soundMap.place({index})") for index in indices]
    left, right = (edge(x for x, _ in places) + outside["x"] for edge in (min, max))
    top, low = (edge(y for _, y in places) + outside["y"] for edge in (min, max))
    keyboard.down("Shift")
    mouse.move(left - 20, top - 20)
    mouse.down()
    for x, y in [(right + 20, top - 20), (right + 20, low + 20), (left - 20, low + 20)]:
        mouse.move(x, y, steps=3)
    mouse.up()
    keyboard.up("Shift")
