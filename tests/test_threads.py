"""One BLAS thread, whichever of numpy and helpers came first; whoever sets a variable is obeyed."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import threads

ROOT = Path(__file__).resolve().parent.parent
REPORT = """
import json, os, threadpoolctl
import numpy as np
np.ones((64, 64)) @ np.ones((64, 64))
blas = [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
print(json.dumps({"blas": blas, "variable": os.environ.get("OPENBLAS_NUM_THREADS")}))
"""


@functools.cache
def run(code: str, **variables: str) -> dict:
    """What a fresh process says about its threads, once some code has run in it."""
    clean = {name: value for name, value in os.environ.items() if name not in threads.VARIABLES}
    done = subprocess.run([sys.executable, "-c", code + REPORT], cwd=ROOT, env={**clean, **variables}, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("code", [
    "import numpy; import helpers", "import helpers; import numpy", "import scipy.linalg; from helpers import audio",
], ids=["numpy first", "helpers first", "scipy first"])
def test_blas_keeps_to_one_thread_in_either_order(code):
    said = run(code)
    assert said["blas"]
    assert set(said["blas"]) == {1}
    assert said["variable"] == "1", "child processes keep to it too"


def test_without_helpers_there_would_be_more_threads():
    if (os.cpu_count() or 1) < 2:
        pytest.skip("this machine has one core: BLAS starts one thread anyway")
    assert max(run("import numpy")["blas"]) > 1


@pytest.mark.parametrize("code", ["import numpy; import helpers", "import helpers; import numpy"])
@pytest.mark.parametrize("name", ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
def test_a_variable_of_the_reader_is_respected(code, name):
    without = run("import numpy", **{name: "2"})["blas"]
    said = run(code, **{name: "2"})
    assert said["blas"] == without
    if name == "OPENBLAS_NUM_THREADS":
        assert said["variable"] == "2"


@pytest.mark.parametrize("n", [0, -1])
def test_fewer_than_one_thread_is_refused(n):
    with pytest.raises(ValueError, match=f"at least one thread; got {n}"):
        threads.limit(n)
