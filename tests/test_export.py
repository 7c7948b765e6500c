"""What leaves the notebook says the same as in it: saved, small, on a device."""

import pickle
import re
import shutil
import subprocess
import zipfile

import numpy as np
import pytest

from helpers import checks, export, features, models

SR = 16_000


@pytest.fixture(scope="module")
def sounds():
    """Windows of every sort: noise at many levels, a tone, a click, silence."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(4, SR)) * np.array([[1e-4], [1e-2], [0.1], [0.5]])
    time = np.arange(SR) / SR
    tone = np.sin(2 * np.pi * 440 * time) * np.linspace(0, 1, SR)
    click = np.zeros(SR)
    click[5000] = 1.0
    return np.stack([*noise, tone, noise[1] + 0.3 * tone, click, np.zeros(SR)]).astype(np.float32)


@pytest.fixture(scope="module")
def pictures(sounds):
    return features.normalise(features.log_mel(sounds, sr=SR))


@pytest.fixture(scope="module")
def network(pictures):
    """A small network with random weights, those of its normalising layers too: scores differ from window to window."""
    keras, rng = models.networks.load_keras(), np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    network = models.small_cnn(pictures.shape[1:], 4)
    for weights in network.weights:
        if weights.path.split("/")[-1] in ("gamma", "beta", "moving_mean", "moving_variance"):
            weights.assign(rng.uniform(0.5, 1.5, weights.shape))
    heard = np.log(models.predict(network, pictures))            # centred and spread, so that every class has its turn
    centred = heard - heard.mean(axis=1, keepdims=True)
    factor, last = 1 / centred.std(axis=0).mean(), network.layers[-1]
    last.kernel.assign(factor * np.asarray(last.kernel))
    last.bias.assign(-factor * centred.mean(axis=0))
    scores = models.predict(network, pictures)
    assert len(set(scores.argmax(axis=1))) > 1, "else the tests below would see little"
    assert np.ptp(scores, axis=0).max() > 0.3
    return network


@pytest.fixture(scope="module")
def lite(network):
    return export.LiteModel(export.to_litert(network))


@pytest.fixture(scope="module")
def small(network, pictures):
    return export.LiteModel(export.to_litert(network, kind="int8", representative=pictures))


@pytest.fixture(scope="module")
def whole(network):
    """The network with its front end, as a file."""
    return export.LiteModel(export.to_litert(export.with_front_end(network, sr=SR)))


# Saved and loaded

def test_a_saved_network_says_the_same(network, pictures, tmp_path):
    path = export.save_model(network, tmp_path / "dogs.keras")
    loaded = export.load_model(path)
    np.testing.assert_array_equal(models.predict(loaded, pictures), models.predict(network, pictures))
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
    assert not loaded.compiled
    assert len(loaded.trainable_weights) == len(network.trainable_weights) > 0


def test_a_network_trained_with_a_loss_of_our_own_is_saved(tmp_path):
    model = models.frame_cnn(16, 2)
    x, y = np.random.default_rng(0).normal(size=(4, 16, 32)).astype(np.float32), np.zeros((4, 16, 2), np.float32)
    models.fit(model, x, y, epochs=1, seed=0, positive_weight=3.0)
    loaded = export.load_model(export.save_model(model, tmp_path / "events.keras"))
    np.testing.assert_array_equal(models.predict(loaded, x), models.predict(model, x))


def test_the_front_end_is_saved_with_the_network(network, sounds, tmp_path):
    both = export.with_front_end(network, sr=SR)
    loaded = export.load_model(export.save_model(both, tmp_path / "all.keras"))
    np.testing.assert_allclose(models.predict(loaded, sounds), models.predict(both, sounds), atol=1e-6)


def test_a_network_that_needs_code_is_not_saved(tmp_path):
    keras = models.networks.load_keras()
    entry = keras.Input((3,))
    inner = keras.Model(entry, keras.layers.Lambda(lambda x: x + 1, name="adds")(entry))
    for bad in (inner, keras.Model(entry, inner(entry))):
        with pytest.raises(checks.InputError, match="Lambda layers: adds"):
            export.save_model(bad, tmp_path / "a.keras")

    class Own(keras.Model):
        pass

    for bad in (Own(), "model", None):
        with pytest.raises(checks.InputError, match="a network made of layers"):
            export.save_model(bad, tmp_path / "a.keras")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_wants_to_run_code_is_refused(tmp_path):
    keras = models.networks.load_keras()
    entry = keras.Input((3,))
    keras.Model(entry, keras.layers.Lambda(lambda x: x + 1)(entry)).save(tmp_path / "bad.keras")
    with pytest.raises(checks.DatasetError, match="does not load safely"):
        export.load_model(tmp_path / "bad.keras")


@pytest.mark.parametrize(("content", "told"), [
    (pickle.dumps([1]), "a pickle"), (b"\x89HDF\r\n\x1a\n", "HDF5"), (b"", "an empty file"), (b"PK\x03\x04", "cut"),
    (b"hello", "something else")])
def test_other_files_are_named_and_not_opened(tmp_path, content, told):
    (tmp_path / "a.keras").write_bytes(content)
    with pytest.raises(checks.DatasetError, match=told):
        export.load_model(tmp_path / "a.keras")


def test_names_of_other_formats_and_missing_files_are_errors(network, tmp_path):
    for call in (lambda path: export.save_model(network, path), export.load_model):
        for name in ("a.h5", "a.pkl", "a"):
            with pytest.raises(checks.InputError, match=r"ends in \.keras"):
                call(tmp_path / name)
    with pytest.raises(checks.DatasetError, match="no file"):
        export.load_model(tmp_path / "none.keras")


# LiteRT

def test_floats_agree_with_the_network(network, lite, pictures):
    np.testing.assert_allclose(lite.predict(pictures), models.predict(network, pictures), atol=1e-5)
    assert lite.input_shape == (64, 63)
    assert lite.output_shape == (4,)
    assert not lite.quantised


def test_one_window_gives_the_same_bits_as_many(lite, small, pictures):
    for model in (lite, small):
        together = model.predict(pictures)
        assert together.dtype == np.float32
        for picture, scores in zip(pictures, together, strict=True):
            np.testing.assert_array_equal(model.one(picture), scores)
        assert model.predict(pictures[:0]).shape == (0, 4)


def test_scores_do_not_change_when_the_next_window_comes(lite, pictures):
    first = lite.one(pictures[0])
    kept = first.copy()
    lite.one(pictures[1])
    np.testing.assert_array_equal(first, kept)


def test_8_bits_are_a_third_of_the_size_and_nearly_agree(lite, small, pictures):
    assert small.quantised
    assert small.n_bytes < lite.n_bytes / 3
    scores = small.predict(pictures)
    assert scores.min() >= 0
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=0.02)
    np.testing.assert_allclose(scores, lite.predict(pictures), atol=0.06)


def test_inputs_beyond_the_calibration_are_clipped_and_do_not_wrap_around(small, pictures):
    quiet = small.predict(pictures * 50)
    np.testing.assert_array_equal(quiet, small.predict(np.clip(pictures * 50, -1e6, 1e6)))
    lowest, highest = (small.one(np.full((64, 63), value, np.float32)) for value in (-1e9, 1e9))
    np.testing.assert_array_equal(lowest, small.one(np.full((64, 63), -1e3, np.float32)))
    np.testing.assert_array_equal(highest, small.one(np.full((64, 63), 1e3, np.float32)))


def test_conversion_gives_the_same_bytes_twice(network, small, pictures):
    assert export.to_litert(network, kind="int8", representative=pictures) == small.content


def test_networks_that_take_any_number_of_columns_need_one(pictures):
    frames = models.frame_cnn(64, 3)
    with pytest.raises(checks.InputError, match=r"n_frames=\.\.\."):
        export.to_litert(frames)
    model = export.LiteModel(export.to_litert(frames, n_frames=62))
    np.testing.assert_allclose(model.predict(pictures[:, :, :62]), models.predict(frames, pictures[:, :, :62]),
                               atol=1e-5)


def test_8_bits_need_a_calibration_set(network, pictures):
    with pytest.raises(checks.InputError, match=r"representative=.*a hundred windows of the training set"):
        export.to_litert(network, kind="int8")
    for bad in (pictures[0], pictures[:0], pictures[:, :, :10]):
        with pytest.raises(checks.InputError, match="representative inputs of shape"):
            export.to_litert(network, kind="int8", representative=bad)
    with pytest.raises(checks.InputError, match="NaN"):
        export.to_litert(network, kind="int8", representative=np.full_like(pictures, np.nan))
    with pytest.raises(checks.InputError, match="'float', 'int8'"):
        export.to_litert(network, kind="int4")


def test_what_has_no_8_bit_form_is_refused_with_the_way_out(network, pictures, sounds):
    with pytest.raises(checks.InputError, match=r"export.front_end\(...\) in float and the network in int8"):
        export.to_litert(export.with_front_end(network, sr=SR), kind="int8", representative=sounds)
    with pytest.raises(checks.InputError, match=r"models.frame_cnn"):
        export.to_litert(models.frame_crnn(64, 3), kind="int8", representative=pictures, n_frames=63)


def test_wrong_inputs_of_a_lite_model(lite, pictures, tmp_path):
    with pytest.raises(checks.InputError, match="one item of shape"):
        lite.one(pictures)
    for bad in (pictures[0], pictures[:, :10], np.float32(1)):
        with pytest.raises(checks.InputError, match="a stack of shape"):
            lite.predict(bad)
    with pytest.raises(checks.InputError, match="NaN"):
        lite.predict(np.full_like(pictures, np.nan))
    for bad in (tmp_path / "none.tflite", b"hello", b""):
        with pytest.raises(checks.DatasetError, match="a LiteRT model"):
            export.LiteModel(bad)
    (tmp_path / "a.tflite").write_bytes(lite.content)
    np.testing.assert_array_equal(export.LiteModel(tmp_path / "a.tflite").one(pictures[0]), lite.one(pictures[0]))


# The front end

def apart(pictures: np.ndarray, wanted: np.ndarray) -> float:
    """Largest difference in dB over the upper 80 dB of each picture."""
    floor = wanted.max(axis=(1, 2), keepdims=True) - 80
    return float(np.abs(np.maximum(pictures, floor) - np.maximum(wanted, floor)).max())


@pytest.mark.parametrize("settings", [
    {}, {"n_fft": 512, "hop_length": 160}, {"hop_length": 320, "fmin": 50.0, "n_frames": 50},
    {"n_fft": 400, "hop_length": 160, "n_mels": 40, "fmax": 7000.0}, {"n_fft": 1001, "hop_length": 250},
    {"transform": "fft"}])
def test_layers_make_the_pictures_of_the_notebook(sounds, settings):
    kept = {name: value for name, value in settings.items() if name not in ("n_frames", "transform")}
    wanted = features.log_mel(sounds, sr=SR, **kept)[:, :, :settings.get("n_frames")]
    found = models.predict(export.front_end(SR, sr=SR, normalise=False, **settings), sounds)
    assert found.shape == wanted.shape
    assert apart(found, wanted) < 0.01


@pytest.mark.parametrize("floor_db", [80.0, 40.0])
def test_pictures_are_normalised_as_in_the_notebook(sounds, floor_db):
    wanted = features.normalise(features.log_mel(sounds, sr=SR), floor_db=floor_db)
    found = models.predict(export.front_end(SR, sr=SR, floor_db=floor_db), sounds)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert np.array_equal(found[-1], np.zeros((64, 63))), "silence has no contrast"


def test_the_file_hears_samples_and_agrees_with_the_notebook(network, lite, whole, sounds, pictures):
    assert whole.input_shape == (SR,)
    np.testing.assert_allclose(whole.predict(sounds), models.predict(network, pictures), atol=1e-4)
    np.testing.assert_allclose(whole.predict(sounds), lite.predict(pictures), atol=1e-4)


def test_a_float_front_end_and_a_network_in_8_bits_work_as_two_files(small, sounds, pictures):
    ears = export.LiteModel(export.to_litert(export.front_end(SR, sr=SR)))
    np.testing.assert_allclose(small.predict(ears.predict(sounds)), small.predict(pictures), atol=0.02)


def test_frame_networks_take_the_columns_of_their_scenes(sounds):
    frames = models.frame_cnn(64, 3)
    settings = {"hop_length": 320, "fmin": 50.0}
    both = export.with_front_end(frames, sr=SR, n_frames=50, **settings)
    wanted = models.predict(frames, features.normalise(features.log_mel(sounds, sr=SR, **settings)[:, :, :50]))
    np.testing.assert_allclose(models.predict(both, sounds), wanted, atol=1e-4)


def test_a_single_frame_makes_a_column_of_the_picture_in_little_memory(sounds):
    one = export.front_end(1024, sr=SR, normalise=False, centred=False)
    wanted = features.log_mel(sounds, sr=SR)
    for column in (2, 30):
        frames = sounds[:, column * 256 - 512: column * 256 + 512]
        found = models.predict(one, frames)
        assert found.shape == (len(sounds), 64, 1)
        assert apart(found, wanted[:, :, column: column + 1]) < 0.01
    sheet = export.memory_sheet(export.to_litert(one))
    assert sheet.arena_bytes < 32_768
    assert sheet.missing == ()


def test_the_mel_layer_of_keras_makes_other_pictures(sounds):
    keras = models.networks.load_keras()
    ours = features.log_mel(sounds[2:4], sr=SR)
    near = {"fft_length": 1024, "sequence_stride": 256, "sampling_rate": SR, "num_mel_bins": 64}
    same_settings = keras.layers.MelSpectrogram(**near, sequence_length=1024, min_freq=0.0, mag_exp=2.0,
                                                min_power=1e-10, ref_power=1.0)
    for layer in (keras.layers.MelSpectrogram(**near), same_settings):
        theirs = np.asarray(layer(sounds[2:4]))[:, :, :63]
        assert theirs.shape == ours.shape, "the shape gives no warning"
        aside, normalised = np.abs(theirs - ours), np.abs(features.normalise(theirs) - features.normalise(ours))
        assert np.median(aside) > 15, "dB"
        assert np.median(normalised) > 0.5, "deviations: normalising does not repair it"


def test_settings_of_the_front_end_that_do_not_fit(network):
    for settings, told in (({"n_mels": 40}, "40 mel bands"), ({"hop_length": 128}, "63 columns"),
                           ({"window": 0.5}, "long"), ({"n_frames": 10}, "n_frames 63"),
                           ({"transform": "sine"}, "'matrix', 'fft'"),
                           ({"n_fft": 1000, "transform": "fft"}, "power of two"), ({"floor_db": 0}, "floor_db"),
                           ({"fmin": 9000.0}, "fmin"), ({"window": -1}, "window")):
        with pytest.raises(checks.InputError, match=told):
            export.with_front_end(network, sr=SR, **settings)
    with pytest.raises(checks.InputError, match="pictures"):
        export.with_front_end(models.waveform_cnn(SR, 3), sr=SR)


# On the device

SOURCE = """
#include <stdio.h>
extern const unsigned char dog_model[];
extern const unsigned int dog_model_len;
int main(void) {
    if ((unsigned long)dog_model % 16) return 1;
    return fwrite(dog_model, 1, dog_model_len, stdout) != dog_model_len;
}
"""


@pytest.mark.parametrize(("compiler", "ending", "standard"), [("gcc", "c", "c11"), ("g++", "cpp", "c++11")])
def test_the_c_array_compiles_and_holds_the_same_bytes(small, tmp_path, compiler, ending, standard):
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    (tmp_path / f"model.{ending}").write_text(export.c_array(small.content, name="dog_model"))
    (tmp_path / f"main.{ending}").write_text(SOURCE)
    subprocess.run([compiler, f"-std={standard}", "-Wall", "-Werror", "-pedantic", f"model.{ending}", f"main.{ending}",
                    "-o", "out"], cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "out"], check=True, capture_output=True)
    assert done.stdout == small.content


def test_the_c_array_names_every_byte():
    content = bytes(range(256))
    text = export.c_array(content, name="all_bytes")
    assert bytes(int(number, 16) for number in re.findall(r"0x([0-9a-f]{2}),", text)) == content
    assert "all_bytes_len = 256;" in text


@pytest.mark.parametrize("name", ["", "2dogs", "dog model", "dog-model", "int", "Hündchen", "a;", None])
def test_names_that_c_does_not_take(name):
    with pytest.raises(checks.InputError, match="a name of letters"):
        export.c_array(b"TFL3", name=name)


@pytest.mark.parametrize("content", [b"", "text", None, np.zeros(3)])
def test_an_array_of_nothing_is_an_error(content):
    with pytest.raises(checks.InputError, match="the bytes of a file"):
        export.c_array(content)


def test_the_memory_sheet_counts_what_can_be_counted_by_hand(lite, small):
    sheet = export.memory_sheet(lite.content)
    steps = sheet.steps[sheet.steps["operator"] == "CONV_2D"]
    # 64 x 63 -> 32 x 32 x 16 by 5 x 5 of 1; -> 32 x 32 x 32 by 3 x 3 of 16; halved; -> 16 x 16 x 64 by 3 x 3 of 32
    assert steps["multiply_adds"].tolist() == [32 * 32 * 16 * 25, 32 * 32 * 32 * 9 * 16, 16 * 16 * 64 * 9 * 32]
    dense = sheet.steps.loc[sheet.steps["operator"] == "FULLY_CONNECTED", "multiply_adds"].tolist()
    assert dense == [8 * 128 * 64, 64 * 4]
    assert sheet.multiply_adds == steps["multiply_adds"].sum() + sum(dense)
    assert steps["weight_bytes"].tolist() == [4 * (25 * 16 + 16), 4 * (9 * 16 * 32 + 32), 4 * (9 * 32 * 64 + 64)]
    assert sheet.flash_bytes == len(lite.content)
    assert sheet.arena_bytes == 4 * 32 * 32 * (16 + 32), "the second convolution has both of its pictures in memory"
    assert sheet.steps["live_bytes"].max() == sheet.arena_bytes
    in_8_bits = export.memory_sheet(small.content)
    assert in_8_bits.arena_bytes == sheet.arena_bytes / 4
    assert in_8_bits.multiply_adds == sheet.multiply_adds
    assert sheet.missing == in_8_bits.missing == ()
    assert "has all operators" in str(sheet)


def test_the_front_end_runs_on_small_runtimes_by_matrices_and_not_by_the_operator_for_fft(whole):
    assert export.memory_sheet(whole.content).missing == ()
    by_fft = export.memory_sheet(export.to_litert(export.front_end(SR, sr=SR, transform="fft")))
    assert by_fft.missing == ("IMAG", "REAL", "RFFT2D")
    assert "lacks IMAG, REAL, RFFT2D" in str(by_fft)


def test_the_list_of_operators_names_its_source_and_is_one_of_operators():
    from ai_edge_litert import schema_py_generated as schema

    assert export.micro_operators() <= {name for name in vars(schema.BuiltinOperator) if name.isupper()}
    assert {"CONV_2D", "FULLY_CONNECTED", "SOFTMAX", "LOG"} <= export.micro_operators()
    assert not {"RFFT2D", "REVERSE_V2", "CUSTOM"} & export.micro_operators()
    assert "tensorflow/tflite-micro" in export.device.OPERATORS.read_text()


# Side by side

def test_the_table_shows_size_accuracy_and_median_latency(network, lite, small, pictures, tmp_path):
    saved = export.save_model(network, tmp_path / "dogs.keras")
    (tmp_path / "dogs.tflite").write_bytes(lite.content)
    y = models.predict(network, pictures).argmax(axis=1)
    y[0] = (y[0] + 1) % 4
    table = export.compare({"Keras": saved, "float": tmp_path / "dogs.tflite", "int8": small}, pictures, y=y,
                           latency={"float": [0.003, 0.001, 0.1], "int8": [0.002]})
    assert list(table.columns) == ["form", "bytes", "size", "accuracy", "agreement", "change", "latency"]
    assert table["form"].tolist() == ["Keras", "float", "int8"]
    assert table["bytes"].tolist() == [saved.stat().st_size, lite.n_bytes, small.n_bytes]
    assert table["size"].tolist() == [1, lite.n_bytes / saved.stat().st_size, small.n_bytes / saved.stat().st_size]
    assert table["accuracy"][0] == table["accuracy"][1] == 7 / 8
    assert table["agreement"][1] == 1
    assert table["change"][0] == 0
    assert table["change"][1] < 1e-5 < table["change"][2] < 0.1
    assert np.isnan(table["latency"][0])
    assert table["latency"][1:].tolist() == [0.003, 0.002]
    assert "latency" not in export.compare({"float": lite.content}, pictures, y=y)


def test_what_cannot_be_compared(lite, whole, pictures, sounds):
    y = np.zeros(len(pictures), int)
    for forms, x, labels, settings in (
            ({}, pictures, y, {}), ({"a": lite}, pictures[:0], y[:0], {}), ({"a": lite}, pictures, y[:3], {}),
            ({"a": lite}, pictures, y + 4, {}), ({"a": lite}, pictures, y.astype(float), {}),
            ({"a": lite}, pictures, y, {"latency": {"b": [1.0]}}), ({"a": lite}, pictures, y, {"latency": {"a": []}}),
            ({"a": lite}, pictures, y, {"latency": {"a": [np.nan]}}), ({"a": lite, "b": whole}, pictures, y, {})):
        with pytest.raises(checks.InputError):
            export.compare(forms, x, y=labels, **settings)
