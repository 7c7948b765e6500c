"""Do beforehand what a first run would wait for: compile, and render the embedded sounds.

Binder's postBuild runs it while the image is built. ``start.py lab`` runs it with ``--behind``: once for each .venv,
after JupyterLab had time to open, at the lowest priority. A step that fails is reported and the next one goes on: all
of this is made on first use anyway, only then somebody waits for it.
"""

import compileall
import sys
import sysconfig
import time
from pathlib import Path

DONE = Path(sys.prefix) / "warmed-up.txt"
HEAD_START = 20      # seconds that JupyterLab and the first notebook have to themselves


def numba_functions() -> None:
    """Compile what librosa compiles on its first spectrogram (17 s of processor time); numba keeps it on disk."""
    import librosa
    import numpy as np

    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 16000).astype(np.float32)
    mel = librosa.feature.melspectrogram(y=noise, sr=16000)
    librosa.power_to_db(mel, ref=np.max)
    librosa.pcen(mel, sr=16000)
    librosa.feature.mfcc(y=noise, sr=16000)
    librosa.effects.trim(noise)


def embedded_sounds() -> None:
    """Render the embedded clips into the cache, where every notebook finds them."""
    from helpers import datasets

    datasets.load_clips("embedded")


def bytecode() -> None:
    """Compile every installed module: an import then only loads."""
    compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2)


def step_aside() -> None:
    """Let every other program go first."""
    import psutil

    psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 19)


def main(arguments: list[str]) -> None:
    """Run the steps, each with its seconds."""
    if "--behind" in arguments:
        if DONE.exists():
            return
        step_aside()
        time.sleep(HEAD_START)
    for step in (embedded_sounds, numba_functions, bytecode):
        start = time.monotonic()
        try:
            step()
            outcome = "done"
        except Exception as error:                     # whatever it is, the notebooks work without
            outcome = f"left out: {type(error).__name__}: {error}"
        print(f"{step.__name__}: {outcome} in {time.monotonic() - start:.0f} s", flush=True)
    DONE.write_text("binder/warm.py has run here; remove this file to have it run again.\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
