"""What goes wrong in a classroom: slow and failing decoders, touch, narrow pages."""

import re
import time

import numpy as np
import pytest

from tests.browser import hands, lab, toy
from tests.browser.conftest import DESKTOP, PHONE, TOY, keep_screenshot

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def toy_page(run_notebook):
    return run_notebook("toy")


@pytest.fixture(scope="module")
def hard_page(run_notebook):
    return run_notebook("hard")


@pytest.fixture
def latent(toy_page):
    found = toy_page.locator(".gx-latent")
    hands.wait_until_exact(found)
    return found


def as_shown(images):
    """A decoded image in [0, 1], (1, h, w), as the page shows it: uint8 (h, w, 3)."""
    grey = np.round(np.clip(images[0], 0, 1) * 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def watch(page):
    page.evaluate("addEventListener('gx-shown', (e) => { window.shown = e.detail; })")


def test_sixty_moves_in_a_second_end_in_the_picture_of_the_last(toy_page, latent):
    plane = latent.locator(".gx-plane")
    watch(toy_page)
    toy_page.mouse.move(*hands.inside(plane, 0.1, 0.5))
    toy_page.mouse.down()
    angles = np.linspace(0, 5, 60)
    places = [
        hands.inside(plane, 0.5 - 0.4 * np.cos(a), 0.5 + 0.4 * np.sin(a))
        for a in angles
    ]
    start = time.perf_counter()
    for i, place in enumerate(places):
        time.sleep(max(0, start + i / 60 - time.perf_counter()))
        toy_page.mouse.move(*place)
    toy_page.mouse.up()
    hands.wait_until_exact(latent)
    z = toy_page.evaluate("window.shown.z")
    label = toy_page.evaluate("window.shown.label")
    expected = toy.decode(np.array([z], np.float32), np.array([label]))
    assert (hands.picture(latent) == as_shown(expected)).all()
    left, bottom = hands.point(latent)
    np.testing.assert_allclose(z, [left, bottom], atol=0.0051)


def test_python_moves_the_handle_and_hears_of_the_mouse(toy_page, latent):
    hands.run_python(toy_page, "latent.z, latent.label = (1.5, -0.25), 8")
    toy_page.wait_for_function("window.shown.z[0] === 1.5 && window.shown.exact")
    hands.wait_until_exact(latent)
    assert hands.point(latent).tolist() == [1.5, -0.25]
    expected = toy.decode(np.array([[1.5, -0.25]], np.float32), np.array([8]))
    assert (hands.picture(latent) == as_shown(expected)).all()
    hands.click(toy_page, latent.locator(".gx-plane"), 0.25, 0.25)
    hands.wait_until_exact(latent)
    hands.run_python(toy_page, "latent.label = 3 if latent.z[0] < 0 else 4")
    latent.locator(".gx-chip:has(:checked)", has_text="3").wait_for()


def test_a_keyboard_alone_can_set_up_a_walk(toy_page, latent):
    plane = latent.locator(".gx-plane")
    hands.click(toy_page, plane, 0.4, 0.4)
    latent.get_by_role("button", name="Walk along a line").focus()
    toy_page.keyboard.press("Enter")
    toy_page.keyboard.press("Enter")
    for _ in range(5):
        toy_page.keyboard.press("ArrowRight")
    end = hands.point(latent)
    toy_page.keyboard.press("Enter")
    latent.get_by_text("■ Stop").wait_for()
    toy_page.keyboard.press("Escape")
    latent.get_by_text("▶ Play").wait_for()
    assert hands.point(latent)[0] < end[0]


def test_nothing_is_fetched_from_a_network(toy_page, latent):
    assert toy_page.asked
    beyond = [
        url
        for url in toy_page.asked
        if not url.startswith(("http://127.0.0.1:", "blob:", "data:"))
    ]
    assert beyond == []


@pytest.fixture(scope="module")
def living_page(run_notebook):
    return run_notebook("living")


def test_python_hears_what_a_page_decodes_by_itself(living_page):
    assert lab.errors_on(living_page) == []
    latent = living_page.locator(".gx-latent")
    plane = latent.locator(".gx-plane")
    hands.drag(living_page, plane, (0.3, 0.3), (0.75, 0.6))
    latent.locator(".gx-chip").nth(6).click()
    assert latent.locator('.gx-status[data-kind="exact"]').count() == 1
    shown = hands.picture(latent)[..., 0]
    agrees(living_page, latent)
    hands.run_python(
        living_page,
        "z = np.float32([latent.z])\n"
        "right = 255 * np.asarray(decode(z, np.array([latent.label])))[0]\n"
        "off = np.abs(latent.images[0] - right).max()\n"
        "latent.z = [0.5, 0.5] if latent.label == 6 and off <= 1 else [-0.5, -0.5]",
    )
    latent.get_by_text("0.50", exact=False).first.wait_for()
    assert hands.point(latent).tolist() == [0.5, 0.5]
    assert (hands.picture(latent)[..., 0] != shown).any()


def test_python_has_the_drawing_that_a_page_encodes_by_itself(living_page):
    draw = living_page.locator(".gx-draw")
    draw.get_by_role("button", name="Clear the drawing").click()
    hands.draw(living_page, draw, [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)])
    assert draw.locator('.gx-status[data-kind="exact"]').count() == 1
    agrees(living_page, draw)
    hands.run_python(
        living_page,
        "raster = np.frombuffer(draw.drawing, 'uint8').reshape(196, 196)\n"
        "mean, shown = draw.z_mean, draw.images.astype(int)\n"
        "draw._show_drawing()\n"
        "off = np.abs(draw.images.astype(int) - shown).max()\n"
        "near = np.allclose(mean, draw.z_mean, atol=2e-3)\n"
        "draw.z = [1, 1] if raster.any() and near and off <= 2 else [-1, -1]",
    )
    draw.get_by_text("1.00", exact=False).first.wait_for()
    assert hands.point(draw).tolist() == [1, 1]


def agrees(page, explorer):
    """Wait until the kernel has heard of what the page did."""
    page.wait_for_timeout(1000)


def test_a_cell_that_raises_ends_the_run_and_is_seen(run_notebook):
    page = run_notebook("broken")
    assert lab.errors_on(page) == ["ZeroDivisionError: division by zero"]


def test_the_hard_notebook_runs_without_an_error(hard_page):
    assert lab.errors_on(hard_page) == []


def test_a_slow_decoder_keeps_the_last_picture_until_it_answers(hard_page):
    slow = hard_page.locator(".gx-latent").nth(1)
    plane = slow.locator(".gx-plane")
    hands.wait_until_exact(slow)
    hands.click(hard_page, plane, 0.2, 0.2)
    hands.wait_until_exact(slow)
    one = hands.picture(slow)
    hands.click(hard_page, plane, 0.8, 0.8)
    assert slow.locator('[data-kind="waiting"]').count() == 1
    assert (hands.picture(slow) == one).all()
    watch(hard_page)
    hands.click(hard_page, plane, 0.6, 0.35)
    hands.wait_until_exact(slow)
    z = hard_page.evaluate("window.shown.z")
    expected = toy.decode(np.array([z], np.float32))
    assert (hands.picture(slow) == as_shown(expected)).all()


def test_a_failing_decoder_says_so_and_keeps_the_last_picture(hard_page):
    failing = hard_page.locator(".gx-latent").nth(2)
    plane = failing.locator(".gx-plane")
    hands.click(hard_page, plane, 0.4, 0.5)
    hands.wait_until_exact(failing)
    hands.click(hard_page, plane, 0.9, 0.5)
    failing.get_by_text("ArithmeticError: out of its depth").wait_for()
    assert failing.locator('[data-kind="failed"]').count() == 1
    assert hands.picture(failing).max() > 100
    keep_screenshot(failing, "toy_failing")
    hands.click(hard_page, plane, 0.3, 0.6)
    hands.wait_until_exact(failing)
    failing.locator(".gx-error").wait_for(state="hidden")


def test_colours_sliders_and_axes_of_a_deeper_space(hard_page):
    deep = hard_page.locator(".gx-latent").nth(0)
    plane = deep.locator(".gx-plane")
    hands.click(hard_page, plane, 0.8, 0.7)
    hands.wait_until_exact(deep)
    shown = hands.picture(deep)
    assert shown.shape == (32, 32, 3)
    assert (shown[..., 0] != shown[..., 2]).any()
    assert "clipped" in deep.locator(".gx-notice").inner_text()
    deep.locator("input[type=range]:visible").first.fill("1.5")
    assert hands.point(deep)[2] == 1.5
    deep.locator("select").first.select_option("3")
    start = hands.point(deep)
    hands.click(hard_page, plane, 0.2, 0.9)
    hands.wait_until_exact(deep)
    moved = hands.point(deep) != start
    assert moved.tolist() == [False, True, False, True]
    keep_screenshot(deep, "toy_deep")


def test_choosing_the_same_axis_twice_swaps_them(hard_page):
    deep = hard_page.locator(".gx-latent").nth(0)
    lists = deep.locator("select")
    lists.first.select_option("0")
    lists.nth(1).select_option("1")
    lists.first.select_option("1")
    assert [one.input_value() for one in lists.all()] == ["1", "0"]


def touch(fingers, kind, *places):
    points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_touch_drags_and_a_pinch_zooms_on_a_phone(run_notebook):
    page = run_notebook("phone", viewport=PHONE, has_touch=True)
    latent = page.locator(".gx-latent")
    plane = latent.locator(".gx-plane")
    hands.wait_until_exact(latent)
    fingers = page.context.new_cdp_session(page)
    touch(fingers, "touchStart", hands.inside(plane, 0.3, 0.3))
    touch(fingers, "touchMove", hands.inside(plane, 0.5, 0.5))
    touch(fingers, "touchMove", hands.inside(plane, 0.7, 0.8))
    touch(fingers, "touchEnd")
    hands.wait_until_exact(latent)
    assert (hands.point(latent) > [0.5, 1]).all()
    back = plane.locator("canvas").first
    whole = hands.pixels(back)
    middle, away = hands.inside(plane, 0.5, 0.5), hands.inside(plane, 0.6, 0.5)
    touch(fingers, "touchStart", middle, away)
    touch(fingers, "touchMove", middle, hands.inside(plane, 0.9, 0.5))
    touch(fingers, "touchEnd")
    assert (hands.pixels(back) != whole).any()
    keep_screenshot(latent, "toy_phone_latent")
    draw = page.locator(".gx-draw")
    draw.scroll_into_view_if_needed()
    keep_screenshot(draw, "toy_phone_draw")
    for one in (latent, draw):
        assert one.evaluate("(box) => box.scrollWidth <= box.clientWidth")


@pytest.fixture(scope="module")
def dark_page(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dark")
    lab.write_notebook(folder / "toy.ipynb", TOY)
    home = tmp_path_factory.mktemp("dark_home")
    with lab.jupyterlab(folder, home, theme="JupyterLab Dark") as (url, token):
        page = browser.new_page(viewport=DESKTOP)
        lab.open_notebook(page, url, token, "toy.ipynb")
        lab.run_all(page)
        yield page
        page.close()


def test_in_the_dark_theme_paper_is_dark_and_ink_light(dark_page):
    latent = dark_page.locator(".gx-latent")
    hands.wait_until_exact(latent)
    back = hands.pixels(latent.locator(".gx-plane canvas").first)
    assert back[-40, -30].max() < 60
    colour = latent.evaluate("(one) => getComputedStyle(one).color")
    assert min(int(n) for n in re.findall(r"\d+", colour)[:3]) > 180
    keep_screenshot(latent, "toy_dark_latent")
    keep_screenshot(dark_page.locator(".gx-draw"), "toy_dark_draw")


def test_a_point_beyond_the_limits_is_brought_into_view(toy_page, latent):
    hands.run_python(toy_page, "latent.z = (9, 0)")
    toy_page.wait_for_function("window.shown.z[0] === 9 && window.shown.exact")
    front = hands.pixels(latent.locator(".gx-plane canvas").nth(1))
    assert (front[:, -40:] == [229, 0, 126]).all(axis=-1).any(), "no handle to be seen"
    hands.run_python(toy_page, "latent.z = (0, 0)")
    toy_page.wait_for_function("window.shown.z[0] === 0 && window.shown.exact")
