"""Hear it: players for notebooks and exported pages, with the sound inside the page.

A player never makes a quiet sound louder or a loud one quieter: level is part of
what you hear. Peaks beyond full scale are limited, because a 16-bit file cannot
hold them, and the player says so; it also says when there is nothing to hear.
"""

import base64
import io
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from helpers import checks
from helpers.audio import SR, level_db, to_pcm16

MOST_BYTES = 12_000_000
"""What the sounds of one cell may weigh: above it a notebook becomes slow to open and to save."""

_GRID = ("display:grid; gap:0.75rem; margin:0.5rem 0; max-width:{width}rem; "
         "grid-template-columns:repeat(auto-fill, minmax(max(11rem, calc((100% - {gaps}rem) / {columns})), 1fr));")
_PLAYER = """<figure style="margin:0; min-width:0; text-align:left; display:flex; flex-direction:column;">
<figcaption style="flex:1; overflow-wrap:anywhere; margin-bottom:0.25rem;">{lines}</figcaption>
<audio controls preload="metadata" aria-label="{label}" style="width:100%; min-width:10rem;" src="{source}"></audio>
</figure>"""


@dataclass(frozen=True)
class Sound:
    """One sound, ready to be played.

    Attributes
    ----------
    title : str
        What stands above the player; may be empty.
    caption : str
        A remark below the title; may be empty.
    text : str
        Duration, rate and level, and what is wrong with the sound.
    wav : bytes
        A 16-bit WAV file.
    """

    title: str
    caption: str
    text: str
    wav: bytes

    def __str__(self) -> str:
        name = f"{self.title} ({self.caption})" if self.title and self.caption else self.title or self.caption
        return f"{name}: {self.text}" if name else self.text

    def to_html(self) -> str:
        """Write the player as HTML that needs nothing beside itself."""
        title = f"<strong>{escape(self.title)}</strong>" if self.title else ""
        lines = "<br>".join(filter(None, (title, escape(self.caption), escape(self.text))))
        source = "data:audio/wav;base64," + base64.b64encode(self.wav).decode("ascii")
        return _PLAYER.format(lines=lines, label=escape(str(self)), source=source)


@dataclass(frozen=True)
class Players:
    """One or more players side by side; Jupyter shows them, a terminal prints their texts.

    Attributes
    ----------
    sounds : tuple of Sound
    columns : int
        How many stand side by side where the page is wide enough.
    """

    sounds: tuple[Sound, ...]
    columns: int = 1

    def __post_init__(self) -> None:
        """Refuse what would make the page too heavy."""
        total = sum(len(sound.wav) for sound in self.sounds)
        if total > MOST_BYTES:
            raise checks.InputError(checks.explain(
                f"at most {MOST_BYTES / 1e6:.0f} MB of sound in one cell", f"{total / 1e6:.0f} MB",
                "Play a part, such as audio[:10 * sr], or fewer clips", section=checks.PLAYERS))

    def _repr_html_(self) -> str:
        style = _GRID.format(columns=self.columns, gaps=0.75 * (self.columns - 1), width=max(24, 15 * self.columns))
        return f'<div style="{style}">\n' + "\n".join(sound.to_html() for sound in self.sounds) + "\n</div>"

    def __repr__(self) -> str:
        return "\n".join(map(str, self.sounds))


def play(audio: np.ndarray, *, sr: int = SR, title: str | None = None) -> Players:
    """Play one sound.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    title : str, optional
        What stands above the player.

    Returns
    -------
    Players
        Shown by Jupyter when it is the last line of a cell.

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or longer than a page
        should hold (``MOST_BYTES``).

    Examples
    --------
    >>> play(np.full(16000, 0.1), sr=16000, title="a constant")
    a constant: 1.0 s at 16000 Hz, -20.0 dBFS
    """
    return Players((_sound(audio, sr=sr, title=title or ""),))


def compare(sounds: Mapping[str, Any], *, sr: int = SR, columns: int = 3) -> Players:
    """Put several sounds side by side, to be heard one after the other.

    Parameters
    ----------
    sounds : dict, title to audio or to (audio, sr)
        A pair gives a sound a rate of its own.
    sr : int, Hz
        Rate of those given without one.
    columns : int
        How many stand side by side where the page is wide enough.

    Returns
    -------
    Players

    Raises
    ------
    InputError
        If there is no sound, or one of them is not one channel of finite floats.

    Examples
    --------
    >>> compare({"loud": np.full(8000, 0.5), "quiet": (np.full(8000, 0.05), 8000)}, sr=16000)
    loud: 0.5 s at 16000 Hz, -6.0 dBFS
    quiet: 1.0 s at 8000 Hz, -26.0 dBFS
    """
    if not isinstance(sounds, Mapping) or not sounds:
        raise checks.InputError(checks.explain(
            "a dictionary {title: audio} with at least one sound", _what(sounds),
            "Give every sound a title: listen.compare({'before': audio, 'after': louder}, sr=sr)",
            section=checks.PLAYERS))
    pairs = {title: value if isinstance(value, tuple) else (value, sr) for title, value in sounds.items()}
    for title, pair in pairs.items():
        if len(pair) != 2:
            raise checks.InputError(checks.explain(
                f"audio or (audio, sr) for {title!r}", f"a tuple of {len(pair)}",
                "Write (audio, 8000) for a sound with a rate of its own", section=checks.PLAYERS))
    return _side_by_side([_sound(audio, sr=rate, title=str(title)) for title, (audio, rate) in pairs.items()], columns)


def grid(dataset: Any, rows: Any, *, columns: int = 5, captions: Sequence[str] | None = None) -> Players:
    """Put clips of a data set side by side, each under the name of its class.

    Parameters
    ----------
    dataset : AudioDataset
        Whatever has ``load(row)`` returning (audio, sr).
    rows : pandas.DataFrame
        Rows of the clip table; a single row will do.
    columns : int
        How many stand side by side where the page is wide enough.
    captions : sequence of str, optional
        A remark below each class name, such as what a classifier took it for;
        underscores are shown as spaces, as in the class names.

    Returns
    -------
    Players

    Raises
    ------
    InputError
        If there is no row, or the number of captions differs from that of the rows.
    """
    rows = [rows] if getattr(rows, "ndim", 2) == 1 else [row for _, row in rows.iterrows()]
    if not rows:
        raise checks.InputError(checks.explain(
            "at least one row of the clip table", "none", "Look at the condition that chose the rows",
            section=checks.PLAYERS))
    captions = [""] * len(rows) if captions is None else [str(caption).replace("_", " ") for caption in captions]
    checks.same_length(rows=rows, captions=captions)
    sounds = []
    for row, caption in zip(rows, captions, strict=True):
        audio, sr = dataset.load(row)
        sounds.append(_sound(audio, sr=sr, title=str(row["label"]).replace("_", " "), caption=caption))
    return _side_by_side(sounds, columns)


def _side_by_side(sounds: list[Sound], columns: int) -> Players:
    columns = int(checks.positive(columns, name="columns"))
    return Players(tuple(sounds), min(columns, len(sounds)))


def _sound(audio: np.ndarray, *, sr: int, title: str, caption: str = "") -> Sound:
    audio, sr = checks.audio(audio), checks.sr(sr)
    samples = to_pcm16(audio)
    return Sound(title, caption, f"{len(audio) / sr:.1f} s at {sr} Hz, {_level(audio, samples)}", _wav(samples, sr))


def _level(audio: np.ndarray, samples: np.ndarray) -> str:
    """Level in words, with what the ear should be warned of."""
    if not samples.any():
        return f"{level_db(audio):.1f} dBFS; too quiet for 16 bits, plays as silence" if audio.any() else "silence"
    text = f"{level_db(audio):.1f} dBFS"
    peak = float(np.max(np.abs(audio)))
    full = int(np.count_nonzero((samples == 32767) | (samples == -32768)))
    if peak > 1:
        return f"{text}; beyond full scale: peak of {peak:.2f} limited to 1"
    if full >= 3:   # one or two samples may just touch it
        return f"{text}; clipped: {full} samples at full scale"
    return text


def _wav(samples: np.ndarray, sr: int) -> bytes:
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sr)
        file.writeframes(samples.astype("<i2").tobytes())
    return memory.getvalue()


def _what(value: object) -> str:
    return "none" if isinstance(value, Mapping) else type(value).__name__
