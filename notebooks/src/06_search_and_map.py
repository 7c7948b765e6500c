# %% [markdown]
# # 6. Search and map
# **Ten thousand recordings and no labels. Find what sounds alike, see and hear all of it on one map, group it, and
# measure how good that is.**
#
# After this notebook you can
#
# - search a collection with a sound: a clip, a file, a stretch of a recording,
# - measure a search without letting a recording find itself,
# - draw a map whose points play, and say what its distances mean,
# - group sounds, find odd ones and wrong labels, and cut a long recording where it changes.
#
# You need: notebook 1, and from notebook 3 what an embedding is. About 75 minutes, of which the computer works for
# one. No download. Five exercises check themselves: distances, search, precision, how many groups, wrong labels. For
# real recordings set `MACHINE_HEARING_CLIPS=esc10` before you start JupyterLab (notebook 0 says how).

# %%
import numpy as np
import pandas as pd

from helpers import datasets, embeddings, eventroll, exercises, files, listen, metrics, plots, search

sr = 16000            # samples per second of everything we load
k = 10                # how many hits we look at
microphone = False    # True: search with three seconds from your own microphone
rng = np.random.default_rng(6)

sounds = datasets.load_clips()
print(sounds)         # which data this is, and how to switch
print(sounds.citation)

clips = sounds.clips
labels, sources = clips["label"].to_numpy(str), clips["source"].to_numpy(str)
audio = sounds.load_all(clips, sr=sr)
print(f"{len(clips)} clips of {len(set(sources))} recordings, {sum(map(len, audio)) / sr / 60:.0f} minutes of sound")

# %% [markdown]
# ## Four uses of one idea
# - **Find more like this.** You have one good example, and a hard disk on which there must be more.
# - **Clean a data set.** What sounds unlike everything else of its class often has a wrong label.
# - **Sound-alikes.** A film has one door and needs ten others: nearly alike, but not the same.
# - **Biodiversity.** A year in a forest: find the calls you know, then group those that nobody has named.
#
# All they need is a way to say that two sounds are near to each other; only the second needs labels, for it doubts
# them. Our clips do have labels; elsewhere in this notebook they are only the judge.
#
# ## Listen first
# The first clip is our query. The five others are drawn at random from other recordings: that is what a search without
# any idea would bring. Which of them would you have wanted?

# %%
def look_and_listen(places, captions, summary, columns=3):
    shown = clips.iloc[places]
    plots.show(plots.class_grid(sounds, shown, columns=columns), summary)
    return listen.grid(sounds, shown, columns=columns, captions=captions)


query = int(rng.integers(len(clips)))
name = labels[query].replace("_", " ")
drawn = rng.choice(np.flatnonzero(sources != sources[query]), 5, replace=False)
look_and_listen([query, *drawn], ["the query", *["at random"] * 5],
                f"Log-mel spectrograms of the query ({name}) and of five other clips, drawn at random: "
                f"{sum(labels[drawn] == labels[query])} of them of its class.")

# %% [markdown]
# ## From sounds to vectors
# Each clip is cut into windows of a second, each window becomes a vector, and the mean over those that are not silent
# stands for the clip. Two ways to make a vector:
#
# - **statistics**: mean and deviation of each mel band, and of how fast it changes. Nothing was learned: this is the
#   bar that a network has to clear.
# - **embedded**: the network that comes with this workshop (notebook 3). It learned from synthetic sounds other than
#   these classes, and was never meant for a search.

# %%
embedder = embeddings.load_embedder()
vectors = embeddings.embed_clips(embedder, audio, sr=sr)
statistics = embeddings.embed_clips(embeddings.load_embedder("statistics"), audio, sr=sr)
print(embedder)
print(f"statistics: {statistics.shape[1]} numbers a clip; {embedder.name}: {vectors.shape[1]}")
lengths = np.linalg.norm(vectors, axis=1)
print(f"the vectors of {embedder.name} have lengths from {lengths.min():.1f} to {lengths.max():.1f}")

# %% [markdown]
# ### Your turn: four distances
# How near are two vectors? There is more than one answer:
#
# - **cosine**: 1 minus the cosine of the angle between them. 0 is the same direction, 1 a right angle, 2 the opposite.
#   Their lengths do not matter.
# - **Euclidean**: with a ruler, from tip to tip.
# - **Euclidean of unit vectors**: divide both by their lengths, then use the ruler.
# - **standardised Euclidean**: divide each dimension by its spread over the collection (its standard deviation), then
#   use the ruler. No dimension counts more only because its numbers are larger.
#
# **Task:** write `four_distances(a, b, spread)`: these four, in this order. `spread` has one number for each dimension.
#
# **Hint:** `np.linalg.norm(x)` is the length of a vector. For two of length 1, `a @ b` is the cosine.
#
# **Expected:** four numbers; for `[3, 4]`, `[6, 8]` and a spread of `[1, 1]` they are 0, 5, 0 and 5.

# %%
def four_distances(a, b, spread):
    # <solution>
    unit_a, unit_b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return (1 - unit_a @ unit_b, np.linalg.norm(a - b), np.linalg.norm(unit_a - unit_b),
            np.linalg.norm((a - b) / spread))
    # </solution>


# %%
exercises.check_distances(four_distances)

# %% [markdown]
# For whole tables one matrix product does it: the squared distance of two vectors is the square of the one plus the
# square of the other, minus twice their product. (`metrics.distances` does the same, and minds vectors of zeros.)
#
# Do the four agree? For each clip we take its ten nearest under each distance and count how many are in common. Two of
# them must agree, on any data: between unit vectors `d**2 = 2 - 2 * cos`, so what is nearer by one is nearer by the
# other. (A little less than 1 means that rounding has swapped two that are equally near.) The others differ wherever
# vectors differ in length, or dimensions in spread. Which one is right? These numbers cannot tell; that takes a judge.

# %%
def distances(a, b, how, spread=1.0):
    if how == "standardised":
        a, b = a / spread, b / spread
    if how in ("cosine", "unit_euclidean"):
        a, b = (table / np.linalg.norm(table, axis=1, keepdims=True) for table in (a, b))
    if how == "cosine":
        return 1 - a @ b.T
    squares = (a**2).sum(axis=1)[:, np.newaxis] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))            # rounding can make a very small square negative


table = vectors.astype(float)
spread = np.where(np.ptp(table, axis=0) > 0, table.std(axis=0), 1.0)
far = {how: distances(table, table, how, spread) for how in metrics.DISTANCES}
first = {how: np.argsort(matrix, axis=1, kind="stable")[:, 1:k + 1] for how, matrix in far.items()}
common = {how: {other: np.mean([len(set(a) & set(b)) / k for a, b in zip(first[how], first[other], strict=True)])
                for other in far} for how in far}
print("share of the ten nearest in common:")
print(pd.DataFrame(common).to_string(float_format="{:.2f}".format))

# %% [markdown]
# ### Your turn: search
# Our clips come from recordings, and one recording may have given several of them. Two cuts of one dog are no find. So
# a search leaves out the query's own recording, itself included.
#
# **Task:** write `k_nearest(distances, sources, own, k)`: the places of the `k` nearest clips that are not of the
# recording `own`, the nearest first. `distances` and `sources` have one entry for each clip of the collection.
#
# **Hint:** `np.flatnonzero(sources != own)` gives the places that may be found; `argsort` then counts among these, so
# look its answer up in them. (`distances` is an array here, not the function above.) `np.argsort(..., kind="stable")`
# leaves equals in the order in which they came.
#
# **Expected:** an array of `k` places in the whole collection, or fewer if no more are left.

# %%
def k_nearest(distances, sources, own, k):
    # <solution>
    others = np.flatnonzero(sources != own)
    order = np.argsort(distances[others], kind="stable")
    return others[order[:k]]
    # </solution>


# %%
exercises.check_search(k_nearest)

# %% [markdown]
# Equals stay in order so that the same search gives the same answer tomorrow. (`search.nearest` does this for many
# queries at once.)
#
# ## A table that stays
# An array is lost when the kernel stops. A collection that grows wants a table on disk, with a row for each stretch of
# sound: **file, start, end** (or nobody can play a hit), its **vector**, and whatever you want to filter by. We use
# LanceDB, a store that is a plain folder. The index also notes which embedder made the vectors, and refuses others.
#
# Run the cell twice, or restart the kernel before: what is there is not added again. Then the same query as at the top.
# This time its hits are not random.

# %%
collection = files.key(clips=clips["clip_id"].tolist(), vectors=vectors.sum(axis=0).tolist())
place = files.cache_folder("search") / collection        # another collection gets another index
index = search.SoundIndex(place, embedder=embedder)
entries = clips.assign(start=0.0, end=[len(sound) / sr for sound in audio])
print(f"{index.add(entries, vectors)} new, {len(index)} in all")
again = search.SoundIndex(place)        # as another notebook would tomorrow: it knows its embedder
print(f"opened again: {again}; {again.add(entries, vectors)} new")


def places_of(hits):
    return pd.Index(clips["clip_id"]).get_indexer(hits["clip_id"])


example = clips.iloc[query]
hits = again.query(vectors[query], k=5, exclude={"source": example["source"]})
captions = [f"rank {hit.rank}, distance {hit.distance:.3f}" for hit in hits.itertuples(index=False)]
look_and_listen([query, *places_of(hits)], ["the query", *captions],
                f"The query ({name}) and its five nearest clips of other recordings: "
                f"{sum(hits['label'] == example['label'])} of them of its class.")

# %% [markdown]
# An example may also be a file, a stretch of one, or any sound in memory: the index embeds it. The distances that it
# gives are cosine distances. Does it matter how loud the example is? Hardly: the embedder takes the level out of each
# window before it looks. (The level of a sound is not the length of its vector.) `exclude` and `where` filter by any
# column. Without the query's own class, what is left are its **sound-alikes**: near, and another thing.

# %%
own = {"source": example["source"]}
alike = again.query(example["path"], k=3, exclude={"label": example["label"]})
answers = {"the whole file": again.query(example["path"], k=3, exclude=own),
           "its second second": again.query(example["path"], start=1.0, end=2.0, k=3, exclude=own),
           "a quarter of the amplitude (12 dB softer)": again.query(audio[query] / 4, sr=sr, k=3, exclude=own),
           f"sound-alikes: all but {name}": alike}
for what, hits in answers.items():
    print(f"{what}:\n{hits[['rank', 'distance', 'clip_id']].to_string(index=False, float_format='{:.3f}'.format)}\n")
look_and_listen(places_of(alike), [f"distance {d:.3f}" for d in alike["distance"]],
                f"The three clips nearest to the query that are not {name}: "
                + ", ".join(alike["label"]).replace("_", " ") + ".")

# %%
heard = None      # your own voice: bark, hiss, click with your tongue
if microphone:
    try:
        import sounddevice  # a package to install beforehand

        heard = sounddevice.rec(3 * sr, samplerate=sr, channels=1, dtype="float32", blocking=True)[:, 0]
    except Exception as error:      # no package, no microphone, no permission: each has an error of its own
        print(f"no recording ({type(error).__name__}: {error})")
if heard is None:
    print("Nothing recorded: set microphone = True at the top to search with your own voice.")
else:
    print(index.query(heard, sr=sr, k=5)[["rank", "distance", "clip_id", "label"]].to_string(index=False))

# %% [markdown]
# ## Where in the recording?
# A clip is short. In a recording of an hour you want the place. So add a row for each **window**. Here is a long
# recording, made of one clip of each class in random order. We search it with a clip of another recording. Click the
# hits: if one of them lies elsewhere, can you hear why?

# %%
parts = clips.sample(frac=1, random_state=6).groupby("label", sort=False).head(1)
pieces = [audio[row] for row in parts.index]
long_recording = np.concatenate(pieces)
joints = np.cumsum([len(piece) / sr for piece in pieces])          # seconds at which a piece ends
window_vectors, starts = embedder.embed(long_recording, sr=sr)
stretches = pd.DataFrame({"clip_id": "long recording", "start": starts, "end": starts + embedder.window})
by_window = search.SoundIndex("memory://", embedder=embedder, name="windows")      # in memory: nothing to keep
by_window.add(stretches, window_vectors)

sought = clips[~clips["source"].isin(parts["source"])].sample(1, random_state=1).iloc[0]
hits = by_window.query(audio[sought.name], sr=sr, k=3).assign(label=sought["label"])
part = parts["label"].tolist().index(sought["label"])
truth = pd.DataFrame({"onset": [joints[part] - len(pieces[part]) / sr], "offset": [joints[part]],
                      "label": [sought["label"]]})
print(f"sought in {len(by_window)} windows: {sought['label']}, there from {truth['onset'][0]:.1f} to "
      f"{truth['offset'][0]:.1f} s")
print(hits[["rank", "distance", "start", "end"]].to_string(index=False, float_format="{:.2f}".format))
detected = hits.rename(columns={"start": "onset", "end": "offset"}).assign(score=1 - hits["distance"])
eventroll.event_roll(long_recording, sr=sr, events=truth, detected=detected, classes=[sought["label"]],
                     title="Where is it? What is there, and the three nearest windows")

# %% [markdown]
# ### Your turn: precision at k
# How good is a search? Now the labels come in, as a judge: a hit is **relevant** if it is of the query's class. That is
# a simple judge; ask a listener, and some rain is a fine hit for sea waves. But it has no moods, and works for hundreds
# of queries. The plainest score looks at what you would see: **precision at k**, the share of the first `k` hits that
# are relevant.
#
# **Task:** write `precision(found, wanted, k)`. `found` are the labels of the hits, the nearest first; `wanted` is the
# label that counts as right.
#
# **Hint:** `found[:k] == wanted` is an array of True and False. If there are fewer than `k` hits, their number counts.
#
# **Expected:** a number from 0 to 1; for the hits dog, rain, dog and the label dog it is 0.5 at `k = 2`.

# %%
def precision(found, wanted, k):
    # <solution>
    return np.mean(found[:k] == wanted)
    # </solution>


# %%
exercises.check_precision(precision)

# %% [markdown]
# Two more scores look at the whole list:
#
# - **average precision**: at each relevant hit, the precision down to it; then the mean of these. 1 if all relevant
#   clips come before all others. Its mean over all queries is **MAP**.
# - **reciprocal rank**: 1 over the rank of the first relevant hit, for those who need one good hit.
#
# And one decision comes before any score: what may be found? Three answers. With the query among the hits, rank 1 is
# always right. Without it, but with the rest of its recording, twins are found for their room and their microphone:
# that is the mistake made most often. (How much it flatters depends on the collection: with two clips of each recording
# a little; the more of them, the more.) Only **other recordings only** says how well *another* dog is found; from here
# on, nothing else counts.

# %%
def judge(far, may):
    scores = []
    for query, row in enumerate(far):
        others = np.flatnonzero(may[query])
        right = labels[others[np.argsort(row[others], kind="stable")]] == labels[query]
        ranks = np.flatnonzero(right) + 1
        if len(ranks):                                 # a query with nothing to find cannot fail either
            average = (np.arange(1, len(ranks) + 1) / ranks).mean()
            scores.append((right[:k].mean(), average, 1 / ranks[0], ranks[0]))
    return dict(zip(("precision at k", "MAP", "reciprocal rank", "rank of the first"), np.mean(scores, axis=0),
                    strict=True))


apart = sources[:, np.newaxis] != sources
rows = {what: judge(far["cosine"], may) for what, may in {
    "all, the query too": np.ones_like(apart), "all but the query": ~np.eye(len(clips), dtype=bool),
    "other recordings only": apart}.items()}
rows |= {"other recordings, random order": judge(rng.random(far["cosine"].shape), apart)}
print(pd.DataFrame(rows).T.to_string(float_format="{:.3f}".format))

# %% [markdown]
# ## Which vectors, which distance?
# The same judge (`metrics.retrieval_scores`) now compares statistics with the network, and the distances. One row is
# new: **scaled, then cosine**. Subtract from each dimension its mean over the collection, divide by its spread, and
# take the angle then. What all sounds have in common no longer makes them alike.
#
# Large classes weigh more in a mean over queries; the **class-balanced** column is MAP as a mean over classes. (Where
# all classes are equally large it is the same.) Does one row win in every class?

# %%
scaled = (table - table.mean(axis=0)) / spread
ways = {"statistics, cosine": (statistics, "cosine"), **{f"{embedder.name}, {how}": (table, how) for how in far},
        f"{embedder.name}, scaled, then cosine": (scaled, "cosine")}
found = {name: metrics.retrieval_scores(x, labels, groups=sources, distance=how, k=k)
         for name, (x, how) in ways.items()}
measures = {"MAP": "mean_average_precision", "class-balanced": "class_balanced", f"precision at {k}": "precision_at_k",
            "rank of the first": "mean_first_rank"}
print(pd.DataFrame({name: {short: scores[long] for short, long in measures.items()} for name, scores in found.items()}
                   ).T.to_string(float_format="{:.3f}".format), "\n")
by_class = pd.DataFrame({name.split(", ", 1)[-1]: scores["by_class"]["average_precision"]
                         for name, scores in found.items() if not name.startswith("statistics")})
print(by_class.to_string(float_format="{:.2f}".format))
plots.show(plots.accuracy_bars({name: scores["mean_average_precision"] for name, scores in found.items()},
                               chance=found["statistics, cosine"]["chance"], x="Mean average precision"),
           "Mean average precision, own recording left out: " + ", ".join(
               f"{name} {scores['mean_average_precision']:.2f}" for name, scores in found.items()) + ".")

# %% [markdown]
# Scaling uses the whole collection but no label, so it may be used on any. From here on we take `scaled`; the index
# keeps the vectors as they come, so that tomorrow's can be added.
#
# ## Listen to the mistakes, and to a hub
# Two kinds of clips spoil a search. Some find nothing of their own: here are the three with the fewest relevant hits,
# each beside what it finds first. And some are found by everybody: **hubs**. On average a clip is among the ten nearest
# of ten others. In many dimensions a few are so for many more, and turn up in search after search. Why? Listen.

# %%
neighbours, _ = search.nearest(scaled, scaled, k=k, apart=(sources, sources))
counts = metrics.hubness(neighbours, n_items=len(clips))
precisions = (labels[neighbours] == labels[:, np.newaxis]).mean(axis=1)
worst, hub = np.argsort(precisions, kind="stable")[:3], int(counts.argmax())
print(f"a clip is among the {k} nearest of {counts.mean():.0f} others on average, the greatest hub of {counts.max()}; "
      f"{np.mean(counts == 0):.1%} of the clips are never found")
places = [clip for one in worst for clip in (one, neighbours[one, 0])]
captions = [text for clip in worst for text in (
    f"{precisions[clip]:.0%} of its {k} nearest are right", "what it finds first")]
look_and_listen([*places, hub], [*captions, f"hub: found by {counts[hub]} others"],
                "Three clips that find the least of their own, each beside what it finds first, and the greatest hub, "
                f"a clip of {labels[hub].replace('_', ' ')}.", columns=4)

# %% [markdown]
# ## Exact or nearly so
# To compare a query with everything is **exact**, and fast enough for a long time. Where it is not, one gives up a
# little: sort the vectors beforehand into cells (each has a centre, and a vector belongs to the nearest one; `KMeans`
# places the centres, more on it below), and look only into the cells nearest to the query. A neighbour just beyond the
# border of a cell is missed. The share of the true neighbours that is still found is the **recall**. How much looking
# buys how much of it?
#
# LanceDB does this on disk: `index.train()`, then `index.query(..., approximate=True)`; `index.recall(...)` says what
# was lost. Below our small trade are stored results: searches in real recordings (ours come from the synthesiser that
# the embedder learned from, though from other voices), and the time they take among many made-up vectors. (**Exact** is
# `search.nearest`, **the first try** its plainest version, **flat** LanceDB comparing with everything, **approximate**
# LanceDB with cells, in multiples of flat.)

# %%
from sklearn.cluster import KMeans

unit = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
cells = KMeans(16, n_init=1, random_state=0).fit(unit)
nearest_cells = np.argsort(cells.transform(unit), axis=1)
trade = []
for n_opened in (1, 2, 4, 8, 16):
    looked, kept = [], []
    for clip in range(len(unit)):
        opened = np.isin(cells.labels_, nearest_cells[clip, :n_opened]) & apart[clip]
        places = np.flatnonzero(opened)
        hits = places[np.argsort(-(unit[places] @ unit[clip]), kind="stable")[:k]]
        looked.append(opened.sum() / apart[clip].sum())
        kept.append(np.isin(neighbours[clip], hits).mean())
    trade.append({"cells opened": n_opened, "share looked at": np.mean(looked), "recall": np.mean(kept)})
print(pd.DataFrame(trade).to_string(index=False, float_format="{:.2f}".format))

# %%
from helpers import measured

measure = ", mean average precision of a search"
stored = {name: measured.stored(name)["rows"]
          for name in ("embedders", "search")}
print("ESC-10, scaled, then cosine: mean average precision")
for line in stored["embedders"]:
    if line["what"].startswith("esc10") and line["what"].endswith(measure) and line["value"] is not None:
        print(f"{line['value']:6.2f}  {line['what'].removeprefix('esc10: ').removesuffix(measure)}")
print("\nmade-up vectors: how many, processor time for each query, recall")
for line in stored["search"]:
    timed = line["unit"] in ("CPU ms a query", "share") or "approximate, times" in line["what"]
    if timed and line["value"] is not None:
        print(f"{line['value']:9.2f} {line['unit']:15} {line['what']}")

# %% [markdown]
# ## A map: from hundreds of numbers to two
# A list shows ten clips. A **map** shows all: two numbers for each, so that neighbours stay neighbours as far as a
# plane allows. The oldest way is **principal components** (PCA): turn the cloud of points so that it is widest from
# left to right and second widest upwards, then look at its shadow. A singular value decomposition does the turning.

# %%
def pca(table, n=2):
    """Shadow of a table along its n widest directions, and the share of the spread that each of them keeps."""
    centred = table - table.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    return u[:, :n] * s[:n], s[:n]**2 / (s**2).sum()


shadow, kept = pca(unit)
print(f"two of {unit.shape[1]} directions keep {kept.sum():.0%} of the spread")

# %% [markdown]
# **UMAP** goes another way. It asks for each point who its fifteen neighbours are, then moves points about on the plane
# until neighbours lie close and all others do not. The neighbourhood is kept, everything else is given up.
#
# What may be read from them, and what not?
#
# - **PCA**: what is far apart in the shadow is far apart. What lies together may be in front of and behind each other.
# - **UMAP**: groups are real more often than not. How far they lie from each other, how large and how dense they are,
#   says next to nothing. Each black line joins a clip to its nearest neighbour: the eight pairs that UMAP has drawn
#   farthest apart, and the same pairs on PCA.
#
# **Trustworthiness** asks: who are neighbours on the map, were they neighbours before? 1 is perfect, a random map has
# about a half. (The first call loads a large package.)

# %%
from sklearn.manifold import trustworthiness

from helpers import soundmap

maps = {"UMAP": soundmap.project(unit, how="umap", seed=6), "PCA": shadow}
trust = {name: trustworthiness(unit, points, n_neighbors=k) for name, points in maps.items()}
closest = neighbours[:, 0]
gaps = np.linalg.norm(maps["UMAP"] - maps["UMAP"][closest], axis=1)
torn = np.argsort(-gaps)[:8]
plots.show(
    plots.point_maps({f"{name}, trustworthiness {trust[name]:.2f}": points for name, points in maps.items()}, labels,
                     lines=[(clip, closest[clip]) for clip in torn]),
    "Two maps of all clips, coloured by class: " + " and ".join(
        f"{name} with a trustworthiness of {value:.2f}" for name, value in trust.items())
    + f". Lines join {len(torn)} clips with their nearest neighbours, which UMAP shows far away.")

# %% [markdown]
# A map is there to ask questions with. Answer them with the vectors, and with your ears.
#
# ## Groups
# **Clusters** are groups that nobody has named. **k-means** puts centres among the points, gives each point to the
# nearest, moves each centre to the mean of its points, and repeats. In hundreds of dimensions distances differ less
# from each other than in a few: enough to rank by, but groups show less clearly. So we take the twenty widest
# directions. The **silhouette** then asks of each point: how near is its own group, how near the next? 1 is well
# separated, 0 on the border. It needs no labels. Five groups, for a start:

# %%
from sklearn.metrics import silhouette_score

compact, kept = pca(unit, n=20)
groups = KMeans(5, n_init=4, random_state=0).fit_predict(compact)
print(f"20 directions keep {kept.sum():.0%} of the spread; silhouette of 5 groups: "
      f"{silhouette_score(compact, groups):.2f}")
print(pd.crosstab(pd.Series(labels, name="class"), pd.Series(groups, name="group")))

# %% [markdown]
# ### Your turn: how many groups?
# Where the silhouette is flat, the data has no opinion, and the purpose decides: few groups for an overview, many to
# sort by hand. Otherwise the largest silhouette is a good first choice.
#
# **Task:** write `choose_k(vectors, candidates)`: cut the vectors into each number of groups and return the number
# that fits best.
#
# **Hint:** the two calls of the last cell for each candidate; take the one with the largest silhouette. Why not the one
# with the smallest distances to the centres? Because that is always the largest number.
#
# **Expected:** one of the candidates.

# %%
def choose_k(vectors, candidates):
    # <solution>
    def quality(n_groups):
        return silhouette_score(vectors, KMeans(n_groups, n_init=4, random_state=0).fit_predict(vectors))

    return max(candidates, key=quality)
    # </solution>


# %%
exercises.check_choose_k(choose_k)

# %%
from sklearn.metrics import adjusted_rand_score

curves = {"silhouette": {}, "adjusted Rand index": {}}
for n in range(2, 21):
    groups = KMeans(n, n_init=4, random_state=0).fit_predict(compact)
    curves["silhouette"][n] = float(silhouette_score(compact, groups))
    curves["adjusted Rand index"][n] = float(adjusted_rand_score(labels, groups))
silhouettes, against_classes = curves.values()
best = max(silhouettes, key=silhouettes.get)
plots.show(plots.cluster_curves(curves, chosen=best, title="How many groups?"),
           f"Silhouette and adjusted Rand index for 2 to 20 groups. The silhouette is largest at {best}: "
           f"{silhouettes[best]:.2f}; there are {len(sounds.classes)} classes. The adjusted Rand index is "
           f"{against_classes[best]:.2f} there, {max(against_classes.values()):.2f} at best.")

# %% [markdown]
# The second line of the picture is a judge that knows the classes: the **adjusted Rand index** compares two groupings
# pair by pair. 1 is the same grouping, 0 is what chance gives. Look at the silhouette again, too: where the best number
# wins by a hair, its neighbours would do as well.
#
# Two other ways to group: **agglomerative** clustering joins the two nearest groups again and again. **Density**
# (HDBSCAN) takes what lies densely together, chooses the number itself, and leaves the rest without a group.
# `clusters.cluster` has all three.
#
# A number is no name. Who has no labels listens to some clips from the middle of each group and writes down what they
# are. We have labels, and take the one that is most over-represented. One clip of each k-means group: would you have
# given it that name?

# %%
from helpers import clusters

found = {how: clusters.cluster(scaled, how=how, n_clusters=best, seed=0) for how in clusters.HOW}
for how, groups in found.items():
    print(f"{how}: {len(set(groups[groups >= 0]))} groups, {np.mean(groups < 0):.0%} of the clips in none, "
          f"adjusted Rand index {adjusted_rand_score(labels, groups):.2f}")
groups = found["k-means"]
named = clusters.name_clusters(groups, labels)
group_names = (named["cluster"].astype(str) + ": " + named["name"]).to_numpy()[groups]
middle = clusters.representatives(scaled, groups, n=1)
look_and_listen([middle[group][0] for group in named["cluster"]],
                [f"group {row.cluster}: {row.share:.0%} of {row.n_items} are {row.name}"
                 for row in named.itertuples(index=False)],
                f"One clip from the middle of each of {len(named)} groups.", columns=5)

# %% [markdown]
# ## What stands apart, and what is called wrongly
# An **outlier** is a clip without near neighbours: the mean distance to its ten nearest clips of other recordings is
# large. It may be a rare sound, a broken recording, a wrong file. Which it is, only listening tells.
#
# A **wrong label** stands apart in another way: its neighbours all have another one. Every large collection has some.
# To see how well they can be found, we plant three in a copy of the labels, and then look for them as if we did not
# know.

# %%
outlier = clusters.outlier_scores(scaled, groups=sources, k=k)
odd = np.argsort(-outlier, kind="stable")[:4]
planted = rng.choice(len(clips), 3, replace=False)
doubtful = labels.copy()
for clip in planted:
    doubtful[clip] = rng.choice([label for label in sounds.classes if label != labels[clip]])
print(f"{np.sum(doubtful != labels)} of {len(labels)} labels are wrong now; clips whose nearest neighbour has the same "
      f"label: {np.sum(labels[closest] == labels)} before, {np.sum(doubtful[closest] == doubtful)} after")
print(f"outlier scores from {outlier.min():.2f} to {outlier.max():.2f}, half of them below {np.median(outlier):.2f}")
look_and_listen(odd, [f"score {outlier[clip]:.2f}" for clip in odd],
                "The four clips that stand farthest apart: " + ", ".join(labels[odd]).replace("_", " ") + ".",
                columns=4)

# %% [markdown]
# ### Your turn: find the wrong labels
# **Task:** write `find_suspects(vectors, labels, sources, n)`: the places of the `n` clips whose labels you doubt most,
# the most doubtful first. The vectors have length 1.
#
# **Hint:** for each clip, ask the ten nearest of *other recordings*: what share of them has its label? The smaller, the
# more doubtful. (Why other recordings? One that was mislabelled as a whole agrees with itself.) `vectors @ vectors.T`
# is how alike they are, and `similar[sources[:, None] == sources] = -np.inf` rules out a recording's own clips.
#
# **Expected:** an array of `n` places.

# %%
def find_suspects(vectors, labels, sources, n):
    # <solution>
    similar = vectors @ vectors.T
    similar[sources[:, None] == sources] = -np.inf
    nearest = np.argsort(-similar, axis=1, kind="stable")[:, :10]
    agree = (labels[nearest] == labels[:, None]).mean(axis=1)
    return np.argsort(agree, kind="stable")[:n]
    # </solution>


# %%
exercises.check_suspects(find_suspects, vectors=unit, labels=doubtful, sources=sources, planted=planted)

# %% [markdown]
# `clusters.suspicious_labels` asks a model instead: trained on some recordings, how probable does it find the labels of
# the others? First about the planted labels, then about the labels as they really are. Listen to the three it doubts
# most: wrong labels, or hard clips?

# %%
suspects = clusters.suspicious_labels(scaled, doubtful, groups=sources)
ranks = np.flatnonzero(suspects["item"].isin(planted)) + 1
print(f"of {len(clips)} clips, the planted labels are doubted at the ranks {', '.join(map(str, ranks))}")

doubted = clusters.suspicious_labels(scaled, labels, groups=sources).head(3)
captions = [text for row in doubted.itertuples() for text in (
    f"probability {row.probability:.2f}; suggested: {row.suggestion}", "its nearest clip")]
look_and_listen([place for clip in doubted["item"] for place in (clip, closest[clip])], captions,
                "The three clips whose labels the model doubts most, each beside its nearest clip: "
                + ", ".join(doubted["label"]).replace("_", " ") + ".", columns=2)

# %% [markdown]
# ## The map that plays
# Now all of it together: both maps, the classes, the groups, the outlier scores. Click a point: you hear it and see its
# spectrogram, and lines lead to its nearest neighbours in the full space. Where a line is long, the map lies.
#
# Three things to try: find the border between two classes and listen across it. Colour by *outlier score* and play the
# highest. Draw a lasso around a group and play all of it in turn. (Wheel and drag zoom and move. Keys: tab to the map,
# arrows, Enter.)
#
# An outlier need not stand at the edge: UMAP gives everybody neighbours. For ten thousand clips take `save(path,
# files="beside")`: sounds and pictures then lie in a folder beside the page. The same data also goes to the
# **Embedding Projector** of TensorBoard, which turns clouds in three dimensions, but plays nothing.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
playable = soundmap.sound_map(
    maps, audio, sr=sr, labels=labels, names=clips["clip_id"], neighbours=neighbours[:, :5],
    colours={"group": group_names, "outlier score": outlier}, title=f"{len(clips)} clips of {sounds.name}")
saved = playable.save(folder / "sound-map.html")
print(f"{saved}: {saved.stat().st_size / 1e6:.1f} MB; opens in any browser, without a kernel or a network")
soundmap.save_projector(folder / "projector", scaled, metadata=clips[["clip_id", "label"]], audio=audio, sr=sr)
print(f"for TensorBoard, in a terminal: tensorboard --logdir {folder / 'projector'}")
playable

# %% [markdown]
# ## Cut a long recording where it changes
# Back to the long recording. Suppose nobody told us where its clips were joined. Compare each window with each other: a
# matrix of cosines, the **self-similarity**. A stretch of one sound is a bright square on the diagonal; where two
# squares touch corner to corner, something changes. A small **checkerboard**, moved along the diagonal, feels that:
# plus where both windows lie on the same side of the border, minus where they lie on different sides. Its answer is the
# **novelty**. Peaks that rise one deviation above its mean are called borders (`segments.boundaries` does both steps).
# What the whole recording has in common is subtracted first, so cosines may be negative.
#
# The score is as strict as that of events in notebook 4: a border counts if it lies within half a second of a true
# one, each of these once. Look at those that were missed: do the two clips sound alike? And at those that are too many:
# a dog that stops barking is a change to the vectors, too. Whether it is one to you depends on what you cut for.

# %%
from helpers import segments


def novelty(similarity, reach):
    found = np.zeros(len(similarity) + 1)                 # for the border before each window, and after the last
    for border in range(1, len(similarity)):
        places = np.arange(max(0, border - reach), min(len(similarity), border + reach))
        steps, past = places - border + 0.5, places < border
        weight = np.exp(-0.5 * np.add.outer(steps**2, steps**2) / (reach / 2)**2)           # near moments count more
        same = (past[:, np.newaxis] == past) & ~np.eye(len(places), dtype=bool)
        across = past[:, np.newaxis] != past
        square = similarity[np.ix_(places, places)]
        step = np.average(square[same], weights=weight[same]) - np.average(square[across], weights=weight[across])
        found[border] = step * min(past.sum(), (~past).sum()) / reach
    return found


similarity = segments.self_similarity(window_vectors)
borders = segments.boundaries(window_vectors, hop=embedder.hop, window=embedder.window, reach=8 * embedder.hop)
judged = segments.boundary_f1(joints[:-1], borders)
chance = np.mean([segments.boundary_f1(joints[:-1], rng.uniform(0, joints[-1], len(borders)))["f1"] for _ in range(20)])
plots.show(plots.self_similarity(similarity, novelty(similarity, reach=8), hop=embedder.hop, start=embedder.window / 2,
                                 found=borders, true=joints[:-1]),
           f"Self-similarity and novelty of {joints[-1]:.0f} s. Of {len(joints) - 1} borders {judged['n_matched']} are "
           f"found, with {len(borders)} marks: F1 {judged['f1']:.2f}; as many marks at random: {chance:.2f}.")

# %% [markdown]
# ## From notebook to product
# A search that others rely on is three things, and this notebook has a small one of each:
#
# - **records**: what was recorded, when, by which device; file, start and end of each stretch; what was said about it,
#   by whom or by which model in which version.
# - **index**: vectors with the name and version of their embedder. A new embedder gets a new index beside the old one;
#   the switch comes when both were judged.
# - **interface**: three calls are enough. Add a sound; find what is near, with filters; give back the sound of a hit,
#   so that it can be played.
#
# And a habit: keep fifty queries with hits that somebody has judged by ear, and run them before every change.
#
# ## What have we learned?
# - A **search** is a distance between vectors. Cosine and Euclid on unit vectors rank alike; scaling matters too.
# - **Judge** it with the query's own recording left out, and against random order and plain statistics.
# - A **map** raises questions. PCA hides distances, UMAP makes them up; lines to the true neighbours tell.
# - **Groups, outliers, doubtful labels and borders** all come from the same distances. All of them want ears.

# %%
exercises.quiz(
    "Your search has a precision at 10 of 0.95. What do you ask first?",
    {
        "Could a clip find other cuts of its own recording?": True,
        "Was the index exact or approximate?": "An approximate one loses a little. It makes no score too good.",
        "How many dimensions do the vectors have?": "Neither many nor few of them make a score wrong.",
    },
    explain="Leave out the recording of the query, and the score falls to what it is worth.",
)

# %%
exercises.quiz(
    "On a UMAP map two groups lie at opposite ends, a third one in the middle. What follows?",
    {
        "Each of the three may well be a group; for the rest, ask the vectors": True,
        "The third sounds like something between the other two": "Where groups lie on such a map says next to nothing. "
        "Measure their distances in the full space.",
        "The two at the ends are the most unlike of all": "Perhaps, perhaps not: UMAP keeps neighbours, not large "
        "distances.",
    },
    explain="Neighbourhoods are kept, most of them. Distances between groups are not.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - An embedder hears what it was taught to tell apart. Fine differences within one species or one machine may be
#   nothing to it: judge it on pairs of your own.
# - The room counts. Clips of one microphone are near to each other whatever is in them: leave out by recorder and by
#   day, too.
# - A mean over a clip hides what is short. For a bird in an hour of wind, search by window.
# - Groups follow what is loudest in the vectors, which need not be what you care about.
#
# ## Next
# - Set `k = 5`, or load another embedder: `embeddings.load_embedder("yamnet")`. Run all again.
# - Your own recordings: one folder for each class, `MACHINE_HEARING_CLIPS` set to the folder above them. No classes?
#   Take any two folders, such as this year and last year: the scores then mean little, search and map as much as ever.
# - Distances can be taught: notebook 7.
#
# Sources: hubs by Radovanovic and others (JMLR 2010); UMAP by McInnes and others (arXiv:1802.03426); trustworthiness by
# Venna and Kaski (ICANN 2001); silhouettes by Rousseeuw (1987), the adjusted Rand index by Hubert and Arabie (1985),
# HDBSCAN by Campello and others (PAKDD 2013); novelty by Foote (ICME 2000). The data is named below the first cell.
