"""A Jupyter server as Binder starts it, and notebooks that run in its kernels, asked as a browser asks."""

import json
import secrets
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from notebooks import measure, run

PATIENCE = 120        # seconds for the server, and for a kernel, to answer


@dataclass(frozen=True)
class Server:
    """A running Jupyter server.

    Attributes
    ----------
    pid : int
    address : str
        Such as ``"http://127.0.0.1:8888/"``.
    token : str
    seconds : float
        From its start to its first answer.
    """

    pid: int
    address: str
    token: str
    seconds: float

    def ask(self, path: str, *, method: str = "GET", body: dict | None = None) -> dict | list:
        """Ask the server's interface; the answer, decoded."""
        request = urllib.request.Request(
            f"{self.address}api/{path}", method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def memory_mb(self) -> float:
        """Memory of the server and its kernels now, in 1e6 bytes (PSS)."""
        with measure.Meter(self.pid) as meter:
            pass
        return meter.peak_mb or 0.0


@contextmanager
def running(python: str, *, folder: Path, env: dict[str, str], scratch: Path, first: Callable[[], None],
            log) -> Iterator[Server]:
    """Start a Jupyter server on this computer alone, and end it with its kernels.

    Parameters
    ----------
    python : str
        Program, in whose environment JupyterLab is.
    folder : Path
        What the server shows, and where it works.
    env : dict
        All environment variables.
    scratch : Path
        Where the server leaves its address.
    first : callable
        Called in the new process before anything else.
    log : file
        Takes what the server prints.

    Yields
    ------
    Server
    """
    token, start = secrets.token_hex(16), time.monotonic()
    process = subprocess.Popen(
        [python, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
         f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"],
        cwd=folder, env={**env, "JUPYTER_RUNTIME_DIR": str(scratch)}, preexec_fn=first, stdin=subprocess.DEVNULL,
        stdout=log, stderr=subprocess.STDOUT)
    try:
        server = _answering(process, scratch / f"jpserver-{process.pid}.json", token)
        yield replace(server, seconds=time.monotonic() - start)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answering(process: subprocess.Popen, card: Path, token: str) -> Server:
    """Wait for the file in which the server says where it listens, and then for its first answer."""
    late = time.monotonic() + PATIENCE
    while time.monotonic() < late and process.poll() is None:
        with suppress(OSError, ValueError):        # the file comes before the server listens
            server = Server(process.pid, json.loads(card.read_text("utf-8"))["url"], token, 0.0)
            server.ask("status")
            return server
        time.sleep(0.2)
    raise RuntimeError(f"the Jupyter server did not answer within {PATIENCE} s (exit status {process.poll()})")


@dataclass
class Outcome:
    """How a notebook went in a kernel of the server.

    Attributes
    ----------
    name : str
    problem : str
        Empty when it passed.
    seconds : float
    checks : int
        Self-checks that said what they should.
    peak_mb : float
        Most memory of server and kernel at once.
    left_mb : float
        What they held after the last cell.
    """

    name: str
    problem: str = ""
    seconds: float = 0.0
    checks: int = 0
    peak_mb: float = 0.0
    left_mb: float = 0.0


def execute(server: Server, *, name: str, folder: Path) -> Outcome:
    """Open a notebook as a reader does, run its solved form cell by cell, and close it.

    Parameters
    ----------
    server : Server
    name : str
        Stem, such as ``"02_classify_clips"``.
    folder : Path
        The folder ``notebooks``.

    Returns
    -------
    Outcome
    """
    from websocket import WebSocketException

    outcome, start, number = Outcome(name), time.monotonic(), 0
    cells = nbformat.read(folder / "solutions" / f"{name}.ipynb", as_version=4).cells
    session = {}
    with measure.Meter(server.pid) as meter:
        try:
            session = server.ask("sessions", method="POST", body={
                "path": f"notebooks/solutions/{name}.ipynb", "name": "", "type": "notebook",
                "kernel": {"name": "python3"}})
            with _channels(server, kernel=session["kernel"]["id"]) as kernel:
                for number, cell in enumerate(cells, start=1):
                    if cell.cell_type == "code":
                        outcome.checks += kernel.run(cell)
                        outcome.problem = _wrong(cell, number)
                    if outcome.problem:
                        break
        except (OSError, WebSocketException, KernelDied) as error:
            outcome.problem = f"cell {number}: {error or type(error).__name__}"
        outcome.left_mb = server.memory_mb()
    outcome.seconds, outcome.peak_mb = time.monotonic() - start, meter.peak_mb or 0.0
    try:
        if session:
            server.ask(f"sessions/{session['id']}", method="DELETE")
    except OSError as error:
        outcome.problem = outcome.problem or f"the kernel could not be ended: {error}"
    return outcome


def _said(cell) -> list[str]:
    """What the self-checks of an executed cell said."""
    return [output.metadata["machine_hearing"]["status"] for output in cell.outputs
            if "machine_hearing" in output.get("metadata", {})]


def _wrong(cell, number: int) -> str:
    """What is wrong with an executed cell; empty when nothing is."""
    for output in cell.outputs:
        if output.output_type == "error":
            return f"cell {number}: {output.ename}: {(output.evalue.strip() or 'no message').splitlines()[0][:160]}"
    said = _said(cell) or ["nothing"] * ("check" in cell.metadata.get("tags", ()))
    wrong = [status for status in said if status != run.EXPECTED["solved"]]
    return f"cell {number}: the self-check says {wrong[0]!r}" if wrong else ""


class KernelDied(Exception):
    """The kernel ended or was started anew, perhaps for want of memory; or it did not answer in time."""


@contextmanager
def _channels(server: Server, *, kernel: str) -> Iterator["_Kernel"]:
    """Connect to a kernel over the websocket that JupyterLab uses."""
    import websocket

    session = uuid.uuid4().hex
    socket = websocket.create_connection(
        f"{server.address.replace('http', 'ws', 1)}api/kernels/{kernel}/channels?session_id={session}",
        header=[f"Authorization: token {server.token}"], timeout=PATIENCE, http_no_proxy=["127.0.0.1"])
    try:
        yield _Kernel(socket, session)
    finally:
        socket.close()


@dataclass(frozen=True)
class _Kernel:
    """A kernel of the server."""

    socket: object
    session: str

    def run(self, cell) -> int:
        """Run a cell and put its outputs into it; how many self-checks passed."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": self.session, "version": "5.3",
                  "username": "reader", "date": ""}
        self.socket.send(json.dumps({
            "header": header, "parent_header": {}, "metadata": {"cellId": cell.id}, "channel": "shell", "buffers": [],
            "content": {"code": cell.source, "silent": False, "store_history": True, "user_expressions": {},
                        "allow_stdin": False, "stop_on_error": True}}))
        cell.outputs, late = [], time.monotonic() + run.CELL_SECONDS
        waiting = {"idle", "reply"}
        while waiting:
            self.socket.settimeout(max(late - time.monotonic(), 0.01))
            message = self._receive()
            kind, content = message.get("msg_type", ""), message.get("content", {})
            if kind == "status" and content.get("execution_state") in ("restarting", "autorestarting", "dead"):
                raise KernelDied("the kernel died, perhaps for want of memory")
            if message.get("parent_header", {}).get("msg_id") != header["msg_id"]:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                waiting.discard("idle")
            elif kind == "execute_reply":
                waiting.discard("reply")
            elif kind in ("stream", "display_data", "execute_result", "error"):
                cell.outputs.append(nbformat.v4.output_from_msg({**message, "header": {"msg_type": kind}}))
        return _said(cell).count(run.EXPECTED["solved"])

    def _receive(self) -> dict:
        """The next message; those with attachments (widgets) are binary, and nothing here needs them."""
        from websocket import WebSocketTimeoutException

        try:
            data = self.socket.recv()
        except WebSocketTimeoutException as error:
            raise KernelDied(f"no end within {run.CELL_SECONDS} s") from error
        return json.loads(data) if isinstance(data, str) and data else {}
