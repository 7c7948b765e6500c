"""Figures about search, maps and clusters: the embedded clips through the workshop's own embedder."""

import functools

import numpy as np

from benchmarks import results
from helpers import clusters, datasets, embeddings, features, metrics, plots, search, segments, soundmap
from helpers.plots import style

SOURCES = ["helpers/embeddings", "helpers/search", "helpers/clusters", "helpers/segments.py", "helpers/soundmap",
           "helpers/synth", "helpers/metrics"]
RESULTS = ["embedders", "similarity", "search", "projection"]
QUERY = "rooster-5a-0-0"
OF = {"statistics": "statistics", "our network": "our network (embedded)", "YAMNet": "YAMNet"}


@functools.lru_cache(maxsize=1)
def collection() -> tuple:
    """Clip table, sounds, and unit vectors of all embedded clips."""
    sounds = datasets.load_clips("embedded")
    audio = sounds.load_all(sounds.clips)
    vectors = embeddings.embed_clips(embeddings.load_embedder(), audio, sr=16000)
    vectors = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    return sounds, audio, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def wide(height: float = 3.0):
    """Axes as wide as a slide."""
    return style.new_figure(width=8.4, height=height).add_subplot()


def half(height: float = 4.0):
    """Axes for one column of two."""
    return style.new_figure(width=5.0, height=height).add_subplot()


def measured(name: str, what: str) -> float:
    """A figure of a benchmark."""
    return next(row["value"] for row in results.load(name)["rows"] if row["what"] == what)


def hits():
    """The query and its four nearest clips of other recordings."""
    sounds, audio, vectors = collection()
    table = sounds.clips.reset_index(drop=True)
    query = int(np.flatnonzero(table["clip_id"] == QUERY)[0])
    source = table["source"].to_numpy()
    found, _ = search.nearest(vectors[query:query + 1], vectors, k=4, apart=(source[query:query + 1], source))
    pictures = {f"query: {style.pretty(table['label'][query])}": audio[query]}
    for rank, row in enumerate(found[0], start=1):
        pictures[f"{rank}. {style.pretty(table['label'][row])}"] = audio[row]
    return plots.log_mels({title: features.log_mel(one, sr=16000) for title, one in pictures.items()}, sr=16000)


def maps():
    """All clips on a shadow and on a UMAP map."""
    sounds, _, vectors = collection()
    return plots.point_maps({"PCA": soundmap.project(vectors, how="pca"),
                             "UMAP": soundmap.project(vectors, how="umap", seed=6)}, sounds.clips["label"])


def torn_maps():
    """The same maps, with lines between neighbours that UMAP has drawn apart."""
    sounds, _, vectors = collection()
    source = sounds.clips["source"].to_numpy()
    closest = search.nearest(vectors, vectors, k=1, apart=(source, source))[0][:, 0]
    shown = {"PCA": soundmap.project(vectors, how="pca"), "UMAP": soundmap.project(vectors, how="umap", seed=6)}
    gaps = np.linalg.norm(shown["UMAP"] - shown["UMAP"][closest], axis=1)
    return plots.point_maps(shown, sounds.clips["label"], lines=[(row, closest[row]) for row in np.argsort(-gaps)[:8]])


def retrieval():
    """Mean average precision of a search in ESC-10, by embedder."""
    what = "esc10: {}, mean average precision of a search"
    return plots.accuracy_bars({name: [measured("embedders", what.format(full))] for name, full in OF.items()},
                               x="Mean average precision", ax=half(3.2), title="Search in ESC-10")


def few_shots():
    """Accuracy on ESC-10 with one, five and ten examples of each class."""
    what = "esc10: {}, plain: {} clips a class"
    curves = {name: {n: measured("similarity", what.format(full, n)) for n in (1, 5, 10)} for name, full in OF.items()}
    return plots.learning_curve(curves, chance=0.1, x="Examples of each class", ax=half(),
                                title="ESC-10, nearest prototype")


def old_and_new():
    """What a learned similarity does to classes it has seen, and to new ones."""
    what = "esc10: our network (embedded), {}: search{}"
    ways = {"as it is": "plain", "linear map": "linear map", "linear, all directions": "linear map, all directions",
            "Siamese (triplets)": "triplets"}
    bars = {}
    for name, way in ways.items():
        bars[f"{name}: classes it learned"] = [measured("similarity", what.format(way, ""))]
        bars[f"{name}: five new classes"] = [measured("similarity", what.format(way, ", five new classes"))]
    return plots.accuracy_bars(bars, x="Mean average precision", ax=wide(4.0), title="ESC-10, our network")


def how_many_groups():
    """Silhouette and adjusted Rand index over the number of clusters."""
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    sounds, _, vectors = collection()
    curves: dict[str, dict[int, float]] = {"silhouette": {}, "adjusted Rand index": {}}
    for n in range(2, 21, 2):
        groups = clusters.cluster(vectors, n_clusters=n)
        curves["silhouette"][n] = float(silhouette_score(vectors, groups))
        curves["adjusted Rand index"][n] = float(adjusted_rand_score(sounds.clips["label"], groups))
    best = max(curves["silhouette"], key=curves["silhouette"].get)
    return plots.cluster_curves(curves, chosen=best, ax=wide(3.6))


def where_it_changes():
    """Self-similarity and novelty of six clips joined to one recording."""
    sounds, audio, _ = collection()
    chosen = [int(np.flatnonzero((sounds.clips["label"] == label) & (sounds.clips["fold"] == 5))[1])
              for label in ("rain", "dog", "helicopter", "rooster", "sea_waves", "clock_tick")]
    embedder = embeddings.load_embedder()
    vectors, _ = embedder.embed(np.concatenate([audio[row] for row in chosen]), sr=16000)
    joints = np.cumsum([len(audio[row]) / 16000 for row in chosen])[:-1]
    reach = 8
    found = segments.boundaries(vectors, hop=embedder.hop, window=embedder.window, reach=reach * embedder.hop)
    similarity = segments.self_similarity(vectors)
    return plots.self_similarity(similarity, segments.novelty(similarity, reach=reach), hop=embedder.hop,
                                 start=embedder.window / 2, found=found, true=joints)


def strange_ones():
    """Outlier scores of all clips, and of ten clips of other kinds put among them."""
    from helpers.synth import voices

    sounds, _, _ = collection()
    embedder = embeddings.load_embedder()
    strange = [voices.render(label, session="5a")[0] for label in voices.UNKNOWN]
    mixed = [*sounds.load_all(sounds.clips), *strange]
    vectors = embeddings.embed_clips(embedder, mixed, sr=16000)
    vectors = (vectors - vectors.mean(axis=0)) / vectors.std(axis=0)
    groups = [*sounds.clips["source"], *(f"stranger {label}" for label in voices.UNKNOWN)]
    scores = clusters.outlier_scores(vectors, groups=groups)
    return plots.score_distributions({"clips of the ten classes": scores[:-len(strange)],
                                      "ten strangers": scores[-len(strange):]}, x="Outlier score", ax=wide(3.4))


def agreement():
    """How many of the ten nearest clips four distances have in common with cosine."""
    sounds, _, _ = collection()
    vectors = embeddings.embed_clips(embeddings.load_embedder(), sounds.load_all(sounds.clips), sr=16000)
    names = ("cosine", *(how for how in metrics.DISTANCES if how != "cosine"))
    nearest = {how: np.argsort(metrics.distances(vectors, vectors, how=how) + 1e9 * np.eye(len(vectors)), axis=1,
                               kind="stable")[:, :10] for how in names}
    shared = {f"{style.pretty(how)}": [float(np.mean([np.isin(a, b).mean() for a, b in zip(
        nearest[how], nearest["cosine"], strict=True)]))] for how in names[1:]}
    return plots.accuracy_bars(shared, x="Share of the ten nearest that cosine finds too", ax=half(3.2))




FIGURES = (hits, maps, torn_maps, retrieval, few_shots, old_and_new, how_many_groups, where_it_changes, strange_ones,
           agreement)
