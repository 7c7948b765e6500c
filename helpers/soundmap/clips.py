"""The sounds of a map: cut to a few seconds, never made louder, as small files and as pictures."""

import base64
import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import audio as sound
from helpers import checks, files, listen
from helpers.plots import picture

SR = sound.SR
VERSION = 3
"""Of what is kept in the cache: another one where sound or picture is made in another way."""

BYTES_PER_SECOND = 4700
"""What a second takes, sound and picture: an average bit rate is asked for, so that noise weighs what speech does."""

TURNED_DOWN = 0.95       # what the encoder, LAME, multiplies every sound with at an average bit rate; undone here
_BLOCK = 50
_MOST_COLUMNS = 200      # of a picture; it is shown about twice as wide


@dataclass(frozen=True)
class Clip:
    """One sound as a page needs it.

    Attributes
    ----------
    mp3, png : bytes
        16 kHz, one channel, as loud as it was; the log-mel spectrogram.
    facts : dict
        ``seconds``, ``text`` (duration, rate, level, what is wrong with it), and where the picture lies on its axes.
    """

    mp3: bytes
    png: bytes
    facts: dict


@dataclass(frozen=True)
class Clips:
    """The sounds of a map, cut and encoded when they are asked for.

    Attributes
    ----------
    audio : sequence of np.ndarray or path
    sr : int, Hz
        Of the arrays; files have their own.
    starts : np.ndarray of float, seconds, shape=(n,)
    seconds : float
        What is kept from there on, at most.
    """

    audio: Sequence
    sr: int
    starts: np.ndarray
    seconds: float
    _last: list = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.audio)

    @property
    def paths(self) -> list[Path] | None:
        """Where the files lie; None where a sound came as an array."""
        return [Path(one) for one in self.audio] if all(map(is_path, self.audio)) else None

    def bytes(self) -> int:
        """Estimate what all of them weigh in a page."""
        lengths = [self.seconds if is_path(one) else min(self.seconds, len(one) / self.sr) for one in self.audio]
        return round(sum(lengths) * BYTES_PER_SECOND * 4 / 3)   # as text, three bytes take four letters

    def cut(self, index: int) -> tuple[np.ndarray, float, float]:
        """Cut one sound out of its recording.

        Returns
        -------
        audio : np.ndarray, shape=(n_samples,), at ``SR``
        start, whole : float, seconds
            From where it is, and how long the recording is.

        Raises
        ------
        InputError
            If it begins after the end of the recording, or is no sound.
        AudioFileError
            If the file cannot be read.
        """
        one, start = self.audio[index], float(self.starts[index])
        if is_path(one):
            if self._last[:1] != [one]:    # many pieces of one long recording follow each other
                self._last[:] = [one, *sound.load_audio(one, sr=SR)]
            recording, sr = self._last[1:]
        else:
            recording, sr = checks.audio(one, name=f"audio[{index}]"), self.sr
        whole = len(recording) / sr
        if start >= whole:
            raise checks.InputError(checks.explain(
                f"a start within the {whole:.2f} s of sound {index}", f"{start:g} s",
                "Starts are seconds from the beginning of the recording", section=checks.ARRAYS))
        first = round(start * sr)
        return sound.resample(recording[first: first + max(1, round(self.seconds * sr))], orig_sr=sr, target_sr=SR), \
            start, whole

    def one(self, index: int, *, with_sound: bool = True) -> Clip:
        """Encode one sound."""
        audio, start, whole = self.cut(index)
        text = listen.play(audio, sr=SR).sounds[0].text
        if start > 0 or whole > start + self.seconds + 0.05:   # what resampling adds is no cut
            text += f"; {start:.1f} to {start + len(audio) / SR:.1f} s of {whole:.1f} s"
        frames = 1 + len(audio) // picture.HOP_LENGTH
        drawn = picture.bare(audio, sr=SR, hop_length=picture.HOP_LENGTH * -(-frames // _MOST_COLUMNS))
        png = drawn.pop("png")
        facts = {"seconds": len(audio) / SR, "text": text, **drawn}
        return Clip(mp3(audio) if with_sound else b"", png, facts)

    def kept(self) -> list[Clip]:
        """Encode all sounds; what was encoded before is read from the cache."""
        found = []
        with progress(len(self), "sounds of the map") as done:
            for first in range(0, len(self), _BLOCK):
                block = range(first, min(first + _BLOCK, len(self)))
                path = files.cache_folder("soundmap") / f"{self._key(block)}.json"
                found += _read(path) or _write(path, [self.one(index) for index in block])
                done(len(block))
        return found

    def each(self, *, with_sound: bool) -> Iterator[Clip]:
        """Encode one sound after the other, so that thousands need no memory."""
        with progress(len(self), "sounds of the map") as done:
            for index in range(len(self)):
                yield self.one(index, with_sound=with_sound)
                done(1)

    def _key(self, block: range) -> str:
        """Name of what is kept: changes with every sample and every setting."""
        content = hashlib.sha256()
        for index in block:
            audio, start, whole = self.cut(index)
            content.update(f"{len(audio)} {start} {whole} ".encode() + audio.tobytes())
        return files.key(version=VERSION, seconds=self.seconds, content=content.hexdigest())


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], object]]:
    """One updating line where there are many sounds."""
    from tqdm import tqdm

    with tqdm(total=total, desc=what, unit="sound", file=sys.stdout, disable=total < 2 * _BLOCK) as line:
        yield line.update


def is_path(one: object) -> bool:
    """Whether a sound is named by its file."""
    return isinstance(one, (str, os.PathLike))


def mp3(audio: np.ndarray) -> bytes:
    """Encode a sound at 16 kHz: about 14 KB for 5 s, with its length and delay noted, so that a cursor is exact."""
    import soundfile

    memory = io.BytesIO()
    # of a constant bit rate as low as this, no frame could hold the note about the delay
    soundfile.write(memory, np.clip(audio, -1, 1).astype(np.float32) / np.float32(TURNED_DOWN), SR, format="MP3",
                    bitrate_mode="AVERAGE", compression_level=0.9)
    return memory.getvalue()


def as_text(content: bytes) -> str:
    """Write bytes as letters, for a page."""
    return base64.b64encode(content).decode("ascii")


def _write(path: Path, clips: list[Clip]) -> list[Clip]:
    files.write_text(path, json.dumps([[as_text(clip.mp3), as_text(clip.png), clip.facts] for clip in clips]))
    return clips


def _read(path: Path) -> list[Clip] | None:
    """What was kept, if it is there and whole."""
    try:
        found = [Clip(base64.b64decode(mp3, validate=True), base64.b64decode(png, validate=True), dict(facts.items()))
                 for mp3, png, facts in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return found or None
