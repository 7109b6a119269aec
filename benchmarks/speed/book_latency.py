"""How long the book's explorers take from the hand to the picture, in a real browser.

Run from the project's folder, after `make book`:
`python -m benchmarks.speed.book_latency [FOLDER]`. Every living widget on every page of
build/book (or FOLDER) is used with the mouse, about 60 times a second. Times are taken
inside the page, from the event's own time stamp to the picture painted on its canvas.
The bars are in milliseconds, for each widget.
"""

import sys
import time
from pathlib import Path

import numpy as np

from tests.browser import hands, lab

MEDIAN, PERCENTILE_95 = 16, 33
SECONDS = 4
STOPWATCH = """() => {
    window.times = [];
    let moved = null;
    const begin = (event) => { moved = event.timeStamp; };
    const end = () => {
        if (moved !== null) window.times.push(performance.now() - moved);
        moved = null;
    };
    addEventListener("pointermove", begin, true);
    addEventListener("input", begin, true);
    addEventListener("gx-shown", ({detail}) => { if (detail.exact) end(); });
    addEventListener("input", end);
}"""


def corners(kind, place):
    """Return the places, by name, that the hand goes over: left, top, width, height."""
    if kind in ("latent_explorer", "draw_explorer"):
        plane = place.locator(".gx-plane")
        left, bottom = hands.inside(plane, 0.1, 0.1)
        right, top = hands.inside(plane, 0.9, 0.9)
        yield "plane", (left, top, right - left, bottom - top)
    selector = {"draw_explorer": ".gx-sketch"}.get(kind, "input[type=range]")
    if kind != "latent_explorer":
        part = place.locator(selector).first
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        yield selector, (box["x"], box["y"], box["width"], box["height"])


def steady(page, left, top, width, height):
    """Drag about 60 times a second; return the times in ms."""
    page.mouse.move(left + width / 2, top + height / 2)
    page.mouse.down()
    page.evaluate("() => { times.length = 0; }")
    start = time.perf_counter()
    for i in range(60 * SECONDS):
        time.sleep(max(0, start + i / 60 - time.perf_counter()))
        x, y = 0.5 + 0.4 * np.cos(i / 20), 0.5 + 0.4 * np.sin(i / 31)
        page.mouse.move(left + x * width, top + y * height)
    page.wait_for_timeout(100)
    page.mouse.up()
    return page.evaluate("times")


def widgets(page):
    """Yield the kind and the place of every widget of a page, alive and in view."""
    for place in page.locator(".course-widget").all():
        place.scroll_into_view_if_needed()
        handle = place.element_handle()
        page.wait_for_function("(one) => one.dataset.alive", arg=handle)
        yield place.get_attribute("data-kind"), place


def main():
    from playwright.sync_api import sync_playwright

    site = Path(sys.argv[1] if len(sys.argv) > 1 else lab.ROOT / "build" / "book")
    pages = sorted(site.glob("notebooks/*.html"))
    if not pages:
        sys.exit(f"There is no book in {site}: run `make book` first.")
    missed = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=lab.find_chromium(), args=lab.CHROMIUM_FLAGS
        )
        for path in pages:
            page = browser.new_page(viewport={"width": 1300, "height": 950})
            page.goto(path.as_uri())
            page.evaluate(STOPWATCH)
            for kind, place in widgets(page):
                for part, box in corners(kind, place):
                    times = steady(page, *box)
                    median, late = np.percentile(times, [50, 95])
                    slow = median > MEDIAN or late > PERCENTILE_95
                    missed |= slow
                    print(
                        f"{path.stem:20} {kind:20} {part:18} {len(times):4} times, "
                        f"median {median:5.1f} ms, 95% {late:5.1f} ms"
                        f"{'  MISSED' if slow else ''}",
                        flush=True,
                    )
            page.close()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
