"""Losses against SciPy, sampling, quadrature, loops and finite differences."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from helpers import losses


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def close(result, expected, rtol=1e-5, atol=1e-5):
    np.testing.assert_allclose(np.asarray(result), expected, rtol=rtol, atol=atol)


def float32(*arrays):
    return [np.asarray(array, "float32") for array in arrays]


def test_log_normal_is_scipys(rng):
    x, mean, log_var = float32(*rng.normal(size=(3, 6, 5)))
    wide = [array.astype("float64") for array in (x, mean, log_var)]
    expected = stats.norm.logpdf(wide[0], wide[1], np.exp(wide[2] / 2)).sum(axis=1)
    close(losses.log_normal(x, mean, log_var), expected)


def test_log_normal_is_standard_by_default_and_broadcasts(rng):
    (x,) = float32(rng.normal(size=(6, 5)))
    standard = stats.norm.logpdf(x.astype("float64")).sum(axis=1)
    close(losses.log_normal(x), standard)
    shifted = stats.norm.logpdf(x.astype("float64"), 2.0, np.exp(0.25)).sum(axis=1)
    close(losses.log_normal(x, 2.0, 0.5), shifted)


def test_log_normal_sums_over_all_that_makes_one_example(rng):
    (x,) = float32(rng.normal(size=(3, 4, 5, 2)))
    result = losses.log_normal(x)
    assert result.shape == (3,)
    close(result, stats.norm.logpdf(x.astype("float64")).sum(axis=(1, 2, 3)))


def test_log_bernoulli_is_scipys(rng):
    x = rng.integers(0, 2, (6, 4, 4, 1)).astype("float32")
    (logits,) = float32(rng.normal(0, 3, x.shape))
    p = 1 / (1 + np.exp(-logits.astype("float64")))
    expected = stats.bernoulli.logpmf(x, p).sum(axis=(1, 2, 3))
    close(losses.log_bernoulli(x, logits), expected)


def test_log_bernoulli_is_finite_for_every_logit():
    x, logits = float32([[0], [0], [1], [1]], [[1000], [-1000], [1000], [-1000]])
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        result = losses.log_bernoulli(x, logits)
    close(result, [-1000, 0, 0, -1000])
    close(tape.gradient(result, logits), [[-1], [0], [0], [1]])


def test_kl_is_zero_for_the_standard_normal_only():
    zero, one = float32(np.zeros((1, 3)), np.ones((1, 3)))
    close(losses.kl_to_standard_normal(zero, zero), [0])
    close(losses.kl_to_standard_normal(one, zero), [1.5])
    close(losses.kl_to_standard_normal(zero, one), [1.5 * (np.e - 2)])


def test_kl_agrees_with_sampling(rng):
    mean, log_var = rng.normal(size=(2, 3))
    z = rng.normal(mean, np.exp(log_var / 2), (200_000, 3))
    log_q = stats.norm.logpdf(z, mean, np.exp(log_var / 2)).sum(axis=1)
    draws = log_q - stats.norm.logpdf(z).sum(axis=1)
    error = draws.std() / np.sqrt(len(draws))
    (kl,) = np.asarray(losses.kl_to_standard_normal(*float32([mean], [log_var])))
    assert abs(kl - draws.mean()) < 5 * error
    assert 5 * error < 0.05 * kl  # else the line above would prove nothing


@pytest.mark.parametrize(("mean", "log_var"), [(0.7, -1.2), (-2.0, 0.5)])
def test_kl_agrees_with_quadrature(mean, log_var):
    scale = np.exp(log_var / 2)

    def integrand(z):
        log_q = stats.norm.logpdf(z, mean, scale)
        return np.exp(log_q) * (log_q - stats.norm.logpdf(z))

    expected, _ = integrate.quad(integrand, mean - 12 * scale, mean + 12 * scale)
    close(losses.kl_to_standard_normal(*float32([[mean]], [[log_var]])), [expected])


def test_kl_is_the_mean_difference_of_our_own_log_densities(rng):
    """The two functions that a lesson adds up to an ELBO speak the same unit."""
    mean, log_var = float32(*rng.normal(size=(2, 1, 4)))
    z = mean + np.exp(log_var / 2) * rng.normal(size=(100_000, 4)).astype("float32")
    difference = losses.log_normal(z, mean, log_var) - losses.log_normal(z)
    kl = losses.kl_to_standard_normal(mean, log_var)
    close(np.mean(difference), kl[0], rtol=0.02)


def test_squared_error_by_hand():
    x, x_hat = float32([[[1, 2]], [[0, 0]]], [[[0, 4]], [[3, 0]]])
    close(losses.squared_error(x, x_hat), [5, 9])


def test_gram_matrix_by_hand():
    features = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], "float32")  # places, channels
    gram = losses.gram_matrix(features.reshape(1, 2, 2, 2))
    close(gram, [[[84 / 8, 100 / 8], [100 / 8, 120 / 8]]])


def test_gram_matrix_is_a_loop_over_places(rng):
    features = rng.normal(size=(2, 3, 5, 4))
    expected = np.zeros((2, 4, 4))
    for n, i, j in np.ndindex(2, 3, 5):
        expected[n] += np.outer(features[n, i, j], features[n, i, j])
    close(losses.gram_matrix(*float32(features)), expected / (3 * 5 * 4))


def test_gram_matrix_forgets_where_a_feature_was(rng):
    (features,) = float32(rng.normal(size=(1, 4, 4, 3)))
    shuffled = rng.permutation(features.reshape(16, 3)).reshape(1, 4, 4, 3)
    close(losses.gram_matrix(shuffled), losses.gram_matrix(features))


def test_total_variation_is_a_loop_over_neighbours(rng):
    images = rng.normal(size=(2, 4, 5, 3))
    expected = np.zeros(2)
    for n, i, j in np.ndindex(2, 4, 5):
        if i + 1 < 4:
            expected[n] += ((images[n, i + 1, j] - images[n, i, j]) ** 2).sum()
        if j + 1 < 5:
            expected[n] += ((images[n, i, j + 1] - images[n, i, j]) ** 2).sum()
    close(losses.total_variation(*float32(images)), expected)


def test_total_variation_of_a_flat_picture_is_zero():
    close(losses.total_variation(np.full((2, 6, 6, 3), 0.3, "float32")), [0, 0])


def slope(function, x, direction):
    """Central difference of the sum of function(x) along a direction."""
    h = 1e-2
    ahead, behind = (
        np.sum(function(tf.constant(x + s * h * direction))) for s in (1, -1)
    )
    return (ahead - behind) / (2 * h)


FUNCTIONS = {
    "log_normal": lambda x: losses.log_normal(x[..., 0], x[..., 1], x[..., 2]),
    "log_bernoulli": lambda x: losses.log_bernoulli(0.3, x),
    "kl": lambda x: losses.kl_to_standard_normal(x[..., 0], x[..., 1]),
    "gram_matrix": lambda x: 30 * losses.gram_matrix(x) ** 2,
    "total_variation": losses.total_variation,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_are_finite_differences(name, rng):
    function = FUNCTIONS[name]
    x, direction = float32(*rng.normal(size=(2, 2, 3, 3, 3)))
    x_tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x_tensor)
        value = tf.reduce_sum(function(x_tensor))
    gradient = tape.gradient(value, x_tensor).numpy()
    expected = slope(function, x, direction)
    close(np.sum(gradient * direction), expected, rtol=5e-3, atol=5e-3)
    assert abs(expected) > 0.1
