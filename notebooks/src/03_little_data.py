# %% [markdown]
# # 3. Doing well with little data
# **Eight clips of each sound are all you have. How far can you get?**
#
# After this notebook you can
#
# - make new examples out of old ones, and hear which changes go too far,
# - turn any sound into a vector with a network that somebody has trained before,
# - say, for your number of clips, what to try first: augmentation, an embedding, or a network of your own,
# - give a recording several names at once.
#
# You need: notebook 2. About 75 minutes, of which the computer works for three. No download. Three exercises check
# themselves: which change goes too far, mixup, three resolutions.

# %%
import gc

import numpy as np
import pandas as pd

from helpers import augment, datasets, embeddings, exercises, features, listen, metrics, models, plots, windows

sr = 16000            # samples per second of everything we load
hop_length = 512      # samples from one column of a spectrogram to the next
few = 8               # clips of each class to learn from; try 4
steps = 100           # how many batches of 32 windows each small network is trained with
rng = np.random.default_rng(3)

sounds = datasets.load_clips()
print(sounds)
print(sounds.citation)

# %% [markdown]
# ## The task, and the bar
# Labelled clips are dear: somebody has to record them, listen to each and name it. So we pretend to have eight of each
# class, drawn from the training folds: from different recordings as far as there are any, for two takes of one
# helicopter teach less than two helicopters. The folds share no recording, as in notebook 2: the last one is for the
# test at the very end, the one before for every choice until then.
#
# Any model has to beat two cheap ones. **MFCC** are the classic features of speech recognition: each column of the
# log-mel spectrogram, pressed into 20 numbers by a cosine transform. We take their mean and deviation over time. From
# these learns a **support vector machine** (it puts the border between two classes where it is farthest from the clips
# of both) or a **random forest** (many decision trees that vote).

# %%
*train_folds, valid_fold, test_fold = sorted(sounds.clips["fold"].unique())
of_fold = {name: sounds.clips[sounds.clips["fold"] == fold] for name, fold in
           {"valid": valid_fold, "test": test_fold}.items()}
pool = sounds.clips[sounds.clips["fold"].isin(train_folds)].sample(frac=1, random_state=3)


def draw(n_clips):
    """Take n clips of each class, the same ones first whatever n is; from different recordings as far as possible."""
    order = pool.groupby(["label", "source"]).cumcount()
    return pool.assign(order=order).sort_values("order", kind="stable").groupby("label").head(n_clips)


number = {label: index for index, label in enumerate(sounds.classes)}
train, valid = draw(few), of_fold["valid"]
train_audio, valid_audio = sounds.load_all(train, sr=sr), sounds.load_all(valid, sr=sr)
y_train, y_valid = train["label"].map(number).to_numpy(), valid["label"].map(number).to_numpy()
print(f"{len(train)} clips of {train['source'].nunique()} recordings to learn from, {len(valid)} to validate")
listen.grid(sounds, train[train["label"] == sounds.classes[0]], columns=4)

# %%
from scipy.fft import dct
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def mfcc_statistics(audio):
    """Mean and deviation of 20 MFCC over a clip."""
    mfcc = dct(features.log_mel(audio, sr=sr, hop_length=hop_length), axis=0, norm="ortho")[:20]
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])


def linear(C=0.1):
    """Logistic regression; a smaller C keeps the weights smaller, which long vectors and few clips need."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))


mfcc_train, mfcc_valid = (np.stack([mfcc_statistics(audio) for audio in part]) for part in (train_audio, valid_audio))
results = {"one name for all": np.mean(y_valid == np.bincount(y_train).argmax())}
for name, model in {"MFCC, support vectors": make_pipeline(StandardScaler(), SVC(C=10)),
                    "MFCC, random forest": RandomForestClassifier(300, random_state=0)}.items():
    results[name] = metrics.accuracy(y_valid, model.fit(mfcc_train, y_train).predict(mfcc_valid))
print("validation accuracy:", {name: round(float(value), 3) for name, value in results.items()})

# %% [markdown]
# ## New sounds from old ones
# A dog that barks half a second later is still a dog. **Augmentation** makes such new examples: move, make softer, play
# a little faster or higher, add noise. A network that meets them all learns that these things do not matter.
#
# But each change makes a promise: the name still fits. Listen, and look, before you make it. (An **octave** up doubles
# every frequency; there are twelve **semitones** in it, each a factor of `2 ** (1 / 12)`, 6 %. **SNR**, signal-to-noise
# ratio: at 20 dB the sound has a hundred times the power of the noise, at -20 dB a hundredth.)

# %%
one = train[train["label"] == sounds.classes[0]].iloc[0]
original, _ = sounds.load(one, sr=sr)
octaves, speeds = (24.0, 24.0), (5.0, 5.0)
changed = {
    "as it was": original,
    "moved by a second": np.roll(original, sr),
    "6 dB softer": augment.gain(original, rng=rng, range_db=(-6, -6)),
    "a semitone up": augment.pitch(original, sr=sr, rng=rng, semitones=(1, 1)),
    "two octaves up": augment.pitch(original, sr=sr, rng=rng, semitones=octaves),
    "a tenth faster": augment.stretch(original, sr=sr, rng=rng, rates=(1.1, 1.1)),
    "five times as fast": augment.stretch(original, sr=sr, rng=rng, rates=speeds),
    "noise at 20 dB SNR": augment.noise(original, rng=rng, snr_db=(20, 20)),
    "noise at -20 dB SNR": 0.1 * augment.noise(original, rng=rng, snr_db=(-20, -20)),    # softer: spare your ears
}
shown = ("as it was", "a semitone up", "two octaves up", "noise at -20 dB SNR")
plots.show(
    plots.log_mels({name: features.log_mel(changed[name], sr=sr) for name in shown}, sr=sr),
    f"Log-mel spectrograms of a clip ({one['label'].replace('_', ' ')}) and three changes: a semitone is hardly seen, "
    "two octaves move everything up, and noise 20 dB above the sound hides nearly all of it.")
listen.compare(changed, sr=sr, columns=3)

# %% [markdown]
# ### Your turn: which change goes too far?
# Write down the changes after which a network should no longer learn this clip under its name: a stranger would not
# know it, or would have to guess. Expected: a set of names, as they stand above the players, such as `{"6 dB softer"}`.

# %%
too_far = (
    # <solution>
    {"two octaves up", "five times as fast", "noise at -20 dB SNR"}
    # </solution>
)

# %%
exercises.check_class_changers(too_far)

# %% [markdown]
# What goes too far depends on the classes. Pitch says little about rain and everything about a bird. Stay within 10 to
# 20 % of speed and one or two semitones unless you know better.
#
# ## In the sound, or in the picture?
# Some changes can be made on the log-mel spectrogram as well, which has two thousand numbers a second instead of
# sixteen thousand. A move by whole columns is the same in both: we check it, away from the ends. Hiding a stretch of
# time or a band of frequencies (**masks**) is easier in the picture; speed and pitch need the sound.

# %%
columns = 20
moved_sound = features.log_mel(np.roll(original, columns * hop_length), sr=sr, hop_length=hop_length)
moved_picture = np.roll(features.log_mel(original, sr=sr, hop_length=hop_length), columns, axis=1)
inner = slice(columns + 2, -2)        # where the clip was joined end to end, the two must differ
difference = np.abs(moved_sound - moved_picture)[:, inner].max()
assert difference < 0.01
print(f"moved by {columns} columns in the sound and in the picture: largest difference {difference:.5f} dB")

second = features.normalise(features.log_mel(original[np.newaxis, :sr], sr=sr, hop_length=hop_length))
three = {"as it was": second, "shifted": augment.shift_frames(second, rng=rng), "masked": augment.mask(second, rng=rng)}
plots.show(plots.log_mels({name: picture[0] for name, picture in three.items()}, sr=sr, hop_length=hop_length,
                          normalised=True),
           "One second as a picture: as it was, moved in time, and with a stretch of time and a band hidden.")

# %% [markdown]
# ## Mixup: between the classes
# Another augmentation blends two clips: 80 % of the one and 20 % of the other, and the label "0.8 dog, 0.2 rain". In
# pictures this is no sound that anyone could record (decibels do not add up), and yet it often helps: the network
# learns to go over from one class to the other step by step, and is less often sure and wrong.

# %% [markdown]
# ### Your turn: mixup
# Write `mixup`: from two sounds (or pictures), their labels and a `share` between 0 and 1, to the blended sound and the
# blended label. The labels are vectors with a single 1 at the place of the class. Expected: two arrays, `x` and `y`.
# Hint: the same sum for both, `share` of the first and what is left of the second.

# %%
def mixup(x1, y1, x2, y2, share):
    """Blend two examples and their labels in the same proportion."""
    # <solution>
    x = share * x1 + (1 - share) * x2
    y = share * y1 + (1 - share) * y2
    return x, y
    # </solution>

# %%
exercises.check_mixup(mixup)

# %% [markdown]
# ## On the fly
# Made once and stored, a changed clip is one more example. Made anew in every epoch, it is another one each time. A
# `tf.data` pipeline does that while the network works on the batch before. Here are two windows in four epochs:
# shuffled, shifted, masked and blended; we look at the first of the batch, with its label as title. (`alpha` says how
# the share of mixup is drawn: near 0, mostly one of the two; at 1, all shares alike.) Further down `models.fit` does
# the same without tf.data.

# %%
def prepare(clips):
    """Cut clips into windows; return pictures, the clip of each window, and which windows are live."""
    cut, clip_index, _ = windows.split_all(clips, sr=sr)
    return features.normalise(features.log_mel(cut, sr=sr, hop_length=hop_length)), clip_index, windows.live(cut)


def change(x, y, rng):
    x = augment.mask(augment.shift_frames(x, rng=rng), rng=rng)
    return augment.mixup(x, y, rng=rng, alpha=0.4)


train_pictures, train_index, train_live = prepare(train_audio)
valid_pictures, valid_index, valid_live = prepare(valid_audio)
pair = [0, int(np.argmax(y_train != y_train[0]))]         # two clips of different classes
two = [np.flatnonzero(train_live & (train_index == clip))[0] for clip in pair]
labels = np.eye(len(sounds.classes))[y_train[pair]]       # a single 1 at the place of the class
pipeline = augment.batches(train_pictures[two], labels, seed=4, steps=[change], batch_size=2)
epochs = {}
for _ in range(4):
    x, y = (part.numpy()[0] for part in next(iter(pipeline)))
    label = ", ".join(f"{y[tag]:.2f} {sounds.classes[tag]}" for tag in np.flatnonzero(y > 0.005))
    epochs[f"{len(epochs) + 1}: {label}"] = x
plots.show(
    plots.log_mels(epochs, sr=sr, hop_length=hop_length, normalised=True),
    "The first example of a batch in four epochs: never the same picture twice.")

# %% [markdown]
# ## Does it help?
# Three times the same small network, with the same number of steps: on the clips as they are; shifted anew in every
# epoch; and with everything: a second copy of each clip with changed speed, pitch, microphone (some bands louder,
# some softer) and noise, then shift, masks and mixup on the fly.

# %%
def train_network(pictures, y, **settings):
    """Train notebook 2's network for a given number of steps; return its accuracy on validation clips."""
    models.load_keras().utils.clear_session()     # what the network before has left in memory
    gc.collect()
    network = models.small_cnn(pictures.shape[1:], len(sounds.classes), dropout=0.25)
    epochs = max(1, round(steps * 32 / len(pictures)))
    models.fit(network, pictures, y, epochs=epochs, batch_size=32, learning_rate=0.0015, seed=0, **settings)
    scores = windows.pool_clips(models.predict(network, valid_pictures), valid_index, live=valid_live)
    return metrics.accuracy(y_valid, scores.argmax(axis=1))


def vary(audio):
    """Another take of the same sound: speed, pitch and microphone a little different."""
    audio = augment.stretch(audio, sr=sr, rng=rng)
    audio = augment.pitch(audio, sr=sr, rng=rng, semitones=(-1, 1))
    return augment.colour(audio, sr=sr, rng=rng)


def shift_and_mask(x, rng):
    return augment.mask(augment.shift_frames(x, rng=rng), rng=rng)


x_train, windows_y = train_pictures[train_live], y_train[train_index][train_live]
results["network"] = train_network(x_train, windows_y)
results["network, shifted"] = train_network(x_train, windows_y, augment=augment.shift_frames)

# %%
takes = [vary(audio) for audio in train_audio]
_, more_index, more_live = prepare(takes)             # the gate listens first: noise would make silence live
more_pictures, _, _ = prepare([augment.noise(take, rng=rng, snr_db=(10, 40)) for take in takes])
x_more = np.concatenate([x_train, more_pictures[more_live]])
y_more = np.concatenate([windows_y, y_train[more_index][more_live]])
results["network, everything"] = train_network(x_more, y_more, augment=shift_and_mask, mixup=0.2)
print({name: round(float(value), 3) for name, value in results.items()})
print(f"{len(y_valid)} validation clips: one clip more or less is {100 / len(y_valid):.1f} points")

# %% [markdown]
# One seed and a handful of clips: a difference of a few points may be luck; the table near the end has three seeds.
# Augmentation also makes learning harder: with as few steps as here, "everything" may well come last. The textbooks'
# gains are those of long trainings. Measure before you believe.

# %% [markdown]
# ## Stand on a trained network
# There is often a better way: somebody has already trained a network on *other* sounds. Its last layers know the names
# of those; the layer before holds what it found in the sound. That vector is an **embedding**. Alike sounds should lie
# close together in it; then a linear model on top needs few examples. Each second gives one vector; `embed_clips` takes
# the mean over the live windows of a clip.
#
# This workshop brings one along. It was trained on nothing but a synthesiser: abstract bleeps, rattles and hisses, and
# everyday sounds other than the ten of ESC-10. It has never heard a recording, nor any dog. But the embedded clips come
# from the same synthesiser: on them it plays at home. What it is worth on real recordings, a table near the end tells.

# %%
embedder = embeddings.load_embedder()
print(embedder)
vectors, starts = embedder.embed(original, sr=sr)
print(f"{len(original) / sr:.0f} s of audio -> {vectors.shape[0]} windows with {vectors.shape[1]} numbers each")

vectors_train, vectors_valid = (embeddings.embed_clips(embedder, part, sr=sr) for part in (train_audio, valid_audio))
statistics = embeddings.load_embedder("statistics")
statistics_train, statistics_valid = (
    embeddings.embed_clips(statistics, part, sr=sr, progress=False) for part in (train_audio, valid_audio))
results["statistics, linear"] = linear().fit(statistics_train, y_train).score(statistics_valid, y_valid)
own_model = linear(0.03).fit(vectors_train, y_train)
results["embedding, linear"] = own_model.score(vectors_valid, y_valid)

# %% [markdown]
# Hear what it thinks is alike: for four validation clips, the training clip whose embedding, each number brought to
# mean 0 and deviation 1, points most nearly the same way (the **cosine similarity**, 1 for the same direction).

# %%
scaler = StandardScaler().fit(vectors_train)
unit_train, unit_valid = (rows / np.linalg.norm(rows, axis=1, keepdims=True)
                          for rows in (scaler.transform(vectors_train), scaler.transform(vectors_valid)))
alike = unit_valid @ unit_train.T
nearest = alike.argmax(axis=1)
print(f"nearest training clip has the same name: {np.mean(y_train[nearest] == y_valid):.0%} of validation clips")
asked = rng.choice(len(valid), 4, replace=False)
rows = pd.concat([pd.DataFrame([valid.iloc[clip], train.iloc[nearest[clip]]]) for clip in asked])
captions = [text for clip in asked for text in ("asked", f"nearest, similarity {alike[clip, nearest[clip]]:.2f}")]
listen.grid(sounds, rows, columns=2, captions=captions)

# %% [markdown]
# ## Larger networks, where they are
# Two well-known embedders come with one command each. **YAMNet** was trained by Google on two million clips of videos
# with 521 names: `python start.py data yamnet` (4 MB). **OpenL3** learned, without any names, which sound belongs to
# which picture: `python start.py data openl3-mel256-env` (18 MB). What is not on this computer is left out, and the
# next cell says so.

# %%
from helpers.checks import DatasetError

larger = {}
for name in ("yamnet", "openl3"):
    try:
        larger[name] = embeddings.load_embedder(name)
    except DatasetError as missing:
        print(f"{name} is left out. {missing}\n")
for name, other in larger.items():
    x, x_valid = (embeddings.embed_clips(other, part, sr=sr) for part in (train_audio, valid_audio))
    results[f"{name}, linear"] = linear(0.01).fit(x, y_train).score(x_valid, y_valid)

if "yamnet" in larger:
    scores, _ = larger["yamnet"].tag(original, sr=sr)
    best = np.argsort(-scores.mean(axis=0))[:5]
    print("without any training of ours YAMNet hears:", ", ".join(larger["yamnet"].classes[index] for index in best))

# %%
plots.show(
    plots.accuracy_bars(results, chance=1 / len(sounds.classes), title=f"Validation, {few} clips of each class"),
    f"With {few} clips of each class: " + ", ".join(f"{name} {value:.3f}" for name, value in results.items()) + ".")

# %% [markdown]
# ## How many clips are worth how much?
# A **learning curve** repeats this for other sizes. Start at the right end of `network` and go left on a level line to
# `embedding`: so many clips does the embedding save you. If the line meets nothing, the embedding with the fewest
# clips is already ahead of the network with the most. One draw for each size, so a dip may be luck.

# %%
sizes = (2, few, 2 * few)
curves = {"network": {few: results["network"]}, "statistics": {}, "embedding": {}}
for n_clips in sizes:
    rows = draw(n_clips)
    audio, y = sounds.load_all(rows, sr=sr), rows["label"].map(number).to_numpy()
    x, x_statistics = (embeddings.embed_clips(each, audio, sr=sr, progress=False) for each in (embedder, statistics))
    curves["statistics"][n_clips] = linear().fit(x_statistics, y).score(statistics_valid, y_valid)
    curves["embedding"][n_clips] = linear(0.03).fit(x, y).score(vectors_valid, y_valid)
    if n_clips != few:
        pictures, clip_index, live = prepare(audio)
        curves["network"][n_clips] = train_network(pictures[live], y[clip_index][live], progress=False)
plots.show(
    plots.learning_curve(curves, chance=1 / len(sounds.classes)),
    "Validation accuracy over clips of each class: " + "; ".join(
        f"{name} " + ", ".join(f"{value:.2f} with {size}" for size, value in sorted(points.items()))
        for name, points in curves.items()) + ".")

# %% [markdown]
# ## Borrow from photographs
# Networks for pictures are the most trained of all, and their first layers look for edges and blobs, which
# spectrograms have too. Here is MobileNet, small enough for a laptop. It wants three channels, red, green and blue.
# What shall they be? The same picture three times, one picture and two empty channels, or something better:

# %% [markdown]
# ### Your turn: three resolutions
# Notebook 1 showed that short frames see clicks and long frames see tones. Use both: write `three_resolutions`, from
# windows `cut` of shape `(n_windows, window_samples)` to pictures of shape `(n_windows, n_mels, n_frames, 3)`. The
# channels are log-mels with `n_fft` 512, 1024 and 2048, a `hop_length` of 256, each through `features.normalise`.
# Hint: `np.stack([...], axis=-1)`.

# %%
def three_resolutions(cut):
    """Log-mel pictures with short, middle and long frames as three channels."""
    # <solution>
    log_mels = [features.log_mel(cut, sr=sr, n_fft=n_fft, hop_length=256) for n_fft in (512, 1024, 2048)]
    return np.stack([features.normalise(each) for each in log_mels], axis=-1)
    # </solution>

# %%
exercises.check_three_resolutions(three_resolutions, cut=windows.split(original, sr=sr)[0], sr=sr)

# %% [markdown]
# There are three ways to train on: a new last layer only (the **head**), the **last block** too, or **everything**.
# With few clips, start with the least. Without the downloaded weights (`python start.py data mobilenet`, 4 MB) the code
# below starts from random ones. A head on random features shows what the code does. `repeat` and `zeros` then hold the
# same, so a difference between them is luck; and nothing comes from photographs.

# %%
from helpers.embeddings import mobilenet

try:
    weights = mobilenet.weights_path()
    print("MobileNet with what it learned from photographs")
except DatasetError as missing:
    weights = None
    print(f"MobileNet with random weights: what follows shows the code, not its worth. {missing}")

cut_train, cut_index = (part[::2] for part in windows.split_all(train_audio, sr=sr, hop=1.0)[:2])
cut_valid, cut_valid_index = (part[::2] for part in windows.split_all(valid_audio, sr=sr, hop=1.0)[:2])   # less work
live_train, live_valid = windows.live(cut_train), windows.live(cut_valid)
borrowed = {}
for how in mobilenet.CHANNELS:
    pictures = mobilenet.three_channels(np.concatenate([cut_train, cut_valid]), sr=sr, how=how)
    found = mobilenet.picture_features(pictures, weights=weights)
    x = windows.pool_clips(found[:len(cut_train)], cut_index, live=live_train)
    x_valid = windows.pool_clips(found[len(cut_train):], cut_valid_index, live=live_valid)
    borrowed[f"channels: {how}"] = linear(0.01).fit(x, y_train).score(x_valid, y_valid)
print({name: round(float(value), 3) for name, value in borrowed.items()})

# %% [markdown]
# A linear model on the features is a new head, fitted to the end. For the other two, gradients go back into the network
# (corrections, from the last layer to the first). One epoch is a dozen batches: enough to see how it is done, too few
# to judge these two ways. Give them 100 epochs and a rate of 1e-4 when you have the weights and the time.

# %%
keras = models.load_keras()
borrowed["trained: head"] = borrowed["channels: repeat"]
x, x_valid = (mobilenet.three_channels(cut, sr=sr) for cut in (cut_train, cut_valid))
for regime in ("last block", "everything"):
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    network = mobilenet.picture_network(x.shape[1:], len(sounds.classes), weights=weights, regime=regime)
    # eagerly: for a dozen batches it does not pay to translate the whole network first
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", run_eagerly=True)
    network.fit(x[live_train], y_train[cut_index][live_train], epochs=1, batch_size=16, verbose=0)
    found = np.concatenate([network(part, training=False) for part in np.array_split(x_valid, 8)])
    scores = windows.pool_clips(found, cut_valid_index, live=live_valid)
    borrowed[f"trained: {regime}"] = metrics.accuracy(y_valid, scores.argmax(axis=1))
plots.show(
    plots.accuracy_bars(borrowed, chance=1 / len(sounds.classes), title="MobileNet: three ways in, three to train"),
    "MobileNet, validation accuracy: " + ", ".join(f"{name} {value:.3f}" for name, value in borrowed.items()) + ".")

# %% [markdown]
# A bar that stands at chance after a dozen batches is no verdict: the network may still give one name to all. And
# without the downloaded weights nothing here speaks for or against photographs; with them, compare the bars with the
# embedding above.
#
# There is a shortcut for a first look: write each spectrogram as a picture file, one folder for each class, and let
# Keras read the folders.

# %%
import tempfile
from pathlib import Path

import matplotlib.image

with tempfile.TemporaryDirectory() as folder:
    for count, (clip, audio) in enumerate(zip(train.itertuples(), train_audio, strict=True)):
        place = Path(folder) / clip.label
        place.mkdir(exist_ok=True)
        log_mel = features.log_mel(audio, sr=sr, hop_length=hop_length)
        matplotlib.image.imsave(place / f"{count}.png", log_mel[::-1], vmin=log_mel.max() - 80, cmap="magma")
    pictures = keras.utils.image_dataset_from_directory(folder, image_size=(64, 128), batch_size=8, verbose=False)
    shape = next(iter(pictures))[0].shape
    print(f"{len(pictures.class_names)} classes, batches of shape {shape}, values from 0 to 255")

# %% [markdown]
# To train on them, stay inside the `with`, where the files exist, and begin the network with `keras.Input((64, 128,
# 3))` and `layers.Rescaling(1 / 255)`. The colours are made up, and the picture is squeezed to 128 columns: no way to
# the best result. But it takes ten lines.

# %% [markdown]
# ## Several names at once
# Rain and a dog in one recording: then scores that add up to 1 are wrong, and each class gets its own yes or no. That
# is **multi-label** classification, or **tagging**. We mix pairs of clips, and compare one linear classifier for each
# tag with one network for all tags (**joint**). Each tag is in one mixture of five only, and some sounds are easier to
# hear than others: a threshold of 0.5 need not suit every tag. So we also try one for each, chosen on a third of the
# mixtures. (That third shares clips with the others, so whatever it gains is a little too kind. And one pair in ten has
# a single name.)
#
# The score is **F1**: the harmonic mean of "of the tags given, how many are right" and "of the right ones, how many are
# given". 1 is perfect. "Mean over tags" gives each tag the same weight.

# %%
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier


def mixtures(audio, y, n):
    """Mix random pairs of clips; return embeddings and one column of 0 or 1 for each class."""
    first, other = (rng.integers(0, len(audio), n) for _ in range(2))
    length = min(map(len, audio))
    mixed = [audio[a][:length] + augment.gain(audio[b][:length], rng=rng) for a, b in zip(first, other, strict=True)]
    tags = np.zeros((n, len(sounds.classes)), int)
    tags[np.arange(n), y[first]] = tags[np.arange(n), y[other]] = 1
    return embeddings.embed_clips(embedder, mixed, sr=sr, progress=False), tags


x_mixed, tags = mixtures(train_audio, y_train, 300)
x_mixed_valid, tags_valid = mixtures(valid_audio, y_valid, 150)
tagger = make_pipeline(StandardScaler(), OneVsRestClassifier(LogisticRegression(C=0.03, max_iter=1000)))
joint = make_pipeline(StandardScaler(), MLPClassifier(64, alpha=1.0, max_iter=1000, random_state=0))

# %%
from sklearn.metrics import f1_score

tagging = {}
for name, model in {"one for each tag": tagger, "joint": joint}.items():
    scores = model.fit(x_mixed, tags).predict_proba(x_mixed_valid)
    choose, judge = scores[:50], scores[50:]
    candidates = np.linspace(0.05, 0.95, 19)
    f1 = [[f1_score(tags_valid[:50, tag], choose[:, tag] >= at, zero_division=0) for at in candidates]
          for tag in range(scores.shape[1])]
    thresholds = candidates[np.argmax(f1, axis=1)]
    tagging[f"{name}, threshold 0.5"] = f1_score(tags_valid[50:], judge >= 0.5, average="macro", zero_division=0)
    tagging[f"{name}, own thresholds"] = f1_score(tags_valid[50:], judge >= thresholds, average="macro",
                                                  zero_division=0)
plots.show(
    plots.accuracy_bars(tagging, x="F1, mean over tags", title="Two names for each mixture"),
    "Tagging mixtures of two clips, F1 (mean over tags): "
    + ", ".join(f"{name} {value:.2f}" for name, value in tagging.items()) + ".")

# %% [markdown]
# Did it help? Fifty mixtures hold about ten of each tag: a threshold chosen on so few may well be worse than 0.5.
# Choose it on hundreds.
#
# ## Listen to the mistakes
# The four clips whose own class got the lowest score from the linear model on embeddings, right or wrong, each beside
# the training clip that it lies nearest to. Would you have known better?

# %%
scores = own_model.predict_proba(vectors_valid)
own = scores[np.arange(len(y_valid)), y_valid]
worst = np.argsort(own)[:4]
rows = pd.concat([pd.DataFrame([valid.iloc[clip], train.iloc[nearest[clip]]]) for clip in worst])
captions = [text for clip in worst for text in (
    f"taken for {sounds.classes[scores[clip].argmax()]} ({scores[clip].max():.2f}; its own class {own[clip]:.2f})",
    "nearest training clip")]
listen.grid(sounds, rows, columns=2, captions=captions)
plots.show(
    plots.confusion(valid["label"], np.array(sounds.classes)[scores.argmax(axis=1)], classes=sounds.classes),
    f"Validation, linear model on embeddings: {np.sum(scores.argmax(axis=1) == y_valid)} of {len(y_valid)} are right.")

# %% [markdown]
# ## The test, once
# We decided before looking at the bars: a linear model on the embedding that needs no download. If another row is ahead
# in your run, take that one, once. ("Give or take" counts the luck of the test clips only, not that of your eight, and
# near 1 it is too small: 0 mistakes in 80 clips still allow nearly 4 in 100.)

# %%
test = of_fold["test"]
vectors_test = embeddings.embed_clips(embedder, sounds.load_all(test, sr=sr), sr=sr, progress=False)
accuracy = own_model.score(vectors_test, test["label"].map(number))
margin = 2 * np.sqrt(accuracy * (1 - accuracy) / len(test))
print(f"{few} clips of each class, {len(test)} test clips: {accuracy:.3f}, give or take {margin:.2f}")

# %% [markdown]
# One draw of clips, one fold, one seed: an example. Next come stored results on real recordings (ESC-10). First
# embedders, over all folds. "Never trained" is our network with random weights: the way from sound to picture to
# average is worth much by itself. **Search** asks each clip for others of its class, and scores how far up the list
# they stand.
#
# Then the small network with eight clips of each class: as it is, with one augmentation at a time, and with everything
# but gain. Each row is the mean of three runs with other clips, another test fold, and 300 steps. Rows a few points
# apart are not told apart.

# %%
from helpers import measured

stored = {}
for name in ("embedders", "little-data"):
    lines = measured.stored(name)["rows"]
    stored[name] = {line["what"]: line["value"] for line in lines}
measures = {"five folds": "linear model, five folds", "5 clips of each": "linear model, 5 clips a class",
            "search": "mean average precision of a search"}
names = ("statistics", "our network, never trained", "our network (embedded)", "YAMNet")
table = pd.DataFrame({short: {name: stored["embedders"].get(f"esc10: {name}, {measure}") for name in names}
                      for short, measure in measures.items()})
print(table.to_string(float_format="{:.2f}".format, na_rep="-"), "\n")
ablation = {what: value for what, value in stored["little-data"].items()
            if what.startswith("network, 8 clips") and not what.endswith(("denoised", "PCEN"))}
print(pd.Series(ablation).to_string(float_format="{:.2f}".format))

# %% [markdown]
# ## What have we learned?
# - **Augmentation** makes new examples, as long as the name still fits. It wants long training; with few clips and few
#   steps it did not pay here.
# - **An embedding** of a trained network and a linear model need seconds and few clips. Look here first.
# - **Photograph networks** can be borrowed; three channels may hold three resolutions.
# - **Tags** get a yes or no each. A threshold for each needs many examples.
#
# ## In one minute: what to try on your own data
# 1. Split by recording. Listen to ten clips of each class.
# 2. An embedding with a linear model: `embedded` now, YAMNet when you are online.
# 3. Too few right? Twice the clips of the class that fails. A learning curve tells whether more clips help.
# 4. With many hundreds of clips (a rule of thumb, not measured here): also a small network with shift and mixup,
#    trained for long.
# 5. Keep what wins on validation; test once.

# %%
exercises.quiz(
    "You have 10 recordings of each of 5 bird calls. What do you try first?",
    {
        "An embedding and a linear model": True,
        "A convolutional network from scratch": "Later, with more recordings: 50 clips hardly teach it what sound is.",
        "Augmentation to 1000 clips, then a network": "A thousand takes of 10 birds are still 10 birds.",
    },
    explain="It takes a minute, and it is the bar for everything that takes longer.",
)

# %%
exercises.quiz(
    "Shifted, masked, blended: which clips do you augment?",
    {
        "Only those that the network learns from": True,
        "Training and validation, so that both are alike": "Then validation measures how well changed clips are named. "
        "You want to know about real ones.",
        "All of them, before the split": "Then changed copies of one recording may stand on both sides, and the score "
        "lies.",
    },
    explain="Split first, then augment the training side. What you measure on stays as it was recorded.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - An embedding knows what its training taught it: few have been taught heartbeats or the wear of a bearing.
# - One room or microphone in all your clips: the embedding carries it along, and the linear model may learn it.
# - Ten test clips decide little: one more that is right is ten points.
# - A sneeze of half a second touches two or three windows of nine, and the mean over all hides it.
#
# ## Next
# - Set `few = 4` or `steps = 400` at the top and run all again.
# - Your own recordings: one folder for each class, `MACHINE_HEARING_CLIPS` set to the folder above them.
#
# Sources: mixup by Zhang and others (ICLR 2018); masks after Park and others (Interspeech 2019); OpenL3 by Cramer and
# others (ICASSP 2019); MobileNet by Howard and others (ICCV 2019). The data is named below the first cell.
