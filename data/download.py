"""Download data sets: python data/download.py --help."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # so that it also runs before helpers is installed

from helpers.datasets import download

if __name__ == "__main__":
    sys.exit(download.main())
