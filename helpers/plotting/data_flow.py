"""A model's data flow as a picture: boxes, arrows, each loss and who learns from it."""

import matplotlib.colors
import matplotlib.patches
import matplotlib.path
import matplotlib.pyplot as plt
import numpy as np

from helpers.plotting.figures import PALETTE, WIDTH

# Orange and vermilion, grey and yellow are left out: too alike, or too pale.
_COLOURS = [PALETTE[i] for i in (0, 1, 2, 4, 5)]
_SIZE, _SMALL = 10, 8.5  # points
_PAD = 0.09  # inches between words and border, and between the lines of a loss
_GAP, _NARROW, _ROW_GAP = 0.55, 0.26, 0.36  # inches between boxes
_MARGIN = 0.12  # inches around all
_KEY = "On grey: a loss, and who learns from it."
_KEY_DASHED = " Dashed: its gradient."
_LANE = 0.07  # inches by which arrows there and back keep out of each other's way


def pipeline(boxes, networks, losses, arrows, gradients=(), title=None):
    """Draw a model as boxes on a grid, arrows between them, and its loss terms.

    `boxes` (what flows: pictures, codes, noise) and `networks` map a name to
    (column, row) or (column, row, words), `losses` to (column, row, words, learners):
    the names of the boxes or networks that learn from that loss, written under it.
    Rows count downwards; columns and rows may lie between two whole numbers. What
    learns has a colour of its own; a network that learns from nothing is grey.

    `arrows` are (from, to), a chain (a, b, c, ...) of them, or (from, to, corners) with
    the grid points (column, row) that the arrow goes around by. `gradients` are given
    alike and drawn dashed, in the colour of what they arrive at. An arrow meets a box
    square on where its last corner lies beside, above or below it, and otherwise aims
    at its centre.

    Returns the Axes of a figure of its own; `ax.get_label()` has the picture in
    words. Raises ValueError for a name given twice or unknown, boxes that overlap or
    do not fit the width of a notebook, and an arrow that crosses a box.
    """
    items = {}
    for kind, group in (("box", boxes), ("network", networks), ("loss", losses)):
        for name, spec in group.items():
            if name in items:
                raise ValueError(f"{name!r} is given twice; every box has its own name")
            items[name] = _item(name, kind, spec)
    lines = [(*line, False) for chain in arrows for line in _links(chain)]
    lines += [(*line, True) for chain in gradients for line in _links(chain)]
    named = [name for start, end, *_ in lines for name in (start, end)]
    named += [name for item in items.values() for name in item["learners"]]
    if unknown := sorted({name for name in named if name not in items}):
        raise ValueError(f"no box is called {unknown}; there are {sorted(items)}")
    _colour(items)
    figure = plt.figure(layout="none")
    try:
        ax = _figure(figure, items, lines, title)
    except ValueError:
        plt.close(figure)  # else a notebook would show it, half drawn
        raise
    ax.set_label(_in_words(items, lines, title))
    return ax


def _figure(figure, items, lines, title):
    ax = figure.add_axes((0, 0, 1, 1))
    _measure(figure, items)
    corners = [corner for _, _, corners, _ in lines for corner in corners]
    key = _KEY if any(item["learners"] for item in items.values()) else ""
    key += _KEY_DASHED if any(dashed for *_, dashed in lines) else ""
    place = _lay_out(figure, ax, items, corners, title, key)
    for item in items.values():
        _draw(ax, item, items)
    pairs = {(start, end) for start, end, corners, _ in lines if not corners}
    for start, end, corners, dashed in lines:
        shift = _LANE if (end, start) in pairs and not corners else 0.0
        around = [place(*corner) for corner in corners]
        points = _route(items, start, end, around, shift)
        _refuse_crossing(items, start, end, points)
        _arrow(ax, points, items[end]["colour"] if dashed else "0.25", dashed)
    return ax


def _item(name, kind, spec):
    if kind == "loss":
        column, row, words, learners = spec
    else:
        (column, row, *rest), learners = spec, ()
        words = rest[0] if rest else name
    learners = [learners] if isinstance(learners, str) else list(learners)
    return {"kind": kind, "at": (column, row), "words": words, "learners": learners}


def _links(chain):
    """Yield (from, to, corners) of one entry of `arrows`."""
    *names, last = chain
    if isinstance(last, str):
        corners, names = [], [*names, last]
    else:
        corners = [tuple(corner) for corner in last]
    if len(names) < 2 or (corners and len(names) > 2):
        raise ValueError(f"{chain!r} is neither a chain nor (from, to, corners)")
    for start, end in zip(names[:-1], names[1:], strict=True):
        yield start, end, corners


def _colour(items):
    """Give what learns a colour, in the order in which it stands in the call."""
    learning = {name for item in items.values() for name in item["learners"]}
    free = iter(_COLOURS * (1 + len(items) // len(_COLOURS)))
    for name, item in items.items():
        grey = "0.45" if item["kind"] == "network" else "0.6"
        item["colour"] = next(free) if name in learning else grey


def _measure(figure, items):
    """Set each item's size (width, height) in inches, from its words."""

    def extent(words, size):
        text = figure.text(0, 0, words, fontsize=size, linespacing=1.3)
        box = text.get_window_extent(figure.canvas.get_renderer())
        text.remove()
        return np.array([box.width, box.height]) / figure.dpi

    for item in items.values():
        item["text"] = extent(item["words"], _SIZE)
        item["size"] = np.maximum(item["text"] + 2 * _PAD, (0.42, 0.36))
        item["pills"] = [
            extent(name, _SMALL) + (1.2 * _PAD, 0.7 * _PAD) for name in item["learners"]
        ]
        if item["pills"]:
            widths, heights = np.transpose(item["pills"])
            width = widths.sum() + _PAD * (len(widths) + 1)
            width = max(item["size"][0], width)
            item["size"] = np.array([width, item["size"][1] + heights.max() + _PAD])


def _lay_out(figure, ax, items, corners, title, key):
    """Give every item its centre in inches; return (column, row) -> (x, y)."""
    axes = []
    for axis, room, narrow in ((0, _GAP, _NARROW), (1, _ROW_GAP, _ROW_GAP)):
        places = np.array([item["at"][axis] for item in items.values()], float)
        sizes = np.array([item["size"][axis] for item in items.values()])
        lines = np.arange(np.floor(places.min()), np.ceil(places.max()) + 1)
        spans = np.array([sizes[places == at].max(initial=0.3) for at in lines])
        gap = room
        if axis == 0 and len(lines) > 1:
            free = WIDTH - 2 * _MARGIN - spans.sum()
            gap = free / (len(lines) - 1)
            if gap < narrow:
                short = (narrow - gap) * (len(lines) - 1)
                raise ValueError(
                    f"the boxes are {short:.1f} inches too wide for a notebook: "
                    "shorten or break their words, or use fewer columns"
                )
            gap = min(gap, 2 * room)
        starts = np.cumsum(np.r_[0, spans[:-1] + gap])
        axes.append((lines, starts + spans / 2))
    (columns, xs), (rows, ys) = axes

    def place(column, row):
        # Beyond the outermost lines the grid goes on at the last step.
        return _at(column, columns, xs), -_at(row, rows, ys)

    low, high = [], []
    for item in items.values():
        item["centre"] = np.array(place(*item["at"]))
        low.append(item["centre"] - item["size"] / 2)
        high.append(item["centre"] + item["size"] / 2)
    names = list(items)
    for i, j in zip(*np.triu_indices(len(names), 1), strict=True):
        if np.all(low[i] < high[j]) and np.all(low[j] < high[i]):
            raise ValueError(f"{names[i]!r} and {names[j]!r} overlap: move one of them")
    around = [place(*corner) for corner in corners]
    low = np.min([*low, *around], axis=0) - _MARGIN
    high = np.max([*high, *around], axis=0) + _MARGIN
    high[1] += 0.3 * bool(title)
    low[1] -= 0.22 * bool(key)
    figure.set_size_inches(*(high - low))
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.axis("off")
    if title:
        ax.text(low[0] + _MARGIN, high[1] - _MARGIN, title, va="top", weight="bold")
    ax.text(low[0] + _MARGIN, low[1] + 0.08, key, fontsize=_SMALL, color="0.4")
    return place


def _at(value, lines, centres):
    if len(lines) == 1:
        return centres[0] + (value - lines[0]) * 0.8
    step = np.diff(centres)
    if value < lines[0]:
        return centres[0] + (value - lines[0]) * step[0]
    if value > lines[-1]:
        return centres[-1] + (value - lines[-1]) * step[-1]
    return float(np.interp(value, lines, centres))


def _draw(ax, item, items):
    width, height = item["size"]
    x, y = item["centre"]
    colour = matplotlib.colors.to_rgb(item["colour"])
    tint = _tint(colour) if item["kind"] == "network" else "white"
    if item["kind"] == "box" and item["colour"] in _COLOURS:
        tint = _tint(colour)
    style = {"box": f"round,pad=0,rounding_size={min(height, 0.36) / 2}"}
    style |= {"network": "square,pad=0", "loss": "round,pad=0,rounding_size=0.06"}
    ax.add_patch(
        matplotlib.patches.FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=style[item["kind"]],
            fc=tint if item["kind"] != "loss" else "0.95",
            ec=colour if item["kind"] != "loss" else "0.95",
            lw=1.8 if item["kind"] == "network" else 1.2,
            zorder=3,
        )
    )
    top = y
    if item["pills"]:
        tall = max(size[1] for size in item["pills"])
        top = y + (tall + _PAD) / 2
        left = x - (sum(size[0] for size in item["pills"]) / 2)
        left -= _PAD / 2 * (len(item["pills"]) - 1)
        for learner, (wide, high) in zip(item["learners"], item["pills"], strict=True):
            bottom = y - height / 2 + _PAD
            colour = items[learner]["colour"]
            ax.add_patch(
                matplotlib.patches.FancyBboxPatch(
                    (left, bottom), wide, high, zorder=4, fc=_tint(colour), ec=colour,
                    boxstyle=f"round,pad=0,rounding_size={high / 2.2}", lw=1.0,
                )
            )  # fmt: skip
            centre = (left + wide / 2, bottom + high / 2)
            _write(ax, centre, learner, _SMALL)
            left += wide + _PAD
    _write(ax, (x, top), item["words"], _SIZE)


def _write(ax, at, words, size):
    place = {"ha": "center", "va": "center", "linespacing": 1.3, "zorder": 5}
    ax.text(*at, words, fontsize=size, **place)


def _tint(colour):
    return tuple(0.22 * np.array(matplotlib.colors.to_rgb(colour)) + 0.78)


def _route(items, start, end, corners, shift):
    """Points from border to border, by way of the corners (all in inches)."""
    a, b = items[start], items[end]
    first = corners[0] if corners else b["centre"]
    last = corners[-1] if corners else a["centre"]
    if not corners and shift == 0 and (straight := _straight(a, b)) is not None:
        return straight
    points = [_leave(a, first), *map(np.array, corners), _leave(b, last)]
    if shift:
        ahead = points[1] - points[0]
        points += shift * np.array([-ahead[1], ahead[0]]) / np.linalg.norm(ahead)
    return np.array(points)


def _straight(a, b):
    """Between boxes side by side, or one over the other: level or upright."""
    for axis in (0, 1):
        low = max(item["centre"][axis] - item["size"][axis] / 2 for item in (a, b))
        high = min(item["centre"][axis] + item["size"][axis] / 2 for item in (a, b))
        if high - low > 0.1:
            smaller = min((a, b), key=lambda item: item["size"][axis])
            at = np.clip(smaller["centre"][axis], low + 0.05, high - 0.05)
            sign = np.sign(b["centre"][1 - axis] - a["centre"][1 - axis])
            points = np.empty((2, 2))
            points[:, axis] = at
            points[0, 1 - axis] = a["centre"][1 - axis] + sign * a["size"][1 - axis] / 2
            points[1, 1 - axis] = b["centre"][1 - axis] - sign * b["size"][1 - axis] / 2
            return points
    return None


def _leave(item, towards):
    """The point of the item's border that faces `towards`."""
    centre, half = item["centre"], item["size"] / 2
    towards = np.array(towards, float)
    for axis in (0, 1):
        if abs(towards[axis] - centre[axis]) < half[axis] - 0.03:  # beside it
            point = towards.copy()
            side = np.sign(towards[1 - axis] - centre[1 - axis])
            point[1 - axis] = centre[1 - axis] + side * half[1 - axis]
            return point
    ahead = towards - centre
    return centre + ahead * np.min(half / np.maximum(np.abs(ahead), 1e-9))


def _refuse_crossing(items, start, end, points):
    for p, q in zip(points[:-1], points[1:], strict=True):
        along = p + np.linspace(0, 1, 200)[:, None] * (q - p)
        for name, item in items.items():
            inside = np.abs(along - item["centre"]) < item["size"] / 2 - 0.02
            if np.any(np.all(inside, axis=1)):
                raise ValueError(
                    f"the arrow from {start!r} to {end!r} crosses {name!r}: "
                    "lead it around by corners (column, row)"
                )


def _arrow(ax, points, colour, dashed):
    """Draw a line with rounded corners and a head at its end."""
    kinds = matplotlib.path.Path
    vertices, codes = [points[0]], [kinds.MOVETO]
    for before, corner, after in zip(points, points[1:-1], points[2:], strict=False):
        sides = [np.linalg.norm(before - corner), np.linalg.norm(after - corner)]
        r = min(0.12, *(side / 2 for side in sides))
        vertices.append(corner + (before - corner) * r / sides[0])
        vertices += [corner, corner + (after - corner) * r / sides[1]]
        codes += [kinds.LINETO, kinds.CURVE3, kinds.CURVE3]
    vertices.append(points[-1])
    codes.append(kinds.LINETO)
    look = {"lw": 1.4, "color": colour, "zorder": 2, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(
        matplotlib.patches.FancyArrowPatch(
            path=kinds(vertices, codes),
            arrowstyle="-|>,head_length=5,head_width=2.5",
            linestyle=(0, (3, 2)) if dashed else "-",
            mutation_scale=1,
            joinstyle="miter",
            **look,
        )
    )


def _in_words(items, lines, title):
    """The picture as text, for those who cannot see it."""
    ways = [f"{a} to {b}" for a, b, _, dashed in lines if not dashed]
    learn = [
        f"{' and '.join(item['learners'])} from {name}"
        for name, item in items.items()
        if item["learners"]
    ]
    words = f"{title or 'Data flow'}. Arrows: {', '.join(ways)}."
    return words + (f" Who learns from what: {'; '.join(learn)}." if learn else "")
