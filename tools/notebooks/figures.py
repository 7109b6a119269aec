"""Make docs/figures and the README's gallery.

Run `python -m tools.notebooks.figures`, or only a lesson's: `... --only 01`.

The picture of a lesson is the figure of its cell with the tag "hero"; where a cell has
the tag "film", the GIF of its film goes beside it. The lesson is run up to the last of
these cells, in the profile that COURSE_PROFILE names (`lesson` if it is not set).
"""

import base64
import io
import re
import sys
import tempfile
from pathlib import Path

import imageio_ffmpeg
import nbformat
import numpy as np
from PIL import Image

from helpers import runtime
from helpers.animation.recorder import GIF_BYTES, encode_within
from tools.book.runs import run, selected
from tools.notebooks.stamp import ROOT, pictures_from

FIGURES = ROOT / "docs" / "figures"
BYTES = 400_000
START, END = (
    "<!-- gallery: written by tools/notebooks/figures.py -->",
    "<!-- end of gallery -->",
)


def tagged(notebook, tag):
    """Return the numbers of the cells with a tag."""
    cells = enumerate(notebook.cells)
    return [i for i, cell in cells if tag in cell.metadata.get("tags", [])]


def up_to_hero(notebook):
    """Return the notebook up to its cells tagged "hero" and "film", or None."""
    if not tagged(notebook, "hero"):
        return None
    last = max(tagged(notebook, "hero")[:1] + tagged(notebook, "film"))
    notebook.cells = notebook.cells[: last + 1]
    return notebook


def picture(cell):
    """Return the PNG bytes of the first figure that a cell shows, or None."""
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            return base64.b64decode(output.data["image/png"])
    return None


def film(cell):
    """Return a cell's first film as a GIF of at most 1 MB, or None.

    It is made of the video, not of the small GIF inside that stands in for it.
    """
    for output in cell.outputs:
        shown = "".join(output.get("data", {}).get("text/html", ""))
        if video := re.search(r"data:video/mp4;base64,([^\"]+)", shown):
            frames, fps = read_video(base64.b64decode(video[1]))
            return encode_within(frames, fps, ".gif", GIF_BYTES)[0]
    return None


def read_video(video):
    """Return the frames (h, w, 3) uint8 of an MP4's bytes, and how many a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        path.write_bytes(video)
        reader = imageio_ffmpeg.read_frames(path)
        about = next(reader)
        width, height = about["size"]
        frames = [np.frombuffer(frame, np.uint8) for frame in reader]
    return [frame.reshape(height, width, 3) for frame in frames], about["fps"]


def shrink(png, limit=BYTES):
    """Return a PNG of at most `limit` bytes: of 256 colours and narrower, if needed."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    size, scale = image.size, 1.0
    while len(png) > limit:
        width, height = (round(side * scale) for side in size)
        small, file = image.resize((width, height), Image.LANCZOS), io.BytesIO()
        small.quantize(256).save(file, "PNG", optimize=True)
        png, scale = file.getvalue(), 0.95 * scale
    return png


def make(path):
    """Make the picture of one lesson; return what went wrong, or None."""
    notebook = up_to_hero(nbformat.read(path, as_version=4))
    if notebook is None:
        return None if path.name.startswith(("00", "10")) else "no cell is tagged hero"
    error = run(notebook, path.parent)
    if error:
        return error
    png = picture(notebook.cells[tagged(notebook, "hero")[0]])
    if png is None:
        return "the cell tagged hero shows no figure"
    save(FIGURES / f"{path.stem}.png", shrink(png))
    for number in tagged(notebook, "film"):
        gif = film(notebook.cells[number])
        if gif is None:
            return "the cell tagged film shows no film"
        save(FIGURES / f"{path.stem}.gif", gif)
    return None


def save(target, content):
    runtime.write_whole(target, lambda file: file.write(content))
    print(f"{target.relative_to(ROOT)}: {len(content) / 1000:.0f} kB", flush=True)


def gallery():
    """Return the README's gallery: each lesson's link, its picture and its film."""
    items = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        opening = pictures_from("", notebook.cells[0].source)
        name = f"docs/figures/{path.stem}.png"
        words = re.search(rf"!\[([^\]]+)\]\([./]*{re.escape(name)}\)", opening)
        if words and (ROOT / name).is_file():
            title = opening.splitlines()[0].lstrip("# ")
            link = f"notebooks/{path.name}"
            items.append(f"**[{title}]({link})**\n\n![{words[1]}]({name})\n")
        name = f"docs/figures/{path.stem}.gif"
        for number in tagged(notebook, "film"):
            words = re.search(r'alt="([^"]+)"', notebook.cells[number].source)
            if words and (ROOT / name).is_file():
                items.append(f"![{words[1]}]({name})\n")
    return "\n".join(items)


def write_gallery():
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(START)
    after = rest.split(END)[1]
    text = f"{before}{START}\n\n{gallery()}\n{END}{after}"
    runtime.write_whole(readme, lambda file: file.write(text.encode()))


def main():
    lessons = [path for path in selected() if path.parent.name == "notebooks"]
    failed = {path.name: make(path) for path in lessons}
    write_gallery()
    sys.exit("\n".join(f"{n}: {why}" for n, why in failed.items() if why) or 0)


if __name__ == "__main__":
    main()
