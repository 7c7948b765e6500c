"""Command line: ``python -m slides`` builds all decks, ``python -m slides NAME`` one of them."""

import argparse
import sys

from slides import build


def main(argv: list[str] | None = None) -> int:
    """Build what the command line names."""
    parser = argparse.ArgumentParser(prog="python -m slides", description="Build the decks into slides/build.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="decks, by file name without .md; all if left out")
    parser.add_argument("--no-pdf", action="store_true", help="only HTML")
    arguments = parser.parse_args(argv)
    try:
        written = build.build(arguments.names, pdf=not arguments.no_pdf)
    except build.BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for path in written:
        print(f"{path.relative_to(build.decks.FOLDER.parent)}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
