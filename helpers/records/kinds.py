"""What was heard, and of what: the three kinds of record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np

from helpers import checks


@dataclass(frozen=True, kw_only=True)
class ClassificationResult:
    """What was heard, and how sure the model is.

    Attributes
    ----------
    label : str
    score : float
        Of this label, as the model gives it.
    scores : dict of str -> float
        Of all classes, where they are kept.
    model : str
        Which model said so, such as the first digits of its file's checksum.

    Raises
    ------
    InputError
        If a score is not a finite number.
    """

    label: str
    score: float
    scores: Mapping[str, float] = field(default_factory=dict)
    model: str = ""

    def __post_init__(self) -> None:
        _text(self.label, name="label")
        _number(self.score, name="score")
        for name, score in self.scores.items():
            _number(score, name=f"score of {name}")


@dataclass(frozen=True, kw_only=True)
class DeviceClassification:
    """What a device heard at a moment.

    Attributes
    ----------
    device : str
        Which microphone, machine or telephone.
    time : datetime or str, UTC
        Beginning of what was heard: a time that knows its zone, or its ISO
        8601 text. Kept in UTC, to the millisecond.
    result : ClassificationResult

    Raises
    ------
    InputError
        If the time has no zone: nobody could say later which hour it was.
    """

    kind: ClassVar[str] = "device"
    device: str
    time: datetime | str
    result: ClassificationResult

    def __post_init__(self) -> None:
        _text(self.device, name="device")
        _result(self.result)
        object.__setattr__(self, "time", utc(self.time))


@dataclass(frozen=True, kw_only=True)
class AudioClassification:
    """What was heard in a stretch of a recording.

    Attributes
    ----------
    audio_clip : str
        The recording: a clip_id, a path or an address.
    onset, offset : float, seconds
        The stretch, from the beginning of the recording.
    result : ClassificationResult
    time : datetime or str, UTC, optional
        When that was, where it is known; as in :class:`DeviceClassification`.

    Raises
    ------
    InputError
        If not 0 <= onset <= offset, or the time has no zone.
    """

    kind: ClassVar[str] = "audio"
    audio_clip: str
    onset: float
    offset: float
    result: ClassificationResult
    time: datetime | str | None = None

    def __post_init__(self) -> None:
        _text(self.audio_clip, name="audio_clip")
        _result(self.result)
        onset, offset = _number(self.onset, name="onset"), _number(self.offset, name="offset")
        if not 0 <= onset <= offset:
            raise checks.fail("0 <= onset <= offset, in seconds", f"{onset:g} to {offset:g}",
                              "Count both from the beginning of the recording")
        object.__setattr__(self, "time", None if self.time is None else utc(self.time))


@dataclass(frozen=True, kw_only=True)
class SpectrogramClassification:
    """What a spectrogram was found to show.

    Attributes
    ----------
    spectrogram : dict
        Which one, and how it was made, so that it can be made again: for
        example ``clip_id``, ``start``, ``sr``, ``n_fft``, ``hop_length``, ``n_mels``.
    result : ClassificationResult
    time : datetime or str, UTC, optional
        As in :class:`AudioClassification`.

    Raises
    ------
    InputError
        If there are no settings, or the time has no zone.
    """

    kind: ClassVar[str] = "spectrogram"
    spectrogram: Mapping[str, Any]
    result: ClassificationResult
    time: datetime | str | None = None

    def __post_init__(self) -> None:
        _result(self.result)
        if not isinstance(self.spectrogram, Mapping) or not self.spectrogram:
            raise checks.fail("the settings of the spectrogram as a dictionary", repr(self.spectrogram),
                              "Give at least sr, n_fft and hop_length")
        object.__setattr__(self, "time", None if self.time is None else utc(self.time))


Record = DeviceClassification | AudioClassification | SpectrogramClassification


def utc(time: datetime | str) -> str:
    """Write a moment in UTC as ISO 8601, to the millisecond.

    Parameters
    ----------
    time : datetime or str
        With its zone.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it is no time, or one without a zone.

    Examples
    --------
    >>> utc("2026-03-01T13:30:00+01:00")
    '2026-03-01T12:30:00.000Z'
    """
    try:
        moment = datetime.fromisoformat(time) if isinstance(time, str) else time
        zone = moment.utcoffset()
    except (ValueError, AttributeError, TypeError):
        zone = None
    if zone is None:
        raise checks.fail("a time with its zone, such as 2026-03-01T12:30:00Z", repr(time),
                          "Take datetime.now(UTC)")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(value: object, *, name: str) -> None:
    if not isinstance(value, str) or not value:
        raise checks.fail(f"{name} as text", repr(value), "Give a name")


def _number(value: object, *, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating) \
            or not np.isfinite(value):
        raise checks.fail(f"{name} as a finite number", repr(value), "Look at where it arises; float(...) makes one")
    return float(value)


def _result(value: object) -> None:
    if not isinstance(value, ClassificationResult):
        raise checks.fail("a ClassificationResult as the result", type(value).__name__,
                          "Wrap it: ClassificationResult(label=..., score=...)")
