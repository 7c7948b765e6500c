# %% [markdown]
# # 0. Check your set-up
# **Two minutes before the workshop: hear something, see something, and know that this computer is ready.**
#
# Run one cell after the other with Shift+Enter, or all of them with *Run > Run All Cells*. Nothing is downloaded and
# nothing can break: every notebook can be run again from the top, as often as you like.
#
# At the end stands one line: **READY**, or exactly what to fix.

# %% [markdown]
# ## Hear something
# The workshop brings its own sounds: a small synthesiser makes them on this computer, the same on every machine. Here
# is a dog. Press play.

# %%
from helpers import listen
from helpers.synth import voices

sr = 16000
dog, _ = voices.render("dog", session="2a", source=1, sr=sr)
listen.play(dog, sr=sr, title="A dog")

# %% [markdown]
# You hear nothing?
#
# - Look at the volume of the computer, and whether this browser tab is muted.
# - Nothing here makes quiet sounds louder, because how loud a sound is will matter. So turn the volume up until the dog
#   is pleasant, and leave it there.
# - No loudspeaker? Everything in the workshop can be seen as well: every sound has its picture.

# %% [markdown]
# ## See something
# The same dog as a picture. Time runs to the right, high notes are at the top, and bright means loud. Notebook 1
# builds such a picture step by step.

# %%
from helpers import features, plots

dog_log_mel = features.log_mel(dog, sr=sr)
plots.show(
    plots.log_mel(dog_log_mel, sr=sr),
    "Spectrogram of the dog, 4 seconds: each bark is a short, bright stack of stripes; between them only the room.",
)

# %% [markdown]
# Now press play again and follow the picture from left to right: can you see each bark that you hear?

# %% [markdown]
# ## Answer something
# Every notebook ends with a few questions. Choose an answer with the mouse, or with Tab and Enter; each one says why
# it is right or wrong.

# %%
from helpers import exercises

exercises.quiz(
    "In the picture above, where would you look for a deep hum?",
    {
        "At the bottom": True,
        "At the left": "Left and right is time: the left edge is the beginning of the recording.",
        "Wherever it is dark": "Dark means quiet. A hum that can be heard leaves something bright.",
    },
    explain="Low frequencies are at the bottom, and a hum that goes on and on is a bright line from left to right.",
)

# %% [markdown]
# ## Where the data lives
# The embedded sounds need no download. Real recordings come with one command each, typed into a terminal in the folder
# of the workshop: `python start.py data esc10` (on Windows `py start.py data esc10`).

# %%
from helpers.datasets import page, registry

print(page.listing(registry.published()))

# %% [markdown]
# No notebook ever downloads by itself. To work on real recordings, set the variable `MACHINE_HEARING_CLIPS` to `esc10`
# in the terminal in which you then start JupyterLab. The same notebook runs on them, and says so in its first printed
# line.
#
# | terminal | type this, then start JupyterLab |
# |---|---|
# | macOS, Linux | `export MACHINE_HEARING_CLIPS=esc10` |
# | Windows PowerShell | `$env:MACHINE_HEARING_CLIPS = "esc10"` |
# | Windows Command Prompt | `set MACHINE_HEARING_CLIPS=esc10` |
#
# JupyterLab runs already? Then write `import os` and `os.environ["MACHINE_HEARING_CLIPS"] = "esc10"` into a new first
# cell of the notebook. It holds as long as that kernel runs.
#
# Two kinds of data have a variable of their own, set in the same way. Notebooks 04, 05, 09 and 10 read
# `MACHINE_HEARING_SCENES`, 08 and 09 read `MACHINE_HEARING_MACHINES`. The value is the name of a set, as above, or
# the path of a folder with recordings of your own (`data/README.md` says how to lay it out).
#
# To keep the data somewhere else, on a bigger disk perhaps, set `MACHINE_HEARING_HOME` to that folder in the same way.
# And `python start.py clean` removes what was only computed, after asking.

# %% [markdown]
# ## Is everything there?
# Packages are looked up by their version, without loading them; that would take half a minute for TensorFlow alone.

# %%
from helpers.exercises import readiness

setup = readiness.inspect()
setup

# %% [markdown]
# What the three signs mean: ✓ is fine, ! is worth knowing and stops nothing, ✗ has to be fixed, and the line says how.

# %% [markdown]
# | what you see | what to do |
# |---|---|
# | a package is missing or too old | close JupyterLab, run `python start.py lab`: it mends what is broken |
# | `ModuleNotFoundError` in any cell | *Kernel > Change Kernel > Python 3*, then run again |
# | too little memory | *Kernel > Shut Down All Kernels*, then open only the notebook you need |
# | a folder is read-only or full | set `MACHINE_HEARING_HOME` to a folder of your own |
#
# More of this, with the error messages in full: `docs/troubleshooting.md`.

# %% [markdown]
# ## The one line

# %%
print(setup.verdict)

# %% [markdown]
# ## When you ask for help
# Copy this block into your question. It holds versions and findings, but neither your name nor your folders.

# %%
print(setup.question())

# %% [markdown]
# Ready? Then open `01_see_and_hear_sound.ipynb`.
