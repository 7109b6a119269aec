"""Lesson 6, several seeds: how often the VAE-GAN and its control meet the bars.

The code is the lesson's own, from the notebook's tagged cells, in the profile that
COURSE_PROFILE names (`full`: all of MNIST). A run counts as trained when it meets the
lesson's bars: FD of new digits at most 6 and at most half of the CVAE's, label
agreement at least 0.90, pixel MSE at most 2.5 times the CVAE's, thickness kept at
least 0.7.

    python -m benchmarks.published.vae_gan
    COURSE_DATA=FOLDER COURSE_PROFILE=full \\
        python -m benchmarks.published.vae_gan --seeds 1
"""

import argparse
import math
import platform
from functools import partial

import tensorflow as tf

from helpers import data, runtime
from helpers.tables import table
from tools.notebooks.lesson_code import lesson_code

HEAD = [
    "FD new",
    "FD rebuilt",
    "sharpness",
    "pixel MSE",
    "agreement",
    "thickness",
    "KL",
]


def numbers(networks, lesson, digits):
    """The lesson's report of one model, judged on the test digits."""
    report = lesson["report"](networks, digits.x_test, digits.y_test)
    return dict(zip(HEAD, report.values(), strict=True))


def trained(found, rival):
    """Whether a VAE-GAN's numbers meet the lesson's bars beside its rival's."""
    return (
        found["FD new"] <= min(6, 0.5 * rival["FD new"])
        and found["agreement"] >= 0.9
        and found["pixel MSE"] <= 2.5 * rival["pixel MSE"]
        and found["thickness"] >= 0.7
    )


def compare(lesson, digits, seeds, epochs):
    """Train the lesson's models for each seed.

    Yields a row of text for each model as soon as it is judged.
    """
    pairs = digits.x_train, data.one_hot(digits.y_train, 10)
    for seed in seeds:
        for name, make_step in lesson["MODELS"].items():
            networks, options = lesson["Networks"](seed=seed), {"progress": False}
            train = partial(lesson["train"], make_step, networks, pairs, epochs)
            try:
                seconds = train(seed=seed, **options).seconds
            except FloatingPointError:
                yield row(name, seed, dict.fromkeys(HEAD, math.nan), "diverged", 0)
                continue
            found = numbers(networks, lesson, digits)
            if name == "CVAE":
                rival = found
            verdict = "" if found is rival else trained(found, rival)
            yield row(name, seed, found, verdict, seconds)


def row(name, seed, found, verdict, seconds):
    values = [f"{value:.3g}" for value in found.values()]
    verdict = {True: "yes", False: "no"}.get(verdict, verdict)
    return [name, str(seed), *values, verdict, f"{seconds:.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--epochs", type=int)
    options = parser.parse_args()
    digits, lesson = data.digits(), lesson_code("06_vae_gan.ipynb")
    print(runtime.profile(), digits, platform.machine(), f"TensorFlow {tf.__version__}")
    epochs = options.epochs or lesson["EPOCHS"]
    print(f"{epochs} epochs, batches of {lesson['BATCH_SIZE']}", flush=True)
    rows = []
    for made in compare(lesson, digits, options.seeds, epochs):
        print(*made, sep="   ", flush=True)
        rows.append(made)
    print()
    print(table(["model", "seed", *HEAD, "meets the bars", "seconds"], rows))


if __name__ == "__main__":
    main()
