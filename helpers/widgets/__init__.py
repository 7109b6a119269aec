"""The widgets: a latent space, pictures and a text model to hold in your hand."""

from helpers.widgets.draw_explorer import DrawExplorer
from helpers.widgets.guess import GuessGame
from helpers.widgets.latent_explorer import LatentExplorer
from helpers.widgets.picture_widgets import PictureSlider, PictureUpload
from helpers.widgets.sampling_microscope import SamplingMicroscope

__all__ = [
    "DrawExplorer",
    "GuessGame",
    "LatentExplorer",
    "PictureSlider",
    "PictureUpload",
    "SamplingMicroscope",
]
