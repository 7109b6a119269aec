"""Metrics against closed forms, brute force, and the digits that come with us."""

import numpy as np
import pytest
from scipy import linalg, ndimage

from helpers import data, metrics
from helpers.metrics import classifier


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    return data.digits("lesson")


# Frechet distance


def exactly(rng, mean, covariance, n=200):
    """Samples (n, d) whose sample mean and covariance are exactly the given ones."""
    x = rng.normal(size=(n, len(mean)))
    x -= x.mean(axis=0)
    whitening = np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False)))
    return x @ whitening.T @ np.linalg.cholesky(covariance).T + mean


def random_covariance(rng, d):
    root = rng.normal(size=(d, d))
    return root @ root.T + 0.1 * np.eye(d)


def test_frechet_distance_of_a_set_from_itself_is_zero(rng):
    x = rng.normal(size=(100, 8)) * 10
    assert metrics.frechet_distance(x, x) == pytest.approx(0, abs=1e-8)
    assert metrics.frechet_distance(x, rng.permutation(x)) == pytest.approx(0, abs=1e-8)


def test_frechet_distance_of_commuting_gaussians(rng):
    """Covariances with one set of axes: sum of (sigma_a - sigma_b)^2, plus means."""
    axes, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    scales = np.array([1, 2, 0.5, 3, 1.0]), np.array([2, 2, 1.5, 0.1, 1.0])
    means = np.array([1.0, 0, 0, 0, 0]), np.array([0, 0, 2.0, 0, 0])
    a, b = (
        exactly(rng, mean, axes * scale**2 @ axes.T)
        for mean, scale in zip(means, scales, strict=True)
    )
    expected = 1 + 4 + np.sum((scales[0] - scales[1]) ** 2)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_frechet_distance_is_the_matrix_square_root_formula(rng):
    a, b = (exactly(rng, rng.normal(size=6), random_covariance(rng, 6)) for _ in "ab")
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(cov_a @ cov_b).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(cov_a + cov_b - 2 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)
    assert metrics.frechet_distance(b, a) == pytest.approx(expected, rel=1e-8)


def test_frechet_distance_bears_a_dead_feature(rng):
    """A unit that never fires makes the covariance singular, as in real features."""
    a, b = rng.normal(size=(2, 100, 4))
    without = metrics.frechet_distance(a, b)
    zeros = np.zeros((100, 1))
    with_dead = metrics.frechet_distance(np.hstack([a, zeros]), np.hstack([b, zeros]))
    assert with_dead == pytest.approx(without, rel=1e-6)


@pytest.mark.parametrize(
    ("shape_a", "shape_b", "message"),
    [
        ((50, 4), (50, 5), r"\(50, 4\) and \(50, 5\)"),
        ((50,), (50,), r"\(50,\)"),
        ((50, 10), (10, 10), "10 examples are too few .* more than 10"),
    ],
)
def test_frechet_distance_refuses_shapes(shape_a, shape_b, message):
    with pytest.raises(ValueError, match=message):
        metrics.frechet_distance(np.ones(shape_a), np.ones(shape_b))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_frechet_distance_refuses_what_is_not_finite(rng, bad):
    a, b = rng.normal(size=(2, 50, 3))
    b[7, 1] = bad
    with pytest.raises(ValueError, match="NaN or infinite"):
        metrics.frechet_distance(a, b)


# Nearest neighbours


def brute_force_accuracy(z_train, y_train, z_test, y_test, k):
    right = 0
    for z, y in zip(z_test, y_test, strict=True):
        nearest = np.argsort(((z_train - z) ** 2).sum(axis=1))[:k]
        votes = [int(np.sum(y_train[nearest] == label)) for label in range(10)]
        right += votes.index(max(votes)) == y
    return right / len(y_test)


@pytest.mark.parametrize("k", [1, 2, 10])
def test_knn_accuracy_is_brute_force(rng, k):
    y_train, y_test = rng.integers(0, 10, 300), rng.integers(0, 10, 80)
    z_train = rng.normal(size=(300, 2)) + 0.3 * y_train[:, None]
    z_test = rng.normal(size=(80, 2)) + 0.3 * y_test[:, None]
    expected = brute_force_accuracy(z_train, y_train, z_test, y_test, k)
    assert metrics.knn_accuracy(z_train, y_train, z_test, y_test, k) == expected
    assert 0 < expected < 1


def test_knn_accuracy_gives_a_tie_to_the_smaller_label():
    z_train, y_train = np.array([[0.0], [1.0]]), np.array([7, 3])
    assert metrics.knn_accuracy(z_train, y_train, [[0.1]], [3], k=2) == 1
    assert metrics.knn_accuracy(z_train, y_train, [[0.1]], [7], k=2) == 0
    assert metrics.knn_accuracy(z_train, y_train, [[0.1]], [7], k=1) == 1


@pytest.mark.parametrize("k", [0, 4])
def test_knn_accuracy_refuses_k(k):
    with pytest.raises(ValueError, match=f"k is {k}.*3 codes"):
        metrics.knn_accuracy(np.zeros((3, 2)), [0, 1, 2], np.zeros((1, 2)), [0], k)


# The digit classifier


def test_classifier_is_right_on_98_percent_of_the_test_digits(digits):
    assert metrics.label_agreement(digits.x_test, digits.y_test) >= 0.98


def test_classifier_returns_features_and_probabilities(digits):
    features = metrics.digit_features(digits.x_test[:20])
    probabilities = metrics.digit_probabilities(digits.x_test[:20])
    assert features.shape == (20, classifier.FEATURES)
    assert probabilities.shape == (20, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert features.min() >= 0  # after the ReLU


def test_classifier_sees_each_image_alone(digits):
    """Dropout is off, and no statistics of the batch leak in."""
    together = metrics.digit_features(digits.x_test[:8])
    alone = np.concatenate([metrics.digit_features(x[None]) for x in digits.x_test[:8]])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_label_agreement_counts(digits):
    x, y = digits.x_test[:50], digits.y_test[:50]
    read = metrics.digit_probabilities(x).argmax(axis=1)
    asked = read.copy()
    asked[:10] = (asked[:10] + 1) % 10
    assert metrics.label_agreement(x, asked) == pytest.approx(0.8)
    assert metrics.label_agreement(x, list(read)) == 1
    assert metrics.label_agreement(x, (y + 1) % 10) < 0.2


@pytest.mark.parametrize("shape", [(7,), (8, 1), (8, 10), ()])
def test_label_agreement_refuses_labels_of_another_shape(digits, shape):
    with pytest.raises(ValueError, match=r"labels .* \(8,\)"):
        metrics.label_agreement(digits.x_test[:8], np.zeros(shape, int))


def test_distance_of_real_digits_is_small_and_of_noise_large(digits, rng):
    floor = metrics.digit_frechet_distance(digits.x_train, digits.x_test)
    assert 0 < floor < 2
    noise = rng.random((1500, 28, 28, 1), "float32")
    assert metrics.digit_frechet_distance(noise, digits.x_test) > 100


def test_distance_grows_with_damage(digits, rng):
    x, reference = digits.x_train[:1500], digits.x_test
    noise = rng.random(x.shape, "float32") - 0.5
    distances = [
        metrics.digit_frechet_distance(np.clip(x + s * noise, 0, 1), reference)
        for s in (0, 0.3, 0.6, 1.2)
    ]
    assert distances == sorted(distances)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 28, 28, 1), "uint8"), "images.*(integer|uint8)"),
        (np.zeros((4, 28, 28), "float32"), "images.*shape"),
        (np.zeros((4, 32, 32, 3), "float32"), r"\(4, 32, 32, 3\)"),
        (np.full((4, 28, 28, 1), 2.0, "float32"), r"images.*\[?0"),
        (np.full((4, 28, 28, 1), np.nan, "float32"), "images.*NaN"),
    ],
)
@pytest.mark.parametrize(
    "function", [metrics.digit_features, metrics.digit_probabilities]
)
def test_classifier_refuses_images(function, images, message):
    with pytest.raises(ValueError, match=message):
        function(images)


# Classes and modes that are covered


def test_class_shares_of_real_digits(digits):
    shares = metrics.class_shares(digits.x_test)
    assert shares.shape == (10,)
    assert shares.sum() == pytest.approx(1)
    real = np.bincount(digits.y_test, minlength=10) / len(digits.y_test)
    np.testing.assert_allclose(shares, real, atol=0.01)
    only_ones = metrics.class_shares(digits.x_test[digits.y_test == 1])
    assert only_ones[1] > 0.95
    assert metrics.class_coverage(only_ones) == 1


def test_class_shares_of_nothing():
    with pytest.raises(ValueError, match="empty"):
        metrics.class_shares(np.zeros((0, 28, 28, 1), "float32"))


@pytest.mark.parametrize("k", [1, 2, 10])
def test_class_entropy_of_equal_shares_is_log_k(k):
    assert metrics.class_entropy(np.full(k, 1 / k)) == pytest.approx(np.log(k))
    padded = np.append(np.full(k, 1 / k), [0, 0])
    assert metrics.class_entropy(padded) == pytest.approx(np.log(k))


def test_class_entropy_by_hand():
    expected = 0.5 * np.log(2) + 0.5 * np.log(4)
    assert metrics.class_entropy([0.5, 0.25, 0.25]) == pytest.approx(expected)


def test_class_coverage_counts_shares_at_the_limit():
    shares = [0.04, 0.039, 0.5, 0.421]
    assert metrics.class_coverage(shares) == 3
    assert metrics.class_coverage(shares, least=0.45) == 1


@pytest.mark.parametrize("shares", [[0.5, 0.4], [1.5, -0.5], [[1.0]], []])
def test_what_are_no_shares_is_refused(shares):
    for function in (metrics.class_entropy, metrics.class_coverage):
        with pytest.raises(ValueError, match="sum 1"):
            function(shares)


def test_mode_counts_by_hand():
    centres = np.array([[0.0, 0], [1, 0], [5, 5]])
    points = np.array([[0.1, 0], [0, 0.2], [0.9, 0], [0.5, 3], [1.3, 0]])
    assert metrics.mode_counts(points, centres, 0.25).tolist() == [2, 1, 0]
    assert metrics.mode_counts(points, centres, 0.35).tolist() == [2, 2, 0]
    assert metrics.mode_counts(points, centres, 0.15).tolist() == [1, 1, 0]
    assert metrics.mode_counts(points[:0], centres, 1).tolist() == [0, 0, 0]


def test_a_point_within_reach_of_two_centres_counts_once():
    counts = metrics.mode_counts([[0.4, 0.0]], [[0.0, 0], [1.0, 0]], radius=2)
    assert counts.tolist() == [1, 0]


def test_mode_coverage_wants_its_share(rng):
    centres = np.eye(8)
    points = np.repeat(centres, [100, 100, 10, 9, 1, 0, 0, 780], axis=0)
    assert metrics.mode_coverage(points, centres, 0.1) == 4
    assert metrics.mode_coverage(points, centres, 0.1, least=0.1) == 3
    assert metrics.mode_coverage(points, centres, 0.1, least=0) == 6
    far = points + 10
    assert metrics.mode_coverage(far, centres, 0.1) == 0


@pytest.mark.parametrize(
    ("points", "radius", "message"),
    [
        (np.zeros((4, 3)), 1.0, r"\(4, 3\) and .* \(2, 2\)"),
        (np.zeros(4), 1.0, r"\(4,\)"),
        (np.zeros((4, 2)), 0.0, "radius is 0"),
    ],
)
def test_mode_counts_of_what_does_not_compare(points, radius, message):
    with pytest.raises(ValueError, match=message):
        metrics.mode_counts(points, np.zeros((2, 2)), radius)


def test_sharpness_by_hand():
    """One white pixel on black: -4 there, 1 at its four neighbours, sum 0."""
    image = np.zeros((1, 8, 8, 1))
    image[0, 4, 4] = 1
    assert np.isclose(metrics.sharpness(image), (16 + 4) / 64)


def test_sharpness_falls_when_a_picture_is_blurred(digits):
    x = digits.x_test[:50]
    blurred = ndimage.gaussian_filter(x, (0, 1, 1, 0))
    assert np.all(metrics.sharpness(blurred) < metrics.sharpness(x))


@pytest.mark.parametrize("shape", [(28, 28), (3, 28, 28, 3), (3, 1, 28)])
def test_sharpness_refuses_shapes(shape):
    with pytest.raises(ValueError, match="shape"):
        metrics.sharpness(np.zeros(shape))


def test_sharpness_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="NaN"):
        metrics.sharpness(np.full((1, 8, 8), np.nan))
