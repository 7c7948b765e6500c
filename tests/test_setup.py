"""The set-up: made once, noticed when it is stale or half done, mended, and the same verbs on every system."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.datasets import clean

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "cpython-311 linux"
posix = pytest.mark.skipif(sys.platform == "win32", reason="make and bash are not part of Windows")


def load(path: str):
    """A script of the repository as a module; loading one must do nothing."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


start = load("start.py")


class Fake:
    """Stands in for the programs that make an environment: writes the files they would write, counts the calls."""

    def __init__(self, root: Path):
        self.root, self.calls, self.broken = root, [], set()
        for name in ("pyproject.toml", *start.LISTS):
            (root / name).write_text("uv==1.2 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\nother==3\n")
        self.place = start.Environment(root, call=self.call, answer=self.answer)

    def call(self, command, **more):
        words = [str(part) for part in command]
        kind = ("venv" if "venv" in words else "helpers" if "--editable" in words else
                "uv" if words[1:3] == ["-m", "uv"] else "bootstrap" if words[-1].endswith("uv.txt") else "pip")
        self.calls.append(kind if "requirements-dev.txt" not in words[-1] else kind + " dev")
        if kind in self.broken:
            return 1
        if kind == "venv":
            self.place.python.parent.mkdir(parents=True)
            self.place.python.touch()
        return 0

    def answer(self, command):
        return PYTHON if Path(command[0]).exists() and "python" not in self.broken else ""

    def made(self, **more) -> list[str]:
        """What one call of ``ready`` had to do."""
        self.calls.clear()
        self.place.ready(**more)
        return list(self.calls)


FULL = ["venv", "bootstrap", "uv", "helpers"]


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path)


def test_the_second_call_has_nothing_to_do(fake):
    assert fake.made() == FULL
    assert fake.made() == []
    assert fake.place.ready() == 0.0


def test_the_tests_packages_are_added_once_and_kept(fake):
    fake.made()
    assert fake.made(dev=True) == ["bootstrap", "uv dev", "helpers"]
    assert fake.made(dev=True) == fake.made() == [], "an environment with more than is needed is good for less"
    (fake.root / "requirements.txt").write_text("uv==1.3\n")
    assert fake.made() == ["bootstrap", "uv dev", "helpers"], "a changed lock updates what the tests brought as well"


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.txt"])
def test_a_changed_list_updates_what_stands_there(fake, name, capsys):
    fake.made()
    (fake.root / name).write_text("uv==1.3\n")
    assert fake.made() == FULL[1:]
    assert "have changed" in capsys.readouterr().out
    assert fake.made() == []


@pytest.mark.parametrize("stage", ["venv", "uv and pip", "helpers"])
@pytest.mark.fault("a set-up stops half-way", happens="made anew by the same command")
def test_a_set_up_that_stops_half_way_is_made_anew(fake, stage, capsys):
    fake.broken = set(stage.split(" and "))
    with pytest.raises(start.SetupError, match="Setting up"):
        fake.place.ready()
    assert not fake.place.stamp.exists()
    fake.broken = set()
    fake.place.folder.mkdir(exist_ok=True)
    (fake.place.folder / "half-written").touch()
    assert fake.made() == FULL
    assert not (fake.place.folder / "half-written").exists()
    assert "not whole" in capsys.readouterr().out


@pytest.mark.fault("an update of packages stops half-way", happens="made anew by the same command")
def test_an_update_that_stops_half_way_is_made_anew(fake):
    fake.made()
    (fake.root / "requirements.txt").write_text("uv==1.3\n")
    fake.broken = {"helpers"}
    with pytest.raises(start.SetupError, match="own helpers"):
        fake.place.ready()
    fake.broken = set()
    assert fake.made() == FULL


@pytest.mark.parametrize("text", ["", "{", "[]", '{"folder": "elsewhere"}', "\x00" * 40])
@pytest.mark.fault("the note about what is installed is garbled", happens="installed anew")
def test_a_garbled_stamp_is_no_stamp(fake, text):
    fake.made()
    fake.place.stamp.write_text(text)
    assert fake.made() == FULL


@pytest.mark.fault("the folder is moved after the set-up", happens="noticed, made anew")
def test_a_moved_folder_is_noticed(fake, tmp_path):
    fake.made()
    (tmp_path / "elsewhere").mkdir()
    moved = Fake(tmp_path / "elsewhere")
    shutil.copytree(fake.place.folder, moved.place.folder)
    assert moved.made() == FULL


@pytest.mark.fault("the Python of the set-up was removed", happens="noticed, made anew")
def test_an_interpreter_that_went_away_is_noticed(fake):
    fake.made()
    fake.broken = {"python"}
    assert fake.place.found() is None
    fake.place.python.unlink()
    fake.broken = set()
    assert fake.made() == FULL


@pytest.mark.fault("another Python than the set-up's", happens="the environment is made anew")
def test_an_environment_of_another_python_is_made_anew(fake):
    fake.made()
    stamp = json.loads(fake.place.stamp.read_text())
    fake.place.stamp.write_text(json.dumps({**stamp, "python": "cpython-310 linux"}))
    assert fake.made() == FULL


@pytest.mark.fault("uv fails", happens="pip steps in")
def test_pip_steps_in_where_uv_fails(fake, capsys):
    fake.broken = {"uv"}
    assert fake.made() == ["venv", "bootstrap", "uv", "pip", "helpers"]
    assert "minutes" in capsys.readouterr().out
    assert fake.made() == []


@pytest.mark.parametrize(("free", "says"), [(10**12, "no network"), (10**8, "disk is full")])
def test_a_failed_fetch_says_the_likely_reason(fake, monkeypatch, free, says):
    fake.made()
    (fake.root / "requirements.txt").write_text("uv==1.3\n")
    fake.broken = {"bootstrap", "pip"}
    monkeypatch.setattr(start.shutil, "disk_usage", lambda path: type("Usage", (), {"free": free}))
    with pytest.raises(start.SetupError, match=f"{says}.*mended.*Setting up"):
        fake.place.ready()


def test_packages_come_from_a_folder_where_there_is_one(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(start, "WHEELS", tmp_path / "wheels")
    assert not {"PIP_NO_INDEX", "UV_OFFLINE"} & set(start.environment())
    start.WHEELS.mkdir()
    variables = start.environment()
    assert variables["PIP_FIND_LINKS"] == variables["UV_FIND_LINKS"] == str(start.WHEELS)
    assert variables["PIP_NO_INDEX"] == variables["UV_OFFLINE"] == "1"
    fake.broken = {"uv", "pip"}
    with pytest.raises(start.SetupError, match=r"wheels does not hold every package.*Python 3\.\d+.*Setting up"):
        fake.place.ready()


def test_room_is_looked_for_before_anything_is_made(fake, monkeypatch):
    monkeypatch.setattr(start.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10**9}))
    with pytest.raises(start.SetupError, match=r"Expected 4 GB.*got 1\.0 GB.*Setting up"):
        fake.place.ready()
    assert fake.calls == []


def test_a_folder_that_cannot_be_removed_says_who_holds_it(fake, monkeypatch):
    fake.place.folder.mkdir()

    def held(path):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(start.shutil, "rmtree", held)
    with pytest.raises(start.SetupError, match="Close JupyterLab"):
        fake.place.ready()


def test_the_lines_of_one_package_are_cut_out_of_the_lock():
    lock = "a==1 \\\n    --hash=x\n    # via b\nuv==2 \\\n    --hash=y \\\n    --hash=z\n    # via c\nuv-build==3\n"
    assert start.pinned("uv", lock) == "uv==2 \\\n    --hash=y \\\n    --hash=z\n"
    with pytest.raises(start.SetupError, match="ruff is not in requirements"):
        start.pinned("ruff", lock)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 14), (3, 14, 0), (4, 0, 0)])
def test_a_wrong_python_is_told_in_one_line_what_to_install(version, monkeypatch):
    text = start.wrong_python(version)
    assert "\n" not in text
    assert f"Python {version[0]}.{version[1]};" in text
    assert "install 3.12" in text
    monkeypatch.setattr(start.sys, "version_info", version)
    with pytest.raises(start.SetupError, match=re.escape("install 3.12")):
        start.main(["lab"])


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_the_right_pythons_pass(version):
    assert start.wrong_python(version) == ""


def test_an_old_python_can_read_start_far_enough_to_say_so():
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))


def test_start_needs_the_standard_library_alone():
    inside = {"helpers", "helpers.datasets", "helpers.synth"}      # only in functions that run inside .venv
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"))
    top = {name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    top |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert top <= set(sys.stdlib_module_names)
    every = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert every - set(sys.stdlib_module_names) <= inside
    assert len((ROOT / "start.py").read_text("utf-8").splitlines()) <= 300


@pytest.fixture
def called(monkeypatch):
    """Commands that ``main`` would run in an environment that is ready."""
    commands, ready = [], []
    monkeypatch.setattr(start, "call", lambda command, **more: commands.append([str(part) for part in command]) or 0)
    monkeypatch.setattr(start.Environment, "ready", lambda self, *, dev=False: ready.append(dev) or 0.0)
    return commands, ready


@pytest.mark.parametrize(("words", "command", "dev"), [
    (["run"], ["notebooks/run.py"], False),
    (["run", "NB=02", "FORM=blank"], ["notebooks/run.py", "--only", "02", "--form", "blank"], False),
    (["run", "--", "--only", "01"], ["notebooks/run.py", "--only", "01"], False),
    (["data", "esc10", "--mirror", "http://desk"], ["data/download.py", "esc10", "--mirror", "http://desk"], False),
    (["bench", "logmel"], ["-m", "benchmarks", "logmel"], False),
    (["proof", "faults"], ["-m", "proof", "faults"], True),
    (["train", "SEED=1", "CLASSES=all"], ["-m", "training", "--seed", "1", "--classes", "all"], False),
    (["test"], ["-m", "pytest", "-n", "2"], True),
    (["test", "tests/test_audio.py", "-x"], ["-m", "pytest", "tests/test_audio.py", "-x"], True),
    (["real"], ["-m", "pytest", "-m", "long"], True),
    (["clean", "--yes"], ["-m", "helpers.datasets.clean", "--yes"], False),
    (["lock"], ["binder/make_lock.py"], False),
])
def test_verbs_hand_their_arguments_on(called, words, command, dev):
    commands, ready = called
    assert start.main(words) == 0
    assert [line[1:] for line in commands] == [command]
    assert Path(commands[0][0]).parent.parent == ROOT / ".venv"
    assert ready == [dev]


def test_check_ends_with_one_clear_line(called, capsys, monkeypatch):
    commands, _ = called
    assert start.main(["check"]) == 0
    assert [line[1:] for line in commands] == [["start.py", "--inside", "check"], ["notebooks/run.py", "--only", "00"]]
    assert capsys.readouterr().out.splitlines()[-1].startswith("READY after")
    monkeypatch.setattr(start, "call", lambda command, **more: 1)
    assert start.main(["check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("NOT READY")


def test_lab_opens_on_the_notebooks_and_warms_up_behind(called, monkeypatch, tmp_path):
    started, waits = [], iter([KeyboardInterrupt, 5])

    class Program:
        def __init__(self, command, **more):
            started.append(command)

        def wait(self):
            answer = next(waits)
            if answer is KeyboardInterrupt:
                raise KeyboardInterrupt
            return answer

    monkeypatch.setattr(start.subprocess, "Popen", Program)
    monkeypatch.setattr(start, "ROOT", tmp_path)
    assert start.main(["lab", "--no-browser"]) == 5
    server, warm = started
    assert server[1:] == ["-m", "jupyterlab", f"--ServerApp.root_dir={tmp_path}",
                          "--LabApp.default_url=/lab/tree/notebooks", "--no-browser"]
    assert not [word for word in server if "ip=" in word], "left alone, JupyterLab listens to this computer only"
    assert warm[1:] == ["binder/warm.py", "--behind"]
    page = json.loads((tmp_path / ".venv/etc/jupyter/labconfig/page_config.json").read_text())
    assert page["disabledExtensions"] == {"@jupyterlab/apputils-extension:announcements": True}


@pytest.mark.parametrize(("words", "status"), [([], 0), (["help"], 0), (["--help"], 0), (["labb"], 2)])
def test_an_unknown_verb_shows_the_verbs_and_sets_nothing_up(called, words, status, capsys):
    assert start.main(words) == status
    assert called == ([], [])
    assert "start.py lab" in capsys.readouterr().out


def test_programs_run_on_one_thread_and_without_strangers_packages(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    variables = start.environment(TF_NUM_INTRAOP_THREADS="1")
    assert "PYTHONPATH" not in variables
    assert variables["OPENBLAS_NUM_THREADS"] == variables["TF_NUM_INTRAOP_THREADS"] == "1"
    assert variables["OMP_NUM_THREADS"] == "3", "what the user has set stays"


def test_blas_variables_are_those_of_the_helpers():
    from helpers import threads

    assert start.BLAS == threads.VARIABLES


@pytest.mark.parametrize(("arguments", "answer", "gone"), [
    (["--yes"], None, {"cache"}),
    ([], "y", {"cache"}),
    ([], "", set()),
    (["--data", "--yes"], None, {"cache", "esc10", "downloads"}),
])
def test_clean_removes_caches_and_recordings_only_when_asked(tmp_path, monkeypatch, capsys, arguments, answer, gone):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    monkeypatch.setattr("builtins.input", lambda question: answer)
    for name in ("cache/embedded", "esc10", "downloads", "mine"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_bytes(bytes(2_000_000))
    clean.clean(arguments)
    assert {"cache", "esc10", "downloads", "mine"} - {path.name for path in tmp_path.iterdir()} == gone
    assert "2.0 MB" in capsys.readouterr().out


def test_clean_with_nothing_to_remove_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MACHINE_HEARING_HOME", str(tmp_path))
    clean.clean([])
    assert "Nothing to remove" in capsys.readouterr().out


def make(*words: str, **more: str) -> subprocess.CompletedProcess:
    """Call make as somebody would by hand, also where these tests are themselves run by make."""
    ours = re.compile("MAKE|MFLAGS|(ARGS|NB|FORM|NAMES|UPGRADE|PYTHON)$")
    variables = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return subprocess.run(["make", *words], cwd=ROOT, env={**variables, **more}, check=False, capture_output=True,
                          text=True)


@posix
def test_make_lists_every_verb_and_start_knows_them():
    listed = set(re.findall(r"^  make (\w+)", make("help").stdout, flags=re.M))
    targets = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)[1].split())
    assert listed == targets
    assert listed - {"help"} == set(re.findall(r"start\.py (\w+)", start.__doc__)) - {"py"}
    assert listed - {"help", "lab", "check", "test"} == set(start.HANDED_ON)


@posix
@pytest.mark.parametrize(("line", "command"), [
    (["run", "NB=02", "FORM=blank"], "start.py run NB=02 FORM=blank"),
    (["data"], "start.py data --list"),
    (["data", "NAMES=esc10"], "start.py data esc10"),
    (["lock", "UPGRADE=1"], "start.py lock --upgrade"),
])
def test_make_hands_its_options_to_start(line, command):
    done = make("-n", "PYTHON=py", *line, NAME="a-computer")        # Windows' Linux sets NAME
    assert done.stdout.split() == ["py", *command.split()]


@posix
def test_make_without_a_python_says_what_to_install():
    done = make("lab", "PYTHONS=no-such-python")
    assert done.returncode != 0
    assert "install 3.12" in done.stdout


@pytest.fixture
def ci(tmp_path):
    """Run a copy of .ci/run beside a make that only prints what it was given."""
    (tmp_path / "repository/.ci").mkdir(parents=True)
    script = shutil.copy(ROOT / ".ci/run", tmp_path / "repository/.ci/run")
    (tmp_path / "bin").mkdir()
    make = tmp_path / "bin/make"
    make.write_text('#!/bin/sh\nprintf "%s\n" "$*" "$MACHINE_HEARING_TEST_DATA" "$MACHINE_HEARING_NO_SKIPS"\nexit 7\n')
    make.chmod(0o755)

    def run():
        variables = {name: value for name, value in os.environ.items() if not name.startswith("MACHINE_HEARING_")}
        variables["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{variables['PATH']}"
        return subprocess.run(["bash", str(script)], cwd=tmp_path, env=variables, check=False,
                              capture_output=True, text=True)

    return run


@posix
def test_ci_runs_make_test_with_the_recordings_and_without_leave_to_skip(ci, tmp_path):
    (tmp_path / "shared/data").mkdir(parents=True)
    done = ci()
    words, recordings, marks = done.stdout.splitlines()
    assert re.fullmatch(r"test PYTHON=python(3(\.\d+)?)?", words)
    assert recordings == str(tmp_path / "shared/data")
    assert marks == "real_data,browser"
    assert done.returncode == 7, "the status of the tests is the status of CI"


@posix
def test_ci_says_when_the_recordings_are_missing(ci):
    done = ci()
    assert "No recordings at ../shared/data" in done.stderr
    assert done.stdout.splitlines()[1:] == ["", "real_data,browser"]


@pytest.fixture
def suite(tmp_path):
    """Run pytest on one module beside a copy of our conftest.py; its closing line."""
    shutil.copy(ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    real_data\n    browser\n")

    def run(text: str, no_skips: str) -> str:
        (tmp_path / "test_it.py").write_text("import pytest\n" + text)
        variables = {**os.environ, "MACHINE_HEARING_NO_SKIPS": no_skips, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                     "PYTEST_ADDOPTS": ""}
        return subprocess.run([sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider"], cwd=tmp_path,
                              env=variables, check=False, capture_output=True, text=True).stdout

    return run


SKIPS = """
@pytest.mark.real_data
def test_real():
    pytest.skip("no recordings")

@pytest.mark.browser
@pytest.mark.skipif(True, reason="no Chromium")
def test_page():
    pass

def test_other():
    pytest.skip("not on this system")

@pytest.mark.real_data
@pytest.mark.xfail
def test_expected():
    raise ValueError
"""


@pytest.mark.parametrize(("no_skips", "counts"), [
    ("", "3 skipped, 1 xfailed"), ("real_data", "1 failed, 2 skipped, 1 xfailed"),
    ("real_data,browser", "1 failed, 1 skipped, 1 xfailed, 1 error"),
])
def test_a_skip_that_is_not_allowed_is_a_failure_with_its_reason(suite, no_skips, counts):
    out = suite(SKIPS, no_skips)
    assert counts in out.splitlines()[-1]
    assert "no recordings" in out
    if "browser" in no_skips:
        assert "A browser test must not be skipped" in out


@pytest.mark.parametrize(("no_skips", "counts"), [("", "1 skipped"), ("real_data", "1 error")])
def test_a_module_that_skips_itself_may_hide_such_a_test(suite, no_skips, counts):
    assert counts in suite("pytest.skip('all of it', allow_module_level=True)\n", no_skips).splitlines()[-1]


def test_the_workflow_covers_three_systems_and_three_pythons():
    [job] = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))["jobs"].values()
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == [f"3.{minor}" for minor in range(start.OLDEST[1], start.NEWEST[1] + 1)]
    assert {"python start.py check", "python start.py test"} <= {step.get("run") for step in job["steps"]}


def test_the_checks_before_a_commit_need_no_network():
    from pre_commit.clientlib import load_config

    load_config(ROOT / ".pre-commit-config.yaml")
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    lock = (ROOT / "requirements-dev.txt").read_text("utf-8")
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert f"\n{hook['entry'].split()[0]}==" in lock, f"{hook['entry']} is not among the tests' packages"
