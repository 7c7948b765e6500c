"""Where blocks come from: a file at the speed of time or faster, a microphone, a pipe of raw samples."""

import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from helpers import checks

BLOCK = 0.1
"""Length of a block in seconds: short against a window, long against what a call costs."""

FORMATS = {"uint8": 128, "int16": 32_768, "int32": 2_147_483_648, "float32": 1}
"""Samples that a pipe may hold, least significant byte first, and what full scale is in them."""


class MicrophoneError(OSError):
    """No microphone, or nothing that could read one."""


class Source:
    """Blocks of one channel that come one after the other.

    Attributes
    ----------
    sr : int, Hz
    """

    def __init__(self, blocks: Iterator[np.ndarray], *, sr: int) -> None:
        self._blocks, self.sr = blocks, sr

    def __iter__(self) -> Iterator[np.ndarray]:
        return self._blocks


def from_file(
    path: str | os.PathLike, *, block: float = BLOCK, speed: float | None = None,
    clock: Callable[[], float] = time.monotonic, wait: Callable[[float], None] = time.sleep,
) -> Source:
    """Play a recording to a listener, as fast as it can listen or at the speed of time.

    Parameters
    ----------
    path : path
        Whatever libsndfile reads; several channels are averaged. A WAV file that
        was cut short ends where its samples end.
    block : float, seconds
    speed : float, optional
        1 for the speed of time: each block comes when it would have been
        recorded. 10 for ten times as fast. As fast as possible where left out. A listener that is
        late is not waited for: it gets the next block at once, and nothing is lost.
    clock, wait : callable
        How to read the time, and how to wait so many seconds.

    Returns
    -------
    Source
        At the rate of the file.

    Raises
    ------
    AudioFileError
        If the file is missing or no recording; while it plays, where it is
        broken or holds values that are not finite.
    InputError
        If the block is shorter than a sample, or the speed is not above 0.
    """
    import soundfile

    if speed is not None:
        checks.positive(speed, name="speed")
    checks.positive(block, name="block")
    try:
        with soundfile.SoundFile(path) as file:
            sr = file.samplerate
    except (RuntimeError, TypeError, ValueError) as error:   # soundfile wants more arguments for headerless files
        raise _unreadable(path, "a file that is broken or no recording" if Path(path).is_file() else "no file") \
            from error

    def blocks() -> Iterator[np.ndarray]:
        begin, played, size = clock(), 0, max(1, round(block * sr))
        pieces = soundfile.blocks(path, blocksize=size, dtype="float32", always_2d=True)
        while True:
            try:
                piece = next(pieces, None)
            except (RuntimeError, ValueError) as error:      # FLAC has checksums, and is read as far as they are right
                raise _unreadable(path, f"a file that is broken after {played / sr:.2f} s") from error
            if piece is None:
                return
            if not np.isfinite(piece).all():
                raise _unreadable(path, f"values that are NaN or infinite after {played / sr:.2f} s")
            played += len(piece)
            if speed is not None and (early := begin + played / sr / speed - clock()) > 0:
                wait(early)
            yield _mono(piece)

    return Source(blocks(), sr=sr)


def _unreadable(path: str | os.PathLike, got: str) -> checks.AudioFileError:
    return checks.AudioFileError(checks.explain(
        f"a recording in {Path(path)}", got, "Check the name; play the file in another program", section=checks.FILES))


def _mono(piece: np.ndarray) -> np.ndarray:
    return piece[:, 0].copy() if piece.shape[1] == 1 else piece.mean(axis=1, dtype=np.float32)


def from_pipe(
    stream: BinaryIO, *, sr: int, dtype: str = "int16", channels: int = 1, block: float = BLOCK
) -> Source:
    """Read raw samples from a pipe, such as ``sys.stdin.buffer`` behind a recorder.

    Parameters
    ----------
    stream : binary stream
        Without a header, least significant byte first, channels in turn. It may
        hand on fewer bytes than asked for, and cut a sample in two: the halves
        are put together.
    sr : int, Hz
    dtype : {"uint8", "int16", "int32", "float32"}
    channels : int
        They are averaged.
    block : float, seconds

    Returns
    -------
    Source
        Warns if the stream ends in the middle of a sample, and leaves the half
        out.

    Raises
    ------
    InputError
        If the format is unknown or a number out of its range; while reading, if
        the stream does not wait for data.

    Examples
    --------
    >>> import io
    >>> source = from_pipe(io.BytesIO(np.array([0, 16384, -32768], "<i2").tobytes()), sr=16000)
    >>> np.concatenate(list(source)).tolist()
    [0.0, 0.5, -1.0]
    """
    sr, channels = checks.sr(sr), checks.whole(channels, name="channels")
    checks.one_of(dtype, FORMATS, name="dtype")
    sample = np.dtype(dtype).newbyteorder("<")
    n_bytes = channels * sample.itemsize
    wanted = n_bytes * max(1, round(checks.positive(block, name="block") * sr))

    def blocks() -> Iterator[np.ndarray]:
        rest = b""
        while piece := _read(stream, wanted - len(rest)):
            piece = rest + piece
            whole = len(piece) // n_bytes * n_bytes
            piece, rest = piece[:whole], piece[whole:]
            if piece:
                yield _mono(_scaled(np.frombuffer(piece, sample), dtype=dtype).reshape(-1, channels))
        if rest:
            warnings.warn(f"The stream ended in the middle of a sample: its last {len(rest)} of {n_bytes} bytes are "
                          "left out.", stacklevel=2)

    return Source(blocks(), sr=sr)


def _read(stream: BinaryIO, n_bytes: int) -> bytes:
    piece = stream.read(n_bytes)
    if piece is None:
        raise checks.fail("a stream that waits until there is something to read", "one that does not wait",
                          "Open it as usual: sys.stdin.buffer, or subprocess.Popen(..., stdout=PIPE).stdout")
    return piece


def _scaled(samples: np.ndarray, *, dtype: str) -> np.ndarray:
    """Turn whole numbers into floats between -1 and 1."""
    floats = samples.astype(np.float32 if dtype != "int32" else np.float64)
    return ((floats - 128 if dtype == "uint8" else floats) / FORMATS[dtype]).astype(np.float32)


def from_microphone(
    *, sr: int | None = None, block: float = BLOCK, seconds: float | None = None, device: int | str | None = None
) -> Source:
    """Listen to a microphone of this computer.

    Parameters
    ----------
    sr : int, Hz, optional
        The device's own rate where left out, which every device can do.
    block : float, seconds
    seconds : float, optional
        When to stop; without it, when the program is interrupted.
    device : int or str, optional
        The system's usual one where left out.

    Returns
    -------
    Source
        Opened when the first block is asked for, and closed with the loop. It
        warns once where the listener was too slow and samples were lost.

    Raises
    ------
    MicrophoneError
        If the package sounddevice, its library PortAudio, or a microphone is
        missing. On Binder and on a server there is none: use :func:`from_file`.
    """
    sounddevice = _sounddevice()
    limit = np.inf if seconds is None else checks.positive(seconds, name="seconds")
    checks.positive(block, name="block")
    try:
        native = sounddevice.query_devices(device, "input")["default_samplerate"]
        rate = checks.sr(round(native) if sr is None else sr)
        sounddevice.check_input_settings(device=device, channels=1, samplerate=rate, dtype="float32")
    except (sounddevice.PortAudioError, ValueError) as error:
        if isinstance(error, checks.InputError):
            raise
        raise _no_microphone(f"none that can be read ({error})") from error
    size = max(1, round(block * rate))

    def blocks() -> Iterator[np.ndarray]:
        warned, heard = False, 0
        with sounddevice.InputStream(samplerate=rate, channels=1, dtype="float32", device=device) as stream:
            while heard < limit * rate:
                piece, lost = stream.read(int(np.ceil(min(size, limit * rate - heard))))
                if lost and not warned:
                    warnings.warn("Samples of the microphone were lost: the computer was too slow.", stacklevel=2)
                    warned = True
                heard += len(piece)
                yield _mono(piece)

    return Source(blocks(), sr=rate)


def _sounddevice() -> Any:
    """Import the package that reads microphones."""
    try:
        import sounddevice
    except ImportError as error:
        raise _no_microphone("no package sounddevice") from error
    except OSError as error:                          # the package is here, its library is not
        raise _no_microphone("no library PortAudio") from error
    return sounddevice


def _no_microphone(got: str) -> MicrophoneError:
    return MicrophoneError(checks.explain(
        "a microphone", got,
        "Install what reads it: pip install sounddevice (on Linux also libportaudio2), plug a microphone in and allow "
        "this program to use it; or play a file instead: stream.from_file(...)", section=checks.PLAYERS))
