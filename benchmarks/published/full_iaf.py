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
from helpers.tables import table
from tools.notebooks.lesson_code import lesson_code


def compare(lesson, options, digits):
    """Train and judge each model; return the rows of the table."""
    x_train, x_test = (x.reshape(-1, 784) for x in (digits.x_train, digits.x_test))
    binarise = lesson["binarise"]
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
            scores = [lesson["log_px"](vae, x_test, k) for k in options.draws]
            root = len(x_test) ** 0.5
            texts = [f"{s.mean():.2f} ± {s.std() / root:.2f}" for s in scores]
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
