"""Text as numbers and back, drawn from logits, measured, and shown as a figure."""

from helpers.text import sampling
from helpers.text.copying import longest_shared
from helpers.text.figures import coloured_text
from helpers.text.reader import correlations, properties
from helpers.text.tokens import Vocabulary, split, visible

__all__ = [
    "Vocabulary",
    "coloured_text",
    "correlations",
    "longest_shared",
    "properties",
    "sampling",
    "split",
    "visible",
]
