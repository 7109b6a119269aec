"""The cell of an LSTM as a picture: one lane for the memory, three gates on it."""

import matplotlib.patches
import matplotlib.pyplot as plt

from helpers.plotting.figures import PALETTE, WIDTH

_WORDS = (
    "One step of an LSTM. The memory c runs along the top: it is multiplied by the "
    "forget gate f, then the input gate i times the candidate g is added. Below, e_t "
    "and h_{t-1} together feed the three gates and the candidate. At the right tanh "
    "of the new memory, times the output gate o, is what the cell says, h_t."
)
_LANE, _GATES, _FEED = 3.0, 1.25, 0.3  # heights of memory, gates, what is read
_GATE_AT = {"f": 2.0, "i": 3.4, "g": 4.8, "o": 6.6}
_COLOURS = {"f": PALETTE[3], "i": PALETTE[2], "g": "0.35", "o": PALETTE[4]}
_SAYS = {
    "f": "$f_t = \\sigma$\nkeep?",
    "i": "$i_t = \\sigma$\nwrite?",
    "g": "$g_t = \\tanh$\nwhat?",
    "o": "$o_t = \\sigma$\nsay?",
}


def lstm_cell(ax=None):
    """Draw one step of an LSTM (Hochreiter and Schmidhuber 1997, with forget gate).

    Returns the Axes; `ax.get_label()` has the picture in words.
    """
    if ax is None:
        ax = plt.subplots(figsize=(WIDTH, 3.7))[1]
    memory = PALETTE[0]
    _line(ax, [(0.4, _LANE), (9.6, _LANE)], memory, lw=4, head=True)
    _line(ax, [(0.4, _FEED), (_GATE_AT["o"], _FEED)], "0.3")
    for name, x in _GATE_AT.items():
        _line(ax, [(x, _FEED), (x, _GATES - 0.36)], "0.3", head=True)
        _box(ax, (x, _GATES), _SAYS[name], _COLOURS[name])
    meets = (_GATE_AT["i"] + _GATE_AT["g"]) / 2
    up = _GATES + 0.36
    _line(ax, [(_GATE_AT["f"], up), (_GATE_AT["f"], _LANE - 0.2)], _COLOURS["f"], True)
    for name, side in (("i", -0.2), ("g", 0.2)):
        path = [(_GATE_AT[name], up), (_GATE_AT[name], 2.1), (meets + side, 2.1)]
        _line(ax, path, _COLOURS[name], True)
    _line(ax, [(meets, 2.3), (meets, _LANE - 0.2)], "0.3", True)
    says = 8.2
    _line(ax, [(says, _LANE), (says, 2.47)], memory, True)
    _line(ax, [(says, 2.0), (says, _GATES + 0.2)], memory, True)
    _line(ax, [(7.18, _GATES), (says - 0.2, _GATES)], _COLOURS["o"], True)
    _line(ax, [(says, _GATES - 0.2), (says, _FEED), (9.6, _FEED)], "0.3", True, 2.5)
    _box(ax, (says, 2.25), "tanh", memory, width=0.8, height=0.44)
    for at, sign in (
        ((_GATE_AT["f"], _LANE), "×"),
        ((meets, 2.1), "×"),
        ((meets, _LANE), "+"),
        ((says, _GATES), "×"),
    ):
        _sign(ax, at, sign)
    _write(ax, (0.3, _LANE), "$c_{t-1}$", "right", memory)
    _write(ax, (9.7, _LANE), "$c_t$", "left", memory)
    _write(ax, (0.3, _FEED), "$e_t, h_{t-1}$", "right", "0.2")
    _write(ax, (9.7, _FEED), "$h_t$", "left", "0.2")
    ax.text(0.45, _LANE + 0.18, "the memory", color=memory, fontsize=9.5)
    ax.set(xlim=(-0.9, 10.3), ylim=(-0.05, 3.5))
    ax.axis("off")
    ax.set_label(_WORDS)
    return ax


def _line(ax, points, colour, head=False, lw=1.6):
    x, y = zip(*points, strict=True)
    ax.plot(x, y, color=colour, lw=lw, zorder=1, solid_joinstyle="round")
    if head:
        style = {"arrowstyle": "-|>", "color": colour, "lw": lw, "mutation_scale": 13}
        start = [a + 0.6 * (b - a) for a, b in zip(points[-2], points[-1], strict=True)]
        ax.annotate("", points[-1], start, arrowprops=style | {"shrinkB": 0}, zorder=1)


def _box(ax, at, words, colour, width=1.16, height=0.72):
    corner = (at[0] - width / 2, at[1] - height / 2)
    style = "round,pad=0,rounding_size=0.1"
    ax.add_patch(
        matplotlib.patches.FancyBboxPatch(
            corner, width, height, boxstyle=style, fc="white", ec=colour, lw=1.8
        )
    )
    ax.text(*at, words, ha="center", va="center", fontsize=10, linespacing=1.4)


def _sign(ax, at, sign):
    ax.plot(*at, "o", ms=19, mfc="white", mec="0.2", mew=1.4, zorder=3)
    ax.text(*at, sign, ha="center", va="center_baseline", fontsize=14, zorder=4)


def _write(ax, at, words, side, colour):
    ax.text(*at, words, ha=side, va="center", fontsize=12, color=colour)
