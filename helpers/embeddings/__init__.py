"""Turn sound into vectors that mean something: one interface over several networks.

>>> import numpy as np
>>> embedder = load_embedder("statistics")
>>> embeddings, starts = embedder.embed(np.zeros(16000), sr=16000)
>>> embeddings.shape
(1, 256)
"""

import os

from helpers import checks
from helpers.embeddings.embedded import Embedded
from helpers.embeddings.embedder import Embedder
from helpers.embeddings.kept import embed_clips
from helpers.embeddings.litert import LiteRT
from helpers.embeddings.openl3 import OpenL3
from helpers.embeddings.statistics import Statistics
from helpers.embeddings.yamnet import Yamnet

__all__ = ["NAMES", "Embedded", "Embedder", "LiteRT", "OpenL3", "Statistics", "Yamnet", "embed_clips", "load_embedder"]

KINDS = {"embedded": Embedded, "statistics": Statistics, "yamnet": Yamnet, "openl3": OpenL3, "litert": LiteRT}
NAMES = tuple(KINDS)


def load_embedder(name: str = "embedded", path: str | os.PathLike | None = None, **settings) -> Embedder:
    """Load an embedder by name. Never downloads.

    Parameters
    ----------
    name : str
        One of ``NAMES``: ``"embedded"`` (the workshop's own network, shipped
        with the helpers), ``"statistics"`` (nothing was learned), ``"yamnet"``
        (4 MB, ``python start.py data yamnet``), ``"openl3"`` (17 MB, ``python
        start.py data openl3-mel256-env``), ``"litert"`` (any LiteRT model).
    path : path, optional
        The weights, where they do not lie in their usual place; needed for ``"litert"``.
    **settings
        What the kind of embedder takes besides, such as ``tensor`` for ``"litert"``
        and ``content``, ``representation``, ``n_dims`` for ``"openl3"``.

    Returns
    -------
    Embedder

    Raises
    ------
    InputError
        If there is no embedder of this name.
    DatasetError
        If its weights are not on this computer; the message holds the command.
    """
    checks.one_of(name, NAMES, name="name")
    if name == "litert" and path is None:
        raise checks.InputError(checks.explain("the path of a LiteRT model", "none", "Give path=...",
                                               section=checks.ARRAYS))
    return KINDS[name](*([path] if path is not None else []), **settings)
