"""Which detection belongs to which event: one to one, within a tolerance.

Two events may lie close together, and one detection between them must not count
twice. So every event gets at most one detection, and every detection at most
one event.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.metrics import tables

LARGEST_TABLE = 4_000_000
"""Crowds with more cells than this (events times detections, 32 MB) are matched without a look at the distance."""


def match_events(
    events: pd.DataFrame, detected: pd.DataFrame, *, collar: float = 0.2, offset_ratio: float = 0.2,
    use_offset: bool = True
) -> pd.DataFrame:
    """Pair each event with at most one detection of the same clip and label.

    Pairs are chosen so that there are as many as possible, and among those the
    nearest in time. Taking the first that fits would sometimes find fewer, and
    the number would depend on the order of the rows. (In a crowd of thousands,
    each near the next, only the number of pairs is the best.)

    Parameters
    ----------
    events, detected : pd.DataFrame with columns clip_id, onset, offset, label
        What there was, and what was found. Times in seconds.
    collar : float, seconds
        How far the onsets may lie apart. 0.2 suits everyday sounds; events
        shorter than that need less (0.05 for bird syllables and drums).
    offset_ratio : float
        The offsets may lie apart by the collar, or by this share of the true
        event's length if that is more: the end of a long sound is hard to say.
    use_offset : bool
        Whether offsets count at all; point events have none worth comparing.

    Returns
    -------
    pd.DataFrame with columns event, detected
        Row numbers, from 0, in the two tables: ``events.iloc[pairs["event"]]``
        was found, all other events were missed.

    Raises
    ------
    InputError
        If a table lacks a column or holds times that are none, or the collar
        or the ratio is negative.

    Examples
    --------
    >>> events = pd.DataFrame([("a", 1.0, 1.5, "dog"), ("a", 1.3, 1.6, "dog")], columns=tables.COLUMNS)
    >>> detected = pd.DataFrame([("a", 1.15, 1.5, "dog"), ("a", 7.0, 7.5, "dog")], columns=tables.COLUMNS)
    >>> match_events(events, detected).to_dict("records")
    [{'event': 0, 'detected': 0}]
    """
    within = tables.tolerance(collar, offset_ratio, use_offset=use_offset)
    truth, found = tables.tidy(events, name="events"), tables.tidy(detected, name="detected")
    i, j = pairs(truth, found, within=within)
    rows = {"event": truth["row"].to_numpy()[i], "detected": found["row"].to_numpy()[j]}
    return pd.DataFrame(rows).sort_values("event", ignore_index=True)


def close(
    truth: pd.DataFrame, found: pd.DataFrame, *, within: tables.Tolerance, same: Sequence[str] = ("clip_id", "label")
) -> tuple[np.ndarray, np.ndarray]:
    """Find all pairs of an event and a detection whose times agree.

    Parameters
    ----------
    truth, found : pd.DataFrame
        As :func:`~helpers.metrics.tables.tidy` returns them.
    within : Tolerance
    same : sequence of str
        The columns in which a pair must be equal.

    Returns
    -------
    i, j : np.ndarray of int, shape=(n_pairs,)
        Positions in ``truth`` and ``found``, rising in i, then in j.
    """
    n, group = len(truth), 0
    if n == 0 or len(found) == 0:
        return np.empty(0, int), np.empty(0, int)
    for column in same:
        codes, values = pd.factorize(np.concatenate([truth[column], found[column]]))
        group = group * len(values) + codes
    onset, offset = (np.concatenate([truth[column], found[column]]) for column in ("onset", "offset"))
    # All groups one after the other on one axis, further apart than the collar: then one search does for all. It
    # looks a millisecond too far, so that rounding decides only once, below.
    place = group * (np.ptp(onset) + 2 * within.collar + 1) + (onset - onset.min())
    order = n + np.argsort(place[n:], kind="stable")
    first = np.searchsorted(place[order], place[:n] - within.collar - 1e-3)
    n_near = np.searchsorted(place[order], place[:n] + within.collar + 1e-3) - first
    i = np.repeat(np.arange(n), n_near)
    j = order[np.arange(n_near.sum()) + np.repeat(first - np.cumsum(n_near) + n_near, n_near)]
    # The bare differences of sed_eval, without any slack for rounding: the same number that others get is worth more
    # than the last bit. So 0.8 s is not within 0.2 s of 0.6 s: as floats, 0.8 - 0.6 is a trifle above 0.2.
    agree = np.abs(onset[i] - onset[j]) <= within.collar
    if within.use_offset:
        agree &= np.abs(offset[i] - offset[j]) <= np.maximum(within.collar, within.offset_ratio * (offset - onset)[i])
    return i[agree], j[agree] - n


def pairs(truth: pd.DataFrame, found: pd.DataFrame, *, within: tables.Tolerance) -> tuple[np.ndarray, np.ndarray]:
    """Choose as many pairs as possible, and among those the nearest; returns positions in two tidied tables."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    i, j = close(truth, found, within=within)
    # where both have nobody else there is no choice; that is nearly everybody
    chosen = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    if chosen.all():
        return i, j
    distance = np.abs(truth["onset"].to_numpy()[i] - found["onset"].to_numpy()[j])
    if within.use_offset:
        distance += np.abs(truth["offset"].to_numpy()[i] - found["offset"].to_numpy()[j])
    # The others stand in crowds that have nothing to do with each other; small ones share a table, to save time.
    # (scipy could match all at once without any table, but on near ties its sparse solver runs on for hours.)
    size = len(truth) + len(found)
    _, crowd = connected_components(coo_array((np.ones(len(i)), (i, len(truth) + j)), shape=(size, size)),
                                    directed=False)
    unclear = np.flatnonzero(~chosen)
    unclear = unclear[np.argsort(crowd[i[unclear]], kind="stable")]
    begins = np.searchsorted(crowd[i[unclear]], crowd[i[unclear]])
    for rows in np.split(unclear, np.flatnonzero(np.diff(begins // 200)) + 1):
        chosen[rows] = best(i[rows], j[rows], distance=distance[rows])
    return i[chosen], j[chosen]


def best(i: np.ndarray, j: np.ndarray, *, distance: np.ndarray) -> np.ndarray:
    """Say which of some possible pairs to choose, so that there are most, and among those the nearest."""
    from scipy.optimize import linear_sum_assignment

    (events, i), (detections, j) = np.unique(i, return_inverse=True), np.unique(j, return_inverse=True)
    partner = np.full(len(events), -1)
    if len(events) * len(detections) > LARGEST_TABLE:
        for event, detection in largest_matching(i, j).items():
            partner[event] = detection
    else:
        # to leave one pair out costs more than all distances together, so as few as possible are left out
        costs = np.full((len(events), len(detections)), 1 + distance.sum())
        costs[i, j] = distance
        rows, columns = linear_sum_assignment(costs)
        partner[rows] = columns
    return partner[i] == j


def substitutions(truth: pd.DataFrame, found: pd.DataFrame, *, within: tables.Tolerance) -> int:
    """Count the events that were missed while something else was heard in their place.

    Which events are left over when two want the same detection is a matter of
    choice, and only this number depends on it. So that error rates can be
    compared, it follows sed_eval: its matching, its order of counting.
    """
    i, j = close(truth, found, within=within, same=["clip_id"])
    same = truth["label"].to_numpy()[i] == found["label"].to_numpy()[j]
    matched = largest_matching(i[same], j[same])
    events, detections, count = set(matched), set(matched.values()), 0
    for event, detection in zip(i[~same].tolist(), j[~same].tolist(), strict=True):
        if event not in events and detection not in detections:
            events.add(event)
            detections.add(detection)
            count += 1
    return count


def largest_matching(i: np.ndarray, j: np.ndarray) -> dict[int, int]:
    """Choose as many of some possible pairs as can be, without a look at the distance; event -> detection.

    The method is that of Hopcroft and Karp. scipy has it too, but other pairs
    come out: this is written after sed_eval and mir_eval (MIT licence), which
    have it from David Eppstein, and takes the same turns.
    """
    candidates, matched = {}, {}
    for event, detection in zip(i.tolist(), j.tolist(), strict=True):
        candidates.setdefault(detection, []).append(event)
    for detection, events in candidates.items():
        free = next((event for event in events if event not in matched), None)
        if free is not None:
            matched[free] = detection
    while grow(matched, candidates):
        pass
    return matched


def grow(matched: dict[int, int], candidates: dict[int, list[int]]) -> bool:
    """Add pairs along the shortest chains of re-pairings; says whether there was one."""
    taken = set(matched.values())
    partner = {detection: None for detection in candidates if detection not in taken}    # None: it has none yet
    reached, free, layer = {}, [], list(partner)
    while layer and not free:
        new = {}
        for detection in layer:
            for event in candidates[detection]:
                if event not in reached:
                    new.setdefault(event, []).append(detection)
        reached |= new
        free = [event for event in new if event not in matched]
        layer = [matched[event] for event in new if event in matched]
        partner |= {matched[event]: event for event in new if event in matched}
    for event in free:
        repair(event, matched, reached=reached, partner=partner)
    return bool(free)


def repair(event: int, matched: dict[int, int], *, reached: dict, partner: dict) -> None:
    """Walk back from a free event to a free detection, and pair anew on the way."""
    # a list, where sed_eval calls itself: a chain may be longer than Python's stack
    chain, changes = [(event, iter(reached.pop(event, ())))], {}
    while chain:
        event, detections = chain[-1]
        detection = next((detection for detection in detections if detection in partner), None)
        if detection is None:
            chain.pop()
            continue
        changes[event], before = detection, partner.pop(detection)
        if before is None:
            matched.update({event: changes[event] for event, _ in chain})
            return
        chain.append((before, iter(reached.pop(before, ()))))
