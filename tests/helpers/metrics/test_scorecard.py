"""metrics.scorecard: the same numbers as its parts, and pictures that do not fit."""

import numpy as np
import pytest

from helpers import data, metrics


@pytest.fixture(scope="module")
def digits():
    return data.digits("smoke")


def test_numbers_are_those_of_the_single_rulers(digits):
    x, n = digits.x_train, len(digits.x_test)

    def draw(count):
        return x[-count:], digits.y_train[-count:]

    def rebuild(images, labels):
        return 0.5 * images

    card = metrics.scorecard(
        digits, draw, rebuild, elbo=-100.0, log_likelihood=-97.0, weights=5
    )
    numbers = card["numbers"]
    assert numbers["FD"] == pytest.approx(
        metrics.digit_frechet_distance(x[-n:], digits.x_test), rel=1e-4
    )
    assert numbers["FD floor"] == pytest.approx(
        metrics.digit_frechet_distance(x[:n], digits.x_test), rel=1e-4
    )
    seen = metrics.digit_features(digits.x_test), metrics.digit_features(x[-n:])
    expected = metrics.precision_recall(*seen)
    assert (numbers["precision"], numbers["recall"]) == pytest.approx(expected)
    assert numbers["MSE"] == pytest.approx(np.mean((0.5 * digits.x_test) ** 2))
    assert numbers["agreement"] > 0.95
    assert (numbers["ELBO"], numbers["NLL"], numbers["weights"]) == (-100, 97, 5)
    assert "training seconds" not in numbers
    assert card["pictures"]["drawn"].shape == (10, 28, 28)
    labels = [int(np.argmax(digits.y_test == label)) for label in range(10)]
    originals = card["pictures"]["originals"] / 255
    np.testing.assert_allclose(originals, digits.x_test[labels, ..., 0], atol=0.003)


def test_a_model_that_only_draws_has_no_other_numbers(digits):
    card = metrics.scorecard(digits, lambda n: digits.x_train[:n])
    assert not {"MSE", "ELBO", "NLL", "agreement"} & set(card["numbers"])
    assert list(card["pictures"]) == ["drawn"]


@pytest.mark.parametrize(
    "draw, message",
    [
        (lambda n: np.zeros((n, 784)), r"draw\(256\) gave shape \(256, 784\)"),
        (lambda n: np.zeros((n - 1, 28, 28, 1)), r"gave shape \(255"),
        (lambda n: np.full((n, 28, 28, 1), -1.0), "values from -1"),
        (lambda n: np.full((n, 28, 28, 1), np.nan), "NaN"),
    ],
)
def test_drawings_that_are_no_digits_are_refused(digits, draw, message):
    with pytest.raises(ValueError, match=message):
        metrics.scorecard(digits, draw)


def test_rebuilt_digits_of_another_shape_are_refused(digits):
    with pytest.raises(ValueError, match=r"rebuild\(x, labels\) gave shape"):
        metrics.scorecard(digits, lambda n: digits.x_train[:n], lambda x, y: x[..., 0])
