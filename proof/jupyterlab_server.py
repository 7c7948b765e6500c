"""JupyterLab as README starts it, in a clone, with settings of its own, and a watch on whom it talks to."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

PATIENCE = 1200                 # seconds: the first start installs the packages
CONTROL = "192.0.2.1"           # belongs to nobody (RFC 5737): every watched process connects to it once
UNWANTED = ("VIRTUAL_ENV", "PYTHONPATH", "MACHINE_HEARING_CLIPS", "MACHINE_HEARING_SCENES", "JUPYTER_TOKEN")
# Connecting a datagram socket sends nothing; that the control is seen proves that the hook hears connections.
WATCH = """\
def _begin():
    import os, socket, sys
    def watch(event, what):
        host = None
        if event == "socket.connect" and isinstance(what[1], tuple):
            host = what[1][0]
        elif event == "socket.getaddrinfo":
            host = what[0]
        if host:
            with open({log!r}, "a", encoding="utf-8") as file:
                file.write(f"{{os.getpid()}} {{host}}\\n")
    sys.addaudithook(watch)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            control.connect(({control!r}, 9))
        except OSError:
            pass
_begin()
del _begin
"""


@dataclass(frozen=True)
class Server:
    """A JupyterLab that runs.

    Attributes
    ----------
    address : str
        Such as ``"http://127.0.0.1:8888/"``.
    token : str
        As the terminal shows it.
    set_up_s : float
        What ``start.py`` says it took to install the packages; 0.0 where they were there.
    seconds : float
        From the command to the first answer.
    process : subprocess.Popen
        ``start.py lab``.
    """

    address: str
    token: str
    set_up_s: float
    seconds: float
    process: subprocess.Popen

    def url(self, path: str) -> str:
        """Where JupyterLab opens a file or folder of the clone, and nothing that was open before."""
        return f"{self.address}lab/tree/{path}?token={self.token}&reset"

    def open_to_others(self) -> list[str]:
        """Addresses on which start.py, server and kernels listen and that are not this computer's own."""
        found = set()
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                found |= {one.laddr.ip for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN}
        return sorted(address for address in found if address != "::1" and not address.startswith("127."))


@dataclass(frozen=True)
class Settings:
    """Folders for what belongs to a person and not to a clone: settings, trust, kernels' cards.

    Attributes
    ----------
    folder : Path
        Empty or missing at first; a second server that is given the same finds what the first left.
    """

    folder: Path

    @property
    def log(self) -> Path:
        """Whom the watched processes talked to, one line a connection or look-up."""
        return self.folder / "watched.txt"

    def environment(self) -> dict[str, str]:
        """Make the folders; the variables that point there."""
        places = {name: self.folder / name.lower() for name in
                  ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
        starting = places["IPYTHONDIR"] / "profile_default/startup"
        for place in (*places.values(), starting):
            place.mkdir(parents=True, exist_ok=True)
        code = WATCH.format(log=str(self.log), control=CONTROL)
        (places["JUPYTER_CONFIG_DIR"] / "jupyter_server_config.py").write_text(code, encoding="utf-8")
        (starting / "00-watch.py").write_text(code, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
        return {**kept, **{name: str(place) for name, place in places.items()}}

    def talked_to(self) -> tuple[int, list[str]]:
        """Count the processes whose watch is proven to work, and list what they connected to or looked up elsewhere."""
        lines = [line.split(maxsplit=1) for line in self.log.read_text("utf-8").splitlines()]
        watched = {pid for pid, host in lines if host == CONTROL}
        here = (CONTROL, "localhost", "::1", "0.0.0.0", "::", socket.gethostname())
        return len(watched), sorted({host for _, host in lines if host not in here and not host.startswith("127.")})


def free_port() -> int:
    """A port of this computer that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(clone: Path, *, settings: Settings) -> Iterator[Server]:
    """Run ``start.py lab --no-browser --port N`` in a clone until the block ends.

    Parameters
    ----------
    clone : Path
    settings : Settings

    Yields
    ------
    Server

    Raises
    ------
    RuntimeError
        If it ends or does not answer in time; with the end of what it printed.
    """
    command = [sys.executable, "start.py", "lab", "--no-browser", "--port", str(free_port())]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")                           # in a container; Jupyter refuses otherwise
    env, printed, start = settings.environment(), settings.folder / "printed.txt", time.monotonic()
    with open(printed, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=clone, env=env, stdin=subprocess.DEVNULL, stdout=file,
                                   stderr=subprocess.STDOUT)
    started = []
    try:
        address, token = _answering(process, printed)
        seconds = time.monotonic() - start
        set_up = re.search(r"Set up in (\d+) s", printed.read_text("utf-8"))
        started = psutil.Process(process.pid).children(recursive=True)
        yield Server(address, token, float(set_up[1]) if set_up else 0.0, seconds, process)
    finally:
        _end(process, started)


def _answering(process: subprocess.Popen, printed: Path) -> tuple[str, str]:
    """Wait until the address that is printed answers; the address, and the token in it."""
    late = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < late:
        told = re.search(r"(http://127\.0\.0\.1:\d+/)lab\S*\?token=(\w+)", printed.read_text("utf-8"))
        with suppress(OSError):
            if told:
                urllib.request.urlopen(f"{told[1]}api/status?token={told[2]}", timeout=10).close()
                return told[1], told[2]
        time.sleep(0.2)
    raise RuntimeError(f"start.py lab did not answer (exit status {process.poll()}):\n"
                       f"{printed.read_text('utf-8')[-2000:]}")


def _end(process: subprocess.Popen, started: list[psutil.Process]) -> None:
    """End start.py and all that it started, also what outlives it."""
    with suppress(psutil.NoSuchProcess):
        started = {*started, *psutil.Process(process.pid).children(recursive=True)}
    for one in started:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    process.terminate()
    for one in psutil.wait_procs(list(started), timeout=20)[1]:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait()
