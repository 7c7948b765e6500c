# %% [markdown]
# # 5. Get the labels
# **A detector is as good as its labels, and they are what costs most. How to get far with few hours of listening.**
#
# After this notebook you can
#
# - say what a label costs, and what a cheaper one loses,
# - train a detector of events from "which sounds are in this clip" alone,
# - let the computer label first: a threshold, a model of two states, five examples,
# - choose what to listen to next, write labels for Audacity, correct them there and measure how far they agree.
#
# You need: notebook 4. About 60 minutes, of which the computer works for two. No download. Three exercises check
# themselves: pooling, a reader, what to label next. For real recordings set `MACHINE_HEARING_SCENES=birdsong-bird0`
# before you start JupyterLab (notebook 0 says how).

# %%
import numpy as np
import pandas as pd

from helpers import datasets, eventroll, events, exercises, metrics, models, plots

sr = 16000                  # samples per second of everything we load
steps = 250                 # how many batches of 16 pieces each network learns from
pooling = "linear-softmax"  # or "max", "mean", "attention"
listening = 1.0             # minutes to hear a minute of sound once
seconds_each = {"weak": 3, "counts": 5, "strong": 15}     # to write down one name, one number, one event

scenes = datasets.load_scenes()
classes, collar, hop = scenes.classes, scenes.collar, scenes.frame_hop
print(scenes)               # which data this is, and how to switch
print(scenes.citation)

*train_folds, valid_fold, _ = sorted(scenes.clips["fold"].unique())
train, valid = (scenes.clips[scenes.clips["fold"].isin(folds)] for folds in (train_folds, [valid_fold]))
events_of = {name: scenes.events[scenes.events["clip_id"].isin(rows["clip_id"])]
             for name, rows in (("train", train), ("valid", valid))}

# %% [markdown]
# ## Listen first, with a stopwatch
# Play this scene without looking at the labels below the picture. Which of the classes are in it? How many of each?
# From when to when? Feel how each question takes longer than the one before.
#
# (The last fold, the test, stays untouched in this notebook: we compare ways, and validation is enough for that.)

# %%
example = valid.loc[valid["label"].str.count(r"\+").idxmax()]
audio, _ = scenes.load(example)
audio = audio[:10 * sr]
example_events = scenes.events.query("clip_id == @example.clip_id and onset < 10")
print("classes:", ", ".join(classes))
eventroll.event_roll(audio, sr=sr, events=example_events, classes=classes, title=f"{example.clip_id}, strong labels")

# %% [markdown]
# ## Three kinds of labels
# - **weak**: which classes are in this piece of sound?
# - **counts**: how many of each?
# - **strong**: from when to when does each of them sound?
#
# What do they cost? You hear everything once; then each name, each number, each event takes some seconds to write
# down. The seconds in the settings at the top are our assumption, not a measurement: take your own stopwatch and change
# them. (An onset and an offset to a twentieth of a second take several goes.)
#
# We cut the training scenes into pieces of 128 frames, side by side. That is the sound that all labels below are for.

# %%
settings = models.frame_settings(hop)
fit_on, choose_on = (models.scene_windows(scenes, rows) for rows in (train, valid))
piece = 128 * fit_on.hop                                                    # seconds
apart = np.round(fit_on.starts / (piece / 2)).astype(int) % 2 == 0          # every other window: pieces side by side
log_mels, strong = fit_on.log_mels[apart], fit_on.targets[apart]
weak = (strong == 1).any(axis=1).astype(np.float32)       # (n_pieces, n_classes); targets below 1 stand beside points


def labelling_minutes(n_answers, kind):
    """Minutes to label all training scenes: hear them once, then write down so many answers."""
    return sum(fit_on.durations) / 60 * listening + n_answers * seconds_each[kind] / 60


answers = {"weak": weak.sum(), "counts": weak.sum(), "strong": len(events_of["train"])}
sound = sum(fit_on.durations) / 60
print(f"{sound:.0f} minutes of sound in {len(weak)} pieces of {piece:.2f} s, {answers['strong']} events")
for kind, n_answers in answers.items():
    minutes = labelling_minutes(n_answers, kind)
    print(f"{kind:6}: {minutes:4.0f} minutes, {minutes / sound:.1f} for each minute of sound")

# %% [markdown]
# ## Learn when from whether
# A network that scores frames can learn from weak labels too. It scores every frame, as in notebook 4; then the frames
# of a piece are **pooled** into one score for each class, and only that is compared with the label. Nobody tells it
# *when*. It has to find the frames that the pieces with a dog have in common, and the others have not.
#
# All depends on how the frames are pooled. From the scores `p` of one class:
#
# - **max**: the largest,
# - **mean**: their sum over their number,
# - **linear softmax**: a mean in which each frame weighs as much as its own score: the sum of `p * p` over that of `p`.

# %% [markdown]
# ### Your turn: pooling by hand
# **Task:** write `pool_by_hand(scores)` for the frame scores of one class in one piece: its max, its mean, its linear
# softmax.
#
# **Hint:** what if all scores are 0? Nothing sounds then, so the answer is 0.
#
# **Expected:** three numbers; for 0.1, 0.9 and 0.2 they are 0.9, 0.4 and 0.717.

# %%
def pool_by_hand(scores):
    # <solution>
    total = scores.sum()
    linear_softmax = (scores**2).sum() / total if total > 0 else 0.0
    return scores.max(), scores.mean(), linear_softmax
    # </solution>


# %%
exercises.check_pooling(pool_by_hand)

# %% [markdown]
# A fourth way lets the network decide: **attention**. A second layer says how much each frame matters; a softmax over
# time turns that into weights that add up to 1.
#
# Here are all four for a stack of pieces, as in `models.pool_frames`. Axis 1 is the frames.

# %%
ops = models.load_keras().ops        # as NumPy's functions, but Keras can follow them backwards to learn


def pool_frames(scores, attention, how):
    if how == "max":
        return ops.max(scores, axis=1)
    if how == "mean":
        return ops.mean(scores, axis=1)
    if how == "linear-softmax":
        return ops.sum(scores * scores, axis=1) / (ops.sum(scores, axis=1) + 1e-7)
    weights = ops.softmax(attention, axis=1)
    return ops.sum(weights * scores, axis=1)


scores = np.array([0.05, 0.1, 0.2, 0.7, 0.9, 0.6, 0.3, 0.1, 0.1, 0.4, 0.2, 0.05]).reshape(1, -1, 1)
attention = 4 * scores               # made up here: in the network it is learned
ways = ("max", "mean", "linear-softmax", "attention")
pooled = {how: float(pool_frames(scores, attention, how)[0, 0]) for how in ways}
print({how: round(value, 3) for how, value in pooled.items()})

# %% [markdown]
# ## Which frames learn?
# The label says "there is a dog in it". To raise the score of the piece, which frames does training raise? We move each
# frame a little and look by how much the piece follows: the **gradient**, by hand.

# %%
def slopes(how, step=1e-3):
    moved = scores + step * np.eye(scores.shape[1])[:, :, np.newaxis]      # in piece k, frame k is a little higher
    moved = np.concatenate([moved, scores])                                # the last is as it was
    pooled = np.asarray(pool_frames(moved, np.broadcast_to(attention, moved.shape), how))[:, 0]
    return (pooled[:-1] - pooled[-1]) / step


learning = {how: slopes(how) for how in ways}
plots.show(
    plots.frame_slopes(scores[0, :, 0], learning, hop=hop),
    "Frame scores of one class, and how much each frame moves the score of the piece, each lane on its own scale. "
    + "; ".join(f"{how}: {np.count_nonzero(slope > 1e-6)} frames up, {np.count_nonzero(slope < -1e-6)} down, sum "
                f"{slope.sum():.2f}" for how, slope in learning.items()) + ".")

# %% [markdown]
# - **max** raises one frame only: it may live on the first tenth of a siren, and never see the rest.
# - **mean** raises all alike, those without a dog too, as if the piece were one long bark.
# - **linear softmax** raises what is above half of the piece's score and lowers what is below: events get edges.
# - **attention** raises where it looks, and must learn where that is.
#
# In pieces *without* a dog, each of these turns over: what was raised is lowered.
#
# ## Train
# The same network twice, from the same pieces: once it is told everything, once only what is in each piece. All else is
# as in notebook 4. (Only in frames are classes rare, so only there does a present one count twice. A minute or two.)
# Then `models.frame_model` takes the pooling off the weakly trained network: what is left gives a score for each frame,
# although no label ever spoke of frames.

# %%
from helpers import augment, features


def normalised(pictures, rng=None):
    return features.normalise(pictures)


epochs = -(-steps // -(-len(log_mels) // 16))
training = {"epochs": epochs, "batch_size": 16, "learning_rate": 3e-3, "mix": augment.overlay, "augment": normalised}
strong_network = models.frame_cnn(settings["n_mels"], len(classes), pool=settings["pool"])
weak_network = models.weak_cnn(settings["n_mels"], len(classes), pool=settings["pool"], pooling=pooling)
for name, network, y, weight in (("strong", strong_network, strong, 2.0), ("weak", weak_network, weak, 1.0)):
    history = models.fit(network, log_mels, y, positive_weight=weight, **training)
    print(f"{name}: {epochs} epochs, loss {history['loss'][0]:.3f} at first, {history['loss'][-1]:.3f} at last")

# %%
scores_of = {"strong": models.scene_scores(strong_network, choose_on),
             "weak": models.scene_scores(models.frame_model(weak_network), choose_on)}
n_shown = round(min(10.0, len(audio) / sr) / choose_on.hop)
for name, frames in scores_of.items():
    plots.show(
        plots.frame_scores(frames[example.clip_id][:n_shown], hop=choose_on.hop, classes=classes,
                           events=example_events, title=f"learned from {name} labels"),
        f"Scores of the frames of {example.clip_id} after learning from {name} labels, over the "
        f"{len(example_events)} true events.")

# %%
matching = {"classes": classes, "collar": collar, "use_offset": scenes.has_offsets}
only_onsets = {**matching, "use_offset": False}
decoding = {"classes": classes, "hop": choose_on.hop, "points": not scenes.has_offsets, "median": 3,
            "max_gap": 2 * hop}
durations = dict(zip(choose_on.clip_ids, choose_on.durations, strict=True))


def judge(frames):
    """F1 of events, of their onsets and of seconds, at the threshold where the first is best."""
    found = [models.detect(frames, high=high, low=0.6 * high, **decoding) for high in np.arange(0.1, 1.0, 0.1)]
    f1 = [metrics.event_f1(events_of["valid"], table, **matching) for table in found]
    best = found[int(np.argmax(f1))]
    segments = metrics.segment_scores(events_of["valid"], best, classes=classes, durations=durations)
    return {"events": max(f1), "onsets": metrics.event_f1(events_of["valid"], best, **only_onsets),
            "segments of 1 s": segments.loc["all", "f1"], "threshold": 0.1 * (1 + int(np.argmax(f1)))}


judged = {f"network, {name} labels": judge(frames) for name, frames in scores_of.items()}
print(pd.DataFrame(judged).T.to_string(float_format="{:.2f}".format))

# %% [markdown]
# Compare the rows: so much do the times bring. Segments ask only what is to be heard in each second. (The thresholds
# were chosen on validation scenes, which have strong labels. Without a few of these you would not know how good your
# detector is, either.)
#
# ## All four, and counts
# One seed and one pooling: an example. Here are stored results of all, trained as long, on the test fold. For
# **counts** the network is asked "at least one? at least two? ..." (`models.count_cnn`). From frames to a number it
# goes by the time they fill, so it has to know how long an event usually is: five examples tell.

# %%
from helpers import measured

lines = measured.stored("labels")["rows"]
stored = {line["what"]: line["value"] for line in lines}
kinds = ("strong", "counts", *(f"weak, {how}" for how in ways))
table = pd.DataFrame({measure: {kind: stored[f"{kind}: {measure}"] for kind in kinds}
                      for measure in ("events", "onsets", "segments")})
print("embedded scenes, test fold, F1:")
print(table.to_string(float_format="{:.2f}".format))

# %% [markdown]
# (One or two runs a row: a few hundredths are luck.) Counts say more than weak labels, and yet need not do better: a
# label has to be turned into a loss, and this one leans on a usual length to which single events do not keep.
#
# ## What is a minute worth?
# Strong labels cost more. So the fair question is not which label is best, but which is best for the minutes you have.
# The same network, trained with some and with all of the training scenes, over the minutes that their labels take under
# the assumptions at the top.

# %%
curves = {}
for kind in ("strong", "counts", "weak"):
    sizes = [what.split(" ")[1] for what in stored if what.startswith(f"{kind}, ") and what.endswith("scenes: events")]
    for size in sizes:
        start = f"{kind}, {size} scenes"
        minutes = (stored[f"{size} scenes: sound"] * listening
                   + stored[f"{size} scenes: {kind} answers"] * seconds_each[kind] / 60)
        curves.setdefault(kind, []).append((minutes, stored[f"{start}: events"]))
plots.show(
    plots.cost_curves(curves, title="Detecting events, by kind of label (stored: embedded scenes, test fold)"),
    "F1 of events over minutes of labelling: " + "; ".join(
        f"{kind} " + ", ".join(f"{f1:.2f} for {minutes:.0f} minutes" for minutes, f1 in points)
        for kind, points in curves.items()) + ".")

# %% [markdown]
# Go up from any number of minutes: which line is highest there? Under the assumptions at the top, a third of the scenes
# with times is worth more than all of them with names only: few exact labels beat many cheap ones. With `counts` more
# labels even seem to do harm; so much luck is in one or two runs. Then double or halve the seconds for a strong label:
# does the answer stay? (Short scenes of one synthesiser, in pieces of five seconds. In pieces of a minute a weak label
# would say less.)
#
# ## Let the computer go first
# Labelling is faster if something has been marked already, and you only correct. What can mark before there is any
# label? **Energy**: something happens where it is louder than usual. No class yet, only "something".
#
# We measure the level of each frame, and call loud what lies so many dB above the scene's median.

# %%
from helpers import windows

valid_audio = {row.clip_id: scenes.load(row)[0] for row in valid.itertuples()}
levels = {name: windows.levels_db(windows.split(sound, sr=sr, window=hop, hop=hop)[0]).clip(min=-100)
          for name, sound in valid_audio.items()}
truth_frames = {name: events.targets(events_of["valid"].query("clip_id == @name"), classes=classes,
                                     n_frames=len(level), hop=hop).any(axis=1) for name, level in levels.items()}


def something(loud, shortest=2 * hop):
    """Turn loud frames of each scene into events without a name; those that overlap become one."""
    return models.detect({name: frames[:, np.newaxis].astype(float) for name, frames in loud.items()}, hop=hop,
                         classes=["something"], max_gap=2 * hop, min_duration=shortest, points=not scenes.has_offsets)


def judge_blind(found):
    there, named = something(truth_frames, shortest=0), {**matching, "classes": ["something"]}
    segments = metrics.segment_scores(there, found, classes=["something"], durations=durations)
    return {"true events": len(there), "found": len(found), "events": metrics.event_f1(there, found, **named),
            "segments of 1 s": segments.loc["all", "f1"]}


blind = {f"{limit} dB above the median": judge_blind(something(
    {name: level > np.median(level) + limit for name, level in levels.items()})) for limit in (3, 6, 9, 12)}
print(pd.DataFrame(blind).T.astype({"true events": int, "found": int}).to_string(float_format="{:.2f}".format))

# %% [markdown]
# ## Two states
# A threshold has to be chosen, and asks each frame alone. A **hidden Markov model** chooses for itself. It supposes
# that a recording is in one of two states, quiet or loud; each has its levels (a bell curve with a mean and a
# deviation), and each tends to last. Then three small pieces of code do everything. First: how well does each level
# fit each state, and how probable is each state in each frame, given *all* frames, before and after?
#
# We count in logarithms: the product of a thousand probabilities is 0 to a computer, the sum of their logarithms is
# not. `match[t, s]` is how well frame t fits state s, `transition[a, b]` how probable it is that b follows a. `forward`
# adds up all ways that lead to a state, `backward` all that lead on from it.
#
# (You may take the next three cells as given. Later only their result is used.)

# %%
def density(levels, means, deviations):
    return -0.5 * ((levels[:, np.newaxis] - means) / deviations) ** 2 - np.log(deviations)


def forward_backward(match, transition):
    forward, backward = match.copy(), np.zeros_like(match)                         # both (n_frames, 2)
    for t in range(1, len(match)):
        forward[t] += np.logaddexp.reduce(forward[t - 1][:, np.newaxis] + transition, axis=0)
    for t in range(len(match) - 2, -1, -1):
        backward[t] = np.logaddexp.reduce(transition + match[t + 1] + backward[t + 1], axis=1)
    total = np.logaddexp.reduce(forward[-1])
    pair = forward[:-1, :, np.newaxis] + transition + (match + backward)[1:, np.newaxis, :]
    return np.exp(forward + backward - total), np.exp(pair - total)            # of states, of pairs one after another

# %% [markdown]
# Second: learn without labels. Guess means, deviations and how long states last; ask which frame is probably in which
# state; take the guesses anew from the answer; again. This is **expectation and maximisation**. (What is added to the
# pairs is a habit: as if some pairs had been seen before, so that nothing becomes impossible.)

# %%
def fit_states(levels, n_rounds=10, stay=10 / 11):                             # 11 frames in a state, on average
    means, deviations = np.quantile(levels, [0.2, 0.95]), np.full(2, max(levels.std(), 1.0))
    table = np.array([[stay, 1 - stay], [1 - stay, stay]])                     # from state (row) to state (column)
    habit = 5 * table
    for _ in range(n_rounds):
        state, pair = forward_backward(density(levels, means, deviations), np.log(table))
        weight = state.sum(axis=0) + 1e-300
        means = state.T @ levels / weight
        spread = (state * (levels[:, np.newaxis] - means) ** 2).sum(axis=0) / weight
        deviations = np.maximum(np.sqrt(spread), 1.0)
        table = pair.sum(axis=0) + habit
        table /= table.sum(axis=1, keepdims=True)
    return means, deviations, np.log(table)

# %% [markdown]
# Third: the one most probable way through the states. From each frame and state we remember the best way there
# (**Viterbi**), and walk back from the end.

# %%
def viterbi(match, transition):
    best, came_from = match.copy(), np.zeros(match.shape, int)
    for t in range(1, len(match)):
        ways_here = best[t - 1][:, np.newaxis] + transition
        came_from[t], best[t] = ways_here.argmax(axis=0), best[t] + ways_here.max(axis=0)
    path = np.full(len(match), best[-1].argmax())
    for t in range(len(match) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path


level = levels[example.clip_id][:n_shown]
means, deviations, transition = fit_states(level)
loud = viterbi(density(level, means, deviations), transition) == means.argmax()
plots.show(
    plots.loud_levels(level, {"6 dB above the median": level > np.median(level) + 6, "two states": loud}, hop=hop,
                      events=example_events),
    f"Level of {example.clip_id}, its {len(example_events)} labelled events, and what a threshold and the two states "
    f"take for loud. The states lie at {means.min():.0f} and {means.max():.0f} dBFS.")

# %% [markdown]
# Two states are found in every recording, in even noise too. So `labelling.fit_states` and `labelling.loud_frames`,
# which are the same otherwise, call everything quiet where the means lie less than 6 dB apart. Nothing was tuned to
# this data: each scene finds its own two levels.

# %%
from helpers import labelling

states = {name: labelling.fit_states(level) for name, level in levels.items()}
found = something({name: labelling.loud_frames(level, states[name]) for name, level in levels.items()})
blind["two states, 10 rounds"] = judge_blind(found)
print(pd.DataFrame(blind).T.astype({"true events": int, "found": int}).to_string(float_format="{:.2f}".format))

# %% [markdown]
# ## Five examples of each
# Something happens there; but what? Give a name by **nearest neighbours**: mark five events of each class by hand, and
# as many stretches in which nothing happens (as far as there are any); embed a window around each (notebook 3);
# whatever is unknown gets the name of the examples it is most similar to. Sounds that nobody labelled are then
# "nothing", if you gave examples.
#
# We try it on every half second, and on what the two states have found.

# %%
from helpers import embeddings

embedder, rng = embeddings.load_embedder(), np.random.default_rng(5)


def around(sound, time):
    """Cut the embedder's window out of a sound, around a time."""
    n = round(embedder.window * sr)
    first = int(np.clip(round(time * sr) - n // 2, 0, max(0, len(sound) - n)))
    return np.pad(sound[first:first + n], (0, max(0, n - len(sound)))).astype(np.float32)


row_of = {row.clip_id: row for row in train.itertuples()}
examples = events_of["train"].groupby("label").sample(5, random_state=5, replace=True)
cut = [around(scenes.load(row_of[event.clip_id])[0], (event.onset + event.offset) / 2)
       for event in examples.itertuples()]
empty = rng.permutation(np.flatnonzero(~fit_on.targets.any(axis=(1, 2))))[:5 * len(classes)]     # pieces
cut += [around(scenes.load(row_of[fit_on.clip_ids[fit_on.scene_index[k]]])[0], fit_on.starts[k] + piece / 2)
        for k in empty]
names = np.array([*examples["label"], *["nothing"] * len(empty)])
known = embedder.embed_windows(np.stack(cut))
print(f"{len(examples)} events and {len(empty)} windows without any")

# %%
from sklearn.preprocessing import StandardScaler

step = embedder.window / 2
halves = {name: embedder.embed(sound, sr=sr, hop=step) for name, sound in valid_audio.items()}
scaler = StandardScaler().fit(np.concatenate([vectors for vectors, _ in halves.values()]))


def name_them(vectors):
    """The class, or "nothing", whose three nearest examples point most nearly the same way, on average."""
    unit, unit_known = (rows / np.linalg.norm(rows, axis=1, keepdims=True)
                        for rows in (scaler.transform(vectors), scaler.transform(known)))
    similar = unit @ unit_known.T
    nearest = {name: np.sort(similar[:, names == name], axis=1)[:, -3:].mean(axis=1) for name in np.unique(names)}
    return pd.DataFrame(nearest).idxmax(axis=1).to_numpy()


named = {"every half second": [], "two states, then a name": []}
for name, (vectors, starts) in halves.items():
    each = pd.DataFrame({"clip_id": name, "onset": starts + step / 2, "label": name_them(vectors)})
    named["every half second"].append(each.assign(offset=(each["onset"] + step).clip(upper=durations[name])))
    here = found.query("clip_id == @name")
    heard = [around(valid_audio[name], time) for time in (here["onset"] + here["offset"]) / 2]
    labels_here = name_them(embedder.embed_windows(np.stack(heard))) if heard else []
    named["two states, then a name"].append(here.assign(label=labels_here))
named = {way: pd.concat(tables).query("label != 'nothing' and onset <= offset") for way, tables in named.items()}

# %%
rows = {**judged}
for way, table in named.items():
    segments = metrics.segment_scores(events_of["valid"], table, classes=classes, durations=durations)
    rows[f"few shot: {way}"] = {"events": metrics.event_f1(events_of["valid"], table, **matching),
                                "onsets": metrics.event_f1(events_of["valid"], table, **only_onsets),
                                "segments of 1 s": segments.loc["all", "f1"]}
print(pd.DataFrame(rows).T.drop(columns="threshold").to_string(float_format="{:.2f}".format))

# %% [markdown]
# The few-shot rows know five events of each class: a few minutes of writing, after listening until five of each have
# come. The networks had labels for all training scenes. The half seconds know what, and when only to half a second; the
# states know when, and not what. Together they make a draft that you can correct.
#
# ## What to listen to next
# You have labels for some seconds and a model that knows a little. You have time for sixty more. Which? **Active
# learning** asks for those that the model is least sure about: to hear once more what it knows already teaches little.
# Where several classes may sound, a clip is as uncertain as its least certain class: the score nearest to one half.

# %% [markdown]
# ### Your turn: pick the next clips
# **Task:** write `pick_next(scores, labelled, n)`: which `n` clips to label next, the most uncertain first, none of
# them labelled yet. `scores` has a row for each clip and a column for each class; `labelled` is True for the clips that
# have a label.
#
# **Hint:** `np.abs(scores - 0.5).min(axis=1)` is small where a clip is uncertain. `np.argsort` returns row numbers,
# that of the smallest value first; leave out those that are labelled.
#
# **Expected:** an array of `n` row numbers, or fewer if there are not so many left.

# %%
def pick_next(scores, labelled, n):
    # <solution>
    sureness = np.abs(scores - 0.5).min(axis=1)
    order = np.argsort(np.where(labelled, np.inf, sureness), kind="stable")
    return order[:min(n, np.sum(~labelled))]
    # </solution>


# %%
exercises.check_pick_next(pick_next)

# %% [markdown]
# ## Does it pay?
# Seconds of the training scenes, embedded; the question for each is which classes sound in it. We start with sixty at
# random (a quarter of all if there are few). Then three ways spend the same time, sixty answers more:
#
# - **random**: any sixty; the bar to beat,
# - **active**: four times the fifteen that are least certain by then,
# - **pseudo-labels**: the random sixty, and on top three hundred for nothing: the seconds that the model is surest of,
#   with its own answers as labels.
#
# Ten draws each; the score is the mean average precision on validation seconds: are those with a class at the top?

# %%
from sklearn.linear_model import LogisticRegression


def seconds_of(rows):
    vectors, present = [], []
    for row in rows.itertuples():
        found, _ = embedder.embed(scenes.load(row)[0], sr=sr, hop=embedder.window)
        vectors.append(found)
        present.append(events.targets(scenes.events.query("clip_id == @row.clip_id"), classes=classes,
                                      n_frames=len(found), hop=embedder.window, how="overlap"))
    return scaler.transform(np.concatenate(vectors)), np.concatenate(present)


def learn(x, y):      # one linear model for each class
    fitted = [LogisticRegression(C=0.01, max_iter=300).fit(x, column) if 0 < column.sum() < len(column) else None
              for column in y.T]
    return lambda new: np.column_stack([np.full(len(new), column[0]) if model is None else
                                        model.predict_proba(new)[:, 1] for model, column in
                                        zip(fitted, y.T, strict=True)])


(x_pool, y_pool), (x_valid, y_valid) = seconds_of(train), seconds_of(valid)
there = y_valid.any(axis=0)
print(f"{len(x_pool)} seconds to choose from, {len(x_valid)} to validate")

# %%
from sklearn.metrics import average_precision_score


def least_certain(scores, free, n):
    return free[np.argsort(np.abs(scores[free] - 0.5).min(axis=1), kind="stable")[:n]]


budget = min(60, len(x_pool) // 4)
precision = {"start": [], "random": [], "active": [], "random + pseudo-labels": []}
for draw in range(10):
    order = np.random.default_rng(draw).permutation(len(x_pool))
    start, free = order[:budget], order[budget:]
    chosen = {"start": start, "random": order[:2 * budget], "active": start}
    for _ in range(4):
        said = learn(x_pool[chosen["active"]], y_pool[chosen["active"]])(x_pool)
        more = least_certain(said, np.setdiff1d(free, chosen["active"]), budget // 4)
        chosen["active"] = np.concatenate([chosen["active"], more])
    said = learn(x_pool[chosen["random"]], y_pool[chosen["random"]])(x_pool)
    rest = order[2 * budget:]
    surest = rest[np.argsort(-np.abs(said[rest] - 0.5).min(axis=1))[:5 * budget]]
    models_of = {way: learn(x_pool[places], y_pool[places]) for way, places in chosen.items()}
    models_of["random + pseudo-labels"] = learn(x_pool[np.concatenate([chosen["random"], surest])], np.concatenate(
        [y_pool[chosen["random"]], said[surest] > 0.5]))
    for way, model in models_of.items():
        precision[way].append(average_precision_score(y_valid[:, there], model(x_valid)[:, there], average="macro"))

# %%
better = {way: int(np.sum(np.array(precision[way]) > np.array(precision["random"]))) for way in precision}
plots.show(
    plots.accuracy_bars(precision, x="Mean average precision", title=f"{budget} answers, and {budget} more"),
    "Mean average precision, mean of ten draws: " + ", ".join(
        f"{way} {np.mean(values):.3f}" for way, values in precision.items()) + ".")
print(f"of 10 draws, active is ahead of random in {better['active']}, pseudo-labels in "
      f"{better['random + pseudo-labels']}")
print("stored, embedded scenes, test fold, 30 draws of 60 and 60 more:",
      {way: round(stored[f"next 60 answers, {way}"], 3) for way in precision})

# %% [markdown]
# Look at how many draws each way wins. Where events are rare, random seconds hold mostly nothing, and uncertain ones
# more. Pseudo-labels repeat what the model believes, its mistakes included: on the embedded scenes they harm. And
# active labels are no fair choice: never measure on them.
#
# ## Label a few yourself
# Six seconds of validation. A key answers, space plays again, `u` takes back, `s` puts off. Every answer is in a file
# before the next second appears, so nothing is lost when the kernel dies. (Exported pages show a line of text instead.)

# %%
from helpers import files

asked, draws = {}, np.random.default_rng(6)      # the same six whenever the cell is run
for name in draws.permutation(list(valid_audio))[:6]:
    first = draws.uniform(0, max(0, len(valid_audio[name]) / sr - 1))
    asked[f"{name} at {first:.1f} s"] = valid_audio[name][round(first * sr):round((first + 1) * sr)]
widget = labelling.label_clips(asked, [*classes, "none of these"],
                               path=files.home() / "labels" / f"{scenes.name}.csv")
widget

# %%
given = widget.labels[widget.labels["clip_id"].isin(list(asked))]
if len(given):
    print(given[["clip_id", "label", "seconds"]].to_string(index=False))
    print(f"{given['seconds'].median():.1f} s for each answer: is that what seconds_each says?")
else:
    print("nothing labelled yet; run this cell again when you have")

# %% [markdown]
# ## Write, correct, read back
# Seconds of sound are quick to name; for times you need an editor. **Audacity** is free and shows sound and labels
# together. We write the draft of one scene, from the two states and the five examples, and its sound beside it.

# %%
import tempfile
from pathlib import Path

from helpers import labels
from helpers.audio import save_audio

folder = Path(tempfile.mkdtemp())
draft = named["two states, then a name"]
drafted = events_of["valid"]["clip_id"].value_counts().index[0]
save_audio(folder / f"{drafted}.wav", valid_audio[drafted], sr=sr)
track = labels.write_audacity(draft.query("clip_id == @drafted"), folder / f"{drafted}.txt")
print(f"{folder} holds {', '.join(sorted(path.name for path in folder.iterdir()))}\n")
print("\n".join(track.read_text("utf-8").splitlines()[:10]))

# %% [markdown]
# ## Step sheet for Audacity
# 1. *File > Open*: the sound. *File > Import > Labels*: the draft.
# 2. Click the track's name, choose *Spectrogram*: there you see onsets better than in the waveform.
# 3. `Tab` goes from label to label. Drag an edge to move it, click the text to change it and end with `Enter`; then
#    space plays. Right-click a label to delete it.
# 4. Something is missing: drag over the sound, `Ctrl+B`, type the name, `Enter`. While it plays, `Ctrl+M` (on a Mac
#    `Cmd+.`) marks the moment.
# 5. *Edit > Labels > Edit Labels*: all labels as a table.
# 6. *File > Export Other > Export Labels* (in older versions *File > Export > Export Labels*).
#
# (Names differ a little from version to version. On a Mac, `Cmd` for `Ctrl`.)

# %% [markdown]
# What comes back is a text file without a header: onset, offset, label, with tabs between. So one line of pandas reads
# it. We stand in for you and write the "corrected" labels ourselves: the true ones of that scene. One of them was made
# in the spectrogram, with a band of frequencies selected: Audacity then adds a row that starts with a backslash.

# %%
truth = events_of["valid"].query("clip_id == @drafted").sort_values("onset").head(8)
plain = labels.write_audacity(truth, folder / "corrected.txt")
print(pd.read_csv(plain, sep="\t", header=None, names=["onset", "offset", "label"]), "\n")

band = truth.assign(low_hz=np.nan, high_hz=np.nan)
band.loc[band.index[0], ["low_hz", "high_hz"]] = 400.0, 2500.0
spectral = labels.write_audacity(band, folder / "corrected-in-the-spectrogram.txt")
print(pd.read_csv(spectral, sep="\t", header=None, names=["onset", "offset", "label"]))

# %% [markdown]
# ### Your turn: a reader that survives frequency rows
# In the second table, a row of frequencies has become a label, at a time that is no time.
#
# **Task:** write `read_track(text)`: from the text of a label track to its labels.
#
# **Hint:** go through `text.splitlines()`; pass over empty lines and those that start with `"\\"` (in Python, one
# backslash); split the others at tabs (`"\t"`), for labels have spaces.
#
# **Expected:** a list of `(onset, offset, label)`, two numbers and a text.

# %%
def read_track(text):
    # <solution>
    rows = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("\\"):
            onset, offset, label = line.split("\t")
            rows.append((float(onset), float(offset), label))
    return rows
    # </solution>


# %%
exercises.check_label_reader(read_track)

# %% [markdown]
# `labels.read_audacity` keeps the frequencies, as columns, and names each line that it cannot read.
#
# ## How far do two agree?
# You and the computer have labelled the same sound; or you and a colleague. Neither is the truth. Two measures:
#
# - **agreement**: the F1 of events with both taken as truth in turn. Two people who label the same scenes seldom reach
#   1; no detector can be expected to agree with you more than your colleague does.
# - **Cohen's kappa**, in tenths of a second: how much they agree beyond chance. 0 is chance, 1 is everywhere.

# %%
corrected = labels.read_audacity(spectral, clip_id=drafted)
print(corrected.drop(columns="clip_id").to_string(index=False))
error = np.abs(corrected[["onset", "offset"]].to_numpy() - truth[["onset", "offset"]].to_numpy()).max(initial=0)
print(f"largest difference after writing and reading: {error:.7f} s\n")

within = {"collar": collar, "use_offset": scenes.has_offsets}
print(f"agreement of draft and correction: {metrics.agreement(draft, events_of['valid'], **within):.2f}, over all "
      f"{len(valid)} validation scenes, as if each had been corrected")
kappa = metrics.frame_kappa(draft, events_of["valid"], classes=classes, durations=durations)
print("kappa:", {label: round(float(value), 2) for label, value in kappa.items()})

# %% [markdown]
# The agreement of a draft with its correction says what is left to do by hand: near 1, correcting is quicker than
# labelling; near 0, start from an empty track. It may differ from class to class.
#
# ## What have we learned?
# - **Strong labels** cost most. A **weak label** may teach *when*, too; what it is worth depends on the pooling, which
#   decides which frames learn, and on your seconds: measure them.
# - **Two states** mark where it is loud, **five examples** say what it is: a draft before there is any training set.
# - **Ask next** what the model is unsure of; what it is sure of, it believes already. Compare with random.
# - **Agreement** with a second pair of ears is the ceiling. Measure it before you tune.

# %%
exercises.quiz(
    "You have a day to label 20 hours of recordings from a forest in which an owl calls a few times an hour. How?",
    {
        "Let energy or a small model mark candidates, listen to the uncertain ones, and to some at random": True,
        "Strong labels from the first minute on until the day is over": "You would hear an hour or two, mostly without "
        "an owl.",
        "Train on a few calls, and take what the model is surest of as labels for the rest": "Then it learns what it "
        "believes already. Calls that it does not know stay unknown, and nobody has listened.",
    },
    explain="Candidates save the hours without owls, the uncertain ones teach most; the random ones tell how many "
    "calls your candidates miss.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - Energy finds what is loud. A soft event under traffic stays unmarked; wind is marked all day.
# - Labels of whole pieces are blurred if two classes always come together: the network cannot tell which is which.
# - Drafts persuade: who corrects a draft misses more of what it missed than who starts from nothing.
# - Active labels are the hard cases: keep a random part aside to measure on.
#
# ## Next
# - Set `pooling` to another one, or `steps = 600`, and run all again. Change `seconds_each`.
# - Your own recordings: a folder with recordings and an Audacity label track of the same name beside each;
#   `MACHINE_HEARING_SCENES` set to the folder.
#
# Sources: poolings compared by Wang, Li and Metze (ICASSP 2019), attention by Kong and others (ICASSP 2018); hidden
# Markov models after Rabiner's tutorial (Proceedings of the IEEE, 1989); active learning by uncertainty after Lewis and
# Gale (SIGIR 1994); kappa by Cohen (1960). The data is named below the first cell; its licence too.
