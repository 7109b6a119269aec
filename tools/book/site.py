"""The site: sources for Sphinx, what the pages load, and the build itself."""

import contextlib
import html
import os
import shutil
from pathlib import Path

import nbformat

from helpers import runtime
from tools.book import pages, runs
from tools.notebooks.stamp import ROOT
from helpers.widgets import front_end
from tools.assets.packages import npm

BOOK = ROOT / "build" / "book"  # the site
SOURCE = ROOT / "build" / "book_source"  # what Sphinx reads
VENDORED = ROOT / "build" / "vendored"  # fetched once from package registries
STATIC = Path(__file__).parent / "static"
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


def build(chosen, quiet=False):
    """Write the pages of the notebooks and build the site; return its index page.

    Raises RuntimeError if Sphinx fails.
    """
    generated = SOURCE / "_generated"
    shutil.rmtree(SOURCE, ignore_errors=True)
    generated.mkdir(parents=True)
    _write_static(generated)
    _copy_docs()
    written = [_write_page(path, generated) for path in chosen]
    _write_index(chosen, written)
    _sphinx(generated, quiet)
    return BOOK / "index.html"


def _write_static(generated):
    """Write what all pages share: MathJax, the widgets' code, their style sheet."""
    mathjax = VENDORED / MATHJAX / MATHJAX_FILE
    if not mathjax.is_file():
        mathjax.parent.mkdir(parents=True, exist_ok=True)
        content = npm(MATHJAX)[MATHJAX_FILE]
        runtime.write_whole(mathjax, lambda file: file.write(content))
    target = generated / "mathjax" / mathjax.name
    target.parent.mkdir()
    shutil.copy(mathjax, target)
    (generated / "kinds").mkdir()
    for kind in KINDS:
        code = front_end.bundle(f"{kind}.js").replace("export default", "return")
        wrapped = f'course.define("{kind}", () => {{\n{code}\n}});\n'
        (generated / "kinds" / f"{kind}.js").write_text(wrapped, encoding="utf-8")
    (generated / "explorer.css").write_text(front_end.style(), encoding="utf-8")


def _copy_docs():
    """The texts for teachers, and the pictures that all pages show."""
    shutil.copytree(ROOT / "docs", SOURCE / "docs")
    pictures = SOURCE / "_generated" / "figures"
    shutil.copytree(ROOT / "docs" / "figures", pictures)


def _write_page(path, static):
    """Write one notebook for Sphinx; return its name below notebooks/."""
    name = path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
    kept, note = runs.kept(path), ""
    if kept.is_file():
        notebook = nbformat.read(kept, as_version=4)
        if error := notebook.metadata["run"]["error"]:
            last = error.strip().splitlines()[-1]
            note = f":::{{error}}\nThis notebook failed while the book was made: "
            note += f"`{last}`\n:::"
    else:
        notebook = nbformat.read(path, as_version=4)
        note = ":::{note}\nThis notebook was not run for the book.\n:::"
    page = pages.Page(notebook, name, static).prepared(note)
    target = SOURCE / "notebooks" / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page, target)
    original = SOURCE / "download" / "download" / f"{name}.ipynb"
    original.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, original)
    return name


def _write_index(chosen, names):
    cards = []
    for path, name in zip(chosen, names, strict=True):
        if "/" in name:
            continue
        notebook = nbformat.read(path, as_version=4)
        picture = f"{path.stem}.png"
        if not (ROOT / "docs" / "figures" / picture).is_file():
            picture = "course_map.png"
        card = CARD.format(
            link=f"notebooks/{name}.html",
            picture=f"_static/figures/{picture}",
            title=html.escape(pages.title(notebook)),
            promise=html.escape(pages.promise(notebook)),
        )
        cards.append(card)
    lessons = [f"notebooks/{name}" for name in names if "/" not in name]
    solutions = [f"notebooks/{name}" for name in names if "/" in name]
    more = sorted(f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md"))
    text = INDEX.format(
        cards='<div class="lesson-cards">\n' + "\n".join(cards) + "\n</div>",
        lessons="\n".join(lessons),
        solutions="\n".join(solutions),
        more="\n".join(more),
        profile=runtime.profile(),
    )
    (SOURCE / "index.md").write_text(text, encoding="utf-8")


def _sphinx(generated, quiet):
    from sphinx.cmd.build import main

    os.environ["COURSE_BOOK_STATIC"] = os.pathsep.join([str(STATIC), str(generated)])
    os.environ["COURSE_BOOK_EXTRA"] = str(SOURCE / "download")
    shutil.rmtree(BOOK, ignore_errors=True)
    arguments = ["-b", "html", "-E", "-q", "-c", str(Path(__file__).parent)]
    arguments += ["-d", str(SOURCE / "_doctrees"), str(SOURCE), str(BOOK)]
    with contextlib.chdir(ROOT) if hasattr(contextlib, "chdir") else _nothing():
        status = main(arguments)
    if status:
        raise RuntimeError(f"Sphinx failed with status {status}.")


@contextlib.contextmanager
def _nothing():
    yield
