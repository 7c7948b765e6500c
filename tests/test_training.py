"""The training of the embedding network: what it hears, that it can be interrupted, and what it writes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from helpers.datasets.embedded import RENDERED_BY
from helpers.embeddings import embedded
from helpers.synth import patches, voices
from training import sounds
from training.recipe import LEAD_IN, SHAPE, Recipe

SMALL = Recipe(patches=12, sources=1, steps=4, batch=6)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The sounds of a very small training, in a folder of their own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MACHINE_HEARING_HOME", str(tmp_path_factory.mktemp("training")))
    for block in sounds.blocks(SMALL):
        block.render()
    yield SMALL
    patch.undo()


def state(training) -> list[np.ndarray]:
    return [variable.numpy() for variable in training.learner.variables]


# What it hears

def test_the_shipped_network_never_hears_the_ten_classes():
    heard = sounds.labels(Recipe())
    assert not set(heard) & set(voices.CLASSES)
    assert set(heard) >= {*patches.FAMILIES, *voices.UNKNOWN}
    assert len(heard) >= 11 + 50
    assert set(sounds.labels(Recipe(classes="all"))) - set(heard) == set(voices.CLASSES)


def test_every_label_of_both_sets_of_classes_can_be_rendered():
    for recipe in (Recipe(), Recipe(classes="all")):
        first = [block.label for block in sounds.blocks(recipe) if block.first == 0 and block.label]
        assert tuple(first) == sounds.classes(recipe)
    for label in set(sounds.classes(Recipe(classes="all"))) - set(sounds.classes(Recipe())):
        assert sounds.Block("classes", label, 0, 1)._sound(0, 0).any()


def test_every_module_that_renders_everyday_sounds_names_their_folder():
    named = {path.stem for path in Path(voices.__file__).parent.glob("further*.py")} | set(RENDERED_BY)
    code = "import sys, helpers.synth.further; print(*(m for m in sys.modules if m.startswith('helpers.synth.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[-1] for name in loaded} <= named


def test_a_batch_depends_on_seed_and_step_only(rendered):
    x, y = sounds.Corpus(rendered).batch(3)
    assert x.shape == (12, SHAPE[0], LEAD_IN + SHAPE[1])
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert x.max() <= 0
    assert y.shape == (6,)
    again, same = sounds.Corpus(rendered).batch(3)
    assert (again == x).all()
    assert (same == y).all()
    assert not np.array_equal(sounds.Corpus(rendered).batch(4)[0], x)


def test_both_takes_of_a_pair_carry_one_label(rendered):
    corpus = sounds.Corpus(rendered)
    names = {corpus.labels[label] for step in range(20) for label in corpus.batch(step)[1]}
    assert names & set(patches.FAMILIES)
    assert names & set(sounds.classes(rendered))


def test_a_block_is_rendered_once(rendered, monkeypatch):
    monkeypatch.setattr(sounds.Block, "_sound", lambda *args: pytest.fail("rendered again"))
    for block in sounds.blocks(rendered):
        block.render()


# What is done to it

def test_augmented_windows_are_what_the_network_will_see(rendered):
    from training.augmentation import Augmentation, prepare

    x, _ = sounds.Corpus(rendered).batch(0)
    augment = Augmentation(seed=1)
    augment.at_step(5)
    first = augment(x).numpy()
    assert first.shape == (12, *SHAPE)
    assert np.isfinite(first).all()
    augment.at_step(5)
    assert_allclose(augment(x).numpy(), first)
    augment.at_step(6)
    assert np.abs(augment(x).numpy() - first).max() > 0.1
    plain = x[:, :, LEAD_IN:]
    assert_allclose(prepare(plain, embedded.FLOOR_DB).numpy(), embedded.prepare(plain), atol=1e-5)


# Training

@pytest.mark.fault("a training is interrupted", happens="resumed, the same weights as in one go")
def test_interrupted_and_resumed_is_the_same_as_in_one_go(rendered, monkeypatch):
    from training import train

    monkeypatch.setattr(train, "KEEP_EVERY", 2)
    whole = train.Training(rendered)
    whole.keep = lambda: None
    whole.run()
    cut_short = train.Training(rendered)
    keep = cut_short.keep

    def keep_and_stop():
        keep()
        raise KeyboardInterrupt

    cut_short.keep = keep_and_stop
    with pytest.raises(KeyboardInterrupt):
        cut_short.run()
    resumed = train.Training(rendered)
    assert resumed.step == 2
    resumed.run()
    assert resumed.step == rendered.steps
    for one, other in zip(state(whole), state(resumed), strict=True):
        assert_allclose(one, other, atol=2e-4)
    fresh = train.Training(Recipe(patches=12, sources=1, steps=4, batch=6, seed=1))
    assert any(np.abs(one - other).max() > 1e-2 for one, other in zip(state(fresh), state(resumed), strict=True))


def test_the_written_file_gives_what_the_network_gives(rendered, tmp_path):
    from training import train

    training = train.Training(rendered)
    training.write(tmp_path / "small.tflite")
    embedder = embedded.Embedded(tmp_path / "small.tflite")
    windows = np.random.default_rng(0).normal(0, 0.1, (3, 16_000)).astype(np.float32)
    log_mels = embedded.features.log_mel(windows, sr=16_000, fmin=embedded.FMIN)[:, :, embedded.EDGE:-embedded.EDGE]
    by_keras = training.embedder.predict_on_batch(embedded.prepare(log_mels))
    assert_allclose(embedder.embed_windows(windows), by_keras, atol=1e-4)
    assert (tmp_path / "small.tflite").stat().st_size < 3_000_000
