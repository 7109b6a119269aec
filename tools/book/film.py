"""Film an explorer of the book in use: python -m tools.book.film [PAGE]

Opens a page of build/book (notebooks/04_cvae if none is named) in the system's
Chromium, drags the point of its first LatentExplorer over the plane, changes the class
on the way, and writes docs/figures/explorer.gif, at most 1 MB.
"""

import io
import shutil
import sys

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from helpers import runtime
from helpers.animation import recorder
from tools.book import places, site

FRAMES, FPS, BYTES = 72, 12, 1_000_000
CLASSES = (3, 5, 8)  # one after the other, where there are classes
SIZE = {"width": 900, "height": 700}


def way(step):
    """Return the place on the plane, (right, up) in [0, 1], of a frame."""
    angle = 2 * np.pi * step / FRAMES
    return 0.5 + 0.36 * np.sin(angle), 0.5 + 0.36 * np.sin(2 * angle)


def film(page):
    """Use the first LatentExplorer of a page; return the frames, uint8 (h, w, 3)."""
    explorer = page.locator(".course-widget[data-kind=latent_explorer]").first
    explorer.scroll_into_view_if_needed()
    explorer.locator(".gx-plane").wait_for()
    page.evaluate("document.fonts.ready")
    chips, frames = explorer.locator(".gx-chip"), []
    box = explorer.locator(".gx-plane").bounding_box()
    for step in range(FRAMES):
        if chips.count() and step % (FRAMES // len(CLASSES)) == 0:
            page.mouse.up()
            chips.nth(CLASSES[step * len(CLASSES) // FRAMES]).click()
        right, up = way(step)
        # The plane's frame is narrower than its box: see MARGIN in plane.js.
        x = box["x"] + 34 + right * (box["width"] - 43)
        y = box["y"] + 9 + (1 - up) * (box["height"] - 33)
        page.mouse.move(x, y)
        page.mouse.down()
        png = explorer.screenshot()
        frames.append(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")))
    page.mouse.up()
    return frames


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "notebooks/04_cvae"
    path = site.book() / f"{name}.html"
    if not path.is_file():
        sys.exit(f"There is no {path}: run `make book` first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(path.as_uri())
        frames = film(page)
        browser.close()
    gif, scale = recorder.encode_within(frames, FPS, ".gif", BYTES)
    target = places.DOCS / "figures" / "explorer.gif"
    runtime.write_whole(target, lambda file: file.write(gif))
    print(f"{target}: {len(gif) / 1000:.0f} kB at {scale:.0%} of its size")


if __name__ == "__main__":
    main()
