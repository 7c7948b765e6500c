"""The widget: it shows the current clip of a session, and says "saved" when the session has saved."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers import checks
from helpers.labelling.session import LabelSession, keys
from helpers.plots.style import pretty

HERE = Path(__file__).resolve().parent
PATIENCE = 4.0
"""Seconds after which the page says "not saved". A kernel that was only busy saves it later, and says so then."""

# Shown where no widget runs: exported pages, and notebooks that were opened again. The widget's style hides it.
_STATIC = '<p class="mh-labelling-static">{text} To label, run this cell in JupyterLab: it needs a running kernel.</p>'


class LabelWidget(anywidget.AnyWidget):
    """One clip at a time with its buttons; made by :func:`helpers.labelling.label_clips`.

    Parameters
    ----------
    session : LabelSession
    show : callable
        Gives ``picture``, ``sound`` and ``text`` of a clip.

    Attributes
    ----------
    session : LabelSession
    shown : dict
        What the page shows.
    """

    _esm = (HERE / "widget.js").read_text("utf-8")
    _css = (HERE / "widget.css").read_text("utf-8")
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, session: LabelSession, show: Callable[[str], dict[str, str]]) -> None:
        self.session, self._show = session, show
        self._ready: dict[str, dict] = {}   # the current clip and the next, drawn while the reader listens
        self._turn = 0
        super().__init__(shown=self._what_to_show())
        self.on_msg(self._receive)

    @property
    def labels(self) -> Any:
        """The answers so far, as a table: ``clip_id``, ``label``, ``seconds``, ``answered``."""
        return self.session.labels

    def __repr__(self) -> str:
        session = self.session
        return f"{session.n_answered} of {session.total} clips labelled, in {session.path.name}"

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": _STATIC.format(text=escape(f"{self!r}.")), "text/plain": repr(self)}, raw=True)
        display(*self._repr_mimebundle_()[:1], raw=True)

    def _receive(self, _: Any, message: dict, buffers: Any) -> None:
        """Do what a key or a button asks for; answer only when it is done."""
        number = message.get("number")
        try:
            said = self._do(message)
        except (OSError, checks.InputError) as error:
            self.send({"number": number, "failed": str(error)})
            return
        self.send({"number": number, "done": said})
        self.shown = self._what_to_show()
        if self.session.following is not None:
            self._prepare(self.session.following)

    def _do(self, message: dict) -> str:
        session, what, label = self.session, message.get("do"), message.get("label")
        if message.get("clip") != session.current:   # asked twice, or answered in another window meanwhile
            return "This clip was dealt with already."
        if what == "answer":
            session.answer(label, seconds=float(message.get("seconds") or 0))
            return f"Saved: {pretty(label)}"
        if what == "skip":
            session.skip()
            return "Put off until later"
        if what == "undo":
            return "There is nothing to take back" if session.undo() is None else "Taken back: this clip once more"
        raise checks.InputError(checks.explain(
            "answer, skip or undo", repr(what), "Run the cell again", section=checks.NOTEBOOKS))

    def _what_to_show(self) -> dict:
        session = self.session
        self._turn += 1   # the page waits for a change after every key, also where nothing else changes
        shown = {
            "turn": self._turn,
            "clip": session.current, "position": min(session.n_answered + 1, session.total), "total": session.total,
            "answered": session.n_answered, "skipped": len(session.skipped), "patience": PATIENCE,
            "path": session.given, "problem": "", "broken": list(session.broken),
            "choices": [{"label": label, "name": pretty(label), "keys": list(found)}
                        for label, found in zip(session.choices, keys(session.choices), strict=True)],
        }
        return shown if session.current is None else {**shown, **self._prepare(session.current)}

    def _prepare(self, clip_id: str) -> dict:
        """Draw a clip, or say why that cannot be; keep it and the one before."""
        if clip_id not in self._ready:
            try:
                drawn = self._show(clip_id)
            except (OSError, checks.InputError) as error:
                drawn = {"problem": f"{clip_id}: {error}"}
            self._ready = {**dict(list(self._ready.items())[-1:]), clip_id: drawn}
        return self._ready[clip_id]
