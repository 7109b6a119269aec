"""Figures of the course: arrays in, Axes out.

Every helper draws into `ax`, or into a figure of its own when `ax` is None, and
returns the Axes. End a notebook cell with a semicolon to hide the returned text.
Arrays may be NumPy arrays or anything that `np.asarray` takes, such as a tensor.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from helpers.plotting import lettering
from helpers.plotting.tiles import as_tiles, finite, sheet

PALETTE = tuple(sns.color_palette("colorblind").as_hex())
STYLE = Path(__file__).resolve().parents[1] / "assets" / "course.mplstyle"
WIDTH = 8.0  # inches; about 880 pixels, the width of a notebook's column
# White is zero, blue below, orange-red above: told apart by every reader.
_SIGNED = sns.blend_palette([PALETTE[0], "white", PALETTE[3]], as_cmap=True)


def use_style():
    """Load the course's matplotlib style; the only global change made here."""
    plt.style.use(STYLE)


def show_image(image, ax=None, title=None, caption=None):
    """Show one image (h, w), (h, w, 1) or (h, w, 3) with values in [0, 1].

    `caption` is written below. Raises ValueError for a wrong shape, integers
    above 1 or NaN.
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3):
        raise ValueError(f"image has shape {image.shape}; expected (h, w[, 1 or 3])")
    tile = as_tiles(image[None])[0]
    height, width = np.array(tile.shape[:2]) * 3.2 / max(tile.shape[:2])
    ax = _picture(tile, ax, (width, height + 0.3 * bool(title or caption)))
    ax.set_title(title or "")
    ax.set_xlabel("" if caption is None else str(caption))
    return ax


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
        show_image(picture, ax=ax, title=name)
        ax.images[0].set_interpolation("bicubic")  # a picture, not pixels to count
    for ax in axes.flat[len(named) :]:
        ax.axis("off")
    return list(axes.flat[: len(named)])


def image_grid(images, columns=10, titles=None, ax=None, pad=1):
    """Show images (n, h, w[, 1 or 3]) in [0, 1] as one picture, row after row.

    `titles` has one short text an image, written above it; `pad` is the gap in
    pixels. Raises ValueError for no image, a wrong shape or a wrong number of titles.
    """
    tiles = as_tiles(images)
    n, h, w = tiles.shape[:3]
    columns = min(columns, n)
    if columns < 1 or pad < 0:
        raise ValueError(f"columns={columns}, pad={pad}: columns >= 1 and pad >= 0")
    if titles is not None and len(titles) != n:
        raise ValueError(f"{len(titles)} titles for {n} images")
    inches = min(WIDTH / columns, 1.6 if titles is not None else 1.0)
    # Titles need a gap of 0.24 inches, here in pixels of the picture.
    gap = pad if titles is None else max(pad, round(0.24 * w / inches))
    picture = sheet(tiles, columns, gap, pad)
    height = inches / w * picture.shape[0]
    ax = _picture(picture, ax, (columns * inches, height + 0.24 * (titles is not None)))
    for i, words in enumerate(titles if titles is not None else ()):
        row, column = divmod(i, columns)
        x, y = column * (w + pad) + (w - 1) / 2, row * (h + gap) - 0.5
        lettering.write(ax, words, (x, y), (0, 2), ha="center", va="bottom", fontsize=9)
    return ax


def image_rows(rows, captions=None, ax=None, pad=1):
    """Show rows of images under one another, each with its name at the left.

    `rows` maps a name to images (n, h, w[, 1 or 3]) in [0, 1], all of one n, h, w.
    `captions` maps some of the names to a text or number, written at the right.
    Raises ValueError for rows that differ in shape and for a caption without a row.
    """
    if not rows:
        raise ValueError("rows is empty; expected {name: images}")
    tiles = [as_tiles(images, name) for name, images in rows.items()]
    shapes = {name: t.shape[:3] for name, t in zip(rows, tiles, strict=True)}
    if len(set(shapes.values())) > 1:
        raise ValueError(f"rows differ in (number, height, width): {shapes}")
    captions = captions or {}
    if unknown := set(captions) - set(rows):
        raise ValueError(f"captions for rows that do not exist: {sorted(unknown)}")
    n, h, w = shapes[next(iter(rows))]
    channels = max(t.shape[-1] for t in tiles)
    tiles = [np.repeat(t, channels // t.shape[-1], axis=-1) for t in tiles]
    gap = max(pad, round(0.06 * h))
    picture = sheet(np.concatenate(tiles), n, gap, pad)
    inches = min(0.75 * WIDTH / n, 0.9)
    ax = _picture(picture, ax, (inches * n + 2, inches / w * picture.shape[0] + 0.1))
    centres = np.arange(len(rows)) * (h + gap) + (h - 1) / 2
    ax.set_yticks(centres, list(rows))
    ax.tick_params(length=0)
    for name, y in zip(rows, centres, strict=True):
        if name in captions:
            at = (picture.shape[1] - 0.5, y)
            lettering.write(
                ax, lettering.number(captions[name]), at, (6, 0), fontsize=10
            )
    return ax


def manifold(images, x_values, y_values, ax=None, title=None):
    """Show decoded tiles where their codes lie: z_1 to the right, z_2 upwards.

    `images` (len(y_values) * len(x_values), h, w[, 1 or 3]) in [0, 1], x running
    fastest: the decoded `np.stack(np.meshgrid(x_values, y_values), -1).reshape(-1, 2)`.
    Raises ValueError when the number of images is not that of the grid.
    """
    tiles = as_tiles(images)
    columns, rows = len(x_values), len(y_values)
    if len(tiles) != rows * columns:
        raise ValueError(f"{len(tiles)} images for a grid of {columns} x {rows} codes")
    h, w = tiles.shape[1:3]
    upwards = tiles.reshape(rows, columns, *tiles.shape[1:])[::-1]
    picture = sheet(upwards.reshape(tiles.shape), columns)
    height, width = np.array(picture.shape[:2]) * 5.6 / max(picture.shape[:2])
    ax = _picture(picture, ax, (width + 0.7, height + 0.6))
    some = lettering.evenly(columns)
    ax.set_xticks(
        some * w + (w - 1) / 2, [lettering.number(x_values[i], "{:.2g}") for i in some]
    )
    some = lettering.evenly(rows)
    ticks = (rows - 1 - some) * h + (h - 1) / 2
    ax.set_yticks(ticks, [lettering.number(y_values[i], "{:.2g}") for i in some])
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    ax.set_title(title or "")
    return ax


def curves(
    lines, x=None, xlabel="epoch", ylabel="loss", ax=None, title=None, log=False
):
    """Draw lines {name: values}, each with its name at its right end.

    Values are (t,), or (runs, t), drawn as their mean and a band from the smallest
    to the largest. `x` is (t,) and counts from 1 by default; `log` makes the y axis
    logarithmic. Raises ValueError for lines that are empty, not finite, not as long
    as x, or not positive on a logarithmic axis.
    """
    if not lines:
        raise ValueError("lines is empty; expected {name: values}")
    ax = _axes(ax)
    ends = {}
    for i, (name, values) in enumerate(lines.items()):
        runs = np.atleast_2d(finite(values, name))
        at = np.arange(1, runs.shape[-1] + 1) if x is None else finite(x, "x")
        if runs.ndim != 2 or at.shape != (runs.shape[1],):
            raise ValueError(f"{name} has shape {np.shape(values)}, x {at.shape}")
        if log and runs.min() <= 0:
            raise ValueError(f"{name} has values <= 0; a log axis needs them positive")
        mean, colour = runs.mean(axis=0), PALETTE[i % len(PALETTE)]
        marker = "o" if len(at) <= 12 else None
        ax.plot(at, mean, color=colour, marker=marker, markersize=4)
        if len(runs) > 1:
            low, high = runs.min(axis=0), runs.max(axis=0)
            ax.fill_between(at, low, high, color=colour, alpha=0.2, lw=0)
        ends[name] = (at[-1], mean[-1], colour)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    ax.set_title(title or "")
    if x is None:  # there are no half epochs
        ax.xaxis.get_major_locator().set_params(integer=True)
    if log:  # 0.05 instead of 5 x 10^-2
        ax.yaxis.set_major_formatter(lettering.PlainLog())
        ax.yaxis.set_minor_formatter(lettering.PlainLog(minor_thresholds=(1.5, 0.5)))
    lettering.name_ends(ax, ends)
    return ax


def code_scatter(codes, labels, ax=None, title=None, class_names=None, limits=None):
    """Draw codes (n, 2) as points coloured by class, named at each class's median.

    `labels` (n,) are integers, or None for grey points without a name; `class_names`
    is indexed by label; `limits` is (low, high) for both axes. Raises ValueError for
    codes that are not (n, 2), not finite, or not as many as the labels.
    """
    codes = finite(codes, "codes")
    if codes.ndim != 2 or codes.shape[1] != 2:
        raise ValueError(f"codes has shape {codes.shape}; expected (n, 2)")
    if labels is not None and np.shape(labels) != (len(codes),):
        raise ValueError(f"labels has shape {np.shape(labels)} for {len(codes)} codes")
    ax = _axes(ax, (5.2, 5.2))
    size = float(np.clip(12000 / len(codes), 4, 16))
    style = {"s": size, "alpha": 0.6, "linewidths": 0, "rasterized": True}
    if labels is None:
        ax.scatter(*codes.T, color="0.5", **style)
    else:
        labels = np.asarray(labels).astype(int)
        # One call in the given order, so that no class is painted over the others.
        colours = np.array(PALETTE)[labels % len(PALETTE)]
        ax.scatter(*codes.T, c=colours, **style)
    ax.set(xlabel="$z_1$", ylabel="$z_2$")
    ax.set_title(title or "")
    if limits is not None:
        ax.set(xlim=limits, ylim=limits)
    ax.set_aspect("equal", adjustable="datalim" if limits is None else "box")
    if labels is not None:
        present = np.unique(labels)
        centres = [np.median(codes[labels == label], axis=0) for label in present]
        names = present if class_names is None else [class_names[i] for i in present]
        lettering.name_points(ax, names, centres)
    return ax


def bars(values, errors=None, xlabel="", ax=None, title=None, form="{:.3g}"):
    """Draw {name: number} as horizontal bars, each with its number at its end.

    `errors` maps some of the names to the half-length of an error bar; `form` formats
    the numbers. Raises ValueError for no value or one that is not finite.
    """
    numbers = finite(list(values.values()), "values")
    errors = errors or {}
    if unknown := set(errors) - set(values):
        raise ValueError(f"errors for bars that do not exist: {sorted(unknown)}")
    spans = finite([errors.get(name, 0.0) for name in values], "errors")
    ax = _axes(ax, (6.4, 0.7 + 0.38 * len(numbers)))
    at = np.arange(len(numbers))
    ax.barh(at, numbers, height=0.65, color=PALETTE[0])
    if spans.any():
        drawn = np.where(spans > 0, spans, np.nan)
        ax.errorbar(numbers, at, xerr=drawn, fmt="none", ecolor="0.2", capsize=3)
    for y, number, span in zip(at, numbers, spans, strict=True):
        left = number < 0
        end = number - span if left else number + span
        shift, side = ((-5, 0), "right") if left else ((5, 0), "left")
        lettering.write(
            ax, lettering.number(number, form), (end, y), shift, ha=side, fontsize=10
        )
    ax.set_yticks(at, list(values))
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlabel(xlabel)
    ax.set_title(title or "")
    return ax


def matrix(array, ax=None, title=None, xlabel="", ylabel="", annotate=False):
    """Draw an array (rows, columns): white is 0, orange positive, blue negative.

    `annotate` writes the number into each cell. For Jacobians and masks. Raises
    ValueError for an array that is empty, not finite or not of rank 2.
    """
    array = finite(array, "array")
    if array.ndim != 2:
        raise ValueError(f"array has shape {array.shape}; expected (rows, columns)")
    rows, columns = np.array(array.shape) * 4.2 / max(array.shape)
    ax = _axes(ax, (columns + 1.4, max(rows, 1) + 0.7))
    largest = np.abs(array).max() or 1.0
    step = -(-max(array.shape) // 16)
    sns.heatmap(
        array,
        ax=ax,
        cmap=_SIGNED,
        vmin=-largest,
        vmax=largest,
        square=True,
        annot=annotate,
        fmt=".2g",
        linewidths=0.5 * (step == 1),
        linecolor="0.85",
        xticklabels=step,
        yticklabels=step,
        cbar_kws={"shrink": 0.8},
    )
    ax.tick_params(length=0, rotation=0)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    return ax


def _axes(ax, figsize=None):
    return plt.subplots(figsize=figsize)[1] if ax is None else ax


def _picture(array, ax, figsize):
    """Show (h, w, 1 or 3) without frame or ticks."""
    ax = _axes(ax, figsize)
    ax.imshow(array[..., 0] if array.shape[-1] == 1 else array, vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax
