"""Each lesson's training step on the graphics card and on the processor beside it.

    python -m benchmarks.speed.on_device [--device GPU:0] [--json]

Steps a second, how much faster that is than the processor, the peak of the card's
memory, and what the lesson's longest trainings take from that in the profile `full`.
Where there is no graphics card there is nothing to measure. Lesson 0 runs this.
"""

import argparse
import json

import numpy as np
import tensorflow as tf

from benchmarks.speed.parts import contenders, turns
from benchmarks.speed.parts.workloads import WORKLOADS
from helpers import machine
from helpers.tables import table

EPOCH = 60_000 // 128  # steps through MNIST; in batches of 32 there are four times more
# Lesson: the workload that is its step, or much like it, and how many steps its main
# trainings in `full` take: seeds (and kinds of model) times epochs times EPOCH.
LESSONS = {
    1: ("dense VAE", 9 * 60 * EPOCH),
    2: ("dense VAE", (200 + 6 * 60) * EPOCH),
    3: ("IAF", (3 + 3 + 2) * 200 * EPOCH),
    4: ("dense VAE", 2 * 3 * 60 * EPOCH),
    5: ("DCGAN", 90_000 + 40_000),
    6: ("VAE-GAN", 4 * 3 * 20 * 4 * EPOCH),
    7: ("LSTM", 3 * 16 * 490),
    8: ("style step", 4 * (300 + 4 * 200)),
    9: ("latent flow", 3 * 60 * 4 * EPOCH),
}


def on(device, loop):
    """Return a contender's loop that runs on a device."""

    def run(tick):
        with tf.device(device):
            loop(tick)

    return run


def peak(device):
    """Return the peak of a device's memory in GiB, or None if it does not tell."""
    try:
        return tf.config.experimental.get_memory_info(device)["peak"] / 2**30
    except ValueError:  # a processor
        return None


def measure(workload, device):
    """Return steps a second, their ratio to the processor's, and GiB."""
    loops = {
        name: on(name, contenders.ours(workload, [])) for name in (device, "CPU:0")
    }
    seconds = turns.alternate(loops, rounds=3)
    steps = len(workload.arrays()[0]) // workload.batch_size
    mine, processor = (float(np.median(seconds[n])) for n in (device, "CPU:0"))
    return steps / mine, processor / mine, peak(device)


def rows(device, only=None):
    """Return a row for each lesson; a step that two lessons share is run once."""
    by_name = {workload.name: workload for workload in WORKLOADS}
    measured, found = {}, []
    for lesson, (name, steps) in LESSONS.items():
        if only and lesson not in only:
            continue
        if name not in measured:
            measured[name] = measure(by_name[name], device)
        speed, ratio, memory = measured[name]
        needs = f"{steps / speed / 60:,.0f} min"
        memory = "" if memory is None else round(memory, 2)
        found.append(
            [str(lesson), name, round(speed, 1), round(ratio, 1), memory, needs]
        )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", help="such as GPU:0; None: the first GPU")
    parser.add_argument("--only", nargs="+", type=int, choices=LESSONS)
    parser.add_argument("--json", action="store_true", help="for lesson 0")
    options = parser.parse_args()
    for gpu in tf.config.list_physical_devices("GPU"):  # lesson 0 has it open too
        tf.config.experimental.set_memory_growth(gpu, True)
    device = options.device or (
        "GPU:0" if tf.config.list_physical_devices("GPU") else ""
    )
    found = rows(device, options.only) if device else []
    if options.json:
        print(json.dumps(found))
    elif found:
        print(turns.machine())
        print(table(machine.STEPS, found))
    else:
        print("There is no graphics card here.")


if __name__ == "__main__":
    main()
