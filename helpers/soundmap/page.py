"""The sound map: check what came, put points, pictures and sounds into one page, or beside it."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from helpers import checks, files
from helpers.plots import framed, picture, style
from helpers.soundmap import clips, tables
from helpers.soundmap.colourings import colourings

HERE = Path(__file__).resolve().parent
FORMS = ("inside", "beside", "linked")
MOST_BYTES = 15_000_000
"""What a page may weigh that holds its sounds itself: more is slow to open and to send."""

HEIGHT = 680           # pixels that it takes in a notebook
_SCRIPTS = ("shapes.js", "field.js", "player.js", "lists.js", "controls.js")
_OURS = re.compile(r"\d{5,}\.(mp3|png)")


@dataclass(frozen=True)
class SoundMap:
    """A map of sounds, ready to be shown, played and saved.

    Attributes
    ----------
    summary : str
        What there is to see and hear, in one line.
    points : dict
        All that the page is told but sounds and pictures.
    clips : Clips
        The sounds.
    """

    summary: str
    points: dict
    clips: clips.Clips

    @cached_property
    def page(self) -> str:
        """The whole HTML page, which fetches nothing.

        Raises
        ------
        InputError
            If the sounds are more than a page should hold (``MOST_BYTES``).
        """
        if self.clips.bytes() > MOST_BYTES:
            raise checks.InputError(checks.explain(
                f"sounds of at most {MOST_BYTES / 1e6:.0f} MB in one page",
                f"about {self.clips.bytes() / 1e6:.0f} MB for {len(self.clips)} sounds",
                "Save it with its files beside it: .save('map.html', files='beside'); or show fewer or shorter ones: "
                "seconds=1", section=checks.PLAYERS))
        made = self.clips.kept()
        return self._page(_facts([clip.facts for clip in made]), {
            "sounds": [clips.as_text(clip.mp3) for clip in made],
            "pictures": [clips.as_text(clip.png) for clip in made]})

    def _repr_html_(self) -> str:
        return framed.frame(self.page, title=self.summary, height=HEIGHT)

    def __repr__(self) -> str:
        return self.summary

    def save(self, path: str | os.PathLike, *, files: str = "inside") -> Path:
        """Write the map as a page that opens without a network.

        Parameters
        ----------
        path : path
            Of the page, such as ``map.html``.
        files : {"inside", "beside", "linked"}
            Where sounds and pictures are: in the page; in a folder beside it (``map_files``), numbered; or only the
            pictures there, while the page links to the recordings where they lie. With the last two the page stays
            small with ten thousand sounds; move or send page and folder together.

        Returns
        -------
        Path

        Raises
        ------
        InputError
            If a page would hold too much, if sounds that came as arrays are to be linked, or if recordings lie on
            another drive than the page.
        OSError
            If the disk is full or read-only, or the folder holds files that are not ours. What stood there before
            is left as it was.
        """
        checks.one_of(files, FORMS, name="files")
        path = Path(path)
        if files == "inside":
            _write(path, self.page)
        else:
            self._save_beside(path, links=_links(self.clips, path) if files == "linked" else None)
        return path

    def _save_beside(self, path: Path, *, links: list[str] | None) -> None:
        """Write the folder under another name, then the page, and only then give both their names."""
        folder = path.with_name(f"{path.stem}_files")
        _refuse_others_files(folder)
        facts = []
        with files.replacing(path) as page, files.friendly(path):
            new, old = page.with_suffix(".new"), page.with_suffix(".old")
            new.mkdir(parents=True)
            try:
                for index, clip in enumerate(self.clips.each(with_sound=links is None)):
                    (new / f"{index:05d}.png").write_bytes(clip.png)
                    if links is None:
                        (new / f"{index:05d}.mp3").write_bytes(clip.mp3)
                    facts.append(clip.facts)
                told = {"folder": f"./{quote(folder.name)}/", "links": links}
                if links is not None:
                    told["begins"] = [round(float(start), 3) for start in self.clips.starts]
                page.write_text(self._page(_facts(facts), told), encoding="ascii", newline="\n")
                if folder.exists():
                    folder.rename(old)
                new.rename(folder)
            finally:
                for left in (new, old):
                    shutil.rmtree(left, ignore_errors=True)

    def _page(self, facts: dict, told: Mapping[str, Any]) -> str:
        source = "data:" if "sounds" in told else "data: 'self' file:"
        return framed.fill(framed.part(HERE / "page.html"), {
            "summary": framed.as_text(self.summary), "source": source,
            "css": framed.part(HERE / "page.css"), "element": framed.part(framed.ELEMENT),
            "data": framed.as_json({**self.points, "facts": facts, **told}),
            "scripts": "\n".join(framed.part(HERE / name) for name in _SCRIPTS),
        })


def sound_map(
    points: np.ndarray | Mapping[str, np.ndarray], audio: Sequence, *, sr: int = clips.SR, labels: Any = None,
    names: Sequence | None = None, colours: Mapping[str, Any] | None = None, neighbours: np.ndarray | None = None,
    starts: Sequence[float] | None = None, seconds: float = 5.0, title: str = "",
) -> SoundMap:
    """Show sounds as points on a plane; each of them plays, and shows its spectrogram.

    Click a point to hear it. Wheel and drag zoom and pan, a double click shows all. A lasso selects sounds to be
    listed and played in turn. With the keyboard: tab to the map, arrows go from sound to sound, Enter plays, Escape
    stops.

    Parameters
    ----------
    points : np.ndarray, shape=(n, 2), or dict of str to such arrays
        Where each sound lies, as :func:`project` places them. Of several maps the reader chooses one.
    audio : sequence of n
        Arrays of shape (n_samples,) at ``sr``, or paths of recordings.
    sr : int, Hz
    labels : sequence of n, optional
        What each sound is.
    names : sequence of n, optional
        How each sound is called, shown, searched and copied: a ``clip_id`` does well. File names if left out.
    colours : dict of str to sequence of n, optional
        Further values to colour by, such as ``{"cluster": clusters, "outlier score": scores}``. Words and few whole
        numbers become groups, other numbers a scale.
    neighbours : np.ndarray of int, shape=(n, k), optional
        The sounds that are nearest to each one in the embedding, nearest first; -1 where there is none. Lines lead
        from the sound that plays to them, and show where the map lies.
    starts : sequence of n floats, seconds, optional
        Where each sound begins in its recording; 0 if left out.
    seconds : float
        How much of each is played at most.
    title : str, optional

    Returns
    -------
    SoundMap
        Shown by Jupyter when it is the last line of a cell; ``save(path)`` writes a page.

    Raises
    ------
    InputError
        If there is no sound, lengths differ, or a point or a neighbour is not a usable number.

    Examples
    --------
    >>> sound_map(np.array([[0.0, 0], [1, 2]]), [np.zeros(16000), np.ones(8000)], labels=["rain", "dog"])
    2 sounds on a map, coloured by label (2 groups)
    """
    maps = dict(points) if isinstance(points, Mapping) else {"map": points}
    audio = list(audio)
    n = len(audio)
    if not n or not maps:
        raise checks.InputError(checks.explain(
            "at least one sound and one map", f"{n} sounds and {len(maps)} maps",
            "Look at the condition that chose them", section=checks.ARRAYS))
    starts = np.zeros(n) if starts is None else checks.finite(np.asarray(starts, dtype=float), name="starts")
    names = tables.names(audio, starts) if names is None else [str(name) for name in names]
    checks.same_length(audio=audio, names=names, starts=starts)
    if (starts < 0).any():
        raise checks.InputError(checks.explain(
            "starts of 0 s or later", f"{starts.min():g} s", "Seconds from the beginning of the recording",
            section=checks.ARRAYS))
    by = colourings(labels, colours, n=n)
    told = {
        "title": str(title), "names": names, "colourings": by, "neighbours": tables.neighbours(neighbours, n=n),
        "maps": [{"name": style.pretty(name), **tables.placed(one, n=n)} for name, one in maps.items()],
        "scale": tables.SCALE, "axes": picture.axes(sr=clips.SR),
    }
    told["summary"] = _summary(told, n)
    return SoundMap(told["summary"], told, clips.Clips(
        tuple(audio), checks.sr(sr), starts, checks.positive(seconds, name="seconds")))


def _summary(told: dict, n: int) -> str:
    ways = [f"{by['name']} ({len(by['groups'])} group{'s' * (len(by['groups']) != 1)})" if "groups" in by else
            f"{by['name']} ({by['low']:.3g} to {by['high']:.3g})" for by in told["colourings"]]
    where = "a map" if len(told["maps"]) == 1 else "maps by " + " and ".join(one["name"] for one in told["maps"])
    text = f"{n} sound{'s' * (n != 1)} on {where}, coloured by {', '.join(ways)}"
    return f"{told['title']}: {text}" if told["title"] else text


def _facts(rows: list[dict]) -> dict:
    """Turn what is known of each sound into one list for each kind of fact."""
    return {name: [round(row[name], 4) if isinstance(row[name], float) else row[name] for row in rows]
            for name in rows[0]}


def _links(sounds: clips.Clips, page: Path) -> list[str]:
    """Address the recordings from where the page lies."""
    if sounds.paths is None:
        raise checks.InputError(checks.explain(
            "sounds that came as paths", "arrays", "Write them beside the page: files='beside'",
            section=checks.PLAYERS))
    try:
        return ["./" + quote(Path(os.path.relpath(path, page.parent)).as_posix()) for path in sounds.paths]
    except ValueError as error:   # Windows: no way leads from one drive to another
        raise checks.InputError(checks.explain(
            "recordings on the drive of the page", "some on another one", "Write them beside the page: files='beside'",
            section=checks.PLAYERS)) from error


def _refuse_others_files(folder: Path) -> None:
    """Leave a folder alone that holds anything that a map did not write."""
    others = [] if not folder.exists() else [one.name for one in folder.iterdir() if not _OURS.fullmatch(one.name)]
    if others:
        raise FileExistsError(checks.explain(
            f"a folder {folder.name} that is not there yet, or was written by a map", f"one that holds {others[0]!r}",
            "Give the page another name", section=checks.DISK))


def _write(path: Path, text: str) -> None:
    files.write_text(path, text)
