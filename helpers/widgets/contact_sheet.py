"""Explorers as one still picture, for pages where no widget can live."""

import io

import numpy as np
from matplotlib.figure import Figure

from helpers import plotting


def latent(tiles, values, axes, codes, labels, class_names, titles):
    """Return a PNG of the codes' plane beside the decoded tiles that lie on it.

    `tiles` uint8 (len(y) * len(x), h, w, c), x fastest, for `values` = (x, y) along
    the two dimensions `axes`; `codes` (n, 2), which may be empty, and `labels` (n,),
    -1 where there are none. A tile is several pictures side by side, as many as there
    are `titles`; each gets a plane of its own.
    """
    beside = len(codes) > 0
    size = (4.4 * (beside + len(titles)) + 0.8, 4.8)
    figure = Figure(figsize=size, layout="constrained")
    places = figure.subplots(1, beside + len(titles), squeeze=False)[0]
    if beside:
        named = labels if (labels >= 0).all() else None
        plotting.code_scatter(codes, named, places[0], "Codes", class_names)
        places[0].set(xlim=values[0][[0, -1]], ylim=values[1][[0, -1]], aspect="auto")
        places[0].set_box_aspect(1)
    in_colour = np.broadcast_to(tiles / 255, (*tiles.shape[:3], 3))  # grey stays grey
    parts = np.array_split(in_colour, len(titles), axis=2)
    for ax, part, title in zip(places[beside:], parts, titles, strict=True):
        plotting.manifold(part, *values, ax, title)
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


def next_token(text, names, panels, rows):
    """Return a PNG of the probabilities of the token that follows a text.

    `panels` maps a title to probabilities (tokens,), `names` are the tokens'; the
    `rows` that are most probable in the first panel are shown, in its order.
    """
    first = next(iter(panels.values()))
    best = np.argsort(-first, kind="stable")[:rows]
    figure = Figure(figsize=(9.6, 0.6 + 0.22 * rows), layout="constrained")
    places = figure.subplots(1, len(panels), sharey=True)
    at, largest = np.arange(len(best)), 1.05 * max(map(np.max, panels.values()))
    for ax, (title, p) in zip(places, panels.items(), strict=True):
        ax.barh(at, first[best], height=0.85, color="0.82")
        ax.barh(at, p[best], height=0.45, color=plotting.PALETTE[0])
        ax.set_title(title, fontsize=10)
        ax.set(xlim=(0, largest), xlabel="probability")
    places[0].set_yticks(at, [names[i] for i in best], family="DejaVu Sans Mono")
    places[0].invert_yaxis()
    shown = text[-60:].replace("\n", "⏎").replace("$", r"\$")
    start = "…" if len(text) > 60 else ""
    figure.suptitle(f"What comes after “{start}{shown}”?", fontsize=11)
    return _png(figure)


def strip(pictures, captions, label, columns=4):
    """Return a PNG of pictures uint8 (n, h, w, 3), each with its caption above it.

    `label` says what the captions tell of; at most `columns` stand side by side.
    """
    columns = min(len(pictures), columns)
    rows = -(-len(pictures) // columns)
    width = 9.6 / columns if columns > 1 else 4.0
    height = width * pictures.shape[1] / pictures.shape[2] + 0.3
    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in places:
        ax.axis("off")
    for ax, image, caption in zip(places, pictures, captions, strict=False):
        ax.imshow(image)
        ax.set_title(f"{label} {caption}".strip(), loc="center", fontsize=11)
    return _png(figure)


def _png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()
