"""Numbers that say how good a generative model is: arrays in, floats out."""

import numpy as np
from scipy import linalg, ndimage
from scipy.spatial import cKDTree

from helpers.metrics.classifier import digit_features, digit_probabilities


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


def class_shares(images):
    """Return the share of digits that our classifier reads as each label: (10,).

    images (n, 28, 28, 1) in [0, 1]. Raises ValueError for others, and for none.
    """
    if len(images) == 0:
        raise ValueError("images is empty: it has no shares of anything.")
    read = digit_probabilities(images).argmax(axis=1)
    return np.bincount(read, minlength=10) / len(read)


def class_entropy(shares):
    """Return the entropy in nats of shares (k,), which are >= 0 and sum to 1.

    log k if all are equal, 0 if one has everything; its exponential is the
    effective number of classes. Raises ValueError for what are no shares.
    """
    shares = _checked_shares(shares)
    present = shares[shares > 0]
    return float(-np.sum(present * np.log(present)))


def class_coverage(shares, least=0.04):
    """Return how many classes have a share of at least `least`: shares (k,) -> int.

    Raises ValueError for what are no shares.
    """
    return int(np.sum(_checked_shares(shares) >= least))


def mode_counts(points, centres, radius):
    """Return how many points lie within `radius` of each centre, nearest ones only.

    points (n, d), centres (k, d) -> int (k,). A point belongs to its nearest centre
    alone; one that is further than `radius` from all of them counts nowhere.
    """
    points, centres = np.asarray(points), np.asarray(centres)
    if points.ndim != 2 or centres.ndim != 2 or points.shape[1] != centres.shape[1]:
        raise ValueError(
            f"points of shape {points.shape} and centres of shape {centres.shape} "
            "do not compare: expected (n, d) and (k, d)."
        )
    if not radius > 0:
        raise ValueError(f"radius is {radius}: it must be positive.")
    distance, nearest = cKDTree(centres).query(points)
    return np.bincount(nearest[distance <= radius], minlength=len(centres))


def mode_coverage(points, centres, radius, least=0.01):
    """Return how many centres have at least a share `least` of the points near them.

    Arguments as for mode_counts; the share is of all points, near a centre or not.
    """
    counts = mode_counts(points, centres, radius)
    return int(np.sum(counts >= max(1, least * len(points))))


def _checked_shares(shares):
    shares = np.asarray(shares, "float64")
    if shares.ndim != 1 or (shares < 0).any() or not np.isclose(shares.sum(), 1):
        raise ValueError(
            f"shares of shape {shares.shape} and sum {shares.sum():.3g}: expected "
            "(k,), none negative, with sum 1."
        )
    return shares


def sharpness(images):
    """Return each picture's variance of the Laplacian: images (n, h, w[, 1]) -> (n,).

    The sum of second differences down and across is large where grey values bend
    abruptly, so blurred strokes score low; so does an empty picture, and noise scores
    high. Pech-Pacheco et al. 2000. Raises ValueError for a wrong shape or value.
    """
    images = np.asarray(images, "float64")
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or min(images.shape[1:], default=0) < 2:
        raise ValueError(
            f"images has shape {images.shape}: expected (n, h, w[, 1]), with a side "
            "of 2 pixels or more."
        )
    if not np.isfinite(images).all():
        raise ValueError("images holds values that are NaN or infinite.")
    return np.array([ndimage.laplace(image).var() for image in images])
