"""The registry for people: the list on the terminal, and ``data/README.md``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from helpers import files
from helpers.datasets.registry import Block

OPENING = """\
# Data sets

<!-- written by `python data/download.py --readme data/README.md` from helpers/datasets/registry.json: do not edit -->

Nothing needs to be downloaded: every notebook runs on sounds that are rendered on your computer. For real recordings:

```
python start.py data esc10            # on Windows: py start.py data esc10
python start.py data --list           # what there is, and what is here
```

and then set `MACHINE_HEARING_CLIPS=esc10` before you start JupyterLab. For a set of the kind "scenes", recordings with
the times of what happens in them, the variable is `MACHINE_HEARING_SCENES`. For the kind "machines" it is
`MACHINE_HEARING_MACHINES`; each machine is an archive of its own, so fetch those you want, such as
`dcase2020-task2-fan` and `dcase2020-task2-pump`, and set the variable to `dcase2020-task2`. A download that was cut
goes on where it stopped when you give the command again; every file is checked before it is used.

"""
WITHOUT_NETWORK = """\
## In a room without network

Somebody with a network fetches the archives and keeps them: `python start.py data esc10 --keep`. (If the set is here
already, this fetches it once more: a mirror needs the archive, not the unpacked files.) They lie in `downloads` in
the folder of the sets (`MACHINE_HEARING_HOME`; `--list` names it), as `esc10/FILE`. Then either

- copy `downloads` to a USB stick, and everybody runs `python start.py data esc10 --from /path/to/the/stick`, or
- serve it: `python start.py data esc10 --serve --host ADDRESS-OF-THIS-LAPTOP` checks the files, prints what the room
  types, `python start.py data esc10 --mirror http://ADDRESS-OF-THIS-LAPTOP:8000`, and runs until Ctrl+C. Only the
  files of the sets that you name are served, and only for reading. Without `--host` nobody but this laptop can read
  them, which is good for a trial; with it, everybody in that network can. `--port` chooses another port.

Mind the licences in the table: whoever serves a set hands it on. The checksums come from this repository, so a copy is
as good as the original. With `--mirror` or `--from` the published addresses are not used.

"""
OWN = r"""\
## Your own recordings

WAV, FLAC, OGG and MP3 are read. Phones often record M4A: convert the folder first, in that folder, with
[ffmpeg](https://ffmpeg.org). On Linux and macOS:

```
for file in *.m4a; do ffmpeg -i "$file" "${file%.m4a}.wav"; done
```

In PowerShell:

```
Get-ChildItem *.m4a | ForEach-Object { ffmpeg -i $_.FullName ($_.BaseName + ".wav") }
```

What is of a kind that is not read is left out, and a warning says how many files these are.

### Clips: which sound is it?

1. Make a folder for each class. Its name is the label: `sounds/door/001.wav`, `sounds/window/001.wav`. Two classes are
   the least. Notebook 02 has a section on unknown sounds; it leaves a class out, so it needs three.
2. Keep parts of one recording together: by a folder of their own inside that of the class, or by a name that differs
   only in its ending ("-A", "_take2", "(3)"). `help(datasets.from_folder)` tells more.
3. Set `MACHINE_HEARING_CLIPS` to the whole path of `sounds`, or call `load_clips("path/to/sounds")`.

### Scenes: what happens when?

1. Put the recordings into one folder, and beside each a label file of the same name, such as Audacity exports it:
   `garden/monday.wav` and `garden/monday.txt`. A recording in which nothing happens needs an empty one. Three
   recordings are the least. `help(datasets.scenes_from_folder)` tells of other formats.
2. Set `MACHINE_HEARING_SCENES` to the whole path of `garden`, or call `load_scenes("path/to/garden")`.

### A machine: does it sound wrong?

1. Record: the same phone (or microphone) in the same spot, with noise suppression and automatic gain switched off. Ten
   seconds each, on several days, at several loads, in several weathers: what is not among the normal recordings will be
   called strange. A change of phone can outweigh the fault.
2. Lay out the folder. Faulty recordings may be none; a folder inside `anomalous` names the fault:

   ```
   heatpump/normal/001.wav
   heatpump/normal/002.wav
   heatpump/anomalous/rattle/001.wav
   ```

   Name them 001.wav, 002.wav, ... in the order of time: the first 70 % are to learn from, the rest is for the test.
   Names that differ only in an ending ("-A", "_take2", "(3)") mean parts of one recording.
3. Ten normal recordings are the least, a hundred are better. Of twenty only two are held out to set a threshold with;
   for a false-alarm rate of one in ten it takes nine of them, and about a hundred recordings in all leave enough.
4. Set `MACHINE_HEARING_MACHINES` to the whole path of `heatpump` and open notebook 08, or call
   `load_machines("path/to/heatpump")`.

Vibration and other series of measurements in .csv files are read, too: see `help(datasets.machines_from_folder)`. A
machine of DCASE 2021 Task 2 that you unpacked yourself is loaded in the same way.
"""


def listing(sets: dict[str, Block], *, data_home: str | os.PathLike | None = None) -> str:
    """List the sets as a table for the terminal: name, kind, size, licence, here or not."""
    home = Path(data_home).expanduser().resolve() if data_home else files.home()
    rows = [("name", "kind", "download", "on disk", "licence", "here")]
    rows.append(("embedded", "clips, scenes, machines", "none", "-", "-", "yes"))
    for block in sets.values():
        here = "yes" if (home / block.name).is_dir() else "no"
        rows.append((block.name, block.kind, size(block.bytes), size(block.unpacked), block.licence, here))
    return "\n".join([*_aligned(rows), f"Folder of the sets: {home}"])


def readme(sets: dict[str, Block]) -> str:
    """Write the page about all sets: ``data/README.md``."""
    table = ["| name | kind | what | download | on disk | licence |", "|---|---|---|---|---|---|"]
    table += [f"| [`{block.name}`](#{block.name}) | {block.kind} | {block.title.split(': ')[-1]} | {size(block.bytes)} "
              f"| {size(block.unpacked)} | {block.licence} |" for block in sets.values()]
    parts = [OPENING, "\n".join(table), "\n\n", WITHOUT_NETWORK, OWN, *(_section(block) for block in sets.values())]
    return "".join(parts)


def _section(block: Block) -> str:
    lines = [f"\n## {block.name}", "", f"**{block.title}.** {block.description}", ""]
    lines += [f"- Licence: {block.licence}. {block.terms}", f"- Cite: {block.citation}", f"- Home: <{block.homepage}>"]
    for file in block.files:
        lines.append(f"- File: `{file.name}` from {' or '.join(f'<{address}>' for address in file.addresses)}")
        if file.digest:
            length = f", {file.size} bytes" if file.size else ""
            lines.append(f"- Checked: {file.algorithm} `{file.digest}`{length}")
    if block.listed:
        kinds = sorted({algorithm for _, algorithm, _ in block.listed.values()})
        lines.append(f"- Checked: each of {len(block.listed)} files ({', '.join(kinds)}), because the archive is "
                     "packed anew now and then")
    if block.unknown:
        lines.append(f"- Left out as \"unknown\" where a notebook says so: {', '.join(block.unknown)}")
    return "\n".join(lines) + "\n"


def size(n_bytes: int) -> str:
    """Return a number of bytes for people.

    Examples
    --------
    >>> size(42_000_000), size(6_023_741_708)
    ('42 MB', '6.0 GB')
    """
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def _aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
