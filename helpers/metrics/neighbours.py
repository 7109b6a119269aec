"""Two numbers instead of one: are the drawings good, and are all kinds drawn?"""

import numpy as np
from scipy.spatial.distance import cdist

ROWS = 1000  # of a table of distances that are held at once: 12 MB for 1,500 columns


def precision_recall(real_features, drawn_features, k=3):
    """Return (precision, recall) of drawings: two shares from 0 to 1.

    real_features (n, d) and drawn_features (m, d) are what a network sees in real and
    in drawn pictures. Around every point of a set lies a ball that reaches to its k-th
    nearest neighbour in the same set; the balls together stand for where the set is.
    Precision is the share of drawn points in some ball of a real one, recall the share
    of real points in some ball of a drawn one (Kynkaanniemi et al. 2019, section 2).
    Both depend on n, m and k: compare them at equal ones only, and print beside them
    what real pictures get. Raises ValueError for shapes that do not compare, values
    that are not finite, and sets of k points or fewer.
    """
    real, drawn = (
        _checked(features, name, k)
        for features, name in ((real_features, "real"), (drawn_features, "drawn"))
    )
    if real.shape[1] != drawn.shape[1]:
        raise ValueError(
            f"real_features {real.shape} and drawn_features {drawn.shape} do not "
            "compare: they have unequal numbers of features."
        )
    return _share_inside(drawn, real, k), _share_inside(real, drawn, k)


def _checked(features, name, k):
    features = np.asarray(features, "float64")
    if features.ndim != 2:
        raise ValueError(f"{name}_features has shape {features.shape}: give (n, d).")
    if not np.isfinite(features).all():
        raise ValueError(f"{name}_features holds values that are NaN or infinite.")
    if not 1 <= k < len(features):
        raise ValueError(
            f"k is {k}: it must be from 1 to {len(features) - 1}, one less than the "
            f"{len(features)} examples of {name}_features."
        )
    return features


def _share_inside(points, centres, k):
    """Return the share of points (m, d) inside a ball of the centres (n, d)."""
    # Sorted, place 0 of a row is the point's distance to itself: place k is the k-th.
    radii = np.concatenate(
        [np.partition(row, k, axis=1)[:, k] for row in _distances(centres, centres)]
    )
    inside = [(row <= radii).any(axis=1) for row in _distances(points, centres)]
    return float(np.mean(np.concatenate(inside)))


def _distances(a, b):
    """Yield the distances (ROWS or fewer, len(b)) of a's rows to those of b."""
    for start in range(0, len(a), ROWS):
        yield cdist(a[start : start + ROWS], b)
