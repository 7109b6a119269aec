"""A figure's words: where they go so that none covers another, numbers as text."""

import matplotlib.patheffects
import matplotlib.ticker
import numpy as np

_HALO = [matplotlib.patheffects.withStroke(linewidth=3, foreground="white")]


def write(ax, words, at, shift=(0, 0), va="center", **look):
    """Write words at data coordinates `at`, moved by `shift` points."""
    place = {"xytext": tuple(shift), "textcoords": "offset points"}
    ax.annotate(str(words), at, **place, va=va, annotation_clip=False, **look)


def name_ends(ax, ends):
    """Write each line's name at its end, moved up or down so that none overlap.

    `ends` maps a name to (x, y, colour). Call it after the limits are set.
    """
    ax.figure.draw_without_rendering()  # fixes the layout, hence where the ends are
    points = {name: _points(ax, x, y)[1] for name, (x, y, _) in ends.items()}
    order = sorted(points, key=points.get)
    floor = _points(ax, *ax.viewLim.min)[1] + 7  # clear of the axis below
    heights = apart([points[name] for name in order], gap=14, floor=floor)
    for name, height in zip(order, heights, strict=True):
        x, y, colour = ends[name]
        shift = (7, height - points[name])
        write(ax, name, (x, y), shift, color=colour, weight="bold")


def name_points(ax, names, centres, gap=15):
    """Write each name at its centre (n, 2), pushed from names closer than `gap` points.

    The push is never far: it only keeps short names from covering each other.
    """
    ax.figure.draw_without_rendering()  # fixes the layout, hence the centres
    start = np.array([_points(ax, x, y) for x, y in centres])
    at = start + 1e-3 * np.arange(len(start))[:, None]  # parts equal centres
    for _ in range(100):
        delta = at[:, None] - at[None]
        distance = np.linalg.norm(delta, axis=-1) + np.eye(len(at)) * gap
        push = np.maximum(gap - distance, 0) / 2 / distance
        at = at + (delta * push[..., None]).sum(axis=1)
    for name, centre, offset in zip(names, centres, at - start, strict=True):
        look = {"ha": "center", "weight": "bold", "fontsize": 12}
        write(ax, name, centre, offset, **look, path_effects=_HALO)


def apart(heights, gap, floor=-np.inf):
    """Move ascending heights as little as needed until neighbours differ by `gap`.

    Heights that are too close become a stack around their mean; none is below `floor`.
    """
    stacks = []  # [sum over members of height - gap * index, number of members]
    for height in heights:
        stacks.append([height, 1])
        while len(stacks) > 1:
            (low, n), (high, m) = stacks[-2:]
            if high / m - low / n >= gap * n:
                break
            stacks[-2:] = [[low + high - gap * n * m, n + m]]
    placed = [total / n + gap * i for total, n in stacks for i in range(n)]
    return [max(y, floor + gap * i) for i, y in enumerate(placed)]


def evenly(n):
    """Return about six indices from 0 to n - 1, ends included, even if n allows."""
    count = next((k for k in (7, 6, 8, 5) if (n - 1) % (k - 1) == 0), 6)
    return np.unique(np.linspace(0, n - 1, min(n, count)).round().astype(int))


def number(value, form="{:.3g}"):
    """Return a text as it is and a number as text, with a real minus sign."""
    return value if isinstance(value, str) else form.format(value).replace("-", "−")


class PlainLog(matplotlib.ticker.LogFormatter):
    """The default choice of labels on a logarithmic axis, in plain numbers."""

    def __call__(self, x, pos=None):
        return f"{x:g}" if super().__call__(x, pos) else ""


def _points(ax, x, y):
    """Return where data coordinates lie on the page, in points."""
    return ax.transData.transform((x, y)) * 72 / ax.figure.dpi
