"""``python -m proof``: see :mod:`benchmarks.command`."""

import sys

import proof
from benchmarks import command

if __name__ == "__main__":
    sys.exit(command.main(proof))
