"""The lines for Colab, run as a notebook runs them, with Colab played by a stub."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import stamp

ROOT = Path(__file__).resolve().parents[2]

# What a fresh Colab kernel would be: no course on the path, and a record of the
# commands that are run. `git` runs for real; pip is only recorded.
KERNEL = """
import importlib.util, json, subprocess, sys, types

sys.path[:] = [p for p in sys.path if p != ROOT]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
if IN_COLAB:
    sys.modules["google.colab"] = types.ModuleType("google.colab")
path, commands = list(sys.path), []
run, find_spec = subprocess.run, importlib.util.find_spec

def recorded(command, **options):
    commands.append([[str(part) for part in command], options])
    return run(command, **options) if command[0] == "git" else None

subprocess.run = recorded
importlib.util.find_spec = lambda name, *rest: (
    None if name in MISSING else types.ModuleType(name)
)
try:
    exec(LINES, {})
    error = None
except Exception as caught:
    error = f"{type(caught).__name__}: {caught}"
importlib.util.find_spec = find_spec
bars = None
if "tqdm.auto" in sys.modules:
    from tqdm.auto import tqdm
    bars = "text" if tqdm is sys.modules["tqdm.std"].tqdm else "widgets"
helpers = sys.modules.get("helpers")
print(json.dumps({
    "error": error,
    "added": [p for p in sys.path if p not in path],
    "commands": commands,
    "helpers": helpers and helpers.__file__,
    "tensorflow": "tensorflow" in sys.modules,
    "bars": bars,
}))
"""


def run_lines(lines, *, in_colab=True, missing=()):
    """Run `lines` in a fresh Python and return what they did."""
    names = {
        "ROOT": str(ROOT),
        "IN_COLAB": in_colab,
        "MISSING": list(missing),
        "LINES": lines,
    }
    source = "".join(f"{name} = {value!r}\n" for name, value in names.items()) + KERNEL
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={"PATH": os.environ["PATH"]},
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A local git repository that holds the helpers as they are now."""
    folder = tmp_path_factory.mktemp("origin")
    target = folder / "helpers"
    target.mkdir()
    for source in (ROOT / "helpers").glob("*.py"):
        (target / source.name).write_text(source.read_text())
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, str(folder), *command], check=True)
    return folder.as_uri()


def test_colab_clones_the_course_and_installs_only_what_is_missing(
    repository, tmp_path
):
    folder = tmp_path / "course"
    lines = stamp.bootstrap(repository, folder)
    result = run_lines(lines, missing=["ffmpeg", "tensorflow", "keras"])
    assert result["error"] is None
    assert result["added"] == [str(folder)]
    assert result["bars"] == "text"
    assert Path(result["helpers"]) == folder / "helpers" / "__init__.py"
    (git, git_options), (pip, pip_options) = result["commands"]
    assert git == ["git", "clone", "--depth=1", repository, str(folder)]
    assert pip[1:] == ["-m", "pip", "install", "--quiet", "ffmpeg-python>=0.2"]
    assert git_options["check"] and pip_options["check"]
    assert not result["tensorflow"]


def test_colab_keeps_a_folder_that_is_there(repository, tmp_path):
    lines = stamp.bootstrap(repository, tmp_path / "course")
    run_lines(lines)
    again = run_lines(lines)
    assert again["error"] is None
    assert again["commands"] == []
    assert again["helpers"].startswith(str(tmp_path))


def test_colab_stops_when_the_clone_fails(tmp_path):
    lines = stamp.bootstrap((tmp_path / "nowhere").as_uri(), tmp_path / "course")
    result = run_lines(lines)
    assert result["error"].startswith("CalledProcessError")
    assert result["added"] == []


def test_placeholder_says_how_to_upload(tmp_path):
    lines = stamp.bootstrap(stamp.PLACEHOLDER, tmp_path / "course")
    result = run_lines(lines)
    assert result["error"].startswith("FileNotFoundError: Upload the course")
    assert "git archive --prefix=course/ -o course.zip HEAD" in result["error"]
    assert f"!unzip -q course.zip -d {tmp_path}" in result["error"]
    assert result["commands"] == [] and result["added"] == []


def test_placeholder_takes_an_uploaded_folder(repository, tmp_path):
    folder = tmp_path / "course"
    subprocess.run(["git", "clone", "-q", repository, str(folder)], check=True)
    result = run_lines(stamp.bootstrap(stamp.PLACEHOLDER, folder))
    assert result["error"] is None
    assert Path(result["helpers"]) == folder / "helpers" / "__init__.py"


@pytest.mark.parametrize("address", ["https://example.org/x", stamp.PLACEHOLDER])
def test_outside_colab_nothing_happens(address, tmp_path):
    lines = stamp.bootstrap(address, tmp_path / "course")
    result = run_lines(lines, in_colab=False, missing=["ffmpeg"])
    assert result == {
        "error": None,
        "added": [],
        "commands": [],
        "helpers": None,
        "tensorflow": False,
        "bars": None,
    }


@pytest.mark.parametrize("address", ["https://example.org/x", stamp.PLACEHOLDER])
def test_the_lines_are_short_and_pass_lint(address):
    lines = stamp.bootstrap(address, "/content/deep-generative-models")
    assert sum(bool(line.strip()) for line in lines.splitlines()) <= 16
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--stdin-filename", str(ROOT / "lines.py"), "-"]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([*ruff, *command, *options], input=lines, text=True)
        assert done.returncode == 0


def small_notebook(folder):
    cells = [
        nbformat.v4.new_markdown_cell("# 1 · Title\n\nA promise."),
        nbformat.v4.new_code_cell("import keras\n\nkeras.__version__"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    path = folder / "01_title.ipynb"
    nbformat.write(notebook, path)
    return path, notebook


def test_stamping_twice_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    path, notebook = small_notebook(tmp_path)
    ids = [cell.id for cell in notebook.cells]
    once = stamp.stamp(notebook, path)
    texts = [cell.source for cell in once.cells]
    assert texts[0].startswith("# 1 · Title\n\n[![Open in Colab](docs/")
    assert texts[0].endswith(")\n\nA promise.")
    assert texts[1].startswith(stamp.START)
    assert texts[1].endswith("\n\nimport keras\n\nkeras.__version__")
    twice = stamp.stamp(once, path)
    assert [cell.source for cell in twice.cells] == texts
    assert [cell.id for cell in twice.cells] == ids


def test_a_new_address_replaces_the_old_stamp(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    path, notebook = small_notebook(tmp_path)
    for address in (stamp.PLACEHOLDER, "https://github.com/someone/course"):
        table = {"repository": address, "folder": "course"}
        monkeypatch.setattr(stamp, "course", lambda table=table: table)
        stamp.stamp(notebook, path)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "OWNER" not in text and "Upload" not in text
    assert text.count(stamp.START) == text.count("[![Open in Colab]") == 1
    assert "colab.research.google.com/github/someone/course/blob/main/" in text


def test_pictures_show_where_only_the_notebook_is(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    (tmp_path / "notebooks").mkdir()
    path, notebook = small_notebook(tmp_path / "notebooks")
    hero = "![a plane](../docs/figures/01.png)"
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"{hero} and `](../docs/x`"))
    public = "](https://raw.githubusercontent.com/someone/course/main/docs/figures/"
    for address, start in (
        (stamp.PLACEHOLDER, "](../docs/figures/"),
        ("https://github.com/someone/course", public),
        ("https://github.com/other/c", public.replace("someone/course", "other/c")),
        (stamp.PLACEHOLDER, "](../docs/figures/"),
    ):
        table = {"repository": address, "folder": "course"}
        monkeypatch.setattr(stamp, "course", lambda table=table: table)
        for _ in range(2):
            stamp.stamp(notebook, path)
            assert notebook.cells[-1].source.startswith(f"![a plane{start}01.png)")
            assert f"[![Open in Colab{start}open_in_colab.svg)]" in (
                notebook.cells[0].source
            )
    assert notebook.cells[-1].source.endswith("`](../docs/x`")


@pytest.mark.filterwarnings("ignore:Cell is missing an id")
def test_problems_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/which_way_in.md", tmp_path / "docs")
    monkeypatch.setattr(stamp, "paths", lambda: [path])
    path, _ = small_notebook(tmp_path)
    assert stamp.problems(path) == [
        "not stamped: run python -m tools.notebooks.stamp write"
    ]
    shutil.copy(ROOT / "README.md", tmp_path)
    stamp.stamp_all()
    assert stamp.problems(path) == []
    raw = json.loads(path.read_text())
    raw["cells"][1]["execution_count"] = 3
    del raw["cells"][0]["id"]
    path.write_text(json.dumps(raw))
    assert stamp.problems(path)[:2] == [
        "cell ids are missing or not unique",
        "cell 1 holds outputs or an execution count",
    ]
    stamp.clean_all()
    assert stamp.problems(path) == []


@pytest.fixture
def course(tmp_path):
    """A copy of what an address is written into, with one notebook; and the tool."""
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "pyproject.toml", "docs/which_way_in.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("tools/__init__.py", "tools/notebooks/__init__.py"):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tools/notebooks").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "tools/notebooks/stamp.py", tmp_path / "tools/notebooks")
    (tmp_path / "notebooks").mkdir()
    small_notebook(tmp_path / "notebooks")

    def tool(*arguments):
        command = [sys.executable, "-m", "tools.notebooks.stamp", *arguments]
        path = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=tmp_path, env=path, capture_output=True, text=True
        )

    return tmp_path, tool


def shell_lines(readme):
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_one_command_sets_the_address(course):
    folder, tool = course
    done = tool("address", "https://github.com/someone/a-course.git")
    assert done.returncode == 0, done.stderr
    readme, notebook = (folder / "README.md"), folder / "notebooks/01_title.ipynb"
    assert "git clone https://github.com/someone/a-course && cd a-course" in (
        shell_lines(readme.read_text())
    )
    stamped = notebook.read_text()
    assert "github/someone/a-course/blob/main/notebooks/01_title.ipynb" in stamped
    assert 'address = \\"https://github.com/someone/a-course\\"' in stamped
    ways = (folder / "docs/which_way_in.md").read_text()
    assert "colab.research.google.com/github/someone/a-course/blob/main/" in ways
    assert "https://codespaces.new/someone/a-course)" in ways
    assert "https://mybinder.org/v2/gh/someone/a-course/main?" in ways
    assert tool("check").returncode == 0
    left = [p.name for p in folder.rglob("*.*") if "REPOSITORY" in p.read_text()]
    assert left == ["stamp.py"]


def test_without_an_address_nothing_leads_nowhere(course):
    folder, tool = course
    assert tool("write").returncode == 0
    stamped = (folder / "notebooks/01_title.ipynb").read_text()
    assert "](../README.md#the-address)" in stamped
    readme = (folder / "README.md").read_text()
    assert "\n### The address\n" in readme
    assert not [line for line in shell_lines(readme) if "OWNER" in line]


@pytest.mark.parametrize(
    "address", ["http://github.com/a/b", "https://example.org/a/b"]
)
def test_an_address_that_colab_cannot_open_is_refused(course, address):
    folder, tool = course
    before = (folder / "pyproject.toml").read_text()
    done = tool("address", address)
    assert done.returncode == 1 and "https://github.com/someone/course" in done.stderr
    assert (folder / "pyproject.toml").read_text() == before


def test_the_code_in_the_readme_stands_in_a_lesson():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1].strip()
    lines = [line.strip() for line in shown.splitlines()]
    raw = json.loads((ROOT / "notebooks/02_vae.ipynb").read_text(encoding="utf-8"))
    lesson = "".join(line for cell in raw["cells"] for line in [*cell["source"], "\n"])
    assert len(lines) <= 6
    assert "\n".join(lines) in re.sub(r"(?m)^ +", "", lesson)
