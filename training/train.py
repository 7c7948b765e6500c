"""Train, keep, go on, and write the LiteRT file."""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from helpers import files
from training import network, sounds
from training.augmentation import Augmentation
from training.recipe import Recipe

KEEP_EVERY = 50


class Training:
    """One training, as far as it has come.

    Parameters
    ----------
    recipe : Recipe
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self.step = recipe, 0
        keras = network.keras
        keras.utils.set_random_seed(recipe.seed)
        names = sounds.labels(recipe)
        self.n_families = len(names) - len(sounds.classes(recipe))
        self.embedder, self.learner = network.build(len(names))
        self.augment = Augmentation(recipe.seed)
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, max(1, recipe.steps))
        self.optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
        self.optimizer.build(self.learner.trainable_variables)
        self._learn = tf.function(self._learn_eagerly)
        self._resume()

    @property
    def _path(self) -> Path:
        return self.recipe.folder / "state.npz"

    def _resume(self) -> None:
        """Go on from what was kept, where there is something."""
        if not self._path.exists():
            return
        with np.load(self._path, allow_pickle=False) as kept:
            self.step = int(kept["step"])
            for number, variable in enumerate(self._variables()):
                variable.assign(kept[str(number)])

    def _variables(self) -> list:
        return [*self.learner.variables, *self.optimizer.variables]

    def keep(self) -> None:
        """Write the network and its optimizer down, whole or not at all."""
        state = {str(number): variable.numpy() for number, variable in enumerate(self._variables())}
        with files.replacing(self._path) as temporary, temporary.open("wb") as file:
            np.savez(file, step=self.step, **state)

    def run(self) -> None:
        """Train to the end, keeping the state on the way."""
        corpus = sounds.Corpus(self.recipe)
        with tqdm(total=self.recipe.steps, initial=self.step, desc="training", unit="step", file=sys.stdout) as line:
            while self.step < self.recipe.steps:
                x, y = corpus.batch(self.step)
                self.augment.at_step(self.step)
                named, told_apart = self._learn(tf.constant(x), tf.constant(y, tf.int32))
                self.step += 1
                line.update()
                if self.step % KEEP_EVERY == 0 or self.step == self.recipe.steps:
                    line.set_postfix(classes=f"{float(named):.2f}", pairs=f"{float(told_apart):.2f}")
                    self.keep()

    def _learn_eagerly(self, x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Take one step; return the two parts of the loss."""
        labels = tf.concat([y, y], 0)
        with tf.GradientTape() as tape:
            out = self.learner(self.augment(x), training=True)
            named = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, out["logits"]))
            told_apart = self._contrast(out["vectors"], labels)
            loss = named + self.recipe.contrast * told_apart
        variables = self.learner.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return named, told_apart

    def _contrast(self, vectors: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Contrastive loss: find the other take of a sound among all of the batch (NT-Xent).

        Sounds of one everyday class are no counterexamples to each other.
        """
        n = tf.shape(labels)[0] // 2
        other_take = tf.concat([tf.range(n) + n, tf.range(n)], 0)
        unit = tf.math.l2_normalize(vectors, 1)
        alike = tf.matmul(unit, unit, transpose_b=True) / self.recipe.temperature
        same = (labels[:, None] == labels[None]) & (labels[:, None] >= self.n_families)
        left_out = tf.cast(same, tf.float32) * (1 - tf.one_hot(other_take, 2 * n)) + tf.eye(2 * n)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(other_take, alike - 1e9 * left_out))

    def write(self, path: Path) -> None:
        """Write the embedding part as LiteRT: one window in, one vector out."""
        with tempfile.TemporaryDirectory() as folder:
            self.embedder.export(folder, verbose=False)
            converted = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
        with files.replacing(path) as temporary:
            temporary.write_bytes(converted)


def train(recipe: Recipe) -> Path:
    """Render what is missing, train what is missing, and return the LiteRT file.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    Path
        The network, in the cache.
    """
    if recipe.weights.exists():
        return recipe.weights
    training = Training(recipe)
    if recipe.steps:
        sounds.render(recipe)
        training.run()
    training.write(recipe.weights)
    return recipe.weights
