"""Sound event detection: the networks of notebook 04 trained longer, what each choice brings, and real recordings."""

from benchmarks import results
from benchmarks.events import embedded, real, trainings

TITLE = "Sound event detection: frame networks, what each choice brings, and plain baselines on real recordings"
DATA = ("the embedded scenes (fold 5, settings chosen on fold 4); 30 recordings of one Bengalese finch (the last of "
        "five folds by recording) and ten tracks of MDB Drums (each of five folds by track), both at 16 kHz")
SOURCES = [*trainings.SOURCES, *trainings.SYNTHESISER, "helpers/metrics", "helpers/datasets/scenes.py",
           "helpers/datasets/scene_folder.py", "benchmarks/events"]


def run(report: results.Report) -> None:
    """Add every row; where real recordings are not here, say so."""
    embedded.run(report)
    real.run(report)
