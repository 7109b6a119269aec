"""GuessGame: rows in an order of chance, guesses counted, a still without answers."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import widgets

ROWS = {
    name: np.full((10, 28, 28), level)
    for name, level in (("dark", 0.1), ("grey", 0.5), ("light", 0.9))
}


def test_each_row_has_the_pictures_of_its_answer():
    game = widgets.GuessGame(ROWS, seed=1)
    sheets = np.frombuffer(game.pixels, np.uint8).reshape(game.shape)
    assert sorted(game.answers) == sorted(ROWS)
    for sheet, name in zip(sheets, game.answers, strict=True):
        assert sheet[5, 5, 0] == round(255 * ROWS[name][0, 0, 0])


def test_the_seed_decides_the_order():
    orders = {tuple(widgets.GuessGame(ROWS, seed).answers) for seed in range(8)}
    assert len(orders) > 1
    assert widgets.GuessGame(ROWS, 3).answers == widgets.GuessGame(ROWS, 3).answers


def test_right_guesses_are_counted():
    game = widgets.GuessGame(ROWS)
    first, second, third = game.answers
    game.guesses = {"0": first, "1": third}
    assert game.right == 1
    assert repr(game) == "GuessGame: 3 rows, 2 guessed, 1 of them right"


def test_the_still_shows_every_row():
    image = Image.open(io.BytesIO(widgets.GuessGame(ROWS).static().data))
    assert image.height > 200 and np.asarray(image.convert("L")).std() > 20


@pytest.mark.parametrize(
    "rows, message",
    [
        ({"one": ROWS["dark"]}, "nothing to guess"),
        ({"a": ROWS["dark"], "b": ROWS["grey"][:3]}, "unequal shapes"),
    ],
)
def test_rows_that_make_no_game_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        widgets.GuessGame(rows)
