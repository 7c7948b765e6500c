"""Write every list of packages from pyproject.toml: the lock, the tests' lock and the two conda files.

Run it with ``make lock`` (needs a network). What is pinned already stays as it is; ``make lock UPGRADE=1`` takes the
newest versions that pyproject.toml allows. At the end it asks, for each system and each Python, whether a ready-built
package exists for every entry, so that nobody needs a compiler.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = ("x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
BINDER_PYTHON = "3.11"
NAME = "machine-hearing-workshop"
FROM_SOURCE = ("dcase-util", "pydot-ng", "sed-eval")    # plain Python, published as source only, and for the tests only
COMPILE = ("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-emit-index-url",
           "--python-version", PYTHONS[0])

CONDA = """\
# Made by `make lock` from pyproject.toml: edit that file, not this one.{remark}
# OpenL3 needs no package of its own: helpers.embeddings runs its published weights on the TensorFlow of this
# environment (python start.py data openl3-mel256-env). Its own package installs on Python 3.11 only, needs
# setuptools < 81, and downloads weights while it is installed. Whoever wants to compare makes an environment apart
# and installs the extra [openl3] of pyproject.toml there; that was not run by us.
name: {name}
channels:
  - conda-forge
dependencies:
  - python={python}
  - pip
  - pip:
      - -r {lock}
"""
BY_HAND = "\n# Afterwards, in the new environment: pip install --no-deps --no-build-isolation -e ."
# repo2docker takes binder/ before every file of the root, and pip reads -r from where the file lies that holds it.
ON_BINDER = "\n# The same packages as environment.yml of the root; postBuild installs the helpers."


def conda_files() -> dict[str, str]:
    """Text of each conda file, by its path from the root of the repository."""
    def text(remark: str, lock: str) -> str:
        return CONDA.format(remark=remark, lock=lock, name=NAME, python=BINDER_PYTHON)

    return {
        "environment.yml": text(BY_HAND, "requirements.txt"),
        "binder/environment.yml": text(ON_BINDER, "../requirements.txt"),
    }


def uv(*arguments: str, stdin: str | None = None) -> None:
    """Run uv in the root of the repository; end with its status when it fails."""
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], cwd=ROOT, input=stdin, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def lock(*, upgrade: bool) -> None:
    """Write requirements.txt and requirements-dev.txt."""
    more = ("--upgrade",) if upgrade else ()
    uv(*COMPILE, *more, "pyproject.toml", "--output-file", "requirements.txt")
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["dev"]
    uv(*COMPILE, *more, "-", "--constraint", "requirements.txt", "--output-file", "requirements-dev.txt",
       stdin="\n".join(dev))


def ask_for_wheels() -> None:
    """End with an error where a system or a Python lacks a ready-built package."""
    for system in SYSTEMS:
        for python in PYTHONS:
            print(f"Is there a wheel of everything for {system}, Python {python}?", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                uv("pip", "install", "--quiet", "--dry-run", "--target", folder, "--no-deps", "--only-binary", ":all:",
                   *(option for name in FROM_SOURCE for option in ("--no-binary", name)),
                   "--python-platform", system, "--python-version", python, "--require-hashes",
                   "-r", "requirements.txt", "-r", "requirements-dev.txt")


def main() -> None:
    """Make all the lists."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    lock(upgrade=parser.parse_args().upgrade)
    for path, text in conda_files().items():
        (ROOT / path).write_text(text, "utf-8", newline="\n")
    ask_for_wheels()


if __name__ == "__main__":
    main()
