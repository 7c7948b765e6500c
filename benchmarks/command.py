"""The command line of a folder of measurements: list them, run some or all, bring what quotes them up to date."""

import argparse
import importlib
import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from benchmarks import results, tables

MISSED = 3      # exit status where everything ran and a goal was missed


def names(package: ModuleType) -> dict[str, str]:
    """Module of each measurement, by the name that the command line takes: the modules that state a ``TITLE``."""
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        source = Path(importlib.util.find_spec(f"{package.__name__}.{module.name}").origin)
        if "\nTITLE = " in source.read_text(encoding="utf-8"):
            found[module.name.replace("_", "-")] = f"{package.__name__}.{module.name}"
    return found


def run(package: ModuleType, name: str) -> Path:
    """Run one measurement in this process and write its table."""
    module = importlib.import_module(names(package)[name])
    report = results.Report(name, title=module.TITLE, data=module.DATA, sources=module.SOURCES,
                            folder=results.folder(package))
    print(f"{name}: {module.TITLE}\n  on {module.DATA}", flush=True)
    module.run(report)
    return report.write()


def main(package: ModuleType, argv: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status.

    Several are run in a process of their own each: none finds memory, threads
    or compiled functions that another one left behind.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {package.__name__}", description=package.__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to run, or: all")
    parser.add_argument("--fill", action="store_true",
                        help=f"write {package.PAGE} and the figures that Markdown pages quote")
    arguments = parser.parse_args(argv)
    found = names(package)
    wanted = list(found) if arguments.names == ["all"] else arguments.names
    unknown = [name for name in wanted if name not in found]
    if unknown:
        parser.error(f"nothing is called {', '.join(unknown)}; there are {', '.join(found)}")
    if len(wanted) > 1:
        return _each_apart(package, wanted, fill=arguments.fill)
    for name in wanted:
        print(f"  written to {run(package, name).relative_to(results.ROOT)}\n", flush=True)
    if arguments.fill:
        _fill(package)
    if not wanted and not arguments.fill:
        for name, module in found.items():
            print(f"{name:20} {importlib.import_module(module).TITLE}")
    missed = [row["what"] for name in wanted for row in results.load(name, folder=results.folder(package))["rows"]
              if row["ok"] is False]
    if missed:
        print("goals missed: " + "; ".join(missed))
    return MISSED if missed else 0


def _each_apart(package: ModuleType, wanted: list[str], *, fill: bool) -> int:
    """Run several one after the other; one that fails does not take the others with it."""
    status = {name: subprocess.call([sys.executable, "-m", package.__name__, name], cwd=results.ROOT)
              for name in wanted}
    failed = [name for name, code in status.items() if code not in (0, MISSED)]
    if fill:
        _fill(package)
    if failed:
        print("not finished: " + ", ".join(failed))
    return 1 if failed else max(status.values())


def _fill(package: ModuleType) -> None:
    """Write the page of all tables, and the figures that other pages quote."""
    pages = {results.ROOT / package.PAGE: tables.page(package)}
    for page in results.markdown_pages():
        if page not in pages:
            pages[page] = results.fill(page.read_text(encoding="utf-8"))
    for page, text in pages.items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            results.files.write_text(page, text)
            print(f"filled {page.relative_to(results.ROOT)}")
