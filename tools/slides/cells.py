"""Which cells of a run become slides, by one rule.

Each picture, film or table that a cell shows is a slide, under the heading that it
stands under and above the first sentences of the text after it. Each text with a
displayed equation is a slide: its heading, its first sentences, its equations. The
title and the summary are slides as well. Set-up and exercises are not.
"""

import base64
import html
import re

import nbformat

from tools.book import pictures

LEFT_OUT = ("Setup", "Exercises")
SHOWN = re.compile(r"<(table|video|img)\b")
HEADING = re.compile(r"(?m)^(#{1,3}) +(.+?)\s*$")
EQUATION = re.compile(r"\$\$.+?\$\$", re.DOTALL)
FENCED = re.compile(r"(?ms)^```.*?^```\n?")
NO_SENTENCE = ("#", "|", "$$", "```", "<", "!", "[!", "- ", "1. ")
LONGEST = 300  # characters of the sentences on a slide


def slides(notebook):
    """Return the notebook of slides of an executed notebook; code is left out."""
    title = notebook.cells[0].source
    made = [*slide(heading_of(title), first_sentences(title.partition("\n")[2]))]
    section = heading = ""
    for number, cell in enumerate(notebook.cells[1:], 1):
        if cell.cell_type == "markdown":
            heading = heading_of(cell.source) or heading
            section = heading_of(cell.source, "##") or section
        if section.startswith(LEFT_OUT) or heading.startswith(LEFT_OUT):
            continue
        if cell.cell_type == "markdown":
            made += of_text(cell.source, heading)
        else:
            made += of_output(notebook.cells, number, heading)
    return nbformat.v4.new_notebook(cells=made, metadata={"title": heading_of(title)})


def of_text(source, heading):
    """Return the cells of the slide that a text becomes, none if it has no equation."""
    equations = EQUATION.findall(FENCED.sub("", source))
    if heading == "Summary" and heading_of(source):
        body = HEADING.sub("", source).split("**References**")[0].strip()
        return slide(heading, body)
    if not equations:
        return []
    words = first_sentences(source)
    return slide(heading, "\n\n".join(filter(None, [words, *equations])), notes=source)


def of_output(cells, number, heading):
    """Return the cells of the slide of what a code cell shows, if it does."""
    after, before = text_beside(cells, number)
    words = first_sentences(after) or last_sentences(before)
    outputs = [new for old in cells[number].outputs for new in shown(old, words)]
    if not outputs:
        return []
    picture = nbformat.v4.new_code_cell("", outputs=outputs)
    notes = f"Cell {number} of the notebook.\n\n{after}"
    first, *rest = slide(heading, notes=notes)
    return [first, picture, nbformat.v4.new_markdown_cell(words), *rest]


def slide(heading, body="", notes=""):
    """Return the cells of one slide: its text, and the notes for who speaks."""
    text = "\n\n".join(filter(None, [f"## {heading}", body]))
    kinds = {"slide": text} | ({"notes": HEADING.sub("", notes)} if notes else {})
    return [
        nbformat.v4.new_markdown_cell(
            source, metadata={"slideshow": {"slide_type": kind}}
        )
        for kind, source in kinds.items()
    ]


def shown(output, words=""):
    """Return what of an output stands on a slide: a picture, a film or a table."""
    data = output.get("data", {})
    text = data.get("text/html", "")
    if "image/png" in data:
        text = image(data["image/png"], words)
    if SHOWN.search(text) and "<script" not in text and "<iframe" not in text:
        return [nbformat.v4.new_output("display_data", data={"text/html": text})]
    return []


def image(png, words):
    """Return HTML of a picture, given as base64, described in words."""
    kind, content = "png", base64.b64decode(png)
    if len(content) > pictures.PHOTO:
        kind, content = "webp", pictures.webp(content)
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    return f'<img alt="{html.escape(words, quote=True)}" src="{source}">'


def text_beside(cells, number):
    """Return the text after a cell, "" if a new section begins there, and before it."""
    after = next((c.source for c in cells[number + 1 :] if _is_text(c)), "")
    before = next((c.source for c in cells[number - 1 :: -1] if _is_text(c)), "")
    nearest = cells[number + 1 : number + 2]
    follows = bool(nearest) and _is_text(nearest[0]) and not after.startswith("#")
    return (after if follows else ""), before


def _is_text(cell):
    return cell.cell_type == "markdown"


def heading_of(source, level=""):
    """Return the last heading in a text, of a level such as "##" or of any; or ""."""
    found = HEADING.findall(FENCED.sub("", source))
    found = [words for marks, words in found if level in ("", marks)]
    return found[-1] if found else ""


def first_sentences(source):
    """Return as many first sentences of a text's first paragraph as fit on a slide."""
    return _fitting(next(iter(paragraphs(source)), ""))


def last_sentences(source):
    """Return the last paragraph of a text, or its first sentences if it is long."""
    return _fitting((paragraphs(source) or [""])[-1])


def paragraphs(source):
    """Return the paragraphs of a text that are sentences: no list, table or heading."""
    blocks = FENCED.sub("", EQUATION.sub("\n\n", source)).split("\n\n")
    blocks = [block.strip() for block in blocks]
    return [block for block in blocks if block and not block.startswith(NO_SENTENCE)]


def _fitting(paragraph):
    # A full stop within a formula or within code ends no sentence.
    sentences = re.split(r"(?<=[.!?:])\s+(?=(?:[^$`]|\$[^$]*\$|`[^`]*`)*$)", paragraph)
    kept = ""
    for sentence in sentences:
        longer = f"{kept} {' '.join(sentence.split())}".strip()
        if kept and len(longer) > LONGEST:
            break
        kept = longer
    return kept.removesuffix(":") + "." if kept.endswith(":") else kept
