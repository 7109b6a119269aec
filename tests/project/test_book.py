"""`make book` and `make figures`, on a course of two small notebooks."""

import base64
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from tools.book import __main__ as book
from tools.book import pages, pictures, places, runs, site
from tools.notebooks import figures

DRAW = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);"
README = f"# Course\n\n{figures.START}\nold\n{figures.END}\n\nThe rest.\n"

pytestmark = pytest.mark.skipif(
    not shutil.which("npm") and not os.environ.get("CI"),
    reason="needs npm, which fetches MathJax",
)


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
    (tmp_path / "docs" / "teaching.md").write_text("# Teaching\n\nSlowly.\n")
    for name in ("00_good", "course_map"):
        Image.new("RGB", (8, 8)).save(figures_folder / f"{name}.png")
    write(folder, "00_good", "0 · Good & short", "6 * 7")
    write(folder, "01_bad", "1 · Bad", DRAW, "1 / 0", tags=["hero"])
    monkeypatch.setattr(places, "NOTEBOOKS", folder)
    monkeypatch.setattr(places, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(places, "BUILD", tmp_path / "build")
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "FIGURES", figures_folder)
    return tmp_path


def call(module, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", [module.__name__, *arguments])
    with pytest.raises(SystemExit) as ended:
        module.main()
    return ended.value.code


@pytest.fixture
def counted(monkeypatch):
    """The names of the notebooks that were run, in their order."""
    names, execute = [], runs.execute
    monkeypatch.setattr(
        runs, "execute", lambda path: [names.append(path.stem), execute(path)][1]
    )
    return names


@pytest.mark.slow
def test_book_writes_every_page_and_reports_the_failing_one(
    course, monkeypatch, counted
):
    assert call(book, monkeypatch, "--jobs", "1") == "failed: 01_bad"
    site = course / "build" / "book"
    good = (site / "notebooks" / "00_good.html").read_text()
    bad = (site / "notebooks" / "01_bad.html").read_text()
    assert "42" in good and "failed while the book was made" not in good
    assert "ZeroDivisionError" in bad and "failed while the book was made" in bad
    assert re.search(r'<img[^>]*alt="a line"[^>]*_images/00_good\.(png|webp)', good)
    assert '<a href="../download/00_good.ipynb"' in good
    assert (site / "download" / "00_good.ipynb").is_file()
    index = (site / "index.html").read_text()
    assert "<strong>0 · Good &amp; short</strong>" in index
    times = json.loads((runs.folder() / "times.json").read_text())
    assert times["00_good"]["seconds"] > 0 and times["00_good"]["error"] == []
    assert all(seconds >= 0 for seconds in times["00_good"]["cells"].values())
    assert "ZeroDivisionError" in times["01_bad"]["error"][0]
    assert counted == ["00_good", "01_bad"]
    # A second time, only what failed runs; and what changed.
    assert call(book, monkeypatch) == "failed: 01_bad"
    assert counted[2:] == ["01_bad"]
    write(course / "notebooks", "00_good", "0 · Good & short", "6 * 8")
    assert call(book, monkeypatch, "--only", "00") == 0
    assert counted[3:] == ["00_good"]
    assert "48" in (site / "notebooks" / "00_good.html").read_text()


def test_book_runs_only_what_is_asked_for(course, monkeypatch, counted):
    assert call(book, monkeypatch, "--only", "00") == 0
    page = (course / "build/book/notebooks/01_bad.html").read_text()
    assert "was not run for the book" in page and counted == ["00_good"]
    assert call(book, monkeypatch, "--only", "07") == 2


def test_a_run_is_outdated_by_what_it_depends_on_and_by_nothing_else(
    course, monkeypatch
):
    source = "from helpers import tables\n\ntables"
    path = write(course / "notebooks", "02_new", "2 · New", source)
    before = runs.key(path)
    assert runs.key(path) == before
    assert runs._reached({"tables"}) == {"tables"}
    assert {"data", "runtime"} <= runs._reached({"metrics"})
    digest = runs._digest
    for door, outdates in [("tables", True), ("assets", True), ("animation", False)]:
        changed = {door: "something else"}
        monkeypatch.setattr(runs, "_digest", lambda d, c=changed: c.get(d) or digest(d))
        assert (runs.key(path) != before) == outdates
    monkeypatch.setattr(runs, "_digest", digest)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    assert runs.key(path) != before


def test_a_page_is_still_and_complete():
    widget = {"kind": "latent_explorer", "about": 'A "plane"', "state": {"z": [0]}}
    picture = base64.b64encode(b"PNG").decode()
    film = base64.b64encode(b"a film").decode()
    outputs = [
        {"text/plain": "  0%|   | 0/9", pages.WIDGET_VIEW: {"model_id": "1"}},
        {"text/plain": "FloatSlider()", pages.WIDGET_VIEW: {"model_id": "2"}},
        {
            "text/html": f'<video src="data:video/mp4;base64,{film}">'
            '<img src="data:image/gif;base64,AAAA"></video>'
        },
        {"image/png": picture, pages.LIVING: widget, pages.WIDGET_VIEW: {}},
        {"image/png": picture, pages.LIVING: {**widget, "refused": "It cannot."}},
    ]
    cells = [
        nbformat.v4.new_markdown_cell("# 1 · One\n\nA line $a\n+ b$ and `$a\n$`."),
        nbformat.v4.new_code_cell(f"{pages.START}\nx\n{pages.END}\nimport this"),
        nbformat.v4.new_markdown_cell("You see *this* [figure](a.png)."),
    ]
    cells[1].outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        *(nbformat.v4.new_output("display_data", data=data) for data in outputs),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with tempfile.TemporaryDirectory() as folder:
        static = Path(folder)
        page = pages.Page(notebook, "solutions/one", static).prepared()
        (name,) = [path.name for path in (static / "films").iterdir()]
        assert (static / "films" / name).read_bytes() == b"a film"
        script = (static / "widgets" / "solutions-one-1.js").read_text()
    opening, code = page.cells[0].source, page.cells[1]
    assert "$a + b$" in opening and "`$a\n$`" in opening
    assert "../../download/solutions/one.ipynb" in opening
    assert code.source == "import this"
    assert code.metadata["mystnb"]["image"]["alt"] == "You see this figure."
    shown = [output["data"]["text/html"] for output in code.outputs]
    assert len(shown) == 4 and "run it to use that" in shown[0]
    assert f'<video src="../../_static/films/{name}"></video>' == shown[1]
    assert 'data-kind="latent_explorer"' in shown[2]
    assert 'alt="A &quot;plane&quot;"' in shown[2]
    assert "It cannot." in shown[3] and "data-widget" not in shown[3]
    assert script.startswith('course.bring("solutions-one-1", {')


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
    write(course / "notebooks", "02_none", "2 · None", "1")
    write(course / "notebooks", "03_text", "3 · Text", "1", tags=["hero"])
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


def test_a_full_disk_keeps_the_old_book_and_is_named(course, small_disk, monkeypatch):
    def write_too_much(folder):
        (folder / "large").write_bytes(bytes(2_000_000))

    monkeypatch.setattr(places, "BUILD", small_disk)
    monkeypatch.setattr(site, "_write_static", write_too_much)
    (small_disk / "book").mkdir()
    (small_disk / "book" / "index.html").write_text("old")
    with pytest.raises(OSError, match="The disk is full.*the book stays as it was"):
        site.build([])
    assert (small_disk / "book" / "index.html").read_text() == "old"


def test_figures_become_lighter_and_photographs_much_lighter(tmp_path):
    random = np.random.default_rng(1)
    grain = random.integers(0, 256, (60, 60, 3), dtype="uint8")
    photo = Image.fromarray(grain).resize((600, 600), Image.Resampling.BICUBIC)
    lines = Image.new("RGB", (300, 200), "white")
    lines.paste("navy", (20, 50, 280, 54))
    (tmp_path / "_images").mkdir()
    (tmp_path / "_static" / "widgets").mkdir(parents=True)
    places_of = {"_images/photo": photo, "_static/widgets/lines": lines}
    for name, picture in places_of.items():
        picture.save(tmp_path / f"{name}.png")
    before = {n: (tmp_path / f"{n}.png").stat().st_size for n in places_of}
    page = tmp_path / "notebooks" / "one.html"
    page.parent.mkdir()
    page.write_text("".join(f'<img src="../{name}.png">' for name in places_of))
    pictures.make_lighter(tmp_path)
    for name, picture in places_of.items():
        assert f'<img src="../{name}.webp">' in page.read_text()
        assert not (tmp_path / f"{name}.png").exists()
        with Image.open(tmp_path / f"{name}.webp") as after:
            off = np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(picture))
        assert off.mean() < (3 if picture is photo else 1e-9)  # of 255
        limit = before[name] / (4 if picture is photo else 1)
        assert (tmp_path / f"{name}.webp").stat().st_size < limit


def test_widgets_share_the_file_of_the_same_weights(tmp_path):
    network = {"base64": "A" * (pages.HEAVY + 4)}
    cells = [nbformat.v4.new_code_cell("x")]
    for name in ("one", "two"):
        state = {"networks": {name: network}, "codes": {"base64": "AAAA"}}
        widget = {"kind": "latent_explorer", "about": "A plane", "state": state}
        data = {"image/png": base64.b64encode(b"PNG").decode(), pages.LIVING: widget}
        cells[0].outputs.append(nbformat.v4.new_output("display_data", data=data))
    notebook = nbformat.v4.new_notebook(cells=cells)
    page = pages.Page(notebook, "one", tmp_path).prepared()
    (file,) = (tmp_path / "weights").iterdir()
    assert network["base64"] in file.read_text()
    for number, output in enumerate(page.cells[0].outputs, 1):
        assert f'data-weights="{file.stem}"' in output["data"]["text/html"]
        text = (tmp_path / "widgets" / f"one-{number}.js").read_text()
        assert network["base64"] not in text and file.stem in text
        assert '{"base64": "AAAA"}' in text
