"""Whether this machine has walls, and a lesson that is marked in seconds."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from classroom import papers, walls


@pytest.fixture(scope="session")
def walled():
    if why := walls.missing():
        pytest.skip(f"no walls: {why}")


@pytest.fixture
def blank():
    """A lesson of four exercises: write f1 to f4, which multiply by 1 to 4."""
    cells = [new_code_cell("import numpy as np\nfrom helpers import checks")]
    for number in range(1, 5):
        answer = new_code_cell(f"def f{number}(x):\n    return ...")
        check = f"checks.function({number}, f{number}, [((3,), {3 * number})])"
        check = new_code_cell(check)
        answer.metadata.tags, check.metadata.tags = ["answer"], ["check"]
        cells += [answer, check]
    return new_notebook(cells=[*cells, new_code_cell("checks.summary(4)")])


@pytest.fixture
def paper(blank):
    """A function that returns the lesson answered rightly, but for {number: source}."""

    def answered(others=None):
        notebook = copy.deepcopy(blank)
        for number, (answer, _) in papers.exercises(notebook).items():
            right = f"f{number} = lambda x: {number} * x"
            answer.source = (others or {}).get(number, right)
        return notebook

    return answered
