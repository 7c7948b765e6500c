"""The notebooks run from top to bottom, and the runner notices when one does not."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
import serving

from notebooks import build, measure, run

STEMS = [source.stem for source in build.sources()]
PLAIN = "# %%\nlist(range(3))\n"
PART = "# %%\nfrom helpers import exercises\n\nlist(range(3))\n"
EXERCISE = '''\
# %% [markdown]
# ### Your turn: count

# %%
def count(n_samples, window_samples, hop_samples):
    """How many whole windows fit in."""
    # <solution>
    return max(0, 1 + (n_samples - window_samples) // hop_samples)
    # </solution>

# %%
exercises.check_count_windows(count)
'''


def on_demand(*names):
    """Notebooks that only ``make real`` executes on real recordings: they take a quarter of an hour together."""
    return [pytest.param(name, marks=pytest.mark.long) for name in names]


def beside_others(name, **more):
    """Execute a notebook while other tests run: sharing caches with them, the same work takes longer.

    ``make run`` and ``python -m benchmarks notebooks`` hold the limits for a notebook alone.
    """
    with mock.patch.object(run, "MAX_CPU_SECONDS", 1.75 * run.MAX_CPU_SECONDS):
        return run.execute(name, timeout=4 * run.CELL_SECONDS, **more)


@pytest.fixture(scope="session")
def executed(tmp_path_factory):
    """Execute a solved notebook, once for all the tests that look at it."""
    folder, done = tmp_path_factory.mktemp("executed"), {}

    def execute(name):
        if name not in done:
            done[name] = beside_others(name, page=folder / f"{name}.html")
        return done[name]

    return execute


@pytest.mark.notebook
@pytest.mark.parametrize("name", STEMS)
def test_the_solved_notebook_runs_and_every_check_is_ticked(executed, name):
    result = executed(name)
    assert result.ok, "\n".join(result.problems)
    assert len(result.checks) == source_text(name).count("\nexercises.check_")
    assert all(status == "passed" for _, status in result.checks)


@pytest.mark.notebook
@pytest.mark.parametrize("name", STEMS)
def test_every_blank_exercise_is_met_with_not_yet(executed, name):
    result = executed(name)
    assert [check for check, _ in result.blanks] == [check for check, _ in result.checks]
    assert all(status == "not yet" for _, status in result.blanks)


@pytest.mark.notebook
@pytest.mark.parametrize("name", STEMS)
def test_the_executed_page_needs_no_network(executed, name):
    assert fetched(Path(executed(name).page).read_text("utf-8")) == []


@pytest.mark.notebook
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["02_classify_clips", *on_demand("03_little_data", "06_search_and_map",
                                                                  "07_learn_similarity", "11_scale_out")])
def test_it_runs_on_real_recordings(test_data, tmp_path, name):
    serving.install_esc10(test_data, tmp_path / "home")
    shutil.copytree(test_data / "yamnet", tmp_path / "home" / "yamnet")
    env = {"MACHINE_HEARING_CLIPS": "esc10", "MACHINE_HEARING_HOME": str(tmp_path / "home")}
    result = beside_others(name, page=tmp_path / "page.html", env=env)
    assert result.ok, "\n".join(result.problems)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "Data: esc10, 400 clips" in page
    if name == "03_little_data":
        assert re.search(r"YAMNet hears: \w", page), "its line is printed, not only in the code"


@pytest.mark.notebook
@pytest.mark.real_data
@pytest.mark.parametrize("name", ["04_detect_events", *on_demand("05_label_events", "10_listen_live")])
def test_it_runs_on_real_scenes_in_a_folder(test_data, tmp_path, name):
    """Birdsong by the way of the reader's own recordings: a folder of them, and their labels in one table."""
    shutil.copytree(test_data / "sed-birdsongrec-bird0" / "Wave", tmp_path / "birds")
    shutil.copy(test_data / "sed-birdsongrec-bird0" / "events.csv", tmp_path / "birds")
    env = {"MACHINE_HEARING_SCENES": str(tmp_path / "birds"), "MACHINE_HEARING_HOME": str(tmp_path / "home")}
    result = beside_others(name, page=tmp_path / "page.html", env=env)
    assert result.ok, "\n".join(result.problems)
    assert "Data: birds, 30 scenes" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.notebook
@pytest.mark.real_data
@pytest.mark.long
def test_it_runs_on_a_real_machine_in_a_folder(test_data, tmp_path):
    """A fan by the way of the reader's own recordings: normal ones in a folder, one faulty one beside them."""
    env = {"MACHINE_HEARING_MACHINES": str(test_data / "anomaly-mimii-fan-mini" / "same_unit"),
           "MACHINE_HEARING_HOME": str(tmp_path / "home")}
    result = beside_others("08_detect_anomalies", page=tmp_path / "page.html", env=env)
    assert result.ok, "\n".join(result.problems)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "76 clips, 1 unit, 75 normal, 1 faulty" in page
    assert "left out: it takes two units" in page


def source_text(name):
    return (build.HERE / "src" / f"{name}.py").read_text("utf-8")


def fetched(page):
    """What a browser would fetch to show a page and the pages in it; links that are only followed do not count."""
    framed = r'\ssrcdoc="([^"]*)"'
    pages = [re.sub(framed, "", page), *map(html.unescape, re.findall(framed, page))]
    loaded = r"""(?:\ssrc|<link[^>]*href)\s*=\s*["']?(?!data:|["'#])[^"'\s>]+|url\(["']?http[^)]*|@import"""
    return [found for each in pages for found in re.findall(loaded, re.sub(r"/\*.*?\*/", "", each, flags=re.DOTALL))]


def test_what_a_page_or_a_page_in_it_fetches_is_noticed():
    inner = '<img src="https://example.org/a.png"><audio src="data:audio/wav;base64,UklGR">'
    outer = f'<iframe srcdoc="{html.escape(inner)}"></iframe><script src=b.js></script>'
    assert fetched(outer) == [" src=b.js", ' src="https://example.org/a.png']


# The runner, on small notebooks of its own

@pytest.fixture
def execute(tmp_path):
    """Build a notebook from a source and execute it."""
    def execute(source, **options):
        path = tmp_path / "src" / "00_try.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("# %% [markdown]\n# # 0. Try\n" + source, encoding="utf-8")
        for target, text in zip(build.targets(path), build.forms(path)[:2], strict=True):
            build.write(target, text)
        return run.execute("00_try", folder=tmp_path, **options)

    return execute


def test_a_notebook_is_executed_measured_and_written_as_a_page(execute, tmp_path):
    seen = []
    result = execute(PART + EXERCISE, page=tmp_path / "00.html", progress=lambda *step: seen.append(step))
    assert result.ok, result.problems
    assert result.checks == [["count_windows", "passed"]]
    assert result.blanks == [["count_windows", "not yet"]]
    assert seen == [(n, 5) for n in range(1, 6)]
    assert 0 < result.cpu_seconds < 60
    assert 30 < result.peak_mb < 1000
    page = (tmp_path / "00.html").read_text("utf-8")
    assert "[0, 1, 2]" in page
    assert 'data-status="passed"' in page, "the page shows the solved exercise, not the blank that was tried after it"
    assert fetched(page) == []
    assert "<title>0. Try</title>" in page


def test_the_blank_form_says_not_yet_and_runs_to_the_end(execute):
    result = execute(PART + EXERCISE, form="blank")
    assert result.ok, result.problems
    assert result.checks == [["count_windows", "not yet"]]


def test_a_solution_that_is_not_right_fails_with_its_hint(execute):
    result = execute(PART + EXERCISE.replace("max(0, 1 + ", "max(0, 2 + "))
    assert result.problems == ["cell 5: check_count_windows says 'wrong': ✗ Look again: for 64000 samples, windows of "
                               "16000 and a hop of 8000 you said 8, expected 7."]


def test_a_blank_that_passes_its_check_fails(execute):
    answer = "    return max(0, 1 + (n_samples - window_samples) // hop_samples)\n"
    outside = EXERCISE.replace(answer, "    hop_samples += 0\n")
    outside = outside.replace("    # </solution>\n", "    # </solution>\n" + answer)
    result = execute(PART + outside)
    assert result.problems == ["on the blank, count_windows says 'passed' instead of 'not yet'"]


def test_a_cell_that_fails_is_shown_with_its_source_and_little_else(execute, tmp_path):
    broken = "# %%\ndef half(x):\n    return x / 0\n\nhalf(1)\n"
    result = execute(PLAIN + broken + "# %%\nprint('never reached')\n", page=tmp_path / "00.html")
    [problem] = result.problems
    assert problem.startswith("cell 3 fails:\n    def half(x):\n        return x / 0")
    assert problem.endswith("ZeroDivisionError: division by zero")
    assert len(problem.splitlines()) <= 14
    assert "\x1b" not in problem
    assert "ZeroDivisionError" in (tmp_path / "00.html").read_text("utf-8"), "the page shows how far it came"


def test_a_cell_that_takes_too_long_is_stopped(execute):
    result = execute("# %%\nwhile True:\n    pass\n", timeout=2)
    assert result.problems[0].endswith("It did not finish within 2 s.")


def test_a_kernel_that_dies_is_noticed(execute):
    result = execute("# %%\nimport os\n\nos._exit(1)\n")
    assert result.problems[0].endswith("The kernel died, perhaps for want of memory.")


def test_limits_of_time_and_memory_hold(execute, monkeypatch):
    monkeypatch.setattr(run, "MAX_CPU_SECONDS", 0.01)
    monkeypatch.setattr(run, "MAX_MB", 20)
    result = execute(PLAIN)
    assert [re.sub(r"^\d+", "N", problem) for problem in result.problems] == [
        "N s of processor time; 0.01 at most", "N MB of memory; 20 at most"]


def test_a_picture_without_a_text_fails_and_warnings_are_noted(execute, tmp_path):
    source = ("# %%\nimport sys\n\nfrom matplotlib import pyplot\n\nprint('look here', file=sys.stderr)\n"
              "pyplot.plot([1, 2]);\n")
    result = execute(source, page=tmp_path / "00.html")
    assert result.problems == ["1 pictures without a text for those who cannot see them; use plots.show"]
    assert result.notes == ["cell 2 writes to stderr: look here"]


def test_the_kernel_is_this_python_with_one_thread_and_the_settings_given(execute, tmp_path):
    source = ("# %%\nimport os\nimport sys\nfrom pathlib import Path\n\nfrom helpers import files\n\n"
              "names = ['OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'TF_CPP_MIN_LOG_LEVEL', 'MINE']\n"
              "seen = [sys.executable, str(Path.cwd()), files.__file__, *[os.environ[name] for name in names]]\n"
              "Path('seen.txt').write_text('\\n'.join(seen));\n")
    assert execute(source, env={"MINE": "set"}).ok
    executable, folder, helper, *settings = (tmp_path / "solutions/seen.txt").read_text().splitlines()
    assert executable == sys.executable
    assert folder == str(tmp_path / "solutions"), "where JupyterLab would run the solved form"
    assert helper == str(build.HERE.parent / "helpers" / "files.py")
    assert settings == ["1", "1", "3", "set"]


def test_memory_and_time_of_children_count(tmp_path):
    child = ("import sys, time; data = bytearray(b'x') * 80_000_000; end = time.process_time() + 0.5\n"
             "while time.process_time() < end: pass\n"
             "print('ready', flush=True); sys.stdin.read()")
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline().strip() == b"ready"
        with measure.Meter(process.pid) as meter:
            pass
    finally:
        process.communicate()
    assert meter.peak_mb > 80
    assert meter.cpu_seconds >= 0.5


def test_what_cannot_be_measured_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert measure._psutil(os.getpid()) == (None, None)
    row = run.table([run.Result("00_try", "solved")]).splitlines()[-1]
    assert re.fullmatch(r"00_try +solved +0 +not measured +not measured +0/0 +ok", row)


def test_psutil_and_proc_agree():
    if not (measure.PROC / "self" / "stat").exists():
        pytest.skip("this system has no /proc")
    start = time.process_time()
    while time.process_time() < start + 0.2:
        pass
    (cpu, memory), (cpu_too, memory_too) = measure._linux(os.getpid()), measure._psutil(os.getpid())
    assert cpu == pytest.approx(cpu_too, abs=0.5)
    assert memory >= 0.9 * memory_too


def test_the_command_line_ends_with_a_table_and_says_what_failed(monkeypatch, tmp_path, capsys):
    (tmp_path / "01_one.ipynb").touch()
    (tmp_path / "02_two.ipynb").touch()
    good = run.Result("01_one", "solved", wall_seconds=3.4, cpu_seconds=2.2, peak_mb=120, checks=[["a", "passed"]])
    bad = run.Result("02_two", "solved", problems=["cell 3 fails:\n    1 / 0"], checks=[["b", "wrong"]])
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "execute", lambda name, **options: {"01_one": good, "02_two": bad}[name])
    assert run.main(["--json", str(tmp_path / "times.json")]) == 1
    out = capsys.readouterr().out
    assert "01_one  3.4 s, 2.2 s CPU, 120 MB, 1 checks: ok" in out
    assert "  cell 3 fails:\n      1 / 0" in out
    assert re.search(r"01_one +solved +3 +2 +120 +1/1 +ok\n02_two +solved +0 +(not measured +){2}0/1 +FAILED\n", out)
    rows = json.loads((tmp_path / "times.json").read_text())["notebooks"]
    assert [(row["name"], row["ok"]) for row in rows] == [("01_one", True), ("02_two", False)]
    assert run.main(["--only", "1"]) == 0
    with pytest.raises(SystemExit):
        run.main(["--only", "07"])
    assert "There is no notebook '07'" in capsys.readouterr().err
