"""Draw the two diagrams of lesson 00: python -m tools.notebooks.course_map [FOLDER]

course_map.png  what each lesson's model adds to the one before
taxonomy.png    the family tree of generative models (after Goodfellow 2016, fig. 9)
"""

import io
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

from helpers import plotting, runtime

FIGURES = Path(__file__).resolve().parents[2] / "docs" / "figures"
BLUE, ORANGE, GREEN, RED, PURPLE = plotting.PALETTE[:5]
GREY = "#777777"

# Key: (column, row, colour, title, what it adds)
LESSONS = {
    "01": (0, 1, GREY, "01 Autoencoder",
           "encoder and decoder:\npicture to code and back"),
    "02": (1, 1, BLUE, "02 VAE", "+ a prior on the codes:\nnow you can sample"),
    "03": (2, 0, BLUE, "03 IAF-VAE", "+ a flow: a posterior\nthat can bend"),
    "04": (2, 1, BLUE, "04 Conditional VAE", "+ a label: you choose\nwhat you get"),
    "05": (2, 2, ORANGE, "05 GAN", "no encoder, no density:\na critic judges samples"),
    "06": (3, 1.5, PURPLE, "06 VAE-GAN",
           "+ the critic's features\nas the ruler for pictures"),
    "07": (3, 0, GREEN, "07 LSTM for text",
           "one symbol at a time,\neach given those before"),
    "08": (4, 1.5, GREY, "08 Style transfer",
           "features as the ruler,\nthe pixels are learnt"),
    "09": (3, -1, GREEN, "09 Flow matching",
           "a learnt velocity:\nnoise becomes data"),
    "10": (4, -1, GREY, "10 Scoreboard", "all on the same digits,\nin one table"),
}  # fmt: skip
ARROWS = [
    "01 02", "02 03", "02 04", "02 05", "04 06", "05 06", "03 07", "03 09", "06 08",
    "09 10",
]  # fmt: skip
"""Which lesson builds on which; an arrow runs from left to right."""

# Key: (column, row, colour, title, words); columns are branches, then models.
TREE = {
    "root": (0, 2.0, GREY, "Generative models", "learn p(x) from\nexamples of x"),
    "explicit": (1, 1.25, GREY, "Explicit density", "p(x) is written down"),
    "implicit": (1, 3.5, ORANGE, "Implicit density", "you can only sample"),
    "tractable": (2, 0.5, GREEN, "Tractable", "p(x) can be computed"),
    "approximate": (2, 2.0, BLUE, "Approximate", "p(x) is bounded\nor estimated"),
    "direct": (2, 3.5, ORANGE, "Direct", "noise in, sample out"),
    "auto": (3, 0.0, GREEN, "Autoregressive", "PixelRNN\n07 LSTM for text"),
    "flow": (3, 1.0, GREEN, "Normalising flows",
             "RealNVP, Glow, IAF (03)\n09 flow matching"),
    "bound": (3, 2.0, BLUE, "Variational bound",
           "02 VAE · 03 IAF-VAE\n04 CVAE · diffusion (09)"),
    "chain": (3, 3.0, BLUE, "Markov chains", "restricted\nBoltzmann machine"),
    "gan": (3, 4.0, ORANGE, "Adversarial", "05 GAN\n06 VAE-GAN (and a bound)"),
}  # fmt: skip
BRANCHES = [
    "root explicit", "root implicit", "explicit tractable", "explicit approximate",
    "implicit direct", "tractable auto", "tractable flow", "approximate bound",
    "approximate chain", "direct gan",
]  # fmt: skip


def diagram(boxes, links, size, box=(0.84, 0.68)):
    """Return a figure of boxes {key: (column, row, colour, title, words)} and links."""
    figure, ax = plt.subplots(figsize=size)
    width, height = box
    for link in links:
        start, end = (boxes[key] for key in link.split())
        tail = (start[0] + width / 2, -start[1])
        head = (end[0] - width / 2, -end[1])
        look = {"arrowstyle": "-|>", "color": "0.45", "lw": 1.3, "shrinkA": 0}
        ax.annotate("", head, tail, arrowprops=look)
    for column, row, colour, title, words in boxes.values():
        corner = (column - width / 2, -row - height / 2)
        look = {"boxstyle": "round,pad=0,rounding_size=0.06", "ec": colour, "lw": 1.6}
        ax.add_patch(FancyBboxPatch(corner, *box, fc="white", **look))
        ax.text(column, 0.09 - row, title, weight="bold", ha="center")
        ax.text(column, 0.0 - row, words, fontsize=9.5, ha="center", va="top")
    columns, rows = zip(*(place[:2] for place in boxes.values()), strict=True)
    ax.set(xlim=(-0.45, max(columns) + 0.45), ylim=(-max(rows) - 0.4, 0.4 - min(rows)))
    ax.axis("off")
    return figure


def diagrams():
    """Return {file name: figure} of the two diagrams."""
    plotting.use_style()
    return {
        "course_map.png": diagram(LESSONS, ARROWS, (10.4, 5.2)),
        "taxonomy.png": diagram(TREE, BRANCHES, (9.4, 5.6), box=(0.82, 0.74)),
    }


def main(folder=FIGURES):
    """Write both diagrams into `folder`."""
    for name, figure in diagrams().items():
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=150)
        png = file.getvalue()
        runtime.write_whole(Path(folder) / name, lambda out, png=png: out.write(png))


if __name__ == "__main__":
    main(*sys.argv[1:2])
