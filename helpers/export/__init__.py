"""Take a network out of the notebook: saved, small, and in C."""

from helpers.export.device import MemorySheet, c_array, memory_sheet, micro_operators
from helpers.export.front_end import front_end, with_front_end
from helpers.export.litert import LiteModel, to_litert
from helpers.export.saved import load_model, save_model
from helpers.export.table import compare

__all__ = ["LiteModel", "MemorySheet", "c_array", "compare", "front_end", "load_model", "memory_sheet",
           "micro_operators", "save_model", "to_litert", "with_front_end"]
