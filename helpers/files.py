"""Files that are whole or not there: atomic writes, locks, digests, and the cache folder."""

import contextlib
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from helpers import checks

ALGORITHMS = ("sha256", "md5", "git-blob")
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
NO_FOLDER = (errno.ENOTDIR, errno.ENAMETOOLONG)


def home() -> Path:
    """Folder in which data sets and caches lie; it need not exist yet.

    ``MACHINE_HEARING_HOME`` where that is set, else the user's cache folder as
    the operating system names it.

    Returns
    -------
    Path
    """
    chosen = os.environ.get("MACHINE_HEARING_HOME")
    if chosen:
        return Path(chosen).expanduser().resolve()
    from platformdirs import user_cache_path

    return user_cache_path("machine-hearing-workshop", appauthor=False)


def cache_folder(kind: str) -> Path:
    """Folder for derived files of one kind, made where it does not exist.

    ``start.py clean`` removes it; nothing in it is lost for good.

    Parameters
    ----------
    kind : str
        For example ``"embedded"``.

    Returns
    -------
    Path

    Raises
    ------
    OSError
        If the folder cannot be made; the message says what to do.
    """
    folder = home() / "cache" / kind
    with friendly(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def friendly(path: Path) -> Iterator[None]:
    """Turn a full disk or a read-only folder into an error that says the way out.

    Parameters
    ----------
    path : Path
        What was being written.

    Raises
    ------
    OSError
        With the ``errno`` that came, and a message for people.
    """
    try:
        yield
    except OSError as error:
        folder = Path(path).parent
        if error.errno in FULL:
            text = checks.explain(
                f"room to write {Path(path).name}", f"a full disk at {folder}",
                "Free some space, or set MACHINE_HEARING_HOME to a folder on another disk", section=checks.DISK)
        elif error.errno in READ_ONLY:
            text = checks.explain(
                f"a folder that may be written to for {Path(path).name}", f"no permission at {folder}",
                "Set MACHINE_HEARING_HOME to a folder of your own", section=checks.DISK)
        elif error.errno in NO_FOLDER:
            text = checks.explain(
                f"a folder that can be made for {Path(path).name[:80]}", f"{error.strerror.lower()} at {folder}",
                "Choose a shorter path of folders, or set MACHINE_HEARING_HOME to one", section=checks.DISK)
        else:
            raise
        raise OSError(error.errno, text) from error


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Write a file under a temporary name; give it its name only when it is whole.

    Parameters
    ----------
    path : path
        The final name. What stood there before stays until the new file is
        complete.

    Yields
    ------
    Path
        Where to write. It lies in the same folder and has the same suffix.

    Raises
    ------
    OSError
        If the disk is full or the folder is read-only; nothing is left behind.
    """
    path = Path(path)
    with friendly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.stem}-{secrets.token_hex(6)}{path.suffix}")
        try:
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a text file, whole or not at all: UTF-8, with Unix line ends on every system."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def locked(path: str | os.PathLike, *, timeout: float = -1) -> Iterator[None]:
    """Hold a lock that other processes respect while something is made.

    Parameters
    ----------
    path : path
        What is being made; the lock lies beside it as ``NAME.lock``.
    timeout : float, seconds
        How long to wait for another process; -1 waits until it is done.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    TimeoutError
        If the other process did not finish in time.
    """
    from filelock import FileLock

    path = Path(path)
    with friendly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(path.name + ".lock"), timeout=timeout)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def digest(path: str | os.PathLike, *, algorithm: str = "sha256") -> str:
    """Compute the checksum of a file, reading it in pieces.

    Parameters
    ----------
    path : path
    algorithm : {"sha256", "md5", "git-blob"}
        ``git-blob`` is the name that git gives to a file's content: SHA-1 over
        ``blob SIZE`` and a zero byte, then the content.

    Returns
    -------
    str
        Lower-case hexadecimal.

    Raises
    ------
    InputError
        If the algorithm is unknown.
    """
    checks.one_of(algorithm, ALGORITHMS, name="algorithm")
    state = hashlib.new("sha1" if algorithm == "git-blob" else algorithm, usedforsecurity=False)
    if algorithm == "git-blob":
        state.update(b"blob %d\0" % os.path.getsize(path))
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            state.update(piece)
    return state.hexdigest()


def key(**settings: object) -> str:
    """Name a cache entry after the settings that made it.

    Parameters
    ----------
    **settings
        Anything that JSON can hold; order does not matter.

    Returns
    -------
    str
        Twelve hexadecimal digits.

    Examples
    --------
    >>> key(sr=16000, n_mels=64) == key(n_mels=64, sr=16000)
    True
    """
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def folder_bytes(folder: str | os.PathLike) -> int:
    """Count the bytes in a folder and below; 0 where there is none."""
    total = 0
    for path in Path(folder).rglob("*"):
        with contextlib.suppress(FileNotFoundError):   # another process may be tidying up
            total += path.stat().st_size if path.is_file() else 0
    return total
