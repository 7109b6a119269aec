"""Drawings made into digits as MNIST has them: scaled, anti-aliased and centred."""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 196  # pixels a side of the explorer's canvas as it reaches Python
SCALED = 20  # MNIST: the longer side of the ink's box
FIELD = 28
CENTRE = 14.5  # where MNIST's own digits have their centre of mass: pixel 14's middle
FAINTEST = 0.3  # of full ink: what counts as drawn when the box is found


def centred(drawing):
    """Return a drawing as float32 (28, 28) in [0, 1], ink 1 on paper 0.

    `drawing` (h, w) is uint8 or floats, ink high. As in MNIST (LeCun et al. 1998)
    the ink's box is scaled to 20 pixels on its longer side, with anti-aliasing, and
    moved by whole pixels so that its centre of mass is in the middle. Raises
    ValueError if it is empty.
    """
    ink = np.asarray(drawing, np.float32)
    if ink.ndim != 2 or not ink.size or not ink.max() > 0:
        raise ValueError("The drawing is empty.")
    scaled = _scale(_crop(ink / ink.max()))
    top, left = (round(CENTRE - centre) for centre in _centre_of_mass(scaled))
    height, width = scaled.shape
    field = np.zeros((FIELD, FIELD), np.float32)
    top, left = np.clip(top, 0, FIELD - height), np.clip(left, 0, FIELD - width)
    field[top : top + height, left : left + width] = scaled
    return field


def _crop(ink):
    rows = np.flatnonzero((ink > FAINTEST).any(axis=1))
    columns = np.flatnonzero((ink > FAINTEST).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scale(ink):
    """Scale to 20 pixels on the longer side; each new pixel averages old ones."""
    factor = SCALED / max(ink.shape)
    size = [max(1, round(side * factor)) for side in ink.shape[::-1]]
    smooth = Image.Resampling.BOX if factor < 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(ink).resize(size, smooth)).clip(0, 1)


def _centre_of_mass(ink):
    """Return (y, x), where the centre of the first pixel is (0.5, 0.5)."""
    places = np.indices(ink.shape) + 0.5
    return (places * ink).sum(axis=(1, 2)) / ink.sum()


def to_drawing(example=None):
    """Return the bytes of a drawing of SIDE x SIDE for an image, or of a seven.

    `example` (h, w) or (h, w, 1), uint8 or floats, ink high. Raises ValueError for
    another shape.
    """
    if example is None:
        return _seven().tobytes()
    example = np.asarray(example, np.float32)
    if example.ndim == 3 and example.shape[2] == 1:
        example = example[..., 0]
    if example.ndim != 2 or not example.size:
        raise ValueError(f"example has shape {example.shape}: give (h, w).")
    ink = Image.fromarray(np.clip(example / max(example.max(), 1e-6), 0, 1) * 255)
    large = ink.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(large).clip(0, 255).astype(np.uint8).tobytes()


def _seven():
    """A drawn seven, painted at four times the size to have smooth edges."""
    page = Image.new("L", (4 * SIDE, 4 * SIDE))
    corners = [(232, 216), (552, 200), (504, 336), (400, 600)]
    pen = ImageDraw.Draw(page)
    pen.line(corners, fill=255, width=62, joint="curve")
    for x, y in (corners[0], corners[-1]):
        pen.ellipse((x - 31, y - 31, x + 31, y + 31), fill=255)
    return np.asarray(page.resize((SIDE, SIDE), Image.Resampling.BOX))
