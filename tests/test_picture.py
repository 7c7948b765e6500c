"""The README's picture: there, light, wide enough, and said in words; drawn from what the reader can load."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from docs import make_picture
from helpers import datasets, models

ROOT = Path(__file__).parents[1]


def test_picture_is_light_and_sharp():
    assert make_picture.PICTURE.stat().st_size < 200_000
    with Image.open(make_picture.PICTURE) as picture:
        assert picture.width >= 1200


def test_readme_says_what_is_in_the_picture():
    words, = re.findall(r"!\[([^\]]*)\]\(docs/picture\.png\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert make_picture.LABEL in words
    assert len(words) > 40


def test_script_draws_the_clip_that_it_scored(tmp_path, monkeypatch, capsys):
    class Network:
        """Says the third class whatever it hears."""

        def predict(self, x, **_):
            return np.tile(np.eye(10)[2], (len(x), 1))

    clips = datasets.load_clips("embedded")
    monkeypatch.setattr(make_picture, "train", lambda sounds: Network())
    monkeypatch.setattr(models, "predict", lambda model, x: model.predict(x))
    monkeypatch.setattr(make_picture, "PICTURE", tmp_path / "picture.png")
    make_picture.main()
    said = capsys.readouterr().out
    assert f"their mean says {clips.classes[2].replace('_', ' ')}" in said
    assert "class 'rooster'" in said
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 1200


def test_it_never_trains_on_the_fold_that_it_shows(monkeypatch):
    clips = datasets.load_clips("embedded").clips
    asked = []

    class Sounds:
        classes = datasets.load_clips("embedded").classes

        def load_all(self, rows):
            asked.extend(rows["fold"])
            raise InterruptedError

    Sounds.clips = clips
    with pytest.raises(InterruptedError):
        make_picture.train(Sounds())
    assert set(asked) == {1, 2, 3, 4}
