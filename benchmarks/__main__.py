"""Command line: list the benchmarks, run some or all, bring quoted figures up to date."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import benchmarks
from benchmarks import results

MACHINERY = {"__main__", "results", "pairs", "fits", "strangers"}


def names() -> dict[str, str]:
    """Module of each benchmark, by the name that the command line takes."""
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return {module.replace("_", "-"): module for module in modules if module not in MACHINERY}


def run(name: str) -> Path:
    """Run one benchmark and write its table."""
    module = importlib.import_module(f"benchmarks.{names()[name]}")
    report = results.Report(name, title=module.TITLE, data=module.DATA, sources=module.SOURCES)
    print(f"{name}: {module.TITLE}\n  measured on {module.DATA}", flush=True)
    module.run(report)
    return report.write()


def main(argv: list[str] | None = None) -> int:
    """Do what the command line asks for; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run, or: all")
    parser.add_argument("--fill", action="store_true", help="write the figures into the Markdown pages that quote them")
    arguments = parser.parse_args(argv)
    wanted = list(names()) if arguments.names == ["all"] else arguments.names
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(names())}")
    for name in wanted:
        print(f"  written to {run(name).relative_to(results.ROOT)}\n", flush=True)
    if arguments.fill:
        for page in results.markdown_pages():
            text = page.read_text(encoding="utf-8")
            if (filled := results.fill(text)) != text:
                results.files.write_text(page, filled)
                print(f"filled {page.relative_to(results.ROOT)}")
    if not wanted and not arguments.fill:
        for name, module in names().items():
            print(f"{name:20} {importlib.import_module(f'benchmarks.{module}').TITLE}")
    missed = [row["what"] for name in wanted for row in results.load(name)["rows"] if row["ok"] is False]
    if missed:
        print("goals missed: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
