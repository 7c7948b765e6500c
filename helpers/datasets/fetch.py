"""Fetch one published file: whole, checked, and never twice what is already here.

pooch keeps the books (which file, which checksum, is it here already) and calls
the ``Downloader`` below for the rest: retries with growing waits, going on
where a cut connection stopped, several addresses, folders such as a USB stick.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from helpers import checks, files
from helpers.datasets import answers
from helpers.datasets.registry import File

AGENT = "machine-hearing-workshop (data/download.py)"
PIECE = 1 << 16
TIMEOUT = (15, 60)  # seconds to connect; seconds without a byte
LATER = (408, 425, 429, 500, 502, 503, 504)  # a server's ways to say "try again"


class _Later(Exception):
    """Did not work now, but may work in a moment."""


class _Never(Exception):
    """Does not work at this place."""


@dataclass(frozen=True)
class Place:
    """Where a file may be found: an address, or a file on a disk.

    ``named`` is True where the user named the place: only then http without
    encryption is allowed (an instructor's laptop in the same room).
    """

    where: str | Path
    named: bool = False


@dataclass
class Downloader:
    """Bring one file from the first place that has it; pooch calls it with the name for the result.

    What arrives is written to ``NAME.part``. That file is kept when the download
    is stopped, and the next call goes on from there.

    Attributes
    ----------
    file : File
    places : sequence of Place
        Tried in this order.
    tries : int
        How often one address is tried without getting further.
    progress : bool
        Whether to show a bar (only where the output is a terminal).
    sleep : callable
        Waits between tries; tests pass their own.
    """

    file: File
    places: Sequence[Place]
    tries: int = 5
    progress: bool = True
    sleep: Callable[[float], None] = time.sleep
    failures: list[str] = field(default_factory=list)

    def __call__(self, url: str, output_file: str, pooch: object) -> None:
        """Fetch the file to ``output_file``; ``url`` is not used, the places are.

        Raises
        ------
        DownloadError
            If no place gave the file; the message says why for each.
        OSError
            If the disk is full or the folder is read-only.
        """
        part = Path(output_file).parent / (self.file.name + ".part")
        self.failures.clear()
        for place in self.places:
            try:
                self._bring(place, part)
            except (_Later, _Never) as error:
                self.failures.append(f"{place.where}: {error}")
                continue
            os.replace(part, output_file)
            _validator(part).unlink(missing_ok=True)
            return
        raise self._failed(part)

    def _failed(self, part: Path) -> checks.DownloadError:
        way_out = ("Check the network and run the command again, fetch it from the instructor's laptop (--mirror URL), "
                   f"or open {self.file.addresses[0]} in a browser and name the folder you saved it in (--from FOLDER)")
        if part.exists():
            way_out += f". {part.stat().st_size / 1e6:.1f} MB are kept; the same command goes on from there"
        return checks.DownloadError(checks.explain(
            f"to fetch {self.file.name}", "; ".join(self.failures) or "no place to fetch it from", way_out,
            section=checks.DOWNLOADS))

    def _bring(self, place: Place, part: Path) -> None:
        if self._whole(part):
            return
        if isinstance(place.where, Path):
            self._copy(place.where, part)
            self._accept(part)
            return
        _refuse_plain_http(place.where, named=place.named)
        tries = furthest = 0
        while True:
            resumed = part.exists()
            try:
                self._request(place, part)
                return self._accept(part)
            except _Never:
                if not resumed or part.exists():
                    raise
                # what was kept from an earlier download did not fit: once more from the start
            except _Later as error:
                size = part.stat().st_size if part.exists() else 0
                tries = 1 if size > furthest else tries + 1
                furthest = max(furthest, size)
                if tries >= self.tries:
                    raise
                wait = min(2.0 ** (tries - 1), 30.0)
                print(f"{error}; trying again in {wait:.0f} s", file=sys.stderr)
                self.sleep(wait)

    def _request(self, place: Place, part: Path) -> None:
        """Ask once, for all of the file or for the rest of it, and write what comes."""
        import requests

        have = part.stat().st_size if part.exists() else 0
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
        if have and self.file.digest is None:
            # nothing vouches for a file made of two versions, so the server has to say that it is still the same
            mark = answers.kept_mark(_validator(part))
            have, headers = (have, headers | {"If-Range": mark}) if mark else (0, headers)
        if have:
            headers["Range"] = f"bytes={have}-"
        try:
            with requests.get(place.where, headers=headers, stream=True, timeout=TIMEOUT) as answer:
                for step in (*answer.history, answer):
                    _refuse_plain_http(step.url, named=place.named)
                if answer.status_code == 416:
                    part.unlink(missing_ok=True)
                    raise _Later("the server has no more bytes than are here")
                have = self._start(answer, have=have, part=part)
                self._write(answer, part, have=have)
        except requests.exceptions.SSLError as error:
            raise _Never(f"no secure connection ({error})") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise _Later(f"the connection failed or was cut ({answers.short(error)})") from error
        except requests.RequestException as error:
            raise _Never(answers.short(error)) from error

    def _start(self, answer: object, *, have: int, part: Path) -> int:
        """Look at the head of an answer and return where its bytes belong: after ``have``, or at the start."""
        status = answer.status_code
        if status in LATER:
            raise _Later(f"the server answered {status} {answer.reason}")
        if status not in (200, 206):
            raise _Never(f"the server answered {status} {answer.reason}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise _Never("a web page came instead of the file (does this network ask you to log in?)")
        if status == 206 and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            part.unlink(missing_ok=True)
            raise _Later("the server sent another part of the file than it was asked for")
        if status == 200:
            have = 0
            stamp = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "W/"
            with files.friendly(part):
                _validator(part).unlink(missing_ok=True)
                if not stamp.startswith("W/") and self.file.digest is None:
                    _validator(part).write_bytes(stamp.encode("utf-8", "replace"))
        length = answers.length(answer)
        if self.file.size is not None and length is not None and have + length != self.file.size:
            raise _Never(f"a file of {have + length} bytes came, not {self.file.size}")
        return have

    def _write(self, answer: object, part: Path, *, have: int) -> None:
        length = answers.length(answer)
        total = None if length is None else have + length
        limit = self.file.size or 4 * self.file.about
        with self._bar(total or self.file.about, have) as bar, _opened(part, "ab" if have else "wb") as file:
            for piece in _pieces(answer):
                have += len(piece)
                if have > limit:
                    raise _Never(f"more than {limit} bytes came")
                with files.friendly(part):
                    file.write(piece)
                    file.flush()
                bar.update(len(piece))
        if total is not None and have < total:
            raise _Later(f"the connection was cut after {have} of {total} bytes")

    def _copy(self, source: Path, part: Path) -> None:
        if not source.is_file():
            raise _Never("no such file")
        with self._bar(source.stat().st_size, 0) as bar, open(source, "rb") as old, _opened(part, "wb") as new:
            while piece := old.read(1 << 20):
                with files.friendly(part):
                    new.write(piece)
                    new.flush()
                bar.update(len(piece))

    def _whole(self, part: Path) -> bool:
        """Whether all of the file is here already, under its temporary name."""
        return bool(self.file.digest and part.exists() and part.stat().st_size == self.file.size
                    and files.digest(part, algorithm=self.file.algorithm) == self.file.digest)

    def _accept(self, part: Path) -> None:
        """Refuse and remove what does not have the right checksum."""
        if self.file.digest is None:
            return
        came = files.digest(part, algorithm=self.file.algorithm)
        if came != self.file.digest:
            part.unlink()
            raise _Never(f"{self.file.algorithm} {came}, not {self.file.digest}: damaged on the way, or another file")

    def _bar(self, total: int, have: int) -> contextlib.AbstractContextManager:
        from tqdm import tqdm

        return tqdm(total=total, initial=have, unit="B", unit_scale=True, desc=self.file.name[:24],
                    disable=None if self.progress else True)


def fetch(file: File, folder: Path, downloader: Downloader) -> Path:
    """Return a published file in a folder, fetching it if it is not there or not whole.

    Parameters
    ----------
    file : File
    folder : Path
        Made where it does not exist.
    downloader : Downloader
        How and from where.

    Returns
    -------
    Path

    Raises
    ------
    DownloadError
        If no place gave the file.
    OSError
        If the disk is full or the folder is read-only.
    """
    import pooch

    pooch.get_logger().setLevel("WARNING")
    known = f"{file.algorithm}:{file.digest}" if file.algorithm in ("md5", "sha256") else None
    books = pooch.create(path=folder, base_url="", registry={file.name: known}, urls={file.name: file.addresses[0]})
    with files.friendly(folder / file.name):
        folder.mkdir(parents=True, exist_ok=True)
        return Path(books.fetch(file.name, downloader=downloader))


def _pieces(answer: object) -> Iterator[bytes]:
    """Yield the bytes as they lie on the server: some call a .tar.gz "compressed on the way" and have it unpacked."""
    import urllib3

    try:
        yield from answer.raw.stream(PIECE, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise _Later(f"the connection failed or was cut ({answers.short(error)})") from error


@contextlib.contextmanager
def _opened(part: Path, mode: str) -> Iterator[IO[bytes]]:
    with contextlib.ExitStack() as stack:
        with files.friendly(part):
            file = stack.enter_context(open(part, mode))
        yield file


def _validator(part: Path) -> Path:
    """Where the server's mark for this version of the file is kept (its ETag or date)."""
    return part.with_name(part.name + ".version")


def _refuse_plain_http(address: str, *, named: bool) -> None:
    if not address.startswith("https://") and not (named and address.startswith("http://")):
        raise _Never("not an https address; http is for a mirror that you name yourself (--mirror URL)")
