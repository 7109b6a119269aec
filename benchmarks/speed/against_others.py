"""Our training steps beside what people would run instead: ratios of their times.

    python -m benchmarks.speed.against_others [--only NAME ...] [--rounds 5]

The same model, data, batches and steps in one process. They take turns of two epochs,
the second of which is timed:

fit              a Keras model with a train_step of its own, by default, without XLA,
                 and with 16 steps in a call
tutorial loop    one call of a tf.function a batch, batches from tf.data
PyTorch          plain, where it is installed
ours             `training.fit` with the lesson's step

A number is the median of the rounds' ratios, the rival's time over ours: 2 is twice as
fast. In the brackets: the lowest and the highest of the rounds.
"""

import argparse
import sys

import numpy as np

from benchmarks.speed.parts import contenders, turns
from benchmarks.speed.parts.workloads import WORKLOADS
from helpers.tables import table


def compare(workload, rounds=turns.ROUNDS):
    """Return a row a contender, and the rivals whose bars were missed."""
    loops, last = contenders.all_of(workload)
    seconds = turns.alternate(loops, rounds=rounds)
    steps = len(workload.arrays()[0]) // workload.batch_size
    found, rows, missed = turns.ratios(seconds), [], []
    for name, times in seconds.items():
        ratio, bar = found.get(name), workload.bars.get(name)
        text = ""
        if ratio is not None:
            text = f"{np.median(ratio):.2f}  ({ratio.min():.2f} to {ratio.max():.2f})"
            if bar and np.median(ratio) < bar:
                missed.append(f"{workload.name} against {name}")
        rows.append(
            [
                workload.name,
                name,
                f"{1000 * np.median(times) / steps:.2f}",
                text,
                f"{bar}" if bar and ratio is not None else "",
                f"{last[name][-1]:.4g}",
            ]
        )
    return rows, missed


def main():
    """Print the tables; return the bars that were missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    parser.add_argument("--rounds", type=int, default=turns.ROUNDS)
    options = parser.parse_args()
    print(turns.machine())
    missed = []
    for workload in WORKLOADS:
        if workload.name in options.only:
            rows, without = compare(workload, options.rounds)
            columns = ["model", "way", "ms a step", "ours is faster", "bar", "loss"]
            print(table(columns, rows), flush=True)
            print()
            missed += without
    return missed


if __name__ == "__main__":
    missed = main()
    sys.exit(f"Bars missed: {', '.join(missed)}" if missed else 0)
