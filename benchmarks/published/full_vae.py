"""Lesson 2 at published size: the one-layer VAE of Burda et al. 2015 on all of MNIST.

50 latents, two hidden layers of 200 tanh units on either side, pixels drawn anew
from their grey values at each step. Their test NLL is 86.76 nats (VAE, k = 1).

    COURSE_DATA=FOLDER python -m benchmarks.published.full_vae --checkpoint FILE

The learning rate is constant, then falls to a hundredth, by the same factor in each
step, over the last `--anneal` epochs. A run that was stopped goes on from its
checkpoint; as long as the last part has not begun, `--epochs` and `--anneal` may be
changed and nothing that was done before would have been different.
"""

import argparse
import platform
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from helpers import data, losses, metrics, training

LATENT_DIM, BATCH_SIZE, WARM_UP = 50, 100, 20  # WARM_UP: epochs until beta is 1


@keras.saving.register_keras_serializable(package="course")
class ConstantThenFalling(keras.optimizers.schedules.LearningRateSchedule):
    """First `rate`, then down to a hundredth of it in the last `anneal` steps."""

    def __init__(self, rate, total, anneal):
        self.rate, self.total, self.anneal = rate, total, anneal

    def __call__(self, step):
        left = (self.total - ops.cast(step, "float32")) / self.anneal
        return self.rate * 0.01 ** (1.0 - ops.clip(left, 0.0, 1.0))

    def get_config(self):
        return {"rate": self.rate, "total": self.total, "anneal": self.anneal}


def network(inputs, outputs):
    hidden = [layers.Dense(200, activation="tanh") for _ in range(2)]
    return keras.Sequential([layers.Input((inputs,)), *hidden, layers.Dense(outputs)])


class VAE:
    """Encoder, decoder and the functions that the likelihood needs of them."""

    def __init__(self):
        self.encoder = network(784, 2 * LATENT_DIM)
        self.decoder = network(LATENT_DIM, 784)
        self.rng = tf.random.Generator.from_seed(1)
        self.variables = (
            self.encoder.trainable_variables + self.decoder.trainable_variables
        )

    def encode(self, x):
        return ops.split(self.encoder(x), 2, axis=-1)

    def sample_posterior(self, z_mean, z_log_var):
        eps = self.rng.normal(ops.shape(z_mean))
        z = z_mean + ops.exp(0.5 * z_log_var) * eps
        return z, losses.log_normal(z, z_mean, z_log_var)

    def log_joint(self, x, z):
        return losses.log_bernoulli(x, self.decoder(z)) + losses.log_normal(z)

    def loss(self, steps_of_warm_up):
        """Return loss(x): minus the ELBO, with the KL's weight growing from 0 to 1."""
        taken = keras.Variable(0.0, trainable=False)

        def loss(x):
            x = ops.cast(self.rng.uniform(ops.shape(x)) < x, "float32")
            z_mean, z_log_var = self.encode(x)
            z, _ = self.sample_posterior(z_mean, z_log_var)
            kl = ops.mean(losses.kl_to_standard_normal(z_mean, z_log_var))
            log_px_z = ops.mean(losses.log_bernoulli(x, self.decoder(z)))
            taken.assign_add(1.0)
            beta = ops.minimum(taken / steps_of_warm_up, 1.0)
            return {"loss": beta * kl - log_px_z, "elbo": log_px_z - kl, "kl": kl}

        return loss


def train(vae, x_train, options):
    """Train, print a line every tenth epoch, and return the History."""
    steps = len(x_train) // BATCH_SIZE
    total, anneal = options.epochs * steps, options.anneal * steps
    schedule = ConstantThenFalling(options.rate, total, anneal)
    loss = vae.loss(WARM_UP * steps)
    step = training.gradient_step(loss, vae.variables, keras.optimizers.Adam(schedule))
    begin, epochs = time.perf_counter(), []

    def evaluate():
        epochs.append(time.perf_counter() - begin)
        if len(epochs) % 10 == 0:
            print(
                f"{len(epochs)} epochs since the start in {epochs[-1]:.0f} s",
                flush=True,
            )
        return {}

    return training.fit(
        step,
        x_train,
        epochs=options.epochs,
        batch_size=BATCH_SIZE,
        evaluate=evaluate,
        checkpoint=options.checkpoint,
        progress=False,
    )


def evaluate(vae, x_test, draws):
    """Print the test ELBO, NLL for each number of draws, and the active units."""
    random = np.random.default_rng(1)
    x = (random.random(x_test.shape) < x_test).astype("float32")
    z_mean, _ = vae.encode(x)
    print(f"active units {metrics.active_units(z_mean).sum()} of {LATENT_DIM}")
    for k in draws:
        begin = time.perf_counter()
        functions = vae.encode, vae.sample_posterior, vae.log_joint
        log_px = metrics.log_likelihood(*functions, x, k)
        error = log_px.std() / len(x) ** 0.5
        seconds = time.perf_counter() - begin
        name = "-ELBO (k = 1)" if k == 1 else f"NLL (k = {k})"
        print(
            f"{name} {-log_px.mean():.3f} +- {error:.3f} in {seconds:.0f} s", flush=True
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1300)
    parser.add_argument("--anneal", type=int, default=800)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--checkpoint", help="name of a .npz file")
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    parser.add_argument("--draws", type=int, nargs="*", default=[1, 50, 1000, 5000])
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    keras.utils.set_random_seed(1)
    digits = data.digits("full")
    vae = VAE()
    print(
        digits, platform.machine(), f"TensorFlow {tf.__version__}", options, flush=True
    )
    history = train(vae, digits.x_train.reshape(-1, 784), options)
    last = history.latest()
    print(f"{history.epochs} epochs, {history.seconds:.0f} s in steps, train {last}")
    evaluate(vae, digits.x_test.reshape(-1, 784), options.draws)


if __name__ == "__main__":
    main()
