"""The way of scenes through a network: every event comes back from its own targets, whatever the length of a scene."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from helpers import augment, checks, events, features, metrics, models

SR = 16_000
CLASSES = ("dog", "horn")
EVENTS = [("long", 0.0, 0.7, "dog"), ("long", 0.5, 2.31, "horn"), ("long", 5.0, 5.4, "dog"), ("long", 6.6, 7.0, "dog"),
          ("short", 0.101, 0.3, "horn")]
POINTS = [("long", t, t, label) for t, label in [(0.0, "dog"), (1.283, "dog"), (1.3, "horn"), (5.118, "dog"),
                                                 (5.121, "horn"), (6.99, "horn")]]


def scenes(rows=EVENTS, *, frame_hop=0.04, has_offsets=True, seconds=(7.0, 1.0, 5.12)):
    """What scene_windows needs of a data set: two scenes with events, one without, of noise."""
    lengths = dict(zip(("long", "short", "empty"), seconds, strict=True))

    def load(row, *, sr):
        rng = np.random.default_rng(len(row.clip_id))
        return (0.01 * rng.standard_normal(round(lengths[row.clip_id] * sr))).astype(np.float32), sr

    return SimpleNamespace(
        clips=pd.DataFrame({"clip_id": list(lengths)}), classes=CLASSES, frame_hop=frame_hop, has_offsets=has_offsets,
        events=pd.DataFrame(rows, columns=["clip_id", "onset", "offset", "label"]), load=load)


def cut(dataset, **settings):
    return models.scene_windows(dataset, dataset.clips, **settings)


def returned(dataset, found, **settings):
    """What is detected when the targets are taken for scores."""
    return models.detect(models.merge_scenes(found.targets, found), classes=found.classes, hop=found.hop, **settings)


def by_label(table):
    return table.sort_values(["clip_id", "label", "onset"], ignore_index=True)


# Settings

@pytest.mark.parametrize(("wanted", "hop_length", "pool", "seconds"), [
    (0.04, 320, 2, 5.12), (0.02, 160, 2, 2.56), (0.01, 160, 1, 1.28), (0.005, 80, 1, 0.64)])
def test_a_frame_lasts_as_long_as_wanted(wanted, hop_length, pool, seconds):
    settings = models.frame_settings(wanted)
    assert (settings["hop_length"], settings["pool"]) == (hop_length, pool)
    assert models.scenes.WINDOW_FRAMES * hop_length * pool / SR == pytest.approx(seconds)
    assert (features.mel_filters(sr=SR, **{key: settings[key] for key in ("n_fft", "n_mels", "fmin")}) > 0).any(
        axis=1).all(), "an empty band"


@pytest.mark.parametrize("wanted", [0, -0.04, 0.0001, np.nan])
def test_no_frame_without_length(wanted):
    with pytest.raises(checks.InputError):
        models.frame_settings(wanted)


# Windows

@pytest.mark.parametrize(("frame_hop", "columns"), [(0.04, 256), (0.01, 128)])
def test_windows_have_as_many_frames_as_the_network_gives(frame_hop, columns):
    found = cut(scenes(frame_hop=frame_hop))
    assert found.log_mels.shape[1:] == (64, columns)
    assert found.log_mels.dtype == found.targets.dtype == np.float32
    assert found.targets.shape == (len(found.log_mels), 128, 2)
    assert found.hop == pytest.approx(frame_hop)
    assert found.clip_ids == ("long", "short", "empty")
    assert_allclose(found.durations, [7.0, 1.0, 5.12])
    for build in (models.frame_cnn, models.frame_crnn):
        network = build(64, 2, pool=models.frame_settings(frame_hop)["pool"])
        assert network.compute_output_shape((1, 64, columns))[1:] == (128, 2)


def test_windows_overlap_by_half_and_the_rest_is_padded():
    found = cut(scenes())
    assert_array_equal(found.scene_index, [0, 0, 1, 2])
    assert_allclose(found.starts, [0, 2.56, 0, 0])
    assert found.log_mels[1, :, :200].min() > -90
    assert found.log_mels[1, :, 230:].max() == pytest.approx(-100), "4.6 s after 2.56 s the scene is over"
    assert_array_equal(found.targets[0, 64:], found.targets[1, :64])


def test_a_picture_shows_what_its_targets_say():
    beep = scenes([("long", 4.0, 4.4, "dog")])
    noise = beep.load

    def load(row, *, sr):
        audio, _ = noise(row, sr=sr)
        audio[4 * sr: round(4.4 * sr)] += 0.5 * np.sin(np.arange(round(4.4 * sr) - 4 * sr))
        return audio, sr

    beep.load = load
    found = models.scene_windows(beep, beep.clips.head(1))
    level = found.log_mels.max(axis=1).reshape(2, 128, 2).mean(axis=2)
    loud = level > level.max() - 10
    assert (loud ^ found.targets[:, :, 0].astype(bool)).sum() <= 4, "at most a frame at each edge"


def test_how_targets_are_drawn_is_passed_on():
    dataset = scenes()
    assert cut(dataset, how="overlap").targets.sum() > cut(dataset).targets.sum()
    with pytest.raises(checks.InputError, match="centre"):
        cut(dataset, how="middle")


@pytest.mark.parametrize("n_frames", [0, 7, -2])
def test_windows_of_an_odd_number_of_frames_are_refused(n_frames):
    with pytest.raises(checks.InputError):
        cut(scenes(), window_frames=n_frames)


def test_no_scene_is_refused():
    with pytest.raises(checks.InputError, match="0 scenes"):
        models.scene_windows(scenes(), scenes().clips.head(0))


# There and back

@pytest.mark.parametrize("frame_hop", [0.04, 0.01])
@pytest.mark.parametrize("window_frames", [128, 16])
def test_targets_taken_for_scores_give_the_events_back(frame_hop, window_frames):
    dataset = scenes(frame_hop=frame_hop)
    found = returned(dataset, cut(dataset, window_frames=window_frames), high=0.5)
    there, back = by_label(dataset.events), by_label(found)
    assert back[["clip_id", "label"]].equals(there[["clip_id", "label"]])
    assert_allclose(back[["onset", "offset"]], there[["onset", "offset"]], atol=frame_hop / 2 + 1e-6)


@pytest.mark.parametrize("frame_hop", [0.04, 0.01])
def test_points_come_back_as_points(frame_hop):
    dataset = scenes(POINTS, frame_hop=frame_hop, has_offsets=False)
    found = returned(dataset, cut(dataset), high=0.5, points=True)
    there, back = by_label(dataset.events), by_label(found)
    assert (back["onset"] == back["offset"]).all()
    assert back["label"].tolist() == there["label"].tolist()
    assert_allclose(back["onset"], there["onset"], atol=frame_hop / 2 + 1e-6)


@pytest.mark.parametrize("pause", [0.0, 0.001, 0.009, 0.011, 0.03])
def test_events_of_one_class_that_touch_come_back_as_two(pause):
    rows = [("long", 1.0, 1.081, "dog"), ("long", 1.081 + pause, 1.173, "dog"), ("long", 1.0, 1.3, "horn")]
    dataset = scenes(rows, frame_hop=0.01)
    found = returned(dataset, cut(dataset))
    assert_allclose(by_label(found)[["onset", "offset"]], by_label(dataset.events)[["onset", "offset"]], atol=0.0101)
    assert (cut(dataset).targets.sum(axis=(0, 1)) > 0).all()


def test_short_events_that_touch_are_not_wiped_out():
    dataset = scenes([("long", 1.0, 1.02, "dog"), ("long", 1.02, 1.04, "dog")], frame_hop=0.01)
    assert models.scene_windows(dataset, dataset.clips.head(1), window_frames=256).targets[0].sum() == 4


def test_a_point_just_before_a_window_marks_its_first_frame():
    dataset = scenes([("long", 2.55, 2.55, "dog")], has_offsets=False)
    found = cut(dataset)
    assert found.targets[0, 62:66, 0].tolist() == [0.5, 1.0, 0.5, 0.0]
    assert found.targets[1, :3, 0].tolist() == [0.5, 0.0, 0.0]


def test_a_hop_that_is_no_whole_number_of_samples_is_rounded_once_and_for_all():
    dataset = scenes(frame_hop=1 / 30)
    found = cut(dataset)
    assert found.hop == pytest.approx(1 / 30, rel=0.002)
    assert metrics.event_f1(dataset.events, returned(dataset, found), classes=CLASSES, collar=0.02) == 1


# Networks

@pytest.mark.parametrize("build", [models.frame_cnn, models.frame_crnn])
def test_scores_of_a_scene_have_one_row_a_frame(build):
    dataset = scenes(frame_hop=0.01, seconds=(1.005, 0.3, 2.0))
    found = cut(dataset)
    network = build(64, 2, pool=1)
    scores = models.scene_scores(network, found)
    assert {clip_id: frames.shape for clip_id, frames in scores.items()} == {
        "long": (101, 2), "short": (30, 2), "empty": (200, 2)}
    alone = models.predict(network, features.normalise(found.log_mels[found.scene_index == 1]))
    assert_allclose(scores["short"], alone[0, :30], atol=1e-5)


def test_many_windows_are_scored_in_the_right_order():
    dataset = scenes([], frame_hop=0.01, seconds=(40.0, 30.0, 20.0))
    found = cut(dataset, window_frames=16)
    assert len(found.log_mels) > 256

    class Echo:
        output_shape = (None, 16, 2)

        def predict_on_batch(self, x):
            return np.stack([x[:, 0], x[:, 1]], axis=-1)

    expected = models.merge_scenes(Echo().predict_on_batch(features.normalise(found.log_mels)), found)
    scores = models.scene_scores(Echo(), found)
    assert list(scores) == list(found.clip_ids)
    assert all(np.array_equal(scores[clip_id], expected[clip_id]) for clip_id in scores)


def test_a_network_trains_on_it_as_it_is():
    found = cut(scenes())
    network = models.frame_cnn(64, 2, width=4)
    history = models.fit(network, found.log_mels, found.targets, epochs=1, mix=augment.overlay, progress=False,
                         augment=lambda x, *, rng: features.normalise(x))
    assert np.isfinite(history["loss"]).all()


# Events

def test_nothing_detected_is_an_empty_table_with_all_columns():
    for scores in ({}, {"a": np.zeros((5, 2))}):
        found = models.detect(scores, classes=CLASSES, hop=0.04)
        assert list(found) == list(events.COLUMNS)
        assert metrics.event_scores(pd.DataFrame(EVENTS, columns=list(found)[:4]), found, classes=CLASSES).loc[
            "all", "f1"] == 0


def test_settings_reach_every_scene():
    scores = {name: np.array([[0.6, 0.4, 0.6]]).T for name in "ab"}
    assert len(models.detect(scores, classes=["dog"], hop=0.1)) == 4
    joined = models.detect(scores, classes=["dog"], hop=0.1, high=0.5, low=0.3)
    assert joined[["clip_id", "onset", "offset"]].to_numpy().tolist() == [["a", 0.0, 0.3], ["b", 0.0, 0.3]]
    with pytest.raises(TypeError):
        models.detect(scores, classes=["dog"], hop=0.1, hihg=0.5)


def test_scores_of_other_windows_are_refused():
    found = cut(scenes())
    with pytest.raises(checks.InputError):
        models.merge_scenes(found.targets[:-1], found)
