"""Questions with several choices, in which every wrong one explains itself."""

import hashlib
import html
import random
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Quiz:
    """A question; a notebook shows it by itself.

    Attributes
    ----------
    question : str
    choices : tuple of (str, bool, str)
        Text, whether it is right, and what opens when it is chosen; in the order shown.
    """

    question: str
    choices: tuple[tuple[str, bool, str], ...]

    def __repr__(self) -> str:
        return "\n".join([self.question, *(f"  {'abcdefgh'[i]}) {text}" for i, (text, *_) in enumerate(self.choices))])

    def _repr_html_(self) -> str:
        # Plain details and summary: no script, so that it works by keyboard, in exported pages and where scripts are
        # stripped. Text keeps the page's colours; symbol and word carry the verdict, the frame only repeats it.
        # Details of one name: where browsers know it, opening one choice closes the others.
        name = "quiz-" + _digest(repr(self))
        parts = [f'<div class="mh-quiz" role="group" aria-labelledby="{name}" style="max-width: 50em">',
                 f'<p id="{name}"><strong>{_marked(self.question)}</strong></p>']
        for text, right, answer in self.choices:
            colour = "#009E73" if right else "#D55E00"
            verdict = "\N{CHECK MARK} Right." if right else "\N{BALLOT X} Not this one."
            parts.append(
                f'<details name="{name}" style="margin: 0.4em 0; padding: 0.3em 0.8em; border: 1px solid #808080; '
                f'border-radius: 4px"><summary style="cursor: pointer">{_marked(text)}</summary>'
                f'<p style="margin: 0.5em 0 0.3em 0; padding-left: 0.8em; border-left: 5px solid {colour}">'
                f"<strong>{verdict}</strong> {_marked(answer)}</p></details>")
        return "\n".join([*parts, "</div>"])


def quiz(question: str, options: dict[str, bool | str], *, explain: str | None = None) -> Quiz:
    """Ask a question with several choices.

    Parameters
    ----------
    question : str
        `Code` between backticks is set as code; everything else is shown as it stands.
    options : dict of str to True or str
        The choices: True for a right one, otherwise why it is wrong. Shuffled by their text, so that the right
        one has no favourite place and a page looks the same every time.
    explain : str, optional
        What to add to "Right.".

    Returns
    -------
    Quiz

    Raises
    ------
    ValueError
        If there are fewer than two choices, none is right, or a wrong one is not explained.

    Examples
    --------
    >>> print(quiz("Which is louder?", {"-3 dBFS": True, "-30 dBFS": "Further below full scale is quieter."}))
    Which is louder?
      a) -3 dBFS
      b) -30 dBFS
    """
    if not question.strip():
        raise ValueError("A quiz needs a question; got an empty one.")
    if not 2 <= len(options) <= 8:
        raise ValueError(f"A quiz needs two to eight choices; got {len(options)}.")
    if True not in [value for value in options.values() if isinstance(value, bool)]:
        raise ValueError("A quiz needs a choice that is right: give it the value True.")
    for text, value in options.items():
        if value is not True and not (isinstance(value, str) and value.strip()):
            raise ValueError(f"Every wrong choice says why it is wrong; {text!r} has {value!r}.")
    texts = sorted(options)
    random.Random(_digest(question + "\n".join(texts))).shuffle(texts)
    return Quiz(question, tuple(
        (text, options[text] is True, (explain or "") if options[text] is True else options[text]) for text in texts))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
