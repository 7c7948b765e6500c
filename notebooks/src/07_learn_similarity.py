# %% [markdown]
# # 7. Learn what alike means
# **An embedding has its own idea of what is alike. Teach it yours: with labels, with one example, or with none.**
#
# After this notebook you can
#
# - learn a distance on top of frozen embeddings: a linear map in closed form, and a small network from triplets,
# - name new sounds from one or five examples of each,
# - learn from sound without any label, and notice when such a training collapses,
# - measure whether a learned distance is better, for classes that it has met and for new ones.
#
# You need: notebook 3, and from notebook 6 how a search is measured. About 60 minutes, of which the computer works for
# one. No download. Two exercises check themselves: the triplet loss, and a detector of collapse. For real recordings
# set `MACHINE_HEARING_CLIPS=esc10` before you start JupyterLab (notebook 0 says how).

# %%
import numpy as np
import pandas as pd

from helpers import datasets, embeddings, exercises, listen, metrics, models, plots, similarity

sr = 16000            # samples per second of everything we load
shrinkage = 0.3       # how little the linear map trusts its own measurements, from above 0 to 1
margin = 0.2          # by how much a wrong clip shall be further away than a right one
steps = 400           # batches that the training without labels takes
rng = np.random.default_rng(7)

sounds = datasets.load_clips()
print(sounds)         # which data this is, and how to switch
print(sounds.citation)

*train_folds, valid_fold, test_fold = sorted(sounds.clips["fold"].unique())
train, valid, test = (sounds.clips[sounds.clips["fold"].isin(folds)].reset_index(drop=True)
                      for folds in (train_folds, [valid_fold], [test_fold]))
train_audio, valid_audio = sounds.load_all(train, sr=sr), sounds.load_all(valid, sr=sr)
print(f"{len(train)} clips to learn from, {len(valid)} of other recordings to search in")

# %% [markdown]
# ## Alike in what?
# Two recordings of one dog in two rooms, and two dogs in one room: which pair is more alike? Both answers are right,
# for different people. Somebody who looks for dogs wants the room to count for nothing; who traces where a recording
# was made wants the opposite. An embedding cannot know. It was trained for something else.
#
# So the clips we call alike are those with one label. Here is a search as in notebook 6: the query, and its five
# nearest by cosine, each from another recording. Which of them would you have wanted, and what do the others share with
# the query?

# %%
embedder = embeddings.load_embedder()
x_train, x_valid = (embeddings.embed_clips(embedder, audio, sr=sr) for audio in (train_audio, valid_audio))
plain = similarity.plain_map(x_train)                   # each dimension standardised, then length 1
print(f"{embedder.name}: {plain.n_in} numbers a clip")


def nearest(vectors, query, k=5):
    """The k nearest clips of other recordings, the nearest first."""
    alike = np.where(valid["source"] == valid["source"][query], -np.inf, vectors @ vectors[query])
    return np.argsort(-alike, kind="stable")[:k]


found = plain.transform(x_valid)
right = [np.mean(valid["label"][nearest(found, clip)] == valid["label"][clip]) for clip in range(len(valid))]
query = int(np.argmin(np.abs(np.array(right) - 0.4)))   # one with some right and some wrong answers
rows = valid.iloc[[query, *nearest(found, query)]]
plots.show(plots.class_grid(sounds, rows, columns=3),
           f"The query, {rows['label'].iloc[0].replace('_', ' ')}, and its five nearest clips: "
           f"{', '.join(rows['label'].iloc[1:]).replace('_', ' ')}.")
listen.grid(sounds, rows, columns=3, captions=["the query", *(f"rank {rank}" for rank in range(1, 6))])

# %% [markdown]
# ## The bar
# How good is the search before anything is learned? **Mean average precision**, as in notebook 6: every validation clip
# is a query; 1 means that all clips of its class come before all others, and its own recording is left out. Three
# baselines: vectors drawn at random, the log-mel statistics of notebook 3, and the network's embedding.

# %%
def mean_ap(vectors, table=valid):
    return metrics.retrieval_scores(vectors, table["label"], groups=table["source"])["mean_average_precision"]


statistics = embeddings.load_embedder("statistics")
s_train, s_valid = (embeddings.embed_clips(statistics, audio, sr=sr, progress=False)
                    for audio in (train_audio, valid_audio))
searches = {"random vectors": mean_ap(rng.normal(0, 1, (len(valid), 32))),
            "statistics": mean_ap(similarity.plain_map(s_train).transform(s_valid)),
            "embedding": mean_ap(plain.transform(x_valid))}
print("mean average precision:", {name: round(value, 3) for name, value in searches.items()})

# %% [markdown]
# ## A linear map, in closed form
# The embedding has hundreds of directions. Along some of them clips of *one* class differ: the room, the microphone,
# the individual dog. For us that is noise. So we measure how much clips vary within their classes, direction by
# direction, and divide by it. That is **whitening**. Then we keep the directions in which the classes' means differ,
# one less than there are classes. A **linear map** is one table of weights that every vector is multiplied with; **in
# closed form** means that a formula gives it at once, without epochs and learning rate. (In the code `np.cov` measures
# the variation within classes, `eigh` finds its directions, `svd` those in which the means differ.)
#
# With more directions than clips, many measured variances are luck, some nearly 0, and to divide by nearly 0 is to
# blow up noise. **Shrinkage** draws them all towards their mean.

# %%
def learn_linear(x, labels, shrinkage, keep="classes"):
    mean, scale = x.mean(axis=0), np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1)
    z, (names, y) = (x - mean) / scale, np.unique(labels, return_inverse=True)
    means = np.stack([z[y == label].mean(axis=0) for label in range(len(names))])
    within = np.cov((z - means[y]).T)
    usual = np.trace(within) / len(within)
    within = (1 - shrinkage) * within + shrinkage * usual * np.eye(len(within))
    variances, directions = np.linalg.eigh(within)
    weights = directions / np.sqrt(variances)                       # after this, each direction varies alike
    if keep == "classes":
        _, _, axes = np.linalg.svd((means - means.mean(axis=0)) @ weights, full_matrices=False)
        weights = weights @ axes[:len(names) - 1].T

    def transform(new):
        mapped = (new - mean) / scale @ weights
        return mapped / np.linalg.norm(mapped, axis=1, keepdims=True)
    return transform


linear = learn_linear(x_train, train["label"], shrinkage)
print(f"from {x_train.shape[1]} to {linear(x_valid).shape[1]} numbers")
searches["linear map"] = mean_ap(linear(x_valid))
for value in (0.01, 0.1, 0.3, 0.6, 0.9):
    print(f"shrinkage {value:4}: {mean_ap(learn_linear(x_train, train['label'], value)(x_valid)):.3f}")

# %% [markdown]
# (We looked at validation clips to see how much the shrinkage matters. `similarity.fit_linear` does the same as the
# function above, and where no shrinkage is given it chooses one by cross-validation inside the training clips.)
#
# What happened to the clips? On both maps each point is a validation clip, which the linear map has never heard. We use
# PCA: what is far apart here is far apart. What overlaps may still be apart in the directions that two axes cannot
# show: look for classes that have drawn together.

# %%
from helpers import soundmap

maps = {"embedding": soundmap.project(plain.transform(x_valid), how="pca"),
        "linear map": soundmap.project(linear(x_valid), how="pca")}
plots.show(plots.point_maps(maps, valid["label"]),
           "Two maps of the validation clips, coloured by class, before and after: mean average precision "
           f"{searches['embedding']:.2f} and {searches['linear map']:.2f}.")

# %% [markdown]
# ## The catch: sounds it has never met
# The map was told to keep what tells *these* classes apart. What of a sound that is none of them? We learn the map
# anew, from one half of the classes, and search among clips of the other half.
#
# With `keep="all"` the map only whitens and throws nothing away: a room that is noise for dogs may well be noise for
# roosters, too.

# %%
classes = np.unique(train["label"])
known = rng.permutation(classes)[:max(2, len(classes) // 2)]
old, new = train["label"].isin(known).to_numpy(), ~valid["label"].isin(known).to_numpy()
print("learned from:", ", ".join(known))
print("searched for:", ", ".join(sorted(set(valid["label"][new]))))
maps_of_known = {
    "embedding": similarity.plain_map(x_train[old]),
    "linear map": similarity.fit_linear(x_train[old], train["label"][old], shrinkage=shrinkage),
    "linear map, all directions": similarity.fit_linear(x_train[old], train["label"][old], shrinkage=shrinkage,
                                                        keep="all")}
unseen = {name: mean_ap(one.transform(x_valid[new]), valid[new]) for name, one in maps_of_known.items()}
print("new classes:", {name: round(value, 3) for name, value in unseen.items()})

# %% [markdown]
# Compare these three only with each other, not with the bar above: among fewer classes every search looks better. And
# read them before you use a learned distance: what is far better for classes that it has met may be far worse for new
# ones. If you will search for sounds that nobody has named yet, keep all directions, or the embedding as it is.

# %% [markdown]
# ## Learning from comparisons
# A label is much to ask for. Often somebody can only say: "this one is more like that one than like the third". Such a
# **triplet** has an **anchor**, a **positive** that belongs to it, a **negative** that does not. One small network maps
# all three (**Siamese**: twins with shared weights), and it is wrong as long as the positive is not nearer than the
# negative, by a margin:
#
# `loss = max(0, d(anchor, positive) - d(anchor, negative) + margin)`
#
# where `d` is the squared Euclidean distance, from 0 to 4 between vectors of length 1.

# %% [markdown]
# ### Your turn: the triplet loss
# **Task:** write `triplet_loss(anchor, positive, negative, margin)` for three vectors of length 1.
#
# **Hint:** the squared distance of two vectors is the sum of the squares of their differences. A negative that is far
# enough costs nothing, not less than nothing.
#
# **Expected:** one number, 0 or more.

# %%
def triplet_loss(anchor, positive, negative, margin):
    # <solution>
    near = ((anchor - positive) ** 2).sum()
    far = ((anchor - negative) ** 2).sum()
    return max(0.0, near - far + margin)
    # </solution>


# %%
exercises.check_triplet_loss(triplet_loss)

# %% [markdown]
# ## All triplets of a batch
# Sixty clips, six of each of ten classes, hold up to sixteen thousand triplets. Most teach nothing: their loss is 0.
# Among the hardest are the wrong labels. We take those between the easy and the hardest, the **semi-hard**: the
# negative is further than the positive, though not by the margin.
#
# A table with three axes has them all at once. Two takes of one recording make no pair: they are alike without any
# learning.

# %%
ops = models.load_keras().ops           # as NumPy's functions, but Keras can follow them backwards


def semi_hard_loss(codes, vectors):
    """Mean triplet loss over a batch; codes hold the class and the recording of each clip as numbers."""
    label, source = codes[:, 0], codes[:, 1]
    distance = 2 - 2 * ops.matmul(vectors, ops.transpose(vectors))          # squared, of unit vectors
    alike = label[:, None] == label[None, :]
    pair = ops.logical_and(alike, source[:, None] != source[None, :])
    triplet = ops.logical_and(pair[:, :, None], ops.logical_not(alike)[:, None, :])
    gap = distance[:, :, None] - distance[:, None, :]                       # (anchor, positive, negative)
    semi_hard = ops.logical_and(gap < 0, gap + margin > 0)
    counts = ops.cast(ops.logical_and(triplet, semi_hard), "float32")
    return ops.sum(counts * (gap + margin)) / ops.maximum(ops.sum(counts), 1.0)


# %%
keras = models.load_keras()
keras.utils.set_random_seed(0)
draws = np.random.default_rng(0)
z_train = plain.transform(x_train) * np.sqrt(plain.n_dims)                  # each number about 1
codes = np.column_stack([pd.factorize(train[column])[0] for column in ("label", "source")]).astype("float32")
members = [np.flatnonzero(codes[:, 0] == label) for label in np.unique(codes[:, 0])]
network = keras.Sequential([
    keras.Input((z_train.shape[1],)), keras.layers.Dropout(0.3), keras.layers.Dense(128, activation="relu"),
    keras.layers.Dropout(0.3), keras.layers.Dense(64), keras.layers.UnitNormalization()])
network.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, 200)), loss=semi_hard_loss)
losses = []
for _ in range(200):
    batch = np.concatenate([draws.choice(places, 6) for places in members[:12]])
    losses.append(float(network.train_on_batch(z_train[batch], codes[batch])))
triplet_vectors = network.predict_on_batch(plain.transform(x_valid) * np.sqrt(plain.n_dims))
searches["triplets"] = mean_ap(triplet_vectors)
print(f"loss {np.mean(losses[:10]):.3f} in the first ten steps, {np.mean(losses[-10:]):.3f} in the last ten")
plots.show(plots.accuracy_bars(searches, x="Mean average precision", title="Search among validation clips"),
           "Mean average precision: " + ", ".join(f"{name} {value:.3f}" for name, value in searches.items()) + ".")

# %% [markdown]
# (The loss is a mean over the triplets that still teach, others in each step. So watch the search, not the loss.)
# `similarity.fit_triplets` does all of this in one call.
#
# With labels for all clips, the closed form takes a second and has no training that could go wrong: start with it.
# Triplets are for what has no labels: "alike" clicked by listeners, takes of one event from two microphones.
#
# ## Before and after, by ear
# The query from the top, before and after. What has moved up, what has gone?

# %%
spaces = {"embedding": plain.transform(x_valid), "linear map": linear(x_valid)}
rows = valid.iloc[[query, *(clip for space in spaces.values() for clip in nearest(space, query, k=3))]]
captions = ["the query", *(f"{name}, rank {rank}" for name in spaces for rank in (1, 2, 3))]
plots.show(plots.class_grid(sounds, rows, columns=4), "The query and its three nearest: "
           + "; ".join(f"{name}: {', '.join(rows['label'].iloc[1 + 3 * i:4 + 3 * i]).replace('_', ' ')}"
                       for i, name in enumerate(spaces)) + ".")
listen.grid(sounds, rows, columns=4, captions=captions)

# %%
soundmap.sound_map(maps, valid_audio, sr=sr, labels=valid["label"], names=valid["clip_id"], seconds=3.0,
                   neighbours=np.stack([nearest(spaces["linear map"], clip) for clip in range(len(valid))]),
                   title="Validation clips before and after: choose the map, click a point")

# %% [markdown]
# ## One example is enough to start
# Somebody brings one recording of each of five sounds that the map has never met. **Prototypes** are the simplest
# classifier there is: the mean direction of the examples of each class; a new clip gets the name of the nearest. With
# one example, the example is the prototype.

# %%
def prototypes(vectors, labels):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    names = np.unique(labels)
    means = np.stack([unit[labels == name].mean(axis=0) for name in names])
    return means / np.linalg.norm(means, axis=1, keepdims=True), names


one_each = train[~old].groupby("label").head(1).index.to_numpy()
vectors = maps_of_known["embedding"].transform(x_train[one_each])
means, names = prototypes(vectors, train["label"].to_numpy()[one_each])
answers = names[(maps_of_known["embedding"].transform(x_valid[new]) @ means.T).argmax(axis=1)]
print(f"one example of each of {len(names)} new sounds: "
      f"{metrics.accuracy(valid['label'][new], answers):.2f} of {new.sum()} clips are named right")

# %% [markdown]
# That was one draw, and luck decides much: an odd example makes an odd prototype. So we draw twenty times, for one to
# ten examples of the new sounds from the training folds, and ask the validation clips. The line is the mean, the bars
# go from the unluckiest to the luckiest draw.

# %%
pool = pd.concat([train[~old], valid[new]], ignore_index=True)
asked = np.arange(len(pool)) >= np.sum(~old)
most = train["label"][~old].value_counts().min()
few = {}
for name, one in maps_of_known.items():
    mapped = one.transform(np.concatenate([x_train[~old], x_valid[new]]))
    few[name] = {n: similarity.few_shot_accuracy(
        mapped, pool["label"], groups=pool["source"], queries=asked, n_shots=n, draws=20, rng=np.random.default_rng(n))
        for n in (1, 2, 5, 10) if n <= most}
plots.show(plots.learning_curve(few, chance=1 / len(names), x="Examples of each new sound",
                                title="Naming sounds that no map has met"),
           "Accuracy of the nearest prototype: " + "; ".join(
               f"{name} " + ", ".join(f"{values.mean():.2f} from {n}" for n, values in points.items())
               for name, points in few.items()) + ".")

# %% [markdown]
# ## No labels at all
# Sound without labels is everywhere. What can teach what is alike? This: **two views of one clip are alike**. Take two
# of its windows, change each as another room, microphone or background would, and ask a network to give both the same
# vector. What survives all changes is the sound itself. That is **self-supervised** learning.
#
# Which changes? They *are* the lesson: what they vary, the network learns to ignore. Here are a window and three views
# of its clip: bands louder and softer, and another sound underneath.

# %%
from helpers import features, windows


def log_mel_windows(audio):
    """Log-mel windows, the clip of each, and which are not silent."""
    cut, clip_index, _ = windows.split_all(audio, sr=sr, hop=0.25)
    return features.log_mel(cut, sr=sr, hop_length=512), clip_index, windows.live(cut)


log_mels, clip_index, live = log_mel_windows(train_audio)
log_mels, clip_index = log_mels[live], clip_index[live]
contrast = log_mels.std(axis=(1, 2))
same = np.flatnonzero(clip_index == clip_index[contrast.argmax()])
pair = log_mels[same[np.argsort(-contrast[same])[:2]]]                      # two windows with much in them
views = [similarity.vary(pair, log_mels[rng.integers(len(log_mels), size=len(pair))], rng=rng) for _ in range(2)]
shown = {"a window": pair[0], "a view of it": views[0][0], "another view": views[1][0], "of another": views[0][-1]}
plots.show(plots.log_mels(shown, sr=sr, hop_length=512),
           f"A window of {train['label'][clip_index[same[0]]].replace('_', ' ')}, two views of it, and one of another "
           "window of the clip: other colours, another background, the same sound.")
print(f"{len(log_mels)} windows of {len(train_audio)} clips; their labels are not used below")

# %% [markdown]
# ## SimSiam
# Three small networks: an **encoder** turns a view into a vector `h`, the one we want. A **projector** turns `h` into
# `z`, in which views are compared. A **predictor** guesses `z` of the other view. The loss is minus the cosine between
# guess and target, both ways round.
#
# There is a way to cheat: give *all* sounds the same vector. Then every guess is right, and nothing was learned. That
# is **collapse**. SimSiam's answer is one function: the target stands still, no gradient flows into it
# (`stop_gradient`). The guess must come to the target; the target does not come to the guess.
#
# (In miniature: our encoder sees four statistics of each mel band and has two layers. The paper's has fifty, and a
# million photographs.)

# %%
def simsiam_loss(predicted, projected, stop_gradient=True):
    """Predictions and projections of two views, each of shape (n_clips, n_dims)."""
    def cosine(guess, target):
        target = ops.stop_gradient(target) if stop_gradient else target
        return ops.mean(ops.sum(ops.normalize(guess) * ops.normalize(target), axis=1))

    return -(cosine(predicted[0], projected[1]) + cosine(predicted[1], projected[0])) / 2


trained = similarity.fit_simsiam(log_mels, clip_index, steps=steps)       # this loss, in a loop over batches of clips
print(f"loss {trained.history['loss'][0]:.2f} at first, {trained.history['loss'][-1]:.2f} at last (-1 is perfect)")

# %% [markdown]
# ### Your turn: detect a collapse
# The loss cannot tell: a collapse makes it perfect. Look at the vectors instead. If they point everywhere alike, each
# of their `n` dimensions has a standard deviation of `1 / sqrt(n)` over the clips; if they are all one, it is 0.
#
# **Task:** write `collapse(vectors)`: give every vector length 1, take the standard deviation of each dimension over
# the clips, average these, and multiply by `sqrt(n)`.
#
# **Hint:** `np.linalg.norm(vectors, axis=1, keepdims=True)`. `vectors` has one row a clip.
#
# **Expected:** one number: about 1 is healthy, below 0.3 something is wrong, 0 is collapsed.

# %%
def collapse(vectors):
    # <solution>
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.std(axis=0).mean() * np.sqrt(unit.shape[1])
    # </solution>


# %%
exercises.check_collapse(collapse)

# %% [markdown]
# ## Watch it collapse
# The same training again, without the stop. And a third time with the stop, but with views that are not changed: just
# two windows of the clip.

# %%
runs = {"SimSiam": trained,
        "no stop-gradient": similarity.fit_simsiam(log_mels, clip_index, steps=min(150, steps), stop_gradient=False),
        "views not changed": similarity.fit_simsiam(log_mels, clip_index, steps=steps, change=similarity.unchanged)}
plots.show(
    plots.collapse_curves({name: run.history for name, run in runs.items()}),
    "Loss and collapse over the steps: " + "; ".join(
        f"{name} ends at a loss of {run.history['loss'][-1]:.2f} and {run.history['collapse'][-1]:.2f}"
        for name, run in runs.items()) + ". The best loss is that of the run whose vectors have nearly become one.")

# %% [markdown]
# The run without the stop soon has the best loss of all, and its vectors are nearly one. So never judge such a training
# by its loss. (Nearly: a cosine can still rank by the little that is left, so its search need not fall to chance.)
#
# What have the healthy ones learned? We map the validation clips (mean over their windows) and search, as above. Beside
# them: an encoder that was hardly trained, and the statistics that all of them start from. (Not those of the bar: here
# each window's level is taken out first.)

# %%
valid_log_mels, valid_index, valid_live = log_mel_windows(valid_audio)
valid_statistics = similarity.band_statistics(valid_log_mels)


def mapped_clips(one):
    return windows.pool_clips(one.transform(valid_statistics), valid_index, live=valid_live)


starts = {"statistics": similarity.plain_map(similarity.band_statistics(log_mels)),
          "after one step": similarity.fit_simsiam(log_mels, clip_index, steps=1, progress=False)}
unsupervised = {name: mean_ap(mapped_clips(one)) for name, one in {**starts, **runs}.items()}
plots.show(
    plots.accuracy_bars(unsupervised, chance=searches["random vectors"], x="Mean average precision",
                        title="Search, learned without labels"),
    "Mean average precision among validation clips: " + ", ".join(
        f"{name} {value:.3f}" for name, value in unsupervised.items()) + ".")

# %% [markdown]
# Two windows of one clip share their room, their microphone, their background. Unless the views vary these, they are
# the easiest thing to go by, and a network that goes by them has learned about rooms. **Augmentation is what
# self-supervision learns from**, as far as it varies what your recordings really differ in. Ours imitates the rooms and
# microphones of the embedded clips. What it brings on ESC-10, the table near the end tells.
#
# It is not as good as the embedding at the top, which has heard far more sounds, and their names, for far longer. But
# nobody labelled anything here, and the clips are *yours*: your microphone, your forest, your machine.

# %%
plots.show(
    plots.point_maps({"statistics": soundmap.project(mapped_clips(starts["statistics"]), how="pca"),
                      "SimSiam": soundmap.project(mapped_clips(trained), how="pca")},
                     valid["label"]),
    f"Two maps of the validation clips, coloured by class: statistics ({unsupervised['statistics']:.2f}) and what "
    f"SimSiam made of them without labels ({unsupervised['SimSiam']:.2f}).")

# %% [markdown]
# ## Listen to what is still wrong
# The queries that find least with the linear map, each beside the clip that they find first. Is the map wrong, or
# would you have confused them too?

# %%
mapped = linear(x_valid)
first = np.array([nearest(mapped, clip, k=1)[0] for clip in range(len(valid))])
right = np.array([np.mean(valid["label"][nearest(mapped, clip, k=10)] == valid["label"][clip])
                  for clip in range(len(valid))])
worst = np.argsort(right, kind="stable")[:3]
rows = valid.iloc[[place for clip in worst for place in (clip, first[clip])]]
plots.show(plots.class_grid(sounds, rows, columns=2),
           "The three queries that find least, each beside what it finds first: "
           + ", ".join(rows["label"]).replace("_", " ") + ".")
listen.grid(sounds, rows, columns=2,
            captions=[text for clip in worst for text in (f"{right[clip]:.0%} of its ten nearest are right",
                                                          "what it finds first")])

# %% [markdown]
# ## The test, once
# We decided for the linear map, with the shrinkage from the top. The test fold has been asked nothing until now.

# %%
x_test = embeddings.embed_clips(embedder, sounds.load_all(test, sr=sr), sr=sr, progress=False)
for name, vectors in {"embedding": plain.transform(x_test), "linear map": linear(x_test)}.items():
    scores = metrics.retrieval_scores(vectors, test["label"], groups=test["source"], k=5)
    print(f"{name:11} mean average precision {scores['mean_average_precision']:.3f}, of the first five hits "
          f"{scores['precision_at_k']:.0%} are right")

# %% [markdown]
# One fold: an example. Here are stored results over all five, on real recordings (ESC-10). **New** is a search among
# five classes by a map that learned from the five others; **examples**: the nearest prototype, for such new classes.
# Below, learning without labels.

# %%
from helpers import measured

stored = {line["what"]: line["value"] for line in measured.stored("similarity")["rows"]}
embedders, kinds = ("statistics", "our network (embedded)", "YAMNet"), (
    "plain", "linear map", "linear map, all directions", "triplets")
columns = {"search": "search", "new": "search, five new classes", "1 example": "1 clips a class, five new classes",
           "5 examples": "5 clips a class, five new classes"}
table = pd.DataFrame({short: {f"{name}, {kind}": stored.get(f"esc10: {name}, {kind}: {measure}")
                              for name in embedders for kind in kinds} for short, measure in columns.items()})
print(table.to_string(float_format="{:.2f}".format, na_rep="-"), "\n")
for what, value in stored.items():
    if "without labels" in what and what.endswith(("search", "collapse")) and value is not None:
        print(f"{value:5.2f}  {what}")

# %% [markdown]
# Compare within a column, never along a row: a search among five classes is easier than one among ten. For classes that
# it has met, every learned map beats the embedding, whichever it is. For new ones, networks that have heard much are
# best left alone or nearly so, and plain statistics gain by whitening.
#
# ## What have we learned?
# - **A linear map** divides by what varies within a class. It takes a second. Made for some classes, it may be blind
#   for others: then keep all directions, or the embedding.
# - **Triplets** need comparisons only, no names.
# - **Prototypes** name new sounds from one example. Average over draws before you believe a number.
# - **SimSiam** needs no labels. Its changes decide what it learns, and its loss does not notice a collapse.

# %%
exercises.quiz(
    "Training without labels: the loss has fallen to -0.99 within a minute. What do you do first?",
    {
        "Look at the standard deviation of the unit vectors": True,
        "Stop: the training is done, and it went well": "A perfect loss is what a collapse looks like.",
        "Train on, until it is -1": "If it has collapsed, it will only get nearer to one single vector.",
    },
    explain="Vectors that have all become one predict each other perfectly. Only their spread tells.",
)

# %%
exercises.quiz(
    "You have 300 labelled clips of 8 machines, and want to find odd sounds that nobody has heard yet. Which vectors?",
    {
        "The embedding as it is, or whitened with all its directions kept": True,
        "Those of the linear map that keeps what tells the 8 machines apart": "In its 7 directions an odd sound may "
        "look like the nearest machine: what is new about it was thrown away.",
        "Prototypes of the 8 machines": "They say which machine is nearest, not whether it is one of them.",
    },
    explain="What was learned to tell known classes apart may be blind for everything else.",
)

# %% [markdown]
# ## Where this fails on real recordings
# - One room for each class: then the room is *not* noise to the map, it is the best feature. Split by recording, and by
#   site if you can.
# - Ten clips cannot say how hundreds of directions vary. Raise the shrinkage.
# - Changes that are part of the name must not be in the views: pitch for birds, level for an alarm that gets nearer.
# - Prototypes have one direction for each class. A class of two kinds ("traffic": horns and engines) needs two.

# %% [markdown]
# ## Next
# - Set `steps = 2000`, or `shrinkage = 0.05`, and run all again. Make views with a stronger background:
#   `functools.partial(similarity.vary, snr_db=(0, 20))`.
# - Keep what you learned: `similarity.fit_linear(...).save("my-map")`; `similarity.load_similarity` reads it, and a
#   `SoundIndex` (notebook 6) takes its vectors.
#
# Sources: discriminant analysis after Fisher (1936) and Rao (1948); within-class whitening by Hatch and others
# (Interspeech 2006); triplets by Schroff and others (FaceNet, CVPR 2015); prototypes by Snell and others (NeurIPS
# 2017); SimSiam by Chen and He (CVPR 2021). The data is named below the first cell.
