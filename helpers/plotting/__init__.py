"""Figures of the course: arrays in, Axes out.

Every function draws into `ax`, or into a figure of its own when `ax` is None, and
returns the Axes. End a notebook cell with a semicolon to hide the returned text.
Arrays may be NumPy arrays or anything that `np.asarray` takes, such as a tensor.
"""

from helpers.plotting.data_flow import pipeline
from helpers.plotting.figures import (
    PALETTE,
    WIDTH,
    bars,
    code_scatter,
    curves,
    gallery,
    image_grid,
    image_rows,
    manifold,
    matrix,
    show_image,
    use_style,
)
from helpers.plotting.lstm_cell import lstm_cell
from helpers.plotting.tiles import as_tiles, sheet, to_bytes
from helpers.plotting.toy_games import line_frame, ring_frame

__all__ = [
    "PALETTE",
    "WIDTH",
    "as_tiles",
    "bars",
    "code_scatter",
    "curves",
    "gallery",
    "image_grid",
    "image_rows",
    "line_frame",
    "lstm_cell",
    "manifold",
    "matrix",
    "pipeline",
    "ring_frame",
    "sheet",
    "show_image",
    "to_bytes",
    "use_style",
]
