"""`make slides`: which cells become slides, and pages that ask nobody for anything."""

import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.book import places, runs
from tools.slides import __main__ as slides
from tools.slides import cells, deck

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


def code(source="1", *outputs):
    cell = new_code_cell(source)
    cell.outputs = [new_output("display_data", data=data) for data in outputs]
    return cell


def lesson():
    """A lesson with a figure, a table, a film, an equation, and what is no slide."""
    text = new_markdown_cell
    return new_notebook(
        cells=[
            text(
                "# 1 · Small\n\n[![Open in Colab](a)](b)\n\nA promise.\n\n**Time.** 1"
            ),
            text("## Setup\n\nThe first cell."),
            code("import this", {"image/png": PNG}),
            text("## The idea\n\nIt is a sum. More of it.\n\n$$a = b + c.$$\n\nSo."),
            code("plot()", {"image/png": PNG, "text/plain": "<Figure>"}),
            text("A line of $x.y$ goes up. It says `a. b`.\n\nMore, for the notes."),
            code("table()", {"text/html": "<table><tr><td>7</td></tr></table>"}),
            text("### A part\n\nAnother thing, and why."),
            code("film()", {"text/html": '<video src="data:video/mp4;base64,AA=="/>'}),
            code("board()", {"text/html": "<iframe></iframe>"}),
            code("6 * 7", {"text/plain": "42"}),
            code(
                "bar()", {"application/vnd.jupyter.widget-view+json": {"model_id": 1}}
            ),
            text("## Exercises\n\n$$no$$"),
            text("### 1. One\n\nAn exercise."),
            code("check()", {"image/png": PNG}),
            text("## Summary\n\n- First.\n- Second, $z$.\n\n**References**\n\n- X."),
        ]
    )


def texts(notebook):
    """Return the slides as lists of their cells' sources; pictures as their kinds."""
    found = []
    for cell in notebook.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind == "slide":
            found.append([])
        if cell.cell_type == "code":
            found[-1] += [next(iter(output["data"])) for output in cell.outputs]
            assert cell.source == ""
        elif kind != "notes":
            found[-1].append(cell.source)
    return found


def test_the_rule():
    assert texts(cells.slides(lesson())) == [
        ["## 1 · Small\n\nA promise."],
        ["## The idea\n\nIt is a sum. More of it.\n\n$$a = b + c.$$"],
        ["## The idea", "text/html", "A line of $x.y$ goes up. It says `a. b`."],
        ["## The idea", "text/html", "More, for the notes."],
        ["## A part", "text/html", "Another thing, and why."],
        ["## Summary\n\n- First.\n- Second, $z$."],
    ]


def test_the_notes_hold_the_rest_and_name_the_cell():
    notes = [
        cell.source
        for cell in cells.slides(lesson()).cells
        if cell.metadata.get("slideshow", {}).get("slide_type") == "notes"
    ]
    assert any("Cell 4" in note and "More, for the notes." in note for note in notes)


def test_long_texts_are_cut_between_sentences():
    words = "A sentence of some words with $a. b$ in it. "
    cut = cells.first_sentences(words * 20)
    assert len(cut) <= cells.LONGEST and cut.endswith("in it.")
    assert cells.first_sentences("## H\n\n| a |\n|---|\n\n- b\n\nThen: this.") == (
        "Then: this."
    )
    assert cells.first_sentences("Here it is:") == "Here it is."


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course whose lesson 1 has a kept run and whose lesson 2 has none."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(places, "NOTEBOOKS", folder)
    monkeypatch.setattr(places, "BUILD", tmp_path / "build")
    for name in ("01_small", "02_more"):
        nbformat.write(lesson(), folder / f"{name}.ipynb")
    kept = runs.kept(folder / "01_small.ipynb")
    kept.parent.mkdir(parents=True)
    run = lesson()
    # What Colab saves of widgets, without which nbconvert and GitHub do not go on.
    run.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"1": {}}}
    nbformat.write(run, kept)
    return tmp_path


def test_slides_of_a_run_need_nothing_from_elsewhere(course, monkeypatch):
    monkeypatch.setattr(deck, "vendor", lambda: None)
    with pytest.raises(SystemExit) as ended:
        slides.main([])
    assert "02_more.ipynb is missing: run `make book` first" in str(ended.value.code)
    page = (course / "build/slides/01_small.html").read_text()
    loaded = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    assert {one for one in loaded if not one.startswith("data:")} == {
        "reveal/dist/reveal.css",
        "reveal/dist/theme/white.css",
        "reveal/dist/reveal.js",
        "reveal/plugin/notes/notes.js",
        "reveal/mathjax.js",
    }
    words = "A line of $x.y$ goes up. It says `a. b`."
    assert f'<img alt="{words}" src="data:image/png;base64,{PNG}"' in page
    assert "plot()" not in page and "A promise." in page
    assert len(re.findall(r"<section", page)) == 2 * 6  # nbconvert nests each slide


@pytest.mark.skipif(not shutil.which("npm"), reason="needs npm")
def test_reveal_and_mathjax_lie_beside_the_pages(course):
    deck.vendor()
    for name in (*deck.FILES, "mathjax.js"):
        content = (course / "build/slides/reveal" / name).read_bytes()
        assert len(content) > 500
        assert b"@import" not in content or name.endswith(".js")
