"""A process with virtual devices: train on one and on all of them, and tell.

    python on_replicas.py FOLDER 2

Prints a JSON object: for each case the losses by number of replicas. Run by
test_devices.py, since devices cannot be made once TensorFlow computes, and since a
process can have a strategy of one size only.
"""

import contextlib
import json
import sys
import threading
from pathlib import Path

import tensorflow as tf

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
FOLDER, REPLICAS = Path(sys.argv[1]), int(sys.argv[2])
CPU = tf.config.list_physical_devices("CPU")[0]
DEVICES = [tf.config.LogicalDeviceConfiguration()] * REPLICAS
tf.config.set_logical_device_configuration(CPU, DEVICES)

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers, ops  # noqa: E402

from helpers import training  # noqa: E402
from tools.notebooks.lesson_code import lesson_code  # noqa: E402

STRATEGY = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(REPLICAS)])
RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 6)).astype("float32")
Y = X[:, :1] ** 2
IMAGES = RNG.uniform(size=(32, 28, 28, 1)).astype("float32")
LABELS = np.eye(10, dtype="float32")[np.arange(32) % 10]


class Given(threading.local):
    """Stands for a tf.random.Generator: its normal numbers come with the batch.

    Replicas are traced in threads that take turns; each has to keep its own numbers.
    """

    def normal(self, shape):
        return self.z


def one_player():
    """Batch normalisation, and gradients clipped all together."""
    hidden = [layers.Dense(8), layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    model = keras.Sequential([layers.Input((6,)), *hidden, layers.Dense(1)])
    adam = keras.optimizers.Adam(0.01, global_clipnorm=0.1)

    def loss(x, y):
        return {"loss": ops.mean((model(x, training=True) - y) ** 2)}

    step = training.gradient_step(loss, model.trainable_variables, adam)
    return step, (X, Y), 10, model


def two_players():
    """Lesson 5's step, with its batch normalisation."""
    gan5 = lesson_code("05_gan.ipynb")
    generator = gan5["make_generator"](channels=2)
    judge = gan5["make_discriminator"](channels=2, norm=True, dropout=0.0)
    gan = gan5["GAN"](generator, judge, move=False, rate=1e-3)
    gan.rng, learn = Given(), gan5["gan_step"](gan)

    def step(x, z):
        gan.rng.z = z
        return learn(x)

    z = np.random.default_rng(1).normal(size=(32, gan.latent_dim))
    return step, (2 * IMAGES - 1, z), 2, generator


def three_players():
    """Lesson 6's step."""
    vae_gan = lesson_code("06_vae_gan.ipynb")
    networks = vae_gan["Networks"]()
    networks.rng = Given()
    learn = vae_gan["three_player_step"](networks, 100, training=False)

    def step(x, y, z):
        networks.rng.z = z
        return learn(x, y)

    z = np.random.default_rng(1).normal(size=(32, networks.latent_dim))
    return step, (IMAGES, LABELS, z), 2, networks.encoder


def trained(make, strategy, seed=1, epochs=None, **options):
    """Return the losses of each step by name, and the moving variances."""
    keras.utils.set_random_seed(seed)
    with strategy.scope() if strategy else contextlib.nullcontext():
        step, arrays, most, model = make()
    history = training.fit(
        step,
        arrays,
        epochs=epochs or most,
        batch_size=16,
        strategy=strategy,
        progress=False,
        **options,
    )
    moving = [w.numpy().tolist() for w in model.weights if "moving_var" in w.path]
    losses = {name: loss.tolist() for name, loss in history.batches.items()}
    return {"losses": losses, "moving": moving}


def noisy():
    """Each replica draws numbers of its own."""
    rng = tf.random.Generator.from_seed(3)
    seen = tf.Variable(tf.zeros(4), aggregation=tf.VariableAggregation.SUM)

    def step(x):
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        drawn = rng.normal(())
        seen.assign(tf.one_hot(number, 4) * drawn)
        return {"loss": ops.mean(x) + 0 * drawn}

    return step, seen


def errors():
    step, arrays, *_ = one_player()
    for options in ({"batch_size": 15}, {"batch_size": 16}):
        try:
            training.fit(step, arrays, epochs=1, strategy=STRATEGY, **options)
        except ValueError as error:
            yield str(error)


def main():
    told = {}
    for make in (one_player, two_players, three_players):
        told[make.__name__] = [trained(make, None), trained(make, STRATEGY)]
    run = {"checkpoint": FOLDER / "run.npz"}
    if REPLICAS == 2:
        trained(one_player, STRATEGY, epochs=4, **run)
    else:
        trained(one_player, STRATEGY, seed=2, epochs=7, **run)
        told["handed on"] = trained(one_player, None, seed=3, epochs=10, **run)
        with STRATEGY.scope():  # fit finds the strategy by itself
            step, seen = noisy()
            training.fit(step, X, epochs=1, batch_size=16, progress=False)
            told["drawn"] = seen.numpy().tolist()
        told["errors"] = list(errors())
    print(json.dumps(told))


if __name__ == "__main__":
    main()
