"""XLA that cannot compile: training goes on without it, and says so once."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from helpers import training
from helpers.training import loop, xla


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(xla, "_known", {})


def uncompilable(x):
    """The identity, through Python, which XLA cannot compile."""
    y = tf.numpy_function(lambda value: value, [x], x.dtype)
    return tf.ensure_shape(y, x.shape)


def no_compiler():
    """Fail as a card without ptxas does: when the first function is compiled."""
    tf.function(lambda: uncompilable(tf.ones(2)), jit_compile=True)()


def weights():
    return keras.Variable(np.ones((loop.MANY_WEIGHTS, 1), "float32"))


def fit(w, spoil=lambda x: x, xla=True):
    count = tf.Variable(0)
    update = training.gradient_step(
        lambda x: {"loss": ops.mean((spoil(x) @ w - 1.0) ** 2)},
        [w],
        keras.optimizers.SGD(1e-6),
    )

    def step(x):
        count.assign_add(1)
        return update(x)

    x = np.random.default_rng(1).normal(size=(8, loop.MANY_WEIGHTS))
    history = training.fit(step, x, epochs=3, batch_size=2, xla=xla)
    return history.batches["loss"], int(count)


@pytest.mark.parametrize("xla", [True, "auto", False])
def test_a_device_without_a_compiler_trains_all_the_same(monkeypatch, capsys, xla):
    w, reference = weights(), weights()
    expected, _ = fit(reference)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("helpers.training.xla._probe", no_compiler)
    monkeypatch.setattr("helpers.training.xla._known", {})
    losses, steps = fit(w, xla=xla)
    fit(w, xla=xla)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith("XLA cannot compile here (")
    assert "without it" in said
    assert not training.xla_works()
    assert steps == 12
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_a_step_that_xla_refuses_starts_anew_without_it(capsys):
    """Its compiler works, but not for this step: found by the first call."""
    w, reference = weights(), weights()
    expected, _ = fit(reference, xla=False)
    losses, steps = fit(w, uncompilable)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith("XLA cannot compile here (")
    assert steps == 12  # the call that failed left nothing behind
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    assert training.xla_works()  # for other steps it does


def test_an_error_of_the_step_itself_is_not_hidden():
    def step(x):
        with tf.control_dependencies([tf.debugging.assert_less(x, 0.0)]):
            return {"loss": ops.mean(x)}

    with pytest.raises(tf.errors.InvalidArgumentError, match="assert"):
        training.fit(step, np.ones((4, 1)), epochs=1, batch_size=2, xla=False)


def test_asked_while_a_step_is_traced_it_still_answers():
    assert tf.function(lambda: training.xla_works() and tf.constant(1))().numpy() == 1
