"""Listen without an end: blocks of samples in, events out, equal to what the whole recording would have given."""

from helpers.stream.blocks import Resampler, Windows
from helpers.stream.latency import Latency, latency
from helpers.stream.listener import Listener, listen
from helpers.stream.scenes import scene_listener, scene_pictures
from helpers.stream.sources import MicrophoneError, Source, from_file, from_microphone, from_pipe
from helpers.stream.tracker import Event, Merger, Smoother, Tracker, to_table

__all__ = ["Event", "Latency", "Listener", "Merger", "MicrophoneError", "Resampler", "Smoother", "Source", "Tracker",
           "Windows", "from_file", "from_microphone", "from_pipe", "latency", "listen", "scene_listener",
           "scene_pictures", "to_table"]
