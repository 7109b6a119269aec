"""How likely a model with latent variables finds data: arrays in, arrays out.

log p(x) is an integral over z. It is estimated with k weighted draws from the
encoder's posterior (Burda et al. 2015, "IWAE", eq. 8), in chunks that fit in memory.
"""

import math

import numpy as np
import tensorflow as tf

from helpers import training


def log_likelihood(encode, sample_posterior, log_joint, x, k, *, chunk=4096):
    """Return log (1/k sum_i w_i) for each example, in nats: float64 (n,).

    w_i = p(x, z_i) / q(z_i|x) with z_i ~ q(z|x). Its expectation is at most log p(x),
    grows with k, and is the ELBO for k = 1 (Burda et al. 2015, theorem 1).

    encode            encode(x) -> the posterior's parameters, a tensor (n, ...) or a
                      tuple of them, such as (z_mean, z_log_var); called once an x
    sample_posterior  sample_posterior(*parameters) -> z (m, ...), log_qz_x (m,):
                      one new draw for each row, and its log-density log q(z|x)
    log_joint         log_joint(x, z) -> log p(x|z) + log p(z), (m,), row by row
    x                 an array (n, ...), or a tuple of arrays of one length n, which
                      encode(*x) and log_joint(*x, z) then get one by one
    k                 draws for each example
    chunk             rows (examples times draws) that are decoded at once

    The three functions run inside a graph; new draws on each call need a
    `tf.random.Generator` there. Raises ValueError for k or chunk below 1, no
    examples, or a result of the wrong shape, and FloatingPointError for a weight
    that is not a number.
    """
    arrays = _checked(x, k, chunk)
    draw = training.compiled(_log_mean_weight(sample_posterior, log_joint, len(arrays)))
    blocks = range(0, len(arrays[0]), chunk)
    results = []
    for begin in blocks:
        block = [tf.constant(array[begin : begin + chunk]) for array in arrays]
        parameters = encode(*block)
        if not isinstance(parameters, (tuple, list)):
            parameters = (parameters,)
        results.append(_estimate(draw, block, parameters, k, chunk))
    return np.concatenate(results)


def _estimate(draw, block, parameters, k, chunk):
    """Log of the mean weight of k draws for the examples of one block: (b,)."""
    counts = _split(k, max(1, chunk // len(block[0])))
    total = np.full(len(block[0]), -np.inf)
    for count in counts:
        rows = [tf.repeat(tensor, count, axis=0) for tensor in (*block, *parameters)]
        weights = draw(*rows)["log_weight"].numpy().astype("float64")
        if np.isnan(weights).any():
            raise FloatingPointError(
                "log p(x, z) - log q(z|x) is not a number for some z: look for a "
                "logarithm of zero or a log-variance that is too large."
            )
        total = np.logaddexp(total, _log_sum_exp(weights.reshape(-1, count)))
    return total - math.log(k)


def _log_mean_weight(sample_posterior, log_joint, inputs):
    """Return draw(*x, *parameters) -> {"log_weight": (m,)}, one draw for each row."""

    def draw(*rows):
        x, parameters = rows[:inputs], rows[inputs:]
        z, log_qz_x = sample_posterior(*parameters)
        log_pxz = log_joint(*x, z)
        m = len(rows[0])
        for name, value in {"log_qz_x": log_qz_x, "log_joint": log_pxz}.items():
            if value.shape != (m,):
                raise ValueError(
                    f"{name} has shape {tuple(value.shape)} for {m} rows: sum over "
                    f"what makes one example and keep the batch axis, ({m},)."
                )
        return {"log_weight": log_pxz - log_qz_x}

    return draw


def _log_sum_exp(values):
    """log sum exp over the last axis, float64; -inf where every value is -inf."""
    largest = values.max(axis=-1, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(values - shift).sum(axis=-1)) + shift[..., 0]


def _split(total, size):
    """Parts of at most `size` that add up to `total`: 7, 3 -> [3, 3, 1]."""
    whole, rest = divmod(total, size)
    return [size] * whole + [rest] * (rest > 0)


def _checked(x, k, chunk):
    for name, value in {"k": k, "chunk": chunk}.items():
        if value != int(value) or value < 1:
            raise ValueError(f"{name} is {value}: it must be a whole number from 1 up.")
    arrays = x if isinstance(x, tuple) else (x,)
    arrays = [np.asarray(array) for array in arrays]
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1 or not min(lengths):
        raise ValueError(f"x holds {sorted(lengths)} examples: at least 1, all alike.")
    return arrays


def active_units(z_mean, threshold=0.01):
    """Return which latents carry information: bool (d,) from z_mean (n, d).

    A unit is active if the variance over the data of its posterior mean exceeds
    the threshold (Burda et al. 2015, section 5.2). Raises ValueError unless z_mean
    has two axes and at least two examples.
    """
    z_mean = np.asarray(z_mean, "float64")
    if z_mean.ndim != 2 or len(z_mean) < 2:
        raise ValueError(f"z_mean has shape {z_mean.shape}: expected (n, d), n >= 2.")
    return z_mean.var(axis=0) > threshold


def bits_per_dimension(nats, dimensions):
    """Return nats of one example as bits for each of its dimensions (pixel values).

    nats a number or an array, dimensions an integer. For a density of pixels in
    [0, 1] add 8 to compare with models of the 256 levels. Raises ValueError for
    dimensions below 1.
    """
    if dimensions < 1:
        raise ValueError(f"dimensions is {dimensions}: it must be at least 1.")
    return np.asarray(nats, "float64") / (dimensions * math.log(2))
