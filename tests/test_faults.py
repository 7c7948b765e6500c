"""Faults that no other test tries: slow servers, killed kernels, two at once, read-only folders, names, stale caches.

What a parser does with a broken file stands in test_fuzzing.py.
"""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import serving
from numpy.testing import assert_array_equal

from helpers import audio, batch, checks, datasets, embeddings, labels, records, search
from helpers.datasets import download, embedded, embedded_machines, embedded_scenes, fetch, registry
from helpers.embeddings import kept
from helpers.soundmap import clips as map_clips
from helpers.synth import scenes

ROOT = Path(__file__).resolve().parent.parent
SR = 16_000
DATA = bytes(range(256)) * 1000   # 256 kB
FILE = registry.File(name="data.bin", addresses=("https://example.invalid/data.bin",), size=len(DATA), about=len(DATA),
                     algorithm="sha256", digest=hashlib.sha256(DATA).hexdigest(), strip=None, keep=())
UNCHECKED = registry.File(**{**vars(FILE), "size": None, "algorithm": None, "digest": None})


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A folder of data and caches of its own."""
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "home"


def kernel(code: str, *arguments: object, before: tuple[str, ...] = ()) -> subprocess.Popen:
    """Another kernel: a process that runs this code."""
    return subprocess.Popen([*before, sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=os.environ | {"PYTHONPATH": str(ROOT)})


def noise(seconds: float = 0.5, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, round(seconds * SR)).astype(np.float32)


def nothing_half(folder: Path) -> bool:
    """Whether no file of a temporary name lies in a folder or below."""
    return not [path for path in folder.rglob("*") if path.name.startswith(".") or path.suffix == ".part"]


# Slow servers

class Slow(serving.Site):
    """Sends the first bytes to whom asks for the start, then nothing more until the test is over."""

    def __init__(self, *, first: int, times: int) -> None:
        super().__init__({"/data.bin": DATA})
        self.first, self.times, self.over = first, times, threading.Event()

    def answer(self, request):
        if self.times == 0:
            super().answer(request)
            return
        self.times -= 1
        self.asked.append((request.path, dict(request.headers)))
        if self.first and "Range" not in request.headers:
            request.send_response(200)
            request.send_header("Content-Length", str(len(DATA)))
            request.end_headers()
            request.wfile.write(DATA[:self.first])
            request.wfile.flush()
        assert self.over.wait(60)
        request.close_connection = True


def fetched(site: serving.Site, folder: Path, *, tries: int = 3, file: registry.File = FILE) -> Path:
    with site.running() as url:
        try:
            places = [fetch.Place(f"{url}/data.bin", named=True)]
            return fetch.fetch(file, folder, fetch.Downloader(file, places, tries=tries, sleep=lambda seconds: None))
        finally:
            getattr(site, "over", threading.Event()).set()


@pytest.mark.fault("a server sends a part and then nothing more", happens="asked again for the rest, file whole")
def test_a_server_that_stalls_is_asked_again_for_the_rest(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", (5, 0.2))
    site = Slow(first=2 * fetch.PIECE, times=2)
    assert fetched(site, tmp_path).read_bytes() == DATA
    assert site.ranges_asked == [None, f"bytes={2 * fetch.PIECE}-", f"bytes={2 * fetch.PIECE}-"]


@pytest.mark.fault("a server accepts, and does not answer at first", happens="asked again, file whole")
def test_a_server_that_wakes_up_late(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", (5, 0.2))
    assert fetched(Slow(first=0, times=1), tmp_path).read_bytes() == DATA


def test_a_server_that_never_wakes_up_is_given_up_and_what_came_is_kept(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "TIMEOUT", (5, 0.2))
    with pytest.raises(checks.DownloadError, match=r"timed out.*the same command goes on from there"):
        fetched(Slow(first=fetch.PIECE, times=99), tmp_path, tries=2)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["data.bin.part"]
    assert DATA.startswith((tmp_path / "data.bin.part").read_bytes())


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "１２"])
@pytest.mark.fault("a server states a length that is no number", happens="size and checksum decide: the file is whole")
def test_a_length_that_is_none_is_not_believed(cache, tmp_path, length):
    class Lying(serving.Site):
        def answer(self, request):
            request.send_response(200)
            request.wfile.write(b"".join(request._headers_buffer))
            request._headers_buffer = []
            request.wfile.write(f"Content-Length: {length}\r\n\r\n".encode() + DATA)
            request.close_connection = True

    assert fetched(Lying({}), tmp_path, tries=1).read_bytes() == DATA


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe", b"two\nlines", b" ", '"ß"'.encode()])
@pytest.mark.fault("the note about the version of half a download is damaged", happens="fetched from the start, whole")
def test_a_damaged_mark_of_a_version_starts_again(cache, tmp_path, mark):
    (tmp_path / "data.bin.part").write_bytes(DATA[:1000])
    (tmp_path / "data.bin.part.version").write_bytes(mark)
    site = serving.Site({"/data.bin": DATA})
    assert fetched(site, tmp_path, file=UNCHECKED).read_bytes() == DATA
    assert site.ranges_asked == [None]


def test_a_server_without_a_single_byte_of_the_file_is_given_up(cache, tmp_path):
    site = serving.Site({"/data.bin": DATA}, faults=[416] * 9)
    with pytest.raises(checks.DownloadError, match="no more bytes than are here"):
        fetched(site, tmp_path, tries=2)


# Kernels that are killed

EMBED = """
import os, sys, numpy as np
from helpers import embeddings
from helpers.embeddings import kept
kept.BLOCK, fsync, n = 2, os.fsync, [0]
def half(file):
    n[0] += 1
    if n[0] == int(sys.argv[2]):
        os.ftruncate(file, os.fstat(file).st_size // 2)
        print("half", flush=True)
        sys.stdin.readline()
    fsync(file)
os.fsync = half
clips = [np.random.default_rng(seed).uniform(-0.3, 0.3, 8000).astype(np.float32) for seed in range(6)]
np.save(sys.argv[1], embeddings.embed_clips(embeddings.load_embedder("statistics"), clips, sr=16000, progress=False))
"""


class Counted(embeddings.Statistics):
    """Counts the clips that are really embedded."""

    asked = 0

    def embed_windows(self, cut):
        Counted.asked += 1
        return super().embed_windows(cut)


@pytest.mark.fault("a kernel is killed while it writes a block of embeddings",
                   happens="blocks before it are kept, the next kernel computes the rest; nothing half-written is read")
def test_a_kernel_killed_while_caching_embeddings(cache, tmp_path, monkeypatch):
    other = kernel(EMBED, tmp_path / "found.npy", 2)
    assert other.stdout.readline() == "half\n"
    other.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    other.communicate()
    whole = [path for path in (cache / "cache/embeddings").iterdir() if not path.name.startswith(".")]
    assert len(whole) == 1, "the second block was cut in the middle and must not have its name"
    clips = [noise(seed=seed) for seed in range(6)]
    expected = np.stack([embeddings.Statistics().embed_windows(
        embeddings.Statistics().cut(clip, sr=SR)[0])[:1].mean(axis=0) for clip in clips])
    monkeypatch.setattr(kept, "BLOCK", 2)
    Counted.asked = 0
    found = embeddings.embed_clips(Counted(), clips, sr=SR, progress=False)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert Counted.asked == 4, "four of six: two were kept"


@pytest.mark.fault("two kernels embed the same clips at once", happens="both get the same numbers; the cache is whole")
def test_two_kernels_embed_the_same_clips(cache, tmp_path):
    kernels = [kernel(EMBED, tmp_path / f"{name}.npy", 1) for name in "ab"]
    for one in kernels:
        assert one.stdout.readline() == "half\n", "both are in the middle of writing the same block"
    for one in kernels:
        one.kill()
        one.communicate()
    kernels = [kernel(EMBED, tmp_path / f"{name}.npy", 0) for name in "ab"]
    for one in kernels:
        _, said = one.communicate()
        assert one.returncode == 0, said
    assert_array_equal(np.load(tmp_path / "a.npy"), np.load(tmp_path / "b.npy"))
    found = embeddings.embed_clips(embeddings.Statistics(), [noise(seed=seed) for seed in range(6)], sr=SR,
                                   progress=False)
    assert_array_equal(found, np.load(tmp_path / "a.npy"))


SCENES = """
import sys
import numpy as np
from helpers.datasets import embedded_scenes
from helpers.synth import scenes
from helpers import files
scenes.render = lambda **recipe: (np.full(1600, 0.25, np.float32), [{"onset": 0.02, "offset": 0.08, "label": "dog"}])
write, n = files.write_text, [0]
def stop(path, text):
    write(path, text)
    n[0] += 1
    if n[0] == int(sys.argv[2]):
        print("wrote", flush=True)
        sys.stdin.readline()
files.write_text = stop
print(len(embedded_scenes.load(data_home=sys.argv[1], per_fold=1).events))
"""


@pytest.mark.fault("a kernel is killed while it renders scenes, and two go on at once",
                   happens="both have all scenes and the same events, and the notes of each scene are tidied up")
def test_a_kernel_killed_while_rendering_scenes_and_two_that_go_on(tmp_path):
    other = kernel(SCENES, tmp_path, 2)
    assert other.stdout.readline() == "wrote\n"
    other.kill()
    other.communicate()
    kernels = [kernel(SCENES, tmp_path, 0) for _ in range(2)]
    said = [one.communicate() for one in kernels]
    assert [one.returncode for one in kernels] == [0, 0], said
    assert said[0][0] == said[1][0]
    few = embedded_scenes.load(data_home=tmp_path, per_fold=1)
    assert len(few.events) == len(few.clips) == 5
    assert all(len(few.load(row)[0]) == 1600 for row in few.clips.itertuples())
    assert [path.name for path in few.home.glob("*.json")] == ["events.json"]
    assert nothing_half(few.home)


FETCH = """
import sys
from helpers.datasets import fetch, registry
file = registry.File(name="data.bin", addresses=("https://example.invalid/data.bin",), size=256000, about=256000,
                     algorithm="sha256", digest=sys.argv[3], strip=None, keep=())
from pathlib import Path
fetch.fetch(file, Path(sys.argv[1]), fetch.Downloader(file, [fetch.Place(sys.argv[2] + "/data.bin", named=True)]))
"""


@pytest.mark.fault("a download is killed in the middle", happens="the next one goes on where it was, file whole")
def test_a_download_that_was_killed_goes_on(cache, tmp_path):
    site = Slow(first=2 * fetch.PIECE, times=1)
    part = tmp_path / "data.bin.part"
    with site.running() as url:
        other = kernel(FETCH, tmp_path, url, FILE.digest)
        try:
            while not (part.exists() and part.stat().st_size >= fetch.PIECE):
                assert other.poll() is None, other.communicate()
            other.kill()
            other.communicate()
        finally:
            site.over.set()
    assert not (tmp_path / "data.bin").exists()
    have = part.stat().st_size
    site = serving.Site({"/data.bin": DATA})
    assert fetched(site, tmp_path).read_bytes() == DATA
    assert site.ranges_asked == [f"bytes={have}-"]


# A folder that is really read-only

READ_ONLY = """
import os, sys
import numpy as np
from helpers import audio, batch, checks, datasets, embeddings, labels, records, search
import pandas as pd
heard = records.ClassificationResult(label="dog", score=0.5)
clip = np.sin(np.arange(16000, dtype=np.float32))
rows = pd.DataFrame({"clip_id": ["a"], "start": [0.0], "end": [1.0]})
home = os.environ["MACHINE_HEARING_HOME"]
tried = {
    "embedded clips": lambda: datasets.load_clips("embedded").load(datasets.load_clips("embedded").clips.iloc[0]),
    "embedded scenes": lambda: datasets.load_scenes("embedded"),
    "embeddings": lambda: embeddings.embed_clips(embeddings.Statistics(), [clip], sr=16000, progress=False),
    "records": lambda: records.append(home + "/heard.jsonl", records.DeviceClassification(
        device="gate", time="2026-03-01T12:00:00Z", result=heard)),
    "recording": lambda: audio.save_audio(home + "/a.wav", clip),
    "labels": lambda: labels.write_audacity(
        pd.DataFrame({"onset": [0.0], "offset": [1.0], "label": "a"}), home + "/a.txt"),
    "index": lambda: search.SoundIndex(home + "/index").add(rows, np.ones((1, 4))),
    "batch": lambda: batch.extract(sys.argv[1], home + "/results", progress=False),
    "download": lambda: __import__("helpers.datasets.download").datasets.download.install(
        datasets.registry.published()["esc10"], folder=sys.argv[1]),
}
for name, act in tried.items():
    try:
        act()
        print(name, "worked", sep="|")
    except OSError as error:
        told = "docs/troubleshooting.md: Disk and folders" in str(error) and "Expected" in str(error)
        print(name, "told" if told else f"NOT told: {error!r}", sep="|")
    except Exception as error:
        print(name, f"escaped: {error!r}", sep="|")
"""


def a_read_only_folder(folder: Path) -> tuple[str, ...]:
    """Beginning of a command that sees this folder mounted read-only; skips where the system does not allow that."""
    mount = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && exec "$@"'
    before = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    if not shutil.which("unshare") or subprocess.run([*before, "true"], capture_output=True).returncode:
        pytest.skip("this system mounts no folder read-only for its users")
    return before


@pytest.mark.fault("the folder of data and caches is mounted read-only",
                   happens="each of nine writers says that it may not write there, and what to do; nothing is written")
def test_a_folder_that_is_mounted_read_only(cache, tmp_path):
    cache.mkdir()
    (tmp_path / "sounds").mkdir()
    audio.save_audio(tmp_path / "sounds/a.wav", noise(1.0))
    other = kernel(READ_ONLY, tmp_path / "sounds", before=a_read_only_folder(cache))
    said, errors = other.communicate()
    assert other.returncode == 0, errors
    found = dict(line.split("|", 1) for line in said.splitlines() if "|" in line)
    assert len(found) == 9
    assert set(found.values()) == {"told"}, found
    assert list(cache.iterdir()) == []


# Names and paths

NAMES = ["Straße mit Übergang", "蛙の声", "🎵 Vögel 🐦", "ра́дио", unicodedata.normalize("NFD", "Ångström"),
         "e'qu\"al=1+1 #%&", "-rf", "CON_", "a" * 200]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.fault("folders and files of any letters: umlauts, emoji, composed and decomposed, 200 long",
                   happens="recordings, labels, sets, indexes and results are written and found again by that name")
def test_names_of_any_letters(cache, tmp_path, name):
    folder = tmp_path / name
    for label in ("dog", name):
        for take in range(2):
            audio.save_audio(folder / label / f"{name}-{take}{label[:3]}.wav", noise(1.0, seed=take + len(label)))
    sounds = datasets.from_folder(folder)
    assert set(sounds.classes) == {"dog", name}
    assert [len(one) for one in sounds.load_all()] == [SR] * 4
    table = pd.DataFrame({"onset": [0.5], "offset": [0.75], "label": [name]})
    written = labels.read(labels.write_audacity(table, folder / f"{name}.txt"))
    assert written["label"].tolist() == [name]
    assert written["clip_id"].tolist() == [name]
    index = search.SoundIndex(folder / "index", embedder=embeddings.Statistics())
    assert index.add_dataset(sounds, progress=False) == 4
    hit = index.query(Path(sounds.clips["path"][0]), k=1, where={"label": sounds.clips["label"][0]}).iloc[0]
    assert hit["path"] == sounds.clips["path"][0]
    records.append(folder / "heard.jsonl", records.AudioClassification(
        audio_clip=name, onset=0.0, offset=1.0, result=records.ClassificationResult(label=name, score=1.0)))
    assert records.read(folder / "heard.jsonl")["audio_clip"].tolist() == [name]
    outcome = batch.extract(folder, tmp_path / f"{name} results", progress=False)
    assert len(outcome.recordings) == 4
    assert not len(outcome.failures)


def test_composed_and_decomposed_names_are_two_files_or_one_but_never_lost(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "Größe") for form in ("NFC", "NFD"))
    for number, name in enumerate((composed, decomposed)):
        audio.save_audio(tmp_path / f"{name}.wav", np.full(100, (number + 1) / 4, np.float32))
    found = {path.name: audio.load_audio(path)[0].mean() for path in tmp_path.iterdir()}
    assert len(found) in (1, 2), "macOS holds one file of both names"
    assert max(found.values()) == pytest.approx(0.5, abs=1e-3), "what was written last is there"


def deep(folder: Path, length: int) -> Path:
    """A folder whose path has about so many characters."""
    while len(str(folder)) < length - 150:
        folder = folder / ("long" * 25)
    folder.mkdir(parents=True)
    return folder


@pytest.mark.fault("a path of more than 260, and one of nearly 4096 characters",
                   happens="labels, records and embeddings work as anywhere; recordings and indexes up to 1000")
@pytest.mark.parametrize("length", [300, 900, 3900])
@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow less")
def test_long_paths(cache, tmp_path, length):
    folder = deep(tmp_path, length)
    table = pd.DataFrame({"onset": [0.5], "offset": [0.75], "label": ["dog"]})
    assert len(labels.read(labels.write_audacity(table, folder / "a.txt"))) == 1
    records.append(folder / "heard.jsonl", records.AudioClassification(
        audio_clip="a", onset=0.0, offset=1.0, result=records.ClassificationResult(label="dog", score=1.0)))
    assert len(records.read(folder / "heard.jsonl")) == 1
    if length > 1000:                                          # libsndfile takes paths of 1024 characters
        audio.save_audio(tmp_path / "a.wav", noise())
        shutil.copy(tmp_path / "a.wav", folder)
        with pytest.raises(checks.AudioFileError, match="broken or no recording"):
            audio.load_audio(folder / "a.wav")
        return
    audio.save_audio(folder / "a.wav", noise())
    assert len(audio.load_audio(folder / "a.wav")[0]) == 8000
    vectors = embeddings.embed_clips(embeddings.Statistics(), [noise()], sr=SR, progress=False)
    index = search.SoundIndex(folder / "index")
    assert index.add(pd.DataFrame({"clip_id": ["a"], "start": 0.0, "end": 1.0}), vectors) == 1


# Caches that are damaged

def _flipped(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 0x11]) + whole[middle + 1:]


HARMS = {"cut": lambda whole: whole[:len(whole) // 2], "empty": lambda whole: b"", "other": lambda whole: b"\0" * 99,
         "flipped": _flipped}


def harmed(paths, how: str) -> None:
    paths = list(paths)
    assert paths
    for path in paths:
        path.write_bytes(HARMS[how](path.read_bytes()))


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
@pytest.mark.fault("a kept array of embeddings is cut, empty or another thing", happens="computed anew")
def test_damaged_embeddings_are_made_anew(cache, how):
    clips = [noise(seed=seed) for seed in range(3)]
    before = embeddings.embed_clips(embeddings.Statistics(), clips, sr=SR, progress=False)
    harmed((cache / "cache/embeddings").glob("*.np[yz]"), how)
    assert_array_equal(embeddings.embed_clips(embeddings.Statistics(), clips, sr=SR, progress=False), before)


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
@pytest.mark.fault("a rendered series of measurements is cut, empty or another thing", happens="rendered anew")
def test_damaged_series_are_rendered_anew(tmp_path, how):
    sounds = embedded_machines.load(machine="vibration", data_home=tmp_path)
    row = sounds.clips.iloc[0]
    before = sounds.load(row)[0]
    harmed([Path(row.path)], how)
    assert_array_equal(sounds.load(row)[0], before)


@pytest.mark.parametrize("how", ["cut", "empty", "other", "texts"])
@pytest.mark.fault("the kept events of the scenes are cut, empty or another thing", happens="rendered anew, the same")
def test_damaged_events_of_scenes_are_made_anew(tmp_path, how, monkeypatch):
    monkeypatch.setattr(scenes, "render", lambda **recipe: (
        noise(0.1, seed=recipe["fold"]), [{"onset": 0.02, "offset": 0.02 * recipe["fold"], "label": "dog"}]))
    before = embedded_scenes.load(data_home=tmp_path, per_fold=1)
    kept = before.home / "events.json"
    if how == "texts":        # no events, but not in a list
        kept.write_text(json.dumps(dict.fromkeys(json.loads(kept.read_text("utf-8")), "")), "utf-8")
    else:
        harmed([kept], how)
    assert embedded_scenes.load(data_home=tmp_path, per_fold=1).events.equals(before.events)


@pytest.mark.parametrize("how", ["cut", "empty", "other"])
@pytest.mark.fault("kept sounds of a sound map are cut, empty or another thing", happens="encoded anew, the same page")
def test_damaged_sounds_of_a_map_are_encoded_anew(cache, how):
    def made():
        return map_clips.Clips([noise(seed=seed) for seed in range(2)], SR, np.zeros(2), 5.0).kept()

    before = made()
    harmed((cache / "cache/soundmap").glob("*.json"), how)
    assert made() == before


@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_index_says_so_or_still_holds_all(tmp_path, how):
    rows = pd.DataFrame({"clip_id": [f"clip-{n}" for n in range(20)], "start": 0.0, "end": 1.0})
    search.SoundIndex(tmp_path).add(rows, np.eye(20))
    harmed([path for path in tmp_path.rglob("*") if path.suffix == ".lance" and path.is_file()], how)
    index = search.SoundIndex(tmp_path)
    if how == "flipped":                                       # LanceDB keeps no checksum of its numbers
        with contextlib.suppress(checks.DatasetError):
            assert len(index.table) == 20
        return
    with pytest.raises(checks.DatasetError, match=r"an index that can be read.*delete the folder"):
        index.query(np.ones(20), k=1)


@pytest.mark.parametrize("how", HARMS)
def test_damaged_results_of_a_batch_are_named(tmp_path, how):
    audio.save_audio(tmp_path / "sounds/a.wav", noise(1.0))
    outcome = batch.extract(tmp_path / "sounds", tmp_path / "out", progress=False)
    harmed(Path(outcome.place.address).glob("part-*.parquet"), how)
    if how == "flipped":                                       # Parquet packs its pages: damage shows where it matters
        with contextlib.suppress(checks.DatasetError):
            assert len(batch.read(outcome.place)[0])
        return
    with pytest.raises(checks.DatasetError, match=r"a table of results.*Delete it and run again"):
        batch.read(outcome.place)


@pytest.mark.parametrize("how", HARMS)
@pytest.mark.fault("downloaded weights are cut, empty, flipped in one bit or another thing",
                   happens="the command that fetched them notices it, and makes them anew")
def test_damaged_weights_are_fetched_anew(cache, tmp_path, how, capsys):
    block = registry.parse("net", {
        "kind": "weights", "title": "A network", "description": "d", "licence": "Apache-2.0", "terms": "t",
        "citation": "c", "homepage": "h", "unpacked": 600_000, "content": {},
        "files": [{"name": "data.bin", "addresses": list(FILE.addresses), "size": len(DATA), "sha256": FILE.digest}]})
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick/data.bin").write_bytes(DATA)
    folder = download.install(block, folder=tmp_path / "stick")
    harmed([folder / "data.bin"], how)
    assert download.install(block, folder=tmp_path / "stick") == folder
    assert (folder / "data.bin").read_bytes() == DATA
    assert "changed: data.bin" in capsys.readouterr().out


# Another version under a cache

@pytest.mark.fault("the synthesiser changes under the rendered sounds", happens="another folder: nothing old is read")
def test_another_synthesiser_reads_nothing_old(tmp_path, monkeypatch):
    before = embedded.load(data_home=tmp_path).home
    monkeypatch.setattr(embedded, "_version", lambda: "other")
    assert embedded.load(data_home=tmp_path).home != before


@pytest.mark.fault("another version of an embedder fills an index", happens="refused, with what to do")
def test_another_version_of_the_weights_is_refused_by_the_index(tmp_path):
    index = search.SoundIndex(tmp_path, embedder=embeddings.Statistics())
    index.add(pd.DataFrame({"clip_id": ["a"], "start": [0.0], "end": [1.0]}), np.ones((1, 256)))
    changed = embeddings.Statistics()
    changed.version = "changed"
    with pytest.raises(checks.InputError, match="Give the new index another name or place"):
        search.SoundIndex(tmp_path, embedder=changed)


@pytest.mark.fault("the code that encodes the sounds of a map changes", happens="encoded anew under another key")
def test_another_encoder_of_the_map_reads_nothing_old(cache, monkeypatch):
    sounds = map_clips.Clips([noise()], SR, np.zeros(1), 5.0)
    sounds.kept()
    before = {path.name for path in (cache / "cache/soundmap").glob("*.json")}
    monkeypatch.setattr(map_clips, "VERSION", map_clips.VERSION + 1)
    sounds.kept()
    assert len({path.name for path in (cache / "cache/soundmap").glob("*.json")} - before) == 1
