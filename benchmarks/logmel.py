"""Our log-mel spectrogram against librosa's, and the first spectrogram in a fresh kernel."""

import json
import os
import subprocess
import sys

import numpy as np

from benchmarks import pairs, results
from helpers import features

TITLE = "log-mel spectrogram: processor time against librosa's loop, on one thread"
DATA = "24 noise clips of 5 s, levels 50 dB apart; n_fft 1024, hop 512"
SOURCES = ["helpers/features.py", "helpers/checks.py", "benchmarks/logmel.py", "benchmarks/pairs.py"]
SETTINGS = ((16_000, 64, 4.0), (22_050, 64, 3.5), (22_050, 128, 4.5))

FIRST = """
import json, sys, time
import numpy as np
from helpers import features
features.log_mel(np.zeros(16000, np.float32), sr=16000)
print(json.dumps([time.process_time(), "numba" in sys.modules]))
"""
AFTER_IMPORTS = FIRST.replace("features.log_mel", "before = time.process_time()\nfeatures.log_mel").replace(
    "time.process_time(),", "time.process_time() - before,")


def librosa_loop(clips: np.ndarray, *, sr: int, n_mels: int) -> np.ndarray:
    """What one would write first: librosa, clip by clip."""
    import librosa

    spectrograms = [librosa.feature.melspectrogram(y=clip, sr=sr, n_fft=1024, hop_length=512, n_mels=n_mels)
                    for clip in clips]
    return np.stack([librosa.power_to_db(spectrogram, top_db=None) for spectrogram in spectrograms])


def run(report: results.Report) -> None:
    """Measure agreement and speed at three settings, then the first call in a fresh interpreter."""
    for sr, n_mels, goal in SETTINGS:
        compare(report, sr=sr, n_mels=n_mels, goal=goal)
    first = [_python(FIRST) for _ in range(5)]
    seconds = [spent for spent, _ in first]
    report.add(results.row("first spectrogram in a fresh interpreter, all imports included",
                           np.median(seconds), "CPU s",
                           detail=f"{min(seconds):.2f} to {max(seconds):.2f}, 5 runs"))
    report.add(results.row("first spectrogram in a fresh kernel, once helpers is imported",
                           np.median([_python(AFTER_IMPORTS)[0] for _ in range(5)]), "CPU s", goal=0.5, at_most=True))
    report.add(results.row("compilers loaded for it (numba)", float(any(numba for _, numba in first)), "count",
                           goal=0, at_most=True))


def compare(report: results.Report, *, sr: int, n_mels: int, goal: float) -> None:
    """Add the rows of one setting: agreement, ratio, noise."""
    rng = np.random.default_rng(0)
    clips = (rng.standard_normal((24, 5 * sr)) * np.geomspace(1e-3, 0.3, 24)[:, None]).astype(np.float32)
    theirs = librosa_loop(clips, sr=sr, n_mels=n_mels)
    ours = features.log_mel(clips, sr=sr, hop_length=512, n_mels=n_mels)
    floor = theirs.max(axis=(1, 2), keepdims=True) - 80
    difference = np.abs(np.maximum(theirs, floor) - np.maximum(ours, floor)).max()
    name = f"{sr / 1000:g} kHz x {n_mels}"
    report.add(results.row(f"{name}: largest difference over 80 dB", difference, "dB", goal=0.01, at_most=True))
    ratios, noise = pairs.ratio(
        lambda: librosa_loop(clips, sr=sr, n_mels=n_mels),
        lambda: features.log_mel(clips, sr=sr, hop_length=512, n_mels=n_mels))
    report.add(results.row(f"{name}: times librosa's speed, lower quartile", results.quartiles(ratios)[0], "x",
                           goal=goal, detail=pairs.spread(ratios)))
    report.add(results.row(f"{name}: librosa against itself", results.quartiles(noise)[1], "x",
                           detail=pairs.spread(noise)))


def _python(code: str) -> list:
    environment = {**os.environ, "PYTHONPATH": str(results.ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)
