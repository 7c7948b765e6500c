"""Train the embedding network of the workshop: on synthetic sound alone, in less than an hour of two cores.

    python start.py train                     seed 0, without the workshop's ten classes: the one that is shipped
    python start.py train SEED=1              another seed; stays in the cache
    python start.py train CLASSES=all         with the ten classes, as a comparison; stays in the cache

Interrupted, the same command goes on where it was: sounds are kept in blocks,
the network every hundred steps.
"""
