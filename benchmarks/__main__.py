"""``python -m benchmarks``: see :mod:`benchmarks.command`."""

import sys

import benchmarks
from benchmarks import command

if __name__ == "__main__":
    sys.exit(command.main(benchmarks))
