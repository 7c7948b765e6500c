"""Figures about sound itself: what is heard, sampled, cut, filtered, normalised and changed."""

import numpy as np

from helpers import audio, augment, datasets, features, plots, windows
from helpers.plots import style
from helpers.synth import voices
from slides import sounds

SOURCES = ["slides/sounds.py", "helpers/synth", "helpers/augment", "helpers/features.py", "helpers/windows.py"]
RESULTS: list[str] = []
SR = audio.SR
HOP = 256


def to_db(power: np.ndarray) -> np.ndarray:
    """Power in decibels, never the logarithm of zero."""
    return 10 * np.log10(np.maximum(power, 1e-10))


def half(height: float = 4.2):
    """Axes for one column of two."""
    return style.new_figure(width=5.0, height=height).add_subplot()


def seconds(label: str, *, begin: float = 0.0, duration: float = 1.0, **settings) -> np.ndarray:
    """A stretch of one embedded clip."""
    samples = voices.render(label, **settings)[0]
    return samples[round(begin * SR):round((begin + duration) * SR)]


def mixture():
    """A frog, cicadas, and both: three spectrograms."""
    return plots.spectrograms({name: to_db(features.spectrogram(one)) for name, one in sounds.evening().items()},
                              sr=SR, hop_length=HOP)


def evening_spectrogram():
    """The mixture alone, large."""
    power = to_db(features.spectrogram(sounds.evening()["the evening"]))
    return plots.spectrogram(power, sr=SR, hop_length=HOP,
                             ax=style.new_figure(width=8.4, height=3.6).add_subplot())


def samples():
    """A hundredth of a second of a bark, sample by sample."""
    bark = voices.render("dog", clean=True)[0]
    loudest = int(np.abs(bark).argmax())
    return plots.waveform(bark[loudest - 80:loudest + 80], sr=SR, title="A hundredth of a second: 160 numbers",
                          ax=half())


def rates():
    """The same birds at two rates."""
    birds = voices.render("chirping_birds", clean=True)[0]
    slow = audio.resample(birds, orig_sr=SR, target_sr=8000)
    return plots.spectrograms({"16 000 samples a second": to_db(features.spectrogram(birds)),
                               "8 000 samples a second": to_db(features.spectrogram(slow, hop_length=128))},
                              sr={"16 000 samples a second": SR, "8 000 samples a second": 8000},
                              hop_length={"16 000 samples a second": HOP, "8 000 samples a second": 128})


def classes():
    """One clip of each of the ten classes."""
    dataset = datasets.load_clips("embedded")
    return plots.class_grid(dataset, dataset.clips[dataset.clips["fold"] == 2].groupby("label").head(1))


def windows_overlap():
    """One-second windows with half overlap below a clip."""
    rooster = voices.render("rooster", session="5a")[0]
    _, starts = windows.split(rooster, sr=SR)
    return plots.windows_over_waveform(rooster, sr=SR, starts=starts, window=1.0)


def mel_bank():
    """Sixteen mel filters."""
    return plots.mel_filters(features.mel_filters(sr=SR, n_fft=8192, n_mels=16), sr=SR, ax=half())


def spread():
    """Values of a spectrogram as power, and in decibels."""
    return plots.dynamic_range(features.spectrogram(voices.render("crying_baby", session="2a")[0]))


def normalised():
    """Loud, quiet and silent, each normalised by itself."""
    loud = seconds("dog", session="2b", source=1, begin=1.5)
    hiss = 1e-4 * np.random.default_rng(0).standard_normal(SR).astype(np.float32)
    pictures = features.normalise(features.log_mel(np.stack([loud, loud / 30, hiss]), sr=SR))
    return plots.log_mels(dict(zip(("loud", "30 dB softer", "nothing but hiss"), pictures, strict=True)), sr=SR,
                          normalised=True)


def gate():
    """Level of each window of a clip that ends in silence, and the gate."""
    row = next(row for row in voices.plan() if row["label"] == "rooster" and voices.render(
        "rooster", session=row["session"], source=row["source_index"], take=row["take"])[1]["padding"] > 1.2)
    clip = voices.render("rooster", session=row["session"], source=row["source_index"], take=row["take"])[0]
    cut, starts = windows.split(clip, sr=SR)
    return plots.levels(windows.levels_db(cut), threshold_db=-60, starts=starts,
                        ax=style.new_figure(width=8.4, height=2.8).add_subplot())


def changed():
    """A bark as it was, shifted, faster, higher."""
    bark = sounds.clip("dog", session="2b", source=1)
    return plots.log_mels({name: features.log_mel(one, sr=SR) for name, one in {
        "as it was": bark, "shifted": np.roll(bark, SR), "15 % faster": sounds.SOUNDS["dog-faster"](),
        "2 semitones up": sounds.SOUNDS["dog-higher"]()}.items()}, sr=SR)


def mixed():
    """A bark with noise, blended with rain, masked."""
    bark = sounds.clip("dog", session="2b", source=1)
    pictures = {name: features.log_mel(one, sr=SR) for name, one in {
        "5 dB above noise": sounds.SOUNDS["dog-noise"](), "4 parts dog, 1 rain": sounds.SOUNDS["dog-rain"]()}.items()}
    one = features.log_mel(bark, sr=SR)
    return plots.log_mels({**pictures, "masked": augment.mask(one[np.newaxis], rng=np.random.default_rng(4))[0]},
                          sr=SR)


def resolutions():
    """The same sound with three lengths of frame: three channels of an image."""
    rooster = seconds("rooster", session="5a", duration=2.0)
    return plots.log_mels({f"{n_fft} samples, {1000 * n_fft / SR:.0f} ms": features.log_mel(
        rooster, sr=SR, n_fft=n_fft, hop_length=HOP) for n_fft in (512, 1024, 4096)}, sr=SR)


def kernels():
    """What two small kernels find in a spectrogram: beginnings, and steady tones."""
    from scipy.signal import convolve2d

    picture = features.normalise(features.log_mel(seconds("rooster", session="5a", duration=2.0), sr=SR)[np.newaxis])[0]
    onset, tone = np.array([[1.0, 1, 0, -1, -1]] * 5), np.array([[-1.0] * 7, [2] * 7, [-1] * 7])
    found = {"the picture": picture, "kernel: begins here": convolve2d(picture, onset, mode="same"),
             "kernel: steady tone": convolve2d(picture, tone, mode="same")}
    return plots.log_mels({name: one / one.std() for name, one in found.items()}, sr=SR, normalised=True)


FIGURES = (mixture, evening_spectrogram, samples, rates, classes, windows_overlap, mel_bank, spread, normalised, gate,
           changed, mixed, resolutions, kernels)
