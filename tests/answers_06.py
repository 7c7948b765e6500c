"""Right and wrong answers to the exercises of notebook 06, for tests/test_exercises.py."""

import functools

import numpy as np

from helpers import exercises


def four(a, b, spread):
    unit_a, unit_b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return (1 - unit_a @ unit_b, np.linalg.norm(a - b), np.linalg.norm(unit_a - unit_b),
            np.linalg.norm((a - b) / spread))


def by_the_law(a, b, spread):
    cosine = 1 - a @ b / np.sqrt((a @ a) * (b @ b))
    return [cosine, np.sqrt(((a - b)**2).sum()), np.sqrt(2 * max(cosine, 0)), np.sqrt((((a - b) / spread)**2).sum())]


def changed(place, value):
    """Make an answer whose number at one place is another one."""
    def answer(a, b, spread):
        numbers = list(four(a, b, spread))
        numbers[place] = value(a, b, spread)
        return numbers
    return answer


def k_nearest(distances, sources, own, k):
    others = np.flatnonzero(sources != own)
    return others[np.argsort(distances[others], kind="stable")][:k]


def k_nearest_slowly(distances, sources, own, k):
    return sorted((place for place in range(len(sources)) if sources[place] != own), key=lambda at: distances[at])[:k]


def last_of_equals(distances, sources, own, k):
    others = np.flatnonzero(sources != own)[::-1]
    return others[np.argsort(distances[others], kind="stable")][:k]


def places_among_others(distances, sources, own, k):
    return np.argsort(distances[sources != own], kind="stable")[:k]


def never_drops(distances, sources, own, k):
    return np.argsort(np.where(sources == own, np.inf, distances), kind="stable")[:k]


def precision(found, wanted, k):
    return np.mean(found[:k] == wanted)


def choose_k(vectors, candidates):
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    return max(candidates, key=lambda k: silhouette_score(
        vectors, KMeans(k, n_init=3, random_state=0).fit_predict(vectors)))


def by_trees(vectors, candidates):
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import calinski_harabasz_score

    scores = [calinski_harabasz_score(vectors, AgglomerativeClustering(k).fit_predict(vectors)) for k in candidates]
    return np.array(candidates)[np.argmax(scores)]


def least_spread(vectors, candidates):
    from sklearn.cluster import KMeans

    return min(candidates, key=lambda k: KMeans(k, n_init=3, random_state=0).fit(vectors).inertia_)


def neighbours_disagree(vectors, labels, sources, n, *, leave_out=True):
    far = np.linalg.norm(vectors[:, np.newaxis] - vectors, axis=2)
    far[(sources[:, np.newaxis] == sources) if leave_out else np.eye(len(far), dtype=bool)] = np.inf
    nearest = np.argsort(far, axis=1)[:, :10]
    return np.argsort((labels[nearest] == labels[:, np.newaxis]).mean(axis=1), kind="stable")[:n]


def far_from_the_mean(vectors, labels, sources, n):
    means = {label: np.median(vectors[labels == label], axis=0) for label in np.unique(labels)}
    return np.argsort([-np.linalg.norm(x - means[y]) for x, y in zip(vectors, labels, strict=True)])[:n]


def blobs():
    """Sixty clips of thirty recordings in three classes, and which three of their labels are wrong."""
    rng = np.random.default_rng(2)
    classes, planted = np.arange(60) % 3, np.array([5, 22, 43])
    vectors = np.eye(3, 4)[classes] * 5 + rng.normal(0, 0.4, (60, 4))
    named = np.where(np.isin(np.arange(60), planted), (classes + 1) % 3, classes)
    return {"vectors": vectors, "labels": np.array(["dog", "rain", "cat"])[named], "sources": np.arange(60) // 2,
            "planted": planted}


def only_toys(vectors, labels, sources, n):
    found = neighbours_disagree(vectors, labels, sources, n)
    return found if n != 10 else [43, *range(10, 19)]


suspects = functools.partial(exercises.check_suspects, **blobs())

RIGHT = [
    (exercises.check_distances, four), (exercises.check_distances, by_the_law),
    (exercises.check_distances, lambda *given: np.array(four(*given))),
    (exercises.check_search, k_nearest), (exercises.check_search, k_nearest_slowly),
    (exercises.check_precision, precision),
    (exercises.check_precision, lambda found, wanted, k: sum(label == wanted for label in found[:k]) / len(found[:k])),
    (exercises.check_choose_k, choose_k), (exercises.check_choose_k, by_trees),
    (suspects, neighbours_disagree), (suspects, far_from_the_mean),
]
WRONG = [
    (exercises.check_distances, changed(0, lambda a, b, spread: a @ b / np.sqrt(a @ a * (b @ b))),
     "the cosine distance is 0.96, expected 0.04 (1 - cos of the angle)"),
    (exercises.check_distances, changed(1, lambda a, b, spread: (a - b) @ (a - b)),
     "the Euclidean distance is 2, expected 1.414"),
    (exercises.check_distances, changed(2, lambda a, b, spread: np.linalg.norm(a - b) / np.linalg.norm(a)),
     "for a = [3, 4], b = [6, 8], spread = [1, 1]: the Euclidean distance of the unit vectors is 1, expected 0"),
    (exercises.check_distances, changed(3, lambda a, b, spread: np.linalg.norm((a - b) * spread)),
     "spread = [1, 100]: the standardised Euclidean distance is 2e+04, expected 2.236"),
    (exercises.check_distances, changed(3, lambda a, b, spread: np.linalg.norm((a - b) / spread**2)),
     "the standardised Euclidean distance is 1, expected 2.236"),
    (exercises.check_distances, changed(0, lambda a, b, spread: 1 - abs(a @ b) / np.sqrt(a @ a * (b @ b))),
     "b = [-2, 0], spread = [2, 1]: the cosine distance is 0, expected 2"),
    (exercises.check_distances, lambda *given: four(*given)[:3], "an array of shape (3,)"),
    (exercises.check_distances, lambda *given: four(*given)[1], "expected four numbers, got 1.414"),
    (exercises.check_search, lambda distances, sources, own, k: np.argsort(-distances)[:k],
     "rank 1 is clip 2 at 0.9, but clip 3 at 0.1 is nearer"),
    (exercises.check_search, lambda distances, sources, own, k: np.argsort(distances)[:k],
     "clip 0 is of the query's own recording, 'dog-1'"),
    (exercises.check_search, lambda distances, sources, own, k: np.argsort(distances)[k > 2 or 1:][:k],
     "rank 1 is clip 1 at 0.2"),
    (exercises.check_search, lambda distances, sources, own, k: np.setdiff1d(np.argsort(distances)[:k], [0]),
     "rank 1 is clip 1 at 0.2"),
    (exercises.check_search, places_among_others, "clip 1 is of the query's own recording"),
    (exercises.check_search, last_of_equals, "is as near, but comes first in the collection"),
    (exercises.check_search, never_drops, "where only two clips are of other recordings: clip"),
    (exercises.check_search, lambda *given: k_nearest(*given)[:1], "you found 1, expected 3"),
    (exercises.check_search, lambda distances, sources, own, k: np.sort(distances)[:k], "places (whole numbers)"),
    (exercises.check_search, lambda *given: k_nearest(*given) + 1, "there is no clip 5; places go from 0 to 4"),
    (exercises.check_search, lambda *given: np.repeat(k_nearest(*given), 2), "clip 1 is there more than once"),
    (exercises.check_precision, lambda found, wanted, k: np.sum(found[:k] == wanted),
     "the precision is 3, expected 0.6"),
    (exercises.check_precision, lambda found, wanted, k: np.mean(found == wanted), "with k = 2: the precision is 0.6"),
    (exercises.check_precision, lambda found, wanted, k: np.sum(found[:k] == wanted) / k,
     "with k = 10, though there are five hits: the precision is 0.3, expected 0.6"),
    (exercises.check_precision, lambda found, wanted, k: np.sum(found[:k] == wanted) / np.sum(found == wanted),
     "the precision is 1, expected 0.6"),
    (exercises.check_precision, lambda found, wanted, k: found[:k] == wanted, "must be one number"),
    (exercises.check_choose_k, lambda vectors, candidates: 3, "in ten dimensions and the candidates 2, 4, 6, 8"),
    (exercises.check_choose_k, least_spread, "you said 6, expected 3"),
    (exercises.check_choose_k, lambda vectors, candidates: max(candidates), "you said 6, expected 3"),
    (exercises.check_choose_k, lambda vectors, candidates: candidates.index(choose_k(vectors, candidates)),
     "you said 1, which is none of them"),
    (exercises.check_choose_k, lambda vectors, candidates: candidates, "must be one number"),
    (exercises.check_choose_k, lambda vectors, candidates: sorted(candidates)[{4: 1, 5: 2, 6: 1}[len(candidates)]],
     "for four groups of different sizes and the candidates 10, 7, 5, 4, 3, 2 you said 3, expected 4"),
    (suspects, functools.partial(neighbours_disagree, leave_out=False), "leave out its own recording"),
    (suspects, lambda *given: np.arange(given[-1]), "clip"),
    (suspects, lambda *given: neighbours_disagree(*given)[:1], "you doubt 1 clips, expected 3"),
    (suspects, lambda vectors, labels, sources, n: labels[:n], "places (whole numbers)"),
    (suspects, only_toys, "1 of the 3 planted ones are among yours, 3 can be found. Clip 5 is missing"),
]
FUNCTIONS = [exercises.check_distances, exercises.check_search, exercises.check_precision, exercises.check_choose_k,
             suspects]
