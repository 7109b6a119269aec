"""From slides to pages that need no network: nbconvert, reveal.js and MathJax."""

import re
import shutil

import nbformat

from helpers import runtime
from tools.assets.packages import npm
from tools.book import places, runs, site
from tools.slides import cells

REVEAL = "reveal.js@5.2.1"
FILES = (
    "dist/reveal.css",
    "dist/reveal.js",
    "dist/theme/white.css",
    "plugin/notes/notes.js",
    "LICENSE",
)


def folder():
    """Return the folder of the slides."""
    return places.BUILD / "slides"


def write(path):
    """Write the slides of the lesson at `path` from its kept run; return their page.

    Raises FileNotFoundError if no run of it is kept.
    """
    kept = runs.kept(path)
    if not kept.is_file():
        raise FileNotFoundError(f"{kept} is missing: run `make book` first")
    deck = cells.slides(nbformat.read(kept, as_version=4))
    page = folder() / f"{path.stem}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    text = as_html(deck)
    runtime.write_whole(page, lambda file: file.write(text.encode()))
    return page


def as_html(deck):
    """Return the page of a notebook of slides; it loads what `vendor` puts beside."""
    from nbconvert import SlidesExporter

    exporter = SlidesExporter(
        template_name="course",
        extra_template_basedirs=[str(site.ROOT / "tools" / "slides")],
        exclude_input=True,
        exclude_output_prompt=True,
        reveal_url_prefix="reveal",
        reveal_theme="white",
        reveal_number="c/t",
    )
    resources = {"metadata": {"name": deck.metadata["title"]}}
    return exporter.from_notebook_node(deck, resources)[0]


def vendor():
    """Put reveal.js and MathJax beside the pages; fetch them from npm the first time.

    Raises RuntimeError if they are to be fetched and there is no npm.
    """
    stored = site.VENDORED / REVEAL
    if not all((stored / name).is_file() for name in FILES):
        if not shutil.which("npm"):
            raise RuntimeError("The first slides need npm, which fetches reveal.js.")
        package = npm(REVEAL)
        for name in FILES:
            (stored / name).parent.mkdir(parents=True, exist_ok=True)
            # The themes ask for a font of their own; the system's will do.
            content = re.sub(rb"@import url\([^)]*\);?", b"", package[name])
            (stored / name).write_bytes(content)
    shutil.copytree(stored, folder() / "reveal", dirs_exist_ok=True)
    shutil.copy(site.mathjax(), folder() / "reveal" / "mathjax.js")
