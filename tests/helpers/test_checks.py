"""An exercise's check: right, wrong, or not answered."""

import subprocess
import sys

import numpy as np
import pytest

from helpers import checks


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(checks, "_solved", {})


class Tensor:
    """Like a TensorFlow or Keras tensor: NumPy can read it."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or self.values.dtype)


UNANSWERED = [
    lambda: checks.value(1, ..., 3),
    lambda: checks.value(1, None, 3),
    lambda: checks.choice(1, ..., "a"),
    lambda: checks.array(1, ..., [1, 2]),
    lambda: checks.array(1, [1, ...], [1, 2]),
    lambda: checks.shape(1, ..., (2,)),
    lambda: checks.function(1, ..., [((1,), 2)]),
    lambda: checks.function(1, lambda x: ..., [((1,), 2)]),
    lambda: checks.function(1, lambda x: None, [((1,), 2)]),
    lambda: checks.condition(1, ..., lambda a: a < 1, says="small", hint="less"),
]


@pytest.mark.parametrize("check", UNANSWERED)
def test_a_placeholder_is_told_and_does_not_raise(check):
    verdict = check()
    assert not verdict.solved
    assert "Exercise 1: not answered yet" in repr(verdict)


RIGHT = [
    lambda: checks.value(1, 3.0001, 3),
    lambda: checks.value(1, Tensor(3.0), 3),
    lambda: checks.value(1, np.float32(3), 3),
    lambda: checks.choice(1, " A ", "a"),
    lambda: checks.choice(1, True, True),
    lambda: checks.array(1, Tensor([1.0, 2.0]), [1, 2]),
    lambda: checks.shape(1, Tensor(np.zeros((5, 2))), (None, 2)),
    lambda: checks.function(1, lambda x, y: x + y, [((1, 2), 3), ((0, 1), 1)]),
    lambda: checks.function(1, lambda x: Tensor([x, x]), [((1,), [1, 1])]),
    lambda: checks.condition(1, 0.5, lambda a: a < 1, says="it is small", hint=""),
]


@pytest.mark.parametrize("check", RIGHT)
def test_a_right_answer_is_marked(check):
    verdict = check()
    assert verdict.solved
    assert repr(verdict).startswith("✓ Exercise 1: ")
    assert checks.require_all(1).solved


def explodes(x):
    raise KeyError("z")


WRONG = [
    (lambda: checks.value(1, 4, 3), "4 is too large"),
    (lambda: checks.value(1, 2, 3), "2 is too small"),
    (lambda: checks.value(1, float("nan"), 3), "nan"),
    (lambda: checks.value(1, [1, 2], 3), "expected one number"),
    (lambda: checks.value(1, "three", 3), "expected one number"),
    (lambda: checks.choice(1, "b", "a"), "'b' is not it"),
    (lambda: checks.choice(1, 1, True), "expected a bool"),
    (lambda: checks.array(1, [1, 2, 3], [1, 2]), r"shape \(2,\), got \(3,\)"),
    (lambda: checks.array(1, [[1, 5]], [[1, 2]]), r"1 of 2 .* \[0, 1\]: expected 2"),
    (lambda: checks.array(1, ["a", "b"], [1, 2]), "expected numbers"),
    (lambda: checks.shape(1, np.zeros((2, 3)), (3, 2)), r"\(3, 2\), got \(2, 3\)"),
    (lambda: checks.shape(1, 1.0, (None,)), r"\(None,\), got \(\)"),
    (lambda: checks.function(1, abs, [((2,), 2), ((-2,), -2)]), r"for \(-2,\)"),
    (lambda: checks.function(1, explodes, [((2,), 2)]), "raised KeyError"),
    (lambda: checks.function(1, 3, [((2,), 2)]), "expected a function"),
    (lambda: checks.condition(1, 2, lambda a: a < 1, says="", hint="less"), "less"),
    (lambda: checks.condition(1, "x", lambda a: a < 1, says="", hint=""), "'x' cannot"),
]


@pytest.mark.parametrize("check, message", WRONG)
def test_a_wrong_answer_says_what_is_off(check, message):
    with pytest.raises(AssertionError, match=message):
        check()
    assert not checks.summary(1).solved


def test_a_wrong_answer_ends_with_the_hint_and_keeps_the_number_secret():
    with pytest.raises(AssertionError) as caught:
        checks.value(2, 4, 3.25, hint="divide by n")
    message = str(caught.value)
    assert message.startswith("Exercise 2: ") and message.endswith("Hint: divide by n")
    assert "3.25" not in message


def test_a_verdict_escapes_what_it_shows():
    verdict = checks.choice(1, "<b>", "<b>")
    assert "<b>'" not in verdict._repr_html_()
    assert "&lt;b&gt;" in verdict._repr_html_()


def test_the_summary_counts_the_latest_check_of_each_exercise():
    checks.value(1, 3, 3)
    checks.value(3, ..., 3)
    assert repr(checks.summary(4)) == "○ 1 of 4 exercises solved. Left: 2, 3, 4."
    with pytest.raises(AssertionError, match="exercise 2, 3, 4 of 4"):
        checks.require_all(4)
    checks.value(1, ..., 3)
    assert "0 of 4" in repr(checks.summary(4))


def test_an_author_s_mistake_in_numbering_is_told():
    checks.value(2, 3, 3)
    with pytest.raises(ValueError, match="total is 1"):
        checks.summary(1)
    for number in (0, "2"):
        with pytest.raises(ValueError, match="number is 1, 2"):
            checks.value(number, 3, 3)


def test_no_tensorflow_is_imported():
    program = (
        "import sys; from helpers import checks; print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
