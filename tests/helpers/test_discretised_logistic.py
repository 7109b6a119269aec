"""The likelihood of 256-valued pixels: a distribution, and scipy's logistic."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import logistic

from helpers.losses import log_discretised_logistic

MEANS = (-0.2, 0.0, 0.003, 0.5, 0.77, 1.0, 1.3)
LOG_SCALES = (-7.0, -5.0, -3.0, -1.0, 1.0)


def log_mass(mean, log_scale, levels=256):
    """The log-probability of every value of one pixel: float64 (levels,)."""
    x = (np.arange(levels) / (levels - 1)).astype("float32")[:, None]
    value = log_discretised_logistic(x, np.float32(mean), np.float32(log_scale), levels)
    return np.asarray(value, "float64")


@pytest.mark.parametrize("levels", [2, 17, 256])
@pytest.mark.parametrize("log_scale", LOG_SCALES)
@pytest.mark.parametrize("mean", MEANS)
def test_sums_to_one_over_the_values(mean, log_scale, levels):
    assert np.exp(log_mass(mean, log_scale, levels)).sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("log_scale", (-5.0, -3.0, -1.0))
@pytest.mark.parametrize("mean", (-0.2, 0.5, 0.77))
def test_is_a_difference_of_scipy_s_cumulative_distribution(mean, log_scale):
    edges = (np.arange(1, 256) - 0.5) / 255
    cdf = logistic.cdf(edges, loc=mean, scale=np.exp(log_scale))
    mass = np.diff(np.concatenate([[0.0], cdf, [1.0]]))
    ours = np.exp(log_mass(mean, log_scale))
    np.testing.assert_allclose(ours, mass, rtol=2e-3, atol=1e-9)


def test_sums_over_pixels_and_keeps_the_batch():
    x = np.random.default_rng(1).integers(0, 256, (3, 4, 4, 2)).astype("float32") / 255
    mean = np.linspace(0.2, 0.8, 32, dtype="float32").reshape(4, 4, 2)
    whole = np.asarray(log_discretised_logistic(x, mean, -2.0))
    assert whole.shape == (3,)
    parts = [
        log_discretised_logistic(x[:, i, j, k][:, None], mean[i, j, k], -2.0)
        for i, j, k in np.ndindex(4, 4, 2)
    ]
    np.testing.assert_allclose(whole, np.sum(parts, axis=0), rtol=1e-5)


def test_far_values_and_small_scales_stay_finite_with_finite_gradients():
    x = np.array([[0.0, 1.0, 0.5, 0.5]], "float32")
    mean = tf.Variable([[1.0, 0.0, 0.9, -5.0]])
    log_scale = tf.Variable([[-7.0, -7.0, -7.0, -7.0]])
    with tf.GradientTape() as tape:
        value = log_discretised_logistic(x, mean, log_scale)
    gradients = tape.gradient(value, [mean, log_scale])
    assert np.isfinite(value).all()
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert (np.abs(gradients[0]) > 0).all(), "a far value must still pull its mean"


def test_a_pixel_of_one_value_is_refused():
    with pytest.raises(ValueError, match="levels is 1"):
        log_discretised_logistic(np.zeros((1, 1), "float32"), 0.5, 0.0, levels=1)
