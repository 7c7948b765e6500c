"""Listening live: how much of a core the detector of notebook 10 takes, and what a window costs in three runtimes."""

import time
from collections.abc import Callable

import numpy as np

from benchmarks import pairs, results
from helpers import datasets, events, export, features, models, stream, windows
from helpers.audio import SR, resample

TITLE = "Listening live: processor time for each second of sound, and for each window against other ways to ask"
DATA = "a minute of the embedded scenes, in blocks of 0.1 s; frame_cnn, which notebook 10 uses, with random weights"
SOURCES = ["helpers/stream", "helpers/export/litert.py", "helpers/features.py", "helpers/windows.py",
           "helpers/models/frames.py", "helpers/models/scenes.py", "benchmarks/stream.py", "benchmarks/pairs.py"]
SECONDS, N_CLASSES, FRAME_HOP = 60, 4, 0.04
LENGTHS = {32: "windows of 1.28 s", 128: "windows of 5.12 s"}
ROUNDS = 7


def run(report: results.Report) -> None:
    """Measure the whole way for two lengths of window, then one window by itself, then the delay."""
    keras = models.load_keras()
    keras.utils.set_random_seed(10)
    network, audio = models.frame_cnn(64, N_CLASSES, pool=2), a_minute()
    for frames, name in LENGTHS.items():
        small = export.LiteModel(export.to_litert(network, n_frames=2 * frames))
        real_time(report, small, audio, frames=frames, name=name)
        per_window(report, network, small, audio, frames=frames, name=name)
        waits = stream.latency(listener(small, frames=frames, median=3))
        report.add(results.row(f"{name}: alarm at most after the sound, median of 3 frames",
                               1000 * waits.alarm_at_most, "ms", detail=str(waits)))


def a_minute() -> np.ndarray:
    """Scenes one after the other, a minute of them."""
    scenes = datasets.load_scenes("embedded")
    parts, length = [], 0
    for row in scenes.clips.itertuples():
        parts.append(scenes.load(row, sr=SR)[0])
        length += len(parts[-1])
        if length >= SECONDS * SR:
            break
    return np.concatenate(parts)[:SECONDS * SR]


def listener(small: export.LiteModel, *, frames: int, **settings) -> stream.Listener:
    """The listener of the notebook; the gate is open, so that every window is scored."""
    return stream.scene_listener(small.one, classes=[f"class {n}" for n in range(N_CLASSES)], frame_hop=FRAME_HOP,
                                 window_frames=frames, gate_db=None, **settings)


def real_time(report: results.Report, small: export.LiteModel, audio: np.ndarray, *, frames: int, name: str) -> None:
    """Share of a core that a stream takes, at the rate of the model and at that of a telephone."""
    for sr, at in ((SR, ""), (48_000, ", blocks at 48 kHz")):
        sound = audio if sr == SR else resample(audio, orig_sr=SR, target_sr=sr)
        shares = []
        for _ in range(ROUNDS):
            hear = listener(small, frames=frames, median=3, source_sr=sr)
            begin = time.process_time()
            n_events = len(list(stream.listen(hear, np.array_split(sound, 10 * SECONDS))))
            shares.append((time.process_time() - begin) / SECONDS)
        low, middle, high = results.quartiles(shares)
        report.add(results.row(
            f"{name}: real-time factor{at}", middle, "share", goal=0.02, at_most=True,
            detail=f"quartiles {low:.4f} to {high:.4f}, {ROUNDS} rounds, "
                   f"{hear.n_scored} windows, {n_events} events"))


def per_window(
    report: results.Report, network, small: export.LiteModel, audio: np.ndarray, *, frames: int, name: str
) -> None:
    """One window at a time: the small runtime against predict and against a compiled function, and do they agree."""
    import tensorflow as tf

    span = frames * FRAME_HOP
    cut, starts = windows.split(audio, sr=SR, window=span, hop=span / 2)
    picture = stream.scene_pictures(frame_hop=FRAME_HOP, window_frames=frames)
    pictures = np.stack([picture(window) for window in cut])
    compiled = tf.function(lambda x: network(x, training=False))
    few = pictures[:8]
    ways: dict[str, Callable] = {
        "a loop of model.predict": lambda: [network.predict(each[np.newaxis], verbose=0) for each in few],
        "tf.function": lambda: [compiled(each[np.newaxis]).numpy() for each in few],
    }
    for way, usual in ways.items():
        ratios, noise = pairs.ratio(usual, lambda: [small.one(each) for each in few], rounds=ROUNDS)
        report.add(results.row(f"{name}: times the speed of {way}, lower quartile", results.quartiles(ratios)[0], "x",
                               goal=100 if "predict" in way else 3, detail=pairs.spread(ratios)))
        report.add(results.row(f"{name}: {way} against itself", results.quartiles(noise)[1], "x",
                               detail=pairs.spread(noise)))
    for what, do in (("the network", lambda: [small.one(each) for each in pictures]),
                     ("the picture", lambda: [picture(window) for window in cut])):
        spent = [_cpu(do) / len(pictures) * 1000 for _ in range(ROUNDS)]
        report.add(results.row(f"{name}: {what}, for each window", results.quartiles(spent)[1], "CPU ms"))
    kept: list[np.ndarray] = []
    hear = listener(small, frames=frames)
    follow, hear._track = hear._track, lambda smooth, raw: kept.extend(raw) or follow(smooth, raw)
    list(stream.listen(hear, np.array_split(audio, 10 * SECONDS)))
    together = events.merge_windows(models.predict(network, pictures), starts, hop=FRAME_HOP, duration=SECONDS)
    report.add(results.row(f"{name}: largest difference to all windows at once in Keras",
                           np.abs(np.stack(kept) - together).max(), "score", goal=1e-5, at_most=True))
    spectra = features.log_mel(cut, sr=SR, **_settings())[:, :, :2 * frames]
    report.add(results.row(f"{name}: largest difference of the pictures", np.abs(
        features.normalise(spectra) - pictures).max(), "score", goal=0, at_most=True))


def _settings() -> dict:
    wanted = models.frame_settings(FRAME_HOP)
    wanted.pop("pool")
    return wanted


def _cpu(do: Callable) -> float:
    begin = time.process_time()
    do()
    return time.process_time() - begin
