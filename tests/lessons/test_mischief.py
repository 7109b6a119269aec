"""Constants that make no sense are named in their own cell, before anything runs.

`make mischief` does much more to the lessons; that takes an hour.
"""

import re

import nbformat
import pytest

from helpers import runtime
from tools.notebooks import mischief

LESSONS = sorted((mischief.ROOT / "notebooks").glob("[01]*.ipynb"))
ROUGH = re.compile(r"\w*EPOCHS|\w*STEPS\w*|SHORT|\w*BATCH\w*|LATENT_DIM|FRAMES|READERS")
SOUND = {"TOY_STEPS": -1}  # 0 steps of a flow are a Gaussian


def opening(path):
    """Return the sources of a lesson's cells that set constants, and check them."""
    cells = nbformat.read(path, as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    setting = [
        s for s in sources[: mischief.SETUP + 1] if re.search(r"^[A-Z]", s, re.M)
    ]
    return [s for s in setting if "runtime.budget" in s or "check_constants" in s]


def cases():
    for path in LESSONS:
        for name, line in mischief.constants(opening(path)):
            if ROUGH.fullmatch(name):
                yield pytest.param(path, name, line, id=f"{path.stem[:2]} {name}")


def run(cells):
    names = {"runtime": runtime}
    for cell in cells:
        exec(cell, names)


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem[:2])
def test_the_constants_as_they_are_pass(path, monkeypatch):
    for profile in runtime.PROFILES:
        monkeypatch.setenv("COURSE_PROFILE", profile)
        run(opening(path))


@pytest.mark.parametrize(("path", "name", "line"), list(cases()))
def test_a_constant_that_makes_no_sense_is_named_at_once(path, name, line):
    low = SOUND.get(name, 0) if "(0," in line else 0
    trick = mischief.with_constant(opening(path), name, line, low)
    with pytest.raises(ValueError, match=f"{name} is .*in this cell, to"):
        run(source for source, _ in trick.kernels[0])


def test_there_are_cases_of_every_lesson():
    lessons = {case.id[:2] for case in cases()}
    assert lessons == {f"{number:02}" for number in range(1, 11)}
