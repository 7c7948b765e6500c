"""A figure is right when its axes say what they show, its data lie where they belong, and nothing else has changed."""

import base64
import functools
import io
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from PIL import Image

from helpers import checks, features, metrics, plots
from helpers.plots import display, style

SR = 16000
CLASSES = ("dog", "crying_baby", "sea_waves")


def noise(seconds=1.0, level=0.1):
    rng = np.random.default_rng(3)
    return (level * rng.standard_normal(round(seconds * SR))).astype(np.float32)


def decibels(power):
    return 10 * np.log10(np.maximum(power, features.FLOOR))


class Clips:
    """The one thing that a grid needs of a data set."""

    rows = pd.DataFrame({"label": CLASSES, "fold": [1, 2, 2]})

    def load(self, row):
        return noise(0.5), SR


AUDIO = noise()
MEL = features.log_mel(AUDIO, sr=SR)
POWER = features.spectrogram(AUDIO)
SCORES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
CURVE = pd.DataFrame({"threshold": [0.0, 0.5, 1.0], "coverage": [1.0, 0.6, 0.0], "accuracy": [0.7, 0.9, np.nan]})
HISTORY = {"loss": [1.0, 0.5], "accuracy": [0.4, 0.8], "val_accuracy": [0.3, 0.6]}

DRAWINGS = {
    "waveform": lambda **at: plots.waveform(AUDIO, sr=SR, **at),
    "windows_over_waveform": lambda **at: plots.windows_over_waveform(AUDIO, sr=SR, starts=[0, 0.25], window=0.5, **at),
    "levels": lambda **at: plots.levels([-20.0, -70.0, -np.inf], threshold_db=-60, **at),
    "spectrogram": lambda **at: plots.spectrogram(decibels(POWER), sr=SR, hop_length=256, n_fft=1024, **at),
    "log_mel": lambda **at: plots.log_mel(MEL, sr=SR, **at),
    "spectrum": lambda **at: plots.spectrum({"a": POWER[:, 0], "b": POWER[:, 1]}, sr=SR, **at),
    "mel_filters": lambda **at: plots.mel_filters(features.mel_filters(sr=SR, n_mels=12), sr=SR, **at),
    "confusion": lambda **at: plots.confusion(["dog"], ["crying_baby"], classes=CLASSES, **at),
    "score_distributions": lambda **at: plots.score_distributions({"known": [0.9, 0.8], "unknown": [0.3]}, **at),
    "coverage": lambda **at: plots.coverage(CURVE, threshold=0.5, **at),
    "accuracy_bars": lambda **at: plots.accuracy_bars({"linear": [0.8, 0.82], "network": 0.9}, chance=0.1, **at),
    "training": lambda **at: plots.training(HISTORY, **at),
    "learning_curve": lambda **at: plots.learning_curve({"a": {2: [0.3, 0.5], 8: 0.6}, "b": {8: 0.9}}, **at),
    "class_balance": lambda **at: plots.class_balance(Clips.rows, **at),
}
PANELS = {
    "waveforms": lambda: plots.waveforms({"left": AUDIO, "right": AUDIO / 2}, sr=SR),
    "spectrograms": lambda: plots.spectrograms({"a": decibels(POWER), "b": decibels(POWER)}, sr=SR, hop_length=256),
    "log_mels": lambda: plots.log_mels({"a": MEL, "b": MEL}, sr=SR),
    "dynamic_range": lambda: plots.dynamic_range(POWER),
    "window_scores": lambda: plots.window_scores(MEL, SCORES, starts=[0, 0.5], window=0.5, classes=CLASSES, sr=SR),
    "activation": lambda: plots.activation(MEL, np.eye(4), sr=SR),
    "class_grid": lambda: plots.class_grid(Clips(), Clips.rows, columns=2),
}
EVERY = {**DRAWINGS, **PANELS}


def figure_of(drawing):
    return display._figure_of(drawing)


@functools.cache
def drawn(name):
    """A figure that no test changes."""
    figure = figure_of(EVERY[name]())
    figure.draw_without_rendering()
    return figure


def texts(figure):
    """Every word on a figure, after it was drawn."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_visible() and text.get_text()]


def ticks(axis):
    axis.get_figure().draw_without_rendering()
    low, high = sorted(axis.get_view_interval())
    labels = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    return {round(place, 6): label.get_text() for place, label in labels if low <= place <= high}


@pytest.mark.parametrize("name", EVERY)
def test_matplotlib_is_left_as_it_was(name):
    from matplotlib import pyplot

    before, open_before = dict(matplotlib.rcParams), pyplot.get_fignums()
    EVERY[name]()
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == open_before


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_plot_draws_on_the_axes_that_it_is_given(name):
    ax = style.new_figure().add_subplot()
    assert DRAWINGS[name](ax=ax) is ax
    assert isinstance(DRAWINGS[name](), Axes)
    assert DRAWINGS[name](title="Which one is it?").get_title(loc="left") == "Which one is it?"


@pytest.mark.parametrize("name", DRAWINGS)
def test_what_is_no_axes_is_refused(name):
    with pytest.raises(checks.InputError, match=r"axes or None.*axes\[0\]"):
        DRAWINGS[name](ax=[1])


@pytest.mark.parametrize("name", EVERY)
def test_text_can_be_read_when_projected(name):
    figure = drawn(name)
    sizes = {text.get_text(): text.get_size() for text in figure.findobj(matplotlib.text.Text) if text.get_text()}
    assert min(sizes.values()) >= 11, sizes


@pytest.mark.parametrize("name", EVERY)
def test_both_axes_say_what_they_show(name):
    figure = drawn(name)
    x = [ax.get_xlabel() for ax in figure.axes] + [figure.get_supxlabel()]
    y = [ax.get_ylabel() for ax in figure.axes] + [figure.get_supylabel()]
    assert any(x), "no label below"
    assert any(y) or name == "accuracy_bars", "no label at the side, where no names stand"


@pytest.mark.parametrize("name", EVERY)
def test_nothing_reaches_beyond_the_figure(name):
    figure = drawn(name)
    box = figure.get_tightbbox()
    assert box.x0 >= -0.02
    assert box.y0 >= -0.02
    assert box.x1 <= figure.get_figwidth() + 0.02
    assert box.y1 <= figure.get_figheight() + 0.02


@pytest.mark.parametrize("name", ["spectrogram", "log_mel"])
def test_time_is_in_seconds_frequency_in_kilohertz_and_level_in_decibels(name):
    ax = DRAWINGS[name]()
    assert ax.get_xlabel() == "Time (s)"
    assert ax.get_ylabel() == "Frequency (kHz)"
    assert "Level (dB)" in texts(figure_of(ax))
    assert ax.get_xlim() == pytest.approx((0, 1), abs=256 / SR)
    assert ax.get_ylim() == pytest.approx((0, SR / 2))
    assert all(float(text) == pytest.approx(hz / 1000) for hz, text in ticks(ax.yaxis).items())


def test_mel_axis_has_round_ticks_at_their_places_on_the_mel_scale():
    ax = plots.log_mel(MEL, sr=SR)
    assert ticks(ax.yaxis) == {0: "0", 500: "0.5", 1000: "1", 2000: "2", 4000: "4", 8000: "8"}
    height = [ax.transAxes.inverted().transform(ax.transData.transform((0, hz)))[1] for hz in (0, 1000, 8000)]
    assert height == pytest.approx([0, 15 / features.hz_to_mel(8000), 1])


@pytest.mark.parametrize("hz", [200, 700, 1500, 6000])
def test_a_tone_lies_at_its_frequency_and_its_time(hz):
    audio = np.zeros(SR, np.float32)
    audio[8000:] = 0.5 * np.sin(2 * np.pi * hz * np.arange(8000) / SR)
    mesh = plots.log_mel(features.log_mel(audio, sr=SR), sr=SR).collections[0]
    corners, values = mesh.get_coordinates(), mesh.get_array()
    band, frame = np.unravel_index(np.argmax(values), values.shape)
    assert corners[band - 1, 0, 1] <= hz <= corners[band + 2, 0, 1]
    assert corners[0, frame, 0] >= 0.47
    linear = plots.spectrogram(decibels(features.spectrogram(audio)), sr=SR, hop_length=256).images[0]
    left, right, bottom, top = linear.get_extent()
    rows, columns = linear.get_array().shape
    row, column = np.unravel_index(np.argmax(linear.get_array()), (rows, columns))
    assert bottom + (row + 0.5) * (top - bottom) / rows == pytest.approx(hz, abs=SR / 1024)
    assert left + (column + 0.5) * (right - left) / columns >= 0.47


@pytest.mark.parametrize(("fmin", "fmax"), [(1000, 3500), (1100, 1900), (50, 8000)])
def test_part_of_the_mel_range_still_has_ticks(fmin, fmax):
    log_mel = features.log_mel(AUDIO, sr=SR, n_mels=16, fmin=fmin, fmax=fmax)
    ax = plots.log_mel(log_mel, sr=SR, fmin=fmin, fmax=fmax)
    assert ax.get_ylim() == (fmin, fmax)
    assert len(ticks(ax.yaxis)) >= 3


def test_silence_is_dark_not_bright():
    for mesh in (plots.log_mel(np.full((64, 5), -100.0), sr=SR).collections[0],
                 plots.spectrogram(np.full((513, 5), -100.0), sr=SR, hop_length=256).images[0]):
        assert mesh.get_clim() == (-100, -20)


def test_one_frame_is_a_picture():
    assert plots.log_mel(MEL[:, :1], sr=SR).get_xlim()[1] > 0
    assert plots.spectrogram(decibels(POWER[:, :1]), sr=SR, hop_length=256).get_xlim()[1] > 0


def test_spectrograms_of_different_rates_share_axes_and_colours():
    slow = decibels(features.spectrogram(AUDIO[::2], n_fft=512, hop_length=128))
    axes = plots.spectrograms({"16 kHz": decibels(POWER), "8 kHz": slow}, sr={"16 kHz": SR, "8 kHz": SR // 2},
                              hop_length={"16 kHz": 256, "8 kHz": 128})
    assert {ax.get_ylim() for ax in axes} == {(0, SR / 2)}
    assert len({ax.get_xlim() for ax in axes}) == 1
    assert len({ax.images[0].get_clim() for ax in axes}) == 1
    assert axes[1].images[0].get_extent()[3] == pytest.approx(SR / 4, rel=0.01)


def test_log_mels_share_their_colours_and_normalised_ones_are_not_in_decibels():
    axes = plots.log_mels({"soft": MEL - 30, "loud": MEL}, sr=SR)
    assert len({ax.collections[0].get_clim() for ax in axes}) == 1
    normal = plots.log_mels({"one": features.normalise(MEL[np.newaxis])[0]}, sr=SR, normalised=True)
    assert normal[0].collections[0].get_clim() == (-3, 3)
    assert "Deviations from the mean" in texts(figure_of(normal))


def test_a_spectrum_has_its_tone_where_it_belongs():
    tone = np.sin(2 * np.pi * 2000 * np.arange(SR) / SR).astype(np.float32)
    frames = {"long": features.spectrogram(tone)[:, 30], "short": features.spectrogram(tone, n_fft=256)[:, 30]}
    lines = plots.spectrum(frames, sr=SR).get_lines()
    assert [line.get_label() for line in lines] == ["long", "short"]
    assert all(abs(line.get_xdata()[np.argmax(line.get_ydata())] - 2.0) < 0.01 for line in lines)


def test_waveform_lies_in_seconds_and_keeps_its_height():
    line, = plots.waveform(AUDIO, sr=SR).lines
    assert line.get_xdata()[-1] == pytest.approx(1 - 1 / SR)
    assert np.array_equal(line.get_ydata(), AUDIO)


def test_a_long_waveform_keeps_its_peaks():
    audio = np.zeros(1_000_001, np.float32)
    audio[[123_456, 1_000_000]] = 0.8, -0.9
    shape, = plots.waveform(audio, sr=SR).collections
    x, y = shape.get_paths()[0].vertices.T
    assert (y.max(), y.min()) == pytest.approx((0.8, -0.9))
    assert x[y.argmax()] == pytest.approx(123_456 / SR, abs=0.01)


def test_full_scale_is_drawn_where_the_sound_goes_beyond_it():
    assert len(plots.waveform(AUDIO, sr=SR).lines) == 1
    limits = plots.waveform(20 * AUDIO, sr=SR).lines[1:]
    assert sorted(line.get_ydata()[0] for line in limits) == [-1, 1]


def test_a_silent_waveform_has_a_scale():
    assert plots.waveform(np.zeros(100), sr=SR).get_ylim() == (-1, 1)


def test_windows_lie_where_they_start_and_silent_ones_are_hatched():
    ax = plots.windows_over_waveform(AUDIO, sr=SR, starts=[0, 0.25, 0.75], window=0.5, live=[True, False, True])
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 0.5), (0.25, 0.5), (0.75, 0.5)]
    assert [bar.get_hatch() for bar in ax.patches] == [None, "///", None]
    assert ax.get_xlim() == (0, 1.25), "the padded end of the last window can be seen"
    boxes = [bar.get_bbox() for bar in ax.patches]
    assert boxes[0].y0 != boxes[1].y0, "windows that overlap in time lie in different rows"


def test_levels_count_live_windows_and_show_digital_silence():
    ax = plots.levels([-60.0, -60.1, -np.inf], threshold_db=-60)
    assert ax.get_title(loc="left").startswith("1 of 3 windows")
    silent = ax.lines[1].get_ydata()
    assert silent.tolist() == [-60.1, -100]
    assert ax.get_ylim()[0] < -100


def test_class_names_are_written_for_people():
    for name in ("confusion", "window_scores", "class_grid", "class_balance"):
        words = " ".join(texts(drawn(name)))
        assert "crying baby" in words
        assert "_" not in words


def test_confusion_counts_every_clip_once_and_separates_right_from_wrong():
    ax = plots.confusion(["dog", "dog", "sea_waves"], ["dog", "crying_baby", "sea_waves"], classes=CLASSES)
    assert ax.get_title(loc="left") == "2 of 3 right"
    places = {text.get_position(): text.get_text() for text in ax.texts if text.get_text()}
    numbers = {(int(x), int(y)): text for (x, y), text in places.items()}
    assert numbers == {(0, 0): "1", (1, 0): "1", (2, 2): "1"}
    right, wrong = ax.collections
    assert right.get_array().count() == 3
    assert wrong.get_array().count() == 6
    assert matplotlib.colors.to_hex(wrong.get_cmap()(1.0)).upper() == style.ERROR


def test_score_distributions_say_what_the_threshold_lets_through():
    ax = plots.score_distributions({"known": [0.9, 0.8, 0.2, 0.7], "unknown": []}, threshold=0.7)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(words) == ["known (4): 75 % accepted", "unknown (0)"]
    assert ax.get_xlim() == (0, 1)


def test_scores_outside_0_to_1_and_all_alike_are_drawn():
    low, high = plots.score_distributions({"distance": [-3.0, 12.0]}, x="Distance").get_xlim()
    assert low <= -3
    assert high >= 12
    low, high = plots.score_distributions({"alike": [5.0, 5.0]}).get_xlim()
    assert low < 5 < high
    assert plots.score_distributions({"none": []}).get_xlim() == (0, 1)


def test_coverage_writes_the_two_values_of_the_threshold():
    words = [text.get_text() for text in plots.coverage(CURVE, threshold=0.5).get_legend().get_texts()]
    assert words == ["answers that are right: 90 %", "clips that get an answer: 60 %"]
    assert "none to judge" in plots.coverage(CURVE, threshold=1.0).get_legend().get_texts()[0].get_text()


@pytest.mark.parametrize(("threshold", "answered"), [(0.1, 100), (0.3, 100), (0.31, 75), (0.9, 25), (0.95, 0)])
def test_coverage_reads_the_curve_as_the_steps_it_is(threshold, answered):
    highest = np.array([0.3, 0.6, 0.9, 0.6])
    curve = metrics.coverage_curve(np.stack([highest, 1 - highest], axis=1)[:, :1], np.zeros(4, int))
    words = plots.coverage(curve, threshold=threshold).get_legend().get_texts()[1].get_text()
    assert words == f"clips that get an answer: {answered} %"
    assert 100 * np.mean(highest >= threshold) == answered


def test_accuracy_bars_write_the_mean():
    words = texts(figure_of(plots.accuracy_bars({"net": [0.8, 0.9]})))
    assert "85.0 %" in words
    assert "net" in words


def test_training_shows_both_curves_from_epoch_1():
    ax = plots.training(HISTORY)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.4, 0.8], [0.3, 0.6]]
    assert ax.lines[0].get_xdata().tolist() == [1, 2]
    assert len(plots.training(HISTORY, measure="loss").lines) == 1


def test_window_scores_lie_below_the_sound_that_they_belong_to():
    picture, lines = PANELS["window_scores"]()
    assert picture.get_xlim() == lines.get_xlim()
    figure_of(picture).draw_without_rendering()
    left, right = (ax.get_window_extent() for ax in (picture, lines))
    assert (left.x0, left.x1) == (right.x0, right.x1)
    best = lines.lines[0]
    assert best.get_label() == "crying baby", "the highest mean comes first"
    assert best.get_xdata().tolist() == [0.25, 0.75]


@pytest.mark.parametrize("shape", [(8,), (4, 8)])
def test_activation_marks_the_strongest_stretch(shape):
    strength = np.zeros(shape)
    strength[..., 4:6] = 1.0
    start, stop = plots.strongest_stretch(strength, duration=1.0)
    assert (start, stop) == (0.5, 0.75)
    picture, _ = plots.activation(MEL, strength, sr=SR, label="crying_baby")
    edges = sorted(line.get_xdata()[0] for line in picture.lines)
    assert edges == pytest.approx([0.5, 0.75], abs=0.01)
    assert picture.get_title(loc="left").startswith("Strongest evidence for crying baby: 0.5")


def test_a_map_that_speaks_against_the_class_marks_nothing():
    assert plots.strongest_stretch(np.full((3, 4), -1.0), duration=1.0) == (0.0, 0.0)
    picture, _ = plots.activation(MEL, np.full(4, -1.0), sr=SR)
    assert "Nothing speaks for" in picture.get_title(loc="left")
    assert not picture.lines


def test_a_learning_curve_goes_through_the_means_at_every_size():
    ax = plots.learning_curve({"few": {8: [0.4, 0.6], 2: 0.2}, "many": {30: 0.9}})
    first = ax.lines[0]
    assert first.get_xdata().tolist() == [2, 8]
    assert first.get_ydata().tolist() == pytest.approx([0.2, 0.5])
    assert {label.get_text() for label in ax.get_xticklabels()} == {"2", "8", "30"}
    with pytest.raises(checks.InputError, match="at least one point for 'none'"):
        plots.learning_curve({"none": {}})


def test_grid_shows_every_row_and_hides_what_is_left_over():
    figure = PANELS["class_grid"]()
    shown = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible() and ax.get_title(loc="left")]
    assert shown == ["dog", "crying baby", "sea waves"]


@pytest.mark.parametrize(("draw", "says"), [
    (lambda: plots.waveform(np.zeros((2, 8)), sr=SR), "Average the channels"),
    (lambda: plots.waveforms({}, sr=SR), "at least one entry"),
    (lambda: plots.waveforms([AUDIO], sr=SR), "dictionary.*got list"),
    (lambda: plots.windows_over_waveform(AUDIO, sr=SR, starts=[0], window=0), "window above 0"),
    (lambda: plots.windows_over_waveform(AUDIO, sr=SR, starts=[0], window=1, live=[True] * 2), "in starts, 2 in live"),
    (lambda: plots.levels([], threshold_db=-60), "at least one window"),
    (lambda: plots.levels([np.nan], threshold_db=-60), "NaN"),
    (lambda: plots.log_mel(MEL[np.newaxis], sr=SR), r"log_mels\[0\]"),
    (lambda: plots.log_mel(MEL, sr=SR, fmax=9000), "fmin < fmax"),
    (lambda: plots.log_mel(MEL, sr=SR, hop_length=0), "hop_length above 0"),
    (lambda: plots.log_mel(np.full((4, 4), -np.inf), sr=SR), "infinite"),
    (lambda: plots.spectrogram(MEL, sr=SR, hop_length=256, n_fft=1024), "513 rows.*plots.log_mel"),
    (lambda: plots.dynamic_range(MEL), "before the logarithm"),
    (lambda: plots.spectrum({"a": POWER}, sr=SR), "one column of a power"),
    (lambda: plots.spectrum({"a": MEL[:, 0]}, sr=SR), "powers of one frame"),
    (lambda: plots.spectrum({}, sr=SR), "at least one entry"),
    (lambda: plots.log_mels({}, sr=SR), "at least one entry"),
    (lambda: plots.score_distributions({}), "dictionary"),
    (lambda: plots.score_distributions({"a": [np.nan]}), "the scores of 'a'"),
    (lambda: plots.coverage(CURVE.drop(columns="accuracy")), "none of accuracy"),
    (lambda: plots.coverage(CURVE[:0]), "no row"),
    (lambda: plots.accuracy_bars({"a": []}), "at least one value for 'a'"),
    (lambda: plots.training({"loss": [1.0]}), "measure to be one of 'loss'"),
    (lambda: plots.window_scores(MEL, SCORES, starts=[0], window=1, classes=CLASSES, sr=SR), "2 in scores, 1 in start"),
    (lambda: plots.window_scores(MEL, SCORES, starts=[0, 1], window=1, classes=CLASSES[:2], sr=SR), "3 classes"),
    (lambda: plots.activation(MEL, np.zeros((2, 2, 2)), sr=SR), r"maps\[0\]"),
    (lambda: plots.class_balance(Clips.rows[["label"]]), "none of fold"),
    (lambda: plots.class_grid(Clips(), Clips.rows[:0]), "at least one row"),
    (lambda: plots.show(None, "nothing"), "a figure or its axes"),
    (lambda: plots.show(plots.waveform(AUDIO, sr=SR), " "), "a summary of the figure"),
])
def test_bad_input_is_told_what_to_do(draw, says):
    with pytest.raises(checks.InputError, match=says):
        draw()


def picture_in(html):
    return Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)"', html)[1])))


@pytest.mark.parametrize("name", EVERY)
def test_a_figure_on_the_page_is_crisp_and_light(name):
    figure = drawn(name)
    html = display.to_html(figure, "What it shows")
    picture = picture_in(html)
    width = int(re.search(r'width="(\d+)"', html)[1])
    assert picture.width == pytest.approx(1.5 * width, abs=2)
    assert len(html) * 3 / 4 < 200_000
    assert html.count("What it shows") == 2, "once as alternative text, once as caption"


def test_a_heavy_picture_is_made_light_without_changing_its_size():
    power = features.spectrogram(noise(4), hop_length=128)
    figure = figure_of(plots.spectrogram(decibels(power), sr=SR, hop_length=128))
    plots.to_png(figure)   # the layout settles when it is drawn for the first time
    heavy, light = plots.to_png(figure, most_bytes=10**9), plots.to_png(figure, most_bytes=0)
    assert len(light) < 0.6 * len(heavy)
    heavy, light = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float) for png in (heavy, light))
    assert heavy.shape == light.shape
    assert np.abs(heavy - light).max() <= 10, "rare colours stay, such as the ends of the colour bar"


def test_a_summary_is_text_not_html():
    html = display.to_html(figure_of(plots.waveform(AUDIO, sr=SR)), '"><img src=x onerror=alert(1)>')
    assert "<img src=x" not in html
    assert html.count("<img") == 1


def test_outside_a_notebook_show_is_quiet(capsys):
    assert plots.show(plots.waveform(AUDIO, sr=SR), "A tone") is None
    assert capsys.readouterr() == ("", "")


def test_importing_the_helpers_imports_no_plotting():
    code = "import sys, helpers.listen; print(*{'matplotlib', 'seaborn', 'IPython'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


@pytest.mark.notebook
def test_in_a_notebook_every_figure_appears_once_and_none_stays_open(tmp_path, monkeypatch):
    import nbclient
    import nbformat

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    cells = [
        "import numpy as np\nfrom helpers import plots\naudio = np.full(1600, 0.1)",
        "plots.show(plots.waveform(audio, sr=16000), 'A constant')",
        "plots.waveform(audio, sr=16000);",
        "for title in 'ab':\n    plots.show(plots.waveforms({title: audio, 'c': audio}, sr=16000), title)",
        "plots.levels([-1.0], threshold_db=-60);",
        "from matplotlib import pyplot\nprint(pyplot.get_fignums(), pyplot.rcParams['font.size'])",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(Path(plots.__file__).parents[2])}}).execute()
    shown = [[sorted(output.get("data", {})) for output in cell.outputs] for cell in notebook.cells]
    html, png = ["text/html", "text/plain"], ["image/png", "text/plain"]
    assert shown[:5] == [[], [html], [png], [html, html], [png]]
    assert notebook.cells[1].outputs[0].data["text/plain"] == "A constant"
    assert notebook.cells[5].outputs[0].text == "[] 10.0\n"
