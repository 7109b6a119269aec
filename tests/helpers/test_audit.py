"""What lessons check themselves with, checked on functions with known answers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import audit


def test_jacobian_of_a_known_function():
    z = np.array([[1.0, 2.0], [3.0, -1.0]], "float32")

    def function(z, factor):
        return tf.stack([factor * z[:, 0] * z[:, 1], z[:, 1] ** 2, 0 * z[:, 0]], axis=1)

    expected = [[[4, 2], [0, 4], [0, 0]], [[-2, 6], [0, -2], [0, 0]]]
    result = audit.jacobian(function, z, 2.0)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, expected)


def test_jacobian_picks_one_of_several_outputs():
    z = np.ones((2, 3), "float32")
    result = audit.jacobian(lambda z: (z, 5 * z), z, output=1)
    np.testing.assert_allclose(result, 5 * np.stack([np.eye(3)] * 2))


def test_randomise_replaces_every_weight_and_repeats_itself():
    layer = keras.layers.Dense(50)
    layer.build((None, 40))
    audit.randomise(layer, np.random.default_rng(1), scale=0.1)
    first = layer.get_weights()
    assert np.std(first[0]) == pytest.approx(0.1, rel=0.1) and first[1].any()
    audit.randomise(layer, np.random.default_rng(1), scale=0.1)
    for before, after in zip(first, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_layer_without_weights_is_refused():
    with pytest.raises(ValueError, match="has no weights"):
        audit.randomise(keras.layers.Dense(3), np.random.default_rng(1))


def test_grid_integrates_a_gaussian_to_one():
    axis, points, area = audit.integration_grid(6.0, n=101)
    assert axis.shape == (101,) and points.shape == (101 * 101, 2)
    assert (points[:2, 0] == axis[:2]).all() and (points[:2, 1] == -6).all()
    density = np.exp(-0.5 * (points**2).sum(axis=1)) / (2 * np.pi)
    assert density.sum() * area == pytest.approx(1, abs=1e-4)
