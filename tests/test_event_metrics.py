"""Event metrics against sed_eval and against brute force, on random labels and on real ones."""

import itertools
import math
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from helpers import checks, metrics
from helpers.metrics import matching
from helpers.metrics.tables import tidy

CLASSES = ["dog", "rain", "siren"]
NUMBERS = ["precision", "recall", "f1", "error_rate"]
FUNCTIONS = {
    "match_events": metrics.match_events,
    "event_scores": lambda events, detected: metrics.event_scores(events, detected, classes=CLASSES),
    "event_f1": lambda events, detected: metrics.event_f1(events, detected, classes=CLASSES),
    "event_precision_recall": lambda events, detected: metrics.event_precision_recall(
        events, lambda threshold: detected, thresholds=[0.5], classes=CLASSES, duration=60.0),
    "agreement": metrics.agreement,
    "segment_scores": lambda events, detected: metrics.segment_scores(
        events, detected, classes=CLASSES, durations={"a": 10.0}),
    "frame_kappa": lambda events, detected: metrics.frame_kappa(
        events, detected, classes=CLASSES, durations={"a": 10.0}),
    "false_alarms_per_hour": lambda events, detected: metrics.false_alarms_per_hour(events, detected, duration=60.0),
    "rate_error": lambda events, detected: metrics.rate_error(events, detected, duration=60.0),
}


def table(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["clip_id", "onset", "offset", "label"])


def from_lengths(rows: list[tuple]) -> pd.DataFrame:
    return table(*((clip, onset, onset + length, label) for clip, onset, length, label in rows))


# On a grid, so that times tie and lie exactly at a collar or on a segment boundary; crowded, so that events overlap.
TIMES = st.one_of(st.integers(0, 20).map(lambda number: number * 0.05), st.floats(0, 1))
LENGTHS = st.integers(0, 20).map(lambda number: max(0, number - 5) * 0.05)
ROWS = st.tuples(st.sampled_from("aab"), TIMES, LENGTHS, st.sampled_from(["dog", *CLASSES]))
TABLES = st.lists(ROWS, max_size=14).map(from_lengths)
FEW = st.lists(st.tuples(st.just("a"), TIMES, LENGTHS, st.sampled_from(["dog", "dog", "rain"])), min_size=2,
               max_size=5).map(from_lengths)
COLLARS = st.sampled_from([0.05, 0.2, 0.5])


def crowd(n: int, *, seed: int, span: float = 6.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    onset = rng.uniform(0, span, n)
    return pd.DataFrame({"clip_id": "a", "onset": onset, "offset": onset + rng.uniform(0, 2, n) * rng.integers(0, 2, n),
                         "label": rng.choice(CLASSES, n)})


# sed_eval as the reference

@pytest.fixture(scope="module")
def sed_eval():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # it was written for an older Python
        import sed_eval
    return sed_eval.sound_event


def listed(events: pd.DataFrame, clip: str) -> list[dict]:
    rows = events[events["clip_id"] == clip].sort_values(["onset", "offset"], kind="stable")
    return [{"filename": clip, "onset": row.onset, "offset": row.offset, "event_label": row.label}
            for row in rows.itertuples()]


def results_of(measure) -> tuple[dict, dict]:
    """What sed_eval says, first with NaN for a score of nothing, then with 0."""
    both = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # a mean of nothing
        for handling in (None, "zero_score"):
            measure.empty_system_output_handling = handling
            both.append(measure.results())
    return tuple(both)


def assert_same(scores: pd.DataFrame, measure, *, counts: dict) -> None:
    """Compare a table of scores with sed_eval, wherever that divides by something."""
    usual, zeros = results_of(measure)
    classes = list(scores.index[:-2])
    parts = {label: [results["class_wise"][label] for results in (usual, zeros)] for label in classes}
    parts |= {"all": [usual["overall"], zeros["overall"]],
              "mean": [usual["class_wise_average"], zeros["class_wise_average"]]}
    for label, (one, other) in parts.items():
        row = scores.loc[label, NUMBERS].to_numpy(float)
        expected = [one["f_measure"]["precision"], one["f_measure"]["recall"], other["f_measure"]["f_measure"],
                    one["error_rate"]["error_rate"]]
        if label == "mean":    # sed_eval divides by 2e-16 where a class has no events; we leave it out
            expected[3] = np.mean([parts[name][0]["error_rate"]["error_rate"] for name in classes
                                   if scores.loc[name, "n_true"] > 0] or [np.nan])
        elif scores.loc[label, "n_true"] == 0:
            expected[3] = np.nan
        np.testing.assert_allclose(row, expected, atol=1e-6, err_msg=label)
    for column, name in counts.items():
        assert scores.loc["all", column] == measure.overall[name], column
    for label in classes:
        found = scores.loc[label, ["n_true", "n_detected", "hits", "deletions", "insertions"]].tolist()
        assert found == [measure.class_wise[label][name] for name in ("Nref", "Nsys", "Ntp", "Nfn", "Nfp")]


def assert_events_agree(sed_eval, events, detected, *, classes=CLASSES, collar=0.2, ratio=0.2, use_offset=True):
    measure = sed_eval.EventBasedMetrics(
        list(classes), evaluate_offset=use_offset, t_collar=collar, percentage_of_length=ratio,
        event_matching_type="optimal")
    for clip in sorted({*events["clip_id"], *detected["clip_id"]}):
        measure.evaluate(listed(events, clip), listed(detected, clip))
    scores = metrics.event_scores(
        events, detected, classes=classes, collar=collar, offset_ratio=ratio, use_offset=use_offset)
    assert_same(scores, measure, counts={"n_true": "Nref", "n_detected": "Nsys", "hits": "Ntp", "deletions": "Nfn",
                                         "insertions": "Nfp", "substitutions": "Nsubs"})
    return scores


def assert_segments_agree(sed_eval, events, detected, *, durations, classes=CLASSES, resolution=1.0):
    measure = sed_eval.SegmentBasedMetrics(list(classes), time_resolution=resolution)
    for clip, duration in durations.items():
        measure.evaluate(listed(events, clip), listed(detected, clip), evaluated_length_seconds=duration)
    scores = metrics.segment_scores(events, detected, classes=classes, durations=durations, resolution=resolution)
    assert_same(scores, measure, counts={"n_true": "Nref", "n_detected": "Nsys", "hits": "Ntp", "deletions": "D",
                                         "insertions": "I", "substitutions": "S"})
    return scores


@given(events=TABLES, detected=TABLES, collar=COLLARS, ratio=st.sampled_from([0.0, 0.2, 0.5]), use_offset=st.booleans())
@settings(max_examples=40)
def test_event_scores_are_those_of_sed_eval(sed_eval, events, detected, collar, ratio, use_offset):
    assert_events_agree(sed_eval, events, detected, collar=collar, ratio=ratio, use_offset=use_offset)


def test_event_scores_are_those_of_sed_eval_where_the_first_that_fits_is_not_the_best(sed_eval):
    for seed in (2, 5):
        events, detected = crowd(40, seed=seed), crowd(40, seed=seed + 100)
        scores = assert_events_agree(sed_eval, events, detected, collar=0.5, ratio=0.5)
        greedy = sed_eval.EventBasedMetrics(CLASSES, t_collar=0.5, percentage_of_length=0.5,
                                            event_matching_type="greedy")
        greedy.evaluate(listed(events, "a"), listed(detected, "a"))
        assert greedy.overall["Ntp"] < scores.loc["all", "hits"], "these sets are meant to be hard"


@given(events=TABLES, detected=TABLES, collar=COLLARS)
@settings(max_examples=15)
def test_onsets_alone_in_order_of_time_need_no_search(sed_eval, events, detected, collar):
    measure = sed_eval.EventBasedMetrics(CLASSES, evaluate_offset=False, t_collar=collar, event_matching_type="greedy")
    for clip in "ab":
        measure.evaluate(listed(events, clip), listed(detected, clip))
    pairs = metrics.match_events(events, detected, collar=collar, use_offset=False)
    assert len(pairs) == measure.overall["Ntp"]


@pytest.mark.filterwarnings("ignore:.*on the boundary")
@given(events=TABLES, detected=TABLES, resolution=st.sampled_from([0.1, 1.0]),
       durations=st.tuples(st.floats(0.5, 4.0), st.sampled_from([1.0, 2.2, 4.0])))
@settings(max_examples=25)
def test_segment_scores_are_those_of_sed_eval(sed_eval, events, detected, resolution, durations):
    assert_segments_agree(sed_eval, events, detected, resolution=resolution,
                          durations=dict(zip("ab", durations, strict=True)))


# Real labels

def worsened(events: pd.DataFrame, *, seed: int, jitter: float) -> pd.DataFrame:
    """Detections as a fair detector gives them: late or early, some missed, some doubled, some misnamed."""
    rng = np.random.default_rng(seed)
    detected = events[rng.random(len(events)) > 0.15]
    extra = events.sample(frac=0.2, random_state=seed)
    extra = extra.assign(onset=extra["onset"] + 0.1, offset=extra["offset"] + 0.1)
    detected = pd.concat([detected, extra], ignore_index=True)
    onset = (detected["onset"] + rng.normal(0, jitter, len(detected))).clip(lower=0)
    length = (detected["offset"] - detected["onset"]) * rng.uniform(0.5, 1.5, len(detected))
    wrong = rng.random(len(detected)) < 0.1
    label = np.where(wrong, rng.permutation(detected["label"]), detected["label"])
    return detected.assign(onset=onset, offset=onset + length, label=label)


@pytest.fixture(scope="module")
def birdsong(test_data) -> pd.DataFrame:
    events = pd.read_csv(test_data / "sed-birdsongrec-bird0" / "events.csv", dtype={"event_label": str})
    events = events.rename(columns={"filename": "clip_id", "event_label": "label"})
    assert (len(events), events["label"].nunique()) == (1379, 9)
    return events


@pytest.fixture(scope="module")
def drums(test_data) -> pd.DataFrame:
    files = sorted((test_data / "sed-mdb-drums" / "annotations" / "class").glob("*.txt"))
    events = [(path.stem, float(onset), float(onset), label.strip()) for path in files
              for onset, label in (line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip())]
    assert (len(events), len({label for *_, label in events})) == (1422, 6)
    return table(*events)


@pytest.mark.real_data
@pytest.mark.parametrize(("collar", "use_offset"), [(0.05, True), (0.2, False)])
def test_birdsong_scores_are_those_of_sed_eval(sed_eval, birdsong, collar, use_offset):
    detected = worsened(birdsong, seed=0, jitter=0.02)
    scores = assert_events_agree(sed_eval, birdsong, detected, classes=sorted(set(birdsong["label"])), collar=collar,
                                 use_offset=use_offset)
    assert 0.5 < scores.loc["all", "f1"] < 0.95
    assert scores.loc["all", "substitutions"] > 10


@pytest.mark.real_data
@pytest.mark.parametrize("resolution", [0.1, 1.0])
def test_birdsong_segments_are_those_of_sed_eval(sed_eval, birdsong, resolution):
    ends = birdsong.groupby("clip_id")["offset"].max()
    assert_segments_agree(sed_eval, birdsong, worsened(birdsong, seed=1, jitter=0.02), resolution=resolution,
                          classes=sorted(set(birdsong["label"])), durations=ends + 0.5)


@pytest.mark.real_data
def test_drum_scores_are_those_of_sed_eval(sed_eval, drums):
    detected = worsened(drums, seed=2, jitter=0.02)
    scores = assert_events_agree(sed_eval, drums, detected, classes=sorted(set(drums["label"])), collar=0.05,
                                 use_offset=False)
    assert scores.loc["all", "substitutions"] > 10


@pytest.mark.real_data
def test_drum_segments_are_those_of_sed_eval_and_points_on_boundaries_are_told(sed_eval, drums):
    durations = drums.groupby("clip_id")["offset"].max() + 1
    with pytest.warns(UserWarning, match="point events lie on the boundary of two segments"):
        assert_segments_agree(sed_eval, drums, worsened(drums, seed=3, jitter=0.02), resolution=0.1,
                              classes=sorted(set(drums["label"])), durations=durations)


# Matching

def best_by_trial(allowed: dict[tuple[int, int], float], n: int, m: int) -> tuple[int, float]:
    """Most pairs, then least distance, by trying every way to give n events one of m detections or none."""
    best = (0, 0.0)
    for choice in itertools.product([None, *range(m)], repeat=n):
        pairs = [(i, j) for i, j in enumerate(choice) if j is not None]
        if len({j for _, j in pairs}) == len(pairs) and all(pair in allowed for pair in pairs):
            best = max(best, (len(pairs), -sum(allowed[pair] for pair in pairs)))
    return best[0], -best[1]


@given(events=FEW, detected=FEW, collar=COLLARS, use_offset=st.booleans())
@settings(max_examples=30)
def test_matching_is_the_best_of_all(events, detected, collar, use_offset):
    allowed = {}
    for (i, one), (j, other) in itertools.product(enumerate(events.itertuples()), enumerate(detected.itertuples())):
        late, over = abs(one.onset - other.onset), abs(one.offset - other.offset)
        fits = late <= collar and (not use_offset or over <= max(collar, 0.2 * (one.offset - one.onset)))
        if (one.clip_id, one.label) == (other.clip_id, other.label) and fits:
            allowed[i, j] = late + use_offset * over
    pairs = metrics.match_events(events, detected, collar=collar, use_offset=use_offset)
    chosen = list(pairs.itertuples(index=False, name=None))
    assert set(chosen) <= set(allowed)
    n_pairs, distance = best_by_trial(allowed, len(events), len(detected))
    assert len(chosen) == n_pairs
    assert sum(allowed[pair] for pair in chosen) == pytest.approx(distance, abs=1e-9)


@given(events=TABLES, detected=TABLES, use_offset=st.booleans())
@settings(max_examples=15)
def test_nobody_is_matched_twice_or_with_somebody_else(events, detected, use_offset):
    pairs = metrics.match_events(events, detected, use_offset=use_offset)
    assert pairs["event"].is_unique
    assert pairs["detected"].is_unique
    there, heard = events.iloc[pairs["event"]], detected.iloc[pairs["detected"]]
    assert (there[["clip_id", "label"]].to_numpy() == heard[["clip_id", "label"]].to_numpy()).all()
    assert len(pairs) == metrics.event_scores(events, detected, classes=CLASSES,
                                              use_offset=use_offset).loc["all", "hits"]


def test_the_nearest_are_matched_where_there_is_a_choice():
    events = table(("a", 1.0, 1.0, "dog"), ("a", 1.15, 1.15, "dog"))
    assert metrics.match_events(events, table(("a", 1.16, 1.16, "dog"))).to_numpy().tolist() == [[1, 0]]
    twice = table(("a", 1.14, 1.14, "dog"), ("a", 1.3, 1.3, "dog"))
    assert metrics.match_events(events, twice).to_numpy().tolist() == [[0, 0], [1, 1]], "more pairs before nearer ones"


@pytest.mark.parametrize(("onset", "offset", "is_hit"), [
    (1.25, 3.0, True), (0.75, 3.0, True), (1.2501, 3.0, False), (0.7499, 3.0, False),       # the collar: 0.25 s
    (1.0, 4.0, True), (1.0, 2.0, True), (1.0, 4.001, False), (1.0, 1.999, False),           # half of two seconds
])
def test_the_edges_of_the_tolerance_belong_to_it(onset, offset, is_hit):
    found = table(("a", onset, offset, "dog"))
    assert len(metrics.match_events(table(("a", 1.0, 3.0, "dog")), found, collar=0.25, offset_ratio=0.5)) == is_hit


def test_times_are_compared_as_they_are():
    assert len(metrics.match_events(table(("a", 0.6, 1.0, "dog")), table(("a", 0.8, 1.0, "dog")))) == 0
    assert len(metrics.match_events(table(("a", 1.0, 1.5, "dog")), table(("a", 1.2, 1.5, "dog")))) == 1
    same = table(("a", 0.1, 0.3, "dog"))
    assert len(metrics.match_events(same, same, collar=0, offset_ratio=0)) == 1


def test_the_true_event_lends_its_length():
    long, short = table(("a", 0.0, 10.0, "dog")), table(("a", 0.0, 8.1, "dog"))
    assert len(metrics.match_events(long, short)) == 1
    assert len(metrics.match_events(short, long)) == 0


@given(edges=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1))
def test_the_matching_of_sed_eval_is_as_large_as_that_of_scipy(edges):
    i, j = np.array(sorted(edges)).T
    matched = matching.largest_matching(i, j)
    assert set(matched.items()) <= edges
    assert len(set(matched.values())) == len(matched)
    graph = coo_array((np.ones(len(edges)), (i, j)), shape=(8, 8)).tocsr()
    assert len(matched) == np.sum(maximum_bipartite_matching(graph) >= 0)


def test_a_chain_longer_than_the_stack_of_python_is_followed():
    one = np.arange(5000)    # each takes its first choice, and the last to come has no other: all must move up
    matched = matching.largest_matching(np.concatenate([np.repeat(one, 2)[1:-1], [0]]),
                                        np.concatenate([np.repeat(one[1:], 2), [0]]))
    assert len(matched) == 5000


def test_a_crowd_too_large_for_a_table_gets_as_many_pairs(monkeypatch):
    events, detected = crowd(60, seed=1), crowd(60, seed=2)
    n_pairs = len(metrics.match_events(events, detected, collar=0.5))
    monkeypatch.setattr(matching, "LARGEST_TABLE", 1)
    monkeypatch.setattr("scipy.optimize.linear_sum_assignment", None)
    assert len(metrics.match_events(events, detected, collar=0.5)) == n_pairs > 20


def test_a_day_of_drops_is_matched_without_a_table_of_all_by_all():
    onset = np.arange(0, 86_400, 4.0)
    events = pd.DataFrame({"clip_id": "a", "onset": onset, "offset": onset, "label": "drop"})
    assert len(metrics.match_events(events, events.iloc[::2])) == len(onset) / 2


# Scores

def test_a_worked_example():
    events = table(("a", 0.0, 1.0, "dog"), ("a", 2.0, 3.0, "dog"), ("b", 2.0, 3.0, "rain"), ("b", 5.0, 6.0, "rain"))
    detected = table(("a", 0.1, 1.1, "dog"),      # found
                     ("b", 2.1, 3.0, "dog"),      # misnamed
                     ("b", 8.0, 9.0, "rain"))     # made up
    scores = metrics.event_scores(events, detected, classes=CLASSES)
    assert list(scores.index) == [*CLASSES, "all", "mean"]
    columns = ["n_true", "n_detected", "hits", "deletions", "insertions", "substitutions"]
    assert list(scores.columns) == [*columns, *NUMBERS]
    assert scores.loc["all", columns].tolist() == [4, 3, 1, 2, 1, 1]
    assert scores.loc["dog", columns].tolist() == [2, 2, 1, 1, 1, 0]
    assert scores.loc["rain", columns].tolist() == [2, 1, 0, 2, 1, 0]
    assert scores.loc["all", NUMBERS].tolist() == pytest.approx([1 / 3, 1 / 4, 2 / 7, 1.0])
    assert scores.loc["mean", NUMBERS].tolist() == pytest.approx([1 / 4, 1 / 4, 1 / 4, 5 / 4])
    assert scores.loc["mean", columns].isna().all()
    assert scores.loc["siren", NUMBERS].isna().all(), "nothing to find is not nothing found"
    assert metrics.event_f1(events, detected, classes=CLASSES) == pytest.approx(2 / 7)


@given(events=TABLES, detected=TABLES)
@settings(max_examples=15)
def test_every_event_and_every_detection_is_accounted_for(events, detected):
    scores = metrics.event_scores(events, detected, classes=CLASSES)
    done = scores["hits"] + scores["substitutions"]
    rows = [*CLASSES, "all"]
    assert (done + scores["deletions"])[rows].tolist() == scores["n_true"][rows].tolist()
    assert (done + scores["insertions"])[rows].tolist() == scores["n_detected"][rows].tolist()
    assert (scores.loc[rows, ["deletions", "insertions", "substitutions"]] >= 0).all().all()


def test_empty_tables_are_legal():
    empty, some = table(), table(("a", 1.0, 2.0, "dog"), ("a", 4.0, 5.0, "rain"))
    durations = {"a": 10.0}
    for scores in (metrics.event_scores(some, empty, classes=CLASSES),
                   metrics.segment_scores(some, empty, classes=CLASSES, durations=durations)):
        assert scores.loc["all", NUMBERS].fillna(-1).tolist() == [-1, 0, 0, 1]
        assert scores.loc["mean", "f1"] == 0, "a detector that says nothing has no good mean"
    for scores in (metrics.event_scores(empty, some, classes=CLASSES),
                   metrics.segment_scores(empty, some, classes=CLASSES, durations=durations)):
        assert scores.loc["all", "insertions"] == 2
        assert scores.loc["all", NUMBERS].fillna(-1).tolist() == [0, -1, -1, -1]
    for name, function in FUNCTIONS.items():
        assert function(empty, empty) is not None, name
    assert len(metrics.match_events(empty, some)) == len(metrics.match_events(some, empty)) == 0
    assert math.isnan(metrics.event_f1(empty, some, classes=CLASSES))
    assert math.isnan(metrics.agreement(empty, empty))
    assert metrics.agreement(empty, some) == 0
    assert metrics.false_alarms_per_hour(empty, some, duration=3600.0) == 2


def test_only_the_clips_that_are_named_count():
    events = table(("a", 1.0, 2.0, "dog"), ("b", 1.0, 2.0, "dog"))
    detected = table(("b", 1.0, 2.0, "dog"), ("c", 1.0, 2.0, "dog"))
    f1 = {clips: metrics.event_f1(events, detected, classes=CLASSES, clips=clips) for clips in ("ab", "b", "abc", "a")}
    assert f1 == {"ab": 2 / 3, "b": 1.0, "abc": 0.5, "a": 0.0}
    assert metrics.event_f1(events, detected, classes=CLASSES) == 0.5


def test_clips_and_labels_may_be_numbers_categories_or_text_of_any_kind():
    events = table((0, 1.0, 2.0, 3), (1, 1.0, 2.0, 4))
    detected = events.astype({"clip_id": "int8", "label": "category"})
    assert metrics.event_f1(events, detected, classes=[3, 4]) == 1
    with pytest.raises(checks.InputError, match="one of 3, 5; got 4"):
        metrics.event_f1(events, detected, classes=[3, 5])
    words = table(("a", 1.0, 2.0, "dog"))
    assert metrics.event_f1(words.astype({"label": object}), words.astype({"label": "category"}), classes=["dog"]) == 1


@given(events=TABLES, detected=TABLES, seed=st.integers(0, 99))
@settings(max_examples=12)
def test_order_and_index_of_the_rows_do_not_matter(events, detected, seed):
    mixed = [rows.sample(frac=1, random_state=seed).set_axis([7] * len(rows)) for rows in (events, detected)]
    assert_frame_equal(*(metrics.event_scores(*tables, classes=CLASSES, collar=0.5)
                         for tables in ((events, detected), mixed)))


def test_rows_are_counted_as_they_stand_in_the_tables():
    events, detected = crowd(30, seed=1), crowd(30, seed=2)
    expected = metrics.match_events(events, detected, use_offset=False).to_numpy().tolist()
    there, heard = np.random.default_rng(0).permutation(30), np.random.default_rng(1).permutation(30)
    pairs = metrics.match_events(events.iloc[there], detected.iloc[heard], use_offset=False).to_numpy()
    assert len(expected) > 5
    assert sorted([there[i], heard[j]] for i, j in pairs) == expected
    assert pairs[:, 0].tolist() == sorted(pairs[:, 0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tables_are_not_changed(name):
    tables = [crowd(20, seed=seed, span=2.0).assign(score=0.5) for seed in (3, 4)]
    before = [rows.copy() for rows in tables]
    FUNCTIONS[name](*tables)
    for rows, as_it_was in zip(tables, before, strict=True):
        assert_frame_equal(rows, as_it_was)


# Segments

def test_what_lies_outside_the_clip_does_not_count():
    events = table(("a", -1.0, 1.5, "dog"), ("a", 3.5, 9.0, "dog"), ("a", 20.0, 21.0, "dog"))
    scores = metrics.segment_scores(events, table(), classes=CLASSES, durations={"a": 5.0})
    assert scores.loc["dog", "n_true"] == 4, "seconds 0, 1, 3 and 4"


def test_a_clip_without_events_counts_its_false_alarms():
    scores = metrics.segment_scores(table(), table(("b", 0.5, 2.5, "dog")), classes=CLASSES,
                                    durations={"a": 5.0, "b": 5.0})
    assert scores.loc["all", "insertions"] == 3


def test_points_count_once_and_those_on_a_boundary_are_told():
    def n_segments(onset):
        return metrics.segment_scores(table(("a", onset, onset, "dog")), table(), classes=CLASSES,
                                      durations={"a": 5.0}).loc["dog", "n_true"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert n_segments(1.5) == 1
    with pytest.warns(UserWarning, match="1 point events lie on the boundary") as told:
        assert n_segments(1.0) == 0
    assert told[0].filename == __file__, "the warning points at the reader's own line"


# Agreement

@given(first=TABLES, second=TABLES, use_offset=st.booleans())
@settings(max_examples=15)
def test_agreement_is_the_same_from_both_sides(first, second, use_offset):
    both = [metrics.agreement(*tables, use_offset=use_offset) for tables in ((first, second), (second, first))]
    assert both[0] == pytest.approx(both[1], nan_ok=True)
    if len(first) and not use_offset:
        assert both[0] == pytest.approx(metrics.event_f1(first, second, classes=CLASSES, use_offset=False))
    if len(first):
        assert metrics.agreement(first, first, use_offset=use_offset) == 1


def test_agreement_lets_both_lend_their_lengths():
    long, short = table(("a", 0.0, 10.0, "dog")), table(("a", 0.0, 8.1, "dog"))
    assert metrics.agreement(long, short) == metrics.agreement(short, long) == 0.5


def test_kappa_is_agreement_beyond_chance():
    first, second = crowd(6, seed=5).assign(label="dog"), crowd(6, seed=6).assign(label="dog")
    kappa = metrics.frame_kappa(first, second, classes=CLASSES, durations={"a": 8.0})
    frames = np.zeros((2, 80), bool)
    for frame, rows in zip(frames, (first, second), strict=True):
        for row in rows.itertuples():
            frame[math.floor(row.onset / 0.1):math.ceil(row.offset / 0.1)] = True
    same, shares = np.mean(frames[0] == frames[1]), frames.mean(axis=1)
    chance = shares.prod() + (1 - shares).prod()
    assert kappa["dog"] == pytest.approx((same - chance) / (1 - chance))
    assert kappa[["rain", "siren"]].isna().all(), "both said nothing throughout"
    assert metrics.frame_kappa(first, first, classes=["dog"], durations={"a": 8.0})["dog"] == 1
    assert metrics.frame_kappa(first, table(), classes=["dog"], durations={"a": 8.0})["dog"] == 0


# Over thresholds

def test_each_row_over_thresholds_is_what_its_threshold_gives():
    events, heard = crowd(40, seed=7), crowd(60, seed=8).assign(score=np.random.default_rng(9).random(60))
    thresholds = [0.9, 0.0, 0.5, 2.0]
    curve = metrics.event_precision_recall(events, lambda threshold: heard[heard["score"] >= threshold],
                                           thresholds=thresholds, classes=CLASSES, duration=900.0, collar=0.5)
    assert list(curve.columns) == ["threshold", "precision", "recall", "f1", "false_alarms_per_hour"]
    assert curve["threshold"].tolist() == thresholds
    for row in curve.itertuples():
        found = heard[heard["score"] >= row.threshold]
        expected = metrics.event_scores(events, found, classes=CLASSES, collar=0.5).loc["all"]
        assert [row.precision, row.recall, row.f1] == pytest.approx(expected[NUMBERS[:3]].to_numpy(float), nan_ok=True)
        alarms = metrics.false_alarms_per_hour(events, found, duration=900.0, collar=0.5)
        assert row.false_alarms_per_hour == alarms == 4 * (len(found) - expected["hits"])
    assert math.isnan(curve["precision"].iloc[-1])
    without = metrics.event_precision_recall(events, lambda threshold: heard, thresholds=[0.5], classes=CLASSES)
    assert list(without.columns) == ["threshold", "precision", "recall", "f1"]


# Rates

@pytest.mark.parametrize("count", [0, 1, 7, 250])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_ends_where_the_count_becomes_unlikely(count, confidence):
    low, high = (rate * 2 for rate in metrics.rate_interval(count, 7200.0, confidence=confidence))
    tail = (1 - confidence) / 2
    assert scipy.stats.poisson.cdf(count, high) == pytest.approx(tail)
    assert (low == 0 if count == 0 else scipy.stats.poisson.sf(count - 1, low) == pytest.approx(tail))


@given(gap=st.floats(0.5, 20), seed=st.integers(0, 99))
def test_the_rate_by_gaps_bears_a_tenth_of_the_events_missing(gap, seed):
    rng = np.random.default_rng(seed)
    onsets = gap * (np.arange(100) + rng.normal(0, 0.02, 100))
    kept = rng.permutation(np.delete(onsets, rng.choice(100, 10, replace=False)))
    assert metrics.rate_by_median_gap(kept) == pytest.approx(60 / gap, rel=0.02)


def test_rates_of_too_few_events():
    assert math.isnan(metrics.rate_by_median_gap([]))
    assert math.isnan(metrics.rate_by_median_gap(pd.Series([3.0])))
    assert metrics.rate_by_median_gap([2.0, 2.0, 2.0]) == math.inf
    assert metrics.rate_by_median_gap([4, 1]) == 20


@given(window=st.sampled_from([0.3, 0.5, 1.0]), hop=st.sampled_from([None, 0.1, 0.25]))
@settings(max_examples=10)
def test_rates_count_what_begins_in_each_window(window, hop):
    events, detected = crowd(30, seed=10, span=3.0), crowd(20, seed=11, span=3.0)
    rates = metrics.rate_error(events, detected, duration=3.0, window=window, hop=hop)
    assert len(rates) == {0.3: {None: 10, 0.1: 28, 0.25: 11}, 0.5: {None: 6, 0.1: 26, 0.25: 11},
                          1.0: {None: 3, 0.1: 21, 0.25: 9}}[window][hop]
    assert rates["start"].tolist() == pytest.approx([(hop or window) * number for number in range(len(rates))])
    for row in rates.itertuples():
        counts = [int(((rows["onset"] >= row.start) & (rows["onset"] < row.start + window)).sum())
                  for rows in (events, detected)]
        assert [row.true_rate, row.detected_rate] == pytest.approx([60 / window * count for count in counts])
        assert row.error == pytest.approx(row.detected_rate - row.true_rate)


def test_a_last_window_that_just_fits_is_not_lost_to_rounding():
    assert len(metrics.rate_error(table(), table(), duration=0.7, window=0.1)) == 7


def test_misses_and_false_alarms_cancel_in_the_rate_only():
    events, detected = table(("a", 1.0, 1.0, "drop")), table(("a", 6.0, 6.0, "drop"))
    assert metrics.rate_error(events, detected, duration=10.0)["error"].tolist() == [0]
    assert metrics.event_f1(events, detected, classes=["drop"]) == 0


# Bad input

GOOD = table(("a", 1.0, 2.0, "dog"), ("a", 3.0, 4.0, "dog"))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("bad", "says"), [
    (GOOD.drop(columns=["offset", "label"]), "the columns clip_id, onset, offset, label; got no offset, no label"),
    (GOOD.to_numpy(), "as a table with the columns"),
    (GOOD.assign(onset=[1.0, np.nan]), "finite numbers, in seconds; got nan and 4.0 in row 1.*its onset as offset"),
    (GOOD.assign(offset=[np.inf, 4.0]), "finite numbers, in seconds; got 1.0 and inf in row 0"),
    (GOOD.assign(onset=["soon", 3.0]), "finite numbers, in seconds; got soon and 2.0 in row 0"),
    (GOOD.assign(offset=[2.0, 2.5]), "to end before it begins; got 3 to 2.5 s in row 1. .*swapped"),
    (GOOD.assign(label=["dog", None]), "a label in every row of .*; got none in row 1"),
    (GOOD.assign(clip_id=[np.nan, "a"]), "a clip_id in every row of .*; got none in row 0"),
])
def test_tables_that_are_none_are_told(name, bad, says):
    for tables in ((bad, GOOD), (GOOD, bad)):
        with pytest.raises(checks.InputError, match=says):
            FUNCTIONS[name](*tables)


@pytest.mark.parametrize("name", [
    "event_scores", "event_f1", "event_precision_recall", "segment_scores", "frame_kappa"])
def test_a_label_outside_the_classes_is_told(name):
    for tables in ((GOOD, GOOD.replace("dog", "cat")), (GOOD.replace("dog", "cat"), GOOD)):
        with pytest.raises(checks.InputError, match="to be one of 'dog', 'rain', 'siren'; got 'cat'"):
            FUNCTIONS[name](*tables)


@pytest.mark.parametrize("classes", [[], ["dog", "dog"], ["dog", "all"], ["mean"]])
def test_classes_that_would_make_no_table_are_told(classes):
    for measure in (metrics.event_scores, lambda *tables, **names: metrics.segment_scores(
            *tables, durations={"a": 10.0}, **names)):
        with pytest.raises(checks.InputError, match="each once, none called 'all' or 'mean'"):
            measure(table(), table(), classes=classes)


@pytest.mark.parametrize("wrong", [{"collar": -0.1}, {"collar": np.nan}, {"offset_ratio": -1}, {"collar": np.inf}])
def test_a_tolerance_that_is_none_is_told(wrong):
    says = f"{next(iter(wrong))} of 0 or more; got"
    for measure in (metrics.match_events, metrics.agreement):
        with pytest.raises(checks.InputError, match=says):
            measure(GOOD, GOOD, **wrong)
    for measure, more in ((metrics.event_scores, {"classes": CLASSES}), (metrics.event_f1, {"classes": CLASSES}),
                          (metrics.false_alarms_per_hour, {"duration": 60.0})):
        with pytest.raises(checks.InputError, match=says):
            measure(GOOD, GOOD, **more, **wrong)
    with pytest.raises(checks.InputError, match=says):
        metrics.event_precision_recall(GOOD, lambda threshold: GOOD, thresholds=[0.5], classes=CLASSES, **wrong)


@pytest.mark.parametrize(("durations", "says"), [
    ({}, "the duration of every clip"), ({"b": 1.0}, r"none for \['a'\].*durations={'a': 10.0}"),
    ({"a": 0.0}, "the duration of 'a' above 0"),
])
def test_clips_without_a_duration_are_told(durations, says):
    for measure in (metrics.segment_scores, metrics.frame_kappa):
        with pytest.raises(checks.InputError, match=says):
            measure(GOOD, table(), classes=CLASSES, durations=durations)


@pytest.mark.parametrize(("call", "says"), [
    (lambda: metrics.segment_scores(GOOD, GOOD, classes=["dog"], durations={"a": 9.0}, resolution=0),
     "resolution above 0"),
    (lambda: metrics.false_alarms_per_hour(GOOD, GOOD, duration=0), "duration above 0"),
    (lambda: metrics.event_precision_recall(GOOD, GOOD.head, thresholds=[], classes=CLASSES), "at least one threshold"),
    (lambda: metrics.event_precision_recall(GOOD, lambda threshold: None, thresholds=[0.5], classes=CLASSES),
     r"decode\(0.5\) as a table"),
    (lambda: metrics.rate_interval(-1, 60.0), "a whole number above it; got -1"),
    (lambda: metrics.rate_interval(1.5, 60.0), "a whole number above it; got 1.5"),
    (lambda: metrics.rate_interval(np.nan, 60.0), "a whole number above it; got nan"),
    (lambda: metrics.rate_interval(1, -60.0), "duration above 0"),
    (lambda: metrics.rate_interval(1, 60.0, confidence=95), "a confidence between 0 and 1; got 95"),
    (lambda: metrics.rate_by_median_gap([1.0, np.nan]), "onsets of finite numbers"),
    (lambda: metrics.rate_by_median_gap(np.zeros((2, 2))), r"onsets of shape \(n_events,\); got shape \(2, 2\)"),
    (lambda: metrics.rate_error(GOOD, GOOD, duration=5.0), "no longer than the recording; got 10 s in 5 s"),
    (lambda: metrics.rate_error(GOOD, GOOD.replace("a", "b"), duration=60.0), "of one recording; got clips a, b"),
])
def test_numbers_that_are_none_are_told(call, says):
    with pytest.raises(checks.InputError, match=says):
        call()


def test_a_tidied_table_is_in_order_of_time_and_knows_its_rows():
    tidied = tidy(GOOD.iloc[::-1], name="events")
    assert tidied["onset"].tolist() == [1, 3]
    assert tidied["row"].tolist() == [1, 0]
