"""Execute notebooks from top to bottom, each in a fresh kernel, and say how it went.

    python notebooks/run.py                     every notebook, with the exercises solved
    python notebooks/run.py --only 02           one (or several: --only 01 02)
    python notebooks/run.py --form blank        as a reader finds them
    python notebooks/run.py --json times.json   write the table to a file as well

The executed pages go to ``executed/`` as HTML with pictures and sound inside. The exit code is
1 when a cell fails, when a self-check says anything but what it should (ticks on the solution,
"not yet" on a blank), when a picture has no text for those who cannot see it, or when a notebook
needs more than 240 s of processor time or 1.5 GB of memory.
"""

import argparse
import copy
import json
import platform
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

if __package__:
    from . import build, kernels, pages
else:  # run as a script
    import build
    import kernels
    import pages

HERE = Path(__file__).resolve().parent
FORMS = ("solved", "blank")
CELL_SECONDS, MAX_CPU_SECONDS, MAX_MB = 240, 240, 1500
EXPECTED = {"solved": "passed", "blank": "not yet"}


@dataclass
class Result:
    """How one notebook went.

    Attributes
    ----------
    name, form : str
    problems : list of str
        Why it failed; empty when all is well.
    notes : list of str
        What is worth a look (output on stderr).
    wall_seconds : float
    cpu_seconds, peak_mb : float or None
        Of the kernel and its children, from its start to the last cell; None where this system does not tell.
    checks : list of [name, status]
        What each self-check said.
    blanks : list of [name, status]
        What it said once more after the blank exercise had been run (solved form only).
    page : str or None
        The executed page.
    """

    name: str
    form: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0
    cpu_seconds: float | None = None
    peak_mb: float | None = None
    checks: list[list[str]] = field(default_factory=list)
    blanks: list[list[str]] = field(default_factory=list)
    page: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def execute(
    name: str,
    *,
    form: str = "solved",
    folder: Path = HERE,
    page: Path | None = None,
    env: dict[str, str] | None = None,
    timeout: float = CELL_SECONDS,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Execute one notebook in a fresh kernel.

    Parameters
    ----------
    name : str
        Stem, such as "02_classify_clips".
    form : {"solved", "blank"}
        The solved form is followed, in the same kernel, by each blank exercise and its check.
    folder : Path
        Where the notebooks lie. The kernel works where the notebook does, as in JupyterLab.
    page : Path, optional
        Where to write the executed page, as HTML.
    env : dict, optional
        Environment variables to set for the kernel.
    timeout : float, seconds
        For each cell.
    progress : callable, optional
        Called with the number of the cell that begins, and how many there are.

    Returns
    -------
    Result
    """
    blank = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    place = folder if form == "blank" else folder / "solutions"
    notebook = nbformat.read(place / f"{name}.ipynb", as_version=4)
    result, started = Result(name, form), time.perf_counter()
    client = NotebookClient(
        notebook, kernel_manager_class=kernels.ThisPython, timeout=timeout, startup_timeout=120, record_timing=False,
        coalesce_streams=True, store_widget_state=False, resources={"metadata": {"path": str(place)}},
    )
    try:
        with kernels.fresh(client, env=env or {}) as meter:
            try:
                for index, cell in enumerate(notebook.cells):
                    if progress:
                        progress(index + 1, len(notebook.cells))
                    client.execute_cell(cell, index)
            finally:
                meter.stop()
                result.wall_seconds = time.perf_counter() - started
                result.cpu_seconds, result.peak_mb = meter.cpu_seconds, meter.peak_mb
            if form == "solved":
                result.blanks = _try_blanks(client, notebook, blank)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        result.problems.append(_failure(index, notebook.cells[index], error, timeout))
    _judge(result, notebook)
    if page:
        result.page = str(page)
        if mute := pages.export(notebook, page):
            result.problems.append(f"{mute} pictures without a text for those who cannot see them; use plots.show")
    return result


def _try_blanks(client: NotebookClient, notebook, blank) -> list[list[str]]:
    """Run each blank exercise and its check in the kernel in which the solved notebook has just run."""
    untouched, pairs = {cell.id: cell for cell in blank.cells}, []
    for cell, check in zip(notebook.cells, notebook.cells[1:], strict=False):
        if "exercise" in cell.metadata.get("tags", ()):
            pairs += [copy.deepcopy(untouched[cell.id]), copy.deepcopy(check)]
    statuses = []
    client.nb = nbformat.v4.new_notebook(cells=pairs)  # outputs go to the cells of client.nb
    client.reset_execution_trackers()
    for index in range(0, len(pairs), 2):
        try:
            client.execute_cell(pairs[index], index)
            client.execute_cell(pairs[index + 1], index + 1)
        except (CellExecutionError, CellTimeoutError) as error:
            statuses.append([pairs[index + 1].source, f"fails: {str(error).strip().splitlines()[-1]}"])
        else:
            statuses += _statuses(pairs[index + 1]) or [[pairs[index + 1].source, "says nothing"]]
    return statuses


def _status(output) -> dict | None:
    return output.get("metadata", {}).get("machine_hearing")


def _statuses(cell) -> list[list[str]]:
    found = map(_status, cell.get("outputs", ()))
    return [[one["check"], one["status"]] for one in found if one]


def _judge(result: Result, notebook) -> None:
    for number, cell in enumerate(notebook.cells, start=1):
        said = _statuses(cell)
        result.checks += said
        if "check" in cell.metadata.get("tags", ()) and cell.get("execution_count") and not said:
            result.problems.append(f"cell {number}: the self-check shows nothing")
        for check, status in said:
            if status != EXPECTED[result.form]:
                text = [output.data["text/plain"] for output in cell.outputs if _status(output)]
                result.problems.append(f"cell {number}: check_{check} says {status!r}: {text[-1].splitlines()[-1]}")
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                result.notes.append(f"cell {number} writes to stderr: {output.text.strip().splitlines()[0][:160]}")
    for check, status in result.blanks:
        if status != "not yet":
            result.problems.append(f"on the blank, {check} says {status!r} instead of 'not yet'")
    if result.cpu_seconds and result.cpu_seconds > MAX_CPU_SECONDS:
        result.problems.append(f"{result.cpu_seconds:.0f} s of processor time; {MAX_CPU_SECONDS} at most")
    if result.peak_mb and result.peak_mb > MAX_MB:
        result.problems.append(f"{result.peak_mb:.0f} MB of memory; {MAX_MB} at most")


def _failure(index: int, cell, error: Exception, timeout: float) -> str:
    if isinstance(error, CellTimeoutError):
        tail = [f"It did not finish within {timeout:g} s."]
    elif isinstance(error, DeadKernelError):
        tail = ["The kernel died, perhaps for want of memory."]
    else:
        trace = next((out.traceback for out in cell.outputs if out.output_type == "error"), [str(error)])
        plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(trace)).strip().splitlines()
        tail = [line for line in plain if line.strip()][-8:]
    lines = [f"    {line}" for line in cell.source.splitlines()]
    return "\n".join([f"cell {index + 1} fails:", *lines, *(f"  | {line[:160]}" for line in tail)])


def table(results: list[Result]) -> str:
    """Set the results as a table in plain text."""
    def measured(value: float | None) -> str:
        return "not measured" if value is None else f"{value:.0f}"

    rows = [("notebook", "form", "seconds", "CPU seconds", "peak MB", "checks", "")]
    for result in results:
        right = sum(status == EXPECTED[result.form] for _, status in result.checks)
        rows.append((result.name, result.form, f"{result.wall_seconds:.0f}", measured(result.cpu_seconds),
                     measured(result.peak_mb), f"{right}/{len(result.checks)}", "ok" if result.ok else "FAILED"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(text.ljust(width) if number < 2 else text.rjust(width)
                       for number, (text, width) in enumerate(zip(row, widths, strict=True))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description="Execute the notebooks, each in a fresh kernel.")
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="NN", help="numbers or names")
    parser.add_argument("--form", choices=FORMS, default="solved", help="with or without the answers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to this file too")
    options = parser.parse_args(argv)
    try:
        names = build.pick(options.only, sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.ipynb")))
    except ValueError as error:
        parser.error(str(error))
    folder = HERE / "executed" / ("" if options.form == "solved" else "blank")
    results: list[Result] = []
    try:
        for name in names:
            results.append(_shown(name, options.form, folder))
    except KeyboardInterrupt:
        print("\nInterrupted.")
        return 130
    finally:
        if results:
            print(f"\n{table(results)}\nExecuted pages: {folder}")
        if options.json:
            rows = [{**asdict(result), "ok": result.ok, "page": result.page and Path(result.page).name}
                    for result in results]
            facts = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
            build.write(options.json.resolve(), json.dumps({**facts, "notebooks": rows}, indent=1) + "\n")
    return int(not results or any(not result.ok for result in results))


def _shown(name: str, form: str, folder: Path) -> Result:
    live, started = sys.stdout.isatty(), time.perf_counter()

    def progress(number: int, total: int) -> None:
        if live:
            seconds = time.perf_counter() - started
            print(f"\r{name}  cell {number}/{total}  {seconds:.0f} s ", end="", flush=True)

    result = execute(name, form=form, page=folder / f"{name}.html", progress=progress)
    cpu = "not measured" if result.cpu_seconds is None else f"{result.cpu_seconds:.1f} s CPU"
    memory = "memory not measured" if result.peak_mb is None else f"{result.peak_mb:.0f} MB"
    print(f"{chr(13) if live else ''}{name}  {result.wall_seconds:.1f} s, {cpu}, {memory}, "
          f"{len(result.checks)} checks: {'ok' if result.ok else 'FAILED'}    ", flush=True)
    for line in [*result.problems, *result.notes]:
        print("  " + line.replace("\n", "\n  "), flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
