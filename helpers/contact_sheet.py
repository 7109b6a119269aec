"""Explorers as one still picture, for pages where no widget can live."""

import io

import numpy as np
from matplotlib.figure import Figure

from helpers import plotting


def latent(tiles, values, axes, codes, labels, class_names, title):
    """Return a PNG of the codes' plane beside the decoded tiles that lie on it.

    `tiles` uint8 (len(y) * len(x), h, w, c), x fastest, for `values` = (x, y) along
    the two dimensions `axes`; `codes` (n, 2), which may be empty, and `labels` (n,),
    -1 where there are none.
    """
    beside = len(codes) > 0
    figure = Figure(figsize=(9.6 if beside else 5.2, 4.8), layout="constrained")
    places = figure.subplots(1, 2 if beside else 1, squeeze=False)[0]
    if beside:
        named = labels if (labels >= 0).all() else None
        plotting.code_scatter(codes, named, places[0], "Codes", class_names)
        places[0].set(xlim=values[0][[0, -1]], ylim=values[1][[0, -1]], aspect="auto")
        places[0].set_box_aspect(1)
    in_colour = np.broadcast_to(tiles / 255, (*tiles.shape[:3], 3))  # grey stays grey
    plotting.manifold(in_colour, *values, places[-1], title)
    for ax in places:
        ax.set(xlabel=f"$z_{{{axes[0] + 1}}}$", ylabel=f"$z_{{{axes[1] + 1}}}$")
    return _png(figure)


def drawn(digit, pictures, class_names):
    """Return a PNG of what was drawn and of the pictures decoded from its code.

    `digit` uint8 (0 or 1, 28, 28); `pictures` uint8 (n, h, w, c), one a class, or
    one alone, or none where nothing is drawn.
    """
    images = [*digit[..., None], *pictures] or [np.full((28, 28, 1), 255, np.uint8)]
    names = class_names if len(pictures) > 1 else ["decoded"]
    captions = ["drawn" if len(digit) else "nothing drawn", *names]
    figure = Figure(figsize=(1.1 * len(images) + 0.6, 1.6), layout="constrained")
    places = figure.subplots(1, len(images), squeeze=False)[0]
    for ax, image, name in zip(places, images, captions, strict=False):
        shown = np.broadcast_to(image, (*image.shape[:2], 3))
        ax.imshow(shown, interpolation="nearest")
        ax.set_title(name, loc="center", fontsize=11)
        ax.axis("off")
    return _png(figure)


def _png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()
