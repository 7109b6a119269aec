"""Films in the README's gallery: taken from the cell tagged "film"."""

import base64

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools.notebooks import figures

SHOWN = 'src="data:video/mp4;base64,AAAA"><img src="data:image/gif;base64,{}" alt="x">'


def lesson():
    hero = new_code_cell("1", metadata={"tags": ["hero"]})
    film = new_code_cell('film.show(alt="It grows")', metadata={"tags": ["film"]})
    title = "# 1 · Title\n\n![a plane](../docs/figures/01_title.png)"
    return new_notebook(
        cells=[new_markdown_cell(title), hero, film, new_code_cell("late")]
    )


def test_a_lesson_is_run_as_far_as_its_film():
    assert len(figures.up_to_hero(lesson()).cells) == 3
    untagged = lesson()
    untagged.cells[2].metadata.tags = []
    assert len(figures.up_to_hero(untagged).cells) == 2


def test_the_gif_inside_the_video_is_taken():
    cell, data = new_code_cell(""), base64.b64encode(b"GIF89a film").decode()
    assert figures.film(cell) is None
    html = {"text/html": SHOWN.format(data)}
    cell.outputs = [new_output("display_data", html)]
    assert figures.film(cell) == b"GIF89a film"


def test_the_gallery_shows_the_film_with_its_words(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    for folder in ("notebooks", "docs/figures"):
        (tmp_path / folder).mkdir(parents=True)
    figures.nbformat.write(lesson(), tmp_path / "notebooks/01_title.ipynb")
    (tmp_path / "docs/figures/01_title.png").touch()
    assert "gif" not in figures.gallery()
    (tmp_path / "docs/figures/01_title.gif").touch()
    assert "![It grows](docs/figures/01_title.gif)" in figures.gallery()
