"""What can be downloaded: one block a set in ``registry.json``, read and checked here.

Where a set is published as a file that never changes, the block holds the
checksum of that file. A source archive of GitHub is packed anew now and then,
so there the content counts: a table beside the registry lists a checksum for
every recording in it.
"""

from __future__ import annotations

import csv
import fnmatch
import functools
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers import checks, files

HERE = Path(__file__).parent
ENVIRONMENT = {"clips": "MACHINE_HEARING_CLIPS", "scenes": "MACHINE_HEARING_SCENES",
               "machines": "MACHINE_HEARING_MACHINES"}
TEXTS = ("kind", "title", "description", "licence", "terms", "citation", "homepage")
DIGITS = {"sha256": 64, "md5": 32, "git-blob": 40}
"""How long the checksums are, in hexadecimal digits."""
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, StopIteration, RecursionError,
             csv.Error)
"""What code raises that reads files of another form than it was written for."""


@dataclass(frozen=True)
class File:
    """One file as it is published.

    Attributes
    ----------
    name : str
        What it is called here, in a mirror and on a USB stick.
    addresses : tuple of str
        Where it is published, tried in this order; https only.
    size : int or None, bytes
        Exact size, where it is known and never changes.
    about : int, bytes
        Size for the progress bar and for the look at the free space.
    algorithm, digest : str or None
        Its checksum; None where the content is checked instead.
    strip : str or None
        The folder at the top of the archive that is left out; None if the file
        is no archive.
    keep : tuple of str
        Patterns of what is unpacked, relative to ``strip``.
    """

    name: str
    addresses: tuple[str, ...]
    size: int | None
    about: int
    algorithm: str | None
    digest: str | None
    strip: str | None
    keep: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """One data set of the registry.

    Attributes
    ----------
    name, kind, title, description : str
    licence, terms, citation, homepage : str
    files : tuple of File
    unpacked : int, bytes
        About how much room the set needs.
    listed : dict
        Path in the set -> (size in bytes or None, algorithm, checksum).
    counts : dict
        Pattern -> how many files must match it; None: at least one.
    classes, unknown : tuple of str
        Labels in the published order (empty where a table of the set gives
        them); the two that the section on "unknown" leaves out.
    family, machine : str
        Of sets of machines: the set that this is one machine of (empty where it
        comes as a whole), and the kind of machine.
    """

    name: str
    kind: str
    title: str
    description: str
    licence: str
    terms: str
    citation: str
    homepage: str
    files: tuple[File, ...]
    unpacked: int
    listed: dict[str, tuple[int | None, str, str]]
    counts: dict[str, int | None]
    classes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    family: str = ""
    machine: str = ""

    @property
    def bytes(self) -> int:
        """About how many bytes are downloaded."""
        return sum(file.about for file in self.files)


def read(path: str | Path = HERE / "registry.json") -> dict[str, Block]:
    """Read a registry.

    Parameters
    ----------
    path : path
        A JSON file; the tables that it names lie beside it.

    Returns
    -------
    dict of str -> Block
        In the order of the file.

    Raises
    ------
    InputError
        If it is no registry, or a block is wrong: a kind that does not exist, a
        path that leads out of the folder, or a file that neither a checksum nor
        a table of its content vouches for.
    """
    path = Path(path)
    try:
        blocks = json.loads(path.read_text(encoding="utf-8"))
        return {name: parse(name, block, folder=path.parent) for name, block in blocks.items()}
    except checks.InputError:
        raise
    except (OSError, *MALFORMED) as error:
        raise checks.InputError(checks.explain(
            f"a registry of data sets in {path}", f"{type(error).__name__}: {str(error)[:200]}",
            "Compare it with registry.json of the helpers, or install them again", section=checks.DATA_SETS)) from error


@functools.cache
def published() -> dict[str, Block]:
    """Return the registry of this workshop."""
    return read()


def choose(name: str | os.PathLike | None, *, kind: str, machine: str | None = None) -> Block | Path | None:
    """Find which set a loader of this kind was asked for.

    Parameters
    ----------
    name : str or path, or None
        ``"embedded"``, a published name, or a folder. None: what the
        environment variable of the kind says, else ``"embedded"``.
    kind : str
        One of ``ENVIRONMENT``.
    machine : str, optional
        Which machine of a set of machines; the first where not given.

    Returns
    -------
    Block, Path or None
        A published set, a folder of the user's own; None for the embedded set.

    Raises
    ------
    DatasetError
        If the name is unknown or of another kind, or the set has no such
        machine; the message lists the right ones.
    """
    variable = ENVIRONMENT[kind]
    given = name if name is not None else os.environ.get(variable) or "embedded"
    sets = published()
    if given == "embedded":
        return None
    fitting = [block for block in sets.values() if block.kind == kind and given in (block.name, block.family)]
    if fitting:
        return _machine(fitting, machine)
    folder = Path(given).expanduser()
    if given not in sets and folder.is_dir():
        return folder
    own = dict.fromkeys(block.family or block.name for block in sets.values() if block.kind == kind)
    right = ", ".join(["embedded", *own])
    got = repr(str(given))
    if given in sets:
        got += f", which is a set of kind {sets[given].kind!r}"
    if str(given) == os.environ.get(variable):
        got += f" (from {variable})"
    raise checks.DatasetError(checks.explain(
        f"a set of {kind} ({right}) or an existing folder", got, "Choose one of them", section=checks.DATA_SETS))


def _machine(blocks: list[Block], machine: str | None) -> Block:
    """Take the block of one machine."""
    found = [block for block in blocks if machine in (None, block.machine)]
    if not found:
        raise checks.DatasetError(checks.explain(
            f"a machine of {blocks[0].family or blocks[0].name} ({', '.join(block.machine for block in blocks)})",
            repr(machine), "Choose one of them", section=checks.DATA_SETS))
    return found[0]


def parse(name: str, block: dict, *, folder: Path = HERE) -> Block:
    """Make a ``Block`` of one entry of the registry; ``folder`` holds the tables that it names."""
    content = block["content"]
    listed = _table(folder / inside(content["listed"])) if "listed" in content else {}
    made = Block(
        name=inside(name), files=tuple(_file(file) for file in block["files"]), unpacked=_bytes(block["unpacked"]),
        listed=listed, counts={pattern: n if n is None else _bytes(n) for pattern, n in
                               content.get("counts", {}).items()},
        classes=_texts(block.get("classes", [])), unknown=_texts(block.get("unknown", [])),
        **dict(zip(("family", "machine"), _texts([block.get("family", ""), block.get("machine", "")]), strict=True)),
        **dict(zip(TEXTS, _texts([block[key] for key in TEXTS]), strict=True)),
    )
    checks.one_of(made.kind, (*ENVIRONMENT, "weights"), name=f"the kind of {name}")
    if not listed and any(file.digest is None for file in made.files):
        raise checks.InputError(checks.explain(
            f"a checksum for every file of {name}, or a table of its content", "neither",
            "Compute it from a download that you trust", section=checks.DATA_SETS))
    return made


def _file(block: dict) -> File:
    algorithm = next((name for name in files.ALGORITHMS if name in block), None)
    unpack = block.get("unpack")
    if not block["addresses"]:
        raise ValueError("a file without an address")
    return File(
        name=inside(block["name"]), addresses=_texts(block["addresses"]),
        size=_bytes(block["size"]) if "size" in block else None, about=_bytes(block.get("size") or block["about"]),
        algorithm=algorithm, digest=_digest(block[algorithm], algorithm) if algorithm else None,
        strip=_texts([unpack["strip"]])[0] if unpack else None, keep=_texts(unpack["keep"]) if unpack else (),
    )


def _table(path: Path) -> dict[str, tuple[int | None, str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    algorithm = next(name for name in files.ALGORITHMS if name in rows[0])
    # of some files only the checksum is known: their size is left empty
    return {inside(row["path"]): (_bytes(int(row["size"])) if row.get("size") else None, algorithm,
                                  _digest(row[algorithm], algorithm)) for row in rows}


def inside(path: str) -> str:
    """Return a path if it stays within the folder that it is relative to.

    Raises
    ------
    ValueError
        If it is empty, absolute, names a drive, climbs with "..", or is no text in one line.
    """
    if not path or not all(part not in ("", ".", "..") for part in path.split("/")) or re.search(r"[\\\0-\x1f:]", path):
        raise ValueError(f"a path that does not stay in its folder: {path!r}")
    return path


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"no list of texts: {values!r:.80}")
    return tuple(values)


def _bytes(n: int) -> int:
    if type(n) is not int or not 0 <= n < 1 << 50:
        raise ValueError(f"no count of bytes or files: {n!r:.80}")
    return n


def _digest(digest: str, algorithm: str) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{DIGITS[algorithm]}}}", digest):
        raise ValueError(f"no {algorithm}: {digest!r:.80}")
    return digest


def matches(path: str, pattern: str) -> bool:
    """Whether a relative path matches a pattern, folder by folder; files with a leading dot never do.

    Examples
    --------
    >>> matches("audio/fold1/a.wav", "audio/fold*/*.wav"), matches("audio/fold1/b/a.wav", "audio/fold*/*.wav")
    (True, False)
    >>> matches("down/._a.wav", "*/*.wav")
    False
    """
    parts, wanted = path.split("/"), pattern.split("/")
    return (len(parts) == len(wanted) and not any(part.startswith(".") for part in parts)
            and all(fnmatch.fnmatchcase(part, want) for part, want in zip(parts, wanted, strict=True)))
