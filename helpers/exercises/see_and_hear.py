"""The self-checks of notebook 01: frames, a frequency for a bird, and windows of silence."""

from collections.abc import Callable, Iterator

import numpy as np

from helpers import features
from helpers import windows as cutting
from helpers.exercises import reports

LOWEST_HEARD = 20.0   # Hz: a smaller number is no frequency of a bird, but probably one in kHz


@reports.check("Return how many frames n_samples give when a frame is centred on the first sample and on every hop.")
def check_frame_count(fn: Callable) -> Iterator[str]:
    """Check ``fn(n_samples, hop_length)``: the frames of a centred short-time Fourier transform.

    The first frame is centred on the first sample, and one more follows at every
    whole hop that fits into the recording: ``1 + n_samples // hop_length``.
    """

    def compare(n_samples: int, hop_length: int) -> None:
        given = f"for {n_samples} samples ({n_samples / 16000:.3g} s at 16 kHz) and a hop of {hop_length}"
        reports.same(reports.ask(fn, n_samples, hop_length, given=given), 1 + n_samples // hop_length, given=given)

    compare(64000, 256)
    yield "a clip of 4 s"
    for n_samples in (1024, 1023, 1025):
        compare(n_samples, 256)
    yield "a length that is a multiple of the hop, one sample less and one more"
    for n_samples in (1, 255, 511):
        compare(n_samples, 512)
    yield "recordings shorter than one hop"
    rng = np.random.default_rng(1)
    for _ in range(20):
        compare(int(rng.integers(1, 200_000)), int(rng.integers(1, 2049)))
    yield "twenty lengths and hops at random"


@reports.check("Choose a frequency in Hz: what lies above it belongs to the bird, what lies below can go.")
def check_bird_fmin(
    fmin: float, *, bird: np.ndarray, background: np.ndarray, sr: int, keep: float = 0.95, remove: float = 0.80
) -> Iterator[str]:
    """Check the lowest frequency a spectrogram of bird song needs to show.

    Parameters
    ----------
    fmin : float, Hz
        The reader's choice.
    bird, background : np.ndarray, shape=(n_samples,)
        The bird alone, and what it is mixed with.
    sr : int, Hz
    keep, remove : float, range 0 to 1
        The share of the bird's power that must stay, and of the background's that must go.
    """
    fmin = reports.number(fmin, name="The frequency", unit="Hz", low=0.0, high=sr / 2)
    frequencies = np.linspace(0.0, sr / 2, 513)

    def share_above(audio: np.ndarray) -> float:
        power = features.spectrogram(audio, n_fft=1024, hop_length=256).sum(axis=1)
        return float(power[frequencies >= fmin].sum() / power.sum())

    kept, removed = share_above(bird), 1.0 - share_above(background)
    if kept < keep:
        raise reports.Wrong(f"above {fmin:g} Hz you keep {kept:.0%} of the bird's power, and {keep:.0%} are needed: "
                            "look at its lowest notes and go lower.")
    yield f"{kept:.1%} of the bird's power is kept"
    if removed < remove:
        slip = f" (Is that in kHz? Hz are expected: {fmin:g} kHz are {1000 * fmin:g} Hz.)" * (0 < fmin < LOWEST_HEARD)
        raise reports.Wrong(f"below {fmin:g} Hz lies {removed:.0%} of the background's power, and {remove:.0%} should "
                            f"go: there is room up to the bird's lowest notes, so go higher.{slip}")
    yield f"{removed:.1%} of the background's power is gone"


@reports.check("Return an array with one True or False per window: True where its level lies below threshold_db.")
def check_noise_blowup(fn: Callable) -> Iterator[str]:
    """Check ``fn(windows, threshold_db)``: which windows are too quiet to be normalised.

    The level is the root mean square in dB below full scale, as :func:`helpers.windows.levels_db` measures it.
    """
    rng = np.random.default_rng(3)

    def noise(*levels: float) -> np.ndarray:
        table = rng.standard_normal((len(levels), 4000))
        table *= 10 ** (np.array(levels)[:, None] / 20) / np.sqrt((table**2).mean(axis=1, keepdims=True))
        return table.astype(np.float32)

    def compare(table: np.ndarray, threshold_db: float, what: str) -> None:
        given = f"for {what} and a threshold of {threshold_db:g} dB"
        with np.errstate(all="ignore"):
            got = reports.mask(reports.ask(fn, table, threshold_db, given=given), len(table), given=given)
            levels = cutting.levels_db(table)
        other_meter = np.array_equal(got, levels + 10 * np.log10(2) < threshold_db)
        for index in np.flatnonzero(got != (levels < threshold_db))[:1]:
            hint = " Do you count from a full-scale sine, as meters after AES17 do? They read 3 dB more." * other_meter
            raise reports.Wrong(f"{given}: window {index} has a level of {levels[index]:.1f} dB, so the answer is "
                                f"{levels[index] < threshold_db}; you said {got[index]}.{hint}")

    compare(noise(-20.0, -75.0, -40.0), -60.0, "a loud, a silent and a soft window")
    yield "loud, soft and silent windows"
    compare(np.concatenate([noise(-30.0), np.zeros((1, 4000), np.float32)]), -60.0, "a window of nothing but zeros")
    yield "digital silence, whose level is minus infinity"
    clicks = noise(-90.0, -90.0)
    clicks[0, 100] = 0.02
    compare(clicks, -60.0, "a silent window with one click")
    yield "a click does not make a window loud: the level is an average, not the peak"
    compare(noise(-63.5, -62.5, -61.0), -60.0, "three windows just below it")
    yield "full scale is a power of 1"
    for threshold_db in (-70.0, -50.0, -25.0):
        compare(noise(*rng.uniform(-90, 0, 12)), threshold_db, "twelve levels at random")
    yield "other thresholds"
    knock = noise(-90.0, -40.0, -90.0)
    knock[0, 2000:2250] = noise(-45.0)[0, :250]
    compare(knock, -60.0, "a window that is silent but for a knock (a sixteenth of it, at -45 dB)")
    yield "powers are averaged: a mean of absolute values would miss a knock"
