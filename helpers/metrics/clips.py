"""How good is it: numbers for clips, and for knowing when to say "unknown".

Where scikit-learn has the number, it comes from there.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers import checks


def accuracy(y_true: Sequence, y_pred: Sequence) -> float:
    """Share of the answers that are right.

    Parameters
    ----------
    y_true, y_pred : sequence of labels, length n_clips

    Returns
    -------
    float, range 0 to 1

    Raises
    ------
    InputError
        If they differ in length, or there is none.

    Examples
    --------
    >>> accuracy(["dog", "rain", "rain"], ["dog", "rain", "dog"])
    0.6666666666666666
    """
    checks.same_length(y_true=y_true, y_pred=y_pred)
    if len(y_true) == 0:
        raise checks.InputError(checks.explain("at least one answer", "none", "Check which rows were chosen",
                                               section=checks.ARRAYS))
    return float(np.mean(np.asarray(y_true) == np.asarray(y_pred)))


def confusion(y_true: Sequence, y_pred: Sequence, *, classes: Sequence[str]) -> pd.DataFrame:
    """Count which class was taken for which.

    Parameters
    ----------
    y_true, y_pred : sequence of labels, length n_clips
    classes : sequence of str
        Order of rows and columns; a class that never occurs keeps its row.

    Returns
    -------
    pd.DataFrame, shape=(n_classes, n_classes)
        Rows are what it was, columns what it was taken for.

    Raises
    ------
    InputError
        If they differ in length, or hold a label that is not among the classes.

    Examples
    --------
    >>> confusion(["dog", "rain", "rain"], ["dog", "rain", "dog"], classes=["dog", "rain"]).to_numpy().tolist()
    [[1, 0], [1, 1]]
    """
    from sklearn.metrics import confusion_matrix

    checks.same_length(y_true=y_true, y_pred=y_pred)
    for label in sorted({*y_true, *y_pred}):
        checks.one_of(label, list(classes), name="a label")
    counts = confusion_matrix(list(y_true), list(y_pred), labels=list(classes))
    return pd.DataFrame(counts, index=pd.Index(classes, name="was"), columns=pd.Index(classes, name="taken for"))


def recall_by_class(y_true: Sequence, y_pred: Sequence, *, classes: Sequence[str]) -> pd.Series:
    """Share of each class that was found.

    Parameters
    ----------
    y_true, y_pred : sequence of labels, length n_clips
    classes : sequence of str

    Returns
    -------
    pd.Series, range 0 to 1, one entry a class
        NaN for a class that never occurs: there was nothing to find.

    Raises
    ------
    InputError
        As in :func:`confusion`.

    Examples
    --------
    >>> recall_by_class(["dog", "rain", "rain"], ["dog", "rain", "dog"], classes=["dog", "rain"]).to_dict()
    {'dog': 1.0, 'rain': 0.5}
    """
    counts = confusion(y_true, y_pred, classes=classes)
    found = pd.Series(np.diag(counts), index=list(classes), dtype=float)
    return found / counts.sum(axis=1).replace(0, np.nan).to_numpy()


def coverage_curve(scores: np.ndarray, y_true: np.ndarray) -> pd.DataFrame:
    """Trade answers for certainty: what is answered at each threshold, and how much of that is right.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_clips, n_classes), range 0 to 1
    y_true : np.ndarray of int, shape=(n_clips,)
        Class index of each clip.

    Returns
    -------
    pd.DataFrame with columns threshold, coverage, accuracy
        One row for each threshold at which something changes, rising. A clip
        is answered when its highest score reaches the threshold; coverage is
        the share answered, accuracy the share of those that are right.

    Raises
    ------
    InputError
        If scores is not a table of finite numbers, or the lengths differ.

    Examples
    --------
    >>> coverage_curve(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]))
       threshold  coverage  accuracy
    0        0.6       1.0       0.5
    1        0.9       0.5       1.0
    """
    scores, y_true = checks.scores(scores), np.asarray(y_true)
    checks.same_length(scores=scores, y_true=y_true)
    highest, right = scores.max(axis=1), scores.argmax(axis=1) == y_true
    rows = [(float(limit), float(np.mean(highest >= limit)), float(right[highest >= limit].mean()))
            for limit in np.unique(highest)]
    return pd.DataFrame(rows, columns=["threshold", "coverage", "accuracy"])


def wrong_accepts(scores: np.ndarray, threshold: float) -> float:
    """Share of sounds outside all classes that get a name all the same.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_clips, n_classes), range 0 to 1
        Of clips that belong to none of the classes.
    threshold : float
        A clip gets a name when its highest score reaches it.

    Returns
    -------
    float, range 0 to 1

    Raises
    ------
    InputError
        If scores is not a table of finite numbers.

    Examples
    --------
    >>> wrong_accepts(np.array([[0.9, 0.1], [0.6, 0.4]]), 0.8)
    0.5
    """
    return float(np.mean(checks.scores(scores).max(axis=1) >= threshold))


def unknown_threshold(scores: np.ndarray, *, max_wrong_accepts: float = 0.05) -> float:
    """Find the lowest threshold that lets through no more than a given share of unknown sounds.

    Parameters
    ----------
    scores : np.ndarray, shape=(n_clips, n_classes), range 0 to 1
        Of validation clips that belong to none of the classes.
    max_wrong_accepts : float, range 0 to 1

    Returns
    -------
    float
        Just above the highest score that must be refused; 0 where nothing
        must be.

    Raises
    ------
    InputError
        If scores is not a table of finite numbers, or the share is not between
        0 and 1.

    Examples
    --------
    >>> round(unknown_threshold(np.array([[0.9], [0.6], [0.5], [0.4]]), max_wrong_accepts=0.25), 6)
    0.6
    """
    if not 0 <= max_wrong_accepts <= 1:
        raise checks.InputError(checks.explain("a share between 0 and 1", repr(max_wrong_accepts), "5 % is 0.05",
                                               section=checks.ARRAYS))
    falling = np.sort(checks.scores(scores).max(axis=1))[::-1]
    allowed = int(np.floor(max_wrong_accepts * len(falling) + 1e-9))
    return 0.0 if allowed >= len(falling) else float(np.nextafter(falling[allowed], np.inf))
