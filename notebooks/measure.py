"""What a running program and its children use: processor seconds and peak memory.

Linux is read from ``/proc``; elsewhere psutil is asked where it is installed, and without
it nothing is measured (None).
"""

import os
import threading
from pathlib import Path

PROC = Path("/proc")


class Meter:
    """Watch a process and everything it starts, from a thread.

    Parameters
    ----------
    pid : int
        The process.
    interval : float, seconds
        How often to look at the memory.

    Attributes
    ----------
    cpu_seconds : float or None
        Processor time of the process and its children so far.
    peak_mb : float or None
        Most memory at once, in 1e6 bytes: the highest sum over the processes (shared pages divided among them, PSS) or
        the highest resident size of the first process alone, whichever is larger.
    """

    def __init__(self, pid: int, *, interval: float = 0.5):
        self.cpu_seconds: float | None = None
        self.peak_mb: float | None = None
        self._pid, self._interval = pid, interval
        self._look = _linux if (PROC / "self" / "stat").exists() else _psutil
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Meter":
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.stop()

    def stop(self) -> None:
        """Look a last time; call it while the process still lives."""
        if not self._done.is_set():
            self._done.set()
            self._thread.join()
            self._update()

    def _watch(self) -> None:
        self._update()
        while not self._done.wait(self._interval):
            self._update()

    def _update(self) -> None:
        cpu, memory = self._look(self._pid)
        if cpu is not None:
            self.cpu_seconds = max(cpu, self.cpu_seconds or 0.0)
        if memory is not None:
            self.peak_mb = max(memory / 1e6, self.peak_mb or 0.0)


def _linux(pid: int) -> tuple[float | None, float | None]:
    # After the name in brackets, which may hold anything: state, parent, ..., utime, stime, cutime, cstime.
    table = {}
    for path in PROC.glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        table[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    tree = {pid} & table.keys()
    grown = tree
    while grown:
        grown = {child for child, (parent, _) in table.items() if parent in grown} - tree
        tree |= grown
    if not tree:
        return None, None
    cpu = sum(table[member][1] for member in tree) / os.sysconf("SC_CLK_TCK")
    shares = [_kilobytes(member, "smaps_rollup", "Pss:") or _kilobytes(member, "status", "VmRSS:") for member in tree]
    return cpu, 1024.0 * max(sum(shares), _kilobytes(pid, "status", "VmHWM:"))


def _kilobytes(pid: int, file: str, field: str) -> int:
    try:
        for line in (PROC / str(pid) / file).read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def _psutil(pid: int) -> tuple[float | None, float | None]:
    try:
        import psutil
    except ImportError:
        return None, None
    cpu = memory = 0.0
    try:
        first = psutil.Process(pid)
        for process in [first, *first.children(recursive=True)]:
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            memory += process.memory_info().rss
    except psutil.Error:
        return None, None
    return cpu, memory
