"""Lesson 3's comparison on all of MNIST: the VAE, and the same VAE with IAF steps.

The code is the lesson's own, from the notebook's tagged cells, in the profile that
COURSE_PROFILE names (`full`: 60,000 digits, 200 epochs). Every model is judged on the
same binarised test digits.

    COURSE_DATA=FOLDER COURSE_PROFILE=full python -m benchmarks.published.full_iaf
"""

import argparse
import platform
import time

import numpy as np
import tensorflow as tf

from helpers import data, runtime
from helpers.metrics import log_likelihood
from helpers.tables import table
from tools.notebooks.lesson_code import lesson_code


def binarise(x, rng):
    return tf.cast(rng.uniform(tf.shape(x)) < x, tf.float32)


def evaluate(vae, x, draws):
    """Return {k: (mean log-likelihood with k draws, its standard error)}, in nats."""
    rng = tf.random.Generator.from_seed(0)

    def sample(z_mean, *others):
        return vae.sample_posterior(rng.normal(tf.shape(z_mean)), z_mean, *others)

    results = {}
    for k in draws:
        log_px = log_likelihood(vae.encoder, sample, vae.log_joint, x, k)
        results[k] = log_px.mean(), log_px.std() / len(x) ** 0.5
    return results


def compare(lesson, options, digits):
    """Train and judge each model; return the rows of the table."""
    x_train, x_test = (x.reshape(-1, 784) for x in (digits.x_train, digits.x_test))
    x_test = np.asarray(binarise(x_test, tf.random.Generator.from_seed(0)))
    rows = []
    for flow_steps in options.flow_steps:
        for seed in options.seeds:
            vae = lesson["make_vae"](flow_steps, seed)
            begin = time.perf_counter()
            history = lesson["train"](
                vae, x_train, binarise, seed, epochs=options.epochs
            )
            seconds = time.perf_counter() - begin
            scores = evaluate(vae, x_test, options.draws)
            texts = [f"{mean:.2f} ± {error:.2f}" for mean, error in scores.values()]
            name = f"{flow_steps} flow steps, seed {seed}"
            rows.append([name, *texts, f"{history.steps:,}", f"{seconds:.0f}"])
            print(*rows[-1], sep="   ", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    lesson = lesson_code("03_iaf_vae.ipynb")
    parser.add_argument("--epochs", type=int, default=lesson["EPOCHS"])
    parser.add_argument("--flow-steps", type=int, nargs="+", default=[0, 2])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--draws", type=int, nargs="+", default=[1, lesson["DRAWS"]])
    options = parser.parse_args()
    digits = data.digits()
    print(runtime.profile(), digits, platform.machine(), f"TensorFlow {tf.__version__}")
    print(f"{options.epochs} epochs, batches of {lesson['BATCH_SIZE']}", flush=True)
    rows = compare(lesson, options, digits)
    head = ["log-likelihood, nats", *(f"{k} draw(s)" for k in options.draws)]
    print(table([*head, "steps", "seconds"], rows))


if __name__ == "__main__":
    main()
