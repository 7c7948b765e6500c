"""What it will cost: from what was measured on a little sound to all of it."""

from collections.abc import Mapping

import pandas as pd

from helpers import checks

HOURS_OF_A_YEAR = 365.25 * 24
GB = 1e9
MEASURED = ("cpu_s", "windows", "n_bytes")


def sites(*, clip_seconds: float = 5.0) -> dict[str, float]:
    """Hours of sound of three sizes: a microphone that never sleeps, a hundred of them, ten million clips.

    Parameters
    ----------
    clip_seconds : float

    Returns
    -------
    dict of str -> float, hours

    Examples
    --------
    >>> {name: round(hours) for name, hours in sites().items()}
    {'one microphone, one year': 8766, 'a hundred microphones, one year': 876600, 'ten million clips': 13889}
    """
    return {"one microphone, one year": HOURS_OF_A_YEAR, "a hundred microphones, one year": 100 * HOURS_OF_A_YEAR,
            "ten million clips": 1e7 * checks.positive(clip_seconds, name="clip_seconds") / 3600}


def cost_sheet(
    measured: Mapping[str, float], hours: Mapping[str, float] | None = None, *, core_hour: float, gb_month: float,
    cores: int = 16, months: float = 12, sound_bytes: float = 2 * 16_000 * 3600,
) -> pd.DataFrame:
    """Say what each site costs in core-hours, bytes and money.

    Parameters
    ----------
    measured : dict
        ``cpu_s``, ``windows`` and ``n_bytes`` for each hour of sound, as
        :meth:`helpers.batch.Outcome.measured` gives them.
    hours : dict of str -> float, optional
        Hours of sound of each site; those of :func:`sites` where not given.
    core_hour, gb_month : float, in your money
        What you pay for a core for an hour, and for 10**9 bytes for a month.
    cores : int
        How many work at once.
    months : float
        How long everything is kept.
    sound_bytes : float
        Bytes of an hour of recorded sound; 16-bit, 16 kHz and one channel where
        not given. 0 where the sound is not kept.

    Returns
    -------
    pd.DataFrame, one row a site
        ``hours`` of sound, ``core_hours``, ``days`` on those cores if they never
        wait, ``windows``, ``sound_gb``, ``results_gb``, ``computing`` and
        ``keeping`` (money).

    Raises
    ------
    InputError
        If a figure is missing, or is no number that makes sense.

    Examples
    --------
    >>> sheet = cost_sheet({"cpu_s": 36.0, "windows": 7200, "n_bytes": 1e7}, {"a week": 168}, core_hour=0.05,
    ...                    gb_month=0.02)
    >>> sheet.loc["a week", ["core_hours", "sound_gb", "results_gb", "computing"]].round(2).tolist()
    [1.68, 19.35, 1.68, 0.08]
    """
    missing = [name for name in MEASURED if name not in measured]
    if missing:
        raise checks.fail(f"{', '.join(MEASURED)} for each hour of sound", f"no {', no '.join(missing)}",
                          "Measure them: extract(...).measured()")
    cpu_s, n_windows, n_bytes = (_not_negative(measured[name], name=name) for name in MEASURED)
    core_hour, gb_month = _not_negative(core_hour, name="core_hour"), _not_negative(gb_month, name="gb_month")
    cores, months = checks.whole(cores, name="cores"), checks.positive(months, name="months")
    sound_bytes = _not_negative(sound_bytes, name="sound_bytes")
    table = pd.DataFrame({"hours": pd.Series(sites() if hours is None else dict(hours), dtype=float)})
    for name, each in table["hours"].items():
        checks.positive(each, name=f"the hours of {name!r}")
    table["core_hours"] = table["hours"] * cpu_s / 3600
    table["days"] = table["core_hours"] / cores / 24
    table["windows"] = table["hours"] * n_windows
    table["sound_gb"] = table["hours"] * sound_bytes / GB
    table["results_gb"] = table["hours"] * n_bytes / GB
    table["computing"] = table["core_hours"] * core_hour
    table["keeping"] = (table["sound_gb"] + table["results_gb"]) * gb_month * months
    return table


def _not_negative(value: float, *, name: str) -> float:
    """Return a number of 0 or more, or say what is wrong with it."""
    return value if value == 0 and not isinstance(value, bool) else checks.positive(value, name=name)
