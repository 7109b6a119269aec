"""Lesson 3 in colour: a distribution over colours, and a decoder held still."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import logistic

from helpers import audit
from helpers.losses import log_discretised_logistic

LESSON = "03_iaf_vae.ipynb"


def random_pictures(n=4):
    x = np.random.default_rng(1).integers(0, 256, (n, 32, 32, 3))
    return x.astype("float32") / 255


def log_mass(value, mean, scale, levels):
    """Log-probability of one value, by the cumulative distribution of scipy."""
    half = 0.5 / (levels - 1)
    upper = 1.0 if value == 1 else logistic.cdf(value + half, mean, scale)
    lower = 0.0 if value == 0 else logistic.cdf(value - half, mean, scale)
    return np.log(upper - lower)


@pytest.mark.parametrize("levels", [2, 17, 256])
def test_the_lesson_s_logistic_is_the_helpers(lesson, levels):
    random = np.random.default_rng(2)
    x = random.integers(0, levels, (5, 7)).astype("float32") / (levels - 1)
    mean, log_scale = random.normal(0.5, 0.5, (2, 5, 7)).astype("float32")
    ours = np.sum(lesson["log_logistic"](x, mean, log_scale - 3, levels), axis=1)
    theirs = log_discretised_logistic(x, mean, log_scale - 3, levels)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_green_sees_red_and_blue_sees_both(lesson):
    x, mean, link = (tf.random.normal((3, 3), seed=seed) for seed in (1, 2, 3))
    rows = audit.jacobian(lesson["see_channels"], x, mean, link)
    assert not np.triu(rows).any()
    assert np.abs(rows[:, [1, 2, 2], [0, 0, 1]]).min() > 0


def test_all_colours_of_a_pixel_have_probability_one(lesson):
    colours = np.array(list(itertools.product(range(5), repeat=3)), "float32") / 4
    random = np.random.default_rng(3)
    mean, link = random.normal(0.5, 0.7, (2, 1, 3)).astype("float32")
    mean = lesson["see_channels"](colours, mean + 0 * colours, link + 0 * colours)
    log_p = np.sum(lesson["log_logistic"](colours, mean, -2.0, levels=5), axis=1)
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-4)


def test_log_colour_value_by_value_with_scipy(lesson):
    x, random = random_pictures(1), np.random.default_rng(4)
    decoded = random.normal(0, 0.3, (1, 32, 32, 9)).astype("float32")
    total = 0.0
    for i, j in np.ndindex(32, 32):
        r, g, b = x[0, i, j].astype("float64")
        m, s, (alpha, beta, gamma) = decoded[0, i, j].astype("float64").reshape(3, 3)
        m, s = 0.5 + m, np.exp(np.maximum(s - 2, -7))
        total += log_mass(r, m[0], s[0], 256)
        total += log_mass(g, m[1] + alpha * (r - m[0]), s[1], 256)
        blue = m[2] + beta * (r - m[0]) + gamma * (g - m[1])
        total += log_mass(b, blue, s[2], 256)
    assert float(lesson["log_colour"](x, decoded)[0]) == pytest.approx(total, rel=1e-4)


def test_bits_of_256_equal_values_are_8(lesson):
    assert lesson["bits"](10 * np.log(1 / 256), dimensions=10) == pytest.approx(8)


def test_half_of_the_pictures_are_mirrored(lesson):
    x = random_pictures(64)
    seen = np.asarray(lesson["mirror"](x, tf.random.Generator.from_seed(1)))
    same = (seen == x).all(axis=(1, 2, 3))
    assert ((seen == x[:, :, ::-1]).all(axis=(1, 2, 3)) == ~same).all()
    assert 16 < same.sum() < 48


@pytest.mark.parametrize("steps", [0, 2])
def test_a_decoder_that_is_held_still_does_not_move(lesson, steps):
    trained = lesson["colour_vae"](1)
    before = [w.copy() for w in trained.get_weights()]
    vae = lesson["posterior_with_flow"](trained, steps, seed=2)
    for ours, theirs in zip(
        vae.encoder.get_weights(), trained.encoder.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    encoder = [w.copy() for w in vae.encoder.get_weights()]
    options = {"epochs": 1, "batch_size": 4, "warm_up": 0}
    lesson["train"](vae, random_pictures(8), lesson["mirror"], 1, **options)
    for now, then in zip(trained.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert any(
        (a != b).any() for a, b in zip(encoder, vae.encoder.get_weights(), strict=True)
    )


def test_the_context_is_mean_and_log_variance(lesson):
    z_mean, z_log_var, h = lesson["colour_encoder"]()(random_pictures(2))
    np.testing.assert_array_equal(h, np.concatenate([z_mean, z_log_var], axis=1))
