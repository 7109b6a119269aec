"""Whole lessons in the smoke profile on two virtual devices, nothing else changed.

    python -m benchmarks.sturdy.lessons_on_replicas [--only 04]

A cell is put behind the lesson's first that enters the scope of a MirroredStrategy; all
later cells run in it, those too that call a step by hand, which Keras's optimizers do
not support there: such cells are counted, and not held against the lesson. Prints how
many trainings ran on two replicas. The status is not 0 if `fit` itself failed.
"""

import argparse
import os
import subprocess
import sys

import nbformat

from tools.notebooks import kernels
from tools.notebooks.stamp import ROOT

ENTER = """
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(cpu, two)
tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope().__enter__()

from helpers import training

trained, refused, own_fit = [], [], training.fit


def counting_fit(*args, **options):
    try:
        history = own_fit(*args, **options)
    except Exception as error:
        refused.append(f"{type(error).__name__}: {error}".splitlines()[-1])
        raise
    trained.append(history.steps)
    return history


training.fit = counting_fit
"""
TELL = 'print(len(trained), sum(trained)); print("; ".join(sorted(set(refused))))'


def tried(path):
    """Return what became of a lesson: trainings, steps, refusals, cells that failed."""
    notebook = nbformat.read(path, as_version=4)
    first = next(i for i, c in enumerate(notebook.cells) if c.cell_type == "code")
    notebook.cells.insert(first + 1, nbformat.v4.new_code_cell(ENTER))
    notebook.cells.append(nbformat.v4.new_code_cell(TELL))
    client = kernels.client(notebook, path.parent, timeout=900, allow_errors=True)
    client.execute(stderr=subprocess.DEVNULL)
    said = notebook.cells[-1].outputs[0]["text"].split("\n")
    failed = [
        f"{output.ename}: {output.evalue}".strip().splitlines()[-1][:100]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]
    return *said[0].split(), said[1], failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=["0", "1"])
    options = parser.parse_args()
    os.environ["COURSE_PROFILE"] = "smoke"
    bad = False
    print("| lesson | trainings | steps | refused by fit | cells that failed |")
    print("|---|---|---|---|---|")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if path.stem[:2] != "00" and path.name.startswith(tuple(options.only)):
            trainings, steps, refused, failed = tried(path)
            first = failed[0] if failed else ""
            failures = f"{len(failed)}: {first}" if failed else "none"
            line = (
                f"| {path.stem[:2]} | {trainings} | {steps} | {refused} | {failures} |"
            )
            print(line, flush=True)
            bad |= bool(refused) and "cannot share" not in refused
    sys.exit(bad)


if __name__ == "__main__":
    main()
