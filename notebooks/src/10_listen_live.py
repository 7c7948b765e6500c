# %% [markdown]
# # 10. Listen live, run small
# **The detector of notebook 4, on sound that never ends, and in a file that fits a microcontroller.**
#
# After this notebook you can
#
# - turn blocks of any size into the windows that a network was trained on,
# - keep a stream's answers equal to those on a recording, and prove it,
# - say how late an alarm comes, how much of a processor it takes, and how often it comes for nothing,
# - shrink a network to 8 bits, see what that costs, and write it as C for a small device.
#
# You need: notebook 4. About 60 minutes, of which the computer works for one to two. No download. Two exercises check
# themselves: a ring buffer, and which block completes a window. For real recordings set
# `MACHINE_HEARING_SCENES=birdsong-bird0` before you start JupyterLab (notebook 0 says how).

# %%
import numpy as np
import pandas as pd

from helpers import datasets, eventroll, exercises, plots, stream, windows

sr = 16000           # samples per second that the network hears
steps = 160          # how many batches of 16 windows it learns from
microphone = False   # True: the section "Your microphone" listens to yours for ten seconds

scenes = datasets.load_scenes()
classes, collar, hop = scenes.classes, scenes.collar, scenes.frame_hop
print(scenes)        # which data this is, and how to switch
print(scenes.citation)
*train_folds, valid_fold, test_fold = sorted(scenes.clips["fold"].unique())
train, valid = (scenes.clips[scenes.clips["fold"].isin(folds)] for folds in (train_folds, [valid_fold]))

# %% [markdown]
# ## Listen first
# One scene of the validation fold, as in notebook 4. Play it, and imagine you had to call out "dog!" while it runs.
# When did you know? A person does not wait for the end of the recording. A stream has none: no last sample, no mean
# over the whole, no second look.

# %%
busiest = valid.loc[valid["label"].str.count(r"\+").idxmax()]
scene, _ = scenes.load(busiest)
scene = scene[:10 * sr]
truth = scenes.events.query("clip_id == @busiest.clip_id and onset < 10")
eventroll.event_roll(scene, sr=sr, events=truth, classes=classes, title=f"{busiest.clip_id}, what is labelled")

# %% [markdown]
# ## Blocks are not windows
# A sound card hands over **blocks**: 160 samples, or 777, or whatever its driver likes, and never what the network
# wants. The network wants **windows** that overlap. Cutting each block for itself gives windows in the wrong places,
# and none at all where blocks are shorter than a window. So the last samples have to wait somewhere until a window is
# full.
#
# That place is a **ring buffer**: an array as long as one window, in which each new sample overwrites the oldest. After
# the last place comes the first. It never grows, whether the stream runs for a minute or for a year.

# %% [markdown]
# ### Your turn: a ring buffer
# **Task:** write `write(ring, place, block)`: put the samples of `block` into `ring`, the first at `place`, and return
# the ring and the place where the next sample belongs. Read from that place on, around the end, the ring then holds the
# last samples in their order.
#
# **Hint:** places go round with `% len(ring)`; `ring[places] = ...` takes an array of them. Of a block longer than the
# ring only the last `len(ring)` samples stay: `block[-len(ring):]`.
#
# **Expected:** two things, `return ring, place`; the place is a whole number from 0 to `len(ring) - 1`.

# %%
def write(ring, place, block):
    # <solution>
    kept = block[-len(ring):]
    first = place + len(block) - len(kept)
    ring[(first + np.arange(len(kept))) % len(ring)] = kept
    return ring, (place + len(block)) % len(ring)
    # </solution>


# %%
exercises.check_ring_buffer(write)

# %% [markdown]
# ## When is a window full?
# The first one is full after a whole window of samples. The next needs only one **hop** more, not one window more: most
# of its samples are in the ring already. Mixing these two up is the usual fault of live code, and one that nobody
# hears: it only listens half as often, and misses what lies between.
#
# The trick below is to count what is still `missing`, and to take no more than that from a block before looking again.

# %%
def windows_of(blocks, window_samples, hop_samples):
    ring, place, missing = np.zeros(window_samples, np.float32), 0, window_samples
    for block in blocks:
        while len(block):
            taken, block = block[:missing], block[missing:]
            ring[(place + np.arange(len(taken))) % window_samples] = taken
            place = (place + len(taken)) % window_samples
            missing -= len(taken)
            if missing == 0:                        # a window is full; the next one needs a hop
                missing = hop_samples
                yield np.concatenate([ring[place:], ring[:place]])


def blocks_of(audio, size):
    return (audio[start:start + size] for start in range(0, len(audio), size))


expected, starts = windows.split(scene, sr=sr, window=1.0, hop=0.5, pad=False)
for size in (1, 160, 777, 16000):
    found = np.stack(list(windows_of(blocks_of(scene, size), sr, sr // 2)))
    print(f"blocks of {size:5d}: {len(found)} windows, those of the recording:", np.array_equal(found, expected))

# %% [markdown]
# Equal to the last bit, whatever the blocks are. Keep this test with your own code: it finds nearly every mistake one
# can make here. `stream.Windows` does the same, and at the end fills up the last window with zeros, as notebook 2 does.

# %% [markdown]
# ### Your turn: which block completes a window?
# **Task:** write `count_full(n_before, n_new, window_samples, hop_samples)`: `n_before` samples have been heard,
# `n_new` come now. How many windows become full by them?
#
# **Hint:** how many were full before, how many are full after? Of `n` samples it is none while `n < window_samples`,
# and `1 + (n - window_samples) // hop_samples` from there on.
#
# **Expected:** a whole number; with windows of 100 and a hop of 50, sample 100 completes one, and so does sample 150.

# %%
def count_full(n_before, n_new, window_samples, hop_samples):
    # <solution>
    def full(n):
        return 0 if n < window_samples else 1 + (n - window_samples) // hop_samples

    return full(n_before + n_new) - full(n_before)
    # </solution>


# %%
exercises.check_hop_accounting(count_full)

# %% [markdown]
# ## Nothing from the future
# Whatever is computed from the whole recording cannot be had live: its loudest moment, its mean, its end. Each of these
# looks harmless in a notebook. Below is the same second of sound twice, the second time with something loud seconds
# *later*. Normalised over the recording, the picture of that second changes; normalised by itself, as we always do, it
# does not. The **silence gate** looks at one window only, for the same reason.

# %%
from helpers import features, models

settings = models.frame_settings(hop)
pool = settings.pop("pool")
louder = np.concatenate([scene, 0.9 * np.sign(np.sin(np.arange(sr) / 3)).astype(np.float32)])
by_recording, by_window = [], []
for audio in (scene, louder):
    cut, _ = windows.split(audio, sr=sr, pad=False)
    pictures = features.log_mel(cut, sr=sr, **settings)
    by_recording.append(((pictures - pictures.mean()) / pictures.std())[2])
    by_window.append(features.normalise(pictures)[2])
for name, (before, after) in {"by the recording": by_recording, "by the window": by_window}.items():
    print(f"normalised {name:16}: the picture changes by up to {np.abs(before - after).max():.3f} deviations")

# %%
night = np.concatenate([scene, scene / 300])         # the same once more, 50 dB softer
cut, starts = windows.split(night, sr=sr)
silent = ~windows.live(cut)
plots.show(
    plots.levels(windows.levels_db(cut), threshold_db=windows.SILENCE_DB, starts=starts),
    f"Level of {len(cut)} windows of a second: the scene, then the same 50 dB softer. {silent.sum()} windows lie below "
    f"the gate at {windows.SILENCE_DB:.0f} dBFS.",
)

# %% [markdown]
# What lies below the gate is not looked at and scores 0. At night that saves nearly all the work.
#
# ## One alarm for one event
# Scores come one after the other now, and hysteresis (notebook 4) has to decide without knowing what follows. It needs
# little memory: where the stretch above `low` began, whether it has reached `high`, and where the last event ended. A
# bark whose score dips for a moment must not ring twice, so an event is handed on only when the gap behind it is longer
# than `gap` frames. That is **de-bouncing**, as in the electronics of a push button.

# %%
def track(scores, high, low, gap):
    begin = end = first = None                  # event so far, and the stretch that goes on
    risen, frame = False, -1
    for frame, score in enumerate(scores):
        if score >= low:
            first, risen = frame if first is None else first, risen or score >= high
            continue
        if risen:                               # the stretch ends here; it joins the event before, if that still waits
            begin, end = first if begin is None else begin, frame
        first, risen = None, False
        if end is not None and frame + 1 - end > gap:
            yield begin, end
            begin = end = None
    if risen:                                   # the stream ends
        begin, end = first if begin is None else begin, frame + 1
    if end is not None:
        yield begin, end


# %%
scores = np.array([0.1, 0.4, 0.9, 0.2, 0.8, 0.1, 0.1, 0.1, 0.4, 0.5, 0.1, 0.1, 0.9])
for what, (low, gap) in {"one threshold": (0.6, 0), "hysteresis": (0.3, 0), "and de-bounced": (0.3, 2)}.items():
    print(f"{what:15}: {list(track(scores, 0.6, low, gap))}")

# %% [markdown]
# `stream.Listener` puts it together: resampling, ring buffer, gate, your scores, median filter, `track` for each class.
# `feed` takes a block and returns the events that are complete; `open` says what is going on right now.
#
# ## First a bar to beat: the level
# Any function from a window to scores will do. The simplest: its level. -100 dBFS becomes 0, 0 dBFS becomes 1. It is
# named after the most frequent class.

# %%
most = scenes.events[scenes.events["clip_id"].isin(train["clip_id"])]["label"].mode()[0]
matching = {"classes": classes, "collar": collar, "use_offset": scenes.has_offsets}


def truth_of(rows):
    return scenes.events[scenes.events["clip_id"].isin(rows["clip_id"])]


def level(window):
    return 1 + np.maximum(windows.levels_db(window[np.newaxis]), -100.0) / 100


def heard_by(make_listener, rows):
    found = [event for row in rows.itertuples()
             for event in stream.listen(make_listener(row.clip_id), blocks_of(scenes.load(row)[0], 1600))]
    return stream.to_table(found)


# %%
from helpers import metrics

for high in (0.7, 0.8):
    loud = {"classes": [most], "window": 4 * hop, "hop": 2 * hop, "high": high, "max_gap": 4 * hop,
            "points": not scenes.has_offsets}
    found = heard_by(lambda clip_id, loud=loud: stream.Listener(level, clip_id=clip_id, **loud), valid)
    print(f"above {100 * high - 100:.0f} dBFS: {len(found):4d} events, "
          f"F1 {metrics.event_f1(truth_of(valid), found, **matching):.2f}")

# %% [markdown]
# ## The network
# The small CNN of notebook 4 (its recurrent sister looks ahead through the whole window, and does not fit into 8 bits).
# Trained as there, on windows of 128 frames. It has no idea how long a window is, so it may listen with shorter ones:
# we will try that.

# %%
from helpers import augment


def normalised(pictures, rng=None):
    return features.normalise(pictures)


fit_on = models.scene_windows(scenes, train)
network = models.frame_cnn(settings["n_mels"], len(classes), pool=pool)
batches = -(-len(fit_on.log_mels) // 16)
history = models.fit(network, fit_on.log_mels, fit_on.targets, epochs=-(-steps // batches), batch_size=16,
                     learning_rate=3e-3, positive_weight=2.0, mix=augment.overlay, augment=normalised)
print(f"{network.count_params()} weights; loss {history['loss'][0]:.3f} at first, {history['loss'][-1]:.3f} at last")

# %% [markdown]
# ## How long may a window be?
# The longer a window, the more the network hears at once, and the later it answers. Here is the price, on validation.
#
# A frame of scores is certain when the last window that covers it is full: **one window** after the frame began, at
# most. On top come half the frames of the median filter, the shortest event that counts, and what a resampler holds
# back. The hop does not add to that; it says how often answers come, and for how many frames the wait is shorter.

# %%
decoding = {"low": 0.3, "median": 3, "max_gap": 2 * hop, "min_duration": 2 * hop, "points": not scenes.has_offsets}
parts = {frames: models.scene_windows(scenes, valid, window_frames=frames) for frames in (32, 64, 128)}
curve = []
for frames, part in parts.items():
    found = models.detect(models.scene_scores(network, part), classes=classes, hop=part.hop, high=0.5, **decoding)
    waits = stream.latency(stream.scene_listener(network, classes=classes, frame_hop=hop, window_frames=frames,
                                                 **decoding))
    curve.append({"frames": frames, "window, s": waits.window, "alarm after at least, s": waits.alarm_at_least,
                  "at most, s": waits.alarm_at_most, "F1": metrics.event_f1(truth_of(valid), found, **matching)})
print(pd.DataFrame(curve).to_string(index=False, float_format="{:.2f}".format))

# %% [markdown]
# Read it upwards: a quarter of the window costs little of the F1, if anything, and the alarm comes four times sooner.
# What such a network needs to see is a fraction of a second; only the normalisation gains from more. We go on with 32
# frames. Where a second is too late, take fewer, and train with such windows too.

# %% [markdown]
# ## Into a file, and out of Keras
# Keras' own `predict` is made for thousands of windows at once. Asked for a single one, it spends most of its time on
# getting ready. **LiteRT** (once called TensorFlow Lite) is a small runtime that does nothing but compute a network
# that is finished. First the network goes into a file. A `.keras` file holds a description and numbers: no pickle, so
# it cannot run code when somebody else opens it.

# %%
import tempfile
from pathlib import Path

from helpers import export

frames = 32
folder = Path(tempfile.mkdtemp())
saved = export.save_model(network, folder / "detector.keras")
again = export.load_model(saved)
(folder / "detector.tflite").write_bytes(export.to_litert(again, n_frames=pool * frames))
small = export.LiteModel(folder / "detector.tflite")
print(f"{saved.name}: {saved.stat().st_size / 1000:.0f} kB;", small)

picture = stream.scene_pictures(frame_hop=hop, window_frames=frames)
cut, starts = windows.split(scene, sr=sr, window=frames * hop, hop=frames * hop / 2)
one_by_one = np.stack([small.one(picture(window)) for window in cut])
together = models.predict(network, np.stack([picture(window) for window in cut]))
print(f"one by one against all at once in Keras: scores differ by up to {np.abs(one_by_one - together).max():.1e}")

# %% [markdown]
# ## The stream equals the recording
# The test that matters. The recording goes the way of notebook 4: cut, score, merge, events. The stream goes through
# the listener, in blocks of four sizes. Both ask the same small network one window at a time, and both tables have to
# be the same to the last bit.

# %%
from helpers import events


def listener(high=0.5, clip_id="live", **changes):
    return stream.scene_listener(small.one, classes=classes, frame_hop=hop, window_frames=frames, high=high,
                                 clip_id=clip_id, **{**decoding, **changes})


live = windows.live(cut)[:, np.newaxis, np.newaxis]
merged = events.merge_windows(one_by_one * live, starts, hop=hop, duration=len(scene) / sr)
on_recording = events.from_scores(merged, classes=classes, hop=hop, clip_id="live", high=0.5, **decoding)
for size in (1, 160, 777, 16000):
    on_stream = stream.to_table(stream.listen(listener(), blocks_of(scene, size)))
    print(f"blocks of {size:5d}: {len(on_stream)} events, the same table:", on_stream.equals(on_recording))

# %%
plots.show(
    plots.frame_scores(merged, hop=hop, classes=classes, high=0.5, low=0.3, events=truth),
    f"Scores of each class over the scene, with the {len(truth)} true events and the two thresholds.",
)
print(on_stream.head(12).to_string(index=False))

# %% [markdown]
# ## As it happens
# Now with a clock. The scene is written to a file at 48 kHz, as a phone would record it, and played to the listener
# four times faster than real (`speed=1` is real time). Each line is printed at the moment at which the listener knows
# it. "Now" is the time in the stream. Two things are told, each late in its own way:
#
# - a sound that **goes on** ("since"): from its onset to now is what the last line calls "alarm after";
# - an event that is **over** and handed on: count from its end, and compare with "handed on". A short one that begins
#   and ends between two looks gets this line alone, and so comes later after its onset than any alarm.

# %%
from helpers import audio as sound

phone = folder / "phone.wav"
sound.save_audio(phone, sound.resample(scene, orig_sr=sr, target_sr=48_000), sr=48_000)
source = stream.from_file(phone, speed=4)
hear, before = listener(source_sr=source.sr), set()
for block in source:
    done = hear.feed(block)
    for label in sorted(set(hear.open) - before):
        print(f"now {hear.seconds:5.2f} s: {label} since {hear.open[label]:.2f} s")
    for event in done:
        print(f"now {hear.seconds:5.2f} s: {event.label} from {event.onset:.2f} to {event.offset:.2f} s is over")
    before = set(hear.open)
print(f"left at the end: {len(hear.finish())}\n{stream.latency(hear)}")

# %% [markdown]
# Are these the events of the table above? Not exactly: near a threshold some come and some go. (And were those the true
# ones? Look at the figure: which was missed, which is false?) The detour over 48 kHz takes away what lies just below 8
# kHz, and near a threshold that decides. So train with sound that went the same way as the device's will. (A block
# lasts 0.1 s here, and the listener looks once a block: that comes on top of the latency.)
#
# ## How much of a processor?
# The **real-time factor** is processor time over time of sound. Below 1 it keeps up; at 0.01 one core could follow a
# hundred microphones. The stored table compares one window in three runtimes, side by side: against `model.predict` the
# ratio is huge, because most of that is `predict` getting ready. Against a compiled `tf.function` it is what LiteRT
# really brings.

# %%
import time

from helpers import measured

begin = time.process_time()
for _ in range(3):
    hear = listener()
    found = list(stream.listen(hear, blocks_of(scene, 1600)))
spent = time.process_time() - begin
print(f"here: real-time factor {spent / (3 * len(scene) / sr):.4f}, "
      f"{1000 * spent / (3 * hear.n_scored):.1f} ms a window")
rows = measured.stored("stream")["rows"]
stored = pd.Series({f"{row['what'].split(': ')[1]} ({row['unit']})": row["value"] for row in rows
                    if row["what"].startswith("windows of 1.28 s") and "largest" not in row["what"]})
print(stored.to_string(float_format="{:.4g}".format))

# %% [markdown]
# ## How often for nothing?
# A listener that runs all day meets what the test set never held. So it listens to long recordings in which none of its
# events happens, each with a listener of its own, and every event is a **false alarm**. (Where the data has no such
# recordings, we count in the validation scenes, against what is labelled there.)

# %%
quiet = scenes.negatives if len(scenes.negatives) else valid
false = {}
seconds = 0.0
for high in (0.5, 0.7, 0.9):
    listeners = {row.clip_id: listener(high, row.clip_id, low=0.6 * high) for row in quiet.itertuples()}
    false[high] = heard_by(listeners.get, quiet)
    seconds = sum(each.seconds for each in listeners.values())
    an_hour = metrics.false_alarms_per_hour(truth_of(quiet), false[high], duration=seconds, collar=collar,
                                            use_offset=scenes.has_offsets)
    low, up = metrics.rate_interval(round(an_hour * seconds / 3600), seconds)
    print(f"threshold {high}: {an_hour:4.0f} false alarms an hour ({low:.0f} to {up:.0f}), "
          f"from {seconds / 60:.0f} minutes")

# %% [markdown]
# Far too many for anything that wakes somebody up. The embedded negatives are full of what comes close, on purpose; and
# a network that learned for half a minute is easily fooled. What helps, in this order: these very recordings as
# training data without events (and counting on *other* ones afterwards), more steps, a higher threshold. And count
# again where the device will hang.
#
# ## Listen to the errors
# The ten seconds with the surest of them. Click one: what did it take for what?

# %%
surest = false[0.5].loc[false[0.5]["score"].idxmax()] if len(false[0.5]) else None
row = quiet.iloc[0] if surest is None else quiet[quiet["clip_id"] == surest.clip_id].iloc[0]
long, _ = scenes.load(row)
start = 0 if surest is None else int(np.clip(surest.onset - 5, 0, max(0, len(long) / sr - 10)))
near = false[0.5][(false[0.5]["clip_id"] == row.clip_id) & false[0.5]["onset"].between(start, start + 10)]
near = near.assign(onset=near["onset"] - start, offset=near["offset"] - start)
there = truth_of(quiet).query("clip_id == @row.clip_id and onset >= @start and onset < @start + 10")
eventroll.event_roll(long[start * sr:(start + 10) * sr], sr=sr, detected=near, classes=classes,
                     events=there.assign(onset=there["onset"] - start, offset=there["offset"] - start),
                     title=f"{row.clip_id} from second {start}, what was heard")

# %% [markdown]
# ## Smaller: 8 bits
# The weights are floats of 32 bits. A microcontroller often has no floats at all, and little memory. So weights and
# everything between the layers are rounded to whole numbers of 8 bits: a quarter of the bytes. (The file also holds the
# plan of the network, which does not shrink.) The converter has to see some **representative** pictures, to learn which
# range each layer needs. Take them from training, all kinds: what lies beyond their range is clipped later.

# %%
rng = np.random.default_rng(10)
some = rng.choice(len(fit_on.log_mels), 100, replace=False)
begin = rng.integers(0, 96, 100) * pool
representative = features.normalise(np.stack([fit_on.log_mels[k, :, at:at + pool * frames]
                                              for k, at in zip(some, begin, strict=True)]))
whole_numbers = export.to_litert(again, kind="int8", representative=representative, n_frames=pool * frames)
tiny = export.LiteModel(whole_numbers)

pictures, table = features.normalise(parts[frames].log_mels), []
floats = small.predict(pictures)
for name, form in {"float": small, "int8": tiny}.items():
    begin = time.process_time()
    form_scores = form.predict(pictures)
    spent = 1000 * (time.process_time() - begin) / len(pictures)
    found = models.detect(models.merge_scenes(form_scores, parts[frames]), classes=classes, hop=parts[frames].hop,
                          high=0.5, **decoding)
    table.append({"form": name, "kB": form.n_bytes / 1000, "CPU ms a window": spent,
                  "F1": metrics.event_f1(truth_of(valid), found, **matching),
                  "largest change": np.abs(form_scores - floats).max(),
                  "frames decided alike": ((form_scores > 0.5) == (floats > 0.5)).mean()})
print(pd.DataFrame(table).to_string(index=False, float_format="{:.4f}".format))

# %% [markdown]
# Scores move by some hundredths, the decisions hardly. Look at F1 on your own data before you believe it, and at the
# rare classes first. The time says nothing about a small device: this computer is made for floats, and may well be
# slower with whole numbers.
#
# ## Which front end is in the file?
# Most faults on devices lie *before* the network: it was trained on one kind of spectrogram, and the firmware computes
# another. Nothing complains; it just hears badly. So the front end, too, can go into the file, built from layers that
# do exactly what `features.log_mel` and `features.normalise` do. It stays in floats: the powers of a sound span ten
# decimal places, and 8 bits hold two.

# %%
window_samples = round(frames * hop * sr)
whole = export.with_front_end(again, sr=sr, window_samples=window_samples, n_frames=pool * frames, **settings)
ears = export.LiteModel(export.to_litert(whole))
from_samples = np.stack([ears.one(window) for window in cut])
print(ears)
print(f"largest difference of a score to the notebook's own front end: {np.abs(from_samples - one_by_one).max():.1e}")
files = pd.DataFrame([
    ("float", "no: pictures go in", small.n_bytes), ("int8", "no: pictures go in", tiny.n_bytes),
    ("float, with front end", "yes: samples go in", ears.n_bytes)], columns=["file", "front end in it", "bytes"])
print(files.to_string(index=False))

# %% [markdown]
# `keras.layers.MelSpectrogram` would have been shorter to write, and wrong: another mel scale, bands of equal height,
# other padding at the edges, and all that lies 80 dB below the loudest value is cut off. The network would be deaf on
# the device. Whatever computes your pictures there: feed both sides the same second of sound and compare numbers.
#
# ## What a microcontroller needs
# The file stays in **flash**. What flows between the layers needs working **memory**: the most that exists at one time.
# The ring buffer comes on top, and so does the runtime. Multiplications decide how long a window takes.

# %%
of_one_frame = export.front_end(settings["n_fft"], sr=sr, centred=False, normalise=False, **settings)
forms = {"float": small.content, "int8": tiny.content, "float with front end": ears.content,
         "front end of a single frame": export.to_litert(of_one_frame)}
for name, content in forms.items():
    print(f"{name}: {export.memory_sheet(content)}")
ring = 2 * window_samples
print(f"ring buffer, 16-bit samples: {ring / 1024:.0f} KiB")
sheet = export.memory_sheet(tiny.content)
print(sheet.steps.groupby("operator", sort=False)["multiply_adds"].agg(["size", "sum"]).to_string())
mega = sheet.multiply_adds / 1e6 / (frames * hop / 2)
print(f"{mega:.1f} million multiply-adds for each second of sound, at half overlap")

# %% [markdown]
# Divide by what the maker of your processor promises, and halve that: the sheet says whether it can keep up at all, not
# how fast it is. The front end of a whole window wants so much memory because all its frames are there at once. A small
# device takes the last one of the list for each frame as it comes in, keeps the last columns, and normalises those. If
# memory is still lacking: fewer frames, fewer mel bands, fewer filters (`width=8`), in this order.

# %% [markdown]
# ## Into firmware
# **TensorFlow Lite Micro**, for any 32-bit processor: the file becomes an array in C, compiled into the program.
# Register the operators of the table above, give it an arena somewhat larger than the sheet says, and call it for each
# window.
#
# **STM32 with X-CUBE-AI** (now STM32Cube.AI, by ST): choose the `.tflite` file in STM32CubeMX, *Analyze* for memory and
# time, *Validate on target* to compare the device with the file, *Generate code* for C.
#
# Either way check the front end first, above all one that was copied from an example.

# %%
source_c = export.c_array(whole_numbers, name="detector")
(folder / "detector.c").write_text(source_c, encoding="utf-8")
print(*source_c.splitlines()[:9], "...", source_c.splitlines()[-1], sep="\n")
print(f"{len(source_c) / 1000:.0f} kB of C for {len(whole_numbers) / 1000:.0f} kB of network")

# %% [markdown]
# ## Write down what was heard
# Months later somebody asks: which device, when, which model said so? Three kinds of **record** answer: what a *device*
# heard at a moment, what is in a stretch of a *recording*, what a *spectrogram* shows. One line of JSON each, written
# in one piece: a program that is killed loses the record it was writing, and no other. pandas reads the file back.

# %%
from datetime import UTC, datetime, timedelta

from helpers import records

log, begun = folder / "heard.jsonl", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
log.unlink(missing_ok=True)
for event in stream.listen(listener(), blocks_of(scene, 1600)):
    result = records.ClassificationResult(label=event.label, score=event.score, model="detector.tflite")
    records.append(log, [
        records.DeviceClassification(device="yard-1", time=begun + timedelta(seconds=event.onset), result=result),
        records.AudioClassification(audio_clip=busiest.clip_id, onset=event.onset, offset=event.offset, result=result)])
shown = records.SpectrogramClassification(
    spectrogram={"clip_id": busiest.clip_id, "start": 0.0, "sr": sr, **settings},
    result=records.ClassificationResult(label=classes[0], score=float(merged[:frames, 0].max())))
records.append(log, shown)
heard = records.read(log)
columns = ["kind", "time", "device", "audio_clip", "onset", "spectrogram.clip_id", "label", "score"]
print(pd.concat([heard.head(4), heard.tail(1)])[columns].to_string(index=False, na_rep="-"))

# %% [markdown]
# ## Your microphone
# Set `microphone = True` at the top. It needs the package `sounddevice` and a microphone on the computer that runs this
# notebook (on Binder that is a machine far away, without ears). A pipe does as well:
# `stream.from_pipe(sys.stdin.buffer, sr=16000)` behind any program that writes raw samples.

# %%
if microphone:
    try:
        source = stream.from_microphone(seconds=10)
        hear = listener(source_sr=source.sr)
        for event in stream.listen(hear, source):
            print(f"{hear.seconds:5.1f} s: {event.label} from {event.onset:.2f} to {event.offset:.2f} s")
        print(f"{hear.n_scored} windows scored, {hear.n_silent} below the gate")
    except stream.MicrophoneError as error:
        print(error)
else:
    print("microphone = False: nothing was recorded")

# %% [markdown]
# ## What have we learned?
# - **Blocks become windows** in a ring buffer: a whole window first, then one hop at a time.
# - **A stream equals its recording** only if nothing looks into the future: gate and normalisation by the window.
# - **Latency** is a window, half the median filter, the resampler, and the shortest event that counts; the hop sets how
#   often answers come.
# - **Cost and nuisance**: the real-time factor, and false alarms an hour on long recordings where nothing happens.
# - **Small**: LiteRT for single windows, 8 bits for small devices, the front end in the file or checked by hand.

# %%
exercises.quiz(
    "You halve the hop and keep the window. What happens to the longest wait for an alarm?",
    {
        "It stays: the last window that covers a frame ends as late as before": True,
        "It halves": "Answers come twice as often, but the window still has to be full.",
        "It doubles": "The work doubles; the wait does not.",
    },
    explain="A frame is certain when every window that covers it has been scored, and the last of them begins with it. "
    "What gets shorter is the difference between a lucky and an unlucky frame.",
)

# %%
exercises.quiz(
    "In the notebook the int8 network hears well. On the device it hears nothing. Where do you look first?",
    {
        "At the front end: give both the same second of sound and compare the pictures": True,
        "At the 8 bits: they lose too much": "The notebook's int8 file is the same, to the byte, and it hears well.",
        "At the microphone: it must be a better one": "Maybe later. First compare numbers on the same samples.",
    },
    explain="Another mel scale, magnitudes for powers, a missing logarithm: the network never met such pictures.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - A stream has gaps: a sound card that is not read in time loses samples, and all times behind shift. Log it.
# - Microphones differ. Record with the one that will listen, and train with that.
# - Ten minutes without an alarm say little: up to 22 an hour are in keeping with none.
# - Listening all day in public or at work is a matter of law first. Keep events, not sound.
#
# ## Next
# - `frames = 16`: which class suffers first? Train with `window_frames=16`, and ask again.
# - Notebook 9 watches a stream for change, notebook 11 listens to a year of recordings.
#
# Sources: the silence gate, hysteresis and windows are those of notebooks 2 and 4; quantisation after Jacob and others
# (CVPR 2018). The data is named below the first cell.
