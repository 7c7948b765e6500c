"""How often: false alarms by the hour, and events by the minute."""

import numpy as np
import pandas as pd

from helpers import checks
from helpers.metrics import matching, tables


def false_alarms_per_hour(
    events: pd.DataFrame, detected: pd.DataFrame, *, duration: float, collar: float = 0.2, offset_ratio: float = 0.2,
    use_offset: bool = True
) -> float:
    """Count false alarms by the hour: what somebody who is called each time will ask first.

    Precision does not say it: it depends on how many events there are to find.

    Parameters
    ----------
    events, detected : pd.DataFrame with columns clip_id, onset, offset, label
    duration : float, seconds
        Length of everything that was listened to, silence included.
    collar, offset_ratio, use_offset
        What counts as the same event, as in :func:`match_events`. What matches
        no event of its label is a false alarm.

    Returns
    -------
    float, false alarms per hour
        :func:`rate_interval` says how far to trust it.

    Raises
    ------
    InputError
        If the duration is not above 0, or :func:`match_events` refuses a table.

    Examples
    --------
    >>> detected = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 9.0, 9.5, "dog")], columns=tables.COLUMNS)
    >>> false_alarms_per_hour(detected.head(1), detected, duration=600.0)
    6.0
    """
    hours = checks.positive(duration, name="duration") / 3600
    within = tables.tolerance(collar, offset_ratio, use_offset=use_offset)
    truth, found = tables.tidy(events, name="events"), tables.tidy(detected, name="detected")
    return (len(found) - len(matching.pairs(truth, found, within=within)[0])) / hours


def rate_interval(count: int, duration: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Say between which rates the true one lies, when so many events were counted.

    Parameters
    ----------
    count : int
        For instance the false alarms in a test recording.
    duration : float, seconds
        How long it was counted.
    confidence : float, range 0 to 1

    Returns
    -------
    low, high : float, per hour
        The exact interval of a Poisson rate (Garwood, "Fiducial limits for the
        Poisson distribution", Biometrika 28, 1936). It holds for events that
        come independently of each other. No alarm in an hour does not mean a
        rate of 0: up to 3.7 an hour are in keeping with it.

    Raises
    ------
    InputError
        If the count is no whole number of 0 or more, the duration is not above
        0, or the confidence is not between 0 and 1.

    Examples
    --------
    >>> [round(rate, 2) for rate in rate_interval(10, 3600.0)]
    [4.8, 18.39]
    """
    from scipy.stats import chi2

    if not 0 <= count < np.inf or count != int(count):
        raise tables.fail("a count: 0 or a whole number above it", got=repr(count), way_out="Count, do not average")
    if not 0 < confidence < 1:
        raise tables.fail("a confidence between 0 and 1", got=repr(confidence), way_out="0.95 is usual")
    hours, tail = checks.positive(duration, name="duration") / 3600, (1 - confidence) / 2
    low = chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    return float(low / hours), float(chi2.ppf(1 - tail, 2 * count + 2) / 2 / hours)


def rate_by_median_gap(onsets: np.ndarray) -> float:
    """Read the rate of a steady series of events off the gap between two of them.

    Counting and dividing by the time suffers from every event that is missed.
    A missed event makes one long gap of two and leaves the median where it is,
    as long as most gaps are right.

    Parameters
    ----------
    onsets : array_like, shape=(n_events,), seconds
        Of one recording, in any order.

    Returns
    -------
    float, events per minute
        NaN for fewer than two events; infinite if most begin together.

    Raises
    ------
    InputError
        If the onsets are not a row of finite numbers.

    Examples
    --------
    >>> rate_by_median_gap([0.0, 2.0, 4.0, 8.0, 10.0, 12.0])
    30.0
    """
    onsets = checks.finite(np.asarray(onsets, float), name="onsets")
    if onsets.ndim != 1:
        raise tables.fail("onsets of shape (n_events,)", got=f"shape {onsets.shape}",
                            way_out="Give the onsets of one recording")
    if len(onsets) < 2:
        return np.nan
    gap = float(np.median(np.diff(np.sort(onsets))))
    return 60 / gap if gap > 0 else np.inf


def rate_error(
    events: pd.DataFrame, detected: pd.DataFrame, *, duration: float, window: float = 10.0, hop: float | None = None
) -> pd.DataFrame:
    """Compare the rate of events with the detected rate, window by window.

    Who wants to know how many there are, not which, is served well by a
    detector whose misses and false alarms make up for each other.

    Parameters
    ----------
    events, detected : pd.DataFrame with columns clip_id, onset, offset, label
        Of one recording. All labels count alike: choose the rows first.
    duration : float, seconds
        Length of the recording.
    window, hop : float, seconds
        Length and step of the windows, one after the other if the hop is left
        out. Longer windows have smaller errors, and follow changes later.

    Returns
    -------
    pd.DataFrame with columns start, true_rate, detected_rate, error
        One row for each whole window; what begins in it counts. Rates are per
        minute, the error is the detected less the true rate:
        ``table["error"].abs().mean()`` is the mean absolute error.

    Raises
    ------
    InputError
        If a table lacks a column or holds times that are none, there is more
        than one recording, or the window is longer than the recording.

    Examples
    --------
    >>> events = pd.DataFrame([("a", t, t, "drop") for t in (1.0, 4.0, 7.0, 12.0)], columns=tables.COLUMNS)
    >>> rates = rate_error(events, events.iloc[[0, 1, 3]], duration=20.0)
    >>> rates["true_rate"].tolist(), rates["error"].abs().mean().item()
    ([18.0, 6.0], 3.0)
    """
    duration, window = checks.positive(duration, name="duration"), checks.positive(window, name="window")
    hop = checks.positive(window if hop is None else hop, name="hop")
    if window > duration:
        raise tables.fail("a window no longer than the recording", got=f"{window:g} s in {duration:g} s",
                            way_out="Take a shorter window")
    both = [tables.tidy(events, name="events"), tables.tidy(detected, name="detected")]
    clips = list(dict.fromkeys(clip for table in both for clip in table["clip_id"]))
    if len(clips) > 1:
        raise tables.fail("events of one recording", got=f"clips {', '.join(map(str, clips[:5]))}",
                            way_out="Take one clip at a time")
    starts = hop * np.arange(1 + int((duration - window) / hop + 1e-9))    # 0.7 s hold seven times 0.1 s
    there, heard = (np.searchsorted(table["onset"], starts + window) - np.searchsorted(table["onset"], starts)
                    for table in both)
    return pd.DataFrame({"start": starts, "true_rate": there * (60 / window), "detected_rate": heard * (60 / window),
                         "error": (heard - there) * (60 / window)})
