"""What notebook 03 builds before the reader's eyes does what the libraries do."""

import ast

import numpy as np
import pandas as pd
import pytest
from scipy.fft import dct

from helpers import features
from notebooks import build


@pytest.fixture(scope="module")
def inline():
    """The functions that notebook 03 shows, each on its own, as code to run."""
    tree = ast.parse((build.HERE / "src" / "03_little_data.py").read_text("utf-8"))
    shown = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}

    def get(name, **names):
        space = {"np": np, "features": features, "dct": dct, "sr": 16_000, "hop_length": 512, **names}
        exec(compile(ast.Module([shown[name]], []), "03_little_data.py", "exec"), space)
        return space[name]

    return get


def test_its_mfcc_are_those_of_librosa(inline):
    import librosa

    audio = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    expected = librosa.feature.mfcc(S=features.log_mel(audio, sr=16_000, hop_length=512), n_mfcc=20)
    np.testing.assert_allclose(
        inline("mfcc_statistics")(audio), np.concatenate([expected.mean(axis=1), expected.std(axis=1)]), rtol=1e-4,
        atol=1e-3)


@pytest.mark.parametrize("n_clips", [1, 2, 4, 8])
def test_a_draw_is_even_holds_the_smaller_draws_and_spreads_over_recordings(inline, n_clips):
    pool = pd.DataFrame([{"label": label, "source": f"{label}{source}", "take": take}
                         for label in "ab" for source in range(4) for take in range(3)])
    draw = inline("draw", pool=pool.sample(frac=1, random_state=0))
    few, more = draw(n_clips), draw(n_clips + 1)
    assert few.groupby("label").size().tolist() == [n_clips, n_clips]
    assert set(few.index) <= set(more.index)
    assert few.groupby("label")["source"].nunique().tolist() == [min(n_clips, 4)] * 2


def test_its_mixup_is_the_blend_of_the_helpers(inline):
    from helpers import augment

    x, y = np.eye(4)[:2], np.eye(3)[:2]
    blended, labels = augment.mixup(x, y, rng=np.random.default_rng(3), alpha=0.4)
    share = blended[0].max() if blended[0].argmax() == 0 else 1 - blended[0].max()
    own_x, own_y = inline("mixup")(x[0], y[0], x[1], y[1], share)
    np.testing.assert_allclose(own_x, blended[0], atol=1e-6)
    np.testing.assert_allclose(own_y, labels[0], atol=1e-6)
