"""GuessGame: pictures without names; say which model drew which, then see."""

import numpy as np
from traitlets import Bytes, Dict, Int, List, Unicode

from helpers import plotting
from helpers.widgets import contact_sheet, front_end
from helpers.widgets.still import StillWidget


class GuessGame(StillWidget):
    """Rows of pictures in an order of chance: guess which name belongs to which.

    `rows` maps a name to its pictures (n, h, w[, 1 or 3]) in [0, 1], all alike; `seed`
    decides the order. Everything happens on the page: no kernel is asked.

    Read `guesses` {row: name} and `right`, the number of right ones among them. Raises
    ValueError for fewer than two rows, or pictures of unequal shapes.
    """

    _esm = front_end.bundle("guess_game.js")

    pixels = Bytes().tag(sync=True)  # uint8, of the shape below: a picture a row
    shape = List(Int(), [0, 0, 0, 0]).tag(sync=True)  # rows, h, w, c
    names = List(Unicode()).tag(sync=True)  # as they are offered
    answers = List(Unicode()).tag(sync=True)  # the name of each row
    guesses = Dict().tag(sync=True)  # {number of the row as a str: name}

    def __init__(self, rows, seed=0):
        if len(rows) < 2:
            raise ValueError(f"{len(rows)} rows: there is nothing to guess below 2.")
        tiles = {name: plotting.as_tiles(pictures) for name, pictures in rows.items()}
        shapes = {name: t.shape for name, t in tiles.items()}
        if len(set(shapes.values())) > 1:
            raise ValueError(f"the rows' pictures have unequal shapes: {shapes}")
        answers = list(np.random.default_rng(seed).permutation(list(tiles)))
        sheets = [plotting.sheet(tiles[n], len(tiles[n]), pad=2) for n in answers]
        pixels = plotting.to_bytes(np.stack(sheets))
        super().__init__(
            pixels=pixels.tobytes(),
            shape=list(pixels.shape),
            names=list(tiles),
            answers=answers,
        )

    @property
    def right(self):
        """How many rows are guessed rightly so far."""
        return sum(self.answers[int(row)] == name for row, name in self.guesses.items())

    def __repr__(self):
        return (
            f"GuessGame: {len(self.answers)} rows, {len(self.guesses)} guessed, "
            f"{self.right} of them right"
        )

    def _sheet(self):
        """A still of the rows under letters, without the answers."""
        sheets = np.frombuffer(self.pixels, np.uint8).reshape(self.shape)
        letters = [chr(ord("A") + i) for i in range(len(sheets))]
        in_colour = np.broadcast_to(sheets, (*sheets.shape[:3], 3))
        return contact_sheet.strip(in_colour, letters, "", columns=1)
