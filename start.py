"""Set the workshop up and start its parts. Needs Python 3.11, 3.12 or 3.13 and nothing else.

    python start.py lab               set up, then open JupyterLab on the notebooks
    python start.py check             two minutes: is everything ready?
    python start.py run               run every notebook without a browser (NB=02: one; FORM=blank: exercises left open)
    python start.py data NAME...      fetch real recordings (--list shows which)
    python start.py test              run every test
    python start.py real              run the notebooks on the real recordings of MACHINE_HEARING_TEST_DATA
    python start.py slides NAME...    build the decks, HTML and PDF (needs Node and Chromium)
    python start.py site              build the static site (--pages notebooks/executed: from pages executed before)
    python start.py bench NAME...     measure (no name: list the measurements; all: every one, which takes hours)
    python start.py proof NAME...     try what the tests have no time for (no name: list it; all: everything, hours)
    python start.py train             train the embedding network anew (SEED=1, CLASSES=all; up to an hour)
    python start.py clean             remove the caches (--data: downloaded recordings too)
    python start.py lock              write the lists of packages anew from pyproject.toml

On Windows write `py start.py ...`. The first call makes a folder .venv with all packages; later calls mend it.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)
ROOM = 4_000_000_000          # bytes: the environment takes 2.6 GB, its downloads the rest
WINDOWS, HELP = os.name == "nt", "(docs/troubleshooting.md: Setting up)"
LISTS = ("requirements.txt", "requirements-dev.txt")
WHEELS = ROOT / "wheels"      # where it exists, packages come from there (docs/instructors.md: Without a network)
# The verbs that only hand their arguments to something that runs inside .venv.
HANDED_ON = {"run": ["notebooks/run.py"], "data": ["data/download.py"], "slides": ["-m", "slides"],
             "site": ["-m", "website"], "bench": ["-m", "benchmarks"], "proof": ["-m", "proof"],
             "train": ["-m", "training"], "real": ["-m", "pytest", "-m", "long"],
             "lock": ["binder/make_lock.py"], "clean": ["-m", "helpers.datasets.clean"]}
WORDS = {"NB": "--only", "FORM": "--form", "SEED": "--seed", "CLASSES": "--classes"}   # NB=02 as in the Makefile
UNWANTED = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")     # the last: TensorFlow compiled in every kernel
BLAS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
BEGAN = "MACHINE_HEARING_BEGAN"        # when start.py was called, for what it starts
IMPORTED = ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "sklearn", "soundfile", "librosa", "tensorflow")
WHICH = ("-I", "-S", "-c", "import sys; print(sys.implementation.cache_tag, sys.platform)")


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(text):
    """Print a line at once, also into a file."""
    print(text, flush=True)


def wrong_python(version):
    """One line that says what to install, or an empty text where this Python will do."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return ""
    return (f"This is Python {version[0]}.{version[1]}; the workshop needs Python 3.11, 3.12 or 3.13: install 3.12 "
            "from python.org or your system's packages, then start again with it, for example "
            f"`{'py -3.12' if WINDOWS else 'python3.12'} start.py lab`. {HELP}")


def environment(**more):
    """Variables for everything that start.py starts: one thread, UTF-8, no packages from elsewhere."""
    variables = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    for name in BLAS:
        variables.setdefault(name, "1")
    variables.setdefault("PYTHONUTF8", "1")
    variables.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if WHEELS.is_dir():                                          # packages from a stick: no network is asked
        variables.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(WHEELS), UV_OFFLINE="1", UV_FIND_LINKS=str(WHEELS))
    variables.update(more, PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1")
    return variables


def call(command, **more):
    """Run a command in the root of the repository; its exit status."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, env=environment(**more))


def answer(command):
    """Output of a short command, empty where it does not run."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""


class Environment:
    """The folder .venv: made from the lock, checked at every call, mended when something is amiss.

    A file in it, written last, says what it was made from. Where the file is missing, somebody or something stopped
    the set-up half way, and the folder is made anew: what was half-written cannot be told from what is whole.
    """

    def __init__(self, root=ROOT, *, call=call, answer=answer):
        self.root, self.call, self.answer = Path(root), call, answer
        self.folder = self.root / ".venv"
        self.python = self.folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
        self.stamp = self.folder / "made-from.json"

    def wanted(self, *, dev):
        """What a finished environment is made from."""
        names = ("pyproject.toml",) + (LISTS if dev else LISTS[:1])
        return {"folder": str(self.folder),
                **{name: hashlib.sha256((self.root / name).read_bytes()).hexdigest() for name in names}}

    def found(self):
        """What the environment that stands there was made from; None where it is not whole or does not run."""
        try:
            made_from = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(made_from, dict) or made_from.get("folder") != str(self.folder):
            return None                                        # the folder was moved: programs in it point elsewhere
        python = self.answer([self.python, *WHICH])
        return made_from if python and python == made_from.get("python") else None

    def ready(self, *, dev=False):
        """Make or mend the environment where needed; seconds it took, 0.0 where there was nothing to do."""
        start = time.monotonic()
        wanted, found = self.wanted(dev=dev), self.found()
        if found and wanted.items() <= found.items():
            return 0.0
        if found:
            say("The lists of packages have changed: bringing .venv up to date.")
            self.stamp.unlink()
            dev = dev or LISTS[1] in found
        else:
            self.make()
        self.install(dev=dev)
        self.write({**self.wanted(dev=dev), "python": self.answer([self.python, *WHICH])})
        return time.monotonic() - start

    def make(self):
        """Make the folder with nothing but pip in it, in place of whatever stood there."""
        if self.folder.exists():
            say("The folder .venv is not whole (a set-up was interrupted, or it was moved): making it anew.")
            try:
                shutil.rmtree(self.folder)
            except OSError as error:
                raise SetupError(f"The folder .venv cannot be removed ({error}). Close JupyterLab and every window "
                                 f"that uses it, then start again. {HELP}") from error
        free = shutil.disk_usage(self.root).free
        if free < ROOM:
            raise SetupError(f"Expected {ROOM / 1e9:.0f} GB of free disk space for the packages; got {free / 1e9:.1f} "
                             f"GB at {self.root}. Free some space, then start again. {HELP}")
        say(f"Making .venv with Python {sys.version.split()[0]} (once).")
        # Inside another virtual environment, the Python that made it: that one stays when the other goes.
        python = getattr(sys, "_base_executable", None) or sys.executable
        if self.call([python, "-m", "venv", self.folder]):
            raise SetupError("Python could not make a virtual environment. On Debian and Ubuntu install python3-venv "
                             f"(apt install python3-venv), then start again. {HELP}")

    def install(self, *, dev):
        """Install what the lock names, then the helpers: with uv, and with pip where uv does not get there."""
        say("Installing the packages: seconds from a filled cache, else about 0.7 GB of downloads.")
        needed = [part for name in LISTS[:2 if dev else 1] for part in ("-r", self.root / name)]
        pip = [self.python, "-m", "pip", "--quiet", "--retries", "2"]
        uv = [self.python, "-m", "uv", "pip"]
        (self.folder / "uv.txt").write_text(pinned("uv", (self.root / LISTS[0]).read_text("utf-8")), "utf-8")
        with_uv = self.call([*pip, "install", "--require-hashes", "-r", self.folder / "uv.txt"]) == 0 and self.call(
            [*uv, "install", "--python", self.python, "--require-hashes", *needed]) == 0
        if not with_uv:
            say("uv could not install the packages; trying pip, which takes minutes.")
            if self.call([*pip, "install", "--require-hashes", *needed]):
                raise SetupError(self.why())
        quick = [*uv, "install", "--quiet", "--offline", "--python", self.python]
        slow = [*pip, "install", "--no-index"]
        if self.call([*(quick if with_uv else slow), "--no-deps", "--no-build-isolation", "--editable", self.root]):
            raise SetupError(f"The packages are there, but the workshop's own helpers could not be installed. {HELP}")

    def why(self):
        """The likely reason why packages could not be installed, and the way out."""
        free = shutil.disk_usage(self.root).free
        if free < 300_000_000:
            return (f"The disk is full: {free / 1e6:.0f} MB are free at {self.root}. Free {ROOM / 1e9:.0f} GB, "
                    f"then start again: what is half done is mended. {HELP}")
        if WHEELS.is_dir():
            return (f"The folder {WHEELS.name} does not hold every package for this system and Python "
                    f"{sys.version_info[0]}.{sys.version_info[1]}; the lines above name one. Take the Python that it "
                    f"was filled for, or remove it and connect, then start again. {HELP}")
        return ("The packages could not be installed; the lines above say why. Most often there is no network, or a "
                "proxy or firewall in between. Connect, or point pip to a mirror (PIP_INDEX_URL), then start again: "
                f"what is half done is mended. {HELP}")

    def write(self, made_from):
        """Say what the environment was made from; whole or not at all, and on the disk before the name is."""
        temporary = self.stamp.with_suffix(".part")
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(made_from, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.stamp)


def pinned(name, lock):
    """Cut one package's lines (version and hashes) out of a lock."""
    found = re.search(rf"^{name}==.*(?:(?<=\\)\n.*)*", lock, flags=re.M)
    if not found:
        raise SetupError(f"{name} is not in {LISTS[0]}: take that file from the repository again. {HELP}")
    return found[0] + "\n"


def lab(python, arguments):
    """Open JupyterLab on the list of notebooks; warm up what a first run would compile, behind it."""
    settings = ROOT / ".venv/etc/jupyter/labconfig/page_config.json"
    settings.parent.mkdir(parents=True, exist_ok=True)           # no question about news from the network
    settings.write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}', "utf-8")
    command = [python, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks"]
    say("Opening JupyterLab in your browser. Ctrl+C in this window ends it.")
    server = subprocess.Popen([str(part) for part in [*command, *arguments]], cwd=ROOT, env=environment())
    subprocess.Popen([str(python), "binder/warm.py", "--behind"], cwd=ROOT, env=environment(),
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        with contextlib.suppress(KeyboardInterrupt):             # JupyterLab asks back; the end is its decision
            return server.wait()


def check(python, arguments):
    """Two minutes for an attendee: packages, one sound, the first notebook, one clear line."""
    start = time.monotonic()
    for step in ([python, "start.py", "--inside", "check"], [python, "notebooks/run.py", "--only", "00", *arguments]):
        if call(step):
            say(f"NOT READY: the step above failed; it says what to do. {HELP}")
            return 1
    say(f"READY after {time.monotonic() - start:.0f} s: this computer can run the workshop. "
        f"Next: {'py start.py lab' if WINDOWS else 'make lab'}.")
    return 0


def test(python, arguments):
    """Run the tests in two processes, one thread each; pytest lists every skipped test with its reason."""
    one_thread = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    return call([python, "-m", "pytest", *(arguments or ("-n", "2"))], **one_thread)


def inside_check():
    """Render one sound and import the packages (this runs inside .venv)."""
    import importlib

    from helpers import audio
    from helpers.synth import voices

    sound, _ = voices.render("dog")
    say(f"First sound {time.time() - float(os.environ.get(BEGAN, time.time())):.0f} s after the start: a dog, "
        f"{len(sound) / audio.SR:.1f} s long, {audio.level_db(sound):.0f} dBFS. Now the packages:")
    for name in IMPORTED:
        start = time.monotonic()
        version = importlib.import_module(name).__version__
        say(f"  {name:<12} {version:<12} {time.monotonic() - start:5.1f} s")


def options(arguments):
    """Turn the Makefile's NB=02 into --only 02; hand on everything else as it is."""
    parts = []
    for argument in arguments:
        word, _, value = argument.partition("=")
        parts += [WORDS[word], value] if word in WORDS else [argument]
    return parts


def main(arguments):
    """Do what the first word says; the exit status."""
    verb, rest = (arguments[0] if arguments else "--help"), [part for part in arguments[1:] if part != "--"]
    own = {"lab": lab, "check": check, "test": test}
    if verb == "--inside":
        return inside_check()
    if verb not in own and verb not in HANDED_ON:
        say(__doc__)
        return 0 if verb in ("help", "--help", "-h") else 2
    if wrong_python(sys.version_info):
        raise SetupError(wrong_python(sys.version_info))
    place = Environment()
    seconds = place.ready(dev=verb in ("test", "real", "proof"))
    if seconds:
        say(f"Set up in {seconds:.0f} s.")
    if verb in own:
        return own[verb](place.python, rest)
    return call([place.python, *HANDED_ON[verb], *options(rest)])


if __name__ == "__main__":
    os.environ.setdefault(BEGAN, str(time.time()))
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped. Start again: what is half done is mended.")
