"""What every self-check is made of.

A check is a generator function under the decorator :func:`check`: it yields a line for each
step the answer has passed and leaves with :class:`Wrong` at the first difference. The
decorator makes a :class:`Report` of it and never lets anything out that would stop a notebook.
"""

import functools
import html
import inspect
import linecache
import numbers
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PASSED, NOT_YET, WRONG = "passed", "not yet", "wrong"
_SYMBOLS = {PASSED: "\N{CHECK MARK}", NOT_YET: "\N{WHITE CIRCLE}", WRONG: "\N{BALLOT X}"}
_COLOURS = {PASSED: "#009E73", NOT_YET: "#0072B2", WRONG: "#D55E00"}  # the frame only; text keeps the page's colour


class Wrong(Exception):
    """The answer differs; the message is the hint the reader sees."""


class Note(str):
    """A step that is worth knowing and says nothing about the answer."""


class NotYet(Exception):
    """There is no answer yet; the message, if any, says what was seen instead."""


@dataclass(frozen=True)
class Report:
    """What a check found out; a notebook shows it by itself.

    Attributes
    ----------
    name : str
        Which check.
    status : {"passed", "not yet", "wrong"}
    steps : tuple of str
        What the answer does right, and notes.
    message : str
        The task again (not yet) or the hint (wrong); empty when passed.
    """

    name: str
    status: str
    steps: tuple[str, ...]
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether every step was right."""
        return self.status == PASSED

    def lines(self) -> list[str]:
        """Give the report as lines of text, each with its symbol."""
        lines = [f"{'!' if isinstance(step, Note) else _SYMBOLS[PASSED]} {step}" for step in self.steps]
        if self.message:
            lead = {NOT_YET: "Not yet: ", WRONG: "Look again: "}[self.status]
            lines.append(f"{_SYMBOLS[self.status]} {lead}{self.message}")
        return lines

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        lines = "<br>".join(html.escape(line) for line in self.lines())
        return (f'<div class="mh-check" data-status="{self.status}" style="border-left: 5px solid '
                f'{_COLOURS[self.status]}; padding: 0.3em 0 0.3em 0.8em; line-height: 1.6">{lines}</div>')

    def _repr_mimebundle_(self, include=None, exclude=None):
        # The runner reads the status from the metadata of the output.
        data = {"text/plain": repr(self), "text/html": self._repr_html_()}
        return data, {"machine_hearing": {"check": self.name, "status": self.status}}


def check(task: str) -> Callable:
    """Turn a generator of passed steps into a self-check.

    Parameters
    ----------
    task : str
        The task in one line; the untouched blank gets it as a reminder.

    Returns
    -------
    callable
        A decorator. The decorated check returns a :class:`Report` and never raises.

    Examples
    --------
    >>> @check("Write double(x).")
    ... def check_double(fn):
    ...     same(ask(fn, 2), 4, given="for 2")
    ...     yield "two becomes four"
    >>> check_double(lambda x: 2 * x), check_double(lambda x: x), check_double(lambda x: None)
    (✓ two becomes four, ✗ Look again: for 2 you said 2, expected 4., ○ Not yet: Write double(x).)
    """

    def decorate(steps: Callable) -> Callable:
        @functools.wraps(steps)
        def run(*args, **kwargs) -> Report:
            name, done = steps.__name__.removeprefix("check_"), []
            try:
                for step in steps(*args, **kwargs):
                    done.append(step)
            except NotYet as seen:
                return Report(name, NOT_YET, tuple(done), f"{task} {seen}".strip())
            except Wrong as hint:
                return Report(name, WRONG, tuple(done), str(hint))
            except Exception as error:  # an answer of a kind nobody thought of must not stop the notebook
                hint = f"the check cannot read this answer ({_one_line(error)}). {task}"
                return Report(name, WRONG, tuple(done), hint)
            return Report(name, PASSED, tuple(done))

        return run

    return decorate


def is_blank(answer) -> bool:
    """Whether a value is what a blank leaves behind (None or ...)."""
    return answer is None or answer is Ellipsis


def ask(fn: Callable, *args, given: str = "") -> object:
    """Call the reader's function.

    Parameters
    ----------
    fn : callable
        The reader's function.
    *args
        What it gets; arrays and tables are copied, so that it cannot spoil the next step.
    given : str
        The input in the reader's words ("for 4.0 s of audio"), for the hint.

    Returns
    -------
    object
        What it returned.

    Raises
    ------
    NotYet
        If there is no function yet, or it returns None or ``...``.
    Wrong
        If it is no function or raises; the hint names the exception and its place.
    """
    if is_blank(fn):
        raise NotYet
    if not callable(fn):
        raise Wrong(f"a function was expected, not {_short(fn)}. Pass its name without brackets.")
    given = f"{given} " if given else ""
    try:
        answer = fn(*[argument.copy() if hasattr(argument, "copy") else argument for argument in args])
    except (Exception, SystemExit) as error:
        raise Wrong(f"{given}your function stops with {_one_line(error)}{_place(error, fn)}.") from error
    if is_blank(answer):
        raise NotYet("" if _untouched(fn) else f"({given}your function gives nothing back. Is a return missing?)")
    return answer


def number(value, *, name: str, low: float = -np.inf, high: float = np.inf, unit: str = "") -> float:
    """Read a number that the reader chose.

    Parameters
    ----------
    value : object
        The reader's value.
    name, unit : str
        For the hint.
    low, high : float
        The range in which the answer can lie at all, ends included.

    Returns
    -------
    float

    Raises
    ------
    NotYet
        If it is still None or ``...``.
    Wrong
        If it is no finite number or lies outside the range.
    """
    if is_blank(value):
        raise NotYet
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real) or not np.isfinite(value):
        raise Wrong(f"{name} must be one number{f' in {unit}' if unit else ''}, not {_short(value)}.")
    if not low <= value <= high:
        raise Wrong(f"{name} is {value:g} {unit}".strip() + f"; it must lie between {low:g} and {high:g}.")
    return float(value)


def one_number(answer: object, *, given: str, infinite: bool = False) -> float:
    """Read the number that the reader's function gave back; ``infinite`` allows np.inf.

    Raises
    ------
    Wrong
        If it is none, or several.
    """
    got = np.asarray(answer)
    if got.dtype.kind not in "fiu" or got.size != 1 or not (np.isfinite(got) | (infinite & np.isinf(got))).all():
        what = f"an array of shape {got.shape}" if got.dtype.kind in "fiu" and got.size != 1 else repr(answer)[:60]
        raise Wrong(f"{given}: expected one number, got {what}.")
    return float(got.reshape(-1)[0])


def same(got, expected, *, given: str) -> None:
    """Compare one number, such as a count or a class index.

    Raises
    ------
    Wrong
        If it is no number or another one.
    """
    if isinstance(got, np.ndarray) and got.size == 1:
        got = got.item()
    if not isinstance(got, numbers.Real) or got != expected:
        raise Wrong(f"{given} you said {_short(got)}, expected {_short(expected)}.")


def mask(got, length: int, *, given: str) -> np.ndarray:
    """Read a boolean mask.

    Parameters
    ----------
    got : object
        What the reader's function returned.
    length : int
        How many entries it must have.
    given : str
        The input in the reader's words.

    Returns
    -------
    np.ndarray of bool, shape=(length,)

    Raises
    ------
    Wrong
        If it has another shape, or holds something else than True and False.
    """
    array = np.asarray(got)
    if array.shape != (length,):
        raise Wrong(f"{given} expected {length} values of True or False, got "
                    + (f"{_short(got)}." if array.ndim == 0 else f"an array of shape {array.shape}."))
    if array.dtype != bool:
        raise Wrong(f"{given} expected True or False for each, got values such as {_short(array[0])}. "
                    "A comparison such as a < b gives such an array.")
    return array


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__


def _place(error: BaseException, fn: Callable) -> str:
    """Name the line of the reader's cell in which it happened."""
    file = getattr(getattr(inspect.unwrap(fn), "__code__", None), "co_filename", None)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == file:
            text = (frame.line or linecache.getline(file, frame.lineno)).strip()
            return f" (line {frame.lineno} of your cell{f': {text}' if text else ''})"
    return ""


def _untouched(fn: Callable) -> bool:
    """Whether a function's body is nothing but a docstring and ``...``."""
    def blank():
        ...

    code = getattr(fn, "__code__", None)
    return code is None or code.co_code[::2] == blank.__code__.co_code[::2]


def _short(value) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    text = f"{value:g}" if isinstance(value, float) else " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
