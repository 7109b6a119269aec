"""Films in the README's gallery: taken from the cell tagged "film"."""

import io

import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from helpers import animation
from tools.notebooks import figures


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


def test_the_film_becomes_a_gif_of_its_own_size():
    cell = new_code_cell("")
    assert figures.film(cell) is None
    recorder = animation.Recorder(fps=5, hold=0, smallest=1)
    for level in (0.0, 0.5, 1.0):
        recorder.add(np.full((40, 60), level))
    cell.outputs = [
        new_output("display_data", {"text/html": recorder.show().data}),
    ]
    gif = Image.open(io.BytesIO(figures.film(cell)))
    assert (gif.size, gif.n_frames, gif.info["duration"]) == ((60, 40), 3, 200)


def test_the_gallery_shows_the_film_with_its_words(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    for folder in ("notebooks", "docs/figures"):
        (tmp_path / folder).mkdir(parents=True)
    figures.nbformat.write(lesson(), tmp_path / "notebooks/01_title.ipynb")
    (tmp_path / "docs/figures/01_title.png").touch()
    assert "gif" not in figures.gallery()
    (tmp_path / "docs/figures/01_title.gif").touch()
    assert "![It grows](docs/figures/01_title.gif)" in figures.gallery()
