"""How time and memory of a training step grow, and what larger work would need.

    python -m benchmarks.speed.growth [--only NAME ...]

Each point is a process of its own, so that its peak of memory is its own: what the
process held at its highest, less what it held before the model was built. The time is
the shortest of several steps. An exponent is the slope of a line through the
logarithms, with its standard error; 1 means twice as much for twice the size.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks.speed.parts import operations, turns, workloads
from helpers import machine, training
from helpers.tables import table

ROOT = Path(__file__).resolve().parents[2]
IMAGENET, EPOCHS = 1_281_167, 100
# Billion single-precision operations a second, by the makers' data sheets.
GPUS = {"T4": 8_100, "A100": 19_500, "H100 (SXM)": 67_000}


@dataclass(frozen=True)
class Series:
    """One size that grows: value -> what is built, and a batch of arrays for it."""

    values: tuple
    build: Callable
    batch: Callable
    per: str = ""


def random(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


def filters(side):
    """32, 64, ... channels, at most 256, until a picture is 4 x 4."""
    return tuple(min(256, 32 * 2**i) for i in range(int(log2(side)) - 2))


def colour_vae(side):
    return workloads.convolutional_vae(
        side=side, channels=3, filters=filters(side), code_dim=128
    )


def text(length):
    return workloads.lesson(7)["train_ids"][: 64 * (length + 1)].reshape(64, -1)


SERIES = {
    "batch, dense": Series(
        (32, 64, 128, 256, 512, 1024),
        lambda _: workloads.dense_vae(),
        lambda n: random(n, 784),
    ),
    "batch, convolutional": Series(
        (32, 64, 128, 256, 512),
        lambda _: workloads.convolutional_vae(),
        lambda n: random(n, 28, 28, 1),
    ),
    "latent numbers, dense": Series(
        (8, 32, 128, 512, 2048),
        lambda n: workloads.dense_vae(code_dim=n),
        lambda _: random(128, 784),
    ),
    "picture side, 32 pictures": Series(
        (16, 32, 64, 128), colour_vae, lambda side: random(32, side, side, 3)
    ),
    "flow steps": Series(
        (1, 2, 4, 8, 16),
        lambda n: workloads.iaf(flow_steps=n),
        lambda _: random(128, 784),
    ),
    "text length, 64 pages": Series(
        (16, 32, 64, 128, 256), lambda _: workloads.lstm(), text
    ),
}


def point(name, value):
    """Measure one point: seconds, MiB and operations of a step."""
    series = SERIES[name]
    batch = tf.constant(series.batch(value))
    before = machine.memory("VmRSS")
    step = training.compiled(series.build(value).ours)
    seconds = turns.fastest(lambda: float(step(batch)["loss"]), seconds=1.5, least=4)
    peak = machine.memory("VmHWM")
    graph = tf.function(series.build(value).ours).get_concrete_function(batch).graph
    count = sum(product.count for product in operations.products(graph))
    return {"seconds": seconds, "memory": peak - before, "operations": count}


def measured(name):
    """Return {value: point} of a series, each from a process of its own."""
    found = {}
    for value in SERIES[name].values:
        command = [sys.executable, "-m", "benchmarks.speed.growth"]
        command += ["--point", name, str(value)]
        out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        found[value] = json.loads(out.stdout.splitlines()[-1])
    return found


def exponent(x, y):
    """Return slope, its standard error, and the offset of log y over log x."""
    x, y = np.log(x), np.log(y)
    slope, offset = np.polyfit(x, y, 1)
    left = y - slope * x - offset
    spread = np.sum((x - x.mean()) ** 2)
    error = np.sqrt(np.sum(left**2) / max(1, len(x) - 2) / spread)
    return slope, error, offset


def show(name, points):
    values = np.array(list(points))
    rows, kinds = [], {"seconds": ("ms a step", 1000), "memory": ("MiB", 1)}
    for kind, (label, scale) in kinds.items():
        found = np.array([p[kind] for p in points.values()])
        slope, error, _ = exponent(values, found)
        rows.append([label, *(scale * found), f"{slope:.2f} ± {error:.2f}"])
    print(table([name, *map(str, values), "exponent"], rows), flush=True)
    print()


def needs(points):
    """What pictures of 64, 128 and 256 pixels and ImageNet's number of them need."""
    sides = np.array(list(points))
    rows = []
    for side in (64, 128, 256):
        at = {}
        for kind in ("seconds", "memory", "operations"):
            slope, _, offset = exponent(sides, [p[kind] for p in points.values()])
            at[kind] = np.exp(slope * np.log(side) + offset)
        pictures = IMAGENET * EPOCHS / 32  # batches
        rate = points[max(points)]["operations"] / points[max(points)]["seconds"]
        share = rate / operations.limits()[1]
        gpus = [
            pictures * at["operations"] / (share * speed * 1e9) / 3600
            for speed in GPUS.values()
        ]
        days = pictures * at["seconds"] / 86400
        rows.append([side, at["memory"] / 1024, 32 / at["seconds"], days, *gpus])
    columns = ["side", "GiB for 32 pictures", "pictures/s here", "days here"]
    columns += [f"hours, {name}" for name in GPUS]
    print(
        f"{EPOCHS} epochs of {IMAGENET:,} pictures, by the fitted lines; a GPU at the "
        f"share of its\nsingle-precision limit that this machine reaches, {share:.0%}"
    )
    print(table(columns, rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=list(SERIES), choices=SERIES)
    parser.add_argument("--point", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.point:
        name, value = options.point
        print(json.dumps(point(name, int(value))))
        return
    print(turns.machine())
    for name in options.only:
        points = measured(name)
        show(name, points)
        if name.startswith("picture side"):
            needs(points)
            print()


if __name__ == "__main__":
    main()
