"""The sampling microscope, driven with mouse and keys in a real JupyterLab."""

import numpy as np
import pytest

from helpers.text import sampling
from tests.browser import lab, toy
from tests.browser.conftest import PHONE, keep_screenshot

pytestmark = pytest.mark.slow

ROWS = ".gx-bar:not(:last-child)"


@pytest.fixture(scope="module")
def page(run_notebook):
    return run_notebook("microscope")


@pytest.fixture
def microscope(page):
    """The widget with all knobs open and nothing drawn."""
    found = page.locator(".gx-microscope")
    for name, value in {"temperature": 1, "top-k": len(toy.TOKENS), "top-p": 1}.items():
        turn(found, name, value)
    begin_with(found, "the white whale")
    return found


def settle(microscope):
    microscope.page.locator('.gx-microscope[data-busy="false"]').wait_for()
    microscope.page.locator(".gx-drawn").wait_for(state="detached")


def turn(microscope, name, value):
    microscope.get_by_label(name, exact=True).fill(str(value))
    settle(microscope)


def press(microscope, name):
    microscope.get_by_role("button", name=name).click()
    settle(microscope)


def begin_with(microscope, text):
    microscope.get_by_label("Text to begin with").fill(text)
    press(microscope, "Begin with the text typed above")


def letters(microscope):
    return "".join(microscope.locator(".gx-letter").all_inner_texts())


def shown(microscope):
    """Return the names of the bars and their percentages."""
    names = microscope.locator(f"{ROWS} .gx-glyph").all_inner_texts()
    numbers = microscope.locator(f"{ROWS} .gx-bar-number").all_inner_texts()
    percent = [0.0 if n.startswith("<") else float(n.strip("%")) for n in numbers]
    return names, np.array(percent)


def expected(text, **knobs):
    """Return what `shown` must be, from Python's own probabilities."""
    logits = toy.next_logits(text)[None]
    p = sampling.probabilities(logits, **knobs)[0].numpy()
    order = np.argsort(-logits[0])[:16]
    signs = {" ": "␣", "\n": "⏎"}
    names = [signs.get(toy.TOKENS[i], toy.TOKENS[i]) for i in order]
    return names, 100 * p[order]


def assert_shows(microscope, text, **knobs):
    names, numbers = shown(microscope)
    right_names, right_numbers = expected(text, **knobs)
    assert names == right_names
    np.testing.assert_allclose(numbers, right_numbers, atol=0.0501)


def test_the_bars_are_those_of_python(page, microscope):
    assert lab.errors_on(page) == []
    assert_shows(microscope, "the white whale")


@pytest.mark.parametrize(
    "name, knob, value",
    [
        ("temperature", "temperature", 0.4),
        ("temperature", "temperature", 0),
        ("top-k", "top_k", 5),
        ("top-p", "top_p", 0.7),
    ],
)
def test_a_knob_bends_the_bars_and_the_entropy(microscope, name, knob, value):
    before = microscope.locator(".gx-entropy").inner_text()
    turn(microscope, name, value)
    assert_shows(microscope, "the white whale", **{knob: value})
    log_p = sampling.log_probabilities(
        toy.next_logits("the white whale")[None], **{knob: value}
    )
    after = microscope.locator(".gx-entropy").inner_text()
    assert after != before
    assert f"→ {float(sampling.entropy(log_p)[0]):.2f} bits" in after
    kept = int(np.isfinite(log_p[0]).sum())
    assert f"{kept} of {len(toy.TOKENS)} characters left" in after


def test_dragging_a_slider_bends_the_bars_live(page, microscope):
    slider = microscope.get_by_label("temperature", exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    seen = set()
    for share in np.linspace(0.5, 0.05, 12):
        page.mouse.move(box["x"] + share * box["width"], middle)
        page.wait_for_timeout(60)
        seen.add(microscope.locator(".gx-bar-number").first.inner_text())
    page.mouse.up()
    settle(microscope)
    assert len(seen) > 4
    assert_shows(microscope, "the white whale", temperature=float(slider.input_value()))


def test_drawing_one_says_which_and_moves_on(microscope):
    turn(microscope, "temperature", 0)
    best = expected("the white whale")[0][0]
    press(microscope, "Draw the next character")
    drawn = letters(microscope)
    assert len(drawn) == 1 and drawn == best
    said = microscope.locator(".gx-said").inner_text()
    assert f"Drew {best}: probability 100.0%" in said
    turn(microscope, "temperature", 1)
    assert_shows(microscope, "the white whale" + drawn)


def test_the_drawn_characters_bar_lights_up(microscope):
    microscope.get_by_role("button", name="Draw the next character").click()
    microscope.locator(".gx-bar.gx-drawn").wait_for()
    keep_screenshot(microscope, "microscope_drawn")
    settle(microscope)


def test_drawing_25_take_back_and_start_over(microscope):
    press(microscope, "Draw 25 characters")
    assert microscope.locator(".gx-letter").count() == 25
    first = letters(microscope)
    press(microscope, "Take the last drawn character back")
    assert microscope.locator(".gx-letter").count() == 24
    press(microscope, "Go back to the text before anything was drawn")
    assert microscope.locator(".gx-letter").count() == 0
    assert_shows(microscope, "the white whale")
    press(microscope, "Draw 25 characters")
    assert letters(microscope) == first
    turn(microscope, "top-p", 0.9)
    keep_screenshot(microscope, "microscope")


def test_a_text_of_your_own(page, microscope):
    box = microscope.get_by_label("Text to begin with")
    box.fill("a small boat")
    box.press("Control+Enter")
    settle(microscope)
    assert microscope.locator(".gx-given").inner_text() == "a small boat"
    assert_shows(microscope, "a small boat")


@pytest.mark.parametrize("text, words", [("the white #", "'#'"), ("", "empty")])
def test_a_text_that_cannot_be_read_is_refused(microscope, text, words):
    begin_with(microscope, text)
    error = microscope.locator(".gx-error")
    assert words in error.inner_text()
    assert microscope.locator(".gx-given").inner_text() == "the white whale"
    assert_shows(microscope, "the white whale")
    keep_screenshot(microscope, "microscope_refused")
    begin_with(microscope, "the sea")
    assert error.is_hidden()


def test_typing_does_not_reach_jupyterlab(page, microscope):
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    microscope.get_by_label("Text to begin with").click()
    for key in ("Escape", "a", "b", "d", "d", "0", "0", "Enter"):
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    turn(microscope, "top-k", 9)
    microscope.get_by_label("top-k", exact=True).focus()
    page.keyboard.press("ArrowRight")
    settle(microscope)
    assert microscope.locator("output").nth(1).inner_text() == "10"


def test_python_moves_the_widget_too(page, microscope):
    from tests.browser import hands

    hands.run_python(page, "microscope.temperature = 0.5; microscope.draw(3)")
    settle(microscope)
    assert microscope.locator(".gx-letter").count() == 3
    assert microscope.locator("output").first.inner_text() == "0.50"


def test_it_fits_a_phone(run_notebook):
    page = run_notebook("microscope_phone", viewport=PHONE)
    microscope = page.locator(".gx-microscope")
    settle(microscope)
    room = page.locator(".jp-OutputArea-output:has(.gx-microscope)").bounding_box()
    for part in microscope.locator(".gx-side").all():
        assert part.bounding_box()["width"] <= room["width"]
    keep_screenshot(microscope, "microscope_phone")


def test_nothing_is_asked_of_other_machines(page):
    assert page.asked
    assert all(
        url.startswith(("http://127.0.0.1", "data:", "blob:")) for url in page.asked
    )


def test_still_no_error_after_all_that(page):
    assert lab.errors_on(page) == []
