"""One core and a bounded memory for a program and all that it starts (Linux)."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Per version of control groups: the limit, the highest charge, and the counts of what the kernel killed.
FILES = {"cgroup": ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"),
         "cgroup2": ("memory.max", "memory.peak", "memory.events")}


@dataclass(frozen=True)
class Group:
    """A memory group below the one in which this program runs.

    Attributes
    ----------
    folder : Path
    files : tuple of str
    """

    folder: Path
    files: tuple[str, str, str]

    @property
    def peak_mb(self) -> float | None:
        """Highest charge, pages of files included: these are dropped when room is needed. None where not told."""
        try:
            return int((self.folder / self.files[1]).read_text()) / 1e6
        except (OSError, ValueError):
            return None

    @property
    def killed(self) -> int:
        """Processes that were killed because the group was full."""
        counts = dict(line.split() for line in (self.folder / self.files[2]).read_text().splitlines())
        return int(counts.get("oom_kill", 0))


def own_group(mounts: str, groups: str) -> tuple[str, Path] | None:
    """Find the memory group in which a program runs.

    Parameters
    ----------
    mounts, groups : str
        Its ``/proc/PID/mountinfo`` and ``/proc/PID/cgroup``.

    Returns
    -------
    (str, Path) or None
        ``"cgroup"`` or ``"cgroup2"``, and the folder.

    Examples
    --------
    >>> kind, folder = own_group("35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", "4:memory:/mine")
    >>> kind, folder.as_posix()
    ('cgroup', '/sys/fs/cgroup/memory/mine')
    """
    paths = {}
    for line in groups.splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            paths["cgroup"] = path
        elif not controllers:
            paths["cgroup2"] = path
    found = {}
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        (root, point), (kind, _, settings) = before.split()[3:5], after.split()[:3]
        if kind in paths and (kind == "cgroup2" or "memory" in settings.split(",")):
            inside = paths[kind].removeprefix(root if root != "/" else "")
            found[kind] = Path(point) / inside.lstrip("/")
    return next(((kind, found[kind]) for kind in FILES if kind in found), None)


@contextmanager
def memory_group(limit: int) -> Iterator[Group | None]:
    """Make a memory group below our own, and remove it afterwards.

    What runs in it still counts for our own group, whose limits stay as they are.

    Parameters
    ----------
    limit : int, bytes

    Yields
    ------
    Group or None
        None where this system or its administrator does not let us.
    """
    try:
        kind, own = own_group(Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text())
        group = Group(own / f"workshop-{os.getpid()}", FILES[kind])
        group.folder.mkdir()
    except (OSError, TypeError):
        yield None
        return
    try:
        yield group if _limited(group, limit) else None
    finally:
        _remove(group.folder)


def _limited(group: Group, limit: int) -> bool:
    """Set the limit; False where the group does not have one."""
    try:
        with open(group.folder / group.files[0], "r+") as file:
            file.write(str(limit))
        return (group.folder / group.files[2]).exists()
    except OSError:
        return False


def _remove(folder: Path, *, rounds: int = 50) -> None:
    """Remove an empty group; the last process may take a moment to leave."""
    for _ in range(rounds):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.1)
    print(f"a memory group stays behind: {folder.name}", flush=True)


def join(group: Group | None, *, core: int) -> Callable[[], None]:
    """Make what a new process does first: keep to one core, and enter the group.

    Parameters
    ----------
    group : Group or None
    core : int

    Returns
    -------
    callable
        For ``preexec_fn`` of ``subprocess.Popen``.
    """
    def enter() -> None:
        os.sched_setaffinity(0, {core})
        if group:
            (group.folder / "cgroup.procs").write_text(str(os.getpid()))

    return enter
