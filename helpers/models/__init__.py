"""Small networks, one function each, the one way to train them, and the way of whole scenes through them."""

from helpers.models.activation import class_activation
from helpers.models.frames import frame_cnn, frame_crnn
from helpers.models.networks import clip_model, load_keras, small_cnn, waveform_cnn
from helpers.models.pooling import (
    count_cnn,
    count_ladder,
    expected_counts,
    frame_model,
    overlay_counts,
    pool_frames,
    weak_cnn,
)
from helpers.models.scenes import SceneWindows, detect, frame_settings, merge_scenes, scene_scores, scene_windows
from helpers.models.training import fit, predict

__all__ = ["SceneWindows", "class_activation", "clip_model", "count_cnn", "count_ladder", "detect", "expected_counts",
           "fit", "frame_cnn", "frame_crnn", "frame_model", "frame_settings", "load_keras", "merge_scenes",
           "overlay_counts", "pool_frames", "predict", "scene_scores", "scene_windows", "small_cnn", "waveform_cnn",
           "weak_cnn"]
