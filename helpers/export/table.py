"""Size, accuracy and time of several forms of one network, side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from helpers import checks
from helpers.export.litert import LiteModel
from helpers.export.saved import load_model
from helpers.models import predict

if TYPE_CHECKING:
    import pandas as pd


def compare(
    forms: Mapping[str, str | os.PathLike | bytes | LiteModel], x: np.ndarray, *, y: np.ndarray,
    latency: Mapping[str, Sequence[float]] | None = None,
) -> pd.DataFrame:
    """Compare several forms of one network on the same windows.

    Parameters
    ----------
    forms : dict of str -> path, bytes or LiteModel
        By name: ``.keras`` and ``.tflite`` files, or what is in the latter. The first is what the
        others are measured against.
    x : np.ndarray, shape=(n_windows, ...)
        Windows that none of them was trained on, prepared as for the network.
    y : np.ndarray of int, shape=(n_windows,)
        Class index of each.
    latency : dict of str -> sequence of float, seconds, optional
        Times of single calls that you measured, by name of the form; the
        table shows their median.

    Returns
    -------
    pd.DataFrame with columns form, bytes, size, accuracy, agreement, change[, latency]
        ``size`` as a share of the first; ``agreement``: share of windows with
        the first one's class; ``change``: largest difference of a score from the first
        one's; ``latency`` in seconds.

    Raises
    ------
    InputError
        If there is no form, no window, one label a window is missing, a latency is
        of an unknown form or empty, or the forms have different classes.
    """
    import pandas as pd

    x, y, latency = np.asarray(x), np.asarray(y), dict(latency or {})
    checks.same_length(x=x, y=y)
    if not forms or len(x) == 0:
        raise checks.fail("at least one form and one window", f"{len(forms)} forms, {len(x)} windows",
                          "Give {'float': ..., 'int8': ...} and a test set")
    for name, times in latency.items():
        checks.one_of(name, tuple(forms), name="a form with a latency")
        if len(times) == 0 or not np.all(np.isfinite(times)) or min(times) < 0:
            raise checks.fail(f"times in seconds for {name}", repr(times), "Measure a few calls: time.perf_counter()")
    rows, first = [], None
    for name, form in forms.items():
        n_bytes, scores = _asked(form, x)
        first = (n_bytes, scores) if first is None else first
        if scores.ndim != 2 or scores.shape != first[1].shape or y.dtype.kind not in "iu" or y.max() >= scores.shape[1]:
            raise checks.fail("forms with scores of the same classes, and class indices as labels",
                              f"scores {scores.shape} of {name}, labels {y.dtype}", "Compare forms of one classifier")
        chosen = scores.argmax(axis=1)
        rows.append({
            "form": name, "bytes": n_bytes, "size": n_bytes / first[0], "accuracy": float((chosen == y).mean()),
            "agreement": float((chosen == first[1].argmax(axis=1)).mean()),
            "change": float(np.abs(scores - first[1]).max()),
            **({"latency": float(np.median(latency[name])) if name in latency else np.nan} if latency else {})})
    return pd.DataFrame(rows)


def _asked(form: str | os.PathLike | bytes | LiteModel, x: np.ndarray) -> tuple[int, np.ndarray]:
    """Size of a form, and its scores."""
    if not isinstance(form, LiteModel | bytes) and Path(form).suffix == ".keras":
        return Path(form).stat().st_size, predict(load_model(form), x)
    model = form if isinstance(form, LiteModel) else LiteModel(form)
    return model.n_bytes, model.predict(x)
