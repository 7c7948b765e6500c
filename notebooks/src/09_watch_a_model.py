# %% [markdown]
# # 9. Watch a model
# **A model never says that its world has changed. Watch a number for it, and be called in time but not every night.**
#
# After this notebook you can
#
# - name what changes behind a model's back: the microphone, the room, the sounds themselves,
# - choose a number to watch that needs no labels, and see why the model's own confidence is a poor one,
# - add up small changes until they count, and set the limit by how often you are willing to be called for nothing,
# - use the same code on vibration, motor current, or any count that a pipeline reports.
#
# You need: notebook 2, and the first half of notebook 8. About 45 minutes, of which the computer works for one. No
# download. Two exercises check themselves. For real recordings set `MACHINE_HEARING_CLIPS=esc10`,
# `MACHINE_HEARING_SCENES=birdsong-bird0` or `MACHINE_HEARING_MACHINES=ceiling-fan` before you start JupyterLab.

# %%
import numpy as np
import pandas as pd

from helpers import anomaly, augment, datasets, embeddings, exercises, features, listen, metrics, models, monitor, plots
from helpers import windows as cutting

sr = 16000                # samples per second of everything we load
window, hop = 1.0, 0.5    # seconds: one look at the sound, and from look to look
gate_db = -60.0           # dBFS: a quieter window is not looked at
epochs = 6                # of the classifier that is watched
looks_back = 20           # numbers that a monitor looks back on
rng = np.random.default_rng(9)

sounds = datasets.load_clips()
print(sounds)             # which data this is, and how to switch
print(sounds.citation)

# %% [markdown]
# ## Know your problem
# A model is measured once, on a test set, and then lives for years. Nobody labels what it hears there. Meanwhile
#
# - the **input** changes: another microphone, another room, a new ventilation. This is called **drift**, or shift;
# - things come that it has no name for. It is **out of distribution**, and the model will name it all the same;
# - the **machine behind the sound** wears out, which is what notebook 8 listens for.
#
# None of this raises an error. What we can do without labels: remember how some number looked while all was well, and
# call somebody when it no longer looks like that.

# %% [markdown]
# ## A classifier, and a day that goes wrong
# First something to watch: the network of notebook 2, trained for a shorter time. The sounds that it never learned from
# are cut in two. The validation fold plays the first days after the start, when somebody still looked after it: the
# **reference**. The test fold is what came later, four times over: as it is (a **replay**: nothing has changed),
# through a cheap microphone that lets only telephone speech pass, with noise of the same power as the sounds, and a
# stream of classes that the network was never told about.

# %%
unknown = sounds.unknown_clips
if not len(unknown):                          # none to spare: leave one class out
    unknown = sounds.clips[sounds.clips["label"] == sounds.classes[-1]]
classes = [label for label in sounds.classes if label not in set(unknown["label"])]
clips = sounds.clips[sounds.clips["label"].isin(classes)]
*train_folds, valid_fold, test_fold = sorted(clips["fold"].unique())
train = clips[clips["fold"].isin(train_folds)]
later = clips[clips["fold"] == test_fold].sample(frac=1, random_state=9)          # in no order
strange = unknown[unknown["fold"] == test_fold].sample(frac=1, random_state=9)
later_audio = sounds.load_all(later, sr=sr)


def telephone(audio):
    """Let pass what an old telephone would: 300 to 3400 Hz."""
    from scipy import signal

    return signal.sosfilt(signal.butter(4, (300, 3400), "bandpass", fs=sr, output="sos"), audio).astype(np.float32)


streams = {"reference": sounds.load_all(clips[clips["fold"] == valid_fold].sample(frac=1, random_state=9), sr=sr),
           "replay": later_audio, "microphone": [telephone(audio) for audio in later_audio],
           "noise": [augment.noise(audio, rng=rng, snr_db=(0, 0)) for audio in later_audio],
           "new classes": sounds.load_all(strange, sr=sr)}

# %% [markdown]
# Three descriptions of each window, once and for all: the picture that the network sees, and the two kinds of features
# of notebook 3 that we shall need soon. The sound itself is not kept, so the memory stays small.

# %%
embedders = {name: embeddings.load_embedder(name) for name in ("statistics", "embedded")}


def look(audio):
    """Describe the windows of clips that are not silent, in three ways; which clip each is from."""
    cut, clip_index, _ = cutting.split_all(audio, sr=sr, window=window, hop=hop)
    live = 10 * np.log10(np.mean(np.square(cut), axis=1) + 1e-20) >= gate_db
    picture = features.normalise(features.log_mel(cut[live], sr=sr, hop_length=512))
    return {"picture": picture, "clip": clip_index[live],
            **{name: embedder.embed_windows(cut[live]) for name, embedder in embedders.items()}}


looks = {name: look(audio) for name, audio in streams.items()} | {"train": look(sounds.load_all(train, sr=sr))}
y = {name: np.array([classes.index(label) for label in rows["label"]])[looks[name]["clip"]]
     for name, rows in (("train", train), ("replay", later), ("microphone", later), ("noise", later))}

# %%
network = models.small_cnn(looks["train"]["picture"].shape[1:], len(classes))
models.fit(network, looks["train"]["picture"], y["train"], epochs=epochs, batch_size=32, learning_rate=0.0015, seed=0)
scores = {name: models.predict(network, looks[name]["picture"]) for name in streams}
named = {name: f"{metrics.accuracy(y[name], scores[name].argmax(axis=1)):.2f}" for name in scores if name in y}
confidence = {name: f"{each.max(axis=1).mean():.2f}" for name, each in scores.items()}
print(pd.DataFrame({"windows": {name: len(each) for name, each in scores.items()}, "named rightly": named,
                    "mean confidence": confidence}).reindex(scores).fillna("-").to_string())
shown = int(np.argmax([np.mean(audio ** 2) for audio in later_audio]))
print("the loudest clip:", later["label"].iloc[shown].replace("_", " "))
listen.compare({name: streams[name][shown] for name in ("replay", "microphone", "noise")}, sr=sr, columns=3)

# %% [markdown]
# Compare the two columns on the right. Only the left one says how bad things are, and in service nobody can compute
# it: it needs labels. The **confidence**, the highest score, needs none. Does it fall where the answers get worse?
# For some changes it may even rise: a network knows its classes from each other, and not what lies beside them.
# (There are more windows with noise, because it lifts silent ones over the gate.)
#
# ## Which number to watch?
# Notebook 8 has detectors that learn what is normal and give everything else a score. The same here, on all windows of
# the training folds: how far a window lies from the main directions of what was learned from (`PrincipalComponents`),
# once for the **statistics** of its spectrogram, once for its **embedding** (notebook 3).
#
# One figure says how well a number tells a change: take a window of the change and one of the replay; in how many of
# all pairs has the changed one the higher number? (That is the area under the ROC curve of notebook 8.) 0.5 is blind.
# Mind the side: far *below* 0.5 is news as well.

# %%
numbers = {"1 - confidence": {name: 1 - each.max(axis=1) for name, each in scores.items()}}
for kind in embedders:
    detector = anomaly.PrincipalComponents().fit(looks["train"][kind])
    numbers[f"{kind}: distance"] = {name: detector.score(looks[name][kind]) for name in scores}

changes = ("microphone", "noise", "new classes")


def pairs(values, change):
    both = np.concatenate([values["replay"], values[change]])
    return metrics.auc(np.arange(len(both)) >= len(values["replay"]), both)


table = pd.DataFrame({change: {name: pairs(values, change) for name, values in numbers.items()} for change in changes})
print(table.round(2).to_string())

# %% [markdown]
# Read the table by columns. A new microphone shows in the statistics at once: they hold the level of every band. An
# embedding that was trained with all sorts of microphones overlooks some of it, as it should. New classes show best
# in the embedding. And noise? It makes the statistics *more* alike, far below 0.5, healthier than health itself;
# neither the embedding nor the confidence sees much of it, though a good part of the answers go wrong. Hence two
# rules: **watch more than one number, and watch both sides.** (The table is for the embedded sounds; yours may read
# otherwise.)
#
# ## Small changes add up
# Single windows of old and new overlap; the difference is in the long run. A **cumulative sum** (CUSUM, E. S. Page
# 1954) makes a long run of it. Say how many standard deviations each number lies above the mean of the reference, take
# off half a deviation, and add up, but never below zero. While all is well the half eats everything; after a change of
# more than that the sum climbs and does not stop.

# %%
def cusum(numbers, mean, scale, slack=0.5):
    """Add up what lies more than `slack` deviations above the mean, never below zero."""
    total, sums = 0.0, []
    for number in numbers:
        total = max(0.0, total + (number - mean) / scale - slack)
        sums.append(total)
    return np.array(sums)


watched = numbers["embedded: distance"]
mean, scale = watched["reference"].mean(), watched["reference"].std()
day = np.concatenate([watched["replay"], watched["new classes"]])
sums = cusum(day, mean, scale)
change = len(watched["replay"])
highest = cusum(watched["reference"], mean, scale).max()
plots.show(
    plots.monitor_track(np.minimum(sums, 6 * highest), limit=highest, hop=hop, unit="s", change=hop * change,
                        title="The cumulative sum of the embedding's distance, cut off at the top"),
    f"On the replay the sum reaches {sums[:change].max():.0f}; when new classes come at {hop * change:.0f} s it climbs "
    f"to {sums.max():.0f}. Dashed: {highest:.0f}, the highest value on the reference.")

# %% [markdown]
# (Time runs without the silent windows, and the clips follow one another without a break.)

# %% [markdown]
# ### Your turn: how long did it take?
# Write `delay(alarms, change)`: how many windows after the change the first alarm comes. `alarms` is an array of True
# and False, one for each window; `change` is the first window that was different. An alarm in that very window is a
# delay of 0; alarms before it do not count; where none comes, return `np.inf`. Hint: `np.flatnonzero(alarms[change:])`
# gives the places that are True.

# %%
def delay(alarms, change):
    # <solution>
    places = np.flatnonzero(alarms[change:])
    return places[0] if len(places) else np.inf
    # </solution>

# %%
exercises.check_alarm_delay(delay)

# %% [markdown]
# ## Called for nothing
# Where should the limit be? A low one calls early, and calls for nothing. Nobody answers the third **false alarm** of
# a night, so begin there: *how often may it call while all is well?* The highest value on the reference is no answer,
# as the reference lasted for a few minutes only.
#
# So we rehearse. The reference is cut into pieces, long enough that neighbours stay together; they are joined at random
# into a stream of many hours in which nothing changes (a **block bootstrap**). Below: how many calls an hour each of
# four limits brings on such a stream, and what each of them costs in delay.

# %%
def rehearse(reference, n, piece):
    """Join pieces of the reference, drawn at random, to n numbers."""
    starts = rng.integers(len(reference) - piece + 1, size=-(-n // piece))
    return np.concatenate([reference[start: start + piece] for start in starts])[:n]


an_hour = int(3600 / hop)
quiet = cusum(rehearse(watched["reference"], 10 * an_hour, piece=2 * looks_back), mean, scale)
limits = np.linspace(quiet.max() / 10, quiet.max(), 40)
calls = [len(monitor.alarm_starts(quiet > limit, hold=looks_back)) / 10 for limit in limits]
for limit in (0.25, 0.5, 0.75, 1):
    at = int(np.argmin(np.abs(limits - limit * quiet.max())))
    print(f"limit {limits[at]:5.1f}: {calls[at]:5.1f} calls an hour for nothing; new classes are noticed "
          f"{hop * monitor.alarm_delay(sums > limits[at], change):.1f} s after they come")

# %% [markdown]
# ### Your turn: set the limit
# Write `lowest_limit(sums, most)`: the lowest limit at which the alarm **begins** at most `most` times on `sums`, a
# stretch in which all was well. It begins where a value is above the limit and the one before it was not; the first
# value begins one too if it is above. Start with the highest value of `sums` and go down through its values while the
# count stays within `most`; stop at the first that breaks it. Why from the top? At a very low limit there is only one
# alarm, which never ends. Hint: `np.unique(sums)[::-1]` are the values, the highest first.

# %%
def lowest_limit(sums, most):
    # <solution>
    lowest = sums.max()
    for limit in np.unique(sums)[::-1]:
        above = sums > limit
        if above[0] + np.sum(above[1:] & ~above[:-1]) > most:
            break
        lowest = limit
    return lowest
    # </solution>

# %%
exercises.check_alarm_limit(lowest_limit)

# %% [markdown]
# ## The monitor
# `monitor.Monitor` does all of it: reference, rehearsal, limit, and then number by number with a memory that does not
# grow. It knows four statistics: the plain **mean** of the last twenty, **EWMA** (a mean that forgets slowly), the
# **cumulative sum**, and **ranks** (how often the last twenty are larger than the reference, which no single wild
# value can move). With `side="both"` a change may go either way. An alarm that comes again within twenty windows is
# still the same one (`hold`); in the exercise above each beginning counted.
#
# Each gets the same promise, one false alarm an hour, and starts each stream afresh.

# %%
promise = {"windows_per_day": 24 * an_hour, "false_alarms_per_day": 24, "window": looks_back, "side": "both"}
rows = {}
for name, values in numbers.items():
    for statistic in monitor.STATISTICS:
        watch = monitor.Monitor(values["reference"], statistic=statistic, **promise)
        row = {}
        for stream in ("replay", *changes):
            watch.reset()
            alarms = watch.watch(values[stream])[1]
            row[stream] = (f"{len(monitor.alarm_starts(alarms, hold=looks_back))} alarms" if stream == "replay"
                           else f"{hop * monitor.alarm_delay(alarms, 0):.1f} s" if alarms.any() else "never")
        rows[name, statistic] = row
print(pd.DataFrame(rows).T.to_string())

# %% [markdown]
# "Never" stands for "not within this stream", a few minutes. The replay should show 0 alarms, or one now and then:
# twelve rows of four and a half minutes are nearly an hour, so about one false alarm in that column is what was
# promised. For the same reason a delay of minutes may be chance: the replay of the same row tells.
#
# What jumps far, every statistic finds, the means first. What is small but stays is found by the cumulative sum and by
# ranks, and not in the same cells: none wins everywhere. Ranks mind no outliers, but they have a ceiling: twenty
# numbers that are all the highest give the same statistic, however high they are. If the promise is strict (one alarm a
# month), they may never reach the limit.
#
# > **AUC is near 1, so why did nobody call?** AUC compares single windows. A limit that keeps its promise for an hour
# > must lie above all that chance does in an hour. Look at both.
#
# > **It called. Is the model wrong now?** The monitor says *different*, not *worse*. An alarm is a reason to listen,
# > label fifty new clips, and measure. Then retrain, or take the new stretch as reference.

# %% [markdown]
# ## A number from the end of a pipeline
# One need not look inside a model at all. Notebook 4 counted events; whoever reports events a minute has a number
# already. Here the rule of notebook 4 that needs no training (what is much louder than usual in a scene), on scenes in
# their order. Then a ventilation starts in the hall. No error, no crash: the counter merely hears less.

# %%
from helpers import events

scenes = datasets.load_scenes()
print(scenes)
*_, first_fold, second_fold, last_fold = sorted(scenes.clips["fold"].unique())
column = 256 / sr                             # seconds from one column of the spectrogram to the next


def events_per_minute(audio):
    """Count what rises 12 dB above the median of the scene."""
    level = features.log_mel(audio, sr=sr, hop_length=256).max(axis=0)
    above = (level - np.median(level))[:, np.newaxis]
    found = events.from_scores(above, classes=["loud"], hop=column, clip_id="scene", high=12, max_gap=0.3)
    return len(found) * 60 * sr / len(audio)


before = scenes.load_all(scenes.clips[scenes.clips["fold"].isin([first_fold, second_fold])], sr=sr)
after = scenes.load_all(scenes.clips[scenes.clips["fold"] == last_fold], sr=sr)
hall = [augment.noise(audio, rng=rng, snr_db=(-10, -10)) for audio in after]
rates = {name: np.array([events_per_minute(audio) for audio in part])
         for name, part in {"reference": before, "replay": after, "ventilation": hall}.items()}
print({name: f"{values.mean():.1f} events a minute" for name, values in rates.items()})

# %%
scenes_a_day = 24 * 360                       # one of ten seconds after the other
watch = monitor.Monitor(rates["reference"], windows_per_day=scenes_a_day, false_alarms_per_day=4, statistic="cusum",
                        side="both")
statistics, alarms = watch.watch(np.concatenate([rates["replay"], rates["ventilation"]]))
change = len(rates["replay"])
late = monitor.alarm_delay(alarms, change)
plots.show(
    plots.monitor_track(statistics, limit=watch.limit, unit="scenes", change=change, title="Events a minute, watched"),
    f"The cumulative sum of the events a minute, over scenes: {int(alarms[:change].sum())} of the first {change} are "
    f"in alarm; after the ventilation starts the first alarm comes "
    f"{'not at all' if np.isinf(late) else f'{late:.0f} scenes later'}.")
listen.compare({"a scene": after[0], "the same scene with the ventilation on": hall[0]}, sr=sr, columns=2)

# %% [markdown]
# How small a change would it notice? The cumulative sum takes off half a deviation each time, and counts of so few
# events scatter widely. What lowers the rate by less than that half never adds up, however long it lasts. Try
# `snr_db=(-6, -6)`. The remedy is not a lower limit but a steadier number: the mean rate of an hour, say.

# %% [markdown]
# ## No sound at all: vibration and current
# From here on nothing knows about sound. An **accelerometer** on a motor measures vibration on three axes; a clamp on
# its cable measures the **current**. Both are series, cut into windows like sound. Four numbers an axis describe each
# window: the median deviation from its mean, the standard deviation, the largest deviation, and the deviation of the
# steps from one value to the next. A small autoencoder learns them from normal records; its error is the number to
# watch.

# %%
machines = {}
for machine in ("vibration", "motor_current"):
    try:
        machines[machine] = datasets.load_machines(machine=machine)
    except OSError as missing:                # a set of your own may hold only one of them, or neither
        print(f"without {machine}: {str(missing).split('. ')[0]}")
print(*machines.values(), sep="\n")


def describe(machine, rows):
    """Describe all windows of some records of one machine, in the order of time."""
    cut = [anomaly.split_series(series, sr=machine.sr, window=0.5, hop=0.25)[0] for series in machine.load_all(rows)]
    return np.concatenate([anomaly.series_statistics(each) for each in cut])


# %% [markdown]
# One motor of each kind. The detector learns from its first records and is tested on the last ones; half of the normal
# test records are the reference, the other half the replay, and then the fault sets in. The monitor may call once an
# hour for nothing.

# %%
delays, tracks = {}, {}
for name, machine in machines.items():
    own = machine.clips[(machine.clips["unit"] == machine.units[0]) & (machine.clips["domain"] == "source")]
    learned = describe(machine, own[own["fold"] < own["fold"].max() - 1])
    detector = anomaly.DenseAutoencoder(widths=(16, 4, 16), epochs=40).fit(learned)
    test = own[own["split"] == "test"]
    fine = detector.score(describe(machine, test[test["label"] == "normal"]))
    half = len(fine) // 2                     # the first half is the reference, the other one the replay
    watch = monitor.Monitor(fine[:half], windows_per_day=4 * 86400, false_alarms_per_day=24, statistic="cusum")
    for fault in test.loc[test["label"] == "anomaly", "fault"].unique():
        broken = detector.score(describe(machine, test[test["fault"] == fault]))
        tracked = []
        for part in (fine[half:], broken):    # afresh for each: what chance has added up before is no merit
            watch.reset()
            tracked.append(watch.watch(part)[0])
        statistics = np.concatenate(tracked)
        alarms = statistics > watch.limit
        late = 0.25 * monitor.alarm_delay(alarms, len(fine) - half)
        delays[name, fault] = {
            "pairs told apart": metrics.auc(np.arange(len(alarms)) >= len(fine) - half,
                                            np.concatenate([fine[half:], broken])),
            "false alarms": len(monitor.alarm_starts(alarms[:len(fine) - half], hold=20)), "noticed after, s": late}
        tracks[name, fault] = (statistics, watch.limit, len(fine) - half)
print(pd.DataFrame(delays).T.round(2).to_string() if delays else "no series in this data")

# %%
if tracks:
    name, fault = max(tracks, key=lambda key: delays[key]["pairs told apart"])
    statistics, limit, change = tracks[name, fault]
    label = f"{name.replace('_', ' ')}, {fault.replace('_', ' ')}"
    plots.show(
        plots.monitor_track(statistics, limit=limit, hop=0.25, unit="s", change=0.25 * change, title=label),
        f"{label}: the cumulative sum of the autoencoder's error stays at {statistics[:change].max():.0f} at most "
        f"while all is well (limit {limit:.0f}), and reaches {statistics.max():.0f} after the fault sets in.")

# %% [markdown]
# Pairs told apart and the delay are different things. A motor that stalls now and then changes few windows, but those
# by a lot: the sum jumps at once, though most pairs look alike. A change that is small and stays is noticed later,
# and where the table says inf, not within these records: four numbers an axis do not show everything. Look for better
# ones (the spectrum of the vibration, at the speed of the shaft and its multiples) before a cleverer monitor.
#
# ## What have we learned?
# - Watch without labels: a distance from what was learned from, a count, any number with a usual range.
# - A model's confidence is not a measure of its rightness. With the embedded sounds it is highest where the answers
#   are worst.
# - Watch both sides, and more than one number.
# - Choose the limit by the false alarms you can bear, on a rehearsal with neighbours kept together. Then measure the
#   delay.
# - An alarm says "different". Whether it is worse, only labels tell.

# %%
exercises.quiz(
    "After a change of microphone your classifier is surer than ever: mean confidence up from 0.6 to 0.8. What now?",
    {
        "Label some new clips: a change in either direction is an alarm": True,
        "Be glad: the new microphone is better": "Perhaps. With the embedded sounds of this notebook confidence rises "
        "while most answers become wrong.",
        "Raise the threshold for 'unknown'": "It compares with confidence, which has just lost its meaning.",
    },
    explain="Confidence was learned on the old sound. On another one it says nothing, high or low.",
)

# %%
exercises.quiz(
    "The reference holds one quiet Sunday. What will the monitor do on Monday morning?",
    {
        "Call, and keep calling: it has never heard a working day": True,
        "Nothing: the rehearsal has joined many hours of it": "Many hours of Sunday. Pieces joined anew hold nothing "
        "that the reference did not hold.",
        "Call once an hour at most, as promised": "The promise is for a world like the reference.",
    },
    explain="Take the reference from all that is normal: day, night, rain, Monday. Or keep one monitor for each.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - Slow drift into the reference: who takes last week as reference each week, follows the wear of the machine down.
#   Keep the first reference as well.
# - Windows of one clip are not independent. Make the pieces of the rehearsal (`block`) longer than what stays together.
# - Two promises of one false alarm an hour are two false alarms an hour. Share them out.
# - A minute that is missing (no network, full disk) is no number at all. Count those too: it is the change that happens
#   most often.

# %% [markdown]
# ## Next
# - Put your own microphone's recordings in the place of `streams["microphone"]`. Try `promise` with one false alarm a
#   day: `false_alarms_per_day=1`.
# - Let a motor age: `synth.series.render("vibration", age=3.0)` goes on where the set ends. When does the monitor call,
#   and is that a false alarm?
# - Notebook 10 listens live. A monitor takes its numbers one by one, too: `watch.push(number)`.
#
# Sources: cumulative sums by Page (Biometrika 41, 1954); moving averages by Roberts (Technometrics 1, 1959); joining
# pieces by Kunsch (Annals of Statistics 17, 1989). The data is named below the cells that load it.
