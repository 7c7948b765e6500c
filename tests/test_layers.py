"""Imports go only downward, nothing heavy loads before it is used, and modules stay small enough to read."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    ("checks", "files", "threads", "arrays"),
    ("audio", "labels", "measured", "synth"),
    ("windows", "datasets"),
    ("features", "augment", "events", "metrics"),
    ("models",),
    ("embeddings", "similarity", "anomaly", "export", "records"),
    ("search", "segments", "clusters", "stream", "monitor"),
    ("batch",),
    ("plots", "listen"),
    ("soundmap", "eventroll", "labelling"),
    ("exercises",),
)
LAYER = {name: number for number, names in enumerate(LAYERS) for name in names}
IN_ONE_LAYER = {("files", "checks")}              # every error text stands in checks
MAY_USE_TENSORFLOW = {"augment", "models", "embeddings", "similarity", "anomaly", "export"}
TENSORFLOW = {"tensorflow", "keras", "umap"}      # umap imports TensorFlow by itself
SOURCES = sorted(path for folder in ("helpers", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
HELPERS = [path for path in SOURCES if path.is_relative_to(ROOT / "helpers")]
THREE = {"explain", "fail", "fetch", "fit", "class_activation"}    # read better with their three things in a row
LONGEST_MODULE, LONGEST_FUNCTION = 300, 60        # lines; a function's docstring does not count, about 40 is meant


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def module_of(path: Path) -> str:
    """The helper that a file belongs to: ``audio`` of helpers/audio.py, ``synth`` of helpers/synth/voices.py."""
    first = path.relative_to(ROOT / "helpers").parts[0]
    return first.removesuffix(".py")


def imported(node: ast.AST, path: Path) -> list[str]:
    """Full names of what an import statement imports, relative ones resolved."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    folder = path.relative_to(ROOT).parent.parts
    start = folder[:len(folder) - node.level + 1] if node.level else ()
    base = ".".join([*start, *filter(None, [node.module])])
    return [f"{base}.{alias.name}" for alias in node.names]


def helpers_used(tree: ast.AST, path: Path) -> set[str]:
    """Which helpers a piece of code imports, inside functions too."""
    names = [name.split(".") for node in ast.walk(tree) for name in imported(node, path)]
    return {parts[1] for parts in names if parts[0] == "helpers" and len(parts) > 1}


def upward(source: str, path: Path) -> set[str]:
    """Imports of a helper that do not go downward."""
    own = module_of(path)
    return {other for other in helpers_used(ast.parse(source), path) - {own}
            if LAYER.get(other, 99) >= LAYER[own] and (own, other) not in IN_ONE_LAYER}


def loaded_on_import(tree: ast.Module) -> list[ast.AST]:
    """Import statements that run when the module is imported: all but those in functions and for type checkers."""
    found, waiting = [], list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("path", HELPERS, ids=name_of)
def test_imports_go_only_downward(path):
    own = module_of(path)
    if own == "__init__":
        assert helpers_used(tree_of(path), path) <= {"threads"}
        return
    assert own in LAYER, f"helpers/{own} stands in no layer"
    assert upward(path.read_text("utf-8"), path) == set()


@pytest.mark.parametrize(("source", "found"), [
    ("from helpers import checks, models", {"models"}), ("import helpers.plots.style", {"plots"}),
    ("def f():\n    from helpers.exercises import quiz", {"exercises"}), ("from .. import features", {"features"}),
    ("from ..windows import split", {"windows"}), ("from . import other", set()), ("from helpers import files", set()),
])
def test_an_upward_import_would_be_found(source, found):
    assert upward(source, ROOT / "helpers/datasets/some.py") == found


@pytest.mark.parametrize("path", HELPERS, ids=name_of)
def test_tensorflow_is_imported_in_few_modules_and_only_when_used(path):
    tree = tree_of(path)
    anywhere = {name.split(".")[0] for node in ast.walk(tree) for name in imported(node, path)} & TENSORFLOW
    at_once = {name.split(".")[0] for node in loaded_on_import(tree) for name in imported(node, path)} & TENSORFLOW
    assert at_once == set(), f"{name_of(path)} imports {at_once} before it is used"
    if module_of(path) not in MAY_USE_TENSORFLOW:
        assert anywhere - {"umap"} == set()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_are_short_and_say_where_names_come_from(path):
    text, tree = path.read_text("utf-8"), tree_of(path)
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    assert "sys.path" not in text, "an editable install makes edits of sys.path needless"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_are_short(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            lines = node.end_lineno - first.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{name_of(path)}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", [path for path in HELPERS if module_of(path) != "synth" or path.stem == "voices"],
                         ids=name_of)
def test_public_functions_take_two_positional_arguments_at_most(path):
    for node in tree_of(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in THREE:
            positional = [a.arg for a in node.args.posonlyargs + node.args.args if a.arg not in ("self", "cls")]
            assert len(positional) <= 2, f"{name_of(path)}: {node.name}{positional}"


def loaded(code: str) -> set[str]:
    """Top-level modules in memory after some code has run in a fresh process."""
    report = "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, check=False, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


HEAVY = {"tensorflow", "keras", "umap", "librosa", "numba", "sklearn", "pandas", "matplotlib", "seaborn", "scipy"}


def test_importing_the_helpers_loads_nothing_heavy():
    assert loaded("import helpers") & HEAVY == set()


def test_importing_every_helper_loads_no_tensorflow_and_no_compiler():
    names = sorted({module_of(path) for path in HELPERS} - {"__init__"})
    code = "import importlib\n" + "\n".join(f"importlib.import_module('helpers.{name}')" for name in names)
    assert loaded(code) & {"tensorflow", "keras", "umap", "librosa", "numba"} == set()


def test_the_spine_without_networks_loads_no_compiler():
    code = ("import numpy as np\nfrom helpers import features, windows\n"
            "features.log_mel(windows.split(np.zeros(16000), sr=16000)[0], sr=16000)")
    assert loaded(code) & {"tensorflow", "librosa", "numba", "matplotlib"} == set()


def test_no_folder_has_a_name_that_says_nothing():
    nothing = {"utils", "util", "misc", "common", "core", "old", "scripts", "tools"}
    for path in SOURCES:
        assert not {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & nothing
