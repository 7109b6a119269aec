"""The picture slider and the upload, driven with mouse, keys and files."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser import hands, lab
from tests.browser.conftest import keep_screenshot

ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def page(run_notebook):
    return run_notebook("pictures")


@pytest.fixture
def slider(page):
    return page.locator(".gx-slide")


@pytest.fixture
def upload(page):
    return page.locator(".gx-upload")


def brightness(slider):
    return hands.pixels(slider.locator("canvas")).mean()


def choose(upload, name, content):
    """Give the file to the input, as the file dialogue does."""
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    upload.locator("input[type=file]").set_input_files(file)


def photo(width, height, form="JPEG", turned=False, noise=0):
    """A picture, red on the left and blue on the right, as a file."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 200
    pixels[:, width // 2 :, 2] = 200
    if noise:
        random = np.random.default_rng(1)
        pixels[..., 1] = random.integers(0, noise, (height, width))
    exif = Image.Exif()
    if turned:
        exif[ORIENTATION] = 6  # stored lying on its side
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, exif=exif)
    return buffer.getvalue()


def wait_for_note(upload, words):
    upload.locator(".gx-hint", has_text=words).wait_for()


def test_the_notebook_runs_without_an_error(page):
    assert lab.errors_on(page) == []


def test_every_place_of_the_slider_has_its_picture(slider):
    seen = []
    for i in range(5):
        slider.locator("input").fill(str(i))
        assert slider.locator("output").inner_text() == f"light {i}"
        seen.append(brightness(slider))
    assert seen == sorted(seen) and seen[0] == 0 and seen[4] > 100
    keep_screenshot(slider, "picture_slider")


def test_arrow_keys_and_marks_move_the_slider(slider):
    slider.locator(".gx-mark").nth(1).click()
    assert slider.locator("output").inner_text() == "light 1"
    slider.locator("input").focus()
    slider.page.keyboard.press("ArrowRight")
    assert slider.locator("output").inner_text() == "light 2"


def test_python_moves_the_slider_and_hears_of_it(page, slider):
    hands.run_python(page, "slider.index = 4")
    slider.locator("output", has_text="light 4").wait_for()
    slider.locator(".gx-mark").nth(0).click()
    hands.run_python(page, "slider.index += 3")
    slider.locator("output", has_text="light 3").wait_for()


def test_a_chosen_file_becomes_the_picture(page, upload):
    choose(upload, "flag.png", photo(60, 40, "PNG"))
    wait_for_note(upload, "flag.png, 60 × 40 pixels")
    shown = hands.pixels(upload.locator("canvas"))
    np.testing.assert_array_equal(shown[20, 10], [200, 0, 0])
    np.testing.assert_array_equal(shown[20, 50], [0, 0, 200])
    hands.run_python(page, "assert upload.picture.shape == (40, 60, 3); ok = 1")
    keep_screenshot(upload, "picture_upload")


def test_a_file_of_many_messages_arrives_whole_and_upright(upload):
    large = photo(3000, 2000, turned=True, noise=256)
    assert len(large) > 3_000_000
    choose(upload, "large.jpg", large)
    wait_for_note(upload, "large.jpg, 256 × 384 pixels")
    shown = hands.pixels(upload.locator("canvas"))
    assert shown[50, 128, 0] > 120 > shown[330, 128, 0]  # what was left is on top


def test_what_is_no_picture_is_refused_in_words(upload):
    choose(upload, "flag.png", photo(60, 40, "PNG"))
    wait_for_note(upload, "flag.png")
    choose(upload, "letter.txt", b"Call me Ishmael.")
    error = upload.get_by_role("alert")
    error.wait_for()
    assert "letter.txt: The file is no picture that we can read" in error.inner_text()
    keep_screenshot(upload, "picture_upload_refused")
    assert hands.pixels(upload.locator("canvas")).shape == (40, 60, 3)
    choose(upload, "again.png", photo(50, 50, "PNG"))
    wait_for_note(upload, "again.png, 50 × 50 pixels")
    assert not error.is_visible()


def test_a_dropped_file_becomes_the_picture(page, upload):
    upload.locator(".gx-drop").evaluate(
        """(area, bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "dropped.png"));
            const drop = { dataTransfer: files, bubbles: true };
            area.dispatchEvent(new DragEvent("drop", drop));
        }""",
        list(photo(64, 48, "PNG")),
    )
    wait_for_note(upload, "dropped.png, 64 × 48 pixels")
