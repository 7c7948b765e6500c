"""The lists of packages agree with each other, hold no address, and make an environment in which the helpers work."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK, DEV = "requirements.txt", "requirements-dev.txt"
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
}
MACHINES = [{**system, "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9", "extra": "",
             "implementation_name": "cpython", "platform_python_implementation": "CPython"}
            for system in SYSTEMS.values() for minor in (11, 12, 13)]


def read(path: str) -> str:
    """Text of a file of the repository."""
    return (ROOT / path).read_text("utf-8")


def entries(path: str) -> list[tuple[Requirement, list[str]]]:
    """Every entry of a lock: what it pins, and its hashes."""
    text = re.sub(r"^\s*#.*$", "", read(path), flags=re.M).replace("\\\n", " ")
    found = []
    for line in filter(str.strip, text.splitlines()):
        requirement, *hashes = re.split(r"\s--hash=", line)
        found.append((Requirement(requirement), [digest.strip() for digest in hashes]))
    return found


def versions(path: str, machine: dict) -> dict[str, str]:
    """What a lock installs on one machine: version by name."""
    pins = {}
    for requirement, _ in entries(path):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            name = canonicalize_name(requirement.name)
            assert name not in pins, f"{path} pins {name} twice for {machine}"
            [pin] = requirement.specifier
            assert pin.operator == "=="
            pins[name] = pin.version
    return pins


def names(machine: dict) -> str:
    return f"{machine['sys_platform']}-{machine['python_version']}"


@pytest.mark.parametrize("machine", MACHINES, ids=names)
@pytest.mark.parametrize(("path", "wanted"), [
    (LOCK, PROJECT["dependencies"]), (DEV, PROJECT["optional-dependencies"]["dev"])])
def test_every_package_that_is_asked_for_is_pinned_as_asked(path, wanted, machine):
    pins = versions(path, machine)
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            version = pins.get(canonicalize_name(requirement.name))
            assert version, f"{path} does not hold {requirement}: make lock"
            assert requirement.specifier.contains(version, prereleases=True), f"{path}: {requirement}, got {version}"
        else:
            assert canonicalize_name(requirement.name) not in pins


@pytest.mark.parametrize("path", [LOCK, DEV])
def test_pip_may_install_every_package_on_every_python(path):
    # uv overlooks an upper limit that a package sets to its Python; pip, and so Binder, does not
    installed = {canonicalize_name(found.metadata["Name"]): found for found in metadata.distributions()}
    refused, asked = [], 0
    for requirement, _ in entries(path):
        found = installed.get(canonicalize_name(requirement.name))
        if found is None or f"=={found.version}" != str(requirement.specifier):
            continue
        asked += 1
        refused += [f"{requirement.name} {found.version}: {found.metadata['Requires-Python']}"
                    for machine in MACHINES if requirement.marker is None or requirement.marker.evaluate(machine)
                    if not SpecifierSet(found.metadata.get("Requires-Python") or "").contains(
                        machine["python_full_version"])]
    assert refused == []
    assert asked > 80, "too few of the packages are installed here to know"


@pytest.mark.parametrize("machine", MACHINES, ids=names)
def test_the_tests_packages_are_the_readers_packages_and_more(machine):
    lock, dev = versions(LOCK, machine), versions(DEV, machine)
    assert {name: lock[name] for name in dev if name in lock} == {name: dev[name] for name in dev if name in lock}
    assert dev.keys() - lock.keys() >= {"pytest", "hypothesis", "ruff"}


@pytest.mark.parametrize("path", [LOCK, DEV])
def test_every_entry_has_its_hashes(path):
    for requirement, hashes in entries(path):
        assert hashes, f"{path}: {requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes)
        assert len(hashes) == len(set(hashes))


@pytest.mark.parametrize("path", [LOCK, DEV, "environment.yml", "binder/environment.yml", "pyproject.toml", "start.py"])
def test_no_list_names_an_index_or_a_place_of_one_machine(path):
    text = read(path)
    assert not re.search(r"https?://|file://|--(extra-)?index-url|--find-links|--trusted-host", text)
    assert not re.search(r"(?<![\w.])/(tmp|home|root|Users|work)/", text)
    assert not re.search(r"^\s*-e\s", text, flags=re.M), "an editable install cannot stand in a list with hashes"


def test_the_published_openl3_is_an_extra_and_in_no_list():
    extra = Requirement(PROJECT["optional-dependencies"]["openl3"][0])
    assert [extra.marker.evaluate({"python_version": version}) for version in ("3.11", "3.12")] == [True, False]
    for machine in MACHINES:
        assert "openl3" not in versions(LOCK, machine).keys() | versions(DEV, machine).keys()
    assert "[openl3]" in read("environment.yml")


def test_python_versions_agree():
    import start

    supported = [f"3.{minor}" for minor in range(start.OLDEST[1], start.NEWEST[1] + 1)]
    assert PROJECT["requires-python"] == f">={supported[0]},<3.{start.NEWEST[1] + 1}"
    assert [line.split()[-1] for line in PROJECT["classifiers"] if "Python :: 3." in line] == supported
    assert set(re.findall(r"3\.\d\d", read("start.py"))) <= {*supported}


@pytest.fixture
def make_lock():
    spec = importlib.util.spec_from_file_location("make_lock", ROOT / "binder/make_lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_conda_files_are_what_make_lock_writes(make_lock):
    for path, text in make_lock.conda_files().items():
        assert read(path) == text, f"{path} was edited by hand or is stale: make lock"


@pytest.mark.parametrize("path", ["environment.yml", "binder/environment.yml"])
def test_a_conda_file_pins_python_and_points_to_the_lock(path):
    import rattler

    spec = yaml.safe_load(read(path))
    assert spec["name"] == PROJECT["name"]
    assert spec["channels"] == ["conda-forge"]
    *conda, pip = spec["dependencies"]
    parsed = {match.name.normalized: str(match.version) for match in
              (rattler.MatchSpec(text, strict=True) for text in conda)}
    assert parsed.keys() == {"python", "pip"}
    assert "3.11" in parsed["python"], "Binder takes 3.10 where none is pinned"
    [line] = pip["pip"]
    option, lock = line.split()
    assert option == "-r"
    assert ((ROOT / path).parent / lock).resolve() == ROOT / LOCK, "pip reads -r from where the file lies that holds it"


@pytest.mark.setup
@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker runs on Linux and macOS")
def test_repo2docker_accepts_the_folder(tmp_path):
    for path in ("binder", "environment.yml", LOCK, "pyproject.toml"):
        (shutil.copytree if (ROOT / path).is_dir() else shutil.copy)(ROOT / path, tmp_path / path)
    done = subprocess.run([sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."], cwd=tmp_path,
                          check=False, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)})
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Building conda environment for python=3.11" in said
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in said
    assert "RUN ./binder/postBuild" in said
    # The lock is there when the environment is made: the whole repository is copied first.
    assert said.index(" src/ ${REPO_DIR}/\n") < said.index("env update -p")


@pytest.mark.skipif(sys.platform == "win32", reason="bash is not part of Windows")
def test_postbuild_stops_for_the_helpers_alone(tmp_path):
    """Without the helpers nothing works; everything after them may fail."""
    (tmp_path / "bin").mkdir()
    for name in ("python", "jupyter"):
        program = tmp_path / "bin" / name
        program.write_text('#!/bin/sh\necho "$(basename "$0") $*"\ncase "$*" in *$FAILS*) exit 1;; esac\n')
        program.chmod(0o755)

    def run(fails: str) -> tuple[int, list[str]]:
        done = subprocess.run(["bash", str(ROOT / "binder/postBuild")], check=False, capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FAILS": fails})
        return done.returncode, [line.split()[1] for line in done.stdout.splitlines() if line.startswith(("py", "ju"))]

    assert os.access(ROOT / "binder/postBuild", os.X_OK)
    assert run("nothing") == (0, ["-m", "binder/warm.py", "data/download.py", "labextension"])
    assert run("warm") == run("download") == run("labextension") == run("nothing")
    assert run("install") == (1, ["-m"])


def test_warming_up_goes_on_when_a_step_fails(tmp_path, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("warm", ROOT / "binder/warm.py")
    warm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(warm)
    ran = []

    def fail():
        raise RuntimeError("no room")

    monkeypatch.setattr(warm, "DONE", tmp_path / "done")
    monkeypatch.setattr(warm, "embedded_sounds", fail)
    fail.__name__ = "embedded_sounds"
    for name in ("numba_functions", "bytecode"):
        def step(name=name):
            ran.append(name)
        step.__name__ = name
        monkeypatch.setattr(warm, name, step)
    warm.main([])
    assert ran == ["numba_functions", "bytecode"]
    assert "embedded_sounds: left out: RuntimeError: no room" in capsys.readouterr().out
    warm.main(["--behind"])
    assert ran == ["numba_functions", "bytecode"], "behind JupyterLab it runs once"


USE = """
import importlib.resources, json, sys
from pathlib import Path
import helpers
from helpers import audio, windows
assert Path(helpers.__file__).is_relative_to(sys.prefix), helpers.__file__
packages = [path.parent for path in Path(helpers.__file__).parent.rglob("__init__.py")]
data = [path for package in packages for path in package.iterdir() if path.suffix in (".json", ".csv")]
for path in data:
    path.read_text("utf-8")
assert json.loads((importlib.resources.files("helpers") / "datasets/registry.json").read_text("utf-8"))
print(len(packages), len(data))
"""


@pytest.mark.setup
def test_the_wheel_of_the_helpers_works_in_a_clean_environment(tmp_path):
    """Built and installed without a network, used from another folder, with the data that it carries."""
    source = tmp_path / "source"
    source.mkdir()
    for path in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / path, source)
    shutil.copytree(ROOT / "helpers", source / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", tmp_path, source], check=True)
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.name == f"machine_hearing_workshop-{PROJECT['version']}-py3-none-any.whl"

    clean = tmp_path / "clean"
    venv.create(clean, with_pip=False)
    python = clean / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    subprocess.run([*pip, "--python", python, "install", *offline, wheel], check=True)
    site = sysconfig.get_path("purelib", vars={"base": str(clean), "platbase": str(clean)})
    # The locked packages, without running the .pth files there: an editable install of the helpers stays out.
    (Path(site) / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")

    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([python, "-c", USE], cwd=tmp_path, env=variables, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tree = list((ROOT / "helpers").rglob("*.*"))
    packages = {path.parent for path in tree if path.name == "__init__.py"}
    data = [path for path in tree if path.suffix in (".json", ".csv") and path.parent in packages]
    assert done.stdout.split() == [str(len(packages)), str(len(data))], "a package or its data is missing in the wheel"
    assert sum(path.suffix in (".json", ".csv") for path in tree) == len(data), "data outside a package"
