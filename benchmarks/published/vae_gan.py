"""Lesson 6, several seeds: how often the VAE-GAN trains, and what balance rules change.

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


def compare(lesson, digits, seeds, margins):
    """Train the CVAE, and the VAE-GAN with each margin, for each seed.

    Yields a row of text for each model as soon as it is judged.
    """
    data_pairs = digits.x_train, data.one_hot(digits.y_train, 10)
    train = partial(lesson["train"], data=data_pairs, progress=False)
    for seed in seeds:
        networks = lesson["Networks"](seed=seed)
        seconds = train(lesson["cvae_step"], networks, seed=seed).seconds
        rival = numbers(networks, lesson, digits)
        yield row("CVAE", seed, rival, "", seconds)
        for margin in margins:
            name, networks = f"VAE-GAN, margin {margin}", lesson["Networks"](seed=seed)
            step = partial(lesson["three_player_step"], margin=margin)
            try:
                seconds = train(step, networks, seed=seed).seconds
            except FloatingPointError:
                yield row(name, seed, dict.fromkeys(HEAD, math.nan), "diverged", 0)
                continue
            found = numbers(networks, lesson, digits)
            verdict = "yes" if trained(found, rival) else "no"
            yield row(name, seed, found, verdict, seconds)


def row(name, seed, found, verdict, seconds):
    values = [f"{value:.3g}" for value in found.values()]
    return [name, str(seed), *values, verdict, f"{seconds:.0f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--margins", type=float, nargs="+", default=[0.0, 1.0])
    options = parser.parse_args()
    digits, lesson = data.digits(), lesson_code("06_vae_gan.ipynb")
    print(runtime.profile(), digits, platform.machine(), f"TensorFlow {tf.__version__}")
    print(f"{lesson['EPOCHS']} epochs, batches of {lesson['BATCH_SIZE']}", flush=True)
    rows = []
    for made in compare(lesson, digits, options.seeds, options.margins):
        print(*made, sep="   ", flush=True)
        rows.append(made)
    print()
    print(table(["model", "seed", *HEAD, "meets the bars", "seconds"], rows))


if __name__ == "__main__":
    main()
