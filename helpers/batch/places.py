"""Where recordings lie and results go: a folder of this computer, or a prefix of an object store."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from helpers import checks, files
from helpers.audio import load_audio
from helpers.datasets.folder import SUFFIXES

if TYPE_CHECKING:
    import pyarrow as pa
    from fsspec import AbstractFileSystem

PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
IN_ONE_PROCESS, VECTOR = "memory", "vector"


class Found(NamedTuple):
    """One recording of a place: its name within, its size, and a stamp that changes when it is written anew."""

    name: str
    n_bytes: int
    stamp: str
    etag: str = ""


@dataclass(frozen=True)
class Place:
    """A folder or a prefix, by the address that fsspec knows it by.

    Parameters
    ----------
    address : str
        A path, or ``"s3://bucket/prefix"``, ``"memory://name"``, ``"file:///folder"`` and so on.
    options : dict, optional
        What fsspec needs to get there: keys, the address of the server.

    Raises
    ------
    InputError
        If fsspec knows no such place, or its package for it is not installed.
    """

    address: str
    options: dict = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if "://" not in self.address:
            object.__setattr__(self, "address", Path(self.address).expanduser().resolve().as_posix())
        elif self.address.startswith("file://"):
            object.__setattr__(self, "address", self._reach()[1])
        object.__setattr__(self, "address", self.address.rstrip("/") or "/")
        if not self.on_disk:
            self._reach()

    @property
    def on_disk(self) -> bool:
        """Whether it is a folder of this computer, or one that is mounted here."""
        return "://" not in self.address

    @property
    def in_one_process(self) -> bool:
        """Whether other processes cannot see it."""
        return self.address.startswith(f"{IN_ONE_PROCESS}://")

    def _reach(self) -> tuple[AbstractFileSystem, str]:
        import fsspec

        kind = self.address.split("://")[0]
        try:
            return fsspec.core.url_to_fs(self.address, **self.options)
        except (ImportError, ValueError) as error:
            way_out = (f"Install it: python -m pip install {PACKAGES[kind]}" if kind in PACKAGES
                       else "Give a folder, or an address such as s3://bucket/prefix")
            raise checks.fail("a folder or an address that fsspec knows", f"{self.address} ({error})",
                              way_out) from error

    def inside(self, name: str) -> Place:
        """A place within this one."""
        return Place(f"{self.address.rstrip('/')}/{name}", self.options)

    def at(self, name: str) -> str:
        """The whole address of something in it."""
        return f"{self.address.rstrip('/')}/{name}"

    def names(self, *, suffixes: frozenset[str]) -> list[Found]:
        """List what lies in it and below with one of these endings, by name; hidden files are left out."""
        found = self._on_disk() if self.on_disk else self._in_store()
        return sorted(each for each in found if PurePosixPath(each.name).suffix.lower() in suffixes
                      and not any(part.startswith(".") or part == "__MACOSX" for part in each.name.split("/")))

    def _on_disk(self) -> list[Found]:
        root, found = Path(self.address), []
        for path in root.rglob("*"):
            if path.is_file():
                known = path.stat()
                found.append(Found(path.relative_to(root).as_posix(), known.st_size,
                                   f"{known.st_size} {known.st_mtime_ns}"))
        return found

    def _in_store(self) -> list[Found]:
        store, root = self._reach()
        store.invalidate_cache()                           # other processes write there too
        try:
            there = store.find(root, detail=True)
        except FileNotFoundError:
            return []
        found = []
        for path, known in there.items():
            etag = str(known.get("ETag", "")).strip('"')
            stamp = etag or str(known.get("LastModified") or known.get("mtime") or known.get("created"))
            found.append(Found(path[len(root):].lstrip("/"), known["size"], f"{known['size']} {stamp}", etag))
        return found

    def recordings(self) -> list[Found]:
        """List the recordings in it and below.

        Raises
        ------
        DatasetError
            If there are none.
        """
        found = self.names(suffixes=SUFFIXES)
        if not found:
            raise checks.DatasetError(checks.explain(
                f"recordings in {self.address}", "none", "Check the address; read are WAV, FLAC, OGG and MP3",
                section=checks.DATA_SETS))
        return found

    def digest(self, name: str) -> str:
        """SHA-256 of one file's content."""
        import hashlib

        if self.on_disk:
            return files.digest(self.at(name))
        store, _ = self._reach()
        return hashlib.sha256(store.cat_file(self.at(name))).hexdigest()

    def load(self, name: str, *, sr: int) -> np.ndarray:
        """Load a recording as one channel, as ``audio.load_audio`` does it, whose checks want a file.

        Raises
        ------
        AudioFileError
            If it is missing or cannot be read.
        """
        if self.on_disk:
            return load_audio(self.at(name), sr=sr)[0]
        store, _ = self._reach()
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"recording{PurePosixPath(name).suffix}"
            copy.write_bytes(store.cat_file(self.at(name)))
            try:
                return load_audio(copy, sr=sr)[0]
            except checks.AudioFileError as error:
                raise checks.AudioFileError(str(error).replace(str(copy), self.at(name))) from None

    def write(self, name: str, table: pa.Table) -> int:
        """Write a table as Parquet, whole or not at all; returns its bytes.

        In a folder under a temporary name first; in a store as one object, which
        is not there until it is whole.

        Raises
        ------
        OSError
            If there is no room, or no permission.
        """
        import pyarrow as pa
        from pyarrow import parquet

        plain = [column for column in table.column_names if column != VECTOR]
        how = {"compression": "zstd", "use_dictionary": plain, "write_page_checksum": True}
        if VECTOR in table.column_names:                   # first bytes of all numbers, second bytes of all: smaller
            how["use_byte_stream_split"] = [f"{VECTOR}.list.element"]
        if self.on_disk:
            with files.replacing(self.at(name)) as temporary:
                parquet.write_table(table, temporary, **how)
                return temporary.stat().st_size
        sink = pa.BufferOutputStream()
        parquet.write_table(table, sink, **how)
        content = sink.getvalue().to_pybytes()
        self._reach()[0].pipe_file(self.at(name), content)
        return len(content)

    def read(self, name: str, *, columns: list[str] | None = None) -> pa.Table:
        """Read a table, or some columns of it in the order given.

        Raises
        ------
        DatasetError
            If it cannot be read.
        """
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with contextlib.nullcontext(self.at(name)) if self.on_disk else self._reach()[0].open(
                    self.at(name), "rb") as source:
                found = parquet.ParquetFile(source, page_checksum_verification=True).read(columns)
            if missing := [column for column in columns or () if column not in found.column_names]:
                raise pa.ArrowInvalid(f"no column {', '.join(missing)}")
            found.validate(full=True)
            return found.select(columns) if columns else found
        except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno == errno.EACCES:
                raise
            raise checks.DatasetError(checks.explain(
                f"a table of results in {self.at(name)}", str(error).splitlines()[0],
                "Delete it and run again: only that is computed anew", section=checks.DATA_SETS)) from error
