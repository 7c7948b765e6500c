"""The instructor's laptop: what it serves, to whom, and what it never hands out."""

import contextlib
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import serving
from hypothesis import example, given
from hypothesis import strategies as st

from helpers import checks, files
from helpers.datasets import download, fetch, registry, serve, shelf, verify

ROOT = Path(__file__).parent.parent
DATA = bytes(range(256)) * 1200
SECRET = b"a private letter"
FILE = "weights/a file.bin"


def a_block(data=DATA, **changes):
    """A set of one plain file, as weights are."""
    file = registry.File(**{
        "name": "a file.bin", "addresses": ("https://example.invalid/a",), "size": len(data), "about": len(data),
        "algorithm": "sha256", "digest": hashlib.sha256(data).hexdigest(), "strip": None, "keep": (), **changes})
    return registry.Block(
        name="weights", kind="weights", title="t", description="", licence="CC0", terms="", citation="", homepage="",
        files=(file,), unpacked=len(data), listed={}, counts={})


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with one served file, and things beside it that concern nobody."""
    folder = tmp_path_factory.mktemp("served")
    for path, content in {"downloads/weights/a file.bin": DATA, "downloads/weights/secret.txt": SECRET,
                          "secret.txt": SECRET, "downloads/other/secret.txt": SECRET}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@contextlib.contextmanager
def running(found, **settings):
    """A server in a thread, on any free port."""
    with serve.Server(found, port=0, **settings) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server(home):
    with running(shelf.shelf(a_block(), data_home=home)) as server:
        yield server


def ask(server, path, *, method="GET", **headers):
    """Status, headers, body of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()


def raw(server, request: bytes) -> bytes:
    """All that comes back for some bytes."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        came = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := line.recv(1 << 16):
                came += piece
        return came


# What is served

def test_a_file_comes_whole_with_its_size_and_mark(server):
    status, headers, body = ask(server, "/weights/a%20file.bin")
    assert (status, body) == (200, DATA)
    assert headers["Content-Length"] == str(len(DATA))
    assert headers["Accept-Ranges"] == "bytes"
    assert hashlib.sha256(DATA).hexdigest() in headers["ETag"]
    assert "Python" not in headers["Server"]


def test_head_sends_no_body(server):
    status, headers, body = ask(server, "/weights/a%20file.bin", method="HEAD", Range="bytes=5-")
    assert (status, headers["Content-Length"], body) == (200, str(len(DATA)), b"")
    assert ask(server, "/", method="HEAD")[2] == b""


@pytest.mark.parametrize(("asked", "start", "stop"), [
    ("bytes=0-", 0, len(DATA)), ("bytes=100-", 100, len(DATA)), ("bytes=7-9", 7, 10), ("bytes=-4", -4, len(DATA)),
    ("bytes=300000-999999999", 300_000, len(DATA)), ("bytes=-999999999", 0, len(DATA)),
    ("bytes=9-7", 0, len(DATA)), ("lines=1-2", 0, len(DATA)), ("bytes=1-2,5-6", 0, len(DATA)),
    ("bytes=-", 0, len(DATA)),
])
def test_parts(server, asked, start, stop):
    status, headers, body = ask(server, "/weights/a%20file.bin", Range=asked)
    start %= len(DATA)
    assert body == DATA[start:stop]
    assert status == (206 if len(body) < len(DATA) else 200)
    assert headers.get("Content-Range") == (f"bytes {start}-{stop - 1}/{len(DATA)}" if status == 206 else None)


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=-0", "bytes=99999999999-"])
def test_a_part_behind_the_end(server, asked):
    status, headers, body = ask(server, "/weights/a%20file.bin", Range=asked)
    assert (status, headers["Content-Range"], body) == (416, f"bytes */{len(DATA)}", b"")


@given(st.integers(0, 40), st.integers(0, 40) | st.none(), st.integers(0, 30))
def test_a_part_lies_inside_the_file(first, last, size):
    part = serve.part_of(f"bytes={first}-{'' if last is None else last}", size=size)
    if part is None:
        assert first >= size
    elif last is not None and last < first:
        assert part == (0, size)
    else:
        assert part == (first, size if last is None else min(last + 1, size))


def test_another_version_is_sent_from_its_start(server):
    mark = ask(server, "/weights/a%20file.bin", method="HEAD")[1]["ETag"]
    assert ask(server, "/weights/a%20file.bin", Range="bytes=5-", If_Range=mark)[0] == 206
    status, _, body = ask(server, "/weights/a%20file.bin", Range="bytes=5-", If_Range='"older"')
    assert (status, body) == (200, DATA)


def test_the_front_page_holds_the_commands_and_no_more(server):
    status, headers, body = ask(server, "/")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert body.decode() == (f"Linux, macOS: python3 start.py data weights --mirror {server.url}\n"
                             f"Windows: py start.py data weights --mirror {server.url}\n")


def test_several_are_served_at_once(home):
    with running(shelf.shelf(a_block(), data_home=home)) as server, \
            socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as slow:
        slow.sendall(b"GET /weights/a%20file.bin HTTP/1.0\r\n")     # never finished, so it holds its thread
        assert ask(server, "/weights/a%20file.bin")[0] == 200
        assert ask(server, "/weights/a%20file.bin")[2] == DATA


# What is not

@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get"])
def test_nothing_can_be_written(server, home, method):
    assert ask(server, "/weights/a%20file.bin", method=method)[0] == 501
    assert (home / "downloads" / FILE).read_bytes() == DATA


PARTS = st.sampled_from(["..", ".", "", "weights", "downloads", "other", "secret.txt", "a file.bin", "a%20file.bin",
                         "%2e%2e", "%252e%252e", "..%2f..", "%2fetc%2fpasswd", "etc", "passwd", "C:", "..\\", "%00",
                         "%5c..%5c", "~", "?", "#", "\x00", "//", "http:", "[", "é", "%ff", "NUL", "\r"])


@given(st.lists(PARTS | st.text(max_size=6), max_size=7).map("/".join), st.sampled_from(["", "/", "//", "http://h/"]))
@example("weights/../secret.txt", "/")
@example("weights/%2e%2e/other/secret.txt", "/")
@example("weights/secret.txt", "/")
@example("weights/", "/")
@example("weights", "/")
@pytest.mark.fault("a request with a path that leads elsewhere", happens="answered with nothing")
def test_hostile_paths_get_nothing(server, home, path, before):
    secret = str(home / "secret.txt")
    for target in (before + path, before + path + secret, secret):
        came = raw(server, b"GET " + target.encode("utf-8", "replace") + b" HTTP/1.0\r\n\r\n")
        assert SECRET not in came
        assert b"root:" not in came
        if re.match(rb"HTTP/1.. (200|206) ", came):
            body = came.split(b"\r\n\r\n", 1)[1]
            assert body in (DATA, "\n".join([*server.commands(), ""]).encode()), "only what is on the shelf"


@pytest.mark.fault("a request with control characters", happens="none of them reaches the terminal")
def test_a_hostile_request_writes_no_control_characters(server, capfd):
    raw(server, b"GET /\x1b[2J\x07\xc3\xa9 HTTP/1.0\r\n\r\n")
    raw(server, b"\x00\x1b\r\n\r\n")
    assert ask(server, "/")[0] == 200
    assert re.search(r"[^\n\x20-\x7e]", capfd.readouterr().out) is None


def test_a_link_that_leads_elsewhere_is_refused(home, tmp_path):
    (tmp_path / "downloads/weights").mkdir(parents=True)
    (tmp_path / "downloads" / FILE).symlink_to(home / "downloads" / FILE)
    with pytest.raises(checks.DatasetError, match="no such file"):
        shelf.shelf(a_block(), data_home=tmp_path)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/downloads").symlink_to(home / "downloads")
    with pytest.raises(checks.DatasetError, match="no such file"):
        shelf.shelf(a_block(), data_home=tmp_path / "linked")


@pytest.mark.parametrize("change", ["rewritten", "linked", "gone"])
@pytest.mark.fault("a file changes while it is served to a room", happens="not served any more")
def test_what_changed_since_it_was_checked_is_not_served(tmp_path, change):
    path = tmp_path / "downloads" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    with running(shelf.shelf(a_block(), data_home=tmp_path)) as server:
        assert ask(server, "/weights/a%20file.bin")[0] == 200
        path.unlink()
        if change == "rewritten":
            path.write_bytes(DATA + SECRET)
        elif change == "linked":
            (tmp_path / "secret.txt").write_bytes(SECRET)
            path.symlink_to(tmp_path / "secret.txt")
        assert ask(server, "/weights/a%20file.bin")[0] == 404


def test_a_damaged_file_is_not_served(tmp_path):
    (tmp_path / "downloads/weights").mkdir(parents=True)
    (tmp_path / "downloads" / FILE).write_bytes(DATA[:-1] + b"?")
    with pytest.raises(checks.DatasetError, match=r"as published; got sha256 .*Delete it.*Downloads"):
        shelf.shelf(a_block(), data_home=tmp_path)


def test_plain_files_are_served_from_their_own_folder(tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / FILE).write_bytes(DATA)
    assert shelf.shelf(a_block(), data_home=tmp_path)[FILE].path == tmp_path / FILE


# To whom

def test_only_this_computer_unless_an_address_is_named(server):
    assert (server.server_address[0], server.private) == ("127.0.0.1", True)
    said = "\n".join(serve._opening(server))
    assert "Only this computer" in said
    assert "WARNING" not in said


def test_everybody_when_an_address_is_named(home, monkeypatch):
    monkeypatch.setattr(serve, "own_address", lambda: "192.168.1.5")
    with serve.Server({}, host="0.0.0.0", port=0) as server:
        assert not server.private
        assert server.url == f"http://192.168.1.5:{server.server_port}", "an address that the room can use"
        assert "WARNING: everybody in this network" in "\n".join(serve._opening(server))


def test_a_taken_port_is_named(server):
    with pytest.raises(checks.DownloadError, match=rf"taken by another program.*--port {server.server_port + 1}"):
        serve.Server({}, port=server.server_port)


@pytest.mark.parametrize(("host", "port", "says"), [
    ("192.0.2.7", 0, "no address of this computer"), ("", 0, "an address and a port"), ("127.0.0.1", 70000, "70000"),
    ("127.0.0.1", -1, "from 0 to 65535"),
])
def test_wrong_addresses_are_named(host, port, says):
    with pytest.raises((checks.DownloadError, checks.InputError), match=says):
        serve.Server({}, host=host, port=port)


def test_six_groups_of_an_address_stand_in_brackets():
    try:
        server = serve.Server({}, host="::1", port=0)
    except checks.DownloadError:
        pytest.skip("no IPv6 here")
    with server:
        assert server.url == f"http://[::1]:{server.server_port}"


# The command

def test_the_command_runs_and_ends_cleanly_with_ctrl_c(home, monkeypatch, capsys):
    block = a_block()

    def stop(server):
        raise KeyboardInterrupt

    monkeypatch.setattr(serve.Server, "serve_forever", stop)
    assert download.main(["weights", "--serve", "--port", "0", "--home", str(home)], sets={"weights": block}) == 0
    said = capsys.readouterr().out
    assert re.search(r"start\.py data weights --mirror http://127\.0\.0\.1:\d+\n", said)
    assert "CC0" in said
    assert said.endswith("Stopped. Downloads that were cut go on when you serve again.\n")


@pytest.mark.parametrize(("arguments", "says"), [
    (["--serve"], "the sets to serve"), (["esc10", "--serve"], r"no such file.*start\.py data esc10 --keep"),
    (["esc1O", "--serve"], "Perhaps esc10 is meant"),
])
def test_what_cannot_be_served_is_said(arguments, says, capsys, tmp_path):
    assert download.main([*arguments, "--home", str(tmp_path)]) == 1
    assert re.search(says, capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [["esc10", "--port", "8000"], ["esc10", "--host", "::1"],
                                       ["esc10", "--serve", "--mirror", "http://x"], ["esc10", "--serve", "--list"]])
def test_options_that_do_not_belong_together(arguments, capsys):
    with pytest.raises(SystemExit):
        download.main(arguments)
    assert "--serve" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl+C in another way")
def test_as_a_program_of_its_own(home, tmp_path):
    code = ("import sys, test_serve; from helpers.datasets import download; "
            "sys.exit(download.main(sys.argv[1:], sets={'weights': test_serve.a_block()}))")
    command = [sys.executable, "-c", code, "weights", "--serve", "--port", "0", "--home", str(home)]
    signal.signal(signal.SIGINT, signal.default_int_handler)    # a job in the background and its children may ignore it
    laptop = subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT / "tests")})
    try:
        lines = iter(laptop.stdout.readline, "")
        url = next(re.search(r"--mirror (\S+)", line)[1] for line in lines if "--mirror" in line)
        got = download.install(a_block(), data_home=tmp_path, mirror=url, progress=False)
        assert (got / "a file.bin").read_bytes() == DATA
        laptop.send_signal(2)
        assert laptop.wait(60) == 0
    finally:
        laptop.kill()
        laptop.stdout.close()


# A room

def esc10(test_data, folder, *, per_class):
    """ESC-10's block and archive, reduced to some clips of each class."""
    rows, table = serving.esc10_rows(test_data, per_class=per_class), registry.published()["esc10"].listed
    sets = serving.registry_of(folder, "esc10", listed={path: table[path] for path, _ in rows}, unpacked=9_000_000)
    return sets, serving.esc10_archive(test_data, rows, sheet=False)


def stopping(n_bytes, pieces=fetch._pieces):
    """A connection at which somebody presses Ctrl-C after some bytes."""
    def some(answer):
        came = 0
        for piece in pieces(answer):
            if came > n_bytes:
                raise KeyboardInterrupt
            came += len(piece)
            yield piece

    return some


@pytest.mark.real_data
def test_a_room_downloads_esc10_from_a_laptop(test_data, tmp_path, monkeypatch, capsys):
    laptop, attendee, stick = (tmp_path / name for name in ("laptop", "attendee", "stick"))
    sets, archive = esc10(test_data, tmp_path, per_class=3)
    stick.mkdir()
    (stick / serving.ARCHIVE).write_bytes(archive)
    download.install(sets["esc10"], data_home=laptop, folder=stick)
    with pytest.raises(checks.DatasetError, match="esc10 --keep"):
        shelf.shelf(sets["esc10"], data_home=laptop)
    download.install(sets["esc10"], data_home=laptop, folder=stick, keep=True)   # here and whole, but not its archive
    found = shelf.shelf(sets["esc10"], data_home=laptop)
    assert list(found) == [f"esc10/{serving.ARCHIVE}"]
    assert not list(laptop.glob(".serve-*")), "nothing is left of the look into the archive"

    with running(found) as server:
        command = ["esc10", "--mirror", server.url, "--home", str(attendee)]
        with monkeypatch.context() as broken:
            broken.setattr(fetch, "_pieces", stopping(len(archive) // 2))
            assert download.main(command, sets=sets) == 130
        part, = (attendee / "downloads/esc10").glob("*.part")
        assert len(archive) // 2 < part.stat().st_size < len(archive)
        capsys.readouterr()
        assert download.main(command, sets=sets) == 0
    assert "  206  GET /esc10/" in capsys.readouterr().out, "the second call went on where the first stopped"
    assert verify.problems(sets["esc10"], attendee / "esc10") == []


@pytest.mark.real_data
def test_an_archive_without_a_checksum_is_looked_into(test_data, tmp_path):
    sets, archive = esc10(test_data, tmp_path, per_class=1)
    (tmp_path / "downloads/esc10").mkdir(parents=True)
    path = tmp_path / "downloads/esc10" / serving.ARCHIVE
    path.write_bytes(serving.esc10_archive(test_data, serving.esc10_rows(test_data, per_class=1)[1:], sheet=False))
    with pytest.raises(checks.DatasetError, match=r"missing: .*Delete it"):
        shelf.shelf(sets["esc10"], data_home=tmp_path)
    path.write_bytes(archive)
    etag = shelf.shelf(sets["esc10"], data_home=tmp_path)[f"esc10/{serving.ARCHIVE}"].etag
    assert etag == f'"sha256-{files.digest(path)}"'
