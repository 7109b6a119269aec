"""The diagrams of lesson 00: words inside their boxes, committed as drawn."""

import io
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from tools.notebooks import course_map


@pytest.fixture(scope="module")
def figures():
    with plt.style.context("default"):
        yield course_map.diagrams()
    plt.close("all")


@pytest.mark.parametrize("name", ["course_map.png", "taxonomy.png"])
def test_every_box_holds_its_words(figures, name):
    ax = figures[name].axes[0]
    figures[name].draw_without_rendering()
    boxes = [patch.get_window_extent() for patch in ax.patches]
    words = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(words) == 2 * len(boxes)
    for word, box in zip(words, np.repeat(np.arange(len(boxes)), 2), strict=True):
        box = boxes[box]
        assert box.x0 < word.x0 and word.x1 < box.x1
        assert box.y0 < word.y0 and word.y1 < box.y1
    for one, other in itertools.combinations(words, 2):
        assert not one.overlaps(other)


@pytest.mark.parametrize("name", ["course_map.png", "taxonomy.png"])
def test_the_committed_picture_has_the_size_that_is_drawn(figures, name):
    file = io.BytesIO()
    figures[name].savefig(file, format="png", dpi=150)
    assert Image.open(course_map.FIGURES / name).size == Image.open(file).size


def test_every_lesson_is_on_the_map():
    assert set(course_map.LESSONS) == {f"{n:02}" for n in range(1, 11)}


def test_both_pictures_are_written(tmp_path):
    course_map.main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "course_map.png",
        "taxonomy.png",
    }
