"""Images as tiles of one picture: arrays in, arrays out."""

import numpy as np


def finite(values, name):
    """Return `values` as a float array; ValueError when empty or not finite."""
    array = np.asarray(values, dtype=float)
    if array.size == 0:
        raise ValueError(f"{name} is empty: there is nothing to show")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} holds NaN or infinity: if a training diverged, lower its "
            "LEARNING_RATE"
        )
    return array


def as_tiles(images, name="images"):
    """Return images (n, h, w[, 1 or 3]) as floats (n, h, w, 1 or 3) in [0, 1].

    Values outside are clipped. Raises ValueError for no image, another shape,
    NaN, infinity, or integers above 1.
    """
    raw = np.asarray(images)
    array = finite(raw, name)
    if np.issubdtype(raw.dtype, np.integer) and raw.max() > 1:
        raise ValueError(f"{name} holds integers up to {raw.max()}; divide by 255")
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3):
        raise ValueError(f"{name} has shape {raw.shape}; expected (n, h, w[, 1 or 3])")
    return np.clip(array, 0, 1)


def to_bytes(pixels):
    """Return grey or colour values in [0, 1], of any shape, as uint8 from 0 to 255.

    Rounded to the nearest level; values outside [0, 1] are clipped. The one way from
    numbers to a picture's bytes, so that the same picture is the same everywhere.
    """
    pixels = np.asarray(pixels, np.float32)
    return np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)


def sheet(tiles, columns, gap=0, pad=0):
    """Lay tiles (n, h, w, c) out as one white picture, row after row.

    `gap` is the pixels between rows, `pad` those between the tiles of a row.
    """
    n, h, w, channels = tiles.shape
    rows = -(-n // columns)
    picture = np.ones((rows * (h + gap) - gap, columns * (w + pad) - pad, channels))
    for i, tile in enumerate(tiles):
        y, x = i // columns * (h + gap), i % columns * (w + pad)
        picture[y : y + h, x : x + w] = tile
    return picture
