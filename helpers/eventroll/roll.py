"""The event roll: check what came, and put picture, sound and events into one page."""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from helpers import checks, files, listen
from helpers.eventroll import tables
from helpers.plots import framed, picture, style

HERE = Path(__file__).resolve().parent
AROUND = 0.1
"""Seconds that are played before and after an event, so that its edges are heard as edges."""
POINT = 0.5      # seconds: what is played of an event that has no length
FEW = 6   # classes that are all shown; of more, those without anything to see are only named
GLYPHS = dict(zip(style.MARKERS, "●■▲◆▼✚★✖◀▶", strict=True))
# What the rows and texts of page.css are high, in pixels: a frame without a network cannot ask for its own height.
_FIXED, _LANES, _CURVE, _ERRORS, _TALLEST = 342, (34, 62), 42, (64, 36), 1200


@dataclass(frozen=True)
class EventRoll:
    """A recording with its events, ready to be shown, played and saved.

    Attributes
    ----------
    summary : str
        What there is to see and hear, in one line.
    page : str
        The whole HTML page; it fetches nothing.
    height : int
        Pixels that it takes in a notebook.
    """

    summary: str
    page: str
    height: int

    def _repr_html_(self) -> str:
        return framed.frame(self.page, title=self.summary, height=self.height)

    def __repr__(self) -> str:
        return self.summary

    def save(self, path: str | os.PathLike) -> Path:
        """Write the page as one HTML file that opens without a network.

        Raises
        ------
        OSError
            If the disk is full or the folder is read-only.
        """
        files.write_text(path, self.page)
        return Path(path)


def event_roll(
    audio: np.ndarray, *, sr: int, events: Any, detected: Any = None, scores: np.ndarray | None = None,
    starts: Sequence[float] | None = None, hop: float | None = None, classes: Sequence[str],
    threshold: float | tuple[float, float] | Mapping[str, Any] | None = None, title: str = "",
    collar: float | None = 0.2, status: tuple[Sequence[str], Sequence[str]] | None = None,
) -> EventRoll:
    """Show a recording, its true events, the scores and what was detected, and play every one of them.

    Click the picture to move, an event to hear it. Space plays and pauses, the arrow keys move, tab goes from event
    to event. False alarms and missed events carry a shape, a word and the colour of errors, and are listed below.

    Parameters
    ----------
    audio : np.ndarray, shape=(n_samples,)
    sr : int, Hz
    events : pandas.DataFrame
        What is there: ``onset``, ``offset`` (seconds), ``label``; ``status`` ("hit" or "miss") if it was judged.
    detected : pandas.DataFrame, optional
        What was found: the same columns; ``status`` is "hit" or "false alarm", ``score`` is shown where there is one.
    scores : np.ndarray, shape=(n_frames, n_classes), range 0 to 1, optional
        One curve for each class.
    starts : sequence of float, seconds, optional
        From when each row of scores holds. For windows that overlap, give the middle half of each:
        ``starts + (window - hop) / 2``.
    hop : float, seconds, optional
        How long each row holds; the step of ``starts`` if left out.
    classes : sequence of str
        The classes to show, in the order of the columns of ``scores``. Of more than six, those with no event and no
        score that reaches the threshold are only named below.
    threshold : float, pair of float, or either by class, optional
        Drawn across the scores; a pair for hysteresis.
    title : str, optional
    collar : float, seconds, or None
        How far an onset may be off and still count: drawn as a bracket at each true onset where events were judged.
    status : pair of sequences of str, optional
        Those of ``events`` and of ``detected``, in place of their columns.

    Returns
    -------
    EventRoll
        Shown by Jupyter when it is the last line of a cell; ``save(path)`` writes a page.

    Raises
    ------
    InputError
        If the sound is longer than a page should hold (``listen.MOST_BYTES``), or tables, scores and classes do not
        fit each other.

    Examples
    --------
    >>> import pandas as pd
    >>> events = pd.DataFrame({"onset": [0.5], "offset": [0.9], "label": ["dog"], "status": ["miss"]})
    >>> event_roll(np.full(32000, 0.1), sr=16000, events=events, classes=["dog"], title="yard")
    yard: 2.0 s at 16000 Hz, -20.0 dBFS; 1 true event: 1 missed
    """
    sound = listen.play(audio, sr=sr, title=title).sounds[0]
    audio, duration, classes = checks.audio(audio), len(audio) / sr, _classes(classes)
    of_true, of_detected = status or (None, None)
    true = tables.rows(events, name="events", classes=classes, duration=duration, statuses=tables.TRUE, status=of_true)
    found = None if detected is None else tables.rows(
        detected, name="detected", classes=classes, duration=duration, statuses=tables.DETECTED, status=of_detected)
    spans, values = ([], None) if scores is None else tables.curves(
        scores, starts=starts, hop=hop, n_classes=len(classes), duration=duration)
    limits = tables.thresholds(threshold, classes=classes)
    for row in [*true, *(found or ())]:
        row["play"] = _stretch(row, duration)
    judged = any(row["status"] for row in [*true, *(found or ())])
    groups = [{
        "name": style.pretty(label), "colour": style.colour(index), "glyph": GLYPHS[style.marker(index)],
        "true": [row for row in true if row["label"] == label],
        "detected": None if found is None else [row for row in found if row["label"] == label],
        "curve": values and values[index], "thresholds": limits[index],
    } for index, label in enumerate(classes)]
    shown = groups if len(groups) <= FEW else [group for group in groups if _has_something(group)] or groups[:FEW]
    data = {
        "title": title, "text": sound.text, "duration": duration, "mel": picture.log_mel(audio, sr=sr), "spans": spans,
        "collar": None if collar is None or not judged else float(collar), "judged": judged,
        "counts": _counts(true, found), "classes": shown,
        "empty": [group["name"] for group in groups if group not in shown],
    }
    height = _FIXED + len(shown) * (_LANES[found is not None] + _CURVE * (values is not None))
    if judged:
        wrong = sum(row["status"] in ("miss", "false alarm") for row in [*true, *(found or ())])
        height += _ERRORS[0] + _ERRORS[1] * min(4, -(-wrong // 3))   # the list scrolls where it is longer
    summary = f"{sound}; {data['counts']}"
    return EventRoll(summary, _page(data, sound.wav, summary), min(height, _TALLEST))


def _classes(classes: Sequence[str]) -> list[str]:
    """Check the classes: one name each, and as names, not as the letters of one name."""
    names = [] if isinstance(classes, str) else list(classes)
    if not names or len(set(names)) < len(names):
        raise checks.InputError(checks.explain(
            "at least one class, each named once", repr(classes), "Give a list: classes=['dog', 'rain']",
            section=checks.ARRAYS))
    return names


def _has_something(group: dict) -> bool:
    """Whether a class has an event, or a score that reaches its threshold (0.5 where it has none)."""
    return bool(group["true"] or group["detected"] or (
        group["curve"] and max(group["curve"]) >= min(group["thresholds"], default=0.5)))


def _stretch(row: dict, duration: float) -> list[float]:
    """Say from when to when an event is played: a little more than it lasts."""
    around = AROUND if row["offset"] > row["onset"] else POINT / 2
    return [round(max(0.0, row["onset"] - around), 4), round(min(duration, row["offset"] + around), 4)]


def _counts(true: list[dict], found: list[dict] | None) -> str:
    """Say in words how many events there are and how they were judged."""
    def words(rows: list[dict], what: str, names: dict[str, str]) -> str:
        total = f"{len(rows)} {what} event{'s' * (len(rows) != 1)}"
        each = [(sum(row["status"] == status for row in rows), name) for status, name in names.items()]
        return ": ".join(filter(None, [total, ", ".join(f"{count} {name}" for count, name in each if count)]))

    parts = [words(true, "true", {"hit": "found", "miss": "missed"})]
    if found is not None:
        parts.append(words(found, "detected", {"hit": "right", "false alarm": "false"}))
    return "; ".join(parts)


def _page(data: dict, wav: bytes, summary: str) -> str:
    """Put text, sound and scripts into the page."""
    return framed.fill(framed.part(HERE / "page.html"), {
        "summary": framed.as_text(summary), "data": framed.as_json(data), "wav": base64.b64encode(wav).decode("ascii"),
        **{name.split(".")[0]: framed.part(HERE / name) for name in ("rows.js", "player.js")},
        "css": framed.part(HERE / "page.css"), "element": framed.part(framed.ELEMENT),
    })
