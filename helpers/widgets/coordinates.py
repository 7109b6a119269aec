"""The plane of an explorer: its limits, the codes on it, a grid of points over it."""

import numpy as np

MOST_POINTS = 2000  # more are a blot on the plane, and slow to send
MARGIN = 0.08


def check_codes(codes, labels, latent_dim):
    """Return codes float32 (n, latent_dim) and labels int16 (n,), at most 2,000.

    Both may be None: then there are no points, or no classes (-1). Points above
    `MOST_POINTS` are thinned evenly. Raises ValueError for other shapes or NaN.
    """
    if codes is None:
        if labels is not None:
            raise ValueError("labels are given without codes: give the codes too.")
        return np.zeros((0, latent_dim), np.float32), np.zeros(0, np.int16)
    codes = np.asarray(codes, np.float32)
    if codes.ndim != 2 or codes.shape[1] != latent_dim or not len(codes):
        raise ValueError(
            f"codes has shape {codes.shape}: give (n, {latent_dim}), n at least 1."
        )
    if not np.isfinite(codes).all():
        raise ValueError(
            "codes holds NaN or infinity: if the encoder diverged, lower its "
            "LEARNING_RATE."
        )
    labels = np.full(len(codes), -1) if labels is None else np.asarray(labels)
    if labels.shape != (len(codes),):
        raise ValueError(f"labels has shape {labels.shape} for {len(codes)} codes.")
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels are {labels.dtype}: give integers.")
    few = np.linspace(0, len(codes) - 1, min(len(codes), MOST_POINTS)).astype(int)
    return codes[few], labels[few].astype(np.int16)


def check_limits(limits, codes):
    """Return limits float64 (latent_dim, 2): each dimension's low and high end.

    `limits` is (low, high) for all dimensions, or one such pair for each; None
    takes the range of the codes and a margin, or -3 to 3 where there are none.
    Raises ValueError if an end is not finite or low is not below high.
    """
    latent_dim = codes.shape[1]
    if limits is None:
        limits = _around(codes) if len(codes) else (-3.0, 3.0)
    limits = np.asarray(limits, float)
    if limits.shape not in ((2,), (latent_dim, 2)):
        raise ValueError(
            f"limits has shape {limits.shape}: give (low, high), or "
            f"{latent_dim} such pairs."
        )
    limits = np.broadcast_to(limits, (latent_dim, 2))
    if not np.isfinite(limits).all() or (limits[:, 0] >= limits[:, 1]).any():
        raise ValueError(f"limits {limits.tolist()}: each low must be below its high.")
    return limits


def _around(codes):
    """The codes' range, a margin added; a dimension that is dead gets one to see."""
    low, high = codes.min(axis=0).astype(float), codes.max(axis=0).astype(float)
    reach = np.maximum(high - low, 1e-3 * np.maximum(1, np.abs(low)))
    return np.stack([low - MARGIN * reach, high + MARGIN * reach], axis=1)


def grid(limits, axes, rest, side):
    """Return z float32 (side * side, latent_dim) over two axes, the first fastest.

    Both axes run from low to high; the other dimensions are as in `rest`.
    """
    x, y = (np.linspace(*limits[axis], side) for axis in axes)
    z = np.tile(np.asarray(rest, np.float32), (side * side, 1))
    z[:, axes[0]], z[:, axes[1]] = np.tile(x, side), np.repeat(y, side)
    return z


def check_class_names(class_names, labels, n_classes):
    """Return the names as a list of str, by default the class numbers.

    Raises ValueError if there is no name for a label or for one of the classes.
    """
    if len(labels) and labels.min() < -1:
        raise ValueError(f"labels has {labels.min()}: classes are numbered from 0.")
    needed = max(int(labels.max(initial=-1)) + 1, n_classes or 0)
    if class_names is None:
        return [str(i) for i in range(needed)]
    if len(class_names) < needed:
        raise ValueError(f"{len(class_names)} class_names for {needed} classes.")
    return [str(name) for name in class_names]
