# %% [markdown]
# # 4. Detect events
# **From "there is a dog in this clip" to "a bark from 3.42 s to 3.61 s", scored honestly.**
#
# After this notebook you can
#
# - turn labels with times into what a network trains on, frame by frame,
# - train a small convolutional and a small recurrent network that follow a scene,
# - turn their scores into events, and choose the thresholds,
# - score events: what was missed, what was false, how often it cries wolf, how many there were.
#
# You need: notebook 2. About 75 minutes, of which the computer works for three. No download. Five exercises check
# themselves: frames, hysteresis, F1, a rate, a shift. For real recordings set `MACHINE_HEARING_SCENES=birdsong-bird0`
# before you start JupyterLab (notebook 0 says how).

# %%
import numpy as np
import pandas as pd

from helpers import datasets, eventroll, exercises, plots

sr = 16000           # samples per second of everything we load
steps = 240          # how many batches of 16 windows a network learns from

scenes = datasets.load_scenes()
classes, collar, hop = scenes.classes, scenes.collar, scenes.frame_hop
print(scenes)        # which data this is, and how to switch
print(scenes.citation)
print(f"classes: {', '.join(classes)}; a frame of scores: {hop * 1000:.0f} ms; tolerance: {collar * 1000:.0f} ms")

# %% [markdown]
# ## Three questions about the same recording
# | question | answer | name |
# |---|---|---|
# | what is this clip? | dog | classification (notebook 2) |
# | what is in it? | dog, siren | tagging (notebook 3) |
# | what, from when to when? | dog 3.42-3.61 s, siren 5.0-6.2 s | event detection |
#
# An **event** is one distinct sound: a bark, a cough, the pop of one kernel of popcorn. Rain is none: nobody would say
# when one rain ends and the next begins. Before you collect data, listen with a stopwatch: can two people agree where
# your event begins? Where it ends? How often does it come, how long does it last, what sounds like it and is not?

# %% [markdown]
# ## Listen first
# The last fold is for the test, the one before for validation, the others for training, as in notebook 2: no fold
# shares a recording with another.
#
# Press play: the cursor runs over the picture. Click an event to hear just that.

# %%
*train_folds, valid_fold, test_fold = sorted(scenes.clips["fold"].unique())
train, valid, test = (scenes.clips[scenes.clips["fold"].isin(folds)]
                      for folds in (train_folds, [valid_fold], [test_fold]))
print(f"{len(train)} scenes to train on, {len(valid)} to validate, {len(test)} for the test")

busiest = train.loc[train["label"].str.count(r"\+").idxmax()]
audio, _ = scenes.load(busiest)
audio = audio[:10 * sr]
truth = scenes.events.query("clip_id == @busiest.clip_id and onset < 10")
eventroll.event_roll(audio, sr=sr, events=truth, classes=classes, title=f"{busiest.clip_id}, what is labelled")

# %% [markdown]
# You heard more than is marked: there are sounds that nobody labelled, and some come close to the ones that are.
#
# ## How long, how often?
# Lengths decide what we choose next: a frame has to be shorter than the shortest event, and half the length of a
# smoothing filter too. (Some data sets have **points**: events with an onset and no end, such as drum hits. Then
# `scenes.has_offsets` is False.)

# %%
train_events = scenes.events[scenes.events["clip_id"].isin(train["clip_id"])]
lengths = train_events["offset"] - train_events["onset"]
plots.show(
    plots.event_lengths(train_events),
    f"Length of the labelled events of each class: from {lengths.min():.2f} to {lengths.max():.2f} s, "
    f"the middle one {lengths.median():.2f} s.",
)
print(train_events["label"].value_counts().to_string())

# %% [markdown]
# ## From labels to frames
# A network gives scores at regular moments: one row each `hop` seconds, a **frame** (both words are used anew: a frame
# of scores is as long as a few columns of the picture, `pool` of them below). What should it say in a frame that an
# event only touches? We ask for the moment at the frame's centre: does the event sound there? Then an edge is off by
# half a frame at most, to either side alike. Marking every frame that is touched would make all events longer.
#
# Here is the core; `events.targets` is the same and keeps events so short that no centre lies in them, and points.

# %%
from helpers import events


def frame_targets(table, n_frames, hop):
    target = np.zeros((n_frames, len(classes)), np.float32)
    for event in table.itertuples():
        first = int(np.ceil(event.onset / hop - 0.5))       # frame k has its centre at (k + 0.5) * hop
        last = int(np.ceil(event.offset / hop - 0.5))
        target[max(0, first):max(0, last), classes.index(event.label)] = 1
    return target


example = pd.DataFrame({"onset": [0.07], "offset": [0.17], "label": [classes[0]]})
print("frames of 40 ms, an event from 0.07 to 0.17 s:", frame_targets(example, 6, 0.04)[:, 0])
print("every frame that it touches:                  ",
      events.targets(example, classes=classes, n_frames=6, hop=0.04, how="overlap")[:, 0])

# %% [markdown]
# ### Your turn: from labels to frames
# **Task:** write `active_frames(onsets, offsets, n_frames, hop)` for the events of one class: 1 where an event sounds
# at the centre of the frame, else 0.
#
# **Hint:** `(np.arange(n_frames) + 0.5) * hop` are the centres. An event includes its onset and not its offset.
#
# **Expected:** an array of `n_frames` numbers.

# %%
def active_frames(onsets, offsets, n_frames, hop):
    # <solution>
    centres = (np.arange(n_frames) + 0.5) * hop
    active = np.zeros(n_frames, int)
    for onset, offset in zip(onsets, offsets, strict=True):
        active[(centres >= onset) & (centres < offset)] = 1
    return active
    # </solution>


# %%
exercises.check_frame_targets(active_frames)

# %% [markdown]
# ## Windows
# Scenes are cut into windows of 128 frames (about five seconds here) that overlap by half. Each gets its log-mel
# picture and its targets. This is all as in notebook 2, except that windows are longer: how long a siren has been going
# on helps to recognise it.
#
# Frames in which a class sounds are rare. A network that never says yes would be right nearly everywhere, so we will
# let a present event count twice as much in training.

# %%
from helpers import models

settings = models.frame_settings(hop)
print(settings)
fit_on, choose_on, test_on = (models.scene_windows(scenes, rows) for rows in (train, valid, test))
print("pictures", fit_on.log_mels.shape, "targets", fit_on.targets.shape)
share = pd.Series(fit_on.targets.mean(axis=(0, 1)), index=classes)
print("share of frames in which each sounds:")
print(share.to_string(float_format="{:.3f}".format))

# %% [markdown]
# ## First a bar to beat: the level
# Call it an event where it is louder than usual, and give it the name of the most frequent class. No learning, one
# number to choose: how many dB above the median of its window (five seconds here).

# %%
from helpers import metrics


def loud_scores(part):
    level = part.log_mels.max(axis=1)                                       # the strongest band of each column
    level = level.reshape(len(level), -1, settings["pool"]).mean(axis=2)    # one value for each frame
    above = level - np.median(level, axis=1, keepdims=True)
    return above[:, :, np.newaxis]


def truth_of(rows):
    return scenes.events[scenes.events["clip_id"].isin(rows["clip_id"])]


matching = {"classes": classes, "collar": collar, "use_offset": scenes.has_offsets}
decoding = {"classes": classes, "hop": choose_on.hop, "points": not scenes.has_offsets}
most = train_events["label"].mode()[0]
level = models.merge_scenes(loud_scores(choose_on), choose_on)
for limit in (6, 12, 18, 24):
    found = models.detect(level, classes=[most], hop=choose_on.hop, high=limit, max_gap=3 * hop,
                          points=not scenes.has_offsets)
    print(f"{limit:2d} dB: {len(found):4d} events, F1 {metrics.event_f1(truth_of(valid), found, **matching):.2f}")

# %% [markdown]
# (F1 weighs what was missed against what was false; we come to it below. 1 is perfect.)
#
# ## A network for frames
# The picture goes through two convolutions. They step and pool along frequency, and along time only as far as a frame
# is long. What is left of the frequencies then becomes the features of the frame, and a last layer scores each class by
# itself, with a **sigmoid**, which bends any number into one between 0 and 1: events may overlap, so scores need not
# add up to 1.
#
# `memory=True` adds a **recurrent** layer that runs through the scene forwards and backwards: a CRNN. (Ours is a
# **GRU**: at each step it decides how much of its memory to keep.) A frame in the middle of a siren is then judged with
# its beginning and its end in mind.

# %%
def frame_network(n_mels, n_classes, *, pool, memory, width=16):
    keras = models.load_keras()
    layers = keras.layers
    inputs = keras.Input((n_mels, None))                                    # any number of columns
    x = layers.Reshape((-1, n_mels, 1))(layers.Permute((2, 1))(inputs))     # time first, one channel
    for n_filters, size, strides in ((width, 5, (pool, 2)), (2 * width, 3, (1, 2))):
        x = layers.Conv2D(n_filters, size, strides=strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D((1, 2))(x)                                  # along frequency
    x = layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)                    # one row of features for each frame
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(layers.Conv1D(64, 3, padding="same", use_bias=False)(x)))
    x = layers.Dropout(0.2)(x)
    if memory:
        x = layers.Bidirectional(layers.GRU(32, return_sequences=True))(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="sigmoid")(x))


cnn = frame_network(settings["n_mels"], len(classes), pool=settings["pool"], memory=False)
crnn = frame_network(settings["n_mels"], len(classes), pool=settings["pool"], memory=True)
print(f"weights: {cnn.count_params()} without memory, {crnn.count_params()} with")

# %% [markdown]
# `models.frame_cnn` and `models.frame_crnn` are these two. For training we lay half of the windows over another one:
# sound is a mixture, so the powers add, and what sounds in either sounds in both. Then each picture is normalised by
# itself, as in notebook 2. (A minute or two; the CRNN takes three times as long as the CNN.)

# %%
from helpers import augment, features


def normalised(pictures, rng=None):
    return features.normalise(pictures)


batches = -(-len(fit_on.log_mels) // 16)
training = {"epochs": -(-steps // batches), "batch_size": 16, "learning_rate": 3e-3, "positive_weight": 2.0,
            "mix": augment.overlay, "augment": normalised}
history = {}
for name, network in (("CNN", cnn), ("CRNN", crnn)):
    history[name] = models.fit(network, fit_on.log_mels, fit_on.targets, **training)
    print(f"{name}: {training['epochs']} epochs, loss {history[name]['loss'][0]:.3f} at first, "
          f"{history[name]['loss'][-1]:.3f} at last")

# %% [markdown]
# ## From windows to the scene
# Windows overlap, so most frames have been scored twice. The frames of each window are laid where they belong, and
# their mean is taken: an event at the edge of one window lies in the middle of another.

# %%
def merge(scores, starts, n_frames, hop):
    total, count = np.zeros((n_frames, scores.shape[2])), np.zeros((n_frames, 1))
    for window, start in zip(scores, starts, strict=True):
        first = round(start / hop)
        window = window[:n_frames - first]        # the last window is padded: drop what lies beyond the end
        total[first:first + len(window)] += window
        count[first:first + len(window)] += 1
    return total / count


choose_scores = {name: models.scene_scores(network, choose_on) for name, network in (("CNN", cnn), ("CRNN", crnn))}
longest = choose_on.clip_ids[int(np.argmax([len(truth_of(valid).query("clip_id == @name"))
                                            for name in choose_on.clip_ids]))]
shown_truth = scenes.events.query("clip_id == @longest and onset < 10")
n_shown = round(min(10.0, choose_on.durations[choose_on.clip_ids.index(longest)]) / choose_on.hop)
plots.show(
    plots.frame_scores(choose_scores["CRNN"][longest][:n_shown], hop=choose_on.hop, classes=classes, high=0.5, low=0.3,
                       events=shown_truth),
    f"Scores of each class over the first seconds of {longest}, with the {len(shown_truth)} true events and two "
    "thresholds.",
)

# %% [markdown]
# `models.scene_scores` runs the network over all windows and merges them so.
#
# ## From scores to events
# The curve has to become a list. **One threshold** cuts an event in two wherever its score dips, and lower thresholds
# let false ones in. **Hysteresis** takes two: an event must rise to the high one, and then lasts, to both sides, while
# the score stays above the low one.

# %% [markdown]
# ### Your turn: hysteresis
# **Task:** write `track(scores, high, low)`: True for the frames of all events.
#
# **Hint:** go through the frames once with a state, on or off, then once more backwards. Or find the stretches at or
# above `low` (`events.runs(scores >= low)` lists first and last + 1) and keep those whose maximum reaches `high`.
#
# **Expected:** an array of `len(scores)` values True or False.

# %%
def track(scores, high, low):
    # <solution>
    active = np.zeros(len(scores), bool)
    for first, last in events.runs(scores >= low):
        active[first:last] = scores[first:last].max() >= high
    return active
    # </solution>


# %%
exercises.check_hysteresis(track)

# %% [markdown]
# `events.from_scores` does this for each class, and three things more, in this order: a **median filter** over the
# scores first (it removes what is shorter than half of it: with 13 frames, what lasts less than seven), then **gaps**
# that are too short are closed and **events** that are too short are dropped. Which of them help? We try on validation.

# %%
ways = {
    "one threshold": {},
    "hysteresis": {"low": 0.3},
    "hysteresis, median of 3": {"low": 0.3, "median": 3},
    "the same, gaps and shorts": {"low": 0.3, "median": 3, "max_gap": 2 * hop, "min_duration": 2 * hop},
    "the same, median of 13": {"low": 0.3, "median": 13, "max_gap": 2 * hop, "min_duration": 2 * hop},
}
f1 = {(way, name): metrics.event_f1(truth_of(valid), models.detect(scores, high=0.5, **decoding, **way_settings),
                                    **matching)
      for way, way_settings in ways.items() for name, scores in choose_scores.items()}
print(pd.Series(f1).unstack(sort=False).to_string(float_format="{:.3f}".format))
best_way = max(ways, key=lambda way: f1[way, "CRNN"])
print("best on validation, with the CRNN:", best_way)

# %% [markdown]
# ## What counts as found?
# Nobody marks an onset to the millisecond. So an event counts as found if a detection of its class begins within the
# **collar** of its onset and ends within the collar of its offset (or within a fifth of its length, if that is more:
# the end of a long sound is hard to say). And each detection may serve one event only.
#
# - **deletion**: an event that nothing found, **insertion**: a detection without an event,
# - **substitution**: found at the right time under the wrong name,
# - **error rate**: all three together over the number of events, as the word error rate of speech recognition. A
#   detector that says nothing has 1. More than 1 is possible,
# - **F1**: twice the hits over events plus detections.

# %% [markdown]
# ### Your turn: F1 of events
# **Task:** write `onset_f1(true_onsets, found_onsets, collar)` for one class and onsets alone.
#
# **Hint:** F1 = 2 * hits / (events + detections). Take the events in time order; give each the earliest detection that
# is still free and not further away than the collar. (The nearest one may be all that a later event could have had.)
# Nothing there and nothing found: 0.
#
# **Expected:** a number between 0 and 1.

# %%
def onset_f1(true_onsets, found_onsets, collar):
    # <solution>
    free, hits = sorted(found_onsets), 0
    for onset in sorted(true_onsets):
        near = [found for found in free if abs(found - onset) <= collar]
        if near:
            free.remove(near[0])
            hits += 1
    total = len(true_onsets) + len(found_onsets)
    return 2 * hits / total if total else 0.0
    # </solution>


# %%
exercises.check_event_f1(onset_f1)

# %% [markdown]
# One network, four numbers: frames (the scores at 0.5 as they are), segments, and events with two collars. Segments of
# a second ask only what is to be heard in each second, and frames only what sounds in each: a long event weighs more
# there, and ten pieces of it count as well as one whole. A score says little as long as it is not said which one it is.

# %%
def decode(scores, high):
    way = ways[best_way]
    return models.detect(scores, **decoding, **{**way, "high": high, "low": 0.6 * high if "low" in way else high})


found = decode(choose_scores["CRNN"], 0.5)
durations = dict(zip(choose_on.clip_ids, choose_on.durations, strict=True))
wide = {**matching, "collar": 2.5 * collar}
said = np.concatenate([choose_scores["CRNN"][name] >= 0.5 for name in choose_on.clip_ids])
true = np.concatenate([events.targets(table, classes=classes, n_frames=len(choose_scores["CRNN"][name]), hop=hop)
                       for name in choose_on.clip_ids for table in [scenes.events.query("clip_id == @name")]]) > 0
print(f"frames:             F1 {2 * (said & true).sum() / (said.sum() + true.sum()):.2f}")
segments = metrics.segment_scores(truth_of(valid), found, classes=classes, durations=durations)
print(f"segments of 1 s:    F1 {segments.loc['all', 'f1']:.2f}")
print(f"events, collar {wide['collar']:.3g} s: F1 {metrics.event_f1(truth_of(valid), found, **wide):.2f}")
print(f"events, collar {collar:.3g} s: F1 {metrics.event_f1(truth_of(valid), found, **matching):.2f}")

# %% [markdown]
# ## Where to put the threshold?
# **Precision**: how many of the detections are right. **Recall**: how many of the events were found. Each threshold
# trades one for the other, and which matters more is your decision: for a baby's cry you move it down, for a call to
# the fire brigade up. At the lowest thresholds recall may fall too: events run together, and their ends miss the
# collar.

# %%
curve = metrics.event_precision_recall(
    truth_of(valid), lambda high: decode(choose_scores["CRNN"], high), thresholds=np.arange(0.1, 0.95, 0.1), **matching)
best = curve.loc[curve["f1"].idxmax()]
plots.show(
    plots.precision_recall(curve, chosen=best["threshold"]),
    f"Precision against recall of the CRNN on validation for nine thresholds; F1 is best at {best['threshold']:.1f}: "
    f"{best['f1']:.2f}.",
)

# %% [markdown]
# Precision depends on how many events there are to find. Somebody who is called out each time asks another question:
# **how many false alarms an hour**, where nothing happens? For that we need long recordings without any event, full of
# what comes close. (Where the data has none, we count in the validation scenes.) The interval (95 %) says between which
# rates the true one may lie, after so short a time.

# %%
quiet = scenes.negatives if len(scenes.negatives) else valid
quiet_part = models.scene_windows(scenes, quiet)
quiet_scores = models.scene_scores(crnn, quiet_part)
seconds = float(sum(quiet_part.durations))
for high in (0.3, 0.5, 0.7, 0.9):
    an_hour = metrics.false_alarms_per_hour(truth_of(quiet), decode(quiet_scores, high), duration=seconds,
                                            collar=collar, use_offset=scenes.has_offsets)
    low, up = metrics.rate_interval(round(an_hour * seconds / 3600), seconds)
    print(f"threshold {high}: {an_hour:5.0f} false alarms an hour ({low:.0f} to {up:.0f}), "
          f"from {seconds / 60:.0f} minutes")

# %% [markdown]
# Was your F1 good, and are these rates high? F1 never saw these recordings. The embedded ones were filled on purpose
# with what comes close, so your place may be kinder; but no fire brigade keeps a detector that calls a hundred times an
# hour. Measure it where you will use it.
#
# ## The test
# Nothing is left to choose. Both networks, the test fold, once.

# %%
test_scores = {name: models.scene_scores(network, test_on) for name, network in (("CNN", cnn), ("CRNN", crnn))}
test_found = {name: decode(scores, best["threshold"]) for name, scores in test_scores.items()}
results = {name: metrics.event_scores(truth_of(test), found, **matching) for name, found in test_found.items()}
columns = ["n_true", "n_detected", "hits", "deletions", "insertions", "substitutions", "f1", "error_rate"]
for name, table in results.items():
    print(f"{name}\n{table[columns].to_string(float_format='{:.2f}'.format)}\n")

# %% [markdown]
# What does the memory buy? Compare the two rows "all", and keep in mind that another seed moves each by some
# hundredths. Which class is hardest, and in which way? Short ones are easily missed (deletions). Those with something
# that sounds alike are often announced wrongly (insertions). Read both columns. (A substitution concerns two classes,
# so it is counted in the row "all" only.)
#
# ## Listen to the errors
# The scene with most errors. False alarms and misses are listed below the picture: click, and ask what went wrong. Was
# it too soft? Is there something that sounds alike? Would you have labelled it so yourself?
#
# A miss and a false alarm at nearly the same time are often one event whose end (or beginning) is off by more than the
# tolerance. The detector heard it; the score counts two errors.

# %%
def judged(truth, found):
    pairs = metrics.match_events(truth, found, collar=collar, use_offset=scenes.has_offsets)
    hit, right = (np.isin(np.arange(len(table)), pairs[name])
                  for name, table in (("event", truth), ("detected", found)))
    return (truth.assign(status=np.where(hit, "hit", "miss")),
            found.assign(status=np.where(right, "hit", "false alarm")))


truth_marked, found_marked = judged(truth_of(test), test_found["CRNN"])
errors = pd.concat([truth_marked, found_marked]).query("status != 'hit' and onset < 10")["clip_id"]
worst = test[test["clip_id"] == errors.value_counts().index[0]].iloc[0] if len(errors) else test.iloc[0]
audio, _ = scenes.load(worst)
audio = audio[:10 * sr]
n_shown = int(len(audio) / sr / test_on.hop)
here = [table[(table["clip_id"] == worst.clip_id) & (table["onset"] < 10)] for table in (truth_marked, found_marked)]
eventroll.event_roll(audio, sr=sr, events=here[0], detected=here[1], hop=test_on.hop, classes=classes, collar=collar,
                     scores=test_scores["CRNN"][worst.clip_id][:n_shown], title=f"{worst.clip_id}, judged",
                     threshold=best["threshold"])

# %% [markdown]
# Take them along: Audacity (a free editor) opens a label track by *File > Import > Labels*. Correct it there, and read
# it back: notebook 5 does.

# %%
import tempfile
from pathlib import Path

from helpers import labels

folder = Path(tempfile.mkdtemp())
track_file = labels.write_audacity(here[1], folder / f"{worst.clip_id}.txt")
print(*track_file.read_text("utf-8").splitlines()[:5], sep="\n")
print(labels.read_audacity(track_file).head())

# %% [markdown]
# ## Why you must not move the sound alone
# Notebook 3 moved clips in time to make more of them. Here the time *is* the answer. Let us move the labels a little
# at random and leave the sound where it is: how many of the true events would still count as found?

# %%
rng = np.random.default_rng(0)
for most_moved in (0.25, 0.5, 1.0, 2.0, 4.0):
    moved = truth_of(test).copy()
    by = rng.uniform(-1, 1, len(moved)) * most_moved * collar
    moved["onset"], moved["offset"] = (moved["onset"] + by).clip(lower=0), (moved["offset"] + by).clip(lower=0.001)
    f1_moved = metrics.event_f1(truth_of(test), moved, **matching)
    print(f"labels off by up to {most_moved * collar:5.3g} s: F1 {f1_moved:.2f}")

# %% [markdown]
# ### Your turn: move both
# A detector that is off by more than the collar loses most of its F1, although it heard everything. A network that
# learned from such labels learns blurred edges: the table at the end has one. Labels that were set carelessly do the
# same harm. Moving picture **and** targets is fine.
#
# **Task:** write `move(log_mel, targets, n_frames, pool)`: both later by `n_frames` frames; what leaves at the end
# comes in at the beginning. A frame of targets is `pool` columns of the picture.
#
# **Hint:** `np.roll(array, steps, axis=...)`. In `log_mel` (n_mels, n_columns) time is the last axis, in `targets`
# (n_frames, n_classes) the first.
#
# **Expected:** two arrays of the same shapes.

# %%
def move(log_mel, targets, n_frames, pool):
    # <solution>
    return np.roll(log_mel, n_frames * pool, axis=1), np.roll(targets, n_frames, axis=0)
    # </solution>


# %%
exercises.check_move_together(move)

# %% [markdown]
# ## How many a minute?
# Often nobody asks which event, only how many: pops of popcorn, coughs of a patient, bubbles of a fermenter. When the
# pops slow down, take the pan off the stove. A pop is a sudden rise in level, so a rule will do: how much louder is a
# frame than the one before?

# %%
from helpers import listen
from helpers.synth import popcorn

pan, pops = popcorn.render()
pops = pd.DataFrame(pops).assign(clip_id="pan")
picture = features.log_mel(pan, sr=sr, n_fft=512, hop_length=160)
rise = np.diff(picture.mean(axis=0), prepend=picture[0].mean()).clip(min=0)
rise = rise[:, np.newaxis] / np.quantile(rise, 0.995)      # one column: there is one class; 1 is about the steepest
# 0.35 was chosen by ear and eye
heard = events.from_scores(rise, classes=["pop"], hop=0.01, clip_id="pan", high=0.35, max_gap=0.03, points=True)
print(metrics.event_scores(pops, heard, classes=["pop"], collar=0.05, use_offset=False).loc["all"].to_string())
listen.play(pan, sr=sr, title="a minute of popcorn")

# %%
rates = metrics.rate_error(pops, heard, duration=60.0, window=10.0, hop=5.0)
plots.show(
    plots.rate_over_time(rates),
    f"Pops a minute in windows of ten seconds, true and detected: from {rates['true_rate'].min():.0f} to "
    f"{rates['true_rate'].max():.0f}; the detected rate is off by {rates['error'].abs().mean():.0f} on average.",
)
begin = rates.loc[rates["true_rate"].idxmax(), "start"]
print("the fastest ten seconds:")
for name, table in (("true", pops), ("detected", heard), ("true, every tenth missed", pops[pops.index % 10 != 4])):
    onsets = table.loc[table["onset"].between(begin, begin + 10), "onset"]
    print(f"{name}: counted {6 * len(onsets)} a minute, by the typical gap {metrics.rate_by_median_gap(onsets):.0f}")

# %% [markdown]
# ### Your turn: a rate that minds no outliers
# Where misses and false alarms make up for each other, the rate is right although single events are not. A second way
# looks at the **gap** between one pop and the next, and hardly minds what is missed: the last line printed above.
#
# **Task:** write `per_minute(onsets)`: events per minute, from the typical gap.
#
# **Hint:** sort the onsets; a missed event makes one gap twice as long. Mean or median?
#
# **Expected:** a number; an event every half second is 120.

# %%
def per_minute(onsets):
    # <solution>
    return 60 / np.median(np.diff(np.sort(onsets)))
    # </solution>


# %%
exercises.check_event_rate(per_minute)

# %% [markdown]
# The median gap suits events that come evenly, as most of these do. Where they come at random, gaps of all lengths
# occur and their median is too short by a third: then count.
#
# ## More than one training
# One seed is an example. The stored results below come from longer training, and from real recordings, by the same
# functions: syllables of a bird, hits of drums.
#
# For these two a rule without learning stands beside the network: an **energy threshold** finds where it is loud,
# `librosa` where it suddenly gets louder, and each stretch found gets the name of the class whose mean features are
# nearest (the **nearest centroid**). **Class-blind** asks only when, not what. (**Mean average precision**: 1 if, for
# each class, all scenes with it rank above those without; notebook 6.)

# %%
from helpers import measured

rows = measured.stored("events")["rows"]
stored = pd.Series({row["what"]: row["value"] for row in rows if row["unit"] == "share"}, dtype=float)
stored = stored[~stored.index.str.contains(" F1 of | error rate|by the max|highest score|32 kHz")]
of_set = pd.Series(stored.index, stored.index).str.extract("^(birds|drums): ")[0].fillna("embedded scenes")
for name, part in stored.groupby(of_set, sort=False):
    print(f"{name}\n{part.rename(lambda what: what.split(': ')[-1]).to_string(float_format='{:.3f}'.format)}\n")

# %% [markdown]
# After longer training the scores are smoother: one threshold does as well as two, and of the filters only the one that
# is too long matters, since most barks are shorter than half of it. The remedies help a network that was trained
# briefly, like ours. On one bird a rule finds the syllables as well as the network does; the names are where the
# network pays, and on drums even more.
#
# ## What have we learned?
# - **Labels with times** become targets at the centres of frames; pictures and targets move together or not at all.
# - **A small CNN** scores frames by what is near; **a CRNN** remembers what came before and knows what comes after.
# - **Scores become events** by a threshold or two and perhaps a little smoothing, chosen on validation.
# - **A score of events** needs its collar beside it. Count deletions, insertions, substitutions, false alarms an hour.
# - Where only the number matters, a rate may be right although single events are not. And: listen to the errors.

# %%
exercises.quiz(
    "The frames of your detector are right 96 % of the time, but its event F1 is 0.4. How can that be?",
    {
        "Most frames hold no event, and it breaks events into pieces": True,
        "One of the two numbers must be wrong": "Both can be right: they ask different questions.",
        "The collar is too wide": "A wide collar makes the F1 of events better, not worse.",
    },
    explain="Saying nothing at all is right in most frames. And three pieces of one siren are one hit at best, and two "
    "false alarms.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - Two barks in a fifth of a second: one event or two? The labels decided it, not the sound. And events of one class
#   without a pause between them easily become one: frames say that something sounds, not that it begins anew.
# - Reverberation fades into the background and has no sharp end; collars for offsets should be wide, or offsets left
#   out.
# - Another place has other sounds that come close: count false alarms there, for hours.
# - It needs labels with times, and these cost most. Notebook 5 is about that.
#
# ## Next
# - Set `steps = 100` or `steps = 1000` at the top and run all again.
# - Your own recordings: a folder with recordings and an Audacity label track of the same name beside each;
#   `MACHINE_HEARING_SCENES` set to the folder.
#
# Sources: CRNN after Cakir and others (IEEE/ACM TASLP, 2017); metrics after Mesaros, Heittola and Virtanen (Applied
# Sciences, 2016), checked against their `sed_eval`. There is also PSDS (Bilen and others, ICASSP 2020), which averages
# over all thresholds; no library that is looked after computes it today. The data is named below the first cell.
