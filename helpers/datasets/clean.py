"""Show what the workshop keeps on this computer, and remove it after asking: ``python -m helpers.datasets.clean``."""

import shutil
import sys
from collections.abc import Sequence

from helpers import files
from helpers.datasets import registry


def clean(arguments: Sequence[str] = ()) -> None:
    """Print the kept folders with their sizes, and remove them once somebody agrees.

    Parameters
    ----------
    arguments : sequence of str
        ``--data``: downloaded recordings too, not only caches; ``--yes``: do not ask.
    """
    names = ["cache", *((*registry.published(), "downloads") if "--data" in arguments else ())]
    folders = [folder for folder in (files.home() / name for name in names) if folder.is_dir()]
    for folder in folders:
        print(f"{files.folder_bytes(folder) / 1e6:8.1f} MB  {folder}", flush=True)
    if not folders:
        print(f"Nothing to remove in {files.home()}.")
    elif "--yes" in arguments or input("Remove all of this? [y/N] ").strip().lower() in ("y", "yes"):
        for folder in folders:
            shutil.rmtree(folder)
        print("Removed. What is needed is made or fetched again.")
    else:
        print("Nothing was removed.")


if __name__ == "__main__":
    clean(sys.argv[1:])
