"""The explorers' JavaScript: ES modules, joined into the one that anywidget takes."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(async )?function|const)", re.MULTILINE)


def bundle(entry):
    """Return the module `entry` with the modules it imports written above it.

    Each module comes once, after those it needs; the names of all must differ.
    """
    texts = {}

    def visit(name):
        source = (FOLDER / name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(source):
            if needed not in texts:
                visit(needed)
        texts[name] = _EXPORT.sub("", _IMPORT.sub("", source))

    visit(entry)
    return "\n".join(texts.values())


def style():
    """Return the style sheet that the explorers share."""
    return (FOLDER / "explorer.css").read_text(encoding="utf-8")
