"""The book's pages in Chromium, without a network and without a kernel.

A course of two small notebooks is run and built; its pages are opened as files and
from a server, their widgets are used by hand, and what they show is compared with what
Keras computes.
"""

import base64
import functools
import http.server
import os
import shutil
import threading

import numpy as np
import pytest

from helpers.widgets import drawing
from tests.browser import hands, toy_course
from tests.browser.conftest import PHONE, keep_screenshot
from tools.assets.packages import npm
from tools.book import __main__ as book
from tools.book import places

PAGES = ("index", "notebooks/01_pictures", "notebooks/02_words", "docs/teaching")
AXE = "axe-core@4.14.1"
SEVEN = [[(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("npm") and not os.environ.get("CI"),
        reason="needs npm, which fetches MathJax",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("course")
    toy_course.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROFILE", "smoke")
        patch.setattr(places, "NOTEBOOKS", folder / "notebooks")
        patch.setattr(places, "DOCS", folder / "docs")
        patch.setattr(places, "BUILD", folder / "build")
        with pytest.raises(SystemExit) as ended:
            book.main([])
    assert ended.value.code == 0
    return folder / "build" / "book"


@pytest.fixture(scope="module", params=["file", "http"])
def address(request, site):
    """Where the site is: opened as files, or served."""
    if request.param == "file":
        yield site.as_uri()
        return
    handler = functools.partial(QuietHandler, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def visit(browser, address):
    """A function that opens a page of the site; `page.wrong` is what went wrong on it.

    The network is blocked: what a page asks of elsewhere fails, and is noted.
    """
    contexts = []

    def visit(name, viewport=None, theme="light"):
        size = viewport or {"width": 1200, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("console", lambda message: note(page, message))

        def guard(route):
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                page.wrong.append(f"asked for {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page.goto(f"{address}/{name}.html")
        return page

    yield visit
    for context in contexts:
        context.close()


def note(page, message):
    if message.type == "error":
        page.wrong.append(message.text)


@pytest.fixture(scope="module")
def pictures(visit):
    return visit("notebooks/01_pictures")


@pytest.fixture(scope="module")
def words(visit):
    return visit("notebooks/02_words")


@pytest.fixture(scope="module")
def networks():
    return toy_course.names_of(toy_course.NETWORKS)


def living(page, selector, number=0):
    """Scroll to a widget and wait until it lives; return its place on the page."""
    place = page.locator(f".course-widget[data-kind='{selector}']").nth(number)
    place.scroll_into_view_if_needed()
    page.locator(f".course-widget[data-kind='{selector}'][data-alive='true']").nth(
        number
    ).wait_for()
    return place


def as_bytes(images):
    return np.round(255 * np.clip(np.asarray(images), 0, 1)).astype(int)


def test_a_widget_is_not_loaded_before_it_comes_into_view(visit):
    page = visit("notebooks/01_pictures", viewport={"width": 900, "height": 120})
    loaded = page.locator(".course-widget[data-alive]").count()
    assert loaded < page.locator(".course-widget").count() == 3
    assert page.locator(".course-widget img.still").count() == 3 - loaded


def test_a_dragged_explorer_shows_what_keras_decodes(pictures, networks):
    place = living(pictures, "latent_explorer")
    plane = place.locator(".gx-plane")
    seen = []
    for path in ([(0.2, 0.3), (0.8, 0.7)], [(0.8, 0.2), (0.3, 0.9)]):
        hands.drag(pictures, plane, *path)
        place.locator(".gx-chip").nth(len(seen) + 3).click()
        state = toy_course.state_of(place)
        assert state["label"] == len(seen) + 3
        z, y = np.float32([state["z"]]), np.array([state["label"]])
        right = as_bytes(networks["decode"](z, y))[0]
        shown = hands.picture(place).astype(int)[..., :1]
        assert np.abs(shown - right).max() <= 1
        seen.append(shown)
    assert np.abs(seen[0] - seen[1]).max() > 20
    assert place.locator('.gx-status[data-kind="exact"]').count() == 1
    keep_screenshot(place, "book_latent")


def test_tiles_lie_under_the_points(pictures):
    place = living(pictures, "latent_explorer")
    place.get_by_label("tiles").check()
    place.locator(".gx-chip").nth(7).click()
    pictures.wait_for_function(
        "(place) => place.state.tiles_of.label === 7",
        arg=place.element_handle(),
    )
    pictures.wait_for_timeout(200)
    keep_screenshot(place, "book_tiles")
    place.get_by_label("tiles").uncheck()


def test_a_convolutional_decoder_in_colour(pictures, networks):
    place = living(pictures, "latent_explorer", 1)
    hands.drag(pictures, place.locator(".gx-plane"), (0.5, 0.5), (0.9, 0.15))
    place.locator(".gx-slider input").last.fill("1.5")
    state = toy_course.state_of(place)
    right = as_bytes(networks["deep"](np.float32([state["z"]])))[0]
    assert state["z"][3] == 1.5
    assert np.abs(hands.picture(place).astype(int) - right).max() <= 1


def test_a_drawing_gives_the_ten_pictures_that_python_gives(pictures, networks):
    place = living(pictures, "draw_explorer")
    place.get_by_label("Clear the drawing").click()
    hands.draw(pictures, place, *SEVEN)
    raster = np.frombuffer(
        base64.b64decode(
            place.evaluate("({state}) => btoa(String.fromCharCode(...state.drawing))")
        ),
        np.uint8,
    ).reshape(drawing.SIDE, drawing.SIDE)
    x = drawing.centred(raster)[None, ..., None]
    label = int(np.argmax(networks["judge"](x)))
    state = toy_course.state_of(place)
    assert state["label"] == label
    z, log_var = (np.asarray(one) for one in networks["encode"](x, np.array([label])))
    np.testing.assert_allclose(state["z_mean"], z[0], atol=2e-3)
    np.testing.assert_allclose(state["z_std"], np.exp(log_var[0] / 2), atol=2e-3)
    right = as_bytes(networks["decode"](np.repeat(z, 10, axis=0), np.arange(10)))
    shown = hands.gallery(place).astype(int)[..., :1]
    assert np.abs(shown - right).max() <= 2
    seen = hands.pixels(place.locator(".gx-seen canvas")).astype(int)[..., 0]
    assert np.abs(seen - as_bytes(x)[0, ..., 0]).max() <= 1
    hands.click(pictures, place.locator(".gx-plane"), 0.7, 0.3)
    z = np.float32([toy_course.state_of(place)["z"]])
    right = as_bytes(networks["decode"](np.repeat(z, 10, axis=0), np.arange(10)))
    assert np.abs(hands.gallery(place).astype(int)[..., :1] - right).max() <= 1
    keep_screenshot(place, "book_draw")


def test_what_cannot_live_shows_its_picture_and_says_why(pictures):
    still = pictures.locator(".course-still")
    assert still.locator("img").count() == 1
    assert "needs the running notebook" in still.inner_text()


def test_the_microscope_reads_and_writes_like_keras(words):
    model = toy_course.names_of(toy_course.TEXT_MODEL)
    place = living(words, "sampling_microscope")
    mine = "call me ishmael. some years ago, never mind how long"
    place.locator("textarea").fill(mine)
    place.get_by_text("Use this text").click()
    place.get_by_text("Draw 25").click()
    place.get_by_text("Draw one").click()
    state = toy_course.state_of(place)
    assert state["text"] == mine and len(state["drawn"]) == 26
    passage = mine + "".join(one for one, _ in state["drawn"])
    logits = np.asarray(model["next_logits"](passage), np.float64)
    p = np.exp(logits - logits.max())
    p /= p.sum()
    tokens = toy_course.names_of(toy_course.TEXT_MODEL)["TOKENS"]
    assert max(p) > 2 / len(p)
    for character, before, after in state["view"]["rows"]:
        assert abs(before - p[tokens.index(character)]) < 1e-4
        assert before == pytest.approx(after)
    bits = -(p * np.log2(p)).sum()
    assert state["view"]["entropy"][0] == pytest.approx(bits, abs=1e-3)
    place.locator(".gx-knob input").nth(1).fill("3")
    view = toy_course.state_of(place)["view"]
    best = np.sort(p)[::-1][:3]
    kept = [row[2] for row in view["rows"]]
    np.testing.assert_allclose(kept[:3], best / best.sum(), atol=1e-4)
    assert view["kept"] == 3 and not any(kept[3:])
    place.get_by_text("Take back").click()
    assert len(toy_course.state_of(place)["drawn"]) == 25
    place.locator("textarea").fill("été")
    place.get_by_text("Use this text").click()
    assert "é" in place.get_by_role("alert").inner_text()
    keep_screenshot(place, "book_microscope")


def test_a_slider_needs_no_network_at_all(words):
    place = living(words, "picture_slider")
    place.locator("input[type=range]").fill("4")
    assert place.locator("output").inner_text() == "light 4"
    assert hands.pixels(place.locator("canvas")).min() == 255


def test_formulas_are_set(pictures):
    pictures.locator("mjx-container").first.wait_for()
    assert pictures.locator("mjx-container").count() == 2
    assert "$" not in pictures.locator("article p").first.inner_text()


def test_search_finds_a_word(visit):
    page = visit("search")
    page.goto(page.url.split("?")[0] + "?q=xylophone")
    link = page.locator("#search-results a", has_text="Pictures").first
    link.wait_for()
    link.click()
    page.get_by_role("heading", name="1 · Pictures").wait_for()
    assert page.wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(visit, name):
    page = visit(name, viewport=PHONE)
    for place in page.locator(".course-widget").all():
        place.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_stands_in_anyone_s_way(visit, name, theme):
    page = visit(name, theme=theme)
    for place in page.locator(".course-widget").all():
        place.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
    assert page.locator("html").get_attribute("data-theme") == theme
    page.add_script_tag(content=npm(AXE)["axe.min.js"].decode())
    found = page.evaluate("axe.run().then(({violations}) => violations)")
    serious = [
        (one["id"], [node["html"][:200] for node in one["nodes"]][:4])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.screenshot(
        path=places.BUILD / "screenshots" / f"{name.replace('/', '_')}_{theme}.png"
    )


def test_nothing_went_wrong_and_nothing_was_asked_of_elsewhere(pictures, words):
    assert pictures.wrong == [] and words.wrong == []
