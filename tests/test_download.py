"""Downloads against a server on this computer: good ones, and every way in which they go wrong."""

import errno
import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest
import serving

from helpers import checks, files
from helpers.datasets import archives, download, fetch, load_clips, page, registry, verify

ROOT = Path(__file__).parent.parent
DATA = bytes(range(256)) * 2000   # 512 kB that a download can be checked by
CUT = 2 * fetch.PIECE   # what arrives in whole pieces before a cut is kept
ADDRESS = "https://example.invalid/data.bin"


@pytest.fixture(autouse=True)
def _direct(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def waits():
    """The waits between tries, instead of waiting."""
    return []


def a_file(**changes):
    """Return a published file of which size and checksum are known."""
    facts = {"name": "data.bin", "addresses": (ADDRESS,), "size": len(DATA), "about": len(DATA), "algorithm": "sha256",
             "digest": hashlib.sha256(DATA).hexdigest(), "strip": None, "keep": ()}
    return registry.File(**facts | changes)


def fetched(site_or_places, folder, waits, *, file=None, tries=5):
    """Fetch one file from a site, or from places."""
    file = file or a_file()
    if isinstance(site_or_places, list):
        return fetch.fetch(file, folder, fetch.Downloader(file, site_or_places, tries=tries, sleep=waits.append))
    with site_or_places.running() as url:
        places = [fetch.Place(f"{url}/data.bin", named=True)]
        return fetch.fetch(file, folder, fetch.Downloader(file, places, tries=tries, sleep=waits.append))


def a_site(**settings):
    return serving.Site({"/data.bin": DATA}, **settings)


def nothing_but(folder, *names):
    """Whether a folder holds these files and no other."""
    return sorted(path.name for path in folder.iterdir()) == sorted(names)


# One file

def test_a_good_download_asks_once_and_leaves_one_file(tmp_path, waits):
    site = a_site()
    path = fetched(site, tmp_path, waits)
    assert path.read_bytes() == DATA
    assert nothing_but(tmp_path, "data.bin")
    assert (len(site.asked), waits) == (1, [])
    assert "workshop" in site.asked[0][1]["User-Agent"]
    assert fetched([], tmp_path, waits) == path, "what is here is not asked for again"


@pytest.mark.fault("a connection is cut twice", happens="goes on where it stopped, file whole")
def test_a_cut_connection_goes_on_where_it_stopped(tmp_path, waits):
    site = a_site(faults=[("cut", CUT), ("cut", CUT)])
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == [None, f"bytes={CUT}-", f"bytes={2 * CUT}-"]
    assert waits == [1.0, 1.0], "a try that got further starts the waits anew"


def test_the_next_call_goes_on_too(tmp_path, waits):
    with pytest.raises(checks.DownloadError, match=r"cut.*0\.1 MB are kept"):
        fetched(a_site(faults=[("cut", CUT)]), tmp_path, waits, tries=1)
    assert nothing_but(tmp_path, "data.bin.part"), "half a file never stands under the final name"
    site = a_site()
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == [f"bytes={CUT}-"]


@pytest.mark.fault("a server that cannot send a part after a cut", happens="fetched from the start, file whole")
def test_a_server_without_ranges_starts_again(tmp_path, waits):
    site = a_site(faults=[("cut", CUT)], ranges=False)
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == [None, f"bytes={CUT}-"], "it was asked, and sent the whole file"


def test_a_server_that_never_gets_further_is_given_up(tmp_path, waits):
    site = a_site(faults=[("cut", CUT)] * 9, ranges=False)
    with pytest.raises(checks.DownloadError, match="cut"):
        fetched(site, tmp_path, waits)
    assert waits == [1.0, 2.0, 4.0, 8.0]
    assert len(site.asked) == 5


@pytest.mark.fault("more bytes are here than the server has", happens="fetched from the start, file whole")
def test_more_bytes_than_the_server_has_start_again(tmp_path, waits):
    (tmp_path / "data.bin.part").write_bytes(DATA + b"?")
    site = a_site()
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == [f"bytes={len(DATA) + 1}-", None]


@pytest.mark.fault("half a download holds wrong bytes", happens="noticed by the checksum, fetched anew")
def test_a_wrong_start_is_noticed_and_fetched_anew(tmp_path, waits):
    (tmp_path / "data.bin.part").write_bytes(b"?" * CUT)
    site = a_site()
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == [f"bytes={CUT}-", None]


def test_a_flipped_byte_is_refused(tmp_path, waits):
    wrong = bytearray(DATA)
    wrong[1234] ^= 1
    with pytest.raises(checks.DownloadError, match=r"sha256 .* not .*damaged.*Downloads"):
        fetched(serving.Site({"/data.bin": bytes(wrong)}), tmp_path, waits)
    assert nothing_but(tmp_path), "nothing wrong is kept"


def test_a_file_of_another_length_is_refused_before_it_is_fetched(tmp_path, waits):
    with pytest.raises(checks.DownloadError, match="512001 bytes came, not 512000"):
        fetched(serving.Site({"/data.bin": DATA + b"?"}), tmp_path, waits)
    assert nothing_but(tmp_path)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_not_asked_twice(tmp_path, waits, status):
    site = a_site(faults=[status] * 5)
    with pytest.raises(checks.DownloadError, match=rf"answered {status}.*in a browser.*--from FOLDER"):
        fetched(site, tmp_path, waits)
    assert (len(site.asked), waits) == (1, [])


@pytest.mark.fault("a server is overloaded", happens="asked again with growing waits, file whole")
def test_a_tired_server_is_asked_again_with_growing_waits(tmp_path, waits, capsys):
    site = a_site(faults=[500, 503, 429])
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert waits == [1.0, 2.0, 4.0]
    assert "answered 503 Service Unavailable; trying again in 2 s" in capsys.readouterr().err
    with pytest.raises(checks.DownloadError, match="answered 500"):
        fetched(a_site(faults=[500] * 5), tmp_path / "again", waits)


def test_a_login_page_is_not_taken_for_the_file(tmp_path, waits):
    with pytest.raises(checks.DownloadError, match="log in"):
        fetched(a_site(faults=["page"]), tmp_path, waits)


def test_a_gzip_file_is_not_unpacked_on_the_way(tmp_path, waits):
    packed = gzip.compress(DATA)
    file = a_file(size=len(packed), digest=hashlib.sha256(packed).hexdigest())
    site = serving.Site({"/data.bin": packed}, headers={"Content-Encoding": "x-gzip"})
    assert fetched(site, tmp_path, waits, file=file).read_bytes() == packed


def test_no_network(tmp_path, waits):
    with a_site().running() as url:
        pass   # the port is closed now
    with pytest.raises(checks.DownloadError, match=r"refused.*Check the network"):
        fetched([fetch.Place(f"{url}/data.bin", named=True)], tmp_path, waits)
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_plain_http_only_where_the_user_named_it(tmp_path, waits):
    site = a_site()
    with site.running() as url, pytest.raises(checks.DownloadError, match="not an https address"):
        fetched([fetch.Place(f"{url}/data.bin")], tmp_path, waits)
    assert site.asked == [], "refused before anything is sent"


@pytest.mark.fault("the first address does not have the file", happens="taken from the second")
def test_the_second_place_helps_out(tmp_path, waits):
    site = a_site()
    with site.running() as url:
        places = [fetch.Place(f"{url}/not-here.bin", named=True), fetch.Place(f"{url}/data.bin", named=True)]
        assert fetched(places, tmp_path, waits).read_bytes() == DATA


@pytest.mark.parametrize(("etag", "ranges"), [('"one"', [None, f"bytes={CUT}-"]), (None, [None, None])])
def test_without_a_checksum_only_the_same_version_goes_on(tmp_path, waits, etag, ranges):
    file = a_file(algorithm=None, digest=None, size=None)
    site = a_site(faults=[("cut", CUT)], etag=etag)
    assert fetched(site, tmp_path, waits, file=file).read_bytes() == DATA
    assert site.ranges_asked == ranges
    assert nothing_but(tmp_path, "data.bin")


@pytest.mark.fault("the file changes on the server between two parts", happens="fetched from the start, no mixture")
def test_without_a_checksum_a_new_version_starts_again(tmp_path, waits):
    file = a_file(algorithm=None, digest=None, size=None)
    with pytest.raises(checks.DownloadError):
        fetched(a_site(faults=[("cut", CUT)]), tmp_path, waits, file=file, tries=1)
    new = serving.Site({"/data.bin": DATA[::-1]}, etag='"two"')
    assert fetched(new, tmp_path, waits, file=file).read_bytes() == DATA[::-1]
    assert new.asked[0][1]["If-Range"] == '"one"'


class _Stops(io.FileIO):
    """A file that raises once it holds more than ``room`` bytes."""

    room, error = 0, OSError(errno.ENOSPC, "No space left on device")

    def write(self, piece):
        if self.tell() + len(piece) > self.room:
            raise self.error
        return super().write(piece)


def stopping(room, error):
    """An ``open`` whose written files stop after some bytes."""
    kind = type("Stops", (_Stops,), {"room": room, "error": error})
    return lambda path, mode="r", **more: kind(path, mode) if mode in ("wb", "ab") else open(path, mode, **more)


def test_a_full_disk_says_so_and_keeps_what_came(tmp_path, waits, monkeypatch):
    monkeypatch.setattr(fetch, "open", stopping(150_000, _Stops.error), raising=False)
    with pytest.raises(OSError, match=r"full disk.*MACHINE_HEARING_HOME.*Disk and folders") as caught:
        fetched(a_site(), tmp_path, waits)
    assert caught.value.errno == errno.ENOSPC
    assert nothing_but(tmp_path, "data.bin.part")
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    site = a_site()
    assert fetched(site, tmp_path, waits).read_bytes() == DATA
    assert site.ranges_asked == ["bytes=131072-"]


def test_a_read_only_folder_says_so(tmp_path, waits, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)   # root may write anywhere, so the refusal is made
    with pytest.raises(OSError, match=r"no permission.*folder of your own.*Disk and folders"):
        fetched(a_site(), tmp_path / "new", waits)


# A whole set: 20 real clips in the published layout

@pytest.fixture(scope="session")
def few(test_data):
    """(published path, file) of 20 clips, two a class."""
    return serving.esc10_rows(test_data, per_class=2)


@pytest.fixture(scope="session")
def archive(test_data, few):
    return serving.esc10_archive(test_data, few, sheet=False)


@pytest.fixture
def sets(tmp_path, few):
    """The registry with ESC-10's block, reduced to the 20 clips."""
    listed = {path: fact for path, fact in registry.published()["esc10"].listed.items() if path in dict(few)}
    (tmp_path / "registry").mkdir()
    return serving.registry_of(tmp_path / "registry", "esc10", listed=listed, unpacked=3_000_000)


@pytest.fixture
def homes(tmp_path):
    (tmp_path / "homes").mkdir()
    return tmp_path / "homes"


def esc10_site(archive, **settings):
    return serving.Site({f"/esc10/{serving.ARCHIVE}": archive}, **settings)


def installed(site, sets, home, **options):
    with site.running() as url:
        return download.install(sets["esc10"], data_home=home, mirror=url, **options)


@pytest.mark.real_data
def test_the_full_set_end_to_end(test_data, tmp_path, waits, monkeypatch, capsys):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    with pytest.raises(checks.DatasetError, match=r"no such folder.*start\.py data esc10.*Data sets"):
        load_clips("esc10")
    rows = serving.esc10_rows(test_data)
    site = esc10_site(serving.esc10_archive(test_data, rows), faults=[("cut", CUT)])
    with site.running() as url:
        assert download.main(["esc10", "--mirror", url], sleep=waits.append) == 0
    assert site.ranges_asked == [None, f"bytes={CUT}-"]
    assert nothing_but(tmp_path, "esc10", "esc10.lock"), "neither archive nor leftovers"
    assert "CC BY 3.0" in capsys.readouterr().out
    sounds = load_clips("esc10")
    assert len(sounds.clips) == 400
    assert verify.problems(registry.published()["esc10"], sounds.home) == []
    assert download.main(["esc10", "--mirror", "http://127.0.0.1:9"]) == 0, "what is here and whole needs no network"


@pytest.mark.real_data
def test_only_the_published_files_are_accepted(archive, sets, homes, few):
    swapped = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(swapped, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename.endswith(few[0][0]):
                content = content[:-1] + bytes([content[-1] ^ 1])
            new.writestr(info.filename, content)
    with pytest.raises(checks.DatasetError, match=rf"1 fault \(changed: {few[0][0]}\).*Run the command again"):
        installed(esc10_site(swapped.getvalue()), sets, homes)
    assert not (homes / "esc10").exists()
    assert not list(homes.rglob("*.zip")), "the wrong archive is not taken for good next time"
    assert installed(esc10_site(archive), sets, homes) == homes / "esc10"


@pytest.mark.real_data
def test_a_flipped_byte_in_the_archive(archive, sets, homes):
    broken = bytearray(archive)
    broken[len(broken) // 2] ^= 1
    with pytest.raises(checks.DatasetError, match=r"damaged|changed"):
        installed(esc10_site(bytes(broken)), sets, homes)
    assert not (homes / "esc10").exists()


@pytest.mark.real_data
def test_an_archive_that_lacks_a_file(test_data, few, sets, homes):
    with pytest.raises(checks.DatasetError, match=rf"1 fault \(missing: {few[3][0]}\)"):
        installed(esc10_site(serving.esc10_archive(test_data, few[:3] + few[4:], sheet=False)), sets, homes)


@pytest.mark.real_data
def test_a_disk_that_fills_while_unpacking_keeps_the_archive(archive, sets, homes, monkeypatch):
    monkeypatch.setattr(archives, "open", stopping(10_000, _Stops.error), raising=False)
    with pytest.raises(OSError, match="full disk"):
        installed(esc10_site(archive), sets, homes)
    assert [path.name for path in homes.rglob("*") if path.is_file() and path.suffix != ".lock"] == [serving.ARCHIVE]
    monkeypatch.setattr(archives, "open", open)
    site = esc10_site(archive)
    assert installed(site, sets, homes).is_dir()
    assert site.asked == [], "nothing is fetched twice"


@pytest.mark.real_data
def test_too_little_space_is_said_before_anything_is_fetched(archive, sets, homes, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 10**7, 10**7))
    site = esc10_site(archive)
    with pytest.raises(checks.DownloadError, match=r"45 MB of free space.*got 10 MB.*Disk and folders"):
        installed(site, sets, homes)
    assert site.asked == []


@pytest.mark.real_data
@pytest.mark.fault("Ctrl-C during a download", happens="what came is kept, the same command goes on; no traceback")
def test_ctrl_c_keeps_what_has_come(archive, sets, homes, monkeypatch, capsys):
    monkeypatch.setattr(fetch, "open", stopping(500_000, KeyboardInterrupt()), raising=False)
    with esc10_site(archive).running() as url:
        assert download.main(["esc10", "--mirror", url, "--home", str(homes)], sets=sets) == 130
    assert "the same command goes on from there" in capsys.readouterr().err
    monkeypatch.setattr(fetch, "open", open)
    site = esc10_site(archive)
    assert installed(site, sets, homes).is_dir()
    assert site.ranges_asked == ["bytes=458752-"]


@pytest.mark.real_data
@pytest.mark.parametrize("inside", ["esc10", "downloads/esc10", ""])
def test_from_a_usb_stick(archive, sets, homes, tmp_path, inside):
    stick = tmp_path / "stick"
    (stick / inside).mkdir(parents=True)
    (stick / inside / serving.ARCHIVE).write_bytes(archive)
    assert download.main(["esc10", "--from", str(stick), "--home", str(homes), "--keep"], sets=sets) == 0
    assert len(list((homes / "esc10").glob("*/*.ogg"))) == 20
    assert (homes / "downloads/esc10" / serving.ARCHIVE).read_bytes() == archive, "kept, to be handed on"
    assert (stick / inside / serving.ARCHIVE).exists()


@pytest.mark.real_data
@pytest.mark.fault("files of an installed set are lost or changed", happens="named, and the set made anew")
def test_a_damaged_set_is_mended(archive, sets, homes, few, capsys):
    folder = installed(esc10_site(archive), sets, homes)
    (folder / few[0][0]).write_bytes(b"?")
    (folder / few[1][0]).unlink()
    installed(esc10_site(archive), sets, homes)
    assert "2 faults" in capsys.readouterr().out
    assert verify.problems(sets["esc10"], folder) == []


@pytest.mark.real_data
@pytest.mark.fault("two downloads of one set at once", happens="one fetches, the other waits and finds it whole")
def test_two_downloads_at_once_share_one(archive, sets, homes, tmp_path):
    asked, go_on = threading.Event(), threading.Event()

    def hold():
        asked.set()
        assert go_on.wait(60)

    site = esc10_site(archive, faults=[hold])
    code = ("import sys; from helpers.datasets import download, registry; "
            "sys.exit(download.main(sys.argv[2:], sets=registry.read(sys.argv[1])))")
    with site.running() as url:
        command = [sys.executable, "-c", code, str(tmp_path / "registry/registry.json"), "esc10", "--mirror", url,
                   "--home", str(homes)]
        first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert asked.wait(60)
        second = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert "waiting for it" in second.stdout.readline()
        go_on.set()
        said = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert "is complete" in said[0]
    assert "is here and whole" in said[1]
    assert len(site.asked) == 1


# Archives that must not be unpacked

def a_zip(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return packed.getvalue()


def a_tar(members, *, mode="w:gz"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, len(content), "/etc/passwd" if kind != tarfile.REGTYPE else ""
            archive.addfile(info, io.BytesIO(content) if kind == tarfile.REGTYPE else None)
    return packed.getvalue()


PLAIN, LINK = 0o100644, 0o120777
UNSAFE = {
    "zip up": a_zip([("top/../../evil.wav", b"x", PLAIN)]),
    "zip absolute": a_zip([("/evil.wav", b"x", PLAIN)]),
    "zip drive": a_zip([("C:evil.wav", b"x", PLAIN)]),
    "zip backslash": a_zip([("top\\..\\..\\evil.wav", b"x", PLAIN)]),
    "zip link": a_zip([("top/evil.wav", b"/etc/passwd", LINK)]),
    "zip too large": a_zip([("top/evil.wav", bytes(2000), PLAIN)]),
    "zip twice": a_zip([("top/a.wav", b"x", PLAIN), ("./top/a.wav", b"y", PLAIN)]),
    "tar up": a_tar([("../evil.wav", b"x", tarfile.REGTYPE)]),
    "tar absolute": a_tar([("/evil.wav", b"x", tarfile.REGTYPE)]),
    "tar symlink": a_tar([("top/evil.wav", b"", tarfile.SYMTYPE)]),
    "tar hard link": a_tar([("top/evil.wav", b"", tarfile.LNKTYPE)]),
    "tar device": a_tar([("top/evil.wav", b"", tarfile.CHRTYPE)]),
    "tar pipe": a_tar([("top/evil.wav", b"", tarfile.FIFOTYPE)]),
    "tar too large": a_tar([("top/evil.wav", bytes(2000), tarfile.REGTYPE)]),
}


def unpacked(packed, folder, *, limit=1000):
    (folder / "packed").write_bytes(packed)
    return archives.unpack(folder / "packed", folder / "in/out", strip="top/", keep=["*.wav", "*/*.wav"], limit=limit)


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_archives_are_refused(tmp_path, case):
    with pytest.raises(checks.DatasetError, match=r"plain files.*(leads out|link or a device|more bytes|two members)"):
        unpacked(UNSAFE[case], tmp_path)
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and "in/out" not in path.as_posix()]
    assert outside == [tmp_path / "packed"]
    assert not [path for path in tmp_path.rglob("evil.wav") if path.is_symlink() or path.stat().st_size]


@pytest.mark.parametrize("packed", [
    a_zip([("top/b/a.wav", b"sound", PLAIN), ("top/notes.txt", b"x", PLAIN), ("__MACOSX/top/._a.wav", b"x", PLAIN)]),
    a_tar([("./top/b/a.wav", b"sound", tarfile.REGTYPE), ("top/._a.wav", b"x", tarfile.REGTYPE)]),
    a_tar([("top/b/a.wav", b"sound", tarfile.REGTYPE)], mode="w:xz"),
], ids=["zip", "tar.gz", "tar.xz"])
def test_only_what_is_wanted_is_unpacked(tmp_path, packed):
    assert unpacked(packed, tmp_path) == 1
    assert (tmp_path / "in/out/b/a.wav").read_bytes() == b"sound"


@pytest.mark.parametrize("packed", [
    b"no archive at all", UNSAFE["tar up"][:60],
    a_tar([("top/a.wav", bytes(range(256)) * 3, tarfile.REGTYPE)], mode="w:")[:900],
    a_zip([("top/a.wav", b"sound", PLAIN)]).replace(b"sound", b"sohnd"),
], ids=["no archive", "tar.gz cut", "tar cut", "zip changed"])
def test_damaged_archives_are_named(tmp_path, packed):
    with pytest.raises(checks.DatasetError, match=r"a damaged one.*Download it again"):
        unpacked(packed, tmp_path)


def test_a_set_of_plain_files(tmp_path, waits):
    """A set need not be an archive: network weights are one file."""
    block = registry.parse("net", {
        "kind": "weights", "title": "A network", "description": "d", "licence": "Apache-2.0", "terms": "t",
        "citation": "c", "homepage": "h", "unpacked": 600_000, "content": {},
        "files": [{"name": "data.bin", "addresses": [ADDRESS], "size": len(DATA), "sha256": a_file().digest}],
    })
    with serving.Site({"/net/data.bin": DATA}).running() as url:
        folder = download.install(block, data_home=tmp_path, mirror=url)
    assert nothing_but(folder, "data.bin")
    assert files.digest(folder / "data.bin") == a_file().digest
    assert "weights" in page.listing({"net": block}, data_home=tmp_path)


# The command

def test_the_command_names_what_it_does_not_know(capsys):
    assert download.main(["esc1O", "embedded"]) == 1
    said = capsys.readouterr()
    assert "Perhaps esc10 is meant" in said.err
    assert "Not complete: esc1O" in said.err
    assert "needs no download" in said.out


@pytest.mark.parametrize(("arguments", "says"), [
    (["--mirror", "ftp://laptop"], "begins with http:// or https://"),
    (["--from", "/not/plugged/in"], "plugged in"),
])
def test_wrong_places_are_named(arguments, says, capsys, tmp_path):
    assert download.main(["esc10", *arguments, "--home", str(tmp_path)]) == 1
    assert says in capsys.readouterr().err


def test_the_list_runs_as_a_script(tmp_path):
    (tmp_path / "esc10").mkdir()
    command = [sys.executable, str(ROOT / "data/download.py"), "--list", "--home", str(tmp_path)]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[0].split() == ["name", "kind", "download", "on", "disk", "licence", "here"]
    here = {line.split()[0]: line.split()[-1] for line in said[1:-1]}
    assert {name for name, is_here in here.items() if is_here == "yes"} == {"embedded", "esc10"}
    assert {"esc50", "urbansound8k", "mini-speech-commands"} <= {name for name in here if here[name] == "no"}


def test_the_page_about_the_sets_is_not_stale(tmp_path):
    assert download.main(["--readme", str(tmp_path / "README.md")]) == 0
    written = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert written == (ROOT / "data/README.md").read_text(encoding="utf-8"), (
        "run: python data/download.py --readme data/README.md")


# The registry

def test_every_block_can_be_checked():
    for block in registry.published().values():
        for file in block.files:
            assert all(address.startswith("https://") for address in file.addresses)
            length = {"md5": 32, "sha256": 64, "git-blob": 40}.get(file.algorithm)
            assert len(file.digest) == length if file.digest else block.listed
        assert all(len(digest) in (32, 40, 64) for _, _, digest in block.listed.values())
        assert set(block.unknown) <= set(block.classes or block.unknown)
        assert len(block.unknown) == (2 if block.kind == "clips" else 0)


def test_a_block_without_checksums_is_refused():
    with pytest.raises(checks.InputError, match="a checksum for every file"):
        registry.parse("x", {
            "kind": "clips", "title": "", "description": "", "licence": "", "terms": "", "citation": "", "homepage": "",
            "unpacked": 1, "content": {"counts": {"*": 1}},
            "files": [{"name": "x.zip", "addresses": [ADDRESS], "about": 1}],
        })
