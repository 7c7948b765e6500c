"""One loader for each kind of data set: the embedded one, the published ones, your own folders."""

import os

from helpers.datasets import (
    clips,
    embedded,
    embedded_machines,
    embedded_scenes,
    folder,
    machine_folder,
    machines,
    published_machines,
    registry,
    scene_folder,
    scenes,
)
from helpers.datasets.dataset import AudioDataset


def load_clips(name: str | os.PathLike | None = None, *, data_home: str | os.PathLike | None = None) -> AudioDataset:
    """Load a data set of labelled clips. Never downloads.

    Parameters
    ----------
    name : str or path, optional
        ``"embedded"`` (rendered on this computer, no download), ``"esc10"``,
        ``"esc50"``, ``"urbansound8k"``, ``"mini-speech-commands"``, or a folder
        of your own with one sub-folder for each class. Default: what the
        environment variable ``MACHINE_HEARING_CLIPS`` says, else ``"embedded"``.
    data_home : path, optional
        The folder of all sets. Default: ``MACHINE_HEARING_HOME``, else the
        user's cache folder.

    Returns
    -------
    AudioDataset

    Raises
    ------
    DatasetError
        If the set is not on this computer, not complete, of another kind, or
        unknown; the message holds the command that fetches it.

    Notes
    -----
    Folds are the published ones; Mini Speech Commands has none, so there each
    speaker falls into one of five by a hash of the speaker's name. ``source``
    is the Freesound recording (or the speaker). Four recordings of ESC-50 and
    five of UrbanSound8K were published in two folds each; to keep the folds
    comparable with the literature they stay there, and ``source`` says
    ``ID/foldN`` for them, so that no source is in two folds.

    The two ``unknown_classes`` are one sound that lasts and resembles others,
    and one short one (ESC: helicopter, sneezing; UrbanSound8K: siren,
    gun_shot); among the words one that rhymes with another (no, go) and one
    that does not (stop).
    """
    chosen = registry.choose(name, kind="clips")
    if chosen is None:
        return embedded.load(data_home=data_home)
    if isinstance(chosen, registry.Block):
        return clips.read(chosen, data_home=data_home)
    return folder.from_folder(chosen)


def load_scenes(
    name: str | os.PathLike | None = None, *, data_home: str | os.PathLike | None = None,
) -> scenes.SceneDataset:
    """Load a data set of scenes: recordings with labelled events. Never downloads.

    Parameters
    ----------
    name : str or path, optional
        ``"embedded"`` (rendered on this computer, no download),
        ``"birdsong-bird0"``, ``"mdb-drums"``, ``"urban-sed"``,
        ``"tut-sed-2017"``, or a folder of your own recordings and label files
        (see ``scenes_from_folder``). Default: what the environment variable
        ``MACHINE_HEARING_SCENES`` says, else ``"embedded"``.
    data_home : path, optional
        The folder of all sets. Default: ``MACHINE_HEARING_HOME``, else the
        user's cache folder.

    Returns
    -------
    SceneDataset

    Raises
    ------
    DatasetError
        If the set is not on this computer, not complete, of another kind, or
        unknown; the message holds the command that fetches it.

    Notes
    -----
    URBAN-SED and TUT have published folds. The recordings of the bird are dealt
    in the order of their numbers, each five over the five folds and each time
    from another fold on; so a recording has the same fold in any part of the
    set, and every fold has syllables of all classes. The tracks of MDB Drums
    are dealt by :func:`helpers.datasets.scenes.deal`.

    Collars: 0.05 s for drums and for syllables, which last 0.03 to 0.3 s; 0.2 s
    for URBAN-SED, the usual one for such scenes; 0.5 s for TUT, where one person
    set the times by ear and a car fades in over seconds.
    """
    chosen = registry.choose(name, kind="scenes")
    if chosen is None:
        return embedded_scenes.load(data_home=data_home)
    if isinstance(chosen, registry.Block):
        return scenes.read(chosen, data_home=data_home)
    return scene_folder.scenes_from_folder(chosen)


def load_machines(
    name: str | os.PathLike | None = None, *, machine: str | None = None, data_home: str | os.PathLike | None = None,
) -> machines.MachineDataset:
    """Load the recordings of one kind of machine. Never downloads.

    Parameters
    ----------
    name : str or path, optional
        ``"embedded"`` (rendered on this computer, no download),
        ``"dcase2020-task2"``, ``"mimii-due"``, ``"ceiling-fan"``, or a folder
        of your own (see ``machines_from_folder``). Default: what the
        environment variable ``MACHINE_HEARING_MACHINES`` says, else
        ``"embedded"``.
    machine : str, optional
        Which kind of machine; a fan where not given and the set has one.
        Embedded: fan, pump, valve, slider, and as series of measurements
        vibration and motor_current. ``"ceiling-fan"`` is called vibration too.
    data_home : path, optional
        The folder of all sets. Default: ``MACHINE_HEARING_HOME``, else the
        user's cache folder.

    Returns
    -------
    MachineDataset

    Raises
    ------
    DatasetError
        If the set is not on this computer, not complete, of another kind or
        unknown, or has no such machine; the message holds the command that
        fetches it.

    Notes
    -----
    Training and test are the published parts. In the vibration of the ceiling
    fan, which comes without, the first 70 % of the normal records of each speed
    are for training, the rest and all records with a coin on a blade for the
    test; its speeds are the units. Its records follow one another second by
    second, so only blocks of time keep neighbours together. Left out are the
    records without movement, with a moved sensor, and those of another day,
    whose label is not certain.
    """
    chosen = registry.choose(name, kind="machines", machine=machine)
    if chosen is None:
        return embedded_machines.load(machine=machine or "fan", data_home=data_home)
    if isinstance(chosen, registry.Block):
        return published_machines.read(chosen, data_home=data_home)
    return machine_folder.load(chosen, machine=machine)
