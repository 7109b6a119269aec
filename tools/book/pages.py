"""From an executed notebook to what Sphinx gets: still, living, and self-contained."""

import base64
import hashlib
import html
import json
import re

import nbformat

from tools.notebooks.stamp import END, PLACEHOLDER, START, course, pictures_from

LIVING = "application/vnd.course.widget+json"  # helpers/widgets/still.py writes it
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"^[^\n]{0,80}?\d+%\|")  # a tqdm bar, as text
FILM = re.compile(r'src="data:(?:video|image)/(mp4|gif);base64,([^"]+)"')
STAND_IN = re.compile(r"(<video[^>]*>)<img[^>]*>")  # where no page can play films
BOOTSTRAP = re.compile(f"{re.escape(START)}.*?{re.escape(END)}\n*", re.DOTALL)
BADGE = re.compile(r"(?m)^\[!\[Open in Colab\].*\n?")
FORMULA = re.compile(r"(?<![\\$])\$(?!\$)(?:[^$\n]|\n(?!\n))+?\$")
FENCED = re.compile(r"(```.*?```|`[^`]*`)", re.DOTALL)
LONGEST_ALT = 240
HEAVY = 100_000  # characters in base64: what is longer has a file of its own


class Page:
    """One notebook on its way to a page; what belongs beside it goes to `static`.

    `name` is the path below notebooks/, without suffix; `static` the folder that
    becomes the site's _static.
    """

    def __init__(self, notebook, name, static):
        self.notebook, self.name, self.static = notebook, name, static
        self.up = "../" * (1 + name.count("/"))  # from the page to the site's root
        self.widgets = 0

    def prepared(self, note=""):
        """Return the notebook for Sphinx, `note` (Markdown) below its title."""
        page = nbformat.v4.new_notebook(metadata=self.notebook.metadata)
        for number, cell in enumerate(self.notebook.cells):
            cell = nbformat.from_dict(cell)
            if cell.cell_type == "code":
                cell.source = BOOTSTRAP.sub("", cell.source)
                cell.outputs = [new for old in cell.outputs for new in self._shown(old)]
                alt = {"alt": self._words_about(number)}
                cell.metadata["mystnb"] = {"image": alt}
            else:
                cell.source = pictures_from(self.up, _formulas_in_one_line(cell.source))
            page.cells.append(cell)
        if page.cells:
            page.cells[0].source = self._opening(page.cells[0].source, note)
        page.metadata.pop("widgets", None)
        return page

    def _opening(self, source, note):
        if course()["repository"] == PLACEHOLDER:
            source = BADGE.sub("", source)
        title, _, rest = source.partition("\n")
        file = self.name.rsplit("/")[-1] + ".ipynb"
        link = (
            f'<p class="download"><a href="{self.up}download/{self.name}.ipynb" '
            f"download>Download {file}</a> to run it yourself</p>"
        )
        return "\n\n".join(filter(None, [title, link, note, rest.lstrip()]))

    def _words_about(self, number):
        """What a figure shows, in words: the sentence that follows it, or precedes."""
        cells = self.notebook.cells
        for near in (number + 1, number - 1):
            if 0 <= near < len(cells) and cells[near].cell_type == "markdown":
                if words := _plain(cells[near].source):
                    return words
        return "A figure that the code above draws"

    def _shown(self, output):
        """Return the outputs, none or one, that stand on the page for this one."""
        data = output.get("data", {})
        if output.output_type == "stream":
            return [] if output.name == "stderr" else [output]
        if LIVING in data:
            return [self._living(data)]
        if WIDGET_VIEW in data:
            return self._other_widget(data)
        if "text/html" in data:
            text = STAND_IN.sub(r"\1", data["text/html"])
            data["text/html"] = FILM.sub(self._film, text)
        return [output]

    def _living(self, data):
        """A place that host.js fills: the still picture until the widget is there."""
        self.widgets += 1
        identity = f"{self.name.replace('/', '-')}-{self.widgets}"
        living = data[LIVING]
        still = self._write(
            f"widgets/{identity}.png", base64.b64decode(data["image/png"])
        )
        words = html.escape(living["about"], quote=True)
        picture = f'<img class="still" src="{still}" alt="{words}">'
        if living.get("refused"):
            why = html.escape(living["refused"])
            note = f'<p class="note">{why}</p>'
            return _html(f'<div class="course-still">{picture}{note}</div>')
        weights = {}
        living = {**living, "state": _apart(living["state"], weights)}
        for name, value in weights.items():
            text = f"course.keep({json.dumps(name)}, {json.dumps(value)});\n"
            self._write(f"weights/{name}.js", text.encode())
        text = f"course.bring({json.dumps(identity)}, {json.dumps(living)});\n"
        self._write(f"widgets/{identity}.js", text.encode())
        return _html(
            f'<div class="course-widget" data-widget="{identity}" '
            f'data-kind="{living["kind"]}" data-root="{self.up}" '
            f'data-weights="{" ".join(weights)}" '
            f'role="group" aria-label="{words}">{picture}</div>'
        )

    def _other_widget(self, data):
        text = data.get("text/plain", "")
        if PROGRESS.match(text) or "it/s" in text or "HBox" in text:
            return []
        note = "Here the notebook has an interactive widget: run it to use that."
        return [_html(f'<p class="note">{note}</p>')]

    def _film(self, match):
        """Give a film a file of its own, so that the page itself stays light."""
        film = base64.b64decode(match[2])
        name = f"{hashlib.sha256(film).hexdigest()[:16]}.{match[1]}"
        return f'src="{self._write(f"films/{name}", film)}"'

    def _write(self, name, content):
        """Write a file of the site; return its address as seen from the page."""
        target = self.static / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        return f"{self.up}_static/{name}"


def _apart(value, weights):
    """Return a widget's state with its long binary values named instead of written.

    They go to `weights`, {name: base64}: two explorers of one network share its file.
    """
    if isinstance(value, list):
        return [_apart(part, weights) for part in value]
    if not isinstance(value, dict):
        return value
    text = value.get("base64")
    if isinstance(text, str) and len(text) > HEAVY:
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        weights[name] = text
        return {"weights": name}
    return {name: _apart(part, weights) for name, part in value.items()}


def _formulas_in_one_line(source):
    """Join the lines of each formula: one that begins with + would become a list."""
    parts = FENCED.split(source)
    parts[::2] = [
        FORMULA.sub(lambda match: " ".join(match[0].split("\n")), part)
        for part in parts[::2]
    ]
    return "".join(parts)


def _html(text):
    return nbformat.v4.new_output("display_data", data={"text/html": text})


def _plain(source):
    """Return the first sentences of Markdown as plain words; "" for a heading."""
    paragraph = next((p for p in source.split("\n\n") if p.strip()), "").strip()
    if not paragraph or paragraph.startswith(("#", "|", "$$", "```", "<", "!")):
        return ""
    words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", paragraph)
    words = " ".join(re.sub(r"[*_`$\\]", "", words).split())
    if len(words) <= LONGEST_ALT:
        return words
    return words[:LONGEST_ALT].rsplit(" ", 1)[0] + " …"


def title(notebook):
    """Return the text of a notebook's first heading."""
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def promise(notebook):
    """Return the first sentence of a notebook's opening, in plain words."""
    for paragraph in BADGE.sub("", notebook.cells[0].source).split("\n\n")[1:]:
        if words := _plain(paragraph):
            return words
    return ""
