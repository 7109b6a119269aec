"""Lesson 9: the field, the steps along it, its density, and diffusion's reading."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import audit, losses

LESSON = "09_flow_matching.ipynb"


@pytest.fixture
def random():
    return np.random.default_rng(3)


def network(lesson, dim=3, body=None, seed=None):
    """A velocity network; with a seed, one whose weights are random everywhere."""
    body = body or lesson["dense_body"](16, 2)
    model = lesson["velocity_network"](dim, 10, body)
    if seed is not None:
        audit.randomise(model, np.random.default_rng(seed), 0.3)
    return model


def batch(random, n=6, dim=3):
    x_t, t = random.normal(size=(n, dim)), random.uniform(size=(n, 1))
    y = np.eye(10)[np.arange(n) % 10]
    return [tf.constant(a, tf.float32) for a in (x_t, t, y)]


def gaussian_field(x_t, t):
    return (2 * t - 1) / (t**2 + (1 - t) ** 2) * x_t


# Steps along a field.


def test_a_path_has_all_its_points(lesson):
    path = lesson["follow"](lambda x, t: 1 + 0 * x, np.zeros(2), 5)
    assert np.allclose(path, np.linspace(0, 1, 6)[:, None] * np.ones(2))


@pytest.mark.parametrize(("step", "order"), [("euler_step", 1), ("heun_step", 2)])
def test_the_error_falls_with_the_order_of_the_step(lesson, step, order):
    """dx/dt = x + t, whose solution from 1 is 2 e^t - t - 1; time enters as well."""
    counts, errors = np.array([20, 40, 80, 160]), []
    for steps in counts:
        end = lesson["follow"](lambda x, t: x + t, np.ones(1), steps, lesson[step])[-1]
        errors.append(abs(end[0] - (2 * np.e - 2)))
    slope = np.polyfit(np.log(1 / counts), np.log(errors), 1)[0]
    assert abs(slope - order) < 0.05


def test_backwards_leads_back(lesson):
    def field(x, t):
        return np.sin(3 * x) + t

    there = lesson["follow"](field, np.linspace(-1, 1, 9), 200)[-1]
    back = lesson["follow"](field, there, 200, start=1.0, end=0.0)[-1]
    assert np.allclose(back, np.linspace(-1, 1, 9), atol=1e-4)


@pytest.mark.parametrize("steps", [0, -3, 2.5])
def test_no_path_without_steps(lesson, steps):
    with pytest.raises(ValueError, match="steps is .*from 1 up"):
        lesson["follow"](lambda x, t: x, np.ones(1), steps)


@pytest.mark.parametrize("times", [(-0.1, 1.0), (0.0, 1.5), (float("nan"), 1.0)])
def test_time_stays_between_noise_and_data(lesson, times):
    start, end = times
    with pytest.raises(ValueError, match="must stay within 0 to 1"):
        lesson["follow"](lambda x, t: x, np.ones(1), 4, start=start, end=end)


def test_density_of_a_field_that_stretches(lesson, random):
    """v = a x in two dimensions makes N(0, e^(2a) I) of N(0, I)."""
    a, x = 0.7, random.normal(size=(50, 2))
    found = lesson["log_density"](
        lambda x, t: a * x, lambda x, t: np.full(len(x), 2 * a), x, 100
    )
    expected = losses.log_normal(np.float32(x), 0.0, 2 * a)
    assert np.allclose(found, expected, atol=1e-3)


# The network and its loss.


def test_an_untrained_network_is_the_gaussians_field(lesson, random):
    x_t, t, y = batch(random)
    assert np.allclose(network(lesson)([x_t, t, y]), gaussian_field(x_t, t), atol=1e-5)


def test_the_rest_has_one_size_at_all_times(lesson, random):
    """Equation (9): with standard data the network's target has variance 1."""
    x, eps = random.normal(size=(2, 200_000))
    for t in (0.0, 0.2, 0.5, 0.9, 1.0):
        sigma, x_t = np.hypot(t, 1 - t), (1 - t) * eps + t * x
        target = sigma * ((x - eps) - gaussian_field(x_t, t))
        assert np.allclose(target, ((1 - t) * x - t * eps) / sigma)
        assert abs(target.var() - 1) < 0.02


def test_time_and_label_are_heard(lesson, random):
    x_t, t, y = batch(random)
    model = network(lesson, seed=1)
    v = model([x_t, t, y]).numpy()
    assert np.abs(model([x_t, 0.5 * t, y]) - v).max() > 1e-2
    assert np.abs(model([x_t, t, tf.roll(y, 1, axis=1)]) - v).max() > 1e-2


@pytest.mark.parametrize("hide", [0.0, 1.0])
def test_labels_are_hidden_as_often_as_asked(lesson, random, hide):
    seen = []

    def spy(inputs):
        seen.append(inputs)
        return 0 * inputs[0]

    x, _, y = batch(random, n=500)
    rng = tf.random.Generator.from_seed(1)
    lesson["flow_matching_loss"](spy, rng, hide)(x, y)
    _, t, shown = seen[0]
    assert np.all((t > 0) & (t < 1))
    assert np.isclose(np.mean(np.sum(shown, axis=1)), 1 - hide)


def test_the_exact_field_has_the_least_loss(lesson, random):
    """For standard data; a field 5% off must cost more, with the same draws."""
    x = tf.constant(random.normal(size=(50_000, 2)), tf.float32)
    y = tf.zeros((50_000, 1))

    def loss(scale, shift):
        def field(inputs):
            return scale * gaussian_field(*inputs[:2]) + shift

        rng = tf.random.Generator.from_seed(1)
        return float(lesson["flow_matching_loss"](field, rng)(x, y)["loss"])

    least = loss(1.0, 0.0)
    assert least > 1  # it does not go to zero
    assert least < min(loss(0.8, 0.0), loss(1.2, 0.0), loss(1.0, 0.1), loss(1.0, -0.1))


def test_training_leaves_the_average_of_the_weights(lesson, random):
    model = network(lesson)
    x, _, y = batch(random, n=64)
    kept = []

    def loss(x, y):
        kept.append(model.trainable_variables)
        return {"loss": tf.reduce_mean((model([x, 0 * x[:, :1], y]) - 3.0) ** 2)}

    history = lesson["train"](loss, [model], (x.numpy(), y.numpy()), 150)
    assert history["loss"][-1] < history["loss"][0]
    left = float(loss(x, y)["loss"])
    assert left > 0 and not np.isclose(left, history["loss"][-1], rtol=1e-6)


# Drawing.


def test_standard_data_is_drawn_as_noise_scaled(lesson, random):
    """The Gaussian's field carries N(0, I) to itself, each point to its old place."""
    flow = lesson["Flow"](network(lesson), 5.0, 2.0)
    eps, y = random.normal(size=(7, 3)), np.zeros((7, 10))
    assert np.allclose(lesson["draw"](flow, eps, y, 60), 5 + 2 * eps, atol=0.01)


@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 3.0])
def test_guidance_goes_along_what_the_label_adds(lesson, random, guidance):
    model = network(lesson, seed=2)
    flow = lesson["Flow"](model, 0.0, 1.0)
    x, _, y = batch(random)
    t = tf.fill((6, 1), 0.4)
    v_y, v_0 = model([x, t, y]).numpy(), model([x, t, 0 * y]).numpy()
    assert np.abs(v_y - v_0).max() > 0.01
    found = flow.velocity(y, guidance)(x, 0.4)
    assert np.allclose(found, (1 - guidance) * v_0 + guidance * v_y, atol=1e-4)


def test_guidance_below_zero_is_refused(lesson):
    flow = lesson["Flow"](network(lesson), 0.0, 1.0)
    with pytest.raises(ValueError, match="guidance is -1: give 0"):
        lesson["draw"](flow, np.zeros((2, 3)), np.zeros((2, 10)), guidance=-1)


@pytest.mark.parametrize("sampler", ["draw", "ddpm_draw"])
@pytest.mark.parametrize(
    ("eps", "y", "words"),
    [
        ((4, 5), (4, 10), r"eps has shape \(4, 5\): this flow moves \(n, 3\)"),
        ((3,), (3, 10), r"eps has shape \(3,\)"),
        ((4, 3), (5, 10), r"y has shape \(5, 10\): give \(4, 10\)"),
        ((4, 3), (4, 9), r"y has shape \(4, 9\)"),
    ],
)
def test_codes_that_do_not_match_are_refused(lesson, sampler, eps, y, words):
    flow = lesson["Flow"](network(lesson), 0.0, 1.0)
    with pytest.raises(ValueError, match=words):
        lesson[sampler](flow, np.zeros(eps), np.zeros(y))


# Diffusion.


def test_the_noise_loss_is_the_flows_times_t_squared(lesson, random):
    """On one draw: what ddpm_loss asks of the network, priced in both ways."""
    seen = []
    model = network(lesson, seed=4)

    def spy(inputs):
        seen.append(inputs)
        return model(inputs)

    x, _, y = batch(random, n=40)
    found = lesson["ddpm_loss"](spy, tf.random.Generator.from_seed(1))(x, y)["loss"]
    x_t, t, shown = seen[0]
    eps = (x_t - t * x) / (1 - t)
    error = tf.reduce_sum((model([x_t, t, shown]) - (x - eps)) ** 2, axis=1)
    assert np.isclose(found, np.mean(t[:, 0] ** 2 * error), rtol=1e-3)


def test_alphas_are_ddpms(lesson):
    kept = 1.0
    for k in range(1000):
        kept *= 1 - (1e-4 + (0.02 - 1e-4) * k / 999)
        if k in (0, 10, 999):
            assert np.isclose(lesson["ALPHAS"][k], kept**0.5, rtol=1e-4)


def test_ddpms_sampler_keeps_standard_data_standard(lesson, random):
    flow = lesson["Flow"](network(lesson, dim=2), 1.0, 3.0)
    eps, y = random.normal(size=(20_000, 2)), np.zeros((20_000, 10))
    drawn = lesson["ddpm_draw"](flow, eps, y, steps=200)
    assert np.allclose(drawn.mean(axis=0), 1, atol=0.1)
    assert np.allclose(np.cov(drawn.T), 9 * np.eye(2), atol=0.4)


# Pictures and codes.


def test_every_pixel_hears_every_pixel_time_and_label(lesson, random):
    body = lesson["unet_body"](8, 8)
    model = lesson["velocity_network"](784, 10, body)
    x, t, y = batch(random, n=2, dim=784)
    assert np.allclose(model([x, t, y]), gaussian_field(x, t), atol=1e-4)
    audit.randomise(model, np.random.default_rng(1), 0.2)
    with tf.GradientTape() as tape:
        tape.watch([x, t, y])
        corner = model([x, t, y])[:, 0]
    for heard in tape.gradient(corner, [x, t, y]):
        assert np.mean(np.abs(heard) > 0) > 0.9


def test_codes_carry_noise_only_where_asked(lesson, random):
    encoder, decoder = lesson["make_autoencoder"](5)
    x = random.uniform(size=(4, 784)).astype("float32")
    rng = tf.random.Generator.from_seed(1)
    z, z_mean, z_log_var = lesson["encode"](encoder, x, rng, noisy=False)
    assert np.array_equal(z, z_mean) and z_log_var.shape == (4, 5)
    many = np.repeat(x[:1], 20_000, axis=0)
    z, z_mean, z_log_var = lesson["encode"](encoder, many, rng, noisy=True)
    assert np.allclose(np.std(z, axis=0), np.exp(0.5 * z_log_var[0]), rtol=0.05)
    assert decoder(z[:3]).shape == (3, 784)


def test_a_plain_autoencoder_pays_no_kl(lesson, random):
    pair = lesson["make_autoencoder"](5)
    x = random.uniform(size=(4, 784)).astype("float32")
    rng = tf.random.Generator.from_seed(1)
    plain = lesson["autoencoder_loss"](*pair, rng, 0.0)(x)
    assert np.isclose(plain["loss"], plain["-log p(x|z)"])
    light = lesson["autoencoder_loss"](*pair, rng, 0.5)(x)
    assert light["loss"] > light["-log p(x|z)"]
