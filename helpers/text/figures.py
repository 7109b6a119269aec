"""Text as a figure: every character in a box whose colour is a number."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.font_manager import FontProperties

from helpers.text.tokens import visible

CELL = (0.098, 0.2)  # inches across and down
_FONT = FontProperties(family="DejaVu Sans Mono", size=9)


def lay_out(text, width):
    """Return (row, column) of each character: int (n, 2). Lines wrap at `width`."""
    places, row, column = [], 0, 0
    for character in text:
        if column == width:
            row, column = row + 1, 0
        places.append((row, column))
        row, column = (row + 1, 0) if character == "\n" else (row, column + 1)
    return np.array(places, int).reshape(-1, 2)


def coloured_text(
    text, values, ax=None, title=None, limits=None, cmap="Oranges", width=84, label=None
):
    """Draw a text with each character on the colour of its value.

    `values` (n,) are finite, one for each character of `text`; `limits` (low, high)
    are the values of the two ends of the colour map; `label` names them beside a
    colour bar. A line break shows as ⏎. Raises ValueError for an empty text, another
    number of values, or values that are not finite.
    """
    values = np.asarray(values, float)
    if not text or values.shape != (len(text),) or not np.isfinite(values).all():
        raise ValueError(
            f"{len(text)} characters and values of shape {values.shape}: give at least "
            "one character, and one finite value for each."
        )
    places = lay_out(text, width)
    rows, columns = places.max(axis=0) + 1
    if ax is None:
        size = (columns * CELL[0] + 0.2, rows * CELL[1] + 0.3 * bool(title))
        ax = plt.subplots(figsize=size)[1]
    cells = np.full((rows, columns), np.nan)
    cells[tuple(places.T)] = values
    low, high = limits or (values.min(), values.max())
    image = ax.imshow(cells, cmap=cmap, vmin=low, vmax=high, aspect="auto", alpha=0.65)
    for character, (row, column) in zip(text, places, strict=True):
        if character != " ":
            ax.text(
                column,
                row,
                visible(character),
                ha="center",
                va="center",
                fontproperties=_FONT,
                parse_math=False,
                color="0.45" if character == "\n" else "0.1",
            )
    ax.set(xticks=[], yticks=[])
    ax.set_title(title or "")
    ax.spines[:].set_visible(False)
    if label:
        bar = ax.figure.colorbar(image, ax=ax, fraction=0.02, pad=0.01, aspect=12)
        bar.set_label(label, fontsize=9)
        bar.outline.set_visible(False)
    return ax
