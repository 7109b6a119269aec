"""Run the course and write it as HTML pages: python -m tools.notebooks.book [--only 01]

Every notebook runs in a kernel of its own, in the profile that COURSE_PROFILE
names (`lesson` if it is not set). The pages go to build/book and need no kernel.
"""

import argparse
import html
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert import HTMLExporter

from helpers import runtime
from tools.notebooks.stamp import ROOT, paths

BOOK = ROOT / "build" / "book"
INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Deep generative models</title>
<style>body {{ font: 1.1em/1.6 sans-serif; max-width: 40em; margin: 3em auto }}</style>
<h1>Deep generative models</h1>
<p>Computed in the profile <code>{profile}</code>.</p>
<ul>
{rows}
</ul></html>
"""


def selected(arguments=None):
    """Return the notebooks that the command line asks for; exit if there are none."""
    parser = argparse.ArgumentParser(description="Run notebooks of the course.")
    parser.add_argument("--only", default="", help="what file names begin with: 01")
    only = parser.parse_args(arguments).only
    chosen = [path for path in paths() if path.name.startswith(only)]
    if not chosen:
        parser.error(f"no notebook's name begins with {only!r}")
    return chosen


def run(notebook, folder):
    """Run a notebook in place, in `folder`; return the error's text, or None."""
    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources=place
    )
    try:
        client.execute()
    except (CellExecutionError, DeadKernelError) as error:
        return str(error)


def title(notebook):
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def write_page(notebook, path):
    """Write the HTML page of a notebook that was run; return the page's path."""
    page = BOOK / path.relative_to(ROOT / "notebooks").with_suffix(".html")
    page.parent.mkdir(parents=True, exist_ok=True)
    place = {"metadata": {"path": str(path.parent), "name": title(notebook)}}
    text, _ = HTMLExporter(embed_images=True).from_notebook_node(notebook, place)
    text = re.sub(r'(href="[\w./-]+)\.ipynb"', r'\1.html"', text)
    runtime.write_whole(page, lambda file: file.write(text.encode()))
    return page


def write_index(rows):
    text = INDEX.format(profile=runtime.profile(), rows="\n".join(rows))
    runtime.write_whole(BOOK / "index.html", lambda file: file.write(text.encode()))


def main():
    rows, failed = [], []
    for path in selected():
        name = path.relative_to(ROOT / "notebooks").as_posix()
        notebook = nbformat.read(path, as_version=4)
        start = time.perf_counter()
        error = run(notebook, path.parent)
        took = f"{time.perf_counter() - start:.0f} s"
        if error:
            failed.append(name)
        print(f"{name}: {'failed after ' if error else ''}{took}", flush=True)
        print(error or "", end="\n" if error else "", file=sys.stderr)
        link = write_page(notebook, path).relative_to(BOOK).as_posix()
        text = html.escape(title(notebook)) + (" (failed)" if error else "")
        rows.append(f'<li><a href="{link}">{text}</a>, {took}</li>')
    write_index(rows)
    print(f"{BOOK / 'index.html'}")
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
