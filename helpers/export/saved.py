"""Save a network with its weights, and load it again, without running code from the file."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import checks, files
from helpers.export.front_end import log_mel_layer
from helpers.models import load_keras

if TYPE_CHECKING:
    import keras


def save_model(model: keras.Model, path: str | os.PathLike) -> Path:
    """Save a network as a ``.keras`` file, whole or not at all.

    Such a file holds a description and numbers, and no code: no pickle, no
    Python function. What the optimiser remembers is left out, so the file is a
    third of the size; to go on training, call :func:`helpers.models.fit`.

    Parameters
    ----------
    model : keras.Model
        Built from layers, as those of :mod:`helpers.models` are.
    path : path
        Ends in ``.keras``.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the name ends otherwise, or the model holds a ``Lambda`` layer or is
        a class of its own: both need code to come back.
    OSError
        If the disk is full or the folder read-only.
    """
    keras, path = load_keras(), _keras_path(path)
    if not isinstance(model, keras.Model) or type(model).__name__ not in ("Functional", "Sequential"):
        raise checks.fail("a network made of layers", f"a {type(model).__name__}",
                          "Build it with keras.Model(inputs, outputs), as helpers.models does")
    if lambdas := [layer.name for layer in _layers(model) if isinstance(layer, keras.layers.Lambda)]:
        raise checks.fail("a network that can be loaded without running code", f"Lambda layers: {', '.join(lambdas)}",
                          "Use a layer of Keras, or keras.ops, in their place")
    plain = type(model).from_config(model.get_config())      # without loss and optimiser, which fit makes anew
    plain.set_weights(model.get_weights())
    with files.replacing(path) as temporary:
        keras.saving.save_model(plain, temporary)
    return path


def load_model(path: str | os.PathLike) -> keras.Model:
    """Load a network from a ``.keras`` file, in Keras' safe mode.

    Parameters
    ----------
    path : path
        As :func:`save_model` wrote it, or any ``.keras`` file that needs no code.

    Returns
    -------
    keras.Model
        Ready to be asked; :func:`helpers.models.fit` trains it.

    Raises
    ------
    InputError
        If the name does not end in ``.keras``.
    DatasetError
        If the file is missing, cut, or something else; pickles and HDF5 files
        of other programs are not opened at all. Or if it wants to run code.
    """
    keras, path = load_keras(), _keras_path(path)
    if not path.is_file():
        raise _unusable(path, "no file", "Check the name and the folder")
    if not zipfile.is_zipfile(path):
        raise _unusable(path, _what(path), "Ask whoever made it to save it with model.save('name.keras')")
    log_mel_layer()                              # so that Keras knows the front end by its name
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:                   # Keras raises what its many parts raise
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise _unusable(path, f"a file that Keras does not load safely: {reason[0][:160]}",
                        "Save it again with export.save_model(...), without Lambda layers") from error


def _layers(model: keras.Model) -> list:
    """All layers, those of models within the model too."""
    own = list(getattr(model, "layers", []))
    inner = [getattr(layer, "layer", layer) for layer in own]       # what TimeDistributed and Bidirectional wrap
    return own + [deep for layer in inner if hasattr(layer, "layers") for deep in _layers(layer)] + [
        layer for layer, outer in zip(inner, own, strict=True) if layer is not outer]


def _keras_path(path: str | os.PathLike) -> Path:
    path = Path(path)
    if path.suffix != ".keras":
        raise checks.fail("a name that ends in .keras", path.name,
                          "Other formats, such as .h5 and .pkl, can run code when they are loaded")
    return path


def _what(path: Path) -> str:
    """Say what a file is by its first bytes."""
    with open(path, "rb") as file:
        start = file.read(8)
    known = ((b"\x89HDF", "an HDF5 file"), (b"\x80", "a pickle, which runs code when it is opened"),
             (b"PK", "a zip archive that was cut"))
    return next((name for first, name in known if start.startswith(first)),
                "something else" if start else "an empty file")


def _unusable(path: Path, got: str, way_out: str) -> checks.DatasetError:
    return checks.DatasetError(checks.explain(f"a network saved by Keras in {path}", got, way_out,
                                              section=checks.DATA_SETS))
