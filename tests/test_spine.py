"""One walk along the whole spine, on scenes of two seconds: every arrow has the shape and the type that it says."""

import numpy as np
import pytest

from helpers import audio, features, metrics, models, windows

CLASSES = ("hum", "whistle")


def scene(label: str, *, seed: int, sr: int = 44_100) -> np.ndarray:
    """Two seconds in stereo: half a second of nothing, then a low or a high tone in noise."""
    rng, t = np.random.default_rng(seed), np.arange(2 * sr) / sr
    pitch_hz = {"hum": 200, "whistle": 3000}[label] * rng.uniform(0.8, 1.2)
    sound = 0.2 * np.sin(2 * np.pi * pitch_hz * t) + rng.normal(0, 0.01, len(t))
    sound[t < 0.5] = 0
    return np.column_stack([sound, 0.5 * sound])


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> tuple[list[np.ndarray], list[str]]:
    """Recordings as they come: stereo files at 44.1 kHz, read at the one rate."""
    import soundfile

    labels, sounds = [CLASSES[number % 2] for number in range(12)], []
    for number, label in enumerate(labels):
        path = tmp_path_factory.mktemp("scene") / f"{label} {number}.flac"
        soundfile.write(path, scene(label, seed=number), 44_100)
        sound, sr = audio.load_audio(path)
        assert (sound.dtype, sound.shape, sr) == (np.float32, (32_000,), 16_000)
        sounds.append(sound)
    return sounds, labels


def test_from_a_file_to_a_number(clips):
    sounds, labels = clips

    cut, clip_index, starts = windows.split_all(sounds, sr=16_000, window=0.5, hop=0.25)
    assert (cut.dtype, cut.shape) == (np.float32, (12 * 7, 8000))
    assert clip_index.tolist() == np.repeat(np.arange(12), 7).tolist()
    assert starts[:7].tolist() == [0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5]

    live = windows.live(cut)
    assert (live.dtype, live.shape) == (bool, (84,))
    assert (live == (starts > 0)).all(), "the first half second of every scene is silence"

    log_mels = features.log_mel(cut, sr=16_000)
    assert (log_mels.dtype, log_mels.shape) == (np.float32, (84, 64, 32))
    pictures = features.normalise(log_mels)
    assert (pictures.dtype, pictures.shape) == (np.float32, log_mels.shape)
    assert features.statistics(log_mels).shape == (84, 256)

    y = np.array([CLASSES.index(label) for label in labels])
    train, test = clip_index < 8, clip_index >= 8
    network = models.small_cnn(pictures.shape[1:], len(CLASSES))
    history = models.fit(network, pictures[train & live], y[clip_index[train & live]], epochs=15, progress=False,
                         learning_rate=3e-3)
    assert len(history["loss"]) == 15

    scores = models.predict(network, pictures[test])
    assert (scores.dtype, scores.shape) == (np.float32, (28, 2))
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)

    clip_scores = windows.pool_clips(scores, clip_index[test] - 8, live=live[test])
    assert clip_scores.shape == (4, 2)
    was, taken = np.array(labels[8:]), np.array(CLASSES)[clip_scores.argmax(axis=1)]
    assert metrics.accuracy(was, taken) == 1.0
    assert metrics.confusion(was, taken, classes=CLASSES).to_numpy().tolist() == [[2, 0], [0, 2]]
    assert metrics.recall_by_class(was, taken, classes=CLASSES).tolist() == [1.0, 1.0]
    assert metrics.coverage_curve(clip_scores, y[8:]).accuracy.tolist()[-1] == 1.0


def test_a_stream_of_windows_gives_what_the_whole_recording_gives(clips):
    """Every step looks at one window only: cut out live, or from the file, it is the same picture."""
    sounds, _ = clips
    cut, starts = windows.split(sounds[0], sr=16_000, window=0.5, hop=0.25)
    whole = features.normalise(features.log_mel(cut, sr=16_000))
    for number, start in enumerate(starts):
        block = sounds[0][round(start * 16_000):][:8000]
        assert features.normalise(features.log_mel(block[np.newaxis], sr=16_000)).tobytes() == whole[number].tobytes()
        assert windows.live(block[np.newaxis])[0] == windows.live(cut)[number]
