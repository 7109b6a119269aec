"""How long the LatentExplorer takes from the pointer to a picture, in a real browser.

Run from the project's folder: `python -m benchmarks.speed.explorer_latency`. It
starts a JupyterLab and the system's Chromium, and needs both. The decoder is a
convolutional one in Keras, untrained, of the size of lesson 4's, called as the lesson
calls it.
Times are taken inside the page, from the pointer event's own time stamp to the picture
painted on its canvas. The bars are in BARS, in milliseconds.
"""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.browser import hands, lab

BARS = {  # decoded by the page itself, and by the kernel
    "page, median": 16,
    "page, 95th percentile": 33,
    "kernel, median": 60,
}
MOVES, DRAG_SECONDS = 120, 5
CELLS = [
    """import keras
from keras import layers, ops
from helpers import widgets
from tests.browser import toy

decoder = keras.Sequential([
    keras.Input((12,)),
    layers.Dense(7 * 7 * 32, activation="relu"),
    layers.Reshape((7, 7, 32)),
    layers.Conv2DTranspose(32, 3, 2, "same", activation="relu"),
    layers.Conv2DTranspose(16, 3, 2, "same", activation="relu"),
    layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
])
codes, labels = toy.codes()""",
    """def decode(z, y):
    return decoder(ops.concatenate([z, ops.one_hot(y, 10)], axis=1))

latent = widgets.LatentExplorer(decode, codes, labels, n_classes=10)
assert latent.networks
latent""",
    """def by_numpy(z, y):
    return decode(z, y).numpy()  # so that it cannot leave Python

asked = widgets.LatentExplorer(by_numpy, codes, labels, n_classes=10)
assert not asked.networks
asked""",
]
STOPWATCH = """() => {
    window.times = [];
    let moved = null;
    addEventListener("pointermove", (event) => { moved = event.timeStamp; }, true);
    addEventListener("gx-shown", ({detail}) => {
        if (moved === null || !detail.exact) return;
        window.times.push(performance.now() - moved);
        moved = null;
    });
}"""


def step_by_step(page, plane):
    """Move, wait for the exact picture, move again; return its times in ms."""
    page.evaluate("() => { times.length = 0; }")
    for angle in np.linspace(0, 12, MOVES):
        before = page.evaluate("times.length")
        place = 0.5 + 0.35 * np.cos(angle), 0.5 + 0.35 * np.sin(0.7 * angle)
        page.mouse.move(*hands.inside(plane, *place))
        page.wait_for_function("(n) => times.length > n", arg=before)
    return page.evaluate("times")


def steady_drag(page, plane):
    """Move 60 times a second; return the pictures' times in ms."""
    box = [hands.inside(plane, *corner) for corner in ((0.1, 0.1), (0.9, 0.9))]
    (left, bottom), (right, top) = box
    page.evaluate("() => { times.length = 0; }")
    start = time.perf_counter()
    for i in range(60 * DRAG_SECONDS):
        time.sleep(max(0, start + i / 60 - time.perf_counter()))
        x, y = 0.5 + 0.5 * np.cos(i / 20), 0.5 + 0.5 * np.sin(i / 31)
        page.mouse.move(left + x * (right - left), bottom + y * (top - bottom))
    return page.evaluate("times")


def times_of(page, number, use):
    """Use one of the explorers with the button held down; return its times."""
    explorer = page.locator(".gx-latent").nth(number)
    plane = explorer.locator(".gx-plane")
    hands.wait_until_exact(explorer)
    hands.click(page, plane, 0.5, 0.5)
    hands.wait_until_exact(explorer)
    page.mouse.down()
    times = use(page, plane)
    page.mouse.up()
    hands.wait_until_exact(explorer)
    return times


def measure(page):
    """Return the figures that the bars are for, in ms."""
    page.evaluate(STOPWATCH)
    own, asked = times_of(page, 0, steady_drag), times_of(page, 1, step_by_step)
    print(f"{len(own)} pictures by the page, {len(asked)} by the kernel")
    figures = np.median(own), np.percentile(own, 95), np.median(asked)
    return dict(zip(BARS, figures, strict=True))


@contextlib.contextmanager
def notebook_page():
    """A page on which a notebook with an explorer has run."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        lab.write_notebook(Path(folder) / "latency.ipynb", CELLS)
        server = lab.jupyterlab(folder, Path(home))
        with server as (url, token), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=lab.find_chromium(), args=lab.CHROMIUM_FLAGS
            )
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            lab.open_notebook(page, url, token, "latency.ipynb")
            lab.run_all(page)
            yield page
            browser.close()


def main():
    if lab.find_chromium() is None:
        print("Left out: there is no Chromium here (apt install chromium).")
        return 0
    with notebook_page() as page:
        figures = measure(page)
    for name, value in figures.items():
        verdict = "ok" if value <= BARS[name] else "MISSED"
        print(f"{name}: {value:.1f} ms (bar {BARS[name]}): {verdict}")
    return int(any(figures[name] > bar for name, bar in BARS.items()))


if __name__ == "__main__":
    sys.exit(main())
