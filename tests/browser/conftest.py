"""A browser, a JupyterLab, and a notebook that has run in it."""

import shutil

import pytest

from tests.browser import lab, toy_course

NOTEBOOKS = lab.ROOT / "notebooks"
SCREENSHOTS = lab.ROOT / "build" / "screenshots"  # for a person to look at
LESSON = "04_cvae"
DESKTOP = {"width": 1100, "height": 900}
PHONE = {"width": 390, "height": 800}

TOY = [
    "import time\nimport numpy as np\n"
    "from helpers import widgets\nfrom tests.browser import toy\n"
    "codes, labels = toy.codes()",
    "latent = widgets.LatentExplorer(toy.decode, codes, labels, n_classes=10)\nlatent",
    "draw = widgets.DrawExplorer(\n    toy.encode, toy.decode, codes, labels, "
    "n_classes=10\n)\ndraw",
]
LIVING = [
    toy_course.NETWORKS,
    "latent = widgets.LatentExplorer(decode, codes, labels, n_classes=10)\nlatent",
    "draw = widgets.DrawExplorer(\n    encode, decode, codes, labels, n_classes=10, "
    "limits=(-3, 3),\n    encode_label=True, classify=judge\n)\ndraw",
    "assert latent.networks and draw.networks",
]
HARD = [
    TOY[0],
    "deep = widgets.LatentExplorer(toy.decode_colour, latent_dim=4)\ndeep",
    "def slow_decode(z):\n    time.sleep(2)\n    return toy.decode(z)\n\n"
    "slow = widgets.LatentExplorer(slow_decode, limits=(-3, 3))\nslow",
    "def failing_decode(z):\n    if len(z) == 1 and z[0, 0] > 1:\n"
    "        raise ArithmeticError('out of its depth')\n    return toy.decode(z)\n\n"
    "failing = widgets.LatentExplorer(failing_decode, limits=(-3, 3))\nfailing",
]
MICROSCOPE = [
    "from helpers import runtime\nfrom tests.browser import toy\nruntime.setup()",
    "from helpers import widgets\n"
    "microscope = widgets.SamplingMicroscope(\n"
    "    toy.next_logits, toy.TOKENS, 'the white whale'\n)\nmicroscope",
]
PICTURES = [
    "import numpy as np\nfrom helpers import data, widgets",
    "levels = np.linspace(0, 1, 5, dtype='float32')[:, None, None, None]\n"
    "series = levels * data.style('waves')[None, ::4, ::4]\n"
    "slider = widgets.PictureSlider(series, [f'{i}' for i in range(5)], 'light', 2)\n"
    "slider",
    "upload = widgets.PictureUpload(data.photo('cat'), name='cat')\nupload",
]


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=chromium, args=lab.CHROMIUM_FLAGS
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """JupyterLab over a folder that holds the notebooks to test."""
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("toy", "phone"):  # two pages of one notebook would share its kernel
        lab.write_notebook(folder / f"{name}.ipynb", TOY)
    lab.write_notebook(folder / "hard.ipynb", HARD)
    lab.write_notebook(folder / "broken.ipynb", ["1", "1 / 0", "2"])
    lab.write_notebook(folder / "living.ipynb", LIVING)
    lab.write_notebook(folder / "pictures.ipynb", PICTURES)
    for name in ("microscope", "microscope_phone"):
        lab.write_notebook(folder / f"{name}.ipynb", MICROSCOPE)
    if (NOTEBOOKS / f"{LESSON}.ipynb").exists():
        shutil.copy(NOTEBOOKS / f"{LESSON}.ipynb", folder)
    with lab.jupyterlab(folder, tmp_path_factory.mktemp("home")) as (url, token):
        yield url, token


@pytest.fixture(scope="module")
def run_notebook(browser, server):
    """A function that runs a notebook to its end and returns its page.

    The pages are closed when the module's tests have run; `page.asked` lists the
    addresses that a page asked for.
    """
    pages = []

    def run(name, viewport=DESKTOP, **options):
        page = browser.new_page(viewport=viewport, **options)
        page.set_default_timeout(20_000)
        pages.append(page)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        lab.open_notebook(page, *server, f"{name}.ipynb")
        lab.run_all(page)
        return page

    yield run
    for page in pages:
        page.close()


def keep_screenshot(locator, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    locator.screenshot(path=SCREENSHOTS / f"{name}.png")
