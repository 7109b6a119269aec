"""Seconds and memory of the 5,000-draw likelihood of 1,000 digits, lesson 2's network.

The weights are not trained, which changes the estimate but not the work.
Run from the project's folder: `python -m benchmarks.speed.likelihood [DRAWS]`.
"""

import resource
import sys
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from helpers import data, losses, metrics

LATENT_DIM, IMAGES = 32, 1000


def dense(inputs, *widths, outputs):
    hidden = [layers.Dense(width, activation="gelu") for width in widths]
    return keras.Sequential([layers.Input((inputs,)), *hidden, layers.Dense(outputs)])


def main(draws):
    encoder = dense(784, 512, 256, outputs=2 * LATENT_DIM)
    decoder = dense(LATENT_DIM, 256, 512, outputs=784)
    rng = tf.random.Generator.from_seed(1)

    def encode(x):
        return ops.split(encoder(x), 2, axis=-1)

    def sample_posterior(z_mean, z_log_var):
        z = z_mean + ops.exp(0.5 * z_log_var) * rng.normal(ops.shape(z_mean))
        return z, losses.log_normal(z, z_mean, z_log_var)

    def log_joint(x, z):
        return losses.log_bernoulli(x, decoder(z)) + losses.log_normal(z)

    digits = data.digits("lesson").x_test[:IMAGES].reshape(-1, 784)
    x = (np.random.default_rng(1).random(digits.shape) < digits).astype("float32")
    begin = time.perf_counter()
    metrics.log_likelihood(encode, sample_posterior, log_joint, x, draws)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{draws:,} draws of {len(x):,} images: {seconds:.0f} s, peak {peak:.2f} GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
