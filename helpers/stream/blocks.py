"""Blocks of any size: one checked row of samples, at the rate of the model, cut into windows."""

from collections.abc import Iterator

import numpy as np

from helpers import checks, windows


def checked(block: np.ndarray) -> np.ndarray:
    """Return a block as one channel of float32, or say what is wrong with it; a block may be empty.

    Raises
    ------
    InputError
        As :func:`helpers.checks.audio`, but for a block without samples, which a pipe may hand on.
    """
    block = np.asarray(block)
    if block.ndim != 1 or block.size:
        block = checks.audio(block, name="a block")
    return np.ascontiguousarray(block, dtype=np.float32)


class Resampler:
    """Change the sampling rate of a stream, block by block, as :func:`helpers.audio.resample` does of a recording.

    Parameters
    ----------
    orig_sr, target_sr : int, Hz
        Rate the blocks have, rate they shall have. Equal rates hand every block on.

    Raises
    ------
    InputError
        If a rate is not a whole number above 0.

    Notes
    -----
    soxr holds some samples back until their neighbours have come: the pieces
    that come out are of other lengths than those that went in, and joined they
    are the resampled recording.

    Examples
    --------
    >>> convert = Resampler(orig_sr=48000, target_sr=16000)
    >>> pieces = [convert.feed(np.zeros(700, np.float32)) for _ in range(60)] + [convert.finish()]
    >>> sum(map(len, pieces))
    14000
    """

    def __init__(self, *, orig_sr: int, target_sr: int) -> None:
        self.orig_sr, self.target_sr = checks.sr(orig_sr), checks.sr(target_sr)
        self._soxr, self._any = None, False
        if self.orig_sr != self.target_sr:
            import soxr

            self._soxr = soxr.ResampleStream(self.orig_sr, self.target_sr, 1, dtype="float32", quality="HQ")

    def feed(self, block: np.ndarray) -> np.ndarray:
        """Take a block, of any length, and return what is ready.

        Parameters
        ----------
        block : np.ndarray, shape=(n_samples,)

        Returns
        -------
        np.ndarray of float32, shape=(n_ready,)
            Often empty, then many at once.
        """
        block = checked(block)
        self._any = self._any or len(block) > 0
        return block if self._soxr is None else self._soxr.resample_chunk(block)

    def finish(self) -> np.ndarray:
        """Return what was held back: the stream has ended."""
        nothing = np.zeros(0, np.float32)
        return self._soxr.resample_chunk(nothing, last=True) if self._soxr and self._any else nothing

    def delay(self) -> float:
        """Measure how long it holds a sample back at most, in seconds.

        Returns
        -------
        float, seconds
            0 where the rates are equal.
        """
        if self._soxr is None:
            return 0.0
        probe, worst, piece = Resampler(orig_sr=self.orig_sr, target_sr=self.target_sr), 0.0, np.zeros(8, np.float32)
        for _ in range(self.orig_sr // 4 // len(piece)):
            probe.feed(piece)
            worst = max(worst, probe._soxr.delay())
        return worst / self.target_sr


class Windows:
    """Cut a stream into the windows that :func:`helpers.windows.split` cuts from the recording.

    A ring buffer as long as one window, and the count of samples that are still
    missing until the next window is full: what it holds does not grow.

    Parameters
    ----------
    window_samples, hop_samples : int
        As :func:`helpers.checks.window_and_hop` gives them.

    Attributes
    ----------
    n_samples, n_windows : int
        How many came in, how many went out.

    Raises
    ------
    InputError
        If a number is not a whole one above 0, or the hop is longer than the window.

    Examples
    --------
    >>> cut = Windows(window_samples=4, hop_samples=2)
    >>> [window.tolist() for block in np.split(np.arange(7.0), [1, 6]) for window in cut.feed(block)]
    [[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]]
    >>> [window.tolist() for window in cut.finish()]
    [[4.0, 5.0, 6.0, 0.0]]
    """

    def __init__(self, *, window_samples: int, hop_samples: int) -> None:
        self.window_samples = checks.whole(window_samples, name="window_samples")
        self.hop_samples = checks.whole(hop_samples, name="hop_samples")
        if self.hop_samples > self.window_samples:
            raise checks.fail("a hop no longer than the window", f"{hop_samples} and {window_samples} samples",
                              "Half a window is the usual hop")
        self.ring = np.zeros(self.window_samples, np.float32)
        self.place, self.missing = 0, self.window_samples
        self.n_samples = self.n_windows = 0

    def feed(self, block: np.ndarray) -> Iterator[np.ndarray]:
        """Take a block, of any length, and yield the windows that became full.

        Parameters
        ----------
        block : np.ndarray, shape=(n_samples,)
            It is taken in while the windows are drawn: draw them all.

        Yields
        ------
        np.ndarray of float32, shape=(window_samples,)
            A copy, which may be kept.
        """
        block = checked(block)
        while len(block):
            taken, block = block[:self.missing], block[self.missing:]
            self._write(taken)
            self.missing -= len(taken)
            if self.missing == 0:
                self.missing = self.hop_samples
                self.n_windows += 1
                yield np.concatenate([self.ring[self.place:], self.ring[:self.place]])

    def _write(self, samples: np.ndarray) -> None:
        """Overwrite the oldest samples; past the end of the ring it goes on at the beginning."""
        first = samples[:self.window_samples - self.place]
        self.ring[self.place:self.place + len(first)] = first
        self.ring[:len(samples) - len(first)] = samples[len(first):]
        self.place = (self.place + len(samples)) % self.window_samples
        self.n_samples += len(samples)

    def finish(self) -> Iterator[np.ndarray]:
        """Yield the last window, filled up with zeros, where samples are left that no window held."""
        n_samples = self.n_samples
        if n_samples and self.n_windows < windows.count(n_samples, window_samples=self.window_samples,
                                                        hop_samples=self.hop_samples):
            yield from self.feed(np.zeros(self.missing, np.float32))
            self.n_samples = n_samples
