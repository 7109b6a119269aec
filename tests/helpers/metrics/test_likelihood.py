"""Likelihood and its parts, against closed forms in float64 NumPy and SciPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from scipy import integrate, stats

from helpers import losses, metrics
from helpers.metrics import active_units, bits_per_dimension, log_likelihood

RANDOM = np.random.default_rng(7)


class LinearGaussian:
    """z ~ N(0, I), x | z ~ N(W z + b, s^2 I): marginal and posterior are known."""

    def __init__(self, pixels=5, latents=2, noise=0.7, orthogonal=False):
        random = np.random.default_rng(3)
        weight = random.normal(size=(pixels, latents))
        self.weight = np.linalg.qr(weight)[0] * 1.5 if orthogonal else weight
        self.bias, self.noise = random.normal(size=pixels), noise
        precision = np.eye(latents) + self.weight.T @ self.weight / noise**2
        self.cov = np.linalg.inv(precision)
        z = random.normal(size=(40, latents))
        x = z @ self.weight.T + self.bias + noise * random.normal(size=(40, pixels))
        self.x = x.astype("float32")
        self.rng = tf.random.Generator.from_seed(11)

    def exact(self):
        cov = self.weight @ self.weight.T + self.noise**2 * np.eye(len(self.bias))
        return stats.multivariate_normal(self.bias, cov).logpdf(self.x)

    def encode(self, x):
        gain = self.cov @ self.weight.T / self.noise**2
        z_mean = ops.matmul(x - self.bias.astype("float32"), gain.T.astype("float32"))
        return z_mean, ops.zeros_like(z_mean) + np.log(np.diag(self.cov))

    def sample_posterior(self, z_mean, z_log_var):
        eps = self.rng.normal(ops.shape(z_mean))
        z = z_mean + ops.exp(0.5 * z_log_var) * eps
        return z, losses.log_normal(z, z_mean, z_log_var)

    def log_joint(self, x, z):
        x_mean = ops.matmul(z, self.weight.T.astype("float32")) + self.bias
        log_px_z = losses.log_normal(x, x_mean, 2 * np.log(self.noise))
        return log_px_z + losses.log_normal(z)

    def estimate(self, k, **options):
        parts = self.encode, self.sample_posterior, self.log_joint
        return log_likelihood(*parts, self.x, k, **options)

    def repeated_means(self, k, times):
        """The mean over the examples of `times` independent estimates: (times,)."""
        parts = self.encode, self.sample_posterior, self.log_joint
        x = np.tile(self.x, (times, 1))
        return log_likelihood(*parts, x, k).reshape(times, -1).mean(axis=1)


def test_log_normal_is_scipys():
    x, mean = RANDOM.normal(size=(2, 6, 3))
    log_var = RANDOM.normal(size=(6, 3))
    expected = stats.norm.logpdf(x, mean, np.exp(log_var / 2)).sum(axis=1)
    got = losses.log_normal(x, mean, log_var)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    np.testing.assert_allclose(
        losses.log_normal(x), stats.norm.logpdf(x).sum(axis=1), rtol=1e-5
    )


def test_log_normal_sums_over_all_axes_of_an_image():
    x = RANDOM.normal(size=(4, 3, 3, 2))
    expected = stats.norm.logpdf(x, 0.5, 0.3).sum(axis=(1, 2, 3))
    got = losses.log_normal(x, 0.5, 2 * np.log(0.3))
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_log_bernoulli_is_scipys_and_finite_for_huge_logits():
    logits = RANDOM.normal(size=(5, 8)) * 3
    x = RANDOM.integers(0, 2, (5, 8)).astype("float64")
    expected = stats.bernoulli.logpmf(x, 1 / (1 + np.exp(-logits))).sum(axis=1)
    got = losses.log_bernoulli(x, logits)
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert losses.log_bernoulli(np.ones((1, 1)), np.full((1, 1), -1e4))[0] == -1e4


def test_kl_is_the_integral_in_one_dimension():
    for mean, log_var in [(0.0, 0.0), (1.3, -2.0), (-0.4, 0.9)]:
        q = stats.norm(mean, np.exp(log_var / 2))
        reach = mean + 12 * np.exp(log_var / 2) * np.array([-1, 1])
        expected, _ = integrate.quad(
            lambda z, q=q: q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z)), *reach
        )
        got = losses.kl_to_standard_normal(np.array([[mean]]), np.array([[log_var]]))
        np.testing.assert_allclose(got[0], expected, rtol=1e-5, atol=1e-7)


def test_kl_is_the_monte_carlo_mean():
    mean, log_var = RANDOM.normal(size=(2, 4))
    scale = np.exp(log_var / 2)
    z = mean + scale * RANDOM.normal(size=(400_000, 4))
    ratio = stats.norm.logpdf(z, mean, scale) - stats.norm.logpdf(z)
    samples = ratio.sum(axis=1)
    got = float(losses.kl_to_standard_normal(mean[None], log_var[None])[0])
    assert abs(got - samples.mean()) < 5 * samples.std() / np.sqrt(len(z))


def test_exact_posterior_gives_the_exact_likelihood_with_one_draw():
    model = LinearGaussian(orthogonal=True)
    np.testing.assert_allclose(model.estimate(1), model.exact(), atol=2e-4)


def test_bound_grows_with_k_and_meets_the_likelihood():
    model = LinearGaussian()
    exact = model.exact().mean()
    few = {k: model.repeated_means(k, 64) for k in (1, 5, 50)}
    means = {k: values.mean() for k, values in few.items()}
    error = max(values.std() / 8 for values in few.values())
    assert means[1] < means[5] < means[50] < exact + 3 * error
    assert exact - means[1] > 0.1  # the diagonal posterior leaves a real gap
    assert abs(model.estimate(20_000).mean() - exact) < 0.01


def test_one_draw_is_the_elbo_with_its_closed_form_kl():
    model = LinearGaussian()
    z_mean, z_log_var = model.encode(model.x)
    kl = losses.kl_to_standard_normal(z_mean, z_log_var)
    # E_q log p(x|z) of this model: the mean's value less the trace of W S W' / 2 s^2
    x_mean = np.asarray(z_mean, "float64") @ model.weight.T + model.bias
    at_mean = stats.norm.logpdf(model.x, x_mean, model.noise).sum(axis=1)
    spread = (model.weight**2 @ np.diag(model.cov)).sum() / (2 * model.noise**2)
    elbo = (at_mean - spread - np.asarray(kl)).mean()
    draws = model.repeated_means(1, 400)
    assert abs(draws.mean() - elbo) < 4 * draws.std() / 20


@pytest.mark.parametrize("chunk", [1, 7, 40, 64, 100_000])
def test_chunks_leave_the_estimate_as_it_is(chunk):
    model = LinearGaussian(orthogonal=True)  # exact for every draw, however they fall
    np.testing.assert_allclose(
        model.estimate(11, chunk=chunk), model.exact(), atol=1e-3
    )


def test_chunk_limits_the_rows_decoded_at_once():
    model, rows = LinearGaussian(), []
    log_joint = model.log_joint

    def watched(x, z):
        rows.append(len(z))
        return log_joint(x, z)

    model.log_joint = watched
    model.estimate(25, chunk=90)
    assert max(rows) <= 90 and 80 in rows


def test_weights_far_below_the_smallest_float_are_summed():
    def log_joint(x, z):
        return 0 * z[:, 0] - 2000.0

    def sample_posterior(z_mean):
        return z_mean, 0 * z_mean[:, 0]

    x = np.zeros((3, 2), "float32")
    got = log_likelihood(lambda x: x, sample_posterior, log_joint, x, 500)
    np.testing.assert_allclose(got, -2000.0)


def test_each_example_is_repeated_with_its_own_parameters():
    x = np.arange(6, dtype="float32")[:, None]
    label = np.arange(6).astype("int32")

    def sample_posterior(z_mean, z_log_var):
        return z_mean, 0 * z_mean[:, 0]

    def log_joint(x, label, z):
        right = (x[:, 0] == z[:, 0]) & (ops.cast(label, "float32") == z[:, 0])
        return ops.where(right, x[:, 0], -np.inf)

    def encode(x, label):
        return x, 0 * x

    parts = encode, sample_posterior, log_joint
    got = log_likelihood(*parts, (x, label), 5, chunk=4)
    np.testing.assert_allclose(got, np.arange(6), atol=1e-6)


def test_convolutional_decoder_and_one_latent():
    decoder = keras.Sequential(
        [layers.Input((1,)), layers.Dense(16), layers.Reshape((4, 4, 1))]
    )
    decoder.add(layers.Conv2DTranspose(1, 3, padding="same"))
    rng = tf.random.Generator.from_seed(1)

    def encode(x):
        return ops.zeros((len(x), 1)), ops.zeros((len(x), 1))

    def sample_posterior(z_mean, z_log_var):
        z = z_mean + ops.exp(0.5 * z_log_var) * rng.normal(ops.shape(z_mean))
        return z, losses.log_normal(z, z_mean, z_log_var)

    def log_joint(x, z):
        return losses.log_bernoulli(x, decoder(z)) + losses.log_normal(z)

    x = RANDOM.integers(0, 2, (3, 4, 4, 1)).astype("float32")
    z = np.linspace(-8, 8, 4001)[:, None].astype("float32")
    for i, value in enumerate(
        log_likelihood(encode, sample_posterior, log_joint, x, 50_000)
    ):
        density = np.exp(log_joint(np.repeat(x[i : i + 1], len(z), 0), z))
        assert value == pytest.approx(
            np.log(integrate.trapezoid(density, z[:, 0])), abs=0.02
        )


@pytest.mark.parametrize("k", [0, -3, 2.5])
def test_k_must_be_a_positive_integer(k):
    with pytest.raises(ValueError, match="k is"):
        LinearGaussian().estimate(k)


def test_bad_chunk_and_bad_data_are_refused():
    model = LinearGaussian()
    parts = model.encode, model.sample_posterior, model.log_joint
    with pytest.raises(ValueError, match="chunk is 0"):
        model.estimate(5, chunk=0)
    with pytest.raises(ValueError, match="0"):
        log_likelihood(*parts, model.x[:0], 5)
    with pytest.raises(ValueError, match="all alike"):
        log_likelihood(*parts, (model.x, model.x[:3]), 5)


def test_a_mean_over_the_batch_is_refused():
    model = LinearGaussian()
    log_joint = model.log_joint
    model.log_joint = lambda x, z: ops.mean(log_joint(x, z))
    with pytest.raises(ValueError, match="log_joint has shape"):
        model.estimate(5)


def test_a_weight_that_is_no_number_stops():
    model = LinearGaussian()
    model.log_joint = lambda x, z: z[:, 0] * np.nan
    with pytest.raises(FloatingPointError, match="not a number"):
        model.estimate(5)


def test_active_units_are_those_whose_mean_moves():
    z_mean = np.stack([RANDOM.normal(size=500), RANDOM.normal(size=500) * 0.05], 1)
    z_mean = np.concatenate([z_mean, np.full((500, 1), 3.0)], axis=1)
    assert active_units(z_mean).tolist() == [True, False, False]
    assert active_units(z_mean, threshold=1e-4).tolist() == [True, True, False]
    assert active_units(z_mean[:, :1]).shape == (1,)
    with pytest.raises(ValueError, match="shape"):
        active_units(z_mean[:, 0])


def test_bits_per_dimension():
    assert bits_per_dimension(np.log(2) * 784, 784) == pytest.approx(1.0)
    uniform = 3072 * np.log(256)  # 256 equally likely values
    assert bits_per_dimension(uniform, 3072) == pytest.approx(8.0)
    with pytest.raises(ValueError, match="dimensions"):
        bits_per_dimension(1.0, 0)


def test_metrics_offers_them():
    assert metrics.log_likelihood is log_likelihood
    assert metrics.active_units is active_units
    assert metrics.bits_per_dimension is bits_per_dimension
