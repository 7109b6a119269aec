"""Every lesson runs in the profile `full`, with its counts cut to a few.

Networks, pictures, data sets and branches are those that `full` chooses, also where
they are large. Cut are the counts (epochs, steps, seeds, examples), in the notebook's
own cells: a constant that is listed in COUNTS takes the value that it has in `smoke`.
Any other takes its value for `full`, so a new one is run as it stands until it is
listed. Trained models this poor miss the numbers that a lesson demands outside of
`smoke`, so where a cell asks whether it runs in `smoke`, the answer is yes.

COURSE_DATA holds the real data; a run sees the first part of it, and pretrained
networks of the right shapes whose weights are random. Run by `make test-full`.
"""

import ast
import hashlib
import os
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell

from helpers.data import published
from tools.notebooks import kernels

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
NEEDED = ("mnist.npz", "cifar10.npz", published.TEXT)
EXAMPLES = {"mnist.npz": (1024, 256), "cifar10.npz": (512, 128)}  # as in `smoke`
CHARACTERS = 100_000
SECONDS = 1800  # that a lesson may take at most, on a busy machine

COUNTS = {
    "00": "",
    "01": "SEEDS EPOCHS FRAMES",
    "02": "SEEDS EPOCHS SHORT FLAT_EPOCHS CONV_EPOCHS COLOUR_EPOCHS",
    "03": "SEEDS EPOCHS DRAWS TOY_EPOCHS COLOUR_EPOCHS POSTERIOR_EPOCHS",
    "04": "SEEDS EPOCHS DRAWS FRAMES",
    "05": "SEEDS STEPS STEPS_CONDITIONAL STEPS_STAGE SHORT STEPS_POINTS STEPS_RING "
    "FRAMES",
    "06": "SEEDS EPOCHS FLAT_EPOCHS,SHORT FRAMES",
    "07": "SEEDS EPOCHS SECONDS JUDGED PASSAGES LENGTH SHORT",
    "08": "STEPS",
    "09": "SEEDS TOY_STEPS PLAIN_EPOCHS QUICK_EPOCHS BEST_EPOCHS COLOUR_EPOCHS "
    "PIXEL_EPOCHS SIDE_EPOCHS steps",
    "10": "CODE_EPOCHS GAME_EPOCHS FLOW_EPOCHS PIXEL_EPOCHS FLOW_STEPS DRAWS",
}


def is_call(node, function):
    return isinstance(node, ast.Call) and ast.unparse(node.func) == function


class Cut(ast.NodeTransformer):
    """Put the value that a dry run takes in the place of every budget of a cell."""

    def __init__(self, counts):
        self.counts, self.name, self.found = counts, None, set()

    def visit_Assign(self, node):
        self.name = ",".join(
            name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)
        )
        node = self.generic_visit(node)
        self.name = None
        return node

    def visit_Call(self, node):
        if is_call(node, "runtime.profile"):
            return ast.Constant("smoke")
        if not is_call(node, "runtime.budget"):
            return self.generic_visit(node)
        self.found.add(self.name)
        profile = "smoke" if self.name in self.counts else "full"
        return {keyword.arg: keyword.value for keyword in node.keywords}[profile]


def shortened(path):
    """Return a lesson with its counts cut, and the names of the budgets in it."""
    notebook = nbformat.read(path, as_version=4)
    cut = Cut(COUNTS[path.stem[:2]].split())
    for cell in notebook.cells:
        if cell.cell_type == "code" and "runtime." in cell.source:
            cell.source = ast.unparse(cut.visit(ast.parse(cell.source)))
    return notebook, cut.found


def prologue(folder):
    """What a run needs to know of the stand-ins, before the lesson's first cell."""
    weights = {
        name: hashlib.md5((folder / name).read_bytes()).hexdigest()
        for name in published.WEIGHTS
    }
    text = hashlib.sha256((folder / published.TEXT).read_bytes()).hexdigest()
    return f"""
from pathlib import Path
from helpers import results
from helpers.data import published

published.TEXT_SHA256 = {text!r}
for name, checksum in {weights!r}.items():
    published.DOWNLOADS[name] = ("", checksum, "")
results.FOLDER = Path({str(folder / "results")!r})
"""


def keep_part(source, target):
    """Write the first examples of a data set, or the beginning of the text."""
    if source.suffix == ".txt":
        target.write_bytes(source.read_bytes()[:CHARACTERS])
        return
    n_train, n_test = EXAMPLES[source.name]
    with np.load(source) as arrays:
        counts = dict.fromkeys(published.KEYS, n_train)
        counts |= {"x_test": n_test, "y_test": n_test}
        np.savez(target, **{key: arrays[key][:n] for key, n in counts.items()})


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    """Return a folder like COURSE_DATA with a part of its data, and random weights."""
    real = Path(os.environ.get("COURSE_DATA", ""))
    missing = [name for name in NEEDED if not (real / name).is_file()]
    if "COURSE_DATA" not in os.environ or missing:
        pytest.skip(f"COURSE_DATA names no folder with {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("course_data")
    for name in NEEDED:
        keep_part(real / name, folder / name)
    networks = keras.applications.VGG19, keras.applications.InceptionV3
    for network, name in zip(networks, published.WEIGHTS, strict=True):
        network(weights=None, include_top=False).save(folder / name)
    return folder


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_counts_are_constants_of_the_lesson(lesson):
    _, found = shortened(NOTEBOOKS / f"{lesson}.ipynb")
    assert set(COUNTS[lesson[:2]].split()) <= found


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs(lesson, stand_ins):
    notebook, _ = shortened(NOTEBOOKS / f"{lesson}.ipynb")
    notebook.cells.insert(0, new_code_cell(prologue(stand_ins)))
    environment = {"COURSE_PROFILE": "full", "COURSE_DATA": str(stand_ins)}
    client = kernels.client(notebook, NOTEBOOKS, timeout=SECONDS)
    client.execute(env=os.environ | environment)
