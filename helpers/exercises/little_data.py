"""The self-checks of notebook 03: mixup, three resolutions, and what an augmentation may change."""

from collections.abc import Callable, Collection, Iterator

import numpy as np

from helpers.exercises import reports

CHANGES_THE_CLASS = frozenset({"two octaves up", "five times as fast", "noise at -20 dB SNR"})
"""Of the changes that the notebook plays: those after which the name no longer fits."""
KEEPS_THE_CLASS = frozenset({"moved by a second", "6 dB softer", "a semitone up", "a tenth faster",
                             "noise at 20 dB SNR"})


@reports.check("Return the blended sound and the blended label: share of the first, the rest of the second.")
def check_mixup(fn: Callable) -> Iterator[str]:
    """Check ``fn(x1, y1, x2, y2, share)``: returns (x, y), both blended in the same proportion."""
    rng = np.random.default_rng(3)

    def compare(x1: np.ndarray, y1: np.ndarray, x2: np.ndarray, y2: np.ndarray, share: float, what: str) -> tuple:
        given = f"for {what}"
        answer = reports.ask(fn, x1, y1, x2, y2, share, given=given)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise reports.Wrong(f"{given}: expected two things, the sound and the label: return x, y.")
        for part, got, one, other in (("sound", answer[0], x1, x2), ("label", answer[1], y1, y2)):
            got, expected = np.asarray(got, float), share * one + (1 - share) * other
            if got.shape != expected.shape:
                raise reports.Wrong(f"{given}: the {part} has shape {got.shape}, expected {expected.shape}.")
            if not np.allclose(got, expected, atol=1e-6):
                raise reports.Wrong(f"{given}: the {part} is not {share:g} of the first and {1 - share:g} of the "
                                    "second.")
        return answer

    x1, x2 = rng.standard_normal((2, 40))
    dog, rain = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    _, y = compare(x1, dog, x2, rain, 0.8, "a share of 0.8")
    yield "eight tenths of the one and two of the other"
    if not np.isclose(np.sum(y), 1):
        raise reports.Wrong("the blended label does not add up to 1.")
    yield "the blended label adds up to 1"
    compare(x1, dog, x2, rain, 1.0, "a share of 1 (only the first)")
    compare(x1, dog, x2, rain, 0.0, "a share of 0 (only the second)")
    yield "a share of 1 and of 0"
    compare(x1, dog, x2, dog, 0.3, "two sounds of one class (the label stays as it is)")
    compare(rng.standard_normal((64, 63)), dog, rng.standard_normal((64, 63)), rain, 0.37, "two pictures")
    yield "two sounds of one class, and pictures instead of sounds"


@reports.check("Return pictures of three channels: the log-mels with frames of 512, 1024 and 2048 samples.")
def check_three_resolutions(fn: Callable, *, cut: np.ndarray, sr: int) -> Iterator[str]:
    """Check ``fn(cut)``: normalised log-mels of three frame lengths as the last axis.

    Parameters
    ----------
    fn : callable
    cut : np.ndarray, shape=(n_windows, window_samples)
        Windows to try it on.
    sr : int, Hz
    """
    from helpers.embeddings import mobilenet  # the other notebooks need none of it

    expected = mobilenet.three_channels(cut, sr=sr, how="resolutions")
    got = np.asarray(reports.ask(fn, cut, given="for the windows above"), float)
    if got.ndim != 4 or got.shape[-1] != 3:
        raise reports.Wrong(f"the result has shape {got.shape}, expected {expected.shape}: np.stack(..., axis=-1) puts "
                            "the channels last.")
    yield "three channels, and they come last"
    if got.shape != expected.shape:
        raise reports.Wrong(f"the result has shape {got.shape}, expected {expected.shape}. All three need the same "
                            "hop_length.")
    yield "equally many frames in each"
    for number, n_fft in enumerate(mobilenet.N_FFTS):
        if not np.allclose(got[..., number], expected[..., number], atol=1e-3):
            raise reports.Wrong(f"channel {number} is not the normalised log-mel with n_fft={n_fft}.")
    yield "short, middle and long frames, each normalised by itself"


@reports.check("Choose the changes after which the sound no longer deserves its name.")
def check_class_changers(names: Collection[str]) -> Iterator[str]:
    """Check a set of names out of the changes that the notebook plays."""
    if reports.is_blank(names):
        raise reports.NotYet
    names = {names} if isinstance(names, str) else set(names)
    strange = names - CHANGES_THE_CLASS - KEEPS_THE_CLASS
    if strange:
        raise reports.Wrong(f"{sorted(map(str, strange))[0]!r} is none of the changes above. Copy the words as they "
                            "stand above the players.")
    kept = sorted(names & KEEPS_THE_CLASS)
    if kept:
        raise reports.Wrong(f"after {kept[0]!r} you would still call it by its name. Listen once more.")
    yield "nothing harmless is on the list"
    missing = CHANGES_THE_CLASS - names
    if missing:
        raise reports.Wrong(f"{len(missing)} more on the list above would teach a network something wrong.")
    yield "all that changes the class is on it"
