# %% [markdown]
# # 1. See and hear sound
# **From a recording to the picture that almost every sound classifier looks at.**
#
# Questions for this notebook:
#
# - What is in a sound file, and what was lost before it got there?
# - How does sound become a picture, and what do the knobs do?
# - Why mel bands, why decibels?
# - When does a harmless step turn silence into noise?
#
# You need: Python with a little numpy, and headphones if you have them. No knowledge of audio, and no download. About
# 45 minutes; the computer itself works for less than one.

# %% [markdown]
# After this notebook you can
#
# - load a recording, play it, and change its rate without spoiling it,
# - say how loud a sound is, in decibels,
# - build a spectrogram step by step, and read it,
# - turn it into mel bands on a logarithmic scale, by hand and in one line,
# - spot the moment when normalising turns silence into noise.
#
# Three exercises check themselves: frames, a frequency for a bird, the noise blow-up.
#
# The way of the data; today the first half: **recording → audio → windows → features** → model → scores → decision.

# %%
import numpy as np

from helpers import datasets, exercises, features, listen, plots

sounds = datasets.load_clips()
print(sounds)

# %% [markdown]
# The first line says which data you hear: sounds made on this computer, or real recordings. Everything below works on
# either. A **clip** is a short recording, and its **class** the name of what sounds in it. Sources and folds are about
# fair tests (notebook 2). A **model** is a function with adjustable numbers, learned from examples, that turns sound
# into an answer; a **network** is one kind of model.
#
# ## Listen first
# One clip of the first class. Close your eyes and play it. How many events do you hear? What else is there, behind
# them? Then play it again and follow the picture: time runs from left to right, high notes are at the top, bright means
# strong.

# %%
clip = sounds.clips[sounds.clips.label == sounds.classes[0]].iloc[3]
audio, sr = sounds.load(clip)
name = clip.label.replace("_", " ")
plots.show(
    plots.log_mel(features.log_mel(audio, sr=sr), sr=sr, title=f"What you hear: {name}"),
    f"Spectrogram of the clip ({name}): each event is a bright shape; what glows between them is the background.",
)
listen.play(audio, sr=sr, title=name)

# %% [markdown]
# Such a picture is called a **spectrogram**; by the end of this notebook you will have built it yourself. How high a
# sound is, is its **frequency**: how often the air swings to and fro in a second. It is counted in **Hz** (hertz, which
# means "per second") or kHz, 1000 Hz.
#
# Above each player stand three facts: how long the sound is, how many numbers a second it is made of (again in Hz), and
# how loud it is (in **dBFS**, the next section). No player here makes quiet sounds louder.

# %% [markdown]
# ## How loud? Decibels
# `audio` is a list of numbers between -1 and 1: the **amplitude** at each moment. Square the numbers and average them,
# and you have the **power**. Powers in daily life differ by factors of billions, so we count in **decibels** (dB): ten
# times the logarithm, base 10, of the power.
#
# With 1 as the largest power there can be (full scale) we write **dBFS**. Real sounds lie below, so they are negative.
# (A full-scale sine has -3 dBFS by this count; meters after AES17 call that 0 and read 3 dB more.)
#
# Worth remembering: -10 dB is a tenth of the power. As power is amplitude squared, -20 dB is a tenth of the amplitude
# (and a hundredth of the power), and -6 dB half the amplitude.

# %%
def level_db(audio):
    power = np.mean(audio.astype(float) ** 2)
    return 10 * np.log10(power) if power > 0 else -np.inf


def at_level(audio, target_db):
    return (audio * 10 ** ((target_db - level_db(audio)) / 20)).astype(np.float32)


listen.compare({f"{level} dBFS": at_level(audio, level) for level in (-30, -40, -50)}, sr=sr)

# %% [markdown]
# Ten decibels less sound about half as loud. Did the last one vanish in the noise of your own room? Quiet sounds
# compete with everything else.
#
# ## Sound is always a mixture
# Sound goes round corners, comes back from walls, and adds up. A microphone never records a frog. It records a frog,
# plus a cicada, plus the wind, plus its own hiss.
#
# Listen, then look: in the picture, frog and cicada lie apart. Then change the three levels and run both cells again.
# When does your ear lose the frog, and when does your eye? (Set them back before you go on: the evening comes again.)
#
# (The colour bars of spectrograms count dB from another zero; step 3 says which. Look at differences only.)

# %%
from helpers.synth import voices

frog_db, cicada_db, noise_db = -26, -32, -50   # dBFS; try a frog at -45
wide_sr = 22050                                # samples a second, more than the other sounds here have

rng = np.random.default_rng(1)
frog = at_level(voices.render("frog", source=0, sr=wide_sr, clean=True)[0], frog_db)
cicada = at_level(voices.render("cicada", source=2, sr=wide_sr, clean=True)[0], cicada_db)
noise = at_level(rng.standard_normal(len(frog)), noise_db)
evening = frog + cicada + noise                # a mixture is a sum, nothing more
listen.compare({"A frog": frog, "A cicada": cicada, "Noise": noise, "The evening": evening}, sr=wide_sr, columns=4)

# %%
def to_db(power):
    return 10 * np.log10(np.maximum(power, 1e-10))   # never the logarithm of 0


parts = {"A frog": frog, "A cicada": cicada, "The evening": evening}
plots.show(
    plots.spectrograms({title: to_db(features.spectrogram(part)) for title, part in parts.items()},
                       sr=wide_sr, hop_length=256),
    "Three spectrograms: the frog croaks three times below 3 kHz, the cicada hisses between 3 and 7 kHz all the time, "
    "and in the mixture each is still in its place.",
)

# %% [markdown]
# ## What is in a file
# Air pressure moves the membrane of a microphone, the microphone makes a voltage of it, and a converter measures that
# voltage many thousand times a second. Each measurement is a **sample**; how many there are in a second is the
# **sampling rate**, `sr` in code. `load_audio` reads any common kind of file and returns the samples and their rate.

# %%
import soundfile

from helpers.audio import load_audio

facts = soundfile.info(clip.path)
print(f"The file:    {facts.samplerate} Hz, {facts.channels} channel(s), {facts.duration:.2f} s, {facts.subtype_info}")
samples, rate = load_audio(clip.path, sr=16000)   # this is what sounds.load(clip) did above
print(f"In memory:   {rate} Hz, {len(samples)} samples of {samples.dtype}, {samples.min():.3f} to {samples.max():.3f}")
loudest = max(80, int(np.abs(samples).argmax()))
plots.show(
    plots.waveform(samples[loudest - 80:loudest + 80], sr=rate, title="A hundredth of a second, drawn as it is"),
    "Waveform of 10 milliseconds around the loudest sample: the pressure swings to and fro many times.",
)

# %% [markdown]
# That is all there is: one number after the other. From this **waveform** you can read when something happens and how
# strong it is, but hardly what it is.
#
# ## How many samples a second?
# The rule, named after Nyquist: a rate of `sr` holds frequencies **up to `sr / 2`, and nothing above**. Half the rate
# means half the data, and whatever sang up there is gone. Listen to the evening at four settings. Which animal pays?

# %%
from helpers.audio import resample

evening_16k = resample(evening, orig_sr=wide_sr, target_sr=16000)
rates = {
    "22.05 kHz": (evening, wide_sr),
    "16 kHz": (evening_16k, 16000),
    "8 kHz": (resample(evening, orig_sr=wide_sr, target_sr=8000), 8000),
    "every 2nd sample": (evening_16k[::2], 8000),
}
plots.show(
    plots.spectrograms({title: to_db(features.spectrogram(part)) for title, (part, _) in rates.items()},
                       sr={title: rate for title, (_, rate) in rates.items()}, hop_length=256),
    "Four spectrograms: 16 kHz keeps both animals, 8 kHz cuts off most of the cicada, and taking every second sample "
    "puts a false cicada at 2 kHz, on top of the frog. Grey: frequencies that the rate cannot hold.",
)
listen.compare(rates, columns=4)

# %% [markdown]
# The frog needs no more than 8 kHz, the cicada needs 16: choose the rate for what you listen for. This workshop uses
# 16 kHz.
#
# The last one is a trap. Take every second sample, and the cicada comes back as a ghost at a frequency where it never
# sang: **aliasing**. `resample` first removes what the new rate cannot hold. Never write `audio[::2]`.
#
# ## How fine is each sample?
# A converter also rounds: 16 bits have 65536 steps, 8 bits 256, 4 bits 16. The rounding error is heard as noise or,
# where the sound is as small as a step, as distortion.

# %%
def quantise(audio, bits):
    steps = 2 ** (bits - 1)
    return (np.clip(np.round(audio * steps), -steps, steps - 1) / steps).astype(np.float32)


rounded = {f"{bits} bits": quantise(evening, bits) for bits in (16, 8, 4)}
for title, part in rounded.items():
    print(f"{title:>7}: the rounding error has a level of {level_db(part - evening):6.1f} dBFS")
begin = int(np.abs(evening).argmax()) - wide_sr // 200   # 5 ms before the loudest moment
plots.show(
    plots.waveforms({title: part[begin:begin + wide_sr // 100] for title, part in rounded.items()}, sr=wide_sr),
    "Ten milliseconds of the evening: with 16 and 8 bits the lines look alike, with 4 bits the line has become stairs.",
)
listen.compare(rounded, sr=wide_sr)

# %% [markdown]
# Each bit less costs about 6 dB, as long as the sound is large against a step. (With 4 bits it is not: where a sound is
# rounded away, the error is that sound, and no larger.) With 16 bits the error lies far below the noise of the
# microphone, and nobody thinks of it. With 8 bits a soft recording turns rough, and its pauses may fall to digital
# silence; with 4 bits soft sounds are gone.
#
# ## What a small file has lost
# MP3 and OGG make files small by leaving out what most people do not notice: they are **lossy**. You may not notice; a
# model might. Here is the evening, squeezed nearly as hard as each encoder's quality setting goes.

# %%
import io

squeezed = {f"WAV, {2 * len(evening) / 1000:.0f} kB": evening}
for name_of_format, subtype in {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}.items():
    memory = io.BytesIO()   # a file that exists in memory only
    soundfile.write(memory, evening, wide_sr, format=name_of_format, subtype=subtype, compression_level=0.99)
    size = memory.tell()
    memory.seek(0)
    squeezed[f"{name_of_format}, {size / 1000:.0f} kB"] = soundfile.read(memory, dtype="float32")[0]
plots.show(
    plots.spectrograms({title: to_db(features.spectrogram(part)) for title, part in squeezed.items()},
                       sr=wide_sr, hop_length=256),
    "Three spectrograms: OGG has torn holes into the soft parts, MP3 has cut off everything above about 4.5 kHz, and "
    "with it most of the cicada.",
)
listen.compare(squeezed, sr=wide_sr)

# %% [markdown]
# Holes and edges like these are called **artefacts**: they come from the encoder, not from the world. (The format could
# hold the cicada: this encoder cuts when it has to save.) They are a danger when they tell classes apart by accident,
# such as all your dogs from one phone and all your rain from a web site.
#
# So: record as WAV or FLAC (small *and* lossless). If your recordings are lossy already, as most sounds from the web
# are, leave them as they are, and make sure that all classes have been through the same format.

# %% [markdown]
# ## A spectrogram, step 1: frames
# Now we build the picture. Sound changes all the time, so we look at short pieces of it, the **frames**. A frame is
# `n_fft` samples long, and the next one starts `hop_length` samples later, the **hop**. Frames overlap, so that nothing
# falls between two of them.
#
# Half a frame of zeros is added at both ends. The first frame is then centred on the very first sample, and frame
# number `k` on sample `k * hop_length`.

# %%
def frames(audio, *, n_fft, hop_length):
    padded = np.pad(audio, n_fft // 2)
    starts = range(0, len(padded) - n_fft + 1, hop_length)
    return np.stack([padded[start:start + n_fft] for start in starts])


cut = frames(audio, n_fft=1024, hop_length=256)
print(f"{len(audio)} samples -> {cut.shape[0]} frames of {cut.shape[1]} samples ({1000 * cut.shape[1] / sr:.0f} ms)")

# %% [markdown]
# ### Your turn: how many frames?
# Write `count_frames`: how many frames does `frames` make of `n_samples`? One line is enough.
#
# Hint: frames are centred on samples 0, `hop_length`, `2 * hop_length`, ... as long as these lie in the recording or
# just at its end. How long a frame is does not matter. For 64000 samples and a hop of 256 the answer is 251.

# %%
def count_frames(n_samples, hop_length):
    # <solution>
    return 1 + n_samples // hop_length
    # </solution>

# %%
exercises.check_frame_count(count_frames)

# %% [markdown]
# ## Step 2: which frequencies are in a frame?
# The **FFT** (fast Fourier transform) answers that. Think of it as a box: in go 1024 samples, out come 513 complex
# numbers, one for each frequency from 0 to `sr / 2` in equal steps. Their size (`np.abs`) says how strongly the frame
# swings at that frequency. We keep the size and drop the angle (the **phase**), so there is no simple way back from a
# spectrogram to the sound.
#
# A frame is cut out in mid-swing, and a hard cut is a click, which has all frequencies. So before the FFT we fade each
# frame in and out, with a curve called the **Hann window**. Here is a pure tone, without and with it.

# %%
tone = 0.1 * np.sin(2 * np.pi * 1010 * np.arange(1024) / sr)
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
tone_power = {
    "cut hard": np.abs(np.fft.rfft(tone)) ** 2,
    "faded with a Hann window": np.abs(np.fft.rfft(tone * hann)) ** 2,
}
plots.show(
    plots.spectrum(tone_power, sr=sr, title="One frame of a tone of 1010 Hz"),
    "Level over frequency: cut hard, the tone spills over all frequencies; with the Hann window only the peak at 1 kHz "
    "is left.",
)

# %% [markdown]
# ## Step 3: all frames, side by side
# Take the FFT of every frame; square the sizes (`np.abs`) to get powers; turn the table so that time runs to the right;
# express it in dB. That is the whole spectrogram.
#
# These decibels can be positive: the FFT adds up a thousand samples, so 0 dB is no longer full scale. In a spectrogram
# only differences count.

# %%
def spectrogram(audio, *, n_fft=1024, hop_length=256):
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    spectrum = np.fft.rfft(frames(audio, n_fft=n_fft, hop_length=hop_length) * hann)
    return (np.abs(spectrum) ** 2).T


power = spectrogram(audio)
n_frequencies, n_frames = power.shape
print(f"{n_frequencies} frequencies, {sr / 1024:.1f} Hz apart; {n_frames} frames, {1000 * 256 / sr:.0f} ms apart")
plots.show(
    plots.spectrogram(to_db(power), sr=sr, hop_length=256, title=f"Built by hand: {name}"),
    f"Spectrogram of the clip ({name}) with equal steps in Hz: most of what is strong is crowded at the bottom.",
)
listen.play(audio, sr=sr, title=name)

# %% [markdown]
# How to read such a picture:
#
# - a vertical line is a **click**: short, all frequencies at once;
# - a horizontal line is a **tone**; several at equal distances are one tone with its overtones, as in a voice;
# - a line that bends is a tone that rises or falls;
# - an even haze is **noise**: rain, wind, the microphone itself;
# - black is whatever lies 80 dB or more below the brightest spot: next to nothing, if not silence.
#
# ## One knob decides: how long is a frame?
# Here are two tones 80 Hz apart, and two clicks 50 ms apart. Look for the frame length that shows four things. (The
# stripes at both edges are no clicks of ours: the tones begin and end there, all at once.)

# %%
moments = np.arange(sr) / sr
test = 0.03 * np.sin(2 * np.pi * 400 * moments) + 0.03 * np.sin(2 * np.pi * 480 * moments)
test[[sr // 2, sr // 2 + sr // 20]] += 0.9
views = {f"{n_fft} samples, {1000 * n_fft / sr:.0f} ms": to_db(spectrogram(test, n_fft=n_fft, hop_length=64))
         for n_fft in (256, 1024, 4096)}
axes = plots.spectrograms(views, sr=sr, hop_length=64)
axes[0].set_ylim(0, 1000)
plots.show(
    axes,
    "The same second with three frame lengths: short frames show two clicks but one tone, long frames two tones but "
    "one blurred click, 64 ms shows both.",
)
listen.play(test, sr=sr, title="Two tones and two clicks")

# %% [markdown]
# To tell two tones apart you have to listen for long, and then you no longer know exactly when. For everyday sounds,
# start with 25 to 64 ms; for clicks go shorter, for hums longer.
#
# ## Mel: steps that sound equal
# We hear the step from 200 to 400 Hz as large, the step from 6000 to 6200 Hz as small. The **mel** scale has steps that
# sound equally large. So instead of 513 frequencies we keep 64 **mel bands**, narrow at the bottom, wide at the top.
# Each is a sum over neighbouring frequencies, weighted by a triangle.
#
# (There are several mel scales. This is Slaney's, librosa's default, counted so that 1000 Hz is 15; the textbook
# formula, `2595 * log10(1 + f / 700)`, is called HTK. A network trained on one finds pictures of the other strange.)

# %%
def hz_to_mel(hz):   # straight up to 1 kHz, then logarithmic
    hz = np.asarray(hz, dtype=float)
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1000) / 1000) / np.log(6.4))


def mel_to_hz(mel):
    mel = np.asarray(mel, dtype=float)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.maximum(mel, 15) - 15) * np.log(6.4) / 27))


def mel_filters(*, sr, n_fft=1024, n_mels=64, fmin=0.0, fmax=None):
    corners = mel_to_hz(np.linspace(hz_to_mel(fmin), hz_to_mel(fmax or sr / 2), n_mels + 2))
    left, middle, right = (corners[i:n_mels + i, None] for i in range(3))
    hz = np.linspace(0, sr / 2, 1 + n_fft // 2)
    triangles = np.minimum((hz - left) / (middle - left), (right - hz) / (right - middle))
    return np.maximum(0, triangles) * 2 / (right - left)   # wide bands count each frequency less

# %%
mel_power = mel_filters(sr=sr) @ power   # the sums of all 64 bands, in all frames
print(f"{power.shape[0]} frequencies -> {mel_power.shape[0]} bands: {power.size} numbers become {mel_power.size}")
plots.show(
    plots.mel_filters(mel_filters(sr=sr, n_fft=8192, n_mels=16), sr=sr, title="Only 16 mel filters, to see each one"),
    "Triangles over frequency: below 1 kHz narrow and equally wide, above it wider and wider, and lower, so that all "
    "have the same area.",
)

# %% [markdown]
# An eighth of the numbers: a smaller picture needs a smaller model and fewer examples.
#
# The mel filters have two more knobs. `fmin` and `fmax` say where the lowest band begins and the highest one ends. If
# what you look for lives above 1 kHz, every band below it shows the model nothing but traffic and wind. Here is a bird,
# and a helicopter that passes by.

# %%
bird = at_level(voices.render("chirping_birds", source=2, sr=sr, clean=True)[0], -26)
helicopter = at_level(voices.render("helicopter", source=1, sr=sr, clean=True)[0], -20)
outdoors = {"The bird": bird, "The helicopter": helicopter, "Both": bird + helicopter}
plots.show(
    plots.spectrograms({title: to_db(spectrogram(part)) for title, part in outdoors.items()}, sr=sr, hop_length=256),
    "Three spectrograms: the bird whistles in thin bending lines, the helicopter is strongest at the bottom, and where "
    "the bird sings the helicopter is weak.",
)
listen.compare(outdoors, sr=sr)

# %% [markdown]
# ### Your turn: where does the bird begin?
# Choose `bird_fmin` in Hz such that at least 95 % of the bird's power lies above it, and at least 95 % of the
# helicopter's power below.
#
# Hint: read it from the pictures above; their axis is in kHz. A single number between 0 and 8000 is expected, and
# there is a whole range of right ones.

# %%
bird_fmin = None
# <solution>
bird_fmin = 2000
# </solution>

# %%
exercises.check_bird_fmin(bird_fmin, bird=bird, background=helicopter, sr=sr, keep=0.95, remove=0.95)

# %% [markdown]
# ## Why the logarithm?
# All the pictures so far were in dB. What if we had left the powers as they are? Below is how the numbers of our mel
# picture are spread, both ways. The distance from the softest to the loudest is the **dynamic range**.

# %%
plots.show(
    plots.dynamic_range(mel_power),
    "Two histograms of the same picture: as power, nearly all values are squeezed into the first bar; in dB they "
    "spread out.",
)
spread = np.percentile(mel_power, [5, 95])
print(f"Between the soft parts and the loud ones (5th to 95th percentile): a factor of {spread[1] / spread[0]:.1e}, "
      f"or {to_db(spread[1]) - to_db(spread[0]):.0f} dB")

# %% [markdown]
# A network that sees powers sees a few bright dots and nothing else. In dB, soft and loud both have room, much as in
# our ears, which also hear ratios.
#
# Filters, then logarithm: this is the **log-mel spectrogram**, the picture from the beginning, and the input of almost
# everything that follows in this workshop.

# %%
def log_mel(audio, *, sr, n_fft=1024, hop_length=256, n_mels=64, fmin=0.0, fmax=None):
    filters = mel_filters(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    return to_db(filters @ spectrogram(audio, n_fft=n_fft, hop_length=hop_length))


ours = log_mel(audio, sr=sr)
plots.show(
    plots.log_mel(ours, sr=sr, title="The picture from the beginning, built by hand"),
    f"Log-mel spectrogram of the clip ({name}), as at the start: the first 1000 Hz now take up a third of the height.",
)

# %% [markdown]
# ## The same in one line
# `librosa`, the best-known package for this, has it in one call; `features.log_mel` of this workshop is a faster way
# to the same numbers. All three must agree.
#
# In a fresh installation this cell may take half a minute or more, once: librosa compiles parts of itself when it is
# first used.

# %%
import warnings

print("Waiting for librosa: about a second, or up to a minute when it is used for the first time ...", flush=True)
with warnings.catch_warnings(action="ignore"):   # one that is about progress bars
    import librosa

    one_line = librosa.feature.melspectrogram(y=audio, sr=sr, n_fft=1024, hop_length=256, n_mels=64)

theirs = to_db(one_line)
heard = theirs > theirs.max() - 80   # further down there is only rounding
for title, other in {"librosa": theirs, "features.log_mel": features.log_mel(audio, sr=sr)}.items():
    difference = np.abs(other - ours)[heard].max()
    assert difference < 0.01
    print(f"{title}: the same {other.shape} picture; largest difference {difference:.6f} dB")

# %% [markdown]
# ## Loud, quiet and silent
# A bark should give the same answer when it is recorded with the gain turned down. So before a picture goes into a
# model it is **normalised**: subtract its mean, divide by its standard deviation. (What lies more than 80 dB below the
# maximum is lifted to that floor first; down there is only rounding.)
#
# We cut recordings into **windows** of one second, as notebook 2 will (not frames: a window is long enough to be a
# picture of its own), and take three: the loudest of our clip; the same one 30 dB softer, as if the recorder had been
# set lower; and from other clips one that we would call silent. (A dog far away is another matter: the bark falls, the
# background does not, and no normalising brings it back.)

# %%
from helpers import windows

here, _ = windows.split(audio, sr=sr, window=1.0, hop=0.25)
loud = here[np.argmax([level_db(second) for second in here])]
quiet = at_level(loud, level_db(loud) - 30)

clips = sounds.load_all(sounds.clips.groupby("label").head(4))
seconds, _, _ = windows.split_all(clips, sr=sr, window=1.0, hop=0.25)
levels = windows.levels_db(seconds)
softest_quarter = windows.levels_db(seconds.reshape(-1, sr // 4)).reshape(-1, 4).min(axis=1)
silent = seconds[np.where(levels < -70, softest_quarter, -np.inf).argmax()]   # below -70 dBFS, and so to its end
print(f"Of {len(levels)} windows in {len(clips)} clips, {(levels < -60).sum()} lie below -60 dBFS.")
three = {"loud": loud, "quiet": quiet, "silent": silent}
listen.compare(three, sr=sr)

# %%
def normalise(log_mels, *, floor_db=80.0):
    clamped = np.maximum(log_mels, log_mels.max(axis=(1, 2), keepdims=True) - floor_db)
    centred = clamped - clamped.mean(axis=(1, 2), keepdims=True)
    return centred / np.maximum(centred.std(axis=(1, 2), keepdims=True), 1e-3)


before = np.stack([log_mel(second, sr=sr) for second in three.values()])
after = normalise(before)
plots.show(plots.log_mels(dict(zip(three, before, strict=True)), sr=sr),
           "Before: log-mel pictures of the loud, the quiet and the silent window; the silent one is dark all over.")
plots.show(plots.log_mels(dict(zip(three, after, strict=True)), sr=sr, normalised=True),
           "After normalising: loud and quiet are the same picture, and the silent one is as bright as they are.")
print(f"Largest difference between loud and quiet: {np.abs(after[0] - after[1]).max():.4f} deviations")
listen.compare({f"{title}, at -30 dBFS": at_level(second, -30) for title, second in three.items()}, sr=sr)

# %% [markdown]
# Loud and quiet have become the same picture: that was the aim. But look at the silent one, and hear it raised by more
# than forty decibels. What nobody could hear before is now as lively as anything. This is the **noise blow-up**. A
# model will find *something* in it, and say so.
#
# The cure: measure the level *before* normalising, and do not ask the model about windows below a threshold. This is
# called a **gate**.

# %% [markdown]
# ### Your turn: spot the noise blow-up
# Write `too_quiet`: for each window, is its level below the threshold? You get an array of shape `(n_windows,
# window_samples)` and a number in dBFS; return an array of `True` and `False` of shape `(n_windows,)`.
#
# Hint: the mean of the squares of each row, in dB. `axis=1` goes along a row. Be careful with a row of zeros: compare
# powers, or let `np.maximum` keep you from taking the logarithm of 0.

# %%
def too_quiet(cut, threshold_db):
    # <solution>
    power = (cut.astype(float) ** 2).mean(axis=1)
    return 10 * np.log10(np.maximum(power, 1e-20)) < threshold_db
    # </solution>

# %%
exercises.check_noise_blowup(too_quiet)

# %% [markdown]
# ## Two channels
# Many recordings are **stereo**: two channels, for a left and a right loudspeaker. Most models want one. Here we write
# such a file, with the frog on the left and the cicada on the right, and read it again. Listen to each side, then to
# what `load_audio` makes of both: their mean.

# %%
import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "two_sides.wav"
    soundfile.write(path, np.stack([frog, cicada], axis=1), wide_sr)
    both_sides, _ = soundfile.read(path, dtype="float32")
    mixed_down, _ = load_audio(path, sr=None)   # None: keep the rate of the file
print(f"In the file: {both_sides.shape}; mixed down: {mixed_down.shape}")
sides = {"Left": both_sides[:, 0], "Right": both_sides[:, 1], "Mixed down": mixed_down}
listen.compare(sides, sr=wide_sr)

# %% [markdown]
# The mean halves what is on one side only, so both animals are 6 dB softer now. And one trap: if a cable has turned one
# side upside down (its **polarity**), what both sides share cancels out. When a mixture sounds thin, listen to the
# sides.
#
# ## Three questions

# %%
exercises.quiz(
    "One recording has -20 dBFS, another one -40 dBFS. What does that tell you?",
    {
        "The second has a hundredth of the power": True,
        "The second has half the power": "Decibels are logarithms: half the power would be 3 dB less, not 20.",
        "The second has a tenth of the power": "A tenth of the power is 10 dB. These are 20 dB: a tenth of a tenth.",
        "The second was recorded twice as far away": "Twice the distance would be 6 dB in the open, and distance is "
        "only one reason: the source, the microphone and the recorder's settings are others. The number cannot tell.",
    },
    explain="10 dB for each factor of ten in power. In amplitude the same 20 dB are a factor of ten.",
)

# %%
exercises.quiz(
    "A worn machine hums at 7000 and 7050 Hz at once. Do 64 mel bands from 0 to 8000 Hz show that there are two?",
    {
        "No: up there a single band is several hundred hertz wide": True,
        "Yes: a spectrogram shows every frequency": "The FFT still has both: a tone fills four of its steps, 62 "
        "Hz, and between two peaks 50 Hz apart a dip remains (with 4096 samples they stand clear of each other). The "
        "mel filters then add up neighbours.",
        "Yes: mel bands show more detail than the FFT": "They are sums of its values: no sum has more detail than what "
        "went into it.",
        "No: a rate of 16 kHz cannot hold 7000 Hz": "It holds everything up to 8000 Hz, half the rate.",
    },
    explain="Two tones at once become one blur. (A single tone that moves by 50 Hz does shift the balance of two "
    "neighbouring bands, by 1 to 2 dB here.) Mel bands follow the ear, not the machine: for such a hum use a linear "
    "spectrogram, or `fmin` near it.",
)

# %%
exercises.quiz(
    "You train on powers instead of dB. What does the network see of a dog that barks close by, with rain behind?",
    {
        "The bark, and hardly any rain": True,
        "Both alike: the numbers hold the same information": "They do, but a network has to work with their sizes, and "
        "the bark's may be ten thousand times larger.",
        "The rain, because there is more of it": "There are more values of rain, each tiny. Mean and deviation are "
        "ruled by the few huge ones.",
    },
    explain="40 dB between bark and rain are 40 on a scale in dB, and a factor of 10000 in power.",
)

# %% [markdown]
# ## What have we learned?
# - `load_audio` gives samples and their rate, `listen` plays them, and `resample` changes the rate without ghosts.
# - Level is power in dB: 10 dB for a factor of ten, 0 dBFS is the top.
# - A spectrogram is frames, a Hann window, the FFT, power, dB. Long frames separate tones, short ones separate clicks.
# - Mel bands are narrow where the ear is fine; the logarithm makes room for soft and loud. In one line:
#   `features.log_mel(audio, sr=sr)`.
# - Normalising makes quiet sounds usable and silence dangerous: gate first.

# %% [markdown]
# ## Where this fails on real recordings
# - What microphone, rate or format left out, no later step brings back.
# - Where two sounds share time *and* frequency, the picture shows one power for both, and no longer whose it is.
# - Mel bands blur: hums close together become one.
# - One gate does not fit every recorder: some hiss louder than others whisper.
#
# ## What next
# Set `MACHINE_HEARING_CLIPS=esc10` and do it again with real recordings (notebook 0 says how). Then **notebook 2,
# classify clips**: windows, a small network, a decision.
#
# Frog, cicada, bird and helicopter come from `helpers.synth`; the first printed line names the clips' licence.
