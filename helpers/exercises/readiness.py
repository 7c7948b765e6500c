"""Is this computer ready for the workshop? And if not: what exactly is to be done?

Nothing heavy is imported: packages are looked up by their installed version, not by
loading them, so that the answer takes a second and not half a minute.
"""

import html
import io
import os
import platform
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

import helpers
from helpers import files

DISTRIBUTION = "machine-hearing-workshop"
ROOT = Path(helpers.__file__).resolve().parent.parent
NEEDED_MB, ENOUGH_MB, ROOM_MB = 800, 1500, 500
SHOWN = ("numpy", "scipy", "pandas", "matplotlib", "soundfile", "librosa", "scikit-learn", "tensorflow",
         "tensorflow-cpu", "keras", "jupyterlab", "ipykernel")
OK, NOTE, FIX = "ok", "note", "fix"
_SYMBOLS = {OK: "\N{CHECK MARK}", NOTE: "!", FIX: "\N{BALLOT X}"}


@dataclass(frozen=True)
class Item:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
    status : {"ok", "note", "fix"}
        "note" is worth knowing and stops nothing.
    detail : str
        What was found; free of names and folders, so that it can be sent to somebody.
    way_out : str
        What to do; shown to the reader only.
    """

    name: str
    status: str
    detail: str
    way_out: str = ""


@dataclass(frozen=True)
class Readiness:
    """What :func:`inspect` found; a notebook shows it by itself.

    Attributes
    ----------
    items : tuple of Item
    """

    items: tuple[Item, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing needs fixing."""
        return all(item.status != FIX for item in self.items)

    @property
    def verdict(self) -> str:
        """The one line: ready, or exactly what to fix."""
        if self.ready:
            return (f"READY: {len(self.items)} things looked at, nothing to fix. Go on to notebook 01. "
                    f"(`{_start('check') if sys.platform == 'win32' else 'make check'}` also loads TensorFlow.)")
        todo = [f"({number}) {item.name}: {item.detail}. {item.way_out}"
                for number, item in enumerate((item for item in self.items if item.status == FIX), start=1)]
        return "NOT READY. " + " ".join(todo)

    def lines(self) -> list[str]:
        """Give one line for each thing, with its symbol."""
        return [f"{_SYMBOLS[item.status]} {item.name}: {item.detail}" + (f". {item.way_out}" if item.way_out else "")
                for item in self.items]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        lines = "<br>".join(map(html.escape, self.lines()))
        colour = "#009E73" if self.ready else "#D55E00"
        return f'<div style="border-left: 5px solid {colour}; padding-left: 0.8em; line-height: 1.6">{lines}</div>'

    def question(self) -> str:
        """Write a block to paste into a question: versions and findings, no names and no folders."""
        versions = [f"{name} {version}" for name in SHOWN if (version := _installed(name))]
        lines = [
            f"{DISTRIBUTION} {_version()}",
            f"Python {platform.python_version()} ({platform.python_implementation()}), "
            f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
            ", ".join(versions),
            *(f"[{item.status}] {item.name}: {item.detail}" for item in self.items),
        ]
        return "\n".join(lines)


def inspect() -> Readiness:
    """Look at everything the notebooks need.

    Returns
    -------
    Readiness
        Python, packages, sound files, memory, the folder for data, disk space, and whether notebooks can be saved. A
        look that fails by itself becomes a note.
    """
    looks: tuple[tuple[str, Callable[[], Item]], ...] = (
        ("Python", python), ("Packages", packages), ("Sound files", sound_files), ("Memory", memory),
        ("Data folder", data_folder), ("Notebook folder", notebook_folder),
    )
    items = []
    for name, look in looks:
        try:
            items.append(look())
        except Exception as error:  # a curious system must not stop the one page that is to help with it
            items.append(Item(name, NOTE, f"could not be looked at ({type(error).__name__})"))
    return Readiness(tuple(items))


def python() -> Item:
    """Hold the running Python against the versions that the workshop supports."""
    from packaging.specifiers import SpecifierSet

    wanted, version = _project()["requires-python"], platform.python_version()
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Item("Python", OK, version)
    return Item("Python", FIX, f"{version}, but {wanted} is needed",
                f"Install a Python in that range, then run it with start.py: {_start('lab')}")


def packages() -> Item:
    """Hold the installed packages against pyproject.toml, and against the lock where it is here."""
    from packaging.requirements import Requirement
    from packaging.version import Version

    locked, missing, unfit, other = _locked(), [], [], []
    wanted = [Requirement(text) for text in _project()["dependencies"]]
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    for one in wanted:
        version = _installed(one.name)
        if version is None:
            missing.append(one.name)
        elif not one.specifier.contains(version, prereleases=True):
            unfit.append(f"{one.name} {version} ({one.specifier} is needed)")
        elif (pinned := locked.get(_plain(one.name))) and not any(Version(version) == Version(pin) for pin in pinned):
            other.append(f"{one.name} {version} (tested with {' or '.join(pinned)})")
    if missing or unfit:
        found = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"unfit: {', '.join(unfit)}"] * bool(unfit)
        return Item("Packages", FIX, "; ".join(found), f"Close JupyterLab, then: {_start('lab')}. If that changes "
                    "nothing, this notebook runs on another Python: choose Kernel > Change Kernel > Python 3")
    if other:
        return Item("Packages", NOTE, f"other versions than the tested ones: {', '.join(other)}",
                    f"That should work; {_start('lab')} brings the tested ones")
    return Item("Packages", OK, f"all {len(wanted)} are here" + (", in the tested versions" if locked else ""))


def sound_files() -> Item:
    """Write a second of sound as FLAC and read it back, sample for sample."""
    import soundfile

    sound = np.round(8000 * np.sin(np.arange(16000) * 0.2)).astype(np.int16)
    file = io.BytesIO()
    try:
        soundfile.write(file, sound, 16000, format="FLAC")
        file.seek(0)
        same = np.array_equal(soundfile.read(file, dtype="int16")[0], sound)
    except Exception as error:
        return Item("Sound files", FIX, f"FLAC cannot be written or read ({type(error).__name__})",
                    f"Close JupyterLab, then: {_start('lab')}")
    version = soundfile.__libsndfile_version__
    if not same:
        return Item("Sound files", FIX, f"FLAC comes back changed (libsndfile {version})", _start("lab"))
    return Item("Sound files", OK, f"FLAC written and read back unchanged (libsndfile {version})")


def memory() -> Item:
    """See how much memory a notebook can still have, container limits included."""
    free = _free_mb()
    if free is None:
        return Item("Memory", NOTE, "this system does not say how much is free",
                    f"The largest notebooks need {ENOUGH_MB / 1000:.1f} GB")
    detail = f"{free / 1000:.1f} GB free"
    way_out = "Shut down other notebooks (Kernel > Shut Down All Kernels) and close other programs"
    if free < NEEDED_MB:
        return Item("Memory", FIX, f"{detail}, at least {NEEDED_MB / 1000:.1f} GB is needed", way_out)
    if free < ENOUGH_MB:
        return Item("Memory", NOTE, f"{detail}; the largest notebooks need {ENOUGH_MB / 1000:.1f} GB", way_out)
    return Item("Memory", OK, detail)


def data_folder() -> Item:
    """Write a file where data sets and caches go, and see how much room there is."""
    change = "Set MACHINE_HEARING_HOME to a folder of your own with room in it, then start JupyterLab again"
    folder = files.home()
    try:
        trial = folder / f"writable-{os.getpid()}.txt"
        with files.replacing(trial) as path:
            path.write_text("yes")
        trial.unlink()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return Item("Data folder", FIX, f"nothing can be written there ({reason})", f"It is {folder}. {change}")
    free = shutil.disk_usage(folder).free / 1e6
    if free < ROOM_MB:
        return Item("Data folder", NOTE, f"writable, but only {free:.0f} MB are free", f"It is {folder}. {change}")
    return Item("Data folder", OK, f"writable, {free / 1000:.1f} GB free")


def notebook_folder() -> Item:
    """See whether what the reader writes into a notebook can be saved."""
    if os.access(Path.cwd(), os.W_OK):
        return Item("Notebook folder", OK, "writable")
    return Item("Notebook folder", NOTE, "read-only, so changes in notebooks are not saved",
                "Work in a copy of the whole repository that belongs to you")


def _start(verb: str) -> str:
    return f"{'py' if sys.platform == 'win32' else 'python'} start.py {verb}"


def _project() -> dict:
    """Requirements of this project: from pyproject.toml beside the helpers, else as they were installed."""
    file = ROOT / "pyproject.toml"
    if file.exists():
        project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
        if project["name"] == DISTRIBUTION:
            return project
    installed = metadata.metadata(DISTRIBUTION)
    wanted = [text for text in installed.get_all("Requires-Dist") or () if "extra ==" not in text]
    return {"version": installed["Version"], "requires-python": installed["Requires-Python"], "dependencies": wanted}


def _version() -> str:
    try:
        return _project()["version"]
    except metadata.PackageNotFoundError:
        return "(version unknown)"


def _locked() -> dict[str, list[str]]:
    """Versions in the lock, by plain name; several where the lock distinguishes systems or Pythons."""
    file, locked = ROOT / "requirements.txt", {}
    if file.exists() and (ROOT / "pyproject.toml").exists():
        for name, version in re.findall(r"^([\w.\-]+)==([^\s;\\]+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            locked.setdefault(_plain(name), []).append(version)
    return locked


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _free_mb() -> float | None:
    try:
        import psutil  # ipykernel brings it

        free = psutil.virtual_memory().available
    except ImportError:
        return None
    group = Path("/sys/fs/cgroup")
    for limit, used in (("memory.max", "memory.current"), ("memory/memory.limit_in_bytes",
                                                           "memory/memory.usage_in_bytes")):
        try:
            room = int((group / limit).read_text()) - int((group / used).read_text())
            cached = re.search(r"^(?:total_)?inactive_file (\d+)", (group / limit).with_name("memory.stat").read_text(),
                               re.MULTILINE)
        except (OSError, ValueError):  # no such limit, or "max"
            continue
        free = min(free, room + (int(cached[1]) if cached else 0))
    return free / 1e6
