"""Sound in: from a file of any kind to one channel of floats at one rate."""

import os
import zlib
from pathlib import Path

import numpy as np

from helpers import checks, files

SR = 16_000
"""Rate of everything embedded, and the default for everything loaded, in Hz."""

REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))   # every byte with its bits in reverse


def load_audio(path: str | os.PathLike, *, sr: int | None = SR) -> tuple[np.ndarray, int]:
    """Load a recording as one channel at the rate asked for.

    WAV (8 to 32 bit and float), FLAC, OGG, MP3 and whatever else libsndfile
    reads. Several channels are averaged. Values beyond full scale are kept.
    A WAV, FLAC or OGG file that was cut short is refused; an MP3 file only where
    it announces its length, as most do. Damage in the middle is noticed in FLAC
    and OGG, which carry checksums, and not in WAV and MP3.

    Parameters
    ----------
    path : path
        The recording.
    sr : int, Hz, or None
        Rate to resample to; ``None`` keeps the file's own.

    Returns
    -------
    audio : np.ndarray of float32, shape=(n_samples,), range about -1 to 1
    sr : int, Hz

    Raises
    ------
    AudioFileError
        If the file is missing, empty, broken, cut short, no recording, or holds
        values that are not finite.
    InputError
        If the rate is not a whole number above 0.

    Notes
    -----
    Resampling uses soxr at high quality: its error lies 64 dB below the
    sound, and it is about forty times cheaper than a Kaiser-windowed sinc.
    """
    import soundfile

    path = Path(path)
    if not path.is_file():
        raise _unreadable(path, "a folder" if path.is_dir() else "no file", "Check the name and the folder")
    if path.stat().st_size == 0:
        raise _unreadable(path, "an empty file", "Copy or download it again")
    try:
        with soundfile.SoundFile(path) as file:
            announced, native = file.frames, file.samplerate
            channels = file.read(dtype="float32", always_2d=True)
    except (RuntimeError, TypeError, ValueError, MemoryError) as error:
        # soundfile wants more arguments for headerless files, and as much memory as a header claims that there is
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        raise _unreadable(path, f"a file that is broken or no recording ({reason})",
                          "Play it in another program; convert it to WAV or FLAC if that works") from error
    if len(channels) < announced:
        raise _unreadable(path, f"a file cut short: {len(channels)} of {announced} samples",
                          "Copy or download it again")
    _refuse_cut_wav(path)
    _refuse_damaged_ogg(path)
    if len(channels) == 0:
        raise _unreadable(path, "a recording of no samples", "Record or download it again")
    if not np.isfinite(channels).all():
        raise _unreadable(path, "values that are NaN or infinite", "Export it again as 16-bit WAV or FLAC")
    mono = channels[:, 0] if channels.shape[1] == 1 else channels.mean(axis=1, dtype=np.float32)
    if sr is None:
        return np.ascontiguousarray(mono), native
    return resample(mono, orig_sr=native, target_sr=sr), checks.sr(sr)


def _refuse_cut_wav(path: Path) -> None:
    """Refuse a WAV file that ends before its header says: libsndfile reads what is left without a word."""
    with open(path, "rb") as file:
        if file.read(4) != b"RIFF":
            return
        file.seek(12)
        size, here = path.stat().st_size, 12
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                # a length of 0 or of all ones is what a recorder writes that streams without knowing the end
                if length not in (0, 0xFFFFFFFF) and here + 8 + length > size:
                    raise _unreadable(path, f"a file cut short: {size - here - 8} of {length} bytes of sound",
                                      "Copy or download it again")
                return
            here += 8 + length + length % 2
            file.seek(here)


def _refuse_damaged_ogg(path: Path) -> None:
    """Refuse an OGG file with a broken page or no last one: libsndfile skips what is missing without a word.

    Notes
    -----
    Pages after RFC 3533: ``OggS``, the last one marked by bit 4 of byte 5, a
    checksum in bytes 22 to 25, in byte 26 how many lengths follow that add up
    to the page's content.
    """
    with open(path, "rb") as file:
        if file.read(4) != b"OggS":
            return
        content = b"OggS" + file.read()
    here, ended = 0, False
    while content[here: here + 4] == b"OggS" and len(content) >= here + 27:
        lengths = content[here + 27: here + 27 + content[here + 26]]
        page = content[here: here + 27 + len(lengths) + sum(lengths)]
        if _ogg_checksum(page[:22] + bytes(4) + page[26:]) != int.from_bytes(page[22:26], "little"):
            ended = False
            break
        here, ended = here + len(page), bool(page[5] & 4)
    if not ended:
        raise _unreadable(path, f"a file cut short or damaged after {here} of {len(content)} bytes",
                          "Copy or download it again")


def _ogg_checksum(page: bytes) -> int:
    """Compute CRC-32 as Ogg does: zlib's with all bits in reverse, and without its inversions."""
    reversed_crc = zlib.crc32(page.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reversed_crc.to_bytes(4, "little").translate(REVERSED), "big")


def _unreadable(path: Path, got: str, way_out: str) -> checks.AudioFileError:
    text = checks.explain(f"a recording in {path}", got, way_out, section=checks.FILES)
    return checks.AudioFileError(text)


def resample(audio: np.ndarray, *, orig_sr: int, target_sr: int) -> np.ndarray:
    """Change the sampling rate without changing the sound below the new Nyquist frequency.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    orig_sr, target_sr : int, Hz
        Rate it has, rate it shall have.

    Returns
    -------
    np.ndarray of float32, shape=(about n_samples * target_sr / orig_sr,)

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or a rate is not a
        whole number above 0.

    Examples
    --------
    >>> resample(np.zeros(44100), orig_sr=44100, target_sr=16000).shape
    (16000,)
    """
    audio = checks.audio(audio)
    orig_sr, target_sr = checks.sr(orig_sr), checks.sr(target_sr)
    audio = np.ascontiguousarray(audio, dtype=np.float32)
    if orig_sr == target_sr:
        return audio
    import soxr

    resampled = soxr.resample(audio, orig_sr, target_sr, quality="HQ")
    return resampled if len(resampled) else np.zeros(1, np.float32)   # a few samples may round to none


def level_db(audio: np.ndarray) -> float:
    """Measure the level of a sound: its root mean square in dB below full scale.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)

    Returns
    -------
    float, dBFS
        0 for a square wave at full scale, -3 for a sine, ``-inf`` for digital
        silence.

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats.

    Examples
    --------
    >>> round(level_db(np.sin(np.linspace(0, 200 * np.pi, 16000))), 1)
    -3.0
    >>> level_db(np.zeros(10))
    -inf
    """
    power = float(np.mean(np.square(checks.audio(audio), dtype=np.float64)))
    return 10 * float(np.log10(power)) if power > 0 else -np.inf


def to_pcm16(audio: np.ndarray) -> np.ndarray:
    """Round audio to the 16 bits of a WAV file; what lies beyond full scale is limited.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)

    Returns
    -------
    np.ndarray of int16, shape=(n_samples,)

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats.

    Examples
    --------
    >>> to_pcm16(np.array([0.0, 0.5, 1.5])).tolist()
    [0, 16384, 32767]
    """
    return np.clip(np.round(checks.audio(audio) * 32768.0), -32768, 32767).astype(np.int16)


def save_audio(path: str | os.PathLike, audio: np.ndarray, *, sr: int = SR) -> None:
    """Write a 16-bit recording (WAV, FLAC, OGG or MP3 by its suffix), whole or not at all.

    Parameters
    ----------
    path : path
    audio : np.ndarray, shape=(n_samples,)
        What lies beyond full scale is limited.
    sr : int, Hz

    Raises
    ------
    InputError
        If the audio is not one channel of finite floats, or the suffix names no
        format that can be written.
    OSError
        If the disk is full or the folder is read-only.
    """
    import soundfile

    suffix = Path(path).suffix.lower().lstrip(".")
    checks.one_of(suffix, ("wav", "flac", "ogg", "mp3"), name="the suffix of the file")
    with files.replacing(path) as temporary:
        soundfile.write(temporary, to_pcm16(audio), checks.sr(sr))
