"""UrbanSound8K on its ten official folds, never shuffled: the data set of the talks."""

import numpy as np

from benchmarks import fits, results
from helpers import checks

TITLE = "UrbanSound8K, ten official folds: embedders with a linear model, the small network with and without mixup"
DATA = "UrbanSound8K: 8732 clips of up to 4 s, ten sounds of the city, 16 kHz; silence gate at -60 dBFS"
SOURCES = [*fits.SOURCES, "helpers/embeddings", "benchmarks/urbansound8k.py"]
NAME, FOLDS, EPOCHS = "urbansound8k", range(1, 11), 8
EMBEDDERS = {"statistics": 0.1, "embedded": 0.01, "yamnet": 0.01, "openl3": 0.01}
NETWORKS = {"small network": 0.0, "small network with mixup": 0.2}


def run(report: results.Report) -> None:
    """Add a row for each method; without the 6 GB of data, say so."""
    try:
        clips = fits.load(NAME)
    except checks.DatasetError as error:
        for what in (*(f"{name}, linear" for name in EMBEDDERS), *NETWORKS):
            report.add(results.row(what, None, "share", detail=results.not_run(error)))
        return
    for name, strength in EMBEDDERS.items():
        x = fits.embedded_clips(report, name, clips)
        if x is not None:
            _row(report, f"{name}, linear", fits.linear_accuracies(x, clips, strength=strength))
    jobs = {what: [fits.Job(NAME, fold, mixup=mixup, epochs=EPOCHS) for fold in FOLDS]
            for what, mixup in NETWORKS.items()}
    scores = fits.run([job for each in jobs.values() for job in each], report)
    for what, each in jobs.items():
        _row(report, what, [scores[job]["as is"].accuracy() for job in each])


def _row(report: results.Report, what: str, folds: list[float]) -> None:
    report.add(results.row(what, np.mean(folds), "share", detail=f"folds {min(folds):.3f} to {max(folds):.3f}"))
