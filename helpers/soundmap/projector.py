"""Files for the TensorBoard Projector: three dimensions and many ways to look, but no play button."""

import io
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks, files
from helpers.plots import picture
from helpers.soundmap import clips

if TYPE_CHECKING:
    import pandas as pd

MOST_SIDE = 8192       # pixels: what browsers draw as one texture
THUMB, LEAST = 64, 8   # pixels: side of a small spectrogram where there is room, and below which nothing can be seen

_CONFIG = """embeddings {{
  tensor_name: "sounds"
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
{sprite}}}
"""
_SPRITE = """  sprite {{
    image_path: "sprite.png"
    single_image_dim: {side}
    single_image_dim: {side}
  }}
"""


def save_projector(
    folder: str | os.PathLike, embeddings: np.ndarray, *, metadata: "pd.DataFrame", audio: Sequence | None = None,
    sr: int = clips.SR,
) -> Path:
    """Write embeddings for the TensorBoard Projector, with what is known of each sound and its spectrogram.

    ``tensorboard --logdir FOLDER`` shows them; so does https://projector.tensorflow.org, which takes the two tables.

    Parameters
    ----------
    folder : path
        Made where it does not exist.
    embeddings : np.ndarray, shape=(n, n_dims)
    metadata : pandas.DataFrame, n rows
        At least one column. Tabs and line breaks in it become spaces: the format knows no other way.
    audio : sequence of n, optional
        Arrays at ``sr`` or paths, for the pictures.
    sr : int, Hz

    Returns
    -------
    Path
        The configuration, ``projector_config.pbtxt``. It is written last: without it the Projector shows nothing.

    Raises
    ------
    InputError
        If lengths differ, there is no column, or there are so many sounds that their pictures could not be seen.
    OSError
        If the disk is full or read-only.

    Notes
    -----
    The format as TensorBoard's own page reads it: vectors without a header; metadata with a header if, and only if,
    it has more than one column; pictures of one size, row by row, in one image of at most 8192 pixels a side.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_projector(folder, np.eye(2), metadata=pd.DataFrame({"label": ["rain", "dog"]}))
    ...     print((path.parent / "metadata.tsv").read_text())
    rain
    dog
    <BLANKLINE>
    """
    folder, embeddings = Path(folder), checks.finite(np.asarray(embeddings), name="embeddings")
    if embeddings.ndim != 2 or 0 in embeddings.shape or not len(getattr(metadata, "columns", ())):
        raise checks.InputError(checks.explain(
            "embeddings of shape (n, n_dims) and metadata as a table with at least one column",
            f"shape {embeddings.shape} and {type(metadata).__name__}",
            "For example metadata=dataset.clips[['label', 'clip_id']]", section=checks.ARRAYS))
    checks.same_length(embeddings=embeddings, metadata=metadata)
    sprite = ""
    if audio is not None:
        checks.same_length(embeddings=embeddings, audio=audio)
        side, image = _sprite(audio, sr=sr)
        with files.replacing(folder / "sprite.png") as temporary:
            temporary.write_bytes(image)
        sprite = _SPRITE.format(side=side)
    table = io.StringIO()
    np.savetxt(table, embeddings, fmt="%.7g", delimiter="\t", newline="\n")
    files.write_text(folder / "vectors.tsv", table.getvalue())
    files.write_text(folder / "metadata.tsv", _rows(metadata))
    files.write_text(folder / "projector_config.pbtxt", _CONFIG.format(sprite=sprite))
    return folder / "projector_config.pbtxt"


def _rows(metadata: "pd.DataFrame") -> str:
    """Write one line a sound; a header stands above several columns, and never above a single one."""
    lines = [[_cell(value) for value in row] for row in metadata.itertuples(index=False, name=None)]
    if len(metadata.columns) > 1:
        lines.insert(0, [_cell(name) for name in metadata.columns])
    return "".join("\t".join(line) + "\n" for line in lines)


def _cell(value: object) -> str:
    """Write a value on one line; a line of nothing would be no line."""
    return " ".join(str(value).split()) or " "


def _sprite(audio: Sequence, *, sr: int) -> tuple[int, bytes]:
    """Put a small log-mel spectrogram of each sound into one picture, row by row; return their side and a PNG."""
    columns = math.ceil(math.sqrt(len(audio)))
    side = min(THUMB, MOST_SIDE // columns)
    if side < LEAST:
        raise checks.InputError(checks.explain(
            f"at most {(MOST_SIDE // LEAST) ** 2} sounds with pictures", f"{len(audio)}",
            "Leave audio out, or take a random part", section=checks.ARRAYS))
    shades = np.zeros((math.ceil(len(audio) / columns) * side, columns * side))
    sounds = clips.Clips(tuple(audio), checks.sr(sr), np.zeros(len(audio)), seconds=5.0)
    with clips.progress(len(audio), "spectrograms") as done:
        for index in range(len(audio)):
            levels, (low, high) = picture.levels(sounds.cut(index)[0], sr=clips.SR)
            row, column = divmod(index, columns)
            shades[row * side: (row + 1) * side, column * side: (column + 1) * side] = (
                _smaller(levels[::-1], side) - low) / (high - low)
            done(1)
    return side, picture.png(shades, low=0, high=1)


def _smaller(levels: np.ndarray, side: int) -> np.ndarray:
    """Bring a picture to a square: the highest value of each field, so that short sounds stay visible.

    Examples
    --------
    >>> _smaller(np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]), 2).tolist()
    [[2.0, 4.0], [6.0, 8.0]]
    """
    for axis in (0, 1):
        n = levels.shape[axis]
        if n >= side:
            levels = np.maximum.reduceat(levels, np.arange(side) * n // side, axis=axis)
        else:
            levels = np.take(levels, np.arange(side) * n // side, axis=axis)
    return levels
