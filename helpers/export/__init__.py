"""Take a network out of the notebook: saved, small, and in C."""

from helpers.export.front_end import front_end, with_front_end
from helpers.export.litert import LiteModel, to_litert
from helpers.export.saved import load_model, save_model

__all__ = ["LiteModel", "front_end", "load_model", "save_model", "to_litert", "with_front_end"]
