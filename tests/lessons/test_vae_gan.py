"""Lesson 6's three players: who learns from what, in the code that the reader sees."""

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from helpers import data

LESSON = "06_vae_gan.ipynb"
PLAYERS = ("encoder", "decoder", "discriminator")


@pytest.fixture(scope="module")
def batch():
    digits = data.digits("smoke")
    return ops.array(digits.x_train[:6]), ops.one_hot(digits.y_train[:6], 10)


@pytest.fixture
def networks(lesson):
    """Larger weights than at the start: a gradient that leaks shall not be tiny."""
    networks = lesson["Networks"](latent_dim=3)
    for name in PLAYERS:
        for weight in getattr(networks, name).trainable_variables:
            weight.assign(2.0 * weight)
    return networks


def weights(networks):
    return {n: [w.numpy() for w in getattr(networks, n).weights] for n in PLAYERS}


def changed(before, after):
    """The players of which any weight differs."""
    same = {
        name: all(map(np.array_equal, before[name], after[name])) for name in PLAYERS
    }
    return {name for name in PLAYERS if not same[name]}


def gradient(networks, lesson, batch, loss, player):
    """The gradient of loss(terms) by one player's weights, with noise of seed 5."""
    networks.rng.reset_from_seed(5)
    with tf.GradientTape() as tape:
        value = loss(lesson["terms"](networks, *batch, training=False))
    return tape.gradient(value, getattr(networks, player).trainable_variables)


def assert_same(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert np.allclose(a, b, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("player", "loss"),
    [
        ("encoder", lambda t: t["kl"] + 3 * t["feature_loss"]),
        ("decoder", lambda t: 0.5 * 3 * t["feature_loss"] + t["fool_loss"]),
        ("discriminator", lambda t: t["d_loss"]),
    ],
)
def test_each_player_learns_from_its_own_loss(networks, lesson, batch, player, loss):
    networks.rng.reset_from_seed(5)
    options = {"gamma": 0.5, "weight": 3.0, "training": False}
    found, _ = lesson["three_gradients"](networks, *batch, **options)
    assert_same(found[player], gradient(networks, lesson, batch, loss, player))


def test_the_gradients_kept_out_are_not_zero(networks, lesson, batch):
    """Else the tests above would pass for want of anything to leak."""
    for term, player in (("feature_loss", "discriminator"), ("fool_loss", "encoder")):
        found = gradient(networks, lesson, batch, lambda t, n=term: t[n], player)
        assert max(np.abs(g).max() for g in found if g is not None) > 1e-3


def test_a_step_moves_all_three(networks, lesson, batch):
    before = weights(networks)
    lesson["three_player_step"](networks, steps=10)(*batch)
    assert changed(before, weights(networks)) == set(PLAYERS)


def test_the_control_changes_the_ruler_alone(networks, lesson, batch):
    """Its encoder learns the CVAE's loss, its discriminator what the VAE-GAN's does."""
    rule = {"ruler": "pixel_loss", "weight": 1.0, "gamma": 0.5, "training": False}
    networks.rng.reset_from_seed(5)
    found, _ = lesson["three_gradients"](networks, *batch, **rule)
    losses = {
        "encoder": lambda t: t["kl"] + t["pixel_loss"],
        "decoder": lambda t: 0.5 * t["pixel_loss"] + t["fool_loss"],
        "discriminator": lambda t: t["d_loss"],
    }
    for player, loss in losses.items():
        assert_same(found[player], gradient(networks, lesson, batch, loss, player))


def test_each_picture_is_moved_its_own_way(lesson):
    pictures = np.random.default_rng(0).random((3, 28, 28, 1)).astype("float32")
    found = np.asarray(lesson["moved"](pictures, np.array([[1, 1], [2, 0], [0, 1]])))
    assert np.array_equal(found[0], pictures[0])
    for i, (up, right) in ((1, (1, -1)), (2, (-1, 0))):
        padded = np.pad(pictures[i, ..., 0], 1)
        expected = padded[1 + up : 29 + up, 1 - right : 29 - right]
        assert np.allclose(found[i, ..., 0], expected)


def test_an_original_and_its_reconstruction_are_moved_alike(lesson, batch, networks):
    """What the discriminator gets: three times the same moves, not the same for all."""
    seen = []

    def spy(pictures, by):
        seen.append(np.asarray(by))
        return pictures

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(lesson, "moved", spy)
        lesson["look"](networks, *batch, training=True)
    (by,) = seen
    n = len(batch[0])
    assert by.shape == (3 * n, 2) and set(np.unique(by)) <= {0, 1, 2}
    assert np.array_equal(by[:n], by[n : 2 * n]) and np.array_equal(by[:n], by[2 * n :])
    assert len(np.unique(by[:n], axis=0)) > 1


def test_the_cvae_does_without_a_discriminator(networks, lesson, batch):
    before = weights(networks)
    lesson["cvae_step"](networks, steps=10)(*batch)
    assert changed(before, weights(networks)) == {"encoder", "decoder"}


def test_one_loss_for_all_moves_the_ruler(networks, lesson, batch):
    """The failure of the lesson: its gradient reaches the discriminator's features."""
    lesson["joint_step"](networks, steps=10)
    found = gradient(
        networks, lesson, batch, lambda t: t["feature_loss"], "discriminator"
    )
    assert np.abs(found[0]).max() > 1e-4


def test_terms_by_hand(networks, lesson, batch):
    """Feature and adversarial terms in NumPy, from the networks' own outputs."""
    x, y = batch
    networks.rng.reset_from_seed(5)
    found = lesson["terms"](networks, x, y, training=False)
    networks.rng.reset_from_seed(5)
    z, _ = networks.draw_code(x, y)
    z_new = networks.rng.normal(ops.shape(z))
    x_hat, x_new = networks.decode(z, y), networks.decode(z_new, y)
    outputs = [networks.discriminator([picture, y]) for picture in (x, x_hat, x_new)]
    chance = [1 / (1 + np.exp(-np.float64(logits))) for logits, _ in outputs]
    f_real, f_hat, _ = (np.float64(features) for _, features in outputs)
    distance = 0.5 * np.mean(np.sum((f_real - f_hat) ** 2, axis=(1, 2, 3)))
    fakes = np.log(1 - chance[1]).mean() + np.log(1 - chance[2]).mean()
    fools = np.log(chance[1]).mean() + np.log(chance[2]).mean()
    assert np.isclose(found["feature_loss"], distance, rtol=1e-4)
    assert np.isclose(found["d_loss"], -np.log(chance[0]).mean() - fakes / 2, rtol=1e-4)
    assert np.isclose(found["fool_loss"], -fools / 2, rtol=1e-4)


def test_label_planes_are_of_one_class_everywhere(networks, batch):
    x, y = batch
    discriminator = networks.discriminator
    layer = next(v for v in discriminator.layers if "up_sampling" in v.name)
    planes = layer(ops.reshape(y, (len(y), 1, 1, 10))).numpy()
    assert planes.shape == (6, 14, 14, 10)
    assert np.array_equal(planes, np.broadcast_to(y[:, None, None], planes.shape))
