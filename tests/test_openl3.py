"""OpenL3 gives the numbers of the published package: same framing, pictures and network, for the same weights.

``fixtures/openl3.npz`` holds what openl3 0.4.2 (TensorFlow 2.15, kapre 0.3.6) computes for six short sounds when its
network has the random weights that are drawn anew below. The published weights are tried where they are on this
computer (marker ``weights``).
"""

import gzip
import hashlib
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from helpers import checks, embeddings
from helpers.datasets import registry
from helpers.embeddings import openl3, openl3_network

FIXTURE = np.load(Path(__file__).parent / "fixtures/openl3.npz")
META = json.loads(str(FIXTURE["meta"]))
CASES = {case["key"]: case for case in META["cases"]}
# at most: spectrogram maximum and mean difference (dB), embedding maximum, 1 - cosine; measured: a tenth to a half
EXACT = (5e-3, 5e-5, 5e-4, 1e-7)
CHIRP = (8.0, 0.05, 0.2, 1e-5)          # the package's 32-bit FFT rounds in bins below -55 dB
RESAMPLED = (40.0, 1.5, 4.0, 1e-3)      # another resampler than the package's
SETTINGS = [("linear", 512), ("mel128", 512), ("mel256", 512), ("linear", 6144), ("mel128", 6144), ("mel256", 6144)]


def random_weights() -> list[list[np.ndarray]]:
    """The 16 layers with weights in the network's order, drawn as the fixture says."""
    stream = np.random.PCG64(META["seed"])

    def uniform(low, high, *shape):
        raw = stream.random_raw(int(np.prod(shape))) >> np.uint64(40)
        return (low + (high - low) * (raw * 2.0 ** -24)).astype(np.float32).reshape(shape)

    def normalisation(n, mean, variance):
        return [uniform(0.5, 1.5, n), uniform(-0.2, 0.2, n), uniform(*mean, n), uniform(*variance, n)]

    layers = [normalisation(1, (-40, -20), (200, 400))]
    for n_in, n_out in zip((1, 64, 64, 128, 128, 256, 256, 512), (64, 64, 128, 128, 256, 256, 512, 512), strict=True):
        spread = np.sqrt(6 / (9 * n_in))
        layers.append([uniform(-spread, spread, 3, 3, n_in, n_out), uniform(-0.1, 0.1, n_out)])
        layers.append(normalisation(n_out, (-0.5, 0.5), (0.5, 1.5)))
    return layers[:-1]


@pytest.fixture(scope="module")
def weights() -> list[list[np.ndarray]]:
    drawn = random_weights()
    digest = hashlib.sha256(b"".join(array.tobytes() for layer in drawn for array in layer)).hexdigest()
    assert digest == META["weights_sha256"]
    return drawn


def save_h5(path: Path, layers: list[list[np.ndarray]]) -> None:
    """Write a file as Keras 2 did, packed like the published ones."""
    plain = path.with_suffix("")
    with h5py.File(plain, "w") as file:
        names = [f"layer_{number}" for number in range(len(layers))]
        file.attrs["layer_names"] = [name.encode() for name in [*names[:3], "empty", *names[3:]]]
        file.create_group("empty").attrs["weight_names"] = []
        for name, arrays in zip(names, layers, strict=True):
            group = file.create_group(name)
            inside = [f"{name}/{number}:0" for number in range(len(arrays))]
            group.attrs["weight_names"] = [text.encode() for text in inside]
            for text, array in zip(inside, arrays, strict=True):
                group[text] = array
    path.write_bytes(gzip.compress(plain.read_bytes(), compresslevel=1))


@pytest.fixture(scope="module")
def published(weights, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("openl3") / "openl3_audio_mel256_env-v0_4_0.h5.gz"
    save_h5(path, weights)
    return path


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda setting: f"{setting[0]}-{setting[1]}")
def network(request, published):
    representation, n_dims = request.param
    model = openl3_network.build(representation=representation, n_dims=n_dims)
    openl3_network.load_weights(model, published)
    return representation, n_dims, model


def test_every_number_agrees_with_the_package(network):
    representation, n_dims, model = network
    mine = [case for case in CASES.values() if (case["rep"], case["size"]) == (representation, n_dims)]
    assert mine
    for case in mine:
        audio = (FIXTURE[f"audio/{case['audio']}"] / 32768).astype(np.float32)
        audio = audio.mean(axis=1) if audio.ndim == 2 else audio
        sr = META["sample_rate"][case["audio"]]
        cut = openl3.frame(audio, sr=sr, hop=case["hop"], center=case["center"])
        pictures = openl3.spectrogram(cut, representation=representation, centred=case["frontend"] == "librosa")
        found = np.asarray(model(pictures[..., None], training=False), float)
        expected = FIXTURE[f"emb/{case['key']}"].astype(float)
        limits = RESAMPLED if sr != 48_000 else CHIRP if case["audio"] == "chirp" else EXACT
        assert found.shape == expected.shape, case["key"]
        assert np.allclose(np.arange(len(cut)) * case["hop"], FIXTURE[f"ts/{case['key']}"], rtol=0, atol=1e-9)
        cosine = (found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
        assert np.abs(found - expected).max() <= limits[2], case["key"]
        assert 1 - cosine.min() <= limits[3], case["key"]
        if case["spec"]:
            off = np.abs(pictures[case["window"]][:, FIXTURE[f"frames/{representation}"]] - FIXTURE[case["spec"]])
            assert off.max() <= limits[0], case["key"]
            assert off.mean() <= limits[1], case["key"]


def test_the_fixture_holds_every_setting():
    assert {(case["rep"], case["size"]) for case in CASES.values()} == set(SETTINGS)
    assert len(CASES) == 44


@pytest.mark.parametrize("int8", [False, True])
def test_it_is_an_embedder_like_the_others(published, int8, tmp_path, monkeypatch):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    embedder = embeddings.load_embedder("openl3", published, int8=int8)
    sound = np.random.default_rng(0).uniform(-0.3, 0.3, 32_000).astype(np.float32)
    vectors, starts = embedder.embed(sound, sr=16_000)
    assert vectors.shape == (3, 512)
    assert starts.tolist() == [0.0, 0.5, 1.0]
    assert (embedder.sr, embedder.n_dims, embedder.window) == (48_000, 512, 1.0)
    assert len(embedder.embed(np.zeros(100, np.float32), sr=16_000)[0]) == 1
    if int8:
        exact = embeddings.load_embedder("openl3", published).embed(sound, sr=16_000)[0]
        cosine = (exact * vectors).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(vectors, axis=1)
        assert cosine.min() > 0.999
        assert len(list((tmp_path / "cache/openl3").glob("*.tflite"))) == 1


def test_missing_weights_name_file_size_address_and_command():
    with pytest.raises(checks.DatasetError) as caught:
        embeddings.load_embedder("openl3", content="music")
    for part in ("data openl3-mel256-music", "openl3_audio_mel256_music-v0_4_0.h5.gz", "17.5 MB", "https://github.com"):
        assert part in str(caught.value)


@pytest.mark.parametrize("damage", ["cut", "page", "other layers"])
def test_damaged_weights_are_refused(published, tmp_path, weights, damage):
    path = tmp_path / "openl3.h5.gz"
    if damage == "cut":
        path.write_bytes(published.read_bytes()[:5000])
    elif damage == "page":
        path.write_text("<html>log in</html>")
    else:
        save_h5(path, weights[:-1])
    with pytest.raises(checks.DatasetError, match="OpenL3"):
        embeddings.load_embedder("openl3", path)


@pytest.mark.parametrize("settings", [{"content": "speech"}, {"representation": "mfcc"}, {"n_dims": 100}])
def test_unknown_settings_are_refused(settings):
    with pytest.raises(checks.InputError):
        embeddings.load_embedder("openl3", **settings)


def test_all_six_weights_are_in_the_registry_by_their_blob_ids():
    blocks = [block for name, block in registry.published().items() if name.startswith("openl3-")]
    assert len(blocks) == 6
    assert len({block.files[0].digest for block in blocks}) == 6
    assert {block.files[0].algorithm for block in blocks} == {"git-blob"}


@pytest.mark.weights
def test_the_published_weights_give_the_published_embedding(downloaded):
    """The package's own regression data: chirp_44k.wav and chirp_44k_kapre.npz of its tests, put beside the weights."""
    from helpers.audio import load_audio

    folder = downloaded / "openl3-mel256-music"
    if not (folder / "chirp_44k.wav").is_file():
        pytest.skip(f"the published weights, and chirp_44k.wav and chirp_44k_kapre.npz of marl/openl3, not in {folder}")
    audio, sr = load_audio(folder / "chirp_44k.wav", sr=None)
    expected = np.load(folder / "chirp_44k_kapre.npz")["embedding"]
    block = registry.published()["openl3-mel256-music"]
    embedder = embeddings.load_embedder("openl3", folder / block.files[0].name, content="music", n_dims=6144)
    found = embedder.embed_windows(openl3.frame(audio, sr=sr, hop=0.1, center=True))
    cosine = (found * expected).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() > 0.999
