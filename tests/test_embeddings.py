"""Every embedder keeps one contract; what was computed is kept; missing weights say what to do."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import serving
from numpy.testing import assert_allclose, assert_array_equal

from helpers import checks, datasets, embeddings, files
from helpers.datasets import download, registry
from helpers.embeddings import embedded, kept

SR = 16_000


def sound(seconds: float = 2.0, *, sr: int = SR, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * sr)) / sr
    return (0.2 * np.sin(2 * np.pi * 500 * time) + 0.02 * rng.standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory) -> Path:
    """A LiteRT model of 800 samples: the sums of its quarters, and twice that as its last layer."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((1, 800), tf.float32)])
    def network(window):
        sums = tf.reduce_sum(tf.reshape(window, (1, 4, 200)), axis=2, name="sums")
        return tf.matmul(sums, tf.constant(np.tile(2 * np.eye(4), (1, 2)), tf.float32))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([network.get_concrete_function()], network)
    path = tmp_path_factory.mktemp("litert") / "small.tflite"
    path.write_bytes(converter.convert())
    return path


@pytest.fixture
def yamnet(test_data) -> embeddings.Yamnet:
    return embeddings.load_embedder("yamnet", test_data / "yamnet/yamnet.tflite")


@pytest.fixture(params=["embedded", "statistics", "litert", pytest.param("yamnet", marks=pytest.mark.real_data)])
def embedder(request) -> embeddings.Embedder:
    if request.param == "litert":
        return embeddings.load_embedder("litert", request.getfixturevalue("small_model"), sr=SR)
    if request.param == "yamnet":
        return request.getfixturevalue("yamnet")
    return embeddings.load_embedder(request.param)


# The contract

def test_a_recording_becomes_one_vector_a_window(embedder):
    vectors, starts = embedder.embed(sound(), sr=SR)
    assert vectors.shape == (len(starts), embedder.n_dims)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert_allclose(np.diff(starts), embedder.hop, atol=1 / SR)
    assert starts[-1] + embedder.window >= 2.0 > starts[-1]


def test_a_window_means_the_same_alone_and_among_others(embedder):
    cut, _ = embedder.cut(sound(), sr=SR)
    together = embedder.embed_windows(cut)
    assert_allclose(embedder.embed_windows(cut[2:3]), together[2:3], atol=1e-5)
    assert_array_equal(embedder.embed(sound(), sr=SR)[0], together)


def test_many_windows_go_in_blocks(embedder):
    long = sound(4.0)
    hop = embedder.window / 40
    vectors, starts = embedder.embed(long, sr=SR, hop=hop)
    assert len(vectors) == len(starts) > 64
    assert_allclose(np.diff(starts), hop, atol=1 / SR)


@pytest.mark.parametrize("n_samples", [1, 200, 5000])
def test_shorter_than_a_window_is_padded(embedder, n_samples):
    vectors, starts = embedder.embed(sound()[:n_samples], sr=SR)
    assert starts[0] == 0
    assert np.isfinite(vectors).all()


def test_silence_is_legal(embedder):
    vectors, _ = embedder.embed(np.zeros(SR, np.float32), sr=SR)
    assert np.isfinite(vectors).all()


def test_another_rate_is_resampled(embedder):
    at_own, _ = embedder.embed(sound(3.0, seed=1), sr=SR)
    at_other, _ = embedder.embed(sound(3.0, sr=44_100, seed=1), sr=44_100)
    assert at_other.shape == at_own.shape


@pytest.mark.parametrize("bad", [np.zeros((2, 100)), np.array([]), np.array([np.nan, 0.0]), np.zeros(10, int)])
def test_what_is_no_sound_is_refused(embedder, bad):
    with pytest.raises(checks.InputError):
        embedder.embed(bad, sr=SR)


def test_a_bad_rate_or_hop_or_window_is_refused(embedder):
    with pytest.raises(checks.InputError):
        embedder.embed(sound(), sr=0)
    with pytest.raises(checks.InputError):
        embedder.embed(sound(), sr=SR, hop=embedder.window * 2)
    with pytest.raises(checks.InputError, match="samples"):
        embedder.embed_windows(np.zeros((2, 123), np.float32))


def test_it_says_what_it_is(embedder):
    assert embedder.name in repr(embedder)
    assert str(embedder.n_dims) in repr(embedder)
    assert embedder.about


# The network that comes with the helpers

def test_the_default_comes_along_and_is_small():
    embedder = embeddings.load_embedder()
    assert isinstance(embedder, embeddings.Embedded)
    assert (embedder.sr, embedder.window, embedder.n_dims) == (16_000, 1.0, 640)
    assert embedded.WEIGHTS.stat().st_size < 3_000_000


def test_near_and_far_sound_alike_to_it():
    """Normalisation by window: a softer recording of the same thing gets the same vector."""
    embedder = embeddings.load_embedder()
    near = sound(seed=3)
    far, _ = embedder.embed(0.05 * near, sr=SR)
    assert_allclose(far, embedder.embed(near, sr=SR)[0], atol=2e-2)


def test_it_tells_a_tone_from_a_hiss():
    embedder, rng = embeddings.load_embedder(), np.random.default_rng(0)
    time = np.arange(2 * SR) / SR
    tones = [embedder.embed(0.1 * np.sin(2 * np.pi * pitch * time), sr=SR)[0].mean(axis=0) for pitch in (600, 700)]
    hisses = [embedder.embed(0.1 * rng.standard_normal(2 * SR), sr=SR)[0].mean(axis=0) for _ in range(2)]

    def cosine(one, other):
        return one @ other / np.linalg.norm(one) / np.linalg.norm(other)

    assert cosine(*tones) > cosine(tones[0], hisses[0]) + 0.1
    assert cosine(*hisses) > cosine(tones[0], hisses[0]) + 0.1


def test_it_runs_without_tensorflow():
    code = ("import sys, numpy; from helpers import embeddings; "
            "embeddings.load_embedder().embed(numpy.zeros(16000), sr=16000); "
            "assert not {'tensorflow', 'keras'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_or_strange_weights_are_told(tmp_path, small_model):
    with pytest.raises(checks.DatasetError, match=r"no file.*start\.py train"):
        embeddings.load_embedder("embedded", tmp_path / "none.tflite")
    with pytest.raises(checks.DatasetError, match="64 mel bands by 59 frames"):
        embeddings.load_embedder("embedded", small_model)


# Names and missing weights

def test_an_unknown_name_lists_the_right_ones():
    with pytest.raises(checks.InputError, match="yamnet"):
        embeddings.load_embedder("yamnett")


def test_missing_weights_name_file_size_address_and_command():
    with pytest.raises(checks.DatasetError) as caught:
        embeddings.load_embedder("yamnet")
    message = str(caught.value)
    for part in ("data yamnet", "yamnet.tflite", "4.1 MB", "https://storage.googleapis.com", "--from"):
        assert part in message


def test_a_model_needs_a_path_that_is_there(tmp_path):
    with pytest.raises(checks.InputError, match="path"):
        embeddings.load_embedder("litert")
    with pytest.raises(checks.DatasetError, match="no file"):
        embeddings.load_embedder("litert", tmp_path / "none.tflite")


def test_what_is_no_model_is_refused(tmp_path):
    path = tmp_path / "page.tflite"
    path.write_text("<html>log in</html>" * 100)
    with pytest.raises(checks.DatasetError, match="LiteRT"):
        embeddings.load_embedder("litert", path)


# LiteRT models of any kind

def test_the_first_output_or_a_tensor_inside_is_the_embedding(small_model):
    cut = np.arange(1600, dtype=np.float32).reshape(2, 800) / 1600
    sums = cut.reshape(2, 4, 200).sum(axis=2)
    last = embeddings.LiteRT(small_model)
    assert (last.n_dims, last.window) == (8, 0.05)
    assert_allclose(last.embed_windows(cut), np.tile(2 * sums, (1, 2)), rtol=1e-4)
    inner = embeddings.LiteRT(small_model, tensor=4)
    assert_allclose(inner.embed_windows(cut), sums, rtol=1e-4)
    assert inner.version != last.version


def test_a_tensor_that_is_not_there_is_refused(small_model):
    with pytest.raises(checks.DatasetError, match="0 tensors"):
        embeddings.LiteRT(small_model, tensor="nowhere")


# YAMNet

@pytest.mark.real_data
def test_yamnet_names_what_it_hears(yamnet, test_data):
    assert (yamnet.n_dims, yamnet.sr, yamnet.window) == (1024, SR, 0.975)
    assert len(yamnet.classes) == 521
    dog = next((test_data / "ESC-10/audio").glob("*-0.*"))
    from helpers.audio import load_audio

    scores, starts = yamnet.tag(*load_audio(dog)[:1], sr=SR)
    assert scores.shape == (len(starts), 521)
    heard = {yamnet.classes[index] for index in np.argsort(scores.max(axis=0))[-5:]}
    assert heard & {"Dog", "Bark", "Animal", "Domestic animals, pets"}


@pytest.mark.real_data
def test_yamnet_with_a_linear_model_classifies_real_recordings(yamnet, test_data, tmp_path):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    serving.install_esc10(test_data, tmp_path)
    sounds = datasets.load_clips("esc10", data_home=tmp_path)
    vectors = embeddings.embed_clips(yamnet, sounds.load_all(), sr=SR, progress=False)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
    accuracy = cross_val_score(model, vectors, sounds.clips.label, cv=PredefinedSplit(sounds.clips.fold)).mean()
    assert accuracy >= 0.95


@pytest.mark.real_data
def test_yamnet_comes_by_the_same_download_as_the_sets(test_data, tmp_path, monkeypatch):
    names = ("yamnet.tflite", "yamnet_class_map.csv")
    here = {f"/yamnet/{name}": (test_data / "yamnet" / name).read_bytes() for name in names}
    rows = [{"name": name, "addresses": [f"https://example.org/{name}"], "size": len(body),
             "sha256": hashlib.sha256(body).hexdigest()} for name, body in zip(names, here.values(), strict=True)]
    sets = serving.registry_of(tmp_path, "yamnet", files=rows)
    with serving.Site(here).running() as address:
        assert download.main(["yamnet", "--mirror", address, "--home", str(tmp_path)], sets=sets) == 0
    monkeypatch.setattr(registry, "published", lambda: sets)
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    assert embeddings.load_embedder("yamnet").n_dims == 1024


def test_the_official_weights_are_pinned():
    block = json.loads((registry.HERE / "registry.json").read_text(encoding="utf-8"))["yamnet"]
    model = block["files"][0]
    assert (block["kind"], model["size"], len(model["sha256"])) == ("weights", 4_126_810, 64)


# What is kept

class Counting(embeddings.Embedder):
    """Level and peak of a window; counts what it is asked."""

    name, about, n_dims, window, hop = "counting", "made by a test", 2, 0.1, 0.1

    def __init__(self):
        self.asked, self.fails_after = 0, None

    def embed_windows(self, cut):
        self.asked += 1
        if self.fails_after is not None and self.asked > self.fails_after:
            raise KeyboardInterrupt
        return np.stack([cut.std(axis=1), cut.max(axis=1)], axis=1).astype(np.float32)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    return files.cache_folder("embeddings")


def test_clips_are_embedded_once(cache):
    clips = [sound(0.5, seed=seed) for seed in range(7)]
    first, again = Counting(), Counting()
    vectors = embeddings.embed_clips(first, clips, sr=SR, progress=False)
    assert vectors.shape == (7, 2)
    assert_array_equal(embeddings.embed_clips(again, clips, sr=SR, progress=False), vectors)
    assert (first.asked, again.asked) == (7, 0)


@pytest.mark.parametrize("change", ["sample", "hop", "gate", "version", "order"])
def test_any_change_is_computed_anew(cache, change):
    clips = [sound(0.5, seed=seed) for seed in range(2)]
    embeddings.embed_clips(Counting(), clips, sr=SR, progress=False)
    embedder, settings = Counting(), {}
    if change == "sample":
        clips[1] = clips[1].copy()
        clips[1][-1] += 1e-4
    elif change == "order":
        clips.reverse()
    elif change == "version":
        embedder.version = "2"
    else:
        settings = {"hop": {"hop": 0.05}, "gate": {"gate": False}}[change]
    embeddings.embed_clips(embedder, clips, sr=SR, progress=False, **settings)
    assert embedder.asked == 2


@pytest.mark.fault("Ctrl-C while embedding", happens="blocks before it are kept")
def test_an_interruption_loses_one_block_at_most(cache, monkeypatch):
    monkeypatch.setattr(kept, "BLOCK", 2)
    clips = [sound(0.3, seed=seed) for seed in range(5)]
    stopped, goes_on = Counting(), Counting()
    stopped.fails_after = 3
    with pytest.raises(KeyboardInterrupt):
        embeddings.embed_clips(stopped, clips, sr=SR, progress=False)
    assert len(embeddings.embed_clips(goes_on, clips, sr=SR, progress=False)) == 5
    assert goes_on.asked == 3


@pytest.mark.parametrize("damage", [b"", b"no array"])
@pytest.mark.fault("kept embeddings are empty or no array", happens="computed anew, the same")
def test_a_damaged_file_is_made_anew(cache, damage):
    clips = [sound(0.3)]
    vectors = embeddings.embed_clips(Counting(), clips, sr=SR, progress=False)
    for path in cache.iterdir():
        path.write_bytes(damage)
    assert_array_equal(embeddings.embed_clips(Counting(), clips, sr=SR, progress=False), vectors)


def test_silent_windows_and_the_rest_are_left_out(cache):
    clip = np.concatenate([sound(0.3), np.zeros(4800, np.float32), sound(0.05)])
    mean = embeddings.embed_clips(Counting(), [clip], sr=SR, progress=False)[0]
    own = Counting().embed_windows(clip[:4800].reshape(3, 1600)).mean(axis=0)
    assert_allclose(mean, own, rtol=1e-6)
    with_silence = embeddings.embed_clips(Counting(), [clip], sr=SR, gate=False, progress=False)[0]
    assert with_silence[0] < 0.7 * mean[0]


def test_a_silent_and_a_very_short_clip_have_vectors_too(cache):
    vectors = embeddings.embed_clips(Counting(), [np.zeros(8000, np.float32), sound(0.01)], sr=SR, progress=False)
    assert_array_equal(vectors[0], 0)
    assert vectors[1][0] > 0


def test_no_clips_give_an_empty_table(cache):
    assert embeddings.embed_clips(Counting(), [], sr=SR, progress=False).shape == (0, 2)
