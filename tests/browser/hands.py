"""What a hand does on an explorer, and what an eye sees of it."""

import base64

import numpy as np

STEPS = 8


def inside(plane, right, up):
    """Return the place on the page that is (right, up) of the way over a plane."""
    plane.scroll_into_view_if_needed()
    box = plane.bounding_box()
    return (
        box["x"] + 34 + right * (box["width"] - 43),
        box["y"] + 9 + (1 - up) * (box["height"] - 33),
    )


def drag(page, plane, *places, steps=STEPS):
    """Press at the first place, drag over the others, release."""
    first, *others = [inside(plane, *place) for place in places]
    page.mouse.move(*first)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=steps)
    page.mouse.up()


def click(page, plane, right, up):
    page.mouse.click(*inside(plane, right, up))


def wait_until_exact(explorer):
    explorer.locator('.gx-status[data-kind="exact"]').wait_for()


def readout(explorer):
    return explorer.locator(".gx-value").inner_text()


def point(explorer):
    """Return z as the readout has it, in two decimals."""
    inner = readout(explorer).replace("\u2212", "-").replace("\u2007", "")
    return np.array([float(value) for value in inner[5:-1].split(",")])


def pixels(canvas):
    """Return what a canvas shows, uint8 (h, w, 3)."""
    height, width, data = canvas.evaluate(
        """(one) => {
            const context = one.getContext("2d");
            const {data} = context.getImageData(0, 0, one.width, one.height);
            const parts = [];
            for (let i = 0; i < data.length; i += 8192) {
                parts.push(String.fromCharCode(...data.subarray(i, i + 8192)));
            }
            return [one.height, one.width, btoa(parts.join(""))];
        }"""
    )
    colours = np.frombuffer(base64.b64decode(data), np.uint8)
    return colours.reshape(height, width, 4)[..., :3]


def picture(explorer):
    """Return the decoded picture that a LatentExplorer shows, uint8 (h, w, 3)."""
    return pixels(explorer.locator(".gx-frame canvas"))


def gallery(explorer):
    """Return the decoded pictures that a DrawExplorer shows, uint8 (n, h, w, 3)."""
    canvases = explorer.locator(".gx-gallery canvas")
    return np.stack([pixels(one) for one in canvases.all()])


def draw(page, explorer, *strokes):
    """Draw strokes, each a list of places in [0, 1] from the top left."""
    sketch = explorer.locator(".gx-sketch")
    sketch.scroll_into_view_if_needed()
    box = sketch.bounding_box()
    for stroke in strokes:
        places = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"])
            for x, y in stroke
        ]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=STEPS)
        page.mouse.up()


def run_python(page, code):
    """Run code in the notebook's kernel, beside its cells."""
    page.evaluate(
        """async (code) => {
            const {context} = jupyterapp.shell.currentWidget;
            await context.sessionContext.session.kernel.requestExecute({code}).done;
        }""",
        code,
    )
