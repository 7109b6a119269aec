"""Where the book's parts are; a test puts a small course in their place."""

from tools.notebooks.stamp import ROOT

NOTEBOOKS = ROOT / "notebooks"
DOCS = ROOT / "docs"
BUILD = ROOT / "build"


def paths():
    """Return the paths of all notebooks, lessons before solutions."""
    lessons = sorted(NOTEBOOKS.glob("*.ipynb"))
    return lessons + sorted(NOTEBOOKS.glob("solutions/*.ipynb"))


def name(path):
    """Return a notebook's name below notebooks/, without its suffix."""
    return path.relative_to(NOTEBOOKS).with_suffix("").as_posix()
