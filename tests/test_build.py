"""One source, two notebooks: what the builder makes, and what it refuses."""

import json

import pytest

from notebooks import build, rules

TITLE = "# %% [markdown]\n# # 0. A title\n"
EXERCISE = '''\
# %% [markdown]
# ### Your turn: double it
# Write `double`.

# %%
def double(x):
    """Twice x."""
    # <solution>
    answer = 2 * x

    return answer
    # </solution>

# %%
exercises.check_double(double)
'''
IMPORT = "# %%\nfrom helpers import exercises\n\nstart = 1\n\n"
GOOD = TITLE + IMPORT + EXERCISE


@pytest.fixture
def write(tmp_path):
    """Write a source into a notebooks folder of its own."""
    def write(text, name="00_try"):
        path = tmp_path / "src" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
    return write


def cells(notebook):
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]


def test_the_blank_has_a_place_to_write_and_the_solved_form_the_answer(write):
    blank, solved, warnings = build.forms(write(GOOD))
    assert cells(blank)[3] == 'def double(x):\n    """Twice x."""\n    ...  # your code here'
    assert cells(solved)[3] == 'def double(x):\n    """Twice x."""\n    answer = 2 * x\n\n    return answer'
    assert cells(blank)[:3] + cells(blank)[4:] == cells(solved)[:3] + cells(solved)[4:]
    assert not warnings


def test_a_value_can_be_left_blank_too(write):
    value = "# %%\nfmin_hz = (\n    # <solution>\n    1500\n    # </solution>\n)\n\n# %%\nexercises.check_x(fmin_hz)\n"
    source = TITLE + IMPORT + "# %% [markdown]\n# ### Your turn: choose\n\n" + value
    blank, solved, _ = build.forms(write(source))
    spaces = {}
    for form, notebook in (("blank", blank), ("solved", solved)):
        exec(cells(notebook)[3], spaces.setdefault(form, {}))
    assert spaces["solved"]["fmin_hz"] == 1500
    assert spaces["blank"]["fmin_hz"] is ...


def test_notebooks_hold_no_outputs_and_the_same_bytes_each_time(write):
    path = write(GOOD)
    assert build.forms(path)[:2] == build.forms(path)[:2]
    notebook = json.loads(build.forms(path)[1])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert [cell["metadata"].get("tags") for cell in code] == [None, ["exercise"], ["check"]]
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_a_new_cell_leaves_the_ids_of_the_others_alone(write):
    def ids(text):
        return [cell["id"] for cell in json.loads(build.forms(write(text))[0])["cells"]]

    before = ids(GOOD)
    after = ids(GOOD.replace(IMPORT, IMPORT + "# %%\nprint(start)\n\n"))
    assert [name for name in after if name in before] == before
    assert len(set(ids(GOOD + "\n# %%\nprint(start)\n\n# %%\nprint(start)\n"))) == 7, "equal cells get different ids"


def test_comments_that_look_like_shell_commands_stay_comments(write):
    source = TITLE + "# %%\n# more windows than before\n# ls would be wrong here\nstart = 1\n"
    assert cells(build.forms(write(source))[0])[1].startswith("# more windows than before\n# ls")


@pytest.mark.parametrize(("text", "says"), [
    (GOOD.replace("# # 0. A", "# # 3. A"), "the title says 3, the file name 0"),
    (GOOD.replace("# # 0. A title", "# A title"), "begin with the title"),
    (GOOD.replace("    # </solution>\n", ""), "# <solution> without its partner"),
    (GOOD.replace("    # <solution>\n", ""), "# </solution> without its partner"),
    (GOOD.replace("    # </solution>\n", "# </solution>\n"), "indented alike"),
    (GOOD.replace("    answer = 2 * x\n\n    return answer\n", ""), "nothing stands in the answer"),
    (GOOD.replace("# </solution>", "# <solution>"), "without its partner"),
    (GOOD.replace("# <solution>", "#<solution>"), "exactly # <solution>"),
    (GOOD.replace("### Your turn: double it", "### Double it"), "begins with '### Your turn"),
    (GOOD.replace("# %%\nexercises.check_double(double)\n", ""), "the cell after an exercise calls exercises.check_"),
    (GOOD.replace("(double)\n", "(double)\nprint(1)\n"), "one call of exercises.check_... and nothing else"),
    (GOOD.replace("check_double(double)", "check_double(start)"), "does not look at what the exercise defines"),
    (GOOD + "\n# %%\nexercises.check_double(start)\n", "a check without an exercise cell before it"),
    (GOOD + "\n# %% [markdown]\n# ### Your turn: again\n", "'Your turn' without an exercise cell"),
    (GOOD + "\n# %%\nprint(double(2))\n", "double belongs to the exercise in cell 4"),
    (GOOD + "\n# %%\ndef more(x):\n    return double(x)\n", "double belongs to the exercise in cell 4"),
    (GOOD.replace("start = 1", "double = 1"), "double belongs to the exercise in cell 4"),
    (GOOD.replace("def double(x):", "# <solution>\ndef double(x):").replace("    # <solution>\n", "")
         .replace("    # </solution>", "# </solution>"), "does not define double"),
    (GOOD.replace("start = 1", "%matplotlib inline"), "not plain Python"),
    (GOOD.replace("start = 1", "!pip install librosa"), "nothing is installed in a notebook"),
    (GOOD.replace("start = 1", "start = get_ipython()"), "no magics"),
    (GOOD.replace("start = 1", "import sys\nsys.path.append('..')"), "no sys.path"),
    (GOOD.replace("start = 1", "import os\nos.chdir('..')"), "no os.chdir"),
    (GOOD.replace("start = 1", "start = open(\"../data/README.md\")"), "not found from solutions/"),
    (GOOD.replace("start = 1", "from math import *"), "no star imports"),
    (GOOD.replace("start = 1", "import helpers.audio\nprint(helpers)"), "from helpers import"),
    (GOOD.replace("start = 1", "import math"), "math is imported and never used"),
    (GOOD + "\n# %%\nimport math\n\n# %%\nmath.pi\n", "import math where it is first used"),
    (GOOD + "\n# %%\nfrom helpers import exercises\n\nexercises.quiz\n", "imported in cell 2 already"),
    (GOOD.replace("start = 1", "\n".join(f"a{n} = {n}" for n in range(26))), "25 at most"),
    (GOOD.replace("# Write `double`.", "# Write $2x$."), "do not show in the exported pages"),
    (GOOD + "\n# %%\n" * 70, "1 to 60 are right"),
    (TITLE + "# " + "word " * 13000, "60,000 at most"),
])
def test_what_breaks_a_rule_is_refused_with_its_place(write, text, says):
    with pytest.raises(build.SourceError, match=r"00_try\.py") as refused:
        build.forms(write(text))
    assert says in str(refused.value)


def test_lessons_are_long_enough(write):
    with pytest.raises(build.SourceError, match="30 to 60"):
        build.forms(write(GOOD.replace("# # 0.", "# # 1."), name="01_try"))


def test_long_cells_are_named_but_allowed(write):
    source = GOOD.replace("start = 1", "\n".join(f"a{n} = {n}" for n in range(18)))
    source = source.replace("# Write `double`.", "# " + "word " * 120)
    _, _, warnings = build.forms(write(source))
    assert [line.split("; ")[1] for line in warnings] == ["aim at 15", "aim at 100"]


def test_names_inside_functions_are_free(write):
    source = GOOD + "\n# %%\ndef triple(x):\n    answer = 3 * x\n    return answer\n"
    assert build.forms(write(source)), "answer is a name of the function, not of the cell"


def test_stale_missing_and_left_over_notebooks_are_found(write, tmp_path):
    source = write(GOOD)
    assert build.stale(tmp_path) == ["00_try.ipynb is missing", "solutions/00_try.ipynb is missing"]
    for path, text in zip(build.targets(source), build.forms(source)[:2], strict=True):
        build.write(path, text)
    assert build.stale(tmp_path) == []
    write(GOOD.replace("2 * x", "x + x"))
    assert build.stale(tmp_path) == ["solutions/00_try.ipynb is stale: its source says something else"], \
        "the blank does not show the answer, so it is still right"
    source.rename(source.with_name("00_new.py"))
    assert "00_try.ipynb has no source in src/" in build.stale(tmp_path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    assert build.write(path, "old")
    assert not build.write(path, "old"), "the same text is not written again"
    monkeypatch.setattr(build.os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        build.write(path, "new")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("word", ["2", "02", "02_two", "02_two.ipynb", "notebooks/02_two.ipynb"])
def test_notebooks_are_chosen_by_number_or_name(word):
    assert build.pick([word], ["01_one", "02_two"]) == ["02_two"]


def test_a_notebook_that_does_not_exist_is_named():
    assert build.pick([], ["01_one", "02_two"]) == ["01_one", "02_two"]
    with pytest.raises(ValueError, match=r"no notebook '7'\. There are: 01_one, 02_two"):
        build.pick(["01", "7"], ["01_one", "02_two"])


def test_the_command_line_says_what_is_stale(capsys, monkeypatch):
    monkeypatch.setattr(build, "stale", lambda: ["00_try.ipynb is missing"])
    assert build.main(["--check"]) == 1
    assert capsys.readouterr().out == "00_try.ipynb is missing\nWay out: python notebooks/build.py\n"


@pytest.mark.parametrize("source", build.sources(), ids=lambda path: path.stem)
def test_the_notebooks_of_this_repository_keep_the_rules(source):
    blank, solved, _ = build.forms(source)
    for path, text in zip(build.targets(source), (blank, solved), strict=True):
        assert path.read_bytes() == text.encode(), f"{path.name} is stale: python notebooks/build.py"
    assert rules.OPEN not in blank + solved


def test_no_notebook_is_left_over():
    assert [line for line in build.stale() if "has no source" in line] == []
