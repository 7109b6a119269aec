"""The explorers of a notebook, driven with mouse and keys in a real JupyterLab.

The same tests run on a toy notebook and, where it exists, on lesson 4.
"""

import numpy as np
import pytest

from tests.browser import hands, lab
from tests.browser.conftest import LESSON, NOTEBOOKS, keep_screenshot

NAMES = ["toy"]
if (NOTEBOOKS / f"{LESSON}.ipynb").exists():
    NAMES.append(pytest.param(LESSON, marks=pytest.mark.slow))  # all of it runs


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def page(run_notebook, name):
    return run_notebook(name)


@pytest.fixture
def latent(page):
    """The first LatentExplorer with classes to choose from."""
    found = page.locator(".gx-latent", has=page.locator(".gx-chips")).first
    hands.wait_until_exact(found)
    return found


@pytest.fixture
def draw(page):
    found = page.locator(".gx-draw").first
    hands.wait_until_exact(found)
    return found


@pytest.fixture
def plane(latent):
    return latent.locator(".gx-plane")


def test_the_notebook_runs_without_an_error(page):
    assert lab.errors_on(page) == []


def test_dragging_moves_z_and_the_picture_follows(page, latent, plane):
    hands.click(page, plane, 0.3, 0.3)
    hands.wait_until_exact(latent)
    start, before = hands.point(latent), hands.picture(latent)
    hands.drag(page, plane, (0.3, 0.3), (0.75, 0.6))
    hands.wait_until_exact(latent)
    assert (hands.point(latent) > start).all()
    assert (hands.picture(latent) != before).any()


def test_a_click_moves_z(page, latent, plane):
    hands.click(page, plane, 0.2, 0.8)
    one = hands.point(latent)
    hands.click(page, plane, 0.8, 0.2)
    other = hands.point(latent)
    assert other[0] > one[0] and other[1] < one[1]


def test_keys_move_z_and_shift_makes_small_steps(page, latent, plane):
    hands.click(page, plane, 0.5, 0.5)
    start = hands.point(latent)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    large = hands.point(latent) - start
    page.keyboard.press("Shift+ArrowRight")
    small = hands.point(latent) - start - large
    assert (large > 0).all()
    assert 0 < small[0] < large[0] and small[1] == 0


def test_the_keys_do_not_reach_jupyterlab(page, latent, plane):
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    hands.click(page, plane, 0.5, 0.5)
    for key in ("ArrowDown", "a", "b", "d", "d", "1"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert plane.evaluate("(one) => document.activeElement === one")


def test_choosing_a_class_changes_the_picture(page, latent, plane):
    hands.click(page, plane, 0.6, 0.6)
    latent.locator(".gx-chip").nth(1).click()
    hands.wait_until_exact(latent)
    one = hands.picture(latent)
    latent.locator(".gx-chip").nth(4).click()
    hands.wait_until_exact(latent)
    assert (hands.picture(latent) != one).any()
    plane.focus()
    page.keyboard.press("1")
    hands.wait_until_exact(latent)
    assert (hands.picture(latent) == one).all()


def test_the_wheel_zooms_in_and_fit_shows_all_again(page, latent, plane):
    back = plane.locator("canvas").first
    hands.click(page, plane, 0.5, 0.5)
    whole = hands.pixels(back)
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(200)
    assert (hands.pixels(back) != whole).any()
    latent.get_by_role("button", name="Show the whole plane").click()
    assert (hands.pixels(back) == whole).all()


def test_the_walk_ends_at_its_second_point(page, latent, plane):
    hands.click(page, plane, 0.7, 0.7)
    end = hands.point(latent)
    latent.get_by_role("button", name="Walk along a line").click()
    hands.click(page, plane, 0.3, 0.4)
    hands.click(page, plane, 0.7, 0.7)
    page.wait_for_timeout(600)
    assert (hands.point(latent) < end).all()
    latent.get_by_text("▶ Play").wait_for()
    hands.wait_until_exact(latent)
    np.testing.assert_allclose(hands.point(latent), end, atol=0.011)


def test_tiles_lie_under_the_points(page, latent, plane):
    back = plane.locator("canvas").first
    before = hands.pixels(back)
    latent.get_by_label("tiles").check()
    page.wait_for_timeout(500)
    assert (hands.pixels(back) != before).mean() > 0.1
    keep_screenshot(latent, f"{page.title().split('.')[0]}_latent_tiles")
    latent.get_by_label("tiles").uncheck()
    assert (hands.pixels(back) == before).all()


def test_a_drawn_digit_is_shown_as_all_ten(page, draw, name):
    before = hands.gallery(draw)
    draw.get_by_role("button", name="Clear the drawing").click()
    hands.draw(
        page, draw, [(0.55, 0.2), (0.3, 0.6), (0.75, 0.6)], [(0.6, 0.4), (0.6, 0.85)]
    )
    hands.wait_until_exact(draw)
    after = hands.gallery(draw)
    assert len(after) == 10
    assert (after != before).any()
    for one in range(10):
        assert after[one].max() > 100, f"class {one} is blank"
        assert all((after[one] != after[other]).any() for other in range(one))
    keep_screenshot(draw, f"{name}_draw")


def test_dragging_in_the_posterior_changes_all_ten(page, draw):
    before = hands.gallery(draw)
    hands.drag(page, draw.locator(".gx-plane"), (0.5, 0.5), (0.9, 0.8))
    hands.wait_until_exact(draw)
    after = hands.gallery(draw)
    assert all((after[one] != before[one]).any() for one in range(10))
    draw.get_by_role("button", name="Move to the posterior's mean").click()
    hands.wait_until_exact(draw)
    assert (hands.gallery(draw) == before).all()


def test_undo_takes_back_a_stroke_and_clear_all_of_them(page, draw):
    sketch, seen = draw.locator(".gx-sketch"), draw.locator(".gx-seen canvas")
    draw.get_by_role("button", name="Clear the drawing").click()
    hands.draw(page, draw, [(0.5, 0.2), (0.5, 0.8)])
    hands.wait_until_exact(draw)
    one = hands.pixels(sketch)
    hands.draw(page, draw, [(0.3, 0.5), (0.7, 0.5)])
    hands.wait_until_exact(draw)
    assert (hands.pixels(sketch) != one).any()
    draw.get_by_role("button", name="Take the last stroke back").click()
    hands.wait_until_exact(draw)
    assert (hands.pixels(sketch) == one).all()
    assert hands.pixels(seen).max() > 200
    draw.get_by_role("button", name="Clear the drawing").click()
    hands.wait_until_exact(draw)
    assert hands.pixels(sketch).max() == 0
    assert hands.pixels(seen).max() == 0


def test_screenshots_are_kept_for_a_person(page, latent, name):
    keep_screenshot(latent, f"{name}_latent")


def test_still_no_error_after_all_that(page):
    assert lab.errors_on(page) == []
    assert page.locator(".gx-error:visible").count() == 0
