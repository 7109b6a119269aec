"""Numbers that say how good a generative model is: arrays in, floats out."""

import numpy as np
from scipy import linalg
from scipy.spatial import cKDTree

from helpers.classifier import digit_features, digit_probabilities
from helpers.likelihood import active_units, bits_per_dimension, log_likelihood

__all__ = [
    "active_units",
    "bits_per_dimension",
    "digit_features",
    "digit_frechet_distance",
    "digit_probabilities",
    "frechet_distance",
    "knn_accuracy",
    "label_agreement",
    "log_likelihood",
]


def knn_accuracy(z_train, y_train, z_test, y_test, k=10):
    """Return the share of test codes whose k nearest training codes vote right.

    z_train (n, d) and z_test (m, d) are codes, y_train (n,) and y_test (m,) their
    labels 0, 1, 2, ...; a tie goes to the smaller label.
    """
    if not 1 <= k <= len(z_train):
        raise ValueError(f"k is {k}: it must be from 1 to the {len(z_train)} codes.")
    _, nearest = cKDTree(z_train).query(z_test, k=k)
    votes = np.asarray(y_train)[nearest].reshape(len(z_test), k)
    counts = np.apply_along_axis(np.bincount, 1, votes, minlength=votes.max() + 1)
    return float(np.mean(counts.argmax(axis=1) == np.asarray(y_test)))


def frechet_distance(features_a, features_b):
    """Return the Frechet distance of two Gaussians fitted to two sets of features.

    features_a (n, d), features_b (m, d), with n, m > d. The squared distance
    |mu_a - mu_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)) of Dowson & Landau 1982,
    which Heusel et al. 2017 use, without its square root, on Inception features.
    """
    a, b = (np.asarray(f, "float64") for f in (features_a, features_b))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(f"features of shapes {a.shape} and {b.shape} do not compare.")
    if min(len(a), len(b)) <= a.shape[1]:
        raise ValueError(
            f"{min(len(a), len(b))} examples are too few for a covariance of "
            f"{a.shape[1]} features: use more than {a.shape[1]}."
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("the features hold values that are NaN or infinite.")
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # tr (C_a C_b)^(1/2) = tr (R C_b R)^(1/2) with R = C_a^(1/2): symmetric, so
    # that its eigenvalues are real and rounding can be clipped at zero.
    values, vectors = linalg.eigh(cov_a)
    root = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    cross = np.sqrt(np.clip(linalg.eigvalsh(root @ cov_b @ root), 0, None)).sum()
    gap = np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2)
    return float(gap + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def digit_frechet_distance(images, reference):
    """Return the Frechet distance between digits in our classifier's 64 features.

    images and reference (n, 28, 28, 1) in [0, 1]. It is not the Inception FID and
    compares with no published number. Print it beside its floor, the distance of
    real training digits from real test digits.
    """
    return frechet_distance(digit_features(images), digit_features(reference))


def label_agreement(images, labels):
    """Return the share of digits that our classifier reads as the label asked for.

    images (n, 28, 28, 1) in [0, 1], labels (n,). Raises ValueError for others.
    """
    read = digit_probabilities(images).argmax(axis=1)
    labels = np.asarray(labels)
    if labels.shape != read.shape:
        raise ValueError(f"labels has shape {labels.shape}, expected {read.shape}.")
    return float(np.mean(read == labels))
