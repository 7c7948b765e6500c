# %% [markdown]
# # 11. Scale out
# **A year of recordings does not fit into a loop. Give the same work to many, lose nothing, and know beforehand what it
# costs.**
#
# After this notebook you can
#
# - embed a folder of recordings on a cluster, and get the same bits as from one process,
# - find every file that could not be read in a list, and compute only what is missing when you run it again,
# - keep the result on disk or in an object store, and search it exactly or nearly so,
# - write a cost sheet: core-hours, bytes and money for a year of your site.
#
# You need: notebook 1, and from notebook 6 what an embedding and a search are. About 45 minutes, of which the computer
# works for one. No download, no cloud. Three exercises check themselves: the size of a chunk, recall, and the costs of
# a site. For real recordings set `MACHINE_HEARING_CLIPS=esc10`, or the path of a folder of your own, before you start
# JupyterLab (notebook 0 says how).

# %%
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import batch, datasets, embeddings, exercises, listen, plots, search, windows
from helpers.audio import level_db, load_audio
from helpers.checks import AudioFileError

n_clips = 120          # how many recordings the folder gets
n_workers = 2          # processes of the cluster
by = "embedded"        # who turns sound into vectors; or "statistics", "yamnet"
core_hour, gb_month = 0.04, 0.02      # what you pay: a core for an hour, 10**9 bytes for a month, in your money
my_site = {"microphones": 3, "hours a day": 8}

sounds = datasets.load_clips()
print(sounds)          # which data this is, and how to switch
embedder = embeddings.load_embedder(by)
print(embedder)

# %% [markdown]
# ## What grows
# One second of sound at 16 kHz and 16 bit has 32 000 bytes. That is little. A microphone that never sleeps records 31.6
# million of them a year.
#
# What we compute grows as well, and not always to something smaller. With windows of a second every half second, each
# moment is in two windows. A log-mel picture of 64 bands and 32 frames, four bytes a number, is a quarter of its
# second of sound; a vector of an embedder is smaller. How much is it in a year?

# %%
hours = {"one hour": 1, "one day": 24, "one microphone, one year": 8766, "a hundred microphones": 876_600}
bytes_an_hour = {"sound": 2 * 16_000 * 3600, "log-mel pictures": 2 * 3600 * 64 * 32 * 4,
                 f"vectors of {embedder.name}": 3600 / embedder.hop * embedder.n_dims * 4}
table = pd.DataFrame({what: {name: n * each / 1e9 for name, n in hours.items()}
                      for what, each in bytes_an_hour.items()})
print("gigabytes (10**9 bytes)")
print(table.to_string(float_format="{:,.2f}".format))

# %% [markdown]
# The sound itself is the largest part, then pictures, then vectors. Three things grow with the hours: **sound** to
# keep, **vectors** to search, **work** to do. And a fourth: whatever goes wrong once in ten thousand files goes wrong
# every day.
#
# ## A folder as a recorder leaves it
# We make a small one: copies of our clips, as three microphones would have named them. One was being written when the
# battery died: 30 bytes are there. One was copied twice. It lies in a temporary place, which goes when the kernel does.

# %%
workplace = tempfile.TemporaryDirectory(prefix="machine-hearing-", ignore_cleanup_errors=True)
place = Path(workplace.name)
folder = place / "recorder"
drawn = sounds.clips.sample(min(n_clips + 2, len(sounds.clips)), random_state=11).reset_index(drop=True)
drawn, spare = drawn.iloc[:-2], drawn["path"].iloc[-2:].tolist()          # two to come later
names = [f"microphone-{number % 3 + 1}/{number:04d}{Path(path).suffix}" for number, path in enumerate(drawn["path"])]
clips = drawn.assign(clip_id=names)[["clip_id", "path", "label", "source"]]
for name, path in zip(clips["clip_id"], clips["path"], strict=True):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, folder / name)
ending = Path(names[0]).suffix
(folder / f"microphone-2/battery-died{ending}").write_bytes((folder / names[0]).read_bytes()[:30])
shutil.copyfile(folder / names[0], folder / f"microphone-3/copied-again{ending}")
paths = sorted(path for path in folder.rglob("*") if path.is_file())
print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB, for example "
      f"{paths[0].relative_to(folder).as_posix()}")

# %% [markdown]
# Listen to three of them, one of each microphone.

# %%
shown = clips.iloc[:3]
plots.show(plots.class_grid(sounds, shown, columns=3),
           "Log-mel spectrograms of three of the recordings: " + ", ".join(shown["label"]).replace("_", " ") + ".")
listen.grid(sounds, shown, columns=3, captions=shown["clip_id"].tolist())

# %% [markdown]
# ## The loop
# What is done with one recording fits into four lines: load, cut into whole windows, embed. (A recording shorter than a
# window is filled up with silence, the rest after the last whole window is left out.)
#
# Around it a loop. What matters is the `except`: **one bad file must not stop the rest, and must not vanish**. Without
# it, the loop dies at file 9 412 on the second night. With `except: pass` nobody learns what is missing. So name and
# reason are noted. And we catch the one error that means "this file cannot be read": a slip in our own code shall still
# stop us.

# %%
def embed_recording(path, embedder):
    audio, _ = load_audio(path, sr=embedder.sr)
    short = len(audio) < embedder.window * embedder.sr
    cut, starts = windows.split(audio, sr=embedder.sr, window=embedder.window, hop=embedder.hop, pad=short)
    return starts, embedder.embed_windows(cut)


def embed_all(paths, embedder):
    found, failures = {}, {}
    for path in paths:
        try:
            found[path] = embed_recording(path, embedder)
        except AudioFileError as error:
            failures[path] = str(error)
    return found, failures


# %%
start = time.perf_counter()
found, failures = embed_all(paths, embedder)
loop_seconds = time.perf_counter() - start
print(f"{len(found)} recordings, {sum(len(vectors) for _, vectors in found.values())} windows, {loop_seconds:.1f} s")
for path, reason in failures.items():
    print(f"{path.name}: {reason.split('; got ')[-1][:70]}")

# %% [markdown]
# ## What a loop does not do
# - It uses one core.
# - It keeps everything in memory. If it is stopped before the end, all is lost.
# - Started again, it starts from the beginning.
# - It computes the same content twice when a file was copied.
#
# `batch.extract` puts these four right. It names the *content* of each recording by a checksum, and computes what it
# has no result for: for this content, by this embedder, with these settings, by this version of the code. Results go to
# Parquet files (tables that many programs read), one for each **chunk** of recordings, which get their name when they
# are whole.

# %%
target = place / f"alone-{time.time_ns()}"            # a new one, should you run this cell again
alone = batch.extract(folder, target, embedder=by)
print(alone)
for path, problem in alone.failures.itertuples(index=False):
    print(f"{path}: {problem.split('; got ')[-1][:70]}")
print(alone.duplicates.to_string(index=False))

# %% [markdown]
# Is that what our loop found? The vectors should not be nearly the same, but the same, bit for bit. "Nearly" would mean
# that somewhere something is done differently, and nobody would know what.

# %%
rows, vectors = batch.read(alone.place)
print(rows.head(3).to_string(index=False, max_colwidth=40))
same = [np.array_equal(found[folder / name][1], vectors[(rows["clip_id"] == name).to_numpy()])
        for name in rows["clip_id"].unique()]
print(f"{sum(same)} of {len(same)} recordings with the same bits as in the loop")
print("failed files listed:", set(alone.failures["path"]) == {path.relative_to(folder).as_posix() for path in failures})

# %% [markdown]
# ## A cluster
# Two kinds of processes. **Workers** do what they are told, each in a process of its own. A **scheduler** keeps a list
# of what is to be done, hands it out, and notices when a worker dies. We are the **client**: we say what we want.
#
# We use Dask. Ours runs on this computer and talks to itself only (the address begins with 127.0.0.1); a real one has
# its workers on many machines. The program is the same. Only the next line changes: the address of a scheduler in place
# of a local cluster.

# %%
start = time.perf_counter()
client = batch.local_cluster(n_workers)
print(f"scheduler at {client.scheduler.address}, started in {time.perf_counter() - start:.1f} s")
print(f"this process is number {os.getpid()}, the workers are {sorted(client.run(os.getpid).values())}")

# %% [markdown]
# ## Futures
# `client.submit(function, argument)` sends a function and its argument to a worker and returns at once. What it returns
# is a **future**: a slip with which the result can be fetched later. The result stays with the worker until then.
#
# A function that fails does not stop the others. The error lies in its future, until somebody asks for it. So somebody
# has to ask: `client.gather(futures)` would raise the first error and tell of no other.
#
# Here ten recordings and the broken one; each task measures a level.

# %%
def measured(path):
    return level_db(load_audio(path)[0])


broken = [path for path in paths if path in failures]
futures = {path: client.submit(measured, path) for path in [*paths[:10], *broken]}
for path, future in futures.items():
    error = future.exception()           # waits until this one is done
    told = f"{future.result():6.1f} dBFS" if error is None else f"{type(error).__name__}"
    print(f"{path.relative_to(folder).as_posix():34} {told}")

# %% [markdown]
# What is sent to a worker?
#
# - **Names, not sounds.** A path is a hundred bytes. Workers read for themselves.
# - **Functions that can be imported.** A worker is a fresh Python that knows nothing of your notebook. (Small functions
#   such as ours are packed up and sent; do not rely on it for large programs.)
# - **Little comes back.** Workers write results where they belong, and return: done, or why not.
#
# And one thread each: ten workers with ten threads each are a hundred threads on ten cores.
#
# ## The folder, on the cluster
# The same call with `scheduler=`, which also takes an address: `"tcp://10.0.0.5:8786"`. (With `n_jobs=2` two processes
# of this machine would do it without a scheduler. For one machine that is all you need.)

# %%
spread = batch.extract(folder, place / "spread", embedder=by, scheduler=client, chunk=10)
print(spread)
print("could not be read:", spread.failures["path"].tolist())
rows_too, vectors_too = batch.read(spread.place)
print("same rows:", rows.equals(rows_too))
print("same bits:", vectors.tobytes() == vectors_too.tobytes())
print("same failures:", alone.failures.equals(spread.failures))

# %% [markdown]
# Who computed what, in which order, in chunks of which size: nothing of it may show. That is so because each recording
# is computed by itself, and because its rows are sorted when they are read.
#
# How much faster was it? Look at three figures: seconds on the clock, processor seconds of the workers, and what the
# loop took.

# %%
print(pd.DataFrame({
    "the loop": {"seconds on the clock": loop_seconds},
    "extract, one process": {"seconds on the clock": alone.wall_s, "processor seconds": alone.cpu_s},
    f"extract, {n_workers} workers": {"seconds on the clock": spread.wall_s, "processor seconds": spread.cpu_s},
}).T.to_string(float_format="{:.2f}".format, na_rep="-"))
print(f"cores of this machine: {os.cpu_count()}")

# %% [markdown]
# Perhaps not faster at all. In their first job the workers load their libraries, and two workers on two cores share
# them with the scheduler, with this notebook, and with whatever else runs. A cluster is worth its while when the work
# takes far longer than starting it: hours, not seconds. The **processor seconds** are the honest measure of the work,
# and what a bill is made of.
#
# Here are stored measurements of a longer run, with warm workers. (Clips a second depend on what else that machine was
# doing.) Even so, two workers on its two cores are no faster than one process, and the same work costs more processor
# seconds: caches are shared, results are packed and sent. A cluster pays with more machines, not on this one.

# %%
from helpers import measured

stored = measured.stored("batch")
print(f"{stored['data']}\non {stored['machine']['processor']}, {stored['machine']['cores']} cores\n")
for line in stored["rows"]:
    if line["unit"] in ("clips/s", "CPU s an hour", "s"):
        print(f"{line['value']:8.1f} {line['unit']:14} {line['what']}")

# %% [markdown]
# ## Again
# Run it again and nothing is computed: unchanged files are not even read. That is also what happens after an
# interruption. Parts that were written count; the rest is done.
#
# Then the recorder brings one more recording, one is renamed, and one is replaced by another sound. What has to be
# computed? Guess before you run the cell.

# %%
again = batch.extract(folder, target, embedder=by, scheduler=client, progress=False)
print("unchanged:", again)
changed = place / "changed"
shutil.copytree(folder, changed, dirs_exist_ok=True)
(changed / names[1]).replace(changed / f"another-name{ending}")
shutil.copyfile(spare[0], changed / names[2])                      # replaced
shutil.copyfile(spare[1], changed / f"one-more{ending}")           # new
third = batch.extract(changed, target, embedder=by, scheduler=client, progress=False)
print("changed:  ", third)
print("computed: ", third.new["path"].tolist())

# %% [markdown]
# What if a worker dies, because its memory is full or a library crashes on one strange file? Its work is given to
# another. If that dies too, and the next, the recordings of the chunk are tried one by one. The one that kills goes to
# the list of failures, and no other.
#
# Some job is done twice then. That does no harm: a part is named after its content, so doing it twice is the same as
# doing it once. (The word for this is **idempotent**.)
#
# ## How large is a chunk?
# A job has a price of its own: handing it out, a file to write. So large chunks are cheaper. But with four workers and
# three chunks one has nothing to do; and what a dying worker loses is a chunk.

# %% [markdown]
# ### Your turn: the size of a chunk
# `n` recordings take `seconds` each. They are handed out `chunk` at a time, and each job takes `overhead` seconds more.
# `n_workers` work at once, in rounds: a round is over when all its jobs are.
#
# **Task:** write `wall_time(n, chunk, seconds, overhead, n_workers)`: the seconds on the clock. Let every round take as
# long as a full job, also the last one.
#
# **Hint:** how many jobs are there, and how many rounds? Both are rounded up: `math.ceil`, or `-(-a // b)`. A job never
# holds more than `n` recordings.
#
# **Expected:** a number; for 100 recordings of 0.5 s, 10 in a job, 0.25 s of overhead and 4 workers it is 15.75.

# %%
def wall_time(n, chunk, seconds, overhead, n_workers):
    # <solution>
    jobs = -(-n // chunk)
    rounds = -(-jobs // n_workers)
    return rounds * (overhead + min(chunk, n) * seconds)
    # </solution>


# %%
exercises.check_wall_time(wall_time)

# %% [markdown]
# And in fact? The same folder in chunks of three sizes. With one recording in each, the parts are many, and together
# larger: each table has a head. Look at the processor seconds; the clock has its moods. (The default is 32.)

# %%
sizes = {}
for chunk in (1, 12, len(paths)):
    run = batch.extract(folder, place / f"chunks-{chunk}-{time.time_ns()}", embedder=by, scheduler=client,
                        chunk=chunk, progress=False)
    parts = list(Path(run.place.address).glob("part-*"))
    sizes[f"{chunk} in a job"] = {"seconds on the clock": run.wall_s, "processor seconds": run.cpu_s,
                                  "parts": len(parts), "MB": run.n_bytes / 1e6}
print(pd.DataFrame(sizes).T.to_string(float_format="{:.2f}".format))

# %% [markdown]
# ## Into the sound index
# From here on it is notebook 6: the vectors go into a sound index on disk, a row for each window that is not silent,
# with the file and the seconds, so that a hit can be played. `fill_index` reads part by part, so more than memory holds
# is no problem. What is there already is not added again.

# %%
index = search.SoundIndex(place / "index", embedder=embedder)
about = clips.drop(columns="path")
print(f"{batch.fill_index(index, spread.place, clips=about)} new rows")
print(f"{batch.fill_index(index, spread.place, clips=about)} the second time")
query = clips.iloc[0]
hits = index.query(query["path"], k=30, exclude={"source": query["source"]}).drop_duplicates("clip_id").head(3)
print(hits[["rank", "distance", "clip_id", "start", "label"]].to_string(index=False, float_format="{:.3f}".format))

# %%
heard = pd.concat([clips.iloc[[0]], clips.set_index("clip_id").loc[hits["clip_id"]].reset_index()], ignore_index=True)
plots.show(plots.class_grid(sounds, heard, columns=4),
           f"The query, {query['label'].replace('_', ' ')}, and the three recordings whose windows are nearest: "
           + ", ".join(hits["label"]).replace("_", " ") + ".")
listen.grid(sounds, heard, columns=4, captions=["the query", *(f"distance {far:.3f}" for far in hits["distance"])])

# %% [markdown]
# ## The same in an object store
# Many machines need a place that all of them see. An **object store** is that: no folders, only names and contents,
# written as a whole and read over the network. Amazon's S3 made it common, and many others speak its language.
#
# Addresses tell the kind: `s3://bucket/prefix`, `gs://...`, `file:///folder`. The library fsspec knows them all, so our
# calls stay as they are. Here is a store for trying out, `memory://`, which lives in this process (so workers cannot
# see it, and we work alone). A bad file is met there as well.

# %%
import fsspec

store = fsspec.filesystem("memory")
for path in [*paths[:12], *broken]:
    store.pipe_file(f"/bucket/recorder/{path.relative_to(folder).as_posix()}", path.read_bytes())
stored_run = batch.extract("memory://bucket/recorder", "memory://bucket/results", embedder=by, progress=False)
print(stored_run)
for name in store.find("/bucket/results"):
    print(f"{store.size(name):8} bytes  {name}")
rows_there, vectors_there = batch.read(stored_run.place)
here = rows["clip_id"].isin(rows_there["clip_id"]).to_numpy()
print("same bits as from the folder:", vectors_there.tobytes() == vectors[here].tobytes())

# %% [markdown]
# The sound index takes an address, too. The same rows, the same query, the same answer:

# %%
in_store = search.SoundIndex("memory://", embedder=embedder, name="year")
batch.fill_index(in_store, spread.place, clips=about)
columns = ["rank", "distance", "clip_id", "start"]
answers = [one.query(query["path"], k=5)[columns] for one in (index, in_store)]
print("same answer from disk and store:", answers[0].equals(answers[1]))

# %% [markdown]
# With a real store and a real cluster that is (not run here: it needs both)
#
# ```python keys = {"key": "...", "secret": "...", "endpoint_url": "https://..."} outcome =
# batch.extract("s3://forest/2026", "s3://forest/vectors", embedder="embedded",
#                         scheduler="tcp://10.0.0.5:8786", source_options=keys, target_options=keys)
# index = search.SoundIndex("s3://forest/index", embedder=embedder, storage_options={...}) ```
#
# Every machine needs the package `s3fs` and the same version of these helpers: workers with another one are refused.
# Two things differ from a disk. Each read waits for the network, so few large objects are better than many small ones.
# And LanceDB keeps two writers apart on a disk, but not there: let one process fill the index.

# %% [markdown]
# ## When exact takes too long
# An exact search compares the query with all vectors. How long is too long? Let us make many: two of our windows mixed
# in random shares, and varied a little, until there are 12 000. That is less than two hours of sound. (Made-up
# neighbours are easier or harder to find than real ones: read the *form* of the curve, not its numbers.)
#
# An **approximate** index sorts them into cells, and opens only the cells nearest to the query.

# %%
rng = np.random.default_rng(11)
n_made = 12_000
one, other = vectors[rng.integers(len(vectors), size=(2, n_made))]
share, little = rng.random((n_made, 1), np.float32), rng.standard_normal((n_made, embedder.n_dims), np.float32)
made = share * one + (1 - share) * other + 0.5 * vectors.std(axis=0) * little
numbered = pd.DataFrame({"clip_id": np.arange(n_made).astype(str), "start": 0.0, "end": embedder.window})
large = search.SoundIndex(place / "large")
print(f"{large.add(numbered, made)} rows added")
start = time.perf_counter()
large.train()
print(f"cells made in {time.perf_counter() - start:.1f} s")

# %% [markdown]
# ### Your turn: recall at k
# What did the approximate search miss? Ask both for the `k` nearest. **Recall at k** is the share of the exact ones
# that the approximate search found too, over all queries. Their order does not matter.
#
# **Task:** write `recall_at_k(found, exact)`. Both are tables of row numbers, one row for each query. `found` may have
# fewer columns.
#
# **Hint:** go through the rows of both together, with `zip`. For one query, `np.isin(exact_row, found_row)` says which
# of the exact ones were found.
#
# **Expected:** a number from 0 to 1; if `[4, 7, 1]` was found instead of `[4, 9, 2]`, it is a third.

# %%
def recall_at_k(found, exact):
    # <solution>
    return np.mean([np.isin(exact_row, found_row).mean() for found_row, exact_row in zip(found, exact, strict=True)])
    # </solution>


# %%
exercises.check_recall_at_k(recall_at_k)

# %% [markdown]
# Two knobs. `nprobes` is how many cells are opened. `refine` is for the second look: in the cells lie vectors rounded
# to one bit a number; `refine` times `k` candidates are measured again with all their bits.
#
# `index.recall` asks some rows, drawn at random, both ways. Beside it, the time of one query.

# %%
def milliseconds(asked, **settings):
    start = time.perf_counter()
    for one in asked:
        large.query(one, k=10, **settings)
    return 1000 * (time.perf_counter() - start) / len(asked)


asked = made[rng.choice(n_made, 20, replace=False)]
milliseconds(asked[:1])                             # the first one reads everything into memory
trade, curves = {"exact": (milliseconds(asked), 1.0)}, {}
for refine in (1, 10):
    points = curves[f"refine = {refine}"] = {}
    for nprobes in (1, 3, 10, 30):
        settings = {"nprobes": nprobes, "refine": refine}
        points[nprobes] = large.recall(k=10, n_queries=30, rng=np.random.default_rng(0), **settings)
        trade[f"{nprobes} cells, refine {refine}"] = milliseconds(asked, approximate=True, **settings), points[nprobes]
print(pd.DataFrame(trade, index=["ms", "recall"]).T.to_string(float_format="{:.2f}".format))
told = [f"{name} from {min(points.values()):.2f} to {max(points.values()):.2f}" for name, points in curves.items()]
plots.show(plots.learning_curve(curves, x="Cells opened (nprobes)", y="Recall of the 10 nearest",
                                title="What the approximate search finds"),
           f"Recall over the number of cells opened: {'; '.join(told)}.")

# %% [markdown]
# More cells find more, until all is opened that matters. What the second look does is visible between the two lines.
#
# And the time? So few rows are searched exactly in one matrix product, and little is won, if anything. The approximate
# search wins from some hundred thousand rows on (`python -m benchmarks search` measures it), or when vectors do not fit
# into memory any more. Until then every miss is for nothing: **start exact**.
#
# ## What will it cost?
# We have measured what an hour of sound costs on this machine: processor seconds, windows, bytes of results. All else
# is multiplication.

# %%
measured = alone.measured()
print({name: float(f"{value:.3g}") for name, value in measured.items()})
sheet = batch.cost_sheet(measured, core_hour=core_hour, gb_month=gb_month, cores=16)
print(sheet.T.to_string(float_format="{:,.2f}".format))

# %% [markdown]
# **core_hours** is what computing takes, **days** how long sixteen cores have it if they never wait. **windows** are
# the rows of the index. **keeping** is a year of keeping both, sound and results.
#
# Which is the largest? For most prices it is keeping the sound: computing happens once, keeping every month. The sheet
# says so before somebody has spent a month on making the embedding twice as fast.
#
# These are short clips, one model, one machine. Measure an hour of your own recordings before you sign anything, and
# put a margin on it: reruns, copies, a better model next spring.

# %% [markdown]
# ### Your turn: the costs of a site
# **Task:** write `site_costs(microphones, hours_a_day, cpu_s, n_bytes, core_hour, gb_month)` for a year of 365 days.
# Each hour of sound takes `cpu_s` processor seconds and leaves `n_bytes` bytes. All the year's bytes are kept for
# twelve months.
#
# **Hint:** first the hours of sound of the year. A core-hour has 3600 processor seconds, a gigabyte 10**9 bytes.
#
# **Expected:** three numbers: core-hours, gigabytes, money (computing and keeping together). For one microphone, one
# hour a day, 36 s and 20 MB an hour they are 3.65, 7.3, and nothing if both prices are 0.

# %%
def site_costs(microphones, hours_a_day, cpu_s, n_bytes, core_hour, gb_month):
    # <solution>
    hours = microphones * hours_a_day * 365
    core_hours, gigabytes = hours * cpu_s / 3600, hours * n_bytes / 1e9
    return core_hours, gigabytes, core_hours * core_hour + 12 * gigabytes * gb_month
    # </solution>


# %%
exercises.check_site_costs(site_costs)

# %% [markdown]
# Now your own site: set `my_site` and the two prices in the first cell. Three ways of keeping: everything, the vectors
# only, or the sound of one hour in ten (with the vectors of all).

# %%
mine = {"my site": my_site["microphones"] * my_site["hours a day"] * 365}
ways = {"sound and vectors": 2 * 16_000 * 3600, "vectors only": 0, "a tenth of the sound": 2 * 16_000 * 360}
print(pd.DataFrame({what: batch.cost_sheet(measured, mine, core_hour=core_hour, gb_month=gb_month, sound_bytes=n_bytes
                                           ).loc["my site"] for what, n_bytes in ways.items()}
                   ).to_string(float_format="{:,.2f}".format))

# %% [markdown]
# Vectors cannot be played. Who throws the sound away can never listen to a hit, check a label, or use a better embedder
# next year.
#
# ## What have we learned?
# - **One bad file** goes to a list with its reason, and stops nothing.
# - **Content, settings, code**: name results after all three, and a second run computes what is missing.
# - **A cluster** changes who computes, not what comes out: check it bit for bit.
# - **Chunks**: large enough that their overhead does not count, small enough to be spread and to be lost.
# - **Exact first.** An approximate index trades recall for time; both can be measured.
# - **A cost sheet** is multiplication, if you have measured an hour.

# %%
exercises.quiz(
    "A job on the cluster ran twice: its worker seemed dead, but was only slow. What must the result look like?",
    {
        "As if it had run once": True,
        "Each row stands there twice, and whoever reads it sorts that out": "Then every reader has to, and the first "
        "one who forgets counts twice as many dogs.",
        "That must not happen: the cluster has to run each job exactly once": "No cluster can promise that: a worker "
        "that does not answer may be dead or slow.",
    },
    explain="Parts are named after their content and written whole: the second one replaces the first with the same.",
)

# %%
exercises.quiz(
    "Your index holds a weekend of one microphone. An exact search takes 0.2 s; you ask ten times a day. What now?",
    {
        "Leave it as it is": True,
        "Make an approximate index: it is ten times as fast": "It saves two seconds a day, and misses some of what you "
        "look for.",
        "Use more workers for the search": "They would be idle all day, and are paid for.",
    },
    explain="Time is worth buying where somebody waits. Measure what a thing costs before you make it faster.",
)

# %% [markdown]
# ## Where this fails
# - One recording of a whole day is read into memory as a whole. Cut it into hours first.
# - Microphones drift: a cluster computes a broken microphone as gladly as a good one. Look at levels and at some
#   spectrograms of every day.
# - Clocks differ. Put the time of recording into the name, in one time zone.
# - A result is only as old as its code. After an update of the helpers everything may be computed anew: that is meant,
#   and it costs what the sheet says.
#
# ## Next
# - Set `by = "statistics"`, or give `extract` the name `"log-mel"`, and compare bytes and seconds.
# - Use a folder of your own: `batch.extract("C:/recordings", "D:/vectors", n_jobs=-1)`.
# - `python -m benchmarks batch` measures your machine.
#
# Sources: the Dask documentation ("Resilience", "Best practices"); Apache Parquet; approximate search by cells goes
# back to Sivic and Zisserman (ICCV 2003), its codes of one bit are RaBitQ (Gao and Long, 2024). The data is named below
# the first cell.
