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
from dataclasses import dataclass
from pathlib import Path

from helpers import checks, files

HERE = Path(__file__).parent
ENVIRONMENT = {"clips": "MACHINE_HEARING_CLIPS", "scenes": "MACHINE_HEARING_SCENES",
               "machines": "MACHINE_HEARING_MACHINES"}


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
        If a block is wrong: a kind that does not exist, or a file that neither
        a checksum nor a table of its content vouches for.
    """
    path = Path(path)
    blocks = json.loads(path.read_text(encoding="utf-8"))
    return {name: parse(name, block, folder=path.parent) for name, block in blocks.items()}


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
    listed = _table(folder / content["listed"]) if "listed" in content else {}
    made = Block(
        name=name, files=tuple(_file(file) for file in block["files"]), unpacked=block["unpacked"],
        listed=listed, counts=content.get("counts", {}),
        classes=tuple(block.get("classes", ())), unknown=tuple(block.get("unknown", ())),
        family=block.get("family", ""), machine=block.get("machine", ""),
        **{key: block[key] for key in ("kind", "title", "description", "licence", "terms", "citation", "homepage")},
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
    return File(
        name=block["name"], addresses=tuple(block["addresses"]),
        size=block.get("size"), about=block.get("size") or block["about"],
        algorithm=algorithm, digest=block[algorithm] if algorithm else None,
        strip=unpack["strip"] if unpack else None, keep=tuple(unpack["keep"]) if unpack else (),
    )


def _table(path: Path) -> dict[str, tuple[int | None, str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    algorithm = next(name for name in files.ALGORITHMS if name in rows[0])
    # of some files only the checksum is known: their size is left empty
    return {row["path"]: (int(row["size"]) if row.get("size") else None, algorithm, row[algorithm]) for row in rows}


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
