"""Pictures as uint8 arrays: what an animation's frames are made of."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import plotting

STRIP_HEIGHT = 24
PAPER, INK = 255, 60


def to_rgb(frame):
    """Return a frame as uint8 RGB, shaped (h, w, 3).

    `frame` is an array (h, w), (h, w, 1) or (h, w, 3) of uint8 or of floats in
    [0, 1], or a matplotlib figure. Raises ValueError for anything else.
    """
    if hasattr(frame, "savefig"):
        return _figure_to_rgb(frame)
    pixels = _as_bytes(np.asarray(frame))
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or 0 in pixels.shape:
        raise ValueError(
            f"A frame of shape {np.shape(frame)} is no picture: give (h, w), "
            "(h, w, 1) or (h, w, 3)."
        )
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _as_bytes(pixels):
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == bool:
        return pixels * np.uint8(255)
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ValueError(
            f"A frame of {pixels.dtype} is ambiguous: give uint8, or floats in [0, 1]."
        )
    if not np.isfinite(pixels).all():
        raise ValueError("The frame has values that are not finite (NaN or infinity).")
    low, high = pixels.min(initial=0.0), pixels.max(initial=1.0)
    if low < -0.01 or high > 1.01:
        raise ValueError(
            f"The frame's values run from {pixels.min():.3g} to {pixels.max():.3g}: "
            "scale them to [0, 1] first."
        )
    return plotting.to_bytes(pixels)


def _figure_to_rgb(figure):
    """Draw a figure and take it from pyplot, so that a notebook does not repeat it."""
    from matplotlib import pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = figure.canvas
    if not hasattr(canvas, "buffer_rgba"):
        canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.array(canvas.buffer_rgba())[..., :3]
    plt.close(figure)
    return pixels


def enlarge(pixels, smallest):
    """Repeat pixels a whole number of times until no side is below `smallest`."""
    times = max(1, -(-smallest // min(pixels.shape[:2])))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def caption(pixels, text):
    """Return the picture (h, w, 3) with a strip below it that holds the text."""
    width = pixels.shape[1]
    strip = Image.new("RGB", (width, STRIP_HEIGHT), (PAPER,) * 3)
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(size=14)
    draw.text((6, STRIP_HEIGHT / 2), text, fill=(INK,) * 3, font=font, anchor="lm")
    return np.concatenate([pixels, np.asarray(strip)])
