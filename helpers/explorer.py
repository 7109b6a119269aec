"""The widgets: a latent space to hold in your hand, the next character's odds, and
pictures along a slider or from your own disk."""

from helpers.draw_explorer import DrawExplorer
from helpers.latent_explorer import LatentExplorer
from helpers.picture_widgets import PictureSlider, PictureUpload
from helpers.sampling_microscope import SamplingMicroscope

__all__ = [
    "DrawExplorer",
    "LatentExplorer",
    "PictureSlider",
    "PictureUpload",
    "SamplingMicroscope",
]
