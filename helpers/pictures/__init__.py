"""Pictures of any origin as arrays, and what pretrained networks see in them."""

from helpers.pictures.files import fit, load, luminance, match_colours, resize
from helpers.pictures.pretrained import extractor, to_inception, to_vgg, unlike

__all__ = [
    "extractor",
    "fit",
    "load",
    "luminance",
    "match_colours",
    "resize",
    "to_inception",
    "to_vgg",
    "unlike",
]
