"""What learners do to a lesson, done to all of them in the smoke profile.

    python -m tools.notebooks.mischief [--only 03] [--what "LATENT_DIM = 1"]

Constants get values that make no sense, cells run twice and in the wrong order, the
kernel starts anew half way, the data is poor. A lesson must work all the same, or stop
with one sentence that says what to change. Prints a table; the status is not 0 if a
line of it does neither.
"""

import argparse
import ast
import os
import random
import re
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)

from tools.notebooks import kernels
from tools.notebooks.stamp import ROOT

SETUP = 3  # code cells: the lines for Colab, the imports, the constants
# The last cells of a lesson that are run again, in a wrong order, after all others.
AGAIN = 12
PATIENCE = 1800  # seconds for a cell
VALUES = {
    r"LATENT_DIM": (1, 3, 64),
    r"BATCH_SIZE|READERS": (1, 10_000),
    r"\w*EPOCHS|\w*STEPS\w*|SHORT": (0,),
    r"LEARNING_RATE|RATE": (1e6,),
    r"FRAMES": (1,),
}
# A sentence that helps names a constant, in capitals, or the cell to run.
HELPS = re.compile(
    r"\b(\w+_DIM|\w*EPOCHS|\w*STEPS\w*|SHORT|FRAMES|BATCH_SIZE|READERS|\w*RATE)\b"
    "|run that one first|need a label each|nothing to show"
)

SPOILT = """
import dataclasses

import numpy as np

from helpers import data

spoilers = []


def spoilt(load):
    def loaded(*args, **options):
        made = load(*args, **options)
        for spoil in spoilers:
            made = spoil(made)
        return made

    return loaded


for name in ("digits", "emoji", "colour", "text", "photo"):
    setattr(data, name, spoilt(getattr(data, name)))
"""

CONSTANT_COLUMN = """
def constant_column(made):
    if isinstance(made, str):  # every vowel is an e
        return made.translate(str.maketrans("aiou", "eeee"))
    if isinstance(made, np.ndarray):
        made = made.copy()
        made[:, made.shape[1] // 2] = 0.5
        return made
    parts = {}
    for name in ("x_train", "x_test"):
        parts[name] = getattr(made, name).copy()
        parts[name][:, :, parts[name].shape[2] // 2] = 0.5
    return dataclasses.replace(made, **parts)


spoilers.append(constant_column)
"""

NO_LABELS = """
def no_labels(made):
    if not hasattr(made, "y_train"):
        return made
    return dataclasses.replace(made, y_train=None, y_test=None)


spoilers.append(no_labels)
"""


@dataclass
class Trick:
    """What is done to a lesson: the cells that each kernel in turn runs.

    kernels holds lists of (source, may it fail); folder is where they run.
    """

    name: str
    kernels: list
    folder: Path = ROOT / "notebooks"


def tricks(cells):
    """Yield every Trick on a lesson of these cells' sources."""
    for name, line in constants(cells):
        for pattern, values in VALUES.items():
            if re.fullmatch(pattern, name):
                for value in values:
                    yield with_constant(cells, name, line, value)
    whole = sure(cells)
    elsewhere = Path(tempfile.mkdtemp())
    twice = [cell for cell in whole for _ in range(2)]
    yield Trick("every cell twice, in another working directory", [twice], elsewhere)
    poor = {"a constant column": CONSTANT_COLUMN}
    if any("y_train" in cell for cell in cells):
        poor["labels missing"] = NO_LABELS
    for name, code in poor.items():
        spoilt = [(SPOILT + code, False)]
        yield Trick(name, [whole[:2] + spoilt + whole[2:]])
    late = [(cells[-len(cells) // 3], True)]
    again = random.Random(1).sample(whole[-AGAIN:], min(AGAIN, len(whole)))
    yield Trick("out of order", [whole[:SETUP] + late + whole[SETUP:] + again])
    half = len(whole) // 2
    yield Trick("kernel restarted half way, lesson begun again", [whole[:half], whole])


def sure(cells):
    return [(cell, False) for cell in cells]


def constants(cells):
    """Yield each constant of a lesson's first cells: its name and its line."""
    for cell in cells[: SETUP + 1]:
        for node in ast.parse(cell).body:
            if isinstance(node, ast.Assign):
                for name in re.findall(r"\w+", ast.unparse(node.targets[0])):
                    if name.isupper():
                        yield name, ast.get_source_segment(cell, node)


def with_constant(cells, name, line, value):
    """Return the Trick that sets the constant anew, right behind its own line."""
    if re.search(rf"^{name} = .*lesson=\(", line):  # several numbers
        value = (value, value)
    if name == "TOY_STEPS" and "(0," in line:  # here they are sizes of a model
        value = (-1, 1)
    new = f"{name} = {value}"
    changed = [cell.replace(line, f"{line}\n{new}", 1) for cell in cells]
    return Trick(new, [sure(changed)])


def play(trick):
    """Run a trick; return what became of it in words, and whether that will do."""
    said = []
    for kernel in trick.kernels:
        stopped = run(kernel, trick.folder, said)
        if stopped:
            break
    if not said:
        return "works", True
    return "; ".join(said), all(HELPS.search(words) for words in said)


def run(cells, folder, said):
    """Run cells in a new kernel; note in `said` what fails; return whether it ended."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source, _ in cells]
    )
    client = kernels.client(notebook, folder, timeout=PATIENCE)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "COURSE_PROFILE": "smoke", "COURSE_DATA": ""}
    with client.setup_kernel(env=environment, **quiet):
        for number, (_, may_fail) in enumerate(cells):
            try:
                client.execute_cell(notebook.cells[number], number)
            except CellExecutionError as error:
                words = textwrap.shorten(f"{error.ename}: {error.evalue}", 260)
                said.append(f"code cell {number}: {words}")
                if not may_fail:
                    return True
            except (CellTimeoutError, DeadKernelError) as error:
                said.append(f"code cell {number}: {type(error).__name__}")
                return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", nargs="+", default=[""], help="file names begin with: 01"
    )
    parser.add_argument(
        "--what", default="", help="an expression that its name matches"
    )
    asked = parser.parse_args()
    fine = True
    print("| lesson | what was done | what became of it | |\n|---|---|---|---|")
    every = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in (p for start in asked.only for p in every if p.name.startswith(start)):
        notebook = nbformat.read(path, as_version=4)
        cells = [c.source for c in notebook.cells if c.cell_type == "code"]
        for trick in tricks(cells):
            if re.search(asked.what, trick.name):
                words, will_do = play(trick)
                fine &= will_do
                mark = "" if will_do else "**no**"
                line = f"| {path.stem[:2]} | {trick.name} | {words} | {mark} |"
                print(line.replace("\n", " "), flush=True)
    sys.exit(not fine)


if __name__ == "__main__":
    main()
