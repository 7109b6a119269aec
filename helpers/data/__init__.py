"""The course's data: bundled, from a classroom folder, or downloaded.

Images are float32 in [0, 1], shaped (n, height, width, channels); labels are
int32, shaped (n,). A profile always means the same data, and `Dataset.source`
says which.
"""

from helpers.data.bundled import (
    ASSETS,
    CIFAR10_NAMES,
    FASHION_NAMES,
    PHOTOS,
    STYLES,
    Dataset,
    asset,
    check_images,
    check_range,
    cifar10,
    colour,
    digits,
    emoji,
    fashion,
    one_hot,
    photo,
    style,
    text,
    vgg16_weights,
)
from helpers.data.published import WEIGHTS, weights

__all__ = [
    "ASSETS",
    "CIFAR10_NAMES",
    "FASHION_NAMES",
    "PHOTOS",
    "STYLES",
    "WEIGHTS",
    "Dataset",
    "asset",
    "check_images",
    "check_range",
    "cifar10",
    "colour",
    "digits",
    "emoji",
    "fashion",
    "one_hot",
    "photo",
    "style",
    "text",
    "vgg16_weights",
    "weights",
]
