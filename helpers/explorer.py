"""Widgets to hold a latent space in your hand: LatentExplorer and DrawExplorer."""

from helpers.draw_explorer import DrawExplorer
from helpers.latent_explorer import LatentExplorer

__all__ = ["DrawExplorer", "LatentExplorer"]
