"""`make book` and `make figures`, on a course of two small notebooks."""

import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from tools.notebooks import book, figures

DRAW = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);"
README = f"# Course\n\n{figures.START}\nold\n{figures.END}\n\nThe rest.\n"


def write(folder, name, title, *sources, tags=()):
    picture = f"![a line](../docs/figures/{name}.png)"
    cells = [nbformat.v4.new_markdown_cell(f"# {title}\n\n{picture}")]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    cells[1].metadata["tags"] = list(tags)
    path = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course whose first lesson draws its hero image and then fails."""
    folder = tmp_path / "notebooks"
    figures_folder = tmp_path / "docs" / "figures"
    folder.mkdir()
    figures_folder.mkdir(parents=True)
    (tmp_path / "README.md").write_text(README)
    Image.new("RGB", (8, 8)).save(figures_folder / "00_good.png")
    paths = [
        write(folder, "00_good", "0 · Good & short", "6 * 7"),
        write(folder, "01_bad", "1 · Bad", DRAW, "1 / 0", tags=["hero"]),
    ]
    for module in (book, figures):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(book, "BOOK", tmp_path / "build")
    monkeypatch.setattr(figures, "FIGURES", figures_folder)
    monkeypatch.setattr(book, "paths", lambda: paths)
    return tmp_path


def call(module, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", [module.__name__, *arguments])
    with pytest.raises(SystemExit) as ended:
        module.main()
    return ended.value.code


def test_book_writes_every_page_and_reports_the_failing_one(course, monkeypatch):
    assert call(book, monkeypatch) == "failed: 01_bad.ipynb"
    good = (course / "build" / "00_good.html").read_text()
    bad = (course / "build" / "01_bad.html").read_text()
    assert "42" in good and "ZeroDivisionError" in bad
    assert good.count("data:image/png;base64,") == 1  # the embedded local picture
    index = (course / "build" / "index.html").read_text()
    assert 'href="00_good.html">0 · Good &amp; short</a>' in index
    assert 'href="01_bad.html">1 · Bad (failed)</a>' in index


def test_book_runs_only_what_is_asked_for(course, monkeypatch):
    assert call(book, monkeypatch, "--only", "00") == 0
    assert not (course / "build" / "01_bad.html").exists()
    assert call(book, monkeypatch, "--only", "07") == 2


def test_figures_writes_the_hero_and_the_gallery(course, monkeypatch):
    # The failing cell comes after the hero's, and is not run.
    assert call(figures, monkeypatch) == 0
    picture = course / "docs" / "figures" / "01_bad.png"
    assert Image.open(picture).size > (100, 100)
    readme = (course / "README.md").read_text()
    assert "**[1 · Bad](notebooks/01_bad.ipynb)**" in readme
    assert "![a line](docs/figures/01_bad.png)" in readme
    assert "old" not in readme and readme.endswith("The rest.\n")
    call(figures, monkeypatch)
    assert (course / "README.md").read_text() == readme


def test_figures_names_a_lesson_without_a_hero(course, monkeypatch):
    path = write(course / "notebooks", "02_none", "2 · None", "1")
    shown = write(course / "notebooks", "03_text", "3 · Text", "1", tags=["hero"])
    monkeypatch.setattr(book, "paths", lambda: [path, shown])
    said = call(figures, monkeypatch)
    assert "02_none.ipynb: no cell is tagged hero" in said
    assert "03_text.ipynb: the cell tagged hero shows no figure" in said


@pytest.fixture
def noise_png():
    """The PNG bytes of 300 x 150 pixels of noise, which hardly compress."""
    noise = np.random.default_rng(0).integers(0, 256, (150, 300, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    return file.getvalue()


def test_large_pictures_are_made_narrower(noise_png):
    small = figures.shrink(noise_png, limit=50_000)
    assert len(small) <= 50_000
    width, height = Image.open(io.BytesIO(small)).size
    assert width == pytest.approx(2 * height, abs=2)
    assert figures.shrink(small) == small
