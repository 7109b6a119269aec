"""Checks of exercises: an answer is right, wrong, or not given yet.

A right answer returns a Verdict that a notebook shows as a green line; a wrong one
raises AssertionError with a hint; a placeholder (`...` or None) returns a Verdict
that says so, so that an unsolved lesson still runs from top to bottom.
"""

import html
from dataclasses import dataclass

import numpy as np

_solved = {}  # exercise number -> whether its last check passed


@dataclass(frozen=True)
class Verdict:
    """What a check found; a notebook shows it as one line."""

    solved: bool
    text: str

    def __repr__(self):
        return f"{'✓' if self.solved else '○'} {self.text}"

    def _repr_html_(self):
        colour = "#2a9d55" if self.solved else "#b7791f"
        mark = f'<b style="color:{colour}">{"✓" if self.solved else "○"}</b>'
        return f"<div>{mark} {html.escape(self.text)}</div>"


def value(number, answer, expected, *, rtol=1e-3, atol=1e-8, says="", hint=""):
    """Check one number against `expected`, without giving `expected` away."""

    def fault():
        got = np.asarray(answer)
        if got.shape != () or got.dtype.kind not in "biuf":
            return f"expected one number, got {_short(answer)}"
        if np.isclose(got, expected, rtol=rtol, atol=atol):
            return ""
        if not np.isfinite(got):
            return f"your answer is {got}"
        return f"your answer {got:.4g} is too {'large' if got > expected else 'small'}"

    right = says or f"{_short(answer)} is right."
    return _judge(number, answer, fault, right, hint)


def choice(number, answer, expected, *, says="", hint=""):
    """Check a word, a letter or True/False; case and outer spaces do not matter."""

    def plain(word):
        return word.strip().lower() if isinstance(word, str) else word

    def fault():
        if type(plain(answer)) is not type(plain(expected)):
            return f"expected a {type(expected).__name__}, got {_short(answer)}"
        return "" if plain(answer) == plain(expected) else f"{answer!r} is not it"

    return _judge(number, answer, fault, says or f"{answer!r} is right.", hint)


def array(number, answer, expected, *, rtol=1e-3, atol=1e-5, says="", hint=""):
    """Check an array or tensor: first its shape, then its values."""

    def fault():
        return _difference(answer, expected, rtol, atol)

    right = says or f"all {np.size(expected)} values are right."
    return _judge(number, answer, fault, right, hint)


def shape(number, answer, expected, *, says="", hint=""):
    """Check the shape of an array or tensor; None in `expected` fits any length."""

    def fault():
        got = np.shape(answer)
        fits = len(got) == len(expected) and all(
            e in (None, g) for e, g in zip(expected, got, strict=True)
        )
        return "" if fits else f"expected shape {tuple(expected)}, got {got}"

    return _judge(number, answer, fault, says or "the shape is right.", hint)


def function(number, answer, cases, *, rtol=1e-3, atol=1e-5, says="", hint=""):
    """Check a function on `cases`: pairs (arguments as a tuple, expected result).

    A function that returns a placeholder counts as not answered.
    """
    if _is_placeholder(answer):
        return _judge(number, answer, None, "", hint)
    if not callable(answer):
        return _judge(number, answer, lambda: "expected a function", "", hint)
    results = []
    for arguments, _ in cases:
        try:
            results.append(answer(*arguments))
        except Exception as error:
            called = f"called with {_short(arguments)}"
            what = f"your function, {called}, raised {type(error).__name__}: {error}"
            return _judge(number, answer, lambda what=what: what, "", hint)

    def fault():
        for (arguments, expected), result in zip(cases, results, strict=True):
            if wrong := _difference(result, expected, rtol, atol):
                return f"for {_short(arguments)}: {wrong}"
        return ""

    given = ... if any(map(_is_placeholder, results)) else answer
    number_of = "1 case" if len(results) == 1 else f"{len(results)} cases"
    right = says or f"your function is right in {number_of}."
    return _judge(number, given, fault, right, hint)


def condition(number, answer, predicate, *, says, hint):
    """Check an open answer: `predicate(answer)` must be true, as `says` states."""

    def fault():
        try:
            return "" if predicate(answer) else "not there yet"
        except Exception as error:
            return f"{_short(answer)} cannot be checked ({error})"

    return _judge(number, answer, fault, says, hint)


def summary(total):
    """Return how many of the exercises 1 to `total` are solved, and which are not."""
    left = _left(total)
    text = f"{total - len(left)} of {total} exercises solved."
    return Verdict(not left, text + (f" Left: {_listed(left)}." if left else ""))


def require_all(total):
    """Return the summary; AssertionError unless all of 1 to `total` are solved."""
    if left := _left(total):
        raise AssertionError(f"Not solved: exercise {_listed(left)} of {total}.")
    return summary(total)


def _judge(number, answer, fault, right, hint):
    """Record and return the verdict, or raise what `fault()` says is wrong."""
    if not isinstance(number, int) or number < 1:
        raise ValueError(f"An exercise's number is 1, 2, ...; got {number!r}")
    _solved[number] = False
    if _is_placeholder(answer):
        todo = "not answered yet. Replace each ... with your answer and run again."
        return Verdict(False, f"Exercise {number}: {todo}")
    if wrong := fault():
        advice = f" Hint: {hint}" if hint else ""
        raise AssertionError(f"Exercise {number}: {wrong.rstrip('.')}.{advice}")
    _solved[number] = True
    return Verdict(True, f"Exercise {number}: {right}")


def _is_placeholder(answer):
    if isinstance(answer, (tuple, list)):
        return any(map(_is_placeholder, answer))
    return answer is None or answer is ...


def _difference(answer, expected, rtol, atol):
    """Say how an array differs from the expected one; "" if it does not."""
    got, expected = np.asarray(answer), np.asarray(expected)
    if got.dtype.kind not in "biuf":
        return f"expected numbers, got {_short(answer)}"
    if got.shape != expected.shape:
        return f"expected shape {expected.shape}, got {got.shape}"
    close = np.isclose(got, expected, rtol=rtol, atol=atol)
    if close.all():
        return ""
    if got.shape == ():
        return f"expected {expected:.4g}, got {got:.4g}"
    first = tuple(int(i) for i in np.argwhere(~close)[0])
    where = f"{np.sum(~close)} of {got.size} values are off, the first at {list(first)}"
    return f"{where}: expected {expected[first]:.4g}, got {got[first]:.4g}"


def _short(thing):
    text = " ".join(repr(thing).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _left(total):
    if total < 1 or any(number > total for number in _solved):
        raise ValueError(
            f"total is {total}, but exercises {sorted(_solved)} were checked"
        )
    return [number for number in range(1, total + 1) if not _solved.get(number)]


def _listed(numbers):
    return ", ".join(map(str, numbers))
