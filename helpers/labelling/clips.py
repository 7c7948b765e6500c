"""What is labelled: clips from memory or from files, each with its sound and its picture."""

import base64
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from helpers import checks, features, listen, plots
from helpers.audio import SR, load_audio
from helpers.labelling.session import LabelSession


def label_clips(clips: Any, labels: Sequence[str], *, path: str | os.PathLike, sr: int = SR) -> Any:
    """Label clips by ear, one key each, in the notebook.

    Keys: 1 to 9 or the letter on a button answer, space plays again, ``u`` takes the last answer back, ``s`` puts a
    clip off. Every answer is in the file before the next clip appears; run the cell again, also in another kernel,
    and it goes on where it stopped.

    Parameters
    ----------
    clips : pandas.DataFrame, mapping, or sequence of np.ndarray
        Rows of a clip table (``clip_id``, ``path``); or {clip_id: audio or path}; or sounds alone, whose ids are
        then "0", "1", ...
    labels : sequence of str
        The answers to choose from, such as ``("dog", "rain", "neither")``.
    path : path
        The CSV file that the answers go to: ``clip_id``, ``label``, ``seconds``, ``answered``.
    sr : int, Hz
        Rate of the sounds; files are resampled to it.

    Returns
    -------
    LabelWidget
        Shown by Jupyter when it is the last line of a cell. ``labels`` is the table so far, a DataFrame; ``session``
        the :class:`LabelSession`.

    Raises
    ------
    InputError
        If there are no clips, fewer than two labels, double names, or the file is another kind of table.
    OSError
        If the file cannot be written.
    """
    sr, sounds = checks.sr(sr), _sounds(clips)
    session = LabelSession(list(sounds), labels, path=path)
    from helpers.labelling.widget import LabelWidget  # brings anywidget

    return LabelWidget(session, lambda clip_id: picture_and_sound(sounds[clip_id], sr=sr))


def picture_and_sound(clip: np.ndarray | str | os.PathLike, *, sr: int) -> dict[str, str]:
    """Make what the page shows of one clip, as data addresses that need nothing beside themselves.

    Returns
    -------
    dict
        ``picture`` (PNG), ``sound`` (WAV), ``text`` (duration, rate, level).

    Raises
    ------
    AudioFileError
        If it is a file that cannot be read.
    InputError
        If it is not one channel of finite floats, or too long for a page.
    """
    from matplotlib.figure import Figure

    audio = clip if isinstance(clip, np.ndarray) else load_audio(clip, sr=sr)[0]
    sound = listen.play(audio, sr=sr).sounds[0]
    figure = Figure(figsize=(8, 2.6), layout="constrained")   # not pyplot's, or the notebook would show it once more
    plots.log_mel(features.log_mel(audio, sr=sr), sr=sr, ax=figure.add_subplot())
    return {"picture": _address("image/png", plots.to_png(figure)), "sound": _address("audio/wav", sound.wav),
            "text": sound.text}


def _sounds(clips: Any) -> dict[str, Any]:
    """Give every clip an id: {clip_id: audio or path}."""
    if hasattr(clips, "columns") and {"clip_id", "path"} <= set(clips.columns):
        pairs = list(zip(clips["clip_id"], clips["path"], strict=True))
    elif isinstance(clips, Mapping):
        pairs = list(clips.items())
    elif isinstance(clips, list | tuple) and all(isinstance(clip, np.ndarray) for clip in clips):
        pairs = list(enumerate(clips))
    else:
        raise checks.InputError(checks.explain(
            "rows of a clip table, a mapping {clip_id: audio or path}, or a list of sounds", type(clips).__name__,
            "Give dataset.clips[:40], for example", section=checks.ARRAYS))
    sounds = {str(clip_id): clip for clip_id, clip in pairs}
    if len(sounds) < len(pairs):
        raise checks.InputError(checks.explain(
            "clips whose ids are each there once", f"{len(pairs)} clips with {len(sounds)} ids",
            "Drop the doubles: clips.drop_duplicates('clip_id')", section=checks.ARRAYS))
    return sounds


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64," + base64.b64encode(content).decode("ascii")
