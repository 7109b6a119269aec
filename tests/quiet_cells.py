"""A pytest plugin: no cell of a notebook writes to stderr but progress bars.

It watches the run of the notebooks that nbval makes anyway. What TensorFlow's C++ code
writes counts too: a learner sees it in red below the cell.
"""

import os
import re

import pytest

# What tqdm draws: a percentage and a bar, or a count and a rate.
PROGRESS_BAR = re.compile(r"\d+%\|.*\||\d+it \[.*it/s\]|\?it/s")


def noise(outputs):
    """Return what a cell's outputs hold on stderr that is no progress bar."""
    written = "".join(
        output.text
        for output in outputs
        if output.output_type == "stream" and output.name == "stderr"
    )
    lines = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", written))
    lines = [line for line in lines if line.strip()]
    return "\n".join(line for line in lines if not PROGRESS_BAR.search(line))


def pytest_itemcollected(item):
    """Let a notebook's kernel start as a learner's does.

    Under pytest a kernel leaves file descriptor 2 alone, so that native messages would
    not be among a cell's outputs.
    """
    if hasattr(item, "test_outputs") and "setup" not in vars(item.parent):
        item.parent.setup = _as_outside_of_pytest(item.parent.setup)


def _as_outside_of_pytest(start):
    def setup():
        current = os.environ.pop("PYTEST_CURRENT_TEST", None)
        try:
            start()
        finally:
            if current is not None:
                os.environ["PYTEST_CURRENT_TEST"] = current

    return setup


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a cell that ran well but wrote to stderr."""
    result = yield
    found = noise(getattr(item, "test_outputs", None) or [])
    if found:
        pytest.fail(f"{item.nodeid} writes to stderr:\n{found}", pytrace=False)
    return result
