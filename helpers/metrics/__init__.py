"""Numbers that say how good a generative model is: arrays in, floats out."""

from helpers.metrics.classifier import digit_features, digit_probabilities
from helpers.metrics.handwriting import slant, thickness
from helpers.metrics.likelihood import active_units, bits_per_dimension, log_likelihood
from helpers.metrics.neighbours import precision_recall
from helpers.metrics.scorecard import scorecard
from helpers.metrics.scores import (
    class_coverage,
    class_entropy,
    class_shares,
    digit_frechet_distance,
    frechet_distance,
    knn_accuracy,
    label_agreement,
    mode_counts,
    mode_coverage,
    sharpness,
)

__all__ = [
    "active_units",
    "bits_per_dimension",
    "class_coverage",
    "class_entropy",
    "class_shares",
    "digit_features",
    "digit_frechet_distance",
    "digit_probabilities",
    "frechet_distance",
    "knn_accuracy",
    "label_agreement",
    "log_likelihood",
    "mode_counts",
    "mode_coverage",
    "precision_recall",
    "scorecard",
    "sharpness",
    "slant",
    "thickness",
]
