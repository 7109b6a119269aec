"""What the benchmarks of speed stand on: the turns, the counts, the fitted lines."""

import importlib.util
import time

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from benchmarks import run
from benchmarks.speed import growth, on_device
from benchmarks.speed.parts import operations, turns
from benchmarks.speed.parts.workloads import WORKLOADS


def test_contenders_take_turns_and_end():
    calls, ended = [], []

    def loop(name):
        def train(tick):
            try:
                while True:
                    calls.append(name)
                    tick(len(calls))
            finally:
                ended.append(name)

        return train

    loops = {name: loop(name) for name in "ab"}
    seconds = turns.alternate(loops, rounds=3)
    assert "".join(calls) == 4 * "ab"
    assert sorted(ended) == ["a", "b"]
    assert {name: list(times) for name, times in seconds.items()} == {
        "a": [3, 5, 7],
        "b": [4, 6, 8],
    }


def test_the_second_of_two_epochs_is_timed():
    told = []
    at_end = turns.second_of_two(told.append)
    for _ in range(4):
        at_end()
        time.sleep(0.01)
    assert len(told) == 2 and min(told) >= 0.01


def test_a_contender_that_fails_is_heard():
    def broken(tick):
        tick(1)
        raise ValueError("no such layer")

    with pytest.raises(ValueError, match="no such layer"):
        turns.alternate({"broken": broken})


def test_ratios_are_taken_round_by_round():
    seconds = {"fit": np.array([2.0, 6.0]), "ours": np.array([1.0, 2.0])}
    found = turns.ratios(seconds)
    assert list(found) == ["fit"]
    np.testing.assert_allclose(found["fit"], [2, 3])


def graph_of(layer, shape):
    layer.build(shape)

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x) ** 2)
        return tape.gradient(loss, [v.value for v in layer.trainable_variables])

    return step.get_concrete_function(tf.zeros(shape)).graph


def test_the_products_of_a_dense_layer():
    found = operations.products(graph_of(layers.Dense(7), (32, 50)))
    assert [product.kind for product in found] == ["MatMul", "MatMul"]
    assert [product.count for product in found] == [2 * 32 * 50 * 7] * 2


@pytest.mark.parametrize(
    "layer, places",
    [
        (layers.Conv2D(6, 3, strides=2, padding="same"), 4 * 4),
        (layers.Conv2DTranspose(6, 3, strides=2, padding="same"), 8 * 8),
    ],
)
def test_the_products_of_a_convolution(layer, places):
    found = operations.products(graph_of(layer, (5, 8, 8, 3)))
    assert len(found) == 2
    assert {product.count for product in found} == {2 * 5 * places * 9 * 3 * 6}
    for product in found:
        assert product.is_convolution
        assert 0 < product.alone() < 1


def test_an_exponent_and_its_error():
    x = np.array([1, 2, 4, 8])
    slope, error, offset = growth.exponent(x, 3 * x**2.0)
    assert (slope, error) == (pytest.approx(2), pytest.approx(0, abs=1e-6))
    assert np.exp(offset) == pytest.approx(3)
    noisy = 3 * x**2.0 * np.array([1.1, 0.9, 1.1, 0.9])
    assert growth.exponent(x, noisy)[1] > 0.05


def test_a_run_takes_the_place_of_the_last_one():
    text = "# Results\n\nBy hand.\n"
    first = run.recorded(text, "growth", "a 1", "2026-01-01")
    assert first.startswith(text)
    other = run.recorded(first, "against_others", "b \\1", "2026-01-02")
    second = run.recorded(other, "growth", "a 2", "2026-01-03")
    assert "a 1" not in second
    assert second.count("a 2") == 1
    assert "b \\1" in second


@pytest.mark.slow
def test_a_lessons_step_is_measured_on_a_device():
    (row,) = on_device.rows("CPU:0", only=[4])
    lesson, name, speed, ratio, memory, needs = row
    assert (lesson, name, ratio) == ("4", "dense VAE", 1.0)
    assert memory == "" or memory > 0  # some processors tell, most do not
    assert speed > 1 and needs.endswith(" min")


def test_every_lesson_with_a_training_has_its_step():
    assert set(on_device.LESSONS) == set(range(1, 10))
    known = {workload.name for workload in WORKLOADS}
    assert {name for name, _ in on_device.LESSONS.values()} <= known


needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


@needs_torch
@pytest.mark.parametrize("name", ["dense VAE", "convolutional VAE"])
def test_the_twin_in_pytorch_trains_alike(name):
    from benchmarks.speed.parts import contenders, workloads

    (workload,) = (w for w in workloads.WORKLOADS if w.name == name)
    loops, last = contenders.all_of(workload)
    chosen = {way: loops[way] for way in ("PyTorch", "ours")}
    turns.alternate(chosen, rounds=1)
    assert last["PyTorch"][-1] == pytest.approx(last["ours"][-1], rel=0.1)
