"""Frames of lesson 5's two toy games: arrays in, Figure out."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Circle

from helpers.plotting.figures import PALETTE


def line_frame(grid, p, q, d, best_d, noise, mapped):
    """Draw a game in one dimension as Goodfellow et al. 2014 do in their figure 1.

    All on the grid (k,): the densities p of the data and q of the generator, the
    discriminator d, and the best one for this q, NaN where it is not to be drawn.
    noise (m,) are evenly spaced codes and mapped (m,) where the generator sends them.
    """
    fig, (top, low) = plt.subplots(
        2, 1, figsize=(6, 4.2), height_ratios=(3, 1), sharex=True
    )
    top.fill_between(grid, p, color=PALETTE[0], alpha=0.3, lw=0, label="data")
    top.plot(grid, q, color=PALETTE[1], label="generator")
    top.plot(grid, d, color="0.2", label="$D(x)$")
    top.plot(grid, best_d, "--", color="0.5", lw=1, label="best $D$")
    top.set(ylim=(0, 1.6), xlim=(-4, 4))
    fig.legend(*top.get_legend_handles_labels(), loc="outside upper right", ncols=4)
    low.plot([noise, mapped], [1, 0], color=PALETTE[1], lw=0.8)
    low.set(yticks=[0, 1], yticklabels=["G(z)", "z"], ylim=(0, 1), xlabel="x")
    return fig


def ring_frame(centres, radius, drawn, titles):
    """Draw points (n, 2) of several games side by side, over the modes' centres (k, 2).

    Circles of the radius are around the centres; drawn maps the name of a game to its
    points, titles to what stands above them.
    """
    fig, axes = plt.subplots(
        1, len(drawn), figsize=(3 * len(drawn), 3.3), squeeze=False
    )
    for ax, (name, points) in zip(axes[0], drawn.items(), strict=True):
        for centre in centres:
            ax.add_patch(Circle(centre, radius, fill=False, color="0.6"))
        ax.scatter(*np.transpose(points), s=3, color=PALETTE[1], alpha=0.4, lw=0)
        ax.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=[], yticks=[])
        ax.set_title(titles[name], fontsize=11)
    return fig
