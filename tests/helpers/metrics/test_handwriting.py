"""Thickness and slant on bars whose width and lean are known."""

import numpy as np
import pytest

from helpers import data
from helpers.metrics import slant, thickness


def bar(width, lean=0.0, side=64):
    """A bar 40 pixels high that moves `lean` pixels to the right for each upwards."""
    row, column = np.indices((side, side))
    middle = side / 2 - 0.5 + lean * (side / 2 - 0.5 - row)
    ink = np.clip(width / 2 + 0.5 - np.abs(column - middle), 0, 1)
    return ink * (np.abs(row - side / 2 + 0.5) < 20)


@pytest.mark.parametrize("width", [3, 5, 8])
def test_thickness_is_the_width_of_a_bar(width):
    assert thickness(bar(width)[None])[0] == pytest.approx(width, rel=0.2)


def test_thickness_grows_with_the_width_and_not_with_the_place():
    widths = thickness(np.stack([bar(width) for width in (2, 3, 4, 6)]))
    assert (np.diff(widths) > 0).all()
    moved = np.roll(bar(4), (7, -9), axis=(0, 1))
    assert thickness(moved[None])[0] == pytest.approx(thickness(bar(4)[None])[0])


def test_thickness_counts_an_edge_at_the_border_of_the_picture():
    ink = np.zeros((1, 20, 20))
    ink[:, :, :4] = 1
    inside = np.roll(ink, 8, axis=2)
    np.testing.assert_allclose(thickness(ink), thickness(inside), rtol=0.1)


@pytest.mark.parametrize("lean", [-0.5, 0.0, 0.3])
def test_slant_is_the_lean_of_a_bar(lean):
    assert slant(bar(4, lean)[None])[0] == pytest.approx(lean, abs=0.02)


def test_slant_changes_its_sign_in_a_mirror():
    digits = data.digits("smoke").x_test[:50]
    np.testing.assert_allclose(slant(digits), -slant(digits[:, :, ::-1]), atol=1e-12)
    assert slant(digits).mean() > 0.05  # most people lean to the right


def test_shapes_with_and_without_a_channel_agree():
    digits = data.digits("smoke").x_test[:5]
    np.testing.assert_array_equal(thickness(digits), thickness(digits[..., 0]))


@pytest.mark.parametrize("measure", [thickness, slant])
def test_bad_pictures_are_refused(measure):
    with pytest.raises(ValueError, match="shape"):
        measure(np.ones((5, 784)))
    with pytest.raises(ValueError, match="no ink"):
        measure(np.zeros((1, 28, 28)))
