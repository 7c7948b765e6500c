"""The command line of the training: ``python -m training --help``."""

import argparse
import shutil

from helpers import files
from helpers.embeddings import embedded
from training import recipe


def main() -> None:
    """Train one variant and say where it lies."""
    parser = argparse.ArgumentParser(prog="python start.py train", description="Train the embedding network.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--classes", choices=recipe.CLASS_SETS, default="further",
                        help="everyday classes: all but the workshop's ten, or all")
    parser.add_argument("--install", action="store_true", help="put it where the helpers take their weights from")
    given = parser.parse_args()
    wanted = recipe.Recipe(seed=given.seed, classes=given.classes)
    from training.train import train

    path = train(wanted)
    print(f"The network: {path} ({path.stat().st_size / 1e6:.2f} MB)")
    if given.install:
        with files.replacing(embedded.WEIGHTS) as temporary:
            shutil.copyfile(path, temporary)
        print(f"Installed: {embedded.WEIGHTS}")


if __name__ == "__main__":
    main()
