"""Lesson 5's DCGAN on all of MNIST: Frechet distance against training time.

The code is the lesson's own, from the notebook's tagged cells. 10,000 samples of the
averaged generator are compared with the 10,000 test digits, by the features of our
classifier; the floor is the distance of 10,000 training digits. A run that was stopped
goes on from its checkpoint.

    COURSE_DATA=FOLDER python -m benchmarks.published.full_gan --checkpoint FILE
"""

import argparse
import platform
import time

import keras
import numpy as np
import tensorflow as tf

from helpers import data, metrics, training
from tools.notebooks.lesson_code import lesson_code

EVERY = 5  # epochs between two looks at the samples


def samples(lesson, generator, n=10_000):
    """Return n pictures (n, 28, 28, 1) in [0, 1]."""
    random = np.random.default_rng(1)
    z = random.normal(size=(n, generator.input_shape[-1])).astype("float32")
    return np.concatenate([lesson["draw"](generator, part) for part in np.split(z, 10)])


def judge(lesson, generator, x_test):
    """Return FD and the smallest share of a class."""
    x = samples(lesson, generator)
    shares = metrics.class_shares(x)
    return metrics.digit_frechet_distance(x, x_test), shares.min()


def train(lesson, gan, digits, options):
    """Train, print a line every few epochs, and return the History."""
    begin, epochs = time.perf_counter(), []

    def evaluate():
        epochs.append(time.perf_counter() - begin)
        if len(epochs) % EVERY == 0:
            fd, rarest = judge(lesson, gan.average, digits.x_test)
            print(
                f"{len(epochs)} epochs since the start in {epochs[-1]:.0f} s: "
                f"FD {fd:.2f}, rarest class {rarest:.1%}",
                flush=True,
            )
        return {}

    return training.fit(
        lesson["gan_step"](gan),
        2 * digits.x_train - 1,
        epochs=options.epochs,
        batch_size=lesson["BATCH_SIZE"],
        evaluate=evaluate,
        checkpoint=options.checkpoint,
        progress=False,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--checkpoint", help="name of a .npz file")
    parser.add_argument("--threads", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    keras.utils.set_random_seed(1)
    lesson, digits = lesson_code("05_gan.ipynb"), data.digits("full")
    networks = (
        lesson["make_generator"](channels=options.channels),
        lesson["make_discriminator"](channels=options.channels // 2),
    )
    steps = options.epochs * (len(digits.x_train) // lesson["BATCH_SIZE"])
    gan = lesson["GAN"](*networks, rate=lesson["falling"](steps))
    print(digits, platform.machine(), f"TensorFlow {tf.__version__}", options)
    floor = metrics.digit_frechet_distance(digits.x_train[:10_000], digits.x_test)
    print(f"floor, 10,000 training digits: FD {floor:.2f}", flush=True)
    history = train(lesson, gan, digits, options)
    fd, rarest = judge(lesson, gan.average, digits.x_test)
    print(
        f"{history.epochs} epochs, {history.steps:,} steps, {history.seconds:.0f} s in "
        f"steps: FD {fd:.2f}, rarest class {rarest:.1%}"
    )


if __name__ == "__main__":
    main()
