"""Lesson 5's game: the step of two players, the label's path, the gradient penalty.

The notebook's own functions are tried, against closed forms and a second way in NumPy.
"""

import matplotlib

matplotlib.use("Agg")

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import data, plotting, training

LESSON = "05_gan.ipynb"


@pytest.fixture
def random():
    return np.random.default_rng(0)


def small_gan(lesson, classes=0, **options):
    generator = lesson["make_generator"](5 + classes, channels=4)
    discriminator = lesson["make_discriminator"](1 + classes, channels=4, dropout=0.0)
    options = {"latent_dim": 5, "rate": 1e-3, "move": False, **options}
    return lesson["GAN"](generator, discriminator, **options)


def pictures(random, n=8):
    return tf.constant(random.uniform(-1, 1, (n, 28, 28, 1)).astype("float32"))


def weights_of(*models):
    return [[weight.numpy() for weight in m.trainable_variables] for m in models]


def moved(before, after):
    pairs = zip(before, after, strict=True)
    return [np.abs(new - old).max() for old, new in pairs]


# The losses and the convention


def test_real_is_one_and_fake_is_zero(lesson):
    assert (lesson["REAL"], lesson["FAKE"]) == (1.0, 0.0)
    large = tf.constant([[30.0], [20.0]])
    assert float(lesson["discriminator_loss"](large, -large)) == pytest.approx(
        0, abs=1e-6
    )
    assert float(lesson["discriminator_loss"](-large, large)) == pytest.approx(50)
    assert float(lesson["generator_loss"](large)) == pytest.approx(0, abs=1e-6)
    assert float(lesson["generator_loss"](-large)) == pytest.approx(25)


def test_losses_are_means_of_logarithms(lesson, random):
    real, fake = random.normal(size=(2, 50, 1)).astype("float32")
    d_real, d_fake = (
        1 / (1 + np.exp(-logits.astype(float))) for logits in (real, fake)
    )
    expected = -np.log(d_real).mean() - np.log(1 - d_fake).mean()
    found = float(lesson["discriminator_loss"](real, fake))
    assert found == pytest.approx(expected, rel=1e-5)
    found = float(lesson["generator_loss"](fake))
    assert found == pytest.approx(-np.log(d_fake).mean(), rel=1e-5)


def test_the_real_target_softens_one_side_only(lesson):
    logits = tf.Variable([[np.log(9.0)], [np.log(1 / 9)]], dtype=tf.float32)
    with tf.GradientTape() as tape:
        loss = lesson["discriminator_loss"](logits[:1], logits[1:], 0.9)
    slope_real, slope_fake = np.asarray(tape.gradient(loss, logits))[:, 0]
    assert slope_real == pytest.approx(0, abs=1e-6)  # 0.9 is reached
    assert slope_fake == pytest.approx(0.1, rel=1e-4)  # 0 is not


# The step


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("frozen", ["generator", "discriminator"])
def test_a_turn_moves_one_player_and_leaves_the_other(lesson, random, frozen, classes):
    gan = small_gan(lesson, classes)
    optimizer = gan.g_optimizer if frozen == "generator" else gan.d_optimizer
    optimizer.learning_rate = 0.0
    before = weights_of(gan.generator, gan.discriminator)
    y = [tf.one_hot([0, 1, 2, 0, 1, 2, 0, 1], classes)] if classes else []
    lesson["gan_step"](gan)(pictures(random), *y)
    after = weights_of(gan.generator, gan.discriminator)
    g_moved, d_moved = (moved(*pair) for pair in zip(before, after, strict=True))
    still, free = (g_moved, d_moved) if frozen == "generator" else (d_moved, g_moved)
    assert max(still) == 0
    assert min(free) > 0


def watched(gan):
    """Return the list of all batches of fakes that `gan` will draw."""
    seen, fake = [], gan.fake
    gan.fake = lambda n, *y: seen.append(fake(n, *y)) or seen[-1]
    return seen


def test_the_discriminators_turn_comes_first_and_is_a_plain_adam_step(lesson, random):
    """What the step does to D is one Adam step on its loss, with these fakes."""
    gan, x = small_gan(lesson), pictures(random)
    twin = keras.models.clone_model(gan.discriminator)
    twin.set_weights(gan.discriminator.get_weights())
    fakes = watched(gan)
    lesson["gan_step"](gan)(x)
    with tf.GradientTape() as tape:
        loss = lesson["discriminator_loss"](twin(x), twin(fakes[0]))
    adam = keras.optimizers.Adam(1e-3, beta_1=0.5)
    adam.build(twin.trainable_variables)
    slopes = tape.gradient(loss, twin.trainable_variables)
    adam.apply(slopes, twin.trainable_variables)
    for ours, expected in zip(*weights_of(gan.discriminator, twin), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_the_generator_learns_from_the_new_discriminator(lesson, random):
    """Its loss is that of its own turn's drawings under D after D's turn."""
    gan, x = small_gan(lesson, d_rate=0.2), pictures(random)
    fakes = watched(gan)
    old = keras.models.clone_model(gan.discriminator)
    old.set_weights(gan.discriminator.get_weights())
    found = float(lesson["gan_step"](gan)(x)["g_loss"])
    for_d, for_g = fakes
    assert np.abs(for_d - for_g).max() > 1e-3
    new = float(lesson["generator_loss"](gan.discriminator(for_g)))
    assert found == pytest.approx(new, rel=1e-4)
    assert abs(found - float(lesson["generator_loss"](old(for_g)))) > 0.01


def test_real_and_fake_are_judged_apart(lesson, random):
    seen = []

    def judge(discriminator, x, x_fake):
        seen.append((x.shape, x_fake.shape))
        return lesson["apart"](discriminator, x, x_fake)

    gan = small_gan(lesson)
    lesson["gan_step"](gan, judge=judge)(pictures(random))
    assert seen == [((8, 28, 28, 1), (8, 28, 28, 1))]
    normed = lesson["make_discriminator"](channels=4, norm=True, dropout=0.0)
    x, x_fake = pictures(random), 3 + pictures(random)
    for logits, batch in zip(
        lesson["apart"](normed, x, x_fake), (x, x_fake), strict=True
    ):
        np.testing.assert_allclose(logits, normed(batch, training=True), atol=1e-5)


def test_accuracy_counts_both_kinds(lesson, random):
    gan = small_gan(lesson)
    real, fake = tf.constant([[1.0], [1], [1], [-1]]), tf.constant([[-1.0]] * 4)
    judge = lesson["apart"]

    def shifted(discriminator, x, x_fake):
        logits = judge(discriminator, x, x_fake)
        return real + 0 * logits[0], fake + 0 * logits[1]

    values = lesson["gan_step"](gan, judge=shifted)(pictures(random, 4))
    assert float(values["d_accuracy"]) == pytest.approx(7 / 8)


@pytest.mark.parametrize("taken, keep", [(0, 2 / 11), (99, 101 / 110), (9999, 0.998)])
def test_the_average_follows_ever_more_slowly(lesson, random, taken, keep):
    gan = small_gan(lesson)
    gan.g_optimizer.iterations.assign(taken)
    start = gan.average.get_weights()
    lesson["gan_step"](gan)(pictures(random))
    for slow, old, new in zip(
        gan.average.get_weights(), start, gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(slow, keep * old + (1 - keep) * new, atol=1e-6)


@pytest.mark.slow
def test_trains_through_fit_and_resumes(lesson, random, tmp_path):
    x = pictures(random, 16).numpy()
    file = tmp_path / "gan.npz"

    def weights(epochs, checkpoint=None):
        keras.utils.set_random_seed(1)
        gan = small_gan(lesson)
        step = lesson["gan_step"](gan)
        options = {"epochs": epochs, "batch_size": 8, "progress": False}
        history = training.fit(step, x, checkpoint=checkpoint, **options)
        assert set(history.names) == {"d_loss", "g_loss", "d_accuracy"}
        return gan.average.get_weights()

    unbroken = weights(2)
    weights(1, file)
    for ours, expected in zip(weights(2, file), unbroken, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)


# The networks


@pytest.mark.parametrize("inputs", [0, -1])
def test_a_generator_without_noise_is_refused(lesson, inputs):
    with pytest.raises(ValueError, match="at least 1 .* Set LATENT_DIM"):
        lesson["make_generator"](inputs)


def test_kernels_that_the_stride_divides_paint_every_pixel_equally_often(lesson):
    """A kernel that the stride divides paints evenly; another one a chequerboard."""
    painted = {}
    for kernel in (3, 4, 5, 6):
        layer = lesson["grow"](1, kernel)[0]
        layer(tf.ones((1, 8, 8, 1)))
        layer.set_weights([np.ones((kernel, kernel, 1, 1)), np.zeros(1)])
        painted[kernel] = layer(tf.ones((1, 8, 8, 1)))[0, 4:-4, 4:-4, 0].numpy()
    assert [np.ptp(painted[kernel]) > 0 for kernel in (3, 4, 5, 6)] == [1, 0, 1, 0]


@pytest.mark.parametrize("options", [{}, {"norm": True}, {"dropout": 0.0}])
def test_every_discriminator_gives_one_logit(lesson, random, options):
    network = lesson["make_discriminator"](channels=4, **options)
    assert network(pictures(random), training=True).shape == (8, 1)


# Pictures in the wrong range


def test_pictures_from_zero_to_one_are_refused_by_tanh(lesson, random):
    x = random.uniform(0, 1, (64, 28, 28, 1)).astype("float32")
    with pytest.raises(ValueError, match=r"from \S+ to 1, .* -1 to 1.* 2 \* x - 1"):
        lesson["train"](small_gan(lesson), x, steps=1)
    with pytest.raises(ValueError, match=r"\(x \+ 1\) / 2"):
        data.check_range(2 * x - 1, 0)


@pytest.mark.parametrize("low, high", [(-1, 1), (0, 1)])
def test_range_that_fits(low, high):
    data.check_range(np.array([low, 0.5, high]), low)


@pytest.mark.parametrize("values", [(0, 255), (-1, 1.5), (-3, 1), (0, 1), (-0.4, 1)])
def test_range_that_does_not_fit(values):
    with pytest.raises(ValueError, match="Scale the pictures first"):
        data.check_range(np.array(values, "float32"), -1)


# The label's path


def test_one_hot():
    expected = [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    found = data.one_hot([0, 2, 1], 3)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("labels", "n_classes", "message"),
    [
        ([0, 1, 9], 5, "n_classes is 5.* from 0 to 9.* Set n_classes to 10"),
        ([0, 1, 2], 5, "Set n_classes to 3"),
        ([-1, 1, 2], 3, "from -1 to 2"),
        ([0.0, 1.0], 2, "integers"),
        ([[0, 1]], 2, "integers"),
        ([], 2, "integers"),
    ],
)
def test_classes_that_disagree_with_the_labels(labels, n_classes, message):
    with pytest.raises(ValueError, match=message):
        data.one_hot(labels, n_classes)


def test_a_label_plane_is_one_number_in_every_pixel(lesson, random):
    y = data.one_hot([2, 0, 1], 3)
    planes = np.asarray(lesson["label_planes"](random.normal(size=(3, 5, 6, 1)), y))
    assert planes.shape == (3, 5, 6, 3)
    for example in range(3):
        for label in range(3):
            assert (planes[example, :, :, label] == y[example, label]).all()


def test_the_label_reaches_both_players(lesson, random):
    gan, x = small_gan(lesson, classes=3), pictures(random, 3)
    y, other = data.one_hot([0, 1, 2], 3), data.one_hot([2, 0, 1], 3)
    seen = np.asarray(lesson["seen"](gan, x, y))
    np.testing.assert_array_equal(seen[..., :1], x)
    assert (seen[..., 1:] == y[:, None, None]).all()
    drawn = []
    for labels in (y, other):
        gan.rng.reset_from_seed(1)
        drawn.append(gan.fake(3, labels))
    assert np.abs(drawn[0] - drawn[1]).max() > 1e-3
    judged = [
        gan.discriminator(lesson["seen"](gan, x, labels)) for labels in (y, other)
    ]
    assert np.abs(judged[0] - judged[1]).min() > 1e-5


# What D sees is moved


def test_each_picture_is_moved_its_own_way_by_a_pixel_at_most(lesson, random):
    rng = tf.random.Generator.from_seed(1)
    x = random.uniform(size=(90, 28, 28, 1)).astype("float32")
    ways = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    found = []
    for before, after in zip(x, lesson["moved"](tf.constant(x), rng), strict=True):
        same = [np.allclose(np.roll(before, way, (0, 1)), after) for way in ways]
        assert sum(same) == 1
        found.append(same.index(True))
    assert set(found) == set(range(9))
    assert np.bincount(found).max() < 30


def test_the_gradient_comes_back_to_the_pixel_that_was_moved(lesson, random):
    x = tf.constant(random.uniform(size=(6, 28, 28, 1)).astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        after = lesson["moved"](x, tf.random.Generator.from_seed(1))
        half = tf.reduce_sum(after**2) / 2
    np.testing.assert_allclose(tape.gradient(half, x), x, atol=1e-6)


@pytest.mark.parametrize("move", [True, False])
def test_both_turns_see_moved_pictures_or_none(lesson, random, move, monkeypatch):
    gan, calls = small_gan(lesson, move=move), []
    plain = lesson["moved"]
    count = lambda x, rng: calls.append(len(x)) or plain(x, rng)  # noqa: E731
    monkeypatch.setitem(lesson, "moved", count)
    lesson["gan_step"](gan)(pictures(random))
    assert calls == [8, 8, 8] * move  # real and drawn in D's turn, drawn in G's


# The gradient penalty


def test_penalty_of_a_linear_critic(lesson, random):
    for w in ([3.0, 4.0], [0.6, 0.8], [0.1, 0.0]):
        x = tf.constant(random.normal(size=(20, 2)).astype("float32"))
        w = tf.constant(w)[:, None]
        found = lesson["gradient_penalty"](lambda x, w=w: x @ w, x)
        expected = max(0, np.linalg.norm(w) - 1) ** 2
        assert float(found) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_penalty_of_a_quadratic_critic_is_per_example(lesson, random):
    x = tf.constant(random.normal(size=(30, 4)).astype("float32"))
    found = lesson["gradient_penalty"](lambda x: tf.reduce_sum(x**2, 1) * 1.5, x)
    slopes = 3 * np.linalg.norm(x, axis=1)
    expected = np.mean(np.maximum(0, slopes - 1) ** 2)
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_a_flat_critic_gives_no_nan(lesson):
    w, x = tf.Variable(tf.zeros((2, 1))), tf.ones((5, 2))
    with tf.GradientTape() as tape:
        penalty = lesson["gradient_penalty"](lambda x: x @ w, x)
    assert float(penalty) == 0
    assert np.isfinite(tape.gradient(penalty, w)).all()


def test_interpolation_has_one_uniform_share_an_example(lesson):
    rng = tf.random.Generator.from_seed(1)
    x, x_fake = tf.ones((5000, 3)), tf.zeros((5000, 3))
    share = lesson["between"](x, x_fake, rng).numpy()
    assert (share == share[:, :1]).all()
    quantiles = np.quantile(share[:, 0], [0.1, 0.25, 0.5, 0.75, 0.9])
    np.testing.assert_allclose(quantiles, [0.1, 0.25, 0.5, 0.75, 0.9], atol=0.03)
    assert share.min() >= 0
    assert share.max() <= 1
    ends = lesson["between"](x, 2 * x, rng).numpy()
    assert ends.min() >= 1
    assert ends.max() <= 2


def dense(inputs, outputs):
    shape = [keras.layers.Input((inputs,)), keras.layers.Dense(outputs)]
    return keras.Sequential(shape)


@pytest.mark.parametrize("penalty", [0.0, 0.5])
def test_the_labs_losses(lesson, random, penalty):
    """A linear critic: both losses and the penalty have closed forms."""
    judge = dense(2, 1)
    judge.set_weights([np.array([[1.5], [2.0]]), np.array([0.3])])
    x, x_fake = random.normal(size=(2, 20, 2)).astype("float32")
    w, bias = judge.get_weights()
    fine = penalty * max(0, np.linalg.norm(w) - 1) ** 2
    real, fake = x @ w + bias, x_fake @ w + bias

    def found(**options):
        rng = tf.random.Generator.from_seed(1)
        batches = tf.constant(x), tf.constant(x_fake)
        loss = lesson["lab_loss"](judge, *batches, rng, penalty=penalty, **options)
        return float(loss)

    expected = fake.mean() - real.mean() + fine
    assert found(wasserstein=True) == pytest.approx(expected, rel=1e-3, abs=1e-5)
    expected = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean() + fine
    assert found() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("wasserstein", [True, False])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_every_game_of_the_lab_moves_both_players(lesson, random, wasserstein, penalty):
    gan = lesson["GAN"](dense(4, 2), dense(2, 1), latent_dim=4, rate=1e-3)
    before = weights_of(gan.generator, gan.discriminator)
    rules = {"wasserstein": wasserstein, "penalty": penalty}
    step = lesson["lab_step"](gan, d_turns=2, **rules)
    step(tf.constant(random.normal(size=(16, 2)).astype("float32")))
    after = weights_of(gan.generator, gan.discriminator)
    for old, new in zip(before, after, strict=True):
        assert max(moved(old, new)) > 0


# The films' frames


def test_frames_show_what_they_are_given():
    grid = np.linspace(-6, 6, 101)
    p = np.exp(-(grid**2))
    z = np.linspace(-2, 2, 5)
    q, d, best_d = 2 * p, np.full(101, 0.5), np.full(101, 1 / 3)
    fig = plotting.line_frame(grid, p, q, d, best_d, z, 0 * z)
    lines = {line.get_label(): line.get_ydata() for line in fig.axes[0].lines}
    np.testing.assert_array_equal(lines["generator"], q)
    np.testing.assert_array_equal(lines["best $D$"], best_d)
    drawn = {"a": np.zeros((9, 2)), "b": np.ones((9, 2))}
    fig = plotting.ring_frame(np.eye(2), 0.1, drawn, {"a": "first", "b": "second"})
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["first", "second"]
    (points,) = fig.axes[1].collections
    assert points.get_offsets().max() == 1
    assert {circle.radius for circle in fig.axes[1].patches} == {0.1}
    matplotlib.pyplot.close("all")
