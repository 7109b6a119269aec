"""How every notebook is built: headings, narrow cells, prose beside code."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import stamp

ROOT = Path(__file__).resolve().parents[2]
ALL = sorted((ROOT / "notebooks").rglob("*.ipynb"))
ALL = [path for path in ALL if ".ipynb_checkpoints" not in path.parts]
LESSONS = [path for path in ALL if re.match(r"(0[1-9]|10)_", path.name)]
LESSONS = [path for path in LESSONS if path.parent.name == "notebooks"]

HEADINGS = [
    "Setup",
    "The data",
    "The idea",
    "The model",
    "The objective",
    "Training",
    "Looking inside",
    "What goes wrong",
    "Exercises",
    "Summary",
]
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


def name(path):
    return path.relative_to(ROOT / "notebooks").as_posix()


every_notebook = pytest.mark.parametrize("path", ALL, ids=name)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=name)


def cells(path, kind=None):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if kind in (None, cell.cell_type)]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


def prose(path):
    """Return the markdown of a notebook with the code blocks in it left out."""
    text = "\n\n".join(cell.source for cell in cells(path, "markdown"))
    return re.sub(r"(?ms)^```.*?^```", "", text)


def headings(path, level):
    return re.findall(rf"(?m)^#{{{level}}} +(.+?)\s*$", prose(path))


def test_there_are_notebooks_to_look_at():
    assert "00_start_here.ipynb" in {path.name for path in ALL}
    assert LESSONS


@pytest.mark.parametrize("path", LESSONS, ids=name)
def test_every_lesson_has_its_solutions(path):
    assert (path.parent / "solutions" / path.name).is_file()


@every_notebook
def test_stamped_and_without_outputs(path):
    assert stamp.problems(path) == []


@every_notebook
def test_one_title_with_the_number_of_the_file(path):
    title = rf"{int(path.name[:2])} · \S.*"
    assert re.fullmatch(title, headings(path, 1)[0])
    assert len(headings(path, 1)) == 1
    assert cells(path)[0].source.startswith("# ")


@every_lesson
def test_headings_of_a_lesson(path):
    # A lesson for two classes says where its parts begin.
    found = [h for h in headings(path, 2) if not h.startswith("Part ")]
    assert found == HEADINGS


@every_lesson
def test_opening_of_a_lesson(path):
    opening = cells(path)[0].source
    assert "[![Open in Colab]" in opening
    assert PICTURE.search(re.sub(r"(?m)^\[!\[.*$", "", opening)), "no hero image"
    for promise in ("do", "learn", "need"):
        assert re.search(rf"\*\*[^*]*\b{promise}\b[^*]*\*\*", opening), promise


@every_lesson
def test_one_cell_of_a_lesson_makes_the_hero_image(path):
    tags = [
        tag for cell in cells(path, "code") for tag in cell.metadata.get("tags", [])
    ]
    assert tags.count("hero") == 1


@every_notebook
def test_cells_are_short_and_narrow(path):
    for cell in cells(path, "code"):
        assert 1 <= len(lines(cell)) <= 25, cell.source
        assert max(len(line) for line in lines(cell)) <= 88, cell.source


@every_notebook
def test_prose_stands_between_the_code(path):
    kinds = "".join(cell.cell_type[0] for cell in cells(path))
    assert kinds[0] == "m"
    assert "cccc" not in kinds, "more than three code cells without a word between"


@every_notebook
def test_pictures_are_there_and_have_words(path):
    for words, target in PICTURE.findall(prose(path)):
        assert words.strip(), f"{target} has no alt text"
        if not re.match(r"(https?|data|attachment):", target):
            assert (path.parent / target).is_file(), f"{target} is missing"


@every_notebook
def test_code_is_plain_python_that_is_ours(path):
    for cell in cells(path, "code"):
        tree = ast.parse(cell.source)  # a magic or a shell line is an error here
        for node in ast.walk(tree):
            attribute = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            assert attribute not in {"tf.keras", "os.environ"}, cell.source
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert node.value.value is False
            module = getattr(node, "module", None) or ""
            assert not module.startswith(("tensorflow.keras", "pickle"))


@every_notebook
def test_cells_end_on_an_expression_instead_of_print(path):
    for cell in cells(path, "code"):
        last = ast.parse(cell.source).body[-1:]
        assert not last or not ast.unparse(last[0]).startswith("print("), cell.source
