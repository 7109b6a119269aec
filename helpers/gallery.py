"""Large pictures side by side, each with its name."""

import matplotlib.pyplot as plt
import numpy as np

from helpers import plotting


def gallery(named, columns=2, width=11.0):
    """Show {name: picture (h, w[, 1 or 3]) in [0, 1]} in a figure `width` inches wide.

    All pictures should have one shape. Returns the Axes, one a picture. Raises
    ValueError for no picture, or one that `plotting.show_image` cannot show.
    """
    if not named:
        raise ValueError("named is empty; expected {name: picture}")
    columns = min(columns, len(named))
    rows = -(-len(named) // columns)
    height, across = np.shape(next(iter(named.values())))[:2]
    # 0.32 inches for the name above each picture.
    size = (width, rows * (width / columns * height / across + 0.32))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for ax, (name, picture) in zip(axes.flat, named.items(), strict=False):
        plotting.show_image(picture, ax=ax, title=name)
        ax.images[0].set_interpolation("bicubic")  # a picture, not pixels to count
    for ax in axes.flat[len(named) :]:
        ax.axis("off")
    return list(axes.flat[: len(named)])
