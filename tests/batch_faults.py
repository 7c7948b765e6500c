"""Embedders that break, and one that counts: workers import them by the name of this module."""

import contextlib
import errno
import os
from pathlib import Path

import numpy as np

from helpers import embeddings

FATAL = 0.95
"""A recording that is louder than this kills the process that embeds it, in the embedder of :func:`fatal`."""


class Counting(embeddings.Statistics):
    """Writes a line into a file for each recording, or each block of a long one, that it embeds."""

    name = "counting"

    def __init__(self, log: str) -> None:
        super().__init__(n_mels=8)
        self.log = log

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        with open(self.log, "a") as file:
            file.write(f"{os.getpid()}\n")
        return super().embed_windows(cut)


class Breaking(Counting):
    """Kills its own process once: when the file ``once`` is there, which it takes away first."""

    def __init__(self, log: str, once: str, after: int = 0) -> None:
        super().__init__(log)
        self.once, self.after = Path(once), after

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        if lines(self.log) >= self.after:
            with contextlib.suppress(FileNotFoundError):       # another worker may have taken it
                self.once.unlink()
                os._exit(9)
        return super().embed_windows(cut)


class Fatal(Counting):
    """Kills its own process with every recording that is too loud."""

    def embed_windows(self, cut: np.ndarray) -> np.ndarray:
        if np.abs(cut).max() > FATAL:
            os._exit(9)
        return super().embed_windows(cut)


def lines(log: str | os.PathLike) -> int:
    """How many recordings were embedded, by whomever."""
    return len(Path(log).read_text().splitlines()) if Path(log).exists() else 0


def full_disk(log: str, full: str) -> Counting:
    """An embedder in whose process no second part can be written while the file ``full`` is there."""
    from pyarrow import parquet

    write = getattr(parquet.write_table, "plain", parquet.write_table)

    def broken(table, where, **options):
        if Path(full).exists() and list(Path(where).parent.glob("part-*")):
            Path(where).write_bytes(b"PAR1 half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(table, where, **options)

    broken.plain = write
    parquet.write_table = broken
    return Counting(log)


def other_on_workers(log: str, asker: int) -> Counting:
    """An embedder whose version differs in all processes but one."""
    found = Counting(log)
    found.version = "asker" if os.getpid() == asker else "worker"
    return found
