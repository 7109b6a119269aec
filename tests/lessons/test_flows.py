"""Lesson 3's flow: masks, log-determinants, inverses and densities.

The notebook's own classes are tried, against automatic differentiation and against
a second implementation in float64 NumPy that shares no line with them.
"""

import matplotlib
import numpy as np
import pytest
import tensorflow as tf

from helpers import audit

matplotlib.use("Agg")
LESSON = "03_iaf_vae.ipynb"
CONTEXT = 3


def random_flow(lesson, steps, latent_dim, hidden_units=20, seed=0, dealt=None, **made):
    made["random"] = np.random.default_rng(5) if dealt == "random" else None
    networks = [lesson["MADE"](latent_dim, hidden_units, **made) for _ in range(steps)]
    flow = lesson["IAF"](networks)
    flow(tf.zeros((1, latent_dim)), tf.zeros((1, CONTEXT)))
    audit.randomise(flow, np.random.default_rng(seed), 0.3)
    return flow


def inputs(latent_dim, n=6, seed=3):
    random = np.random.default_rng(seed)
    return [
        tf.constant(random.normal(size=(n, d)).astype("float32"))
        for d in (latent_dim, CONTEXT)
    ]


# The second implementation: one example, one unit at a time, float64.


def numpy_step(weights, z, h, degrees):
    """One IAF step of a vector z (d,) -> (d,) and its log-determinant."""
    kernel, bias, context, m_kernel, m_bias, s_kernel, s_bias = weights
    d = len(z)
    hidden = []
    for unit, degree in enumerate(degrees):
        seen = sum(z[j] * kernel[j, unit] for j in range(degree))
        hidden.append(max(0.0, seen + bias[unit] + h @ context[:, unit]))
    z_new, log_det = np.zeros(d), 0.0
    for j in range(d):
        heard = [unit for unit, degree in enumerate(degrees) if degree <= j]
        m = m_bias[j] + sum(hidden[unit] * m_kernel[unit, j] for unit in heard)
        s = s_bias[j] + sum(hidden[unit] * s_kernel[unit, j] for unit in heard)
        gate = 1 / (1 + np.exp(-s))
        z_new[j] = gate * z[j] + (1 - gate) * m
        log_det += np.log(gate)
    return z_new, log_det


def numpy_flow(flow, z, h):
    z, h = (np.asarray(a, "float64") for a in (z, h))
    total = 0.0
    for number, step in enumerate(flow.steps):
        net = step.network
        layers = (net.hidden, net.context, net.mean, net.gate)
        weights = [np.asarray(w, "float64") for part in layers for w in part.weights]
        degrees = net.hidden.mask.sum(axis=0).astype(int)
        z = z[::-1] if number else z
        z, log_det = numpy_step(weights, z, h, degrees)
        total += log_det
    return z, total


def numpy_log_det(flow, z, h, width=1e-6):
    """log |det| by central differences of the NumPy flow."""
    columns = [
        (numpy_flow(flow, z + step, h)[0] - numpy_flow(flow, z - step, h)[0])
        for step in width * np.eye(len(z))
    ]
    return np.linalg.slogdet(np.stack(columns, axis=1) / (2 * width))[1]


@pytest.mark.parametrize("dealt", ["in turn", "random"])
@pytest.mark.parametrize("latent_dim, hidden_units", [(1, 1), (2, 1), (3, 7), (9, 64)])
def test_output_i_does_not_see_input_j_from_i_on(
    lesson, latent_dim, hidden_units, dealt
):
    for seed in range(3):
        flow = random_flow(lesson, 1, latent_dim, hidden_units, seed, dealt)
        network = flow.steps[0].network
        z, h = inputs(latent_dim)
        for output in (0, 1):
            triangle = audit.jacobian(network, z, h, output=output)
            assert not np.triu(triangle).any()


@pytest.mark.parametrize("dealt", ["in turn", "random"])
def test_output_i_sees_every_input_before_it(lesson, dealt):
    flow = random_flow(lesson, 1, 5, hidden_units=200, dealt=dealt)
    network = flow.steps[0].network
    z, h = inputs(5, n=50)
    for output in (0, 1):
        seen = np.abs(audit.jacobian(network, z, h, output=output)).max(axis=0)
        assert (seen[np.tril_indices(5, -1)] > 0).all()


def test_every_output_sees_the_context(lesson):
    flow = random_flow(lesson, 1, 4)
    z, h = inputs(4)
    z_moved, _ = flow(z, h + 1.0)
    assert (np.abs(z_moved - flow(z, h)[0]).max(axis=0) > 1e-3).all()


def test_degrees_run_from_zero_to_one_less_than_the_latents(lesson):
    degrees = lesson["hidden_degrees"]
    assert degrees(4, 9).tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0]
    drawn = degrees(4, 1000, np.random.default_rng(1))
    assert set(drawn) == {0, 1, 2, 3}


@pytest.mark.parametrize("latent_dim, hidden_units", [(4, 0), (0, 4), (4, -1)])
def test_no_hidden_units_or_no_latents_are_refused(lesson, latent_dim, hidden_units):
    with pytest.raises(ValueError, match="at least 1 of each"):
        lesson["MADE"](latent_dim, hidden_units)


@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_log_determinant_agrees_with_automatic_differentiation(
    lesson, steps, latent_dim
):
    flow = random_flow(lesson, steps, latent_dim)
    z, h = inputs(latent_dim)
    _, log_det = flow(z, h)
    exact = np.linalg.slogdet(audit.jacobian(flow, z, h)).logabsdet
    np.testing.assert_allclose(log_det, exact, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_agrees_with_numpy_in_float64(lesson, steps):
    flow = random_flow(lesson, steps, latent_dim=5, dealt="random")
    z, h = inputs(5)
    z_new, log_det = flow(z, h)
    for i in range(len(z)):
        expected, expected_log_det = numpy_flow(flow, z[i], h[i])
        np.testing.assert_allclose(z_new[i], expected, rtol=1e-4, atol=1e-5)
        assert float(log_det[i]) == pytest.approx(expected_log_det, abs=1e-4)
        differences = numpy_log_det(flow, np.asarray(z[i], "float64"), h[i])
        assert expected_log_det == pytest.approx(differences, abs=1e-5)


def test_without_masks_the_log_determinant_is_wrong(lesson):
    flow = random_flow(lesson, 1, 5, masked=False)
    z, h = inputs(5)
    exact = np.linalg.slogdet(audit.jacobian(flow, z, h)).logabsdet
    assert np.abs(flow(z, h)[1] - exact).min() > 0.01


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_the_inverse_undoes_the_flow(lesson, steps, latent_dim):
    flow = random_flow(lesson, steps, latent_dim)
    audit.randomise(flow, np.random.default_rng(4), 0.4)
    z, h = inputs(latent_dim)
    z_new, _ = flow(z, h)
    assert np.abs(z_new - z).max() > 0.1
    np.testing.assert_allclose(flow.inverse(z_new, h), z, atol=2e-3)


def test_a_flow_of_no_steps_is_the_identity(lesson):
    flow = lesson["IAF"]([])
    z, _ = inputs(4)
    z_new, log_det = flow(z)
    np.testing.assert_array_equal(z_new, z)
    np.testing.assert_array_equal(log_det, np.zeros(len(z)))
    np.testing.assert_array_equal(flow.inverse(z), z)


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_a_density_in_the_plane_integrates_to_one(lesson, steps):
    posterior = lesson["PlanePosterior"](steps)
    audit.randomise(posterior, np.random.default_rng(1), 0.3)
    eps = np.random.default_rng(2).normal(size=(5000, 2)).astype("float32")
    reach = 1.5 * np.abs(posterior.sample(eps)[0]).max()
    _, points, area = audit.integration_grid(reach, n=601)
    density = np.exp(np.asarray(posterior.log_density(points), "float64"))
    assert density.sum() * area == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("steps", [0, 2])
def test_sampling_and_density_of_the_plane_agree(lesson, steps):
    posterior = lesson["PlanePosterior"](steps)
    audit.randomise(posterior, np.random.default_rng(1), 0.2)
    eps = np.random.default_rng(1).normal(size=(50, 2)).astype("float32")
    z, log_q = posterior.sample(eps)
    np.testing.assert_allclose(posterior.log_density(z), log_q, atol=2e-3)


@pytest.mark.parametrize("latent_dim", [1, 4])
@pytest.mark.parametrize("steps", [0, 2])
def test_log_q_of_a_vae_with_a_flow_by_numpy(lesson, steps, latent_dim):
    import keras
    from scipy.stats import norm

    x = keras.layers.Input((6,))
    outputs = [keras.layers.Dense(n)(x) for n in (latent_dim, latent_dim, CONTEXT)]
    encoder = keras.Model(x, outputs if steps else outputs[:2])
    networks = [lesson["MADE"](latent_dim, 8) for _ in range(steps)]
    decoder = keras.Sequential(
        [keras.layers.Input((latent_dim,)), keras.layers.Dense(6)]
    )
    vae = lesson["FlowVAE"](encoder, lesson["IAF"](networks), decoder)
    audit.randomise(vae, np.random.default_rng(2), 0.5)
    pictures = np.random.default_rng(1).integers(0, 2, (5, 6)).astype("float32")
    eps = np.random.default_rng(2).normal(size=(5, latent_dim)).astype("float32")
    parameters = [np.asarray(p, "float64") for p in encoder(pictures)]
    z, log_qz_x = vae.sample_posterior(eps, *encoder(pictures))
    for i in range(5):
        z_mean, z_log_var, *h = (p[i] for p in parameters)
        start = z_mean + np.exp(z_log_var / 2) * eps[i]
        log_start = norm.logpdf(start, z_mean, np.exp(z_log_var / 2)).sum()
        end, log_det = numpy_flow(vae.flow, start, h[0] if h else np.zeros(CONTEXT))
        np.testing.assert_allclose(z[i], end, rtol=1e-4, atol=1e-4)
        assert float(log_qz_x[i]) == pytest.approx(log_start - log_det, abs=1e-3)
