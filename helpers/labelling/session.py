"""A labelling session: which clip is next, and a file that holds every answer given so far."""

from __future__ import annotations

import csv
import io
import os
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from helpers import checks, files

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("clip_id", "label", "seconds", "answered")
PATIENCE = 3.0   # seconds to wait for another kernel that writes the same file
UNDO, SKIP = "u", "s"


class Answer(NamedTuple):
    """One line of the file.

    Attributes
    ----------
    clip_id, label : str
    seconds : float
        How long the answer took.
    answered : str
        Date and time (UTC) in ISO 8601.
    """

    clip_id: str
    label: str
    seconds: float
    answered: str


class LabelSession:
    """Clips to label, and the file that the answers go to.

    Each answer is appended to the file and forced to the disk before :meth:`answer` returns, so that nothing is lost
    when the kernel dies. A session with the same file goes on where the last one stopped. Two kernels may share a
    file: a lock keeps their lines apart, and where both answered a clip, the later answer counts.

    Parameters
    ----------
    clip_ids : sequence of str
        In the order in which they are asked; each once.
    choices : sequence of str
        The labels to choose from.
    path : path
        A CSV file with the columns ``clip_id``, ``label``, ``seconds`` and ``answered``; made if it is not there. It
        may hold answers about other clips too.

    Attributes
    ----------
    path : Path
        The file, absolute; ``given`` is the path as it was given.
    broken : tuple of int
        Lines of the file that could not be read, counted from 1. They stay as they are; their clips are asked again.

    Raises
    ------
    InputError
        If clips or labels are missing, double or hold line breaks, or the file is another kind of table.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "labels.csv"
    >>> session = LabelSession(["a", "b", "c"], ["dog", "rain"], path=path)
    >>> session.answer("rain", seconds=1.5)
    >>> LabelSession(["a", "b", "c"], ["dog", "rain"], path=path).current
    'b'
    """

    def __init__(self, clip_ids: Sequence[str], choices: Sequence[str], *, path: str | os.PathLike) -> None:
        self.clip_ids = _names(clip_ids, name="clip_ids", at_least=1)
        self.choices = _names(choices, name="labels", at_least=2)
        self.given, self.path = os.fspath(path), Path(path).resolve()
        self.broken: tuple[int, ...] = ()
        self._did: list[tuple[str, str]] = []   # what can be undone: ("answer" or "skip", clip_id)
        self._waiting = list(self.clip_ids)
        with files.locked(self.path, timeout=PATIENCE):
            if not self.path.exists() or self.path.stat().st_size == 0:
                files.write_text(self.path, ",".join(COLUMNS) + "\n")
            self._update(self._read())
        if self.broken:
            warnings.warn(f"{self.path.name}: skipped what cannot be read in line {', '.join(map(str, self.broken))}; "
                          "the clips of such lines are asked again.", stacklevel=2)

    @property
    def current(self) -> str | None:
        """The clip that is asked now; None when all have an answer."""
        return self._waiting[0] if self._waiting else None

    @property
    def following(self) -> str | None:
        """The clip that will be asked after the current one."""
        return self._waiting[1] if len(self._waiting) > 1 else None

    @property
    def total(self) -> int:
        """How many clips there are."""
        return len(self.clip_ids)

    @property
    def n_answered(self) -> int:
        """How many of them have an answer."""
        return self.total - len(self._waiting)

    @property
    def skipped(self) -> tuple[str, ...]:
        """Clips that were put off until later."""
        put_off = {clip_id for what, clip_id in self._did if what == "skip"}
        return tuple(clip_id for clip_id in self._waiting if clip_id in put_off)

    @property
    def labels(self) -> pd.DataFrame:
        """All answers in the file, one row a clip: the last one where there are several."""
        import pandas as pd

        table = pd.DataFrame([answer for _, answer in self._read()[1]], columns=list(COLUMNS))
        table = table.astype({"seconds": float})
        return table.drop_duplicates("clip_id", keep="last").reset_index(drop=True)

    def answer(self, label: str, *, seconds: float) -> None:
        """Save the label of the current clip, and go on to the next.

        Parameters
        ----------
        label : str
            One of ``choices``.
        seconds : float
            How long the answer took.

        Raises
        ------
        InputError
            If the label is none of the choices, or all clips have one.
        OSError
            If it could not be saved; the clip is still the current one then.
        """
        checks.one_of(label, self.choices, name="the label")
        if self.current is None:
            raise checks.InputError(checks.explain(
                "a clip that waits for an answer", "none: all are labelled", "Take one back with undo()",
                section=checks.ARRAYS))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        answer = Answer(self.current, label, round(max(0.0, float(seconds)), 2), now)
        with files.locked(self.path, timeout=PATIENCE):
            self._append(answer)
            self._did.append(("answer", answer.clip_id))
            self._update(self._read())

    def skip(self) -> None:
        """Put the current clip off: it is asked again after all others. Nothing is saved."""
        if self.current is not None:
            self._did.append(("skip", self.current))
            self._waiting.append(self._waiting.pop(0))

    def undo(self) -> str | None:
        """Take the last answer or skip back, and ask about that clip again.

        Reaches back beyond this session: to the last answer about one of its clips that stands in the file.

        Returns
        -------
        str or None
            The clip; None if there is nothing to take back.

        Raises
        ------
        OSError
            If the file cannot be written; nothing is taken back then.
        """
        with files.locked(self.path, timeout=PATIENCE):
            lines, answers, _ = self._read()
            mine = [(number, answer.clip_id) for number, answer in answers if answer.clip_id in set(self.clip_ids)]
            what, clip_id = self._did[-1] if self._did else ("answer", mine[-1][1] if mine else None)
            if clip_id is None:
                return None
            number = max((number for number, answered in mine if answered == clip_id), default=None)
            if what == "answer" and number is not None:
                with files.replacing(self.path) as temporary:
                    temporary.write_bytes(b"\n".join(lines[:number] + lines[number + 1:]))
            self._did = self._did[:-1]
            self._update(self._read(), first=clip_id)
        return clip_id

    def _update(self, read: tuple[list, list, tuple], *, first: str | None = None) -> None:
        """Drop from the line who has an answer by now, from whatever kernel; ``first`` goes to its head."""
        _, answers, self.broken = read
        answered = {answer.clip_id for _, answer in answers} - {first}
        order = [clip_id for clip_id in self._waiting if clip_id != first]
        order = ([first] if first else []) + order
        self._waiting = [clip_id for clip_id in order if clip_id not in answered]

    def _append(self, answer: Answer) -> None:
        """Add one line and force it to the disk; a line that was cut off before it stays a line of its own."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(answer)
        with files.friendly(self.path), open(self.path, "rb+") as file:
            file.seek(-1, os.SEEK_END)
            cut_off = file.read(1) != b"\n"
            file.write(b"\n" * cut_off + text.getvalue().encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())

    def _read(self) -> tuple[list[bytes], list[tuple[int, Answer]], tuple[int, ...]]:
        """Read the file: its lines as they are, the answers with the place of their lines, and what is broken."""
        lines = self.path.read_bytes().split(b"\n")
        head = lines[0].removeprefix(b"\xef\xbb\xbf").rstrip(b"\r").decode("utf-8", "replace")
        if tuple(head.split(","))[:len(COLUMNS)] != COLUMNS:
            raise checks.InputError(checks.explain(
                f"a file of labels that begins with {','.join(COLUMNS)}", f"{head[:60]!r} in {self.path}",
                "Give another path: a new file is made there", section=checks.FILES))
        answers, broken = [], []
        for number, line in enumerate(lines[1:], start=1):
            if line.strip():
                try:
                    answers.append((number, _parse(line)))
                except (ValueError, csv.Error):
                    broken.append(number + 1)
        return lines, answers, tuple(broken)


def keys(choices: Sequence[str]) -> list[tuple[str, ...]]:
    """Choose the keys of each label: its number up to 9, and the first of its letters that is still free.

    ``u`` and ``s`` are never chosen: they undo and skip.

    Examples
    --------
    >>> keys(["dog", "door", "siren", "sea_waves"])
    [('1', 'd'), ('2', 'o'), ('3', 'i'), ('4', 'e')]
    """
    taken, found = {UNDO, SKIP}, []
    for number, label in enumerate(choices, start=1):
        letter = next((one for one in label.lower() if one.isalpha() and one not in taken), None)
        taken.add(letter)
        found.append(tuple(filter(None, [str(number) if number <= 9 else None, letter])))
    return found


def _parse(line: bytes) -> Answer:
    """Read one line; ValueError or csv.Error if it was cut off or is no answer."""
    if b"\0" in line:   # what a power cut leaves on some disks
        raise ValueError("zero bytes")
    fields = next(csv.reader([line.decode("utf-8").rstrip("\r")], strict=True), [])
    if len(fields) < len(COLUMNS) or not (fields[0] and fields[1]):
        raise ValueError("too few fields")
    answer = Answer(fields[0], fields[1], float(fields[2]), fields[3])
    datetime.fromisoformat(answer.answered)
    if not 0 <= answer.seconds < float("inf"):
        raise ValueError("no time that an answer can take")
    return answer


def _names(names: Sequence[str], *, name: str, at_least: int) -> tuple[str, ...]:
    """Check a list of names: enough of them, each once, and each on one line of a file."""
    found = () if isinstance(names, str) else tuple(map(str, names))
    if len(found) < at_least or len(set(found)) < len(found) or any(
            not one.strip() or "\n" in one or "\r" in one for one in found):
        what = repr(names) if len(repr(names)) < 80 else f"{len(found)}, of which {len(set(found))} differ"
        raise checks.InputError(checks.explain(
            f"at least {at_least} of {name}, each once, without line breaks", what, "Give a list of names",
            section=checks.ARRAYS))
    return found
