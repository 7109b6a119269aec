"""Images per second of three ways to train the same model on the same digits.

A  one Keras `fit` call with default settings
B  the loop of the TensorFlow tutorials: one `tf.function` call a batch, tf.data
C  ours: `training.fit`

They take turns, A B C A B C ..., in one process. Every run starts from a new model
with the same seed; its first epochs (tracing, compilation) are not timed. Only
whole batches are used, since a ragged last one would cost A and B a second graph.
Run from the project's folder: `python -m benchmarks.speed.training_speed`.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from helpers import data, losses, training
from helpers.tables import table

BATCH_SIZE = 128
WARM_UP = 2  # epochs
ROUNDS = 3
LATENT_DIM = 32


def build_vae():
    """Return encoder (n, 784) -> (n, 2 * 32), and decoder (n, 32) -> logits."""
    encoder = [layers.Dense(512, "relu"), layers.Dense(256, "relu")]
    decoder = [layers.Dense(256, "relu"), layers.Dense(512, "relu")]
    return [
        keras.Sequential(
            [layers.Input((784,)), *encoder, layers.Dense(2 * LATENT_DIM)]
        ),
        keras.Sequential([layers.Input((LATENT_DIM,)), *decoder, layers.Dense(784)]),
    ]


def vae_loss(networks, noise, x):
    """Negative evidence lower bound of images x (n, 784), in nats per image."""
    encoder, decoder = networks
    z_mean, z_log_var = ops.split(encoder(x), 2, axis=1)
    eps = noise.normal(ops.shape(z_mean))
    x_logits = decoder(z_mean + ops.exp(0.5 * z_log_var) * eps)
    kl = losses.kl_to_standard_normal(z_mean, z_log_var)
    return ops.mean(kl - losses.log_bernoulli(x, x_logits))


class KerasVAE(keras.Model):
    """The VAE as in the Keras example: its own train_step, a tracker for the loss."""

    def __init__(self, networks, noise):
        super().__init__()
        self.encoder, self.decoder = networks
        self.noise = noise
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            loss = vae_loss([self.encoder, self.decoder], self.noise, x)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(
            zip(gradients, self.trainable_weights, strict=True)
        )
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


def build_autoencoder():
    """Return the convolutional autoencoder: (n, 28, 28, 1) -> the same, code of 10."""
    conv = {"kernel_size": 3, "strides": 2, "padding": "same"}
    network = [
        layers.Input((28, 28, 1)),
        layers.Conv2D(16, activation="relu", **conv),
        layers.Conv2D(32, activation="relu", **conv),
        layers.Flatten(),
        layers.Dense(10),
        layers.Dense(7 * 7 * 32, activation="relu"),
        layers.Reshape((7, 7, 32)),
        layers.Conv2DTranspose(16, activation="relu", **conv),
        layers.Conv2DTranspose(1, activation="sigmoid", **conv),
    ]
    return [keras.Sequential(network)]


def autoencoder_loss(networks, noise, x):
    """Mean squared error per pixel of images x (n, 28, 28, 1)."""
    return ops.mean(losses.squared_error(x, networks[0](x))) / (28 * 28)


@dataclass(frozen=True)
class Task:
    """A model, its loss, the same for Keras, and what ours has to reach."""

    name: str
    shape: tuple
    build: Callable
    loss: Callable
    epochs: int  # timed ones
    over_keras: float
    over_tutorial: float


DENSE = Task("dense VAE", (784,), build_vae, vae_loss, 10, 1.7, 2.0)
CONVOLUTIONAL = Task(
    "convolutional autoencoder",
    (28, 28, 1),
    build_autoencoder,
    autoencoder_loss,
    5,
    1.1,
    1.25,
)


def keras_fit(task, networks, noise, x, tick):
    """A: what a reader of the Keras documentation writes."""
    ticker = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: tick())
    epochs = WARM_UP + task.epochs
    if task is DENSE:
        model, target = KerasVAE(networks, noise), None
        model.compile(keras.optimizers.Adam())
    else:
        model, target = networks[0], x
        model.compile(keras.optimizers.Adam(), "mse")
    history = model.fit(
        x, target, BATCH_SIZE, epochs=epochs, verbose=0, callbacks=[ticker]
    )
    return history.history["loss"][-1]


def tutorial_loop(task, networks, noise, x, tick):
    """B: what a reader of the TensorFlow tutorials writes."""
    optimizer = keras.optimizers.Adam()
    variables = [v for network in networks for v in network.trainable_variables]
    dataset = tf.data.Dataset.from_tensor_slices(x).shuffle(len(x)).batch(BATCH_SIZE)

    @tf.function
    def train_step(batch):
        with tf.GradientTape() as tape:
            loss = task.loss(networks, noise, batch)
        gradients = tape.gradient(loss, variables)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    for _ in range(WARM_UP + task.epochs):
        values = [train_step(batch) for batch in dataset]
        tick()
    return float(np.mean(values))


def ours(task, networks, noise, x, tick):
    """C: the course's training engine."""
    variables = [v for network in networks for v in network.trainable_variables]
    step = training.gradient_step(
        lambda batch: {"loss": task.loss(networks, noise, batch)},
        variables,
        keras.optimizers.Adam(),
    )
    history = training.fit(
        step,
        x,
        epochs=WARM_UP + task.epochs,
        batch_size=BATCH_SIZE,
        evaluate=lambda: tick() or {},
        progress=False,
    )
    return history["loss"][-1]


def speed(contender, task, x):
    """Train a new model; return images per second and the last epoch's loss."""
    keras.utils.set_random_seed(0)
    networks, noise = task.build(), tf.random.Generator.from_seed(0)
    ticks = []
    loss = contender(
        task, networks, noise, x, lambda: ticks.append(time.perf_counter())
    )
    seconds = ticks[-1] - ticks[WARM_UP - 1]
    return len(x) * task.epochs / seconds, loss


def compare(task, x):
    """Print the task's table; return whether ours reaches the bars."""
    x = x[: len(x) // BATCH_SIZE * BATCH_SIZE].reshape(-1, *task.shape)
    contenders = {"Keras fit": keras_fit, "tutorial loop": tutorial_loop, "ours": ours}
    speeds = {name: [] for name in contenders}
    last = {}
    for _ in range(ROUNDS):
        for name, contender in contenders.items():
            value, last[name] = speed(contender, task, x)
            speeds[name].append(value)
    medians = {name: float(np.median(values)) for name, values in speeds.items()}
    bars = {"Keras fit": task.over_keras, "tutorial loop": task.over_tutorial}
    ratios = {name: medians["ours"] / medians[name] for name in bars}
    print(f"{task.name}: {len(x):,} images, batch {BATCH_SIZE}, {ROUNDS} rounds")
    print(
        table(
            ["", "images/s", "lowest", "highest", "last loss", "ours is", "bar"],
            [
                [
                    name,
                    f"{medians[name]:,.0f}",
                    f"{min(speeds[name]):,.0f}",
                    f"{max(speeds[name]):,.0f}",
                    f"{last[name]:.4g}",
                    f"{ratios[name]:.2f}x" if name in bars else "",
                    f"{bars[name]}x" if name in bars else "",
                ]
                for name in contenders
            ],
        )
    )
    return all(ratios[name] >= bars[name] for name in bars)


def main():
    """Compare on both models; return whether every bar is reached."""
    x = data.digits("lesson").x_train
    return all([compare(DENSE, x), compare(CONVOLUTIONAL, x)])


if __name__ == "__main__":
    sys.exit(not main())
