"""Our training steps beside what this machine can do at most.

    python -m benchmarks.speed.against_machine [--only NAME ...]

The limit is measured in the same process: the rate of a large matrix product and of a
convolution with many channels. The operations of a step are counted in its graph:
those of matrix products and convolutions, gradients included. A step's share of the
limit is the time that its operations would take at those rates, over its own.

Where the share is small, the last columns say why: the step's products, each timed by
itself at its own shape, take `alone` ms; what else the step does takes the rest.
"""

import argparse
import sys

import tensorflow as tf

from benchmarks.speed.parts import contenders, operations, turns
from benchmarks.speed.parts.workloads import WORKLOADS
from helpers.tables import table

BARS = {"dense VAE": 0.5, "convolutional VAE": 0.5}


def step_seconds(workload):
    """Return the median time of a step inside of `training.fit`."""
    loops = {"ours": contenders.ours(workload, [])}
    steps = len(workload.arrays()[0]) // workload.batch_size
    return sorted(turns.alternate(loops)["ours"])[turns.ROUNDS // 2] / steps


def graph_of(workload):
    batch = [tf.constant(a[: workload.batch_size]) for a in workload.arrays()]
    return tf.function(workload.build().ours).get_concrete_function(*batch).graph


def row(workload, rates):
    """Return the table's row, and the share of the limit."""
    found = operations.products(graph_of(workload))
    least = sum(p.count / rates[p.is_convolution] for p in found)
    least += workload.in_loops / rates[0]
    times = {product: product.alone() for product in set(found)}
    alone = sum(times[product] for product in found)
    seconds = step_seconds(workload)
    count = sum(product.count for product in found) + workload.in_loops
    cells = [1000 * seconds, count / 1e9, 1000 * least, f"{least / seconds:.0%}"]
    if workload.in_loops:  # those are not timed by themselves
        cells += ["", "", ""]
    else:
        cells += [1000 * alone, f"{least / alone:.0%}", 1000 * (seconds - alone)]
    return [workload.name, *cells], least / seconds


def main():
    """Print the table; return the bars that were missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", nargs="+", default=names, choices=names)
    options = parser.parse_args()
    print(turns.machine())
    rates = operations.limits()
    print(
        f"limits: matrix product {rates[0] / 1e9:.0f}, convolution "
        f"{rates[1] / 1e9:.0f} billion operations a second"
    )
    rows, missed = [], []
    for workload in WORKLOADS:
        if workload.name in options.only:
            cells, share = row(workload, rates)
            rows.append(cells)
            if share < BARS.get(workload.name, 0):
                missed.append(f"{workload.name}: {share:.0%}")
    columns = ["model", "ms a step", "billion operations", "ms at the limit", "share"]
    columns += ["ms alone", "of that at the limit", "ms of the rest"]
    print(table(columns, rows))
    return missed


if __name__ == "__main__":
    missed = main()
    sys.exit(f"Bars missed: {', '.join(missed)}" if missed else 0)
