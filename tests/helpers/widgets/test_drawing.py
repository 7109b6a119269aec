"""Drawings become digits as MNIST has them: size, centre, anti-aliasing."""

import numpy as np
import pytest

from helpers import data
from helpers.widgets import drawing


def as_array(raster):
    return np.frombuffer(raster, np.uint8).reshape(drawing.SIDE, drawing.SIDE)


def blob(top, left, height, width, value=255):
    page = np.zeros((drawing.SIDE, drawing.SIDE), np.uint8)
    page[top : top + height, left : left + width] = value
    return page


def box(digit):
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    return rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


@pytest.mark.parametrize("size", [(100, 40), (40, 100), (180, 90), (12, 6), (196, 196)])
def test_the_longer_side_of_the_ink_gets_20_pixels(size):
    digit = drawing.centred(blob(0, 0, *size))
    assert max(box(digit)) == 20
    assert digit.shape == (28, 28) and digit.dtype == np.float32


def test_it_does_not_matter_where_on_the_page_one_draws():
    one = drawing.centred(blob(3, 5, 100, 60))
    other = drawing.centred(blob(80, 120, 100, 60))
    assert (one == other).all()


def test_the_centre_of_mass_is_in_the_middle():
    page = blob(20, 20, 120, 12)
    page[20:40, 20:100] = 255  # heavy at its top: no box around it is centred
    digit = drawing.centred(page)
    places = np.indices(digit.shape) + 0.5
    centre = (places * digit).sum(axis=(1, 2)) / digit.sum()
    np.testing.assert_allclose(centre, 14.5, atol=0.51)


def test_edges_are_anti_aliased():
    digit = drawing.centred(as_array(drawing.to_drawing()))
    between = ((digit > 0.1) & (digit < 0.9)).sum()
    assert between > 20


def test_faint_ink_becomes_full_ink():
    full = drawing.centred(blob(20, 20, 100, 50))
    faint = drawing.centred(blob(20, 20, 100, 50, value=80))
    np.testing.assert_allclose(faint, full)


def test_a_dot_of_one_pixel_is_still_a_drawing():
    digit = drawing.centred(blob(90, 90, 1, 1))
    assert 0 < digit.max() <= 1 and np.isfinite(digit).all()


def test_real_digits_come_back_as_they_were():
    """MNIST's own digits, enlarged and drawn again, keep size, place and ink."""
    digits = data.digits("smoke").x_test[:100, ..., 0]
    back = np.stack([drawing.centred(as_array(drawing.to_drawing(x))) for x in digits])
    error = np.abs(back - digits).mean(axis=(1, 2))
    shifted = np.abs(np.roll(digits, 1, axis=2) - digits).mean(axis=(1, 2))
    assert np.median(error) < 0.03
    assert np.median(error) < 0.6 * np.median(shifted)  # nearer than a pixel's shift


@pytest.mark.parametrize("page", [np.zeros((196, 196)), np.zeros((0, 0)), np.ones(5)])
def test_an_empty_page_is_no_digit(page):
    with pytest.raises(ValueError, match="The drawing is empty"):
        drawing.centred(page)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 1), (10, 40)])
def test_an_example_fills_the_page(shape):
    assert len(drawing.to_drawing(np.ones(shape))) == drawing.SIDE**2


@pytest.mark.parametrize("shape", [(28,), (28, 28, 3), (1, 28, 28, 1), (0, 0)])
def test_an_example_that_is_no_grey_image_is_refused(shape):
    with pytest.raises(ValueError, match="example has shape"):
        drawing.to_drawing(np.ones(shape))


def test_a_blank_example_is_a_blank_page():
    assert not as_array(drawing.to_drawing(np.zeros((28, 28)))).any()
