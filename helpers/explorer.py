"""The widgets: a latent space to hold in your hand, and pictures to look through."""

from helpers.draw_explorer import DrawExplorer
from helpers.latent_explorer import LatentExplorer
from helpers.picture_widgets import PictureSlider, PictureUpload

__all__ = ["DrawExplorer", "LatentExplorer", "PictureSlider", "PictureUpload"]
