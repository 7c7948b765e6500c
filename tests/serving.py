"""A small server on this computer that fails on request, and published archives made of test files."""

import contextlib
import csv
import http.server
import io
import json
import tempfile
import threading
import zipfile
from pathlib import Path

from helpers.datasets import download, registry

COMMIT = "553c8f1743b9dba6b282e1323c3ca8fa76923448"
ARCHIVE = f"ESC-10-{COMMIT}.zip"
SHEET = "ESC-10-HumanClassification.xlsx"


class Site:
    """Serves ``files`` (path -> bytes) on 127.0.0.1 and keeps a list of what was asked.

    ``faults`` is used up one entry a request: None (answer as usual), a status
    such as 500, ``("cut", n)`` for a connection that breaks after n bytes,
    ``"page"`` for a login page, or a function that is called first.
    """

    def __init__(self, files, *, faults=(), ranges=True, etag='"one"', headers=()):
        self.headers = dict(headers)
        self.files, self.faults, self.ranges, self.etag = files, list(faults), ranges, etag
        self.asked = []

    @property
    def ranges_asked(self):
        return [headers.get("Range") for _, headers in self.asked]

    @contextlib.contextmanager
    def running(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            site = self

            def do_GET(self):
                self.site.answer(self)

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, request):
        self.asked.append((request.path, dict(request.headers)))
        fault = self.faults.pop(0) if self.faults else None
        if callable(fault):
            fault()
        if request.path not in self.files:
            fault = 404
        if isinstance(fault, int):
            request.send_error(fault)
            return
        body, status = self.files.get(request.path, b""), 200
        start, wanted = 0, request.headers.get("Range")
        if wanted and self.ranges and request.headers.get("If-Range", self.etag) == self.etag:
            start, status = int(wanted.removeprefix("bytes=").removesuffix("-")), 206
            if start >= len(body):
                request.send_error(416)
                return
        if fault == "page":
            body, status, start = b"<html>log in</html>", 200, 0
        request.send_response(status)
        request.send_header("Content-Type", "text/html" if fault == "page" else "application/octet-stream")
        request.send_header("Content-Length", str(len(body) - start))
        if self.etag:
            request.send_header("ETag", self.etag)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if status == 206:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        request.end_headers()
        end = start + fault[1] if isinstance(fault, tuple) else len(body)
        with contextlib.suppress(OSError):
            request.wfile.write(body[start:end])
        request.close_connection = True


def esc10_rows(data: Path, *, per_class: int | None = None) -> list[tuple[str, Path]]:
    """Published path and real file of ESC-10's clips; the files lie in the test data under ESC-50's names."""
    by_name = {path.name.rsplit("-", 1)[0]: path for path in (data / "ESC-10/audio").iterdir()}
    listed = [path for path in registry.published()["esc10"].listed if path.endswith(".ogg")]
    rows = [(path, by_name[Path(path).stem]) for path in listed]
    if per_class:
        folders = sorted({path.split("/")[0] for path, _ in rows})
        rows = [row for folder in folders for row in [r for r in rows if r[0].startswith(folder)][::19][:per_class]]
    return rows


def esc10_archive(data: Path, rows: list[tuple[str, Path]], *, sheet: bool = True) -> bytes:
    """Pack ESC-10 as GitHub does: one folder named after the commit, a README, the listening test."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED if sheet else zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"ESC-10-{COMMIT}/README.md", "ESC-10")
        for path, file in rows:
            archive.write(file, f"ESC-10-{COMMIT}/{path}")
        if sheet:
            archive.write(data / "ESC-10" / SHEET, f"ESC-10-{COMMIT}/{SHEET}")
    return packed.getvalue()


def install_esc10(data: Path, home: Path) -> Path:
    """Install all of ESC-10 into ``home`` from the test data, by the way of an attendee with a USB stick."""
    with tempfile.TemporaryDirectory() as stick:
        (Path(stick) / ARCHIVE).write_bytes(esc10_archive(data, esc10_rows(data)))
        return download.install(registry.published()["esc10"], data_home=home, folder=stick)


def registry_of(folder: Path, name: str, **changes) -> dict[str, registry.Block]:
    """Write and read a registry with one block: a published one, with some entries replaced.

    ``listed`` replaces the table of the content: path -> (size, algorithm, checksum).
    """
    block = json.loads((registry.HERE / "registry.json").read_text(encoding="utf-8"))[name]
    listed = changes.pop("listed", None)
    block.update(changes)
    if listed is not None:
        block["content"] = {"listed": "listed.csv"}
        algorithm = next(iter(listed.values()))[1]
        with open(folder / "listed.csv", "w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["path", "size", algorithm])
            table.writerows([path, size, digest] for path, (size, _, digest) in listed.items())
    (folder / "registry.json").write_text(json.dumps({name: block}), encoding="utf-8")
    return registry.read(folder / "registry.json")
