"""Precision and recall against a second way, and against sets whose answer is known."""

import numpy as np
import pytest

from helpers import data, metrics
from helpers.metrics import neighbours as module
from helpers.metrics import precision_recall


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def brute_force(real, drawn, k):
    """The definition, point by point: is anybody's k-th neighbour further than I?"""

    def reach(points, i):
        others = [np.linalg.norm(points[i] - q) for j, q in enumerate(points) if j != i]
        return sorted(others)[k - 1]

    def share(points, centres):
        reaches = [reach(centres, i) for i in range(len(centres))]
        inside = [
            any(
                np.linalg.norm(p - c) <= r
                for c, r in zip(centres, reaches, strict=True)
            )
            for p in points
        ]
        return sum(inside) / len(inside)

    return share(drawn, real), share(real, drawn)


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_it_is_the_definition(rng, k, shift):
    real, drawn = rng.normal(size=(40, 3)), shift + 0.7 * rng.normal(size=(25, 3))
    found = precision_recall(real, drawn, k)
    assert found == pytest.approx(brute_force(real, drawn, k))


def test_a_table_that_comes_in_parts_is_the_same(rng, monkeypatch):
    real, drawn = rng.normal(size=(53, 4)), 0.5 + rng.normal(size=(41, 4))
    whole = precision_recall(real, drawn)
    monkeypatch.setattr(module, "ROWS", 10)
    assert precision_recall(real, drawn) == whole


def test_a_set_covers_itself(rng):
    x = rng.normal(size=(60, 5))
    assert precision_recall(x, x) == (1.0, 1.0)
    assert precision_recall(x, rng.permutation(x)) == (1.0, 1.0)


def test_sets_far_apart_share_nothing(rng):
    x = rng.normal(size=(60, 5))
    assert precision_recall(x, x + 100) == (0.0, 0.0)


def test_the_two_swap_when_the_sets_do(rng):
    real, drawn = rng.normal(size=(80, 3)), 0.5 * rng.normal(size=(80, 3))
    assert precision_recall(drawn, real) == precision_recall(real, drawn)[::-1]


def test_a_collapse_costs_recall_and_noise_costs_precision(rng):
    """Two clusters are real. One is drawn: precise. Both and much between: complete."""
    centres = np.array([[-5.0, 0.0], [5.0, 0.0]])
    real = np.repeat(centres, 100, axis=0) + rng.normal(size=(200, 2))
    one = centres[0] + rng.normal(size=(200, 2))
    precision, recall = precision_recall(real, one)
    assert precision > 0.9
    assert 0.4 < recall <= 0.55
    wide = rng.uniform(-12, 12, (200, 2))
    precision, recall = precision_recall(real, wide)
    assert precision < 0.4
    assert recall > 0.9


def test_real_digits_against_real_digits():
    """What can be reached; copies of a few digits are precise but not complete."""
    digits = data.digits("lesson")
    test = metrics.digit_features(digits.x_test[:500])
    train = metrics.digit_features(digits.x_train[:500])
    precision, recall = precision_recall(test, train)
    assert min(precision, recall) > 0.6
    few = np.repeat(train[:20], 25, axis=0)
    assert precision_recall(test, few)[1] < 0.1


@pytest.mark.parametrize(
    ("real", "drawn", "k", "message"),
    [
        ((50, 4), (50, 5), 3, "unequal numbers of features"),
        ((50,), (50, 4), 3, r"real_features has shape \(50,\)"),
        ((50, 4), (5, 10, 4), 3, r"drawn_features has shape \(5, 10, 4\)"),
        ((50, 4), (3, 4), 3, "from 1 to 2.* 3 examples of drawn_features"),
        ((50, 4), (50, 4), 0, "k is 0"),
        ((50, 4), (50, 4), 50, "from 1 to 49"),
    ],
)
def test_refuses_what_does_not_compare(real, drawn, k, message):
    with pytest.raises(ValueError, match=message):
        precision_recall(np.ones(real), np.ones(drawn), k)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_refuses_what_is_not_finite(rng, bad):
    a, b = rng.normal(size=(2, 50, 3))
    b[7, 1] = bad
    with pytest.raises(ValueError, match="drawn_features.* NaN or infinite"):
        precision_recall(a, b)
