"""A fresh clone of what is committed, and the Pythons of this computer."""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import results

ASK = "import platform, sys; print(platform.python_version()); print(getattr(sys, '_base_executable', sys.executable))"


def clone(folder: Path) -> tuple[Path, str]:
    """Clone the last commit into a folder that does not exist yet.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    folder : Path
    commit : str
        Its first ten characters.
    """
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", results.ROOT, folder], check=True)
    done = subprocess.run(["git", "rev-parse", "--short=10", "HEAD"], cwd=folder, check=True, capture_output=True,
                          text=True)
    return folder, done.stdout.strip()


def find_python(version: str) -> tuple[str, str] | None:
    """Find a Python of this computer, by asking each that might be it.

    Asked are the Python that runs this, ``python3.X`` on the path, the launcher
    of Windows, and the folders of pyenv. One may stand on the path and yet not
    run.

    Parameters
    ----------
    version : str
        Such as ``"3.12"``.

    Returns
    -------
    tuple of str, or None
        Full version, and the program.
    """
    candidates = [[sys.executable], [f"python{version}"], ["py", f"-{version}"]]
    pyenv = _answer(["pyenv", "root"])
    if pyenv:
        candidates += [[str(path)] for path in
                       sorted(Path(pyenv[0]).glob(f"versions/{version}.*/bin/python{version}"), reverse=True)]
    for candidate in candidates:
        answer = _answer([*candidate, "-c", ASK])
        if len(answer) == 2 and answer[0].startswith(f"{version}."):
            return answer[0], answer[1]
    return None


def _answer(command: list[str]) -> list[str]:
    """Lines that a short command prints; none where it does not run."""
    program = shutil.which(command[0])
    if program is None:
        return []
    try:
        done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []
