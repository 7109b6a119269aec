"""Temperature, top-k and top-p against a second implementation in float64 NumPy."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.stats import chisquare
from scipy.stats import entropy as scipy_entropy

from helpers.text import sampling


def reference(logits, temperature=1.0, top_k=None, top_p=1.0):
    """One row at a time, one token at a time, in float64."""
    logits = np.asarray(logits, "float64")
    p = np.zeros(len(logits))
    ranked = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if temperature == 0:
        p[ranked[0]] = 1.0
        return p
    kept = ranked[:top_k]
    best = logits[ranked[0]]
    weight = {i: np.exp((logits[i] - best) / temperature) for i in kept}
    total = sum(weight.values())
    reached, chosen = 0.0, []
    for i in kept:
        if reached >= top_p and top_p < 1:
            break
        chosen.append(i)
        reached += weight[i] / total
    total = sum(weight[i] for i in chosen)
    for i in chosen:
        p[i] = weight[i] / total
    return p


def random_logits(n=50, tokens=80, seed=0, scale=3.0):
    return scale * np.random.default_rng(seed).normal(size=(n, tokens))


@pytest.mark.parametrize("temperature", [0, 0.05, 0.5, 1.0, 2.0, 50.0])
@pytest.mark.parametrize("top_k", [None, 1, 2, 7, 80, 1000])
@pytest.mark.parametrize("top_p", [1e-6, 0.3, 0.9, 0.999, 1.0])
def test_agrees_with_the_reference(temperature, top_k, top_p):
    logits = random_logits()
    p = sampling.probabilities(logits, temperature, top_k, top_p).numpy()
    expected = [reference(row, temperature, top_k, top_p) for row in logits]
    np.testing.assert_allclose(p, expected, atol=2e-5)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)


def test_each_row_may_have_its_own_knobs():
    logits = random_logits(6)
    knobs = [
        np.array([0, 0.3, 0.7, 1.0, 1.5, 3.0]),
        np.array([5, 80, 1, 3, 20, 7]),
        np.array([1.0, 0.5, 0.2, 0.9, 0.99, 1.0]),
    ]
    p = sampling.probabilities(logits, *knobs).numpy()
    for i, row in enumerate(logits):
        expected = reference(row, *(knob[i] for knob in knobs))
        np.testing.assert_allclose(p[i], expected, atol=1e-5)


def test_temperature_comes_first_then_top_k_then_top_p():
    # p = 0.5, 0.3, 0.1, 0.1. The two best hold 0.625 and 0.375 of what top-k keeps:
    # top-p of 0.6 then keeps one; on the whole distribution it would keep both.
    logits = np.log([[0.5, 0.3, 0.1, 0.1]])
    both = sampling.probabilities(logits, top_k=2, top_p=0.6)[0]
    np.testing.assert_allclose(both, [1, 0, 0, 0], atol=1e-6)
    alone = sampling.probabilities(logits, top_p=0.6)[0]
    np.testing.assert_allclose(alone, [0.625, 0.375, 0, 0], atol=1e-6)
    # At temperature 0.5 p is squared: 25, 9, 1, 1 of 36. Now 0.6 keeps one alone.
    cold = sampling.probabilities(logits, temperature=0.5, top_p=0.6)[0]
    np.testing.assert_allclose(cold, [1, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_of_equal_tokens_the_lower_numbers_stay(k):
    logits = np.array([[1.0, 3.0, 1.0, 3.0, 1.0]])
    kept = sampling.probabilities(logits, top_k=k)[0] > 0
    expected = np.zeros(5, bool)
    expected[[1, 3, 0, 2, 4][:k]] = True
    np.testing.assert_array_equal(kept, expected)


def test_top_p_keeps_the_fewest_of_equal_tokens():
    flat = np.zeros((1, 8))
    for p, count in ((0.1, 1), (0.125, 1), (0.13, 2), (0.5, 4), (0.51, 5), (1.0, 8)):
        kept = sampling.probabilities(flat, top_p=p)[0] > 0
        assert kept.numpy().tolist() == [True] * count + [False] * (8 - count)


def test_temperature_zero_is_argmax_and_its_neighbourhood_tends_to_it():
    logits = random_logits()
    best = logits.argmax(axis=1)
    for temperature in (0, 1e-4, 1e-30, 1e-42):
        p = sampling.probabilities(logits, temperature).numpy()
        np.testing.assert_array_equal(p.argmax(axis=1), best)
        np.testing.assert_allclose(p.max(axis=1), 1, atol=1e-3)
    tie = sampling.probabilities([[2.0, 5.0, 5.0]], 0)[0]
    np.testing.assert_array_equal(tie, [0, 1, 0])
    drawn = sampling.draw(logits, (1, 2), temperature=0)
    np.testing.assert_array_equal(drawn, best)


def test_great_and_infinite_logits_do_no_harm():
    logits = [[1e30, 0.0, -1e30], [5000.0, 4999.0, -np.inf], [-9e4, -9e4, -9e4]]
    for temperature in (0.5, 1.0, 100.0):
        p = sampling.probabilities(logits, temperature).numpy()
        assert np.isfinite(p).all()
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
        assert p[1, 2] == 0
    ratio = sampling.probabilities(logits)[1]
    np.testing.assert_allclose(ratio[:2], reference([1.0, 0.0]), rtol=1e-5)


def test_adding_a_constant_changes_nothing():
    logits = random_logits()
    p = sampling.probabilities(logits, 0.7, 20, 0.9)
    shifted = sampling.probabilities(logits + 7.0, 0.7, 20, 0.9)
    np.testing.assert_allclose(p, shifted, atol=1e-5)


def test_top_p_of_one_keeps_even_the_least_probable():
    logits = np.concatenate([np.full(5, 12.0), np.linspace(0, -12, 200)])[None]
    assert (sampling.probabilities(logits, top_p=1.0).numpy() > 0).all()


@pytest.mark.parametrize(
    "knobs",
    [{}, {"temperature": 0.5}, {"temperature": 1.7, "top_k": 6}, {"top_p": 0.8}],
)
def test_draws_come_as_often_as_their_probabilities_say(knobs):
    logits = random_logits(1, tokens=12, seed=4, scale=1.0)
    n = 40_000
    drawn = sampling.draw(np.repeat(logits, n, axis=0), (3, 5), **knobs).numpy()
    counts = np.bincount(drawn, minlength=12)
    p = reference(logits[0], **knobs)
    assert counts[p == 0].sum() == 0
    assert chisquare(counts[p > 0], n * p[p > 0] / p[p > 0].sum()).pvalue > 1e-3
    others = np.roll(p[p > 0], 1)
    assert chisquare(counts[p > 0], n * others / others.sum()).pvalue < 1e-6


def test_the_seed_decides_the_draw():
    logits = random_logits(200)
    one, same, other = (sampling.draw(logits, (1, i)).numpy() for i in (1, 1, 2))
    assert (one == same).all() and (one != other).any()
    assert one.dtype == np.int32 and one.shape == (200,)


def test_entropy_in_bits():
    flat = sampling.log_probabilities(np.zeros((1, 8)))
    assert float(sampling.entropy(flat)[0]) == pytest.approx(3)
    sure = sampling.log_probabilities(random_logits(3), temperature=0)
    np.testing.assert_array_equal(sampling.entropy(sure), np.zeros(3))
    logits = random_logits()
    log_p = sampling.log_probabilities(logits, 0.8, 30, 0.95)
    expected = scipy_entropy(
        [reference(row, 0.8, 30, 0.95) for row in logits], base=2, axis=1
    )
    np.testing.assert_allclose(sampling.entropy(log_p), expected, atol=1e-4)


def test_entropy_grows_with_the_temperature():
    logits = np.repeat(random_logits(1), 6, axis=0)
    temperature = np.array([0, 0.3, 0.6, 1.0, 2.0, 9.0])
    bits = sampling.entropy(sampling.log_probabilities(logits, temperature)).numpy()
    assert (np.diff(bits) > 0).all() and bits[-1] < np.log2(80)


def test_the_same_in_a_graph_with_knobs_as_tensors():
    logits = random_logits().astype("float32")
    graph = tf.function(sampling.probabilities)
    inside = graph(logits, tf.constant(0.7), tf.constant(9), tf.constant(0.8))
    np.testing.assert_allclose(
        inside, sampling.probabilities(logits, 0.7, 9, 0.8), atol=1e-6
    )


@pytest.mark.parametrize(
    "knobs, words",
    [
        ({"temperature": -0.1}, "temperature is -0.1: it must be 0"),
        ({"temperature": np.nan}, "temperature is nan"),
        ({"temperature": np.array([1.0, -1.0])}, r"temperature is \[1.0, -1.0\]"),
        ({"temperature": np.inf}, "temperature is inf"),
        ({"top_k": 0}, "top_k is 0: it must be a whole number from 1"),
        ({"top_k": -3}, "top_k is -3"),
        ({"top_k": 2.5}, "top_k is 2.5"),
        ({"top_p": 0.0}, "top_p is 0.0: it must be above 0 and at most 1"),
        ({"top_p": 1.01}, "top_p is 1.01"),
        ({"top_p": -0.5}, "top_p is -0.5"),
    ],
)
def test_knobs_out_of_range_are_refused(knobs, words):
    for function in (sampling.probabilities, sampling.check_knobs):
        arguments = () if function is sampling.check_knobs else (random_logits(2),)
        with pytest.raises(ValueError, match=words):
            function(*arguments, **knobs)
    with pytest.raises(ValueError, match=words):
        sampling.draw(random_logits(2), (1, 1), **knobs)


@pytest.mark.parametrize("logits", [np.zeros(5), np.zeros((2, 0)), np.zeros((1, 2, 3))])
def test_logits_of_another_shape_are_refused(logits):
    with pytest.raises(ValueError, match="expected .n, tokens."):
        sampling.log_probabilities(logits)
