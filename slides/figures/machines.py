"""Figures about anomalies: a fan, what a detector makes of it, and what benchmarks measured.

The detector that is drawn keeps the main directions of normal contexts (a linear autoencoder): it is fitted in seconds.
"""

import functools

import numpy as np

from benchmarks import results
from helpers import anomaly, datasets, features, monitor, plots
from helpers.plots import style
from helpers.synth import machines, series

SOURCES = ["helpers/synth", "helpers/anomaly", "helpers/monitor.py", "helpers/features.py"]
RESULTS = ["anomaly"]
SR, HOP, N_MELS = 16000, 512, 64
SHARE = 0.3      # of the spread: with more, the detector draws faults as well as it draws what is normal
MACHINES = ("fan", "pump", "valve", "slider")


def axes(width: float = 8.4, height: float = 3.4):
    """Axes of a new figure, in inches."""
    return style.new_figure(width=width, height=height).add_subplot()


def measured(what: str) -> float:
    """A figure of the benchmark."""
    return next(row["value"] for row in results.load("anomaly")["rows"] if row["what"] == what)


def picture(audio: np.ndarray) -> np.ndarray:
    """Log-mel picture with the settings of DCASE's baseline, but half the bands."""
    return features.log_mel(audio, sr=SR, hop_length=HOP, n_mels=N_MELS)


@functools.lru_cache(maxsize=1)
def judged() -> tuple:
    """A detector that knows one fan, and its scores: normal for choosing, then for testing; of each fault."""
    loader = datasets.load_machines("embedded", machine="fan")
    fans = loader.clips
    one = fans[(fans["unit"] == "00") & (fans["domain"] == "source")]
    train = one[(one["split"] == "train") & (one["fold"] < 4)]
    detector = anomaly.PrincipalComponents(SHARE)
    contexts = [anomaly.context_frames(picture(loader.load(row)[0])) for row in train.itertuples()]
    detector.fit(np.concatenate(contexts)[::2], progress=False)

    def score(rows) -> np.ndarray:
        return np.array([detector.score(anomaly.context_frames(picture(loader.load(row)[0]))).mean()
                         for row in rows.itertuples()])

    test = one[one["split"] == "test"]
    return detector, {"normal, held out": score(one[(one["split"] == "train") & (one["fold"] >= 4)]),
                      "normal": score(test[test["label"] == "normal"]),
                      "faulty": score(test[test["label"] == "anomaly"])}


def fan_pair():
    """The same moment of a fan, whole and with a worn bearing."""
    sounds = {"normal": machines.render("fan", take=3, duration=5)[0],
              "worn bearing": machines.render("fan", take=3, fault="bearing", severity=0.9, duration=5)[0],
              "the same, early": machines.render("fan", take=3, fault="bearing", severity=0.2, duration=5)[0]}
    return plots.log_mels({name: picture(one) for name, one in sounds.items()}, sr=SR, hop_length=HOP)


def four_machines():
    """Five seconds of each machine."""
    return plots.log_mels({name: picture(machines.render(name, take=3, duration=5)[0]) for name in MACHINES},
                          sr=SR, hop_length=HOP)


def where_it_is_strange():
    """Where in a faulty recording the detector is surprised."""
    detector, _ = judged()
    shown = picture(machines.render("fan", take=3, fault="rattle", severity=0.9, duration=5)[0])
    errors = anomaly.error_map(detector.errors(anomaly.context_frames(shown)), n_mels=N_MELS)
    return plots.error_map(shown[:, :errors.shape[1]], errors, sr=SR, hop_length=HOP, title="A part that rattles")


def score_spread():
    """Scores of normal and faulty recordings, with two thresholds."""
    _, scores = judged()
    held_out = scores["normal, held out"]
    return plots.anomaly_scores({name: scores[name] for name in ("normal", "faulty")}, thresholds={
        "mean + 2 sd": anomaly.deviation_threshold(held_out, n_deviations=2),
        "10 % of normal": anomaly.quantile_threshold(held_out, false_alarm_rate=0.1)}, ax=axes(8.4, 3.4))


def roc_curve():
    """ROC curve of the detector."""
    _, scores = judged()
    both = np.concatenate([scores["normal"], scores["faulty"]])
    is_anomaly = np.repeat([False, True], [len(scores["normal"]), len(scores["faulty"])])
    return plots.roc({"linear autoencoder": (is_anomaly, both)}, ax=axes(4.9, 4.4))


def six_thresholds():
    """What six ways to set a threshold lead to."""
    _, scores = judged()
    held_out, faulty = scores["normal, held out"], scores["faulty"]
    known, unseen = faulty[::2], faulty[1::2]
    costs = {"false_alarm_cost": 1.0, "miss_cost": 10.0, "anomaly_rate": 0.01}
    thresholds = {
        "mean + 2 sd": anomaly.deviation_threshold(held_out, n_deviations=2),
        "quantile, 10 %": anomaly.quantile_threshold(held_out, false_alarm_rate=0.1),
        "gamma, 10 %": anomaly.gamma_threshold(held_out, false_alarm_rate=0.1),
        "alarms a day": anomaly.false_alarm_threshold(held_out, per_day=1.0, scores_per_day=20, how="gamma"),
        "least cost": anomaly.cost_threshold(held_out, known, **costs),
        "best F1": anomaly.f1_threshold(held_out, known)}
    return plots.boundary_outcomes(anomaly.outcomes(thresholds, normal_scores=scores["normal"],
                                                    anomalous_scores=unseen, **costs), ax=axes(8.4, 4.2))


def rows_of(whats: dict[str, str], *, width: float = 5.2, height: float = 4.2, **settings):
    """Rows of the benchmark as points."""
    return plots.accuracy_bars({shown: [measured(what)] for shown, what in whats.items()}, x="AUC",
                               ax=axes(width, height), **settings)


def which_autoencoder():
    """Reconstruction against interpolation, for each machine."""
    return rows_of({f"{machine}, {shown}": f"{machine}: {what}" for machine in MACHINES for shown, what in (
        ("reconstruct", "autoencoder"), ("interpolate", "interpolation"))}, title="Embedded machines")


def simple_baselines():
    """Simple detectors against the autoencoder."""
    names = {"Mahalanobis": "Mahalanobis on clip statistics", "neighbours": "nearest neighbours on clip statistics",
             "forest": "isolation forest on clip statistics", "PCA": "principal components on clip statistics",
             "autoencoder": "autoencoder"}
    return rows_of({f"{machine}, {shown}": f"{machine}: {what}" for machine in ("fan", "pump")
                    for shown, what in names.items()}, title="Embedded machines", height=4.6)


def clip_scores():
    """Mean, top ten and maximum of the window scores."""
    return rows_of({f"{machine}, {shown}": f"{machine}: interpolation{what}" for machine in ("fan", "valve", "slider")
                    for shown, what in (("mean", ""), ("top 10", ", clip score by top-k"),
                                        ("max", ", clip score by max"))}, title="Embedded machines", height=4.4)


def contaminated():
    """Training with faulty clips among the normal ones."""
    return rows_of({f"{machine}, {share} %": f"{machine}: interpolation, {share} % of the training clips faulty"
                    for machine in ("fan", "pump") for share in (0, 2, 10)}, title="Faulty clips in training")


def other_domain():
    """The same detectors on machines at another load, in another hall."""
    return rows_of({f"{machine}, {shown}": f"{machine}: interpolation{what}" for machine in MACHINES
                    for shown, what in (("all", ""), ("new hall", ", target domain"))}, title="Embedded machines")


def faint_and_plain():
    """The plainest and the faintest faults."""
    return rows_of({f"{machine}, {shown}": f"{machine}: interpolation, {what}" for machine in MACHINES
                    for shown, what in (("plain", "plainest fault"), ("faint", "faintest fault"))},
                   title="Embedded machines")


def vibration():
    """Half a second of a fan's vibration, whole and with a fault."""
    name = series.MACHINES[0]
    shown = {}
    for title, fault in (("normal", ""), (style.pretty(series.FAULTS[name][0]), series.FAULTS[name][0])):
        moved, info = series.render(name, take=3, fault=fault, severity=0.9)
        shown[title] = moved[:info["sr"] // 2, 0]
    drawn = plots.waveforms(shown, sr=info["sr"])
    for ax in drawn:
        ax.set_ylabel("Acceleration (g)")
    drawn[0].get_figure().supylabel("")
    return drawn


def watched():
    """A monitor follows the detector's scores; after a while the fan moves to another hall."""
    detector, _ = judged()

    def follow(takes, **settings):
        return np.concatenate([detector.score(anomaly.context_frames(picture(
            machines.render("fan", take=take, duration=4, **settings)[0]), hop=32)) for take in takes])

    usual, after = follow(range(100, 160)), follow(range(160, 172), domain="target")
    hop = 32 * HOP / SR
    watch = monitor.Monitor(usual[:120], windows_per_day=86400 / hop, statistic="ewma")
    track, _ = watch.watch(np.concatenate([usual[120:], after]))
    return plots.monitor_track(track, limit=watch.limit, hop=hop, unit="s", change=hop * len(usual[120:]),
                               ax=axes(8.4, 3.2))


FIGURES = (fan_pair, four_machines, where_it_is_strange, score_spread, roc_curve, six_thresholds, which_autoencoder,
           simple_baselines, clip_scores, contaminated, other_domain, faint_and_plain, vibration, watched)
