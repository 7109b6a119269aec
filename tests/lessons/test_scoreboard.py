"""Lesson 10's short forms: exact where they can be, each loss on its own player."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import metrics, results

LESSON = "10_scoreboard.ipynb"


@pytest.fixture(scope="module")
def batch(lesson):
    return tf.constant(lesson["x_test"][:6]), tf.constant(lesson["y_test"][:6])


def test_the_flow_is_autoregressive_and_its_determinant_exact(lesson):
    coder = lesson["Coder"](flow_steps=2)
    random = np.random.default_rng(1)
    z, h = (random.normal(size=(1, d)).astype("float32") for d in (32, 512))
    for step in coder.flow:
        step.set_weights([0.05 * random.normal(size=w.shape) for w in step.weights])
        point = tf.constant(z)
        with tf.GradientTape() as tape:
            tape.watch(point)
            new, log_det = step(point, h)
        jacobian = tape.jacobian(new, point)[0, :, 0].numpy()
        assert not np.triu(jacobian, 1).any()
        assert np.tril(jacobian, -1).any()
        exact = np.linalg.slogdet(np.float64(jacobian))[1]
        assert float(log_det[0]) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("labels", [0.0, 1.0])
def test_a_coder_sees_the_label_only_where_it_should(lesson, batch, labels):
    x, y = batch
    coder = lesson["Coder"](labels=labels)
    other = tf.roll(y, 1, axis=1)
    z = tf.zeros((6, 32))
    alike = np.allclose(coder.decode(z, y), coder.decode(z, other))
    assert alike == (labels == 0)


def test_the_game_without_an_encoder_has_two_players(lesson, batch):
    losses = lesson["game_losses"](lesson["Game"](), *batch)
    assert set(losses) == {"discriminator", "generator"}
    assert all(np.isfinite(loss) for loss in losses.values())


def test_the_generator_learns_from_drawn_digits_and_features(lesson, batch):
    game = lesson["Game"](labels=1.0, encoder=1.0)
    with tf.GradientTape(persistent=True) as tape:
        losses = lesson["game_losses"](game, *batch)
    assert set(losses) == {"discriminator", "generator", "encoder"}
    for name in losses:
        weights = getattr(game, name).trainable_variables
        assert any(
            np.any(g) for g in tape.gradient(losses[name], weights) if g is not None
        )


def test_a_constant_velocity_is_followed_exactly(lesson):
    def velocity(inputs):
        x, t, y = inputs
        return 2.0 * tf.ones_like(x) + 6 * t  # its path ends 2 + 3 further

    x, y = tf.zeros((4, 3)), tf.zeros((4, 10))
    moved = lesson["along"].python_function(velocity, x, y, 5)
    np.testing.assert_allclose(moved, 5.0, rtol=1e-5)


def test_results_of_lessons_are_taken_in_place_of_training(lesson):
    result = results.Result("VAE", {"FD": 3.0}, {}, "smoke", "here", {})
    names = {"used": {"VAE": result}}
    lesson["enter"].__globals__.update(names)

    def refuse():
        raise AssertionError("trained although the lesson left a result")

    lesson["enter"]("VAE", refuse)
    assert lesson["cards"]["VAE"]["numbers"] == {"FD": 3.0}
    assert lesson["origins"]["VAE"] == "lesson"


def test_a_model_that_draws_the_wrong_shape_is_named(lesson):
    lesson["enter"].__globals__.update({"used": {}})
    with pytest.raises(ValueError, match=r"draw\(256\) gave shape"):
        lesson["enter"]("bad", lambda: {"draw": lambda n: np.zeros((n, 784))})


SHORT_FORMS = {
    "PCA": ("make_pca", {}),
    "autoencoder": ("make_coder", {"weight": 0.0}),
    "IAF-VAE": ("make_coder", {"flow_steps": 2}),
    "conditional VAE": ("make_coder", {"labels": 1.0}),
    "GAN": ("make_game", {}),
    "VAE-GAN": ("make_game", {"labels": 1.0, "encoder": 1.0}),
    "pixel flow": ("make_pixel_flow", {}),
    "latent flow": ("make_latent_flow", {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT_FORMS)
def test_every_short_form_can_be_measured(lesson, name):
    """The notebook itself takes the lessons' results where there are some."""
    maker, switches = SHORT_FORMS[name]
    made = lesson[maker](**switches)
    numbers = metrics.scorecard(lesson["digits"], **made)["numbers"]
    assert numbers["FD"] > numbers["FD floor"] / 2 and numbers["weights"] > 1000
    assert ("MSE" in numbers) == ("rebuild" in made)
    assert ("agreement" in numbers) == (
        name not in ("PCA", "autoencoder", "IAF-VAE", "GAN")
    )
