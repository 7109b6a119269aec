"""`make test-colab`: its versions fit the course, its judge finds what is wrong."""

import re
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from packaging.requirements import Requirement

from tools.colab import __main__ as colab
from tools.colab import judge, runtime
from tools.notebooks import stamp

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PNG = {"image/png": "iVBORw0KGgo="}


def pinned():
    lines = runtime.VERSIONS.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and line[0] != "#"]


def requirements():
    text = (stamp.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return map(Requirement, tomllib.loads(text)["project"]["dependencies"])


def test_colabs_versions_lie_in_the_ranges_of_the_course():
    wanted = {
        r.name: r.specifier
        for r in requirements()
        if not r.marker or r.marker.evaluate({"python_version": runtime.PYTHON})
    }
    exact = {r.name: str(r.specifier).removeprefix("==") for r in pinned()}
    assert exact["tensorflow"] == "2.20.0" and exact["ipywidgets"] == "7.7.1"
    for name, version in exact.items():
        if version and name in wanted:
            assert version in wanted[name], f"{name} {version}"
    # JupyterLab is Colab's own; the first cell brings what else is not here.
    assert set(wanted) - set(exact) == {"jupyterlab", "ffmpeg-python"}
    assert "ffmpeg-python" in runtime.LACKS


def notebook(*data, state=(), stderr=""):
    cell = new_code_cell("")
    cell.outputs = [new_output("display_data", data=one) for one in data]
    if stderr:
        cell.outputs.append(new_output("stream", name="stderr", text=stderr))
    made = new_notebook(cells=[cell])
    made.metadata["widgets"] = {judge.STATE: {"state": dict(state)}}
    return made


def view(model, text="A widget", **more):
    return {judge.VIEW: {"model_id": model}, "text/plain": text} | more


def model(module="anywidget", name="AnyModel", **state):
    return {"model_module": module, "model_name": name, "state": state}


GOOD = model(_esm="export default {}")
HBOX = model("@jupyter-widgets/controls", "HBoxModel", children=["IPY_MODEL_bar"])
BAR = model("@jupyter-widgets/controls", "FloatProgressModel")


@pytest.mark.parametrize(
    "made, found",
    [
        (notebook(view("w", **PNG), state={"w": GOOD}), None),
        (notebook(stderr="  5%|▌    | 1/20 [00:01<00:19]\r100%|██| 20/20"), None),
        (notebook(stderr="UserWarning: this"), "writes to stderr: UserWarning: this"),
        (notebook(view("w", **PNG)), "a widget whose model is not there"),
        (notebook(view("w"), state={"w": GOOD}), "without a still picture"),
        (notebook(view("w", **PNG), state={"w": model()}), "without its JavaScript"),
        (notebook(view("h"), state={"h": HBOX, "bar": BAR}), "bar that is a widget"),
        (notebook(view("h", "0it [00:00, ?it/s]"), state={"h": HBOX}), "is a widget"),
    ],
)
def test_the_judge(made, found):
    said = judge.problems(made)
    assert said == [] if found is None else found in said[0] and len(said) == 1


def test_every_lesson_and_no_solution_runs():
    names = [path.stem for path in colab.lessons("")]
    assert names[0] == "00_start_here" and len(names) == 11
    assert [path.name[:2] for path in colab.lessons("07")] == ["07"]


def test_the_lines_for_colab_are_found_in_every_lesson():
    for path in colab.lessons(""):
        assert stamp.START in path.read_text(encoding="utf-8")
    assert re.sub(runtime.BOOTSTRAP, "", stamp.bootstrap(stamp.PLACEHOLDER, "/a")) == ""
