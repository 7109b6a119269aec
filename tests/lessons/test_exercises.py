"""The checks of the exercises: wrong answers fail, another right answer passes.

A lesson marks the cell of the k-th answer with the tag "answer" and that of its check
with "check"; its solution notebook does the same, and the check is the same source in
both. answers/lesson_NN.py holds, for each exercise, typical wrong answers and a second
right one, each as the source of an answer cell:

    ANSWERS = {1: {"wrong": ["x = 1", "x = 2"], "right": ["x = 1 + 2"]}, ...}

The solution runs from top to bottom in the smoke profile. At each check every
alternative is executed in a copy of the namespace, and then the check. The copy is
shallow: an alternative must not change in place what the solution still needs, and a
check must call the answer itself, not through a function defined before it.
"""

import ast
import importlib.util
import linecache
from pathlib import Path

import matplotlib
import nbformat
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from helpers import checks

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "notebooks").is_dir())
NOTEBOOKS = ROOT / "notebooks"
ANSWERED = sorted((Path(__file__).parent / "answers").glob("lesson_*.py"))

every_answered_lesson = pytest.mark.parametrize(
    "answers", ANSWERED, ids=lambda path: path.stem
)


def lesson_and_solution(answers):
    """Return the two notebooks that belong to answers/lesson_NN.py."""
    (path,) = NOTEBOOKS.glob(f"{answers.stem[-2:]}_*.ipynb")
    both = path, NOTEBOOKS / "solutions" / path.name
    return tuple(nbformat.read(path, as_version=4) for path in both)


def tags(cell):
    return cell.metadata.get("tags", [])


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in tags(cell)]


def alternatives(answers):
    """Return ANSWERS of a file: {exercise: {"wrong": [source], "right": [source]}}."""
    spec = importlib.util.spec_from_file_location(answers.stem, answers)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ANSWERS


def run(source, namespace, where):
    """Execute a cell; AutoGraph and tracebacks find its source under `where`."""
    lines = source.splitlines(keepends=True)
    linecache.cache[where] = (len(source), None, lines, where)
    exec(compile(source, where, "exec"), namespace)
    plt.close("all")


def calls(cell, function):
    """Return the arguments, as source, of every call of `function` in a cell."""
    return [
        [ast.unparse(argument) for argument in node.args]
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function
    ]


def test_every_lesson_has_answers():
    lessons = {f"lesson_{path.name[:2]}" for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert {path.stem for path in ANSWERED} == lessons


@every_answered_lesson
def test_each_answer_is_followed_by_its_check(answers):
    for notebook in lesson_and_solution(answers):
        marks = [tag for cell in notebook.cells for tag in tags(cell)]
        marks = [tag for tag in marks if tag in ("answer", "check")]
        assert marks == ["answer", "check"] * (len(marks) // 2)
        assert 4 <= len(marks) // 2 <= 6


@every_answered_lesson
def test_the_checks_are_the_same_in_the_lesson_and_its_solution(answers):
    lesson, solution = (tagged(n, "check") for n in lesson_and_solution(answers))
    assert [cell.source for cell in lesson] == [cell.source for cell in solution]


@every_answered_lesson
def test_the_checks_are_counted_at_the_end(answers):
    lesson, solution = lesson_and_solution(answers)
    total = len(tagged(lesson, "check"))
    for notebook, count in (lesson, "checks.summary"), (solution, "checks.require_all"):
        last = max(i for i, cell in enumerate(notebook.cells) if "check" in tags(cell))
        after = [c for c in notebook.cells[last + 1 :] if c.cell_type == "code"]
        assert [a for c in after for a in calls(c, count)] == [[str(total)]], count


@every_answered_lesson
def test_each_exercise_has_two_wrong_answers_and_a_second_right_one(answers):
    lesson, solution = lesson_and_solution(answers)
    total = len(tagged(lesson, "check"))
    given, solved = alternatives(answers), tagged(solution, "answer")
    assert sorted(given) == list(range(1, total + 1))
    for number, kinds in given.items():
        assert len(set(kinds["wrong"])) >= 2, number
        assert len(kinds["right"]) >= 1, number
        mine = ast.dump(ast.parse(solved[number - 1].source))
        for source in kinds["right"]:
            assert ast.dump(ast.parse(source)) != mine, "the solution's own answer"


@pytest.mark.slow
@every_answered_lesson
def test_wrong_answers_fail_and_right_ones_pass(answers, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    monkeypatch.chdir(NOTEBOOKS / "solutions")
    monkeypatch.setattr(checks, "_solved", {})
    _, solution = lesson_and_solution(answers)
    given, number = alternatives(answers), 0
    namespace = {"__name__": answers.stem}
    for cell in solution.cells:
        if cell.cell_type != "code":
            continue
        where = f"{answers.stem} [{cell.id}]"
        if "check" in tags(cell):
            number += 1
            for kind, sources in given[number].items():
                for i, source in enumerate(sources):
                    name = f"{answers.stem}, exercise {number}, {kind} {i}"
                    attempt(cell.source, source, dict(namespace), number, kind, name)
        run(cell.source, namespace, where)
        if "check" in tags(cell):
            assert checks._solved.get(number), f"check {number} has another number"


def attempt(check, source, namespace, number, kind, name):
    """Answer an exercise with `source`; fail unless the check finds it `kind`."""
    run(source, namespace, name)
    try:
        run(check, namespace, f"{name}: check")
    except AssertionError as error:
        if kind == "right":
            pytest.fail(f"{name} did not pass: {error}")
        # A bare assert of the lesson is no check: it would give no hint.
        assert str(error).startswith(f"Exercise {number}: "), name
        return
    if kind == "wrong":
        pytest.fail(f"{name} passed:\n{source}")
    assert checks._solved.get(number), f"{name} counts as not answered"
