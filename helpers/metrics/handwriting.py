"""Two properties of handwriting that a picture of a digit has: arrays in and out."""

import numpy as np


def thickness(images):
    """Mean width of the strokes in pixels: images (n, h, w[, 1]) in [0, 1] -> (n,).

    Twice the area of the ink over the length of its edge, as for a long bar. Raises
    ValueError for a wrong shape or a picture without ink.
    """
    ink = _checked(images)
    down, right = np.gradient(np.pad(ink, ((0, 0), (2, 2), (2, 2))), axis=(1, 2))
    return 2 * ink.sum(axis=(1, 2)) / np.hypot(down, right).sum(axis=(1, 2))


def slant(images):
    """How far the writing leans: pixels to the right for each pixel upwards, (n,).

    The shear sum(u r) / sum(u^2) of the ink, with u upwards and r to the right from
    its centre. images (n, h, w[, 1]) in [0, 1]; raises ValueError as `thickness`.
    """
    ink = _checked(images)
    ink = ink / ink.sum(axis=(1, 2), keepdims=True)
    up, right = (_from_centre(ink, places) for places in np.indices(ink.shape[1:]))
    up = -up
    return (ink * up * right).sum(axis=(1, 2)) / (ink * up**2).sum(axis=(1, 2))


def _from_centre(ink, places):
    return places - (ink * places).sum(axis=(1, 2), keepdims=True)


def _checked(images):
    ink = np.asarray(images, "float64")
    ink = ink[..., 0] if ink.ndim == 4 and ink.shape[-1] == 1 else ink
    if ink.ndim != 3:
        raise ValueError(f"images has shape {ink.shape}: expected (n, h, w[, 1]).")
    if not np.all(ink.sum(axis=(1, 2)) > 0):
        raise ValueError("a picture holds no ink, so that its strokes have no width.")
    return ink
