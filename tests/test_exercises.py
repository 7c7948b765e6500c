"""Self-checks and quizzes meet right answers, blanks, wrong answers, and answers that break."""

import functools
import itertools
import re

import answers_04
import answers_05
import answers_06
import answers_07
import answers_08
import answers_09
import answers_10
import answers_11
import numpy as np
import pandas as pd
import pytest

from helpers import exercises, features, windows
from helpers.exercises import reports

CALLS = itertools.count(100)   # seeds for an answer that ignores the rng it is given

SR = 16000


# Right answers, as the notebooks give them

def count_frames(n_samples, hop_length):
    return 1 + n_samples // hop_length


def silent(windows, threshold_db):
    return 10 * np.log10((windows**2).mean(axis=1)) < threshold_db


def count_windows(n_samples, window_samples, hop_samples):
    return max(0, 1 + (n_samples - window_samples) // hop_samples)


def vote(scores, live):
    if live.any():
        scores = scores[live]
    return scores.mean(axis=0).argmax()


def grouped_split(clips, test_fraction, rng):
    chosen = []
    for _, rows in clips.groupby("label"):
        sources = rows.source.unique()
        chosen += list(rng.permutation(sources)[: max(1, round(test_fraction * len(sources)))])
    return clips.source.isin(chosen)


def mixup(x1, y1, x2, y2, share):
    return share * x1 + (1 - share) * x2, share * y1 + (1 - share) * y2


def three_resolutions(cut, *, hop_length=256):
    stack = [features.log_mel(cut, sr=SR, n_fft=n_fft, hop_length=hop_length) for n_fft in (512, 1024, 2048)]
    return np.stack([features.normalise(log_mels) for log_mels in stack], axis=-1)


def blank(*args):
    """What the reader finds."""
    ...  # your code here  # noqa: PIE790


def tone(hz, level=0.1):
    return level * np.sin(2 * np.pi * hz * np.arange(SR) / SR)


BIRD, BACKGROUND = tone(4000) + 0.1 * tone(3000), tone(200) + 0.3 * tone(600)
LEVELS = np.concatenate([np.linspace(-90, -70, 40), np.linspace(-55, -10, 200)])
SILENT = np.arange(240) < 40
KNOWN, UNKNOWN = np.linspace(0.3, 1.0, 200), np.linspace(0.1, 0.8, 200)

bird_fmin = functools.partial(exercises.check_bird_fmin, bird=BIRD, background=BACKGROUND, sr=SR)
gate = functools.partial(exercises.check_gate, levels_db=LEVELS, silent=SILENT)
unknown = functools.partial(exercises.check_unknown_threshold, known_scores=KNOWN, unknown_scores=UNKNOWN)
resolutions = functools.partial(
    exercises.check_three_resolutions, cut=np.random.default_rng(1).normal(0, 0.1, (2, SR)), sr=SR)
TOO_FAR = {"two octaves up", "five times as fast", "noise at -20 dB SNR"}

RIGHT = [
    (exercises.check_frame_count, count_frames),
    (exercises.check_frame_count, lambda n, hop: 1 + np.floor(n / hop)),
    (exercises.check_noise_blowup, silent),
    (exercises.check_noise_blowup, lambda windows, limit: np.sqrt(np.mean(windows**2, axis=1)) < 10 ** (limit / 20)),
    (exercises.check_count_windows, count_windows),
    (exercises.check_count_windows, lambda n, window, hop: len(range(0, n - window + 1, hop))),
    (exercises.check_vote, vote),
    (exercises.check_grouped_split, grouped_split),
    (exercises.check_grouped_split, lambda *given: grouped_split(*given).to_numpy()),
    (bird_fmin, 2500), (bird_fmin, np.float32(1000.0)), (bird_fmin, np.array([2000])),
    (gate, -60), (gate, -69.5),
    (unknown, 0.77), (unknown, 0.78),
    (exercises.check_mixup, mixup),
    (resolutions, three_resolutions),
    (exercises.check_class_changers, TOO_FAR), (exercises.check_class_changers, sorted(TOO_FAR)),
    *answers_04.RIGHT,
    *answers_05.RIGHT,
    *answers_06.RIGHT,
    *answers_07.RIGHT,
    *answers_08.RIGHT,
    *answers_09.RIGHT,
    *answers_10.RIGHT,
    *answers_11.RIGHT,
]
WRONG = [
    (exercises.check_frame_count, lambda n, hop: n // hop,
     "for 64000 samples (4 s at 16 kHz) and a hop of 256 you said 250, expected 251"),
    (exercises.check_frame_count, lambda n, hop: -(-n // hop) + 1, "expected 4"),
    (exercises.check_frame_count, lambda n, hop: 1 + n / hop, "you said 4.99609, expected 4"),
    (exercises.check_frame_count, lambda n, hop: str(n), "you said '64000', expected 251"),
    (exercises.check_frame_count, lambda n, hop: 251 if n == 64000 else None, "Is a return missing?"),
    (exercises.check_noise_blowup, lambda windows, limit: ~silent(windows, limit), "window 0 has a level of -20.0 dB"),
    (exercises.check_noise_blowup, lambda windows, limit: 20 * np.log10(np.abs(windows).max(axis=1)) < limit,
     "for a silent window with one click"),
    (exercises.check_noise_blowup, lambda windows, limit: silent(windows, -60), "for twelve levels at random"),
    (exercises.check_noise_blowup, lambda windows, limit: 20 * np.log10(np.abs(windows).mean(axis=1)) < limit,
     "for a window that is silent but for a knock"),
    (exercises.check_noise_blowup, lambda windows, limit: silent(windows, limit - 3.01), "full-scale sine, as meters"),
    (exercises.check_noise_blowup, lambda windows, limit: silent(windows, limit).any(), "expected 3 values"),
    (exercises.check_noise_blowup, lambda windows, limit: silent(windows, limit)[:, None], "an array of shape (3, 1)"),
    (exercises.check_noise_blowup, lambda windows, limit: silent(windows, limit) * 1.0, "A comparison such as"),
    (exercises.check_count_windows, lambda n, window, hop: 1 + (n - window) // hop,
     "for 1 samples, windows of 16000 and a hop of 8000 you said -1, expected 0"),
    (exercises.check_count_windows, lambda n, window, hop: (n - window) // hop, "you said 6, expected 7"),
    (exercises.check_count_windows, lambda n, window, hop: max(0, 1 + -(-(n - window) // hop)), "for 16001 samples"),
    (exercises.check_vote, lambda scores, live: scores.mean(axis=0).argmax(), "one live window that says 1"),
    (exercises.check_vote, lambda scores, live: scores[live].sum(axis=0).argmax(), "no window is live"),
    (exercises.check_vote, lambda scores, live: np.bincount(scores[live].argmax(axis=1)).argmax(), "how sure"),
    (exercises.check_vote, lambda scores, live: scores.max(axis=0).argmax(), "one live window"),
    (exercises.check_vote, lambda scores, live: scores.mean(axis=0), "expected 0"),
    (exercises.check_grouped_split, lambda clips, share, rng: rng.random(len(clips)) < share, "sources, not clips"),
    (exercises.check_grouped_split, lambda clips, share, rng: clips.source.isin(
        rng.permutation(clips.source.unique())[: round(share * clips.source.nunique())]), "Choose sources within each"),
    (exercises.check_grouped_split, lambda clips, share, rng: clips.label == "class 0", "no clip on the training side"),
    (exercises.check_grouped_split, lambda clips, share, rng: np.zeros(len(clips), bool), "no clip on the test side"),
    (exercises.check_grouped_split, lambda clips, share, rng: clips.source.str.contains("-[01]"), "expected about 25%"),
    (exercises.check_grouped_split, lambda clips, share, rng: grouped_split(clips, share, np.random.default_rng(0)),
     "six seeds give the same split"),
    (exercises.check_grouped_split, lambda clips, share, rng: grouped_split(
        clips, share, np.random.default_rng(next(CALLS))), "two different splits"),
    (exercises.check_grouped_split, lambda clips, share, rng: clips.index[grouped_split(clips, share, rng)],
     "values of True or False"),
    (bird_fmin, 4100, "of the bird's power, and 95% are needed"), (bird_fmin, 5000, "go lower"),
    (bird_fmin, 2, "so go higher. (Is that in kHz? Hz are expected: 2 kHz are 2000 Hz.)"),
    (bird_fmin, 100, "so go higher"), (bird_fmin, 0, "so go higher"),
    (bird_fmin, 9000, "must lie between 0 and 8000"), (bird_fmin, -5, "must lie between"),
    (bird_fmin, "2 kHz", "must be one number in Hz, not '2 kHz'"), (bird_fmin, [2000], "must be one number"),
    (bird_fmin, float("nan"), "must be one number"), (bird_fmin, True, "must be one number"),
    (gate, -80, "go higher"), (gate, -30, "go lower"), (gate, "low", "must be one number"),
    (unknown, 0.5, "go higher"), (unknown, 0.95, "go lower"), (unknown, 1.5, "between 0 and 1"),
    (unknown, 50, "between 0 and 1"),
    (exercises.check_mixup, lambda x1, y1, x2, y2, share: mixup(x1, y1, x2, y2, 1 - share), "the sound is not 0.8"),
    (exercises.check_mixup, lambda x1, y1, x2, y2, share: (share * x1 + (1 - share) * x2, y1), "the label is not 0.8"),
    (exercises.check_mixup, lambda x1, y1, x2, y2, share: (x1 + x2, y1 + y2), "the sound is not"),
    (exercises.check_mixup, lambda x1, y1, x2, y2, share: x1, "expected two things"),
    (exercises.check_mixup, lambda x1, y1, x2, y2, share: mixup(x1, y1, x2, y2, share or 0.5), "a share of 0 "),
    (resolutions, lambda cut: three_resolutions(cut)[..., 1], "the channels last"),
    (resolutions, lambda cut: three_resolutions(cut)[..., ::-1], "channel 0 is not"),
    (resolutions, lambda cut: three_resolutions(cut, hop_length=512), "the same hop_length"),
    (resolutions, lambda cut: np.repeat(three_resolutions(cut)[..., :1], 3, axis=-1), "channel 1 is not"),
    (exercises.check_class_changers, {"two octaves up", "6 dB softer"}, "still call it by its name"),
    (exercises.check_class_changers, {"two octaves up"}, "2 more on the list"),
    (exercises.check_class_changers, "two octaves up", "2 more on the list"),
    (exercises.check_class_changers, {"an octave"}, "none of the changes above"),
    *answers_04.WRONG,
    *answers_05.WRONG,
    *answers_06.WRONG,
    *answers_07.WRONG,
    *answers_08.WRONG,
    *answers_09.WRONG,
    *answers_10.WRONG,
    *answers_11.WRONG,
]
FUNCTIONS = [exercises.check_frame_count, exercises.check_noise_blowup, exercises.check_count_windows,
             exercises.check_vote, exercises.check_grouped_split, exercises.check_mixup, resolutions,
             *answers_04.FUNCTIONS, *answers_05.FUNCTIONS, *answers_06.FUNCTIONS,
             *answers_07.FUNCTIONS, *answers_08.FUNCTIONS, *answers_09.FUNCTIONS,
             *answers_10.FUNCTIONS, *answers_11.FUNCTIONS]
VALUES = [bird_fmin, gate, unknown, exercises.check_class_changers]


def kind(answer):
    """The same in every process, as two that share the tests must agree on their names."""
    return type(answer).__name__


def name(case):
    return getattr(case, "__name__", "") or getattr(getattr(case, "func", None), "__name__", None)


@pytest.mark.parametrize(("check", "answer"), RIGHT, ids=name)
def test_right_answers_get_only_ticks(check, answer):
    report = check(answer)
    assert report.status == "passed", report
    assert report.passed
    assert len(report.steps) >= 2
    assert all(line.startswith("✓ ") for line in str(report).splitlines())


@pytest.mark.parametrize(("check", "answer", "says"), WRONG, ids=name)
def test_wrong_answers_get_one_hint(check, answer, says):
    report = check(answer)
    assert report.status in ("wrong", "not yet"), report
    assert says in str(report), report
    assert not report.passed
    assert len(report.lines()) == len(report.steps) + 1, "one hint, the first difference"


@pytest.mark.parametrize("check", [*FUNCTIONS, *VALUES], ids=name)
@pytest.mark.parametrize("nothing", [None, ...], ids=str)
def test_no_answer_yet_gets_the_task_again(check, nothing):
    report = check(nothing)
    assert report.status == "not yet"
    assert re.fullmatch(r"○ Not yet: (Return|Choose) [^\n]{20,140}\.", str(report))


@pytest.mark.parametrize("check", FUNCTIONS, ids=name)
def test_the_untouched_blank_gets_the_task_again(check):
    assert check(blank) == check(None)
    assert check(lambda *args: ...).status == "not yet"


@pytest.mark.parametrize("check", FUNCTIONS, ids=name)
def test_a_function_that_gives_nothing_back_is_asked_for_a_return(check):
    def forgot(*args):
        answer = len(args)  # noqa: F841

    report = check(forgot)
    assert report.status == "not yet"
    assert "Is a return missing?" in str(report)


@pytest.mark.parametrize("check", FUNCTIONS, ids=name)
@pytest.mark.parametrize("error", [ZeroDivisionError("0"), KeyError("x"), SystemExit(1), RecursionError()], ids=repr)
def test_a_function_that_raises_is_told_where(check, error):
    def broken(*args):
        raise error

    report = check(broken)
    assert report.status == "wrong"
    assert re.search(rf"stops with {type(error).__name__}.* \(line \d+ of your cell: raise error\)\.$", str(report))


@pytest.mark.parametrize("check", FUNCTIONS, ids=name)
@pytest.mark.parametrize("answer", [7, "text", lambda: 1, lambda *args: object(), lambda *args: args, lambda *args: {},
                                    lambda *args: float("nan"), lambda *args: np.zeros((2, 3)), type, print], ids=kind)
def test_nothing_a_reader_writes_gets_out_of_a_check(check, answer):
    assert check(answer).status in ("wrong", "not yet")


@pytest.mark.parametrize("check", VALUES, ids=name)
@pytest.mark.parametrize("answer", ["text", {}, np.zeros(3), object(), 1j, float("inf"), pd.Series([1, 2])], ids=kind)
def test_no_value_gets_out_of_a_check(check, answer):
    assert check(answer).status == "wrong"


def test_a_check_called_the_wrong_way_says_so():
    report = exercises.check_gate(-60)
    assert report.status == "wrong"
    assert "cannot read this answer (TypeError" in str(report)


def test_an_answer_cannot_spoil_what_the_next_step_gets():
    def greedy(scores, live):
        answer = vote(scores, live)
        scores[:] = 0
        live[:] = False
        return answer

    assert exercises.check_vote(greedy).passed


def test_stopping_the_kernel_stops_a_check():
    def endless(*args):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exercises.check_vote(endless)


@pytest.mark.parametrize("n_samples", [1, 255, 256, 257, 1023, 1024, 5000])
def test_the_frame_formula_is_the_one_of_our_spectrogram(n_samples):
    spectrogram = features.spectrogram(np.zeros(n_samples, np.float32), n_fft=1024, hop_length=256)
    assert spectrogram.shape[1] == count_frames(n_samples, 256)


def test_scores_of_all_classes_or_only_the_best_are_judged_alike():
    rest = np.zeros((200, 3))
    wide = functools.partial(exercises.check_unknown_threshold, known_scores=np.column_stack([KNOWN, rest]),
                             unknown_scores=np.column_stack([rest, UNKNOWN]))
    assert str(wide(0.78)) == str(unknown(0.78))


def test_only_levels_of_another_reference_get_the_hint_about_it():
    told = {off: str(exercises.check_noise_blowup(lambda windows, limit, off=off: silent(windows, limit - off)))
            for off in (2.0, 10 * np.log10(2), 4.0)}
    assert ["AES17" in each for each in told.values()] == [False, True, False], told


def test_no_level_is_so_near_the_threshold_that_a_hint_shows_both_as_one():
    distances = []

    def levels_watched(cut, threshold_db):
        levels = windows.levels_db(cut)
        distances.append(np.abs(levels - threshold_db).min())
        return levels < threshold_db

    assert exercises.check_noise_blowup(levels_watched).passed
    assert min(distances) > 0.1


@pytest.mark.parametrize("threshold", [None, 1.0000000000000002, 0.5])
def test_one_class_leaves_no_threshold_to_choose(threshold):
    report = exercises.check_unknown_threshold(threshold, known_scores=np.ones((4, 1)), unknown_scores=np.ones((3, 1)))
    assert report.passed
    assert str(report).startswith("! one class is left to choose from")


def test_what_is_worth_knowing_gets_no_tick():
    report = answers_08.few(answers_08.by_rank)
    assert report.passed
    assert [line[0] for line in report.lines()] == ["✓"] * 4 + ["!"]
    assert report.lines()[-1] == ("! your recordings: 2 normal scores to set a threshold with, 4 to count on; for one "
                                  "in twenty it takes 19 of each, so they are not asked")


def test_a_report_shows_itself_and_tells_the_runner():
    report = exercises.check_frame_count(lambda n, hop: "<b>")
    data, metadata = report._repr_mimebundle_()
    assert metadata["machine_hearing"] == {"check": "frame_count", "status": "wrong"}
    assert data["text/plain"] == str(report) == "✗ Look again: " + report.message
    assert "&lt;b&gt;" in data["text/html"]
    assert "<b>" not in data["text/html"]
    assert 'data-status="wrong"' in data["text/html"]


def test_text_has_the_colour_of_the_page():
    """So that the contrast is the theme's own, in light and in dark; only frames are coloured."""
    for page in (exercises.check_vote(vote)._repr_html_(), exercises.quiz("A?", {"b": True, "c": "no"})._repr_html_()):
        assert not re.search(r"[^-]color:|background", page)


@pytest.mark.parametrize("colour", [*reports._COLOURS.values(), "#808080"])
@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_frames_can_be_seen_on_light_and_dark_pages(colour, page):
    def luminance(text):
        parts = np.array([int(text[i:i + 2], 16) / 255 for i in (1, 3, 5)])
        return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted([luminance(colour), luminance(page)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3, "three to one, as WCAG asks of what is not text"


OPTIONS = {"`-3` dBFS": True, "-30 dBFS": "Further below full scale is quieter.", "<both>": "They differ by 27 dB."}


def test_a_quiz_explains_every_choice():
    page = exercises.quiz("Which is louder, a < b?", OPTIONS, explain="Full scale is 0 dBFS.")._repr_html_()
    assert page.count("<details") == page.count("</details>") == page.count("<summary") == 3
    assert "Right.</strong> Full scale is 0 dBFS." in page
    assert page.count("Not this one.</strong> ") == 2
    assert "Which is louder, a &lt; b?" in page
    assert "&lt;both&gt;" in page
    assert "<code>-3</code> dBFS" in page
    assert "<script" not in page
    assert "http" not in page


def test_a_quiz_stands_the_same_way_each_time_and_the_right_choice_has_no_fixed_place():
    assert exercises.quiz("A?", OPTIONS) == exercises.quiz("A?", dict(reversed(OPTIONS.items())))
    quizzes = [exercises.quiz(f"Question {n}?", OPTIONS) for n in range(20)]
    assert {[right for _, right, _ in quiz.choices].index(True) for quiz in quizzes} == {0, 1, 2}


def test_two_quizzes_on_a_page_do_not_share_ids():
    pages = [exercises.quiz(f"Question {n}?", OPTIONS)._repr_html_() for n in range(20)]
    assert len({re.search(r'id="([^"]+)"', page)[1] for page in pages}) == 20
    for page in pages:
        assert len(set(re.findall(r'(?:id|name|aria-labelledby)="([^"]+)"', page))) == 1


def test_a_quiz_as_text_does_not_give_the_answer_away():
    text = str(exercises.quiz("Which is louder?", OPTIONS, explain="Full scale"))
    assert text.splitlines()[0] == "Which is louder?"
    assert len(text.splitlines()) == 4
    assert not re.search("Right|True|quieter|Full scale", text)


@pytest.mark.parametrize(("question", "options", "says"), [
    ("", OPTIONS, "needs a question"),
    ("A?", {"a": True}, "two to eight choices; got 1"),
    ("A?", {"a": "no", "b": "no"}, "a choice that is right"),
    ("A?", {"a": True, "b": ""}, "'b' has ''"),
    ("A?", {"a": True, "b": False}, "'b' has False"),
    ("A?", {"a": True, "b": None}, "Every wrong choice says why"),
    ("A?", {"a": True, "b": 1}, "Every wrong choice says why"),
])
def test_a_quiz_with_an_unexplained_choice_is_refused(question, options, says):
    with pytest.raises(ValueError, match=says):
        exercises.quiz(question, options)
