"""Keep the notebooks alike: python -m tools.notebooks.stamp write | check | clean

write        write the lines for Colab, the badge, where pictures come from and the
             metadata into every notebook, and the address into README and docs
check        fail if one of them is not as it would be written, or if a notebook has no
             cell ids or holds outputs
clean        remove outputs and execution counts with nbstripout, then write
address URL  say where the course is public, https://github.com/someone/course, in
             pyproject.toml, then write
"""

import json
import os.path
import re
import subprocess
import sys
from pathlib import Path

import nbformat

from helpers import runtime

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = "https://github.com/OWNER/REPOSITORY"

START = "# In Colab, fetch the course; anywhere else these lines do nothing."
END = "# End of the lines for Colab."

FETCH = f"""{START}
import subprocess
import sys
from pathlib import Path

if "google.colab" in sys.modules:
    course = Path("@FOLDER@")
    address = "@REPOSITORY@"
    if not course.is_dir():
        subprocess.run(["git", "clone", "--depth=1", address, course], check=True)
    sys.path.insert(0, str(course))
    from helpers import colab

    colab.prepare()
{END}
"""

# While the course has no public address.
UPLOAD = f"""{START}
import sys
from pathlib import Path

if "google.colab" in sys.modules:
    course = Path("@FOLDER@")
    if not course.is_dir():
        raise FileNotFoundError(
            "Upload the course. On your computer, in its folder, run\\n"
            "git archive --prefix=@NAME@/ -o course.zip HEAD\\n"
            "then upload course.zip and run\\n!unzip -q course.zip -d @PARENT@"
        )
    sys.path.insert(0, str(course))
    from helpers import colab

    colab.prepare()
{END}
"""

# In the README stands how one gets the course, in another page which doors lead in
# through a browser; each between a first and a last line.
MADE = "written by tools/notebooks/stamp.py"
README_START = f"<!-- start: {MADE} -->"
README_END = "<!-- end of start -->"
DOORS_START = f"<!-- doors: {MADE} -->"
DOORS_END = "<!-- end of doors -->"
SECTION = "README.md#the-address"  # where a badge leads that cannot lead to Colab

PICTURE = re.compile(
    r"\]\((?:(?:\.\./)+|https://raw\.githubusercontent\.com/[^)\s]*?/main/)"
    r"(docs/figures/)"
)
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def paths():
    """Return the paths of all notebooks of the course, lessons before solutions."""
    folder = ROOT / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("solutions/*.ipynb"))


def course():
    """Return the [tool.course] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["course"]


def bootstrap(repository, folder):
    """Return the lines for Colab: fetch `repository` into the absolute `folder`."""
    template = UPLOAD if repository == PLACEHOLDER else FETCH
    folder = Path(folder)
    names = {
        "REPOSITORY": repository,
        "FOLDER": folder.as_posix(),
        "NAME": folder.name,
        "PARENT": folder.parent.as_posix(),
    }
    return re.sub(r"@([A-Z]+)@", lambda match: names[match[1]], template)


def badge(repository, path):
    """Return the markdown of the Colab link of the notebook at `path`."""
    picture = f"{root_from(repository, path)}docs/figures/open_in_colab.svg"
    name = path.relative_to(ROOT).as_posix()
    link = repository.replace("github.com", "colab.research.google.com/github")
    link = f"{link}/blob/main/{name}"
    if repository == PLACEHOLDER:
        link = f"{Path(os.path.relpath(ROOT, path.parent)).as_posix()}/{SECTION}"
    return f"[![Open in Colab]({picture})]({link})"


def root_from(repository, path):
    """Return what leads from the notebook at `path` to the course's folder.

    The public address, once there is one: then pictures show also where only the
    notebook is, as in Colab.
    """
    if repository == PLACEHOLDER:
        here = Path(os.path.relpath(ROOT, path.parent)).as_posix()
        return "" if here == "." else f"{here}/"
    name = repository.removeprefix("https://github.com/")
    return f"https://raw.githubusercontent.com/{name}/main/"


def pictures_from(base, source):
    """Return Markdown whose pictures in docs/figures are loaded from below `base`."""
    return PICTURE.sub(lambda match: f"]({base}{match[1]}", source)


def start(repository):
    """Return the README's lines on how to get the course and start it."""
    if repository == PLACEHOLDER:
        return "```sh\nmake lab  # in the folder that holds this file\n```"
    name = repository.rsplit("/", 1)[1]
    return f"```sh\ngit clone {repository} && cd {name}\nmake lab\n```"


def doors(repository):
    """Return the lines on the ways in that need nothing but a browser."""
    if repository == PLACEHOLDER:
        return (
            "The course has no public address yet. The ways through a browser need\n"
            "one ([how to set it](../README.md#the-address)); all others work in the\n"
            "folder that you have."
        )
    name = repository.removeprefix("https://github.com/")
    first = "notebooks/00_start_here.ipynb"
    colab = f"https://colab.research.google.com/github/{name}/blob/main/{first}"
    binder = f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/{first}"
    return (
        f"Lesson 0 in [Colab]({colab}),\n"
        f"in [a codespace](https://codespaces.new/{name}),\n"
        f"or on [Binder]({binder})."
    )


def with_section(text, first, last, lines):
    """Return a page's text with `lines` between its lines `first` and `last`."""
    before, rest = text.split(first)
    return f"{before}{first}\n{lines}\n{last}{rest.split(last)[1]}"


def pages():
    """Return {path: (its text, what it should be)} of the pages with the address."""
    repository, found = course()["repository"], {}
    for name, *section, lines in (
        ("README.md", README_START, README_END, start(repository)),
        ("docs/which_way_in.md", DOORS_START, DOORS_END, doors(repository)),
    ):
        text = (ROOT / name).read_text(encoding="utf-8")
        found[ROOT / name] = text, with_section(text, *section, lines)
    return found


def set_address(address):
    """Write the course's public address into pyproject.toml.

    Raises ValueError if it is not that of a repository on GitHub, which is where Colab
    opens notebooks from.
    """
    address = address.removesuffix("/").removesuffix(".git")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        raise ValueError(
            f"{address!r} is no repository on GitHub: give it as "
            "https://github.com/someone/course."
        )
    path = ROOT / "pyproject.toml"
    text = re.sub(
        r'(?m)^repository = ".*"$', f'repository = "{address}"', path.read_text()
    )
    runtime.write_whole(path, lambda file: file.write(text.encode()))


def stamp(notebook, path):
    """Put the current lines for Colab, badge and metadata into `notebook`."""
    repository = course()["repository"]
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = pictures_from(root_from(repository, path), cell.source)
    first = notebook.cells[0]
    first.source = _with_badge(first.source, badge(repository, path))
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    lines = bootstrap(repository, f"/content/{course()['folder']}")
    imports.source = lines + _without_bootstrap(imports.source)
    return notebook


def _with_badge(source, line):
    if "[![Open in Colab]" in source:
        return re.sub(r"(?m)^\[!\[Open in Colab\].*$", lambda _: line, source)
    title, _, rest = source.partition("\n")
    return f"{title}\n\n{line}\n\n{rest.lstrip()}".rstrip()


def _without_bootstrap(source):
    stamped = re.compile(f"{re.escape(START)}.*?{re.escape(END)}\n?", re.DOTALL)
    return "\n" + stamped.sub("", source).lstrip("\n") if source else ""


def problems(path):
    """Return what is wrong with the notebook at `path`, as a list of sentences."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell.get("id") for cell in raw["cells"]]
    found = []
    if None in ids or len(set(ids)) < len(ids):
        found.append("cell ids are missing or not unique")
    for number, cell in enumerate(raw["cells"]):
        if cell.get("outputs") or cell.get("execution_count"):
            found.append(f"cell {number} holds outputs or an execution count")
    before, after = _read_and_stamp(path)
    if before != after:
        found.append("not stamped: run python -m tools.notebooks.stamp write")
    return found


def _read_and_stamp(path):
    notebook = nbformat.read(path, as_version=4)
    before = nbformat.writes(notebook)
    return before, nbformat.writes(stamp(notebook, path))


def stamp_all():
    for path in paths():
        before, after = _read_and_stamp(path)
        if before != after:
            data = f"{after}\n".encode()
            runtime.write_whole(path, lambda file, data=data: file.write(data))
            print(f"stamped {path.relative_to(ROOT)}")
    for path, (before, after) in pages().items():
        if before != after:
            data = after.encode()
            runtime.write_whole(path, lambda file, data=data: file.write(data))
            print(f"stamped {path.relative_to(ROOT)}")


def clean_all():
    command = [sys.executable, "-m", "nbstripout", "--keep-id"]
    subprocess.run(command + [str(path) for path in paths()], check=True)
    stamp_all()


def check_all():
    found = [f"{path.name}: {text}" for path in paths() for text in problems(path)]
    found += [
        f"{path.name}: not stamped: run python -m tools.notebooks.stamp write"
        for path, (before, after) in pages().items()
        if before != after
    ]
    sys.exit("\n".join(found) or 0)


def main(arguments):
    match arguments:
        case ["write"]:
            stamp_all()
        case ["check"]:
            check_all()
        case ["clean"]:
            clean_all()
        case ["address", address]:
            try:
                set_address(address)
            except ValueError as error:
                sys.exit(str(error))
            stamp_all()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
