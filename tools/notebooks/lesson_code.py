"""The code of a lesson's tagged cells: tests and benchmarks try what is read."""

import linecache
from pathlib import Path

import nbformat

from helpers import runtime

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def lesson_code(name, tag="model"):
    """Execute the cells of a notebook that carry a tag; return their namespace.

    The namespace begins with `runtime`, which a lesson's first cell imports. Raises
    LookupError when no cell has the tag.
    """
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    tagged = [c for c in notebook.cells if tag in c.metadata.get("tags", [])]
    if not tagged:
        raise LookupError(f"{name} has no cell with the tag {tag!r}.")
    namespace = {"__name__": Path(name).stem, "runtime": runtime}
    for cell in tagged:
        where = f"{name} [{cell.id}]"
        # TensorFlow's AutoGraph and tracebacks look the source up here.
        lines = cell.source.splitlines(keepends=True)
        linecache.cache[where] = (len(cell.source), None, lines, where)
        exec(compile(cell.source, where, "exec"), namespace)
    return namespace
