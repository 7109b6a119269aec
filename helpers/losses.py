"""Log-densities, divergences and image statistics: tensor in, tensor out.

Reduction law of the course: every function here sums over what makes one
example and keeps the batch axis. Take the mean over the batch yourself.
"""

import math

from keras import ops


def log_normal(x, mean=0.0, log_var=0.0):
    """Log-density of a diagonal Gaussian, in nats.

    x (n, d); mean and log_var broadcast against x; log_var is log sigma^2.
    Returns (n,): -1/2 sum_j [log 2 pi + log_var_j + (x_j - mean_j)^2 / var_j].
    """
    log_var = ops.convert_to_tensor(log_var, dtype="float32")
    square = (x - mean) ** 2 * ops.exp(-log_var)
    return _sum(-0.5 * (math.log(2 * math.pi) + log_var + square))


def log_bernoulli(x, logits):
    """Log-probability of binary pixels, in nats.

    x in {0, 1} and logits (before the sigmoid), both (n, ...). Returns (n,):
    sum_j x_j logits_j - log(1 + exp(logits_j)), which is finite for every logit.
    With grey x it is a cross-entropy, no log-probability of anything.
    """
    return _sum(x * logits - ops.softplus(logits))


def log_discretised_logistic(x, mean, log_scale, levels=256):
    """Log-probability of pixels with `levels` values under a logistic, in nats.

    x (n, ...) holds multiples of 1 / (levels - 1) in [0, 1]; mean, in the units of
    x, and log_scale broadcast against x. Each value owns the interval half a level
    to both sides; 0 and 1 own everything beyond (Kingma et al. 2016, section 5.2).
    Returns (n,). Raises ValueError for levels below 2.
    """
    if levels < 2:
        raise ValueError(f"levels is {levels}: a pixel needs at least 2 values.")
    half = 0.5 / (levels - 1)
    inverse_scale = ops.exp(-log_scale)
    upper = (x + half - mean) * inverse_scale
    lower = (x - half - mean) * inverse_scale
    # With s the sigmoid, s(b) - s(a) = s(b) s(-a) (1 - exp(a - b)): no cancellation.
    below = ops.where(x < 1 - half, ops.log_sigmoid(upper), 0.0)
    above = ops.where(x > half, ops.log_sigmoid(-lower), 0.0)
    inside = (x > half) & (x < 1 - half)
    width = ops.log(-ops.expm1(-2 * half * inverse_scale))
    return _sum(below + above + ops.where(inside, width, 0.0))


def kl_to_standard_normal(z_mean, z_log_var):
    """KL( N(z_mean, exp z_log_var) || N(0, I) ), in nats (Kingma & Welling, app. B).

    z_mean and z_log_var (n, d). Returns (n,).
    """
    return _sum(0.5 * (z_mean**2 + ops.exp(z_log_var) - z_log_var - 1.0))


def squared_error(x, x_hat):
    """Squared Euclidean distance of each example: x, x_hat (n, ...) -> (n,)."""
    return _sum((x - x_hat) ** 2)


def gram_matrix(features):
    """Correlations of channels over places (Gatys et al. 2016, eq. 3).

    features (n, h, w, c). Returns (n, c, c): the sum over places of F_k F_l,
    divided by the number h * w * c of this layer's own features.
    """
    _, height, width, channels = features.shape
    gram = ops.einsum("nijk,nijl->nkl", features, features)
    return gram / (height * width * channels)


def total_variation(images):
    """Sum of squared differences of neighbours: images (n, h, w, c) -> (n,)."""
    down = images[:, 1:] - images[:, :-1]
    right = images[:, :, 1:] - images[:, :, :-1]
    return _sum(down**2) + _sum(right**2)


def _sum(values):
    """Sum over every axis but the first."""
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))
