"""Serve data sets from this laptop to a room: ``python start.py data NAME --serve``, the counterpart of ``--mirror``.

What is served is decided once, before the first request: the published files
that lie here and have been checked, each under ``/NAME/FILE``. A request is
looked up in that list and never turned into a path of this computer.
"""

from __future__ import annotations

import contextlib
import errno
import http.server
import ipaddress
import os
import re
import socket
import socketserver
import urllib.parse
from collections.abc import Sequence

from helpers import checks
from helpers.datasets import page
from helpers.datasets.registry import Block
from helpers.datasets.shelf import Served, mark, shelf

HOST, PORT = "127.0.0.1", 8000
PYTHON = {"Linux, macOS": "python3", "Windows": "py"}      # plain "python" is not there on a stock macOS or Ubuntu
NOWHERE = ("192.0.2.1", 9)      # kept free for examples; nothing is sent there, the system only chooses the way


def part_of(header: str | None, *, size: int) -> tuple[int, int] | None:
    """Read which part of a file is asked for.

    Parameters
    ----------
    header : str or None
        The header ``Range``. Whatever is not one range of bytes is ignored, as
        RFC 9110 (14.2) allows: then all of the file is meant.
    size : int, bytes

    Returns
    -------
    (start, stop) or None
        Half open; None if the file has no such part.

    Examples
    --------
    >>> part_of("bytes=10-", size=100), part_of("bytes=0-9", size=100), part_of("bytes=-5", size=100)
    ((10, 100), (0, 10), (95, 100))
    >>> part_of("bytes=100-", size=100), part_of("bytes=1-2,4-5", size=100)
    (None, (0, 100))
    """
    asked = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header or "")
    first, last = asked.groups() if asked else ("", "")
    if not first and not last:
        return 0, size
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    if last and int(last) < int(first):
        return 0, size
    return (int(first), min(size, int(last) + 1) if last else size) if int(first) < size else None


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET and HEAD for the files on the shelf, and with the commands to type for ``/``; nothing else."""

    server_version, sys_version = "machine-hearing-workshop", ""
    timeout = 60                # seconds that a silent connection is kept

    def do_GET(self) -> None:
        """Send a file or a part of it."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Send only the head."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        try:
            name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).removeprefix("/")
        except ValueError:      # such as an address with half a bracket
            return self.send_error(400)
        if not name:
            return self._send_text("\n".join(self.server.commands()) + "\n", body=body)
        served = self.server.shelf.get(name)
        with contextlib.ExitStack() as stack:
            try:
                file = served and stack.enter_context(open(served.path, "rb"))
            except OSError:
                file = None
            if file is None or mark(os.fstat(file.fileno())) != served.mark:
                return self.send_error(404)
            self._send_file(file, served, body=body)

    def _send_file(self, file: object, served: Served, *, body: bool) -> None:
        same = self.headers.get("If-Range", served.etag) == served.etag
        part = part_of(self.headers.get("Range") if body and same else None, size=served.size)
        if part is None:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{served.size}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        start, stop = part
        partial = stop - start < served.size
        self.send_response(206 if partial else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(stop - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", served.etag)
        if partial:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{served.size}")
        self.end_headers()
        if body and stop > start:
            with contextlib.suppress(OSError):   # whoever hung up will ask for the rest
                self.connection.sendfile(file, start, stop - start)

    def _send_text(self, text: str, *, body: bool) -> None:
        raw = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if body:
            self.wfile.write(raw)

    def log_request(self, code: int = 0, size: object = "-") -> None:
        """Print who got what; a strange request cannot write control characters to the terminal."""
        print(f"{self.client_address[0]}  {int(code)}  {ascii(self.requestline)[1:-1][:120]}", flush=True)

    def log_error(self, *args: object) -> None:
        """Say nothing twice: ``log_request`` has printed the status."""


class Server(http.server.ThreadingHTTPServer):
    """Hands the files of a shelf to several at once, on one address of this computer.

    Parameters
    ----------
    shelf : dict of str -> Served
    host : str
        Address or name of this computer. Nobody else can read from a loopback
        address; at any other, everybody in that network can.
    port : int
        0 takes any that is free.

    Raises
    ------
    InputError
        If the address is empty or the port out of range.
    DownloadError
        If the address is not one of this computer, or the port is taken.
    """

    allow_reuse_address = os.name != "nt"       # Windows would let two programs have one port
    allow_reuse_port = False
    request_queue_size = 64                     # a room that starts at once

    def __init__(self, shelf: dict[str, Served], *, host: str = HOST, port: int = PORT):
        self.shelf = shelf
        if not host or not 0 <= port < 1 << 16:
            raise checks.InputError(checks.explain(
                "an address and a port from 0 to 65535", f"{host!r} and {port}",
                "Leave both away to try it on this computer", section=checks.DOWNLOADS))
        try:
            self.address_family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            super().__init__(address, Handler)
        except OSError as error:
            raise _no_server(error, host=host, port=port) from error

    def server_bind(self) -> None:
        """Bind without asking the network for this computer's name, which can take long where there is none."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request: object, client_address: tuple) -> None:
        """Say in one line that somebody hung up."""
        print(f"{client_address[0]}  left before the end", flush=True)

    @property
    def private(self) -> bool:
        """Whether only this computer can read."""
        return ipaddress.ip_address(self.server_name.partition("%")[0]).is_loopback

    @property
    def url(self) -> str:
        """What to give to ``--mirror``."""
        host = self.server_name
        if ipaddress.ip_address(host.partition("%")[0]).is_unspecified:
            host = own_address() or "ADDRESS-OF-THIS-LAPTOP"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}"

    def commands(self) -> list[str]:
        """The command as the room types it, for each system: for all sets at once."""
        names = " ".join(dict.fromkeys(path.partition("/")[0] for path in self.shelf))
        return [f"{system}: {python} start.py data {names} --mirror {self.url}" for system, python in PYTHON.items()]


def _no_server(error: OSError, *, host: str, port: int) -> checks.DownloadError:
    """Say why there can be no server, and what to do."""
    expected, got, way_out = f"to serve on {host}, port {port}", error.strerror or str(error), "Name another --port"
    if error.errno == errno.EADDRINUSE:
        got, way_out = f"port {port} taken by another program", f"Take another one, such as --port {port + 1}"
    elif error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        got = f"{host}, which is no address of this computer"
        way_out = f"Its address in this network seems to be {own_address() or 'none: it is not connected'}"
    return checks.DownloadError(checks.explain(expected, got, way_out, section=checks.DOWNLOADS))


def own_address() -> str | None:
    """Return this computer's address in the network that it is connected to; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(NOWHERE)
        return probe.getsockname()[0]
    return None


def run(blocks: Sequence[Block], *, data_home: str | os.PathLike | None = None, host: str = HOST, port: int = PORT
        ) -> int:
    """Check some sets, then serve them until Ctrl-C.

    Parameters
    ----------
    blocks : sequence of Block
    data_home : path, optional
        The folder of all sets.
    host, port : str, int
        As for :class:`Server`.

    Returns
    -------
    int
        0 once it was stopped.

    Raises
    ------
    DatasetError, DownloadError, InputError
        Before anything is served: from :func:`helpers.datasets.shelf.shelf` and :class:`Server`.
    """
    found: dict[str, Served] = {}
    for block in blocks:
        print(f"Checking {block.name} ({page.size(block.bytes)}). Licence: {block.licence}. {block.terms}", flush=True)
        found |= shelf(block, data_home=data_home)
    with Server(found, host=host, port=port) as server:
        print("\n".join(_opening(server)), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
    print("\nStopped. Downloads that were cut go on when you serve again.")
    return 0


def _opening(server: Server) -> list[str]:
    lines = [f"Serving {len(server.shelf)} files at {server.url}. Ctrl+C ends it.", *server.commands()]
    if server.private:
        return [*lines, "Only this computer can read them. For a room name this computer's address in its network: "
                        f"--host {own_address() or 'ADDRESS'}"]
    return [*lines, "Give these lines to the room, or this address, which shows them.",
            "WARNING: everybody in this network can read these files, and nothing else of yours."]
