"""Command line: ``python -m website`` builds the site into ``website/build``."""

import argparse
import sys
from pathlib import Path

from website import SiteError, build


def main(argv: list[str] | None = None) -> int:
    """Build what the command line names; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m website", description="Build the static site.")
    parser.add_argument("--out", type=Path, default=build.OUT, metavar="FOLDER", help="where it goes: %(default)s")
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="NN", help="some notebooks")
    parser.add_argument("--pages", type=Path, metavar="FOLDER",
                        help="pages executed before, such as notebooks/executed; else all are executed now")
    parser.add_argument("--slides", type=Path, default=build.DECKS, metavar="FOLDER", help="built decks: %(default)s")
    parser.add_argument("--repository", default="", metavar="ADDRESS", help="where the other files can be read")
    options = parser.parse_args(argv)
    try:
        first = build.build(options.out.resolve(), only=options.only, executed=options.pages, built=options.slides,
                            repository=options.repository.removesuffix("/"))
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    weight = sum(path.stat().st_size for path in first.parent.rglob("*") if path.is_file())
    print(f"{len(list(first.parent.rglob('*.html')))} pages, {weight / 1e6:.0f} MB. Open {first}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
