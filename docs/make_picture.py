"""Draw the picture in the README: a sound, its windows' scores, and the decision.

Run from the top of the repository::

    python -m docs.make_picture

It trains the small network on four folds of the embedded clips (a minute or
two), lets it hear one clip of the fifth, writes ``docs/picture.png``, and prints
the alternative text that belongs to it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import datasets, features, files, models, plots, windows

if TYPE_CHECKING:
    import keras

PICTURE = Path(__file__).with_name("picture.png")
LABEL = "rooster"
TEST_FOLD = 5
DPI = 150   # 1200 pixels wide: sharp at 800


def log_mels(clips: list[np.ndarray], *, sr: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut clips into windows and turn these into what the network sees."""
    cut, clip_index, starts = windows.split_all(clips, sr=sr)
    return features.normalise(features.log_mel(cut, sr=sr)), clip_index, starts, windows.live(cut)


def train(sounds: datasets.AudioDataset) -> "keras.Model":
    """Train the small network on every fold but the last."""
    rows = sounds.clips[sounds.clips["fold"] != TEST_FOLD]
    x, clip_index, _, live = log_mels(sounds.load_all(rows), sr=16000)
    y = rows["label"].map({label: index for index, label in enumerate(sounds.classes)}).to_numpy()[clip_index]
    model = models.small_cnn(x.shape[1:], len(sounds.classes))
    models.fit(model, x[live], y[live], seed=0)
    return model


def main() -> None:
    """Train, listen to one clip, draw."""
    sounds = datasets.load_clips("embedded")
    model = train(sounds)
    unheard = sounds.clips[(sounds.clips["fold"] == TEST_FOLD) & (sounds.clips["label"] == LABEL)]
    audio, sr = sounds.load(unheard.iloc[0])
    x, _, starts, live = log_mels([audio], sr=sr)
    scores = models.predict(model, x)
    clip_scores = windows.pool(scores, live=live)
    best = int(clip_scores.argmax())
    decision = sounds.classes[best].replace("_", " ")
    axes = plots.window_scores(
        features.log_mel(audio, sr=sr), scores, starts=starts, window=1.0, classes=sounds.classes, sr=sr, live=live,
        title=f"What is this? The network says: {decision} ({100 * clip_scores[best]:.0f} %)")
    with files.replacing(PICTURE) as temporary:
        temporary.write_bytes(plots.to_png(axes[0].get_figure(), dpi=DPI))
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB, the clip is of class {LABEL!r}. Alternative text:")
    print("Spectrogram of a four-second clip, and below it the scores that a small network gives to each of its "
          f"one-second windows; their mean says {decision}.")


if __name__ == "__main__":
    main()
