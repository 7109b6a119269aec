"""The site: sources for Sphinx, what the pages load, and the build itself."""

import errno
import html
import os
import shutil
from pathlib import Path

import nbformat

from helpers import runtime
from helpers.widgets import front_end
from tools.assets.packages import npm
from tools.book import pages, pictures, places, runs
from tools.notebooks.stamp import ROOT

HERE = Path(__file__).parent
VENDORED = ROOT / "build" / "vendored"  # fetched once from package registries
MATHJAX, MATHJAX_FILE = "mathjax@3.2.2", "es5/tex-svg-full.js"
KINDS = ("latent_explorer", "draw_explorer", "sampling_microscope", "picture_slider")

INDEX = """# Deep generative models

You can read the whole course here, and play with what it makes: drag through latent
planes, draw digits, let the text model write. Nothing needs to be installed, and
nothing is asked of another machine. To train the models yourself, download a lesson's
notebook, or take the whole course.

{cards}

```{{toctree}}
:caption: Lessons
:hidden:

{lessons}
```

```{{toctree}}
:caption: Solutions
:hidden:

{solutions}
```

```{{toctree}}
:caption: More
:hidden:

{more}
```

Computed in the profile `{profile}`.
"""
CARD = """<a class="lesson-card" href="{link}">
<img src="{picture}" alt="" loading="lazy"><strong>{title}</strong>
<span>{promise}</span></a>"""


def book():
    """Return the folder of the site."""
    return places.BUILD / "book"


def source():
    """Return the folder that Sphinx reads."""
    return places.BUILD / "book_source"


def build(chosen):
    """Write the pages of the notebooks and build the site; return its index page.

    The book that was there stays until the new one is whole. Raises RuntimeError if
    Sphinx fails, and OSError that says so when the disk is full.
    """
    try:
        _write_and_build(chosen)
    except OSError as error:  # of copying trees too, which has no number
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        why = "The disk is full: make room; until then the book stays as it was"
        raise OSError(errno.ENOSPC, why, str(book())) from error
    return book() / "index.html"


def _write_and_build(chosen):
    generated = source() / "_generated"
    shutil.rmtree(source(), ignore_errors=True)
    generated.mkdir(parents=True)
    _write_static(generated)
    shutil.copytree(places.DOCS, source() / "docs")
    shutil.copytree(places.DOCS / "figures", generated / "figures")
    for path in chosen:
        _write_page(path, generated)
    _write_index(chosen)
    _sphinx(generated)


def mathjax():
    """Return the path of MathJax's one file; fetch it from npm the first time.

    Raises RuntimeError if it is to be fetched and there is no npm.
    """
    path = VENDORED / MATHJAX / MATHJAX_FILE
    if not path.is_file():
        if not shutil.which("npm"):
            raise RuntimeError("The first book needs npm, which fetches MathJax.")
        path.parent.mkdir(parents=True, exist_ok=True)
        content = npm(MATHJAX)[MATHJAX_FILE]
        runtime.write_whole(path, lambda file: file.write(content))
    return path


def _write_static(generated):
    """Write what all pages share: MathJax, the widgets' code, their style sheet."""
    (generated / "mathjax").mkdir()
    shutil.copy(mathjax(), generated / "mathjax")
    (generated / "kinds").mkdir()
    for kind in KINDS:
        code = front_end.bundle(f"{kind}.js").replace("export default", "return")
        wrapped = f'course.define("{kind}", () => {{\n{code}\n}});\n'
        (generated / "kinds" / f"{kind}.js").write_text(wrapped, encoding="utf-8")
    (generated / "explorer.css").write_text(front_end.style(), encoding="utf-8")


def _write_page(path, static):
    """Write one notebook for Sphinx, and the notebook that can be downloaded."""
    name, kept, note = places.name(path), runs.kept(path), ""
    if kept.is_file():
        notebook = nbformat.read(kept, as_version=4)
        if error := notebook.metadata["run"]["error"]:
            last = error.strip().splitlines()[-1]
            note = ":::{error}\nThis notebook failed while the book was made: "
            note += f"`{last}`\n:::"
    else:
        notebook = nbformat.read(path, as_version=4)
        note = ":::{note}\nThis notebook was not run for the book.\n:::"
    page = pages.Page(notebook, name, static).prepared(note)
    target = source() / "notebooks" / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page, target)
    original = source() / "download" / "download" / f"{name}.ipynb"
    original.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, original)


def _write_index(chosen):
    names = [places.name(path) for path in chosen]
    cards = [_card(path) for path in chosen if "/" not in places.name(path)]
    lessons = [f"notebooks/{name}" for name in names if "/" not in name]
    solutions = [f"notebooks/{name}" for name in names if "/" in name]
    more = sorted(f"docs/{path.stem}" for path in places.DOCS.glob("*.md"))
    text = INDEX.format(
        cards='<div class="lesson-cards">\n' + "\n".join(cards) + "\n</div>",
        lessons="\n".join(lessons),
        solutions="\n".join(solutions),
        more="\n".join(more),
        profile=runtime.profile(),
    )
    (source() / "index.md").write_text(text, encoding="utf-8")


def _card(path):
    notebook = nbformat.read(path, as_version=4)
    picture = f"{path.stem}.png"
    if not (places.DOCS / "figures" / picture).is_file():
        picture = "course_map.png"
    return CARD.format(
        link=f"notebooks/{places.name(path)}.html",
        picture=f"_static/figures/{picture}",
        title=html.escape(pages.title(notebook)),
        promise=html.escape(pages.promise(notebook)),
    )


def _sphinx(generated):
    from sphinx.cmd.build import main

    made = places.BUILD / "book_new"
    shutil.rmtree(made, ignore_errors=True)
    options = ["-b", "html", "-E", "-q", "-c", str(HERE)]
    options += ["-D", f"html_static_path={HERE / 'static'},{generated}"]
    options += ["-D", f"html_extra_path={source() / 'download'}"]
    folders = ["-d", str(source() / "_doctrees"), str(source()), str(made)]
    if status := main(options + folders):
        raise RuntimeError(
            f"Sphinx failed with status {status}; the book stays as it was."
        )
    pictures.make_lighter(made)
    shutil.rmtree(book(), ignore_errors=True)
    made.rename(book())
